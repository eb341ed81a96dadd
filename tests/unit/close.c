/*
 * Closing ledgers in real directories: order, roots, totals, time, cut numbers,
 * and that the same input gives the same bytes wherever it is closed.
 */
#include "ledger/close.h"

#include <inttypes.h>

#include "base/text.h"
#include "ledger/proof.h"
#include "state/places.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"
#include "words.h"

enum { ACCOUNTS = 40, VALIDATORS = 4, ITEMS = 256 };

static struct network net;
static struct jt_error error;
static struct jt_buf stream;          /* transactions of the ledger to be closed */
static size_t start[ITEMS + 1], items; /* where each begins */
static struct jt_item item[ITEMS];
static struct jt_close done;

static void
open_new(struct jt_ledger *l)
{
	static unsigned number;
	char name[16];

	snprintf(name, sizeof name, "ledger%u", number++);
	network_open(&net, tempdir_path(name), l);
}

static void
begin(void)
{
	jt_buf_clear(&stream);
	items = 0;
}

__attribute__((format(printf, 3, 4))) static void
add(const char *kind, const char *signers, const char *fmt, ...)
{
	char words[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	network_need(items < ITEMS, "too many items");
	start[items++] = stream.len;
	words_tx(&stream, net.id, kind, signers, "%s", words);
	start[items] = stream.len;
}

static void
add_bytes(const void *bytes, size_t len)
{
	start[items++] = stream.len;
	jt_buf_add(&stream, bytes, len);
	start[items] = stream.len;
}

static void
swap(size_t i, size_t k)
{
	struct jt_item kept = item[i];

	item[i] = item[k];
	item[k] = kept;
}

static struct jt_cut
cut_of(const struct jt_ledger *l)
{
	return (struct jt_cut){ .n = l->cut + 1, .time = l->head.time + 1000 };
}

/* Close what was added, in a random order. */
static enum jt_err
close_with(struct jt_ledger *l, const struct jt_cut *cut, bool empty)
{
	for (size_t i = 0; i < items; i++)
		item[i] = (struct jt_item){ .object = { stream.data + start[i],
			start[i + 1] - start[i] } };
	for (size_t i = items; i > 1; i--)
		swap(i - 1, random_below(i));
	done = (struct jt_close){ .items = item, .count = items, .empty = empty };
	return jt_close_ledger(l, cut, &done, &error);
}

static void
close_now(struct jt_ledger *l)
{
	struct jt_cut cut = cut_of(l);

	network_must(close_with(l, &cut, false), &error);
	network_must(jt_ledger_commit(l, &error), &error);
}

static const struct jt_item *
item_of(size_t i)
{
	for (size_t k = 0; k < items; k++)
		if (item[k].object.data == stream.data + start[i])
			return &item[k];
	return NULL;
}

static struct jt_slice
header_bytes(struct jt_ledger *l, uint64_t number)
{
	struct jt_slice s;

	network_must(jt_ledger_begin(l, &error), &error);
	network_must(jt_ledger_header(l, number, &s, &error), &error);
	return s;
}

static struct jt_account
account(struct jt_ledger *l, uint32_t i)
{
	static msgpack_zone *zone;
	struct jt_account a = { 0 };
	struct jt_slice entry;

	if (zone == NULL)
		zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	network_must(jt_ledger_begin(l, &error), &error);
	network_must(jt_ledger_account(l, words_key(i)->account, &entry, &error), &error);
	if (entry.len > 0)
		network_must(jt_account_decode(entry, &a, zone, &error), &error);
	return a;
}

/* Sums over all entries, and their root. */
static void
sum_state(struct jt_ledger *l, struct jt_totals *t, uint8_t root[JT_HASH])
{
	struct jt_bucket_entry entries[512];
	struct jt_slice key, value;
	struct jt_account a;
	msgpack_zone zone;
	size_t n = 0;

	network_need(msgpack_zone_init(&zone, 4096), "out of memory");
	*t = (struct jt_totals){ 0 };
	network_must(jt_ledger_begin(l, &error), &error);
	network_must(jt_store_first(l->store, JT_STATE, (struct jt_slice){ NULL, 0 }, &key, &value,
	    &error), &error);
	while (key.data != NULL) {
		value = (struct jt_slice){ value.data + JT_HASH, value.len - JT_HASH };
		network_must(jt_account_decode(value, &a, &zone, &error), &error);
		t->accounts++;
		t->coins += a.balance;
		memcpy(entries[n].key, key.data, JT_HASH);
		jt_entry_hash(entries[n++].hash, value);
		network_must(jt_store_next(l->store, JT_STATE, &key, &value, &error), &error);
	}
	jt_map_root_of(entries, n, root);
	msgpack_zone_destroy(&zone);
}

/* All that a header says about its ledger, computed again from what is stored. */
static bool
header_holds(struct jt_ledger *l)
{
	const struct jt_header *h = &l->head;
	uint8_t root[JT_HASH], leaf[JT_HASH], id[JT_HASH], sigs[JT_HASH];
	struct jt_merkle tree;
	struct jt_totals totals;
	struct jt_object o;
	struct jt_slice s;
	msgpack_zone zone;
	enum jt_code code;
	bool good = true;

	network_need(msgpack_zone_init(&zone, 4096), "out of memory");
	network_must(jt_ledger_begin(l, &error), &error);
	jt_merkle_init(&tree);
	for (uint32_t i = 0; i < h->transactions.count; i++) {
		uint8_t stored[JT_HASH];
		struct jt_signed signed_;
		network_must(jt_ledger_tx_at(l, h->number, i, stored, &code, &s, &error), &error);
		network_must(jt_object_parse(s, &o, &error), &error);
		network_must(jt_signed_decode(&o, &signed_, &zone, &error), &error);
		jt_object_hash(id, o.kind, o.version, signed_.body);
		jt_signed_sigs_hash(sigs, &signed_);
		jt_tx_leaf(leaf, id, sigs, code);
		good = good && memcmp(leaf, stored, JT_HASH) == 0;
		jt_merkle_append(&tree, leaf);
	}
	network_must(jt_ledger_tx_at(l, h->number, (uint32_t)h->transactions.count, leaf, &code, &s,
	    &error), &error);
	good = good && s.len == 0;
	jt_merkle_root(&tree, root);
	good = good && memcmp(root, h->transactions.root, JT_HASH) == 0;
	jt_merkle_init(&tree);
	for (uint64_t n = 0; n < h->number; n++) {
		network_must(jt_object_parse(header_bytes(l, n), &o, &error), &error);
		network_must(jt_kind_id(&jt_kind_header, &o, id, &error), &error);
		jt_merkle_leaf(leaf, (struct jt_slice){ id, JT_HASH });
		jt_merkle_append(&tree, leaf);
	}
	jt_merkle_root(&tree, root);
	good = good && memcmp(root, h->history, JT_HASH) == 0;
	good = good && memcmp(id, h->parent, JT_HASH) == 0; /* the last one in the tree */
	sum_state(l, &totals, root);
	good = good && memcmp(root, h->state, JT_HASH) == 0;
	good = good && totals.coins == h->totals.coins && totals.accounts == h->totals.accounts &&
	    h->totals.coins + h->totals.burned == net.genesis.coins;
	network_must(jt_ledger_cut(l, h->number, &s, &error), &error);
	network_must(jt_object_parse(s, &o, &error), &error);
	network_must(jt_kind_id(&jt_kind_cut, &o, id, &error), &error);
	good = good && memcmp(id, h->cut, JT_HASH) == 0;
	jt_merkle_empty(root);
	good = good && h->records.count == 0 && memcmp(root, h->records.root, JT_HASH) == 0 &&
	    jt_hash_is_zero(h->contracts) && jt_hash_is_zero(h->coin) && h->epoch == 0 &&
	    memcmp(h->validators, h->next, JT_HASH) == 0 &&
	    memcmp(h->network, net.id, JT_HASH) == 0;
	msgpack_zone_destroy(&zone);
	return good;
}

static void
test_first(void)
{
	struct jt_ledger l;
	uint8_t empty[JT_HASH];
	struct jt_totals totals;
	uint8_t root[JT_HASH];

	open_new(&l);
	jt_merkle_empty(empty);
	ok(l.head.number == 0 && l.head.time == NETWORK_TIME && l.cut == 0, "ledger 0");
	ok(memcmp(l.head.history, empty, JT_HASH) == 0 && jt_hash_is_zero(l.head.parent) &&
	    jt_hash_is_zero(l.head.cut), "nothing comes before it");
	sum_state(&l, &totals, root);
	ok(totals.coins == net.genesis.coins && totals.accounts == ACCOUNTS &&
	    l.head.totals.coins == totals.coins && l.head.totals.accounts == ACCOUNTS &&
	    l.head.totals.burned == 0, "has the genesis's coins and accounts");
	ok(memcmp(root, l.head.state, JT_HASH) == 0, "and its state");
	jt_ledger_close(&l);
}

/* Account by account as the salt has it, then by seq, then by id. */
static void
test_order(void)
{
	struct jt_ledger l;
	struct jt_cut cut;
	bool good = true, ids = true;
	uint8_t before[2][JT_HASH] = { { 0 } };

	open_new(&l);
	begin();
	for (uint32_t i = 0; i < 20; i++) {
		char signer[8];
		snprintf(signer, sizeof signer, "%u", i);
		for (int seq = 3; seq >= 1; seq--)
			add("pay", signer, "from=$%u to=$39 amount=1 fee=0.00001 seq=%d", i, seq);
		add("pay", signer, "from=$%u to=$38 amount=2 fee=0.00001 seq=2", i);
	}
	cut = cut_of(&l);
	memset(cut.salt, 0x5a, JT_HASH);
	network_must(close_with(&l, &cut, false), &error);
	for (size_t i = 0, index = 0; i < items; i++) {
		uint8_t key[JT_HASH];
		const struct jt_item *it = &item[i];
		for (uint32_t k = 0; k < 20; k++) {
			jt_hash_keyed(key, cut.salt, (struct jt_slice){ words_key(k)->account,
			    JT_ACCOUNT });
			if (memcmp(key, it->order, JT_HASH) == 0)
				break;
		}
		good = good && memcmp(key, it->order, JT_HASH) == 0 &&
		    memcmp(before[0], key, JT_HASH) <= 0;
		if (i > 0 && it->seq == 2 && item[i - 1].seq == 2 &&
		    memcmp(before[0], key, JT_HASH) == 0)
			ids = ids && memcmp(before[1], it->id, JT_HASH) < 0 &&
			    it->code == JT_CODE_SEQ_USED && item[i - 1].code == JT_CODE_OK;
		else
			ids = ids && it->code == JT_CODE_OK;
		if (it->code == JT_CODE_OK)
			good = good && it->index == index++;
		memcpy(before[0], key, JT_HASH);
		memcpy(before[1], it->id, JT_HASH);
	}
	ok(good, "accounts in the order of their keyed hashes, their numbers ascending");
	ok(ids, "of two transactions of one number the lower id is first, and the only one in");
	ok(header_holds(&l), "the header says so");
	jt_ledger_close(&l);
}

/* Two valid copies, signed by different people: one is in, the same everywhere. */
static void
test_copies(void)
{
	uint8_t ids[2][JT_HASH], leaf[2][JT_HASH];
	enum jt_code code;
	struct jt_slice in[2];

	for (int turn = 0; turn < 2; turn++) {
		struct jt_ledger l;
		struct jt_slice kept;
		open_new(&l);
		begin();
		add("set", "0", "from=$0 fee=0.00001 seq=1 signers=$1:1,$2:1,$3:1 quorum=2");
		close_now(&l);
		begin();
		add("pay", turn ? "1 2" : "1 3", "from=$0 to=$5 amount=7 fee=0.00003 seq=2");
		add("pay", turn ? "1 3" : "1 2", "from=$0 to=$5 amount=7 fee=0.00003 seq=2");
		add("pay", "1", "from=$0 to=$5 amount=7 fee=0.00003 seq=2");
		close_now(&l);
		ok(memcmp(item_of(0)->id, item_of(1)->id, JT_HASH) == 0 &&
		    memcmp(item_of(0)->id, item_of(2)->id, JT_HASH) == 0, "three copies, one id");
		ok((item_of(0)->code == JT_CODE_OK) + (item_of(1)->code == JT_CODE_OK) == 1 &&
		    (item_of(0)->code == JT_CODE_SEQ_USED) +
		    (item_of(1)->code == JT_CODE_SEQ_USED) == 1, "one of the valid ones is in");
		ok(item_of(2)->code == JT_CODE_NO_QUORUM || item_of(2)->code == JT_CODE_SEQ_USED,
		    "one without a quorum is not");
		network_must(jt_ledger_begin(&l, &error), &error);
		network_must(jt_ledger_tx_at(&l, 2, 0, leaf[turn], &code, &kept, &error), &error);
		in[turn].data = malloc(kept.len);
		network_need(in[turn].data != NULL, "out of memory");
		memcpy((uint8_t *)(uintptr_t)in[turn].data, kept.data, kept.len);
		in[turn].len = kept.len;
		memcpy(ids[turn], l.head_id, JT_HASH);
		ok(header_holds(&l), "the header says so");
		jt_ledger_close(&l);
	}
	ok(jt_slice_equal(in[0], in[1]), "the same copy wherever it is closed");
	is_bytes(ids[0], ids[1], JT_HASH, "and the same header");
	free((uint8_t *)(uintptr_t)in[0].data);
	free((uint8_t *)(uintptr_t)in[1].data);
}

static void
add_good(void)
{
	for (uint32_t i = 0; i < 8; i++) {
		char signer[8];
		snprintf(signer, sizeof signer, "%u", i);
		add("pay", signer, "from=$%u to=$%u amount=3 fee=0.00001 seq=1", i, i + 10);
		add("pay", signer, "from=$%u to=$%u amount=2 fee=0.00001 seq=2", i, i + 100);
		add("pay", signer, "from=$%u to=$%u amount=5000 fee=0.00001 seq=3", i, i + 1);
	}
}

/* What is refused leaves no trace: the header is the same without it. */
static void
test_refused(void)
{
	static const uint8_t garbage[] = { 0x93, 0xa6, 'j', 't', '/', 'p', 'a', 'y', 1, 0xc4, 1,
		5 };
	struct jt_ledger with, without;
	uint8_t other[JT_HASH] = { 1 };
	size_t good;

	open_new(&with);
	open_new(&without);
	begin();
	add_good();
	close_now(&without);
	good = items;
	add("pay", "3", "from=$4 to=$5 amount=1 fee=0.00001 seq=9");
	add("pay", "4", "from=$4 to=$5 amount=1 fee=0.00001 seq=200");
	add("pay", "4", "from=$4 to=$5 amount=1 fee=0 seq=9");
	add("pay", "4",
	    "from=$4 to=$5 amount=1 fee=0.00001 seq=9 last=0 until=1970-01-01T00:00:01Z");
	add("pay", "300", "from=$300 to=$5 amount=1 fee=0.00001 seq=1");
	add("pay", "", "from=$4 to=$5 amount=1 fee=0.00001 seq=9");
	add("pay", "4", "from=$4 to=$4 amount=1 fee=0.00001 seq=9");
	start[items] = stream.len;
	words_tx(&stream, other, "pay", "4", "from=$4 to=$5 amount=1 fee=0.00001 seq=9");
	start[++items] = stream.len;
	add_bytes(garbage, sizeof garbage);
	add_bytes("x", 1);
	add_bytes(header_bytes(&without, 1).data, header_bytes(&without, 1).len);
	close_now(&with);
	for (size_t i = 0; i < items; i++)
		if ((jt_code_rows[item_of(i)->code].outcome == JT_REFUSED) != (i >= good)) {
			ok(false, "item %zu: %s", i, jt_code_words[item_of(i)->code]);
			break;
		}
	is_text(item_of(items - 1)->why, "unknown kind jt/header", "a header");
	is_text(item_of(items - 2)->why, "offset 0: no object begins here, but text", "no object");
	is_text(item_of(items - 3)->why, "expected a map, found a number", "no payload");
	ok(item_of(items - 1)->code == JT_CODE_MALFORMED &&
	    jt_hash_is_zero(item_of(items - 1)->id), "what cannot be read has no id");
	ok(jt_slice_equal(header_bytes(&with, 1), header_bytes(&without, 1)),
	    "the refused leave no trace");
	ok(header_holds(&with), "all of the header holds");
	is_int(with.head.transactions.count, 24, "applied and failed ones are in");
	ok(with.head.totals.accounts == ACCOUNTS + 8 && with.head.totals.burned == 24 * 10,
	    "accounts made, fees burned");
	jt_ledger_close(&with);
	jt_ledger_close(&without);
}

/* A refusal's line is cut to fit, at a whole character. */
static void
test_why(void)
{
	struct jt_ledger l;
	struct jt_buf body;
	const struct jt_kind *kind = &jt_kind_pay;

	open_new(&l);
	for (int shift = 0; shift < 4; shift++) {
		begin();
		jt_buf_init(&body, JT_TX_MAX);
		jt_buf_add(&body, "\x81\xd9", 2);
		jt_buf_add(&body, &(uint8_t){ (uint8_t)(200 + shift) }, 1);
		jt_buf_add(&body, "aaaa", (size_t)shift);
		for (int i = 0; i < 50; i++)
			jt_buf_add(&body, "\xf0\x9f\x8e\x84", 4);
		jt_buf_add(&body, "\x01", 1);
		start[0] = 0;
		words_sign(&stream, kind, jt_buf_slice(&body), "0");
		start[items = 1] = stream.len;
		close_now(&l);
		ok(item[0].code == JT_CODE_MALFORMED && strlen(item[0].why) > 85 &&
			jt_utf8_valid(jt_slice_text(item[0].why)),
		    "cut at a character: %s", item[0].why);
		jt_buf_free(&body);
	}
	jt_ledger_close(&l);
}

static void
test_cuts(void)
{
	struct jt_ledger l;
	struct jt_cut cut;

	open_new(&l);
	begin();
	cut = cut_of(&l);
	network_must(close_with(&l, &cut, false), &error);
	ok(!done.closed && l.head.number == 0 && l.cut == 1, "a cut of nothing is noted");
	cut = cut_of(&l);
	network_must(close_with(&l, &cut, true), &error);
	ok(done.closed && l.head.number == 1 && l.cut == 2 && l.head.transactions.count == 0 &&
	    header_holds(&l), "or closed all the same, when that is wanted");
	add("pay", "3", "from=$4 to=$5 amount=1 fee=0.00001 seq=1");
	cut = cut_of(&l);
	network_must(close_with(&l, &cut, false), &error);
	ok(!done.closed && item[0].code == JT_CODE_NOT_AUTHORISED && l.cut == 3,
	    "one of which all is refused closes none either");
	network_must(jt_ledger_commit(&l, &error), &error);
	for (uint64_t n = 0; n < 10; n++) {
		cut.n = n;
		if (n == 4)
			continue;
		is_int(close_with(&l, &cut, true), JT_MALFORMED, "cut %" PRIu64, n);
		ok(l.cut == 3 && l.head.number == 1 && !done.closed, "is not the next");
	}
	cut.n = 5;
	close_with(&l, &cut, true);
	is_text(error.text, "cut 5, expected 4", "says which");
	done = (struct jt_close){ .items = item, .count = (size_t)JT_CLOSE_ITEMS_MAX + 1 };
	cut.n = 4;
	is_int(jt_close_ledger(&l, &cut, &done, &error), JT_MALFORMED, "too many");
	is_text(error.text, "1048577 transactions for one ledger, more than 1048576", "says so");
	jt_ledger_close(&l);
}

static void
test_time(void)
{
	static const struct {
		int64_t cut, want; /* after the head's time */
	} cases[] = { { 1, 1 }, { 5, 5 }, { 0, 1 }, { -1, 1 }, { -1500000000000, 1 },
		{ 86400000, 86400000 } };
	struct jt_ledger l;
	struct jt_cut cut;
	uint64_t was;

	open_new(&l);
	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		was = l.head.time;
		cut = cut_of(&l);
		cut.time = (uint64_t)((int64_t)was + cases[i].cut);
		network_must(close_with(&l, &cut, true), &error);
		is_int(l.head.time - was, cases[i].want, "a cut %" PRId64 " ms after the head",
		    cases[i].cut);
	}
	network_must(jt_ledger_commit(&l, &error), &error);
	cut = cut_of(&l);
	cut.time = JT_CUT_TIME_MAX + 1;
	is_int(close_with(&l, &cut, true), JT_MALFORMED, "a cut that leaves no time");
	is_text(error.text, "time: expected a year up to 9998", "says so");
	cut.time = JT_CUT_TIME_MAX;
	network_must(close_with(&l, &cut, true), &error);
	is_int(l.head.time, JT_CUT_TIME_MAX, "the last time of a cut");
	cut = cut_of(&l);
	cut.time = 0;
	network_must(close_with(&l, &cut, true), &error);
	is_int(l.head.time, JT_CUT_TIME_MAX + 1, "and ledgers after it");
	jt_ledger_close(&l);
}

