/*
 * For tests of the clients' door: what stands behind it, in memory. Accounts of
 * a bare network (network.h), items that were passed on, and ledgers that hold
 * transactions by id, no records, and are certified or not. A proof is a jt/took
 * of the id, the answer to a query a jt/tick.
 */
#ifndef HOUSEHOLD_H
#define HOUSEHOLD_H

#include "door/door.h"
#include "network.h"
#include "pipe/pipe.h"

enum { HOUSE_ACCOUNTS = 8, HOUSE_ITEMS = 4096 };

struct house_item {
	struct jt_buf object;
	uint8_t id[JT_HASH];
	uint64_t ledger; /* 0: in none */
};
struct house {
	struct network net;
	struct jt_account accounts[HOUSE_ACCOUNTS];
	struct jt_terms terms;
	struct jt_apply apply;
	struct jt_door_ops ops;
	struct jt_door *door;
	struct house_item *passed; /* in their order */
	size_t count;
	bool full;                 /* there is no room */
	uint64_t certified;        /* up to this ledger */
	uint64_t wanted;           /* a query for an account needs this ledger to be certified */
	uint32_t find_work;        /* that it takes to look for an item */
	size_t finds;              /* how often that was done */
};

static inline enum jt_err
house_fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	static struct jt_buf entry = { .max = JT_OBJECT_MAX };
	struct house *h = ctx;
	uint8_t at[JT_HASH];

	jt_buf_clear(&entry);
	for (uint32_t i = 0; i < HOUSE_ACCOUNTS; i++) {
		jt_state_key(at, h->accounts[i].account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
		if (memcmp(at, key, JT_HASH) == 0)
			network_must(jt_account_encode(&h->accounts[i], &entry, e), e);
	}
	*value = jt_buf_slice(&entry);
	return JT_OK;
}

static inline bool
house_room(void *ctx)
{
	return !((struct house *)ctx)->full;
}

static inline void
house_pass(void *ctx, struct jt_slice object)
{
	struct house *h = ctx;
	struct house_item *item = &h->passed[h->count++];
	struct jt_object o;
	struct jt_error e;
	const struct jt_kind *kind;

	network_need(h->count < HOUSE_ITEMS, "too many items for the test");
	*item = (struct house_item){ .object.max = JT_OBJECT_MAX };
	network_need(jt_buf_add_slice(&item->object, object), "out of memory");
	network_must(jt_object_parse(jt_buf_slice(&item->object), &o, &e), &e);
	if (jt_object_is(&o, jt_kind_stamp.name)) {
		jt_object_hash(item->id, o.kind, o.version, o.payload);
		return;
	}
	network_must(jt_kind_of(&jt_tx_kinds, &o, &kind, &e), &e);
	network_must(jt_kind_id(kind, &o, item->id, &e), &e);
}

static inline enum jt_err
house_find(void *ctx, const struct jt_entry *entry, uint64_t *ledger, uint32_t *work,
    struct jt_error *e)
{
	struct house *h = ctx;

	(void)e;
	*ledger = 0;
	*work = h->find_work;
	h->finds++;
	for (size_t i = 0; i < h->count && *ledger == 0; i++)
		if (memcmp(h->passed[i].id, entry->id, JT_HASH) == 0)
			*ledger = h->passed[i].ledger;
	return JT_OK;
}

static inline enum jt_err
house_certified(void *ctx, uint64_t ledger, bool *yes, struct jt_error *e)
{
	(void)e;
	*yes = ledger <= ((struct house *)ctx)->certified;
	return JT_OK;
}

static inline enum jt_err
house_prove(void *ctx, const struct jt_entry *entry, struct jt_buf *out, uint32_t *work,
    struct jt_error *e)
{
	struct jt_took t;
	uint64_t ledger;

	house_find(ctx, entry, &ledger, work, e);
	network_need(ledger != 0 && ledger <= ((struct house *)ctx)->certified,
	    "asked for a proof that there is not");
	*work = 0;
	memcpy(t.id, entry->id, JT_HASH);
	return jt_kind_write(&jt_kind_took, &t, out, e);
}

