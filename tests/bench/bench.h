/*
 * Benchmarks: how long does it take, and how does it compare to the raw loop
 * below which it cannot go?
 *
 * Each line is `name value unit ratio`: the median time of one operation, and
 * the raw loop's time divided by ours, measured in the same run, the two
 * interleaved (1.00: as fast as the raw loop; 0.90: nine tenths of its rate;
 * `-`: nothing to compare with). Ratios can be compared between machines and
 * days, values cannot.
 *
 *	static void ours(void *ctx, uint64_t n) { while (n-- > 0) ...; }
 *	static void raw(void *ctx, uint64_t n)  { while (n-- > 0) ...; }
 *	bench("verify", ours, raw, &ctx);
 *	bench_command("sign-oneshot", our_argv, their_argv, "in", "peer-in");
 *
 * BENCH_MS in the environment is the time of one repetition (default 50); under
 * 50 what cannot have short repetitions is small (bench_quick), so that a check
 * can see that all of it works.
 */
#ifndef BENCH_H
#define BENCH_H

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BENCH_REPEATS = 11 }; /* odd: the median is one of them */

typedef void bench_loop(void *ctx, uint64_t n);

static inline uint64_t
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Processor time, ns. */
static inline double
bench_cpu_of(const struct rusage *u)
{
	return 1e9 * (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	    1e3 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

/* So far: of this process (RUSAGE_SELF), or of its children that have ended (RUSAGE_CHILDREN). */
static inline double
bench_cpu(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return bench_cpu_of(&u);
}

static inline void
bench_fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

/* Keep the compiler from leaving out the computation of a value. */
static inline void
bench_keep(const void *value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

static inline int
bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double
bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, bench_compare);
	return values[count / 2];
}

/* ratio <= 0: none. */
static inline void
bench_line(const char *name, double value, const char *unit, double ratio)
{
	printf("%s %.*f %s ", name, value < 10 ? 2 : value < 100 ? 1 : 0, value, unit);
	if (ratio > 0)
		printf("%.2f\n", ratio);
	else
		printf("-\n");
	fflush(stdout);
}

static inline void
bench_time_line(const char *name, double ns, double ratio)
{
	if (ns < 10e3)
		bench_line(name, ns, "ns", ratio);
	else if (ns < 10e6)
		bench_line(name, ns / 1e3, "us", ratio);
	else
		bench_line(name, ns / 1e6, "ms", ratio);
}

static inline double
bench_run(bench_loop *loop, void *ctx, uint64_t n)
{
	uint64_t start = bench_now();

	loop(ctx, n);
	return (double)(bench_now() - start) / (double)n;
}

static inline int
bench_ms(void)
{
	const char *ms = getenv("BENCH_MS");

	return ms != NULL && atoi(ms) > 0 ? atoi(ms) : 50;
}

static inline bool
bench_quick(void)
{
	return bench_ms() < 50;
}

/* How many operations fill one repetition? Warms up on the way. */
static inline uint64_t
bench_count(bench_loop *loop, void *ctx)
{
	double want = 1e6 * bench_ms();
	uint64_t n = 1;

	for (;;) {
		double took = bench_run(loop, ctx, n) * (double)n;
		if (took >= want)
			return n;
		if (took > want / 100)
			n = (uint64_t)((double)n * 1.1 * want / took) + 1;
		else
			n *= 10;
	}
}

/* raw may be NULL. Returns the ratio (0 without one). */
static inline double
bench(const char *name, bench_loop *ours, bench_loop *raw, void *ctx)
{
	double time[BENCH_REPEATS], ratio[BENCH_REPEATS], middle = 0;
	uint64_t n = bench_count(ours, ctx), m = raw != NULL ? bench_count(raw, ctx) : 0;

	for (int i = 0; i < BENCH_REPEATS; i++) {
		double other = raw != NULL ? bench_run(raw, ctx, m) : 0;
		time[i] = bench_run(ours, ctx, n);
		ratio[i] = other / time[i];
	}
	if (raw != NULL)
		middle = bench_median(ratio, BENCH_REPEATS);
	bench_time_line(name, bench_median(time, BENCH_REPEATS), middle);
	return middle;
}

/* Run a program to its end; wall time in ns. *memory: its greatest size in KiB. */
static inline double
bench_spawn(char *const argv[], const char *input, long *memory)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	uint64_t start;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, input != NULL ? input : "/dev/null",
	    O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	start = bench_now();
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0)
		bench_fail(argv[0]);
	if (wait4(pid, &status, 0, &usage) != pid || status != 0)
		bench_fail(argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	*memory = usage.ru_maxrss;
	return (double)(bench_now() - start);
}

/*
 * Whole runs of a program, against another one (NULL: none) interleaved: a
 * line NAME with the wall time, a line NAME-memory with the size at its
 * greatest. A size under the benchmark's own cannot be seen, so keep that
 * small. Both commands must succeed every time.
 */
static inline double
bench_command(const char *name, char *const ours[], char *const other[], const char *input,
    const char *other_input)
{
	enum { RUNS = 41 };
	double time[RUNS], other_time[RUNS], ratio = 0, took;
	long memory = 0, most = 0, other_memory = 0, other_most = 0;
	char line[128];

	for (int i = 0; i < RUNS; i++) {
		if (other != NULL) {
			other_time[i] = bench_spawn(other, other_input, &other_memory);
			if (other_memory > other_most)
				other_most = other_memory;
		}
		time[i] = bench_spawn(ours, input, &memory);
		if (memory > most)
			most = memory;
	}
	took = bench_median(time, RUNS);
	if (other != NULL)
		ratio = bench_median(other_time, RUNS) / took;
	bench_time_line(name, took, ratio);
	snprintf(line, sizeof line, "%s-memory", name);
	bench_line(line, (double)most, "KiB", other != NULL ? (double)other_most / (double)most : 0);
	return ratio;
}

#endif
