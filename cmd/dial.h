/*
 * Dialing: connections that are made while the program polls, and never waited
 * for, not even for the addresses of a host. Addresses are those of socket.h.
 *
 *	err = cmd_dial_start(&d, "host:7070", &e);
 *	while (err == JT_AGAIN)
 *		poll cmd_dial_poll(&d);
 *		err = cmd_dial_next(&d, &e);
 *	on JT_OK d.fd is connected, and the caller's
 */
#ifndef CMD_DIAL_H
#define CMD_DIAL_H

#include <poll.h>
#include <sys/socket.h>

#include "cmd.h"

#define CMD_ADDRESS_MAX 1024 /* bytes of an address, the final zero included */
#define CMD_TRIES_MAX 8      /* addresses of one host */
#define CMD_SOCKET_NAME 64   /* bytes of a numeric host:port */

/* Can this be an address? JT_USAGE says why not. */
enum jt_err cmd_address_check(const char *address, struct jt_error *e);
/* host:port of a socket, its own or the other end's; "local" for a Unix socket. */
void cmd_socket_name(int fd, bool own, char name[CMD_SOCKET_NAME]);

struct cmd_dial {
	int fd;         /* -1: none */
	bool resolving; /* fd is the pipe from a thread that asks for the host's addresses */
	size_t next, count;
	struct sockaddr_storage to[CMD_TRIES_MAX];
};
/* JT_OK: connected. JT_AGAIN: poll. Else nobody can be reached, and d->fd is -1. */
enum jt_err cmd_dial_start(struct cmd_dial *d, const char *address, struct jt_error *e);
struct pollfd cmd_dial_poll(const struct cmd_dial *d);
/* When poll named it; returns the same. */
enum jt_err cmd_dial_next(struct cmd_dial *d, struct jt_error *e);
void cmd_dial_stop(struct cmd_dial *d);

/* Ask for a host's addresses in a thread; the pipe that gives the answer (resolve.c), or -1. */
struct cmd_resolved {
	int error;      /* of getaddrinfo */
	size_t count;
	struct sockaddr_storage list[CMD_TRIES_MAX];
};
int cmd_resolve(const char *host, const char *port);

#endif
