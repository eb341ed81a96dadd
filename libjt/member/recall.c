/*
 * A member in the vote: what its log holds, and where it begins again.
 *
 * Every segment but the first begins with a jt/turn and a jt/mark. The newest
 * mark is where a voter begins; it needs the blocks above its horizon, from
 * the segment that the turn names on. From blocks and mark all decisions follow
 * again; those that are in the log, too, are not written twice.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"
#include "vote/mark.h"

static const struct jt_field turn_fields[] = {
	{ .name = "acked", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_turn, acked), .help = "the newest ledger acknowledged" },
	{ .name = "from", .type = JT_UINT, .offset = offsetof(struct jt_turn, from),
	    .help = "segments before this one are not needed" },
};
static const struct jt_schema turn_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_turn, turn_fields);
const struct jt_kind jt_kind_turn = {
	.name = "turn", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &turn_schema,
	.help = "what of the log before is needed",
};

enum jt_err
jt_member_read(struct jt_member *m, const struct jt_log_place *place, struct jt_buf *b,
    struct jt_object *o, struct jt_error *e)
{
	enum jt_err err = jt_log_read(m->log, place, b, e);

	if (err == JT_OK && jt_object_parse(jt_buf_slice(b), o, e) != JT_OK)
		err = jt_log_damaged(m->log, place, e);
	return err;
}

/* What the log holds, met before the voter is there. */
struct reading {
	struct jt_member *m;
	struct jt_log_place *blocks;
	size_t count, cap;
	uint32_t low;                /* blocks up to this round are not needed */
	uint64_t from;               /* nor segments before this one */
};

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

static enum jt_err
note_block(struct reading *r, const struct jt_object *o, const struct jt_log_place *place,
    struct jt_error *e)
{
	struct jt_ref ref = { 0 };
	enum jt_err err;

	if ((err = jt_block_ref(o, &ref, e)) != JT_OK || ref.round <= r->low)
		return err;
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 1024;
		struct jt_log_place *blocks = realloc(r->blocks, cap * sizeof *blocks);
		if (blocks == NULL)
			return no_memory(e);
		r->blocks = blocks;
		r->cap = cap;
	}
	r->blocks[r->count++] = *place;
	return JT_OK;
}

/* Against itself: others do not say it again. */
static enum jt_err
note_evidence(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	uint32_t author = 0;
	enum jt_err err = jt_evidence_check(&m->terms.electorate, o, &author, e);

	if (err == JT_OK && author == m->terms.me)
		jt_voter_expose(m->voter, author);
	return err == JT_SYSTEM ? err : JT_OK;
}

static enum jt_err
note(void *ctx, const struct jt_object *o, const struct jt_log_place *place, struct jt_error *e)
{
	struct reading *r = ctx;
	struct jt_member *m = r->m;
	struct jt_decision d = { .n = 0 };
	struct jt_ack ack = { .ledger = 0 };
	enum jt_err err = JT_OK;

	msgpack_zone_clear(m->zone);
	if (jt_object_is(o, jt_kind_block.name))
		return note_block(r, o, place, e);
	if (jt_object_is(o, jt_kind_decision.name)) {
		if ((err = jt_kind_read(&jt_kind_decision, o, &d, m->zone, e)) == JT_OK)
			err = jt_member_note_decision(m, d.n, place, e);
		if (d.n > m->decided)
			m->decided = d.n;
	} else if (jt_object_is(o, jt_kind_ack.name)) {
		err = jt_kind_read(&jt_kind_ack, o, &ack, m->zone, e);
		m->acks[ack.ledger % JT_RECENT] = *place;
		if (ack.ledger > m->acked)
			m->acked = ack.ledger;
	} else if (jt_object_is(o, jt_kind_evidence.name)) {
		err = note_evidence(m, o, e);
	}
	return err;
}

/* One block from the log to the voter, which has its ancestors or does not want it. */
static enum jt_err
restore_block(struct jt_member *m, const struct jt_log_place *place, struct jt_error *e)
{
	struct jt_slice items = { NULL, 0 };
	struct jt_object o = { 0 };
	struct jt_block b = { 0 };
	enum jt_err err;

	msgpack_zone_clear(m->zone);
	if ((err = jt_member_read(m, place, &m->object, &o, e)) != JT_OK ||
	    (err = jt_block_open(&m->terms.electorate, &o, false, &b, &items, m->zone, e)) != JT_OK)
		return err;
	if ((err = jt_member_note_items(m, &b, items, e)) != JT_OK)
		return err;
	return jt_voter_restore(m->voter, &b, e);
}

/* The mark in the newest segment, if there is one: where to begin. */
static enum jt_err
find_mark(void *ctx, const struct jt_object *o, const struct jt_log_place *place,
    struct jt_error *e)
{
	struct reading *r = ctx;
	struct jt_member *m = r->m;
	struct jt_turn turn = { .from = 0 };
	struct jt_mark mark = { .cuts = 0 };
	enum jt_err err;

	(void)place;
	if (jt_object_is(o, jt_kind_turn.name)) {
		err = jt_kind_read(&jt_kind_turn, o, &turn, m->zone, e);
		r->from = turn.from;
		m->acked = turn.acked;
		return err;
	}
	if (!jt_object_is(o, jt_kind_mark.name))
		return JT_OK;
	if ((err = jt_kind_read(&jt_kind_mark, o, &mark, m->zone, e)) != JT_OK ||
	    (err = jt_voter_restore_mark(m->voter, &mark, e)) != JT_OK)
		return err;
	r->low = (uint32_t)mark.low;
	m->decided = mark.cuts;
	m->lost = mark.lost != 0;
	return JT_OK;
}

