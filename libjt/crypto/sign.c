/* Signatures: Ed25519 over object ids. See sign.h. */
#include "crypto/sign.h"

#include <sodium.h>
#include <string.h>

static const char domain[] = "jt/sig/1"; /* its final zero is signed too */

enum { SIGNED_LEN = sizeof domain + JT_HASH };

bool
jt_crypto_init(void)
{
	return sodium_init() >= 0;
}

void
jt_sign_keypair(uint8_t key[JT_KEY], uint8_t secret[JT_SECRET], const uint8_t seed[32])
{
	crypto_sign_ed25519_seed_keypair(key, secret, seed);
}

void
jt_sign_expand_seed(uint8_t secret32[32], const uint8_t seed[16])
{
	uint8_t wide[crypto_hash_sha512_BYTES];

	crypto_hash_sha512(wide, seed, 16);
	memcpy(secret32, wide, 32);
	sodium_memzero(wide, sizeof wide);
}

static void
signed_bytes(uint8_t out[SIGNED_LEN], const uint8_t id[JT_HASH])
{
	memcpy(out, domain, sizeof domain);
	memcpy(out + sizeof domain, id, JT_HASH);
}

void
jt_sign_id(uint8_t signature[JT_SIGNATURE], const uint8_t secret[JT_SECRET],
    const uint8_t id[JT_HASH])
{
	uint8_t bytes[SIGNED_LEN];

	signed_bytes(bytes, id);
	crypto_sign_ed25519_detached(signature, NULL, bytes, sizeof bytes, secret);
}

bool
jt_sign_verify(const uint8_t signature[JT_SIGNATURE], const uint8_t key[JT_KEY],
    const uint8_t id[JT_HASH])
{
	uint8_t bytes[SIGNED_LEN];

	signed_bytes(bytes, id);
	return crypto_sign_ed25519_verify_detached(signature, bytes, sizeof bytes, key) == 0;
}
