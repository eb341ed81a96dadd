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

#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "bench.h"

enum { PAYMENTS = 20000, PAYMENTS_QUICK = 500, REPEATS = 7 };

static struct network net;
static uint32_t payments;
static struct jt_buf stream;
static uint8_t (*ids)[JT_HASH], (*keys)[JT_KEY], (*sigs)[JT_SIGNATURE];

static double
cpu_ns(const struct rusage *u)
{
	return 1e9 * (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
	    1e3 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static void
make_payments(const char *path)
{
	struct jt_signed s;
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone;

	ids = calloc(payments, sizeof *ids);
	keys = calloc(payments, sizeof *keys);
	sigs = calloc(payments, sizeof *sigs);
	network_need(ids != NULL && keys != NULL && sigs != NULL &&
	    msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE), "out of memory");
	jt_buf_init(&stream, SIZE_MAX / 2);
	for (uint32_t i = 0; i < payments; i++) {
		size_t start = stream.len;

		network_pay(&net, i, 1, net.initial[(i + 1) % payments].account, 1000 + i,
		    &stream);
		msgpack_zone_clear(&zone);
		network_must(jt_object_parse((struct jt_slice){ stream.data + start,
		    stream.len - start }, &o, &e), &e);
		network_must(jt_signed_decode(&o, &s, &zone, &e), &e);
		jt_object_hash(ids[i], o.kind, o.version, s.body);
		memcpy(keys[i], ((const struct jt_sig *)s.sigs.items)->key, JT_KEY);
		memcpy(sigs[i], ((const struct jt_sig *)s.sigs.items)->sig, JT_SIGNATURE);
	}
	msgpack_zone_destroy(&zone);
	network_must(jt_file_write(path, 0600, true, jt_buf_slice(&stream), &e), &e);
}

/* Processor time of the bare loop over all of them. */
static double
bare(void)
{
	struct rusage before, after;
	unsigned char message[9 + JT_HASH] = "jt/sig/1";

	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < payments; i++) {
		memcpy(message + 9, ids[i], JT_HASH);
		if (crypto_sign_ed25519_verify_detached(sigs[i], message, sizeof message,
		    keys[i]) != 0)
			bench_fail("libsodium refuses a signature");
	}
	getrusage(RUSAGE_SELF, &after);
	return cpu_ns(&after) - cpu_ns(&before);
}

/* Wall time; *cpu its processor time. */
static double
verify(const char *program, char *threads, char *path, double *cpu)
{
	char *argv[] = { (char *)(uintptr_t)program, "-T", threads, path, NULL };
	struct rusage before, after;
	double wall;
	long memory;

	getrusage(RUSAGE_CHILDREN, &before);
	wall = bench_spawn(argv, NULL, &memory);
	getrusage(RUSAGE_CHILDREN, &after);
	*cpu = cpu_ns(&after) - cpu_ns(&before);
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
	bench_time_line(name, bench_median(time, REPEATS) / payments,
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
	payments = bench_quick() ? PAYMENTS_QUICK : PAYMENTS;
	network_make(&net, 1, payments, false);
	make_payments(path);
	for (int i = 0; i < REPEATS; i++) {
		double raw = bare();

		verify(program, "1", path, &time[i]);
		ratio[i] = raw / time[i];
	}
	bench_time_line("verify", bench_median(time, REPEATS) / payments,
	    bench_median(ratio, REPEATS));
	if (sched_getaffinity(0, sizeof cpus, &cpus) == 0)
		for (int n = 2; n <= CPU_COUNT(&cpus); n *= 2)
			bench_threads(program, path, n);
	return 0;
}
