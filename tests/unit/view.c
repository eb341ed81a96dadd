/*
 * The text views: what is shown packs to the same bytes, in every style; what
 * people and other programs write is taken; what could mean two things, or
 * nothing, is refused with its line.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sign.h"
#include "object/view.h"
#include "random.h"
#include "sample.h"
#include "tap.h"

enum { ROUNDS = 150, OUT_MAX = 16 << 20 };

static const enum jt_style styles[] = { JT_YAML, JT_JSON, JT_LINE };
static const char *const style_names[] = { "YAML", "JSON", "one line" };

static const char address[] = "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD";
#define ADDRESS "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD"
#define ZERO_ADDRESS "jjjjjjjjjjjjjjjjjjjjjhoLvTp"

/* ---- text in and out ---- */

/* A file that holds the text, to be read from its start. */
static int
file_of(struct jt_slice text)
{
	FILE *f = tmpfile();
	int fd;

	if (f == NULL || fwrite(text.data, 1, text.len, f) != text.len || fflush(f) != 0 ||
	    (fd = dup(fileno(f))) < 0 || lseek(fd, 0, SEEK_SET) != 0) {
		perror("tmpfile");
		exit(1);
	}
	fclose(f);
	return fd;
}

/* All objects in the descriptor's text; messages, one a line, in errors. */
static unsigned
pack_fd(int fd, struct jt_buf *out, struct jt_buf *errors)
{
	struct jt_pack *p = jt_pack_open(&sample_kinds, fd);
	bool end = false, broken = false;
	unsigned count = 0;

	while (!broken) {
		struct jt_error e;
		enum jt_err err = jt_pack_next(p, out, &end, &broken, &e);
		if (end)
			break;
		if (err == JT_OK)
			count++;
		else
			jt_buf_addf(errors, "%s%s\n", broken ? "broken: " : "", e.text);
	}
	jt_pack_close(p);
	close(fd);
	return count;
}

static unsigned
pack(struct jt_slice text, struct jt_buf *out, struct jt_buf *errors)
{
	jt_buf_clear(out);
	jt_buf_clear(errors);
	return pack_fd(file_of(text), out, errors);
}

static const char *
text_of(struct jt_buf *b)
{
	jt_buf_add(b, "", 1);
	b->len--;
	return (const char *)b->data;
}

/* Does this text give these objects and messages? Both as they would be shown. */
static void
gives(const char *text, const char *shown, const char *messages, const char *name)
{
	struct jt_buf out, errors, show;
	struct jt_slice rest;

	jt_buf_init(&out, OUT_MAX);
	jt_buf_init(&errors, OUT_MAX);
	jt_buf_init(&show, OUT_MAX);
	pack(jt_slice_text(text), &out, &errors);
	for (rest = jt_buf_slice(&out); rest.len > 0;) {
		struct jt_object o;
		struct jt_error e;
		size_t size = 0;
		if (jt_object_size(rest, &size, &e) != JT_OK ||
		    jt_object_parse((struct jt_slice){ rest.data, size }, &o, &e) != JT_OK ||
		    jt_show(&sample_kinds, &o, JT_JSON, &show, &e) != JT_OK) {
			ok(false, "%s: %s", name, e.text);
			break;
		}
		rest.data += size;
		rest.len -= size;
	}
	is_text(text_of(&show), shown, "%s: objects", name);
	is_text(text_of(&errors), messages, "%s: messages", name);
	jt_buf_free(&out);
	jt_buf_free(&errors);
	jt_buf_free(&show);
}

/* ---- random objects ---- */

static msgpack_zone zone;

static void *
take(size_t size)
{
	void *p = msgpack_zone_malloc(&zone, size + 1);

	if (p == NULL)
		exit(1);
	memset(p, 0, size + 1);
	return p;
}

