/*
 * Proofs of hash records.
 *
 * jt/proof-record: a record is in a certified ledger, and with a fold: these
 * digests are in what is recorded. What it proves is that the digests, and
 * whatever bytes they are of, were there when the ledger was closed, not after. With
 * `since`, the header that the record's `after` names, it also shows that the
 * record was composed not before that ledger: validators take no other. It
 * proves nothing of who recorded, or whether somebody else did before.
 *
 * jt/proof-no-record: a ledger holds no record of a hash. The records of a
 * ledger are sorted by hash, so its two neighbours are shown.
 *
 * jt/pending: what becomes a jt/proof-record once a ledger holds the record.
 */
#ifndef JT_PROOF_RECORD_H
#define JT_PROOF_RECORD_H

#include "crypto/fold.h"
#include "ledger/proof.h"
#include "ledger/record.h"

struct jt_pending {
	struct jt_fold_part fold; /* of 0: the record's hash is the digest itself */
	struct jt_slice record;   /* the jt/record object */
};
extern const struct jt_kind jt_kind_pending;

struct jt_proof_record {
	struct jt_fold_part fold;
	struct jt_slice header;   /* certified: jt/header or jt/proof-ledger */
	uint64_t index;           /* in the ledger's records, from 0 */
	struct jt_slice path;     /* hashes, leaf first */
	struct jt_slice record;
	struct jt_slice since;    /* the header, unsigned, that the record's `after` names; or empty */
};
extern const struct jt_kind jt_kind_proof_record;

struct jt_neighbour {
	uint8_t hash[JT_HASH];    /* what is recorded */
	uint8_t id[JT_HASH];      /* of the record */
	struct jt_slice path;
};
struct jt_proof_no_record {
	uint8_t hash[JT_HASH];    /* of which there is no record */
	struct jt_slice header;
	uint64_t index;           /* where it would be */
	struct jt_neighbour left; /* the record before that place, unless it is the first */
	struct jt_neighbour right; /* the one that is there, unless it is the end */
};
extern const struct jt_kind jt_kind_proof_no_record;

/* What a proof or a pending one is about. Points into it. */
struct jt_recorded {
	struct jt_fold_part fold;
	struct jt_record_copy record;
	/* of a proof */
	struct jt_header header;
	bool has_since;
	struct jt_header since;
};
/*
 * As the checks of proof.h: JT_OK, proven; JT_NO, not proven; JT_MALFORMED.
 * The zone is for lists in headers, which are not looked at afterwards.
 */
enum jt_err jt_proof_record_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_recorded *r, msgpack_zone *zone,
    struct jt_error *e);
enum jt_err jt_proof_no_record_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_no_record *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e);
/* A pending one, which proves nothing but that its fold leads to its record. */
enum jt_err jt_pending_check(const struct jt_object *o, struct jt_recorded *r,
    msgpack_zone *zone, struct jt_error *e);

/* Is this digest one of those that were recorded? */
bool jt_recorded_has(const struct jt_recorded *r, const uint8_t digest[JT_HASH]);

#endif
