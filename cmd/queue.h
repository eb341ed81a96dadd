/*
 * What waits to be said to each of several peers. A note is one object, kept
 * once however many queues it is in; a queue is bounded in bytes, and is read
 * in pieces that do not end where notes do.
 *
 *	n = cmd_note(object);
 *	for each peer: if (!cmd_queue_put(&q, n)) cmd_queue_drop(&q);
 *	cmd_note_free(n);
 *	piece = cmd_queue_piece(&q, space, 65536); ... cmd_queue_took(&q, piece.len);
 */
#ifndef CMD_QUEUE_H
#define CMD_QUEUE_H

#include "cmd.h"

struct cmd_note {
	size_t refs, len;
	uint8_t bytes[];
};
/* Ends the program without memory. */
struct cmd_note *cmd_note(struct jt_slice object);
/* The last one who has it frees it. */
void cmd_note_free(struct cmd_note *n);

struct cmd_queue {
	struct cmd_note **ring; /* of `cap`, a power of two */
	size_t first, count, cap;
	size_t taken;           /* bytes of the first one that were taken */
	size_t bytes, max;      /* that wait, each note with what it costs */
};
void cmd_queue_init(struct cmd_queue *q, size_t max);
/* False, and nothing queued, when that is too much. */
bool cmd_queue_put(struct cmd_queue *q, struct cmd_note *n);
/*
 * Up to `most` bytes from the front, gathered in `space` or where they lie; they stay until
 * cmd_queue_took.
 */
struct jt_slice cmd_queue_piece(const struct cmd_queue *q, uint8_t *space, size_t most);
void cmd_queue_took(struct cmd_queue *q, size_t len);
/* Forget what waits, but for the rest of a note that is half taken. */
void cmd_queue_drop(struct cmd_queue *q);
/* Forget all of it. */
void cmd_queue_clear(struct cmd_queue *q);

#endif
