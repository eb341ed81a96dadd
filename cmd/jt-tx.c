/*
 * jt-tx: words in, unsigned transactions out.
 *
 * FIELD=VALUE words make one transaction; with -c each row of a CSV file makes
 * one, its columns are fields, and the words are what all rows have in common.
 * What is left out comes from the ledger (-d), a server (-s) or proofs of the
 * sender's account (-p): seq is the lowest free number, fee the network's times the
 * signatures the account may need, last a thousand ledgers from now.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "base/csv.h"
#include "base/num.h"
#include "base/text.h"
#include "cmd.h"
#include "kind/tx.h"
#include "object/view.h"
#include "senders.h"
#include "value.h"

enum {
	FIELDS_MAX = 64,
	LEDGERS_AHEAD = 1000, /* the default of last */
	CSV_BYTES_MAX = 256 << 20
};

static const struct cmd_option options[] = {
	CMD_NETWORK,
	{ 'c', "list", "FILE", "one transaction for each row; the first row names the fields" },
	CMD_DIR,
	CMD_OUTPUT,
	{ 'p', "proof", "FILE", "take the sender's account from a proof instead of a ledger" },
	CMD_SERVER,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-tx",
	.synopsis = "[-N NETWORK] [-d DIR | -s SERVER | -p PROOF...] [-c CSV] [-o FILE] KIND "
	            "FIELD=VALUE...",
	.options = options,
};

/* One field as given: on the command line (line 0) or in a row. */
struct word {
	const struct jt_field *field;
	struct jt_slice text;
};

static struct {
	const struct jt_kind *kind;
	struct senders senders;
	msgpack_zone *zone; /* for one transaction */
	struct cmd_output out;
} me;

/* ---- values ---- */

/* "+N" for last is N ledgers from the newest one, for until N seconds from now. */
static enum jt_err
relative(const struct jt_field *f, struct jt_slice text, uint64_t *out, struct jt_error *e)
{
	struct jt_slice digits = { text.data + 1, text.len - 1 };
	bool last = strcmp(f->name, "last") == 0;
	uint64_t base;

	if (last)
		senders_need(&me.senders);
	base = last ? me.senders.number : cmd_now_ms();
	if (last && !me.senders.known)
		return jt_fail(e, JT_USAGE, "last: +N needs a ledger or a proof to count from");
	if (!jt_u64_parse(digits, out) || (!last && !jt_mul(*out, 1000, out)) ||
	    !jt_add(*out, base, out))
		return jt_fail(e, JT_USAGE, "%s: expected +NUMBER, not \"%.*s\"", f->name,
		    (int)text.len, (const char *)text.data);
	return JT_OK;
}

static enum jt_err
set_field(struct jt_tx *tx, const struct word *w, struct jt_error *e)
{
	const struct jt_field *f = w->field;

	if (w->text.len > 1 && w->text.data[0] == '+' &&
	    (strcmp(f->name, "last") == 0 || strcmp(f->name, "until") == 0))
		return relative(f, w->text, (uint64_t *)(void *)((uint8_t *)tx + f->offset), e);
	return cmd_field_value(f, w->text, tx, me.zone, e);
}

static bool
is_filled_in(const struct jt_field *f)
{
	return strcmp(f->name, "network") == 0 || strcmp(f->name, "fee") == 0 ||
	    strcmp(f->name, "seq") == 0 || strcmp(f->name, "last") == 0;
}

/* What was not given: network, fee, seq, last. */
static enum jt_err
fill_in(struct jt_tx *tx, bool has_fee, bool has_seq, bool has_last, struct jt_error *e)
{
	const struct jt_terms *terms = &me.senders.terms;
	struct jt_account from;
	bool exists;
	enum jt_err err;

	if (!has_seq)
		senders_need(&me.senders);
	err = senders_get(&me.senders, tx->from, &from, &exists, me.zone, e);
	if (err != JT_OK)
		return err;
	if (jt_hash_is_zero(tx->network))
		memcpy(tx->network, terms->network, JT_HASH);
	if (!has_fee && !jt_mul(terms->fee, from.signers.count ? from.signers.count : 1,
	    &tx->fee))
		return jt_fail(e, JT_CONFIG, "fee: the network's is too large");
	if (!has_last && me.senders.known)
		tx->last = me.senders.number + LEDGERS_AHEAD;
	if (!has_seq) {
		if (!me.senders.known)
			return jt_fail(e, JT_USAGE,
			    "seq: missing, and no ledger (-d), server (-s) or proof (-p) to take it from");
		if (!senders_knows(&me.senders, tx->from))
			return jt_fail(e, JT_USAGE, "from: no proof of this account was given (-p)");
		if (!exists)
			return jt_fail(e, JT_NO, "from: no such account in ledger %" PRIu64,
			    me.senders.number);
		/* One ahead of the window may have been given to a row before. */
		for (tx->seq = jt_seq_lowest(&from, 0); !senders_take(&me.senders, tx->from, tx->seq);
		    tx->seq = jt_seq_lowest(&from, 0))
			jt_seq_take(&from, tx->seq);
	} else if (!senders_take(&me.senders, tx->from, tx->seq))
		return jt_fail(e, JT_USAGE, "seq: a row before has this account's %" PRIu64, tx->seq);
	if (exists && jt_seq_look(&from, tx->seq) == JT_SEQ_FREE) {
		jt_seq_take(&from, tx->seq);
		return senders_put(&me.senders, &from, e);
	}
	return JT_OK;
}

