/*
 * The graph of blocks: which blocks are well made, who has seen what, how many
 * twins a block brings, and what is left when the graph is pruned.
 */
#include "graph.h"
#include "random.h"

static struct graph g;

static void
test_sets(void)
{
	struct jt_voter_set a = { { 0 } }, b = { { 0 } };

	jt_voter_set_add(&a, 0);
	jt_voter_set_add(&a, 63);
	jt_voter_set_add(&a, 64);
	jt_voter_set_add(&a, 64);
	jt_voter_set_add(&b, 127);
	jt_voter_set_join(&a, &b);
	is_int(jt_voter_set_count(&a), 4, "a set counts each once");
	ok(jt_voter_set_has(&a, 127) && jt_voter_set_has(&a, 63) && !jt_voter_set_has(&a, 65) &&
	    !jt_voter_set_has(&b, 0), "and has what was added");
}

/* ---- what a block must be ---- */

static void
refused(const struct jt_block *b, const char *why)
{
	const struct jt_committee c = jt_committee_of(4);
	struct jt_error e;

	is_int(jt_block_check(&c, b, &e), JT_MALFORMED, "refused: %s", why);
	is_text(e.text, why, "  and says so");
}

static struct jt_ref
ref(uint32_t round, uint32_t author)
{
	return (struct jt_ref){ .round = round, .author = author,
		.id = { (uint8_t)round, (uint8_t)author } };
}

static void
test_check(void)
{
	const struct jt_committee c = jt_committee_of(4);
	const struct jt_ref good[5] = { ref(3, 1), ref(3, 0), ref(3, 2), ref(1, 3), ref(2, 3) };
	struct jt_ref parents[5];
	struct jt_block b = { .ref = ref(4, 1), .parents = parents, .parent_count = 4 };
	struct jt_error e;

	memcpy(parents, good, sizeof good);
	is_int(jt_block_check(&c, &b, &e), JT_OK, "a quorum of the round before and a late block");
	b.parent_count = 5;
	refused(&b, "parents: expected 1 to 4, found 5");
	b.parent_count = 0;
	refused(&b, "parents: expected 1 to 4, found 0");
	b.parent_count = 2;
	refused(&b, "parents: 2 of the round before, expected 3");
	b.parent_count = 4;
	parents[3] = ref(3, 2);
	parents[3].id[5] = 1;
	refused(&b, "parents: two of one author");
	parents[3] = ref(4, 3);
	refused(&b, "parents: 3 is no earlier block");
	parents[3] = ref(2, 4);
	refused(&b, "parents: 3 is no earlier block");
	parents[3] = parents[0];
	parents[0] = ref(3, 3);
	refused(&b, "parents: the first is not its author's");
	memcpy(parents, good, sizeof good);
	b.ref.author = 4;
	refused(&b, "author: no validator");
	b.ref = ref(0, 1);
	refused(&b, "round: expected 1 or more, found 0");
}

/* A block that says of a parent what that is not. */
static void
test_parents_that_lie(void)
{
	struct jt_ref parents[GRAPH_PARENTS];
	struct jt_block b;
	struct view v;

	graph_make(&g, 4, "r1; r2; r3; a4: a3 b3 c3 d1");
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "a3 b3 c3 d3");
	b = g.blocks[graph_place(&g, "a4")].block;
	memcpy(parents, b.parents, sizeof parents);
	b.parents = parents;
	ok(jt_dag_missing(&v.dag, &b, 0) == NULL, "all parents are there");
	ok(jt_dag_fits(&v.dag, &b), "and are what the block says");
	memcpy(parents[1].id, parents[0].id, JT_HASH);
	ok(!jt_dag_fits(&v.dag, &b), "one block is not two parents");
	parents[1] = b.parents[0];
	parents[1].author = 1;
	ok(!jt_dag_fits(&v.dag, &b), "a parent of another author");
	memcpy(parents, g.blocks[graph_place(&g, "a4")].parents, sizeof parents);
	parents[3].round = 2;
	ok(!jt_dag_fits(&v.dag, &b), "a parent of another round");
	view_end(&v);
}

/* ---- reach ---- */

