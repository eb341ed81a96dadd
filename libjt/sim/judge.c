/*
 * The invariants of a vote, checked at every step (rbft 7.2):
 *
 *	decisions   of a slot are the same at all correct voters, for ever
 *	certified   of a slot is one block at most
 *	order       all deliver the same blocks in the same order, from the start
 *	cuts        and end ledgers at the same places, with the same time
 *	integrity   no block and no item comes twice, none that nobody made
 *	coin        nobody makes one from right shares of fewer than f+1
 *	one block   a correct voter makes one block a round, restarts or not
 *	validity    when the network is fair, every item of a correct voter is in a ledger
 *	silence     and then nobody says anything more, and all have all ledgers
 *
 * After a restart a voter goes through its log again, and is judged again from
 * the start.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/world.h"

void
jt_judge_broken(struct jt_world *w, const char *fmt, ...)
{
	struct jt_event e = { .what = JT_EVENT_BROKEN };
	va_list ap;

	if (w->r->broken)
		return;
	w->r->broken = true;
	w->r->law = fmt;
	va_start(ap, fmt);
	vsnprintf(w->r->why, sizeof w->r->why, fmt, ap);
	va_end(ap);
	e.note = jt_slice_text(w->r->why);
	jt_world_record(w, &e);
}

void
jt_judge_sent(struct jt_node *node, const struct jt_made *m)
{
	uint32_t round = m->block.ref.round;

	/* Of one that never left there may be another one, when it is lost in a crash. */
	if (node->own_count > 0 && node->own[node->own_count - 1] != m)
		return;
	if (node->own_count > 0 && node->sent_round >= round && node->sent != m)
		jt_judge_broken(node->w, "v%u made a second block of round %u", node->me + 1, round);
	node->sent_round = round;
	node->sent = m;
}

void
jt_judge_delivered(struct jt_node *node, const struct jt_vertex *v)
{
	struct jt_world *w = node->w;
	struct jt_made *m = jt_world_find(w, v->ref.id);

	if (m == NULL) {
		jt_judge_broken(w, "v%u delivered a block that nobody made", node->me + 1);
		return;
	}
	if (!node->correct)
		return;
	if (node->delivered < w->log_count) {
		if (w->log[node->delivered++] != m)
			jt_judge_broken(w, "v%u delivered another block as number %zu", node->me + 1,
			    node->delivered);
		return;
	}
	w->log = jt_world_grow(w, w->log, w->log_count, &w->log_cap, sizeof(*w->log));
	if (w->no_memory)
		return;
	if (m->delivered)
		jt_judge_broken(w, "v%u delivered a block twice", node->me + 1);
	m->delivered = true;
	w->log[w->log_count++] = m;
	node->delivered++;
}

static void
hash_parts(const struct jt_decided_cut *cut, uint8_t out[JT_HASH])
{
	struct jt_hasher h;

	jt_hasher_init(&h);
	for (size_t i = 0; i < cut->count; i++)
		jt_hasher_add(&h, cut->parts[i].ref.id, JT_HASH);
	jt_hasher_end(&h, out);
}

/* The first to end a ledger says what is in it; nothing may be in two. */
static void
note_items(struct jt_world *w, const struct jt_decided_cut *cut)
{
	for (size_t i = 0; i < cut->count; i++) {
		const struct jt_made *m = cut->parts[i].payload;
		for (uint32_t k = 0; m != NULL && k < m->block.items; k++) {
			struct jt_item *item = &w->items[m->items[k]];
			const struct jt_node *owner = &w->nodes[item->owner];
			/* Who lost its log does not know what it gave, and gives it again. */
			if (owner->correct && owner->losses == 0 && item->cuts > 0)
				jt_judge_broken(w, "item %" PRIu64 " is in two ledgers", m->items[k]);
			item->cuts = 1;
		}
	}
}

