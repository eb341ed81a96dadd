/*
 * A member of a vote among three liars. The input decides what they say: blocks
 * with any parents, twins, requests, hellos, acknowledgements, evidence, objects
 * bit by bit; and when the member's clock ticks, its closer closes, and it dies
 * and begins again from its log.
 *
 * Whatever comes, it neither stops nor contradicts itself: it never makes two
 * blocks of a round, hands its closer cuts in order, and what waits in memory
 * stays within the limits.
 *
 * Signatures are all good and the coin is a hash here: what they are worth is
 * tried elsewhere, and input that a fuzzer cannot sign would go nowhere. The
 * disk is not waited for.
 */
#include "member/member.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../unit/electorate.h"
#include "base/num.h"
#include "fuzz.h"
#include "member/inner.h"
#include "pipe/pipe.h"

enum { N = 4, MADE_MAX = 4096, ROUNDS_MAX = 4096, STEPS_MAX = 3000 };

bool __wrap_jt_sign_verify(const uint8_t signature[JT_SIGNATURE], const uint8_t key[JT_KEY],
    const uint8_t id[JT_HASH]);
void __wrap_jt_sign_id(uint8_t signature[JT_SIGNATURE], const uint8_t secret[JT_SECRET],
    const uint8_t id[JT_HASH]);
bool __wrap_jt_coin_open(struct jt_coin *c, const struct jt_coin_name *name,
    struct jt_coin_given *given, size_t count, uint8_t value[JT_COIN_VALUE]);
bool __wrap_jt_coin_share(uint8_t share[JT_COIN_SHARE], const uint8_t secret[JT_SCALAR],
    const uint8_t public_share[JT_POINT], const struct jt_coin_name *name);
void __wrap_jt_coin_name(struct jt_coin_name *name, const uint8_t network[JT_HASH],
    uint32_t epoch, uint32_t round);
void __wrap_jt_beacon_name(struct jt_coin_name *name, const uint8_t network[JT_HASH],
    uint32_t epoch, uint64_t ledger);
enum jt_err __wrap_jt_beacon_make(struct jt_coin *c, struct jt_beacon *b,
    struct jt_coin_given *given, size_t count, struct jt_buf *out, struct jt_error *e);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

bool
__wrap_jt_sign_verify(const uint8_t signature[JT_SIGNATURE], const uint8_t key[JT_KEY],
    const uint8_t id[JT_HASH])
{
	(void)key;
	(void)id;
	return signature[0] != 0xff;
}

void
__wrap_jt_sign_id(uint8_t signature[JT_SIGNATURE], const uint8_t secret[JT_SECRET],
    const uint8_t id[JT_HASH])
{
	(void)secret;
	memset(signature, 0, JT_SIGNATURE);
	memcpy(signature + 1, id, JT_HASH);
}

static void
name_it(struct jt_coin_name *name, const char *what, uint64_t number)
{
	memset(name, 0, sizeof *name);
	name->len = (size_t)snprintf((char *)name->bytes, sizeof name->bytes, "%s %llu", what,
	    (unsigned long long)number);
}

void
__wrap_jt_coin_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint32_t round)
{
	(void)network;
	(void)epoch;
	name_it(name, "coin", round);
}

void
__wrap_jt_beacon_name(struct jt_coin_name *name, const uint8_t network[JT_HASH], uint32_t epoch,
    uint64_t ledger)
{
	(void)network;
	(void)epoch;
	name_it(name, "beacon", ledger);
}

bool
__wrap_jt_coin_share(uint8_t share[JT_COIN_SHARE], const uint8_t secret[JT_SCALAR],
    const uint8_t public_share[JT_POINT], const struct jt_coin_name *name)
{
	(void)secret;
	(void)public_share;
	(void)name;
	memset(share, 1, JT_COIN_SHARE);
	return true;
}

/* A share is good when it begins with 1. */
bool
__wrap_jt_coin_open(struct jt_coin *c, const struct jt_coin_name *name,
    struct jt_coin_given *given, size_t count, uint8_t value[JT_COIN_VALUE])
{
	uint32_t good = 0;

