/*
 * A ledger's history: appending headers, and joining signatures to them.
 * See ledger.h.
 *
 * The Merkle tree over all header ids is kept as the hashes of its full
 * subtrees: table history, (level, index) -> hash. The root needs only the
 * peaks, one for each set bit of the count.
 */
#include "ledger/ledger.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"

static enum jt_err
get_subtree(struct jt_ledger *l, unsigned level, uint64_t index, uint8_t out[JT_HASH],
    struct jt_error *e)
{
	struct jt_slice v;
	uint8_t key[9];
	enum jt_err err;

	key[0] = (uint8_t)level;
	jt_put_be64(key + 1, index);
	err = jt_store_get(l->store, JT_HISTORY, (struct jt_slice){ key, sizeof key }, &v, e);
	if (err == JT_OK && v.len != JT_HASH)
		return jt_fail(e, JT_IO, "ledger: history is damaged");
	if (err == JT_OK)
		memcpy(out, v.data, JT_HASH);
	return err;
}

static enum jt_err
put_subtree(struct jt_ledger *l, unsigned level, uint64_t index, const uint8_t hash[JT_HASH],
    struct jt_error *e)
{
	uint8_t key[9];

	key[0] = (uint8_t)level;
	jt_put_be64(key + 1, index);
	return jt_store_put(l->store, JT_HISTORY, (struct jt_slice){ key, sizeof key },
	    (struct jt_slice){ hash, JT_HASH }, e);
}

/* Leaf `index` is the id of header `index`; full subtrees above it follow. */
static enum jt_err
append_to_tree(struct jt_ledger *l, uint64_t index, const uint8_t id[JT_HASH],
    struct jt_error *e)
{
	uint8_t hash[JT_HASH], left[JT_HASH];
	unsigned level = 0;
	enum jt_err err;

	jt_merkle_leaf(hash, (struct jt_slice){ id, JT_HASH });
	if ((err = put_subtree(l, 0, index, hash, e)) != JT_OK)
		return err;
	for (; index & 1; index >>= 1) {
		if ((err = get_subtree(l, level, index - 1, left, e)) != JT_OK)
			return err;
		jt_merkle_node(hash, left, hash);
		if ((err = put_subtree(l, ++level, index >> 1, hash, e)) != JT_OK)
			return err;
	}
	return JT_OK;
}

/*
 * The root over `count` headers from `from` on, which is a multiple of every
 * power of two in count: from the smallest full subtree, the rightmost, to the left.
 */
static enum jt_err
range_root(struct jt_ledger *l, uint64_t from, uint64_t count, uint8_t root[JT_HASH],
    struct jt_error *e)
{
	uint8_t peak[JT_HASH];
	bool first = true;

	for (unsigned level = 0; count >> level != 0; level++) {
		enum jt_err err;
		if (!(count >> level & 1))
			continue;
		err = get_subtree(l, level, ((from + count) >> level) - 1, peak, e);
		if (err != JT_OK)
			return err;
		if (first)
			memcpy(root, peak, JT_HASH);
		else
			jt_merkle_node(root, peak, root);
		first = false;
	}
	return JT_OK;
}

enum jt_err
jt_ledger_history(struct jt_ledger *l, uint8_t root[JT_HASH], struct jt_error *e)
{
	return range_root(l, 0, l->head.number + 1, root, e);
}

/* RFC 9162, section 2.1.3.1: down from the root, then the other way round. */
enum jt_err
jt_ledger_history_path(struct jt_ledger *l, uint64_t number, uint64_t later,
    uint8_t path[JT_MERKLE_PATH][JT_HASH], size_t *length, struct jt_error *e)
{
	uint64_t from = 0, count = later;
	uint8_t swap[JT_HASH];
	size_t n = 0;

	while (count > 1) {
		uint64_t left = UINT64_C(1) << (63 - __builtin_clzll(count - 1));
		bool in_left = number - from < left;
		enum jt_err err = in_left ? range_root(l, from + left, count - left, path[n], e)
		    : range_root(l, from, left, path[n], e);

		if (err != JT_OK)
			return err;
		from += in_left ? 0 : left;
		count = in_left ? left : count - left;
		n++;
	}
	for (size_t i = 0; i < n / 2; i++) {
		memcpy(swap, path[i], JT_HASH);
		memcpy(path[i], path[n - 1 - i], JT_HASH);
		memcpy(path[n - 1 - i], swap, JT_HASH);
	}
	*length = n;
	return JT_OK;
}