/* What has a meaning somewhere: to YAML, to JSON, to terminals, to libyaml. */
static const char *const nasty[] = {
	"no", "0x10", "1e3", "~", "null", "true", "Yes", "", " ", "  two  ", "\t", "\n", "\r\n",
	"a\nb\n", "\n\n", "- a", "a: b", "{a: b}", "[1, 2]", "# no comment", "a #b", "a # b",
	"\"", "'", "\\", "\\n", "\"quoted\"", "it's", "---", "--- x", "...", "%YAML 1.2", "&a",
	"*a", "!tag", "!!str x", "|", ">", "?", "? a", ":", "@", "`", "1:30", "2017-03-01",
	"<<", "=", ".inf", "0o7", "1_000", "\xf0\x9f\x98\x80", "\xef\xbb\xbf", "\xe2\x80\xa8",
	"\xe2\x80\xa9", "\xc2\x85", "\xc2\xa0", "\xc2\x80", "\xef\xbf\xbe", "\xef\xbf\xbf",
	"\xef\xbf\xbd", "\x7f", "\x1b[31m", "\x01", "\x1f", "\b\f", "\xe4\xba\xba\xe6\xb0\x91",
	"\xf0\x9f\xbf\xbf", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80", "/", "\\u0041",
	"\\ud83d", "</script>", "\xc3\xa9", "a,b", ",", "]", "}",
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static struct jt_slice
random_text(size_t max)
{
	uint8_t *text = take(max);
	size_t len = 0, pieces = random_below(5);

	while (pieces-- > 0) {
		const char *piece = nasty[random_below(NASTY)];
		if (random_below(8) == 0 && len < max) {
			text[len++] = (uint8_t)random_below(0x80);
			continue;
		}
		if (len + strlen(piece) > max)
			break;
		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return (struct jt_slice){ text, len };
}

static struct jt_slice
random_blob(size_t max)
{
	size_t len = random_below(max + 1);
	uint8_t *data = take(len);

	random_bytes(data, len);
	return (struct jt_slice){ data, len };
}

/* Small numbers, large ones, and the ends. */
static uint64_t
random_number(uint64_t max)
{
	switch (random_below(5)) {
	case 0:
		return 0;
	case 1:
		return max;
	case 2:
		return random_below(200) <= max ? random_below(max < 200 ? max + 1 : 200) : 0;
	default:
		return random_below(max) >> random_below(40);
	}
}

static struct jt_asset
random_asset(void)
{
	struct jt_asset a = { .decimals = JT_COINS_DECIMALS };

	if (random_below(3) == 0)
		return a;
	snprintf(a.code, sizeof a.code, "%.*s", 2 + (int)random_below(11), "CNYabc012345");
	a.decimals = (uint8_t)random_below(10);
	random_bytes(a.issuer, sizeof a.issuer);
	return a;
}

static void
random_pairs(struct jt_list *l, uint32_t max, bool ascending)
{
	struct sample_pair *p = take(max * sizeof *p);

	*l = (struct jt_list){ p, (uint32_t)random_below(max + 1) };
	for (uint32_t i = 0; i < l->count; i++) {
		random_bytes(p[i].account, JT_ACCOUNT);
		p[i].weight = random_number(65535);
		if (ascending)
			p[i].account[0] = (uint8_t)(i + 1);
	}
}

static struct sample_inner
random_inner(void)
{
	struct sample_inner x = { random_text(20), random_number(JT_UINT_MAX), { NULL, 0 } };

	random_pairs(&x.parts, 4, false);
	return x;
}

static struct jt_slice random_object(unsigned nest);

/* Nested ones get rarer towards the inside, or an object would not end. */
static struct jt_slice
random_nested(unsigned nest)
{
	return nest == 0 || random_below(3) > 0 ? (struct jt_slice){ (const uint8_t *)"", 0 }
	    : random_object(nest - 1);
}

static void
random_lists(struct sample *s, unsigned nest)
{
	struct sample_inner *maps = take(5 * sizeof *maps);
	uint64_t *numbers = take(5 * sizeof *numbers), *times = take(3 * sizeof *times);
	struct jt_slice *texts = take(5 * sizeof *texts), *objects = take(3 * sizeof *objects);
	struct sample_triple *triples = take(3 * sizeof *triples);

	for (int i = 0; i < 5; i++) {
		maps[i] = random_inner();
		numbers[i] = random_number(JT_UINT_MAX);
		texts[i] = random_text(SAMPLE_TEXT_MAX);
	}
	for (int i = 0; i < 3; i++) {
		times[i] = random_number(JT_TIME_MAX);
		objects[i] = random_nested(nest);
		triples[i] = (struct sample_triple){ random_inner(),
			{ texts, (uint32_t)random_below(4) }, random_nested(nest) };
	}
	s->maps = (struct jt_list){ maps, (uint32_t)random_below(6) };
	s->numbers = (struct jt_list){ numbers, (uint32_t)random_below(6) };
	s->texts = (struct jt_list){ texts, (uint32_t)random_below(6) };
	s->times = (struct jt_list){ times, (uint32_t)random_below(4) };
	s->objects = (struct jt_list){ objects, (uint32_t)random_below(4) };
	s->triples = (struct jt_list){ triples, (uint32_t)random_below(4) };
	random_pairs(&s->pairs, 5, false);
	random_pairs(&s->sorted, 5, true);
}

static struct sample *
random_sample(unsigned nest)
{
	struct sample *s = take(sizeof *s);

	s->must_amount = (struct jt_amount){ random_number(JT_UINT_MAX), random_asset() };
	s->must_asset = random_asset();
	s->must_bytes = random_blob(SAMPLE_BYTES_MAX);
	s->must_text = random_text(SAMPLE_TEXT_MAX);
	s->must_object = random_nested(nest);
	s->must_map = random_inner();
	s->must_coins = random_number(JT_UINT_MAX);
	s->must_time = random_number(JT_TIME_MAX);
	s->must_uint = random_number(JT_UINT_MAX);
	s->must_word = random_below(4);
	s->must_words = random_below(16);
	random_bytes(s->must_address, sizeof s->must_address);
	random_bytes(s->must_hash, sizeof s->must_hash);
	if (random_below(3) == 0)
		return s;
	s->amount = (struct jt_amount){ random_number(JT_UINT_MAX), random_asset() };
	s->asset = random_asset();
	s->bytes = random_blob(SAMPLE_BYTES_MAX);
	s->text = random_text(SAMPLE_TEXT_MAX);
	s->object = random_nested(nest);
	s->map = random_inner();
	s->coins = random_number(JT_UINT_MAX);
	s->time = random_number(JT_TIME_MAX);
	s->uint = random_number(JT_UINT_MAX);
	s->small = random_number(64);
	s->word = random_below(4);
	s->words = random_below(16);
	random_bytes(s->address, sizeof s->address);
	random_bytes(s->hash, sizeof s->hash);
	random_lists(s, nest);
	return s;
}

static struct jt_slice
copy_of(struct jt_buf *b)
{
	uint8_t *data = take(b->len);
	size_t len = b->len;

	memcpy(data, b->data, len);
	jt_buf_free(b);
	return (struct jt_slice){ data, len };
}

/* A small unsigned object, or one with everything and signatures. */
static struct jt_slice
random_object(unsigned nest)
{
	struct jt_buf body, object;
	struct jt_error e;
	enum jt_err err;

	jt_buf_init(&body, JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	if (random_below(4) == 0) {
		struct sample_inner x = random_inner();
		err = jt_encode(&sample_inner_schema, &x, &body, &e);
		jt_object_write(&object, random_below(2) ? "bare" : "at", 1, jt_buf_slice(&body));
	} else {
		struct jt_sig sigs[3];
		random_bytes(sigs, sizeof sigs);
		err = jt_encode(&sample_schema, random_sample(nest), &body, &e);
		if (err == JT_OK)
			err = jt_signed_write(&object, jt_slice_text("all"), 1,
			    jt_buf_slice(&body), sigs, random_below(4), &e);
	}
	if (err != JT_OK) {
		printf("Bail out! random object: %s\n", e.text);
		exit(1);
	}
	jt_buf_free(&body);
	return copy_of(&object);
}

/* Shows the object in a style and packs the text again. */
static bool
round_trip(const struct jt_object *o, enum jt_style style)
{
	struct jt_buf text, again, errors;
	struct jt_error e = { JT_OK, "" };
	bool same = false;

	jt_buf_init(&text, OUT_MAX);
	jt_buf_init(&again, OUT_MAX);
	jt_buf_init(&errors, OUT_MAX);
	if (jt_show(&sample_kinds, o, style, &text, &e) == JT_OK) {
		unsigned n = pack(jt_buf_slice(&text), &again, &errors);
		same = n == 1 && errors.len == 0 && jt_slice_equal(jt_buf_slice(&again), o->bytes);
	}
	if (!same)
		printf("# %s\n# %s\n# %.*s\n", e.text, text_of(&errors), (int)text.len,
		    (const char *)text.data);
	jt_buf_free(&text);
	jt_buf_free(&again);
	jt_buf_free(&errors);
	return same;
}

static void
test_random_objects(void)
{
	struct jt_error e;
	struct jt_object o;

	for (int s = 0; s < 3; s++) {
		int good = 0;
		for (int i = 0; i < ROUNDS; i++) {
			msgpack_zone_clear(&zone);
			if (jt_object_parse(random_object(JT_NEST_MAX), &o, &e) == JT_OK &&
			    jt_kind_check(&sample_kinds, &o, &e) == JT_OK &&
			    round_trip(&o, styles[s]))
				good++;
		}
		is_int(good, ROUNDS, "random objects come back from %s", style_names[s]);
	}
}

/* Each nasty text alone, as the only thing that could go wrong. */
static void
test_texts(void)
{
	struct jt_buf body, object;
	struct jt_object o;
	struct jt_error e;

	for (size_t i = 0; i < NASTY; i++) {
		struct sample_inner x = { .note = jt_slice_text(nasty[i]) };
		bool same = true;

		jt_buf_init(&body, JT_OBJECT_MAX);
		jt_buf_init(&object, JT_OBJECT_MAX);
		jt_encode(&sample_inner_schema, &x, &body, &e);
		jt_object_write(&object, "bare", 1, jt_buf_slice(&body));
		jt_object_parse(jt_buf_slice(&object), &o, &e);
		for (int s = 0; s < 3; s++)
			same = same && round_trip(&o, styles[s]);
		ok(same, "text %zu comes back", i + 1);
		jt_buf_free(&body);
		jt_buf_free(&object);
	}
}

/* Every field that has a short form, as a word of the command line. */
static void
test_random_fields(void)
{
	int good = 0, all = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct sample *s = random_sample(0);
		for (size_t j = 0; j < sample_schema.count; j++) {
			const struct jt_field *f = &sample_fields[j];
			struct sample one = *s, two = *s;
			struct jt_buf text, a, b;
			struct jt_error e;
			if (f->type == JT_MAP || f->type == JT_OBJECT || f->type == JT_TEXT ||
			    (f->type == JT_LIST && (f->sub == &sample_inner_schema ||
			    f->sub == &sample_triple_schema || f->sub == &sample_object_schema ||
			    f->sub == &sample_text_schema)))
				continue;
			jt_buf_init(&text, OUT_MAX);
			jt_buf_init(&a, OUT_MAX);
			jt_buf_init(&b, OUT_MAX);
			all++;
			good += jt_show_field(f, &one, &text, &e) == JT_OK &&
			    jt_parse_field(f, jt_buf_slice(&text), &two, &zone, &e) == JT_OK &&
			    jt_encode(&sample_schema, &one, &a, &e) == JT_OK &&
			    jt_encode(&sample_schema, &two, &b, &e) == JT_OK &&
			    jt_slice_equal(jt_buf_slice(&a), jt_buf_slice(&b));
			if (good != all)
				printf("# %s %s: %s\n", f->name, text_of(&text), e.text);
			jt_buf_free(&text);
			jt_buf_free(&a);
			jt_buf_free(&b);
		}
		msgpack_zone_clear(&zone);
	}
	is_int(good, all, "fields come back from words");
}

/* ---- what it looks like ---- */

#define KEY "0000000000000000000000000000000000000000000000000000000000000000"
#define PAY_JSON(amount, seq, more) \
	"{\"kind\":\"jt/pay/1\",\"body\":{\"amount\":\"" amount "\",\"seq\":\"" seq \
	"\"," more "\"to\":\"" ADDRESS "\"},\"sigs\":[]}\n"

static void
shows(const struct jt_object *o, enum jt_style style, const char *want, const char *name)
{
	struct jt_buf text;
	struct jt_error e = { JT_OK, "" };

	jt_buf_init(&text, OUT_MAX);
	if (!is_int(jt_show(&sample_kinds, o, style, &text, &e), JT_OK, "%s", name))
		printf("# %s\n", e.text);
	is_text(text_of(&text), want, "%s", name);
	jt_buf_free(&text);
}

static void
test_pay(void)
{
	struct sample_pair signers[2] = { { { 1 }, 1 }, { { 2 }, 20 } };
	struct sample_pay p = { { 12500000, { "", 6, { 0 } } }, jt_slice_text("for\n\"you\""), 7,
		{ signers, 2 }, { 0 } };
	struct jt_sig sig = { { 0 }, { 0 } };
	struct jt_buf body, object, text;
	uint8_t id[JT_HASH];
	char hex[2 * JT_HASH + 1], want[2000];
	struct jt_object o;
	struct jt_error e;

	jt_address_parse(jt_slice_text(address), p.to);
	jt_buf_init(&body, JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_buf_init(&text, OUT_MAX);
	jt_encode(&sample_pay_schema, &p, &body, &e);
	jt_signed_write(&object, jt_slice_text("pay"), 1, jt_buf_slice(&body), &sig, 1, &e);
	jt_object_parse(jt_buf_slice(&object), &o, &e);
	jt_kind_id(&sample_pay, &o, id, &e);
	for (int i = 0; i < JT_HASH; i++)
		snprintf(hex + 2 * i, 3, "%02x", id[i]);
	snprintf(want, sizeof want,
	    "--- # %s\n"
	    "kind: jt/pay/1\n"
	    "body:\n"
	    "  amount: 12.5\n"
	    "  memo: \"for\\n\\\"you\\\"\"\n"
	    "  seq: 7\n"
	    "  signers:\n"
	    "  - [jaHgU3KRBN6XYbEhi5JyJELSHtshTenYw, 1]\n"
	    "  - [jB2MPEdqM7QhaBV35RcAbVC12mnfoBLMM, 20]\n"
	    "  to: " ADDRESS "\n"
	    "sigs:\n"
	    "- [" KEY ", " KEY KEY "] # j99SpYzcpwxJEaveHuYMmCD2CsskyRSRpt\n", hex);
	shows(&o, JT_YAML, want, "a payment in YAML");
	snprintf(want, sizeof want,
	    "--- {kind: jt/pay/1, body: {amount: 12.5, memo: \"for\\n\\\"you\\\"\", seq: 7, "
	    "signers: [[jaHgU3KRBN6XYbEhi5JyJELSHtshTenYw, 1], "
	    "[jB2MPEdqM7QhaBV35RcAbVC12mnfoBLMM, 20]], to: " ADDRESS "}, "
	    "sigs: [[" KEY ", " KEY KEY "]]} # %s\n", hex);
	shows(&o, JT_LINE, want, "a payment on one line");
	shows(&o, JT_JSON,
	    "{\"kind\":\"jt/pay/1\",\"body\":{\"amount\":\"12.5\",\"memo\":\"for\\n\\\"you\\\"\","
	    "\"seq\":\"7\",\"signers\":[[\"jaHgU3KRBN6XYbEhi5JyJELSHtshTenYw\",\"1\"],"
	    "[\"jB2MPEdqM7QhaBV35RcAbVC12mnfoBLMM\",\"20\"]],\"to\":\"" ADDRESS "\"},"
	    "\"sigs\":[[\"" KEY "\",\"" KEY KEY "\"]]}\n", "a payment in JSON");
	is_int(jt_show_field(&sample_pay_fields[3], &p, &text, &e), JT_OK, "a list as a word");
	is_text(text_of(&text), "jaHgU3KRBN6XYbEhi5JyJELSHtshTenYw:1,"
	    "jB2MPEdqM7QhaBV35RcAbVC12mnfoBLMM:20", "a list as a word");
	jt_buf_clear(&text);
	p.memo = jt_slice_text("red: \x1b[31m \"x\"");
	is_int(jt_show_field(&sample_pay_fields[1], &p, &text, &e), JT_OK, "text as a word");
	is_text(text_of(&text), "red: \\u001b[31m \"x\"", "text as a word is safe to print");
	/* What turns the direction of writing around, or is not seen, could show another text. */
	for (uint32_t c = 0x80; c <= 0xffff; c++) {
		char utf8[] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)), 'x', '\0' }, escaped[16];
		bool hidden = c < 0xa0 || c == 0xad || c == 0x61c || c == 0x115f || c == 0x1160 ||
		    c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2060 && c <= 0x206f) || c == 0x3164 || c == 0xfeff || c == 0xffa0 ||
		    (c >= 0xfff9 && c <= 0xfffb) || c >= 0xfffe;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c < 0x800) {
			utf8[0] = (char)(0xc0 | c >> 6);
			utf8[1] = utf8[2];
			utf8[2] = 'x';
			utf8[3] = '\0';
		}
		snprintf(escaped, sizeof escaped, "\\u%04xx", (unsigned)c);
		jt_buf_clear(&text);
		p.memo = jt_slice_text(utf8);
		if (jt_show_field(&sample_pay_fields[1], &p, &text, &e) != JT_OK ||
		    strcmp(text_of(&text), hidden ? escaped : utf8) != 0)
			ok(false, "U+%04X is %s: %s", (unsigned)c, hidden ? "escaped" : "as it is",
			    text_of(&text));
	}
	jt_buf_free(&text);
	jt_buf_free(&object);
	jt_buf_free(&body);
}

