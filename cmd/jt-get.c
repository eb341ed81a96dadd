/*
 * jt-get: look something up in a ledger. Objects as they are stored; what
 * anybody can check for themselves is made by jt-prove. Without a ledger it
 * asks a server for proofs, checks them, and prints what they prove.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "base/num.h"
#include "base/text.h"
#include "cmd.h"
#include "get-records.h"
#include "kind/code.h"
#include "object/view.h"
#include "servers.h"
#include "store.h"

static const struct cmd_option options[] = {
	CMD_NETWORK,
	CMD_DIR,
	{ 'j', "json", NULL, "print JSON lines" },
	CMD_OUTPUT,
	CMD_SERVER,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-get",
	.synopsis = "[-N NETWORK] [-d DIR] [-s SERVER] [-j] [-o FILE] account ACCOUNT | accounts | "
	            "tx ID | ledger [N] | ledgers | network | record HASH [N] | "
	            "records [tag=TAG] [prev=HASH]",
	.options = options,
};

static struct {
	struct jt_ledger ledger;
	struct cmd_servers servers; /* asked when there is no ledger */
	msgpack_zone zone;          /* for their answers */
	struct cmd_output out;
	bool json;
} me;

static void
put(struct jt_slice bytes)
{
	static struct jt_buf text = { .max = SIZE_MAX / 2 };
	struct jt_object o = { 0 };
	struct jt_error e;

	if (!me.json) {
		cmd_write(&me.out, bytes);
		return;
	}
	jt_buf_clear(&text);
	cmd_check(jt_object_parse(bytes, &o, &e), &e);
	cmd_check(jt_show(&jt_all_kinds, &o, JT_JSON, &text, &e), &e);
	cmd_print_slice(&me.out, jt_buf_slice(&text));
}

static void
get_account(char *const *words)
{
	const char *name = words[0];
	uint8_t account[JT_ACCOUNT];
	struct jt_slice entry;
	struct jt_error e;

	cmd_check(cmd_account(name, account, &e), &e);
	cmd_check(jt_ledger_account(&me.ledger, account, &entry, &e), &e);
	if (entry.len == 0)
		die(JT_NO, "no account %s in ledger %" PRIu64, name, me.ledger.head.number);
	put(entry);
}

static void
get_accounts(char *const *words)
{
	struct jt_slice key, value;
	struct jt_object o = { 0 };
	struct jt_error e;

	(void)words;
	cmd_check(jt_store_first(me.ledger.store, JT_STATE, (struct jt_slice){ NULL, 0 }, &key,
	    &value, &e), &e);
	while (key.data != NULL) {
		if (value.len < JT_HASH)
			die(JT_IO, "the ledger's state is damaged");
		value = (struct jt_slice){ value.data + JT_HASH, value.len - JT_HASH };
		cmd_check(jt_object_parse(value, &o, &e), &e);
		if (jt_object_is(&o, "account"))
			put(value);
		cmd_check(jt_store_next(me.ledger.store, JT_STATE, &key, &value, &e), &e);
	}
}

/* The transaction as it came, then what became of it. */
static void
put_tx(struct jt_slice object, const struct jt_result *r)
{
	struct jt_buf result;
	struct jt_error e;

	put(object);
	jt_buf_init(&result, JT_OBJECT_MAX);
	cmd_check(jt_kind_write(&jt_kind_result, r, &result, &e), &e);
	put(jt_buf_slice(&result));
	jt_buf_free(&result);
}

static void
read_id(const char *text, uint8_t id[JT_HASH])
{
	if (!jt_hex_parse(jt_slice_text(text), id, JT_HASH))
		cmd_usage("tx: expected an id of 64 hex digits, not \"%s\"", text);
}

static void
get_tx(char *const *words)
{
	const char *text = words[0];
	struct jt_result r = { 0 };
	struct jt_place place;
	struct jt_slice object;
	struct jt_error e;

	read_id(text, r.id);
	cmd_check(jt_ledger_tx(&me.ledger, r.id, &place, &object, &e), &e);
	if (object.len == 0)
		die(JT_NO, "no transaction %s up to ledger %" PRIu64, text,
		    me.ledger.head.number);
	r.code = place.code;
	r.ledger = place.ledger;
	r.index = place.index;
	put_tx(object, &r);
}

static void
read_number(const char *text, uint64_t *number)
{
	if (!jt_u64_parse(jt_slice_text(text), number))
		cmd_usage("ledger: expected a number, not \"%s\"", text);
}

static void
get_ledger(char *const *words)
{
	const char *text = words[0];
	uint64_t number = me.ledger.head.number;
	struct jt_slice header;
	struct jt_error e;

	if (text != NULL)
		read_number(text, &number);
	cmd_check(jt_ledger_header(&me.ledger, number, &header, &e), &e);
	if (header.len == 0)
		die(JT_NO, "no ledger %" PRIu64 ", the newest is %" PRIu64, number,
		    me.ledger.head.number);
	put(header);
}

