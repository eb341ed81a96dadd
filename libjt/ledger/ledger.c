/*
 * An open ledger directory. See ledger.h.
 *
 * Keys of the meta table: "genesis" (the object), "cut" (the last cut
 * applied), "certified" (the newest ledger below which all are certified).
 */
#include "ledger/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "ledger/kinds.h"
#include "state/map.h"

static struct jt_slice
number_key(uint64_t number, uint8_t key[8])
{
	jt_put_be64(key, number);
	return (struct jt_slice){ key, 8 };
}

static enum jt_err
get_number(struct jt_ledger *l, const char *name, uint64_t *out, struct jt_error *e)
{
	struct jt_slice v;
	enum jt_err err = jt_store_get(l->store, JT_META, jt_slice_text(name), &v, e);

	if (err == JT_OK && v.len != 8)
		return jt_fail(e, JT_MALFORMED, "ledger has no %s", name);
	if (err == JT_OK)
		*out = jt_get_be64(v.data);
	return err;
}

static enum jt_err
put_number(struct jt_ledger *l, const char *name, uint64_t v, struct jt_error *e)
{
	uint8_t be[8];

	jt_put_be64(be, v);
	return jt_store_put(l->store, JT_META, jt_slice_text(name),
	    (struct jt_slice){ be, sizeof be }, e);
}

