/*
 * The terminal: passphrases, questions, and what only its user may see.
 * See cmd.h.
 *
 * Passphrases come from a descriptor or from /dev/tty, never from arguments or
 * the environment, and stay in locked memory. Echo is put back when a signal
 * ends the question.
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int tty = -1;
static struct termios tty_was, tty_silent;
static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };
enum { DEADLY = sizeof deadly / sizeof *deadly };

static void
open_tty(void)
{
	if (tty < 0)
		tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		die(JT_PERMISSION, "no terminal to ask on: /dev/tty: %s", strerror(errno));
}

static void
say(const char *text)
{
	struct jt_error e;

	cmd_check(jt_file_write_fd(tty, "/dev/tty", jt_slice_text(text), &e), &e);
}

/* Comes back from SIGTSTP alone, when the program is in the foreground again. */
static void
on_signal(int number)
{
	int saved = errno;

	tcsetattr(tty, TCSAFLUSH, &tty_was);
	signal(number, SIG_DFL);
	raise(number);
	signal(number, on_signal);
	tcsetattr(tty, TCSAFLUSH, &tty_silent);
	errno = saved;
}

static void
echo_off(struct sigaction was[DEADLY])
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };

	if (tcgetattr(tty, &tty_was) != 0)
		die(JT_PERMISSION, "/dev/tty: %s", strerror(errno));
	sigemptyset(&sa.sa_mask);
	tty_silent = tty_was;
	tty_silent.c_lflag &= ~(tcflag_t)ECHO;
	tty_silent.c_lflag |= ECHONL;
	for (size_t i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &sa, &was[i]);
	tcsetattr(tty, TCSAFLUSH, &tty_silent);
}

static void
echo_on(const struct sigaction was[DEADLY])
{
	tcsetattr(tty, TCSAFLUSH, &tty_was);
	for (size_t i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &was[i], NULL);
}

/*
 * Append a line without its newline. Byte by byte, so that the next line stays
 * for the next call. False at the end of the input before any byte.
 */
static bool
read_line(int fd, const char *name, struct jt_buf *line)
{
	bool some = false;
	ssize_t k;
	char c = 0;

	for (;;) {
		k = read(fd, &c, 1);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			die(JT_IO, "%s: %s", name, strerror(errno));
		if (k == 0)
			break;
		some = true;
		if (c == '\n')
			break;
		if (!jt_buf_add(line, &c, 1))
			die(JT_MALFORMED, "%s: line longer than %d bytes", name, CMD_PASS_MAX);
	}
	sodium_memzero(&c, 1);
	return some;
}

static void
ask_secret(struct jt_buf *pass, const char *what, const char *again)
{
	struct sigaction was[DEADLY];
	bool some;

	open_tty();
	echo_off(was);
	say(what);
	say(again);
	say(": ");
	some = read_line(tty, "/dev/tty", pass);
	echo_on(was);
	if (!some)
		die(JT_PERMISSION, "%s: none given", what);
}

static void
allocate(struct jt_buf *line)
{
	struct jt_error e;

	cmd_crypto();
	cmd_check(jt_locked_init(line, CMD_PASS_MAX, &e), &e);
}

void
cmd_secret_line(struct jt_buf *line, int fd, const char *what, enum jt_err none)
{
	allocate(line);
	if (!read_line(fd, what, line))
		die(none, "%s: no line left on descriptor %d", what, fd);
}

void
cmd_pass_read(struct jt_buf *pass, int fd, const char *what, bool fresh)
{
	struct jt_buf second;

	if (fd >= 0) {
		cmd_secret_line(pass, fd, what, JT_PERMISSION);
	} else {
		allocate(pass);
		ask_secret(pass, what, "");
	}
	if (fresh && pass->len == 0)
		die(JT_PERMISSION, "%s: empty; -n is for a key without one", what);
	if (!fresh || fd >= 0)
		return;
	allocate(&second);
	ask_secret(&second, what, ", again");
	if (second.len != pass->len || sodium_memcmp(second.data, pass->data, pass->len) != 0)
		die(JT_PERMISSION, "%s: the two are not the same", what);
	jt_locked_free(&second);
}

bool
cmd_ask(const char *question)
{
	char c, first = '\0';
	ssize_t n;

	open_tty();
	say(question);
	do {
		n = read(tty, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 1 && first == '\0')
			first = c;
	} while (n < 0 ? errno == EINTR : n == 1 && c != '\n');
	return first == 'y' || first == 'Y';
}

void
cmd_tell(const char *text)
{
	open_tty();
	say(text);
}
