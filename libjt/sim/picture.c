/*
 * A recorded run, gathered for a picture. See picture.h; what it becomes is
 * written by picture_svg.c and picture_text.c.
 *
 * Blocks are kept by their place in order of coming; leaders and decisions by
 * round. When all events are there, jt_drawn_finish works out what no event
 * says: the shortest names that differ, which leader delivered which block,
 * and what an undecided slot waits for.
 */
#include "sim/picture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "sim/drawn.h"
#include "sim/tell.h"

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

static enum jt_err
unfit(struct jt_error *e, const char *what)
{
	return jt_fail(e, JT_MALFORMED, "event: %s does not fit the run", what);
}

/* Words of the record go into XML, dot and onto terminals: no letter that means more there. */
static void
make_plain(uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~' || strchr("<>&\"\\", text[i]) != NULL)
			text[i] = '?';
}

enum jt_err
jt_picture_new(const struct jt_run *run, const struct jt_picture_terms *terms,
    struct jt_picture **out, struct jt_error *e)
{
	const struct jt_word_item *words = run->faults.items;
	struct jt_picture *p;

	if (run->validators < 1 || run->validators > JT_VOTERS_MAX)
		return jt_fail(e, JT_MALFORMED, "run: expected 1 to %d validators", JT_VOTERS_MAX);
	if (run->leaders < 1 || run->leaders > JT_LEADERS_MAX || run->leaders > run->validators)
		return jt_fail(e, JT_MALFORMED, "run: expected 1 to %d leaders", JT_LEADERS_MAX);
	if (terms->viewer > run->validators)
		return jt_fail(e, JT_USAGE, "no validator %" PRIu32 ", the run has %" PRIu64,
		    terms->viewer, run->validators);
	if ((p = calloc(1, sizeof *p)) == NULL)
		return no_memory(e);
	p->c = jt_committee_of((uint32_t)run->validators);
	p->leaders = (uint32_t)run->leaders;
	p->seed = run->seed;
	p->terms = *terms;
	jt_buf_init(&p->faults, JT_PICTURE_TEXT);
	for (uint32_t i = 0; i < run->faults.count; i++) {
		jt_buf_add_text(&p->faults, i > 0 ? ", " : "");
		jt_buf_add_slice(&p->faults, words[i].text);
	}
	make_plain(p->faults.data, p->faults.len);
	*out = p;
	return JT_OK;
}

void
jt_picture_free(struct jt_picture *p)
{
	if (p == NULL)
		return;
	for (uint32_t i = 0; i < p->count; i++)
		free(p->blocks[i].parents);
	for (uint32_t r = 0; r < p->round_cap; r++)
		free(p->rounds[r].first);
	free(p->blocks);
	free(p->names);
	free(p->rounds);
	free(p->marks);
	free(p->stack);
	jt_buf_free(&p->faults);
	free(p);
}

/* ---- places ---- */

static uint32_t *
name_slot(const struct jt_picture *p, const uint8_t id[JT_HASH])
{
	uint32_t at = (uint32_t)jt_get_be64(id) & (p->name_cap - 1);

	while (p->names[at] != JT_NONE && memcmp(p->blocks[p->names[at]].ref.id, id, JT_HASH) != 0)
		at = (at + 1) & (p->name_cap - 1);
	return &p->names[at];
}

uint32_t
jt_drawn_find(const struct jt_picture *p, const uint8_t id[JT_HASH])
{
	return p->name_cap == 0 ? JT_NONE : *name_slot(p, id);
}

static bool
grow_blocks(struct jt_picture *p)
{
	uint32_t cap = p->cap ? p->cap * 2 : 256, *names;
	struct jt_drawn_block *blocks;

	if (p->count < p->cap)
		return true;
	if ((blocks = realloc(p->blocks, cap * sizeof *blocks)) == NULL)
		return false;
	p->blocks = blocks;
	if ((names = malloc(2 * (size_t)cap * sizeof *names)) == NULL)
		return false;
	free(p->names);
	p->names = names;
	p->cap = cap;
	p->name_cap = 2 * cap;
	memset(names, 0xff, p->name_cap * sizeof *names);
	for (uint32_t i = 0; i < p->count; i++)
		*name_slot(p, p->blocks[i].ref.id) = i;
	return true;
}

