/* Folds: many digests in one hash. See fold.h. */
#include "crypto/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

void
jt_fold_hash(uint8_t out[JT_HASH], uint64_t count, const uint8_t root[JT_HASH])
{
	static const char domain[] = "jt/fold/1"; /* with its zero */
	uint8_t bytes[sizeof domain + 8 + JT_HASH];

	memcpy(bytes, domain, sizeof domain);
	jt_put_be64(bytes + sizeof domain, count);
	memcpy(bytes + sizeof domain + 8, root, JT_HASH);
	jt_hash(out, (struct jt_slice){ bytes, sizeof bytes });
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, JT_HASH);
}

size_t
jt_fold_sort(uint8_t (*digests)[JT_HASH], size_t count)
{
	size_t n = 0;

	if (count > 1)
		qsort(digests, count, JT_HASH, compare);
	for (size_t i = 0; i < count; i++)
		if (n == 0 || memcmp(digests[n - 1], digests[i], JT_HASH) != 0)
			memmove(digests[n++], digests[i], JT_HASH);
	return n;
}

enum jt_err
jt_fold_make(struct jt_fold *f, const uint8_t (*digests)[JT_HASH], size_t count,
    struct jt_error *e)
{
	enum jt_err err;

	assert(count > 1 && count <= JT_FOLD_MAX);
	f->digests = digests;
	if ((err = jt_grove_make(&f->grove, count, e)) != JT_OK)
		return err;
	for (size_t i = 0; i < count; i++)
		jt_merkle_leaf_in(JT_MERKLE_FOLD, f->grove.nodes[i],
		    (struct jt_slice){ digests[i], JT_HASH });
	jt_grove_fill(&f->grove, JT_MERKLE_FOLD);
	jt_fold_hash(f->hash, count, jt_grove_root(&f->grove));
	return JT_OK;
}

void
jt_fold_free(struct jt_fold *f)
{
	jt_grove_free(&f->grove);
}

/* The level whose nodes are over so many leaves: the least that is high enough. */
static unsigned
level_over(uint64_t count)
{
	unsigned level = 0;

	while (UINT64_C(1) << level < count)
		level++;
	return level;
}

void
jt_fold_part(const struct jt_fold *f, uint64_t at, bool whole,
    uint8_t path[JT_MERKLE_PATH][JT_HASH], struct jt_fold_part *part)
{
	uint64_t count = f->grove.count, n = 1;
	unsigned level = 0;

	assert(at < count);
	if (whole) {
		assert(at % JT_FOLD_PART == 0);
		n = count - at < JT_FOLD_PART ? count - at : JT_FOLD_PART;
		level = level_over(n);
	}
	*part = (struct jt_fold_part){ .at = at, .of = count,
		.digests = { f->digests[at], (size_t)n * JT_HASH } };
	part->path.data = path[0];
	part->path.len = jt_grove_path(&f->grove, level, at >> level, path) * JT_HASH;
}

/* The root over the digests of a part alone. */
static enum jt_err
root_of(const uint8_t *digests, size_t n, uint8_t root[JT_HASH], struct jt_error *e)
{
	struct jt_merkle m;
	uint8_t leaf[JT_HASH];

	if (n == 1) {
		jt_merkle_leaf_in(JT_MERKLE_FOLD, root, (struct jt_slice){ digests, JT_HASH });
		return JT_OK;
	}
	jt_merkle_init(&m);
	m.domain = JT_MERKLE_FOLD;
	for (size_t i = 0; i < n; i++, digests += JT_HASH) {
		if (i > 0 && memcmp(digests - JT_HASH, digests, JT_HASH) >= 0)
			return jt_fail(e, JT_MALFORMED,
			    "digests: not in strictly ascending order");
		jt_merkle_leaf_in(JT_MERKLE_FOLD, leaf, (struct jt_slice){ digests, JT_HASH });
		jt_merkle_append(&m, leaf);
	}
	jt_merkle_root(&m, root);
	return JT_OK;
}

enum jt_err
jt_fold_climb(const struct jt_fold_part *part, uint8_t hash[JT_HASH], struct jt_error *e)
{
	size_t n = part->digests.len / JT_HASH;
	unsigned level = level_over(n);
	uint8_t root[JT_HASH], top[JT_HASH];
	enum jt_err err;

	if (part->digests.len % JT_HASH != 0 || n == 0 || n > JT_FOLD_PART)
		return jt_fail(e, JT_MALFORMED, "digests: expected 1 to %d of 32 bytes",
		    JT_FOLD_PART);
	if (part->path.len % JT_HASH != 0)
		return jt_fail(e, JT_MALFORMED, "path: expected hashes of 32 bytes");
	if (part->of < 2 || part->of > JT_FOLD_MAX)
		return jt_fail(e, JT_MALFORMED, "of: expected 2 to %u", JT_FOLD_MAX);
	/* A subtree: a power of two of them, or all that are left at the right end. */
	if (part->at >= part->of || n > part->of - part->at || (part->at >> level) << level !=
	    part->at || (UINT64_C(1) << level != n && part->at + n != part->of))
		return jt_fail(e, JT_MALFORMED, "digests: are not those of one subtree");
	if ((err = root_of(part->digests.data, n, root, e)) != JT_OK)
		return err;
	if (!jt_merkle_climb_in(JT_MERKLE_FOLD, root, part->at >> level,
	    ((part->of - 1) >> level) + 1, (const uint8_t(*)[JT_HASH])part->path.data,
	    part->path.len / JT_HASH, top))
		return jt_fail(e, JT_MALFORMED, "path: is too long or too short");
	jt_fold_hash(hash, part->of, top);
	return JT_OK;
}

bool
jt_fold_find(const struct jt_fold_part *part, const uint8_t digest[JT_HASH], uint64_t *place)
{
	size_t low = 0, high = part->digests.len / JT_HASH;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = memcmp(part->digests.data + middle * JT_HASH, digest, JT_HASH);

		if (c == 0) {
			*place = part->at + middle;
			return true;
		}
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
