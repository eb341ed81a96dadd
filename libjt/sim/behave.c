/*
 * How faulty voters behave. They run the same voter as the correct ones, and
 * lie where it sends: so what they say is well made, unless lying about that is
 * their fault.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"
#include "vote/wrong.h"

#define HAS JT_SIM_HAS

enum {
	HIDDEN = sizeof((struct jt_node *)0)->chain / sizeof(struct jt_made *),
	RELEASE = 12 /* rounds in which hidden twins grow before they are shown */
};

static void
send_one(struct jt_node *node, uint32_t to, const struct jt_ref *ref)
{
	jt_world_send(node, (struct jt_packet){ .type = JT_PACKET_BLOCK, .to = to, .ref = *ref });
}

static void
send_all(struct jt_node *node, const struct jt_ref *ref)
{
	for (uint32_t i = 1; i < node->w->c.n; i++)
		send_one(node, (node->me + i) % node->w->c.n, ref);
}

/* Another block of the same round, with these parents and no payload. */
static struct jt_made *
make_other(struct jt_node *node, const struct jt_made *m, const struct jt_ref *parents,
    uint32_t count)
{
	struct jt_block b = m->block;
	struct jt_made *other;

	b.parents = parents;
	b.parent_count = count;
	b.items = b.bytes = 0;
	if ((other = jt_world_make(node->w, &b, NULL, 0)) != NULL)
		jt_voter_set_add(&other->held, node->me);
	return other;
}

/*
 * A twin: other payload, and one parent fewer where that is allowed, so that its
 * cone is another one, too.
 */
static struct jt_made *
make_twin(struct jt_node *node, const struct jt_made *m)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	uint32_t count = m->block.parent_count, before = 0;

	memcpy(parents, m->block.parents, count * sizeof *parents);
	for (uint32_t i = 0; i < count; i++)
		before += parents[i].round + 1 == m->block.ref.round;
	if (count > 1 && before > node->w->c.q && jt_world_random(node->w, 2) == 0) {
		uint32_t out = 1 + (uint32_t)jt_world_random(node->w, count - 1);
		parents[out] = parents[--count];
	}
	return make_other(node, m, parents, count);
}

/* Each peer gets one of the twins, by chance; some get two. */
static void
send_twins(struct jt_node *node, const struct jt_made *m)
{
	struct jt_world *w = node->w;
	struct jt_made *one, *two;

	one = jt_world_random(w, 3) != 0 ? make_twin(node, m) : NULL;
	two = one != NULL && jt_world_random(w, 4) == 0 ? make_twin(node, m) : NULL;
	for (uint32_t to = 0; to < w->c.n; to++) {
		uint64_t which = jt_world_random(w, two != NULL ? 3 : 2);
		if (to == node->me)
			continue;
		if (one == NULL || which == 0 || jt_world_random(w, 16) == 0)
			send_one(node, to, &m->block.ref);
		if (one != NULL && which == 1)
			send_one(node, to, &one->block.ref);
		if (two != NULL && which == 2)
			send_one(node, to, &two->block.ref);
	}
}

/* Another one who hides twins: instead of a block of its own that one's, of the chain k. */
static void
link_hidden(struct jt_world *w, struct jt_ref *parent, size_t k)
{
	const struct jt_node *other = &w->nodes[parent->author];
	const struct jt_made *tip = other->chain[k];

	if (HAS(other->faults, JT_SIM_CONES) && tip != NULL && tip->block.ref.round == parent->round)
		*parent = tip->block.ref;
}

/*
 * For some rounds several chains instead of one, and nobody hears of them. Then
 * each peer is shown the end of another one, takes it up, and passes it on.
 */
