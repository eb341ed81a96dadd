/* Dealing a coin. See deal.h. */
#include "crypto/deal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/poly.h"

struct jt_deal *
jt_deal_new(void)
{
	struct jt_deal *d = sodium_malloc(sizeof *d);

	if (d != NULL)
		memset(d, 0, sizeof *d);
	return d;
}

void
jt_deal_free(struct jt_deal *d)
{
	sodium_free(d);
}

/* The k-th coefficient of the polynomial: BLAKE2b-512 keyed with the seed, reduced. */
static void
coefficient(uint8_t out[JT_SCALAR], const uint8_t seed[JT_DEAL_SEED], uint32_t k)
{
	static const char domain[] = "jt/deal/term/1";
	uint8_t wide[64], at = (uint8_t)k;
	crypto_generichash_state h;

	crypto_generichash_init(&h, seed, JT_DEAL_SEED, sizeof wide);
	crypto_generichash_update(&h, (const uint8_t *)domain, sizeof domain - 1);
	crypto_generichash_update(&h, &at, 1);
	crypto_generichash_final(&h, wide, sizeof wide);
	crypto_core_ristretto255_scalar_reduce(out, wide);
	sodium_memzero(wide, sizeof wide);
	sodium_memzero(&h, sizeof h);
}

bool
jt_coin_deal(struct jt_deal *d, uint32_t n, struct jt_coin_public *p)
{
	bool dealt;

	assert(n > 0 && n <= JT_COIN_VALIDATORS);
	memset(p, 0, sizeof *p);
	p->n = n;
	p->t = jt_coin_threshold(n);
	for (uint32_t k = 0; k < p->t; k++)
		coefficient(d->term[k], d->seed, k);
	dealt = jt_point_base(p->key, d->term[0]);
	for (uint32_t i = 0; i < n; i++) {
		jt_poly_value(d->share[i], d->term, p->t, i + 1);
		dealt = jt_point_base(p->share[i], d->share[i]) && dealt;
	}
	return dealt;
}

bool
jt_coin_is_share(const struct jt_coin_public *p, uint32_t place, const uint8_t secret[JT_SCALAR])
{
	uint8_t point[JT_POINT];

	return place < p->n && jt_scalar_good(secret) && jt_point_base(point, secret) &&
	    memcmp(point, p->share[place], sizeof point) == 0;
}
