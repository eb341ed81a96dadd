/* Objects: the envelope and the stream of them. See object.h. */
#include "object/object.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

static const char prefix[] = "jt/";

enum {
	PREFIX = sizeof prefix - 1,
	HEADER_MAX = 64, /* more than the longest envelope before its payload */
	STOPPED = 0xc1,  /* what a program that had to stop leaves at the end of its output */
	FILL = 65536
};

/* The envelope's parts, as found; canonical or not. */
struct frame {
	struct jt_slice kind;
	uint64_t version;
	size_t longer; /* offset of the first number that is not in its shortest form; 0: none */
	size_t header; /* bytes before the payload */
	size_t payload;
};

/* Bytes of a number behind its tag; 0 for tags that are numbers themselves. */
static bool
number_width(uint8_t tag, uint8_t first, unsigned *width)
{
	if (tag < first || tag > first + 3)
		return false;
	*width = 1U << (tag - first);
	return true;
}

static uint64_t
number(const uint8_t *p, unsigned width)
{
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | *p++;
	return v;
}

static bool
is_shortest(uint64_t v, unsigned width, uint64_t least_of_one)
{
	if (width == 1)
		return v >= least_of_one;
	return width == 8 ? v >> 32 != 0 : v >> (4 * width) != 0;
}

/* What is there instead: a program had to stop, or people forgot jt-pack. */
static enum jt_err
no_object(struct jt_slice s, struct jt_error *e)
{
	bool text = (s.data[0] >= ' ' && s.data[0] < 0x7f) || s.data[0] == '\n';

	return jt_fail(e, JT_MALFORMED, "offset 0: no object begins here%s",
	    s.data[0] == STOPPED ? ", its writer had to stop" : text ? ", but text" : "");
}

/* JT_AGAIN when s ends before the frame's header does. */
static enum jt_err
read_frame(struct jt_slice s, struct frame *f, struct jt_error *e)
{
	const uint8_t *p = s.data, *end;
	unsigned width;
	size_t kind;

	if (s.len < 2)
		return s.len == 1 && p[0] != 0x93 ? no_object(s, e) : JT_AGAIN;
	if (p[0] != 0x93 || p[1] < 0xa0 + PREFIX + 1 || p[1] > 0xbf)
		return no_object(s, e);
	kind = (size_t)p[1] - 0xa0 - PREFIX;
	end = p + s.len;
	p += 2;
	if ((size_t)(end - p) < PREFIX + kind + 1)
		return JT_AGAIN;
	if (memcmp(p, prefix, PREFIX) != 0)
		return no_object(s, e);
	f->kind = (struct jt_slice){ p + PREFIX, kind };
	p += PREFIX + kind;
	f->longer = 0;
	f->version = *p;
	if (*p++ > 0x7f) {
		if (!number_width(p[-1], 0xcc, &width))
			return jt_fail(e, JT_MALFORMED, "offset %zu: version is not a number",
			    (size_t)(p - 1 - s.data));
		if ((size_t)(end - p) < width)
			return JT_AGAIN;
		f->version = number(p, width);
		if (!is_shortest(f->version, width, 0x80))
			f->longer = (size_t)(p - 1 - s.data);
		p += width;
	}
	if (p == end)
		return JT_AGAIN;
	if (*p > 0xc6 || !number_width(*p, 0xc4, &width))
		return jt_fail(e, JT_MALFORMED, "offset %zu: payload is not a byte string",
		    (size_t)(p - s.data));
	p++;
	if ((size_t)(end - p) < width)
		return JT_AGAIN;
	f->payload = (size_t)number(p, width);
	if (f->longer == 0 && !is_shortest(f->payload, width, 0))
		f->longer = (size_t)(p - 1 - s.data);
	f->header = (size_t)(p - s.data) + width;
	if (f->payload > JT_OBJECT_MAX - f->header)
		return jt_fail(e, JT_MALFORMED, "object of %zu bytes, more than %u",
		    f->header + f->payload, JT_OBJECT_MAX);
	return JT_OK;
}

