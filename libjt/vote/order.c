/* From committed leaders to ledgers. See order.h. */
#include "vote/order.h"

#include <stdlib.h>
#include <string.h>

const struct jt_order_terms jt_order_usual = {
	.depth = JT_DEPTH, .interval = 50, .items = 4096, .bytes = 2 << 20, .rounds = 64,
	.author_items = 2048, .author_bytes = 1 << 20, .author_waits = 128,
};

void
jt_order_init(struct jt_order *o, struct jt_dag *d, const struct jt_order_terms *terms,
    const struct jt_order_ops *ops, void *ctx)
{
	*o = (struct jt_order){ .d = d, .terms = *terms, .ops = ops, .ctx = ctx };
}

void
jt_order_free(struct jt_order *o)
{
	free(o->waiting);
	free(o->batch);
	free(o->parts);
	*o = (struct jt_order){ 0 };
}

uint32_t
jt_order_horizon(const struct jt_order *o)
{
	return o->last_round > o->terms.depth ? o->last_round - o->terms.depth : 0;
}

void
jt_order_prune(struct jt_order *o, uint32_t low)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->waiting[i].ref.round <= low)
			o->waiting[i].vertex = NULL;
}

static int
by_place(const void *pa, const void *pb)
{
	const struct jt_ref *a = &(*(struct jt_vertex *const *)pa)->ref;
	const struct jt_ref *b = &(*(struct jt_vertex *const *)pb)->ref;

	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	if (a->author != b->author)
		return a->author < b->author ? -1 : 1;
	return memcmp(a->id, b->id, JT_HASH);
}

