/* A link between two ends: handshake, then chunks. See link.h. */
#include "net/link.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"

static_assert(crypto_secretstream_xchacha20poly1305_KEYBYTES == JT_NOISE_KEY, "Noise's keys");

static const char protocol[] = "jt/link/1";
static const char greeting[] = "jt/link/1 greeting";

/* ---- ends ---- */

static void
greeting_key(uint8_t key[JT_HASH], const uint8_t prologue[9 + JT_HASH],
    const uint8_t public[JT_NOISE_KEY])
{
	struct jt_hasher h;

	jt_hasher_init(&h);
	jt_hasher_add(&h, greeting, sizeof greeting - 1);
	jt_hasher_add(&h, prologue + sizeof protocol - 1, JT_HASH);
	jt_hasher_add(&h, public, JT_NOISE_KEY);
	jt_hasher_end(&h, key);
}

static void
greeting_mac(uint8_t mac[JT_LINK_GREETING_MAC], const uint8_t key[JT_HASH],
    const uint8_t message[JT_NOISE_LENGTH(0)])
{
	crypto_generichash(mac, JT_LINK_GREETING_MAC, message, JT_NOISE_LENGTH(0), key, JT_HASH);
}

void
jt_link_end_init(struct jt_link_end *end, const uint8_t network[JT_HASH],
    const uint8_t public[JT_NOISE_KEY], const uint8_t *secret)
{
	static_assert(sizeof end->prologue == sizeof protocol - 1 + JT_HASH, "the prologue");

	memcpy(end->prologue, protocol, sizeof protocol - 1);
	memcpy(end->prologue + sizeof protocol - 1, network, JT_HASH);
	memcpy(end->public, public, sizeof end->public);
	greeting_key(end->greeting, end->prologue, public);
	end->secret = secret;
}

struct jt_link *
jt_link_new(void)
{
	struct jt_link *l = sodium_malloc(sizeof *l);

	if (l != NULL)
		memset(l, 0, sizeof *l);
	return l;
}

void
jt_link_free(struct jt_link *l)
{
	sodium_free(l);
}

/* ---- the handshake ---- */

static void
start(struct jt_link *l, const struct jt_link_end *end, const uint8_t *remote,
    const uint8_t *ephemeral)
{
	sodium_memzero(l, sizeof *l);
	l->end = end;
	l->dialing = remote != NULL;
	jt_noise_start(&l->noise, &(struct jt_noise_terms){ .initiator = remote != NULL,
	    .prologue = { end->prologue, sizeof end->prologue }, .secret = end->secret,
	    .public = end->public, .ephemeral = ephemeral, .remote = remote });
}

enum jt_err
jt_link_dial(struct jt_link *l, const struct jt_link_end *end,
    const uint8_t remote[JT_NOISE_KEY], const uint8_t ephemeral[JT_NOISE_KEY],
    struct jt_buf *out, struct jt_error *e)
{
	static const uint8_t room[JT_LINK_GREETING_MAC];
	uint8_t key[JT_HASH];
	size_t at = out->len;
	enum jt_err err;

	start(l, end, remote, ephemeral);
	l->state = JT_LINK_SHAKES;
	memcpy(l->remote, remote, sizeof l->remote);
	if (!jt_buf_add(out, room, sizeof room))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if ((err = jt_noise_write(&l->noise, (struct jt_slice){ NULL, 0 }, out, e)) != JT_OK)
		return err;
	greeting_key(key, end->prologue, remote);
	greeting_mac(out->data + at, key, out->data + at + JT_LINK_GREETING_MAC);
	return JT_OK;
}

void
jt_link_await(struct jt_link *l, const struct jt_link_end *end,
    const uint8_t ephemeral[JT_NOISE_KEY])
{
	start(l, end, NULL, ephemeral);
	l->state = JT_LINK_GREETS;
}

/* The MAC is looked at before anything that costs. */
static enum jt_err
take_greeting(struct jt_link *l, struct jt_slice message, struct jt_slice *noise,
    struct jt_error *e)
{
	uint8_t mac[JT_LINK_GREETING_MAC];

	noise->data = message.data + sizeof mac;
	noise->len = message.len - sizeof mac;
	greeting_mac(mac, l->end->greeting, noise->data);
	if (sodium_memcmp(mac, message.data, sizeof mac) != 0)
		return jt_fail(e, JT_NO, "no greeting for this key and network");
	l->state = JT_LINK_SHAKES;
	return JT_OK;
}

/* Both streams begin in the state that libsodium gives a reader; the writer's is the same. */
static void
open_streams(struct jt_link *l)
{
	static const uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
	uint8_t send[JT_NOISE_KEY], receive[JT_NOISE_KEY];

	jt_noise_split(&l->noise, send, receive);
	memcpy(l->remote, l->noise.remote, sizeof l->remote);
	crypto_secretstream_xchacha20poly1305_init_pull(&l->send, header, send);
	crypto_secretstream_xchacha20poly1305_init_pull(&l->receive, header, receive);
	sodium_memzero(send, sizeof send);
	sodium_memzero(receive, sizeof receive);
	sodium_memzero(&l->noise, sizeof l->noise);
}

static enum jt_err
shake(struct jt_link *l, struct jt_slice message, struct jt_buf *out,
    enum jt_link_event *event, struct jt_error *e)
{
	struct jt_buf nothing = { .max = 0 };
	enum jt_err err = JT_OK;