	(void)c;
	for (size_t i = 0; i < count; i++)
		good += given[i].share[0] == 1;
	jt_hash(value, (struct jt_slice){ name->bytes, name->len });
	jt_hash(value + JT_HASH, (struct jt_slice){ value, JT_HASH });
	return good >= 2;
}

enum jt_err
__wrap_jt_beacon_make(struct jt_coin *c, struct jt_beacon *b, struct jt_coin_given *given,
    size_t count, struct jt_buf *out, struct jt_error *e)
{
	struct jt_coin_name name;
	uint8_t value[JT_COIN_VALUE];

	(void)out;
	name_it(&name, "beacon", b->ledger);
	if (!__wrap_jt_coin_open(c, &name, given, count, value))
		return jt_fail(e, JT_NO, "too few shares");
	memcpy(b->value, value, JT_HASH);
	return JT_OK;
}

int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

int
__wrap_fdatasync(int fd)
{
	(void)fd;
	return 0;
}

/* ---- the world around it ---- */

static struct voters voters;
static char dir[] = "/tmp/jt-fuzz-XXXXXX";
static struct jt_coin coin;
static uint8_t secret_share[JT_SCALAR];
static struct jt_member *member;
static struct jt_ref made[MADE_MAX];     /* blocks of anybody */
static size_t made_count;
static uint8_t own[ROUNDS_MAX][JT_HASH]; /* the member's, by round */
static uint64_t cut, next_cut, now;
static struct jt_buf headers[8];         /* of the last ledgers that were closed */
static struct jt_error error;

static int
unlink_it(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
remember(const struct jt_ref *ref)
{
	made[made_count++ % MADE_MAX] = *ref;
}

/* What the member says: its own blocks can be built upon, and are never two of a round. */
static void
hear(struct jt_slice object)
{
	struct jt_object o = { 0 }, body = { 0 };
	struct jt_msg m = { .body = { NULL, 0 } };
	struct jt_ref ref = { 0 };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 4096))
		abort();
	assert(jt_object_parse(object, &o, &error) == JT_OK);
	assert(jt_kind_read(&jt_kind_msg, &o, &m, &zone, &error) == JT_OK);
	assert(jt_object_parse(m.body, &body, &error) == JT_OK);
	if (jt_object_is(&body, "block") && jt_block_ref(&body, &ref, &error) == JT_OK &&
	    ref.author == 0 && ref.round < ROUNDS_MAX) {
		assert(jt_hash_is_zero(own[ref.round]) || memcmp(own[ref.round], ref.id, JT_HASH) == 0);
		if (jt_hash_is_zero(own[ref.round]))
			remember(&ref);
		memcpy(own[ref.round], ref.id, JT_HASH);
	}
	msgpack_zone_destroy(&zone);
}

static void
out(void *ctx, enum jt_way way, struct jt_slice object)
{
	struct jt_object o = { 0 };
	struct jt_cut c = { .n = 0 };
	msgpack_zone zone;

	(void)ctx;
	if (way == JT_TO_PEERS)
		hear(object);
	if (way != JT_TO_CLOSER || jt_object_parse(object, &o, &error) != JT_OK ||
	    !jt_object_is(&o, "cut") || !msgpack_zone_init(&zone, 1024))
		return;
	assert(jt_kind_read(&jt_kind_cut, &o, &c, &zone, &error) == JT_OK);
	assert(c.n == next_cut + 1);
	next_cut = c.n;
	msgpack_zone_destroy(&zone);
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
	(void)text;
}

static void
halt(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *why)
{
	(void)ctx;
	(void)ledger;
	(void)evidence;
	(void)why;
}
static const struct jt_member_ops ops = { out, room, NULL, note, halt };

