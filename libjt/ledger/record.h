/*
 * Hash records (white paper 2.3): 32 bytes that were there not after a ledger.
 *
 * A jt/record belongs to nobody: no account, no signature, no fee. Its id is
 * what it says, and the ledger holds each id once. On its way through a
 * validator it is inside a jt/stamp: the work that this one validator, the
 * door, asks for, so that a flood costs those who make it. A stamp is no part
 * of the record: it can be made again for another door, and proofs are of the
 * record alone.
 */
#ifndef JT_RECORD_H
#define JT_RECORD_H

#include "crypto/merkle.h"
#include "crypto/sign.h"
#include "object/kind.h"

#define JT_TAG_MAX 128       /* bytes */
#define JT_RECORD_MAX 512    /* bytes of a jt/record object */
#define JT_STAMP_BITS_MAX 64

struct jt_record {
	uint8_t after[JT_HASH];   /* id of a header of the last hour; zero: none */
	uint8_t hash[JT_HASH];    /* what is recorded */
	uint8_t network[JT_HASH];
	uint8_t prev[JT_HASH];    /* the recorder's own: a record before this one; zero: none */
	struct jt_slice tag;      /* the recorder's own: text */
};
extern const struct jt_kind jt_kind_record;

struct jt_stamp {
	uint8_t door[JT_KEY];     /* of the validator that it is given to */
	uint64_t nonce;
	struct jt_slice record;   /* the jt/record object */
};
extern const struct jt_kind jt_kind_stamp;

/* A record as it came: with or without a stamp. */
struct jt_record_copy {
	struct jt_record record;  /* its text points into the object */
	struct jt_slice object;   /* the jt/record, without its stamp */
	uint8_t id[JT_HASH];
	bool stamped;
	struct jt_stamp stamp;    /* when stamped */
};
/* JT_MALFORMED when it is neither a jt/record nor a jt/stamp around one. */
enum jt_err jt_record_read(struct jt_slice object, struct jt_record_copy *copy,
    struct jt_error *e);

/* The leaf of a record: H(0x00 hash id). Leaves ascend by hash, then id. */
void jt_record_leaf(uint8_t leaf[JT_HASH], const uint8_t hash[JT_HASH],
    const uint8_t id[JT_HASH]);

/*
 * A stamp is good when H("jt/stamp/1" 0x00 door nonce id), the nonce in 8
 * bytes, begins with so many zero bits. jt_stamp_find tries `count` nonces from
 * *nonce on; false: none of them, and *nonce is the next one to try.
 */
bool jt_stamp_good(const uint8_t door[JT_KEY], uint64_t nonce, const uint8_t id[JT_HASH],
    uint64_t bits);
bool jt_stamp_find(const uint8_t door[JT_KEY], const uint8_t id[JT_HASH], uint64_t bits,
    uint64_t count, uint64_t *nonce);

#endif
