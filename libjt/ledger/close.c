/* Closing a ledger. See close.h. */
#include "ledger/close.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "kind/list.h"
#include "ledger/proof.h"
#include "state/map.h"
#include "state/places.h"

/* What the steps of one closing share. */
struct closing {
	struct jt_ledger *l;
	const struct jt_cut *cut;
	struct jt_close *c;
	struct jt_apply apply;
	struct jt_header h;
	struct jt_merkle tree; /* of the transactions */
	msgpack_zone zone;
	struct jt_buf record;  /* a row of the table txs */
	struct jt_error *e;
};

static void
tell(struct jt_item *item, enum jt_code code, const struct jt_error *why)
{
	size_t n = strnlen(why->text, sizeof item->why - 1);

	/* Cut to fit, but not inside a character. */
	while (n > 0 && ((uint8_t)why->text[n] & 0xc0) == 0x80)
		n--;
	item->code = code;
	memcpy(item->why, why->text, n);
	item->why[n] = '\0';
}

/* What an item is sorted by. One that cannot be read is refused here. */
static enum jt_err
prepare(struct closing *g, struct jt_item *item)
{
	const struct jt_kind *kind = NULL;
	struct jt_error why = { JT_OK, "" }, unread;
	struct jt_slice body;
	struct jt_object o;
	struct jt_signed s;
	struct jt_tx *tx;
	uint8_t sigs[JT_HASH];
	enum jt_err err;

	memset(item->order, 0, JT_HASH);
	memset(item->id, 0, JT_HASH);
	item->seq = 0;
	item->why[0] = '\0';
	item->code = JT_CODE_OK;
	msgpack_zone_clear(&g->zone);
	err = jt_object_parse(item->object, &o, &why);
	if (err == JT_OK)
		err = jt_kind_of(&jt_tx_kinds, &o, &kind, &why);
	if (err == JT_OK)
		err = jt_tx_decode(kind, &o, &tx, &s, &g->zone, &why);
	if (err == JT_SYSTEM)
		return jt_fail(g->e, err, "%s", why.text);
	if (err != JT_OK) {
		/* As far as it can be read it is called by its id. */
		if (kind != NULL && jt_signed_body(&o, &body, &unread) == JT_OK)
			jt_object_hash(item->id, o.kind, o.version, body);
		tell(item, JT_CODE_MALFORMED, &why);
		return JT_OK;
	}
	jt_object_hash(item->id, o.kind, o.version, s.body);
	jt_hash_keyed(item->order, g->cut->salt, (struct jt_slice){ tx->from, JT_ACCOUNT });
	item->seq = tx->seq;
	/* The leaf needs the code: keep the signatures' hash in its place. */
	jt_signed_sigs_hash(sigs, &s);
	memcpy(item->leaf, sigs, JT_HASH);
	return JT_OK;
}

static int
by_order(const void *pa, const void *pb)
{
	const struct jt_item *a = pa, *b = pb;
	int c = memcmp(a->order, b->order, JT_HASH);

	if (c == 0)
		c = (a->seq > b->seq) - (a->seq < b->seq);
	if (c == 0)
		c = memcmp(a->id, b->id, JT_HASH);
	return c != 0 ? c : jt_slice_compare(a->object, b->object);
}

/* Store what is in: code and bytes by place. */
static enum jt_err
store_item(struct closing *g, struct jt_item *item)
{
	uint8_t place[12], sigs[JT_HASH], code = (uint8_t)item->code;

	item->index = (uint32_t)g->tree.count;
	memcpy(sigs, item->leaf, JT_HASH);
	jt_tx_leaf(item->leaf, item->id, sigs, item->code);
	jt_merkle_append(&g->tree, item->leaf);
	jt_put_be64(place, g->h.number);
	jt_put_be32(place + 8, item->index);
	jt_buf_clear(&g->record);
	jt_buf_add(&g->record, item->leaf, JT_HASH);
	jt_buf_add(&g->record, &code, 1);
	if (!jt_buf_add_slice(&g->record, item->object))
		return jt_fail(g->e, JT_SYSTEM, "out of memory");
	return jt_store_append(g->l->store, JT_TXS, (struct jt_slice){ place, sizeof place },
	    jt_buf_slice(&g->record), g->e);
}

/* Store where each id is. */
static enum jt_err
store_ids(struct closing *g)
{
	uint8_t (*entries)[JT_PLACES_ENTRY] = malloc((g->c->count + 1) * sizeof *entries);
	enum jt_err err;
	size_t n = 0;

	if (entries == NULL)
		return jt_fail(g->e, JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < g->c->count; i++) {
		const struct jt_item *item = &g->c->items[i];

		if (jt_code_rows[item->code].outcome != JT_REFUSED)
			jt_places_entry(entries[n++], item->id, g->h.number, item->index);
	}
	err = jt_places_add(g->l->store, JT_IDS, entries, n, g->e);
	free(entries);
	return err;
}

