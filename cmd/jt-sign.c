/*
 * jt-sign: add a signature of each key to the objects that pass by. A key
 * signs what its role is for: an account transactions, a validator headers, a
 * link nothing. Kinds that are not signed pass unchanged.
 *
 * With -e the whole input is read and compared before anything is signed. It
 * is kept in memory for that, SPOOL_MAX bytes at most.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/text.h"
#include "cmd.h"
#include "kind/tx.h"
#include "object/signed.h"
#include "object/view.h"
#include "sum.h"

enum {
	KEYS_MAX = 32,
	EXPECT_MAX = 256,
	SPOOL_MAX = 256 << 20, /* bytes of input under -e */
	TEXT_MAX = 16 << 20    /* bytes of an object's text */
};

static const struct cmd_option options[] = {
	CMD_KEY,
	{ 'i', "ask", NULL, "ask on the terminal before each signature" },
	{ 'e', "expect", "ID", "sign this alone: ids of objects, or the sum of jt-id --all" },
	CMD_OUTPUT,
	CMD_PASS_FD,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-sign",
	.synopsis = "-k KEY... [-i] [-e ID]... [-o FILE] [--pass-fd N] [FILE...]",
	.options = options,
	.secrets = true,
};

struct expected {
	uint8_t id[JT_HASH];
	bool met;
};

static const char *key_paths[KEYS_MAX];
static struct jt_secret_key *keys[KEYS_MAX];
static size_t key_count;
static struct expected expect[EXPECT_MAX];
static size_t expect_count;
static bool ask;
static uint64_t passed; /* objects written */
static struct cmd_output out;
static struct jt_buf text = { .max = TEXT_MAX };
static struct jt_buf object = { .max = JT_OBJECT_MAX };
static msgpack_zone zone;

static void
check_roles(const struct cmd_input *in, const struct jt_kind *row)
{
	for (size_t i = 0; i < key_count; i++) {
		uint64_t role = keys[i]->pub.role;
		if (role == JT_ROLE_ACCOUNT && (row->flags & JT_KIND_TRANSACTION))
			continue;
		if (role == JT_ROLE_VALIDATOR && strcmp(row->name, "header") == 0)
			continue;
		die(JT_PERMISSION, "%s:#%llu: %s has role %s, which does not sign jt/%s", in->name,
		    (unsigned long long)in->reader.index, key_paths[i], jt_roles[role], row->name);
	}
}

/* On the terminal; false when its user says no. */
static bool
look(const struct jt_object *o)
{
	const uint8_t end = '\0';
	struct jt_error e;

	if (!ask && !isatty(STDERR_FILENO))
		return true;
	jt_buf_clear(&text);
	cmd_check(jt_show(&jt_all_kinds, o, JT_LINE, &text, &e), &e);
	if (!ask) {
		cmd_check(jt_file_write_fd(STDERR_FILENO, "stderr", jt_buf_slice(&text), &e), &e);
		return true;
	}
	if (!jt_buf_add(&text, &end, 1))
		die(JT_SYSTEM, "out of memory");
	cmd_tell((const char *)text.data);
	return cmd_ask("sign? [y/N] ");
}

/* A signature that the key made before is replaced. */
static size_t
add_signature(struct jt_sig *sigs, size_t count, const struct jt_secret_key *k,
    const uint8_t id[JT_HASH])
{
	size_t at = 0;

	while (at < count && memcmp(sigs[at].key, k->pub.key, JT_KEY) != 0)
		at++;
	memcpy(sigs[at].key, k->pub.key, JT_KEY);
	jt_sign_id(sigs[at].sig, k->sign, id);
	return at == count ? count + 1 : count;
}

static void
sign(const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_sig sigs[JT_SIGS_MAX + KEYS_MAX];
	char name[2 * JT_HASH + 1];
	uint8_t id[JT_HASH];
	struct jt_signed s;
	struct jt_error e;
	enum jt_err err;
	size_t count;

	if (!(row->flags & JT_KIND_SIGNED)) {
		cmd_write(&out, o->bytes);
		passed++;
		return;
	}
	msgpack_zone_clear(&zone);
	cmd_check(jt_signed_decode(o, &s, &zone, &e), &e);
	jt_object_hash(id, o->kind, o->version, s.body);
	jt_hex_format(id, JT_HASH, name);
	if (!look(o)) {
		complain(JT_NO, "%s: not signed, as told on the terminal", name);
		return;
	}
	count = s.sigs.count;
	if (count > 0)
		memcpy(sigs, s.sigs.items, count * sizeof *sigs);
	for (size_t i = 0; i < key_count; i++)
		count = add_signature(sigs, count, keys[i], id);
	if ((row->flags & JT_KIND_TRANSACTION) && count > JT_TX_SIGS_MAX)
		die(JT_MALFORMED, "%s: sigs: %zu, more than %d", name, count,
		    JT_TX_SIGS_MAX);
	jt_buf_clear(&object);
	err = jt_signed_write(&object, o->kind, o->version, s.body, sigs, count, &e);
	if (err != JT_OK)
		die(err, "%s: %s", name, e.text);
	cmd_write(&out, jt_buf_slice(&object));
	passed++;
}