/* A secret is in no view, and no view becomes one. */
static void
test_secret(void)
{
	struct sample_key k = { jt_slice_text("alice"), jt_slice_text("sixteen bytes it"), { 9 } };
	struct jt_buf body, object;
	struct jt_object o;
	struct jt_error e;

	jt_buf_init(&body, JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_encode(&sample_key_schema, &k, &body, &e);
	jt_object_write(&object, "key", 1, jt_buf_slice(&body));
	jt_object_parse(jt_buf_slice(&object), &o, &e);
	shows(&o, JT_YAML, "---\nkind: jt/key/1\nbody:\n  name: \"alice\"\n  salt: (secret)\n"
	    "  seed: (secret)\n", "a secret key in YAML");
	shows(&o, JT_JSON, "{\"kind\":\"jt/key/1\",\"body\":{\"name\":\"alice\","
	    "\"salt\":\"(secret)\",\"seed\":\"(secret)\"}}\n", "a secret key in JSON");
	shows(&o, JT_LINE, "--- {kind: jt/key/1, body: {name: \"alice\", salt: (secret), "
	    "seed: (secret)}}\n", "a secret key on one line");
	gives("--- {kind: jt/key/1, body: {name: x, salt: 00, seed: 00}}\n", "",
	    "line 1: a secret key cannot be made from text\n", "a secret key");
	jt_buf_free(&body);
	jt_buf_free(&object);
}

static void
test_empty(void)
{
	gives("---\nkind: jt/bare/1\nbody: {}\n", "{\"kind\":\"jt/bare/1\",\"body\":{}}\n", "",
	    "a body without fields");
	gives("---\nkind: jt/at/1\nbody:\n  parts: []\n  note:\n  number: 0\n",
	    "{\"kind\":\"jt/at/1\",\"body\":{}}\n", "", "what is empty is absent");
}

/* ---- what people write ---- */

#define BARE(note) "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"" note "\"}}\n"
#define PAY "kind: jt/pay/1\nbody:\n"

static void
test_hand_written(void)
{
	/* Words that YAML has another opinion of. */
	gives("--- {kind: jt/bare/1, body: {note: no}}\n--- {kind: jt/bare/1, body: {note: 0x10}}\n"
	    "--- {kind: jt/bare/1, body: {note: 1e3}}\n--- {kind: jt/bare/1, body: {note: ~}}\n"
	    "--- {kind: jt/bare/1, body: {note: null}}\n--- {kind: jt/bare/1, body: {note: 1.0}}\n"
	    "--- {kind: jt/bare/1, body: {note: 2017-03-01}}\n",
	    BARE("no") BARE("0x10") BARE("1e3") BARE("~") BARE("null") BARE("1.0")
	    BARE("2017-03-01"), "", "words stay text");
	/* No marker before the first, comments, any order, block text, CRLF at one place. */
	gives("# a comment\n\nkind: jt/bare/1\nbody: # here\n  note: |\n    two\n    lines\n"
	    "--- # 4f09\nbody: {note: 'it''s'}\nkind: \"jt/bare/1\"\n...\n# between\n"
	    "%YAML 1.2\n---\r\nkind: jt/bare/1\r\nbody:\r\n  note: >-\r\n    a\r\n    b",
	    BARE("two\\nlines\\n") BARE("it's") BARE("a b"), "", "YAML as people write it");
	gives("\xef\xbb\xbf\n--- {kind: jt/bare/1, body: {note: x}}", BARE("x"), "",
	    "a byte order mark before YAML");
	gives("\xef\xbb\xbf \n{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"x\"}}", BARE("x"), "",
	    "a byte order mark before JSON");
	gives("", "", "", "an empty file");
	gives("\n# nothing\n\n", "", "", "a file of comments");
	gives("---\n" PAY "  to: " ADDRESS "\n  seq: 1\n  amount: 12.50CNY/" ADDRESS "\n"
	    "  signers: [[" ADDRESS ", 1], [" ZERO_ADDRESS ", 2]]\n",
	    PAY_JSON("12.50CNY/" ADDRESS, "1", "\"signers\":[[\"" ZERO_ADDRESS
	    "\",\"2\"],[\"" ADDRESS "\",\"1\"]],"), "", "signers in any order");
	gives("--- {kind: jt/pay/1, body: {amount: 12CNY/" ADDRESS ", seq: 0, to: " ADDRESS "}}\n",
	    PAY_JSON("12CNY/" ADDRESS, "0", ""), "", "an asset without decimals");
}

static void
test_json(void)
{
	/* As Python's json.dumps and its ensure_ascii=False write it. */
	gives("{\"kind\": \"jt/bare/1\", \"body\": {\"note\": \"\\ud83d\\ude00 \\u20ac\\u0000\\/\"}}\n"
	    "\n \t\r\n"
	    "{\"kind\": \"jt/bare/1\", \"body\": {\"number\": 12, \"note\": \"\xf0\x9f\x98\x80\x7f"
	    "\xe2\x80\xa8\xef\xbb\xbf\\\\u0041\"}}\r\n",
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\xf0\x9f\x98\x80 \xe2\x82\xac\\u0000/\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\xf0\x9f\x98\x80\\u007f\\u2028\\ufeff"
	    "\\\\u0041\",\"number\":\"12\"}}\n", "", "JSON as Python writes it");
	gives("{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"100\xe2\x80\xae" "001\xd8\x9c\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\xc2\xad\\u2066\\u200d\"}}\n",
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"100\\u202e001\\u061c\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\u00ad\\u2066\\u200d\"}}\n", "",
	    "what is not seen");
	gives("{\"kind\":\"jt/pay/1\",\"body\":{\"amount\":12.5,\"seq\":7,\"to\":\"" ADDRESS
	    "\"},\"sigs\":[]}\n", PAY_JSON("12.5", "7", ""), "", "JSON numbers");
	/* Each bad line is skipped, the good ones count. */
	gives(BARE("1") "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\n" BARE("2")
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"nope\":\"\"}}\n" BARE("3")
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\ud83d\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\ude00\\ud83d\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\ud83d\\u0041\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":null}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":1}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"number\":1 2}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"number\":-1}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"a\tb\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\x41\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\\u12g4\"}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"x\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{},}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{} # no\n"
	    "{'kind':\"jt/bare/1\",\"body\":{}}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{]}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{}} {}\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"parts\":[\"a\":\"b\"]}}\n"
	    "{\"kind\" \"jt/bare/1\",\"body\":{}}\n"
	    "[]\n"
	    "{\"kind\":\"jt/bare/1\",\"body\":{\"note\":\"\xff\"}}\n" BARE("4"),
	    BARE("1") BARE("2") BARE("3") BARE("4"),
	    "line 2: not JSON: the line ends inside the object\n"
	    "line 4: unknown field \"nope\"\n"
	    "line 6: not JSON: half a surrogate pair\n"
	    "line 7: not JSON: half a surrogate pair\n"
	    "line 8: not JSON: half a surrogate pair\n"
	    "line 9: expected a string in quotes or a number, not \"null\"\n"
	    "line 10: note: expected a string in quotes, not \"1\"\n"
	    "line 11: expected a string in quotes or a number, not \"1 2\"\n"
	    "line 12: expected a string in quotes or a number, not \"-1\"\n"
	    "line 13: not JSON: control character in a string\n"
	    "line 14: not JSON: unknown escape in a string\n"
	    "line 15: not JSON: \\u without four hex digits\n"
	    "line 16: not JSON: string without an end\n"
	    "line 17: not JSON: brackets, commas or colons that do not match\n"
	    "line 18: not JSON: a character that stands for nothing outside of quotes\n"
	    "line 19: not JSON: a character that stands for nothing outside of quotes\n"
	    "line 20: not JSON: brackets, commas or colons that do not match\n"
	    "line 21: not JSON: expected one object {...} on the line\n"
	    "line 22: not JSON: brackets, commas or colons that do not match\n"
	    "line 23: a value is missing\n"
	    "line 24: not JSON: expected one object {...} on the line\n"
	    "line 25: not JSON: not UTF-8\n", "bad JSON lines");
}

