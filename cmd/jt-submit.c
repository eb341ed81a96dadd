/*
 * jt-submit: signed transactions and hash records to a validator, proofs of their
 * results back.
 *
 * Reads ahead as far as its outbox has room (outbox.h), talks with one server
 * at a time (errand.h), and prints each proof when it comes and holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "errand.h"
#include "ledger/record.h"

enum {
	WAIT_S = 30,          /* the default of -w */
	WAIT_MAX_S = 1000000,
	RESEND_MS = 5000,
	TURN_MS = 250,        /* how often it is looked at what takes too long */
	SHOWN_MAX = 10        /* lines of each kind */
};

static const struct cmd_option options[] = {
	CMD_NETWORK,
	CMD_DIR,
	CMD_OUTPUT,
	CMD_SERVER,
	{ 'w', "wait", "SEC", "wait so long for a result (default 30); 0: only to be accepted" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-submit",
	.synopsis = "[-N NETWORK] [-d DIR] [-s SERVER] [-w SEC] [-o FILE] [FILE...]",
	.options = options,
};

static struct {
	struct errand errand;
	struct cmd_output out;
	/* The input: files in turn. */
	char *const *next;    /* NULL in it: no more */
	struct jt_reader reader;
	bool open;
	uint64_t read;        /* objects */
	msgpack_zone zone;
	/* What is said about all this. */
	uint64_t wait_ms, late, shown[3];
	uint64_t watched;     /* ms, when it was last looked for what takes too long */
	bool shows_progress, progress_shown;
	uint64_t progress_at; /* ms */
} me;

/* ---- lines ---- */

static void
hide_progress(void)
{
	if (me.progress_shown)
		fputs("\r\033[K", stderr);
	me.progress_shown = false;
}

static void
show_progress(uint64_t now)
{
	const struct errand *e = &me.errand;
	bool lost = !e->connected && e->trouble[0] != '\0';

	if (!me.shows_progress || now - me.progress_at < TURN_MS)
		return;
	me.progress_at = now;
	me.progress_shown = true;
	fprintf(stderr, "\r\033[K%" PRIu64 " %s, %" PRIu64 " failed, %" PRIu32 " on the way%s%s",
	    e->done, e->wait_results ? "done" : "accepted", e->failed + e->refused,
	    e->outbox.count, lost ? ", no server: " : "", lost ? e->trouble : "");
	fflush(stderr);
}

/* A few lines of each kind are for people; all of them would be none's. */
static void
tell(enum jt_err code, const char *name, uint64_t index, const char *line)
{
	uint64_t *shown = &me.shown[code == JT_NO ? 0 : code == JT_AGAIN ? 1 : 2];

	cmd_remember(code);
	if ((*shown)++ >= SHOWN_MAX)
		return;
	hide_progress();
	if (name == NULL)
		complain(code, "%s", line);
	else
		complain(code, "%s:#%" PRIu64 ": %s", name, index, line);
}

static void
tell_rest(void)
{
	if (me.shown[0] > SHOWN_MAX)
		complain(JT_NO, "%" PRIu64 " more failed or were refused", me.shown[0] - SHOWN_MAX);
	if (me.shown[1] > SHOWN_MAX)
		complain(JT_AGAIN, "%" PRIu64 " more are not final", me.shown[1] - SHOWN_MAX);
	if (me.shown[2] > SHOWN_MAX)
		complain(JT_OK, "%" PRIu64 " more lines", me.shown[2] - SHOWN_MAX);
}

/* ---- input ---- */

static void
open_next(void)
{
	const char *path = *me.next;
	int fd = STDIN_FILENO;

	if (path == NULL)
		return;
	me.next++;
	if (strcmp(path, "-") == 0) {
		path = "stdin";
		if (isatty(fd))
			hint("reading objects from the terminal: name a FILE, or use a pipe");
	} else if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		die(jt_err_of(errno, JT_NOINPUT), "%s: %s", path, strerror(errno));
	}
	jt_reader_init(&me.reader, fd, path);
	me.open = true;
}

static void
close_input(void)
{
	if (me.reader.fd > STDIN_FILENO)
		close(me.reader.fd);
	jt_reader_free(&me.reader);
	me.open = false;
	open_next();
}

/* No more of it is read. */
static void
end_input(void)
{
	static char *const none[] = { NULL };

	me.next = none;
	close_input();
}

