/* Dealings: the kinds jt/dealing and jt/share. See dealing.h. */
#include "key/dealing.h"

#include <assert.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static_assert(JT_SEALED_SHARE == crypto_box_SEALBYTES + JT_SCALAR, "the sealed box");
static_assert(JT_BOX_KEY == crypto_box_PUBLICKEYBYTES, "X25519");

#define ROW(s_, member, type_, max_, help_) \
	{ .name = #member, .type = type_, .max = max_, .offset = offsetof(struct s_, member), \
	    .help = help_ }

static const struct jt_field dealt_fields[] = {
	ROW(jt_dealt, key, JT_FIXED, JT_KEY, "Ed25519 key of a validator"),
	ROW(jt_dealt, box, JT_FIXED, JT_BOX_KEY, "X25519 key that its share is sealed to"),
	ROW(jt_dealt, share, JT_FIXED, JT_POINT, "its share times the generator"),
	ROW(jt_dealt, sealed, JT_FIXED, JT_SEALED_SHARE, "its share, sealed"),
};
static const struct jt_schema dealt_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_dealt, dealt_fields);
static const struct jt_field dealing_fields[] = {
	ROW(jt_dealing, coin, JT_FIXED, JT_POINT, "the secret key times the generator"),
	{ .name = "shares", .type = JT_LIST, .flags = JT_SORTED, .max = JT_COIN_VALIDATORS,
	    .offset = offsetof(struct jt_dealing, shares), .sub = &dealt_schema,
	    .help = "[key, box, share, sealed], keys ascending" },
};
static const struct jt_schema dealing_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_dealing, dealing_fields);
const struct jt_kind jt_kind_dealing = {
	.name = "dealing", .version = 1, .schema = &dealing_schema,
	.help = "a coin's key, and the shares of it that validators were dealt",
};

static const struct jt_field share_fields[] = {
	ROW(jt_share, coin, JT_FIXED, JT_HASH, "id of the jt/dealing"),
	ROW(jt_share, key, JT_FIXED, JT_KEY, "Ed25519 key of the validator"),
	ROW(jt_share, sealed, JT_FIXED, JT_SEALED_SHARE, "its share of the coin's key, sealed"),
};
static const struct jt_schema share_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_share, share_fields);
const struct jt_kind jt_kind_share = {
	.name = "share", .version = 1, .schema = &share_schema,
	.help = "a validator's share of a coin's key, sealed to the validator",
};

/*
 * crypto_box_seal, which would draw the sender's key itself: here it comes from
 * the dealer's seed.
 */
static enum jt_err
seal(uint8_t out[JT_SEALED_SHARE], const uint8_t box[JT_BOX_KEY], struct jt_deal *d,
    uint32_t place, struct jt_error *e)
{
	static const char domain[] = "jt/deal/box/1";
	uint8_t from[crypto_box_SECRETKEYBYTES], nonce[crypto_box_NONCEBYTES], at = (uint8_t)place;
	crypto_generichash_state h;
	int bad;

	crypto_generichash_init(&h, d->seed, sizeof d->seed, sizeof from);
	crypto_generichash_update(&h, (const uint8_t *)domain, sizeof domain - 1);
	crypto_generichash_update(&h, &at, 1);
	crypto_generichash_final(&h, from, sizeof from);
	crypto_scalarmult_curve25519_base(out, from);
	crypto_generichash_init(&h, NULL, 0, sizeof nonce);
	crypto_generichash_update(&h, out, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_update(&h, box, JT_BOX_KEY);
	crypto_generichash_final(&h, nonce, sizeof nonce);
	bad = crypto_box_easy(out + crypto_box_PUBLICKEYBYTES, d->share[place], JT_SCALAR, nonce,
	    box, from);
	sodium_memzero(from, sizeof from);
	return bad == 0 ? JT_OK : jt_fail(e, JT_MALFORMED, "box: not an X25519 key");
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct jt_pub *)a)->key, ((const struct jt_pub *)b)->key, JT_KEY);
}

