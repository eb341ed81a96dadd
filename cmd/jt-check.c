/*
 * jt-check: what does a proof prove? Offline, with the network file alone.
 *
 * Prints a line of words (or of JSON) for each proof and certificate that
 * holds, and says of each other one why it does not: exit 1. Files that are no
 * proofs are data, which are looked for in the proofs of hash records that
 * were named, and in the one beside them (check-records.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "base/num.h"
#include "base/text.h"
#include "check.h"
#include "dealing.h"
#include "key/beacon.h"
#include "kind/code.h"
#include "object/scalar.h"
#include "object/view.h"
#include "state/account.h"

enum { OPT_APPLIED = CMD_OPT_OWN };

static const struct cmd_option options[] = {
	CMD_NETWORK,
	{ 'j', "json", NULL, "print JSON lines" },
	CMD_OUTPUT,
	{ OPT_APPLIED, "applied", NULL, "a transaction that failed is not enough" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-check",
	.synopsis = "[-N NETWORK] [-j] [-o FILE] [--applied] [FILE...]",
	.options = options,
};

struct check check;

void
check_name(const char *name, struct jt_buf *line)
{
	size_t at = line->len;

	if (jt_utf8_valid(jt_slice_text(name))) {
		jt_text_escape(jt_slice_text(name), check.json, line);
		return;
	}
	jt_buf_addf(line, check.json ? "\"%s\"" : "%s", name);
	for (at += check.json; at + check.json < line->len; at++)
		if (line->data[at] < 0x20 || line->data[at] > 0x7e || line->data[at] == '"' ||
		    line->data[at] == '\\')
			line->data[at] = '?';
}

void
check_say(const char *file, uint64_t ledger, const uint64_t *when, struct jt_buf *what)
{
	char time[JT_TIME_TEXT] = "", network[2 * JT_HASH + 1];
	struct jt_buf line;

	if (when != NULL)
		jt_time_format(*when, time);
	jt_hex_format(check.network, JT_HASH, network);
	jt_buf_init(&line, SIZE_MAX / 2);
	if (!check.json) {
		check_name(file, &line);
		jt_buf_addf(&line, ": proven: in ledger %" PRIu64, ledger);
		if (when != NULL)
			jt_buf_addf(&line, " (%s)", time);
		jt_buf_addf(&line, " of network %.*s (%.16s...), ", (int)check.name.len,
		    (const char *)check.name.data, network);
	} else {
		jt_buf_add_text(&line, "{\"file\":");
		check_name(file, &line);
		jt_buf_addf(&line, ",\"proven\":true,\"network\":\"%s\",\"ledger\":\"%" PRIu64 "\",",
		    network, ledger);
		if (when != NULL)
			jt_buf_addf(&line, "\"time\":\"%s\",", time);
	}
	jt_buf_add_slice(&line, jt_buf_slice(what));
	jt_buf_add_text(&line, check.json ? "}\n" : "\n");
	if (line.failed || what->failed)
		die(JT_SYSTEM, "out of memory");
	cmd_print_slice(&check.out, jt_buf_slice(&line));
	jt_buf_free(&line);
	jt_buf_free(what);
}

static enum jt_err
check_account(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char address[JT_ADDRESS_TEXT], balance[JT_DECIMAL_MAX];
	struct jt_proof_account p;
	struct jt_account a = { 0 };
	struct jt_header h;
	struct jt_buf says;
	enum jt_err err = jt_proof_account_check(o, &check.genesis, check.network, &p, &h, zone, e);

	if (err != JT_OK)
		return err;
	jt_address_format(p.account, address);
	if (p.entry.len > 0 && (err = jt_account_decode(p.entry, &a, zone, e)) != JT_OK)
		return err;
	jt_decimal_format(a.balance, JT_COINS_DECIMALS, false, balance);
	jt_buf_init(&says, SIZE_MAX / 2);
	if (check.json)
		jt_buf_addf(&says, "\"what\":\"%s\",\"account\":\"%s\",\"balance\":\"%s\",\"seq\":\"%"
		    PRIu64 "\"", p.entry.len > 0 ? "account" : "no-account", address, balance, a.seq);
	else if (p.entry.len > 0)
		jt_buf_addf(&says, "account %s has %s SWT, highest seq %" PRIu64, address, balance, a.seq);
	else
		jt_buf_addf(&says, "there is no account %s", address);
	check_say(in->name, h.number, &h.time, &says);
	return JT_OK;
}

/* What a transaction says: ": from j..., to j..., amount 100", or members of a JSON object. */
static void
describe(const struct jt_object *tx, struct jt_buf *out, msgpack_zone *zone)
{
	const struct jt_kind *kind = jt_kind_named(&jt_all_kinds, tx->kind);
	static const char *const told[] = { "from", "to", "amount", "memo", NULL };
	void *fields = msgpack_zone_malloc(zone, kind->schema->size);
	struct jt_slice body;
	struct jt_error e;

	if (fields == NULL || jt_signed_body(tx, &body, &e) != JT_OK ||
	    jt_decode(kind->schema, body, fields, zone, &e) != JT_OK)
		return;
	for (const char *const *name = told; *name != NULL; name++) {
		const struct jt_field *f = jt_schema_field(kind->schema, jt_slice_text(*name));
		bool text = f != NULL && f->type == JT_TEXT;
		if (f == NULL || jt_field_left_out(f, fields))
			continue;
		if (check.json)
			jt_buf_addf(out, ",\"%s\":%s", *name, text ? "" : "\"");
		else
			jt_buf_addf(out, "%s %s ", name == told ? ":" : ",", *name);
		if (text)
			jt_text_escape(*(const struct jt_slice *)(const void *)
			    ((const uint8_t *)fields + f->offset), true, out);
		else
			jt_show_field(f, fields, out, &e);
		if (check.json && !text)
			jt_buf_add_text(out, "\"");
	}
}

