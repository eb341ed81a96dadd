/*
 * The strict reader, the decoder and the encoder: each form that is not
 * canonical is refused at its offset, each value out of a schema's bounds with
 * its field; and whatever is read is written again as the same bytes.
 */
#include "object/schema.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "object/walk.h"
#include "random.h"
#include "sample.h"
#include "tap.h"

static struct jt_error error;
static msgpack_zone *zone;

/* ---- the walk ---- */

/* "82 a1'a' x3" and so on: hex digits, 'text', and xN to repeat the last byte. */
static void
spell(const char *text, struct jt_buf *out)
{
	jt_buf_clear(out);
	while (*text != '\0') {
		uint8_t byte;
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			for (text++; *text != '\''; text++)
				jt_buf_add(out, text, 1);
			text++;
		} else if (*text == 'x') {
			char *end;
			for (long n = strtol(text + 1, &end, 10); n > 1; n--) {
				byte = out->data[out->len - 1];
				jt_buf_add(out, &byte, 1);
			}
			text = end;
		} else {
			if (!jt_hex_parse((struct jt_slice){ (const uint8_t *)text, 2 }, &byte, 1))
				abort();
			jt_buf_add(out, &byte, 1);
			text += 2;
		}
	}
}

static void
test_good(void)
{
	static const char *const good[] = {
		"00", "7f", "cc80", "ccff", "cd0100", "cdffff", "ce00010000", "ceffffffff",
		"cf0000000100000000", "cfffffffffffffffff",
		"ff", "e0", "d0df", "d080", "d1ff7f", "d18000", "d2ffff7fff", "d280000000",
		"d3ffffffff7fffffff", "d38000000000000000",
		"c2", "c3", "a0", "a1'z'", "bf'a'x31", "d920'a'x32", "d9ff'a'x255",
		"da0100'a'x256", "daffff'a'x65535", "db00010000'a'x65536",
		"a2c3a9", "a3e282ac", "a4f09f8e84", "a1 00",
		"c400", "c401ff", "c4ff00x255", "c5010000x256", "c5ffff00x65535",
		"c60001000000x65536",
		"90", "9100", "9f00x15", "dc001000x16", "dcffff00x65535", "dd0001000000x65536",
		"80", "81a0 00", "82a0 00 a1'a' 00", "82a1'a' 00 a2'aa' 00", "82a1'a' 00 a1'b' 00",
		"81d920'k'x32 c2", "9191919191919191919191919191919100",
		"81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'"
		"81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'81a1'a'00",
		"8f a1'a'00 a1'b'00 a1'c'00 a1'd'00 a1'e'00 a1'f'00 a1'g'00 a1'h'00 a1'i'00 "
		"a1'j'00 a1'k'00 a1'l'00 a1'm'00 a1'n'00 a1'o'00",
		"de0010 a1'a'00 a1'b'00 a1'c'00 a1'd'00 a1'e'00 a1'f'00 a1'g'00 a1'h'00 a1'i'00 "
		"a1'j'00 a1'k'00 a1'l'00 a1'm'00 a1'n'00 a1'o'00 a1'p'00",
	};
	struct jt_buf b;
	size_t bad = 0, count = sizeof good / sizeof *good;

	jt_buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < count; i++) {
		spell(good[i], &b);
		if (jt_walk(jt_buf_slice(&b), &error) != JT_OK) {
			bad++;
			printf("# %s: %s\n", good[i], error.text);
		}
		/* Every beginning of a value ends early. */
		for (size_t n = 0; n < b.len; n += n < 300 ? 1 : 997) {
			struct jt_slice part = { b.data, n };
			size_t len = jt_walk(part, &error) == JT_MALFORMED ? strlen(error.text) : 0;
			if (len < 10 || strcmp(error.text + len - 10, "ends early") != 0)
				bad++;
		}
	}
	is_int(bad, 0, "canonical values are taken whole and not in part");
	jt_buf_free(&b);
}

