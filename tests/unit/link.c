/*
 * Links: two ends joined in memory, in pieces of any size; and everything
 * between them that a third could do.
 */
#include "net/link.h"

#include <stdlib.h>

#include "random.h"
#include "tap.h"

enum { DIALS, AWAITS, ENDS };

static uint8_t network[JT_HASH];

struct end {
	uint8_t secret[JT_NOISE_KEY];
	struct jt_link_end self;
	struct jt_link *link;
	struct jt_buf wire; /* what it sent and the other one has not taken */
	struct jt_buf text; /* what it heard */
	unsigned events[JT_LINK_END + 1];
	enum jt_err err;
};
static struct end ends[ENDS];
static struct jt_error error;

static void
draw(struct end *e, const uint8_t of[JT_HASH])
{
	uint8_t public[JT_NOISE_KEY];

	random_bytes(e->secret, sizeof e->secret);
	crypto_scalarmult_base(public, e->secret);
	jt_link_end_init(&e->self, of, public, e->secret);
	e->err = JT_OK;
	memset(e->events, 0, sizeof e->events);
	jt_buf_clear(&e->wire);
	jt_buf_clear(&e->text);
}

/* Anew; `wanted` is the key that is dialed, NULL: the one that is there. */
static void
begin(const uint8_t *wanted)
{
	uint8_t ephemeral[ENDS][JT_NOISE_KEY];

	random_bytes(ephemeral, sizeof ephemeral);
	if (wanted == NULL)
		wanted = ends[AWAITS].self.public;
	if (jt_link_dial(ends[DIALS].link, &ends[DIALS].self, wanted, ephemeral[0],
	    &ends[DIALS].wire, &error) != JT_OK)
		ok(false, "dialed");
	jt_link_await(ends[AWAITS].link, &ends[AWAITS].self, ephemeral[1]);
}

static void
fresh(void)
{
	for (int i = 0; i < ENDS; i++)
		draw(&ends[i], network);
	begin(NULL);
}

/* What `from` sent, to the other one, at most `most` bytes of it; false: nothing moved. */
static bool
carry(int from, size_t most)
{
	struct end *a = &ends[from], *b = &ends[1 - from];
	struct jt_slice in = { a->wire.data, most < a->wire.len ? most : a->wire.len };
	enum jt_link_event event = JT_LINK_ON;
	size_t before = in.len;

	while (b->err == JT_OK && event != JT_LINK_WAIT) {
		b->err = jt_link_take(b->link, &in, &b->wire, &b->text, &event, &error);
		if (b->err == JT_OK)
			b->events[event]++;
		if (b->err == JT_OK && event == JT_LINK_KNOWN)
			b->err = jt_link_accept(b->link, &b->wire, &error);
	}
	before -= in.len;
	memmove(a->wire.data, a->wire.data + before, a->wire.len - before);
	a->wire.len -= before;
	return before > 0 && b->err == JT_OK;
}

static void
carry_all(void)
{
	while (carry(DIALS, SIZE_MAX) || carry(AWAITS, SIZE_MAX))
		continue;
}

static bool
both_up(void)
{
	return ends[0].events[JT_LINK_UP] == 1 && ends[1].events[JT_LINK_UP] == 1;
}

static void
say(int from, struct jt_slice text)
{
	if (jt_link_say(ends[from].link, text, &ends[from].wire, &error) != JT_OK)
		ok(false, "said");
}

static void
test_up(void)
{
	fresh();
	is_int(ends[DIALS].wire.len, JT_LINK_GREETING, "a greeting of 64 bytes");
	ok(carry(DIALS, SIZE_MAX), "is taken");
	is_int(ends[AWAITS].wire.len, 48, "and answered with 48");
	ok(carry(AWAITS, SIZE_MAX), "which are taken");
	is_int(ends[DIALS].wire.len, 64, "and answered with 64");
	is_int(ends[AWAITS].events[JT_LINK_KNOWN], 0, "the awaiting end does not know yet");
	ok(carry(DIALS, SIZE_MAX), "which are taken");
	is_int(ends[AWAITS].events[JT_LINK_KNOWN], 1, "now it does");
	is_bytes(ends[AWAITS].link->remote, ends[DIALS].self.public, JT_NOISE_KEY, "who it is");
	is_int(ends[AWAITS].events[JT_LINK_UP], 0, "it is not up");
	ok(carry(AWAITS, SIZE_MAX), "the first chunk");
	is_int(ends[DIALS].events[JT_LINK_UP], 1, "brings the dialing end up");
	is_bytes(ends[DIALS].link->remote, ends[AWAITS].self.public, JT_NOISE_KEY, "with its peer");
	ok(carry(DIALS, SIZE_MAX), "and its answer");
	ok(both_up(), "the other one");
	ok(sodium_is_zero((const uint8_t *)&ends[0].link->noise, sizeof ends[0].link->noise) &&
	    sodium_is_zero((const uint8_t *)&ends[1].link->noise, sizeof ends[1].link->noise),
	    "the handshake's secrets are gone");
}

