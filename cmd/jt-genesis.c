/*
 * jt-genesis: make a network.
 *
 * Reads a set-up (YAML; every field has a default, so that it needs none) and
 * makes a directory: the network file, which is public, and where the set-up
 * asks for it a bank account and a directory with keys and a first ledger for
 * each validator. The directory appears whole or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd.h"
#include "dealing.h"
#include "ledger/ledger.h"
#include "vote/log.h"
#include "setup.h"
#include "state/node.h"
#include "state/root.h"
#include "work.h"

static const struct cmd_option options[] = {
	{ 'o', "output", "DIR", "the directory to make (default: net)" },
	{ 'v', "validators", "N", "make N validators, each with keys and a directory" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-genesis",
	.synopsis = "[-v N] [-o DIR] [NET.yaml]",
	.options = options,
	.secrets = true,
};

/* A fresh secret key of a role in DIR/a[/b], in *k. */
static void
make_key(enum jt_role role, const char *a, const char *b, struct jt_secret_key *k)
{
	char *path = cmd_work_path(a, b);
	struct jt_error e;
	struct jt_buf file;

	cmd_random(k->bytes, jt_secret_size(role));
	jt_secret_set(k, role, k->bytes);
	cmd_check(jt_locked_init(&file, JT_SECRET_FILE_MAX, &e), &e);
	cmd_check(jt_secret_write(k, &file, &e), &e);
	cmd_file_write(path, 0600, true, jt_buf_slice(&file));
	jt_locked_free(&file);
	free(path);
}

/* The public half beside it. */
static void
make_pub(const char *a, const char *b, const struct jt_secret_key *k)
{
	char *path = cmd_work_path(a, b);
	struct jt_error e;
	struct jt_buf pub;

	jt_buf_init(&pub, JT_PUB_MAX);
	cmd_check(jt_pub_write(&k->pub, &pub, &e), &e);
	cmd_file_write(path, 0644, true, jt_buf_slice(&pub));
	jt_buf_free(&pub);
	free(path);
}

static void
make_bank(struct setup *s, struct jt_secret_key *k)
{
	make_key(JT_ROLE_ACCOUNT, "bank.key", NULL, k);
	make_pub("bank.pub", NULL, k);
	setup_bank(s, k);
}

static void
make_validators(struct setup *s, struct jt_secret_key *k)
{
	struct jt_validator *v = s->genesis.validators.items;
	struct jt_error e;

	for (uint32_t i = 0; i < s->genesis.validators.count; i++) {
		char name[16], *path;
		cmd_work_pause();
		snprintf(name, sizeof name, "new-%" PRIu32, i);
		v[i].name = setup_keep(s, name);
		path = cmd_work_path(name, NULL);
		cmd_check(jt_dir_make(path, 0700, &e), &e);
		free(path);
		make_key(JT_ROLE_VALIDATOR, name, "validator.key", k);
		make_pub(name, "validator.pub", k);
		memcpy(v[i].key, k->pub.key, JT_KEY);
		memcpy(v[i].box, k->pub.box, JT_BOX_KEY);
		make_key(JT_ROLE_LINK, name, "link.key", k);
		memcpy(v[i].link, k->pub.key, JT_BOX_KEY);
	}
}

/*
 * v1, v2 and so on are in the order of their keys, as in every list of them: so
 * v1 is the first author of the vote, too. And each begins its log of the vote
 * here: without one a voter takes care not to contradict what it may have said.
 */
static void
begin_validators(struct setup *s, const uint8_t network[JT_HASH])
{
	struct jt_validator *v = s->genesis.validators.items;
	struct jt_error e;

	for (uint32_t i = 0; i < s->genesis.validators.count; i++) {
		char name[16], *path;
		enum jt_log_state state;
		struct jt_log *log = NULL;
		cmd_work_pause();
		snprintf(name, sizeof name, "v%" PRIu32, i + 1);
		path = cmd_work_path(name, "vote");
		cmd_check(jt_log_open(path, network, v[i].key, &log, &state, &e), &e);
		cmd_check(jt_log_sync(log, &e), &e);
		jt_log_close(log);
		free(path);
	}
}