/* An open transaction that is given up leaves the ledger as it was. */
static void
test_abort(void)
{
	const char *dir = tempdir_path("abort");
	uint8_t id[JT_HASH], state[JT_HASH];
	struct jt_ledger l;

	network_open(&net, dir, &l);
	begin();
	add_good();
	close_now(&l);
	memcpy(id, l.head_id, JT_HASH);
	memcpy(state, l.head.state, JT_HASH);
	begin();
	add("pay", "5", "from=$5 to=$6 amount=1 fee=0.00001 seq=9");
	struct jt_cut cut = cut_of(&l);
	network_must(close_with(&l, &cut, false), &error);
	is_int(l.head.number, 2, "a second ledger");
	jt_ledger_close(&l);
	network_must(jt_ledger_open(&l, dir, JT_STORE_WRITE, &error), &error);
	ok(l.head.number == 1 && l.cut == 1 && memcmp(l.head_id, id, JT_HASH) == 0,
	    "which was never committed, is not there");
	is_int(account(&l, 5).balance, NETWORK_BALANCE - 5000000 - 30,
	    "nor what it did");
	network_must(close_with(&l, &cut, false), &error);
	network_must(jt_ledger_commit(&l, &error), &error);
	ok(l.head.number == 2 && header_holds(&l), "closed again");
	jt_ledger_close(&l);
}

