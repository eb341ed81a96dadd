/* Hash records in ledgers. See records.h. */
#include "ledger/records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "kind/tx.h"
#include "state/places.h"

enum { PLACE = 12, SOURCES_MAX = JT_VALIDATORS_MAX };

struct source {
	const uint8_t *key;
	uint64_t bytes;
};
/* What the steps of one closing share. */
struct closing {
	struct jt_ledger *l;
	uint64_t number, time;
	const uint8_t *salt;
	struct jt_record_item *items;
	size_t count;
	struct jt_error *e;
	/* The last `after` looked up: those who record at the same time name the same. */
	uint8_t after[JT_HASH];
	bool after_good;
	/* Those that may enter, in some order. */
	struct jt_record_item **in;
	size_t in_count;
};

static void
refuse(struct jt_record_item *item, enum jt_code code, const char *why)
{
	size_t n = strnlen(why, sizeof item->why - 1);

	/* Cut to fit, but not inside a character. */
	while (n > 0 && ((uint8_t)why[n] & 0xc0) == 0x80)
		n--;
	item->code = code;
	memcpy(item->why, why, n);
	item->why[n] = '\0';
}

/* ---- may it enter? ---- */

static enum jt_err
check_after(struct closing *g, const uint8_t after[JT_HASH], bool *good)
{
	uint64_t then;
	enum jt_err err;

	*good = true;
	if (jt_hash_is_zero(after))
		return JT_OK;
	if (memcmp(after, g->after, JT_HASH) != 0) {
		if ((err = jt_ledger_time_of(g->l, after, &then, g->e)) != JT_OK)
			return err;
		memcpy(g->after, after, JT_HASH);
		g->after_good = then != 0 && g->time - then <= JT_AFTER_MS;
	}
	*good = g->after_good;
	return JT_OK;
}

/* Of a part's author a stamp is asked; where there is one it must be good. */
static const char *
stamp_fault(const struct closing *g, const struct jt_record_item *item,
    const struct jt_record_copy *copy)
{
	uint64_t bits = g->l->genesis.records.stamp;

	if (!copy->stamped)
		return item->source != NULL ? "no stamp" : NULL;
	if (item->source != NULL && memcmp(item->source, copy->stamp.door, JT_KEY) != 0)
		return "the stamp is for another door";
	return jt_stamp_good(copy->stamp.door, copy->stamp.nonce, copy->id, bits) ? NULL
	    : "not enough work";
}

static enum jt_err
admit(struct closing *g, struct jt_record_item *item)
{
	struct jt_record_copy copy = { .stamped = false };
	struct jt_error why;
	const char *fault;
	bool good;
	enum jt_err err;

	memset(item->hash, 0, JT_HASH);
	memset(item->id, 0, JT_HASH);
	refuse(item, JT_CODE_OK, "");
	if (jt_record_read(item->object, &copy, &why) != JT_OK) {
		refuse(item, JT_CODE_MALFORMED, why.text);
		return JT_OK;
	}
	memcpy(item->hash, copy.record.hash, JT_HASH);
	memcpy(item->id, copy.id, JT_HASH);
	if (memcmp(copy.record.network, g->l->terms.network, JT_HASH) != 0) {
		refuse(item, JT_CODE_WRONG_NETWORK, "");
		return JT_OK;
	}
	if ((fault = stamp_fault(g, item, &copy)) != NULL) {
		refuse(item, JT_CODE_BAD_STAMP, fault);
		return JT_OK;
	}
	if ((err = check_after(g, copy.record.after, &good)) != JT_OK)
		return err;
	if (!good)
		refuse(item, JT_CODE_NOT_AFTER, "");
	return JT_OK;
}

/* ---- how many may enter? ---- */

/* A record of a source that brought too much. */
struct turn {
	uint8_t order[JT_HASH]; /* keyed hash of source and record */
	struct jt_record_item *item;
};

static int
by_turn(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;
	int c = memcmp(x->order, y->order, JT_HASH);

	return c != 0 ? c : jt_slice_compare(x->item->object, y->item->object);
}

