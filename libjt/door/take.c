/* What clients send: objects out of bytes, and which of them must wait. See door.h. */
#include "door/parts.h"

#include <string.h>

/* Is there no room for it now, or may its source not have more on the way? */
static bool
must_wait(struct jt_door *d, const struct jt_client *c)
{
	jt_source_refill(d, c->source);
	if (c->source->unverified >= c->source->credit)
		return true;
	if (d->ops->room(d->ops->ctx)) {
		d->full_since = 0;
		return false;
	}
	if (d->full_since == 0)
		d->full_since = d->now;
	return d->now - d->full_since < d->terms->room_ms;
}

static enum jt_err
take_query(struct jt_door *d, struct jt_client *c, const struct jt_object *o,
    bool *wait, struct jt_error *e)
{
	struct jt_query q;
	struct jt_error why;

	jt_source_refill(d, c->source);
	*wait = c->source->work == 0;
	if (*wait)
		return JT_OK;
	if (jt_query_read(o, &q, &why) != JT_OK) {
		d->counts.refused++;
		jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
		return JT_OK;
	}
	return jt_tell_query(d, c, o, &q, e);
}

/* The kinds that enter ledgers. */
static enum jt_err
kind_of(const struct jt_object *o, const struct jt_kind **kind, struct jt_error *why)
{
	static const struct jt_kind *const rows[] = { &jt_kind_record, &jt_kind_stamp };
	static const struct jt_kinds records = { rows, 2 };

	if (jt_kind_named(&records, o->kind) != NULL)
		return jt_kind_of(&records, o, kind, why);
	return jt_kind_of(&jt_tx_kinds, o, kind, why);
}

static enum jt_err
take_object(struct jt_door *d, struct jt_client *c, struct jt_slice bytes,
    bool *wait, struct jt_error *e)
{
	const struct jt_kind *kind;
	struct jt_error why;
	struct jt_object o;
	enum jt_err err = jt_object_parse(bytes, &o, &why);

	*wait = false;
	if (err == JT_OK && jt_object_is(&o, jt_kind_query.name))
		return take_query(d, c, &o, wait, e);
	if (err == JT_OK)
		err = kind_of(&o, &kind, &why);
	if (err == JT_OK) {
		*wait = must_wait(d, c) || (kind->flags & JT_KIND_RECORD && c->source->work == 0);
		if (*wait)
			return JT_OK;
		return kind->flags & JT_KIND_RECORD ? jt_arrive_record(d, c, &o, e) :
		    jt_arrive_transaction(d, c, &o, kind, e);
	}
	d->counts.refused++;
	jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
	return JT_OK;
}

/* The size of the object that some bytes begin with; 0: not all of it is there, or it is none. */
static size_t
whole(struct jt_door *d, struct jt_client *c, struct jt_slice s)
{
	struct jt_error why;
	size_t size = 0;
	enum jt_err err;

	err = jt_object_size(s, &size, &why);
	if (err == JT_OK && size > JT_TX_MAX)
		err = jt_fail(&why, JT_MALFORMED, "an object of %zu bytes, more than %d", size,
		    JT_TX_MAX);
	if (err == JT_MALFORMED) {
		/* Where the next object would begin cannot be told. */
		d->counts.refused++;
		jt_tell(d, c, jt_hash_zero, JT_ANSWER_REFUSED, JT_CODE_MALFORMED, why.text);
		c->closing = true;
		return 0;
	}
	return err == JT_OK && size <= s.len ? size : 0;
}

/* Taken bytes go; an empty buffer gives its memory back. */
static void
trim(struct jt_client *c)
{
	size_t left = c->in.len - c->in_at;

	if (c->closing || c->gone || left == 0) {
		jt_buf_free(&c->in);
		c->in_at = 0;
	} else if (c->in_at > left) {
		memmove(c->in.data, c->in.data + c->in_at, left);
		c->in.len = left;
		c->in_at = 0;
	}
}

static void
set_stopped(struct jt_door *d, struct jt_client *c, bool stopped)
{
	if (c->stopped)
		jt_chain_remove(&d->stopped, &c->in_stopped);
	c->stopped = stopped;
	if (stopped)
		jt_chain_append(&d->stopped, &c->in_stopped);
}

enum jt_err
jt_take(struct jt_door *d, struct jt_client *c, struct jt_error *e)
{
	enum jt_err err = JT_OK;
	bool wait = false;
	size_t size = 0;

	while (!c->closing && !c->gone && c->in_at < c->in.len) {
		struct jt_slice s = { c->in.data + c->in_at, c->in.len - c->in_at };

		if ((size = whole(d, c, s)) == 0)
			break;
		if (c->paused > d->now || jt_tell_waiting(c) >= d->terms->out_bytes)
			break;
		err = take_object(d, c, (struct jt_slice){ s.data, size }, &wait, e);
		if (err != JT_OK || wait)
			break;
		c->in_at += size;
		size = 0;
		c->active = d->now;
		c->half = 0;
	}
	trim(c);
	/* A whole one waits for the door's sake, for as long as that takes. */
	if (size > 0)
		c->half = 0;
	else if (c->in.len > 0 && c->half == 0)
		c->half = d->now;
	set_stopped(d, c, size > 0 && !c->closing && !c->gone);
	jt_door_weigh(d, c);
	jt_door_touch(d, c);
	return err;
}
