/* One connection with a link over it. See wire.h. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "object/object.h"

enum {
	GREETING_ROOM = 256,             /* for what comes before it is known who it is */
	IN_MAX = 2 * JT_LINK_CHUNK_MAX,
	OUT_LOW = JT_LINK_TEXT_MAX,      /* bytes that wait: another chunk has room above it */
	OUT_MAX = OUT_LOW + 3 * JT_LINK_CHUNK_MAX,
	TEXT_MAX = JT_OBJECT_MAX + 2 * JT_LINK_TEXT_MAX
};

static struct cmd_wire *
new_wire(uint64_t now)
{
	struct cmd_wire *w = calloc(1, sizeof *w);

	if (w == NULL || (w->link = jt_link_new()) == NULL)
		die(JT_SYSTEM, "out of memory");
	w->fd = w->dial.fd = -1;
	w->since = w->heard = w->said = now;
	jt_buf_init(&w->in, IN_MAX);
	jt_buf_init(&w->out, OUT_MAX);
	jt_buf_init(&w->text, TEXT_MAX);
	return w;
}

void
cmd_wire_close(struct cmd_wire *w)
{
	if (w == NULL)
		return;
	cmd_dial_stop(&w->dial);
	if (w->fd >= 0)
		close(w->fd);
	jt_link_free(w->link);
	jt_buf_free(&w->in);
	jt_buf_free(&w->out);
	jt_buf_free(&w->text);
	free(w);
}

/* The socket is there: greet. */
static enum jt_err
greet(struct cmd_wire *w, const struct jt_link_end *self, const uint8_t *key, struct jt_error *e)
{
	uint8_t ephemeral[JT_NOISE_KEY];
	enum jt_err err;

	w->fd = w->dial.fd;
	w->dial.fd = -1;
	cmd_random(ephemeral, sizeof ephemeral);
	err = jt_link_dial(w->link, self, key, ephemeral, &w->out, e);
	sodium_memzero(ephemeral, sizeof ephemeral);
	return err;
}

struct cmd_wire *
cmd_wire_dial(const struct jt_link_end *self, const uint8_t key[JT_NOISE_KEY],
    const char *address, uint64_t now, enum jt_err *err, struct jt_error *e)
{
	struct cmd_wire *w = new_wire(now);

	*err = cmd_dial_start(&w->dial, address, e);
	if (*err == JT_OK)
		*err = greet(w, self, key, e);
	return w;
}

struct cmd_wire *
cmd_wire_accepted(const struct jt_link_end *self, int fd, const uint8_t source[CMD_SOURCE],
    uint64_t now)
{
	struct cmd_wire *w = new_wire(now);
	uint8_t ephemeral[JT_NOISE_KEY];

	w->fd = fd;
	memcpy(w->source, source, sizeof w->source);
	cmd_socket_name(fd, false, w->from);
	cmd_random(ephemeral, sizeof ephemeral);
	jt_link_await(w->link, self, ephemeral);
	sodium_memzero(ephemeral, sizeof ephemeral);
	return w;
}

/* ---- in ---- */

struct pollfd
cmd_wire_poll(const struct cmd_wire *w, bool hear)
{
	short events = 0;

	if (w->fd < 0)
		return cmd_dial_poll(&w->dial);
	if (hear && !w->end && !w->more)
		events |= POLLIN;
	if (cmd_wire_waiting(w) > 0)
		events |= POLLOUT;
	return (struct pollfd){ events != 0 ? w->fd : -1, events, 0 };
}

