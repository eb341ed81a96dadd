/* Streams of objects for programs that poll. See streams.h. */
#include "all/kinds.h"
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/view.h"

enum {
	COMPACT = 64 << 10,  /* written bytes that may stay in front of a queue */
	READER_MS = 10000,   /* so long a pipe's reader is waited for, */
	LOOK_MS = 2,         /* and looked for so often */
	SHOWN_MAX = 16 << 20 /* bytes of an object's text */
};

volatile sig_atomic_t cmd_stopping;
static sigset_t during_poll;
static bool pipe_ignored;

static void
on_stop(int number)
{
	cmd_stopping = number;
}

void
cmd_streams_start(void)
{
	static const int stops[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction sa = { .sa_handler = on_stop }, was;
	sigset_t set;

	pipe_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
	sigemptyset(&sa.sa_mask);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		/* What nohup or a background shell ignores stays ignored. */
		if (sigaction(stops[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN) {
			sigaction(stops[i], &sa, NULL);
			sigaddset(&set, stops[i]);
		}
	sigprocmask(SIG_BLOCK, &set, &during_poll);
}

void
cmd_reader_gone(const char *name)
{
	if (!pipe_ignored)
		cmd_die_by(SIGPIPE);
	die(JT_IO, "%s: %s", name, strerror(EPIPE));
}

void
cmd_poll(struct pollfd *p, size_t count, int timeout_ms)
{
	struct timespec t = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };

	for (size_t i = 0; i < count; i++)
		p[i].revents = 0;
	if (ppoll(p, count, timeout_ms < 0 ? NULL : &t, &during_poll) < 0 && errno != EINTR)
		die(JT_SYSTEM, "poll: %s", strerror(errno));
}

/* ---- in ---- */

void
cmd_source_fd(struct cmd_source *s, int fd, const char *name)
{
	cmd_crypto();
	*s = (struct cmd_source){ .name = name, .open = true };
	jt_reader_init(&s->reader, fd, name);
}

void
cmd_source_open(struct cmd_source *s, const char *path)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0) {
		cmd_source_fd(s, STDIN_FILENO, "stdin");
		s->keep = true;
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", path, strerror(errno));
	cmd_source_fd(s, fd, path);
	s->together = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

void
cmd_source_close(struct cmd_source *s)
{
	if (s->reader.fd >= 0 && !s->keep)
		close(s->reader.fd);
	jt_reader_free(&s->reader);
	s->open = false;
}

struct pollfd
cmd_source_poll(const struct cmd_source *s)
{
	return (struct pollfd){ s->open ? s->reader.fd : -1, POLLIN, 0 };
}

void
cmd_source_complain(struct cmd_source *s, enum jt_err code, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (s->foreign)
		complain_foreign(&s->told, "%s:#%" PRIu64 ": %s", s->name, s->reader.index, text);
	else
		complain(code, "%s:#%" PRIu64 ": %s", s->name, s->reader.index, text);
}

/* The stream cannot go on. */
static void
broken(struct cmd_source *s, const struct jt_error *e)
{
	if (!s->foreign && e->code == JT_IO)
		die(e->code, "%s: %s", s->name, e->text);
	if (s->together && s->reader.cut_off)
		die(JT_AGAIN, "%s: its writer is gone", s->name);
	if (!s->foreign || e->code == JT_SYSTEM)
		die(e->code, "%s:#%" PRIu64 ": %s", s->name, s->reader.index, e->text);
	cmd_source_complain(s, e->code, "%s", e->text);
	cmd_source_close(s);
}

void
cmd_source_read(struct cmd_source *s)
{
	struct jt_error e;
	enum jt_err err;

	if (!s->open)
		return;
	err = jt_reader_more(&s->reader, &e);
	if (err != JT_OK && err != JT_AGAIN)
		broken(s, &e);
}

bool
cmd_source_next(struct cmd_source *s, struct jt_object *o, const struct jt_kind **row)
{
	struct jt_error e;
	enum jt_err err;

	while (s->open && jt_reader_has(&s->reader)) {
		err = jt_reader_next(&s->reader, o, &e);
		if (err == JT_OK && o->bytes.len == 0) {
			cmd_source_close(s);
			return false;
		}
		*row = NULL;
		if (err == JT_OK && s->loose)
			return true;
		if (err == JT_OK)
			err = jt_kind_of(&jt_all_kinds, o, row, &e);
		if (err == JT_OK)
			err = jt_kind_check(&jt_all_kinds, o, &e);
		if (err == JT_OK)
			return true;
		if (s->reader.broken || err != JT_MALFORMED)
			broken(s, &e);
		else
			cmd_source_complain(s, err, "%s", e.text);
	}
	return false;
}

/* ---- out ---- */

/*
 * Others may have the same pipe open, and would be surprised if it stopped
 * blocking: so it is opened once more, for us alone.
 */
static int
own_pipe(int fd)
{
	char path[32];
	struct stat st;
	int own;

	if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode))
		return fd;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if ((own = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		return fd;
	}
	close(fd);
	return own;
}

void
cmd_sink_fd(struct cmd_sink *s, int fd, const char *name, size_t max)
{
	struct stat st;

	cmd_crypto();
	*s = (struct cmd_sink){ .name = name, .fd = own_pipe(fd), .max = max };
	s->socket = fstat(s->fd, &st) == 0 && S_ISSOCK(st.st_mode);
	jt_buf_init(&s->queue, SIZE_MAX / 2);
}

/*
 * A pipe's reader may open it later. It is not waited for in open(2), which no
 * signal to stop would end.
 */
static int
open_out(const char *path)
{
	int fd;

	for (int ms = 0;; ms += LOOK_MS) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
		if (fd >= 0 || errno != ENXIO)
			return fd;
		if (cmd_stopping || ms >= READER_MS)
			die(JT_AGAIN, "%s: nobody reads it", path);
		cmd_poll(NULL, 0, LOOK_MS);
	}
}

