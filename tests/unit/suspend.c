/*
 * Blocks that wait for ancestors, and who was asked for which.
 */
#include <stdlib.h>

#include "base/num.h"
#include "graph.h"
#include "vote/suspend.h"

static const uint8_t key[JT_SUSPENSION_KEY] = { 5 };

static struct jt_ref
ref(uint32_t round, uint32_t id)
{
	struct jt_ref r = { .round = round };

	jt_put_be32(r.id, id);
	return r;
}

static void
start(struct jt_suspension *s, struct jt_dag *d)
{
	struct jt_error e;

	jt_suspension_init(s, key);
	if (jt_dag_init(d, 4, graph_seed, &e) != JT_OK)
		graph_stop("graph", e.text);
}

/* Block `id` of a round on two others of the round before. */
static struct jt_suspended *
wait_for(struct jt_suspension *s, const struct jt_dag *d, uint32_t from, uint32_t round,
    uint32_t id, uint32_t one, uint32_t two)
{
	struct jt_ref parents[2] = { ref(round - 1, one), ref(round - 1, two) };
	struct jt_block b = { .ref = ref(round, id), .parents = parents, .parent_count = 2,
		.bytes = 10 };

	return jt_suspend(s, d, &b, from);
}

static uint32_t
next(struct jt_suspension *s)
{
	struct jt_suspended *b = jt_unsuspend(s);
	uint32_t id = b == NULL ? 0 : jt_get_be32(b->block.ref.id);

	jt_suspended_free(b);
	return id;
}

static void
came(struct jt_suspension *s, uint32_t id)
{
	struct jt_ref r = ref(0, id);

	jt_suspension_came(s, r.id);
}

static bool
waits(const struct jt_suspension *s, uint32_t id)
{
	struct jt_ref r = ref(0, id);

	return jt_suspended_find(s, r.id) != NULL;
}

static void
test_waiting(void)
{
	struct jt_suspension s;
	struct jt_suspended *b;
	struct jt_dag d;

	start(&s, &d);
	ok(wait_for(&s, &d, 0, 3, 30, 20, 21) != NULL, "a block waits for two");
	ok(wait_for(&s, &d, 1, 4, 40, 30, 21) != NULL, "another waits for it");
	is_int(s.count, 2, "two wait");
	is_int(s.of_peer[0], 1, "  one of each peer");
	is_int(s.bytes_of_peer[1], 10, "  with its payload");
	ok(waits(&s, 30) && !waits(&s, 20), "  known by id");
	is_int(next(&s), 0, "neither is ready");
	came(&s, 20);
	is_int(next(&s), 0, "nor when one came");
	came(&s, 21);
	is_int(next(&s), 30, "the first is when both are there");
	is_int(next(&s), 0, "the second waits on");
	is_int(s.of_peer[0], 0, "  and its peer has room again");
	came(&s, 30);
	b = jt_unsuspend(&s);
	ok(b != NULL && b->block.ref.round == 4, "until the first is in the graph");
	is_int(jt_get_be32(b->block.parents[0].id), 30, "  with its own copy of the parents");
	is_int(b->from, 1, "  and who sent it");
	is_int(s.absent, 0, "nothing is left");
	jt_suspension_park(&s, b);
	ok(waits(&s, 40), "it may be put back");
	is_int(next(&s), 0, "  and waits for the horizon");
	jt_suspension_low(&s, 1);
	is_int(next(&s), 40, "  until that moves");
	jt_suspension_free(&s);
	jt_dag_free(&d);
}