/* ---- refusals ---- */

static void
refused(const char *text, const char *message)
{
	char name[60];

	snprintf(name, sizeof name, "%.40s", message);
	gives(text, "", message, name);
}

static void
test_yaml_refused(void)
{
	refused("--- {kind: jt/bare/1, body: &a {}}\n", "line 1: anchors are not taken\n");
	refused("---\nkind: jt/bare/1\nbody: *a\n", "line 3: aliases are not taken\n");
	refused("---\nkind: jt/bare/1\nbody:\n  note: !!str x\n", "line 4: tags are not taken\n");
	refused("---\nkind: !x jt/bare/1\nbody: {}\n", "line 2: tags are not taken\n");
	refused("%TAG ! tag:example,2000:\n--- {kind: jt/bare/1, body: {}}\n",
	    "line 1: %TAG is not taken\n");
	refused("%YAML 1.2\n%TAG ! x\n--- {kind: jt/bare/1, body: {}}\n",
	    "line 1: more than one directive\n");
	refused("%YAML 1.2\n", "line 2: did not find expected <document start>\n");
	refused("%YAML 3.0\n--- {kind: jt/bare/1, body: {}}\n",
	    "line 1: found incompatible YAML document\n");
	refused("---\nkind: jt/bare/1\nkind: jt/bare/1\nbody: {}\n", "line 3: kind: twice\n");
	refused("---\nkind: jt/bare/1\nbody:\n  note: a\n  number: 1\n  note: b\n",
	    "line 6: note: twice\n");
	refused("---\nkind: jt/bare/1\nbody:\n  <<: {note: a}\n", "line 4: unknown field \"<<\"\n");
	refused("---\nkind: jt/bare/1\nbody:\n  ? [a]\n  : b\n",
	    "line 4: expected the name of a field, not a list or map\n");
	refused("---\n", "line 2: expected an object {kind, body}, not \"\"\n");
	refused("---\nhello\n", "line 2: expected an object {kind, body}, not \"hello\"\n");
	refused("---\n- 1\n", "line 2: expected an object {kind, body}, not a list\n");
	refused("---\nbody: {}\n", "line 2: kind: missing\n");
	refused("---\nkind: jt/bare/1\n", "line 2: body: missing\n");
	refused("---\nkind: jt/bare/1\nbody: {}\nsigs: []\n",
	    "line 2: sigs: jt/bare is not signed\n");
	refused("---\nkind: jt/bare/1\nbody: {}\nid: 7\n", "line 4: unknown field \"id\"\n");
	refused("---\nkind: jt/what/1\nbody: {}\n", "line 2: kind: unknown kind jt/what\n");
	refused("---\nkind: jt/bare/2\nbody: {}\n",
	    "line 2: kind: jt/bare has version 2, this program knows version 1\n");
	refused("---\nkind: bare\nbody: {}\n",
	    "line 2: kind: expected a kind like jt/pay/1, not \"bare\"\n");
	refused("---\nkind: jt/bare/x\nbody: {}\n",
	    "line 2: kind: expected a kind like jt/pay/1, not \"jt/bare/x\"\n");
	refused("---\nkind: [jt/bare/1]\nbody: {}\n",
	    "line 2: kind: expected a kind like jt/pay/1, not a list\n");
	refused("---\nkind: jt/bare/1\nbody:\n  note: \xff\n", "line 4: invalid leading UTF-8 octet\n");
	refused("---\nkind: jt/bare/1\nbody:\n\tnote: x\n",
	    "line 4: found character that cannot start any token\n");
	refused("a\rb: c\r--- d\r", "line 2: mapping values are not allowed in this context\n");
	refused("kind: a\r--- kind: b\r", "line 2: expected the end of the document\n");
	/* Quotes that do not end, end with the document. */
	gives("---\nkind: jt/bare/1\nbody:\n  note: \"x\n--- {kind: jt/bare/1, body: {note: y}}\n"
	    "--- {kind: jt/bare/1, body: {note: }\n--- {kind: jt/bare/1, body: {note: z}}\n",
	    BARE("y") BARE("z"), "line 5: found unexpected end of stream\n"
	    "line 7: did not find expected ',' or '}'\n", "what is broken stays in its document");
}

