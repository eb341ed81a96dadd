/*
 * Schemas: the encoder. See schema.h.
 *
 * msgpack-c's packer writes the shortest forms; the table's order of fields is
 * the canonical order. What the decoder would refuse is not written.
 */
#include <assert.h>
#include <inttypes.h>
#include <msgpack/pack.h>
#include <string.h>

#include "base/text.h"
#include "object/asset.h"
#include "object/schema.h"

struct encoder {
	msgpack_packer pk;
	struct jt_error *e;
};

static enum jt_err encode_struct(struct encoder *c, const struct jt_schema *s, const void *in);

static int
write_buf(void *data, const char *bytes, size_t len)
{
	return jt_buf_add(data, bytes, len) ? 0 : -1;
}

static void
put_text(struct encoder *c, const void *text, size_t len)
{
	msgpack_pack_str(&c->pk, len);
	msgpack_pack_str_body(&c->pk, text, len);
}

static void
put_bytes(struct encoder *c, const void *bytes, size_t len)
{
	msgpack_pack_bin(&c->pk, len);
	msgpack_pack_bin_body(&c->pk, bytes, len);
}

static enum jt_err
put_number(struct encoder *c, uint64_t v, uint64_t max)
{
	max = max ? max : JT_UINT_MAX;
	if (v > max)
		return jt_fail(c->e, JT_MALFORMED, "%" PRIu64 " is more than %" PRIu64, v, max);
	msgpack_pack_uint64(&c->pk, v);
	return JT_OK;
}

static enum jt_err
put_limited(struct encoder *c, const struct jt_field *f, const struct jt_slice *s)
{
	if (s->len > f->max)
		return jt_fail(c->e, JT_MALFORMED, "%zu bytes, more than %" PRIu64, s->len, f->max);
	if (f->type != JT_TEXT)
		put_bytes(c, s->data, s->len);
	else if (!jt_utf8_valid(*s))
		return jt_fail(c->e, JT_MALFORMED, "text is not UTF-8");
	else
		put_text(c, s->data, s->len);
	return JT_OK;
}

static enum jt_err
put_asset(struct encoder *c, const struct jt_asset *a)
{
	if (jt_asset_native(a)) {
		put_text(c, JT_NATIVE, strlen(JT_NATIVE));
		return JT_OK;
	}
	if (!jt_asset_code_valid(jt_slice_text(a->code)) || a->decimals > JT_DECIMALS_MAX)
		return jt_fail(c->e, JT_MALFORMED, "not an asset");
	msgpack_pack_array(&c->pk, 3);
	put_text(c, a->code, strlen(a->code));
	msgpack_pack_uint64(&c->pk, a->decimals);
	put_bytes(c, a->issuer, JT_ACCOUNT);
	return JT_OK;
}

static enum jt_err
put_amount(struct encoder *c, const struct jt_field *f, const struct jt_amount *a)
{
	enum jt_err err;

	if (jt_asset_native(&a->asset))
		return put_number(c, a->units, f->max);
	msgpack_pack_array(&c->pk, 2);
	err = put_number(c, a->units, f->max);
	return err != JT_OK ? err : put_asset(c, &a->asset);
}

static enum jt_err
put_words(struct encoder *c, const struct jt_field *f, uint64_t mask)
{
	size_t count = 0, set = 0;

	for (; f->words[count] != NULL; count++)
		set += mask >> count & 1;
	if (count < 64 && mask >> count != 0)
		return jt_fail(c->e, JT_MALFORMED, "unknown word");
	msgpack_pack_array(&c->pk, set);
	for (size_t i = 0; i < count; i++)
		if (mask >> i & 1)
			put_text(c, f->words[i], strlen(f->words[i]));
	return JT_OK;
}

static enum jt_err
put_word(struct encoder *c, const struct jt_field *f, uint64_t index)
{
	for (uint64_t i = 0; f->words[i] != NULL; i++) {
		if (i != index)
			continue;
		put_text(c, f->words[i], strlen(f->words[i]));
		return JT_OK;
	}
	return jt_fail(c->e, JT_MALFORMED, "unknown word");
}

