/*
 * A hand-made graph, judged. See handmade.h.
 *
 * The blocks of the view go into a graph as they would at a voter, leaders
 * become known as far as the view has shares of their coin, and what the rule
 * says of each slot is put in words with the blocks that made it so.
 */
#include "sim/handmade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/handgraph.h"
#include "sim/tell.h"

struct judged {
	const struct jt_hand *h;
	struct jt_dag dag;
	struct jt_rule rule;
	struct jt_buf *out;
};

/* ---- the view ---- */

static void
see(struct jt_hand_block *b)
{
	if (b->seen)
		return;
	b->seen = true;
	/* As deep as there are rounds: every parent is of an earlier one. */
	for (uint32_t i = 0; i < b->parent_count; i++)
		see(b->parents[i]);
}

static enum jt_err
take_view(struct jt_hand *h, const char *view, struct jt_error *e)
{
	if (view == NULL) {
		for (uint32_t i = 0; i < h->count; i++)
			h->blocks[i]->seen = true;
		return JT_OK;
	}
	for (;;) {
		size_t len = strcspn(view, ",");
		struct jt_hand_block *b = jt_hand_find(h,
		    (struct jt_slice){ (const uint8_t *)view, len });
		if (b == NULL)
			return jt_fail(e, JT_USAGE, "view: no block \"%.*s\"",
			    len > JT_HANDMADE_NAME ? JT_HANDMADE_NAME : (int)len, view);
		see(b);
		if (view[len] == '\0')
			return JT_OK;
		view += len + 1;
	}
}

/* ---- into the graph ---- */

static const uint8_t seed[JT_HASH];

static enum jt_err
add_block(struct jt_dag *d, const struct jt_hand_block *b, struct jt_vertex **v,
    struct jt_error *e)
{
	struct jt_ref refs[JT_VOTERS_MAX];
	struct jt_block as = { .ref = b->ref, .parents = refs, .parent_count = b->parent_count };

	for (uint32_t i = 0; i < b->parent_count; i++) {
		refs[i] = b->parents[i]->ref;
		if (refs[i].round == 0)
			jt_dag_genesis_ref(seed, refs[i].author, &refs[i]);
	}
	if (jt_dag_repeats(d, &as))
		return jt_fail(e, JT_MALFORMED, "line %" PRIu64 ": block %s: is on two of its "
		    "author's own of one round", b->line, (const char *)b->ref.id);
	return jt_dag_add(d, &as, v, e);
}

/* Would the vote take all blocks, also those that are not in the view? */
static enum jt_err
check_all(const struct jt_hand *h, struct jt_error *e)
{
	struct jt_vertex *v;
	struct jt_dag d;
	enum jt_err err = jt_dag_init(&d, h->c.n, seed, e);

	for (uint32_t i = h->c.n; err == JT_OK && i < h->count; i++)
		err = add_block(&d, h->blocks[i], &v, e);
	jt_dag_free(&d);
	return err;
}

static enum jt_err
judge(struct judged *j, enum jt_mutant mutant, struct jt_error *e)
{
	const struct jt_hand *h = j->h;
	struct jt_vertex *v = NULL;
	enum jt_err err;

	if ((err = jt_dag_init(&j->dag, h->c.n, seed, e)) != JT_OK ||
	    (err = jt_rule_init(&j->rule, &j->dag, h->slots, e)) != JT_OK)
		return err;
	j->rule.mutant = mutant;
	for (uint32_t i = h->c.n; i < h->count; i++)
		if (h->blocks[i]->seen && ((err = add_block(&j->dag, h->blocks[i], &v, e)) != JT_OK ||
		    (err = jt_rule_added(&j->rule, v, e)) != JT_OK))
			return err;
	for (uint32_t r = 1; r <= h->last; r++) {
		uint32_t leaders[JT_LEADERS_MAX] = { 0 };
		if (h->leaders[r][0] == 0 || jt_tell_shares(&j->dag, r) < h->c.t)
			continue;
		for (uint32_t k = 0; k < h->slots; k++)
			leaders[k] = h->leaders[r][k] - 1;
		if ((err = jt_rule_leaders(&j->rule, r, leaders, e)) != JT_OK)
			return err;
	}
	return jt_rule_decide(&j->rule, e);
}

/* ---- in words ---- */

static void
name(void *ctx, const struct jt_vertex *v)
{
	jt_buf_add_text(((struct judged *)ctx)->out, (const char *)v->ref.id);
}

static void
tell_unknown(struct judged *j, uint32_t round)
{
	const struct jt_round *there = jt_dag_round(&j->dag, round + JT_DECIDING);
	bool first = true;

	jt_buf_addf(j->out, "round %" PRIu32 ": undecided: the leader is not known", round);
	jt_buf_addf(j->out, ", %" PRIu32 " of %" PRIu32 " shares of the coin",
	    jt_tell_shares(&j->dag, round), j->h->c.t);
	for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next) {
		jt_buf_add_text(j->out, first ? " (" : " ");
		name(j, v);
		first = false;
	}
	if (!first)
		jt_buf_add_text(j->out, ")");
	jt_buf_add_text(j->out, "\n");
}

static void
tell(struct judged *j)
{
	for (uint32_t r = 1; r <= j->h->last; r++) {
		if (j->h->leaders[r][0] == 0)
			continue;
		if (!jt_rule_coin_known(&j->rule, r)) {
			tell_unknown(j, r);
			continue;
		}
		for (uint32_t k = 0; k < j->h->slots; k++) {
			jt_buf_addf(j->out, "round %" PRIu32 " leader v%" PRIu32 ": ", r,
			    jt_rule_slot(&j->rule, r, k)->leader + 1);
			jt_tell_slot(&j->rule, r, k, 0, name, j, j->out);
			jt_buf_add_text(j->out, "\n");
		}
	}
}

enum jt_err
jt_handmade_judge(struct jt_slice yaml, const char *view, enum jt_mutant mutant,
    struct jt_buf *out, struct jt_error *e)
{
	struct jt_hand h;
	struct judged j = { .h = &h, .out = out };
	enum jt_err err;

	if ((err = jt_hand_read(&h, yaml, e)) == JT_OK && (err = check_all(&h, e)) == JT_OK &&
	    (err = take_view(&h, view, e)) == JT_OK &&
	    (err = judge(&j, mutant, e)) == JT_OK) {
		tell(&j);
		if (out->failed)
			err = jt_fail(e, JT_SYSTEM, "out of memory");
	}
	jt_rule_free(&j.rule);
	jt_dag_free(&j.dag);
	jt_hand_free(&h);
	return err;
}
