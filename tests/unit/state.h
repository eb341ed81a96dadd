/*
 * For tests of the state: a plain model of its tree, made from all entries
 * each time, that shares no code with what it judges but the hash function.
 */
#ifndef STATE_H
#define STATE_H

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "state/map.h"
#include "state/table.h"

enum { MODEL_MAX = 4000, MODEL_VALUE = 200, MODEL_NODE = 16 * 36, MODEL_NODES = 4000 };

struct model_entry {
	uint8_t key[32];
	uint8_t value[MODEL_VALUE];
	size_t len;
};
struct model_node {
	uint8_t key[33]; /* depth, path, zeros */
	size_t key_len;
	uint8_t bytes[MODEL_NODE];
};
struct model {
	struct model_entry entries[MODEL_MAX]; /* ascending */
	size_t count;
	struct model_node nodes[MODEL_NODES]; /* as model_root found them */
	size_t node_count;
};

static inline unsigned
model_nibble(const uint8_t *key, unsigned i)
{
	return i % 2 ? key[i / 2] % 16 : key[i / 2] / 16;
}

/* Where the key is, or would be. */
static inline size_t
model_find(const struct model *m, const uint8_t *key, bool *found)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (memcmp(m->entries[middle].key, key, 32) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < m->count && memcmp(m->entries[low].key, key, 32) == 0;
	return low;
}

/* len 0 removes. */
static inline void
model_put(struct model *m, const uint8_t *key, const uint8_t *value, size_t len)
{
	bool found;
	size_t at = model_find(m, key, &found);
	struct model_entry *n = &m->entries[at];

	if (!found && len == 0)
		return;
	if (!found) {
		memmove(n + 1, n, (m->count++ - at) * sizeof *n);
		memcpy(n->key, key, 32);
	} else if (len == 0) {
		memmove(n, n + 1, (--m->count - at) * sizeof *n);
		return;
	}
	memcpy(n->value, value, len);
	n->len = len;
}

static inline void
model_tree(struct model *m, size_t from, size_t to, unsigned depth, uint8_t out[32])
{
	uint8_t bytes[1 + 16 * 64];
	size_t at = 1;

	if (to - from <= 16) {
		bytes[0] = 2;
		for (size_t i = from; i < to; i++, at += 64) {
			uint8_t entry[1 + MODEL_VALUE] = { 0 };

			memcpy(entry + 1, m->entries[i].value, m->entries[i].len);
			memcpy(bytes + at, m->entries[i].key, 32);
			jt_hash(bytes + at + 32, (struct jt_slice){ entry, 1 + m->entries[i].len });
		}
		jt_hash(out, (struct jt_slice){ bytes, at });
		return;
	}
	struct model_node *n = &m->nodes[m->node_count++];
	memset(n, 0, sizeof *n);
	n->key[0] = (uint8_t)depth;
	for (unsigned i = 0; i < depth; i++)
		n->key[1 + i / 2] |= (uint8_t)(model_nibble(m->entries[from].key, i) <<
		    (i % 2 ? 0 : 4));
	n->key_len = 1 + (depth + 1) / 2;
	bytes[0] = 3;
	for (unsigned child = 0; child < 16; child++) {
		size_t end = from;
		uint8_t *hash = bytes + 1 + 32 * child;

		while (end < to && model_nibble(m->entries[end].key, depth) == child)
			end++;
		memset(hash, 0, 32);
		if (end > from)
			model_tree(m, from, end, depth + 1, hash);
		memcpy(n->bytes + 36 * child, hash, 32);
		jt_put_be32(n->bytes + 36 * child + 32, (uint32_t)(end - from));
		from = end;
	}
	jt_hash(out, (struct jt_slice){ bytes, 1 + 16 * 32 });
}

static inline int
model_compare(const void *a, const void *b)
{
	return memcmp(a, b, 33);
}

/* The root; the nodes are made with it, in the order of their keys. */
static inline void
model_root(struct model *m, uint8_t root[32])
{
	m->node_count = 0;
	model_tree(m, 0, m->count, 0, root);
	qsort(m->nodes, m->node_count, sizeof m->nodes[0], model_compare);
}

/* Do the tables hold what the model holds, and nothing else? */
static inline bool
model_same(const struct model *m, struct jt_store *s)
{
	struct jt_slice k, v, none = { NULL, 0 };

	jt_store_first(s, JT_STATE, none, &k, &v, NULL);
	for (size_t i = 0; i < m->count; i++) {
		const struct model_entry *n = &m->entries[i];

		if (k.data == NULL || v.len != 32 + n->len || memcmp(k.data, n->key, 32) != 0 ||
		    memcmp(v.data + 32, n->value, n->len) != 0)
			return false;
		jt_store_next(s, JT_STATE, &k, &v, NULL);
	}
	if (k.data != NULL)
		return false;
	jt_store_first(s, JT_NODES, none, &k, &v, NULL);
	for (size_t i = 0; i < m->node_count; i++) {
		const struct model_node *n = &m->nodes[i];

		if (k.data == NULL || k.len != n->key_len || v.len != MODEL_NODE ||
		    memcmp(k.data, n->key, k.len) != 0 || memcmp(v.data, n->bytes, v.len) != 0)
			return false;
		jt_store_next(s, JT_NODES, &k, &v, NULL);
	}
	return k.data == NULL;
}

#endif