enum jt_err
jt_ledger_append(struct jt_ledger *l, const struct jt_header *h, struct jt_slice object,
    struct jt_slice cut_object, struct jt_error *e)
{
	uint8_t number[8], id[JT_HASH];
	struct jt_slice key = { number, sizeof number };
	enum jt_err err;

	jt_put_be64(number, h->number);
	if ((err = jt_header_id(h, id, e)) != JT_OK ||
	    (err = jt_store_append(l->store, JT_HEADERS, key, object, e)) != JT_OK ||
	    (err = jt_store_put(l->store, JT_NUMBERS, (struct jt_slice){ id, JT_HASH }, key,
		e)) != JT_OK ||
	    (err = append_to_tree(l, h->number, id, e)) != JT_OK)
		return err;
	if (cut_object.len > 0 &&
	    (err = jt_store_append(l->store, JT_CUTS, key, cut_object, e)) != JT_OK)
		return err;
	l->head = *h;
	memcpy(l->head_id, id, JT_HASH);
	return JT_OK;
}

/* The union of two ascending lists of signatures; equal keys are kept once. */
static size_t
join(const struct jt_list *a, const struct jt_list *b, struct jt_sig out[JT_SIGS_MAX])
{
	const struct jt_sig *x = a->items, *y = b->items;
	uint32_t i = 0, k = 0;
	size_t n = 0;

	while ((i < a->count || k < b->count) && n < JT_SIGS_MAX) {
		int order = i == a->count ? 1 : k == b->count ? -1
		    : memcmp(x[i].key, y[k].key, JT_KEY);
		out[n++] = order <= 0 ? x[i] : y[k];
		i += order <= 0;
		k += order >= 0;
	}
	return n;
}

/* In which fields another header of the same number differs from the own one. */
static enum jt_err
tell_difference(struct jt_slice own, struct jt_slice other, msgpack_zone *zone,
    struct jt_error *e)
{
	char fields[JT_HEADER_FIELDS_TEXT];
	struct jt_header is, was;
	enum jt_err err = jt_decode(jt_kind_header.schema, own, &is, zone, e);

	if (err == JT_OK)
		err = jt_decode(jt_kind_header.schema, other, &was, zone, e);
	if (err != JT_OK)
		return err;
	jt_header_difference(&is, &was, fields);
	return jt_fail(e, JT_NO, "ledger %" PRIu64 ": own header differs in %s", is.number, fields);
}

static enum jt_err
join_stored(struct jt_ledger *l, const struct jt_object *o, const struct jt_signed *s,
    uint64_t number, struct jt_signing *done, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_sig sigs[JT_SIGS_MAX];
	struct jt_slice stored;
	struct jt_object own;
	struct jt_signed own_signed;
	uint8_t key[8];
	size_t n;
	enum jt_err err;

	if ((err = jt_ledger_header(l, number, &stored, e)) != JT_OK)
		return err;
	if (stored.len == 0)
		return jt_fail(e, JT_AGAIN, "ledger %" PRIu64 " is not closed here", number);
	if ((err = jt_object_parse(stored, &own, e)) != JT_OK ||
	    (err = jt_signed_decode(&own, &own_signed, zone, e)) != JT_OK)
		return err;
	if (!jt_slice_equal(own_signed.body, s->body)) {
		done->differs = true;
		return tell_difference(own_signed.body, s->body, zone, e);
	}
	/* The first header follows from the genesis, and proofs take it unsigned alone. */
	n = number == 0 ? 0 : join(&own_signed.sigs, &s->sigs, sigs);
	done->changed = n > own_signed.sigs.count;
	done->certified = number == 0 || n >= jt_quorum(l->genesis.validators.count);
	err = jt_signed_write(&done->joined, o->kind, o->version, s->body, sigs, n, e);
	if (err != JT_OK || !done->changed)
		return err;
	jt_put_be64(key, number);
	return jt_store_put(l->store, JT_HEADERS, (struct jt_slice){ key, sizeof key },
	    jt_buf_slice(&done->joined), e);
}

enum jt_err
jt_ledger_sign(struct jt_ledger *l, const struct jt_object *o, struct jt_signing *done,
    struct jt_error *e)
{
	struct jt_header h;
	struct jt_signed s;
	struct jt_error few;
	msgpack_zone zone;
	uint32_t good;
	enum jt_err err;

