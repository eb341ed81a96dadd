/* The record of a run: its two kinds. See run.h. */
#include "sim/run.h"

#include <string.h>

#include "crypto/sample.h"

#define ROW(s_, member, type_, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }
#define NEST(s_, member, type_, flags_, max_, sub_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, .sub = sub_, \
	    .offset = offsetof(struct s_, member), .help = help_ }
#define WORD(s_, member, words_, help_) \
	{ .name = #member, .type = JT_WORD, .words = words_, \
	    .offset = offsetof(struct s_, member), .help = help_ }

enum { FAULTS_MAX = 64, NOTE_MAX = 256 };

static const struct jt_field word_fields[] = {
	ROW(jt_word_item, text, JT_TEXT, 0, 64, "a word"),
};
static const struct jt_schema word_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_word_item, word_fields);

static const struct jt_field run_fields[] = {
	NEST(jt_run, faults, JT_LIST, JT_OPTIONAL, FAULTS_MAX, &word_schema, "what went wrong on purpose"),
	ROW(jt_run, leaders, JT_UINT, 0, JT_LEADERS_MAX, "leader slots a round"),
	ROW(jt_run, seed, JT_UINT, JT_OPTIONAL, 0, "what the schedule was drawn from"),
	ROW(jt_run, validators, JT_UINT, 0, JT_VOTERS_MAX, "how many"),
};
static const struct jt_schema run_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_run, run_fields);
const struct jt_kind jt_kind_run = {
	.name = "run", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &run_schema,
	.help = "the beginning of the record of a vote",
};

const char *const jt_event_words[] = {
	"block", "coin", "crash", "cut", "decide", "drop", "evidence", "receive", "restart",
	"broken", NULL
};

static const struct jt_field ref_fields[] = {
	ROW(jt_run_ref, author, JT_UINT, 0, JT_VOTERS_MAX, "its author, from 1"),
	ROW(jt_run_ref, id, JT_FIXED, 0, JT_HASH, "its id"),
	ROW(jt_run_ref, round, JT_UINT, 0, UINT32_MAX, "its round"),
};
static const struct jt_schema ref_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_run_ref, ref_fields);
static const struct jt_schema anchor_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_run_ref, ref_fields);

static const struct jt_field block_fields[] = {
	ROW(jt_run_block, author, JT_UINT, 0, JT_VOTERS_MAX, "its author, from 1"),
	ROW(jt_run_block, id, JT_FIXED, 0, JT_HASH, "its id"),
	ROW(jt_run_block, items, JT_UINT, 0, UINT32_MAX, "payload objects"),
	NEST(jt_run_block, parents, JT_LIST, 0, JT_VOTERS_MAX, &ref_schema,
	    "[author, id, round], its author's own first"),
	ROW(jt_run_block, round, JT_UINT, 0, UINT32_MAX, "its round"),
	ROW(jt_run_block, time, JT_UINT, 0, 0, "ms, by its author's clock"),
};
static const struct jt_schema block_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_run_block, block_fields);

static const struct jt_field decision_fields[] = {
	NEST(jt_run_decision, anchor, JT_MAP, JT_OPTIONAL, 0, &anchor_schema, "the leader that decided"),
	ROW(jt_run_decision, block, JT_FIXED, JT_OPTIONAL, JT_HASH, "what is committed"),
	ROW(jt_run_decision, leader, JT_UINT, 0, JT_VOTERS_MAX, "who was elected, from 1"),
	WORD(jt_run_decision, reason, jt_reason_words, "why"),
	WORD(jt_run_decision, verdict, jt_verdict_words, "what was decided"),
};
static const struct jt_schema decision_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_run_decision, decision_fields);

static const struct jt_field number_fields[] = {
	ROW(jt_number_item, number, JT_UINT, 0, JT_VOTERS_MAX, "a validator, from 1"),
};
static const struct jt_schema number_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_number_item, number_fields);

