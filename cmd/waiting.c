/* Transactions that wait for their cut. See waiting.h. */
#include "waiting.h"

#include <stdlib.h>

void
waiting_init(struct waiting *w)
{
	*w = (struct waiting){ 0 };
	jt_buf_init(&w->bytes, JT_CLOSE_BYTES_MAX);
}

void
waiting_free(struct waiting *w)
{
	free(w->items);
	jt_buf_free(&w->bytes);
	waiting_init(w);
}

enum jt_err
waiting_add(struct waiting *w, struct jt_slice object, struct jt_error *e)
{
	if (w->count == JT_CLOSE_ITEMS_MAX || w->bytes.max - w->bytes.len < object.len)
		return jt_fail(e, JT_MALFORMED, "more transactions than one ledger holds");
	if (w->count == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 256;
		struct jt_item *items = realloc(w->items, cap * sizeof *items);
		if (items == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		w->items = items;
		w->cap = cap;
	}
	if (!jt_buf_add_slice(&w->bytes, object))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	w->items[w->count++] = (struct jt_item){ .object.len = object.len };
	return JT_OK;
}

void
waiting_give(struct waiting *w, struct jt_close *c)
{
	/* The buffer may have moved while it grew: point the items into it now. */
	for (size_t i = 0, at = 0; i < w->count; i++) {
		w->items[i].object.data = w->bytes.data + at;
		at += w->items[i].object.len;
	}
	c->items = w->items;
	c->count = w->count;
}

void
waiting_clear(struct waiting *w)
{
	w->count = 0;
	jt_buf_clear(&w->bytes);
}
