/*
 * Addresses and seeds, bit-compatible with the Ed25519 accounts of the
 * Jingtum network.
 *
 * account id = RIPEMD-160(SHA-256(0xED || public key)), 20 bytes.
 * Text form: base58 with the alphabet
 * jpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65rkm8oFqi1tuvAxyz, of a version, the
 * bytes, and the first 4 bytes of SHA-256(SHA-256(version || bytes)). An
 * address has version 00 and begins with "j"; a seed has version 01 E1 4B over
 * 16 bytes and begins with "sEd". RIPEMD-160 and SHA-256 come from nettle.
 */
#ifndef JT_ADDRESS_H
#define JT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define JT_ACCOUNT 20      /* bytes of an account id */
#define JT_ADDRESS_TEXT 36 /* an address and its final zero, at most */
#define JT_SEED 16         /* bytes of entropy behind an account's key */
#define JT_SEED_TEXT 36    /* "sEd..." and its final zero, at most */

/* The account id of an Ed25519 public key (32 bytes). */
void jt_account_of_key(uint8_t account[JT_ACCOUNT], const uint8_t key[32]);

void jt_address_format(const uint8_t account[JT_ACCOUNT], char out[JT_ADDRESS_TEXT]);
/* False: a letter outside the alphabet, wrong length, version or checksum. */
bool jt_address_parse(struct jt_slice text, uint8_t account[JT_ACCOUNT]);

/* Seeds are secret: wipe the buffers. Parsing takes time that may depend on them. */
void jt_seed_format(const uint8_t seed[JT_SEED], char out[JT_SEED_TEXT]);
bool jt_seed_parse(struct jt_slice text, uint8_t seed[JT_SEED]);

#endif