static void
test_bad(void)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "offset 0: ends early" },
		{ "cc00", "offset 0: not the shortest form" },
		{ "cc7f", "offset 0: not the shortest form" },
		{ "cd0000", "offset 0: not the shortest form" },
		{ "cd00ff", "offset 0: not the shortest form" },
		{ "ce00000000", "offset 0: not the shortest form" },
		{ "ce0000ffff", "offset 0: not the shortest form" },
		{ "cf0000000000000000", "offset 0: not the shortest form" },
		{ "cf00000000ffffffff", "offset 0: not the shortest form" },
		{ "d000", "offset 0: not the shortest form" },
		{ "d07f", "offset 0: not the shortest form" },
		{ "d0e0", "offset 0: not the shortest form" },
		{ "d0ff", "offset 0: not the shortest form" },
		{ "d10000", "offset 0: not the shortest form" },
		{ "d17fff", "offset 0: not the shortest form" },
		{ "d1ff80", "offset 0: not the shortest form" },
		{ "d1ffff", "offset 0: not the shortest form" },
		{ "d200000001", "offset 0: not the shortest form" },
		{ "d27fffffff", "offset 0: not the shortest form" },
		{ "d2ffff8000", "offset 0: not the shortest form" },
		{ "d2ffffffff", "offset 0: not the shortest form" },
		{ "d30000000000000000", "offset 0: not the shortest form" },
		{ "d37fffffffffffffff", "offset 0: not the shortest form" },
		{ "d3ffffffff80000000", "offset 0: not the shortest form" },
		{ "d3ffffffffffffffff", "offset 0: not the shortest form" },
		{ "d900", "offset 0: not the shortest form" },
		{ "d91f'a'x31", "offset 0: not the shortest form" },
		{ "da0000", "offset 0: not the shortest form" },
		{ "da00ff'a'x255", "offset 0: not the shortest form" },
		{ "db00000000", "offset 0: not the shortest form" },
		{ "db0000ffff'a'x65535", "offset 0: not the shortest form" },
		{ "c50000", "offset 0: not the shortest form" },
		{ "c500ff00x255", "offset 0: not the shortest form" },
		{ "c600000000", "offset 0: not the shortest form" },
		{ "c60000ffff00x65535", "offset 0: not the shortest form" },
		{ "dc0000", "offset 0: not the shortest form" },
		{ "dc000f00x15", "offset 0: not the shortest form" },
		{ "dd00000000", "offset 0: not the shortest form" },
		{ "dd0000ffff00x65535", "offset 0: not the shortest form" },
		{ "de0000", "offset 0: not the shortest form" },
		{ "de000f", "offset 0: not the shortest form" },
		{ "df00000000", "offset 0: not the shortest form" },
		{ "df0000ffff", "offset 0: not the shortest form" },
		{ "c0", "offset 0: nil" },
		{ "9200c0", "offset 2: nil" },
		{ "81a1'a'c0", "offset 3: nil" },
		{ "ca00000000", "offset 0: floating point" },
		{ "cb0000000000000000", "offset 0: floating point" },
		{ "c70001", "offset 0: extension type" },
		{ "c8000001", "offset 0: extension type" },
		{ "c90000000001", "offset 0: extension type" },
		{ "d40000", "offset 0: extension type" },
		{ "d5000000", "offset 0: extension type" },
		{ "d60000000000", "offset 0: extension type" },
		{ "d700x9", "offset 0: extension type" },
		{ "d800x17", "offset 0: extension type" },
		{ "92a1'a'd6ff00000000", "offset 3: extension type" },
		{ "a1ff", "offset 1: text is not UTF-8" },
		{ "a1c3", "offset 1: text is not UTF-8" },
		{ "a2c080", "offset 1: text is not UTF-8" },
		{ "a3eda080", "offset 1: text is not UTF-8" },
		{ "a4f4908080", "offset 1: text is not UTF-8" },
		{ "d920ff x32", "offset 2: text is not UTF-8" },
		{ "81a1ff00", "offset 2: text is not UTF-8" },
		{ "82a1'a'00a1'a'01", "offset 4: map key twice" },
		{ "82a0 00a0 01", "offset 3: map key twice" },
		{ "82a1'b'00a1'a'01", "offset 4: map keys out of order" },
		{ "82a2'aa'00a1'a'01", "offset 5: map keys out of order" },
		{ "82a1'a'00a0 01", "offset 4: map keys out of order" },
		{ "82a1'a'00a1'Z'01", "offset 4: map keys out of order" },
		{ "82d921'b'x33 00a1'a'01", "offset 37: map keys out of order" },
		{ "8101 02", "offset 1: map key is not text" },
		{ "81c4 01'a'02", "offset 1: map key is not text" },
		{ "8190 02", "offset 1: map key is not text" },
		{ "81c0 02", "offset 1: map key is not text" },
		{ "81d91f'a'x31 02", "offset 1: not the shortest form" },
		{ "81da0100'a'x256 02", "offset 1: map key is over 255 bytes" },
		{ "81db00010000'a'x65536 02", "offset 1: map key is over 255 bytes" },
		{ "9191919191919191919191919191919190 00" , "offset 16: nested too deep" },
		{ "81a1'a'91919191919191919191919191919191 00", "offset 18: nested too deep" },
		{ "9191919191919191919191919191919180 00", "offset 16: nested too deep" },
		{ "0000", "offset 1: more bytes than the value" },
		{ "9001", "offset 1: more bytes than the value" },
		{ "a1'a''a'", "offset 2: more bytes than the value" },
		{ "c40100 c0", "offset 3: more bytes than the value" },
		/* Counts that are not believed: no memory is taken for them. */
		{ "ddffffffff", "offset 5: ends early" },
		{ "dd0800000000", "offset 6: ends early" },
		{ "dfffffffff", "offset 5: ends early" },
		{ "dbffffffff", "offset 5: ends early" },
		{ "c6ffffffff", "offset 5: ends early" },
		{ "dcffff", "offset 3: ends early" },
		{ "ddffffffffddffffffffddffffffffddffffffff", "offset 20: ends early" },
		{ "91c6ffffffff00", "offset 6: ends early" },
		{ "cd01", "offset 0: ends early" },
		{ "ddffff", "offset 0: ends early" },
	};
	struct jt_buf b;

	jt_buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum jt_err err;
		spell(cases[i].bytes, &b);
		err = jt_walk(jt_buf_slice(&b), &error);
		if (!ok(err == JT_MALFORMED && strcmp(error.text, cases[i].why) == 0, "%s: %s",
		    cases[i].bytes, cases[i].why))
			printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	}
	ok(jt_walk((struct jt_slice){ (const uint8_t *)"\xc1", 1 }, &error) == JT_MALFORMED,
	    "the byte that is none");
	jt_buf_free(&b);
}

