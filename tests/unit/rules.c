/*
 * Each rule that was found by attacking an earlier form of the vote (rbft.md
 * 6.8, and some that are ours), with a run that goes well with it and badly
 * without. The rules are the parts that can be left out (without.h).
 *
 * Of 6.8, others are of programs: what may be payload and what pipes carry (1),
 * acknowledgements and shares again (3), attesters (4), what is signed of a
 * block (13), epochs (17); or of the reader (18). There is no part for the
 * first half of (16): what is not decided is kept in memory, about 40 bytes for
 * each parent of each block, and payload in the log. The second half of (6) has
 * no leaders in certified headers to act on: who is behind gets the blocks, or
 * begins at a mark.
 */
#include "net.h"
#include "one.h"
#include "ordered.h"
#include "sim/sim.h"
#include "vote/machine.h"

/* ---- one voter, with blocks in the order given ---- */

static struct told told;

static struct jt_voter *
one_of(uint32_t n, uint32_t without, uint32_t depth)
{
	struct jt_voter_terms terms = silent();

	terms.without = without;
	terms.order.depth = depth;
	return start_one_of(n, &terms, &told);
}

static bool
ends(struct jt_voter *v, bool well)
{
	jt_voter_free(v);
	return well;
}

/* Did it say these words since the last time? */
static bool
did_say(const char *words)
{
	bool said = strstr(told.text, words) != NULL;

	told.len = 0;
	told.text[0] = '\0';
	return said;
}

static bool
ask_again(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);
	struct jt_error e;

	graph_make(&g, 4, "r1!a; r2!a");
	give(v, "b b2");
	did_say("");
	/* The answer is lost with the link. */
	jt_voter_peer(v, 1, false, &e);
	jt_voter_peer(v, 1, true, &e);
	give(v, "b b2");
	return ends(v, did_say("b? b1 c1 d1;"));
}

static bool
beyond(uint32_t without)
{
	struct jt_voter_terms terms = silent();
	struct jt_voter *v;

	terms.ahead = 3;
	terms.without = without;
	v = start_one_of(4, &terms, &told);
	graph_make(&g, 4, "");
	make_rounds(1, 6);
	give(v, "c c6 c5");
	give(v, "b b1 c1 d1");
	give(v, "b b2");
	return ends(v, did_say("c hello"));
}

/* A peer sends blocks whose ancestors never come, the highest first. */
static bool
caps(uint32_t without)
{
	enum { MORE = 40 };
	struct jt_voter_terms terms = silent();
	struct jt_ref parents[4] = { { 0 } };
	struct jt_voter *v;
	struct jt_error e;
	uint8_t lowest[JT_HASH] = { 0 };
	bool most, low;

	terms.ahead = 2 * JT_SUSPENDED_MAX;
	terms.without = without;
	v = start_one_of(4, &terms, &told);
	for (uint32_t r = JT_SUSPENDED_MAX + MORE; r > 1; r--) {
		struct jt_block b = { .ref = { .round = r, .author = 1 }, .parents = parents,
			.parent_count = 4 };
		jt_put_be32(b.ref.id, r);
		for (uint32_t i = 0; i < 4; i++) {
			parents[i] = (struct jt_ref){ .round = r - 1, .author = (i + 1) % 4 };
			jt_put_be32(parents[i].id, r * 1000 + i);
		}
		jt_voter_block(v, 1, &b, &e);
	}
	most = jt_voter_suspended_of(v, 1) == JT_SUSPENDED_MAX && told.dropped == MORE - 1;
	jt_put_be32(lowest, 2);
	low = jt_suspended_find(&v->waiting, lowest) != NULL;
	return ends(v, most && low);
}

static bool
exposed(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);

	graph_make(&g, 4, "r1!a; r2!a; d2x: d1 c1 b1; r3!a");
	give(v, "b b1 c1 d1 d2 d2x b2 c2 d3");
	return ends(v, !has(v, "d3") && !has(v, "d2x"));
}