static bool
reaches_by_hand(uint32_t from, uint32_t to)
{
	const struct graph_block *b = &g.blocks[from];

	if (from == to)
		return true;
	for (uint32_t i = 0; i < b->block.parent_count; i++)
		if (reaches_by_hand(b->from[i], to))
			return true;
	return false;
}

static struct jt_vertex *
vertex(struct view *v, uint32_t at)
{
	return jt_dag_find(&v->dag, g.blocks[at].block.ref.id);
}

/* Each question of reach, and who has seen what, against the plain definition. */
static void
test_reach(void)
{
	uint32_t wrong = 0, unseen = 0;
	struct view v;

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 d1; b2: b1 c1 d1x; c2: c1 b1 d1x;"
	    "d2: d1x b1 c1; r3-a; d3x: d2 b2 c2 a1; a4: a3 b3 c3; b4: b3 c3 d3; c4: c3 a3 d3x;"
	    "r5!d; d5: d3 a4 b4 c4; r6");
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "*");
	for (uint32_t i = 0; i < g.count; i++)
		for (uint32_t k = 0; k < g.count; k++)
			wrong += jt_dag_reaches(&v.dag, vertex(&v, i), vertex(&v, k)) !=
			    reaches_by_hand(i, k);
	is_int(wrong, 0, "%u questions of reach", g.count * g.count);
	for (uint32_t k = 0; k < g.count; k++)
		for (uint32_t a = 0; a < 4; a++) {
			bool seen = false;
			for (uint32_t i = 4; i < g.count; i++)
				seen |= g.blocks[i].block.ref.author == a && reaches_by_hand(i, k);
			unseen += seen != jt_voter_set_has(&vertex(&v, k)->seen_by, a);
		}
	is_int(unseen, 0, "who has seen a block");
	view_end(&v);
}

/* Found by id, listed by round, twins in order of coming. */
static void
test_store(void)
{
	struct jt_round *r;
	struct jt_error e;
	struct jt_vertex *x;
	struct view v;

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; d1y: d0 c0 b0 a0; r2!c");
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "d1x d2 d1y");
	r = jt_dag_round(&v.dag, 1);
	is_int(r->count, 6, "six blocks of round 1");
	is_int(jt_voter_set_count(&r->authors), 4, "  by four authors");
	ok(r->first[3] == view_vertex(&v, "d1x") && r->first[3]->first, "the twin that came first");
	ok(r->first[3]->twin == view_vertex(&v, "d1") && !r->first[3]->twin->first, "  then d1");
	ok(r->first[3]->twin->twin == view_vertex(&v, "d1y"), "  then d1y");
	ok(jt_dag_round(&v.dag, 3) == NULL, "no round 3");
	is_int(v.dag.high, 2, "round 2 is the highest");
	ok(view_vertex(&v, "a2") == NULL, "a2 is not there");
	ok(jt_dag_missing(&v.dag, &g.blocks[graph_place(&g, "a2")].block, 0) == NULL,
	    "but could be");
	view_end(&v);
	is_int(jt_dag_init(&v.dag, 128, graph_seed, &e), JT_OK, "128 validators");
	for (uint32_t round = 1; round <= 40; round++)
		for (uint32_t a = 0; a < 128; a++) {
			struct jt_ref parent = { .round = round - 1, .author = a };
			struct jt_block b = { .ref = { .round = round, .author = a,
			    .id = { (uint8_t)round, (uint8_t)a } }, .parents = &parent,
			    .parent_count = 1 };
			jt_dag_genesis_ref(graph_seed, a, &parent);
			jt_dag_add(&v.dag, &b, &x, &e);
		}
	is_int(v.dag.count, 128 * 41, "all of whose ids begin alike");
	jt_dag_prune(&v.dag, 39);
	is_int(v.dag.count, 128, "  and are taken out again");
	ok(jt_dag_find(&v.dag, (uint8_t[JT_HASH]){ 40, 127 }) != NULL &&
	    jt_dag_find(&v.dag, (uint8_t[JT_HASH]){ 39, 127 }) == NULL, "  but for the last");
	jt_dag_free(&v.dag);
}

/* ---- one chain or several ---- */

