/*
 * jt/set: who signs for an account, and what the account refuses.
 *
 * `key` gives a regular key, which signs alone beside the master key. `signers`
 * and `quorum` give a list of accounts whose master keys sign together when
 * their weights reach the quorum; a list is an object that its account keeps a
 * reserve for. `flags` sets flags, `unset` clears flags, the key or the list.
 * The flag no-new-signers is for ever, and fixes key, list and no-master. That
 * flag and no-master are set by the master key alone, so that neither a stolen
 * regular key nor signers it names can shut the account's owner out for good.
 */
#include "kind/tx.h"

#include <inttypes.h>
#include <string.h>

struct set {
	struct jt_tx tx;
	uint64_t flags;
	struct jt_list holds; /* of struct jt_asset */
	uint8_t key[JT_ACCOUNT];
	uint64_t quorum;
	struct jt_list signers; /* of struct jt_signer */
	uint64_t unset;
};

/* What `unset` can name: its words, and the flag each clears (0: no flag). */
static const char *const unset_words[] = {
	"key", "no-master", "refuse-unasked", "require-memo", "signers", NULL
};
static const uint64_t unset_flags[] = {
	0, JT_FLAG_NO_MASTER, JT_FLAG_REFUSE_UNASKED, JT_FLAG_REQUIRE_MEMO, 0
};
#define UNSET_KEY 1U
#define UNSET_NO_MASTER 2U
#define UNSET_SIGNERS 16U

static const struct jt_field asset_fields[] = {
	{ .name = "asset", .type = JT_ASSET, .help = "CNY.2/ISSUER" },
};
static const struct jt_schema asset_schema =
    JT_SCHEMA(JT_FORM_PLAIN, struct jt_asset, asset_fields);

static const struct jt_field fields[] = {
	JT_TX_AFTER(set),
	JT_TX_APP(set),
	JT_TX_FEE(set),
	{ .name = "flags", .type = JT_WORDS, .flags = JT_OPTIONAL, .words = jt_account_flag_words,
	    .offset = offsetof(struct set, flags),
	    .help = "flags to set: no-master, no-new-signers, refuse-unasked, require-memo" },
	JT_TX_FROM(set),
	{ .name = "holds", .type = JT_LIST, .flags = JT_OPTIONAL, .max = 32, .sub = &asset_schema,
	    .offset = offsetof(struct set, holds), .help = "assets to open a holding for" },
	{ .name = "key", .type = JT_ADDRESS, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct set, key), .help = "the regular key, by its address" },
	JT_TX_LAST(set),
	JT_TX_MEMO(set),
	JT_TX_NETWORK(set),
	{ .name = "quorum", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct set, quorum), .help = "weight that the signers must reach" },
	JT_TX_SEQ(set),
	{ .name = "signers", .type = JT_LIST, .flags = JT_OPTIONAL | JT_SORTED,
	    .max = JT_SIGNERS_MAX, .sub = &jt_signer_schema,
	    .offset = offsetof(struct set, signers),
	    .help = "accounts that sign together, with weights: A:1,B:1" },
	{ .name = "unset", .type = JT_WORDS, .flags = JT_OPTIONAL, .words = unset_words,
	    .offset = offsetof(struct set, unset),
	    .help = "to clear: key, no-master, refuse-unasked, require-memo, signers" },
	JT_TX_UNTIL(set),
};
static const struct jt_schema schema = JT_SCHEMA(JT_FORM_MAP, struct set, fields);

static uint64_t
flags_to_clear(const struct set *s)
{
	uint64_t clear = 0;

	for (size_t i = 0; unset_words[i] != NULL; i++)
		if (s->unset >> i & 1)
			clear |= unset_flags[i];
	return clear;
}

static enum jt_err
check_signers(const struct set *s, struct jt_error *e)
{
	const struct jt_signer *signer = s->signers.items;
	uint64_t sum = 0;

	if ((s->signers.count == 0) != (s->quorum == 0))
		return jt_fail(e, JT_MALFORMED, "signers and quorum come together");
	for (uint32_t i = 0; i < s->signers.count; i++) {
		if (signer[i].weight == 0)
			return jt_fail(e, JT_MALFORMED, "signers: expected a weight of 1 or more");
		if (memcmp(signer[i].account, s->tx.from, JT_ACCOUNT) == 0)
			return jt_fail(e, JT_MALFORMED, "signers: the account itself");
		sum += signer[i].weight;
	}
	if (s->quorum > sum)
		return jt_fail(e, JT_MALFORMED,
		    "quorum: %" PRIu64 ", more than all weights together (%" PRIu64 ")",
		    s->quorum, sum);
	return JT_OK;
}

