/* Asking validators. See servers.h. */
#include "all/kinds.h"
#include "servers.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "socket.h"

enum { CONNECT_MS = 5000, ANSWER_MS = 15000 };

static void
add(struct cmd_servers *s, const char *data, size_t len)
{
	if (s->count == CMD_SERVERS_MAX || (s->addresses[s->count] = strndup(data, len)) == NULL)
		die(JT_SYSTEM, "too many servers");
	s->count++;
}

static void
find(struct cmd_servers *s, const char *given, const char *dir)
{
	const struct jt_validator *v = s->genesis.validators.items;
	char *sock = NULL;
	struct stat st;

	if (dir != NULL && (sock = jt_path_join(dir, "sock")) == NULL)
		die(JT_SYSTEM, "out of memory");
	if (given != NULL)
		add(s, given, strlen(given));
	else if (sock != NULL && stat(sock, &st) == 0)
		add(s, sock, strlen(sock));
	else
		for (uint32_t i = 0; i < s->genesis.validators.count; i++)
			if (v[i].client.len > 0)
				add(s, (const char *)v[i].client.data, v[i].client.len);
	free(sock);
}

bool
cmd_servers_find(struct cmd_servers *s, const char *given, const char *network,
    const char *dir)
{
	uint8_t id[JT_HASH];
	struct jt_error e;

	*s = (struct cmd_servers){ .fd = -1 };
	cmd_crypto();
	if ((s->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	if (given != NULL)
		cmd_network(&s->network, network, dir);
	else if (!cmd_network_maybe(&s->network, network, dir))
		return false;
	cmd_check(jt_genesis_decode(&s->network.genesis, &s->genesis, id, s->zone, &e), &e);
	find(s, given, dir);
	return s->count > 0;
}

void
cmd_servers_open(struct cmd_servers *s, const char *given, const char *network,
    const char *dir)
{
	if (cmd_servers_find(s, given, network, dir))
		return;
	cmd_network(&s->network, network, dir); /* if that is what is missing, it says so */
	die(JT_CONFIG, "no server: -s SERVER, %s, or an address in the network file",
	    dir != NULL ? "a socket DIR/sock" : "-d DIR");
}

bool
cmd_servers_instead(struct cmd_servers *s, const char *given, const char *network,
    const char *dir)
{
	char *path = dir != NULL && given == NULL ? jt_path_join(dir, "ledger/data.mdb") : NULL;
	struct stat st;
	bool there = path != NULL && stat(path, &st) == 0;

	free(path);
	*s = (struct cmd_servers){ .fd = -1 };
	return !there && cmd_servers_find(s, given, network, dir);
}

static void
disconnect(struct cmd_servers *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	jt_reader_free(&s->reader);
	s->fd = -1;
}

void
cmd_servers_close(struct cmd_servers *s)
{
	disconnect(s);
	for (size_t i = 0; i < s->count; i++)
		free(s->addresses[i]);
	jt_buf_free(&s->network.bytes);
	if (s->zone != NULL)
		msgpack_zone_free(s->zone);
}

/* ---- one question to one server ---- */

static enum jt_err
wait_for(const struct cmd_servers *s, short events, struct jt_error *e)
{
	struct pollfd p = { s->fd, events, 0 };
	int n;

	do
		n = poll(&p, 1, ANSWER_MS);
	while (n < 0 && errno == EINTR);
	return n > 0 ? JT_OK : jt_fail(e, JT_AGAIN, "no answer");
}

static enum jt_err
put(struct cmd_servers *s, struct jt_slice bytes, struct jt_error *e)
{
	while (bytes.len > 0) {
		ssize_t n = send(s->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
		enum jt_err err;

		if (n < 0 && errno == EAGAIN) {
			if ((err = wait_for(s, POLLOUT, e)) != JT_OK)
				return err;
		} else if (n < 0 && errno != EINTR) {
			return jt_fail(e, JT_AGAIN, "%s", strerror(errno));
		} else if (n > 0) {
			bytes.data += n;
			bytes.len -= (size_t)n;
		}
	}
	return JT_OK;
}

static enum jt_err
take(struct cmd_servers *s, struct jt_object *o, struct jt_error *e)
{
	enum jt_err err;

	while (!jt_reader_has(&s->reader)) {
		if ((err = wait_for(s, POLLIN, e)) != JT_OK)
			return err;
		err = jt_reader_more(&s->reader, e);
		if (err != JT_OK && err != JT_AGAIN)
			return jt_fail(e, JT_AGAIN, "closed the connection");
	}
	if ((err = jt_reader_next(&s->reader, o, e)) == JT_OK && o->bytes.len == 0)
		return jt_fail(e, JT_AGAIN, "closed the connection");
	return err == JT_OK ? jt_kind_check(&jt_all_kinds, o, e) : err;
}

/* JT_NO: there is none. JT_AGAIN: it could not tell. */
static enum jt_err
ask(struct cmd_servers *s, struct jt_slice question, struct jt_object *o, struct jt_error *e)
{
	struct jt_answer a = { 0 };
	enum jt_err err = JT_OK;

	if (s->fd < 0) {
		if ((err = cmd_connect(s->addresses[s->at], CONNECT_MS, &s->fd, e)) != JT_OK)
			return err;
		jt_reader_init(&s->reader, s->fd, s->addresses[s->at]);
	}
	if ((err = put(s, question, e)) != JT_OK || (err = take(s, o, e)) != JT_OK)
		return jt_fail_in(e, "%s", s->addresses[s->at]);
	if (!jt_object_is(o, jt_kind_answer.name))
		return JT_OK;
	if ((err = jt_kind_read(&jt_kind_answer, o, &a, NULL, e)) != JT_OK)
		return jt_fail_in(e, "%s", s->addresses[s->at]);
	if (a.state == JT_ANSWER_NONE)
		return jt_fail(e, JT_NO, "%.*s", (int)a.why.len, (const char *)a.why.data);
	return jt_fail(e, JT_AGAIN, "%s: %s%s%.*s", s->addresses[s->at],
	    a.state == JT_ANSWER_BUSY ? "busy" : "refuses", a.why.len > 0 ? ": " : "",
	    (int)a.why.len, (const char *)a.why.data);
}

/* ---- any question to all of them ---- */

/* Is the object what was asked for, and does it hold? */
typedef enum jt_err check(const struct cmd_servers *s, const struct jt_object *o,
    const struct jt_query *q, void *out, struct jt_error *e);

static enum jt_err
ask_all(struct cmd_servers *s, const struct jt_query *q, check *holds, void *out,
    struct jt_object *o, struct jt_error *e)
{
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	enum jt_err err;

	cmd_check(jt_query_write(q, &b, e), e);
	for (size_t tries = 0;;) {
		err = ask(s, jt_buf_slice(&b), o, e);
		if (err == JT_NO)
			break;
		if (err == JT_OK) {
			err = holds(s, o, q, out, e);
			if (err == JT_OK)
				break;
			/* Its trouble is not ours: others may do better. */
			err = e->code = JT_MALFORMED;
			jt_fail_in(e, "%s: not proven", s->addresses[s->at]);
		}
		disconnect(s);
		s->at = (s->at + 1) % s->count;
		if (++tries == s->count)
			break;
	}
	jt_buf_free(&b);
	return err;
}

struct proven_account {
	struct jt_proof_account *p;
	struct jt_header *h;
	msgpack_zone *zone;
};

static enum jt_err
account_holds(const struct cmd_servers *s, const struct jt_object *o, const struct jt_query *q,
    void *out, struct jt_error *e)
{
	struct proven_account *a = out;
	enum jt_err err = jt_proof_account_check(o, &s->genesis, s->network.id, a->p, a->h,
	    a->zone, e);

	if (err == JT_OK && memcmp(a->p->account, q->account, JT_ACCOUNT) != 0)
		err = jt_fail(e, JT_NO, "it is of another account");
	return err;
}

enum jt_err
cmd_ask_account(struct cmd_servers *s, const uint8_t account[JT_ACCOUNT], struct jt_object *o,
    struct jt_proof_account *p, struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_query q = { .what = JT_QUERY_ACCOUNT };
	struct proven_account out = { p, h, zone };

	memcpy(q.account, account, JT_ACCOUNT);
	return ask_all(s, &q, account_holds, &out, o, e);
}

struct proven_tx {
	struct jt_proof_tx *p;
	struct jt_header *h;
	msgpack_zone *zone;
};

static enum jt_err
tx_holds(const struct cmd_servers *s, const struct jt_object *o, const struct jt_query *q,
    void *out, struct jt_error *e)
{
	struct proven_tx *t = out;
	const struct jt_kind *row;
	uint8_t id[JT_HASH];
	struct jt_object tx;
	enum jt_err err = jt_proof_tx_check(o, &s->genesis, s->network.id, t->p, t->h, t->zone, e);

	if (err == JT_OK)
		err = jt_object_parse(t->p->tx, &tx, e);
	if (err == JT_OK)
		err = jt_kind_of(&jt_all_kinds, &tx, &row, e);
	if (err == JT_OK)
		err = jt_kind_id(row, &tx, id, e);
	if (err == JT_OK && memcmp(id, q->id, JT_HASH) != 0)
		err = jt_fail(e, JT_NO, "it is of another transaction");
	return err;
}

enum jt_err
cmd_ask_tx(struct cmd_servers *s, const uint8_t id[JT_HASH], struct jt_object *o,
    struct jt_proof_tx *p, struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_query q = { .what = JT_QUERY_TX };
	struct proven_tx out = { p, h, zone };

	memcpy(q.id, id, JT_HASH);
	return ask_all(s, &q, tx_holds, &out, o, e);
}

struct proven_header {
	struct jt_header *h;
	msgpack_zone *zone;
};

/* It is there, or it is not: of what, and in which ledger? */
static enum jt_err
record_holds(const struct cmd_servers *s, const struct jt_object *o, const struct jt_query *q,
    void *out, struct jt_error *e)
{
	struct proven_header *p = out;
	struct jt_proof_no_record none = { .index = 0 };
	struct jt_recorded r = { .has_since = false };
	const uint8_t *hash = none.hash;
	enum jt_err err;

	if (jt_object_is(o, jt_kind_proof_record.name)) {
		err = jt_proof_record_check(o, &s->genesis, s->network.id, &r, p->zone, e);
		hash = r.record.record.hash;
		*p->h = r.header;
	} else {
		err = jt_proof_no_record_check(o, &s->genesis, s->network.id, &none, p->h, p->zone, e);
		if (err == JT_OK && q->ledger == 0)
			err = jt_fail(e, JT_NO, "it is of one ledger alone");
	}
	if (err == JT_OK && memcmp(hash, q->id, JT_HASH) != 0)
		err = jt_fail(e, JT_NO, "it is of another hash");
	if (err == JT_OK && q->ledger != 0 && p->h->number != q->ledger)
		err = jt_fail(e, JT_NO, "it is of ledger %" PRIu64, p->h->number);
	return err;
}

enum jt_err
cmd_ask_record(struct cmd_servers *s, const uint8_t hash[JT_HASH], uint64_t number,
    struct jt_object *o, struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_query q = { .what = JT_QUERY_RECORD, .ledger = number };
	struct proven_header out = { h, zone };

	memcpy(q.id, hash, JT_HASH);
	return ask_all(s, &q, record_holds, &out, o, e);
}

static enum jt_err
header_holds(const struct cmd_servers *s, const struct jt_object *o, const struct jt_query *q,
    void *out, struct jt_error *e)
{
	struct proven_header *p = out;
	enum jt_err err = jt_proof_under(o->bytes, &s->genesis, s->network.id, p->h, p->zone, e);

	if (err == JT_OK && q->what == JT_QUERY_LEDGER && p->h->number != q->ledger)
		err = jt_fail(e, JT_NO, "it is of ledger %" PRIu64, p->h->number);
	return err;
}

enum jt_err
cmd_ask_ledger(struct cmd_servers *s, const uint64_t *number, struct jt_object *o,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_query q = { .what = number == NULL ? JT_QUERY_NEWEST : JT_QUERY_LEDGER };
	struct proven_header out = { h, zone };

	if (number != NULL)
		q.ledger = *number;
	return ask_all(s, &q, header_holds, &out, o, e);
}

enum jt_err
cmd_ask_header(struct cmd_servers *s, const uint64_t *number, struct jt_object *o,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_proof_ledger p = { 0 };
	enum jt_err err = cmd_ask_ledger(s, number, o, h, zone, e);

	if (err != JT_OK || !jt_object_is(o, jt_kind_proof_ledger.name))
		return err;
	/* Proven by the history of a newer one: what is asked for is in it. */
	err = jt_kind_read(&jt_kind_proof_ledger, o, &p, zone, e);
	return err == JT_OK ? jt_object_parse(p.header, o, e) : err;
}