/* True while it goes on. */
static bool
take(enum jt_door door, struct jt_slice object)
{
	static const uint8_t id[JT_HASH];
	struct jt_object o = { 0 };
	enum jt_err err;

	if (jt_object_parse(object, &o, &error) != JT_OK)
		return true;
	err = jt_member_take(member, door, &o, id, &error);
	assert(err == JT_OK || err == JT_MALFORMED || err == JT_NO);
	/* Three liars are more than it can bear: it may halt, but for no other reason. */
	return err != JT_NO;
}

static bool
take_message(uint32_t from, struct jt_slice body)
{
	struct jt_buf msg;
	char name[8];
	bool goes_on;

	jt_buf_init(&msg, JT_OBJECT_MAX);
	snprintf(name, sizeof name, "v%u", (unsigned)from + 1);
	assert(jt_msg_write(body, jt_slice_text(name), (struct jt_slice){ NULL, 0 }, &msg, &error) ==
	    JT_OK);
	goes_on = take(JT_FROM_PEERS, jt_buf_slice(&msg));
	jt_buf_free(&msg);
	return goes_on;
}

static bool
tell_at(void)
{
	struct jt_at at = { cut, cut };
	struct jt_buf b;
	bool goes_on;

	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_at, &at, &b, &error);
	goes_on = take(JT_FROM_CLOSER, jt_buf_slice(&b));
	jt_buf_free(&b);
	return goes_on;
}

static void
begin(bool anew)
{
	struct jt_member_terms terms = { .electorate = voters.el, .me = 0,
		.secret = voters.secret[0], .coin = &coin, .share = secret_share,
		.voter = jt_voter_usual, .nonce = 1, .keep = 1 };
	static const char *const names[] = { "v1", "v2", "v3", "v4" };
	enum jt_log_state state;
	struct jt_log *log = NULL;
	char path[64];

	snprintf(path, sizeof path, "%s/vote", dir);
	if (anew)
		nftw(path, unlink_it, 16, FTW_DEPTH | FTW_PHYS);
	for (uint32_t i = 0; i < N; i++)
		terms.names[i] = jt_slice_text(names[i]);
	terms.voter.burst = JT_MEMBER_BURST;
	assert(jt_log_open(path, voters.el.network, voters.el.keys[0], &log, &state, &error) == JT_OK);
	jt_log_segment(log, 16 << 10);
	member = jt_member_new(&terms, log, false, &ops, NULL, &error);
	assert(member != NULL);
	next_cut = cut;
	assert(jt_member_start(member, &error) == JT_OK);
	tell_at();
}

/* ---- what the input makes of it ---- */

static void
any_ref(struct fuzz_input *in, struct jt_ref *ref)
{
	uint16_t which = (uint16_t)fuzz_number(in, 2);

	if (made_count == 0 || which % 16 == 0) {
		*ref = (struct jt_ref){ .round = which % 40, .author = which % N };
		jt_put_be32(ref->id, which);
	} else {
		size_t there = made_count < MADE_MAX ? made_count : MADE_MAX;
		*ref = made[(made_count - 1 - which / 16 % there) % MADE_MAX];
	}
}