static struct outbox_new
new_item(struct jt_slice object)
{
	return (struct outbox_new){ .object = object, .name = me.reader.name,
		.index = me.reader.index };
}

static void
foreign(void)
{
	me.errand.refused++;
	tell(JT_NO, me.reader.name, me.reader.index,
	    "refused: wrong-network: made for another network");
}

/* A stamp that is there was made for some door: it is made anew for the one that is asked. */
static void
take_record(const struct jt_object *o)
{
	struct jt_record_copy copy = { .stamped = false };
	struct outbox_new new;
	struct jt_error error;

	if (jt_record_read(o->bytes, &copy, &error) != JT_OK) {
		tell(JT_MALFORMED, me.reader.name, me.reader.index, error.text);
		return;
	}
	if (memcmp(copy.record.network, me.errand.servers.network.id, JT_HASH) != 0) {
		foreign();
		return;
	}
	new = new_item(copy.object);
	new.record = true;
	new.seq = 1;
	memcpy(new.id, copy.id, JT_HASH);
	memcpy(new.account, copy.id, JT_ACCOUNT);
	outbox_add(&me.errand.outbox, &new);
}

/* What needs no server to be seen. */
static void
take_transaction(const struct jt_object *o, const struct jt_kind *row)
{
	struct errand *e = &me.errand;
	struct outbox_new new;
	struct jt_error error;
	struct jt_signed s;
	struct jt_tx *tx;
	enum jt_err err;

	msgpack_zone_clear(&me.zone);
	if ((err = jt_tx_decode(row, o, &tx, &s, &me.zone, &error)) != JT_OK) {
		tell(err, me.reader.name, me.reader.index, error.text);
	} else if (memcmp(tx->network, e->servers.network.id, JT_HASH) != 0) {
		foreign();
	} else if (s.sigs.count == 0) {
		e->refused++;
		tell(JT_NO, me.reader.name, me.reader.index,
		    "refused: bad-signature: is not signed");
	} else {
		new = new_item(o->bytes);
		new.seq = tx->seq;
		new.last = tx->last;
		new.until = tx->until;
		jt_object_hash(new.id, o->kind, o->version, s.body);
		memcpy(new.account, tx->from, JT_ACCOUNT);
		outbox_add(&e->outbox, &new);
	}
}

/* Read once; what is whole then is taken as far as there is room. */
static void
read_input(bool more)
{
	const struct jt_kind *row;
	struct jt_error error;
	struct jt_object o;
	enum jt_err err = more ? jt_reader_more(&me.reader, &error) : JT_OK;

	if (err == JT_IO)
		die(err, "%s: %s", me.reader.name, error.text);
	while (me.open && outbox_has_room(&me.errand.outbox) && jt_reader_has(&me.reader)) {
		err = jt_reader_next(&me.reader, &o, &error);
		if (err == JT_OK && o.bytes.len == 0) {
			close_input();
			return;
		}
		me.read++;
		if (err == JT_OK)
			err = jt_kind_of(&jt_all_kinds, &o, &row, &error);
		if (err == JT_OK)
			err = jt_kind_check(&jt_all_kinds, &o, &error);
		if (err == JT_OK && !(row->flags & (JT_KIND_TRANSACTION | JT_KIND_RECORD)))
			err = jt_fail(&error, JT_MALFORMED, "jt/%s is nothing to submit", row->name);
		if (err == JT_OK && (row->flags & JT_KIND_RECORD))
			take_record(&o);
		else if (err == JT_OK)
			take_transaction(&o, row);
		else
			tell(err, me.reader.name, me.reader.index, error.text);
		/* What is on the way is brought to its end; no more is sent. */
		if (me.reader.broken)
			end_input();
	}
}

/* ---- time ---- */

static void
give_up(struct outbox_item *item)
{
	char line[2 * JT_ERROR_MAX];
	const char *why = me.errand.trouble;
	const char *code = "";

	if (item->state == OUTBOX_ACCEPTED) {
		why = "accepted, and without a result so far";
	} else if (item->code != JT_CODE_OK || item->why != NULL) {
		code = item->code == JT_CODE_OK ? "busy" : jt_code_words[item->code];
		why = item->why != NULL ? item->why : jt_code_rows[item->code].help;
	}
	snprintf(line, sizeof line, "not final after %" PRIu64 " s%s%s%s%s", me.wait_ms / 1000,
	    *code ? ": " : "", code, *why ? ": " : "", why);
	me.late += item->times;
	tell(JT_AGAIN, item->name, item->index, line);
	outbox_remove(&me.errand.outbox, item);
}

