/*
 * A vote of real voters, watched from outside: what goes between them in, the
 * record of a run (run.h) out, as of a simulated one.
 *
 * What happens inside a voter is told by an observer of its own (voter.h) that
 * is given the blocks which the voter made and received. The coin's shares are
 * in the blocks and its key is public, so the observer learns leaders, decides
 * and cuts as the voter does, or a moment earlier. What a voter had before it
 * was watched is not known here, unless it has a mark: of a vote that goes on
 * where another one stopped, blocks are recorded and no decisions.
 */
#ifndef JT_WATCH_H
#define JT_WATCH_H

#include "crypto/coin.h"
#include "sim/run.h"
#include "vote/block.h"
#include "vote/mark.h"

#define JT_WATCH_SEEN 32768 /* blocks that are known to be recorded, at least */

struct jt_watch_terms {
	struct jt_electorate electorate;
	const struct jt_coin_public *coin; /* the caller's; NULL: none was dealt */
	struct jt_voter_terms voter;
	/* Each event as it happens; what it points to is gone when this returns. */
	void (*record)(void *ctx, const struct jt_event *e);
	void *ctx;
};

struct jt_watch;
/* NULL when memory ran out. */
struct jt_watch *jt_watch_new(const struct jt_watch_terms *terms);
void jt_watch_free(struct jt_watch *w);

/* ms since the run began. */
void jt_watch_time(struct jt_watch *w, uint64_t at);

/*
 * This is where the voter begins, of whose blocks only those above the mark's
 * horizon will follow: before anything else that is said of it. JT_MALFORMED.
 */
enum jt_err jt_watch_mark(struct jt_watch *w, uint32_t voter, const struct jt_mark *m,
    struct jt_error *e);

/*
 * Voters are places in the set. A message is an object (what is in a jt/msg);
 * what is no good block counts for nothing. JT_SYSTEM.
 */
/* The voter said this, to one or to all: call it once. */
enum jt_err jt_watch_said(struct jt_watch *w, uint32_t from, const struct jt_object *o,
    struct jt_error *e);
/* It came to one of those it was for, or was lost. Numbers ascend from 1. */
enum jt_err jt_watch_came(struct jt_watch *w, uint64_t message, uint32_t from, uint32_t to,
    const struct jt_object *o, struct jt_error *e);
void jt_watch_lost(struct jt_watch *w, uint64_t message, uint32_t from, uint32_t to);
void jt_watch_stopped(struct jt_watch *w, uint32_t voter);
void jt_watch_began(struct jt_watch *w, uint32_t voter); /* again */

#endif