/* A block that looks right as far as the input wants it to. */
static bool
say_block(struct fuzz_input *in)
{
	struct jt_ref parents[2 * N + 4];
	struct jt_block b = { .parents = parents };
	struct jt_buf object, items;
	uint8_t how = fuzz_byte(in);
	bool goes_on;

	b.ref.author = 1 + how % 3;
	any_ref(in, &parents[0]);
	b.ref.round = parents[0].round + 1;
	parents[0] = (struct jt_ref){ .author = b.ref.author };
	jt_dag_genesis_ref(voters.seed, b.ref.author, &parents[0]);
	/* Its author's block before, and whatever there is of the round before. */
	for (size_t i = 0; i < made_count && i < MADE_MAX; i++)
		if (made[i].author == b.ref.author && made[i].round < b.ref.round &&
		    (made[i].round > parents[0].round || (how & 0x40)))
			parents[0] = made[i];
	b.parent_count = 1;
	for (size_t i = 0; i < made_count && i < MADE_MAX && b.parent_count < 2 * N; i++)
		if (made[i].round + 1 == b.ref.round && made[i].author != b.ref.author &&
		    !(how & 0x20 && fuzz_byte(in) % 4 == 0))
			parents[b.parent_count++] = made[i];
	for (uint32_t a = 0; a < N && b.ref.round == 1; a++)
		if (a != b.ref.author)
			jt_dag_genesis_ref(voters.seed, a, &parents[b.parent_count++]);
	if (how & 0x80)
		any_ref(in, &parents[b.parent_count++]);
	b.time = now + fuzz_byte(in);
	b.share_len = how & 0x10 ? 0 : JT_COIN_SHARE;
	memset(b.share, fuzz_byte(in) % 3 == 0 ? 2 : 1, JT_COIN_SHARE);
	jt_buf_init(&items, JT_OBJECT_MAX);
	for (unsigned i = fuzz_byte(in) % 4; i > 1; i--) {
		struct jt_took t = { { (uint8_t)i } };
		jt_kind_write(&jt_kind_took, &t, &items, &error);
	}
	jt_buf_init(&object, JT_OBJECT_MAX);
	assert(jt_block_seal(&voters.el, &b, jt_buf_slice(&items), voters.secret[b.ref.author],
	    &object, &error) == JT_OK);
	remember(&b.ref);
	goes_on = how & 0x08 || take_message(1 + fuzz_byte(in) % 3, jt_buf_slice(&object));
	jt_buf_free(&items);
	jt_buf_free(&object);
	return goes_on;
}

static bool
say(const struct jt_kind *kind, const void *fields, uint32_t from)
{
	struct jt_buf b;
	bool goes_on = true;

	jt_buf_init(&b, JT_OBJECT_MAX);
	if (jt_kind_write(kind, fields, &b, &error) == JT_OK)
		goes_on = take_message(from, jt_buf_slice(&b));
	jt_buf_free(&b);
	return goes_on;
}

static bool
say_get(struct fuzz_input *in)
{
	struct jt_head_ref refs[8];
	struct jt_get get = { { refs, 1 + fuzz_byte(in) % 8 } };

	for (uint32_t i = 0; i < get.blocks.count; i++) {
		struct jt_ref ref;
		any_ref(in, &ref);
		refs[i] = (struct jt_head_ref){ .author = ref.author, .round = ref.round };
		memcpy(refs[i].id, ref.id, JT_HASH);
	}
	return say(&jt_kind_get, &get, 1 + fuzz_byte(in) % 4);
}

static bool
say_hello(struct fuzz_input *in)
{
	struct jt_hello_round rounds[N];
	struct jt_hello_object h = { .answer = fuzz_byte(in) & 1, .highest = { rounds, N },
		.ledger = fuzz_byte(in), .nonce = fuzz_byte(in) % 3, .rounds = fuzz_byte(in),
		.sent = fuzz_byte(in) % (JT_BURST + 1), .until = fuzz_byte(in) };
	struct jt_ref last;

	for (uint32_t i = 0; i < N; i++)
		rounds[i].round = fuzz_byte(in) % 2 ? fuzz_byte(in) : fuzz_number(in, 4);
	any_ref(in, &last);
	h.last.round = last.round;
	memcpy(h.last.id, last.id, JT_HASH);
	return say(&jt_kind_hello, &h, 1 + fuzz_byte(in) % 4);
}

