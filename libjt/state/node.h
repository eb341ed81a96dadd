/*
 * The inside of the state's tree, for node.c, map.c, map_prove.c and their tests
 * alone: paths, stored nodes, buckets, and how they are hashed (see map.h).
 */
#ifndef JT_NODE_H
#define JT_NODE_H

#include "state/map.h"

#define JT_NODE_CHILD (JT_HASH + 4)      /* bytes: hash, count */
#define JT_NODE_SIZE (16 * JT_NODE_CHILD)
#define JT_NODE_DEPTH_MAX 62             /* below it 16 entries are all there can be */
#define JT_NODE_KEY (1 + JT_HASH)

/* The nibble of a key that chooses the child of a node at this depth. */
static inline unsigned
jt_nibble(const uint8_t key[JT_HASH], unsigned depth)
{
	return depth % 2 == 0 ? key[depth / 2] >> 4 : key[depth / 2] & 15;
}

/* Do both keys begin with the same `depth` nibbles? */
bool jt_path_same(const uint8_t a[JT_HASH], const uint8_t b[JT_HASH], unsigned depth);

/* The least key that begins with the same `depth` nibbles. */
void jt_path_least(uint8_t out[JT_HASH], const uint8_t key[JT_HASH], unsigned depth);

/* A node's key in the table: depth, then the path. `out` holds it. */
struct jt_slice jt_node_key(uint8_t out[JT_NODE_KEY], const uint8_t key[JT_HASH],
    unsigned depth);

/* data == NULL when there is none at this path. */
enum jt_err jt_node_get(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_slice *node, struct jt_error *e);
/* The same with the cursor that writes (table.h). */
enum jt_err jt_node_look(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_slice *node, struct jt_error *e);
/* Store it; hash is then its hash. */
enum jt_err jt_node_put(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    const uint8_t *node, uint8_t hash[JT_HASH], struct jt_error *e);
/* Delete the nodes from a path down. */
enum jt_err jt_node_prune(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_error *e);
uint32_t jt_node_count(const uint8_t *node, unsigned child);
void jt_node_set(uint8_t *node, unsigned child, const uint8_t hash[JT_HASH], uint64_t count);
/* The hashes of the children, as they stand in a proof. */
void jt_node_hashes(uint8_t out[JT_NODE_HASHES], const uint8_t *node);
void jt_node_hash(uint8_t out[JT_HASH], const uint8_t hashes[JT_NODE_HASHES]);

/* Key and hash of up to JT_BUCKET entries, after the byte that is hashed before them. */
struct jt_bucket {
	uint32_t count;
	uint8_t bytes[1 + JT_BUCKET * 2 * JT_HASH];
};
#define JT_BUCKET_KEY(b, i) ((b)->bytes + 1 + (i) * 2 * JT_HASH)
#define JT_BUCKET_HASH(b, i) (JT_BUCKET_KEY(b, i) + JT_HASH)

void jt_bucket_init(struct jt_bucket *b);
/* False when it is full. */
bool jt_bucket_add(struct jt_bucket *b, const uint8_t key[JT_HASH],
    const uint8_t hash[JT_HASH]);
void jt_bucket_hash(uint8_t out[JT_HASH], const struct jt_bucket *b);
/* All entries below a path: JT_IO when there are more than a bucket holds. */
enum jt_err jt_bucket_read(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_bucket *b, struct jt_error *e);

void jt_entry_hash(uint8_t out[JT_HASH], struct jt_slice entry);

#endif
