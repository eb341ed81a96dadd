/*
 * The YAML of a hand-made graph to blocks. See handmade.h for the
 * format, handgraph.h for the result.
 *
 * Blocks with an id are read first, then `rounds` fill what they left free;
 * when all are there, names become parents (hand_parents.c).
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

enum jt_err
jt_hand_bad(struct jt_error *e, uint64_t line, const char *fmt, ...)
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
		return jt_hand_bad(e, node->line, "%s: expected a number from %" PRIu64 " to %" PRIu64,
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
		return jt_hand_bad(e, node->line, "%s: expected 1 to %" PRIu32 " of them", what,
		    max);
	for (const struct jt_node *at = node->child; at != NULL; at = at->next) {
		if ((err = take_number(at, what, 1, high, &out[*count], e)) != JT_OK)
			return err;
		for (uint32_t i = 0; i < *count; i++)
			if (out[i] == out[*count])
				return jt_hand_bad(e, at->line, "%s: %" PRIu32 " is there twice", what,
				    out[i]);
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
		return jt_hand_bad(e, node->line, "id: expected a name of 1 to %d characters",
		    JT_HANDMADE_NAME);
	for (size_t i = 0; i < node->text.len; i++)
		if (memchr(letters, node->text.data[i], sizeof letters - 1) == NULL)
			return jt_hand_bad(e, node->line, "id: expected letters, digits, - _ and .");
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
		return jt_hand_bad(e, map->line, "%s: expected a map", what);
	for (const struct jt_node *key = map->child; key != NULL; key = key->next->next) {
		size_t i = 0;
		while (keys[i] != NULL && !jt_slice_is(key->text, keys[i]))
			i++;
		if (key->type != JT_NODE_SCALAR || keys[i] == NULL)
			return jt_hand_bad(e, key->line, "%s: unknown field %.*s", what,
			    key->text.len > 32 ? 32 : (int)key->text.len,
			    key->text.len > 0 ? (const char *)key->text.data : "");
		if (values[i] != NULL)
			return jt_hand_bad(e, key->line, "%s: %s is there twice", what, keys[i]);
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
		return jt_hand_bad(e, line, "blocks: more than %d", JT_HANDMADE_BLOCKS);
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
		return jt_hand_bad(e, node->line, "block: expected id, author and round, or rounds");
	if (value[AUTHORS] != NULL)
		return jt_hand_bad(e, node->line, "block: authors goes with rounds only");
	if (value[PARENTS] != NULL && value[PARENTS]->type != JT_NODE_LIST)
		return jt_hand_bad(e, value[PARENTS]->line, "parents: expected a list of names");
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
		return jt_hand_bad(e, node->line, "block: rounds goes with authors only");
	for (uint32_t a = 0; a < h->c.n; a++)
		authors[a] = a + 1;
	if ((err = take_numbers(value[ROUNDS], "rounds", JT_HANDMADE_ROUNDS, 2, range, &count,
	    e)) != JT_OK)
		return err;
	if (count == 1)
		range[1] = range[0];
	if (range[0] > range[1])
		return jt_hand_bad(e, value[ROUNDS]->line, "rounds: expected the first and the last");
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
		return jt_hand_bad(e, list->line, "blocks: expected a list");
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
		return jt_hand_bad(e, map->line, "leaders: expected a map of rounds to validators");
	for (const struct jt_node *key = map->child; key != NULL; key = key->next->next) {
		if ((err = take_number(key, "leaders", 1, JT_HANDMADE_ROUNDS, &round, e)) != JT_OK)
			return err;
		if (h->leaders[round][0] != 0)
			return jt_hand_bad(e, key->line, "leaders: round %" PRIu32 " is there twice",
			    round);
		if ((err = take_numbers(key->next, "leaders", h->c.n, JT_LEADERS_MAX,
		    h->leaders[round], &count, e)) != JT_OK)
			return err;
		if (h->slots != 0 && count != h->slots)
			return jt_hand_bad(e, key->line, "leaders: expected as many in every round, %" PRIu32
			    ", found %" PRIu32, h->slots, count);
		h->slots = count;
		if (round > h->last)
			h->last = round;
	}
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
			return jt_hand_bad(e, root->line, "graph: %s is missing", keys[i]);
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
	return jt_hand_link(h, e);
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
