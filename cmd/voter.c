/* What a validator's voter is made of. See voter.h. */
#include "voter.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/file.h"
#include "dealing.h"
#include "store.h"

enum { SUSPENDED_BYTES = 64 << 20 }; /* blocks that wait for ancestors, of all peers */

static char *
in_dir(const char *dir, const char *name)
{
	char *path = jt_path_join(dir, name);

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	return path;
}

static void
read_network(struct cmd_voter *v, const char *path)
{
	struct jt_electorate *el = &v->terms.electorate;
	const struct jt_validator *validators;
	struct jt_error e;

	cmd_network(&v->network, path, v->dir);
	if ((v->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_genesis_decode(&v->network.genesis, &v->genesis, v->network.id, v->zone, &e), &e);
	memcpy(el->network, v->network.id, JT_HASH);
	el->n = v->genesis.validators.count;
	el->is_payload = jt_is_payload;
	validators = v->genesis.validators.items;
	for (uint32_t i = 0; i < el->n; i++) {
		memcpy(el->keys[i], validators[i].key, JT_KEY);
		v->terms.names[i] = validators[i].name;
	}
	v->terms.me = el->n;
	v->terms.voter = jt_voter_usual;
	v->terms.voter.order.interval = v->genesis.interval;
	v->terms.voter.burst = JT_MEMBER_BURST;
	assert(el->n > 0); /* jt_genesis_decode */
	/* What waits for ancestors is bounded in all, however many validators there are. */
	v->terms.voter.suspended_bytes = SUSPENDED_BYTES / el->n;
	cmd_random(v->terms.voter.hash_key, sizeof v->terms.voter.hash_key);
	cmd_random(&v->terms.nonce, sizeof v->terms.nonce);
	v->terms.nonce = (v->terms.nonce & JT_UINT_MAX) | 1;
}

/* The key, for this process alone: two voters with one key would contradict each other. */
static void
read_key(struct cmd_voter *v, const char *given, int pass_fd)
{
	char *path = in_dir(v->dir, "validator.key");
	const char *from = given != NULL ? given : path;
	struct jt_electorate *el = &v->terms.electorate;

	v->key_lock = -1;
	if (given == NULL && access(path, F_OK) != 0) {
		free(path);
		return;
	}
	v->key = cmd_key_load(from, pass_fd);
	if (v->key->pub.role != JT_ROLE_VALIDATOR)
		die(JT_PERMISSION, "%s: expected a validator's key, found one of role %s", from,
		    jt_roles[v->key->pub.role]);
	for (uint32_t i = 0; i < el->n; i++)
		if (memcmp(el->keys[i], v->key->pub.key, JT_KEY) == 0)
			v->terms.me = i;
	if (v->terms.me == el->n)
		die(JT_CONFIG, "%s: the key is of no validator of this network", from);
	v->key_lock = cmd_open(from);
	if (flock(v->key_lock, LOCK_EX | LOCK_NB) != 0)
		die(errno == EWOULDBLOCK ? JT_AGAIN : JT_SYSTEM, "%s: %s", from,
		    errno == EWOULDBLOCK ? "another process votes with this key" : strerror(errno));
	v->terms.secret = v->key->sign;
	free(path);
}

/*
 * The coin, if one was dealt: its public key from the network file, one's own
 * share from DIR/coin.share, opened with the key.
 */
static void
read_coin(struct cmd_voter *v)
{
	struct jt_dealing d;
	struct jt_error e;
	uint32_t place;
	char *path;

	if (!cmd_dealing(&v->network, &v->genesis, &d, v->zone))
		return;
	if ((v->coin = calloc(1, sizeof *v->coin)) == NULL)
		die(JT_SYSTEM, "out of memory");
	jt_dealing_public(&d, &v->coin->public);
	v->terms.coin = v->coin;
	if (v->key == NULL)
		return;
	path = in_dir(v->dir, "coin.share");
	if (access(path, F_OK) != 0)
		die(JT_NOINPUT, "%s: no share of the coin; jt-deal -k KEY %s makes it", path,
		    v->network.path);
	cmd_check(jt_locked_init(&v->share, JT_SCALAR, &e), &e);
	cmd_share_load(path, v->key, &d, v->genesis.dealing, v->share.data, &place);
	v->terms.share = v->share.data;
	free(path);
}

static void
open_log(struct cmd_voter *v, const struct jt_member_ops *ops, void *ctx)
{
	static const uint8_t nobody[JT_KEY];
	char *path = in_dir(v->dir, "vote");
	enum jt_log_state state = JT_LOG_GOOD;
	struct jt_log *log = NULL;
	struct jt_error e;

	cmd_check(jt_log_open(path, v->network.id, v->key != NULL ? v->key->pub.key : nobody, &log,
	    &state, &e), &e);
	if (state == JT_LOG_FOREIGN)
		complain(JT_OK, "%s: not where it was written, set aside; voting goes on once enough "
		    "others have told what they have of ours", path);
	else if (state == JT_LOG_NONE && v->key != NULL && v->terms.electorate.n > 1)
		complain(JT_OK, "%s: no log; voting goes on once enough others have told what they have "
		    "of ours", path);
	v->member = jt_member_new(&v->terms, log, state != JT_LOG_GOOD, ops, ctx, &e);
	if (v->member == NULL)
		die_error(&e);
	free(path);
}

void
cmd_voter_open(struct cmd_voter *v, const char *dir, const char *network, const char *key,
    int pass_fd, void (*made)(struct cmd_voter *v), const struct jt_member_ops *ops, void *ctx)
{
	*v = (struct cmd_voter){ .dir = dir };
	cmd_crypto();
	read_network(v, network);
	read_key(v, key, pass_fd);
	read_coin(v);
	if (made != NULL)
		made(v);
	open_log(v, ops, ctx);
}

void
cmd_voter_close(struct cmd_voter *v)
{
	jt_member_free(v->member);
	if (v->ledger != NULL)
		jt_ledger_close(v->ledger);
	free(v->ledger);
	jt_locked_free(&v->share);
	free(v->coin);
	jt_secret_free(v->key);
	if (v->key_lock >= 0)
		close(v->key_lock);
	jt_buf_free(&v->network.bytes);
	msgpack_zone_free(v->zone);
}

/* The ledger as it is now; it is opened once it is there. */
static bool
look_at_ledger(struct cmd_voter *v)
{
	struct jt_error e;
	bool changed, ok;
	char *path;

	if (v->ledger != NULL)
		return jt_ledger_refresh(v->ledger, &changed, &e) == JT_OK;
	if ((v->ledger = calloc(1, sizeof *v->ledger)) == NULL)
		return false;
	path = in_dir(v->dir, "ledger");
	ok = jt_ledger_open(v->ledger, path, JT_STORE_READ, &e) == JT_OK;
	free(path);
	if (!ok) {
		free(v->ledger);
		v->ledger = NULL;
	}
	return ok;
}

bool
cmd_voter_certificate(struct cmd_voter *v, uint64_t ledger, struct jt_buf *out)
{
	struct jt_slice object = { NULL, 0 };
	struct jt_error e;
	bool certified = false;
	uint32_t good;

	if (!look_at_ledger(v))
		return false;
	certified = jt_ledger_certified(v->ledger, ledger, &certified, &good, &e) == JT_OK &&
	    certified && jt_ledger_header(v->ledger, ledger, &object, &e) == JT_OK &&
	    object.len > 0 && jt_buf_add_slice(out, object);
	jt_ledger_rest(v->ledger);
	return certified;
}

_Noreturn void
cmd_voter_halt(struct cmd_voter *v, uint64_t ledger, struct jt_slice evidence, const char *why)
{
	char *dir = in_dir(v->dir, "halt"), name[40], *path;
	struct jt_error e;

	snprintf(name, sizeof name, "ledger-%" PRIu64 ".jt", ledger);
	path = in_dir(dir, name);
	cmd_check(jt_dir_make(dir, 0755, &e), &e);
	cmd_file_write(path, 0644, false, evidence);
	die(JT_NO, "halted: %s; the evidence is in %s", why, path);
}
