/*
 * jt-close: transactions in, ledger headers out.
 *
 * Reads transactions and closes a ledger when the input ends, or, fed by a
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
#include "base/num.h"
#include "base/text.h"
#include "cmd.h"
#include "ledger/close.h"
#include "store.h"

#define TOO_LATE "expected a year up to 9998, behind which there is time for later ledgers"

enum { OPT_VOTED = CMD_OPT_OWN };

enum {
	COMMIT_MS = 100,         /* the longest that a closed ledger waits to be durable */
	COMMIT_BYTES = 16 << 20, /* as many bytes of transactions do not wait */
	REFUSED_SHOWN = 10       /* lines about refused transactions, at most */
};

static const struct cmd_option options[] = {
	CMD_DIR,
	CMD_KEY,
	CMD_OUTPUT,
	{ 'r', "results", "FILE", "also write what became of each transaction (jt/result)" },
	{ 't', "time", "TIME", "the ledger's time: 2017-03-01T12:00:00Z (default: now)" },
	{ CMD_OPT_EMPTY, "empty", NULL, "close a ledger even when nothing is admissible" },
	CMD_PASS_FD,
	{ CMD_OPT_SALT, "salt", "HEX", "key of the order inside the ledger (default: zeros)" },
	{ CMD_OPT_VERIFIED, "verified", NULL, "the signatures were verified before: do not again" },
	{ OPT_VOTED, "voted", NULL, "the input is a vote's: parts, their transactions, cuts" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-close",
	.synopsis = "[-d DIR] [-k KEY] [-t TIME] [--salt HEX] [-r RESULTS] [--empty] [--verified] "
	            "[--voted] [FILE...]",
	.options = options,
	.secrets = true,
};

/* Transactions waiting for their cut; their bytes are in `bytes`, one after the other. */
struct waiting {
	struct jt_item *items;
	size_t count, cap;
	struct jt_buf bytes;
};

static struct {
	struct jt_ledger ledger;
	struct jt_secret_key *key;
	struct cmd_input in;
	struct cmd_output out, results;
	bool want_results;
	struct jt_close close;
	struct waiting waiting;
	struct jt_buf headers;  /* closed, not yet durable, not yet printed */
	struct jt_buf outcomes; /* the same of results */
	uint64_t dirty_since;   /* ms, 0 when all is durable */
	size_t dirty_bytes;
	bool voted;             /* cuts come in the input, and its end is none */
} me;

static void
check(enum jt_err err, const struct jt_error *e)
{
	if (err == JT_OK)
		return;
	jt_ledger_close(&me.ledger); /* nothing that is not durable stays */
	die(err, "%s", e->text);
}

/* Write the objects in b, and empty it. */
static void
drain(struct cmd_output *out, struct jt_buf *b)
{
	struct jt_error e;
	size_t size;

	for (size_t at = 0; at < b->len; at += size) {
		struct jt_slice rest = { b->data + at, b->len - at };
		check(jt_object_size(rest, &size, &e), &e);
		cmd_write(out, (struct jt_slice){ rest.data, size });
	}
	jt_buf_clear(b);
}

static void
note_at(void)
{
	struct jt_at at = { me.ledger.cut, me.ledger.head.number };
	struct jt_error e;

	check(jt_kind_write(&jt_kind_at, &at, &me.headers, &e), &e);
}

/* Make durable what is closed, then say so. */
static void
commit(void)
{
	struct jt_error e;

	check(jt_ledger_commit(&me.ledger, &e), &e);
	if (me.voted && me.dirty_since != 0)
		note_at(); /* a cut that closed no ledger shows nowhere else */
	drain(&me.out, &me.headers);
	if (me.want_results)
		drain(&me.results, &me.outcomes);
	me.dirty_since = 0;
	me.dirty_bytes = 0;
}

static void
keep(struct jt_buf *b, struct jt_slice object)
{
	if (!jt_buf_add_slice(b, object))
		die(JT_SYSTEM, "out of memory");
}

/* A certificate: whoever waits for results can prove them from now on. */
static void
keep_certificate(struct jt_slice header)
{
	keep(&me.headers, header);
	if (me.want_results && me.voted)
		keep(&me.outcomes, header);
}

/* Queue the stored header of a ledger for printing, signed when there is a key. */
static void
offer(uint64_t number)
{
	struct jt_slice header;
	struct jt_error e;
	bool certified;
	uint32_t good;

	if (me.key != NULL) {
		check(jt_ledger_begin(&me.ledger, &e), &e);
		check(jt_ledger_sign_own(&me.ledger, number, me.key->pub.key, me.key->sign, &e), &e);
	}
	check(jt_ledger_header(&me.ledger, number, &header, &e), &e);
	check(jt_ledger_certified(&me.ledger, number, &certified, &good, &e), &e);
	if (certified)
		keep_certificate(header);
	else
		keep(&me.headers, header);
}

static void
note_results(const struct jt_close *c)
{
	struct jt_error e;

	for (size_t i = 0; me.want_results && i < c->count; i++) {
		const struct jt_item *item = &c->items[i];
		struct jt_result r = { .code = item->code, .why = jt_slice_text(item->why) };
		memcpy(r.id, item->id, JT_HASH);
		if (jt_code_rows[item->code].outcome != JT_REFUSED) {
			r.ledger = c->header.number;
			r.index = item->index;
			r.why.len = 0;
		}
		check(jt_kind_write(&jt_kind_result, &r, &me.outcomes, &e), &e);
	}
}

/* A person should hear of what was refused; a flood of it should not drown them. */
static void
tell_refused(const struct jt_close *c)
{
	char id[2 * JT_HASH + 1];
	size_t refused = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct jt_item *item = &c->items[i];
		if (jt_code_rows[item->code].outcome != JT_REFUSED || refused++ >= REFUSED_SHOWN)
			continue;
		jt_hex_format(item->id, JT_HASH, id);
		complain(JT_OK, "refused %s: %s%s%s", id, jt_code_words[item->code],
		    item->why[0] ? ": " : "", item->why);
	}
	if (refused > REFUSED_SHOWN)
		complain(JT_OK, "refused %zu more", refused - REFUSED_SHOWN);
}

