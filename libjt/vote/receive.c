/*
 * A validator's part in the vote: blocks from others, and what they ask for.
 * See voter.h.
 *
 * Whoever hands over a block has its ancestors: a correct sender sends nothing
 * before. So each peer who hands over what needs a missing block, directly or
 * through others that wait, is asked for it; not more than f+1 of them, since
 * one of those is correct. That needs no timer.
 */
#include <stdlib.h>

#include "vote/machine.h"

/* Requests to one peer, sent when they are full. */
struct request {
	struct jt_voter *v;
	uint32_t peer;
	struct jt_ref refs[JT_GET_MAX];
	size_t count;
};

static void
send_request(struct request *r)
{
	if (r->count > 0)
		r->v->ops->send_get(r->v->ctx, r->peer, r->refs, r->count);
	r->count = 0;
}

/* Some of what the peer sent could not be kept: ask again later. */
static void
skip(struct jt_voter *v, uint32_t peer, uint32_t round)
{
	uint32_t *lowest = &v->peers[peer].skipped;

	if (!JT_LACKS(&v->terms, JT_NO_BEYOND) && (*lowest == 0 || round < *lowest))
		*lowest = round;
}

static void
drop(struct jt_voter *v, const struct jt_block *b)
{
	if (v->ops->dropped != NULL)
		v->ops->dropped(v->ctx, b);
}

/* Is it under way from its author, so that others need not send it? */
static bool
is_expected(const struct jt_voter *v, const struct jt_ref *ref)
{
	const struct jt_peer *p = &v->peers[ref->author];

	return p->greeted || (p->coming > 0 && ref->round <= p->until);
}

/*
 * Ask the peer, who handed it over, for what b needs: what is missing, and what
 * those lack that are here and wait. While more blocks are under way from the
 * peer, others send theirs, too: it is asked for those when they did not come.
 */
static void
ask_below(struct jt_voter *v, struct jt_suspended *b, uint32_t peer)
{
	struct request r = { .v = v, .peer = peer };
	bool patient = v->peers[peer].coming > 0;
	const struct jt_ref *missing;

	if (!patient)
		jt_voter_set_add(&b->through, peer);
	b->walk = NULL;
	for (struct jt_suspended *x; (x = b) != NULL;) {
		uint32_t at = 0, asked = 0;
		b = x->walk;
		for (; (missing = jt_dag_missing(&v->dag, &x->block, at)) != NULL; at++) {
			struct jt_suspended *waits = jt_suspended_find(&v->waiting, missing->id);
			at = (uint32_t)(missing - x->parents);
			if (waits != NULL) {
				if (patient || JT_LACKS(&v->terms, JT_NO_THROUGH) || jt_voter_set_has(&waits->through, peer))
					continue;
				jt_voter_set_add(&waits->through, peer);
				waits->walk = b;
				b = waits;
				continue;
			}
			if ((patient && is_expected(v, missing)) ||
			    (JT_LACKS(&v->terms, JT_NO_FETCH) && asked++ >= v->dag.c.f) ||
			    !jt_ask(&v->waiting, missing, peer, v->dag.c.t))
				continue;
			r.refs[r.count++] = *missing;
			if (r.count == JT_GET_MAX)
				send_request(&r);
		}
	}
	send_request(&r);
}

void
jt_machine_ask_all(struct jt_voter *v, uint32_t peer)
{
	for (struct jt_suspended *b = v->waiting.first[peer]; b != NULL; b = b->next)
		ask_below(v, b, peer);
}

enum jt_err
jt_machine_resume(struct jt_voter *v, struct jt_error *e)
{
	struct jt_suspended *b;
	enum jt_err err = JT_OK;

	while (err == JT_OK && (b = jt_unsuspend(&v->waiting)) != NULL) {
		bool gone = b->block.ref.round <= v->dag.low || !jt_dag_fits(&v->dag, &b->block);

		if (!gone && jt_machine_repeats(v, &b->block)) {
			/* One of the two may be below others' horizon: see take. */
			if (!JT_LACKS(&v->terms, JT_NO_PARK)) {
				jt_suspension_park(&v->waiting, b);
				continue;
			}
			gone = true;
		}
		if (gone)
			drop(v, &b->block);
		else
			err = jt_machine_insert(v, &b->block, e);
		jt_suspended_free(b);
	}
	return err;
}

