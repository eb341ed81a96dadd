/*
 * The heads of values, for schema.c alone, whose inner loop this is. The bytes are
 * walked (walk.h), so all that a head promises is there.
 */
#ifndef JT_HEAD_H
#define JT_HEAD_H

#include <stddef.h>
#include <stdint.h>

enum value_type { BOOLEAN, NUMBER, NEGATIVE, TEXT, BYTES, LIST, MAP };

/* A value's head: a number, or how many bytes or elements follow it. */
struct value {
	enum value_type type;
	uint64_t n;
	const uint8_t *data; /* of text and bytes */
};

/* A big-endian number of `width` bytes. */
static inline uint64_t
jt_head_number(const uint8_t **at, unsigned width)
{
	uint64_t n = 0;

	while (width-- > 0)
		n = n << 8 | *(*at)++;
	return n;
}

static inline struct value
jt_head_string(const uint8_t **at, enum value_type type, uint64_t len)
{
	struct value v = { type, len, *at };

	*at += len;
	return v;
}

/* Take the head of the next value, and the bytes of a string. */
static inline struct value
jt_head_take(const uint8_t **at)
{
	uint8_t tag = *(*at)++;

	if (tag <= 0x7f)
		return (struct value){ NUMBER, tag, NULL };
	if (tag <= 0x8f)
		return (struct value){ MAP, tag & 0x0f, NULL };
	if (tag <= 0x9f)
		return (struct value){ LIST, tag & 0x0f, NULL };
	if (tag <= 0xbf)
		return jt_head_string(at, TEXT, tag & 0x1f);
	if (tag >= 0xe0)
		return (struct value){ NEGATIVE, 0, NULL };
	switch (tag) {
	case 0xc4: case 0xc5: case 0xc6:
		return jt_head_string(at, BYTES, jt_head_number(at, 1U << (tag - 0xc4)));
	case 0xcc: case 0xcd: case 0xce: case 0xcf:
		return (struct value){ NUMBER, jt_head_number(at, 1U << (tag - 0xcc)), NULL };
	case 0xd0: case 0xd1: case 0xd2: case 0xd3:
		jt_head_number(at, 1U << (tag - 0xd0));
		return (struct value){ NEGATIVE, 0, NULL };
	case 0xd9: case 0xda: case 0xdb:
		return jt_head_string(at, TEXT, jt_head_number(at, 1U << (tag - 0xd9)));
	case 0xdc: case 0xdd:
		return (struct value){ LIST, jt_head_number(at, tag == 0xdc ? 2 : 4), NULL };
	case 0xde: case 0xdf:
		return (struct value){ MAP, jt_head_number(at, tag == 0xde ? 2 : 4), NULL };
	default:
		return (struct value){ BOOLEAN, tag & 1, NULL };
	}
}

#endif
