/*
 * jt-id: what people call an object, a line each: the address of an account
 * and its key, the hex key of a validator and a link, the id of everything
 * else. A proof is named by what it proves. With --all one sum over the whole
 * stream, for jt-sign -e.
 */
#include "all/kinds.h"
#include "base/text.h"
#include "cmd.h"
#include "key/pub.h"
#include "ledger/genesis.h"
#include "ledger/proof.h"
#include "state/account.h"
#include "sum.h"

enum { ALL = CMD_OPT_OWN, TEXT = 2 * JT_HASH + 1 };

static const struct cmd_option options[] = {
	{ ALL, "all", NULL, "one sum over all objects, for jt-sign -e" },
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-id",
	.synopsis = "[--all] [-o FILE] [FILE...]",
	.options = options,
	.secrets = true, /* which are refused, but were read */
};

static enum jt_err
name_pub(const struct jt_object *o, msgpack_zone *zone, char text[TEXT], struct jt_error *e)
{
	uint8_t account[JT_ACCOUNT];
	struct jt_pub p;
	enum jt_err err = jt_pub_read(o, &p, e);

	(void)zone;
	if (err != JT_OK)
		return err;
	if (p.role == JT_ROLE_ACCOUNT && jt_pub_account(&p, account))
		jt_address_format(account, text);
	else
		jt_hex_format(p.key, JT_KEY, text);
	return JT_OK;
}

static enum jt_err
name_account(const struct jt_object *o, msgpack_zone *zone, char text[TEXT],
    struct jt_error *e)
{
	struct jt_account a;
	enum jt_err err = jt_kind_read(&jt_kind_account, o, &a, zone, e);

	if (err == JT_OK)
		jt_address_format(a.account, text);
	return err;
}

static enum jt_err
name_proof_account(const struct jt_object *o, msgpack_zone *zone, char text[TEXT],
    struct jt_error *e)
{
	struct jt_proof_account p;
	enum jt_err err = jt_kind_read(&jt_kind_proof_account, o, &p, zone, e);

	if (err == JT_OK)
		jt_address_format(p.account, text);
	return err;
}

static enum jt_err
name_proof_tx(const struct jt_object *o, msgpack_zone *zone, char text[TEXT],
    struct jt_error *e)
{
	const struct jt_kind *row;
	struct jt_proof_tx p;
	struct jt_object tx;
	uint8_t id[JT_HASH];
	enum jt_err err = jt_kind_read(&jt_kind_proof_tx, o, &p, zone, e);

	if (err == JT_OK)
		err = jt_object_parse(p.tx, &tx, e);
	if (err == JT_OK)
		err = jt_kind_of(&jt_all_kinds, &tx, &row, e);
	if (err == JT_OK)
		err = jt_kind_id(row, &tx, id, e);
	if (err == JT_OK)
		jt_hex_format(id, JT_HASH, text);
	return err;
}

/* Kinds with a name other than their id. */
static const struct {
	const struct jt_kind *kind;
	enum jt_err (*name)(const struct jt_object *o, msgpack_zone *zone, char text[TEXT],
	    struct jt_error *e);
} named[] = {
	{ &jt_kind_account, name_account },
	{ &jt_kind_proof_account, name_proof_account },
	{ &jt_kind_proof_tx, name_proof_tx },
	{ &jt_kind_pub, name_pub },
};

/* It would be a hash of the secret, which nobody needs and which should not go around. */
static bool
is_secret(const struct jt_kind *row, struct jt_error *e)
{
	if (!(row->flags & JT_KIND_SECRET))
		return false;
	jt_fail(e, JT_MALFORMED, "a secret key has no id: its .pub file has");
	return true;
}

static enum jt_err
name_object(const struct jt_object *o, const struct jt_kind *row, msgpack_zone *zone,
    char text[TEXT], struct jt_error *e)
{
	uint8_t id[JT_HASH];
	enum jt_err err;

	if (is_secret(row, e))
		return e->code;
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
		if (named[i].kind == row)
			return named[i].name(o, zone, text, e);
	if ((err = jt_kind_id(row, o, id, e)) == JT_OK)
		jt_hex_format(id, JT_HASH, text);
	return err;
}

static void
sum_all(struct cmd_input *in, struct cmd_output *out)
{
	const struct jt_kind *row;
	uint8_t id[JT_HASH];
	struct jt_hasher sum;
	struct jt_object o;
	struct jt_error e;
	char text[TEXT];

	cmd_sum_start(&sum);
	while (cmd_next(in, &o, &row)) {
		if (is_secret(row, &e)) {
			cmd_object_error(in, &e);
			continue;
		}
		cmd_check(jt_kind_id(row, &o, id, &e), &e);
		cmd_sum_add(&sum, id);
	}
	cmd_need_input(in);
	jt_hasher_end(&sum, id);
	jt_hex_format(id, JT_HASH, text);
	cmd_print(out, "%s\n", text);
}

/*
 * A network file has one name, that of its genesis, which covers the dealing
 * behind it.
 */
static void
name_each(struct cmd_input *in, struct cmd_output *out)
{
	const struct jt_kind *row, *before = NULL;
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone;
	char text[TEXT];

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	for (; cmd_next(in, &o, &row); before = row) {
		if ((row->flags & JT_KIND_NAMELESS) ||
		    (row == &jt_kind_dealing && before == &jt_kind_genesis))
			continue;
		if (name_object(&o, row, &zone, text, &e) == JT_OK)
			cmd_print(out, "%s\n", text);
		else
			cmd_object_error(in, &e);
		msgpack_zone_clear(&zone);
	}
	msgpack_zone_destroy(&zone);
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	struct cmd_output out;
	struct cmd_input in;
	bool all = false;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == ALL)
			all = true;
		else
			path = cmd_value;
	}
	cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	if (all)
		sum_all(&in, &out);
	else
		name_each(&in, &out);
	return cmd_end();
}
