/*
 * Sockets that streams of objects go over, by address: the path of a Unix
 * socket when it has a slash or no colon, else host:port or [host]:port, with
 * no host for all addresses of this machine.
 */
#ifndef CMD_SOCKET_H
#define CMD_SOCKET_H

#include <sys/types.h>
#include <sys/un.h>

#include "cmd.h"

#define CMD_SOURCE 16 /* bytes that tell where a connection comes from */

struct cmd_listener {
	const char *address;
	int fd;            /* does not block */
	const char *path;  /* of a Unix socket, which is removed at the end; or NULL */
	dev_t device;
	ino_t inode;
};

/* Is this the path of a Unix socket? */
bool cmd_address_is_path(const char *address);
/*
 * What the system takes for a path. sun_path holds 107 bytes: a longer path goes
 * through an open descriptor of its directory, which *dir is then, for as long
 * as the address is used; else -1.
 */
enum jt_err cmd_unix_address(const char *path, struct sockaddr_un *sa, int *dir,
    struct jt_error *e);

/*
 * Listen; a name may stand for several addresses. Returns how many of `out`
 * were filled in. A Unix socket that nobody listens on any more is replaced.
 * Ends with 64 (no address), 73, 75 (somebody listens there), 77.
 */
size_t cmd_listen(const char *address, struct cmd_listener *out, size_t room);
void cmd_listener_close(struct cmd_listener *l);
/*
 * The next connection, which does not block, or -1 and errno. source: of a
 * local one process and user, else the address, of IPv6 its network.
 */
int cmd_accept(const struct cmd_listener *l, uint8_t source[CMD_SOURCE]);

/*
 * A connection that does not block. JT_AGAIN: nobody answers in time, or it
 * is refused; JT_USAGE: no address, or no such host.
 */
enum jt_err cmd_connect(const char *address, int timeout_ms, int *fd, struct jt_error *e);

#endif
