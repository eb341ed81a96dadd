/* jt-submit's talk with servers. See errand.h. */
#include "errand.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "object/signed.h"
#include "socket.h"

enum {
	CONNECT_MS = 2000,
	RETRY_MS = 100,       /* after no server could be reached, doubled up to 16 times that */
	SILENT_MS = 10000,    /* of a server that owes us something: another one is asked */
	QUEUE_MAX = 1 << 20,
	QUEUE_FULL = 256 << 10 /* of bytes that wait, no more are added */
};

void
errand_open(struct errand *e, uint64_t resend_ms)
{
	jt_genesis_terms(&e->servers.genesis, e->servers.network.id, &e->terms);
	outbox_open(&e->outbox, resend_ms);
	jt_proof_seen_init(&e->seen);
	if (!msgpack_zone_init(&e->zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
}

static void
disconnect(struct errand *e)
{
	if (!e->connected)
		return;
	cmd_source_close(&e->source);
	cmd_sink_close(&e->sink);
	e->connected = false;
	outbox_again(&e->outbox);
}

void
errand_close(struct errand *e)
{
	disconnect(e);
	outbox_close(&e->outbox);
	jt_proof_seen_free(&e->seen);
	msgpack_zone_destroy(&e->zone);
	cmd_servers_close(&e->servers);
}

/* The next server, after a while once all were tried. */
static void
next_server(struct errand *e, uint64_t now)
{
	disconnect(e);
	e->servers.at = (e->servers.at + 1) % e->servers.count;
	if (e->servers.at != 0)
		return;
	e->connect_at = now + ((uint64_t)RETRY_MS << (e->failures < 4 ? e->failures : 4));
	e->failures++;
}

static void
trouble(struct errand *e, const char *text, uint64_t now)
{
	snprintf(e->trouble, sizeof e->trouble, "%s", text);
	next_server(e, now);
}

/* It breaks the rules: that is worth a line. */
static void
liar(struct errand *e, const char *what, uint64_t now)
{
	char line[2 * JT_ERROR_MAX];

	snprintf(line, sizeof line, "%s: %s", e->servers.addresses[e->servers.at], what);
	e->tell(JT_OK, NULL, 0, line);
	trouble(e, line, now);
}

static void
connect_now(struct errand *e, uint64_t now)
{
	const char *address = e->servers.addresses[e->servers.at];
	struct jt_error error;
	int fd;

	if (cmd_connect(address, CONNECT_MS, &fd, &error) != JT_OK) {
		trouble(e, error.text, now);
		return;
	}
	cmd_source_fd(&e->source, fd, address);
	e->source.foreign = true;
	if ((fd = dup(fd)) < 0)
		die(JT_SYSTEM, "out of descriptors");
	cmd_sink_fd(&e->sink, fd, address, QUEUE_MAX);
	e->connected = true;
	e->heard = now;
	e->failures = 0;
}

void
errand_send(struct errand *e, uint64_t now)
{
	struct outbox_item *item;

	if (e->connected && (e->sink.fd < 0 || !e->source.open))
		trouble(e, "the server closed the connection", now);
	if (e->connected && e->outbox.sent_count > 0 && now - e->heard > SILENT_MS)
		trouble(e, "the server is silent", now);
	if (!e->connected && e->outbox.count > 0 && now >= e->connect_at)
		connect_now(e, now);
	if (!e->connected)
		return;
	if (e->outbox.sent_count == 0)
		e->heard = now;
	while (cmd_sink_waiting(&e->sink) < QUEUE_FULL &&
	    (item = outbox_next(&e->outbox, now)) != NULL)
		cmd_sink_put(&e->sink, item->object);
	cmd_sink_flush(&e->sink);
}

void
errand_poll(const struct errand *e, struct pollfd p[2])
{
	p[0] = p[1] = (struct pollfd){ .fd = -1 };
	if (!e->connected)
		return;
	p[0] = cmd_source_poll(&e->source);
	p[1] = cmd_sink_poll(&e->sink);
}

/* ---- what comes back ---- */

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
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error error;

	memcpy(q.account, a->account, JT_ACCOUNT);
	if (!a->asked && jt_query_write(&q, &b, &error) == JT_OK)
		a->asked = cmd_sink_put(&e->sink, jt_buf_slice(&b));
	jt_buf_free(&b);
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

	if (why.len < sizeof text)
		memcpy(text, why.data, why.len);
	switch (code) {
	case JT_CODE_BAD_SIGNATURE:
	case JT_CODE_LOW_FEE:
		if (look_at(e, item, code, &error) != JT_OK)
			refused_for_good(e, item, code, code == JT_CODE_LOW_FEE ? text : error.text);
		else
			liar(e, "refuses what is good", now);
		return;
	case JT_CODE_WRONG_NETWORK:
		liar(e, "is of another network", now);
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
	if (item == NULL) {
		/* Of a question about an account: it is asked again with the next refusal. */
		if (a.state != JT_ANSWER_ACCEPTED)
			outbox_again(&e->outbox);
		return;
	}
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

static void
hear_result(struct errand *e, const struct jt_object *o, uint64_t now)
{
	struct outbox_item *item;
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
		liar(e, error.text, now);
		return;
	}
	jt_object_hash(id, tx.kind, tx.version, body);
	if ((item = outbox_find(&e->outbox, id)) == NULL)
		return;
	e->progress = now;
	for (uint32_t i = 0; e->wait_results && i < item->times; i++)
		cmd_write(e->out, o->bytes);
	if (p.code == JT_CODE_OK) {
		e->done += item->times;
	} else {
		char line[JT_ERROR_MAX];
		snprintf(line, sizeof line, "failed: %s: %s", jt_code_words[p.code],
		    jt_code_rows[p.code].help);
		e->failed += item->times;
		e->tell(JT_NO, item->name, item->index, line);
	}
	outbox_remove(&e->outbox, item);
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
		liar(e, error.text, now);
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
	}
}
