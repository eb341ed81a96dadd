/* Addresses and seeds: base58 with a checksum, in Jingtum's alphabet. See address.h. */
#include "crypto/address.h"

#include <assert.h>
#include <nettle/ripemd160.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <string.h>

enum {
	CHECK = 4,                         /* bytes of checksum */
	BYTES_MAX = 3 + JT_ACCOUNT + CHECK, /* of a version, the longest value, and its check */
	TEXT_MAX = JT_ADDRESS_TEXT - 1
};

/* What comes before the value, and how long the value is. */
struct form {
	uint8_t version[3];
	size_t version_len;
	size_t len;
};

static const struct form address_form = { { 0x00 }, 1, JT_ACCOUNT };
static const struct form seed_form = { { 0x01, 0xe1, 0x4b }, 3, JT_SEED };

static const char alphabet[] = "jpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65rkm8oFqi1tuvAxyz";

static_assert(sizeof alphabet == 58 + 1, "base58 has 58 letters");
static_assert(JT_SEED_TEXT <= JT_ADDRESS_TEXT, "TEXT_MAX holds a seed as well");

void
jt_account_of_key(uint8_t account[JT_ACCOUNT], const uint8_t key[32])
{
	static const uint8_t ed25519 = 0xed;
	struct sha256_ctx sha;
	struct ripemd160_ctx ripemd;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, 1, &ed25519);
	sha256_update(&sha, 32, key);
	sha256_digest(&sha, sizeof digest, digest);
	ripemd160_init(&ripemd);
	ripemd160_update(&ripemd, sizeof digest, digest);
	ripemd160_digest(&ripemd, JT_ACCOUNT, account);
}

/* The first bytes of SHA-256(SHA-256(bytes)). What was hashed may be a seed: wipe. */
static void
checksum(uint8_t out[CHECK], const uint8_t *bytes, size_t len)
{
	struct sha256_ctx sha;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, len, bytes);
	sha256_digest(&sha, sizeof digest, digest);
	sha256_update(&sha, sizeof digest, digest);
	sha256_digest(&sha, sizeof digest, digest);
	memcpy(out, digest, CHECK);
	sodium_memzero(&sha, sizeof sha);
	sodium_memzero(digest, sizeof digest);
}

/*
 * Big-endian bytes as base58: each leading zero byte is one leading 'j' (the
 * letter of zero), the rest is one number without leading zeros.
 */
static void
base58_write(const uint8_t *bytes, size_t len, char *out)
{
	uint8_t digits[TEXT_MAX] = { 0 }; /* of the number, the least first */
	size_t count = 0, zeros = 0;

	while (zeros < len && bytes[zeros] == 0)
		zeros++;
	for (size_t i = zeros; i < len; i++) {
		unsigned carry = bytes[i];
		for (size_t k = 0; k < count || carry != 0; k++) {
			assert(k < sizeof digits);
			carry += digits[k] * 256U;
			digits[k] = (uint8_t)(carry % 58);
			carry /= 58;
			count = k < count ? count : k + 1;
		}
	}
	assert(zeros + count <= TEXT_MAX);
	memset(out, alphabet[0], zeros);
	for (size_t k = 0; k < count; k++)
		out[zeros + k] = alphabet[digits[count - 1 - k]];
	out[zeros + count] = '\0';
	sodium_memzero(digits, sizeof digits);
}

/*
 * The reverse, for exactly len bytes. There is one text for each value: as
 * many leading letters of zero as leading zero bytes, no more and no fewer.
 */
static bool
base58_read(struct jt_slice text, uint8_t *bytes, size_t len)
{
	size_t letters = 0, zeros = 0;

	memset(bytes, 0, len);
	while (letters < text.len && text.data[letters] == (uint8_t)alphabet[0])
		letters++;
	for (size_t i = letters; i < text.len; i++) {
		const char *letter = memchr(alphabet, text.data[i], sizeof alphabet - 1);
		unsigned carry;
		if (letter == NULL)
			return false;
		carry = (unsigned)(letter - alphabet);
		for (size_t k = len; k > 0; k--) {
			carry += bytes[k - 1] * 58U;
			bytes[k - 1] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	while (zeros < len && bytes[zeros] == 0)
		zeros++;
	return zeros == letters;
}

static void
form_write(const struct form *f, const uint8_t *value, char *out)
{
	uint8_t bytes[BYTES_MAX];
	size_t len = f->version_len + f->len;

	memcpy(bytes, f->version, f->version_len);
	memcpy(bytes + f->version_len, value, f->len);
	checksum(bytes + len, bytes, len);
	base58_write(bytes, len + CHECK, out);
	sodium_memzero(bytes, sizeof bytes);
}

static bool
form_read(const struct form *f, struct jt_slice text, uint8_t *value)
{
	uint8_t bytes[BYTES_MAX], check[CHECK];
	size_t len = f->version_len + f->len;
	bool good = false;

	if (text.len <= TEXT_MAX && base58_read(text, bytes, len + CHECK)) {
		checksum(check, bytes, len);
		good = memcmp(bytes, f->version, f->version_len) == 0 &&
		    memcmp(bytes + len, check, CHECK) == 0;
	}
	if (good)
		memcpy(value, bytes + f->version_len, f->len);
	sodium_memzero(bytes, sizeof bytes);
	return good;
}

void
jt_address_format(const uint8_t account[JT_ACCOUNT], char out[JT_ADDRESS_TEXT])
{
	form_write(&address_form, account, out);
}

bool
jt_address_parse(struct jt_slice text, uint8_t account[JT_ACCOUNT])
{
	return form_read(&address_form, text, account);
}

void
jt_seed_format(const uint8_t seed[JT_SEED], char out[JT_SEED_TEXT])
{
	form_write(&seed_form, seed, out);
}

bool
jt_seed_parse(struct jt_slice text, uint8_t seed[JT_SEED])
{
	return form_read(&seed_form, text, seed);
}
