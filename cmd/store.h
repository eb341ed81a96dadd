/* The ledger of a directory, for programs that work on one. */
#ifndef CMD_STORE_H
#define CMD_STORE_H

#include "cmd.h"
#include "ledger/ledger.h"

/*
 * Open DIR/ledger, of the network that -N (network, may be NULL) or what stands
 * for it names. With `make`, one that does not exist is made from the network
 * file. Ends the program on errors.
 */
void cmd_ledger_open(struct jt_ledger *l, const char *network, const char *dir,
    enum jt_access access, bool make);
/*
 * Ends with 78 when the network file, if there is one (cmd_network_maybe), is
 * of another network. For who opens a ledger in another way; the ledger is closed then.
 */
void cmd_ledger_check(struct jt_ledger *l, const char *network, const char *dir);

/*
 * The network file, to make a ledger of it; close(r->fd) and jt_reader_free end
 * that. Ends the program when the file is not whole.
 */
void cmd_network_open(const struct cmd_network *n, struct jt_reader *r);

/* The hint when a header differs from the own one. */
#define CMD_CLOSE_ALIKE \
	"validators who close by hand must all give jt-close the same transactions, -t and --salt"

#endif
