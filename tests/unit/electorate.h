/* Validators with keys, and blocks that they sign, for tests of the vote's objects. */
#ifndef ELECTORATE_H
#define ELECTORATE_H

#include <stdlib.h>
#include <string.h>

#include "vote/block.h"

struct voters {
	struct jt_electorate el;
	uint8_t secret[JT_VOTERS_MAX][JT_SECRET];
	uint8_t seed[JT_HASH];
};

static inline int
voters_by_key(const void *a, const void *b)
{
	return memcmp(a, b, JT_KEY);
}

/* n validators whose keys follow from a number. */
static inline void
voters_make(struct voters *v, uint32_t n, uint8_t salt)
{
	struct pair {
		uint8_t key[JT_KEY], secret[JT_SECRET];
	} pairs[JT_VOTERS_MAX];
	uint8_t seed[32] = { salt };

	memset(v, 0, sizeof *v);
	v->el.n = n;
	memset(v->el.network, 0x4e, JT_HASH);
	memset(v->seed, 0x4e, JT_HASH);
	for (uint32_t i = 0; i < n; i++) {
		seed[1] = (uint8_t)i;
		jt_sign_keypair(pairs[i].key, pairs[i].secret, seed);
	}
	qsort(pairs, n, sizeof *pairs, voters_by_key);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(v->el.keys[i], pairs[i].key, JT_KEY);
		memcpy(v->secret[i], pairs[i].secret, JT_SECRET);
	}
}

/* A block of round 1 with this payload, sealed by its author; b->parents points to refs. */
static inline enum jt_err
voters_block(struct voters *v, uint32_t author, struct jt_slice items, struct jt_ref *refs,
    struct jt_block *b, struct jt_buf *out, struct jt_error *e)
{
	*b = (struct jt_block){ .ref = { .round = 1, .author = author }, .time = 1000,
		.parents = refs, .parent_count = v->el.n };
	for (uint32_t i = 0; i < v->el.n; i++)
		jt_dag_genesis_ref(v->seed, (author + i) % v->el.n, &refs[i]);
	return jt_block_seal(&v->el, b, items, v->secret[author], out, e);
}

#endif
