/*
 * Applying transactions, on a state that is only in memory: every result code,
 * the order in which they are looked for, and every boundary to the unit.
 */
#include "kind/tx.h"

#include <inttypes.h>

#include "base/text.h"
#include "tap.h"
#include "words.h"

#define SWT UINT64_C(1000000)
#define FEE UINT64_C(10)
#define NOW UINT64_C(1600000000000)
enum { NUMBER = 100 };

static const struct jt_terms terms = { .network = { 7, 7 }, .fee = FEE, .reserve = SWT,
	.object = SWT / 5 };
static const uint8_t other_network[JT_HASH] = { 7, 8 };
static const uint8_t young[JT_HASH] = { 1 }, hour[JT_HASH] = { 2 }, old[JT_HASH] = { 3 };
static struct jt_overlay *state;
static struct jt_apply apply;
static msgpack_zone *zone, *kept;
static struct jt_error why, error;
static bool seen[JT_CODES];

static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	(void)ctx;
	(void)key;
	(void)e;
	*value = (struct jt_slice){ NULL, 0 };
	return JT_OK;
}

static enum jt_err
header_time(void *ctx, const uint8_t id[JT_HASH], uint64_t *time, struct jt_error *e)
{
	(void)ctx;
	(void)e;
	*time = memcmp(id, young, JT_HASH) == 0 ? NOW - 1
	    : memcmp(id, hour, JT_HASH) == 0 ? NOW - JT_AFTER_MS
	    : memcmp(id, old, JT_HASH) == 0 ? NOW - JT_AFTER_MS - 1 : 0;
	return JT_OK;
}

/* A state of the accounts 0 to 5, who have 100 SWT each. */
static void
reset(void)
{
	jt_overlay_clear(state);
	apply = (struct jt_apply){ .terms = &terms, .state = state, .number = NUMBER, .time = NOW,
		.header_time = header_time, .zone = zone };
	for (uint32_t i = 0; i < 6; i++) {
		struct jt_account a = { .balance = 100 * SWT };
		memcpy(a.account, words_key(i)->account, JT_ACCOUNT);
		network_must(jt_apply_put(&apply, &a, &error), &error);
		apply.totals.accounts++;
		apply.totals.coins += a.balance;
	}
}

/* Lists live until the next reset of `kept`. */
static struct jt_account
account(uint32_t i)
{
	struct jt_apply reading = apply;
	struct jt_account a;
	bool exists;

	reading.zone = kept;
	network_must(jt_apply_account(&reading, words_key(i)->account, &a, &exists, &error),
	    &error);
	return a;
}

static void
put(const struct jt_account *a)
{
	network_must(jt_apply_put(&apply, a, &error), &error);
}

static uint64_t
balance(uint32_t i)
{
	return account(i).balance;
}

static void
set_balance(uint32_t i, uint64_t units)
{
	struct jt_account a = account(i);

	apply.totals.coins += units - a.balance;
	apply.totals.accounts += a.balance == 0 && a.seq == 0;
	a.balance = units;
	put(&a);
}

static enum jt_code
apply_object(struct jt_slice bytes, bool verified)
{
	const struct jt_kind *kind;
	struct jt_object o;
	enum jt_code code = JT_CODES;

	msgpack_zone_clear(zone);
	apply.verified = verified;
	network_must(jt_object_parse(bytes, &o, &error), &error);
	network_must(jt_kind_of(&jt_all_kinds, &o, &kind, &error), &error);
	network_must(jt_tx_apply(&apply, kind, &o, &code, &why, &error), &error);
	seen[code] = true;
	return code;
}

/* The state as bytes, to see that nothing was changed. */
static void
print_state(struct jt_buf *out)
{
	const struct jt_change *const *changes;
	size_t n;

	network_must(jt_overlay_changes(state, &changes, &n, &error), &error);
	for (size_t i = 0; i < n; i++) {
		jt_buf_add(out, changes[i]->key, JT_HASH);
		jt_buf_add_slice(out, changes[i]->is);
	}
	jt_buf_add(out, &apply.totals, sizeof apply.totals);
}

