/*
 * Any bytes as comma-separated values. What is read is within the limits and
 * UTF-8; written again by the plainest writer, every field quoted or none, it
 * reads back as the same rows. Found so: a character whose bytes are parted by a
 * comma (corpus: parted-character).
 */
#include "fuzz.h"

#include "base/csv.h"
#include "base/text.h"

enum { TEXT_MAX = 64 << 20 };

static void
write_field(struct jt_slice field, bool quoted, struct jt_buf *out)
{
	if (!quoted) {
		jt_buf_add_slice(out, field);
		return;
	}
	jt_buf_add_text(out, "\"");
	for (size_t i = 0; i < field.len; i++)
		jt_buf_add(out, field.data[i] == '"' ? "\"\"" : (const char *)&field.data[i],
		    field.data[i] == '"' ? 2 : 1);
	jt_buf_add_text(out, "\"");
}

static bool
needs_quotes(struct jt_slice field)
{
	for (size_t i = 0; i < field.len; i++)
		if (strchr("\",\r\n", field.data[i]) != NULL && field.data[i] != '\0')
			return true;
	/* A byte order mark, which would not be text at the start. */
	return field.len > 0 && field.data[0] == 0xef;
}

static void
write_row(const struct jt_csv *c, bool always, struct jt_buf *out)
{
	for (size_t i = 0; i < c->count; i++) {
		/* A row of one empty field would be a blank line. */
		bool quoted = always || needs_quotes(c->field[i]) ||
		    (c->count == 1 && c->field[i].len == 0);
		if (i > 0)
			jt_buf_add_text(out, ",");
		write_field(c->field[i], quoted, out);
	}
	jt_buf_add_text(out, always ? "\r\n" : "\n");
}

static void
check_row(const struct jt_csv *c, uint64_t line)
{
	assert(c->line > line && c->count <= JT_CSV_FIELDS && c->next_line > 0);
	for (size_t i = 0; i < c->count; i++) {
		assert(c->field[i].len <= JT_CSV_FIELD_MAX);
		assert(jt_utf8_valid(c->field[i]));
	}
}

/* Do both texts hold the same rows, to their ends? */
static void
compare(struct jt_slice a, struct jt_slice b)
{
	struct jt_csv x = { .rest = a }, y = { .rest = b };
	struct jt_error e;

	jt_buf_init(&x.text, SIZE_MAX / 2);
	jt_buf_init(&y.text, SIZE_MAX / 2);
	do {
		bool good = jt_csv_next(&x, &e) == JT_OK;
		/* From here on the rows were not written again. */
		if (!good)
			x.count = 0;
		assert(jt_csv_next(&y, &e) == JT_OK && x.count == y.count);
		for (size_t i = 0; i < x.count; i++)
			assert(jt_slice_equal(x.field[i], y.field[i]));
	} while (x.count > 0);
	jt_buf_free(&x.text);
	jt_buf_free(&y.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_csv c = { .rest = { data, size } };
	struct jt_buf plain, quoted;
	struct jt_error e;
	uint64_t line = 0;

	jt_buf_init(&c.text, SIZE_MAX / 2);
	jt_buf_init(&plain, TEXT_MAX);
	jt_buf_init(&quoted, TEXT_MAX);
	while (jt_csv_next(&c, &e) == JT_OK && c.count > 0) {
		check_row(&c, line);
		line = c.line;
		write_row(&c, false, &plain);
		write_row(&c, true, &quoted);
	}
	assert(!plain.failed && !quoted.failed);
	compare((struct jt_slice){ data, size }, jt_buf_slice(&plain));
	compare((struct jt_slice){ data, size }, jt_buf_slice(&quoted));
	jt_buf_free(&plain);
	jt_buf_free(&quoted);
	jt_buf_free(&c.text);
	return 0;
}
