/*
 * Blocks as objects, and what else voters say to each other.
 *
 * jt/block-head is what an author signs: place, parents, coin share, and the
 * Merkle root of the payload. jt/block carries it together with the payload,
 * which is objects one after the other; so evidence of two blocks of one
 * round is two heads, and never large.
 *
 *	the id of a block is the id of its head (object.h)
 *	the payload's root is the Merkle root (merkle.h) over its objects' bytes
 *
 * A block is refused when a payload object is not of a kind that the network
 * takes as payload: what steers a closer must never come from a block.
 */
#ifndef JT_BLOCK_H
#define JT_BLOCK_H

#include "key/secret.h"
#include "object/kind.h"
#include "object/signed.h"
#include "vote/voter.h"

#define JT_BLOCK_ITEMS_MAX 8192 /* payload objects in one block */

/* [author, id, round] */
struct jt_head_ref {
	uint64_t author; /* place in the validator set, from 0 */
	uint8_t id[JT_HASH];
	uint64_t round;
};
struct jt_head_payload {
	uint64_t bytes;
	uint64_t count;
	uint8_t root[JT_HASH];
};
/* jt/block-head, signed by its author alone. */
struct jt_head {
	uint64_t author;
	uint64_t epoch;
	uint8_t network[JT_HASH];
	struct jt_list parents;         /* of struct jt_head_ref, its author's before first */
	struct jt_head_payload payload; /* absent: none */
	uint64_t round;
	struct jt_slice share;          /* of the coin of four rounds before, with its proof */
	uint64_t time;                  /* ms UTC, by its author's clock */
};
extern const struct jt_kind jt_kind_block_head;

/* jt/block */
struct jt_block_object {
	struct jt_slice head;  /* jt/block-head */
	struct jt_slice items; /* objects, one after the other */
};
extern const struct jt_kind jt_kind_block;

/* jt/get: send me these blocks. */
struct jt_get {
	struct jt_list blocks; /* of struct jt_head_ref */
};
extern const struct jt_kind jt_kind_get;

/* jt/evidence: two blocks of one author and round. */
struct jt_evidence {
	struct jt_slice one, two; /* jt/block-head each */
};
extern const struct jt_kind jt_kind_evidence;

/* Whose blocks they are, and what they may carry. */
struct jt_electorate {
	uint8_t network[JT_HASH];
	uint64_t epoch;
	uint32_t n;
	uint8_t keys[JT_VOTERS_MAX][JT_KEY]; /* Ed25519, ascending */
	/* Is the object of a kind that enters ledgers? NULL: every kind is. */
	bool (*is_payload)(const struct jt_object *o);
};

/*
 * Sign a block and append it as an object. Of b, everything but ref.id is set
 * (items and bytes follow from the payload); sets ref.id, items, bytes.
 */
enum jt_err jt_block_seal(const struct jt_electorate *el, struct jt_block *b,
    struct jt_slice items, const uint8_t secret[JT_SECRET], struct jt_buf *out,
    struct jt_error *e);

/*
 * Read a jt/block: b's parents come from the zone, *items from the object.
 * With `verify` the author's signature, the payload's root and the kinds in it
 * are checked; without, the object is from one's own log. JT_MALFORMED: no
 * correct validator of this network made it.
 */
enum jt_err jt_block_open(const struct jt_electorate *el, const struct jt_object *o, bool verify,
    struct jt_block *b, struct jt_slice *items, msgpack_zone *zone, struct jt_error *e);

/*
 * The id of a jt/block in one's own log. JT_MALFORMED: its payload is not what was
 * signed, so it has been damaged; so it has if the id is not the one it had. el NULL:
 * the payload is not looked at.
 */
enum jt_err jt_block_whole(const struct jt_electorate *el, const struct jt_object *o,
    uint8_t id[JT_HASH], struct jt_error *e);

/* The ref of a jt/block in one's own log, without its parents. */
enum jt_err jt_block_ref(const struct jt_object *o, struct jt_ref *ref, struct jt_error *e);

/* Does the evidence hold? JT_NO says why not. *author: who did it. */
enum jt_err jt_evidence_check(const struct jt_electorate *el, const struct jt_object *o,
    uint32_t *author, struct jt_error *e);
/* Append the evidence that two jt/block objects give. */
enum jt_err jt_evidence_write(const struct jt_object *one, const struct jt_object *two,
    struct jt_buf *out, struct jt_error *e);

#endif
