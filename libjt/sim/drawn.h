/* What a picture shows, for picture.c and the picture_*.c that write it alone. */
#ifndef JT_DRAWN_H
#define JT_DRAWN_H

#include "sim/picture.h"

struct jt_drawn_block {
	struct jt_ref ref;
	uint64_t items, at, message;  /* made at this ms, after so many messages */
	uint32_t *parents;            /* places in the list of blocks, its author's first */
	uint32_t parent_count;
	uint32_t twin;                /* the next of the same round and author, or JT_NONE */
	struct jt_voter_set has;      /* made or received it */
	uint32_t by;                  /* round of the leader that delivered it, or 0 */
	uint64_t ledger;              /* that it ended, or 0 */
	bool exists;                  /* for the viewer */
};
#define JT_NONE UINT32_MAX

struct jt_drawn_slot {
	uint32_t leader;              /* place + 1; 0: not elected */
	bool decided;
	enum jt_verdict verdict;
	enum jt_reason reason;
	uint32_t block;               /* committed, or JT_NONE */
	uint32_t anchor;              /* of the reasons that have one, or JT_NONE */
	uint32_t decided_by;          /* place + 1 */
	uint64_t decided_message;
	char why[256];                /* undecided: what is missing */
};

struct jt_drawn_round {
	uint32_t *first;              /* by author: place of the first block, or JT_NONE */
	uint32_t known_to;            /* place + 1 of who knew the leaders first */
	uint64_t known_message, known_at;
	struct jt_drawn_slot slot[JT_LEADERS_MAX];
};

/* Something that happened to a validator, after its block of `round`. */
struct jt_drawn_mark {
	enum jt_what what;            /* CRASH, RESTART, EVIDENCE */
	uint32_t who, round;          /* EVIDENCE: against whom, and in which round */
	uint32_t by;                  /* EVIDENCE: who saw it */
	uint64_t message;
};
#define JT_DRAWN_MARKS 4096

struct jt_picture {
	struct jt_committee c;
	uint32_t leaders;
	uint64_t seed;
	struct jt_buf faults;         /* "twins, crash" */
	struct jt_picture_terms terms;
	uint64_t messages;            /* the last that is shown */
	uint64_t last;                /* of the run */
	uint64_t at;                  /* ms */
	struct jt_drawn_block *blocks;
	uint32_t count, cap;
	uint32_t *names;              /* places of blocks by id: open addressing */
	uint32_t name_cap;
	struct jt_drawn_round *rounds; /* [round], the first unused */
	uint32_t high, round_cap;
	uint32_t newest[JT_VOTERS_MAX]; /* round of each one's newest block */
	struct jt_drawn_mark *marks;
	uint32_t mark_count, mark_cap;
	uint32_t *stack;              /* of walks */
	unsigned digits;              /* of ids, so that they differ */
	char note[256];               /* an invariant that did not hold */
};

/* Rounds in here begin with 1, whatever was left out: the number that it has in the run. */
static inline uint32_t
jt_drawn_number(const struct jt_picture *p, uint32_t round)
{
	return round + p->terms.after;
}

/* Fill in what follows from all events. JT_SYSTEM. */
enum jt_err jt_drawn_finish(struct jt_picture *p, struct jt_error *e);

/* Place of a block, or JT_NONE. */
uint32_t jt_drawn_find(const struct jt_picture *p, const uint8_t id[JT_HASH]);
/* Its first digits. */
void jt_drawn_name(const struct jt_picture *p, uint32_t block, char out[2 * JT_HASH + 1]);
/* "4 validators, seed 7, faults twins; after 60 of 90 messages; as known to v2" */
void jt_drawn_title(const struct jt_picture *p, struct jt_buf *out);
/* "committed 3fa2: a quorum certifies" */
void jt_drawn_why(const struct jt_picture *p, const struct jt_drawn_slot *s, struct jt_buf *out);

#endif
