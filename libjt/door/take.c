/* What clients send: objects out of bytes, and which of them may enter. See door.h. */
#include "door/parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

enum verdict { DONE, WAIT /* take it later */ };

/* ---- transactions ---- */

/* One as it was decoded, on its way through the checks. */
struct arrival {
	struct jt_client *client;
	const struct jt_object *o;
	struct jt_tx *tx;
	struct jt_signed s;
	struct jt_door_item item; /* what it would be kept as */
	struct jt_error why;
};

static void
refuse(struct jt_door *d, struct arrival *a, enum jt_code code)
{
	d->counts.refused++;
	jt_tell(d, a->client, a->item.id, JT_ANSWER_REFUSED, code, a->why.text);
}

/* Told so, and not read for a moment. */
static void
busy(struct jt_door *d, struct arrival *a, const char *why)
{
	a->client->paused = d->now + d->terms->pause_ms;
	jt_tell(d, a->client, a->item.id, JT_ANSWER_BUSY, JT_CODE_OK, why);
}

/* The client's watch of any copy. */
static struct jt_watch *
watch_of(const struct jt_door *d, const struct arrival *a)
{
	struct jt_door_item *item = jt_lobby_first(d, a->item.id);
	struct jt_watch *w;

	for (; item != NULL; item = jt_lobby_next(item))
		JT_CHAIN_EACH(w, &item->watches, of_item)
			if (w->client == a->client && item->state != JT_ITEM_SENT)
				return w;
	return NULL;
}

/* It is there: the client hears how it stands, again if need be. */
static void
watch(struct jt_door *d, struct arrival *a, struct jt_door_item *item)
{
	struct jt_watch *w = watch_of(d, a);

	if (w == NULL && a->client->watching >= d->terms->client_items) {
		busy(d, a, "too many of this client's wait");
		return;
	}
	if (w == NULL && (w = jt_lobby_watch(d, a->client, item)) == NULL) {
		busy(d, a, "out of memory");
		return;
	}
	w->told = false;
	if (w->item->state != JT_ITEM_SENT)
		jt_tell_later(d, w);
}

/* A copy of it waits already: the same bytes, or others that the vote has taken. */
static bool
is_waiting(struct jt_door *d, struct arrival *a)
{
	struct jt_door_item *item = jt_lobby_first(d, a->item.id);

	for (; item != NULL; item = jt_lobby_next(item))
		if (item->state != JT_ITEM_SENT ||
		    memcmp(item->copy, a->item.copy, JT_COPY) == 0) {
			watch(d, a, item);
			return true;
		}
	return false;
}

/* A ledger has it: only the proof is missing, also to whoever waited before. */
static enum jt_err
watch_closed(struct jt_door *d, struct arrival *a, uint64_t ledger, struct jt_error *e)
{
	struct jt_door_item *item = jt_lobby_first(d, a->item.id), *next;
	enum jt_err err = JT_OK;

	if (item == NULL) {
		a->item.source = NULL;
		memset(a->item.copy, 0, JT_COPY);
		if (!jt_lobby_make_room(d, a->client->source) ||
		    (item = jt_lobby_add(d, &a->item)) == NULL) {
			busy(d, a, "too many wait");
			return JT_OK;
		}
	}
	watch(d, a, item);
	for (; item != NULL && err == JT_OK; item = next) {
		next = jt_lobby_next(item);
		if (item->state < JT_ITEM_CLOSED)
			err = jt_hear_closed(d, item, ledger, e);
	}
	return err;
}

/* Is a ledger's holding it the reason why its number is used? */
static enum jt_err
is_closed(struct jt_door *d, struct arrival *a, uint64_t *ledger, struct jt_error *e)
{
	struct jt_account from;
	bool exists;
	enum jt_err err = jt_apply_account(d->apply, a->tx->from, &from, &exists, e);
	enum jt_seq seq = exists ? jt_seq_look(&from, a->tx->seq) : JT_SEQ_FREE;

	*ledger = 0;
	if (err != JT_OK || (seq != JT_SEQ_USED && seq != JT_SEQ_OLD))
		return err;
	return d->ops->find(d->ops->ctx, a->item.id, ledger, e);
}

