/*
 * A validator's part in the vote: its life. See voter.h. The parts are
 *
 *	receive.c   blocks from others, what they lack, what others ask for
 *	insert.c    what follows from a block: coins, decisions, the horizon
 *	propose.c   blocks of one's own
 *	hello.c     who has what: after a restart, and when far behind
 *	mark.c      where to begin again
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vote/machine.h"

const struct jt_voter_terms jt_voter_usual = {
	.order = { .depth = JT_DEPTH, .interval = 50, .items = 4096, .bytes = 2 << 20,
	    .rounds = 64, .author_items = 2048, .author_bytes = 1 << 20, .author_waits = 128 },
	.leaders = 1, .block_items = 4096, .block_bytes = 512 << 10, .ahead = JT_AHEAD,
	.suspended_bytes = JT_SUSPENDED_BYTES,
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
	v->terms.order.without |= terms->without;
	v->ops = ops;
	v->ctx = ctx;
	v->order_ops = (struct jt_order_ops){ jt_machine_deliver, jt_machine_cut };
	if (me > n || jt_dag_init(&v->dag, n, seed, &e) != JT_OK ||
	    jt_rule_init(&v->rule, &v->dag, terms->leaders, &e) != JT_OK) {
		jt_voter_free(v);
		return NULL;
	}
	jt_suspension_init(&v->waiting, terms->hash_key);
	jt_order_init(&v->order, &v->dag, &v->terms.order, &v->order_ops, v);
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
	free(v->committed);
	free(v->lists);
	free(v);
}

enum jt_err
jt_machine_no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
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
	enum jt_err err = jt_block_check(&v->dag.c, b, e);

	bool whole = err == JT_OK && jt_dag_missing(&v->dag, b, 0) == NULL &&
	    jt_dag_fits(&v->dag, b);

	v->restoring = true;
	if (err != JT_OK || !jt_voter_wants(v, &b->ref))
		return err;
	/* What one made is durable with all below it, or one would make it again. */
	if (!whole && b->ref.author == v->me && !v->lost && b->ref.round >= v->floor)
		return jt_fail(e, JT_MALFORMED, "the log lacks an ancestor of one's own block of "
		    "round %" PRIu32, b->ref.round);
	/* Some waited for others when they came: what lacks those comes again. */
	if (!whole)
		return JT_OK;
	if (b->ref.author == v->me)
		err = jt_machine_own(v, b, e);
	return err == JT_OK ? jt_machine_insert(v, b, e) : err;
}

enum jt_err
jt_voter_resume(struct jt_voter *v, struct jt_error *e)
{
	if (v->unmarked > 0)
		return jt_fail(e, JT_MALFORMED, "the log lacks a leader that its mark names");
	v->restoring = false;
	if (v->last.round > 0)
		v->ops->send_block(v->ctx, JT_ALL, &v->last);
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		if (a != v->me)
			jt_machine_greet(v, a);
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

size_t
jt_voter_suspended_of(const struct jt_voter *v, uint32_t peer)
{
	return v->waiting.of_peer[peer];
}

void
jt_voter_mutate(struct jt_voter *v, enum jt_mutant mutant)
{
	v->rule.mutant = mutant;
}
