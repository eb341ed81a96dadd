/*
 * A validator's part in the vote: hellos. See voter.h.
 *
 * A hello says what one has. The answer says how many of the answerer's own
 * blocks follow, from what the other lacks: JT_BURST at most, so who is
 * thousands of rounds behind says hello again when it got through them, and
 * needs no more room than for that. All peers send their own blocks alone, so
 * a round comes once; what is missing still is fetched (receive.c).
 *
 * A voter whose log was lost does not know which blocks it made, and must not
 * make another one of the same round. It proposes nothing until a quorum of
 * others have answered a hello of this start, and their newest blocks are here.
 * Whoever makes a block of round r knows a quorum of blocks of round r-1. A
 * quorum answers later; f+1 of these are of both, one of them is correct and
 * remembers: it answers with a block of round r-1 or above. So what one made
 * before is at most one round above everything that is here now, whether others
 * have seen it or not: own blocks go on two rounds above. Answers of others
 * whose logs were lost, and who have not made a block since, do not count.
 */
#include <string.h>

#include "vote/machine.h"

/* What of an author's is not needed any more, up to this round. */
static uint32_t
reached(const struct jt_voter *v, uint32_t author)
{
	return v->newest[author] > v->dag.low ? v->newest[author] : v->dag.low;
}

bool
jt_voter_remembers(const struct jt_voter *v)
{
	return !v->lost && v->last.round >= v->floor;
}

static void
fill(const struct jt_voter *v, struct jt_hello *h)
{
	*h = (struct jt_hello){ .last = v->last };
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		h->highest[a] = reached(v, a);
}

void
jt_machine_greet(struct jt_voter *v, uint32_t peer)
{
	struct jt_peer *p = &v->peers[peer];
	struct jt_hello h;

	p->greeted = true;
	p->reached = reached(v, peer);
	p->since = p->skipped = 0;
	fill(v, &h);
	h.nonce = v->lost ? v->nonce : 0;
	h.rounds = !v->lost && !jt_voter_remembers(v) ? v->floor - 1 : 0;
	v->ops->send_hello(v->ctx, peer, &h);
}

/* One's own blocks above a round, the lowest first. */
static size_t
own_above(const struct jt_voter *v, uint32_t round, struct jt_ref refs[JT_BURST])
{
	size_t count = 0;

	if (v->ops->own_above != NULL)
		return v->ops->own_above(v->ctx, round, refs, JT_BURST);
	for (uint32_t r = round + 1; r <= v->dag.high && r > round && count < JT_BURST; r++) {
		const struct jt_round *there = jt_dag_round(&v->dag, r);
		const struct jt_vertex *own = there ? there->first[v->me] : NULL;
		if (own != NULL)
			refs[count++] = own->ref;
	}
	return count;
}

static void
answer(struct jt_voter *v, uint32_t to, const struct jt_hello *question)
{
	struct jt_ref refs[JT_BURST];
	size_t count = v->me < v->dag.c.n ? own_above(v, question->highest[v->me], refs) : 0;
	struct jt_hello h;

	fill(v, &h);
	h.answer = true;
	h.nonce = jt_voter_remembers(v) ? question->nonce : 0;
	h.sent = (uint32_t)count;
	h.until = count > 0 ? refs[count - 1].round : 0;
	v->ops->send_hello(v->ctx, to, &h);
	for (size_t i = 0; i < count; i++)
		v->ops->send_block(v->ctx, to, &refs[i]);
}

static void
take_question(struct jt_voter *v, uint32_t from, const struct jt_hello *h)
{
	const struct jt_peer *p = &v->peers[from];

	if (!JT_LACKS(&v->terms, JT_NO_ASK_AGAIN))
		jt_forget_peer(&v->waiting, from);
	answer(v, from, h);
	if (h->last.round > reached(v, from) && !p->greeted && p->coming == 0)
		jt_machine_greet(v, from);
	/* Not by more than it may need: rounds without work are not for the asking. */
	if (h->rounds > v->asked_rounds)
		v->asked_rounds = h->rounds < v->dag.high + 2 ? h->rounds : v->dag.high + 2;
}