/* ---- decoding ---- */

struct plain {
	struct jt_amount amount;
	struct jt_asset asset;
	struct jt_slice bytes, object, text;
	struct jt_list list;
	struct sample_inner map;
	uint64_t coins, small, time, uint, word, words;
	uint8_t address[JT_ACCOUNT], fixed[4];
};
#define PLAIN(member_, ...) \
	{ .name = #member_, .offset = offsetof(struct plain, member_), .help = "for tests", \
	    __VA_ARGS__ }
/* One field after the other, each alone in a schema of its own. */
static const struct jt_field plain_fields[] = {
	PLAIN(uint, .type = JT_UINT),
	PLAIN(small, .type = JT_UINT, .max = 64),
	PLAIN(time, .type = JT_TIME),
	PLAIN(coins, .type = JT_COINS),
	PLAIN(amount, .type = JT_AMOUNT),
	PLAIN(asset, .type = JT_ASSET),
	PLAIN(text, .type = JT_TEXT, .max = 5),
	PLAIN(bytes, .type = JT_BYTES, .max = 5),
	PLAIN(object, .type = JT_OBJECT, .max = 5),
	PLAIN(fixed, .type = JT_FIXED, .max = 4),
	PLAIN(address, .type = JT_ADDRESS),
	PLAIN(word, .type = JT_WORD, .words = sample_word_list),
	PLAIN(words, .type = JT_WORDS, .words = sample_word_list),
	PLAIN(map, .type = JT_MAP, .sub = &sample_inner_schema),
	PLAIN(list, .type = JT_LIST, .max = 2, .flags = JT_SORTED, .sub = &sample_pair_schema),
};
enum { PLAINS = sizeof plain_fields / sizeof *plain_fields };

static struct jt_schema
schema_of(const struct jt_field *f)
{
	return (struct jt_schema){ JT_FORM_MAP, sizeof(struct plain), f, 1 };
}

static const struct jt_field *
plain_field(const char *name)
{
	for (size_t i = 0; i < PLAINS; i++)
		if (strcmp(plain_fields[i].name, name) == 0)
			return &plain_fields[i];
	abort();
}

/* {name: value}, as bytes. */
static void
spell_field(const char *name, const char *value, struct jt_buf *out)
{
	char text[4096];

	snprintf(text, sizeof text, "81 %02x'%s' %s", 0xa0 + (unsigned)strlen(name), name, value);
	spell(text, out);
}

