/* Making a ledger from a network file. See ledger.h. */
#include <string.h>

#include "base/num.h"
#include "ledger/inside.h"
#include "state/map.h"

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

enum jt_err
jt_network_check(struct jt_reader *network, struct jt_error *e)
{
	struct jt_object o = { 0 };
	enum jt_err err;

	do
		err = jt_reader_next(network, &o, e);
	while (err == JT_OK && o.bytes.len > 0);
	return err;
}

/* Whether it is a good dealing is for those who throw its coin. */
static enum jt_err
check_dealing(const struct jt_ledger *l, const struct jt_object *o, struct jt_error *e)
{
	uint8_t id[JT_HASH];
	enum jt_err err = jt_kind_id(&jt_kind_dealing, o, id, e);

	if (err == JT_OK && memcmp(id, l->genesis.dealing, sizeof id) != 0)
		err = jt_fail(e, JT_CONFIG, "the dealing is not the one that the genesis names");
	return err;
}

/* All initial accounts behind the genesis, and its dealing; checks them against it. */
static enum jt_err
load_accounts(struct jt_ledger *l, struct jt_overlay *overlay, struct jt_reader *network,
    struct jt_error *e)
{
	uint8_t root[JT_HASH], last[JT_ACCOUNT];
	bool dealt = jt_hash_is_zero(l->genesis.dealing);
	uint64_t count = 0, coins = 0, flushed = 0;
	struct jt_accounts part;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	while ((err = jt_reader_next(network, &o, e)) == JT_OK && o.bytes.len > 0) {
		if (jt_object_is(&o, "dealing")) {
			if ((err = check_dealing(l, &o, e)) != JT_OK)
				break;
			dealt = true;
		}
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
	if (!dealt)
		return jt_fail(e, JT_CONFIG, "the dealing that the genesis names is not there");
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
	if (err == JT_MALFORMED || err == JT_CONFIG)
		jt_fail_in(e, "%s", network->name);
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
		err = jt_ledger_put_number(l, "certified", 0, e);
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
	if ((err = jt_ledger_start(&l, NULL, e)) == JT_OK)
		err = jt_ledger_keep_genesis(&l, o.bytes, e);
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