/* Until it is up, no more is read than the handshake takes. */
static enum jt_err
read_once(struct cmd_wire *w, uint64_t now, struct jt_error *e)
{
	size_t most = w->link->state < JT_LINK_OPEN ? GREETING_ROOM : IN_MAX;
	ssize_t n;

	if (w->taken > 0) {
		memmove(w->in.data, w->in.data + w->taken, w->in.len - w->taken);
		w->in.len -= w->taken;
		w->taken = 0;
	}
	if (w->in.len >= most)
		return JT_OK;
	if (!jt_buf_reserve(&w->in, most - w->in.len))
		die(JT_SYSTEM, "out of memory");
	n = recv(w->fd, w->in.data + w->in.len, most - w->in.len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return JT_OK;
	w->end = n <= 0;
	if (n < 0)
		return jt_fail(e, JT_NO, "%s", strerror(errno));
	w->in.len += (size_t)n;
	w->heard = now;
	w->more = true;
	return JT_OK;
}

enum jt_err
cmd_wire_go_on(struct cmd_wire *w, const struct jt_link_end *self, const uint8_t *key,
    uint64_t now, struct jt_error *e)
{
	enum jt_err err;

	if (w->fd >= 0)
		return w->end || w->more ? JT_OK : read_once(w, now, e);
	err = cmd_dial_next(&w->dial, e);
	return err == JT_OK ? greet(w, self, key, e) : err == JT_AGAIN ? JT_OK : err;
}

enum jt_err
cmd_wire_next(struct cmd_wire *w, enum jt_link_event *event, struct jt_error *e)
{
	struct jt_slice in;
	enum jt_err err;

	*event = JT_LINK_WAIT;
	if (w->in.len == w->taken)
		in = (struct jt_slice){ NULL, 0 };
	else
		in = (struct jt_slice){ w->in.data + w->taken, w->in.len - w->taken };
	/* What was parsed makes room for what comes. */
	if (w->parsed > 0) {
		memmove(w->text.data, w->text.data + w->parsed, w->text.len - w->parsed);
		w->text.len -= w->parsed;
		w->parsed = 0;
	}
	err = jt_link_take(w->link, &in, &w->out, &w->text, event, e);
	w->taken = w->in.len - in.len;
	if (err != JT_OK)
		return err;
	w->more = *event != JT_LINK_WAIT;
	if (!w->more && w->end)
		return jt_fail(e, JT_NO, "it closed the connection");
	return JT_OK;
}

enum jt_err
cmd_wire_object(struct cmd_wire *w, struct jt_slice *object, struct jt_error *e)
{
	struct jt_slice rest = { NULL, 0 };
	struct jt_object o;
	enum jt_err err;
	size_t size = 0;

	*object = rest;
	if (w->parsed == w->text.len)
		return JT_AGAIN;
	rest = (struct jt_slice){ w->text.data + w->parsed, w->text.len - w->parsed };
	if ((err = jt_object_size(rest, &size, e)) != JT_OK)
		return err;
	if (size > rest.len)
		return JT_AGAIN;
	w->parsed += size;
	*object = (struct jt_slice){ rest.data, size };
	return jt_object_parse(*object, &o, e);
}

/* ---- out ---- */

size_t
cmd_wire_waiting(const struct cmd_wire *w)
{
	return w->out.len - w->sent;
}

bool
cmd_wire_room(const struct cmd_wire *w)
{
	return cmd_wire_waiting(w) <= OUT_LOW;
}

enum jt_err
cmd_wire_say(struct cmd_wire *w, struct jt_slice text, struct jt_error *e)
{
	if (w->sent > 0) {
		memmove(w->out.data, w->out.data + w->sent, w->out.len - w->sent);
		w->out.len -= w->sent;
		w->sent = 0;
	}
	return jt_link_say(w->link, text, &w->out, e);
}

void
cmd_wire_flush(struct cmd_wire *w, uint64_t now)
{
	while (w->fd >= 0 && !w->deaf && cmd_wire_waiting(w) > 0) {
		ssize_t n = send(w->fd, w->out.data + w->sent, cmd_wire_waiting(w),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		/* Whether it is gone is for reading to find out: something may be left there. */
		w->deaf = n < 0;
		w->sent += n > 0 ? (size_t)n : 0;
		w->said = now;
	}
	jt_buf_clear(&w->out);
	w->sent = 0;
}

/* ---- time ---- */

enum jt_err
cmd_wire_time(struct cmd_wire *w, uint64_t now, uint64_t *next, struct jt_error *e)
{
	bool up = w->link->state >= JT_LINK_OPEN;
	uint64_t dead = up ? w->heard + CMD_WIRE_DEAD_MS : w->since + CMD_WIRE_SHAKE_MS;
	uint64_t idle = w->said + CMD_WIRE_IDLE_MS;
	enum jt_err err = JT_OK;

	if (now >= dead)
		return jt_fail(e, JT_NO, up ? "nothing heard for %d s" : "no handshake within %d s",
		    up ? CMD_WIRE_DEAD_MS / 1000 : CMD_WIRE_SHAKE_MS / 1000);
	*next = dead;
	if (!up)
		return JT_OK;
	/* What waits already is a sign of life, once it goes. */
	if (now >= idle) {
		if (cmd_wire_waiting(w) == 0)
			err = cmd_wire_say(w, (struct jt_slice){ NULL, 0 }, e);
		w->said = now;
		idle = now + CMD_WIRE_IDLE_MS;
	}
	if (idle < *next)
		*next = idle;
	return err;
}