static void
test_fields_refused(void)
{
#define IN_PAY(amount, seq, to) \
	"---\n" PAY "  amount: " amount "\n  seq: " seq "\n  to: " to "\n"
	refused(IN_PAY("1.2345678", "1", ADDRESS),
	    "line 4: amount: expected a number with at most 6 decimals, not \"1.2345678\"\n");
	refused(IN_PAY("12.5SWT", "1", ADDRESS),
	    "line 4: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not \"12.5SWT\"\n");
	refused(IN_PAY("12.5SWT/" ADDRESS, "1", ADDRESS), "line 4: amount: expected an asset's code "
	    "(2 to 12 letters and digits) before \"/\", not \"SWT\"\n");
	refused(IN_PAY("1.0123456789CNY/" ADDRESS, "1", ADDRESS),
	    "line 4: amount: expected a number with at most 9 decimals, not \"1.0123456789\"\n");
	refused(IN_PAY("1CNY/j", "1", ADDRESS),
	    "line 4: amount: expected an address after \"/\", not \"j\"\n");
	refused(IN_PAY("-1", "1", ADDRESS),
	    "line 4: amount: expected an amount like 12.5 or 12.50CNY/ADDRESS, not \"-1\"\n");
	refused(IN_PAY("9223372036854.775808", "1", ADDRESS),
	    "line 4: amount: expected at most 9223372036854.775807, not \"9223372036854.775808\"\n");
	refused(IN_PAY("1", "0x10", ADDRESS),
	    "line 5: seq: expected a whole number, not \"0x10\"\n");
	refused(IN_PAY("1", "01", ADDRESS), "line 5: seq: expected a whole number, not \"01\"\n");
	refused(IN_PAY("1", "1.0", ADDRESS), "line 5: seq: expected a whole number, not \"1.0\"\n");
	refused(IN_PAY("1", "1001", ADDRESS), "line 5: seq: expected at most 1000, not \"1001\"\n");
	refused(IN_PAY("1", "99999999999999999999", ADDRESS),
	    "line 5: seq: expected at most 1000, not \"99999999999999999999\"\n");
	refused(IN_PAY("1", "{}", ADDRESS), "line 5: seq: expected one word, not a map\n");
	refused(IN_PAY("1", "1", "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpE"), "line 6: to: expected an "
	    "address, not \"jLUEXYuLiQptky37CqLcm9USQpPiz5jkpE\"\n");
	refused("---\n" PAY "  amount: 1\n  to: " ADDRESS "\n", "line 4: seq: missing\n");
	refused(IN_PAY("1", "1", ADDRESS) "  signers: [[" ADDRESS ", 70000]]\n", "line 7: signers: "
	    "element 1: weight: expected at most 65535, not \"70000\"\n");
	refused(IN_PAY("1", "1", ADDRESS) "  signers:\n  - [" ADDRESS ", 1]\n  - [" ADDRESS "]\n",
	    "line 9: signers: element 2: expected a list of 2, not of 1\n");
	refused(IN_PAY("1", "1", ADDRESS) "  signers:\n  - [" ADDRESS ", 1]\n  - [" ADDRESS ", 2]\n",
	    "line 8: signers: account " ADDRESS " twice\n");
	refused(IN_PAY("1", "1", ADDRESS) "  signers: x\n",
	    "line 7: signers: expected a list, not \"x\"\n");
	refused(IN_PAY("1", "1", ADDRESS) "  signers: [1, 2, 3, 4, 5, 6]\n",
	    "line 7: signers: expected at most 5 elements, not 6\n");
	refused(IN_PAY("1", "1", ADDRESS) "sigs: [[" KEY ", " KEY "]]\n", "line 7: sigs: element 1: "
	    "sig: expected 128 hex digits, not \"" "000000000000000000000000000000000000000000000000"
	    "...\"\n");
	refused(IN_PAY("1", "1", ADDRESS) "sigs: [[" KEY ", " KEY KEY "], [" KEY ", " KEY KEY "]]\n",
	    "line 7: sigs: key " KEY " twice\n");
	refused("--- {kind: jt/bare/1, body: {note: 123456789012345678901}}\n",
	    "line 1: note: expected at most 20 bytes, not 21\n");
}