static enum jt_err
check(const struct jt_tx *tx, struct jt_error *e)
{
	static const uint8_t none[JT_ACCOUNT];
	const struct set *s = (const struct set *)(const void *)tx;
	bool key = memcmp(s->key, none, JT_ACCOUNT) != 0;
	enum jt_err err = check_signers(s, e);

	if (err != JT_OK)
		return err;
	if (!key && s->flags == 0 && s->unset == 0 && s->signers.count == 0 && s->holds.count == 0)
		return jt_fail(e, JT_MALFORMED,
		    "expected one of flags, holds, key, signers, unset, found none");
	if (memcmp(s->key, tx->from, JT_ACCOUNT) == 0)
		return jt_fail(e, JT_MALFORMED, "key: the account's own master key");
	if (s->flags & flags_to_clear(s))
		return jt_fail(e, JT_MALFORMED, "flags and unset name the same flag");
	if ((key && (s->unset & UNSET_KEY)) ||
	    (s->signers.count > 0 && (s->unset & UNSET_SIGNERS)))
		return jt_fail(e, JT_MALFORMED, "unset: clears what is given beside it");
	return JT_OK;
}

static bool
changes_who_signs(const struct set *s)
{
	static const uint8_t none[JT_ACCOUNT];

	return memcmp(s->key, none, JT_ACCOUNT) != 0 || s->signers.count > 0 ||
	    (s->flags & JT_FLAG_NO_MASTER) ||
	    (s->unset & (UNSET_KEY | UNSET_NO_MASTER | UNSET_SIGNERS));
}

static bool
master_signed(const struct jt_apply *a, const struct jt_account *from)
{
	const struct jt_sig *sigs = a->signatures->sigs.items;
	uint8_t id[JT_ACCOUNT];

	for (uint32_t i = 0; i < a->signatures->sigs.count; i++) {
		jt_account_of_key(id, sigs[i].key);
		if (memcmp(id, from->account, JT_ACCOUNT) == 0)
			return true;
	}
	return false;
}

static enum jt_err
apply(struct jt_apply *a, const struct jt_tx *tx, struct jt_account *from,
    enum jt_code *code, struct jt_error *e)
{
	static const uint8_t none[JT_ACCOUNT];
	const struct set *s = (const struct set *)(const void *)tx;
	bool had_list = from->signers.count > 0;

	(void)e;
	if (s->holds.count > 0) {
		*code = JT_CODE_UNKNOWN_ASSET;
		return JT_OK;
	}
	if ((from->flags & JT_FLAG_NO_NEW_SIGNERS) && changes_who_signs(s)) {
		*code = JT_CODE_SIGNERS_FIXED;
		return JT_OK;
	}
	if ((s->flags & ~from->flags & (JT_FLAG_NO_MASTER | JT_FLAG_NO_NEW_SIGNERS)) &&
	    !master_signed(a, from)) {
		*code = JT_CODE_NEEDS_MASTER;
		return JT_OK;
	}
	from->flags = (from->flags | s->flags) & ~flags_to_clear(s);
	if (s->unset & UNSET_KEY)
		memset(from->key, 0, JT_ACCOUNT);
	if (memcmp(s->key, none, JT_ACCOUNT) != 0)
		memcpy(from->key, s->key, JT_ACCOUNT);
	if (s->unset & UNSET_SIGNERS) {
		from->signers = (struct jt_list){ NULL, 0 };
		from->quorum = 0;
	}
	if (s->signers.count > 0) {
		from->signers = s->signers;
		from->quorum = s->quorum;
	}
	if (had_list && from->signers.count == 0)
		from->objects--;
	if (!had_list && from->signers.count > 0) {
		from->objects++;
		if (from->balance < jt_apply_reserve(a->terms, from))
			*code = jt_apply_unfunded(a, from->balance, 0,
			    jt_apply_reserve(a->terms, from));
	}
	if ((from->flags & JT_FLAG_NO_MASTER) && from->signers.count == 0 &&
	    memcmp(from->key, none, JT_ACCOUNT) == 0)
		*code = JT_CODE_NO_KEY_LEFT;
	return JT_OK;
}

static const struct jt_tx_rule rule = { check, apply };

const struct jt_kind jt_kind_set = {
	.name = "set", .version = 1, .flags = JT_KIND_SIGNED | JT_KIND_TRANSACTION,
	.schema = &schema, .rule = &rule,
	.help = "say who signs for an account and what it refuses",
};