static bool
say_ack(struct fuzz_input *in)
{
	uint8_t share[JT_COIN_SHARE];
	struct jt_ack ack = { .ledger = cut + fuzz_byte(in) % 4, .share = { share, sizeof share } };
	uint8_t how = fuzz_byte(in);

	memset(share, how & 1, sizeof share);
	if (ack.ledger > 1)
		ack.ledger -= fuzz_byte(in) % 2;
	memset(ack.header, how & 2, JT_HASH);
	if (how & 4 && ack.ledger <= cut && ack.ledger + 8 > cut) {
		/* The right one. */
		struct jt_object o = { 0 };
		struct jt_slice body = { NULL, 0 };
		if (jt_object_parse(jt_buf_slice(&headers[ack.ledger % 8]), &o, &error) == JT_OK &&
		    jt_signed_body(&o, &body, &error) == JT_OK)
			jt_object_hash(ack.header, o.kind, o.version, body);
	}
	memset(ack.sig, how & 8 ? 0xff : 0, JT_SIGNATURE);
	return say(&jt_kind_ack, &ack, 1 + fuzz_byte(in) % 3);
}

/* The closer closes what it was given, and says so. */
static bool
close_some(void)
{
	struct jt_header h = { .epoch = 0 };

	while (cut < next_cut) {
		cut++;
		h.number = cut;
		h.time = now;
		memcpy(h.network, voters.el.network, JT_HASH);
		jt_buf_clear(&headers[cut % 8]);
		assert(jt_header_write(&h, NULL, 0, &headers[cut % 8], &error) == JT_OK);
		if (!take(JT_FROM_CLOSER, jt_buf_slice(&headers[cut % 8])) || !tell_at())
			return false;
	}
	return true;
}

static bool
say_raw(struct fuzz_input *in)
{
	struct jt_slice raw = fuzz_take(in, 1 + fuzz_number(in, 2) % 600);
	struct jt_buf copy;
	bool goes_on;

	jt_buf_init(&copy, JT_OBJECT_MAX);
	jt_buf_add_slice(&copy, raw);
	goes_on = copy.len == 0 || take_message(fuzz_byte(in) % 5, jt_buf_slice(&copy));
	jt_buf_free(&copy);
	return goes_on;
}

static bool
tick(uint64_t ms)
{
	struct jt_tick t = { now += ms };
	struct jt_buf b;
	bool goes_on;

	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_tick, &t, &b, &error);
	goes_on = take(JT_FROM_PEERS, jt_buf_slice(&b));
	jt_buf_free(&b);
	return goes_on;
}

static bool
give_item(struct fuzz_input *in)
{
	struct jt_took t = { { fuzz_byte(in) } };
	struct jt_buf b;
	bool goes_on;

	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_took, &t, &b, &error);
	goes_on = take(JT_FROM_CLIENTS, jt_buf_slice(&b));
	jt_buf_free(&b);
	return goes_on;
}

static bool
step(struct fuzz_input *in)
{
	uint8_t what = fuzz_byte(in);

	switch (what % 16) {
	case 0:
		return tick(what / 16 * 20);
	case 1:
		return give_item(in);
	case 2:
		return say_get(in);
	case 3:
		return say_hello(in);
	case 4:
	case 5:
		return say_ack(in);
	case 6:
		return close_some();
	case 7:
		return say_raw(in);
	case 8:
		if (what < 128)
			return tick(160);
		/* It dies, with its last words durable or not. */
		if (what & 0x40)
			assert(jt_member_sync(member, &error) == JT_OK);
		jt_member_free(member);
		begin(false);
		return true;
	default:
		return say_block(in);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };

	if (voters.el.n == 0) {
		if (!jt_crypto_init() || mkdtemp(dir) == NULL)
			abort();
		voters_make(&voters, N, 3);
		coin.public.n = N;
		coin.public.t = 2;
		for (size_t i = 0; i < 8; i++)
			jt_buf_init(&headers[i], JT_OBJECT_MAX);
	}
	made_count = 0;
	cut = 0;
	now = 1000000;
	memset(own, 0, sizeof own);
	begin(true);
	for (unsigned i = 0; i < STEPS_MAX && in.len > 0; i++) {
		if (!step(&in))
			break;
		assert(jt_voter_suspended(jt_member_voter(member)) <= (N + 1) * JT_SUSPENDED_MAX);
		assert(jt_member_sync(member, &error) == JT_OK);
	}
	jt_member_free(member);
	member = NULL;
	return 0;
}
