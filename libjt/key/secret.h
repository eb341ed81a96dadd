/*
 * Secret keys: jt/secret, what a .key file holds.
 *
 * The file holds the secret alone and its role; the public half is computed
 * again each time. With a passphrase the secret is sealed (crypto/seal.h),
 * and the associated data is the very object with `sealed` left out, envelope
 * and all, so that neither role nor parameter can be altered.
 *
 *	role       secret bytes
 *	account    16: the seed, as in sEd...
 *	validator  32 of the Ed25519 key, then 32 of the X25519 key
 *	link       32 of the X25519 key
 *
 * Secrets live in locked memory only. To make a key and write it:
 *
 *	struct jt_secret_key *k = jt_secret_new();
 *	random bytes to k->bytes, jt_secret_size(role) of them
 *	jt_secret_set(k, role, k->bytes);
 *	jt_locked_init(&file, JT_SECRET_FILE_MAX, &e);
 *	jt_secret_seal(k, passphrase, &seal, &file, &e);  or jt_secret_write
 *	jt_file_write(path, 0600, true, jt_buf_slice(&file), &e);
 *	jt_locked_free(&file);
 *	jt_secret_free(k);
 *
 * To use it:
 *
 *	jt_locked_read(&file, JT_SECRET_FILE_MAX, path, &e);
 *	jt_secret_look(jt_buf_slice(&file), &role, &sealed, &e);
 *	a passphrase, when sealed
 *	jt_secret_open(k, jt_buf_slice(&file), passphrase, &e);
 *	jt_locked_free(&file);
 *
 * A changed passphrase is jt_secret_open, then jt_secret_seal with a new salt
 * and nonce, then jt_file_write over the old file.
 */
#ifndef JT_SECRET_H
#define JT_SECRET_H

#include "crypto/seal.h"
#include "key/locked.h"
#include "key/pub.h"

#define JT_SECRET_BYTES 64     /* of any role's secret, at most */
#define JT_SECRET_FILE_MAX 512 /* bytes of a key file, at most */

/* Made by jt_secret_new, in locked memory, and nowhere else. */
struct jt_secret_key {
	struct jt_pub pub;              /* role and public half */
	uint8_t bytes[JT_SECRET_BYTES]; /* what the file holds */
	uint8_t sign[JT_SECRET];        /* Ed25519, libsodium's form: account, validator */
	uint8_t box[JT_BOX_KEY];        /* X25519: validator, link; the public half is
	                                   pub.box of a validator, pub.key of a link */
};

extern const struct jt_kind jt_kind_secret;

/* NULL when there is no memory that can be locked. Free wipes; NULL is fine. */
struct jt_secret_key *jt_secret_new(void);
void jt_secret_free(struct jt_secret_key *k);

/* Bytes of a role's secret. */
size_t jt_secret_size(enum jt_role role);
/* Make the key of these bytes, which may be k->bytes. */
void jt_secret_set(struct jt_secret_key *k, enum jt_role role, const uint8_t *bytes);

/*
 * An account's seed from and to text; both sides secret: use locked memory.
 * JT_MALFORMED: not a seed; JT_USAGE: the key has another role.
 */
enum jt_err jt_secret_import(struct jt_secret_key *k, struct jt_slice text, struct jt_error *e);
enum jt_err jt_secret_export(const struct jt_secret_key *k, char out[JT_SEED_TEXT],
    struct jt_error *e);

/* Append the object as it is, without a passphrase; out must be locked. */
enum jt_err jt_secret_write(const struct jt_secret_key *k, struct jt_buf *out,
    struct jt_error *e);
/*
 * Append the sealed object. Salt and nonce are fresh random bytes (zeros are
 * refused). JT_USAGE for an empty passphrase, JT_SYSTEM when memory is short.
 */
enum jt_err jt_secret_seal(const struct jt_secret_key *k, struct jt_slice passphrase,
    const struct jt_seal *seal, struct jt_buf *out, struct jt_error *e);

/* All that can be checked without the passphrase, and whether there is one: JT_MALFORMED. */
enum jt_err jt_secret_look(struct jt_slice file, enum jt_role *role, bool *sealed,
    struct jt_error *e);
/*
 * The key of a file, which is in locked memory. The passphrase is not looked
 * at when the file is not sealed; JT_PERMISSION when it is needed and empty
 * or wrong, or the file was altered. On any error k is wiped.
 */
enum jt_err jt_secret_open(struct jt_secret_key *k, struct jt_slice file,
    struct jt_slice passphrase, struct jt_error *e);

#endif