/* The types that a payment has not, as words of a command line. */
static void
word(const char *field, const char *text, const char *want)
{
	const struct jt_field *f = jt_schema_field(&sample_schema, jt_slice_text(field));
	struct sample s = { .small = 0 };
	struct jt_error e = { JT_OK, "" };
	struct jt_buf shown;

	jt_buf_init(&shown, OUT_MAX);
	if (jt_parse_field(f, jt_slice_text(text), &s, &zone, &e) == JT_OK) {
		jt_show_field(f, &s, &shown, &e);
		is_text(text_of(&shown), want, "%s=%s", field, text);
	} else
		is_text(e.text, want, "%s=%s", field, text);
	jt_buf_free(&shown);
}

/* Of more words than a line has room for it tells whole ones. */
static void
test_many_words(void)
{
	static const char *const words[] = {
		"alexandrite", "amethyst", "aquamarine", "carnelian", "chalcedony", "chrysoberyl",
		"cornelian", "heliotrope", "labradorite", "moonstone", "sapphire", "tourmaline", NULL
	};
	const struct jt_field f = { .name = "stone", .type = JT_WORD, .words = words };
	uint64_t index = 0;
	struct jt_error e = { .code = JT_OK };

	is_int(jt_parse_field(&f, jt_slice_text("quartz"), &index, &zone, &e), JT_MALFORMED,
	    "no word");
	is_text(e.text, "stone: expected one of alexandrite, amethyst, aquamarine, carnelian, "
	    "chalcedony, chrysoberyl, cornelian, heliotrope, labradorite, ..., not \"quartz\"",
	    "as many as fit");
}

