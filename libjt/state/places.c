/* An index by sorted runs: its levels. See places.h; the runs are runs.c. */
#include "state/places.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "state/runs.h"
#include "state/table.h"

enum {
	ENTRY = JT_PLACES_ENTRY,
	GROWTH = 8,        /* how much more each level holds */
	LEVELS = 12,
	WORK = GROWTH + 4, /* entries that each level merges for one that comes */
	LEVEL_BYTES = 3 * 12 + ENTRY + 8,
	ROW_MAX = 8 + LEVELS * LEVEL_BYTES
};

struct run {
	uint32_t number; /* 0: none */
	uint64_t count;
};
struct level {
	struct run settled, incoming;
	struct run growing;    /* the two, as far as they are merged; not looked at yet */
	uint8_t last[ENTRY];   /* of the growing one */
	uint64_t credit;       /* entries that may be merged */
};
struct places {
	struct jt_store *s;
	enum jt_table t;
	struct jt_error *e;
	uint32_t next;   /* number of the next run */
	uint32_t recent; /* entries in run 0 */
	struct level level[LEVELS];
};

enum jt_err
jt_index_damaged(enum jt_table t, struct jt_error *e)
{
	return jt_fail(e, JT_IO, "ledger: index of %s is damaged", jt_table_name(t));
}

/* ---- where the runs are: a row of the meta table, by the table's name ---- */

static struct jt_slice
name_of(enum jt_table t)
{
	return jt_slice_text(jt_table_name(t));
}

static uint8_t *
put_run(uint8_t *at, const struct run *r)
{
	jt_put_be32(at, r->number);
	jt_put_be64(at + 4, r->count);
	return at + 12;
}

static const uint8_t *
get_run(const uint8_t *at, struct run *r)
{
	r->number = jt_get_be32(at);
	r->count = jt_get_be64(at + 4);
	return at + 12;
}

static enum jt_err
load(struct places *p, struct jt_store *s, enum jt_table t, struct jt_error *e)
{
	struct jt_slice row;
	const uint8_t *at;
	enum jt_err err;

	*p = (struct places){ .s = s, .t = t, .e = e, .next = 1 };
	if ((err = jt_store_get(s, JT_META, name_of(t), &row, e)) != JT_OK ||
	    row.data == NULL)
		return err;
	if (row.len < 8 || row.len > ROW_MAX || (row.len - 8) % LEVEL_BYTES != 0)
		return jt_index_damaged(t, e);
	p->next = jt_get_be32(row.data);
	p->recent = jt_get_be32(row.data + 4);
	if (p->next == 0 || p->recent > JT_PLACES_RECENT)
		return jt_index_damaged(t, e);
	at = row.data + 8;
	for (struct level *l = p->level; at < row.data + row.len; l++) {
		at = get_run(at, &l->settled);
		at = get_run(at, &l->incoming);
		at = get_run(at, &l->growing);
		memcpy(l->last, at, ENTRY);
		l->credit = jt_get_be64(at + ENTRY);
		at += ENTRY + 8;
	}
	return JT_OK;
}

static enum jt_err
save(const struct places *p)
{
	uint8_t row[ROW_MAX], *at = row + 8;
	unsigned used = LEVELS;

	while (used > 0 && p->level[used - 1].settled.number == 0 &&
	    p->level[used - 1].incoming.number == 0)
		used--;
	jt_put_be32(row, p->next);
	jt_put_be32(row + 4, p->recent);
	for (const struct level *l = p->level; l < p->level + used; l++) {
		at = put_run(at, &l->settled);
		at = put_run(at, &l->incoming);
		at = put_run(at, &l->growing);
		memcpy(at, l->last, ENTRY);
		jt_put_be64(at + ENTRY, l->credit);
		at += ENTRY + 8;
	}
	return jt_store_put(p->s, JT_META, name_of(p->t),
	    (struct jt_slice){ row, (size_t)(at - row) }, p->e);
}

/* ---- merging ---- */

static struct run
new_run(struct places *p)
{
	return (struct run){ .number = p->next++ };
}

/* Both runs are in the growing one: it takes their place. */
static enum jt_err
finish_merge(struct places *p, struct level *l)
{
	enum jt_err err;

	if (l->growing.count != l->settled.count + l->incoming.count)
		return jt_index_damaged(p->t, p->e);
	if ((err = jt_run_delete(p->s, p->t, l->settled.number, p->e)) != JT_OK ||
	    (err = jt_run_delete(p->s, p->t, l->incoming.number, p->e)) != JT_OK)
		return err;
	l->settled = l->growing;
	l->incoming = l->growing = (struct run){ 0 };
	l->credit = 0;
	return JT_OK;
}

