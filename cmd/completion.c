/* Proof files that wait are completed. See completion.h. */
#include "completion.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pending.h"
#include "store.h"
#include "work.h"

enum { SHOWN_MAX = 10 /* lines about proofs that wait; more would be nobody's */ };

static struct {
	const struct completion *c;
	char **paths;
	size_t count, cap;
	struct pending_source source;
	uint8_t network[JT_HASH];
	struct pending_files files;
	struct jt_buf unsent; /* records, to be sent */
	struct jt_buf last;   /* record of the proof before */
	size_t waiting;
} me;

void
completion_add(const char *path)
{
	if (me.count == me.cap) {
		size_t cap = me.cap ? 2 * me.cap : 64;
		char **more = realloc(me.paths, cap * sizeof *more);

		if (more == NULL)
			die(JT_SYSTEM, "out of memory");
		me.paths = more;
		me.cap = cap;
	}
	if ((me.paths[me.count] = strdup(path)) == NULL)
		die(JT_SYSTEM, "out of memory");
	me.count++;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each once. */
static void
sort_paths(void)
{
	size_t n = 0;

	if (me.count > 0)
		qsort(me.paths, me.count, sizeof *me.paths, compare);
	for (size_t i = 0; i < me.count; i++)
		if (n > 0 && strcmp(me.paths[n - 1], me.paths[i]) == 0)
			free(me.paths[i]);
		else
			me.paths[n++] = me.paths[i];
	me.count = n;
}

static void
free_paths(void)
{
	while (me.count > 0)
		free(me.paths[--me.count]);
	free(me.paths);
}

/*
 * What no ledger holds yet can be given to one again; of what one holds, and
 * is not certified, a validator gives the proof as soon as it is.
 */
static void
unsent(struct jt_slice record, bool held)
{
	/* Proofs that were made together follow each other, and have one record. */
	if (record.len == me.last.len && memcmp(record.data, me.last.data, record.len) == 0)
		return;
	jt_buf_clear(&me.last);
	if (!jt_buf_add_slice(&me.last, record))
		die(JT_SYSTEM, "out of memory");
	if (me.c->unsent != NULL && !held)
		cmd_write(me.c->unsent, record);
	if (me.c->to != NULL && !jt_buf_add_slice(&me.unsent, record))
		die(JT_SYSTEM, "out of memory");
}

static void
learn(struct jt_slice proof)
{
	pending_learn(&me.source, proof);
}

/* All files once. Not told is why some wait, or what else is wrong. */
static void
complete_files(void (*unsent_too)(struct jt_slice record, bool held), bool tell_waiting,
    bool tell_rest)
{
	struct jt_error e;

	for (size_t i = 0; i < me.count; i++) {
		enum jt_err err = pending_complete(&me.files, me.paths[i], &me.source, unsent_too, &e);

		if (err == JT_AGAIN ? tell_waiting && me.waiting++ < SHOWN_MAX
		    : err != JT_OK && tell_rest)
			complain(err, "%s", e.text);
		cmd_progress("proof", i + 1, me.count);
	}
	pending_settle(&me.files);
	cmd_progress(NULL, 0, 0);
	if (me.waiting > SHOWN_MAX)
		complain(JT_AGAIN, "%zu more wait", me.waiting - SHOWN_MAX);
}

/* Sent to a validator, what was in no certified ledger comes back with a proof. */
static void
send_unsent(void)
{
	enum jt_err code = deliver(me.c->to, jt_buf_slice(&me.unsent), learn);

	cmd_remember(code);
	complete_files(NULL, code == JT_OK, false); /* else jt-submit told why */
}

static void
learn_network(const uint8_t id[JT_HASH])
{
	memcpy(me.network, id, JT_HASH);
	me.source.network = me.network;
}

/* Where validators are asked, there need not be a ledger. */
static bool
open_ledger(struct jt_ledger *l)
{
	char *path = me.c->dir != NULL ? jt_path_join(me.c->dir, "ledger/data.mdb") : NULL;
	bool there;

	if (path == NULL && me.c->dir != NULL)
		die(JT_SYSTEM, "out of memory");
	there = path != NULL && (me.c->to == NULL || access(path, F_OK) == 0);
	free(path);
	if (there)
		cmd_ledger_open(l, me.c->file, me.c->dir, JT_STORE_READ, false);
	return there;
}

void
completion_run(const struct completion *c)
{
	struct jt_ledger ledger;
	struct jt_prover prover;
	bool has_ledger;

	if (me.count == 0)
		return;
	me.c = c;
	if (c->network != NULL)
		learn_network(c->network);
	sort_paths();
	jt_buf_init(&me.unsent, SIZE_MAX / 2);
	jt_buf_init(&me.last, JT_OBJECT_MAX);
	has_ledger = open_ledger(&ledger);
	if (has_ledger) {
		jt_prover_init(&prover, &ledger);
		me.source.prover = &prover;
		learn_network(ledger.terms.network);
	}
	complete_files(unsent, c->to == NULL, true);
	me.source.prover = NULL;
	if (has_ledger) {
		jt_prover_free(&prover);
		jt_ledger_close(&ledger);
	}
	if (me.unsent.len > 0)
		send_unsent();
	jt_buf_free(&me.unsent);
	jt_buf_free(&me.last);
	pending_forget(&me.source);
	free_paths();
}
