/* Text with escapes. See escape.h. */
#include "object/escape.h"

uint32_t
jt_text_special(struct jt_slice text, size_t *len)
{
	const uint8_t *p = text.data;
	uint32_t c;

	*len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	switch (p[0]) {
	case 0x7f:
		return p[0];
	case 0xc2: /* C1, and the line break that is called NEL */
		return p[1] < 0xa0 ? p[1] : 0;
	case 0xe2: /* the breaks U+2028, U+2029 */
	case 0xef: /* U+FEFF, U+FFFE, U+FFFF */
		c = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		return c == 0x2028 || c == 0x2029 || c == 0xfeff || c >= 0xfffe ? c : 0;
	default:
		return 0;
	}
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
