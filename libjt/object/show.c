/*
 * The text views, outward: YAML's indented lines, and the documents around
 * them. See view.h; needs no parser, so that a program which only shows links
 * none. What has no natural lines of its own, like a tuple, is flow (flow.h).
 */
#include "object/view.h"

#include "base/text.h"
#include "object/flow.h"

/* A map without one field to show must be written {}. */
static bool
is_lines(const struct jt_schema *s, const void *in)
{
	for (size_t i = 0; i < s->count && s->form == JT_FORM_MAP; i++)
		if (!jt_field_left_out(&s->fields[i], in))
			return true;
	return false;
}

static enum jt_err block_struct(struct jt_view *v, const struct jt_schema *s, const void *in,
    int indent, bool inside, unsigned nest);
static enum jt_err block_object(struct jt_view *v, const struct jt_opened *x, int indent,
    bool inside, unsigned nest);

/* The start of a line; `inside`, the line has begun with a list's dash. */
static void
block_key(struct jt_view *v, const char *name, int indent, bool inside)
{
	jt_buf_addf(v->out, "%*s%s:", inside ? 0 : indent, "", name);
}

static enum jt_err
block_flow(struct jt_view *v, const struct jt_field *f, const void *at, unsigned nest)
{
	enum jt_err err;

	jt_buf_add_text(v->out, " ");
	err = jt_flow_value(v, f, at, nest);
	jt_buf_add_text(v->out, "\n");
	return err;
}

/* One element, after the dash. */
static enum jt_err
block_element(struct jt_view *v, const struct jt_schema *s, const void *item, int indent,
    unsigned nest)
{
	const struct jt_field *f = &s->fields[0];
	enum jt_err err;

	if (s->form == JT_FORM_PLAIN) {
		const void *at = (const uint8_t *)item + f->offset;
		struct jt_opened x;

		if (f->type == JT_OBJECT && !jt_field_absent(f, item) && !jt_view_hidden(v, f)) {
			jt_buf_add_text(v->out, " ");
			err = jt_view_open_nested(v, at, nest, &x);
			return err == JT_OK ? block_object(v, &x, indent, true, nest - 1) : err;
		}
		return block_flow(v, f, at, nest);
	}
	jt_buf_add_text(v->out, " ");
	if (is_lines(s, item))
		return block_struct(v, s, item, indent, true, nest);
	err = jt_flow_struct(v, s, item, nest);
	jt_buf_add_text(v->out, "\n");
	return err;
}

/* One field, after the colon. */
static enum jt_err
block_value(struct jt_view *v, const struct jt_field *f, const void *in, int indent, unsigned nest)
{
	const uint8_t *at = (const uint8_t *)in + f->offset;
	struct jt_opened x;
	enum jt_err err;

	if (f->type == JT_MAP && is_lines(f->sub, at)) {
		jt_buf_add_text(v->out, "\n");
		return block_struct(v, f->sub, at, indent + 2, false, nest);
	}
	if (f->type == JT_OBJECT && !jt_field_absent(f, in) && !jt_view_hidden(v, f)) {
		jt_buf_add_text(v->out, "\n");
		err = jt_view_open_nested(v, at, nest, &x);
		return err == JT_OK ? block_object(v, &x, indent + 2, false, nest - 1) : err;
	}
	if (f->type == JT_LIST && !jt_field_absent(f, in)) {
		const struct jt_list *l = (const void *)at;
		const uint8_t *item = l->items;
		jt_buf_add_text(v->out, "\n");
		for (uint32_t i = 0; i < l->count; i++, item += f->sub->size) {
			jt_buf_addf(v->out, "%*s-", indent, "");
			if ((err = block_element(v, f->sub, item, indent + 2, nest)) != JT_OK)
				return err;
		}
		return JT_OK;
	}
	return block_flow(v, f, at, nest);
}