static void
close_ledger(const struct jt_cut *cut)
{
	struct jt_error e;

	/* The buffer may have moved while it grew: point the items into it now. */
	for (size_t i = 0, at = 0; i < me.waiting.count; i++) {
		me.waiting.items[i].object.data = me.waiting.bytes.data + at;
		at += me.waiting.items[i].object.len;
	}
	me.close.items = me.waiting.items;
	me.close.count = me.waiting.count;
	check(jt_close_ledger(&me.ledger, cut, &me.close, &e), &e);
	note_results(&me.close);
	if (me.close.closed)
		offer(me.close.header.number);
	if (!me.voted)
		tell_refused(&me.close);
	if (me.dirty_since == 0)
		me.dirty_since = cmd_now_ms();
	me.dirty_bytes += me.waiting.bytes.len;
	me.waiting.count = 0;
	jt_buf_clear(&me.waiting.bytes);
}

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
	jt_ledger_close(&me.ledger);
	die(JT_MALFORMED, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, why);
}

static void
take_transaction(const struct cmd_input *in, const struct jt_object *o)
{
	struct waiting *w = &me.waiting;

	if (w->count == JT_CLOSE_ITEMS_MAX || w->bytes.max - w->bytes.len < o->bytes.len)
		broken(in, "more transactions than one ledger holds");
	if (w->count == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 256;
		struct jt_item *items = realloc(w->items, cap * sizeof *items);
		if (items == NULL)
			die(JT_SYSTEM, "out of memory");
		w->items = items;
		w->cap = cap;
	}
	w->items[w->count++] = (struct jt_item){ .object.len = o->bytes.len };
	keep(&w->bytes, o->bytes);
}

static void
take_cut(const struct cmd_input *in, const struct jt_object *o)
{
	struct jt_cut cut;
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	check(jt_kind_read(&jt_kind_cut, o, &cut, &zone, &e), &e);
	msgpack_zone_destroy(&zone);
	if (cut.n > me.ledger.cut) {
		if (cut.n != me.ledger.cut + 1)
			broken(in, "cut %" PRIu64 ", expected %" PRIu64, cut.n, me.ledger.cut + 1);
		if (cut.time > JT_CUT_TIME_MAX)
			broken(in, "time: " TOO_LATE);
		close_ledger(&cut);
		return;
	}
	/* Applied before, the vote did not know yet. Its items are in, or were refused. */
	me.waiting.count = 0;
	jt_buf_clear(&me.waiting.bytes);
}

/* Is it what a quorum of this network signed? Then it was not jt_ledger_sign that was wrong. */
static bool
is_certificate(const struct jt_object *o)
{
	struct jt_header h;
	struct jt_signed s;
	struct jt_error e;
	msgpack_zone zone;
	uint32_t good;
	bool yes;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	yes = jt_header_decode(o, &h, &s, &zone, &e) == JT_OK &&
	    memcmp(h.network, me.ledger.terms.network, JT_HASH) == 0 &&
	    jt_certificate_check(&me.ledger.genesis.validators, o, &s, &good, &e) == JT_OK;
	msgpack_zone_destroy(&zone);
	return yes;
}

/* Certified elsewhere: store it and pass it on; another one than ours is the end. */
static void
take_header(const struct cmd_input *in, const struct jt_object *o)
{
	bool certified, changed;
	struct jt_buf joined;
	struct jt_error e;
	enum jt_err err;

	jt_buf_init(&joined, JT_OBJECT_MAX);
	check(jt_ledger_begin(&me.ledger, &e), &e);
	err = jt_ledger_sign(&me.ledger, o, &certified, &changed, &joined, &e);
	if (err == JT_NO && is_certificate(o)) {
		jt_ledger_close(&me.ledger);
		die(JT_NO, "%s:#%" PRIu64 ": %s", in->name, in->reader.index, e.text);
	}
	if (err == JT_OK && certified)
		keep_certificate(jt_buf_slice(&joined));
	else if (err != JT_OK)
		cmd_object_error(in, &e);
	if (me.dirty_since == 0)
		me.dirty_since = cmd_now_ms();
	jt_buf_free(&joined);
}

