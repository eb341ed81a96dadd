/* Proof files that wait are completed. See completion.h. */
#include "completion.h"

#include <stdlib.h>
#include <unistd.h>

#include "pending.h"
#include "store.h"

static struct {
	const struct completion *c;
	struct pending_source source;
	struct jt_buf unsent; /* records, to be sent */
} me;

/*
 * What no ledger holds yet can be given to one again; of what one holds, and
 * is not certified, a validator gives the proof as soon as it is.
 */
static void
unsent(struct jt_slice record, bool held)
{
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

/* Sent to a validator, what was in no certified ledger comes back with a proof. */
static void
send_unsent(void)
{
	enum jt_err code = deliver(me.c->to, jt_buf_slice(&me.unsent), learn);
	struct jt_error e;

	cmd_remember(code);
	for (size_t i = 0; i < me.c->count; i++)
		if (pending_complete(me.c->paths[i], &me.source, NULL, &e) != JT_OK &&
		    (code == JT_OK || e.code != JT_AGAIN))
			complain(e.code, "%s", e.text); /* else that was said */
}

/* Where validators are asked, there need not be a ledger. */
static bool
open_ledger(struct jt_ledger *l)
{
	char *path = me.c->dir != NULL ? jt_path_join(me.c->dir, "ledger/data.mdb") : NULL;
	bool there = path != NULL && (me.c->to == NULL || access(path, F_OK) == 0);

	free(path);
	if (there)
		cmd_ledger_open(l, me.c->dir, JT_STORE_READ, false);
	return there;
}

void
complete_proofs(const struct completion *c)
{
	struct jt_ledger ledger;
	struct jt_prover prover;
	struct jt_error e;
	bool has_ledger;

	me.c = c;
	jt_buf_init(&me.unsent, SIZE_MAX / 2);
	has_ledger = open_ledger(&ledger);
	if (has_ledger) {
		jt_prover_init(&prover, &ledger);
		me.source.prover = &prover;
	}
	for (size_t i = 0; i < c->count; i++)
		if (pending_complete(c->paths[i], &me.source, unsent, &e) != JT_OK &&
		    (c->to == NULL || e.code != JT_AGAIN))
			complain(e.code, "%s", e.text);
	me.source.prover = NULL;
	if (has_ledger) {
		jt_prover_free(&prover);
		jt_ledger_close(&ledger);
	}
	if (me.unsent.len > 0)
		send_unsent();
	jt_buf_free(&me.unsent);
	pending_forget(&me.source);
}
