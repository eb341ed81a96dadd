/*
 * A validator's part in the vote: receiving. See voter.h.
 *
 * Proposing is in propose.c; both work on struct jt_voter (machine.h).
 */
#include "vote/voter.h"

#include <stdlib.h>
#include <string.h>

#include "vote/machine.h"

const struct jt_voter_terms jt_voter_usual = {
	.order = { .depth = JT_DEPTH, .interval = 50, .items = 4096, .bytes = 2 << 20,
	    .rounds = 64, .author_items = 2048, .author_bytes = 1 << 20 },
	.leaders = 1, .block_items = 4096, .block_bytes = 512 << 10, .ahead = JT_AHEAD,
};

struct jt_voter *
jt_voter_new(uint32_t n, uint32_t me, const uint8_t seed[JT_HASH],
    const struct jt_voter_terms *terms, const struct jt_voter_ops *ops, void *ctx)
{
	struct jt_voter *v = calloc(1, sizeof *v);
	struct jt_error e;

	if (v == NULL)
		return NULL;
	v->me = me;
	v->terms = *terms;
	v->ops = ops;
	v->ctx = ctx;
	v->order_ops = (struct jt_order_ops){ jt_machine_deliver, jt_machine_cut };
	if (me >= n || jt_dag_init(&v->dag, n, seed, &e) != JT_OK ||
	    jt_rule_init(&v->rule, &v->dag, terms->leaders, &e) != JT_OK) {
		jt_voter_free(v);
		return NULL;
	}
	jt_order_init(&v->order, &v->dag, &terms->order, &v->order_ops, v);
	jt_dag_genesis_ref(seed, me, &v->last);
	return v;
}

void
jt_voter_free(struct jt_voter *v)
{
	if (v == NULL)
		return;
	jt_order_free(&v->order);
	jt_rule_free(&v->rule);
	jt_dag_free(&v->dag);
	jt_suspension_free(&v->waiting);
	free(v->pending);
	free(v->live.items);
	free(v->unseen.items);
	free(v->own);
	free(v);
}

enum jt_err
jt_machine_no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

bool
jt_machine_note(struct jt_vertex_list *l, struct jt_vertex *x)
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

/* ---- what follows from a block ---- */

void
jt_machine_deliver(void *ctx, const struct jt_vertex *x)
{
	struct jt_voter *v = ctx;

	for (size_t i = 0; x->ref.author == v->me && i < v->own_count; i++)
		if (memcmp(v->own[i].ref.id, x->ref.id, JT_HASH) == 0) {
			v->own[i] = v->own[--v->own_count];
			break;
		}
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
	jt_order_prune(&v->order, low);
	jt_rule_prune(&v->rule, low);
	jt_dag_prune(&v->dag, low);
	jt_forget_asked(&v->waiting, NULL, low);
}

/* Take the decisions that are ready, in order. */
static enum jt_err
take_decisions(struct jt_voter *v, struct jt_error *e)
{
	struct jt_slot *s;
	uint32_t round, k;
	enum jt_err err = jt_rule_decide(&v->rule, e);

	while (err == JT_OK && jt_rule_next(&v->rule, &round, &k, &s)) {
		v->ops->decided(v->ctx, round, k, s);
		if (s->verdict == JT_COMMITTED)
			err = jt_order_leader(&v->order, s->block, jt_rule_coin_of(&v->rule, round),
			    e);
	}
	if (err == JT_OK)
		prune(v);
	return err;
}

bool
jt_machine_too_novel(struct jt_voter *v, const struct jt_block *b)
{
	uint64_t n = v->dag.c.n;

	return !v->terms.no_novelty &&
	    jt_dag_novelty(&v->dag, b, v->terms.order.depth) > n * n;
}

static void
expose(struct jt_voter *v, const struct jt_ref *a, const struct jt_ref *b)
{
	if (!jt_voter_set_has(&v->exposed, a->author))
		v->ops->evidence(v->ctx, a, b);
	jt_voter_set_add(&v->exposed, a->author);
}

