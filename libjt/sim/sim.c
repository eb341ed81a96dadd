/* A simulated vote: the world and its voters. See sim.h. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "crypto/sample.h"
#include "sim/world.h"
#include "vote/mark.h"

const char *const jt_fault_words[] = {
	"fifo", "lifo", "slow", "aim", "partition", "duplicate", "crash", "restart", "twins",
	"withhold", "badshare", "stale", "flood", "hello", "known", "beyond", NULL
};
const char *const jt_fault_help[] = {
	"messages come in order, with random delays",
	"the newest message comes first",
	"f correct voters get everything late",
	"blocks of the elected leader come last",
	"two halves hear nothing of each other for a while",
	"messages come twice and out of order",
	"voters stop for good",
	"voters stop, and begin again from their logs",
	"voters make several blocks of one round, each for some",
	"voters send their blocks to f+1 others alone",
	"voters give wrong shares of the coin, or none",
	"voters send old blocks again and again",
	"voters send requests without end",
	"voters lie about what they have",
	"leaders in turn instead of the coin",
	"one faulty voter more than the vote bears",
	NULL
};

#define HAS(mask, fault) ((mask) >> (fault) & 1)

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
		return NULL;
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
	struct jt_run_ref refs[2 * JT_VOTERS_MAX];
	struct jt_event e = { .what = JT_EVENT_BLOCK, .from = b->ref.author + 1 };

	for (uint32_t i = 0; i < b->parent_count; i++) {
		refs[i] = (struct jt_run_ref){ .author = b->parents[i].author + 1,
			.round = b->parents[i].round };
		memcpy(refs[i].id, b->parents[i].id, JT_HASH);
	}
	e.block = (struct jt_run_block){ .author = b->ref.author + 1, .items = b->items,
		.parents = { refs, b->parent_count }, .round = b->ref.round, .time = b->time };
	memcpy(e.block.id, b->ref.id, JT_HASH);
	jt_world_record(w, &e);
}

/* Give a block its id, and keep it. */
struct jt_made *
jt_world_make(struct jt_world *w, struct jt_block *b, const struct jt_own_item *items,
    size_t count)
{
	struct jt_made *m = calloc(1, sizeof *m);
	struct jt_ref *parents = calloc(b->parent_count, sizeof *parents);
	uint64_t name[2] = { w->t.seed, w->made_count };

	if (m == NULL || parents == NULL || (m->items = calloc(count + 1, sizeof *m->items)) == NULL) {
		free(parents);
		free(m);
		w->no_memory = true;
		return NULL;
	}
	jt_hash(b->ref.id, (struct jt_slice){ (uint8_t *)name, sizeof name });
	memcpy(parents, b->parents, b->parent_count * sizeof *parents);
	for (size_t i = 0; i < count; i++)
		m->items[i] = items[i].handle;
	b->payload = m;
	m->block = *b;
	m->block.parents = parents;
	if (!add_made(w, m)) {
		w->no_memory = true;
		return NULL;
	}
	w->r->blocks++;
	if (b->ref.round > w->r->rounds)
		w->r->rounds = b->ref.round;
	record_block(w, b);
	return m;
}

/* ---- the coin ---- */

void
jt_world_coin(const struct jt_world *w, uint32_t round, uint8_t out[64])
{
	uint64_t name[4] = { 0x636f696e, w->t.seed, round, 0 };
	uint32_t leader;

	/* Leaders in turn: the first coin that elects the one whose turn it is. */
	do {
		crypto_generichash(out, 64, (const uint8_t *)name, sizeof name, NULL, 0);
		name[3]++;
		jt_sample(out, 64, w->c.n, 1, &leader);
	} while (HAS(w->t.faults, JT_SIM_KNOWN) && leader != round % w->c.n);
}

