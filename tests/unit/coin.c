/*
 * The coin: shares and proofs, the same value from any shares, and what liars
 * can do to it. Liars know the secret key here, which is more than f of them do.
 */
#include "crypto/coin.h"

#include "points.h"
#include "tap.h"

static const uint8_t network[JT_HASH] = { 7 };
static struct dealt dealt;

/* The value that the point x H of a name stands for. */
static void
value_of(const struct jt_coin_name *name, const uint8_t z[JT_POINT], uint8_t value[JT_COIN_VALUE])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, JT_COIN_VALUE);
	crypto_generichash_update(&h, (const uint8_t *)"jt/coin/out/1", 13);
	crypto_generichash_update(&h, name->bytes, name->len);
	crypto_generichash_update(&h, z, JT_POINT);
	crypto_generichash_final(&h, value, JT_COIN_VALUE);
}

/* The value, by the secret itself. */
static void
true_value(const struct jt_coin_name *name, uint8_t value[JT_COIN_VALUE])
{
	uint8_t z[JT_POINT];

	if (!jt_point_mul(z, dealt.deal.term[0], name->point))
		abort();
	value_of(name, z, value);
}

/* Shares of all validators in a name, good until a test changes them. */
struct round {
	struct jt_coin_name name;
	uint8_t share[JT_COIN_VALIDATORS][JT_COIN_SHARE];
	uint8_t value[JT_COIN_VALUE];
};
static struct round r;

static void
make_round(uint32_t number)
{
	jt_coin_name(&r.name, network, 0, number);
	for (uint32_t i = 0; i < dealt.coin.public.n; i++)
		if (!jt_coin_share(r.share[i], dealt.deal.share[i], dealt.coin.public.share[i], &r.name))
			abort();
	true_value(&r.name, r.value);
}

static struct jt_coin_given
given(uint32_t place)
{
	return (struct jt_coin_given){ .place = place, .share = r.share[place] };
}

static bool
is_value(const uint8_t value[JT_COIN_VALUE])
{
	return memcmp(value, r.value, JT_COIN_VALUE) == 0;
}

static void
mix(struct jt_coin_given *g, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t k = random_below(i);
		struct jt_coin_given last = g[i - 1];
		g[i - 1] = g[k];
		g[k] = last;
	}
}

static unsigned
proven(const struct jt_coin_given *g, size_t count)
{
	unsigned sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += g[i].proven;
	return sum;
}

static unsigned
doubted(void)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < dealt.coin.public.n; i++)
		sum += dealt.coin.doubted[i];
	return sum;
}

static void
test_names(void)
{
	struct jt_coin_name name;
	static const uint8_t want[] = "jt/coin/1\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\0\4\3\2\1\10\7\6\5";
	static const uint8_t beacon[] = "jt/beacon/1\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\0\4\3\2\1\10\7\6\5\4\3\2\1";

	jt_coin_name(&name, network, 0x01020304, 0x05060708);
	is_int(name.len, sizeof want - 1, "length of a coin's name");
	is_bytes(name.bytes, want, sizeof want - 1, "its bytes");
	ok(jt_point_good(name.point), "its point");
	jt_beacon_name(&name, network, 0x01020304, UINT64_C(0x0102030405060708));
	is_int(name.len, sizeof beacon - 1, "length of a beacon's name");
	is_bytes(name.bytes, beacon, sizeof beacon - 1, "its bytes");
	ok(jt_point_good(name.point), "its point");
}

static void
test_share(void)
{
	const struct jt_coin_public *p = &dealt.coin.public;
	struct jt_coin_name other;
	uint8_t share[JT_COIN_SHARE];
	static const uint8_t zero[JT_SCALAR];
	bool good = true, elsewhere = false;

	deal(&dealt, 7);
	make_round(1);
	jt_coin_share(share, dealt.deal.share[3], p->share[3], &r.name);
	is_bytes(share, r.share[3], sizeof share, "a share is the same each time");
	for (uint32_t i = 0; i < p->n; i++) {
		good = good && jt_coin_verify(p, i, &r.name, r.share[i]);
		elsewhere = elsewhere || jt_coin_verify(p, (i + 1) % p->n, &r.name, r.share[i]);
	}
	ok(good, "shares verify");
	ok(!elsewhere, "and not as another's");
	ok(!jt_coin_verify(p, p->n, &r.name, r.share[0]), "nor of nobody");
	jt_coin_name(&other, network, 0, 2);
	ok(!jt_coin_verify(p, 0, &other, r.share[0]), "nor in another round");
	jt_coin_name(&other, network, 1, 1);
	ok(!jt_coin_verify(p, 0, &other, r.share[0]), "nor in another epoch");
	jt_beacon_name(&other, network, 0, 1);
	ok(!jt_coin_verify(p, 0, &other, r.share[0]), "nor as a beacon");
	memset(share, 0, JT_POINT);
	ok(!jt_coin_verify(p, 3, &r.name, share), "nor when the share is the identity");
	ok(!jt_coin_share(share, zero, p->share[3], &r.name), "the secret zero makes none");
}

