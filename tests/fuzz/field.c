/*
 * Any text as the word of a command line for any field of any kind. Names of
 * kind and field stand before it, "pay amount 12.5", or two bytes that choose
 * them. What parses can be encoded, is decoded as the same bytes, and is shown
 * as a word that parses as the same value.
 */
#include "fuzz.h"

#include "all/kinds.h"

enum { WORD_MAX = 4 << 20 };

/* The field alone, as the element of a list would be. */
static struct jt_schema
alone(const struct jt_kind *row, const struct jt_field *f)
{
	return (struct jt_schema){ JT_FORM_PLAIN, row->schema->size, f, 1 };
}

static void
encode(const struct jt_schema *s, const void *in, struct jt_buf *out)
{
	struct jt_error e;

	jt_buf_clear(out);
	assert(jt_encode(s, in, out, &e) == JT_OK);
}

/* A word of text has control characters escaped, and no way back. */
static bool
has_text(const struct jt_field *f)
{
	if (f->type != JT_LIST)
		return f->type == JT_TEXT;
	for (size_t i = 0; i < f->sub->count; i++)
		if (f->sub->fields[i].type == JT_TEXT)
			return true;
	return false;
}

static void
check_parsed(const struct jt_kind *row, const struct jt_field *f, void *in, msgpack_zone *zone)
{
	struct jt_schema s = alone(row, f);
	struct jt_buf bytes, again, word;
	struct jt_error e;
	void *other = calloc(1, row->schema->size);

	jt_buf_init(&bytes, WORD_MAX);
	jt_buf_init(&again, WORD_MAX);
	jt_buf_init(&word, WORD_MAX);
	assert(other != NULL);
	encode(&s, in, &bytes);
	assert(jt_decode(&s, jt_buf_slice(&bytes), other, zone, &e) == JT_OK);
	encode(&s, other, &again);
	assert(jt_slice_equal(jt_buf_slice(&bytes), jt_buf_slice(&again)));
	assert(jt_show_field(f, other, &word, &e) == JT_OK);
	if (!has_text(f)) {
		memset(other, 0, row->schema->size);
		assert(jt_parse_field(f, jt_buf_slice(&word), other, zone, &e) == JT_OK);
		encode(&s, other, &again);
		assert(jt_slice_equal(jt_buf_slice(&bytes), jt_buf_slice(&again)));
	}
	jt_buf_free(&bytes);
	jt_buf_free(&again);
	jt_buf_free(&word);
	free(other);
}

/* The word up to a space, which goes. */
static struct jt_slice
take_name(struct fuzz_input *in)
{
	const uint8_t *space = in->len > 0 ? memchr(in->data, ' ', in->len) : NULL;
	struct jt_slice name = { NULL, 0 };

	if (space != NULL) {
		name = fuzz_take(in, (size_t)(space - in->data));
		fuzz_byte(in);
	}
	return name;
}

/* Kind and field, off the front of the input. */
static const struct jt_field *
choose(struct fuzz_input *in, const struct jt_kind **row)
{
	struct fuzz_input rest = *in;
	const struct jt_field *f = NULL;

	if ((*row = jt_kind_named(&jt_all_kinds, take_name(&rest))) != NULL)
		f = jt_schema_field((*row)->schema, take_name(&rest));
	if (f != NULL) {
		*in = rest;
		return f;
	}
	*row = jt_all_kinds.rows[fuzz_byte(in) % jt_all_kinds.count];
	return &(*row)->schema->fields[fuzz_byte(in) % (*row)->schema->count];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	const struct jt_kind *row;
	const struct jt_field *f = choose(&in, &row);
	void *parsed = calloc(1, row->schema->size);
	struct jt_error e;
	msgpack_zone zone;

	assert(parsed != NULL && msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE));
	if (jt_parse_field(f, (struct jt_slice){ in.data, in.len }, parsed, &zone, &e) == JT_OK)
		check_parsed(row, f, parsed, &zone);
	else
		assert(e.code == JT_MALFORMED && e.text[0] != '\0');
	msgpack_zone_destroy(&zone);
	free(parsed);
	return 0;
}