#define ADDRESS20 "c414 11x20"
static void
test_values(void)
{
	static const struct {
		const char *field, *value, *why; /* why NULL: taken, and written the same */
	} cases[] = {
		{ "uint", "00", NULL },
		{ "uint", "cf7fffffffffffffff", NULL },
		{ "uint", "cf8000000000000000",
		    "uint: 9223372036854775808 is more than 9223372036854775807" },
		{ "uint", "cfffffffffffffffff",
		    "uint: 18446744073709551615 is more than 9223372036854775807" },
		{ "uint", "ff", "uint: expected a number, found a negative number" },
		{ "uint", "d38000000000000000",
		    "uint: expected a number, found a negative number" },
		{ "uint", "a1'1'", "uint: expected a number, found text" },
		{ "uint", "c2", "uint: expected a number, found a boolean" },
		{ "uint", "c40101", "uint: expected a number, found bytes" },
		{ "uint", "9101", "uint: expected a number, found a list" },
		{ "uint", "80", "uint: expected a number, found a map" },
		{ "small", "40", NULL },
		{ "small", "41", "small: 65 is more than 64" },
		{ "time", "cf0000e677d21fdbff", NULL },
		{ "time", "cf0000e677d21fdc00",
		    "time: 253402300800000 is more than 253402300799999" },
		{ "coins", "cf7fffffffffffffff", NULL },
		{ "coins", "cf8000000000000000",
		    "coins: 9223372036854775808 is more than 9223372036854775807" },
		{ "amount", "05", NULL },
		{ "amount", "00", NULL },
		{ "amount", "92 05 93 a3'CNY' 02 " ADDRESS20, NULL },
		{ "amount", "92 05 93 ac'A23456789012' 09 " ADDRESS20, NULL },
		{ "amount", "cf8000000000000000",
		    "amount: 9223372036854775808 is more than 9223372036854775807" },
		{ "amount", "92 cf8000000000000000 93 a3'CNY' 02 " ADDRESS20,
		    "amount: 9223372036854775808 is more than 9223372036854775807" },
		{ "amount", "92 05 a3'SWT'",
		    "amount: expected [code, decimals, issuer], found text" },
		{ "amount", "92 05 92 a3'CNY' 02",
		    "amount: expected [code, decimals, issuer], found a list" },
		{ "amount", "92 a1'5' 93 a3'CNY' 02 " ADDRESS20,
		    "amount: expected a number, found text" },
		{ "amount", "91 05", "amount: expected a number or [units, asset], found a list" },
		{ "amount", "93 05 05 05",
		    "amount: expected a number or [units, asset], found a list" },
		{ "amount", "a1'5'", "amount: expected a number or [units, asset], found text" },
		{ "amount", "92 05 93 a3'SWT' 06 " ADDRESS20,
		    "amount: asset code is not a letter and letters or digits" },
		{ "asset", "a3'SWT'", NULL },
		{ "asset", "93 a2'A1' 00 " ADDRESS20, NULL },
		{ "asset", "93 a3'swt' 00 " ADDRESS20, NULL },
		{ "asset", "a3'CNY'", "asset: expected SWT or a list" },
		{ "asset", "a0", "asset: expected SWT or a list" },
		{ "asset", "05", "asset: expected [code, decimals, issuer], found a number" },
		{ "asset", "93 a1'A' 00 " ADDRESS20,
		    "asset: asset code is not a letter and letters or digits" },
		{ "asset", "93 ad'A234567890123' 00 " ADDRESS20, "asset: 13 bytes, more than 12" },
		{ "asset", "93 a2'1A' 00 " ADDRESS20,
		    "asset: asset code is not a letter and letters or digits" },
		{ "asset", "93 a3'A-B' 00 " ADDRESS20,
		    "asset: asset code is not a letter and letters or digits" },
		{ "asset", "93 a3'CNY' 0a " ADDRESS20, "asset: 10 is more than 9" },
		{ "asset", "93 a3'CNY' a1'2' " ADDRESS20, "asset: expected a number, found text" },
		{ "asset", "93 05 02 " ADDRESS20, "asset: expected text, found a number" },
		{ "asset", "93 a3'CNY' 02 c413 11x19", "asset: expected 20 bytes, found 19" },
		{ "asset", "93 a3'CNY' 02 a1'x'", "asset: expected bytes, found text" },
		{ "text", "a0", NULL },
		{ "text", "a5'hello'", NULL },
		{ "text", "a5 00x5", NULL },
		{ "text", "a6'hello!'", "text: 6 bytes, more than 5" },
		{ "text", "c405'hello'", "text: expected text, found bytes" },
		{ "text", "05", "text: expected text, found a number" },
		{ "bytes", "c400", NULL },
		{ "bytes", "c405 ffx5", NULL },
		{ "bytes", "c406 ffx6", "bytes: 6 bytes, more than 5" },
		{ "bytes", "a1'x'", "bytes: expected bytes, found text" },
		{ "object", "c405 00x5", NULL },
		{ "object", "c406 00x6", "object: 6 bytes, more than 5" },
		{ "object", "90", "object: expected bytes, found a list" },
		{ "fixed", "c404 01020304", NULL },
		{ "fixed", "c400", "fixed: expected 4 bytes, found 0" },
		{ "fixed", "c403 010203", "fixed: expected 4 bytes, found 3" },
		{ "fixed", "c405 0102030405", "fixed: expected 4 bytes, found 5" },
		{ "fixed", "a4'abcd'", "fixed: expected bytes, found text" },
		{ "address", ADDRESS20, NULL },
		{ "address", "c415 11x21", "address: expected 20 bytes, found 21" },
		{ "word", "a8'accepted'", NULL },
		{ "word", "a7'refused'", NULL },
		{ "word", "a2'No'", "word: unknown word \"No\"" },
		{ "word", "a0", "word: unknown word \"\"" },
		{ "word", "00", "word: expected text, found a number" },
		{ "word", "d941'x'x65", "word: 65 bytes, more than 64" },
		{ "words", "90", NULL },
		{ "words", "91a2'no'", NULL },
		{ "words", "94a8'accepted'a2'no'a4'paid'a7'refused'", NULL },
		{ "words", "92a2'no'a2'no'", "words: words are not in ascending order" },
		{ "words", "92a4'paid'a2'no'", "words: words are not in ascending order" },
		{ "words", "91a1'x'", "words: unknown word \"x\"" },
		{ "words", "91 05", "words: expected text, found a number" },
		{ "words", "a2'no'", "words: expected a list of words, found text" },
		{ "map", "80", NULL },
		{ "map", "82a4'note'a1'x'a6'number'05", NULL },
		{ "map", "90", "map: expected a map, found a list" },
		{ "map", "81a4'note'a0", "map: note: empty, must be left out" },
		{ "map", "81a6'number'00", "map: number: empty, must be left out" },
		{ "map", "81a5'parts'90", "map: parts: empty, must be left out" },
		{ "map", "81a4'nota'05", "map: unknown field \"nota\"" },
		{ "map", "82a4'note'a1'x'a5'notes'05", "map: unknown field \"notes\"" },
		{ "map", "81a5'parts'92 92 " ADDRESS20 " 05 92 " ADDRESS20 " a1'x'",
		    "map: parts: element 2: weight: expected a number, found text" },
		{ "list", "90", NULL },
		{ "list", "92 92 c414 11x20 05 92 c414 12x20 04", NULL },
		{ "list", "92 92 c414 12x20 05 92 c414 11x20 04",
		    "list: element 2: not in strictly ascending order" },
		{ "list", "92 92 c414 11x20 05 92 c414 11x20 06",
		    "list: element 2: not in strictly ascending order" },
		{ "list", "93 00 00 00", "list: 3 elements, more than 2" },
		{ "list", "91 91 " ADDRESS20, "list: element 1: expected a list of 2, found 1" },
		{ "list", "91 93 " ADDRESS20 " 05 05",
		    "list: element 1: expected a list of 2, found 3" },
		{ "list", "91 92 05 " ADDRESS20,
		    "list: element 1: account: expected bytes, found a number" },
		{ "list", "91 92 " ADDRESS20 " cd ffff", NULL },
		{ "list", "91 92 " ADDRESS20 " ce00010000",
		    "list: element 1: weight: 65536 is more than 65535" },
		{ "list", "91 05", "list: element 1: expected a list, found a number" },
		{ "list", "80", "list: expected a list, found a map" },
	};
	struct jt_buf in, out;

	jt_buf_init(&in, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct jt_schema s = schema_of(plain_field(cases[i].field));
		struct plain v;
		enum jt_err err;

		spell_field(cases[i].field, cases[i].value, &in);
		jt_buf_clear(&out);
		err = jt_decode(&s, jt_buf_slice(&in), &v, zone, &error);
		if (cases[i].why == NULL && err == JT_OK)
			err = jt_encode(&s, &v, &out, &error);
		if (!ok(cases[i].why == NULL ? err == JT_OK && jt_slice_equal(jt_buf_slice(&in),
		    jt_buf_slice(&out)) : err == JT_MALFORMED &&
		    strcmp(error.text, cases[i].why) == 0, "%s %s: %s", cases[i].field,
		    cases[i].value, cases[i].why == NULL ? "good" : cases[i].why))
			printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
		msgpack_zone_clear(zone);
	}
	jt_buf_free(&in);
	jt_buf_free(&out);
}

