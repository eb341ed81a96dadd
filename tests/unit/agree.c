/* Do voters hand out the same cuts? member/agree.h; and messages in words: member/words.h. */
#include "member/agree.h"

#include <inttypes.h>
#include <stdlib.h>

#include "electorate.h"
#include "member/inner.h"
#include "member/words.h"
#include "tap.h"

static struct jt_error error;
static char said[1024];

static void
agreed(void *ctx, uint64_t n, struct jt_slice objects, uint64_t items)
{
	size_t len = strlen(said);

	(void)ctx;
	snprintf(said + len, sizeof said - len, "%" PRIu64 ":%" PRIu64 "%s ", n, items,
	    objects.len > 0 ? "" : "!");
}

static void
differs(void *ctx, uint64_t n, uint32_t voter, uint32_t other)
{
	size_t len = strlen(said);

	(void)ctx;
	snprintf(said + len, sizeof said - len, "%" PRIu64 "(%u/%u) ", n, (unsigned)voter,
	    (unsigned)other);
}

static const struct jt_agree_ops ops = { agreed, differs };

static enum jt_err
give(struct jt_agree *a, uint32_t voter, const struct jt_kind *kind, const void *value)
{
	struct jt_object o = { .version = 0 };
	struct jt_buf b;
	enum jt_err err;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_kind_write(kind, value, &b, &error);
	jt_object_parse(jt_buf_slice(&b), &o, &error);
	err = jt_agree_take(a, voter, &o, &error);
	jt_buf_free(&b);
	return err;
}

/* A cut with so many items; what is in it follows from `what`. */
static enum jt_err
give_cut(struct jt_agree *a, uint32_t voter, uint64_t n, uint32_t items, uint8_t what)
{
	struct jt_part part = { .count = items, .round = 1 };
	struct jt_took item = { { what } };
	struct jt_cut cut = { .n = n, .time = 1000 * n };

	if (items > 0)
		give(a, voter, &jt_kind_part, &part);
	for (uint32_t i = 0; i < items; i++)
		give(a, voter, &jt_kind_took, &item);
	return give(a, voter, &jt_kind_cut, &cut);
}

static void
said_is(const char *want, const char *what)
{
	is_text(said, want, "%s", what);
	said[0] = '\0';
}

static void
test_agreement(void)
{
	struct jt_agree *a = jt_agree_new(4, 2, &ops, NULL);

	give_cut(a, 0, 1, 2, 7);
	said_is("", "one alone says nothing");
	give_cut(a, 2, 1, 2, 7);
	said_is("1:2 ", "two agree");
	give_cut(a, 1, 1, 2, 7);
	said_is("", "a third one, later");
	give_cut(a, 3, 1, 2, 8);
	said_is("1(3/0) ", "the fourth one differs");
	give_cut(a, 3, 2, 1, 9);
	give_cut(a, 0, 2, 1, 7);
	give_cut(a, 1, 2, 1, 7);
	said_is("2:1 2(3/0) ", "whoever lies first is outvoted");
	give_cut(a, 0, 3, 0, 0);
	give_cut(a, 0, 4, 1, 1);
	give_cut(a, 2, 2, 1, 7);
	give_cut(a, 2, 3, 0, 0);
	said_is("3:0 ", "an empty cut is one");
	give_cut(a, 2, 4, 1, 1);
	said_is("4:1 ", "one was ahead");
	is_int((int64_t)jt_agree_agreed(a), 4, "four are agreed");
	jt_agree_free(a);
}

static void
test_order(void)
{
	struct jt_agree *a = jt_agree_new(4, 2, &ops, NULL);
	struct jt_part part = { .count = 2, .round = 1 };
	struct jt_took item = { { 1 } };

	is_int(give(a, 0, &jt_kind_took, &item), JT_MALFORMED, "payload in no part");
	is_text(error.text, "in no part: jt/took", "... says so");
	is_int(give_cut(a, 0, 1, 0, 0), JT_OK, "and who did that is not heard");
	is_int((int64_t)jt_agree_last(a, 0), 0, "... at all");
	jt_agree_again(a, 0);
	give(a, 0, &jt_kind_part, &part);
	give(a, 0, &jt_kind_took, &item);
	is_int(give(a, 0, &jt_kind_part, &part), JT_MALFORMED, "a part that breaks off");
	jt_agree_again(a, 0);
	is_int(give_cut(a, 0, 1, 1, 1), JT_OK, "it begins again");
	is_int(give_cut(a, 0, 3, 1, 1), JT_MALFORMED, "a cut is left out");
	is_text(error.text, "cut 3, expected 2", "... says so");
	jt_agree_again(a, 0);
	for (uint64_t n = 2; n <= JT_AGREE_AHEAD; n++)
		is_int(give_cut(a, 0, n, 1, 1), JT_OK, "cut %u, far ahead", (unsigned)n);
	ok(!jt_agree_has_room(a, 0), "there is no room for more");
	is_int(give_cut(a, 0, JT_AGREE_AHEAD + 1, 0, 0), JT_MALFORMED, "too far ahead");
	said_is("", "nothing is agreed");
	give_cut(a, 1, 1, 1, 1);
	said_is("1:1 ", "until another one comes");
	ok(jt_agree_has_room(a, 0), "then there is room");
	jt_agree_free(a);
}

