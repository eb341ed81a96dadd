/*
 * A proof that one secret scalar k is behind two pairs of points: key = k B,
 * with B the generator, and image = k point. It is RFC 9497's (section 2.2,
 * GenerateProof and VerifyProof) of ristretto255-SHA512 with one element and
 * in a context of our own, so that its published vectors are ours.
 */
#ifndef JT_DLEQ_H
#define JT_DLEQ_H

#include "crypto/group.h"

#define JT_DLEQ_PROOF 64 /* bytes: the scalars c and s */

/* What is proven: in RFC 9497's letters B, C[0] and D[0]. All is borrowed. */
struct jt_dleq {
	struct jt_slice context; /* contextString */
	const uint8_t *key;
	const uint8_t *point;
	const uint8_t *image;
};

/*
 * The proof, made with k and the nonce r. With r NULL it is HashToScalar("jt/nonce"
 * k M), M being the RFC's composite: the same statement has the same proof,
 * and no two statements have the same nonce. False when point is not good or k
 * is zero; that key and image are k times theirs is up to the caller.
 */
bool jt_dleq_prove(uint8_t proof[JT_DLEQ_PROOF], const struct jt_dleq *d,
    const uint8_t k[JT_SCALAR], const uint8_t *r);

/* Is it proven? Points and scalars that are not good prove nothing. */
bool jt_dleq_verify(const uint8_t proof[JT_DLEQ_PROOF], const struct jt_dleq *d);

#endif