static enum jt_err
check_tx(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char id[2 * JT_HASH + 1];
	uint8_t hash[JT_HASH];
	const struct jt_code_row *code;
	struct jt_proof_tx p;
	struct jt_header h;
	struct jt_object tx;
	struct jt_slice body;
	struct jt_buf says;
	enum jt_err err = jt_proof_tx_check(o, &check.genesis, check.network, &p, &h, zone, e);

	if (err != JT_OK || (err = jt_object_parse(p.tx, &tx, e)) != JT_OK ||
	    (err = jt_signed_body(&tx, &body, e)) != JT_OK)
		return err;
	jt_object_hash(hash, tx.kind, tx.version, body);
	jt_hex_format(hash, JT_HASH, id);
	code = &jt_code_rows[p.code];
	jt_buf_init(&says, SIZE_MAX / 2);
	if (check.json)
		jt_buf_addf(&says, "\"what\":\"tx\",\"id\":\"%s\",\"code\":\"%s\",\"kind\":\"%.*s\"",
		    id, code->name, (int)tx.kind.len, (const char *)tx.kind.data);
	else if (code->outcome == JT_APPLIED)
		jt_buf_addf(&says, "jt/%.*s %s was applied", (int)tx.kind.len,
		    (const char *)tx.kind.data, id);
	else
		jt_buf_addf(&says, "jt/%.*s %s failed (%s)", (int)tx.kind.len,
		    (const char *)tx.kind.data, id, code->name);
	describe(&tx, &says, zone);
	check_say(in->name, h.number, &h.time, &says);
	if (check.applied && code->outcome != JT_APPLIED)
		cmd_object_complain(in, JT_NO, "failed (%s), expected it applied",
		    code->name);
	return JT_OK;
}

void
check_counts(const struct jt_header *h, struct jt_buf *out)
{
	uint64_t txs = h->transactions.count, records = h->records.count;

	if (check.json) {
		jt_buf_addf(out, ",\"transactions\":\"%" PRIu64 "\",\"records\":\"%" PRIu64 "\"", txs,
		    records);
		return;
	}
	jt_buf_addf(out, ": %" PRIu64 " transaction%s", txs, txs == 1 ? "" : "s");
	if (records > 0)
		jt_buf_addf(out, ", %" PRIu64 " record%s", records, records == 1 ? "" : "s");
}

static enum jt_err
check_header(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_header h;
	struct jt_buf says;
	enum jt_err err = jt_proof_header_check(o, &check.genesis, check.network, &h, zone, e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&says, SIZE_MAX / 2);
	if (check.json)
		jt_buf_addf(&says, "\"what\":\"ledger\"");
	else
		jt_buf_add_text(&says, "the header is certified");
	check_counts(&h, &says);
	check_say(in->name, h.number, &h.time, &says);
	return JT_OK;
}

