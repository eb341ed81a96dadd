/* Dealings, shares and beacons: what is made can be used, and what was altered cannot. */
#include "key/dealing.h"

#include "key/beacon.h"
#include "points.h"
#include "tap.h"

enum { VALIDATORS = 7 };

static struct jt_secret_key *keys[VALIDATORS];
static struct jt_deal *secrets;
static struct jt_buf object;
static msgpack_zone zone;
static struct jt_dealing dealing;
static struct jt_coin coin;
static uint8_t id[JT_HASH];
static struct jt_error e;

static void
must(enum jt_err err)
{
	if (err != JT_OK) {
		printf("# %s\n", e.text);
		exit(1);
	}
}

static struct jt_object
parsed(const struct jt_buf *b)
{
	struct jt_object o;

	must(jt_object_parse(jt_buf_slice(b), &o, &e));
	return o;
}

static int
by_key(const void *a, const void *b)
{
	const struct jt_secret_key *const *x = a, *const *y = b;

	return memcmp((*x)->pub.key, (*y)->pub.key, JT_KEY);
}

/* keys[] in the order of the set. */
static void
make(void)
{
	struct jt_pub pubs[VALIDATORS];
	struct jt_object o;

	for (int i = 0; i < VALIDATORS; i++) {
		uint8_t bytes[JT_SECRET_BYTES];
		random_bytes(bytes, sizeof bytes);
		keys[i] = jt_secret_new();
		jt_secret_set(keys[i], JT_ROLE_VALIDATOR, bytes);
		pubs[i] = keys[i]->pub;
	}
	qsort(keys, VALIDATORS, sizeof keys[0], by_key);
	secrets = jt_deal_new();
	random_bytes(secrets->seed, sizeof secrets->seed);
	jt_buf_init(&object, JT_DEALING_MAX);
	is_int(jt_dealing_make(pubs, VALIDATORS, secrets, &object, &e), JT_OK, "dealt");
	o = parsed(&object);
	is_int(jt_dealing_read(&o, &dealing, &zone, &e), JT_OK, "and read");
	must(jt_kind_id(&jt_kind_dealing, &o, id, &e));
	jt_dealing_public(&dealing, &coin.public);
	is_int(coin.public.n, VALIDATORS, "for all");
	is_int(coin.public.t, 3, "of whom f+1 make a coin");
}

static void
test_again(void)
{
	struct jt_deal *d = jt_deal_new();
	struct jt_pub pubs[VALIDATORS];
	struct jt_buf again;

	for (int i = 0; i < VALIDATORS; i++)
		pubs[i] = keys[VALIDATORS - 1 - i]->pub;
	memcpy(d->seed, secrets->seed, sizeof d->seed);
	jt_buf_init(&again, JT_DEALING_MAX);
	must(jt_dealing_make(pubs, VALIDATORS, d, &again, &e));
	ok(jt_slice_equal(jt_buf_slice(&again), jt_buf_slice(&object)),
	    "the same seed deals the same, in whatever order they are named");
	jt_buf_clear(&again);
	d->seed[0] ^= 1;
	must(jt_dealing_make(pubs, VALIDATORS, d, &again, &e));
	ok(!jt_slice_equal(jt_buf_slice(&again), jt_buf_slice(&object)), "another seed does not");
	is_int(jt_dealing_make(pubs, 0, d, &again, &e), JT_USAGE, "nobody");
	is_text(e.text, "expected 1 to 128 validators, found 0", "is too few");
	pubs[0] = pubs[1];
	is_int(jt_dealing_make(pubs, VALIDATORS, d, &again, &e), JT_USAGE, "the same one twice");
	is_text(e.text, "a validator is there twice", "is refused");
	pubs[0].role = JT_ROLE_ACCOUNT;
	is_int(jt_dealing_make(pubs, VALIDATORS, d, &again, &e), JT_USAGE, "an account");
	is_text(e.text, "expected keys of role validator, found account", "is refused");
	jt_buf_free(&again);
	jt_deal_free(d);
}