static enum jt_err
put_list(struct encoder *c, const struct jt_field *f, const struct jt_list *l)
{
	const uint8_t *items = l->items, *key;
	size_t size;

	if (l->count > f->max)
		return jt_fail(c->e, JT_MALFORMED, "%" PRIu32 " elements, more than %" PRIu64,
		    l->count, f->max);
	msgpack_pack_array(&c->pk, l->count);
	for (uint32_t i = 0; i < l->count; i++) {
		enum jt_err err = encode_struct(c, f->sub, items + i * f->sub->size);
		if (err != JT_OK)
			return jt_fail_in(c->e, "element %" PRIu32, i + 1);
		if (i == 0 || !(f->flags & JT_SORTED))
			continue;
		assert(f->sub->fields[0].type == JT_FIXED || f->sub->fields[0].type == JT_ADDRESS);
		key = items + i * f->sub->size + f->sub->fields[0].offset;
		size = f->sub->fields[0].type == JT_ADDRESS ? JT_ACCOUNT
		    : (size_t)f->sub->fields[0].max;
		if (memcmp(key - f->sub->size, key, size) >= 0)
			return jt_fail(c->e, JT_MALFORMED,
			    "element %" PRIu32 ": not in strictly ascending order", i + 1);
	}
	return JT_OK;
}

static enum jt_err
put_value(struct encoder *c, const struct jt_field *f, const void *at)
{
	const uint64_t *number = at;

	switch (f->type) {
	case JT_UINT:
	case JT_COINS:
		return put_number(c, *number, f->max);
	case JT_TIME:
		return put_number(c, *number, JT_TIME_MAX);
	case JT_AMOUNT:
		return put_amount(c, f, at);
	case JT_ASSET:
		return put_asset(c, at);
	case JT_TEXT:
	case JT_BYTES:
	case JT_OBJECT:
		return put_limited(c, f, at);
	case JT_FIXED:
		put_bytes(c, at, (size_t)f->max);
		return JT_OK;
	case JT_ADDRESS:
		put_bytes(c, at, JT_ACCOUNT);
		return JT_OK;
	case JT_WORD:
		return put_word(c, f, *number);
	case JT_WORDS:
		return put_words(c, f, *number);
	case JT_MAP:
		return encode_struct(c, f->sub, at);
	case JT_LIST:
		return put_list(c, f, at);
	}
	return JT_BUG;
}

static enum jt_err
encode_struct(struct encoder *c, const struct jt_schema *s, const void *in)
{
	size_t present = 0;

	if (s->form == JT_FORM_PLAIN)
		return put_value(c, &s->fields[0], (const uint8_t *)in + s->fields[0].offset);
	for (size_t i = 0; i < s->count; i++)
		present += !jt_field_left_out(&s->fields[i], in);
	if (s->form == JT_FORM_MAP)
		msgpack_pack_map(&c->pk, present);
	else
		msgpack_pack_array(&c->pk, s->count);
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		enum jt_err err;

		if (jt_field_left_out(f, in))
			continue;
		if (s->form == JT_FORM_MAP)
			put_text(c, f->name, strlen(f->name));
		err = put_value(c, f, (const uint8_t *)in + f->offset);
		if (err != JT_OK)
			return jt_fail_in(c->e, "%s", f->name);
	}
	return JT_OK;
}

enum jt_err
jt_encode(const struct jt_schema *s, const void *in, struct jt_buf *out, struct jt_error *e)
{
	struct encoder c = { .e = e };
	enum jt_err err;

	msgpack_packer_init(&c.pk, out, write_buf);
	err = encode_struct(&c, s, in);
	if (err == JT_OK && out->failed)
		err = jt_fail(e, JT_SYSTEM, "object does not fit");
	return err;
}