static bool
fetch(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);

	graph_make(&g, 4, "r1!a; r2!a");
	give(v, "b b2");
	/* What is asked for comes, at once. */
	if (did_say("b? b1 c1 d1;"))
		give(v, "b b1 c1 d1");
	else
		give(v, "b b1");
	return ends(v, has(v, "b2"));
}

static bool
jump(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, 4);
	const struct jt_own_item item = { 1, 10 };
	struct jt_error e;

	told.coin = coin_for_b(4);
	graph_make(&g, 4, "");
	make_rounds(1, 12);
	give_rounds(v, 1, 12);
	/* Its own rounds are below the horizon. */
	jt_voter_payload(v, &item, &e);
	return ends(v, jt_voter_round(v) == 13);
}

static bool
links(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);
	const struct jt_own_item item = { 1, 10 };
	struct jt_error e;

	graph_make(&g, 4, "r1!a; a1: a0 b0 c0 d0; b2: b1 c1 a1; c2: c1 b1 a1; a2: a1 b1 c1");
	/* Its own names are the graph's, so b and c can build on them. */
	for (uint32_t i = 0; i < g.count; i++)
		for (uint32_t k = 0; k < g.blocks[i].block.parent_count; k++)
			if (g.blocks[i].parents[k].author == 0 && g.blocks[i].parents[k].round > 0)
				g.blocks[i].parents[k].id[7] = (uint8_t)g.blocks[i].parents[k].round;
	jt_voter_payload(v, &item, &e);
	give(v, "b b1 c1");
	did_say("");
	/* d was late, and says no more. */
	give(v, "d d1");
	give(v, "b b2 c2");
	return ends(v, did_say("a3: a2 b2 c2 d1;"));
}

/*
 * The twin d1 is below the horizon of others, and they take d7, which is on d1x. A
 * voter who is behind waits until it is below its own.
 */
static bool
park(uint32_t without)
{
	static const char others[] = "bcefg";
	struct jt_voter *v = one_of(7, without, 4);
	bool waits;

	graph_make(&g, 7, "");
	make_rounds(1, 1);
	graph_add(&g, "d1x: d0 b0 c0 e0 f0; b2: b1 c1 e1 f1 g1 d1; c2: c1 b1 e1 f1 g1;"
	    "e2: e1 b1 c1 f1 g1; f2: f1 b1 c1 e1 g1; g2: g1 b1 c1 e1 f1; d2: d1x b1 c1 e1 f1");
	for (uint32_t r = 3; r <= 9; r++)
		for (uint32_t i = 0; i < 5; i++) {
			char text[64], *at = text;
			at += sprintf(at, "%c%u:", others[i], r);
			for (uint32_t k = 0; k < 5; k++)
				at += sprintf(at, " %c%u", others[(i + k) % 5], r - 1);
			graph_add(&g, text);
		}
	graph_add(&g, "d7: d2 b6 c6 e6 f6 g6; c8x: c7 b7 e7 f7 g7 d7");
	told.coin = coin_for_b(7);
	give(v, "b b1 c1 d1 e1 f1 g1 b2 c2 e2 f2 g2");
	give(v, "b b3 c3 e3 f3 g3 b4 c4 e4 f4 g4 b5 c5 e5 f5 g5 b6 c6 e6 f6 g6 b7 c7 e7 f7 g7");
	give(v, "c c8x d7 d2 d1x");
	waits = !has(v, "d7");
	give(v, "b b8 c8 e8 f8 g8 b9 c9 e9 f9 g9");
	return ends(v, waits && jt_voter_dag(v)->low == 1 && has(v, "d7") && has(v, "c8x"));
}

static bool
recheck(uint32_t without)
{
	struct jt_voter *v = one_of(7, without, 4);
	bool waits;

	graph_make(&g, 7, "d1x: d0 b0 c0 e0 f0");
	make_rounds(1, 9);
	graph_add(&g, "c7x: c6 b6 e6 f6 g6 d1x");
	told.coin = coin_for_b(7);
	give_whole_rounds(v, 7, 1, 6);
	give(v, "c c7x");
	waits = jt_voter_suspended(v) == 1;
	/* The leader of round 5 moves the horizon to what it waits for. */
	give_whole_rounds(v, 7, 7, 9);
	return ends(v, waits && jt_voter_suspended(v) == 0 && has(v, "c7x") && has(v, "c7"));
}

