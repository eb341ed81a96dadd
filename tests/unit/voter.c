/*
 * One voter, a of a, b, c and d: what it asks for, what it keeps, what it drops
 * and what it proposes, as blocks come in the order given here. That each part
 * of it is needed is shown in rules.c.
 */
#include "one.h"

static void
test_fetch(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; r2!a; r3!a");
	give(v, "b b2");
	said(&t, "b? b1 c1 d1;", "all missing parents are asked for");
	give(v, "b c2");
	said(&t, "", "not twice of the same peer");
	give(v, "c b3");
	said(&t, "c? d2 c1 d1 b1;", "another is asked for what is missing, here and below");
	give(v, "c b2");
	said(&t, "", "what waits is not wanted again");
	is_int(t.dropped, 1, "  and is given back");
	is_int(jt_voter_suspended(v), 3, "three wait");
	give(v, "b d2 b1 c1 d1");
	is_int(jt_voter_suspended(v), 0, "until their ancestors are there");
	ok(has(v, "b3"), "the last is in the graph");
	jt_voter_free(v);
}

static void
test_asked_again(void)
{
	const struct jt_voter_terms terms = silent();
	struct jt_error e;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	give(v, "b b2");
	said(&t, "b? b1 c1 d1;", "asked once");
	give(v, "c b2");
	said(&t, "c? b1 c1 d1;", "another who hands it over is asked, too");
	give(v, "d b2");
	said(&t, "", "a third is not: one of two is correct");
	give(v, "b b1 b2");
	said(&t, "", "not twice");
	jt_voter_peer(v, 1, false, &e);
	give(v, "b b2");
	said(&t, "b? c1 d1;", "who comes back is asked again, for what is missing still");
	jt_voter_peer(v, 3, true, &e);
	said(&t, "d hello 0 1 0 0;", "a peer that comes up is told what is here");
	jt_voter_free(v);
}

/* Two twins that wait are seen to be twins when they come in. */
static void
test_exposed(void)
{
	const struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; r2!a; d2x: d1 c1 b1 a0; d2y: d1 b1 c1 a0; r3!a; c3x: c2 b2 d2x");
	give(v, "b b1 c1 d1 d2 d2x");
	said(&t, "d2! d2x;", "two blocks of one round are evidence");
	ok(!has(v, "d2x"), "  and the second is dropped");
	give(v, "b b2 c2 d3 d2y");
	ok(!has(v, "d3") && t.evidence == 1, "so is what its author says afterwards");
	is_int(jt_voter_suspended(v), 0, "  not even kept");
	give(v, "c c3x d2x");
	ok(has(v, "c3x") && has(v, "d2x"), "unless it is asked for, as an ancestor");
	jt_voter_free(v);

	v = start(&terms, &t);
	give(v, "b b1 c1 d2 d2x");
	is_int(jt_voter_suspended(v), 2, "two twins wait for the same block");
	t.len = 0;
	t.text[0] = '\0';
	give(v, "b d1");
	said(&t, "d2! d2x;", "they are evidence when they come in");
	jt_voter_free(v);
}

/* Of one parent by two names. */
static void
test_parents_that_lie(void)
{
	const struct jt_voter_terms terms = silent();
	struct jt_block *b;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; b2: b1 c1 d1");
	b = &g.blocks[graph_place(&g, "b2")].block;
	memcpy(g.blocks[graph_place(&g, "b2")].parents[2].id, b->parents[1].id, JT_HASH);
	is_int(give(v, "b b1 c1 d1 b2"), JT_MALFORMED, "a block that names one parent twice");
	ok(!has(v, "b2"), "  is dropped");
	jt_voter_free(v);
	v = start(&terms, &t);
	give(v, "b b2 b1 d1 c1");
	ok(!has(v, "b2") && jt_voter_suspended(v) == 0, "  and when it had to wait for them");
	jt_voter_free(v);
}

static void
test_work(void)
{
	const struct jt_voter_terms terms = jt_voter_usual;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; d1x: d0 b0 c0; b2: b1 c1 d1");
	ok(!jt_voter_has_work(v), "nothing to do at the start");
	g.blocks[graph_place(&g, "d1")].block.items = 1;
	give(v, "d d1");
	said(&t, "a1: a0 b0 c0 d0;", "payload of another is work");
	ok(jt_voter_has_work(v), "  until it is in a ledger");
	give(v, "c d1x");
	ok(!jt_voter_has_work(v), "payload of an exposed author that only we know is none");
	give(v, "b b1 c1 b2");
	ok(jt_voter_has_work(v), "it is when somebody built on it");
	jt_voter_free(v);
}

int
main(void)
{
	test_fetch();
	test_asked_again();
	test_exposed();
	test_parents_that_lie();
	test_work();
	return done_testing();
}