static void
test_words(void)
{
	word("small", "64", "64");
	word("small", "65", "small: expected at most 64, not \"65\"");
	word("small", "", "small: expected a whole number, not \"\"");
	word("coins", "0.000001", "0.000001");
	word("coins", ".5", "coins: expected a number with at most 6 decimals, not \".5\"");
	word("amount", "12.50CNY/" ADDRESS, "12.50CNY/" ADDRESS);
	word("amount", "12.50", "12.5");
	word("amount", "0.000000001CNY/" ADDRESS, "0.000000001CNY/" ADDRESS);
	word("asset", "SWT", "SWT");
	word("asset", "CNY.2/" ADDRESS, "CNY.2/" ADDRESS);
	word("asset", "CNY/" ADDRESS, "asset: expected SWT or an asset like CNY.2/ADDRESS, "
	    "not \"CNY/" ADDRESS "\"");
	word("time", "2017-03-01T12:00:00Z", "2017-03-01T12:00:00Z");
	word("time", "2017-02-30T12:00:00Z",
	    "time: expected a time like 2017-03-01T12:00:00Z, not \"2017-02-30T12:00:00Z\"");
	word("bytes", "00fFaB", "00ffab");
	word("bytes", "00f", "bytes: expected an even number of hex digits, not \"00f\"");
	word("bytes", "0g", "bytes: expected an even number of hex digits, not \"0g\"");
	word("hash", "00", "hash: expected 64 hex digits, not \"00\"");
	word("text", "a b", "a b");
	word("text", "\xff", "text: text is not UTF-8");
	word("word", "paid", "paid");
	word("word", "lost", "word: expected one of accepted, no, paid, refused, not \"lost\"");
	word("words", "refused,no", "no,refused");
	word("words", "", "");
	word("words", "no,no", "words: no twice");
	word("words", "no,", "words: expected one of accepted, no, paid, refused, not \"\"");
	word("numbers", "3,1,2", "3,1,2");
	word("numbers", "3,x", "numbers: element 2: expected a whole number, not \"x\"");
	word("times", "2017-03-01T12:00:00Z,1970-01-01T00:00:00.001Z",
	    "2017-03-01T12:00:00Z,1970-01-01T00:00:00.001Z");
	word("pairs", ADDRESS ":1," ZERO_ADDRESS ":2", ADDRESS ":1," ZERO_ADDRESS ":2");
	word("sorted", ADDRESS ":1," ZERO_ADDRESS ":2", ZERO_ADDRESS ":2," ADDRESS ":1");
	word("sorted", ADDRESS ":1," ADDRESS ":2", "sorted: account " ADDRESS " twice");
	word("pairs", ADDRESS, "pairs: element 1: expected 2 words with \":\" between them, "
	    "not \"" ADDRESS "\"");
	word("pairs", ADDRESS ":1:2",
	    "pairs: element 1: weight: expected a whole number, not \"1:2\"");
	word("pairs", "a:1,b:1,c:1,d:1,e:1,f:1", "pairs: expected at most 5 elements, not 6");
	word("map", "x", "map: cannot be written as one word");
	word("maps", "x", "maps: cannot be written as one word");
}

/* ---- limits, streams ---- */

