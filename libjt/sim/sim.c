/*
 * A simulated vote: the course of a run. See sim.h. The parts are
 *
 *	world.c     what all share: blocks, messages under way
 *	crypto.c    signatures and coins, modelled or real
 *	node.c      a voter; node_log.c: its log
 *	schedule.c  which message comes next
 *	behave.c    how faulty voters behave
 *	judge.c     what must hold
 */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "crypto/sample.h"
#include "sim/world.h"

#define HAS JT_SIM_HAS

const char *const jt_fault_words[] = {
	"fifo", "lifo", "slow", "aim", "latecoin", "partition", "duplicate", "crash", "restart",
	"lost", "twins", "cones", "faces", "withhold", "badshare", "silent", "lies", "stale",
	"flood", "hello", "known", "beyond", NULL
};
const char *const jt_fault_help[] = {
	"messages come in order, with random delays",
	"the newest message comes first",
	"some correct voters, f of them, get everything late",
	"blocks of the elected leader reach nobody who is yet to vote on them",
	"the share that reveals a coin comes last",
	"two halves hear nothing of each other for a while",
	"messages come twice and out of order",
	"voters stop for good",
	"voters stop at any point, and begin again from their logs, all of them or from a mark",
	"voters stop, and begin again without their logs",
	"voters make several blocks of one round, each for some",
	"voters hide several chains of blocks for some rounds, then show each to others",
	"voters show one self to one half of the others, and another to the other half",
	"voters send their blocks to f+1 others alone",
	"voters give wrong shares of the coin, or none",
	"voters answer no requests and no hellos",
	"voters make blocks that are wrong about their parents",
	"voters send old blocks again and again",
	"voters send requests without end",
	"voters lie about what they have",
	"leaders in turn instead of the coin",
	"one faulty voter more than the vote bears",
	NULL
};

enum { STOPPING = 1U << JT_SIM_RESTART | 1U << JT_SIM_LOST };

/* ---- items and crashes ---- */

static void
give_item(struct jt_world *w)
{
	struct jt_node *node = &w->nodes[jt_world_random(w, w->c.n)];

	if (!node->correct || node->voter == NULL || HAS(node->faults, JT_SIM_CRASH))
		return; /* another time, another voter */
	w->items[w->given++] = (struct jt_item){ .owner = node->me, .state = JT_ITEM_WAITS };
	node->waiting++;
	jt_node_give(node);
}

static void
begin_again(struct jt_node *node)
{
	struct jt_event e = { .what = JT_EVENT_RESTART, .to = node->me + 1 };

	jt_world_record(node->w, &e);
	jt_node_start(node);
	jt_node_give(node);
}

/* Voters with these faults go down now and then, and come back. */
static void
let_crash(struct jt_world *w)
{
	struct jt_node *node = &w->nodes[jt_world_random(w, w->c.n)];
	bool stops = (node->faults & STOPPING) != 0;

	if (!w->fair && node->voter != NULL && HAS(node->faults, JT_SIM_CRASH) &&
	    jt_world_random(w, 400) == 0)
		jt_node_stop(node);
	if (!w->fair && node->voter != NULL && stops && w->t.kill_at == 0 &&
	    jt_world_random(w, 60) == 0) {
		node->back_at = w->r->messages + 1 + jt_world_random(w, 300);
		if (jt_world_random(w, 2) == 0)
			node->kill_next = true;
		else
			jt_node_stop(node);
	}
	for (uint32_t i = 0; i < w->c.n; i++) {
		node = &w->nodes[i];
		if (node->voter == NULL && (node->faults & STOPPING) != 0 &&
		    (w->fair || w->r->messages >= node->back_at))
			begin_again(node);
	}
}

static bool
all_back(const struct jt_world *w)
{
	for (uint32_t i = 0; i < w->c.n; i++)
		if (w->nodes[i].voter == NULL && (w->nodes[i].faults & STOPPING) != 0)
			return false;
	return true;
}

/* From now on the network is fair, and what was promised must come true. */
static void
become_fair(struct jt_world *w)
{
	w->fair = true;
	for (uint32_t i = 0; i < w->c.n; i++)
		for (uint32_t k = 0; k < w->c.n; k++)
			if (i != k && w->nodes[i].voter != NULL && w->nodes[k].voter != NULL)
				jt_node_peer(&w->nodes[i], k, true);
}

/* ---- the course of a run ---- */

enum {
	PATIENCE = 1000000, /* turns without a message */
	STUCK = 500         /* leader slots that wait at once, and more for each voter (is_stuck) */
};

