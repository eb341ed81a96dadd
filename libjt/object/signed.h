/*
 * Signed objects: payload {body: bin, sigs: [[key, signature], ...]}, keys
 * strictly ascending, at most JT_SIGS_MAX. The id is over kind, version and
 * body, so signatures made apart join (jt_signed_merge), and adding one does
 * not change what was signed. One invalid signature refuses that copy of the
 * object, and only that copy.
 */
#ifndef JT_SIGNED_H
#define JT_SIGNED_H

#include "crypto/sign.h"
#include "object/object.h"
#include "object/schema.h"

#define JT_SIGS_MAX 128 /* validators at most; a transaction takes fewer (tx.h) */

struct jt_sig {
	uint8_t key[JT_KEY];
	uint8_t sig[JT_SIGNATURE];
};

struct jt_signed {
	struct jt_slice body;
	struct jt_list sigs; /* of struct jt_sig */
};

extern const struct jt_schema jt_signed_schema;

/* body is borrowed from o, sigs from the zone; the body is not looked at. */
enum jt_err jt_signed_decode(const struct jt_object *o, struct jt_signed *s,
    msgpack_zone *zone, struct jt_error *e);

/* The body alone; needs no zone. */
enum jt_err jt_signed_body(const struct jt_object *o, struct jt_slice *body, struct jt_error *e);

/* Append the object with these signatures, which may come in any order. */
enum jt_err jt_signed_write(struct jt_buf *out, struct jt_slice kind, uint64_t version,
    struct jt_slice body, const struct jt_sig *sigs, size_t count, struct jt_error *e);

/* JT_NO names the first key whose signature is bad, or says that there is none. */
enum jt_err jt_signed_verify(const struct jt_object *o, const struct jt_signed *s,
    struct jt_error *e);

/*
 * H over the encoded list of signatures: what a transaction's leaf holds
 * beside its id, so that a proof is of this copy.
 */
void jt_signed_sigs_hash(uint8_t out[JT_HASH], const struct jt_signed *s);

#endif
