/*
 * The clients' door: each state of a transaction, each refusal, each bound,
 * with everything that stands behind it in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "household.h"
#include "tap.h"

static struct house house;
static struct jt_door_terms terms;

static void
must(enum jt_err err, const struct jt_error *e)
{
	network_must(err, e);
}

static uint64_t now;

static void
start(void)
{
	now = 1000;
	house_open(&house, &terms);
}

static void
end(void)
{
	house_close(&house);
	terms = jt_door_usual;
}

static void
later(uint64_t ms)
{
	struct jt_error e;

	now += ms;
	jt_door_now(house.door, now);
	must(jt_door_run(house.door, &e), &e);
}

static struct jt_client *
enter(uint8_t source)
{
	uint8_t key[JT_SOURCE] = { source };

	return jt_door_enter(house.door, key, NULL);
}

static void
feed(struct jt_client *c, struct jt_slice s)
{
	struct jt_error e;

	must(jt_door_feed(house.door, c, s, &e), &e);
}

/* A payment of account `from`, number seq; `units` tells payments apart. */
static struct jt_slice
pay(uint32_t from, uint64_t seq, uint64_t units)
{
	static struct jt_buf b = { .max = JT_OBJECT_MAX };

	jt_buf_clear(&b);
	network_pay(&house.net, from, seq, house.net.initial[0].account, units, &b);
	return jt_buf_slice(&b);
}

/* Payments with numbers from first to last, in one piece. */
static struct jt_slice
pays(uint32_t from, uint64_t first, uint64_t last)
{
	static struct jt_buf b = { .max = JT_OBJECT_MAX };

	jt_buf_clear(&b);
	for (uint64_t seq = first; seq <= last; seq++)
		network_pay(&house.net, from, seq, house.net.initial[0].account, 5, &b);
	return jt_buf_slice(&b);
}

static struct jt_slice
ask(const struct jt_query *q)
{
	static struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	jt_buf_clear(&b);
	must(jt_query_write(q, &b, &e), &e);
	return jt_buf_slice(&b);
}

static struct jt_slice
query(uint64_t what, uint64_t ledger)
{
	struct jt_query q = { .what = what, .ledger = ledger };

	if (what == JT_QUERY_ACCOUNT)
		q.account[0] = 1;
	if (what == JT_QUERY_TX)
		q.id[0] = 1;
	return ask(&q);
}

/*
 * All that a client gets, in words: "accepted", "busy", "none", "refused CODE",
 * "proof", "answer"; sent off.
 */
static const char *
hears(struct jt_client *c)
{
	static char text[65536];
	struct jt_slice out;
	struct jt_error e;

	text[0] = '\0';
	for (;;) {
		size_t at = 0, size = 0;

		must(jt_door_output(house.door, c, &out, &e), &e);
		if (out.len == 0)
			return text;
		for (; at < out.len; at += size) {
			struct jt_slice rest = { out.data + at, out.len - at };
			struct jt_answer a = { 0 };
			struct jt_object o;

			must(jt_object_size(rest, &size, &e), &e);
			rest.len = size;
			must(jt_object_parse(rest, &o, &e), &e);
			if (text[0] != '\0')
				strcat(text, " ");
			if (jt_object_is(&o, "took")) {
				strcat(text, "proof");
			} else if (jt_object_is(&o, "tick")) {
				strcat(text, "answer");
			} else {
				static const char *const words[] = { "accepted", "busy", "none", "refused" };
				must(jt_kind_read(&jt_kind_answer, &o, &a, NULL, &e), &e);
				strcat(text, words[a.state]);
				if (a.code != JT_CODE_OK) {
					strcat(text, " ");
					strcat(text, jt_code_words[a.code]);
				}
			}
		}
		jt_door_sent(house.door, c, out.len);
	}
}

static void
took(size_t i)
{
	jt_door_took(house.door, house.passed[i].id);
}

static void
bad(size_t i)
{
	struct jt_object o;
	struct jt_error e;

	must(jt_object_parse(jt_buf_slice(&house.passed[i].object), &o, &e), &e);
	jt_door_refused(house.door, &o);
}

static void
certified(uint64_t ledger)
{
	struct jt_error e;

	house.certified = ledger;
	must(jt_door_certified(house.door, ledger, &e), &e);
}

static uint32_t
items(void)
{
	return jt_door_count(house.door).items;
}

/* ---- */

