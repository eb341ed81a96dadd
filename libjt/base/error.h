/*
 * Errors: one code, one line.
 *
 * Every libjt function that can fail returns an enum jt_err and, where the
 * caller passes a struct jt_error, fills in one line that says what was wrong:
 * lower case, no full stop, with the field, what was expected and what came.
 * The codes are the exit codes of the programs (see jt(7)), so a program ends
 * with the code that the library gave it.
 *
 * libjt never prints, never exits, and never reads the environment, the clock
 * or a source of entropy: time and randomness are parameters.
 */
#ifndef JT_ERROR_H
#define JT_ERROR_H

enum jt_err {
	JT_OK = 0,          /* yes, done */
	JT_NO = 1,          /* the answer is no: a bad signature, not proven, not there */
	JT_USAGE = 64,      /* the command line is wrong */
	JT_MALFORMED = 65,  /* the input is not what it should be */
	JT_NOINPUT = 66,    /* there is no such input, or it is empty */
	JT_BUG = 70,        /* our mistake */
	JT_SYSTEM = 71,     /* the operating system refused (memory, fork) */
	JT_CANTCREATE = 73, /* the output cannot be made, or exists and is kept */
	JT_IO = 74,         /* reading or writing failed */
	JT_AGAIN = 75,      /* try again: locked, peer gone, not yet final */
	JT_PERMISSION = 77, /* not allowed: file modes, a wrong passphrase */
	JT_CONFIG = 78      /* the set-up contradicts itself */
};

/* The length of an error line, the final zero included. A longer one loses its middle. */
#define JT_ERROR_MAX 256

struct jt_error {
	enum jt_err code;
	char text[JT_ERROR_MAX];
};

/*
 * Fill in e (which may be NULL) and return code. Control bytes in the result
 * are replaced by '?', so that a line stays one line.
 */
enum jt_err jt_fail(struct jt_error *e, enum jt_err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* The analyzer sees one file at a time: tell it that a failure comes back. */
#define jt_fail(e, code, ...) __extension__({ \
	enum jt_err failure = (code); \
	jt_fail((e), failure, __VA_ARGS__); \
	if (failure == JT_OK) \
		__builtin_unreachable(); \
	failure; \
})
#endif

/*
 * The code for the errno of a system call. What the number does not tell, like
 * a file that is not there, is `other`: an input's JT_NOINPUT, an output's
 * JT_CANTCREATE.
 */
enum jt_err jt_err_of(int number, enum jt_err other);

/* Put "prefix: " before the text of e; returns e's code. */
enum jt_err jt_fail_in(struct jt_error *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
