/*
 * Start and options of every program. See cmd.h.
 *
 * Data goes to stdout, trouble to stderr (errors.c), talk to /dev/tty.
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "programs.h"

enum { OPTIONS_MAX = 32 };

const char *cmd_value;
char **cmd_operands;
int cmd_operand_count;

static const struct cmd_program *program;
static int arg_count;
static char **args;
static char letters[3 + 2 * OPTIONS_MAX];
static struct option longs[OPTIONS_MAX + 3];
static const char *cmd_said; /* the option last returned, for messages */

/* The next form of the synopsis: its length, and *s behind it. */
static int
form(const char **s, const char **start)
{
	size_t n = strcspn(*s, "\n");

	*start = *s;
	*s += n + ((*s)[n] == '\n');
	return (int)n;
}

void
cmd_usage(const char *fmt, ...)
{
	char line[CMD_LINE] = "";
	const char *s = program->synopsis, *start;
	size_t n = 0;
	va_list ap;

	va_start(ap, fmt);
	cmd_put_line("", fmt, ap);
	va_end(ap);
	do {
		int len = form(&s, &start);
		n += (size_t)snprintf(line + n, sizeof line - n, "%s%s%s%.*s", n ? " | " : "",
		    program->name, len ? " " : "", len, start);
	} while (*s != '\0' && n < sizeof line);
	complain(JT_OK, "usage: %s", line);
	cmd_leave(JT_USAGE);
}

static void
print_option(int letter, const char *name, const char *arg, const char *help)
{
	char left[48];
	int n = letter < 256 ? snprintf(left, sizeof left, "-%c, ", letter)
			     : snprintf(left, sizeof left, "    ");

	snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", name, arg ? " " : "",
	    arg ? arg : "");
	printf("  %-22s %s\n", left, help);
}

static _Noreturn void
finish_text(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		die(JT_IO, "stdout: %s", strerror(errno));
	cmd_leave(JT_OK);
}

static _Noreturn void
print_help(void)
{
	const char *s = program->synopsis, *start;
	const struct cmd_row *row = cmd_programs;
	bool first = true;

	do {
		int len = form(&s, &start);
		printf("%s %s%s%.*s\n", first ? "usage:" : "      ", program->name,
		    len ? " " : "", len, start);
		first = false;
	} while (*s != '\0');
	while (row->name != NULL && strcmp(row->name, program->name) != 0)
		row++;
	printf("\n%s\n\n", row->name != NULL ? row->purpose : program->name);
	for (const struct cmd_option *o = program->options; o->letter != 0; o++)
		print_option(o->letter, o->name, o->arg, o->help);
	print_option('h', "help", NULL, "show this help");
	print_option('V', "version", NULL, "show the version");
	finish_text();
}

static _Noreturn void
print_version(void)
{
	printf("%s %s\n", program->name, JT_VERSION);
	finish_text();
}

/*
 * A closed descriptor 0 to 2 would be taken by the next open, and objects
 * would go to a file that nobody named. It is filled with one that cannot be
 * used, so that what needs it fails and what does not goes on.
 */
static void
fill_descriptors(void)
{
	static const int flags[] = { O_WRONLY, O_RDONLY, O_RDWR };

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags[fd]) != fd)
			_exit(JT_SYSTEM);
}

void
cmd_start(const struct cmd_program *p, int argc, char **argv)
{
	struct rlimit none = { 0, 0 };
	char *l = letters;
	int n = 0;

	program = p;
	cmd_name = p->name;
	arg_count = argc;
	args = argv;
	fill_descriptors();
	signal(SIGXFSZ, SIG_IGN); /* a file over the limit is a write error */
	if (p->secrets) {
		setrlimit(RLIMIT_CORE, &none);
		prctl(PR_SET_DUMPABLE, 0); /* the limit is none for dumps into a pipe */
	}
	if (p->in_order)
		*l++ = '+';
	*l++ = ':';
	for (const struct cmd_option *o = p->options; o->letter != 0; o++) {
		if (o->letter < 256) {
			*l++ = (char)o->letter;
			if (o->arg != NULL)
				*l++ = ':';
		}
		longs[n++] = (struct option){ o->name,
			o->arg ? required_argument : no_argument, NULL, o->letter };
	}
	*l++ = 'h';
	*l++ = 'V';
	longs[n++] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n++] = (struct option){ "version", no_argument, NULL, 'V' };
	opterr = 0;
}

