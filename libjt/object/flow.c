/*
 * Objects on one line: YAML's flow style, and JSON. See flow.h, view.h.
 */
#include "object/flow.h"

#include <inttypes.h>
#include <stdio.h>

#include "object/scalar.h"

enum jt_err
jt_view_open(struct jt_view *v, const struct jt_object *o, struct jt_opened *x)
{
	enum jt_err err;

	*x = (struct jt_opened){ .object = *o, .s.body = o->payload };
	if ((err = jt_kind_of(v->kinds, o, &x->row, v->e)) != JT_OK)
		return err;
	if (x->row->flags & JT_KIND_SIGNED)
		if ((err = jt_signed_decode(o, &x->s, v->zone, v->e)) != JT_OK)
			return err;
	if ((x->fields = msgpack_zone_malloc(v->zone, x->row->schema->size)) == NULL)
		return jt_fail(v->e, JT_SYSTEM, "out of memory");
	return jt_decode(x->row->schema, x->s.body, x->fields, v->zone, v->e);
}

enum jt_err
jt_view_open_nested(struct jt_view *v, const void *at, unsigned nest, struct jt_opened *x)
{
	struct jt_object o;
	enum jt_err err;

	if (nest == 0)
		return jt_fail(v->e, JT_MALFORMED, "objects nested too deep");
	err = jt_object_parse(*(const struct jt_slice *)at, &o, v->e);
	return err == JT_OK ? jt_view_open(v, &o, x) : err;
}

bool
jt_view_hidden(const struct jt_view *v, const struct jt_field *f)
{
	return v->secret &&
	    (f->type == JT_BYTES || f->type == JT_FIXED || f->type == JT_OBJECT);
}

static void
flow_key(struct jt_view *v, const char *name, bool first)
{
	if (v->style == JT_JSON)
		jt_buf_addf(v->out, "%s\"%s\":", first ? "" : ",", name);
	else
		jt_buf_addf(v->out, "%s%s: ", first ? "" : ", ", name);
}

static void
flow_comma(struct jt_view *v, bool first)
{
	if (!first)
		jt_buf_add_text(v->out, v->style == JT_JSON ? "," : ", ");
}

/* Words that need no quotes in YAML: all but TEXT are made of such letters. */
static void
flow_word(struct jt_view *v, const char *word)
{
	jt_buf_addf(v->out, v->style == JT_JSON ? "\"%s\"" : "%s", word);
}

static void
flow_scalar(struct jt_view *v, const struct jt_field *f, const void *at)
{
	const char *quote = v->style == JT_JSON ? "\"" : "";
	size_t start;

	if (f->type == JT_TEXT) {
		jt_text_escape(*(const struct jt_slice *)at, true, v->out);
		return;
	}
	jt_buf_add_text(v->out, quote);
	start = v->out->len;
	jt_scalar_show(f, at, v->out);
	if (v->out->len == start && v->style != JT_JSON)
		jt_buf_add_text(v->out, "\"\"");
	jt_buf_add_text(v->out, quote);
}

static void
flow_words(struct jt_view *v, const struct jt_field *f, uint64_t mask)
{
	bool first = true;

	jt_buf_add_text(v->out, "[");
	for (size_t i = 0; f->words[i] != NULL; i++) {
		if (!(mask >> i & 1))
			continue;
		flow_comma(v, first);
		flow_word(v, f->words[i]);
		first = false;
	}
	jt_buf_add_text(v->out, "]");
}

enum jt_err
jt_flow_struct(struct jt_view *v, const struct jt_schema *s, const void *in, unsigned nest)
{
	bool first = true, map = s->form == JT_FORM_MAP;

	if (s->form != JT_FORM_PLAIN)
		jt_buf_add_text(v->out, map ? "{" : "[");
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		enum jt_err err;

		if (jt_field_left_out(f, in))
			continue;
		if (map)
			flow_key(v, f->name, first);
		else
			flow_comma(v, first);
		err = jt_flow_value(v, f, (const uint8_t *)in + f->offset, nest);
		if (err != JT_OK)
			return err;
		first = false;
	}
	if (s->form != JT_FORM_PLAIN)
		jt_buf_add_text(v->out, map ? "}" : "]");
	return JT_OK;
}

static enum jt_err
flow_list(struct jt_view *v, const struct jt_schema *s, const struct jt_list *l, unsigned nest)
{
	const uint8_t *item = l->items;

	jt_buf_add_text(v->out, "[");
	for (uint32_t i = 0; i < l->count; i++, item += s->size) {
		enum jt_err err;
		flow_comma(v, i == 0);
		if ((err = jt_flow_struct(v, s, item, nest)) != JT_OK)
			return err;
	}
	jt_buf_add_text(v->out, "]");
	return JT_OK;
}

void
jt_view_kind(const struct jt_opened *x, char text[JT_KIND_TEXT])
{
	snprintf(text, JT_KIND_TEXT, "jt/%s/%" PRIu64, x->row->name, x->row->version);
}

enum jt_err
jt_flow_object(struct jt_view *v, const struct jt_opened *x, unsigned nest)
{
	char kind[JT_KIND_TEXT];
	bool outside = v->secret;
	enum jt_err err;

	jt_view_kind(x, kind);
	jt_buf_add_text(v->out, "{");
	flow_key(v, "kind", true);
	flow_word(v, kind);
	flow_key(v, "body", false);
	v->secret = outside || (x->row->flags & JT_KIND_SECRET);
	err = jt_flow_struct(v, x->row->schema, x->fields, nest);
	v->secret = outside;
	if (err == JT_OK && (x->row->flags & JT_KIND_SIGNED)) {
		const struct jt_field *sigs =
		    jt_schema_field(&jt_signed_schema, jt_slice_text("sigs"));
		flow_key(v, "sigs", false);
		err = flow_list(v, sigs->sub, &x->s.sigs, nest);
	}
	jt_buf_add_text(v->out, "}");
	return err;
}

enum jt_err
jt_flow_value(struct jt_view *v, const struct jt_field *f, const void *at, unsigned nest)
{
	struct jt_opened x;
	enum jt_err err;

	if (jt_view_hidden(v, f)) {
		flow_word(v, "(secret)");
		return JT_OK;
	}
	switch (f->type) {
	case JT_WORDS:
		flow_words(v, f, *(const uint64_t *)at);
		return JT_OK;
	case JT_MAP:
		return jt_flow_struct(v, f->sub, at, nest);
	case JT_LIST:
		return flow_list(v, f->sub, at, nest);
	case JT_OBJECT:
		if (((const struct jt_slice *)at)->len == 0)
			break;
		err = jt_view_open_nested(v, at, nest, &x);
		return err == JT_OK ? jt_flow_object(v, &x, nest - 1) : err;
	default:
		flow_scalar(v, f, at);
		return JT_OK;
	}
	jt_buf_add_text(v->out, "\"\"");
	return JT_OK;
}
