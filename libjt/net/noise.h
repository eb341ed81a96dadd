/*
 * The handshake Noise_XK_25519_ChaChaPoly_BLAKE2b: both ends prove that they
 * have the secret half of their static keys, the initiator knows the
 * responder's beforehand, and only the responder learns who the initiator is.
 * After "The Noise Protocol Framework", revision 34, on libsodium's X25519,
 * ChaCha20-Poly1305 (RFC 8439), BLAKE2b with 64 bytes (RFC 7693) and HMAC.
 *
 *	initiator                            responder
 *	jt_noise_start(&n, &terms)           jt_noise_start(&n, &terms)
 *	jt_noise_write: e, es           -->  jt_noise_read
 *	jt_noise_read                   <--  jt_noise_write: e, ee
 *	jt_noise_write: s, se           -->  jt_noise_read, and n.remote is known
 *	jt_noise_split                       jt_noise_split
 *
 * Messages have no framing of their own: their lengths are JT_NOISE_LENGTH of
 * their number (from 0), and that of the payload. Nothing here draws at random:
 * the ephemeral secret is 32 fresh random bytes, used for nothing else. The
 * struct holds secrets: keep it in locked memory, and wipe it.
 */
#ifndef JT_NOISE_H
#define JT_NOISE_H

#include "base/buf.h"
#include "base/error.h"

#define JT_NOISE_KEY 32  /* bytes of an X25519 key, public or secret */
#define JT_NOISE_HASH 64 /* bytes of the handshake's hash */
#define JT_NOISE_TAG 16
#define JT_NOISE_MESSAGES 3
#define JT_NOISE_PAYLOAD_MAX 65535

/* Bytes of message number i with an empty payload. */
#define JT_NOISE_LENGTH(i) ((i) < 2 ? 48 : 64)

struct jt_noise_terms {
	bool initiator;
	struct jt_slice prologue;     /* both must say the same */
	const uint8_t *secret;        /* own static key, and its public half */
	const uint8_t *public;
	const uint8_t *ephemeral;     /* 32 random bytes */
	const uint8_t *remote;        /* the responder's public key; NULL for a responder */
};

struct jt_noise {
	bool initiator;
	unsigned done;                /* messages so far */
	uint64_t nonce;
	uint8_t hash[JT_NOISE_HASH];  /* of all that was said: after the last message it
	                                 names the session */
	uint8_t chain[JT_NOISE_HASH];
	uint8_t key[JT_NOISE_KEY];
	uint8_t secret[JT_NOISE_KEY], public[JT_NOISE_KEY];
	uint8_t ephemeral[JT_NOISE_KEY];
	uint8_t remote[JT_NOISE_KEY]; /* static key of the other end */
	uint8_t remote_ephemeral[JT_NOISE_KEY];
};

void jt_noise_start(struct jt_noise *n, const struct jt_noise_terms *t);
/* Is it this end's turn to write? Neither's after the last message. */
bool jt_noise_writes(const struct jt_noise *n);
/* Append the next message. JT_NO: the other end's key is of small order. */
enum jt_err jt_noise_write(struct jt_noise *n, struct jt_slice payload, struct jt_buf *out,
    struct jt_error *e);
/*
 * The whole next message; its payload is appended. JT_MALFORMED for a length
 * that cannot be, JT_NO when it was not made by the other end for this one:
 * then the handshake is over.
 */
enum jt_err jt_noise_read(struct jt_noise *n, struct jt_slice message, struct jt_buf *payload,
    struct jt_error *e);
/* After the last message: a key for each direction. */
void jt_noise_split(const struct jt_noise *n, uint8_t send[JT_NOISE_KEY],
    uint8_t receive[JT_NOISE_KEY]);

#endif
