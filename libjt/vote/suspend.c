/* Blocks that wait for ancestors. See suspend.h. */
#include "vote/suspend.h"

#include <stdlib.h>
#include <string.h>

void
jt_suspension_init(struct jt_suspension *s, const uint8_t key[JT_SUSPENSION_KEY])
{
	*s = (struct jt_suspension){ 0 };
	memcpy(s->key, key, sizeof s->key);
	s->ready_end = &s->ready;
}

void
jt_suspended_free(struct jt_suspended *b)
{
	if (b == NULL)
		return;
	free(b->parents);
	free(b->waits);
	free(b);
}

static void
free_list(struct jt_suspended *b)
{
	struct jt_suspended *next;

	for (; b != NULL; b = next) {
		next = b->next;
		jt_suspended_free(b);
	}
}

void
jt_suspension_free(struct jt_suspension *s)
{
	for (size_t i = 0; i < JT_VOTERS_MAX; i++)
		free_list(s->first[i]);
	for (size_t i = 0; i < s->cap; i++)
		free(s->table[i]);
	free(s->table);
	*s = (struct jt_suspension){ 0 };
}

/* ---- the table ---- */

static size_t
home_of(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	uint64_t hash;

	_Static_assert(sizeof hash == crypto_shorthash_BYTES, "a hash is one word");
	crypto_shorthash((unsigned char *)&hash, id, JT_HASH, s->key);
	return (size_t)hash & (s->cap - 1);
}