static enum jt_err
merge_block(struct places *p, struct level *l, struct jt_run_reader *a, struct jt_run_reader *b)
{
	uint8_t out[JT_RUN_BLOCK][ENTRY];
	size_t n = 0;
	enum jt_err err = JT_OK;

	while (n < JT_RUN_BLOCK && (a->run != 0 || b->run != 0) && err == JT_OK) {
		bool first = b->run == 0 ||
		    (a->run != 0 && memcmp(a->block[a->at], b->block[b->at], ENTRY) < 0);
		struct jt_run_reader *r = first ? a : b;

		memcpy(out[n++], r->block[r->at], ENTRY);
		err = jt_run_next(r, p->e);
	}
	if (err != JT_OK || n == 0)
		return err;
	memcpy(l->last, out[n - 1], ENTRY);
	l->credit -= n < l->credit ? n : l->credit;
	l->growing.count += n;
	return jt_run_put(p->s, p->t, l->growing.number, (const uint8_t(*)[ENTRY])out, n, p->e);
}

/* Go on with a level's merge, as far as its credit reaches; `all`: to the end. */
static enum jt_err
merge(struct places *p, struct level *l, bool all)
{
	struct jt_run_reader a = { .s = p->s, .t = p->t, .run = l->settled.number },
	    b = { .s = p->s, .t = p->t, .run = l->incoming.number };
	uint8_t from[ENTRY] = { 0 };
	enum jt_err err;

	if (l->growing.number == 0)
		l->growing = new_run(p);
	memcpy(from, l->last, ENTRY);
	if (l->growing.count == 0)
		memset(from, 0, ENTRY);
	else if (!jt_run_after(from))
		return finish_merge(p, l);
	if ((err = jt_run_read(&a, from, p->e)) != JT_OK || (err = jt_run_read(&b, from, p->e)) != JT_OK)
		return err;
	while (err == JT_OK && (a.run != 0 || b.run != 0) && (all || l->credit >= JT_RUN_BLOCK))
		err = merge_block(p, l, &a, &b);
	return err == JT_OK && a.run == 0 && b.run == 0 ? finish_merge(p, l) : err;
}

/* A level with nothing to merge into takes what comes as it is. */
static enum jt_err
work(struct places *p, struct level *l, bool all)
{
	if (l->incoming.number == 0)
		return JT_OK;
	if (l->settled.number != 0)
		return merge(p, l, all);
	l->settled = l->incoming;
	l->incoming = (struct run){ 0 };
	return JT_OK;
}

/* Every level does its share of the work for `count` more entries, the largest first. */
static enum jt_err
work_all(struct places *p, size_t count)
{
	uint64_t most = (uint64_t)JT_PLACES_RECENT;
	enum jt_err err = JT_OK;

	for (unsigned i = 1; i < LEVELS; i++)
		most *= GROWTH;
	for (unsigned i = LEVELS; i-- > 0 && err == JT_OK; most /= GROWTH) {
		struct level *l = &p->level[i], *below = l + 1;

		l->credit = l->incoming.number == 0 ? 0 : l->credit + WORK * (uint64_t)count;
		if ((err = work(p, l, false)) != JT_OK || i + 1 == LEVELS)
			continue;
		if (l->settled.count > most * GROWTH && below->incoming.number == 0 &&
		    l->incoming.number == 0) {
			below->incoming = l->settled;
			l->settled = (struct run){ 0 };
			err = work(p, below, false);
		}
	}
	return err;
}

/* ---- adding ---- */

void
jt_places_entry(uint8_t entry[ENTRY], const uint8_t key[JT_PLACES_KEY], uint64_t number,
    uint32_t index)
{
	memcpy(entry, key, JT_PLACES_KEY);
	jt_put_be64(entry + JT_PLACES_KEY, number);
	jt_put_be32(entry + JT_PLACES_KEY + 8, index);
}

/* The recent entries, which are no longer there then. */
static enum jt_err
take_recent(struct places *p, uint8_t (*entries)[ENTRY])
{
	struct jt_slice key, value;
	uint8_t bytes[JT_RUN_KEY];
	size_t n = 0;
	enum jt_err err;

	err = jt_store_first(p->s, p->t, jt_run_key(0, jt_run_first, bytes), &key, &value, p->e);
	while (err == JT_OK && n < p->recent && key.len == JT_RUN_KEY && jt_get_be32(key.data) == 0) {
		memcpy(entries[n++], key.data + 4, ENTRY);
		err = jt_store_next(p->s, p->t, &key, &value, p->e);
	}
	if (err == JT_OK && n != p->recent)
		err = jt_index_damaged(p->t, p->e);
	if (err == JT_OK && n > 0)
		err = jt_run_delete(p->s, p->t, 0, p->e);
	return err;
}

