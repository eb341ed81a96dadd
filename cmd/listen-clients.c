/* The sockets of a door's clients. See listen-clients.h. */
#include "listen-clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DESCRIPTORS = 64,    /* besides those of clients */
	EVENTS = 64,         /* looked at in one turn */
	ACCEPT_MAX = 64,     /* new clients in one turn */
	READ_MAX = 64 << 10, /* bytes of a client in one turn */
	REST_MS = 100        /* after a failed accept */
};

/* A client's socket. */
struct connection {
	int fd;
	uint32_t events; /* that epoll waits for */
	struct jt_client *client;
};

/* Fewer clients where the system allows fewer descriptors. */
void
clients_fit(struct jt_door_terms *t)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		die(JT_SYSTEM, "limit of descriptors: %s", strerror(errno));
	if (r.rlim_cur < t->clients + DESCRIPTORS) {
		r.rlim_cur = r.rlim_max < t->clients + DESCRIPTORS ? r.rlim_max :
		    t->clients + DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < 2 * DESCRIPTORS)
		die(JT_SYSTEM, "limit of descriptors: expected %d or more", 2 * DESCRIPTORS);
	if (r.rlim_cur < t->clients + DESCRIPTORS)
		t->clients = (uint32_t)r.rlim_cur - DESCRIPTORS;
}

void
clients_open(struct clients *all, struct jt_door *door)
{
	*all = (struct clients){ .door = door, .epoll = epoll_create1(EPOLL_CLOEXEC) };
	if (all->epoll < 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
}

static void
watch(const struct clients *all, int fd, void *what, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = what };

	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
}

void
clients_listen(struct clients *all, const char *address)
{
	size_t n = cmd_listen(address, &all->listeners[all->listener_count],
	    CLIENTS_LISTENERS_MAX - all->listener_count);

	for (; n > 0; n--) {
		struct cmd_listener *l = &all->listeners[all->listener_count++];
		watch(all, l->fd, l, EPOLLIN);
	}
}

void
clients_close(struct clients *all)
{
	for (size_t i = 0; i < all->listener_count; i++)
		cmd_listener_close(&all->listeners[i]);
}

static void
accept_one(struct clients *all, int fd, const uint8_t source[CMD_SOURCE])
{
	static const struct jt_answer answer = { .state = JT_ANSWER_BUSY };
	struct connection *c = calloc(1, sizeof *c);
	struct jt_buf b = { .max = JT_OBJECT_MAX };

	if (c != NULL && (c->client = jt_door_enter(all->door, source, c)) != NULL) {
		c->fd = fd;
		c->events = EPOLLIN;
		watch(all, fd, c, EPOLLIN);
		return;
	}
	if (jt_kind_write(&jt_kind_answer, &answer, &b, NULL) == JT_OK)
		(void)send(fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	jt_buf_free(&b);
	close(fd);
	free(c);
}

/* With a time: not before that. */
static void
accept_from(struct clients *all, uint64_t ms)
{
	all->accept_after = ms;
	for (size_t i = 0; i < all->listener_count; i++) {
		struct epoll_event ev = { .events = ms ? 0U : EPOLLIN, .data.ptr = &all->listeners[i] };
		if (epoll_ctl(all->epoll, EPOLL_CTL_MOD, all->listeners[i].fd, &ev) != 0)
			die(JT_SYSTEM, "epoll: %s", strerror(errno));
	}
}

static void
accept_some(struct clients *all, const struct cmd_listener *l)
{
	uint8_t source[CMD_SOURCE];

	for (int i = 0; i < ACCEPT_MAX; i++) {
		int fd = cmd_accept(l, source);

		if (fd >= 0) {
			accept_one(all, fd, source);
			continue;
		}
		/* Out of descriptors or memory: it is tried again, but not at once. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			accept_from(all, cmd_clock_ms() + REST_MS);
		return;
	}
}

static void
leave(struct clients *all, struct connection *c)
{
	jt_door_leave(all->door, c->client);
	close(c->fd);
	free(c);
}

/* Something came of a client, or it went. */
static void
read_client(struct clients *all, struct connection *c, uint32_t events)
{
	static uint8_t bytes[READ_MAX];
	struct jt_error e;
	ssize_t n = -1;

	if (!jt_client_reads(c->client)) {
		if (events & (EPOLLHUP | EPOLLERR))
			leave(all, c);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = read(c->fd, bytes, sizeof bytes);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			leave(all, c);
		else if (n == 0)
			jt_door_end(all->door, c->client);
	}
	if (n > 0)
		cmd_check(jt_door_feed(all->door, c->client, (struct jt_slice){ bytes, (size_t)n }, &e),
		    &e);
}

/* Send what there is; false: the client is gone. */
static bool
write_client(struct clients *all, struct connection *c)
{
	struct jt_slice out;
	struct jt_error e;
	ssize_t n;

	cmd_check(jt_door_output(all->door, c->client, &out, &e), &e);
	if (out.len == 0)
		return !jt_client_gone(c->client);
	n = send(c->fd, out.data, out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0)
		jt_door_sent(all->door, c->client, (size_t)n);
	return true;
}

static void
serve(struct clients *all, struct connection *c)
{
	struct epoll_event ev = { .data.ptr = c };
	struct jt_slice out;
	struct jt_error e;

	if (jt_client_gone(c->client) || !write_client(all, c)) {
		leave(all, c);
		return;
	}
	cmd_check(jt_door_output(all->door, c->client, &out, &e), &e);
	ev.events = (jt_client_reads(c->client) ? EPOLLIN : 0U) | (out.len > 0 ? EPOLLOUT : 0U);
	if (ev.events == c->events)
		return;
	c->events = ev.events;
	if (epoll_ctl(all->epoll, EPOLL_CTL_MOD, c->fd, &ev) != 0)
		die(JT_SYSTEM, "epoll: %s", strerror(errno));
}

static bool
is_listener(const struct clients *all, const void *what)
{
	for (size_t i = 0; i < all->listener_count; i++)
		if (what == &all->listeners[i])
			return true;
	return false;
}

void
clients_serve(struct clients *all, uint64_t now)
{
	struct epoll_event events[EVENTS];
	struct jt_client *client;
	struct jt_error e;
	int n;

	if (all->accept_after != 0 && now >= all->accept_after)
		accept_from(all, 0);
	n = epoll_wait(all->epoll, events, EVENTS, 0);
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (is_listener(all, c)) {
			accept_some(all, events[i].data.ptr);
			continue;
		}
		if (events[i].events & EPOLLOUT)
			jt_door_ready(all->door, c->client);
		read_client(all, c, events[i].events);
	}
	cmd_check(jt_door_run(all->door, &e), &e);
	while ((client = jt_door_next(all->door)) != NULL)
		serve(all, jt_client_user(client));
}

struct pollfd
clients_poll(const struct clients *all)
{
	return (struct pollfd){ all->epoll, POLLIN, 0 };
}

int
clients_wait(const struct clients *all)
{
	int wait = jt_door_wait(all->door);

	return all->accept_after != 0 && wait < 0 ? REST_MS : wait;
}
