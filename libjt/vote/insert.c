/*
 * A validator's part in the vote: what follows from a block in the graph. See
 * voter.h; all parts work on struct jt_voter (machine.h).
 */
#include <stdlib.h>
#include <string.h>

#include "vote/machine.h"

static bool
note(struct jt_vertex_list *l, struct jt_vertex *x)
{
	if (l->count == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		struct jt_vertex **grown = realloc(l->items, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		l->items = grown;
		l->cap = cap;
	}
	l->items[l->count++] = x;
	return true;
}

/* If it is one's own, its payload is safe. */
static void
forget_own(struct jt_voter *v, const struct jt_vertex *x)
{
	for (size_t i = 0; x->ref.author == v->me && i < v->own_count; i++)
		if (memcmp(v->own[i].ref.id, x->ref.id, JT_HASH) == 0) {
			v->own[i] = v->own[--v->own_count];
			break;
		}
}

void
jt_machine_deliver(void *ctx, const struct jt_vertex *x)
{
	struct jt_voter *v = ctx;

	forget_own(v, x);
	v->ops->order.deliver(v->ctx, x);
}

void
jt_machine_cut(void *ctx, const struct jt_decided_cut *cut)
{
	struct jt_voter *v = ctx;

	v->ops->order.cut(v->ctx, cut);
}

enum jt_err
jt_machine_own(struct jt_voter *v, const struct jt_block *b, struct jt_error *e)
{
	if (b->ref.round > v->last.round)
		v->last = b->ref;
	if (b->items == 0)
		return JT_OK;
	if (v->own_count == v->own_cap) {
		size_t cap = v->own_cap ? v->own_cap * 2 : 16;
		struct jt_own_block *grown = realloc(v->own, cap * sizeof *grown);
		if (grown == NULL)
			return jt_machine_no_memory(e);
		v->own = grown;
		v->own_cap = cap;
	}
	v->own[v->own_count++] = (struct jt_own_block){ b->ref, b->payload };
	return JT_OK;
}

/*
 * The coin of a round, once a quorum has blocks that may hold shares of it. f+1
 * would do, but a leader is committed by a quorum of that round, or of a later
 * one that is built on a quorum of this; so until then nothing could be
 * delivered, and with more shares fewer proofs are to be looked at (coin.h). Of an
 * author with twins one share will do: f+1 others of a quorum are correct.
 */
static enum jt_err
try_coin(struct jt_voter *v, uint32_t round, struct jt_error *e)
{
	const struct jt_round *there = jt_dag_round(&v->dag, round + JT_DECIDING);
	struct jt_voter_share shares[JT_VOTERS_MAX];
	size_t count = 0;
	uint8_t coin[64];

	if (there == NULL || jt_rule_coin_known(&v->rule, round) ||
	    jt_voter_set_count(&there->authors) < v->dag.c.q)
		return JT_OK;
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		for (const struct jt_vertex *x = there->first[a]; x != NULL; x = x->twin)
			if (x->share_len > 0) {
				shares[count++] = (struct jt_voter_share){ a, x->share_len, x->share };
				break;
			}
	if (!v->ops->coin(v->ctx, round, shares, count, coin))
		return JT_OK;
	return jt_rule_coin(&v->rule, round, coin, e);
}

/* Drop from a list what lies at or below the horizon, or is not wanted any more. */
static void
sift(struct jt_vertex_list *l, uint32_t low, bool (*gone)(const struct jt_voter *v,
    const struct jt_vertex *x), const struct jt_voter *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++)
		if (l->items[i]->ref.round > low && !gone(v, l->items[i]))
			l->items[kept++] = l->items[i];
	l->count = kept;
}

static bool
is_delivered(const struct jt_voter *v, const struct jt_vertex *x)
{
	(void)v;
	return x->delivered;
}

static bool
is_seen(const struct jt_voter *v, const struct jt_vertex *x)
{
	return jt_voter_set_has(&x->seen_by, v->me);
}

/* The horizon moved: forget what lies below it, give back own payload from there. */
static void
prune(struct jt_voter *v)
{
	uint32_t low = jt_order_horizon(&v->order);
	size_t gone = 0;

	if (low <= v->dag.low)
		return;
	for (size_t i = 0; i < v->own_count;) {
		struct jt_own_block lost = v->own[i];
		if (lost.ref.round > low) {
			i++;
			continue;
		}
		v->own[i] = v->own[--v->own_count];
		v->ops->returned(v->ctx, &lost.ref, lost.payload);
	}
	sift(&v->live, low, is_delivered, v);
	sift(&v->unseen, low, is_seen, v);
	while (gone < v->committed_count && v->committed[gone].round <= low)
		gone++;
	v->committed_count -= gone;
	if (gone > 0)
		memmove(v->committed, v->committed + gone, v->committed_count * sizeof *v->committed);
	jt_order_prune(&v->order, low);
	jt_rule_prune(&v->rule, low);
	jt_dag_prune(&v->dag, low);
	if (!JT_LACKS(&v->terms, JT_NO_RECHECK))
		jt_suspension_low(&v->waiting, low);
}

