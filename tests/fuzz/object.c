/*
 * Any bytes as a stream of objects, read in pieces. Every object that passes
 * is its own encoding again, as a struct and through its three views, and the
 * readers of single kinds agree with the schema. The first byte is the length
 * of the pieces.
 */
#include "fuzz.h"

#include "all/kinds.h"
#include "base/text.h"
#include "key/pub.h"
#include "key/secret.h"
#include "ledger/genesis.h"

/* The linker gives us the calls of read(2); the descriptor -1 is the stream. */
ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len);

static struct fuzz_input stream;
static size_t piece;

ssize_t
__wrap_read(int fd, void *to, size_t len)
{
	struct jt_slice s;

	if (fd >= 0)
		return __real_read(fd, to, len);
	s = fuzz_take(&stream, len < piece ? len : piece);
	if (s.len > 0)
		memcpy(to, s.data, s.len);
	return (ssize_t)s.len;
}

/* A secret is in no view. */
static void
check_hidden(const struct jt_kind *row, const struct jt_object *o, const void *fields)
{
	const struct jt_field *f = jt_schema_field(row->schema, jt_slice_text("secret"));
	const struct jt_slice *secret = (const void *)((const uint8_t *)fields + f->offset);
	char hex[2 * JT_SECRET_BYTES + 1];
	struct jt_buf text;

	jt_buf_init(&text, JT_OBJECT_MAX);
	for (int style = JT_YAML; style <= JT_LINE; style++) {
		jt_buf_clear(&text);
		assert(jt_show(&jt_all_kinds, o, (enum jt_style)style, &text, NULL) == JT_OK);
		jt_hex_format(secret->data, secret->len, hex);
		assert(secret->len < 16 || memmem(text.data, text.len, hex, 2 * secret->len) == NULL);
	}
	jt_buf_free(&text);
}

/* What has readers of its own is read and written by them. */
static void
check_readers(const struct jt_object *o, struct jt_slice body, msgpack_zone *zone)
{
	uint8_t id[JT_HASH], again[JT_HASH];
	struct jt_error e;
	struct jt_genesis g;
	struct jt_header h;
	struct jt_account a;
	struct jt_pub pub;
	struct jt_slice written;
	struct jt_object w;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	if (jt_object_is(o, "account") && jt_account_decode(o->bytes, &a, zone, &e) == JT_OK) {
		assert(jt_account_encode(&a, &b, &e) == JT_OK);
		assert(jt_slice_equal(jt_buf_slice(&b), o->bytes));
	} else if (jt_object_is(o, "pub") && jt_pub_read(o, &pub, &e) == JT_OK) {
		assert(jt_pub_write(&pub, &b, &e) == JT_OK);
		assert(jt_slice_equal(jt_buf_slice(&b), o->bytes));
	} else if (jt_object_is(o, "header")) {
		assert(jt_header_decode(o, &h, NULL, zone, &e) == JT_OK);
		jt_object_hash(again, o->kind, o->version, body);
		assert(jt_header_id(&h, id, &e) == JT_OK && memcmp(id, again, JT_HASH) == 0);
	} else if (jt_object_is(o, "genesis") &&
	    jt_genesis_decode(o, &g, id, zone, &e) == JT_OK) {
		assert(jt_genesis_write(&g, &b, &e) == JT_OK);
		assert(jt_object_parse(jt_buf_slice(&b), &w, &e) == JT_OK);
		assert(jt_signed_body(&w, &written, &e) == JT_OK && jt_slice_equal(written, body));
		assert(jt_genesis_header(&g, id, &h, &e) == JT_OK);
	}
	jt_buf_free(&b);
}

/* Signatures and body as bytes again. */
static void
check_signed(const struct jt_object *o, const struct jt_signed *s)
{
	struct jt_slice body;
	struct jt_error e;
	struct jt_buf b;

	assert(jt_signed_body(o, &body, &e) == JT_OK && jt_slice_equal(body, s->body));
	jt_buf_init(&b, JT_OBJECT_MAX);
	assert(jt_signed_write(&b, o->kind, o->version, s->body, s->sigs.items, s->sigs.count,
	    &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&b), o->bytes));
	jt_buf_free(&b);
	jt_signed_verify(o, s, &e);
}

static void
check_fields(const struct jt_kind *row, const struct jt_object *o)
{
	struct jt_signed s = { .body = o->payload };
	uint8_t id[JT_HASH], hash[JT_HASH];
	struct jt_error e;
	msgpack_zone zone;
	struct jt_buf b;
	void *fields;

	assert(msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE));
	if (row->flags & JT_KIND_SIGNED) {
		assert(jt_signed_decode(o, &s, &zone, &e) == JT_OK);
		check_signed(o, &s);
	}
	fields = msgpack_zone_malloc(&zone, row->schema->size);
	assert(fields != NULL && jt_decode(row->schema, s.body, fields, &zone, &e) == JT_OK);
	jt_buf_init(&b, JT_OBJECT_MAX);
	assert(jt_encode(row->schema, fields, &b, &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&b), s.body));
	jt_buf_free(&b);
	jt_object_hash(hash, o->kind, o->version, s.body);
	assert(jt_kind_id(row, o, id, &e) == JT_OK && memcmp(id, hash, JT_HASH) == 0);
	check_readers(o, s.body, &zone);
	if (row->flags & JT_KIND_SECRET)
		check_hidden(row, o, fields);
	msgpack_zone_destroy(&zone);
}

static void
check_object(const struct jt_object *o)
{
	static const char secret[] = "jt/secret";
	const struct jt_kind *row;
	struct jt_error e;

	if (jt_kind_of(&jt_all_kinds, o, &row, &e) != JT_OK) {
		assert(e.code == JT_MALFORMED);
		return;
	}
	if (jt_kind_check(&jt_all_kinds, o, &e) != JT_OK) {
		assert(e.code == JT_MALFORMED && e.text[0] != '\0');
		return;
	}
	check_fields(row, o);
	/* What may be a secret, also inside another object, has views that lose it. */
	if (memmem(o->bytes.data, o->bytes.len, secret, sizeof secret - 1) != NULL)
		return;
	fuzz_round_trip(&jt_all_kinds, o, JT_YAML);
	fuzz_round_trip(&jt_all_kinds, o, JT_JSON);
	fuzz_round_trip(&jt_all_kinds, o, JT_LINE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_slice all, at;
	struct jt_reader r;
	struct jt_error e;
	struct jt_object o;

	stream = (struct fuzz_input){ data, size };
	piece = fuzz_byte(&stream);
	piece = piece > 0 ? piece : SIZE_MAX;
	all = (struct jt_slice){ stream.data, stream.len };
	jt_reader_init(&r, -1, "stream");
	for (size_t sum = 0; !r.broken;) {
		if (jt_reader_next(&r, &o, &e) != JT_OK) {
			assert(e.code == JT_MALFORMED);
			sum += r.taken;
			continue;
		}
		if (o.bytes.len == 0) {
			assert(sum == all.len);
			break;
		}
		assert(r.offset == sum && sum + o.bytes.len <= all.len);
		at = (struct jt_slice){ all.data + sum, o.bytes.len };
		assert(jt_slice_equal(o.bytes, at));
		sum += o.bytes.len;
		check_object(&o);
	}
	jt_reader_free(&r);
	return 0;
}
