/*
 * The rule of the vote on small graphs: each way to decide, at exactly as many
 * votes as it needs and at one fewer, and the same decisions whatever the order
 * in which blocks come.
 */
#include "graph.h"
#include "random.h"

/* The leader a's block is with a alone before round 4 (mutants.c says more). */
#define HIDDEN "r1; r2-a; r3-a;"

static struct graph g;

static void
judged(const char *leaders, const char *tips, uint32_t round, const char *want,
    enum jt_reason reason, const char *name)
{
	struct view v;
	char text[24];

	view_start(&v, &g, JT_RULE_RIGHT);
	view_leaders(&v, leaders);
	view_add(&v, tips);
	view_decide(&v);
	is_text(view_verdict(&v, round, text), want, "%s", name);
	is_int(jt_rule_slot(&v.rule, round, 0)->reason, reason, "  %s", jt_reason_words[reason]);
	view_end(&v);
}

static void
test_directly(void)
{
	graph_make(&g, 4, "r1; r2; r3; r4; r5");
	judged("1b", "*", 1, "committed b1", JT_CERTIFIED, "all vote, all certify");
	judged("1b", "a5 b5 c5", 1, "committed b1", JT_CERTIFIED, "three certificates of four");
	judged("1b", "a5 b5", 1, "undecided", JT_TOO_FEW, "two of four");
	judged("1b", "a4 b4 c4 d4", 1, "undecided", JT_TOO_FEW, "votes without certificates");

	graph_make(&g, 4, "r1!d; r2!d; r3!d; r4!d; r5!d");
	judged("1d", "*", 1, "skipped", JT_BLAMED, "the leader never made a block");
	graph_make(&g, 4, HIDDEN "a4: a3 b3 c3; b4: b3 c3 d3; c4: c3 b3 d3; d4: d3 b3 c3; r5");
	judged("1a", "*", 1, "skipped", JT_BLAMED, "nobody took up its block");
	judged("1a", "a5", 1, "skipped", JT_BLAMED, "  whoever knows all votes");
	judged("1a", "b4 c4 a4 d3", 1, "undecided", JT_TOO_FEW, "  two blames are too few");

	graph_make(&g, 4, HIDDEN "a4: a3 b3 c3; b4: b3 a3 c3; c4: c3 b3 d3; d4: d3 b3 c3; r5");
	judged("1a", "*", 1, "undecided", JT_TOO_FEW, "two vote, two blame");

	graph_make(&g, 1, "r1; r2; r3; r4; r5");
	judged("1a", "*", 1, "committed a1", JT_CERTIFIED, "one validator alone");
}

#define THREE HIDDEN "a4: a3 b3 c3; b4: b3 a3 c3; c4: c3 b3 d3; d4: d3 a3 b3;"
#define NO_MORE "a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4;"

static void
test_by_anchor(void)
{
	graph_make(&g, 4, THREE NO_MORE "d5: d4 a4 b4; r6; r7; r8; r9; r10");
	judged("1a", "*", 1, "undecided", JT_TOO_FEW, "one certificate, no later leader known");
	judged("1a 6b", "*", 1, "committed a1", JT_ANCHOR_HAS, "an anchor that has it");
	judged("1a 6b", "a9 b9 c9 d9", 1, "undecided", JT_TOO_FEW, "  that is not decided yet");
	judged("1a 5b", "*", 1, "undecided", JT_TOO_FEW, "  round 5 is too near for an anchor");
	judged("1a 7b", "*", 1, "undecided", JT_TOO_FEW, "  round 6 comes before round 7");

	graph_make(&g, 4, THREE NO_MORE "d5: d4 b4 c4; r6; r7; r8; r9; r10");
	judged("1a 6b", "*", 1, "skipped", JT_ANCHOR_LACKS, "votes, but no certificate");

	graph_make(&g, 4, THREE NO_MORE "d5: d4 a4 b4; r6!d; r7!d; r8!d; r9!d; r10!d; r11!d");
	judged("1a 6d 7b", "*", 6, "skipped", JT_BLAMED, "a leader without a block is skipped");
	judged("1a 6d 7b", "*", 1, "committed a1", JT_ANCHOR_HAS, "  and the next is the anchor");
}

