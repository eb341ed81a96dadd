/*
 * Closing a ledger: state and cut in, state and header out.
 *
 * A pure function of the stored state, the items and the cut. Order: by the
 * hash of the sender's account keyed with the cut's salt, then seq, then id,
 * then bytes, so no proposer chooses it. Refused transactions leave no trace.
 * Hash records have rules (records.h) and a tree of their own.
 */
#ifndef JT_CLOSE_H
#define JT_CLOSE_H

#include "ledger/records.h"

#define JT_CLOSE_ITEMS_MAX (UINT32_C(1) << 20)  /* in one ledger */
#define JT_CLOSE_BYTES_MAX (UINT64_C(1) << 30)  /* of transactions and records in one ledger */

/* A transaction on its way into a ledger, and what became of it. */
struct jt_item {
	struct jt_slice object;  /* the whole object; the caller's memory */
	uint8_t order[JT_HASH];  /* keyed hash of the sender */
	uint64_t seq;
	uint8_t id[JT_HASH];
	uint8_t leaf[JT_HASH];
	enum jt_code code;
	uint32_t index;          /* in the ledger, when it is in */
	char why[96];            /* one line more about a failure or refusal, or empty */
};

struct jt_close {
	struct jt_item *items; /* sorted by jt_close_ledger */
	size_t count;
	struct jt_record_item *records; /* in any order, which is kept */
	size_t record_count;
	bool verified;         /* the signatures were verified before */
	bool empty;            /* close a ledger even when nothing is admissible */
	/* results */
	bool closed;
	struct jt_header header; /* when closed */
};

/*
 * Apply the items, take the records and close a ledger in l's write transaction (begun here when
 * there is none; the caller commits). The cut's number must be l->cut + 1,
 * its time at most JT_CUT_TIME_MAX. A
 * cut with nothing admissible closes no ledger, but is noted as applied. The
 * header is stored unsigned. On an error the caller aborts: nothing has happened.
 */
enum jt_err jt_close_ledger(struct jt_ledger *l, const struct jt_cut *cut, struct jt_close *c,
    struct jt_error *e);

#endif
