/*
 * A member in the vote: what peers ask for, and how much of it they get. See
 * member.h.
 *
 * A few bytes from a peer can make us read and send much. Who asks for more than
 * is right is not refused: of hellos that come too fast the newest waits, since it
 * says all that those before it did, and so do blocks, LATE_MAX of them. But what an
 * old segment of the log holds is as if it were not there for a while.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum {
	LOOKS_MAX = 8,   /* of a peer: indexes of old segments made again for it, */
	LOOK_MS = 250,   /* one of somebody each so many ms */
	HELLOS_MAX = 64, /* of a peer, */
	HELLO_MS = 3,    /* and so again */
	BYTES_MAX = 16 << 20, /* for a peer at once, */
	BYTES_MS = 64 << 10,  /* and for all of them together in a ms */
	BYTES_LEAST = 4 << 10, /* that a block counts for */
	LATE_MAX = 1024, /* blocks that wait for a peer's turn */
	SHARES_MAX = 32  /* of hellos and bytes: with more peers all get more */
};

static bool
may_have(const struct jt_member *m, uint32_t from)
{
	return m->askers[from].bytes < BYTES_MAX;
}

/* What it was sent counts, since `before`, and not less than this. */
static void
count_bytes(struct jt_member *m, uint32_t from, uint64_t before, uint64_t least)
{
	uint64_t sent = m->said_bytes - before;

	m->askers[from].bytes += sent > least ? sent : least;
}

static enum jt_err
send_one(struct jt_member *m, uint32_t from, const struct jt_ref *ref, struct jt_error *e)
{
	uint64_t before = m->said_bytes;
	enum jt_err err = jt_voter_get(m->voter, from, ref, 1, e);

	count_bytes(m, from, before, BYTES_LEAST);
	return err;
}

