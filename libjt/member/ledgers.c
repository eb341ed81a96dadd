/*
 * A member in the vote: closed ledgers from the closer, acknowledgements,
 * certificates and beacons. See member.h.
 */
#include <inttypes.h>
#include <string.h>

#include "member/inner.h"

enum { FILL_IN = 32 }; /* certificates, and acknowledgements, sent for one hello */

/* ---- the closer's word ---- */

/* One's own acknowledgement of a ledger, from the log: JT_NO when it is not there. */
static enum jt_err
read_ack(struct jt_member *m, uint64_t number, struct jt_ack *ack, struct jt_error *e)
{
	const struct jt_log_place *place = &m->acks[number % JT_RECENT];
	struct jt_object o = { 0 };
	enum jt_err err;

	if (number > m->acked || place->segment == 0)
		return JT_NO;
	if ((err = jt_member_read(m, place, &m->block, &o, e)) != JT_OK ||
	    (err = jt_kind_read(&jt_kind_ack, &o, ack, m->zone, e)) != JT_OK)
		return err;
	return ack->ledger == number ? JT_OK : JT_NO;
}

/* All ledgers up to there are certified: what is missing is asked for from there. */
static void
count_certified(struct jt_member *m)
{
	const struct jt_tally_ledger *l;

	if (m->certified < m->tally.low)
		m->certified = m->tally.low;
	/* The closer did not speak of those that it has certificates of. */
	while ((l = jt_tally_ledger(&m->tally, m->certified + 1)) != NULL &&
	    (l->certified || (!l->closed && l->number <= m->began)))
		m->certified++;
}

/* A ledger was certified: the closer stores it, and shows it to others. */
static void
hand_certificate(struct jt_member *m, uint64_t number, struct jt_slice object)
{
	m->ops->out(m->ctx, JT_TO_CLOSER, object);
	if (number <= m->tally.low) {
		/* Somebody has what was missing for long: there may be more. */
		m->late_wait = 0;
		m->late_at = m->now + JT_AGAIN_MS;
	}
	count_certified(m);
}

static enum jt_err
certified(struct jt_member *m, const struct jt_tally_ledger *l, struct jt_error *e)
{
	enum jt_err err;

	jt_buf_clear(&m->object);
	if ((err = jt_tally_certificate(&m->tally, l, &m->object, e)) == JT_OK)
		hand_certificate(m, l->number, jt_buf_slice(&m->object));
	return err;
}

