/* The group of the coin: ristretto255. See group.h. */
#include "crypto/group.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(JT_POINT == crypto_core_ristretto255_BYTES, "ristretto255");
static_assert(JT_SCALAR == crypto_core_ristretto255_SCALARBYTES, "ristretto255");
static_assert(crypto_core_ristretto255_HASHBYTES == crypto_hash_sha512_BYTES, "SHA-512");

enum { HASH = crypto_hash_sha512_BYTES, BLOCK = 128 /* SHA-512's input block */ };

bool
jt_point_good(const uint8_t point[JT_POINT])
{
	return crypto_core_ristretto255_is_valid_point(point) == 1 &&
	    sodium_is_zero(point, JT_POINT) == 0;
}

bool
jt_scalar_good(const uint8_t scalar[JT_SCALAR])
{
	uint8_t wide[crypto_core_ristretto255_NONREDUCEDSCALARBYTES] = { 0 }, reduced[JT_SCALAR];
	bool good;

	memcpy(wide, scalar, JT_SCALAR);
	crypto_core_ristretto255_scalar_reduce(reduced, wide);
	good = sodium_memcmp(reduced, scalar, JT_SCALAR) == 0 && sodium_is_zero(scalar, JT_SCALAR) == 0;
	sodium_memzero(wide, sizeof wide); /* it can be a secret share */
	sodium_memzero(reduced, sizeof reduced);
	return good;
}

/* DST_prime: the domain, and its length behind it. */
static void
add_domain(crypto_hash_sha512_state *h, struct jt_slice dst)
{
	uint8_t len = (uint8_t)dst.len;

	crypto_hash_sha512_update(h, dst.data, dst.len);
	crypto_hash_sha512_update(h, &len, 1);
}

/* b_0, over all of the message. */
static void
first_block(uint8_t b0[HASH], size_t len, const struct jt_slice *message, size_t pieces,
    struct jt_slice dst)
{
	static const uint8_t pad[BLOCK];
	uint8_t tail[3] = { (uint8_t)(len >> 8), (uint8_t)len, 0 };
	crypto_hash_sha512_state h;

	crypto_hash_sha512_init(&h);
	crypto_hash_sha512_update(&h, pad, sizeof pad);
	for (size_t i = 0; i < pieces; i++)
		crypto_hash_sha512_update(&h, message[i].data, message[i].len);
	crypto_hash_sha512_update(&h, tail, sizeof tail);
	add_domain(&h, dst);
	crypto_hash_sha512_final(&h, b0);
	sodium_memzero(&h, sizeof h);
}

void
jt_xmd(uint8_t *out, size_t len, const struct jt_slice *message, size_t pieces,
    struct jt_slice dst)
{
	uint8_t b0[HASH], block[HASH] = { 0 };

	assert(len <= JT_XMD_MAX && dst.len <= 255);
	first_block(b0, len, message, pieces, dst);
	for (uint8_t i = 1; len > 0; i++) {
		size_t part = len < HASH ? len : HASH;
		crypto_hash_sha512_state h;
		for (size_t k = 0; k < HASH; k++)
			block[k] ^= b0[k];
		crypto_hash_sha512_init(&h);
		crypto_hash_sha512_update(&h, block, HASH);
		crypto_hash_sha512_update(&h, &i, 1);
		add_domain(&h, dst);
		crypto_hash_sha512_final(&h, block);
		memcpy(out, block, part);
		out += part;
		len -= part;
		sodium_memzero(&h, sizeof h);
	}
	sodium_memzero(b0, sizeof b0);
	sodium_memzero(block, sizeof block);
}

/* 64 bytes in the domain PREFIX context. */
static void
hash_in(uint8_t wide[HASH], const char *prefix, const struct jt_slice *message, size_t pieces,
    struct jt_slice context)
{
	uint8_t dst[JT_XMD_MAX];
	size_t len = strlen(prefix);

	assert(len + context.len < sizeof dst);
	memcpy(dst, prefix, len);
	memcpy(dst + len, context.data, context.len);
	jt_xmd(wide, HASH, message, pieces, (struct jt_slice){ dst, len + context.len });
}

bool
jt_point_hash(uint8_t point[JT_POINT], struct jt_slice message, struct jt_slice context)
{
	uint8_t wide[HASH];

	hash_in(wide, "HashToGroup-", &message, 1, context);
	return crypto_core_ristretto255_from_hash(point, wide) == 0 &&
	    sodium_is_zero(point, JT_POINT) == 0;
}

void
jt_scalar_hash(uint8_t scalar[JT_SCALAR], const struct jt_slice *message, size_t pieces,
    struct jt_slice context)
{
	uint8_t wide[HASH];

	hash_in(wide, "HashToScalar-", message, pieces, context);
	crypto_core_ristretto255_scalar_reduce(scalar, wide);
	sodium_memzero(wide, sizeof wide);
}

bool
jt_point_mul(uint8_t out[JT_POINT], const uint8_t scalar[JT_SCALAR],
    const uint8_t point[JT_POINT])
{
	return crypto_scalarmult_ristretto255(out, scalar, point) == 0;
}

bool
jt_point_base(uint8_t out[JT_POINT], const uint8_t scalar[JT_SCALAR])
{
	return crypto_scalarmult_ristretto255_base(out, scalar) == 0;
}

bool
jt_point_mul2(uint8_t out[JT_POINT], const uint8_t a[JT_SCALAR], const uint8_t p[JT_POINT],
    const uint8_t b[JT_SCALAR], const uint8_t q[JT_POINT])
{
	uint8_t left[JT_POINT], right[JT_POINT];

	return jt_point_mul(left, a, p) && jt_point_mul(right, b, q) &&
	    crypto_core_ristretto255_add(out, left, right) == 0;
}

bool
jt_point_sum(uint8_t out[JT_POINT], uint8_t (*scalars)[JT_SCALAR], const uint8_t *const *points,
    size_t count)
{
	uint8_t term[JT_POINT];

	assert(count > 0);
	if (!jt_point_mul(out, scalars[0], points[0]))
		return false;
	for (size_t i = 1; i < count; i++)
		if (!jt_point_mul(term, scalars[i], points[i]) ||
		    crypto_core_ristretto255_add(out, out, term) != 0)
			return false;
	return true;
}
