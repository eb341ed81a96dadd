/*
 * jt-explain: why did a transaction do what it did?
 *
 * Closes the ledger's history again up to the transaction, and tells who
 * signed it, which rule decided, and which entries it read and changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "all/kinds.h"
#include "base/num.h"
#include "base/text.h"
#include "cmd.h"
#include "ledger/explain.h"
#include "object/view.h"
#include "store.h"
#include "work.h"

static const struct cmd_option options[] = {
	CMD_NETWORK,
	CMD_DIR,
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-explain",
	.synopsis = "[-N NETWORK] [-d DIR] [-o FILE] ID",
	.options = options,
};

static struct cmd_output out;

static void
tell_place(const struct jt_explanation *x, const char *id)
{
	const struct jt_code_row *code = &jt_code_rows[x->code];
	struct jt_object o;
	struct jt_error e;
	char time[JT_TIME_TEXT];

	cmd_check(jt_object_parse(x->tx, &o, &e), &e);
	jt_time_format(x->header.time, time);
	cmd_print(&out, "transaction %s: jt/%.*s, number %" PRIu32 " of %" PRIu64
	    " in ledger %" PRIu64 " (%s)\n", id, (int)o.kind.len, (const char *)o.kind.data,
	    x->place.index + 1, x->header.transactions.count, x->place.ledger, time);
	cmd_print(&out, "result: %s (%s)\n", code->name, jt_outcome_words[code->outcome]);
	cmd_print(&out, "rule: %s\n", code->help);
	if (x->why.text[0] != '\0')
		cmd_print(&out, "  %s\n", x->why.text);
}

/* What rules compare amounts with. */
static void
tell_terms(const struct jt_terms *t)
{
	char fee[JT_DECIMAL_MAX], reserve[JT_DECIMAL_MAX], object[JT_DECIMAL_MAX];

	jt_decimal_format(t->fee, JT_COINS_DECIMALS, false, fee);
	jt_decimal_format(t->reserve, JT_COINS_DECIMALS, false, reserve);
	jt_decimal_format(t->object, JT_COINS_DECIMALS, false, object);
	cmd_print(&out, "terms: fee %s, reserve %s, and %s for each object\n", fee, reserve, object);
}

/* The fields of the transaction, one a line. */
static void
tell_fields(const struct jt_explanation *x)
{
	static struct jt_buf text = { .max = SIZE_MAX / 2 };
	struct jt_object o;
	struct jt_error e;

	cmd_check(jt_object_parse(x->tx, &o, &e), &e);
	cmd_check(jt_show(&jt_all_kinds, &o, JT_YAML, &text, &e), &e);
	cmd_print(&out, "fields:\n");
	for (size_t at = 0, end; at < text.len; at = end) {
		struct jt_slice line;
		const uint8_t *nl = memchr(text.data + at, '\n', text.len - at);
		end = nl != NULL ? (size_t)(nl - text.data) + 1 : text.len;
		line = (struct jt_slice){ text.data + at, end - at };
		/* The body's fields alone: they are indented. */
		if (line.len < 2 || line.data[0] != ' ')
			continue;
		cmd_print_slice(&out, line);
	}
	jt_buf_free(&text);
}

static void
tell_signers(const struct jt_account *from, const struct jt_signed *s)
{
	const struct jt_signer *list = from->signers.items;
	const struct jt_sig *sig = s->sigs.items;
	char address[JT_ADDRESS_TEXT];

	for (uint32_t i = 0; i < s->sigs.count; i++) {
		uint8_t id[JT_ACCOUNT];
		uint64_t weight = 0;

		jt_account_of_key(id, sig[i].key);
		jt_address_format(id, address);
		for (uint32_t k = 0; k < from->signers.count; k++)
			if (memcmp(list[k].account, id, JT_ACCOUNT) == 0)
				weight = list[k].weight;
		cmd_print(&out, "signed by: %s, ", address);
		if (memcmp(id, from->account, JT_ACCOUNT) == 0)
			cmd_print(&out, "the master key\n");
		else if (memcmp(id, from->key, JT_ACCOUNT) == 0)
			cmd_print(&out, "the regular key\n");
		else
			cmd_print(&out, "weight %" PRIu64 " towards the quorum %" PRIu64 "\n",
			    weight, from->quorum);
	}
}