/* Every validator finds its share in the file that it keeps, and nobody else's. */
static void
test_shares(void)
{
	uint8_t secret[JT_SCALAR], stranger[JT_KEY] = { 1 };
	const struct jt_dealt *s = dealing.shares.items;
	bool right = true, sealed = true, placed = true;
	uint32_t place;

	for (uint32_t i = 0; i < VALIDATORS; i++) {
		struct jt_share share;
		struct jt_object o;
		struct jt_buf file;
		jt_buf_init(&file, JT_SHARE_FILE_MAX);
		must(jt_share_write(&dealing, id, i, &file, &e));
		o = parsed(&file);
		must(jt_share_read(&o, &share, &e));
		placed = placed && jt_dealing_place(&dealing, keys[i]->pub.key, &place) &&
		    place == i && memcmp(share.key, keys[i]->pub.key, JT_KEY) == 0 &&
		    memcmp(share.coin, id, JT_HASH) == 0;
		right = right && jt_share_open(share.sealed, keys[i], &coin.public, i, secret, &e) ==
		    JT_OK && memcmp(secret, secrets->share[i], JT_SCALAR) == 0;
		sealed = sealed && jt_share_open(share.sealed, keys[(i + 1) % VALIDATORS],
		    &coin.public, i, secret, &e) == JT_NO;
		jt_buf_free(&file);
	}
	ok(placed, "each has a place, and a file");
	ok(right, "with its share");
	ok(sealed, "that no other one can open");
	is_text(e.text, "share: was not sealed to this key", "as is said");
	ok(!jt_dealing_place(&dealing, stranger, &place), "a stranger has no place");
	is_int(jt_share_open(s[2].sealed, keys[2], &coin.public, 3, secret, &e), JT_NO,
	    "a share is of its place alone");
	is_text(e.text, "share: is not the one that the dealing commits to", "as is said");
	ok(sodium_is_zero(secret, sizeof secret) == 1, "and is not given out");
}

/* Read again after a change; the struct is changed back by the caller. */
static void
refused(const char *text)
{
	struct jt_dealing d;
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, JT_DEALING_MAX);
	must(jt_kind_write(&jt_kind_dealing, &dealing, &b, &e));
	o = parsed(&b);
	is_int(jt_dealing_read(&o, &d, &zone, &e), JT_MALFORMED, "refused:");
	is_text(e.text, text, "%s", text);
	jt_buf_free(&b);
}

static void
test_altered(void)
{
	struct jt_dealt *s = dealing.shares.items, old = s[3];
	static const char belongs[] = "shares: they belong to no key, or to another one than coin";
	uint8_t key[JT_POINT];

	memcpy(s[3].share, s[4].share, JT_POINT);
	refused(belongs);
	memset(s[3].share, 0, JT_POINT);
	refused(belongs);
	s[3] = old;
	memcpy(key, dealing.coin, sizeof key);
	memcpy(dealing.coin, s[0].share, sizeof key);
	refused(belongs);
	memcpy(dealing.coin, key, sizeof key);
	dealing.shares.count--;
	refused(belongs);
	dealing.shares.count = 0;
	refused(belongs);
	dealing.shares.count = VALIDATORS;
}

/* ---- beacons ---- */

static struct jt_beacon
beacon(void)
{
	return (struct jt_beacon){ .ledger = 12, .network = { 9 } };
}

static uint8_t shares[VALIDATORS][JT_COIN_SHARE];

static void
give(struct jt_coin_given *g)
{
	struct jt_beacon b = beacon();
	struct jt_coin_name name;

	jt_beacon_name(&name, b.network, 0, b.ledger);
	for (uint32_t i = 0; i < VALIDATORS; i++) {
		if (!jt_coin_share(shares[i], secrets->share[i], coin.public.share[i], &name))
			exit(1);
		g[i] = (struct jt_coin_given){ .place = i, .share = shares[i] };
	}
}