static void
add_times(struct jt_buf *b, const char *text, size_t times)
{
	while (times-- > 0)
		jt_buf_add_text(b, text);
}

static void
limit(struct jt_buf *text, const char *messages, unsigned objects, const char *name)
{
	struct jt_buf out, errors;

	jt_buf_init(&out, OUT_MAX);
	jt_buf_init(&errors, OUT_MAX);
	is_int(pack(jt_buf_slice(text), &out, &errors), objects, "%s: objects", name);
	is_text(text_of(&errors), messages, "%s: messages", name);
	jt_buf_free(&out);
	jt_buf_free(&errors);
	jt_buf_clear(text);
}

static void
test_limits(void)
{
	static const char next[] = "\n--- {kind: jt/bare/1, body: {note: x}}\n";
	struct jt_buf text;

	jt_buf_init(&text, 2 * OUT_MAX);
	jt_buf_add_text(&text, "--- ");
	add_times(&text, "[", 100);
	add_times(&text, "]", 100);
	jt_buf_add_text(&text, next);
	limit(&text, "line 1: nested too deep\n", 1, "nesting in YAML");
	jt_buf_add_text(&text, "---\n");
	for (int i = 0; i < 100; i++)
		jt_buf_addf(&text, "%*sa:\n", i, "");
	jt_buf_add_text(&text, next);
	limit(&text, "line 70: nested too deep\n", 1, "nesting in blocks");
	jt_buf_add_text(&text, "{");
	add_times(&text, "\"a\":{", 100);
	jt_buf_add_text(&text, "\n" BARE("x"));
	limit(&text, "line 1: nested too deep\n", 1, "nesting in JSON");
	jt_buf_add_text(&text, "--- [");
	add_times(&text, "1,", JT_OBJECT_MAX + 10);
	jt_buf_add_text(&text, next);
	limit(&text, "line 1: more words than an object can hold\n", 1, "words without end");
	jt_buf_add_text(&text, "---\nkind: jt/bare/1\nbody: {note: x}\n--- {note: \"");
	add_times(&text, "a\n", JT_PACK_MAX / 2);
	jt_buf_add_text(&text, next);
	limit(&text, "broken: line 4: document is longer than 8388608 bytes\n", 1, "a document");
	jt_buf_add_text(&text, "--- x\n");
	add_times(&text, " ", JT_PACK_MAX + 100000);
	limit(&text, "broken: line 1: line is longer than 8388608 bytes\n", 0, "a line");
	jt_buf_add_text(&text, BARE("x"));
	add_times(&text, " ", JT_PACK_MAX + 100000);
	limit(&text, "broken: line 2: line is longer than 8388608 bytes\n", 1, "a line of JSON");
	add_times(&text, "# comment\n", JT_PACK_MAX / 5);
	jt_buf_add_text(&text, next + 1);
	limit(&text, "", 1, "comments are no document");
	jt_buf_free(&text);
}

/* The longest text that an object can have, and one byte more. */
static void
test_longest(void)
{
	struct jt_buf body, object, text;
	struct sample *s;
	struct jt_object o;
	struct jt_error e;
	uint8_t *bytes;
	size_t room;

	msgpack_zone_clear(&zone);
	s = random_sample(0);
	jt_buf_init(&body, 2 * JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_buf_init(&text, OUT_MAX);
	bytes = take(JT_OBJECT_MAX);
	memset(bytes, 1, JT_OBJECT_MAX);
	s->text = (struct jt_slice){ bytes, 70000 };
	jt_encode(&sample_schema, s, &body, &e);
	jt_signed_write(&object, jt_slice_text("all"), 1, jt_buf_slice(&body), NULL, 0, &e);
	room = JT_OBJECT_MAX - object.len;
	s->text.len += room;
	jt_buf_clear(&body);
	jt_buf_clear(&object);
	jt_encode(&sample_schema, s, &body, &e);
	jt_signed_write(&object, jt_slice_text("all"), 1, jt_buf_slice(&body), NULL, 0, &e);
	is_int(object.len, JT_OBJECT_MAX, "the longest object");
	jt_object_parse(jt_buf_slice(&object), &o, &e);
	for (int i = 0; i < 3; i++)
		ok(round_trip(&o, styles[i]), "the longest object in %s", style_names[i]);
	if (jt_show(&sample_kinds, &o, JT_LINE, &text, &e) == JT_OK) {
		uint8_t *at = memmem(text.data, text.len, "\\u0001\\u0001", 12);
		memcpy(at, "1234567", 7); /* 6 bytes more for two characters less: 5 more in all */
		limit(&text, "line 1: object is longer than 1048576 bytes\n", 0, "a longer object");
	}
	jt_buf_free(&body);
	jt_buf_free(&object);
	jt_buf_free(&text);
}

/* From a pipe whose writer gives single bytes. */
static void
test_pipe(void)
{
	static const char text[] = "---\nkind: jt/bare/1\nbody:\n  note: one\n"
	    "--- {kind: jt/bare/1, body: {note: two}}\n";
	struct jt_buf out, errors;
	int ends[2];
	pid_t child;

	jt_buf_init(&out, OUT_MAX);
	jt_buf_init(&errors, OUT_MAX);
	if (pipe(ends) != 0 || (child = fork()) < 0)
		exit(1);
	if (child == 0) {
		for (size_t i = 0; i < sizeof text - 1; i++)
			if (write(ends[1], text + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	is_int(pack_fd(ends[0], &out, &errors), 2, "objects byte by byte");
	is_text(text_of(&errors), "", "no messages");
	waitpid(child, NULL, 0);
	jt_buf_clear(&errors);
	pack_fd(open("/", O_RDONLY | O_CLOEXEC), &out, &errors);
	is_text(text_of(&errors), "broken: Is a directory\n", "what cannot be read");
	jt_buf_free(&out);
	jt_buf_free(&errors);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	if (!jt_crypto_init() || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return 1;
	test_random_objects();
	test_texts();
	test_random_fields();
	test_pay();
	test_secret();
	test_empty();
	test_hand_written();
	test_json();
	test_yaml_refused();
	test_fields_refused();
	test_words();
	test_many_words();
	test_limits();
	test_longest();
	test_pipe();
	msgpack_zone_destroy(&zone);
	return done_testing();
}
