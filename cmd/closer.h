/*
 * A closer at work: a ledger open for closing, and what it says. What was
 * closed waits here until it is durable, and only then is it printed; under
 * load several ledgers share one commit.
 */
#ifndef CLOSER_H
#define CLOSER_H

#include "cmd.h"
#include "ledger/close.h"
#include "waiting.h"

struct closer {
	struct jt_ledger ledger;
	struct jt_secret_key *key;  /* signs headers; NULL: nobody does */
	struct jt_close close;      /* of the last cut */
	bool voted;                 /* say jt/at with each commit, nothing of outcomes */
	bool want_results;
	struct cmd_output out, results;
	/* waiting until it is durable */
	struct jt_buf headers, outcomes;
	uint64_t dirty_since;       /* cmd_clock_ms, 0 when all is durable */
	size_t dirty_bytes;
};

/* Open DIR/ledger, and the outputs; results may be NULL. Ends the program on errors. */
void closer_open(struct closer *c, const char *dir, const char *output, const char *results);
/* Say where the ledger stands (jt/at), and every header that is not certified yet. */
void closer_greet(struct closer *c);
/* Close a ledger: w's transactions and records at this cut. */
void closer_close(struct closer *c, struct waiting *w, const struct jt_cut *cut);
/*
 * A header to say with the next commit. A certificate goes to a vote's results, too:
 * whoever waits for those can prove them from then on.
 */
void closer_offer(struct closer *c, struct jt_slice header, bool certified);
/* Something was written: so many bytes of transactions and records. */
void closer_dirty(struct closer *c, size_t bytes);
/* Has it waited long enough, or would it be too much? */
bool closer_due(const struct closer *c);
/* Make durable what is closed, then say so. */
void closer_commit(struct closer *c);
/* Nothing that is not durable stays: before the program ends early. */
void closer_drop(struct closer *c);
/* Unless err is JT_OK: drop, and the end. */
void closer_check(struct closer *c, enum jt_err err, const struct jt_error *e);
/* All is said: close the ledger, and forget the key. */
void closer_end(struct closer *c);

#endif
