/* Making proofs of hash records. See prove.h. */
#include <inttypes.h>
#include <string.h>

#include "ledger/prove.h"
#include "ledger/records.h"
#include "state/places.h"

/* A record of the ledger; it has to be there. */
static enum jt_err
read_at(struct jt_ledger *l, uint64_t number, uint32_t index, struct jt_record_copy *copy,
    struct jt_error *e)
{
	struct jt_slice object;
	enum jt_err err = jt_records_at(l, number, index, &object, e);

	if (err == JT_OK && object.len == 0)
		err = jt_fail(e, JT_IO, "ledger %" PRIu64 ": record %" PRIu32 " is missing",
		    number, index);
	if (err == JT_OK)
		err = jt_ledger_damaged(jt_record_read(object, copy, e), e, "ledger %" PRIu64
		    ": record %" PRIu32, number, index);
	return err;
}

static enum jt_err
load_tree(struct jt_prover *p, uint64_t number, uint64_t count, struct jt_error *e)
{
	struct jt_record_copy copy;
	enum jt_err err;

	if (p->records.number == number)
		return JT_OK;
	if ((err = jt_prover_tree(&p->records, count, e)) != JT_OK)
		return err;
	for (uint32_t i = 0; i < count; i++) {
		if ((err = read_at(p->l, number, i, &copy, e)) != JT_OK)
			return err;
		jt_record_leaf(p->records.grove.nodes[i], copy.record.hash, copy.id);
	}
	jt_grove_fill(&p->records.grove, JT_MERKLE_LEDGER);
	p->records.number = number;
	return JT_OK;
}

/* The place of the first record of a ledger whose hash is not below this one. */
static enum jt_err
find_place(struct jt_ledger *l, uint64_t number, uint64_t count, const uint8_t hash[JT_HASH],
    uint64_t *index, struct jt_error *e)
{
	struct jt_record_copy copy;
	uint64_t low = 0, high = count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		enum jt_err err = read_at(l, number, (uint32_t)middle, &copy, e);

		if (err != JT_OK)
			return err;
		if (memcmp(copy.record.hash, hash, JT_HASH) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*index = low;
	return JT_OK;
}

/* Walk the records of a hash to the one that is wanted. */
static enum jt_err
find_record(struct jt_ledger *l, const uint8_t hash[JT_HASH], const uint8_t *id,
    uint64_t number, struct jt_record_place *place, struct jt_record_copy *copy,
    struct jt_error *e)
{
	struct jt_slice object;
	enum jt_err err;

	*place = (struct jt_record_place){ .ledger = number };
	for (;; place->index++) {
		if ((err = jt_records_find(l, hash, place, &object, e)) != JT_OK)
			return err;
		if (object.len == 0 || (number != 0 && place->ledger != number))
			return number == 0 ? jt_fail(e, JT_NO, "no ledger holds it")
			    : jt_fail(e, JT_NO, "ledger %" PRIu64 " does not hold it", number);
		if ((err = jt_record_read(object, copy, e)) != JT_OK ||
		    id == NULL || memcmp(copy->id, id, JT_HASH) == 0)
			return err;
	}
}

/* The header that the record names, when it is one of this ledger's. */
static enum jt_err
take_since(struct jt_ledger *l, const struct jt_record_copy *copy, struct jt_buf *out,
    struct jt_error *e)
{
	uint64_t number;
	bool found;
	enum jt_err err;

	if (jt_hash_is_zero(copy->record.after))
		return JT_OK;
	err = jt_ledger_number_of(l, copy->record.after, &number, &found, e);
	if (err == JT_OK && !found)
		err = jt_fail(e, JT_IO, "ledger: a record names a header that is not there");
	return err == JT_OK ? jt_prover_unsigned(l, number, out, e) : err;
}

enum jt_err
jt_prove_record(struct jt_prover *p, const uint8_t hash[JT_HASH], const uint8_t *id,
    uint64_t number, const struct jt_fold_part *fold, struct jt_buf *out, struct jt_error *e)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	struct jt_proof_record proof = { .path.data = path[0] };
	struct jt_record_place place;
	struct jt_record_copy copy;
	struct jt_buf since;
	struct jt_header h;
	enum jt_err err;

	if ((err = find_record(p->l, hash, id, number, &place, &copy, e)) != JT_OK ||
	    (err = jt_prover_header(p, place.ledger, &proof.header, e)) != JT_OK ||
	    (err = jt_ledger_read_header(p->l, place.ledger, &h, e)) != JT_OK ||
	    (err = load_tree(p, place.ledger, h.records.count, e)) != JT_OK)
		return err;
	if (place.index >= p->records.grove.count)
		return jt_index_damaged(JT_HASHES, e);
	if (fold != NULL)
		proof.fold = *fold;
	proof.index = place.index;
	proof.record = copy.object;
	proof.path.len = JT_HASH * jt_grove_path(&p->records.grove, 0, place.index, path);
	jt_buf_init(&since, JT_OBJECT_MAX);
	err = take_since(p->l, &copy, &since, e);
	proof.since = jt_buf_slice(&since);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_proof_record, &proof, out, e);
	jt_buf_free(&since);
	return err;
}

static enum jt_err
take_neighbour(struct jt_prover *p, uint64_t number, uint64_t index, struct jt_neighbour *n,
    uint8_t path[JT_MERKLE_PATH][JT_HASH], struct jt_error *e)
{
	struct jt_record_copy copy;
	enum jt_err err = read_at(p->l, number, (uint32_t)index, &copy, e);

	if (err != JT_OK)
		return err;
	memcpy(n->hash, copy.record.hash, JT_HASH);
	memcpy(n->id, copy.id, JT_HASH);
	n->path = (struct jt_slice){ path[0],
		JT_HASH * jt_grove_path(&p->records.grove, 0, index, path) };
	return JT_OK;
}

enum jt_err
jt_prove_no_record(struct jt_prover *p, const uint8_t hash[JT_HASH], uint64_t number,
    struct jt_buf *out, struct jt_error *e)
{
	uint8_t left[JT_MERKLE_PATH][JT_HASH], right[JT_MERKLE_PATH][JT_HASH];
	struct jt_proof_no_record proof = { .index = 0 };
	struct jt_header h;
	uint64_t count;
	enum jt_err err;

	if ((err = jt_ledger_read_header(p->l, number, &h, e)) != JT_OK ||
	    (err = jt_prover_header(p, number, &proof.header, e)) != JT_OK)
		return err;
	count = h.records.count;
	memcpy(proof.hash, hash, JT_HASH);
	if ((err = find_place(p->l, number, count, hash, &proof.index, e)) != JT_OK ||
	    (count > 0 && (err = load_tree(p, number, count, e)) != JT_OK))
		return err;
	if (proof.index > 0)
		err = take_neighbour(p, number, proof.index - 1, &proof.left, left, e);
	if (err == JT_OK && proof.index < count)
		err = take_neighbour(p, number, proof.index, &proof.right, right, e);
	if (err != JT_OK)
		return err;
	if (proof.index < count && memcmp(proof.right.hash, hash, JT_HASH) == 0)
		return jt_fail(e, JT_NO, "ledger %" PRIu64 " holds it", number);
	return jt_kind_write(&jt_kind_proof_no_record, &proof, out, e);
}
