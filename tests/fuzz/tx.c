/*
 * Transactions of every kind, applied to a small state in memory. Applying
 * never fails, the coins are always as many as before less the fees, a refused
 * transaction changes nothing, a failed one takes fee and number alone, none
 * is taken twice, and applying all to one overlay gives the same state as
 * applying one after the other.
 *
 * The first byte decides whether signatures are verified. Then each record
 * is a byte below 0x80 and choices from which fields are made by the schema,
 * or one from 0x80, a length of two bytes, and an object's bytes.
 */
#include "fuzz.h"

#include "all/kinds.h"
#include "kind/tx.h"
#include "tx-make.h"

enum { ENTRIES_MAX = 512, RECORDS_MAX = 200, ENTRY_MAX = 8192 };

/* The state: keys and entries, in no order. */
struct entry {
	uint8_t key[JT_HASH];
	uint8_t bytes[ENTRY_MAX];
	size_t len; /* 0: none */
};
struct state {
	struct entry entries[ENTRIES_MAX];
	size_t count;
	struct jt_totals totals;
};

static struct state first, now;
static struct jt_overlay *step, *whole; /* over now, over first */
static msgpack_zone *zone;

static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	const struct state *s = ctx;

	(void)e;
	*value = (struct jt_slice){ NULL, 0 };
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->entries[i].key, key, JT_HASH) == 0)
			*value = (struct jt_slice){ s->entries[i].bytes, s->entries[i].len };
	return JT_OK;
}

static void
put(struct state *s, const uint8_t key[JT_HASH], struct jt_slice value)
{
	size_t i = 0;

	while (i < s->count && memcmp(s->entries[i].key, key, JT_HASH) != 0)
		i++;
	assert(i < ENTRIES_MAX && value.len <= ENTRY_MAX);
	s->count = i < s->count ? s->count : i + 1;
	memcpy(s->entries[i].key, key, JT_HASH);
	if (value.len > 0)
		memcpy(s->entries[i].bytes, value.data, value.len);
	s->entries[i].len = value.len;
}

static void
put_account(struct state *s, const struct jt_account *a)
{
	uint8_t key[JT_HASH];
	struct jt_error e;
	struct jt_buf b;

	jt_buf_init(&b, ENTRY_MAX);
	assert(jt_account_encode(a, &b, &e) == JT_OK);
	jt_state_key(key, a->account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	put(s, key, jt_buf_slice(&b));
	s->totals.accounts++;
	s->totals.coins += a->balance;
	jt_buf_free(&b);
}

/* Six accounts that differ in what they allow; the other keys have none. */
static void
make_state(void)
{
	struct jt_signer signers[2] = { { .weight = 1 }, { .weight = 2 } };
	struct jt_account a[6] = {
		{ .balance = 1000000000 },
		{ .balance = 50000000 },
		{ .balance = 40000000, .flags = JT_FLAG_NO_MASTER, .objects = 1, .quorum = 3,
		    .signers = { signers, 2 } },
		{ .balance = 5000000, .flags = JT_FLAG_REFUSE_UNASKED | JT_FLAG_REQUIRE_MEMO },
		{ .balance = 3000000, .flags = JT_FLAG_REQUIRE_MEMO | JT_FLAG_NO_NEW_SIGNERS },
		{ .balance = 1000000, .seq = 70, .used = 0x7fffffffffff0fff },
	};
	size_t low;

	make_keys();
	memcpy(a[1].key, make_account[5], JT_ACCOUNT);
	low = memcmp(make_account[3], make_account[4], JT_ACCOUNT) < 0 ? 3 : 4;
	memcpy(signers[0].account, make_account[low], JT_ACCOUNT);
	memcpy(signers[1].account, make_account[7 - low], JT_ACCOUNT);
	for (size_t i = 0; i < 6; i++) {
		memcpy(a[i].account, make_account[i], JT_ACCOUNT);
		put_account(&first, &a[i]);
	}
	step = jt_overlay_new(fetch, &now);
	whole = jt_overlay_new(fetch, &first);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	assert(step != NULL && whole != NULL && zone != NULL);
}

/* Some hashes are of ledgers, new or old. */
static enum jt_err
header_time(void *ctx, const uint8_t id[JT_HASH], uint64_t *time, struct jt_error *e)
{
	const uint64_t *at = ctx;

	(void)e;
	*time = id[0] == 1 ? *at - 1000 : id[0] == 2 ? *at - JT_AFTER_MS - 1 : 0;
	return JT_OK;
}

static void
check_sums(void)
{
	struct jt_account a;
	uint64_t coins = 0, accounts = 0;
	struct jt_error e;

	for (size_t i = 0; i < now.count; i++) {
		struct jt_slice v = { now.entries[i].bytes, now.entries[i].len };

		if (v.len == 0)
			continue;
		msgpack_zone_clear(zone);
		assert(jt_account_decode(v, &a, zone, &e) == JT_OK);
		accounts++;
		coins += a.balance;
	}
	assert(accounts == now.totals.accounts && coins == now.totals.coins);
	assert(coins + now.totals.burned == first.totals.coins);
}

/* Fee and number are taken, and nothing else. */
static void
check_failed(const struct jt_change *const *c, size_t n, const struct jt_tx *tx)
{
	struct jt_account a;
	struct jt_error e;
	struct jt_buf b;

	assert(n == 1 && jt_account_decode(c[0]->was, &a, zone, &e) == JT_OK);
	assert(memcmp(a.account, tx->from, JT_ACCOUNT) == 0);
	a.balance -= tx->fee;
	jt_seq_take(&a, tx->seq);
	jt_buf_init(&b, ENTRY_MAX);
	assert(jt_account_encode(&a, &b, &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&b), c[0]->is));
	jt_buf_free(&b);
}