uint32_t
jt_world_leader(struct jt_world *w, uint32_t round)
{
	uint8_t coin[64];
	uint32_t leader;

	/* Schedulers ask often: remember. 0 is not yet worked out. */
	while (round >= w->leader_cap) {
		size_t old = w->leader_cap;
		w->leaders = jt_world_grow(w, w->leaders, old, &w->leader_cap, sizeof *w->leaders);
		if (w->leaders == NULL) {
			w->leader_cap = 0;
			return 0;
		}
		memset(w->leaders + old, 0, (w->leader_cap - old) * sizeof *w->leaders);
	}
	if (w->leaders[round] == 0) {
		jt_world_coin(w, round, coin);
		jt_sample(coin, 64, w->c.n, 1, &leader);
		w->leaders[round] = leader + 1;
	}
	return w->leaders[round] - 1;
}

/* ---- what voters do ---- */

void
jt_world_send(struct jt_world *w, struct jt_packet p)
{
	struct jt_packet *kept = malloc(sizeof *kept);

	w->queue = jt_world_grow(w, w->queue, w->queued, &w->queue_cap, sizeof(*w->queue));
	if (kept == NULL || w->queue == NULL) {
		free(p.list);
		free(kept);
		w->no_memory = true;
		return;
	}
	p.number = ++w->sent;
	p.delay = (uint32_t)jt_world_random(w, 64);
	*kept = p;
	w->queue[w->queued++] = kept;
}

static void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	struct jt_node *node = ctx;
	struct jt_made *m;

	b->time = node->w->clock + node->me % 3; /* clocks are not quite alike */
	m = jt_world_make(node->w, b, items, count);
	if (m != NULL)
		jt_judge_made(node, m);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < node->item_count; k++)
			if (node->items[k] == items[i].handle)
				node->states[k] = JT_ITEM_IN_BLOCK;
	if (node->correct && b->ref.round > JT_DECIDING &&
	    b->ref.round - JT_DECIDING > node->w->known_coin)
		node->w->known_coin = b->ref.round - JT_DECIDING;
}

static void
persist(void *ctx, const struct jt_block *b, bool own)
{
	struct jt_node *node = ctx;

	node->log = jt_world_grow(node->w, node->log, node->log_count, &node->log_cap,
	    sizeof(*node->log));
	node->own = jt_world_grow(node->w, node->own, node->own_count, &node->own_cap,
	    sizeof(*node->own));
	if (node->log == NULL || node->own == NULL)
		return;
	node->log[node->log_count++] = jt_world_find(node->w, b->ref.id);
	if (own)
		node->own[node->own_count++] = node->log[node->log_count - 1];
	jt_voter_set_add(&node->log[node->log_count - 1]->held, node->me);
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
	if (!node->correct) {
		jt_behave_block(node, to, ref);
		return;
	}
	for (uint32_t i = 0; i < node->w->c.n; i++)
		if (i != node->me && (to == JT_ALL || to == i))
			jt_world_send(node->w, (struct jt_packet){ .type = JT_PACKET_BLOCK,
			    .from = node->me, .to = i, .ref = *ref });
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

	if (!node->killed && (list = copy_list(node->w, refs, count * sizeof *refs)) != NULL)
		jt_world_send(node->w, (struct jt_packet){ .type = JT_PACKET_GET,
		    .from = node->me, .to = to, .count = (uint32_t)count, .list = list });
}

static void
send_hello(void *ctx, uint32_t to, const struct jt_hello *hello)
{
	struct jt_node *node = ctx;
	struct jt_hello *h;

	if (node->killed || (h = copy_list(node->w, hello, sizeof *h)) == NULL)
		return;
	if (HAS(node->faults, JT_SIM_HELLO))
		jt_behave_hello(node, h);
	jt_world_send(node->w, (struct jt_packet){ .type = JT_PACKET_HELLO, .from = node->me,
	    .to = to, .list = h });
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
	out[0] = 1;
	return 1;
}

static bool
coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	struct jt_node *node = ctx;
	struct jt_number_item leaders[JT_LEADERS_MAX];
	struct jt_event e = { .what = JT_EVENT_COIN, .to = node->me + 1, .round = round,
		.leaders = { leaders, node->w->t.leaders } };
	uint32_t drawn[JT_LEADERS_MAX], good = 0;

	for (size_t i = 0; i < count; i++)
		good += shares[i].len == 1 && shares[i].bytes[0] == 1;
	if (good < node->w->c.t)
		return false;
	jt_world_coin(node->w, round, out);
	jt_sample(out, 64, node->w->c.n, node->w->t.leaders, drawn);
	for (uint32_t i = 0; i < node->w->t.leaders; i++)
		leaders[i].number = drawn[i] + 1;
	jt_world_record(node->w, &e);
	return true;
}

