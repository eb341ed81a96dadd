/*
 * Any bytes as a number, a decimal, a time, hexadecimal: what parses is
 * written as the same text, where there is one way to write it, or as a text
 * that parses as the same value.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "base/text.h"

enum { DECIMALS_MAX = 19, HEX_MAX = 64 };

static void
whole(struct jt_slice text)
{
	char again[32];
	uint64_t v;

	if (!jt_u64_parse(text, &v))
		return;
	snprintf(again, sizeof again, "%" PRIu64, v);
	assert(jt_slice_is(text, again));
}

static void
decimal(struct jt_slice text)
{
	char again[JT_DECIMAL_MAX];
	uint64_t v, w;

	for (unsigned decimals = 0; decimals <= DECIMALS_MAX; decimals++) {
		if (!jt_decimal_parse(text, decimals, &v))
			continue;
		for (int keep = 0; keep < 2; keep++) {
			jt_decimal_format(v, decimals, keep, again);
			assert(jt_decimal_parse(jt_slice_text(again), decimals, &w) && w == v);
		}
	}
}

static void
time_of_day(struct jt_slice text)
{
	char again[JT_TIME_TEXT];
	uint64_t v;

	if (!jt_time_parse(text, &v))
		return;
	assert(v <= JT_TIME_MAX);
	jt_time_format(v, again);
	assert(jt_slice_is(text, again));
}

static void
hexadecimal(struct jt_slice text)
{
	uint8_t bytes[HEX_MAX], twice[HEX_MAX];
	char again[2 * HEX_MAX + 1];

	if (text.len > 2 * HEX_MAX || !jt_hex_parse(text, bytes, text.len / 2))
		return;
	jt_hex_format(bytes, text.len / 2, again);
	assert(strlen(again) == text.len);
	assert(jt_hex_parse(jt_slice_text(again), twice, text.len / 2));
	assert(memcmp(bytes, twice, text.len / 2) == 0);
}

/* The other way: a value is written as a text that parses as it. */
static void
value(struct fuzz_input in)
{
	uint64_t v = fuzz_number(&in, 8), w;
	unsigned decimals = fuzz_byte(&in) % (DECIMALS_MAX + 1);
	char text[JT_DECIMAL_MAX], time[JT_TIME_TEXT];

	jt_decimal_format(v, decimals, fuzz_byte(&in) & 1, text);
	assert(jt_decimal_parse(jt_slice_text(text), decimals, &w) && w == v);
	jt_time_format(v % (JT_TIME_MAX + 1), time);
	assert(jt_time_parse(jt_slice_text(time), &w) && w == v % (JT_TIME_MAX + 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_slice text = { data, size };

	whole(text);
	decimal(text);
	time_of_day(text);
	hexadecimal(text);
	jt_utf8_valid(text);
	value((struct fuzz_input){ data, size });
	return 0;
}