void
jt_judge_cut(struct jt_node *node, const struct jt_decided_cut *cut)
{
	struct jt_world *w = node->w;
	struct jt_world_cut is = { .leader = cut->leader, .time = cut->time }, *was;
	struct jt_event e;

	hash_parts(cut, is.parts);
	jt_event_cut(&e, node->me, cut);
	jt_world_record(w, &e);
	if (!node->correct)
		return;
	if (cut->number != ++node->cuts)
		jt_judge_broken(w, "v%u left out a cut", node->me + 1);
	if (node->cuts <= w->cut_count) {
		was = &w->cuts[node->cuts - 1];
		if (was->time != is.time || memcmp(was->leader.id, is.leader.id, JT_HASH) != 0 ||
		    memcmp(was->parts, is.parts, JT_HASH) != 0)
			jt_judge_broken(w, "v%u ended ledger %zu in another way", node->me + 1,
			    node->cuts);
		return;
	}
	w->cuts = jt_world_grow(w, w->cuts, w->cut_count, &w->cut_cap, sizeof *w->cuts);
	if (w->no_memory)
		return;
	if (w->cut_count > 0 && w->cuts[w->cut_count - 1].time >= is.time)
		jt_judge_broken(w, "ledger %zu is not later than the one before", node->cuts);
	w->cuts[w->cut_count++] = is;
	w->r->cuts++;
	note_items(w, cut);
}

/*
 * By how many leaders was a slot decided, each by the next? Directly: 0. A chain
 * has a wave of rounds for each of them, and the coin is against each with the
 * same chance (rbft.md 7.2).
 */
static uint32_t
count_waves(const struct jt_rule *rule, const struct jt_slot *s)
{
	uint32_t waves = 0;

	while (s->reason == JT_ANCHOR_HAS || s->reason == JT_ANCHOR_LACKS) {
		const struct jt_slot *anchor = NULL;
		for (uint32_t k = 0; k < rule->leaders; k++) {
			const struct jt_slot *a = jt_rule_slot(rule, s->anchor.round, k);
			if (a != NULL && a->leader == s->anchor.author)
				anchor = a;
		}
		waves++;
		if (anchor == NULL)
			break;
		s = anchor;
	}
	return waves;
}

static void
count_decision(struct jt_node *node, uint32_t round, const struct jt_slot *s)
{
	struct jt_sim_result *r = node->w->r;
	uint32_t waited = jt_voter_dag(node->voter)->high - round;
	uint32_t waves = count_waves(jt_voter_rule(node->voter), s);

	r->slots++;
	r->committed += s->verdict == JT_COMMITTED;
	r->skipped += s->verdict == JT_SKIPPED;
	r->waves[waves < JT_SIM_WAVES ? waves : JT_SIM_WAVES]++;
	r->waited[waited < JT_SIM_ROUNDS ? waited : JT_SIM_ROUNDS]++;
	/* Slots are decided in their order. */
	node->w->flips++;
	if (s->reason == JT_CERTIFIED) {
		r->flips[node->w->flips < JT_SIM_ROUNDS ? node->w->flips : JT_SIM_ROUNDS]++;
		node->w->flips = 0;
	}
}

void
jt_judge_coin(struct jt_node *node, uint32_t round, const struct jt_voter_share *shares,
    size_t count)
{
	struct jt_world *w = node->w;
	struct jt_voter_set authors = { { 0 } };
	uint8_t right[JT_SHARE_MAX];

	for (size_t i = 0; i < count && jt_voter_set_count(&authors) < w->c.t; i++)
		if (shares[i].len > 0 && shares[i].len == w->crypto->share(w, shares[i].author, round,
		    right) && memcmp(shares[i].bytes, right, shares[i].len) == 0)
			jt_voter_set_add(&authors, shares[i].author);
	if (jt_voter_set_count(&authors) < w->c.t)
		jt_judge_broken(w, "v%u made the coin of round %u from the right shares of %u",
		    node->me + 1, round, jt_voter_set_count(&authors));
}

