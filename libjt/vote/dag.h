/*
 * The graph that validators vote with: blocks, each of one round and one
 * author, each naming its author's block before and at least a quorum of
 * blocks of the round before. There are no other votes.
 *
 * This is the store of blocks and the questions of reach that the rule
 * (rule.h) and the order (order.h) ask; it decides nothing. Blocks are added
 * after their parents and are never changed. Everything is in memory; what
 * lies at or below the horizon is dropped (jt_dag_prune).
 *
 * Sources: Cordial Miners (arXiv 2205.09174), Mahi-Mahi (arXiv 2410.08670).
 */
#ifndef JT_DAG_H
#define JT_DAG_H

#include "base/error.h"
#include "crypto/hash.h"

#define JT_VOTERS_MAX 128
#define JT_LEADERS_MAX 3
#define JT_VOTER_WORDS (JT_VOTERS_MAX / 64)
#define JT_SHARE_MAX 96 /* bytes of a coin share and its proof */

/* How many there are, and the numbers that follow. */
struct jt_committee {
	uint32_t n; /* validators, 1 to JT_VOTERS_MAX */
	uint32_t f; /* of which may be faulty: (n-1)/3 */
	uint32_t q; /* quorum: n-f */
	uint32_t t; /* one correct one at least: f+1 */
};
struct jt_committee jt_committee_of(uint32_t n);

/* A set of validators, by their place in the set. */
struct jt_voter_set {
	uint64_t word[JT_VOTER_WORDS];
};
void jt_voter_set_add(struct jt_voter_set *s, uint32_t voter);
bool jt_voter_set_has(const struct jt_voter_set *s, uint32_t voter);
uint32_t jt_voter_set_count(const struct jt_voter_set *s);
void jt_voter_set_join(struct jt_voter_set *s, const struct jt_voter_set *more);

struct jt_ref {
	uint32_t round;
	uint32_t author;
	uint8_t id[JT_HASH];
};

/*
 * A block as it was received. Whoever makes it owns it, and keeps it until the
 * graph has copied what it needs (jt_dag_add copies all but `payload`).
 */
struct jt_block {
	struct jt_ref ref;
	uint64_t time;                 /* ms, by its author's clock */
	const struct jt_ref *parents;  /* [0]: its author's block before */
	uint32_t parent_count;
	uint32_t items;                /* payload objects */
	uint32_t bytes;                /* of payload */
	const void *payload;           /* the caller's; the graph hands it on */
	uint8_t share[JT_SHARE_MAX];
	uint32_t share_len;            /* 0: none */
};

/* A block in the graph. */
struct jt_vertex {
	struct jt_ref ref;
	uint64_t time;
	uint32_t items, bytes;
	const void *payload;
	uint32_t share_len;
	uint8_t share[JT_SHARE_MAX];
	uint32_t parent_count;
	uint32_t lowest;               /* round of its lowest parent that is here */
	struct jt_vertex **parents;    /* NULL: below the horizon when it came */
	struct jt_vertex *twin;        /* the next block of the same round and author */
	struct jt_vertex *next;        /* of the same round, in order of coming */
	struct jt_voter_set seen_by;   /* authors with a block whose cone holds this one */
	uint64_t order;                /* it came as this block, from 1 */
	bool first;                    /* the first of its round and author to come */
	bool delivered;
	bool cut;                      /* its payload is in a ledger */
	/* For the leaders of the rounds below: rule.c. */
	struct jt_vertex *support[3][JT_LEADERS_MAX]; /* [d-1]: of round-d */
	struct jt_vertex *certifies[JT_LEADERS_MAX];  /* of round-4 */
	uint64_t mark;                 /* of the last walk that came here */
	struct jt_voter_set marks;     /* order.c */
	uint64_t marks_of;
};

struct jt_round {
	struct jt_vertex *first[JT_VOTERS_MAX]; /* by author; further ones by ->twin */
	struct jt_vertex *list, **tail;
	struct jt_voter_set authors;
	uint32_t count;
};

struct jt_dag {
	struct jt_committee c;
	uint32_t low;              /* the horizon: only rounds above it are kept */
	uint32_t high;             /* the highest round with a block, or low */
	struct jt_round **rounds;  /* [r - base] */
	uint32_t base, cap;
	struct jt_vertex **slots;  /* by id */
	size_t slot_cap, count;
	struct jt_vertex *latest[JT_VOTERS_MAX]; /* newest of each author, while it is one chain */
	struct jt_voter_set forked; /* authors whose blocks are no single chain */
	uint64_t came;             /* blocks added so far */
	uint64_t walk;             /* number of the last walk */
	struct jt_vertex **stack;  /* of walks */
	size_t stack_cap;
};

/* Genesis blocks (round 0) of all authors are there from the start; ids by `seed`. */
enum jt_err jt_dag_init(struct jt_dag *d, uint32_t n, const uint8_t seed[JT_HASH],
    struct jt_error *e);
void jt_dag_free(struct jt_dag *d);
void jt_dag_genesis_ref(const uint8_t seed[JT_HASH], uint32_t author, struct jt_ref *ref);

/* NULL when it is not there. */
struct jt_vertex *jt_dag_find(const struct jt_dag *d, const uint8_t id[JT_HASH]);
/* NULL when no block of that round is kept. */
struct jt_round *jt_dag_round(const struct jt_dag *d, uint32_t round);

/*
 * What can be said of a block without the graph: authors and rounds in
 * bounds, parents of lower rounds and of different authors, the first its
 * author's, a quorum of them of the round before. JT_MALFORMED with the reason.
 */
enum jt_err jt_block_check(const struct jt_committee *c, const struct jt_block *b,
    struct jt_error *e);

/* The first parent above the horizon that is not in the graph, or NULL. */
const struct jt_ref *jt_dag_missing(const struct jt_dag *d, const struct jt_block *b,
    uint32_t from);

/*
 * Are the parents that are in the graph of the rounds and authors that the block
 * says they are? The check above believes it: without this one, a block could
 * name one parent by several names, and have a quorum alone.
 */
bool jt_dag_fits(const struct jt_dag *d, const struct jt_block *b);

/*
 * Does the block have two of its author's in its cone that are of one round? No
 * correct author's has. All parents above the horizon must be there.
 */
bool jt_dag_repeats(struct jt_dag *d, const struct jt_block *b);

/* Add a block whose parents above the horizon are all there. JT_SYSTEM. */
enum jt_err jt_dag_add(struct jt_dag *d, const struct jt_block *b, struct jt_vertex **v,
    struct jt_error *e);

/*
 * A walk over a cone: jt_dag_walk begins it, with nothing visited. A push puts a
 * vertex on d->stack and counts *depth, unless this walk has had it or it is
 * NULL; false when out of memory. Who walks takes vertices off, and pushes
 * those of their parents that are to be visited. One walk at a time.
 */
void jt_dag_walk(struct jt_dag *d);
bool jt_dag_walk_push(struct jt_dag *d, struct jt_vertex *v, size_t *depth);

/* Is `below` in the cone of v? Only looks at rounds >= below's. */
bool jt_dag_reaches(struct jt_dag *d, struct jt_vertex *v, const struct jt_vertex *below);

/* Drop all rounds up to `low`. */
void jt_dag_prune(struct jt_dag *d, uint32_t low);

#endif
