/*
 * A member in the vote: what it says to others, and what they say. See member.h.
 *
 * The voter (vote/voter.h) thinks in blocks; here they are objects, signed,
 * in the log, and in messages.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum { BURST_BYTES = 4 << 20 }; /* of blocks in one answer to a hello, but always one */

static const struct jt_field round_fields[] = {
	{ .name = "round", .type = JT_UINT, .max = UINT32_MAX,
	    .offset = offsetof(struct jt_hello_round, round), .help = "the newest held of one validator" },
};
static const struct jt_schema round_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_hello_round, round_fields);
static const struct jt_field last_fields[] = {
	{ .name = "id", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_hello_last, id), .help = "its newest block" },
	{ .name = "round", .type = JT_UINT, .max = UINT32_MAX,
	    .offset = offsetof(struct jt_hello_last, round), .help = "of that block" },
};
static const struct jt_schema last_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_hello_last, last_fields);
#define NUMBER(member, max_, help_) \
	{ .name = #member, .type = JT_UINT, .flags = JT_OPTIONAL, .max = max_, \
	    .offset = offsetof(struct jt_hello_object, member), .help = help_ }
static const struct jt_field hello_fields[] = {
	NUMBER(answer, 1, "1: it answers one"),
	{ .name = "highest", .type = JT_LIST, .max = JT_VOTERS_MAX, .sub = &round_schema,
	    .offset = offsetof(struct jt_hello_object, highest),
	    .help = "of each validator, the round up to which nothing is needed" },
	{ .name = "last", .type = JT_MAP, .flags = JT_OPTIONAL, .sub = &last_schema,
	    .offset = offsetof(struct jt_hello_object, last), .help = "the newest block it made" },
	NUMBER(ledger, 0, "the last one certified there"),
	NUMBER(nonce, 0, "of a start after the log was lost; an answer repeats it"),
	NUMBER(rounds, UINT32_MAX, "it cannot make blocks before this round"),
	NUMBER(sent, JT_BURST, "an answer: blocks of its own that follow"),
	NUMBER(until, UINT32_MAX, "the round of the last of them"),
};
static const struct jt_schema hello_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_hello_object, hello_fields);
const struct jt_kind jt_kind_hello = {
	.name = "hello", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &hello_schema,
	.help = "what a validator has of the vote, so that others send the rest",
};

bool
jt_member_is_observer(const struct jt_member *m)
{
	return m->terms.me >= m->terms.electorate.n;
}

bool
jt_member_ok(struct jt_member *m, enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK && m->trouble.code == JT_OK)
		m->trouble = *e;
	return err == JT_OK;
}

void
jt_member_say(struct jt_member *m, uint32_t to, struct jt_slice object)
{
	struct jt_slice nobody = { NULL, 0 }, name = to == JT_ALL ? nobody : m->terms.names[to];
	struct jt_slice own = jt_member_is_observer(m) ? nobody : m->terms.names[m->terms.me];
	struct jt_error e;

	m->said_bytes += object.len;
	jt_buf_clear(&m->msg);
	if (jt_member_ok(m, jt_msg_write(object, own, name, &m->msg, &e), &e))
		m->ops->out(m->ctx, JT_TO_PEERS, jt_buf_slice(&m->msg));
}

/* ---- what the voter asks for ---- */

static void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	struct jt_member *m = ctx;
	struct jt_took took;
	struct jt_error e;

	(void)items; /* the voter takes them in the order of the pool */
	b->time = m->time;
	jt_buf_clear(&m->sealed);
	if (!jt_member_ok(m, jt_block_seal(&m->terms.electorate, b, jt_pool_front(&m->pool, count),
	    m->terms.secret, &m->sealed, &e), &e))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct jt_pool_item *item = &m->pool.items[m->pool.first + i];
		if (item->again)
			continue;
		memcpy(took.id, item->id, JT_HASH);
		jt_buf_clear(&m->object);
		if (jt_member_ok(m, jt_kind_write(&jt_kind_took, &took, &m->object, &e), &e))
			m->ops->out(m->ctx, JT_TO_DOOR, jt_buf_slice(&m->object));
	}
	jt_pool_take(&m->pool, count);
}

static void
log_block(struct jt_member *m, struct jt_slice object, const struct jt_ref *ref)
{
	struct jt_log_place place;
	struct jt_error e;

	jt_member_ok(m, jt_log_append(m->log, object, ref, &place, &e), &e);
}

