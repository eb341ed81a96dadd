/*
 * Folds and whole trees: against a recursive definition of their own, every
 * part of every small fold, and what may not be taken for one.
 */
#include "crypto/fold.h"

#include <stdlib.h>

#include "random.h"
#include "tap.h"

enum { SMALL = 40, LARGE = 3 * JT_FOLD_PART + 5 };

static uint8_t (*digests)[JT_HASH];
static struct jt_error error;

/* The tree as RFC 9162 says it, with the prefixes of a fold. */
static void
naive_root(const uint8_t (*d)[JT_HASH], size_t n, uint8_t root[JT_HASH])
{
	uint8_t bytes[1 + 2 * JT_HASH];
	size_t k = 1;

	if (n == 1) {
		bytes[0] = 4;
		memcpy(bytes + 1, d[0], JT_HASH);
		crypto_generichash(root, JT_HASH, bytes, 1 + JT_HASH, NULL, 0);
		return;
	}
	while (k * 2 < n)
		k *= 2;
	bytes[0] = 5;
	naive_root(d, k, bytes + 1);
	naive_root(d + k, n - k, bytes + 1 + JT_HASH);
	crypto_generichash(root, JT_HASH, bytes, sizeof bytes, NULL, 0);
}

static void
naive_hash(const uint8_t (*d)[JT_HASH], size_t n, uint8_t hash[JT_HASH])
{
	uint8_t bytes[10 + 8 + JT_HASH] = "jt/fold/1";

	for (int i = 0; i < 8; i++)
		bytes[10 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	naive_root(d, n, bytes + 18);
	crypto_generichash(hash, JT_HASH, bytes, sizeof bytes, NULL, 0);
}

static const uint8_t (*
fixed(void))[JT_HASH]
{
	return (const uint8_t(*)[JT_HASH])digests;
}

/* Does the part lead to this hash? */
static bool
leads(const struct jt_fold_part *part, const uint8_t hash[JT_HASH])
{
	uint8_t got[JT_HASH];

	return jt_fold_climb(part, got, &error) == JT_OK && memcmp(got, hash, JT_HASH) == 0;
}

static void
test_small(void)
{
	int wrong = 0, refused = 0, missed = 0, moved = 0, lost = 0;

	for (size_t n = 2; n <= SMALL; n++) {
		struct jt_fold f;
		uint8_t want[JT_HASH], path[JT_MERKLE_PATH][JT_HASH];

		naive_hash(fixed(), n, want);
		if (jt_fold_make(&f, fixed(), n, &error) != JT_OK)
			exit(71);
		wrong += memcmp(f.hash, want, JT_HASH) != 0;
		for (size_t i = 0; i < n; i++) {
			struct jt_fold_part part;
			uint64_t place;

			jt_fold_part(&f, i, false, path, &part);
			refused += !leads(&part, want);
			lost += !jt_fold_find(&part, digests[i], &place) || place != i ||
			    jt_fold_find(&part, digests[(i + 1) % n], &place);
			for (size_t k = 0; k < part.path.len; k++) {
				path[k / JT_HASH][k % JT_HASH] ^= 1;
				missed += leads(&part, want);
				path[k / JT_HASH][k % JT_HASH] ^= 1;
			}
			for (part.at = 0; part.at <= n; part.at++)
				moved += part.at != i && leads(&part, want);
			part.at = i;
			for (part.of = 0; part.of <= 2 * n; part.of++)
				moved += part.of != n && leads(&part, want);
			part.of = n;
			part.digests.data = digests[i + 1];
			moved += leads(&part, want);
		}
		jt_fold_free(&f);
	}
	is_int(wrong, 0, "the hash of 2 to %d digests is the recursive one", SMALL);
	is_int(refused, 0, "every single digest leads to it");
	is_int(lost, 0, "and is found in its part, and no other is");
	is_int(missed, 0, "none does with any byte of its path changed");
	is_int(moved, 0, "none from another place, of another count, or for another digest");
}

/* Subtrees made by hand: every range that is one is taken, every other is not. */
static void
test_subtrees(void)
{
	int wrong = 0;

	for (size_t n = 2; n <= 17; n++) {
		struct jt_fold f;
		uint8_t path[JT_MERKLE_PATH][JT_HASH];

		if (jt_fold_make(&f, fixed(), n, &error) != JT_OK)
			exit(71);
		for (size_t at = 0; at < n; at++)
			for (size_t count = 1; at + count <= n; count++) {
				unsigned level = 0;
				struct jt_fold_part part = { .at = at, .of = n,
					.digests = { digests[at], count * JT_HASH }, .path.data = path[0] };
				bool subtree;

				while (1U << level < count)
					level++;
				subtree = at % (1U << level) == 0 &&
				    (count == 1U << level || at + count == n);
				part.path.len = JT_HASH * jt_grove_path(&f.grove, level, at >> level, path);
				wrong += leads(&part, f.hash) != subtree;
			}
		jt_fold_free(&f);
	}
	is_int(wrong, 0, "a part is taken when it is a subtree, and only then");
}

static void
test_large(void)
{
	uint8_t want[JT_HASH], path[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;
	struct jt_fold f;
	int wrong = 0, parts = 0;
	uint64_t place;

	naive_hash(fixed(), LARGE, want);
	if (jt_fold_make(&f, fixed(), LARGE, &error) != JT_OK)
		exit(71);
	is_bytes(f.hash, want, JT_HASH, "the hash of %d digests", LARGE);
	for (uint64_t at = 0; at < LARGE; at += JT_FOLD_PART, parts++) {
		jt_fold_part(&f, at, true, path, &part);
		wrong += !leads(&part, want) || !jt_fold_find(&part, digests[at + 4], &place) ||
		    place != at + 4;
	}
	is_int(wrong, 0, "%d parts of it", parts);
	for (int i = 0; i < 200; i++) {
		uint64_t at = random_below(LARGE);

		jt_fold_part(&f, at, false, path, &part);
		wrong += !leads(&part, want) || part.path.len > 16 * JT_HASH;
	}
	is_int(wrong, 0, "single digests, with paths of at most 16 hashes");
	jt_fold_free(&f);
}

static void
test_refused(void)
{
	static uint8_t many[JT_FOLD_PART + 1][JT_HASH];
	uint8_t path[65][JT_HASH], hash[JT_HASH];
	struct jt_fold_part good = { .at = 0, .of = 4, .digests = { digests[0], 2 * JT_HASH },
		.path = { path[0], JT_HASH } }, part = good;

	random_bytes(path, sizeof path);
	is_int(jt_fold_climb(&good, hash, &error), JT_OK, "two of four");
	part.digests.len = 0;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "no digest");
	is_text(error.text, "digests: expected 1 to 16384 of 32 bytes", "says so");
	part.digests.len = 33;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "a digest and a byte");
	part.digests = (struct jt_slice){ many[0], sizeof many };
	part.of = sizeof many / JT_HASH;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "too many");
	part = good;
	part.path.len = 31;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "a path that is no hashes");
	is_text(error.text, "path: expected hashes of 32 bytes", "says so");
	part.path.len = 2 * JT_HASH;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "a path too long");
	is_text(error.text, "path: is too long or too short", "says so");
	part = good;
	part.of = 1;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "of one");
	part.of = (uint64_t)JT_FOLD_MAX + 1;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "of too many");
	is_text(error.text, "of: expected 2 to 268435456", "says so");
	part = good;
	part.digests.data = many[0];
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "the same digest twice");
	is_text(error.text, "digests: not in strictly ascending order", "says so");
	part = good;
	part.at = 1;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "no subtree");
	is_text(error.text, "digests: are not those of one subtree", "says so");
	part.at = UINT64_MAX;
	is_int(jt_fold_climb(&part, hash, &error), JT_MALFORMED, "a place beyond all");
}

