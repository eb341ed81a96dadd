/*
 * Folds: many digests in one hash of 32 bytes, each with a path of its own.
 *
 * A fold is of a set: its digests are sorted and distinct, so whoever has the
 * same digests gets the same hash. Over them is a Merkle tree in a domain of
 * its own (merkle.h), and the hash is
 *
 *	H("jt/fold/1" 0x00 count root)	count: 8 bytes, big-endian
 *
 * so that a path has one length, and nothing of a ledger's own trees, no
 * digest and no other fold can pass for it. One digest alone is not folded.
 *
 * A part of a fold is the digests of one subtree, with the path from there to
 * the root: one digest, or up to JT_FOLD_PART of them that share a path.
 */
#ifndef JT_FOLD_H
#define JT_FOLD_H

#include "base/error.h"
#include "crypto/grove.h"

#define JT_FOLD_PART 16384                  /* digests */
#define JT_FOLD_MAX (UINT32_C(1) << 28)     /* digests in one fold */

struct jt_fold_part {
	uint64_t at;              /* place of its first digest in the fold, from 0 */
	uint64_t of;              /* digests in the fold; 0: nothing is folded */
	struct jt_slice digests;  /* 32 bytes each, ascending */
	struct jt_slice path;     /* hashes, lowest first */
};

/* The hash of a fold of `count` digests with this root. */
void jt_fold_hash(uint8_t out[JT_HASH], uint64_t count, const uint8_t root[JT_HASH]);

/* Sort, and leave each once; returns how many there are now. */
size_t jt_fold_sort(uint8_t (*digests)[JT_HASH], size_t count);

/* A fold being taken apart. Borrows the sorted digests, 2 or more. */
struct jt_fold {
	const uint8_t (*digests)[JT_HASH];
	struct jt_grove grove;
	uint8_t hash[JT_HASH];
};
enum jt_err jt_fold_make(struct jt_fold *f, const uint8_t (*digests)[JT_HASH], size_t count,
    struct jt_error *e);
void jt_fold_free(struct jt_fold *f);
/*
 * The part that begins at a digest: with `whole` as many as share a path (at
 * must be a multiple of JT_FOLD_PART), else that one. It points into the
 * fold, and its path into `path`.
 */
void jt_fold_part(const struct jt_fold *f, uint64_t at, bool whole,
    uint8_t path[JT_MERKLE_PATH][JT_HASH], struct jt_fold_part *part);

/* To which fold does a part belong? JT_MALFORMED when it cannot be a part of any. */
enum jt_err jt_fold_climb(const struct jt_fold_part *part, uint8_t hash[JT_HASH],
    struct jt_error *e);
/* Is this digest in the part? At which place of the fold. */
bool jt_fold_find(const struct jt_fold_part *part, const uint8_t digest[JT_HASH],
    uint64_t *place);

#endif
