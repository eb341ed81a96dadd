/*
 * A validator in the vote: objects in, objects out. What jt-vote is around its
 * pipes, and what the simulator runs with real keys and logs.
 *
 * In:  from clients    transactions and what else enters ledgers
 *      from peers      jt/msg with jt/block, jt/get, jt/hello, jt/ack, jt/evidence,
 *                      certificates (jt/header); jt/peer
 *      from the closer jt/at, jt/header
 *      from any        jt/tick, the only clock there is
 * Out: to peers        jt/msg
 *      to the closer   jt/part, payload, jt/cut, certificates
 *      to the door     jt/took
 *
 * It keeps its keys and its log to itself. Everything it is about to say is
 * handed over at once, but must not leave before jt_member_sync returned: only
 * then is it durable, and only then can nothing else be said in its place after
 * a crash.
 *
 * A cut goes out when the one before it is closed and durable (jt/at), and the
 * beacon is known of the ledger two before the one that it will close: so an
 * executed ledger is signed while the next is being closed.
 *
 * An observer is a member without a key: it follows, and says only what it
 * needs to ask for blocks.
 */
#ifndef JT_MEMBER_H
#define JT_MEMBER_H

#include "crypto/coin.h"
#include "state/header.h"
#include "vote/block.h"
#include "vote/log.h"

#define JT_MEMBER_POOL (UINT32_C(16) << 20) /* bytes of payload that wait for a block, at most */
#define JT_MEMBER_LAG 8     /* cuts that the closer may lag before payload waits */
#define JT_MEMBER_BURST 8   /* rounds at once */
#define JT_MEMBER_ROUND 20  /* ms for each further one */

enum jt_door {
	JT_FROM_CLIENTS,
	JT_FROM_PEERS,
	JT_FROM_CLOSER
};
enum jt_way {
	JT_TO_PEERS,
	JT_TO_CLOSER,
	JT_TO_DOOR
};

struct jt_member_ops {
	/* An object on its way out, kept back until jt_member_sync returned. */
	void (*out)(void *ctx, enum jt_way way, struct jt_slice object);
	/* May more go to the closer now? */
	bool (*room)(void *ctx);
	/* The certificate of a ledger from the store, appended; false: not there. May be NULL. */
	bool (*certificate)(void *ctx, uint64_t ledger, struct jt_buf *out);
	/* What a person should know: one line, about whom; it may be itself. */
	void (*note)(void *ctx, const char *text);
	/*
	 * Others, at least one correct one among them, closed this ledger
	 * differently: the evidence is objects. The member must not go on.
	 */
	void (*halt)(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *why);
};

struct jt_member_terms {
	struct jt_electorate electorate;
	struct jt_slice names[JT_VOTERS_MAX + 1]; /* the caller's, for as long as the member lives */
	uint32_t me;                          /* place in the set; electorate.n: an observer */
	const uint8_t *secret;                /* Ed25519, JT_SECRET bytes, in locked memory */
	struct jt_coin *coin;                 /* the caller's; NULL: none was dealt */
	const uint8_t *share;                 /* one's own share of the coin, in locked memory */
	struct jt_voter_terms voter;
	uint64_t nonce;                       /* random, below 2^63 and not zero: names this start */
	uint64_t keep;                        /* bytes of log; 0: JT_LOG_KEEP */
	bool bad_shares;                      /* of a liar: its shares of coins are wrong, or none */
};

struct jt_member;

/*
 * A member with this log, which is its own from here on; `lost` says that its
 * log was missing or foreign, though it may have voted before. Reads the log;
 * says nothing yet. NULL with e filled in.
 */
struct jt_member *jt_member_new(const struct jt_member_terms *terms, struct jt_log *log,
    bool lost, const struct jt_member_ops *ops, void *ctx, struct jt_error *e);
/* What was not synced is gone, as in a crash. */
void jt_member_free(struct jt_member *m);

/* After jt_member_new: say the last words again, and hello. */
enum jt_err jt_member_start(struct jt_member *m, struct jt_error *e);

/*
 * An object that is all its kind says. `id` is what a jt/took names it by
 * (jt_kind_id), of clients' objects. JT_MALFORMED: no correct program sends
 * this there; it is left out and the member goes on. JT_SYSTEM, JT_IO: the end.
 */
enum jt_err jt_member_take(struct jt_member *m, enum jt_door door, const struct jt_object *o,
    const uint8_t id[JT_HASH], struct jt_error *e);
/* Hand more to the closer, as far as there is room. */
enum jt_err jt_member_feed(struct jt_member *m, struct jt_error *e);
/* Make durable what was done: then what was handed out may leave. */
enum jt_err jt_member_sync(struct jt_member *m, struct jt_error *e);

/* Does it take more payload from clients? */
bool jt_member_has_room(const struct jt_member *m);

/* jt/standing: how a member does. */
struct jt_standing {
	uint64_t certified;   /* the last ledger that is certified */
	uint64_t closed;      /* the last cut that is closed */
	uint64_t decided;     /* the last cut that is decided */
	uint64_t exposed;     /* 1: it is known to have made two blocks of a round; takes no payload */
	uint64_t ledger;      /* the last one closed */
	uint64_t lost;        /* 1: its log was lost, and it waits for others' word */
	struct jt_list peers; /* of struct jt_standing_peer: those that can be reached */
	uint64_t pool;        /* bytes of payload that wait for a block */
	uint64_t round;       /* of its own last block */
	uint64_t time;        /* ms UTC, by ticks */
};
struct jt_standing_peer {
	struct jt_slice name;
};
extern const struct jt_kind jt_kind_standing;
/* peers.items has room for electorate.n names; they are the terms'. */
void jt_member_look(const struct jt_member *m, struct jt_standing *s);
const struct jt_voter *jt_member_voter(const struct jt_member *m);

#endif
