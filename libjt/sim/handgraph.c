/*
 * The YAML of a hand-made graph to blocks with parents. See handmade.h for the
 * format, handgraph.h for the result.
 *
 * Blocks with an id are read first, then `rounds` fill what they left free;
 * when all are there, names become parents.
 */
#include "sim/handgraph.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

static enum jt_err __attribute__((format(printf, 3, 4)))
bad(struct jt_error *e, uint64_t line, const char *fmt, ...)
{
	char text[JT_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return jt_fail(e, JT_MALFORMED, "line %" PRIu64 ": %s", line, text);
}

/* ---- words and numbers ---- */

static enum jt_err
take_number(const struct jt_node *node, const char *what, uint64_t low, uint64_t high,
    uint32_t *out, struct jt_error *e)
{
	uint64_t n;

	if (node->type != JT_NODE_SCALAR || !jt_u64_parse(node->text, &n) || n < low || n > high)
		return bad(e, node->line, "%s: expected a number from %" PRIu64 " to %" PRIu64,
		    what, low, high);
	*out = (uint32_t)n;
	return JT_OK;
}

/* A number, or a list of at most `max` of them. */
static enum jt_err
take_numbers(const struct jt_node *node, const char *what, uint64_t high, uint32_t max,
    uint32_t *out, uint32_t *count, struct jt_error *e)
{
	enum jt_err err;

	*count = 0;
	if (node->type != JT_NODE_LIST) {
		*count = 1;
		return take_number(node, what, 1, high, out, e);
	}
	if (node->count < 1 || node->count > max)
		return bad(e, node->line, "%s: expected 1 to %" PRIu32 " of them", what, max);
	for (const struct jt_node *at = node->child; at != NULL; at = at->next) {
		if ((err = take_number(at, what, 1, high, &out[*count], e)) != JT_OK)
			return err;
		for (uint32_t i = 0; i < *count; i++)
			if (out[i] == out[*count])
				return bad(e, at->line, "%s: %" PRIu32 " is there twice", what, out[i]);
		++*count;
	}
	return JT_OK;
}

static enum jt_err
take_name(const struct jt_node *node, uint8_t id[JT_HASH], struct jt_error *e)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (node->type != JT_NODE_SCALAR || node->text.len < 1 ||
	    node->text.len > JT_HANDMADE_NAME)
		return bad(e, node->line, "id: expected a name of 1 to %d characters",
		    JT_HANDMADE_NAME);
	for (size_t i = 0; i < node->text.len; i++)
		if (memchr(letters, node->text.data[i], sizeof letters - 1) == NULL)
			return bad(e, node->line, "id: expected letters, digits, - _ and .");
	memset(id, 0, JT_HASH);
	memcpy(id, node->text.data, node->text.len);
	return JT_OK;
}

/* The values of a map by their keys; absent ones stay NULL. */
static enum jt_err
take_keys(const struct jt_node *map, const char *const *keys, const struct jt_node **values,
    const char *what, struct jt_error *e)
{
	if (map->type != JT_NODE_MAP)
		return bad(e, map->line, "%s: expected a map", what);
	for (const struct jt_node *key = map->child; key != NULL; key = key->next->next) {
		size_t i = 0;
		while (keys[i] != NULL && !jt_slice_is(key->text, keys[i]))
			i++;
		if (key->type != JT_NODE_SCALAR || keys[i] == NULL)
			return bad(e, key->line, "%s: unknown field %.*s", what,
			    key->text.len > 32 ? 32 : (int)key->text.len,
			    key->text.len > 0 ? (const char *)key->text.data : "");
		if (values[i] != NULL)
			return bad(e, key->line, "%s: %s is there twice", what, keys[i]);
		values[i] = key->next;
	}
	return JT_OK;
}

/* ---- blocks ---- */

static enum jt_err
add_block(struct jt_hand *h, const uint8_t id[JT_HASH], uint32_t author, uint32_t round,
    uint64_t line, struct jt_hand_block **out, struct jt_error *e)
{
	struct jt_hand_block *b, **first = &h->first[(size_t)round * h->c.n + author];

	if (h->count == JT_HANDMADE_BLOCKS)
		return bad(e, line, "blocks: more than %d", JT_HANDMADE_BLOCKS);
	if ((b = msgpack_zone_malloc(&h->zone, sizeof *b)) == NULL)
		return no_memory(e);
	*b = (struct jt_hand_block){ .ref = { .author = author, .round = round }, .line = line };
	memcpy(b->ref.id, id, JT_HASH);
	if (*first == NULL)
		*first = b;
	h->blocks[h->count++] = b;
	*out = b;
	return JT_OK;
}

