/* What no correct voter says: for liars alone, simulated ones and jt-liar's. */
#ifndef JT_WRONG_H
#define JT_WRONG_H

#include "vote/dag.h"

/* A number below `below`, by lot. */
typedef uint64_t jt_lot(void *ctx, uint64_t below);

/*
 * Make the parents of a block wrong, in one of the ways that there are: a copy of
 * those that its author named, of n validators. Returns how many they are now.
 */
uint32_t jt_wrong_parents(struct jt_ref *parents, uint32_t count, uint32_t n, jt_lot *lot,
    void *ctx);

#endif