/* With one that never got in go those behind it, which wait for it. */
static void
give_up_old(struct outbox *o, uint64_t now)
{
	struct outbox_item *item, *next, *rest;

	JT_CHAIN_EACH(item, &o->all, in_all)
		if (item->first != 0 && now - item->first > me.wait_ms)
			for (rest = JT_CHAIN_NEXT(item, by_seq); rest != NULL;
			    rest = JT_CHAIN_NEXT(rest, by_seq))
				rest->first = rest->first != 0 ? rest->first : item->first;
	JT_CHAIN_EACH_LEAVING(item, next, &o->all, in_all)
		if (item->first != 0 && now - item->first > me.wait_ms)
			give_up(item);
}

static void
watch_time(uint64_t now)
{
	struct outbox *o = &me.errand.outbox;
	struct outbox_item *item, *next;

	if (o->count == 0)
		me.errand.progress = now;
	if (now - me.watched < TURN_MS)
		return;
	me.watched = now;
	give_up_old(o, now);
	if (now - me.errand.progress <= me.wait_ms)
		return;
	/* Nothing at all went on: nor would it for what was never sent, or not read yet. */
	JT_CHAIN_EACH_LEAVING(item, next, &o->all, in_all)
		give_up(item);
	if (me.open) {
		tell(JT_AGAIN, me.reader.name, me.reader.index, "what follows was not sent");
		end_input();
	}
}

/* ---- all of it ---- */

static void
turn(void)
{
	struct errand *e = &me.errand;
	uint64_t now = cmd_clock_ms();
	struct pollfd p[3];
	bool reads, more;
	int wait;

	more = errand_send(e, now);
	wait = more ? 0 : outbox_wait(&e->outbox, now);
	wait = wait < 0 || wait > TURN_MS ? TURN_MS : wait;
	reads = me.open && outbox_has_room(&e->outbox);
	if (reads && jt_reader_has(&me.reader)) {
		read_input(false);
		wait = 0;
		reads = me.open && outbox_has_room(&e->outbox);
	}
	cmd_flush();
	errand_poll(e, p);
	p[2] = (struct pollfd){ reads ? me.reader.fd : -1, POLLIN, 0 };
	cmd_poll(p, 3, e->outbox.count == 0 && !me.shows_progress ? -1 : wait);
	now = cmd_clock_ms();
	if (p[0].revents)
		errand_hear(e, now);
	if (p[2].revents)
		read_input(true);
	watch_time(now);
	show_progress(now);
}

int
main(int argc, char **argv)
{
	const char *dir = NULL, *network = NULL, *server = NULL, *path = NULL;
	static char *const only_stdin[] = { "-", NULL };
	struct errand *e = &me.errand;
	uint64_t wait = WAIT_S;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'w')
			wait = cmd_value_number(0, WAIT_MAX_S);
		else
			*(c == 'N' ? &network : c == 'd' ? &dir : c == 's' ? &server : &path) =
			    cmd_value;
	}
	me.wait_ms = (wait > 0 ? wait : WAIT_S) * 1000;
	cmd_servers_open(&e->servers, server, network, cmd_dir_maybe(dir));
	cmd_output_open(&me.out, path);
	e->wait_results = wait > 0;
	e->out = &me.out;
	e->tell = tell;
	e->progress = cmd_clock_ms();
	errand_open(e, RESEND_MS);
	if (!msgpack_zone_init(&me.zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	me.shows_progress = isatty(STDERR_FILENO) && !me.out.shown;
	me.next = cmd_operand_count > 0 ? cmd_operands : only_stdin;
	cmd_streams_start();
	open_next();
	while (!cmd_stopping && (me.open || e->outbox.count > 0))
		turn();
	hide_progress();
	if (me.read == 0 && !cmd_stopping)
		die(JT_NOINPUT, "%s: empty, no object to work on",
		    cmd_operand_count > 0 ? cmd_operands[cmd_operand_count - 1] : "stdin");
	if (e->outbox.count > 0)
		complain(JT_AGAIN, "stopped, with %" PRIu32 " on the way", e->outbox.count);
	tell_rest();
	errand_close(e);
	msgpack_zone_destroy(&me.zone);
	return cmd_end();
}
