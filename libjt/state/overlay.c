/*
 * The overlay: a hash table over an arena. See overlay.h.
 *
 * Keys are hashes already, but whoever makes accounts can choose some of
 * their bits by trial, and so steer many keys into one run of the table. The
 * slot is therefore a multilinear hash of the whole key; when a run gets too
 * long all the same, new multipliers are drawn from the hash of the key that
 * met it, and the table is laid out again. Nobody who makes keys knows which
 * key that will be. The result does not depend on the layout.
 */
#include "state/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "state/by_key.h"

enum {
	ENTRIES = 1024,     /* changes in a chunk */
	CHUNK = 1 << 18,    /* bytes of a chunk of values */
	SLOTS_MIN = 1 << 12,
	RUN_MIN = 128       /* slots looked at before the table is laid out again */
};

/* A change and the room its value has in the arena. */
struct entry {
	struct jt_change change;
	size_t room;
};

/* Index is one more than the entry's number, 0 in a free slot. */
struct slot {
	uint32_t tag;
	uint32_t index;
};

struct chunk {
	uint8_t *data;
	size_t cap;
};

struct jt_overlay {
	jt_fetch *fetch;
	void *ctx;
	struct entry **entries; /* chunks of ENTRIES each */
	size_t entry_chunks;
	uint32_t count;
	struct slot *slots;
	size_t slot_count; /* a power of two, at least twice the count */
	unsigned shift;
	uint32_t run_max;
	uint64_t factor[4]; /* odd */
	struct chunk *values;
	size_t value_chunks;
	size_t value_at;   /* the chunk in use */
	size_t value_fill; /* bytes of it */
	struct jt_by_key *order; /* two arrays of order_cap each */
	const struct jt_change **changes;
	size_t order_cap;
};

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "state: out of memory");
}

static void
draw_factors(struct jt_overlay *o, struct jt_slice seed)
{
	uint8_t hash[JT_HASH];

	jt_hash(hash, seed);
	for (size_t i = 0; i < 4; i++)
		o->factor[i] = jt_get_be64(hash + 8 * i) | 1;
}

/* Shift is 64 less the bits of a slot's number. */
static bool
set_slots(struct jt_overlay *o, size_t count)
{
	struct slot *slots = calloc(count, sizeof *slots);
	unsigned shift = 64;

	if (slots == NULL)
		return false;
	for (size_t n = count; n > 1; n /= 2)
		shift--;
	free(o->slots);
	o->slots = slots;
	o->slot_count = count;
	o->shift = shift;
	return true;
}

struct jt_overlay *
jt_overlay_new(jt_fetch *fetch, void *ctx)
{
	struct jt_overlay *o = calloc(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->fetch = fetch;
	o->ctx = ctx;
	o->run_max = RUN_MIN;
	draw_factors(o, jt_slice_text("jt/overlay/1"));
	if (!set_slots(o, SLOTS_MIN)) {
		free(o);
		return NULL;
	}
	return o;
}

void
jt_overlay_free(struct jt_overlay *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->entry_chunks; i++)
		free(o->entries[i]);
	for (size_t i = 0; i < o->value_chunks; i++)
		free(o->values[i].data);
	free(o->entries);
	free(o->values);
	free(o->slots);
	free(o->order);
	free(o->changes);
	free(o);
}

void
jt_overlay_clear(struct jt_overlay *o)
{
	if (o->count > 0)
		memset(o->slots, 0, o->slot_count * sizeof *o->slots);
	o->count = 0;
	o->value_at = 0;
	o->value_fill = 0;
	o->run_max = RUN_MIN;
}

static struct entry *
entry_at(const struct jt_overlay *o, uint32_t i)
{
	return &o->entries[i / ENTRIES][i % ENTRIES];
}

static uint64_t
mix(const struct jt_overlay *o, const uint8_t key[JT_HASH])
{
	uint64_t h = 0;

	for (size_t i = 0; i < 4; i++) {
		uint64_t word;

		memcpy(&word, key + 8 * i, 8);
		h += (word ^ (word >> 32)) * o->factor[i];
	}
	return h;
}

