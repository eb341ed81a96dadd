/*
 * Text that others wrote, safe to print and to read back: the escapes that
 * JSON and YAML have in common, for all that YAML does not take raw.
 */
#ifndef JT_ESCAPE_H
#define JT_ESCAPE_H

#include "base/buf.h"

/*
 * Append text with control characters and everything else that YAML does not
 * take raw as \n, \u2028 and so on: escapes that JSON and YAML have in common.
 * With `quoted` also " and \, and quotes around it.
 */
void jt_text_escape(struct jt_slice text, bool quoted, struct jt_buf *out);
/*
 * The character at the start of valid UTF-8, when YAML does not take it raw,
 * and its length in *len; otherwise 0.
 */
uint32_t jt_text_special(struct jt_slice text, size_t *len);

#endif
