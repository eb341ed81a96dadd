/*
 * Lines of lists of digests. What is taken is a digest that stands in the line,
 * and a name that is a part of it; written again in a plain form it is taken
 * again, and is the same.
 */
#include "fuzz.h"

#include "base/sums.h"
#include "base/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jt_slice line = { data, size }, name, again_name;
	uint8_t digest[JT_SUM], again[JT_SUM];
	char hex[2 * JT_SUM + 1];
	struct jt_error e = { .code = JT_OK };
	struct jt_buf b;
	bool found, again_found;
	enum jt_err err = jt_sums_line(line, digest, &name, &found, &e);

	assert(err == JT_OK || (err == JT_MALFORMED && !found && e.text[0] != '\0'));
	if (err != JT_OK || !found)
		return 0;
	assert(name.len == 0 || (name.data >= data && name.data + name.len <= data + size));
	if (name.len > 0 && name.data[name.len - 1] == '\r')
		return 0; /* would be the end of a line */
	jt_hex_format(digest, JT_SUM, hex);
	jt_buf_init(&b, 2 * JT_SUMS_LINE_MAX);
	jt_buf_addf(&b, "%s *", hex);
	assert(jt_buf_add_slice(&b, name));
	err = jt_sums_line(jt_buf_slice(&b), again, &again_name, &again_found, &e);
	if (b.len <= JT_SUMS_LINE_MAX) {
		assert(err == JT_OK && again_found && memcmp(digest, again, JT_SUM) == 0);
		assert(jt_slice_equal(name, again_name));
	}
	jt_buf_free(&b);
	return 0;
}
