/* A validator that lies. See liar.h. */
#include "member/liar.h"

#include <stdlib.h>
#include <string.h>

#include "member/lie.h"

enum {
	CRASH_CHANCE = 100, /* one in so many times that something is taken */
	RESTART_CHANCE = 50
};

const char *const jt_lie_words[] = {
	"crash", "restart", "twins", "cones", "withhold", "badshare", "silent", "lies", "stale",
	"flood", "hello", "badsign", "garbage", "badack", "badbeacon", "badcut", NULL
};
const char *const jt_lie_help[] = {
	"stop for good",
	"die at any point, to be started again",
	"two or three blocks of one round, each for some",
	"chains of blocks that are hidden for long, each for some",
	"blocks go to f+1 others alone",
	"wrong shares of the coin, or none",
	"no answers to requests and hellos",
	"blocks that are wrong about their parents",
	"old blocks again and again",
	"requests without end",
	"lies about what it has",
	"signatures that are not good, for some",
	"objects that no correct validator makes",
	"acknowledges other headers than its closer's, to some",
	"wrong shares of beacons, or none",
	"hands its closer other cuts than were decided"
};

uint64_t
jt_lie_draw(struct jt_liar *l, uint64_t below)
{
	/* splitmix64 (Steele, Lea, Flood 2014). */
	uint64_t z = l->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

bool
jt_lie_does(const struct jt_liar *l, enum jt_lie lie)
{
	return l->terms.lies >> lie & 1;
}

struct jt_liar *
jt_liar_new(const struct jt_liar_terms *terms, struct jt_member_terms *member)
{
	struct jt_liar *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->terms = *terms;
	l->m = terms->member;
	l->c = jt_committee_of(l->m->electorate.n);
	l->random = terms->seed;
	jt_buf_init(&l->body, JT_OBJECT_MAX);
	jt_buf_init(&l->msg, JT_OBJECT_MAX);
	for (size_t i = 0; i < JT_LIE_OLD; i++)
		jt_buf_init(&l->old[i], JT_OBJECT_MAX);
	for (size_t i = 0; i < JT_LIE_HIDDEN; i++)
		jt_buf_init(&l->hidden[i].object, JT_OBJECT_MAX);
	member->bad_shares = jt_lie_does(l, JT_LIE_BADSHARE);
	if ((l->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL) {
		jt_liar_free(l);
		return NULL;
	}
	return l;
}

void
jt_liar_free(struct jt_liar *l)
{
	if (l == NULL)
		return;
	jt_buf_free(&l->body);
	jt_buf_free(&l->msg);
	for (size_t i = 0; i < JT_LIE_OLD; i++)
		jt_buf_free(&l->old[i]);
	for (size_t i = 0; i < JT_LIE_HIDDEN; i++)
		jt_buf_free(&l->hidden[i].object);
	if (l->zone != NULL)
		msgpack_zone_free(l->zone);
	free(l);
}

/* ---- saying ---- */

enum jt_err
jt_lie_say(struct jt_liar *l, uint32_t to, struct jt_slice object, struct jt_error *e)
{
	struct jt_slice nobody = { NULL, 0 };
	enum jt_err err;

	jt_buf_clear(&l->msg);
	err = jt_msg_write(object, l->m->names[l->m->me], to == JT_ALL ? nobody : l->m->names[to],
	    &l->msg, e);
	if (err == JT_OK)
		l->terms.out(l->terms.ctx, JT_TO_PEERS, jt_buf_slice(&l->msg));
	return err;
}

uint32_t
jt_lie_peer(struct jt_liar *l)
{
	uint32_t n = l->m->electorate.n;

	return (l->m->me + 1 + (uint32_t)jt_lie_draw(l, n - 1)) % n;
}

/* ---- hellos and acknowledgements ---- */

static enum jt_err
say_hello(struct jt_liar *l, uint32_t to, const struct jt_object *o, struct jt_error *e)
{
	struct jt_hello_object h = { .answer = 0 };
	struct jt_hello_round rounds[JT_VOTERS_MAX];
	enum jt_err err = jt_kind_read(&jt_kind_hello, o, &h, l->zone, e);

	if (err != JT_OK)
		return err;
	for (uint32_t i = 0; i < l->m->electorate.n; i++)
		rounds[i].round = jt_lie_draw(l, 200);
	h.highest = (struct jt_list){ rounds, l->m->electorate.n };
	h.last.round = 1 + jt_lie_draw(l, 1000);
	h.ledger = jt_lie_draw(l, 100);
	h.rounds = jt_lie_draw(l, 200);
	h.sent = jt_lie_draw(l, JT_BURST + 1);
	h.until = jt_lie_draw(l, 200);
	jt_buf_clear(&l->body);
	if ((err = jt_kind_write(&jt_kind_hello, &h, &l->body, e)) != JT_OK)
		return err;
	return jt_lie_say(l, to, jt_buf_slice(&l->body), e);
}

/* What is wrong with it, and for whom, is drawn for each peer. */
static enum jt_err
say_ack_to(struct jt_liar *l, uint32_t to, struct jt_ack ack, struct jt_error *e)
{
	uint8_t share[JT_SHARE_MAX];
	enum jt_err err;

	l->ledger = ack.ledger;
	if (jt_lie_does(l, JT_LIE_BADACK) && jt_lie_draw(l, 2) == 0) {
		ack.header[0] ^= 1;
		jt_sign_id(ack.sig, l->m->secret, ack.header);
	}
	if (jt_lie_does(l, JT_LIE_BADSIGN) && jt_lie_draw(l, 2) == 0)
		ack.sig[jt_lie_draw(l, JT_SIGNATURE)] ^= 1;
	if (jt_lie_does(l, JT_LIE_BADBEACON) && ack.share.len > 0 && ack.share.len <= sizeof share) {
		memcpy(share, ack.share.data, ack.share.len);
		share[jt_lie_draw(l, ack.share.len)] ^= 1;
		ack.share.data = share;
		if (jt_lie_draw(l, 3) == 0)
			ack.share = (struct jt_slice){ NULL, 0 };
	}
	jt_buf_clear(&l->body);
	if ((err = jt_kind_write(&jt_kind_ack, &ack, &l->body, e)) != JT_OK)
		return err;
	return jt_lie_say(l, to, jt_buf_slice(&l->body), e);
}

static enum jt_err
say_ack(struct jt_liar *l, uint32_t to, const struct jt_object *o, struct jt_error *e)
{
	struct jt_ack ack = { .ledger = 0 };
	enum jt_err err = jt_kind_read(&jt_kind_ack, o, &ack, l->zone, e);

	for (uint32_t i = 0; i < l->m->electorate.n && err == JT_OK; i++)
		if (i != l->m->me && (to == i || to == JT_ALL))
			err = say_ack_to(l, i, ack, e);
	return err;
}

/* ---- all that the member says ---- */

/* Whom the words are for; JT_ALL: all, or an observer, who is told the truth. */
static uint32_t
place_of(const struct jt_liar *l, struct jt_slice name)
{
	for (uint32_t i = 0; i < l->m->electorate.n; i++)
		if (jt_slice_equal(l->m->names[i], name))
			return i;
	return JT_ALL;
}

static enum jt_err
open_msg(struct jt_liar *l, const struct jt_object *o, struct jt_msg *msg, struct jt_object *body,
    struct jt_error *e)
{
	enum jt_err err = jt_kind_read(&jt_kind_msg, o, msg, l->zone, e);

	return err == JT_OK ? jt_object_parse(msg->body, body, e) : err;
}

static bool
is_answer(struct jt_liar *l, const struct jt_object *body)
{
	struct jt_hello_object h = { .answer = 0 };

	return jt_object_is(body, jt_kind_block.name) ||
	    (jt_object_is(body, jt_kind_hello.name) &&
	    jt_kind_read(&jt_kind_hello, body, &h, l->zone, NULL) == JT_OK && h.answer != 0);
}

static enum jt_err
lie_to_peers(struct jt_liar *l, struct jt_slice object, struct jt_error *e)
{
	struct jt_object o = { .version = 0 }, body = { .version = 0 };
	struct jt_msg msg = { .body = { NULL, 0 } };
	bool to_all;
	uint32_t to;
	enum jt_err err;

	if ((err = jt_object_parse(object, &o, e)) != JT_OK ||
	    (err = open_msg(l, &o, &msg, &body, e)) != JT_OK)
		return err;
	to = place_of(l, msg.to);
	to_all = msg.to.len == 0;
	if (to_all && jt_object_is(&body, jt_kind_block.name))
		return jt_lie_block(l, msg.body, e);
	if (!to_all && jt_lie_does(l, JT_LIE_SILENT) && is_answer(l, &body))
		return JT_OK;
	if (to != JT_ALL && jt_lie_does(l, JT_LIE_HELLO) && jt_object_is(&body, jt_kind_hello.name))
		return say_hello(l, to, &body, e);
	if ((to_all || to != JT_ALL) && jt_object_is(&body, jt_kind_ack.name))
		return say_ack(l, to, &body, e);
	l->terms.out(l->terms.ctx, JT_TO_PEERS, object);
	return JT_OK;
}

enum jt_err
jt_liar_heard(struct jt_liar *l, const struct jt_object *o, struct jt_error *e)
{
	struct jt_object body = { .version = 0 };
	struct jt_msg msg = { .body = { NULL, 0 } };
	enum jt_err err;

	msgpack_zone_clear(l->zone);
	if (!jt_lie_does(l, JT_LIE_CONES) || !jt_object_is(o, jt_kind_msg.name))
		return JT_OK;
	if ((err = open_msg(l, o, &msg, &body, e)) != JT_OK)
		return err == JT_MALFORMED ? JT_OK : err;
	if (!jt_object_is(&body, jt_kind_get.name) || place_of(l, msg.from) == JT_ALL)
		return JT_OK;
	return jt_lie_get(l, place_of(l, msg.from), &body, e);
}

static enum jt_err
lie_to_closer(struct jt_liar *l, const struct jt_object *o, struct jt_error *e)
{
	struct jt_cut cut = { .n = 0 };
	enum jt_err err;

	if ((err = jt_kind_read(&jt_kind_cut, o, &cut, l->zone, e)) != JT_OK)
		return err;
	cut.salt[0] ^= 1;
	cut.time += jt_lie_draw(l, 2);
	jt_buf_clear(&l->body);
	if ((err = jt_kind_write(&jt_kind_cut, &cut, &l->body, e)) == JT_OK)
		l->terms.out(l->terms.ctx, JT_TO_CLOSER, jt_buf_slice(&l->body));
	return err;
}

enum jt_err
jt_liar_out(struct jt_liar *l, enum jt_way way, struct jt_slice object, struct jt_error *e)
{
	struct jt_object o = { .version = 0 };
	enum jt_err err;

	msgpack_zone_clear(l->zone);
	if (way == JT_TO_PEERS && l->m->electorate.n > 1)
		return lie_to_peers(l, object, e);
	if (way == JT_TO_CLOSER && jt_lie_does(l, JT_LIE_BADCUT)) {
		if ((err = jt_object_parse(object, &o, e)) != JT_OK)
			return err;
		if (jt_object_is(&o, jt_kind_cut.name))
			return lie_to_closer(l, &o, e);
	}
	l->terms.out(l->terms.ctx, way, object);
	return JT_OK;
}

enum jt_lie
jt_liar_dies(struct jt_liar *l)
{
	if (jt_lie_does(l, JT_LIE_CRASH) && jt_lie_draw(l, CRASH_CHANCE) == 0)
		return JT_LIE_CRASH;
	if (jt_lie_does(l, JT_LIE_RESTART) && jt_lie_draw(l, RESTART_CHANCE) == 0)
		return JT_LIE_RESTART;
	return JT_LIES;
}