static void
test_forked(void)
{
	struct view v;

	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; r2!c; a3: a2 b2 d2; b3: b2 a2 d2; c3: c1 a2 b2 d2;"
	    "d3: d2 a2 b2; r4; b5: b3 a4 c4 d4; c5: c4 a4 b4 d4");
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "a4 b5 c5");
	ok(!jt_voter_set_has(&v.dag.forked, 0), "a's blocks are one chain");
	ok(!jt_voter_set_has(&v.dag.forked, 2), "so are those of c, who left out a round");
	ok(jt_voter_set_has(&v.dag.forked, 1), "b has two chains, and no twins");
	ok(!jt_voter_set_has(&v.dag.forked, 3), "d has one");
	view_add(&v, "d1x");
	ok(jt_voter_set_has(&v.dag.forked, 3), "until a twin comes");
	view_end(&v);
}

/* ---- authors on their own twins ---- */

static bool
repeats_by_hand(uint32_t at)
{
	uint32_t author = g.blocks[at].block.ref.author;

	for (uint32_t i = 0; i < g.count; i++)
		for (uint32_t k = 0; k < i; k++)
			if (g.blocks[i].block.ref.author == author &&
			    g.blocks[k].block.ref.author == author &&
			    g.blocks[i].block.ref.round == g.blocks[k].block.ref.round &&
			    reaches_by_hand(at, i) && reaches_by_hand(at, k))
				return true;
	return false;
}

static void
repeats(const char *name, bool want, const char *why)
{
	uint32_t at = graph_place(&g, name);
	struct view v;

	view_start(&v, &g, JT_RULE_RIGHT);
	for (uint32_t i = 0; i < g.count; i++)
		if (i != at)
			view_add_cone(&v, i);
	is_int(jt_dag_repeats(&v.dag, &g.blocks[at].block), want, "%s: %s", name, why);
	is_int(repeats_by_hand(at), want, "  by the definition");
	view_end(&v);
}

static void
test_repeats(void)
{
	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; a2: a1 b1 c1; b2: b1 c1 d1; c2: c1 b1 d1x;"
	    "d2: d1 a1 b1; d2x: d1x a1 b1 c1; a3: a2 b2 c2; d3: d2 a2 b2; d3x: d2 b2 c2;"
	    "d3y: d2x a2 c2; b3: b2 a2 d2; d4: d3 a3 b3");
	repeats("a3", false, "another's twins");
	repeats("d2", false, "its author has two of one round, but it has one of them below");
	repeats("d3", false, "nor has this one");
	repeats("d3x", true, "c2 is on the twin");
	repeats("d3y", false, "the other chain has one, too");
	repeats("d4", true, "both are below a3");
}

/* Rounds of blocks on any of the blocks of the round before; c and d show twins. */
static void
random_graph(uint32_t rounds)
{
	static const char *const more[] = { "", "x", "y" };

	graph_make(&g, 4, "");
	for (uint32_t r = 1; r <= rounds; r++)
		for (uint32_t a = 0; a < 4; a++) {
			uint64_t twins = a < 2 ? 1 : 1 + random_below(3), out = random_below(6);
			for (uint64_t t = 0; t < twins; t++) {
				char name[12];
				struct graph_block *b;
				snprintf(name, sizeof name, "%c%u%s", (char)('a' + a), r, more[t]);
				b = graph_new_block(&g, name);
				for (uint32_t i = 0; i < 4; i++) {
					uint32_t p = (a + i) % 4;
					if (i > 0 && i == out)
						continue;
					do
						snprintf(name, sizeof name, "%c%u%s", (char)('a' + p), r - 1,
						    more[random_below(3)]);
					while (graph_find(&g, name) == UINT32_MAX);
					graph_parent(&g, b, name);
				}
				graph_check(&g, b);
			}
		}
}

static void
test_random_repeats(void)
{
	uint32_t wrong = 0, asked = 0, repeat = 0;

	for (int i = 0; i < 60; i++) {
		struct view v;
		uint32_t left;

		random_graph(5);
		left = g.count - 4;
		view_start(&v, &g, JT_RULE_RIGHT);
		while (left > 0) {
			uint32_t at = (uint32_t)random_below(g.count);
			bool ready = !v.has[at];
			bool want;
			for (uint32_t k = 0; ready && k < g.blocks[at].block.parent_count; k++)
				ready = v.has[g.blocks[at].from[k]];
			if (!ready)
				continue;
			want = repeats_by_hand(at);
			wrong += jt_dag_repeats(&v.dag, &g.blocks[at].block) != want;
			repeat += want;
			asked++;
			view_add_one(&v, at);
			left--;
		}
		view_end(&v);
	}
	is_int(wrong, 0, "of %u blocks of random graphs %u have two of their authors' below", asked,
	    repeat);
	ok(repeat > 0, "  some");
}

