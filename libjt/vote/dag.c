/* The graph of blocks. See dag.h. */
#include "vote/dag.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

struct jt_committee
jt_committee_of(uint32_t n)
{
	struct jt_committee c = { .n = n, .f = (n - 1) / 3 };

	assert(n >= 1 && n <= JT_VOTERS_MAX);
	c.q = n - c.f;
	c.t = c.f + 1;
	return c;
}

void
jt_voter_set_add(struct jt_voter_set *s, uint32_t voter)
{
	s->word[voter / 64] |= UINT64_C(1) << voter % 64;
}

bool
jt_voter_set_has(const struct jt_voter_set *s, uint32_t voter)
{
	/* An observer, who is place n, is in no set. */
	return voter < JT_VOTERS_MAX &&
	    s->word[voter / 64] >> voter % 64 & 1;
}

uint32_t
jt_voter_set_count(const struct jt_voter_set *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < JT_VOTER_WORDS; i++)
		n += (uint32_t)__builtin_popcountll(s->word[i]);
	return n;
}

void
jt_voter_set_join(struct jt_voter_set *s, const struct jt_voter_set *more)
{
	for (size_t i = 0; i < JT_VOTER_WORDS; i++)
		s->word[i] |= more->word[i];
}

void
jt_dag_genesis_ref(const uint8_t seed[JT_HASH], uint32_t author, struct jt_ref *ref)
{
	static const char domain[] = "jt/gen/1";
	uint8_t be[4];
	struct jt_hasher h;

	*ref = (struct jt_ref){ .author = author };
	jt_put_be32(be, author);
	jt_hasher_init(&h);
	jt_hasher_add(&h, domain, sizeof domain);
	jt_hasher_add(&h, seed, JT_HASH);
	jt_hasher_add(&h, be, sizeof be);
	jt_hasher_end(&h, ref->id);
}

/* ---- by id ---- */

static size_t
slot_of(const struct jt_dag *d, const uint8_t id[JT_HASH])
{
	size_t at = (size_t)jt_get_be64(id) & (d->slot_cap - 1);

	while (d->slots[at] != NULL && memcmp(d->slots[at]->ref.id, id, JT_HASH) != 0)
		at = (at + 1) & (d->slot_cap - 1);
	return at;
}

struct jt_vertex *
jt_dag_find(const struct jt_dag *d, const uint8_t id[JT_HASH])
{
	return d->slot_cap == 0 ? NULL : d->slots[slot_of(d, id)];
}

static bool
grow_slots(struct jt_dag *d)
{
	size_t cap = d->slot_cap, old = cap;
	struct jt_vertex **was = d->slots;

	if (cap > 0 && d->count * 2 < cap)
		return true;
	cap = cap ? cap * 2 : 256;
	if ((d->slots = calloc(cap, sizeof *d->slots)) == NULL) {
		d->slots = was;
		return false;
	}
	d->slot_cap = cap;
	for (size_t i = 0; i < old; i++)
		if (was[i] != NULL)
			d->slots[slot_of(d, was[i]->ref.id)] = was[i];
	free(was);
	return true;
}

/* Take one out; those that were pushed on by it move back. */
static void
remove_slot(struct jt_dag *d, const struct jt_vertex *v)
{
	size_t hole = slot_of(d, v->ref.id), at = hole, mask = d->slot_cap - 1;

	for (;;) {
		at = (at + 1) & mask;
		if (d->slots[at] == NULL)
			break;
		size_t home = (size_t)jt_get_be64(d->slots[at]->ref.id) & mask;
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			d->slots[hole] = d->slots[at];
			hole = at;
		}
	}
	d->slots[hole] = NULL;
	d->count--;
}

/* ---- by round ---- */

struct jt_round *
jt_dag_round(const struct jt_dag *d, uint32_t round)
{
	if (round < d->base || round - d->base >= d->cap)
		return NULL;
	return d->rounds[round - d->base];
}

