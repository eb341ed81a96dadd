/*
 * The inside of a door, for its own files alone: take.c reads clients, arrive.c
 * looks at what may enter, lobby.c keeps what waits, hear.c listens to the vote,
 * tell.c answers, door.c does the rest.
 */
#ifndef JT_DOOR_PARTS_H
#define JT_DOOR_PARTS_H

#include "base/chain.h"
#include "door/door.h"

#define JT_COPY 16 /* bytes that tell one copy of a transaction from another */

/* Where clients come from. */
struct jt_source {
	uint8_t key[JT_SOURCE];
	uint32_t clients;
	uint64_t held;       /* bytes of theirs */
	uint32_t items;      /* that it brought, or asked for, and that wait */
	uint32_t unverified; /* of those, not taken yet */
	uint32_t credit;
	uint32_t work;       /* that is still allowed */
	uint64_t refilled;   /* ms, when credit and work were last filled up */
	struct jt_link all;
};

enum jt_item_state {
	JT_ITEM_SENT,
	JT_ITEM_TAKEN,
	JT_ITEM_CLOSED,
	JT_ITEM_CERTIFIED,
	JT_ITEM_STATES
};

/* A copy of a transaction, or a record with its stamp. */
struct jt_door_item {
	struct jt_entry entry; /* its ledger is known from closed on */
	uint8_t vote[JT_HASH]; /* what the vote calls it: of a record it is the stamp's id */
	uint8_t copy[JT_COPY]; /* of the hash of all its bytes; zeros: found in a ledger */
	uint8_t account[JT_ACCOUNT]; /* of a transaction, as are fee and seq */
	enum jt_item_state state;
	uint64_t fee, seq;
	uint64_t since;        /* ms */
	struct jt_source *source; /* whom it counts against */
	struct jt_chain watches;  /* of struct jt_watch */
	struct jt_link by_id, by_vote, by_account;
	struct jt_link in_state; /* oldest first */
};

/* A client waits for an item. */
struct jt_watch {
	struct jt_door_item *item;
	struct jt_client *client;
	bool told; /* that it is accepted */
	bool news; /* in the client's list of those */
	struct jt_link of_item, of_client, in_news;
};

struct jt_client {
	void *user;
	struct jt_source *source;
	struct jt_buf in, out; /* in: from in_at on not yet looked at; out: from out_at on not sent */
	size_t in_at, out_at;
	uint64_t held;      /* bytes of both that were counted; of one that is gone: 0 */
	struct jt_chain watches, news; /* of struct jt_watch */
	uint32_t watching, deferred;
	uint64_t active;    /* ms, when its last object came */
	uint64_t half;      /* ms, since when half an object waits; 0: none does */
	uint64_t moved;     /* ms, when bytes were last sent, or there were none to send */
	uint64_t paused;    /* ms, until when it is not read */
	bool stopped;       /* whole objects wait in `in` */
	bool ended;         /* it sends no more */
	bool closing;       /* nothing more is taken from it */
	bool gone;
	bool dirty;
	struct jt_link all, in_stopped, in_dirty;
};

/* A query that waits for a ledger to be certified. */
struct jt_deferred {
	struct jt_client *client;
	struct jt_query query;
	uint8_t id[JT_HASH]; /* of the query */
	uint64_t ledger;
	uint64_t since;
	struct jt_buf kept;
	struct jt_link all;
};

struct jt_door {
	const struct jt_door_terms *terms;
	const struct jt_door_ops *ops;
	struct jt_apply *apply;
	bool records;         /* are taken, with this key and so many bits */
	uint8_t key[JT_KEY];
	uint64_t bits;
	msgpack_zone zone;
	uint8_t seed[16];
	uint64_t now;
	uint64_t ticked;     /* when ages were last looked at */
	bool eager;          /* a stopped client could go on at once */
	uint64_t full_since; /* since when there is no room; 0: there is */
	struct jt_chain clients, stopped, dirty;
	struct jt_chain sources, deferred;
	struct jt_chain *ids, *votes, *accounts; /* of items, in buckets */
	uint32_t mask;                           /* of their numbers */
	struct jt_chain items[JT_ITEM_STATES];
	struct jt_door_counts counts;
};

