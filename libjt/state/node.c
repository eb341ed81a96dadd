/* Paths, nodes and buckets of the state's tree. See node.h and map.h. */
#include "state/node.h"

#include <string.h>

#include "base/num.h"

/* What is hashed before an entry, a bucket, a node. */
enum { TAG_ENTRY = 0, TAG_BUCKET = 2, TAG_NODE = 3 };

bool
jt_path_same(const uint8_t a[JT_HASH], const uint8_t b[JT_HASH], unsigned depth)
{
	return memcmp(a, b, depth / 2) == 0 &&
	    (depth % 2 == 0 || (a[depth / 2] ^ b[depth / 2]) >> 4 == 0);
}

void
jt_path_least(uint8_t out[JT_HASH], const uint8_t key[JT_HASH], unsigned depth)
{
	memset(out, 0, JT_HASH);
	memcpy(out, key, depth / 2);
	if (depth % 2 != 0)
		out[depth / 2] = key[depth / 2] & 0xf0;
}

struct jt_slice
jt_node_key(uint8_t out[JT_NODE_KEY], const uint8_t key[JT_HASH], unsigned depth)
{
	out[0] = (uint8_t)depth;
	jt_path_least(out + 1, key, depth);
	return (struct jt_slice){ out, 1 + (depth + 1) / 2 };
}

uint32_t
jt_node_count(const uint8_t *node, unsigned child)
{
	return jt_get_be32(node + child * JT_NODE_CHILD + JT_HASH);
}

void
jt_node_set(uint8_t *node, unsigned child, const uint8_t hash[JT_HASH], uint64_t count)
{
	uint8_t *at = node + child * JT_NODE_CHILD;

	memcpy(at, hash, JT_HASH);
	jt_put_be32(at + JT_HASH, (uint32_t)count);
}

void
jt_node_hashes(uint8_t out[JT_NODE_HASHES], const uint8_t *node)
{
	for (size_t i = 0; i < 16; i++)
		memcpy(out + i * JT_HASH, node + i * JT_NODE_CHILD, JT_HASH);
}

void
jt_node_hash(uint8_t out[JT_HASH], const uint8_t hashes[JT_NODE_HASHES])
{
	uint8_t bytes[1 + JT_NODE_HASHES];

	bytes[0] = TAG_NODE;
	memcpy(bytes + 1, hashes, JT_NODE_HASHES);
	jt_hash(out, (struct jt_slice){ bytes, sizeof bytes });
}

void
jt_bucket_init(struct jt_bucket *b)
{
	b->count = 0;
	b->bytes[0] = TAG_BUCKET;
}

bool
jt_bucket_add(struct jt_bucket *b, const uint8_t key[JT_HASH], const uint8_t hash[JT_HASH])
{
	if (b->count == JT_BUCKET)
		return false;
	memcpy(JT_BUCKET_KEY(b, b->count), key, JT_HASH);
	memcpy(JT_BUCKET_HASH(b, b->count), hash, JT_HASH);
	b->count++;
	return true;
}

void
jt_bucket_hash(uint8_t out[JT_HASH], const struct jt_bucket *b)
{
	jt_hash(out, (struct jt_slice){ b->bytes, 1 + b->count * 2 * JT_HASH });
}

void
jt_entry_hash(uint8_t out[JT_HASH], struct jt_slice entry)
{
	static const uint8_t tag = TAG_ENTRY;
	struct jt_hasher h;

	jt_hasher_init(&h);
	jt_hasher_add(&h, &tag, 1);
	jt_hasher_add(&h, entry.data, entry.len);
	jt_hasher_end(&h, out);
}
