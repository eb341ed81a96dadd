/* jt-submit's talk with servers. See errand.h. */
#include "errand.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/record.h"
#include "socket.h"

enum {
	CONNECT_MS = 2000,
	RETRY_MS = 100,       /* after no server could be reached, doubled up to 16 times that */
	SILENT_MS = 10000,    /* of a server that owes us something: another one is asked */
	QUEUE_MAX = 1 << 20,
	QUEUE_FULL = 256 << 10 /* of bytes that wait, no more are added */
};

void
errand_open(struct errand *e, uint64_t resend_ms)
{
	jt_genesis_terms(&e->servers.genesis, e->servers.network.id, &e->terms);
	outbox_open(&e->outbox, resend_ms);
	jt_proof_seen_init(&e->seen);
	if (!msgpack_zone_init(&e->zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
}

static void
disconnect(struct errand *e)
{
	if (!e->connected)
		return;
	cmd_source_close(&e->source);
	cmd_sink_close(&e->sink);
	e->connected = false;
	outbox_again(&e->outbox);
}

void
errand_close(struct errand *e)
{
	disconnect(e);
	outbox_close(&e->outbox);
	jt_proof_seen_free(&e->seen);
	msgpack_zone_destroy(&e->zone);
	cmd_servers_close(&e->servers);
}

/* The next server, after a while once all were tried. */
static void
next_server(struct errand *e, uint64_t now)
{
	disconnect(e);
	e->servers.at = (e->servers.at + 1) % e->servers.count;
	if (e->servers.at != 0)
		return;
	e->connect_at = now + ((uint64_t)RETRY_MS << (e->failures < 4 ? e->failures : 4));
	e->failures++;
}

void
errand_trouble(struct errand *e, const char *text, uint64_t now)
{
	snprintf(e->trouble, sizeof e->trouble, "%s", text);
	next_server(e, now);
}

void
errand_liar(struct errand *e, const char *what, uint64_t now)
{
	char line[2 * JT_ERROR_MAX];

	snprintf(line, sizeof line, "%s: %s", e->servers.addresses[e->servers.at], what);
	e->tell(JT_OK, NULL, 0, line);
	errand_trouble(e, line, now);
}

static void
connect_now(struct errand *e, uint64_t now)
{
	const char *address = e->servers.addresses[e->servers.at];
	struct jt_error error;
	int fd;

	if (cmd_connect(address, CONNECT_MS, &fd, &error) != JT_OK) {
		errand_trouble(e, error.text, now);
		return;
	}
	cmd_source_fd(&e->source, fd, address);
	e->source.foreign = true;
	if ((fd = dup(fd)) < 0)
		die(JT_SYSTEM, "out of descriptors");
	cmd_sink_fd(&e->sink, fd, address, QUEUE_MAX);
	e->connected = true;
	e->asked_door = e->knows_door = false;
	e->outbox.records_wait = true;
	e->heard = now;
	e->failures = 0;
}

bool
errand_ask(struct errand *e, const struct jt_query *q)
{
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error error;
	bool asked = jt_query_write(q, &b, &error) == JT_OK &&
	    cmd_sink_put(&e->sink, jt_buf_slice(&b));

	jt_buf_free(&b);
	return asked;
}

/* A record goes in a stamp for this server's door: the work that keeps floods away. */
static void
send_record(struct errand *e, const struct outbox_item *item)
{
	struct jt_stamp s = { .record = item->object };
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error error;

	memcpy(s.door, e->door, JT_KEY);
	if (!jt_stamp_find(s.door, item->id, e->servers.genesis.records.stamp, JT_UINT_MAX,
	    &s.nonce))
		die(JT_CONFIG, "the network asks for more work than there is");
	cmd_check(jt_kind_write(&jt_kind_stamp, &s, &b, &error), &error);
	cmd_sink_put(&e->sink, jt_buf_slice(&b));
	jt_buf_free(&b);
}

bool
errand_send(struct errand *e, uint64_t now)
{
	struct outbox_item *item;
	bool stamped = false;

	if (e->connected && (e->sink.fd < 0 || !e->source.open))
		errand_trouble(e, "the server closed the connection", now);
	if (e->connected && e->outbox.sent_count > 0 && now - e->heard > SILENT_MS)
		errand_trouble(e, "the server is silent", now);
	if (!e->connected && e->outbox.count > 0 && now >= e->connect_at)
		connect_now(e, now);
	if (!e->connected)
		return false;
	if (e->outbox.sent_count == 0)
		e->heard = now;
	if (e->outbox.records > 0 && !e->asked_door)
		e->asked_door = errand_ask(e, &(struct jt_query){ .what = JT_QUERY_DOOR });
	/* One stamp at a time: meanwhile others have their answers. */
	while (!stamped && cmd_sink_waiting(&e->sink) < QUEUE_FULL &&
	    (item = outbox_next(&e->outbox, now)) != NULL) {
		stamped = item->record;
		if (stamped)
			send_record(e, item);
		else
			cmd_sink_put(&e->sink, item->object);
	}
	cmd_sink_flush(&e->sink);
	return stamped;
}

void
errand_poll(const struct errand *e, struct pollfd p[2])
{
	p[0] = p[1] = (struct pollfd){ .fd = -1 };
	if (!e->connected)
		return;
	p[0] = cmd_source_poll(&e->source);
	p[1] = cmd_sink_poll(&e->sink);
}
