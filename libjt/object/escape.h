/*
 * Text that others wrote, safe to print and to read back: the escapes that
 * JSON and YAML have in common, for all that is not to be shown raw.
 */
#ifndef JT_ESCAPE_H
#define JT_ESCAPE_H

#include "base/buf.h"

/*
 * Append text with control characters, what YAML does not take raw, and what
 * a reader would not see or see in another order (characters without width,
 * marks that turn the direction of writing around) as \n, \u202e and so on:
 * escapes that JSON and YAML have in common. They have none above U+FFFF.
 * With `quoted` also " and \, and quotes around it.
 */
void jt_text_escape(struct jt_slice text, bool quoted, struct jt_buf *out);
/*
 * The character at the start of valid UTF-8, when it is above ASCII and such a
 * one (or DEL), and its length in *len; otherwise 0.
 */
uint32_t jt_text_special(struct jt_slice text, size_t *len);

#endif