static void
test_public(void)
{
	struct jt_coin_public p, *good = &dealt.coin.public;
	static const uint32_t sizes[] = { 1, 2, 3, 4, 5, 6, 7, 31, JT_COIN_VALIDATORS };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		deal(&dealt, sizes[i]);
		ok(jt_coin_public_good(good), "a key of %u is good", (unsigned)sizes[i]);
		p = *good;
		random_scalar(p.share[sizes[i] - 1]);
		jt_point_base(p.share[sizes[i] - 1], p.share[sizes[i] - 1]);
		ok(!jt_coin_public_good(&p), "with another share it is not");
		p = *good;
		jt_point_base(p.key, dealt.deal.share[0]);
		/* Of n < 4 all shares are the key itself. */
		is_int(jt_coin_public_good(&p), p.t == 1, "with another key it is not");
		p = *good;
		p.t++;
		ok(!jt_coin_public_good(&p), "with another t it is not");
		p = *good;
		memset(p.share[0], 0, JT_POINT);
		ok(!jt_coin_public_good(&p), "with the identity it is not");
	}
	p = *good;
	p.n++;
	ok(!jt_coin_public_good(&p), "too many are refused");
	p.n = 0;
	ok(!jt_coin_public_good(&p), "none is refused");
}

/* Any t shares, in any order, give one value; and that is the one by the secret. */
static void
test_combine(void)
{
	static const uint32_t sizes[] = { 1, 2, 3, 4, 7, 10, 31, 100, JT_COIN_VALIDATORS };
	uint8_t value[JT_COIN_VALUE];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct jt_coin_given g[JT_COIN_VALIDATORS];
		const uint8_t *shares[JT_COIN_VALIDATORS];
		uint32_t places[JT_COIN_VALIDATORS];
		bool same = true;
		deal(&dealt, sizes[i]);
		make_round(5);
		for (int repeat = 0; repeat < 4; repeat++) {
			for (uint32_t k = 0; k < sizes[i]; k++)
				g[k] = given(k);
			mix(g, sizes[i]);
			for (uint32_t k = 0; k < sizes[i]; k++) {
				places[k] = g[k].place;
				shares[k] = g[k].share;
			}
			same = same && jt_coin_combine(&r.name, places, shares, dealt.coin.public.t,
			    value) && is_value(value);
		}
		ok(same, "one value from any %u of %u", (unsigned)dealt.coin.public.t,
		    (unsigned)sizes[i]);
	}
}

/* Without liars no proof is looked at where 2f+1 are there, and t where not. */
static void
test_usual(void)
{
	struct jt_coin_given g[JT_COIN_VALIDATORS];
	uint8_t value[JT_COIN_VALUE];
	uint32_t t, enough;

	deal(&dealt, 16);
	make_round(3);
	t = dealt.coin.public.t;
	enough = 2 * t - 1;
	for (uint32_t count = t - 1; count <= 16; count++) {
		for (uint32_t k = 0; k < 16; k++)
			g[k] = given(k);
		mix(g, 16);
		is_int(jt_coin_open(&dealt.coin, &r.name, g, count, value), count >= t,
		    "%u shares of 16", (unsigned)count);
		is_int(proven(g, count), count < t ? count : count < enough ? t : 0,
		    "no more proofs than needed");
		ok(count < t || is_value(value), "the value");
	}
	for (uint32_t k = 0; k < 16; k++) {
		g[k] = given(k);
		g[k].proven = k < t;
	}
	ok(jt_coin_open(&dealt.coin, &r.name, g, 16, value) && is_value(value), "proven before");
	is_int(proven(g, 16), t, "nothing is proven again");
	is_int(doubted(), 0, "nobody is doubted");
	deal(&dealt, 1);
	make_round(3);
	g[0] = given(0);
	ok(jt_coin_open(&dealt.coin, &r.name, g, 1, value) && is_value(value), "alone");
	is_int(proven(g, 1), 1, "and proven all the same");
}

/*
 * Those at places[0..right) have their shares. Give those at places[right..count)
 * the shares that lie on one polynomial with them and with z at zero: then it is
 * of degree `right` at most.
 */
