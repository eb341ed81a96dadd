/*
 * Proof files in the making: what waits for a ledger to hold its record.
 */
#ifndef PENDING_H
#define PENDING_H

#include "cmd.h"
#include "crypto/fold.h"
#include "ledger/prove.h"

/* Write a jt/pending of this record, and of this part of a fold (NULL: nothing is folded). */
void pending_write(struct cmd_output *out, struct jt_slice record,
    const struct jt_fold_part *part);

/* Does the file begin with a jt/pending or a jt/proof-record? Then it is no data. */
bool pending_is_proof(const char *path);
/* Does this proof file, pending or not, have the digest? JT_NO, or what is wrong with it. */
enum jt_err pending_has(const char *path, const uint8_t digest[JT_HASH], struct jt_error *e);

/*
 * Complete what the ledger holds; the file is written anew when anything was.
 * `unsent` is called with each record (one time for those that follow each other)
 * that no ledger holds. JT_OK: all of it is complete now. JT_AGAIN: something
 * is not, *e says why. p NULL: there is no ledger to look at.
 */
enum jt_err pending_complete(const char *path, struct jt_prover *p,
    void (*unsent)(struct jt_slice record), struct jt_error *e);

#endif
