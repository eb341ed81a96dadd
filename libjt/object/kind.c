/* Kinds: looking a row up, and what holds for objects of any kind. See kind.h. */
#include "object/kind.h"

#include <inttypes.h>
#include <string.h>

#include "object/signed.h"

/* Most names differ in their first letters: that is cheaper than their lengths. */
static bool
is_name(struct jt_slice name, const char *other)
{
	for (size_t i = 0; i < name.len; i++)
		if (other[i] == '\0' || name.data[i] != (uint8_t)other[i])
			return false;
	return other[name.len] == '\0';
}

const struct jt_kind *
jt_kind_named(const struct jt_kinds *t, struct jt_slice name)
{
	for (size_t i = 0; i < t->count; i++)
		if (is_name(name, t->rows[i]->name))
			return t->rows[i];
	return NULL;
}

enum jt_err
jt_kind_of(const struct jt_kinds *t, const struct jt_object *o, const struct jt_kind **row,
    struct jt_error *e)
{
	*row = jt_kind_named(t, o->kind);
	if (*row == NULL)
		return jt_fail(e, JT_MALFORMED, "unknown kind jt/%.*s", (int)o->kind.len,
		    (const char *)o->kind.data);
	if (o->version != (*row)->version)
		return jt_fail(e, JT_MALFORMED,
		    "jt/%s has version %" PRIu64 ", this program knows version %" PRIu64,
		    (*row)->name, o->version, (*row)->version);
	return JT_OK;
}

static enum jt_err check_nested(const struct jt_kinds *t, const struct jt_schema *s,
    const void *in, unsigned depth, struct jt_error *e);

static enum jt_err
check_object(const struct jt_kinds *t, const struct jt_object *o, unsigned depth,
    struct jt_error *e)
{
	const struct jt_kind *row;
	struct jt_slice body = o->payload;
	msgpack_zone zone;
	enum jt_err err;
	void *out;

	if ((err = jt_kind_of(t, o, &row, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (row->flags & JT_KIND_SIGNED) {
		struct jt_signed s;
		err = jt_signed_decode(o, &s, &zone, e);
		body = s.body;
	}
	if (err == JT_OK && (out = msgpack_zone_malloc(&zone, row->schema->size)) == NULL)
		err = jt_fail(e, JT_SYSTEM, "out of memory");
	if (err == JT_OK)
		err = jt_decode(row->schema, body, out, &zone, e);
	if (err == JT_OK)
		err = check_nested(t, row->schema, out, depth, e);
	msgpack_zone_destroy(&zone);
	return err;
}

static enum jt_err
check_field(const struct jt_kinds *t, const struct jt_field *f, const void *in,
    unsigned depth, struct jt_error *e)
{
	const void *at = (const uint8_t *)in + f->offset;
	enum jt_err err = JT_OK;

	if (f->type == JT_OBJECT && !jt_field_absent(f, in)) {
		struct jt_object inner;
		if (depth == 0)
			return jt_fail(e, JT_MALFORMED, "%s: objects nested too deep", f->name);
		err = jt_object_parse(*(const struct jt_slice *)at, &inner, e);
		if (err == JT_OK)
			err = check_object(t, &inner, depth - 1, e);
	} else if (f->type == JT_MAP) {
		err = check_nested(t, f->sub, at, depth, e);
	} else if (f->type == JT_LIST) {
		const struct jt_list *l = at;
		for (uint32_t i = 0; i < l->count && err == JT_OK; i++)
			err = check_nested(t, f->sub,
			    (const uint8_t *)l->items + i * f->sub->size, depth, e);
	}
	return err == JT_OK ? err : jt_fail_in(e, "%s", f->name);
}

static enum jt_err
check_nested(const struct jt_kinds *t, const struct jt_schema *s, const void *in,
    unsigned depth, struct jt_error *e)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		enum jt_err err;
		if (f->type != JT_OBJECT && f->type != JT_MAP && f->type != JT_LIST)
			continue;
		if ((err = check_field(t, f, in, depth, e)) != JT_OK)
			return err;
	}
	return JT_OK;
}

enum jt_err
jt_kind_check(const struct jt_kinds *t, const struct jt_object *o, struct jt_error *e)
{
	return check_object(t, o, JT_NEST_MAX, e);
}

enum jt_err
jt_kind_id(const struct jt_kind *row, const struct jt_object *o, uint8_t id[JT_HASH],
    struct jt_error *e)
{
	struct jt_slice body = o->payload;

	if (row->flags & JT_KIND_SIGNED) {
		enum jt_err err = jt_signed_body(o, &body, e);
		if (err != JT_OK)
			return err;
	}
	jt_object_hash(id, o->kind, o->version, body);
	return JT_OK;
}

enum jt_err
jt_kind_write(const struct jt_kind *kind, const void *in, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_buf payload;
	enum jt_err err;

	jt_buf_init(&payload, JT_OBJECT_MAX);
	err = jt_encode(kind->schema, in, &payload, e);
	if (err == JT_OK &&
	    !jt_object_write(out, kind->name, kind->version, jt_buf_slice(&payload)))
		err = jt_fail(e, JT_SYSTEM, "object does not fit");
	jt_buf_free(&payload);
	return err;
}

enum jt_err
jt_kind_read(const struct jt_kind *kind, const struct jt_object *o, void *out,
    msgpack_zone *zone, struct jt_error *e)
{
	if (!jt_object_is(o, kind->name))
		return jt_fail(e, JT_MALFORMED, "expected jt/%s, found jt/%.*s", kind->name,
		    (int)o->kind.len, (const char *)o->kind.data);
	if (o->version != kind->version)
		return jt_fail(e, JT_MALFORMED,
		    "jt/%s has version %" PRIu64 ", this program knows version %" PRIu64,
		    kind->name, o->version, kind->version);
	return jt_decode(kind->schema, o->payload, out, zone, e);
}
