/*
 * Lines on stderr, and the ends of a program. See cmd.h.
 *
 * A line begins with the program's name; control bytes in it are shown as '?',
 * since paths and input end up there.
 */
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "object/escape.h"

const char *cmd_name = "jt";
static enum jt_err worst = JT_OK;

void (*cmd_close_outputs)(void);
void (*cmd_drop_outputs)(void);

/*
 * No control bytes, also not U+0080 to U+009F, which terminals obey, too, and
 * nothing that is not seen or turns the direction of writing around. The rest
 * of the line need not be UTF-8.
 */
static void
make_printable(char *line, size_t n)
{
	for (size_t i = 0, len; i < n; i += len) {
		uint8_t c = (uint8_t)line[i];
		struct jt_slice one = { (const uint8_t *)line + i, c < 0xe0 ? 2 : 3 };

		len = 1;
		if (c < 0x20 || c == 0x7f)
			line[i] = '?';
		else if (c >= 0xc2 && c < 0xf0 && one.len <= n - i && jt_utf8_valid(one) &&
		    jt_text_special(one, &len) != 0)
			memset(line + i, '?', len);
	}
}

void
cmd_put_line(const char *kind, const char *fmt, va_list ap)
{
	char line[CMD_LINE];
	size_t n;
	int k;

	n = (size_t)snprintf(line, sizeof line, "%s: %s", cmd_name, kind);
	k = vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	n = k < 0 ? n : n + (size_t)k;
	if (n > sizeof line - 2)
		n = sizeof line - 2;
	make_printable(line, n);
	line[n++] = '\n';
	for (size_t at = 0; at < n;) {
		ssize_t w = write(STDERR_FILENO, line + at, n - at);
		if (w < 0 && errno != EINTR)
			return;
		at += w > 0 ? (size_t)w : 0;
	}
}

/* Trouble stays; 65 covers 1. */
void
cmd_remember(enum jt_err code)
{
	if (worst == JT_OK || (worst == JT_NO && code != JT_OK) ||
	    (worst == JT_MALFORMED && code != JT_OK && code != JT_NO))
		worst = code;
}

void
cmd_leave(enum jt_err code)
{
	if (cmd_drop_outputs != NULL)
		cmd_drop_outputs();
	_exit((int)code);
}

void
die(enum jt_err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cmd_put_line("", fmt, ap);
	va_end(ap);
	cmd_leave(code);
}

void
die_error(const struct jt_error *e)
{
	die(e->code, "%s", e->text);
}

void
cmd_check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		die(err, "%s", e->text);
}

void
complain(enum jt_err code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cmd_put_line("", fmt, ap);
	va_end(ap);
	cmd_remember(code);
}

void
complain_foreign(unsigned *told, const char *fmt, ...)
{
	struct jt_error e;
	va_list ap;

	if (*told >= CMD_TOLD_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(e.text, sizeof e.text, fmt, ap);
	va_end(ap);
	complain(JT_OK, "%s%s", e.text, ++*told == CMD_TOLD_MAX ? "; no more of these is told" : "");
}

void
hint(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	cmd_put_line("hint: ", fmt, ap);
	va_end(ap);
}

void
cmd_give_up(void)
{
	cmd_leave(worst);
}

int
cmd_end(void)
{
	if (cmd_close_outputs != NULL)
		cmd_close_outputs();
	return (int)worst;
}
