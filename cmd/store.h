/* The ledger of a directory, for programs that work on one. */
#ifndef CMD_STORE_H
#define CMD_STORE_H

#include "cmd.h"
#include "ledger/ledger.h"

/*
 * Open DIR/ledger. With `make`, one that does not exist is made from
 * DIR/network.jt. Ends the program on errors.
 */
void cmd_ledger_open(struct jt_ledger *l, const char *dir, enum jt_access access, bool make);

/* The hint when a header differs from the own one. */
#define CMD_CLOSE_ALIKE \
	"validators who close by hand must all give jt-close the same transactions, -t and --salt"

#endif
