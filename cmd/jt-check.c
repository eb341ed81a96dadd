/*
 * jt-check: what does a proof prove? Offline, with the network file alone.
 *
 * Prints a line of words (or of JSON) for each proof and certificate that
 * holds, and says of each other one why it does not: exit 1.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "base/num.h"
#include "base/text.h"
#include "cmd.h"
#include "kind/code.h"
#include "ledger/genesis.h"
#include "ledger/proof.h"
#include "object/scalar.h"
#include "object/view.h"
#include "state/account.h"

static const struct cmd_option options[] = {
	CMD_NETWORK,
	{ 'j', "json", NULL, "print JSON lines" },
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-check",
	.synopsis = "[-N NETWORK] [-j] [-o FILE] [FILE...]",
	.options = options,
};

static struct {
	struct jt_genesis genesis;
	uint8_t network[JT_HASH];
	struct jt_buf name; /* the network's name, safe to print */
	struct cmd_output out;
	bool json;
	uint64_t met;       /* proofs and certificates */
} me;

/* What was proven, for a line of JSON: pairs of a name and a text. */
struct fact {
	const char *name;
	const char *text;
};

/* A file's name, which may hold any bytes, made safe to print. */
static void
add_name(const char *name, struct jt_buf *line)
{
	size_t at = line->len;

	if (jt_utf8_valid(jt_slice_text(name))) {
		jt_text_escape(jt_slice_text(name), me.json, line);
		return;
	}
	jt_buf_addf(line, me.json ? "\"%s\"" : "%s", name);
	for (at += me.json; at + me.json < line->len; at++)
		if (line->data[at] < 0x20 || line->data[at] > 0x7e || line->data[at] == '"' ||
		    line->data[at] == '\\')
			line->data[at] = '?';
}

static void
say(const struct cmd_input *in, const struct jt_header *h, const struct fact *facts,
    const char *words)
{
	char time[JT_TIME_TEXT], network[2 * JT_HASH + 1];
	struct jt_buf line;

	jt_time_format(h->time, time);
	jt_hex_format(me.network, JT_HASH, network);
	jt_buf_init(&line, SIZE_MAX / 2);
	if (!me.json) {
		add_name(in->name, &line);
		jt_buf_addf(&line, ": proven: in ledger %" PRIu64 " (%s) of network %.*s (%.16s...), "
		    "%s\n", h->number, time, (int)me.name.len, (const char *)me.name.data, network,
		    words);
	} else {
		jt_buf_add_text(&line, "{\"file\":");
		add_name(in->name, &line);
		jt_buf_addf(&line, ",\"proven\":true,\"network\":\"%s\",\"ledger\":\"%" PRIu64
		    "\",\"time\":\"%s\"", network, h->number, time);
		for (; facts->name != NULL; facts++)
			jt_buf_addf(&line, ",\"%s\":\"%s\"", facts->name, facts->text);
		jt_buf_add_text(&line, "}\n");
	}
	if (line.failed)
		die(JT_SYSTEM, "out of memory");
	cmd_print_slice(&me.out, jt_buf_slice(&line));
	jt_buf_free(&line);
}

static enum jt_err
check_account(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char address[JT_ADDRESS_TEXT], balance[JT_DECIMAL_MAX], words[160];
	struct jt_proof_account p;
	struct jt_account a = { 0 };
	struct jt_header h;
	enum jt_err err = jt_proof_account_check(o, &me.genesis, me.network, &p, &h, zone, e);

	if (err != JT_OK)
		return err;
	jt_address_format(p.account, address);
	if (p.entry.len > 0 && (err = jt_account_decode(p.entry, &a, zone, e)) != JT_OK)
		return err;
	jt_decimal_format(a.balance, JT_COINS_DECIMALS, false, balance);
	if (p.entry.len > 0)
		snprintf(words, sizeof words, "account %s has %s SWT, highest seq %" PRIu64, address,
		    balance, a.seq);
	else
		snprintf(words, sizeof words, "there is no account %s", address);
	say(in, &h, (struct fact[]){ { "what", p.entry.len > 0 ? "account" : "no-account" },
	    { "account", address }, { "balance", balance }, { NULL, NULL } }, words);
	return JT_OK;
}

/* "jt/pay 4f09...: from j..., to j..., amount 100" */
static void
describe(const struct jt_object *tx, const char *id, const char *outcome, struct jt_buf *words,
    msgpack_zone *zone)
{
	const struct jt_kind *kind = jt_kind_named(&jt_all_kinds, tx->kind);
	static const char *const told[] = { "from", "to", "amount", "memo", NULL };
	struct jt_slice body;
	struct jt_error e;
	void *fields = msgpack_zone_malloc(zone, kind->schema->size);

	jt_buf_addf(words, "jt/%s %s %s", kind->name, id, outcome);
	if (fields == NULL || jt_signed_body(tx, &body, &e) != JT_OK ||
	    jt_decode(kind->schema, body, fields, zone, &e) != JT_OK)
		return;
	for (const char *const *name = told; *name != NULL; name++) {
		const struct jt_field *f = jt_schema_field(kind->schema, jt_slice_text(*name));
		if (f == NULL || jt_field_absent(f, fields))
			continue;
		jt_buf_addf(words, "%s %s ", name == told ? ":" : ",", *name);
		if (f->type == JT_TEXT)
			jt_text_escape(*(const struct jt_slice *)(const void *)
			    ((const uint8_t *)fields + f->offset), true, words);
		else
			jt_show_field(f, fields, words, &e);
	}
}

