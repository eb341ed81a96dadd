/* Sessions with peers: on their way up, up, and lost. See peers.h. */
#include "peers.h"

enum {
	RETRY_MOST_MS = 5000,
	STABLE_MS = 10000, /* after a session so long pauses are short again */
	AWAY_MS = 5000     /* so long out of reach is told */
};

static void
drop(struct cmd_wire **w)
{
	cmd_wire_close(*w);
	*w = NULL;
}

/* Pauses differ from peer to peer, so that not all come back at once. */
static void
retry_later(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now)
{
	uint32_t drawn;

	cmd_random(&drawn, sizeof drawn);
	p->retry_at = now + p->retry_ms / 2 + drawn % (p->retry_ms + 1);
	p->retry_ms = p->retry_ms >= RETRY_MOST_MS / 2 ? RETRY_MOST_MS : 2 * p->retry_ms;
	cmd_peers_soon(ps, p->retry_at);
}

/* Nobody was reached, this time. */
static void
not_reached(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now, const struct jt_error *e)
{
	drop(&p->dial);
	retry_later(ps, p, now);
	if (p->away_told || now < p->since + AWAY_MS)
		return;
	p->away_told = true;
	complain(JT_OK, "%s: not reached at %s: %s", p->name, p->address, e->text);
}

static void
session_over(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now, const struct jt_error *e)
{
	if (e->code == JT_MALFORMED && !p->bad_told) {
		p->bad_told = true;
		complain(JT_OK, "%s: refused: %s", p->name, e->text);
	}
	drop(&p->session);
	cmd_queue_clear(&p->queue);
	p->lagging = false;
	p->news = true;
	if (now >= p->since + STABLE_MS)
		p->retry_ms = CMD_RETRY_LEAST_MS;
	p->since = now;
	retry_later(ps, p, now);
}

static void
promote(struct cmd_peer *p, struct cmd_wire **from, uint64_t now)
{
	if (p->session != NULL)
		cmd_queue_clear(&p->queue);
	drop(&p->session);
	p->session = *from;
	*from = NULL;
	p->lagging = p->ended = p->said_all = false;
	p->news = p->seen = true;
	p->away_told = false;
	p->since = now;
}

/* On the way up: JT_OK as long as it goes well. */
static enum jt_err
serve_rising(struct cmd_peers *ps, struct cmd_peer *p, struct cmd_wire **from, uint64_t now,
    struct jt_error *e)
{
	struct cmd_wire *w = *from;
	enum jt_link_event event;
	enum jt_err err = JT_OK;
	uint64_t next = now;

	if (w->ready)
		err = cmd_wire_go_on(w, &ps->self, p->key, now, e);
	while (err == JT_OK && w->more) {
		if ((err = cmd_wire_next(w, &event, e)) == JT_OK && event == JT_LINK_UP) {
			promote(p, from, now);
			return JT_OK;
		}
	}
	cmd_wire_flush(w, now);
	if (err == JT_OK)
		err = cmd_wire_time(w, now, &next, e);
	cmd_peers_soon(ps, next);
	return err;
}

static enum jt_err
hear_objects(struct cmd_peers *ps, struct cmd_peer *p, struct jt_error *e)
{
	struct jt_slice object;
	enum jt_err err;

	while ((err = cmd_wire_object(p->session, &object, e)) != JT_AGAIN) {
		if (err == JT_OK)
			ps->hear(p, object);
		else if (object.len == 0)
			return err;
		else if (!p->bad_told) {
			p->bad_told = true;
			complain(JT_OK, "%s: refused: %s", p->name, e->text);
		}
	}
	return JT_OK;
}

static enum jt_err
hear(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now, struct jt_error *e)
{
	struct cmd_wire *w = p->session;
	enum jt_link_event event;
	enum jt_err err = JT_OK;

	if (w->ready)
		err = cmd_wire_go_on(w, &ps->self, p->key, now, e);
	while (err == JT_OK && w->more && ps->room()) {
		if (p->news)
			ps->tell(p);
		p->news = false;
		err = hear_objects(ps, p, e); /* what came with the first chunk, too */
		if (err == JT_OK)
			err = cmd_wire_next(w, &event, e);
		if (err == JT_OK)
			err = hear_objects(ps, p, e);
		if (err == JT_OK && event == JT_LINK_END) {
			p->ended = true;
			if (!ps->pipe)
				return jt_fail(e, JT_NO, "it stopped");
		}
	}
	/* Who is not listened to is not dead. */
	if (!ps->room())
		w->heard = now;
	return err;
}

static enum jt_err
speak(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now, struct jt_error *e)
{
	static uint8_t space[JT_LINK_TEXT_MAX];
	struct cmd_wire *w = p->session;
	enum jt_err err = JT_OK;
	uint64_t next = now;

	do {
		while (err == JT_OK && p->queue.count > 0 && cmd_wire_room(w)) {
			struct jt_slice piece = cmd_queue_piece(&p->queue, space, sizeof space);
			err = cmd_wire_say(w, piece, e);
			cmd_queue_took(&p->queue, piece.len);
		}
		if (err == JT_OK && ps->finishing && p->queue.count == 0 && !w->link->finished)
			err = jt_link_finish(w->link, &w->out, e);
		cmd_wire_flush(w, now);
	} while (err == JT_OK && p->queue.count > 0 && cmd_wire_waiting(w) == 0);
	if (w->link->finished && cmd_wire_waiting(w) == 0 && !w->deaf)
		p->said_all = true;
	if (err == JT_OK && p->lagging && p->queue.count == 0 && cmd_wire_waiting(w) == 0) {
		p->lagging = false;
		p->news = true;
	}
	if (err == JT_OK)
		err = cmd_wire_time(w, now, &next, e);
	cmd_peers_soon(ps, next);
	return err;
}

static void
serve_session(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now)
{
	struct jt_error e;
	enum jt_err err = hear(ps, p, now, &e);

	if (err == JT_OK)
		err = speak(ps, p, now, &e);
	p->done = p->ended && p->said_all;
	if (err == JT_OK && (p->done || (p->ended && p->session->deaf)))
		err = jt_fail(&e, JT_NO, "there is nothing more to say");
	if (err != JT_OK)
		session_over(ps, p, now, &e);
}

static void
dial(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now)
{
	struct jt_error e;
	enum jt_err err;

	if (now < p->retry_at) {
		cmd_peers_soon(ps, p->retry_at);
		return;
	}
	p->dial = cmd_wire_dial(&ps->self, p->key, p->address, now, &err, &e);
	if (err == JT_OK || err == JT_AGAIN)
		err = serve_rising(ps, p, &p->dial, now, &e);
	if (err != JT_OK)
		not_reached(ps, p, now, &e);
}

void
cmd_peer_serve(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now)
{
	struct jt_error e;

	if (p->dial != NULL && serve_rising(ps, p, &p->dial, now, &e) != JT_OK)
		not_reached(ps, p, now, &e);
	if (p->guest != NULL && serve_rising(ps, p, &p->guest, now, &e) != JT_OK)
		drop(&p->guest);
	if (p->session != NULL)
		serve_session(ps, p, now);
	else if (p->dial == NULL && p->guest == NULL && p->address != NULL && !p->done &&
	    !ps->finishing)
		dial(ps, p, now);
	if (p->news && ps->room()) {
		ps->tell(p);
		p->news = false;
	}
}
