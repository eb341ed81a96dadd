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
#include "dealing.h"
#include "key/beacon.h"
#include "kind/code.h"
#include "ledger/genesis.h"
#include "ledger/proof.h"
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

static struct {
	struct cmd_network file;
	struct jt_genesis genesis;
	uint8_t network[JT_HASH];
	struct jt_coin_public coin; /* n 0: not looked at yet */
	struct jt_buf name; /* the network's name, safe to print */
	struct cmd_output out;
	bool json, applied;
	uint64_t met;       /* proofs, certificates, and what should have been one */
} me;

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

/*
 * A line: where it is proven, and what; the latter as words, or as members of a
 * JSON object. `when` NULL: what is proven has no time.
 */
static void
say(const struct cmd_input *in, uint64_t ledger, const uint64_t *when, struct jt_buf *what)
{
	char time[JT_TIME_TEXT] = "", network[2 * JT_HASH + 1];
	struct jt_buf line;

	if (when != NULL)
		jt_time_format(*when, time);
	jt_hex_format(me.network, JT_HASH, network);
	jt_buf_init(&line, SIZE_MAX / 2);
	if (!me.json) {
		add_name(in->name, &line);
		jt_buf_addf(&line, ": proven: in ledger %" PRIu64, ledger);
		if (when != NULL)
			jt_buf_addf(&line, " (%s)", time);
		jt_buf_addf(&line, " of network %.*s (%.16s...), ", (int)me.name.len,
		    (const char *)me.name.data, network);
	} else {
		jt_buf_add_text(&line, "{\"file\":");
		add_name(in->name, &line);
		jt_buf_addf(&line, ",\"proven\":true,\"network\":\"%s\",\"ledger\":\"%" PRIu64 "\",",
		    network, ledger);
		if (when != NULL)
			jt_buf_addf(&line, "\"time\":\"%s\",", time);
	}
	jt_buf_add_slice(&line, jt_buf_slice(what));
	jt_buf_add_text(&line, me.json ? "}\n" : "\n");
	if (line.failed || what->failed)
		die(JT_SYSTEM, "out of memory");
	cmd_print_slice(&me.out, jt_buf_slice(&line));
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
	enum jt_err err = jt_proof_account_check(o, &me.genesis, me.network, &p, &h, zone, e);

	if (err != JT_OK)
		return err;
	jt_address_format(p.account, address);
	if (p.entry.len > 0 && (err = jt_account_decode(p.entry, &a, zone, e)) != JT_OK)
		return err;
	jt_decimal_format(a.balance, JT_COINS_DECIMALS, false, balance);
	jt_buf_init(&says, SIZE_MAX / 2);
	if (me.json)
		jt_buf_addf(&says, "\"what\":\"%s\",\"account\":\"%s\",\"balance\":\"%s\",\"seq\":\"%"
		    PRIu64 "\"", p.entry.len > 0 ? "account" : "no-account", address, balance, a.seq);
	else if (p.entry.len > 0)
		jt_buf_addf(&says, "account %s has %s SWT, highest seq %" PRIu64, address, balance, a.seq);
	else
		jt_buf_addf(&says, "there is no account %s", address);
	say(in, h.number, &h.time, &says);
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
		if (f == NULL || jt_field_absent(f, fields))
			continue;
		if (me.json)
			jt_buf_addf(out, ",\"%s\":%s", *name, text ? "" : "\"");
		else
			jt_buf_addf(out, "%s %s ", name == told ? ":" : ",", *name);
		if (text)
			jt_text_escape(*(const struct jt_slice *)(const void *)
			    ((const uint8_t *)fields + f->offset), true, out);
		else
			jt_show_field(f, fields, out, &e);
		if (me.json && !text)
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
	enum jt_err err = jt_proof_tx_check(o, &me.genesis, me.network, &p, &h, zone, e);

	if (err != JT_OK || (err = jt_object_parse(p.tx, &tx, e)) != JT_OK ||
	    (err = jt_signed_body(&tx, &body, e)) != JT_OK)
		return err;
	jt_object_hash(hash, tx.kind, tx.version, body);
	jt_hex_format(hash, JT_HASH, id);
	code = &jt_code_rows[p.code];
	jt_buf_init(&says, SIZE_MAX / 2);
	if (me.json)
		jt_buf_addf(&says, "\"what\":\"tx\",\"id\":\"%s\",\"code\":\"%s\",\"kind\":\"%.*s\"",
		    id, code->name, (int)tx.kind.len, (const char *)tx.kind.data);
	else if (code->outcome == JT_APPLIED)
		jt_buf_addf(&says, "jt/%.*s %s was applied", (int)tx.kind.len,
		    (const char *)tx.kind.data, id);
	else
		jt_buf_addf(&says, "jt/%.*s %s failed (%s)", (int)tx.kind.len,
		    (const char *)tx.kind.data, id, code->name);
	describe(&tx, &says, zone);
	say(in, h.number, &h.time, &says);
	if (me.applied && code->outcome != JT_APPLIED)
		cmd_object_complain(in, JT_NO, "failed (%s), expected it applied",
		    code->name);
	return JT_OK;
}

