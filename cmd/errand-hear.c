/* What jt-submit hears from servers, and what it makes of it. See errand.h. */
#include "errand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "key/pub.h"
#include "ledger/proof_record.h"
#include "object/signed.h"

static void
refused_for_good(struct errand *e, struct outbox_item *item, enum jt_code code, const char *why)
{
	char line[2 * JT_ERROR_MAX];

	snprintf(line, sizeof line, "refused: %s%s%s", jt_code_words[code],
	    why != NULL && *why != '\0' ? ": " : "", why != NULL ? why : "");
	e->refused += item->times;
	e->tell(JT_NO, item->name, item->index, line);
	outbox_remove(&e->outbox, item);
}

static void
ask_account(struct errand *e, struct outbox_account *a)
{
	struct jt_query q = { .what = JT_QUERY_ACCOUNT };

	memcpy(q.account, a->account, JT_ACCOUNT);
	if (!a->asked)
		a->asked = errand_ask(e, &q);
}

/* What can be seen from here alone. JT_OK: nothing speaks against it. */
static enum jt_err
look_at(struct errand *e, const struct outbox_item *item, enum jt_code code,
    struct jt_error *why)
{
	const struct jt_kind *row;
	struct jt_object o;
	struct jt_signed s;
	struct jt_tx *tx;
	uint64_t least;
	enum jt_err err;

	msgpack_zone_clear(&e->zone);
	if ((err = jt_object_parse(item->object, &o, why)) != JT_OK ||
	    (err = jt_kind_of(&jt_tx_kinds, &o, &row, why)) != JT_OK ||
	    (err = jt_tx_decode(row, &o, &tx, &s, &e->zone, why)) != JT_OK)
		return err;
	if (code == JT_CODE_BAD_SIGNATURE)
		return jt_signed_verify(&o, &s, why);
	if (!jt_mul(e->terms.fee, s.sigs.count, &least) || tx->fee < least)
		return jt_fail(why, JT_NO, "fee: less than the network's");
	return JT_OK;
}

static void
refused(struct errand *e, struct outbox_item *item, enum jt_code code, struct jt_slice why,
    uint64_t now)
{
	char text[JT_ERROR_MAX] = "";
	struct jt_error error;

	if (why.len > 0 && why.len < sizeof text)
		memcpy(text, why.data, why.len);
	if (item->record && code != JT_CODE_WRONG_NETWORK && code != JT_CODE_BAD_STAMP) {
		outbox_refused(&e->outbox, item, code, why, now);
		return;
	}
	switch (code) {
	case JT_CODE_BAD_SIGNATURE:
	case JT_CODE_LOW_FEE:
		if (look_at(e, item, code, &error) != JT_OK)
			refused_for_good(e, item, code, code == JT_CODE_LOW_FEE ? text : error.text);
		else
			errand_liar(e, "refuses what is good", now);
		return;
	case JT_CODE_WRONG_NETWORK:
		errand_liar(e, "is of another network", now);
		return;
	case JT_CODE_BAD_STAMP:
		errand_trouble(e, text, now);
		return;
	case JT_CODE_TOO_LATE:
	case JT_CODE_SEQ_OLD:
	case JT_CODE_SEQ_USED:
		if (item->confirmed) {
			refused_for_good(e, item, code, text);
			return;
		}
		ask_account(e, item->account);
		outbox_doubt(&e->outbox, item, code, why);
		return;
	default:
		item->confirmed = false;
		outbox_refused(&e->outbox, item, code, why, now);
	}
}

static void
hear_answer(struct errand *e, const struct jt_object *o, uint64_t now)
{
	struct jt_answer a = { 0 };
	struct outbox_item *item;
	struct jt_error error;

	cmd_check(jt_kind_read(&jt_kind_answer, o, &a, NULL, &error), &error);
	item = outbox_find(&e->outbox, a.id);
	if (item == NULL && a.state == JT_ANSWER_NONE && !e->knows_door)
		errand_trouble(e, "the server takes no records", now);
	else if (item == NULL && a.state != JT_ANSWER_ACCEPTED)
		/* Of a question about an account: it is asked again with the next refusal. */
		outbox_again(&e->outbox);
	if (item == NULL)
		return;
	if (item->state != OUTBOX_SENT && item->state != OUTBOX_ACCEPTED)
		return;
	if (a.state == JT_ANSWER_ACCEPTED) {
		e->progress = now;
		outbox_accepted(&e->outbox, item, now);
		if (!e->wait_results) {
			e->done += item->times;
			outbox_remove(&e->outbox, item);
		}
	} else if (a.state == JT_ANSWER_REFUSED && a.code != JT_CODE_OK) {
		e->progress = now;
		refused(e, item, (enum jt_code)a.code, a.why, now);
	} else {
		outbox_refused(&e->outbox, item, JT_CODE_OK, a.why, now);
	}
}

