/*
 * A member in the vote: what others say, and what it has of their blocks until
 * the voter has done with them. See member.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

enum {
	LOOKS_MAX = 8, /* of a peer: indexes of old segments made again for it, */
	LOOK_MS = 250  /* one of somebody each so many ms */
};

struct jt_kept *
jt_member_keep(struct jt_member *m, struct jt_slice object, const uint8_t id[JT_HASH])
{
	struct jt_kept *k = malloc(sizeof *k + object.len);

	if (k == NULL)
		return NULL;
	*k = (struct jt_kept){ .next = m->kept, .len = object.len };
	memcpy(k->id, id, JT_HASH);
	memcpy(k->bytes, object.data, object.len);
	if (m->kept != NULL)
		m->kept->prev = k;
	m->kept = k;
	return k;
}

void
jt_member_let_go(struct jt_member *m, struct jt_kept *k)
{
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		m->kept = k->next;
	if (k->next != NULL)
		k->next->prev = k->prev;
	if (m->incoming == k)
		m->incoming = NULL;
	free(k);
}

/*
 * A block of another one. The signature of one that is here already needs no
 * second look; but the voter counts who sent it.
 */
static enum jt_err
take_block(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_slice items = { NULL, 0 };
	struct jt_kept *kept;
	struct jt_block b;
	enum jt_err err;

	if (from >= m->terms.electorate.n)
		return JT_OK; /* an observer's */
	if ((err = jt_block_open(&m->terms.electorate, o, false, &b, &items, m->zone, e)) != JT_OK)
		return err;
	if (b.ref.author >= m->terms.electorate.n)
		return jt_fail(e, JT_MALFORMED, "author: no validator");
	if (jt_voter_wants(m->voter, &b.ref)) {
		msgpack_zone_clear(m->zone);
		err = jt_block_open(&m->terms.electorate, o, true, &b, &items, m->zone, e);
		if (err != JT_OK)
			return err;
	}
	if ((kept = jt_member_keep(m, o->bytes, b.ref.id)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	b.payload = kept;
	m->incoming = kept;
	err = jt_voter_block(m->voter, from, &b, e);
	m->incoming = NULL; /* the voter has let go of it, or will */
	return err;
}

static enum jt_err
take_get(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_ref refs[JT_GET_MAX];
	struct jt_get get = { { 0 } };
	const struct jt_head_ref *asked;
	enum jt_err err = jt_kind_read(&jt_kind_get, o, &get, m->zone, e);

	if (err != JT_OK)
		return err;
	asked = get.blocks.items;
	for (uint32_t i = 0; i < get.blocks.count; i++) {
		refs[i] = (struct jt_ref){ .round = (uint32_t)asked[i].round,
			.author = (uint32_t)asked[i].author };
		memcpy(refs[i].id, asked[i].id, JT_HASH);
	}
	return jt_voter_get(m->voter, from, refs, get.blocks.count, e);
}

static enum jt_err
take_hello(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_hello_object said = { .answer = 0 };
	struct jt_hello h = { .answer = false };
	const struct jt_hello_round *rounds;
	enum jt_err err = jt_kind_read(&jt_kind_hello, o, &said, m->zone, e);

	if (err != JT_OK)
		return err;
	if (said.highest.count != m->terms.electorate.n)
		return jt_fail(e, JT_MALFORMED, "highest: expected %" PRIu32 ", found %" PRIu32,
		    m->terms.electorate.n, said.highest.count);
	rounds = said.highest.items;
	for (uint32_t a = 0; a < m->terms.electorate.n; a++)
		h.highest[a] = (uint32_t)rounds[a].round;
	h.answer = said.answer != 0;
	h.rounds = (uint32_t)said.rounds;
	h.sent = (uint32_t)said.sent;
	h.until = (uint32_t)said.until;
	h.nonce = said.nonce;
	h.last = (struct jt_ref){ .round = (uint32_t)said.last.round, .author = from };
	memcpy(h.last.id, said.last.id, JT_HASH);
	if ((err = jt_member_fill_in(m, from, said.ledger, e)) != JT_OK)
		return err;
	return jt_voter_hello(m->voter, from, &h, e);
}

void
jt_member_grant_looks(struct jt_member *m)
{
	uint64_t each = (uint64_t)LOOK_MS * m->terms.electorate.n;
	uint64_t more = (m->now - m->looked) / each;

	m->looked += more * each;
	for (uint32_t a = 0; a <= m->terms.electorate.n; a++)
		m->looks[a] = more < LOOKS_MAX - m->looks[a] ? m->looks[a] + (uint32_t)more :
		    LOOKS_MAX;
}

/* A few bytes from a peer can make us read much: no peer gets all of our time. */
static enum jt_err
take_request(struct jt_member *m, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	enum jt_err err;

	jt_log_limit(m->log, m->looks[from]);
	err = jt_object_is(o, jt_kind_get.name) ? take_get(m, from, o, e) :
	    take_hello(m, from, o, e);
	m->looks[from] = jt_log_limit(m->log, JT_LOG_NO_LIMIT);
	return err;
}

static enum jt_err
take_evidence(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_log_place place;
	uint32_t author = 0;

	if (jt_evidence_check(&m->terms.electorate, o, &author, e) != JT_OK)
		return e->code = JT_MALFORMED;
	if (!jt_voter_expose(m->voter, author))
		return JT_OK; /* known */
	return jt_log_append(m->log, o->bytes, NULL, &place, e);
}

enum jt_err
jt_member_message(struct jt_member *m, const struct jt_msg *msg, struct jt_error *e)
{
	uint32_t from = 0;
	struct jt_object o = { 0 };
	enum jt_err err = jt_object_parse(msg->body, &o, e);

	if (err != JT_OK)
		return err;
	while (from < m->terms.electorate.n && !jt_slice_equal(m->terms.names[from], msg->from))
		from++;
	if (from == m->terms.me)
		return JT_OK;
	if (from == m->terms.electorate.n && from == JT_VOTERS_MAX)
		return JT_OK; /* no place for observers */
	if (from == m->terms.electorate.n)
		m->terms.names[from] = msg->from; /* who is answered, if it is an observer */
	if (jt_object_is(&o, jt_kind_block.name))
		return take_block(m, from, &o, e);
	if (jt_object_is(&o, jt_kind_get.name) || jt_object_is(&o, jt_kind_hello.name))
		return take_request(m, from, &o, e);
	if (jt_object_is(&o, jt_kind_evidence.name))
		return take_evidence(m, &o, e);
	if (jt_object_is(&o, jt_kind_ack.name))
		return from < m->terms.electorate.n ? jt_member_ack(m, from, &o, e) : JT_OK;
	if (jt_object_is(&o, jt_kind_header.name))
		return jt_member_certificate(m, &o, e);
	return jt_fail(e, JT_MALFORMED, "jt/%.*s is no message of a vote", (int)o.kind.len,
	    (const char *)o.kind.data);
}
