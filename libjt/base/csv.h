/*
 * Comma-separated values, as RFC 4180 has them: rows end with LF or CRLF,
 * fields are separated by commas, and may stand in double quotes, inside which
 * a quote is doubled and commas and line ends are text. Blank lines are
 * skipped, and so is a byte order mark at the start. Spaces belong to the field.
 */
#ifndef JT_CSV_H
#define JT_CSV_H

#include "base/buf.h"
#include "base/error.h"

#define JT_CSV_FIELDS 64      /* in a row, at most */
#define JT_CSV_FIELD_MAX 4096 /* bytes of a field, at most */

struct jt_csv {
	struct jt_slice rest; /* what is not read yet; set it to the whole text */
	uint64_t line;        /* of the row last read, from 1 */
	uint64_t next_line;   /* zero before the first row */
	struct jt_buf text;   /* of the fields last read; jt_buf_init it, any maximum */
	struct jt_slice field[JT_CSV_FIELDS]; /* valid until the next row */
	size_t count;
};

/*
 * The next row; count == 0 at the end. JT_MALFORMED for a quote in the wrong
 * place, a row or field over the limits, or text that is not UTF-8: in c->line.
 */
enum jt_err jt_csv_next(struct jt_csv *c, struct jt_error *e);

#endif
