/* A whole Merkle tree in memory. See grove.h. */
#include "crypto/grove.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum jt_err
jt_grove_make(struct jt_grove *g, uint64_t count, struct jt_error *e)
{
	uint64_t total = 0, width = count;

	assert(count > 0);
	*g = (struct jt_grove){ .count = count };
	if (count > SIZE_MAX / 4 / JT_HASH)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (;; width = (width + 1) / 2) {
		g->level[g->depth] = (size_t)total;
		total += width;
		if (width == 1)
			break;
		g->depth++;
	}
	g->level[g->depth + 1] = (size_t)total;
	g->nodes = malloc((size_t)total * JT_HASH);
	return g->nodes == NULL ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}

void
jt_grove_free(struct jt_grove *g)
{
	free(g->nodes);
	*g = (struct jt_grove){ 0 };
}

static size_t
width_of(const struct jt_grove *g, unsigned level)
{
	return g->level[level + 1] - g->level[level];
}

/*
 * Pair by pair upwards; a last one without a partner goes up as it is. That
 * gives the tree of RFC 9162: left subtrees are the largest powers of two.
 */
void
jt_grove_fill(struct jt_grove *g, uint8_t domain)
{
	for (unsigned d = 0; d < g->depth; d++) {
		size_t width = width_of(g, d);
		uint8_t (*below)[JT_HASH] = g->nodes + g->level[d];
		uint8_t (*above)[JT_HASH] = g->nodes + g->level[d + 1];

		for (size_t i = 0; i + 1 < width; i += 2)
			jt_merkle_node_in(domain, above[i / 2], below[i], below[i + 1]);
		if (width % 2 == 1)
			memcpy(above[width / 2], below[width - 1], JT_HASH);
	}
}

const uint8_t *
jt_grove_root(const struct jt_grove *g)
{
	return g->nodes[g->level[g->depth]];
}

size_t
jt_grove_path(const struct jt_grove *g, unsigned level, uint64_t index,
    uint8_t path[JT_MERKLE_PATH][JT_HASH])
{
	size_t n = 0, i = (size_t)index;

	assert(level <= g->depth && index < width_of(g, level));
	for (unsigned d = level; d < g->depth; d++, i /= 2)
		if ((i ^ 1) < width_of(g, d))
			memcpy(path[n++], g->nodes[g->level[d] + (i ^ 1)], JT_HASH);
	return n;
}
