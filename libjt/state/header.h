/*
 * Ledger headers, and the objects that a closing is driven by.
 *
 * A header says everything about a ledger by hashes; signed by a quorum of the
 * validators it is a certificate, and there is no second format. Fields that
 * have no use yet hold fixed values: zero hashes, epoch 0.
 */
#ifndef JT_HEADER_H
#define JT_HEADER_H

#include "crypto/merkle.h"
#include "object/kind.h"
#include "object/signed.h"

struct jt_list_root {
	uint64_t count;
	uint8_t root[JT_HASH];
};
struct jt_totals {
	uint64_t accounts;
	uint64_t burned; /* 1e-6 SWT, fees since the genesis */
	uint64_t coins;  /* 1e-6 SWT in existence */
};

/* jt/header, signed. Hashes are ids of objects unless said otherwise. */
struct jt_header {
	uint8_t beacon[JT_HASH];     /* the value released after ledger number-2 */
	uint8_t coin[JT_HASH];       /* id of the jt/dealing of its key */
	uint8_t contracts[JT_HASH];  /* root of the contracts */
	uint8_t cut[JT_HASH];
	uint64_t epoch;
	uint8_t history[JT_HASH];    /* Merkle root over the ids of all earlier headers */
	uint8_t network[JT_HASH];    /* id of the genesis */
	uint8_t next[JT_HASH];       /* validators of the next ledger */
	uint64_t number;
	uint8_t parent[JT_HASH];
	struct jt_list_root records; /* hash records */
	uint8_t state[JT_HASH];      /* root of the state (map.h) */
	uint64_t time;               /* ms UTC, later than the parent's */
	struct jt_totals totals;
	struct jt_list_root transactions;
	uint8_t validators[JT_HASH]; /* hash of the set that signs */
};
extern const struct jt_kind jt_kind_header;

/* Lists in `signed_` come from the zone; pass NULL when signatures do not matter. */
enum jt_err jt_header_decode(const struct jt_object *o, struct jt_header *h,
    struct jt_signed *signed_, msgpack_zone *zone, struct jt_error *e);
/* Appends the object with these signatures. */
enum jt_err jt_header_write(const struct jt_header *h, const struct jt_sig *sigs, size_t count,
    struct jt_buf *out, struct jt_error *e);
/* The names of the fields in which two headers differ: "cut, time". */
#define JT_HEADER_FIELDS_TEXT 160
void jt_header_difference(const struct jt_header *a, const struct jt_header *b,
    char text[JT_HEADER_FIELDS_TEXT]);
enum jt_err jt_header_id(const struct jt_header *h, uint8_t id[JT_HASH], struct jt_error *e);

/* jt/cut: the end of a ledger's input, what the vote decided about it. */
#define JT_CUT_TIME_MAX UINT64_C(253370764799999) /* the end of 9998: later ledgers need a later one */
struct jt_cut {
	uint8_t beacon[JT_HASH]; /* of the ledger before last */
	uint8_t leader[JT_HASH]; /* id of the block that was elected */
	uint64_t n;              /* number of the cut, from 1 */
	uint8_t salt[JT_HASH];   /* keys the order inside the ledger */
	uint64_t time;           /* ms UTC */
};
extern const struct jt_kind jt_kind_cut;

/* jt/part: the objects that follow came in this author's block. */
#define JT_PART_MAX (UINT32_C(1) << 20) /* objects */
struct jt_part {
	uint8_t author[JT_KEY];
	uint64_t count; /* of objects that follow */
	uint64_t round;
};
extern const struct jt_kind jt_kind_part;

/* jt/at: where a closer stands; the vote resends from there. */
struct jt_at {
	uint64_t cut;    /* the last one applied, 0 before the first */
	uint64_t ledger; /* the last one closed */
};
extern const struct jt_kind jt_kind_at;

#endif
