/*
 * Every part of the rule is needed: for each of its mutants a graph of four
 * validators on which the mutant decides in two ways, to two voters who know
 * different parts of it, while the rule never does. d is the faulty author,
 * who shows different twins to different voters.
 *
 * In most of them the leader is a, whose block of round 1 nobody else takes up
 * before round 4: so the blocks of round 4 vote for it or against it as their
 * parents are chosen.
 */
#include "graph.h"

#define HIDDEN "r1; r2-a; r3-a;"
/* Votes of a, b and d, and none of c; d has a block that blames besides. */
#define THREE HIDDEN "a4: a3 b3 c3; b4: b3 a3 c3; c4: c3 b3 d3; d4: d3 a3 b3; d4x: d3 b3 c3;"
/* Votes of a and d alone. */
#define TWO HIDDEN "a4: a3 b3 c3; b4: b3 c3 d3; c4: c3 b3 d3; d4: d3 a3 b3; d4x: d3 b3 c3;"
#define TO_10 "r7; r8; r9; r10;"

struct test_case {
	enum jt_mutant kills;
	const char *why;
	const char *blocks, *leaders;
	struct {
		const char *tips, *right, *mutated;
	} view[2];
};

static const struct test_case cases[] = {
	{ JT_SKIP_ANY_TWIN, "all vote for d1; who also knows its twin sees nobody vote for that",
	    "r1; d1x: d0 a0 b0 c0; r2; d2x: d1x a1 b1 c1; r3; r4; r5", "1d",
	    { { "a5 b5 c5", "committed d1", "committed d1" },
	    { "d2x a5 b5 c5", "committed d1", "skipped" } } },
	{ JT_VOTE_EVERY_TWIN, "all have both twins in their cones; which came first differs",
	    "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1; b2: b1 a1 d1; c2: c1 a1 d1x; d2: d1 a1 b1;"
	    "r3; r4; r5", "1d",
	    { { "d1 a5 b5 c5", "committed d1", "committed d1" },
	    { "d1x a5 b5 c5", "committed d1", "committed d1x" } } },
	{ JT_CERTIFY_WEAK, "two vote; d votes to some and blames to others, who have a quorum",
	    TWO "a5: a4 b4 d4; b5: b4 a4 d4; c5: c4 a4 d4", "1a",
	    { { "a5 b5 c5", "undecided", "committed a1" },
	    { "b4 c4 d4x a5", "skipped", "skipped" } } },
	{ JT_ANCHOR_EARLY, "a quorum certifies, but not d5, which is a committed leader itself",
	    HIDDEN "a4: a3 b3 c3; b4: b3 a3 c3; c4: c3 a3 b3; d4: d3 b3 c3;"
	    "a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4; d5: d4 a4 b4;"
	    "a6: a5 b5 d5; b6: b5 a5 d5; d6: d5 a5 b5; r7!c; r8!c; r9!c", "1a 5d",
	    { { "a5 b5 c5", "committed a1", "committed a1" },
	    { "a9 b9 d9", "undecided", "skipped" } } },
	{ JT_INDIRECT_OWN_VIEW, "d's certificate reaches one voter, and not the anchor",
	    THREE "a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4; d5: d4 b4 c4; d5x: d4 a4 b4; r6;"
	    TO_10, "1a 6b",
	    { { "a10 b10 c10", "skipped", "skipped" },
	    { "d5x a10 b10 c10", "skipped", "committed a1" } } },
	{ JT_INDIRECT_LINK, "a1 is in the anchor's cone, uncertified, and a quorum blames it",
	    TWO "r5; r6;" TO_10, "1a 6b",
	    { { "b4 c4 d4x a5", "skipped", "skipped" },
	    { "a10 b10 c10", "skipped", "committed a1" } } },
	{ JT_JUMP_UNDECIDED, "a6 lacks d5, which certifies, b7 has it; who has d10x decides a6",
	    THREE "a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4; d5: d4 a4 b4;"
	    "a6: a5 b5 c5; b6: b5 c5 d5; c6: c5 b5 d5; d6: d5 b5 c5; r7-a; r8-a;"
	    "a9: a8 b8 c8; b9: b8 a8 c8; c9: c8 b8 d8; d9: d8 a8 b8;"
	    "a10: a9 b9 d9; b10: b9 a9 d9; c10: c9 a9 b9; d10: d9 b9 c9; d10x: d9 a9 b9;"
	    "a11: a10 b10 c10; b11: b10 a10 c10; c11: c10 a10 b10", "1a 6a 7b",
	    { { "a10 b10 d10x", "skipped", "skipped" },
	    { "a11 b11 c11", "undecided", "committed a1" } } },
	{ JT_SKIP_WEAK, "d votes to a quorum that certifies, and blames to c, who does, too",
	    THREE "a5: a4 b4 d4; b5: b4 a4 d4; c5: c4 a4 b4; d5: d4 a4 b4", "1a",
	    { { "a5 b5 d5", "committed a1", "committed a1" },
	    { "d4x c5", "undecided", "skipped" } } },
	{ JT_COMMIT_WEAK, "a and one block of d's certify, the anchor has neither in its cone",
	    THREE "a5: a4 b4 d4; b5: b4 a4 c4; c5: c4 a4 b4; d5: d4 b4 c4; d5x: d4 a4 b4;"
	    "a6: a5 b5 c5; b6: b5 c5 d5; c6: c5 b5 d5; d6: d5 b5 c5;" TO_10, "1a 6b",
	    { { "a5 d5x", "undecided", "committed a1" },
	    { "a10 b10 c10", "skipped", "skipped" } } },
	{ JT_COUNT_BLOCKS, "d blames twice and c once; to others d votes, and they certify",
	    THREE "d4y: d3 c3 b3; a5: a4 b4 d4; b5: b4 a4 d4; c5: c4 a4 b4; d5: d4 a4 b4", "1a",
	    { { "a5 b5 d5", "committed a1", "committed a1" },
	    { "d4x d4y c5", "undecided", "skipped" } } },
	{ JT_COUNT_BLOCKS, "d certifies three times, but not where the anchor is",
	    THREE "a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4; d5: d4 b4 c4;"
	    "d5x: d4 a4 b4; d5y: d4 b4 a4; d5z: d4 a4 b4 c4; r6;" TO_10, "1a 6b",
	    { { "d5x d5y d5z", "undecided", "committed a1" },
	    { "a10 b10 c10", "skipped", "skipped" } } },
};
enum { CASES = sizeof cases / sizeof cases[0] };

