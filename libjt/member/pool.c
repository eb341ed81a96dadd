/* Payload that waits for a block: a queue of objects whose bytes lie one after the other. */
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum { SLACK = 1 << 20 }; /* bytes in front that are taken, before the rest is moved */

void
jt_pool_init(struct jt_pool *p)
{
	*p = (struct jt_pool){ 0 };
	jt_buf_init(&p->bytes, SIZE_MAX / 2);
}

void
jt_pool_free(struct jt_pool *p)
{
	jt_buf_free(&p->bytes);
	free(p->items);
	*p = (struct jt_pool){ 0 };
}

bool
jt_pool_add(struct jt_pool *p, struct jt_slice object, const uint8_t id[JT_HASH])
{
	struct jt_pool_item *item;

	if (p->first + p->count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 256;
		struct jt_pool_item *grown;
		if (p->first > p->cap / 2) {
			memmove(p->items, p->items + p->first, p->count * sizeof *p->items);
			p->first = 0;
		} else if ((grown = realloc(p->items, cap * sizeof *grown)) != NULL) {
			p->items = grown;
			p->cap = cap;
		} else {
			return false;
		}
	}
	if (!jt_buf_add_slice(&p->bytes, object))
		return false;
	item = &p->items[p->first + p->count++];
	*item = (struct jt_pool_item){ .len = (uint32_t)object.len, .again = id == NULL };
	if (id != NULL)
		memcpy(item->id, id, JT_HASH);
	return true;
}

struct jt_slice
jt_pool_front(const struct jt_pool *p, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += p->items[p->first + i].len;
	if (len == 0)
		return (struct jt_slice){ NULL, 0 };
	return (struct jt_slice){ p->bytes.data + p->start, len };
}

void
jt_pool_take(struct jt_pool *p, size_t count)
{
	p->start += jt_pool_front(p, count).len;
	p->first += count;
	p->count -= count;
	if (p->count == 0) {
		jt_buf_clear(&p->bytes);
		p->start = p->first = 0;
	} else if (p->start >= SLACK && p->start > p->bytes.len / 2) {
		memmove(p->bytes.data, p->bytes.data + p->start, p->bytes.len - p->start);
		p->bytes.len -= p->start;
		p->start = 0;
	}
}

size_t
jt_pool_size(const struct jt_pool *p)
{
	return p->bytes.len - p->start;
}
