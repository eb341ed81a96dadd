/*
 * An open ledger directory. See ledger.h.
 *
 * Keys of the meta table: "genesis" (the object), "cut" (the last cut
 * applied), "certified" (the newest ledger below which all are certified).
 */
#include "ledger/inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ledger/close.h"
#include "ledger/proof.h"
#include "state/map.h"
#include "state/places.h"

enum jt_err
jt_ledger_damaged(enum jt_err err, struct jt_error *e, const char *fmt, ...)
{
	char what[JT_ERROR_MAX];
	va_list ap;

	if (err != JT_MALFORMED)
		return err;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	jt_fail_in(e, "%s is damaged", what);
	return e->code = JT_IO;
}

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
		return jt_fail(e, JT_IO, "ledger: damaged, has no %s", name);
	if (err == JT_OK)
		*out = jt_get_be64(v.data);
	return err;
}

enum jt_err
jt_ledger_put_number(struct jt_ledger *l, const char *name, uint64_t v, struct jt_error *e)
{
	uint8_t be[8];

	jt_put_be64(be, v);
	return jt_store_put(l->store, JT_META, jt_slice_text(name),
	    (struct jt_slice){ be, sizeof be }, e);
}

/* The object is copied into the zone, so that it outlives the transaction. */
enum jt_err
jt_ledger_keep_genesis(struct jt_ledger *l, struct jt_slice bytes, struct jt_error *e)
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
	enum jt_err err;

	if ((err = jt_store_last(l->store, JT_HEADERS, &key, &value, e)) != JT_OK)
		return err;
	if (key.len != 8)
		return jt_fail(e, JT_IO, "ledger: damaged, has no headers");
	if ((err = jt_ledger_read_header(l, jt_get_be64(key.data), &l->head, e)) != JT_OK ||
	    (err = jt_header_id(&l->head, l->head_id, e)) != JT_OK)
		return err;
	l->snapshot = jt_store_number(l->store);
	return get_number(l, "cut", &l->cut, e);
}

enum jt_err
jt_ledger_start(struct jt_ledger *l, struct jt_store *store, struct jt_error *e)
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
	if ((err = jt_ledger_start(l, store, e)) != JT_OK ||
	    (err = jt_store_begin(store, false, e)) != JT_OK) {
		jt_ledger_close(l);
		return err;
	}
	err = jt_store_get(store, JT_META, jt_slice_text("genesis"), &genesis, e);
	if (err == JT_OK && genesis.len == 0)
		err = jt_fail(e, JT_NOINPUT, "%s: no ledger there", dir);
	if (err == JT_OK)
		err = jt_ledger_damaged(jt_ledger_keep_genesis(l, genesis, e), e, "ledger: the genesis");
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

void
jt_ledger_rest(struct jt_ledger *l)
{
	jt_store_abort(l->store);
}

