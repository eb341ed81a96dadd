/*
 * A whole Merkle tree in memory (merkle.h), for those who want many paths of
 * one tree: a pass over all leaves, then each path costs its length.
 */
#ifndef JT_GROVE_H
#define JT_GROVE_H

#include "base/error.h"
#include "crypto/merkle.h"

struct jt_grove {
	uint64_t count;            /* of leaves */
	uint8_t (*nodes)[JT_HASH]; /* level by level, the leaf hashes first */
	size_t level[JT_MERKLE_PATH + 2]; /* where each level begins; behind the last: the end */
	unsigned depth;            /* levels above the leaves */
};

/* Room for `count` leaf hashes, 1 or more: g->nodes[0..count-1]. JT_SYSTEM. */
enum jt_err jt_grove_make(struct jt_grove *g, uint64_t count, struct jt_error *e);
void jt_grove_free(struct jt_grove *g);
/* When all leaf hashes are in place. */
void jt_grove_fill(struct jt_grove *g, uint8_t domain);
const uint8_t *jt_grove_root(const struct jt_grove *g);
/*
 * The path of node `index` of a level (0: of a leaf) to the root, lowest first;
 * returns its length. With level k it is the path of the subtree over the
 * leaves from index * 2^k on, which climbs from `index` of the nodes there are
 * on that level.
 */
size_t jt_grove_path(const struct jt_grove *g, unsigned level, uint64_t index,
    uint8_t path[JT_MERKLE_PATH][JT_HASH]);

#endif
