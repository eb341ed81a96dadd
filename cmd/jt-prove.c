/*
 * jt-prove: make proofs that jt-check verifies with the network file alone, of
 * an account (there or not) in the newest ledger, of transactions, of hash
 * records (there or not in a ledger), and of ledgers. Without a ledger, or when
 * it is not certified yet, a server's proofs are checked and passed on.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/sums.h"
#include "base/text.h"
#include "cmd.h"
#include "ledger/prove.h"
#include "servers.h"
#include "store.h"

enum { LINE_MAX_BYTES = 1024 /* of stdin, with its end */ };

static const struct cmd_option options[] = {
	CMD_NETWORK,
	CMD_DIR,
	CMD_OUTPUT,
	CMD_SERVER,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-prove",
	.synopsis = "[-N NETWORK] [-d DIR] [-s SERVER] [-o FILE] account ACCOUNT... | tx ID... | "
	            "record HASH [N] | ledger N...",
	.options = options,
};

static struct {
	struct jt_ledger ledger;
	struct jt_prover prover;
	struct cmd_servers servers;
	bool has_ledger, has_servers;
	msgpack_zone zone; /* for servers' answers */
	struct cmd_output out;
	struct jt_buf proof;
} me;

/* Under load a ledger is never certified when it is the newest: a server waits for that. */
static bool
asks_server(enum jt_err err)
{
	return me.has_servers && (!me.has_ledger || err == JT_AGAIN);
}

/* A server's proof: keep it. */
static enum jt_err
kept(enum jt_err err, const struct jt_object *o, struct jt_error *e)
{
	jt_buf_clear(&me.proof);
	if (err == JT_OK && !jt_buf_add_slice(&me.proof, o->bytes))
		err = jt_fail(e, JT_SYSTEM, "out of memory");
	msgpack_zone_clear(&me.zone);
	return err;
}

static enum jt_err
prove_account(const char *word, struct jt_error *e)
{
	uint8_t account[JT_ACCOUNT];
	struct jt_proof_account p = { 0 };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	enum jt_err err = cmd_account(word, account, e);

	if (err != JT_OK)
		return err; /* which names the word already */
	if (me.has_ledger)
		err = jt_prove_account(&me.prover, account, &me.proof, e);
	if (asks_server(err))
		err = kept(cmd_ask_account(&me.servers, account, &o, &p, &h, &me.zone, e), &o, e);
	return err == JT_OK ? err : jt_fail_in(e, "%s", word);
}

static enum jt_err
prove_tx(const char *word, struct jt_error *e)
{
	uint8_t id[JT_HASH];
	struct jt_proof_tx p = { 0 };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	enum jt_err err = JT_OK;

	if (!jt_hex_parse(jt_slice_text(word), id, JT_HASH))
		return jt_fail(e, JT_USAGE, "%s: expected an id of 64 hex digits", word);
	if (me.has_ledger)
		err = jt_prove_tx(&me.prover, id, &me.proof, e);
	if (asks_server(err))
		err = kept(cmd_ask_tx(&me.servers, id, &o, &p, &h, &me.zone, e), &o, e);
	return err == JT_OK ? err : jt_fail_in(e, "%s", word);
}

static enum jt_err
prove_ledger(const char *word, struct jt_error *e)
{
	uint64_t number;
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	enum jt_err err = JT_OK;

	if (!jt_u64_parse(jt_slice_text(word), &number))
		return jt_fail(e, JT_USAGE, "%s: expected the number of a ledger", word);
	if (me.has_ledger)
		err = jt_prove_ledger(&me.prover, number, &me.proof, e);
	if (asks_server(err))
		err = kept(cmd_ask_ledger(&me.servers, &number, &o, &h, &me.zone, e), &o, e);
	return err;
}