/* May it enter, with all that its account has on the way? */
static enum jt_err
admit(struct jt_door *d, struct arrival *a, enum jt_code *code, bool *full, struct jt_error *e)
{
	struct jt_account from = { 0 };
	struct jt_lobby_pending p;
	char fee[JT_DECIMAL_MAX], waiting[JT_DECIMAL_MAX], balance[JT_DECIMAL_MAX];
	uint64_t all;
	enum jt_err err = jt_tx_admit(d->apply, a->tx, &a->s, &from, code, &a->why, e);

	*full = false;
	if (err != JT_OK || *code != JT_CODE_OK)
		return err;
	p = jt_lobby_pending(d, &a->item);
	*full = p.count >= d->terms->account_items;
	if (p.seq_used) {
		jt_fail(&a->why, JT_NO, "seq: %" PRIu64 ", another transaction with it waits",
		    a->tx->seq);
		*code = JT_CODE_SEQ_USED;
	} else if (!jt_add(p.fees, a->tx->fee, &all) || all > from.balance) {
		jt_decimal_format(a->tx->fee, JT_COINS_DECIMALS, false, fee);
		jt_decimal_format(p.fees, JT_COINS_DECIMALS, false, waiting);
		jt_decimal_format(from.balance, JT_COINS_DECIMALS, false, balance);
		jt_fail(&a->why, JT_NO, "fee: %s, and %s of fees wait, the balance is %s", fee,
		    waiting, balance);
		*code = JT_CODE_NO_FEE;
	}
	return JT_OK;
}

/* Checked as far as it can be: on to the vote. */
static void
pass(struct jt_door *d, struct arrival *a)
{
	struct jt_door_item *item;

	if (a->client->watching >= d->terms->client_items) {
		busy(d, a, "too many of this client's wait");
	} else if (!jt_lobby_make_room(d, a->client->source) ||
	    (item = jt_lobby_add(d, &a->item)) == NULL) {
		busy(d, a, "too many wait");
	} else {
		watch(d, a, item);
		d->ops->pass(d->ops->ctx, a->o->bytes);
	}
}

/* What it is, and what needs no state. False: it was refused. */
static bool
read_transaction(struct jt_door *d, struct arrival *a, const struct jt_kind *kind)
{
	uint8_t hash[JT_HASH];
	struct jt_slice body;

	msgpack_zone_clear(&d->zone);
	if (jt_tx_decode(kind, a->o, &a->tx, &a->s, &d->zone, &a->why) != JT_OK) {
		if (jt_signed_body(a->o, &body, NULL) == JT_OK)
			jt_object_hash(a->item.id, a->o->kind, a->o->version, body);
		refuse(d, a, JT_CODE_MALFORMED);
		return false;
	}
	jt_object_hash(a->item.id, a->o->kind, a->o->version, a->s.body);
	if (memcmp(a->tx->network, d->apply->terms->network, JT_HASH) != 0) {
		refuse(d, a, JT_CODE_WRONG_NETWORK);
		return false;
	}
	if (a->s.sigs.count == 0) {
		jt_fail(&a->why, JT_NO, "is not signed");
		refuse(d, a, JT_CODE_BAD_SIGNATURE);
		return false;
	}
	jt_hash(hash, a->o->bytes);
	memcpy(a->item.copy, hash, JT_COPY);
	memcpy(a->item.account, a->tx->from, JT_ACCOUNT);
	a->item.fee = a->tx->fee;
	a->item.seq = a->tx->seq;
	return true;
}

/* Is there no room for it now, or may its source not have more on the way? */
static bool
must_wait(struct jt_door *d, const struct jt_client *c)
{
	jt_source_refill(d, c->source);
	if (c->source->unverified >= c->source->credit)
		return true;
	if (d->ops->room(d->ops->ctx)) {
		d->full_since = 0;
		return false;
	}
	if (d->full_since == 0)
		d->full_since = d->now;
	return d->now - d->full_since < d->terms->room_ms;
}

static enum jt_err
take_transaction(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    const struct jt_kind *kind, enum verdict *verdict, struct jt_error *e)
{
	struct arrival a = { .client = c, .o = o, .item.source = c->source };
	enum jt_code code = JT_CODE_OK;
	uint64_t ledger;
	bool full;
	enum jt_err err;

	*verdict = must_wait(d, c) ? WAIT : DONE;
	if (*verdict == WAIT || !read_transaction(d, &a, kind))
		return JT_OK;
	if ((err = is_closed(d, &a, &ledger, e)) != JT_OK)
		return err;
	if (ledger != 0)
		return watch_closed(d, &a, ledger, e);
	if (is_waiting(d, &a))
		return JT_OK;
	if ((err = admit(d, &a, &code, &full, e)) != JT_OK)
		return err;
	if (code != JT_CODE_OK)
		refuse(d, &a, code);
	else if (full)
		busy(d, &a, "too many of this account's wait");
	else if (d->full_since != 0)
		busy(d, &a, "the vote is behind");
	else
		pass(d, &a);
	return JT_OK;
}

