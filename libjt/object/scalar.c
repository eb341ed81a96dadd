/*
 * Scalars as text, from text: one pair of functions for each type that can
 * be written as one word. See scalar.h.
 */
#include "object/scalar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "object/asset.h"

enum {
	SHOWN = 48,  /* bytes of a wrong text that a message repeats */
	WORDS = 128  /* bytes of the words that it lists */
};

bool
jt_scalar_type(enum jt_type type)
{
	return type != JT_MAP && type != JT_LIST && type != JT_OBJECT && type != JT_WORDS;
}

/* How much of a text fits a message, whole characters only. */
static int
cut(struct jt_slice text)
{
	size_t n = text.len;

	if (n > SHOWN)
		for (n = SHOWN; n > 0 && (text.data[n] & 0xc0) == 0x80; n--)
			;
	return (int)n;
}

enum jt_err
jt_expected(struct jt_error *e, const char *what, struct jt_slice text)
{
	int n = cut(text);

	return jt_fail(e, JT_MALFORMED, "expected %s, not \"%.*s%s\"", what, n,
	    n > 0 ? (const char *)text.data : "", (size_t)n < text.len ? "..." : "");
}

enum jt_err
jt_unknown_field(struct jt_error *e, struct jt_slice name)
{
	int n = cut(name);

	return jt_fail(e, JT_MALFORMED, "unknown field \"%.*s%s\"", n,
	    n > 0 ? (const char *)name.data : "", (size_t)n < name.len ? "..." : "");
}

static void
show_hex(const uint8_t *data, size_t len, struct jt_buf *out)
{
	if (len == 0 || !jt_buf_reserve(out, 2 * len + 1))
		return;
	jt_hex_format(data, len, (char *)out->data + out->len);
	out->len += 2 * len;
}

static void
show_address(const uint8_t account[JT_ACCOUNT], struct jt_buf *out)
{
	char text[JT_ADDRESS_TEXT];

	jt_address_format(account, text);
	jt_buf_add_text(out, text);
}

static void
show_decimal(uint64_t units, unsigned decimals, bool keep, struct jt_buf *out)
{
	char text[JT_DECIMAL_MAX];

	jt_decimal_format(units, decimals, keep, text);
	jt_buf_add_text(out, text);
}

static void
show_amount(const struct jt_amount *a, struct jt_buf *out)
{
	if (jt_asset_native(&a->asset)) {
		show_decimal(a->units, JT_COINS_DECIMALS, false, out);
		return;
	}
	show_decimal(a->units, a->asset.decimals, true, out);
	jt_buf_addf(out, "%s/", a->asset.code);
	show_address(a->asset.issuer, out);
}

static void
show_asset(const struct jt_asset *a, struct jt_buf *out)
{
	if (jt_asset_native(a)) {
		jt_buf_add_text(out, JT_NATIVE);
		return;
	}
	jt_buf_addf(out, "%s.%u/", a->code, a->decimals);
	show_address(a->issuer, out);
}

void
jt_scalar_show(const struct jt_field *f, const void *at, struct jt_buf *out)
{
	const uint64_t *number = at;
	const struct jt_slice *slice = at;
	char time[JT_TIME_TEXT];

	switch (f->type) {
	case JT_UINT:
		jt_buf_addf(out, "%" PRIu64, *number);
		break;
	case JT_TIME:
		jt_time_format(*number, time);
		jt_buf_add_text(out, time);
		break;
	case JT_COINS:
		show_decimal(*number, JT_COINS_DECIMALS, false, out);
		break;
	case JT_AMOUNT:
		show_amount(at, out);
		break;
	case JT_ASSET:
		show_asset(at, out);
		break;
	case JT_TEXT:
		jt_text_escape(*slice, false, out);
		break;
	case JT_BYTES:
		show_hex(slice->data, slice->len, out);
		break;
	case JT_FIXED:
		show_hex(at, (size_t)f->max, out);
		break;
	case JT_ADDRESS:
		show_address(at, out);
		break;
	case JT_WORD:
		jt_buf_add_text(out, f->words[*number]);
		break;
	default:
		break; /* the caller asked jt_scalar_type */
	}
}

/* Digits, perhaps with a point among them: how many follow it? -1: not a number. */
static int
decimals_of(struct jt_slice t)
{
	size_t point = t.len;

	for (size_t i = 0; i < t.len; i++)
		if (t.data[i] == '.' && point == t.len)
			point = i;
		else if (t.data[i] < '0' || t.data[i] > '9')
			return -1;
	if (point == 0 || point + 1 == t.len || (point > 1 && t.data[0] == '0'))
		return -1;
	if (point == t.len)
		return 0;
	return t.len - point - 1 > 99 ? 99 : (int)(t.len - point - 1);
}

