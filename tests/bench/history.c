/*
 * The memory of jt-close does not grow with the history that it writes: its
 * size after 100 and after 2,000 small ledgers of one run, fed through a pipe
 * as a vote would, each durable before the next. (What LMDB keeps for itself is
 * as much as one commit changes, so that must stay the same.) The ratio of the
 * second is the first size to it. The map's pages that happen to be in memory
 * are not counted: the system takes them back.
 *
 *	history-100, history-2000    memory of its own
 *	history-ledger               from 20 payments to their durable ledger's header
 */
#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "bench.h"

enum { FIRST = 100, LAST = 2000, LAST_QUICK = 200, PAYMENTS = 20, ACCOUNTS = 1000 };

static struct network net;
static uint64_t seqs[ACCOUNTS];
static pid_t closer;
static int input, output;
static struct jt_reader reader;

static void
need(bool good, const char *what)
{
	if (!good)
		bench_fail(what);
}

static void
start(const char *dir)
{
	extern char **environ;
	const char *build = getenv("JT_BUILD");
	char path[4096], *argv[] = { path, "-d", (char *)(uintptr_t)dir, "--voted", "--verified",
	    NULL };
	posix_spawn_file_actions_t actions;
	int in[2], out[2];

	snprintf(path, sizeof path, "%s/cmd/jt-close", build != NULL ? build : ".");
	need(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "no pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	need(posix_spawn(&closer, path, &actions, NULL, argv, environ) == 0, path);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	input = in[1];
	output = out[0];
	jt_reader_init(&reader, output, "jt-close");
}

/* One ledger's input, from its number on. */
static void
add_ledger(uint64_t number, struct jt_buf *b)
{
	struct jt_cut cut = { .n = number, .time = NETWORK_TIME + 1000 * number };
	struct jt_part part = { .count = PAYMENTS, .round = number };
	struct jt_error e;

	memcpy(part.author, net.validators[0].key, JT_KEY);
	network_must(jt_kind_write(&jt_kind_part, &part, b, &e), &e);
	for (uint32_t i = 0; i < PAYMENTS; i++) {
		uint32_t from = (uint32_t)(number * PAYMENTS + i) % ACCOUNTS;

		network_pay(&net, from, ++seqs[from], net.initial[(from + 7) % ACCOUNTS].account,
		    1000, b);
	}
	network_must(jt_kind_write(&jt_kind_cut, &cut, b, &e), &e);
}

/* Close ledgers up to this number; the header of each comes when it is durable. */
static void
close_until(uint64_t *number, uint64_t last)
{
	struct jt_error e;
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, SIZE_MAX / 2);
	while (*number < last) {
		jt_buf_clear(&b);
		add_ledger(++*number, &b);
		network_must(jt_file_write_fd(input, "jt-close", jt_buf_slice(&b), &e), &e);
		do {
			network_must(jt_reader_next(&reader, &o, &e), &e);
			need(o.bytes.len > 0, "jt-close ended");
		} while (!jt_object_is(&o, "header"));
	}
	jt_buf_free(&b);
}

static double
size_of_closer(void)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)closer);
	need((f = fopen(path, "r")) != NULL, path);
	while (fgets(line, sizeof line, f) != NULL)
		sscanf(line, "RssAnon: %lu", &kib);
	fclose(f);
	return (double)kib;
}

int
main(void)
{
	uint64_t number = 0, last = bench_quick() ? LAST_QUICK : LAST, began;
	double first, then;
	struct jt_error e;
	char name[64];
	int status;

	tempdir_make();
	network_make(&net, 1, ACCOUNTS, true);
	network_must(jt_file_write(tempdir_path("network.jt"), 0600, true,
	    jt_buf_slice(&net.file), &e), &e);
	start(tempdir);
	close_until(&number, FIRST);
	first = size_of_closer();
	began = bench_now();
	close_until(&number, last);
	then = size_of_closer();
	bench_line("history-100", first, "KiB", 0);
	snprintf(name, sizeof name, "history-%u", (unsigned)last);
	bench_line(name, then, "KiB", first / then);
	bench_time_line("history-ledger", (double)(bench_now() - began) / (double)(last - FIRST), 0);
	close(input);
	need(waitpid(closer, &status, 0) == closer && status == 0, "jt-close failed");
	close(output);
	jt_reader_free(&reader);
	network_free(&net);
	return 0;
}
