/*
 * Objects and streams of them: the envelope and each way to get it wrong, the
 * reader on pipes that give what they have byte by byte, signed objects.
 */
#include "object/object.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "object/signed.h"
#include "object/walk.h"
#include "random.h"
#include "tap.h"

static struct jt_error error;

/* ---- the envelope ---- */

static void
hex(const char *text, struct jt_buf *out)
{
	size_t n = strlen(text) / 2;

	jt_buf_clear(out);
	if (!jt_buf_reserve(out, n) ||
	    !jt_hex_parse(jt_slice_text(text), out->data, n))
		abort();
	out->len = n;
}

static void
test_parse(void)
{
	struct jt_object o;
	struct jt_buf b;
	size_t size;

	jt_buf_init(&b, JT_OBJECT_MAX);
	hex("93a66a742f70617901c40180", &b);
	is_int(jt_object_parse(jt_buf_slice(&b), &o, &error), JT_OK,
	    "jt/pay, version 1, an empty map");
	ok(jt_slice_is(o.kind, "pay") && o.version == 1 && o.payload.len == 1 &&
	    o.payload.data[0] == 0x80 && jt_slice_equal(o.bytes, jt_buf_slice(&b)), "in its parts");
	ok(jt_object_is(&o, "pay") && !jt_object_is(&o, "pa") && !jt_object_is(&o, "pays"),
	    "by its kind");
	is_int(jt_object_size(jt_buf_slice(&b), &size, &error), JT_OK, "how long is it");
	is_int(size, b.len, "so long");
	/* 24 letters, the longest version, the longest lengths. */
	hex("93bb6a742f6162636465666768696a6b6c6d6e6f70717273747576772d"
	    "cf8000000000000000"
	    "c400",
	    &b);
	is_int(
	    jt_object_parse(jt_buf_slice(&b), &o, &error), JT_OK, "a long kind, a great version");
	ok(o.kind.len == JT_KIND_MAX && o.version == UINT64_C(1) << 63 && o.payload.len == 0,
	    "in their parts");
	jt_buf_free(&b);
}

static void
test_refused(void)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "offset 0: ends early" },
		{ "93", "offset 1: ends early" },
		{ "93a66a742f", "offset 5: ends early" },
		{ "93a66a742f706179", "offset 8: ends early" },
		{ "93a66a742f70617901", "offset 9: ends early" },
		{ "93a66a742f70617901c4", "offset 10: ends early" },
		{ "93a66a742f70617901c401", "offset 11: ends early" },
		{ "93a66a742f70617901c50001", "offset 12: ends early" },
		{ "93a66a742f706179cd01", "offset 10: ends early" },
		{ "00", "offset 0: no object begins here" },
		{ "c1", "offset 0: no object begins here, its writer had to stop" },
		{ "c193", "offset 0: no object begins here, its writer had to stop" },
		{ "2d2d2d0a", "offset 0: no object begins here, but text" },
		{ "7b", "offset 0: no object begins here, but text" },
		{ "92a66a742f70617901c40180", "offset 0: no object begins here" },
		{ "94a66a742f70617901c40180", "offset 0: no object begins here" },
		{ "dc0003a66a742f70617901c40180", "offset 0: no object begins here" },
		{ "93a36a742f01c40180", "offset 0: no object begins here" },
		{ "93d9066a742f70617901c40180", "offset 0: no object begins here" },
		{ "93a66a742e70617901c40180", "offset 0: no object begins here" },
		{ "93a66b742f70617901c40180", "offset 0: no object begins here" },
		{ "9301a66a742f706179c40180", "offset 0: no object begins here" },
		{ "93a66a742f50617901c40180", "offset 2: kind is not a word of a-z, 0-9 and -" },
		{ "93a66a742f70207901c40180", "offset 2: kind is not a word of a-z, 0-9 and -" },
		{ "93a66a742f70ff7901c40180", "offset 2: kind is not a word of a-z, 0-9 and -" },
		{ "93a66a742f702f7901c40180", "offset 2: kind is not a word of a-z, 0-9 and -" },
		{ "93bc6a742f" "61616161616161616161616161616161616161616161616161" "01c40180",
		    "offset 2: kind is not a word of a-z, 0-9 and -" },
		{ "93a66a742f706179a1c40180", "offset 8: version is not a number" },
		{ "93a66a742f706179ffc40180", "offset 8: version is not a number" },
		{ "93a66a742f706179c0c40180", "offset 8: version is not a number" },
		{ "93a66a742f706179d001c40180", "offset 8: version is not a number" },
		{ "93a66a742f70617901a180", "offset 9: payload is not a byte string" },
		{ "93a66a742f7061790180", "offset 9: payload is not a byte string" },
		{ "93a66a742f70617901c70180", "offset 9: payload is not a byte string" },
		{ "93a66a742f706179cc01c40180", "offset 8: not the shortest form" },
		{ "93a66a742f706179cd0001c40180", "offset 8: not the shortest form" },
		{ "93a66a742f706179ce00000001c40180", "offset 8: not the shortest form" },
		{ "93a66a742f706179cf0000000000000001c40180", "offset 8: not the shortest form" },
		{ "93a66a742f70617901c5000180", "offset 9: not the shortest form" },
		{ "93a66a742f70617901c60000000180", "offset 9: not the shortest form" },
		{ "93a66a742f706179cd0100c5000180", "offset 11: not the shortest form" },
		{ "93a66a742f706179cc01c5000180", "offset 8: not the shortest form" },
		{ "93a66a742f70617901c4018000", "offset 12: more bytes than the object" },
		{ "93a66a742f70617901c4018093a66a742f70617901c40180",
		    "offset 12: more bytes than the object" },
		{ "93a66a742f70617901c600100000", "object of 1048590 bytes, more than 1048576" },
		{ "93a66a742f70617901c6ffffffff", "object of 4294967309 bytes, more than 1048576" },
		{ "93a66a742f70617901c6000ffff3", "object of 1048577 bytes, more than 1048576" },
		{ "93a66a742f70617901c6000ffff2", "offset 14: ends early" },
	};
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum jt_err err;
		hex(cases[i].bytes, &b);
		err = jt_object_parse(jt_buf_slice(&b), &o, &error);
		if (!ok(err == JT_MALFORMED && strcmp(error.text, cases[i].why) == 0, "%s: %s",
		    cases[i].bytes, cases[i].why))
			printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	}
	jt_buf_free(&b);
}

