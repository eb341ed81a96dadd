/*
 * The clients' door of a validator, as a pure machine: bytes of any number of
 * clients go in, bytes for them come out, and what may enter goes on to the
 * vote. It has no sockets, no clock and no store, and nothing that clients
 * send is an error of the door's: they are answered, made to wait, or dropped.
 *
 *	d = jt_door_new(&jt_door_usual, &ops, &apply, seed);
 *	for (;;) {
 *		jt_door_now(d, now_ms);
 *		jt_door_took, jt_door_result, jt_door_refused, jt_door_certified
 *		jt_door_enter, jt_door_feed, jt_door_end, jt_door_leave
 *		jt_door_run(d, &e);
 *		while ((c = jt_door_next(d)) != NULL)
 *			close it when it is gone, else write jt_door_output
 *		wait for jt_door_wait(d) ms at most
 *	}
 *
 * A transaction that may enter (jt_tx_admit, and what the same account has
 * waiting) is passed on once and kept by its id until its result is told, so
 * that a client that sends it again, over whatever connection, hears how it
 * stands. Its signatures are not verified yet: until the vote has taken it,
 * or another has said that a signature is bad, it counts against its own
 * source alone, and how many of those a source may have grows with what was
 * taken of it, and shrinks with what was bad. So a copy with bad signatures
 * never keeps a good one out, and bad ones are a small part of all work.
 *
 * A hash record comes in a stamp, the work that this door asks for, and is
 * treated as a transaction of nobody's.
 *
 * Every number is bounded by the terms. What is too much is answered busy;
 * when the door is full, whoever has most of it gives way first.
 */
#ifndef JT_DOOR_H
#define JT_DOOR_H

#include "door/client.h"
#include "kind/tx.h"
#include "ledger/record.h"

struct jt_door_terms {
	uint32_t clients;
	uint32_t items;          /* transactions that wait */
	uint32_t client_items;   /* that one client waits for */
	uint32_t account_items;  /* of one account */
	uint32_t deferred;       /* queries that wait for a certificate */
	uint32_t sources;        /* addresses that are remembered */
	uint64_t bytes;          /* come and not looked at, or to be sent, of all clients */
	uint32_t out_bytes;      /* to be sent to one client; it is not read while there are more */
	uint32_t credit;         /* of a new source: items that may be unverified */
	uint32_t credit_max;
	uint32_t credit_taken;   /* more for each that was taken */
	uint32_t credit_bad;     /* less for each that was bad */
	uint32_t credit_ms;      /* one more each so many ms, up to `credit` */
	uint32_t work;           /* for a source in a second, on queries and proofs (ops.answer) */
	uint32_t pause_ms;       /* a client is not read after it was told that we are busy */
	uint32_t room_ms;        /* how long clients wait for room, before they are told so */
	uint32_t slow_ms;        /* half an object, or unread bytes: a client is dropped then */
	uint32_t item_ms;        /* for the vote to take an item */
	uint32_t orphan_ms;      /* that an item is kept that nobody waits for */
};
extern const struct jt_door_terms jt_door_usual;

#define JT_SOURCE 16 /* bytes that tell one source of clients from another */

/* What enters ledgers, as it is looked for there. */
struct jt_entry {
	uint8_t id[JT_HASH];
	bool record;           /* a hash record, not a transaction */
	uint8_t hash[JT_HASH]; /* of a record: what is recorded */
	uint64_t ledger;       /* that holds it; 0: not known */
};

