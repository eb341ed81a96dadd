/* Closing history again. See replay.h. */
#include "ledger/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ledger/inside.h"

enum {
	COMMIT_BYTES = 16 << 20,
	KEY_SHOWN = 40 /* bytes of a key; no table has longer ones */
};

enum jt_err
jt_replay_start(struct jt_replay *r, struct jt_ledger *from, const char *dir,
    struct jt_reader *network, struct jt_error *e)
{
	enum jt_err err;

	*r = (struct jt_replay){ .from = from };
	if ((err = jt_ledger_create(dir, network, e)) != JT_OK ||
	    (err = jt_ledger_open(&r->to, dir, JT_STORE_WRITE, e)) != JT_OK)
		return err;
	if (memcmp(r->to.terms.network, from->terms.network, JT_HASH) != 0)
		return jt_fail(e, JT_CONFIG, "the network file is of another network");
	return JT_OK;
}

void
jt_replay_end(struct jt_replay *r)
{
	jt_ledger_close(&r->to);
	free(r->items);
	free(r->records);
	*r = (struct jt_replay){ 0 };
}

static enum jt_err
read_cut(struct jt_replay *r, uint64_t number, struct jt_cut *cut, struct jt_error *e)
{
	struct jt_slice bytes;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err = jt_ledger_cut(r->from, number, &bytes, e);

	*cut = (struct jt_cut){ 0 };
	if (err != JT_OK)
		return err;
	if (bytes.len == 0)
		return jt_fail(e, JT_NO, "ledger %" PRIu64 ": has no cut", number);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_object_parse(bytes, &o, e);
	if (err == JT_OK)
		err = jt_kind_read(&jt_kind_cut, &o, cut, &zone, e);
	msgpack_zone_destroy(&zone);
	return jt_ledger_damaged(err, e, "ledger %" PRIu64 ": the cut", number);
}

enum jt_err
jt_replay_items(struct jt_replay *r, uint64_t number, size_t *count, struct jt_cut *cut,
    struct jt_error *e)
{
	struct jt_header h;
	enum jt_err err;

	if ((err = jt_ledger_read_header(r->from, number, &h, e)) != JT_OK ||
	    (err = read_cut(r, number, cut, e)) != JT_OK)
		return err;
	if (h.transactions.count > JT_CLOSE_ITEMS_MAX)
		return jt_fail(e, JT_NO, "ledger %" PRIu64 ": too many transactions", number);
	*count = (size_t)h.transactions.count;
	if (*count > r->cap) {
		struct jt_item *items = realloc(r->items, *count * sizeof *items);
		if (items == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		r->items = items;
		r->cap = *count;
	}
	for (size_t i = 0; i < *count; i++) {
		uint8_t leaf[JT_HASH], id[JT_HASH];
		enum jt_code code;

		err = jt_ledger_tx_at(r->from, number, (uint32_t)i, leaf, &code,
		    &r->items[i].object, e);
		if (err != JT_OK)
			return err;
		if (r->items[i].object.len == 0)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": transaction %zu is missing",
			    number, i);
		err = jt_ledger_tx_id(number, (uint32_t)i, leaf, code, r->items[i].object, id, e);
		if (err != JT_OK)
			return err;
		r->bytes += r->items[i].object.len;
	}
	return JT_OK;
}

