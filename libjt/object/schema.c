/*
 * Schemas: the decoder. See schema.h; the encoder is encode.c.
 *
 * The bytes are walked (walk.h), so that from then on they are known to be one
 * canonical value, and are then read once more, from left to right, beside the
 * table of fields. No tree is made between them: that would take longer than
 * all the rest. Strings in the struct point into the caller's bytes.
 */
#include "object/schema.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "object/asset.h"
#include "object/head.h"
#include "object/walk.h"

struct decoder {
	const uint8_t *at; /* the next value; walked, so all of it is there */
	msgpack_zone *zone;
	struct jt_error *e;
};

static enum jt_err decode_struct(struct decoder *d, const struct jt_schema *s,
    const struct value *v, void *out);

static enum jt_err
wrong(struct decoder *d, const char *expected, const struct value *v)
{
	static const char *const names[] = {
		[BOOLEAN] = "a boolean", [NUMBER] = "a number", [NEGATIVE] = "a negative number",
		[TEXT] = "text", [BYTES] = "bytes", [LIST] = "a list", [MAP] = "a map"
	};

	return jt_fail(d->e, JT_MALFORMED, "expected %s, found %s", expected, names[v->type]);
}

/* A number no greater than max (0 stands for JT_UINT_MAX). */
static enum jt_err
decode_number(struct decoder *d, const struct value *v, uint64_t max, uint64_t *out)
{
	if (v->type != NUMBER)
		return wrong(d, "a number", v);
	if (v->n > (max ? max : JT_UINT_MAX))
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu64 " is more than %" PRIu64, v->n,
		    max ? max : JT_UINT_MAX);
	*out = v->n;
	return JT_OK;
}

static enum jt_err
decode_string(struct decoder *d, const struct value *v, enum value_type type, uint64_t max,
    struct jt_slice *out)
{
	if (v->type != type)
		return wrong(d, type == TEXT ? "text" : "bytes", v);
	if (v->n > max)
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu64 " bytes, more than %" PRIu64, v->n,
		    max);
	*out = (struct jt_slice){ v->data, (size_t)v->n };
	return JT_OK;
}

static enum jt_err
decode_fixed(struct decoder *d, const struct value *v, uint64_t size, uint8_t *out)
{
	if (v->type != BYTES)
		return wrong(d, "bytes", v);
	if (v->n != size)
		return jt_fail(d->e, JT_MALFORMED, "expected %" PRIu64 " bytes, found %" PRIu64,
		    size, v->n);
	memcpy(out, v->data, size);
	return JT_OK;
}

static enum jt_err
decode_asset(struct decoder *d, const struct value *v, struct jt_asset *out)
{
	struct value part;
	struct jt_slice code;
	uint64_t decimals = 0;
	enum jt_err err;

	if (v->type == TEXT) {
		/* A bare asset may be the native coin, by its name. */
		err = decode_string(d, v, TEXT, JT_CODE_MAX, &code);
		if (err == JT_OK && !jt_slice_is(code, JT_NATIVE))
			err = jt_fail(d->e, JT_MALFORMED, "expected " JT_NATIVE " or a list");
		*out = (struct jt_asset){ .decimals = JT_COINS_DECIMALS };
		return err;
	}
	if (v->type != LIST || v->n != 3)
		return wrong(d, "[code, decimals, issuer]", v);
	*out = (struct jt_asset){ 0 };
	part = jt_head_take(&d->at);
	if ((err = decode_string(d, &part, TEXT, JT_CODE_MAX, &code)) != JT_OK)
		return err;
	if (!jt_asset_code_valid(code))
		return jt_fail(d->e, JT_MALFORMED, "asset code is not a letter and letters or digits");
	memcpy(out->code, code.data, code.len);
	part = jt_head_take(&d->at);
	if ((err = decode_number(d, &part, JT_DECIMALS_MAX, &decimals)) != JT_OK)
		return err;
	out->decimals = (uint8_t)decimals;
	part = jt_head_take(&d->at);
	return decode_fixed(d, &part, JT_ACCOUNT, out->issuer);
}

