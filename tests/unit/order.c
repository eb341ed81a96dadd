/*
 * From leaders to ledgers: what is delivered in which order, how far down, and
 * what a ledger takes. The leaders are named here; which they are is the rule's
 * business (rule.c).
 */
#include "ordered.h"

static void
test_delivery(void)
{
	const struct jt_order_terms t = ordered_terms();
	struct ordered log;

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 c1; b2: b1 a1 d1x; c2: c1 a1 b1;"
	    "d2: d1 a1 b1; r3");
	is_text(ordered_leaders(&t, "a1", &log), "a1", "a leader alone");
	is_text(ordered_leaders(&t, "a2", &log), "a1 b1 c1 a2", "a cone, by round and author");
	is_text(ordered_leaders(&t, "a2 a2", &log), "a1 b1 c1 a2", "nothing comes twice");
	is_text(ordered_leaders(&t, "a2 b2", &log), "a1 b1 c1 a2 d1x b2", "then what is new");
	is_text(ordered_leaders(&t, "b3", &log), "a1 b1 c1 d1 d1x a2 b2 c2 d2 b3", "twins by their ids");
	is_text(ordered_leaders(&t, "b3 a2 d1", &log), "a1 b1 c1 d1 d1x a2 b2 c2 d2 b3",
	    "a leader that was delivered brings nothing");
}