static enum jt_err
parse_decimal(struct jt_slice text, unsigned decimals, uint64_t max, uint64_t *out,
    struct jt_error *e)
{
	char what[64], most[JT_DECIMAL_MAX];
	int n = decimals_of(text);

	if (n < 0 || n > (int)decimals) {
		if (decimals == 0)
			return jt_expected(e, "a whole number", text);
		snprintf(what, sizeof what, "a number with at most %u decimals", decimals);
		return jt_expected(e, what, text);
	}
	max = max ? max : JT_UINT_MAX;
	if (jt_decimal_parse(text, decimals, out) && *out <= max)
		return JT_OK;
	jt_decimal_format(max, decimals, false, most);
	snprintf(what, sizeof what, "at most %s", most);
	return jt_expected(e, what, text);
}

/* CODE and ADDRESS of "...CODE/ADDRESS", the asset's decimals known. */
static enum jt_err
parse_token(struct jt_slice code, struct jt_slice address, unsigned decimals,
    struct jt_asset *out, struct jt_error *e)
{
	*out = (struct jt_asset){ .decimals = (uint8_t)decimals };
	if (!jt_asset_code_valid(code))
		return jt_expected(e, "an asset's code (2 to 12 letters and digits) before \"/\"",
		    code);
	if (!jt_address_parse(address, out->issuer))
		return jt_expected(e, "an address after \"/\"", address);
	memcpy(out->code, code.data, code.len);
	return JT_OK;
}

/* The parts before and after the first c, or false. */
static bool
split(struct jt_slice text, char c, struct jt_slice *before, struct jt_slice *after)
{
	const uint8_t *at = text.len > 0 ? memchr(text.data, c, text.len) : NULL;

	if (at == NULL)
		return false;
	*before = (struct jt_slice){ text.data, (size_t)(at - text.data) };
	*after = (struct jt_slice){ at + 1, text.len - before->len - 1 };
	return true;
}

static enum jt_err
parse_amount(struct jt_slice text, uint64_t max, struct jt_amount *out, struct jt_error *e)
{
	struct jt_slice number, code, address;
	enum jt_err err;
	int decimals;
	size_t n = 0;

	*out = (struct jt_amount){ .asset.decimals = JT_COINS_DECIMALS };
	if (decimals_of(text) >= 0)
		return parse_decimal(text, JT_COINS_DECIMALS, max, &out->units, e);
	while (n < text.len && ((text.data[n] >= '0' && text.data[n] <= '9') || text.data[n] == '.'))
		n++;
	number = (struct jt_slice){ text.data, n };
	code = (struct jt_slice){ text.data + n, text.len - n };
	decimals = decimals_of(number);
	if (n == 0 || decimals < 0 || !split(code, '/', &code, &address))
		return jt_expected(e, "an amount like 12.5 or 12.50CNY/ADDRESS", text);
	if (decimals > JT_DECIMALS_MAX)
		return jt_expected(e, "a number with at most 9 decimals", number);
	if ((err = parse_token(code, address, (unsigned)decimals, &out->asset, e)) != JT_OK)
		return err;
	return parse_decimal(number, (unsigned)decimals, max, &out->units, e);
}

static enum jt_err
parse_asset(struct jt_slice text, struct jt_asset *out, struct jt_error *e)
{
	struct jt_slice code, decimals, address;

	*out = (struct jt_asset){ .decimals = JT_COINS_DECIMALS };
	if (jt_slice_is(text, JT_NATIVE))
		return JT_OK;
	if (!split(text, '/', &code, &address) || !split(code, '.', &code, &decimals) ||
	    decimals.len != 1 || decimals.data[0] < '0' || decimals.data[0] > '9')
		return jt_expected(e, JT_NATIVE " or an asset like CNY.2/ADDRESS", text);
	return parse_token(code, address, (unsigned)(decimals.data[0] - '0'), out, e);
}

static enum jt_err
parse_fixed(struct jt_slice text, size_t size, uint8_t *out, struct jt_error *e)
{
	char what[64];

	if (jt_hex_parse(text, out, size))
		return JT_OK;
	snprintf(what, sizeof what, "%zu hex digits", 2 * size);
	return jt_expected(e, what, text);
}

static enum jt_err
too_long(size_t len, uint64_t max, struct jt_error *e)
{
	return jt_fail(e, JT_MALFORMED, "expected at most %" PRIu64 " bytes, not %zu", max, len);
}

