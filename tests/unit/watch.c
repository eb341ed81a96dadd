/* A vote of real voters, watched from outside: sim/watch.h. */
#include "sim/watch.h"

#include <stdlib.h>

#include "electorate.h"
#include "pipe/pipe.h"
#include "tap.h"

enum { ROUNDS = 12 };

static struct voters voters;
static struct jt_error error;
static uint32_t events[16]; /* by enum jt_what */
static struct jt_event last, cut;

static void
record(void *ctx, const struct jt_event *e)
{
	(void)ctx;
	if (e->what == JT_EVENT_CUT)
		cut = *e;
	events[e->what]++;
	last = *e;
}

static struct jt_watch *
begin(uint32_t n, const struct jt_coin_public *coin)
{
	struct jt_watch_terms t = { .coin = coin, .voter = jt_voter_usual, .record = record };

	voters_make(&voters, n, 5);
	t.electorate = voters.el;
	memset(events, 0, sizeof events);
	return jt_watch_new(&t);
}

static void
test_blocks(void)
{
	struct jt_watch *w = begin(4, NULL);
	struct jt_object one = { .version = 0 }, two = { .version = 0 };
	struct jt_slice none = { NULL, 0 };
	struct jt_buf first, second, evidence;
	struct jt_ref refs[4];
	struct jt_block b;

	jt_buf_init(&first, JT_OBJECT_MAX);
	jt_buf_init(&second, JT_OBJECT_MAX);
	jt_buf_init(&evidence, JT_OBJECT_MAX);
	voters_block(&voters, 2, none, refs, &b, &first, &error);
	jt_object_parse(jt_buf_slice(&first), &one, &error);
	jt_watch_time(w, 77);
	jt_watch_said(w, 2, &one, &error);
	is_int(events[JT_EVENT_BLOCK], 1, "a block is recorded when it is made");
	is_int((int64_t)last.at, 77, "... with the time");
	is_int((int64_t)last.block.author, 3, "... as of v3");
	jt_watch_came(w, 1, 2, 0, &one, &error);
	is_int(events[JT_EVENT_RECEIVE], 1, "then it comes to another one");
	ok(last.message == 1 && last.from == 3 && last.to == 1 && last.round == 1,
	    "... from whom, to whom, as which message");
	jt_watch_said(w, 0, &one, &error);
	is_int(events[JT_EVENT_BLOCK], 1, "passed on, it is not made again");
	b.time++;
	jt_block_seal(&voters.el, &b, none, voters.secret[2], &second, &error);
	jt_object_parse(jt_buf_slice(&second), &two, &error);
	jt_watch_said(w, 2, &two, &error);
	is_int(events[JT_EVENT_BLOCK], 2, "its twin is a block, too");
	is_int(events[JT_EVENT_EVIDENCE], 1, "which its author knows");
	jt_watch_came(w, 2, 2, 0, &two, &error);
	is_int(events[JT_EVENT_EVIDENCE], 2, "and who has both");
	ok(last.from == 3 && last.to == 1 && last.round == 1, "... against whom, for which round");
	jt_watch_came(w, 3, 2, 1, &two, &error);
	is_int(events[JT_EVENT_EVIDENCE], 2, "who has one does not");
	jt_watch_lost(w, 4, 2, 3);
	is_int(events[JT_EVENT_DROP], 1, "a message is lost");
	jt_watch_stopped(w, 1);
	jt_watch_began(w, 1);
	ok(events[JT_EVENT_CRASH] == 1 && events[JT_EVENT_RESTART] == 1, "one stops and begins again");
	/* What is not signed by its author is no block. */
	jt_buf_clear(&first);
	b.ref.author = 1;
	jt_block_seal(&voters.el, &b, none, voters.secret[2], &first, &error);
	jt_object_parse(jt_buf_slice(&first), &one, &error);
	jt_watch_said(w, 2, &one, &error);
	jt_watch_came(w, 5, 2, 0, &one, &error);
	ok(events[JT_EVENT_BLOCK] == 2 && events[JT_EVENT_RECEIVE] == 3, "a bad signature is no block");
	jt_buf_free(&first);
	jt_buf_free(&second);
	jt_buf_free(&evidence);
	jt_watch_free(w);
}

