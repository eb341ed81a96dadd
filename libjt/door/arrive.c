/* What arrives: transactions and hash records, and which of them may enter. See door.h. */
#include "door/parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"

/* One as it was read, on its way through the checks. */
struct arrival {
	struct jt_client *client;
	const struct jt_object *o;
	struct jt_tx *tx;             /* of a transaction */
	struct jt_signed s;
	struct jt_record_copy record; /* of a record */
	struct jt_door_item item;     /* what it would be kept as */
	struct jt_error why;
};

static void
refuse(struct jt_door *d, struct arrival *a, enum jt_code code)
{
	d->counts.refused++;
	jt_tell(d, a->client, a->item.entry.id, JT_ANSWER_REFUSED, code, a->why.text);
}

/* Told so, and not read for a moment. */
static void
busy(struct jt_door *d, struct arrival *a, const char *why)
{
	a->client->paused = d->now + d->terms->pause_ms;
	jt_tell(d, a->client, a->item.entry.id, JT_ANSWER_BUSY, JT_CODE_OK, why);
}

/* The client's watch of any copy. */
static struct jt_watch *
watch_of(const struct jt_door *d, const struct arrival *a)
{
	struct jt_door_item *item = jt_lobby_first(d, a->item.entry.id);
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
	struct jt_door_item *item = jt_lobby_first(d, a->item.entry.id);

	for (; item != NULL; item = jt_lobby_next(item))
		if (item->state != JT_ITEM_SENT ||
		    memcmp(item->copy, a->item.copy, JT_COPY) == 0) {
			watch(d, a, item);
			return true;
		}
	return false;
}

/* Does a ledger have it? Its source pays for an answer that is costly. */
static enum jt_err
find(struct jt_door *d, struct arrival *a, uint64_t *ledger, struct jt_error *e)
{
	struct jt_source *s = a->client->source;
	uint32_t work = 0;
	enum jt_err err = d->ops->find(d->ops->ctx, &a->item.entry, ledger, &work, e);

	s->work -= work < s->work ? work : s->work;
	return err;
}

