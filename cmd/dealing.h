/*
 * The network's coin, as programs meet it: the dealing in the network file, and
 * a validator's share of it in DIR/coin.share.
 */
#ifndef DEALING_H
#define DEALING_H

#include "cmd.h"
#include "ledger/genesis.h"

/*
 * The dealing of a network whose genesis was decoded to *g; false when it has
 * none. One that is wrong, or not there, ends the program. d points into n and
 * the zone.
 */
bool cmd_dealing(const struct cmd_network *n, const struct jt_genesis *g, struct jt_dealing *d,
    msgpack_zone *zone);

/* Deal for these validators with fresh randomness: appends the jt/dealing. */
void cmd_deal(struct jt_pub *pubs, uint32_t count, struct jt_buf *out);

/*
 * The share in a file, opened with the validator's key to locked memory, and the
 * validator's place in the set. id is the dealing's (g->dealing). Ends the
 * program when there is none (66), it is of another dealing or validator (78), or
 * it is bad (1).
 */
void cmd_share_load(const char *path, const struct jt_secret_key *k, const struct jt_dealing *d,
    const uint8_t id[JT_HASH], uint8_t secret[JT_SCALAR], uint32_t *place);

#endif