/* The payload of a block that fell behind: to be given again when the voter is free. */
static void
returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	struct jt_node *node = ctx;
	const struct jt_made *m = payload;

	(void)ref;
	for (uint32_t i = 0; i < m->block.items; i++)
		for (size_t k = 0; k < node->item_count; k++)
			if (node->items[k] == m->items[i])
				node->states[k] = JT_ITEM_WAITS;
}

static void
decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	jt_judge_decided(ctx, round, slot, s);
}

static void
deliver(void *ctx, const struct jt_vertex *v)
{
	jt_judge_delivered(ctx, v);
}

static void
cut(void *ctx, const struct jt_decided_cut *c)
{
	jt_judge_cut(ctx, c);
}

static const struct jt_voter_ops voter_ops = {
	seal, persist, send_block, send_get, send_hello, evidence, share, coin,
	returned, decided, { deliver, cut }, own_above, NULL, NULL,
};

/* ---- starting and stopping ---- */

static void
check(struct jt_world *w, enum jt_err err, const struct jt_error *e)
{
	/* What faulty voters send may be refused; anything else is our fault. */
	if (err == JT_SYSTEM)
		w->no_memory = true;
	else if (err != JT_OK && err != JT_MALFORMED)
		jt_judge_broken(w, "a voter failed: %s", e->text);
}

/* Items that are in no block of its own that can still be delivered. */
static void
give_again(struct jt_node *node)
{
	struct jt_error e;

	for (size_t k = 0; node->voter != NULL && k < node->item_count; k++)
		if (node->states[k] == JT_ITEM_WAITS) {
			struct jt_own_item item = { node->items[k], 100 };
			node->states[k] = JT_ITEM_IN_BLOCK; /* pending, or in one */
			check(node->w, jt_voter_payload(node->voter, &item, &e), &e);
		}
}

/* ---- from a log ---- */

static void
set_state(struct jt_node *node, const struct jt_made *m, enum jt_item_state state)
{
	for (uint32_t i = 0; m->block.ref.author == node->me && i < m->block.items; i++)
		for (size_t k = 0; k < node->item_count; k++)
			if (node->items[k] == m->items[i])
				node->states[k] = state;
}

/* Write down where it stands: into a stream of objects, as a log is. */
static void
take_mark(struct jt_node *node)
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
}

/* The horizon of the mark that it begins with. */
static uint32_t
restore_mark(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_mark_waiting *waiting;
	struct jt_object o;
	struct jt_mark m;
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 4096) ||
	    jt_object_parse(jt_buf_slice(&node->mark), &o, &e) != JT_OK ||
	    jt_kind_read(&jt_kind_mark, &o, &m, &zone, &e) != JT_OK) {
		w->no_memory = true;
		return 0;
	}
	waiting = m.waiting.items;
	for (uint32_t i = 0; i < m.waiting.count; i++)
		waiting[i].payload = jt_world_find(w, waiting[i].id);
	check(w, jt_voter_restore_mark(node->voter, &m, &e), &e);
	msgpack_zone_destroy(&zone);
	node->delivered = node->mark_delivered;
	node->cuts = node->mark_cuts;
	return (uint32_t)m.low;
}

static void
restore(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_error e;
	uint32_t low = 0;

	for (size_t k = 0; k < node->item_count; k++)
		node->states[k] = JT_ITEM_WAITS;
	if (node->mark.len > 0 && jt_world_random(w, 3) != 0)
		low = restore_mark(node);
	for (size_t i = 0; i < node->log_count; i++)
		if (node->log[i]->block.ref.round > low)
			set_state(node, node->log[i], JT_ITEM_IN_BLOCK);
	for (size_t i = 0; i < node->delivered; i++)
		set_state(node, w->log[i], JT_ITEM_DELIVERED);
	/* What it restores may come from before the mark, and need not. */
	for (size_t i = 0; i < node->log_count; i++)
		check(w, jt_voter_restore(node->voter, &node->log[i]->block, &e), &e);
	check(w, jt_voter_resume(node->voter, &e), &e);
}

