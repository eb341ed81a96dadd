/*
 * jt-certify: signed headers in, certificates out.
 *
 * Joins the signatures of validators to the headers of a ledger directory, and
 * prints each header that reached a quorum. By hand what a vote does in a node.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"
#include "cmd.h"
#include "store.h"

static const struct cmd_option options[] = {
	CMD_DIR,
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-certify",
	.synopsis = "[-d DIR] [-o FILE] [FILE...]",
	.options = options,
};

static struct jt_ledger ledger;
static struct cmd_input in;

/* Numbers of the ledgers whose headers came in this run. */
static struct {
	uint64_t *numbers;
	size_t count, cap;
} named;

static void
note(uint64_t number)
{
	if (named.count == named.cap) {
		size_t cap = named.cap ? named.cap * 2 : 64;
		uint64_t *grown = realloc(named.numbers, cap * sizeof *grown);
		if (grown == NULL)
			die(JT_SYSTEM, "out of memory");
		named.numbers = grown;
		named.cap = cap;
	}
	named.numbers[named.count++] = number;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* So that a closer never waits for our input. */
static void
commit(void)
{
	struct jt_error e;

	cmd_check(jt_ledger_commit(&ledger, &e), &e);
}

static void
catch_up(void)
{
	if (!in.reader.broken)
		commit();
}

static void
take(const struct jt_object *o)
{
	struct jt_signing signing;
	struct jt_header h;
	struct jt_error e;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	err = jt_ledger_sign(&ledger, o, &signing, &e);
	if (err == JT_OK)
		err = jt_header_decode(o, &h, NULL, &zone, &e);
	if (err != JT_OK)
		cmd_object_error(&in, &e);
	else
		note(h.number);
	if (signing.differs)
		hint(CMD_CLOSE_ALIKE);
	jt_buf_free(&signing.joined);
	msgpack_zone_destroy(&zone);
}

/* Every ledger that was named, certified or not. */
static void
report(struct jt_ledger *l, struct cmd_output *out)
{
	struct jt_slice header;
	struct jt_error e;
	uint32_t good;
	bool certified;

	if (named.count > 0)
		qsort(named.numbers, named.count, sizeof *named.numbers, by_number);
	for (size_t i = 0; i < named.count; i++) {
		uint64_t n = named.numbers[i];
		if (i > 0 && n == named.numbers[i - 1])
			continue;
		cmd_check(jt_ledger_certified(l, n, &certified, &good, &e), &e);
		cmd_check(jt_ledger_header(l, n, &header, &e), &e);
		if (certified)
			cmd_write(out, header);
		else
			complain(JT_NO, "ledger %" PRIu64 ": %" PRIu32 " of %" PRIu32
			    " signatures", n, good, jt_quorum(l->genesis.validators.count));
	}
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *path = NULL;
	const struct jt_kind *row;
	struct cmd_output out;
	struct jt_object o;
	struct jt_error e;
	bool met = false;
	uint64_t last;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		*(c == 'd' ? &dir : &path) = cmd_value;
	dir = cmd_dir(dir);
	cmd_ledger_open(&ledger, NULL, dir, JT_STORE_SHORT, false);
	cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	in.catch_up = catch_up;
	while (cmd_next(&in, &o, &row)) {
		/* jt/at and results come along from jt-close. */
		if (row == &jt_kind_header) {
			met = true;
			cmd_check(jt_ledger_begin(&ledger, &e), &e);
			take(&o);
		}
		if (cmd_dry(&in))
			commit();
	}
	cmd_need_input(&in);
	if (in.good > 0 && !met)
		die(JT_NOINPUT, "no header came in");
	cmd_check(jt_ledger_begin(&ledger, &e), &e);
	cmd_check(jt_ledger_all_certified(&ledger, &last, &e), &e);
	cmd_check(jt_ledger_commit(&ledger, &e), &e);
	jt_ledger_close(&ledger);
	cmd_ledger_open(&ledger, NULL, dir, JT_STORE_READ, false);
	report(&ledger, &out);
	free(named.numbers);
	jt_ledger_close(&ledger);
	return cmd_end();
}
