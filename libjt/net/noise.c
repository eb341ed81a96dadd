/* The handshake Noise_XK_25519_ChaChaPoly_BLAKE2b. See noise.h. */
#include "net/noise.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(JT_NOISE_KEY == crypto_scalarmult_BYTES, "keys of X25519");
static_assert(JT_NOISE_KEY == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "and of the cipher");
static_assert(JT_NOISE_HASH == crypto_generichash_BYTES_MAX, "the longest BLAKE2b");
static_assert(JT_NOISE_TAG == crypto_aead_chacha20poly1305_ietf_ABYTES, "the tag");

static const char name[] = "Noise_XK_25519_ChaChaPoly_BLAKE2b";

enum { BLOCK = 128 }; /* of BLAKE2b, for HMAC */

/* ---- hash and HMAC ---- */

static void
hash_two(uint8_t out[JT_NOISE_HASH], struct jt_slice a, struct jt_slice b)
{
	crypto_generichash_state s;

	crypto_generichash_init(&s, NULL, 0, JT_NOISE_HASH);
	if (a.len > 0)
		crypto_generichash_update(&s, a.data, a.len);
	if (b.len > 0)
		crypto_generichash_update(&s, b.data, b.len);
	crypto_generichash_final(&s, out, JT_NOISE_HASH);
	sodium_memzero(&s, sizeof s);
}

/* HMAC (RFC 2104), for Noise defines its key derivation by it and not by BLAKE2b's own key. */
static void
hmac(uint8_t out[JT_NOISE_HASH], const uint8_t key[JT_NOISE_HASH], struct jt_slice data)
{
	uint8_t pad[BLOCK], inner[JT_NOISE_HASH];

	memset(pad, 0x36, sizeof pad);
	for (size_t i = 0; i < JT_NOISE_HASH; i++)
		pad[i] ^= key[i];
	hash_two(inner, (struct jt_slice){ pad, sizeof pad }, data);
	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	hash_two(out, (struct jt_slice){ pad, sizeof pad },
	    (struct jt_slice){ inner, sizeof inner });
	sodium_memzero(pad, sizeof pad);
	sodium_memzero(inner, sizeof inner);
}

/* HKDF of two outputs (RFC 5869); `first` may be `chain`. */
static void
derive(uint8_t first[JT_NOISE_HASH], uint8_t second[JT_NOISE_HASH],
    const uint8_t chain[JT_NOISE_HASH], struct jt_slice material)
{
	uint8_t key[JT_NOISE_HASH], block[JT_NOISE_HASH + 1] = { 0 };

	hmac(key, chain, material);
	block[0] = 1;
	hmac(first, key, (struct jt_slice){ block, 1 });
	memcpy(block, first, JT_NOISE_HASH);
	block[JT_NOISE_HASH] = 2;
	hmac(second, key, (struct jt_slice){ block, sizeof block });
	sodium_memzero(key, sizeof key);
	sodium_memzero(block, sizeof block);
}

/* ---- what the specification calls the symmetric state ---- */

static void
mix_hash(struct jt_noise *n, struct jt_slice data)
{
	hash_two(n->hash, (struct jt_slice){ n->hash, sizeof n->hash }, data);
}

/* A key agreed by secret and public halves; false where the result says nothing. */
static bool
mix_shared(struct jt_noise *n, const uint8_t *secret, const uint8_t *public)
{
	uint8_t shared[JT_NOISE_KEY], key[JT_NOISE_HASH];

	if (crypto_scalarmult(shared, secret, public) != 0)
		return false;
	derive(n->chain, key, n->chain, (struct jt_slice){ shared, sizeof shared });
	memcpy(n->key, key, sizeof n->key);
	n->nonce = 0;
	sodium_memzero(shared, sizeof shared);
	sodium_memzero(key, sizeof key);
	return true;
}

/* Noise's: 32 bits of zeros, then the number, its lowest byte first. */
static void
next_nonce(struct jt_noise *n, uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES])
{
	memset(nonce, 0, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	for (size_t i = 0; i < sizeof n->nonce; i++)
		nonce[4 + i] = (uint8_t)(n->nonce >> (8 * i));
	n->nonce++;
}

static bool
seal(struct jt_noise *n, struct jt_slice text, struct jt_buf *out)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES], *to;
	struct jt_slice sealed = { NULL, text.len + JT_NOISE_TAG };

	if (!jt_buf_reserve(out, sealed.len))
		return false;
	to = out->data + out->len;
	next_nonce(n, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(to, NULL, text.data, text.len, n->hash,
	    sizeof n->hash, NULL, nonce, n->key);
	out->len += sealed.len;
	sealed.data = to;
	mix_hash(n, sealed);
	return true;
}

static bool
unseal(struct jt_noise *n, struct jt_slice sealed, uint8_t *text)
{
	uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

	next_nonce(n, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(text, NULL, NULL, sealed.data, sealed.len,
	    n->hash, sizeof n->hash, nonce, n->key) != 0)
		return false;
	mix_hash(n, sealed);
	return true;
}

