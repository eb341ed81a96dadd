/* Beacons: the kind jt/beacon. See beacon.h. */
#include "key/beacon.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static const struct jt_field beacon_share_fields[] = {
	{ .name = "validator", .type = JT_UINT, .max = JT_COIN_VALIDATORS,
	    .offset = offsetof(struct jt_beacon_share, validator),
	    .help = "its number in the set, from 1" },
	{ .name = "share", .type = JT_FIXED, .max = JT_COIN_SHARE,
	    .offset = offsetof(struct jt_beacon_share, share), .help = "its share, and the proof" },
};
static const struct jt_schema beacon_share_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_beacon_share, beacon_share_fields);
static const struct jt_field beacon_fields[] = {
	{ .name = "epoch", .type = JT_UINT, .flags = JT_OPTIONAL, .max = UINT32_MAX,
	    .offset = offsetof(struct jt_beacon, epoch), .help = "whose coin it is" },
	{ .name = "ledger", .type = JT_UINT, .offset = offsetof(struct jt_beacon, ledger),
	    .help = "number of the ledger" },
	{ .name = "network", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_beacon, network), .help = "id of the genesis" },
	{ .name = "shares", .type = JT_LIST, .max = JT_COIN_VALIDATORS,
	    .offset = offsetof(struct jt_beacon, shares), .sub = &beacon_share_schema,
	    .help = "[validator, share], validators ascending: as many as make the value" },
	{ .name = "value", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_beacon, value), .help = "the random value" },
};
static const struct jt_schema beacon_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_beacon, beacon_fields);
const struct jt_kind jt_kind_beacon = {
	.name = "beacon", .version = 1, .schema = &beacon_schema,
	.help = "the random value behind a ledger, and the shares that prove it",
};

/* The value from t proven shares. */
static enum jt_err
combine(const struct jt_coin_name *name, const struct jt_beacon_share *shares, uint32_t t,
    uint8_t value[JT_HASH], struct jt_error *e)
{
	const uint8_t *points[JT_COIN_VALIDATORS];
	uint32_t places[JT_COIN_VALIDATORS];
	uint8_t all[JT_COIN_VALUE];

	for (uint32_t i = 0; i < t; i++) {
		places[i] = (uint32_t)shares[i].validator - 1;
		points[i] = shares[i].share;
	}
	if (!jt_coin_combine(name, places, points, t, all))
		return jt_fail(e, JT_NO, "shares: they make no value");
	memcpy(value, all, JT_HASH);
	return JT_OK;
}

enum jt_err
jt_beacon_make(struct jt_coin *c, struct jt_beacon *b, struct jt_coin_given *given,
    size_t count, struct jt_buf *out, struct jt_error *e)
{
	struct jt_beacon_share shares[JT_COIN_VALIDATORS];
	struct jt_coin_name name;
	uint32_t t = c->public.t, found = 0;
	enum jt_err err;

	jt_beacon_name(&name, b->network, (uint32_t)b->epoch, b->ledger);
	if (!jt_coin_prove(c, &name, given, count))
		return jt_fail(e, JT_NO, "shares: expected %" PRIu32 " good ones, found fewer", t);
	/* In ascending order of validators. */
	for (uint32_t place = 0; place < c->public.n && found < t; place++)
		for (size_t i = 0; i < count; i++)
			if (given[i].place == place && given[i].proven) {
				shares[found].validator = place + 1;
				memcpy(shares[found++].share, given[i].share, JT_COIN_SHARE);
				break;
			}
	if ((err = combine(&name, shares, t, b->value, e)) != JT_OK)
		return err;
	b->shares = (struct jt_list){ shares, t };
	err = jt_kind_write(&jt_kind_beacon, b, out, e);
	b->shares = (struct jt_list){ NULL, 0 };
	return err;
}

static enum jt_err
check_shares(const struct jt_coin_public *p, const struct jt_coin_name *name,
    const struct jt_beacon_share *s, struct jt_error *e)
{
	for (uint32_t i = 0; i < p->t; i++) {
		if (s[i].validator <= (i > 0 ? s[i - 1].validator : 0))
			return jt_fail(e, JT_MALFORMED, "shares: element %" PRIu32
			    ": validators are not in strictly ascending order from 1", i + 1);
		if (!jt_coin_verify(p, (uint32_t)s[i].validator - 1, name, s[i].share))
			return jt_fail(e, JT_NO, "share of validator %" PRIu64 " is not proven",
			    s[i].validator);
	}
	return JT_OK;
}

enum jt_err
jt_beacon_check(const struct jt_object *o, const uint8_t network[JT_HASH], uint32_t epoch,
    const struct jt_coin_public *p, struct jt_beacon *b, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_coin_name name;
	uint8_t value[JT_HASH];
	enum jt_err err = jt_kind_read(&jt_kind_beacon, o, b, zone, e);

	if (err != JT_OK)
		return err;
	if (memcmp(b->network, network, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "beacon of another network");
	if (b->epoch != epoch)
		return jt_fail(e, JT_NO, "beacon of epoch %" PRIu64 ", expected epoch %" PRIu32,
		    b->epoch, epoch);
	if (b->shares.count != p->t)
		return jt_fail(e, JT_NO, "shares: expected %" PRIu32 ", found %" PRIu32, p->t,
		    b->shares.count);
	jt_beacon_name(&name, network, epoch, b->ledger);
	if ((err = check_shares(p, &name, b->shares.items, e)) != JT_OK ||
	    (err = combine(&name, b->shares.items, p->t, value, e)) != JT_OK)
		return err;
	if (memcmp(value, b->value, sizeof value) != 0)
		return jt_fail(e, JT_NO, "value is not what the shares make");
	return JT_OK;
}
