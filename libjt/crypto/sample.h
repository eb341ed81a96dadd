/*
 * Drawing at random, verifiably: a sample of m out of n without repetition,
 * from a public random value that nobody could know or choose before.
 *
 * Stream: BLAKE2b-512 keyed with the seed over a counter (8 bytes,
 * little-endian), eight little-endian words each. Fisher-Yates over 0..n-1,
 * each word v rejected when v >= 2^64 - (2^64 mod b), so that every choice
 * among b is equally likely.
 */
#ifndef JT_SAMPLE_H
#define JT_SAMPLE_H

#include "crypto/hash.h"

#define JT_SAMPLE_MAX 1024 /* n, at most */

/*
 * The seed of a draw: BLAKE2b-256 keyed with the beacon over "jt/sample/1",
 * the length of purpose (1 byte), purpose, object id, number of the draw
 * (4 bytes, little-endian). purpose is at most 255 bytes.
 */
void jt_sample_seed(uint8_t seed[JT_HASH], const uint8_t beacon[JT_HASH], const char *purpose,
    const uint8_t object[JT_HASH], uint32_t draw);

/* out gets m distinct numbers below n; m <= n <= JT_SAMPLE_MAX. */
void jt_sample(const uint8_t *seed, size_t seed_len, uint32_t n, uint32_t m, uint32_t *out);

#endif
