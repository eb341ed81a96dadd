/*
 * jt-listen: the clients' door of a validator.
 *
 * Clients' bytes in from sockets, their transactions out to stdout; results,
 * certificates, refusals and what the vote took in from pipes, and answers
 * out to the clients. What is done with all this is said in door/door.h; here
 * are the sockets, the pipes, and the ledger that another program closes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "base/file.h"
#include "pipe/pipe.h"
#include "socket.h"
#include "streams.h"

enum {
	LISTENERS_MAX = 16,
	PIPES_MAX = 16,
	DESCRIPTORS = 64,     /* besides those of clients */
	EVENTS = 64,          /* of clients, looked at in one turn */
	ACCEPT_MAX = 64,      /* new clients in one turn */
	READ_MAX = 64 << 10,  /* bytes of a client in one turn */
	OUT_ROOM = 256 << 10, /* bytes that may wait for the vote before there is no more room */
	OUT_MAX = OUT_ROOM + JT_OBJECT_MAX,
	REST_MS = 100,        /* after a failed accept */
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

/* A client's socket. */
struct connection {
	int fd;
	uint32_t events; /* that epoll waits for */
	struct jt_client *client;
};

static struct {
	struct answers answers;
	struct jt_door *door;
	struct cmd_sink out;
	struct cmd_source pipes[PIPES_MAX];
	size_t pipe_count;
	struct cmd_listener listeners[LISTENERS_MAX];
	size_t listener_count;
	uint64_t accept_after; /* ms; 0: now */
	bool queries;          /* and nothing else is taken */
	bool ticks;            /* are wanted */
	uint64_t ticked;       /* the time of the last one */
	int epoll;
} me;

