/*
 * Proof files in the making: what waits for a ledger to hold its record.
 */
#ifndef PENDING_H
#define PENDING_H

#include "cmd.h"
#include "crypto/fold.h"
#include "digests.h"
#include "ledger/prove.h"

/* Files that are written together. Counted ones are in their places after pending_settle. */
struct pending_files {
	struct cmd_output outs[CMD_OUTPUTS_MAX];
	size_t count;
};
/* Room for one more, which is to be opened; then count it, or drop it. */
struct cmd_output *pending_file(struct pending_files *f);
void pending_settle(struct pending_files *f);

/* Write a jt/pending of this record, and of this part of a fold (NULL: nothing is folded). */
void pending_write(struct cmd_output *out, struct jt_slice record,
    const struct jt_fold_part *part);

/* Does the file begin with a jt/pending or a jt/proof-record? Then it is no data. */
bool pending_is_proof(const char *path);
/* Does this proof file, pending or not, have all digests? JT_NO, or what is wrong with it. */
enum jt_err pending_has(const char *path, const struct digests *sorted, struct jt_error *e);

/* Where proofs come from: a ledger, and what a validator sent. */
struct pending_source {
	struct jt_prover *prover; /* NULL: there is no ledger to look at */
	const uint8_t *network;   /* the only one whose records can be proven; NULL: not known */
	struct pending_proof {
		uint8_t id[JT_HASH];  /* of the record */
		struct jt_buf proof;  /* jt/proof-record, checked */
	} *proofs;
	size_t count, cap;
};
/* Keep a copy of a jt/proof-record that was checked. */
void pending_learn(struct pending_source *s, struct jt_slice proof);
void pending_forget(struct pending_source *s);

/*
 * Complete what can be proven; the file is one of `files` when anything was.
 * `unsent` (unless NULL) is called with each record that no ledger holds, or
 * (`held`) none that is certified.
 * JT_OK: all of it is complete now. JT_AGAIN: something is not, *e says why.
 */
enum jt_err pending_complete(struct pending_files *files, const char *path,
    const struct pending_source *s, void (*unsent)(struct jt_slice record, bool held),
    struct jt_error *e);

#endif