static bool
batch_add(struct jt_order *o, size_t n, struct jt_vertex *v)
{
	if (n == o->batch_cap) {
		size_t cap = n ? n * 2 : 256;
		struct jt_vertex **grown = realloc(o->batch, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		o->batch = grown;
		o->batch_cap = cap;
	}
	o->batch[n] = v;
	return true;
}

/* The cone of the leader above the horizon, less what was delivered. */
static bool
gather(struct jt_order *o, struct jt_vertex *leader, size_t *count)
{
	struct jt_dag *d = o->d;
	uint32_t low = jt_order_horizon(o);
	size_t depth = 0;

	if (JT_LACKS(&o->terms, JT_NO_HORIZON))
		low = leader->ref.round > o->terms.depth ? leader->ref.round - o->terms.depth : 0;
	*count = 0;
	jt_dag_walk(d);
	/* What is delivered has all of its cone delivered. */
	if (leader->delivered || leader->ref.round <= low)
		return true;
	if (!jt_dag_walk_push(d, leader, &depth))
		return false;
	while (depth > 0) {
		struct jt_vertex *x = d->stack[--depth];
		if (!batch_add(o, (*count)++, x))
			return false;
		for (uint32_t i = 0; i < x->parent_count; i++) {
			struct jt_vertex *p = x->parents[i];
			if (p != NULL && !p->delivered && p->ref.round > low &&
			    !jt_dag_walk_push(d, p, &depth))
				return false;
		}
	}
	return true;
}

bool
jt_order_wait(struct jt_order *o, const struct jt_waiting *w)
{
	if (o->count == o->cap) {
		size_t cap = o->cap ? o->cap * 2 : 64;
		struct jt_waiting *grown = realloc(o->waiting, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		o->waiting = grown;
		o->cap = cap;
	}
	o->waiting[o->count++] = *w;
	o->of_author[w->ref.author]++;
	return true;
}

void
jt_order_found(struct jt_order *o, struct jt_vertex *v)
{
	for (size_t i = 0; i < o->count; i++)
		if (memcmp(o->waiting[i].ref.id, v->ref.id, JT_HASH) == 0) {
			o->waiting[i].vertex = v;
			o->waiting[i].payload = v->payload;
		}
}

static int
descending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* The (f+1)-th largest time of the leader's parents of the round before. */
static uint64_t
time_of(const struct jt_order *o, const struct jt_vertex *leader)
{
	uint64_t times[JT_VOTERS_MAX];
	size_t n = 0;

	for (uint32_t i = 0; i < leader->parent_count; i++) {
		const struct jt_vertex *p = leader->parents[i];
		if (p != NULL && p->ref.round + 1 == leader->ref.round)
			times[n++] = p->time;
	}
	if (n <= o->d->c.f)
		return 0; /* cannot be: there is a quorum of them */
	qsort(times, n, sizeof *times, descending);
	return times[JT_LACKS(&o->terms, JT_NO_TIME) ? 0 : o->d->c.f];
}

static bool
ledger_ends(const struct jt_order *o, const struct jt_vertex *leader, uint64_t time)
{
	uint64_t items = 0, bytes = 0;

	if (o->count == 0)
		return false;
	if (time >= o->time + o->terms.interval || (!JT_LACKS(&o->terms, JT_NO_ROUNDS) &&
	    leader->ref.round - o->since >= o->terms.rounds))
		return true;
	for (size_t i = 0; i < o->count; i++) {
		items += o->waiting[i].items;
		bytes += o->waiting[i].bytes;
	}
	return items >= o->terms.items || bytes >= o->terms.bytes;
}

/*
 * Mark every block with the set of the leader's parents that have it in their
 * cones, from the top down to the round `low`.
 */
static void
mark_cones(struct jt_order *o, const struct jt_vertex *leader, uint32_t low)
{
	uint64_t stamp = ++o->stamp;

	for (uint32_t i = 0; i < leader->parent_count; i++) {
		struct jt_vertex *p = leader->parents[i];
		if (p == NULL || p->ref.round + 1 != leader->ref.round)
			continue;
		p->marks = (struct jt_voter_set){ { 0 } };
		p->marks_of = stamp;
		jt_voter_set_add(&p->marks, p->ref.author);
	}
	for (uint32_t r = leader->ref.round - 1; r > low && r > o->d->low; r--) {
		struct jt_round *round = jt_dag_round(o->d, r);
		for (struct jt_vertex *v = round ? round->list : NULL; v != NULL; v = v->next) {
			if (v->marks_of != stamp)
				continue;
			for (uint32_t i = 0; i < v->parent_count; i++) {
				struct jt_vertex *p = v->parents[i];
				if (p == NULL || p->ref.round < low)
					continue;
				if (p->marks_of != stamp) {
					p->marks = (struct jt_voter_set){ { 0 } };
					p->marks_of = stamp;
				}
				jt_voter_set_join(&p->marks, &v->marks);
			}
		}
	}
}

/*
 * Seen by a quorum of the leader's parents, or below the horizon of the leader
 * before, where nobody will look any more: whether the graph has dropped it yet
 * must not matter.
 */
static bool
may_enter(const struct jt_order *o, const struct jt_waiting *w)
{
	if (w->ref.round <= jt_order_horizon(o) || JT_LACKS(&o->terms, JT_NO_SEEN))
		return true;
	return w->vertex != NULL && w->vertex->marks_of == o->stamp &&
	    jt_voter_set_count(&w->vertex->marks) >= o->d->c.q;
}

/* Split what waits: into the ledger (parts), and what waits on. */
static bool
choose_parts(struct jt_order *o, size_t *count)
{
	uint32_t items[JT_VOTERS_MAX] = { 0 }, bytes[JT_VOTERS_MAX] = { 0 };
	size_t kept = 0;

	*count = 0;
	if (o->count > o->parts_cap) {
		struct jt_waiting *grown = realloc(o->parts, o->count * sizeof *grown);
		if (grown == NULL)
			return false;
		o->parts = grown;
		o->parts_cap = o->count;
	}
	for (size_t i = 0; i < o->count; i++) {
		const struct jt_waiting *w = &o->waiting[i];
		uint32_t a = w->ref.author;
		bool room = items[a] == 0 || JT_LACKS(&o->terms, JT_NO_FAIR_SHARE) ||
		    (items[a] + w->items <= o->terms.author_items &&
		    bytes[a] + w->bytes <= o->terms.author_bytes);

		if (!room || !may_enter(o, w)) {
			o->waiting[kept++] = *w;
			continue;
		}
		items[a] += w->items;
		bytes[a] += w->bytes;
		o->of_author[a]--;
		o->parts[(*count)++] = *w;
	}
	if (*count > 0)
		o->count = kept;
	return true;
}

static enum jt_err
end_ledger(struct jt_order *o, const struct jt_vertex *leader, const uint8_t coin[64],
    uint64_t time, struct jt_error *e)
{
	struct jt_decided_cut cut = { .number = o->cuts + 1, .leader = leader->ref };
	uint32_t low = leader->ref.round;

	for (size_t i = 0; i < o->count; i++)
		if (o->waiting[i].vertex != NULL && o->waiting[i].ref.round < low)
			low = o->waiting[i].ref.round;
	mark_cones(o, leader, low);
	if (!choose_parts(o, &cut.count))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (cut.count == 0)
		return JT_OK; /* nothing that a quorum has seen: a later leader */
	cut.parts = o->parts;
	cut.time = time > o->time ? time : o->time + 1;
	jt_hash(cut.salt, (struct jt_slice){ coin, 64 });
	o->time = cut.time;
	o->cuts++;
	o->since = o->count > 0 ? leader->ref.round : 0;
	o->ops->cut(o->ctx, &cut);
	return JT_OK;
}

enum jt_err
jt_order_leader(struct jt_order *o, struct jt_vertex *leader, const uint8_t coin[64],
    struct jt_error *e)
{
	uint64_t time = time_of(o, leader);
	enum jt_err err = JT_OK;
	size_t count;

	if (!gather(o, leader, &count))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (count > 1)
		qsort(o->batch, count, sizeof *o->batch, by_place);
	for (size_t i = 0; i < count; i++) {
		struct jt_vertex *v = o->batch[i];
		v->delivered = true;
		o->delivered++;
		o->ops->deliver(o->ctx, v);
		if (v->items == 0 || o->of_author[v->ref.author] >= o->terms.author_waits)
			continue;
		if (o->count == 0)
			o->since = leader->ref.round;
		if (!jt_order_wait(o, &(struct jt_waiting){ v->ref, v->items, v->bytes, v->payload, v }))
			return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	if (ledger_ends(o, leader, time))
		err = end_ledger(o, leader, coin, time, e);
	o->last_round = leader->ref.round;
	return err;
}
