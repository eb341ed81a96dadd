/*
 * Blocks that wait for ancestors, and who was asked for which. For the voter
 * alone.
 *
 * Everything that is waited for or asked for has an entry in one table by id;
 * a block that waits knows how many it waits for, so a block that comes costs
 * what those who waited for it cost, however many others wait. The ids of
 * what is missing are the senders' to choose, so the table is hashed with a
 * key that they do not know.
 */
#ifndef JT_SUSPEND_H
#define JT_SUSPEND_H

#include "vote/dag.h"

#define JT_SUSPENSION_KEY 16

/* One block waits for one other: a link in that one's list. */
struct jt_wait {
	struct jt_suspended *child;
	struct jt_wait *next;
};

struct jt_suspended {
	struct jt_block block;          /* parents are its own copy */
	uint32_t from;                  /* the peer whose room it takes */
	uint32_t missing;               /* parents that are not in the graph */
	struct jt_voter_set through;    /* peers who were asked for all that is missing below it */
	struct jt_suspended *prev, *next; /* of the same peer */
	struct jt_suspended *queue;     /* the next that is ready, or parked */
	struct jt_suspended *walk;      /* the caller's */
	bool ready, parked;
	struct jt_ref *parents;
	struct jt_wait *waits;          /* for each of its parents */
};

/* What is known of a block that is not in the graph. */
struct jt_absent {
	uint8_t id[JT_HASH];
	uint32_t round;
	struct jt_voter_set asked;      /* peers */
	bool wanted;                    /* somebody was asked for it */
	struct jt_suspended *block;     /* it is here, and waits itself */
	struct jt_wait *waits;          /* who waits for it */
};

struct jt_suspension {
	uint8_t key[JT_SUSPENSION_KEY];
	struct jt_absent **table;       /* by id: open addressing */
	size_t absent, cap;
	size_t count;                   /* blocks that wait */
	struct jt_suspended *first[JT_VOTERS_MAX]; /* by peer, the newest first */
	uint32_t of_peer[JT_VOTERS_MAX];
	uint64_t bytes_of_peer[JT_VOTERS_MAX];
	struct jt_suspended *ready, **ready_end; /* wait for nothing any more, in order */
	struct jt_suspended *parked;
};

void jt_suspension_init(struct jt_suspension *s, const uint8_t key[JT_SUSPENSION_KEY]);
void jt_suspension_free(struct jt_suspension *s);

/* Keep a copy of a block that waits for some that d has not; NULL: no memory. */
struct jt_suspended *jt_suspend(struct jt_suspension *s, const struct jt_dag *d,
    const struct jt_block *b, uint32_t from);
/* NULL when it does not wait here. */
struct jt_suspended *jt_suspended_find(const struct jt_suspension *s,
    const uint8_t id[JT_HASH]);
/* The next that waits for nothing any more, taken out; the caller frees it. */
struct jt_suspended *jt_unsuspend(struct jt_suspension *s);
void jt_suspended_free(struct jt_suspended *b);
/* Take one out; those that wait for it wait on, and it may be asked for again. */
void jt_suspension_take(struct jt_suspension *s, struct jt_suspended *b);
/* One that jt_unsuspend gave waits again, until the horizon moves. */
void jt_suspension_park(struct jt_suspension *s, struct jt_suspended *b);

/* The block is in the graph now. */
void jt_suspension_came(struct jt_suspension *s, const uint8_t id[JT_HASH]);
/* What lies at or below `low` is not waited for any more. */
void jt_suspension_low(struct jt_suspension *s, uint32_t low);

/*
 * Note that a peer is asked. False when it was before, or `most` others were,
 * or memory ran out.
 */
bool jt_ask(struct jt_suspension *s, const struct jt_ref *ref, uint32_t peer, uint32_t most);
bool jt_was_asked(const struct jt_suspension *s, const uint8_t id[JT_HASH]);
/* What a peer was asked for is lost: it may be asked again. */
void jt_forget_peer(struct jt_suspension *s, uint32_t peer);

#endif