static enum jt_err
decode_amount(struct decoder *d, const struct value *v, uint64_t max, struct jt_amount *out)
{
	struct value part;
	enum jt_err err;

	*out = (struct jt_amount){ .asset.decimals = JT_COINS_DECIMALS };
	if (v->type == NUMBER)
		return decode_number(d, v, max, &out->units);
	if (v->type != LIST || v->n != 2)
		return wrong(d, "a number or [units, asset]", v);
	part = jt_head_take(&d->at);
	if ((err = decode_number(d, &part, max, &out->units)) != JT_OK)
		return err;
	part = jt_head_take(&d->at);
	return part.type == LIST ? decode_asset(d, &part, &out->asset)
	    : wrong(d, "[code, decimals, issuer]", &part);
}

static enum jt_err
decode_word(struct decoder *d, const struct value *v, const char *const *words,
    uint64_t *index)
{
	struct jt_slice text;
	enum jt_err err = decode_string(d, v, TEXT, 64, &text);

	if (err != JT_OK)
		return err;
	for (*index = 0; words[*index] != NULL; ++*index)
		if (jt_slice_is(text, words[*index]))
			return JT_OK;
	return jt_fail(d->e, JT_MALFORMED, "unknown word \"%.*s\"", (int)text.len,
	    (const char *)text.data);
}

static enum jt_err
decode_words(struct decoder *d, const struct value *v, const char *const *words,
    uint64_t *mask)
{
	*mask = 0;
	if (v->type != LIST)
		return wrong(d, "a list of words", v);
	for (uint64_t i = 0; i < v->n; i++) {
		struct value word = jt_head_take(&d->at);
		uint64_t index;
		enum jt_err err = decode_word(d, &word, words, &index);
		if (err != JT_OK)
			return err;
		/* Words ascend with their index, so a greater bit must be new. */
		if (*mask >> index != 0)
			return jt_fail(d->e, JT_MALFORMED, "words are not in ascending order");
		*mask |= UINT64_C(1) << index;
	}
	return JT_OK;
}

/* The order of two encoded elements of a sorted list, by their first bytes string. */
static enum jt_err
check_ascending(struct decoder *d, const struct jt_schema *s, const uint8_t *items,
    uint32_t count)
{
	const struct jt_field *f = &s->fields[0];

	assert(f->type == JT_FIXED || f->type == JT_ADDRESS);
	for (uint32_t i = 1; i < count; i++) {
		const uint8_t *a = items + (i - 1) * s->size + f->offset;
		size_t size = f->type == JT_ADDRESS ? JT_ACCOUNT : (size_t)f->max;
		if (memcmp(a, a + s->size, size) >= 0)
			return jt_fail(d->e, JT_MALFORMED,
			    "element %" PRIu32 ": not in strictly ascending order", i + 1);
	}
	return JT_OK;
}

static enum jt_err
decode_list(struct decoder *d, const struct jt_field *f, const struct value *v,
    struct jt_list *out)
{
	uint32_t count;
	uint8_t *items;

	if (v->type != LIST)
		return wrong(d, "a list", v);
	if (v->n > f->max)
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu64 " elements, more than %" PRIu64,
		    v->n, f->max);
	count = (uint32_t)v->n;
	*out = (struct jt_list){ NULL, count };
	if (count == 0)
		return JT_OK;
	items = msgpack_zone_malloc(d->zone, count * f->sub->size);
	if (items == NULL)
		return jt_fail(d->e, JT_SYSTEM, "out of memory");
	out->items = items;
	for (uint32_t i = 0; i < count; i++) {
		struct value item = jt_head_take(&d->at);
		enum jt_err err = decode_struct(d, f->sub, &item, items + i * f->sub->size);
		if (err != JT_OK)
			return jt_fail_in(d->e, "element %" PRIu32, i + 1);
	}
	return f->flags & JT_SORTED ? check_ascending(d, f->sub, items, count) : JT_OK;
}

