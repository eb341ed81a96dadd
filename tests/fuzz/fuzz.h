/*
 * What fuzz targets share: files in memory, input taken piece by piece, and
 * the round trip of an object through its views.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "object/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file with these bytes, open at its start. */
static inline int
fuzz_file(struct jt_slice s)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || (s.len > 0 && write(fd, s.data, s.len) != (ssize_t)s.len) ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

/* Input that decides: zeros when there is no more. */
struct fuzz_input {
	const uint8_t *data;
	size_t len;
};

static inline struct jt_slice
fuzz_take(struct fuzz_input *in, size_t most)
{
	struct jt_slice s = { in->data, most < in->len ? most : in->len };

	if (s.len > 0)
		in->data += s.len;
	in->len -= s.len;
	return s;
}

static inline uint8_t
fuzz_byte(struct fuzz_input *in)
{
	struct jt_slice s = fuzz_take(in, 1);

	return s.len > 0 ? s.data[0] : 0;
}

static inline uint64_t
fuzz_number(struct fuzz_input *in, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | fuzz_byte(in);
	return v;
}

/* Shown and packed again, an object is the same bytes. */
static inline void
fuzz_round_trip(const struct jt_kinds *kinds, const struct jt_object *o, enum jt_style style)
{
	enum { TEXT_MAX = 16 << 20 };
	bool end = false, broken = false;
	struct jt_buf text, again;
	struct jt_error e;
	struct jt_pack *p;
	int fd;

	jt_buf_init(&text, TEXT_MAX);
	jt_buf_init(&again, 2 * JT_OBJECT_MAX);
	assert(jt_show(kinds, o, style, &text, &e) == JT_OK);
	fd = fuzz_file(jt_buf_slice(&text));
	p = jt_pack_open(kinds, fd);
	assert(p != NULL && jt_pack_next(p, &again, &end, &broken, &e) == JT_OK && !end);
	assert(jt_slice_equal(jt_buf_slice(&again), o->bytes));
	assert(jt_pack_next(p, &again, &end, &broken, &e) == JT_OK && end);
	jt_pack_close(p);
	close(fd);
	jt_buf_free(&text);
	jt_buf_free(&again);
}

#endif
