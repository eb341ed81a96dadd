/* The root of a state in memory. See root.h. */
#include "state/root.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "state/node.h"

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct jt_bucket_entry *)a)->key,
	    ((const struct jt_bucket_entry *)b)->key, JT_HASH);
}

static void
subtree(const struct jt_bucket_entry *entries, size_t count, unsigned depth,
    uint8_t out[JT_HASH])
{
	uint8_t hashes[JT_NODE_HASHES];
	struct jt_bucket bucket;
	size_t from = 0, to;

	if (count <= JT_BUCKET) {
		jt_bucket_init(&bucket);
		for (size_t i = 0; i < count; i++)
			jt_bucket_add(&bucket, entries[i].key, entries[i].hash);
		jt_bucket_hash(out, &bucket);
		return;
	}
	assert(depth < JT_MAP_DEPTH);
	memset(hashes, 0, sizeof hashes);
	for (unsigned child = 0; child < 16; child++, from = to) {
		for (to = from; to < count && jt_nibble(entries[to].key, depth) == child;)
			to++;
		if (to > from)
			subtree(entries + from, to - from, depth + 1,
			    hashes + child * JT_HASH);
	}
	jt_node_hash(out, hashes);
}

void
jt_map_root_of(struct jt_bucket_entry *entries, size_t count, uint8_t root[JT_HASH])
{
	if (count > 1)
		qsort(entries, count, sizeof *entries, by_key);
	subtree(entries, count, 0, root);
}
