/* Where a voter can begin again. See mark.h. */
#include "vote/mark.h"

#include <stdlib.h>
#include <string.h>

#include "vote/machine.h"

#define ROW(s_, member, type_, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }
#define NEST(member, type_, max_, sub_, help_) \
	{ .name = #member, .type = type_, .flags = JT_OPTIONAL, .max = max_, .sub = sub_, \
	    .offset = offsetof(struct jt_mark, member), .help = help_ }

static const struct jt_field author_fields[] = {
	ROW(jt_mark_author, author, JT_UINT, 0, JT_VOTERS_MAX - 1, "place of a validator, from 0"),
};
static const struct jt_schema author_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_mark_author, author_fields);

static const struct jt_field ref_fields[] = {
	ROW(jt_mark_ref, author, JT_UINT, 0, JT_VOTERS_MAX - 1, "place of its author, from 0"),
	ROW(jt_mark_ref, id, JT_FIXED, 0, JT_HASH, "its id"),
	ROW(jt_mark_ref, round, JT_UINT, 0, UINT32_MAX, "its round"),
};
static const struct jt_schema ref_schema = JT_SCHEMA(JT_FORM_TUPLE, struct jt_mark_ref, ref_fields);
static const struct jt_schema last_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_mark_ref, ref_fields);

static const struct jt_field waiting_fields[] = {
	ROW(jt_mark_waiting, author, JT_UINT, 0, JT_VOTERS_MAX - 1, "place of its author, from 0"),
	ROW(jt_mark_waiting, bytes, JT_UINT, 0, UINT32_MAX, "of its payload"),
	ROW(jt_mark_waiting, id, JT_FIXED, 0, JT_HASH, "its id"),
	ROW(jt_mark_waiting, items, JT_UINT, 0, UINT32_MAX, "payload objects"),
	ROW(jt_mark_waiting, round, JT_UINT, 0, UINT32_MAX, "its round"),
};
static const struct jt_schema waiting_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_mark_waiting, waiting_fields);

static const struct jt_field fields[] = {
	ROW(jt_mark, cuts, JT_UINT, JT_OPTIONAL, 0, "ledgers that were ended"),
	ROW(jt_mark, delivered, JT_UINT, JT_OPTIONAL, 0, "blocks that were delivered"),
	NEST(exposed, JT_LIST, JT_VOTERS_MAX, &author_schema,
	    "validators seen with two blocks of a round"),
	ROW(jt_mark, floor, JT_UINT, JT_OPTIONAL, UINT32_MAX, "own blocks only from this round on"),
	NEST(last, JT_MAP, 0, &last_schema, "one's own newest block"),
	ROW(jt_mark, leader, JT_UINT, JT_OPTIONAL, UINT32_MAX, "round of the leader committed last"),
	NEST(leaders, JT_LIST, JT_MARK_LEADERS, &ref_schema,
	    "[author, id, round] of those committed above low"),
	ROW(jt_mark, lost, JT_UINT, JT_OPTIONAL, 1, "1: the log was lost, others are being asked"),
	ROW(jt_mark, low, JT_UINT, JT_OPTIONAL, UINT32_MAX,
	    "blocks at or below this round are not needed"),
	ROW(jt_mark, round, JT_UINT, 0, UINT32_MAX, "the first that is not wholly decided"),
	ROW(jt_mark, since, JT_UINT, JT_OPTIONAL, UINT32_MAX, "round since which payload waits"),
	ROW(jt_mark, slot, JT_UINT, JT_OPTIONAL, JT_LEADERS_MAX - 1, "the first leader of it that is not"),
	ROW(jt_mark, time, JT_UINT, JT_OPTIONAL, 0, "of the last ledger, ms"),
	NEST(waiting, JT_LIST, JT_MARK_WAITING, &waiting_schema,
	    "[author, bytes, id, items, round]: delivered, and in no ledger yet"),
};
static const struct jt_schema schema = JT_SCHEMA(JT_FORM_MAP, struct jt_mark, fields);
const struct jt_kind jt_kind_mark = {
	.name = "mark", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &schema,
	.help = "where a voter can begin again",
};

/* ---- taking one ---- */

static struct jt_mark_ref
mark_ref(const struct jt_ref *ref)
{
	struct jt_mark_ref out = { .author = ref->author, .round = ref->round };

	memcpy(out.id, ref->id, JT_HASH);
	return out;
}

static struct jt_ref
real_ref(const struct jt_mark_ref *ref)
{
	struct jt_ref out = { .author = (uint32_t)ref->author, .round = (uint32_t)ref->round };

	memcpy(out.id, ref->id, JT_HASH);
	return out;
}

