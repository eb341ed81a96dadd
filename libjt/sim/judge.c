/*
 * The invariants of a vote, checked at every step (rbft 7.2):
 *
 *	decisions   of a slot are the same at all correct voters, for ever
 *	order       all deliver the same blocks in the same order, from the start
 *	cuts        and end ledgers at the same places, with the same time
 *	integrity   no block and no item comes twice, none that nobody made
 *	one block   a correct voter makes one block a round, restarts or not
 *	validity    when the network is fair, every item of a correct voter is in a ledger
 *	silence     and then nobody says anything more
 *
 * After a restart a voter goes through its log again, and is judged again from
 * the start.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
	va_start(ap, fmt);
	vsnprintf(w->r->why, sizeof w->r->why, fmt, ap);
	va_end(ap);
	e.note = jt_slice_text(w->r->why);
	jt_world_record(w, &e);
}

void
jt_judge_made(struct jt_node *node, const struct jt_made *m)
{
	if (!node->correct)
		return;
	/* Its log has what it made before, across restarts. */
	for (size_t i = node->log_count; i-- > 0;) {
		const struct jt_ref *ref = &node->log[i]->block.ref;
		if (ref->author == node->me && ref->round >= m->block.ref.round) {
			jt_judge_broken(node->w, "v%u made a second block of round %u",
			    node->me + 1, m->block.ref.round);
			return;
		}
		if (ref->author == node->me)
			return;
	}
}

static void
mark_items(struct jt_node *node, const struct jt_made *m)
{
	for (uint32_t i = 0; i < m->block.items; i++)
		for (size_t k = 0; k < node->item_count; k++)
			if (node->items[k] == m->items[i])
				node->states[k] = JT_ITEM_DELIVERED;
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
	if (v->ref.author == node->me)
		mark_items(node, m);
	if (!node->correct)
		return;
	if (node->delivered < w->log_count) {
		if (w->log[node->delivered++] != m)
			jt_judge_broken(w, "v%u delivered another block as number %zu", node->me + 1,
			    node->delivered);
		return;
	}
	w->log = jt_world_grow(w, w->log, w->log_count, &w->log_cap, sizeof(*w->log));
	if (w->log == NULL)
		return;
	for (size_t i = w->log_count; i-- > 0 && w->log_count - i < 4096;)
		if (w->log[i] == m)
			jt_judge_broken(w, "v%u delivered a block twice", node->me + 1);
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
		for (uint32_t k = 0; k < m->block.items; k++) {
			uint64_t handle = m->items[k];
			if (w->nodes[m->block.ref.author].correct && w->item_cut[handle]++ > 0)
				jt_judge_broken(w, "item %" PRIu64 " is in two ledgers", handle);
		}
	}
}

void
jt_judge_cut(struct jt_node *node, const struct jt_decided_cut *cut)
{
	struct jt_world *w = node->w;
	struct jt_world_cut is = { .leader = cut->leader, .time = cut->time }, *was;
	struct jt_event e = { .what = JT_EVENT_CUT, .to = node->me + 1, .round = cut->leader.round,
		.ledger = cut->number };

	hash_parts(cut, is.parts);
	memcpy(e.ref, cut->leader.id, JT_HASH);
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
	if (w->cuts == NULL)
		return;
	if (w->cut_count > 0 && w->cuts[w->cut_count - 1].time >= is.time)
		jt_judge_broken(w, "ledger %zu is not later than the one before", node->cuts);
	w->cuts[w->cut_count++] = is;
	w->r->cuts++;
	note_items(w, cut);
}

static void
count_decision(struct jt_node *node, uint32_t round, const struct jt_slot *s)
{
	struct jt_sim_result *r = node->w->r;
	uint32_t waited = jt_voter_dag(node->voter)->high - round;

	r->slots++;
	r->committed += s->verdict == JT_COMMITTED;
	r->skipped += s->verdict == JT_SKIPPED;
	r->indirect += s->reason == JT_ANCHOR_HAS || s->reason == JT_ANCHOR_LACKS;
	if (waited > r->slowest)
		r->slowest = waited;
}

static void
record_decision(struct jt_node *node, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	struct jt_event e = { .what = JT_EVENT_DECIDE, .to = node->me + 1, .round = round,
		.slot = slot };

	e.decision = (struct jt_run_decision){ .leader = s->leader + 1, .verdict = s->verdict,
		.reason = s->reason };
	if (s->block != NULL)
		memcpy(e.decision.block, s->block->ref.id, JT_HASH);
	if (s->reason == JT_ANCHOR_HAS || s->reason == JT_ANCHOR_LACKS) {
		e.decision.anchor = (struct jt_run_ref){ .author = s->anchor.author + 1,
			.round = s->anchor.round };
		memcpy(e.decision.anchor.id, s->anchor.id, JT_HASH);
	}
	jt_world_record(node->w, &e);
}

void
jt_judge_decided(struct jt_node *node, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	struct jt_world *w = node->w;
	size_t at = (size_t)round * w->t.leaders + slot;
	struct jt_world_slot *was;

	record_decision(node, round, slot, s);
	if (!node->correct)
		return;
	while (at >= w->slot_cap) {
		size_t old = w->slot_cap;
		w->slots = jt_world_grow(w, w->slots, old, &w->slot_cap, sizeof *w->slots);
		if (w->slots == NULL) {
			w->slot_cap = 0;
			return;
		}
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

/* All is quiet: was everything done? */
void
jt_judge_end(struct jt_world *w)
{
	for (uint32_t i = 0; i < w->c.n; i++) {
		const struct jt_node *node = &w->nodes[i];
		if (!node->correct || node->voter == NULL)
			continue;
		if (node->delivered != w->log_count || node->cuts != w->cut_count)
			jt_judge_broken(w, "v%u fell silent at block %zu of %zu, ledger %zu of %zu",
			    i + 1, node->delivered, w->log_count, node->cuts, w->cut_count);
		if (jt_voter_suspended(node->voter) > 0)
			jt_judge_broken(w, "v%u still waits for blocks", i + 1);
		for (size_t k = 0; k < node->item_count; k++)
			if (w->item_cut[node->items[k]] == 0)
				jt_judge_broken(w, "item %" PRIu64 " of v%u is in no ledger",
				    node->items[k], i + 1);
	}
}
