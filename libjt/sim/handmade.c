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
			return jt_fail(e, JT_USAGE, "view: no block %.*s",
			    len > JT_HANDMADE_NAME ? JT_HANDMADE_NAME : (int)len, view);
		see(b);
		if (view[len] == '\0')
			return JT_OK;
		view += len + 1;
	}
}

/* ---- into the graph ---- */

static enum jt_err
add_block(struct judged *j, const struct jt_hand_block *b, const uint8_t seed[JT_HASH],
    struct jt_error *e)
{
	struct jt_ref refs[2 * JT_VOTERS_MAX];
	struct jt_block as = { .ref = b->ref, .parents = refs, .parent_count = b->parent_count };
	struct jt_vertex *v;
	enum jt_err err;

	for (uint32_t i = 0; i < b->parent_count; i++) {
		refs[i] = b->parents[i]->ref;
		if (refs[i].round == 0)
			jt_dag_genesis_ref(seed, refs[i].author, &refs[i]);
	}
	if ((err = jt_dag_add(&j->dag, &as, &v, e)) != JT_OK)
		return err;
	return jt_rule_added(&j->rule, v, e);
}

static uint32_t
shares(const struct judged *j, uint32_t round)
{
	const struct jt_round *there = jt_dag_round(&j->dag, round + JT_DECIDING);

	return there == NULL ? 0 : jt_voter_set_count(&there->authors);
}

static enum jt_err
judge(struct judged *j, enum jt_mutant mutant, struct jt_error *e)
{
	static const uint8_t seed[JT_HASH];
	const struct jt_hand *h = j->h;
	enum jt_err err;

	if ((err = jt_dag_init(&j->dag, h->c.n, seed, e)) != JT_OK ||
	    (err = jt_rule_init(&j->rule, &j->dag, h->slots, e)) != JT_OK)
		return err;
	j->rule.mutant = mutant;
	for (uint32_t i = h->c.n; i < h->count; i++)
		if (h->blocks[i]->seen && (err = add_block(j, h->blocks[i], seed, e)) != JT_OK)
			return err;
	for (uint32_t r = 1; r <= h->last; r++) {
		uint32_t leaders[JT_LEADERS_MAX] = { 0 };
		if (h->leaders[r][0] == 0 || shares(j, r) < h->c.t)
			continue;
		for (uint32_t k = 0; k < h->slots; k++)
			leaders[k] = h->leaders[r][k] - 1;
		if ((err = jt_rule_leaders(&j->rule, r, leaders, e)) != JT_OK)
			return err;
	}
	return jt_rule_decide(&j->rule, e);
}

/* ---- in words ---- */

static const char *
name(const struct jt_vertex *v)
{
	return (const char *)v->ref.id;
}

/* " (a4 c4 d4)" */
static void
list_begin(struct judged *j, bool *first)
{
	jt_buf_add_text(j->out, *first ? " (" : " ");
	*first = false;
}

/* Blocks of the voting round that blame. */
static void
tell_blames(struct judged *j, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	const struct jt_round *there = jt_dag_round(&j->dag, round + JT_VOTING);
	uint32_t count = jt_voter_set_count(&s->blames);
	bool first = true;

	jt_buf_addf(j->out, "%" PRIu32 " of %" PRIu32 " %s", count, j->h->c.n,
	    count == 1 ? "blames" : "blame");
	if (count == 0)
		return;
	for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next)
		if (jt_voter_set_has(&s->blames, v->ref.author) &&
		    (v->support[JT_VOTING - 1][k] == NULL || j->rule.mutant == JT_SKIP_ANY_TWIN)) {
			list_begin(j, &first);
			jt_buf_add_text(j->out, name(v));
		}
	jt_buf_add_text(j->out, ")");
}

/* Blocks of the deciding round that certify `block`, in the cone of anchor if there is one. */
static void
list_certificates(struct judged *j, uint32_t round, uint32_t k, const struct jt_vertex *block,
    struct jt_vertex *anchor)
{
	const struct jt_round *there = jt_dag_round(&j->dag, round + JT_DECIDING);
	bool first = true;

	for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next)
		if (v->certifies[k] == block &&
		    (anchor == NULL || jt_dag_reaches(&j->dag, anchor, v))) {
			list_begin(j, &first);
			jt_buf_add_text(j->out, name(v));
		}
	if (!first)
		jt_buf_add_text(j->out, ")");
}

