/* A simulated vote: one voter, what it does, and its life. Its log is in node_log.c. */
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

/* One more write or message; false when the voter dies before it. */
static bool
take_step(struct jt_node *node)
{
	node->steps++;
	if (JT_SIM_HAS(node->faults, JT_SIM_RESTART) && node->steps == node->w->t.kill_at)
		node->killed = true;
	return !node->killed;
}

void
jt_node_check(struct jt_world *w, enum jt_err err, const struct jt_error *e)
{
	/* What faulty voters send may be refused; anything else is our fault. */
	if (err == JT_SYSTEM)
		w->no_memory = true;
	else if (err != JT_OK && err != JT_MALFORMED)
		jt_judge_broken(w, "a voter failed: %s", e->text);
}

/* ---- what a voter does ---- */

static void
set_item(struct jt_node *node, uint64_t handle, enum jt_item_state state)
{
	struct jt_item *item = &node->w->items[handle];

	if (item->owner != node->me)
		return;
	node->waiting += state == JT_ITEM_WAITS && item->state != JT_ITEM_WAITS;
	node->waiting -= state != JT_ITEM_WAITS && item->state == JT_ITEM_WAITS;
	item->state = state;
}

void
jt_node_set_state(struct jt_node *node, const struct jt_made *m, enum jt_item_state state)
{
	for (uint32_t i = 0; i < m->block.items; i++)
		set_item(node, m->items[i], state);
}

static void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	struct jt_node *node = ctx;
	struct jt_made *m;

	b->time = node->w->clock + node->me % 3; /* clocks are not quite alike */
	if ((m = jt_world_make(node->w, b, items, count)) == NULL)
		return;
	*b = m->block;
	jt_node_set_state(node, m, JT_ITEM_IN_BLOCK);
	if (node->correct && b->ref.round > JT_DECIDING &&
	    b->ref.round - JT_DECIDING > node->w->known_coin)
		node->w->known_coin = b->ref.round - JT_DECIDING;
}

static void
persist(void *ctx, const struct jt_block *b, bool own)
{
	struct jt_node *node = ctx;
	struct jt_made *m = jt_world_find(node->w, b->ref.id);

	if (!take_step(node) || m == NULL)
		return;
	node->log = jt_world_grow(node->w, node->log, node->log_count, &node->log_cap,
	    sizeof(*node->log));
	node->own = jt_world_grow(node->w, node->own, node->own_count, &node->own_cap,
	    sizeof(*node->own));
	if (node->w->no_memory)
		return;
	node->log[node->log_count++] = m;
	jt_voter_set_add(&m->held, node->me);
	if (own)
		node->own[node->own_count++] = m;
	if (node->kill_next)
		node->killed = true;
}

static void
send_block(void *ctx, uint32_t to, const struct jt_ref *ref)
{
	struct jt_node *node = ctx;
	const struct jt_made *m = jt_world_find(node->w, ref->id);

	if (node->killed || m == NULL || !jt_voter_set_has(&m->held, node->me))
		return;
	node->synced = node->log_count;
	if (!node->correct) {
		jt_behave_block(node, to, ref);
		return;
	}
	for (uint32_t i = 0; i < node->w->c.n; i++) {
		if (i == node->me || (to != JT_ALL && to != i) || !take_step(node))
			continue;
		if (ref->author == node->me)
			jt_judge_sent(node, m);
		jt_world_send(node, (struct jt_packet){ .type = JT_PACKET_BLOCK, .to = i,
		    .ref = *ref });
	}
}

static void *
copy_list(struct jt_world *w, const void *list, size_t size)
{
	void *copy = malloc(size);

	if (copy == NULL)
		w->no_memory = true;
	else
		memcpy(copy, list, size);
	return copy;
}

static void
send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	struct jt_node *node = ctx;
	void *list;

	if (!take_step(node) || (list = copy_list(node->w, refs, count * sizeof *refs)) == NULL)
		return;
	node->synced = node->log_count;
	jt_world_send(node, (struct jt_packet){ .type = JT_PACKET_GET, .to = to,
	    .count = (uint32_t)count, .list = list });
}

