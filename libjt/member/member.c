/* A validator in the vote. See member.h. */
#include "member/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum { UNSYNCED_MAX = 4 << 20 }; /* bytes of others' blocks that are in memory alone */

#define NUMBER(member, flags_, help_) \
	{ .name = #member, .type = JT_UINT, .flags = flags_, \
	    .offset = offsetof(struct jt_standing, member), .help = help_ }
static const struct jt_field peer_fields[] = {
	{ .name = "name", .type = JT_TEXT, .max = JT_MSG_NAME_MAX,
	    .offset = offsetof(struct jt_standing_peer, name), .help = "a validator" },
};
static const struct jt_schema peer_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_standing_peer, peer_fields);
static const struct jt_field standing_fields[] = {
	NUMBER(certified, 0, "the last ledger that is certified"),
	NUMBER(closed, 0, "the last cut that is closed"),
	NUMBER(decided, 0, "the last cut that is decided"),
	NUMBER(exposed, JT_OPTIONAL, "1: it is known to have made two blocks of a round"),
	NUMBER(ledger, 0, "the last ledger that is closed"),
	NUMBER(lost, JT_OPTIONAL, "1: its log was lost, and it waits for others' word"),
	{ .name = "peers", .type = JT_LIST, .flags = JT_OPTIONAL, .max = JT_VOTERS_MAX,
	    .sub = &peer_schema, .offset = offsetof(struct jt_standing, peers),
	    .help = "validators that can be reached" },
	NUMBER(pool, JT_OPTIONAL, "bytes of payload that wait for a block"),
	NUMBER(round, 0, "of its own last block"),
	{ .name = "time", .type = JT_TIME, .offset = offsetof(struct jt_standing, time),
	    .help = "when that was" },
};
static const struct jt_schema standing_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_standing, standing_fields);
const struct jt_kind jt_kind_standing = {
	.name = "standing", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &standing_schema,
	.help = "how a voter does",
};

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

struct jt_member *
jt_member_new(const struct jt_member_terms *terms, struct jt_log *log, bool lost,
    const struct jt_member_ops *ops, void *ctx, struct jt_error *e)
{
	struct jt_member *m = calloc(1, sizeof *m);
	uint8_t seed[JT_HASH];

	if (m == NULL) {
		no_memory(e);
		return NULL;
	}
	m->terms = *terms;
	m->ops = ops;
	m->ctx = ctx;
	m->log = log;
	jt_pool_init(&m->pool);
	jt_buf_init(&m->msg, JT_OBJECT_MAX);
	jt_buf_init(&m->object, JT_OBJECT_MAX);
	jt_buf_init(&m->block, JT_OBJECT_MAX);
	jt_buf_init(&m->sealed, JT_OBJECT_MAX);
	jt_member_voter_ops(m);
	memcpy(seed, terms->electorate.network, JT_HASH);
	m->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	m->voter = jt_voter_new(terms->electorate.n, terms->me, seed, &m->terms.voter,
	    &m->voter_ops, m);
	if (m->zone == NULL || m->voter == NULL)
		no_memory(e);
	else if (jt_tally_init(&m->tally, &m->terms.electorate, terms->me, terms->coin, e) == JT_OK &&
	    jt_member_recall(m, e) == JT_OK &&
	    (!lost || jt_member_is_observer(m) || jt_member_begin_lost(m, e) == JT_OK)) {
		m->lost |= lost && !jt_member_is_observer(m);
		m->waits_for_closer = m->lost && terms->electorate.n == 1;
		return m;
	}
	m->log = NULL; /* the caller's again */
	jt_member_free(m);
	return NULL;
}

void
jt_member_free(struct jt_member *m)
{
	if (m == NULL)
		return;
	jt_voter_free(m->voter);
	jt_tally_free(&m->tally);
	jt_pool_free(&m->pool);
	jt_buf_free(&m->msg);
	jt_buf_free(&m->object);
	jt_buf_free(&m->block);
	jt_buf_free(&m->sealed);
	jt_log_close(m->log);
	if (m->zone != NULL)
		msgpack_zone_free(m->zone);
	for (struct jt_kept *k = m->kept, *next; k != NULL; k = next) {
		next = k->next;
		free(k);
	}
	jt_member_free_askers(m);
	free(m->decisions);
	free(m->returned);
	free(m->said);
	free(m);
}