/* The records of a ledger, as it has them. */
static enum jt_err
take_records(struct jt_replay *r, uint64_t number, size_t *count, struct jt_error *e)
{
	struct jt_header h;
	enum jt_err err = jt_ledger_read_header(r->from, number, &h, e);

	if (err != JT_OK)
		return err;
	if (h.records.count > JT_CLOSE_RECORDS_MAX)
		return jt_fail(e, JT_NO, "ledger %" PRIu64 ": too many records", number);
	*count = (size_t)h.records.count;
	if (*count > r->records_cap) {
		struct jt_record_item *records = realloc(r->records, *count * sizeof *records);
		if (records == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		r->records = records;
		r->records_cap = *count;
	}
	for (size_t i = 0; i < *count; i++) {
		struct jt_record_item *item = &r->records[i];
		struct jt_record_copy copy;

		*item = (struct jt_record_item){ .source = NULL };
		err = jt_records_at(r->from, number, (uint32_t)i, &item->object, e);
		if (err != JT_OK)
			return err;
		if (item->object.len == 0)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": record %zu is missing",
			    number, i);
		err = jt_ledger_damaged(jt_record_read(item->object, &copy, e), e,
		    "ledger %" PRIu64 ": record %zu", number, i);
		if (err != JT_OK)
			return err;
		r->bytes += item->object.len;
	}
	return JT_OK;
}

/* Is each in its place, and does the index know it there? */
static enum jt_err
compare_records(struct jt_replay *r, uint64_t number, size_t count, struct jt_error *e)
{
	char id[2 * JT_HASH + 1];

	for (size_t i = 0; i < count; i++) {
		const struct jt_record_item *item = &r->records[i];
		struct jt_record_place place = { number, (uint32_t)i };
		struct jt_slice object;
		enum jt_err err;

		jt_hex_format(item->id, JT_HASH, id);
		if (item->code != JT_CODE_OK)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": record %s is %s, and was ok",
			    number, id, jt_code_words[item->code]);
		if (item->index != i)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": record %s is not in its place",
			    number, id);
		if ((err = jt_records_find(r->from, item->hash, &place, &object, e)) != JT_OK)
			return err;
		if (object.len == 0 || place.ledger != number || place.index != i)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": record %s is not in the index",
			    number, id);
	}
	return JT_OK;
}

/* The same result for each transaction, in the same place? */
static enum jt_err
compare_items(struct jt_replay *r, uint64_t number, size_t count, struct jt_error *e)
{
	char id[2 * JT_HASH + 1];

	for (size_t i = 0; i < count; i++) {
		const struct jt_item *item = &r->items[i];
		struct jt_slice object;
		uint8_t leaf[JT_HASH];
		enum jt_code code;
		enum jt_err err = jt_ledger_tx_at(r->from, number, (uint32_t)i, leaf, &code,
		    &object, e);

		if (err != JT_OK)
			return err;
		jt_hex_format(item->id, JT_HASH, id);
		if (item->code != code)
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": %s is %s, and was %s", number,
			    id, jt_code_words[item->code], jt_code_words[code]);
		if (!jt_slice_equal(item->object, object))
			return jt_fail(e, JT_NO, "ledger %" PRIu64 ": %s is not in its place",
			    number, id);
	}
	return JT_OK;
}