/* What must hold of any outcome: totals, and no trace of the refused. */
static bool
consistent(enum jt_code code, const struct jt_buf *before)
{
	const struct jt_change *const *changes;
	struct jt_buf after;
	uint64_t coins = 0, accounts = 0;
	bool same;
	size_t n;

	jt_buf_init(&after, SIZE_MAX / 2);
	print_state(&after);
	same = jt_slice_equal(jt_buf_slice(before), jt_buf_slice(&after));
	jt_buf_free(&after);
	network_must(jt_overlay_changes(state, &changes, &n, &error), &error);
	for (size_t i = 0; i < n; i++) {
		struct jt_account a;
		if (changes[i]->is.len == 0)
			continue;
		network_must(jt_account_decode(changes[i]->is, &a, zone, &error), &error);
		coins += a.balance;
		accounts++;
	}
	return same == (jt_code_rows[code].outcome == JT_REFUSED) &&
	    coins == apply.totals.coins && accounts == apply.totals.accounts;
}

static bool
try_object(struct jt_slice bytes, enum jt_code want, const char *want_why, const char *what)
{
	struct jt_buf before;
	enum jt_code code;
	bool pass;

	jt_buf_init(&before, SIZE_MAX / 2);
	print_state(&before);
	code = apply_object(bytes, false);
	pass = code == want && (want_why == NULL || strcmp(why.text, want_why) == 0) &&
	    consistent(code, &before);
	jt_buf_free(&before);
	ok(pass, "%s: %s", jt_code_words[want], what);
	if (!pass)
		printf("# found %s: %s\n", jt_code_words[code], why.text);
	return pass;
}

/* One transaction of these words; `want_why` NULL: not looked at. */
static bool
try_words(const char *kind, const char *signers, enum jt_code want, const char *want_why,
    const char *words)
{
	struct jt_buf b;
	bool pass;

	jt_buf_init(&b, JT_OBJECT_MAX);
	words_tx(&b, terms.network, kind, signers, "%s", words);
	pass = try_object(jt_buf_slice(&b), want, want_why, words);
	jt_buf_free(&b);
	return pass;
}

