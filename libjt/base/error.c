/* Errors: one code, one line. See error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
make_printable(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

#undef jt_fail
enum jt_err
jt_fail(struct jt_error *e, enum jt_err code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	make_printable(e->text);
	return code;
}

enum jt_err
jt_fail_in(struct jt_error *e, const char *fmt, ...)
{
	char was[JT_ERROR_MAX];
	va_list ap;
	size_t used;

	if (e == NULL)
		return JT_BUG;
	memcpy(was, e->text, sizeof was);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s", was);
	make_printable(e->text);
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
