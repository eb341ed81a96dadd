/*
 * The example of jt-object(5): a signed jt/pay, always the same one, byte by
 * byte with what each means, and as text. See tables.c.
 *
 * Its keys come from seeds that everybody knows, its network is a count.
 */
#include "tables.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "all/kinds.h"
#include "base/text.h"
#include "key/secret.h"
#include "object/signed.h"
#include "object/view.h"

enum {
	PER_LINE = 8,
	NOTE = 256,
	HEX_WHOLE = 40, /* hex digits in a row that are shown in full */
	HEX_START = 16  /* of longer ones, so many and "..." */
};

static const char from_seed[] = "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j";
static const struct {
	const char *name, *value;
} words[] = {
	{ "amount", "12.5" },
	{ "fee", "0.00001" },
	{ "last", "2000" },
	{ "memo", "invoice 7" },
	{ "network", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" },
	{ "seq", "1" },
};

static struct jt_buf object = { .max = JT_OBJECT_MAX };
static struct jt_object parsed;
static struct jt_slice body;
static void *fields; /* of the body, decoded */
static const struct jt_kind *kind;
static msgpack_zone zone;

static void
check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		tables_die("dump: %s", e->text);
}

static void
set_field(const char *name, const char *value)
{
	struct jt_error e;

	check(jt_parse_field(jt_schema_field(kind->schema, jt_slice_text(name)),
	    jt_slice_text(value), fields, &zone, &e), &e);
}

/* The account of a key, as text. */
static void
set_account(const char *name, const uint8_t key[JT_KEY])
{
	uint8_t account[JT_ACCOUNT];
	char address[JT_ADDRESS_TEXT];

	jt_account_of_key(account, key);
	jt_address_format(account, address);
	set_field(name, address);
}

static void
make_object(void)
{
	static const uint8_t to_seed[JT_SEED] = "sixteen letters.";
	struct jt_secret_key *from = jt_secret_new(), *to = jt_secret_new();
	struct jt_buf encoded = { .max = JT_OBJECT_MAX };
	struct jt_error e;
	struct jt_sig sig;
	uint8_t id[JT_HASH];

	kind = jt_kind_named(&jt_all_kinds, jt_slice_text("pay"));
	fields = msgpack_zone_malloc(&zone, kind->schema->size);
	if (from == NULL || to == NULL || fields == NULL)
		tables_die("out of memory");
	memset(fields, 0, kind->schema->size);
	check(jt_secret_import(from, jt_slice_text(from_seed), &e), &e);
	jt_secret_set(to, JT_ROLE_ACCOUNT, to_seed);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		set_field(words[i].name, words[i].value);
	set_account("from", from->pub.key);
	set_account("to", to->pub.key);
	check(jt_encode(kind->schema, fields, &encoded, &e), &e);
	jt_object_hash(id, jt_slice_text(kind->name), kind->version, jt_buf_slice(&encoded));
	memcpy(sig.key, from->pub.key, JT_KEY);
	jt_sign_id(sig.sig, from->sign, id);
	check(jt_signed_write(&object, jt_slice_text(kind->name), kind->version,
	    jt_buf_slice(&encoded), &sig, 1, &e), &e);
	jt_buf_free(&encoded);
	jt_secret_free(from);
	jt_secret_free(to);
}