/* The objects behind a part are strangers': none of them is taken for the vote's own word. */
static void
take_part(struct cmd_input *in, const struct jt_object *o)
{
	struct jt_part part;
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	check(jt_kind_read(&jt_kind_part, o, &part, &zone, &e), &e);
	msgpack_zone_destroy(&zone);
	in->forgiven = in->count + part.count;
}

static void
take(struct cmd_input *in, const struct jt_object *o, const struct jt_kind *row)
{
	bool in_part = in->count <= in->forgiven;
	bool vote = row == &jt_kind_part || row == &jt_kind_cut;

	if (vote && !me.voted) {
		cmd_object_complain(in, JT_MALFORMED, "jt/%s, but the input is no vote's (--voted)",
		    row->name);
	} else if (vote && in_part) {
		broken(in, "jt/%s, expected %" PRIu64 " more of the part before", row->name,
		    in->forgiven - in->count + 1);
	} else if (row == &jt_kind_part) {
		take_part(in, o);
	} else if (row == &jt_kind_cut) {
		take_cut(in, o);
	} else if (row->flags & JT_KIND_TRANSACTION) {
		if (me.voted && !in_part)
			broken(in, "a transaction outside of a part");
		take_transaction(in, o);
	} else if (row == &jt_kind_header && !in_part) {
		take_header(in, o);
	} else if (!in_part && row != &jt_kind_at && row != &jt_kind_result) {
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

/* Where we stand, and what is not certified yet. */
static void
greet(void)
{
	struct jt_error e;
	uint64_t last;

	check(jt_ledger_begin(&me.ledger, &e), &e);
	note_at();
	check(jt_ledger_last_certified(&me.ledger, &last, &e), &e);
	while (++last <= me.ledger.head.number)
		offer(last);
	commit();
	cmd_flush();
}

/* A bad object may be the last for a while; one that breaks the stream off closes nothing. */
static void
catch_up(void)
{
	if (!me.in.reader.broken)
		commit();
}

static void
run(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	while (cmd_next(&me.in, &o, &row)) {
		take(&me.in, &o, row);
		if (me.dirty_since != 0 && (cmd_dry(&me.in) || me.dirty_bytes >= COMMIT_BYTES ||
		    cmd_now_ms() - me.dirty_since >= COMMIT_MS))
			commit();
	}
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *path = NULL, *results = NULL, *key = NULL;
	struct jt_cut cut = { 0 };
	bool has_time = false, has_salt = false;
	int c, pass_fd = -1;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'd')
			dir = cmd_value;
		else if (c == 'k')
			key = cmd_value;
		else if (c == 'o')
			path = cmd_value;
		else if (c == 'r')
			results = cmd_value;
		else if (c == 't') {
			cut.time = cmd_value_time();
			if (cut.time > JT_CUT_TIME_MAX)
				cmd_usage("option -t: " TOO_LATE);
			has_time = true;
		} else if (c == CMD_OPT_EMPTY)
			me.close.empty = true;
		else if (c == CMD_OPT_PASS_FD)
			pass_fd = cmd_value_fd();
		else if (c == CMD_OPT_SALT) {
			cmd_value_hash(cut.salt);
			has_salt = true;
		} else if (c == CMD_OPT_VERIFIED)
			me.close.verified = true;
		else
			me.voted = true;
	}
	if (me.voted && (has_time || has_salt))
		cmd_usage("option %s: with --voted the cuts say it", has_time ? "-t" : "--salt");
	jt_buf_init(&me.headers, SIZE_MAX / 2);
	jt_buf_init(&me.outcomes, SIZE_MAX / 2);
	jt_buf_init(&me.waiting.bytes, JT_CLOSE_BYTES_MAX);
	cmd_ledger_open(&me.ledger, cmd_dir(dir), JT_STORE_WRITE, true);
	if (key != NULL) {
		me.key = cmd_key_load(key, pass_fd);
		check_key();
	}
	cmd_output_open(&me.out, path);
	if (results != NULL)
		cmd_output_open(&me.results, results);
	me.want_results = results != NULL;
	greet();
	cmd_input_open(&me.in, cmd_operands);
	me.in.catch_up = catch_up;
	run();
	if (!me.close.empty && !me.voted)
		cmd_need_input(&me.in);
	if (!me.voted && (me.waiting.count > 0 || me.close.empty)) {
		cut.n = me.ledger.cut + 1;
		if (!has_time)
			cut.time = cmd_now_ms();
		close_ledger(&cut);
		if (!me.close.closed)
			complain(JT_NO, "nothing admissible: no ledger closed");
	}
	commit();
	jt_secret_free(me.key);
	jt_ledger_close(&me.ledger);
	return cmd_end();
}
