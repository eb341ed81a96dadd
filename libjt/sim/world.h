/* The inside of a simulated vote, for its own files alone (sim.c lists them). */
#ifndef JT_WORLD_H
#define JT_WORLD_H

#include "base/buf.h"
#include "sim/sim.h"

#define JT_SIM_HAS(mask, fault) ((mask) >> (fault) & 1)

enum jt_packet_type { JT_PACKET_BLOCK, JT_PACKET_GET, JT_PACKET_HELLO };

/* A message under way. */
struct jt_packet {
	enum jt_packet_type type;
	uint32_t from, to;
	uint32_t face;          /* of those who have two */
	uint64_t number;        /* from 1, in order of sending */
	uint64_t due;           /* that, and a delay */
	bool copied;            /* DUPLICATE: a second one was made */
	struct jt_ref ref;      /* BLOCK */
	uint32_t count;
	void *list;             /* GET: refs; HELLO: a struct jt_hello; owned */
	size_t at;              /* its place in the queue */
	struct jt_packet *older, *newer;
};

/* A block that somebody made; all voters share it. */
struct jt_made {
	struct jt_block block;
	uint64_t *items;        /* handles */
	uint8_t *proof;         /* what signs it, where signatures are real */
	struct jt_voter_set held; /* who has it in its log */
	bool delivered;         /* to some correct voter */
};

enum jt_item_state { JT_ITEM_WAITS, JT_ITEM_IN_BLOCK, JT_ITEM_DELIVERED };
struct jt_item {
	uint32_t owner;
	enum jt_item_state state; /* at its owner */
	uint8_t cuts;           /* in so many */
};

