/*
 * The record of a run of voters, simulated or real: a stream that begins with
 * one jt/run and goes on with jt/event objects in the order in which things
 * happened. What jt-sim -r and jt-hub -r write, jt-draw draws and jt-show prints.
 *
 * Validators are numbered from 1 here, as people name them (v1, v2, ...).
 */
#ifndef JT_RUN_H
#define JT_RUN_H

#include "object/kind.h"
#include "vote/voter.h"

struct jt_word_item {
	struct jt_slice text;
};

struct jt_run {
	struct jt_list faults;   /* of struct jt_word_item: as given to -f */
	uint64_t leaders;        /* slots a round */
	uint64_t seed;
	uint64_t validators;
};
extern const struct jt_kind jt_kind_run;

enum jt_what {
	JT_EVENT_BLOCK,    /* `from` made `block` */
	JT_EVENT_COIN,     /* the leaders of `round` became known to `to` */
	JT_EVENT_CRASH,    /* `to` stopped */
	JT_EVENT_CUT,      /* `to` ended ledger `ledger` with the leader `ref` of `round` */
	JT_EVENT_DECIDE,   /* `to` decided slot `slot` of `round` */
	JT_EVENT_DROP,     /* the message was lost */
	JT_EVENT_EVIDENCE, /* `to` saw two blocks of `from` in `round` */
	JT_EVENT_RECEIVE,  /* `to` received the block `ref` from `from` */
	JT_EVENT_RESTART,  /* `to` began again from its log */
	JT_EVENT_BROKEN    /* an invariant did not hold: `note` */
};
extern const char *const jt_event_words[];

struct jt_run_ref {
	uint64_t author;
	uint8_t id[JT_HASH];
	uint64_t round;
};
struct jt_run_block {
	uint64_t author;
	uint8_t id[JT_HASH];
	uint64_t items;
	struct jt_list parents; /* of struct jt_run_ref, its author's first */
	uint64_t round;
	uint64_t time;          /* ms, its author's clock */
};
struct jt_run_decision {
	struct jt_run_ref anchor; /* of the reasons that have one */
	uint8_t block[JT_HASH];   /* committed */
	uint64_t leader;
	uint64_t reason;          /* enum jt_reason */
	uint64_t verdict;         /* enum jt_verdict */
};
struct jt_number_item {
	uint64_t number;
};

struct jt_event {
	uint64_t at;               /* ms since the run began */
	struct jt_run_block block; /* BLOCK */
	struct jt_run_decision decision; /* DECIDE */
	uint64_t from;
	struct jt_list leaders;    /* COIN: of struct jt_number_item */
	uint64_t ledger;           /* CUT: its number */
	uint64_t message;          /* RECEIVE, DROP: as which it came, from 1, ascending */
	struct jt_slice note;
	uint8_t ref[JT_HASH];      /* a block's id */
	uint64_t round;
	uint64_t slot;
	uint64_t to;
	uint64_t what;             /* enum jt_what */
};
extern const struct jt_kind jt_kind_event;

/* Fill in an event but for `at`; voters are places in the set here. */
/* refs: room for its parents, which the event points to. */
void jt_event_block(struct jt_event *e, const struct jt_block *b,
    struct jt_run_ref refs[JT_VOTERS_MAX]);
void jt_event_decision(struct jt_event *e, uint32_t voter, uint32_t round, uint32_t slot,
    const struct jt_slot *s);
void jt_event_cut(struct jt_event *e, uint32_t voter, const struct jt_decided_cut *cut);
/* The leaders of a round, which its coin draws. */
void jt_event_coin(struct jt_event *e, uint32_t voter, uint32_t round, const uint8_t coin[64],
    uint32_t n, uint32_t slots, struct jt_number_item leaders[JT_LEADERS_MAX]);

#endif
