/*
 * The clients' door: the input is what several clients send, in pieces, and what
 * the vote and the ledger do meanwhile. Whatever that is, the bounds hold, all
 * that clients are told is objects of the kinds they are told of, and in the
 * end nothing is held.
 */
#include "../unit/household.h"

#include "fuzz.h"

enum { CLIENTS = 6, PIECE = 600 };

static const struct jt_door_terms terms = {
	.clients = 4, .items = 12, .client_items = 8, .account_items = 6, .deferred = 3,
	.sources = 3, .bytes = 40000, .out_bytes = 500, .credit = 4, .credit_max = 9,
	.credit_taken = 2, .credit_bad = 3, .credit_ms = 100, .work = 20, .pause_ms = 50,
	.room_ms = 200, .slow_ms = 5000, .item_ms = 3000, .orphan_ms = 6000
};

static struct house house;
static struct jt_client *clients[CLIENTS];
static uint64_t now;

static void
must(enum jt_err err, const struct jt_error *e)
{
	network_must(err, e);
}

/* A whole object or a part of one, some of them good, from what the input says. */
static struct jt_slice
piece(struct fuzz_input *in)
{
	static struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_query q = { .what = fuzz_byte(in) % 7 };
	struct jt_slice raw;
	uint8_t how = fuzz_byte(in);
	size_t at;

	jt_buf_clear(&b);
	if (how % 4 == 0) {
		raw = fuzz_take(in, fuzz_byte(in));
		return raw;
	}
	if (how % 4 == 1) {
		q.account[0] = q.what == JT_QUERY_ACCOUNT;
		q.id[0] = q.what == JT_QUERY_TX || q.what == JT_QUERY_RECORD;
		must(jt_query_write(&q, &b, NULL), NULL);
	} else {
		network_pay(&house.net, fuzz_byte(in) % HOUSE_ACCOUNTS, 1 + fuzz_byte(in) % 70,
		    house.net.initial[0].account, 1 + fuzz_byte(in) % 3, &b);
	}
	if (how & 64) {
		at = fuzz_number(in, 2) % b.len;
		b.data[at] ^= fuzz_byte(in);
	}
	if (how & 128)
		b.len = fuzz_number(in, 2) % (b.len + 1);
	return jt_buf_slice(&b);
}

/* All of it must be whole objects that a client is told. */
static void
look_at(struct jt_slice out)
{
	size_t size = 0;

	for (size_t at = 0; at < out.len; at += size) {
		struct jt_slice rest = { out.data + at, out.len - at };
		struct jt_object o;

		must(jt_object_size(rest, &size, NULL), NULL);
		assert(size <= rest.len);
		rest.len = size;
		must(jt_object_parse(rest, &o, NULL), NULL);
		must(jt_kind_check(&jt_all_kinds, &o, NULL), NULL);
		assert(jt_object_is(&o, "answer") || jt_object_is(&o, "took") ||
		    jt_object_is(&o, "tick"));
	}
}

/* What the caller does in each turn. `most` bytes go to each client. */
static void
turn(size_t most)
{
	struct jt_client *c;
	struct jt_slice out;
	struct jt_error e;

	must(jt_door_run(house.door, &e), &e);
	for (int steps = 0; steps < 64 && (c = jt_door_next(house.door)) != NULL; steps++) {
		if (!jt_client_gone(c)) {
			must(jt_door_output(house.door, c, &out, &e), &e);
			/* What was not sent yet may begin in the middle of an object. */
			if (out.len <= most)
				jt_door_sent(house.door, c, out.len);
			else
				jt_door_sent(house.door, c, 0);
			continue;
		}
		for (int i = 0; i < CLIENTS; i++)
			if (clients[i] == c)
				clients[i] = NULL;
		jt_door_leave(house.door, c);
	}
}

static void
check_bounds(void)
{
	struct jt_door_counts n = jt_door_count(house.door);

	assert(n.items <= terms.items);
	assert(n.deferred <= terms.deferred);
	/* Whoever was dropped is no longer counted, but leaves in the next turn. */
	assert(n.clients <= 2 * terms.clients);
	assert(n.bytes <= terms.bytes);
	assert(n.sources <= terms.sources + terms.clients + terms.items);
}

static void
from_vote(struct fuzz_input *in)
{
	struct jt_object o;
	struct jt_error e;
	uint8_t what = fuzz_byte(in);
	size_t i;

	if (what % 8 == 7) {
		must(jt_door_certified(house.door, ++house.certified, &e), &e);
		return;
	}
	if (house.count == 0)
		return;
	i = fuzz_byte(in) % house.count;
	if (what % 8 < 3) {
		jt_door_took(house.door, house.passed[i].id);
	} else if (what % 8 == 3) {
		must(jt_object_parse(jt_buf_slice(&house.passed[i].object), &o, &e), &e);
		jt_door_refused(house.door, &o);
	} else {
		house_apply(&house, i, house.certified + 1 + what % 3);
	}
}

static void
from_clients(struct fuzz_input *in, uint8_t what)
{
	struct jt_client **c = &clients[what % CLIENTS];
	uint8_t source[JT_SOURCE] = { what % 3 };
	struct jt_error e;

	if (*c == NULL)
		*c = jt_door_enter(house.door, source, NULL);
	else if (what >= 250)
		jt_door_end(house.door, *c);
	else if (what >= 240) {
		jt_door_leave(house.door, *c);
		*c = NULL;
	} else if (jt_client_reads(*c))
		must(jt_door_feed(house.door, *c, piece(in), &e), &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct jt_slice out;
	struct jt_error e;

	now = 1000;
	house_open(&house, &terms);
	memset(clients, 0, sizeof clients);
	while (in.len > 0 && house.count < HOUSE_ITEMS - 32) {
		uint8_t what = fuzz_byte(&in);

		if (what % 4 == 0)
			from_vote(&in);
		else
			from_clients(&in, what);
		if (what % 16 == 5) {
			now += fuzz_number(&in, 2) % 2000;
			jt_door_now(house.door, now);
		}
		house.full = what % 32 == 6;
		house.wanted = what % 64 == 7 ? house.certified + 1 : 0;
		turn(what % 8 == 1 ? 0 : 100000);
		check_bounds();
	}
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i] != NULL && !jt_client_gone(clients[i])) {
			must(jt_door_output(house.door, clients[i], &out, &e), &e);
			look_at(out);
		}
	/* With time, and without anybody, nothing is left. */
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i] != NULL)
			jt_door_leave(house.door, clients[i]);
	for (int i = 0; i < 3; i++) {
		jt_door_now(house.door, now += terms.orphan_ms + 1);
		must(jt_door_run(house.door, &e), &e);
	}
	assert(jt_door_count(house.door).items == 0 && jt_door_count(house.door).clients == 0 &&
	    jt_door_count(house.door).bytes == 0 && jt_door_wait(house.door) == -1);
	house_close(&house);
	return 0;
}
