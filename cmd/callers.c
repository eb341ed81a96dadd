/*
 * Who comes to jt-peer: nothing is known of a caller but his address until the
 * handshake's last message, so what he may cost is bounded. See peers.h.
 */
#include "peers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	CALLERS_OF_ONE = 16, /* handshakes at once of one address */
	ACCEPT_MAX = 64,     /* callers let in in one turn: the peers have theirs between */
	GREETINGS = 32,      /* answered in one pause: each costs three multiplications */
	GREETINGS_MS = 100,
	CROWDED_MS = 50,     /* without new callers when descriptors are out */
	TOLD_MAX = 64        /* strangers that were told of, and are remembered */
};

/* Who is nobody's peer is told of once for each address and reason. */
static void
tell_stranger(const struct cmd_wire *w, const struct jt_error *e)
{
	static char told[TOLD_MAX][CMD_SOCKET_NAME + JT_ERROR_MAX];
	static unsigned count;
	const char *name = w->from, *port = strrchr(name, ':');
	char line[sizeof told[0]];

	/* Ports differ each time. */
	snprintf(line, sizeof line, "%.*s %s", (int)(port != NULL ? port - name : (ptrdiff_t)strlen(name)),
	    name, e->text);
	for (unsigned i = 0; i < TOLD_MAX; i++)
		if (strcmp(told[i], line) == 0)
			return;
	memcpy(told[count++ % TOLD_MAX], line, sizeof line);
	complain(JT_OK, "%s: refused: %s", w->from, e->text);
}

static unsigned
callers_from(const struct cmd_peers *ps, const uint8_t source[CMD_SOURCE])
{
	unsigned n = 0;

	for (size_t i = 0; i < ps->caller_count; i++)
		n += memcmp(ps->callers[i]->source, source, CMD_SOURCE) == 0;
	return n;
}

static void
remove_caller(struct cmd_peers *ps, size_t i)
{
	memmove(&ps->callers[i], &ps->callers[i + 1],
	    (ps->caller_count - i - 1) * sizeof(struct cmd_wire *));
	ps->caller_count--;
}

/*
 * The one that has been silent longest makes room for another; where all have
 * greeted, the one that came first, who could be through by now.
 */
static void
make_room(struct cmd_peers *ps)
{
	size_t i = 0;

	while (i < ps->caller_count && ps->callers[i]->link->state != JT_LINK_GREETS)
		i++;
	if (i == ps->caller_count)
		i = 0;
	if (ps->caller_count > 0) {
		cmd_wire_close(ps->callers[i]);
		remove_caller(ps, i);
	}
}

static void
accept_from(struct cmd_peers *ps, struct cmd_listener *l, uint64_t now)
{
	uint8_t source[CMD_SOURCE];
	struct jt_error e;

	for (int i = 0; i < ACCEPT_MAX; i++) {
		int fd = cmd_accept(l, source);
		struct cmd_wire *w;

		/* Out of descriptors: one gives his away, and nobody is let in for a while. */
		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)) {
			make_room(ps);
			ps->crowded_until = now + CROWDED_MS;
		}
		if (fd < 0)
			return;
		w = cmd_wire_accepted(&ps->self, fd, source, now);
		if (callers_from(ps, source) >= CALLERS_OF_ONE) {
			jt_fail(&e, JT_NO, "more than %d handshakes at once", CALLERS_OF_ONE);
			tell_stranger(w, &e);
			cmd_wire_close(w);
			continue;
		}
		if (ps->caller_count == CMD_CALLERS_MAX)
			make_room(ps);
		ps->callers[ps->caller_count++] = w;
	}
}

void
cmd_callers_accept(struct cmd_peers *ps, uint64_t now)
{
	for (size_t i = 0; i < ps->listener_count; i++)
		if (ps->called[i])
			accept_from(ps, &ps->listeners[i], now);
	ps->crowded = now < ps->crowded_until;
	if (ps->crowded)
		cmd_peers_soon(ps, ps->crowded_until);
}

/* It is known who it is: a guest from here on, or dropped. */
static void
identify(struct cmd_peers *ps, struct cmd_wire *w)
{
	struct cmd_peer *p = cmd_peers_of_key(ps, w->link->remote);
	char hex[2 * JT_NOISE_KEY + 1];
	struct jt_error e;

	if (p == NULL) {
		jt_hex_format(w->link->remote, JT_NOISE_KEY, hex);
		jt_fail(&e, JT_NO, "a stranger, with the key %s", hex);
		tell_stranger(w, &e);
		cmd_wire_close(w);
		return;
	}
	if (p->done || (ps->pipe && p->seen) || (p->dial != NULL && p->dial->link->state == JT_LINK_OPENS &&
	    memcmp(ps->self.public, p->key, JT_NOISE_KEY) < 0)) {
		cmd_wire_close(w);
		return;
	}
	cmd_wire_close(p->dial);
	cmd_wire_close(p->guest);
	p->dial = NULL;
	cmd_check(jt_link_accept(w->link, &w->out, &e), &e);
	p->guest = w;
}

/* False when the caller is gone, or has become a guest. */
static bool
serve_caller(struct cmd_peers *ps, struct cmd_wire *w, uint64_t now)
{
	enum jt_link_event event;
	struct jt_error e;
	enum jt_err err = JT_OK;
	uint64_t next = now;

	if (w->ready)
		err = cmd_wire_go_on(w, &ps->self, NULL, now, &e);
	while (err == JT_OK && w->more) {
		bool greets = w->link->state == JT_LINK_GREETS;
		if (greets && ps->greeted >= GREETINGS) {
			cmd_peers_soon(ps, ps->pause_until);
			return true;
		}
		err = cmd_wire_next(w, &event, &e);
		ps->greeted += greets && w->link->state != JT_LINK_GREETS; /* be it in vain */
		if (err == JT_OK && event == JT_LINK_KNOWN) {
			identify(ps, w);
			return false;
		}
	}
	cmd_wire_flush(w, now);
	if (err == JT_OK && (err = cmd_wire_time(w, now, &next, &e)) == JT_OK) {
		cmd_peers_soon(ps, next);
		return true;
	}
	if (!w->end)
		tell_stranger(w, &e);
	cmd_wire_close(w);
	return false;
}

void
cmd_callers_serve(struct cmd_peers *ps, uint64_t now)
{
	if (now >= ps->pause_until) {
		ps->greeted = 0;
		ps->pause_until = now + GREETINGS_MS;
	}
	for (size_t i = 0; i < ps->caller_count;) {
		struct cmd_wire *w = ps->callers[i];
		if (serve_caller(ps, w, now))
			i++;
		else
			remove_caller(ps, i);
	}
}

