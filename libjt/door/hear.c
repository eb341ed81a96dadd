/* What the door hears of its items from the validator's other programs. See door.h. */
#include "door/parts.h"

#include <string.h>

static void
news(struct jt_door *d, struct jt_door_item *item)
{
	struct jt_watch *w;

	JT_CHAIN_EACH(w, &item->watches, of_item)
		jt_tell_later(d, w);
}

void
jt_door_took(struct jt_door *d, const uint8_t id[JT_HASH])
{
	struct jt_door_item *item = jt_lobby_vote(d, id);

	d->counts.accepted += item != NULL;
	for (; item != NULL; item = jt_lobby_next_vote(item)) {
		struct jt_source *s = item->source;

		if (item->state != JT_ITEM_SENT)
			continue;
		s->credit = s->credit + d->terms->credit_taken < d->terms->credit_max ?
		    s->credit + d->terms->credit_taken : d->terms->credit_max;
		jt_lobby_move(d, item, JT_ITEM_TAKEN);
		news(d, item);
	}
}

void
jt_door_refused(struct jt_door *d, const struct jt_object *o)
{
	struct jt_door_item *item;
	uint8_t id[JT_HASH], copy[JT_HASH];
	struct jt_slice body;

	if (jt_signed_body(o, &body, NULL) != JT_OK)
		return;
	jt_object_hash(id, o->kind, o->version, body);
	jt_hash(copy, o->bytes);
	for (item = jt_lobby_first(d, id); item != NULL; item = jt_lobby_next(item))
		if (memcmp(item->copy, copy, JT_COPY) == 0)
			break;
	if (item == NULL || item->state >= JT_ITEM_CLOSED)
		return;
	d->counts.refused++;
	item->source->credit -= item->source->credit < d->terms->credit_bad ?
	    item->source->credit : d->terms->credit_bad;
	jt_tell_item(d, item, JT_ANSWER_REFUSED, JT_CODE_BAD_SIGNATURE, "a signature is bad");
	jt_lobby_remove(d, item);
}

enum jt_err
jt_hear_closed(struct jt_door *d, struct jt_door_item *item, uint64_t ledger, struct jt_error *e)
{
	bool certified;
	enum jt_err err;

	if (jt_chain_empty(&item->watches)) {
		jt_lobby_remove(d, item);
		return JT_OK;
	}
	if ((err = d->ops->certified(d->ops->ctx, ledger, &certified, e)) != JT_OK)
		return err;
	item->entry.ledger = ledger;
	jt_lobby_move(d, item, certified ? JT_ITEM_CERTIFIED : JT_ITEM_CLOSED);
	news(d, item);
	return JT_OK;
}

enum jt_err
jt_door_result(struct jt_door *d, const struct jt_result *r, struct jt_error *e)
{
	struct jt_door_item *item, *next;
	uint64_t ledger = r->ledger;
	uint32_t work;
	char why[JT_ERROR_MAX] = "";
	enum jt_err err;

	if ((item = jt_lobby_first(d, r->id)) == NULL)
		return JT_OK;
	if (r->why.len > 0 && r->why.len < sizeof why)
		memcpy(why, r->why.data, r->why.len);
	/* Another copy is refused, since the first one is in. */
	if (ledger == 0 &&
	    (err = d->ops->find(d->ops->ctx, &item->entry, &ledger, &work, e)) != JT_OK)
		return err;
	for (; item != NULL; item = next) {
		next = jt_lobby_next(item);
		if (item->state >= JT_ITEM_CLOSED)
			continue;
		if (ledger != 0) {
			if ((err = jt_hear_closed(d, item, ledger, e)) != JT_OK)
				return err;
			continue;
		}
		d->counts.refused++;
		jt_tell_item(d, item, JT_ANSWER_REFUSED, (enum jt_code)r->code, why);
		jt_lobby_remove(d, item);
	}
	return JT_OK;
}

/* What it waited for is there. */
static enum jt_err
certified_query(struct jt_door *d, struct jt_deferred *q, struct jt_error *e)
{
	struct jt_client *c = q->client;
	enum jt_err err = d->ops->finish(d->ops->ctx, &q->query, jt_buf_slice(&q->kept), &c->out, e);

	if (err != JT_OK)
		return err;
	if (c->moved == 0)
		c->moved = d->now;
	jt_door_weigh(d, c);
	jt_tell_drop(d, q);
	return JT_OK;
}

enum jt_err
jt_door_certified(struct jt_door *d, uint64_t ledger, struct jt_error *e)
{
	struct jt_door_item *item, *next_item;
	struct jt_deferred *q, *next;
	enum jt_err err;

	JT_CHAIN_EACH_LEAVING(item, next_item, &d->items[JT_ITEM_CLOSED], in_state) {
		if (item->entry.ledger != ledger)
			continue;
		jt_lobby_move(d, item, JT_ITEM_CERTIFIED);
		news(d, item);
	}
	JT_CHAIN_EACH_LEAVING(q, next, &d->deferred, all)
		if (q->ledger == ledger && (err = certified_query(d, q, e)) != JT_OK)
			return err;
	return JT_OK;
}
