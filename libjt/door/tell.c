/* What clients are told: answers at once, and what is new about their transactions. See door.h. */
#include "door/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

size_t
jt_tell_waiting(const struct jt_client *c)
{
	return c->out.len - c->out_at;
}

/* Without memory for the answer the client cannot stay. */
static void
added(struct jt_door *d, struct jt_client *c)
{
	if (c->out.failed)
		jt_door_drop(d, c);
	if (c->moved == 0)
		c->moved = d->now;
	jt_door_weigh(d, c);
	jt_door_touch(d, c);
}

void
jt_tell(struct jt_door *d, struct jt_client *c, const uint8_t id[JT_HASH],
    enum jt_answer_state state, enum jt_code code, const char *why)
{
	struct jt_answer a = { .code = code, .state = state, .why = jt_slice_text(why) };

	memcpy(a.id, id, JT_HASH);
	/* A line about what strangers wrote may have been cut within a character. */
	if (!jt_utf8_valid(a.why))
		a.why.len = 0;
	d->counts.busy += state == JT_ANSWER_BUSY;
	if (jt_kind_write(&jt_kind_answer, &a, &c->out, NULL) != JT_OK)
		jt_door_drop(d, c);
	added(d, c);
}

void
jt_tell_item(struct jt_door *d, struct jt_door_item *item, enum jt_answer_state state,
    enum jt_code code, const char *why)
{
	struct jt_watch *w;

	JT_CHAIN_EACH(w, &item->watches, of_item)
		jt_tell(d, w->client, item->entry.id, state, code, why);
}

void
jt_tell_later(struct jt_door *d, struct jt_watch *w)
{
	if (!w->news)
		jt_chain_append(&w->client->news, &w->in_news);
	w->news = true;
	jt_door_touch(d, w->client);
}

/* ---- queries ---- */

void
jt_tell_drop(struct jt_door *d, struct jt_deferred *q)
{
	jt_chain_remove(&d->deferred, &q->all);
	d->counts.deferred--;
	q->client->deferred--;
	jt_door_touch(d, q->client);
	jt_buf_free(&q->kept);
	free(q);
}

/* False: there is no room to keep it. */
static bool
defer(struct jt_door *d, struct jt_client *c, const struct jt_query *query,
    const uint8_t id[JT_HASH], uint64_t ledger, struct jt_slice kept)
{
	struct jt_deferred *q;

	if (d->counts.deferred >= d->terms->deferred || (q = calloc(1, sizeof *q)) == NULL)
		return false;
	q->client = c;
	q->query = *query;
	memcpy(q->id, id, JT_HASH);
	q->ledger = ledger;
	q->since = d->now;
	jt_buf_init(&q->kept, JT_OBJECT_MAX);
	jt_chain_append(&d->deferred, &q->all);
	d->counts.deferred++;
	c->deferred++;
	if (jt_buf_add_slice(&q->kept, kept))
		return true;
	jt_tell_drop(d, q);
	return false;
}

enum jt_err
jt_tell_query(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    const struct jt_query *q, struct jt_error *e)
{
	size_t before = c->out.len;
	uint8_t id[JT_HASH];
	uint64_t ledger = 0;
	uint32_t work = 1;
	enum jt_err err;

	jt_object_hash(id, o->kind, o->version, o->payload);
	err = d->ops->answer(d->ops->ctx, q, &c->out, &ledger, &work, e);
	c->source->work -= work < c->source->work ? work : c->source->work;
	if (err == JT_NO) {
		jt_tell(d, c, id, JT_ANSWER_NONE, JT_CODE_OK, e->text);
	} else if (err == JT_AGAIN) {
		struct jt_slice kept = { c->out.data + before, c->out.len - before };
		bool waits;

		if (kept.len == 0)
			kept.data = NULL;
		waits = defer(d, c, q, id, ledger, kept);
		c->out.len = before;
		if (!waits)
			jt_tell(d, c, id, JT_ANSWER_BUSY, JT_CODE_OK, "too many queries wait");
	} else if (err != JT_OK) {
		return err;
	}
	added(d, c);
	return JT_OK;
}

/* ---- output ---- */

/* Tell what is new about one; the last word about it ends the watch. */
static enum jt_err
tell_news(struct jt_door *d, struct jt_watch *w, struct jt_error *e)
{
	struct jt_door_item *item = w->item;
	struct jt_client *c = w->client;
	uint32_t work = 0;
	enum jt_err err;

	jt_chain_remove(&c->news, &w->in_news);
	w->news = false;
	if (item->state != JT_ITEM_CERTIFIED) {
		if (!w->told)
			jt_tell(d, c, item->entry.id, JT_ANSWER_ACCEPTED, JT_CODE_OK, "");
		w->told = true;
		return JT_OK;
	}
	err = d->ops->prove(d->ops->ctx, &item->entry, &c->out, &work, e);
	if (err != JT_OK)
		return err;
	c->source->work -= work < c->source->work ? work : c->source->work;
	added(d, c);
	jt_lobby_unwatch(d, w);
	if (jt_chain_empty(&item->watches))
		jt_lobby_remove(d, item);
	return JT_OK;
}

enum jt_err
jt_door_output(struct jt_door *d, struct jt_client *c, struct jt_slice *out,
    struct jt_error *e)
{
	struct jt_watch *w;
	enum jt_err err;

	jt_source_refill(d, c->source);
	while (jt_tell_waiting(c) < d->terms->out_bytes && c->source->work > 0 &&
	    (w = JT_CHAIN_FIRST(&c->news, struct jt_watch, in_news)) != NULL)
		if ((err = tell_news(d, w, e)) != JT_OK)
			return err;
	*out = (struct jt_slice){ NULL, 0 };
	if (jt_tell_waiting(c) > 0)
		*out = (struct jt_slice){ c->out.data + c->out_at, jt_tell_waiting(c) };
	return JT_OK;
}

void
jt_door_sent(struct jt_door *d, struct jt_client *c, size_t len)
{
	c->out_at += len;
	if (len > 0)
		c->moved = d->now;
	if (jt_tell_waiting(c) == 0) {
		jt_buf_free(&c->out);
		c->out_at = 0;
		c->moved = 0;
	} else if (c->out_at > jt_tell_waiting(c)) {
		memmove(c->out.data, c->out.data + c->out_at, jt_tell_waiting(c));
		c->out.len -= c->out_at;
		c->out_at = 0;
	}
	jt_door_weigh(d, c);
	if (c->stopped && jt_tell_waiting(c) < d->terms->out_bytes)
		d->eager = true;
	/* With nothing more to say: perhaps it ends; with more, it goes on. */
	if (jt_tell_waiting(c) == 0)
		jt_door_touch(d, c);
}
