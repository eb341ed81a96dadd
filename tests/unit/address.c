/* Addresses and seeds: the network's own vector, round trips, and what is refused. */
#include "crypto/address.h"

#include "crypto/sign.h"

#include "random.h"
#include "tap.h"

static const char seed_text[] = "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j";
static const char address_text[] = "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD";
static const char letters[] = "jpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65rkm8oFqi1tuvAxyz";

static bool
is_address(const char *text)
{
	uint8_t account[JT_ACCOUNT];

	return jt_address_parse(jt_slice_text(text), account);
}

static bool
is_seed(const char *text)
{
	uint8_t seed[JT_SEED];

	return jt_seed_parse(jt_slice_text(text), seed);
}

static void
test_vector(void)
{
	uint8_t seed[JT_SEED], secret32[32], key[JT_KEY], secret[JT_SECRET];
	uint8_t account[JT_ACCOUNT], again[JT_ACCOUNT];
	char text[JT_ADDRESS_TEXT];

	ok(jt_seed_parse(jt_slice_text(seed_text), seed), "the vector's seed is read");
	jt_seed_format(seed, text);
	is_text(text, seed_text, "and written again");
	jt_sign_expand_seed(secret32, seed);
	jt_sign_keypair(key, secret, secret32);
	jt_account_of_key(account, key);
	jt_address_format(account, text);
	is_text(text, address_text, "seed to address, as the Jingtum network has it");
	ok(jt_address_parse(jt_slice_text(text), again), "the vector's address is read");
	is_bytes(again, account, JT_ACCOUNT, "and is the same account");
}

/* Every zero byte that leads is one 'j' more. */
static void
test_zeros(void)
{
	uint8_t account[JT_ACCOUNT], again[JT_ACCOUNT];
	char text[JT_ADDRESS_TEXT + 1];

	for (size_t zeros = 0; zeros <= JT_ACCOUNT; zeros++) {
		memset(account, 0, zeros);
		memset(account + zeros, 0xff, JT_ACCOUNT - zeros);
		jt_address_format(account, text);
		is_int(strspn(text, "j"), zeros + 1, "%zu zero bytes: %s", zeros, text);
		ok(jt_address_parse(jt_slice_text(text), again) &&
		    memcmp(again, account, JT_ACCOUNT) == 0, "and back");
		ok(!is_address(text + 1), "one j fewer is refused");
		memmove(text + 1, text, strlen(text) + 1);
		ok(!is_address(text), "one j more is refused");
	}
}

static void
test_random(void)
{
	int bad_account = 0, bad_seed = 0, bad_start = 0, longest = 0;

	for (int i = 0; i < 2000; i++) {
		uint8_t account[JT_ACCOUNT], seed[JT_SEED], again[JT_ACCOUNT];
		char text[JT_ADDRESS_TEXT];
		random_bytes(account, sizeof account);
		memset(account, 0, random_below(4));
		jt_address_format(account, text);
		longest = (int)strlen(text) > longest ? (int)strlen(text) : longest;
		bad_account += !jt_address_parse(jt_slice_text(text), again) ||
		    memcmp(again, account, JT_ACCOUNT) != 0;
		bad_start += text[0] != 'j';
		random_bytes(seed, sizeof seed);
		jt_seed_format(seed, text);
		longest = (int)strlen(text) > longest ? (int)strlen(text) : longest;
		bad_seed += !jt_seed_parse(jt_slice_text(text), again) ||
		    memcmp(again, seed, JT_SEED) != 0;
		bad_start += strncmp(text, "sEd", 3) != 0;
	}
	is_int(bad_account, 0, "2000 random accounts there and back");
	is_int(bad_seed, 0, "2000 random seeds there and back");
	is_int(bad_start, 0, "they begin with j, with sEd");
	ok(longest < JT_ADDRESS_TEXT && longest < JT_SEED_TEXT, "the longest has %d letters",
	    longest);
}

/* Any one letter changed to any other, dropped or doubled: the checksum tells. */
static void
test_typing_errors(const char *good, bool (*is)(const char *))
{
	size_t len = strlen(good);
	int taken = 0;
	char text[JT_ADDRESS_TEXT + 1];

	for (size_t i = 0; i < len; i++) {
		for (const char *c = letters; *c != '\0'; c++) {
			memcpy(text, good, len + 1);
			text[i] = *c;
			taken += *c != good[i] && is(text);
		}
		memcpy(text, good, len + 1);
		memmove(text + i, text + i + 1, len - i);
		taken += is(text);
		memcpy(text, good, i);
		memcpy(text + i, good + (i ? i - 1 : 0), len - i + (i ? 2 : 1));
		if (i > 0)
			taken += is(text);
	}
	is_int(taken, 0, "%s: no letter changed, dropped or doubled is taken", good);
}

