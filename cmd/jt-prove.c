/*
 * jt-prove: make proofs that jt-check verifies with the network file alone, of
 * an account (there or not) in the newest ledger, and of transactions.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd.h"
#include "ledger/prove.h"
#include "store.h"

enum { LINE_MAX_BYTES = 1024 /* of stdin, with its end */ };

static const struct cmd_option options[] = {
	CMD_DIR,
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-prove",
	.synopsis = "[-d DIR] [-o FILE] account ACCOUNT... | tx ID...",
	.options = options,
};

static struct {
	struct jt_ledger ledger;
	struct jt_prover prover;
	struct cmd_output out;
	struct jt_buf proof;
} me;

static enum jt_err
prove_account(const char *word, struct jt_error *e)
{
	uint8_t account[JT_ACCOUNT];
	enum jt_err err = cmd_account(word, account, e);

	if (err != JT_OK)
		return err; /* which names the word already */
	err = jt_prove_account(&me.prover, account, &me.proof, e);
	return err == JT_OK ? err : jt_fail_in(e, "%s", word);
}

static enum jt_err
prove_tx(const char *word, struct jt_error *e)
{
	uint8_t id[JT_HASH];

	if (!jt_hex_parse(jt_slice_text(word), id, JT_HASH))
		return jt_fail(e, JT_USAGE, "%s: expected an id of 64 hex digits", word);
	return jt_prove_tx(&me.prover, id, &me.proof, e) == JT_OK ? JT_OK
	    : jt_fail_in(e, "%s", word);
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

int
main(int argc, char **argv)
{
	const char *dir = NULL, *path = NULL;
	prove *how;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		*(c == 'd' ? &dir : &path) = cmd_value;
	if (cmd_operand_count == 0)
		cmd_usage("expected what to prove: account or tx");
	if (strcmp(cmd_operands[0], "account") == 0)
		how = prove_account;
	else if (strcmp(cmd_operands[0], "tx") == 0)
		how = prove_tx;
	else
		cmd_usage("cannot prove \"%s\"", cmd_operands[0]);
	if (cmd_operand_count == 1)
		cmd_usage("%s: expected which", cmd_operands[0]);
	cmd_ledger_open(&me.ledger, cmd_dir(dir), JT_STORE_READ, false);
	jt_prover_init(&me.prover, &me.ledger);
	jt_buf_init(&me.proof, JT_OBJECT_MAX);
	cmd_output_open(&me.out, path);
	for (int i = 1; i < cmd_operand_count; i++) {
		if (strcmp(cmd_operands[i], "-") == 0)
			prove_lines(how);
		else
			prove_one(how, cmd_operands[i]);
	}
	jt_buf_free(&me.proof);
	jt_prover_free(&me.prover);
	jt_ledger_close(&me.ledger);
	return cmd_end();
}