static enum jt_err
check_tx(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char id[2 * JT_HASH + 1], outcome[64];
	uint8_t hash[JT_HASH];
	const struct jt_code_row *code;
	struct jt_proof_tx p;
	struct jt_header h;
	struct jt_object tx;
	struct jt_slice body;
	struct jt_buf words;
	enum jt_err err = jt_proof_tx_check(o, &me.genesis, me.network, &p, &h, zone, e);

	if (err != JT_OK || (err = jt_object_parse(p.tx, &tx, e)) != JT_OK ||
	    (err = jt_signed_body(&tx, &body, e)) != JT_OK)
		return err;
	jt_object_hash(hash, tx.kind, tx.version, body);
	jt_hex_format(hash, JT_HASH, id);
	code = &jt_code_rows[p.code];
	snprintf(outcome, sizeof outcome, code->outcome == JT_APPLIED ? "was applied" :
	    "failed (%s)", code->name);
	jt_buf_init(&words, JT_OBJECT_MAX);
	describe(&tx, id, outcome, &words, zone);
	jt_buf_add(&words, "", 1);
	say(in, &h, (struct fact[]){ { "what", "tx" }, { "id", id }, { "code", code->name },
	    { NULL, NULL } }, words.failed ? outcome : (const char *)words.data);
	jt_buf_free(&words);
	return JT_OK;
}

static enum jt_err
check_header(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char words[128], count[24];
	struct jt_header h;
	enum jt_err err = jt_proof_header_check(o, &me.genesis, me.network, &h, zone, e);

	if (err != JT_OK)
		return err;
	snprintf(count, sizeof count, "%" PRIu64, h.transactions.count);
	snprintf(words, sizeof words, "the header is certified: %s transaction%s", count,
	    h.transactions.count == 1 ? "" : "s");
	say(in, &h, (struct fact[]){ { "what", "ledger" }, { "transactions", count },
	    { NULL, NULL } }, words);
	return JT_OK;
}

static const struct {
	const struct jt_kind *kind;
	enum jt_err (*check)(const struct cmd_input *in, const struct jt_object *o,
	    msgpack_zone *zone, struct jt_error *e);
} checks[] = {
	{ &jt_kind_header, check_header },
	{ &jt_kind_proof_account, check_account },
	{ &jt_kind_proof_tx, check_tx },
};

static void
check_object(const struct cmd_input *in, const struct jt_object *o, const struct jt_kind *row,
    msgpack_zone *zone)
{
	struct jt_error e;

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		if (checks[i].kind != row)
			continue;
		me.met++;
		switch (checks[i].check(in, o, zone, &e)) {
		case JT_OK:
			return;
		case JT_NO:
			cmd_object_complain(in, JT_NO, "not proven: %s", e.text);
			return;
		default:
			cmd_object_error(in, &e);
			return;
		}
	}
	if (!(row->flags & JT_KIND_NAMELESS))
		cmd_object_complain(in, JT_MALFORMED, "jt/%s proves nothing", row->name);
}

int
main(int argc, char **argv)
{
	const char *network = NULL, *path = NULL;
	const struct jt_kind *row;
	struct cmd_network n;
	struct cmd_input in;
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone, lasting;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'j')
			me.json = true;
		else
			*(c == 'N' ? &network : &path) = cmd_value;
	}
	cmd_crypto();
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE) ||
	    !msgpack_zone_init(&lasting, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_network(&n, network, cmd_dir_maybe(NULL));
	cmd_check(jt_genesis_decode(&n.genesis, &me.genesis, me.network, &lasting, &e), &e);
	jt_buf_init(&me.name, SIZE_MAX / 2);
	jt_text_escape(me.genesis.name, true, &me.name);
	cmd_output_open(&me.out, path);
	cmd_input_open(&in, cmd_operands);
	while (cmd_next(&in, &o, &row)) {
		msgpack_zone_clear(&zone);
		check_object(&in, &o, row, &zone);
	}
	cmd_need_input(&in);
	if (me.met == 0)
		complain(JT_NO, "not proven: no proof was given");
	jt_buf_free(&me.name);
	msgpack_zone_destroy(&zone);
	msgpack_zone_destroy(&lasting);
	return cmd_end();
}