static void
grow_cones(struct jt_node *node, const struct jt_made *m)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	uint32_t count = m->block.parent_count;

	for (size_t k = 0; k < HIDDEN; k++) {
		memcpy(parents, m->block.parents, count * sizeof *parents);
		if (node->chain[k] != NULL)
			parents[0] = node->chain[k]->block.ref;
		for (uint32_t i = 1; i < count; i++)
			link_hidden(node->w, &parents[i], k);
		node->chain[k] = make_other(node, m, parents, count);
	}
	if (m->block.ref.round % RELEASE != 0)
		return;
	for (uint32_t i = 0; i < node->w->c.n; i++)
		if (i != node->me && node->chain[i % HIDDEN] != NULL)
			send_one(node, i, &node->chain[i % HIDDEN]->block.ref);
}

static uint64_t
lot(void *ctx, uint64_t below)
{
	return jt_world_random(ctx, below);
}

/* A block that no correct voter makes, of one's own name. */
static void
send_lie(struct jt_node *node, const struct jt_made *m)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	struct jt_world *w = node->w;
	struct jt_made *lie;
	uint32_t count;

	memcpy(parents, m->block.parents, m->block.parent_count * sizeof *parents);
	count = jt_wrong_parents(parents, m->block.parent_count, w->c.n, lot, w);
	if ((lie = make_other(node, m, parents, count)) != NULL)
		send_one(node, (uint32_t)(node->me + 1 + jt_world_random(w, w->c.n - 1)) % w->c.n,
		    &lie->block.ref);
}

void
jt_behave_block(struct jt_node *node, uint32_t to, const struct jt_ref *ref)
{
	struct jt_world *w = node->w;
	const struct jt_made *m = jt_world_find(w, ref->id);

	if (to != JT_ALL) {
		if (to != node->me)
			send_one(node, to, ref);
		return;
	}
	if (w->c.n > 1 && HAS(node->faults, JT_SIM_LIES) && jt_world_random(w, 2) == 0)
		send_lie(node, m);
	if (HAS(node->faults, JT_SIM_TWINS)) {
		send_twins(node, m);
	} else if (HAS(node->faults, JT_SIM_CONES)) {
		grow_cones(node, m);
	} else if (HAS(node->faults, JT_SIM_WITHHOLD)) {
		for (uint32_t i = 1; i <= w->c.t && i < w->c.n; i++)
			send_one(node, (node->me + i) % w->c.n, ref);
	} else {
		send_all(node, ref);
	}
}

/* After each message of its own: more, if its fault is to send too much. */
void
jt_behave_idle(struct jt_node *node)
{
	struct jt_world *w = node->w;
	uint32_t to = (uint32_t)jt_world_random(w, w->c.n);

	if (w->fair || to == node->me || node->log_count == 0 || jt_world_random(w, 4) != 0)
		return;
	if (HAS(node->faults, JT_SIM_STALE))
		send_one(node, to, &node->log[jt_world_random(w, node->log_count)]->block.ref);
	if (HAS(node->faults, JT_SIM_FLOOD)) {
		struct jt_ref *refs = calloc(JT_GET_MAX, sizeof *refs);
		if (refs == NULL)
			return;
		for (uint32_t i = 0; i < JT_GET_MAX; i++)
			refs[i] = node->log[jt_world_random(w, node->log_count)]->block.ref;
		jt_world_send(node, (struct jt_packet){ .type = JT_PACKET_GET, .to = to,
		    .count = 1 + (uint32_t)jt_world_random(w, 4), .list = refs });
	}
}

void
jt_behave_hello(struct jt_node *node, struct jt_hello *h)
{
	struct jt_world *w = node->w;

	for (uint32_t i = 0; i < w->c.n; i++)
		h->highest[i] = (uint32_t)jt_world_random(w, 200);
	h->last.round = (uint32_t)jt_world_random(w, 1000);
	h->rounds = (uint32_t)jt_world_random(w, 200);
	h->sent = (uint32_t)jt_world_random(w, JT_BURST + 2);
	h->until = (uint32_t)jt_world_random(w, 200);
}

uint32_t
jt_behave_share(struct jt_node *node, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	uint32_t len = node->w->crypto->share(node->w, node->me, round, out);

	if (!HAS(node->faults, JT_SIM_BADSHARE))
		return len;
	out[0] ^= 3; /* wrong, or none at all */
	return jt_world_random(node->w, 2) == 0 ? 0 : len;
}
