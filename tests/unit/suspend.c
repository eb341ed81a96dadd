/*
 * Blocks that wait for ancestors, and who was asked for which.
 */
#include <stdlib.h>

#include "tap.h"
#include "vote/suspend.h"

static struct jt_ref
ref(uint32_t round, uint8_t id)
{
	return (struct jt_ref){ .round = round, .id = { id } };
}

static void
test_suspended(void)
{
	struct jt_suspension s = { 0 };
	struct jt_ref parents[2] = { ref(1, 1), ref(1, 2) };
	struct jt_block b = { .ref = ref(2, 0), .parents = parents, .parent_count = 2 };
	struct jt_suspended out;

	for (uint8_t i = 0; i < 40; i++) {
		b.ref = ref(2, (uint8_t)(10 + i));
		ok(jt_suspend(&s, &b, i % 2), "block %d waits", i);
	}
	parents[0] = ref(9, 9);
	is_int(s.count, 40, "40 wait");
	is_int(s.of_peer[0], 20, "  half of them of one peer");
	ok(jt_is_suspended(&s, ref(2, 33).id) && !jt_is_suspended(&s, ref(2, 9).id), "  known by id");
	out = jt_unsuspend(&s, 23);
	is_int(out.block.ref.id[0], 33, "one is taken out");
	is_int(out.from, 1, "  with who sent it");
	is_int(out.block.parents[0].id[0], 1, "  and its own copy of the parents");
	free((void *)(uintptr_t)out.block.parents);
	is_int(s.of_peer[1], 19, "  which makes room for that peer");
	ok(!jt_is_suspended(&s, ref(2, 33).id) && jt_is_suspended(&s, ref(2, 34).id) &&
	    jt_is_suspended(&s, ref(2, 49).id), "  the others are there");
	jt_suspension_free(&s);
	is_int(s.count, 0, "all is given back");
}

static void
test_asked(void)
{
	struct jt_suspension s = { 0 };
	const struct jt_ref a = ref(3, 1), b = ref(4, 2), c = ref(5, 3);

	ok(jt_ask(&s, &a, 0), "asked");
	ok(!jt_ask(&s, &a, 0), "the same peer is not asked twice");
	ok(jt_ask(&s, &a, 127), "another is");
	ok(jt_ask(&s, &b, 0) && jt_ask(&s, &c, 0), "for other blocks, too");
	jt_forget_peer(&s, 0);
	ok(jt_ask(&s, &a, 0), "a peer that came back is asked again");
	ok(!jt_ask(&s, &a, 127), "  and no other");
	ok(jt_was_asked(&s, b.id), "asked for, whoever came back");
	jt_forget_asked(&s, b.id, 0);
	ok(!jt_was_asked(&s, b.id), "what came is not asked for any more");
	ok(jt_was_asked(&s, a.id) && jt_was_asked(&s, c.id), "  the others are");
	jt_forget_asked(&s, NULL, 3);
	ok(!jt_was_asked(&s, a.id), "nor is what lies at the horizon");
	ok(jt_was_asked(&s, c.id), "  but above it");
	for (uint8_t i = 0; i < 200; i++) {
		struct jt_ref r = ref(100, (uint8_t)(i + 20));
		jt_ask(&s, &r, 0);
	}
	is_int(s.asked_count, 201, "many are");
	jt_forget_asked(&s, NULL, 100);
	is_int(s.asked_count, 0, "until the horizon reaches them");
	jt_suspension_free(&s);
}

int
main(void)
{
	test_suspended();
	test_asked();
	return done_testing();
}