/* Name them, now that they are sorted. */
static void
name_validators(struct setup *s)
{
	struct jt_validator *v = s->genesis.validators.items;

	for (uint32_t i = 0; i < s->genesis.validators.count; i++) {
		char old[16], name[16], *from, *to;
		snprintf(old, sizeof old, "%.*s", (int)v[i].name.len, (const char *)v[i].name.data);
		snprintf(name, sizeof name, "v%" PRIu32, i + 1);
		from = cmd_work_path(old, NULL);
		to = cmd_work_path(name, NULL);
		if (rename(from, to) != 0)
			die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", to, strerror(errno));
		v[i].name = setup_keep(s, name);
		free(from);
		free(to);
	}
}

/* Root and totals of the initial state. */
static void
set_state(struct setup *s)
{
	struct jt_bucket_entry *entries = calloc(s->count + 1, sizeof *entries);
	struct jt_buf entry;
	struct jt_error e;

	if (entries == NULL)
		die(JT_SYSTEM, "out of memory");
	jt_buf_init(&entry, JT_OBJECT_MAX);
	for (size_t i = 0; i < s->count; i++) {
		jt_buf_clear(&entry);
		cmd_check(jt_initial_entry(&s->accounts[i], &entry, &e), &e);
		jt_entry_hash(entries[i].hash, jt_buf_slice(&entry));
		jt_state_key(entries[i].key, s->accounts[i].account, JT_ENTRY_ACCOUNT,
		    (struct jt_slice){ NULL, 0 });
		s->genesis.coins += s->accounts[i].balance; /* setup.c checked the sum */
	}
	jt_map_root_of(entries, s->count, s->genesis.state);
	s->genesis.accounts = s->count;
	jt_buf_free(&entry);
	free(entries);
}

/* The coin's dealing: that of a file, or one made here for these validators. */
static void
set_dealing(struct setup *s, struct jt_buf *object)
{
	const struct jt_validator *v = s->genesis.validators.items;
	struct jt_pub pubs[JT_VALIDATORS_MAX] = { { .role = JT_ROLE_VALIDATOR } };
	struct jt_object o;
	struct jt_dealing d;
	struct jt_error e;
	enum jt_err err;

	jt_buf_init(object, JT_DEALING_MAX);
	if (s->dealing != NULL) {
		cmd_check(jt_file_read(s->dealing, object, &e), &e);
	} else {
		for (uint32_t i = 0; i < s->genesis.validators.count; i++) {
			pubs[i].role = JT_ROLE_VALIDATOR;
			memcpy(pubs[i].key, v[i].key, JT_KEY);
			memcpy(pubs[i].box, v[i].box, JT_BOX_KEY);
		}
		cmd_deal(pubs, s->genesis.validators.count, object);
	}
	if ((err = jt_object_parse(jt_buf_slice(object), &o, &e)) == JT_OK &&
	    (err = jt_dealing_read(&o, &d, s->zone, &e)) == JT_OK &&
	    (err = jt_genesis_dealt_for(&s->genesis.validators, &d, &e)) == JT_OK)
		err = jt_kind_id(&jt_kind_dealing, &o, s->genesis.dealing, &e);
	if (err != JT_OK)
		die(err, "%s: %s", s->dealing != NULL ? s->dealing : "dealing", e.text);
}

/* DIR/NAME/coin.share of each validator whose keys were made. */
static void
place_shares(const struct setup *s, const struct jt_buf *object)
{
	const struct jt_validator *v = s->genesis.validators.items;
	struct jt_dealing d;
	struct jt_object o;
	struct jt_error e;
	struct jt_buf share;

	cmd_check(jt_object_parse(jt_buf_slice(object), &o, &e), &e);
	cmd_check(jt_kind_read(&jt_kind_dealing, &o, &d, s->zone, &e), &e);
	jt_buf_init(&share, JT_SHARE_FILE_MAX);
	for (uint32_t i = 0; i < s->genesis.validators.count; i++) {
		char name[JT_NAME_MAX + 1], *path;
		snprintf(name, sizeof name, "%.*s", (int)v[i].name.len, (const char *)v[i].name.data);
		path = cmd_work_path(name, "coin.share");
		jt_buf_clear(&share);
		cmd_check(jt_share_write(&d, s->genesis.dealing, i, &share, &e), &e);
		cmd_file_write(path, 0600, true, jt_buf_slice(&share));
		free(path);
	}
	jt_buf_free(&share);
}