/* Objects of all sizes at which a length's form changes. */
static void
test_write(void)
{
	static const size_t sizes[] = { 0, 1, 255, 256, 65535, 65536, JT_OBJECT_MAX - 14 };
	uint8_t *data = calloc(1, JT_OBJECT_MAX);
	struct jt_buf b;
	struct jt_object o;
	size_t size;

	if (data == NULL)
		abort();
	jt_buf_init(&b, 2 * JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		jt_buf_clear(&b);
		ok(jt_object_write(&b, "pay", 1, (struct jt_slice){ data, sizes[i] }) &&
		    jt_object_parse(jt_buf_slice(&b), &o, &error) == JT_OK &&
		    o.payload.len == sizes[i] &&
		    jt_object_size(jt_buf_slice(&b), &size, &error) == JT_OK && size == b.len,
		    "a payload of %zu bytes", sizes[i]);
		/* How long it is can be told from its first bytes. */
		is_int(jt_object_size((struct jt_slice){ b.data, b.len < 64 ? b.len : 64 }, &size,
		    &error), JT_OK, "and its size from its beginning");
	}
	is_int(b.len, JT_OBJECT_MAX, "the longest object");
	jt_buf_clear(&b);
	ok(!jt_object_write(&b, "pay", 1, (struct jt_slice){ data, JT_OBJECT_MAX - 13 }) &&
	    b.failed && b.len == 0, "one byte more is not written");
	jt_buf_free(&b);
	jt_buf_init(&b, 11);
	ok(!jt_object_write(&b, "pay", 1, (struct jt_slice){ data, 1 }) && b.failed && b.len == 0,
	    "nor one that does not fit the buffer");
	jt_buf_free(&b);
	free(data);
}

/* The id: kind, version, zero, body, and nothing that could be moved between them. */
static void
test_hash(void)
{
	uint8_t a[JT_HASH], b[JT_HASH], want[JT_HASH];

	jt_object_hash(a, jt_slice_text("pay"), 1, jt_slice_text("body"));
	jt_hash(want, (struct jt_slice){ (const uint8_t *)"jt/pay/1\0body", 13 });
	is_bytes(a, want, JT_HASH, "H(\"jt/pay/1\" 0x00 body)");
	jt_object_hash(a, jt_slice_text("pay"), UINT64_MAX, jt_slice_text(""));
	jt_hash(want, (struct jt_slice){ (const uint8_t *)"jt/pay/18446744073709551615\0", 28 });
	is_bytes(a, want, JT_HASH, "any version");
	jt_object_hash(a, jt_slice_text("pay"), 1, jt_slice_text("1body"));
	jt_object_hash(b, jt_slice_text("pay"), 11, jt_slice_text("body"));
	ok(memcmp(a, b, JT_HASH) != 0, "the version is no part of the body");
}

