/*
 * A member in the vote: what others say, and what it has of their blocks until
 * the voter has done with them. See member.h.
 */
#include <stdlib.h>
#include <string.h>

#include "member/inner.h"

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
take_evidence(struct jt_member *m, const struct jt_object *o, struct jt_error *e)
{
	struct jt_log_place place;
	uint32_t author = 0;

	if (jt_evidence_check(&m->terms.electorate, o, &author, e) != JT_OK)
		return e->code = JT_MALFORMED;
	if (!jt_voter_expose(m->voter, author))
		return JT_OK; /* known */
	jt_member_note_exposed(m);
	m->must_sync |= author == m->terms.me; /* it is not said so often */
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
		return jt_member_asked(m, from, &o, e);
	if (jt_object_is(&o, jt_kind_evidence.name))
		return take_evidence(m, &o, e);
	if (jt_object_is(&o, jt_kind_ack.name))
		return from < m->terms.electorate.n ? jt_member_ack(m, from, &o, e) : JT_OK;
	if (jt_object_is(&o, jt_kind_header.name))
		return jt_member_certificate(m, &o, e);
	return jt_fail(e, JT_MALFORMED, "jt/%.*s is no message of a vote", (int)o.kind.len,
	    (const char *)o.kind.data);
}
