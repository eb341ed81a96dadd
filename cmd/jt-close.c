/*
 * jt-close: transactions and hash records in, ledger headers out.
 *
 * Reads both and closes a ledger when the input ends, or, fed by a
 * vote (--voted), reads parts and payload and closes one at each jt/cut. What
 * is closed is durable before its header is printed; under load several ledgers
 * share one commit. First of all it prints where it stands (jt/at) and every
 * header that is not certified yet, so that a vote can resend exactly what is
 * missing; a vote hears so again with each commit.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "key/beacon.h"
#include "closer.h"
#include "cmd.h"
#include "store.h"
#include "waiting.h"

#define TOO_LATE "expected a year up to 9998, behind which there is time for later ledgers"

static const struct cmd_option options[] = {
	CMD_DIR,
	CMD_KEY,
	CMD_OUTPUT,
	{ 'r', "results", "FILE", "also write what became of each transaction and record (jt/result)" },
	{ 't', "time", "TIME", "the ledger's time: 2017-03-01T12:00:00Z (default: now)" },
	{ CMD_OPT_EMPTY, "empty", NULL, "close a ledger even when nothing is admissible" },
	CMD_PASS_FD,
	{ CMD_OPT_SALT, "salt", "HEX", "key of the order inside the ledger (default: zeros)" },
	{ CMD_OPT_VERIFIED, "verified", NULL, "the signatures were verified before: do not again" },
	CMD_VOTED,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-close",
	.synopsis = "[-d DIR] [-k KEY] [-t TIME] [--salt HEX] [-r RESULTS] [--empty] [--verified] "
	            "[--voted] [FILE...]",
	.options = options,
	.secrets = true,
};

static struct closer me;
static struct cmd_input input;
static struct waiting waiting;
static uint64_t part_left;     /* objects of the part at hand that may still come */
static uint8_t author[JT_KEY]; /* of that part */