/* Every signature that a stored header has must be good and of a validator. */
static enum jt_err
check_signatures(struct jt_replay *r, uint64_t number, struct jt_error *e)
{
	struct jt_slice bytes;
	struct jt_object o;
	struct jt_header h;
	struct jt_signed s = { 0 };
	msgpack_zone zone;
	uint32_t good;
	enum jt_err err;

	if ((err = jt_ledger_header(r->from, number, &bytes, e)) != JT_OK ||
	    (err = jt_object_parse(bytes, &o, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_header_decode(&o, &h, &s, &zone, e);
	if (err == JT_OK) {
		err = jt_certificate_check(&r->from->genesis.validators, &o, &s, &good, e);
		if (err == JT_NO && good == s.sigs.count)
			err = JT_OK; /* not certified yet, which is no fault */
	}
	msgpack_zone_destroy(&zone);
	return err == JT_OK ? err : jt_fail_in(e, "ledger %" PRIu64, number);
}

enum jt_err
jt_replay_next(struct jt_replay *r, struct jt_error *e)
{
	uint64_t number = r->to.head.number + 1;
	struct jt_close c = { .verified = r->verified, .empty = true };
	char fields[JT_HEADER_FIELDS_TEXT];
	uint8_t id[JT_HASH];
	struct jt_header was;
	struct jt_cut cut;
	enum jt_err err;

	if ((err = jt_replay_items(r, number, &c.count, &cut, e)) != JT_OK ||
	    (err = take_records(r, number, &c.record_count, e)) != JT_OK ||
	    (err = jt_ledger_begin(&r->to, e)) != JT_OK)
		return err;
	if (cut.n <= r->to.cut)
		return jt_fail(e, JT_NO, "ledger %" PRIu64 ": cut %" PRIu64 " comes twice", number,
		    cut.n);
	/* Cuts in between had nothing admissible, and closed no ledger. */
	c.items = r->items;
	c.records = r->records;
	if ((err = jt_ledger_set_cut(&r->to, cut.n - 1, e)) != JT_OK ||
	    (err = jt_close_ledger(&r->to, &cut, &c, e)) != JT_OK ||
	    (err = compare_items(r, number, c.count, e)) != JT_OK ||
	    (err = compare_records(r, number, c.record_count, e)) != JT_OK ||
	    (err = jt_ledger_read_header(r->from, number, &was, e)) != JT_OK)
		return err;
	if ((err = jt_header_id(&was, id, e)) != JT_OK)
		return err;
	if (memcmp(id, r->to.head_id, JT_HASH) != 0) {
		jt_header_difference(&c.header, &was, fields);
		return jt_fail(e, JT_NO, "ledger %" PRIu64 ": header comes out another way: %s",
		    number, fields);
	}
	if (!r->verified && (err = check_signatures(r, number, e)) != JT_OK)
		return err;
	if (r->bytes < COMMIT_BYTES)
		return JT_OK;
	r->bytes = 0;
	return jt_ledger_commit(&r->to, e);
}

/* The entry where two tables part has the lower key of the two. */
static enum jt_err
tell_entry(const char *table, struct jt_slice a, struct jt_slice b, struct jt_error *e)
{
	struct jt_slice key = a.data == NULL || (b.data != NULL && jt_slice_compare(b, a) < 0) ? b : a;
	char hex[2 * KEY_SHOWN + 1];

	jt_hex_format(key.data, key.len < KEY_SHOWN ? key.len : KEY_SHOWN, hex);
	return jt_fail(e, JT_NO, "table %s comes out another way at key %s", table, hex);
}

static enum jt_err
compare_table(struct jt_replay *r, enum jt_table t, const char *name, struct jt_error *e)
{
	static const struct jt_slice start = { NULL, 0 };
	struct jt_slice key, value, own_key, own_value;
	enum jt_err err;

	err = jt_store_first(r->from->store, t, start, &key, &value, e);
	if (err == JT_OK)
		err = jt_store_first(r->to.store, t, start, &own_key, &own_value, e);
	while (err == JT_OK) {
		if (key.data == NULL && own_key.data == NULL)
			return JT_OK;
		if (key.data == NULL || own_key.data == NULL || !jt_slice_equal(key, own_key) ||
		    !jt_slice_equal(value, own_value))
			return tell_entry(name, key, own_key, e);
		err = jt_store_next(r->from->store, t, &key, &value, e);
		if (err == JT_OK)
			err = jt_store_next(r->to.store, t, &own_key, &own_value, e);
	}
	return err;
}

enum jt_err
jt_replay_compare(struct jt_replay *r, struct jt_error *e)
{
	static const struct {
		enum jt_table table;
		const char *name;
	} tables[] = {
		{ JT_STATE, "state" }, { JT_NODES, "nodes" }, { JT_NUMBERS, "numbers" },
		{ JT_CUTS, "cuts" }, { JT_TXS, "txs" }, { JT_IDS, "ids" },
		{ JT_HISTORY, "history" }, { JT_RECORDS, "records" },
		{ JT_HASHES, "hashes" },
	};
	enum jt_err err = jt_ledger_begin(&r->to, e);

	for (size_t i = 0; i < sizeof tables / sizeof tables[0] && err == JT_OK; i++)
		err = compare_table(r, tables[i].table, tables[i].name, e);
	return err;
}
