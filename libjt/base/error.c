/* Errors: one code, one line. See error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHOLE = 4608 }; /* a path of any length, and a reason */

static void
make_printable(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

/* A long line loses its middle: it begins with a name, and the reason comes last. */
static void
keep(struct jt_error *e, const char *line)
{
	static const char gap[] = "...";
	size_t n = strlen(line), head = JT_ERROR_MAX / 2, tail;

	if (n < JT_ERROR_MAX) {
		memcpy(e->text, line, n + 1);
	} else {
		/* No character is cut in two. */
		while (((unsigned char)line[head] & 0xc0) == 0x80 && head > JT_ERROR_MAX / 2 - 4)
			head--;
		tail = n - (JT_ERROR_MAX - head - sizeof gap);
		for (size_t i = 0; i < 3 && ((unsigned char)line[tail] & 0xc0) == 0x80; i++)
			tail++;
		memcpy(e->text, line, head);
		memcpy(e->text + head, gap, sizeof gap - 1);
		memcpy(e->text + head + sizeof gap - 1, line + tail, n - tail + 1);
	}
	make_printable(e->text);
}

#undef jt_fail
enum jt_err
jt_fail(struct jt_error *e, enum jt_err code, const char *fmt, ...)
{
	char line[WHOLE];
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	keep(e, line);
	return code;
}

enum jt_err
jt_fail_in(struct jt_error *e, const char *fmt, ...)
{
	char line[WHOLE + JT_ERROR_MAX + 2];
	va_list ap;
	size_t used;

	if (e == NULL)
		return JT_BUG;
	va_start(ap, fmt);
	vsnprintf(line, WHOLE, fmt, ap);
	va_end(ap);
	used = strlen(line);
	snprintf(line + used, sizeof line - used, ": %s", e->text);
	keep(e, line);
	return e->code;
}

enum jt_err
jt_err_of(int number, enum jt_err other)
{
	switch (number) {
	case EACCES:
	case EPERM:
		return JT_PERMISSION;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return JT_SYSTEM;
	case EDQUOT:
	case EFBIG:
	case EIO:
	case ENOSPC:
		return JT_IO;
	default:
		return other;
	}
}
