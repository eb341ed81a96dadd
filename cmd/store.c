/* The ledger of a directory. See store.h. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Is it what jt-genesis made, with a directory for each validator? */
static bool
has_validators(const char *dir)
{
	char *path = jt_path_join(dir, "v1/network.jt");
	bool found;

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	found = access(path, F_OK) == 0;
	free(path);
	return found;
}

void
cmd_network_open(const struct cmd_network *n, struct jt_reader *r)
{
	int fd = open(n->path, O_RDONLY | O_CLOEXEC);
	struct jt_error e;

	if (fd < 0)
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", n->path, strerror(errno));
	jt_reader_init(r, fd, n->path);
	if (jt_network_check(r, &e) != JT_OK)
		die(e.code, "%s:#%" PRIu64 ": %s", n->path, r->index, e.text);
	jt_reader_free(r);
	if (lseek(fd, 0, SEEK_SET) != 0)
		die(JT_IO, "%s: %s", n->path, strerror(errno));
	jt_reader_init(r, fd, n->path);
}

static void
make_ledger(const char *path, const char *given, const char *dir)
{
	struct cmd_network network;
	struct jt_reader r;
	struct jt_error e;

	/* In the network's directory, and not in a validator's, nobody would look for it. */
	if (has_validators(dir))
		die(JT_CONFIG, "%s: has directories of validators, name one: %s/v1", dir, dir);
	cmd_network(&network, given, dir);
	cmd_network_open(&network, &r);
	cmd_check(jt_ledger_create(path, &r, &e), &e);
	close(r.fd);
	jt_reader_free(&r);
	jt_buf_free(&network.bytes);
	jt_buf_free(&network.dealing);
}

void
cmd_ledger_check(struct jt_ledger *l, const char *network, const char *dir)
{
	struct cmd_network n;

	if (!cmd_network_maybe(&n, network, dir))
		return;
	if (memcmp(l->terms.network, n.id, JT_HASH) != 0) {
		jt_ledger_close(l);
		die(JT_CONFIG, "%s: a ledger of another network than %s", dir, n.path);
	}
	jt_buf_free(&n.bytes);
	jt_buf_free(&n.dealing);
}

void
cmd_ledger_open(struct jt_ledger *l, const char *network, const char *dir,
    enum jt_access access, bool make)
{
	char *path = jt_path_join(dir, "ledger");
	struct jt_error e;
	enum jt_err err;

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_crypto();
	err = jt_ledger_open(l, path, access, &e);
	if (err == JT_NOINPUT && make) {
		make_ledger(path, network, dir);
		err = jt_ledger_open(l, path, access, &e);
	}
	cmd_check(err, &e);
	cmd_ledger_check(l, network, dir);
	free(path);
}