/* ---- streams ---- */

/* What a reader makes of a stream that comes in pieces; a line for each object. */
static void
read_all(int fd, struct jt_buf *out)
{
	struct jt_reader r;
	struct jt_object o;

	jt_buf_clear(out);
	jt_reader_init(&r, fd, "test");
	for (;;) {
		enum jt_err err = jt_reader_next(&r, &o, &error);
		if (err == JT_OK && o.bytes.len == 0)
			break;
		jt_buf_addf(out, "#%" PRIu64 " at %" PRIu64 ": ", r.index, r.offset);
		if (err == JT_OK)
			jt_buf_addf(out, "%.*s %zu\n", (int)o.kind.len, (const char *)o.kind.data,
			    o.payload.len);
		else
			jt_buf_addf(out, "%s%s\n", r.broken ? "broken: " : "", error.text);
		if (r.broken)
			break;
	}
	jt_reader_free(&r);
	jt_buf_add(out, "", 1);
}

/*
 * The stream cut before each of the places in `cuts`, ascending: the reader
 * gets what is between two of them in one read, as pipes in packet mode do.
 */
static void
read_cut(struct jt_slice s, const size_t *cuts, size_t count, struct jt_buf *out)
{
	size_t at = 0;
	int fd[2];

	if (pipe2(fd, O_DIRECT) != 0 || fcntl(fd[1], F_SETPIPE_SZ, 1 << 20) < 0)
		abort();
	for (size_t i = 0; i <= count; i++) {
		size_t end = i < count ? cuts[i] : s.len;
		if (end > at && write(fd[1], s.data + at, end - at) != (ssize_t)(end - at))
			abort();
		at = end;
	}
	close(fd[1]);
	read_all(fd[0], out);
	close(fd[0]);
}

/* Good frames, good and bad inside, and then `end`, which is told last. */
static void
make_stream(struct jt_buf *out, const char *end)
{
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_buf_clear(out);
	jt_object_write(out, "pay", 1, jt_slice_text("\x80"));
	jt_object_write(out, "at", 1, (struct jt_slice){ NULL, 0 });
	hex("93a66a742f50617901c40180" /* jt/Pay */ "93a66a742f706179cc01c40180"
	    "93a66a742f70617901c50002c0c0", &b);
	jt_buf_add_slice(out, jt_buf_slice(&b));
	jt_object_write(out, "a-kind-of-twenty-letters", 127, jt_slice_text("not looked at"));
	hex(end, &b);
	jt_buf_add_slice(out, jt_buf_slice(&b));
	jt_buf_free(&b);
}

#define STREAM_LINES \
	"#1 at 0: pay 1\n#2 at 12: at 0\n" \
	"#3 at 22: offset 2: kind is not a word of a-z, 0-9 and -\n" \
	"#4 at 34: offset 8: not the shortest form\n#5 at 47: offset 9: not the shortest form\n" \
	"#6 at 61: a-kind-of-twenty-letters 13\n"

static void
test_split(void)
{
	static const struct {
		const char *bytes, *line;
	} ends[] = {
		{ "", "" },
		{ "93a66a742f70617901c40180", "#7 at 106: pay 1\n" },
		{ "93a66a742f70617901c401", "#7 at 106: broken: offset 11: ends early\n" },
		{ "93", "#7 at 106: broken: offset 1: ends early\n" },
		{ "c1",
		    "#7 at 106: broken: offset 0: no object begins here, its writer had to "
		    "stop\n" },
		{ "93a66a742f706179a101",
		    "#7 at 106: broken: offset 8: version is not a number\n" },
		{ "93a66a742f70617901ff",
		    "#7 at 106: broken: offset 9: payload is not a byte string\n" },
		{ "93a66a742f70617901c6ffffffff00",
		    "#7 at 106: broken: object of 4294967309 bytes, more than 1048576\n" },
		{ "6869", "#7 at 106: broken: offset 0: no object begins here, but text\n" },
	};
	struct jt_buf stream, lines;
	char want[1024];
	size_t cuts[256];

	jt_buf_init(&stream, JT_OBJECT_MAX);
	jt_buf_init(&lines, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t bad = 0;

		make_stream(&stream, ends[i].bytes);
		snprintf(want, sizeof want, "%s%s", STREAM_LINES, ends[i].line);
		read_cut(jt_buf_slice(&stream), NULL, 0, &lines);
		is_text((const char *)lines.data, want, "in one piece");
		for (size_t at = 1; at < stream.len; at++) {
			read_cut(jt_buf_slice(&stream), &at, 1, &lines);
			bad += strcmp((const char *)lines.data, want) != 0;
			cuts[at - 1] = at;
		}
		is_int(bad, 0, "in two pieces, cut at any byte");
		read_cut(jt_buf_slice(&stream), cuts, stream.len - 1, &lines);
		is_text((const char *)lines.data, want, "byte by byte");
	}
	jt_buf_free(&stream);
	jt_buf_free(&lines);
}