/* TEXT and BYTES: the value goes to the zone. */
static enum jt_err
parse_bytes(const struct jt_field *f, struct jt_slice text, struct jt_slice *out,
    msgpack_zone *zone, struct jt_error *e)
{
	size_t len = f->type == JT_TEXT ? text.len : text.len / 2;
	uint8_t *data;

	*out = jt_slice_text("");
	if (len > f->max)
		return too_long(len, f->max, e);
	if (text.len == 0)
		return JT_OK;
	if ((data = msgpack_zone_malloc_no_align(zone, len + 1)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (f->type == JT_TEXT) {
		if (!jt_utf8_valid(text))
			return jt_fail(e, JT_MALFORMED, "text is not UTF-8");
		memcpy(data, text.data, len);
	} else if (!jt_hex_parse(text, data, len))
		return jt_expected(e, "an even number of hex digits", text);
	*out = (struct jt_slice){ data, len };
	return JT_OK;
}

static enum jt_err
parse_word(const struct jt_field *f, struct jt_slice text, uint64_t *index, struct jt_error *e)
{
	char what[WORDS] = "one of";
	size_t used = strlen(what);
	bool fits = true;

	for (*index = 0; f->words[*index] != NULL; ++*index)
		if (jt_slice_is(text, f->words[*index]))
			return JT_OK;
	/* Whole words, and as many as leave room to say that there are more. */
	for (size_t i = 0; fits && f->words[i] != NULL; i++) {
		fits = used + strlen(f->words[i]) + sizeof ", , ..." <= sizeof what;
		used += (size_t)snprintf(what + used, sizeof what - used, "%s %s",
		    i > 0 ? "," : "", fits ? f->words[i] : "...");
	}
	return jt_expected(e, what, text);
}

enum jt_err
jt_word_add(const struct jt_field *f, struct jt_slice text, uint64_t *mask, struct jt_error *e)
{
	uint64_t index;
	enum jt_err err = parse_word(f, text, &index, e);

	if (err != JT_OK)
		return err;
	if (*mask >> index & 1)
		return jt_fail(e, JT_MALFORMED, "%s twice", f->words[index]);
	*mask |= UINT64_C(1) << index;
	return JT_OK;
}

enum jt_err
jt_scalar_parse(const struct jt_field *f, struct jt_slice text, void *at, msgpack_zone *zone,
    struct jt_error *e)
{
	switch (f->type) {
	case JT_UINT:
		return parse_decimal(text, 0, f->max, at, e);
	case JT_TIME:
		return jt_time_parse(text, at) ? JT_OK :
		    jt_expected(e, "a time like 2017-03-01T12:00:00Z", text);
	case JT_COINS:
		return parse_decimal(text, JT_COINS_DECIMALS, f->max, at, e);
	case JT_AMOUNT:
		return parse_amount(text, f->max, at, e);
	case JT_ASSET:
		return parse_asset(text, at, e);
	case JT_TEXT:
	case JT_BYTES:
		return parse_bytes(f, text, at, zone, e);
	case JT_FIXED:
		return parse_fixed(text, (size_t)f->max, at, e);
	case JT_ADDRESS:
		return jt_address_parse(text, at) ? JT_OK : jt_expected(e, "an address", text);
	case JT_WORD:
		return parse_word(f, text, at, e);
	default:
		return jt_fail(e, JT_BUG, "not a scalar");
	}
}

static size_t
key_size(const struct jt_field *f)
{
	return f->type == JT_ADDRESS ? JT_ACCOUNT : (size_t)f->max;
}

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct jt_field *f = arg;

	return memcmp((const uint8_t *)a + f->offset, (const uint8_t *)b + f->offset,
	    key_size(f));
}

enum jt_err
jt_list_sort(const struct jt_field *f, struct jt_list *l, struct jt_error *e)
{
	struct jt_field key = f->sub->fields[0];
	const uint8_t *item = l->items;
	struct jt_buf text;

	if (!(f->flags & JT_SORTED) || l->count < 2)
		return JT_OK;
	qsort_r(l->items, l->count, f->sub->size, by_key, &key);
	for (uint32_t i = 1; i < l->count; i++, item += f->sub->size) {
		if (by_key(item, item + f->sub->size, &key) != 0)
			continue;
		jt_buf_init(&text, JT_ERROR_MAX);
		jt_scalar_show(&key, item + key.offset, &text);
		jt_fail(e, JT_MALFORMED, "%s %.*s twice", key.name, (int)text.len,
		    text.len > 0 ? (const char *)text.data : "");
		jt_buf_free(&text);
		return JT_MALFORMED;
	}
	return JT_OK;
}