enum { STORES = 4, LEDGERS = 12 };

/* Several stores, the same input in any order, any number of ledgers per commit. */
static void
test_same(void)
{
	struct jt_ledger l[STORES];
	bool same = true, holds = true;

	for (int s = 0; s < STORES; s++)
		open_new(&l[s]);
	for (int n = 1; n <= LEDGERS; n++) {
		begin();
		for (int i = 0; i < 20; i++) {
			uint32_t from = (uint32_t)random_below(ACCOUNTS + 5);
			char signer[16];
			snprintf(signer, sizeof signer, "%u", from);
			add("pay", signer, "from=$%u to=$%u amount=%d fee=0.00001 seq=%d", from,
			    from + 1 + (uint32_t)random_below(ACCOUNTS), i % 5 * 400 + 1,
			    n + (int)random_below(4));
		}
		for (int s = 0; s < STORES; s++) {
			struct jt_cut cut = cut_of(&l[s]);
			network_must(close_with(&l[s], &cut, true), &error);
			if (random_below((uint64_t)s + 1) == 0)
				network_must(jt_ledger_commit(&l[s], &error), &error);
			if (s > 0)
				same = same && memcmp(l[s].head_id, l[0].head_id, JT_HASH) == 0;
		}
		holds = holds && header_holds(&l[n % STORES]);
	}
	ok(same, "%d stores agree on %d ledgers", STORES, LEDGERS);
	ok(holds, "of which every header holds");
	for (int s = 0; s < STORES; s++)
		network_must(jt_ledger_begin(&l[s], &error), &error);
	for (uint64_t n = 0; n <= LEDGERS; n++)
		for (int s = 1; s < STORES; s++)
			same =
			    same && jt_slice_equal(header_bytes(&l[s], n), header_bytes(&l[0], n));
	ok(same, "byte for byte");
	for (int s = 0; s < STORES; s++)
		jt_ledger_close(&l[s]);
}