bool
jt_machine_committed(struct jt_voter *v, const struct jt_ref *leader)
{
	if (v->committed_count == v->committed_cap) {
		size_t cap = v->committed_cap ? v->committed_cap * 2 : 64;
		struct jt_ref *grown = realloc(v->committed, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		v->committed = grown;
		v->committed_cap = cap;
	}
	v->committed[v->committed_count++] = *leader;
	return true;
}

/* Take the decisions that are ready, in order. */
static enum jt_err
take_decisions(struct jt_voter *v, struct jt_error *e)
{
	struct jt_slot *s;
	uint32_t round, k;
	uint64_t cuts = v->order.cuts;
	size_t waiting = v->order.count;
	enum jt_err err = jt_rule_decide(&v->rule, e);

	while (err == JT_OK && jt_rule_next(&v->rule, &round, &k, &s)) {
		v->ops->decided(v->ctx, round, k, s);
		if (s->verdict != JT_COMMITTED)
			continue;
		if (!jt_machine_committed(v, &s->block->ref))
			return jt_machine_no_memory(e);
		err = jt_order_leader(&v->order, s->block, jt_rule_coin_of(&v->rule, round), e);
	}
	/*
	 * Others may lack blocks of faulty authors that we decided with, and when all is
	 * done nobody says anything more. One block on top of these tells of them.
	 */
	if ((v->order.cuts > cuts || v->order.count > waiting) && !JT_LACKS(&v->terms, JT_NO_SETTLE))
		v->settled = v->dag.high + 1;
	if (err == JT_OK)
		prune(v);
	return err;
}

bool
jt_machine_repeats(struct jt_voter *v, const struct jt_block *b)
{
	return !JT_LACKS(&v->terms, JT_NO_SELF) && jt_dag_repeats(&v->dag, b);
}

void
jt_machine_expose(struct jt_voter *v, const struct jt_ref *a, const struct jt_ref *b)
{
	if (!jt_voter_set_has(&v->exposed, a->author))
		v->ops->evidence(v->ctx, a, b);
	jt_voter_set_add(&v->exposed, a->author);
}

/* A leader that a mark names came in: its cone was delivered. */
static bool
mark_delivered(struct jt_voter *v, struct jt_vertex *leader)
{
	size_t depth = 0;

	jt_dag_walk(&v->dag);
	if (!leader->delivered && !jt_dag_walk_push(&v->dag, leader, &depth))
		return false;
	while (depth > 0) {
		struct jt_vertex *x = v->dag.stack[--depth];
		x->delivered = true;
		forget_own(v, x);
		for (uint32_t i = 0; i < x->parent_count; i++)
			if (x->parents[i] != NULL && !x->parents[i]->delivered &&
			    !jt_dag_walk_push(&v->dag, x->parents[i], &depth))
				return false;
	}
	return true;
}

/*
 * While leaders of the mark are missing nothing is decided: an earlier one may
 * come in later, and what is delivered must be known first.
 */
static enum jt_err
decide(struct jt_voter *v, struct jt_vertex *x, struct jt_error *e)
{
	jt_order_found(&v->order, x);
	for (size_t i = 0; v->unmarked > 0 && i < v->committed_count; i++)
		if (memcmp(v->committed[i].id, x->ref.id, JT_HASH) == 0) {
			v->unmarked--;
			if (!mark_delivered(v, x))
				return jt_machine_no_memory(e);
		}
	return v->unmarked > 0 ? JT_OK : take_decisions(v, e);
}

enum jt_err
jt_machine_insert(struct jt_voter *v, const struct jt_block *b, struct jt_error *e)
{
	struct jt_vertex *x;
	enum jt_err err;

	if (!v->restoring)
		v->ops->persist(v->ctx, b, memcmp(b->ref.id, v->last.id, JT_HASH) == 0);
	jt_suspension_came(&v->waiting, b->ref.id);
	if ((err = jt_dag_add(&v->dag, b, &x, e)) != JT_OK)
		return err;
	if (b->ref.round > v->newest[b->ref.author])
		v->newest[b->ref.author] = b->ref.round;
	/* What one made before one's log was lost comes back from others. */
	if (b->ref.author == v->me && b->ref.round > v->last.round)
		v->last = b->ref;
	/* Of two twins that waited for ancestors neither was there to compare. */
	if (!x->first)
		jt_machine_expose(v, &jt_dag_round(&v->dag, b->ref.round)->first[b->ref.author]->ref,
		    &b->ref);
	if ((x->items > 0 && !note(&v->live, x)) ||
	    (b->ref.author != v->me && !note(&v->unseen, x)))
		return jt_machine_no_memory(e);
	if ((err = jt_rule_added(&v->rule, x, e)) != JT_OK)
		return err;
	if (x->ref.round > JT_DECIDING &&
	    (err = try_coin(v, x->ref.round - JT_DECIDING, e)) != JT_OK)
		return err;
	return v->restoring ? decide(v, x, e) : take_decisions(v, e);
}