/* base58 by division, which is not how the library does it. */
static void
by_hand(uint8_t *bytes, size_t total, char *out)
{
	char digits[96];
	size_t count = 0, zeros = 0;

	while (zeros < total && bytes[zeros] == 0)
		zeros++;
	memset(out, letters[0], zeros);
	out += zeros;
	for (bool more = true; more;) {
		unsigned rest = 0;
		more = false;
		for (size_t i = 0; i < total; i++) {
			rest = rest * 256 + bytes[i];
			bytes[i] = (uint8_t)(rest / 58);
			rest %= 58;
			more = more || bytes[i] != 0;
		}
		digits[count++] = letters[rest];
	}
	while (count > 0)
		*out++ = digits[--count];
	*out = '\0';
}

/* len bytes with a version of our choice, their right checksum, and `before` in front. */
static void
with_version(const char *before, const char *version, size_t version_len, size_t len,
    char *out)
{
	uint8_t bytes[64] = { 0 }, digest[32];
	size_t start = strlen(before), total = version_len + len;

	memcpy(bytes, before, start);
	memcpy(bytes + start, version, version_len);
	memset(bytes + start + version_len, 0x5a, len);
	crypto_hash_sha256(digest, bytes + start, total);
	crypto_hash_sha256(digest, digest, sizeof digest);
	memcpy(bytes + start + total, digest, 4);
	by_hand(bytes, start + total + 4, out);
}

static void
test_forms(void)
{
	char text[128];

	with_version("", "\x00", 1, JT_ACCOUNT, text);
	ok(is_address(text), "by hand: version 00 over 20 bytes is an address: %s", text);
	with_version("", "\x01\xe1\x4b", 3, JT_SEED, text);
	ok(is_seed(text), "by hand: version 01 E1 4B over 16 bytes is a seed: %s", text);
	with_version("", "\x01", 1, JT_ACCOUNT, text);
	ok(!is_address(text), "another version is refused");
	with_version("", "\x00", 1, JT_ACCOUNT - 1, text);
	ok(!is_address(text), "19 bytes are refused");
	with_version("", "\x00", 1, JT_ACCOUNT + 1, text);
	ok(!is_address(text), "21 bytes are refused");
	with_version("", "\x21", 1, JT_SEED, text);
	ok(!is_seed(text), "the seed of a secp256k1 account is refused: %s", text);
	with_version("", "\x01\xe1\x4a", 3, JT_SEED, text);
	ok(!is_seed(text), "another version of seed is refused");
	with_version("", "\x01\xe1\x4b", 3, JT_SEED + 1, text);
	ok(!is_seed(text), "a seed of 17 bytes is refused");
	with_version("\x01", "\x01\xe1\x4b", 3, JT_SEED, text);
	ok(!is_seed(text), "a seed plus 2 to the 184th is refused: %s", text);
	with_version("\x01", "\x00", 1, JT_ACCOUNT, text);
	ok(!is_address(text), "an address plus 2 to the 200th is refused: %s", text);
	ok(!is_seed(address_text), "an address is not a seed");
	ok(!is_address(seed_text), "a seed is not an address");
}

static void
test_refused(void)
{
	static const char *const bad[] = {
		"", "j", "jjjj", "0LUEXYuLiQptky37CqLcm9USQpPiz5jkpD",
		"rLUEXYuLiQptky37CqLcm9USQpPiz5jkpD", "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpI",
		"jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD ", " jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD",
		"jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD\n", "JLUEXYuLiQptky37CqLcm9USQpPiz5jkpD",
		"jLUEXYuLiQptky37CqLcm9USQpPiz5jkp\xff", "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj",
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
	};
	uint8_t account[JT_ACCOUNT] = "untouched", *big;
	struct jt_slice text = { (const uint8_t *)address_text, sizeof address_text };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!is_address(bad[i]) && !is_seed(bad[i]), "refused: \"%s\"", bad[i]);
	ok(!jt_address_parse(text, account), "a zero byte after the address is refused");
	text = (struct jt_slice){ NULL, 0 };
	ok(!jt_address_parse(text, account), "nothing is refused");
	big = malloc(1 << 20);
	if (big == NULL)
		abort();
	memset(big, 'j', 1 << 20);
	text = (struct jt_slice){ big, 1 << 20 };
	ok(!jt_address_parse(text, account), "a million letters are refused");
	memset(big, 'z', 1 << 20);
	ok(!jt_address_parse(text, account) && !jt_seed_parse(text, account),
	    "also without a leading zero");
	free(big);
	is_text((char *)account, "untouched", "a refusal leaves the account as it was");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_vector();
	test_zeros();
	test_random();
	test_typing_errors(address_text, is_address);
	test_typing_errors(seed_text, is_seed);
	test_forms();
	test_refused();
	return done_testing();
}
