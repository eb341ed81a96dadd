/*
 * Proofs of entries and of their absence: every key that is there and many
 * that are not, and then everything a proof must not bear.
 */
#include "state/map.h"

#include "random.h"
#include "state.h"
#include "tap.h"
#include "tempdir.h"

static struct model model;
static struct jt_error error;
static struct jt_store *store;
static struct jt_overlay *overlay;
static uint8_t root[JT_HASH];
static msgpack_zone zone;

static void
add(const uint8_t key[JT_HASH])
{
	uint8_t value[MODEL_VALUE];
	size_t len = 1 + (size_t)random_below(MODEL_VALUE);

	random_bytes(value, len);
	model_put(&model, key, value, len);
	jt_overlay_put(overlay, key, (struct jt_slice){ value, len }, &error);
}

static bool
apply(void)
{
	const struct jt_change *const *changes;
	size_t count;
	bool good = jt_overlay_changes(overlay, &changes, &count, &error) == JT_OK &&
	    jt_map_update(store, changes, count, root, &error) == JT_OK;

	jt_overlay_clear(overlay);
	return good;
}

static struct jt_slice
value_of(const struct model_entry *n)
{
	return (struct jt_slice){ n->value, n->len };
}

/* The encoded proof of a key, in a buffer that is used again. */
static struct jt_slice
prove(const uint8_t key[JT_HASH])
{
	static uint8_t bytes[64 * JT_NODE_HASHES + 4096];
	static struct jt_buf out = { .data = bytes, .cap = sizeof bytes, .max = sizeof bytes };
	struct jt_map_proof proof;

	jt_buf_clear(&out);
	msgpack_zone_clear(&zone);
	if (jt_map_prove(store, key, &proof, &zone, &error) != JT_OK ||
	    jt_encode(&jt_map_proof_schema, &proof, &out, &error) != JT_OK)
		printf("# %s\n", error.text);
	return jt_buf_slice(&out);
}

/* Does the proof lead from this entry to the root? */
static bool
leads(struct jt_slice bytes, const uint8_t key[JT_HASH], struct jt_slice entry)
{
	struct jt_map_proof proof;
	uint8_t to[JT_HASH];

	msgpack_zone_clear(&zone);
	return jt_decode(&jt_map_proof_schema, bytes, &proof, &zone, &error) == JT_OK &&
	    jt_map_climb(key, entry, &proof, to, &error) == JT_OK &&
	    memcmp(to, root, JT_HASH) == 0;
}

static const struct jt_slice absent = { NULL, 0 };

/* Changes of a key that lead to other buckets, and to empty children. */
static void
near(uint8_t key[JT_HASH], const uint8_t of[JT_HASH])
{
	size_t nibble = (size_t)random_below(random_below(2) ? 64 : 6);

	memcpy(key, of, JT_HASH);
	key[nibble / 2] ^= (uint8_t)((1 + random_below(15)) << (nibble % 2 ? 0 : 4));
}

/* Every key there is, and as many that there are not; wrong claims of both. */
static void
test_all(const char *what)
{
	bool there = true, other = true, gone = true, empty = true;
	size_t longest = 0;

	for (size_t i = 0; i < model.count; i++) {
		const struct model_entry *n = &model.entries[i];
		struct jt_slice bytes = prove(n->key), wrong = value_of(n);
		uint8_t key[JT_HASH];
		bool found;

		longest = bytes.len > longest ? bytes.len : longest;
		there = there && leads(bytes, n->key, value_of(n));
		gone = gone && !leads(bytes, n->key, absent);
		wrong.len = wrong.len > 1 ? wrong.len - 1 : MODEL_VALUE;
		other = other && !leads(bytes, n->key, wrong);
		near(key, n->key);
		model_find(&model, key, &found);
		if (found)
			continue;
		other = other && !leads(bytes, key, value_of(n));
		bytes = prove(key);
		empty = empty && leads(bytes, key, absent) && !leads(bytes, key, value_of(n)) &&
		    !leads(bytes, n->key, absent);
	}
	ok(there, "%s: %zu entries proven, in %zu bytes at most", what, model.count, longest);
	ok(gone, "%s: their absence is not", what);
	ok(other, "%s: nor other entries", what);
	ok(empty, "%s: absence proven, and no presence", what);
}

