/* One secret behind two pairs of points. See dleq.h. */
#include "crypto/dleq.h"

#include <sodium.h>
#include <string.h>

static const uint8_t two_32[2] = { 0, 32 }, two_64[2] = { 0, 64 }, two_0[2];

#define BYTES(array) ((struct jt_slice){ (array), sizeof(array) })
#define POINT(p) BYTES(two_32), { (p), JT_POINT }

/* The scalar by which point and image are multiplied: d_0 of ComputeComposites. */
static void
composite(uint8_t scalar[JT_SCALAR], const struct jt_dleq *d)
{
	static const char prefix[] = "Seed-";
	uint8_t seed[crypto_hash_sha512_BYTES];
	size_t len = sizeof prefix - 1 + d->context.len;
	uint8_t lens[2] = { (uint8_t)(len >> 8), (uint8_t)len };
	const struct jt_slice message[] = { BYTES(two_64), BYTES(seed), BYTES(two_0),
		POINT(d->point), POINT(d->image), jt_slice_text("Composite") };
	crypto_hash_sha512_state h;

	crypto_hash_sha512_init(&h);
	crypto_hash_sha512_update(&h, two_32, sizeof two_32);
	crypto_hash_sha512_update(&h, d->key, JT_POINT);
	crypto_hash_sha512_update(&h, lens, sizeof lens);
	crypto_hash_sha512_update(&h, (const uint8_t *)prefix, sizeof prefix - 1);
	crypto_hash_sha512_update(&h, d->context.data, d->context.len);
	crypto_hash_sha512_final(&h, seed);
	jt_scalar_hash(scalar, message, sizeof message / sizeof message[0], d->context);
}

static void
challenge(uint8_t c[JT_SCALAR], const struct jt_dleq *d, const uint8_t m[JT_POINT],
    const uint8_t z[JT_POINT], const uint8_t t2[JT_POINT], const uint8_t t3[JT_POINT])
{
	const struct jt_slice message[] = { POINT(d->key), POINT(m), POINT(z), POINT(t2),
		POINT(t3), jt_slice_text("Challenge") };

	jt_scalar_hash(c, message, sizeof message / sizeof message[0], d->context);
}

bool
jt_dleq_prove(uint8_t proof[JT_DLEQ_PROOF], const struct jt_dleq *d, const uint8_t k[JT_SCALAR],
    const uint8_t *r)
{
	uint8_t scalar[JT_SCALAR], nonce[JT_SCALAR], *c = proof, *s = proof + JT_SCALAR;
	uint8_t m[JT_POINT], z[JT_POINT], t2[JT_POINT], t3[JT_POINT];
	const struct jt_slice seed[] = { jt_slice_text("jt/nonce"), { k, JT_SCALAR }, BYTES(m) };
	bool made;

	composite(scalar, d);
	if (!jt_point_mul(m, scalar, d->point))
		return false;
	if (r != NULL)
		memcpy(nonce, r, sizeof nonce);
	else
		jt_scalar_hash(nonce, seed, sizeof seed / sizeof seed[0], d->context);
	made = jt_point_mul(z, k, m) && jt_point_base(t2, nonce) && jt_point_mul(t3, nonce, m);
	if (made) {
		challenge(c, d, m, z, t2, t3);
		crypto_core_ristretto255_scalar_mul(scalar, c, k);
		crypto_core_ristretto255_scalar_sub(s, nonce, scalar);
	}
	sodium_memzero(scalar, sizeof scalar);
	sodium_memzero(nonce, sizeof nonce);
	return made;
}

bool
jt_dleq_verify(const uint8_t proof[JT_DLEQ_PROOF], const struct jt_dleq *d)
{
	const uint8_t *c = proof, *s = proof + JT_SCALAR;
	uint8_t scalar[JT_SCALAR], found[JT_SCALAR];
	uint8_t m[JT_POINT], z[JT_POINT], t2[JT_POINT], t3[JT_POINT], base[JT_POINT];

	/* The multiplications refuse bad points, and the scalar zero. */
	if (!jt_scalar_good(c) || !jt_scalar_good(s))
		return false;
	composite(scalar, d);
	if (!jt_point_mul(m, scalar, d->point) || !jt_point_mul(z, scalar, d->image) ||
	    !jt_point_base(base, s) || !jt_point_mul(t2, c, d->key) ||
	    crypto_core_ristretto255_add(t2, base, t2) != 0 || !jt_point_mul2(t3, s, m, c, z))
		return false;
	challenge(found, d, m, z, t2, t3);
	return memcmp(found, c, sizeof found) == 0;
}
