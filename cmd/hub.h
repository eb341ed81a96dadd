/*
 * Real voters joined without a network, for jt-hub alone. What its files share:
 *
 *	jt-hub.c       options, payload, the course of things
 *	hub-voter.c    commands: started, heard, stopped
 *	hub-message.c  messages: to whom, and what is told and recorded of them
 *	hub-cuts.c     the closer that jt-hub plays, and what voters agree on
 *	hub-ask.c      a person at the terminal, message by message
 *	hub-parcels.c  what waits for that person's word
 */
#ifndef HUB_H
#define HUB_H

#include "cmd.h"
#include "ledger/genesis.h"
#include "member/agree.h"
#include "pipe/pipe.h"
#include "sim/watch.h"
#include "streams.h"

enum {
	HUB_VOTERS_MAX = JT_AGREE_VOTERS,
	HUB_NOBODY = HUB_VOTERS_MAX,    /* no voter: stdin */
	HUB_LABEL = JT_MSG_NAME_MAX + 1,
	HUB_QUEUE = 16 << 20,           /* bytes for one voter; more messages are lost */
	HUB_TICK_MS = 20
};

/* What voters get on in. */
enum hub_measure { HUB_ROUND, HUB_LEDGER, HUB_MEASURES };

struct hub_voter {
	char *command;
	char label[HUB_LABEL];  /* "v1", or "command 3" before it has said its name */
	bool named, observer;
	uint32_t place;         /* in the validator set; JT_VOTERS_MAX: unknown */
	pid_t pid;              /* 0: it is gone, and was collected */
	bool running;           /* it may say more */
	bool dying;             /* jt-hub killed it, */
	bool let_go;            /* or let it go at the end */
	bool started_before;
	bool said;              /* something since it was started, */
	bool announced;         /* and the others know that it is there */
	struct cmd_source from;
	struct cmd_sink to;
	uint64_t ticked;        /* ms, of the last tick it was given */
	uint64_t reached[HUB_MEASURES];
	bool has_at;            /* it knows how far its closer is */
	bool lossy;             /* messages for it were lost, since it did not read */
	uint64_t again_at;      /* cmd_clock_ms; 0: it is not started again */
	unsigned pause;         /* ms before that, longer each time it says nothing */
};

extern struct hub {
	struct hub_voter voters[HUB_VOTERS_MAX];
	uint32_t count;
	uint32_t enough;        /* f+1: so many at least that one is correct */
	uint64_t reached[HUB_MEASURES]; /* by as many */
	bool begun;             /* all have said who they are, or have had their time */
	bool again;             /* start again what was killed */
	bool closer;            /* play each voter's closer */
	bool log;
	bool asks;              /* a person says what is delivered */
	bool ending;            /* all is said: the voters are let go */
	uint64_t now;           /* ms UTC, by the clock that voters have: ticks, which only go forward */
	uint64_t active;        /* cmd_clock_ms: when something happened last */
	uint64_t messages;      /* delivered or lost so far */
	uint64_t given, took;   /* payload objects */
	struct cmd_output out;
	struct cmd_output *took_out;    /* NULL: nobody wants to know */
	/* with a network file */
	uint32_t n;                     /* validators; 0: not known */
	struct jt_slice names[JT_VOTERS_MAX];
	struct jt_watch *watch;         /* NULL: nothing is recorded */
} hub;

/* jt-hub.c */
/* Nothing more is to come, or nothing has happened for as long as is waited. */
bool hub_is_over(void);

/* hub-voter.c */
void hub_start(struct hub_voter *v);
/* Whatever it has said: messages are posted, cuts compared. */
void hub_hear(struct hub_voter *v);
/* It can say no more. */
void hub_ended(struct hub_voter *v);
/* Collect those that are gone, and tell how they ended; start again whose time has come. */
void hub_collect(void);
void hub_kill(struct hub_voter *v);
/* All are let go; waits for them, and makes an end of those that stay. */
void hub_let_go(void);
void hub_tick(struct hub_voter *v);

/* hub-message.c */
/* A message of a voter's: to each of those it is for. */
void hub_post(struct hub_voter *from, const struct jt_object *o);
/* Give it to the voter now: a jt/msg, or payload when from is NULL. */
void hub_deliver(struct hub_voter *from, struct hub_voter *to, struct jt_slice object);
/* It does not come to be delivered: why, for the log. */
void hub_lose(struct hub_voter *from, struct hub_voter *to, struct jt_slice object,
    const char *why);
/* The words for what waits: jt_message_words, or the kind of payload. */
void hub_words(struct jt_slice object, struct jt_buf *out);
/* The voter with this place in the list of commands is (not) there for the others. */
void hub_announce(struct hub_voter *v, bool up);
/* Voters that read again after messages were lost are told of their peers anew. */
void hub_repair(void);
/* Open the record of the run, with its network. */
void hub_record(const char *path, const struct cmd_network *network, const struct jt_genesis *g,
    msgpack_zone *zone);
void hub_record_time(void);
void hub_record_end(void);

/* hub-cuts.c */
void hub_cuts_begin(void);
/* Part, payload, cut, certificate or beacon of a voter. */
void hub_cuts_take(struct hub_voter *v, const struct jt_object *o);
/* Payload was given to a voter: sooner or later it is in a cut. */
void hub_cuts_given(struct jt_slice object);
/* It was started: where does its closer stand? */
void hub_cuts_start(struct hub_voter *v);
/* Tell voters that their cut is closed, as far as the others have come. */
void hub_cuts_close(void);
/* All that was given is in cuts, and each voter has handed them out. */
bool hub_cuts_settled(void);
void hub_cuts_end(void);

/* hub-ask.c */
void hub_ask_open(void);
/* A message or payload waits for the person's word. */
void hub_ask_add(struct hub_voter *from, struct hub_voter *to, struct jt_slice object);
size_t hub_ask_waiting(void);
/* Nothing waits, and time alone makes voters say nothing more. */
bool hub_ask_is_quiet(void);
struct pollfd hub_ask_poll(void);
/* How long to wait at most before hub_ask_go; -1: for as long as it takes. */
int hub_ask_timeout(void);
/* Do what the person says. False: the person has had enough. */
bool hub_ask_go(bool readable);

/* hub-parcels.c */
/* A message, or payload. */
struct hub_parcel {
	struct hub_voter *from;  /* NULL: payload */
	struct hub_voter *to;
	struct jt_buf object;
	struct hub_parcel *next; /* the one behind it */
};
/* Behind all others, a copy. False: too much waits. */
bool hub_parcels_put(struct hub_voter *from, struct hub_voter *to, struct jt_slice object);
/* NULL: none waits. */
const struct hub_parcel *hub_parcels_first(void);
size_t hub_parcels_count(void);
/* Take out the first, which must be there: to be freed, or held: put behind all others. */
struct hub_parcel *hub_parcels_take(void);
void hub_parcel_free(struct hub_parcel *p);
void hub_parcels_hold(struct hub_parcel *p);

#endif