void
jt_judge_decided(struct jt_node *node, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	struct jt_world *w = node->w;
	size_t at = (size_t)round * w->t.leaders + slot;
	struct jt_world_slot *was;
	struct jt_event e;

	jt_event_decision(&e, node->me, round, slot, s);
	jt_world_record(w, &e);
	if (!node->correct)
		return;
	if (s->cert_count > 1 && w->t.mutant == JT_RULE_RIGHT)
		jt_judge_broken(w, "v%u has certificates of two blocks of round %u", node->me + 1, round);
	while (at >= w->slot_cap) {
		size_t old = w->slot_cap;
		w->slots = jt_world_grow(w, w->slots, old, &w->slot_cap, sizeof *w->slots);
		if (w->no_memory)
			return;
		memset(w->slots + old, 0, (w->slot_cap - old) * sizeof *w->slots);
	}
	was = &w->slots[at];
	if (!was->decided) {
		was->decided = true;
		was->verdict = s->verdict;
		if (s->block != NULL)
			memcpy(was->block, s->block->ref.id, JT_HASH);
		count_decision(node, round, s);
	} else if (was->verdict != s->verdict || (s->block != NULL &&
	    memcmp(was->block, s->block->ref.id, JT_HASH) != 0))
		jt_judge_broken(w, "v%u decided round %u as %s, another one as %s", node->me + 1, round,
		    jt_verdict_words[s->verdict], jt_verdict_words[was->verdict]);
}

void
jt_judge_received(struct jt_node *node, uint32_t from)
{
	struct jt_world *w = node->w;
	uint32_t high, next;

	if (node->voter == NULL || !node->correct)
		return;
	if (!(w->t.without >> JT_NO_CAPS & 1) &&
	    jt_voter_suspended_of(node->voter, from) > JT_SUSPENDED_MAX)
		jt_judge_broken(w, "v%u keeps too many blocks of v%u waiting", node->me + 1, from + 1);
	high = jt_voter_dag(node->voter)->high;
	next = jt_voter_rule(node->voter)->next_round;
	if (high >= next + JT_DECIDING && high - next - JT_DECIDING + 1 > w->r->undecided)
		w->r->undecided = high - next - JT_DECIDING + 1;
}

/*
 * All is quiet: was everything done? Of the last blocks some voters may not know
 * yet that they are decided: faulty authors told only some. Those hold nothing.
 * And who is gone, or has lost its log, may have had what only faulty authors have
 * besides, who do not give it: what it sent waits until the horizon passes.
 */
void
jt_judge_end(struct jt_world *w)
{
	size_t full = w->log_count;

	while (full > 0 && w->log[full - 1]->block.items == 0)
		full--;
	for (uint32_t i = 0; i < w->c.n; i++) {
		const struct jt_node *node = &w->nodes[i];
		if (!node->correct || node->voter == NULL)
			continue;
		if (node->delivered < full || node->cuts != w->cut_count)
			jt_judge_broken(w, "v%u fell silent at block %zu of %zu, ledger %zu of %zu",
			    i + 1, node->delivered, full, node->cuts, w->cut_count);
		for (uint32_t k = 0; k < w->c.n; k++)
			if (w->nodes[k].correct && w->nodes[k].voter != NULL &&
			    w->nodes[k].losses == 0 && jt_voter_suspended_of(node->voter, k) > 0)
				jt_judge_broken(w, "v%u still waits for ancestors of what v%u sent",
				    i + 1, k + 1);
	}
	for (uint32_t i = 0; i < w->given; i++) {
		const struct jt_node *owner = &w->nodes[w->items[i].owner];
		if (owner->correct && owner->voter != NULL && w->items[i].cuts == 0)
			jt_judge_broken(w, "item %" PRIu32 " of v%u is in no ledger", i, owner->me + 1);
	}
}
