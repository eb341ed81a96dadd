/* Acknowledgements of closed ledgers. See tally.h. */
#include "member/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW(type_, member, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct jt_ack, member), .help = help_ }

static const struct jt_field ack_fields[] = {
	ROW(JT_FIXED, header, 0, JT_HASH, "id of the header"),
	ROW(JT_UINT, ledger, 0, 0, "its number"),
	ROW(JT_BYTES, share, JT_OPTIONAL, JT_SHARE_MAX, "share of its beacon, and the proof"),
	ROW(JT_FIXED, sig, 0, JT_SIGNATURE, "on the header"),
};
static const struct jt_schema ack_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_ack, ack_fields);
const struct jt_kind jt_kind_ack = {
	.name = "ack", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &ack_schema,
	.help = "a validator has closed this ledger",
};

enum jt_err
jt_tally_init(struct jt_tally *t, const struct jt_electorate *electorate, uint32_t me,
    struct jt_coin *coin, struct jt_error *e)
{
	*t = (struct jt_tally){ .electorate = electorate, .me = me, .coin = coin,
		.c = jt_committee_of(electorate->n) };
	t->ledgers = calloc(JT_TALLY_LEDGERS, sizeof *t->ledgers);
	return t->ledgers != NULL ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
}

static void
begin_ledger(struct jt_tally_ledger *l, uint64_t number)
{
	*l = (struct jt_tally_ledger){ .number = number };
	jt_buf_init(&l->object, JT_OBJECT_MAX);
	jt_buf_init(&l->released, JT_OBJECT_MAX);
}