/* "-k", or "--pass-fd" where there is no letter; NULL when there is no such option. */
static const char *
spell(int letter)
{
	static char text[64];
	const struct option *o = longs;

	while (o->name != NULL && o->val != letter)
		o++;
	if (o->name == NULL)
		return NULL;
	if (letter < 256)
		snprintf(text, sizeof text, "-%c", letter);
	else
		snprintf(text, sizeof text, "--%s", o->name);
	return text;
}

static _Noreturn void
wrong_option(int found)
{
	const struct cmd_option *o = program->options;
	const char *word = args[optind - 1];

	if (found == ':') {
		while (o->letter != optopt)
			o++;
		cmd_usage("option %s needs %s %s", spell(optopt),
		    strchr("AEIO", o->arg[0]) != NULL ? "an" : "a",
		    strcmp(o->arg, "N") == 0 ? "number" : o->arg);
	}
	if (optopt == 0) /* getopt's word for a long name that it does not know */
		cmd_usage("no option %.*s", (int)strcspn(word, "="), word);
	if (spell(optopt) == NULL)
		cmd_usage("no option -%c", optopt);
	cmd_usage("option %s takes no value", spell(optopt));
}

bool
cmd_has_option(int letter)
{
	for (const struct cmd_option *o = program->options; o->letter != 0; o++)
		if (o->letter == letter)
			return true;
	return false;
}

int
cmd_option(void)
{
	int c = getopt_long(arg_count, args, letters, longs, NULL);

	switch (c) {
	case 'h':
		print_help();
	case 'V':
		print_version();
	case ':':
	case '?':
		wrong_option(c);
	case -1:
		cmd_operands = args + optind;
		cmd_operand_count = arg_count - optind;
		return 0;
	}
	cmd_said = spell(c);
	cmd_value = optarg;
	return c;
}

void
cmd_no_operands(void)
{
	if (cmd_operand_count > 0)
		cmd_usage("operand not expected: %s", cmd_operands[0]);
}

uint64_t
cmd_value_number(uint64_t low, uint64_t high)
{
	uint64_t v;

	if (!jt_u64_parse(jt_slice_text(cmd_value), &v) || v < low || v > high)
		cmd_usage("option %s needs a number from %llu to %llu, not %s", cmd_said,
		    (unsigned long long)low, (unsigned long long)high, cmd_value);
	return v;
}

void
cmd_value_hash(uint8_t hash[JT_HASH])
{
	if (!jt_hex_parse(jt_slice_text(cmd_value), hash, JT_HASH))
		cmd_usage("option %s needs %d hex digits, not %s", cmd_said, 2 * JT_HASH,
		    cmd_value);
}

uint64_t
cmd_value_time(void)
{
	uint64_t ms;

	if (!jt_time_parse(jt_slice_text(cmd_value), &ms))
		cmd_usage("option %s needs a time like 2017-03-01T12:00:00Z, not %s", cmd_said,
		    cmd_value);
	return ms;
}

int
cmd_value_fd(void)
{
	int fd = (int)cmd_value_number(0, 65535);

	if (fcntl(fd, F_GETFD) < 0)
		cmd_usage("option %s: descriptor %d is not open", cmd_said, fd);
	return fd;
}

void
cmd_ready(int fd)
{
	if (fd < 0)
		return;
	if (write(fd, "\n", 1) != 1)
		complain(JT_OK, "descriptor %d: %s", fd, strerror(errno));
	close(fd);
}