static enum jt_err
block_struct(struct jt_view *v, const struct jt_schema *s, const void *in, int indent,
    bool inside, unsigned nest)
{
	enum jt_err err;

	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		if (jt_field_left_out(f, in))
			continue;
		block_key(v, f->name, indent, inside);
		inside = false;
		if ((err = block_value(v, f, in, indent, nest)) != JT_OK)
			return err;
	}
	return JT_OK;
}

static void
block_sigs(struct jt_view *v, const struct jt_list *sigs, int indent)
{
	char key[2 * JT_KEY + 1], sig[2 * JT_SIGNATURE + 1], address[JT_ADDRESS_TEXT];
	const struct jt_sig *s = sigs->items;
	uint8_t account[JT_ACCOUNT];

	block_key(v, "sigs", indent, false);
	jt_buf_add_text(v->out, sigs->count == 0 ? " []\n" : "\n");
	for (uint32_t i = 0; i < sigs->count; i++, s++) {
		jt_hex_format(s->key, JT_KEY, key);
		jt_hex_format(s->sig, JT_SIGNATURE, sig);
		jt_account_of_key(account, s->key);
		jt_address_format(account, address);
		jt_buf_addf(v->out, "%*s- [%s, %s] # %s\n", indent, "", key, sig, address);
	}
}

static enum jt_err
block_object(struct jt_view *v, const struct jt_opened *x, int indent, bool inside, unsigned nest)
{
	char kind[JT_KIND_TEXT];
	bool outside = v->secret;
	enum jt_err err;

	jt_view_kind(x, kind);
	block_key(v, "kind", indent, inside);
	jt_buf_addf(v->out, " %s\n", kind);
	block_key(v, "body", indent, false);
	v->secret = outside || (x->row->flags & JT_KIND_SECRET);
	if (is_lines(x->row->schema, x->fields)) {
		jt_buf_add_text(v->out, "\n");
		err = block_struct(v, x->row->schema, x->fields, indent + 2, false, nest);
	} else {
		jt_buf_add_text(v->out, " ");
		err = jt_flow_struct(v, x->row->schema, x->fields, nest);
		jt_buf_add_text(v->out, "\n");
	}
	v->secret = outside;
	if (err == JT_OK && (x->row->flags & JT_KIND_SIGNED))
		block_sigs(v, &x->s.sigs, indent);
	return err;
}

/* ---- the document ---- */

/* " # ID": not of what has none, and nothing derived from a secret. */
static void
show_id(struct jt_view *v, const struct jt_opened *x)
{
	uint8_t id[JT_HASH];
	char text[2 * JT_HASH + 1];

	if (x->row->flags & (JT_KIND_NAMELESS | JT_KIND_SECRET))
		return;
	jt_object_hash(id, x->object.kind, x->object.version, x->s.body);
	jt_hex_format(id, JT_HASH, text);
	jt_buf_addf(v->out, " # %s", text);
}

static enum jt_err
show_document(struct jt_view *v, const struct jt_opened *x)
{
	enum jt_err err;

	if (v->style != JT_JSON)
		jt_buf_add_text(v->out, "---");
	if (v->style == JT_YAML) {
		show_id(v, x);
		jt_buf_add_text(v->out, "\n");
		return block_object(v, x, 0, false, JT_NEST_MAX);
	}
	if (v->style == JT_LINE)
		jt_buf_add_text(v->out, " ");
	err = jt_flow_object(v, x, JT_NEST_MAX);
	if (v->style == JT_LINE)
		show_id(v, x);
	jt_buf_add_text(v->out, "\n");
	return err;
}

enum jt_err
jt_show(const struct jt_kinds *t, const struct jt_object *o, enum jt_style style,
    struct jt_buf *out, struct jt_error *e)
{
	msgpack_zone zone;
	struct jt_view v = { t, style, out, &zone, e, false };
	size_t start = out->len;
	struct jt_opened x;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if ((err = jt_view_open(&v, o, &x)) == JT_OK)
		err = show_document(&v, &x);
	msgpack_zone_destroy(&zone);
	if (err == JT_OK && out->failed)
		err = jt_fail(e, JT_SYSTEM, "text does not fit");
	if (err != JT_OK)
		out->len = start; /* no half document */
	return err;
}
