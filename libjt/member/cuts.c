/*
 * A member in the vote: what is decided goes into the log, and as cuts to the
 * closer. See member.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum { PARTS_MAX = 16384 }; /* blocks with payload in one cut */

static const struct jt_field ref_fields[] = {
	{ .name = "author", .type = JT_UINT, .max = JT_VOTERS_MAX - 1,
	    .offset = offsetof(struct jt_head_ref, author), .help = "place in the validator set, from 0" },
	{ .name = "id", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_head_ref, id), .help = "the block" },
	{ .name = "round", .type = JT_UINT, .max = UINT32_MAX,
	    .offset = offsetof(struct jt_head_ref, round), .help = "its round" },
};
static const struct jt_schema ref_schema = JT_SCHEMA(JT_FORM_TUPLE, struct jt_head_ref, ref_fields);
static const struct jt_field leader_fields[] = {
	{ .name = "author", .type = JT_UINT, .flags = JT_OPTIONAL, .max = JT_VOTERS_MAX - 1,
	    .offset = offsetof(struct jt_head_ref, author), .help = "place in the validator set, from 0" },
	{ .name = "id", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_head_ref, id), .help = "the block" },
	{ .name = "round", .type = JT_UINT, .max = UINT32_MAX,
	    .offset = offsetof(struct jt_head_ref, round), .help = "its round" },
};
static const struct jt_schema leader_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_head_ref, leader_fields);
static const struct jt_field decision_fields[] = {
	{ .name = "leader", .type = JT_MAP, .sub = &leader_schema,
	    .offset = offsetof(struct jt_decision, leader), .help = "the block that was elected" },
	{ .name = "n", .type = JT_UINT, .offset = offsetof(struct jt_decision, n),
	    .help = "number of the cut, from 1" },
	{ .name = "parts", .type = JT_LIST, .max = PARTS_MAX, .sub = &ref_schema,
	    .offset = offsetof(struct jt_decision, parts),
	    .help = "[author, id, round] of the blocks whose payload it is" },
	{ .name = "salt", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_decision, salt), .help = "keys the order inside the ledger" },
	{ .name = "time", .type = JT_TIME, .offset = offsetof(struct jt_decision, time),
	    .help = "the ledger's" },
};
static const struct jt_schema decision_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_decision, decision_fields);
const struct jt_kind jt_kind_decision = {
	.name = "decision", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &decision_schema,
	.help = "what the vote put into a cut",
};

static struct jt_head_ref
head_ref(const struct jt_ref *ref)
{
	struct jt_head_ref r = { .author = ref->author, .round = ref->round };

	memcpy(r.id, ref->id, JT_HASH);
	return r;
}

uint64_t
jt_member_not_closed(const struct jt_member *m)
{
	uint64_t n = m->next == 0 ? 1 : m->closed + 1;

	return n > m->decisions_low ? n : m->decisions_low;
}

enum jt_err
jt_member_note_decision(struct jt_member *m, uint64_t n, const struct jt_log_place *place,
    struct jt_error *e)
{
	uint64_t from, cap = m->decisions_cap;

