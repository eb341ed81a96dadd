/* Sockets by address. See socket.h. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 512, HOST_MAX = 256 };

bool
cmd_address_is_path(const char *address)
{
	return strchr(address, '/') != NULL || strchr(address, ':') == NULL;
}

/* ---- Unix sockets ---- */

enum jt_err
cmd_unix_address(const char *path, struct sockaddr_un *sa, int *dir, struct jt_error *e)
{
	const char *name = strrchr(path, '/');
	char *parent;

	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*dir = -1;
	if (strlen(path) < sizeof sa->sun_path) {
		memcpy(sa->sun_path, path, strlen(path));
		return JT_OK;
	}
	if (name == NULL || strlen(name) > 64)
		return jt_fail(e, JT_USAGE, "%s: name of a socket is too long", path);
	if ((parent = strndup(path, (size_t)(name - path))) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	*dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (*dir < 0)
		return jt_fail(e, jt_err_of(errno, JT_AGAIN), "%s: %s", path, strerror(errno));
	snprintf(sa->sun_path, sizeof sa->sun_path, "/proc/self/fd/%d%s", *dir, name);
	return JT_OK;
}

static int
new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static enum jt_err
failed(struct jt_error *e, enum jt_err other, const char *address)
{
	return jt_fail(e, jt_err_of(errno, other), "%s: %s", address, strerror(errno));
}

/* Wait for a connection to be made. */
static enum jt_err
finish_connect(int fd, const char *address, int timeout_ms, struct jt_error *e)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	socklen_t len = sizeof(int);
	int n, error = 0;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return jt_fail(e, JT_AGAIN, "%s: no answer", address);
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return failed(e, JT_SYSTEM, address);
	if (error != 0)
		return jt_fail(e, JT_AGAIN, "%s: %s", address, strerror(error));
	return JT_OK;
}

static enum jt_err
connect_to(const struct sockaddr *sa, socklen_t len, const char *address, int timeout_ms,
    int *fd, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	if ((*fd = new_socket(sa->sa_family)) < 0)
		return failed(e, JT_SYSTEM, address);
	if (connect(*fd, sa, len) != 0) {
		if (errno == EINPROGRESS || errno == EINTR)
			err = finish_connect(*fd, address, timeout_ms, e);
		else
			err = failed(e, JT_AGAIN, address);
	}
	if (err != JT_OK) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

static enum jt_err
connect_unix(const char *path, int timeout_ms, int *fd, struct jt_error *e)
{
	struct sockaddr_un sa;
	int dir;
	enum jt_err err = cmd_unix_address(path, &sa, &dir, e);

	if (err == JT_OK)
		err = connect_to((const struct sockaddr *)&sa, sizeof sa, path, timeout_ms, fd, e);
	if (dir >= 0)
		close(dir);
	return err;
}

/* Does somebody listen there, be it without accepting (EAGAIN: his queue is full)? */
static bool
is_listened_at(const char *path)
{
	struct sockaddr_un sa;
	struct jt_error e;
	bool yes = false;
	int dir, fd;

	if (cmd_unix_address(path, &sa, &dir, &e) != JT_OK)
		return false;
	if ((fd = new_socket(AF_UNIX)) >= 0) {
		yes = connect(fd, (const struct sockaddr *)&sa, sizeof sa) == 0 || errno == EAGAIN;
		close(fd);
	}
	if (dir >= 0)
		close(dir);
	return yes;
}

/* What lies at the path: a socket without a listener may go. */
static void
probe(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return;
	if (!S_ISSOCK(st.st_mode))
		die(JT_CANTCREATE, "%s: exists and is no socket", path);
	if (is_listened_at(path))
		die(JT_AGAIN, "%s: somebody listens there", path);
}

/* It is made beside its place and moved there, so that whoever finds it can connect. */
static void
listen_unix(const char *path, struct cmd_listener *l)
{
	struct sockaddr_un sa;
	struct jt_error e;
	struct stat st;
	char *temp;
	int dir;

	probe(path);
	if (asprintf(&temp, "%s.%ld", path, (long)getpid()) < 0)
		die(JT_SYSTEM, "out of memory");
	cmd_check(cmd_unix_address(temp, &sa, &dir, &e), &e);
	unlink(temp);
	if ((l->fd = new_socket(AF_UNIX)) < 0)
		die(JT_SYSTEM, "%s: %s", path, strerror(errno));
	if (bind(l->fd, (const struct sockaddr *)&sa, sizeof sa) != 0)
		die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
	if (listen(l->fd, BACKLOG) != 0 || lstat(temp, &st) != 0 || rename(temp, path) != 0) {
		int error = errno;
		unlink(temp);
		die(jt_err_of(error, JT_CANTCREATE), "%s: %s", path, strerror(error));
	}
	l->path = path;
	l->device = st.st_dev;
	l->inode = st.st_ino;
	if (dir >= 0)
		close(dir);
	free(temp);
}

/* ---- TCP ---- */

/* A number must be one of a port: getaddrinfo(3) takes what is left of larger ones. */
static bool
is_port(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && (strspn(text, "0123456789") < len || (len <= 5 && atoi(text) <= 65535));
}

/* A server's name that is not known today is as a server that does not answer. */
static enum jt_err
code_of(int rc, bool passive)
{
	if (rc == EAI_SYSTEM || rc == EAI_MEMORY)
		return JT_SYSTEM;
	return rc == EAI_AGAIN || (rc != EAI_SERVICE && !passive) ? JT_AGAIN : JT_USAGE;
}

static enum jt_err
resolve(const char *address, bool passive, struct addrinfo **found, struct jt_error *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0 };
	const char *colon = strrchr(address, ':');
	size_t len = (size_t)(colon - address);
	char host[HOST_MAX];
	int rc;

	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len >= sizeof host || !is_port(colon + 1))
		return jt_fail(e, JT_USAGE, "%s: expected host:port or the path of a socket", address);
	memcpy(host, address, len);
	host[len] = '\0';
	rc = getaddrinfo(len > 0 ? host : NULL, colon + 1, &hints, found);
	if (rc == 0)
		return JT_OK;
	return jt_fail(e, code_of(rc, passive), "%s: %s", address,
	    rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
}