/* Let in what one source may bring; the same record again shares its fate, and costs nothing. */
static enum jt_err
ration(struct closing *g, const uint8_t *source, uint64_t bytes)
{
	uint8_t pair[JT_KEY + JT_HASH];
	struct turn *turns = malloc(g->count * sizeof *turns);
	bool open = bytes > 0;
	uint64_t used = 0;
	size_t n = 0;

	if (turns == NULL)
		return jt_fail(g->e, JT_SYSTEM, "out of memory");
	memcpy(pair, source, JT_KEY);
	for (size_t i = 0; i < g->count; i++) {
		struct jt_record_item *item = &g->items[i];

		if (item->code != JT_CODE_OK || item->source == NULL ||
		    memcmp(item->source, source, JT_KEY) != 0)
			continue;
		memcpy(pair + JT_KEY, item->id, JT_HASH);
		jt_hash_keyed(turns[n].order, g->salt, (struct jt_slice){ pair, sizeof pair });
		turns[n++].item = item;
	}
	qsort(turns, n, sizeof *turns, by_turn);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || memcmp(turns[i - 1].order, turns[i].order, JT_HASH) != 0) {
			open = open && used < bytes;
			used += turns[i].item->object.len;
		}
		if (!open)
			refuse(turns[i].item, JT_CODE_OVER_RATE, "");
	}
	free(turns);
	return JT_OK;
}

/* The rate times the time since the ledger before, of which no more than the window counts. */
static uint64_t
allowance(const struct closing *g)
{
	uint64_t rate = g->l->genesis.records.rate, ms = g->time - g->l->head.time;

	if (ms > JT_RECORDS_WINDOW_MS)
		ms = JT_RECORDS_WINDOW_MS;
	/* Rounded up, so that a rate above zero is never none. */
	return rate / 1000 * ms + (rate % 1000 * ms + 999) / 1000;
}

static enum jt_err
ration_all(struct closing *g)
{
	struct source sources[SOURCES_MAX];
	uint64_t bytes = allowance(g);
	size_t n = 0, k = 0;
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < g->count; i++) {
		const struct jt_record_item *item = &g->items[i];

		if (item->code != JT_CODE_OK || item->source == NULL)
			continue;
		/* The records of a part stand together: look at the last one's source first. */
		if (k >= n || memcmp(sources[k].key, item->source, JT_KEY) != 0)
			for (k = 0; k < n && memcmp(sources[k].key, item->source, JT_KEY) != 0;)
				k++;
		if (k == n && n == SOURCES_MAX)
			return jt_fail(g->e, JT_MALFORMED, "records of more than %d validators",
			    SOURCES_MAX);
		if (k == n)
			sources[n++] = (struct source){ item->source, 0 };
		sources[k].bytes += item->object.len;
	}
	for (k = 0; k < n && err == JT_OK; k++)
		if (sources[k].bytes > bytes)
			err = ration(g, sources[k].key, bytes);
	return err;
}

/* ---- the tree, the table and the index ---- */

static int
by_leaf(const void *pa, const void *pb)
{
	const struct jt_record_item *a = *(struct jt_record_item *const *)pa;
	const struct jt_record_item *b = *(struct jt_record_item *const *)pb;
	int c = memcmp(a->hash, b->hash, JT_HASH);

	if (c == 0)
		c = memcmp(a->id, b->id, JT_HASH);
	return c != 0 ? c : jt_slice_compare(a->object, b->object);
}

static void
put_place(uint8_t place[PLACE], uint64_t number, uint32_t index)
{
	jt_put_be64(place, number);
	jt_put_be32(place + 8, index);
}

/* An index of hashes of hashes: who chooses what is recorded does not choose its neighbours. */
static void
put_entry(uint8_t entry[JT_PLACES_ENTRY], const uint8_t hash[JT_HASH], uint64_t number,
    uint32_t index)
{
	uint8_t key[JT_HASH];

	jt_hash(key, (struct jt_slice){ hash, JT_HASH });
	jt_places_entry(entry, key, number, index);
}

/* Sorted, each once; the copies hear where the first one is. */
static void
place_all(struct closing *g)
{
	struct jt_record_item **in = g->in;
	size_t n = 0;

	qsort(in, g->in_count, sizeof *in, by_leaf);
	for (size_t i = 0; i < g->in_count; i++) {
		if (n == 0 || memcmp(in[n - 1]->id, in[i]->id, JT_HASH) != 0)
			in[n++] = in[i];
		in[i]->index = (uint32_t)n - 1;
	}
	g->in_count = n;
}

