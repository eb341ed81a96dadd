/*
 * A validator in the vote, whole: what a round costs each of n members, with
 * real keys, a real coin and real logs, all of them in one process, messages
 * delivered in order, and a little payload in every block. Processor time, not
 * the disk's.
 *
 *	member-round-N       a round of one member; ratio: the part of it that is
 *	                     cryptography, 1.00 being all
 *	member-signatures-N  of that, signing and verifying blocks
 *	member-coin-N        shares, proofs and opening
 *	member-log-N         writing and finding blocks, without waiting for the disk
 *	member-rest-N        the rule, the graph, objects and messages
 *
 * With BENCH_MS under 50 small n alone.
 */
#include "member/member.h"

#include "../unit/electorate.h"
#include "../unit/tempdir.h"
#include "bench.h"
#include "crypto/deal.h"
#include "pipe/pipe.h"

enum { ITEM = 250, ITEMS = 4 /* in a block, of each member */ };
enum part { SIGNATURES, COIN, LOG, PARTS };

static uint64_t spent[PARTS]; /* ns of processor time */
static int inside;            /* one of the parts is timed: what it calls belongs to it */

static uint64_t
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#define TIMED(part_, type_, name_, parameters_, arguments_) \
	type_ __real_##name_ parameters_; \
	type_ __wrap_##name_ parameters_; \
	type_ __wrap_##name_ parameters_ \
	{ \
		uint64_t start = inside++ == 0 ? cpu() : 0; \
		type_ result = __real_##name_ arguments_; \
		if (--inside == 0) \
			spent[part_] += cpu() - start; \
		return result; \
	}

TIMED(SIGNATURES, bool, jt_sign_verify, (const uint8_t sig[JT_SIGNATURE],
    const uint8_t key[JT_KEY], const uint8_t id[JT_HASH]), (sig, key, id))
TIMED(SIGNATURES, enum jt_err, jt_block_seal, (const struct jt_electorate *el, struct jt_block *b,
    struct jt_slice items, const uint8_t secret[JT_SECRET], struct jt_buf *out,
    struct jt_error *e), (el, b, items, secret, out, e))
TIMED(COIN, bool, jt_coin_share, (uint8_t share[JT_COIN_SHARE], const uint8_t secret[JT_SCALAR],
    const uint8_t public_share[JT_POINT], const struct jt_coin_name *name),
    (share, secret, public_share, name))
TIMED(COIN, bool, jt_coin_open, (struct jt_coin *c, const struct jt_coin_name *name,
    struct jt_coin_given *given, size_t count, uint8_t value[JT_COIN_VALUE]),
    (c, name, given, count, value))
TIMED(LOG, enum jt_err, jt_log_append, (struct jt_log *log, struct jt_slice object,
    const struct jt_ref *ref, struct jt_log_place *place, struct jt_error *e),
    (log, object, ref, place, e))
TIMED(LOG, enum jt_err, jt_log_sync, (struct jt_log *log, struct jt_error *e), (log, e))
TIMED(LOG, enum jt_err, jt_log_find, (struct jt_log *log, const struct jt_ref *ref,
    struct jt_log_place *place, struct jt_error *e), (log, ref, place, e))
TIMED(LOG, enum jt_err, jt_log_read, (struct jt_log *log, const struct jt_log_place *place,
    struct jt_buf *out, struct jt_error *e), (log, place, out, e))

struct node {
	uint32_t me;
	struct jt_member *member;
	struct jt_coin coin;
	struct jt_buf out;
	size_t taken; /* of out, by the others */
};

static struct voters voters;
static struct node nodes[JT_VOTERS_MAX];
static char names[JT_VOTERS_MAX][8];
static uint32_t n;
static uint64_t now;
static struct jt_error error;

static void
check(enum jt_err err)
{
	if (err != JT_OK)
		bench_fail(error.text);
}

static void
out(void *ctx, enum jt_way way, struct jt_slice object)
{
	if (way == JT_TO_PEERS && !jt_buf_add_slice(&((struct node *)ctx)->out, object))
		bench_fail("out of memory");
}

static bool
room(void *ctx)
{
	(void)ctx;
	return true;
}

static void
note(void *ctx, const char *text)
{
	(void)ctx;
	bench_fail(text);
}

static void
halt(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *why)
{
	(void)ctx;
	(void)ledger;
	(void)evidence;
	bench_fail(why);
}
static const struct jt_member_ops ops = { out, room, NULL, note, halt };

static void
give(struct node *x, enum jt_door door, const struct jt_kind *kind, const void *fields)
{
	static const uint8_t id[JT_HASH];
	struct jt_object o = { 0 };
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	check(jt_kind_write(kind, fields, &b, &error));
	check(jt_object_parse(jt_buf_slice(&b), &o, &error));
	check(jt_member_take(x->member, door, &o, id, &error));
	jt_buf_free(&b);
}

