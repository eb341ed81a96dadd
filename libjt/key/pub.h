/*
 * Public keys: jt/pub, what a .pub file holds. Mail it, commit it.
 *
 * A key has a role, and is used for nothing else:
 *
 *	account    an Ed25519 key; its account signs transactions
 *	validator  an Ed25519 key that signs blocks and headers, and a separate
 *	           X25519 key (`box`) to which its secrets are sealed
 *	link       an X25519 key, with which validators know each other's lines
 */
#ifndef JT_PUB_H
#define JT_PUB_H

#include "crypto/address.h"
#include "crypto/sign.h"
#include "object/kind.h"

#define JT_BOX_KEY 32 /* bytes of an X25519 key, public or secret */
#define JT_PUB_MAX 128 /* bytes of a jt/pub, at most */

enum jt_role { JT_ROLE_ACCOUNT, JT_ROLE_LINK, JT_ROLE_VALIDATOR };

/* The roles' names in the order of the enum, which is ascending; NULL ends them. */
extern const char *const jt_roles[];

struct jt_pub {
	uint8_t box[JT_BOX_KEY]; /* of a validator, else zero */
	uint8_t key[JT_KEY];     /* Ed25519; of a link X25519 */
	uint64_t role;           /* enum jt_role */
};

extern const struct jt_kind jt_kind_pub;

/*
 * Is this a public key that can be one: `box` there if and only if the role
 * is validator, Ed25519 keys canonical points of the prime-order group, X25519
 * keys not of small order? JT_MALFORMED names the field.
 */
enum jt_err jt_pub_check(const struct jt_pub *p, struct jt_error *e);

/* Decode and check. The object must be a jt/pub: JT_MALFORMED. */
enum jt_err jt_pub_read(const struct jt_object *o, struct jt_pub *p, struct jt_error *e);
/* Append the object; what jt_pub_check refuses is not written. */
enum jt_err jt_pub_write(const struct jt_pub *p, struct jt_buf *out, struct jt_error *e);

/* The account of an Ed25519 key; false for a link, which has none. */
bool jt_pub_account(const struct jt_pub *p, uint8_t account[JT_ACCOUNT]);

#endif