static enum jt_err
store_all(struct closing *g, struct jt_list_root *root)
{
	uint8_t (*entries)[JT_PLACES_ENTRY] = malloc(g->in_count * sizeof *entries);
	uint8_t place[PLACE], leaf[JT_HASH];
	struct jt_merkle tree;
	enum jt_err err = JT_OK;

	if (entries == NULL)
		return jt_fail(g->e, JT_SYSTEM, "out of memory");
	jt_merkle_init(&tree);
	for (size_t i = 0; i < g->in_count && err == JT_OK; i++) {
		const struct jt_record_item *item = g->in[i];

		jt_record_leaf(leaf, item->hash, item->id);
		jt_merkle_append(&tree, leaf);
		put_entry(entries[i], item->hash, g->number, (uint32_t)i);
		put_place(place, g->number, (uint32_t)i);
		err = jt_store_append(g->l->store, JT_RECORDS,
		    (struct jt_slice){ place, sizeof place }, item->object, g->e);
	}
	root->count = tree.count;
	jt_merkle_root(&tree, root->root);
	if (err == JT_OK)
		err = jt_places_add(g->l->store, JT_HASHES, entries, g->in_count, g->e);
	free(entries);
	return err;
}

enum jt_err
jt_records_close(struct jt_ledger *l, uint64_t number, uint64_t time,
    const uint8_t salt[JT_HASH], struct jt_record_item *items, size_t count,
    struct jt_list_root *root, struct jt_error *e)
{
	struct closing g = { .l = l, .number = number, .time = time, .salt = salt, .items = items,
		.count = count, .e = e };
	enum jt_err err = JT_OK;

	root->count = 0;
	jt_merkle_empty(root->root);
	if (count > JT_CLOSE_RECORDS_MAX)
		return jt_fail(e, JT_MALFORMED, "%zu records for one ledger, more than %u", count,
		    JT_CLOSE_RECORDS_MAX);
	for (size_t i = 0; i < count && err == JT_OK; i++)
		err = admit(&g, &items[i]);
	if (err == JT_OK)
		err = ration_all(&g);
	if (err != JT_OK || count == 0)
		return err;
	if ((g.in = malloc(count * sizeof *g.in)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (items[i].code == JT_CODE_OK)
			g.in[g.in_count++] = &items[i];
	if (g.in_count > 0) {
		place_all(&g);
		err = store_all(&g, root);
	}
	free(g.in);
	return err;
}

/* ---- looking up ---- */

enum jt_err
jt_records_at(struct jt_ledger *l, uint64_t number, uint32_t index, struct jt_slice *object,
    struct jt_error *e)
{
	uint8_t place[PLACE];

	put_place(place, number, index);
	return jt_store_get(l->store, JT_RECORDS, (struct jt_slice){ place, sizeof place }, object,
	    e);
}

enum jt_err
jt_records_find(struct jt_ledger *l, const uint8_t hash[JT_HASH],
    struct jt_record_place *place, struct jt_slice *object, struct jt_error *e)
{
	uint8_t entry[JT_PLACES_ENTRY];
	struct jt_record_copy copy;
	bool found;
	enum jt_err err;

	*object = (struct jt_slice){ NULL, 0 };
	for (;; place->index++) {
		put_entry(entry, hash, place->ledger, place->index);
		err = jt_places_find(l->store, JT_HASHES, entry, &found, e);
		if (err != JT_OK || !found)
			return err;
		place->ledger = jt_get_be64(entry + JT_PLACES_KEY);
		place->index = jt_get_be32(entry + JT_PLACES_KEY + 8);
		err = jt_records_at(l, place->ledger, place->index, object, e);
		if (err == JT_OK && (object->len == 0 || place->index >= JT_CLOSE_RECORDS_MAX))
			err = jt_index_damaged(JT_HASHES, e);
		if (err == JT_OK)
			err = jt_ledger_damaged(jt_record_read(*object, &copy, e), e, "ledger %" PRIu64
			    ": record %" PRIu32, place->ledger, place->index);
		if (err != JT_OK || memcmp(copy.record.hash, hash, JT_HASH) == 0)
			return err;
		*object = (struct jt_slice){ NULL, 0 };
	}
}