enum jt_err
jt_ledger_refresh(struct jt_ledger *l, bool *changed, struct jt_error *e)
{
	enum jt_err err;

	jt_store_abort(l->store);
	*changed = false;
	if ((err = jt_store_begin(l->store, false, e)) != JT_OK ||
	    jt_store_number(l->store) == l->snapshot)
		return err;
	*changed = true;
	return load_head(l, e);
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

/* Both the object and what it says, without what would need a zone afterwards. */
static enum jt_err
get_header(struct jt_ledger *l, uint64_t number, struct jt_slice *object, struct jt_header *h,
    struct jt_error *e)
{
	uint8_t key[8];
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err = jt_store_get(l->store, JT_HEADERS, number_key(number, key), object, e);

	*h = (struct jt_header){ 0 };
	if (err != JT_OK || object->len == 0)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_object_parse(*object, &o, e);
	if (err == JT_OK)
		err = jt_header_decode(&o, h, NULL, &zone, e);
	msgpack_zone_destroy(&zone);
	return jt_ledger_damaged(err, e, "ledger %" PRIu64 ": the header", number);
}

enum jt_err
jt_ledger_header(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	struct jt_header h;

	return get_header(l, number, object, &h, e);
}

enum jt_err
jt_ledger_cut(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	uint8_t key[8];

	return jt_store_get(l->store, JT_CUTS, number_key(number, key), object, e);
}

enum jt_err
jt_ledger_read_header(struct jt_ledger *l, uint64_t number, struct jt_header *h,
    struct jt_error *e)
{
	struct jt_slice bytes;
	enum jt_err err = get_header(l, number, &bytes, h, e);

	return err == JT_OK && bytes.len == 0 ? jt_fail(e, JT_NO, "no ledger %" PRIu64, number)
	    : err;
}

enum jt_err
jt_ledger_number_of(struct jt_ledger *l, const uint8_t id[JT_HASH], uint64_t *number,
    bool *found, struct jt_error *e)
{
	struct jt_slice v;
	enum jt_err err = jt_store_get(l->store, JT_NUMBERS, (struct jt_slice){ id, JT_HASH }, &v,
	    e);

	*number = 0;
	*found = err == JT_OK && v.data != NULL;
	if (*found && v.len != 8)
		return jt_fail(e, JT_IO, "ledger: index of headers is damaged");
	if (*found)
		*number = jt_get_be64(v.data);
	return err;
}

enum jt_err
jt_ledger_time_of(void *ctx, const uint8_t id[JT_HASH], uint64_t *time, struct jt_error *e)
{
	struct jt_ledger *l = ctx;
	struct jt_header h;
	uint64_t number;
	bool found;
	enum jt_err err = jt_ledger_number_of(l, id, &number, &found, e);

	*time = 0;
	if (err != JT_OK || !found)
		return err;
	err = jt_ledger_read_header(l, number, &h, e);
	*time = err == JT_OK ? h.time : 0;
	return err;
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
		return jt_fail(e, JT_IO, "ledger %" PRIu64 ": transaction %" PRIu32
		    " is damaged", number, index);
	memcpy(leaf, v.data, JT_HASH);
	*code = (enum jt_code)v.data[JT_HASH];
	*object = (struct jt_slice){ v.data + JT_HASH + 1, v.len - JT_HASH - 1 };
	return JT_OK;
}

enum jt_err
jt_ledger_tx_id(uint64_t number, uint32_t index, const uint8_t leaf[JT_HASH],
    enum jt_code code, struct jt_slice object, uint8_t id[JT_HASH], struct jt_error *e)
{
	uint8_t sigs[JT_HASH], own[JT_HASH];
	struct jt_signed s;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_object_parse(object, &o, e);
	if (err == JT_OK)
		err = jt_signed_decode(&o, &s, &zone, e);
	if (err == JT_OK) {
		jt_object_hash(id, o.kind, o.version, s.body);
		jt_signed_sigs_hash(sigs, &s);
		jt_tx_leaf(own, id, sigs, code);
		if (memcmp(own, leaf, JT_HASH) != 0)
			err = jt_fail(e, JT_MALFORMED, "its hash is another one");
	}
	msgpack_zone_destroy(&zone);
	return jt_ledger_damaged(err, e, "ledger %" PRIu64 ": transaction %" PRIu32, number, index);
}

enum jt_err
jt_ledger_tx(struct jt_ledger *l, const uint8_t id[JT_HASH], struct jt_place *place,
    struct jt_slice *object, struct jt_error *e)
{
	uint8_t entry[JT_PLACES_ENTRY], leaf[JT_HASH], own[JT_HASH];
	bool found;
	enum jt_err err;

	*place = (struct jt_place){ 0 };
	*object = (struct jt_slice){ NULL, 0 };
	for (;; place->index++) {
		jt_places_entry(entry, id, place->ledger, place->index);
		err = jt_places_find(l->store, JT_IDS, entry, &found, e);
		if (err != JT_OK || !found)
			return err;
		place->ledger = jt_get_be64(entry + JT_PLACES_KEY);
		place->index = jt_get_be32(entry + JT_PLACES_KEY + 8);
		err = jt_ledger_tx_at(l, place->ledger, place->index, leaf, &place->code, object,
		    e);
		if (err == JT_OK && (object->len == 0 || place->index >= JT_CLOSE_ITEMS_MAX))
			err = jt_index_damaged(JT_IDS, e);
		if (err == JT_OK)
			err = jt_ledger_tx_id(place->ledger, place->index, leaf, place->code, *object,
			    own, e);
		if (err != JT_OK || memcmp(own, id, JT_HASH) == 0)
			return err;
		*object = (struct jt_slice){ NULL, 0 };
	}
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
	return jt_ledger_put_number(l, "cut", cut, e);
}