/* No byte of a proof can be another one. */
static void
test_flips(const char *what, const uint8_t key[JT_HASH], struct jt_slice entry)
{
	static uint8_t copy[64 * JT_NODE_HASHES + 4096];
	struct jt_slice bytes = prove(key);
	size_t passed = 0;

	memcpy(copy, bytes.data, bytes.len);
	bytes.data = copy;
	ok(leads(bytes, key, entry), "%s: a proof of %zu bytes", what, bytes.len);
	for (size_t i = 0; i < bytes.len; i++) {
		uint8_t old = copy[i];

		/* Every bit of a short one. */
		for (unsigned bit = 0; bit < 8 && bytes.len < 4096; bit++) {
			copy[i] = (uint8_t)(old ^ 1U << bit);
			passed += leads(bytes, key, entry);
		}
		copy[i] = (uint8_t)(old ^ (1 + random_below(255)));
		passed += leads(bytes, key, entry);
		copy[i] = old;
	}
	is_int(passed, 0, "%s: with any byte changed", what);
	for (size_t i = 0; i < bytes.len; i++)
		passed += leads((struct jt_slice){ copy, i }, key, entry);
	is_int(passed, 0, "%s: cut short anywhere", what);
	copy[bytes.len] = 0;
	ok(!leads((struct jt_slice){ copy, bytes.len + 1 }, key, entry), "%s: one byte longer",
	    what);
}

static enum jt_err
climb(const uint8_t key[JT_HASH], struct jt_slice entry, const struct jt_map_proof *proof)
{
	uint8_t to[JT_HASH];
	enum jt_err err = jt_map_climb(key, entry, proof, to, &error);

	if (err == JT_OK && memcmp(to, root, JT_HASH) != 0)
		return JT_MALFORMED; /* here: it leads elsewhere */
	return err;
}

