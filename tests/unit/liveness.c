/*
 * How long can an adversary of the network keep the vote from going on? It sees
 * the coin as soon as one correct voter can, and keeps the elected leader's
 * blocks from whoever is yet to vote on them. It may not see the coin before. So
 * each coin elects a leader who is committed at once with a chance of p at
 * least, whatever it does (rbft.md 2.2):
 *
 *	p = (2f+1)/(3f+1)   nobody shows twins
 *	p = (f+1)/(3f+1)    f faulty voters do
 *
 * and k coins in a row fail with a chance of (1-p)^k at most: R of 2^-40 (7.2).
 *
 * A test of chance: the numbers seen are as far beyond what the bounds allow
 * with a chance of 2^-40 at most (Hoeffding). When the bounds are wrong it
 * fails; with leaders who are known before there are no such bounds, and
 * the vote stands still.
 *
 *	liveness        some ten thousand coins, a few seconds
 *	liveness all    a million
 */
#include <stdlib.h>

#include "sim/sim.h"
#include "tap.h"

enum { MOST_COINS = 83 }; /* R for p = 2/7, which is below all p here */

struct row {
	uint32_t n, faults;
	uint32_t good, of; /* p */
	uint32_t runs, all;
};

/* The sums over many runs, each of so many messages. */
static struct jt_sim_result
simulate(uint32_t n, uint32_t faults, uint32_t runs)
{
	struct jt_sim_terms t = { .n = n, .items = 100000, .leaders = 1, .faults = faults,
		.messages = 20000 };
	struct jt_sim_result sum = { 0 }, r;
	struct jt_error e;

	for (t.seed = 1; t.seed <= runs; t.seed++) {
		if (jt_sim_run(&t, &r, &e) != JT_OK || r.broken) {
			printf("Bail out! %s\n", r.broken ? r.why : e.text);
			exit(1);
		}
		sum.slots += r.slots;
		sum.cuts += r.cuts;
		for (size_t i = 0; i <= JT_SIM_ROUNDS; i++)
			sum.flips[i] += r.flips[i];
		if (r.undecided > sum.undecided)
			sum.undecided = r.undecided;
	}
	return sum;
}

/*
 * Of `count` throws with a chance of bound each at most, are `seen` too many?
 * More than count * bound + t have a chance of exp(-2 t^2 / count), and t is
 * taken for 2^-40.
 */
static bool
is_too_many(double seen, double count, double bound)
{
	double beyond = seen - count * bound;

	return beyond > 0 && 2 * beyond * beyond > 40 * 0.6931472 * count;
}

static void
test_row(const struct row *row, bool all)
{
	struct jt_sim_result r = simulate(row->n, row->faults, all ? row->all : row->runs);
	double fails = 1 - (double)row->good / row->of, bound = 1;
	uint64_t coins = 0, series = 0, left;
	uint32_t most = 0, wrong = 0;

	for (uint32_t k = 1; k <= JT_SIM_ROUNDS; k++) {
		series += r.flips[k];
		coins += k * r.flips[k];
		most = r.flips[k] > 0 ? k : most;
	}
	left = series;
	for (uint32_t k = 1; k <= most; k++) {
		/* So many series took k coins or more: k-1 failed. */
		wrong += is_too_many((double)left, (double)series, bound);
		if (k <= 12)
			printf("# %u voters: %u coins or more in %ju of %ju, %.0f allowed\n", row->n, k,
			    (uintmax_t)left, (uintmax_t)series, (double)series * bound);
		left -= r.flips[k];
		bound *= fails;
	}
	ok(series > 1000, "%u voters: %ju coins, %ju leaders committed at once", row->n,
	    (uintmax_t)coins, (uintmax_t)series);
	ok(!is_too_many((double)(coins - series), (double)coins, fails),
	    "  no fewer than %u of %u", row->good, row->of);
	is_int(wrong, 0, "  no series of coins is too long, too often");
	ok(most <= MOST_COINS, "  nor at all: %u at most", most);
	ok(r.undecided <= JT_WAVE * MOST_COINS, "  %u leader slots wait at once, at most", r.undecided);
}

/* Leaders in turn: the same adversary, and nothing happens any more. */
static void
test_known(void)
{
	struct jt_sim_result r = simulate(10, 1U << JT_SIM_AIM | 1U << JT_SIM_KNOWN, 5);
	uint64_t series = 0;

	for (uint32_t k = 1; k <= JT_SIM_ROUNDS; k++)
		series += r.flips[k];
	ok(r.slots > 500, "leaders who are known before: %ju slots", (uintmax_t)r.slots);
	is_int(series, 0, "  none is ever committed");
	is_int(r.cuts, 0, "  and no ledger ends");
	ok(is_too_many((double)r.slots, (double)r.slots, 0.3), "  which the test of chance sees");
}

int
main(int argc, char **argv)
{
	static const struct row rows[] = {
		{ 4, 1U << JT_SIM_AIM, 3, 4, 6, 300 },
		{ 4, 1U << JT_SIM_AIM | 1U << JT_SIM_TWINS, 2, 4, 6, 300 },
		{ 7, 1U << JT_SIM_AIM, 5, 7, 15, 600 },
		{ 7, 1U << JT_SIM_AIM | 1U << JT_SIM_TWINS, 3, 7, 15, 600 },
		{ 7, 1U << JT_SIM_AIM | 1U << JT_SIM_LATECOIN | 1U << JT_SIM_CONES, 3, 7, 15, 600 },
		{ 10, 1U << JT_SIM_AIM, 7, 10, 30, 900 },
		{ 10, 1U << JT_SIM_AIM | 1U << JT_SIM_TWINS, 4, 10, 30, 900 },
	};
	bool all = argc == 2 && strcmp(argv[1], "all") == 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		test_row(&rows[i], all);
	test_known();
	return done_testing();
}