static bool
contradict(const char *a, const char *b)
{
	return strcmp(a, "undecided") != 0 && strcmp(b, "undecided") != 0 && strcmp(a, b) != 0;
}

/* Does the mutant give itself away on this graph? */
static bool
is_killed(const struct graph *g, const struct test_case *t, enum jt_mutant mutant)
{
	char a[24], b[24];

	graph_judge(g, mutant, t->leaders, t->view[0].tips, 1, a);
	graph_judge(g, mutant, t->leaders, t->view[1].tips, 1, b);
	return contradict(a, b);
}

static void
test_case(const struct test_case *t, uint32_t killed_by[JT_MUTANTS])
{
	static struct graph g;
	char text[24];

	graph_make(&g, 4, t->blocks);
	for (int i = 0; i < 2; i++) {
		is_text(graph_judge(&g, JT_RULE_RIGHT, t->leaders, t->view[i].tips, 1, text),
		    t->view[i].right, "%s: %s, view %d", jt_mutant_words[t->kills], t->why, i + 1);
		is_text(graph_judge(&g, t->kills, t->leaders, t->view[i].tips, 1, text),
		    t->view[i].mutated, "  and as the mutant has it");
	}
	for (enum jt_mutant m = JT_RULE_RIGHT; m < JT_MUTANTS; m++)
		killed_by[m] += is_killed(&g, t, m);
	ok(is_killed(&g, t, t->kills), "  which contradicts itself");
}

int
main(void)
{
	uint32_t killed_by[JT_MUTANTS] = { 0 };

	for (size_t i = 0; i < CASES; i++)
		test_case(&cases[i], killed_by);
	is_int(killed_by[JT_RULE_RIGHT], 0, "the rule itself survives all %d graphs", CASES);
	for (enum jt_mutant m = JT_RULE_RIGHT + 1; m < JT_MUTANTS; m++)
		ok(killed_by[m] > 0, "%s is killed, by %u of them", jt_mutant_words[m], killed_by[m]);
	return done_testing();
}