/* An anchor may itself be decided by one that comes later. */
static void
test_chain_of_anchors(void)
{
	graph_make(&g, 4, THREE NO_MORE "d5: d4 a4 b4; r6; r7-a; r8-a;"
	    "a9: a8 b8 c8; b9: b8 a8 c8; c9: c8 b8 d8; d9: d8 a8 b8;"
	    "a10: a9 b9 c9; b10: b9 a9 c9; c10: c9 a9 b9; d10: d9 a9 b9;"
	    "r11; r12; r13; r14; r15");
	judged("1a 6a", "*", 6, "undecided", JT_TOO_FEW, "an anchor with one certificate");
	judged("1a 6a", "*", 1, "undecided", JT_TOO_FEW, "  decides nothing");
	judged("1a 6a 11c", "*", 6, "committed a6", JT_ANCHOR_HAS, "  until a later one does");
	judged("1a 6a 11c", "*", 1, "committed a1", JT_ANCHOR_HAS, "  and both are decided at once");
}

static void
test_twins(void)
{
	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1; b2: b1 a1 d1x; c2: c1 a1 d1x;"
	    "d2: d1 a1 b1; r3; r4; r5");
	judged("1d", "*", 1, "committed d1", JT_CERTIFIED, "of twins the smallest id has the votes");
	judged("1d", "d1x a5 b5 c5", 1, "committed d1", JT_CERTIFIED, "  whichever came first");

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1x; b2: b1 a1 d1x; c2: c1 a1 d1x;"
	    "d2: d1 a1 b1; d2x: d1x a1 b1; a3: a2 b2 c2; b3: b2 a2 c2; c3: c2 a2 b2;"
	    "d3: d2 a2 b2; r4!d; d4: d3 a3 b3; a5: a4 b4 c4; b5: b4 a4 c4; c5: c4 a4 b4");
	judged("1d", "a5 b5 c5", 1, "committed d1", JT_CERTIFIED, "the smaller one comes late, by d3");
	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1x; b2: b1 a1 d1x; c2: c1 a1 d1x;"
	    "r3!d; r4!d; r5!d; d2: d1 a1 b1");
	judged("1d", "d2 a5 b5 c5", 1, "committed d1x", JT_CERTIFIED,
	    "the greater one, when the smaller is in nobody's cone");

	/* a and d vote for d1, b and c for d1x: nobody blames, nothing is certified. */
	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1; b2: b1 c1 d1x; c2: c1 b1 d1x;"
	    "d2: d1x b1 c1; b3: b2 c2 d2; c3: c2 b2 d2; d3: d2 b2 c2; a3: a2 b2 c2;"
	    "a4: a3 b3 c3; b4: b3 c3 d3; c4: c3 b3 d3; d4: d3 a3 b3; r5; r6; r7; r8; r9; r10");
	judged("1d", "*", 1, "undecided", JT_TOO_FEW, "votes split between twins");
	judged("1d 6b", "*", 1, "skipped", JT_ANCHOR_LACKS, "  skipped by the anchor");
}

static void
test_links(void)
{
	/* a1 reaches b, c and d by links of round 4 that skip rounds: b4 on a1. */
	graph_make(&g, 4, HIDDEN "a4: a3 b3 c3; b4: b3 c3 d3 a1; c4: c3 b3 d3 a1; d4: d3 b3 c3; r5");
	judged("1a", "*", 1, "committed a1", JT_CERTIFIED, "weak links carry votes");
	graph_make(&g, 4, HIDDEN "a4: a3 b3 c3; b4: b3 c3 d3 a2; c4: c3 b3 d3 a2; d4: d3 b3 c3; r5");
	judged("1a", "*", 1, "committed a1", JT_CERTIFIED, "  by way of a2, too");

	/* c has no block of rounds 2 to 4, and comes back. */
	graph_make(&g, 4, "r1; r2!c; r3!c; r4!c; a5: a4 b4 d4; b5: b4 a4 d4; c5: c1 a4 b4 d4;"
	    "d5: d4 a4 b4");
	judged("1c", "a5 b5 d5", 1, "committed c1", JT_CERTIFIED, "the leader fell silent");
	judged("1c", "a5 b5 c5", 1, "committed c1", JT_CERTIFIED, "  its block of round 5 counts");

	/* A vote is a block of round 4: c, who skipped it, has none. */
	graph_make(&g, 4, HIDDEN "a4: a3 b3 c3; b4: b3 a3 c3; d4: d3 b3 c3; r5!c; c5: c3 a4 b4 d4");
	judged("1a", "*", 1, "undecided", JT_TOO_FEW, "who skips the voting round does not vote");

	/* The certificate is in the anchor's cone by a weak link alone. */
	graph_make(&g, 4, THREE NO_MORE "d5: d4 a4 b4; a6: a5 b5 c5; b6: b5 a5 c5; c6: c5 a5 b5;"
	    "a7: a6 b6 c6; b7: b6 a6 c6 d5; c7: c6 a6 b6; r8!d; r9!d; r10!d; r11!d");
	judged("1a 6d 7b", "*", 1, "committed a1", JT_ANCHOR_HAS, "weak links carry certificates");
	judged("1a 6d 7c", "*", 1, "skipped", JT_ANCHOR_LACKS, "  and not to others");
}

