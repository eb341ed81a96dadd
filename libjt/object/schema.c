/*
 * Schemas: the decoder. See schema.h; the encoder is encode.c.
 *
 * The bytes are walked (walk.h), then msgpack-c makes a tree of them in the
 * caller's zone, then the tree is matched against the table of fields. Strings
 * in the tree, and so in the struct, point into the caller's bytes.
 */
#include "object/schema.h"

#include <assert.h>
#include <inttypes.h>
#include <msgpack/object.h>
#include <msgpack/unpack.h>
#include <string.h>

#include "base/text.h"
#include "object/asset.h"
#include "object/walk.h"

struct decoder {
	msgpack_zone *zone;
	struct jt_error *e;
};

static enum jt_err decode_struct(struct decoder *d, const struct jt_schema *s,
    const msgpack_object *o, void *out);

static const char *
type_name(const msgpack_object *o)
{
	switch (o->type) {
	case MSGPACK_OBJECT_BOOLEAN:
		return "a boolean";
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		return "a number";
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		return "a negative number";
	case MSGPACK_OBJECT_STR:
		return "text";
	case MSGPACK_OBJECT_BIN:
		return "bytes";
	case MSGPACK_OBJECT_ARRAY:
		return "a list";
	case MSGPACK_OBJECT_MAP:
		return "a map";
	default:
		return "something else";
	}
}

static enum jt_err
wrong(struct decoder *d, const char *expected, const msgpack_object *o)
{
	return jt_fail(d->e, JT_MALFORMED, "expected %s, found %s", expected, type_name(o));
}

/* A number no greater than max (0 stands for JT_UINT_MAX). */
static enum jt_err
decode_number(struct decoder *d, const msgpack_object *o, uint64_t max, uint64_t *out)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return wrong(d, "a number", o);
	if (o->via.u64 > (max ? max : JT_UINT_MAX))
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu64 " is more than %" PRIu64,
		    o->via.u64, max ? max : JT_UINT_MAX);
	*out = o->via.u64;
	return JT_OK;
}

static enum jt_err
decode_text(struct decoder *d, const msgpack_object *o, uint64_t max, struct jt_slice *out)
{
	if (o->type != MSGPACK_OBJECT_STR)
		return wrong(d, "text", o);
	if (o->via.str.size > max)
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu32 " bytes, more than %" PRIu64,
		    o->via.str.size, max);
	*out = (struct jt_slice){ (const uint8_t *)o->via.str.ptr, o->via.str.size };
	return JT_OK;
}

static enum jt_err
decode_bytes(struct decoder *d, const msgpack_object *o, uint64_t max, struct jt_slice *out)
{
	if (o->type != MSGPACK_OBJECT_BIN)
		return wrong(d, "bytes", o);
	if (o->via.bin.size > max)
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu32 " bytes, more than %" PRIu64,
		    o->via.bin.size, max);
	*out = (struct jt_slice){ (const uint8_t *)o->via.bin.ptr, o->via.bin.size };
	return JT_OK;
}

static enum jt_err
decode_fixed(struct decoder *d, const msgpack_object *o, uint64_t size, uint8_t *out)
{
	if (o->type != MSGPACK_OBJECT_BIN)
		return wrong(d, "bytes", o);
	if (o->via.bin.size != size)
		return jt_fail(d->e, JT_MALFORMED, "expected %" PRIu64 " bytes, found %" PRIu32,
		    size, o->via.bin.size);
	memcpy(out, o->via.bin.ptr, size);
	return JT_OK;
}

static enum jt_err
decode_asset(struct decoder *d, const msgpack_object *o, struct jt_asset *out)
{
	const msgpack_object *part;
	struct jt_slice code;
	uint64_t decimals = 0;
	enum jt_err err;

	if (o->type == MSGPACK_OBJECT_STR) {
		/* A bare asset may be the native coin, by its name. */
		err = decode_text(d, o, JT_CODE_MAX, &code);
		if (err == JT_OK && !jt_slice_is(code, JT_NATIVE))
			err = jt_fail(d->e, JT_MALFORMED, "expected " JT_NATIVE " or a list");
		*out = (struct jt_asset){ .decimals = JT_COINS_DECIMALS };
		return err;
	}
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != 3)
		return wrong(d, "[code, decimals, issuer]", o);
	part = o->via.array.ptr;
	*out = (struct jt_asset){ 0 };
	if ((err = decode_text(d, &part[0], JT_CODE_MAX, &code)) != JT_OK)
		return err;
	if (!jt_asset_code_valid(code))
		return jt_fail(d->e, JT_MALFORMED, "asset code is not a letter and letters or digits");
	memcpy(out->code, code.data, code.len);
	if ((err = decode_number(d, &part[1], JT_DECIMALS_MAX, &decimals)) != JT_OK)
		return err;
	out->decimals = (uint8_t)decimals;
	return decode_fixed(d, &part[2], JT_ACCOUNT, out->issuer);
}

