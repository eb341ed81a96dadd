/* Sealing a secret under a passphrase: Argon2id, XChaCha20-Poly1305. See seal.h. */
#include "crypto/seal.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>

static_assert(JT_SEAL_SALT == crypto_pwhash_SALTBYTES, "the salt of Argon2id");
static_assert(JT_SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "the nonce");
static_assert(JT_SEAL_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the tag");

enum { KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES };

enum jt_err
jt_seal_check(const struct jt_seal *s, struct jt_error *e)
{
	if (s->ops < JT_SEAL_OPS || s->ops > JT_SEAL_OPS_MAX)
		return jt_fail(e, JT_MALFORMED, "ops: expected %d to %d, found %" PRIu64,
		    JT_SEAL_OPS, JT_SEAL_OPS_MAX, s->ops);
	if (s->memory < JT_SEAL_MEMORY || s->memory > JT_SEAL_MEMORY_MAX ||
	    s->memory % 1024 != 0)
		return jt_fail(e, JT_MALFORMED, "memory: expected %" PRIu64 " to %" PRIu64
		    " bytes in whole KiB, found %" PRIu64,
		    JT_SEAL_MEMORY, JT_SEAL_MEMORY_MAX, s->memory);
	return JT_OK;
}

/* The key, in locked memory (sodium_free wipes it). */
static enum jt_err
derive(uint8_t **key, struct jt_slice passphrase, const struct jt_seal *s, struct jt_error *e)
{
	enum jt_err err = jt_seal_check(s, e);

	if (err != JT_OK)
		return err;
	if (passphrase.len > JT_PASSPHRASE_MAX)
		return jt_fail(e, JT_MALFORMED, "passphrase: longer than %d bytes",
		    JT_PASSPHRASE_MAX);
	*key = sodium_malloc(KEY);
	if (*key == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory that can be locked");
	if (crypto_pwhash(*key, KEY, passphrase.len ? (const char *)passphrase.data : "",
	    passphrase.len, s->salt, s->ops, (size_t)s->memory,
	    crypto_pwhash_ALG_ARGON2ID13) != 0) {
		sodium_free(*key);
		return jt_fail(e, JT_SYSTEM, "passphrase: cannot get the %" PRIu64
		    " bytes of memory that Argon2id takes", s->memory);
	}
	return JT_OK;
}

enum jt_err
jt_seal_close(uint8_t *out, struct jt_slice secret, struct jt_slice passphrase,
    struct jt_slice header, const struct jt_seal *s, struct jt_error *e)
{
	uint8_t *key;
	enum jt_err err = derive(&key, passphrase, s, e);

	if (err != JT_OK)
		return err;
	crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, secret.data, secret.len,
	    header.data, header.len, NULL, s->nonce, key);
	sodium_free(key);
	return JT_OK;
}

enum jt_err
jt_seal_open(uint8_t *out, struct jt_slice sealed, struct jt_slice passphrase,
    struct jt_slice header, const struct jt_seal *s, struct jt_error *e)
{
	uint8_t *key;
	enum jt_err err;
	int bad;

	if (sealed.len < JT_SEAL_TAG)
		return jt_fail(e, JT_MALFORMED, "sealed: expected %d bytes or more, found %zu",
		    JT_SEAL_TAG, sealed.len);
	err = derive(&key, passphrase, s, e);
	if (err != JT_OK)
		return err;
	bad = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.data,
	    sealed.len, header.data, header.len, s->nonce, key);
	sodium_free(key);
	if (bad != 0)
		return jt_fail(e, JT_PERMISSION, "wrong passphrase, or an altered file");
	return JT_OK;
}