/* A record in the first ledger that holds it; in ledger N it may also be that it is not. */
static void
prove_record(void)
{
	const char *word = cmd_operands[1], *text = cmd_operands[2];
	uint8_t hash[JT_HASH];
	struct jt_error e = { .code = JT_OK };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	uint64_t number = 0;
	enum jt_err err = JT_NO;

	if (!jt_sums_hash(jt_slice_text(word), hash))
		cmd_usage("record: expected a hash of 64 hex digits, not \"%s\"", word);
	if (text != NULL && !jt_u64_parse(jt_slice_text(text), &number))
		cmd_usage("record: expected the number of a ledger, not \"%s\"", text);
	if (cmd_operand_count > 3)
		cmd_usage("record: one word too many: \"%s\"", cmd_operands[3]);
	if (text != NULL && number == 0 && !me.has_ledger)
		die(JT_CONFIG, "record in ledger 0: no server tells this: -d DIR");
	if (me.has_ledger && (text == NULL || number != 0)) /* ledger 0 has none */
		err = jt_prove_record(&me.prover, hash, NULL, number, NULL, &me.proof, &e);
	if (me.has_ledger && err == JT_NO && text != NULL)
		err = jt_prove_no_record(&me.prover, hash, number, &me.proof, &e);
	if (asks_server(err))
		err = kept(cmd_ask_record(&me.servers, hash, number, &o, &h, &me.zone, &e), &o, &e);
	if (err == JT_OK)
		cmd_write(&me.out, jt_buf_slice(&me.proof));
	else
		complain(err, "%s: %s", word, e.text);
}

typedef enum jt_err prove(const char *word, struct jt_error *e);

/* What cannot be proven gets a line; the others are still proven. */
static void
prove_one(prove *how, const char *word)
{
	struct jt_error e;

	jt_buf_clear(&me.proof);
	if (how(word, &e) == JT_OK)
		cmd_write(&me.out, jt_buf_slice(&me.proof));
	else
		complain(e.code, "%s", e.text);
}

static void
prove_lines(prove *how)
{
	char line[LINE_MAX_BYTES + 1];

	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t n = strlen(line);
		if (n == LINE_MAX_BYTES && line[n - 1] != '\n')
			die(JT_MALFORMED, "stdin: line longer than %d bytes", LINE_MAX_BYTES - 1);
		if (n > 0 && line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (line[0] != '\0')
			prove_one(how, line);
	}
	if (ferror(stdin))
		die(JT_IO, "stdin: reading failed");
}

static void
open_sources(const char *server, const char *network, const char *dir)
{
	if (!msgpack_zone_init(&me.zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	me.has_servers = cmd_servers_instead(&me.servers, server, network, dir);
	me.has_ledger = !me.has_servers;
	if (!me.has_ledger)
		return;
	cmd_servers_close(&me.servers);
	cmd_ledger_open(&me.ledger, network, cmd_dir(dir), JT_STORE_READ, false);
	jt_prover_init(&me.prover, &me.ledger);
	me.has_servers = cmd_servers_find(&me.servers, NULL, network, dir);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *path = NULL, *network = NULL, *server = NULL;
	prove *how = NULL;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		*(c == 'd' ? &dir : c == 'N' ? &network : c == 's' ? &server : &path) = cmd_value;
	if (cmd_operand_count == 0)
		cmd_usage("expected what to prove: account, tx, record or ledger");
	if (strcmp(cmd_operands[0], "account") == 0)
		how = prove_account;
	else if (strcmp(cmd_operands[0], "tx") == 0)
		how = prove_tx;
	else if (strcmp(cmd_operands[0], "ledger") == 0)
		how = prove_ledger;
	else if (strcmp(cmd_operands[0], "record") != 0)
		cmd_usage("cannot prove \"%s\"", cmd_operands[0]);
	if (cmd_operand_count == 1)
		cmd_usage("%s: expected which", cmd_operands[0]);
	open_sources(server, network, cmd_dir_maybe(dir));
	jt_buf_init(&me.proof, JT_OBJECT_MAX);
	cmd_output_open(&me.out, path);
	if (how == NULL)
		prove_record();
	for (int i = 1; how != NULL && i < cmd_operand_count; i++) {
		if (strcmp(cmd_operands[i], "-") == 0)
			prove_lines(how);
		else
			prove_one(how, cmd_operands[i]);
	}
	jt_buf_free(&me.proof);
	if (me.has_ledger) {
		jt_prover_free(&me.prover);
		jt_ledger_close(&me.ledger);
	}
	cmd_servers_close(&me.servers);
	msgpack_zone_destroy(&me.zone);
	return cmd_end();
}