/* ---- everything else ---- */

static enum jt_err
take_query(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    enum verdict *verdict, struct jt_error *e)
{
	struct jt_query q;
	struct jt_error why;

	jt_source_refill(d, c->source);
	if (c->source->work == 0) {
		*verdict = WAIT;
		return JT_OK;
	}
	if (jt_query_read(o, &q, &why) != JT_OK) {
		d->counts.refused++;
		jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
		return JT_OK;
	}
	return jt_tell_query(d, c, o, &q, e);
}

static enum jt_err
take_object(struct jt_door *d, struct jt_client *c, struct jt_slice bytes,
    enum verdict *verdict, struct jt_error *e)
{
	const struct jt_kind *kind;
	struct jt_error why;
	struct jt_object o;
	enum jt_err err = jt_object_parse(bytes, &o, &why);

	*verdict = DONE;
	if (err == JT_OK && jt_object_is(&o, jt_kind_query.name))
		return take_query(d, c, &o, verdict, e);
	if (err == JT_OK)
		err = jt_kind_of(&jt_tx_kinds, &o, &kind, &why);
	if (err == JT_OK)
		return take_transaction(d, c, &o, kind, verdict, e);
	d->counts.refused++;
	jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
	return JT_OK;
}

/* The size of the object that some bytes begin with; 0: not all of it is there, or it is none. */
static size_t
whole(struct jt_door *d, struct jt_client *c, struct jt_slice s)
{
	struct jt_error why;
	size_t size = 0;
	enum jt_err err;

	err = jt_object_size(s, &size, &why);
	if (err == JT_OK && size > JT_TX_MAX)
		err = jt_fail(&why, JT_MALFORMED, "an object of %zu bytes, more than %d", size,
		    JT_TX_MAX);
	if (err == JT_MALFORMED) {
		/* Where the next object would begin cannot be told. */
		d->counts.refused++;
		jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
		c->closing = true;
		return 0;
	}
	return err == JT_OK && size <= s.len ? size : 0;
}

/* Taken bytes go; an empty buffer gives its memory back. */
static void
trim(struct jt_client *c)
{
	size_t left = c->in.len - c->in_at;

	if (c->closing || c->gone || left == 0) {
		jt_buf_free(&c->in);
		c->in_at = 0;
	} else if (c->in_at > left) {
		memmove(c->in.data, c->in.data + c->in_at, left);
		c->in.len = left;
		c->in_at = 0;
	}
}

static void
set_stopped(struct jt_door *d, struct jt_client *c, bool stopped)
{
	if (c->stopped)
		jt_chain_remove(&d->stopped, &c->in_stopped);
	c->stopped = stopped;
	if (stopped)
		jt_chain_append(&d->stopped, &c->in_stopped);
}

enum jt_err
jt_take(struct jt_door *d, struct jt_client *c, struct jt_error *e)
{
	enum verdict verdict = DONE;
	enum jt_err err = JT_OK;
	size_t size = 0;

	while (!c->closing && !c->gone && c->in_at < c->in.len) {
		struct jt_slice s = { c->in.data + c->in_at, c->in.len - c->in_at };

		if ((size = whole(d, c, s)) == 0)
			break;
		if (c->paused > d->now || jt_tell_waiting(c) >= d->terms->out_bytes)
			break;
		err = take_object(d, c, (struct jt_slice){ s.data, size }, &verdict, e);
		if (err != JT_OK || verdict == WAIT)
			break;
		c->in_at += size;
		size = 0;
		c->active = d->now;
		c->half = 0;
	}
	trim(c);
	if (size == 0 && c->in.len > 0 && c->half == 0)
		c->half = d->now;
	set_stopped(d, c, size > 0 && !c->closing && !c->gone);
	jt_door_weigh(d, c);
	jt_door_touch(d, c);
	return err;
}