static void
complete(const uint32_t *places, uint32_t right, uint32_t count, const uint8_t z[JT_POINT])
{
	uint8_t weight[JT_COIN_VALIDATORS + 1][JT_SCALAR];
	const uint8_t *points[JT_COIN_VALIDATORS + 1];

	for (uint32_t other = right; other < count; other++) {
		uint32_t x[JT_COIN_VALIDATORS + 1] = { 0 };
		for (uint32_t i = 0; i < right; i++)
			x[i] = places[i] + 1;
		for (uint32_t i = 0; i <= right; i++) {
			uint8_t top[JT_SCALAR] = { 1 }, bottom[JT_SCALAR] = { 1 }, step[JT_SCALAR];
			for (uint32_t k = 0; k <= right; k++) {
				uint8_t a[JT_SCALAR] = { (uint8_t)(places[other] + 1) };
				uint8_t b[JT_SCALAR] = { (uint8_t)x[k] }, c[JT_SCALAR] = { (uint8_t)x[i] };
				if (k == i)
					continue;
				crypto_core_ristretto255_scalar_sub(step, a, b);
				crypto_core_ristretto255_scalar_mul(top, top, step);
				crypto_core_ristretto255_scalar_sub(step, c, b);
				crypto_core_ristretto255_scalar_mul(bottom, bottom, step);
			}
			crypto_core_ristretto255_scalar_invert(bottom, bottom);
			crypto_core_ristretto255_scalar_mul(weight[i], top, bottom);
			points[i] = i < right ? r.share[places[i]] : z;
		}
		if (!jt_point_sum(r.share[places[other]], weight, points, right + 1))
			abort();
	}
}

static void
random_point(uint8_t z[JT_POINT])
{
	uint8_t scalar[JT_SCALAR];

	random_scalar(scalar);
	jt_point_base(z, scalar);
}

/*
 * The worst that f liars can do: their shares and those of f others that are
 * right lie on one polynomial of degree f, which is not the key's. places[0..f-1]
 * are right.
 */
static void
lie_together(const uint32_t *places, uint32_t f)
{
	uint8_t z[JT_POINT];

	random_point(z);
	complete(places, f, 2 * f, z);
}

/* All shares, in a random order; the places and the bytes of each besides. */
static void
mix_all(struct jt_coin_given *g, uint32_t *places, const uint8_t **shares, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		g[i] = given(i);
	mix(g, n);
	for (uint32_t i = 0; i < n; i++) {
		places[i] = g[i].place;
		shares[i] = g[i].share;
	}
}

/*
 * Fewer than t shares tell nothing of the value: any value fits the t-1 that
 * there are, with shares of the others that would make it; and nobody makes
 * one of them.
 */
static void
test_too_few(void)
{
	static const uint32_t sizes[] = { 4, 7, 16, 31 };
	uint8_t z[JT_POINT], value[JT_COIN_VALUE], want[JT_COIN_VALUE];
	struct jt_coin_given g[2 * JT_COIN_VALIDATORS];
	const uint8_t *shares[JT_COIN_VALIDATORS];
	uint32_t places[JT_COIN_VALIDATORS];

	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		uint32_t n = sizes[s], few;
		deal(&dealt, n);
		make_round(11);
		few = dealt.coin.public.t - 1;
		mix_all(g, places, shares, n);
		/* Each of them twice is no more. */
		memcpy(g + few, g, few * sizeof *g);
		ok(!jt_coin_open(&dealt.coin, &r.name, g, 2 * few, value), "n=%u: %u shares open nothing",
		    (unsigned)n, (unsigned)few);
		ok(!jt_coin_prove(&dealt.coin, &r.name, g, 2 * few), "nor do they prove anything");
		is_int(doubted(), 0, "and nobody is doubted");
		jt_coin_combine(&r.name, places, shares, few, value);
		ok(!is_value(value), "what they combine to is not the value");
		for (int i = 0; i < 2; i++) {
			random_point(z);
			complete(places, few, n, z);
			value_of(&r.name, z, want);
			ok(jt_coin_combine(&r.name, places, shares, few + 1, value) &&
			    memcmp(value, want, sizeof want) == 0 && !is_value(value),
			    "with one share more they give another value");
			ok(jt_coin_combine(&r.name, places + n - few - 1, shares + n - few - 1, few + 1,
			    value) && memcmp(value, want, sizeof want) == 0, "the same from any t");
		}
	}
}