/* d goes on above both of its twins, and c, who is faulty, too, on that. */
static bool
self(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);
	bool others;

	graph_make(&g, 4, "r1!a; d1x: d0 b0 c0; b2: b1 c1 d1; c2: c1 b1 d1x; d2: d1 b1 c1;"
	    "b3: b2 c2 d2; c3: c2 b2 d2; d3: d2 b2 c2; c4: c3 b3 d3");
	give(v, "b b1 c1 d1 b2 d2");
	give(v, "c c2 d1x c3");
	give(v, "b b3");
	others = has(v, "c3") && has(v, "b3"); /* on both twins of another */
	give(v, "c c4 d3");
	return ends(v, others && !has(v, "d3") && !has(v, "c4"));
}

/*
 * d hands over d2, but never d1. Others got both in time, and build on d2 alone:
 * they are asked for what it needs.
 */
static bool
through(uint32_t without)
{
	struct jt_voter *v = one_of(7, without, JT_DEPTH);

	graph_make(&g, 7, "r1!a; b2: b1 c1 e1 f1 g1; c2: c1 b1 e1 f1 g1; e2: e1 b1 c1 f1 g1;"
	    "f2: f1 b1 c1 e1 g1; g2: g1 b1 c1 e1 f1; d2: d1 b1 c1 e1 f1; e3: e2 b2 c2 d2 f2 g2");
	give(v, "b b1 c1 e1 f1 g1 b2 c2 e2 f2 g2");
	give(v, "d d2");
	give(v, "e e3");
	if (did_say("e? d1;"))
		give(v, "e d1");
	return ends(v, has(v, "e3"));
}

static bool
work(uint32_t without)
{
	struct jt_voter *v = one_of(4, without, JT_DEPTH);
	bool live;

	graph_make(&g, 4, "r1!a; d1x: d0 b0 c0");
	g.blocks[graph_place(&g, "d1")].block.items = 1;
	give(v, "d d1");
	live = jt_voter_has_work(v);
	/* d is exposed, and nobody else has d1: nobody will ever deliver it. */
	give(v, "c d1x");
	return ends(v, live && !jt_voter_has_work(v));
}

/* ---- ledgers ---- */

static bool
fair_share(uint32_t without)
{
	struct jt_order_terms t = ordered_terms();

	t.without = without;
	t.items = 1;
	t.author_items = 3;
	ordered_steady("a1=9 a2=9 a3=9 b3=1");
	return strcmp(ordered_cuts(&t, "a5"), "|50: a1 b3 |") == 0;
}

/* Between two leaders there were many rounds. */
static bool
horizon(uint32_t without)
{
	struct jt_order_terms t = ordered_terms();
	struct ordered log;

	t.without = without;
	graph_make(&g, 4, "r1; r2; r3; r4; r5; r6; r7; r8");
	return strstr(ordered_leaders(&t, "a1 a8", &log), "d1 ") != NULL;
}

static bool
rounds(uint32_t without)
{
	struct jt_order_terms t = ordered_terms();

	t.without = without;
	t.rounds = 4;
	ordered_steady("a1=1 a3=2");
	/* The clocks stand still after the first ledger. */
	return strcmp(ordered_cuts(&t, "a3 a5 a6 a7"), "|50: a1 ||51: a3 |") == 0;
}

/* a1 was made after a long silence, at 900, on parents of before: nobody has seen it. */
static bool
seen(uint32_t without)
{
	struct jt_order_terms t = ordered_terms();

	t.without = without;
	graph_make(&g, 4, "r1; r2; r3");
	ordered_load("a1@20 b1@20 c1@20 d1@20 a2=1 a2@900 b2@900 c2@900 d2@900 a3@900 b3@900 c3@900");
	/* The leader a2 has a1's time and its own item, and a3 the time when all had seen it. */
	return strcmp(ordered_cuts(&t, "a2"), "") == 0;
}