/* ---- lobby.c ---- */

bool jt_lobby_init(struct jt_door *d);
void jt_lobby_free(struct jt_door *d);
/* The first copy with this id, then the next one. */
struct jt_door_item *jt_lobby_first(const struct jt_door *d, const uint8_t id[JT_HASH]);
struct jt_door_item *jt_lobby_next(struct jt_door_item *item);
/* The same by what the vote calls it. */
struct jt_door_item *jt_lobby_vote(const struct jt_door *d, const uint8_t id[JT_HASH]);
struct jt_door_item *jt_lobby_next_vote(struct jt_door_item *item);
/* A copy of `model`, in its state; NULL: no memory. */
struct jt_door_item *jt_lobby_add(struct jt_door *d, const struct jt_door_item *model);
/* As it stands, with its watches. */
void jt_lobby_remove(struct jt_door *d, struct jt_door_item *item);
void jt_lobby_move(struct jt_door *d, struct jt_door_item *item, enum jt_item_state state);
/* What else the item's account has on its way, as far as its source is concerned. */
struct jt_lobby_pending {
	uint32_t count;
	uint64_t fees;
	bool seq_used; /* by another transaction */
};
struct jt_lobby_pending jt_lobby_pending(const struct jt_door *d,
    const struct jt_door_item *item);
/* Make room for an item of this source: the source with most of them gives way. */
bool jt_lobby_make_room(struct jt_door *d, const struct jt_source *source);

/* NULL: no memory. The client's watch of the item, which may be there already. */
struct jt_watch *jt_lobby_watch(struct jt_door *d, struct jt_client *c, struct jt_door_item *item);
void jt_lobby_unwatch(struct jt_door *d, struct jt_watch *w);

/* NULL: no memory. */
struct jt_source *jt_source_get(struct jt_door *d, const uint8_t key[JT_SOURCE]);
void jt_source_refill(const struct jt_door *d, struct jt_source *s);

/* ---- arrive.c ---- */

/* Something that enters ledgers, from a client. */
enum jt_err jt_arrive_transaction(struct jt_door *d, struct jt_client *c,
    const struct jt_object *o, const struct jt_kind *kind, struct jt_error *e);
enum jt_err jt_arrive_record(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    struct jt_error *e);

/* ---- take.c ---- */

/* Take what waits in c->in, as far as that is possible now. */
enum jt_err jt_take(struct jt_door *d, struct jt_client *c, struct jt_error *e);

/* ---- tell.c ---- */

void jt_tell(struct jt_door *d, struct jt_client *c, const uint8_t id[JT_HASH],
    enum jt_answer_state state, enum jt_code code, const char *why);
/* The same to all who watch the item. */
void jt_tell_item(struct jt_door *d, struct jt_door_item *item, enum jt_answer_state state,
    enum jt_code code, const char *why);
/* There is something new about an item. */
void jt_tell_later(struct jt_door *d, struct jt_watch *w);
/* Answer a query, or keep it. */
enum jt_err jt_tell_query(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    const struct jt_query *q, struct jt_error *e);
void jt_tell_drop(struct jt_door *d, struct jt_deferred *q);
size_t jt_tell_waiting(const struct jt_client *c);

/* ---- hear.c ---- */

/* A ledger holds it: the only thing left to wait for is the proof, unless nobody does. */
enum jt_err jt_hear_closed(struct jt_door *d, struct jt_door_item *item, uint64_t ledger,
    struct jt_error *e);

/* ---- door.c ---- */

void jt_door_touch(struct jt_door *d, struct jt_client *c);
/* It is no longer counted, and closed as soon as the caller comes to it. */
void jt_door_drop(struct jt_door *d, struct jt_client *c);
/* Its buffers have changed: count them, and drop the heaviest client when they are too much. */
void jt_door_weigh(struct jt_door *d, struct jt_client *c);

#endif