static inline enum jt_err
house_finish(void *ctx, const struct jt_query *q, struct jt_slice kept, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_tick t = { q->what };

	(void)ctx;
	network_need(kept.len == 4, "what was kept is lost");
	return jt_kind_write(&jt_kind_tick, &t, out, e);
}

static inline enum jt_err
house_answer(void *ctx, const struct jt_query *q, struct jt_buf *out, uint64_t *ledger,
    uint32_t *work, struct jt_error *e)
{
	struct house *h = ctx;
	struct jt_tick t = { q->what };

	*work = 1;
	if (q->what == JT_QUERY_TX)
		return jt_fail(e, JT_NO, "none");
	if (q->what != JT_QUERY_ACCOUNT || h->wanted <= h->certified)
		return jt_kind_write(&jt_kind_tick, &t, out, e);
	*ledger = h->wanted;
	network_need(jt_buf_add(out, "kept", 4), "out of memory");
	return JT_AGAIN;
}

static inline void
house_open(struct house *h, const struct jt_door_terms *terms)
{
	*h = (struct house){ 0 };
	network_make(&h->net, 1, HOUSE_ACCOUNTS, true);
	for (uint32_t i = 0; i < HOUSE_ACCOUNTS; i++) {
		memcpy(h->accounts[i].account, h->net.initial[i].account, JT_ACCOUNT);
		h->accounts[i].balance = NETWORK_BALANCE;
	}
	jt_genesis_terms(&h->net.genesis, h->net.id, &h->terms);
	h->passed = calloc(HOUSE_ITEMS, sizeof *h->passed);
	h->apply = (struct jt_apply){ .terms = &h->terms, .number = 5, .time = NETWORK_TIME,
		.state = jt_overlay_new(house_fetch, h) };
	h->ops = (struct jt_door_ops){ house_room, house_pass, house_find, house_certified,
		house_prove, house_answer, house_finish, h };
	h->door = jt_door_new(terms, &h->ops, &h->apply, (const uint8_t[16]){ 7 });
	network_need(h->passed != NULL && h->apply.state != NULL && h->door != NULL,
	    "out of memory");
	jt_door_now(h->door, 1000);
}

static inline void
house_close(struct house *h)
{
	jt_door_free(h->door);
	jt_overlay_free(h->apply.state);
	for (size_t i = 0; i < h->count; i++)
		jt_buf_free(&h->passed[i].object);
	free(h->passed);
	network_free(&h->net);
}

/* Item number i is in this ledger from now on, and its account knows. */
static inline void
house_apply(struct house *h, size_t i, uint64_t ledger)
{
	struct jt_result r = { .code = JT_CODE_OK, .ledger = ledger };
	const struct jt_kind *kind;
	struct jt_object o;
	struct jt_signed s;
	struct jt_error e;
	struct jt_tx *tx;
	msgpack_zone zone;

	network_need(msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE), "out of memory");
	network_must(jt_object_parse(jt_buf_slice(&h->passed[i].object), &o, &e), &e);
	network_must(jt_kind_of(&jt_tx_kinds, &o, &kind, &e), &e);
	network_must(jt_tx_decode(kind, &o, &tx, &s, &zone, &e), &e);
	for (uint32_t k = 0; k < HOUSE_ACCOUNTS; k++) {
		struct jt_account *a = &h->accounts[k];
		if (memcmp(a->account, tx->from, JT_ACCOUNT) != 0 ||
		    jt_seq_look(a, tx->seq) != JT_SEQ_FREE)
			continue;
		jt_seq_take(a, tx->seq);
		a->balance -= tx->fee;
		h->passed[i].ledger = ledger;
	}
	msgpack_zone_destroy(&zone);
	jt_overlay_clear(h->apply.state);
	memcpy(r.id, h->passed[i].id, JT_HASH);
	if (h->passed[i].ledger == 0) {
		r.ledger = 0;
		r.code = JT_CODE_SEQ_USED;
	}
	network_must(jt_door_result(h->door, &r, &e), &e);
}

#endif
