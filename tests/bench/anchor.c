/*
 * From a file to its proof: jt-anchor on a network of four validators that is idle
 * otherwise, from its start to its end, all programs together.
 *
 *	anchor-lone       one file, its record without the work of a stamp: median;
 *	                  ratio: to writing its proof durably two times, which is the
 *	                  least (once to wait, once complete)
 *	anchor-lone-99    99th percentile
 *	anchor-stamped    one file on a network with stamps as the genesis has them: mean
 *	anchor-stamp      the stamp's part of it: mean
 *	anchor-files      1,000 files at once, for each; ratio as above
 *	anchor-list       a list of a million digests, proofs in one file, for each; ratio:
 *	                  to hashing 64 bytes, of which a tree needs two for each leaf
 *
 * Takes half a minute; with BENCH_MS under 50 some seconds.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../unit/tempdir.h"
#include "all/kinds.h"
#include "base/file.h"
#include "base/text.h"
#include "bench.h"
#include "ledger/record.h"

enum { PAUSE_US = 200000, STAMP_BITS = 18, PROOF_BYTES = 1800, FILES_MAX = 1000 };

static struct jt_error error;
static int lone, files;
static long digests;
static const char *nets[] = { "free", "stamped" };

static void
check(enum jt_err err)
{
	if (err != JT_OK)
		bench_fail(error.text);
}

static void
shell(const char *fmt, const char *a)
{
	char command[512];

	snprintf(command, sizeof command, fmt, a);
	if (system(command) != 0)
		bench_fail(command);
}

/* Runs before the directory goes. */
static void
stop(void)
{
	char command[256];

	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
		snprintf(command, sizeof command, "jt-net down %s 2>/dev/null", nets[i]);
		if (access(nets[i], F_OK) == 0 && system(command) != 0)
			fprintf(stderr, "bench: %s\n", command);
	}
}

static void
write_file(const char *name, uint64_t salt)
{
	uint8_t bytes[32] = { 0 };

	memcpy(bytes, &salt, sizeof salt);
	check(jt_file_write(name, 0644, false, (struct jt_slice){ bytes, sizeof bytes }, &error));
}

/* The least: a proof that waits, and the complete one in its place. */
static double
write_twice(void)
{
	static const uint8_t proof[PROOF_BYTES];
	uint64_t start = bench_now();

	for (int i = 0; i < 2; i++)
		check(jt_file_write("least.jtp", 0644, false,
		    (struct jt_slice){ proof, sizeof proof }, &error));
	return (double)(bench_now() - start);
}

/* One file on this network, after silence. */
static double
anchor_one(const char *net, int number)
{
	char name[64], dir[64], *argv[] = { "jt-anchor", "-d", dir, name, NULL };
	long memory;

	snprintf(name, sizeof name, "%s-%d", net, number);
	snprintf(dir, sizeof dir, "%s/v%d", net, 1 + number % 4);
	write_file(name, (uint64_t)number);
	usleep(PAUSE_US);
	return bench_spawn(argv, NULL, &memory);
}

static void
measure_lone(void)
{
	double *times = calloc((size_t)lone, sizeof *times);
	double *ratios = calloc((size_t)lone, sizeof *ratios);

	if (times == NULL || ratios == NULL)
		bench_fail("out of memory");
	for (int i = 0; i < lone; i++) {
		double least = write_twice();

		times[i] = anchor_one("free", i);
		ratios[i] = least / times[i];
	}
	bench_time_line("anchor-lone", bench_median(times, (size_t)lone),
	    bench_median(ratios, (size_t)lone));
	bench_time_line("anchor-lone-99", times[(size_t)(lone - 1) * 99 / 100], -1);
	free(times);
	free(ratios);
}

/* Stamps take very different times: only their mean says something. */
static void
measure_stamped(void)
{
	uint8_t door[JT_KEY] = { 1 }, id[JT_HASH] = { 0 };
	double all = 0, stamps = 0;

	for (int i = 0; i < lone; i++) {
		uint64_t start = bench_now(), nonce = 0;

		memcpy(id, &i, sizeof i);
		if (!jt_stamp_find(door, id, STAMP_BITS, UINT64_MAX, &nonce))
			bench_fail("no stamp");
		stamps += (double)(bench_now() - start);
		all += anchor_one("stamped", i);
	}
	bench_time_line("anchor-stamped", all / lone, -1);
	bench_time_line("anchor-stamp", stamps / lone, -1);
}

static void
measure_files(void)
{
	static char names[FILES_MAX][32];
	char *argv[FILES_MAX + 4] = { "jt-anchor", "-d", "free/v1" };
	double took, least = write_twice();
	long memory;

	for (int i = 0; i < files; i++) {
		snprintf(names[i], sizeof names[i], "file-%d", i);
		write_file(argv[3 + i] = names[i], UINT64_C(1) << 32 | (uint64_t)i);
	}
	took = bench_spawn(argv, NULL, &memory) / files;
	least = (least + write_twice()) / 2;
	bench_time_line("anchor-files", took, least / took);
}

static void
measure_list(void)
{
	char *argv[] = { "jt-anchor", "-d", "free/v1", "-c", "list", NULL };
	uint8_t hash[JT_HASH] = { 0 }, pair[2 * JT_HASH] = { 0 };
	char text[2 * JT_HASH + 1];
	uint64_t start;
	double least, took;
	long memory;
	FILE *f = fopen("list", "w");

	if (f == NULL)
		bench_fail("list");
	for (long i = 0; i < digests; i++) {
		jt_hash(hash, (struct jt_slice){ hash, sizeof hash });
		jt_hex_format(hash, JT_HASH, text);
		fprintf(f, "%s  file %ld\n", text, i);
	}
	fclose(f);
	start = bench_now();
	for (long i = 0; i < 2 * digests; i++)
		jt_hash(pair, (struct jt_slice){ pair, sizeof pair });
	least = (double)(bench_now() - start) / (double)digests;
	took = bench_spawn(argv, NULL, &memory) / (double)digests;
	bench_time_line("anchor-list", took, least / took);
}

int
main(void)
{
	char path[4096], cwd[2048];

	if (!jt_crypto_init() || getcwd(cwd, sizeof cwd) == NULL)
		bench_fail("no start");
	snprintf(path, sizeof path, "%s/cmd:%s", cwd, getenv("PATH"));
	setenv("PATH", path, 1);
	unsetenv("JT_DIR");
	unsetenv("JT_NETWORK");
	lone = bench_quick() ? 3 : 60;
	files = bench_quick() ? 50 : FILES_MAX;
	digests = bench_quick() ? 50000 : 1000000;
	if (chdir(tempdir_make()) != 0 || atexit(stop) != 0)
		bench_fail(tempdir);
	shell("printf 'validators: 4\\nrecords: {stamp: 0}\\n' > free.yaml%s", "");
	shell("jt-net up free.yaml %s", nets[0]);
	measure_lone();
	measure_files();
	measure_list();
	shell("jt-net down %s", nets[0]);
	shell("jt-net up 4 %s", nets[1]);
	measure_stamped();
	return 0;
}