/* What the callbacks met while the voter worked. */
static enum jt_err
finish(struct jt_member *m, enum jt_err err, struct jt_error *e)
{
	if (err == JT_OK && m->returned_count > 0)
		err = jt_member_give_again(m, e);
	if (m->trouble.code != JT_OK) {
		*e = m->trouble;
		return e->code;
	}
	return err == JT_OK ? jt_member_feed(m, e) : err;
}

void
jt_member_note_exposed(struct jt_member *m)
{
	if (m->noted || !jt_voter_is_exposed(m->voter, m->terms.me))
		return;
	m->noted = true;
	m->ops->note(m->ctx, "this validator made two blocks of a round: another one has its key; "
	    "it takes no payload");
}

enum jt_err
jt_member_start(struct jt_member *m, struct jt_error *e)
{
	enum jt_err err;

	jt_member_note_exposed(m);
	if (m->waits_for_closer)
		return JT_OK;
	err = m->lost ? jt_voter_lost(m->voter, m->terms.nonce, e) : jt_voter_resume(m->voter, e);
	return finish(m, err, e);
}

/* ---- taking ---- */

/*
 * Ticks come by several pipes, and one that is earlier than the last came late.
 * When all are earlier, the clock was set back: nothing must wait until it is again
 * where it was, so time goes on from the first of those. Has any passed?
 */
static bool
time_passes(struct jt_member *m, uint64_t time)
{
	uint64_t since = m->time;

	if (time < m->time) {
		if (m->early == 0 || time < m->early)
			m->early = time;
		if (time - m->early < JT_LATE_MS)
			return false;
		since = m->early;
	}
	m->early = 0;
	m->time = time;
	m->now += time - since;
	return time > since;
}

/*
 * Time passes: it paces rounds, and a member that has waited for others' word
 * asks them again.
 */
static enum jt_err
take_tick(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_tick tick = { 0 };
	enum jt_err err = jt_kind_read(&jt_kind_tick, o, &tick, m->zone, e);
	uint64_t rounds;

	if (err != JT_OK || !time_passes(m, tick.time))
		return err;
	if ((err = jt_member_ask_on(m, e)) != JT_OK)
		return err;
	rounds = (m->now - m->paced) / JT_MEMBER_ROUND;
	if (rounds > JT_MEMBER_BURST)
		rounds = JT_MEMBER_BURST;
	if (rounds == JT_MEMBER_BURST)
		m->paced = m->now;
	else
		m->paced += rounds * JT_MEMBER_ROUND;
	if (rounds > 0)
		err = jt_voter_refill(m->voter, (uint32_t)rounds, e);
	if (err == JT_OK && m->waits_since != 0 && m->now >= m->waits_since + JT_AGAIN_MS) {
		m->waits_since = m->now;
		for (uint32_t a = 0; a < m->terms.electorate.n && err == JT_OK; a++)
			if (a != m->terms.me)
				err = jt_voter_peer(m->voter, a, true, e);
	}
	return err == JT_OK ? jt_member_ask_late(m, e) : err;
}

static enum jt_err
take_peer(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_peer p = { 0 };
	enum jt_err err = jt_kind_read(&jt_kind_peer, o, &p, m->zone, e);

	for (uint32_t a = 0; a < m->terms.electorate.n && err == JT_OK; a++) {
		if (a == m->terms.me || !jt_slice_equal(m->terms.names[a], p.name))
			continue;
		if (p.state == JT_PEER_UP)
			jt_voter_set_add(&m->up, a);
		else
			m->up.word[a / 64] &= ~(UINT64_C(1) << a % 64);
		jt_member_asks_no_more(m, a);
		return jt_voter_peer(m->voter, a, p.state == JT_PEER_UP, e);
	}
	return err;
}

static enum jt_err
take_item(struct jt_member *m, const struct jt_object *o, const uint8_t id[JT_HASH],
    struct jt_error *e)
{
	struct jt_own_item item = { .bytes = (uint32_t)o->bytes.len };

