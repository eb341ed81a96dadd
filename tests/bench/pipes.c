/*
 * Four voters joined by pipes: how much payload do they agree on in a second?
 *
 * Real jt-vote processes with logs on disk. This program passes their messages
 * on, gives each of them signed payments as fast as it takes them, and closes
 * nothing: it says of each cut that it is closed.
 *
 *	vote-pipes        one payment, from the first one given to the last one in a
 *	                  cut at all four; ratio: hashing it four times and moving it
 *	                  through nine pipes of one process
 *	vote-pipes-rate   payments a second, in thousands
 *	vote-pipes-bytes  MB of payments a second
 *
 * (Of a payment's four copies one comes from the client, three from its voter;
 * each voter gives it to its closer: that makes nine pipes.)
 */
#include <signal.h>
#include <string.h>

#include "../../cmd/streams.h"
#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "bench.h"
#include "pipe/pipe.h"
#include "state/header.h"

enum { N = 4, ROOM = 1 << 20, TICK_MS = 20, QUEUE = 256 << 20 };

struct voter {
	pid_t pid;
	struct cmd_source in; /* what it says */
	struct cmd_sink out;  /* what it is told */
	char name[8];
	uint64_t given, cut;  /* payments */
	uint64_t waiting;     /* in parts whose cut has not come */
};

static struct voter voters[N];
static struct jt_buf item; /* one payment */
static struct jt_error error;
static uint64_t last_tick;

static void
tell(struct voter *v, const struct jt_kind *kind, const void *fields)
{
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	if (jt_kind_write(kind, fields, &b, &error) != JT_OK ||
	    !cmd_sink_put(&v->out, jt_buf_slice(&b)))
		bench_fail("a voter does not read");
	jt_buf_free(&b);
}

static void
start(uint32_t i)
{
	struct voter *v = &voters[i];
	char dir[160], *argv[] = { "jt-vote", "-d", dir, NULL };
	struct jt_at at = { 0, 0 };
	int in[2], out[2];

	snprintf(dir, sizeof dir, "%s/net/v%u", tempdir, (unsigned)i + 1);
	snprintf(v->name, sizeof v->name, "v%u", (unsigned)i + 1);
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		bench_fail("no pipe");
	v->pid = fork();
	if (v->pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		execv("cmd/jt-vote", argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	cmd_source_fd(&v->in, out[0], v->name);
	cmd_sink_fd(&v->out, in[1], v->name, QUEUE);
	tell(v, &jt_kind_at, &at);
}

/* A message goes to all the others, or to the one it is for. */
static void
pass_on(uint32_t from, const struct jt_object *o)
{
	struct jt_msg m = { .body = { NULL, 0 } };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 1024) ||
	    jt_kind_read(&jt_kind_msg, o, &m, &zone, &error) != JT_OK)
		bench_fail("a message cannot be read");
	for (uint32_t i = 0; i < N; i++)
		if (i != from && (m.to.len == 0 || jt_slice_is(m.to, voters[i].name)) &&
		    !cmd_sink_put(&voters[i].out, o->bytes))
			bench_fail("a voter does not read");
	msgpack_zone_destroy(&zone);
}

static void
take(uint32_t i, const struct jt_object *o)
{
	struct voter *v = &voters[i];
	struct jt_cut cut = { .n = 0 };
	msgpack_zone zone;

	if (jt_object_is(o, "msg"))
		pass_on(i, o);
	else if (jt_object_is(o, "pay"))
		v->waiting++;
	if (!jt_object_is(o, "cut"))
		return;
	if (!msgpack_zone_init(&zone, 1024) ||
	    jt_kind_read(&jt_kind_cut, o, &cut, &zone, &error) != JT_OK)
		bench_fail("a cut cannot be read");
	msgpack_zone_destroy(&zone);
	v->cut += v->waiting;
	v->waiting = 0;
	tell(v, &jt_kind_at, &(struct jt_at){ cut.n, 0 });
}

