/* What validators say to each other, in words. See words.h. */
#include "member/words.h"

#include <inttypes.h>

#include "member/inner.h"

struct teller {
	const struct jt_slice *names;
	uint32_t n;
	msgpack_zone *zone;
	struct jt_buf *out;
};

static void
add_id(struct teller *t, const uint8_t id[JT_HASH])
{
	jt_buf_addf(t->out, " %02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
}

static void
add_author(struct teller *t, uint64_t author)
{
	if (author >= t->n)
		jt_buf_addf(t->out, " author %" PRIu64, author + 1);
	else
		jt_buf_addf(t->out, " %.*s", (int)t->names[author].len,
		    (const char *)t->names[author].data);
}

static bool
tell_block(struct teller *t, const struct jt_object *o)
{
	struct jt_slice items = { NULL, 0 };
	struct jt_electorate any = { .n = 0 };
	struct jt_block b;

	if (jt_block_open(&any, o, false, &b, &items, t->zone, NULL) != JT_OK)
		return false;
	jt_buf_add_text(t->out, "block");
	add_id(t, b.ref.id);
	jt_buf_add_text(t->out, " of");
	add_author(t, b.ref.author);
	jt_buf_addf(t->out, " round %" PRIu32, b.ref.round);
	if (b.items > 0)
		jt_buf_addf(t->out, ", %" PRIu32 " item%s", b.items, b.items == 1 ? "" : "s");
	return true;
}

static bool
tell_get(struct teller *t, const struct jt_object *o)
{
	struct jt_get get = { .blocks = { NULL, 0 } };
	const struct jt_head_ref *first;

	if (jt_kind_read(&jt_kind_get, o, &get, t->zone, NULL) != JT_OK || get.blocks.count == 0)
		return false;
	first = get.blocks.items;
	jt_buf_add_text(t->out, "get");
	add_id(t, first->id);
	jt_buf_add_text(t->out, " of");
	add_author(t, first->author);
	jt_buf_addf(t->out, " round %" PRIu64, first->round);
	if (get.blocks.count > 1)
		jt_buf_addf(t->out, " and %" PRIu32 " more", get.blocks.count - 1);
	return true;
}

static bool
tell_hello(struct teller *t, const struct jt_object *o)
{
	struct jt_hello_object h = { .answer = 0 };

	if (jt_kind_read(&jt_kind_hello, o, &h, t->zone, NULL) != JT_OK)
		return false;
	jt_buf_addf(t->out, "hello%s at round %" PRIu64 ", ledger %" PRIu64,
	    h.answer ? " (answer)" : "", h.last.round, h.ledger);
	if (h.sent > 0)
		jt_buf_addf(t->out, ", %" PRIu64 " block%s", h.sent,
		    h.sent == 1 ? " follows" : "s follow");
	return true;
}

static bool
tell_ack(struct teller *t, const struct jt_object *o)
{
	struct jt_ack ack = { .ledger = 0 };

	if (jt_kind_read(&jt_kind_ack, o, &ack, t->zone, NULL) != JT_OK)
		return false;
	jt_buf_add_text(t->out, "ack");
	add_id(t, ack.header);
	jt_buf_addf(t->out, " of ledger %" PRIu64, ack.ledger);
	return true;
}

static bool
tell_header(struct teller *t, const struct jt_object *o)
{
	struct jt_header h = { .number = 0 };
	uint8_t id[JT_HASH];

	if (jt_header_decode(o, &h, NULL, t->zone, NULL) != JT_OK ||
	    jt_kind_id(&jt_kind_header, o, id, NULL) != JT_OK)
		return false;
	jt_buf_add_text(t->out, "certificate");
	add_id(t, id);
	jt_buf_addf(t->out, " of ledger %" PRIu64, h.number);
	return true;
}

static bool
tell_evidence(struct teller *t, const struct jt_object *o)
{
	struct jt_evidence ev = { .one = { NULL, 0 } };
	struct jt_object head[2] = { { .version = 0 } };
	struct jt_signed s = { .body = { NULL, 0 } };
	struct jt_head h = { .round = 0 };
	uint8_t id[2][JT_HASH];

	if (jt_kind_read(&jt_kind_evidence, o, &ev, t->zone, NULL) != JT_OK)
		return false;
	for (int i = 0; i < 2; i++)
		if (jt_object_parse(i == 0 ? ev.one : ev.two, &head[i], NULL) != JT_OK ||
		    jt_kind_id(&jt_kind_block_head, &head[i], id[i], NULL) != JT_OK)
			return false;
	if (jt_signed_decode(&head[0], &s, t->zone, NULL) != JT_OK ||
	    jt_decode(jt_kind_block_head.schema, s.body, &h, t->zone, NULL) != JT_OK)
		return false;
	jt_buf_add_text(t->out, "evidence against");
	add_author(t, h.author);
	jt_buf_addf(t->out, ", round %" PRIu64 ":", h.round);
	add_id(t, id[0]);
	jt_buf_add_text(t->out, " and");
	add_id(t, id[1]);
	return true;
}

void
jt_message_words(const struct jt_object *o, const struct jt_slice *names, uint32_t n,
    struct jt_buf *out)
{
	static const struct {
		const struct jt_kind *kind;
		bool (*tell)(struct teller *t, const struct jt_object *o);
	} kinds[] = {
		{ &jt_kind_block, tell_block }, { &jt_kind_get, tell_get },
		{ &jt_kind_hello, tell_hello }, { &jt_kind_ack, tell_ack },
		{ &jt_kind_header, tell_header }, { &jt_kind_evidence, tell_evidence },
	};
	struct teller t = { names, n, msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE), out };
	size_t k = 0;

	while (k < sizeof kinds / sizeof *kinds && !jt_object_is(o, kinds[k].kind->name))
		k++;
	if (k == sizeof kinds / sizeof *kinds)
		jt_buf_addf(out, "jt/%.*s, which is no message of a vote", (int)o->kind.len,
		    (const char *)o->kind.data);
	else if (t.zone == NULL || !kinds[k].tell(&t, o))
		jt_buf_addf(out, "%s that cannot be read", kinds[k].kind->name);
	if (t.zone != NULL)
		msgpack_zone_free(t.zone);
}