static void
prepare(void)
{
	struct jt_error e;

	if (object.len > 0)
		return;
	if (!jt_crypto_init() || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		tables_die("out of memory");
	make_object();
	check(jt_object_parse(jt_buf_slice(&object), &parsed, &e), &e);
	check(jt_signed_body(&parsed, &body, &e), &e);
}

/* ---- bytes ---- */

static const uint8_t *at; /* in the object */

/* The next n bytes, with a note beside the first of them. */
static void
put_bytes(size_t n, unsigned depth, const char *note)
{
	char hex[3 * PER_LINE + 1], line[NOTE + 64];

	while (n > 0) {
		size_t now = n < PER_LINE ? n : PER_LINE;
		hex[0] = '\0';
		for (size_t i = 0; i < now; i++)
			snprintf(hex + 3 * i, 4, "%02x ", at[i]);
		snprintf(line, sizeof line, "%03zx  %-24s %*s%s", (size_t)(at - object.data),
		    hex, (int)(2 * depth), "", note);
		for (size_t end = strlen(line); end > 0 && line[end - 1] == ' ';)
			line[--end] = '\0';
		tables_literal(line);
		at += now;
		n -= now;
		note = "";
		depth = 0;
	}
}

/* Bytes of the value's head, and of what follows it. */
static void
measure(size_t *head, size_t *rest)
{
	uint8_t tag = *at;

	*head = 1;
	*rest = 0;
	if (tag >= 0xa0 && tag <= 0xbf) {
		*rest = tag & 0x1f;
	} else if (tag >= 0xc4 && tag <= 0xc5) {
		*head = tag == 0xc4 ? 2 : 3;
		*rest = tag == 0xc4 ? at[1] : (size_t)at[1] << 8 | at[2];
	} else if (tag >= 0xcc && tag <= 0xcf) {
		*rest = (size_t)1 << (tag - 0xcc);
	} else if (tag > 0x9f) {
		tables_die("dump: no name for the byte %02x", tag);
	}
}

/* The next value, or with `open` only its head: what is in it comes next. */
static void
put_value(unsigned depth, bool open, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void
put_value(unsigned depth, bool open, const char *fmt, ...)
{
	char note[NOTE];
	size_t head, rest;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note, sizeof note, fmt, ap);
	va_end(ap);
	measure(&head, &rest);
	put_bytes(head + (open ? 0 : rest), depth, note);
}

static void
put_body(unsigned depth)
{
	struct jt_buf text = { .max = NOTE };
	struct jt_error e;

	put_value(depth, true, "a map of %d, the names ascending", *at & 0x0f);
	for (size_t i = 0; i < kind->schema->count; i++) {
		const struct jt_field *f = &kind->schema->fields[i];
		if (jt_field_absent(f, fields))
			continue;
		put_value(depth, false, "\"%s\"", f->name);
		jt_buf_clear(&text);
		check(jt_show_field(f, fields, &text, &e), &e);
		if (f->type == JT_FIXED)
			put_value(depth, false, "%d bytes", (int)f->max);
		else
			put_value(depth, false, "%.*s%s", (int)text.len, (const char *)text.data,
			    f->type == JT_COINS || f->type == JT_AMOUNT ? " SWT" : "");
	}
	jt_buf_free(&text);
}

void
dump_bytes(void)
{
	prepare();
	at = object.data;
	put_value(0, true, "an object is a list of 3:");
	put_value(0, false, "its kind, \"jt/pay\"");
	put_value(0, false, "its version, %d", *at);
	put_value(0, true, "its payload, %zu bytes:", parsed.payload.len);
	assert(at == parsed.payload.data);
	put_value(1, true, "a map of 2");
	put_value(1, false, "\"body\"");
	put_value(1, true, "%zu bytes, which the id is of:", body.len);
	assert(at == body.data);
	put_body(2);
	assert(at == body.data + body.len);
	put_value(1, false, "\"sigs\"");
	put_value(1, true, "a list of 1");
	put_value(2, true, "a list of 2");
	put_value(2, false, "the key that signs");
	put_value(2, false, "its signature of the id");
	assert(at == object.data + object.len);
}

/* ---- text ---- */

/* The text with long hexadecimal numbers cut short. */
static void
put_text(struct jt_slice text)
{
	char line[4096];
	size_t n = 0, digits = 0;

	for (size_t i = 0; i < text.len && n + 4 < sizeof line; i++) {
		char c = (char)text.data[i];
		digits = strchr("0123456789abcdef", c) != NULL ? digits + 1 : 0;
		if (c == '\n') {
			line[n] = '\0';
			tables_literal(line);
			n = 0;
		} else if (digits <= HEX_WHOLE) {
			line[n++] = c;
		} else if (digits == HEX_WHOLE + 1) {
			n -= HEX_WHOLE - HEX_START;
			memcpy(line + n, "...", 3);
			n += 3;
		}
	}
}

void
dump_view(const char *style)
{
	struct jt_buf text = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	prepare();
	check(jt_show(&jt_all_kinds, &parsed, strcmp(style, "json") == 0 ? JT_JSON :
	    strcmp(style, "line") == 0 ? JT_LINE : JT_YAML, &text, &e), &e);
	put_text(jt_buf_slice(&text));
	jt_buf_free(&text);
}

void
dump_id(void)
{
	uint8_t id[JT_HASH];
	char text[2 * JT_HASH + 1];

	prepare();
	jt_object_hash(id, parsed.kind, parsed.version, body);
	jt_hex_format(id, JT_HASH, text);
	tables_literal(text);
}