/*
 * n voters of whom `votes` vote for a1 in round 4 and all others blame; in round 5 so many certify as `certify` says, with just
 * as many votes as they need, and the others miss one vote.
 */
static void
exact_graph(uint32_t n, uint32_t votes, uint32_t certify)
{
	const struct jt_committee c = jt_committee_of(n);
	char text[64];

	graph_make(&g, n, HIDDEN);
	for (uint32_t a = 0; a < n; a++) {
		char line[256];
		uint32_t left = c.q - 1;
		int len = snprintf(line, sizeof line, "%c4: %c3", 'a' + (char)a, 'a' + (char)a);
		if (a > 0 && a < votes) {
			len += snprintf(line + len, sizeof line - (size_t)len, " a3");
			left--;
		}
		for (uint32_t p = 1; p < n && left > 0; p++)
			if (p != a) {
				len += snprintf(line + len, sizeof line - (size_t)len, " %c3",
				    'a' + (char)p);
				left--;
			}
		graph_add(&g, line);
	}
	if (votes + 1 < c.q)
		graph_add(&g, "r5");
	/* Each block of round 5 is on q blocks, of which all or all but one vote. */
	for (uint32_t a = 0; votes + 1 >= c.q && a < n; a++) {
		char line[256];
		uint32_t want = a < certify ? c.q : c.q - 1, voting = a < votes, blaming = 1 - voting;
		int len = snprintf(line, sizeof line, "%c5: %c4", 'a' + (char)a, 'a' + (char)a);
		for (uint32_t p = 0; p < n; p++) {
			bool votes_for = p < votes;
			if (p == a || (votes_for ? voting == want : blaming == c.q - want))
				continue;
			len += snprintf(line + len, sizeof line - (size_t)len, " %c4", 'a' + (char)p);
			voting += votes_for;
			blaming += !votes_for;
		}
		if (voting + blaming == c.q)
			graph_add(&g, line);
	}
	snprintf(text, sizeof text, "%u of %u vote, %u certify", votes, n, certify);
	if (certify >= c.q)
		judged("1a", "*", 1, "committed a1", JT_CERTIFIED, text);
	else if (n - votes >= c.q)
		judged("1a", "*", 1, "skipped", JT_BLAMED, text);
	else
		judged("1a", "*", 1, "undecided", JT_TOO_FEW, text);
}

static void
test_exact(void)
{
	/* The numbers that the rule hangs on. */
	is_int(jt_committee_of(4).q, 3, "a quorum of 4");
	is_int(jt_committee_of(7).q, 5, "a quorum of 7");
	is_int(jt_committee_of(7).t, 3, "one correct of 7 at least");
	is_int(jt_committee_of(128).q, 86, "a quorum of 128");
	exact_graph(4, 3, 3);
	exact_graph(4, 3, 2);
	exact_graph(4, 2, 0);
	exact_graph(4, 1, 0);
	exact_graph(7, 5, 5);
	exact_graph(7, 5, 4);
	exact_graph(7, 4, 0);
	exact_graph(7, 3, 0);
	exact_graph(7, 2, 0);
	exact_graph(7, 1, 0);
}

/* ---- the order in which things come ---- */

/* All of it in an order drawn by chance, parents first; leaders at a time drawn, too. */
static void
add_in_any_order(struct view *v, const char *const *leaders, uint32_t leader_count)
{
	uint32_t left = g.count - g.c.n, given = 0;

	while (left > 0 || given < leader_count) {
		uint32_t at = (uint32_t)random_below(g.count);
		bool ready = left > 0 && !v->has[at];

		if (given < leader_count && random_below(g.count) == 0)
			view_leaders(v, leaders[given++]);
		for (uint32_t i = 0; ready && i < g.blocks[at].block.parent_count; i++)
			ready = v->has[g.blocks[at].from[i]];
		if (!ready)
			continue;
		view_add_one(v, at);
		left--;
		if (random_below(4) == 0)
			view_decide(v);
	}
	view_decide(v);
}

