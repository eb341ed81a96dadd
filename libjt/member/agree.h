/*
 * Do voters hand out the same cuts? What each of them gives its closer, cut by
 * cut: parts, their payload, the jt/cut. A cut that enough of them gave alike is
 * agreed, and who gave or gives another one is named.
 *
 * Objects in, callbacks out; it keeps the bytes of cuts that are not agreed yet,
 * JT_AGREE_AHEAD of a voter at most, and the hashes of the newest that are.
 */
#ifndef JT_AGREE_H
#define JT_AGREE_H

#include "state/header.h"

#define JT_AGREE_VOTERS 128
#define JT_AGREE_AHEAD 8    /* cuts that a voter is ahead of what is agreed, at most */
#define JT_AGREE_PAST 1024  /* agreed cuts whose hashes are kept */

struct jt_agree_ops {
	/* Agreed, in order; the objects are the caller's until it returns. */
	void (*agreed)(void *ctx, uint64_t n, struct jt_slice objects, uint64_t items);
	/* The voter's cut is not that of the other one. */
	void (*differs)(void *ctx, uint64_t n, uint32_t voter, uint32_t other);
};

struct jt_agree;
/* enough: f+1, one correct voter at least. NULL: out of memory. */
struct jt_agree *jt_agree_new(uint32_t voters, uint32_t enough, const struct jt_agree_ops *ops,
    void *ctx);
void jt_agree_free(struct jt_agree *a);

/*
 * The next object that a voter has for its closer. JT_MALFORMED: no correct
 * voter hands that out, and until it begins again it is not listened to.
 */
enum jt_err jt_agree_take(struct jt_agree *a, uint32_t voter, const struct jt_object *o,
    struct jt_error *e);
/* The last cut that came whole from a voter; it begins again behind it. */
uint64_t jt_agree_last(const struct jt_agree *a, uint32_t voter);
void jt_agree_again(struct jt_agree *a, uint32_t voter);
/* Is there room for one more of its cuts? */
bool jt_agree_has_room(const struct jt_agree *a, uint32_t voter);

/* No more will come: of the next cut, which is not agreed, who differs from whom? */
void jt_agree_end(struct jt_agree *a);
uint64_t jt_agree_agreed(const struct jt_agree *a); /* the last cut */

#endif
