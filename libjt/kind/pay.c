/*
 * jt/pay: move an amount from one account to another.
 *
 * A payment of SWT to an account that does not exist makes it, and must bring
 * the reserve. Other assets exist only under a gateway's licence.
 */
#include "kind/tx.h"

#include <string.h>

#include "object/asset.h"

struct pay {
	struct jt_tx tx;
	struct jt_amount amount;
	struct jt_amount max;
	uint8_t to[JT_ACCOUNT];
};

static const struct jt_field fields[] = {
	JT_TX_AFTER(pay),
	{ .name = "amount", .type = JT_AMOUNT, .offset = offsetof(struct pay, amount),
	    .help = "what the receiver gets: 12.5 (SWT), or 12.50CNY/ISSUER" },
	JT_TX_APP(pay),
	JT_TX_FEE(pay),
	JT_TX_FROM(pay),
	JT_TX_LAST(pay),
	{ .name = "max", .type = JT_AMOUNT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct pay, max),
	    .help = "the most to spend of another asset, through the order books" },
	JT_TX_MEMO(pay),
	JT_TX_NETWORK(pay),
	JT_TX_SEQ(pay),
	{ .name = "to", .type = JT_ADDRESS, .offset = offsetof(struct pay, to),
	    .help = "the account that receives" },
	JT_TX_UNTIL(pay),
};
static const struct jt_schema schema = JT_SCHEMA(JT_FORM_MAP, struct pay, fields);

static enum jt_err
check(const struct jt_tx *tx, struct jt_error *e)
{
	const struct pay *p = (const struct pay *)(const void *)tx;

	if (p->amount.units == 0)
		return jt_fail(e, JT_MALFORMED, "amount: expected more than 0");
	if (p->max.units != 0 && jt_asset_equal(&p->max.asset, &p->amount.asset))
		return jt_fail(e, JT_MALFORMED, "max: same asset as amount");
	if (memcmp(p->to, tx->from, JT_ACCOUNT) == 0)
		return jt_fail(e, JT_MALFORMED, "to: same account as from");
	return JT_OK;
}

static enum jt_err
apply(struct jt_apply *a, const struct jt_tx *tx, struct jt_account *from,
    enum jt_code *code, struct jt_error *e)
{
	const struct pay *p = (const struct pay *)(const void *)tx;
	uint64_t reserve = jt_apply_reserve(a->terms, from), units = p->amount.units;
	struct jt_account to;
	enum jt_err err;
	bool exists;

	if (!jt_asset_native(&p->amount.asset) || p->max.units != 0) {
		*code = JT_CODE_UNKNOWN_ASSET;
		return JT_OK;
	}
	if ((err = jt_apply_account(a, p->to, &to, &exists, e)) != JT_OK)
		return err;
	if (to.flags & JT_FLAG_REFUSE_UNASKED)
		*code = JT_CODE_UNASKED;
	else if ((to.flags & JT_FLAG_REQUIRE_MEMO) && tx->memo.len == 0)
		*code = JT_CODE_MEMO_MISSING;
	else if (!exists && units < a->terms->reserve)
		*code = JT_CODE_TOO_SMALL;
	else if (from->balance < reserve || from->balance - reserve < units)
		*code = jt_apply_unfunded(a, from->balance, units, reserve);
	if (*code != JT_CODE_OK)
		return JT_OK;
	/* No overflow: all balances together are the network's coins. */
	from->balance -= units;
	to.balance += units;
	a->totals.accounts += !exists;
	return jt_apply_put(a, &to, e);
}

static const struct jt_tx_rule rule = { check, apply };

const struct jt_kind jt_kind_pay = {
	.name = "pay", .version = 1, .flags = JT_KIND_SIGNED | JT_KIND_TRANSACTION,
	.schema = &schema, .rule = &rule,
	.help = "move an amount from one account to another",
};
