/*
 * A tree of words to the bytes of an object. The kind's schema says what each
 * word is: first the C struct is filled, then encoded. See tree.h, view.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "object/scalar.h"
#include "object/signed.h"
#include "object/tree.h"

struct parser {
	const struct jt_kinds *kinds;
	msgpack_zone *zone;
	struct jt_buf *scratch; /* a stack: each object's body while it is made */
	uint64_t *line;         /* of the error */
	struct jt_error *e;
};

static enum jt_err parse_struct(struct parser *p, const struct jt_schema *s,
    const struct jt_node *n, void *out, unsigned nest);
static enum jt_err parse_object(struct parser *p, const struct jt_node *n, struct jt_buf *out,
    unsigned nest);

static void *
take_zeros(struct parser *p, size_t size)
{
	void *data = msgpack_zone_malloc(p->zone, size);

	if (data != NULL)
		memset(data, 0, size);
	else
		jt_fail(p->e, JT_SYSTEM, "out of memory");
	return data;
}

static enum jt_err
expected(struct parser *p, const struct jt_node *n, const char *what)
{
	static const char *const found[] = { NULL, "a list", "a map" };

	*p->line = n->line;
	if (n->type == JT_NODE_SCALAR)
		return jt_expected(p->e, what, n->text);
	return jt_fail(p->e, JT_MALFORMED, "expected %s, not %s", what, found[n->type]);
}

static enum jt_err
parse_scalar(struct parser *p, const struct jt_field *f, const struct jt_node *n, void *at)
{
	bool number = f->type == JT_UINT || f->type == JT_COINS || f->type == JT_AMOUNT;

	if (n->type != JT_NODE_SCALAR)
		return expected(p, n, "one word");
	if (n->bare && !number)
		return expected(p, n, "a string in quotes");
	*p->line = n->line;
	return jt_scalar_parse(f, n->text, at, p->zone, p->e);
}

static enum jt_err
parse_words(struct parser *p, const struct jt_field *f, const struct jt_node *n, uint64_t *mask)
{
	if (n->type != JT_NODE_LIST)
		return expected(p, n, "a list");
	*mask = 0;
	for (const struct jt_node *c = n->child; c != NULL; c = c->next) {
		enum jt_err err;
		if (c->type != JT_NODE_SCALAR || c->bare)
			return expected(p, c, "a word");
		*p->line = c->line;
		if ((err = jt_word_add(f, c->text, mask, p->e)) != JT_OK)
			return err;
	}
	return JT_OK;
}

static enum jt_err
parse_list(struct parser *p, const struct jt_field *f, const struct jt_node *n,
    struct jt_list *l, unsigned nest)
{
	const struct jt_node *c = n->child;
	uint8_t *item;

	if (n->type != JT_NODE_LIST)
		return expected(p, n, "a list");
	*l = (struct jt_list){ NULL, n->count };
	*p->line = n->line;
	if (n->count > f->max)
		return jt_fail(p->e, JT_MALFORMED, "expected at most %" PRIu64 " elements, not %"
		    PRIu32, f->max, n->count);
	if (n->count == 0)
		return JT_OK;
	if ((item = l->items = take_zeros(p, n->count * f->sub->size)) == NULL)
		return JT_SYSTEM;
	for (uint32_t i = 1; c != NULL; i++, c = c->next, item += f->sub->size) {
		enum jt_err err = parse_struct(p, f->sub, c, item, nest);
		if (err != JT_OK)
			return jt_fail_in(p->e, "element %" PRIu32, i);
	}
	*p->line = n->line;
	return jt_list_sort(f, l, p->e);
}

/* The bytes of the object go to the zone; none where the text is empty. */
static enum jt_err
parse_nested(struct parser *p, const struct jt_node *n, struct jt_slice *out, unsigned nest)
{
	struct jt_buf object;
	uint8_t *data;
	enum jt_err err;

	*out = jt_slice_text("");
	if (n->type == JT_NODE_SCALAR && n->text.len == 0)
		return JT_OK;
	*p->line = n->line;
	if (nest == 0)
		return jt_fail(p->e, JT_MALFORMED, "objects nested too deep");
	jt_buf_init(&object, JT_OBJECT_MAX);
	err = parse_object(p, n, &object, nest - 1);
	if (err == JT_OK) {
		if ((data = take_zeros(p, object.len)) == NULL)
			err = JT_SYSTEM;
		else
			memcpy(data, object.data, object.len);
		*out = (struct jt_slice){ data, object.len };
	}
	jt_buf_free(&object);
	return err;
}