/* The header of a ledger, signed by these validators (bits). */
static void
sign_as(struct jt_ledger *l, uint64_t number, unsigned who, struct jt_buf *out)
{
	struct jt_sig sigs[VALIDATORS];
	struct jt_object o;
	struct jt_slice body;
	uint8_t id[JT_HASH];
	size_t n = 0;

	network_must(jt_ledger_begin(l, &error), &error);
	network_must(jt_object_parse(header_bytes(l, number), &o, &error), &error);
	network_must(jt_signed_body(&o, &body, &error), &error);
	network_must(jt_kind_id(&jt_kind_header, &o, id, &error), &error);
	for (unsigned i = 0; i < VALIDATORS; i++)
		if (who >> i & 1) {
			memcpy(sigs[n].key, net.validators[i].key, JT_KEY);
			jt_sign_id(sigs[n++].sig, net.validator_secret[i], id);
		}
	jt_buf_clear(out);
	network_must(jt_signed_write(out, o.kind, o.version, body, sigs, n, &error), &error);
}

static enum jt_err
give(struct jt_ledger *l, const struct jt_buf *b, bool *certified, bool *changed)
{
	struct jt_object o;
	struct jt_signing s;
	enum jt_err err;

	network_must(jt_ledger_begin(l, &error), &error);
	network_must(jt_object_parse(jt_buf_slice(b), &o, &error), &error);
	err = jt_ledger_sign(l, &o, &s, &error);
	*certified = s.certified;
	*changed = s.changed;
	if (err == JT_OK)
		ok(jt_slice_equal(jt_buf_slice(&s.joined), header_bytes(l, l->head.number)) ||
		    !s.changed, "what is given back is what is stored");
	jt_buf_free(&s.joined);
	return err;
}

