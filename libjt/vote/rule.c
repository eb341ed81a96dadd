/*
 * The rule of the vote. See rule.h.
 *
 * Votes and certificates are worked out once for each block and leader slot,
 * from the parents' own, when block and coin are both known; a slot keeps the
 * sets of authors who blame and certify it. So what a new block costs does
 * not grow with history.
 */
#include "vote/rule.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sample.h"

enum jt_err
jt_rule_init(struct jt_rule *r, struct jt_dag *d, uint32_t leaders, struct jt_error *e)
{
	*r = (struct jt_rule){ .d = d, .leaders = leaders, .base = 1, .next_round = 1 };
	if (leaders < 1 || leaders > JT_LEADERS_MAX || leaders > d->c.n)
		return jt_fail(e, JT_USAGE, "leaders: expected 1 to %d, and no more than validators",
		    JT_LEADERS_MAX);
	return JT_OK;
}

void
jt_rule_free(struct jt_rule *r)
{
	for (uint32_t i = 0; i < r->cap; i++)
		free(r->waves[i]);
	free(r->waves);
	*r = (struct jt_rule){ 0 };
}

static struct jt_wave *
wave_of(const struct jt_rule *r, uint32_t round)
{
	if (round < r->base || round - r->base >= r->cap)
		return NULL;
	return r->waves[round - r->base];
}

static struct jt_wave *
make_wave(struct jt_rule *r, uint32_t round)
{
	struct jt_wave *w = wave_of(r, round);

	if (w != NULL || round < r->base)
		return w;
	if (round - r->base >= r->cap) {
		uint32_t cap = r->cap ? r->cap : 64;
		struct jt_wave **grown;
		while (round - r->base >= cap)
			cap *= 2;
		if ((grown = realloc(r->waves, cap * sizeof *grown)) == NULL)
			return NULL;
		memset(grown + r->cap, 0, (cap - r->cap) * sizeof *grown);
		r->waves = grown;
		r->cap = cap;
	}
	return r->waves[round - r->base] = calloc(1, sizeof *w);
}

bool
jt_rule_coin_known(const struct jt_rule *r, uint32_t round)
{
	const struct jt_wave *w = wave_of(r, round);

	/* What is forgotten was decided. */
	return round < r->base || (w != NULL && w->known);
}

const uint8_t *
jt_rule_coin_of(const struct jt_rule *r, uint32_t round)
{
	const struct jt_wave *w = wave_of(r, round);

	assert(w != NULL && w->known);
	return w->coin;
}

struct jt_slot *
jt_rule_slot(const struct jt_rule *r, uint32_t round, uint32_t slot)
{
	struct jt_wave *w = wave_of(r, round);

	return w == NULL || !w->known || slot >= r->leaders ? NULL : &w->slot[slot];
}

/* ---- votes and certificates ---- */

static bool
is_of_slot(const struct jt_vertex *p, uint32_t round, uint32_t leader)
{
	return p->ref.round == round && p->ref.author == leader;
}

/* The block of the slot with the smallest id in the cone of v, by its parents'. */
static void
set_support(const struct jt_slot *s, struct jt_vertex *v, uint32_t round, uint32_t k)
{
	uint32_t distance = v->ref.round - round;
	struct jt_vertex *best = NULL;

	for (uint32_t i = 0; i < v->parent_count; i++) {
		struct jt_vertex *p = v->parents[i], *has = NULL;
		if (p == NULL || p->ref.round < round)
			continue;
		if (is_of_slot(p, round, s->leader))
			has = p;
		else if (p->ref.round > round)
			has = p->support[p->ref.round - round - 1][k];
		if (has != NULL &&
		    (best == NULL || memcmp(has->ref.id, best->ref.id, JT_HASH) < 0))
			best = has;
	}
	v->support[distance - 1][k] = best;
}

static void
add_certificate(struct jt_slot *s, struct jt_vertex *block, uint32_t author)
{
	uint32_t i = 0;

	while (i < s->cert_count && s->certs[i].block != block)
		i++;
	if (i == s->cert_count) {
		/* In earnest there is one at most; mutants make more. */
		if (i == sizeof s->certs / sizeof s->certs[0])
			return;
		s->certs[s->cert_count++] = (struct jt_slot_cert){ .block = block };
	}
	jt_voter_set_add(&s->certs[i].by, author);
	s->certs[i].blocks++;
}

/* Does the voting block p support L, as the (possibly mutated) rule has it? */
static bool
supports(struct jt_rule *r, struct jt_vertex *p, struct jt_vertex *l, uint32_t k)
{
	if (r->mutant == JT_VOTE_EVERY_TWIN)
		return jt_dag_reaches(r->d, p, l);
	return p->support[JT_VOTING - 1][k] == l;
}