/* Whoever gave away or was made has its reserve. */
static void
check_applied(const struct jt_change *const *c, size_t n, const struct jt_terms *terms)
{
	struct jt_account a, before;
	struct jt_error e;

	for (size_t i = 0; i < n; i++) {
		assert(jt_account_decode(c[i]->is, &a, zone, &e) == JT_OK);
		if (c[i]->was.len > 0) {
			assert(jt_account_decode(c[i]->was, &before, zone, &e) == JT_OK);
			if (a.balance + MAKE_FEE_MAX >= before.balance && a.objects <= before.objects)
				continue;
		}
		assert(a.balance >= jt_apply_reserve(terms, &a));
	}
}

static void
apply_one(struct jt_apply *a, const struct jt_kind *row, const struct jt_object *o)
{
	const struct jt_change *const *c;
	struct jt_totals before = now.totals;
	struct jt_error e, why;
	struct jt_signed s;
	struct jt_tx *tx;
	enum jt_code code;
	size_t n;
	bool good;

	msgpack_zone_clear(zone);
	jt_overlay_clear(step);
	a->state = step;
	a->totals = now.totals;
	assert(jt_tx_apply(a, row, o, &code, &why, &e) == JT_OK);
	assert(jt_overlay_changes(step, &c, &n, &e) == JT_OK);
	good = jt_tx_decode(row, o, &tx, &s, zone, &why) == JT_OK;
	assert(good == (code != JT_CODE_MALFORMED));
	assert(!good || jt_kind_check(&jt_all_kinds, o, &e) == JT_OK);
	if (jt_code_rows[code].outcome == JT_REFUSED) {
		assert(n == 0 && memcmp(&before, &a->totals, sizeof before) == 0);
		return;
	}
	if (jt_code_rows[code].outcome == JT_FAILED)
		check_failed(c, n, tx);
	else if (tx->fee <= MAKE_FEE_MAX)
		check_applied(c, n, a->terms);
	assert(a->totals.burned == before.burned + tx->fee);
	for (size_t i = 0; i < n; i++)
		put(&now, c[i]->key, c[i]->is);
	now.totals = a->totals;
	check_sums();
	/* Never twice. */
	msgpack_zone_clear(zone);
	jt_overlay_clear(step);
	assert(jt_tx_apply(a, row, o, &code, &why, &e) == JT_OK);
	assert(code == JT_CODE_SEQ_USED || code == JT_CODE_SEQ_OLD);
}

/* What the overlay over the first state says is what the state is now. */
static void
check_whole(void)
{
	struct jt_slice value;
	struct jt_error e;

	for (size_t i = 0; i < now.count; i++) {
		struct jt_slice v = { now.entries[i].bytes, now.entries[i].len };

		assert(jt_overlay_get(whole, now.entries[i].key, &value, &e) == JT_OK);
		assert(jt_slice_equal(value, v));
	}
}

static bool
next_object(struct fuzz_input *in, bool sign, struct jt_buf *b)
{
	uint8_t op = fuzz_byte(in);

	jt_buf_clear(b);
	if (op < 0x80)
		return make_transaction(in, op, sign, b, zone);
	return jt_buf_add_slice(b, fuzz_take(in, (size_t)fuzz_number(in, 2)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct jt_terms terms = { .fee = 10, .reserve = 1000000, .object = 200000 };
	uint64_t time = 1500000000000;
	struct jt_apply a = { .terms = &terms, .number = 100, .time = time, .zone = NULL,
		.header_time = header_time, .ctx = &time };
	struct jt_buf b;

	if (first.count == 0)
		make_state();
	a.zone = zone;
	memcpy(terms.network, make_network, JT_HASH);
	now = first;
	jt_overlay_clear(whole);
	jt_buf_init(&b, JT_OBJECT_MAX);
	a.verified = fuzz_byte(&in) & 1;
	for (int i = 0; i < RECORDS_MAX && in.len > 0; i++) {
		struct jt_totals totals = now.totals;
		const struct jt_kind *row;
		struct jt_error e, why;
		struct jt_object o;
		enum jt_code code;

		msgpack_zone_clear(zone);
		if (!next_object(&in, !a.verified, &b) ||
		    jt_object_parse(jt_buf_slice(&b), &o, &e) != JT_OK ||
		    jt_kind_of(&jt_all_kinds, &o, &row, &e) != JT_OK ||
		    !(row->flags & JT_KIND_TRANSACTION))
			continue;
		apply_one(&a, row, &o);
		msgpack_zone_clear(zone);
		a.state = whole;
		a.totals = totals;
		assert(jt_tx_apply(&a, row, &o, &code, &why, &e) == JT_OK);
		assert(memcmp(&a.totals, &now.totals, sizeof totals) == 0);
	}
	check_whole();
	jt_buf_free(&b);
	return 0;
}