/* A ledger has it: only the proof is missing, also to whoever waited before. */
static enum jt_err
watch_closed(struct jt_door *d, struct arrival *a, uint64_t ledger, struct jt_error *e)
{
	struct jt_door_item *item = jt_lobby_first(d, a->item.entry.id), *next;
	enum jt_err err = JT_OK;

	if (item == NULL) {
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

/* Checked as far as it can be: on to the vote. */
static void
pass(struct jt_door *d, struct arrival *a)
{
	struct jt_door_item *item;

	if (d->full_since != 0) {
		busy(d, a, "the vote is behind");
	} else if (a->client->watching >= d->terms->client_items) {
		busy(d, a, "too many of this client's wait");
	} else if (!jt_lobby_make_room(d, a->client->source) ||
	    (item = jt_lobby_add(d, &a->item)) == NULL) {
		busy(d, a, "too many wait");
	} else {
		watch(d, a, item);
		d->ops->pass(d->ops->ctx, a->o->bytes);
	}
}

/* ---- transactions ---- */

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
	return find(d, a, ledger, e);
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

/* What it is, and what needs no state. False: it was refused. */
static bool
read_transaction(struct jt_door *d, struct arrival *a, const struct jt_kind *kind)
{
	uint8_t hash[JT_HASH];
	struct jt_slice body;

	msgpack_zone_clear(&d->zone);
	if (jt_tx_decode(kind, a->o, &a->tx, &a->s, &d->zone, &a->why) != JT_OK) {
		if (jt_signed_body(a->o, &body, NULL) == JT_OK)
			jt_object_hash(a->item.entry.id, a->o->kind, a->o->version, body);
		refuse(d, a, JT_CODE_MALFORMED);
		return false;
	}
	jt_object_hash(a->item.entry.id, a->o->kind, a->o->version, a->s.body);
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
	memcpy(a->item.vote, a->item.entry.id, JT_HASH);
	memcpy(a->item.account, a->tx->from, JT_ACCOUNT);
	a->item.fee = a->tx->fee;
	a->item.seq = a->tx->seq;
	return true;
}

enum jt_err
jt_arrive_transaction(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    const struct jt_kind *kind, struct jt_error *e)
{
	struct arrival a = { .client = c, .o = o, .item.source = c->source };
	enum jt_code code = JT_CODE_OK;
	uint64_t ledger;
	bool full;
	enum jt_err err;

	if (!read_transaction(d, &a, kind))
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
	else
		pass(d, &a);
	return JT_OK;
}

/* ---- hash records ---- */

/* False: it was refused. */
static bool
read_record(struct jt_door *d, struct arrival *a)
{
	struct jt_record_copy *r = &a->record;
	uint8_t hash[JT_HASH];

	if (jt_record_read(a->o->bytes, r, &a->why) != JT_OK) {
		refuse(d, a, JT_CODE_MALFORMED);
		return false;
	}
	a->item.entry.record = true;
	memcpy(a->item.entry.id, r->id, JT_HASH);
	memcpy(a->item.entry.hash, r->record.hash, JT_HASH);
	jt_object_hash(a->item.vote, a->o->kind, a->o->version, a->o->payload);
	jt_hash(hash, a->o->bytes);
	memcpy(a->item.copy, hash, JT_COPY);
	return true;
}

static const char *
stamp_fault(const struct jt_door *d, const struct jt_record_copy *r)
{
	if (!d->records)
		return "this door takes no records";
	if (!r->stamped)
		return "no stamp";
	if (memcmp(r->stamp.door, d->key, JT_KEY) != 0)
		return "the stamp is for another door";
	return jt_stamp_good(d->key, r->stamp.nonce, r->id, d->bits) ? NULL : "not enough work";
}

/* The rules of ledger/records.h that need no ledger. False: it was refused. */
static bool
record_fits(struct jt_door *d, struct arrival *a)
{
	const char *fault = stamp_fault(d, &a->record);

	if (memcmp(a->record.record.network, d->apply->terms->network, JT_HASH) != 0) {
		refuse(d, a, JT_CODE_WRONG_NETWORK);
		return false;
	}
	if (fault != NULL) {
		jt_fail(&a->why, JT_NO, "%s", fault);
		refuse(d, a, JT_CODE_BAD_STAMP);
	}
	return fault == NULL;
}

/* Is the ledger that it says it follows one of the last hour? */
static enum jt_err
follows(struct jt_door *d, struct arrival *a, bool *yes, struct jt_error *e)
{
	const uint8_t *after = a->record.record.after;
	uint64_t then = 0;
	enum jt_err err = JT_OK;

	*yes = true;
	if (jt_hash_is_zero(after))
		return JT_OK;
	err = d->apply->header_time(d->apply->ctx, after, &then, e);
	*yes = then != 0 && d->apply->time - then <= JT_AFTER_MS;
	return err;
}

/* Nothing is looked for before there is a stamp: of one hash there can be many records. */
enum jt_err
jt_arrive_record(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    struct jt_error *e)
{
	struct arrival a = { .client = c, .o = o, .item.source = c->source };
	uint64_t ledger;
	bool yes;
	enum jt_err err;

	if (!read_record(d, &a) || !record_fits(d, &a))
		return JT_OK;
	if ((err = find(d, &a, &ledger, e)) != JT_OK)
		return err;
	if (ledger != 0)
		return watch_closed(d, &a, ledger, e);
	if (is_waiting(d, &a))
		return JT_OK;
	if ((err = follows(d, &a, &yes, e)) != JT_OK)
		return err;
	if (yes)
		pass(d, &a);
	else
		refuse(d, &a, JT_CODE_NOT_AFTER);
	return JT_OK;
}