static void
test_signatures(void)
{
	struct jt_ledger l, other;
	struct jt_buf b;
	uint64_t last;
	uint32_t good;
	bool yes, new;

	jt_buf_init(&b, JT_OBJECT_MAX);
	open_new(&l);
	open_new(&other);
	begin();
	add_good();
	close_now(&l);
	network_must(jt_ledger_begin(&l, &error), &error);
	network_must(jt_ledger_certified(&l, 0, &yes, &good, &error), &error);
	ok(yes, "ledger 0 needs no signatures");
	sign_as(&l, 1, 0, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && !yes && !new, "none");
	sign_as(&l, 1, 1, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && !yes && new, "one");
	ok(give(&l, &b, &yes, &new) == JT_OK && !yes && !new, "the same again");
	sign_as(&l, 1, 8 + 1, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && !yes && new, "two");
	network_must(jt_ledger_last_certified(&l, &last, &error), &error);
	is_int(last, 0, "two of four are no quorum");
	sign_as(&l, 1, 2, &b);
	b.data[b.len - 1] ^= 4;
	ok(give(&l, &b, &yes, &new) == JT_NO && !yes && !new, "a bad one");
	sign_as(&l, 1, 2, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && yes && new, "three");
	network_must(jt_ledger_last_certified(&l, &last, &error), &error);
	is_int(last, 1, "three are");
	network_must(jt_ledger_certified(&l, 1, &yes, &good, &error), &error);
	ok(yes && good == 3, "as it is stored");
	sign_as(&l, 1, 15, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && yes && new, "a fourth");
	/* To one who closed another ledger, or none yet, it says nothing. */
	is_int(give(&other, &b, &yes, &new), JT_AGAIN, "not closed here yet");
	is_text(error.text, "ledger 1 is not closed here", "says which");
	begin();
	add("pay", "5", "from=$5 to=$6 amount=1 fee=0.00001 seq=9");
	close_now(&other);
	is_int(give(&other, &b, &yes, &new), JT_NO, "closed differently here");
	is_text(error.text, "ledger 1: own header differs in state, totals, transactions",
	    "says so");
	jt_ledger_close(&l);
	jt_ledger_close(&other);
	jt_buf_free(&b);
}

