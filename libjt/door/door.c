/* The door: clients come and go, time passes, and nothing is without bounds. See door.h. */
#include "door/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	TICK_MS = 50,                   /* how often ages are looked at */
	IN_MAX = 4 * JT_TX_MAX,         /* bytes: an object and what one read gives */
	OUT_MAX = 8 * JT_OBJECT_MAX     /* far above terms.out_bytes, for answers that come at once */
};

const struct jt_door_terms jt_door_usual = {
	.clients = 1000,
	.items = 16384,
	.client_items = 8192,
	.account_items = 128,
	.deferred = 256,
	.sources = 4096,
	.bytes = 16 << 20,
	.out_bytes = 16 << 10,
	.credit = 64,
	.credit_max = 4096,
	.credit_taken = 2,
	.credit_bad = 16,
	.credit_ms = 125,
	.work = 1000,
	.pause_ms = 50,
	.room_ms = 500,
	.slow_ms = 30000,
	.item_ms = 30000,
	.orphan_ms = 600000,
};

struct jt_door *
jt_door_new(const struct jt_door_terms *t, const struct jt_door_ops *ops, struct jt_apply *apply,
    const uint8_t seed[16])
{
	struct jt_door *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->terms = t;
	d->ops = ops;
	d->apply = apply;
	memcpy(d->seed, seed, sizeof d->seed);
	if (!jt_lobby_init(d) || !msgpack_zone_init(&d->zone, MSGPACK_ZONE_CHUNK_SIZE)) {
		jt_lobby_free(d);
		free(d);
		return NULL;
	}
	apply->zone = &d->zone;
	return d;
}

void
jt_door_free(struct jt_door *d)
{
	struct jt_client *c, *next;
	struct jt_source *s, *then;

	if (d == NULL)
		return;
	JT_CHAIN_EACH_LEAVING(c, next, &d->clients, all)
		jt_door_leave(d, c);
	jt_lobby_free(d);
	JT_CHAIN_EACH_LEAVING(s, then, &d->sources, all)
		free(s);
	msgpack_zone_destroy(&d->zone);
	free(d);
}

void
jt_door_records(struct jt_door *d, const uint8_t key[JT_KEY], uint64_t bits)
{
	d->records = true;
	d->bits = bits;
	memcpy(d->key, key, JT_KEY);
}

void
jt_door_now(struct jt_door *d, uint64_t ms)
{
	/* 0 stands for "not" in all that is kept. */
	if (ms > d->now)
		d->now = ms;
}

/* ---- clients ---- */

void
jt_door_touch(struct jt_door *d, struct jt_client *c)
{
	if (!c->dirty)
		jt_chain_append(&d->dirty, &c->in_dirty);
	c->dirty = true;
}

void
jt_door_drop(struct jt_door *d, struct jt_client *c)
{
	if (c->gone)
		return;
	c->gone = true;
	d->counts.dropped++;
	d->counts.bytes -= c->held;
	c->source->held -= c->held;
	c->held = 0;
	jt_door_touch(d, c);
}

/* Does it wait for nothing, and is not in the middle of anything? */
static bool
is_idle(const struct jt_client *c)
{
	return jt_chain_empty(&c->watches) && c->deferred == 0 && c->held == 0;
}

/* Of two who could go, an idle one does, then who has been silent for longer. */
static bool
goes_before(const struct jt_client *c, const struct jt_client *other)
{
	if (other == NULL || is_idle(c) != is_idle(other))
		return other == NULL || is_idle(c);
	return c->active < other->active;
}

/*
 * Room for a client from this source: one of the source that has most is dropped, an
 * idle one; or any, where that source still has more than this one then.
 */
static bool
make_room(struct jt_door *d, const struct jt_source *s)
{
	struct jt_client *c, *going = NULL;
	uint32_t most = s->clients + 1;

	if (d->counts.clients < d->terms->clients)
		return true;
	JT_CHAIN_EACH(c, &d->clients, all)
		if (c->source->clients > most)
			most = c->source->clients;
	JT_CHAIN_EACH(c, &d->clients, all)
		if (!c->gone && c->source->clients + (c->source == s) >= most &&
		    (is_idle(c) || c->source->clients > s->clients + 1) && goes_before(c, going))
			going = c;
	if (going == NULL)
		return false;
	jt_door_drop(d, going);
	return true;
}

struct jt_client *
jt_door_enter(struct jt_door *d, const uint8_t source[JT_SOURCE], void *user)
{
	struct jt_source *s = jt_source_get(d, source);
	struct jt_client *c;

	if (s == NULL || !make_room(d, s) || (c = calloc(1, sizeof *c)) == NULL) {
		d->counts.busy++;
		return NULL;
	}
	c->user = user;
	c->source = s;
	c->active = d->now;
	s->clients++;
	d->counts.clients++;
	jt_buf_init(&c->in, IN_MAX);
	jt_buf_init(&c->out, OUT_MAX);
	jt_chain_append(&d->clients, &c->all);
	jt_door_touch(d, c);
	return c;
}

void
jt_door_leave(struct jt_door *d, struct jt_client *c)
{
	struct jt_deferred *q, *next;
	struct jt_watch *w, *then;

	JT_CHAIN_EACH_LEAVING(w, then, &c->watches, of_client) {
		struct jt_door_item *item = w->item;
		jt_lobby_unwatch(d, w);
		/* Its effect is done, and nobody waits for the proof. */
		if (item->state >= JT_ITEM_CLOSED && jt_chain_empty(&item->watches))
			jt_lobby_remove(d, item);
	}
	JT_CHAIN_EACH_LEAVING(q, next, &d->deferred, all)
		if (q->client == c)
			jt_tell_drop(d, q);
	jt_buf_free(&c->in);
	jt_buf_free(&c->out);
	d->counts.bytes -= c->held;
	c->source->held -= c->held;
	d->counts.clients--;
	c->source->clients--;
	if (c->stopped)
		jt_chain_remove(&d->stopped, &c->in_stopped);
	if (c->dirty)
		jt_chain_remove(&d->dirty, &c->in_dirty);
	jt_chain_remove(&d->clients, &c->all);
	free(c);
}

