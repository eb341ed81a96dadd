/*
 * A validator's part in the vote: blocks, requests, payload and ticks in;
 * blocks, requests, deliveries and cuts out. A pure machine: it has no clock,
 * no keys and no files, and what it does follows from its inputs alone.
 *
 * It proposes a block whenever it knows a quorum of blocks of the round before
 * and there is work; fetches ancestors from whoever hands it a block that
 * needs them; reports two blocks of one author and round as evidence; and is
 * silent when nothing waits. Time comes as ticks and only paces.
 *
 * Sources: the rule and order (rule.h, order.h); fetching and
 * quiescence are ours.
 */
#ifndef JT_VOTER_H
#define JT_VOTER_H

#include "vote/order.h"
#include "vote/rule.h"

#define JT_AHEAD 64            /* rounds above one's own that are accepted unasked */
#define JT_GET_MAX 64          /* blocks in one request */
#define JT_BURST 32            /* blocks of one's own that answer a hello */
#define JT_SUSPENDED_MAX 256   /* blocks of one peer that wait for ancestors, */
#define JT_SUSPENDED_BYTES (16U << 20) /* and their payload, unless the terms say less */

/* A share of a coin as it came with a block. */
struct jt_voter_share {
	uint32_t author;
	uint32_t len;
	const uint8_t *bytes;
};

/* Payload of one's own, by a handle of the caller's. */
struct jt_own_item {
	uint64_t handle;
	uint32_t bytes;
};

/* What one voter says of itself to another. */
struct jt_hello {
	uint32_t highest[JT_VOTERS_MAX]; /* of each author: up to this round nothing is needed */
	struct jt_ref last;     /* its own newest block, of round 0 if there is none */
	uint32_t rounds;        /* it cannot begin before this round is there; 0: it can */
	bool answer;
	uint32_t sent;          /* answers: blocks of its own that follow, JT_BURST at most, */
	uint32_t until;         /* and the round of the last of them */
	uint64_t nonce;         /* of a voter whose log was lost; answers repeat it */
};

struct jt_voter_terms {
	struct jt_order_terms order;
	uint32_t leaders;       /* slots a round */
	uint32_t block_items;   /* payload of one block, at most */
	uint32_t block_bytes;
	uint32_t ahead;         /* JT_AHEAD */
	uint32_t suspended_bytes; /* JT_SUSPENDED_BYTES */
	uint32_t tick_rounds;   /* rounds a tick allows when there is no work; 0: no ticks come */
	uint8_t hash_key[16];   /* secret, of one's own; changes how long things take, nothing else */
	uint32_t burst;         /* rounds at once, until jt_voter_refill; 0: no bound */
	uint32_t without;       /* a mask of 1 << enum jt_without */
};
extern const struct jt_voter_terms jt_voter_usual;

struct jt_voter_ops {
	/* Complete a block: time, payload of these items, id (signed with it). */
	void (*seal)(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count);
	/* Durable before anything that follows leaves; own is one's own block. */
	void (*persist)(void *ctx, const struct jt_block *b, bool own);
	/*
	 * A block that was persisted, to one peer, or to all with to == JT_ALL. One
	 * that the log does not have (any more) is not sent.
	 */
	void (*send_block)(void *ctx, uint32_t to, const struct jt_ref *ref);
	void (*send_get)(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count);
	void (*send_hello)(void *ctx, uint32_t to, const struct jt_hello *h);
	void (*evidence)(void *ctx, const struct jt_ref *a, const struct jt_ref *b);
	/* One's own share of the coin of a round. */
	uint32_t (*share)(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX]);
	/*
	 * The coin of a round from shares of different authors, a quorum of whom have
	 * blocks that may hold one; false when not f+1 of them are good, and it is asked
	 * again with the next block.
	 */
	bool (*coin)(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
	    uint8_t out[64]);
	/* One's own block fell behind undelivered: its payload is to be given again. */
	void (*returned)(void *ctx, const struct jt_ref *ref, const void *payload);
	/* A leader slot was decided, in order. */
	void (*decided)(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s);
	struct jt_order_ops order;
	/*
	 * One's own blocks above a round from the log, the lowest first: at most max,
	 * fewer if they are big, but one if there is any. NULL: from the graph, which
	 * does not reach back far.
	 */
	size_t (*own_above)(void *ctx, uint32_t round, struct jt_ref *refs, size_t max);
	/*
	 * Of each block that was given to jt_voter_block the caller hears once: then
	 * or later it is persisted or dropped. May be NULL.
	 */
	void (*dropped)(void *ctx, const struct jt_block *b);
	/* The log was lost; from this round on blocks may be made. May be NULL. */
	void (*found)(void *ctx, uint32_t round);
};
#define JT_ALL UINT32_MAX
/*
 * All that must be there, doing nothing: it seals no block, has no share, and
 * learns no coin. To begin with, for those who watch some of it.
 */
