/*
 * Signatures: RFC 8032's keys, round trips, and the forgeries that lenient
 * verifiers take. The hostile ones are made so that the verification equation
 * holds, and their refusal is due to the rule that they break.
 */
#include "crypto/sign.h"

#include "base/text.h"

#include "random.h"
#include "tap.h"

enum { POINT = crypto_core_ed25519_BYTES, SCALAR = crypto_core_ed25519_SCALARBYTES };

/* The points of small order, in every encoding that is 32 bytes: the last six are not canonical. */
static const char *const small_order[] = {
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};
enum { SMALL = sizeof small_order / sizeof small_order[0], CANONICAL = 8, IDENTITY = 0 };

/* L, the order of the base point, little-endian. */
static const char order[] = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

static void
hex(const char *text, uint8_t *out, size_t len)
{
	if (!jt_hex_parse(jt_slice_text(text), out, len))
		abort();
}

/* What is signed: "jt/sig/1" 0x00 id. */
static void
message(uint8_t out[9 + JT_HASH], const uint8_t id[JT_HASH])
{
	memcpy(out, "jt/sig/1", 9);
	memcpy(out + 9, id, JT_HASH);
}

/* h = SHA-512(R || A || message) mod L. */
static void
challenge(uint8_t h[SCALAR], const uint8_t r[POINT], const uint8_t key[JT_KEY],
    const uint8_t id[JT_HASH])
{
	uint8_t bytes[9 + JT_HASH], wide[64];
	crypto_hash_sha512_state state;

	message(bytes, id);
	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, r, POINT);
	crypto_hash_sha512_update(&state, key, JT_KEY);
	crypto_hash_sha512_update(&state, bytes, sizeof bytes);
	crypto_hash_sha512_final(&state, wide);
	crypto_core_ed25519_scalar_reduce(h, wide);
}

/* The secret scalar of a key, mod L. */
static void
scalar_of(uint8_t a[SCALAR], const uint8_t seed[32])
{
	uint8_t wide[64];

	crypto_hash_sha512(wide, seed, 32);
	wide[0] &= 0xf8;
	wide[31] = (uint8_t)((wide[31] & 0x7f) | 0x40);
	memset(wide + 32, 0, 32);
	crypto_core_ed25519_scalar_reduce(a, wide);
}

