/*
 * Cryptography of a simulated vote: a model, which costs nothing, and the real
 * one, with keys that are made from the seed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "crypto/coin.h"
#include "crypto/poly.h"
#include "crypto/sample.h"
#include "crypto/sign.h"
#include "sim/world.h"

/* Leaders in turn: is this the leader whose turn it is? */
static bool
is_in_turn(const struct jt_world *w, uint32_t round, const uint8_t coin[64])
{
	uint32_t leader;

	if (!JT_SIM_HAS(w->t.faults, JT_SIM_KNOWN))
		return true;
	jt_sample(coin, 64, w->c.n, 1, &leader);
	return leader == round % w->c.n;
}

/* ---- the model ---- */

static bool
model_start(struct jt_world *w)
{
	(void)w;
	return true;
}

static void
model_end(struct jt_world *w)
{
	(void)w;
}

static bool
model_sign(struct jt_world *w, struct jt_made *m)
{
	uint64_t name[2] = { w->t.seed, w->made_count };

	jt_hash(m->block.ref.id, (struct jt_slice){ (uint8_t *)name, sizeof name });
	return true;
}

static bool
model_verify(struct jt_world *w, const struct jt_made *m)
{
	return jt_world_find(w, m->block.ref.id) == m;
}

static uint32_t
model_share(struct jt_world *w, uint32_t me, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)w;
	(void)me;
	(void)round;
	out[0] = 1;
	return 1;
}

static void
model_foresee(struct jt_world *w, uint32_t round, uint8_t out[64])
{
	uint64_t name[4] = { 0x636f696e, w->t.seed, round, 0 };

	/* The first that elects the leader whose turn it is. */
	do {
		crypto_generichash(out, 64, (const uint8_t *)name, sizeof name, NULL, 0);
		name[3]++;
	} while (!is_in_turn(w, round, out));
}

static bool
model_coin(struct jt_world *w, uint32_t me, uint32_t round, const struct jt_voter_share *shares,
    size_t count, uint8_t out[64])
{
	uint32_t good = 0;

	(void)me;
	for (size_t i = 0; i < count; i++)
		good += shares[i].len == 1 && shares[i].bytes[0] == 1;
	if (good < w->c.t)
		return false;
	model_foresee(w, round, out);
	return true;
}

const struct jt_sim_crypto jt_sim_modelled = { model_start, model_end, model_sign,
	model_verify, model_share, model_coin, model_foresee };

/* ---- the real one ---- */

struct keys {
	uint8_t key[JT_VOTERS_MAX][JT_KEY], secret[JT_VOTERS_MAX][JT_SECRET];
	uint8_t scalar[JT_VOTERS_MAX][JT_SCALAR];
	struct jt_coin coin[JT_VOTERS_MAX]; /* each voter's own, with its doubts */
};

/* 64 bytes that follow from the seed, for purpose `what` and place `i`. */
static void
derive(const struct jt_world *w, uint32_t what, uint32_t i, uint8_t out[64])
{
	uint64_t name[3] = { what, w->t.seed, i };

	crypto_generichash(out, 64, (const uint8_t *)name, sizeof name, NULL, 0);
}

static bool
real_start(struct jt_world *w)
{
	uint8_t coefficients[JT_VOTERS_MAX][JT_SCALAR], wide[64];
	struct jt_coin_public p = { .n = w->c.n, .t = w->c.t };
	struct keys *k;

	if ((w->keys = calloc(1, sizeof *k)) == NULL)
		return false;
	k = w->keys;
	for (uint32_t i = 0; i < p.t; i++) {
		derive(w, 1, i, wide);
		crypto_core_ristretto255_scalar_reduce(coefficients[i], wide);
	}
	if (!jt_point_base(p.key, coefficients[0]))
		return false;
	for (uint32_t i = 0; i < p.n; i++) {
		derive(w, 2, i, wide);
		jt_sign_keypair(k->key[i], k->secret[i], wide);
		jt_poly_value(k->scalar[i], coefficients, p.t, i + 1);
		if (!jt_point_base(p.share[i], k->scalar[i]))
			return false;
	}
	for (uint32_t i = 0; i < p.n; i++)
		k->coin[i].public = p;
	return true;
}

static void
real_end(struct jt_world *w)
{
	free(w->keys);
}

