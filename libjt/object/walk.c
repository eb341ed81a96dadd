/*
 * The strict reader. See walk.h.
 *
 * One pass with a cursor; containers nest on the C stack, at most
 * JT_DEPTH_MAX deep. A count that a header claims is never believed: every
 * element has at least one byte, so a lie runs into the end of the input.
 */
#include "object/walk.h"

#include <inttypes.h>

#include "base/num.h"
#include "base/text.h"

struct cursor {
	const uint8_t *start, *at, *end;
	struct jt_error *e;
};

static enum jt_err
bad(struct cursor *c, const uint8_t *where, const char *reason)
{
	return jt_fail(c->e, JT_MALFORMED, "offset %zu: %s", (size_t)(where - c->start), reason);
}

/* Take a big-endian number of `width` bytes that must be at least `least`. */
static enum jt_err
take_number(struct cursor *c, unsigned width, uint64_t least, uint64_t *out)
{
	const uint8_t *where = c->at - 1;
	uint64_t v = 0;

	if ((size_t)(c->end - c->at) < width)
		return bad(c, where, "ends early");
	for (unsigned i = 0; i < width; i++)
		v = v << 8 | *c->at++;
	if (v < least)
		return bad(c, where, "not the shortest form");
	*out = v;
	return JT_OK;
}

static enum jt_err
take_bytes(struct cursor *c, uint64_t len, struct jt_slice *out)
{
	if ((uint64_t)(c->end - c->at) < len)
		return bad(c, c->at, "ends early");
	*out = (struct jt_slice){ c->at, (size_t)len };
	c->at += len;
	return JT_OK;
}

static enum jt_err
take_text(struct cursor *c, uint64_t len, struct jt_slice *out)
{
	const uint8_t *where = c->at;
	enum jt_err err = take_bytes(c, len, out);

	if (err == JT_OK && !jt_utf8_valid(*out))
		return bad(c, where, "text is not UTF-8");
	return err;
}

/* A string header at the cursor, which map keys must be. */
static enum jt_err
take_key(struct cursor *c, struct jt_slice *out)
{
	enum jt_err err;
	uint64_t len = 0;
	uint8_t tag;

	if (c->at == c->end)
		return bad(c, c->at, "ends early");
	tag = *c->at++;
	if (tag >= 0xa0 && tag <= 0xbf)
		len = tag & 0x1f;
	else if (tag == 0xd9) {
		if ((err = take_number(c, 1, 32, &len)) != JT_OK)
			return err;
	} else if (tag == 0xda || tag == 0xdb)
		return bad(c, c->at - 1, "map key is over 255 bytes");
	else
		return bad(c, c->at - 1, "map key is not text");
	return take_text(c, len, out);
}

static enum jt_err take_value(struct cursor *c, unsigned depth);

static enum jt_err
take_array(struct cursor *c, uint64_t count, unsigned depth)
{
	if (depth >= JT_DEPTH_MAX)
		return bad(c, c->at - 1, "nested too deep");
	for (uint64_t i = 0; i < count; i++) {
		enum jt_err err = take_value(c, depth + 1);
		if (err != JT_OK)
			return err;
	}
	return JT_OK;
}

/* Most keys differ in their first byte, which needs no call. */
static int
compare(struct jt_slice a, struct jt_slice b)
{
	if (a.len > 0 && b.len > 0 && a.data[0] != b.data[0])
		return a.data[0] < b.data[0] ? -1 : 1;
	return jt_slice_compare(a, b);
}

static enum jt_err
take_map(struct cursor *c, uint64_t count, unsigned depth)
{
	struct jt_slice last = { NULL, 0 };

	if (depth >= JT_DEPTH_MAX)
		return bad(c, c->at - 1, "nested too deep");
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *where = c->at;
		struct jt_slice key;
		enum jt_err err = take_key(c, &key);
		int order;

		if (err != JT_OK)
			return err;
		order = i == 0 ? -1 : compare(last, key);
		if (order == 0)
			return bad(c, where, "map key twice");
		if (order > 0)
			return bad(c, where, "map keys out of order");
		last = key;
		if ((err = take_value(c, depth + 1)) != JT_OK)
			return err;
	}
	return JT_OK;
}

/* Signed integers in their shortest form; 0xd0 to 0xd3 hold negatives only. */
static enum jt_err
take_negative(struct cursor *c, unsigned width)
{
	const uint8_t *where = c->at - 1;
	uint64_t sign = UINT64_C(1) << (8 * width - 1), v, magnitude;
	enum jt_err err = take_number(c, width, 0, &v);

	if (err != JT_OK)
		return err;
	magnitude = (sign << 1) - v; /* two's complement; width 8 wraps to -v */
	if (!(v & sign) || magnitude <= (width == 1 ? 32 : sign >> (4 * width)))
		return bad(c, where, "not the shortest form");
	return JT_OK;
}

static enum jt_err
take_value(struct cursor *c, unsigned depth)
{
	enum jt_err err;
	struct jt_slice s;
	uint64_t n = 0;
	uint8_t tag;

	if (c->at == c->end)
		return bad(c, c->at, "ends early");
	tag = *c->at++;
	if (tag <= 0x7f || tag >= 0xe0)
		return JT_OK;
	if (tag <= 0x8f)
		return take_map(c, tag & 0x0f, depth);
	if (tag <= 0x9f)
		return take_array(c, tag & 0x0f, depth);
	if (tag <= 0xbf)
		return take_text(c, tag & 0x1f, &s);
	switch (tag) {
	case 0xc0:
		return bad(c, c->at - 1, "nil");
	case 0xc2: case 0xc3:
		return JT_OK;
	case 0xc4: case 0xc5: case 0xc6:
		err = take_number(c, 1U << (tag - 0xc4),
		    tag == 0xc4 ? 0 : tag == 0xc5 ? 0x100 : 0x10000, &n);
		return err != JT_OK ? err : take_bytes(c, n, &s);
	case 0xca: case 0xcb:
		return bad(c, c->at - 1, "floating point");
	case 0xcc: case 0xcd: case 0xce: case 0xcf:
		return take_number(c, 1U << (tag - 0xcc), tag == 0xcc ? 0x80 :
		    tag == 0xcd ? 0x100 : tag == 0xce ? 0x10000 : UINT64_C(0x100000000), &n);
	case 0xd0: case 0xd1: case 0xd2: case 0xd3:
		return take_negative(c, 1U << (tag - 0xd0));
	case 0xd9: case 0xda: case 0xdb:
		err = take_number(c, 1U << (tag - 0xd9),
		    tag == 0xd9 ? 32 : tag == 0xda ? 0x100 : 0x10000, &n);
		return err != JT_OK ? err : take_text(c, n, &s);
	case 0xdc: case 0xdd:
		err = take_number(c, tag == 0xdc ? 2 : 4, tag == 0xdc ? 16 : 0x10000, &n);
		return err != JT_OK ? err : take_array(c, n, depth);
	case 0xde: case 0xdf:
		err = take_number(c, tag == 0xde ? 2 : 4, tag == 0xde ? 16 : 0x10000, &n);
		return err != JT_OK ? err : take_map(c, n, depth);
	default:
		return bad(c, c->at - 1, "extension type");
	}
}

enum jt_err
jt_walk(struct jt_slice bytes, struct jt_error *e)
{
	struct cursor c = { bytes.data, bytes.data, bytes.data, e };
	enum jt_err err;

	if (bytes.len > 0)
		c.end += bytes.len;
	err = take_value(&c, 0);
	if (err == JT_OK && c.at != c.end)
		return bad(&c, c.at, "more bytes than the value");
	return err;
}
