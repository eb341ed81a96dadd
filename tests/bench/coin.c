/*
 * The coin: what it costs a validator, against the multiplications of points that
 * it cannot do without.
 *
 *	coin-share        one's own share and proof; raw: 4 multiplications and one of B
 *	coin-verify       one proof; raw: 5 and one of B
 *	coin-combine-N    f+1 good shares; raw: f+1
 *	coin-proofs-N     f proofs and combining, one's own share known to be good
 *	coin-agree-N      2f+1 shares on one polynomial and combining; raw: coin-proofs-N
 *	coin-liars-N      the same with f liars among the 2f+1, for the first time
 *	coin-round-N      all of a round, without liars: a share of one's own and
 *	                  opening; raw: so many multiplications as fill the time that a
 *	                  plain proof and f+1 of them checked were measured to take
 *	                  (0.53, 1.7, 6.7 ms where one takes 50 us; for 100 in
 *	                  proportion)
 */
#include "bench.h"
#include "crypto/deal.h"

struct round {
	struct jt_coin coin;
	struct jt_coin_name name;
	struct jt_deal deal;
	uint8_t share[JT_COIN_VALIDATORS][JT_COIN_SHARE];
	uint32_t shares; /* that came */
	uint32_t raw;    /* multiplications */
	uint32_t number;
};

static void
check(bool good)
{
	if (!good)
		bench_fail("the coin does not work");
}

static void
start(struct round *r, uint32_t n)
{
	struct jt_coin_public *p = &r->coin.public;
	static const uint8_t network[JT_HASH] = { 1 };

	memset(r, 0, sizeof *r);
	r->deal.seed[0] = 1;
	check(jt_coin_deal(&r->deal, n, p) && jt_coin_public_good(p));
	jt_coin_name(&r->name, network, 0, 1);
	for (uint32_t i = 0; i < n; i++)
		check(jt_coin_share(r->share[i], r->deal.share[i], p->share[i], &r->name));
}

static void
multiply(const struct round *r, uint32_t count, bool base)
{
	uint8_t out[JT_POINT];

	for (uint32_t i = 0; i < count; i++)
		check(jt_point_mul(out, r->deal.share[0], r->coin.public.key));
	if (base)
		check(jt_point_base(out, r->deal.share[0]));
	bench_keep(out);
}

static void
raw(void *ctx, uint64_t count)
{
	struct round *r = ctx;

	while (count-- > 0)
		multiply(r, r->raw, false);
}

static void
raw_and_base(void *ctx, uint64_t count)
{
	struct round *r = ctx;

	while (count-- > 0)
		multiply(r, r->raw, true);
}

static void
share(void *ctx, uint64_t count)
{
	static const uint8_t network[JT_HASH] = { 1 };
	struct round *r = ctx;
	uint8_t out[JT_COIN_SHARE];

	while (count-- > 0) {
		struct jt_coin_name name;
		jt_coin_name(&name, network, 0, ++r->number);
		check(jt_coin_share(out, r->deal.share[0], r->coin.public.share[0], &name));
		bench_keep(out);
	}
}

static void
verify(void *ctx, uint64_t count)
{
	struct round *r = ctx;

	while (count-- > 0)
		check(jt_coin_verify(&r->coin.public, 1, &r->name, r->share[1]));
}

static void
combine(void *ctx, uint64_t count)
{
	struct round *r = ctx;
	uint32_t places[JT_COIN_VALIDATORS];
	const uint8_t *shares[JT_COIN_VALIDATORS];
	uint8_t value[JT_COIN_VALUE];

	for (uint32_t i = 0; i < r->coin.public.t; i++) {
		places[i] = i;
		shares[i] = r->share[i];
	}
	while (count-- > 0) {
		check(jt_coin_combine(&r->name, places, shares, r->coin.public.t, value));
		bench_keep(value);
	}
}

static void
open_coin(void *ctx, uint64_t count)
{
	struct round *r = ctx;
	struct jt_coin_given g[JT_COIN_VALIDATORS];
	uint8_t value[JT_COIN_VALUE];

	while (count-- > 0) {
		for (uint32_t i = 0; i < r->shares; i++)
			g[i] = (struct jt_coin_given){ .place = i, .share = r->share[i], .proven = i == 0 };
		check(jt_coin_open(&r->coin, &r->name, g, r->shares, value));
		bench_keep(value);
		memset(r->coin.doubted, 0, sizeof r->coin.doubted);
	}
}

static void
open_from_few(void *ctx, uint64_t count)
{
	struct round *r = ctx;
	uint32_t came = r->shares;

	r->shares = r->coin.public.t;
	open_coin(r, count);
	r->shares = came;
}

static void
all(void *ctx, uint64_t count)
{
	share(ctx, count);
	open_coin(ctx, count);
}

static void
bench_size(uint32_t n, uint32_t allowed)
{
	static struct round r;
	uint32_t t = jt_coin_threshold(n);
	char name[64];

	start(&r, n);
	r.raw = t;
	snprintf(name, sizeof name, "coin-combine-%u", n);
	bench(name, combine, raw, &r);
	r.shares = 2 * t - 1;
	snprintf(name, sizeof name, "coin-proofs-%u", n);
	bench(name, open_from_few, NULL, &r);
	snprintf(name, sizeof name, "coin-agree-%u", n);
	bench(name, open_coin, open_from_few, &r);
	r.raw = allowed;
	snprintf(name, sizeof name, "coin-round-%u", n);
	bench(name, all, raw, &r);
	r.shares = n;
	for (uint32_t i = 1; i < t; i++)
		memcpy(r.share[i], r.share[0], JT_POINT);
	snprintf(name, sizeof name, "coin-liars-%u", n);
	bench(name, open_coin, NULL, &r);
}

int
main(void)
{
	static const struct {
		uint32_t n, allowed;
	} sizes[] = { { 4, 11 }, { 16, 34 }, { 64, 134 }, { 100, 209 } };
	static struct round r;

	check(sodium_init() >= 0);
	start(&r, 4);
	r.raw = 4;
	bench("coin-share", share, raw_and_base, &r);
	r.raw = 5;
	bench("coin-verify", verify, raw_and_base, &r);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		bench_size(sizes[i].n, sizes[i].allowed);
	return 0;
}
