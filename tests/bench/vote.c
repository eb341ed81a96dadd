/*
 * The vote: what one block costs in the graph, the rule and the order together,
 * coins and decisions and deliveries included, in full rounds of n validators.
 * What lies below the horizon is dropped as a voter drops it, so that the cost
 * must not grow with history.
 *
 *	vote-block-N-200     per block, in rounds 101 to 200
 *	vote-block-N-2000    in rounds 1,901 to 2,000; 1.00: it did not grow
 *	vote-run-4, -10      a simulated run of 4, of 10 voters: all faults, 10 items
 *
 * Takes about a minute; with BENCH_MS under 50 a few seconds.
 */
#include "bench.h"
#include "sim/sim.h"

enum { SPAN = 100 }; /* rounds that are timed */

struct votes {
	struct jt_dag dag;
	struct jt_rule rule;
	struct jt_order order;
	struct jt_ref *last;     /* the newest round */
	uint32_t round;
	uint64_t delivered;
};

static struct jt_error error;

static void
check(enum jt_err err)
{
	if (err != JT_OK)
		bench_fail(error.text);
}

static void
on_deliver(void *ctx, const struct jt_vertex *v)
{
	(void)v;
	((struct votes *)ctx)->delivered++;
}

static void
on_cut(void *ctx, const struct jt_decided_cut *cut)
{
	(void)ctx;
	bench_keep(cut);
}

static const struct jt_order_ops ops = { on_deliver, on_cut };

static void
start(struct votes *v, uint32_t n)
{
	static const uint8_t seed[JT_HASH] = { 1 };

	memset(v, 0, sizeof *v);
	check(jt_dag_init(&v->dag, n, seed, &error));
	check(jt_rule_init(&v->rule, &v->dag, 1, &error));
	jt_order_init(&v->order, &v->dag, &jt_order_usual, &ops, v);
	if ((v->last = calloc(n, sizeof *v->last)) == NULL)
		bench_fail("no memory");
	for (uint32_t a = 0; a < n; a++)
		jt_dag_genesis_ref(seed, a, &v->last[a]);
}

static void
end(struct votes *v)
{
	jt_order_free(&v->order);
	jt_rule_free(&v->rule);
	jt_dag_free(&v->dag);
	free(v->last);
}

static void
take(struct votes *v)
{
	uint32_t round, k, low;
	struct jt_slot *s;

	check(jt_rule_decide(&v->rule, &error));
	while (jt_rule_next(&v->rule, &round, &k, &s))
		if (s->verdict == JT_COMMITTED)
			check(jt_order_leader(&v->order, s->block, jt_rule_coin_of(&v->rule, round),
			    &error));
	low = jt_order_horizon(&v->order);
	jt_order_prune(&v->order, low);
	jt_rule_prune(&v->rule, low);
	jt_dag_prune(&v->dag, low);
}

/* A round in which everybody builds on everybody, and what follows from each block. */
static void
add_round(struct votes *v)
{
	uint32_t n = v->dag.c.n;
	struct jt_ref parents[JT_VOTERS_MAX], made[JT_VOTERS_MAX];

	v->round++;
	for (uint32_t a = 0; a < n; a++) {
		struct jt_block b = { .ref = { .round = v->round, .author = a }, .parents = parents,
			.parent_count = n, .time = 100 * (uint64_t)v->round, .items = 1, .bytes = 100 };
		struct jt_vertex *x;
		uint64_t place = (uint64_t)v->round * n + a;

		jt_hash(b.ref.id, (struct jt_slice){ (const uint8_t *)&place, sizeof place });
		for (uint32_t i = 0; i < n; i++)
			parents[i] = v->last[(a + i) % n];
		made[a] = b.ref;
		check(jt_block_check(&v->dag.c, &b, &error));
		check(jt_dag_add(&v->dag, &b, &x, &error));
		check(jt_rule_added(&v->rule, x, &error));
		if (v->round > JT_DECIDING && a + 1 == v->dag.c.t) {
			uint8_t coin[64] = { (uint8_t)v->round, (uint8_t)(v->round >> 8) };
			check(jt_rule_coin(&v->rule, v->round - JT_DECIDING, coin, &error));
		}
		take(v);
	}
	memcpy(v->last, made, n * sizeof *made);
}

/* Of this process alone: rounds are long enough to be interrupted by others. */
static uint64_t
cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ns for each block, in the middle one of the SPAN rounds that end at `until`. */
static double
cost(struct votes *v, uint32_t until)
{
	double took[SPAN];

	while (v->round + SPAN < until)
		add_round(v);
	for (int i = 0; i < SPAN; i++) {
		uint64_t began = cpu_now();
		add_round(v);
		took[i] = (double)(cpu_now() - began) / v->dag.c.n;
	}
	return bench_median(took, SPAN);
}

static void
bench_blocks(uint32_t n, uint32_t most)
{
	struct votes v;
	char name[64];
	double early, late;

	start(&v, n);
	early = cost(&v, 200);
	snprintf(name, sizeof name, "vote-block-%u-200", n);
	bench_time_line(name, early, 0);
	late = cost(&v, most);
	snprintf(name, sizeof name, "vote-block-%u-%u", n, most);
	bench_time_line(name, late, early / late);
	if (v.delivered == 0)
		bench_fail("nothing was delivered");
	end(&v);
}

struct runs {
	uint32_t n;
	uint64_t seed;
};

static void
simulate(void *ctx, uint64_t count)
{
	struct runs *runs = ctx;

	while (count-- > 0) {
		struct jt_sim_terms t = { .n = runs->n, .seed = ++runs->seed, .items = 10, .leaders = 1 };
		struct jt_sim_result r;
		jt_sim_mix(&t);
		check(jt_sim_run(&t, &r, &error));
		if (r.broken)
			bench_fail(r.why);
	}
}

int
main(void)
{
	static const uint32_t sizes[] = { 4, 16, 64, 100 };
	uint32_t most = bench_quick() ? 300 : 2000;
	struct runs four = { 4, 0 }, ten = { 10, 0 };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (!bench_quick() || sizes[i] <= 16)
			bench_blocks(sizes[i], most);
	bench("vote-run-4", simulate, NULL, &four);
	bench("vote-run-10", simulate, NULL, &ten);
	return 0;
}