static void
test_life(void)
{
	struct jt_client *c, *other;

	start();
	c = enter(1);
	feed(c, pay(1, 1, 5));
	is_int(house.count, 1, "a good one is passed on");
	is_text(hears(c), "", "and not yet accepted");
	took(0);
	is_text(hears(c), "accepted", "the vote took it");
	feed(c, pay(1, 1, 5));
	is_int(house.count, 1, "again: passed on once");
	is_text(hears(c), "accepted", "and told again how it stands");
	other = enter(2);
	feed(other, pay(1, 1, 5));
	is_text(hears(other), "accepted", "another client hears so, too");
	house_apply(&house, 0, 5);
	is_text(hears(c), "", "in a ledger: nothing new without a certificate");
	jt_door_leave(house.door, other);
	certified(5);
	is_text(hears(c), "proof", "certified: the proof");
	is_int(items(), 0, "and it is forgotten");
	feed(c, pay(1, 1, 5));
	is_text(hears(c), "proof", "once more: the proof out of the ledger");
	is_int(house.count, 1, "not passed on");
	feed(c, pay(1, 1, 6));
	is_text(hears(c), "refused seq-used", "another with its number is refused");
	house_apply(&house, 0, 5);
	is_int(items(), 0, "results of others' transactions are nothing");
	end();
}

static void
test_order(void)
{
	struct jt_client *c;
	struct jt_result r = { .code = JT_CODE_SEQ_USED };

	start();
	c = enter(1);
	feed(c, pay(1, 1, 5));
	house_apply(&house, 0, 5);
	is_text(hears(c), "accepted", "a result before took: accepted");
	took(0);
	is_text(hears(c), "", "once");
	memcpy(r.id, house.passed[0].id, JT_HASH);
	must(jt_door_result(house.door, &r, NULL), NULL);
	is_text(hears(c), "", "a second copy that was refused says nothing");
	certified(5);
	is_text(hears(c), "proof", "the proof");
	feed(c, pay(1, 2, 5));
	certified(6);
	house_apply(&house, 1, 6);
	is_text(hears(c), "proof", "certified before the result came");
	feed(c, pay(1, 3, 5));
	took(2);
	house.accounts[1].seq = 3;
	house_apply(&house, 2, 7);
	is_text(hears(c), "refused seq-used", "refused by the ledger");
	is_int(items(), 0, "and forgotten");
	end();
}

static void
test_lost_result(void)
{
	struct jt_client *c;

	start();
	c = enter(1);
	feed(c, pay(1, 1, 5));
	took(0);
	hears(c);
	/* As if the pipe from the closer had been cut. */
	house.passed[0].ledger = 5;
	house.accounts[1].seq = 1;
	jt_overlay_clear(house.apply.state);
	house.certified = 5;
	is_text(hears(c), "", "a result that never came");
	feed(c, pay(1, 1, 5));
	is_text(hears(c), "proof", "is found when it is sent again");
	is_int(items(), 0, "and forgotten");
	end();
}

static struct jt_slice
changed(struct jt_slice s, size_t from_end)
{
	static uint8_t copy[4096];

	memcpy(copy, s.data, s.len);
	copy[s.len - 1 - from_end] ^= 1;
	return (struct jt_slice){ copy, s.len };
}

static void
test_copies(void)
{
	struct jt_client *thief, *owner;

	start();
	thief = enter(1);
	owner = enter(2);
	feed(thief, changed(pay(1, 1, 5), 0));
	feed(owner, pay(1, 1, 5));
	is_int(house.count, 2, "a copy with other signatures is another one");
	bad(0);
	is_text(hears(thief), "refused bad-signature", "the bad one is refused");
	is_text(hears(owner), "", "which says nothing about the good one");
	took(1);
	is_text(hears(owner), "accepted", "the good one is taken");
	feed(thief, changed(pay(1, 2, 5), 0));
	feed(owner, pay(1, 2, 6));
	is_int(house.count, 4, "nor does an unverified one keep another with its number out");
	feed(thief, changed(pay(1, 3, 5), 0));
	feed(owner, pay(1, 3, 5));
	took(5);
	feed(thief, changed(pay(1, 3, 5), 1));
	is_int(house.count, 6, "once it is taken no other copy is passed on");
	hears(thief);
	hears(owner);
	house_apply(&house, 5, 5);
	certified(5);
	is_text(hears(thief), "proof", "and all who sent it get the proof");
	is_text(hears(owner), "proof", "it is one transaction");
	feed(owner, changed(pay(1, 4, 5), 0));
	feed(owner, pay(1, 4, 5));
	is_int(house.count, 8, "a bad copy keeps no good one out, be it of the same client");
	end();
}

