/*
 * What every program has in common. Only cmd/ prints, exits, reads the
 * environment, the clock and entropy; libjt gets them as parameters.
 *
 * A program is one file:
 *
 *	static const struct cmd_option options[] = {
 *		CMD_OUTPUT,
 *		{ 'i', "ask", NULL, "ask on the terminal before each signature" },
 *		{ 0 }
 *	};
 *	static const struct cmd_program program = {
 *		.name = "jt-thing", .synopsis = "[-i] [-o FILE] [FILE...]", .options = options
 *	};
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		cmd_start(&program, argc, argv);
 *		while ((c = cmd_option()) != 0) ... cmd_value ...
 *		cmd_output_open(&out, path);
 *		cmd_input_open(&in, cmd_operands);
 *		while (cmd_next(&in, &o, &row))
 *			cmd_write(&out, o.bytes);
 *		return cmd_end();
 *	}
 *
 * The purpose in --help comes from the table in programs.h. Anything that
 * cannot go on ends the program through die(), which leaves no half-made file.
 */
#ifndef CMD_H
#define CMD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "crypto/address.h"
#include "key/secret.h"
#include "object/kind.h"
#include "object/object.h"

/* ---- options (cmd.c) ---- */

struct cmd_option {
	int letter;       /* 'k', or a number above 255 for an option with a long name only */
	const char *name; /* "key": --key */
	const char *arg;  /* "FILE", or NULL when it takes none */
	const char *help; /* one line, lower case, no full stop */
};

/* A letter has one meaning everywhere; say it with the same words, too. */
#define CMD_DIR     { 'd', "dir", "DIR", "directory of the ledger or validator (default $JT_DIR)" }
#define CMD_NETWORK \
	{ 'N', "network", "FILE", "network file (default DIR/network.jt, then $JT_NETWORK)" }
#define CMD_KEY     { 'k', "key", "FILE", "secret key file" }
#define CMD_VOTED \
	{ CMD_OPT_VOTED, "voted", NULL, "the input is a vote's: parts, their objects, cuts" }
#define CMD_OUTPUT \
	{ 'o', "output", "FILE", "write to FILE, whole or not at all; - is stdout as bytes" }
#define CMD_PASS_FD \
	{ CMD_OPT_PASS_FD, "pass-fd", "N", "read passphrases, a line each, from descriptor N" }

/* Options with a long name only. A program's own ones start at CMD_OPT_OWN. */
enum {
	CMD_OPT_PASS_FD = 256,
	CMD_OPT_SEED_FD,
	CMD_OPT_SALT,
	CMD_OPT_VERIFIED,
	CMD_OPT_EMPTY,
	CMD_OPT_VOTED,
	CMD_OPT_OWN
};

struct cmd_program {
	const char *name;                 /* "jt-sign" */
	const char *synopsis;             /* after the name; several forms are separated by '\n' */
	const struct cmd_option *options; /* ends with a zero letter; -h and -V are added */
	bool secrets;                     /* touches secrets: no core dumps */
	bool in_order;                    /* options end at the first operand (COMMAND...) */
};

/* First thing in main: descriptors 0 to 2, signals, limits. */
void cmd_start(const struct cmd_program *p, int argc, char **argv);
/*
 * The next option's letter, 0 after the last. --help and --version are done
 * here; a wrong option ends with 64.
 */
int cmd_option(void);
/* Does the program have this option at all? */
bool cmd_has_option(int letter);
extern const char *cmd_value;  /* of the option just returned */
extern char **cmd_operands;    /* after the last option; ends with NULL */
extern int cmd_operand_count;

/* Usage errors: the line, and a second one with the synopsis; exit 64. */
_Noreturn void cmd_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* No operands are taken. */
void cmd_no_operands(void);
/* cmd_value as a number in [low, high], a hash in hex, a time, an open descriptor; else 64. */
uint64_t cmd_value_number(uint64_t low, uint64_t high);
void cmd_value_hash(uint8_t hash[JT_HASH]);
uint64_t cmd_value_time(void);
int cmd_value_fd(void);

/* ---- errors (errors.c) ---- */