/* The stream contradicts itself: nothing more is closed. */
static _Noreturn void broken(const struct cmd_input *in, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void
broken(const struct cmd_input *in, const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	closer_drop(&me);
	die(JT_MALFORMED, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, why);
}

static void
take_transaction(const struct cmd_input *in, const struct jt_object *o)
{
	struct jt_error e;
	enum jt_err err = waiting_add(&waiting, o->bytes, &e);

	if (err == JT_MALFORMED)
		broken(in, "%s", e.text);
	closer_check(&me, err, &e);
}

static void
take_record(const struct cmd_input *in, const struct jt_object *o)
{
	struct jt_error e;
	enum jt_err err = waiting_add_record(&waiting, o->bytes, me.voted ? author : NULL, &e);

	if (err == JT_MALFORMED)
		broken(in, "%s", e.text);
	closer_check(&me, err, &e);
}

/* The object as a value that points nowhere: cuts and parts have no text and no lists. */
static void
read_flat(const struct jt_kind *kind, const struct jt_object *o, void *value)
{
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	closer_check(&me, jt_kind_read(kind, o, value, &zone, &e), &e);
	msgpack_zone_destroy(&zone);
}

static void
take_cut(const struct cmd_input *in, const struct jt_object *o)
{
	struct jt_cut cut;

	read_flat(&jt_kind_cut, o, &cut);
	if (cut.n > me.ledger.cut) {
		if (cut.n != me.ledger.cut + 1)
			broken(in, "cut %" PRIu64 ", expected %" PRIu64, cut.n, me.ledger.cut + 1);
		if (cut.time > JT_CUT_TIME_MAX)
			broken(in, "time: " TOO_LATE);
		closer_close(&me, &waiting, &cut);
		return;
	}
	/* Applied before, the vote did not know yet. Its items are in, or were refused. */
	waiting_clear(&waiting);
}

/* Certified elsewhere: store it and pass it on; another one than ours is the end. */
static void
take_header(const struct cmd_input *in, const struct jt_object *o)
{
	struct jt_signing signing;
	struct jt_error e;
	enum jt_err err;
	bool end;

	closer_check(&me, jt_ledger_begin(&me.ledger, &e), &e);
	err = jt_ledger_sign(&me.ledger, o, &signing, &e);
	if (err == JT_OK && signing.certified)
		closer_offer(&me, jt_buf_slice(&signing.joined), true);
	jt_buf_free(&signing.joined);
	end = signing.differs && signing.quorum; /* one validator alone cannot end us */
	if (end)
		closer_drop(&me);
	if (err != JT_OK)
		cmd_object_error(in, &e);
	if (signing.differs && !me.voted)
		hint(CMD_CLOSE_ALIKE);
	if (end) {
		cmd_remember(JT_NO); /* whoever it came from */
		cmd_give_up();
	}
	closer_dirty(&me, 0);
}

static void
take(const struct cmd_input *in, const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_part part;
	bool vote = row == &jt_kind_part || row == &jt_kind_cut;

	if (vote && !me.voted) {
		cmd_object_complain(in, JT_MALFORMED, "jt/%s, but the input is no vote's (--voted)",
		    row->name);
	} else if (row == &jt_kind_part) {
		read_flat(row, o, &part);
		part_left = part.count;
		memcpy(author, part.author, JT_KEY);
	} else if (row == &jt_kind_cut) {
		part_left = 0;
		take_cut(in, o);
	} else if (row->flags & (JT_KIND_TRANSACTION | JT_KIND_RECORD)) {
		bool record = row->flags & JT_KIND_RECORD;
		/* Fewer than the part says are fine: jt-verify may have taken some out. */
		if (me.voted && part_left-- == 0)
			broken(in, "a %s outside of a part", record ? "record" : "transaction");
		(record ? take_record : take_transaction)(in, o);
	} else if (row == &jt_kind_header) {
		take_header(in, o);
	} else if (row != &jt_kind_at && row != &jt_kind_beacon && row != &jt_kind_result) {
		cmd_object_complain(in, JT_MALFORMED, "jt/%s does not enter ledgers", row->name);
	}
}

static void
check_key(void)
{
	const struct jt_validator *v = me.ledger.genesis.validators.items;

	if (me.key->pub.role != JT_ROLE_VALIDATOR)
		die(JT_PERMISSION, "expected a validator's key, found one of role %s",
		    jt_roles[me.key->pub.role]);
	for (uint32_t i = 0; i < me.ledger.genesis.validators.count; i++)
		if (memcmp(v[i].key, me.key->pub.key, JT_KEY) == 0)
			return;
	die(JT_CONFIG, "the key is of no validator of this network");
}

/* A bad object may be the last for a while; one that breaks the stream off closes nothing. */
static void
catch_up(void)
{
	if (!input.reader.broken)
		closer_commit(&me);
}

static void
run(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	while (cmd_next(&input, &o, &row)) {
		take(&input, &o, row);
		if (closer_due(&me) || (me.dirty_since != 0 && cmd_dry(&input)))
			closer_commit(&me);
	}
}

static struct {
	const char *dir, *path, *results, *key;
	struct jt_cut cut; /* at the end of the input */
	bool has_time, has_salt;
	int pass_fd;
} said = { .pass_fd = -1 };

static void
take_option(int c)
{
	if (c == 'd') {
		said.dir = cmd_value;
	} else if (c == 'k') {
		said.key = cmd_value;
	} else if (c == 'o') {
		said.path = cmd_value;
	} else if (c == 'r') {
		said.results = cmd_value;
	} else if (c == 't') {
		said.cut.time = cmd_value_time();
		if (said.cut.time > JT_CUT_TIME_MAX)
			cmd_usage("option -t: " TOO_LATE);
		said.has_time = true;
	} else if (c == CMD_OPT_EMPTY) {
		me.close.empty = true;
	} else if (c == CMD_OPT_PASS_FD) {
		said.pass_fd = cmd_value_fd();
	} else if (c == CMD_OPT_SALT) {
		cmd_value_hash(said.cut.salt);
		said.has_salt = true;
	} else if (c == CMD_OPT_VERIFIED) {
		me.close.verified = true;
	} else {
		me.voted = true;
	}
}

/* The end of loose transactions and records is their cut. */
static void
close_loose(void)
{
	if (!me.close.empty)
		cmd_need_input(&input);
	if (waiting.count + waiting.record_count == 0 && !me.close.empty)
		return;
	said.cut.n = me.ledger.cut + 1;
	if (!said.has_time)
		said.cut.time = cmd_now_ms();
	closer_close(&me, &waiting, &said.cut);
	if (!me.close.closed)
		complain(JT_NO, "nothing admissible: no ledger closed");
}

int
main(int argc, char **argv)
{
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		take_option(c);
	if (me.voted && (said.has_time || said.has_salt))
		cmd_usage("option %s: with --voted the cuts say it",
		    said.has_time ? "-t" : "--salt");
	waiting_init(&waiting);
	closer_open(&me, cmd_dir(said.dir), said.path, said.results);
	if (said.key != NULL) {
		me.key = cmd_key_load(said.key, said.pass_fd);
		check_key();
	}
	closer_greet(&me);
	cmd_input_open(&input, cmd_operands);
	input.foreign = input.together = me.voted;
	input.catch_up = catch_up;
	run();
	if (!me.voted)
		close_loose();
	closer_commit(&me);
	waiting_free(&waiting);
	closer_end(&me);
	return cmd_end();
}