/* Proofs whose parts are good, but are not the parts they should be. */
static void
test_shape(void)
{
	static struct jt_bucket_entry many[JT_BUCKET + 1];
	static uint8_t deep[64][JT_NODE_HASHES];
	const struct model_entry *n = NULL;
	struct jt_map_proof good = { .bucket.count = 0 }, p;
	struct jt_bucket_entry *items, swap;
	uint8_t hash[1 + 2 * JT_HASH], other[JT_HASH];
	struct jt_slice entry;

	/* One with a bucket of several. */
	for (size_t i = 0; i < model.count && good.bucket.count < 3; i++) {
		n = &model.entries[i];
		jt_map_prove(store, n->key, &good, &zone, &error);
	}
	entry = value_of(n);
	is_int(climb(n->key, entry, &good), JT_OK, "%u nodes, %u in the bucket", good.nodes.count,
	    good.bucket.count);
	p = good;
	p.nodes.count--;
	ok(climb(n->key, entry, &p) != JT_OK, "without the last node"); /* it may be the root */
	p = good;
	p.nodes.items = (uint8_t *)good.nodes.items + JT_NODE_HASHES;
	p.nodes.count--;
	ok(climb(n->key, entry, &p) != JT_OK, "without the root node");
	p = good;
	p.bucket.count = 0;
	is_int(climb(n->key, entry, &p), JT_NO, "without the bucket");
	is_text(error.text, "proof: there is no entry", "says why");
	is_int(climb(n->key, absent, &p), JT_NO, "nor is that absence");
	ok(strncmp(error.text, "proof: hash of level", 20) == 0, "since its node knows of it");
	p = good;
	p.bucket.count--;
	ok(climb(n->key, entry, &p) == JT_NO, "with one fewer in the bucket");
	is_int(climb(n->key, absent, &good), JT_NO, "absent, with the entry in the bucket");
	is_text(error.text, "proof: there is an entry", "says why");
	items = good.bucket.items;
	swap = items[0];
	items[0] = items[1];
	items[1] = swap;
	is_int(climb(n->key, entry, &good), JT_NO, "two of the bucket exchanged");
	is_text(error.text, "proof: keys of the bucket do not ascend", "says why");
	items[1] = items[0];
	is_int(climb(n->key, entry, &good), JT_NO, "one of the bucket twice");
	items[0] = swap;
	items[1] = swap;
	near(items[1].key, swap.key);

	for (unsigned i = 0; i <= JT_BUCKET; i++)
		many[i].key[0] = (uint8_t)i;
	p = (struct jt_map_proof){ .bucket = { many, JT_BUCKET + 1 } };
	is_int(climb(n->key, absent, &p), JT_NO, "a bucket of 17");
	is_text(error.text, "proof: bucket of more than 16", "says why");
	/* A node that has, where the key's bucket should be, one with other keys. */
	memset(many[0].key, 0x12, JT_HASH);
	memset(hash, 2, 1);
	memcpy(hash + 1, many[0].key, JT_HASH);
	memcpy(hash + 1 + JT_HASH, many[0].hash, JT_HASH);
	memset(other, 0xab, JT_HASH);
	jt_hash(deep[0] + 0xa * JT_HASH, (struct jt_slice){ hash, sizeof hash });
	p = (struct jt_map_proof){ .bucket = { many, 1 }, .nodes = { deep, 1 } };
	is_int(climb(other, absent, &p), JT_NO, "a bucket of another path");
	is_text(error.text, "proof: the bucket is of another path", "says why");
	memset(deep, 0, sizeof deep);
	p = (struct jt_map_proof){ .nodes = { deep, 64 } };
	is_int(climb(n->key, absent, &p), JT_NO, "64 nodes");
	is_text(error.text, "proof: 64 nodes, expected at most 63", "says why");
	p = (struct jt_map_proof){ .nodes = { deep, 1 } };
	is_int(climb(n->key, absent, &p), JT_MALFORMED, "a node without children: another root");
}

int
main(int argc, char **argv)
{
	uint8_t key[JT_HASH], path[JT_HASH];

	random_start(argc, argv);
	tempdir_make();
	msgpack_zone_init(&zone, 8192);
	if (jt_store_open(&store, tempdir_path("s"), JT_STORE_CREATE, &error) != JT_OK)
		return 1;
	overlay = jt_overlay_new(jt_map_fetch, store);
	jt_store_begin(store, true, &error);

	apply();
	random_bytes(key, JT_HASH);
	ok(leads(prove(key), key, absent), "nothing is in an empty state");
	ok(!leads(prove(key), key, jt_slice_text("x")), "and something is not");
	add(key);
	apply();
	test_all("one entry");
	test_flips("one entry", key, value_of(&model.entries[0]));
	for (int i = 1; i < 16; i++) {
		random_bytes(key, JT_HASH);
		add(key);
	}
	apply();
	test_all("a bucket");
	near(key, key);
	test_flips("a bucket, absent", key, absent);
	random_bytes(path, JT_HASH);
	for (int i = 0; i < 600; i++) {
		random_bytes(key, JT_HASH);
		if (i % 3 == 0)
			memcpy(key, path, 2 + (size_t)i % 30);
		add(key);
	}
	ok(apply(), "a tree");
	test_all("a tree");
	test_flips("the middle", model.entries[300].key, value_of(&model.entries[300]));
	near(key, model.entries[100].key);
	test_flips("absent", key, absent);
	near(key, path);
	test_flips("deep", path, absent);
	test_shape();

	jt_overlay_free(overlay);
	jt_store_close(store);
	msgpack_zone_destroy(&zone);
	return done_testing();
}
