/*
 * The group of the coin: ristretto255 (RFC 9496), of prime order L, by
 * libsodium alone, and hashing into it and to its scalars (RFC 9380, RFC 9497).
 *
 * Points and scalars are their encodings. What comes from others is checked
 * with jt_point_good and jt_scalar_good, or by a function below that says so:
 * a point that is not canonical, or is the identity, is never worked with. A
 * function that returns bool gives false for such input, and when its result is
 * the identity where that is an error; its output is then not to be used.
 */
#ifndef JT_GROUP_H
#define JT_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define JT_POINT 32   /* bytes of a point */
#define JT_SCALAR 32  /* bytes of a scalar, little-endian */
#define JT_XMD_MAX 256 /* bytes that jt_xmd gives at most; of a context and its prefix */

/* Canonical, and not the identity? */
bool jt_point_good(const uint8_t point[JT_POINT]);
/* Canonical (below L), and not zero? Constant time. */
bool jt_scalar_good(const uint8_t scalar[JT_SCALAR]);

/*
 * expand_message_xmd of RFC 9380 with SHA-512: len bytes, at most JT_XMD_MAX,
 * from the pieces of a message together, in the domain `dst` (at most 255 bytes).
 */
void jt_xmd(uint8_t *out, size_t len, const struct jt_slice *message, size_t pieces,
    struct jt_slice dst);
/* HashToGroup and HashToScalar of RFC 9497's ristretto255-SHA512 in a context. */
bool jt_point_hash(uint8_t point[JT_POINT], struct jt_slice message, struct jt_slice context);
void jt_scalar_hash(uint8_t scalar[JT_SCALAR], const struct jt_slice *message, size_t pieces,
    struct jt_slice context);

/* scalar * point, scalar * B; false for a bad point or scalar zero. Constant time. */
bool jt_point_mul(uint8_t out[JT_POINT], const uint8_t scalar[JT_SCALAR],
    const uint8_t point[JT_POINT]);
bool jt_point_base(uint8_t out[JT_POINT], const uint8_t scalar[JT_SCALAR]);
/* a * p + b * q, false where jt_point_mul is; the sum may be the identity. */
bool jt_point_mul2(uint8_t out[JT_POINT], const uint8_t a[JT_SCALAR], const uint8_t p[JT_POINT],
    const uint8_t b[JT_SCALAR], const uint8_t q[JT_POINT]);
/* The sum of scalars[i] * points[i]; count > 0. The sum may be the identity. */
bool jt_point_sum(uint8_t out[JT_POINT], uint8_t (*scalars)[JT_SCALAR],
    const uint8_t *const *points, size_t count);

#endif