/*
 * With more faulty voters than it bears a vote may lack the shares of a coin for
 * good, and then no later slot is ever decided, while blocks are made on and on,
 * each of them slower than the one before. So many slots do not wait by chance
 * (rbft.md 7.2): at n = 4 that is 40 rounds, at n = 100 it is 1,400.
 */
static bool
is_stuck(const struct jt_world *w)
{
	return HAS(w->t.faults, JT_SIM_BEYOND) &&
	    w->r->undecided > (STUCK + 20 * w->c.n) * w->t.leaders;
}

static void
deliver_next(struct jt_world *w, size_t at)
{
	struct jt_packet *p = jt_world_take(w, at);

	w->r->messages++;
	w->clock += jt_world_random(w, 3);
	jt_node_receive(jt_world_node(w, p->to, p->face), p);
	jt_packet_free(p);
}

static void
run(struct jt_world *w)
{
	uint64_t square = (uint64_t)w->c.n * w->c.n;
	/* Voters that stop again and again can keep everybody busy: up to here. */
	uint64_t hostile = 20000 + square * 100, most = 10 * hostile;
	/* An item in about three rounds, so that a run has many of them. */
	uint64_t pause = 3 * square;
	uint32_t idle = 0;

	while (!w->r->broken && !w->no_memory) {
		size_t at;

		if (w->t.messages > 0 && w->r->messages >= w->t.messages)
			return;
		if (w->given < w->t.items && (w->queued == 0 || jt_world_random(w, pause) == 0))
			give_item(w);
		let_crash(w);
		if (!w->fair && w->r->messages > hostile && w->given == w->t.items)
			become_fair(w);
		if ((at = jt_world_choose(w)) != SIZE_MAX) {
			deliver_next(w, at);
			idle = 0;
		} else if (++idle > PATIENCE && w->given < w->t.items)
			w->t.items = w->given; /* nobody is there who takes the others */
		else if (w->given == w->t.items && !w->fair)
			become_fair(w);
		else if (w->given == w->t.items && w->queued == 0 && all_back(w))
			return;
		if (is_stuck(w)) {
			jt_judge_broken(w, "%u leader slots wait for a decision", w->r->undecided);
			return;
		}
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
	if (fault != JT_SIM_CRASH && fault != JT_SIM_RESTART && fault != JT_SIM_LOST)
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

static bool
start(struct jt_world *w)
{
	uint32_t n = w->t.n;

	w->c = jt_committee_of(w->t.n);
	w->clock = 1000;
	w->crypto = w->t.real ? &jt_sim_real : &jt_sim_modelled;
	w->nodes = calloc((size_t)n * 2, sizeof *w->nodes);
	w->items = calloc((size_t)w->t.items + 1, sizeof *w->items);
	if (w->nodes == NULL || w->items == NULL || !w->crypto->start(w))
		return false;
	for (uint32_t i = 0; i < 2 * n; i++) {
		w->nodes[i].w = w;
		w->nodes[i].face = i >= n;
		w->nodes[i].me = i >= n ? i - n : i;
		jt_buf_init(&w->nodes[i].mark, JT_OBJECT_MAX);
	}
	hand_out(w);
	for (uint32_t i = 0; i < n; i++)
		jt_node_start(&w->nodes[i]);
	for (uint32_t i = 0; i < n; i++)
		if (HAS(w->nodes[i].faults, JT_SIM_FACES)) {
			w->nodes[n + i].faults = w->nodes[i].faults;
			jt_node_start(&w->nodes[n + i]);
		}
	return !w->no_memory;
}

enum jt_err
jt_sim_run(const struct jt_sim_terms *t, struct jt_sim_result *r, struct jt_error *e)
{
	struct jt_world w = { .t = *t, .r = r, .random = t->seed };

	*r = (struct jt_sim_result){ 0 };
	if (t->n < 1 || t->n > JT_VOTERS_MAX || t->leaders < 1 || t->leaders > JT_LEADERS_MAX ||
	    t->leaders > t->n)
		return jt_fail(e, JT_USAGE, "voters or leaders are out of bounds");
	if (t->real && HAS(t->faults, JT_SIM_KNOWN))
		return jt_fail(e, JT_USAGE, "a real coin elects no leaders in turn");
	if (start(&w)) {
		run(&w);
		if (!r->broken && !w.no_memory && t->messages == 0)
			jt_judge_end(&w);
	} else {
		w.no_memory = true;
	}
	jt_world_free(&w);
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