/* Where the first late ledger is that is not below this number. */
static size_t
late_from(const struct jt_tally *t, uint64_t number)
{
	size_t low = 0, high = t->late_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (t->late[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
drop_late(struct jt_tally *t, size_t at)
{
	jt_buf_free(&t->late[at]->object);
	jt_buf_free(&t->late[at]->released);
	free(t->late[at]);
	t->late_count--;
	memmove(t->late + at, t->late + at + 1, (t->late_count - at) * sizeof *t->late);
}

void
jt_tally_free(struct jt_tally *t)
{
	for (size_t i = 0; t->ledgers != NULL && i < JT_TALLY_LEDGERS; i++) {
		jt_buf_free(&t->ledgers[i].object);
		jt_buf_free(&t->ledgers[i].released);
	}
	free(t->ledgers);
	while (t->late_count > 0)
		drop_late(t, t->late_count - 1);
	*t = (struct jt_tally){ 0 };
}

struct jt_tally_ledger *
jt_tally_ledger(struct jt_tally *t, uint64_t number)
{
	struct jt_tally_ledger *l = &t->ledgers[number % JT_TALLY_LEDGERS];

	if (number <= t->low) {
		size_t at = late_from(t, number);
		return at < t->late_count && t->late[at]->number == number ? t->late[at] : NULL;
	}
	if (number - t->low > JT_TALLY_LEDGERS)
		return NULL;
	if (l->number != number) {
		jt_buf_free(&l->object);
		jt_buf_free(&l->released);
		begin_ledger(l, number);
	}
	return l;
}

struct jt_tally_ledger *
jt_tally_add_late(struct jt_tally *t, uint64_t number)
{
	struct jt_tally_ledger *l = malloc(sizeof *l);
	size_t at;

	if (l == NULL)
		return NULL;
	if (t->late_count == JT_TALLY_LATE)
		drop_late(t, 0);
	at = late_from(t, number);
	memmove(t->late + at + 1, t->late + at, (t->late_count - at) * sizeof *t->late);
	t->late[at] = l;
	t->late_count++;
	begin_ledger(l, number);
	return l;
}

enum jt_err
jt_tally_forget(struct jt_tally *t, uint64_t low, struct jt_error *e)
{
	for (size_t i = t->late_count; i-- > 0;)
		if (t->late[i]->certified)
			drop_late(t, i);
	for (size_t i = 0; i < JT_TALLY_LEDGERS && low > t->low; i++) {
		struct jt_tally_ledger *l = &t->ledgers[i], *late;
		if (l->number <= t->low || l->number > low || !l->closed || l->certified)
			continue;
		if ((late = jt_tally_add_late(t, l->number)) == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		*late = *l; /* with its buffers */
		begin_ledger(l, 0);
	}
	if (low > t->low)
		t->low = low;
	return JT_OK;
}

uint64_t
jt_tally_late(const struct jt_tally *t, uint64_t above)
{
	for (size_t i = 0; i < t->late_count; i++)
		if (t->late[i]->number > above && !t->late[i]->certified)
			return t->late[i]->number;
	return 0;
}

/* ---- signatures ---- */

/* How many authors have well signed this header? Stops at `enough`. */
static uint32_t
count_signed(const struct jt_tally *t, struct jt_tally_ledger *l, const uint8_t id[JT_HASH],
    uint32_t enough)
{
	uint32_t may = 0, good = 0;

	for (uint32_t a = 0; a < t->c.n; a++)
		may += l->acks[a].there && l->acks[a].sig_state != JT_BAD &&
		    memcmp(l->acks[a].header, id, JT_HASH) == 0;
	if (may < enough)
		return may;
	for (uint32_t a = 0; a < t->c.n && good < enough; a++) {
		struct jt_tally_ack *k = &l->acks[a];
		if (!k->there || memcmp(k->header, id, JT_HASH) != 0)
			continue;
		if (k->sig_state == JT_UNCHECKED)
			k->sig_state = jt_sign_verify(k->sig, t->electorate->keys[a], k->header) ?
			    JT_GOOD : JT_BAD;
		good += k->sig_state == JT_GOOD;
	}
	return good;
}

static void
judge_signatures(const struct jt_tally *t, struct jt_tally_ledger *l, struct jt_tally_news *news)
{
	if (!l->closed)
		return;
	if (!l->certified && count_signed(t, l, l->id, t->c.q) >= t->c.q)
		news->certified = l->certified = true;
	for (uint32_t a = 0; a < t->c.n && !news->conflict; a++)
		if (l->acks[a].there && l->acks[a].sig_state != JT_BAD &&
		    memcmp(l->acks[a].header, l->id, JT_HASH) != 0 &&
		    count_signed(t, l, l->acks[a].header, t->c.t) >= t->c.t)
			news->conflict = true;
}

/* ---- the beacon ---- */

static void
judge_shares(struct jt_tally *t, struct jt_tally_ledger *l, struct jt_tally_news *news)
{
	struct jt_coin_given given[JT_VOTERS_MAX];
	struct jt_beacon b = { .epoch = t->electorate->epoch, .ledger = l->number };
	struct jt_error e;
	size_t count = 0;

	if (l->has_beacon || t->coin == NULL)
		return;
	for (uint32_t a = 0; a < t->c.n; a++)
		if (l->acks[a].there && l->acks[a].share_len == JT_COIN_SHARE)
			given[count++] = (struct jt_coin_given){ a, l->acks[a].share, a == t->me };
	memcpy(b.network, t->electorate->network, JT_HASH);
	jt_buf_clear(&l->released);
	if (count < t->c.t || jt_beacon_make(t->coin, &b, given, count, &l->released, &e) != JT_OK)
		return;
	memcpy(l->beacon, b.value, JT_HASH);
	l->has_beacon = news->beacon = true;
}

enum jt_err
jt_tally_close(struct jt_tally *t, uint64_t number, const uint8_t id[JT_HASH],
    struct jt_slice object, struct jt_tally_news *news, struct jt_error *e)
{
	struct jt_tally_ledger *l = jt_tally_ledger(t, number);

	*news = (struct jt_tally_news){ 0 };
	if (l == NULL || (l->closed && memcmp(l->id, id, JT_HASH) != 0))
		return JT_OK;
	if (l->closed) {
		/* Said once more: whoever closes it does not have the certificate. */
		l->certified = false;
		judge_signatures(t, l, news);
		return JT_OK;
	}
	memcpy(l->id, id, JT_HASH);
	if (!jt_buf_add_slice(&l->object, object))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	l->closed = true;
	judge_signatures(t, l, news);
	return JT_OK;
}

void
jt_tally_ack(struct jt_tally *t, uint32_t author, const struct jt_ack *ack,
    struct jt_tally_news *news)
{
	struct jt_tally_ledger *l = jt_tally_ledger(t, ack->ledger);
	struct jt_tally_ack *k;

	*news = (struct jt_tally_news){ 0 };
	if (l == NULL)
		return;
	k = &l->acks[author];
	if (k->there && k->sig_state != JT_BAD)
		return;
	*k = (struct jt_tally_ack){ .there = true, .share_len = (uint32_t)ack->share.len };
	memcpy(k->header, ack->header, JT_HASH);
	memcpy(k->sig, ack->sig, JT_SIGNATURE);
	if (ack->share.len > 0)
		memcpy(k->share, ack->share.data, ack->share.len);
	judge_signatures(t, l, news);
	judge_shares(t, l, news);
}

void
jt_tally_beacon(struct jt_tally *t, uint64_t number, const uint8_t beacon[JT_HASH])
{
	struct jt_tally_ledger *l = jt_tally_ledger(t, number);

	if (l == NULL || l->has_beacon)
		return;
	memcpy(l->beacon, beacon, JT_HASH);
	l->has_beacon = true;
}

/* ---- certificates ---- */

enum jt_err
jt_tally_certificate(const struct jt_tally *t, const struct jt_tally_ledger *l,
    struct jt_buf *out, struct jt_error *e)
{
	struct jt_sig sigs[JT_VOTERS_MAX];
	struct jt_object o = { 0 };
	struct jt_slice body = { 0 };
	uint32_t count = 0;
	enum jt_err err;

	for (uint32_t a = 0; a < t->c.n && count < t->c.q; a++) {
		const struct jt_tally_ack *k = &l->acks[a];
		if (!k->there || k->sig_state != JT_GOOD || memcmp(k->header, l->id, JT_HASH) != 0)
			continue;
		memcpy(sigs[count].key, t->electorate->keys[a], JT_KEY);
		memcpy(sigs[count++].sig, k->sig, JT_SIGNATURE);
	}
	if ((err = jt_object_parse(jt_buf_slice(&l->object), &o, e)) != JT_OK ||
	    (err = jt_signed_body(&o, &body, e)) != JT_OK)
		return err;
	return jt_signed_write(out, o.kind, o.version, body, sigs, count, e);
}

bool
jt_tally_is_certificate(const struct jt_tally *t, const struct jt_object *o, struct jt_error *e)
{
	struct jt_signed s = { 0 };
	msgpack_zone zone;
	uint32_t members = 0;
	bool yes;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE)) {
		jt_fail(e, JT_SYSTEM, "out of memory");
		return false;
	}
	yes = jt_signed_decode(o, &s, &zone, e) == JT_OK;
	for (uint32_t i = 0; yes && i < s.sigs.count; i++) {
		const struct jt_sig *sig = (const struct jt_sig *)s.sigs.items + i;
		for (uint32_t a = 0; a < t->c.n; a++)
			members += memcmp(sig->key, t->electorate->keys[a], JT_KEY) == 0;
	}
	if (yes && (members < s.sigs.count || members < t->c.q)) {
		jt_fail(e, JT_NO, "%" PRIu32 " signatures of validators among %" PRIu32
		    ", a quorum is %" PRIu32, members, s.sigs.count, t->c.q);
		yes = false;
	}
	yes = yes && jt_signed_verify(o, &s, e) == JT_OK;
	msgpack_zone_destroy(&zone);
	return yes;
}
