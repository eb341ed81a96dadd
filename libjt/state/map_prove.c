/* Making proofs that the state has an entry, or has none. See map.h. */
#include <string.h>

#include "state/map.h"
#include "state/node.h"

static bool
copy_to_zone(struct jt_list *list, const void *items, uint32_t count, size_t size,
    msgpack_zone *zone)
{
	*list = (struct jt_list){ NULL, count };
	if (count == 0)
		return true;
	list->items = msgpack_zone_malloc(zone, count * size);
	if (list->items == NULL)
		return false;
	memcpy(list->items, items, count * size);
	return true;
}

enum jt_err
jt_map_prove(struct jt_store *s, const uint8_t key[JT_HASH], struct jt_map_proof *proof,
    msgpack_zone *zone, struct jt_error *e)
{
	uint8_t nodes[JT_NODE_DEPTH_MAX + 1][JT_NODE_HASHES];
	struct jt_bucket_entry entries[JT_BUCKET];
	struct jt_bucket b;
	struct jt_slice node;
	unsigned depth = 0;
	/* Without a root node there is a bucket, be it of none. */
	uint32_t count = JT_BUCKET;
	enum jt_err err = jt_node_get(s, key, 0, &node, e);

	while (err == JT_OK && node.data != NULL) {
		jt_node_hashes(nodes[depth], node.data);
		count = jt_node_count(node.data, jt_nibble(key, depth));
		depth++;
		if (count <= JT_BUCKET)
			break;
		err = depth <= JT_NODE_DEPTH_MAX ? jt_node_get(s, key, depth, &node, e) : JT_OK;
		if (err == JT_OK && (node.data == NULL || depth > JT_NODE_DEPTH_MAX))
			return jt_fail(e, JT_IO, "state: a node is missing");
	}
	jt_bucket_init(&b);
	if (err == JT_OK && count > 0)
		err = jt_bucket_read(s, key, depth, &b, e);
	if (err != JT_OK)
		return err;
	for (uint32_t i = 0; i < b.count; i++) {
		memcpy(entries[i].key, JT_BUCKET_KEY(&b, i), JT_HASH);
		memcpy(entries[i].hash, JT_BUCKET_HASH(&b, i), JT_HASH);
	}
	if (!copy_to_zone(&proof->nodes, nodes, depth, sizeof nodes[0], zone) ||
	    !copy_to_zone(&proof->bucket, entries, b.count, sizeof entries[0], zone))
		return jt_fail(e, JT_SYSTEM, "state: out of memory");
	return JT_OK;
}
