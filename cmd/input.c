/* Objects from files and stdin. See cmd.h. */
#include "all/kinds.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Of a pipe between programs that are started together: all the payload of a cut,
 * so that one of them reads on while the next one is busy.
 */
enum { PIPE_BYTES = 1 << 20 };

static unsigned told; /* lines about others' objects */
static char *const stdin_alone[] = { "-", NULL };

void
cmd_input_open(struct cmd_input *in, char *const *paths)
{
	cmd_crypto();
	*in = (struct cmd_input){ .next = paths[0] != NULL ? paths : stdin_alone };
}

int
cmd_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", path, strerror(errno));
	return fd;
}

static bool
open_next(struct cmd_input *in)
{
	const char *path = *in->next;
	int fd = STDIN_FILENO;

	if (path == NULL)
		return false;
	in->next++;
	in->is_stdin = strcmp(path, "-") == 0;
	in->name = in->is_stdin ? "stdin" : path;
	if (in->is_stdin) {
		if (isatty(fd))
			hint("reading objects from the terminal: name a FILE, or use a pipe");
	} else {
		fd = cmd_open(path);
	}
	if (in->together)
		fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* refused: what it has will do */
	jt_reader_init(&in->reader, fd, in->name);
	in->open = true;
	return true;
}

static void
close_this(struct cmd_input *in)
{
	if (!in->is_stdin)
		close(in->reader.fd);
	jt_reader_free(&in->reader);
	in->open = false;
}

/* What a file lacks at its end never comes, be its writer there or not. */
static bool
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

bool
cmd_next(struct cmd_input *in, struct jt_object *o, const struct jt_kind **row)
{
	struct jt_error e;
	enum jt_err err;

	for (;;) {
		if (!in->open && !open_next(in))
			return false;
		if (!jt_reader_has(&in->reader)) /* the read may wait, be it for the rest of an object */
			cmd_flush();
		err = jt_reader_next(&in->reader, o, &e);
		if (err == JT_OK && o->bytes.len == 0) {
			close_this(in);
			continue;
		}
		in->count++;
		if (err == JT_OK)
			err = jt_kind_of(&jt_all_kinds, o, row, &e);
		if (err == JT_OK)
			err = jt_kind_check(&jt_all_kinds, o, &e);
		if (err == JT_OK) {
			in->good++;
			return true;
		}
		if (in->catch_up != NULL)
			in->catch_up();
		if (err == JT_IO)
			die(err, "%s: %s", in->name, e.text);
		if (in->together && in->reader.cut_off && !is_file(in->reader.fd))
			die(JT_AGAIN, "%s: its writer is gone", in->name);
		if (in->reader.broken || err != JT_MALFORMED)
			die(err, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, e.text);
		cmd_object_error(in, &e);
	}
}

bool
cmd_dry(struct cmd_input *in)
{
	struct jt_error e;

	if (!in->open)
		return false;
	/* Part of an object may be there without the rest: take it, and look again. */
	while (!jt_reader_has(&in->reader)) {
		if (jt_reader_dry(&in->reader))
			return true;
		if (jt_reader_more(&in->reader, &e) != JT_OK)
			return false; /* cmd_next will meet it, too */
	}
	return false;
}

void
cmd_object_error(const struct cmd_input *in, const struct jt_error *e)
{
	/* Not the object's fault, and the next one would fare no better. */
	if (e->code == JT_SYSTEM || e->code == JT_IO || e->code == JT_BUG)
		die(e->code, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, e->text);
	if (in->foreign)
		complain_foreign(&told, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, e->text);
	else
		complain(e->code, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, e->text);
}

void
cmd_object_complain(const struct cmd_input *in, enum jt_err code, const char *fmt, ...)
{
	struct jt_error e = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e.text, sizeof e.text, fmt, ap);
	va_end(ap);
	cmd_object_error(in, &e);
}

void
cmd_need_input(const struct cmd_input *in)
{
	if (in->count == 0)
		die(JT_NOINPUT, "%s: empty, no object to work on", in->name);
}