static enum jt_err
need_round(struct jt_picture *p, uint64_t round, struct jt_drawn_round **out, struct jt_error *e)
{
	uint32_t cap = p->round_cap ? p->round_cap : 64;
	struct jt_drawn_round *rounds;

	if (round < 1)
		return unfit(e, "round 0");
	if (round > JT_PICTURE_ROUNDS)
		return jt_fail(e, JT_NO, "more than %d rounds: draw fewer messages",
		    JT_PICTURE_ROUNDS);
	while (cap <= round)
		cap *= 2;
	if (cap > p->round_cap) {
		if ((rounds = realloc(p->rounds, cap * sizeof *rounds)) == NULL)
			return no_memory(e);
		p->rounds = rounds;
		memset(rounds + p->round_cap, 0, (cap - p->round_cap) * sizeof *rounds);
		for (; p->round_cap < cap; p->round_cap++) {
			struct jt_drawn_round *r = &rounds[p->round_cap];
			if ((r->first = malloc(p->c.n * sizeof *r->first)) == NULL)
				return no_memory(e);
			memset(r->first, 0xff, p->c.n * sizeof *r->first);
			for (uint32_t k = 0; k < JT_LEADERS_MAX; k++)
				r->slot[k].block = r->slot[k].anchor = JT_NONE;
		}
	}
	*out = &p->rounds[round];
	return JT_OK;
}

/* ---- events ---- */

/* Rounds that are left out have no place; the others are counted from 1. */
static bool
is_left_out(const struct jt_picture *p, uint64_t round)
{
	return p->terms.after != 0 && round <= p->terms.after;
}

static bool
is_validator(const struct jt_picture *p, uint64_t number)
{
	return number >= 1 && number <= p->c.n;
}

static bool
is_viewer(const struct jt_picture *p, uint64_t number)
{
	return p->terms.viewer == 0 || p->terms.viewer == number;
}

static enum jt_err
take_parents(struct jt_picture *p, struct jt_drawn_block *b, const struct jt_list *list,
    struct jt_error *e)
{
	const struct jt_run_ref *refs = list->items;

	if (list->count == 0)
		return JT_OK;
	if ((b->parents = malloc(list->count * sizeof *b->parents)) == NULL)
		return no_memory(e);
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t at = jt_drawn_find(p, refs[i].id);
		/* Those of round 0 are not drawn, nor what a record began after. */
		if (at != JT_NONE && p->blocks[at].ref.round < b->ref.round)
			b->parents[b->parent_count++] = at;
	}
	return JT_OK;
}

static enum jt_err
take_block(struct jt_picture *p, const struct jt_run_block *as, struct jt_error *e)
{
	struct jt_drawn_block b = { .items = as->items, .at = p->at, .message = p->messages,
		.twin = JT_NONE };
	struct jt_drawn_round *r;
	uint32_t *link;
	enum jt_err err;

	if (!is_validator(p, as->author))
		return unfit(e, "the author");
	if (is_left_out(p, as->round))
		return JT_OK;
	if (jt_drawn_find(p, as->id) != JT_NONE)
		return unfit(e, "a block that was made twice");
	if (p->count == JT_PICTURE_BLOCKS)
		return jt_fail(e, JT_NO, "more than %d blocks: draw fewer messages",
		    JT_PICTURE_BLOCKS);
	if ((err = need_round(p, as->round - p->terms.after, &r, e)) != JT_OK)
		return err;
	b.ref = (struct jt_ref){ .round = (uint32_t)(as->round - p->terms.after),
		.author = (uint32_t)as->author - 1 };
	memcpy(b.ref.id, as->id, JT_HASH);
	jt_voter_set_add(&b.has, b.ref.author);
	if (!grow_blocks(p))
		return no_memory(e);
	if ((err = take_parents(p, &b, &as->parents, e)) != JT_OK)
		return err;
	*name_slot(p, b.ref.id) = p->count;
	for (link = &r->first[b.ref.author]; *link != JT_NONE; link = &p->blocks[*link].twin)
		;
	*link = p->count;
	p->blocks[p->count++] = b;
	if (b.ref.round > p->newest[b.ref.author])
		p->newest[b.ref.author] = b.ref.round;
	if (b.ref.round > p->high)
		p->high = b.ref.round;
	return JT_OK;
}

static enum jt_err
take_coin(struct jt_picture *p, const struct jt_event *ev, struct jt_error *e)
{
	const struct jt_number_item *list = ev->leaders.items;
	struct jt_drawn_round *r;
	enum jt_err err;

	if (!is_viewer(p, ev->to) || is_left_out(p, ev->round))
		return JT_OK;
	if (ev->leaders.count != p->leaders)
		return unfit(e, "the number of leaders");
	if ((err = need_round(p, ev->round - p->terms.after, &r, e)) != JT_OK || r->known_to != 0)
		return err;
	for (uint32_t k = 0; k < p->leaders; k++) {
		if (!is_validator(p, list[k].number))
			return unfit(e, "the leader");
		r->slot[k].leader = (uint32_t)list[k].number;
	}
	r->known_to = (uint32_t)ev->to;
	r->known_message = p->messages;
	r->known_at = p->at;
	return JT_OK;
}

