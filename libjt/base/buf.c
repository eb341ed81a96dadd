/* Bytes: slices and bounded, growing buffers. See buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
jt_buf_init(struct jt_buf *b, size_t max)
{
	*b = (struct jt_buf){ .max = max };
}

void
jt_buf_free(struct jt_buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

void
jt_buf_clear(struct jt_buf *b)
{
	b->len = 0;
	b->failed = false;
}

/*
 * Room for `more` bytes within the maximum, and for `spare` ones behind them
 * that will not be kept: the zero that vsnprintf writes.
 */
static bool
make_room(struct jt_buf *b, size_t more, size_t spare)
{
	size_t cap = b->cap < 64 ? 64 : b->cap, need;
	uint8_t *data;

	if (b->failed || more > b->max || b->len > b->max - more ||
	    spare > SIZE_MAX - b->len - more) {
		b->failed = true;
		return false;
	}
	need = b->len + more + spare;
	if (need <= b->cap)
		return true;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap > b->max)
		cap = b->max > need ? b->max : need;
	data = realloc(b->data, cap);
	if (data == NULL) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

bool
jt_buf_reserve(struct jt_buf *b, size_t more)
{
	return make_room(b, more, 0);
}

bool
jt_buf_add(struct jt_buf *b, const void *data, size_t len)
{
	if (!jt_buf_reserve(b, len))
		return false;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	return true;
}

bool
jt_buf_add_slice(struct jt_buf *b, struct jt_slice s)
{
	return jt_buf_add(b, s.data, s.len);
}

bool
jt_buf_add_text(struct jt_buf *b, const char *text)
{
	return jt_buf_add(b, text, strlen(text));
}

bool
jt_buf_addf(struct jt_buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !make_room(b, (size_t)n, 1)) {
		b->failed = true;
		return false;
	}
	va_start(ap, fmt);
	vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return true;
}

struct jt_slice
jt_buf_slice(const struct jt_buf *b)
{
	return (struct jt_slice){ b->data, b->len };
}

struct jt_slice
jt_slice_text(const char *text)
{
	return (struct jt_slice){ (const uint8_t *)text, strlen(text) };
}

bool
jt_slice_equal(struct jt_slice a, struct jt_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool
jt_slice_is(struct jt_slice a, const char *text)
{
	return jt_slice_equal(a, jt_slice_text(text));
}

int
jt_slice_compare(struct jt_slice a, struct jt_slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.data, b.data, n);

	if (c != 0 || a.len == b.len)
		return c;
	return a.len < b.len ? -1 : 1;
}
