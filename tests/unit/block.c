/* Blocks as objects: sealed, opened, and everything that is refused. */
#include "vote/block.h"

#include <stdlib.h>
#include <string.h>

#include "electorate.h"
#include "pipe/pipe.h"
#include "tap.h"

static struct voters voters;
static struct jt_error error;
static msgpack_zone zone;

/* Ticks stand for payload here. */
static bool
is_tick(const struct jt_object *o)
{
	return jt_object_is(o, "tick");
}

static void
add_tick(struct jt_buf *b, uint64_t time)
{
	struct jt_tick t = { time };

	jt_kind_write(&jt_kind_tick, &t, b, &error);
}

static enum jt_err
open_it(struct jt_slice bytes, bool verify, struct jt_block *b, struct jt_slice *items)
{
	struct jt_object o = { 0 };
	enum jt_err err = jt_object_parse(bytes, &o, &error);

	msgpack_zone_clear(&zone);
	return err != JT_OK ? err : jt_block_open(&voters.el, &o, verify, b, items, &zone, &error);
}

static void
there_and_back(void)
{
	struct jt_ref refs[4];
	struct jt_block b, got;
	struct jt_buf items, out;
	struct jt_slice payload;

	jt_buf_init(&items, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	add_tick(&items, 1);
	add_tick(&items, 2);
	is_int(voters_block(&voters, 2, jt_buf_slice(&items), refs, &b, &out, &error), JT_OK, "sealed");
	is_int(open_it(jt_buf_slice(&out), true, &got, &payload), JT_OK, "and opened");
	is_int(got.ref.author, 2, "author");
	is_int(got.ref.round, 1, "round");
	is_int(got.items, 2, "items");
	is_int(got.bytes, items.len, "bytes");
	is_int(got.time, 1000, "time");
	is_int(got.parent_count, 4, "parents");
	is_bytes(got.parents[3].id, refs[3].id, JT_HASH, "the last parent");
	is_bytes(got.ref.id, b.ref.id, JT_HASH, "id");
	is_bytes(payload.data, items.data, items.len, "payload");
	jt_buf_free(&items);
	jt_buf_free(&out);
}

/* No byte of a block can be another one. */
static void
every_byte(void)
{
	struct jt_ref refs[4];
	struct jt_block b, got;
	struct jt_buf items, out;
	struct jt_slice payload;
	size_t taken = 0;

	jt_buf_init(&items, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	add_tick(&items, 1);
	voters_block(&voters, 1, jt_buf_slice(&items), refs, &b, &out, &error);
	for (size_t i = 0; i < out.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			out.data[i] ^= (uint8_t)(1U << bit);
			if (open_it(jt_buf_slice(&out), true, &got, &payload) == JT_OK)
				taken++;
			out.data[i] ^= (uint8_t)(1U << bit);
		}
	is_int(taken, 0, "each of %zu bits flipped: refused", out.len * 8);
	is_int(open_it(jt_buf_slice(&out), true, &got, &payload), JT_OK, "as it was: taken");
	jt_buf_free(&items);
	jt_buf_free(&out);
}

static void
refused(struct voters *by, uint32_t author, struct jt_slice items, const char *why)
{
	struct jt_ref refs[4];
	struct jt_block b, got;
	struct jt_buf out;
	struct jt_slice payload;

	jt_buf_init(&out, JT_OBJECT_MAX);
	is_int(voters_block(by, author, items, refs, &b, &out, &error), JT_OK, "sealed: %s", why);
	is_int(open_it(jt_buf_slice(&out), true, &got, &payload), JT_MALFORMED, "refused: %s", why);
	is_text(error.text, why, "and said why");
	jt_buf_free(&out);
}

static void
strangers(void)
{
	struct jt_slice none = { NULL, 0 };
	struct voters other;
	struct jt_buf items;

	voters_make(&other, 4, 9);
	refused(&other, 0, none, "sigs: not its author's alone");
	other = voters;
	other.el.network[0] ^= 1;
	refused(&other, 0, none, "network: of another network");
	other = voters;
	other.el.epoch = 3;
	refused(&other, 0, none, "epoch: expected 0, found 3");
	other = voters;
	memcpy(other.secret[0], voters.secret[1], JT_SECRET);
	refused(&other, 0, none, "sigs: the signature is bad");
	other = voters;
	other.el.is_payload = NULL;
	jt_buf_init(&items, JT_OBJECT_MAX);
	{
		struct jt_took took = { { 1 } };
		jt_kind_write(&jt_kind_took, &took, &items, &error);
	}
	refused(&other, 0, jt_buf_slice(&items), "items: jt/took does not enter ledgers");
	jt_buf_free(&items);
}

static void
payloads(void)
{
	struct jt_ref refs[4];
	struct jt_block b;
	struct jt_buf items, out;

	jt_buf_init(&items, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	add_tick(&items, 1);
	items.len--;
	is_int(voters_block(&voters, 0, jt_buf_slice(&items), refs, &b, &out, &error), JT_MALFORMED,
	    "half an object is no payload");
	is_text(error.text, "items: offset 0: no whole object", "and said why");
	jt_buf_clear(&items);
	for (int i = 0; i <= JT_BLOCK_ITEMS_MAX; i++)
		add_tick(&items, 1);
	is_int(voters_block(&voters, 0, jt_buf_slice(&items), refs, &b, &out, &error), JT_MALFORMED,
	    "too many objects");
	jt_buf_free(&items);
	jt_buf_free(&out);
}

static enum jt_err
judge(struct jt_buf *one, struct jt_buf *two, uint32_t *author)
{
	struct jt_object a = { 0 }, b = { 0 }, o = { 0 };
	struct jt_buf out;
	enum jt_err err;

	jt_buf_init(&out, JT_OBJECT_MAX);
	jt_object_parse(jt_buf_slice(one), &a, &error);
	jt_object_parse(jt_buf_slice(two), &b, &error);
	err = jt_evidence_write(&a, &b, &out, &error);
	if (err == JT_OK && (err = jt_object_parse(jt_buf_slice(&out), &o, &error)) == JT_OK)
		err = jt_evidence_check(&voters.el, &o, author, &error);
	jt_buf_free(&out);
	return err;
}

static void
evidence(void)
{
	struct jt_slice none = { NULL, 0 };
	struct jt_ref refs[4];
	struct jt_block b;
	struct jt_buf one, two, third, items;
	uint32_t author = 99;

	jt_buf_init(&one, JT_OBJECT_MAX);
	jt_buf_init(&two, JT_OBJECT_MAX);
	jt_buf_init(&third, JT_OBJECT_MAX);
	jt_buf_init(&items, JT_OBJECT_MAX);
	add_tick(&items, 7);
	voters_block(&voters, 3, none, refs, &b, &one, &error);
	voters_block(&voters, 3, jt_buf_slice(&items), refs, &b, &two, &error);
	voters_block(&voters, 2, none, refs, &b, &third, &error);
	is_int(judge(&one, &two, &author), JT_OK, "two blocks of a round are evidence");
	is_int(author, 3, "of their author");
	is_int(judge(&one, &one, &author), JT_NO, "one block twice is none");
	is_int(judge(&one, &third, &author), JT_NO, "nor are two authors'");
	jt_buf_free(&one);
	jt_buf_free(&two);
	jt_buf_free(&third);
	jt_buf_free(&items);
}

int
main(void)
{
	if (!jt_crypto_init() || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return 71;
	voters_make(&voters, 4, 1);
	voters.el.is_payload = is_tick;
	there_and_back();
	every_byte();
	strangers();
	payloads();
	evidence();
	msgpack_zone_destroy(&zone);
	return done_testing();
}
