/*
 * Hashes: BLAKE2b-256 for everything the ledger names (RFC 7693, libsodium).
 */
#ifndef JT_HASH_H
#define JT_HASH_H

#include <sodium.h>

#include "base/buf.h"

#define JT_HASH 32 /* bytes */

/* All zero, where the design says "zero": no hash, nothing yet. */
extern const uint8_t jt_hash_zero[JT_HASH];

/* BLAKE2b-256 of the bytes. */
void jt_hash(uint8_t out[JT_HASH], struct jt_slice data);
/* BLAKE2b-256 keyed with `key` (32 bytes): order inside a ledger, sampling. */
void jt_hash_keyed(uint8_t out[JT_HASH], const uint8_t key[JT_HASH], struct jt_slice data);

/* A hash in pieces. */
struct jt_hasher {
	crypto_generichash_state state;
};
void jt_hasher_init(struct jt_hasher *h);
void jt_hasher_add(struct jt_hasher *h, const void *data, size_t len);
void jt_hasher_end(struct jt_hasher *h, uint8_t out[JT_HASH]);

bool jt_hash_is_zero(const uint8_t hash[JT_HASH]);

#endif
