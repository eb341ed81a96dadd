/* Bounded queues of objects, each kept once. See queue.h. */
#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOTE_COST = 64, /* bytes that a note takes besides its own, so that small ones are bounded */
	RING_LEAST = 64
};

struct cmd_note *
cmd_note(struct jt_slice object)
{
	struct cmd_note *n = malloc(sizeof *n + object.len);

	if (n == NULL)
		die(JT_SYSTEM, "out of memory");
	n->refs = 1;
	n->len = object.len;
	memcpy(n->bytes, object.data, object.len);
	return n;
}

void
cmd_note_free(struct cmd_note *n)
{
	if (--n->refs == 0)
		free(n);
}

void
cmd_queue_init(struct cmd_queue *q, size_t max)
{
	*q = (struct cmd_queue){ .max = max };
}

static struct cmd_note **
slot(const struct cmd_queue *q, size_t i)
{
	return &q->ring[(q->first + i) & (q->cap - 1)];
}

static void
grow(struct cmd_queue *q)
{
	size_t cap = q->cap == 0 ? RING_LEAST : 2 * q->cap;
	struct cmd_note **ring = malloc(cap * sizeof(struct cmd_note *));

	if (ring == NULL)
		die(JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < q->count; i++)
		ring[i] = *slot(q, i);
	free(q->ring);
	q->ring = ring;
	q->first = 0;
	q->cap = cap;
}

bool
cmd_queue_put(struct cmd_queue *q, struct cmd_note *n)
{
	if (q->bytes + n->len + NOTE_COST > q->max)
		return false;
	if (q->count == q->cap)
		grow(q);
	*slot(q, q->count++) = n;
	q->bytes += n->len + NOTE_COST;
	n->refs++;
	return true;
}

struct jt_slice
cmd_queue_piece(const struct cmd_queue *q, uint8_t *space, size_t most)
{
	size_t len = 0, skip = q->taken;

	for (size_t i = 0; i < q->count && len < most; i++, skip = 0) {
		const struct cmd_note *n = *slot(q, i);
		size_t part = n->len - skip < most - len ? n->len - skip : most - len;
		if (part == most) /* alone it is enough */
			return (struct jt_slice){ n->bytes + skip, part };
		memcpy(space + len, n->bytes + skip, part);
		len += part;
	}
	return (struct jt_slice){ space, len };
}

static void
remove_first(struct cmd_queue *q)
{
	struct cmd_note *n = *slot(q, 0);

	q->bytes -= n->len + NOTE_COST;
	q->first = (q->first + 1) & (q->cap - 1);
	q->count--;
	q->taken = 0;
	cmd_note_free(n);
}

void
cmd_queue_took(struct cmd_queue *q, size_t len)
{
	while (len > 0) {
		size_t rest;

		assert(q->count > 0);
		rest = (*slot(q, 0))->len - q->taken;
		if (len < rest) {
			q->taken += len;
			return;
		}
		len -= rest;
		remove_first(q);
	}
}

void
cmd_queue_drop(struct cmd_queue *q)
{
	size_t keep = q->taken > 0;

	while (q->count > keep) {
		struct cmd_note *n = *slot(q, --q->count);
		q->bytes -= n->len + NOTE_COST;
		cmd_note_free(n);
	}
}

void
cmd_queue_clear(struct cmd_queue *q)
{
	while (q->count > 0)
		remove_first(q);
	free(q->ring);
	cmd_queue_init(q, q->max);
}
