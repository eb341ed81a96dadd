/* A closer at work. See closer.h. */
#include "closer.h"

#include "outcomes.h"
#include "store.h"

enum {
	COMMIT_MS = 100,        /* the longest that a closed ledger waits to be durable */
	COMMIT_BYTES = 16 << 20, /* as many bytes of transactions do not wait */
	GREET_BYTES = 256 << 10 /* nor do as many of old headers */
};

void
closer_open(struct closer *c, const char *dir, const char *output, const char *results)
{
	jt_buf_init(&c->headers, SIZE_MAX / 2);
	jt_buf_init(&c->outcomes, SIZE_MAX / 2);
	cmd_ledger_open(&c->ledger, NULL, dir, JT_STORE_WRITE, true);
	cmd_output_open(&c->out, output);
	c->want_results = results != NULL;
	if (c->want_results)
		cmd_output_open(&c->results, results);
}

void
closer_drop(struct closer *c)
{
	jt_ledger_close(&c->ledger);
}

void
closer_check(struct closer *c, enum jt_err err, const struct jt_error *e)
{
	if (err == JT_OK)
		return;
	closer_drop(c);
	die(err, "%s", e->text);
}

static void
note_at(struct closer *c)
{
	struct jt_at at = { c->ledger.cut, c->ledger.head.number };
	struct jt_error e;

	closer_check(c, jt_kind_write(&jt_kind_at, &at, &c->headers, &e), &e);
}

/* Write the objects in b, and empty it. */
static void
drain(struct closer *c, struct cmd_output *out, struct jt_buf *b)
{
	struct jt_error e;
	size_t size;

	for (size_t at = 0; at < b->len; at += size) {
		struct jt_slice rest = { b->data + at, b->len - at };
		closer_check(c, jt_object_size(rest, &size, &e), &e);
		cmd_write(out, (struct jt_slice){ rest.data, size });
	}
	jt_buf_clear(b);
}

void
closer_commit(struct closer *c)
{
	struct jt_error e;

	closer_check(c, jt_ledger_commit(&c->ledger, &e), &e);
	if (c->voted && c->dirty_since != 0)
		note_at(c); /* a cut that closed no ledger shows nowhere else */
	drain(c, &c->out, &c->headers);
	if (c->want_results)
		drain(c, &c->results, &c->outcomes);
	c->dirty_since = 0;
	c->dirty_bytes = 0;
}

void
closer_dirty(struct closer *c, size_t bytes)
{
	if (c->dirty_since == 0)
		c->dirty_since = cmd_clock_ms();
	c->dirty_bytes += bytes;
}

bool
closer_due(const struct closer *c)
{
	return c->dirty_since != 0 && (c->dirty_bytes >= COMMIT_BYTES ||
	    cmd_clock_ms() - c->dirty_since >= COMMIT_MS);
}

void
closer_offer(struct closer *c, struct jt_slice header, bool certified)
{
	if (!jt_buf_add_slice(&c->headers, header) ||
	    (certified && c->want_results && c->voted && !jt_buf_add_slice(&c->outcomes, header)))
		die(JT_SYSTEM, "out of memory");
}

/* The stored header of a ledger, signed when there is a key. */
static void
offer_own(struct closer *c, uint64_t number)
{
	struct jt_slice header;
	struct jt_error e;
	bool certified;
	uint32_t good;

	if (c->key != NULL) {
		closer_check(c, jt_ledger_begin(&c->ledger, &e), &e);
		closer_check(c, jt_ledger_sign_own(&c->ledger, number, c->key->pub.key,
		    c->key->sign, &e), &e);
	}
	closer_check(c, jt_ledger_header(&c->ledger, number, &header, &e), &e);
	closer_check(c, jt_ledger_certified(&c->ledger, number, &certified, &good, &e), &e);
	closer_offer(c, header, certified);
}

/* A header that may be certified: if it is, nobody waits for it. */
static void
offer_missing(struct closer *c, uint64_t number)
{
	struct jt_error e;
	bool certified;
	uint32_t good;

	closer_check(c, jt_ledger_certified(&c->ledger, number, &certified, &good, &e), &e);
	if (certified)
		return;
	offer_own(c, number);
	if (c->headers.len < GREET_BYTES)
		return;
	closer_commit(c);
	closer_check(c, jt_ledger_begin(&c->ledger, &e), &e);
}

void
closer_greet(struct closer *c)
{
	struct jt_error e;
	uint64_t number;

	closer_check(c, jt_ledger_begin(&c->ledger, &e), &e);
	note_at(c);
	closer_check(c, jt_ledger_all_certified(&c->ledger, &number, &e), &e);
	while (++number <= c->ledger.head.number)
		offer_missing(c, number);
	closer_commit(c);
	cmd_flush();
}

void
closer_close(struct closer *c, struct waiting *w, const struct jt_cut *cut)
{
	struct jt_error e;

	waiting_give(w, &c->close);
	closer_check(c, jt_close_ledger(&c->ledger, cut, &c->close, &e), &e);
	if (c->want_results)
		closer_check(c, outcomes_write(&c->close, &c->outcomes, &e), &e);
	if (c->close.closed)
		offer_own(c, c->close.header.number);
	if (!c->voted)
		outcomes_tell(&c->close);
	closer_dirty(c, waiting_bytes(w));
	waiting_clear(w);
}

void
closer_end(struct closer *c)
{
	jt_secret_free(c->key);
	jt_ledger_close(&c->ledger);
	jt_buf_free(&c->headers);
	jt_buf_free(&c->outcomes);
}
