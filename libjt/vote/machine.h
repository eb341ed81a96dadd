/* The inside of a voter, for its own files alone (voter.c lists them). */
#ifndef JT_MACHINE_H
#define JT_MACHINE_H

#include "vote/suspend.h"
#include "vote/voter.h"

struct jt_vertex_list {
	struct jt_vertex **items;
	size_t count, cap;
};

/* A block of one's own whose payload is not delivered yet. */
struct jt_own_block {
	struct jt_ref ref;
	const void *payload;
};

/* Another voter, as a peer; see hello.c. */
struct jt_peer {
	bool greeted;          /* a hello of ours is not answered yet */
	uint32_t reached;      /* its newest block here when that left */
	uint32_t since;        /* blocks of its own that came since */
	uint32_t coming;       /* so many of its own are under way, ... */
	uint32_t until;        /* ... up to this round */
	uint32_t newest;       /* above that: it has more, up to this round */
	uint32_t claimed;      /* the highest round of its own that it ever named */
	uint32_t skipped;      /* the lowest round of what we could not keep; 0: nothing */
	bool fresh;            /* it answered this start's nonce, ... */
	struct jt_ref last;    /* ... and this was its newest block */
};

struct jt_voter {
	uint32_t me;
	struct jt_voter_terms terms;
	const struct jt_voter_ops *ops;
	struct jt_order_ops order_ops;
	void *ctx;
	struct jt_dag dag;
	struct jt_rule rule;
	struct jt_order order;
	struct jt_suspension waiting;
	struct jt_peer peers[JT_VOTERS_MAX];
	uint32_t newest[JT_VOTERS_MAX]; /* of each author, the highest round in the graph */
	struct jt_voter_set exposed;   /* authors seen with two blocks of a round */
	struct jt_ref last;            /* one's own newest block */
	bool lost;                     /* the log was lost: wait for others' word */
	uint64_t nonce;                /* of this start, while it is */
	uint32_t floor;                /* then: own blocks only from this round on */
	uint32_t settled;              /* with an own block of this round others can decide what we did */
	uint32_t asked_rounds;         /* rounds up to here are asked for by one who may not make them */
	struct jt_own_item *pending;   /* payload for the next blocks */
	size_t pending_count, pending_cap;
	struct jt_vertex_list live;    /* with payload, not delivered */
	struct jt_vertex_list unseen;  /* not yet in the cone of one's own newest */
	struct jt_own_block *own;
	size_t own_count, own_cap;
	struct jt_ref *committed;      /* leaders above the horizon, in order */
	size_t committed_count, committed_cap;
	size_t unmarked;               /* of those of a mark: not restored yet */
	void *lists;                   /* of the mark taken last */
	uint32_t allowance;            /* rounds without work until the next tick */
	uint32_t spent;                /* rounds of the burst that are used up */
	bool hold;                     /* payload waits */
	bool restoring;
};

enum jt_err jt_machine_no_memory(struct jt_error *e);

/* insert.c */
void jt_machine_deliver(void *ctx, const struct jt_vertex *x);
void jt_machine_cut(void *ctx, const struct jt_decided_cut *cut);
/* Add a block whose ancestors are there, and do what follows but proposing. */
enum jt_err jt_machine_insert(struct jt_voter *v, const struct jt_block *b, struct jt_error *e);
/* Remember one's own block until its payload is delivered. */
enum jt_err jt_machine_own(struct jt_voter *v, const struct jt_block *b, struct jt_error *e);
/* Note a committed leader; false when memory ran out. */
bool jt_machine_committed(struct jt_voter *v, const struct jt_ref *leader);
void jt_machine_expose(struct jt_voter *v, const struct jt_ref *a, const struct jt_ref *b);
/* Has the block two of its author's own of one round in its cone? */
bool jt_machine_repeats(struct jt_voter *v, const struct jt_block *b);

/* receive.c */
/* Insert what waits for nothing any more. */
enum jt_err jt_machine_resume(struct jt_voter *v, struct jt_error *e);
/* All of a peer's blocks that were under way are here: ask it for what they lack. */
void jt_machine_ask_all(struct jt_voter *v, uint32_t peer);

/* hello.c */
void jt_machine_greet(struct jt_voter *v, uint32_t peer);
/* A block of its own came from its author, of whatever use it was. */
void jt_machine_came(struct jt_voter *v, const struct jt_ref *ref);
/* Ask for more where there is more and room for it; see whether others' word is in. */
void jt_machine_catch_up(struct jt_voter *v);
/* Is one of the others, who is correct, many rounds above this one? */
bool jt_machine_lags(const struct jt_voter *v, uint32_t round);

/* propose.c: as long as there is reason to. */
enum jt_err jt_machine_propose(struct jt_voter *v, struct jt_error *e);

#endif
