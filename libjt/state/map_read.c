/* Reading the state: its entries and its root. See map.h. */
#include "state/map.h"
#include "state/node.h"

enum jt_err
jt_map_root(struct jt_store *s, uint8_t root[JT_HASH], struct jt_error *e)
{
	uint8_t hashes[JT_NODE_HASHES];
	struct jt_slice node;
	struct jt_bucket b;
	enum jt_err err = jt_node_get(s, jt_hash_zero, 0, &node, e);

	if (err != JT_OK)
		return err;
	if (node.data != NULL) {
		jt_node_hashes(hashes, node.data);
		jt_node_hash(root, hashes);
		return JT_OK;
	}
	err = jt_bucket_read(s, jt_hash_zero, 0, &b, e);
	if (err == JT_OK)
		jt_bucket_hash(root, &b);
	return err;
}

enum jt_err
jt_map_get(struct jt_store *s, const uint8_t key[JT_HASH], struct jt_slice *entry,
    struct jt_error *e)
{
	enum jt_err err = jt_store_get(s, JT_STATE, (struct jt_slice){ key, JT_HASH }, entry,
	    e);

	if (err != JT_OK || entry->data == NULL)
		return err;
	if (entry->len <= JT_HASH)
		return jt_fail(e, JT_IO, "state: damaged entry");
	entry->data += JT_HASH;
	entry->len -= JT_HASH;
	return JT_OK;
}

enum jt_err
jt_map_fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value,
    struct jt_error *e)
{
	return jt_map_get(ctx, key, value, e);
}
