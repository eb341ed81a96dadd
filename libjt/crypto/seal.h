/*
 * Sealing a secret under a passphrase: Argon2id (RFC 9106) makes the key,
 * XChaCha20-Poly1305 seals, and the whole header of the file is associated
 * data, so that no parameter can be changed without the seal breaking.
 */
#ifndef JT_SEAL_H
#define JT_SEAL_H

#include "base/buf.h"
#include "base/error.h"

#define JT_SEAL_SALT 16
#define JT_SEAL_NONCE 24
#define JT_SEAL_TAG 16                         /* a sealed secret is this much longer */
#define JT_SEAL_OPS 3                          /* what we write, and the least read */
#define JT_SEAL_OPS_MAX 16
#define JT_SEAL_MEMORY (UINT64_C(64) << 20)    /* bytes: what we write, and the least read */
#define JT_SEAL_MEMORY_MAX (UINT64_C(1) << 30) /* bytes: refuse more, before trying */
#define JT_PASSPHRASE_MAX 1024                 /* bytes */

struct jt_seal {
	uint64_t ops;
	uint64_t memory; /* bytes */
	uint8_t salt[JT_SEAL_SALT];
	uint8_t nonce[JT_SEAL_NONCE];
};

/* Are ops and memory (in whole KiB) within bounds? JT_MALFORMED names the one that is not. */
enum jt_err jt_seal_check(const struct jt_seal *s, struct jt_error *e);

/* out holds secret.len + JT_SEAL_TAG bytes. JT_SYSTEM when memory is short. */
enum jt_err jt_seal_close(uint8_t *out, struct jt_slice secret, struct jt_slice passphrase,
    struct jt_slice header, const struct jt_seal *s, struct jt_error *e);
/*
 * out holds sealed.len - JT_SEAL_TAG bytes. JT_PERMISSION for a wrong
 * passphrase or an altered file (they cannot be told apart), JT_MALFORMED for
 * parameters out of bounds.
 */
enum jt_err jt_seal_open(uint8_t *out, struct jt_slice sealed, struct jt_slice passphrase,
    struct jt_slice header, const struct jt_seal *s, struct jt_error *e);

#endif
