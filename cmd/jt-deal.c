/*
 * jt-deal: deal a coin's key to validators, or check the share that was dealt to
 * one.
 *
 * Who deals knows the key, until the program ends. What comes out is public:
 * one object with everybody's share, each sealed to its validator.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "dealing.h"
#include "vote/log.h"

static const struct cmd_option options[] = {
	CMD_KEY,
	CMD_PASS_FD,
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-deal",
	.synopsis = "[-o FILE] PUB...\n-k KEY [--pass-fd N] [-o FILE] [FILE]",
	.options = options,
	.secrets = true,
};

static struct cmd_output out;

static void
deal(const char *path)
{
	struct jt_pub pubs[JT_COIN_VALIDATORS];
	struct jt_buf object;
	struct jt_error e;

	if (cmd_operand_count == 0)
		cmd_usage("expected the .pub files of validators, or -k KEY");
	if (cmd_operand_count > JT_COIN_VALIDATORS)
		cmd_usage("expected at most %d validators, found %d", JT_COIN_VALIDATORS,
		    cmd_operand_count);
	for (int i = 0; i < cmd_operand_count; i++) {
		cmd_check(cmd_pub_load(cmd_operands[i], &pubs[i], &e), &e);
		if (pubs[i].role != JT_ROLE_VALIDATOR)
			die(JT_USAGE, "%s: expected a key of role validator, found %s",
			    cmd_operands[i], jt_roles[pubs[i].role]);
		for (int k = 0; k < i; k++)
			if (memcmp(pubs[k].key, pubs[i].key, JT_KEY) == 0)
				die(JT_USAGE, "%s: is the same key as %s", cmd_operands[i],
				    cmd_operands[k]);
	}
	cmd_output_open(&out, path);
	jt_buf_init(&object, JT_DEALING_MAX);
	cmd_deal(pubs, (uint32_t)cmd_operand_count, &object);
	cmd_write(&out, jt_buf_slice(&object));
	jt_buf_free(&object);
}

/*
 * The dealing, alone in its file, or in a network file: then it must be that of
 * the network, for its validators. True: it was in one.
 */
static bool
read_dealing(struct cmd_input *in, struct jt_dealing *d, uint8_t id[JT_HASH],
    uint8_t network_id[JT_HASH], msgpack_zone *zone)
{
	const struct jt_kind *row;
	struct jt_genesis g;
	struct jt_object o;
	struct jt_error e;
	bool network = false;

	while (cmd_next(in, &o, &row)) {
		if (row == &jt_kind_genesis && !network) {
			cmd_check(jt_genesis_decode(&o, &g, id, zone, &e), &e);
			if (jt_hash_is_zero(g.dealing))
				die(JT_CONFIG, "%s: the network has no coin", in->name);
			memcpy(network_id, id, JT_HASH);
			network = true;
		} else if (row == &jt_kind_dealing) {
			cmd_check(jt_kind_id(row, &o, id, &e), &e);
			if ((network ? jt_genesis_dealing(&g, &o, d, zone, &e) :
			    jt_dealing_read(&o, d, zone, &e)) != JT_OK)
				die(e.code, "%s: %s", in->name, e.text);
			return network;
		}
	}
	cmd_need_input(in);
	die(JT_MALFORMED, "%s: no jt/dealing in it", in->name);
}

/* Is it my share? Then it can be kept. */
static void
check(const struct jt_secret_key *k, const char *name, const struct jt_dealing *d, uint32_t place)
{
	const struct jt_dealt *s = d->shares.items;
	struct jt_coin_public p;
	struct jt_buf secret;
	struct jt_error e;

	cmd_check(jt_locked_init(&secret, JT_SCALAR, &e), &e);
	jt_dealing_public(d, &p);
	if (jt_share_open(s[place].sealed, k, &p, place, secret.data, &e) != JT_OK)
		die(e.code, "%s: %s", name, e.text);
	jt_locked_free(&secret);
}