/*
 * An only validator decides by itself, with a coin that is its own. With a mark
 * it has voted before, and goes on from there.
 */
static void
test_decisions(const struct jt_mark *mark)
{
	uint8_t secret[JT_SCALAR] = { 42 };
	struct jt_coin_public coin = { .n = 1, .t = 1 };
	struct jt_watch *w;
	struct jt_took item = { { 0 } };
	struct jt_coin_name name;
	struct jt_buf payload, object;
	struct jt_ref before;

	crypto_scalarmult_ristretto255_base(coin.key, secret);
	memcpy(coin.share[0], coin.key, JT_POINT);
	w = begin(1, &coin);
	if (mark != NULL)
		is_int(jt_watch_mark(w, 0, mark, &error), JT_OK, "it begins with a mark of its own");
	jt_buf_init(&payload, JT_OBJECT_MAX);
	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_kind_write(&jt_kind_took, &item, &payload, &error);
	jt_dag_genesis_ref(voters.seed, 0, &before);
	for (uint32_t r = 1; r <= ROUNDS; r++) {
		struct jt_object o = { .version = 0 };
		struct jt_block b = { .ref = { .round = r }, .time = 1000 * r, .parents = &before,
			.parent_count = 1 };
		struct jt_slice none = { NULL, 0 };
		if (r > JT_DECIDING) {
			jt_coin_name(&name, voters.el.network, 0, r - JT_DECIDING);
			jt_coin_share(b.share, secret, coin.share[0], &name);
			b.share_len = JT_COIN_SHARE;
		}
		jt_buf_clear(&object);
		jt_block_seal(&voters.el, &b, r == 1 ? jt_buf_slice(&payload) : none, voters.secret[0],
		    &object, &error);
		jt_object_parse(jt_buf_slice(&object), &o, &error);
		jt_watch_said(w, 0, &o, &error);
		before = b.ref;
	}
	is_int(events[JT_EVENT_BLOCK], ROUNDS, "blocks");
	is_int(events[JT_EVENT_COIN], ROUNDS - JT_DECIDING, "leaders become known");
	is_int(events[JT_EVENT_DECIDE], ROUNDS - JT_DECIDING, "and are decided");
	is_int(events[JT_EVENT_CUT], 1, "payload makes a cut");
	is_int((int64_t)cut.ledger, mark != NULL ? (int64_t)mark->cuts + 1 : 1, "it is the next one");
	jt_buf_free(&payload);
	jt_buf_free(&object);
	jt_watch_free(w);
}

/* The same blocks again and again do not fill memory, and are recorded once. */
static void
test_many(void)
{
	struct jt_watch *w = begin(4, NULL);
	struct jt_slice none = { NULL, 0 };
	struct jt_object o = { .version = 0 };
	struct jt_ref refs[4];
	struct jt_buf object;
	struct jt_block b;

	jt_buf_init(&object, JT_OBJECT_MAX);
	voters_block(&voters, 0, none, refs, &b, &object, &error);
	jt_object_parse(jt_buf_slice(&object), &o, &error);
	for (uint64_t i = 1; i <= 1000; i++)
		jt_watch_came(w, i, 1, 2, &o, &error);
	ok(events[JT_EVENT_BLOCK] == 1 && events[JT_EVENT_RECEIVE] == 1000, "one block, many messages");
	jt_buf_free(&object);
	jt_watch_free(w);
}

int
main(void)
{
	const struct jt_mark mark = { .cuts = 6, .floor = 3, .last = { .round = 2 }, .round = 1 };

	if (!jt_crypto_init())
		return 71;
	test_blocks();
	test_decisions(NULL);
	test_decisions(&mark);
	test_many();
	return done_testing();
}