static enum jt_err
parse_value(struct parser *p, const struct jt_field *f, const struct jt_node *n, void *at,
    unsigned nest)
{
	switch (f->type) {
	case JT_WORDS:
		return parse_words(p, f, n, at);
	case JT_LIST:
		return parse_list(p, f, n, at, nest);
	case JT_MAP:
		return parse_struct(p, f->sub, n, at, nest);
	case JT_OBJECT:
		return parse_nested(p, n, at, nest);
	default:
		return parse_scalar(p, f, n, at);
	}
}

static enum jt_err
parse_map(struct parser *p, const struct jt_schema *s, const struct jt_node *n, void *out,
    unsigned nest)
{
	bool *seen;

	if (n->type != JT_NODE_MAP)
		return expected(p, n, "a map");
	if ((seen = take_zeros(p, s->count * sizeof *seen)) == NULL)
		return JT_SYSTEM;
	for (const struct jt_node *key = n->child; key != NULL; key = key->next->next) {
		const struct jt_field *f = jt_schema_field(s, key->text);
		enum jt_err err;

		*p->line = key->line;
		if (f == NULL)
			return jt_unknown_field(p->e, key->text);
		if (seen[f - s->fields])
			return jt_fail(p->e, JT_MALFORMED, "%s: twice", f->name);
		seen[f - s->fields] = true;
		err = parse_value(p, f, key->next, (uint8_t *)out + f->offset, nest);
		if (err != JT_OK)
			return jt_fail_in(p->e, "%s", f->name);
	}
	*p->line = n->line;
	for (size_t i = 0; i < s->count; i++)
		if (!seen[i] && !(s->fields[i].flags & JT_OPTIONAL))
			return jt_fail(p->e, JT_MALFORMED, "%s: missing", s->fields[i].name);
	return JT_OK;
}

/* *out is all zeros when it comes in. */
static enum jt_err
parse_struct(struct parser *p, const struct jt_schema *s, const struct jt_node *n, void *out,
    unsigned nest)
{
	const struct jt_node *c = n->child;
	char what[64];

	if (s->form == JT_FORM_MAP)
		return parse_map(p, s, n, out, nest);
	if (s->form == JT_FORM_PLAIN)
		return parse_value(p, &s->fields[0], n, (uint8_t *)out + s->fields[0].offset, nest);
	snprintf(what, sizeof what, "a list of %zu", s->count);
	if (n->type != JT_NODE_LIST)
		return expected(p, n, what);
	*p->line = n->line;
	if (n->count != s->count)
		return jt_fail(p->e, JT_MALFORMED, "expected %s, not of %" PRIu32, what, n->count);
	for (size_t i = 0; i < s->count; i++, c = c->next) {
		const struct jt_field *f = &s->fields[i];
		enum jt_err err = parse_value(p, f, c, (uint8_t *)out + f->offset, nest);
		if (err != JT_OK)
			return jt_fail_in(p->e, "%s", f->name);
	}
	return JT_OK;
}

/* The parts of an object's text. */
struct parts {
	const struct jt_node *kind, *body, *sigs;
};

static enum jt_err
find_parts(struct parser *p, const struct jt_node *n, struct parts *parts)
{
	*parts = (struct parts){ NULL, NULL, NULL };
	if (n->type != JT_NODE_MAP)
		return expected(p, n, "an object {kind, body}");
	for (const struct jt_node *key = n->child; key != NULL; key = key->next->next) {
		const struct jt_node **part = jt_slice_is(key->text, "kind") ? &parts->kind :
		    jt_slice_is(key->text, "body") ? &parts->body :
		    jt_slice_is(key->text, "sigs") ? &parts->sigs : NULL;

		*p->line = key->line;
		if (part == NULL)
			return jt_unknown_field(p->e, key->text);
		if (*part != NULL)
			return jt_fail(p->e, JT_MALFORMED, "%.*s: twice", (int)key->text.len,
			    (const char *)key->text.data);
		*part = key->next;
	}
	return JT_OK;
}

