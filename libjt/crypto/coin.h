/*
 * The common coin: random values that n validators make together, that t = f+1
 * of them can make and fewer cannot foresee, with f = (n-1)/3 (Cachin, Kursawe
 * and Shoup, "Random oracles in Constantinople", on ristretto255).
 *
 * A secret key x is the value at zero of a polynomial P of degree f; validator
 * i = 1..n has x_i = P(i), and everybody knows Y = x B and Y_i = x_i B. The share
 * of validator i in the value of a name N is x_i H with H = HashToGroup(N), and
 * with it comes a proof (dleq.h) that it is. Any t shares give x H by
 * interpolation, and the value is BLAKE2b-512("jt/coin/out/1" N xH). There is
 * only one value, whoever makes it from whatever shares.
 *
 * When is a set of shares right? Either
 *   - t of them are proven; or
 *   - 2f+1 of them, of different validators, lie on one polynomial of degree f:
 *     of 2f+1 at most f are wrong, the f+1 others lie on P, and f+1 values
 *     determine a polynomial of degree f, so the one on which all lie is P.
 *     2f do not suffice, proven or not: f that are right and f that are not lie
 *     on many polynomials of degree f. Nor do proofs make up for it: with p < t
 *     proven ones among them, k shares hold k-f that are right all the same.
 * The second way believes that at most f validators are faulty, as the vote does;
 * the first does not, and is what a stranger asks for. The second costs 2f
 * multiplications of points where the first costs six for each proof (and t to
 * combine, in both), so jt_coin_open takes it where it has the shares, and the
 * proofs where it has not or where a share is wrong. A validator whose share
 * was wrong is remembered, and left out of such sets: each can make the set fail
 * once.
 *
 * The value of a round or a ledger has one name and a validator gives its share
 * once it may be known (rbft: in the block that ends the wave; with the
 * acknowledgement of the ledger). Shares that are wrong are ignored: they are
 * no reason to refuse what they came in.
 */
#ifndef JT_COIN_H
#define JT_COIN_H

#include "crypto/dleq.h"
#include "crypto/hash.h"

#define JT_COIN_VALIDATORS 128                     /* n, at most */
#define JT_COIN_SHARE (JT_POINT + JT_DLEQ_PROOF)   /* bytes of a share and its proof */
#define JT_COIN_VALUE 64                           /* bytes */

/* What everybody knows of a key. */
struct jt_coin_public {
	uint32_t n, t;
	uint8_t key[JT_POINT];                        /* Y */
	uint8_t share[JT_COIN_VALIDATORS][JT_POINT];  /* Y_i, of the validator at place i-1 */
};

/* t of n. */
uint32_t jt_coin_threshold(uint32_t n);
/*
 * Is it one key: n in bounds, t as it must be, good points, all of them on one
 * polynomial of degree f? Whoever has shares x_i with x_i B = Y_i can then be
 * sure that any t of them give the same values.
 */
bool jt_coin_public_good(const struct jt_coin_public *p);

/* A name, and the point it stands for. */
struct jt_coin_name {
	uint8_t bytes[64];
	size_t len;
	uint8_t point[JT_POINT];
};
/* "jt/coin/1" network epoch round, numbers 4 bytes and little-endian. */
void jt_coin_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint32_t round);
/* "jt/beacon/1" network epoch ledger, 4 and 8 bytes; the beacon is half the value. */
void jt_beacon_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint64_t ledger);

/*
 * The share of whoever has the secret x_i and the public Y_i, and its proof;
 * false when the secret is zero. The same secret and name give the same bytes.
 */
bool jt_coin_share(uint8_t share[JT_COIN_SHARE], const uint8_t secret[JT_SCALAR],
    const uint8_t public_share[JT_POINT], const struct jt_coin_name *name);
/* Is this the share of the validator at that place, proven? */
bool jt_coin_verify(const struct jt_coin_public *p, uint32_t place,
    const struct jt_coin_name *name, const uint8_t share[JT_COIN_SHARE]);

/* A share that came. */
struct jt_coin_given {
	uint32_t place;       /* of the validator in the set, from 0 */
	const uint8_t *share; /* JT_COIN_SHARE bytes */
	bool proven;          /* in: known to be good, as is one's own; out: also those proven */
};
/* One who opens coins: what it found out about validators. */
struct jt_coin {
	struct jt_coin_public public;
	bool doubted[JT_COIN_VALIDATORS]; /* gave a share that was not good */
};

/* The value from t good shares of different places; false when one is no good point. */
bool jt_coin_combine(const struct jt_coin_name *name, const uint32_t *places,
    const uint8_t *const *shares, uint32_t t, uint8_t value[JT_COIN_VALUE]);
/*
 * The value, if the shares suffice; several of one place may be among them,
 * and they may be in any order. Checks no more than it must, so it is
 * best called when 2f+1 are there, as a quorum is, or when no more will come.
 */
bool jt_coin_open(struct jt_coin *c, const struct jt_coin_name *name,
    struct jt_coin_given *given, size_t count, uint8_t value[JT_COIN_VALUE]);
/*
 * Look at proofs until t shares of different places are proven, for those who
 * have to convince a stranger; false when there are fewer.
 */
bool jt_coin_prove(struct jt_coin *c, const struct jt_coin_name *name,
    struct jt_coin_given *given, size_t count);

#endif
