/* The record of a run: its two kinds. See run.h. */
#include "sim/run.h"

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
