/*
 * JSON lines for a YAML parser. JSON is nearly a part of YAML, and this is the
 * rest: what JSON writes and YAML does not read (surrogates, raw control
 * characters above ASCII), and what YAML would take and JSON is not (comments,
 * words, single quotes, commas too many). See tree.h.
 */
#include <string.h>

#include "base/text.h"
#include "object/scalar.h"
#include "object/tree.h"

struct json {
	const uint8_t *at, *end;
	struct jt_buf *out;
	struct jt_error *e;
};

static enum jt_err
bad(struct json *j, const char *what)
{
	return jt_fail(j->e, JT_MALFORMED, "not JSON: %s", what);
}

/* Four hex digits at `at`, as in \u00e9. */
static bool
take_unit(struct json *j, uint32_t *unit)
{
	uint8_t two[2];

	if (j->end - j->at < 4 || !jt_hex_parse((struct jt_slice){ j->at, 4 }, two, 2))
		return false;
	*unit = (uint32_t)two[0] << 8 | two[1];
	j->at += 4;
	return true;
}

/* After the backslash. Pairs of surrogates become the character that they mean. */
static enum jt_err
take_escape(struct json *j)
{
	const uint8_t *start = j->at;
	uint32_t high, low, c;

	if (j->at == j->end || *j->at == '\0' || strchr("\"\\/bfnrtu", *j->at) == NULL)
		return bad(j, "unknown escape in a string");
	if (*j->at++ == 'u') {
		if (!take_unit(j, &high))
			return bad(j, "\\u without four hex digits");
		if (high >= 0xdc00 && high <= 0xdfff)
			return bad(j, "half a surrogate pair");
		if (high >= 0xd800 && high <= 0xdbff) {
			if (j->end - j->at < 2 || memcmp(j->at, "\\u", 2) != 0)
				return bad(j, "half a surrogate pair");
			j->at += 2;
			if (!take_unit(j, &low) || low < 0xdc00 || low > 0xdfff)
				return bad(j, "half a surrogate pair");
			c = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
			jt_buf_add(j->out, (uint8_t[]){ (uint8_t)(0xf0 | c >> 18),
			    (uint8_t)(0x80 | (c >> 12 & 0x3f)), (uint8_t)(0x80 | (c >> 6 & 0x3f)),
			    (uint8_t)(0x80 | (c & 0x3f)) }, 4);
			return JT_OK;
		}
	}
	jt_buf_add_text(j->out, "\\");
	jt_buf_add(j->out, start, (size_t)(j->at - start));
	return JT_OK;
}

/* After the opening quote, past the closing one. */
static enum jt_err
take_string(struct json *j)
{
	const uint8_t *plain = j->at;

	while (j->at < j->end && *j->at != '"') {
		struct jt_slice rest = { j->at, (size_t)(j->end - j->at) };
		size_t len = 1;
		uint32_t c;

		if (*j->at < 0x20)
			return bad(j, "control character in a string");
		if (*j->at == '\\') {
			enum jt_err err;
			jt_buf_add(j->out, plain, (size_t)(j->at++ - plain));
			if ((err = take_escape(j)) != JT_OK)
				return err;
			plain = j->at;
			continue;
		}
		if (*j->at >= 0x7f && (c = jt_text_special(rest, &len)) != 0) {
			jt_buf_add(j->out, plain, (size_t)(j->at - plain));
			jt_buf_addf(j->out, "\\u%04x", (unsigned)c);
			plain = j->at + len;
		}
		j->at += len;
	}
	if (j->at == j->end)
		return bad(j, "string without an end");
	j->at++;
	jt_buf_add(j->out, plain, (size_t)(j->at - plain));
	return JT_OK;
}

/* Of a number; of words, too, which the tree refuses with their text. */
static bool
is_bare(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    c == '.' || c == '+' || c == '-';
}

/* May c follow the sign `before`, with `list` telling what both are inside of? */
static bool
follows(uint8_t before, uint8_t c, bool list)
{
	bool closes = c == ']' || c == '}';

	if (c == ',' || c == ':' || closes)
		if (before == ',' || before == ':')
			return false;
	if ((c == ',' || c == ':') && (before == '[' || before == '{'))
		return false;
	return !closes || (c == ']') == list;
}

/* To what follows the spaces here, however many: they are one to libyaml. */
static bool
skip_space(struct json *j)
{
	const uint8_t *start = j->at;

	while (j->at < j->end && memchr(" \t\r", *j->at, 3) != NULL)
		j->at++;
	if (j->at > start)
		jt_buf_add(j->out, " ", 1);
	return j->at < j->end;
}

/* Walk the line once; list[] tells of each open bracket whether it is a [. */
static enum jt_err
take_line(struct json *j)
{
	bool list[JT_TREE_DEPTH + 1] = { false };
	unsigned depth = 0;
	uint8_t before = 0;

	for (; skip_space(j); before = j->at[-1]) {
		const uint8_t *start = j->at;
		uint8_t c = *j->at++;
		enum jt_err err;

		if (depth == 0 && (before != 0 || c != '{'))
			return bad(j, "expected one object {...} on the line");
		if (c == '"') {
			jt_buf_add(j->out, "\"", 1);
			if ((err = take_string(j)) != JT_OK)
				return err;
			continue;
		}
		if (is_bare(c)) {
			while (j->at < j->end && is_bare(*j->at))
				j->at++;
		} else if (c == '{' || c == '[') {
			if (depth == JT_TREE_DEPTH)
				return jt_fail(j->e, JT_MALFORMED, "nested too deep");
			list[++depth] = c == '[';
		} else if (strchr(",:]}", c) == NULL || c == '\0')
			return bad(j, "a character that stands for nothing outside of quotes");
		else if (!follows(before, c, list[depth]) || (c == ':' && list[depth]))
			return bad(j, "brackets, commas or colons that do not match");
		else
			depth -= c == ']' || c == '}';
		jt_buf_add(j->out, start, (size_t)(j->at - start));
	}
	if (depth > 0)
		return bad(j, "the line ends inside the object");
	return JT_OK;
}

enum jt_err
jt_json_prepare(struct jt_slice line, struct jt_buf *out, struct jt_error *e)
{
	struct json j = { line.data, line.data + line.len, out, e };
	enum jt_err err;

	if (line.len > 0 && j.end[-1] == '\n')
		j.end--;
	if (!jt_utf8_valid(line))
		return bad(&j, "not UTF-8");
	if ((err = take_line(&j)) != JT_OK)
		return err;
	return out->failed ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}
