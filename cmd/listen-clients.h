/*
 * The sockets of a door's clients (door/door.h), for jt-listen alone: whoever
 * comes is let in or turned away, what is read goes into the door, and what the
 * door has for a client goes out. Nothing here waits.
 *
 *	clients_fit(&terms);
 *	clients_open(&all, door);
 *	clients_listen(&all, "127.0.0.1:1980");
 *	while (!cmd_stopping) {
 *		struct pollfd p = clients_poll(&all);
 *		cmd_poll(&p, 1, clients_wait(&all));
 *		now = cmd_clock_ms();
 *		jt_door_now(door, now);
 *		clients_serve(&all, now);
 *	}
 *	clients_close(&all);
 *
 * What the system refuses, and trouble of the door with its store, end the
 * program; what a client does never does.
 */
#ifndef LISTEN_CLIENTS_H
#define LISTEN_CLIENTS_H

#include <poll.h>

#include "door/door.h"
#include "socket.h"

enum { CLIENTS_LISTENERS_MAX = 16 };

struct clients {
	struct jt_door *door;
	struct cmd_listener listeners[CLIENTS_LISTENERS_MAX];
	size_t listener_count;
	uint64_t accept_after; /* cmd_clock_ms; 0: now */
	int epoll;             /* over all of them */
};

/* Raise the limit of descriptors as far as it goes; fewer clients where it is lower. */
void clients_fit(struct jt_door_terms *t);
/* `all` must stay where it is. */
void clients_open(struct clients *all, struct jt_door *door);
/* At an address as in socket.h: ends the program as cmd_listen does. */
void clients_listen(struct clients *all, const char *address);
/* Hear of no new ones; those that are there end with the program. */
void clients_close(struct clients *all);

/* Something to read when a client came, sent, left, or can be sent to again. */
struct pollfd clients_poll(const struct clients *all);
/* How long nothing need be done unless something comes, in ms; -1: for ever. */
int clients_wait(const struct clients *all);
/* All that can be done without waiting, at this time (ms), which the door was told. */
void clients_serve(struct clients *all, uint64_t now);

#endif
