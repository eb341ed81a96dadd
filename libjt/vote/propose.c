/*
 * A validator's part in the vote: proposing. See voter.h.
 *
 * A block leaves when a quorum of the round before is known and something
 * waits: own payload, payload seen and not delivered, payload delivered and
 * not in a ledger. Without any, a block only answers others who are ahead, at
 * the pace of ticks. So load makes rounds, and without load there is silence.
 */
#include <stdlib.h>
#include <string.h>

#include "vote/machine.h"

/* Authors of whom a block of this round is known. */
static uint32_t
count_parents(const struct jt_voter *v, uint32_t round)
{
	const struct jt_round *r = jt_dag_round(&v->dag, round);

	return r == NULL ? 0 : jt_voter_set_count(&r->authors);
}

/* The highest round of which a quorum is known, at one's own last or above. */
static bool
find_base(const struct jt_voter *v, uint32_t *base)
{
	uint32_t lowest = v->last.round, top = v->dag.high;

	if (JT_LACKS(&v->terms, JT_NO_JUMP))
		top = lowest;
	if (v->floor > lowest + 1)
		lowest = v->floor - 1;
	for (uint32_t r = top + 1; r-- > lowest;)
		if (count_parents(v, r) >= v->dag.c.q) {
			*base = r;
			return true;
		}
	return false;
}

/* Can it still be delivered, and is it known to somebody who is not exposed? */
static bool
is_live(const struct jt_voter *v, const struct jt_vertex *x)
{
	struct jt_voter_set by = x->seen_by;

	if (x->delivered || x->ref.round <= v->dag.low)
		return false;
	if (JT_LACKS(&v->terms, JT_NO_WORK))
		return true;
	if (!jt_voter_set_has(&v->exposed, x->ref.author) && x->first)
		return true;
	for (size_t i = 0; i < JT_VOTER_WORDS; i++)
		by.word[i] &= ~v->exposed.word[i];
	return jt_voter_set_count(&by) > 0;
}

bool
jt_voter_has_work(const struct jt_voter *v)
{
	if ((v->pending_count > 0 && !v->hold) || v->order.count > 0 || v->last.round < v->settled)
		return true;
	for (size_t i = 0; i < v->live.count; i++)
		if (is_live(v, v->live.items[i]))
			return true;
	return false;
}

/* Mark the cone of x, as far as one's own newest block has not seen it. */
static bool
mark_unseen(struct jt_voter *v, struct jt_vertex *x)
{
	size_t depth = 0;

	if (jt_voter_set_has(&x->seen_by, v->me))
		return true;
	if (!jt_dag_walk_push(&v->dag, x, &depth))
		return false;
	while (depth > 0) {
		struct jt_vertex *y = v->dag.stack[--depth];
		for (uint32_t i = 0; i < y->parent_count; i++)
			if (y->parents[i] != NULL &&
			    !jt_voter_set_has(&y->parents[i]->seen_by, v->me) &&
			    !jt_dag_walk_push(&v->dag, y->parents[i], &depth))
				return false;
	}
	return true;
}

