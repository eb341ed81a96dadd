/* What the rule says of a leader slot, in words. See tell.h. */
#include "sim/tell.h"

#include <inttypes.h>

struct teller {
	struct jt_rule *r;
	uint32_t before;
	void (*name)(void *ctx, const struct jt_vertex *v);
	void *ctx;
	struct jt_buf *out;
};

uint32_t
jt_tell_shares(const struct jt_dag *d, uint32_t round)
{
	const struct jt_round *there = jt_dag_round(d, round + JT_DECIDING);

	return there == NULL ? 0 : jt_voter_set_count(&there->authors);
}

/* " (a4 c4 d4)" */
static void
list_begin(const struct teller *t, bool *first)
{
	jt_buf_add_text(t->out, *first ? " (" : " ");
	*first = false;
}

/* Blocks of the voting round that blame. */
static void
tell_blames(struct teller *t, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	const struct jt_round *there = jt_dag_round(t->r->d, round + JT_VOTING);
	uint32_t count = jt_voter_set_count(&s->blames);
	bool first = true;

	jt_buf_addf(t->out, "%" PRIu32 " of %" PRIu32 " %s", count, t->r->d->c.n,
	    count == 1 ? "blames" : "blame");
	if (count == 0)
		return;
	for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next)
		if (jt_voter_set_has(&s->blames, v->ref.author) &&
		    (v->support[JT_VOTING - 1][k] == NULL || t->r->mutant == JT_SKIP_ANY_TWIN)) {
			list_begin(t, &first);
			t->name(t->ctx, v);
		}
	jt_buf_add_text(t->out, ")");
}

/* Blocks of the deciding round that certify `block`, in the cone of anchor if there is one. */
static void
list_certificates(struct teller *t, uint32_t round, uint32_t k, const struct jt_vertex *block,
    struct jt_vertex *anchor)
{
	const struct jt_round *there = jt_dag_round(t->r->d, round + JT_DECIDING);
	bool first = true;

	for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next)
		if (v->certifies[k] == block &&
		    (anchor == NULL || jt_dag_reaches(t->r->d, anchor, v))) {
			list_begin(t, &first);
			t->name(t->ctx, v);
		}
	if (!first)
		jt_buf_add_text(t->out, ")");
}

static void
tell_certificates(struct teller *t, uint32_t round, uint32_t k, const struct jt_slot_cert *c,
    bool block)
{
	uint32_t count = jt_voter_set_count(&c->by);

	jt_buf_addf(t->out, "%" PRIu32 " of %" PRIu32 " %s", count, t->r->d->c.n,
	    count == 1 ? "certifies" : "certify");
	if (block) {
		jt_buf_add_text(t->out, " ");
		t->name(t->ctx, c->block);
	}
	list_certificates(t, round, k, c->block, NULL);
}

/* What stands between an undecided slot and its anchor. */
static void
tell_obstacle(struct teller *t, uint32_t round)
{
	for (uint32_t r = round + JT_WAVE; r <= t->r->d->high; r++)
		for (uint32_t k = 0; k < t->r->leaders; k++) {
			const struct jt_slot *s = jt_rule_slot(t->r, r, k);
			if (s == NULL) {
				jt_buf_addf(t->out, "; the leader of round %" PRIu32
				    " would decide, and is not known", r + t->before);
				return;
			}
			if (s->verdict == JT_SKIPPED)
				continue;
			jt_buf_addf(t->out, "; round %" PRIu32 " leader v%" PRIu32
			    " would decide, and is undecided", r + t->before, s->leader + 1);
			return;
		}
	jt_buf_add_text(t->out, "; no later leader decides");
}

static void
tell_undecided(struct teller *t, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	jt_buf_add_text(t->out, "undecided: ");
	tell_blames(t, s, round, k);
	for (uint32_t i = 0; i < s->cert_count; i++) {
		jt_buf_add_text(t->out, ", ");
		tell_certificates(t, round, k, &s->certs[i], true);
	}
	if (s->cert_count == 0)
		jt_buf_addf(t->out, ", 0 of %" PRIu32 " certify", t->r->d->c.n);
	jt_buf_addf(t->out, ", %" PRIu32 " needed", t->r->d->c.q);
	tell_obstacle(t, round);
}

static void
tell_decided(struct teller *t, const struct jt_slot *s, uint32_t round, uint32_t k)
{
	struct jt_vertex *anchor = NULL;

	jt_buf_add_text(t->out, jt_verdict_words[s->verdict]);
	if (s->block != NULL) {
		jt_buf_add_text(t->out, " ");
		t->name(t->ctx, s->block);
	}
	jt_buf_add_text(t->out, ": ");
	if (s->reason == JT_BLAMED) {
		tell_blames(t, s, round, k);
	} else if (s->reason == JT_CERTIFIED) {
		for (uint32_t i = 0; i < s->cert_count; i++)
			if (s->certs[i].block == s->block)
				tell_certificates(t, round, k, &s->certs[i], false);
	} else {
		anchor = jt_dag_find(t->r->d, s->anchor.id);
		jt_buf_add_text(t->out, "anchor ");
		t->name(t->ctx, anchor);
		jt_buf_addf(t->out, " has %s certificate in its cone", s->block != NULL ? "a" : "no");
		if (s->block != NULL)
			list_certificates(t, round, k, s->block, anchor);
	}
}

void
jt_tell_slot(struct jt_rule *r, uint32_t round, uint32_t k, uint32_t before,
    void (*name)(void *ctx, const struct jt_vertex *v), void *ctx, struct jt_buf *out)
{
	struct teller t = { r, before, name, ctx, out };
	const struct jt_slot *s = jt_rule_slot(r, round, k);

	if (s->verdict == JT_UNDECIDED)
		tell_undecided(&t, s, round, k);
	else
		tell_decided(&t, s, round, k);
}