/* Room for the lists, in one piece. */
static bool
make_lists(struct jt_voter *v, struct jt_mark *m)
{
	size_t leaders = v->committed_count, waiting = v->order.count;
	struct jt_mark_waiting *w;
	struct jt_mark_ref *l;
	struct jt_mark_author *x;

	free(v->lists);
	v->lists = calloc(1, leaders * sizeof *l + waiting * sizeof *w + JT_VOTERS_MAX * sizeof *x);
	if (v->lists == NULL)
		return false;
	w = v->lists;
	l = (struct jt_mark_ref *)(w + waiting);
	x = (struct jt_mark_author *)(l + leaders);
	m->waiting = (struct jt_list){ w, (uint32_t)waiting };
	m->leaders = (struct jt_list){ l, (uint32_t)leaders };
	m->exposed = (struct jt_list){ x, 0 };
	for (uint32_t a = 0; a < v->dag.c.n; a++)
		if (jt_voter_set_has(&v->exposed, a))
			x[m->exposed.count++].author = a;
	for (size_t i = 0; i < leaders; i++)
		l[i] = mark_ref(&v->committed[i]);
	for (size_t i = 0; i < waiting; i++) {
		const struct jt_waiting *from = &v->order.waiting[i];
		w[i] = (struct jt_mark_waiting){ .author = from->ref.author, .bytes = from->bytes,
			.items = from->items, .round = from->ref.round, .payload = from->payload };
		memcpy(w[i].id, from->ref.id, JT_HASH);
	}
	return true;
}

enum jt_err
jt_voter_mark(struct jt_voter *v, struct jt_mark *m, struct jt_error *e)
{
	*m = (struct jt_mark){ .cuts = v->order.cuts, .delivered = v->order.delivered,
		.floor = v->floor, .leader = v->order.last_round, .lost = v->lost,
		.low = v->dag.low, .round = v->rule.next_round, .since = v->order.since,
		.slot = v->rule.next_slot, .time = v->order.time };
	if (v->last.round > 0)
		m->last = mark_ref(&v->last);
	return make_lists(v, m) ? JT_OK : jt_machine_no_memory(e);
}

/* ---- beginning with one ---- */

static bool
is_ref(const struct jt_voter *v, const struct jt_mark_ref *ref)
{
	return ref->author < v->dag.c.n && ref->round <= UINT32_MAX - JT_AHEAD;
}

/* Could a voter with these terms have written it? */
static bool
is_sound(const struct jt_voter *v, const struct jt_mark *m)
{
	const struct jt_mark_ref *leaders = m->leaders.items;
	const struct jt_mark_waiting *waiting = m->waiting.items;
	const struct jt_mark_author *exposed = m->exposed.items;

	if (m->round == 0 || m->round > UINT32_MAX - JT_AHEAD || m->slot >= v->terms.leaders ||
	    m->leader > m->round || m->since > m->round || m->floor > UINT32_MAX - JT_AHEAD ||
	    m->low != (m->leader > v->terms.order.depth ?
	    m->leader - v->terms.order.depth : 0) ||
	    !is_ref(v, &m->last) || (m->last.round > 0 && m->last.author != v->me))
		return false;
	for (uint32_t i = 0; i < m->exposed.count; i++)
		if (exposed[i].author >= v->dag.c.n)
			return false;
	for (uint32_t i = 0; i < m->leaders.count; i++)
		if (!is_ref(v, &leaders[i]) || leaders[i].round <= m->low ||
		    leaders[i].round > m->leader)
			return false;
	for (uint32_t i = 0; i < m->waiting.count; i++)
		if (waiting[i].author >= v->dag.c.n || waiting[i].round > m->leader ||
		    waiting[i].items == 0)
			return false;
	return true;
}

static bool
restore_waiting(struct jt_voter *v, const struct jt_mark *m)
{
	const struct jt_mark_waiting *from = m->waiting.items;

	for (uint32_t i = 0; i < m->waiting.count; i++) {
		struct jt_waiting w = { .ref = { .author = (uint32_t)from[i].author,
			.round = (uint32_t)from[i].round }, .items = (uint32_t)from[i].items,
			.bytes = (uint32_t)from[i].bytes, .payload = from[i].payload };
		memcpy(w.ref.id, from[i].id, JT_HASH);
		if (!jt_order_wait(&v->order, &w))
			return false;
	}
	return true;
}

static bool
restore_leaders(struct jt_voter *v, const struct jt_mark *m)
{
	const struct jt_mark_ref *from = m->leaders.items;

	for (uint32_t i = 0; i < m->leaders.count; i++) {
		const struct jt_ref ref = real_ref(&from[i]);
		if (!jt_machine_committed(v, &ref))
			return false;
	}
	v->unmarked = v->committed_count;
	return true;
}

enum jt_err
jt_voter_restore_mark(struct jt_voter *v, const struct jt_mark *m, struct jt_error *e)
{
	const struct jt_mark_author *exposed = m->exposed.items;

	if (!is_sound(v, m))
		return jt_fail(e, JT_MALFORMED, "the mark contradicts itself, or is of another voter");
	v->restoring = true;
	jt_dag_prune(&v->dag, (uint32_t)m->low);
	jt_rule_begin(&v->rule, (uint32_t)m->round, (uint32_t)m->slot);
	v->order.last_round = (uint32_t)m->leader;
	v->order.cuts = m->cuts;
	v->order.delivered = m->delivered;
	v->order.time = m->time;
	v->order.since = (uint32_t)m->since;
	v->floor = (uint32_t)m->floor;
	v->lost = m->lost != 0;
	if (m->last.round > 0)
		v->last = real_ref(&m->last);
	for (uint32_t i = 0; i < m->exposed.count; i++)
		jt_voter_set_add(&v->exposed, (uint32_t)exposed[i].author);
	return restore_waiting(v, m) && restore_leaders(v, m) ? JT_OK : jt_machine_no_memory(e);
}