static void
test_orders(void)
{
	static const char *const leaders[] = { "1d", "2a", "3b", "4c", "5d", "6b", "7a" };
	static const char *const want[] = { "skipped", "committed a2", "committed b3",
		"committed c4", "committed d5", "committed b6", "committed a7" };
	uint32_t same = 0;

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1; b2: b1 c1 d1x; c2: c1 b1 d1x;"
	    "d2: d1x b1 c1; b3: b2 c2 d2; c3: c2 b2 d2; d3: d2 b2 c2; a3: a2 b2 c2;"
	    "a4: a3 b3 c3; b4: b3 c3 d3; c4: c3 b3 d3; d4: d3 a3 b3; d4x: d3 b3 c3; r5;"
	    "d5x: d4x a4 b4; r6; r7; r8; r9; r10; d10x: d9 c9 b9; r11; r12");
	for (int i = 0; i < 200; i++) {
		struct view v;
		char text[24];

		view_start(&v, &g, JT_RULE_RIGHT);
		add_in_any_order(&v, leaders, 7);
		for (uint32_t r = 1; r <= 7; r++)
			if (strcmp(view_verdict(&v, r, text), want[r - 1]) == 0)
				same++;
			else
				printf("# round %u: %s\n", r, text);
		view_end(&v);
	}
	is_int(same, 1400, "7 slots are decided alike in 200 orders of coming");
}

static void
test_taking(void)
{
	struct view v;
	struct jt_slot *s;
	uint32_t round, slot;
	char text[24];

	graph_make(&g, 4, "r1; r2; r3; r4; r5; r6; r7; r8; r9; r10; r11; r12");
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "*");
	view_leaders(&v, "2b 3c 4d");
	view_decide(&v);
	ok(!jt_rule_next(&v.rule, &round, &slot, &s), "nothing to take while round 1 is unknown");
	view_leaders(&v, "1a");
	view_decide(&v);
	for (uint32_t r = 1; r <= 4; r++)
		ok(jt_rule_next(&v.rule, &round, &slot, &s) && round == r && slot == 0 &&
		    s->verdict == JT_COMMITTED && s->leader == r - 1, "round %u is taken", r);
	ok(!jt_rule_next(&v.rule, &round, &slot, &s), "and no more");
	jt_rule_prune(&v.rule, 3);
	ok(jt_rule_slot(&v.rule, 3, 0) == NULL, "what was forgotten is not there");
	ok(jt_rule_coin_known(&v.rule, 3), "  and was decided");
	is_text(view_verdict(&v, 4, text), "committed d4", "what was not forgotten is");
	jt_rule_prune(&v.rule, 100);
	ok(!jt_rule_coin_known(&v.rule, 5), "what was not taken is not forgotten");
	view_leaders(&v, "5b");
	view_decide(&v);
	is_text(view_verdict(&v, 5, text), "committed b5", "and goes on");
	view_end(&v);
}

/* Three slots a round: taken in order, and any slot of a later round may be the anchor. */
static void
test_slots(void)
{
	static const uint32_t first[] = { 3, 0, 1 }, sixth[] = { 3, 1, 0 };
	struct jt_error e;
	struct jt_slot *s;
	struct view v;
	uint32_t round, slot, taken = 0;

	graph_make(&g, 4, THREE NO_MORE "d5: d4 a4 b4; r6!d; r7!d; r8!d; r9!d; r10!d");
	view_start(&v, &g, JT_RULE_RIGHT);
	is_int(jt_rule_init(&v.rule, &v.dag, 4, &e), JT_USAGE, "four slots a round are too many");
	jt_rule_init(&v.rule, &v.dag, 3, &e);
	jt_rule_leaders(&v.rule, 1, first, &e);
	jt_rule_leaders(&v.rule, 6, sixth, &e);
	view_add(&v, "*");
	view_decide(&v);
	is_int(jt_rule_slot(&v.rule, 6, 0)->reason, JT_BLAMED, "the first of round 6 is skipped");
	is_int(jt_rule_slot(&v.rule, 6, 1)->reason, JT_CERTIFIED, "the second is committed");
	is_int(jt_rule_slot(&v.rule, 1, 1)->reason, JT_ANCHOR_HAS, "and is the anchor of a1");
	ok(jt_rule_slot(&v.rule, 1, 3) == NULL, "there is no fourth");
	while (jt_rule_next(&v.rule, &round, &slot, &s))
		if (round != 1 || slot != taken++ || s->leader != first[slot])
			taken = 100;
	is_int(taken, 3, "slots are taken in order");
	view_end(&v);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_directly();
	test_by_anchor();
	test_chain_of_anchors();
	test_twins();
	test_links();
	test_exact();
	test_orders();
	test_taking();
	test_slots();
	return done_testing();
}
