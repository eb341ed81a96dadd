/* Dialing without waiting. See dial.h. */
#include "dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "socket.h"

/* host:port apart; an empty host is NULL. text holds what both point to. */
static enum jt_err
split(const char *address, char text[CMD_ADDRESS_MAX], char **host, char **port,
    struct jt_error *e)
{
	size_t n = strlen(address);
	char *colon;

	if (n >= CMD_ADDRESS_MAX)
		return jt_fail(e, JT_USAGE, "an address of %zu bytes, more than %d", n,
		    CMD_ADDRESS_MAX - 1);
	memcpy(text, address, n + 1);
	colon = strrchr(text, ':');
	*port = colon + 1;
	*colon = '\0';
	*host = text;
	if (text[0] == '[' && colon > text + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		*host = text + 1;
	} else if (strchr(text, ':') != NULL)
		return jt_fail(e, JT_USAGE, "%s: expected host:port, or [host]:port for IPv6",
		    address);
	if ((*port)[0] == '\0' || strspn(*port, "0123456789") != strlen(*port) ||
	    strlen(*port) > 5 || atoi(*port) > 65535)
		return jt_fail(e, JT_USAGE, "%s: %s is no port", address, *port);
	if ((*host)[0] == '\0')
		*host = NULL;
	return JT_OK;
}

enum jt_err
cmd_address_check(const char *address, struct jt_error *e)
{
	char text[CMD_ADDRESS_MAX], *host, *port;

	if (address[0] == '\0')
		return jt_fail(e, JT_USAGE, "an empty address");
	if (!cmd_address_is_path(address))
		return split(address, text, &host, &port, e);
	if (strlen(address) >= CMD_ADDRESS_MAX)
		return jt_fail(e, JT_USAGE, "an address of %zu bytes, more than %d",
		    strlen(address), CMD_ADDRESS_MAX - 1);
	return JT_OK;
}

static socklen_t
length_of(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_UNIX ? sizeof(struct sockaddr_un) :
	    a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

void
cmd_socket_name(int fd, bool own, char name[CMD_SOCKET_NAME])
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	char host[48] = "?", port[8] = "?";

	if ((own ? getsockname : getpeername)(fd, (struct sockaddr *)&a, &len) != 0 ||
	    a.ss_family == AF_UNIX) {
		snprintf(name, CMD_SOCKET_NAME, "local");
		return;
	}
	getnameinfo((const struct sockaddr *)&a, length_of(&a), host, sizeof host, port,
	    sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(name, CMD_SOCKET_NAME, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

void
cmd_dial_stop(struct cmd_dial *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* Begin to connect to the next address; JT_OK where that is done at once. */
static enum jt_err
try_next(struct cmd_dial *d, struct jt_error *e)
{
	static const int on = 1;

	while (d->next < d->count) {
		const struct sockaddr_storage *a = &d->to[d->next++];
		cmd_dial_stop(d);
		d->fd = socket(a->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (d->fd >= 0 && a->ss_family != AF_UNIX)
			setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (d->fd >= 0 && connect(d->fd, (const struct sockaddr *)a, length_of(a)) == 0)
			return JT_OK;
		if (d->fd >= 0 && errno == EINPROGRESS)
			return JT_AGAIN;
		jt_fail(e, JT_NO, "%s", strerror(errno));
	}
	cmd_dial_stop(d);
	return e->code;
}

static enum jt_err
dial_local(struct cmd_dial *d, const char *path, struct jt_error *e)
{
	struct sockaddr_un un;
	enum jt_err err;
	int dir;

	if ((err = cmd_unix_address(path, &un, &dir, e)) != JT_OK)
		return err;
	memcpy(&d->to[0], &un, sizeof un);
	d->count = 1;
	err = try_next(d, e);
	if (dir >= 0)
		close(dir);
	return err;
}

enum jt_err
cmd_dial_start(struct cmd_dial *d, const char *address, struct jt_error *e)
{
	char text[CMD_ADDRESS_MAX], *host, *port;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *list;
	enum jt_err err;

	*d = (struct cmd_dial){ .fd = -1 };
	jt_fail(e, JT_NO, "no address");
	if ((err = cmd_address_check(address, e)) != JT_OK)
		return err;
	if (cmd_address_is_path(address))
		return dial_local(d, address, e);
	if ((err = split(address, text, &host, &port, e)) != JT_OK)
		return err;
	if (getaddrinfo(host, port, &hints, &list) == 0) {
		for (struct addrinfo *a = list; a != NULL && d->count < CMD_TRIES_MAX; a = a->ai_next)
			memcpy(&d->to[d->count++], a->ai_addr, a->ai_addrlen);
		freeaddrinfo(list);
		return try_next(d, e);
	}
	if ((d->fd = cmd_resolve(host, port)) < 0)
		return jt_fail(e, JT_NO, "%s: no thread to ask for its address", host);
	d->resolving = true;
	return JT_AGAIN;
}

struct pollfd
cmd_dial_poll(const struct cmd_dial *d)
{
	return (struct pollfd){ d->fd, d->resolving ? POLLIN : POLLOUT, 0 };
}

enum jt_err
cmd_dial_next(struct cmd_dial *d, struct jt_error *e)
{
	struct cmd_resolved answer;
	socklen_t len = sizeof(int);
	int error = 0;

	jt_fail(e, JT_NO, "no address");
	if (!d->resolving) {
		if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
			return JT_OK;
		jt_fail(e, JT_NO, "%s", strerror(error));
		return try_next(d, e);
	}
	d->resolving = false;
	if (read(d->fd, &answer, sizeof answer) != (ssize_t)sizeof answer)
		answer = (struct cmd_resolved){ .error = EAI_SYSTEM };
	cmd_dial_stop(d);
	if (answer.error != 0)
		return jt_fail(e, JT_NO, "%s", gai_strerror(answer.error));
	memcpy(d->to, answer.list, sizeof d->to);
	d->count = answer.count;
	return try_next(d, e);
}
