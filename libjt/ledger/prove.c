/* Making proofs. See prove.h. */
#include "ledger/prove.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "state/places.h"

void
jt_prover_init(struct jt_prover *p, struct jt_ledger *l)
{
	*p = (struct jt_prover){ .l = l };
	jt_buf_init(&p->header, JT_OBJECT_MAX);
	jt_buf_init(&p->under, JT_OBJECT_MAX);
}

void
jt_prover_free(struct jt_prover *p)
{
	jt_buf_free(&p->header);
	jt_buf_free(&p->under);
	jt_grove_free(&p->txs.grove);
	jt_grove_free(&p->records.grove);
	*p = (struct jt_prover){ 0 };
}

enum jt_err
jt_prover_tree(struct jt_prover_tree *t, uint64_t count, struct jt_error *e)
{
	jt_grove_free(&t->grove);
	t->number = 0;
	return count == 0 ? JT_OK : jt_grove_make(&t->grove, count, e);
}

/* The header object of a ledger, if it is a certificate. */
static enum jt_err
certified_header(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	uint32_t good;
	bool yes;
	enum jt_err err = jt_ledger_certified(l, number, &yes, &good, e);

	if (err != JT_OK)
		return err;
	if (!yes)
		return jt_fail(e, JT_AGAIN, "ledger %" PRIu64
		    " is not certified: %" PRIu32 " of %" PRIu32 " signatures", number, good,
		    jt_quorum(l->genesis.validators.count));
	return jt_ledger_header(l, number, object, e);
}

enum jt_err
jt_prover_unsigned(struct jt_ledger *l, uint64_t number, struct jt_buf *out, struct jt_error *e)
{
	struct jt_slice object, body;
	struct jt_object o;
	enum jt_err err = jt_ledger_header(l, number, &object, e);

	if (err == JT_OK && object.len == 0)
		err = jt_fail(e, JT_NO, "no ledger %" PRIu64, number);
	if (err != JT_OK || (err = jt_object_parse(object, &o, e)) != JT_OK ||
	    (err = jt_signed_body(&o, &body, e)) != JT_OK)
		return err;
	return jt_signed_write(out, o.kind, o.version, body, NULL, 0, e);
}

/* Append a jt/proof-ledger: the header by the history of a newer, certified one. */
static enum jt_err
prove_by_history(struct jt_ledger *l, uint64_t number, uint64_t newer, struct jt_buf *out,
    struct jt_error *e)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	struct jt_proof_ledger proof = { .path.data = path[0] };
	struct jt_buf header;
	enum jt_err err;

	jt_buf_init(&header, JT_OBJECT_MAX);
	err = certified_header(l, newer, &proof.newer, e);
	if (err == JT_OK)
		err = jt_prover_unsigned(l, number, &header, e);
	if (err == JT_OK)
		err = jt_ledger_history_path(l, number, newer, path, &proof.path.len, e);
	if (err == JT_OK) {
		proof.header = jt_buf_slice(&header);
		proof.path.len *= JT_HASH;
		err = jt_kind_write(&jt_kind_proof_ledger, &proof, out, e);
	}
	jt_buf_free(&header);
	return err;
}

/* The newest certified ledger; the first one always is. */
static enum jt_err
newest_certified(struct jt_ledger *l, uint64_t *number, struct jt_error *e)
{
	uint32_t good;
	bool yes = false;
	enum jt_err err = JT_OK;

	for (*number = l->head.number; err == JT_OK && !yes; *number -= !yes)
		err = jt_ledger_certified(l, *number, &yes, &good, e);
	return err;
}

enum jt_err
jt_prove_ledger(struct jt_prover *p, uint64_t number, struct jt_buf *out, struct jt_error *e)
{
	struct jt_slice header;
	uint64_t newest;
	enum jt_err err = newest_certified(p->l, &newest, e);

	if (err != JT_OK)
		return err;
	if (number > p->l->head.number)
		return jt_fail(e, JT_NO, "no ledger %" PRIu64 ", the newest is %" PRIu64, number,
		    p->l->head.number);
	if (number < newest)
		return prove_by_history(p->l, number, newest, out, e);
	if ((err = certified_header(p->l, number, &header, e)) != JT_OK)
		return err;
	return jt_buf_add_slice(out, header) ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
}

/* The same set signs both, so that who trusts it needs no more than the older's certificate. */
static bool
same_set(const struct jt_header *a, const struct jt_header *b)
{
	return memcmp(a->validators, b->validators, JT_HASH) == 0;
}

enum jt_err
jt_prover_header(struct jt_prover *p, uint64_t number, struct jt_slice *object,
    struct jt_error *e)
{
	struct jt_header h, newer;
	uint64_t newest;
	uint32_t good;
	bool yes = false;
	enum jt_err err = jt_ledger_read_header(p->l, number, &h, e);

