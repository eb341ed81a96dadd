/* Queries and answers. See client.h. */
#include "door/client.h"

#include <string.h>

#include "kind/code.h"

static const char *const whats[] = {
	"account", "door", "ledger", "network", "newest", "record", "tx", NULL
};

static const struct jt_field query_fields[] = {
	{ .name = "account", .type = JT_ADDRESS, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_query, account), .help = "which account; absent: of zeros" },
	{ .name = "id", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_HASH,
	    .offset = offsetof(struct jt_query, id), .help = "which transaction, or hash; absent: zeros" },
	{ .name = "ledger", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_query, ledger), .help = "which ledger; absent: 0" },
	{ .name = "what", .type = JT_WORD, .offset = offsetof(struct jt_query, what),
	    .words = whats, .help = "what is asked for" },
};
static const struct jt_schema query_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_query, query_fields);
const struct jt_kind jt_kind_query = {
	.name = "query", .version = 1, .schema = &query_schema,
	.help = "what a client asks a validator for",
};

static const char *const states[] = { "accepted", "busy", "none", "refused", NULL };

static const struct jt_field answer_fields[] = {
	{ .name = "code", .type = JT_WORD, .flags = JT_OPTIONAL, .words = jt_code_words,
	    .offset = offsetof(struct jt_answer, code), .help = "why a transaction was refused" },
	{ .name = "id", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_HASH,
	    .offset = offsetof(struct jt_answer, id),
	    .help = "of the transaction or query; absent: of what was no object" },
	{ .name = "state", .type = JT_WORD, .offset = offsetof(struct jt_answer, state),
	    .words = states, .help = "how it stands" },
	{ .name = "why", .type = JT_TEXT, .flags = JT_OPTIONAL, .max = JT_ERROR_MAX,
	    .offset = offsetof(struct jt_answer, why), .help = "more, for people" },
};
static const struct jt_schema answer_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_answer, answer_fields);
const struct jt_kind jt_kind_answer = {
	.name = "answer", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &answer_schema,
	.help = "what a validator says to a client besides what was asked for",
};

/*
 * Each word takes its own field, and no other. That it is missing cannot be told: who asks
 * for the account of zeros, or for a hash of zeros, leaves it out.
 */
static enum jt_err
check(const struct jt_query *q, struct jt_error *e)
{
	bool account = memcmp(q->account, (uint8_t[JT_ACCOUNT]){ 0 }, JT_ACCOUNT) != 0;
	bool id = !jt_hash_is_zero(q->id);

	if (account && q->what != JT_QUERY_ACCOUNT)
		return jt_fail(e, JT_MALFORMED, "account: does not go with %s", whats[q->what]);
	if (id && q->what != JT_QUERY_TX && q->what != JT_QUERY_RECORD)
		return jt_fail(e, JT_MALFORMED, "id: does not go with %s", whats[q->what]);
	if (q->ledger != 0 && q->what != JT_QUERY_LEDGER && q->what != JT_QUERY_RECORD)
		return jt_fail(e, JT_MALFORMED, "ledger: does not go with %s", whats[q->what]);
	return JT_OK;
}

enum jt_err
jt_query_write(const struct jt_query *q, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err = check(q, e);

	return err == JT_OK ? jt_kind_write(&jt_kind_query, q, out, e) : err;
}

enum jt_err
jt_query_read(const struct jt_object *o, struct jt_query *q, struct jt_error *e)
{
	enum jt_err err;

	*q = (struct jt_query){ 0 };
	/* It has no lists, and so needs no zone. */
	err = jt_kind_read(&jt_kind_query, o, q, NULL, e);
	return err == JT_OK ? check(q, e) : err;
}
