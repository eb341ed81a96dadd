/* A simulated vote: what all voters share. See world.h. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "crypto/sample.h"
#include "sim/world.h"

uint64_t
jt_world_random(struct jt_world *w, uint64_t below)
{
	/* splitmix64 (Steele, Lea, Flood 2014). */
	uint64_t z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return below == 0 ? 0 : (z ^ z >> 31) % below;
}

void *
jt_world_grow(struct jt_world *w, void *array, size_t count, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap * 2 : 64;
	void *grown;

	if (count < *cap)
		return array;
	if ((grown = realloc(array, wanted * size)) == NULL) {
		w->no_memory = true;
		return array;
	}
	*cap = wanted;
	return grown;
}

void
jt_world_record(struct jt_world *w, struct jt_event *e)
{
	e->at = w->clock;
	if (w->t.record != NULL)
		w->t.record(w->t.ctx, e);
}

/* ---- blocks ---- */

static size_t
made_slot(const struct jt_world *w, const uint8_t id[JT_HASH])
{
	size_t at = (size_t)jt_get_be64(id) & (w->made_cap - 1);

	while (w->made[at] != NULL && memcmp(w->made[at]->block.ref.id, id, JT_HASH) != 0)
		at = (at + 1) & (w->made_cap - 1);
	return at;
}

struct jt_made *
jt_world_find(const struct jt_world *w, const uint8_t id[JT_HASH])
{
	return w->made_cap == 0 ? NULL : w->made[made_slot(w, id)];
}

static bool
add_made(struct jt_world *w, struct jt_made *m)
{
	if (w->made_count * 2 >= w->made_cap) {
		size_t old = w->made_cap, cap = old ? old * 2 : 1024;
		struct jt_made **was = w->made;
		if ((w->made = calloc(cap, sizeof *w->made)) == NULL) {
			w->made = was;
			return false;
		}
		w->made_cap = cap;
		for (size_t i = 0; i < old; i++)
			if (was[i] != NULL)
				w->made[made_slot(w, was[i]->block.ref.id)] = was[i];
		free(was);
	}
	w->made[made_slot(w, m->block.ref.id)] = m;
	w->made_count++;
	return true;
}

static void
record_block(struct jt_world *w, const struct jt_block *b)
{
	struct jt_run_ref refs[JT_VOTERS_MAX];
	struct jt_event e;

	if (w->t.record == NULL)
		return;
	jt_event_block(&e, b, refs);
	jt_world_record(w, &e);
}

static void
free_made(struct jt_made *m)
{
	if (m == NULL)
		return;
	free((void *)(uintptr_t)m->block.parents);
	free(m->items);
	free(m->proof);
	free(m);
}

static struct jt_made *
copy_block(const struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	struct jt_made *m = calloc(1, sizeof *m);
	struct jt_ref *parents;

	if (m == NULL)
		return NULL;
	m->block = *b;
	m->block.parents = parents = calloc(b->parent_count, sizeof *parents);
	m->items = calloc(count + 1, sizeof *m->items);
	if (parents == NULL || m->items == NULL) {
		free_made(m);
		return NULL;
	}
	memcpy(parents, b->parents, b->parent_count * sizeof *parents);
	for (size_t i = 0; i < count; i++)
		m->items[i] = items[i].handle;
	m->block.payload = m;
	return m;
}

struct jt_made *
jt_world_make(struct jt_world *w, const struct jt_block *b, const struct jt_own_item *items,
    size_t count)
{
	struct jt_made *m = copy_block(b, items, count);

	if (m == NULL || !w->crypto->sign(w, m) || !add_made(w, m)) {
		free_made(m);
		w->no_memory = true;
		return NULL;
	}
	w->r->blocks++;
	if (b->ref.round > w->r->rounds)
		w->r->rounds = b->ref.round;
	record_block(w, &m->block);
	return m;
}

/* ---- leaders ---- */