static void
persist(void *ctx, const struct jt_block *b, bool own)
{
	struct jt_member *m = ctx;
	struct jt_kept *kept = (struct jt_kept *)(uintptr_t)b->payload;

	if (own) {
		log_block(m, jt_buf_slice(&m->sealed), &b->ref);
		m->must_sync = true;
		return;
	}
	log_block(m, (struct jt_slice){ kept->bytes, kept->len }, &b->ref);
	jt_member_let_go(m, kept);
}

static void
dropped(void *ctx, const struct jt_block *b)
{
	jt_member_let_go(ctx, (struct jt_kept *)(uintptr_t)b->payload);
}

enum jt_err
jt_member_find_block(struct jt_member *m, const struct jt_ref *ref, struct jt_object *o,
    struct jt_error *e)
{
	uint8_t id[JT_HASH] = { 0 };
	struct jt_log_place place;
	enum jt_err err;

	if ((err = jt_log_find(m->log, ref, &place, e)) != JT_OK)
		return err;
	if (place.segment == 0)
		return jt_fail(e, JT_NO, "not in the log");
	err = jt_member_read(m, &place, &m->block, o, e);
	/* It was checked when its segment was; the disk, but nothing else, may have changed it. */
	if (err == JT_OK)
		err = jt_block_whole(jt_log_unwritten(m->log, &place) ? NULL : &m->terms.electorate,
		    o, id, e);
	if (err == JT_MALFORMED || (err == JT_OK && memcmp(id, ref->id, JT_LOG_ID) != 0))
		return jt_log_damaged(m->log, &place, e);
	if (err == JT_OK && memcmp(id, ref->id, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "not in the log");
	return err;
}

bool
jt_member_read_block(struct jt_member *m, const struct jt_ref *ref)
{
	struct jt_object o = { 0 };
	struct jt_error e;
	enum jt_err err = jt_member_find_block(m, ref, &o, &e);

	return err != JT_NO && jt_member_ok(m, err, &e);
}

static void
send_block(void *ctx, uint32_t to, const struct jt_ref *ref)
{
	struct jt_member *m = ctx;

	if (jt_member_read_block(m, ref))
		jt_member_say(m, to, jt_buf_slice(&m->block));
}

static void
send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	struct jt_member *m = ctx;
	struct jt_head_ref blocks[JT_GET_MAX];
	struct jt_get get = { { blocks, (uint32_t)count } };
	struct jt_error e;

	for (size_t i = 0; i < count; i++) {
		blocks[i] = (struct jt_head_ref){ .author = refs[i].author, .round = refs[i].round };
		memcpy(blocks[i].id, refs[i].id, JT_HASH);
	}
	jt_buf_clear(&m->object);
	if (jt_member_ok(m, jt_kind_write(&jt_kind_get, &get, &m->object, &e), &e))
		jt_member_say(m, to, jt_buf_slice(&m->object));
}

static void
send_hello(void *ctx, uint32_t to, const struct jt_hello *h)
{
	struct jt_member *m = ctx;
	struct jt_hello_round rounds[JT_VOTERS_MAX];
	struct jt_hello_object o = { .answer = h->answer, .highest = { rounds, m->terms.electorate.n },
		.ledger = m->late != 0 ? m->late - 1 : m->certified, .nonce = h->nonce,
		.rounds = h->rounds, .sent = h->sent, .until = h->until };
	struct jt_error e;

	if (h->last.round > 0) {
		o.last.round = h->last.round;
		memcpy(o.last.id, h->last.id, JT_HASH);
	}
	for (uint32_t a = 0; a < m->terms.electorate.n; a++)
		rounds[a].round = h->highest[a];
	jt_buf_clear(&m->object);
	if (jt_member_ok(m, jt_kind_write(&jt_kind_hello, &o, &m->object, &e), &e))
		jt_member_say(m, to, jt_buf_slice(&m->object));
}

static size_t
own_above(void *ctx, uint32_t round, struct jt_ref *refs, size_t max)
{
	struct jt_member *m = ctx;
	struct jt_log_place places[JT_BURST];
	struct jt_object o = { 0 };
	struct jt_error e;
	size_t count = 0, bytes = 0, n = 0;

	if (!jt_member_ok(m, jt_log_above(m->log, m->terms.me, round, places,
	    max < JT_BURST ? max : JT_BURST, &count, &e), &e))
		return 0;
	for (; n < count && (n == 0 || bytes + places[n].size <= BURST_BYTES); n++) {
		bytes += places[n].size;
		if (!jt_member_ok(m, jt_member_read(m, &places[n], &m->block, &o, &e), &e) ||
		    !jt_member_ok(m, jt_block_ref(&o, &refs[n], &e), &e))
			return n;
	}
	return n;
}

