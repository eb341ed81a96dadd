/* A vote of real voters, watched from outside. See watch.h. */
#include "sim/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum { SLOTS = 2 * JT_WATCH_SEEN };

/* A voter, as its observer sees it. */
struct shadow {
	struct jt_watch *w;
	uint32_t who;
	struct jt_voter *voter;
	struct jt_coin coin;
};

/* Ids of blocks that were recorded: the newest, and those before. */
struct seen {
	uint8_t (*ids)[JT_HASH]; /* [SLOTS], open addressing; zero: free */
	uint32_t count;
};

struct jt_watch {
	struct jt_watch_terms terms;
	struct jt_voter_ops ops;
	uint64_t at;
	msgpack_zone *zone;
	struct seen young, old;
	struct shadow shadows[JT_VOTERS_MAX];
};

static void
record(struct jt_watch *w, struct jt_event *ev)
{
	ev->at = w->at;
	w->terms.record(w->terms.ctx, ev);
}

/* ---- what observers tell ---- */

static void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	struct shadow *s = ctx;
	struct jt_event ev = { .what = JT_EVENT_EVIDENCE, .to = s->who + 1, .from = a->author + 1,
		.round = a->round };

	(void)b;
	record(s->w, &ev);
}

static bool
coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	struct shadow *s = ctx;
	const struct jt_watch_terms *t = &s->w->terms;
	struct jt_coin_given given[JT_VOTERS_MAX];
	struct jt_number_item leaders[JT_LEADERS_MAX];
	struct jt_coin_name name;
	struct jt_event ev;
	size_t right = 0;

	if (t->coin == NULL)
		return false;
	jt_coin_name(&name, t->electorate.network, (uint32_t)t->electorate.epoch, round);
	for (size_t i = 0; i < count && right < JT_VOTERS_MAX; i++)
		if (shares[i].len == JT_COIN_SHARE)
			given[right++] = (struct jt_coin_given){ shares[i].author, shares[i].bytes, false };
	if (!jt_coin_open(&s->coin, &name, given, right, out))
		return false;
	jt_event_coin(&ev, s->who, round, out, t->electorate.n, t->voter.leaders, leaders);
	record(s->w, &ev);
	return true;
}

static void
decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *slot_is)
{
	struct shadow *s = ctx;
	struct jt_event ev;

	jt_event_decision(&ev, s->who, round, slot, slot_is);
	record(s->w, &ev);
}

static void
cut(void *ctx, const struct jt_decided_cut *c)
{
	struct shadow *s = ctx;
	struct jt_event ev;

	jt_event_cut(&ev, s->who, c);
	record(s->w, &ev);
}

/* ---- blocks that were recorded ---- */

static uint8_t *
slot_of(const struct seen *s, const uint8_t id[JT_HASH])
{
	size_t at = (size_t)jt_get_be64(id) % SLOTS;

	while (!jt_hash_is_zero(s->ids[at]) && memcmp(s->ids[at], id, JT_HASH) != 0)
		at = (at + 1) % SLOTS;
	return s->ids[at];
}

/* False when it was there. */
static bool
note_seen(struct jt_watch *w, const uint8_t id[JT_HASH])
{
	if (!jt_hash_is_zero(slot_of(&w->young, id)) || !jt_hash_is_zero(slot_of(&w->old, id)))
		return false;
	if (w->young.count == JT_WATCH_SEEN) {
		struct seen oldest = w->old;
		w->old = w->young;
		w->young = oldest;
		memset(w->young.ids, 0, (size_t)SLOTS * JT_HASH);
		w->young.count = 0;
	}
	memcpy(slot_of(&w->young, id), id, JT_HASH);
	w->young.count++;
	return true;
}

/* ---- the watch ---- */

struct jt_watch *
jt_watch_new(const struct jt_watch_terms *terms)
{
	struct jt_watch *w = calloc(1, sizeof *w);
	uint32_t n = terms->electorate.n;
	bool good;

	if (w == NULL)
		return NULL;
	w->terms = *terms;
	w->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	w->young.ids = calloc(SLOTS, JT_HASH);
	w->old.ids = calloc(SLOTS, JT_HASH);
	/* An observer keeps nothing, makes no blocks and says nothing. */
	w->ops = jt_voter_silent;
	w->ops.evidence = evidence;
	w->ops.coin = coin;
	w->ops.decided = decided;
	w->ops.order.cut = cut;
	good = w->zone != NULL && w->young.ids != NULL && w->old.ids != NULL;
	for (uint32_t i = 0; i < n && good; i++) {
		struct shadow *s = &w->shadows[i];
		*s = (struct shadow){ .w = w, .who = i };
		if (terms->coin != NULL)
			s->coin.public = *terms->coin;
		s->voter = jt_voter_new(n, n, terms->electorate.network, &w->terms.voter, &w->ops, s);
		good = s->voter != NULL;
	}
	if (good)
		return w;
	jt_watch_free(w);
	return NULL;
}