void
jt_node_start(struct jt_node *node)
{
	struct jt_world *w = node->w;
	struct jt_voter_terms terms = jt_voter_usual;
	uint8_t seed[JT_HASH] = { 0 };

	terms.leaders = w->t.leaders;
	terms.no_novelty = w->t.no_novelty;
	terms.no_catchup_jump = w->t.no_catchup_jump;
	terms.budget_fetch = w->t.budget_fetch;
	terms.skip_weak_links = w->t.skip_weak_links;
	node->killed = node->kill_next = false;
	node->delivered = node->cuts = 0;
	node->voter = jt_voter_new(w->c.n, node->me, seed, &terms, &voter_ops, node);
	if (node->voter == NULL) {
		w->no_memory = true;
		return;
	}
	jt_voter_mutate(node->voter, w->t.mutant);
	if (node->log_count > 0)
		restore(node);
}

/* The others' links to it break, or are there again. */
static void
tell_others(struct jt_node *node, bool up)
{
	struct jt_world *w = node->w;
	struct jt_error e;

	for (uint32_t i = 0; i < w->c.n; i++)
		if (i != node->me && w->nodes[i].voter != NULL)
			check(w, jt_voter_peer(w->nodes[i].voter, node->me, up, &e), &e);
}

void
jt_node_stop(struct jt_node *node)
{
	struct jt_event e = { .what = JT_EVENT_CRASH, .to = node->me + 1 };

	jt_voter_free(node->voter);
	node->voter = NULL;
	jt_world_record(node->w, &e);
	tell_others(node, false);
}

/* ---- the course of a run ---- */

static void
free_packet(struct jt_packet *p)
{
	free(p->list);
	free(p);
}

static void
receive(struct jt_world *w, struct jt_packet *p)
{
	struct jt_node *node = &w->nodes[p->to];
	struct jt_event ev = { .what = JT_EVENT_RECEIVE, .from = p->from + 1, .to = p->to + 1,
		.message = w->r->messages };
	struct jt_error e;

	if (node->voter == NULL)
		return;
	if (p->type == JT_PACKET_BLOCK) {
		memcpy(ev.ref, p->ref.id, JT_HASH);
		ev.round = p->ref.round;
		jt_world_record(w, &ev);
		check(w, jt_voter_block(node->voter, p->from,
		    &jt_world_find(w, p->ref.id)->block, &e), &e);
	} else if (p->type == JT_PACKET_GET)
		check(w, jt_voter_get(node->voter, p->from, p->list, p->count, &e), &e);
	else
		check(w, jt_voter_hello(node->voter, p->from, p->list, &e), &e);
	if (node->killed)
		jt_node_stop(node);
	else
		give_again(node);
	if (node->voter != NULL && HAS(node->faults, JT_SIM_RESTART) && jt_world_random(w, 20) == 0)
		take_mark(node);
	if (!node->correct && node->voter != NULL)
		jt_behave_idle(node);
}

static void
give_item(struct jt_world *w)
{
	struct jt_node *node = &w->nodes[jt_world_random(w, w->c.n)];
	size_t cap = node->item_cap;

	if (!node->correct || node->voter == NULL || HAS(node->faults, JT_SIM_CRASH))
		return; /* another time, another voter */
	node->items = jt_world_grow(w, node->items, node->item_count, &node->item_cap,
	    sizeof *node->items);
	node->states = jt_world_grow(w, node->states, node->item_count, &cap,
	    sizeof *node->states);
	if (node->items == NULL || node->states == NULL)
		return;
	node->items[node->item_count] = w->given++;
	node->states[node->item_count++] = JT_ITEM_WAITS;
	give_again(node);
}

