/* Transactions and hash records that wait for their cut. See waiting.h. */
#include "waiting.h"

#include <stdlib.h>
#include <string.h>

void
waiting_init(struct waiting *w)
{
	*w = (struct waiting){ 0 };
	jt_buf_init(&w->bytes, JT_CLOSE_BYTES_MAX);
	jt_buf_init(&w->record_bytes, JT_CLOSE_BYTES_MAX);
}

void
waiting_free(struct waiting *w)
{
	free(w->items);
	free(w->records);
	free(w->sources);
	jt_buf_free(&w->bytes);
	jt_buf_free(&w->record_bytes);
	waiting_init(w);
}

/* Room for one more in a list of `count` elements. */
static bool
grow(void **list, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 256;
	void *larger;

	if (count < *cap)
		return true;
	if ((larger = realloc(*list, more * size)) == NULL)
		return false;
	*list = larger;
	*cap = more;
	return true;
}

size_t
waiting_bytes(const struct waiting *w)
{
	return w->bytes.len + w->record_bytes.len;
}

static enum jt_err
copy(struct waiting *w, struct jt_buf *to, struct jt_slice object, bool full,
    struct jt_error *e)
{
	if (full || JT_CLOSE_BYTES_MAX - waiting_bytes(w) < object.len)
		return jt_fail(e, JT_MALFORMED, "more transactions and records than one ledger holds");
	return jt_buf_add_slice(to, object) ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
}

enum jt_err
waiting_add(struct waiting *w, struct jt_slice object, struct jt_error *e)
{
	void *list = w->items;
	enum jt_err err;

	if (!grow(&list, w->count, &w->cap, sizeof *w->items))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	w->items = list;
	err = copy(w, &w->bytes, object, w->count == JT_CLOSE_ITEMS_MAX, e);
	if (err == JT_OK)
		w->items[w->count++] = (struct jt_item){ .object.len = object.len };
	return err;
}

/* The place of an author among the sources: mostly the last one's. */
static bool
find_source(struct waiting *w, const uint8_t *source, size_t *at)
{
	void *list = w->sources;

	for (size_t i = w->source_count; i-- > 0;)
		if (memcmp(w->sources[i], source, JT_KEY) == 0) {
			*at = i;
			return true;
		}
	if (!grow(&list, w->source_count, &w->source_cap, sizeof *w->sources))
		return false;
	w->sources = list;
	*at = w->source_count++;
	memcpy(w->sources[*at], source, JT_KEY);
	return true;
}

enum jt_err
waiting_add_record(struct waiting *w, struct jt_slice object, const uint8_t *source,
    struct jt_error *e)
{
	struct jt_record_item *item;
	void *list = w->records;
	size_t at = 0;
	enum jt_err err;

	if (!grow(&list, w->record_count, &w->record_cap, sizeof *w->records))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	w->records = list;
	if (source != NULL && !find_source(w, source, &at))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = copy(w, &w->record_bytes, object, w->record_count == JT_CLOSE_RECORDS_MAX, e);
	if (err != JT_OK)
		return err;
	item = &w->records[w->record_count++];
	*item = (struct jt_record_item){ .object.len = object.len };
	/* Until waiting_give the place of the source, which may move: 0 is none. */
	item->index = source == NULL ? 0 : (uint32_t)at + 1;
	return JT_OK;
}

/* The buffers may have moved while they grew: point the items into them now. */
void
waiting_give(struct waiting *w, struct jt_close *c)
{
	const uint8_t *at = w->bytes.data;

	for (size_t i = 0; i < w->count; i++) {
		w->items[i].object.data = at;
		at += w->items[i].object.len;
	}
	at = w->record_bytes.data;
	for (size_t i = 0; i < w->record_count; i++) {
		struct jt_record_item *item = &w->records[i];

		item->object.data = at;
		at += item->object.len;
		item->source = item->index == 0 ? NULL : w->sources[item->index - 1];
	}
	c->items = w->items;
	c->count = w->count;
	c->records = w->records;
	c->record_count = w->record_count;
}

void
waiting_clear(struct waiting *w)
{
	w->count = w->record_count = w->source_count = 0;
	jt_buf_clear(&w->bytes);
	jt_buf_clear(&w->record_bytes);
}