static enum jt_err
apply_item(struct closing *g, struct jt_item *item)
{
	const struct jt_kind *kind;
	struct jt_error why;
	struct jt_object o;
	enum jt_err err;

	if (item->code == JT_CODE_MALFORMED)
		return JT_OK;
	msgpack_zone_clear(&g->zone);
	if ((err = jt_object_parse(item->object, &o, g->e)) != JT_OK ||
	    (err = jt_kind_of(&jt_tx_kinds, &o, &kind, g->e)) != JT_OK)
		return err;
	if ((err = jt_tx_apply(&g->apply, kind, &o, &item->code, &why, g->e)) != JT_OK)
		return err;
	tell(item, item->code, &why);
	return jt_code_rows[item->code].outcome == JT_REFUSED ? JT_OK : store_item(g, item);
}

/* The roots and the head: everything of the header that is not yet known. */
static enum jt_err
finish(struct closing *g)
{
	const struct jt_change *const *changes;
	struct jt_buf cut, object;
	size_t n;
	enum jt_err err;

	jt_buf_init(&cut, JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	g->h.transactions.count = g->tree.count;
	jt_merkle_root(&g->tree, g->h.transactions.root);
	g->h.totals = g->apply.totals;
	err = jt_overlay_changes(g->apply.state, &changes, &n, g->e);
	if (err == JT_OK)
		err = jt_map_update(g->l->store, changes, n, g->h.state, g->e);
	if (err == JT_OK)
		err = jt_ledger_history(g->l, g->h.history, g->e);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_cut, g->cut, &cut, g->e);
	if (err == JT_OK) {
		struct jt_object o;
		err = jt_object_parse(jt_buf_slice(&cut), &o, g->e);
		if (err == JT_OK)
			jt_object_hash(g->h.cut, o.kind, o.version, o.payload);
	}
	if (err == JT_OK)
		err = jt_header_write(&g->h, NULL, 0, &object, g->e);
	if (err == JT_OK)
		err = jt_ledger_append(g->l, &g->h, jt_buf_slice(&object), jt_buf_slice(&cut),
		    g->e);
	jt_buf_free(&cut);
	jt_buf_free(&object);
	return err;
}

/* The header of the ledger that would be next. */
static void
begin_header(struct closing *g)
{
	const struct jt_header *head = &g->l->head;

	g->h = (struct jt_header){ .epoch = head->epoch, .number = head->number + 1 };
	memcpy(g->h.beacon, g->cut->beacon, JT_HASH);
	memcpy(g->h.network, head->network, JT_HASH);
	memcpy(g->h.validators, head->next, JT_HASH);
	memcpy(g->h.next, head->next, JT_HASH);
	memcpy(g->h.coin, head->coin, JT_HASH);
	memcpy(g->h.parent, g->l->head_id, JT_HASH);
	g->h.time = g->cut->time > head->time ? g->cut->time : head->time + 1;
}

static enum jt_err
run(struct closing *g)
{
	struct jt_close *c = g->c;
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < c->count && err == JT_OK; i++)
		err = prepare(g, &c->items[i]);
	if (err != JT_OK)
		return err;
	if (c->count > 1)
		qsort(c->items, c->count, sizeof *c->items, by_order);
	for (size_t i = 0; i < c->count && err == JT_OK; i++)
		err = apply_item(g, &c->items[i]);
	if (err == JT_OK)
		err = store_ids(g);
	if (err == JT_OK)
		err = jt_records_close(g->l, g->h.number, g->h.time, g->cut->salt, c->records,
		    c->record_count, &g->h.records, g->e);
	if (err == JT_OK && (g->tree.count > 0 || g->h.records.count > 0 || c->empty)) {
		err = finish(g);
		c->closed = err == JT_OK;
		c->header = g->h;
	}
	return err == JT_OK ? jt_ledger_set_cut(g->l, g->cut->n, g->e) : err;
}

enum jt_err
jt_close_ledger(struct jt_ledger *l, const struct jt_cut *cut, struct jt_close *c,
    struct jt_error *e)
{
	struct closing g = { .l = l, .cut = cut, .c = c, .e = e };
	enum jt_err err;

	c->closed = false;
	if (c->count > JT_CLOSE_ITEMS_MAX)
		return jt_fail(e, JT_MALFORMED, "%zu transactions for one ledger, more than %u",
		    c->count, JT_CLOSE_ITEMS_MAX);
	if ((err = jt_ledger_begin(l, e)) != JT_OK)
		return err;
	if (cut->n != l->cut + 1)
		return jt_fail(e, JT_MALFORMED, "cut %" PRIu64 ", expected %" PRIu64, cut->n,
		    l->cut + 1);
	if (cut->time > JT_CUT_TIME_MAX)
		return jt_fail(e, JT_MALFORMED, "time: expected a year up to 9998");
	if (!msgpack_zone_init(&g.zone, 64 * 1024))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	jt_buf_init(&g.record, JT_OBJECT_MAX);
	jt_merkle_init(&g.tree);
	begin_header(&g);
	g.apply = (struct jt_apply){ .terms = &l->terms, .number = g.h.number, .time = g.h.time,
		.totals = l->head.totals, .verified = c->verified, .header_time = jt_ledger_time_of,
		.ctx = l, .zone = &g.zone };
	g.apply.state = jt_overlay_new(jt_map_fetch, l->store);
	err = g.apply.state == NULL ? jt_fail(e, JT_SYSTEM, "out of memory") : run(&g);
	if (g.apply.state != NULL)
		jt_overlay_free(g.apply.state);
	jt_buf_free(&g.record);
	msgpack_zone_destroy(&g.zone);
	return err;
}