static void
tick(void)
{
	uint64_t now = bench_now() / 1000000;
	struct jt_tick t = { UINT64_C(1900000000000) + now };

	if (now < last_tick + TICK_MS)
		return;
	last_tick = now;
	for (uint32_t i = 0; i < N; i++)
		tell(&voters[i], &jt_kind_tick, &t);
}

/* Until each has cut all that all were given. */
static bool
step(uint64_t each)
{
	struct pollfd p[2 * N];
	struct jt_object o;
	bool done = true;

	tick();
	for (uint32_t i = 0; i < N; i++) {
		struct voter *v = &voters[i];
		for (; v->given < each && cmd_sink_waiting(&v->out) < ROOM; v->given++)
			cmd_sink_put(&v->out, jt_buf_slice(&item));
		cmd_sink_flush(&v->out);
		p[2 * i] = cmd_source_poll(&v->in);
		p[2 * i + 1] = cmd_sink_poll(&v->out);
	}
	cmd_poll(p, 2 * N, TICK_MS);
	for (uint32_t i = 0; i < N; i++) {
		if (p[2 * i].revents)
			cmd_source_read(&voters[i].in);
		/* The envelopes alone: what is in them is the voters' to look at. */
		while (jt_reader_has(&voters[i].in.reader)) {
			if (jt_reader_next(&voters[i].in.reader, &o, &error) != JT_OK || o.bytes.len == 0)
				bench_fail("a voter ended");
			take(i, &o);
		}
		done &= voters[i].cut >= N * each;
	}
	return !done;
}

static void
copy(void *ctx, uint64_t count)
{
	static uint8_t there[65536], back[65536];
	uint8_t hash[JT_HASH];
	size_t batch = sizeof there / item.len;
	int fd[2];

	(void)ctx;
	if (pipe2(fd, O_CLOEXEC) != 0)
		bench_fail("no pipe");
	while (count > 0) {
		size_t n = count < batch ? count : batch;
		for (size_t i = 0; i < 4 * n; i++)
			jt_hash(hash, jt_buf_slice(&item));
		for (int i = 0; i < 9; i++)
			if (write(fd[1], there, n * item.len) != (ssize_t)(n * item.len) ||
			    read(fd[0], back, sizeof back) != (ssize_t)(n * item.len))
				bench_fail("a pipe does not work");
		count -= n;
	}
	bench_keep(hash);
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	static const struct cmd_option none[] = { { 0 } };
	static const struct cmd_program program = { .name = "pipes", .synopsis = "", .options = none };
	char *argv[] = { "pipes", NULL };
	uint64_t each = bench_quick() ? 500 : 100000, began;
	struct network net;
	char command[256];
	double took, raw;

	cmd_start(&program, 1, argv);
	cmd_streams_start();
	tempdir_make();
	snprintf(command, sizeof command, "cmd/jt-genesis -v %d -o %s/net >/dev/null", N, tempdir);
	if (system(command) != 0)
		bench_fail("no network");
	network_make(&net, 1, 2, false);
	jt_buf_init(&item, JT_OBJECT_MAX);
	network_pay(&net, 0, 1, net.initial[1].account, 1, &item);
	for (uint32_t i = 0; i < N; i++)
		start(i);
	while (step(1)) /* all are there */
		;
	began = bench_now();
	while (step(1 + each))
		;
	took = (double)(bench_now() - began) / (double)(N * each);
	raw = bench_run(copy, NULL, N * each);
	bench_time_line("vote-pipes", took, raw / took);
	bench_line("vote-pipes-rate", 1e6 / took, "k/s", 0);
	bench_line("vote-pipes-bytes", 1e3 * (double)item.len / took, "MB/s", 0);
	for (uint32_t i = 0; i < N; i++)
		kill(voters[i].pid, SIGTERM);
	return 0;
}
