/*
 * What waits: transactions by id and by account, who watches them, and the
 * sources they came from. See parts.h.
 *
 * Buckets are chosen by a keyed hash, so that nobody outside knows which ids
 * and accounts would share one.
 */
#include "door/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static uint32_t
bucket(const struct jt_door *d, const uint8_t *data, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];

	crypto_shorthash(hash, data, len, d->seed);
	return jt_get_be32(hash) & d->mask;
}

bool
jt_lobby_init(struct jt_door *d)
{
	d->mask = 1;
	while (d->mask < d->terms->items)
		d->mask = d->mask * 2 + 1;
	d->ids = calloc((size_t)d->mask + 1, sizeof *d->ids);
	d->votes = calloc((size_t)d->mask + 1, sizeof *d->votes);
	d->accounts = calloc((size_t)d->mask + 1, sizeof *d->accounts);
	return d->ids != NULL && d->votes != NULL && d->accounts != NULL;
}

void
jt_lobby_free(struct jt_door *d)
{
	struct jt_door_item *item, *then;

	for (size_t i = 0; i < JT_ITEM_STATES; i++)
		JT_CHAIN_EACH_LEAVING(item, then, &d->items[i], in_state)
			jt_lobby_remove(d, item);
	free(d->ids);
	free(d->votes);
	free(d->accounts);
}

static struct jt_door_item *
with_id(struct jt_door_item *item, const uint8_t id[JT_HASH])
{
	while (item != NULL && memcmp(item->entry.id, id, JT_HASH) != 0)
		item = JT_CHAIN_NEXT(item, by_id);
	return item;
}

struct jt_door_item *
jt_lobby_first(const struct jt_door *d, const uint8_t id[JT_HASH])
{
	return with_id(JT_CHAIN_FIRST(&d->ids[bucket(d, id, JT_HASH)], struct jt_door_item, by_id), id);
}

struct jt_door_item *
jt_lobby_next(struct jt_door_item *item)
{
	return with_id(JT_CHAIN_NEXT(item, by_id), item->entry.id);
}

static struct jt_door_item *
with_vote(struct jt_door_item *item, const uint8_t id[JT_HASH])
{
	while (item != NULL && memcmp(item->vote, id, JT_HASH) != 0)
		item = JT_CHAIN_NEXT(item, by_vote);
	return item;
}

struct jt_door_item *
jt_lobby_vote(const struct jt_door *d, const uint8_t id[JT_HASH])
{
	return with_vote(JT_CHAIN_FIRST(&d->votes[bucket(d, id, JT_HASH)], struct jt_door_item,
	    by_vote), id);
}

struct jt_door_item *
jt_lobby_next_vote(struct jt_door_item *item)
{
	return with_vote(JT_CHAIN_NEXT(item, by_vote), item->vote);
}

/* The buckets that an item is in. */
static void
buckets(const struct jt_door *d, const struct jt_door_item *item, struct jt_chain *in[3])
{
	in[0] = &d->ids[bucket(d, item->entry.id, JT_HASH)];
	in[1] = &d->votes[bucket(d, item->vote, JT_HASH)];
	/* Records belong to nobody. */
	in[2] = item->entry.record ? NULL : &d->accounts[bucket(d, item->account, JT_ACCOUNT)];
}

struct jt_door_item *
jt_lobby_add(struct jt_door *d, const struct jt_door_item *model)
{
	struct jt_door_item *item = malloc(sizeof *item);
	struct jt_chain *in[3];

	if (item == NULL)
		return NULL;
	*item = *model;
	item->since = d->now;
	buckets(d, item, in);
	jt_chain_insert(in[0], NULL, &item->by_id);
	jt_chain_insert(in[1], NULL, &item->by_vote);
	if (in[2] != NULL)
		jt_chain_insert(in[2], NULL, &item->by_account);
	jt_chain_append(&d->items[item->state], &item->in_state);
	d->counts.items++;
	item->source->items++;
	item->source->unverified += item->state == JT_ITEM_SENT;
	return item;
}

void
jt_lobby_move(struct jt_door *d, struct jt_door_item *item, enum jt_item_state state)
{
	item->source->unverified -= item->state == JT_ITEM_SENT;
	jt_chain_remove(&d->items[item->state], &item->in_state);
	item->state = state;
	item->since = d->now;
	jt_chain_append(&d->items[state], &item->in_state);
}

void
jt_lobby_remove(struct jt_door *d, struct jt_door_item *item)
{
	struct jt_watch *w, *then;
	struct jt_chain *in[3];

	JT_CHAIN_EACH_LEAVING(w, then, &item->watches, of_item)
		jt_lobby_unwatch(d, w);
	item->source->items--;
	item->source->unverified -= item->state == JT_ITEM_SENT;
	buckets(d, item, in);
	jt_chain_remove(in[0], &item->by_id);
	jt_chain_remove(in[1], &item->by_vote);
	if (in[2] != NULL)
		jt_chain_remove(in[2], &item->by_account);
	jt_chain_remove(&d->items[item->state], &item->in_state);
	d->counts.items--;
	free(item);
}