enum jt_err
jt_machine_insert(struct jt_voter *v, const struct jt_block *b, struct jt_error *e)
{
	struct jt_vertex *x;
	enum jt_err err;

	if (!v->restoring)
		v->ops->persist(v->ctx, b, b->ref.author == v->me);
	jt_forget_asked(&v->waiting, b->ref.id, 0);
	if ((err = jt_dag_add(&v->dag, b, &x, e)) != JT_OK)
		return err;
	/* Of two twins that waited for ancestors neither was there to compare. */
	if (!x->first)
		expose(v, &jt_dag_round(&v->dag, b->ref.round)->first[b->ref.author]->ref, &b->ref);
	if ((x->items > 0 && !jt_machine_note(&v->live, x)) ||
	    (b->ref.author != v->me && !jt_machine_note(&v->unseen, x)))
		return jt_machine_no_memory(e);
	if ((err = jt_rule_added(&v->rule, x, e)) != JT_OK)
		return err;
	if (x->ref.round > JT_DECIDING &&
	    (err = try_coin(v, x->ref.round - JT_DECIDING, e)) != JT_OK)
		return err;
	return take_decisions(v, e);
}

/* ---- blocks from others ---- */

/* Ask the peer for the ancestors that the block needs and that it was not asked for. */
static bool
ask_for_parents(struct jt_voter *v, const struct jt_block *b, uint32_t peer)
{
	struct jt_ref refs[JT_GET_MAX];
	const struct jt_ref *missing;
	bool any = false;
	size_t count = 0;

	for (uint32_t at = 0; (missing = jt_dag_missing(&v->dag, b, at)) != NULL;
	    at = (uint32_t)(missing - b->parents) + 1) {
		any = true;
		if (jt_is_suspended(&v->waiting, missing->id))
			continue; /* it is here, and waits for its own */
		if (v->terms.budget_fetch && count >= v->dag.c.f)
			break;
		if (!jt_ask(&v->waiting, missing, peer))
			continue;
		refs[count++] = *missing;
		if (count == JT_GET_MAX) {
			v->ops->send_get(v->ctx, peer, refs, count);
			count = 0;
		}
	}
	if (count > 0)
		v->ops->send_get(v->ctx, peer, refs, count);
	return any;
}

enum jt_err
jt_machine_resume(struct jt_voter *v, struct jt_error *e)
{
	struct jt_suspension *w = &v->waiting;
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < w->count && err == JT_OK;) {
		struct jt_suspended s;
		bool stale = w->blocks[i].block.ref.round <= v->dag.low;

		if (!stale && jt_dag_missing(&v->dag, &w->blocks[i].block, 0) != NULL) {
			i++;
			continue;
		}
		s = jt_unsuspend(w, i);
		if (!stale && jt_dag_fits(&v->dag, &s.block) && !jt_machine_too_novel(v, &s.block)) {
			err = jt_machine_insert(v, &s.block, e);
			i = 0; /* others may have waited for it */
		}
		free((void *)(uintptr_t)s.block.parents);
	}
	return err;
}

/* Is the block one that we want? Twins and exposed authors only when asked for. */
static bool
is_wanted(struct jt_voter *v, const struct jt_block *b)
{
	const struct jt_round *round = jt_dag_round(&v->dag, b->ref.round);
	const struct jt_vertex *other = round ? round->first[b->ref.author] : NULL;
	bool asked = jt_was_asked(&v->waiting, b->ref.id);

	if (b->ref.round <= v->dag.low || jt_dag_find(&v->dag, b->ref.id) != NULL ||
	    jt_is_suspended(&v->waiting, b->ref.id))
		return false;
	if (other != NULL)
		expose(v, &other->ref, &b->ref);
	if (asked)
		return true;
	if (b->ref.round > v->last.round + v->terms.ahead &&
	    b->ref.round > v->dag.high + v->terms.ahead) {
		if (b->ref.round > v->beyond[b->ref.author].round)
			v->beyond[b->ref.author] = b->ref;
		return false;
	}
	return other == NULL && !jt_voter_set_has(&v->exposed, b->ref.author) &&
	    b->ref.author != v->me;
}

enum jt_err
jt_voter_block(struct jt_voter *v, uint32_t from, const struct jt_block *b, struct jt_error *e)
{
	enum jt_err err = jt_block_check(&v->dag.c, b, e);

	if (err != JT_OK || !is_wanted(v, b))
		return err;
	if (ask_for_parents(v, b, from)) {
		/* Asked-for ancestors are never turned away: what waits needs them. */
		if (v->waiting.of_peer[from] >= JT_SUSPENDED_MAX &&
		    !jt_was_asked(&v->waiting, b->ref.id))
			return JT_OK;
		return jt_suspend(&v->waiting, b, from) ? JT_OK : jt_machine_no_memory(e);
	}
	if (!jt_dag_fits(&v->dag, b))
		return jt_fail(e, JT_MALFORMED, "parents: not what the block says of them");
	if (jt_machine_too_novel(v, b))
		return jt_fail(e, JT_MALFORMED, "brings more twins than its author can have met");
	if ((err = jt_machine_insert(v, b, e)) != JT_OK ||
	    (err = jt_machine_resume(v, e)) != JT_OK)
		return err;
	return jt_machine_propose(v, e);
}