bool
jt_world_lags(const struct jt_world *w, const struct jt_node *node)
{
	uint32_t own = node->log_count == 0 ? 0
	    : node->log[node->log_count - 1]->block.ref.round;

	return own + JT_DEPTH / 4 < w->r->rounds;
}

/* Voters with this fault go down now and then, and come back. */
static void
let_crash(struct jt_world *w)
{
	struct jt_node *node = &w->nodes[jt_world_random(w, w->c.n)];

	if (!w->fair && node->voter != NULL && HAS(node->faults, JT_SIM_CRASH) &&
	    jt_world_random(w, 400) == 0)
		jt_node_stop(node);
	if (!w->fair && node->voter != NULL && HAS(node->faults, JT_SIM_RESTART) &&
	    jt_world_random(w, 60) == 0) {
		node->back_at = w->r->messages + 1 + jt_world_random(w, 300);
		if (jt_world_random(w, 2) == 0)
			node->kill_next = true;
		else
			jt_node_stop(node);
	}
	for (uint32_t i = 0; i < w->c.n; i++) {
		node = &w->nodes[i];
		if (node->voter == NULL && HAS(node->faults, JT_SIM_RESTART) &&
		    (w->fair || w->r->messages >= node->back_at || jt_world_lags(w, node))) {
			struct jt_event e = { .what = JT_EVENT_RESTART, .to = node->me + 1 };
			jt_world_record(w, &e);
			jt_node_start(node);
			tell_others(node, true);
			give_again(node);
		}
	}
}

static bool
all_back(const struct jt_world *w)
{
	for (uint32_t i = 0; i < w->c.n; i++)
		if (w->nodes[i].voter == NULL && HAS(w->nodes[i].faults, JT_SIM_RESTART))
			return false;
	return true;
}

/* From now on the network is fair, and what was promised must come true. */
static void
become_fair(struct jt_world *w)
{
	struct jt_error e;

	w->fair = true;
	w->fair_at = w->r->messages;
	for (uint32_t i = 0; i < w->c.n; i++)
		for (uint32_t k = 0; k < w->c.n; k++)
			if (i != k && w->nodes[i].voter != NULL && w->nodes[k].voter != NULL)
				check(w, jt_voter_peer(w->nodes[i].voter, k, true, &e), &e);
}

static void
run(struct jt_world *w)
{
	uint64_t hostile = 20000 + (uint64_t)w->c.n * w->c.n * 100;
	uint64_t most = 10 * hostile;

	while (!w->r->broken && !w->no_memory) {
		size_t at;

		if (w->t.messages > 0 && w->r->messages >= w->t.messages)
			return;
		if (w->given < w->t.items && (w->queued == 0 || jt_world_random(w, 40) == 0))
			give_item(w);
		let_crash(w);
		/* Voters that stop again and again can keep everybody busy. */
		if (!w->fair && w->r->messages > hostile && w->given == w->t.items)
			become_fair(w);
		at = jt_world_choose(w);
		if (at != SIZE_MAX) {
			struct jt_packet *p = w->queue[at];
			w->queue[at] = w->queue[--w->queued];
			w->r->messages++;
			w->clock += jt_world_random(w, 3);
			receive(w, p);
			free_packet(p);
		} else if (w->given == w->t.items && !w->fair)
			become_fair(w);
		else if (w->given == w->t.items && w->queued == 0 && all_back(w))
			return;
		if (w->r->messages > most) {
			jt_judge_broken(w, "no silence after %llu messages",
			    (unsigned long long)w->r->messages);
			return;
		}
	}
}

static void
give_fault(struct jt_node *node, uint32_t fault)
{
	node->faults |= 1U << fault;
	if (fault != JT_SIM_CRASH && fault != JT_SIM_RESTART)
		node->correct = false;
}

