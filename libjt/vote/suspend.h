/*
 * Blocks that wait for ancestors, and who was asked for which. For voter.c
 * alone.
 */
#ifndef JT_SUSPEND_H
#define JT_SUSPEND_H

#include "vote/dag.h"

struct jt_suspended {
	struct jt_block block; /* parents are its own copy */
	uint32_t from;
};
struct jt_asked {
	uint8_t id[JT_HASH];
	uint32_t round;
	struct jt_voter_set peers;
};
struct jt_suspension {
	struct jt_suspended *blocks;
	size_t count, cap;
	uint32_t of_peer[JT_VOTERS_MAX];
	struct jt_asked *asked;
	size_t asked_count, asked_cap;
};

void jt_suspension_free(struct jt_suspension *s);
/* Keep a copy; false when memory ran out. */
bool jt_suspend(struct jt_suspension *s, const struct jt_block *b, uint32_t from);
bool jt_is_suspended(const struct jt_suspension *s, const uint8_t id[JT_HASH]);
/* Take block i out; the caller frees its parents. */
struct jt_suspended jt_unsuspend(struct jt_suspension *s, size_t i);

/* Note that a peer is asked; false when it was before, or memory ran out. */
bool jt_ask(struct jt_suspension *s, const struct jt_ref *ref, uint32_t peer);
bool jt_was_asked(const struct jt_suspension *s, const uint8_t id[JT_HASH]);
/* The block came, or what lies at or below `low` will never be needed. */
void jt_forget_asked(struct jt_suspension *s, const uint8_t *id, uint32_t low);
/* A peer came back: it may be asked again. */
void jt_forget_peer(struct jt_suspension *s, uint32_t peer);

#endif