static const struct jt_field event_fields[] = {
	ROW(jt_event, at, JT_UINT, 0, 0, "ms since the run began"),
	NEST(jt_event, block, JT_MAP, JT_OPTIONAL, 0, &block_schema, "the block that was made"),
	NEST(jt_event, decision, JT_MAP, JT_OPTIONAL, 0, &decision_schema, "what was decided"),
	ROW(jt_event, from, JT_UINT, JT_OPTIONAL, JT_VOTERS_MAX, "who did or sent it, from 1"),
	NEST(jt_event, leaders, JT_LIST, JT_OPTIONAL, JT_LEADERS_MAX, &number_schema,
	    "who is elected"),
	ROW(jt_event, ledger, JT_UINT, JT_OPTIONAL, 0, "number of the ledger"),
	ROW(jt_event, message, JT_UINT, JT_OPTIONAL, 0, "as which message it came, from 1"),
	ROW(jt_event, note, JT_TEXT, JT_OPTIONAL, NOTE_MAX, "a line for people"),
	ROW(jt_event, ref, JT_FIXED, JT_OPTIONAL, JT_HASH, "id of a block"),
	ROW(jt_event, round, JT_UINT, JT_OPTIONAL, UINT32_MAX, "a round"),
	ROW(jt_event, slot, JT_UINT, JT_OPTIONAL, JT_LEADERS_MAX, "a leader slot of it, from 0"),
	ROW(jt_event, to, JT_UINT, JT_OPTIONAL, JT_VOTERS_MAX, "to whom it happened, from 1"),
	WORD(jt_event, what, jt_event_words, "what happened"),
};
static const struct jt_schema event_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_event, event_fields);
const struct jt_kind jt_kind_event = {
	.name = "event", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &event_schema,
	.help = "something that happened in a vote",
};

void
jt_event_block(struct jt_event *e, const struct jt_block *b,
    struct jt_run_ref refs[JT_VOTERS_MAX])
{
	for (uint32_t i = 0; i < b->parent_count; i++) {
		refs[i] = (struct jt_run_ref){ .author = b->parents[i].author + 1,
			.round = b->parents[i].round };
		memcpy(refs[i].id, b->parents[i].id, JT_HASH);
	}
	*e = (struct jt_event){ .what = JT_EVENT_BLOCK, .from = b->ref.author + 1 };
	e->block = (struct jt_run_block){ .author = b->ref.author + 1, .items = b->items,
		.parents = { refs, b->parent_count }, .round = b->ref.round, .time = b->time };
	memcpy(e->block.id, b->ref.id, JT_HASH);
}

void
jt_event_decision(struct jt_event *e, uint32_t voter, uint32_t round, uint32_t slot,
    const struct jt_slot *s)
{
	*e = (struct jt_event){ .what = JT_EVENT_DECIDE, .to = voter + 1, .round = round,
		.slot = slot };
	e->decision = (struct jt_run_decision){ .leader = s->leader + 1, .verdict = s->verdict,
		.reason = s->reason };
	if (s->block != NULL)
		memcpy(e->decision.block, s->block->ref.id, JT_HASH);
	if (s->reason == JT_ANCHOR_HAS || s->reason == JT_ANCHOR_LACKS) {
		e->decision.anchor = (struct jt_run_ref){ .author = s->anchor.author + 1,
			.round = s->anchor.round };
		memcpy(e->decision.anchor.id, s->anchor.id, JT_HASH);
	}
}

void
jt_event_cut(struct jt_event *e, uint32_t voter, const struct jt_decided_cut *cut)
{
	*e = (struct jt_event){ .what = JT_EVENT_CUT, .to = voter + 1, .round = cut->leader.round,
		.ledger = cut->number };
	memcpy(e->ref, cut->leader.id, JT_HASH);
}

void
jt_event_coin(struct jt_event *e, uint32_t voter, uint32_t round, const uint8_t coin[64],
    uint32_t n, uint32_t slots, struct jt_number_item leaders[JT_LEADERS_MAX])
{
	uint32_t drawn[JT_LEADERS_MAX];

	jt_sample(coin, 64, n, slots, drawn);
	for (uint32_t i = 0; i < slots; i++)
		leaders[i].number = drawn[i] + 1;
	*e = (struct jt_event){ .what = JT_EVENT_COIN, .to = voter + 1, .round = round,
		.leaders = { leaders, slots } };
}
