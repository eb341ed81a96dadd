/* Transactions that wait for their cut. */
#ifndef WAITING_H
#define WAITING_H

#include "base/buf.h"
#include "ledger/close.h"

struct waiting {
	struct jt_item *items;
	size_t count, cap;
	struct jt_buf bytes; /* of all, one after the other */
};

void waiting_init(struct waiting *w);
void waiting_free(struct waiting *w);
/* Copies the object. JT_MALFORMED when one ledger cannot hold it, too; JT_SYSTEM. */
enum jt_err waiting_add(struct waiting *w, struct jt_slice object, struct jt_error *e);
/* Make c's items those that wait; they are valid until the next waiting_add or _clear. */
void waiting_give(struct waiting *w, struct jt_close *c);
void waiting_clear(struct waiting *w);

#endif