static void
tell_certificates(struct judged *j, uint32_t round, uint32_t k, const struct jt_slot_cert *c,
    bool block)
{
	uint32_t count = jt_voter_set_count(&c->by);

	jt_buf_addf(j->out, "%" PRIu32 " of %" PRIu32 " %s%s%s", count, j->h->c.n,
	    count == 1 ? "certifies" : "certify", block ? " " : "", block ? name(c->block) : "");
	list_certificates(j, round, k, c->block, NULL);
}

/* What stands between an undecided slot and its anchor. */
static void
tell_obstacle(struct judged *j, uint32_t round)
{
	for (uint32_t r = round + JT_WAVE; r <= j->dag.high; r++)
		for (uint32_t k = 0; k < j->h->slots; k++) {
			const struct jt_slot *s = jt_rule_slot(&j->rule, r, k);
			if (s == NULL) {
				jt_buf_addf(j->out, "; the leader of round %" PRIu32
				    " would decide, and is not known", r);
				return;
			}
			if (s->verdict == JT_SKIPPED)
				continue;
			jt_buf_addf(j->out, "; round %" PRIu32 " leader v%" PRIu32
			    " would decide, and is undecided", r, s->leader + 1);
			return;
		}
	jt_buf_add_text(j->out, "; no later leader decides");
}

static void
tell_undecided(struct judged *j, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	jt_buf_add_text(j->out, "undecided: ");
	tell_blames(j, s, round, k);
	for (uint32_t i = 0; i < s->cert_count; i++) {
		jt_buf_add_text(j->out, ", ");
		tell_certificates(j, round, k, &s->certs[i], true);
	}
	if (s->cert_count == 0)
		jt_buf_addf(j->out, ", 0 of %" PRIu32 " certify", j->h->c.n);
	jt_buf_addf(j->out, ", %" PRIu32 " needed", j->h->c.q);
	tell_obstacle(j, round);
}

static void
tell_decided(struct judged *j, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	struct jt_vertex *anchor = NULL;

	jt_buf_add_text(j->out, jt_verdict_words[s->verdict]);
	if (s->block != NULL)
		jt_buf_addf(j->out, " %s", name(s->block));
	jt_buf_add_text(j->out, ": ");
	if (s->reason == JT_BLAMED) {
		tell_blames(j, s, round, k);
	} else if (s->reason == JT_CERTIFIED) {
		for (uint32_t i = 0; i < s->cert_count; i++)
			if (s->certs[i].block == s->block)
				tell_certificates(j, round, k, &s->certs[i], false);
	} else {
		anchor = jt_dag_find(&j->dag, s->anchor.id);
		jt_buf_addf(j->out, "anchor %s has %s certificate in its cone", name(anchor),
		    s->block != NULL ? "a" : "no");
		if (s->block != NULL)
			list_certificates(j, round, k, s->block, anchor);
	}
}

static void
tell_unknown(struct judged *j, uint32_t round)
{
	const struct jt_round *there = jt_dag_round(&j->dag, round + JT_DECIDING);
	bool first = true;

	jt_buf_addf(j->out, "round %" PRIu32 ": undecided: the leader is not known", round);
	if (j->h->leaders[round][0] != 0) {
		jt_buf_addf(j->out, ", %" PRIu32 " of %" PRIu32 " shares of the coin",
		    shares(j, round), j->h->c.t);
		for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next) {
			list_begin(j, &first);
			jt_buf_add_text(j->out, name(v));
		}
		if (!first)
			jt_buf_add_text(j->out, ")");
	}
	jt_buf_add_text(j->out, "\n");
}

static void
tell(struct judged *j)
{
	for (uint32_t r = 1; r <= j->h->last; r++) {
		if (!jt_rule_coin_known(&j->rule, r)) {
			tell_unknown(j, r);
			continue;
		}
		for (uint32_t k = 0; k < j->h->slots; k++) {
			const struct jt_slot *s = jt_rule_slot(&j->rule, r, k);
			jt_buf_addf(j->out, "round %" PRIu32 " leader v%" PRIu32 ": ", r, s->leader + 1);
			if (s->verdict == JT_UNDECIDED)
				tell_undecided(j, s, r, k);
			else
				tell_decided(j, s, r, k);
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

	if ((err = jt_hand_read(&h, yaml, e)) == JT_OK &&
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