	*done = (struct jt_signing){ 0 };
	jt_buf_init(&done->joined, JT_OBJECT_MAX);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_header_decode(o, &h, &s, &zone, e);
	if (err == JT_OK && memcmp(h.network, l->terms.network, JT_HASH) != 0)
		err = jt_fail(e, JT_NO, "header of another network");
	if (err == JT_OK) {
		err = jt_certificate_check(&l->genesis.validators, o, &s, &good, &few);
		done->quorum = err == JT_OK;
		/* Too few signatures are no fault; a bad one is. */
		if (err == JT_NO && good < s.sigs.count)
			jt_fail(e, JT_NO, "%s", few.text);
		else
			err = JT_OK;
	}
	if (err == JT_OK)
		err = join_stored(l, o, &s, h.number, done, &zone, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_ledger_sign_own(struct jt_ledger *l, uint64_t number, const uint8_t key[JT_KEY],
    const uint8_t secret[JT_SECRET], struct jt_error *e)
{
	struct jt_sig sig;
	struct jt_signed s = { .sigs = { &sig, 1 } };
	struct jt_signing done = { 0 };
	struct jt_slice stored;
	struct jt_object o;
	uint8_t id[JT_HASH];
	msgpack_zone zone;
	enum jt_err err;

	if ((err = jt_ledger_header(l, number, &stored, e)) != JT_OK ||
	    (err = jt_object_parse(stored, &o, e)) != JT_OK ||
	    (err = jt_signed_body(&o, &s.body, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	jt_object_hash(id, o.kind, o.version, s.body);
	memcpy(sig.key, key, JT_KEY);
	jt_sign_id(sig.sig, secret, id);
	jt_buf_init(&done.joined, JT_OBJECT_MAX);
	err = join_stored(l, &o, &s, number, &done, &zone, e);
	jt_buf_free(&done.joined);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_ledger_certified(struct jt_ledger *l, uint64_t number, bool *certified, uint32_t *good,
    struct jt_error *e)
{
	struct jt_slice stored;
	struct jt_object o;
	struct jt_signed s;
	msgpack_zone zone;
	enum jt_err err = jt_ledger_header(l, number, &stored, e);

	*certified = false;
	*good = 0;
	if (err != JT_OK || stored.len == 0)
		return err;
	if ((err = jt_object_parse(stored, &o, e)) != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	/* What is stored was verified when it was stored. */
	err = jt_signed_decode(&o, &s, &zone, e);
	if (err == JT_OK) {
		*good = s.sigs.count;
		*certified = number == 0 || *good >= jt_quorum(l->genesis.validators.count);
	}
	msgpack_zone_destroy(&zone);
	return err;
}

/* Where jt_ledger_all_certified came to when it was last remembered. */
static enum jt_err
remembered(struct jt_ledger *l, uint64_t *number, struct jt_error *e)
{
	struct jt_slice v;
	enum jt_err err = jt_store_get(l->store, JT_META, jt_slice_text("certified"), &v, e);

	*number = err == JT_OK && v.len == 8 ? jt_get_be64(v.data) : 0;
	return err;
}

enum jt_err
jt_ledger_last_certified(struct jt_ledger *l, uint64_t *number, struct jt_error *e)
{
	uint64_t low;
	uint32_t good;
	bool yes = false;
	enum jt_err err = remembered(l, &low, e);

	for (*number = l->head.number; err == JT_OK && *number > low; --*number)
		if ((err = jt_ledger_certified(l, *number, &yes, &good, e)) == JT_OK && yes)
			break;
	return err;
}

enum jt_err
jt_ledger_all_certified(struct jt_ledger *l, uint64_t *number, struct jt_error *e)
{
	uint32_t good;
	uint8_t be[8];
	bool yes = true;
	enum jt_err err = remembered(l, number, e);
	uint64_t from = *number;

	while (err == JT_OK && yes && *number < l->head.number) {
		err = jt_ledger_certified(l, *number + 1, &yes, &good, e);
		*number += err == JT_OK && yes;
	}
	if (err != JT_OK || !l->writing || *number == from)
		return err;
	jt_put_be64(be, *number);
	return jt_store_put(l->store, JT_META, jt_slice_text("certified"),
	    (struct jt_slice){ be, sizeof be }, e);
}
