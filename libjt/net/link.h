/*
 * A link between two ends that know each other's keys: a handshake (noise.h),
 * then a stream of bytes each way, encrypted and in order, until one end says
 * that it has no more. A pure state machine: bytes in, bytes out.
 *
 *	dialing                              awaiting
 *	jt_link_dial           greeting ->   jt_link_await
 *	jt_link_take      <- 2nd message     jt_link_take
 *	jt_link_take       3rd message ->    jt_link_take: JT_LINK_KNOWN, l->remote
 *	JT_LINK_UP         <- a first chunk  jt_link_accept, or drop it
 *	                   a first chunk ->  JT_LINK_UP
 *	jt_link_say, jt_link_take: JT_LINK_TEXT, jt_link_finish, JT_LINK_END
 *
 * So each end is up only after the other has shown that it is there now and
 * wants this link.
 *
 * What goes over the wire: the greeting is a MAC of 16 bytes and Noise's first
 * message of 48; then come Noise's other two, of 48 and 64 bytes. The MAC is
 * BLAKE2b of that message, its key BLAKE2b of "jt/link/1 greeting", the network
 * and the responder's public key: who has none of these costs the responder one
 * hash. Noise's prologue is "jt/link/1" and the network.
 *
 * After that come chunks: four bytes with the length of what follows, big-endian,
 * and up to 64 KiB sealed by crypto_secretstream_xchacha20poly1305, a stream
 * each way, whose keys Noise gives. Those keys are used once, so the stream's
 * header is zero and is not sent. An empty chunk says that the sender is there.
 */
#ifndef JT_LINK_H
#define JT_LINK_H

#include <sodium.h>

#include "crypto/hash.h"
#include "net/noise.h"

#define JT_LINK_GREETING_MAC 16
#define JT_LINK_GREETING (JT_LINK_GREETING_MAC + JT_NOISE_LENGTH(0)) /* bytes */
#define JT_LINK_TEXT_MAX 65536                      /* bytes of text in a chunk */
#define JT_LINK_HEAD 4
#define JT_LINK_SEAL crypto_secretstream_xchacha20poly1305_ABYTES
#define JT_LINK_CHUNK_MAX (JT_LINK_HEAD + JT_LINK_TEXT_MAX + JT_LINK_SEAL)

/* One end, for all of its links. */
struct jt_link_end {
	uint8_t prologue[9 + JT_HASH];
	uint8_t public[JT_NOISE_KEY];
	uint8_t greeting[JT_HASH]; /* the key of the MAC in greetings to this end */
	const uint8_t *secret;     /* borrowed: JT_NOISE_KEY bytes in locked memory */
};
void jt_link_end_init(struct jt_link_end *end, const uint8_t network[JT_HASH],
    const uint8_t public[JT_NOISE_KEY], const uint8_t *secret);

enum jt_link_state {
	JT_LINK_GREETS,  /* awaits a greeting */
	JT_LINK_SHAKES,  /* awaits another message of the handshake */
	JT_LINK_AWAITED, /* it is known who it is: jt_link_accept it, or drop it */
	JT_LINK_OPENS,   /* awaits the first chunk */
	JT_LINK_OPEN,
	JT_LINK_ENDED,   /* the other end said its last; this end may go on */
};
enum jt_link_event {
	JT_LINK_WAIT,  /* more bytes are needed */
	JT_LINK_ON,    /* a message that says nothing but that the other end is there */
	JT_LINK_KNOWN, /* l->remote is its key */
	JT_LINK_UP,    /* text may be said */
	JT_LINK_TEXT,  /* text was appended */
	JT_LINK_END,
};

/* Made by jt_link_new, in locked memory, and nowhere else. */
struct jt_link {
	enum jt_link_state state;
	bool dialing;
	bool finished;                /* this end said its last */
	uint8_t remote[JT_NOISE_KEY]; /* who is at the other end */
	const struct jt_link_end *end;
	struct jt_noise noise;
	crypto_secretstream_xchacha20poly1305_state send, receive;
};
/* NULL when there is no memory. Free wipes; NULL is fine. */
struct jt_link *jt_link_new(void);
void jt_link_free(struct jt_link *l);

/* Begin anew as the dialing end, to one end with this key: the greeting is appended. */
enum jt_err jt_link_dial(struct jt_link *l, const struct jt_link_end *end,
    const uint8_t remote[JT_NOISE_KEY], const uint8_t ephemeral[JT_NOISE_KEY],
    struct jt_buf *out, struct jt_error *e);
/* Begin anew as the other end. `ephemeral` is 32 fresh random bytes, as for jt_link_dial. */
void jt_link_await(struct jt_link *l, const struct jt_link_end *end,
    const uint8_t ephemeral[JT_NOISE_KEY]);

/*
 * Take one message from the front of *in, which moves on behind it: what is to
 * be sent in answer goes to out, text to text, at most JT_LINK_TEXT_MAX bytes.
 * JT_LINK_WAIT when there is no whole message; then *in, which need never be
 * longer than JT_LINK_CHUNK_MAX, is left as it is. Any error ends the link:
 * JT_MALFORMED for a length that cannot be, JT_NO for what was not made by the
 * right one.
 */
enum jt_err jt_link_take(struct jt_link *l, struct jt_slice *in, struct jt_buf *out,
    struct jt_buf *text, enum jt_link_event *event, struct jt_error *e);
enum jt_err jt_link_accept(struct jt_link *l, struct jt_buf *out, struct jt_error *e);
/* A chunk with this text, JT_LINK_TEXT_MAX bytes at most or none, when the link is up. */
enum jt_err jt_link_say(struct jt_link *l, struct jt_slice text, struct jt_buf *out,
    struct jt_error *e);
/* The last words: after them only empty chunks, as signs of life, can be sent. */
enum jt_err jt_link_finish(struct jt_link *l, struct jt_buf *out, struct jt_error *e);

#endif