static enum jt_err
check_pubs(struct jt_pub *pubs, uint32_t count, struct jt_error *e)
{
	if (count == 0 || count > JT_COIN_VALIDATORS)
		return jt_fail(e, JT_USAGE, "expected 1 to %d validators, found %u",
		    JT_COIN_VALIDATORS, (unsigned)count);
	for (uint32_t i = 0; i < count; i++)
		if (pubs[i].role != JT_ROLE_VALIDATOR)
			return jt_fail(e, JT_USAGE, "expected keys of role validator, found %s",
			    jt_roles[pubs[i].role]);
	qsort(pubs, count, sizeof *pubs, by_key);
	for (uint32_t i = 1; i < count; i++)
		if (by_key(&pubs[i - 1], &pubs[i]) == 0)
			return jt_fail(e, JT_USAGE, "a validator is there twice");
	return JT_OK;
}

enum jt_err
jt_dealing_make(struct jt_pub *pubs, uint32_t count, struct jt_deal *d, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_dealt shares[JT_COIN_VALIDATORS];
	struct jt_dealing dealing = { .shares = { shares, count } };
	struct jt_coin_public p;
	enum jt_err err = check_pubs(pubs, count, e);

	if (err != JT_OK)
		return err;
	if (!jt_coin_deal(d, count, &p))
		return jt_fail(e, JT_AGAIN, "a share is zero: deal again");
	memcpy(dealing.coin, p.key, sizeof dealing.coin);
	for (uint32_t i = 0; i < count && err == JT_OK; i++) {
		memcpy(shares[i].key, pubs[i].key, JT_KEY);
		memcpy(shares[i].box, pubs[i].box, JT_BOX_KEY);
		memcpy(shares[i].share, p.share[i], JT_POINT);
		err = seal(shares[i].sealed, pubs[i].box, d, i, e);
	}
	return err == JT_OK ? jt_kind_write(&jt_kind_dealing, &dealing, out, e) : err;
}

void
jt_dealing_public(const struct jt_dealing *d, struct jt_coin_public *p)
{
	const struct jt_dealt *s = d->shares.items;

	memset(p, 0, sizeof *p);
	p->n = d->shares.count;
	p->t = jt_coin_threshold(p->n);
	memcpy(p->key, d->coin, sizeof p->key);
	for (uint32_t i = 0; i < p->n; i++)
		memcpy(p->share[i], s[i].share, sizeof p->share[i]);
}

enum jt_err
jt_dealing_read(const struct jt_object *o, struct jt_dealing *d, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_coin_public p;
	enum jt_err err = jt_kind_read(&jt_kind_dealing, o, d, zone, e);

	if (err != JT_OK)
		return err;
	jt_dealing_public(d, &p);
	if (!jt_coin_public_good(&p))
		return jt_fail(e, JT_MALFORMED,
		    "shares: they belong to no key, or to another one than coin");
	return JT_OK;
}

bool
jt_dealing_place(const struct jt_dealing *d, const uint8_t key[JT_KEY], uint32_t *place)
{
	const struct jt_dealt *s = d->shares.items;

	for (uint32_t i = 0; i < d->shares.count; i++)
		if (memcmp(s[i].key, key, JT_KEY) == 0) {
			*place = i;
			return true;
		}
	return false;
}

enum jt_err
jt_share_write(const struct jt_dealing *d, const uint8_t id[JT_HASH], uint32_t place,
    struct jt_buf *out, struct jt_error *e)
{
	const struct jt_dealt *s = d->shares.items;
	struct jt_share share;

	assert(place < d->shares.count);
	memcpy(share.coin, id, sizeof share.coin);
	memcpy(share.key, s[place].key, sizeof share.key);
	memcpy(share.sealed, s[place].sealed, sizeof share.sealed);
	return jt_kind_write(&jt_kind_share, &share, out, e);
}

enum jt_err
jt_share_read(const struct jt_object *o, struct jt_share *s, struct jt_error *e)
{
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, JT_SHARE_FILE_MAX))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_share, o, s, &zone, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_share_open(const uint8_t sealed[JT_SEALED_SHARE], const struct jt_secret_key *k,
    const struct jt_coin_public *p, uint32_t place, uint8_t secret[JT_SCALAR],
    struct jt_error *e)
{
	if (crypto_box_seal_open(secret, sealed, JT_SEALED_SHARE, k->pub.box, k->box) != 0) {
		sodium_memzero(secret, JT_SCALAR);
		return jt_fail(e, JT_NO, "share: was not sealed to this key");
	}
	if (!jt_coin_is_share(p, place, secret)) {
		sodium_memzero(secret, JT_SCALAR);
		return jt_fail(e, JT_NO, "share: is not the one that the dealing commits to");
	}
	return JT_OK;
}