struct jt_lobby_pending
jt_lobby_pending(const struct jt_door *d, const struct jt_door_item *item)
{
	struct jt_lobby_pending p = { 0 };
	const struct jt_door_item *other;

	JT_CHAIN_EACH(other, &d->accounts[bucket(d, item->account, JT_ACCOUNT)], by_account) {
		/* Closed: the account has paid. Sent by others: perhaps not signed at all. */
		if (other->state >= JT_ITEM_CLOSED ||
		    (other->state == JT_ITEM_SENT && other->source != item->source) ||
		    memcmp(other->account, item->account, JT_ACCOUNT) != 0 ||
		    memcmp(other->entry.id, item->entry.id, JT_HASH) == 0)
			continue;
		p.count++;
		if (!jt_add(p.fees, other->fee, &p.fees))
			p.fees = UINT64_MAX;
		p.seq_used = p.seq_used || other->seq == item->seq;
	}
	return p;
}

bool
jt_lobby_make_room(struct jt_door *d, const struct jt_source *source)
{
	struct jt_source *s, *heaviest = NULL;
	struct jt_door_item *item;

	if (d->counts.items < d->terms->items)
		return true;
	JT_CHAIN_EACH(s, &d->sources, all)
		if (heaviest == NULL || s->items > heaviest->items)
			heaviest = s;
	if (heaviest == NULL || heaviest->items <= source->items + 1)
		return false;
	/* It may still be taken, or be in a ledger; its client, which asks again, will hear so. */
	for (int state = JT_ITEM_SENT; state < JT_ITEM_STATES; state++)
		for (item = JT_CHAIN_LAST(&d->items[state], struct jt_door_item, in_state);
		    item != NULL; item = JT_CHAIN_PREV(item, in_state))
			if (item->source == heaviest) {
				jt_tell_item(d, item, JT_ANSWER_BUSY, JT_CODE_OK,
				    "made room for others");
				jt_lobby_remove(d, item);
				return true;
			}
	return false;
}

struct jt_watch *
jt_lobby_watch(struct jt_door *d, struct jt_client *c, struct jt_door_item *item)
{
	struct jt_watch *w;

	JT_CHAIN_EACH(w, &item->watches, of_item)
		if (w->client == c)
			return w;
	if ((w = calloc(1, sizeof *w)) == NULL)
		return NULL;
	(void)d;
	w->item = item;
	w->client = c;
	jt_chain_append(&item->watches, &w->of_item);
	jt_chain_append(&c->watches, &w->of_client);
	c->watching++;
	return w;
}

void
jt_lobby_unwatch(struct jt_door *d, struct jt_watch *w)
{
	struct jt_client *c = w->client;

	if (w->news)
		jt_chain_remove(&c->news, &w->in_news);
	jt_chain_remove(&w->item->watches, &w->of_item);
	jt_chain_remove(&c->watches, &w->of_client);
	assert(c->watching > 0);
	c->watching--;
	/* One that sends no more may have been waiting for this alone. */
	jt_door_touch(d, c);
	free(w);
}

/* ---- sources ---- */

static bool
unused(const struct jt_source *s)
{
	return s->clients == 0 && s->items == 0;
}

/*
 * When so many are remembered: one that nobody uses is forgotten, best one with
 * nothing against it, else the oldest.
 */
static struct jt_source *
forgotten(struct jt_door *d)
{
	struct jt_source *s, *oldest = NULL;

	if (d->counts.sources < d->terms->sources)
		return NULL;
	JT_CHAIN_EACH(s, &d->sources, all) {
		if (!unused(s))
			continue;
		jt_source_refill(d, s);
		if (s->credit >= d->terms->credit)
			return s;
		if (oldest == NULL)
			oldest = s;
	}
	return oldest;
}

struct jt_source *
jt_source_get(struct jt_door *d, const uint8_t key[JT_SOURCE])
{
	struct jt_source *s;

	JT_CHAIN_EACH(s, &d->sources, all)
		if (memcmp(s->key, key, JT_SOURCE) == 0)
			return s;
	s = forgotten(d);
	if (s == NULL) {
		if ((s = calloc(1, sizeof *s)) == NULL)
			return NULL;
		jt_chain_append(&d->sources, &s->all);
		d->counts.sources++;
	}
	memcpy(s->key, key, JT_SOURCE);
	s->credit = d->terms->credit;
	s->work = d->terms->work;
	s->refilled = d->now;
	return s;
}

void
jt_source_refill(const struct jt_door *d, struct jt_source *s)
{
	const struct jt_door_terms *t = d->terms;
	uint64_t passed = d->now - s->refilled, more = passed / t->credit_ms;

	/* In whole steps of credit_ms, so that nothing is lost between. */
	if (more == 0)
		return;
	s->refilled += more * t->credit_ms;
	if (s->credit < t->credit)
		s->credit = more < t->credit - s->credit ? s->credit + (uint32_t)more : t->credit;
	more = more < 1000 ? more * t->credit_ms * t->work / 1000 : t->work;
	s->work = more < t->work - s->work ? s->work + (uint32_t)more : t->work;
}
