/* Objects between the programs of one validator. See pipe.h. */
#include "pipe/pipe.h"

#define ROW(type_, s_, member, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }

static const struct jt_field msg_fields[] = {
	ROW(JT_OBJECT, jt_msg, body, 0, JT_MSG_BODY_MAX, "what is said"),
	ROW(JT_TEXT, jt_msg, from, JT_OPTIONAL, JT_MSG_NAME_MAX, "the validator that said it"),
	ROW(JT_TEXT, jt_msg, to, JT_OPTIONAL, JT_MSG_NAME_MAX, "whom it is for; absent: all others"),
};
static const struct jt_schema msg_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_msg, msg_fields);
const struct jt_kind jt_kind_msg = {
	.name = "msg", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &msg_schema,
	.help = "an object on its way between validators",
};

static const char *const states[] = { "down", "up", NULL };
static const struct jt_field peer_fields[] = {
	ROW(JT_TEXT, jt_peer, name, 0, JT_MSG_NAME_MAX, "the validator"),
	{ .name = "state", .type = JT_WORD, .offset = offsetof(struct jt_peer, state),
	    .words = states, .help = "can it be reached" },
};
static const struct jt_schema peer_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_peer, peer_fields);
const struct jt_kind jt_kind_peer = {
	.name = "peer", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &peer_schema,
	.help = "another validator can be reached, or no longer",
};

static const struct jt_field tick_fields[] = {
	ROW(JT_TIME, jt_tick, time, 0, 0, "now"),
};
static const struct jt_schema tick_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_tick, tick_fields);
const struct jt_kind jt_kind_tick = {
	.name = "tick", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &tick_schema,
	.help = "what time it is, for a program without a clock",
};

static const struct jt_field took_fields[] = {
	ROW(JT_FIXED, jt_took, id, 0, JT_HASH, "the item"),
};
static const struct jt_schema took_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_took, took_fields);
const struct jt_kind jt_kind_took = {
	.name = "took", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &took_schema,
	.help = "an item is in a durable block of the vote",
};

enum jt_err
jt_msg_write(struct jt_slice body, struct jt_slice from, struct jt_slice to, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_msg m = { body, from, to };

	return jt_kind_write(&jt_kind_msg, &m, out, e);
}
