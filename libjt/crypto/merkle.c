/* Merkle trees in the shape of RFC 9162, section 2.1. See merkle.h. */
#include "crypto/merkle.h"

#include <assert.h>
#include <string.h>

void
jt_merkle_empty(uint8_t root[JT_HASH])
{
	jt_hash(root, (struct jt_slice){ NULL, 0 });
}

void
jt_merkle_leaf_in(uint8_t domain, uint8_t out[JT_HASH], struct jt_slice data)
{
	uint8_t bytes[1 + 4 * JT_HASH];
	struct jt_hasher h;

	bytes[0] = domain;
	if (data.len < sizeof bytes) {
		if (data.len > 0)
			memcpy(bytes + 1, data.data, data.len);
		jt_hash(out, (struct jt_slice){ bytes, 1 + data.len });
		return;
	}
	jt_hasher_init(&h);
	jt_hasher_add(&h, bytes, 1);
	jt_hasher_add(&h, data.data, data.len);
	jt_hasher_end(&h, out);
}

void
jt_merkle_leaf(uint8_t out[JT_HASH], struct jt_slice data)
{
	jt_merkle_leaf_in(JT_MERKLE_LEDGER, out, data);
}

void
jt_merkle_node_in(uint8_t domain, uint8_t out[JT_HASH], const uint8_t left[JT_HASH],
    const uint8_t right[JT_HASH])
{
	uint8_t bytes[1 + 2 * JT_HASH];

	bytes[0] = (uint8_t)(domain + 1);
	memcpy(bytes + 1, left, JT_HASH);
	memcpy(bytes + 1 + JT_HASH, right, JT_HASH);
	jt_hash(out, (struct jt_slice){ bytes, sizeof bytes });
}

void
jt_merkle_node(uint8_t out[JT_HASH], const uint8_t left[JT_HASH],
    const uint8_t right[JT_HASH])
{
	jt_merkle_node_in(JT_MERKLE_LEDGER, out, left, right);
}

static size_t
peak_count(const struct jt_merkle *m)
{
	return (size_t)__builtin_popcountll(m->count);
}

void
jt_merkle_init(struct jt_merkle *m)
{
	*m = (struct jt_merkle){ .count = 0 };
}

/*
 * Like adding one to a binary number: each trailing one bit is a full subtree
 * that joins the new leaf's, and the carry is the peak that remains.
 */
void
jt_merkle_append(struct jt_merkle *m, const uint8_t leaf[JT_HASH])
{
	size_t peaks = peak_count(m);
	uint8_t hash[JT_HASH];

	assert(m->count < UINT64_MAX);
	memcpy(hash, leaf, JT_HASH);
	for (uint64_t bits = m->count; bits & 1; bits >>= 1)
		jt_merkle_node_in(m->domain, hash, m->peaks[--peaks], hash);
	memcpy(m->peaks[peaks], hash, JT_HASH);
	m->count++;
}

void
jt_merkle_root(const struct jt_merkle *m, uint8_t root[JT_HASH])
{
	size_t peaks = peak_count(m);
	uint8_t hash[JT_HASH];

	if (peaks == 0) {
		jt_merkle_empty(root);
		return;
	}
	memcpy(hash, m->peaks[--peaks], JT_HASH);
	while (peaks > 0)
		jt_merkle_node_in(m->domain, hash, m->peaks[--peaks], hash);
	memcpy(root, hash, JT_HASH);
}

static void
root_of(const uint8_t (*leaves)[JT_HASH], uint64_t count, uint8_t root[JT_HASH])
{
	struct jt_merkle m;

	jt_merkle_init(&m);
	for (uint64_t i = 0; i < count; i++)
		jt_merkle_append(&m, leaves[i]);
	jt_merkle_root(&m, root);
}

/* The largest power of two smaller than count, which is 2 or more. */
static uint64_t
left_count(uint64_t count)
{
	return UINT64_C(1) << (63 - __builtin_clzll(count - 1));
}

size_t
jt_merkle_path(const uint8_t (*leaves)[JT_HASH], uint64_t count, uint64_t index,
    uint8_t path[JT_MERKLE_PATH][JT_HASH])
{
	size_t length = 0, at;

	assert(index < count);
	for (uint64_t n = count, i = index; n > 1; length++) {
		uint64_t left = left_count(n);
		n = i < left ? left : n - left;
		i = i < left ? i : i - left;
	}
	/* Down from the root, while the path is written from its end. */
	for (at = length; at > 0; at--) {
		uint64_t left = left_count(count);
		if (index < left) {
			root_of(leaves + left, count - left, path[at - 1]);
			count = left;
		} else {
			root_of(leaves, left, path[at - 1]);
			leaves += left;
			count -= left;
			index -= left;
		}
	}
	return length;
}

bool
jt_merkle_climb_in(uint8_t domain, const uint8_t leaf[JT_HASH], uint64_t index, uint64_t count,
    const uint8_t (*path)[JT_HASH], size_t length, uint8_t root[JT_HASH])
{
	uint64_t at = index, last = count - 1;
	uint8_t hash[JT_HASH];

	if (index >= count)
		return false;
	memcpy(hash, leaf, JT_HASH);
	for (size_t i = 0; i < length; i++) {
		if (last == 0)
			return false; /* at the root already: the path is too long */
		if ((at & 1) != 0 || at == last) {
			jt_merkle_node_in(domain, hash, path[i], hash);
			/* An only child on its level has no sibling there: go up past it. */
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else
			jt_merkle_node_in(domain, hash, hash, path[i]);
		at >>= 1;
		last >>= 1;
	}
	if (last != 0)
		return false;
	memcpy(root, hash, JT_HASH);
	return true;
}

bool
jt_merkle_climb(const uint8_t leaf[JT_HASH], uint64_t index, uint64_t count,
    const uint8_t (*path)[JT_HASH], size_t length, uint8_t root[JT_HASH])
{
	return jt_merkle_climb_in(JT_MERKLE_LEDGER, leaf, index, count, path, length, root);
}