/*
 * The slot of the key, or the free one where it belongs; *run counts the
 * slots that were looked at.
 */
static struct slot *
find(const struct jt_overlay *o, const uint8_t key[JT_HASH], uint64_t h, uint32_t *run)
{
	size_t at = (size_t)(h >> o->shift);
	uint32_t tag = (uint32_t)h;

	for (*run = 1;; (*run)++) {
		struct slot *s = &o->slots[at];

		if (s->index == 0)
			return s;
		if (s->tag == tag &&
		    memcmp(entry_at(o, s->index - 1)->change.key, key, JT_HASH) == 0)
			return s;
		at = (at + 1) & (o->slot_count - 1);
	}
}

/* Lay the table out again, with this many slots. */
static bool
layout(struct jt_overlay *o, size_t slot_count)
{
	if (!set_slots(o, slot_count))
		return false;
	for (uint32_t i = 0; i < o->count; i++) {
		uint64_t h = mix(o, entry_at(o, i)->change.key);
		size_t at = (size_t)(h >> o->shift);

		while (o->slots[at].index != 0)
			at = (at + 1) & (o->slot_count - 1);
		o->slots[at] = (struct slot){ (uint32_t)h, i + 1 };
	}
	return true;
}

static bool
add_entry_chunk(struct jt_overlay *o)
{
	struct entry **list = realloc(o->entries, (o->entry_chunks + 1) * sizeof *list);

	if (list == NULL)
		return false;
	o->entries = list;
	list[o->entry_chunks] = malloc(ENTRIES * sizeof **list);
	if (list[o->entry_chunks] == NULL)
		return false;
	o->entry_chunks++;
	return true;
}

/* Room in the arena; NULL when memory ran out. */
static uint8_t *
take(struct jt_overlay *o, size_t len)
{
	struct chunk *list;
	size_t cap = len > CHUNK ? len : CHUNK;

	while (o->value_at < o->value_chunks) {
		struct chunk *c = &o->values[o->value_at];

		if (c->cap - o->value_fill >= len) {
			o->value_fill += len;
			return c->data + o->value_fill - len;
		}
		o->value_at++;
		o->value_fill = 0;
	}
	list = realloc(o->values, (o->value_chunks + 1) * sizeof *list);
	if (list == NULL)
		return NULL;
	o->values = list;
	list[o->value_chunks] = (struct chunk){ malloc(cap), cap };
	if (list[o->value_chunks].data == NULL)
		return NULL;
	o->value_at = o->value_chunks++;
	o->value_fill = len;
	return list[o->value_at].data;
}

/*
 * Takes note of a key that is not in the table, with its value below. The
 * value is copied: the store's own pages may change while transactions are
 * written beside them (LMDB writes dirty pages out when there are many).
 */
static struct entry *
add(struct jt_overlay *o, const uint8_t key[JT_HASH], struct jt_slice was)
{
	uint8_t *copy = NULL;
	struct entry *n;
	uint64_t h;
	uint32_t run;

	if (o->count == JT_OVERLAY_KEYS_MAX)
		return NULL;
	if (o->count == o->entry_chunks * ENTRIES && !add_entry_chunk(o))
		return NULL;
	if (2 * ((size_t)o->count + 1) > o->slot_count && !layout(o, 2 * o->slot_count))
		return NULL;
	if (was.len > 0 && (copy = take(o, was.len)) == NULL)
		return NULL;
	h = mix(o, key);
	struct slot *s = find(o, key, h, &run);
	if (run > o->run_max) {
		o->run_max *= 2;
		draw_factors(o, (struct jt_slice){ key, JT_HASH });
		if (!layout(o, o->slot_count))
			return NULL;
		h = mix(o, key);
		s = find(o, key, h, &run);
	}
	n = entry_at(o, o->count);
	memset(n, 0, sizeof *n);
	memcpy(n->change.key, key, JT_HASH);
	if (was.len > 0) {
		memcpy(copy, was.data, was.len);
		n->change.was = n->change.is = (struct jt_slice){ copy, was.len };
	}
	*s = (struct slot){ (uint32_t)h, ++o->count };
	return n;
}