static enum jt_err
decode_amount(struct decoder *d, const msgpack_object *o, uint64_t max, struct jt_amount *out)
{
	enum jt_err err;

	*out = (struct jt_amount){ .asset.decimals = JT_COINS_DECIMALS };
	if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		return decode_number(d, o, max, &out->units);
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != 2)
		return wrong(d, "a number or [units, asset]", o);
	err = decode_number(d, &o->via.array.ptr[0], max, &out->units);
	if (err == JT_OK && o->via.array.ptr[1].type != MSGPACK_OBJECT_ARRAY)
		err = wrong(d, "[code, decimals, issuer]", &o->via.array.ptr[1]);
	return err != JT_OK ? err : decode_asset(d, &o->via.array.ptr[1], &out->asset);
}

static enum jt_err
decode_word(struct decoder *d, const msgpack_object *o, const char *const *words,
    uint64_t *index)
{
	struct jt_slice text;
	enum jt_err err = decode_text(d, o, 64, &text);

	if (err != JT_OK)
		return err;
	for (*index = 0; words[*index] != NULL; ++*index)
		if (jt_slice_is(text, words[*index]))
			return JT_OK;
	return jt_fail(d->e, JT_MALFORMED, "unknown word \"%.*s\"", (int)text.len,
	    (const char *)text.data);
}

static enum jt_err
decode_words(struct decoder *d, const msgpack_object *o, const char *const *words,
    uint64_t *mask)
{
	*mask = 0;
	if (o->type != MSGPACK_OBJECT_ARRAY)
		return wrong(d, "a list of words", o);
	for (uint32_t i = 0; i < o->via.array.size; i++) {
		uint64_t index;
		enum jt_err err = decode_word(d, &o->via.array.ptr[i], words, &index);
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
decode_list(struct decoder *d, const struct jt_field *f, const msgpack_object *o,
    struct jt_list *out)
{
	uint32_t count;
	uint8_t *items;

	if (o->type != MSGPACK_OBJECT_ARRAY)
		return wrong(d, "a list", o);
	count = o->via.array.size;
	if (count > f->max)
		return jt_fail(d->e, JT_MALFORMED, "%" PRIu32 " elements, more than %" PRIu64,
		    count, f->max);
	*out = (struct jt_list){ NULL, count };
	if (count == 0)
		return JT_OK;
	items = msgpack_zone_malloc(d->zone, count * f->sub->size);
	if (items == NULL)
		return jt_fail(d->e, JT_SYSTEM, "out of memory");
	out->items = items;
	for (uint32_t i = 0; i < count; i++) {
		enum jt_err err = decode_struct(d, f->sub, &o->via.array.ptr[i],
		    items + i * f->sub->size);
		if (err != JT_OK)
			return jt_fail_in(d->e, "element %" PRIu32, i + 1);
	}
	return f->flags & JT_SORTED ? check_ascending(d, f->sub, items, count) : JT_OK;
}

static enum jt_err
decode_value(struct decoder *d, const struct jt_field *f, const msgpack_object *o, void *at)
{
	switch (f->type) {
	case JT_UINT:
	case JT_COINS:
		return decode_number(d, o, f->max, at);
	case JT_TIME:
		return decode_number(d, o, JT_TIME_MAX, at);
	case JT_AMOUNT:
		return decode_amount(d, o, f->max, at);
	case JT_ASSET:
		return decode_asset(d, o, at);
	case JT_TEXT:
		return decode_text(d, o, f->max, at);
	case JT_BYTES:
	case JT_OBJECT:
		return decode_bytes(d, o, f->max, at);
	case JT_FIXED:
		return decode_fixed(d, o, f->max, at);
	case JT_ADDRESS:
		return decode_fixed(d, o, JT_ACCOUNT, at);
	case JT_WORD:
		return decode_word(d, o, f->words, at);
	case JT_WORDS:
		return decode_words(d, o, f->words, at);
	case JT_MAP:
		return decode_struct(d, f->sub, o, at);
	case JT_LIST:
		return decode_list(d, f, o, at);
	}
	return JT_BUG;
}

static enum jt_err
decode_map(struct decoder *d, const struct jt_schema *s, const msgpack_object *o, void *out)
{
	const msgpack_object_kv *kv = o->via.map.ptr, *end;
	enum jt_err err;

	if (o->type != MSGPACK_OBJECT_MAP)
		return wrong(d, "a map", o);
	end = kv + o->via.map.size;
	/* Keys and fields both ascend, so one pass matches them. */
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		struct jt_slice key = { NULL, 0 };

		if (kv < end)
			key = (struct jt_slice){ (const uint8_t *)kv->key.via.str.ptr,
				kv->key.via.str.size };
		if (kv == end || !jt_slice_is(key, f->name)) {
			if (!(f->flags & JT_OPTIONAL))
				return kv < end && jt_schema_field(s, key) == NULL
				    ? jt_fail(d->e, JT_MALFORMED, "unknown field \"%.*s\"",
					(int)key.len, (const char *)key.data)
				    : jt_fail(d->e, JT_MALFORMED, "%s: missing", f->name);
			continue; /* *out is all zeros */
		}
		err = decode_value(d, f, &kv->val, (uint8_t *)out + f->offset);
		if (err != JT_OK)
			return jt_fail_in(d->e, "%s", f->name);
		if ((f->flags & JT_OPTIONAL) && jt_field_absent(f, out))
			return jt_fail(d->e, JT_MALFORMED, "%s: empty, must be left out", f->name);
		kv++;
	}
	if (kv < end)
		return jt_fail(d->e, JT_MALFORMED, "unknown field \"%.*s\"",
		    (int)kv->key.via.str.size, kv->key.via.str.ptr);
	return JT_OK;
}

static enum jt_err
decode_struct(struct decoder *d, const struct jt_schema *s, const msgpack_object *o, void *out)
{
	memset(out, 0, s->size);
	if (s->form == JT_FORM_PLAIN)
		return decode_value(d, &s->fields[0], o, (uint8_t *)out + s->fields[0].offset);
	if (s->form == JT_FORM_MAP)
		return decode_map(d, s, o, out);
	if (o->type != MSGPACK_OBJECT_ARRAY)
		return wrong(d, "a list", o);
	if (o->via.array.size != s->count)
		return jt_fail(d->e, JT_MALFORMED, "expected a list of %zu, found %" PRIu32,
		    s->count, o->via.array.size);
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		enum jt_err err = decode_value(d, f, &o->via.array.ptr[i],
		    (uint8_t *)out + f->offset);
		if (err != JT_OK)
			return jt_fail_in(d->e, "%s", f->name);
	}
	return JT_OK;
}

