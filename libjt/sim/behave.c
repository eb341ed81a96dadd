/*
 * How faulty voters behave. They run the same voter as the correct ones, and
 * lie where it sends: so what they say is always well made.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

#define HAS(mask, fault) ((mask) >> (fault) & 1)

static void
send_one(struct jt_node *node, uint32_t to, const struct jt_ref *ref)
{
	jt_world_send(node->w, (struct jt_packet){ .type = JT_PACKET_BLOCK, .from = node->me,
	    .to = to, .ref = *ref });
}

/*
 * Another block of the same round: other payload, and one parent fewer where
 * that is allowed, so that its cone is another one, too.
 */
static struct jt_made *
make_twin(struct jt_node *node, struct jt_made *m)
{
	struct jt_ref parents[2 * JT_VOTERS_MAX];
	struct jt_block b = m->block;
	struct jt_made *twin;
	uint32_t before = 0;

	memcpy(parents, m->block.parents, b.parent_count * sizeof *parents);
	b.parents = parents;
	for (uint32_t i = 0; i < b.parent_count; i++)
		before += parents[i].round + 1 == b.ref.round;
	if (b.parent_count > 1 && before > node->w->c.q && jt_world_random(node->w, 2) == 0) {
		uint32_t out = 1 + (uint32_t)jt_world_random(node->w, b.parent_count - 1);
		parents[out] = parents[--b.parent_count];
	}
	b.items = 0;
	b.bytes = 0;
	if ((twin = jt_world_make(node->w, &b, NULL, 0)) == NULL)
		return NULL;
	jt_voter_set_add(&twin->held, node->me);
	twin->twin = m->twin;
	m->twin = twin;
	return twin;
}

/* Each peer gets one of the twins, by chance; some get two. */
static void
send_twins(struct jt_node *node, const struct jt_ref *ref)
{
	struct jt_world *w = node->w;
	struct jt_made *m = jt_world_find(w, ref->id), *one, *two;

	one = jt_world_random(w, 3) != 0 ? make_twin(node, m) : NULL;
	two = one != NULL && jt_world_random(w, 4) == 0 ? make_twin(node, m) : NULL;
	for (uint32_t to = 0; to < w->c.n; to++) {
		uint64_t which = jt_world_random(w, two != NULL ? 3 : 2);
		if (to == node->me)
			continue;
		if (one == NULL || which == 0 || jt_world_random(w, 16) == 0)
			send_one(node, to, ref);
		if (one != NULL && which == 1)
			send_one(node, to, &one->block.ref);
		if (two != NULL && which == 2)
			send_one(node, to, &two->block.ref);
	}
}

void
jt_behave_block(struct jt_node *node, uint32_t to, const struct jt_ref *ref)
{
	struct jt_world *w = node->w;
	uint32_t some = w->c.t;

	if (to != JT_ALL) {
		if (to != node->me)
			send_one(node, to, ref);
		return;
	}
	if (HAS(node->faults, JT_SIM_TWINS)) {
		send_twins(node, ref);
		return;
	}
	for (uint32_t i = 0; i < w->c.n; i++) {
		uint32_t peer = (node->me + 1 + i) % w->c.n;
		if (peer == node->me || (HAS(node->faults, JT_SIM_WITHHOLD) && some == 0))
			continue;
		some -= some > 0;
		send_one(node, peer, ref);
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
		jt_world_send(w, (struct jt_packet){ .type = JT_PACKET_GET, .from = node->me,
		    .to = to, .count = 1 + (uint32_t)jt_world_random(w, 4), .list = refs });
	}
}

uint32_t
jt_behave_share(struct jt_node *node, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)round;
	out[0] = 1;
	if (!HAS(node->faults, JT_SIM_BADSHARE))
		return 1;
	out[0] = 2; /* wrong, or none at all */
	return (uint32_t)jt_world_random(node->w, 2);
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