	if (m->decisions_low == 0 || n < m->decisions_low)
		m->decisions_low = n;
	from = jt_member_not_closed(m);
	if (cap == 0)
		cap = JT_RECENT;
	while (n >= from + cap)
		cap *= 2;
	if (cap > m->decisions_cap) {
		struct jt_log_place *wider = calloc(cap, sizeof *wider);
		if (wider == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		for (uint64_t i = 1; i <= m->decisions_cap && i < n; i++)
			wider[(n - i) % cap] = m->decisions[(n - i) % m->decisions_cap];
		free(m->decisions);
		m->decisions = wider;
		m->decisions_cap = cap;
	}
	m->decisions[n % cap] = *place;
	return JT_OK;
}

void
jt_member_decided(void *ctx, const struct jt_decided_cut *cut)
{
	struct jt_member *m = ctx;
	struct jt_decision d = { .leader = head_ref(&cut->leader), .n = cut->number,
		.time = cut->time };
	struct jt_log_place place = { 0 };
	struct jt_head_ref *parts;
	struct jt_error e;

	if (cut->number <= m->decided)
		return; /* decided again from the log */
	memcpy(d.salt, cut->salt, JT_HASH);
	if (cut->count > PARTS_MAX ||
	    (parts = msgpack_zone_malloc(m->zone, cut->count * sizeof *parts)) == NULL) {
		jt_fail(&e, JT_SYSTEM, "a cut of %zu blocks does not fit into memory", cut->count);
		jt_member_ok(m, e.code, &e);
		return;
	}
	for (size_t i = 0; i < cut->count; i++)
		parts[i] = head_ref(&cut->parts[i].ref);
	d.parts = (struct jt_list){ parts, (uint32_t)cut->count };
	jt_buf_clear(&m->object);
	if (jt_kind_write(&jt_kind_decision, &d, &m->object, &e) != JT_OK ||
	    jt_log_append(m->log, jt_buf_slice(&m->object), NULL, &place, &e) != JT_OK ||
	    jt_member_note_decision(m, d.n, &place, &e) != JT_OK)
		jt_member_ok(m, e.code, &e);
	m->decided = d.n;
}

/* The payload of one block to the closer. */
static enum jt_err
hand_part(struct jt_member *m, const struct jt_head_ref *part, struct jt_error *e)
{
	struct jt_ref ref = { .round = (uint32_t)part->round, .author = (uint32_t)part->author };
	struct jt_part p = { .round = part->round };
	struct jt_slice items = { NULL, 0 };
	struct jt_object o = { 0 };
	struct jt_block b = { 0 };
	size_t size = 0;
	enum jt_err err;

	memcpy(ref.id, part->id, JT_HASH);
	err = jt_member_find_block(m, &ref, &o, e);
	if (err == JT_NO)
		return jt_fail(e, JT_CONFIG, "the log has lost a block that was decided: remove the log");
	if (err != JT_OK ||
	    (err = jt_block_open(&m->terms.electorate, &o, false, &b, &items, m->zone, e)) != JT_OK)
		return err;
	p.count = b.items;
	memcpy(p.author, m->terms.electorate.keys[part->author], JT_KEY);
	jt_buf_clear(&m->object);
	if ((err = jt_kind_write(&jt_kind_part, &p, &m->object, e)) != JT_OK)
		return err;
	m->ops->out(m->ctx, JT_TO_CLOSER, jt_buf_slice(&m->object));
	for (size_t at = 0; at < items.len; at += size) {
		struct jt_slice one = { items.data + at, items.len - at };
		if ((err = jt_object_size(one, &size, e)) != JT_OK)
			return err;
		one.len = size;
		m->ops->out(m->ctx, JT_TO_CLOSER, one);
	}
	return JT_OK;
}

enum jt_err
jt_member_decision(struct jt_member *m, uint64_t n, struct jt_decision *d, struct jt_error *e)
{
	struct jt_log_place place = { 0 };
	struct jt_buf bytes;
	struct jt_object o = { 0 };
	enum jt_err err = JT_OK;

	if (m->decisions_cap > 0)
		place = m->decisions[n % m->decisions_cap];
	/* The decision outlives m->block, in which the blocks are read: its list is the zone's. */
	jt_buf_init(&bytes, JT_OBJECT_MAX);
	if (place.segment != 0)
		err = jt_member_read(m, &place, &bytes, &o, e);
	if (err == JT_OK && bytes.len > 0)
		err = jt_kind_read(&jt_kind_decision, &o, d, m->zone, e);
	if (err == JT_OK && d->n != n)
		err = jt_fail(e, JT_CONFIG, "the closer is at cut %" PRIu64
		    ", which the log does not go back to", n - 1);
	jt_buf_free(&bytes);
	return err;
}

/* The beacon that the next ledger's cut carries: false while it is not known. */
static bool
beacon_for_next(struct jt_member *m, uint8_t beacon[JT_HASH])
{
	const struct jt_tally_ledger *l;

	memset(beacon, 0, JT_HASH);
	if (m->ledger < 2 || m->terms.coin == NULL)
		return true;
	l = jt_tally_ledger(&m->tally, m->ledger - 1);
	if (l == NULL || !l->has_beacon)
		return false;
	memcpy(beacon, l->beacon, JT_HASH);
	return true;
}

static enum jt_err
hand_cut(struct jt_member *m, const struct jt_decision *d, const uint8_t beacon[JT_HASH],
    struct jt_error *e)
{
	struct jt_cut cut = { .n = d->n, .time = d->time };
	enum jt_err err;

	memcpy(cut.beacon, beacon, JT_HASH);
	memcpy(cut.leader, d->leader.id, JT_HASH);
	memcpy(cut.salt, d->salt, JT_HASH);
	jt_buf_clear(&m->object);
	if ((err = jt_kind_write(&jt_kind_cut, &cut, &m->object, e)) == JT_OK)
		m->ops->out(m->ctx, JT_TO_CLOSER, jt_buf_slice(&m->object));
	return err;
}

/* Waits for others' word: since when? */
static void
waits(struct jt_member *m, bool yes)
{
	if (!yes)
		m->waits_since = 0;
	else if (m->waits_since == 0)
		m->waits_since = m->now;
}

enum jt_err
jt_member_feed(struct jt_member *m, struct jt_error *e)
{
	uint8_t beacon[JT_HASH];
	enum jt_err err;

	while (m->next != 0 && m->next <= m->decided && m->ops->room(m->ctx)) {
		struct jt_decision d = { 0 };
		bool ready = m->next == m->closed + 1 && beacon_for_next(m, beacon);

		if (m->parts_out && !ready)
			break;
		msgpack_zone_clear(m->zone);
		if ((err = jt_member_decision(m, m->next, &d, e)) != JT_OK)
			return err;
		for (uint32_t i = 0; !m->parts_out && i < d.parts.count; i++)
			if ((err = hand_part(m, (const struct jt_head_ref *)d.parts.items + i, e)) != JT_OK)
				return err;
		m->parts_out = true;
		if (!ready)
			break;
		if ((err = hand_cut(m, &d, beacon, e)) != JT_OK)
			return err;
		m->parts_out = false;
		m->next++;
	}
	/* Closed up to the cut before, and still no beacon: it may have been missed. */
	waits(m, m->certified < m->ledger || (m->next == m->closed + 1 && m->next <= m->decided));
	jt_voter_hold(m->voter, m->next != 0 && m->decided > m->closed + JT_MEMBER_LAG);
	return JT_OK;
}