	if (l->state == JT_LINK_GREETS)
		err = take_greeting(l, message, &message, e);
	if (err == JT_OK)
		err = jt_noise_read(&l->noise, message, &nothing, e);
	if (err == JT_OK && jt_noise_writes(&l->noise))
		err = jt_noise_write(&l->noise, (struct jt_slice){ NULL, 0 }, out, e);
	if (err != JT_OK || l->noise.done < JT_NOISE_MESSAGES)
		return err;
	l->state = l->dialing ? JT_LINK_OPENS : JT_LINK_AWAITED;
	*event = l->dialing ? JT_LINK_ON : JT_LINK_KNOWN;
	open_streams(l);
	return JT_OK;
}

/* ---- chunks ---- */

static enum jt_err
push(struct jt_link *l, struct jt_slice text, uint8_t tag, struct jt_buf *out, struct jt_error *e)
{
	uint8_t *to;

	assert(text.len <= JT_LINK_TEXT_MAX && (text.len == 0 || !l->finished));
	if (!jt_buf_reserve(out, JT_LINK_HEAD + text.len + JT_LINK_SEAL))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	to = out->data + out->len;
	jt_put_be32(to, (uint32_t)(text.len + JT_LINK_SEAL));
	crypto_secretstream_xchacha20poly1305_push(&l->send, to + JT_LINK_HEAD, NULL, text.data,
	    text.len, NULL, 0, tag);
	out->len += JT_LINK_HEAD + text.len + JT_LINK_SEAL;
	return JT_OK;
}

enum jt_err
jt_link_accept(struct jt_link *l, struct jt_buf *out, struct jt_error *e)
{
	assert(l->state == JT_LINK_AWAITED);
	l->state = JT_LINK_OPENS;
	return push(l, (struct jt_slice){ NULL, 0 }, 0, out, e);
}

enum jt_err
jt_link_say(struct jt_link *l, struct jt_slice text, struct jt_buf *out, struct jt_error *e)
{
	assert(l->state == JT_LINK_OPEN || l->state == JT_LINK_ENDED);
	return push(l, text, 0, out, e);
}

enum jt_err
jt_link_finish(struct jt_link *l, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err;

	assert(l->state == JT_LINK_OPEN || l->state == JT_LINK_ENDED);
	err = push(l, (struct jt_slice){ NULL, 0 },
	    crypto_secretstream_xchacha20poly1305_TAG_FINAL, out, e);
	l->finished = true;
	return err;
}

static enum jt_err
pull(struct jt_link *l, struct jt_slice sealed, struct jt_buf *out, struct jt_buf *text,
    enum jt_link_event *event, struct jt_error *e)
{
	size_t len = sealed.len - JT_LINK_SEAL;
	enum jt_err err = JT_OK;
	uint8_t tag = 0;

	if (l->state == JT_LINK_ENDED && len > 0)
		return jt_fail(e, JT_MALFORMED, "more after the end");
	if (!jt_buf_reserve(text, len))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if (crypto_secretstream_xchacha20poly1305_pull(&l->receive,
	    len > 0 ? text->data + text->len : NULL, NULL, &tag, sealed.data, sealed.len,
	    NULL, 0) != 0)
		return jt_fail(e, JT_NO, "a chunk of %zu bytes does not open", sealed.len);
	if (l->state == JT_LINK_OPENS && tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL)
		return jt_fail(e, JT_MALFORMED, "an end before the beginning");
	text->len += len;
	*event = len > 0 ? JT_LINK_TEXT : JT_LINK_ON;
	if (l->state == JT_LINK_OPENS) {
		/* The dialing end answers with a first chunk of its own. */
		l->state = JT_LINK_OPEN;
		*event = JT_LINK_UP;
		if (l->dialing)
			err = push(l, (struct jt_slice){ NULL, 0 }, 0, out, e);
	}
	if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
		l->state = JT_LINK_ENDED;
		*event = JT_LINK_END;
	}
	return err;
}

/* How long is the message that begins here? 0: more bytes are needed to tell. */
static enum jt_err
length(const struct jt_link *l, struct jt_slice in, size_t *size, struct jt_error *e)
{
	uint32_t sealed;

	*size = 0;
	if (l->state == JT_LINK_GREETS)
		*size = JT_LINK_GREETING;
	else if (l->state == JT_LINK_SHAKES)
		*size = JT_NOISE_LENGTH(l->noise.done);
	else if (in.len >= JT_LINK_HEAD) {
		sealed = jt_get_be32(in.data);
		if (sealed < JT_LINK_SEAL || sealed > JT_LINK_TEXT_MAX + JT_LINK_SEAL)
			return jt_fail(e, JT_MALFORMED, "a chunk of %u bytes, expected %u to %u",
			    sealed, JT_LINK_SEAL, JT_LINK_TEXT_MAX + JT_LINK_SEAL);
		*size = JT_LINK_HEAD + sealed;
	}
	return JT_OK;
}

enum jt_err
jt_link_take(struct jt_link *l, struct jt_slice *in, struct jt_buf *out, struct jt_buf *text,
    enum jt_link_event *event, struct jt_error *e)
{
	struct jt_slice message;
	enum jt_err err;
	size_t size;

	*event = JT_LINK_WAIT;
	/* Until it is accepted, what comes waits. */
	if (l->state == JT_LINK_AWAITED)
		return JT_OK;
	if ((err = length(l, *in, &size, e)) != JT_OK)
		return err;
	if (size == 0 || in->len < size)
		return JT_OK;
	message = (struct jt_slice){ in->data, size };
	in->data += size;
	in->len -= size;
	*event = JT_LINK_ON;
	if (l->state == JT_LINK_GREETS || l->state == JT_LINK_SHAKES)
		return shake(l, message, out, event, e);
	message.data += JT_LINK_HEAD;
	message.len -= JT_LINK_HEAD;
	return pull(l, message, out, text, event, e);
}