static void
send_hello(void *ctx, uint32_t to, const struct jt_hello *hello)
{
	struct jt_node *node = ctx;
	struct jt_hello *h;

	if (!take_step(node) || (h = copy_list(node->w, hello, sizeof *h)) == NULL)
		return;
	node->synced = node->log_count;
	if (JT_SIM_HAS(node->faults, JT_SIM_HELLO))
		jt_behave_hello(node, h);
	jt_world_send(node, (struct jt_packet){ .type = JT_PACKET_HELLO, .to = to, .list = h });
}

/* The log has its own blocks in the order of their rounds. */
static size_t
own_above(void *ctx, uint32_t round, struct jt_ref *refs, size_t max)
{
	const struct jt_node *node = ctx;
	size_t low = 0, high = node->own_count, count = 0;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (node->own[middle]->block.ref.round > round)
			high = middle;
		else
			low = middle + 1;
	}
	for (; low < node->own_count && count < max; low++)
		refs[count++] = node->own[low]->block.ref;
	return count;
}

static void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	struct jt_node *node = ctx;
	struct jt_event e = { .what = JT_EVENT_EVIDENCE, .to = node->me + 1,
		.from = a->author + 1, .round = a->round };

	(void)b;
	if (node->w->nodes[a->author].correct)
		jt_judge_broken(node->w, "v%u has two blocks of round %u and is correct",
		    a->author + 1, a->round);
	jt_world_record(node->w, &e);
}

static uint32_t
share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	struct jt_node *node = ctx;

	if (!node->correct)
		return jt_behave_share(node, round, out);
	return node->w->crypto->share(node->w, node->me, round, out);
}

static bool
coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	struct jt_node *node = ctx;
	struct jt_number_item leaders[JT_LEADERS_MAX];
	struct jt_event e;

	if (!node->w->crypto->coin(node->w, node->me, round, shares, count, out))
		return false;
	jt_judge_coin(node, round, shares, count);
	jt_event_coin(&e, node->me, round, out, node->w->c.n, node->w->t.leaders, leaders);
	jt_world_record(node->w, &e);
	return true;
}

/* Is an item in a later block of its own, in which it was given again? */
static bool
is_given_again(const struct jt_node *node, uint32_t above, uint64_t item)
{
	for (size_t i = node->own_count; i-- > 0 && node->own[i]->block.ref.round > above;)
		for (uint32_t k = 0; k < node->own[i]->block.items; k++)
			if (node->own[i]->items[k] == item)
				return true;
	return false;
}

/* The payload of a block that fell behind: to be given again when the voter is free. */
static void
returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	struct jt_node *node = ctx;
	const struct jt_made *m = payload;

	for (uint32_t i = 0; i < m->block.items; i++)
		if (!is_given_again(node, ref->round, m->items[i]))
			set_item(node, m->items[i], JT_ITEM_WAITS);
}

static void
decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	jt_judge_decided(ctx, round, slot, s);
}

static void
deliver(void *ctx, const struct jt_vertex *v)
{
	struct jt_node *node = ctx;
	const struct jt_made *m = jt_world_find(node->w, v->ref.id);

	if (m != NULL)
		jt_node_set_state(node, m, JT_ITEM_DELIVERED);
	jt_judge_delivered(node, v);
}

static void
cut(void *ctx, const struct jt_decided_cut *c)
{
	jt_judge_cut(ctx, c);
}

static void
found(void *ctx, uint32_t round)
{
	(void)round;
	((struct jt_node *)ctx)->found = true;
}

static const struct jt_voter_ops voter_ops = {
	seal, persist, send_block, send_get, send_hello, evidence, share, coin, returned, decided,
	{ deliver, cut }, own_above, NULL, found,
};

/* ---- its life ---- */