static struct expected *
find_expected(const uint8_t id[JT_HASH])
{
	for (size_t i = 0; i < expect_count; i++)
		if (memcmp(expect[i].id, id, JT_HASH) == 0) {
			expect[i].met = true;
			return &expect[i];
		}
	return NULL;
}

/*
 * The whole input to the spool. It is what is expected when the sum of all is,
 * or the id of every object to sign; and no expected id may be missing.
 */
static void
read_expected(struct cmd_input *in, struct jt_buf *spool)
{
	char first_wrong[JT_ERROR_MAX] = "", name[2 * JT_HASH + 1];
	const struct jt_kind *row;
	uint8_t id[JT_HASH];
	struct jt_hasher sum;
	struct jt_object o;
	struct jt_error e;

	cmd_sum_start(&sum);
	while (cmd_next(in, &o, &row)) {
		if (!jt_buf_add_slice(spool, o.bytes))
			die(JT_SYSTEM, "more than %d bytes to compare with -e: sign in parts",
			    SPOOL_MAX);
		cmd_check(jt_kind_id(row, &o, id, &e), &e);
		cmd_sum_add(&sum, id);
		if (!(row->flags & JT_KIND_SIGNED))
			continue;
		check_roles(in, row);
		if (find_expected(id) != NULL || first_wrong[0] != '\0')
			continue;
		jt_hex_format(id, JT_HASH, name);
		snprintf(first_wrong, sizeof first_wrong, "%.80s:#%llu: id is not as expected: %s",
		    in->name, (unsigned long long)in->reader.index, name);
	}
	cmd_need_input(in);
	jt_hasher_end(&sum, id);
	if (find_expected(id) == NULL && first_wrong[0] != '\0')
		die(JT_NO, "%s", first_wrong);
	for (size_t i = 0; i < expect_count; i++)
		if (!expect[i].met) {
			jt_hex_format(expect[i].id, JT_HASH, name);
			die(JT_NO, "expected, but not in the input: %s", name);
		}
}

static void
sign_expected(struct cmd_input *in)
{
	struct jt_buf spool;
	struct jt_slice rest;

	jt_buf_init(&spool, SPOOL_MAX);
	read_expected(in, &spool);
	for (rest = jt_buf_slice(&spool); rest.len > 0;) {
		const struct jt_kind *row;
		struct jt_object o;
		struct jt_error e;
		size_t size = 0;

		cmd_check(jt_object_size(rest, &size, &e), &e);
		cmd_check(jt_object_parse((struct jt_slice){ rest.data, size }, &o, &e), &e);
		cmd_check(jt_kind_of(&jt_all_kinds, &o, &row, &e), &e);
		sign(&o, row);
		rest.data += size;
		rest.len -= size;
	}
	jt_buf_free(&spool);
}

static void
sign_all(struct cmd_input *in)
{
	const struct jt_kind *row;
	struct jt_object o;

	while (cmd_next(in, &o, &row)) {
		if (row->flags & JT_KIND_SIGNED)
			check_roles(in, row);
		sign(&o, row);
	}
	cmd_need_input(in);
}

static const char *
parse_options(int *pass_fd)
{
	const char *path = NULL;
	int c;

	while ((c = cmd_option()) != 0) {
		switch (c) {
		case 'k':
			if (key_count == KEYS_MAX)
				cmd_usage("more than %d keys", KEYS_MAX);
			key_paths[key_count++] = cmd_value;
			break;
		case 'i':
			ask = true;
			break;
		case 'e':
			if (expect_count == EXPECT_MAX)
				cmd_usage("more than %d expected ids", EXPECT_MAX);
			cmd_value_hash(expect[expect_count++].id);
			break;
		case 'o':
			path = cmd_value;
			break;
		case CMD_OPT_PASS_FD:
			*pass_fd = cmd_value_fd();
			break;
		}
	}
	if (key_count == 0)
		cmd_usage("a key is needed: -k KEY");
	return path;
}

int
main(int argc, char **argv)
{
	struct cmd_input in;
	const char *path;
	int pass_fd = -1;

	cmd_start(&program, argc, argv);
	path = parse_options(&pass_fd);
	for (size_t i = 0; i < key_count; i++)
		keys[i] = cmd_key_load(key_paths[i], pass_fd);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	if (expect_count > 0)
		sign_expected(&in);
	else
		sign_all(&in);
	if (passed == 0)
		cmd_give_up();
	for (size_t i = 0; i < key_count; i++)
		jt_secret_free(keys[i]);
	msgpack_zone_destroy(&zone);
	jt_buf_free(&text);
	jt_buf_free(&object);
	return cmd_end();
}
