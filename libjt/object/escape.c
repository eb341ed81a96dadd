/* Text with escapes. See escape.h. */
#include "object/escape.h"

#include <string.h>

uint32_t
jt_text_special(struct jt_slice text, size_t *len)
{
	/* The characters of the table have one of these first bytes. */
	static const uint8_t first[] = { 0xc2, 0xd8, 0xe1, 0xe2, 0xe3, 0xef };
	static const uint16_t ranges[][2] = {
		{ 0x80, 0x9f },     /* C1, and the line break that is called NEL */
		{ 0xad, 0xad },     /* soft hyphen */
		{ 0x61c, 0x61c },   /* Arabic letter mark */
		{ 0x115f, 0x1160 }, /* Hangul fillers */
		{ 0x180e, 0x180e }, /* Mongolian vowel separator */
		{ 0x200b, 0x200f }, /* of no width; direction marks */
		{ 0x2028, 0x202e }, /* line breaks; embedded and overridden direction */
		{ 0x2060, 0x206f }, /* invisible operators; isolated direction */
		{ 0x3164, 0x3164 }, /* a Hangul filler */
		{ 0xfeff, 0xfeff }, /* byte order mark */
		{ 0xffa0, 0xffa0 }, /* a Hangul filler */
		{ 0xfff9, 0xfffb }, /* annotations */
		{ 0xfffe, 0xffff }
	};
	const uint8_t *p = text.data;
	uint32_t c;

	*len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0x7f)
		return p[0];
	if (memchr(first, p[0], sizeof first) == NULL)
		return 0;
	c = *len == 2 ? (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f)
	    : (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return c;
	return 0;
}

/* One that must be escaped: its escape, or just itself where only quotes matter. */
static void
escape_ascii(uint8_t c, bool quoted, struct jt_buf *out)
{
	static const char letters[] = "\bb\tt\nn\ff\rr";

	if (c == '"' || c == '\\') {
		jt_buf_addf(out, "%s%c", quoted ? "\\" : "", c);
		return;
	}
	for (const char *l = letters; *l != '\0'; l += 2)
		if ((uint8_t)*l == c) {
			jt_buf_addf(out, "\\%c", l[1]);
			return;
		}
	jt_buf_addf(out, "\\u%04x", c);
}

void
jt_text_escape(struct jt_slice text, bool quoted, struct jt_buf *out)
{
	const uint8_t *p = text.len > 0 ? text.data : (const uint8_t *)"";
	const uint8_t *end = p + text.len, *plain = p;

	if (quoted)
		jt_buf_add(out, "\"", 1);
	while (p < end) {
		size_t len = 1;
		uint32_t c = *p;

		if (c >= 0x7f)
			c = jt_text_special((struct jt_slice){ p, (size_t)(end - p) }, &len);
		else if (c >= 0x20 && c != '"' && c != '\\') {
			p++;
			continue;
		}
		if (c == 0 && len > 1) {
			p += len;
			continue;
		}
		jt_buf_add(out, plain, (size_t)(p - plain));
		if (c < 0x7f)
			escape_ascii((uint8_t)c, quoted, out);
		else
			jt_buf_addf(out, "\\u%04x", (unsigned)c);
		p += len;
		plain = p;
	}
	jt_buf_add(out, plain, (size_t)(p - plain));
	if (quoted)
		jt_buf_add(out, "\"", 1);
}