/* Now, or when it is the peer's turn; observers, who share a place, have none later. */
static enum jt_err
send_or_keep(struct jt_member *m, uint32_t from, const struct jt_ref *ref, struct jt_error *e)
{
	struct jt_asker *asker = &m->askers[from];

	if (asker->late_count == 0 && may_have(m, from))
		return send_one(m, from, ref, e);
	if (from == m->terms.electorate.n || asker->late_count == LATE_MAX)
		return JT_OK;
	if (asker->late == NULL && (asker->late = calloc(LATE_MAX, sizeof *asker->late)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	asker->late[asker->late_count++] = *ref;
	return JT_OK;
}

static enum jt_err
send_late(struct jt_member *m, uint32_t from, struct jt_error *e)
{
	struct jt_asker *asker = &m->askers[from];
	uint32_t sent = 0;
	enum jt_err err = JT_OK;

	while (err == JT_OK && sent < asker->late_count && may_have(m, from))
		err = send_one(m, from, &asker->late[sent++], e);
	asker->late_count -= sent;
	if (sent > 0 && asker->late_count > 0)
		memmove(asker->late, asker->late + sent, asker->late_count * sizeof *asker->late);
	return err;
}

static enum jt_err
take_get(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_get get = { { 0 } };
	const struct jt_head_ref *asked;
	enum jt_err err = jt_kind_read(&jt_kind_get, o, &get, m->zone, e);

	asked = get.blocks.items;
	for (uint32_t i = 0; i < get.blocks.count && err == JT_OK; i++) {
		struct jt_ref ref = { .round = (uint32_t)asked[i].round,
			.author = (uint32_t)asked[i].author };
		memcpy(ref.id, asked[i].id, JT_HASH);
		err = send_or_keep(m, from, &ref, e);
	}
	return err;
}

/* What a hello says, in the voter's words. */
static enum jt_err
read_hello(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_heard *heard,
    struct jt_error *e)
{
	struct jt_hello_object said = { .answer = 0 };
	struct jt_hello *h = &heard->hello;
	const struct jt_hello_round *rounds;
	enum jt_err err = jt_kind_read(&jt_kind_hello, o, &said, m->zone, e);

	if (err != JT_OK)
		return err;
	if (said.highest.count != m->terms.electorate.n)
		return jt_fail(e, JT_MALFORMED, "highest: expected %" PRIu32 ", found %" PRIu32,
		    m->terms.electorate.n, said.highest.count);
	*heard = (struct jt_heard){ .waits = true, .ledger = said.ledger };
	rounds = said.highest.items;
	for (uint32_t a = 0; a < m->terms.electorate.n; a++)
		h->highest[a] = (uint32_t)rounds[a].round;
	h->answer = said.answer != 0;
	h->rounds = (uint32_t)said.rounds;
	h->sent = (uint32_t)said.sent;
	h->until = (uint32_t)said.until;
	h->nonce = said.nonce;
	h->last = (struct jt_ref){ .round = (uint32_t)said.last.round, .author = from };
	memcpy(h->last.id, said.last.id, JT_HASH);
	return JT_OK;
}

/* A hello that waits, if the peer may have more. */
static enum jt_err
take_waiting(struct jt_member *m, uint32_t from, struct jt_heard *heard, struct jt_error *e)
{
	uint64_t before = m->said_bytes;
	enum jt_err err;

	if (!heard->waits || m->askers[from].hellos >= HELLOS_MAX || !may_have(m, from))
		return JT_OK;
	heard->waits = false;
	m->askers[from].hellos++;
	err = jt_member_fill_in(m, from, heard->ledger, e);
	if (err == JT_OK)
		err = jt_voter_hello(m->voter, from, &heard->hello, e);
	count_bytes(m, from, before, 0);
	return err;
}

static enum jt_err
take_hello(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_asker *asker = &m->askers[from];
	struct jt_heard heard, *place;
	enum jt_err err = read_hello(m, from, o, &heard, e);

	if (err != JT_OK)
		return err;
	place = heard.hello.answer ? &asker->answer : &asker->question;
	*place = heard;
	/* Observers share a place, and whose it was is not known later. */
	if (from == m->terms.electorate.n)
		place->waits = asker->hellos < HELLOS_MAX && may_have(m, from);
	return take_waiting(m, from, place, e);
}

enum jt_err
jt_member_asked(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_asker *asker = &m->askers[from];
	enum jt_err err;

	jt_log_limit(m->log, LOOKS_MAX - asker->looks);
	err = jt_object_is(o, jt_kind_get.name) ? take_get(m, from, o, e) :
	    take_hello(m, from, o, e);
	asker->looks = LOOKS_MAX - jt_log_limit(m->log, JT_LOG_NO_LIMIT);
	return err;
}

void
jt_member_asks_no_more(struct jt_member *m, uint32_t peer)
{
	m->askers[peer].question.waits = m->askers[peer].answer.waits = false;
	m->askers[peer].late_count = 0;
}

void
jt_member_free_askers(struct jt_member *m)
{
	for (size_t a = 0; a < sizeof m->askers / sizeof *m->askers; a++)
		free(m->askers[a].late);
}

/* How often has so much time passed since then? */
static uint32_t
times(uint64_t now, uint64_t *since, uint64_t ms)
{
	uint64_t count = (now - *since) / ms;

	*since += count * ms;
	return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

enum jt_err
jt_member_ask_on(struct jt_member *m, struct jt_error *e)
{
	uint32_t n = m->terms.electorate.n, looks = times(m->now, &m->looked, (uint64_t)LOOK_MS * n);
	uint32_t shares = n < SHARES_MAX ? n : SHARES_MAX;
	uint32_t hellos = times(m->now, &m->greeted, (uint64_t)HELLO_MS * shares);
	uint64_t bytes = (uint64_t)times(m->now, &m->counted, shares) * BYTES_MS;
	enum jt_err err = JT_OK;

	for (uint32_t a = 0; a <= n && err == JT_OK; a++) {
		struct jt_asker *asker = &m->askers[a];

		asker->looks -= looks < asker->looks ? looks : asker->looks;
		asker->hellos -= hellos < asker->hellos ? hellos : asker->hellos;
		asker->bytes -= bytes < asker->bytes ? bytes : asker->bytes;
		jt_log_limit(m->log, LOOKS_MAX - asker->looks);
		err = send_late(m, a, e);
		if (err == JT_OK)
			err = take_waiting(m, a, &asker->question, e);
		if (err == JT_OK)
			err = take_waiting(m, a, &asker->answer, e);
		asker->looks = LOOKS_MAX - jt_log_limit(m->log, JT_LOG_NO_LIMIT);
	}
	return err;
}