/* Small objects go at once, and one that vanished is found out. */
static void
set_options(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

static enum jt_err
connect_tcp(const char *address, int timeout_ms, int *fd, struct jt_error *e)
{
	struct addrinfo *found, *a;
	enum jt_err err = resolve(address, false, &found, e);

	if (err != JT_OK)
		return err;
	for (a = found; a != NULL; a = a->ai_next) {
		err = connect_to(a->ai_addr, a->ai_addrlen, address, timeout_ms, fd, e);
		if (err == JT_OK)
			break;
	}
	freeaddrinfo(found);
	if (err == JT_OK)
		set_options(*fd);
	return err;
}

/* False and errno when it cannot be had. */
static bool
listen_at(const struct addrinfo *a, struct cmd_listener *l)
{
	int on = 1, error;

	if ((l->fd = new_socket(a->ai_family)) < 0)
		return false;
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->ai_family == AF_INET6)
		(void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(l->fd, a->ai_addr, a->ai_addrlen) == 0 && listen(l->fd, BACKLOG) == 0)
		return true;
	error = errno;
	close(l->fd);
	errno = error;
	return false;
}

static size_t
listen_tcp(const char *address, struct cmd_listener *out, size_t room)
{
	struct addrinfo *found = NULL, *a;
	struct jt_error e;
	size_t n = 0;
	int error = 0;

	cmd_check(resolve(address, true, &found, &e), &e);
	for (a = found; a != NULL && n < room; a = a->ai_next) {
		out[n] = (struct cmd_listener){ .address = address };
		if (listen_at(a, &out[n]))
			n++;
		else if (errno == EADDRINUSE || error == 0)
			error = errno;
	}
	freeaddrinfo(found);
	/* One family may be switched off; what is in use is not to be passed over. */
	if (n == 0 || error == EADDRINUSE)
		die(error == EADDRINUSE ? JT_AGAIN : jt_err_of(error, JT_CANTCREATE), "%s: %s",
		    address, error == EADDRINUSE ? "somebody listens there" : strerror(error));
	return n;
}

/* ---- both ---- */

size_t
cmd_listen(const char *address, struct cmd_listener *out, size_t room)
{
	if (room == 0)
		die(JT_USAGE, "%s: too many addresses", address);
	if (!cmd_address_is_path(address))
		return listen_tcp(address, out, room);
	*out = (struct cmd_listener){ .address = address };
	listen_unix(address, out);
	return 1;
}

void
cmd_listener_close(struct cmd_listener *l)
{
	struct stat st;

	close(l->fd);
	l->fd = -1;
	/* Another one may listen there by now. */
	if (l->path != NULL && lstat(l->path, &st) == 0 && st.st_dev == l->device &&
	    st.st_ino == l->inode)
		unlink(l->path);
}

int
cmd_accept(const struct cmd_listener *l, uint8_t source[CMD_SOURCE])
{
	struct sockaddr_storage sa = { 0 };
	socklen_t len = sizeof sa;
	int fd = accept4(l->fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	memset(source, 0, CMD_SOURCE);
	if (fd < 0)
		return -1;
	if (sa.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)&sa;
		source[0] = '6';
		memcpy(source + 1, &in->sin6_addr, 8);
	} else if (sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&sa;
		source[0] = '4';
		memcpy(source + 1, &in->sin_addr, sizeof in->sin_addr);
	} else {
		struct ucred who = { 0 };
		len = sizeof who;
		(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
		source[0] = 'u';
		memcpy(source + 1, &who.uid, sizeof who.uid);
		memcpy(source + 1 + sizeof who.uid, &who.pid, sizeof who.pid);
		return fd;
	}
	set_options(fd);
	return fd;
}

enum jt_err
cmd_connect(const char *address, int timeout_ms, int *fd, struct jt_error *e)
{
	*fd = -1;
	if (cmd_address_is_path(address))
		return connect_unix(address, timeout_ms, fd, e);
	return connect_tcp(address, timeout_ms, fd, e);
}