/* Everybody has another one: that is said at the end. */
static void
test_end(void)
{
	struct jt_agree *a = jt_agree_new(3, 2, &ops, NULL);

	for (uint32_t i = 0; i < 3; i++)
		give_cut(a, i, 1, 1, (uint8_t)i);
	said_is("", "three differ, none is agreed");
	jt_agree_end(a);
	said_is("1(1/0) 1(2/0) ", "at the end they differ from the first");
	jt_agree_free(a);
}

static void
test_size(void)
{
	struct jt_agree *a = jt_agree_new(1, 1, &ops, NULL);
	struct jt_part part = { .count = JT_PART_MAX };
	struct jt_took item = { { 1 } };
	size_t count = 0;

	give(a, 0, &jt_kind_part, &part);
	while (count < JT_PART_MAX && give(a, 0, &jt_kind_took, &item) == JT_OK)
		count++;
	ok(count > 10000 && count < JT_PART_MAX, "a cut without end is given up (%zu items)", count);
	is_text(error.text, "more than a ledger holds: jt/took", "... and it says why");
	jt_agree_free(a);
}

/* ---- words ---- */

static struct jt_slice names[2];

static void
words_are(const struct jt_kind *kind, const void *value, uint32_t n, const char *want)
{
	struct jt_object o = { .version = 0 };
	struct jt_buf object, words;

	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_buf_init(&words, JT_WORDS_MAX);
	jt_kind_write(kind, value, &object, &error);
	jt_object_parse(jt_buf_slice(&object), &o, &error);
	jt_message_words(&o, names, n, &words);
	jt_buf_add(&words, "", 1);
	is_text((const char *)words.data, want, "words of jt/%s", kind->name);
	jt_buf_free(&object);
	jt_buf_free(&words);
}

static void
test_words(void)
{
	struct jt_head_ref refs[2] = { { .author = 1, .id = { 0xab, 1, 2, 3 }, .round = 9 } };
	struct jt_get get = { { refs, 2 } }, one = { { refs, 1 } };
	struct jt_hello_round rounds[1] = { { 0 } };
	struct jt_hello_object hello = { .highest = { rounds, 1 }, .last = { { 0 }, 5 }, .ledger = 2 };
	struct jt_ack ack = { .header = { 0xcd, 4, 5, 6 }, .ledger = 3 };
	struct jt_took took = { { 0 } };
	struct jt_block_object bad = { { (const uint8_t *)"x", 1 }, { NULL, 0 } };

	names[0] = jt_slice_text("v1");
	names[1] = jt_slice_text("v2");
	words_are(&jt_kind_get, &one, 2, "get ab010203 of v2 round 9");
	words_are(&jt_kind_get, &get, 0, "get ab010203 of author 2 round 9 and 1 more");
	words_are(&jt_kind_hello, &hello, 2, "hello at round 5, ledger 2");
	hello.answer = hello.sent = 1;
	words_are(&jt_kind_hello, &hello, 2, "hello (answer) at round 5, ledger 2, 1 block follows");
	words_are(&jt_kind_ack, &ack, 2, "ack cd040506 of ledger 3");
	words_are(&jt_kind_took, &took, 2, "jt/took, which is no message of a vote");
	words_are(&jt_kind_block, &bad, 2, "block that cannot be read");
}

static void
test_block_words(void)
{
	struct voters v;
	struct jt_ref refs[4];
	struct jt_block b;
	struct jt_object one = { .version = 0 }, two = { .version = 0 }, ev = { .version = 0 };
	struct jt_slice none = { NULL, 0 };
	struct jt_buf first, second, evidence, words;
	char want[160];

	voters_make(&v, 4, 3);
	jt_buf_init(&first, JT_OBJECT_MAX);
	jt_buf_init(&second, JT_OBJECT_MAX);
	jt_buf_init(&evidence, JT_OBJECT_MAX);
	jt_buf_init(&words, JT_WORDS_MAX);
	voters_block(&v, 1, none, refs, &b, &first, &error);
	jt_object_parse(jt_buf_slice(&first), &one, &error);
	jt_message_words(&one, names, 2, &words);
	jt_buf_add(&words, "", 1);
	snprintf(want, sizeof want, "block %02x%02x%02x%02x of v2 round 1", b.ref.id[0], b.ref.id[1],
	    b.ref.id[2], b.ref.id[3]);
	is_text((const char *)words.data, want, "words of a block");
	b.time++;
	jt_block_seal(&v.el, &b, none, v.secret[1], &second, &error);
	jt_object_parse(jt_buf_slice(&second), &two, &error);
	jt_evidence_write(&one, &two, &evidence, &error);
	jt_object_parse(jt_buf_slice(&evidence), &ev, &error);
	jt_buf_clear(&words);
	jt_message_words(&ev, names, 2, &words);
	jt_buf_add(&words, "", 1);
	snprintf(want, sizeof want, "and %02x%02x%02x%02x", b.ref.id[0], b.ref.id[1], b.ref.id[2],
	    b.ref.id[3]);
	ok(strncmp((const char *)words.data, "evidence against v2, round 1: ", 30) == 0 &&
	    strstr((const char *)words.data, want) != NULL, "words of evidence: %s", words.data);
	jt_buf_free(&first);
	jt_buf_free(&second);
	jt_buf_free(&evidence);
	jt_buf_free(&words);
}

int
main(void)
{
	if (!jt_crypto_init())
		return 71;
	test_agreement();
	test_order();
	test_end();
	test_size();
	test_words();
	test_block_words();
	return done_testing();
}
