/* The inside of a member, for the files of member/ alone. */
#ifndef JT_INNER_H
#define JT_INNER_H

#include "member/member.h"
#include "member/tally.h"
#include "member/turn.h"
#include "pipe/pipe.h"

/* Own acknowledgements, and decisions that are closed, whose places are remembered. */
#define JT_RECENT 1024
#define JT_AGAIN_MS 300 /* so long without what it waits for, a member asks again */
#define JT_SELDOM_MS 30000 /* and so seldom at last for old certificates that nobody has */
#define JT_LATE_MS 500 /* ticks that are all earlier for so long: the clock was set back */

/* jt/hello: struct jt_hello (voter.h) as an object. */
struct jt_hello_last {
	uint8_t id[JT_HASH];
	uint64_t round;
};
struct jt_hello_object {
	uint64_t answer;           /* 1: it answers one */
	struct jt_list highest;    /* of struct jt_hello_round: of each validator, in order of the set */
	struct jt_hello_last last; /* absent: it has made none */
	uint64_t ledger;           /* the last one certified here */
	uint64_t nonce;
	uint64_t rounds;
	uint64_t sent;
	uint64_t until;
};
struct jt_hello_round {
	uint64_t round;
};
extern const struct jt_kind jt_kind_hello;

/* jt/decision: in the log, what goes into a cut. */
struct jt_decision {
	struct jt_head_ref leader;
	uint64_t n;             /* number of the cut */
	struct jt_list parts;   /* of struct jt_head_ref: blocks, in order */
	uint8_t salt[JT_HASH];
	uint64_t time;          /* ms UTC */
};
extern const struct jt_kind jt_kind_decision;

/* Payload that waits for a block: objects one after the other. */
struct jt_pool_item {
	uint8_t id[JT_HASH];
	uint32_t len;
	bool again;             /* it was in a block before: nobody is told again */
};
struct jt_pool {
	struct jt_buf bytes;
	size_t start;           /* of the first item in bytes */
	struct jt_pool_item *items;
	size_t first, count, cap; /* items[first .. first+count) */
};

/* The bytes of a block, until it is in the log or dropped. */
struct jt_kept {
	struct jt_kept *next, *prev;
	uint8_t id[JT_HASH];
	size_t len;
	uint8_t bytes[];
};

/* An item, and the highest round of one's own blocks that it is in. */
struct jt_said {
	uint8_t id[JT_HASH]; /* of its bytes */
	uint32_t round;
};

/* A hello, which may have to wait. */
struct jt_heard {
	bool waits;
	uint64_t ledger;        /* the last one certified there */
	struct jt_hello hello;
};

/* What a peer had of what it may have. */
struct jt_asker {
	uint32_t looks, hellos; /* of late */
	uint64_t bytes;         /* and what was sent to it for those, and for gets */
	struct jt_heard question, answer; /* the newest of each */
	struct jt_ref *late;    /* blocks that it asked for and has not got, in order */
	uint32_t late_count;
};

struct jt_member {
	struct jt_member_terms terms;
	const struct jt_member_ops *ops;
	void *ctx;
	struct jt_log *log;
	struct jt_voter *voter;
	struct jt_voter_ops voter_ops;
	struct jt_tally tally;
	struct jt_pool pool;
	msgpack_zone *zone;       /* of the object being taken */
	struct jt_buf msg, object, block; /* scratch */
	struct jt_error trouble;  /* of a callback that cannot return it */
	bool restoring;
	bool lost;                /* its log was missing or foreign, */
	bool waits_for_closer;    /* and there are no others who could say where it stood */
	bool noted;               /* that there is evidence against itself */
	struct jt_voter_set up;   /* peers that can be reached */
	uint64_t time;            /* ms UTC, by ticks: it can be set back */
	uint64_t early;           /* the first of ticks earlier than that; 0: none came */
	uint64_t now;             /* ms that passed from tick to tick: it only goes on */
	uint64_t paced;           /* ms up to which rounds were granted */
	/* ms up to which looks into old segments, hellos and bytes were granted */
	uint64_t looked, greeted, counted;
	uint64_t said_bytes;      /* to peers, since it began */
	struct jt_asker askers[JT_VOTERS_MAX + 1]; /* peers; n: all observers */

	struct jt_kept *kept;     /* blocks that the voter has and has not inserted */
	const struct jt_kept *incoming; /* the one of them that is being taken */
	struct jt_buf sealed;     /* one's own newest block */
	bool must_sync;           /* something was said that must not be unsaid */
	bool must_turn;           /* the mark in the log is wrong about what may be said */

	struct jt_ref *returned;  /* own blocks that fell behind: payload to give again */
	size_t returned_count, returned_cap;
	struct jt_said *said;     /* own items in the log, sorted, while a member begins again */
	size_t said_count, said_cap;

	struct jt_log_place *decisions; /* by number % decisions_cap: all that are not closed */
	uint64_t decisions_cap, decisions_low; /* low: the first in this log */
	uint64_t decided;         /* the last cut in the log */
	uint64_t next;            /* cut to hand to the closer; 0: the closer was not heard of */
	bool parts_out;           /* of `next`: its parts went, its jt/cut waits */
	uint64_t closed;          /* the last cut that is closed and durable */
	uint64_t ledger;          /* closed with it */
	uint64_t began;           /* the last ledger when the closer began; it says what is uncertified */
	uint64_t certified;       /* the last ledger known to be certified */
	uint64_t waits_since;     /* ms: for a beacon or a certificate; 0: it waits for none */
	uint64_t late;            /* the ledger from which old certificates are asked for now; or 0 */
	uint64_t late_asked;      /* up to here they were */
	uint64_t late_wait;       /* ms from then */
	uint64_t late_at;         /* ms when others are */