/* The clock of one runs ahead. */
static bool
time_of_cuts(uint32_t without)
{
	struct jt_order_terms t = ordered_terms();

	t.without = without;
	graph_make(&g, 4, "r1; r2; r3");
	ordered_load("a1=1 a2@900 b2@30 c2@20 d2@10");
	return strcmp(ordered_cuts(&t, "a3"), "|30: a1 |") == 0;
}

/* ---- many voters ---- */

static struct net net;

/* Nobody heard what it said last. It was up to date, and went one round further. */
static bool
floor_of_lost(uint32_t without)
{
	struct net_voter *d = &net.voters[3];
	bool well;

	net_start(&net, 4);
	d->terms.without = without;
	for (uint32_t i = 0; i < 4; i++)
		net_up(&net, i, 0);
	net_run(&net, 0, 30);
	d->unheard = true;
	net_run(&net, 0, 60);
	net_give(&net, 3);
	net_down(&net, 3);
	d->unheard = false;
	net_up(&net, 3, 7);
	net_give(&net, 3);
	net_run(&net, 0, 0);
	net_run(&net, 0, 80);
	well = !d->twice && d->found > 0 && d->made >= d->found;
	net_end(&net);
	return well;
}

/* Does any of many runs break? */
static bool
holds(uint32_t without, uint32_t faults, uint64_t seeds)
{
	struct jt_sim_terms t = { .n = 4, .items = 8, .leaders = 1, .faults = faults,
		.without = without };
	struct jt_sim_result r = { 0 };
	struct jt_error e;

	for (t.seed = 1; t.seed <= seeds; t.seed++)
		if (jt_sim_run(&t, &r, &e) != JT_OK || r.broken)
			return false;
	return true;
}

static bool
cone(uint32_t without)
{
	return holds(without, 1U << JT_SIM_RESTART, 100);
}

/* What one says to another from now on is held back, or not any more. */
static void
hold(uint32_t from, uint32_t to, bool held)
{
	net.links[from][to].held = held;
}

/*
 * c hears nothing for a while. d is faulty: its last block, with which a leader is
 * decided, goes to c alone. c gets everything at once, decides, and has nothing
 * more to do; a and b do not have d's block, and cannot decide. Does c tell them?
 */
static bool
settle(uint32_t without)
{
	uint32_t idle;
	uint64_t cuts;
	bool well;

	net_start(&net, 4);
	for (uint32_t i = 0; i < 4; i++) {
		net.voters[i].terms.without = without;
		net_up(&net, i, 0);
	}
	net_run(&net, 0, 10);
	idle = net.block_count;
	cuts = net.voters[3].cuts;
	for (uint32_t i = 0; i < 4; i++) {
		hold(i, 2, true);
		hold(2, i, true);
	}
	hold(3, 0, true);
	hold(3, 1, true);
	net_give(&net, 0);
	for (net_run(&net, 0, 0); net.voters[3].cuts == cuts; net_run(&net, 0, 0))
		for (uint32_t i = 0; i < 2; i++)
			while (net.links[3][i].from < net.links[3][i].to)
				net_receive(&net, 3, i);
	/* The highest first: all waits for the lowest. */
	for (uint32_t i = net.block_count; i-- > idle;) {
		struct jt_error e;
		jt_voter_block(net.voters[2].voter, net.blocks[i].block.ref.author,
		    &net.blocks[i].block, &e);
	}
	for (uint32_t i = 0; i < 2; i++) {
		hold(2, i, false);
		hold(i, 2, false);
	}
	net_run(&net, 0, 0);
	well = net.voters[0].cuts > cuts && net.voters[1].cuts > cuts && net.voters[2].cuts > cuts;
	net_end(&net);
	return well;
}

/* ---- the rules ---- */

