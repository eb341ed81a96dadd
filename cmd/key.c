/* Key files, and accounts as people name them. See cmd.h. */
#include "cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum jt_err
cmd_pub_load(const char *path, struct jt_pub *pub, struct jt_error *e)
{
	struct jt_object o;
	struct jt_buf file;
	enum jt_err err;

	cmd_crypto();
	jt_buf_init(&file, JT_PUB_MAX);
	if ((err = jt_file_read(path, &file, e)) == JT_OK) {
		err = jt_object_parse(jt_buf_slice(&file), &o, e);
		if (err == JT_OK)
			err = jt_pub_read(&o, pub, e);
		if (err != JT_OK)
			jt_fail_in(e, "%s", path);
	}
	jt_buf_free(&file);
	return err;
}

/* It would be refused for its permissions, which are right for what it is. */
static void
refuse_pub(const char *path)
{
	size_t n = strlen(path);
	struct jt_pub pub;
	struct jt_error e;

	if (n > 4 && strcmp(path + n - 4, ".pub") == 0 && cmd_pub_load(path, &pub, &e) == JT_OK)
		die(JT_MALFORMED, "%s: a public key, expected the secret one, %.*s.key", path,
		    (int)(n - 4), path);
}

/* People leave the suffix out, as they may where a .pub file is named. */
static void
hint_suffix(const char *path)
{
	char *longer = NULL;

	if (asprintf(&longer, "%s.key", path) < 0)
		return;
	if (access(longer, F_OK) == 0)
		hint("there is %s", longer);
	free(longer);
}

struct jt_secret_key *
cmd_key_load(const char *path, int pass_fd)
{
	struct jt_buf file, pass = { 0 };
	struct jt_secret_key *k;
	struct jt_error e;
	enum jt_role role;
	enum jt_err err;
	bool sealed;

	cmd_crypto();
	refuse_pub(path);
	if ((err = jt_locked_read(&file, JT_SECRET_FILE_MAX, path, &e)) != JT_OK) {
		complain(err, "%s", e.text);
		if (err == JT_NOINPUT)
			hint_suffix(path);
		cmd_give_up();
	}
	if ((err = jt_secret_look(jt_buf_slice(&file), &role, &sealed, &e)) != JT_OK)
		die(err, "%s: %s", path, e.text);
	if (sealed) {
		char what[1024];
		snprintf(what, sizeof what, "passphrase for %s", path);
		cmd_pass_read(&pass, pass_fd, what, false);
	}
	if ((k = jt_secret_new()) == NULL)
		die(JT_SYSTEM, "out of memory that can be locked");
	err = jt_secret_open(k, jt_buf_slice(&file), jt_buf_slice(&pass), &e);
	jt_locked_free(&pass);
	jt_locked_free(&file);
	if (err != JT_OK)
		die(err, "%s: %s", path, e.text);
	return k;
}

/* Why is it no address? */
static const char *
address_fault(const char *text)
{
	static const char alphabet[] =
	    "jpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65rkm8oFqi1tuvAxyz";
	size_t n = strlen(text);

	if (text[0] != 'j')
		return "no j first";
	if (n < 25 || n >= JT_ADDRESS_TEXT)
		return "length";
	return strspn(text, alphabet) < n ? "letters" : "checksum";
}

enum jt_err
cmd_account(const char *text, uint8_t account[JT_ACCOUNT], struct jt_error *e)
{
	static const char suffix[] = ".pub";
	size_t n = strlen(text), m = sizeof suffix - 1;
	bool suffixed = n > m && strcmp(text + n - m, suffix) == 0;
	struct jt_pub pub;
	struct stat st;
	enum jt_err err;
	char *path;

	if (jt_address_parse(jt_slice_text(text), account))
		return JT_OK;
	if ((path = malloc(n + sizeof suffix)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	memcpy(path, text, n + 1);
	if (!suffixed)
		memcpy(path + n, suffix, sizeof suffix);
	if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
		err = jt_fail(e, JT_USAGE, "%s: not an address (%s), and no file %s", text,
		    address_fault(text), path);
	else if ((err = cmd_pub_load(path, &pub, e)) == JT_OK &&
	    (pub.role != JT_ROLE_ACCOUNT || !jt_pub_account(&pub, account)))
		err = jt_fail(e, JT_USAGE, "%s: key of a %s, not of an account", path,
		    jt_roles[pub.role]);
	free(path);
	return err;
}