extern const char *cmd_name; /* of the program, for messages; set by cmd_start */
#define CMD_LINE 8192        /* bytes of a line on stderr, the rest is cut */
/* What the functions below are made of; kind is "" or "hint: ". */
void cmd_put_line(const char *kind, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
_Noreturn void cmd_leave(enum jt_err code);

/* "jt-NAME: ..." on stderr, one line, and the end with this code. */
_Noreturn void die(enum jt_err code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void die_error(const struct jt_error *e);
/* die_error unless err is JT_OK. */
void cmd_check(enum jt_err err, const struct jt_error *e);
/*
 * The line, and go on; the program will end with the worst code so
 * remembered: trouble before 65 before 1 before 0. JT_OK only prints.
 */
void complain(enum jt_err code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * The same of what others made, whatever it was, and no code: `told` counts
 * such lines, and after the first few there are no more.
 */
void complain_foreign(unsigned *told, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "jt-NAME: hint: ..." */
void hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* After complaints: the end with the worst code, without the files in the making. */
_Noreturn void cmd_give_up(void);
/* Remember a code without a line. */
void cmd_remember(enum jt_err code);

/* --ready-fd: a line to descriptor fd, which is closed; fd < 0: nothing. */
void cmd_ready(int fd);

/* Close all outputs, checked; returns the worst code. `return cmd_end();` ends main. */
int cmd_end(void);

/* ---- signals (signals.c) ---- */

/*
 * The signals that end a program, by their default, and are no crash. Between
 * hold and release, which may be nested, they wait; cmd_signal_held tells one
 * that does, 0: none. cmd_signals_catch gives a handler to those that have none.
 */
void cmd_signals_hold(void);
void cmd_signals_release(void);
int cmd_signal_held(void);
void cmd_signals_catch(void (*handler)(int));

/* ---- input (input.c) ---- */

/* Open for reading; ends with 66 or 77. */
int cmd_open(const char *path);

#define CMD_TOLD_MAX 10 /* lines about one stream of others' objects */

/* Objects from files in turn, or from stdin; "-" is stdin. */
struct cmd_input {
	char *const *next;       /* the path to open next, NULL in it at the end */
	const char *name;        /* of the file being read, for messages */
	uint64_t count;          /* objects met so far, in all files, bad ones too */
	uint64_t good;           /* of them what cmd_next gave */
	bool open;
	bool is_stdin;
	/*
	 * Set after opening: what comes was made by others than this machine's programs.
	 * Bad objects get a line, the first few of them, and never make an exit code.
	 */
	bool foreign;
	/* Set after opening: its writer and this program are started together, and end so:
	   a stream that breaks off is the writer's end (75), and not malformed. */
	bool together;
	/* Set after opening: called before a line about the input, so that lines keep the
	   input's order in a program that works ahead. */
	void (*catch_up)(void);
	struct jt_reader reader;
};
/* paths ends with NULL; none of them: stdin. Gives a hint when stdin is a terminal. */
void cmd_input_open(struct cmd_input *in, char *const *paths);
/*
 * The next object that is all its kind says (jt_kind_check), valid until the
 * next call; false at the end. Bad ones get a line and are skipped (exit 65);
 * a missing file, broken framing or a read error ends the program. Before it
 * reads it flushes the outputs, so that pipes are live.
 */
bool cmd_next(struct cmd_input *in, struct jt_object *o, const struct jt_kind **row);
/*
 * Would cmd_next have to wait? (At the end of a file: no.) It may read, so that
 * the object last returned is no longer valid.
 */
bool cmd_dry(struct cmd_input *in);
/*
 * A line about the object just read: "FILE:#3: ..."; remembers the code. Ends
 * the program when memory or a disk is the trouble, and not the object.
 */
void cmd_object_error(const struct cmd_input *in, const struct jt_error *e);
void cmd_object_complain(const struct cmd_input *in, enum jt_err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* After the last cmd_next: no object at all, good or bad, is 66. */
void cmd_need_input(const struct cmd_input *in);

/* ---- output (output.c) ---- */

/*
 * Objects or text to stdout or a file. A file is written beside its path and
 * moved there by cmd_end (mode 0666 less the umask); a path that is there and
 * no regular file (a FIFO, /dev/null) is written to directly. On a terminal
 * objects are shown as jt-show would.
 *
 * When a program dies, files in the making are removed. A stream of objects
 * that it wrote to gets the byte 0xc1 at its end, at which no object begins:
 * so the next program knows that the stream broke off, and does not take what
 * came for all there was.
 */
#define CMD_OUTPUT_BUFFER 65536 /* bytes gathered before a write */
#define CMD_BROKEN_OFF 0xc1
struct cmd_output {
	const char *name;       /* for messages */
	int fd;
	bool atomic;            /* `file` is open */
	bool shown;             /* objects are shown as text */
	bool objects;           /* bytes of objects were written */
	struct jt_atomic file;
	struct jt_buf buf;
	struct cmd_output *next;
};
/*
 * path NULL: stdout; "-": stdout, bytes even on a terminal. A file in place of
 * another is open to nobody else; a secret key is never replaced (73). The struct
 * must live as long as the program, since cmd_end closes it.
 */
void cmd_output_open(struct cmd_output *out, const char *path);
/* A file where nothing is yet, and which nothing may replace: 73 otherwise. */
void cmd_output_open_new(struct cmd_output *out, const char *path);
/* One of many files before the program ends: in its place, and durable; or given up. */
void cmd_output_close(struct cmd_output *out);
/* Many of them in half the time that one after the other takes. */
#define CMD_OUTPUTS_MAX 32
void cmd_output_close_all(struct cmd_output *outs, size_t count);
void cmd_output_drop(struct cmd_output *out);
/* An object (its bytes), or text as it is. */
void cmd_write(struct cmd_output *out, struct jt_slice object);
void cmd_print(struct cmd_output *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void cmd_print_slice(struct cmd_output *out, struct jt_slice text);
/* All outputs that are not files in the making. */
void cmd_flush(void);
/* A whole file at once, as jt_file_write, which no signal leaves half made. */
void cmd_file_write(const char *path, mode_t mode, bool fresh, struct jt_slice s);
/* Remove the files in the making, and end as the signal would; for handlers, too. */
void cmd_die_by(int number);
/* What cmd_end and die do to the outputs; set by the first cmd_output_open. */
extern void (*cmd_close_outputs)(void);
extern void (*cmd_drop_outputs)(void);

/* ---- surroundings (place.c) ---- */

/* Milliseconds since 1970 UTC; random bytes: the only clock, the only entropy. */
uint64_t cmd_now_ms(void);
void cmd_random(void *out, size_t len);
/* Milliseconds of a clock that nobody sets, for pauses and deadlines. */
uint64_t cmd_clock_ms(void);
/* Start libsodium (again is fine); the input and cmd_random do it, too. */
void cmd_crypto(void);

/* -d's value or $JT_DIR; NULL when there is neither. cmd_dir ends with 64 then. */
const char *cmd_dir_maybe(const char *given);
const char *cmd_dir(const char *given);

struct cmd_network {
	const char *path;
	uint8_t id[JT_HASH];      /* of jt/genesis */
	struct jt_object genesis; /* the file's first object, checked */
	struct jt_buf bytes;      /* of that object */
	struct jt_buf dealing;    /* the second one, if it is a jt/dealing: dealing.h; else empty */
};
/*
 * The network file: `given` (-N), else DIR/network.jt, else $JT_NETWORK. dir is
 * the directory that the program uses, as cmd_dir_maybe gave it, or NULL. What
 * the command line says wins over the environment; two with different ids that
 * both say, or neither: 78. cmd_network_maybe returns false when there is none,
 * cmd_network ends with 78. n->path lasts until the next call.
 */
bool cmd_network_maybe(struct cmd_network *n, const char *given, const char *dir);
void cmd_network(struct cmd_network *n, const char *given, const char *dir);

/* ---- keys (key.c) ---- */

/* A .pub file: exactly one jt/pub. The error begins with the path. */
enum jt_err cmd_pub_load(const char *path, struct jt_pub *pub, struct jt_error *e);
/*
 * An account as people name it: an address, or the path of a .pub file, whose
 * suffix may be left out. JT_USAGE says what was tried.
 */
enum jt_err cmd_account(const char *text, uint8_t account[JT_ACCOUNT], struct jt_error *e);
/*
 * The key of a file, in locked memory; jt_secret_free releases it. A sealed
 * one takes a line of pass_fd, or with pass_fd < 0 asks on the terminal.
 */
struct jt_secret_key *cmd_key_load(const char *path, int pass_fd);

/* ---- the terminal and passphrases (pass.c) ---- */

#define CMD_PASS_MAX 1024 /* bytes of a passphrase */

/*
 * A passphrase, to locked memory (jt_locked_free): the next line of descriptor
 * fd, or with fd < 0 asked for on /dev/tty without echo; `fresh` asks twice
 * and takes no empty one. what: "passphrase for X". No terminal is 77.
 */
void cmd_pass_read(struct jt_buf *pass, int fd, const char *what, bool fresh);
/* The next line of a descriptor, any secret, to locked memory; `none`: without one. */
void cmd_secret_line(struct jt_buf *line, int fd, const char *what, enum jt_err none);
/* y or Y on /dev/tty is yes. The question is one line of text, "sign? [y/N] ". */
bool cmd_ask(const char *question);
/* Text on /dev/tty alone: 77 when there is none. */
void cmd_tell(const char *text);

#endif