uint32_t
jt_world_leader(struct jt_world *w, uint32_t round)
{
	uint8_t coin[64];
	uint32_t leader;

	/* Schedulers ask often: remember. 0 is not yet worked out. */
	while (round >= w->leader_cap) {
		size_t old = w->leader_cap;
		w->leaders = jt_world_grow(w, w->leaders, old, &w->leader_cap, sizeof *w->leaders);
		if (w->no_memory)
			return 0;
		memset(w->leaders + old, 0, (w->leader_cap - old) * sizeof *w->leaders);
	}
	if (w->leaders[round] == 0) {
		w->crypto->foresee(w, round, coin);
		jt_sample(coin, 64, w->c.n, 1, &leader);
		w->leaders[round] = leader + 1;
	}
	return w->leaders[round] - 1;
}

/* ---- the queue ---- */

void
jt_packet_free(struct jt_packet *p)
{
	if (p != NULL)
		free(p->list);
	free(p);
}

static void
put(struct jt_world *w, struct jt_packet *p, size_t at)
{
	w->queue[at] = p;
	p->at = at;
}

static void
rise(struct jt_world *w, struct jt_packet *p, size_t at)
{
	for (; at > 0 && w->queue[(at - 1) / 2]->due > p->due; at = (at - 1) / 2)
		put(w, w->queue[(at - 1) / 2], at);
	put(w, p, at);
}

static void
sink(struct jt_world *w, struct jt_packet *p, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < w->queued; at = child) {
		if (child + 1 < w->queued && w->queue[child + 1]->due < w->queue[child]->due)
			child++;
		if (w->queue[child]->due >= p->due)
			break;
		put(w, w->queue[child], at);
	}
	put(w, p, at);
}

uint32_t
jt_world_half(const struct jt_world *w, uint32_t voter)
{
	return voter * 2 >= w->c.n;
}

struct jt_node *
jt_world_node(const struct jt_world *w, uint32_t voter, uint32_t face)
{
	bool second = face == 1 && JT_SIM_HAS(w->nodes[voter].faults, JT_SIM_FACES);

	return &w->nodes[second ? w->c.n + voter : voter];
}

void
jt_world_send(const struct jt_node *from, struct jt_packet p)
{
	struct jt_world *w = from->w;
	bool two = JT_SIM_HAS(from->faults, JT_SIM_FACES);
	struct jt_packet *kept;

	p.from = from->me;
	p.face = two ? from->face : jt_world_half(w, from->me);
	/* A face is for its half, and for others who have two. */
	if (two && !JT_SIM_HAS(w->nodes[p.to].faults, JT_SIM_FACES) &&
	    jt_world_half(w, p.to) != from->face) {
		free(p.list);
		return;
	}
	kept = malloc(sizeof *kept);
	w->queue = jt_world_grow(w, w->queue, w->queued, &w->queue_cap, sizeof(*w->queue));
	if (kept == NULL || w->no_memory) {
		free(p.list);
		free(kept);
		w->no_memory = true;
		return;
	}
	*kept = p;
	kept->number = ++w->sent;
	kept->due = kept->number + jt_world_random(w, 64);
	kept->older = w->newest;
	kept->newer = NULL;
	if (w->newest != NULL)
		w->newest->newer = kept;
	w->newest = kept;
	rise(w, kept, w->queued++);
}

struct jt_packet *
jt_world_take(struct jt_world *w, size_t at)
{
	struct jt_packet *p = w->queue[at], *last = w->queue[--w->queued];

	if (p->older != NULL)
		p->older->newer = p->newer;
	if (p->newer != NULL)
		p->newer->older = p->older;
	else
		w->newest = p->older;
	if (last != p) {
		sink(w, last, at);
		rise(w, last, last->at);
	}
	return p;
}

void
jt_world_free(struct jt_world *w)
{
	for (uint32_t i = 0; w->nodes != NULL && i < 2 * w->c.n; i++) {
		jt_voter_free(w->nodes[i].voter);
		free(w->nodes[i].log);
		free(w->nodes[i].own);
		jt_buf_free(&w->nodes[i].mark);
	}
	for (size_t i = 0; i < w->queued; i++)
		jt_packet_free(w->queue[i]);
	for (size_t i = 0; i < w->made_cap; i++)
		free_made(w->made[i]);
	if (w->keys != NULL)
		w->crypto->end(w);
	free(w->nodes);
	free(w->queue);
	free(w->made);
	free(w->log);
	free(w->cuts);
	free(w->slots);
	free(w->leaders);
	free(w->items);
}