/* The same fields, but optional: what is absent is left out, and nothing else. */
static void
test_optional(void)
{
	static const char *const empty[] = { "uint 00", "time 00", "coins 00", "amount 00",
		"asset a3'SWT'", "text a0", "bytes c400", "object c400", "fixed c40400x4",
		"address c41400x20", "word a8'accepted'", "words 90", "map 80", "list 90" };
	struct plain v;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
		char name[16], want[64];
		struct jt_field f;
		struct jt_schema s = schema_of(&f);
		const char *space = strchr(empty[i], ' ');

		snprintf(name, sizeof name, "%.*s", (int)(space - empty[i]), empty[i]);
		f = *plain_field(name);
		f.flags |= JT_OPTIONAL;
		spell_field(name, space, &b);
		snprintf(want, sizeof want, "%s: empty, must be left out", name);
		ok(jt_decode(&s, jt_buf_slice(&b), &v, zone, &error) == JT_MALFORMED &&
		    strcmp(error.text, want) == 0, "%s", want);
		spell("80", &b);
		ok(jt_decode(&s, jt_buf_slice(&b), &v, zone, &error) == JT_OK &&
		    jt_field_absent(&f, &v), "%s: left out", name);
		jt_buf_clear(&b);
		ok(jt_encode(&s, &v, &b, &error) == JT_OK && b.len == 1 && b.data[0] == 0x80,
		    "%s: not written", name);
		f.flags &= ~JT_OPTIONAL;
		spell("80", &b);
		snprintf(want, sizeof want, "%s: missing", name);
		ok(jt_decode(&s, jt_buf_slice(&b), &v, zone, &error) == JT_MALFORMED &&
		    strcmp(error.text, want) == 0, "%s", want);
	}
	jt_buf_free(&b);
}

