/*
 * Dealings: a coin's key, and its shares sealed to those they were dealt for.
 *
 * jt/dealing is public and of no network: the key Y, and for each validator its
 * keys, Y_i, and x_i sealed to its X25519 key (libsodium's sealed box), in
 * ascending order of the Ed25519 keys, as sets of validators are. The values
 * Y_i stand for Feldman's commitments to the coefficients: they say as much, anybody
 * can see in a few multiplications whether they belong to one key, and nobody
 * has to compute them again. The id of the dealing is what a genesis and its
 * headers name.
 *
 * jt/share is what a validator keeps of a dealing: its own sealed share, and
 * the dealing's id. The file is as secret as the key that opens it.
 */
#ifndef JT_DEALING_H
#define JT_DEALING_H

#include "crypto/deal.h"
#include "key/secret.h"

#define JT_SEALED_SHARE (JT_SCALAR + 48) /* bytes: an X25519 key, a tag, the share */
#define JT_DEALING_MAX 32768             /* bytes of the object */
#define JT_SHARE_FILE_MAX 512

struct jt_dealt {
	uint8_t key[JT_KEY];     /* Ed25519 */
	uint8_t box[JT_BOX_KEY]; /* X25519 */
	uint8_t share[JT_POINT]; /* Y_i */
	uint8_t sealed[JT_SEALED_SHARE];
};
struct jt_dealing {
	uint8_t coin[JT_POINT];  /* Y */
	struct jt_list shares;   /* of struct jt_dealt, ascending by key */
};
extern const struct jt_kind jt_kind_dealing;

struct jt_share {
	uint8_t coin[JT_HASH];   /* id of the jt/dealing */
	uint8_t key[JT_KEY];     /* the validator's */
	uint8_t sealed[JT_SEALED_SHARE];
};
extern const struct jt_kind jt_kind_share;

/*
 * Deal for these validators: appends the object. They may come in any order, and
 * are put in theirs. d->seed is fresh random bytes, d in locked memory.
 * JT_USAGE: a key twice, or one that is no validator's.
 */
enum jt_err jt_dealing_make(struct jt_pub *pubs, uint32_t count, struct jt_deal *d,
    struct jt_buf *out, struct jt_error *e);

/*
 * Decode and check all that can be seen from outside: keys distinct and in order,
 * commitments that belong to one key. The list comes from the zone. JT_MALFORMED.
 */
enum jt_err jt_dealing_read(const struct jt_object *o, struct jt_dealing *d, msgpack_zone *zone,
    struct jt_error *e);
void jt_dealing_public(const struct jt_dealing *d, struct jt_coin_public *p);

/* Whose place is it? False: the key is not among them. */
bool jt_dealing_place(const struct jt_dealing *d, const uint8_t key[JT_KEY], uint32_t *place);

/* The share of the validator at a place, as it is kept. */
enum jt_err jt_share_write(const struct jt_dealing *d, const uint8_t id[JT_HASH], uint32_t place,
    struct jt_buf *out, struct jt_error *e);
enum jt_err jt_share_read(const struct jt_object *o, struct jt_share *s, struct jt_error *e);
/*
 * Open a sealed share with the validator's key: secret is in locked memory.
 * JT_NO: it was not sealed to this key, or is not the share that p has at the
 * place: a bad share, and the dealer is to blame.
 */
enum jt_err jt_share_open(const uint8_t sealed[JT_SEALED_SHARE], const struct jt_secret_key *k,
    const struct jt_coin_public *p, uint32_t place, uint8_t secret[JT_SCALAR],
    struct jt_error *e);

#endif