/* "jt/pay/1"; NULL where p->e says why. */
static const struct jt_kind *
parse_kind(struct parser *p, const struct jt_node *n)
{
	static const char like[] = "a kind like jt/pay/1";
	const struct jt_kind *row = NULL;
	struct jt_slice name = n->text, version;
	struct jt_object named = { .version = 0 };
	const uint8_t *slash = NULL;

	if (n->type == JT_NODE_SCALAR && name.len > 3 && memcmp(name.data, "jt/", 3) == 0)
		slash = memchr(name.data + 3, '/', name.len - 3);
	if (slash == NULL) {
		expected(p, n, like);
		return NULL;
	}
	version = (struct jt_slice){ slash + 1, name.len - (size_t)(slash + 1 - name.data) };
	named.kind = (struct jt_slice){ name.data + 3, (size_t)(slash - name.data) - 3 };
	*p->line = n->line;
	if (named.kind.len > JT_KIND_MAX || !jt_u64_parse(version, &named.version))
		expected(p, n, like);
	else if (jt_kind_of(p->kinds, &named, &row, p->e) != JT_OK)
		row = NULL;
	return row;
}

static enum jt_err
write_object(struct parser *p, const struct jt_kind *row, const struct jt_signed *s,
    struct jt_buf *out)
{
	/* All that an object has beside body and signatures takes less than this. */
	size_t most = s->body.len + s->sigs.count * (sizeof(struct jt_sig) + 16) + 128;
	enum jt_err err = JT_OK;

	if (row->flags & JT_KIND_SIGNED)
		err = jt_signed_write(out, jt_slice_text(row->name), row->version, s->body,
		    s->sigs.items, s->sigs.count, p->e);
	else if (!jt_object_write(out, row->name, row->version, s->body))
		err = jt_fail(p->e, JT_SYSTEM, "out of memory");
	if (err == JT_SYSTEM && most > JT_OBJECT_MAX)
		return jt_fail(p->e, JT_MALFORMED, "object is longer than %u bytes", JT_OBJECT_MAX);
	return err;
}

static enum jt_err
parse_body(struct parser *p, const struct jt_kind *row, const struct parts *parts,
    struct jt_buf *out, unsigned nest)
{
	size_t start = p->scratch->len;
	struct jt_signed s = { { NULL, 0 }, { NULL, 0 } };
	void *fields = take_zeros(p, row->schema->size);
	enum jt_err err;

	if (fields == NULL)
		return JT_SYSTEM;
	if ((err = parse_struct(p, row->schema, parts->body, fields, nest)) != JT_OK)
		return err;
	if (parts->sigs != NULL) {
		const struct jt_field *f =
		    jt_schema_field(&jt_signed_schema, jt_slice_text("sigs"));
		if ((err = parse_list(p, f, parts->sigs, &s.sigs, nest)) != JT_OK)
			return jt_fail_in(p->e, "sigs");
	}
	*p->line = parts->body->line;
	if ((err = jt_encode(row->schema, fields, p->scratch, p->e)) == JT_OK) {
		s.body = (struct jt_slice){ p->scratch->data + start, p->scratch->len - start };
		err = write_object(p, row, &s, out);
	}
	p->scratch->len = start;
	return err;
}

static enum jt_err
parse_object(struct parser *p, const struct jt_node *n, struct jt_buf *out, unsigned nest)
{
	const struct jt_kind *row;
	struct parts parts;
	enum jt_err err;

	if ((err = find_parts(p, n, &parts)) != JT_OK)
		return err;
	*p->line = n->line;
	if (parts.kind == NULL)
		return jt_fail(p->e, JT_MALFORMED, "kind: missing");
	if ((row = parse_kind(p, parts.kind)) == NULL)
		return jt_fail_in(p->e, "kind");
	if (row->flags & JT_KIND_SECRET)
		return jt_fail(p->e, JT_MALFORMED, "a secret key cannot be made from text");
	if (parts.body == NULL)
		return jt_fail(p->e, JT_MALFORMED, "body: missing");
	if (parts.sigs != NULL && !(row->flags & JT_KIND_SIGNED))
		return jt_fail(p->e, JT_MALFORMED, "sigs: jt/%s is not signed", row->name);
	return parse_body(p, row, &parts, out, nest);
}

enum jt_err
jt_tree_object(const struct jt_kinds *t, const struct jt_node *root, uint64_t *line,
    msgpack_zone *zone, struct jt_buf *scratch, struct jt_buf *out, struct jt_error *e)
{
	struct parser p = { t, zone, scratch, line, e };

	return parse_object(&p, root, out, JT_NEST_MAX);
}
