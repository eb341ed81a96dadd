/*
 * jt-keygen: make key pairs. NAME.key holds the secret (0600), NAME.pub the
 * public half; neither is ever written over, and there are both or none. Also
 * changes a key's passphrase, and shows its seed on the terminal alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd.h"

enum { ROLE = CMD_OPT_OWN, PASSWD, SHOW_SEED };

static const struct cmd_option options[] = {
	{ 'n', "without", NULL, "do without a passphrase" },
	{ ROLE, "role", "ROLE", "account (default), validator or link" },
	{ CMD_OPT_SEED_FD, "seed-fd", "N", "make the key of the seed in descriptor N" },
	CMD_PASS_FD,
	{ PASSWD, "passwd", "KEY", "change the passphrase of a key file" },
	{ SHOW_SEED, "show-seed", "KEY", "show the seed of a key file on /dev/tty" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-keygen",
	.synopsis = "[-n | --pass-fd N] [--role ROLE] [--seed-fd N] NAME...\n"
		    "[-n] [--pass-fd N] --passwd KEY\n"
		    "[--pass-fd N] --show-seed KEY",
	.options = options,
	.secrets = true,
};

static bool no_pass;
static int pass_fd = -1, seed_fd = -1;
static enum jt_role role = JT_ROLE_ACCOUNT;

/* "NAME.key"; ends the program when it is there already. */
static char *
new_path(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix) + 1;
	char *path = malloc(n + m);
	struct stat st;

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, name, n);
	memcpy(path + n, suffix, m);
	if (lstat(path, &st) == 0)
		die(JT_CANTCREATE, "%s: exists, and is kept", path);
	return path;
}

/* A seed as --show-seed writes it: sEd... of an account, else hex. */
static void
read_seed(struct jt_secret_key *k)
{
	struct jt_buf line;
	struct jt_error e;

	cmd_secret_line(&line, seed_fd, "seed", JT_NOINPUT);
	if (role == JT_ROLE_ACCOUNT) {
		cmd_check(jt_secret_import(k, jt_buf_slice(&line), &e), &e);
	} else {
		if (!jt_hex_parse(jt_buf_slice(&line), k->bytes, jt_secret_size(role)))
			die(JT_MALFORMED, "seed: expected %zu hex digits for role %s",
			    2 * jt_secret_size(role), jt_roles[role]);
		jt_secret_set(k, role, k->bytes);
	}
	jt_locked_free(&line);
}

/* A passphrase for a new file; nothing with -n. */
static void
read_pass(struct jt_buf *pass, const char *path)
{
	char what[1024];

	if (no_pass)
		return;
	snprintf(what, sizeof what, "new passphrase for %s", path);
	cmd_pass_read(pass, pass_fd, what, true);
}

/* The object of the key file, sealed under the passphrase unless -n. */
static void
seal(const struct jt_secret_key *k, struct jt_buf *pass, struct jt_buf *file)
{
	struct jt_seal s = { .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY };
	struct jt_error e;

	cmd_check(jt_locked_init(file, JT_SECRET_FILE_MAX, &e), &e);
	if (no_pass) {
		cmd_check(jt_secret_write(k, file, &e), &e);
		return;
	}
	cmd_random(s.salt, sizeof s.salt);
	cmd_random(s.nonce, sizeof s.nonce);
	cmd_check(jt_secret_seal(k, jt_buf_slice(pass), &s, file, &e), &e);
	jt_locked_free(pass);
}

static void
print_name(const struct jt_pub *p, struct cmd_output *out)
{
	uint8_t account[JT_ACCOUNT];
	char text[2 * JT_KEY + 1];

	if (p->role == JT_ROLE_ACCOUNT && jt_pub_account(p, account))
		jt_address_format(account, text);
	else
		jt_hex_format(p->key, JT_KEY, text);
	cmd_print(out, "%s\n", text);
}

/* Both files, or none. */
static void
write_pair(const char *key_path, struct jt_slice key, const char *pub_path, struct jt_slice pub)
{
	struct jt_atomic a, b, *const both[] = { &a, &b };
	struct jt_error e;
	enum jt_err err;

	cmd_signals_hold();
	err = jt_atomic_open(&a, key_path, 0600, true, &e);
	if (err != JT_OK)
		die_error(&e);
	err = jt_atomic_open(&b, pub_path, 0644, true, &e);
	if (err == JT_OK)
		err = jt_file_write_fd(a.fd, key_path, key, &e);
	if (err == JT_OK)
		err = jt_file_write_fd(b.fd, pub_path, pub, &e);
	if (err == JT_OK)
		err = jt_atomic_commit_all(both, 2, &e);
	if (err != JT_OK) {
		jt_atomic_abort(&a);
		jt_atomic_abort(&b);
		die_error(&e);
	}
	cmd_signals_release();
}

static void
make_pair(const char *name, const struct jt_secret_key *k, struct jt_buf *pass,
    struct cmd_output *out)
{
	char *key_path = new_path(name, ".key"), *pub_path = new_path(name, ".pub");
	struct jt_buf file, pub;
	struct jt_error e;

	jt_buf_init(&pub, JT_PUB_MAX);
	cmd_check(jt_pub_write(&k->pub, &pub, &e), &e);
	seal(k, pass, &file);
	write_pair(key_path, jt_buf_slice(&file), pub_path, jt_buf_slice(&pub));
	print_name(&k->pub, out);
	jt_locked_free(&file);
	jt_buf_free(&pub);
	free(key_path);
	free(pub_path);
}