static const struct rule {
	enum jt_without part;
	const char *number; /* in rbft.md 6.8, or ours */
	bool (*goes_well)(uint32_t without);
} all_rules[] = {
	{ JT_NO_ASK_AGAIN, "7", ask_again },
	{ JT_NO_BEYOND, "7", beyond },
	{ JT_NO_CAPS, "16", caps },
	{ JT_NO_CONE, "14", cone },
	{ JT_NO_EXPOSED, "6", exposed },
	{ JT_NO_FAIR_SHARE, "12", fair_share },
	{ JT_NO_FETCH, "2", fetch },
	{ JT_NO_FLOOR, "15", floor_of_lost },
	{ JT_NO_HORIZON, "9", horizon },
	{ JT_NO_JUMP, "8", jump },
	{ JT_NO_LINKS, "ours", links },
	{ JT_NO_PARK, "ours, with 2", park },
	{ JT_NO_RECHECK, "6", recheck },
	{ JT_NO_ROUNDS, "11", rounds },
	{ JT_NO_SEEN, "5", seen },
	{ JT_NO_SELF, "ours, instead of the bound of 2", self },
	{ JT_NO_SETTLE, "ours", settle },
	{ JT_NO_THROUGH, "ours, with 2", through },
	{ JT_NO_TIME, "5", time_of_cuts },
	{ JT_NO_WORK, "10", work },
};
enum { RULES = sizeof all_rules / sizeof all_rules[0] };

/*
 * Three voters of four, and a fourth that is silent for nine rounds, makes three
 * chains, and shows each of the others one of them. What each took is within
 * any bound, and what all took together was not within n*n, as the rule once
 * was: nobody made a block again.
 */
static uint32_t
made_in(uint32_t author, uint32_t round)
{
	for (uint32_t i = 0; i < net.block_count; i++)
		if (net.blocks[i].block.ref.author == author && net.blocks[i].block.ref.round == round)
			return i;
	net_stop("no such block");
	return 0;
}

static void
make_chain(uint32_t length)
{
	struct net_voter *d = &net.voters[3];
	static const uint8_t seed[JT_HASH] = { 3 };
	struct jt_ref last;

	jt_dag_genesis_ref(seed, 3, &last);
	for (uint32_t r = 1; r <= length; r++) {
		struct jt_ref parents[4] = { last };
		struct jt_block b = { .ref = { .round = r, .author = 3 }, .parents = parents,
			.parent_count = 4, .share_len = 1 };
		for (uint32_t a = 0; a < 3; a++)
			if (r == 1)
				jt_dag_genesis_ref(seed, a, &parents[a + 1]);
			else
				parents[a + 1] = net.blocks[made_in(a, r - 1)].block.ref;
		d->made = 0;
		net_seal(d, &b, NULL, 0);
		last = b.ref;
	}
}

static void
test_chains(void)
{
	enum { LENGTH = 30 };
	uint32_t most, goes_on = 0;
	struct jt_error e;

	net_start(&net, 4);
	for (uint32_t i = 0; i < 3; i++)
		net_up(&net, i, 0);
	net_run(&net, 0, LENGTH + 1);
	for (uint32_t k = 0; k < 3; k++) {
		make_chain(LENGTH);
		for (uint32_t i = net.block_count - LENGTH; i < net.block_count; i++)
			jt_voter_block(net.voters[k].voter, 3, &net.blocks[i].block, &e);
	}
	most = net.voters[0].made;
	net_run(&net, 0, most + 50);
	for (uint32_t i = 0; i < 3; i++)
		goes_on += net.voters[i].made >= most + 50 &&
		    jt_voter_suspended(net.voters[i].voter) == 0;
	is_int(goes_on, 3, "three chains of %d blocks, each shown to one voter, and all go on", LENGTH);
	net_end(&net);
}

int
main(void)
{
	bool there[JT_WITHOUT] = { false };

	for (size_t i = 0; i < RULES; i++) {
		const struct rule *r = &all_rules[i];
		ok(r->goes_well(0), "%s (%s): %s", jt_without_words[r->part], r->number,
		    jt_without_help[r->part]);
		ok(!r->goes_well(1U << r->part), "  without it goes wrong");
		there[r->part] = true;
	}
	for (int i = 0; i < JT_WITHOUT; i++)
		if (!there[i])
			ok(false, "%s has no run", jt_without_words[i]);
	test_chains();
	return done_testing();
}
