/*
 * Programs run once, from their start to their end: what signing or verifying
 * one payment costs somebody who types it, against minisign, which does the
 * same with a file (Debian: minisign; without it there are no ratios). Memory
 * is a program's greatest size.
 *
 *	sign-oneshot      jt-sign -k KEY PAYMENT, against minisign -S
 *	verify-oneshot    jt-verify PAYMENT, against minisign -V
 *	keygen-oneshot    jt-keygen -n NAME: two files, synced, and their directory
 *	keygen-bare       the same files made and synced by a program of nothing else
 *	tx-oneshot        jt-tx -N NETWORK pay ... seq=1
 *	tx-dir-oneshot    jt-tx -d DIR pay ...: seq and last from the ledger
 */
#include <stdbool.h>

#include "bench.h"

#include "../unit/tempdir.h"

enum { RUNS_KEYGEN = 41, PATH_LEN = 4096 };

static char build[PATH_LEN];

/* The path of a file in the benchmark's directory, or of a program. */
static char *
file(const char *name)
{
	char *path = strdup(tempdir_path(name));

	if (path == NULL)
		bench_fail("out of memory");
	return path;
}

static char *
program(const char *name)
{
	char *path = malloc(PATH_LEN + 64);

	if (path == NULL)
		bench_fail("out of memory");
	snprintf(path, PATH_LEN + 64, "%s/cmd/%s", build, name);
	return path;
}

static bool
shell(const char *commands)
{
	char line[2 * PATH_LEN];

	snprintf(line, sizeof line, "cd '%s' && PATH='%s/cmd':$PATH && { %s; }", tempdir, build,
	    commands);
	return system(line) == 0;
}

/* A network, two payments, and a key of minisign's with a signature. */
static bool
set_up(void)
{
	if (!shell("jt-genesis -o net > id && jt-keygen -n alice > address && "
	    "jt-tx -d net/v1 -o tx pay from=net/bank to=alice amount=100 && "
	    "jt-sign -k net/bank.key -o signed tx"))
		bench_fail("the network cannot be made");
	if (!shell("command -v minisign > where")) {
		printf("# no minisign (Debian: minisign): no ratios\n");
		return false;
	}
	if (!shell("minisign -G -W -p peer.pub -s peer.key > said && "
	    "minisign -S -W -s peer.key -m tx -x tx.sig > said"))
		bench_fail("minisign cannot sign");
	return true;
}

static void
bench_sign(bool peer)
{
	char *sign[] = { program("jt-sign"), "-k", file("net/bank.key"), file("tx"), NULL };
	char *verify[] = { program("jt-verify"), file("signed"), NULL };
	char *peer_sign[] = { "minisign", "-S", "-W", "-s", file("peer.key"), "-m", file("tx"),
		"-x", file("tx.sig"), NULL };
	char *peer_verify[] = { "minisign", "-V", "-q", "-p", file("peer.pub"), "-m", file("tx"),
		"-x", file("tx.sig"), NULL };

	bench_command("sign-oneshot", sign, peer ? peer_sign : NULL, NULL, NULL);
	bench_command("verify-oneshot", verify, peer ? peer_verify : NULL, NULL, NULL);
}

static void
bench_tx(void)
{
	char from[256], to[256];
	char *net[] = { program("jt-tx"), "-N", file("net/network.jt"), "pay", from, to,
		"amount=1", "seq=1", NULL };
	char *dir[] = { net[0], "-d", file("net/v1"), "pay", from, to, "amount=1", NULL };

	snprintf(from, sizeof from, "from=%s/net/bank", tempdir);
	snprintf(to, sizeof to, "to=%s/alice", tempdir);
	bench_command("tx-oneshot", net, NULL, NULL, NULL);
	bench_command("tx-dir-oneshot", dir, NULL, NULL, NULL);
}

/* What making two small files durable costs: write, fsync, link, fsync, twice. */
static double
bare_files(int run)
{
	uint64_t start = bench_now();
	char bytes[100] = { 0 }, path[128], temp[128];
	int dir, fd[2];

	dir = open(tempdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		snprintf(temp, sizeof temp, "%s/temp%d", tempdir, i);
		fd[i] = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd[i] < 0 || write(fd[i], bytes, sizeof bytes) != (ssize_t)sizeof bytes)
			bench_fail(temp);
	}
	for (int i = 0; i < 2; i++) {
		snprintf(temp, sizeof temp, "%s/temp%d", tempdir, i);
		snprintf(path, sizeof path, "%s/bare%d.%d", tempdir, run, i);
		if (fsync(fd[i]) != 0 || close(fd[i]) != 0 || link(temp, path) != 0 ||
		    unlink(temp) != 0)
			bench_fail(path);
	}
	if (dir < 0 || fsync(dir) != 0 || close(dir) != 0)
		bench_fail(tempdir);
	return (double)(bench_now() - start);
}

/* Each run makes another key. */
static void
bench_keygen(void)
{
	double time[RUNS_KEYGEN], bare[RUNS_KEYGEN], ratio[RUNS_KEYGEN];
	char name[128], *argv[] = { program("jt-keygen"), "-n", name, NULL };
	long memory = 0, most = 0;

	for (int i = 0; i < RUNS_KEYGEN; i++) {
		snprintf(name, sizeof name, "%s/key%d", tempdir, i);
		bare[i] = bare_files(i);
		time[i] = bench_spawn(argv, NULL, &memory);
		ratio[i] = bare[i] / time[i];
		most = memory > most ? memory : most;
	}
	bench_time_line("keygen-oneshot", bench_median(time, RUNS_KEYGEN),
	    bench_median(ratio, RUNS_KEYGEN));
	bench_line("keygen-oneshot-memory", (double)most, "KiB", 0);
	bench_time_line("keygen-bare", bench_median(bare, RUNS_KEYGEN), 0);
}

int
main(void)
{
	const char *where = getenv("JT_BUILD");
	bool peer;

	if (realpath(where != NULL ? where : ".", build) == NULL)
		bench_fail("JT_BUILD is no directory");
	tempdir_make();
	peer = set_up();
	bench_sign(peer);
	bench_keygen();
	bench_tx();
	return 0;
}
