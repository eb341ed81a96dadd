/*
 * Making proofs from an open ledger (proof.h says what they are).
 *
 * A prover keeps the tree of the ledger it proved from last, so that proving
 * all transactions of a ledger costs one pass and then a path each.
 */
#ifndef JT_PROVE_H
#define JT_PROVE_H

#include "ledger/ledger.h"
#include "ledger/proof.h"

struct jt_prover {
	struct jt_ledger *l;
	uint64_t number;         /* of the ledger whose tree is kept; 0: none */
	uint32_t count;
	uint8_t (*nodes)[JT_HASH]; /* level by level, leaves first */
	size_t level[JT_MERKLE_PATH + 1]; /* where each level begins; last: the end */
};
void jt_prover_init(struct jt_prover *p, struct jt_ledger *l);
void jt_prover_free(struct jt_prover *p);

/*
 * Append a jt/proof-account of the newest ledger, or a jt/proof-tx. JT_AGAIN:
 * the ledger is not certified yet ("2 of 3 signatures"). JT_NO: no ledger
 * holds the transaction.
 */
enum jt_err jt_prove_account(struct jt_prover *p, const uint8_t account[JT_ACCOUNT],
    struct jt_buf *out, struct jt_error *e);
enum jt_err jt_prove_tx(struct jt_prover *p, const uint8_t id[JT_HASH], struct jt_buf *out,
    struct jt_error *e);

#endif