/* In the order in which they came: so each one's ancestors are there. */
static enum jt_err
restore_all(struct jt_member *m, const struct reading *r, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	m->restoring = true;
	for (size_t i = 0; i < r->count && err == JT_OK; i++)
		err = restore_block(m, &r->blocks[i], e);
	m->restoring = false;
	return err;
}

enum jt_err
jt_member_recall(struct jt_member *m, struct jt_error *e)
{
	struct reading r = { .m = m };
	enum jt_err err = jt_log_each(m->log, jt_log_newest(m->log), find_mark, &r, e);

	if (err == JT_OK)
		err = jt_log_each(m->log, r.from, note, &r, e);
	if (err == JT_OK)
		err = restore_all(m, &r, e);
	jt_member_sort_said(m);
	free(r.blocks);
	return err;
}

/* ---- the next segment ---- */

/* No later than this segment: what the place is in is needed. */
static void
need(uint64_t *segment, const struct jt_log_place *place)
{
	if (place->segment != 0 && place->segment < *segment)
		*segment = place->segment;
}

static enum jt_err
need_block(struct jt_member *m, uint64_t author, const uint8_t id[JT_HASH], uint64_t round,
    uint64_t *segment, struct jt_error *e)
{
	struct jt_ref ref = { .round = (uint32_t)round, .author = (uint32_t)author };
	struct jt_log_place place;
	enum jt_err err;

	memcpy(ref.id, id, JT_HASH);
	if ((err = jt_log_find(m->log, &ref, &place, e)) == JT_OK)
		need(segment, &place);
	return err;
}

/* Decided cuts that are not closed, and their payload. */
static enum jt_err
need_cuts(struct jt_member *m, uint64_t *segment, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	if (m->decisions_cap == 0)
		return JT_OK;
	for (uint64_t n = jt_member_not_closed(m); n <= m->decided && err == JT_OK; n++) {
		const struct jt_head_ref *part;
		struct jt_decision d = { .n = 0 };
		if (m->decisions[n % m->decisions_cap].segment == 0)
			continue; /* closed before the log began */
		need(segment, &m->decisions[n % m->decisions_cap]);
		msgpack_zone_clear(m->zone);
		if ((err = jt_member_decision(m, n, &d, e)) != JT_OK)
			break;
		part = d.parts.items;
		for (uint32_t i = 0; i < d.parts.count && err == JT_OK; i++)
			err = need_block(m, part[i].author, part[i].id, part[i].round, segment, e);
	}
	return err;
}

/* The first objects of the new segment. */
static enum jt_err
write_turn(struct jt_member *m, const struct jt_mark *mark, uint64_t from, struct jt_error *e)
{
	struct jt_turn turn = { .acked = m->acked, .from = from };
	struct jt_log_place place;
	enum jt_err err;

	jt_buf_clear(&m->object);
	if ((err = jt_kind_write(&jt_kind_turn, &turn, &m->object, e)) != JT_OK ||
	    (err = jt_log_append(m->log, jt_buf_slice(&m->object), NULL, &place, e)) != JT_OK)
		return err;
	jt_buf_clear(&m->object);
	if ((err = jt_kind_write(&jt_kind_mark, mark, &m->object, e)) != JT_OK ||
	    (err = jt_log_append(m->log, jt_buf_slice(&m->object), NULL, &place, e)) != JT_OK)
		return err;
	return jt_log_sync(m->log, e);
}

enum jt_err
jt_member_turn(struct jt_member *m, struct jt_error *e)
{
	const struct jt_mark_waiting *w;
	struct jt_mark mark;
	uint64_t from;
	enum jt_err err;

	if ((err = jt_log_turn(m->log, e)) != JT_OK ||
	    (err = jt_voter_mark(m->voter, &mark, e)) != JT_OK ||
	    (err = jt_log_above_low(m->log, (uint32_t)mark.low, &from, e)) != JT_OK)
		return err;
	w = mark.waiting.items;
	for (uint32_t i = 0; i < mark.waiting.count && err == JT_OK; i++)
		err = need_block(m, w[i].author, w[i].id, w[i].round, &from, e);
	if (err != JT_OK || (err = need_cuts(m, &from, e)) != JT_OK ||
	    (err = write_turn(m, &mark, from, e)) != JT_OK)
		return err;
	return jt_log_drop(m->log, from, m->terms.keep != 0 ? m->terms.keep : JT_LOG_KEEP, e);
}

/*
 * The log is new because one was lost: that goes with it, in one batch. Whoever
 * dies before others have told what it said must not take the new log for all
 * that it ever said.
 */
enum jt_err
jt_member_begin_lost(struct jt_member *m, struct jt_error *e)
{
	struct jt_mark mark = { .lost = 1, .round = 1 };

	return write_turn(m, &mark, jt_log_newest(m->log), e);
}

enum jt_err
jt_member_go_on(struct jt_member *m, uint64_t cut, struct jt_error *e)
{
	struct jt_mark mark = { .cuts = cut, .round = 1 };
	enum jt_err err = jt_voter_restore_mark(m->voter, &mark, e);

	m->waits_for_closer = m->lost = false;
	m->decided = cut;
	if (err == JT_OK)
		err = jt_member_turn(m, e);
	if (err == JT_OK)
		err = jt_voter_resume(m->voter, e);
	for (size_t i = 0; i < m->pool.count && err == JT_OK; i++) {
		struct jt_own_item item = { .bytes = m->pool.items[m->pool.first + i].len };
		err = jt_voter_payload(m->voter, &item, e);
	}
	return err;
}