/* What is asked for is there before the first key is made. */
static void
make_all(struct cmd_output *out)
{
	struct jt_buf *passes = calloc((size_t)cmd_operand_count, sizeof *passes);
	struct jt_secret_key *k = jt_secret_new();

	if (passes == NULL)
		die(JT_SYSTEM, "out of memory");
	if (k == NULL)
		die(JT_SYSTEM, "out of memory that can be locked");
	if (seed_fd >= 0)
		read_seed(k);
	for (int i = 0; i < cmd_operand_count; i++) {
		char *path = new_path(cmd_operands[i], ".key");
		read_pass(&passes[i], path);
		free(path);
	}
	for (int i = 0; i < cmd_operand_count; i++) {
		if (seed_fd < 0) {
			cmd_random(k->bytes, jt_secret_size(role));
			jt_secret_set(k, role, k->bytes);
		}
		make_pair(cmd_operands[i], k, &passes[i], out);
	}
	jt_secret_free(k);
	free(passes);
}

/* Nothing, "a/", "." and "..": suffixes would make hidden files of them. */
static bool
is_directory_name(const char *name)
{
	const char *slash = strrchr(name, '/'), *last = slash == NULL ? name : slash + 1;

	return last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0;
}

static void
make_pairs(struct cmd_output *out)
{
	static const char *const suffixes[] = { ".key", ".pub" };

	if (cmd_operand_count == 0)
		cmd_usage("a NAME is needed");
	if (seed_fd >= 0 && cmd_operand_count > 1)
		cmd_usage("option --seed-fd is for one NAME");
	/* All names are looked at before the first key is made. */
	for (char **name = cmd_operands; *name != NULL; name++)
		for (size_t i = 0; i < 2; i++) {
			size_t n = strlen(*name);
			if (is_directory_name(*name))
				cmd_usage("\"%s\": a NAME is needed, not a directory", *name);
			if (n >= 4 && strcmp(*name + n - 4, suffixes[i]) == 0)
				cmd_usage("%s: a NAME comes without %s", *name, suffixes[i]);
			free(new_path(*name, suffixes[i]));
		}
	for (char **name = cmd_operands; *name != NULL; name++)
		for (char **other = cmd_operands; other != name; other++)
			if (strcmp(*name, *other) == 0)
				cmd_usage("%s: the same NAME twice", *name);
	make_all(out);
}

static void
change_passphrase(const char *given)
{
	struct jt_secret_key *k;
	struct jt_buf file, pass = { 0 };
	struct stat st;
	char *path = realpath(given, NULL);

	if (path == NULL || stat(path, &st) != 0)
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", given, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die(JT_CANTCREATE, "%s: not a file that can be replaced", given);
	k = cmd_key_load(given, pass_fd);
	read_pass(&pass, given);
	seal(k, &pass, &file);
	cmd_file_write(path, st.st_mode & 0700, false, jt_buf_slice(&file));
	jt_secret_free(k);
	jt_locked_free(&file);
	free(path);
}

static void
show_seed(const char *path)
{
	struct jt_secret_key *k = cmd_key_load(path, pass_fd);
	struct jt_buf text;
	struct jt_error e;

	cmd_check(jt_locked_init(&text, 2 * JT_SECRET_BYTES + 1, &e), &e);
	if (k->pub.role == JT_ROLE_ACCOUNT)
		cmd_check(jt_secret_export(k, (char *)text.data, &e), &e);
	else
		jt_hex_format(k->bytes, jt_secret_size((enum jt_role)k->pub.role),
		    (char *)text.data);
	cmd_tell((char *)text.data);
	cmd_tell("\n");
	jt_locked_free(&text);
	jt_secret_free(k);
}

static enum jt_role
role_of(const char *word)
{
	for (size_t i = 0; jt_roles[i] != NULL; i++)
		if (strcmp(word, jt_roles[i]) == 0)
			return (enum jt_role)i;
	cmd_usage("option --role needs account, validator or link, not %s", word);
}

int
main(int argc, char **argv)
{
	const char *passwd = NULL, *seed_of = NULL;
	bool role_given = false;
	struct cmd_output out;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		switch (c) {
		case 'n':
			no_pass = true;
			break;
		case ROLE:
			role = role_of(cmd_value);
			role_given = true;
			break;
		case CMD_OPT_SEED_FD:
			seed_fd = cmd_value_fd();
			break;
		case CMD_OPT_PASS_FD:
			pass_fd = cmd_value_fd();
			break;
		case PASSWD:
			passwd = cmd_value;
			break;
		case SHOW_SEED:
			seed_of = cmd_value;
			break;
		}
	}
	if (passwd == NULL && seed_of == NULL) {
		if (no_pass && pass_fd >= 0)
			cmd_usage("one of -n and --pass-fd");
		cmd_output_open(&out, NULL);
		make_pairs(&out);
		return cmd_end();
	}
	if ((passwd != NULL && seed_of != NULL) || role_given || seed_fd >= 0 ||
	    (no_pass && passwd == NULL))
		cmd_usage("options that do not go together");
	cmd_no_operands();
	if (passwd != NULL)
		change_passphrase(passwd);
	else
		show_seed(seed_of);
	return cmd_end();
}