struct jt_world;
struct jt_node {
	struct jt_world *w;
	uint32_t me;
	uint32_t face;              /* FACES: 0 or 1, the half that sees this one */
	struct jt_voter *voter;     /* NULL while it is down */
	uint32_t faults;            /* a mask; 0: correct */
	bool started;
	bool correct;               /* down or slow perhaps, but never lying */
	struct jt_made **log;       /* what it persisted, in order */
	size_t log_count, log_cap;
	size_t synced;              /* so much of it is durable */
	struct jt_made **own;       /* what it made, in order */
	size_t own_count, own_cap;
	struct jt_buf mark;         /* in its log: where it may begin again */
	size_t mark_delivered, mark_cuts;
	uint32_t losses;            /* of the log */
	bool lost, found;           /* it was lost, and others' word is not in; just now it is */
	uint32_t sent_round;        /* of its own block that left last, */
	const struct jt_made *sent; /* which is this one */
	uint64_t steps;             /* writes and messages */
	bool killed;                /* while it works: nothing more is sent */
	bool kill_next;             /* die between persisting and sending */
	uint64_t back_at;           /* message at which it comes back */
	size_t delivered, cuts;     /* its places in the world's logs */
	uint32_t waiting;           /* items to be given to the voter */
	struct jt_made *chain[8];   /* CONES: the newest of its hidden twins */
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

struct jt_world;
/* Cryptography: crypto.c. All return false when memory ran out or nothing good came. */
struct jt_sim_crypto {
	bool (*start)(struct jt_world *w);
	void (*end)(struct jt_world *w);
	/* The id of a block, and its proof. */
	bool (*sign)(struct jt_world *w, struct jt_made *m);
	bool (*verify)(struct jt_world *w, const struct jt_made *m);
	/* The length of the share of voter `me` in the coin of a round. */
	uint32_t (*share)(struct jt_world *w, uint32_t me, uint32_t round, uint8_t out[JT_SHARE_MAX]);
	bool (*coin)(struct jt_world *w, uint32_t me, uint32_t round,
	    const struct jt_voter_share *shares, size_t count, uint8_t out[64]);
	/* What the coin will be: for schedulers, and to compare. */
	void (*foresee)(struct jt_world *w, uint32_t round, uint8_t out[64]);
};
extern const struct jt_sim_crypto jt_sim_modelled, jt_sim_real;

struct jt_world {
	struct jt_sim_terms t;
	struct jt_committee c;
	struct jt_sim_result *r;
	const struct jt_sim_crypto *crypto;
	void *keys;                 /* of crypto */
	uint64_t random;
	uint64_t clock;             /* ms */
	struct jt_node *nodes;      /* n, and n more for the second faces of those who have them */
	struct jt_made **made;      /* by id: open addressing */
	size_t made_count, made_cap;
	struct jt_packet **queue;   /* a heap: [0] is due first */
	size_t queued, queue_cap;
	struct jt_packet *newest;   /* of all in the queue */
	uint64_t sent;
	bool fair;                  /* from now on every message is delivered, in order */
	uint32_t known_coin;        /* the highest round whose coin a scheduler may know */
	struct jt_made **log;       /* the order that all must deliver */
	size_t log_count, log_cap;
	struct jt_world_cut *cuts;
	size_t cut_count, cut_cap;
	struct jt_world_slot *slots; /* [round * leaders + slot] */
	size_t slot_cap;
	uint32_t flips;             /* slots since a leader was committed at once */
	uint32_t *leaders;          /* [round]: 1 more than the leader, for schedulers */
	size_t leader_cap;
	struct jt_item *items;      /* by handle */
	uint32_t given;             /* so many of them */
	bool no_memory;
};

/* world.c */
uint64_t jt_world_random(struct jt_world *w, uint64_t below);
/* Room for one more, or no_memory and the array as it was. */
void *jt_world_grow(struct jt_world *w, void *array, size_t count, size_t *cap, size_t size);
void jt_world_record(struct jt_world *w, struct jt_event *e);
struct jt_made *jt_world_find(const struct jt_world *w, const uint8_t id[JT_HASH]);
/* Give a block its id, and keep it; NULL when memory ran out. */
struct jt_made *jt_world_make(struct jt_world *w, const struct jt_block *b,
    const struct jt_own_item *items, size_t count);
/* Who is elected in a round, known or not. */
uint32_t jt_world_leader(struct jt_world *w, uint32_t round);
/* Takes p.list. */
void jt_world_send(const struct jt_node *from, struct jt_packet p);
/* Two halves of the voters: 0 and 1. */
uint32_t jt_world_half(const struct jt_world *w, uint32_t voter);
struct jt_node *jt_world_node(const struct jt_world *w, uint32_t voter, uint32_t face);
/* Take a packet out of the queue; the caller frees it. */
struct jt_packet *jt_world_take(struct jt_world *w, size_t at);
void jt_packet_free(struct jt_packet *p);
void jt_world_free(struct jt_world *w);

/* node.c */
void jt_node_start(struct jt_node *node);
void jt_node_stop(struct jt_node *node);
/* Give the voter items that are in no block of its own which can still be delivered. */
void jt_node_give(struct jt_node *node);
/* A message came; or the link to another broke, or is there again. */
void jt_node_receive(struct jt_node *node, const struct jt_packet *p);
void jt_node_peer(struct jt_node *node, uint32_t peer, bool up);

/* For both of its files. */
void jt_node_check(struct jt_world *w, enum jt_err err, const struct jt_error *e);
void jt_node_set_state(struct jt_node *node, const struct jt_made *m, enum jt_item_state state);

/* node_log.c: write down where it stands; begin again; what a crash leaves; nothing is left. */
void jt_node_take_mark(struct jt_node *node);
void jt_node_restore(struct jt_node *node);
void jt_node_crash_log(struct jt_node *node);
void jt_node_lose_log(struct jt_node *node);

/* schedule.c: the queue's next message, or SIZE_MAX when there is none. */
size_t jt_world_choose(struct jt_world *w);

/* behave.c: what a faulty voter does when a correct one would send. */
void jt_behave_block(struct jt_node *node, uint32_t to, const struct jt_ref *ref);
void jt_behave_idle(struct jt_node *node);
void jt_behave_hello(struct jt_node *node, struct jt_hello *h);
uint32_t jt_behave_share(struct jt_node *node, uint32_t round, uint8_t out[JT_SHARE_MAX]);

/* judge.c: the invariants. */
void jt_judge_broken(struct jt_world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void jt_judge_sent(struct jt_node *node, const struct jt_made *m);
void jt_judge_delivered(struct jt_node *node, const struct jt_vertex *v);
void jt_judge_cut(struct jt_node *node, const struct jt_decided_cut *cut);
/* A voter has made the coin of a round from these. */
void jt_judge_coin(struct jt_node *node, uint32_t round, const struct jt_voter_share *shares,
    size_t count);
void jt_judge_decided(struct jt_node *node, uint32_t round, uint32_t slot,
    const struct jt_slot *s);
void jt_judge_received(struct jt_node *node, uint32_t from);
void jt_judge_end(struct jt_world *w);

#endif
