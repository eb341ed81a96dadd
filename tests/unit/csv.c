/* Comma-separated values as spreadsheets write them, and what they do not write. */
#include "base/csv.h"

#include "base/text.h"
#include "tap.h"

/* All rows of a text as "LINE:field|field;LINE:...", or the error. */
static const char *
rows(const char *text)
{
	static struct jt_buf out = { .max = SIZE_MAX / 2 };
	struct jt_csv c = { .rest = jt_slice_text(text) };
	static struct jt_error e;
	enum jt_err err;

	jt_buf_clear(&out);
	jt_buf_init(&c.text, SIZE_MAX / 2);
	while ((err = jt_csv_next(&c, &e)) == JT_OK && c.count > 0) {
		jt_buf_addf(&out, "%d:", (int)c.line);
		for (size_t i = 0; i < c.count; i++) {
			jt_buf_add_text(&out, i > 0 ? "|" : "");
			jt_buf_add_slice(&out, c.field[i]);
		}
		jt_buf_add_text(&out, ";");
	}
	jt_buf_free(&c.text);
	if (err != JT_OK)
		return e.text;
	jt_buf_add(&out, "", 1);
	return (const char *)out.data;
}

static void
test_rows(void)
{
	is_text(rows(""), "", "nothing");
	is_text(rows("\n\r\n\n"), "", "blank lines");
	is_text(rows("a,b\nc,d\n"), "1:a|b;2:c|d;", "two rows");
	is_text(rows("a,b\r\n\r\nc,d"), "1:a|b;3:c|d;", "CRLF, a blank line, no line end");
	is_text(rows(",\na,,"), "1:|;2:a||;", "empty fields");
	is_text(rows(" a , b"), "1: a | b;", "spaces belong to the field");
	is_text(rows("a\rb"), "1:a\rb;", "a return alone is text");
	is_text(rows("\"a, \"\"b\"\"\",\"\"\nc"), "1:a, \"b\"|;2:c;", "quoted fields");
	is_text(rows("\"a\nb\r\n\",c\nd"), "1:a\nb\r\n|c;4:d;", "line ends in quotes");
}

static void
test_mark(void)
{
	is_text(rows("\xef\xbb\xbf" "a,b\nc,d"), "1:a|b;2:c|d;", "a byte order mark");
	is_text(rows("\xef\xbb\xbf\"a\",b"), "1:a|b;", "before a quote");
	is_text(rows("\xef\xbb\xbf"), "", "and nothing behind it");
	is_text(rows("a,\xef\xbb\xbf" "b"), "1:a|\xef\xbb\xbf" "b;", "elsewhere it is text");
	is_text(rows("a\n\xef\xbb\xbf" "b"), "1:a;2:\xef\xbb\xbf" "b;", "in the second row, too");
	is_text(rows("\xef\xbb"), "text is not UTF-8", "half a mark");
}

static void
test_refused(void)
{
	struct jt_buf text;

	is_text(rows("a\n\"b"), "a quoted field does not end", "an open quote");
	is_text(rows("a\"b"), "a quote inside a field that is not quoted", "a quote inside");
	is_text(rows("\"a\"b"), "text behind a quoted field", "text behind a quote");
	is_text(rows("a\nb,\xff"), "text is not UTF-8", "not UTF-8");
	jt_buf_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < JT_CSV_FIELDS; i++)
		jt_buf_add_text(&text, ",");
	jt_buf_add(&text, "", 1);
	is_text(rows((char *)text.data), "too many fields", "one field too many");
	text.data[JT_CSV_FIELDS - 1] = '\0';
	is_int(strlen(rows((char *)text.data)), JT_CSV_FIELDS + 2, "as many as may be");
	jt_buf_clear(&text);
	for (size_t i = 0; i < JT_CSV_FIELD_MAX + 1; i++)
		jt_buf_add_text(&text, "x");
	jt_buf_add(&text, "", 1);
	is_text(rows((char *)text.data), "a field is too long", "a byte too long");
	text.data[JT_CSV_FIELD_MAX] = '\0';
	is_int(strlen(rows((char *)text.data)), JT_CSV_FIELD_MAX + 3, "as long as may be");
	jt_buf_free(&text);
}

int
main(void)
{
	test_rows();
	test_mark();
	test_refused();
	return done_testing();
}
