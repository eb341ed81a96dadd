/*
 * Closing history again: is a ledger what its transactions make of its genesis?
 *
 * A second ledger is made from the network file in a directory of the
 * caller's, and closed with the transactions, records and cuts that the first
 * one holds. Every header, result and table must come out the same.
 */
#ifndef JT_REPLAY_H
#define JT_REPLAY_H

#include "ledger/close.h"

struct jt_replay {
	struct jt_ledger *from; /* open for reading */
	struct jt_ledger to;
	bool verified;          /* do not verify signatures again */
	struct jt_item *items;
	size_t cap;
	struct jt_record_item *records;
	size_t records_cap;
	uint64_t bytes;         /* of transactions and records since the last commit */
};

/* The ledger 0 of it, in `dir`, which must not hold a ledger yet. */
enum jt_err jt_replay_start(struct jt_replay *r, struct jt_ledger *from, const char *dir,
    struct jt_reader *network, struct jt_error *e);
void jt_replay_end(struct jt_replay *r);

/*
 * Close the next ledger again. JT_NO when something comes out another way:
 * "ledger 7: state is ... and was ...", and whose signature is bad.
 */
enum jt_err jt_replay_next(struct jt_replay *r, struct jt_error *e);

/* All tables alike? For the end, when `to` has reached the head of `from`. */
enum jt_err jt_replay_compare(struct jt_replay *r, struct jt_error *e);

/*
 * The items of a ledger of `from` in their order, and its cut. The items point
 * into the store of `from`, and into r until the next call.
 */
enum jt_err jt_replay_items(struct jt_replay *r, uint64_t number, size_t *count,
    struct jt_cut *cut, struct jt_error *e);

#endif
