/*
 * A validator that lies, to show what a vote bears. Inside is a correct member;
 * what it says goes through here on its way out, and comes out otherwise, or
 * with more than it said. The words of libjt/sim that are a voter's faults mean
 * the same here; some lies need real keys.
 *
 *	terms.out = where it goes
 *	jt_liar_out(l, way, object)    instead of that, for all the member says
 *	jt_liar_heard(l, object)       what peers send, beside the member
 *	jt_liar_more(l)                when something was taken
 *
 * Two of the faults are the program's: it dies (jt_liar_dies).
 */
#ifndef JT_LIAR_H
#define JT_LIAR_H

#include "member/member.h"

enum jt_lie {
	JT_LIE_CRASH,     /* stop for good */
	JT_LIE_RESTART,   /* die at any point, to be started again */
	JT_LIE_TWINS,     /* two or three blocks of one round, each for some */
	JT_LIE_CONES,     /* chains of blocks that are hidden for long, each for some */
	JT_LIE_WITHHOLD,  /* blocks go to f+1 others alone */
	JT_LIE_BADSHARE,  /* shares of the coin that are wrong, or none */
	JT_LIE_SILENT,    /* no answers to requests and hellos */
	JT_LIE_LIES,      /* blocks that are wrong about their parents */
	JT_LIE_STALE,     /* old blocks again and again */
	JT_LIE_FLOOD,     /* requests without end */
	JT_LIE_HELLO,     /* hellos that lie */
	JT_LIE_BADSIGN,   /* signatures that are not good, for some */
	JT_LIE_GARBAGE,   /* objects that no correct validator makes */
	JT_LIE_BADACK,    /* acknowledges other headers than its closer's, to some */
	JT_LIE_BADBEACON, /* shares of beacons that are wrong, or none */
	JT_LIE_BADCUT,    /* hands its closer other cuts than were decided */
	JT_LIES
};
extern const char *const jt_lie_words[]; /* ends with NULL */
extern const char *const jt_lie_help[];

struct jt_liar_terms {
	uint32_t lies;                      /* a mask of 1 << enum jt_lie */
	const struct jt_member_terms *member; /* the caller's: whose words they are */
	uint64_t seed;                      /* what it does by chance follows from this */
	void (*out)(void *ctx, enum jt_way way, struct jt_slice object);
	void *ctx;
};

struct jt_liar;
/* NULL when memory ran out. Sets what the lies need in *member. */
struct jt_liar *jt_liar_new(const struct jt_liar_terms *terms, struct jt_member_terms *member);
void jt_liar_free(struct jt_liar *l);

/* The member says this. JT_SYSTEM. */
enum jt_err jt_liar_out(struct jt_liar *l, enum jt_way way, struct jt_slice object,
    struct jt_error *e);
/* A peer said this (a jt/msg), which the member hears, too. */
enum jt_err jt_liar_heard(struct jt_liar *l, const struct jt_object *o, struct jt_error *e);
/* And more that it does not say. */
enum jt_err jt_liar_more(struct jt_liar *l, struct jt_error *e);
/* Is it time to die? JT_LIE_CRASH, JT_LIE_RESTART; JT_LIES: no. */
enum jt_lie jt_liar_dies(struct jt_liar *l);

#endif
