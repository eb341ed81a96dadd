/*
 * Why did a transaction do what it did? What it read and wrote, and the rule
 * that decided: found by closing its ledger again up to its place.
 */
#ifndef JT_EXPLAIN_H
#define JT_EXPLAIN_H

#include "ledger/replay.h"

#define JT_EXPLAIN_ENTRIES 64 /* entries that one transaction can touch, at most */

struct jt_touched {
	uint8_t key[JT_HASH];
	struct jt_slice was; /* the entry before; len 0: none */
	struct jt_slice is;  /* after */
};

struct jt_explanation {
	struct jt_place place;
	struct jt_slice tx;      /* the transaction object */
	enum jt_code code;
	struct jt_error why;     /* one line more than the code says, or empty */
	struct jt_header header; /* of its ledger */
	struct jt_touched touched[JT_EXPLAIN_ENTRIES]; /* in the order of reading */
	size_t count;
	struct jt_overlay *before, *after; /* what the slices point into */
};

/*
 * Explain the transaction at `place` of r->from. r->to must stand at the ledger
 * before (jt_replay_next). Release with jt_explain_end.
 */
enum jt_err jt_explain(struct jt_replay *r, const struct jt_place *place,
    struct jt_explanation *x, struct jt_error *e);
void jt_explain_end(struct jt_explanation *x);

#endif