static void
test_rfc8032(void)
{
	/* Section 7.1, tests 1 to 3: secret key, public key. */
	static const char *const pairs[][2] = {
		{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" },
		{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c" },
		{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025" },
	};
	uint8_t seed[32], want[32], key[JT_KEY], secret[JT_SECRET];

	for (size_t i = 0; i < 3; i++) {
		hex(pairs[i][0], seed, sizeof seed);
		hex(pairs[i][1], want, sizeof want);
		jt_sign_keypair(key, secret, seed);
		is_bytes(key, want, JT_KEY, "RFC 8032, 7.1, test %zu: public key", i + 1);
		ok(memcmp(secret, seed, 32) == 0 && memcmp(secret + 32, want, 32) == 0,
		    "the secret is both halves");
	}
	crypto_hash_sha512(secret, seed, 16);
	jt_sign_expand_seed(want, seed);
	is_bytes(want, secret, 32, "a seed expands to half of its SHA-512");
}

static void
test_round_trip(void)
{
	uint8_t seed[32], key[JT_KEY], other[JT_KEY], secret[JT_SECRET], id[JT_HASH];
	uint8_t sig[JT_SIGNATURE], bytes[9 + JT_HASH];
	int taken = 0;

	random_bytes(seed, sizeof seed);
	jt_sign_keypair(other, secret, seed);
	random_bytes(seed, sizeof seed);
	random_bytes(id, sizeof id);
	jt_sign_keypair(key, secret, seed);
	jt_sign_id(sig, secret, id);
	ok(jt_sign_verify(sig, key, id), "what was signed verifies");
	message(bytes, id);
	ok(crypto_sign_verify_detached(sig, bytes, sizeof bytes, key) == 0,
	    "it is over \"jt/sig/1\" 00 id");
	ok(crypto_sign_verify_detached(sig, id, sizeof id, key) != 0, "and not over the id alone");
	ok(!jt_sign_verify(sig, other, id), "not under another key");
	for (size_t i = 0; i < 8 * JT_SIGNATURE; i++) {
		sig[i / 8] ^= (uint8_t)(1U << (i % 8));
		taken += jt_sign_verify(sig, key, id);
		sig[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	is_int(taken, 0, "not with any bit of the signature changed");
	for (size_t i = 0; i < 8 * JT_HASH; i++) {
		id[i / 8] ^= (uint8_t)(1U << (i % 8));
		taken += jt_sign_verify(sig, key, id);
		id[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	is_int(taken, 0, "nor of the id");
	for (size_t i = 0; i < 8 * JT_KEY; i++) {
		key[i / 8] ^= (uint8_t)(1U << (i % 8));
		taken += jt_sign_verify(sig, key, id);
		key[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	is_int(taken, 0, "nor of the key");
	memset(sig, 0, sizeof sig);
	ok(!jt_sign_verify(sig, key, id), "a signature of zeros is refused");
}

/* S + kL: the same number to a verifier that reduces, another signature to the eye. */
static void
test_malleated(void)
{
	uint8_t seed[32], key[JT_KEY], secret[JT_SECRET], id[JT_HASH], sig[JT_SIGNATURE];
	uint8_t l[SCALAR], was[SCALAR], wide[64] = { 0 }, reduced[SCALAR];

	hex(order, l, sizeof l);
	random_bytes(seed, sizeof seed);
	random_bytes(id, sizeof id);
	jt_sign_keypair(key, secret, seed);
	jt_sign_id(sig, secret, id);
	memcpy(was, sig + 32, SCALAR);
	/* S < L < 2^253, so that S + 7L still fits into 32 bytes, whatever S. */
	for (int k = 1; k <= 7; k++) {
		sodium_add(sig + 32, l, SCALAR);
		memcpy(wide, sig + 32, SCALAR);
		crypto_core_ed25519_scalar_reduce(reduced, wide);
		ok(memcmp(reduced, was, SCALAR) == 0 && !jt_sign_verify(sig, key, id),
		    "S + %dL is S modulo L, and refused", k);
	}
	memcpy(sig + 32, l, SCALAR);
	ok(!jt_sign_verify(sig, key, id), "S = L is refused");
	memset(sig + 32, 0xff, SCALAR);
	ok(!jt_sign_verify(sig, key, id), "S of all ones is refused");
}

/*
 * A key A of small order signs anything: with R = SB, and an id for which h
 * is a multiple of 8, SB = R + hA holds since hA is the identity.
 */
static void
test_small_keys(void)
{
	uint8_t key[JT_KEY], id[JT_HASH], sig[JT_SIGNATURE], h[SCALAR];

	random_bytes(sig + 32, SCALAR);
	sig[63] &= 0x0f;
	if (crypto_scalarmult_ed25519_base_noclamp(sig, sig + 32) != 0)
		abort();
	for (size_t i = 0; i < SMALL; i++) {
		hex(small_order[i], key, sizeof key);
		do {
			random_bytes(id, sizeof id);
			challenge(h, sig, key, id);
		} while (h[0] % 8 != 0);
		ok(!jt_sign_verify(sig, key, id), "a key of small order%s is refused: %.8s..%s",
		    i < CANONICAL ? "" : ", not canonical,", small_order[i], small_order[i] + 56);
	}
}

/* R of small order with S = ha: SB = hA, so the equation holds up to R. */
static void
test_small_r(void)
{
	uint8_t seed[32], key[JT_KEY], secret[JT_SECRET], id[JT_HASH];
	uint8_t sig[JT_SIGNATURE], a[SCALAR], h[SCALAR], left[POINT], right[POINT];

	random_bytes(seed, sizeof seed);
	random_bytes(id, sizeof id);
	jt_sign_keypair(key, secret, seed);
	scalar_of(a, seed);
	for (size_t i = 0; i < SMALL; i++) {
		hex(small_order[i], sig, POINT);
		challenge(h, sig, key, id);
		crypto_core_ed25519_scalar_mul(sig + 32, h, a);
		if (crypto_scalarmult_ed25519_base_noclamp(left, sig + 32) != 0 ||
		    crypto_scalarmult_ed25519_noclamp(right, h, key) != 0)
			abort();
		ok(memcmp(left, right, POINT) == 0 && !jt_sign_verify(sig, key, id),
		    "SB = hA, and R of small order%s is refused: %.8s..%s",
		    i < CANONICAL ? "" : ", not canonical,", small_order[i], small_order[i] + 56);
	}
}

/*
 * R + T with T of small order: right to verifiers that multiply by the
 * cofactor, wrong to us; one honest signature has one R.
 */
static void
test_cofactor(void)
{
	uint8_t seed[32], key[JT_KEY], secret[JT_SECRET], id[JT_HASH], sig[JT_SIGNATURE];
	uint8_t a[SCALAR], h[SCALAR], r[SCALAR], clean[POINT], small[POINT];

	random_bytes(seed, sizeof seed);
	random_bytes(id, sizeof id);
	jt_sign_keypair(key, secret, seed);
	scalar_of(a, seed);
	random_bytes(r, sizeof r);
	r[31] &= 0x0f;
	if (crypto_scalarmult_ed25519_base_noclamp(clean, r) != 0)
		abort();
	for (size_t i = 0; i < CANONICAL; i++) {
		hex(small_order[i], small, sizeof small);
		if (crypto_core_ed25519_add(sig, clean, small) != 0)
			abort();
		challenge(h, sig, key, id);
		crypto_core_ed25519_scalar_mul(sig + 32, h, a);
		crypto_core_ed25519_scalar_add(sig + 32, sig + 32, r);
		if (i == IDENTITY)
			ok(jt_sign_verify(sig, key, id), "made by hand, with R alone: verifies");
		else
			ok(!jt_sign_verify(sig, key, id), "with R + T is refused: %.8s..%s",
			    small_order[i], small_order[i] + 56);
	}
}

/* Points whose y is p or more but not of small order: no signature, no encoding. */
static void
test_not_canonical(void)
{
	uint8_t key[JT_KEY], id[JT_HASH], sig[JT_SIGNATURE];
	int taken = 0;

	random_bytes(id, sizeof id);
	random_bytes(sig, sizeof sig);
	sig[63] &= 0x0f;
	for (unsigned low = 0xed; low <= 0xff; low++)
		for (unsigned sign = 0; sign < 2; sign++) {
			memset(key, 0xff, sizeof key);
			key[0] = (uint8_t)low;
			key[31] = sign ? 0xff : 0x7f;
			taken += jt_sign_verify(sig, key, id);
			taken += crypto_core_ed25519_is_valid_point(key);
		}
	is_int(taken, 0, "no key with y of p or more is a key");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	ok(jt_crypto_init(), "libsodium starts");
	ok(jt_crypto_init(), "and again");
	test_rfc8032();
	test_round_trip();
	test_malleated();
	test_small_keys();
	test_small_r();
	test_cofactor();
	test_not_canonical();
	return done_testing();
}