enum jt_err
jt_voter_get(struct jt_voter *v, uint32_t from, const struct jt_ref *refs, size_t count,
    struct jt_error *e)
{
	if (count > JT_GET_MAX)
		return jt_fail(e, JT_MALFORMED, "asks for more than %d blocks", JT_GET_MAX);
	/* The log keeps more than the graph: who lags asks for what is below our horizon. */
	for (size_t i = 0; i < count; i++)
		v->ops->send_block(v->ctx, from, &refs[i]);
	return JT_OK;
}

static void
say_hello(struct jt_voter *v, uint32_t to, bool answer)
{
	uint32_t highest[JT_VOTERS_MAX];

	for (uint32_t a = 0; a < v->dag.c.n; a++) {
		highest[a] = 0;
		for (uint32_t r = v->dag.high; r > v->dag.low && highest[a] == 0; r--) {
			const struct jt_round *round = jt_dag_round(&v->dag, r);
			if (round != NULL && round->first[a] != NULL)
				highest[a] = r;
		}
	}
	v->ops->send_hello(v->ctx, to, highest, answer);
}

enum jt_err
jt_voter_hello(struct jt_voter *v, uint32_t from, const uint32_t *highest, bool answer,
    struct jt_error *e)
{
	jt_forget_peer(&v->waiting, from);
	for (size_t i = 0; i < v->waiting.count; i++)
		ask_for_parents(v, &v->waiting.blocks[i].block, from);
	for (uint32_t r = highest[v->me] + 1; r <= v->dag.high; r++) {
		const struct jt_round *round = jt_dag_round(&v->dag, r);
		const struct jt_vertex *own = round ? round->first[v->me] : NULL;
		if (own != NULL)
			v->ops->send_block(v->ctx, from, &own->ref);
	}
	if (!answer)
		say_hello(v, from, true);
	return jt_machine_propose(v, e);
}

enum jt_err
jt_voter_peer(struct jt_voter *v, uint32_t peer, bool up, struct jt_error *e)
{
	(void)e;
	if (up)
		say_hello(v, peer, false);
	return JT_OK;
}

enum jt_err
jt_voter_payload(struct jt_voter *v, const struct jt_own_item *item, struct jt_error *e)
{
	if (v->pending_count == v->pending_cap) {
		size_t cap = v->pending_cap ? v->pending_cap * 2 : 16;
		struct jt_own_item *grown = realloc(v->pending, cap * sizeof *grown);
		if (grown == NULL)
			return jt_machine_no_memory(e);
		v->pending = grown;
		v->pending_cap = cap;
	}
	v->pending[v->pending_count++] = *item;
	return v->restoring ? JT_OK : jt_machine_propose(v, e);
}

enum jt_err
jt_voter_tick(struct jt_voter *v, struct jt_error *e)
{
	v->allowance = v->terms.tick_rounds;
	return jt_machine_propose(v, e);
}

enum jt_err
jt_voter_restore(struct jt_voter *v, const struct jt_block *b, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	v->restoring = true;
	if (b->ref.author == v->me)
		err = jt_machine_own(v, b, e);
	return err == JT_OK ? jt_machine_insert(v, b, e) : err;
}

enum jt_err
jt_voter_resume(struct jt_voter *v, struct jt_error *e)
{
	v->restoring = false;
	if (v->last.round > 0)
		v->ops->send_block(v->ctx, JT_ALL, &v->last);
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		if (a != v->me)
			say_hello(v, a, false);
	return jt_machine_propose(v, e);
}

const struct jt_dag *
jt_voter_dag(const struct jt_voter *v)
{
	return &v->dag;
}

const struct jt_rule *
jt_voter_rule(const struct jt_voter *v)
{
	return &v->rule;
}

const struct jt_order *
jt_voter_order(const struct jt_voter *v)
{
	return &v->order;
}

uint32_t
jt_voter_round(const struct jt_voter *v)
{
	return v->last.round;
}

size_t
jt_voter_suspended(const struct jt_voter *v)
{
	return v->waiting.count;
}

void
jt_voter_mutate(struct jt_voter *v, enum jt_mutant mutant)
{
	v->rule.mutant = mutant;
}