static void
test_beacon(void)
{
	struct jt_coin_given g[VALIDATORS];
	struct jt_beacon b = beacon(), read;
	uint8_t value[JT_COIN_VALUE], first[JT_HASH];
	struct jt_coin_name name;
	struct jt_object o;
	struct jt_buf out;
	int made = 0;

	jt_beacon_name(&name, b.network, 0, b.ledger);
	jt_buf_init(&out, JT_OBJECT_MAX);
	for (size_t from = 0; from + 3 <= VALIDATORS; from++) {
		give(g);
		jt_buf_clear(&out);
		must(jt_beacon_make(&coin, &b, g + from, VALIDATORS - from, &out, &e));
		o = parsed(&out);
		if (from == 0)
			memcpy(first, b.value, sizeof first);
		made += jt_beacon_check(&o, b.network, 0, &coin.public, &read, &zone, &e) == JT_OK &&
		    memcmp(read.value, first, sizeof first) == 0 && read.ledger == 12 &&
		    read.shares.count == 3;
	}
	is_int(made, 5, "any shares make the same beacon, and it checks");
	ok(jt_coin_open(&coin, &name, g, VALIDATORS, value), "the value is");
	is_bytes(value, first, sizeof first, "the first half of the coin's");
	give(g);
	for (int i = 0; i < 4; i++)
		shares[i][40] ^= 1; /* the proof alone */
	jt_buf_clear(&out);
	is_int(jt_beacon_make(&coin, &b, g, VALIDATORS, &out, &e), JT_OK, "three are proven");
	o = parsed(&out);
	is_int(jt_beacon_check(&o, b.network, 0, &coin.public, &read, &zone, &e), JT_OK,
	    "so they are in it");
	shares[4][40] ^= 1;
	for (int i = 0; i < VALIDATORS; i++)
		g[i].proven = false;
	is_int(jt_beacon_make(&coin, &b, g, VALIDATORS, &out, &e), JT_NO, "two are too few");
	is_text(e.text, "shares: expected 3 good ones, found fewer", "as is said");
	jt_buf_free(&out);
}

static void
check_altered(struct jt_beacon *b, enum jt_err want, const char *text)
{
	const struct jt_beacon right = beacon();
	struct jt_beacon read;
	struct jt_object o;
	struct jt_buf out;

	jt_buf_init(&out, JT_OBJECT_MAX);
	must(jt_kind_write(&jt_kind_beacon, b, &out, &e));
	o = parsed(&out);
	is_int(jt_beacon_check(&o, right.network, 0, &coin.public, &read, &zone, &e), want,
	    "altered:");
	is_text(e.text, text, "%s", text);
	jt_buf_free(&out);
}

static void
test_beacon_altered(void)
{
	struct jt_coin_given g[VALIDATORS];
	struct jt_beacon b = beacon(), good;
	struct jt_beacon_share *s, old;
	struct jt_object o;
	struct jt_buf out;

	memset(coin.doubted, 0, sizeof coin.doubted);
	give(g);
	jt_buf_init(&out, JT_OBJECT_MAX);
	must(jt_beacon_make(&coin, &b, g, VALIDATORS, &out, &e));
	o = parsed(&out);
	must(jt_beacon_check(&o, b.network, 0, &coin.public, &good, &zone, &e));
	b = good;
	b.value[0] ^= 1;
	check_altered(&b, JT_NO, "value is not what the shares make");
	b = good;
	b.ledger++;
	check_altered(&b, JT_NO, "share of validator 1 is not proven");
	b = good;
	b.epoch++;
	check_altered(&b, JT_NO, "beacon of epoch 1, expected epoch 0");
	b = good;
	b.network[31]++;
	check_altered(&b, JT_NO, "beacon of another network");
	b = good;
	b.shares.count--;
	check_altered(&b, JT_NO, "shares: expected 3, found 2");
	b = good;
	s = b.shares.items;
	old = s[2];
	s[2].validator = 100;
	check_altered(&b, JT_NO, "share of validator 100 is not proven");
	s[2] = s[1];
	check_altered(&b, JT_MALFORMED,
	    "shares: element 3: validators are not in strictly ascending order from 1");
	s[2] = old;
	old = s[0];
	s[0].validator = 0;
	check_altered(&b, JT_MALFORMED,
	    "shares: element 1: validators are not in strictly ascending order from 1");
	s[0] = old;
	s[1].share[95] ^= 1;
	check_altered(&b, JT_NO, "share of validator 2 is not proven");
	jt_buf_free(&out);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	if (!msgpack_zone_init(&zone, 8192))
		return 1;
	make();
	test_again();
	test_shares();
	test_altered();
	test_beacon();
	test_beacon_altered();
	for (int i = 0; i < VALIDATORS; i++)
		jt_secret_free(keys[i]);
	jt_deal_free(secrets);
	jt_buf_free(&object);
	msgpack_zone_destroy(&zone);
	return done_testing();
}
