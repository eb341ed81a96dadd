/*
 * A voter is killed at every point: before each write to its log and before each
 * message, in turn; what was not durable is lost, all of it or some. It begins
 * again, from all of its log or from a mark, and every invariant holds.
 */
#include "sim/sim.h"
#include "tap.h"

/* Runs of one seed, killed at 1, 2, ... until there is nothing more to kill. */
static void
kill_everywhere(uint32_t n, uint64_t seed, uint32_t schedule)
{
	struct jt_sim_terms t = { .n = n, .seed = seed, .items = 5, .leaders = 1,
		.faults = 1U << JT_SIM_RESTART | schedule };
	struct jt_sim_result r = { 0 };
	struct jt_error e;
	uint64_t broken = 0;

	do {
		t.kill_at++;
		if (jt_sim_run(&t, &r, &e) != JT_OK) {
			printf("Bail out! %s\n", e.text);
			return;
		}
		if (r.broken && broken++ == 0)
			printf("# killed at %ju: %s\n", (uintmax_t)t.kill_at, r.why);
	} while (r.kills > 0);
	is_int(broken, 0, "%u voters, seed %ju, killed at each of %ju points", n, (uintmax_t)seed,
	    (uintmax_t)t.kill_at - 1);
	ok(t.kill_at > 100, "  which are many");
}

/* Without what makes it right, it is seen. */
static void
test_without(void)
{
	struct jt_sim_terms t = { .n = 4, .items = 5, .leaders = 1, .faults = 1U << JT_SIM_RESTART,
		.without = 1U << JT_NO_CONE };
	struct jt_sim_result r = { 0 };
	struct jt_error e;
	bool broken = false;

	for (t.seed = 1; t.seed < 20 && !broken; t.seed++)
		for (t.kill_at = 50; t.kill_at < 150 && !broken; t.kill_at++)
			broken = jt_sim_run(&t, &r, &e) == JT_OK && r.broken;
	ok(broken, "when blocks below one's own are not durable with it: %s", r.why);
}

int
main(void)
{
	for (uint64_t seed = 1; seed <= 4; seed++)
		kill_everywhere(4, seed, 0);
	kill_everywhere(4, 5, 1U << JT_SIM_LIFO);
	kill_everywhere(7, 6, 1U << JT_SIM_FIFO);
	test_without();
	return done_testing();
}
