/* Lists of digests. See sums.h. */
#include "base/sums.h"

#include <string.h>

#include "base/text.h"

enum { DIGITS = 2 * JT_SUM };

static const char prefix[] = "sha256:";

static struct jt_slice
behind(struct jt_slice s, size_t n)
{
	return (struct jt_slice){ s.data + n, s.len - n };
}

static bool
begins(struct jt_slice s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && memcmp(s.data, text, n) == 0;
}

static bool
take_digits(struct jt_slice *s, uint8_t digest[JT_SUM])
{
	if (s->len < DIGITS || !jt_hex_parse((struct jt_slice){ s->data, DIGITS }, digest, JT_SUM))
		return false;
	*s = behind(*s, DIGITS);
	return true;
}

/* SHA256 (NAME) = HEX: a name may hold any of that, so the end counts. */
static bool
tagged_line(struct jt_slice line, uint8_t digest[JT_SUM], struct jt_slice *name)
{
	static const char head[] = "SHA256 (", middle[] = ") = ";
	const size_t around = sizeof head - 1 + sizeof middle - 1 + DIGITS;
	struct jt_slice end;

	if (line.len <= around || !begins(line, head))
		return false;
	*name = (struct jt_slice){ line.data + sizeof head - 1, line.len - around };
	end = behind(line, sizeof head - 1 + name->len);
	if (!begins(end, middle))
		return false;
	end = behind(end, sizeof middle - 1);
	return take_digits(&end, digest);
}

static bool
plain_line(struct jt_slice line, uint8_t digest[JT_SUM], struct jt_slice *name)
{
	bool oci = begins(line, prefix);

	if (oci)
		line = behind(line, sizeof prefix - 1);
	if (!take_digits(&line, digest))
		return false;
	if (line.len == 0)
		return true;
	/* Two spaces, or a space and a star; of others any space. */
	if (line.data[0] != ' ' && (!oci || line.data[0] != '\t'))
		return false;
	line = behind(line, 1);
	if (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '*'))
		line = behind(line, 1);
	*name = line;
	return true;
}

enum jt_err
jt_sums_line(struct jt_slice line, uint8_t digest[JT_SUM], struct jt_slice *name, bool *found,
    struct jt_error *e)
{
	*name = (struct jt_slice){ NULL, 0 };
	*found = false;
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	if (line.len == 0 || line.data[0] == '#')
		return JT_OK;
	if (line.len > JT_SUMS_LINE_MAX)
		return jt_fail(e, JT_MALFORMED, "longer than %d bytes", JT_SUMS_LINE_MAX);
	/* Before either form: the name is written with escapes. */
	if (line.data[0] == '\\')
		line = behind(line, 1);
	*found = tagged_line(line, digest, name) || plain_line(line, digest, name);
	if (!*found)
		return jt_fail(e, JT_MALFORMED,
		    "expected a SHA-256 digest of 64 hex digits, and a name");
	return JT_OK;
}

bool
jt_sums_hash(struct jt_slice text, uint8_t hash[JT_SUM])
{
	if (begins(text, prefix))
		text = behind(text, sizeof prefix - 1);
	return jt_hex_parse(text, hash, JT_SUM);
}