/* Who gets which fault: faulty voters first, then those who are only slow or crash. */
static void
hand_out(struct jt_world *w)
{
	uint32_t room = w->c.f + HAS(w->t.faults, JT_SIM_BEYOND), order[JT_VOTERS_MAX], next = 0;
	uint8_t seed[8];

	jt_put_be64(seed, w->t.seed);
	jt_sample(seed, sizeof seed, w->c.n, w->c.n, order);
	for (uint32_t i = 0; i < w->c.n; i++)
		w->nodes[i].correct = true;
	if (room > w->c.n)
		room = w->c.n;
	for (uint32_t fault = JT_SIM_CRASH; fault < JT_SIM_KNOWN; fault++)
		for (uint32_t k = 0; HAS(w->t.faults, fault) && k < w->t.bad[fault] && next < room; k++)
			give_fault(&w->nodes[order[next++]], fault);
	/* Those without a number share what room is left, by chance. */
	for (uint32_t tries = 0; next < room && tries < 64; tries++) {
		uint32_t fault = JT_SIM_CRASH + (uint32_t)jt_world_random(w, JT_SIM_KNOWN - JT_SIM_CRASH);
		if (HAS(w->t.faults, fault) && w->t.bad[fault] == 0)
			give_fault(&w->nodes[order[next++]], fault);
	}
	for (uint32_t i = 0; HAS(w->t.faults, JT_SIM_SLOW) && i < w->c.f; i++)
		w->nodes[order[w->c.n - 1 - i]].faults |= 1U << JT_SIM_SLOW;
}

static void
free_world(struct jt_world *w)
{
	for (uint32_t i = 0; w->nodes != NULL && i < w->c.n; i++) {
		jt_voter_free(w->nodes[i].voter);
		free(w->nodes[i].log);
		free(w->nodes[i].own);
		jt_buf_free(&w->nodes[i].mark);
		free(w->nodes[i].items);
		free(w->nodes[i].states);
	}
	for (size_t i = 0; i < w->queued; i++)
		free_packet(w->queue[i]);
	for (size_t i = 0; i < w->made_cap; i++)
		if (w->made[i] != NULL) {
			free((void *)(uintptr_t)w->made[i]->block.parents);
			free(w->made[i]->items);
			free(w->made[i]);
		}
	free(w->nodes);
	free(w->queue);
	free(w->made);
	free(w->log);
	free(w->cuts);
	free(w->slots);
	free(w->leaders);
	free(w->item_cut);
}

enum jt_err
jt_sim_run(const struct jt_sim_terms *t, struct jt_sim_result *r, struct jt_error *e)
{
	struct jt_world w = { .t = *t, .r = r, .random = t->seed };

	*r = (struct jt_sim_result){ 0 };
	if (t->n < 1 || t->n > JT_VOTERS_MAX || t->leaders < 1 || t->leaders > JT_LEADERS_MAX ||
	    t->leaders > t->n)
		return jt_fail(e, JT_USAGE, "voters or leaders are out of bounds");
	w.c = jt_committee_of(t->n);
	w.clock = 1000;
	w.nodes = calloc(t->n, sizeof *w.nodes);
	w.item_cut = calloc(t->items + 1, 1);
	if (w.nodes == NULL || w.item_cut == NULL) {
		free_world(&w);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	for (uint32_t i = 0; i < t->n; i++) {
		w.nodes[i].w = &w;
		w.nodes[i].me = i;
		jt_buf_init(&w.nodes[i].mark, JT_OBJECT_MAX);
	}
	hand_out(&w);
	for (uint32_t i = 0; i < t->n; i++)
		jt_node_start(&w.nodes[i]);
	run(&w);
	if (!r->broken && t->messages == 0)
		jt_judge_end(&w);
	free_world(&w);
	return w.no_memory ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}

void
jt_sim_mix(struct jt_sim_terms *t)
{
	struct jt_world w = { .random = t->seed ^ UINT64_C(0x6d6978) };
	uint32_t schedules = (uint32_t)jt_world_random(&w, 3), behaviours =
	    (uint32_t)jt_world_random(&w, 4);

	t->faults = 0;
	while (schedules-- > 0)
		t->faults |= 1U << jt_world_random(&w, JT_SIM_CRASH);
	while (behaviours-- > 0)
		t->faults |= 1U << (JT_SIM_CRASH + jt_world_random(&w, JT_SIM_KNOWN - JT_SIM_CRASH));
}