static bool
pay(const char *signers, enum jt_code want, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static bool
pay(const char *signers, enum jt_code want, const char *fmt, ...)
{
	char words[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	return try_words("pay", signers, want, NULL, words);
}

static bool
set(const char *signers, enum jt_code want, const char *words)
{
	return try_words("set", signers, want, NULL, words);
}

static void
test_pay(void)
{
	reset();
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=1");
	is_int(balance(0), 95 * SWT - FEE, "the sender has less, and the fee is gone");
	is_int(balance(1), 105 * SWT, "the receiver has more");
	is_int(apply.totals.burned, FEE, "the fee is burned");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=0.000001 fee=3.5 seq=2 memo=hello app=$2");
	is_int(balance(0), 95 * SWT - FEE - 3500001, "a fee may be higher than it must be");
	is_int(balance(1), 105000001, "one unit arrives");

	/* The reserve, to the unit: what remains after fee and amount. */
	set_balance(2, 5 * SWT);
	pay("2", JT_CODE_UNFUNDED, "from=$2 to=$1 amount=3.999991 fee=0.00001 seq=1");
	is_int(balance(2), 5 * SWT - FEE, "a failed one costs its fee");
	is_int(account(2).seq, 1, "and takes its number");
	pay("2", JT_CODE_UNFUNDED, "from=$2 to=$1 amount=3.999981 fee=0.00001 seq=2");
	is_text(why.text, "balance: 4.99998 after the fee, less 3.999981, must leave the reserve 1",
	    "it says with which figures");
	pay("2", JT_CODE_OK, "from=$2 to=$1 amount=3.99997 fee=0.00001 seq=3");
	is_int(balance(2), SWT, "the reserve remains, exactly");
	pay("2", JT_CODE_UNFUNDED, "from=$2 to=$1 amount=0.000001 fee=0.00001 seq=4");
	is_int(balance(2), SWT - FEE, "fees may go below the reserve");
	/* Amounts that no balance can hold. */
	pay("0", JT_CODE_UNFUNDED, "from=$0 to=$1 amount=9223372036854.775807 fee=0.00001 seq=3");
}

static void
test_create(void)
{
	reset();
	pay("0", JT_CODE_TOO_SMALL, "from=$0 to=$9 amount=0.999999 fee=0.00001 seq=1");
	ok(account(9).balance == 0 && apply.totals.accounts == 6, "no account was made");
	pay("0", JT_CODE_OK, "from=$0 to=$9 amount=1 fee=0.00001 seq=2");
	ok(balance(9) == SWT && account(9).seq == 0 && apply.totals.accounts == 7, "one was made");
	pay("0", JT_CODE_OK, "from=$0 to=$9 amount=0.000001 fee=0.00001 seq=3");
	ok(balance(9) == SWT + 1 && apply.totals.accounts == 7, "once");
	pay("9", JT_CODE_UNFUNDED, "from=$9 to=$0 amount=0.000001 fee=0.000011 seq=1");
	is_int(balance(9), SWT - FEE, "the new account can act");
	set_balance(9, FEE);
	pay("9", JT_CODE_UNFUNDED, "from=$9 to=$0 amount=1 fee=0.00001 seq=2");
	is_int(balance(9), 0, "down to nothing");
	try_words("pay", "9", JT_CODE_NO_FEE, "fee: 0.00001, the balance is 0",
	    "from=$9 to=$0 amount=1 fee=0.00001 seq=3");
	/* It is still there: small amounts reach it. */
	pay("0", JT_CODE_OK, "from=$0 to=$9 amount=0.00001 fee=0.00001 seq=4");
	pay("9", JT_CODE_UNFUNDED, "from=$9 to=$0 amount=1 fee=0.00001 seq=3");
	/* Both faults: the account's comes first. */
	set_balance(5, SWT);
	pay("5", JT_CODE_TOO_SMALL, "from=$5 to=$10 amount=0.5 fee=0.00001 seq=1");
	pay("5", JT_CODE_UNFUNDED, "from=$5 to=$10 amount=1.5 fee=0.00001 seq=2");
}

static void
test_receiver(void)
{
	struct jt_account a;

	reset();
	a = account(1);
	a.flags = JT_FLAG_REFUSE_UNASKED | JT_FLAG_REQUIRE_MEMO;
	put(&a);
	pay("0", JT_CODE_UNASKED, "from=$0 to=$1 amount=5 fee=0.00001 seq=1 memo=x");
	a.flags = JT_FLAG_REQUIRE_MEMO;
	put(&a);
	pay("0", JT_CODE_MEMO_MISSING, "from=$0 to=$1 amount=5 fee=0.00001 seq=2");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=3 memo=x");
	pay("0", JT_CODE_UNKNOWN_ASSET, "from=$0 to=$1 amount=5CNY/$2 fee=0.00001 seq=4 memo=x");
	pay("0", JT_CODE_UNKNOWN_ASSET,
	    "from=$0 to=$1 amount=5 max=5.00CNY/$2 fee=0.00001 seq=5 memo=x");
	pay("0", JT_CODE_UNKNOWN_ASSET, "from=$0 to=$1 amount=5.00CNY/$2 max=5 fee=0.00001 seq=6");
	is_int(balance(1), 105 * SWT, "nothing arrived but what was applied");
}

/* The body of a transaction, changed in a way that the encoder would refuse. */
static void
try_zero_seq(void)
{
	struct jt_buf body, o;
	const struct jt_kind *kind = &jt_kind_pay;

	jt_buf_init(&body, JT_TX_MAX);
	jt_buf_init(&o, JT_OBJECT_MAX);
	network_must(jt_encode(kind->schema, words_fields(kind, terms.network,
	    "from=$0 to=$1 amount=5 fee=0.00001 seq=0", kept), &body, &error), &error);
	words_sign(&o, kind, jt_buf_slice(&body), "0");
	try_object(
	    jt_buf_slice(&o), JT_CODE_MALFORMED, "seq: expected 1 or more, found 0", "seq=0");
	jt_buf_free(&body);
	jt_buf_free(&o);
}

static void
test_malformed(void)
{
	static const struct {
		const char *kind, *words, *why;
	} cases[] = {
		{ "pay", "amount=0 to=$1", "amount: expected more than 0" },
		{ "pay", "amount=0.00CNY/$2 to=$1", "amount: expected more than 0" },
		{ "pay", "amount=5 to=$0", "to: same account as from" },
		{ "pay", "amount=5 max=6 to=$1", "max: same asset as amount" },
		{ "pay", "amount=5.00CNY/$2 max=6.00CNY/$2 to=$1", "max: same asset as amount" },
		{ "set", "memo=nothing",
		    "expected one of flags, holds, key, signers, unset, found none" },
		{ "set", "quorum=1", "signers and quorum come together" },
		{ "set", "signers=$1:1", "signers and quorum come together" },
		{ "set", "signers=$1:0,$2:1 quorum=1", "signers: expected a weight of 1 or more" },
		{ "set", "signers=$1:1,$0:1 quorum=1", "signers: the account itself" },
		{ "set", "signers=$1:1,$2:2 quorum=4",
		    "quorum: 4, more than all weights together (3)" },
		{ "set", "signers=$1:1 quorum=9223372036854775807",
		    "quorum: 9223372036854775807, more than all weights together (1)" },
		{ "set", "key=$0", "key: the account's own master key" },
		{ "set", "flags=require-memo unset=require-memo",
		    "flags and unset name the same flag" },
		{ "set", "flags=no-master unset=no-master", "flags and unset name the same flag" },
		{ "set", "key=$1 unset=key", "unset: clears what is given beside it" },
		{ "set", "signers=$1:1 quorum=1 unset=signers",
		    "unset: clears what is given beside it" },
	};
	char words[512];

	reset();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(words, sizeof words, "from=$0 fee=0.00001 seq=1 %s", cases[i].words);
		try_words(cases[i].kind, "0", JT_CODE_MALFORMED, cases[i].why, words);
	}
	try_zero_seq();
	try_words("pay",
	    "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 "
	    "28 29 30 31 32",
	    JT_CODE_MALFORMED, "sigs: 33, more than 32", "from=$0 to=$1 amount=5 fee=1 seq=1");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=1");
}

/* Bytes that are no transaction of this schema: the reader's message comes through. */
static void
test_unreadable(void)
{
	static const uint8_t not_map[] = { 0xc3 };
	uint8_t *big = calloc(1, JT_TX_MAX + 1);
	struct jt_buf o;

	network_need(big != NULL, "out of memory");
	reset();
	jt_buf_init(&o, JT_OBJECT_MAX);
	words_sign(&o, &jt_kind_pay, (struct jt_slice){ not_map, sizeof not_map }, "0");
	try_object(jt_buf_slice(&o), JT_CODE_MALFORMED, "expected a map, found a boolean",
	    "a body that is no map");
	jt_buf_clear(&o);
	words_sign(&o, &jt_kind_pay, (struct jt_slice){ big, JT_TX_MAX }, "0");
	snprintf((char *)big, 64, "%zu bytes, more than 65536", o.len);
	try_object(
	    jt_buf_slice(&o), JT_CODE_MALFORMED, (const char *)big, "too long a transaction");
	jt_buf_free(&o);
	free(big);
}

static void
test_network_and_signatures(void)
{
	struct jt_buf b;

	reset();
	jt_buf_init(&b, JT_OBJECT_MAX);
	words_tx(&b, other_network, "pay", "0", "from=$0 to=$1 amount=5 fee=0.00001 seq=1");
	try_object(jt_buf_slice(&b), JT_CODE_WRONG_NETWORK, "", "another network's");
	try_words("pay", "", JT_CODE_BAD_SIGNATURE, "not signed",
	    "from=$0 to=$1 amount=5 fee=0.00001 seq=1");
	jt_buf_clear(&b);
	words_tx(&b, terms.network, "pay", "0", "from=$0 to=$1 amount=5 fee=0.00001 seq=1");
	b.data[b.len - 1] ^= 1;
	try_object(
	    jt_buf_slice(&b), JT_CODE_BAD_SIGNATURE, NULL, "one bit of the signature flipped");
	ok(strncmp(why.text, "bad signature by key ", 21) == 0, "says whose");
	is_int(apply_object(jt_buf_slice(&b), true), JT_CODE_OK,
	    "when they were verified before, signatures are not looked at");
	/* The good copy now finds its number taken. */
	b.data[b.len - 1] ^= 1;
	try_object(jt_buf_slice(&b), JT_CODE_SEQ_USED, "seq: 1, the highest used is 1",
	    "the other copy");
	jt_buf_clear(&b);
	words_tx(&b, terms.network, "pay", "", "from=$0 to=$1 amount=5 fee=0.00001 seq=2");
	is_int(apply_object(jt_buf_slice(&b), true), JT_CODE_BAD_SIGNATURE,
	    "but one that has none is never verified");
	jt_buf_free(&b);
}

static void
test_time(void)
{
	char hex[2 * JT_HASH + 1];

	reset();
	pay("0", JT_CODE_TOO_LATE, "from=$0 to=$1 amount=5 fee=0.00001 seq=1 last=%d", NUMBER - 1);
	is_text(why.text, "last: 99, this is ledger 100", "it says where we are");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=1 last=%d", NUMBER);
	/* 1600000000000 is 2020-09-13T12:26:40Z. */
	pay("0", JT_CODE_TOO_LATE,
	    "from=$0 to=$1 amount=5 fee=0.00001 seq=2 until=2020-09-13T12:26:39.999Z");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=2 until=2020-09-13T12:26:40Z");
	jt_hex_format(old, JT_HASH, hex);
	pay("0", JT_CODE_NOT_AFTER, "from=$0 to=$1 amount=5 fee=0.00001 seq=3 after=%s", hex);
	is_text(why.text, "after: that ledger is more than an hour old", "old");
	hex[0] = 'f';
	pay("0", JT_CODE_NOT_AFTER, "from=$0 to=$1 amount=5 fee=0.00001 seq=3 after=%s", hex);
	is_text(why.text, "after: no such ledger", "unknown");
	jt_hex_format(hour, JT_HASH, hex);
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=3 after=%s", hex);
	jt_hex_format(young, JT_HASH, hex);
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=5 fee=0.00001 seq=4 after=%s", hex);
}

static void
test_seq(void)
{
	reset();
	pay("0", JT_CODE_SEQ_AHEAD, "from=$0 to=$1 amount=1 fee=0.00001 seq=65");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=64");
	pay("0", JT_CODE_SEQ_USED, "from=$0 to=$1 amount=1 fee=0.00001 seq=64");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=1");
	pay("0", JT_CODE_SEQ_USED, "from=$0 to=$1 amount=2 fee=0.00001 seq=1");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=66");
	pay("0", JT_CODE_SEQ_OLD, "from=$0 to=$1 amount=1 fee=0.00001 seq=2");
	is_text(why.text, "seq: 2, the highest used is 66", "old");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=3");
	pay("0", JT_CODE_SEQ_USED, "from=$0 to=$1 amount=1 fee=0.00001 seq=66");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=130");
	pay("0", JT_CODE_SEQ_OLD, "from=$0 to=$1 amount=1 fee=0.00001 seq=66");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=67");
	/* Gaps stay open: each number of the window once, in any order. */
	for (int s = 129; s > 67; s--) {
		char words[128];
		snprintf(words, sizeof words, "from=$0 to=$1 amount=0.1 fee=0.00001 seq=%d", s);
		if (!try_words("pay", "0", JT_CODE_OK, NULL, words))
			break;
	}
	for (int s = 67; s <= 130; s += 7)
		pay("0", JT_CODE_SEQ_USED, "from=$0 to=$1 amount=0.1 fee=0.00001 seq=%d", s);
	/* A failed one has taken its number, too. */
	pay("0", JT_CODE_UNFUNDED, "from=$0 to=$1 amount=1000 fee=0.00001 seq=131");
	pay("0", JT_CODE_SEQ_USED, "from=$0 to=$1 amount=0.1 fee=0.00001 seq=131");
	pay("0", JT_CODE_SEQ_AHEAD,
	    "from=$0 to=$1 amount=1 fee=0.00001 seq=9223372036854775807");
}

static void
test_fee(void)
{
	struct jt_account a;

	reset();
	try_words("pay", "0", JT_CODE_LOW_FEE, "fee: expected 0.00001 or more, found 0.000009",
	    "from=$0 to=$1 amount=1 fee=0.000009 seq=1");
	pay("0", JT_CODE_LOW_FEE, "from=$0 to=$1 amount=1 fee=0 seq=1");
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=1 signers=$1:1,$2:1 quorum=2 key=$3");
	try_words("pay", "1 2", JT_CODE_LOW_FEE, "fee: expected 0.00002 or more, found 0.000019",
	    "from=$0 to=$1 amount=1 fee=0.000019 seq=2");
	pay("1 2", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00002 seq=2");
	/* Surplus signatures are allowed, and paid for. */
	pay("0 1 2 3", JT_CODE_LOW_FEE, "from=$0 to=$1 amount=1 fee=0.000039 seq=3");
	pay("0 1 2 3", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00004 seq=3");
	a = account(0);
	a.balance = 19;
	apply.totals.coins -= balance(0) - 19;
	put(&a);
	pay("1 2", JT_CODE_NO_FEE, "from=$0 to=$1 amount=1 fee=0.00002 seq=4");
	pay("0", JT_CODE_UNFUNDED, "from=$0 to=$1 amount=1 fee=0.000019 seq=4");
	is_int(balance(0), 0, "the fee took all");
}

static void
test_regular_key(void)
{
	reset();
	pay("1", JT_CODE_NOT_AUTHORISED, "from=$0 to=$2 amount=1 fee=0.00001 seq=1");
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=1 key=$1");
	pay("1", JT_CODE_OK, "from=$0 to=$2 amount=1 fee=0.00001 seq=2");
	pay("0", JT_CODE_OK, "from=$0 to=$2 amount=1 fee=0.00001 seq=3");
	pay("0 1", JT_CODE_OK, "from=$0 to=$2 amount=1 fee=0.00002 seq=4");
	pay("0 2", JT_CODE_NOT_AUTHORISED, "from=$0 to=$2 amount=1 fee=0.00002 seq=5");
	/* A regular key does all that the master key does. */
	set("1", JT_CODE_OK, "from=$0 fee=0.00001 seq=5 key=$2");
	pay("1", JT_CODE_NOT_AUTHORISED, "from=$0 to=$2 amount=1 fee=0.00001 seq=6");
	pay("2", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=6");
	set("2", JT_CODE_OK, "from=$0 fee=0.00001 seq=7 unset=key");
	pay("2", JT_CODE_NOT_AUTHORISED, "from=$0 to=$1 amount=1 fee=0.00001 seq=8");
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=8 unset=key");
	/* The key of one account is no key of another. */
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=9 key=$1");
	pay("0", JT_CODE_NOT_AUTHORISED, "from=$1 to=$2 amount=1 fee=0.00001 seq=1");
}

static void
test_signers(void)
{
	reset();
	set("0", JT_CODE_OK,
	    "from=$0 fee=0.00001 seq=1 signers=$1:1,$2:1,$3:2,$20:3 quorum=3 flags=no-master");
	ok(account(0).objects == 1 && account(0).signers.count == 4, "a list is an object");
	try_words("pay", "1 2", JT_CODE_NO_QUORUM, "weight: 2, the quorum is 3",
	    "from=$0 to=$1 amount=1 fee=0.00002 seq=2");
	pay("1 3", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00002 seq=2");
	pay("20", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=3");
	pay("1 2 3 20", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00004 seq=4");
	pay("0", JT_CODE_NOT_AUTHORISED, "from=$0 to=$1 amount=1 fee=0.00001 seq=5");
	pay("0 20", JT_CODE_NOT_AUTHORISED, "from=$0 to=$1 amount=1 fee=0.00002 seq=5");
	pay("4 20", JT_CODE_NOT_AUTHORISED, "from=$0 to=$1 amount=1 fee=0.00002 seq=5");
	/* A new list in place of the old one, which is still one object. */
	set("20", JT_CODE_OK, "from=$0 fee=0.00001 seq=5 signers=$5:1 quorum=1");
	is_int(account(0).objects, 1, "still one object");
	pay("20", JT_CODE_NOT_AUTHORISED, "from=$0 to=$1 amount=1 fee=0.00001 seq=6");
	set("5", JT_CODE_NO_KEY_LEFT, "from=$0 fee=0.00001 seq=6 unset=signers");
	ok(account(0).signers.count == 1 && account(0).quorum == 1, "the list is still there");
	set("5", JT_CODE_OK, "from=$0 fee=0.00001 seq=7 unset=signers key=$4");
	ok(account(0).objects == 0 && account(0).quorum == 0, "gone");
	set("4", JT_CODE_NO_KEY_LEFT, "from=$0 fee=0.00001 seq=8 unset=key");
	set("4", JT_CODE_OK, "from=$0 fee=0.00001 seq=9 unset=key,no-master");
	set("0", JT_CODE_NO_KEY_LEFT, "from=$0 fee=0.00001 seq=10 flags=no-master");
	pay("0", JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00001 seq=11");
	/* One who is signer and regular key signs alone. */
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=12 signers=$1:1,$2:1 quorum=2 key=$1");
	pay("1", JT_CODE_OK, "from=$0 to=$2 amount=1 fee=0.00001 seq=13");
	pay("2", JT_CODE_NO_QUORUM, "from=$0 to=$1 amount=1 fee=0.00001 seq=14");
}

static void
test_list_limits(void)
{
	char words[4096] = "from=$0 fee=0.00001 seq=1 quorum=2097120 signers=";
	char keys[128] = "";

	reset();
	for (int i = 100; i < 132; i++) {
		snprintf(words + strlen(words), 32, "%s$%d:65535", i > 100 ? "," : "", i);
		snprintf(keys + strlen(keys), 8, "%s%d", i > 100 ? " " : "", i);
	}
	set("0", JT_CODE_OK, words);
	pay(keys, JT_CODE_OK, "from=$0 to=$1 amount=1 fee=0.00032 seq=2");
	keys[strlen(keys) - 4] = '\0';
	pay(keys, JT_CODE_NO_QUORUM, "from=$0 to=$1 amount=1 fee=0.00031 seq=3");
	/* The reserve for the list, to the unit. */
	set_balance(2, SWT + SWT / 5 + FEE - 1);
	set("2", JT_CODE_UNFUNDED, "from=$2 fee=0.00001 seq=1 signers=$1:1 quorum=1");
	is_text(why.text, "balance: 1.199999 after the fee, less 0, must leave the reserve 1.2",
	    "figures");
	is_int(account(2).signers.count, 0, "no list");
	set_balance(2, SWT + SWT / 5 + FEE);
	set("2", JT_CODE_OK, "from=$2 fee=0.00001 seq=2 signers=$1:1 quorum=1");
	is_int(balance(2), SWT + SWT / 5, "all that remains is reserve");
	set_balance(2, balance(2) + FEE);
	pay("2", JT_CODE_UNFUNDED, "from=$2 to=$1 amount=0.000001 fee=0.00001 seq=3");
	set_balance(2, balance(2) + FEE + 1);
	pay("2", JT_CODE_OK, "from=$2 to=$1 amount=0.000001 fee=0.00001 seq=4");
	/* Below the reserve a list may still be changed, and given up. */
	set("2", JT_CODE_OK, "from=$2 fee=0.00001 seq=5 signers=$1:2,$3:1 quorum=3");
	set("2", JT_CODE_OK, "from=$2 fee=0.00001 seq=6 unset=signers");
	pay("2", JT_CODE_OK, "from=$2 to=$1 amount=0.1 fee=0.00001 seq=7");
}

static void
test_fixed(void)
{
	reset();
	set("0", JT_CODE_OK,
	    "from=$0 fee=0.00001 seq=1 flags=no-new-signers,require-memo key=$1");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=2 key=$2");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=3 unset=key");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=4 signers=$2:1 quorum=1");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=5 unset=signers");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=6 flags=no-master");
	set("0", JT_CODE_SIGNERS_FIXED, "from=$0 fee=0.00001 seq=7 unset=no-master,require-memo");
	is_int(account(0).flags, JT_FLAG_NO_NEW_SIGNERS | JT_FLAG_REQUIRE_MEMO, "as it was");
	set("1", JT_CODE_OK, "from=$0 fee=0.00001 seq=8 unset=require-memo flags=refuse-unasked");
	is_int(account(0).flags, JT_FLAG_NO_NEW_SIGNERS | JT_FLAG_REFUSE_UNASKED,
	    "the rest may change");
	set("1", JT_CODE_OK, "from=$0 fee=0.00001 seq=9 flags=no-new-signers");
	set("1", JT_CODE_UNKNOWN_ASSET, "from=$0 fee=0.00001 seq=10 holds=CNY.2/$3");
	set("1", JT_CODE_UNKNOWN_ASSET, "from=$0 fee=0.00001 seq=11 holds=SWT flags=require-memo");
}

/* Whoever has a regular key, or was made a signer with it, cannot shut the owner out. */
static void
test_master(void)
{
	reset();
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=1 key=$1 signers=$2:1,$3:1 quorum=2");
	set("1", JT_CODE_NEEDS_MASTER, "from=$0 fee=0.00001 seq=2 flags=no-master");
	set("1", JT_CODE_NEEDS_MASTER, "from=$0 fee=0.00001 seq=3 flags=no-new-signers");
	set("2 3", JT_CODE_NEEDS_MASTER, "from=$0 fee=0.00002 seq=4 flags=no-master,require-memo");
	set("1 2 3", JT_CODE_NEEDS_MASTER, "from=$0 fee=0.00003 seq=5 flags=no-new-signers");
	is_int(account(0).flags, 0, "no flag was set");
	set("1", JT_CODE_OK, "from=$0 fee=0.00001 seq=6 flags=require-memo signers=$4:1 quorum=1");
	set("0 1", JT_CODE_OK, "from=$0 fee=0.00002 seq=7 flags=no-master");
	/* Without the master key the one flag may be cleared, and the other not be set. */
	set("4", JT_CODE_OK, "from=$0 fee=0.00001 seq=8 flags=no-master");
	set("4", JT_CODE_NEEDS_MASTER, "from=$0 fee=0.00001 seq=9 flags=no-new-signers");
	set("4", JT_CODE_OK, "from=$0 fee=0.00001 seq=10 unset=no-master");
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=11 flags=no-master,no-new-signers");
}

/*
 * A transaction with every fault at once; each step mends the one that was
 * found, and the next in the table's order comes to light.
 */
static void
test_order(void)
{
	static const char faults[] =
	    "from=$%s to=$%s amount=%s fee=%s seq=%s last=%s after=%s";
	char stale[2 * JT_HASH + 1], fresh[2 * JT_HASH + 1], words[1024];
	const char *from = "40", *to = "40", *amount = "1000", *fee = "0", *seq = "500";
	const char *last = "1", *after = stale, *signers = "1";
	struct jt_account a;
	struct jt_buf b;

	reset();
	a = account(0);
	a.balance = FEE - 1;
	apply.totals.coins -= 100 * SWT - a.balance;
	put(&a);
	set("5", JT_CODE_OK, "from=$5 fee=0.00001 seq=1 signers=$1:1,$2:1 quorum=2");
	jt_hex_format(old, JT_HASH, stale);
	jt_hex_format(young, JT_HASH, fresh);
	jt_buf_init(&b, JT_OBJECT_MAX);
#define STEP(network_, code_, flip_, what_) do { \
	snprintf(words, sizeof words, faults, from, to, amount, fee, seq, last, after); \
	jt_buf_clear(&b); \
	words_tx(&b, network_, "pay", signers, "%s", words); \
	b.data[b.len - 1] ^= (flip_); \
	try_object(jt_buf_slice(&b), code_, NULL, what_); \
} while (0)
	STEP(other_network, JT_CODE_MALFORMED, 1, "to itself, and all else is wrong too");
	to = "1";
	STEP(other_network, JT_CODE_WRONG_NETWORK, 1, "then the network");
	STEP(terms.network, JT_CODE_BAD_SIGNATURE, 1, "then signatures");
	STEP(terms.network, JT_CODE_TOO_LATE, 0, "then last and until");
	last = "0";
	STEP(terms.network, JT_CODE_NOT_AFTER, 0, "then after");
	after = fresh;
	STEP(terms.network, JT_CODE_NO_ACCOUNT, 0, "then the sender");
	from = "5";
	STEP(terms.network, JT_CODE_SEQ_AHEAD, 0, "then seq");
	seq = "2";
	signers = "3";
	STEP(terms.network, JT_CODE_NOT_AUTHORISED, 0, "then who signs");
	signers = "1";
	STEP(terms.network, JT_CODE_NO_QUORUM, 0, "then how many");
	signers = "1 2";
	STEP(terms.network, JT_CODE_LOW_FEE, 0, "then the fee");
	fee = "200";
	STEP(terms.network, JT_CODE_NO_FEE, 0, "then whether the fee is there");
	fee = "1";
	STEP(terms.network, JT_CODE_UNFUNDED, 0, "and only then what it does");
#undef STEP
	jt_buf_free(&b);
}

static void
test_terms(void)
{
	struct jt_terms hard = terms;
	struct jt_account a = { .objects = 3 };

	is_int(jt_apply_reserve(&terms, &a), SWT + 3 * (SWT / 5), "a reserve for three objects");
	hard.object = UINT64_C(1) << 63;
	ok(jt_apply_reserve(&hard, &a) == UINT64_MAX, "too much to count is too much to have");
	hard.object = 0;
	hard.reserve = JT_UINT_MAX;
	is_int(jt_apply_reserve(&hard, &a), JT_UINT_MAX, "the greatest reserve");
	reset();
	hard = terms;
	hard.fee = JT_UINT_MAX;
	apply.terms = &hard;
	pay("0", JT_CODE_LOW_FEE, "from=$0 to=$1 amount=1 fee=1 seq=1");
	set("0", JT_CODE_NO_FEE, "from=$0 fee=9223372036854.775807 seq=1 key=$1");
	hard.fee = FEE;
	set("0", JT_CODE_OK, "from=$0 fee=0.00001 seq=1 key=$1");
	hard.fee = JT_UINT_MAX;
	pay("0 1", JT_CODE_LOW_FEE, "from=$0 to=$1 amount=1 fee=9223372036854.775807 seq=2");
	pay("0", JT_CODE_NO_FEE, "from=$0 to=$1 amount=1 fee=9223372036854.775807 seq=2");
}

int
main(void)
{
	state = jt_overlay_new(fetch, NULL);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	kept = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	network_need(state != NULL && zone != NULL && kept != NULL, "out of memory");
	test_pay();
	test_create();
	test_receiver();
	test_malformed();
	test_unreadable();
	test_network_and_signatures();
	test_time();
	test_seq();
	test_fee();
	test_regular_key();
	test_signers();
	test_list_limits();
	test_fixed();
	test_master();
	test_order();
	test_terms();
	/* Those of records are met in records.c. */
	for (int i = 0; i < JT_CODES; i++)
		if (i != JT_CODE_BAD_STAMP && i != JT_CODE_OVER_RATE)
			ok(seen[i], "%s was met", jt_code_words[i]);
	jt_overlay_free(state);
	msgpack_zone_free(zone);
	msgpack_zone_free(kept);
	return done_testing();
}