	if (jt_member_is_observer(m))
		return jt_fail(e, JT_NO, "an observer takes no payload");
	/* Nobody would deliver it: a client goes to another one. */
	if (jt_voter_is_exposed(m->voter, m->terms.me))
		return jt_fail(e, JT_NO, "made two blocks of a round, and takes no payload");
	if (m->terms.electorate.is_payload != NULL && !m->terms.electorate.is_payload(o))
		return jt_fail(e, JT_MALFORMED, "jt/%.*s does not enter ledgers", (int)o->kind.len,
		    (const char *)o->kind.data);
	if (o->bytes.len > m->terms.voter.block_bytes)
		return jt_fail(e, JT_MALFORMED, "%zu bytes, more than a block holds", o->bytes.len);
	if (!jt_pool_add(&m->pool, o->bytes, id))
		return no_memory(e);
	return m->waits_for_closer ? JT_OK : jt_voter_payload(m->voter, &item, e);
}

static enum jt_err
take_from_peers(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_msg msg = { .body = { NULL, 0 } };
	enum jt_err err;

	if (jt_object_is(o, jt_kind_peer.name))
		return take_peer(m, o, e);
	if (!jt_object_is(o, jt_kind_msg.name))
		return jt_fail(e, JT_MALFORMED, "jt/%.*s does not come from peers", (int)o->kind.len,
		    (const char *)o->kind.data);
	if ((err = jt_kind_read(&jt_kind_msg, o, &msg, m->zone, e)) != JT_OK)
		return err;
	return jt_member_message(m, &msg, e);
}

static enum jt_err
take_from_closer(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_at at = { 0 };
	enum jt_err err;

	if (jt_object_is(o, jt_kind_header.name))
		return jt_member_header(m, o, e);
	if (!jt_object_is(o, jt_kind_at.name))
		return jt_fail(e, JT_MALFORMED, "jt/%.*s does not come from a closer", (int)o->kind.len,
		    (const char *)o->kind.data);
	if ((err = jt_kind_read(&jt_kind_at, o, &at, m->zone, e)) != JT_OK)
		return err;
	return jt_member_at(m, &at, e);
}

enum jt_err
jt_member_take(struct jt_member *m, enum jt_door door, const struct jt_object *o,
    const uint8_t id[JT_HASH], struct jt_error *e)
{
	enum jt_err err;

	msgpack_zone_clear(m->zone);
	if (jt_object_is(o, jt_kind_tick.name))
		err = take_tick(m, o, e);
	else if (door == JT_FROM_CLIENTS)
		err = take_item(m, o, id, e);
	else if (door == JT_FROM_PEERS)
		err = take_from_peers(m, o, e);
	else
		err = take_from_closer(m, o, e);
	return finish(m, err, e);
}

enum jt_err
jt_member_sync(struct jt_member *m, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	/* Others' blocks can be fetched again: alone they are not worth the disk's time. */
	if (m->must_sync || jt_log_waiting(m->log) > UNSYNCED_MAX)
		err = jt_log_sync(m->log, e);
	m->must_sync = false;
	if (err == JT_OK && (m->must_turn || jt_log_full(m->log))) {
		m->must_turn = false;
		err = jt_member_turn(m, e);
	}
	return err;
}

bool
jt_member_has_room(const struct jt_member *m)
{
	return jt_pool_size(&m->pool) < JT_MEMBER_POOL;
}

void
jt_member_look(const struct jt_member *m, struct jt_standing *s)
{
	struct jt_standing_peer *peers = s->peers.items;

	*s = (struct jt_standing){ .certified = m->certified, .closed = m->closed,
		.decided = m->decided, .exposed = jt_voter_is_exposed(m->voter, m->terms.me),
		.ledger = m->ledger, .lost = !jt_voter_remembers(m->voter),
		.peers = { peers, 0 }, .pool = jt_pool_size(&m->pool),
		.round = jt_voter_round(m->voter), .time = m->time };
	for (uint32_t a = 0; a < m->terms.electorate.n; a++)
		if (jt_voter_set_has(&m->up, a))
			peers[s->peers.count++].name = m->terms.names[a];
}

const struct jt_voter *
jt_member_voter(const struct jt_member *m)
{
	return m->voter;
}
