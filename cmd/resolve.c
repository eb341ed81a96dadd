/*
 * The addresses of a host, asked for in a thread, since getaddrinfo may take as
 * long as the answer does. The answer comes through a pipe in one piece; who no
 * longer wants it closes the pipe. See dial.h.
 */
#include "dial.h"

#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(struct cmd_resolved) <= PIPE_BUF, "the answer is written in one piece");

enum { STACK = 256 << 10 };

struct question {
	int fd;
	char *host, *port;
};

static void
forget(struct question *q)
{
	close(q->fd);
	free(q->host);
	free(q->port);
	free(q);
}

static void *
ask(void *arg)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct cmd_resolved answer = { 0 };
	struct question *q = arg;
	struct addrinfo *list = NULL;

	answer.error = getaddrinfo(q->host, q->port, &hints, &list);
	for (struct addrinfo *a = list; a != NULL && answer.count < CMD_TRIES_MAX; a = a->ai_next)
		if (a->ai_addrlen <= sizeof answer.list[0])
			memcpy(&answer.list[answer.count++], a->ai_addr, a->ai_addrlen);
	if (list != NULL)
		freeaddrinfo(list);
	if (write(q->fd, &answer, sizeof answer) < 0)
		answer.count = 0; /* nobody wants it any more */
	forget(q);
	return NULL;
}

/* Signals are the main thread's. */
static bool
start(struct question *q)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t id;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	started = pthread_create(&id, &attr, ask, q) == 0;
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

int
cmd_resolve(const char *host, const char *port)
{
	struct question *q = malloc(sizeof *q);
	int fd[2];

	if (q == NULL || pipe2(fd, O_CLOEXEC) != 0) {
		free(q);
		return -1;
	}
	*q = (struct question){ .fd = fd[1], .host = strdup(host), .port = strdup(port) };
	if (q->host != NULL && q->port != NULL && start(q))
		return fd[0];
	forget(q);
	close(fd[0]);
	return -1;
}
