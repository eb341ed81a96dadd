/* The common coin. See coin.h. */
#include "crypto/coin.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/poly.h"

static_assert(JT_POLY_MAX > JT_COIN_VALIDATORS, "all shares and the key");

static const char context[] = "jt-coin-v1-ristretto255-SHA512";

static struct jt_slice
coin_context(void)
{
	return jt_slice_text(context);
}

uint32_t
jt_coin_threshold(uint32_t n)
{
	return n > 0 ? (n - 1) / 3 + 1 : 0;
}

/* ---- names ---- */

static void
put(struct jt_coin_name *name, const void *bytes, size_t len)
{
	assert(name->len + len <= sizeof name->bytes);
	memcpy(name->bytes + name->len, bytes, len);
	name->len += len;
}

static void
put_le(struct jt_coin_name *name, uint64_t v, size_t len)
{
	uint8_t le[8];

	for (size_t i = 0; i < len; i++, v >>= 8)
		le[i] = (uint8_t)v;
	put(name, le, len);
}

/* That a hash is the identity has a chance of 2^-252: then this name has no coin. */
static void
to_point(struct jt_coin_name *name)
{
	if (!jt_point_hash(name->point, (struct jt_slice){ name->bytes, name->len },
	    coin_context()))
		memset(name->point, 0, sizeof name->point);
}

void
jt_coin_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint32_t round)
{
	static const char domain[] = "jt/coin/1";

	memset(name, 0, sizeof *name);
	put(name, domain, sizeof domain - 1);
	put(name, network, JT_HASH);
	put_le(name, epoch, 4);
	put_le(name, round, 4);
	to_point(name);
}

void
jt_beacon_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint64_t ledger)
{
	static const char domain[] = "jt/beacon/1";

	memset(name, 0, sizeof *name);
	put(name, domain, sizeof domain - 1);
	put(name, network, JT_HASH);
	put_le(name, epoch, 4);
	put_le(name, ledger, 8);
	to_point(name);
}

/* ---- one share ---- */

static struct jt_dleq
statement(const uint8_t *public_share, const struct jt_coin_name *name, const uint8_t *share)
{
	return (struct jt_dleq){ .context = coin_context(), .key = public_share,
		.point = name->point, .image = share };
}

bool
jt_coin_share(uint8_t share[JT_COIN_SHARE], const uint8_t secret[JT_SCALAR],
    const uint8_t public_share[JT_POINT], const struct jt_coin_name *name)
{
	struct jt_dleq d = statement(public_share, name, share);

	return jt_point_mul(share, secret, name->point) &&
	    jt_dleq_prove(share + JT_POINT, &d, secret, NULL);
}

bool
jt_coin_verify(const struct jt_coin_public *p, uint32_t place, const struct jt_coin_name *name,
    const uint8_t share[JT_COIN_SHARE])
{
	struct jt_dleq d;

	if (place >= p->n)
		return false;
	d = statement(p->share[place], name, share);
	return jt_dleq_verify(share + JT_POINT, &d);
}

/* ---- many ---- */

/*
 * Do the points at x lie on one polynomial of degree below t? The chance is a
 * hash of the points themselves and where they are, so whoever chose them did
 * not know it. A point that is not good lies nowhere.
 */
static bool
on_one_polynomial(const uint32_t *x, const uint8_t *const *points, size_t count, uint32_t t)
{
	uint8_t weights[JT_POLY_MAX][JT_SCALAR], chance[JT_SCALAR], all[JT_HASH], sum[JT_POINT];
	const struct jt_slice message = { all, sizeof all };
	struct jt_hasher h;

	jt_hasher_init(&h);
	for (size_t i = 0; i < count; i++) {
		uint8_t at = (uint8_t)x[i];
		jt_hasher_add(&h, &at, 1);
		jt_hasher_add(&h, points[i], JT_POINT);
	}
	jt_hasher_end(&h, all);
	jt_scalar_hash(chance, &message, 1, coin_context());
	jt_poly_test(x, count, t, chance, weights);
	return jt_point_sum(sum, weights, points, count - 1) &&
	    memcmp(sum, points[count - 1], sizeof sum) == 0 &&
	    sodium_is_zero(sum, sizeof sum) == 0;
}

bool
jt_coin_public_good(const struct jt_coin_public *p)
{
	const uint8_t *points[JT_POLY_MAX] = { p->key };
	uint32_t x[JT_POLY_MAX] = { 0 };

	if (p->n == 0 || p->n > JT_COIN_VALIDATORS || p->t != jt_coin_threshold(p->n) ||
	    !jt_point_good(p->key))
		return false;
	for (uint32_t i = 0; i < p->n; i++) {
		if (!jt_point_good(p->share[i]))
			return false;
		points[i + 1] = p->share[i];
		x[i + 1] = i + 1;
	}
	return on_one_polynomial(x, points, p->n + 1, p->t);
}