/* Others closed this ledger otherwise: what they signed, and what we closed. */
static enum jt_err
conflict(struct jt_member *m, const struct jt_tally_ledger *l, struct jt_error *e)
{
	char why[128];
	struct jt_buf all;

	jt_buf_init(&all, SIZE_MAX / 2);
	if (!jt_buf_add_slice(&all, jt_buf_slice(&l->object))) {
		jt_buf_free(&all);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	for (uint32_t a = 0; a < m->terms.electorate.n; a++) {
		const struct jt_tally_ack *k = &l->acks[a];
		struct jt_ack ack = { .ledger = l->number, .share = { k->share, k->share_len } };
		enum jt_err err;
		if (!k->there || k->sig_state != JT_GOOD)
			continue;
		memcpy(ack.header, k->header, JT_HASH);
		memcpy(ack.sig, k->sig, JT_SIGNATURE);
		if ((err = jt_kind_write(&jt_kind_ack, &ack, &all, e)) != JT_OK) {
			jt_buf_free(&all);
			return err;
		}
	}
	jt_fail(e, JT_NO, "ledger %" PRIu64 " was closed differently by f+1 validators or more",
	    l->number);
	memcpy(why, e->text, sizeof why - 1);
	why[sizeof why - 1] = '\0';
	m->ops->halt(m->ctx, l->number, jt_buf_slice(&all), why);
	jt_buf_free(&all);
	return JT_NO;
}

static enum jt_err
follow(struct jt_member *m, uint64_t number, const struct jt_tally_news *news, struct jt_error *e)
{
	struct jt_tally_ledger *l = jt_tally_ledger(&m->tally, number);
	enum jt_err err = JT_OK;

	if (news->conflict)
		return conflict(m, l, e);
	if (news->beacon)
		m->ops->out(m->ctx, JT_TO_CLOSER, jt_buf_slice(&l->released));
	if (news->certified)
		err = certified(m, l, e);
	return err == JT_OK ? jt_member_feed(m, e) : err;
}

/* Sign a closed ledger, once and for all, and tell everybody; said: the log has it. */
static enum jt_err
acknowledge(struct jt_member *m, uint64_t number, const uint8_t id[JT_HASH], bool said,
    struct jt_error *e)
{
	struct jt_ack ack = { .ledger = number };
	uint8_t share[JT_SHARE_MAX];
	struct jt_coin_name name;
	struct jt_tally_news news;
	enum jt_err err;

	memcpy(ack.header, id, JT_HASH);
	jt_sign_id(ack.sig, m->terms.secret, id);
	if (m->terms.coin != NULL) {
		jt_beacon_name(&name, m->terms.electorate.network,
		    (uint32_t)m->terms.electorate.epoch, number);
		if (jt_coin_share(share, m->terms.share, m->terms.coin->public.share[m->terms.me], &name))
			ack.share = (struct jt_slice){ share, JT_COIN_SHARE };
	}
	jt_buf_clear(&m->object);
	if ((err = jt_kind_write(&jt_kind_ack, &ack, &m->object, e)) != JT_OK)
		return err;
	if (!said && number + JT_RECENT > m->acked) {
		err = jt_log_append(m->log, jt_buf_slice(&m->object), NULL,
		    &m->acks[number % JT_RECENT], e);
		m->must_sync = true;
	}
	if (err != JT_OK)
		return err;
	if (number > m->acked)
		m->acked = number;
	jt_member_say(m, JT_ALL, jt_buf_slice(&m->object));
	jt_tally_ack(&m->tally, m->terms.me, &ack, &news);
	return follow(m, number, &news, e);
}

/* The closer has a header with this many signatures: one that it made, or a certificate. */
static enum jt_err
note_closed(struct jt_member *m, uint64_t number, const uint8_t id[JT_HASH],
    const struct jt_object *o, size_t signatures, struct jt_error *e)
{
	struct jt_tally_ledger *l = jt_tally_ledger(&m->tally, number);
	struct jt_tally_news news;
	enum jt_err err;

	if (signatures >= m->tally.c.q)
		l->certified = true;
	else if (m->certified >= number)
		m->certified = number - 1;
	err = jt_tally_close(&m->tally, number, id, o->bytes, &news, e);
	count_certified(m);
	return err == JT_OK ? follow(m, number, &news, e) : err;
}

enum jt_err
jt_member_header(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_header h = { 0 };
	struct jt_signed s = { 0 };
	struct jt_ack before = { .ledger = 0 };
	const struct jt_tally_ledger *l;
	uint8_t id[JT_HASH];
	enum jt_err err;

	if ((err = jt_header_decode(o, &h, &s, m->zone, e)) != JT_OK)
		return err;
	if (memcmp(h.network, m->terms.electorate.network, JT_HASH) != 0)
		return jt_fail(e, JT_CONFIG, "network: the closer's is another one");
	jt_object_hash(id, o->kind, o->version, s.body);
	l = jt_tally_ledger(&m->tally, h.number);
	if (l == NULL && h.number > 0 && h.number <= m->tally.low && s.sigs.count < m->tally.c.q &&
	    (l = jt_tally_add_late(&m->tally, h.number)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (l == NULL)
		return JT_OK; /* long certified */
	if (l->closed && s.sigs.count >= m->tally.c.q && memcmp(l->id, id, JT_HASH) == 0)
		return JT_OK; /* it passes on what it has from here */
	if ((err = note_closed(m, h.number, id, o, s.sigs.count, e)) != JT_OK ||
	    jt_member_is_observer(m))
		return err;
	err = read_ack(m, h.number, &before, e);
	if (err == JT_NO && h.number <= m->tally.low && h.number + JT_RECENT <= m->acked)
		return JT_OK; /* late, and what was signed of it is not remembered: it signs nothing */
	if (err == JT_OK && memcmp(before.header, id, JT_HASH) != 0)
		return jt_fail(e, JT_BUG, "ledger %" PRIu64
		    ": the closer has closed it otherwise before; it is not signed twice", h.number);
	return err == JT_OK || err == JT_NO ? acknowledge(m, h.number, id, err == JT_OK, e) : err;
}

/*
 * One's own word on a ledger of which the log knows nothing (any more): it was lost.
 * The certificate says which header it was, the signature can be no other, and the
 * share is always the same. What has no certificate the closer says itself.
 */
static enum jt_err
acknowledge_again(struct jt_member *m, uint64_t number, struct jt_error *e)
{
	struct jt_slice body = { NULL, 0 };
	struct jt_object o = { 0 };
	uint8_t id[JT_HASH];
	enum jt_err err;

	jt_buf_clear(&m->block);
	if (m->terms.coin == NULL || jt_member_is_observer(m) || m->ops->certificate == NULL ||
	    !m->ops->certificate(m->ctx, number, &m->block))
		return JT_OK;
	if ((err = jt_object_parse(jt_buf_slice(&m->block), &o, e)) != JT_OK ||
	    (err = jt_signed_body(&o, &body, e)) != JT_OK)
		return err;
	jt_object_hash(id, o.kind, o.version, body);
	return acknowledge(m, number, id, false, e);
}

/* One's own shares of beacons that the next cuts need: they were given before a restart. */
static enum jt_err
recall_acks(struct jt_member *m, uint64_t ledger, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	for (uint64_t i = ledger > 1 ? ledger - 1 : 1; i <= ledger && err == JT_OK; i++) {
		struct jt_ack ack = { .ledger = 0 };
		struct jt_tally_news news;
		if ((err = read_ack(m, i, &ack, e)) == JT_OK)
			jt_tally_ack(&m->tally, m->terms.me, &ack, &news);
		else if (err == JT_NO)
			err = acknowledge_again(m, i, e);
	}
	return err;
}

enum jt_err
jt_member_at(struct jt_member *m, const struct jt_at *at, struct jt_error *e)
{
	bool begins = m->next == 0 || at->cut < m->closed;
	enum jt_err err;

	if (begins) {
		/* It begins, or begins again: what it was given before is void. */
		m->next = at->cut + 1;
		m->parts_out = false;
		m->certified = m->began = at->ledger; /* but for the headers that follow */
	} else if (at->cut >= m->next) {
		return jt_fail(e, JT_MALFORMED, "at cut %" PRIu64 ", and was given no more than %"
		    PRIu64, at->cut, m->next - 1);
	}
	if (m->waits_for_closer && (err = jt_member_go_on(m, at->cut, e)) != JT_OK)
		return err;
	m->closed = at->cut;
	m->ledger = at->ledger;
	if (m->certified > m->ledger)
		m->certified = m->ledger;
	if (at->ledger > JT_TALLY_LEDGERS / 2 &&
	    (err = jt_tally_forget(&m->tally, at->ledger - JT_TALLY_LEDGERS / 2, e)) != JT_OK)
		return err;
	return begins ? recall_acks(m, at->ledger, e) : JT_OK;
}

/* ---- others' word ---- */

enum jt_err
jt_member_ack(struct jt_member *m, uint32_t author, const struct jt_object *o,
    struct jt_error *e)
{
	struct jt_ack ack = { .ledger = 0 };
	struct jt_tally_news news;
	enum jt_err err;

	if ((err = jt_kind_read(&jt_kind_ack, o, &ack, m->zone, e)) != JT_OK)
		return err;
	jt_tally_ack(&m->tally, author, &ack, &news);
	return follow(m, ack.ledger, &news, e);
}

enum jt_err
jt_member_certificate(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_header h = { 0 };
	struct jt_tally_ledger *l;
	struct jt_slice body = { NULL, 0 };
	uint8_t id[JT_HASH];
	enum jt_err err;

	if ((err = jt_header_decode(o, &h, NULL, m->zone, e)) != JT_OK ||
	    (err = jt_signed_body(o, &body, e)) != JT_OK)
		return err;
	if (memcmp(h.network, m->terms.electorate.network, JT_HASH) != 0)
		return jt_fail(e, JT_MALFORMED, "network: of another network");
	l = jt_tally_ledger(&m->tally, h.number);
	if (l == NULL || l->certified)
		return JT_OK;
	if (!jt_tally_is_certificate(&m->tally, o, e))
		return e->code == JT_SYSTEM ? JT_SYSTEM : (e->code = JT_MALFORMED);
	jt_object_hash(id, o->kind, o->version, body);
	if (h.number > 2)
		jt_tally_beacon(&m->tally, h.number - 2, h.beacon);
	if (!l->closed)
		return jt_member_feed(m, e);
	if (memcmp(id, l->id, JT_HASH) != 0) {
		m->ops->halt(m->ctx, h.number, o->bytes, "a quorum certified another header than ours");
		return jt_fail(e, JT_NO, "ledger %" PRIu64 " was closed differently by a quorum",
		    h.number);
	}
	l->certified = true;
	hand_certificate(m, h.number, o->bytes);
	return jt_member_feed(m, e);
}

/*
 * Late ledgers are asked for by turns, so that one that nobody has a certificate of does
 * not keep it from the others; and ever more seldom while none comes.
 */
enum jt_err
jt_member_ask_late(struct jt_member *m, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	if (m->now < m->late_at)
		return JT_OK;
	if ((m->late = jt_tally_late(&m->tally, m->late_asked)) == 0 &&
	    (m->late = jt_tally_late(&m->tally, 0)) == 0) {
		m->late_wait = 0;
		return JT_OK;
	}
	m->late_asked = m->late + FILL_IN - 1;
	m->late_wait = m->late_wait == 0 ? JT_AGAIN_MS :
	    m->late_wait < JT_SELDOM_MS / 2 ? m->late_wait * 2 : JT_SELDOM_MS;
	m->late_at = m->now + m->late_wait;
	for (uint32_t a = 0; a < m->terms.electorate.n && err == JT_OK; a++)
		if (a != m->terms.me)
			err = jt_voter_peer(m->voter, a, true, e);
	m->late = 0;
	return err;
}

enum jt_err
jt_member_fill_in(struct jt_member *m, uint32_t to, uint64_t ledger, struct jt_error *e)
{
	uint64_t first = ledger > 1 ? ledger - 1 : 1, last = ledger + FILL_IN;
	struct jt_buf bytes;
	enum jt_err err = JT_OK;

	jt_buf_init(&bytes, JT_OBJECT_MAX);
	for (uint64_t i = ledger + 1; i <= last && i <= m->ledger; i++) {
		jt_buf_clear(&bytes);
		/* One that is missing here, too, says nothing of those after it. */
		if (m->ops->certificate != NULL && m->ops->certificate(m->ctx, i, &bytes))
			jt_member_say(m, to, jt_buf_slice(&bytes));
	}
	for (uint64_t i = first; i <= last && i <= m->acked; i++) {
		struct jt_ack ack = { .ledger = 0 };
		msgpack_zone_clear(m->zone);
		err = read_ack(m, i, &ack, e);
		if (err == JT_OK)
			jt_member_say(m, to, jt_buf_slice(&m->block));
		else if (err != JT_NO)
			break;
	}
	jt_buf_free(&bytes);
	return err == JT_NO ? JT_OK : err;
}
