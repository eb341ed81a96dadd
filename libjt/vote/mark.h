/*
 * A mark: what a voter knows of the rounds that it will not look at again, so
 * that it can begin there instead of at the first block ever made.
 *
 * Take one between any two inputs, write it to the log (jt/mark), and from
 * then on the log needs only blocks above its horizon, and the payload of what
 * it names as waiting. To begin again: a new voter, jt_voter_restore_mark, then
 * jt_voter_restore of those blocks in the log's order, then jt_voter_resume, or
 * jt_voter_lost when the mark says so. What follows is what would have
 * followed from all blocks.
 *
 * What is delivered above the horizon is not written down: it is the cones of
 * the leaders committed above it.
 */
#ifndef JT_MARK_H
#define JT_MARK_H

#include "object/kind.h"
#include "vote/voter.h"

#define JT_MARK_LEADERS (JT_LEADERS_MAX * 256) /* depth is below 256 */
#define JT_MARK_WAITING 16384

struct jt_mark_ref {
	uint64_t author; /* place in the validator set, from 0 */
	uint8_t id[JT_HASH];
	uint64_t round;
};
struct jt_mark_author {
	uint64_t author;
};
struct jt_mark_waiting {
	uint64_t author;
	uint64_t bytes;
	uint8_t id[JT_HASH];
	uint64_t items;
	uint64_t round;
	const void *payload;     /* not in the object: the caller's, where the block is not restored */
};

struct jt_mark {
	uint64_t cuts;           /* so far */
	uint64_t delivered;      /* blocks so far */
	struct jt_list exposed;  /* of struct jt_mark_author */
	uint64_t floor;          /* own blocks only from this round on, if the log was lost once */
	struct jt_mark_ref last; /* one's own newest block; round 0: none */
	uint64_t leader;    /* round of the leader committed last */
	struct jt_list leaders;  /* of struct jt_mark_ref: committed above low */
	uint64_t lost;           /* 1: the log was lost, and others' word is not in */
	uint64_t low;            /* the horizon: what lies at or below is not needed */
	uint64_t round;          /* the first leader slot that is not decided: its round */
	uint64_t since;          /* round since which payload waits, 0: none does */
	uint64_t slot;           /* and number */
	uint64_t time;           /* of the last cut, ms */
	struct jt_list waiting;  /* of struct jt_mark_waiting: delivered and in no ledger */
};
extern const struct jt_kind jt_kind_mark;

/* The lists are the voter's, until its next input. JT_SYSTEM when memory ran out. */
enum jt_err jt_voter_mark(struct jt_voter *v, struct jt_mark *m, struct jt_error *e);

/* Before anything else that a new voter is told. JT_MALFORMED for what no voter wrote. */
enum jt_err jt_voter_restore_mark(struct jt_voter *v, const struct jt_mark *m,
    struct jt_error *e);

#endif