static enum jt_err
decode_value(struct decoder *d, const struct jt_field *f, const struct value *v, void *at)
{
	switch (f->type) {
	case JT_UINT:
	case JT_COINS:
		return decode_number(d, v, f->max, at);
	case JT_TIME:
		return decode_number(d, v, JT_TIME_MAX, at);
	case JT_AMOUNT:
		return decode_amount(d, v, f->max, at);
	case JT_ASSET:
		return decode_asset(d, v, at);
	case JT_TEXT:
		return decode_string(d, v, TEXT, f->max, at);
	case JT_BYTES:
	case JT_OBJECT:
		return decode_string(d, v, BYTES, f->max, at);
	case JT_FIXED:
		return decode_fixed(d, v, f->max, at);
	case JT_ADDRESS:
		return decode_fixed(d, v, JT_ACCOUNT, at);
	case JT_WORD:
		return decode_word(d, v, f->words, at);
	case JT_WORDS:
		return decode_words(d, v, f->words, at);
	case JT_MAP:
		return decode_struct(d, f->sub, v, at);
	case JT_LIST:
		return decode_list(d, f, v, at);
	}
	return JT_BUG;
}

/* The next key of a map of which `left` are to come; of none: data NULL. */
static struct jt_slice
take_key(struct decoder *d, uint64_t left)
{
	struct value v;

	if (left == 0)
		return (struct jt_slice){ NULL, 0 };
	v = jt_head_take(&d->at);
	return (struct jt_slice){ v.data, (size_t)v.n };
}

/* Without strlen and memcmp, which take longer than the few letters that are compared. */
static bool
is_named(struct jt_slice key, const struct jt_field *f)
{
	size_t i = 0;

	while (i < key.len && f->name[i] != '\0' && key.data[i] == (uint8_t)f->name[i])
		i++;
	return i == key.len && f->name[i] == '\0';
}

static enum jt_err
unknown(struct decoder *d, struct jt_slice key)
{
	return jt_fail(d->e, JT_MALFORMED, "unknown field \"%.*s\"", (int)key.len,
	    (const char *)key.data);
}

static enum jt_err
decode_map(struct decoder *d, const struct jt_schema *s, const struct value *map, void *out)
{
	uint64_t left = map->n;
	struct jt_slice key = take_key(d, left);
	enum jt_err err;

	/* Keys and fields both ascend, so one pass matches them. */
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		struct value v;

		if (left == 0 || !is_named(key, f)) {
			if (f->flags & JT_OPTIONAL)
				continue; /* *out is all zeros */
			return left > 0 && jt_schema_field(s, key) == NULL ? unknown(d, key)
			    : jt_fail(d->e, JT_MALFORMED, "%s: missing", f->name);
		}
		v = jt_head_take(&d->at);
		if ((err = decode_value(d, f, &v, (uint8_t *)out + f->offset)) != JT_OK)
			return jt_fail_in(d->e, "%s", f->name);
		if (jt_field_left_out(f, out))
			return jt_fail(d->e, JT_MALFORMED, "%s: empty, must be left out", f->name);
		key = take_key(d, --left);
	}
	return left > 0 ? unknown(d, key) : JT_OK;
}

static enum jt_err
decode_struct(struct decoder *d, const struct jt_schema *s, const struct value *v, void *out)
{
	memset(out, 0, s->size);
	if (s->form == JT_FORM_PLAIN)
		return decode_value(d, &s->fields[0], v, (uint8_t *)out + s->fields[0].offset);
	if (s->form == JT_FORM_MAP)
		return v->type == MAP ? decode_map(d, s, v, out) : wrong(d, "a map", v);
	if (v->type != LIST)
		return wrong(d, "a list", v);
	if (v->n != s->count)
		return jt_fail(d->e, JT_MALFORMED, "expected a list of %zu, found %" PRIu64,
		    s->count, v->n);
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		struct value part = jt_head_take(&d->at);
		enum jt_err err = decode_value(d, f, &part, (uint8_t *)out + f->offset);
		if (err != JT_OK)
			return jt_fail_in(d->e, "%s", f->name);
	}
	return JT_OK;
}

enum jt_err
jt_decode(const struct jt_schema *s, struct jt_slice bytes, void *out, msgpack_zone *zone,
    struct jt_error *e)
{
	struct decoder d = { bytes.data, zone, e };
	struct value v;
	enum jt_err err = jt_walk(bytes, e);

	if (err != JT_OK)
		return err;
	v = jt_head_take(&d.at);
	return decode_struct(&d, s, &v, out);
}
