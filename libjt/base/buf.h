/*
 * Bytes: a slice that borrows them, and a buffer that owns them.
 *
 * A slice never owns; whoever made the bytes keeps them alive. A buffer grows
 * up to a maximum stated when it is made; an append that would pass it, or
 * that finds no memory, leaves the buffer unchanged but for a sticky flag
 * `failed`, so that a sequence of appends is checked once, at its end.
 */
#ifndef JT_BUF_H
#define JT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jt_slice {
	const uint8_t *data;
	size_t len;
};

struct jt_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max;  /* bytes; never more than this */
	bool failed; /* an append did not fit, or memory ran out */
};

/* Call first; makes no allocation. Release with jt_buf_free. */
void jt_buf_init(struct jt_buf *b, size_t max);
void jt_buf_free(struct jt_buf *b);
/* Empty the buffer and clear `failed`; the memory is kept for the next use. */
void jt_buf_clear(struct jt_buf *b);

/* All return false, and set `failed`, when the bytes do not fit. */
bool jt_buf_reserve(struct jt_buf *b, size_t more);
bool jt_buf_add(struct jt_buf *b, const void *data, size_t len);
bool jt_buf_add_slice(struct jt_buf *b, struct jt_slice s);
bool jt_buf_add_text(struct jt_buf *b, const char *text);
bool jt_buf_addf(struct jt_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

struct jt_slice jt_buf_slice(const struct jt_buf *b);
struct jt_slice jt_slice_text(const char *text);
bool jt_slice_equal(struct jt_slice a, struct jt_slice b);
bool jt_slice_is(struct jt_slice a, const char *text);
/* Byte order, the shorter first where one begins the other: <0, 0, >0. */
int jt_slice_compare(struct jt_slice a, struct jt_slice b);

#endif
