/* Accounts: their bytes, their keys in the state, and the window of numbers. */
#include "state/account.h"

#include <stdlib.h>

#include "random.h"
#include "tap.h"

static struct jt_error error;
static msgpack_zone zone;

static void
is_hex(const uint8_t *bytes, size_t len, const char *want, const char *what)
{
	char text[512];

	sodium_bin2hex(text, sizeof text, bytes, len);
	is_text(text, want, "%s", what);
}

static struct jt_account
full_account(struct jt_signer signers[JT_SIGNERS_MAX])
{
	struct jt_account a = {
		.balance = 1, .flags = 15, .objects = 3, .quorum = 5, .seq = 70, .used = 6,
		.signers = { signers, JT_SIGNERS_MAX },
	};

	memset(a.account, 0x11, sizeof a.account);
	memset(a.key, 0x22, sizeof a.key);
	memset(signers, 0, JT_SIGNERS_MAX * sizeof *signers);
	for (uint32_t i = 0; i < JT_SIGNERS_MAX; i++) {
		memset(signers[i].account, (int)i, JT_ACCOUNT);
		signers[i].weight = 65535 - i;
	}
	return a;
}

static void
test_bytes(void)
{
	uint8_t room[4096];
	struct jt_buf b = { .data = room, .cap = sizeof room, .max = sizeof room };
	struct jt_account a = { .balance = 12500000 }, c;
	struct jt_signer signers[JT_SIGNERS_MAX];

	memset(a.account, 0x11, sizeof a.account);
	is_int(jt_account_encode(&a, &b, &error), JT_OK, "a new account");
	is_hex(b.data, b.len,
	    "93aa6a742f6163636f756e7401c42c"
	    "82a76163636f756e74c4141111111111111111111111111111111111111111"
	    "a762616c616e6365ce00bebc20", "has these bytes");
	is_int(jt_account_decode(jt_buf_slice(&b), &c, &zone, &error), JT_OK, "which are read");
	ok(memcmp(a.account, c.account, JT_ACCOUNT) == 0 && c.balance == a.balance &&
	    c.flags == 0 && c.seq == 0 && c.used == 0 && c.quorum == 0 && c.objects == 0 &&
	    c.signers.count == 0, "back");

	a = full_account(signers);
	jt_buf_clear(&b);
	is_int(jt_account_encode(&a, &b, &error), JT_OK, "one with all there is");
	is_int(jt_account_decode(jt_buf_slice(&b), &c, &zone, &error), JT_OK, "is read");
	ok(c.flags == 15 && c.objects == 3 && c.quorum == 5 && c.seq == 70 && c.used == 6 &&
	    memcmp(a.key, c.key, JT_ACCOUNT) == 0 && c.signers.count == JT_SIGNERS_MAX &&
	    memcmp(c.signers.items, signers, sizeof signers) == 0, "back");
	for (uint64_t flag = 1; flag <= 8; flag *= 2) {
		static const char *const names[] = { "no-master", "no-new-signers",
			"refuse-unasked", "require-memo" };
		size_t i = flag == 8 ? 3 : flag / 2;

		is_text(jt_account_flag_words[i], names[i], "flag %u", (unsigned)flag);
	}
}

static void
refuse(const struct jt_account *a, const char *text)
{
	uint8_t room[4096];
	struct jt_buf b = { .data = room, .cap = sizeof room, .max = sizeof room };

	is_int(jt_account_encode(a, &b, &error), JT_MALFORMED, "not written");
	is_text(error.text, text, "says why");
}

static void
test_refused(void)
{
	uint8_t room[4096];
	struct jt_buf b = { .data = room, .cap = sizeof room, .max = sizeof room };
	struct jt_signer signers[JT_SIGNERS_MAX + 1];
	struct jt_account a = full_account(signers), c;

	signers[1].weight = 0;
	refuse(&a, "signers: element 2: weight: expected at least 1, found 0");
	signers[1].weight = 65536;
	refuse(&a, "signers: element 2: weight: 65536 is more than 65535");
	signers[1].weight = 1;
	memset(signers[1].account, 0xff, JT_ACCOUNT);
	refuse(&a, "signers: element 3: not in strictly ascending order");
	a = full_account(signers);
	signers[32] = signers[31];
	signers[32].account[0]++;
	a.signers.count = 33;
	refuse(&a, "signers: 33 elements, more than 32");
	a.signers.count = 0;
	a.seq = 3;
	refuse(&a, "used: speaks of numbers below 1");
	a.used = 3;
	is_int(jt_account_encode(&a, &b, &error), JT_OK, "3 used, and all below");
	a.seq = 0;
	a.used = 1;
	refuse(&a, "used: speaks of numbers below 1");

	/* The last byte is the number `used`: 3. */
	b.data[b.len - 1] = 7;
	is_int(jt_account_decode(jt_buf_slice(&b), &c, &zone, &error), JT_MALFORMED,
	    "the same is not read");
	is_text(error.text, "used: speaks of numbers below 1", "says why");
	b.data[b.len - 1] = 3;
	b.data[5] = 'k';
	b.data[6] = 'a';
	is_int(jt_account_decode(jt_buf_slice(&b), &c, &zone, &error), JT_MALFORMED,
	    "nor another kind");
	is_text(error.text, "expected jt/account, found jt/kacount", "says why");
	b.data[5] = 'a';
	b.data[6] = 'c';
	b.data[12] = 2;
	is_int(jt_account_decode(jt_buf_slice(&b), &c, &zone, &error), JT_MALFORMED,
	    "nor another version");
	is_text(error.text, "jt/account: expected version 1, found 2", "says why");
}

