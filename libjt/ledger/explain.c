/*
 * Why a transaction did what it did. See explain.h.
 *
 * The transactions before it are applied to one overlay, it alone to a second
 * one on top, whose reads all pass through a function that notes them.
 */
#include "ledger/explain.h"

#include <inttypes.h>
#include <string.h>

#include "kind/list.h"
#include "state/map.h"

/* Each key is asked for once: afterwards the upper overlay has it. */
static enum jt_err
note_read(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	struct jt_explanation *x = ctx;
	enum jt_err err = jt_overlay_get(x->before, key, value, e);

	if (err != JT_OK)
		return err;
	if (x->count == JT_EXPLAIN_ENTRIES)
		return jt_fail(e, JT_BUG, "a transaction touches more than %d entries",
		    JT_EXPLAIN_ENTRIES);
	memcpy(x->touched[x->count].key, key, JT_HASH);
	x->touched[x->count].was = *value;
	x->touched[x->count++].is = *value;
	return JT_OK;
}

static enum jt_err
apply(struct jt_apply *a, struct jt_slice bytes, enum jt_code *code, struct jt_error *why,
    struct jt_error *e)
{
	const struct jt_kind *kind;
	struct jt_object o;
	enum jt_err err;

	msgpack_zone_clear(a->zone);
	if ((err = jt_object_parse(bytes, &o, e)) != JT_OK ||
	    (err = jt_kind_of(&jt_tx_kinds, &o, &kind, e)) != JT_OK)
		return err;
	return jt_tx_apply(a, kind, &o, code, why, e);
}

static void
note_writes(struct jt_explanation *x, const struct jt_change *const *changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < x->count; k++)
			if (memcmp(x->touched[k].key, changes[i]->key, JT_HASH) == 0)
				x->touched[k].is = changes[i]->is;
}

static enum jt_err
run(struct jt_replay *r, struct jt_explanation *x, msgpack_zone *zone, struct jt_error *e)
{
	const struct jt_change *const *changes;
	struct jt_apply a = { .terms = &r->to.terms, .state = x->before,
		.number = x->place.ledger, .time = x->header.time,
		.totals = r->to.head.totals, .verified = true,
		.header_time = jt_ledger_time_of, .ctx = &r->to, .zone = zone };
	struct jt_error why;
	enum jt_code code;
	struct jt_cut cut;
	size_t n;
	enum jt_err err = jt_replay_items(r, x->place.ledger, &n, &cut, e);

	if (err == JT_OK && x->place.index >= n)
		err = jt_fail(e, JT_NO, "ledger %" PRIu64 " has %zu transactions", x->place.ledger, n);
	for (uint32_t i = 0; i < x->place.index && err == JT_OK; i++)
		err = apply(&a, r->items[i].object, &code, &why, e);
	if (err != JT_OK)
		return err;
	a.state = x->after;
	x->tx = r->items[x->place.index].object;
	if ((err = apply(&a, x->tx, &x->code, &x->why, e)) != JT_OK ||
	    (err = jt_overlay_changes(x->after, &changes, &n, e)) != JT_OK)
		return err;
	note_writes(x, changes, n);
	if (x->code != x->place.code)
		return jt_fail(e, JT_NO, "the ledger says %s, applying it again %s",
		    jt_code_words[x->place.code], jt_code_words[x->code]);
	return JT_OK;
}

enum jt_err
jt_explain(struct jt_replay *r, const struct jt_place *place, struct jt_explanation *x,
    struct jt_error *e)
{
	msgpack_zone zone;
	enum jt_err err;

	*x = (struct jt_explanation){ .place = *place };
	if ((err = jt_ledger_begin(&r->to, e)) != JT_OK ||
	    (err = jt_ledger_read_header(r->from, place->ledger, &x->header, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, 64 * 1024))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	x->before = jt_overlay_new(jt_map_fetch, r->to.store);
	x->after = jt_overlay_new(note_read, x);
	if (x->before == NULL || x->after == NULL)
		err = jt_fail(e, JT_SYSTEM, "out of memory");
	else
		err = run(r, x, &zone, e);
	msgpack_zone_destroy(&zone);
	return err;
}

void
jt_explain_end(struct jt_explanation *x)
{
	jt_overlay_free(x->after);
	jt_overlay_free(x->before);
	x->after = x->before = NULL;
}