static void
test_refusals(void)
{
	struct jt_client *c;
	struct jt_slice s;
	struct jt_buf b = { .max = JT_OBJECT_MAX };

	start();
	c = enter(1);
	house.accounts[1].seq = 70;
	feed(c, pay(1, 5, 1));
	is_text(hears(c), "refused seq-old", "a number below the window");
	feed(c, pay(1, 70, 1));
	is_text(hears(c), "refused seq-used", "a used number");
	feed(c, pay(1, 135, 1));
	is_text(hears(c), "refused seq-ahead", "a number above the window");
	feed(c, pay(2, 1, 1));
	feed(c, pay(2, 1, 2));
	is_text(hears(c), "refused seq-used", "a number that one has that waits");
	house.accounts[3].balance = 25;
	feed(c, pay(3, 1, 1));
	feed(c, pay(3, 2, 1));
	feed(c, pay(3, 3, 1));
	is_text(hears(c), "refused no-fee", "fees that wait are not covered twice");
	house.net.genesis.fee = 9;
	feed(c, pay(4, 1, 1));
	is_text(hears(c), "refused low-fee", "too low a fee");
	house.net.genesis.fee = 10;
	house.apply.number = 1000001;
	feed(c, pay(4, 1, 1));
	is_text(hears(c), "refused too-late", "behind its last ledger");
	house.apply.number = 5;
	house.net.id[0] ^= 1;
	feed(c, pay(4, 1, 1));
	is_text(hears(c), "refused wrong-network", "of another network");
	house.net.id[0] ^= 1;
	house.net.initial[5].account[0] ^= 1;
	feed(c, pay(5, 1, 1));
	is_text(hears(c), "refused no-account", "of nobody");
	house.net.initial[5].account[0] ^= 1;
	memcpy(house.net.keys[4], house.net.keys[5], JT_KEY);
	feed(c, pay(4, 1, 1));
	is_text(hears(c), "refused not-authorised", "signed by another");
	must(jt_kind_write(&jt_kind_took, &(struct jt_took){ { 1 } }, &b, NULL), NULL);
	feed(c, jt_buf_slice(&b));
	is_text(hears(c), "refused malformed", "not a client's kind");
	s = pay(6, 1, 1);
	feed(c, changed(s, s.len - 20));
	is_text(hears(c), "refused malformed", "a good frame with bad contents");
	feed(c, pay(6, 1, 1));
	is_int(house.count, 4, "and the connection goes on");
	is_int(jt_client_gone(c), false, "all the while");
	feed(c, (struct jt_slice){ (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18 });
	is_int(jt_client_reads(c), false, "no object: it is not read any more");
	is_text(hears(c), "refused malformed", "told so");
	is_int(jt_client_gone(c), true, "and closed");
	jt_buf_free(&b);
	end();
}

static void
test_pieces(void)
{
	struct jt_client *c;
	struct jt_slice s;

	start();
	c = enter(1);
	s = pay(1, 1, 5);
	for (size_t i = 0; i < s.len; i++) {
		is_int(house.count, 0, "not before the last byte");
		feed(c, (struct jt_slice){ s.data + i, 1 });
	}
	is_int(house.count, 1, "byte by byte");
	is_int(jt_door_count(house.door).bytes, 0, "nothing is held behind it");
	feed(c, (struct jt_slice){ s.data, 50 });
	later(terms.slow_ms);
	is_int(jt_client_gone(c), false, "half an object waits for a while");
	later(terms.slow_ms + 100);
	is_int(jt_client_gone(c), true, "and no longer");
	end();
	terms.credit = 1;
	terms.item_ms = 2 * terms.slow_ms;
	start();
	c = enter(1);
	s = pays(1, 1, 2);
	feed(c, (struct jt_slice){ s.data, s.len - 1 });
	later(1);
	feed(c, (struct jt_slice){ s.data + s.len - 1, 1 });
	is_int(house.count, 1, "a whole one that must wait");
	later(terms.slow_ms + 100);
	is_int(jt_client_gone(c), false, "waits for as long as it has to");
	took(0);
	later(0);
	is_int(house.count, 2, "and has its turn");
	end();
}

static void
test_credit(void)
{
	struct jt_client *c, *other;

	terms.credit = 4;
	terms.credit_bad = 3;
	terms.credit_taken = 2;
	terms.credit_max = 6;
	start();
	c = enter(1);
	feed(c, pays(1, 1, 20));
	is_int(house.count, 4, "so many are not verified yet");
	is_int(jt_client_reads(c), false, "the client has to wait");
	other = enter(2);
	feed(other, pay(2, 1, 5));
	is_int(house.count, 5, "others have not");
	took(0);
	later(0);
	is_int(house.count, 8, "one was taken: two more, and its place");
	bad(1);
	later(0);
	is_int(house.count, 8, "one was bad: three less");
	for (size_t i = 2; i <= 4; i++)
		took(i);
	later(0);
	is_int(house.count, 11, "two of it were taken: but never more than the most");
	for (size_t i = 5; i < 11; i++)
		bad(i);
	later(0);
	is_int(house.count, 11, "all bad: nothing goes on");
	is_int(jt_client_reads(c), false, "nor is it read");
	later(terms.credit_ms);
	is_int(house.count, 12, "until time has passed");
	later(1000);
	is_int(house.count, 15, "with time as many as in the beginning, and no more");
	end();
}

static void
test_room(void)
{
	struct jt_client *c;

	start();
	c = enter(1);
	house.full = true;
	feed(c, pays(1, 1, 2));
	is_int(house.count, 0, "no room: not passed on");
	is_text(hears(c), "", "and not answered");
	later(terms.room_ms - 1);
	is_text(hears(c), "", "for a while");
	later(1);
	is_text(hears(c), "busy", "then it is busy");
	house.full = false;
	later(terms.pause_ms - 1);
	is_int(house.count, 0, "and the client not read for a moment");
	later(1);
	is_int(house.count, 1, "room again");
	end();
}

static void
test_bounds(void)
{
	struct jt_client *a, *b;

	terms.items = 6;
	terms.client_items = 5;
	terms.account_items = 3;
	start();
	a = enter(1);
	b = enter(2);
	feed(a, pays(1, 1, 4));
	is_text(hears(a), "busy", "too many of an account");
	later(terms.pause_ms);
	feed(a, pays(2, 1, 3));
	is_text(hears(a), "busy", "too many of a client");
	feed(b, pay(3, 1, 5));
	is_int(items(), 6, "all there is room for");
	feed(b, pay(3, 2, 5));
	is_int(items(), 6, "no more than that");
	is_text(hears(a), "busy", "who has most gives way");
	is_text(hears(b), "", "to who has less");
	feed(b, pay(3, 3, 5));
	is_text(hears(a), "busy", "again");
	feed(b, pay(4, 1, 5));
	is_text(hears(b), "busy", "until they have as many");
	end();
	terms.items = 6;
	start();
	a = enter(1);
	b = enter(2);
	feed(a, pays(1, 1, 6));
	for (size_t i = 0; i < 6; i++)
		house_apply(&house, i, 5);
	is_int(items(), 6, "in a ledger, and their proofs are waited for");
	feed(b, pay(3, 1, 5));
	is_int(house.count, 7, "they, too, give way to who has less");
	certified(5);
	is_text(hears(a), "busy proof proof proof proof proof", "whose client hears it");
	feed(a, pays(1, 1, 6));
	is_int(items(), 6, "it asks again, and does not read");
	feed(b, pay(3, 2, 5));
	is_int(house.count, 8, "which keeps nobody else out");
	end();
	terms.clients = 2;
	start();
	a = enter(1);
	feed(a, pay(1, 1, 5));
	later(1);
	b = enter(1);
	ok(enter(2) != NULL && jt_client_gone(b) && !jt_client_gone(a),
	    "too many clients: an idle one of the source that has most goes");
	jt_door_leave(house.door, b);
	is_int(jt_door_count(house.door).clients, 2, "there are so many");
	ok(enter(1) == NULL, "who has most is turned away");
	end();
}

/* All places are taken: this one goes for another one of the source. */
static bool
gives_way(struct jt_client *c, uint8_t source)
{
	if (enter(source) == NULL || !jt_client_gone(c))
		return false;
	jt_door_leave(house.door, c);
	return true;
}

static void
test_places(void)
{
	struct jt_client *watching, *asking, *half, *idle;

	terms.clients = 4;
	start();
	house.wanted = 7;
	watching = enter(1);
	feed(watching, pay(1, 1, 5));
	later(1);
	asking = enter(1);
	feed(asking, query(JT_QUERY_ACCOUNT, 0));
	later(1);
	half = enter(1);
	feed(half, (struct jt_slice){ (const uint8_t *)"\x93", 1 });
	later(1);
	idle = enter(1);
	ok(gives_way(idle, 2), "too many clients: of the source that has most an idle one goes");
	ok(gives_way(watching, 3), "then one that waits for its payment");
	is_int(items(), 1, "which goes on");
	ok(enter(1) == NULL, "but not for one of its own source");
	ok(gives_way(asking, 4), "then one that waits for a ledger");
	is_int(jt_door_count(house.door).deferred, 0, "no more");
	ok(!jt_client_gone(half) && enter(1) == NULL, "who has no more than others stays");
	end();
	terms.clients = 2;
	start();
	half = enter(1);
	feed(half, (struct jt_slice){ (const uint8_t *)"\x93", 1 });
	later(1);
	idle = enter(1);
	feed(idle, (struct jt_slice){ (const uint8_t *)"\x93", 1 });
	ok(gives_way(half, 2), "one in the middle of an object goes, too");
	end();
}

static void
test_output(void)
{
	struct jt_client *c, *d, *f;
	struct jt_slice out, s;
	uint8_t big[9000] = "\x93\xa6jt/pay\x01\xc6\x00\x00\xf0\x00";

	terms.out_bytes = 100;
	start();
	c = enter(1);
	feed(c, pays(1, 100, 200));
	is_int(jt_client_reads(c), false, "answers wait: it is not read");
	must(jt_door_output(house.door, c, &out, NULL), NULL);
	ok(out.len > 0 && out.len < 400, "and they are few");
	later(terms.slow_ms);
	is_int(jt_client_gone(c), false, "it has some time to read them");
	jt_door_sent(house.door, c, 1);
	while (jt_door_next(house.door) != NULL)
		continue;
	jt_door_ready(house.door, c);
	ok(jt_door_next(house.door) == c, "when more can be sent it is its turn");
	later(terms.slow_ms);
	is_int(jt_client_gone(c), false, "a byte is progress");
	later(100);
	is_int(jt_client_gone(c), true, "none is not");
	end();
	terms.bytes = 20000;
	start();
	c = enter(1);
	d = enter(2);
	f = enter(2);
	s = pay(1, 1, 5);
	feed(c, (struct jt_slice){ s.data, 50 });
	feed(d, (struct jt_slice){ big, 9000 });
	feed(f, (struct jt_slice){ big, 2000 });
	is_int(jt_door_count(house.door).dropped, 0, "half objects within the bound");
	feed(c, (struct jt_slice){ big, 9000 });
	ok(jt_client_gone(d) && !jt_client_gone(c), "above it who holds most is dropped");
	ok(jt_door_count(house.door).bytes <= terms.bytes, "and no more is held");
	end();
}

static void
test_queries(void)
{
	struct jt_client *c;
	uint8_t wrong[] = "\x93\xa8jt/query\x01\xc4\x15\x82\xa6" "ledger\x07\xa4what\xa6newest";
	struct jt_query zeros = { .what = JT_QUERY_ACCOUNT };

	terms.deferred = 2;
	start();
	c = enter(1);
	feed(c, query(JT_QUERY_NEWEST, 0));
	is_text(hears(c), "answer", "a query");
	feed(c, query(JT_QUERY_TX, 0));
	is_text(hears(c), "none", "for what is not there");
	feed(c, (struct jt_slice){ wrong, sizeof wrong - 1 });
	is_text(hears(c), "refused malformed", "with a field that does not go with it");
	feed(c, ask(&zeros));
	is_text(hears(c), "answer", "for the account of zeros");
	zeros.what = JT_QUERY_RECORD;
	feed(c, ask(&zeros));
	is_text(hears(c), "answer", "for the record of a hash of zeros");
	house.wanted = 7;
	for (int i = 0; i < 3; i++)
		feed(c, query(JT_QUERY_ACCOUNT, 0));
	is_text(hears(c), "busy", "what is not certified waits, within bounds");
	certified(6);
	is_text(hears(c), "", "for its ledger");
	certified(7);
	is_text(hears(c), "answer answer", "and is answered then");
	house.wanted = 9;
	feed(c, query(JT_QUERY_ACCOUNT, 0));
	later(terms.item_ms + 1);
	is_text(hears(c), "busy", "or not, if that takes too long");
	feed(c, query(JT_QUERY_ACCOUNT, 0));
	jt_door_leave(house.door, c);
	is_int(jt_door_count(house.door).deferred, 0, "nothing waits for who has left");
	end();
	terms.work = 8;
	start();
	c = enter(1);
	for (int i = 0; i < 20; i++)
		feed(c, query(JT_QUERY_NEWEST, 0));
	is_text(hears(c), "answer answer answer answer answer answer answer answer",
	    "so many in a time");
	later(terms.credit_ms);
	is_text(hears(c), "answer", "the others later");
	end();
}

/* A hash record, of so many equal bytes; stamped for this key, if there is one. */
static struct jt_slice
record(uint8_t byte, const uint8_t *door)
{
	static struct jt_buf b = { .max = JT_OBJECT_MAX }, inner = { .max = JT_OBJECT_MAX };
	struct jt_record r = { .tag = { NULL, 0 } };
	struct jt_stamp s = { .nonce = 0 };
	struct jt_error e;

	memset(r.hash, byte, JT_HASH);
	memcpy(r.network, house.net.id, JT_HASH);
	jt_buf_clear(&inner);
	must(jt_kind_write(&jt_kind_record, &r, &inner, &e), &e);
	if (door == NULL)
		return jt_buf_slice(&inner);
	memcpy(s.door, door, JT_KEY);
	s.record = jt_buf_slice(&inner);
	jt_buf_clear(&b);
	must(jt_kind_write(&jt_kind_stamp, &s, &b, &e), &e);
	return jt_buf_slice(&b);
}

static void
test_records(void)
{
	static const uint8_t key[JT_KEY] = { 7 }, other[JT_KEY] = { 8 };
	struct jt_client *c;

	terms.work = 8;
	start();
	jt_door_records(house.door, key, 0);
	c = enter(1);
	feed(c, record(1, NULL));
	is_text(hears(c), "refused bad-stamp", "a record without a stamp");
	feed(c, record(1, other));
	is_text(hears(c), "refused bad-stamp", "with one for another door");
	is_int(house.finds, 0, "is not even looked for");
	feed(c, record(1, key));
	is_int(house.count, 1, "with a good one it is passed on");
	took(0);
	is_text(hears(c), "accepted", "and taken");
	for (uint8_t i = 2; i < 20; i++)
		feed(c, record(i, key));
	is_int(house.count, 19, "any number of them");
	house.find_work = 4;
	for (uint8_t i = 20; i < 30; i++)
		feed(c, record(i, key));
	is_int(house.count, 21, "but where it is costly to look, two in a time");
	is_int(jt_client_reads(c), false, "and the client waits");
	later(terms.credit_ms);
	is_int(house.count, 22, "the others come later");
	end();
}

static void
test_end(void)
{
	struct jt_client *c;

	start();
	c = enter(1);
	feed(c, pay(1, 1, 5));
	jt_door_end(house.door, c);
	is_int(jt_client_gone(c), false, "it sends no more, and waits");
	took(0);
	house_apply(&house, 0, 5);
	certified(5);
	is_int(jt_client_gone(c), false, "for its answers");
	is_text(hears(c), "proof", "gets them");
	is_int(jt_client_gone(c), true, "and is closed");
	jt_door_leave(house.door, c);
	c = enter(1);
	feed(c, pay(1, 2, 5));
	feed(c, pay(1, 3, 5));
	jt_door_leave(house.door, c);
	took(1);
	is_int(items(), 2, "who leaves takes nothing back");
	house_apply(&house, 1, 6);
	is_int(items(), 1, "but nobody waits for the proof");
	later(terms.item_ms + 100);
	is_int(items(), 0, "what the vote does not take is forgotten");
	c = enter(1);
	feed(c, pay(1, 4, 5));
	later(terms.item_ms + 100);
	is_text(hears(c), "busy", "and told so");
	feed(c, pay(1, 4, 5));
	took(3);
	jt_door_leave(house.door, c);
	later(terms.orphan_ms - 100);
	is_int(items(), 1, "what the vote took is kept without anybody");
	later(1000);
	is_int(items(), 0, "for a while");
	is_int(jt_door_wait(house.door), -1, "then there is nothing to do");
	end();
}

int
main(void)
{
	terms = jt_door_usual;
	test_life();
	test_order();
	test_lost_result();
	test_copies();
	test_refusals();
	test_pieces();
	test_credit();
	test_room();
	test_bounds();
	test_places();
	test_output();
	test_queries();
	test_records();
	test_end();
	return done_testing();
}
