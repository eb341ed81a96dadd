/* Sorted runs of entries, in blocks of a page. See runs.h. */
#include "state/runs.h"

#include <string.h>

#include "base/num.h"
#include "state/table.h"

enum { ENTRY = JT_PLACES_ENTRY };

const uint8_t jt_run_first[ENTRY];

struct jt_slice
jt_run_key(uint32_t run, const uint8_t entry[ENTRY], uint8_t key[JT_RUN_KEY])
{
	jt_put_be32(key, run);
	memcpy(key + 4, entry, ENTRY);
	return (struct jt_slice){ key, JT_RUN_KEY };
}

bool
jt_run_after(uint8_t entry[ENTRY])
{
	for (size_t i = ENTRY; i-- > 0;)
		if (++entry[i] != 0)
			return true;
	return false;
}

enum jt_err
jt_run_find(struct jt_store *s, enum jt_table t, uint32_t run, const uint8_t from[ENTRY],
    struct jt_slice *entries, struct jt_error *e)
{
	uint8_t bytes[JT_RUN_KEY];
	struct jt_slice key;
	enum jt_err err = jt_store_first(s, t, jt_run_key(run, from, bytes), &key, entries, e);

	if (err != JT_OK)
		return err;
	if (key.len != JT_RUN_KEY || jt_get_be32(key.data) != run)
		*entries = (struct jt_slice){ NULL, 0 };
	else if (run == 0)
		*entries = (struct jt_slice){ key.data + 4, ENTRY };
	else if (entries->len == 0 || entries->len % ENTRY != 0 ||
	    entries->len > JT_RUN_BLOCK * ENTRY ||
	    memcmp(entries->data + entries->len - ENTRY, key.data + 4, ENTRY) != 0)
		return jt_index_damaged(t, e);
	return JT_OK;
}

size_t
jt_run_below(struct jt_slice entries, const uint8_t from[ENTRY])
{
	size_t low = 0, high = entries.len / ENTRY;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(entries.data + middle * ENTRY, from, ENTRY) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Copied, since what is written meanwhile moves pages. */
enum jt_err
jt_run_read(struct jt_run_reader *r, const uint8_t from[ENTRY], struct jt_error *e)
{
	struct jt_slice entries;
	enum jt_err err = jt_run_find(r->s, r->t, r->run, from, &entries, e);

	if (err != JT_OK)
		return err;
	r->count = entries.len / ENTRY;
	r->at = jt_run_below(entries, from);
	if (entries.data == NULL)
		r->run = 0;
	else
		memcpy(r->block, entries.data, entries.len);
	return JT_OK;
}

enum jt_err
jt_run_next(struct jt_run_reader *r, struct jt_error *e)
{
	uint8_t from[ENTRY];

	if (++r->at < r->count)
		return JT_OK;
	memcpy(from, r->block[r->count - 1], ENTRY);
	if (jt_run_after(from))
		return jt_run_read(r, from, e);
	r->run = 0;
	return JT_OK;
}

enum jt_err
jt_run_put(struct jt_store *s, enum jt_table t, uint32_t run,
    const uint8_t (*entries)[ENTRY], size_t n, struct jt_error *e)
{
	uint8_t key[JT_RUN_KEY];

	return jt_store_put(s, t, jt_run_key(run, entries[n - 1], key),
	    (struct jt_slice){ entries[0], n * ENTRY }, e);
}

enum jt_err
jt_run_delete(struct jt_store *s, enum jt_table t, uint32_t run, struct jt_error *e)
{
	uint8_t bytes[JT_RUN_KEY];
	struct jt_slice key, value;
	enum jt_err err = jt_store_seek(s, t, jt_run_key(run, jt_run_first, bytes), &key, &value,
	    e);

	while (err == JT_OK && key.len == JT_RUN_KEY && jt_get_be32(key.data) == run) {
		err = jt_store_delete_here(s, t, e);
		if (err == JT_OK)
			err = jt_store_step(s, t, &key, &value, e);
	}
	return err;
}
