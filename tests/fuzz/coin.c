/*
 * Any bytes as what others send of a coin: dealings, shares in files, beacons, and
 * shares of f liars among those of correct validators. Whatever is believed is the
 * one value that there is. The first byte is the parser.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "key/beacon.h"
#include "key/dealing.h"

enum { N = 7, F = 2 };

static struct jt_deal *deal;
static struct jt_coin coin;
static struct jt_secret_key *key;
static msgpack_zone zone;
static const uint8_t network[JT_HASH] = { 3 };

static void
start(void)
{
	uint8_t bytes[JT_SECRET_BYTES];

	assert(jt_crypto_init() && msgpack_zone_init(&zone, 8192));
	deal = jt_deal_new();
	key = jt_secret_new();
	assert(deal != NULL && key != NULL);
	memset(deal->seed, 0x77, sizeof deal->seed);
	memset(bytes, 0x40, 32);
	memset(bytes + 32, 0x50, 32);
	jt_secret_set(key, JT_ROLE_VALIDATOR, bytes);
	assert(jt_coin_deal(deal, N, &coin.public));
}

/* By the secret itself. */
static void
true_value(const struct jt_coin_name *name, uint8_t value[JT_COIN_VALUE])
{
	uint8_t shares[F + 1][JT_COIN_SHARE];
	const uint8_t *points[F + 1];
	uint32_t places[F + 1];

	for (uint32_t i = 0; i <= F; i++) {
		places[i] = i;
		points[i] = shares[i];
		assert(jt_coin_share(shares[i], deal->share[i], coin.public.share[i], name));
	}
	assert(jt_coin_combine(name, places, points, F + 1, value));
}

static void
fuzz_dealing(const struct jt_object *o)
{
	uint8_t secret[JT_SCALAR];
	struct jt_coin_public p;
	struct jt_dealing d;
	struct jt_buf again;
	struct jt_error e;

	if (jt_dealing_read(o, &d, &zone, &e) != JT_OK) {
		assert(e.code == JT_MALFORMED && e.text[0] != '\0');
		return;
	}
	jt_dealing_public(&d, &p);
	assert(jt_coin_public_good(&p));
	jt_buf_init(&again, JT_OBJECT_MAX);
	assert(jt_kind_write(&jt_kind_dealing, &d, &again, &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&again), o->bytes));
	for (uint32_t i = 0; i < p.n; i++) {
		const struct jt_dealt *s = (const struct jt_dealt *)d.shares.items + i;
		uint32_t place;
		assert(jt_dealing_place(&d, s->key, &place) && place == i);
		if (jt_share_open(s->sealed, key, &p, i, secret, &e) == JT_OK)
			assert(jt_coin_is_share(&p, i, secret));
		else
			assert(e.code == JT_NO && sodium_is_zero(secret, sizeof secret));
	}
	jt_buf_free(&again);
}

static void
fuzz_share(const struct jt_object *o)
{
	struct jt_buf again;
	struct jt_share s;
	struct jt_error e;

	if (jt_share_read(o, &s, &e) != JT_OK) {
		assert(e.code == JT_MALFORMED && e.text[0] != '\0');
		return;
	}
	jt_buf_init(&again, JT_OBJECT_MAX);
	assert(jt_kind_write(&jt_kind_share, &s, &again, &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&again), o->bytes));
	jt_buf_free(&again);
}

static void
fuzz_beacon(const struct jt_object *o)
{
	uint8_t value[JT_COIN_VALUE];
	struct jt_coin_name name;
	struct jt_beacon b;
	struct jt_error e;

	if (jt_beacon_check(o, network, 0, &coin.public, &b, &zone, &e) != JT_OK) {
		assert((e.code == JT_MALFORMED || e.code == JT_NO) && e.text[0] != '\0');
		return;
	}
	jt_beacon_name(&name, network, 0, b.ledger);
	true_value(&name, value);
	assert(memcmp(value, b.value, JT_HASH) == 0);
}

/* What the input says stands in the place of the shares of the last F, once or twice. */
static void
fuzz_shares(struct fuzz_input *in)
{
	uint8_t shares[N + F][JT_COIN_SHARE], value[JT_COIN_VALUE], want[JT_COIN_VALUE];
	struct jt_coin_given g[N + F];
	struct jt_coin_name name;
	uint8_t left_out = fuzz_byte(in);
	size_t count = 0;
	uint32_t correct = 0;

	jt_coin_name(&name, network, 0, fuzz_byte(in));
	for (uint32_t i = 0; i < N + F; i++) {
		uint32_t place = i < N ? i : i - F;
		assert(jt_coin_share(shares[i], deal->share[place], coin.public.share[place], &name));
		if (place >= N - F) {
			struct jt_slice s = fuzz_take(in, JT_COIN_SHARE);
			for (size_t k = 0; k < s.len; k++)
				shares[i][k] ^= s.data[k];
		} else if (left_out >> place & 1) {
			continue;
		}
		correct += place < N - F;
		g[count++] = (struct jt_coin_given){ .place = place, .share = shares[i] };
	}
	true_value(&name, want);
	if (jt_coin_open(&coin, &name, g, count, value))
		assert(memcmp(value, want, sizeof value) == 0);
	else
		assert(correct <= F);
	for (uint32_t i = 0; i < N - F; i++)
		assert(!coin.doubted[i]);
	memset(coin.doubted, 0, sizeof coin.doubted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t which = fuzz_byte(&in);
	struct jt_object o;
	struct jt_error e;

	if (deal == NULL)
		start();
	msgpack_zone_clear(&zone);
	if (which % 4 == 3)
		fuzz_shares(&in);
	else if (jt_object_parse((struct jt_slice){ in.data, in.len }, &o, &e) != JT_OK)
		assert(e.code == JT_MALFORMED);
	else if (which % 4 == 0)
		fuzz_dealing(&o);
	else
		(which % 4 == 1 ? fuzz_share : fuzz_beacon)(&o);
	return 0;
}
