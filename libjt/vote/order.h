/*
 * From committed leaders to ledgers: what is delivered, in which order, and
 * where one ledger ends and the next begins.
 *
 * A committed leader delivers its whole cone that was not delivered before,
 * above the horizon, sorted by round, author and id. The horizon is the round
 * of the leader committed before it, less the depth: a function of decisions,
 * never of the local clock. So everybody delivers the same.
 *
 * Delivered payload waits for its cut. A leader ends a ledger when payload
 * waits and the interval has passed by the leader's time, or a ledger is full,
 * or payload has waited for many rounds. What enters is what lies in the cones
 * of a quorum of the leader's parents of the round before it: after a silence
 * a leader's parents are old, and an item just seen would get a time that was
 * before anybody saw it. The leader's time is the (f+1)-th largest among those
 * parents' times, so at least one correct clock says it or a later one.
 *
 * What does not fit waits for the next ledger, author by author. An author of
 * whom too many blocks wait already gave more than ledgers take: the payload of
 * its further blocks is void. A correct one stops in time (propose.c).
 */
#ifndef JT_ORDER_H
#define JT_ORDER_H

#include "vote/dag.h"
#include "vote/without.h"

#define JT_DEPTH 50 /* rounds that are kept below the last leader */

struct jt_order_terms {
	uint32_t depth;        /* JT_DEPTH */
	uint64_t interval;     /* ms */
	uint32_t items;        /* in a ledger; so many end it: 4096 */
	uint32_t bytes;        /* 2 MiB */
	uint32_t rounds;       /* waited for so long, a ledger ends: 64 */
	uint32_t author_items; /* of one author in one ledger, but always one block */
	uint32_t author_bytes;
	uint32_t author_waits; /* blocks of one author that may wait for a ledger */
	uint32_t without;      /* a mask of 1 << enum jt_without */
};
extern const struct jt_order_terms jt_order_usual;

/* Payload of one block on its way into a ledger. */
struct jt_waiting {
	struct jt_ref ref;
	uint32_t items, bytes;
	const void *payload;
	struct jt_vertex *vertex; /* NULL: below the horizon by now */
};

struct jt_decided_cut {
	uint64_t number;          /* from 1 */
	struct jt_ref leader;
	uint8_t salt[JT_HASH];    /* the leader's coin, hashed */
	uint64_t time;            /* ms, later than the cut before */
	const struct jt_waiting *parts;
	size_t count;
};

struct jt_order_ops {
	/* Each delivered block, in order. */
	void (*deliver)(void *ctx, const struct jt_vertex *v);
	/* The end of a ledger; the parts are the caller's until it returns. */
	void (*cut)(void *ctx, const struct jt_decided_cut *cut);
};

struct jt_order {
	struct jt_dag *d;
	struct jt_order_terms terms;
	const struct jt_order_ops *ops;
	void *ctx;
	uint32_t last_round;      /* of the leader committed last, 0 before the first */
	uint64_t cuts;            /* so far */
	uint64_t time;            /* of the last cut, ms */
	uint32_t since;           /* round at which payload began to wait, 0: none waits */
	struct jt_waiting *waiting; /* in order of delivery */
	size_t count, cap;
	uint32_t of_author[JT_VOTERS_MAX]; /* how many of those */
	uint64_t delivered;       /* blocks */
	struct jt_vertex **batch; /* scratch */
	size_t batch_cap;
	struct jt_waiting *parts; /* scratch */
	size_t parts_cap;
	uint64_t stamp;
};

void jt_order_init(struct jt_order *o, struct jt_dag *d, const struct jt_order_terms *terms,
    const struct jt_order_ops *ops, void *ctx);
void jt_order_free(struct jt_order *o);

/* The next committed leader, with the coin that chose it. */
enum jt_err jt_order_leader(struct jt_order *o, struct jt_vertex *leader,
    const uint8_t coin[64], struct jt_error *e);

/* One that waits for its cut already, and whose block may come into the graph again. */
bool jt_order_wait(struct jt_order *o, const struct jt_waiting *w);
void jt_order_found(struct jt_order *o, struct jt_vertex *v);

/* Rounds up to here are not needed any more: what the graph may drop. */
uint32_t jt_order_horizon(const struct jt_order *o);
/* To be called before the graph drops them. */
void jt_order_prune(struct jt_order *o, uint32_t low);

#endif