static void
test_sort(void)
{
	uint8_t some[6][JT_HASH] = { { 3 }, { 1 }, { 3 }, { 2 }, { 1 }, { 3 } };
	uint8_t none[1][JT_HASH];

	is_int(jt_fold_sort(some, 6), 3, "sorted, each once");
	ok(some[0][0] == 1 && some[1][0] == 2 && some[2][0] == 3, "in order");
	is_int(jt_fold_sort(none, 0), 0, "nothing to sort");
}

/* A ledger's tree over the same leaves has another root on each level. */
static void
test_domains(void)
{
	uint8_t leaf[JT_HASH], fold_leaf[JT_HASH], node[JT_HASH], fold_node[JT_HASH];

	jt_merkle_leaf(leaf, (struct jt_slice){ digests[0], JT_HASH });
	jt_merkle_leaf_in(JT_MERKLE_FOLD, fold_leaf, (struct jt_slice){ digests[0], JT_HASH });
	ok(memcmp(leaf, fold_leaf, JT_HASH) != 0, "a leaf of a fold is no leaf of a ledger");
	jt_merkle_node(node, digests[0], digests[1]);
	jt_merkle_node_in(JT_MERKLE_FOLD, fold_node, digests[0], digests[1]);
	ok(memcmp(node, fold_node, JT_HASH) != 0, "nor a node");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	digests = malloc((LARGE + 1) * sizeof *digests);
	if (digests == NULL)
		return 71;
	for (size_t i = 0; i <= LARGE; i++)
		random_bytes(digests[i], JT_HASH);
	is_int(jt_fold_sort(digests, LARGE + 1), LARGE + 1, "random digests are distinct");
	test_small();
	test_subtrees();
	test_large();
	test_refused();
	test_sort();
	test_domains();
	free(digests);
	return done_testing();
}
