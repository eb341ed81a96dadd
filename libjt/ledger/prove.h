/*
 * Making proofs from an open ledger (proof.h says what they are).
 *
 * A prover keeps the trees of the ledger it proved from last, so that proving
 * all that is in a ledger costs one pass and then a path each.
 */
#ifndef JT_PROVE_H
#define JT_PROVE_H

#include "crypto/grove.h"
#include "ledger/ledger.h"
#include "ledger/proof_record.h"

struct jt_prover_tree {
	uint64_t number; /* of the ledger whose tree it is; 0: none */
	struct jt_grove grove;
};
struct jt_prover {
	struct jt_ledger *l;
	struct jt_prover_tree txs, records;
	struct jt_buf header; /* one that was proven by the history of another */
	struct jt_buf under;  /* what proofs of the transactions of txs have as their header */
};
void jt_prover_init(struct jt_prover *p, struct jt_ledger *l);
void jt_prover_free(struct jt_prover *p);
/*
 * For the functions that prove: room for another tree, whose leaves, if any, the
 * caller fills in; what goes into a proof as `header`, which is the ledger's
 * certificate or, where it has none or other validators sign today, a
 * jt/proof-ledger by a newer one; the header without signatures, appended.
 */
enum jt_err jt_prover_tree(struct jt_prover_tree *t, uint64_t count, struct jt_error *e);
enum jt_err jt_prover_header(struct jt_prover *p, uint64_t number, struct jt_slice *object,
    struct jt_error *e);
enum jt_err jt_prover_unsigned(struct jt_ledger *l, uint64_t number, struct jt_buf *out,
    struct jt_error *e);

/*
 * Append a jt/proof-account of the newest ledger, or a jt/proof-tx. JT_AGAIN:
 * the ledger is not certified yet ("2 of 3 signatures"). JT_NO: no ledger
 * holds the transaction.
 */
enum jt_err jt_prove_account(struct jt_prover *p, const uint8_t account[JT_ACCOUNT],
    struct jt_buf *out, struct jt_error *e);
/*
 * Under load the newest ledger is never certified, and the state is that of
 * the newest one alone: append what jt_prove_finish makes a proof of, in a later
 * snapshot, as soon as a ledger from *number on is certified. JT_AGAIN: none is.
 */
enum jt_err jt_prove_account_early(struct jt_prover *p, const uint8_t account[JT_ACCOUNT],
    uint64_t *number, struct jt_buf *out, struct jt_error *e);
enum jt_err jt_prove_finish(struct jt_prover *p, struct jt_slice early, struct jt_buf *out,
    struct jt_error *e);
enum jt_err jt_prove_tx(struct jt_prover *p, const uint8_t id[JT_HASH], struct jt_buf *out,
    struct jt_error *e);
/*
 * Append an earlier ledger's header by the newest certified one: a
 * jt/proof-ledger, or of the newest itself its certificate. JT_NO, JT_AGAIN.
 */
enum jt_err jt_prove_ledger(struct jt_prover *p, uint64_t number, struct jt_buf *out,
    struct jt_error *e);

/*
 * Append a jt/proof-record: of the first record of the hash, or with `id` of that
 * record; in this ledger, or with 0 in the first that holds it. With `fold`
 * the digests that are in it. JT_NO: no ledger holds it; JT_AGAIN.
 */
enum jt_err jt_prove_record(struct jt_prover *p, const uint8_t hash[JT_HASH],
    const uint8_t *id, uint64_t number, const struct jt_fold_part *fold, struct jt_buf *out,
    struct jt_error *e);
/* Append a jt/proof-no-record. JT_NO: the ledger holds one; JT_AGAIN. */
enum jt_err jt_prove_no_record(struct jt_prover *p, const uint8_t hash[JT_HASH],
    uint64_t number, struct jt_buf *out, struct jt_error *e);

#endif