static struct jt_round *
make_round(struct jt_dag *d, uint32_t round)
{
	struct jt_round *r;

	if (round - d->base >= d->cap) {
		uint32_t cap = d->cap ? d->cap : 64;
		struct jt_round **grown;
		while (round - d->base >= cap)
			cap *= 2;
		if ((grown = realloc(d->rounds, cap * sizeof *grown)) == NULL)
			return NULL;
		memset(grown + d->cap, 0, (cap - d->cap) * sizeof *grown);
		d->rounds = grown;
		d->cap = cap;
	}
	r = d->rounds[round - d->base];
	if (r == NULL) {
		if ((r = calloc(1, sizeof *r)) == NULL)
			return NULL;
		r->tail = &r->list;
		d->rounds[round - d->base] = r;
	}
	return r;
}

static void
link_vertex(struct jt_dag *d, struct jt_round *r, struct jt_vertex *v)
{
	struct jt_vertex **at = &r->first[v->ref.author];

	v->first = *at == NULL;
	while (*at != NULL)
		at = &(*at)->twin;
	*at = v;
	*r->tail = v;
	r->tail = &v->next;
	r->count++;
	jt_voter_set_add(&r->authors, v->ref.author);
	d->slots[slot_of(d, v->ref.id)] = v;
	d->count++;
	v->order = ++d->came;
	if (v->ref.round > d->high)
		d->high = v->ref.round;
}

enum jt_err
jt_dag_init(struct jt_dag *d, uint32_t n, const uint8_t seed[JT_HASH], struct jt_error *e)
{
	*d = (struct jt_dag){ .c = jt_committee_of(n) };
	for (uint32_t a = 0; a < n; a++) {
		struct jt_vertex *v = calloc(1, sizeof *v);
		struct jt_round *r = make_round(d, 0);
		if (v == NULL || r == NULL || !grow_slots(d)) {
			free(v);
			jt_dag_free(d);
			return jt_fail(e, JT_SYSTEM, "out of memory");
		}
		jt_dag_genesis_ref(seed, a, &v->ref);
		d->latest[a] = v;
		v->delivered = v->cut = true; /* there is nothing in it */
		link_vertex(d, r, v);
	}
	return JT_OK;
}

static void
free_round(struct jt_dag *d, struct jt_round *r)
{
	struct jt_vertex *next;

	for (struct jt_vertex *v = r->list; v != NULL; v = next) {
		next = v->next;
		remove_slot(d, v);
		free(v->parents);
		free(v);
	}
	free(r);
}

void
jt_dag_free(struct jt_dag *d)
{
	for (uint32_t i = 0; i < d->cap; i++)
		if (d->rounds[i] != NULL)
			free_round(d, d->rounds[i]);
	free(d->rounds);
	free(d->slots);
	free(d->stack);
	*d = (struct jt_dag){ 0 };
}

/* ---- what a block must be ---- */

enum jt_err
jt_block_check(const struct jt_committee *c, const struct jt_block *b, struct jt_error *e)
{
	struct jt_voter_set authors = { { 0 } };
	uint32_t before = 0;

	if (b->ref.author >= c->n)
		return jt_fail(e, JT_MALFORMED, "author: no validator");
	if (b->ref.round < 1)
		return jt_fail(e, JT_MALFORMED, "round: expected 1 or more, found 0");
	if (b->parent_count == 0 || b->parent_count > c->n)
		return jt_fail(e, JT_MALFORMED, "parents: expected 1 to %" PRIu32 ", found %" PRIu32,
		    c->n, b->parent_count);
	if (b->parents[0].author != b->ref.author)
		return jt_fail(e, JT_MALFORMED, "parents: the first is not its author's");
	for (uint32_t i = 0; i < b->parent_count; i++) {
		const struct jt_ref *p = &b->parents[i];
		if (p->author >= c->n || p->round >= b->ref.round)
			return jt_fail(e, JT_MALFORMED, "parents: %" PRIu32 " is no earlier block", i);
		if (jt_voter_set_has(&authors, p->author))
			return jt_fail(e, JT_MALFORMED, "parents: two of one author");
		jt_voter_set_add(&authors, p->author);
		before += p->round == b->ref.round - 1;
	}
	if (before < c->q)
		return jt_fail(e, JT_MALFORMED, "parents: %" PRIu32
		    " of the round before, expected %" PRIu32, before, c->q);
	return JT_OK;
}