/* Until the responder wants it, nothing that the initiator says is looked at. */
static void
test_not_accepted(void)
{
	struct jt_buf text = { .max = 0 };
	enum jt_link_event event;
	struct jt_slice in;

	fresh();
	carry(DIALS, SIZE_MAX);
	carry(AWAITS, SIZE_MAX);
	in = jt_buf_slice(&ends[DIALS].wire);
	is_int(jt_link_take(ends[AWAITS].link, &in, &ends[AWAITS].wire, &text, &event, &error),
	    JT_OK, "the third message");
	is_int(event, JT_LINK_KNOWN, "tells who it is");
	is_int(ends[AWAITS].wire.len, 0, "and nothing is answered");
	in = jt_slice_text("\xff\xff\xff\xff more");
	is_int(jt_link_take(ends[AWAITS].link, &in, &ends[AWAITS].wire, &text, &event, &error),
	    JT_OK, "what comes then");
	ok(event == JT_LINK_WAIT && in.len == 9, "waits");
}

/* Both ways at once, in pieces of any size, in chunks of any size. */
static void
test_text(void)
{
	static uint8_t bytes[JT_LINK_TEXT_MAX];
	struct jt_buf said[ENDS] = { { .max = 1 << 24 }, { .max = 1 << 24 } };

	fresh();
	carry_all();
	for (int i = 0; i < 1000; i++) {
		int from = (int)random_below(ENDS);
		size_t most = i % 50 == 0 ? JT_LINK_TEXT_MAX + 1 : 500;
		struct jt_slice piece = { bytes, (size_t)random_below(most) };

		if (i == 0)
			piece.len = JT_LINK_TEXT_MAX;
		random_bytes(bytes, piece.len);
		say(from, piece);
		jt_buf_add_slice(&said[from], piece);
		carry((int)random_below(ENDS), (size_t)random_below(2000));
	}
	while (ends[AWAITS].wire.len > 0 && ends[DIALS].err == JT_OK)
		carry(AWAITS, 1 + (size_t)random_below(JT_LINK_CHUNK_MAX));
	carry_all();
	for (int i = 0; i < ENDS; i++) {
		is_int(ends[i].err, JT_OK, "no error");
		ok(jt_slice_equal(jt_buf_slice(&said[1 - i]), jt_buf_slice(&ends[i].text)),
		    "%zu bytes arrive as they were said", said[1 - i].len);
		jt_buf_free(&said[1 - i]);
	}
}

static void
test_end(void)
{
	fresh();
	carry_all();
	say(DIALS, jt_slice_text("last words"));
	is_int(jt_link_finish(ends[DIALS].link, &ends[DIALS].wire, &error), JT_OK, "finishes");
	carry_all();
	is_int(ends[AWAITS].events[JT_LINK_END], 1, "the end is heard");
	ok(jt_slice_is(jt_buf_slice(&ends[AWAITS].text), "last words"), "behind the last words");
	say(AWAITS, jt_slice_text("and yours"));
	carry_all();
	ok(jt_slice_is(jt_buf_slice(&ends[DIALS].text), "and yours"), "the other end may go on");
	is_int(jt_link_finish(ends[AWAITS].link, &ends[AWAITS].wire, &error), JT_OK, "and finish");
	carry_all();
	is_int(ends[DIALS].events[JT_LINK_END], 1, "too");
	say(DIALS, jt_slice_text(""));
	carry_all();
	is_int(ends[AWAITS].err, JT_OK, "signs of life may follow");
	ends[DIALS].link->finished = false; /* a liar */
	say(DIALS, jt_slice_text("more"));
	carry_all();
	is_int(ends[AWAITS].err, JT_MALFORMED, "nothing comes after it");
	is_text(error.text, "more after the end", "it is refused");
}

static void
test_strangers(void)
{
	uint8_t other[JT_HASH], key[JT_NOISE_KEY];

	random_bytes(other, sizeof other);
	fresh();
	draw(&ends[DIALS], other);
	begin(NULL);
	carry_all();
	is_int(ends[AWAITS].err, JT_NO, "another network");
	is_text(error.text, "no greeting for this key and network", "is refused by one hash");
	fresh();
	jt_buf_clear(&ends[DIALS].wire);
	crypto_scalarmult_base(key, other);
	begin(key);
	carry_all();
	is_int(ends[AWAITS].err, JT_NO, "another key");
	is_text(error.text, "no greeting for this key and network", "is refused by one hash");
}

