/* The inside of a voter, for voter.c and propose.c alone. */
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
	struct jt_voter_set exposed;   /* authors seen with two blocks of a round */
	struct jt_ref last;            /* one's own newest block */
	struct jt_ref beyond[JT_VOTERS_MAX]; /* the highest of each author too far ahead */
	struct jt_own_item *pending;   /* payload for the next blocks */
	size_t pending_count, pending_cap;
	struct jt_vertex_list live;    /* with payload, not delivered */
	struct jt_vertex_list unseen;  /* not yet in the cone of one's own newest */
	struct jt_own_block *own;
	size_t own_count, own_cap;
	uint32_t allowance;            /* rounds without work until the next tick */
	bool restoring;
	bool busy;                     /* inside an input: no second entry */
};

enum jt_err jt_machine_no_memory(struct jt_error *e);
bool jt_machine_note(struct jt_vertex_list *l, struct jt_vertex *x);
void jt_machine_deliver(void *ctx, const struct jt_vertex *x);
void jt_machine_cut(void *ctx, const struct jt_decided_cut *cut);
/* Add a block whose ancestors are there, and do what follows but proposing. */
enum jt_err jt_machine_insert(struct jt_voter *v, const struct jt_block *b, struct jt_error *e);
/*
 * Insert every suspended block that now can be: after each block, and whenever
 * the horizon moved, since what lies below it is not waited for any more.
 */
enum jt_err jt_machine_resume(struct jt_voter *v, struct jt_error *e);
/* Remember one's own block until its payload is delivered. */
enum jt_err jt_machine_own(struct jt_voter *v, const struct jt_block *b, struct jt_error *e);
/* Propose as long as there is reason to. */
enum jt_err jt_machine_propose(struct jt_voter *v, struct jt_error *e);
/*
 * Does the block bring more twins into its author's view than faulty authors can
 * have shown to others before they were exposed: n for each other voter?
 */
bool jt_machine_too_novel(struct jt_voter *v, const struct jt_block *b);

#endif