enum jt_err
jt_decode(const struct jt_schema *s, struct jt_slice bytes, void *out, msgpack_zone *zone,
    struct jt_error *e)
{
	struct decoder d = { zone, e };
	msgpack_object tree;
	size_t used = 0;
	enum jt_err err = jt_walk(bytes, e);

	if (err != JT_OK)
		return err;
	if (msgpack_unpack((const char *)bytes.data, bytes.len, &used, zone, &tree) !=
	    MSGPACK_UNPACK_SUCCESS)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	return decode_struct(&d, s, &tree, out);
}

bool
jt_field_absent(const struct jt_field *f, const void *in)
{
	const uint8_t *at = (const uint8_t *)in + f->offset;
	size_t size;

	switch (f->type) {
	case JT_TEXT:
	case JT_BYTES:
	case JT_OBJECT:
		return ((const struct jt_slice *)(const void *)at)->len == 0;
	case JT_LIST:
		return ((const struct jt_list *)(const void *)at)->count == 0;
	case JT_AMOUNT:
		return ((const struct jt_amount *)(const void *)at)->units == 0;
	case JT_ASSET:
		return ((const struct jt_asset *)(const void *)at)->code[0] == '\0';
	case JT_FIXED:
		size = (size_t)f->max;
		break;
	case JT_ADDRESS:
		size = JT_ACCOUNT;
		break;
	case JT_MAP:
		for (size_t i = 0; i < f->sub->count; i++)
			if (!jt_field_absent(&f->sub->fields[i], at))
				return false;
		return true;
	default:
		return *(const uint64_t *)(const void *)at == 0;
	}
	for (size_t i = 0; i < size; i++)
		if (at[i] != 0)
			return false;
	return true;
}

const struct jt_field *
jt_schema_field(const struct jt_schema *s, struct jt_slice name)
{
	for (size_t i = 0; i < s->count; i++)
		if (jt_slice_is(name, s->fields[i].name))
			return &s->fields[i];
	return NULL;
}