bool
jt_coin_combine(const struct jt_coin_name *name, const uint32_t *places,
    const uint8_t *const *shares, uint32_t t, uint8_t value[JT_COIN_VALUE])
{
	static const char domain[] = "jt/coin/out/1";
	uint8_t weights[JT_COIN_VALIDATORS][JT_SCALAR], z[JT_POINT];
	uint32_t x[JT_COIN_VALIDATORS];
	crypto_generichash_state h;

	assert(t > 0 && t <= JT_COIN_VALIDATORS);
	for (uint32_t i = 0; i < t; i++)
		x[i] = places[i] + 1;
	jt_poly_at_zero(x, t, weights);
	if (!jt_point_sum(z, weights, shares, t))
		return false;
	crypto_generichash_init(&h, NULL, 0, JT_COIN_VALUE);
	crypto_generichash_update(&h, (const uint8_t *)domain, sizeof domain - 1);
	crypto_generichash_update(&h, name->bytes, name->len);
	crypto_generichash_update(&h, z, sizeof z);
	crypto_generichash_final(&h, value, JT_COIN_VALUE);
	return true;
}

/* ---- which to believe ---- */

/* Shares of different places, of those that `wanted` says. */
struct chosen {
	struct jt_coin_given *of[JT_COIN_VALIDATORS];
	uint32_t places[JT_COIN_VALIDATORS];
	const uint8_t *shares[JT_COIN_VALIDATORS];
	uint32_t count;
	bool has[JT_COIN_VALIDATORS];
};

static void
choose(struct chosen *c, struct jt_coin_given *g, uint32_t most)
{
	if (c->count < most && !c->has[g->place]) {
		c->has[g->place] = true;
		c->places[c->count] = g->place;
		c->shares[c->count] = g->share;
		c->of[c->count++] = g;
	}
}

/* Up to `most`, the proven ones first, then those of whom nothing bad is known. */
static void
choose_likely(struct chosen *c, const struct jt_coin *coin, struct jt_coin_given *given,
    size_t count, uint32_t most)
{
	memset(c, 0, sizeof *c);
	for (size_t i = 0; i < count; i++)
		if (given[i].place < coin->public.n && given[i].proven)
			choose(c, &given[i], most);
	for (size_t i = 0; i < count; i++)
		if (given[i].place < coin->public.n && !coin->doubted[given[i].place])
			choose(c, &given[i], most);
}

static bool
consistent(const struct chosen *c, uint32_t t)
{
	uint32_t x[JT_COIN_VALIDATORS];

	for (uint32_t i = 0; i < c->count; i++)
		x[i] = c->places[i] + 1;
	return on_one_polynomial(x, c->shares, c->count, t);
}

static bool
prove(struct jt_coin *c, const struct jt_coin_name *name, struct jt_coin_given *g)
{
	if (!g->proven)
		g->proven = jt_coin_verify(&c->public, g->place, name, g->share);
	if (!g->proven)
		c->doubted[g->place] = true;
	return g->proven;
}

/* Look at proofs until t are good: those of the likely first, the doubted last. */
static bool
prove_enough(struct jt_coin *c, const struct jt_coin_name *name, struct jt_coin_given *given,
    size_t count, struct chosen *proven)
{
	uint32_t t = c->public.t;

	memset(proven, 0, sizeof *proven);
	for (size_t i = 0; i < count; i++)
		if (given[i].place < c->public.n && given[i].proven)
			choose(proven, &given[i], t);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < count && proven->count < t; i++)
			if (given[i].place < c->public.n && !proven->has[given[i].place] &&
			    c->doubted[given[i].place] == (pass == 1) && prove(c, name, &given[i]))
				choose(proven, &given[i], t);
	return proven->count == t;
}

bool
jt_coin_prove(struct jt_coin *c, const struct jt_coin_name *name, struct jt_coin_given *given,
    size_t count)
{
	struct chosen proven;

	return prove_enough(c, name, given, count, &proven);
}

bool
jt_coin_open(struct jt_coin *c, const struct jt_coin_name *name, struct jt_coin_given *given,
    size_t count, uint8_t value[JT_COIN_VALUE])
{
	uint32_t t = c->public.t, all = 2 * t - 1, proven = 0;
	struct chosen chosen;

	choose_likely(&chosen, c, given, count, all);
	for (uint32_t i = 0; i < chosen.count; i++)
		proven += chosen.of[i]->proven;
	/* With f = 0 there is nothing that a second share could confirm. */
	if (proven < t && t > 1 && chosen.count == all) {
		if (consistent(&chosen, t))
			return jt_coin_combine(name, chosen.places, chosen.shares, t, value);
		/* At least one is wrong: find out which, so that it happens once. */
		for (uint32_t i = 0; i < all; i++)
			prove(c, name, chosen.of[i]);
	}
	return prove_enough(c, name, given, count, &chosen) &&
	    jt_coin_combine(name, chosen.places, chosen.shares, t, value);
}