static void
start(uint32_t count)
{
	struct jt_deal *deal = jt_deal_new();
	struct jt_coin_public public;

	n = count;
	now = 1000000;
	voters_make(&voters, n, 5);
	if (deal == NULL)
		bench_fail("out of memory");
	deal->seed[0] = 1;
	if (!jt_coin_deal(deal, n, &public))
		bench_fail("the coin does not work");
	for (uint32_t i = 0; i < n; i++) {
		struct jt_member_terms terms = { .electorate = voters.el, .me = i,
			.secret = voters.secret[i], .coin = &nodes[i].coin, .share = deal->share[i],
			.voter = jt_voter_usual, .nonce = 1 };
		enum jt_log_state state;
		struct jt_log *log = NULL;
		char path[128];

		snprintf(path, sizeof path, "%s/%u-%u", tempdir, (unsigned)n, (unsigned)i);
		nodes[i] = (struct node){ .me = i };
		nodes[i].coin.public = public;
		jt_buf_init(&nodes[i].out, SIZE_MAX / 2);
		for (uint32_t k = 0; k < n; k++) {
			snprintf(names[k], sizeof names[k], "v%u", (unsigned)k + 1);
			terms.names[k] = jt_slice_text(names[k]);
		}
		check(jt_log_open(path, voters.el.network, voters.el.keys[i], &log, &state, &error));
		nodes[i].member = jt_member_new(&terms, log, false, &ops, &nodes[i], &error);
		if (nodes[i].member == NULL)
			bench_fail(error.text);
	}
	/* What deal->share points to is used as long as the members live: it is not freed. */
	for (uint32_t i = 0; i < n; i++) {
		struct jt_tick t = { now };
		give(&nodes[i], JT_FROM_PEERS, &jt_kind_tick, &t);
		check(jt_member_start(nodes[i].member, &error));
	}
}

/* What one says goes to all, or to the one it is for. */
static void
deliver(struct node *from, struct jt_slice object)
{
	struct jt_object o = { 0 };
	struct jt_msg m = { .body = { NULL, 0 } };
	msgpack_zone zone;
	static const uint8_t id[JT_HASH];

	check(jt_object_parse(object, &o, &error));
	if (!msgpack_zone_init(&zone, 1024))
		bench_fail("out of memory");
	check(jt_kind_read(&jt_kind_msg, &o, &m, &zone, &error));
	for (uint32_t i = 0; i < n; i++)
		if (i != from->me && (m.to.len == 0 || jt_slice_is(m.to, names[i])))
			check(jt_member_take(nodes[i].member, JT_FROM_PEERS, &o, id, &error));
	msgpack_zone_destroy(&zone);
}

static void
give_items(struct node *x)
{
	static uint8_t filler[ITEM];
	static const uint8_t id[JT_HASH];
	struct jt_object o = { 0 };
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_object_write(&b, "filler", 1, (struct jt_slice){ filler, sizeof filler });
	check(jt_object_parse(jt_buf_slice(&b), &o, &error));
	for (int i = 0; i < ITEMS; i++)
		check(jt_member_take(x->member, JT_FROM_CLIENTS, &o, id, &error));
	jt_buf_free(&b);
}

/* Rounds until the first member has made so many. */
static void
run(uint32_t rounds)
{
	uint32_t until = jt_voter_round(jt_member_voter(nodes[0].member)) + rounds, last = 0;

	while (jt_voter_round(jt_member_voter(nodes[0].member)) < until) {
		uint32_t round = jt_voter_round(jt_member_voter(nodes[0].member));
		if (round != last || round == 0)
			for (uint32_t i = 0; i < n; i++)
				give_items(&nodes[i]);
		last = round;
		for (uint32_t i = 0; i < n; i++) {
			struct node *x = &nodes[i];
			size_t size = 0;
			check(jt_member_sync(x->member, &error));
			for (; x->taken < x->out.len; x->taken += size) {
				struct jt_slice one = { x->out.data + x->taken, x->out.len - x->taken };
				check(jt_object_size(one, &size, &error));
				one.len = size;
				deliver(x, one);
			}
			jt_buf_clear(&x->out);
			x->taken = 0;
		}
	}
}

static void
line(const char *what, double ns, double ratio)
{
	char name[64];

	snprintf(name, sizeof name, "member-%s-%u", what, (unsigned)n);
	bench_time_line(name, ns, ratio);
}

static void
measure(uint32_t count, uint32_t rounds)
{
	double all, per = (double)rounds * count;
	uint64_t began;

	start(count);
	run(8);
	memset(spent, 0, sizeof spent);
	began = cpu();
	run(rounds);
	all = (double)(cpu() - began);
	line("round", all / per, (double)(spent[SIGNATURES] + spent[COIN]) / all);
	line("signatures", (double)spent[SIGNATURES] / per, -1);
	line("coin", (double)spent[COIN] / per, -1);
	line("log", (double)spent[LOG] / per, -1);
	line("rest", (all - (double)(spent[SIGNATURES] + spent[COIN] + spent[LOG])) / per, -1);
	for (uint32_t i = 0; i < n; i++) {
		jt_member_free(nodes[i].member);
		jt_buf_free(&nodes[i].out);
	}
}

int
main(void)
{
	if (!jt_crypto_init())
		bench_fail("libsodium does not start");
	tempdir_make();
	measure(4, bench_quick() ? 10 : 200);
	measure(16, bench_quick() ? 2 : 40);
	if (bench_quick())
		return 0;
	measure(64, 12);
	measure(100, 8);
	return 0;
}
