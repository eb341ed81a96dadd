/*
 * A member in the vote: payload of its own blocks that fell behind, which it
 * gives to the voter again. See member.h.
 *
 * What fell behind in an earlier life falls behind again while the log is read,
 * and was given again then: it is in a later block. So items of own blocks are
 * noted meanwhile, from when something fell behind, and are not given twice.
 */
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

void
jt_member_returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	struct jt_member *m = ctx;

	(void)payload;
	if (m->returned_count == m->returned_cap) {
		size_t cap = m->returned_cap ? m->returned_cap * 2 : 16;
		struct jt_ref *grown = realloc(m->returned, cap * sizeof *grown);
		if (grown == NULL) {
			jt_fail(&m->trouble, JT_SYSTEM, "out of memory");
			return;
		}
		m->returned = grown;
		m->returned_cap = cap;
	}
	m->returned[m->returned_count++] = *ref;
}

static enum jt_err
note_said(struct jt_member *m, struct jt_slice item, uint32_t round, struct jt_error *e)
{
	if (m->said_count == m->said_cap) {
		size_t cap = m->said_cap ? m->said_cap * 2 : 256;
		struct jt_said *said = realloc(m->said, cap * sizeof *said);
		if (said == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		m->said = said;
		m->said_cap = cap;
	}
	jt_hash(m->said[m->said_count].id, item);
	m->said[m->said_count++].round = round;
	return JT_OK;
}

enum jt_err
jt_member_note_items(struct jt_member *m, const struct jt_block *b, struct jt_slice items,
    struct jt_error *e)
{
	enum jt_err err = JT_OK;
	size_t size = 0;

	if (b->ref.author != m->terms.me || m->returned_count == 0)
		return JT_OK;
	for (size_t at = 0; at < items.len && err == JT_OK; at += size) {
		struct jt_slice one = { items.data + at, items.len - at };
		if ((err = jt_object_size(one, &size, e)) != JT_OK)
			break;
		one.len = size;
		err = note_said(m, one, b->ref.round, e);
	}
	return err;
}

static int
by_id_and_round(const void *a, const void *b)
{
	const struct jt_said *x = a, *y = b;
	int order = memcmp(x->id, y->id, JT_HASH);

	return order != 0 ? order : (x->round > y->round) - (x->round < y->round);
}

void
jt_member_sort_said(struct jt_member *m)
{
	size_t kept = 0;

	if (m->said_count > 0)
		qsort(m->said, m->said_count, sizeof *m->said, by_id_and_round);
	for (size_t i = 0; i < m->said_count; i++) {
		if (kept > 0 && memcmp(m->said[kept - 1].id, m->said[i].id, JT_HASH) == 0)
			kept--;
		m->said[kept++] = m->said[i];
	}
	m->said_count = kept;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(((const struct jt_said *)a)->id, ((const struct jt_said *)b)->id, JT_HASH);
}

/* Was this item of an own block given again, before the member began again? */
static bool
said_later(const struct jt_member *m, struct jt_slice item, uint32_t round)
{
	const struct jt_said *found;
	struct jt_said want = { .round = 0 };

	if (m->said_count == 0)
		return false;
	jt_hash(want.id, item);
	found = bsearch(&want, m->said, m->said_count, sizeof want, by_id);
	return found != NULL && found->round > round;
}

enum jt_err
jt_member_give_again(struct jt_member *m, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	while (m->returned_count > 0 && err == JT_OK) {
		struct jt_ref ref = m->returned[--m->returned_count];
		struct jt_slice items = { NULL, 0 };
		struct jt_object o = { 0 };
		struct jt_block b;
		size_t size = 0;

		if ((err = jt_member_find_block(m, &ref, &o, e)) == JT_NO) {
			err = JT_OK;
			continue;
		}
		if (err != JT_OK || (err = jt_block_open(&m->terms.electorate, &o, false, &b, &items,
		    m->zone, e)) != JT_OK)
			return err;
		for (size_t at = 0; at < items.len && err == JT_OK; at += size) {
			struct jt_own_item item = { 0 };
			struct jt_slice one = { items.data + at, items.len - at };
			if ((err = jt_object_size(one, &size, e)) != JT_OK)
				break;
			one.len = size;
			item.bytes = (uint32_t)size;
			if (said_later(m, one, ref.round))
				continue;
			if (!jt_pool_add(&m->pool, one, NULL))
				return jt_fail(e, JT_SYSTEM, "out of memory");
			err = jt_voter_payload(m->voter, &item, e);
		}
	}
	/* From here on nothing falls behind twice. */
	free(m->said);
	m->said = NULL;
	m->said_count = m->said_cap = 0;
	return err;
}