void
jt_node_give(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_error e;

	for (uint32_t i = 0; node->voter != NULL && node->waiting > 0 && i < w->given; i++) {
		struct jt_own_item item = { i, 100 };
		if (w->items[i].owner != node->me || w->items[i].state != JT_ITEM_WAITS)
			continue;
		w->items[i].state = JT_ITEM_IN_BLOCK; /* pending, or in one */
		node->waiting--;
		jt_node_check(w, jt_voter_payload(node->voter, &item, &e), &e);
	}
}

/* The others' links to it break, or are there again. */
static void
tell_others(struct jt_node *node, bool up)
{
	struct jt_world *w = node->w;

	for (uint32_t i = 0; i < w->c.n; i++)
		if (i != node->me && w->nodes[i].voter != NULL)
			jt_node_peer(&w->nodes[i], node->me, up);
}

void
jt_node_stop(struct jt_node *node)
{
	struct jt_event e = { .what = JT_EVENT_CRASH, .to = node->me + 1 };

	jt_voter_free(node->voter);
	node->voter = NULL;
	node->w->r->kills++;
	jt_node_crash_log(node);
	jt_world_record(node->w, &e);
	tell_others(node, false);
}

/* After each input. */
static void
settle(struct jt_node *node)
{
	struct jt_world *w = node->w;

	if (node->found && !node->killed) {
		node->found = node->lost = false;
		jt_node_take_mark(node);
	}
	if (node->killed)
		jt_node_stop(node);
	else
		jt_node_give(node);
	if (node->voter != NULL && node->correct && !node->killed && jt_world_random(w, 20) == 0 &&
	    (JT_SIM_HAS(node->faults, JT_SIM_RESTART) || node->losses > 0))
		jt_node_take_mark(node);
	if (!node->correct && node->voter != NULL)
		jt_behave_idle(node);
}

void
jt_node_start(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_voter_terms terms = jt_voter_usual;
	uint8_t seed[JT_HASH] = { 0 };
	bool again = node->started;

	node->started = true;
	if (again && JT_SIM_HAS(node->faults, JT_SIM_LOST) && node->losses < 2)
		jt_node_lose_log(node);
	terms.leaders = w->t.leaders;
	terms.without = w->t.without;
	node->killed = node->kill_next = node->found = false;
	node->delivered = node->cuts = 0;
	node->voter = jt_voter_new(w->c.n, node->me, seed, &terms, &voter_ops, node);
	if (node->voter == NULL) {
		w->no_memory = true;
		return;
	}
	jt_voter_mutate(node->voter, w->t.mutant);
	if (again) {
		jt_node_restore(node);
		tell_others(node, true);
		settle(node);
	}
}

void
jt_node_peer(struct jt_node *node, uint32_t peer, bool up)
{
	struct jt_error e;

	jt_node_check(node->w, jt_voter_peer(node->voter, peer, up, &e), &e);
	settle(node);
}

void
jt_node_receive(struct jt_node *node, const struct jt_packet *p)
{
	struct jt_world *w = node->w;
	struct jt_event ev = { .what = JT_EVENT_RECEIVE, .from = p->from + 1, .to = p->to + 1,
		.message = w->r->messages };
	struct jt_made *m;
	struct jt_error e;

	if (node->voter == NULL)
		return;
	if (p->type == JT_PACKET_BLOCK) {
		m = jt_world_find(w, p->ref.id);
		memcpy(ev.ref, p->ref.id, JT_HASH);
		ev.round = p->ref.round;
		jt_world_record(w, &ev);
		if (m != NULL && w->crypto->verify(w, m))
			jt_node_check(w, jt_voter_block(node->voter, p->from, &m->block, &e), &e);
		jt_judge_received(node, p->from);
	} else if (!JT_SIM_HAS(node->faults, JT_SIM_SILENT)) {
		if (p->type == JT_PACKET_GET)
			jt_node_check(w, jt_voter_get(node->voter, p->from, p->list, p->count, &e), &e);
		else
			jt_node_check(w, jt_voter_hello(node->voter, p->from, p->list, &e), &e);
	}
	settle(node);
}