static void
test_together(void)
{
	static const uint32_t sizes[] = { 4, 7, 16, 31, 100 };
	struct jt_coin_given g[JT_COIN_VALIDATORS];
	const uint8_t *shares[JT_COIN_VALIDATORS];
	uint8_t value[JT_COIN_VALUE], other[JT_COIN_VALUE];

	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		uint32_t n = sizes[s], f = (n - 1) / 3, places[JT_COIN_VALIDATORS];
		deal(&dealt, n);
		make_round(9);
		mix_all(g, places, shares, n);
		lie_together(places, f);
		/* 2f on one polynomial that is not the key's: f+1 of any of them agree. */
		jt_coin_combine(&r.name, places, shares, f + 1, value);
		jt_coin_combine(&r.name, places + f - 1, shares + f - 1, f + 1, other);
		ok(memcmp(value, other, sizeof value) == 0 && !is_value(value),
		    "n=%u: 2f may agree on a wrong value", (unsigned)n);
		ok(!jt_coin_open(&dealt.coin, &r.name, g, 2 * f, value), "they are not believed");
		is_int(doubted(), f, "all liars are found out");
		memset(dealt.coin.doubted, 0, sizeof dealt.coin.doubted);
		for (uint32_t i = 0; i < n; i++)
			g[i] = given(g[i].place);
		ok(jt_coin_open(&dealt.coin, &r.name, g, 2 * f + 1, value) && is_value(value),
		    "2f+1 with f liars give the value");
		is_int(doubted(), f, "the liars are found out");
		make_round(10);
		for (uint32_t i = 0; i < n; i++) {
			g[i] = given(i);
			if (dealt.coin.doubted[i]) /* again */
				memcpy(r.share[i], dealt.coin.public.key, JT_POINT);
		}
		mix(g, n);
		ok(jt_coin_open(&dealt.coin, &r.name, g, n, value) && is_value(value),
		    "the next time the f who lied are left out of n");
		is_int(proven(g, n), 0, "no proof is looked at, once the liars are known");
	}
}

/* What one liar may send instead of a share. */
static void
spoil(uint8_t *share)
{
	switch (random_below(5)) {
	case 0:
		memset(share, 0, JT_COIN_SHARE);
		break;
	case 1:
		random_bytes(share, JT_COIN_SHARE);
		break;
	case 2: /* a good point, the wrong one */
		memcpy(share, r.share[random_below(dealt.coin.public.n)], JT_POINT);
		share[JT_POINT] ^= 1;
		break;
	case 3: /* the right share, a wrong proof */
		share[JT_POINT + random_below(JT_DLEQ_PROOF)] ^= 1;
		break;
	default: /* not canonical */
		memset(share, 0xff, JT_POINT);
		break;
	}
}

/*
 * Any mixture: shares of up to f liars, twins, several in one place, some proven before.
 * What is opened is the value; and it is opened whenever t of different places
 * can be proven.
 */
static void
test_mixtures(void)
{
	static uint8_t twins[JT_COIN_VALIDATORS][JT_COIN_SHARE];
	bool right = true, opened = true;
	unsigned shut = 0;

	for (uint32_t round = 0; round < 250; round++) {
		struct jt_coin_given g[2 * JT_COIN_VALIDATORS];
		uint32_t n = 1 + (uint32_t)random_below(22), f = (n - 1) / 3, count = 0, good = 0;
		uint8_t value[JT_COIN_VALUE];
		bool got;
		if (round % 10 == 0 || n != dealt.coin.public.n)
			deal(&dealt, n);
		make_round(round);
		for (uint32_t i = 0; i < n; i++) {
			bool lies = i < f;
			if (random_below(4) == 0)
				continue;
			g[count++] = given(i);
			if (lies && random_below(2)) { /* a twin, good or bad */
				memcpy(twins[i], r.share[i], JT_COIN_SHARE);
				g[count++] = (struct jt_coin_given){ .place = i, .share = twins[i] };
				if (random_below(2))
					spoil(twins[i]);
			}
			if (lies)
				spoil(r.share[i]);
			else
				g[count - 1].proven = random_below(8) == 0;
			good += !lies || (g[count - 1].share == twins[i] &&
			    jt_coin_verify(&dealt.coin.public, i, &r.name, twins[i]));
		}
		mix(g, count);
		got = jt_coin_open(&dealt.coin, &r.name, g, count, value);
		right = right && (!got || is_value(value));
		opened = opened && (got || good < dealt.coin.public.t);
		shut += !got;
	}
	ok(right, "whatever is opened is the value");
	ok(opened, "and it is whenever t can be proven");
	ok(shut > 0, "a few were too few (%u)", shut);
}

/* No shares, and places that there are none of. */
static void
test_nothing(void)
{
	uint8_t value[JT_COIN_VALUE];
	struct jt_coin_given g[4];

	deal(&dealt, 4);
	make_round(1);
	ok(!jt_coin_open(&dealt.coin, &r.name, NULL, 0, value), "nothing gives nothing");
	for (uint32_t i = 0; i < 4; i++) {
		g[i] = given(i);
		g[i].place = i + 4;
		g[i].proven = true;
	}
	ok(!jt_coin_open(&dealt.coin, &r.name, g, 4, value), "nobody's shares are no shares");
	for (uint32_t i = 0; i < 4; i++) {
		g[i] = given(0);
		g[i].proven = true;
	}
	ok(!jt_coin_open(&dealt.coin, &r.name, g, 4, value), "one share four times is one");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_names();
	test_share();
	test_public();
	test_combine();
	test_usual();
	test_too_few();
	test_together();
	test_mixtures();
	test_nothing();
	return done_testing();
}