/* Values computed by another program from the description in account.h. */
static void
test_keys(void)
{
	uint8_t account[JT_ACCOUNT], key[JT_HASH], other[JT_HASH];

	memset(account, 0x11, sizeof account);
	jt_state_key(key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	is_hex(key, sizeof key,
	    "bdfedaece9508528a05be36e53c13ff137cba94c6749d6edbd5931818f3f569a",
	    "the account's key");
	jt_state_key(other, account, 7, jt_slice_text("abc"));
	is_hex(other, sizeof other,
	    "bdfedaece9506d13e7d51b2227fdfcd9450012eb98b82d56d97ec95acb0a6ca2",
	    "another entry's key");
}

/* The window said once more, as a set of all numbers that were taken. */
enum { NUMBERS = 1000 };

static enum jt_seq
plain_look(const bool *taken, uint64_t high, uint64_t s)
{
	if (s + 64 <= high || s == 0)
		return JT_SEQ_OLD;
	if (s > high + 64)
		return JT_SEQ_AHEAD;
	return taken[s] ? JT_SEQ_USED : JT_SEQ_FREE;
}

static bool
agree(const struct jt_account *a, const bool *taken, uint64_t high)
{
	uint64_t lowest = 1;

	if (a->seq != high)
		return false;
	for (uint64_t s = 0; s < high + 200; s++)
		if (jt_seq_look(a, s) != plain_look(taken, high, s))
			return false;
	for (uint64_t after = 0; after < high + 200; after++) {
		lowest = after + 1;
		while (lowest <= high && plain_look(taken, high, lowest) != JT_SEQ_FREE)
			lowest++;
		if (jt_seq_lowest(a, after) != lowest)
			return false;
	}
	return true;
}

static void
test_window(void)
{
	bool good = true;

	for (int round = 0; round < 40 && good; round++) {
		bool taken[NUMBERS + 300] = { false };
		struct jt_account a = { .seq = 0 };
		uint64_t high = 0;

		if (round % 2) {
			high = random_below(130);
			jt_seq_start(&a, high);
			memset(taken, true, high + 1);
		}
		good = agree(&a, taken, high);
		for (int i = 0; i < 60 && high < NUMBERS && good; i++) {
			uint64_t s;

			do
				s = high < 64 ? random_below(high + 65)
				    : high - 63 + random_below(128);
			while (plain_look(taken, high, s) != JT_SEQ_FREE);
			if (random_below(3) == 0)
				s = jt_seq_lowest(&a, 0);
			jt_seq_take(&a, s);
			taken[s] = true;
			high = s > high ? s : high;
			good = agree(&a, taken, high) && a.used <= JT_UINT_MAX;
		}
	}
	ok(good, "the window is that of a plain set of numbers");
}

static void
test_window_edges(void)
{
	struct jt_account a = { .seq = 0 };
	uint8_t room[256];
	struct jt_buf b = { .data = room, .cap = sizeof room, .max = sizeof room };

	is_int(jt_seq_look(&a, 0), JT_SEQ_OLD, "there is no number 0");
	is_int(jt_seq_look(&a, 64), JT_SEQ_FREE, "64 is free at first");
	is_int(jt_seq_look(&a, 65), JT_SEQ_AHEAD, "65 is ahead");
	jt_seq_take(&a, 64);
	is_int(a.used, 0, "64 taken: none below");
	is_int(jt_seq_look(&a, 1), JT_SEQ_FREE, "1 is free still");
	jt_seq_take(&a, 1);
	is_int(a.used, INT64_C(1) << 62, "and taken");
	jt_seq_take(&a, 65);
	is_int(a.used, 1, "65 taken: 1 is out of the window");
	is_int(jt_seq_look(&a, 1), JT_SEQ_OLD, "and old");
	is_int(jt_account_encode(&a, &b, &error), JT_OK, "can be written");
	jt_seq_start(&a, JT_UINT_MAX);
	is_int(jt_seq_lowest(&a, 0), 0, "at the end of the numbers there is none");
	is_int(jt_seq_lowest(&a, JT_UINT_MAX), 0, "nor after it");
	jt_seq_start(&a, JT_UINT_MAX - 1);
	is_int(jt_seq_lowest(&a, 0), (int64_t)JT_UINT_MAX, "one before it, one");
	jt_seq_take(&a, JT_UINT_MAX);
	is_int(a.used, (int64_t)JT_UINT_MAX, "taken: all in the window");
	jt_buf_clear(&b);
	is_int(jt_account_encode(&a, &b, &error), JT_OK, "can be written");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	msgpack_zone_init(&zone, 4096);
	test_bytes();
	test_refused();
	test_keys();
	test_window();
	test_window_edges();
	msgpack_zone_destroy(&zone);
	return done_testing();
}
