/*
 * jt-verify over a file of 20,000 signed payments with as many keys, against a
 * bare loop of libsodium's verification over the same keys, messages and
 * signatures. Processor time, so that neighbours on the machine matter less;
 * the program's start and end are in it.
 *
 *	verify              for each payment, -T 1, against the bare loop
 *	verify-threads-N    wall time for each payment with -T N, against -T 1: N at best
 */
#include <sched.h>

#include "../unit/tempdir.h"
#include "payments.h"

enum { PAYMENTS = 20000, PAYMENTS_QUICK = 500, REPEATS = 7 };

static struct network net;
static struct payments payments;

static void
make_payments(uint32_t count, const char *path)
{
	struct jt_buf stream;
	struct jt_error e;

	network_make(&net, 1, count, false);
	payments_start(&payments, count);
	jt_buf_init(&stream, SIZE_MAX / 2);
	for (uint32_t i = 0; i < count; i++)
		payments_make(&payments, &net, i, &stream);
	network_must(jt_file_write(path, 0600, true, jt_buf_slice(&stream), &e), &e);
	jt_buf_free(&stream);
}

/* Wall time; *cpu its processor time. */
static double
verify(const char *program, char *threads, char *path, double *cpu)
{
	char *argv[] = { (char *)(uintptr_t)program, "-T", threads, path, NULL };
	double before = bench_cpu(RUSAGE_CHILDREN), wall;
	long memory;

	wall = bench_spawn(argv, NULL, &memory);
	*cpu = bench_cpu(RUSAGE_CHILDREN) - before;
	return wall;
}

static void
bench_threads(const char *program, char *path, int threads)
{
	double time[REPEATS], ratio[REPEATS], cpu;
	char number[16], name[32];

	snprintf(number, sizeof number, "%d", threads);
	for (int i = 0; i < REPEATS; i++) {
		double one = verify(program, "1", path, &cpu);

		time[i] = verify(program, number, path, &cpu);
		ratio[i] = one / time[i];
	}
	snprintf(name, sizeof name, "verify-threads-%d", threads);
	bench_time_line(name, bench_median(time, REPEATS) / payments.count,
	    bench_median(ratio, REPEATS));
}

int
main(void)
{
	double time[REPEATS], ratio[REPEATS];
	const char *build = getenv("JT_BUILD");
	char program[4096], path[128];
	cpu_set_t cpus;

	snprintf(program, sizeof program, "%s/cmd/jt-verify", build != NULL ? build : ".");
	tempdir_make();
	snprintf(path, sizeof path, "%s", tempdir_path("payments"));
	make_payments(bench_quick() ? PAYMENTS_QUICK : PAYMENTS, path);
	for (int i = 0; i < REPEATS; i++) {
		double raw = payments_bare(&payments);

		verify(program, "1", path, &time[i]);
		ratio[i] = raw / time[i];
	}
	bench_time_line("verify", bench_median(time, REPEATS) / payments.count,
	    bench_median(ratio, REPEATS));
	if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
		for (int n = 2; n <= CPU_COUNT(&cpus); n *= 2)
			bench_threads(program, path, n);
	return 0;
}