/* What does a block of round r+4 certify? */
static void
set_certificate(struct jt_rule *r, struct jt_slot *s, struct jt_vertex *v, uint32_t round,
    uint32_t k)
{
	const struct jt_round *there = jt_dag_round(r->d, round);
	uint32_t need = r->mutant == JT_CERTIFY_WEAK ? r->d->c.t : r->d->c.q;
	struct jt_vertex *l = there ? there->first[s->leader] : NULL;

	for (; l != NULL; l = l->twin) {
		uint32_t votes = 0;
		for (uint32_t i = 0; i < v->parent_count; i++) {
			struct jt_vertex *p = v->parents[i];
			votes += p != NULL && p->ref.round == round + JT_VOTING &&
			    supports(r, p, l, k);
		}
		if (votes < need)
			continue;
		v->certifies[k] = l;
		add_certificate(s, l, v->ref.author);
	}
}

/* The mutant: authors whose voting block misses some twin count as blaming. */
static bool
misses_a_twin(struct jt_rule *r, const struct jt_slot *s, struct jt_vertex *v, uint32_t round,
    uint32_t k)
{
	const struct jt_round *there = jt_dag_round(r->d, round);

	for (struct jt_vertex *l = there ? there->first[s->leader] : NULL; l != NULL; l = l->twin)
		if (v->support[JT_VOTING - 1][k] != l)
			return true;
	return there == NULL || there->first[s->leader] == NULL;
}

static void
judge(struct jt_rule *r, struct jt_vertex *v, uint32_t round)
{
	struct jt_wave *w = wave_of(r, round);
	uint32_t distance = v->ref.round - round;

	if (w == NULL || !w->known)
		return;
	for (uint32_t k = 0; k < r->leaders; k++) {
		struct jt_slot *s = &w->slot[k];
		if (distance <= JT_VOTING)
			set_support(s, v, round, k);
		if (distance == JT_VOTING && (v->support[JT_VOTING - 1][k] == NULL ||
		    (r->mutant == JT_SKIP_ANY_TWIN && misses_a_twin(r, s, v, round, k)))) {
			jt_voter_set_add(&s->blames, v->ref.author);
			s->blame_blocks++;
		}
		if (distance == JT_DECIDING)
			set_certificate(r, s, v, round, k);
	}
}

enum jt_err
jt_rule_added(struct jt_rule *r, struct jt_vertex *v, struct jt_error *e)
{
	(void)e;
	for (uint32_t d = 1; d <= JT_DECIDING && d < v->ref.round; d++)
		judge(r, v, v->ref.round - d);
	return JT_OK;
}

enum jt_err
jt_rule_leaders(struct jt_rule *r, uint32_t round, const uint32_t *leaders, struct jt_error *e)
{
	struct jt_wave *w = make_wave(r, round);

	if (w == NULL)
		return round < r->base ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
	assert(!w->known);
	w->known = true;
	for (uint32_t k = 0; k < r->leaders; k++)
		w->slot[k] = (struct jt_slot){ .leader = leaders[k], .reason = JT_TOO_FEW };
	/* Parents before children: round by round. */
	for (uint32_t at = round + 1; at <= round + JT_DECIDING; at++) {
		struct jt_round *there = jt_dag_round(r->d, at);
		for (struct jt_vertex *v = there ? there->list : NULL; v != NULL; v = v->next)
			judge(r, v, round);
	}
	return JT_OK;
}

enum jt_err
jt_rule_coin(struct jt_rule *r, uint32_t round, const uint8_t coin[64], struct jt_error *e)
{
	uint32_t leaders[JT_LEADERS_MAX];
	struct jt_wave *w = make_wave(r, round);

	if (w != NULL)
		memcpy(w->coin, coin, sizeof w->coin);
	jt_sample(coin, 64, r->d->c.n, r->leaders, leaders);
	return jt_rule_leaders(r, round, leaders, e);
}

/* ---- decisions ---- */

static void
decide(struct jt_slot *s, enum jt_verdict verdict, enum jt_reason reason,
    struct jt_vertex *block)
{
	s->verdict = verdict;
	s->reason = reason;
	s->block = block;
}

static void
decide_directly(struct jt_rule *r, struct jt_slot *s)
{
	const struct jt_committee *c = &r->d->c;
	bool count_blocks = r->mutant == JT_COUNT_BLOCKS;
	uint32_t blames = count_blocks ? s->blame_blocks : jt_voter_set_count(&s->blames);

	if (blames >= (r->mutant == JT_SKIP_WEAK ? c->t : c->q)) {
		decide(s, JT_SKIPPED, JT_BLAMED, NULL);
		return;
	}
	for (uint32_t i = 0; i < s->cert_count; i++) {
		uint32_t by = count_blocks ? s->certs[i].blocks : jt_voter_set_count(&s->certs[i].by);
		if (by >= (r->mutant == JT_COMMIT_WEAK ? c->t : c->q)) {
			decide(s, JT_COMMITTED, JT_CERTIFIED, s->certs[i].block);
			return;
		}
	}
}

/* A certificate for the slot (round, k) in the cone of the anchor. */
static enum jt_err
find_certificate(struct jt_rule *r, struct jt_vertex *anchor, uint32_t round, uint32_t k,
    struct jt_vertex **block, struct jt_error *e)
{
	struct jt_dag *d = r->d;
	size_t depth = 0;

