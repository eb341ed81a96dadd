/*
 * Merkle trees over lists, in the shape of RFC 9162 section 2.1, with
 * BLAKE2b-256: leaf = H(0x00 || data), node = H(0x01 || left || right), the
 * left subtree the largest power of two smaller than the count.
 *
 * jt_merkle is an append-only root in constant memory (its peaks): what a
 * header's `history`, transaction root and record root are made with.
 *
 * Trees that others than the closers of ledgers make have a domain of their
 * own, so that nothing in one can pass for something in the other: there the
 * prefixes 0x00 and 0x01 are domain and domain + 1.
 */
#ifndef JT_MERKLE_H
#define JT_MERKLE_H

#include "crypto/hash.h"

#define JT_MERKLE_PATH 64 /* the longest path, in hashes */

enum { JT_MERKLE_LEDGER = 0x00, JT_MERKLE_FOLD = 0x04 }; /* domains; fold.h */

/* The root of the empty tree: BLAKE2b-256 of no bytes (RFC 9162's rule). */
void jt_merkle_empty(uint8_t root[JT_HASH]);
void jt_merkle_leaf(uint8_t out[JT_HASH], struct jt_slice data);
void jt_merkle_node(uint8_t out[JT_HASH], const uint8_t left[JT_HASH],
    const uint8_t right[JT_HASH]);
void jt_merkle_leaf_in(uint8_t domain, uint8_t out[JT_HASH], struct jt_slice data);
void jt_merkle_node_in(uint8_t domain, uint8_t out[JT_HASH], const uint8_t left[JT_HASH],
    const uint8_t right[JT_HASH]);

struct jt_merkle {
	uint8_t domain;                      /* JT_MERKLE_LEDGER unless set before the first leaf */
	uint64_t count;                      /* leaves appended */
	uint8_t peaks[JT_MERKLE_PATH][JT_HASH]; /* one per set bit of count, largest first */
};
void jt_merkle_init(struct jt_merkle *m);
/* `leaf` is a leaf hash (jt_merkle_leaf). */
void jt_merkle_append(struct jt_merkle *m, const uint8_t leaf[JT_HASH]);
void jt_merkle_root(const struct jt_merkle *m, uint8_t root[JT_HASH]);

/*
 * The inclusion path of leaf `index` in a tree of `count` leaf hashes, leaf
 * first (RFC 9162 section 2.1.3.1); returns its length. index < count.
 */
size_t jt_merkle_path(const uint8_t (*leaves)[JT_HASH], uint64_t count, uint64_t index,
    uint8_t path[JT_MERKLE_PATH][JT_HASH]);

/*
 * Where does a path lead? Computes the root that `leaf` at `index` of `count`
 * has with this path (section 2.1.3.2). False when the path's length is not
 * the one that index and count demand, or index >= count.
 */
bool jt_merkle_climb(const uint8_t leaf[JT_HASH], uint64_t index, uint64_t count,
    const uint8_t (*path)[JT_HASH], size_t length, uint8_t root[JT_HASH]);
bool jt_merkle_climb_in(uint8_t domain, const uint8_t leaf[JT_HASH], uint64_t index,
    uint64_t count, const uint8_t (*path)[JT_HASH], size_t length, uint8_t root[JT_HASH]);

#endif