static void
close_two_empty(struct jt_ledger *l)
{
	for (int i = 0; i < 2; i++) {
		struct jt_cut cut = cut_of(l);
		begin();
		network_must(close_with(l, &cut, true), &error);
		network_must(jt_ledger_commit(l, &error), &error);
	}
}

/* One ledger has fewer signatures than a quorum for good, and later ones do not. */
static void
test_hole(void)
{
	struct jt_signing s;
	struct jt_object o;
	struct jt_ledger l;
	struct jt_buf b;
	uint64_t last;
	bool yes, new;

	jt_buf_init(&b, JT_OBJECT_MAX);
	open_new(&l);
	close_two_empty(&l);
	sign_as(&l, 2, 7, &b);
	ok(give(&l, &b, &yes, &new) == JT_OK && yes, "ledger 2 is certified, and 1 is not");
	close_two_empty(&l);
	network_must(jt_ledger_begin(&l, &error), &error);
	network_must(jt_ledger_last_certified(&l, &last, &error), &error);
	is_int(last, 2, "the newest that is certified");
	network_must(jt_ledger_all_certified(&l, &last, &error), &error);
	is_int(last, 0, "not all are up to there");
	sign_as(&l, 1, 7, &b);
	network_must(jt_object_parse(jt_buf_slice(&b), &o, &error), &error);
	network_must(jt_ledger_sign(&l, &o, &s, &error), &error);
	jt_buf_free(&s.joined);
	network_must(jt_ledger_all_certified(&l, &last, &error), &error);
	is_int(last, 2, "until ledger 1 is");
	network_must(jt_ledger_last_certified(&l, &last, &error), &error);
	is_int(last, 2, "and it stays the newest");
	jt_ledger_close(&l);
	jt_buf_free(&b);
}

