/* Comma-separated values. See csv.h. */
#include "base/csv.h"

#include <string.h>

#include "base/text.h"

static int
peek(const struct jt_csv *c)
{
	return c->rest.len == 0 ? -1 : c->rest.data[0];
}

static void
skip(struct jt_csv *c)
{
	c->next_line += c->rest.data[0] == '\n';
	c->rest.data++;
	c->rest.len--;
}

/* At the end of a line or of the text; takes the line end. */
static bool
take_end(struct jt_csv *c)
{
	if (peek(c) == '\r' && c->rest.len > 1 && c->rest.data[1] == '\n')
		skip(c);
	if (peek(c) != '\n')
		return c->rest.len == 0;
	skip(c);
	return true;
}

static bool
at_end(const struct jt_csv *c)
{
	return c->rest.len == 0 || peek(c) == '\n' ||
	    (peek(c) == '\r' && c->rest.len > 1 && c->rest.data[1] == '\n');
}

/* One field into c->text; its length in *len. */
static enum jt_err
take_field(struct jt_csv *c, size_t *len, struct jt_error *e)
{
	size_t start = c->text.len;
	bool quoted = peek(c) == '"';

	if (quoted)
		skip(c);
	for (;;) {
		uint8_t byte;

		if (quoted && c->rest.len == 0)
			return jt_fail(e, JT_MALFORMED, "a quoted field does not end");
		if (!quoted && (at_end(c) || peek(c) == ','))
			break;
		byte = c->rest.data[0];
		if (byte == '"' && !quoted)
			return jt_fail(e, JT_MALFORMED, "a quote inside a field that is not quoted");
		skip(c);
		if (byte == '"') {
			if (peek(c) != '"')
				break;
			skip(c); /* a doubled quote */
		}
		if (c->text.len - start == JT_CSV_FIELD_MAX)
			return jt_fail(e, JT_MALFORMED, "a field is too long");
		if (!jt_buf_add(&c->text, &byte, 1))
			return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	if (!at_end(c) && peek(c) != ',')
		return jt_fail(e, JT_MALFORMED, "text behind a quoted field");
	*len = c->text.len - start;
	return JT_OK;
}

/* The mark that spreadsheets write before UTF-8; only there it is no text. */
static void
skip_mark(struct jt_csv *c)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };

	if (c->rest.len < sizeof mark || memcmp(c->rest.data, mark, sizeof mark) != 0)
		return;
	c->rest.data += sizeof mark;
	c->rest.len -= sizeof mark;
}

enum jt_err
jt_csv_next(struct jt_csv *c, struct jt_error *e)
{
	size_t len[JT_CSV_FIELDS], at = 0;
	enum jt_err err;

	if (c->next_line == 0) {
		c->next_line = 1;
		skip_mark(c);
	}
	while (c->rest.len > 0 && at_end(c))
		take_end(c);
	c->count = 0;
	c->line = c->next_line;
	jt_buf_clear(&c->text);
	if (c->rest.len == 0)
		return JT_OK;
	for (;;) {
		if (c->count == JT_CSV_FIELDS)
			return jt_fail(e, JT_MALFORMED, "too many fields");
		if ((err = take_field(c, &len[c->count++], e)) != JT_OK)
			return err;
		if (take_end(c))
			break;
		skip(c); /* the comma */
	}
	/* Fields lie one after the other in the text, which moves no more. */
	for (size_t i = 0; i < c->count; at += len[i++]) {
		c->field[i] = len[i] > 0 ? (struct jt_slice){ c->text.data + at, len[i] }
		    : jt_slice_text("");
		if (!jt_utf8_valid(c->field[i]))
			return jt_fail(e, JT_MALFORMED, "text is not UTF-8");
	}
	return JT_OK;
}