/* Results other than those named are trouble with the store, and end the call that met it. */
struct jt_door_ops {
	/* Is there room for an item? */
	bool (*room)(void *ctx);
	/* Take it; there was room. */
	void (*pass)(void *ctx, struct jt_slice object);
	/* Which ledger holds it; 0: none. *work as below, less the usual. */
	enum jt_err (*find)(void *ctx, const struct jt_entry *entry, uint64_t *ledger,
	    uint32_t *work, struct jt_error *e);
	/* Is a ledger certified? */
	enum jt_err (*certified)(void *ctx, uint64_t ledger, bool *yes, struct jt_error *e);
	/* Append the proof of what is in such a ledger. *work as below, less the usual. */
	enum jt_err (*prove)(void *ctx, const struct jt_entry *entry, struct jt_buf *out,
	    uint32_t *work, struct jt_error *e);
	/*
	 * Append what was asked for. JT_NO: there is none. JT_AGAIN: as soon as
	 * *ledger is certified, jt_door_ops.finish makes the answer of what was
	 * appended so far. *work says what it cost, in units of about 25 us.
	 */
	enum jt_err (*answer)(void *ctx, const struct jt_query *q, struct jt_buf *out,
	    uint64_t *ledger, uint32_t *work, struct jt_error *e);
	enum jt_err (*finish)(void *ctx, const struct jt_query *q, struct jt_slice kept,
	    struct jt_buf *out, struct jt_error *e);
	void *ctx;
};

struct jt_door;
struct jt_client;

/*
 * `apply` is the state that jt_tx_admit asks; the caller keeps its snapshot,
 * number and time fresh; its zone is the door's. seed: random. NULL when
 * memory ran out. t and ops must stay.
 */
struct jt_door *jt_door_new(const struct jt_door_terms *t, const struct jt_door_ops *ops,
    struct jt_apply *apply, const uint8_t seed[16]);
void jt_door_free(struct jt_door *d);
/* It takes hash records, too: those with a stamp of this key with so many bits of work. */
void jt_door_records(struct jt_door *d, const uint8_t key[JT_KEY], uint64_t bits);

/* The time in ms, which never goes back; before anything else. */
void jt_door_now(struct jt_door *d, uint64_t ms);

/* ---- clients ---- */

/*
 * A client came. NULL: there are too many, and it should be turned away.
 * `user` is the caller's.
 */
struct jt_client *jt_door_enter(struct jt_door *d, const uint8_t source[JT_SOURCE], void *user);
void *jt_client_user(const struct jt_client *c);
/* It sent these bytes. */
enum jt_err jt_door_feed(struct jt_door *d, struct jt_client *c, struct jt_slice bytes,
    struct jt_error *e);
/* It sends no more, and may still wait for answers. */
void jt_door_end(struct jt_door *d, struct jt_client *c);
/* It is closed; c is gone with it. Its transactions go on. */
void jt_door_leave(struct jt_door *d, struct jt_client *c);

/* Look again at clients that had to wait. */
enum jt_err jt_door_run(struct jt_door *d, struct jt_error *e);
/* The next client for which anything may have changed; NULL: no more. */
struct jt_client *jt_door_next(struct jt_door *d);
/* To be closed now: jt_door_leave. */
bool jt_client_gone(const struct jt_client *c);
/* Shall it be read? */
bool jt_client_reads(const struct jt_client *c);
/* What is to be sent, until the next call for this client; jt_door_sent says how much of it was. */
enum jt_err jt_door_output(struct jt_door *d, struct jt_client *c, struct jt_slice *out,
    struct jt_error *e);
void jt_door_sent(struct jt_door *d, struct jt_client *c, size_t len);
/* More can be sent to it again. */
void jt_door_ready(struct jt_door *d, struct jt_client *c);

/* How long nothing need be done unless something comes; -1: for ever. */
int jt_door_wait(const struct jt_door *d);

/* ---- what the validator's other programs say ---- */

/* The vote has an object with this id (jt_kind_id) in a durable block. */
void jt_door_took(struct jt_door *d, const uint8_t id[JT_HASH]);
/* This object has a bad signature. */
void jt_door_refused(struct jt_door *d, const struct jt_object *o);
/* What became of a transaction or record; the snapshot has it already. */
enum jt_err jt_door_result(struct jt_door *d, const struct jt_result *r, struct jt_error *e);
/* A ledger is certified; the snapshot has it already. */
enum jt_err jt_door_certified(struct jt_door *d, uint64_t ledger, struct jt_error *e);

/* For tests and a validator's state: how much of everything there is. */
struct jt_door_counts {
	uint32_t clients, items, deferred, sources;
	uint64_t bytes;
	uint64_t accepted, refused, busy, dropped; /* so far */
};
struct jt_door_counts jt_door_count(const struct jt_door *d);

#endif