static void
test_after(void)
{
	struct jt_ledger l;
	char hex[3][2 * JT_HASH + 1];
	struct jt_cut cut;

	open_new(&l);
	begin();
	jt_hex_format(l.head_id, JT_HASH, hex[0]);
	close_now(&l);
	cut = cut_of(&l);
	cut.time = NETWORK_TIME + JT_AFTER_MS - 5;
	network_must(close_with(&l, &cut, true), &error);
	jt_hex_format(l.head_id, JT_HASH, hex[1]);
	memset(hex[2], 'a', 2 * JT_HASH);
	hex[2][2 * JT_HASH] = '\0';
	for (int i = 0; i < 3; i++)
		add("pay", "0", "from=$0 to=$1 amount=1 fee=0.00001 seq=%d after=%s", i + 1,
		    hex[i]);
	cut = cut_of(&l);
	cut.time = NETWORK_TIME + JT_AFTER_MS;
	network_must(close_with(&l, &cut, true), &error);
	is_int(item_of(0)->code, JT_CODE_OK, "after ledger 0, exactly an hour ago");
	is_int(item_of(1)->code, JT_CODE_OK, "after the newest");
	is_int(item_of(2)->code, JT_CODE_NOT_AFTER, "after one that is none");
	begin();
	add("pay", "0", "from=$0 to=$1 amount=1 fee=0.00001 seq=9 after=%s", hex[0]);
	cut = cut_of(&l);
	cut.time = NETWORK_TIME + JT_AFTER_MS + 1;
	network_must(close_with(&l, &cut, true), &error);
	is_int(item_of(0)->code, JT_CODE_NOT_AFTER, "a millisecond later it is too old");
	jt_ledger_close(&l);
}

