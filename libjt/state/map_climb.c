/*
 * Proofs that the state has an entry, or has none: what they are, and following
 * them to a root. Needs no store, and so neither do the programs that check. See map.h.
 */
#include <string.h>

#include "state/map.h"
#include "state/node.h"

static const struct jt_field bucket_fields[] = {
	{ .name = "key", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_bucket_entry, key),
	    .help = "where the entry lies" },
	{ .name = "hash", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_bucket_entry, hash),
	    .help = "hash of the entry" },
};
static const struct jt_schema bucket_schema =
	JT_SCHEMA(JT_FORM_TUPLE, struct jt_bucket_entry, bucket_fields);

struct hashes {
	uint8_t bytes[JT_NODE_HASHES];
};
static const struct jt_field node_fields[] = {
	{ .name = "hashes", .type = JT_FIXED, .max = JT_NODE_HASHES,
	    .offset = offsetof(struct hashes, bytes),
	    .help = "hashes of the 16 children, zero where there is none" },
};
static const struct jt_schema node_schema =
	JT_SCHEMA(JT_FORM_PLAIN, struct hashes, node_fields);

static const struct jt_field proof_fields[] = {
	{ .name = "bucket", .type = JT_LIST, .flags = JT_OPTIONAL | JT_SORTED,
	    .max = JT_BUCKET, .offset = offsetof(struct jt_map_proof, bucket),
	    .sub = &bucket_schema, .help = "the entries beside which the key's place is" },
	{ .name = "nodes", .type = JT_LIST, .flags = JT_OPTIONAL,
	    .max = JT_NODE_DEPTH_MAX + 1, .offset = offsetof(struct jt_map_proof, nodes),
	    .sub = &node_schema, .help = "the inner nodes on the way to the key, the root first" },
};
const struct jt_schema jt_map_proof_schema =
	JT_SCHEMA(JT_FORM_MAP, struct jt_map_proof, proof_fields);

/* Is this a bucket of the key's path, and does it speak of the key as `entry` does? */
static enum jt_err
check_bucket(const uint8_t key[JT_HASH], struct jt_slice entry, const struct jt_list *list,
    unsigned depth, struct jt_bucket *b, struct jt_error *e)
{
	const struct jt_bucket_entry *items = list->items;
	uint8_t hash[JT_HASH];
	bool found = false;

	jt_bucket_init(b);
	if (entry.len > 0)
		jt_entry_hash(hash, entry);
	for (uint32_t i = 0; i < list->count; i++) {
		if (i > 0 && memcmp(items[i - 1].key, items[i].key, JT_HASH) >= 0)
			return jt_fail(e, JT_NO, "proof: keys of the bucket do not ascend");
		if (!jt_path_same(items[i].key, key, depth))
			return jt_fail(e, JT_NO, "proof: the bucket is of another path");
		if (!jt_bucket_add(b, items[i].key, items[i].hash))
			return jt_fail(e, JT_NO, "proof: bucket of more than %d", JT_BUCKET);
		if (memcmp(items[i].key, key, JT_HASH) != 0)
			continue;
		if (entry.len == 0)
			return jt_fail(e, JT_NO, "proof: there is an entry");
		if (memcmp(items[i].hash, hash, JT_HASH) != 0)
			return jt_fail(e, JT_NO, "proof: of another entry");
		found = true;
	}
	return found == (entry.len > 0) ? JT_OK : jt_fail(e, JT_NO, "proof: there is no entry");
}

enum jt_err
jt_map_climb(const uint8_t key[JT_HASH], struct jt_slice entry,
    const struct jt_map_proof *proof, uint8_t root[JT_HASH], struct jt_error *e)
{
	const struct hashes *nodes = proof->nodes.items;
	uint32_t depth = proof->nodes.count;
	struct jt_bucket b;
	uint8_t hash[JT_HASH];
	enum jt_err err;

	if (depth > JT_NODE_DEPTH_MAX + 1)
		return jt_fail(e, JT_NO, "proof: %u nodes, expected at most %d", (unsigned)depth,
		    JT_NODE_DEPTH_MAX + 1);
	err = check_bucket(key, entry, &proof->bucket, depth, &b, e);
	if (err != JT_OK)
		return err;
	/* An empty state is a bucket of none; elsewhere nothing is 32 zero bytes. */
	if (b.count > 0 || depth == 0)
		jt_bucket_hash(hash, &b);
	else
		memset(hash, 0, JT_HASH);
	while (depth-- > 0) {
		const uint8_t *child = nodes[depth].bytes + jt_nibble(key, depth) * JT_HASH;

		if (memcmp(child, hash, JT_HASH) != 0)
			return jt_fail(e, JT_NO, "proof: hash of level %u does not match",
			    (unsigned)depth + 1);
		jt_node_hash(hash, nodes[depth].bytes);
	}
	memcpy(root, hash, JT_HASH);
	return JT_OK;
}