const struct jt_ref *
jt_dag_missing(const struct jt_dag *d, const struct jt_block *b, uint32_t from)
{
	for (uint32_t i = from; i < b->parent_count; i++)
		if ((b->parents[i].round > d->low || d->low == 0) &&
		    jt_dag_find(d, b->parents[i].id) == NULL)
			return &b->parents[i];
	return NULL;
}

bool
jt_dag_fits(const struct jt_dag *d, const struct jt_block *b)
{
	for (uint32_t i = 0; i < b->parent_count; i++) {
		const struct jt_vertex *p = jt_dag_find(d, b->parents[i].id);
		if (p != NULL && (p->ref.round != b->parents[i].round ||
		    p->ref.author != b->parents[i].author))
			return false;
	}
	return true;
}

/* ---- walks ---- */

void
jt_dag_walk(struct jt_dag *d)
{
	d->walk++;
}

bool
jt_dag_walk_push(struct jt_dag *d, struct jt_vertex *v, size_t *depth)
{
	if (v == NULL || v->mark == d->walk)
		return true;
	if (*depth == d->stack_cap) {
		size_t cap = d->stack_cap ? d->stack_cap * 2 : 256;
		struct jt_vertex **grown = realloc(d->stack, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		d->stack = grown;
		d->stack_cap = cap;
	}
	v->mark = d->walk;
	d->stack[(*depth)++] = v;
	return true;
}

bool
jt_dag_reaches(struct jt_dag *d, struct jt_vertex *v, const struct jt_vertex *below)
{
	size_t depth = 0;

	if (v->ref.round <= below->ref.round)
		return v == below;
	jt_dag_walk(d);
	if (!jt_dag_walk_push(d, v, &depth))
		return false;
	while (depth > 0) {
		struct jt_vertex *x = d->stack[--depth];
		for (uint32_t i = 0; i < x->parent_count; i++) {
			struct jt_vertex *p = x->parents[i];
			if (p == below)
				return true;
			if (p != NULL && p->ref.round > below->ref.round &&
			    !jt_dag_walk_push(d, p, &depth))
				return false;
		}
	}
	return false;
}

/* Is another block of the same round and author on this walk? */
static bool
is_beside_another(const struct jt_dag *d, const struct jt_vertex *x)
{
	const struct jt_vertex *y = jt_dag_round(d, x->ref.round)->first[x->ref.author];

	for (; y != NULL; y = y->twin)
		if (y != x && y->mark == d->walk)
			return true;
	return false;
}

bool
jt_dag_repeats(struct jt_dag *d, const struct jt_block *b)
{
	size_t at = 0;

	if (!jt_voter_set_has(&d->forked, b->ref.author))
		return false; /* its blocks are one chain, whoever has them */
	jt_dag_walk(d);
	for (uint32_t i = 0; i < b->parent_count; i++)
		if (!jt_dag_walk_push(d, jt_dag_find(d, b->parents[i].id), &at))
			return true;
	while (at > 0) {
		struct jt_vertex *x = d->stack[--at];
		if (x->ref.author == b->ref.author && is_beside_another(d, x))
			return true;
		for (uint32_t i = 0; i < x->parent_count; i++)
			if (!jt_dag_walk_push(d, x->parents[i], &at))
				return true;
	}
	return false;
}

/* The author has now seen v and all below it. */
static bool
mark_seen(struct jt_dag *d, struct jt_vertex *v)
{
	uint32_t author = v->ref.author;
	size_t depth = 0;

	jt_dag_walk(d);
	if (!jt_dag_walk_push(d, v, &depth))
		return false;
	while (depth > 0) {
		struct jt_vertex *x = d->stack[--depth];
		jt_voter_set_add(&x->seen_by, author);
		for (uint32_t i = 0; i < x->parent_count; i++)
			if (x->parents[i] != NULL &&
			    !jt_voter_set_has(&x->parents[i]->seen_by, author) &&
			    !jt_dag_walk_push(d, x->parents[i], &depth))
				return false;
	}
	return true;
}

enum jt_err
jt_dag_add(struct jt_dag *d, const struct jt_block *b, struct jt_vertex **out,
    struct jt_error *e)
{
	struct jt_round *r = make_round(d, b->ref.round);
	struct jt_vertex *v = calloc(1, sizeof *v);

	assert(b->ref.round > d->low && jt_dag_find(d, b->ref.id) == NULL);
	if (v != NULL)
		v->parents = calloc(b->parent_count, sizeof(*v->parents));
	if (r == NULL || v == NULL || v->parents == NULL || !grow_slots(d)) {
		if (v != NULL)
			free(v->parents);
		free(v);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	v->ref = b->ref;
	v->time = b->time;
	v->items = b->items;
	v->bytes = b->bytes;
	v->payload = b->payload;
	v->share_len = b->share_len;
	memcpy(v->share, b->share, b->share_len);
	v->parent_count = b->parent_count;
	v->lowest = b->ref.round;
	for (uint32_t i = 0; i < b->parent_count; i++) {
		v->parents[i] = jt_dag_find(d, b->parents[i].id);
		if (v->parents[i] != NULL && v->parents[i]->ref.round < v->lowest)
			v->lowest = v->parents[i]->ref.round;
	}
	if (d->latest[b->ref.author] != NULL && d->latest[b->ref.author] != v->parents[0])
		jt_voter_set_add(&d->forked, b->ref.author);
	d->latest[b->ref.author] = v;
	link_vertex(d, r, v);
	*out = v;
	return mark_seen(d, v) ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
}

/* Children forget parents that go. */
static void
forget_parents(struct jt_vertex *v, uint32_t low)
{
	v->lowest = v->ref.round;
	for (uint32_t i = 0; i < v->parent_count; i++) {
		struct jt_vertex *p = v->parents[i];
		if (p != NULL && p->ref.round <= low)
			v->parents[i] = NULL;
		else if (p != NULL && p->ref.round < v->lowest)
			v->lowest = p->ref.round;
	}
}

void
jt_dag_prune(struct jt_dag *d, uint32_t low)
{
	uint32_t gone;

	if (low <= d->low)
		return;
	for (uint32_t r = low + 1; r <= d->high; r++) {
		struct jt_round *round = jt_dag_round(d, r);
		for (struct jt_vertex *v = round ? round->list : NULL; v != NULL; v = v->next)
			if (v->lowest <= low)
				forget_parents(v, low);
	}
	for (uint32_t a = 0; a < d->c.n; a++)
		if (d->latest[a] != NULL && d->latest[a]->ref.round <= low)
			d->latest[a] = NULL;
	gone = low + 1 - d->base;
	for (uint32_t i = 0; i < gone && i < d->cap; i++)
		if (d->rounds[i] != NULL)
			free_round(d, d->rounds[i]);
	if (gone < d->cap)
		memmove(d->rounds, d->rounds + gone, (d->cap - gone) * sizeof *d->rounds);
	memset(d->rounds + (gone < d->cap ? d->cap - gone : 0), 0,
	    (gone < d->cap ? gone : d->cap) * sizeof *d->rounds);
	d->base = low + 1;
	d->low = low;
	if (d->high < low)
		d->high = low;
}
