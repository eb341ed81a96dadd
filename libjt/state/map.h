/*
 * The state as an authenticated map: a radix-16 Merkle tree over 32-byte keys,
 * whose root depends on the entries alone, never on the order of changes.
 *
 * Below a path (a string of nibbles) with more than JT_BUCKET entries lies an
 * inner node, with 16 or fewer a bucket, with none nothing:
 *   entry hash    H(0x00 entry)
 *   bucket        H(0x02 key entry-hash key entry-hash ...), keys ascending
 *   inner node    H(0x03 child-hash x 16), 32 zero bytes for an empty child
 * The root is the node or bucket at the empty path (an empty state: a bucket of none).
 *
 * Inner nodes are stored by path and overwritten in place: table `nodes`, per
 * child its hash and its count of entries (big-endian, 4 bytes), 16 x 36 bytes.
 */
#ifndef JT_MAP_H
#define JT_MAP_H

#include "object/schema.h"
#include "state/overlay.h"
#include "state/store.h"

#define JT_BUCKET 16
#define JT_NODE_HASHES (16 * JT_HASH) /* bytes of a node in a proof */
#define JT_MAP_DEPTH 64               /* nibbles of a key */

/* The entry below a key, without its hash; len 0 when absent. */
enum jt_err jt_map_get(struct jt_store *s, const uint8_t key[JT_HASH], struct jt_slice *entry,
    struct jt_error *e);
/* jt_fetch for an overlay over a store; ctx is the struct jt_store. */
jt_fetch jt_map_fetch;

/*
 * Write the changes (ascending, as jt_overlay_changes gives them) to the store
 * and rehash what they touch, bottom up; root is the new root.
 */
enum jt_err jt_map_update(struct jt_store *s, const struct jt_change *const *changes,
    size_t count, uint8_t root[JT_HASH], struct jt_error *e);
/* The root from the stored nodes. */
enum jt_err jt_map_root(struct jt_store *s, uint8_t root[JT_HASH], struct jt_error *e);

/*
 * A proof that a key has an entry, or none: the inner nodes from the root down
 * and the bucket at the end, if there is one.
 */
struct jt_bucket_entry {
	uint8_t hash[JT_HASH]; /* of the entry */
	uint8_t key[JT_HASH];
};
struct jt_map_proof {
	struct jt_list bucket; /* of struct jt_bucket_entry, ascending keys */
	struct jt_list nodes;  /* of uint8_t[JT_NODE_HASHES], the root first */
};
/* A map {bucket, nodes}, both optional: for use as a JT_MAP field. */
extern const struct jt_schema jt_map_proof_schema;

/* Lists come from the zone. */
enum jt_err jt_map_prove(struct jt_store *s, const uint8_t key[JT_HASH],
    struct jt_map_proof *proof, msgpack_zone *zone, struct jt_error *e);
/*
 * Pure: the root that the proof leads to, for key with this entry (or absent:
 * entry.len == 0). JT_NO when the proof does not speak of the key or of this
 * entry, is longer or shorter than it must be, or contradicts itself. The
 * caller compares the root.
 */
enum jt_err jt_map_climb(const uint8_t key[JT_HASH], struct jt_slice entry,
    const struct jt_map_proof *proof, uint8_t root[JT_HASH], struct jt_error *e);

#endif