void
jt_watch_free(struct jt_watch *w)
{
	if (w == NULL)
		return;
	for (uint32_t i = 0; i < w->terms.electorate.n; i++)
		jt_voter_free(w->shadows[i].voter);
	free(w->young.ids);
	free(w->old.ids);
	if (w->zone != NULL)
		msgpack_zone_free(w->zone);
	free(w);
}

void
jt_watch_time(struct jt_watch *w, uint64_t at)
{
	w->at = at;
}

enum jt_err
jt_watch_mark(struct jt_watch *w, uint32_t voter, const struct jt_mark *m, struct jt_error *e)
{
	struct jt_mark seen = *m;

	/* Its observer makes no blocks: what the mark says of the voter's own is not for it. */
	seen.last = (struct jt_mark_ref){ 0 };
	seen.floor = seen.lost = 0;
	return jt_voter_restore_mark(w->shadows[voter].voter, &seen, e);
}

/* A block of this network, recorded when it is new; false for anything else. */
static bool
read_block(struct jt_watch *w, const struct jt_object *o, struct jt_block *b)
{
	struct jt_run_ref refs[JT_VOTERS_MAX];
	struct jt_slice items = { NULL, 0 };
	struct jt_event ev;

	*b = (struct jt_block){ 0 };
	if (!jt_object_is(o, jt_kind_block.name))
		return false;
	msgpack_zone_clear(w->zone);
	if (jt_block_open(&w->terms.electorate, o, true, b, &items, w->zone, NULL) != JT_OK ||
	    b->parent_count > JT_VOTERS_MAX)
		return false;
	if (note_seen(w, b->ref.id)) {
		jt_event_block(&ev, b, refs);
		record(w, &ev);
	}
	return true;
}

/* What is malformed only to the observer's voter is refused by the voter, too. */
static enum jt_err
show(struct jt_watch *w, uint32_t who, const struct jt_block *b, struct jt_error *e)
{
	enum jt_err err = jt_voter_block(w->shadows[who].voter, b->ref.author, b, e);

	return err == JT_MALFORMED ? JT_OK : err;
}

enum jt_err
jt_watch_said(struct jt_watch *w, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_block b;

	if (!read_block(w, o, &b) || b.ref.author != from)
		return JT_OK;
	return show(w, from, &b, e);
}

enum jt_err
jt_watch_came(struct jt_watch *w, uint64_t message, uint32_t from, uint32_t to,
    const struct jt_object *o, struct jt_error *e)
{
	struct jt_event ev = { .what = JT_EVENT_RECEIVE, .from = from + 1, .to = to + 1,
		.message = message };
	uint32_t author = 0;
	struct jt_block b;

	if (jt_object_is(o, jt_kind_evidence.name) &&
	    jt_evidence_check(&w->terms.electorate, o, &author, NULL) == JT_OK)
		jt_voter_expose(w->shadows[to].voter, author);
	if (!read_block(w, o, &b))
		return JT_OK;
	ev.round = b.ref.round;
	memcpy(ev.ref, b.ref.id, JT_HASH);
	record(w, &ev);
	return show(w, to, &b, e);
}

void
jt_watch_lost(struct jt_watch *w, uint64_t message, uint32_t from, uint32_t to)
{
	struct jt_event ev = { .what = JT_EVENT_DROP, .from = from + 1, .to = to + 1,
		.message = message };

	record(w, &ev);
}

void
jt_watch_stopped(struct jt_watch *w, uint32_t voter)
{
	struct jt_event ev = { .what = JT_EVENT_CRASH, .to = voter + 1 };

	record(w, &ev);
}

void
jt_watch_began(struct jt_watch *w, uint32_t voter)
{
	struct jt_event ev = { .what = JT_EVENT_RESTART, .to = voter + 1 };

	record(w, &ev);
}
