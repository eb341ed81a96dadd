/*
 * jt-listen: the clients' door of a validator.
 *
 * Clients' bytes in from sockets, their transactions out to stdout; results,
 * certificates, refusals and what the vote took in from pipes, and answers
 * out to the clients. What is done with all this is said in door/door.h; here
 * are the pipes and the turns, in listen-clients.h the sockets, and in
 * answers.h the ledger that another program closes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "base/file.h"
#include "listen-clients.h"
#include "pipe/pipe.h"
#include "streams.h"

enum {
	PIPES_MAX = 16,
	OUT_ROOM = 256 << 10, /* bytes that may wait for the vote before there is no more room */
	OUT_MAX = OUT_ROOM + JT_OBJECT_MAX,
	LEDGER_MS = 600000    /* for a closer to make the ledger */
};
enum { QUERIES = CMD_OPT_OWN, READY_FD, TICKS };

static const struct cmd_option options[] = {
	{ 'a', "address", "ADDR", "listen there, a socket's path or host:port (default DIR/sock)" },
	CMD_DIR,
	CMD_OUTPUT,
	{ QUERIES, "queries", NULL, "take queries alone; transactions are answered busy" },
	{ READY_FD, "ready-fd", "N", "write a line to descriptor N when clients can come" },
	{ TICKS, "ticks", NULL, "also write what time it is (jt/tick), in front of transactions" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-listen",
	.synopsis = "[-d DIR] [-a ADDR...] [-o FILE] [--queries] [--ready-fd N] [--ticks] [FILE...]",
	.options = options,
};

static struct {
	struct answers answers;
	struct jt_door *door;
	struct cmd_sink out;
	struct cmd_source pipes[PIPES_MAX];
	size_t pipe_count;
	struct clients clients;
	bool queries;    /* and nothing else is taken */
	bool ticks;      /* are wanted */
	uint64_t ticked; /* the time of the last one */
} me;

/* ---- the vote's side ---- */

static bool
has_room(void *ctx)
{
	(void)ctx;
	return !me.queries && cmd_sink_waiting(&me.out) < OUT_ROOM;
}

/* Others have ended: so does this one, and that is no news when all were told to. */
static _Noreturn void
end_with_others(const char *name, const char *why)
{
	cmd_poll(NULL, 0, 0); /* a signal may be there that has not been looked for */
	if (cmd_stopping)
		cmd_leave(JT_OK);
	die(JT_AGAIN, "%s: %s", name, why);
}

static void
put(struct jt_slice object)
{
	if (!cmd_sink_put(&me.out, object))
		end_with_others(me.out.name, "nobody reads it any more");
}

/* The time in front of it: the vote, which has no clock, may have been idle for long. */
static void
pass(void *ctx, struct jt_slice object)
{
	struct jt_tick t = { .time = me.ticks ? cmd_now_ms() : me.ticked };
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	(void)ctx;
	if (t.time != me.ticked) {
		me.ticked = t.time;
		cmd_check(jt_kind_write(&jt_kind_tick, &t, &b, &e), &e);
		put(jt_buf_slice(&b));
		jt_buf_free(&b);
	}
	put(object);
}

static const struct jt_door_ops ops = {
	.room = has_room, .pass = pass, .find = answers_find, .certified = answers_certified,
	.prove = answers_prove, .answer = answers_answer, .finish = answers_finish,
	.ctx = &me.answers,
};

static void
hear(struct cmd_source *s, const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_result result = { 0 };
	struct jt_took took = { { 0 } };
	struct jt_error e;

	/* None of these has lists, and so needs a zone. */
	if (row == &jt_kind_took) {
		cmd_check(jt_kind_read(row, o, &took, NULL, &e), &e);
		jt_door_took(me.door, took.id);
	} else if (row == &jt_kind_result) {
		cmd_check(jt_kind_read(row, o, &result, NULL, &e), &e);
		cmd_check(jt_door_result(me.door, &result, &e), &e);
	} else if (row->flags & JT_KIND_TRANSACTION) {
		jt_door_refused(me.door, o);
	} else if (row != &jt_kind_header) {
		/* Headers only say that there is something new in the ledger. */
		cmd_source_complain(s, JT_MALFORMED, "jt/%s is nothing for clients", row->name);
	}
}

static void
hear_all(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	for (size_t i = 0; i < me.pipe_count; i++) {
		struct cmd_source *s = &me.pipes[i];

		while (cmd_source_next(s, &o, &row))
			hear(s, &o, row);
		if (!s->open)
			end_with_others(s->name, "its writer is gone");
	}
}

/* ---- all of it ---- */

static void
turn(void)
{
	struct pollfd p[PIPES_MAX + 2];
	size_t n = 0;
	uint64_t now;

	for (; n < me.pipe_count; n++)
		p[n] = cmd_source_poll(&me.pipes[n]);
	p[n] = cmd_sink_poll(&me.out);
	p[n + 1] = clients_poll(&me.clients);
	cmd_poll(p, n + 2, clients_wait(&me.clients));
	now = cmd_clock_ms();
	jt_door_now(me.door, now);
	for (size_t i = 0; i < me.pipe_count; i++)
		if (p[i].revents)
			cmd_source_read(&me.pipes[i]);
	if (p[n].revents & POLLOUT)
		cmd_sink_flush(&me.out);
	else if (p[n].revents != 0)
		cmd_sink_close(&me.out);
	/* Behind reading, so that all that was said is in the snapshot. */
	answers_renew(&me.answers, me.door);
	hear_all();
	clients_serve(&me.clients, now);
	cmd_sink_flush(&me.out);
	if (me.out.fd < 0)
		end_with_others(me.out.name, "nobody reads it any more");
	answers_rest(&me.answers);
}

static void
open_all(const char *dir, const char *path, struct jt_door_terms *terms)
{
	uint8_t seed[16];

	clients_fit(terms);
	for (; cmd_operands[me.pipe_count] != NULL; me.pipe_count++) {
		if (me.pipe_count == PIPES_MAX)
			cmd_usage("more than %d files", PIPES_MAX);
		cmd_source_open(&me.pipes[me.pipe_count], cmd_operands[me.pipe_count]);
	}
	/* The closer, which begins at the same time, may have the ledger still to make. */
	answers_open(&me.answers, dir, cmd_operand_count > 0 ? LEDGER_MS : 0);
	cmd_random(seed, sizeof seed);
	if ((me.door = jt_door_new(terms, &ops, &me.answers.apply, seed)) == NULL)
		die(JT_SYSTEM, "out of memory");
	answers_key(&me.answers, dir, me.door);
	clients_open(&me.clients, me.door);
	cmd_sink_open(&me.out, path, OUT_MAX);
}

int
main(int argc, char **argv)
{
	static struct jt_door_terms terms;
	const char *addresses[CLIENTS_LISTENERS_MAX], *dir = NULL, *path = NULL;
	size_t count = 0;
	int c, ready = -1;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'a' && count == CLIENTS_LISTENERS_MAX)
			cmd_usage("-a: more than %d", CLIENTS_LISTENERS_MAX);
		if (c == 'a')
			addresses[count++] = cmd_value;
		else if (c == READY_FD)
			ready = cmd_value_fd();
		else if (c == QUERIES)
			me.queries = true;
		else if (c == TICKS)
			me.ticks = true;
		else
			*(c == 'd' ? &dir : &path) = cmd_value;
	}
	dir = cmd_dir(dir);
	if (count == 0 && (addresses[count++] = jt_path_join(dir, "sock")) == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_streams_start();
	terms = jt_door_usual;
	open_all(dir, path, &terms);
	for (size_t i = 0; i < count; i++)
		clients_listen(&me.clients, addresses[i]);
	cmd_ready(ready);
	while (!cmd_stopping)
		turn();
	clients_close(&me.clients);
	jt_door_free(me.door);
	cmd_sink_close(&me.out);
	answers_close(&me.answers);
	return cmd_end();
}
