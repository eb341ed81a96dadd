/*
 * For programs that talk with several others at once: streams of objects in
 * and out, none of which is ever waited for alone.
 *
 *	cmd_streams_start();
 *	cmd_source_open(&in, "-");
 *	cmd_sink_open(&out, NULL, QUEUE_MAX);
 *	while (!cmd_stopping) {
 *		struct pollfd p[] = { cmd_source_poll(&in), cmd_sink_poll(&out) };
 *		cmd_poll(p, 2, timeout_ms);
 *		if (p[0].revents)
 *			cmd_source_read(&in);
 *		while (cmd_source_next(&in, &o, &row))
 *			... cmd_sink_put(&out, o.bytes) ...
 *		cmd_sink_flush(&out);
 *	}
 *
 * Objects are valid until the source is read or asked again. Every queue has
 * a maximum, and what to do when it is full is the program's to say.
 */
#ifndef CMD_STREAMS_H
#define CMD_STREAMS_H

#include <poll.h>
#include <signal.h>

#include "cmd.h"

/* SIGPIPE is an error of write from here on; TERM, INT and HUP set cmd_stopping. */
void cmd_streams_start(void);
extern volatile sig_atomic_t cmd_stopping; /* the signal's number */
/* Nobody reads what is written: the end of a filter, by SIGPIPE, or 74 where that is ignored. */
_Noreturn void cmd_reader_gone(const char *name);
/* poll(2), in which alone those signals arrive; timeout_ms < 0: none. */
void cmd_poll(struct pollfd *p, size_t count, int timeout_ms);

struct cmd_source {
	const char *name;  /* for messages */
	bool open;         /* more may come */
	/*
	 * What comes was made by others than this machine's programs: bad objects
	 * get a line, the first few of them, and never make an exit code; a stream
	 * that is no objects at all is closed.
	 */
	bool foreign;
	unsigned told;
	bool loose;        /* any kind will do: only envelopes are looked at, and row is NULL */
	/* Of a pipe with a name, or set after opening: its writer and this program are started
	   together, and end so: a stream that breaks off is the writer's end (75), and not
	   malformed. */
	bool together;
	bool keep;         /* stdin: not closed */
	struct jt_reader reader;
};
/* "-" is stdin; a FIFO is opened without waiting for its writer. Ends with 66 or 77. */
void cmd_source_open(struct cmd_source *s, const char *path);
/* The descriptor is the source's from here on. */
void cmd_source_fd(struct cmd_source *s, int fd, const char *name);
void cmd_source_close(struct cmd_source *s);
/* What to poll for: nothing (fd -1) once it is closed. */
struct pollfd cmd_source_poll(const struct cmd_source *s);
/* When poll named it: read once, without waiting. */
void cmd_source_read(struct cmd_source *s);
/* The next whole object in memory that is all its kind says; false: poll again. */
bool cmd_source_next(struct cmd_source *s, struct jt_object *o, const struct jt_kind **row);
/* A line about the object just returned. */
void cmd_source_complain(struct cmd_source *s, enum jt_err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

struct cmd_sink {
	const char *name;
	int fd;            /* -1: closed, or its reader is gone */
	bool shown;        /* a terminal: objects are shown as text */
	bool socket;
	size_t max;        /* bytes that wait, at most */
	size_t sent;       /* of `queue`, written already */
	struct jt_buf queue;
};
/* path NULL: stdout, "-": stdout as bytes. A FIFO's reader is waited for, 10 s at most (75). */
void cmd_sink_open(struct cmd_sink *s, const char *path, size_t max);
/* A descriptor, the sink's from here on; one that a source has, too: dup it. */
void cmd_sink_fd(struct cmd_sink *s, int fd, const char *name, size_t max);
void cmd_sink_close(struct cmd_sink *s);
struct pollfd cmd_sink_poll(const struct cmd_sink *s);
/* Queue an object; false when that is too much, or the sink is closed. */
bool cmd_sink_put(struct cmd_sink *s, struct jt_slice object);
/* Bytes that wait. */
size_t cmd_sink_waiting(const struct cmd_sink *s);
/* Forget what waits, but for the rest of an object that is half written. */
void cmd_sink_drop(struct cmd_sink *s);
/* Write what goes without waiting. When the reader is gone the sink is closed. */
void cmd_sink_flush(struct cmd_sink *s);
/* Write all of it, waiting if need be: at the end. */
void cmd_sink_finish(struct cmd_sink *s);

#endif