/* One is in a certified ledger, and *o proves it. */
static void
done(struct errand *e, const uint8_t id[JT_HASH], const struct jt_object *o, enum jt_code code,
    uint64_t now)
{
	struct outbox_item *item = outbox_find(&e->outbox, id);
	char line[JT_ERROR_MAX];

	if (item == NULL)
		return;
	e->progress = now;
	for (uint32_t i = 0; e->wait_results && i < item->times; i++)
		cmd_write(e->out, o->bytes);
	if (code == JT_CODE_OK) {
		e->done += item->times;
	} else {
		snprintf(line, sizeof line, "failed: %s: %s", jt_code_words[code],
		    jt_code_rows[code].help);
		e->failed += item->times;
		e->tell(JT_NO, item->name, item->index, line);
	}
	outbox_remove(&e->outbox, item);
}

static void
hear_result(struct errand *e, const struct jt_object *o, uint64_t now)
{
	struct jt_proof_tx p;
	struct jt_error error;
	struct jt_object tx;
	struct jt_header h;
	struct jt_slice body;
	uint8_t id[JT_HASH];

	msgpack_zone_clear(&e->zone);
	if (jt_proof_tx_check_seen(o, &e->servers.genesis, e->servers.network.id, &e->seen, &p, &h,
	    &e->zone, &error) != JT_OK || jt_object_parse(p.tx, &tx, &error) != JT_OK ||
	    jt_signed_body(&tx, &body, &error) != JT_OK) {
		jt_fail_in(&error, "a result is not proven");
		errand_liar(e, error.text, now);
		return;
	}
	jt_object_hash(id, tx.kind, tx.version, body);
	done(e, id, o, (enum jt_code)p.code, now);
}

static void
hear_record(struct errand *e, const struct jt_object *o, uint64_t now)
{
	struct jt_recorded r;
	struct jt_error error;

	msgpack_zone_clear(&e->zone);
	if (jt_proof_record_check(o, &e->servers.genesis, e->servers.network.id, &r, &e->zone,
	    &error) != JT_OK) {
		jt_fail_in(&error, "a record is not proven");
		errand_liar(e, error.text, now);
		return;
	}
	done(e, r.record.id, o, JT_CODE_OK, now);
}

static void
hear_door(struct errand *e, const struct jt_object *o)
{
	struct jt_error error;
	struct jt_pub pub;

	/* Whoever's it says it is: a stamp for the wrong one is refused. */
	if (e->knows_door || jt_kind_read(&jt_kind_pub, o, &pub, NULL, &error) != JT_OK)
		return;
	memcpy(e->door, pub.key, JT_KEY);
	e->knows_door = true;
	outbox_start_records(&e->outbox);
}

/* Can this number, after the ledger with this header, no longer be used by it? */
static bool
is_void(const struct outbox_item *item, const struct jt_header *h, const struct jt_account *a)
{
	enum jt_seq seq = a != NULL ? jt_seq_look(a, item->seq) : JT_SEQ_FREE;

	return (item->last != 0 && h->number >= item->last) ||
	    (item->until != 0 && h->time >= item->until) ||
	    seq == JT_SEQ_USED || seq == JT_SEQ_OLD;
}

/* What an account's proof says of those that may be void: once more, or wait. */
static void
hear_account(struct errand *e, const struct jt_object *o, uint64_t now)
{
	struct outbox_item *item, *next;
	struct jt_proof_account p;
	struct outbox_account *a;
	struct jt_account account;
	struct jt_error error;
	struct jt_header h;
	enum jt_err err;

	msgpack_zone_clear(&e->zone);
	err = jt_proof_account_check(o, &e->servers.genesis, e->servers.network.id, &p, &h,
	    &e->zone, &error);
	if (err == JT_OK && p.entry.len > 0)
		err = jt_account_decode(p.entry, &account, &e->zone, &error);
	if (err != JT_OK) {
		jt_fail_in(&error, "an account is not proven");
		errand_liar(e, error.text, now);
		return;
	}
	if ((a = outbox_account(&e->outbox, p.account)) == NULL)
		return;
	a->asked = false;
	JT_CHAIN_EACH_LEAVING(item, next, &a->items, by_seq) {
		if (item->state != OUTBOX_DOUBTED)
			continue;
		item->confirmed = is_void(item, &h, p.entry.len > 0 ? &account : NULL);
		/* It may be in a ledger since the refusal: then the server knows by now. */
		if (item->confirmed)
			outbox_retry(&e->outbox, item);
		else
			outbox_refused(&e->outbox, item, item->code,
			    jt_slice_text(item->why != NULL ? item->why : ""), now);
	}
}

void
errand_hear(struct errand *e, uint64_t now)
{
	const struct jt_kind *row;
	struct jt_object o;

	if (!e->connected)
		return;
	cmd_source_read(&e->source);
	while (e->connected && cmd_source_next(&e->source, &o, &row)) {
		e->heard = now;
		if (row == &jt_kind_answer)
			hear_answer(e, &o, now);
		else if (row == &jt_kind_proof_tx)
			hear_result(e, &o, now);
		else if (row == &jt_kind_proof_account)
			hear_account(e, &o, now);
		else if (row == &jt_kind_proof_record)
			hear_record(e, &o, now);
		else if (row == &jt_kind_pub)
			hear_door(e, &o);
	}
}
