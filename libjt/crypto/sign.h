/*
 * Signatures: Ed25519 (RFC 8032) by libsodium, and by nothing else: other
 * verifiers accept malleated signatures or small-order keys, and validators
 * that differ in what they accept do not agree.
 *
 * What is signed is "jt/sig/1" 0x00 id, with the id of an object (object.h).
 * Nothing signed for one kind, version or network means anything elsewhere,
 * because kind, version and network are under the id.
 */
#ifndef JT_SIGN_H
#define JT_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/hash.h"

#define JT_KEY 32       /* bytes of a public key */
#define JT_SECRET 64    /* bytes of libsodium's secret key: 32 secret, 32 public */
#define JT_SIGNATURE 64 /* bytes */

/* Call once, before anything else in crypto: false when libsodium cannot start. */
bool jt_crypto_init(void);

/* Key pair of a 32-byte secret (RFC 8032's private key). */
void jt_sign_keypair(uint8_t key[JT_KEY], uint8_t secret[JT_SECRET],
    const uint8_t seed[32]);
/* The 32-byte secret of an account's 16-byte seed: first half of its SHA-512. */
void jt_sign_expand_seed(uint8_t secret32[32], const uint8_t seed[16]);

void jt_sign_id(uint8_t signature[JT_SIGNATURE], const uint8_t secret[JT_SECRET],
    const uint8_t id[JT_HASH]);
/* Refuses small-order keys and points, S >= L and non-canonical encodings. */
bool jt_sign_verify(const uint8_t signature[JT_SIGNATURE], const uint8_t key[JT_KEY],
    const uint8_t id[JT_HASH]);

#endif
