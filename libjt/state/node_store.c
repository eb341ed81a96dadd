/* The inside of the state's tree, as it lies in the store. See node.h. */
#include "state/node.h"

#include "state/table.h"

static enum jt_err
check(enum jt_err err, const struct jt_slice *node, struct jt_error *e)
{
	if (err == JT_OK && node->data != NULL && node->len != JT_NODE_SIZE)
		return jt_fail(e, JT_IO, "state: node of %zu bytes, expected %d", node->len,
		    JT_NODE_SIZE);
	return err;
}

enum jt_err
jt_node_get(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_slice *node, struct jt_error *e)
{
	uint8_t at[JT_NODE_KEY];

	return check(jt_store_get(s, JT_NODES, jt_node_key(at, key, depth), node, e), node, e);
}

enum jt_err
jt_node_look(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_slice *node, struct jt_error *e)
{
	uint8_t at[JT_NODE_KEY];

	return check(jt_store_look(s, JT_NODES, jt_node_key(at, key, depth), node, e), node, e);
}

enum jt_err
jt_node_put(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth, const uint8_t *node,
    uint8_t hash[JT_HASH], struct jt_error *e)
{
	uint8_t at[JT_NODE_KEY], hashes[JT_NODE_HASHES];

	jt_node_hashes(hashes, node);
	jt_node_hash(hash, hashes);
	return jt_store_put(s, JT_NODES, jt_node_key(at, key, depth),
	    (struct jt_slice){ node, JT_NODE_SIZE }, e);
}

enum jt_err
jt_node_prune(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth, struct jt_error *e)
{
	uint8_t at[JT_NODE_KEY], below[JT_HASH];
	uint32_t counts[16];
	struct jt_slice node;
	enum jt_err err = jt_node_get(s, key, depth, &node, e);

	if (err != JT_OK)
		return err;
	if (node.data == NULL || depth > JT_NODE_DEPTH_MAX)
		return jt_fail(e, JT_IO, "state: a node is missing");
	for (unsigned child = 0; child < 16; child++)
		counts[child] = jt_node_count(node.data, child);
	for (unsigned child = 0; child < 16; child++) {
		if (counts[child] <= JT_BUCKET)
			continue;
		jt_path_least(below, key, depth);
		below[depth / 2] |= (uint8_t)(depth % 2 == 0 ? child << 4 : child);
		err = jt_node_prune(s, below, depth + 1, e);
		if (err != JT_OK)
			return err;
	}
	return jt_store_delete(s, JT_NODES, jt_node_key(at, key, depth), e);
}

enum jt_err
jt_bucket_read(struct jt_store *s, const uint8_t key[JT_HASH], unsigned depth,
    struct jt_bucket *b, struct jt_error *e)
{
	uint8_t from[JT_HASH];
	struct jt_slice k, v;
	enum jt_err err;

	jt_bucket_init(b);
	jt_path_least(from, key, depth);
	err = jt_store_seek(s, JT_STATE, (struct jt_slice){ from, JT_HASH }, &k, &v, e);
	while (err == JT_OK && k.data != NULL) {
		if (k.len != JT_HASH || v.len <= JT_HASH)
			return jt_fail(e, JT_IO, "state: damaged entry");
		if (!jt_path_same(k.data, key, depth))
			break;
		if (!jt_bucket_add(b, k.data, v.data))
			return jt_fail(e, JT_IO, "state: a node is missing");
		err = jt_store_step(s, JT_STATE, &k, &v, e);
	}
	return err;
}