/* Keys against a table of several fields. */
static void
test_keys(void)
{
	static const struct jt_field fields[] = {
		{ .name = "aa", .type = JT_UINT, .offset = offsetof(struct plain, uint) },
		{ .name = "ab", .type = JT_UINT, .flags = JT_OPTIONAL,
		    .offset = offsetof(struct plain, small) },
		{ .name = "abc", .type = JT_UINT, .flags = JT_OPTIONAL,
		    .offset = offsetof(struct plain, time) },
		{ .name = "b", .type = JT_UINT, .offset = offsetof(struct plain, coins) },
	};
	static const struct jt_schema s = JT_SCHEMA(JT_FORM_MAP, struct plain, fields);
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "82 a2'aa'01 a1'b'02", NULL },
		{ "83 a2'aa'01 a2'ab'02 a1'b'03", NULL },
		{ "83 a2'aa'01 a3'abc'02 a1'b'03", NULL },
		{ "84 a2'aa'01 a2'ab'02 a3'abc'03 a1'b'04", NULL },
		{ "80", "aa: missing" },
		{ "81 a2'aa'01", "b: missing" },
		{ "81 a1'b'01", "aa: missing" },
		{ "82 a2'ab'01 a1'b'02", "aa: missing" },
		{ "83 a1'a'01 a2'aa'01 a1'b'02", "unknown field \"a\"" },
		{ "83 a0 01 a2'aa'01 a1'b'02", "unknown field \"\"" },
		{ "83 a2'aa'01 a3'aaa'01 a1'b'02", "unknown field \"aaa\"" },
		{ "83 a2'aa'01 a4'abcd'01 a1'b'02", "unknown field \"abcd\"" },
		{ "83 a2'aa'01 a1'b'02 a1'c'03", "unknown field \"c\"" },
		{ "84 a2'aa'01 a1'b'02 a1'c'03 a1'd'03", "unknown field \"c\"" },
		{ "82 a2'aa'01 a2'bb'02", "unknown field \"bb\"" },
		{ "82 a2'AA'01 a1'b'02", "unknown field \"AA\"" },
		{ "00", "expected a map, found a number" },
		{ "82 a1'b'01 a2'aa'02", "offset 4: map keys out of order" },
	};
	struct jt_buf in, out;

	jt_buf_init(&in, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plain v;
		enum jt_err err;
		spell(cases[i].bytes, &in);
		jt_buf_clear(&out);
		err = jt_decode(&s, jt_buf_slice(&in), &v, zone, &error);
		if (err == JT_OK)
			err = jt_encode(&s, &v, &out, &error);
		if (!ok(cases[i].why == NULL ? err == JT_OK && jt_slice_equal(jt_buf_slice(&in),
		    jt_buf_slice(&out)) : err == JT_MALFORMED &&
		    strcmp(error.text, cases[i].why) == 0, "%s: %s", cases[i].bytes,
		    cases[i].why == NULL ? "good" : cases[i].why))
			printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	}
	jt_buf_free(&in);
	jt_buf_free(&out);
}

/* ---- encoding ---- */

static void
refuses(const char *name, const struct plain *v, const char *why)
{
	struct jt_schema s = schema_of(plain_field(name));
	struct jt_buf b;
	enum jt_err err;

	jt_buf_init(&b, JT_OBJECT_MAX);
	err = jt_encode(&s, v, &b, &error);
	if (!ok(err == JT_MALFORMED && strcmp(error.text, why) == 0, "not written: %s", why))
		printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	jt_buf_free(&b);
}

