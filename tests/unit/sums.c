/* Lists of digests: every form, and what is none. */
#include "base/sums.h"

#include <stdlib.h>

#include "base/text.h"
#include "random.h"
#include "tap.h"

#define HEX "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

static struct jt_error error;

static void
takes(const char *line, const char *name)
{
	uint8_t digest[JT_SUM], want[JT_SUM];
	struct jt_slice got;
	bool found;

	jt_hex_parse(jt_slice_text(HEX), want, JT_SUM);
	ok(jt_sums_line(jt_slice_text(line), digest, &got, &found, &error) == JT_OK && found &&
	    memcmp(digest, want, JT_SUM) == 0 && jt_slice_is(got, name), "taken: \"%s\"", line);
}

static void
passes(const char *line)
{
	uint8_t digest[JT_SUM];
	struct jt_slice name;
	bool found = true;

	ok(jt_sums_line(jt_slice_text(line), digest, &name, &found, &error) == JT_OK && !found,
	    "says nothing: \"%s\"", line);
}

static void
refuses(const char *line)
{
	uint8_t digest[JT_SUM];
	struct jt_slice name;
	bool found = true;

	ok(jt_sums_line(jt_slice_text(line), digest, &name, &found, &error) == JT_MALFORMED &&
	    !found && strcmp(error.text, "expected a SHA-256 digest of 64 hex digits, and a name") ==
	    0, "refused: \"%s\"", line);
}

static void
test_forms(void)
{
	takes(HEX, "");
	takes(HEX "  name", "name");
	takes(HEX " *name", "name");
	takes(HEX "   three", " three");
	takes(HEX "  with spaces) = " HEX, "with spaces) = " HEX);
	takes(HEX "  ", "");
	takes(HEX "\r", "");
	takes(HEX "  name\r", "name");
	takes("\\" HEX "  a\\nb", "a\\nb");
	takes("SHA256 (name) = " HEX, "name");
	takes("SHA256 (a) = b (c) = " HEX, "a) = b (c");
	takes("\\SHA256 (a\\\\b) = " HEX, "a\\\\b");
	takes("sha256:" HEX, "");
	takes("sha256:" HEX " image:tag", "image:tag");
	takes("sha256:" HEX "\timage", "image");
	passes("");
	passes("\r");
	passes("# a comment");
	passes("#");
}

static void
test_refused(void)
{
	char text[] = HEX;

	refuses("name");
	refuses("5891");
	refuses(HEX "0");
	refuses(HEX "\tname");
	refuses(HEX "-");
	refuses("SHA512 (name) = " HEX);
	refuses("SHA256 (name) = " HEX "0");
	refuses("SHA256 () = " HEX);
	refuses("SHA256 (name)= " HEX);
	refuses("SHA256 (name");
	refuses("sha256:");
	refuses("sha256 " HEX);
	refuses(" " HEX);
	refuses("\\");
	for (size_t i = 0; i < 64; i++) {
		text[i] = 'g';
		refuses(text);
		text[i] = HEX[i];
	}
}

static void
test_long(void)
{
	static char line[JT_SUMS_LINE_MAX + 2];
	uint8_t digest[JT_SUM];
	struct jt_slice name;
	bool found;

	memset(line, 'x', sizeof line);
	memcpy(line, HEX "  ", 66);
	ok(jt_sums_line((struct jt_slice){ (uint8_t *)line, JT_SUMS_LINE_MAX }, digest, &name,
	    &found, &error) == JT_OK && name.len == JT_SUMS_LINE_MAX - 66, "the longest line");
	is_int(jt_sums_line((struct jt_slice){ (uint8_t *)line, JT_SUMS_LINE_MAX + 1 }, digest,
	    &name, &found, &error), JT_MALFORMED, "a longer one");
	is_text(error.text, "longer than 8192 bytes", "says so");
}

static void
test_hash(void)
{
	uint8_t hash[JT_SUM];

	ok(jt_sums_hash(jt_slice_text(HEX), hash), "a hash");
	ok(jt_sums_hash(jt_slice_text("sha256:" HEX), hash), "of SHA-256");
	ok(!jt_sums_hash(jt_slice_text("sha256:" HEX " x"), hash), "with more behind it");
	ok(!jt_sums_hash(jt_slice_text("sha512:" HEX), hash), "of another kind");
	ok(!jt_sums_hash(jt_slice_text(""), hash), "nothing");
}

/* Any bytes at all: taken or refused, and the name is in the line. */
static void
test_any(void)
{
	static const char *const pieces[] = { HEX, "SHA256 (", ") = ", "sha256:", "\\", " ", "*",
		"\r", "#", "name", "5891", "\t" };
	size_t outside = 0, taken = 0;

	for (int i = 0; i < 20000; i++) {
		char line[400] = "";
		uint8_t digest[JT_SUM];
		struct jt_slice name;
		bool found;

		for (uint64_t n = random_below(5); n > 0; n--)
			strcat(line, pieces[random_below(sizeof pieces / sizeof *pieces)]);
		if (jt_sums_line(jt_slice_text(line), digest, &name, &found, &error) != JT_OK || !found)
			continue;
		taken++;
		outside += name.len > 0 && (name.data < (uint8_t *)line ||
		    name.data + name.len > (uint8_t *)line + strlen(line));
	}
	ok(outside == 0 && taken > 100, "%zu of any lines are taken, no name is outside", taken);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_forms();
	test_refused();
	test_long();
	test_hash();
	test_any();
	return done_testing();
}