/* The key's entry, after a look below when it is not known. */
static enum jt_err
entry_of(struct jt_overlay *o, const uint8_t key[JT_HASH], struct entry **out,
    struct jt_error *e)
{
	uint32_t run;
	struct slot *s = find(o, key, mix(o, key), &run);
	struct jt_slice was = { NULL, 0 };
	enum jt_err err;

	if (s->index != 0) {
		*out = entry_at(o, s->index - 1);
		return JT_OK;
	}
	err = o->fetch(o->ctx, key, &was, e);
	if (err != JT_OK)
		return err;
	*out = add(o, key, was);
	return *out == NULL ? no_memory(e) : JT_OK;
}

enum jt_err
jt_overlay_get(struct jt_overlay *o, const uint8_t key[JT_HASH], struct jt_slice *value,
    struct jt_error *e)
{
	struct entry *n;
	enum jt_err err = entry_of(o, key, &n, e);

	if (err == JT_OK)
		*value = n->change.is;
	return err;
}

enum jt_err
jt_overlay_put(struct jt_overlay *o, const uint8_t key[JT_HASH], struct jt_slice value,
    struct jt_error *e)
{
	struct entry *n;
	enum jt_err err;

	if (value.len > JT_OVERLAY_VALUE_MAX)
		return jt_fail(e, JT_SYSTEM, "state: entry of %zu bytes, expected at most %u",
		    value.len, JT_OVERLAY_VALUE_MAX);
	err = entry_of(o, key, &n, e);
	if (err != JT_OK)
		return err;
	if (value.len > n->room) {
		/* Room to grow: values are rewritten often, and by a few bytes more. */
		size_t room = (value.len + value.len / 4 + 31) & ~(size_t)15;
		uint8_t *data = take(o, room);

		if (data == NULL)
			return no_memory(e);
		memcpy(data, value.data, value.len);
		n->change.is.data = data;
		n->room = room;
	} else if (value.len > 0)
		memmove((uint8_t *)(uintptr_t)n->change.is.data, value.data, value.len);
	n->change.is.len = value.len;
	n->change.written = true;
	return JT_OK;
}

static bool
grow_order(struct jt_overlay *o)
{
	size_t cap = o->entry_chunks * ENTRIES;
	struct jt_by_key *order;
	const struct jt_change **changes;

	if (cap <= o->order_cap)
		return true;
	order = realloc(o->order, 2 * cap * sizeof *order);
	if (order == NULL)
		return false;
	o->order = order;
	changes = realloc(o->changes, cap * sizeof *changes);
	if (changes == NULL)
		return false;
	o->changes = changes;
	o->order_cap = cap;
	return true;
}

enum jt_err
jt_overlay_changes(struct jt_overlay *o, const struct jt_change *const **changes,
    size_t *count, struct jt_error *e)
{
	struct jt_by_key *sorted;
	size_t n = 0;

	*changes = NULL;
	*count = 0;
	if (o->count == 0)
		return JT_OK;
	if (!grow_order(o))
		return no_memory(e);
	for (uint32_t i = 0; i < o->count; i++) {
		const struct jt_change *c = &entry_at(o, i)->change;

		if (c->written && !jt_slice_equal(c->was, c->is))
			o->order[n++] = (struct jt_by_key){ jt_get_be64(c->key), c };
	}
	sorted = n > 0 ? jt_by_key_sort(o->order, o->order + o->order_cap, n) : o->order;
	for (size_t i = 0; i < n; i++)
		o->changes[i] = sorted[i].change;
	*changes = o->changes;
	*count = n;
	return JT_OK;
}