static void
test_encode(void)
{
	struct sample_pair pairs[3] = { { { 1 }, 5 }, { { 2 }, 65536 }, { { 1 }, 7 } };
	struct plain v = { 0 };
	struct jt_schema s;
	struct jt_buf b;

	v.uint = JT_UINT_MAX + 1;
	refuses("uint", &v, "uint: 9223372036854775808 is more than 9223372036854775807");
	v.small = 65;
	refuses("small", &v, "small: 65 is more than 64");
	v.time = JT_TIME_MAX + 1;
	refuses("time", &v, "time: 253402300800000 is more than 253402300799999");
	v.coins = UINT64_MAX;
	refuses("coins", &v, "coins: 18446744073709551615 is more than 9223372036854775807");
	v.amount = (struct jt_amount){ JT_UINT_MAX + 1, { .decimals = 6 } };
	refuses("amount", &v, "amount: 9223372036854775808 is more than 9223372036854775807");
	v.amount = (struct jt_amount){ 5, { .code = "SWT", .decimals = 6 } };
	refuses("amount", &v, "amount: not an asset");
	v.asset = (struct jt_asset){ .code = "A", .decimals = 2 };
	refuses("asset", &v, "asset: not an asset");
	v.asset = (struct jt_asset){ .code = "CNY", .decimals = 10 };
	refuses("asset", &v, "asset: not an asset");
	v.text = jt_slice_text("longer");
	refuses("text", &v, "text: 6 bytes, more than 5");
	v.text = jt_slice_text("\xff");
	refuses("text", &v, "text: text is not UTF-8");
	v.bytes = v.object = jt_slice_text("longer");
	refuses("bytes", &v, "bytes: 6 bytes, more than 5");
	refuses("object", &v, "object: 6 bytes, more than 5");
	v.word = 4;
	refuses("word", &v, "word: unknown word");
	v.words = 16;
	refuses("words", &v, "words: unknown word");
	v.words = UINT64_C(1) << 63;
	refuses("words", &v, "words: unknown word");
	v.list = (struct jt_list){ pairs, 3 };
	refuses("list", &v, "list: 3 elements, more than 2");
	v.list.count = 2;
	refuses("list", &v, "list: element 2: weight: 65536 is more than 65535");
	pairs[1].weight = 6;
	v.list = (struct jt_list){ pairs + 1, 2 };
	refuses("list", &v, "list: element 2: not in strictly ascending order");
	pairs[2] = pairs[1];
	refuses("list", &v, "list: element 2: not in strictly ascending order");
	v.map.note = jt_slice_text("a note of twenty-one.");
	refuses("map", &v, "map: note: 21 bytes, more than 20");
	/* Room. */
	s = schema_of(plain_field("text"));
	v.text = jt_slice_text("hello");
	for (size_t max = 0; max < 12; max++) {
		jt_buf_init(&b, max);
		is_int(jt_encode(&s, &v, &b, &error), JT_SYSTEM, "no room in %zu bytes", max);
		jt_buf_free(&b);
	}
	jt_buf_init(&b, 12);
	is_int(jt_encode(&s, &v, &b, &error), JT_OK, "room in 12");
	jt_buf_free(&b);
}

/* ---- random structs ---- */

static void random_struct(const struct jt_schema *s, void *out, unsigned depth);

static struct jt_slice
random_slice(uint64_t max, bool text)
{
	size_t len = (size_t)random_below(random_below(8) == 0 ? 400 : 20);
	uint8_t *data;

	len = len < max ? len : (size_t)max;
	data = msgpack_zone_malloc(zone, len + 1);
	random_bytes(data, len);
	for (size_t i = 0; text && i < len; i++)
		data[i] &= 0x7f;
	return (struct jt_slice){ data, len };
}

static uint64_t
random_number(uint64_t max)
{
	uint64_t v;

	random_bytes(&v, sizeof v);
	v >>= random_below(64);
	return v <= max ? v : random_below(4) == 0 ? max : v % max;
}

static void
random_list(const struct jt_field *f, struct jt_list *l, unsigned depth)
{
	uint32_t count = (uint32_t)random_below((f->max < 40 ? f->max : 40) + 1);
	uint8_t *items = msgpack_zone_malloc(zone, (count + 1) * f->sub->size);

	memset(items, 0, (count + 1) * f->sub->size);
	*l = (struct jt_list){ items, count };
	for (uint32_t i = 0; i < count; i++) {
		random_struct(f->sub, items + i * f->sub->size, depth);
		if (f->flags & JT_SORTED)
			items[i * f->sub->size + f->sub->fields[0].offset] = (uint8_t)(i * 6);
	}
}