static void
check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		die(err, "%s", e->text);
}

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
		check(jt_kind_write(&jt_kind_tick, &t, &b, &e), &e);
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
		check(jt_kind_read(row, o, &took, NULL, &e), &e);
		jt_door_took(me.door, took.id);
	} else if (row == &jt_kind_result) {
		check(jt_kind_read(row, o, &result, NULL, &e), &e);
		check(jt_door_result(me.door, &result, &e), &e);
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

/* ---- clients ---- */

static void
watch(int fd, void *what, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = what };

	if (epoll_ctl(me.epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
}

static void
leave(struct connection *c)
{
	jt_door_leave(me.door, c->client);
	close(c->fd);
	free(c);
}

static void
accept_one(int fd, const uint8_t source[CMD_SOURCE])
{
	static const struct jt_answer answer = { .state = JT_ANSWER_BUSY };
	struct connection *c = calloc(1, sizeof *c);
	struct jt_buf b = { .max = JT_OBJECT_MAX };

	if (c != NULL && (c->client = jt_door_enter(me.door, source, c)) != NULL) {
		c->fd = fd;
		c->events = EPOLLIN;
		watch(fd, c, EPOLLIN);
		return;
	}
	if (jt_kind_write(&jt_kind_answer, &answer, &b, NULL) == JT_OK)
		(void)send(fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	jt_buf_free(&b);
	close(fd);
	free(c);
}

/* With a time: not before that. */
static void
accept_from(uint64_t ms)
{
	me.accept_after = ms;
	for (size_t i = 0; i < me.listener_count; i++) {
		struct epoll_event ev = { .events = ms ? 0U : EPOLLIN, .data.ptr = &me.listeners[i] };
		if (epoll_ctl(me.epoll, EPOLL_CTL_MOD, me.listeners[i].fd, &ev) != 0)
			die(JT_SYSTEM, "epoll: %s", strerror(errno));
	}
}

static void
accept_some(const struct cmd_listener *l)
{
	uint8_t source[CMD_SOURCE];

	for (int i = 0; i < ACCEPT_MAX; i++) {
		int fd = cmd_accept(l, source);

		if (fd >= 0) {
			accept_one(fd, source);
			continue;
		}
		/* Out of descriptors or memory: it is tried again, but not at once. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			accept_from(cmd_now_ms() + REST_MS);
		return;
	}
}

/* Something came of a client, or it went. */
static void
read_client(struct connection *c, uint32_t events)
{
	static uint8_t bytes[READ_MAX];
	struct jt_error e;
	ssize_t n = -1;

	if (!jt_client_reads(c->client)) {
		if (events & (EPOLLHUP | EPOLLERR))
			leave(c);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = read(c->fd, bytes, sizeof bytes);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			leave(c);
		else if (n == 0)
			jt_door_end(me.door, c->client);
	}
	if (n > 0)
		check(jt_door_feed(me.door, c->client, (struct jt_slice){ bytes, (size_t)n }, &e),
		    &e);
}

/* Send what there is; false: the client is gone. */
static bool
write_client(struct connection *c)
{
	struct jt_slice out;
	struct jt_error e;
	ssize_t n;

	check(jt_door_output(me.door, c->client, &out, &e), &e);
	if (out.len == 0)
		return !jt_client_gone(c->client);
	n = send(c->fd, out.data, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0)
		jt_door_sent(me.door, c->client, (size_t)n);
	return true;
}

static void
serve(struct connection *c)
{
	struct epoll_event ev = { .data.ptr = c };
	struct jt_slice out;
	struct jt_error e;

	if (jt_client_gone(c->client) || !write_client(c)) {
		leave(c);
		return;
	}
	check(jt_door_output(me.door, c->client, &out, &e), &e);
	ev.events = (jt_client_reads(c->client) ? EPOLLIN : 0U) | (out.len > 0 ? EPOLLOUT : 0U);
	if (ev.events == c->events)
		return;
	c->events = ev.events;
	if (epoll_ctl(me.epoll, EPOLL_CTL_MOD, c->fd, &ev) != 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
}

static bool
is_listener(const void *what)
{
	for (size_t i = 0; i < me.listener_count; i++)
		if (what == &me.listeners[i])
			return true;
	return false;
}

static void
serve_all(void)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(me.epoll, events, EVENTS, 0);
	struct jt_client *client;
	struct jt_error e;

	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (is_listener(c)) {
			accept_some(events[i].data.ptr);
			continue;
		}
		if (events[i].events & EPOLLOUT)
			jt_door_ready(me.door, c->client);
		read_client(c, events[i].events);
	}
	check(jt_door_run(me.door, &e), &e);
	while ((client = jt_door_next(me.door)) != NULL)
		serve(jt_client_user(client));
}

/* ---- all of it ---- */

static void
turn(void)
{
	struct pollfd p[PIPES_MAX + 2];
	size_t n = 0;
	uint64_t now;
	int wait;

	for (; n < me.pipe_count; n++)
		p[n] = cmd_source_poll(&me.pipes[n]);
	p[n] = cmd_sink_poll(&me.out);
	p[n + 1] = (struct pollfd){ me.epoll, POLLIN, 0 };
	wait = jt_door_wait(me.door);
	cmd_poll(p, n + 2, me.accept_after != 0 && wait < 0 ? REST_MS : wait);
	now = cmd_now_ms();
	jt_door_now(me.door, now);
	if (me.accept_after != 0 && now >= me.accept_after)
		accept_from(0);
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
	serve_all();
	cmd_sink_flush(&me.out);
	if (me.out.fd < 0)
		end_with_others(me.out.name, "nobody reads it any more");
	answers_rest(&me.answers);
}

/* Fewer clients where the system allows fewer descriptors. */
static void
fit_clients(struct jt_door_terms *t)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		die(JT_SYSTEM, "limit of descriptors: %s", strerror(errno));
	if (r.rlim_cur < t->clients + DESCRIPTORS) {
		r.rlim_cur = r.rlim_max < t->clients + DESCRIPTORS ? r.rlim_max :
		    t->clients + DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < 2 * DESCRIPTORS)
		die(JT_SYSTEM, "limit of descriptors: expected %d or more", 2 * DESCRIPTORS);
	if (r.rlim_cur < t->clients + DESCRIPTORS)
		t->clients = (uint32_t)r.rlim_cur - DESCRIPTORS;
}

static void
listen_at(const char *address)
{
	size_t n = cmd_listen(address, &me.listeners[me.listener_count],
	    LISTENERS_MAX - me.listener_count);

	for (; n > 0; n--) {
		struct cmd_listener *l = &me.listeners[me.listener_count++];
		watch(l->fd, l, EPOLLIN);
	}
}

static void
open_all(const char *dir, const char *path, struct jt_door_terms *terms)
{
	uint8_t seed[16];

	fit_clients(terms);
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
	if ((me.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
	cmd_sink_open(&me.out, path, OUT_MAX);
}

int
main(int argc, char **argv)
{
	static struct jt_door_terms terms;
	const char *addresses[LISTENERS_MAX], *dir = NULL, *path = NULL;
	size_t count = 0;
	int c, ready = -1;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'a' && count == LISTENERS_MAX)
			cmd_usage("-a: more than %d", LISTENERS_MAX);
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
		listen_at(addresses[i]);
	cmd_ready(ready);
	while (!cmd_stopping)
		turn();
	for (size_t i = 0; i < me.listener_count; i++)
		cmd_listener_close(&me.listeners[i]);
	jt_door_free(me.door);
	cmd_sink_close(&me.out);
	answers_close(&me.answers);
	return cmd_end();
}
