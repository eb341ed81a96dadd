/*
 * A wire: one connection of a program that poll(2)s, from the dialing to the
 * end, with a link over it (net/link.h) and what waits before and behind that.
 * Never waits; all times are cmd_clock_ms. An error of any call here means that
 * the wire is of no use any more: close it.
 */
#ifndef CMD_WIRE_H
#define CMD_WIRE_H

#include "dial.h"
#include "net/link.h"
#include "socket.h"

#define CMD_WIRE_IDLE_MS 2000   /* after so long a silence it says that it is there */
#define CMD_WIRE_DEAD_MS 10000  /* and after so long another's it takes that one for dead */
#define CMD_WIRE_SHAKE_MS 5000  /* from the first byte dialed to up, at most */

struct cmd_wire {
	struct cmd_dial dial;
	int fd;                   /* -1: not connected yet */
	uint8_t source[CMD_SOURCE]; /* of one that was accepted */
	char from[CMD_SOCKET_NAME];
	struct jt_link *link;
	struct jt_buf in;         /* read, not yet taken by the link: less than 2 chunks */
	size_t taken;             /* of it */
	struct jt_buf out;        /* sealed, not yet written: about a chunk */
	size_t sent;              /* of it */
	struct jt_buf text;       /* heard: less than an object and a chunk */
	size_t parsed;            /* of it */
	uint64_t since, heard, said;
	bool ready;               /* poll named it: the caller's */
	bool deaf;                /* it takes nothing more; what it said before may still come */
	bool more;                /* `in` or `text` may hold something whole */
	bool end;                 /* nothing more comes from the socket */
};

/* Either ends the program without memory. With JT_OK or JT_AGAIN it goes on. */
struct cmd_wire *cmd_wire_dial(const struct jt_link_end *self, const uint8_t key[JT_NOISE_KEY],
    const char *address, uint64_t now, enum jt_err *err, struct jt_error *e);
struct cmd_wire *cmd_wire_accepted(const struct jt_link_end *self, int fd,
    const uint8_t source[CMD_SOURCE], uint64_t now);
/* NULL is fine. */
void cmd_wire_close(struct cmd_wire *w);

/* What to poll for; with `hear` unset what comes is left where it is. */
struct pollfd cmd_wire_poll(const struct cmd_wire *w, bool hear);
/* When poll named it: go on dialing, or read once. */
enum jt_err cmd_wire_go_on(struct cmd_wire *w, const struct jt_link_end *self,
    const uint8_t *key, uint64_t now, struct jt_error *e);
/*
 * The next event in what was read; JT_LINK_WAIT: none. With JT_LINK_TEXT, and
 * JT_LINK_UP, there may be objects.
 */
enum jt_err cmd_wire_next(struct cmd_wire *w, enum jt_link_event *event, struct jt_error *e);
/*
 * The next whole object heard, valid until the next call for this wire;
 * JT_AGAIN: none. JT_MALFORMED: what is heard is no stream of objects; with
 * object->len > 0 only this one is none, and others may follow.
 */
enum jt_err cmd_wire_object(struct cmd_wire *w, struct jt_slice *object, struct jt_error *e);

/* Is there room to say something? */
bool cmd_wire_room(const struct cmd_wire *w);
enum jt_err cmd_wire_say(struct cmd_wire *w, struct jt_slice text, struct jt_error *e);
/* Write what goes; when the other end takes no more, all of it is dropped. */
void cmd_wire_flush(struct cmd_wire *w, uint64_t now);
size_t cmd_wire_waiting(const struct cmd_wire *w);
/*
 * What time does: a sign of life after a silence of ours; JT_NO after too long
 * a silence of the other end, or when it is not up in time. *next: when to ask again.
 */
enum jt_err cmd_wire_time(struct cmd_wire *w, uint64_t now, uint64_t *next, struct jt_error *e);

#endif