static void
test_horizon(void)
{
	const struct jt_order_terms t = ordered_terms();
	struct ordered log;

	/* d1 and d2 are taken up late: by a8. */
	graph_make(&g, 4, "r1!d; r2!d; r3!d; r4!d; r5!d; r6!d; r7!d; d1: d0 a0 b0 c0; d2: d1 a1 b1 c1;"
	    "a8: a7 b7 c7 d2; b8: b7 a7 c7; c8: c7 a7 b7; r9!d");
	is_text(ordered_leaders(&t, "a5 a8", &log), "a1 b1 c1 a2 b2 c2 a3 b3 c3 a4 b4 c4 a5 "
	    "d2 b5 c5 a6 b6 c6 a7 b7 c7 a8",
	    "the horizon is 4 rounds under the leader before: d2 comes, d1 does not");
	is_text(ordered_leaders(&t, "a6 a8", &log), "a1 b1 c1 a2 b2 c2 a3 b3 c3 a4 b4 c4 a5 b5 c5 a6 "
	    "b6 c6 a7 b7 c7 a8", "one round more, and d2 does not, either");
	is_text(ordered_leaders(&t, "a8", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 a4 b4 c4 a5 b5 c5 "
	    "a6 b6 c6 a7 b7 c7 a8", "it is not 4 under the leader itself");
	is_text(ordered_leaders(&t, "a5 / a8", &log), "a1 b1 c1 a2 b2 c2 a3 b3 c3 a4 b4 c4 a5 "
	    "d2 b5 c5 a6 b6 c6 a7 b7 c7 a8", "the same when the graph is pruned between");
}

static void
test_who_has_seen(void)
{
	const struct jt_order_terms t = ordered_terms();
	struct ordered log;

	graph_make(&g, 4, "r1; r2-d; a3: a2 b2 c2; b3: b2 a2 c2; c3: c2 a2 b2 d2; d3: d2 a2 b2;"
	    "a4: a3 b3 c3; b4: b3 a3 c3; c4: c3 a3 b3; d4: d3 a3 b3; r5");
	ordered_load("d1=1 a2=1 a3@20 b3@20 c3@20 d3@20 a4@25 b4@25 c4@25 d4@25");
	is_text(ordered_leaders(&t, "a4", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 a4 |20: a2 |",
	    "d1 is in the cone of one parent of three: it waits");
	is_text(ordered_leaders(&t, "a4 b5", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 a4 |20: a2 | "
	    "d3 b4 c4 d4 b5", "a quorum has seen it, but the interval has not passed");
	ordered_load("a4@30 b4@30 c4@30 d4@30");
	is_text(ordered_leaders(&t, "a4 b5", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 b3 c3 a4 |20: a2 | "
	    "d3 b4 c4 d4 b5 |30: d1 |", "it is in the next ledger");
}

/*
 * What a ledger takes follows from decisions: it does not matter when the graph
 * was pruned, be it after each leader or after many. d1 comes with a5, and lies
 * at the horizon of the next leader, c5, whose parents have not seen it.
 */
static void
test_pruned_between(void)
{
	const struct jt_order_terms t = ordered_terms();
	struct ordered log;
	char one[4096];

	graph_make(&g, 4, "r1!d; r2!d; r3!d; r4!d; d1: d0 a0 b0 c0; a5: a4 b4 c4 d1; b5: b4 a4 c4;"
	    "c5: c4 a4 b4");
	g.blocks[graph_place(&g, "d1")].block.items = 1;
	for (uint32_t i = 0; i < g.count; i++)
		g.blocks[i].block.time = 100 * g.blocks[i].block.ref.round;
	strcpy(one, ordered_leaders(&t, "a4 a5 c5", &log));
	is_text(ordered_leaders(&t, "a4 a5 / c5", &log), one, "a ledger is the same whenever the graph is "
	    "pruned");
	is_text(strchr(one, '|'), "|400: d1 |", "  and has what is below the horizon");
}

static void
test_time(void)
{
	struct jt_order_terms t = ordered_terms();
	struct ordered log;

	graph_make(&g, 4, "r1; r2; r3");
	ordered_load("a1=1 a1@900 b1@30 c1@20 d1@10");
	is_text(ordered_leaders(&t, "a2 b2", &log), "a1 b1 c1 d1 a2 b2", "a leader's own parents have not "
	    "seen each other");
	ordered_load("a2@900 b2@30 c2@20 d2@10");
	is_text(ordered_leaders(&t, "a3", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 |30: a1 |",
	    "the time is the second largest of the parents' of the round before");
	ordered_load("a2@9");
	is_text(ordered_leaders(&t, "a3", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3 |20: a1 |",
	    "one that is far ahead or behind does not matter");
	ordered_load("a2@5 b2@5 c2@5 d2@5");
	is_text(ordered_leaders(&t, "a3", &log), "a1 b1 c1 d1 a2 b2 c2 d2 a3", "before the interval none");
}

static void
test_ends(void)
{
	struct jt_order_terms t = ordered_terms();

	ordered_steady("a1=1 a3=2");
	is_text(ordered_cuts(&t, "a3 a5 a6 a8"), "|50: a1 |",
	    "no second ledger while the time stands still");
	t.items = 2;
	is_text(ordered_cuts(&t, "a3 a5 a6 a8"), "|50: a1 ||51: a3 |",
	    "so many objects end one: 1 ms later");
	t.items = 3;
	is_text(ordered_cuts(&t, "a3 a5 a6 a8"), "|50: a1 |", "  one fewer do not");
	t.items = 4096;
	t.bytes = 20;
	is_text(ordered_cuts(&t, "a3 a5 a6 a8"), "|50: a1 ||51: a3 |", "so many bytes do");
	t.bytes = 21;
	is_text(ordered_cuts(&t, "a3 a5 a6 a8"), "|50: a1 |", "  one fewer do not");
	t.rounds = 4;
	is_text(ordered_cuts(&t, "a3 a5 a6"), "|50: a1 |", "3 rounds of 4 that something waited");
	is_text(ordered_cuts(&t, "a3 a5 a6 a7"), "|50: a1 ||51: a3 |", "all 4");
}

static void
test_caps(void)
{
	struct jt_order_terms t = ordered_terms();

	t.items = 1; /* every leader ends one */
	t.author_items = 3;
	ordered_steady("a1=2 b1=2 a2=2 b2=1 a3=1");
	is_text(ordered_cuts(&t, "a5"), "|50: a1 b1 b2 a3 |", "of one author three objects");
	is_text(ordered_cuts(&t, "a5 a6"), "|50: a1 b1 b2 a3 ||51: a2 |", "the others are carried over");
	ordered_steady("a1=9 a2=9 b1=1");
	is_text(ordered_cuts(&t, "a5 a6 a7"), "|50: a1 b1 ||51: a2 |", "but one block always");
	t.author_items = 99;
	t.author_bytes = 20;
	ordered_steady("a1=1 a2=1 a3=1 b1=1");
	is_text(ordered_cuts(&t, "a5 a6 a7"), "|50: a1 b1 a2 ||51: a3 |", "and so many bytes");
	t.author_waits = 2;
	is_text(ordered_cuts(&t, "a5 a6 a7"), "|50: a1 b1 a2 |",
	    "of blocks of one author two wait, a third is void");
}

int
main(void)
{
	test_delivery();
	test_horizon();
	test_who_has_seen();
	test_pruned_between();
	test_time();
	test_ends();
	test_caps();
	return done_testing();
}
