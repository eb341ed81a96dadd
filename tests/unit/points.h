/* Hexadecimal vectors of 32 and 64 bytes, and a coin key made here, for tests of the coin. */
#ifndef POINTS_H
#define POINTS_H

#include <stdlib.h>

#include "base/text.h"
#include "crypto/deal.h"
#include "random.h"

static inline const uint8_t *
hex_to(uint8_t *out, size_t len, const char *hex)
{
	if (!jt_hex_parse(jt_slice_text(hex), out, len)) {
		printf("# bad vector %s\n", hex);
		exit(1);
	}
	return out;
}

/* 16 at a time: enough for one statement. */
static inline const uint8_t *
hex32(const char *hex)
{
	static uint8_t ring[16][32];
	static unsigned next;

	return hex_to(ring[next++ % 16], 32, hex);
}

static inline void
random_scalar(uint8_t scalar[JT_SCALAR])
{
	uint8_t wide[64];

	random_bytes(wide, sizeof wide);
	crypto_core_ristretto255_scalar_reduce(scalar, wide);
}

/* A key of n validators, and all that is secret of it. */
struct dealt {
	struct jt_coin coin;
	struct jt_deal deal;
};

static inline void
deal(struct dealt *d, uint32_t n)
{
	memset(d, 0, sizeof *d);
	random_bytes(d->deal.seed, sizeof d->deal.seed);
	if (!jt_coin_deal(&d->deal, n, &d->coin.public))
		abort();
}

#endif