/* Objects that are larger than what is read at once, on a pipe and in a file. */
static void
test_large(void)
{
	static const size_t sizes[] = { 10, 65500, 65536, 3, 70000, JT_OBJECT_MAX - 14, 1, 200000,
		0 };
	uint8_t *data = malloc(JT_OBJECT_MAX);
	struct jt_buf stream, lines;
	char want[1024] = "";
	uint64_t offset = 0;
	FILE *file = tmpfile();
	int fd[2];
	pid_t child;

	if (data == NULL || file == NULL || pipe(fd) != 0)
		abort();
	random_bytes(data, JT_OBJECT_MAX);
	jt_buf_init(&stream, SIZE_MAX / 2);
	jt_buf_init(&lines, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct jt_buf one;
		jt_buf_init(&one, JT_OBJECT_MAX);
		jt_object_write(&one, "pay", 1, (struct jt_slice){ data, sizes[i] });
		snprintf(want + strlen(want), sizeof want - strlen(want), "#%zu at %" PRIu64
		    ": pay %zu\n", i + 1, offset, sizes[i]);
		offset += one.len;
		jt_buf_add_slice(&stream, jt_buf_slice(&one));
		jt_buf_free(&one);
	}
	if (fwrite(stream.data, 1, stream.len, file) != stream.len || fflush(file) != 0 ||
	    lseek(fileno(file), 0, SEEK_SET) != 0)
		abort();
	read_all(fileno(file), &lines);
	is_text((const char *)lines.data, want, "from a file");
	if ((child = fork()) == 0) {
		close(fd[0]);
		_exit(jt_file_write_fd(fd[1], "pipe", jt_buf_slice(&stream), &error) != JT_OK);
	}
	close(fd[1]);
	read_all(fd[0], &lines);
	is_text((const char *)lines.data, want, "from a pipe");
	close(fd[0]);
	waitpid(child, NULL, 0);
	/* One byte too long is refused before it is read. */
	hex("93a66a742f70617901c6000ffff3", &stream);
	read_cut(jt_buf_slice(&stream), NULL, 0, &lines);
	is_text((const char *)lines.data,
	    "#1 at 0: broken: object of 1048577 bytes, more than 1048576\n", "too long");
	fclose(file);
	free(data);
	jt_buf_free(&stream);
	jt_buf_free(&lines);
}

static void
test_errors(void)
{
	struct jt_reader r;
	struct jt_object o;
	struct jt_buf lines;
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	jt_reader_init(&r, fd, "/");
	is_int(jt_reader_next(&r, &o, &error), JT_IO, "a directory cannot be read");
	is_text(error.text, "Is a directory", "says so");
	ok(r.broken, "nothing more is to be read");
	jt_reader_free(&r);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	jt_buf_init(&lines, 64);
	read_all(fd, &lines);
	is_text((const char *)lines.data, "", "nothing");
	jt_buf_free(&lines);
	close(fd);
}

