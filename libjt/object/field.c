/*
 * One field as the word of a command line, and back: scalars as in the views;
 * lists as "a,b", lists of tuples as "A:1,B:2". See view.h.
 */
#include "object/scalar.h"
#include "object/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Lists of scalars and of tuples of scalars can be written as one word. */
static bool
has_short_form(const struct jt_field *f)
{
	if (f->type != JT_LIST)
		return jt_scalar_type(f->type) || f->type == JT_WORDS;
	if (f->sub->form == JT_FORM_MAP)
		return false;
	for (size_t i = 0; i < f->sub->count; i++)
		if (!jt_scalar_type(f->sub->fields[i].type))
			return false;
	return true;
}

enum jt_err
jt_show_field(const struct jt_field *f, const void *in, struct jt_buf *out, struct jt_error *e)
{
	const uint8_t *at = (const uint8_t *)in + f->offset;

	if (!has_short_form(f))
		return jt_fail(e, JT_BUG, "%s: cannot be written as one word", f->name);
	if (f->type == JT_WORDS) {
		uint64_t mask;
		const char *comma = "";
		memcpy(&mask, at, sizeof mask);
		for (size_t i = 0; f->words[i] != NULL; i++)
			if (mask >> i & 1) {
				jt_buf_addf(out, "%s%s", comma, f->words[i]);
				comma = ",";
			}
	} else if (f->type == JT_LIST) {
		const struct jt_list *l = (const void *)at;
		const uint8_t *item = l->items;
		for (uint32_t i = 0; i < l->count; i++, item += f->sub->size)
			for (size_t j = 0; j < f->sub->count; j++) {
				if (i + j > 0)
					jt_buf_add_text(out, j > 0 ? ":" : ",");
				jt_scalar_show(&f->sub->fields[j],
				    item + f->sub->fields[j].offset, out);
			}
	} else
		jt_scalar_show(f, at, out);
	return out->failed ? jt_fail(e, JT_SYSTEM, "%s: does not fit", f->name) : JT_OK;
}

/*
 * Take what stands before the next `separator` off the front of *text; the
 * last part, after which *text->data is NULL, is all that remains.
 */
static struct jt_slice
next_part(struct jt_slice *text, char separator)
{
	const uint8_t *at = text->len > 0 ? memchr(text->data, separator, text->len) : NULL;
	struct jt_slice part = *text;

	if (at == NULL) {
		*text = (struct jt_slice){ NULL, 0 };
		return part;
	}
	part.len = (size_t)(at - part.data);
	*text = (struct jt_slice){ at + 1, text->len - part.len - 1 };
	return part;
}

static enum jt_err
parse_element(const struct jt_schema *s, struct jt_slice text, uint8_t *item,
    msgpack_zone *zone, struct jt_error *e)
{
	struct jt_slice rest = text;

	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		/* The last takes all that is left: a time has colons of its own. */
		struct jt_slice part = i + 1 < s->count ? next_part(&rest, ':') : rest;
		enum jt_err err;

		if (rest.data == NULL) {
			char what[64];
			snprintf(what, sizeof what, "%zu words with \":\" between them", s->count);
			return jt_expected(e, what, text);
		}
		if ((err = jt_scalar_parse(f, part, item + f->offset, zone, e)) != JT_OK)
			return s->form == JT_FORM_PLAIN ? err : jt_fail_in(e, "%s", f->name);
	}
	return JT_OK;
}

static enum jt_err
parse_list(const struct jt_field *f, struct jt_slice text, struct jt_list *l,
    msgpack_zone *zone, struct jt_error *e)
{
	uint64_t count = text.len > 0;
	uint8_t *item;
	enum jt_err err;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == ',';
	*l = (struct jt_list){ NULL, 0 };
	if (count == 0)
		return JT_OK;
	if (count > f->max)
		return jt_fail(e, JT_MALFORMED, "expected at most %" PRIu64 " elements, not %"
		    PRIu64, f->max, count);
	item = msgpack_zone_malloc(zone, (size_t)count * f->sub->size);
	if (item == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	memset(item, 0, (size_t)count * f->sub->size);
	*l = (struct jt_list){ item, (uint32_t)count };
	for (uint32_t i = 0; i < l->count; i++, item += f->sub->size)
		if ((err = parse_element(f->sub, next_part(&text, ','), item, zone, e)) != JT_OK)
			return jt_fail_in(e, "element %" PRIu32, i + 1);
	return jt_list_sort(f, l, e);
}

static enum jt_err
parse_words(const struct jt_field *f, struct jt_slice text, uint64_t *mask, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	*mask = 0;
	if (text.len > 0)
		do
			err = jt_word_add(f, next_part(&text, ','), mask, e);
		while (err == JT_OK && text.data != NULL);
	return err;
}

enum jt_err
jt_parse_field(const struct jt_field *f, struct jt_slice text, void *out, msgpack_zone *zone,
    struct jt_error *e)
{
	void *at = (uint8_t *)out + f->offset;
	enum jt_err err;

	if (!has_short_form(f))
		return jt_fail(e, JT_MALFORMED, "%s: cannot be written as one word", f->name);
	if (f->type == JT_WORDS)
		err = parse_words(f, text, at, e);
	else if (f->type == JT_LIST)
		err = parse_list(f, text, at, zone, e);
	else
		err = jt_scalar_parse(f, text, at, zone, e);
	return err == JT_OK ? JT_OK : jt_fail_in(e, "%s", f->name);
}