void
cmd_sink_open(struct cmd_sink *s, const char *path, size_t max)
{
	int fd = STDOUT_FILENO;

	if (path != NULL && strcmp(path, "-") != 0) {
		fd = open_out(path);
		if (fd < 0)
			die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
	}
	cmd_sink_fd(s, fd, fd == STDOUT_FILENO ? "stdout" : path, max);
	s->shown = path == NULL && isatty(fd);
}

void
cmd_sink_close(struct cmd_sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	jt_buf_free(&s->queue);
	s->sent = 0;
}

struct pollfd
cmd_sink_poll(const struct cmd_sink *s)
{
	/* With nothing to write, poll still tells when the reader is gone. */
	return (struct pollfd){ s->fd, cmd_sink_waiting(s) > 0 ? POLLOUT : 0, 0 };
}

size_t
cmd_sink_waiting(const struct cmd_sink *s)
{
	return s->queue.len - s->sent;
}

bool
cmd_sink_put(struct cmd_sink *s, struct jt_slice object)
{
	struct jt_object o;
	struct jt_error e;

	if (s->fd < 0 || cmd_sink_waiting(s) + object.len > s->max)
		return false;
	if (s->shown) {
		struct jt_buf text = { .max = SHOWN_MAX };
		cmd_check(jt_object_parse(object, &o, &e), &e);
		cmd_check(jt_show(&jt_all_kinds, &o, JT_YAML, &text, &e), &e);
		if (!jt_buf_add_slice(&s->queue, jt_buf_slice(&text)))
			die(JT_SYSTEM, "out of memory");
		jt_buf_free(&text);
		return true;
	}
	if (!jt_buf_add_slice(&s->queue, object))
		die(JT_SYSTEM, "out of memory");
	return true;
}

void
cmd_sink_drop(struct cmd_sink *s)
{
	struct jt_error e;
	size_t at = 0, size;

	/* Find the end of the object that `sent` lies in. */
	while (at < s->sent) {
		struct jt_slice rest = { s->queue.data + at, s->queue.len - at };
		cmd_check(jt_object_size(rest, &size, &e), &e);
		at += size;
	}
	s->queue.len = at;
}

/* Bytes in front that are written make room; whole objects stay whole (cmd_sink_drop). */
static void
compact(struct cmd_sink *s)
{
	struct jt_error e;
	size_t at = 0, size;

	if (s->sent == s->queue.len) {
		jt_buf_clear(&s->queue);
		s->sent = 0;
		return;
	}
	if (s->sent < COMPACT || s->sent < s->queue.len / 2 || s->shown)
		return;
	for (;;) {
		struct jt_slice rest = { s->queue.data + at, s->queue.len - at };
		cmd_check(jt_object_size(rest, &size, &e), &e);
		if (at + size > s->sent)
			break;
		at += size;
	}
	memmove(s->queue.data, s->queue.data + at, s->queue.len - at);
	s->queue.len -= at;
	s->sent -= at;
}

void
cmd_sink_flush(struct cmd_sink *s)
{
	while (s->fd >= 0 && cmd_sink_waiting(s) > 0) {
		const uint8_t *data = s->queue.data + s->sent;
		size_t len = cmd_sink_waiting(s);
		ssize_t n = s->socket ? send(s->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) :
		    write(s->fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET || s->socket)) {
			cmd_sink_close(s);
			return;
		}
		if (n < 0)
			die(jt_err_of(errno, JT_IO), "%s: %s", s->name, strerror(errno));
		s->sent += (size_t)n;
	}
	if (s->fd >= 0)
		compact(s);
}

void
cmd_sink_finish(struct cmd_sink *s)
{
	while (s->fd >= 0 && cmd_sink_waiting(s) > 0) {
		struct pollfd p = cmd_sink_poll(s);
		while (poll(&p, 1, -1) < 0 && errno == EINTR)
			;
		cmd_sink_flush(s);
	}
	cmd_sink_close(s);
}