/* A file of KEY's directory. */
static char *
beside(const char *key, const char *name)
{
	const char *slash = strrchr(key, '/');
	size_t len = slash != NULL ? (size_t)(slash - key) + 1 : 0;
	char *path = malloc(len + strlen(name) + 1);

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, key, len);
	memcpy(path + len, name, strlen(name) + 1);
	return path;
}

/* Beside KEY as coin.share; one that is there stays, be it the same: then false. */
static bool
keep(const char *key, struct jt_slice share)
{
	char *path = beside(key, "coin.share");
	struct jt_buf old;
	struct jt_error e;
	bool fresh = true;

	jt_buf_init(&old, JT_SHARE_FILE_MAX);
	if (jt_file_read(path, &old, &e) == JT_OK && jt_slice_equal(jt_buf_slice(&old), share))
		fresh = false;
	else
		cmd_file_write(path, 0600, true, share);
	jt_buf_free(&old);
	free(path);
	return fresh;
}

/*
 * A validator that has its share only now has never voted, and its log of the
 * vote begins here: without one it takes care not to contradict what it may have
 * said, and all of a new network would wait for each other. Not where there is
 * anything of an earlier life.
 */
static void
begin_log(const char *key, const uint8_t network[JT_HASH], const uint8_t pub[JT_KEY])
{
	char *vote = beside(key, "vote"), *ledger = beside(key, "ledger");
	enum jt_log_state state;
	struct jt_log *log = NULL;
	struct jt_error e;

	if (access(vote, F_OK) != 0 && access(ledger, F_OK) != 0) {
		cmd_check(jt_log_open(vote, network, pub, &log, &state, &e), &e);
		cmd_check(jt_log_sync(log, &e), &e); /* without a first sum it is no log */
		jt_log_close(log);
	}
	free(vote);
	free(ledger);
}

/* Who the validator is, for its other programs, which do not open its key. */
static void
write_pub(const char *key, const struct jt_pub *pub)
{
	char *path = beside(key, "validator.pub");
	struct jt_buf object;
	struct jt_error e;

	jt_buf_init(&object, JT_PUB_MAX);
	cmd_check(jt_pub_write(pub, &object, &e), &e);
	if (access(path, F_OK) != 0)
		cmd_file_write(path, 0644, true, jt_buf_slice(&object));
	jt_buf_free(&object);
	free(path);
}

static void
take(const char *key, int pass_fd, const char *path)
{
	struct jt_secret_key *k = cmd_key_load(key, pass_fd);
	struct jt_dealing d;
	struct cmd_input in;
	struct jt_buf share;
	uint8_t id[JT_HASH], network[JT_HASH];
	msgpack_zone zone;
	struct jt_error e;
	uint32_t place;
	bool in_network;

	if (k->pub.role != JT_ROLE_VALIDATOR)
		die(JT_USAGE, "%s: expected a key of role validator, found %s", key,
		    jt_roles[k->pub.role]);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	if (path != NULL)
		cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	in_network = read_dealing(&in, &d, id, network, &zone);
	if (!jt_dealing_place(&d, k->pub.key, &place))
		die(JT_NO, "%s: nothing was dealt to %s", in.name, key);
	check(k, in.name, &d, place);
	jt_buf_init(&share, JT_SHARE_FILE_MAX);
	cmd_check(jt_share_write(&d, id, place, &share, &e), &e);
	if (path != NULL) {
		cmd_write(&out, jt_buf_slice(&share));
	} else {
		bool fresh = keep(key, jt_buf_slice(&share));

		if (in_network)
			write_pub(key, &k->pub);
		if (in_network && fresh)
			begin_log(key, network, k->pub.key);
	}
	jt_buf_free(&share);
	msgpack_zone_destroy(&zone);
	jt_secret_free(k);
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *key = NULL;
	int c, pass_fd = -1;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'k')
			key = cmd_value;
		else if (c == CMD_OPT_PASS_FD)
			pass_fd = cmd_value_fd();
		else
			path = cmd_value;
	}
	if (key == NULL) {
		deal(path);
	} else {
		if (cmd_operand_count > 1)
			cmd_usage("expected one dealing or network file, found %d", cmd_operand_count);
		take(key, pass_fd, path);
	}
	return cmd_end();
}
