/*
 * Beacons: the random value that validators release after a ledger is closed.
 *
 * jt/beacon holds the value and the f+1 proven shares (crypto/coin.h) that make
 * it, so that whoever has the coin's public key can check it: no vote, no
 * header and no trust in whoever hands it on. It is the first half of the
 * value of jt_beacon_name.
 */
#ifndef JT_BEACON_H
#define JT_BEACON_H

#include "crypto/coin.h"
#include "object/kind.h"

struct jt_beacon_share {
	uint64_t validator;           /* its number in the set, from 1 */
	uint8_t share[JT_COIN_SHARE]; /* and its proof */
};
struct jt_beacon {
	uint64_t epoch;
	uint64_t ledger;
	uint8_t network[JT_HASH];
	struct jt_list shares;        /* of struct jt_beacon_share, ascending */
	uint8_t value[JT_HASH];
};
extern const struct jt_kind jt_kind_beacon;

/*
 * Append the object, from shares that came for this ledger. Looks at proofs
 * until t are good. JT_NO: there are not so many; *b is set otherwise, but for
 * its list of shares.
 */
enum jt_err jt_beacon_make(struct jt_coin *c, struct jt_beacon *b, struct jt_coin_given *given,
    size_t count, struct jt_buf *out, struct jt_error *e);

/*
 * Is it the beacon of its ledger, in this network and this epoch, whose coin has
 * the key p? JT_NO says what is wrong, JT_MALFORMED that the object is. Which
 * ledger that is, *b says.
 */
enum jt_err jt_beacon_check(const struct jt_object *o, const uint8_t network[JT_HASH],
    uint32_t epoch, const struct jt_coin_public *p, struct jt_beacon *b, msgpack_zone *zone,
    struct jt_error *e);

#endif