/* By the coin's key, which the network file has behind the genesis. */
static enum jt_err
check_beacon(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	char value[2 * JT_HASH + 1];
	struct jt_dealing d;
	struct jt_beacon b;
	struct jt_buf says;
	enum jt_err err;

	if (check.coin.n == 0) {
		if (!cmd_dealing(&check.file, &check.genesis, &d, zone))
			return jt_fail(e, JT_NO, "the network has no coin");
		jt_dealing_public(&d, &check.coin);
	}
	/* The network file has the coin of the first epoch, and there is no other one yet. */
	if ((err = jt_beacon_check(o, check.network, 0, &check.coin, &b, zone, e)) != JT_OK)
		return err;
	jt_hex_format(b.value, JT_HASH, value);
	jt_buf_init(&says, SIZE_MAX / 2);
	if (check.json)
		jt_buf_addf(&says, "\"what\":\"beacon\",\"beacon\":\"%s\"", value);
	else
		jt_buf_addf(&says, "the beacon is %s: shares of %" PRIu32 " of %" PRIu32
		    " validators make it", value, check.coin.t, check.coin.n);
	check_say(in->name, b.ledger, NULL, &says);
	return JT_OK;
}

static const struct {
	const struct jt_kind *kind;
	enum jt_err (*check)(const struct cmd_input *in, const struct jt_object *o,
	    msgpack_zone *zone, struct jt_error *e);
} checks[] = {
	{ &jt_kind_beacon, check_beacon },
	{ &jt_kind_header, check_header },
	{ &jt_kind_pending, check_pending },
	{ &jt_kind_proof_account, check_account },
	{ &jt_kind_proof_ledger, check_ledger },
	{ &jt_kind_proof_no_record, check_no_record },
	{ &jt_kind_proof_record, check_record },
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
		check.met++;
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
	if (row->flags & JT_KIND_NAMELESS)
		return;
	check.met++;
	cmd_object_complain(in, JT_MALFORMED, "jt/%s proves nothing", row->name);
}

/* The proofs in one file: how many objects were good. One without any proves nothing. */
static uint64_t
check_file(char *path, msgpack_zone *zone)
{
	char *const paths[] = { path, NULL };
	const struct jt_kind *row;
	struct cmd_input in;
	struct jt_object o;

	cmd_input_open(&in, paths);
	while (cmd_next(&in, &o, &row)) {
		msgpack_zone_clear(zone);
		check_object(&in, &o, row, zone);
	}
	if (in.count == 0)
		complain(JT_NOINPUT, "%s: empty, no object to work on", in.name);
	return in.good;
}

/* The proofs among the files, or from stdin. */
static void
check_proofs(char *const *paths)
{
	uint64_t good = 0;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	do
		good += check_file(*paths, &zone);
	while (*paths != NULL && *++paths != NULL);
	if (good > 0 && check.met == 0)
		complain(JT_NO, "not proven: no proof was given");
	msgpack_zone_destroy(&zone);
}

/* Proofs first, so that the data can be looked for in them. */
static void
check_files(char **paths, int count)
{
	char **data = calloc((size_t)count + 1, sizeof *data);
	size_t proofs = 0, n = 0;
	bool called = false;

	if (data == NULL)
		die(JT_SYSTEM, "out of memory");
	for (int i = 0; i < count; i++)
		called |= check_called_proof(paths[i]);
	for (int i = 0; i < count; i++)
		if (check_is_data(paths[i], called))
			data[n++] = paths[i];
		else
			paths[proofs++] = paths[i];
	paths[proofs] = NULL;
	check.keep = n > 0;
	if (proofs > 0 || n == 0)
		check_proofs(paths);
	for (size_t i = 0; i < n; i++)
		check_data(data[i]);
	free(data);
}

int
main(int argc, char **argv)
{
	const char *network = NULL, *path = NULL;
	struct jt_error e;
	msgpack_zone lasting;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'j')
			check.json = true;
		else if (c == OPT_APPLIED)
			check.applied = true;
		else
			*(c == 'N' ? &network : &path) = cmd_value;
	}
	cmd_crypto();
	if (!msgpack_zone_init(&lasting, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_network(&check.file, network, cmd_dir_maybe(NULL));
	cmd_check(jt_genesis_decode(&check.file.genesis, &check.genesis, check.network, &lasting, &e), &e);
	jt_buf_init(&check.name, SIZE_MAX / 2);
	jt_text_escape(check.genesis.name, true, &check.name);
	cmd_output_open(&check.out, path);
	check_files(cmd_operands, cmd_operand_count);
	jt_buf_free(&check.name);
	msgpack_zone_destroy(&lasting);
	return cmd_end();
}