static void
test_taken(void)
{
	struct jt_suspension s;
	struct jt_suspended *b;
	struct jt_dag d;
	const struct jt_ref missing = ref(1, 10);

	start(&s, &d);
	wait_for(&s, &d, 0, 2, 20, 10, 11);
	wait_for(&s, &d, 0, 2, 21, 10, 12);
	wait_for(&s, &d, 0, 3, 30, 20, 21);
	jt_ask(&s, &missing, 3, 9);
	b = jt_suspended_find(&s, ref(2, 20).id);
	jt_suspension_take(&s, b);
	jt_suspended_free(b);
	is_int(s.of_peer[0], 2, "one is taken out");
	is_int(s.absent, 5, "  whoever waits for it waits on, what it alone waited for is forgotten");
	came(&s, 10);
	came(&s, 12);
	is_int(next(&s), 21, "the others are not hurt");
	came(&s, 21);
	wait_for(&s, &d, 0, 2, 20, 10, 11);
	b = jt_suspended_find(&s, ref(3, 30).id);
	jt_suspension_take(&s, b);
	jt_suspended_free(b);
	came(&s, 10);
	came(&s, 11);
	b = jt_suspended_find(&s, ref(2, 20).id);
	ok(b != NULL && b->ready, "one that is ready");
	jt_suspension_take(&s, b);
	jt_suspended_free(b);
	is_int(next(&s), 0, "  is taken out of the queue, too");
	is_int(s.count, 0, "none waits");
	is_int(s.absent, 0, "nothing is left");
	jt_suspension_free(&s);
	jt_dag_free(&d);
}

/* A chain of blocks, each on one below and one that never comes. */
static void
test_horizon(void)
{
	enum { ROUNDS = 3000 };
	struct jt_suspension s;
	struct jt_dag d;
	uint32_t seen = 0;

	start(&s, &d);
	for (uint32_t r = 2; r <= ROUNDS; r++)
		wait_for(&s, &d, r % 4, r, r, r - 1, r + 100000);
	is_int(s.absent, 2 * ROUNDS - 1, "%d entries", 2 * ROUNDS - 1);
	jt_suspension_low(&s, 1);
	is_int(next(&s), 2, "what lies at the horizon is not waited for");
	came(&s, 2);
	is_int(next(&s), 0, "what lies above is");
	d.low = ROUNDS;
	jt_suspension_low(&s, ROUNDS);
	while (next(&s) != 0)
		seen++;
	is_int(seen, ROUNDS - 2, "nor is anything when all is below");
	is_int(s.absent, 0, "nothing is left");
	is_int(s.cap, 64, "  and no room is taken for it");
	jt_suspension_free(&s);
	d.low = 0;
	jt_dag_free(&d);
}

static void
test_asked(void)
{
	struct jt_suspension s;
	struct jt_dag d;
	const struct jt_ref a = ref(3, 1), b = ref(4, 2), c = ref(5, 3);

	start(&s, &d);
	ok(jt_ask(&s, &a, 0, 2), "asked");
	ok(!jt_ask(&s, &a, 0, 2), "the same peer is not asked twice");
	ok(jt_ask(&s, &a, 127, 2), "another is");
	ok(!jt_ask(&s, &a, 5, 2), "but not more than two");
	ok(jt_ask(&s, &b, 0, 2) && jt_ask(&s, &c, 0, 2), "for other blocks, too");
	jt_forget_peer(&s, 0);
	ok(jt_ask(&s, &a, 0, 2), "a peer that came back is asked again");
	ok(!jt_ask(&s, &a, 127, 2), "  and no other");
	ok(jt_was_asked(&s, b.id), "asked for, whoever came back");
	jt_suspension_came(&s, b.id);
	ok(!jt_was_asked(&s, b.id), "what came is not asked for any more");
	ok(jt_was_asked(&s, a.id) && jt_was_asked(&s, c.id), "  the others are");
	jt_suspension_low(&s, 3);
	ok(!jt_was_asked(&s, a.id), "nor is what lies at the horizon");
	ok(jt_was_asked(&s, c.id), "  but above it");
	for (uint32_t i = 0; i < 2000; i++) {
		struct jt_ref r = ref(100, i + 20);
		jt_ask(&s, &r, 0, 2);
	}
	is_int(s.absent, 2001, "many are");
	jt_suspension_low(&s, 100);
	is_int(s.absent, 0, "until the horizon reaches them");
	jt_suspension_free(&s);
	jt_dag_free(&d);
}

int
main(void)
{
	test_waiting();
	test_taken();
	test_horizon();
	test_asked();
	return done_testing();
}