/* Would the next call wait? */
static void
test_dry(void)
{
	struct jt_reader r;
	struct jt_object o;
	struct jt_buf b;
	int fd[2];

	if (pipe(fd) != 0)
		abort();
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (int i = 0; i < 3; i++)
		jt_object_write(&b, "pay", 1, jt_slice_text("\x80"));
	jt_reader_init(&r, fd[0], "pipe");
	ok(jt_reader_dry(&r), "an empty pipe");
	if (write(fd[1], b.data, 30) != 30)
		abort();
	ok(!jt_reader_dry(&r), "something in the pipe");
	is_int(jt_reader_next(&r, &o, &error), JT_OK, "the first object");
	ok(!jt_reader_dry(&r), "a second one has come with it");
	is_int(jt_reader_next(&r, &o, &error), JT_OK, "the second object");
	ok(jt_reader_dry(&r), "half of a third one is not enough");
	if (write(fd[1], b.data + 30, 6) != 6)
		abort();
	ok(!jt_reader_dry(&r), "the other half is in the pipe");
	is_int(jt_reader_next(&r, &o, &error), JT_OK, "the third object");
	ok(jt_reader_dry(&r), "nothing again");
	close(fd[1]);
	ok(!jt_reader_dry(&r), "the end is no wait");
	ok(jt_reader_next(&r, &o, &error) == JT_OK && o.bytes.len == 0, "the end");
	ok(!jt_reader_dry(&r), "nor after it");
	jt_reader_free(&r);
	close(fd[0]);
	jt_buf_free(&b);
}

/* Whoever reads before all was taken that is there has lost nothing, and is not at the end. */
static void
test_more(void)
{
	enum { COUNT = 20000 };
	struct jt_reader r;
	struct jt_object o;
	struct jt_buf b;
	FILE *file = tmpfile();
	int count = 0;

	jt_buf_init(&b, JT_OBJECT_MAX);
	for (int i = 0; i < COUNT; i++)
		jt_object_write(&b, "pay", 1, jt_slice_text("\x80"));
	if (file == NULL || write(fileno(file), b.data, b.len) != (ssize_t)b.len ||
	    lseek(fileno(file), 0, SEEK_SET) != 0)
		abort();
	jt_reader_init(&r, fileno(file), "file");
	while (!r.end && jt_reader_more(&r, &error) == JT_OK)
		for (int i = 0; i < 100 && jt_reader_has(&r); i++)
			count += jt_reader_next(&r, &o, &error) == JT_OK && o.bytes.len > 0;
	while (!r.broken && jt_reader_next(&r, &o, &error) == JT_OK && o.bytes.len > 0)
		count++;
	is_int(count, COUNT, "all objects, however often more is read");
	is_int(r.broken, false, "and then the end");
	jt_reader_free(&r);
	fclose(file);
	jt_buf_free(&b);
}

/* ---- signed objects ---- */

static void
make_sigs(struct jt_sig *sigs, size_t count, const uint8_t id[JT_HASH])
{
	for (size_t i = 0; i < count; i++) {
		uint8_t seed[32] = { (uint8_t)i, 1 }, secret[JT_SECRET];
		jt_sign_keypair(sigs[i].key, secret, seed);
		jt_sign_id(sigs[i].sig, secret, id);
	}
}

/* A socket whose other end left without reading: that is its end, and no failure of ours. */
static void
test_reset(void)
{
	struct jt_reader r;
	struct jt_object o;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0 || write(fd[0], "x", 1) != 1)
		abort();
	close(fd[1]);
	jt_reader_init(&r, fd[0], "socket");
	is_int(jt_reader_next(&r, &o, &error), JT_OK, "a connection that was reset");
	is_int((int)o.bytes.len, 0, "is at its end");
	jt_reader_free(&r);
	close(fd[0]);
}

