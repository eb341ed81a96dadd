/*
 * A hand-made graph: the blocks in order, and parents for each of them, those
 * that the file names or the usual ones. See handmade.h for the format.
 */
#include "sim/handgraph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int
by_round(const void *a, const void *b)
{
	const struct jt_hand_block *x = *(struct jt_hand_block *const *)a;
	const struct jt_hand_block *y = *(struct jt_hand_block *const *)b;

	return x->ref.round < y->ref.round ? -1 : x->ref.round > y->ref.round;
}

static int
by_name(const void *a, const void *b)
{
	const struct jt_hand_block *x = *(struct jt_hand_block *const *)a;
	const struct jt_hand_block *y = *(struct jt_hand_block *const *)b;

	return memcmp(x->ref.id, y->ref.id, JT_HASH);
}

/* Round by round; a stable sort, since the order of twins counts. */
static bool
sort_blocks(struct jt_hand *h)
{
	size_t size = h->count * sizeof *h->blocks;
	struct jt_hand_block **by = msgpack_zone_malloc(&h->zone, size);
	uint32_t at = 0;

	h->names = msgpack_zone_malloc(&h->zone, size);
	if (by == NULL || h->names == NULL)
		return false;
	memcpy(h->names, h->blocks, size);
	qsort(h->names, h->count, sizeof *h->names, by_name);
	/* An insertion into runs of equal rounds: counting would need a table more. */
	for (uint32_t i = 0; i < h->count; i++) {
		at = i;
		while (at > 0 && by_round(&by[at - 1], &h->blocks[i]) > 0) {
			by[at] = by[at - 1];
			at--;
		}
		by[at] = h->blocks[i];
	}
	h->blocks = by;
	return true;
}

struct jt_hand_block *
jt_hand_find(const struct jt_hand *h, struct jt_slice name)
{
	struct jt_hand_block key = { 0 }, *at = &key, **found;

	if (name.len < 1 || name.len > JT_HANDMADE_NAME)
		return NULL;
	memcpy(key.ref.id, name.data, name.len);
	found = bsearch(&at, h->names, h->count, sizeof *h->names, by_name);
	return found == NULL ? NULL : *found;
}

static enum jt_err
listed_parents(struct jt_hand *h, struct jt_hand_block *b, struct jt_error *e)
{
	const struct jt_hand_block *own = NULL;

	for (const struct jt_node *at = b->listed->child; at != NULL; at = at->next) {
		struct jt_hand_block *p = at->type == JT_NODE_SCALAR ? jt_hand_find(h, at->text) : NULL;
		uint32_t place = b->parent_count;
		if (p == NULL)
			return jt_hand_bad(e, at->line, "parents: no block %.*s",
			    at->text.len > JT_HANDMADE_NAME ? JT_HANDMADE_NAME : (int)at->text.len,
			    at->text.len > 0 ? (const char *)at->text.data : "");
		if (p->ref.round >= b->ref.round)
			return jt_hand_bad(e, at->line, "block %s: parents: %s is no earlier block",
			    (const char *)b->ref.id, (const char *)p->ref.id);
		if (p->ref.author == b->ref.author &&
		    (own == NULL || p->ref.round > own->ref.round)) {
			if (place > 0)
				b->parents[place] = b->parents[0];
			own = p;
			place = 0;
		}
		b->parents[place] = p;
		b->parent_count++;
	}
	return JT_OK;
}

static void
default_parents(const struct jt_hand *h, struct jt_hand_block *b)
{
	uint32_t n = h->c.n, r = b->ref.round;

	while (h->first[(size_t)--r * n + b->ref.author] == NULL)
		;
	b->parents[b->parent_count++] = h->first[(size_t)r * n + b->ref.author];
	for (uint32_t a = 0; a < n; a++) {
		struct jt_hand_block *p = h->first[(size_t)(b->ref.round - 1) * n + a];
		if (p != NULL && a != b->ref.author)
			b->parents[b->parent_count++] = p;
	}
}

static enum jt_err
set_parents(struct jt_hand *h, struct jt_hand_block *b, struct jt_error *e)
{
	uint32_t room = b->listed != NULL ? b->listed->count : h->c.n;
	struct jt_ref refs[JT_VOTERS_MAX];
	struct jt_block as = { .ref = b->ref, .parents = refs };
	enum jt_err err;

	if (room < 1 || room > h->c.n)
		return jt_hand_bad(e, b->line, "block %s: parents: expected 1 to %" PRIu32
		    ", found %" PRIu32, (const char *)b->ref.id, h->c.n, room);
	if ((b->parents = msgpack_zone_malloc(&h->zone, room * sizeof(*b->parents))) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (b->listed == NULL)
		default_parents(h, b);
	else if ((err = listed_parents(h, b, e)) != JT_OK)
		return err;
	for (uint32_t i = 0; i < b->parent_count; i++)
		refs[i] = b->parents[i]->ref;
	as.parent_count = b->parent_count;
	if ((err = jt_block_check(&h->c, &as, e)) != JT_OK)
		return jt_fail_in(e, "line %" PRIu64 ": block %s", b->line,
		    (const char *)b->ref.id);
	return JT_OK;
}

enum jt_err
jt_hand_link(struct jt_hand *h, struct jt_error *e)
{
	enum jt_err err;

	if (!sort_blocks(h))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (uint32_t i = 1; i < h->count; i++) {
		const struct jt_hand_block *a = h->names[i - 1], *b = h->names[i];
		if (memcmp(a->ref.id, b->ref.id, JT_HASH) == 0)
			return jt_hand_bad(e, a->line > b->line ? a->line : b->line,
			    "block %s is there twice", (const char *)b->ref.id);
	}
	for (uint32_t i = h->c.n; i < h->count; i++)
		if ((err = set_parents(h, h->blocks[i], e)) != JT_OK)
			return err;
	return JT_OK;
}