static enum jt_err
add_named_by_place(struct jt_hand *h, uint32_t author, uint32_t round, uint64_t line,
    struct jt_error *e)
{
	uint8_t id[JT_HASH] = { 0 };
	struct jt_hand_block *b;
	char name[JT_HASH];

	if (author < 26)
		snprintf(name, sizeof name, "%c%" PRIu32, 'a' + (int)author, round);
	else
		snprintf(name, sizeof name, "v%" PRIu32 "_%" PRIu32, author + 1, round);
	memcpy(id, name, strlen(name));
	return add_block(h, id, author, round, line, &b, e);
}

enum { ID, AUTHOR, ROUND, PARENTS, ROUNDS, AUTHORS, FIELDS };
static const char *const block_keys[] = {
	"id", "author", "round", "parents", "rounds", "authors", NULL
};

static enum jt_err
read_block(struct jt_hand *h, const struct jt_node *node, const struct jt_node **value,
    struct jt_error *e)
{
	uint8_t id[JT_HASH];
	uint32_t author, round;
	struct jt_hand_block *b;
	enum jt_err err;

	if (value[ID] == NULL || value[AUTHOR] == NULL || value[ROUND] == NULL)
		return bad(e, node->line, "block: expected id, author and round, or rounds");
	if (value[AUTHORS] != NULL)
		return bad(e, node->line, "block: authors goes with rounds only");
	if (value[PARENTS] != NULL && value[PARENTS]->type != JT_NODE_LIST)
		return bad(e, value[PARENTS]->line, "parents: expected a list of names");
	if ((err = take_name(value[ID], id, e)) != JT_OK ||
	    (err = take_number(value[AUTHOR], "author", 1, h->c.n, &author, e)) != JT_OK ||
	    (err = take_number(value[ROUND], "round", 1, JT_HANDMADE_ROUNDS, &round, e)) != JT_OK ||
	    (err = add_block(h, id, author - 1, round, node->line, &b, e)) != JT_OK)
		return err;
	b->listed = value[PARENTS];
	return JT_OK;
}

static enum jt_err
read_rounds(struct jt_hand *h, const struct jt_node *node, const struct jt_node **value,
    struct jt_error *e)
{
	uint32_t range[2], count, authors[JT_VOTERS_MAX], author_count = h->c.n;
	enum jt_err err;

	if (value[ID] != NULL || value[AUTHOR] != NULL || value[ROUND] != NULL ||
	    value[PARENTS] != NULL)
		return bad(e, node->line, "block: rounds goes with authors only");
	for (uint32_t a = 0; a < h->c.n; a++)
		authors[a] = a + 1;
	if ((err = take_numbers(value[ROUNDS], "rounds", JT_HANDMADE_ROUNDS, 2, range, &count,
	    e)) != JT_OK)
		return err;
	if (count == 1)
		range[1] = range[0];
	if (range[0] > range[1])
		return bad(e, value[ROUNDS]->line, "rounds: expected the first and the last");
	if (value[AUTHORS] != NULL && (err = take_numbers(value[AUTHORS], "authors", h->c.n,
	    h->c.n, authors, &author_count, e)) != JT_OK)
		return err;
	for (uint32_t r = range[0]; r <= range[1]; r++)
		for (uint32_t i = 0; i < author_count; i++)
			if (h->first[(size_t)r * h->c.n + authors[i] - 1] == NULL &&
			    (err = add_named_by_place(h, authors[i] - 1, r, node->line, e)) != JT_OK)
				return err;
	return JT_OK;
}

static enum jt_err
read_blocks(struct jt_hand *h, const struct jt_node *list, struct jt_error *e)
{
	enum jt_err err;

	if (list->type != JT_NODE_LIST)
		return bad(e, list->line, "blocks: expected a list");
	for (uint32_t a = 0; a < h->c.n; a++)
		if ((err = add_named_by_place(h, a, 0, list->line, e)) != JT_OK)
			return err;
	for (int rounds = 0; rounds < 2; rounds++)
		for (const struct jt_node *node = list->child; node != NULL; node = node->next) {
			const struct jt_node *value[FIELDS] = { NULL };
			if ((err = take_keys(node, block_keys, value, "block", e)) != JT_OK)
				return err;
			if ((value[ROUNDS] != NULL) != (rounds == 1))
				continue;
			err = rounds ? read_rounds(h, node, value, e) : read_block(h, node, value, e);
			if (err != JT_OK)
				return err;
		}
	return JT_OK;
}

/* ---- leaders ---- */