	if (err == JT_OK)
		err = newest_certified(p->l, &newest, e);
	if (err == JT_OK)
		err = jt_ledger_read_header(p->l, newest, &newer, e);
	if (err == JT_OK)
		err = jt_ledger_certified(p->l, number, &yes, &good, e);
	if (err != JT_OK)
		return err;
	if (number >= newest || (yes && same_set(&h, &newer)))
		return certified_header(p->l, number, object, e);
	jt_buf_clear(&p->header);
	err = prove_by_history(p->l, number, newest, &p->header, e);
	*object = jt_buf_slice(&p->header);
	return err;
}

/* Of the newest ledger, with this header. */
static enum jt_err
prove_account(struct jt_prover *p, const uint8_t account[JT_ACCOUNT], struct jt_slice header,
    struct jt_buf *out, struct jt_error *e)
{
	struct jt_proof_account proof = { .header = header };
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	memcpy(proof.account, account, JT_ACCOUNT);
	jt_state_key(proof.key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	err = jt_map_get(p->l->store, proof.key, &proof.entry, e);
	if (err == JT_OK)
		err = jt_map_prove(p->l->store, proof.key, &proof.path, &zone, e);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_proof_account, &proof, out, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_prove_account(struct jt_prover *p, const uint8_t account[JT_ACCOUNT], struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_slice header;
	enum jt_err err = jt_prover_header(p, p->l->head.number, &header, e);

	return err == JT_OK ? prove_account(p, account, header, out, e) : err;
}

enum jt_err
jt_prove_account_early(struct jt_prover *p, const uint8_t account[JT_ACCOUNT],
    uint64_t *number, struct jt_buf *out, struct jt_error *e)
{
	struct jt_slice header;
	enum jt_err err;

	*number = p->l->head.number;
	err = jt_ledger_header(p->l, *number, &header, e);
	return err == JT_OK ? prove_account(p, account, header, out, e) : err;
}

enum jt_err
jt_prove_finish(struct jt_prover *p, struct jt_slice early, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_proof_account proof;
	struct jt_header h;
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_object_parse(early, &o, e);
	if (err == JT_OK)
		err = jt_kind_read(&jt_kind_proof_account, &o, &proof, &zone, e);
	if (err == JT_OK)
		err = jt_object_parse(proof.header, &o, e);
	if (err == JT_OK)
		err = jt_header_decode(&o, &h, NULL, &zone, e);
	if (err == JT_OK)
		err = jt_prover_header(p, h.number, &proof.header, e);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_proof_account, &proof, out, e);
	msgpack_zone_destroy(&zone);
	return err;
}

/* Nothing of a ledger changes once it is certified, so this is good in any snapshot. */
static enum jt_err
load_ledger(struct jt_prover *p, uint64_t number, struct jt_error *e)
{
	struct jt_slice object;
	struct jt_header h;
	enum jt_code code;
	enum jt_err err;

	if (p->txs.number == number)
		return JT_OK;
	if ((err = jt_prover_header(p, number, &object, e)) != JT_OK)
		return err;
	jt_buf_clear(&p->under);
	if (!jt_buf_add_slice(&p->under, object))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if ((err = jt_ledger_read_header(p->l, number, &h, e)) != JT_OK ||
	    (err = jt_prover_tree(&p->txs, h.transactions.count, e)) != JT_OK)
		return err;
	for (uint32_t i = 0; i < h.transactions.count; i++) {
		err = jt_ledger_tx_at(p->l, number, i, p->txs.grove.nodes[i], &code, &object, e);
		if (err == JT_OK && object.len == 0)
			err = jt_fail(e, JT_IO, "ledger %" PRIu64 ": transaction %" PRIu32
			    " is missing", number, i);
		if (err != JT_OK)
			return err;
	}
	jt_grove_fill(&p->txs.grove, JT_MERKLE_LEDGER);
	p->txs.number = number;
	return JT_OK;
}

enum jt_err
jt_prove_tx(struct jt_prover *p, const uint8_t id[JT_HASH], struct jt_buf *out,
    struct jt_error *e)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	struct jt_proof_tx proof = { .path.items = path };
	struct jt_place place;
	enum jt_err err;

	if ((err = jt_ledger_tx(p->l, id, &place, &proof.tx, e)) != JT_OK)
		return err;
	if (proof.tx.len == 0)
		return jt_fail(e, JT_NO, "no ledger holds it");
	if ((err = load_ledger(p, place.ledger, e)) != JT_OK)
		return err;
	if (place.index >= p->txs.grove.count)
		return jt_index_damaged(JT_IDS, e);
	proof.header = jt_buf_slice(&p->under);
	proof.code = place.code;
	proof.index = place.index;
	proof.path.count = (uint32_t)jt_grove_path(&p->txs.grove, 0, place.index, path);
	return jt_kind_write(&jt_kind_proof_tx, &proof, out, e);
}