extern const struct jt_voter_ops jt_voter_silent;

struct jt_voter;

/* seed: of the genesis blocks; me == n: an observer, which makes no blocks. NULL when memory ran out or the terms are wrong. */
struct jt_voter *jt_voter_new(uint32_t n, uint32_t me, const uint8_t seed[JT_HASH],
    const struct jt_voter_terms *terms, const struct jt_voter_ops *ops, void *ctx);
void jt_voter_free(struct jt_voter *v);

/*
 * Inputs. JT_OK also for what is dropped; JT_MALFORMED tells the caller that
 * the sender sent something that no correct one sends; JT_SYSTEM is the end.
 * The block's signature was verified by the caller, as was its id.
 */
enum jt_err jt_voter_block(struct jt_voter *v, uint32_t from, const struct jt_block *b,
    struct jt_error *e);
enum jt_err jt_voter_get(struct jt_voter *v, uint32_t from, const struct jt_ref *refs,
    size_t count, struct jt_error *e);
enum jt_err jt_voter_hello(struct jt_voter *v, uint32_t from, const struct jt_hello *h,
    struct jt_error *e);
enum jt_err jt_voter_payload(struct jt_voter *v, const struct jt_own_item *item,
    struct jt_error *e);
enum jt_err jt_voter_tick(struct jt_voter *v, struct jt_error *e);
/* So many more rounds may be made (terms.burst). */
enum jt_err jt_voter_refill(struct jt_voter *v, uint32_t rounds, struct jt_error *e);
/* Payload waits while the closer lags: rounds go on for what others carry. */
void jt_voter_hold(struct jt_voter *v, bool hold);
enum jt_err jt_voter_peer(struct jt_voter *v, uint32_t peer, bool up, struct jt_error *e);

/*
 * After a restart: every block that was persisted, parents first (others are
 * passed over), then resume, which sends the last own block again and says hello.
 */
enum jt_err jt_voter_restore(struct jt_voter *v, const struct jt_block *b, struct jt_error *e);
enum jt_err jt_voter_resume(struct jt_voter *v, struct jt_error *e);
/*
 * Instead of resume, when blocks that one made may be missing in the log: it
 * proposes nothing until a quorum of others have answered. The nonce is random
 * and not zero. With fewer than four voters that cannot be: it waits for ever.
 */
enum jt_err jt_voter_lost(struct jt_voter *v, uint64_t nonce, struct jt_error *e);
bool jt_voter_is_lost(const struct jt_voter *v);
/*
 * Its own newest block is the newest that it ever made. Who has lost its log does not
 * until it has made another one: others who lose theirs cannot count on it before.
 */
bool jt_voter_remembers(const struct jt_voter *v);

/*
 * Before a block's signature is looked at: is it above the horizon, and not here
 * yet? And after it was taken: is it here, be it that it waits for ancestors?
 */
bool jt_voter_wants(const struct jt_voter *v, const struct jt_ref *ref);
bool jt_voter_holds(const struct jt_voter *v, const uint8_t id[JT_HASH]);
/* There is evidence against this author; false when that was known. */
bool jt_voter_expose(struct jt_voter *v, uint32_t author);
bool jt_voter_is_exposed(const struct jt_voter *v, uint32_t author);

/* For looking at: never changed by the caller. */
const struct jt_dag *jt_voter_dag(const struct jt_voter *v);
const struct jt_rule *jt_voter_rule(const struct jt_voter *v);
const struct jt_order *jt_voter_order(const struct jt_voter *v);
uint32_t jt_voter_round(const struct jt_voter *v);
/* Blocks that wait for ancestors: all, and those that one peer sent. */
size_t jt_voter_suspended(const struct jt_voter *v);
size_t jt_voter_suspended_of(const struct jt_voter *v, uint32_t peer);
/* Does it have work that keeps rounds going? */
bool jt_voter_has_work(const struct jt_voter *v);
/* Mutations of the rule, for tests. */
void jt_voter_mutate(struct jt_voter *v, enum jt_mutant mutant);

#endif
