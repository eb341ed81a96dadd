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
#include "ledger/proof.h"

struct jt_prover_tree {
	uint64_t number; /* of the ledger whose tree it is; 0: none */
	struct jt_grove grove;
};
struct jt_prover {
	struct jt_ledger *l;
	struct jt_prover_tree txs, records;
};
void jt_prover_init(struct jt_prover *p, struct jt_ledger *l);
void jt_prover_free(struct jt_prover *p);
/* For the functions that prove: room for another tree, whose leaves the caller fills in. */
enum jt_err jt_prover_tree(struct jt_prover_tree *t, uint64_t count, struct jt_error *e);

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