/* The object of a block, be it the one that is just being taken. */
static bool
block_object(struct jt_member *m, const struct jt_ref *ref, struct jt_buf *copy,
    struct jt_object *o)
{
	struct jt_slice bytes;
	struct jt_error e;

	if (m->incoming != NULL && memcmp(ref->id, m->incoming->id, JT_HASH) == 0) {
		bytes = (struct jt_slice){ m->incoming->bytes, m->incoming->len };
	} else {
		if (!jt_member_read_block(m, ref))
			return false;
		bytes = jt_buf_slice(&m->block);
	}
	return jt_buf_add_slice(copy, bytes) &&
	    jt_object_parse(jt_buf_slice(copy), o, &e) == JT_OK;
}

/* Somebody made two blocks of a round: into the log, and to everybody. */
static void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	struct jt_member *m = ctx;
	struct jt_buf one, two;
	struct jt_object first = { 0 }, second = { 0 };
	struct jt_log_place place;
	struct jt_error e;
	char text[160];

	if (m->restoring)
		return;
	jt_buf_init(&one, JT_OBJECT_MAX);
	jt_buf_init(&two, JT_OBJECT_MAX);
	jt_buf_clear(&m->object);
	if (block_object(m, a, &one, &first) && block_object(m, b, &two, &second) &&
	    jt_member_ok(m, jt_evidence_write(&first, &second, &m->object, &e), &e)) {
		jt_member_ok(m, jt_log_append(m->log, jt_buf_slice(&m->object), NULL, &place, &e), &e);
		jt_member_say(m, JT_ALL, jt_buf_slice(&m->object));
		jt_fail(&e, JT_OK, "%.*s made two blocks of round %" PRIu32,
		    (int)m->terms.names[a->author].len,
		    (const char *)m->terms.names[a->author].data, a->round);
		memcpy(text, e.text, sizeof text - 1);
		text[sizeof text - 1] = '\0';
		m->ops->note(m->ctx, text);
	}
	jt_buf_free(&one);
	jt_buf_free(&two);
}

static uint32_t
share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	struct jt_member *m = ctx;
	struct jt_coin_name name;

	if (m->terms.coin == NULL || (m->terms.bad_shares && round % 3 == 0))
		return 0;
	/* A liar's is well made, and of another round. */
	jt_coin_name(&name, m->terms.electorate.network, (uint32_t)m->terms.electorate.epoch,
	    round + m->terms.bad_shares);
	return jt_coin_share(out, m->terms.share, m->terms.coin->public.share[m->terms.me], &name) ?
	    JT_COIN_SHARE : 0;
}

static bool
open_coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	struct jt_member *m = ctx;
	struct jt_coin_given given[JT_VOTERS_MAX];
	struct jt_coin_name name;
	size_t right = 0;

	if (m->terms.coin == NULL)
		return false;
	jt_coin_name(&name, m->terms.electorate.network, (uint32_t)m->terms.electorate.epoch, round);
	for (size_t i = 0; i < count && right < JT_VOTERS_MAX; i++)
		if (shares[i].len == JT_COIN_SHARE)
			given[right++] = (struct jt_coin_given){ shares[i].author, shares[i].bytes,
				shares[i].author == m->terms.me && !m->terms.bad_shares };
	return jt_coin_open(m->terms.coin, &name, given, right, out);
}

/* Others have told what it said before: from then on the log is whole again. */
static void
found(void *ctx, uint32_t round)
{
	struct jt_member *m = ctx;

	(void)round; /* the mark has it */
	m->lost = false;
	m->must_turn = true;
}

void
jt_member_voter_ops(struct jt_member *m)
{
	m->voter_ops = (struct jt_voter_ops){ .seal = seal, .persist = persist,
		.send_block = send_block, .send_get = send_get, .send_hello = send_hello,
		.evidence = evidence, .share = share, .coin = open_coin, .returned = jt_member_returned,
		.decided = jt_voter_silent.decided,
		.order = { jt_voter_silent.order.deliver, jt_member_decided },
		.own_above = own_above, .dropped = dropped, .found = found };
}
