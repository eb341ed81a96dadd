/* The voter's log: where blocks are. See log.h. */
#include <stdlib.h>
#include <string.h>

#include "vote/block.h"
#include "vote/log_file.h"

static int
by_id(const void *a, const void *b)
{
	const struct jt_log_entry *x = a, *y = b;

	return memcmp(x->id, y->id, sizeof x->id);
}

enum jt_err
jt_log_index_add(struct jt_segment *s, const struct jt_ref *ref, const struct jt_log_place *place,
    struct jt_error *e)
{
	struct jt_log_entry *entry;

	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		struct jt_log_entry *grown = realloc(s->entries, cap * sizeof *grown);
		if (grown == NULL)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		s->entries = grown;
		s->cap = cap;
	}
	entry = &s->entries[s->count++];
	*entry = (struct jt_log_entry){ .offset = place->offset, .size = place->size,
		.round = ref->round, .author = ref->author };
	memcpy(entry->id, ref->id, sizeof entry->id);
	if (s->low == 0 || ref->round < s->low)
		s->low = ref->round;
	if (ref->round > s->high)
		s->high = ref->round;
	return JT_OK;
}

static enum jt_err
add(void *ctx, const struct jt_object *o, const struct jt_log_place *place, struct jt_error *e)
{
	struct jt_ref ref = { 0 };
	enum jt_err err;

	if (!jt_object_is(o, jt_kind_block.name))
		return JT_OK;
	if ((err = jt_block_ref(o, &ref, e)) != JT_OK)
		return err;
	return jt_log_index_add(ctx, &ref, place, e);
}

enum jt_err
jt_log_index_make(struct jt_log *log, struct jt_segment *s, struct jt_error *e)
{
	enum jt_err err;

	jt_log_index_free(s);
	s->low = s->high = 0;
	if ((err = jt_log_walk(log, s, add, s, e)) != JT_OK)
		return err;
	s->indexed = true;
	return JT_OK;
}

enum jt_err
jt_log_index_need(struct jt_log *log, struct jt_segment *s, struct jt_error *e)
{
	bool again = s->high != 0;

	if (s->indexed || (again && log->limit == 0))
		return JT_OK;
	log->limit -= again && log->limit != JT_LOG_NO_LIMIT;
	return jt_log_index_make(log, s, e);
}

/*
 * An index that grows is searched from its end, where what is asked for most is;
 * one that does not is sorted once.
 */
void
jt_log_index_find(struct jt_segment *s, const struct jt_ref *ref, struct jt_log_place *place)
{
	struct jt_log_entry key = { .offset = 0 };
	const struct jt_log_entry *found = NULL;

	memcpy(key.id, ref->id, sizeof key.id);
	if (s->sorted_count < s->count) {
		size_t late = s->count - s->sorted_count;
		for (size_t i = s->count; found == NULL && i-- > s->sorted_count;)
			if (memcmp(s->entries[i].id, key.id, sizeof key.id) == 0)
				found = &s->entries[i];
		if (late > 1024) {
			qsort(s->entries, s->count, sizeof *s->entries, by_id);
			s->sorted_count = s->count;
			found = NULL;
		}
	}
	if (found == NULL && s->sorted_count > 0)
		found = bsearch(&key, s->entries, s->sorted_count, sizeof *s->entries, by_id);
	if (found != NULL)
		*place = (struct jt_log_place){ s->number, found->offset, found->size };
}

/* Insertion into the few that are wanted. */
size_t
jt_log_index_above(struct jt_segment *s, uint32_t author, uint32_t round,
    const struct jt_log_entry **found, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct jt_log_entry *x = &s->entries[i];
		size_t at = count;
		if (x->author != author || x->round <= round ||
		    (count == max && found[max - 1]->round <= x->round))
			continue;
		if (count < max)
			count++;
		else
			at = max - 1;
		for (; at > 0 && found[at - 1]->round > x->round; at--)
			found[at] = found[at - 1];
		found[at] = x;
	}
	return count;
}

void
jt_log_index_free(struct jt_segment *s)
{
	free(s->entries);
	s->entries = NULL;
	s->count = s->cap = s->sorted_count = 0;
	s->indexed = false;
}

void
jt_log_index_trim(struct jt_log *log)
{
	for (;;) {
		struct jt_segment *oldest = NULL;
		size_t held = 0;
		for (size_t i = 0; i + 1 < log->count; i++) {
			struct jt_segment *s = &log->segments[i];
			held += s->indexed;
			if (s->indexed && (oldest == NULL || s->used < oldest->used))
				oldest = s;
		}
		if (held < JT_LOG_INDEXES)
			return;
		jt_log_index_free(oldest);
	}
}