static enum jt_err
check_header(const struct cmd_input *in, const struct jt_object *o, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_header h;
	struct jt_buf says;
	enum jt_err err = jt_proof_header_check(o, &me.genesis, me.network, &h, zone, e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&says, SIZE_MAX / 2);
	if (me.json)
		jt_buf_addf(&says, "\"what\":\"ledger\",\"transactions\":\"%" PRIu64 "\"",
		    h.transactions.count);
	else
		jt_buf_addf(&says, "the header is certified: %" PRIu64 " transaction%s",
		    h.transactions.count, h.transactions.count == 1 ? "" : "s");
	say(in, h.number, &h.time, &says);
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

	if (me.coin.n == 0) {
		if (!cmd_dealing(&me.file, &me.genesis, &d, zone))
			return jt_fail(e, JT_NO, "the network has no coin");
		jt_dealing_public(&d, &me.coin);
	}
	/* The network file has the coin of the first epoch, and there is no other one yet. */
	if ((err = jt_beacon_check(o, me.network, 0, &me.coin, &b, zone, e)) != JT_OK)
		return err;
	jt_hex_format(b.value, JT_HASH, value);
	jt_buf_init(&says, SIZE_MAX / 2);
	if (me.json)
		jt_buf_addf(&says, "\"what\":\"beacon\",\"beacon\":\"%s\"", value);
	else
		jt_buf_addf(&says, "the beacon is %s: shares of %" PRIu32 " of %" PRIu32
		    " validators make it", value, me.coin.t, me.coin.n);
	say(in, b.ledger, NULL, &says);
	return JT_OK;
}

static const struct {
	const struct jt_kind *kind;
	enum jt_err (*check)(const struct cmd_input *in, const struct jt_object *o,
	    msgpack_zone *zone, struct jt_error *e);
} checks[] = {
	{ &jt_kind_beacon, check_beacon },
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
	if (row->flags & JT_KIND_NAMELESS)
		return;
	me.met++;
	cmd_object_complain(in, JT_MALFORMED, "jt/%s proves nothing", row->name);
}

int
main(int argc, char **argv)
{
	const char *network = NULL, *path = NULL;
	const struct jt_kind *row;
	struct cmd_input in;
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone, lasting;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'j')
			me.json = true;
		else if (c == OPT_APPLIED)
			me.applied = true;
		else
			*(c == 'N' ? &network : &path) = cmd_value;
	}
	cmd_crypto();
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE) ||
	    !msgpack_zone_init(&lasting, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_network(&me.file, network, cmd_dir_maybe(NULL));
	cmd_check(jt_genesis_decode(&me.file.genesis, &me.genesis, me.network, &lasting, &e), &e);
	jt_buf_init(&me.name, SIZE_MAX / 2);
	jt_text_escape(me.genesis.name, true, &me.name);
	cmd_output_open(&me.out, path);
	cmd_input_open(&in, cmd_operands);
	while (cmd_next(&in, &o, &row)) {
		msgpack_zone_clear(&zone);
		check_object(&in, &o, row, &zone);
	}
	cmd_need_input(&in);
	if (in.good > 0 && me.met == 0)
		complain(JT_NO, "not proven: no proof was given");
	jt_buf_free(&me.name);
	msgpack_zone_destroy(&zone);
	msgpack_zone_destroy(&lasting);
	return cmd_end();
}
