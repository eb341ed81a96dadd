/* Hexadecimal vectors of 32 and 64 bytes, and a coin key made here, for tests of the coin. */
#ifndef POINTS_H
#define POINTS_H

#include <stdlib.h>

#include "base/text.h"
#include "crypto/coin.h"
#include "crypto/poly.h"
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
	uint8_t coefficients[JT_COIN_VALIDATORS][JT_SCALAR];
	uint8_t secret[JT_COIN_VALIDATORS][JT_SCALAR];
};

static inline void
deal(struct dealt *d, uint32_t n)
{
	struct jt_coin_public *p = &d->coin.public;

	memset(d, 0, sizeof *d);
	p->n = n;
	p->t = jt_coin_threshold(n);
	for (uint32_t k = 0; k < p->t; k++)
		random_scalar(d->coefficients[k]);
	if (!jt_point_base(p->key, d->coefficients[0]))
		abort();
	for (uint32_t i = 0; i < n; i++) {
		jt_poly_value(d->secret[i], d->coefficients, p->t, i + 1);
		if (!jt_point_base(p->share[i], d->secret[i]))
			abort();
	}
}

#endif