/* ---- pruning ---- */

/* Is the graph what is left of the whole one above `low`? */
static uint32_t
count_wrong(struct view *v, uint32_t low)
{
	uint32_t wrong = 0, kept = 0;

	for (uint32_t i = 0; i < g.count; i++) {
		const struct graph_block *b = &g.blocks[i];
		struct jt_vertex *x = vertex(v, i);
		bool keeps = b->block.ref.round > low;

		kept += keeps;
		wrong += (x != NULL) != keeps;
		for (uint32_t k = 0; x != NULL && k < b->block.parent_count; k++)
			wrong += (x->parents[k] != NULL) != (b->parents[k].round > low) ||
			    (x->parents[k] != NULL && x->parents[k] != vertex(v, b->from[k]));
		for (uint32_t k = 0; x != NULL && k < g.count; k++)
			if (vertex(v, k) != NULL)
				wrong += jt_dag_reaches(&v->dag, x, vertex(v, k)) != reaches_by_hand(i, k);
	}
	for (uint32_t r = 0; r <= 12; r++)
		wrong += (jt_dag_round(&v->dag, r) != NULL) != (r > low && r <= 8);
	return wrong + (v->dag.count != kept);
}

static void
test_prune(void)
{
	struct view v;

	/* Links over many rounds: d comes back in round 7, and a8 takes up d1x. */
	graph_make(&g, 4, "r1; d1x: d0 a0 b0 c0; r2!d; r3!d; r4!d; c5: c4 a4 b4; a5: a4 b4 c4;"
	    "b5: b4 a4 c4; r6!d; a7: a6 b6 c6; b7: b6 a6 c6; c7: c6 a6 b6; d7: d1 a6 b6 c6;"
	    "a8: a7 b7 c7 d1x; b8: b7 a7 c7; c8: c7 a7 b7; d8: d7 a7 b7");
	for (uint32_t low = 1; low <= 9; low++) {
		view_start(&v, &g, JT_RULE_RIGHT);
		view_add(&v, "*");
		jt_dag_prune(&v.dag, low);
		is_int(count_wrong(&v, low), 0, "pruned to round %u at once", low);
		view_end(&v);
	}
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "*");
	for (uint32_t low = 1; low <= 9; low++) {
		jt_dag_prune(&v.dag, low);
		is_int(count_wrong(&v, low), 0, "pruned to round %u one by one", low);
	}
	view_end(&v);

	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "a6 b6 c6 d1");
	jt_dag_prune(&v.dag, 1);
	view_add_one(&v, graph_place(&g, "d7"));
	ok(!jt_voter_set_has(&v.dag.forked, 3), "a chain whose last block was pruned goes on");
	view_end(&v);

	/* What comes afterwards does without ancestors at or below the horizon. */
	for (uint32_t low = 1; low <= 7; low++) {
		uint32_t missing = 0;
		view_start(&v, &g, JT_RULE_RIGHT);
		view_add(&v, "a7 b7 c7");
		jt_dag_prune(&v.dag, low);
		for (uint32_t i = 0; i < g.count; i++) {
			const struct jt_block *b = &g.blocks[i].block;
			if (b->ref.round <= low || vertex(&v, i) != NULL)
				continue;
			missing += jt_dag_missing(&v.dag, b, 0) != NULL;
			view_add_one(&v, i);
		}
		is_int(missing, 0, "at horizon %u nothing is missing", low);
		is_int(count_wrong(&v, low), 0, "  and the graph is as if it came before");
		view_end(&v);
	}
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_sets();
	test_check();
	test_parents_that_lie();
	test_reach();
	test_store();
	test_forked();
	test_repeats();
	test_random_repeats();
	test_prune();
	return done_testing();
}