/* Two sorted lists, the first in front of `to`, into it: from the end, so that none is lost. */
static void
merge_lists(uint8_t (*to)[ENTRY], size_t there, const uint8_t (*more)[ENTRY], size_t count)
{
	size_t at = there + count;

	while (count > 0) {
		if (there > 0 && memcmp(to[there - 1], more[count - 1], ENTRY) > 0)
			memcpy(to[--at], to[--there], ENTRY);
		else
			memcpy(to[--at], more[--count], ENTRY);
	}
}

/* The recent entries and the new ones become a run. */
static enum jt_err
make_run(struct places *p, const uint8_t (*entries)[ENTRY], size_t count)
{
	size_t all = p->recent + count;
	struct run run = new_run(p);
	uint8_t (*list)[ENTRY] = malloc(all * ENTRY);
	enum jt_err err;

	if (list == NULL)
		return jt_fail(p->e, JT_SYSTEM, "out of memory");
	if ((err = work(p, &p->level[0], true)) == JT_OK)
		err = take_recent(p, list);
	if (err == JT_OK)
		merge_lists(list, p->recent, entries, count);
	for (size_t i = 0; i < all && err == JT_OK; i += JT_RUN_BLOCK)
		err = jt_run_put(p->s, p->t, run.number, (const uint8_t(*)[ENTRY])list + i,
		    all - i < JT_RUN_BLOCK ? all - i : JT_RUN_BLOCK, p->e);
	run.count = all;
	free(list);
	p->level[0].incoming = run;
	p->recent = 0;
	return err;
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, ENTRY);
}

enum jt_err
jt_places_add(struct jt_store *s, enum jt_table t, uint8_t (*entries)[ENTRY], size_t count,
    struct jt_error *e)
{
	uint8_t key[JT_RUN_KEY];
	struct places p;
	enum jt_err err = load(&p, s, t, e);

	if (err != JT_OK || count == 0)
		return err;
	qsort(entries, count, ENTRY, by_bytes);
	if (count <= JT_PLACES_RECENT - p.recent) {
		for (size_t i = 0; i < count && err == JT_OK; i++)
			err = jt_store_put(s, t, jt_run_key(0, entries[i], key),
			    (struct jt_slice){ NULL, 0 }, e);
		p.recent += (uint32_t)count;
	} else {
		err = make_run(&p, (const uint8_t(*)[ENTRY])entries, count);
	}
	if (err == JT_OK)
		err = work_all(&p, count);
	return err == JT_OK ? save(&p) : err;
}

/* ---- finding ---- */

/* The first entry from `from` on in one run, to *least when it is less. */
static enum jt_err
find_in(struct places *p, uint32_t run, const uint8_t from[ENTRY], uint8_t least[ENTRY],
    bool *found)
{
	struct jt_slice entries;
	const uint8_t *at;
	enum jt_err err = jt_run_find(p->s, p->t, run, from, &entries, p->e);

	if (err != JT_OK || entries.data == NULL)
		return err;
	at = entries.data + jt_run_below(entries, from) * ENTRY;
	if (at == entries.data + entries.len)
		return jt_index_damaged(p->t, p->e);
	if (memcmp(at, from, JT_PLACES_KEY) != 0 || (*found && memcmp(at, least, ENTRY) >= 0))
		return JT_OK;
	memcpy(least, at, ENTRY);
	*found = true;
	return JT_OK;
}

enum jt_err
jt_places_find(struct jt_store *s, enum jt_table t, uint8_t entry[ENTRY], bool *found,
    struct jt_error *e)
{
	uint8_t least[ENTRY];
	struct places p;
	enum jt_err err = load(&p, s, t, e);

	*found = false;
	if (err == JT_OK)
		err = find_in(&p, 0, entry, least, found);
	for (unsigned i = 0; i < LEVELS && err == JT_OK; i++) {
		const struct level *l = &p.level[i];

		if (l->settled.number != 0)
			err = find_in(&p, l->settled.number, entry, least, found);
		if (err == JT_OK && l->incoming.number != 0)
			err = find_in(&p, l->incoming.number, entry, least, found);
	}
	if (*found)
		memcpy(entry, least, ENTRY);
	return err;
}
