/*
 * Where a program stands: the clock, entropy, the two variables of the
 * environment and the network. See cmd.h.
 */
#include "all/kinds.h"
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/sign.h"

void
cmd_crypto(void)
{
	if (!jt_crypto_init())
		die(JT_SYSTEM, "libsodium does not start");
}

uint64_t
cmd_now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) != 0 || t.tv_sec < 0)
		die(JT_SYSTEM, "the clock cannot be read: %s", strerror(errno));
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
cmd_clock_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		die(JT_SYSTEM, "the clock cannot be read: %s", strerror(errno));
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
cmd_random(void *out, size_t len)
{
	cmd_crypto();
	randombytes_buf(out, len);
}

/* An empty variable is as none. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

const char *
cmd_dir_maybe(const char *given)
{
	/* "-d $dir" with nothing in it would be the root directory. */
	if (given != NULL && given[0] == '\0')
		cmd_usage("option -d needs a DIR, not an empty word");
	return given != NULL ? given : variable("JT_DIR");
}

const char *
cmd_dir(const char *given)
{
	const char *dir = cmd_dir_maybe(given);

	if (dir == NULL)
		cmd_usage("no directory: -d DIR or $JT_DIR");
	return dir;
}

/* The second object, if it is a dealing; it is looked at when it is needed. */
static void
load_dealing(struct cmd_network *n, struct jt_reader *r)
{
	struct jt_object o;
	struct jt_error e;

	jt_buf_init(&n->dealing, JT_OBJECT_MAX);
	if (jt_reader_next(r, &o, &e) == JT_OK && o.bytes.len > 0 && jt_object_is(&o, "dealing") &&
	    !jt_buf_add_slice(&n->dealing, o.bytes))
		die(JT_SYSTEM, "out of memory");
}

/* False only where there is no such file and `must` is unset. */
static bool
load_network(struct cmd_network *n, const char *path, bool must)
{
	struct jt_reader r;
	struct jt_object o;
	struct jt_error e;
	const struct jt_kind *row;
	enum jt_err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && !must && (errno == ENOENT || errno == ENOTDIR))
		return false;
	if (fd < 0)
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", path, strerror(errno));
	cmd_crypto();
	*n = (struct cmd_network){ .path = path };
	jt_buf_init(&n->bytes, JT_OBJECT_MAX);
	jt_reader_init(&r, fd, path);
	err = jt_reader_next(&r, &o, &e);
	if (err == JT_OK && (o.bytes.len == 0 || !jt_object_is(&o, "genesis")))
		err = jt_fail(&e, JT_MALFORMED, "begins with no jt/genesis, is no network file");
	if (err == JT_OK)
		err = jt_kind_of(&jt_all_kinds, &o, &row, &e);
	if (err == JT_OK)
		err = jt_kind_check(&jt_all_kinds, &o, &e);
	if (err == JT_OK)
		err = jt_kind_id(row, &o, n->id, &e);
	if (err != JT_OK)
		die(err, "%s: %s", path, e.text);
	if (!jt_buf_add_slice(&n->bytes, o.bytes))
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_object_parse(jt_buf_slice(&n->bytes), &n->genesis, &e), &e);
	load_dealing(n, &r);
	jt_reader_free(&r);
	close(fd);
	return true;
}

bool
cmd_network_maybe(struct cmd_network *n, const char *given, const char *dir)
{
	static char *in_dir; /* what n->path names until the next call */
	bool said = dir != NULL && dir != variable("JT_DIR"); /* by -d, or an operand */
	bool found = false;
	struct cmd_network second;
	const char *other;

	free(in_dir);
	in_dir = NULL;
	if (dir != NULL && (said || given == NULL)) {
		in_dir = jt_path_join(dir, "network.jt");
		if (in_dir == NULL)
			die(JT_SYSTEM, "out of memory");
		found = load_network(n, in_dir, false);
	}
	other = given != NULL ? given : said && found ? NULL : variable("JT_NETWORK");
	if (other == NULL)
		return found;
	if (!found)
		return load_network(n, other, true);
	load_network(&second, other, true);
	if (memcmp(second.id, n->id, JT_HASH) != 0)
		die(JT_CONFIG, "%s and %s are different networks", in_dir, other);
	jt_buf_free(&second.bytes);
	jt_buf_free(&second.dealing);
	return true;
}

void
cmd_network(struct cmd_network *n, const char *given, const char *dir)
{
	if (!cmd_network_maybe(n, given, dir))
		die(JT_CONFIG, "no network file: %s%s/network.jt or $JT_NETWORK",
		    cmd_has_option('N') ? "-N FILE, " : "", dir != NULL ? dir : "DIR");
}