	struct jt_log_place acks[JT_RECENT];      /* one's own, by ledger % JT_RECENT */
	uint64_t acked;           /* the newest ledger acknowledged */
};

/* speak.c: what the voter says */
void jt_member_voter_ops(struct jt_member *m);
void jt_member_say(struct jt_member *m, uint32_t to, struct jt_slice object);
/* A callback of the voter cannot fail: the trouble is found when the voter returns. */
bool jt_member_ok(struct jt_member *m, enum jt_err err, const struct jt_error *e);
/*
 * The block's object, from the log into m->block: JT_NO when it is not there, JT_CONFIG
 * when it is not what was signed.
 */
enum jt_err jt_member_find_block(struct jt_member *m, const struct jt_ref *ref,
    struct jt_object *o, struct jt_error *e);
/* The same in a callback: false when there is none. */
bool jt_member_read_block(struct jt_member *m, const struct jt_ref *ref);
bool jt_member_is_observer(const struct jt_member *m);
/* There is evidence against itself: it says so, once. */
void jt_member_note_exposed(struct jt_member *m);

/* hear.c: what peers say */
enum jt_err jt_member_message(struct jt_member *m, const struct jt_msg *msg, struct jt_error *e);

/* asked.c: what peers ask for: a jt/get or a jt/hello */
enum jt_err jt_member_asked(struct jt_member *m, uint32_t from, const struct jt_object *o,
    struct jt_error *e);
/* Time has passed: they may ask for more, and what waits is answered. */
enum jt_err jt_member_ask_on(struct jt_member *m, struct jt_error *e);
/* It came or went: what it asked before is void. */
void jt_member_asks_no_more(struct jt_member *m, uint32_t peer);
void jt_member_free_askers(struct jt_member *m);
/* A block's bytes, which the pointer to its payload leads to, until the voter lets go of it. */
struct jt_kept *jt_member_keep(struct jt_member *m, struct jt_slice object,
    const uint8_t id[JT_HASH]);
void jt_member_let_go(struct jt_member *m, struct jt_kept *k);

/* again.c: payload of own blocks that fell behind */
/* The voter's callback: this block did. */
void jt_member_returned(void *ctx, const struct jt_ref *ref, const void *payload);
/* Give it to the voter again. */
enum jt_err jt_member_give_again(struct jt_member *m, struct jt_error *e);
/* While the log is read: what a block has, if it is one's own; then, of each item the last. */
enum jt_err jt_member_note_items(struct jt_member *m, const struct jt_block *b,
    struct jt_slice items, struct jt_error *e);
void jt_member_sort_said(struct jt_member *m);

/* cuts.c: to the closer */
/* The voter's callback: a cut is decided. */
void jt_member_decided(void *ctx, const struct jt_decided_cut *cut);
/* The first decision of the log that is not closed, as far as the closer was heard of. */
uint64_t jt_member_not_closed(const struct jt_member *m);
/* Remember where decision n is. JT_SYSTEM. */
enum jt_err jt_member_note_decision(struct jt_member *m, uint64_t n,
    const struct jt_log_place *place, struct jt_error *e);
/* What went into a cut, from the log; its list is m->zone's. */
enum jt_err jt_member_decision(struct jt_member *m, uint64_t n, struct jt_decision *d,
    struct jt_error *e);

/* ledgers.c: closed ledgers, and what validators say of them */
enum jt_err jt_member_at(struct jt_member *m, const struct jt_at *at, struct jt_error *e);
enum jt_err jt_member_header(struct jt_member *m, const struct jt_object *o, struct jt_error *e);
enum jt_err jt_member_ack(struct jt_member *m, uint32_t author, const struct jt_object *o,
    struct jt_error *e);
enum jt_err jt_member_certificate(struct jt_member *m, const struct jt_object *o,
    struct jt_error *e);
/* Time has passed: ask for certificates that are missing since long. */
enum jt_err jt_member_ask_late(struct jt_member *m, struct jt_error *e);
/* What this peer lacks: acknowledgements and certificates. */
enum jt_err jt_member_fill_in(struct jt_member *m, uint32_t to, uint64_t ledger,
    struct jt_error *e);

/* recall.c: what is in the log */
/* The object at this place, into b. JT_CONFIG: it is damaged. */
enum jt_err jt_member_read(struct jt_member *m, const struct jt_log_place *place,
    struct jt_buf *b, struct jt_object *o, struct jt_error *e);
/* Make everything again that follows from the log. */
enum jt_err jt_member_recall(struct jt_member *m, struct jt_error *e);
/* A segment is full: begin the next, and drop what is not needed. */
enum jt_err jt_member_turn(struct jt_member *m, struct jt_error *e);
/* The log is new, and was not the first. */
enum jt_err jt_member_begin_lost(struct jt_member *m, struct jt_error *e);
/* An only validator whose log is lost goes on where its closer stands. */
enum jt_err jt_member_go_on(struct jt_member *m, uint64_t cut, struct jt_error *e);

/* pool.c */
void jt_pool_init(struct jt_pool *p);
void jt_pool_free(struct jt_pool *p);
bool jt_pool_add(struct jt_pool *p, struct jt_slice object, const uint8_t id[JT_HASH]);
/* The bytes of the first items. */
struct jt_slice jt_pool_front(const struct jt_pool *p, size_t count);
void jt_pool_take(struct jt_pool *p, size_t count);
size_t jt_pool_size(const struct jt_pool *p);

#endif
