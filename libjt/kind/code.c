/* Result codes: the table. See code.h. */
#include "kind/code.h"

const struct jt_code_row jt_code_rows[JT_CODES] = {
	[JT_CODE_OK] = { "ok", JT_APPLIED, "did what it says" },
	[JT_CODE_UNFUNDED] = { "unfunded", JT_FAILED,
	    "the sender would be left with less than its reserve" },
	[JT_CODE_TOO_SMALL] = { "too-small", JT_FAILED,
	    "a payment that makes an account must bring the reserve" },
	[JT_CODE_UNASKED] = { "unasked", JT_FAILED,
	    "the receiver has the flag refuse-unasked" },
	[JT_CODE_MEMO_MISSING] = { "memo-missing", JT_FAILED,
	    "the receiver has the flag require-memo" },
	[JT_CODE_UNKNOWN_ASSET] = { "unknown-asset", JT_FAILED,
	    "no licence issues this asset" },
	[JT_CODE_SIGNERS_FIXED] = { "signers-fixed", JT_FAILED,
	    "the account has the flag no-new-signers" },
	[JT_CODE_NO_KEY_LEFT] = { "no-key-left", JT_FAILED,
	    "nobody could sign for the account any more" },
	[JT_CODE_MALFORMED] = { "malformed", JT_REFUSED,
	    "breaks a rule of its kind" },
	[JT_CODE_WRONG_NETWORK] = { "wrong-network", JT_REFUSED,
	    "made for another network" },
	[JT_CODE_BAD_SIGNATURE] = { "bad-signature", JT_REFUSED,
	    "has no signature, or one that is bad" },
	[JT_CODE_TOO_LATE] = { "too-late", JT_REFUSED,
	    "last or until has passed: final" },
	[JT_CODE_NOT_AFTER] = { "not-after", JT_REFUSED,
	    "after is not a ledger of the last hour" },
	[JT_CODE_NO_ACCOUNT] = { "no-account", JT_REFUSED,
	    "the sender does not exist" },
	[JT_CODE_SEQ_OLD] = { "seq-old", JT_REFUSED,
	    "seq is 64 or more below the highest used: final" },
	[JT_CODE_SEQ_USED] = { "seq-used", JT_REFUSED,
	    "seq is taken by another transaction: final" },
	[JT_CODE_SEQ_AHEAD] = { "seq-ahead", JT_REFUSED,
	    "seq is more than 64 above the highest used" },
	[JT_CODE_NOT_AUTHORISED] = { "not-authorised", JT_REFUSED,
	    "a key does not sign for the sender" },
	[JT_CODE_NO_QUORUM] = { "no-quorum", JT_REFUSED,
	    "the signers' weights do not reach the quorum" },
	[JT_CODE_LOW_FEE] = { "low-fee", JT_REFUSED,
	    "the fee is below the network's, times the signatures" },
	[JT_CODE_NO_FEE] = { "no-fee", JT_REFUSED,
	    "the sender cannot pay the fee" },
	[JT_CODE_NEEDS_MASTER] = { "needs-master", JT_FAILED,
	    "only the master key sets no-master and no-new-signers" },
	[JT_CODE_BAD_STAMP] = { "bad-stamp", JT_REFUSED,
	    "a record has no stamp for the door it came by, or not enough work" },
	[JT_CODE_OVER_RATE] = { "over-rate", JT_REFUSED,
	    "more records came by this door than the network takes: send it again" },
};

const char *const jt_code_words[] = {
	"ok", "unfunded", "too-small", "unasked", "memo-missing", "unknown-asset",
	"signers-fixed", "no-key-left", "malformed", "wrong-network", "bad-signature",
	"too-late", "not-after", "no-account", "seq-old", "seq-used", "seq-ahead",
	"not-authorised", "no-quorum", "low-fee", "no-fee", "needs-master", "bad-stamp",
	"over-rate", NULL
};
const char *const jt_outcome_words[] = { "applied", "failed", "refused", NULL };

_Static_assert(sizeof jt_code_words / sizeof *jt_code_words == JT_CODES + 1,
    "a word for each code");

static const struct jt_field result_fields[] = {
	{ .name = "code", .type = JT_WORD, .words = jt_code_words,
	    .offset = offsetof(struct jt_result, code), .help = "the result code" },
	{ .name = "id", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_HASH,
	    .offset = offsetof(struct jt_result, id), .help = "id of the transaction or record" },
	{ .name = "index", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_result, index), .help = "its place in the ledger, from 0" },
	{ .name = "ledger", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_result, ledger),
	    .help = "number of the ledger; absent when refused" },
	{ .name = "why", .type = JT_TEXT, .flags = JT_OPTIONAL, .max = JT_ERROR_MAX,
	    .offset = offsetof(struct jt_result, why), .help = "more about a refusal" },
};
static const struct jt_schema result_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_result, result_fields);
const struct jt_kind jt_kind_result = {
	.name = "result", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &result_schema,
	.help = "what became of a transaction or record",
};