/* The sender before the transaction, which decides who may sign. */
static void
tell_authority(const struct jt_explanation *x, msgpack_zone *zone)
{
	uint8_t key[JT_HASH];
	const struct jt_kind *kind;
	struct jt_account from = { 0 };
	struct jt_object o;
	struct jt_signed s;
	struct jt_tx *tx;
	struct jt_error e;

	cmd_check(jt_object_parse(x->tx, &o, &e), &e);
	cmd_check(jt_kind_of(&jt_all_kinds, &o, &kind, &e), &e);
	cmd_check(jt_tx_decode(kind, &o, &tx, &s, zone, &e), &e);
	jt_state_key(key, tx->from, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	for (size_t i = 0; i < x->count; i++)
		if (memcmp(x->touched[i].key, key, JT_HASH) == 0 && x->touched[i].was.len > 0)
			cmd_check(jt_account_decode(x->touched[i].was, &from, zone, &e), &e);
	tell_signers(&from, &s);
}

/* A value as it is printed: an empty one as "none". */
static int
width(const struct jt_buf *b)
{
	return b->len == 0 ? 4 : b->len > 400 ? 400 : (int)b->len;
}

static const char *
words(const struct jt_buf *b)
{
	return b->len == 0 ? "none" : (const char *)b->data;
}

/* An address that is absent is none, not the address of all zeros. */
static enum jt_err
show_value(const struct jt_field *f, const struct jt_account *a, struct jt_buf *text,
    struct jt_error *e)
{
	jt_buf_clear(text);
	return f->type == JT_ADDRESS && jt_field_absent(f, a) ? JT_OK
	    : jt_show_field(f, a, text, e);
}

/* What changed between two states of an account, field by field. */
static void
tell_changes(const struct jt_account *was, const struct jt_account *is)
{
	const struct jt_schema *schema = jt_kind_account.schema;
	static struct jt_buf a = { .max = SIZE_MAX / 2 }, b = { .max = SIZE_MAX / 2 };
	struct jt_error e;

	for (size_t i = 0; i < schema->count; i++) {
		const struct jt_field *f = &schema->fields[i];
		if (f->type == JT_ADDRESS && jt_field_absent(f, was) && f->offset == 0)
			continue; /* its own name, when it was made */
		if (show_value(f, was, &a, &e) != JT_OK || show_value(f, is, &b, &e) != JT_OK ||
		    jt_slice_equal(jt_buf_slice(&a), jt_buf_slice(&b)))
			continue;
		cmd_print(&out, "  %s: %.*s -> %.*s\n", f->name, width(&a), words(&a), width(&b),
		    words(&b));
	}
}

static void
tell_entry(const struct jt_touched *t, msgpack_zone *zone)
{
	struct jt_account was = { 0 }, is = { 0 };
	char address[JT_ADDRESS_TEXT];
	struct jt_error e;
	struct jt_slice some = t->is.len > 0 ? t->is : t->was;

	if (some.len == 0) {
		cmd_print(&out, "read: an account that is not there\n");
		return;
	}
	if (t->was.len > 0)
		cmd_check(jt_account_decode(t->was, &was, zone, &e), &e);
	if (t->is.len > 0)
		cmd_check(jt_account_decode(t->is, &is, zone, &e), &e);
	jt_address_format(t->is.len > 0 ? is.account : was.account, address);
	if (jt_slice_equal(t->was, t->is)) {
		cmd_print(&out, "read: account %s, unchanged\n", address);
		return;
	}
	cmd_print(&out, "%s: account %s\n", t->was.len == 0 ? "made" : "changed", address);
	tell_changes(&was, &is);
}

int
main(int argc, char **argv)
{
	const char *network = NULL, *dir = NULL, *path = NULL;
	struct jt_explanation x;
	uint8_t id[JT_HASH];
	struct jt_place place;
	struct jt_slice object;
	struct jt_replay r;
	struct jt_ledger from;
	struct jt_error e;
	msgpack_zone zone;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		*(c == 'N' ? &network : c == 'd' ? &dir : &path) = cmd_value;
	if (cmd_operand_count != 1 ||
	    !jt_hex_parse(jt_slice_text(cmd_operands[0]), id, JT_HASH))
		cmd_usage("expected the id of a transaction, 64 hex digits");
	dir = cmd_dir(dir);
	cmd_ledger_open(&from, network, dir, JT_STORE_READ, false);
	cmd_check(jt_ledger_tx(&from, id, &place, &object, &e), &e);
	if (object.len == 0)
		die(JT_NO, "no transaction %s up to ledger %" PRIu64, cmd_operands[0],
		    from.head.number);
	cmd_output_open(&out, path);
	cmd_replay_start(&r, &from, network, dir);
	r.verified = true;
	while (r.to.head.number + 1 < place.ledger) {
		cmd_work_pause();
		cmd_progress("ledger", r.to.head.number, place.ledger);
		cmd_check(jt_replay_next(&r, &e), &e);
	}
	cmd_progress(NULL, 0, 0);
	cmd_check(jt_explain(&r, &place, &x, &e), &e);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	tell_place(&x, cmd_operands[0]);
	tell_terms(&from.terms);
	tell_fields(&x);
	tell_authority(&x, &zone);
	for (size_t i = 0; i < x.count; i++)
		tell_entry(&x.touched[i], &zone);
	msgpack_zone_destroy(&zone);
	jt_explain_end(&x);
	jt_replay_end(&r);
	cmd_work_end();
	jt_ledger_close(&from);
	return cmd_end();
}