static void
test_signed(void)
{
	static const char body[] = "\x81\xa3seq\x05";
	struct jt_slice want = jt_slice_text(body), found;
	struct jt_sig sigs[JT_SIGS_MAX + 1], *sig;
	uint8_t id[JT_HASH], hash[2][JT_HASH];
	msgpack_zone *zone = msgpack_zone_new(4096);
	struct jt_signed s;
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_object_hash(id, jt_slice_text("pay"), 1, want);
	make_sigs(sigs, JT_SIGS_MAX + 1, id);
	for (size_t n = 0; n <= JT_SIGS_MAX; n += n < 4 ? 1 : 31) {
		bool ascending = true;
		jt_buf_clear(&b);
		ok(jt_signed_write(&b, jt_slice_text("pay"), 1, want, sigs, n, &error) == JT_OK &&
		    jt_object_parse(jt_buf_slice(&b), &o, &error) == JT_OK &&
		    jt_signed_decode(&o, &s, zone, &error) == JT_OK && s.sigs.count == n &&
		    jt_slice_equal(s.body, want), "%zu signatures", n);
		sig = s.sigs.items;
		for (size_t i = 1; i < n; i++)
			ascending = ascending && memcmp(sig[i - 1].key, sig[i].key, JT_KEY) < 0;
		ok(ascending, "in the order of their keys");
		ok(jt_signed_body(&o, &found, &error) == JT_OK && jt_slice_equal(found, want),
		    "around the same body");
		is_int(jt_signed_verify(&o, &s, &error), n > 0 ? JT_OK : JT_NO, "good, if any");
	}
	is_int(jt_signed_write(&b, jt_slice_text("pay"), 1, want, sigs, JT_SIGS_MAX + 1, &error),
	    JT_MALFORMED, "too many");
	is_text(error.text, "sigs: 129, more than 128", "says so");
	sigs[5] = sigs[3];
	is_int(jt_signed_write(&b, jt_slice_text("pay"), 1, want, sigs, 6, &error), JT_MALFORMED,
	    "a key twice");
	is_text(error.text, "sigs: a key signs twice", "says so");
	/* One bad signature of several: named. */
	make_sigs(sigs, 3, id);
	sigs[1].sig[0] ^= 1;
	jt_buf_clear(&b);
	jt_signed_write(&b, jt_slice_text("pay"), 1, want, sigs, 3, &error);
	jt_object_parse(jt_buf_slice(&b), &o, &error);
	jt_signed_decode(&o, &s, zone, &error);
	is_int(jt_signed_verify(&o, &s, &error), JT_NO, "one is bad");
	char key[2 * JT_KEY + 1], line[128];
	jt_hex_format(sigs[1].key, JT_KEY, key);
	snprintf(line, sizeof line, "bad signature by key %s", key);
	is_text(error.text, line, "says whose");
	/* A signature of one kind or version is none of another. */
	make_sigs(sigs, 1, id);
	for (int i = 0; i < 2; i++) {
		jt_buf_clear(&b);
		jt_signed_write(&b, jt_slice_text(i == 0 ? "set" : "pay"), i == 0 ? 1 : 2, want,
		    sigs, 1, &error);
		jt_object_parse(jt_buf_slice(&b), &o, &error);
		jt_signed_decode(&o, &s, zone, &error);
		is_int(
		    jt_signed_verify(&o, &s, &error), JT_NO, "another %s", i ? "version" : "kind");
	}
	jt_signed_sigs_hash(hash[0], &s);
	((struct jt_sig *)s.sigs.items)->sig[63] ^= 1;
	jt_signed_sigs_hash(hash[1], &s);
	ok(memcmp(hash[0], hash[1], JT_HASH) != 0, "the signatures' hash is of all of them");
	jt_buf_free(&b);
	msgpack_zone_free(zone);
}

/* Payloads that are no {body, sigs}. */
static void
test_signed_refused(void)
{
	static const struct {
		const char *payload, *why;
	} cases[] = {
		{ "80", "body: missing" },
		{ "81a4626f6479c40180", "sigs: missing" },
		{ "82a4626f6479c40180a47369677380", "sigs: expected a list, found a map" },
		{ "82a4626f6479a0a47369677390", "body: expected bytes, found text" },
		{ "82a4736967739" "0a4626f6479c40180", "offset 7: map keys out of order" },
		{ "83a4626f6479c40180a47369677390a47a7a7a7a00", "unknown field \"zzzz\"" },
		{ "82a4626f6479c40180a4736967739190",
		    "sigs: element 1: expected a list of 2, found 0" },
		{ "82a4626f6479c40180a473696773919200c400",
		    "sigs: element 1: key: expected bytes, found a number" },
		{ "90", "expected a map, found a list" },
		{ "", "offset 0: ends early" },
	};
	msgpack_zone *zone = msgpack_zone_new(4096);
	struct jt_buf payload, b;
	struct jt_signed s;
	struct jt_object o;

	jt_buf_init(&payload, JT_OBJECT_MAX);
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hex(cases[i].payload, &payload);
		jt_buf_clear(&b);
		jt_object_write(&b, "pay", 1, jt_buf_slice(&payload));
		if (jt_object_parse(jt_buf_slice(&b), &o, &error) != JT_OK)
			abort();
		is_int(
		    jt_signed_decode(&o, &s, zone, &error), JT_MALFORMED, "%s", cases[i].payload);
		is_text(error.text, cases[i].why, "says why");
	}
	jt_buf_free(&payload);
	jt_buf_free(&b);
	msgpack_zone_free(zone);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	if (!jt_crypto_init())
		return 1;
	test_parse();
	test_refused();
	test_write();
	test_hash();
	test_split();
	test_large();
	test_errors();
	test_dry();
	test_more();
	test_reset();
	test_signed();
	test_signed_refused();
	return done_testing();
}
