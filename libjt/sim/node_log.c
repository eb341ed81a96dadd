/*
 * A simulated vote: the log of one voter.
 *
 * What it persists is durable when the next message leaves, not before: so a
 * voter that stops may find at the end of its log a part of what it wrote last.
 */
#include <string.h>

#include "sim/world.h"
#include "vote/mark.h"

/* Write down where it stands: into a stream of objects, as a log is. */
void
jt_node_take_mark(struct jt_node *node)
{
	struct jt_mark m;
	struct jt_error e;

	jt_buf_clear(&node->mark);
	if (jt_voter_mark(node->voter, &m, &e) != JT_OK ||
	    jt_kind_write(&jt_kind_mark, &m, &node->mark, &e) != JT_OK) {
		node->w->no_memory = true;
		return;
	}
	node->mark_delivered = node->delivered;
	node->mark_cuts = node->cuts;
	node->synced = node->log_count;
}

/* Begin at the mark: its horizon. */
static uint32_t
restore_mark(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_mark_waiting *waiting;
	struct jt_object o;
	struct jt_mark m = { 0 };
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 4096)) {
		w->no_memory = true;
		return 0;
	}
	if (jt_object_parse(jt_buf_slice(&node->mark), &o, &e) != JT_OK ||
	    jt_kind_read(&jt_kind_mark, &o, &m, &zone, &e) != JT_OK)
		jt_judge_broken(w, "v%u: its mark: %s", node->me + 1, e.text);
	waiting = m.waiting.items;
	for (uint32_t i = 0; i < m.waiting.count; i++)
		waiting[i].payload = jt_world_find(w, waiting[i].id);
	if (!w->r->broken && jt_voter_restore_mark(node->voter, &m, &e) != JT_OK)
		jt_judge_broken(w, "v%u: its mark: %s", node->me + 1, e.text);
	msgpack_zone_destroy(&zone);
	node->delivered = node->mark_delivered;
	node->cuts = node->mark_cuts;
	return (uint32_t)m.low;
}

void
jt_node_restore(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_error e;
	uint32_t low = 0;

	node->waiting = 0;
	for (uint32_t i = 0; i < w->given; i++)
		if (w->items[i].owner == node->me) {
			w->items[i].state = JT_ITEM_WAITS;
			node->waiting++;
		}
	/* The first block of a log that was lost once is the mark that was found then. */
	if (node->mark.len > 0 && (node->losses > 0 || jt_world_random(w, 3) != 0))
		low = restore_mark(node);
	for (size_t i = 0; i < node->own_count; i++)
		if (node->own[i]->block.ref.round > low)
			jt_node_set_state(node, node->own[i], JT_ITEM_IN_BLOCK);
	for (size_t i = 0; i < node->delivered; i++)
		jt_node_set_state(node, w->log[i], JT_ITEM_DELIVERED);
	for (size_t i = 0; i < node->log_count && !w->r->broken; i++)
		if (jt_voter_restore(node->voter, &node->log[i]->block, &e) != JT_OK)
			jt_judge_broken(w, "v%u: %s", node->me + 1, e.text);
	if (w->r->broken)
		return;
	if (node->lost)
		jt_node_check(w, jt_voter_lost(node->voter, 1 + jt_world_random(w, UINT64_MAX - 1), &e), &e);
	else if (jt_voter_resume(node->voter, &e) != JT_OK)
		jt_judge_broken(w, "v%u: %s", node->me + 1, e.text);
}

/* Take the entry at `at` out of the log. */
static void
lose_entry(struct jt_node *node, size_t at)
{
	struct jt_made *m = node->log[at];

	memmove(&node->log[at], &node->log[at + 1], (--node->log_count - at) * sizeof m);
	m->held.word[node->me / 64] &= ~(UINT64_C(1) << node->me % 64);
	if (node->own_count > 0 && node->own[node->own_count - 1] == m)
		node->own_count--;
}

/*
 * What the crash leaves of the log: what was durable, and by chance more. Without
 * its cone only a block of its own is.
 */
void
jt_node_crash_log(struct jt_node *node)
{
	struct jt_world *w = node->w;
	size_t unsafe = node->log_count - node->synced;

	for (size_t lose = jt_world_random(w, unsafe + 1); lose > 0; lose--)
		lose_entry(node, node->log_count - 1);
	for (size_t back = 0; w->t.without >> JT_NO_CONE & 1 && back < 8 &&
	    back < node->log_count; back++) {
		size_t at = node->log_count - 1 - back;
		if (node->log[at]->block.ref.author != node->me && jt_world_random(w, 2) == 0)
			lose_entry(node, at);
	}
	node->synced = node->log_count;
}

void
jt_node_lose_log(struct jt_node *node)
{
	while (node->log_count > 0)
		lose_entry(node, node->log_count - 1);
	node->own_count = node->synced = 0;
	jt_buf_clear(&node->mark);
	node->losses++;
	node->lost = true;
}