/* The newest first: each brings its author's earlier ones along. */
static int
newest_first(const void *a, const void *b)
{
	const struct jt_vertex *x = *(struct jt_vertex *const *)a;
	const struct jt_vertex *y = *(struct jt_vertex *const *)b;

	if (x->ref.round != y->ref.round)
		return x->ref.round > y->ref.round ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Links to late blocks that nothing of the round before has in its cone. */
static bool
add_weak_links(struct jt_voter *v, uint32_t base, struct jt_ref *parents, uint32_t *count)
{
	struct jt_vertex_list *l = &v->unseen;
	struct jt_voter_set authors = { { 0 } };
	uint32_t kept = 0;

	for (uint32_t i = 0; i < *count; i++)
		jt_voter_set_add(&authors, parents[i].author);

	for (size_t i = 0; i < l->count; i++)
		if (!jt_voter_set_has(&l->items[i]->seen_by, v->me))
			l->items[kept++] = l->items[i];
	l->count = kept;
	if (l->count > 1)
		qsort(l->items, l->count, sizeof *l->items, newest_first);
	for (size_t i = 0; i < l->count; i++) {
		struct jt_vertex *x = l->items[i];
		if (x->ref.round >= base || x->mark == v->dag.walk || !x->first ||
		    jt_voter_set_has(&v->exposed, x->ref.author) ||
		    jt_voter_set_has(&authors, x->ref.author))
			continue;
		jt_voter_set_add(&authors, x->ref.author);
		parents[(*count)++] = x->ref;
		if (!mark_unseen(v, x))
			return false;
	}
	return true;
}

/*
 * The blocks of the round before as parents: all of authors that are not
 * exposed, and of those that are only as many as a quorum needs. None at all of
 * them can be too few: a correct author may have skipped that round because it
 * saw a quorum of it with the exposed one's block, and that is then known to all.
 */
static bool
add_strong_links(struct jt_voter *v, uint32_t base, struct jt_ref *parents, uint32_t *count)
{
	const struct jt_round *r = jt_dag_round(&v->dag, base);
	uint32_t before = v->last.round == base;

	for (int exposed = 0; exposed < 2; exposed++)
		for (struct jt_vertex *x = r->list; x != NULL; x = x->next) {
			if (!x->first || x->ref.author == v->me ||
			    jt_voter_set_has(&v->exposed, x->ref.author) != exposed ||
			    (exposed && before >= v->dag.c.q))
				continue;
			parents[(*count)++] = x->ref;
			before++;
			if (!mark_unseen(v, x))
				return false;
		}
	return true;
}

/* One's own block before, a quorum and more of the round `base`, weak links. */
static bool
choose_parents(struct jt_voter *v, uint32_t base, struct jt_ref *parents, uint32_t *count)
{
	parents[0] = v->last;
	*count = 1;
	jt_dag_walk(&v->dag);
	if (!add_strong_links(v, base, parents, count))
		return false;
	return JT_LACKS(&v->terms, JT_NO_LINKS) || add_weak_links(v, base, parents, count);
}

/* Payload for the block: as much of what is pending as fits. */
static size_t
take_payload(const struct jt_voter *v)
{
	uint64_t bytes = 0;
	size_t n = 0;

	/* While nothing is decided, blocks that nobody may ever deliver stay empty. */
	if (v->hold || v->dag.high > v->rule.next_round + 4 * JT_WAVE)
		return 0;
	/* Ledgers take less than we give. */
	if (v->own_count + v->order.of_author[v->me] >= v->terms.order.author_waits)
		return 0;
	while (n < v->pending_count && n < v->terms.block_items) {
		bytes += v->pending[n].bytes;
		if (n > 0 && bytes > v->terms.block_bytes)
			break;
		n++;
	}
	return n;
}

static enum jt_err
propose(struct jt_voter *v, uint32_t base, struct jt_error *e)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	struct jt_block b = { .parents = parents };
	size_t items = take_payload(v);
	enum jt_err err;

	b.ref.round = base + 1;
	b.ref.author = v->me;
	if (!choose_parents(v, base, parents, &b.parent_count))
		return jt_machine_no_memory(e);
	/* Only here is the share of an earlier round's coin ever released. */
	if (b.ref.round > JT_DECIDING)
		b.share_len = v->ops->share(v->ctx, b.ref.round - JT_DECIDING, b.share);
	b.items = (uint32_t)items;
	for (size_t i = 0; i < items; i++)
		b.bytes += v->pending[i].bytes;
	v->ops->seal(v->ctx, &b, v->pending, items);
	v->pending_count -= items;
	if (items > 0)
		memmove(v->pending, v->pending + items, v->pending_count * sizeof *v->pending);
	if ((err = jt_machine_own(v, &b, e)) != JT_OK ||
	    (err = jt_machine_insert(v, &b, e)) != JT_OK)
		return err;
	v->ops->send_block(v->ctx, JT_ALL, &b.ref);
	return JT_OK;
}

/* An observer never does; others as far as their pace allows. */
static bool
may_go_on(const struct jt_voter *v)
{
	return v->me < v->dag.c.n && !v->restoring && !v->lost &&
	    (v->terms.burst == 0 || v->spent < v->terms.burst);
}

enum jt_err
jt_machine_propose(struct jt_voter *v, struct jt_error *e)
{
	uint32_t base;
	enum jt_err err = JT_OK;

	while (err == JT_OK && may_go_on(v) && find_base(v, &base)) {
		if (jt_machine_lags(v, base))
			break; /* nobody would need it any more */
		/* Who lost its log has to make a block before others can count on it. */
		if (!jt_voter_has_work(v) && jt_voter_remembers(v)) {
			if (v->dag.high <= base && v->asked_rounds <= base)
				break; /* silence */
			if (v->terms.tick_rounds > 0 && v->allowance == 0)
				break;
			v->allowance -= v->allowance > 0;
		}
		v->spent += v->terms.burst > 0;
		err = propose(v, base, e);
		if (err == JT_OK)
			err = jt_machine_resume(v, e);
	}
	return err;
}
