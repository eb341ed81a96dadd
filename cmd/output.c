/* Objects and text to stdout and files. See cmd.h. */
#include "all/kinds.h"
#include "cmd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "object/view.h"

enum {
	SHOWN_MAX = 16 << 20 /* bytes of an object's text */
};

static struct cmd_output *outputs;
static struct jt_buf shown = { .max = SHOWN_MAX };

void
cmd_die_by(int number)
{
	sigset_t set;

	for (struct cmd_output *o = outputs; o != NULL; o = o->next)
		if (o->atomic)
			unlink(o->file.temp);
	signal(number, SIG_DFL);
	raise(number);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
flush(struct cmd_output *out)
{
	struct jt_slice s = jt_buf_slice(&out->buf);
	struct jt_error e;
	enum jt_err err;

	/* Emptied first: a failed write is not tried again when the program dies. */
	out->buf.len = 0;
	if ((err = jt_file_write_fd(out->fd, out->name, s, &e)) != JT_OK) {
		out->objects = false;
		die(err, "%s", e.text);
	}
}

static void
drop_all(void)
{
	static const uint8_t broken_off = CMD_BROKEN_OFF;
	struct cmd_output *list = outputs;

	cmd_signals_hold();
	outputs = NULL;
	for (struct cmd_output *o = list; o != NULL; o = o->next) {
		if (o->atomic) {
			jt_atomic_abort(&o->file);
			continue;
		}
		if (o->objects)
			jt_buf_add(&o->buf, &broken_off, 1);
		jt_file_write_fd(o->fd, o->name, jt_buf_slice(&o->buf), NULL);
	}
	cmd_signals_release();
}

/* Does one further down the list write to the same descriptor? Two may go to stdout. */
static bool
shared(const struct cmd_output *o)
{
	for (const struct cmd_output *other = o->next; other != NULL; other = other->next)
		if (other->fd == o->fd)
			return true;
	return false;
}

/* Streams first: when one fails, no file is left behind. */
static void
close_all(void)
{
	struct jt_error e;

	for (struct cmd_output *o = outputs; o != NULL; o = o->next)
		flush(o);
	for (struct cmd_output *o = outputs; o != NULL; o = o->next)
		if (!o->atomic && !shared(o) && close(o->fd) != 0) {
			o->objects = false;
			die(JT_IO, "%s: %s", o->name, strerror(errno));
		}
	cmd_signals_hold();
	while (outputs != NULL) {
		struct cmd_output *o = outputs;
		outputs = o->next;
		jt_buf_free(&o->buf);
		if (o->atomic)
			cmd_check(jt_atomic_commit(&o->file, &e), &e);
	}
	cmd_signals_release();
	jt_buf_free(&shown);
}

static mode_t
file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* The directory that a path is in, and its name there. */
static bool
place_of(const char *path, struct stat *dir, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL ? strdup(".")
	    : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	bool found = parent != NULL && stat(parent, dir) == 0;

	free(parent);
	*name = slash == NULL ? path : slash + 1;
	return found;
}

/* Is a file in the making meant for this path, however it is spelled? */
static bool
is_output(const char *path)
{
	struct stat dir, other_dir;
	const char *name, *other_name;

	if (!place_of(path, &dir, &name))
		return false;
	for (const struct cmd_output *o = outputs; o != NULL; o = o->next)
		if (o->atomic && place_of(o->file.path, &other_dir, &other_name) &&
		    strcmp(name, other_name) == 0 && dir.st_ino == other_dir.st_ino &&
		    dir.st_dev == other_dir.st_dev)
			return true;
	return false;
}

/* It may be the only one, and what -o says a slip of the hand. */
static void
keep_secret(const char *path)
{
	static const char secret[] = "\x93\xa9jt/secret"; /* as every such object begins */
	char head[sizeof secret - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return;
	if (read(fd, head, sizeof head) == (ssize_t)sizeof head &&
	    memcmp(head, secret, sizeof head) == 0)
		die(JT_CANTCREATE, "%s: a secret key, and is kept", path);
	close(fd);
}

static void
open_path(struct cmd_output *out, const char *path, bool fresh)
{
	struct stat st = { 0 };
	bool there = !fresh && stat(path, &st) == 0;
	/* The one in its place is for nobody whom the old file was not for. */
	mode_t mode = file_mode() & (there ? st.st_mode : 0666);
	struct jt_error e;
	char *target = NULL;

	if (there && S_ISDIR(st.st_mode))
		die(JT_CANTCREATE, "%s: %s", path, strerror(EISDIR));
	if (there && !S_ISREG(st.st_mode)) {
		cmd_signals_release(); /* a pipe's reader may never come */
		out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		cmd_signals_hold();
		if (out->fd < 0)
			die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
		return;
	}
	if (there)
		keep_secret(path);
	/* What a symbolic link names is replaced, not the link. */
	if (!fresh && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		target = realpath(path, NULL);
	if (is_output(target != NULL ? target : path))
		die(JT_USAGE, "%s: two outputs to one file", path);
	cmd_signals_catch(cmd_die_by);
	cmd_check(jt_atomic_open(&out->file, target != NULL ? target : path, mode, fresh, &e),
	    &e);
	free(target);
	out->atomic = true;
	out->fd = out->file.fd;
}

static void
output_open(struct cmd_output *out, const char *path, bool fresh)
{
	bool bytes = path != NULL && strcmp(path, "-") == 0;

	cmd_crypto();
	*out = (struct cmd_output){ .name = "stdout", .fd = STDOUT_FILENO };
	jt_buf_init(&out->buf, CMD_OUTPUT_BUFFER + 1);
	cmd_signals_hold();
	if (path != NULL && !bytes) {
		out->name = path;
		open_path(out, path, fresh);
	}
	out->shown = !bytes && !out->atomic && isatty(out->fd);
	out->next = outputs;
	outputs = out;
	cmd_close_outputs = close_all;
	cmd_drop_outputs = drop_all;
	cmd_signals_release();
}

void
cmd_output_open(struct cmd_output *out, const char *path)
{
	output_open(out, path, false);
}

void
cmd_output_open_new(struct cmd_output *out, const char *path)
{
	output_open(out, path, true);
}

/* Off the list, while signals wait. */
static void
take_off(const struct cmd_output *out)
{
	struct cmd_output **at = &outputs;

	while (*at != out)
		at = &(*at)->next;
	*at = out->next;
}

void
cmd_output_close_all(struct cmd_output *outs, size_t count)
{
	struct jt_atomic *files[CMD_OUTPUTS_MAX];
	struct jt_error e;
	size_t n = 0;

	assert(count <= CMD_OUTPUTS_MAX);
	for (size_t i = 0; i < count; i++) {
		assert(outs[i].fd != STDOUT_FILENO);
		flush(&outs[i]);
	}
	cmd_signals_hold();
	for (size_t i = 0; i < count; i++) {
		take_off(&outs[i]);
		jt_buf_free(&outs[i].buf);
		if (outs[i].atomic)
			files[n++] = &outs[i].file;
		else if (close(outs[i].fd) != 0)
			die(JT_IO, "%s: %s", outs[i].name, strerror(errno));
	}
	cmd_check(jt_atomic_commit_all(files, n, &e), &e);
	cmd_signals_release();
}

void
cmd_output_close(struct cmd_output *out)
{
	cmd_output_close_all(out, 1);
}

void
cmd_output_drop(struct cmd_output *out)
{
	assert(out->atomic);
	cmd_signals_hold();
	take_off(out);
	jt_buf_free(&out->buf);
	jt_atomic_abort(&out->file);
	cmd_signals_release();
}

void
cmd_print_slice(struct cmd_output *out, struct jt_slice text)
{
	struct jt_error e;
	enum jt_err err;

	if (text.len > CMD_OUTPUT_BUFFER - out->buf.len)
		flush(out);
	if (text.len <= CMD_OUTPUT_BUFFER) {
		if (!jt_buf_add_slice(&out->buf, text))
			die(JT_SYSTEM, "out of memory");
		return;
	}
	if ((err = jt_file_write_fd(out->fd, out->name, text, &e)) != JT_OK) {
		out->objects = false;
		die(err, "%s", e.text);
	}
}

void
cmd_write(struct cmd_output *out, struct jt_slice object)
{
	struct jt_object o;
	struct jt_error e;

	if (!out->shown) {
		out->objects = true;
		cmd_print_slice(out, object);
		return;
	}
	jt_buf_clear(&shown);
	cmd_check(jt_object_parse(object, &o, &e), &e);
	cmd_check(jt_show(&jt_all_kinds, &o, JT_YAML, &shown, &e), &e);
	cmd_print_slice(out, jt_buf_slice(&shown));
}

void
cmd_print(struct cmd_output *out, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof line)
		die(JT_BUG, "a line of %d bytes is too long to print", n);
	cmd_print_slice(out, (struct jt_slice){ (const uint8_t *)line, (size_t)n });
}

void
cmd_flush(void)
{
	for (struct cmd_output *o = outputs; o != NULL; o = o->next)
		if (!o->atomic)
			flush(o);
}

void
cmd_file_write(const char *path, mode_t mode, bool fresh, struct jt_slice s)
{
	struct jt_error e;

	cmd_signals_hold();
	cmd_check(jt_file_write(path, mode, fresh, s, &e), &e);
	cmd_signals_release();
}