/* ---- the pattern XK ---- */

void
jt_noise_start(struct jt_noise *n, const struct jt_noise_terms *t)
{
	static_assert(sizeof name - 1 <= JT_NOISE_HASH, "the name is padded, not hashed");
	const uint8_t *responder;

	assert(t->initiator == (t->remote != NULL));
	memset(n, 0, sizeof *n);
	n->initiator = t->initiator;
	memcpy(n->secret, t->secret, sizeof n->secret);
	memcpy(n->public, t->public, sizeof n->public);
	memcpy(n->ephemeral, t->ephemeral, sizeof n->ephemeral);
	if (t->remote != NULL)
		memcpy(n->remote, t->remote, sizeof n->remote);
	memcpy(n->hash, name, sizeof name - 1);
	memcpy(n->chain, n->hash, sizeof n->chain);
	mix_hash(n, t->prologue);
	responder = t->initiator ? n->remote : n->public;
	mix_hash(n, (struct jt_slice){ responder, JT_NOISE_KEY });
}

bool
jt_noise_writes(const struct jt_noise *n)
{
	return n->done < JT_NOISE_MESSAGES && (n->done % 2 == 0) == n->initiator;
}

/* The keys that message number n->done agrees on, after its own key was read or written. */
static bool
agree(struct jt_noise *n)
{
	switch (n->done) {
	case 0: /* es */
		return n->initiator ? mix_shared(n, n->ephemeral, n->remote) :
		    mix_shared(n, n->secret, n->remote_ephemeral);
	case 1: /* ee */
		return mix_shared(n, n->ephemeral, n->remote_ephemeral);
	default: /* se */
		return n->initiator ? mix_shared(n, n->secret, n->remote_ephemeral) :
		    mix_shared(n, n->ephemeral, n->remote);
	}
}

enum jt_err
jt_noise_write(struct jt_noise *n, struct jt_slice payload, struct jt_buf *out,
    struct jt_error *e)
{
	uint8_t public[JT_NOISE_KEY];
	bool fits;

	assert(jt_noise_writes(n) && payload.len <= JT_NOISE_PAYLOAD_MAX);
	if (n->done < 2) { /* e */
		crypto_scalarmult_base(public, n->ephemeral);
		fits = jt_buf_add(out, public, sizeof public);
		mix_hash(n, (struct jt_slice){ public, sizeof public });
	} else /* s */
		fits = seal(n, (struct jt_slice){ n->public, sizeof n->public }, out);
	if (fits && !agree(n))
		return jt_fail(e, JT_NO, "the other end's key is of small order");
	if (!fits || !seal(n, payload, out))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	n->done++;
	return JT_OK;
}

enum jt_err
jt_noise_read(struct jt_noise *n, struct jt_slice message, struct jt_buf *payload,
    struct jt_error *e)
{
	size_t least = JT_NOISE_LENGTH(n->done), key = least - JT_NOISE_TAG, text;
	struct jt_slice sealed;

	assert(n->done < JT_NOISE_MESSAGES && !jt_noise_writes(n));
	if (message.len < least || message.len > least + JT_NOISE_PAYLOAD_MAX)
		return jt_fail(e, JT_MALFORMED, "handshake message of %zu bytes, expected %zu",
		    message.len, least);
	sealed = (struct jt_slice){ message.data + key, message.len - key };
	text = sealed.len - JT_NOISE_TAG;
	if (!jt_buf_reserve(payload, text))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	message.len = key;
	if (n->done < 2) { /* e */
		memcpy(n->remote_ephemeral, message.data, key);
		mix_hash(n, message);
	} else if (!unseal(n, message, n->remote)) /* s */
		return jt_fail(e, JT_NO, "the handshake's message 3 does not open");
	if (!agree(n))
		return jt_fail(e, JT_NO, "the other end's key is of small order");
	if (!unseal(n, sealed, text > 0 ? payload->data + payload->len : NULL))
		return jt_fail(e, JT_NO, "the handshake's message %u does not open", n->done + 1);
	payload->len += text;
	n->done++;
	return JT_OK;
}

void
jt_noise_split(const struct jt_noise *n, uint8_t send[JT_NOISE_KEY],
    uint8_t receive[JT_NOISE_KEY])
{
	uint8_t first[JT_NOISE_HASH], second[JT_NOISE_HASH];

	assert(n->done == JT_NOISE_MESSAGES);
	derive(first, second, n->chain, (struct jt_slice){ NULL, 0 });
	memcpy(send, n->initiator ? first : second, JT_NOISE_KEY);
	memcpy(receive, n->initiator ? second : first, JT_NOISE_KEY);
	sodium_memzero(first, sizeof first);
	sodium_memzero(second, sizeof second);
}
