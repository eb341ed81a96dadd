/* Merkle trees: against RFC 9162's recursive definition, and what a path may not be. */
#include "crypto/merkle.h"

#include "random.h"
#include "tap.h"

enum { LEAVES = 70 };

static uint8_t leaves[LEAVES + 1][JT_HASH];

/* MTH of section 2.1.1, as written there. */
static void
naive_root(const uint8_t (*d)[JT_HASH], size_t n, uint8_t root[JT_HASH])
{
	uint8_t left[JT_HASH], right[JT_HASH], bytes[1 + 2 * JT_HASH];
	size_t k = 1;

	if (n == 0) {
		crypto_generichash(root, JT_HASH, NULL, 0, NULL, 0);
		return;
	}
	if (n == 1) {
		memcpy(root, d[0], JT_HASH);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	naive_root(d, k, left);
	naive_root(d + k, n - k, right);
	bytes[0] = 1;
	memcpy(bytes + 1, left, JT_HASH);
	memcpy(bytes + 1 + JT_HASH, right, JT_HASH);
	crypto_generichash(root, JT_HASH, bytes, sizeof bytes, NULL, 0);
}

/* PATH of section 2.1.3.1, as written there. */
static size_t
naive_path(size_t m, const uint8_t (*d)[JT_HASH], size_t n, uint8_t (*path)[JT_HASH])
{
	size_t k = 1, length;

	if (n == 1)
		return 0;
	while (k * 2 < n)
		k *= 2;
	if (m < k) {
		length = naive_path(m, d, k, path);
		naive_root(d + k, n - k, path[length]);
	} else {
		length = naive_path(m - k, d + k, n - k, path);
		naive_root(d, k, path[length]);
	}
	return length + 1;
}

static void
test_hashes(void)
{
	static const uint8_t data[] = "\x00""abc";
	uint8_t got[JT_HASH], want[JT_HASH];
	struct jt_merkle m;

	crypto_generichash(want, JT_HASH, data, 4, NULL, 0);
	jt_merkle_leaf(got, jt_slice_text("abc"));
	is_bytes(got, want, JT_HASH, "a leaf is H(00 data)");
	jt_merkle_leaf(got, (struct jt_slice){ NULL, 0 });
	crypto_generichash(want, JT_HASH, data, 1, NULL, 0);
	is_bytes(got, want, JT_HASH, "an empty leaf is H(00)");
	crypto_generichash(want, JT_HASH, NULL, 0, NULL, 0);
	jt_merkle_empty(got);
	is_bytes(got, want, JT_HASH, "the empty root is H()");
	jt_merkle_init(&m);
	jt_merkle_root(&m, got);
	is_bytes(got, want, JT_HASH, "of a new tree too");
}

static void
test_roots(void)
{
	struct jt_merkle m;
	int wrong = 0;

	jt_merkle_init(&m);
	for (size_t n = 0; n <= LEAVES; n++) {
		uint8_t got[JT_HASH], want[JT_HASH];
		naive_root((const uint8_t (*)[JT_HASH])leaves, n, want);
		jt_merkle_root(&m, got);
		wrong += memcmp(got, want, JT_HASH) != 0 || m.count != n;
		jt_merkle_append(&m, leaves[n]);
	}
	is_int(wrong, 0, "the incremental root is the recursive one, 0 to %d leaves", LEAVES);
}

/* Does this path lead from the leaf to the root? */
static bool
leads(const uint8_t *leaf, uint64_t index, uint64_t count, uint8_t (*path)[JT_HASH],
    size_t length, const uint8_t *root)
{
	uint8_t got[JT_HASH];

	return jt_merkle_climb(leaf, index, count, (const uint8_t (*)[JT_HASH])path, length,
	    got) && memcmp(got, root, JT_HASH) == 0;
}

struct tally {
	int paths, wrong, refused, flipped, length, moved;
};

/* One leaf of one tree: its path, and every way to be wrong about it. */
static void
try_leaf(size_t index, size_t count, const uint8_t *root, struct tally *t)
{
	uint8_t path[JT_MERKLE_PATH + 1][JT_HASH], want[JT_MERKLE_PATH][JT_HASH];
	uint8_t got[JT_HASH];
	const uint8_t (*fixed)[JT_HASH] = (const uint8_t (*)[JT_HASH])path;
	size_t length;

	memset(path, 0, sizeof path);
	length = jt_merkle_path((const uint8_t (*)[JT_HASH])leaves, count, index, path);
	t->paths++;
	t->wrong += naive_path(index, (const uint8_t (*)[JT_HASH])leaves, count, want) != length ||
	    memcmp(path, want, length * JT_HASH) != 0;
	t->refused += !leads(leaves[index], index, count, path, length, root);
	for (size_t i = 0; i < length * JT_HASH; i++) {
		uint8_t *byte = &path[i / JT_HASH][i % JT_HASH];
		*byte ^= (uint8_t)(1U << (i % 8));
		t->flipped += leads(leaves[index], index, count, path, length, root);
		*byte ^= (uint8_t)(1U << (i % 8));
	}
	for (size_t i = 0; i <= JT_MERKLE_PATH; i++)
		if (i != length)
			t->length += jt_merkle_climb(leaves[index], index, count, fixed, i, got);
	for (size_t other = 0; other < count; other++)
		if (other != index)
			t->moved += leads(leaves[index], other, count, path, length, root);
	t->moved += jt_merkle_climb(leaves[index], count, count, fixed, length, got);
	t->moved += leads(leaves[(index + 1) % (LEAVES + 1)], index, count, path, length, root);
}

static void
test_paths(void)
{
	struct tally t = { 0 };
	uint8_t root[JT_HASH];

	for (size_t count = 1; count <= LEAVES; count++) {
		naive_root((const uint8_t (*)[JT_HASH])leaves, count, root);
		for (size_t index = 0; index < count; index++)
			try_leaf(index, count, root, &t);
	}
	is_int(t.wrong, 0, "%d paths are those of the recursive definition", t.paths);
	is_int(t.refused, 0, "all lead to the root");
	is_int(t.flipped, 0, "none does with any byte changed");
	is_int(t.length, 0, "none is taken with another length");
	is_int(t.moved, 0, "none leads there from another place or another leaf");
}

/* The number of levels of a leaf, by the recursive definition. */
static size_t
depth(uint64_t index, uint64_t count)
{
	size_t levels = 0;

	for (; count > 1; levels++) {
		uint64_t k = 1;
		while (k <= (count - 1) / 2)
			k *= 2;
		count = index < k ? k : count - k;
		index = index < k ? index : index - k;
	}
	return levels;
}

/* Counts that no list will ever have: the arithmetic must hold all the same. */
static void
test_large(void)
{
	static const uint64_t counts[] = { UINT64_MAX, UINT64_C(1) << 63,
		(UINT64_C(1) << 63) + 1, (UINT64_C(1) << 32) + 1, UINT32_MAX };
	uint8_t path[JT_MERKLE_PATH + 1][JT_HASH], got[JT_HASH];
	int wrong = 0;

	random_bytes(path, sizeof path);
	for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
		for (int i = 0; i < 40; i++) {
			uint64_t index = i == 0 ? 0 : counts[c] - 1;
			if (i > 1)
				index = random_below(counts[c]);
			for (size_t length = 0; length <= JT_MERKLE_PATH; length++)
				wrong += jt_merkle_climb(leaves[0], index, counts[c],
				    (const uint8_t (*)[JT_HASH])path, length, got) !=
				    (length == depth(index, counts[c]));
		}
	is_int(wrong, 0, "large trees: a path has the one length that index and count demand");
	ok(!jt_merkle_climb(leaves[0], 0, 0, (const uint8_t (*)[JT_HASH])path, 0, got),
	    "the empty tree holds no leaf");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	random_bytes(leaves, sizeof leaves);
	test_hashes();
	test_roots();
	test_paths();
	test_large();
	return done_testing();
}