/* The network file: the genesis, the dealing, then the accounts in pieces. */
static void
write_network(const struct setup *s, const struct jt_buf *dealing, struct jt_buf *out)
{
	struct jt_error e;

	cmd_check(jt_genesis_write(&s->genesis, out, &e), &e);
	if (!jt_buf_add_slice(out, jt_buf_slice(dealing)))
		die(JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < s->count; i += JT_INITIAL_MAX) {
		size_t n = s->count - i < JT_INITIAL_MAX ? s->count - i : JT_INITIAL_MAX;
		struct jt_accounts part = { { s->accounts + i, (uint32_t)n } };
		cmd_check(jt_kind_write(&jt_kind_accounts, &part, out, &e), &e);
	}
}

/* DIR/network.jt, or with a validator's name its copy and first ledger. */
static void
place_network(const char *name, const struct jt_buf *network)
{
	char *path = cmd_work_path(name == NULL ? "network.jt" : name, name ? "network.jt" : NULL);
	struct jt_reader r;
	struct jt_error e;
	int fd;

	cmd_file_write(path, 0644, true, jt_buf_slice(network));
	if (name != NULL) {
		char *ledger = cmd_work_path(name, "ledger");
		if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			die(jt_err_of(errno, JT_IO), "%s: %s", path, strerror(errno));
		jt_reader_init(&r, fd, path);
		cmd_check(jt_ledger_create(ledger, &r, &e), &e);
		jt_reader_free(&r);
		close(fd);
		free(ledger);
	}
	free(path);
}

/* "." and "..": what is made whole takes a name, and nobody stands in it. */
static bool
is_place(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return n > 0 && dir[n - 1] == '.' && (n == 1 || dir[n - 2] == '/' ||
	    (dir[n - 2] == '.' && (n == 2 || dir[n - 3] == '/')));
}

int
main(int argc, char **argv)
{
	const char *dir = "net";
	struct jt_secret_key *k;
	uint8_t id[JT_HASH];
	char hex[2 * JT_HASH + 1];
	struct cmd_output out;
	struct jt_buf network, dealing;
	struct jt_object o;
	struct jt_slice first;
	struct jt_error e;
	struct setup s;
	struct stat st;
	uint32_t n = 0;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'o')
			dir = cmd_value;
		else
			n = (uint32_t)cmd_value_number(1, JT_VALIDATORS_MAX);
	}
	if (cmd_operand_count > 1)
		cmd_usage("expected one set-up file, found %d", cmd_operand_count);
	if (is_place(dir))
		cmd_usage("option -o needs the name of a directory to make, not %s", dir);
	if (lstat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		die(JT_CANTCREATE, "%s: exists, and is kept", dir);
	cmd_crypto();
	setup_read(&s, cmd_operands[0], dir, n);
	cmd_output_open(&out, NULL);
	cmd_work_begin(dir);
	if ((k = jt_secret_new()) == NULL)
		die(JT_SYSTEM, "out of memory that can be locked");
	if (s.make_bank)
		make_bank(&s, k);
	if (s.make_validators)
		make_validators(&s, k);
	jt_secret_free(k);
	setup_sort(&s);
	if (s.make_validators)
		name_validators(&s);
	set_state(&s);
	set_dealing(&s, &dealing);
	if (s.make_validators)
		place_shares(&s, &dealing);
	jt_buf_init(&network, SIZE_MAX / 2);
	write_network(&s, &dealing, &network);
	jt_buf_free(&dealing);
	place_network(NULL, &network);
	for (uint32_t i = 0; s.make_validators && i < s.genesis.validators.count; i++) {
		char name[16];
		cmd_work_pause();
		snprintf(name, sizeof name, "v%" PRIu32, i + 1);
		place_network(name, &network);
	}
	cmd_check(jt_object_size(jt_buf_slice(&network), &first.len, &e), &e);
	first.data = network.data;
	cmd_check(jt_object_parse(first, &o, &e), &e);
	cmd_check(jt_kind_id(&jt_kind_genesis, &o, id, &e), &e);
	if (s.make_validators)
		begin_validators(&s, id);
	cmd_work_keep(dir);
	jt_hex_format(id, JT_HASH, hex);
	cmd_print(&out, "%s\n", hex);
	jt_buf_free(&network);
	setup_free(&s);
	return cmd_end();
}