static void
take_answer(struct jt_voter *v, uint32_t from, const struct jt_hello *h)
{
	struct jt_peer *p = &v->peers[from];

	p->greeted = false;
	p->coming = h->sent > p->since ? h->sent - p->since : 0;
	p->until = h->sent > 0 && h->until > reached(v, from) ? h->until : reached(v, from);
	p->newest = h->last.round > p->until ? h->last.round : p->until;
	if (v->lost && !p->fresh && h->nonce == v->nonce) {
		p->fresh = true;
		p->last = h->last;
	}
	if (p->coming == 0)
		jt_machine_ask_all(v, from);
}

enum jt_err
jt_voter_hello(struct jt_voter *v, uint32_t from, const struct jt_hello *h, struct jt_error *e)
{
	struct jt_peer *p = &v->peers[from];

	if (h->sent > JT_BURST)
		return jt_fail(e, JT_MALFORMED, "sends more than %d blocks at once", JT_BURST);
	if (h->last.round > p->claimed)
		p->claimed = h->last.round;
	if (h->answer)
		take_answer(v, from, h);
	else
		take_question(v, from, h);
	jt_machine_catch_up(v);
	return jt_machine_propose(v, e);
}

enum jt_err
jt_voter_peer(struct jt_voter *v, uint32_t peer, bool up, struct jt_error *e)
{
	struct jt_peer *p = &v->peers[peer];

	(void)e;
	if (!JT_LACKS(&v->terms, JT_NO_ASK_AGAIN))
		jt_forget_peer(&v->waiting, peer);
	p->greeted = false;
	p->coming = 0;
	p->newest = p->until;
	if (up)
		jt_machine_greet(v, peer);
	return JT_OK;
}

void
jt_machine_came(struct jt_voter *v, const struct jt_ref *ref)
{
	struct jt_peer *p = &v->peers[ref->author];

	if (ref->round > p->claimed)
		p->claimed = ref->round;
	if (p->greeted)
		p->since++;
	else if (p->coming > 0 && --p->coming == 0)
		jt_machine_ask_all(v, ref->author);
}

bool
jt_machine_lags(const struct jt_voter *v, uint32_t round)
{
	uint32_t above = 0;

	for (uint32_t a = 0; a < v->dag.c.n; a++)
		above += v->peers[a].claimed > round + v->terms.ahead / 2;
	return above >= v->dag.c.t;
}

/* Have a quorum of others answered, and is what they answered here? */
static void
find_floor(struct jt_voter *v)
{
	uint32_t known = 0;

	for (uint32_t a = 0; a < v->dag.c.n; a++) {
		const struct jt_peer *p = &v->peers[a];
		known += p->fresh && (p->last.round <= v->dag.low ||
		    jt_dag_find(&v->dag, p->last.id) != NULL);
	}
	if (known < v->dag.c.q)
		return;
	v->lost = false;
	v->floor = (JT_LACKS(&v->terms, JT_NO_FLOOR) ? v->newest[v->me] : v->dag.high) + 2;
	if (v->ops->found != NULL)
		v->ops->found(v->ctx, v->floor);
	/* Who is idle does not know that there is somebody who cannot begin. */
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		if (a != v->me)
			jt_machine_greet(v, a);
}

void
jt_machine_catch_up(struct jt_voter *v)
{
	for (uint32_t a = 0; a < v->dag.c.n; a++) {
		const struct jt_peer *p = &v->peers[a];
		/* Only if the last answer was of use: liars always have more. */
		bool more = p->newest > p->until && reached(v, a) >= p->until &&
		    reached(v, a) > p->reached;
		bool room = p->skipped > 0 && p->skipped <= v->dag.high + v->terms.ahead &&
		    v->waiting.of_peer[a] < JT_SUSPENDED_MAX / 2 &&
		    v->waiting.bytes_of_peer[a] < v->terms.suspended_bytes / 2;

		if (!p->greeted && (more || room))
			jt_machine_greet(v, a);
	}
	if (v->lost)
		find_floor(v);
}

enum jt_err
jt_voter_lost(struct jt_voter *v, uint64_t nonce, struct jt_error *e)
{
	if (v->unmarked > 0)
		return jt_fail(e, JT_MALFORMED, "the log lacks a leader that its mark names");
	v->restoring = false;
	v->lost = true;
	v->nonce = nonce;
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		if (a != v->me)
			jt_machine_greet(v, a);
	return JT_OK;
}

bool
jt_voter_is_lost(const struct jt_voter *v)
{
	return v->lost;
}
