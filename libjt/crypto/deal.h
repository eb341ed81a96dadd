/*
 * Dealing a coin (coin.h): whoever deals knows the secret key and all shares,
 * and with them every coin before it is thrown. Good for what one person runs,
 * and for tests; those who do not trust one another make a key together.
 */
#ifndef JT_DEAL_H
#define JT_DEAL_H

#include "crypto/coin.h"

#define JT_DEAL_SEED 32 /* bytes */

/* All that is secret of a key that was dealt; for locked memory alone. */
struct jt_deal {
	uint8_t seed[JT_DEAL_SEED];                   /* random bytes of the caller's */
	uint8_t term[JT_COIN_VALIDATORS][JT_SCALAR];  /* the polynomial, lowest first */
	uint8_t share[JT_COIN_VALIDATORS][JT_SCALAR]; /* x_i, of the validator at place i-1 */
};

/* NULL when there is no memory that can be locked. Free wipes; NULL is fine. */
struct jt_deal *jt_deal_new(void);
void jt_deal_free(struct jt_deal *d);

/*
 * A key for n validators and their shares of it, all of it from d->seed: the
 * same seed and n deal the same. False when a share came out as zero, which has
 * a chance of 2^-245: take another seed.
 */
bool jt_coin_deal(struct jt_deal *d, uint32_t n, struct jt_coin_public *p);

/* Is the secret share that of the validator at this place? */
bool jt_coin_is_share(const struct jt_coin_public *p, uint32_t place,
    const uint8_t secret[JT_SCALAR]);

#endif
