/* What became of the transactions and records of a closing: objects, and lines for people. */
#ifndef OUTCOMES_H
#define OUTCOMES_H

#include "cmd.h"
#include "ledger/close.h"

/* A jt/result for each item, and then for each record, is added to out. */
enum jt_err outcomes_write(const struct jt_close *c, struct jt_buf *out, struct jt_error *e);
/* A line on stderr for each that failed or was refused; of many, the first ones. */
void outcomes_tell(const struct jt_close *c);

#endif