static void
hash_ref(struct jt_hasher *h, const struct jt_ref *ref)
{
	uint8_t be[8];

	jt_put_be32(be, ref->round);
	jt_put_be32(be + 4, ref->author);
	jt_hasher_add(h, be, sizeof be);
	jt_hasher_add(h, ref->id, JT_HASH);
}

static void
real_id(const struct jt_made *m, uint8_t id[JT_HASH])
{
	const struct jt_block *b = &m->block;
	const struct jt_ref slot = { .round = b->ref.round, .author = b->ref.author };
	struct jt_hasher h;
	uint8_t be[8];

	jt_hasher_init(&h);
	hash_ref(&h, &slot);
	jt_put_be64(be, b->time);
	jt_hasher_add(&h, be, sizeof be);
	jt_put_be32(be, b->items);
	jt_put_be32(be + 4, b->share_len);
	jt_hasher_add(&h, be, sizeof be);
	jt_hasher_add(&h, b->share, b->share_len);
	for (uint32_t i = 0; i < b->items; i++) {
		jt_put_be64(be, m->items[i]);
		jt_hasher_add(&h, be, sizeof be);
	}
	for (uint32_t i = 0; i < b->parent_count; i++)
		hash_ref(&h, &b->parents[i]);
	jt_hasher_end(&h, id);
}

static bool
real_sign(struct jt_world *w, struct jt_made *m)
{
	struct keys *k = w->keys;

	/* Two blocks that say the same are one: the clock tells twins apart. */
	for (real_id(m, m->block.ref.id); jt_world_find(w, m->block.ref.id) != NULL;
	    real_id(m, m->block.ref.id))
		m->block.time++;
	if ((m->proof = malloc(JT_SIGNATURE)) == NULL)
		return false;
	jt_sign_id(m->proof, k->secret[m->block.ref.author], m->block.ref.id);
	return true;
}

static bool
real_verify(struct jt_world *w, const struct jt_made *m)
{
	const struct keys *k = w->keys;
	uint8_t id[JT_HASH];

	real_id(m, id);
	return memcmp(id, m->block.ref.id, JT_HASH) == 0 &&
	    jt_sign_verify(m->proof, k->key[m->block.ref.author], id);
}

static void
name_of(uint32_t round, struct jt_coin_name *name)
{
	static const uint8_t network[JT_HASH] = { 0 };

	jt_coin_name(name, network, 0, round);
}

static uint32_t
real_share(struct jt_world *w, uint32_t me, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	struct keys *k = w->keys;
	struct jt_coin_name name;

	_Static_assert(JT_COIN_SHARE <= JT_SHARE_MAX, "a share fits a block");
	name_of(round, &name);
	return jt_coin_share(out, k->scalar[me], k->coin[me].public.share[me], &name) ?
	    JT_COIN_SHARE : 0;
}

static void
real_foresee(struct jt_world *w, uint32_t round, uint8_t out[64])
{
	uint8_t shares[JT_VOTERS_MAX][JT_SHARE_MAX];
	const uint8_t *given[JT_VOTERS_MAX];
	uint32_t places[JT_VOTERS_MAX];
	struct jt_coin_name name;

	name_of(round, &name);
	for (uint32_t i = 0; i < w->c.t; i++) {
		real_share(w, i, round, shares[i]);
		places[i] = i;
		given[i] = shares[i];
	}
	if (!jt_coin_combine(&name, places, given, w->c.t, out))
		memset(out, 0, 64);
}

static bool
real_coin(struct jt_world *w, uint32_t me, uint32_t round, const struct jt_voter_share *shares,
    size_t count, uint8_t out[64])
{
	struct keys *k = w->keys;
	struct jt_coin_given given[JT_VOTERS_MAX];
	struct jt_coin_name name;
	uint8_t expected[64];
	size_t usable = 0;

	for (size_t i = 0; i < count; i++)
		if (shares[i].len == JT_COIN_SHARE)
			given[usable++] = (struct jt_coin_given){ .place = shares[i].author,
				.share = shares[i].bytes };
	name_of(round, &name);
	if (!jt_coin_open(&k->coin[me], &name, given, usable, out))
		return false;
	real_foresee(w, round, expected);
	if (memcmp(out, expected, sizeof expected) != 0)
		jt_judge_broken(w, "v%u has another coin of round %u", me + 1, round);
	return true;
}

const struct jt_sim_crypto jt_sim_real = { real_start, real_end, real_sign, real_verify,
	real_share, real_coin, real_foresee };