static enum jt_err
take_decision(struct jt_picture *p, const struct jt_event *ev, struct jt_error *e)
{
	const struct jt_run_decision *d = &ev->decision;
	struct jt_drawn_round *r;
	struct jt_drawn_slot *s;
	enum jt_err err;

	if (!is_viewer(p, ev->to) || is_left_out(p, ev->round))
		return JT_OK;
	if (ev->slot >= p->leaders || !is_validator(p, d->leader))
		return unfit(e, "the slot");
	if ((err = need_round(p, ev->round - p->terms.after, &r, e)) != JT_OK)
		return err;
	s = &r->slot[ev->slot];
	if (s->decided)
		return JT_OK;
	s->leader = (uint32_t)d->leader;
	s->decided = d->verdict != JT_UNDECIDED;
	s->verdict = (enum jt_verdict)d->verdict;
	s->reason = (enum jt_reason)d->reason;
	if (s->verdict == JT_COMMITTED)
		s->block = jt_drawn_find(p, d->block);
	if (s->reason == JT_ANCHOR_HAS || s->reason == JT_ANCHOR_LACKS)
		s->anchor = jt_drawn_find(p, d->anchor.id);
	s->decided_by = (uint32_t)ev->to;
	s->decided_message = p->messages;
	return JT_OK;
}

static enum jt_err
take_mark(struct jt_picture *p, const struct jt_event *ev, struct jt_error *e)
{
	bool evidence = ev->what == JT_EVENT_EVIDENCE;
	uint64_t who = evidence ? ev->from : ev->to;
	struct jt_drawn_mark *grown;
	uint32_t cap = p->mark_cap ? p->mark_cap * 2 : 64;

	if (evidence && is_left_out(p, ev->round))
		return JT_OK;
	if (!is_validator(p, who) || (evidence && ev->round - p->terms.after > JT_PICTURE_ROUNDS))
		return unfit(e, "the validator");
	if (p->mark_count == JT_DRAWN_MARKS || (evidence && !is_viewer(p, ev->to)))
		return JT_OK;
	if (p->mark_count == p->mark_cap) {
		if ((grown = realloc(p->marks, cap * sizeof *grown)) == NULL)
			return no_memory(e);
		p->marks = grown;
		p->mark_cap = cap;
	}
	p->marks[p->mark_count++] = (struct jt_drawn_mark){ .what = (enum jt_what)ev->what,
		.who = (uint32_t)who - 1, .by = (uint32_t)ev->to, .message = p->messages,
		.round = evidence ? (uint32_t)ev->round - p->terms.after : p->newest[who - 1] };
	return JT_OK;
}

static void
take_note(struct jt_picture *p, struct jt_slice note)
{
	size_t len = note.len < sizeof p->note ? note.len : sizeof p->note - 1;

	if (p->note[0] != '\0' || len == 0)
		return;
	memcpy(p->note, note.data, len);
	make_plain((uint8_t *)p->note, len);
}

enum jt_err
jt_picture_add(struct jt_picture *p, const struct jt_event *ev, struct jt_error *e)
{
	bool message = ev->what == JT_EVENT_RECEIVE || ev->what == JT_EVENT_DROP;
	uint32_t at;

	if (message && ev->message <= p->last)
		return jt_fail(e, JT_MALFORMED, "event: message %" PRIu64 " comes after message %" PRIu64,
		    ev->message, p->last);
	if (message)
		p->last = ev->message;
	if (p->terms.messages != 0 && p->last > p->terms.messages)
		return JT_OK;
	p->messages = p->last;
	p->at = ev->at;
	switch ((enum jt_what)ev->what) {
	case JT_EVENT_BLOCK:
		return take_block(p, &ev->block, e);
	case JT_EVENT_COIN:
		return take_coin(p, ev, e);
	case JT_EVENT_DECIDE:
		return take_decision(p, ev, e);
	case JT_EVENT_CUT:
		at = jt_drawn_find(p, ev->ref);
		if (is_viewer(p, ev->to) && at != JT_NONE && p->blocks[at].ledger == 0)
			p->blocks[at].ledger = ev->ledger;
		return JT_OK;
	case JT_EVENT_RECEIVE:
		at = jt_drawn_find(p, ev->ref);
		if (at != JT_NONE && is_validator(p, ev->to))
			jt_voter_set_add(&p->blocks[at].has, (uint32_t)ev->to - 1);
		return JT_OK;
	case JT_EVENT_CRASH:
	case JT_EVENT_RESTART:
	case JT_EVENT_EVIDENCE:
		return take_mark(p, ev, e);
	case JT_EVENT_BROKEN:
		take_note(p, ev->note);
		return JT_OK;
	case JT_EVENT_DROP:
		return JT_OK;
	}
	return JT_OK;
}