/* Is the block one that we want? Twins and exposed authors only when asked for. */
static bool
is_wanted(struct jt_voter *v, uint32_t from, const struct jt_block *b)
{
	const struct jt_round *round = jt_dag_round(&v->dag, b->ref.round);
	const struct jt_vertex *other = round ? round->first[b->ref.author] : NULL;
	const struct jt_peer *p = &v->peers[b->ref.author];

	if (b->ref.round <= v->dag.low || jt_dag_find(&v->dag, b->ref.id) != NULL)
		return false;
	if (other != NULL)
		jt_machine_expose(v, &other->ref, &b->ref);
	if (jt_was_asked(&v->waiting, b->ref.id))
		return true;
	if (b->ref.author == v->me || (!JT_LACKS(&v->terms, JT_NO_EXPOSED) &&
	    (other != NULL || jt_voter_set_has(&v->exposed, b->ref.author))))
		return false;
	/* Too far ahead, or before others of its author that will come. */
	if ((b->ref.round > v->last.round + v->terms.ahead &&
	    b->ref.round > v->dag.high + v->terms.ahead) ||
	    (p->newest > p->until && b->ref.round > p->until)) {
		if (from == b->ref.author)
			skip(v, from, b->ref.round);
		return false;
	}
	return true;
}

static struct jt_suspended *
highest_of(const struct jt_suspension *w, uint32_t peer)
{
	struct jt_suspended *high = w->first[peer];

	for (struct jt_suspended *b = high; b != NULL; b = b->next)
		if (b->block.ref.round > high->block.ref.round)
			high = b;
	return high;
}

/*
 * Room for one more block of the peer's. The lower ones are kept, which others
 * wait for: what is dropped is asked for again when there is room.
 */
static bool
make_room(struct jt_voter *v, uint32_t from, const struct jt_block *b)
{
	struct jt_suspension *w = &v->waiting;

	if (JT_LACKS(&v->terms, JT_NO_CAPS))
		return true;
	while (w->of_peer[from] >= JT_SUSPENDED_MAX ||
	    (w->of_peer[from] > 0 && w->bytes_of_peer[from] + b->bytes > v->terms.suspended_bytes)) {
		struct jt_suspended *high = highest_of(w, from);
		if (high == NULL || high->block.ref.round <= b->ref.round) {
			skip(v, from, b->ref.round);
			return false;
		}
		skip(v, from, high->block.ref.round);
		jt_suspension_take(w, high);
		drop(v, &high->block);
		jt_suspended_free(high);
	}
	return true;
}

static enum jt_err
suspend(struct jt_voter *v, uint32_t from, const struct jt_block *b, struct jt_error *e)
{
	struct jt_suspended *kept;

	if (!make_room(v, from, b)) {
		drop(v, b);
		return JT_OK;
	}
	if ((kept = jt_suspend(&v->waiting, &v->dag, b, from)) == NULL)
		return jt_machine_no_memory(e);
	ask_below(v, kept, from);
	return JT_OK;
}

/* A block that is well made, and that its author and id belong to. */
static enum jt_err
take(struct jt_voter *v, uint32_t from, const struct jt_block *b, struct jt_error *e)
{
	struct jt_suspended *here = jt_suspended_find(&v->waiting, b->ref.id);

	if (here != NULL && !jt_voter_set_has(&here->through, from))
		ask_below(v, here, from);
	if (here != NULL || !is_wanted(v, from, b)) {
		drop(v, b);
		return JT_OK;
	}
	if (jt_dag_missing(&v->dag, b, 0) != NULL)
		return suspend(v, from, b, e);
	if (!jt_dag_fits(&v->dag, b)) {
		drop(v, b);
		return jt_fail(e, JT_MALFORMED, "parents: not what the block says of them");
	}
	/* Its author's twins: not for others perhaps, whose horizon is higher. Until ours is: */
	if (jt_machine_repeats(v, b))
		return suspend(v, from, b, e);
	return jt_machine_insert(v, b, e);
}

enum jt_err
jt_voter_block(struct jt_voter *v, uint32_t from, const struct jt_block *b, struct jt_error *e)
{
	enum jt_err err = jt_block_check(&v->dag.c, b, e);

	if (err != JT_OK) {
		drop(v, b);
		return err;
	}
	err = take(v, from, b, e);
	if (from == b->ref.author)
		jt_machine_came(v, &b->ref);
	if (err != JT_OK || (err = jt_machine_resume(v, e)) != JT_OK)
		return err;
	jt_machine_catch_up(v);
	return jt_machine_propose(v, e);
}

enum jt_err
jt_voter_get(struct jt_voter *v, uint32_t from, const struct jt_ref *refs, size_t count,
    struct jt_error *e)
{
	if (count > JT_GET_MAX)
		return jt_fail(e, JT_MALFORMED, "asks for more than %d blocks", JT_GET_MAX);
	/* The log keeps more than the graph: who lags asks for what is below our horizon. */
	for (size_t i = 0; i < count; i++)
		v->ops->send_block(v->ctx, from, &refs[i]);
	return JT_OK;
}