/* ---- transactions ---- */

static bool
given(const struct word *words, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].field->name, name) == 0)
			return true;
	return false;
}

static enum jt_err
build(const struct word *words, size_t count, struct jt_error *e)
{
	struct jt_buf body, object;
	struct jt_tx *tx;
	enum jt_err err = JT_OK;

	msgpack_zone_clear(me.zone);
	tx = msgpack_zone_malloc(me.zone, me.kind->schema->size);
	if (tx == NULL)
		die(JT_SYSTEM, "out of memory");
	memset(tx, 0, me.kind->schema->size);
	for (size_t i = 0; i < count && err == JT_OK; i++)
		err = set_field(tx, &words[i], e);
	for (size_t i = 0; i < me.kind->schema->count && err == JT_OK; i++) {
		const struct jt_field *f = &me.kind->schema->fields[i];
		if (!(f->flags & JT_OPTIONAL) && !is_filled_in(f) && !given(words, count, f->name))
			err = jt_fail(e, JT_USAGE, "%s: missing: %s", f->name, f->help);
	}
	if (err == JT_OK)
		err = fill_in(tx, given(words, count, "fee"), given(words, count, "seq"),
		    given(words, count, "last"), e);
	if (err == JT_OK && tx->seq == 0)
		err = jt_fail(e, JT_USAGE, "seq: expected 1 or more, found 0");
	if (err == JT_OK && me.kind->rule->check != NULL)
		err = me.kind->rule->check(tx, e);
	jt_buf_init(&body, JT_TX_MAX);
	jt_buf_init(&object, JT_TX_MAX);
	if (err == JT_OK)
		err = jt_encode(me.kind->schema, tx, &body, e);
	if (err == JT_OK)
		err = jt_signed_write(&object, jt_slice_text(me.kind->name), me.kind->version,
		    jt_buf_slice(&body), NULL, 0, e);
	if (err == JT_OK)
		cmd_write(&me.out, jt_buf_slice(&object));
	jt_buf_free(&body);
	jt_buf_free(&object);
	return err == JT_MALFORMED ? (e->code = JT_USAGE) : err;
}

static const struct jt_field *
field_named(struct jt_slice name)
{
	const struct jt_field *f = jt_schema_field(me.kind->schema, name);

	if (f == NULL)
		die(JT_USAGE, "jt/%s has no field \"%.*s\" (jt-tx %s shows them)", me.kind->name,
		    (int)name.len, (const char *)name.data, me.kind->name);
	return f;
}

/* FIELD=VALUE, or FIELD=@FILE for the bytes of a file without its last line end. */
static struct word
read_word(char *arg)
{
	char *equals = strchr(arg, '=');
	struct jt_buf file;
	struct jt_error e;
	struct word w;

	if (equals == NULL)
		cmd_usage("expected FIELD=VALUE, not \"%s\"", arg);
	w.field = field_named((struct jt_slice){ (uint8_t *)arg, (size_t)(equals - arg) });
	w.text = jt_slice_text(equals + 1);
	if (equals[1] == '@') {
		jt_buf_init(&file, JT_TX_MAX); /* lasts as long as the program */
		cmd_check(jt_file_read(equals + 2, &file, &e), &e);
		if (file.len > 0 && file.data[file.len - 1] == '\n')
			file.len--;
		w.text = jt_buf_slice(&file);
	}
	return w;
}

/* The words, and over them the cells of a row that are not empty. */
static size_t
merge(struct word out[2 * FIELDS_MAX], const struct word *words, size_t count,
    const struct jt_field *const *columns, const struct jt_csv *row)
{
	size_t n = 0;

	for (size_t i = 0; i < row->count; i++)
		if (row->field[i].len > 0)
			out[n++] = (struct word){ columns[i], row->field[i] };
	for (size_t i = 0, cells = n; i < count; i++)
		if (!given(out, cells, words[i].field->name))
			out[n++] = words[i];
	return n;
}

/* The first row of a file: the names of fields. */
static void
read_columns(const char *path, const struct jt_csv *row, const struct jt_field **columns)
{
	for (size_t i = 0; i < row->count; i++) {
		struct jt_slice name = row->field[i];

		columns[i] = jt_schema_field(me.kind->schema, name);
		if (columns[i] == NULL) {
			complain(JT_MALFORMED, "%s:%" PRIu64 ": jt/%s has no field \"%.*s\" (jt-tx %s "
			    "shows them)", path, row->line, me.kind->name, (int)name.len,
			    (const char *)name.data, me.kind->name);
			if (memchr(name.data, ';', name.len) != NULL ||
			    memchr(name.data, '\t', name.len) != NULL)
				hint("commas separate the fields");
			cmd_give_up();
		}
		for (size_t k = 0; k < i; k++)
			if (columns[k] == columns[i])
				die(JT_MALFORMED, "%s:%" PRIu64 ": %s: two columns of this name", path,
				    row->line, columns[i]->name);
	}
}

