/* The inside of a simulated vote, for sim.c, schedule.c, behave.c and judge.c alone. */
#ifndef JT_WORLD_H
#define JT_WORLD_H

#include "base/buf.h"
#include "sim/sim.h"

enum jt_packet_type { JT_PACKET_BLOCK, JT_PACKET_GET, JT_PACKET_HELLO };

/* A message under way. */
struct jt_packet {
	enum jt_packet_type type;
	uint32_t from, to;
	uint64_t number;        /* from 1, in order of sending */
	uint32_t delay;         /* FIFO: drawn when it was sent */
	bool copied;            /* DUPLICATE: a second one was made */
	struct jt_ref ref;      /* BLOCK */
	uint32_t count;
	void *list;             /* GET: refs; HELLO: a struct jt_hello; owned */
};

/* A block that somebody made; all voters share it. */
struct jt_made {
	struct jt_block block;
	uint64_t *items;        /* handles */
	struct jt_made *twin;   /* another one of the same round and author */
	struct jt_voter_set held; /* who has it in its log */
};

enum jt_item_state { JT_ITEM_WAITS, JT_ITEM_IN_BLOCK, JT_ITEM_DELIVERED };

struct jt_world;
struct jt_node {
	struct jt_world *w;
	uint32_t me;
	struct jt_voter *voter;     /* NULL while it is down */
	uint32_t faults;            /* a mask; 0: correct */
	bool correct;               /* down or slow perhaps, but never lying */
	struct jt_made **log;       /* what it persisted, in order */
	size_t log_count, log_cap;
	struct jt_made **own;       /* what it made, in order */
	size_t own_count, own_cap;
	struct jt_buf mark;         /* in its log: where it may begin again */
	size_t mark_delivered, mark_cuts;
	bool killed;                /* while it works: nothing more is sent */
	bool kill_next;             /* die between persisting and sending */
	uint64_t back_at;           /* message at which it comes back */
	size_t delivered, cuts;     /* its places in the world's logs */
	uint64_t *items;            /* given to it */
	enum jt_item_state *states;
	size_t item_count, item_cap;
};

struct jt_world_cut {
	struct jt_ref leader;
	uint64_t time;
	uint8_t parts[JT_HASH];
};
struct jt_world_slot {
	bool decided;
	enum jt_verdict verdict;
	uint8_t block[JT_HASH];
};

struct jt_world {
	struct jt_sim_terms t;
	struct jt_committee c;
	struct jt_sim_result *r;
	struct jt_voter_ops ops;
	uint64_t random;
	uint64_t clock;             /* ms */
	struct jt_node *nodes;
	struct jt_made **made;      /* by id: open addressing */
	size_t made_count, made_cap;
	struct jt_packet **queue;
	size_t queued, queue_cap;
	uint64_t sent;
	bool fair;                  /* from now on every message is delivered, by chance */
	uint64_t fair_at;           /* message */
	uint32_t given;             /* items so far */
	uint32_t known_coin;        /* the highest round whose coin a scheduler may know */
	struct jt_made **log;       /* the order that all must deliver */
	size_t log_count, log_cap;
	struct jt_world_cut *cuts;
	size_t cut_count, cut_cap;
	struct jt_world_slot *slots; /* [round * leaders + slot] */
	size_t slot_cap;
	uint32_t *leaders;          /* [round]: 1 more than the leader, for schedulers */
	size_t leader_cap;
	uint8_t *item_cut;          /* by handle: how often it is in a cut */
	bool no_memory;
};

/* sim.c */
uint64_t jt_world_random(struct jt_world *w, uint64_t below);
void jt_world_send(struct jt_world *w, struct jt_packet p);
struct jt_made *jt_world_find(const struct jt_world *w, const uint8_t id[JT_HASH]);
void jt_world_coin(const struct jt_world *w, uint32_t round, uint8_t out[64]);
uint32_t jt_world_leader(struct jt_world *w, uint32_t round);
void jt_world_record(struct jt_world *w, struct jt_event *e);
void *jt_world_grow(struct jt_world *w, void *array, size_t count, size_t *cap, size_t size);
struct jt_made *jt_world_make(struct jt_world *w, struct jt_block *b,
    const struct jt_own_item *items, size_t count);
void jt_node_start(struct jt_node *node);
void jt_node_stop(struct jt_node *node);
/*
 * So far behind the others that it must go on soon: what lies deeper than their
 * horizon they cannot give it any more, and only certified state would help.
 */
bool jt_world_lags(const struct jt_world *w, const struct jt_node *node);

/* schedule.c: the queue's next message, or SIZE_MAX when none may go yet. */
size_t jt_world_choose(struct jt_world *w);

/* behave.c: what a faulty voter does when a correct one would send. */
void jt_behave_block(struct jt_node *node, uint32_t to, const struct jt_ref *ref);
void jt_behave_idle(struct jt_node *node);
void jt_behave_hello(struct jt_node *node, struct jt_hello *h);
uint32_t jt_behave_share(struct jt_node *node, uint32_t round, uint8_t out[JT_SHARE_MAX]);

/* judge.c: the invariants. */
void jt_judge_broken(struct jt_world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void jt_judge_made(struct jt_node *node, const struct jt_made *m);
void jt_judge_delivered(struct jt_node *node, const struct jt_vertex *v);
void jt_judge_cut(struct jt_node *node, const struct jt_decided_cut *cut);
void jt_judge_decided(struct jt_node *node, uint32_t round, uint32_t slot,
    const struct jt_slot *s);
void jt_judge_end(struct jt_world *w);

#endif