static enum jt_err
read_leaders(struct jt_hand *h, const struct jt_node *map, struct jt_error *e)
{
	uint32_t round, count;
	enum jt_err err;

	if (map->type != JT_NODE_MAP || map->count == 0)
		return bad(e, map->line, "leaders: expected a map of rounds to validators");
	for (const struct jt_node *key = map->child; key != NULL; key = key->next->next) {
		if ((err = take_number(key, "leaders", 1, JT_HANDMADE_ROUNDS, &round, e)) != JT_OK)
			return err;
		if (h->leaders[round][0] != 0)
			return bad(e, key->line, "leaders: round %" PRIu32 " is there twice", round);
		if ((err = take_numbers(key->next, "leaders", h->c.n, JT_LEADERS_MAX,
		    h->leaders[round], &count, e)) != JT_OK)
			return err;
		if (h->slots != 0 && count != h->slots)
			return bad(e, key->line, "leaders: expected as many in every round, %" PRIu32
			    ", found %" PRIu32, h->slots, count);
		h->slots = count;
		if (round > h->last)
			h->last = round;
	}
	return JT_OK;
}

/* ---- parents ---- */

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
			return bad(e, at->line, "parents: no block %.*s",
			    at->text.len > JT_HANDMADE_NAME ? JT_HANDMADE_NAME : (int)at->text.len,
			    at->text.len > 0 ? (const char *)at->text.data : "");
		if (p->ref.round >= b->ref.round)
			return bad(e, at->line, "block %s: parents: %s is no earlier block",
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
		return bad(e, b->line, "block %s: parents: expected 1 to %" PRIu32 ", found %" PRIu32,
		    (const char *)b->ref.id, h->c.n, room);
	if ((b->parents = msgpack_zone_malloc(&h->zone, room * sizeof(*b->parents))) == NULL)
		return no_memory(e);
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

/* ---- the file ---- */

static enum jt_err
read_root(struct jt_hand *h, const struct jt_node *root, struct jt_error *e)
{
	static const char *const keys[] = { "validators", "leaders", "blocks", NULL };
	const struct jt_node *value[3] = { NULL };
	enum jt_err err;
	uint32_t n = 1;

	if ((err = take_keys(root, keys, value, "graph", e)) != JT_OK)
		return err;
	for (size_t i = 0; keys[i] != NULL; i++)
		if (value[i] == NULL)
			return bad(e, root->line, "graph: %s is missing", keys[i]);
	if ((err = take_number(value[0], "validators", 1, JT_VOTERS_MAX, &n, e)) != JT_OK)
		return err;
	h->c = jt_committee_of(n);
	h->first = calloc((size_t)n * (JT_HANDMADE_ROUNDS + 1), sizeof(*h->first));
	h->leaders = calloc(JT_HANDMADE_ROUNDS + 1, sizeof *h->leaders);
	h->blocks = msgpack_zone_malloc(&h->zone, JT_HANDMADE_BLOCKS * sizeof *h->blocks);
	if (h->first == NULL || h->leaders == NULL || h->blocks == NULL)
		return no_memory(e);
	if ((err = read_leaders(h, value[1], e)) != JT_OK)
		return err;
	return read_blocks(h, value[2], e);
}

enum jt_err
jt_hand_read(struct jt_hand *h, struct jt_slice yaml, struct jt_error *e)
{
	struct jt_node *root;
	uint64_t line = 1;
	enum jt_err err;

	*h = (struct jt_hand){ 0 };
	if (!msgpack_zone_init(&h->zone, MSGPACK_ZONE_CHUNK_SIZE))
		return no_memory(e);
	if (yaml.len > JT_HANDMADE_TEXT)
		return jt_fail(e, JT_MALFORMED, "longer than %" PRIu32 " bytes", JT_HANDMADE_TEXT);
	if ((err = jt_tree_read(yaml, false, &line, &h->zone, &root, e)) != JT_OK)
		return err == JT_MALFORMED ? jt_fail_in(e, "line %" PRIu64, line) : err;
	if ((err = read_root(h, root, e)) != JT_OK)
		return err;
	if (!sort_blocks(h))
		return no_memory(e);
	for (uint32_t i = 1; i < h->count; i++) {
		const struct jt_hand_block *a = h->names[i - 1], *b = h->names[i];
		if (memcmp(a->ref.id, b->ref.id, JT_HASH) == 0)
			return bad(e, a->line > b->line ? a->line : b->line, "block %s is there twice",
			    (const char *)b->ref.id);
	}
	for (uint32_t i = h->c.n; i < h->count; i++)
		if ((err = set_parents(h, h->blocks[i], e)) != JT_OK)
			return err;
	return JT_OK;
}

void
jt_hand_free(struct jt_hand *h)
{
	free(h->leaders);
	free(h->first);
	if (h->zone.chunk_size != 0)
		msgpack_zone_destroy(&h->zone);
	*h = (struct jt_hand){ 0 };
}