enum jt_err
jt_object_size(struct jt_slice s, size_t *size, struct jt_error *e)
{
	struct frame f = { 0 };
	enum jt_err err = read_frame(s, &f, e);

	if (err == JT_OK)
		*size = f.header + f.payload;
	return err;
}

static bool
kind_is_word(struct jt_slice kind)
{
	for (size_t i = 0; i < kind.len; i++) {
		uint8_t c = kind.data[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return kind.len <= JT_KIND_MAX;
}

enum jt_err
jt_object_parse(struct jt_slice bytes, struct jt_object *o, struct jt_error *e)
{
	struct frame f = { 0 };
	enum jt_err err = read_frame(bytes, &f, e);

	if (err == JT_AGAIN || (err == JT_OK && f.header + f.payload > bytes.len))
		return jt_fail(e, JT_MALFORMED, "offset %zu: ends early", bytes.len);
	if (err != JT_OK)
		return err;
	if (f.header + f.payload < bytes.len)
		return jt_fail(e, JT_MALFORMED, "offset %zu: more bytes than the object",
		    f.header + f.payload);
	if (!kind_is_word(f.kind))
		return jt_fail(e, JT_MALFORMED, "offset 2: kind is not a word of a-z, 0-9 and -");
	if (f.longer != 0)
		return jt_fail(e, JT_MALFORMED, "offset %zu: not the shortest form", f.longer);
	*o = (struct jt_object){ f.kind, f.version,
		{ bytes.data + f.header, f.payload }, bytes };
	return JT_OK;
}

bool
jt_object_write(struct jt_buf *out, const char *kind, uint64_t version,
    struct jt_slice payload)
{
	uint8_t h[HEADER_MAX], *p = h;
	size_t n = strlen(kind);

	assert(n >= 1 && n <= JT_KIND_MAX && version <= 0x7f);
	*p++ = 0x93;
	*p++ = (uint8_t)(0xa0 + PREFIX + n);
	memcpy(p, prefix, PREFIX);
	memcpy(p + PREFIX, kind, n);
	p += PREFIX + n;
	*p++ = (uint8_t)version;
	if (payload.len <= 0xff) {
		*p++ = 0xc4;
		*p++ = (uint8_t)payload.len;
	} else if (payload.len <= 0xffff) {
		*p++ = 0xc5;
		*p++ = (uint8_t)(payload.len >> 8);
		*p++ = (uint8_t)payload.len;
	} else {
		*p++ = 0xc6;
		jt_put_be32(p, (uint32_t)payload.len);
		p += 4;
	}
	if (payload.len > JT_OBJECT_MAX - (size_t)(p - h)) {
		out->failed = true;
		return false;
	}
	return jt_buf_reserve(out, (size_t)(p - h) + payload.len) &&
	    jt_buf_add(out, h, (size_t)(p - h)) && jt_buf_add_slice(out, payload);
}

void
jt_object_hash(uint8_t id[JT_HASH], struct jt_slice kind, uint64_t version,
    struct jt_slice body)
{
	char digits[24], *d = digits + sizeof digits;
	struct jt_hasher h;

	*--d = '\0'; /* the 0x00 that ends the domain */
	do
		*--d = (char)('0' + version % 10);
	while ((version /= 10) != 0);
	*--d = '/';
	jt_hasher_init(&h);
	jt_hasher_add(&h, prefix, PREFIX);
	jt_hasher_add(&h, kind.data, kind.len);
	jt_hasher_add(&h, d, (size_t)(digits + sizeof digits - d));
	jt_hasher_add(&h, body.data, body.len);
	jt_hasher_end(&h, id);
}

bool
jt_object_is(const struct jt_object *o, const char *kind)
{
	return jt_slice_is(o->kind, kind);
}

void
jt_reader_init(struct jt_reader *r, int fd, const char *name)
{
	*r = (struct jt_reader){ .fd = fd, .name = name };
}

void
jt_reader_free(struct jt_reader *r)
{
	free(r->data);
	*r = (struct jt_reader){ .fd = -1 };
}

/* Read more; room for `want` unread bytes is made first. */
static enum jt_err
fill(struct jt_reader *r, size_t want, struct jt_error *e)
{
	ssize_t n;

	if (r->start > 0 && (r->start == r->fill || r->cap - r->start < want)) {
		memmove(r->data, r->data + r->start, r->fill - r->start);
		r->fill -= r->start;
		r->start = 0;
	}
	if (r->cap < want) {
		size_t cap = want < FILL ? FILL : want;
		uint8_t *data = realloc(r->data, cap);
		if (data == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		r->data = data;
		r->cap = cap;
	}
	do
		n = read(r->fd, r->data + r->fill, r->cap - r->fill);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return jt_fail(e, JT_AGAIN, "nothing to read yet");
	/* A socket whose other end did not read all it was sent before it closed. */
	if (n < 0 && errno == ECONNRESET)
		n = 0;
	if (n < 0)
		return jt_fail(e, JT_IO, "%s", strerror(errno));
	r->end = n == 0;
	r->fill += (size_t)n;
	return JT_OK;
}

/* What was read and lies behind the object last returned. */
static struct jt_slice
unread(const struct jt_reader *r)
{
	size_t at = r->start + r->taken;

	if (r->fill == at)
		return (struct jt_slice){ NULL, 0 };
	return (struct jt_slice){ r->data + at, r->fill - at };
}

enum jt_err
jt_reader_next(struct jt_reader *r, struct jt_object *o, struct jt_error *e)
{
	enum jt_err err;

	assert(!r->broken);
	*o = (struct jt_object){ 0 };
	r->start += r->taken;
	r->offset += r->taken;
	r->taken = 0;
	r->index++;
	for (;;) {
		struct jt_slice s = unread(r);
		size_t size = 0, want = HEADER_MAX;

		if (s.len > 0) {
			err = jt_object_size(s, &size, e);
			if (err == JT_MALFORMED) {
				r->broken = true;
				r->cut_off = s.data[0] == STOPPED;
				return err;
			}
			if (err == JT_OK && size <= s.len) {
				r->taken = size;
				s.len = size;
				return jt_object_parse(s, o, e);
			}
			want = err == JT_OK ? size : HEADER_MAX;
		}
		if (r->end) {
			if (s.len == 0)
				return JT_OK;
			r->broken = r->cut_off = true;
			return jt_fail(e, JT_MALFORMED, "offset %zu: ends early", s.len);
		}
		if ((err = fill(r, want, e)) != JT_OK) {
			r->broken = true;
			return err;
		}
	}
}

bool
jt_reader_has(const struct jt_reader *r)
{
	struct jt_slice s = unread(r);
	struct jt_error e;
	size_t size = 0;

	return r->end ||
	    (s.len > 0 && jt_object_size(s, &size, &e) != JT_AGAIN && size <= s.len);
}

enum jt_err
jt_reader_more(struct jt_reader *r, struct jt_error *e)
{
	struct jt_slice s;
	size_t size = 0, want = HEADER_MAX;

	/* There may be no room for more, and reading nothing looks like the end. */
	if (jt_reader_has(r))
		return JT_OK;
	/* What was returned last is given up, as the next call would do. */
	r->start += r->taken;
	r->offset += r->taken;
	r->taken = 0;
	s = unread(r);
	if (s.len > 0 && jt_object_size(s, &size, e) == JT_OK)
		want = size;
	return fill(r, want, e);
}

bool
jt_reader_dry(const struct jt_reader *r)
{
	struct pollfd p = { r->fd, POLLIN, 0 };

	return !jt_reader_has(r) && poll(&p, 1, 0) == 0;
}
