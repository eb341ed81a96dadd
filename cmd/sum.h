/*
 * One sum over a stream of objects, for people to compare: what `jt-id --all`
 * prints and `jt-sign -e` takes. BLAKE2b-256("jt/all/1" 0x00 id id ...), with
 * the ids of all objects in order; signatures are no part of it, so that it
 * stays the same from one signer to the next.
 */
#ifndef SUM_H
#define SUM_H

#include "crypto/hash.h"

void cmd_sum_start(struct jt_hasher *sum);
void cmd_sum_add(struct jt_hasher *sum, const uint8_t id[JT_HASH]);

#endif
