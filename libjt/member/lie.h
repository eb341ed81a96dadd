/* The inside of a liar, for liar.c, lie_block.c and lie_more.c alone. See liar.h. */
#ifndef JT_LIE_H
#define JT_LIE_H

#include "member/inner.h"
#include "member/liar.h"

#define JT_LIE_OLD 16    /* blocks of its own, to be said again */
#define JT_LIE_KNOWN 64  /* blocks of all, to be asked for */
#define JT_LIE_CHAINS 2  /* hidden at a time, */
#define JT_LIE_HIDDEN 64 /* and so many of their blocks are remembered */

struct jt_liar {
	struct jt_liar_terms terms;
	const struct jt_member_terms *m;
	struct jt_committee c;
	uint64_t random;
	msgpack_zone *zone;
	struct jt_buf body, msg;
	struct jt_buf old[JT_LIE_OLD];
	uint32_t old_count;   /* so far */
	struct jt_head_ref known[JT_LIE_KNOWN];
	uint32_t known_count; /* so far */
	struct jt_ref tips[JT_LIE_CHAINS];
	struct {
		uint8_t id[JT_HASH];
		struct jt_buf object;
	} hidden[JT_LIE_HIDDEN];
	uint32_t hidden_count; /* so far */
	uint64_t ledger;       /* last acknowledged */
};

/* liar.c */
uint64_t jt_lie_draw(struct jt_liar *l, uint64_t below);
bool jt_lie_does(const struct jt_liar *l, enum jt_lie lie);
/* Another validator. */
uint32_t jt_lie_peer(struct jt_liar *l);
/* To one validator, or to all (JT_ALL). */
enum jt_err jt_lie_say(struct jt_liar *l, uint32_t to, struct jt_slice object, struct jt_error *e);

/* lie_block.c */
/* One of its own, with all that is in it. */
enum jt_err jt_lie_open(struct jt_liar *l, struct jt_slice object, struct jt_block *b,
    struct jt_slice *items, struct jt_error *e);
/* A new block of its own, which the member has for all. */
enum jt_err jt_lie_block(struct jt_liar *l, struct jt_slice object, struct jt_error *e);
/* Hidden blocks are given to who asks for them. */
enum jt_err jt_lie_get(struct jt_liar *l, uint32_t from, const struct jt_object *o,
    struct jt_error *e);

#endif