/* Each bit of all that is said up to the first chunks: who altered it is not heard. */
static void
test_altered(void)
{
	size_t lengths[] = { JT_LINK_GREETING, 48, 64, JT_LINK_HEAD + JT_LINK_SEAL,
		JT_LINK_HEAD + JT_LINK_SEAL };
	unsigned up = 0, told = 0, all = 0;

	for (size_t m = 0; m < sizeof lengths / sizeof *lengths; m++) {
		int from = m == 0 || m == 2 || m == 4 ? DIALS : AWAITS;
		for (size_t bit = 0; bit < 8 * lengths[m]; bit += m == 0 ? 1 : 3, all++) {
			fresh();
			for (size_t i = 0; i < m; i++)
				carry(i == 0 || i == 2 ? DIALS : AWAITS, SIZE_MAX);
			if (ends[from].wire.len != lengths[m]) {
				ok(false, "message %zu of %zu bytes", m, lengths[m]);
				return;
			}
			ends[from].wire.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
			carry_all();
			up += ends[1 - from].events[JT_LINK_UP];
			/* A longer length only waits; so short a wait has no end but the deadline. */
			told += ends[1 - from].err != JT_OK || (m >= 3 && bit / 8 < JT_LINK_HEAD);
		}
	}
	is_int(up, 0, "no altered message brings a link up");
	is_int(told, all, "each of %u is refused, or waits for more", all);
}

static void
test_chunks(void)
{
	uint8_t one[100], two[100];
	size_t n;

	for (int what = 0; what < 4; what++) {
		fresh();
		carry_all();
		say(DIALS, jt_slice_text("one"));
		n = ends[DIALS].wire.len;
		say(DIALS, jt_slice_text("two"));
		memcpy(one, ends[DIALS].wire.data, n);
		memcpy(two, ends[DIALS].wire.data + n, n);
		if (what == 0) /* swapped */
			memcpy(ends[DIALS].wire.data, two, n), memcpy(ends[DIALS].wire.data + n, one, n);
		else if (what == 1) /* the first one again */
			memcpy(ends[DIALS].wire.data + n, one, n);
		else if (what == 2) /* left out */
			memcpy(ends[DIALS].wire.data, two, n);
		else { /* sent back to who said it */
			jt_buf_add(&ends[AWAITS].wire, one, n);
			carry(AWAITS, SIZE_MAX);
			is_int(ends[DIALS].err, JT_NO, "its own words are not heard");
			continue;
		}
		carry_all();
		is_int(ends[AWAITS].err, JT_NO, "a chunk out of its place");
		is_text(error.text, "a chunk of 20 bytes does not open", "does not open");
		is_int(ends[AWAITS].text.len, what == 1 ? 3 : 0, "what was before it is heard");
	}
}

static void
test_lengths(void)
{
	static const struct {
		uint8_t head[JT_LINK_HEAD];
		const char *text;
	} bad[] = {
		{ { 0, 0, 0, 0 }, "a chunk of 0 bytes, expected 17 to 65553" },
		{ { 0, 0, 0, 16 }, "a chunk of 16 bytes, expected 17 to 65553" },
		{ { 0, 1, 0, 18 }, "a chunk of 65554 bytes, expected 17 to 65553" },
		{ { 0xff, 0xff, 0xff, 0xff }, "a chunk of 4294967295 bytes, expected 17 to 65553" },
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		fresh();
		carry_all();
		jt_buf_add(&ends[DIALS].wire, bad[i].head, JT_LINK_HEAD);
		carry(DIALS, 3);
		is_int(ends[AWAITS].err, JT_OK, "three bytes tell nothing");
		carry(DIALS, SIZE_MAX);
		is_int(ends[AWAITS].err, JT_MALFORMED, "a length that cannot be");
		is_text(error.text, bad[i].text, "is refused before it is awaited");
	}
}

/* An end before anything was said, from one that has the keys. */
static void
test_early_end(void)
{
	fresh();
	for (int i = 0; i < 3; i++)
		carry(i % 2 ? AWAITS : DIALS, SIZE_MAX);
	jt_buf_clear(&ends[AWAITS].wire);
	crypto_secretstream_xchacha20poly1305_init_pull(&ends[AWAITS].link->send,
	    (uint8_t[24]){ 0 }, (uint8_t[32]){ 0 });
	crypto_secretstream_xchacha20poly1305_init_pull(&ends[DIALS].link->receive,
	    (uint8_t[24]){ 0 }, (uint8_t[32]){ 0 });
	ends[AWAITS].link->state = JT_LINK_OPEN;
	is_int(jt_link_finish(ends[AWAITS].link, &ends[AWAITS].wire, &error), JT_OK, "a liar");
	carry(AWAITS, SIZE_MAX);
	is_int(ends[DIALS].err, JT_MALFORMED, "ends what did not begin");
	is_text(error.text, "an end before the beginning", "and is refused");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	random_bytes(network, sizeof network);
	for (int i = 0; i < ENDS; i++) {
		ends[i].link = jt_link_new();
		jt_buf_init(&ends[i].wire, 64 * JT_LINK_CHUNK_MAX);
		jt_buf_init(&ends[i].text, 64 * JT_LINK_TEXT_MAX);
		if (!ok(ends[i].link != NULL, "memory"))
			return done_testing();
	}
	test_up();
	test_not_accepted();
	test_text();
	test_end();
	test_strangers();
	test_altered();
	test_chunks();
	test_lengths();
	test_early_end();
	for (int i = 0; i < ENDS; i++) {
		jt_link_free(ends[i].link);
		jt_buf_free(&ends[i].wire);
		jt_buf_free(&ends[i].text);
	}
	return done_testing();
}
