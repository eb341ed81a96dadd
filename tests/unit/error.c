/* Errors: the line that a failing function leaves behind. */
#include "base/error.h"

#include <errno.h>

#include "base/text.h"
#include "tap.h"

int
main(void)
{
	struct jt_error e;
	char name[2 * JT_ERROR_MAX];

	is_int(jt_fail(NULL, JT_NO, "nobody listens"), JT_NO, "without a struct: the code alone");
	is_int(jt_fail(&e, JT_MALFORMED, "fee: at least %d, not %d", 10, 9), JT_MALFORMED,
	    "returns the code");
	is_int(e.code, JT_MALFORMED, "keeps the code");
	is_text(e.text, "fee: at least 10, not 9", "keeps the line");

	is_int(jt_fail_in(&e, "%s:#%d", "a.jt", 3), JT_MALFORMED, "a prefix keeps the code");
	is_text(e.text, "a.jt:#3: fee: at least 10, not 9", "the prefix comes first");
	is_int(jt_fail_in(NULL, "prefix"), JT_BUG, "a prefix to nothing is our bug");

	jt_fail(&e, JT_NO, "tab\tnew\nline\x1b[31m\x7f end");
	is_text(e.text, "tab?new?line?[31m? end", "control bytes become question marks");
	jt_fail(&e, JT_NO, "gr\xc3\xbc\xc3\x9f");
	is_text(e.text, "gr\xc3\xbc\xc3\x9f", "letters beyond ASCII stay");
	jt_fail_in(&e, "bad\rname");
	is_text(e.text, "bad?name: gr\xc3\xbc\xc3\x9f", "a prefix is made printable too");

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	jt_fail(&e, JT_NO, "%s", name);
	is_int(strlen(e.text), JT_ERROR_MAX - 1, "a long line is cut");
	jt_fail(&e, JT_NO, "reason");
	jt_fail_in(&e, "%s", name);
	is_int(strlen(e.text), JT_ERROR_MAX - 1, "a long prefix is cut");
	is_text(e.text + strlen(e.text) - 9, "x: reason", "and the reason is not");
	for (int shift = 0; shift < 4; shift++) {
		char shifted[sizeof name + 8];

		for (size_t i = 0; i + 4 < sizeof name; i += 4)
			memcpy(name + i, "\xf0\x9f\x98\x80", 4);
		name[sizeof name - 4] = '\0';
		snprintf(shifted, sizeof shifted, "%.*s%s", shift, "abc", name);
		jt_fail(&e, JT_IO, "%s: reason", shifted);
		ok(strlen(e.text) > JT_ERROR_MAX - 8 && jt_utf8_valid(jt_slice_text(e.text)),
		    "no character is cut in two");
	}

	is_int(jt_err_of(ENOENT, JT_NOINPUT), JT_NOINPUT, "no such file: as the caller says");
	is_int(jt_err_of(EEXIST, JT_CANTCREATE), JT_CANTCREATE, "one that exists, too");
	is_int(jt_err_of(EACCES, JT_NOINPUT), JT_PERMISSION, "permission");
	is_int(jt_err_of(EMFILE, JT_NOINPUT), JT_SYSTEM, "out of descriptors");
	is_int(jt_err_of(ENOMEM, JT_IO), JT_SYSTEM, "out of memory");
	is_int(jt_err_of(ENOSPC, JT_CANTCREATE), JT_IO, "a full disk");
	is_int(jt_err_of(EIO, JT_CANTCREATE), JT_IO, "a broken one");
	return done_testing();
}