	*block = NULL;
	jt_dag_walk(d);
	if (!jt_dag_walk_push(d, anchor, &depth))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	while (depth > 0) {
		struct jt_vertex *x = d->stack[--depth];
		if (x->ref.round == round + JT_DECIDING && x->certifies[k] != NULL) {
			*block = x->certifies[k];
			return JT_OK;
		}
		for (uint32_t i = 0; i < x->parent_count; i++) {
			struct jt_vertex *p = x->parents[i];
			if (p != NULL && p->ref.round >= round + JT_DECIDING &&
			    !jt_dag_walk_push(d, p, &depth))
				return jt_fail(e, JT_SYSTEM, "out of memory");
		}
	}
	return JT_OK;
}

/* What mutants look at instead of the anchor's cone. */
static enum jt_err
look_wrongly(struct jt_rule *r, struct jt_slot *s, struct jt_vertex *anchor, uint32_t round,
    uint32_t k, struct jt_vertex **block, struct jt_error *e)
{
	const struct jt_round *there = jt_dag_round(r->d, round);

	if (r->mutant == JT_INDIRECT_OWN_VIEW) {
		*block = s->cert_count > 0 ? s->certs[0].block : NULL;
		return JT_OK;
	}
	if (r->mutant != JT_INDIRECT_LINK)
		return find_certificate(r, anchor, round, k, block, e);
	*block = NULL;
	for (struct jt_vertex *l = there ? there->first[s->leader] : NULL; l != NULL; l = l->twin)
		if (*block == NULL && jt_dag_reaches(r->d, anchor, l))
			*block = l;
	return JT_OK;
}

static enum jt_err
decide_by_anchor(struct jt_rule *r, struct jt_slot *s, uint32_t round, uint32_t k,
    struct jt_error *e)
{
	uint32_t from = round + (r->mutant == JT_ANCHOR_EARLY ? JT_WAVE - 1 : JT_WAVE);

	for (uint32_t at = from; at <= r->d->high; at++) {
		for (uint32_t j = 0; j < r->leaders; j++) {
			struct jt_slot *a = jt_rule_slot(r, at, j);
			struct jt_vertex *block;
			enum jt_err err;

			if (a != NULL && a->verdict == JT_SKIPPED)
				continue;
			if (a == NULL || a->verdict == JT_UNDECIDED) {
				if (r->mutant == JT_JUMP_UNDECIDED)
					continue;
				return JT_OK;
			}
			if ((err = look_wrongly(r, s, a->block, round, k, &block, e)) != JT_OK)
				return err;
			s->anchor = a->block->ref;
			if (block != NULL)
				decide(s, JT_COMMITTED, JT_ANCHOR_HAS, block);
			else
				decide(s, JT_SKIPPED, JT_ANCHOR_LACKS, NULL);
			return JT_OK;
		}
	}
	return JT_OK;
}

enum jt_err
jt_rule_decide(struct jt_rule *r, struct jt_error *e)
{
	uint32_t top = r->d->high;

	if (top <= JT_DECIDING)
		return JT_OK;
	/* Later slots first: earlier ones may need them as anchors. */
	for (uint32_t round = top - JT_DECIDING; round >= r->next_round && round > 0; round--) {
		for (uint32_t k = r->leaders; k-- > 0;) {
			struct jt_slot *s = jt_rule_slot(r, round, k);
			enum jt_err err;

			if (s == NULL || s->verdict != JT_UNDECIDED)
				continue;
			decide_directly(r, s);
			if (s->verdict != JT_UNDECIDED)
				continue;
			if ((err = decide_by_anchor(r, s, round, k, e)) != JT_OK)
				return err;
		}
	}
	return JT_OK;
}

bool
jt_rule_next(struct jt_rule *r, uint32_t *round, uint32_t *slot, struct jt_slot **s)
{
	struct jt_slot *next = jt_rule_slot(r, r->next_round, r->next_slot);

	if (next == NULL || next->verdict == JT_UNDECIDED)
		return false;
	*round = r->next_round;
	*slot = r->next_slot;
	*s = next;
	if (++r->next_slot == r->leaders) {
		r->next_slot = 0;
		r->next_round++;
	}
	return true;
}

void
jt_rule_begin(struct jt_rule *r, uint32_t round, uint32_t slot)
{
	assert(r->cap == 0 && slot < r->leaders);
	r->base = r->next_round = round;
	r->next_slot = slot;
}

void
jt_rule_prune(struct jt_rule *r, uint32_t low)
{
	uint32_t gone;

	if (low >= r->next_round)
		low = r->next_round - 1;
	if (low < r->base)
		return;
	gone = low + 1 - r->base;
	for (uint32_t i = 0; i < gone && i < r->cap; i++)
		free(r->waves[i]);
	if (gone < r->cap)
		memmove(r->waves, r->waves + gone, (r->cap - gone) * sizeof *r->waves);
	memset(r->waves + (gone < r->cap ? r->cap - gone : 0), 0,
	    (gone < r->cap ? gone : r->cap) * sizeof *r->waves);
	r->base = low + 1;
}