static void
random_asset(struct jt_asset *a)
{
	static const char *const codes[] = { "CNY", "A1", "LongestCode1", "swt" };

	*a = (struct jt_asset){ .decimals = JT_COINS_DECIMALS };
	if (random_below(2) == 0)
		return;
	strcpy(a->code, codes[random_below(4)]);
	a->decimals = (uint8_t)random_below(10);
	random_bytes(a->issuer, JT_ACCOUNT);
}

static void
random_value(const struct jt_field *f, void *at, unsigned depth)
{
	uint64_t *number = at, words = 0;
	struct jt_amount *amount = at;

	switch (f->type) {
	case JT_UINT:
	case JT_COINS:
		*number = random_number(f->max ? f->max : JT_UINT_MAX);
		break;
	case JT_TIME:
		*number = random_number(JT_TIME_MAX);
		break;
	case JT_AMOUNT:
		random_asset(&amount->asset);
		amount->units = random_number(JT_UINT_MAX);
		break;
	case JT_ASSET:
		random_asset(at);
		break;
	case JT_TEXT:
	case JT_BYTES:
	case JT_OBJECT:
		*(struct jt_slice *)at = random_slice(f->max, f->type == JT_TEXT);
		break;
	case JT_FIXED:
		random_bytes(at, (size_t)f->max);
		break;
	case JT_ADDRESS:
		random_bytes(at, JT_ACCOUNT);
		break;
	case JT_WORD:
	case JT_WORDS:
		while (f->words[words] != NULL)
			words++;
		*number = random_below(f->type == JT_WORD ? words : UINT64_C(1) << words);
		break;
	case JT_MAP:
		random_struct(f->sub, at, depth);
		break;
	case JT_LIST:
		random_list(f, at, depth);
		break;
	}
}

static void
random_struct(const struct jt_schema *s, void *out, unsigned depth)
{
	for (size_t i = 0; i < s->count; i++)
		if (!(s->fields[i].flags & JT_OPTIONAL) || random_below(3) == 0)
			random_value(
			    &s->fields[i], (uint8_t *)out + s->fields[i].offset, depth + 1);
}

enum { STRUCTS = 400, MUTANTS = 60 };

static void
test_random(void)
{
	size_t written = 0, read = 0, again = 0, walked = 0, taken = 0, same = 0, odd = 0;
	struct jt_buf b, c;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_buf_init(&c, JT_OBJECT_MAX);
	for (int i = 0; i < STRUCTS; i++) {
		struct sample *v = calloc(1, sizeof *v), *w = calloc(1, sizeof *w);

		if (v == NULL || w == NULL)
			abort();
		msgpack_zone_clear(zone);
		random_struct(&sample_schema, v, 0);
		jt_buf_clear(&b);
		jt_buf_clear(&c);
		if (jt_encode(&sample_schema, v, &b, &error) != JT_OK)
			printf("# %s\n", error.text);
		else
			written++;
		walked += jt_walk(jt_buf_slice(&b), &error) == JT_OK;
		read += jt_decode(&sample_schema, jt_buf_slice(&b), w, zone, &error) == JT_OK;
		again += jt_encode(&sample_schema, w, &c, &error) == JT_OK &&
		    jt_slice_equal(jt_buf_slice(&b), jt_buf_slice(&c));
		/* What is read in spite of a changed byte is written with that byte. */
		for (int m = 0; m < MUTANTS && b.len > 0; m++) {
			size_t at = (size_t)random_below(b.len);
			uint8_t was = b.data[at];
			enum jt_err err;

			b.data[at] = (uint8_t)random_below(256);
			err = jt_decode(&sample_schema, jt_buf_slice(&b), w, zone, &error);
			odd += err != JT_OK && err != JT_MALFORMED;
			if (err == JT_OK) {
				taken++;
				jt_buf_clear(&c);
				same += jt_encode(&sample_schema, w, &c, &error) == JT_OK &&
				    jt_slice_equal(jt_buf_slice(&b), jt_buf_slice(&c));
			}
			b.data[at] = was;
		}
		free(v);
		free(w);
	}
	is_int(written, STRUCTS, "random structs are written");
	is_int(walked, STRUCTS, "as canonical bytes");
	is_int(read, STRUCTS, "which are read");
	is_int(again, STRUCTS, "and written again as the same bytes");
	ok(taken > STRUCTS && same == taken && odd == 0,
	    "of %d changed ones the %zu that are read are written the same, too", STRUCTS * MUTANTS,
	    taken);
	jt_buf_free(&b);
	jt_buf_free(&c);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	if (zone == NULL)
		return 1;
	test_good();
	test_bad();
	test_values();
	test_optional();
	test_keys();
	test_encode();
	test_random();
	msgpack_zone_free(zone);
	return done_testing();
}
