/* A validator that lies: more than it should say. See liar.h. */
#include <string.h>

#include "member/lie.h"

static enum jt_err
say_get(struct jt_liar *l, struct jt_error *e)
{
	struct jt_head_ref refs[4];
	struct jt_get get = { { refs, 1 + (uint32_t)jt_lie_draw(l, 4) } };
	uint32_t known = l->known_count < JT_LIE_KNOWN ? l->known_count : JT_LIE_KNOWN;
	enum jt_err err;

	if (known == 0)
		return JT_OK;
	for (uint32_t i = 0; i < get.blocks.count; i++)
		refs[i] = l->known[jt_lie_draw(l, known)];
	jt_buf_clear(&l->body);
	if ((err = jt_kind_write(&jt_kind_get, &get, &l->body, e)) != JT_OK)
		return err;
	return jt_lie_say(l, jt_lie_peer(l), jt_buf_slice(&l->body), e);
}

/* A well-signed block that no rule allows. */
static enum jt_err
make_bad_block(struct jt_liar *l, struct jt_slice good, struct jt_error *e)
{
	struct jt_electorate any = l->m->electorate;
	struct jt_slice items = { NULL, 0 };
	struct jt_tick tick = { .time = jt_lie_draw(l, 1000) };
	struct jt_buf control;
	struct jt_block b;
	enum jt_err err = jt_lie_open(l, good, &b, &items, e);

	if (err != JT_OK)
		return err;
	any.is_payload = NULL;
	jt_buf_init(&control, JT_OBJECT_MAX);
	switch (jt_lie_draw(l, 4)) {
	case 0: /* what steers a closer, as payload */
		err = jt_kind_write(&jt_kind_tick, &tick, &control, e);
		items = jt_buf_slice(&control);
		break;
	case 1: /* far ahead, where it has no parents */
		b.ref.round += 1000;
		break;
	case 2: /* in another one's name */
		b.ref.author = jt_lie_peer(l);
		break;
	default: /* of a vote that is not this one */
		any.epoch++;
		break;
	}
	jt_buf_clear(&l->body);
	if (err == JT_OK)
		err = jt_block_seal(&any, &b, items, l->m->secret, &l->body, e);
	jt_buf_free(&control);
	return err;
}

static enum jt_err
make_other_garbage(struct jt_liar *l, struct jt_slice good, struct jt_error *e)
{
	struct jt_block_object block = { .items = { NULL, 0 } };
	struct jt_object o = { .version = 0 };
	struct jt_evidence ev = { .one = { NULL, 0 } };
	struct jt_header header = { .number = jt_lie_draw(l, 100) };
	struct jt_ack ack = { .ledger = l->ledger + jt_lie_draw(l, 1000) };
	struct jt_tick tick = { .time = jt_lie_draw(l, 1000) };
	enum jt_err err;

	jt_buf_clear(&l->body);
	switch (jt_lie_draw(l, 4)) {
	case 0: /* evidence that is none */
		if ((err = jt_object_parse(good, &o, e)) != JT_OK ||
		    (err = jt_kind_read(&jt_kind_block, &o, &block, l->zone, e)) != JT_OK)
			return err;
		ev.one = ev.two = block.head;
		return jt_kind_write(&jt_kind_evidence, &ev, &l->body, e);
	case 1: /* a certificate that nobody signed */
		memcpy(header.network, l->m->electorate.network, JT_HASH);
		return jt_header_write(&header, NULL, 0, &l->body, e);
	case 2: /* an acknowledgement that is not signed */
		return jt_kind_write(&jt_kind_ack, &ack, &l->body, e);
	default: /* no message */
		return jt_kind_write(&jt_kind_tick, &tick, &l->body, e);
	}
}

static enum jt_err
say_garbage(struct jt_liar *l, struct jt_slice good, struct jt_error *e)
{
	enum jt_err err = jt_lie_draw(l, 2) == 0 ? make_bad_block(l, good, e) : make_other_garbage(l, good, e);

	return err == JT_OK ? jt_lie_say(l, jt_lie_peer(l), jt_buf_slice(&l->body), e) : err;
}

enum jt_err
jt_liar_more(struct jt_liar *l, struct jt_error *e)
{
	uint32_t old = l->old_count < JT_LIE_OLD ? l->old_count : JT_LIE_OLD;
	struct jt_slice some;
	enum jt_err err = JT_OK;

	msgpack_zone_clear(l->zone);
	if (old == 0 || l->m->electorate.n == 1 || jt_lie_draw(l, 4) != 0)
		return JT_OK;
	some = jt_buf_slice(&l->old[jt_lie_draw(l, old)]);
	if (jt_lie_does(l, JT_LIE_STALE))
		err = jt_lie_say(l, jt_lie_peer(l), some, e);
	if (jt_lie_does(l, JT_LIE_FLOOD) && err == JT_OK)
		err = say_get(l, e);
	if (jt_lie_does(l, JT_LIE_GARBAGE) && err == JT_OK)
		err = say_garbage(l, some, e);
	return err;
}

