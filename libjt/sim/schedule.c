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

#define HAS JT_SIM_HAS

enum {
	TRIES = 24,       /* messages looked at before a held one goes */
	PARTED = 600      /* messages until a partition heals */
};

/*
 * Aiming: a leader's block, and the blocks of the two rounds after it by which
 * its author would pass it on, do not reach those who are yet to vote on it.
 * With three leaders held at a time this takes f = 3.
 */
static bool
is_aimed_at(struct jt_world *w, const struct jt_packet *p)
{
	const struct jt_node *to = jt_world_node(w, p->to, p->face);

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

/* A block that would complete the quorum whose shares reveal a coin. */
static bool
is_revealing(const struct jt_world *w, const struct jt_packet *p)
{
	const struct jt_node *to = jt_world_node(w, p->to, p->face);
	const struct jt_round *there;

	if (p->ref.round <= JT_DECIDING || to->voter == NULL ||
	    jt_rule_coin_known(jt_voter_rule(to->voter), p->ref.round - JT_DECIDING))
		return false;
	there = jt_dag_round(jt_voter_dag(to->voter), p->ref.round);
	return there != NULL && jt_voter_set_count(&there->authors) + 1 >= w->c.q;
}

/*
 * So far behind the others that it must go on: the adversary gains nothing more, and
 * runs would only be longer.
 */
static bool
lags(const struct jt_world *w, const struct jt_node *node)
{
	return node->voter != NULL && jt_voter_round(node->voter) + JT_DEPTH < w->r->rounds;
}

/* From one half to the other: not from or to one who is of both. */
static bool
is_across(const struct jt_world *w, const struct jt_packet *p)
{
	return jt_world_half(w, p->from) != jt_world_half(w, p->to) &&
	    !HAS(w->nodes[p->from].faults, JT_SIM_FACES) &&
	    !HAS(w->nodes[p->to].faults, JT_SIM_FACES);
}

/* Would the adversary rather hold this one back? */
static bool
is_held(struct jt_world *w, const struct jt_packet *p)
{
	if (HAS(w->t.faults, JT_SIM_PARTITION) && w->r->messages < PARTED && is_across(w, p))
		return true;
	if (HAS(w->nodes[p->to].faults, JT_SIM_SLOW) && !lags(w, &w->nodes[p->to]) &&
	    jt_world_random(w, 50) != 0)
		return true;
	if (p->type != JT_PACKET_BLOCK)
		return false;
	return (HAS(w->t.faults, JT_SIM_AIM) && is_aimed_at(w, p)) ||
	    (HAS(w->t.faults, JT_SIM_LATECOIN) && is_revealing(w, p));
}

/* The newest that is not held, of a few. */
static const struct jt_packet *
newest(struct jt_world *w)
{
	const struct jt_packet *p = w->newest;

	for (int i = 0; i < TRIES && p->older != NULL && is_held(w, p); i++)
		p = p->older;
	return p;
}

/* A message comes twice: leave a copy behind. */
static void
duplicate(struct jt_world *w, struct jt_packet *p)
{
	if (p->type != JT_PACKET_BLOCK || p->copied || jt_world_random(w, 4) != 0)
		return;
	p->copied = true;
	jt_world_send(jt_world_node(w, p->from, p->face), *p);
	w->newest->copied = true;
}

size_t
jt_world_choose(struct jt_world *w)
{
	bool patient = HAS(w->t.faults, JT_SIM_AIM) || HAS(w->t.faults, JT_SIM_LATECOIN);
	struct jt_packet *chosen;
	size_t at = 0;

	if (w->queued == 0)
		return SIZE_MAX;
	if (w->fair)
		return 0;
	if (HAS(w->t.faults, JT_SIM_LIFO) && jt_world_random(w, 20) != 0)
		at = newest(w)->at;
	else if (!HAS(w->t.faults, JT_SIM_FIFO))
		at = (size_t)jt_world_random(w, w->queued);
	for (int i = 0; i < TRIES && is_held(w, w->queue[at]); i++)
		at = (size_t)jt_world_random(w, w->queued);
	/* Who aims looks at all there is before giving in. */
	for (size_t i = 0, from = at; patient && i < w->queued; i++) {
		at = (from + i) % w->queued;
		if (!is_held(w, w->queue[at]))
			break;
	}
	chosen = w->queue[at];
	if (HAS(w->t.faults, JT_SIM_DUPLICATE))
		duplicate(w, chosen);
	return chosen->at;
}