static size_t
place_of(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	size_t at = home_of(s, id);

	while (s->table[at] != NULL && memcmp(s->table[at]->id, id, JT_HASH) != 0)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static struct jt_absent *
find(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	return s->absent == 0 ? NULL : s->table[place_of(s, id)];
}

static bool
resize(struct jt_suspension *s, size_t cap)
{
	struct jt_absent **was = s->table;
	size_t old = s->cap;

	if ((s->table = calloc(cap, sizeof *s->table)) == NULL) {
		s->table = was;
		return false;
	}
	s->cap = cap;
	for (size_t i = 0; i < old; i++)
		if (was[i] != NULL)
			s->table[place_of(s, was[i]->id)] = was[i];
	free(was);
	return true;
}

static struct jt_absent *
find_or_add(struct jt_suspension *s, const uint8_t id[JT_HASH], uint32_t round)
{
	struct jt_absent *a = find(s, id);

	if (a != NULL)
		return a;
	if (s->absent * 2 >= s->cap && !resize(s, s->cap ? s->cap * 2 : 64))
		return NULL;
	if ((a = calloc(1, sizeof *a)) == NULL)
		return NULL;
	memcpy(a->id, id, JT_HASH);
	a->round = round;
	s->table[place_of(s, id)] = a;
	s->absent++;
	return a;
}

/* Take an entry out; those that were pushed on by it move back. */
static void
forget(struct jt_suspension *s, struct jt_absent *a)
{
	size_t hole = place_of(s, a->id), at = hole, mask = s->cap - 1;

	for (;;) {
		at = (at + 1) & mask;
		if (s->table[at] == NULL)
			break;
		if (((at - home_of(s, s->table[at]->id)) & mask) >= ((at - hole) & mask)) {
			s->table[hole] = s->table[at];
			hole = at;
		}
	}
	s->table[hole] = NULL;
	s->absent--;
	free(a);
	/* Walks over the table must not cost what it once held. */
	if (s->cap > 64 && s->absent * 8 < s->cap)
		resize(s, s->cap / 2);
}

/* ---- queues and lists ---- */

static void
make_ready(struct jt_suspension *s, struct jt_suspended *b)
{
	b->ready = true;
	b->queue = NULL;
	*s->ready_end = b;
	s->ready_end = &b->queue;
}

/* Out of whichever of the two it is in. */
static void
take_from_queue(struct jt_suspension *s, struct jt_suspended *b)
{
	struct jt_suspended **at = b->ready ? &s->ready : &s->parked;

	if (!b->ready && !b->parked)
		return;
	while (*at != b)
		at = &(*at)->queue;
	*at = b->queue;
	if (b->ready && s->ready_end == &b->queue)
		s->ready_end = at;
	b->ready = b->parked = false;
}

static void
join_peer(struct jt_suspension *s, struct jt_suspended *b)
{
	b->prev = NULL;
	b->next = s->first[b->from];
	if (b->next != NULL)
		b->next->prev = b;
	s->first[b->from] = b;
	s->of_peer[b->from]++;
	s->bytes_of_peer[b->from] += b->block.bytes;
	s->count++;
}

static void
leave_peer(struct jt_suspension *s, struct jt_suspended *b)
{
	if (b->prev != NULL)
		b->prev->next = b->next;
	else
		s->first[b->from] = b->next;
	if (b->next != NULL)
		b->next->prev = b->prev;
	s->of_peer[b->from]--;
	s->bytes_of_peer[b->from] -= b->block.bytes;
	s->count--;
}

/* Nobody waits for these any more because of b. */
static void
stop_waiting(struct jt_suspension *s, struct jt_suspended *b)
{
	for (uint32_t i = 0; i < b->block.parent_count; i++) {
		struct jt_absent *a;
		struct jt_wait **at;

		if (b->waits[i].child == NULL || (a = find(s, b->parents[i].id)) == NULL)
			continue;
		for (at = &a->waits; *at != NULL && *at != &b->waits[i]; at = &(*at)->next)
			;
		if (*at != NULL)
			*at = b->waits[i].next;
		b->waits[i].child = NULL;
		if (a->waits == NULL && a->block == NULL)
			forget(s, a);
	}
}

/* Whoever waited for this one waits for one less. */
static void
release(struct jt_suspension *s, struct jt_absent *a)
{
	struct jt_wait *in_order = NULL, *next;

	for (struct jt_wait *w = a->waits; w != NULL; w = next) {
		next = w->next;
		w->next = in_order;
		in_order = w;
	}
	for (struct jt_wait *w = in_order; w != NULL; w = next) {
		struct jt_suspended *b = w->child;
		next = w->next;
		w->child = NULL;
		if (--b->missing == 0)
			make_ready(s, b);
	}
	a->waits = NULL;
}

/* ---- blocks that wait ---- */

static struct jt_suspended *
copy_block(const struct jt_block *b, uint32_t from)
{
	struct jt_suspended *copy = calloc(1, sizeof *copy);

	if (copy == NULL)
		return NULL;
	copy->parents = calloc(b->parent_count, sizeof *copy->parents);
	copy->waits = calloc(b->parent_count, sizeof *copy->waits);
	if (copy->parents == NULL || copy->waits == NULL) {
		jt_suspended_free(copy);
		return NULL;
	}
	memcpy(copy->parents, b->parents, b->parent_count * sizeof *b->parents);
	copy->block = *b;
	copy->block.parents = copy->parents;
	copy->from = from;
	return copy;
}

struct jt_suspended *
jt_suspend(struct jt_suspension *s, const struct jt_dag *d, const struct jt_block *b,
    uint32_t from)
{
	struct jt_suspended *copy = copy_block(b, from);
	struct jt_absent *a = copy ? find_or_add(s, b->ref.id, b->ref.round) : NULL;
	const struct jt_ref *missing;

	if (a == NULL) {
		jt_suspended_free(copy);
		return NULL;
	}
	a->block = copy;
	join_peer(s, copy);
	for (uint32_t at = 0; (missing = jt_dag_missing(d, &copy->block, at)) != NULL; at++) {
		at = (uint32_t)(missing - copy->parents);
		if ((a = find_or_add(s, missing->id, missing->round)) == NULL) {
			jt_suspension_take(s, copy);
			jt_suspended_free(copy);
			return NULL;
		}
		copy->waits[at] = (struct jt_wait){ copy, a->waits };
		a->waits = &copy->waits[at];
		copy->missing++;
	}
	if (copy->missing == 0)
		make_ready(s, copy);
	return copy;
}

struct jt_suspended *
jt_suspended_find(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	const struct jt_absent *a = find(s, id);

	return a == NULL ? NULL : a->block;
}

void
jt_suspension_take(struct jt_suspension *s, struct jt_suspended *b)
{
	struct jt_absent *a = find(s, b->block.ref.id);

	stop_waiting(s, b);
	take_from_queue(s, b);
	leave_peer(s, b);
	if (a == NULL)
		return;
	a->block = NULL;
	a->wanted = false;
	a->asked = (struct jt_voter_set){ { 0 } };
	if (a->waits == NULL)
		forget(s, a);
}

struct jt_suspended *
jt_unsuspend(struct jt_suspension *s)
{
	struct jt_suspended *b = s->ready;
	struct jt_absent *a;

	if (b == NULL)
		return NULL;
	take_from_queue(s, b);
	leave_peer(s, b);
	/* Its entry stays: others may wait for it, and jt_suspension_came ends that. */
	if ((a = find(s, b->block.ref.id)) != NULL) {
		a->block = NULL;
		if (a->waits == NULL && !a->wanted)
			forget(s, a);
	}
	return b;
}

void
jt_suspension_park(struct jt_suspension *s, struct jt_suspended *b)
{
	struct jt_absent *a = find_or_add(s, b->block.ref.id, b->block.ref.round);

	if (a == NULL) {
		jt_suspended_free(b);
		return;
	}
	a->block = b;
	join_peer(s, b);
	b->parked = true;
	b->queue = s->parked;
	s->parked = b;
}

void
jt_suspension_came(struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	struct jt_absent *a = find(s, id);

	if (a == NULL)
		return;
	release(s, a);
	if (a->block == NULL)
		forget(s, a);
}

void
jt_suspension_low(struct jt_suspension *s, uint32_t low)
{
	struct jt_suspended *parked = s->parked, *next;
	size_t gone = 0;

	s->parked = NULL;
	for (; parked != NULL; parked = next) {
		next = parked->queue;
		parked->parked = false;
		make_ready(s, parked);
	}
	/* Taking entries out moves others: take note first. */
	for (size_t i = 0; i < s->cap; i++)
		if (s->table[i] != NULL && s->table[i]->round <= low) {
			release(s, s->table[i]);
			gone += s->table[i]->block == NULL;
		}
	while (gone > 0)
		for (size_t i = 0; i < s->cap && gone > 0; i++)
			while (i < s->cap && s->table[i] != NULL && s->table[i]->round <= low &&
			    s->table[i]->block == NULL) {
				forget(s, s->table[i]);
				gone--;
			}
}

/* ---- asking ---- */

bool
jt_ask(struct jt_suspension *s, const struct jt_ref *ref, uint32_t peer, uint32_t most)
{
	struct jt_absent *a = find_or_add(s, ref->id, ref->round);

	if (a == NULL || jt_voter_set_has(&a->asked, peer) ||
	    jt_voter_set_count(&a->asked) >= most)
		return false;
	jt_voter_set_add(&a->asked, peer);
	a->wanted = true;
	return true;
}

bool
jt_was_asked(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	const struct jt_absent *a = find(s, id);

	return a != NULL && a->wanted;
}

void
jt_forget_peer(struct jt_suspension *s, uint32_t peer)
{
	uint64_t bit = UINT64_C(1) << peer % 64;

	for (size_t i = 0; i < s->cap; i++)
		if (s->table[i] != NULL) {
			s->table[i]->asked.word[peer / 64] &= ~bit;
			if (s->table[i]->block != NULL)
				s->table[i]->block->through.word[peer / 64] &= ~bit;
		}
}
