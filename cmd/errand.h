/*
 * jt-submit's talk with servers: sends what the outbox has, and makes results
 * of what comes back. A server is believed only what it proves. All times are
 * cmd_clock_ms.
 */
#ifndef CMD_ERRAND_H
#define CMD_ERRAND_H

#include "outbox.h"
#include "servers.h"
#include "streams.h"

struct errand {
	struct cmd_servers servers;
	struct jt_terms terms;
	struct outbox outbox;
	bool wait_results;         /* else being accepted is enough */
	struct cmd_output *out;    /* for proofs */
	struct jt_proof_seen seen; /* the certificate that was verified last */
	msgpack_zone zone;

	bool connected;
	bool asked_door, knows_door; /* whose stamps it takes; asked when there are records */
	uint8_t door[JT_KEY];
	struct cmd_source source;
	struct cmd_sink sink;
	uint64_t heard;            /* ms, when the server last said something useful */
	uint64_t connect_at;       /* ms, not before */
	unsigned failures;         /* to connect, in a row */
	char trouble[JT_ERROR_MAX]; /* with the last server, or nothing */

	uint64_t progress;         /* ms, when something was last decided, if not for good */
	uint64_t done, failed, refused; /* of the input, so far */
	/* One more of those, with a line about it. */
	void (*tell)(enum jt_err code, const char *name, uint64_t index, const char *line);
};

/* After servers, out and the fields above them are set. */
void errand_open(struct errand *e, uint64_t resend_ms);
void errand_close(struct errand *e);

/* Connect if need be, then send what may go. True: there is more that may. */
bool errand_send(struct errand *e, uint64_t now);
/* Take what came. */
void errand_hear(struct errand *e, uint64_t now);
/* What to poll for, in this order: source, sink. */
void errand_poll(const struct errand *e, struct pollfd p[2]);

/* For its own two files: the server is no good, another one is asked; it breaks the rules. */
void errand_trouble(struct errand *e, const char *text, uint64_t now);
void errand_liar(struct errand *e, const char *what, uint64_t now);
bool errand_ask(struct errand *e, const struct jt_query *q);

#endif