/* The object is copied into the zone, so that it outlives the transaction. */
static enum jt_err
keep_genesis(struct jt_ledger *l, struct jt_slice bytes, struct jt_error *e)
{
	uint8_t *copy = msgpack_zone_malloc(l->zone, bytes.len);
	uint8_t id[JT_HASH];
	struct jt_object o;
	enum jt_err err;

	if (copy == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	memcpy(copy, bytes.data, bytes.len);
	l->genesis_object = (struct jt_slice){ copy, bytes.len };
	if ((err = jt_object_parse(l->genesis_object, &o, e)) != JT_OK)
		return err;
	if ((err = jt_genesis_decode(&o, &l->genesis, id, l->zone, e)) != JT_OK)
		return err;
	jt_genesis_terms(&l->genesis, id, &l->terms);
	return JT_OK;
}

/* Where the history stands, from the store. */
static enum jt_err
load_head(struct jt_ledger *l, struct jt_error *e)
{
	struct jt_slice key, value;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err;

	if ((err = jt_store_last(l->store, JT_HEADERS, &key, &value, e)) != JT_OK)
		return err;
	if (key.data == NULL)
		return jt_fail(e, JT_MALFORMED, "ledger has no headers");
	if ((err = jt_object_parse(value, &o, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_header_decode(&o, &l->head, NULL, &zone, e);
	msgpack_zone_destroy(&zone);
	if (err == JT_OK)
		err = jt_kind_id(&jt_kind_header, &o, l->head_id, e);
	return err == JT_OK ? get_number(l, "cut", &l->cut, e) : err;
}

static enum jt_err
start(struct jt_ledger *l, struct jt_store *store, struct jt_error *e)
{
	*l = (struct jt_ledger){ .store = store };
	l->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	return l->zone == NULL ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}

enum jt_err
jt_ledger_open(struct jt_ledger *l, const char *dir, enum jt_access access,
    struct jt_error *e)
{
	struct jt_store *store;
	struct jt_slice genesis;
	enum jt_err err = jt_store_open(&store, dir, access, e);

	if (err != JT_OK)
		return err;
	if ((err = start(l, store, e)) != JT_OK ||
	    (err = jt_store_begin(store, false, e)) != JT_OK) {
		jt_ledger_close(l);
		return err;
	}
	err = jt_store_get(store, JT_META, jt_slice_text("genesis"), &genesis, e);
	if (err == JT_OK && genesis.len == 0)
		err = jt_fail(e, JT_NOINPUT, "%s: no ledger there", dir);
	if (err == JT_OK)
		err = keep_genesis(l, genesis, e);
	if (err == JT_OK)
		err = load_head(l, e);
	if (err != JT_OK)
		jt_ledger_close(l);
	else if (access != JT_STORE_READ)
		jt_store_abort(store);
	return err;
}

void
jt_ledger_close(struct jt_ledger *l)
{
	if (l->store != NULL)
		jt_store_close(l->store);
	if (l->zone != NULL)
		msgpack_zone_free(l->zone);
	*l = (struct jt_ledger){ 0 };
}

enum jt_err
jt_ledger_begin(struct jt_ledger *l, struct jt_error *e)
{
	enum jt_err err;

	if (l->writing)
		return JT_OK;
	err = jt_store_begin(l->store, true, e);
	if (err == JT_OK)
		err = load_head(l, e); /* jt-certify may have written in between */
	l->writing = err == JT_OK;
	return err;
}

enum jt_err
jt_ledger_commit(struct jt_ledger *l, struct jt_error *e)
{
	if (!l->writing)
		return JT_OK;
	l->writing = false;
	return jt_store_commit(l->store, e);
}

/* Initial accounts of one object into the overlay, in ascending order overall. */
static enum jt_err
add_accounts(struct jt_overlay *overlay, const struct jt_accounts *part,
    uint8_t last[JT_ACCOUNT], uint64_t *count, uint64_t *coins, struct jt_error *e)
{
	const struct jt_initial *in = part->accounts.items;
	uint8_t key[JT_HASH];
	struct jt_buf entry;
	enum jt_err err = JT_OK;

	jt_buf_init(&entry, JT_OBJECT_MAX);
	for (uint32_t i = 0; i < part->accounts.count && err == JT_OK; i++) {
		if (*count > 0 && memcmp(last, in[i].account, JT_ACCOUNT) >= 0) {
			err = jt_fail(e, JT_MALFORMED, "accounts are not in ascending order");
			break;
		}
		memcpy(last, in[i].account, JT_ACCOUNT);
		if (!jt_add(*coins, in[i].balance, coins)) {
			err = jt_fail(e, JT_MALFORMED, "balances: too much together");
			break;
		}
		++*count;
		jt_buf_clear(&entry);
		if ((err = jt_initial_entry(&in[i], &entry, e)) != JT_OK)
			break;
		jt_state_key(key, in[i].account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
		err = jt_overlay_put(overlay, key, jt_buf_slice(&entry), e);
	}
	jt_buf_free(&entry);
	return err;
}

static enum jt_err
flush_overlay(struct jt_ledger *l, struct jt_overlay *overlay, uint8_t root[JT_HASH],
    struct jt_error *e)
{
	const struct jt_change *const *changes;
	size_t n;
	enum jt_err err = jt_overlay_changes(overlay, &changes, &n, e);

	if (err == JT_OK)
		err = jt_map_update(l->store, changes, n, root, e);
	jt_overlay_clear(overlay);
	return err;
}

enum { ACCOUNTS_AT_ONCE = 1 << 17 };

/* All initial accounts behind the genesis; checks them against it. */
static enum jt_err
load_accounts(struct jt_ledger *l, struct jt_overlay *overlay, struct jt_reader *network,
    struct jt_error *e)
{
	uint8_t root[JT_HASH], last[JT_ACCOUNT];
	uint64_t count = 0, coins = 0, flushed = 0;
	struct jt_accounts part;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	while ((err = jt_reader_next(network, &o, e)) == JT_OK && o.bytes.len > 0) {
		if (!jt_object_is(&o, "accounts"))
			continue; /* certified changes of the validator set come later */
		msgpack_zone_clear(&zone);
		if ((err = jt_kind_read(&jt_kind_accounts, &o, &part, &zone, e)) != JT_OK ||
		    (err = add_accounts(overlay, &part, last, &count, &coins, e)) != JT_OK)
			break;
		if (count - flushed < ACCOUNTS_AT_ONCE)
			continue;
		flushed = count;
		if ((err = flush_overlay(l, overlay, root, e)) != JT_OK)
			break;
	}
	msgpack_zone_destroy(&zone);
	if (err == JT_OK)
		err = flush_overlay(l, overlay, root, e);
	if (err != JT_OK)
		return err;
	if (count != l->genesis.accounts || coins != l->genesis.coins ||
	    memcmp(root, l->genesis.state, JT_HASH) != 0)
		return jt_fail(e, JT_CONFIG,
		    "the initial accounts are not those that the genesis names");
	return JT_OK;
}

/* Everything of ledger 0, in the open write transaction. */
static enum jt_err
write_first(struct jt_ledger *l, struct jt_reader *network, struct jt_error *e)
{
	struct jt_overlay *overlay = jt_overlay_new(jt_map_fetch, l->store);
	struct jt_buf object;
	struct jt_header h;
	enum jt_err err;

	if (overlay == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = load_accounts(l, overlay, network, e);
	jt_overlay_free(overlay);
	if (err != JT_OK ||
	    (err = jt_genesis_header(&l->genesis, l->terms.network, &h, e)) != JT_OK)
		return err;
	jt_buf_init(&object, JT_OBJECT_MAX);
	err = jt_header_write(&h, NULL, 0, &object, e);
	if (err == JT_OK)
		err = jt_store_put(l->store, JT_META, jt_slice_text("genesis"),
		    l->genesis_object, e);
	if (err == JT_OK)
		err = put_number(l, "certified", 0, e);
	if (err == JT_OK)
		err = jt_ledger_set_cut(l, 0, e);
	if (err == JT_OK)
		err = jt_ledger_append(l, &h, jt_buf_slice(&object), (struct jt_slice){ NULL, 0 },
		    e);
	jt_buf_free(&object);
	return err;
}

enum jt_err
jt_ledger_create(const char *dir, struct jt_reader *network, struct jt_error *e)
{
	struct jt_ledger l = { 0 };
	struct jt_slice there;
	struct jt_object o;
	enum jt_err err;

	if ((err = jt_reader_next(network, &o, e)) != JT_OK)
		return err;
	if (o.bytes.len == 0)
		return jt_fail(e, JT_NOINPUT, "%s: empty", network->name);
	if ((err = start(&l, NULL, e)) == JT_OK)
		err = keep_genesis(&l, o.bytes, e);
	if (err == JT_OK)
		err = jt_store_open(&l.store, dir, JT_STORE_CREATE, e);
	if (err == JT_OK)
		err = jt_store_begin(l.store, true, e);
	if (err == JT_OK)
		err = jt_store_get(l.store, JT_META, jt_slice_text("genesis"), &there, e);
	if (err == JT_OK && there.len == 0) {
		l.writing = true;
		err = write_first(&l, network, e);
		if (err == JT_OK)
			err = jt_ledger_commit(&l, e);
	}
	jt_ledger_close(&l);
	return err;
}

enum jt_err
jt_ledger_header(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	uint8_t key[8];

	return jt_store_get(l->store, JT_HEADERS, number_key(number, key), object, e);
}

enum jt_err
jt_ledger_cut(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	uint8_t key[8];

	return jt_store_get(l->store, JT_CUTS, number_key(number, key), object, e);
}

enum jt_err
jt_ledger_tx_at(struct jt_ledger *l, uint64_t number, uint32_t index, uint8_t leaf[JT_HASH],
    enum jt_code *code, struct jt_slice *object, struct jt_error *e)
{
	struct jt_slice v;
	uint8_t key[12];
	enum jt_err err;

	jt_put_be64(key, number);
	jt_put_be32(key + 8, index);
	*object = (struct jt_slice){ NULL, 0 };
	err = jt_store_get(l->store, JT_TXS, (struct jt_slice){ key, sizeof key }, &v, e);
	if (err != JT_OK || v.data == NULL)
		return err;
	if (v.len < JT_HASH + 1 || v.data[JT_HASH] >= JT_CODES)
		return jt_fail(e, JT_MALFORMED, "ledger %" PRIu64 ": transaction %" PRIu32
		    " is damaged", number, index);
	memcpy(leaf, v.data, JT_HASH);
	*code = (enum jt_code)v.data[JT_HASH];
	*object = (struct jt_slice){ v.data + JT_HASH + 1, v.len - JT_HASH - 1 };
	return JT_OK;
}

enum jt_err
jt_ledger_tx(struct jt_ledger *l, const uint8_t id[JT_HASH], struct jt_place *place,
    struct jt_slice *object, struct jt_error *e)
{
	uint8_t leaf[JT_HASH];
	struct jt_slice v;
	enum jt_err err;

	*object = (struct jt_slice){ NULL, 0 };
	err = jt_store_get(l->store, JT_IDS, (struct jt_slice){ id, JT_HASH }, &v, e);
	if (err != JT_OK || v.data == NULL)
		return err;
	if (v.len != 12)
		return jt_fail(e, JT_MALFORMED, "ledger: index of ids is damaged");
	place->ledger = jt_get_be64(v.data);
	place->index = jt_get_be32(v.data + 8);
	return jt_ledger_tx_at(l, place->ledger, place->index, leaf, &place->code, object, e);
}

enum jt_err
jt_ledger_account(struct jt_ledger *l, const uint8_t account[JT_ACCOUNT],
    struct jt_slice *entry, struct jt_error *e)
{
	uint8_t key[JT_HASH];

	jt_state_key(key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	return jt_map_get(l->store, key, entry, e);
}

enum jt_err
jt_ledger_set_cut(struct jt_ledger *l, uint64_t cut, struct jt_error *e)
{
	l->cut = cut;
	return put_number(l, "cut", cut, e);
}