static void
get_ledgers(char *const *words)
{
	struct jt_slice header;
	struct jt_error e;

	(void)words;
	for (uint64_t n = 0; n <= me.ledger.head.number; n++) {
		cmd_check(jt_ledger_header(&me.ledger, n, &header, &e), &e);
		put(header);
	}
}

static void
get_network(char *const *words)
{
	(void)words;
	put(me.ledger.genesis_object);
}

/* ---- the same from a server: what it proves ---- */

static void
ask_account(char *const *words)
{
	const char *name = words[0];
	uint8_t account[JT_ACCOUNT];
	struct jt_proof_account p = { 0 };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	struct jt_error e;

	cmd_check(cmd_account(name, account, &e), &e);
	cmd_check(cmd_ask_account(&me.servers, account, &o, &p, &h, &me.zone, &e), &e);
	if (p.entry.len == 0)
		die(JT_NO, "no account %s in ledger %" PRIu64, name, h.number);
	put(p.entry);
}

static void
ask_tx(char *const *words)
{
	const char *text = words[0];
	struct jt_result r = { 0 };
	struct jt_proof_tx p = { 0 };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	struct jt_error e;

	read_id(text, r.id);
	cmd_check(cmd_ask_tx(&me.servers, r.id, &o, &p, &h, &me.zone, &e), &e);
	r.code = p.code;
	r.ledger = h.number;
	r.index = p.index;
	put_tx(p.tx, &r);
}

static uint64_t
ask_one_ledger(const uint64_t *number)
{
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	struct jt_error e;

	msgpack_zone_clear(&me.zone);
	cmd_check(cmd_ask_header(&me.servers, number, &o, &h, &me.zone, &e), &e);
	put(o.bytes);
	return h.number;
}

static void
ask_ledger(char *const *words)
{
	const char *text = words[0];
	uint64_t number;

	if (text != NULL)
		read_number(text, &number);
	ask_one_ledger(text != NULL ? &number : NULL);
}

static void
ask_ledgers(char *const *words)
{
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	struct jt_error e;

	(void)words;
	cmd_check(cmd_ask_header(&me.servers, NULL, &o, &h, &me.zone, &e), &e);
	for (uint64_t n = 0; n <= h.number; n++)
		ask_one_ledger(&n);
}

static void
ask_network(char *const *words)
{
	(void)words;
	put(jt_buf_slice(&me.servers.network.bytes));
}

static void
get_one_record(char *const *words)
{
	get_record(&me.ledger, words, put);
}

static void
get_all_records(char *const *words)
{
	get_records(&me.ledger, words, put);
}

static void
ask_one_record(char *const *words)
{
	ask_record(&me.servers, words, put);
}

/* What can be asked for, and how many words follow it. */
static const struct {
	const char *word;
	int least, most;
	void (*get)(char *const *words);
	void (*ask)(char *const *words); /* of a server; NULL: it does not tell */
} things[] = {
	{ "account", 1, 1, get_account, ask_account },
	{ "accounts", 0, 0, get_accounts, NULL },
	{ "ledger", 0, 1, get_ledger, ask_ledger },
	{ "ledgers", 0, 0, get_ledgers, ask_ledgers },
	{ "network", 0, 0, get_network, ask_network },
	{ "record", 1, 2, get_one_record, ask_one_record },
	{ "records", 0, 2, get_all_records, NULL },
	{ "tx", 1, 1, get_tx, ask_tx },
};

int
main(int argc, char **argv)
{
	const char *dir = NULL, *path = NULL, *network = NULL, *server = NULL;
	size_t i, n = sizeof things / sizeof things[0];
	int c, words;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'j')
			me.json = true;
		else
			*(c == 'd' ? &dir : c == 'N' ? &network : c == 's' ? &server : &path) =
			    cmd_value;
	}
	if (cmd_operand_count == 0)
		cmd_usage("expected what to get");
	for (i = 0; i < n && strcmp(cmd_operands[0], things[i].word) != 0; i++)
		continue;
	if (i >= n)
		cmd_usage("cannot get \"%s\"", cmd_operands[0]);
	words = cmd_operand_count - 1;
	if (words < things[i].least)
		cmd_usage("%s: expected which", things[i].word);
	if (words > things[i].most)
		cmd_usage("%s: one word too many: \"%s\"", things[i].word,
		    cmd_operands[things[i].most + 1]);
	if (!msgpack_zone_init(&me.zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	dir = cmd_dir_maybe(dir);
	if (cmd_servers_instead(&me.servers, server, network, dir)) {
		if (things[i].ask == NULL)
			die(JT_CONFIG, "%s: no server tells this: -d DIR", things[i].word);
		cmd_output_open(&me.out, path);
		things[i].ask(cmd_operands + 1);
	} else {
		cmd_ledger_open(&me.ledger, network, cmd_dir(dir), JT_STORE_READ, false);
		cmd_output_open(&me.out, path);
		things[i].get(cmd_operands + 1);
		jt_ledger_close(&me.ledger);
	}
	cmd_servers_close(&me.servers);
	msgpack_zone_destroy(&me.zone);
	return cmd_end();
}
