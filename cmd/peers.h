/*
 * The peers of jt-peer: who they are, the one session with each, and what waits
 * for it. None of them is ever waited for; all times are cmd_clock_ms.
 *
 *	cmd_peers_init(&ps, network, key);
 *	for each: cmd_peer_set_address(cmd_peers_add(&ps, name, key), address);
 *	for (;;) {
 *		n = cmd_peers_poll(&ps, fds);
 *		poll fds, for at most cmd_peers_wait(&ps, now) ms
 *		cmd_peers_polled(&ps, fds);
 *		cmd_peers_work(&ps, now);
 *	}
 *
 * Both ends of a pair may dial. Where they do so at once, the dial of the end
 * with the lesser link key goes on once the other has answered it, and it
 * refuses the other's; the other drops its own. Otherwise the newest session
 * that both ends have confirmed replaces any older one, so that a peer that
 * was started anew is not kept waiting by what is left of its former life.
 */
#ifndef CMD_PEERS_H
#define CMD_PEERS_H

#include "pipe/pipe.h"
#include "queue.h"
#include "wire.h"

#define CMD_PEERS_MAX 256
#define CMD_PEER_NAME (JT_MSG_NAME_MAX + 1)
#define CMD_RETRY_LEAST_MS 20 /* the first pause before dialing again; it doubles */
#define CMD_CALLERS_MAX 64 /* handshakes of who is not known yet */
#define CMD_LISTENERS_MAX 8
#define CMD_PEERS_FDS (CMD_LISTENERS_MAX + CMD_CALLERS_MAX + 3 * CMD_PEERS_MAX)

struct cmd_peer {
	char name[CMD_PEER_NAME];
	char *address;           /* where it is dialed; NULL: nowhere */
	uint8_t key[JT_NOISE_KEY];
	struct cmd_wire *dial;   /* ours, on its way up */
	struct cmd_wire *guest;  /* the peer's, on its way up */
	struct cmd_wire *session;
	struct cmd_queue queue;  /* for the session */
	bool lagging;            /* the queue was full: nothing is queued until all is written */
	bool news;               /* its state is to be told */
	bool seen;               /* a session was up */
	bool ended;              /* it said its last */
	bool said_all;           /* our last is written */
	bool done;               /* both */
	bool slow_told, bad_told, away_told;
	uint64_t retry_at, retry_ms; /* when to dial again; the pause, which grows */
	uint64_t since;          /* up, or down */
};

struct cmd_peers {
	struct jt_link_end self;
	struct cmd_listener listeners[CMD_LISTENERS_MAX];
	bool called[CMD_LISTENERS_MAX]; /* somebody waits there to be accepted */
	size_t listener_count;
	/*
	 * A pipe: one that said its last may still be told something; the
	 * program sees to it that no queue overflows.
	 */
	bool pipe;
	bool finishing;          /* nothing more will be said */
	struct cmd_peer *list;
	size_t count;
	struct cmd_wire *callers[CMD_CALLERS_MAX];
	size_t caller_count;
	unsigned greeted;        /* since the last pause */
	uint64_t pause_until, next;
	bool crowded;            /* nobody is accepted until then */
	uint64_t crowded_until;
	/* Set by the program. May objects be given now? */
	bool (*room)(void);
	void (*hear)(struct cmd_peer *p, struct jt_slice object);
	/* p->session is or is not there, or it is there again after some was lost. */
	void (*tell)(struct cmd_peer *p);
};

void cmd_peers_init(struct cmd_peers *ps, const uint8_t network[JT_HASH],
    const struct jt_secret_key *key);
/* A name of 1 to JT_MSG_NAME_MAX bytes. NULL when there are too many. */
struct cmd_peer *cmd_peers_add(struct cmd_peers *ps, struct jt_slice name,
    const uint8_t key[JT_NOISE_KEY]);
/* len 0: it is not dialed. */
void cmd_peer_set_address(struct cmd_peer *p, struct jt_slice address);
struct cmd_peer *cmd_peers_named(struct cmd_peers *ps, struct jt_slice name);
struct cmd_peer *cmd_peers_of_key(struct cmd_peers *ps, const uint8_t key[JT_NOISE_KEY]);

size_t cmd_peers_poll(struct cmd_peers *ps, struct pollfd *fds);
int cmd_peers_wait(const struct cmd_peers *ps, uint64_t now);
void cmd_peers_polled(struct cmd_peers *ps, const struct pollfd *fds);
void cmd_peers_work(struct cmd_peers *ps, uint64_t now);

/* Queue an object for a peer, or NULL: for all. Who is down misses it. */
void cmd_peers_say(struct cmd_peers *ps, struct cmd_peer *to, struct jt_slice object);
/* Bytes that wait for the peer with the most of them. */
size_t cmd_peers_waiting(const struct cmd_peers *ps);
/* Is all written that was to be said, and all said that was to be heard? */
bool cmd_peers_idle(const struct cmd_peers *ps);
void cmd_peers_close(struct cmd_peers *ps);

/* ---- within: peers.c, callers.c, sessions.c ---- */

/* There is something to do at this time. */
void cmd_peers_soon(struct cmd_peers *ps, uint64_t when);
void cmd_callers_accept(struct cmd_peers *ps, uint64_t now);
void cmd_callers_serve(struct cmd_peers *ps, uint64_t now);
void cmd_peer_serve(struct cmd_peers *ps, struct cmd_peer *p, uint64_t now);

#endif
