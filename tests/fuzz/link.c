/*
 * Any bytes to a link, at any point of its life. The first byte says how far
 * two ends came before: 0 a responder that awaits a greeting, 1 one that gets a
 * greeting whose MAC is right, 2 an initiator that awaits the answer, 3 a
 * responder that awaits the last message, 4 and 5 both when they are up, with
 * the bytes as they are, 6 and 7 both when they are up, with the bytes as what
 * the other one says. The next byte is the size of the pieces they come in.
 * Nothing that was not made by the other end is heard.
 */
#include "fuzz.h"

#include "net/link.h"

enum { POINTS = 8, AT_GREETING = 1, SAID = 6 };

static struct jt_link *links[2], *kept[POINTS]; /* initiator, responder */
static struct jt_link_end ends[2];
static const uint8_t secrets[2][JT_NOISE_KEY] = { { 1 }, { 2 } };
static struct jt_buf wire, text;

/* Take all that is in `wire`; the answer is in it then. */
static void
pass(struct jt_link *l)
{
	struct jt_slice in = { wire.data, wire.len };
	struct jt_buf out = { .max = JT_LINK_CHUNK_MAX };
	enum jt_link_event event = JT_LINK_ON;
	struct jt_error e;

	while (event != JT_LINK_WAIT) {
		assert(jt_link_take(l, &in, &out, &text, &event, &e) == JT_OK);
		if (event == JT_LINK_KNOWN)
			assert(jt_link_accept(l, &out, &e) == JT_OK);
	}
	assert(in.len == 0);
	jt_buf_free(&wire);
	wire = out;
}

static void
keep(int point, const struct jt_link *l)
{
	kept[point] = jt_link_new();
	assert(kept[point] != NULL);
	memcpy(kept[point], l, sizeof *l);
}

static void
prepare(void)
{
	static const uint8_t network[JT_HASH], ephemeral[2][JT_NOISE_KEY] = { { 3 }, { 4 } };
	uint8_t public[JT_NOISE_KEY];
	struct jt_error e;

	assert(sodium_init() >= 0);
	for (int i = 0; i < 2; i++) {
		links[i] = jt_link_new();
		assert(links[i] != NULL);
		crypto_scalarmult_base(public, secrets[i]);
		jt_link_end_init(&ends[i], network, public, secrets[i]);
	}
	jt_buf_init(&wire, JT_LINK_CHUNK_MAX);
	jt_buf_init(&text, SIZE_MAX / 2);
	jt_link_await(links[1], &ends[1], ephemeral[1]);
	keep(0, links[1]);
	keep(AT_GREETING, links[1]);
	assert(jt_link_dial(links[0], &ends[0], ends[1].public, ephemeral[0], &wire, &e) == JT_OK);
	keep(2, links[0]);
	pass(links[1]);
	keep(3, links[1]);
	for (int i = 0; i < 4; i++)
		pass(links[i % 2]);
	assert(links[0]->state == JT_LINK_OPEN && links[1]->state == JT_LINK_OPEN);
	for (int i = 4; i < POINTS; i++)
		keep(i, links[i % 2]);
}

static void
make_greeting(struct fuzz_input *in, struct jt_buf *to)
{
	struct jt_slice s = fuzz_take(in, JT_NOISE_LENGTH(0));
	uint8_t message[JT_NOISE_LENGTH(0)] = { 0 }, mac[JT_LINK_GREETING_MAC];

	if (s.len > 0)
		memcpy(message, s.data, s.len);
	crypto_generichash(mac, sizeof mac, message, sizeof message, ends[1].greeting, JT_HASH);
	assert(jt_buf_add(to, mac, sizeof mac) && jt_buf_add(to, message, sizeof message));
}

/* The other end says the rest of the input in pieces: how much is it? */
static size_t
make_chunks(struct jt_link *other, struct fuzz_input *in, struct jt_buf *to)
{
	struct jt_error e;
	size_t said = 0;

	while (in->len > 0) {
		struct jt_slice s = fuzz_take(in, fuzz_byte(in));
		assert(jt_link_say(other, s, to, &e) == JT_OK);
		said += s.len;
	}
	return said;
}

static void
feed(struct jt_link *l, const struct jt_buf *bytes, size_t piece, bool honest, size_t said)
{
	struct jt_buf out = { .max = 2 * JT_LINK_CHUNK_MAX };
	struct jt_slice in = { bytes->data, 0 };
	enum jt_link_event event = JT_LINK_WAIT;
	enum jt_err err = JT_OK;
	struct jt_error e;
	size_t end = 0;

	while (err == JT_OK && end < bytes->len) {
		end += piece < bytes->len - end ? piece : bytes->len - end;
		in.len = (size_t)(bytes->data + end - in.data);
		do {
			size_t before = in.len;
			err = jt_link_take(l, &in, &out, &text, &event, &e);
			assert(in.len <= before && (event != JT_LINK_WAIT || in.len == before));
			assert(event != JT_LINK_UP && event != JT_LINK_KNOWN);
		} while (err == JT_OK && event != JT_LINK_WAIT);
	}
	assert(err == JT_OK || ((err == JT_NO || err == JT_MALFORMED) && e.text[0] != '\0'));
	assert(honest ? err == JT_OK && in.len == 0 && text.len == said : text.len == 0);
	jt_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct jt_buf bytes = { .max = SIZE_MAX / 2 };
	size_t point, piece, said = 0;

	if (kept[0] == NULL)
		prepare();
	point = fuzz_byte(&in) % POINTS;
	piece = (size_t)fuzz_byte(&in) + 1;
	memcpy(links[0], kept[point], sizeof *links[0]);
	jt_buf_clear(&text);
	if (point == AT_GREETING)
		make_greeting(&in, &bytes);
	if (point >= SAID) {
		memcpy(links[1], kept[point ^ 1], sizeof *links[1]);
		said = make_chunks(links[1], &in, &bytes);
	}
	assert(in.len == 0 || jt_buf_add(&bytes, in.data, in.len));
	if (bytes.len > 0)
		feed(links[0], &bytes, piece, point >= SAID, said);
	jt_buf_free(&bytes);
	return 0;
}
