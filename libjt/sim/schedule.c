/*
 * Which message comes next? The scheduler is the adversary of the network: it
 * may hold any message back as long as it likes, but not for ever: when only
 * held messages are left, one of them goes.
 *
 * Of the coin it knows what it could know: with f faulty voters, whose shares
 * it has, the coin of round r once one correct voter has made a block of
 * round r+4.
 */
#include "sim/world.h"

#define HAS(mask, fault) ((mask) >> (fault) & 1)

/* FIFO looks at so many of the oldest messages for the one that is due. */
enum { TRIES = 24, WINDOW = 256 };

static uint32_t
half_of(const struct jt_world *w, uint32_t voter)
{
	return voter * 2 >= w->c.n;
}

/*
 * Aiming: a leader's block, and the blocks of the two rounds after it by which
 * its author would pass it on, do not reach those who are yet to vote on it.
 * With three leaders held at a time this takes f = 3.
 */
static bool
is_aimed_at(struct jt_world *w, const struct jt_packet *p)
{
	const struct jt_node *to = &w->nodes[p->to];

	for (uint32_t d = 0; d < JT_VOTING && d < p->ref.round; d++) {
		uint32_t round = p->ref.round - d;
		/* Leaders in turn are known long before their coin would be. */
		if (!HAS(w->t.faults, JT_SIM_KNOWN) && round > w->known_coin)
			continue;
		if (jt_world_leader(w, round) == p->ref.author && to->voter != NULL &&
		    jt_voter_round(to->voter) < round + JT_VOTING)
			return true;
	}
	return false;
}

/* Would the adversary rather hold this one back? */
static bool
is_held(struct jt_world *w, const struct jt_packet *p)
{
	if (HAS(w->t.faults, JT_SIM_PARTITION) && w->r->messages < 600 &&
	    half_of(w, p->from) != half_of(w, p->to))
		return true;
	if (HAS(w->nodes[p->to].faults, JT_SIM_SLOW) && !jt_world_lags(w, &w->nodes[p->to]) &&
	    jt_world_random(w, 50) != 0)
		return true;
	return HAS(w->t.faults, JT_SIM_AIM) && p->type == JT_PACKET_BLOCK && is_aimed_at(w, p);
}

static size_t
by_chance(struct jt_world *w)
{
	return (size_t)jt_world_random(w, w->queued);
}

/* The packet sent first (or last), among some: delays make them change places. */
static size_t
by_order(struct jt_world *w, bool newest)
{
	size_t best = by_chance(w);
	size_t look = w->queued < WINDOW ? w->queued : WINDOW;

	for (size_t i = 0; i < look; i++) {
		size_t at = w->queued <= WINDOW ? i : by_chance(w);
		const struct jt_packet *a = w->queue[at], *b = w->queue[best];
		bool before = a->number + a->delay < b->number + b->delay;
		if (newest ? a->number > b->number : before)
			best = at;
	}
	return best;
}

/* A message comes twice: leave a copy behind. */
static void
duplicate(struct jt_world *w, size_t at)
{
	struct jt_packet *p = w->queue[at];

	if (p->type != JT_PACKET_BLOCK || p->copied || jt_world_random(w, 4) != 0)
		return;
	p->copied = true;
	jt_world_send(w, *p);
	w->queue[w->queued - 1]->copied = true;
}

size_t
jt_world_choose(struct jt_world *w)
{
	size_t at = SIZE_MAX;

	if (w->queued == 0)
		return SIZE_MAX;
	if (w->fair)
		return by_order(w, false);
	for (int i = 0; i < TRIES; i++) {
		at = HAS(w->t.faults, JT_SIM_LIFO) && jt_world_random(w, 20) != 0 ? by_order(w, true)
		    : HAS(w->t.faults, JT_SIM_FIFO) ? by_order(w, false) : by_chance(w);
		if (!is_held(w, w->queue[at]))
			break;
	}
	/* Who aims looks at all there is before giving in. */
	for (size_t i = 0, from = at; HAS(w->t.faults, JT_SIM_AIM) && i < w->queued; i++) {
		at = (from + i) % w->queued;
		if (!is_held(w, w->queue[at]))
			break;
	}
	if (HAS(w->t.faults, JT_SIM_DUPLICATE))
		duplicate(w, at);
	return at;
}