void *
jt_client_user(const struct jt_client *c)
{
	return c->user;
}

bool
jt_client_gone(const struct jt_client *c)
{
	bool silent = jt_tell_waiting(c) == 0 && jt_chain_empty(&c->news);

	return c->gone || (c->closing && silent) || (c->ended && !c->stopped && silent &&
	    jt_chain_empty(&c->watches) && c->deferred == 0);
}

bool
jt_client_reads(const struct jt_client *c)
{
	return !c->stopped && !c->ended && !c->closing && !c->gone;
}

enum jt_err
jt_door_feed(struct jt_door *d, struct jt_client *c, struct jt_slice bytes, struct jt_error *e)
{
	if (!jt_client_reads(c))
		return JT_OK;
	if (!jt_buf_add_slice(&c->in, bytes)) {
		jt_door_drop(d, c);
		return JT_OK;
	}
	return jt_take(d, c, e);
}

void
jt_door_end(struct jt_door *d, struct jt_client *c)
{
	c->ended = true;
	jt_door_touch(d, c);
}

void
jt_door_ready(struct jt_door *d, struct jt_client *c)
{
	jt_door_touch(d, c);
}

struct jt_client *
jt_door_next(struct jt_door *d)
{
	struct jt_client *c = JT_CHAIN_FIRST(&d->dirty, struct jt_client, in_dirty);

	if (c != NULL) {
		jt_chain_remove(&d->dirty, &c->in_dirty);
		c->dirty = false;
	}
	return c;
}

/* ---- bounds ---- */

/* Of the source whose clients hold most bytes, the client that holds most. */
static struct jt_client *
heaviest(const struct jt_door *d)
{
	struct jt_client *c, *found = NULL;

	JT_CHAIN_EACH(c, &d->clients, all)
		if (!c->gone && (found == NULL || c->source->held > found->source->held ||
		    (c->source == found->source && c->held > found->held)))
			found = c;
	return found;
}

void
jt_door_weigh(struct jt_door *d, struct jt_client *c)
{
	uint64_t held = c->in.cap + c->out.cap;

	if (c->gone)
		return;
	d->counts.bytes += held - c->held;
	c->source->held += held - c->held;
	c->held = held;
	if (d->counts.bytes > d->terms->bytes && (c = heaviest(d)) != NULL)
		jt_door_drop(d, c);
}

static void
age_clients(struct jt_door *d)
{
	struct jt_client *c;

	JT_CHAIN_EACH(c, &d->clients, all) {
		/* Its source may have work to spend again. */
		if (!jt_chain_empty(&c->news))
			jt_door_touch(d, c);
		if ((c->half != 0 && d->now - c->half > d->terms->slow_ms) ||
		    (c->moved != 0 && d->now - c->moved > d->terms->slow_ms))
			jt_door_drop(d, c);
	}
}

static void
age_items(struct jt_door *d)
{
	struct jt_door_item *item, *next;

	JT_CHAIN_EACH_LEAVING(item, next, &d->items[JT_ITEM_SENT], in_state) {
		if (d->now - item->since <= d->terms->item_ms)
			break;
		jt_tell_item(d, item, JT_ANSWER_BUSY, JT_CODE_OK, "the vote did not take it");
		jt_lobby_remove(d, item);
	}
	JT_CHAIN_EACH_LEAVING(item, next, &d->items[JT_ITEM_TAKEN], in_state) {
		if (d->now - item->since <= d->terms->orphan_ms)
			break;
		if (jt_chain_empty(&item->watches))
			jt_lobby_remove(d, item);
	}
}

static void
age_queries(struct jt_door *d)
{
	struct jt_deferred *q, *next;

	JT_CHAIN_EACH_LEAVING(q, next, &d->deferred, all) {
		if (d->now - q->since <= d->terms->item_ms)
			break;
		jt_tell(d, q->client, q->id, JT_ANSWER_BUSY, JT_CODE_OK,
		    "its ledger was not certified");
		jt_tell_drop(d, q);
	}
}

enum jt_err
jt_door_run(struct jt_door *d, struct jt_error *e)
{
	struct jt_client *c, *last = JT_CHAIN_LAST(&d->stopped, struct jt_client, in_stopped);
	enum jt_err err;

	d->eager = false;
	/* Each of them once: who must wait again goes to the end. */
	while (last != NULL) {
		bool done = (c = JT_CHAIN_FIRST(&d->stopped, struct jt_client, in_stopped)) == last;
		if ((err = jt_take(d, c, e)) != JT_OK)
			return err;
		if (done)
			break;
	}
	if (d->now - d->ticked < TICK_MS)
		return JT_OK;
	d->ticked = d->now;
	age_clients(d);
	age_items(d);
	age_queries(d);
	return JT_OK;
}

int
jt_door_wait(const struct jt_door *d)
{
	/* Bytes are held where half an object, or unsent answers wait. */
	bool waits = d->counts.bytes > 0 || d->counts.deferred > 0 || d->counts.items > 0 ||
	    !jt_chain_empty(&d->stopped);

	return d->eager || !jt_chain_empty(&d->dirty) ? 0 : waits ? TICK_MS : -1;
}

struct jt_door_counts
jt_door_count(const struct jt_door *d)
{
	return d->counts;
}