static void
build_rows(const char *path, const struct word *words, size_t count)
{
	const struct jt_field *columns[JT_CSV_FIELDS];
	struct word merged[2 * FIELDS_MAX];
	struct jt_csv csv = { 0 };
	struct jt_buf file;
	struct jt_error e;
	size_t width;

	jt_buf_init(&file, CSV_BYTES_MAX);
	if (strcmp(path, "-") == 0)
		cmd_check(jt_file_read_fd(0, path = "stdin", &file, &e), &e);
	else
		cmd_check(jt_file_read(path, &file, &e), &e);
	csv.rest = jt_buf_slice(&file);
	jt_buf_init(&csv.text, SIZE_MAX / 2);
	if (jt_csv_next(&csv, &e) != JT_OK)
		die(JT_MALFORMED, "%s:%" PRIu64 ": %s", path, csv.line, e.text);
	if (csv.count == 0)
		die(JT_NOINPUT, "%s: empty", path);
	width = csv.count;
	read_columns(path, &csv, columns);
	for (;;) {
		if (jt_csv_next(&csv, &e) != JT_OK)
			die(JT_MALFORMED, "%s:%" PRIu64 ": %s", path, csv.line, e.text);
		if (csv.count == 0)
			break;
		if (csv.count != width)
			die(JT_MALFORMED, "%s:%" PRIu64 ": expected %zu fields, found %zu", path,
			    csv.line, width, csv.count);
		if (build(merged, merge(merged, words, count, columns, &csv), &e) != JT_OK)
			die(e.code == JT_USAGE ? JT_MALFORMED : e.code, "%s:%" PRIu64 ": %s", path,
			    csv.line, e.text);
	}
	jt_buf_free(&csv.text);
	jt_buf_free(&file);
}

/* A kind without any words: its fields, as the manual's table has them. */
static void
show_fields(void)
{
	const struct jt_schema *s = me.kind->schema;

	cmd_print(&me.out, "jt/%s: %s\n", me.kind->name, me.kind->help);
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		cmd_print(&me.out, "  %-8s %-9s %s\n", f->name, is_filled_in(f) ? "filled in"
		    : f->flags & JT_OPTIONAL ? "optional" : "", f->help);
	}
}

static const struct jt_kind *
kind_named(const char *name)
{
	const struct jt_kind *kind = jt_kind_named(&jt_all_kinds, jt_slice_text(name));
	char known[256] = "";

	if (kind != NULL && (kind->flags & JT_KIND_TRANSACTION))
		return kind;
	for (size_t i = 0; i < jt_all_kinds.count; i++)
		if (jt_all_kinds.rows[i]->flags & JT_KIND_TRANSACTION) {
			strncat(known, " ", sizeof known - strlen(known) - 1);
			strncat(known, jt_all_kinds.rows[i]->name, sizeof known - strlen(known) - 1);
		}
	cmd_usage("no kind of transaction is called \"%s\"; there are:%s", name, known);
}

int
main(int argc, char **argv)
{
	const char *network = NULL, *dir = NULL, *csv = NULL, *path = NULL;
	const char *server = NULL;
	const char *proofs[SENDERS_PROOFS + 1] = { NULL };
	static struct word words[FIELDS_MAX];
	size_t count = 0, proof_count = 0;
	struct jt_error e;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'p' && proof_count == SENDERS_PROOFS)
			cmd_usage("-p: more than %d", SENDERS_PROOFS);
		if (c == 'p')
			proofs[proof_count++] = cmd_value;
		else
			*(c == 'N' ? &network : c == 'd' ? &dir : c == 'c' ? &csv :
			    c == 's' ? &server : &path) = cmd_value;
	}
	if (cmd_operand_count == 0)
		cmd_usage("expected a kind of transaction");
	if ((dir != NULL || server != NULL) && proof_count > 0)
		cmd_usage("-%c and -p: one of them", dir != NULL ? 'd' : 's');
	me.kind = kind_named(cmd_operands[0]);
	if (cmd_operand_count > FIELDS_MAX)
		cmd_usage("more than %d fields", FIELDS_MAX - 1);
	if (cmd_operand_count == 1 && csv == NULL) {
		cmd_output_open(&me.out, path);
		show_fields();
		return cmd_end();
	}
	for (int i = 1; i < cmd_operand_count; i++) {
		words[count] = read_word(cmd_operands[i]);
		if (given(words, count, words[count].field->name))
			cmd_usage("%s: given twice", words[count].field->name);
		count++;
	}
	if ((me.zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	senders_open(&me.senders, network, cmd_dir_maybe(dir), server, proofs);
	if (server != NULL)
		senders_need(&me.senders);
	cmd_output_open(&me.out, path);
	if (csv != NULL)
		build_rows(csv, words, count);
	else if (build(words, count, &e) != JT_OK)
		die_error(&e);
	senders_close(&me.senders);
	msgpack_zone_free(me.zone);
	return cmd_end();
}