/* Ids whose first bytes are the same are told apart; an index that points nowhere is damaged. */
static void
test_index(void)
{
	static const char damaged[] = "ledger: index of ids is damaged";
	uint8_t entry[2][JT_PLACES_ENTRY], other[JT_HASH];
	struct jt_place place;
	struct jt_slice object;
	struct jt_ledger l;

	open_new(&l);
	begin();
	add("pay", "0", "from=$0 to=$5 amount=7 fee=0.00003 seq=1");
	add("pay", "1", "from=$1 to=$5 amount=7 fee=0.00003 seq=1");
	close_now(&l);
	for (size_t i = 0; i < 2; i++)
		jt_places_entry(entry[i], item_of(i)->id, 1, 1 - item_of(i)->index);
	memcpy(other, item_of(0)->id, JT_HASH);
	other[JT_HASH - 1] ^= 1;
	network_must(jt_ledger_begin(&l, &error), &error);
	network_must(jt_places_add(l.store, JT_IDS, entry, 2, &error), &error);
	for (size_t i = 0; i < 2; i++) {
		network_must(jt_ledger_tx(&l, item_of(i)->id, &place, &object, &error), &error);
		ok(place.ledger == 1 && place.index == item_of(i)->index &&
		    jt_slice_equal(object, item_of(i)->object), "found beside a neighbour");
	}
	network_must(jt_ledger_tx(&l, other, &place, &object, &error), &error);
	is_int(object.len, 0, "an id that differs at its end is not there");
	memset(other, 7, sizeof other);
	jt_places_entry(entry[0], other, 1, 9);
	network_must(jt_places_add(l.store, JT_IDS, entry, 1, &error), &error);
	is_int(jt_ledger_tx(&l, other, &place, &object, &error), JT_IO, "a place of nothing");
	is_text(error.text, damaged, "is called damage");
	jt_ledger_close(&l);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	tempdir_make();
	jt_buf_init(&stream, SIZE_MAX / 2);
	network_make(&net, VALIDATORS, ACCOUNTS, false);
	test_first();
	test_order();
	test_copies();
	test_refused();
	test_why();
	test_cuts();
	test_time();
	test_abort();
	test_same();
	test_signatures();
	test_hole();
	test_after();
	test_index();
	network_free(&net);
	jt_buf_free(&stream);
	return done_testing();
}
