/*
 * Random input for unit tests: a new seed each run, printed as a comment, and
 * given back as the first argument to repeat that run.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t random_key[crypto_stream_chacha20_KEYBYTES];
static uint64_t random_drawn;

static inline void
random_start(int argc, char **argv)
{
	uint32_t seed;

	if (sodium_init() < 0)
		abort();
	seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : randombytes_random();
	printf("# seed %u\n", (unsigned)seed);
	for (size_t i = 0; i < sizeof seed; i++)
		random_key[i] = (uint8_t)(seed >> (8 * i));
}

static inline void
random_bytes(void *out, size_t len)
{
	static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
	uint8_t *bytes = out;

	memset(bytes, 0, len);
	crypto_stream_chacha20_xor_ic(bytes, bytes, len, nonce, random_drawn, random_key);
	random_drawn += len / 64 + 1;
}

/* A number below n; the bias of a 64-bit remainder does not matter here. */
static inline uint64_t
random_below(uint64_t n)
{
	uint64_t v;

	random_bytes(&v, sizeof v);
	return v % n;
}

#endif
