/*
 * Transactions: the rules that are the same for all kinds. See tx.h.
 *
 * The order of the checks is that of the codes in the table: first what the
 * bytes alone decide, then time, then what the sender's account decides. A copy with
 * bad signatures is refused before its sequence number is looked at, so it
 * can never shadow a good copy.
 */
#include "kind/tx.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

enum { ENTRY_MAX = 4096 }; /* more bytes than any account's entry has */

enum jt_err
jt_tx_decode(const struct jt_kind *kind, const struct jt_object *o, struct jt_tx **tx,
    struct jt_signed *s, msgpack_zone *zone, struct jt_error *e)
{
	enum jt_err err;

	if (o->bytes.len > JT_TX_MAX)
		return jt_fail(e, JT_MALFORMED, "%zu bytes, more than %d", o->bytes.len, JT_TX_MAX);
	if ((err = jt_signed_decode(o, s, zone, e)) != JT_OK)
		return err;
	if (s->sigs.count > JT_TX_SIGS_MAX)
		return jt_fail(e, JT_MALFORMED, "sigs: %" PRIu32 ", more than %d",
		    s->sigs.count, JT_TX_SIGS_MAX);
	*tx = msgpack_zone_malloc(zone, kind->schema->size);
	if (*tx == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if ((err = jt_decode(kind->schema, s->body, *tx, zone, e)) != JT_OK)
		return err;
	if ((*tx)->seq == 0)
		return jt_fail(e, JT_MALFORMED, "seq: expected 1 or more, found 0");
	return kind->rule->check == NULL ? JT_OK : kind->rule->check(*tx, e);
}

/* Two hashes, each made once for an account that is looked at and put back. */
static const uint8_t *
state_key(struct jt_apply *a, const uint8_t account[JT_ACCOUNT])
{
	struct jt_apply_place *p;

	for (unsigned i = 0; i < 2; i++)
		if (a->recent[i].known && memcmp(a->recent[i].account, account, JT_ACCOUNT) == 0)
			return a->recent[i].key;
	p = &a->recent[a->oldest];
	a->oldest ^= 1;
	p->known = true;
	memcpy(p->account, account, JT_ACCOUNT);
	jt_state_key(p->key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	return p->key;
}

enum jt_err
jt_apply_account(struct jt_apply *a, const uint8_t account[JT_ACCOUNT],
    struct jt_account *out, bool *exists, struct jt_error *e)
{
	struct jt_slice entry;
	enum jt_err err = jt_overlay_get(a->state, state_key(a, account), &entry, e);

	if (err != JT_OK)
		return err;
	*exists = entry.len > 0;
	if (*exists)
		return jt_account_decode(entry, out, a->zone, e);
	*out = (struct jt_account){ 0 };
	memcpy(out->account, account, JT_ACCOUNT);
	return JT_OK;
}

enum jt_err
jt_apply_put(struct jt_apply *a, const struct jt_account *account, struct jt_error *e)
{
	uint8_t room[ENTRY_MAX];
	struct jt_buf entry = { .data = room, .cap = sizeof room, .max = sizeof room };
	enum jt_err err = jt_account_encode(account, &entry, e);

	if (err == JT_OK)
		err = jt_overlay_put(a->state, state_key(a, account->account),
		    jt_buf_slice(&entry), e);
	return err;
}

uint64_t
jt_apply_reserve(const struct jt_terms *t, const struct jt_account *account)
{
	uint64_t more;

	if (!jt_mul(t->object, account->objects, &more) || !jt_add(more, t->reserve, &more))
		return UINT64_MAX;
	return more;
}

enum jt_code
jt_apply_unfunded(struct jt_apply *a, uint64_t balance, uint64_t units, uint64_t reserve)
{
	char has[JT_DECIMAL_MAX], wants[JT_DECIMAL_MAX], keeps[JT_DECIMAL_MAX];

	jt_decimal_format(balance, JT_COINS_DECIMALS, false, has);
	jt_decimal_format(units, JT_COINS_DECIMALS, false, wants);
	jt_decimal_format(reserve, JT_COINS_DECIMALS, false, keeps);
	jt_fail(a->why, JT_NO, "balance: %s after the fee, less %s, must leave the reserve %s", has,
	    wants, keeps);
	return JT_CODE_UNFUNDED;
}

static const struct jt_signer *
find_signer(const struct jt_account *from, const uint8_t id[JT_ACCOUNT])
{
	const struct jt_signer *s = from->signers.items;

	for (uint32_t i = 0; i < from->signers.count; i++)
		if (memcmp(s[i].account, id, JT_ACCOUNT) == 0)
			return &s[i];
	return NULL;
}

enum jt_code
jt_tx_authority(const struct jt_account *from, const struct jt_sig *sigs, uint32_t count,
    struct jt_error *why)
{
	char address[JT_ADDRESS_TEXT];
	uint64_t weight = 0;
	bool alone = false;

	for (uint32_t i = 0; i < count; i++) {
		const struct jt_signer *signer;
		uint8_t id[JT_ACCOUNT];
		bool master, regular;

		jt_account_of_key(id, sigs[i].key);
		master = memcmp(id, from->account, JT_ACCOUNT) == 0 &&
		    !(from->flags & JT_FLAG_NO_MASTER);
		/* A zero key means none; no known public key hashes to zero. */
		regular = memcmp(id, from->key, JT_ACCOUNT) == 0;
		signer = find_signer(from, id);
		if (!master && !regular && signer == NULL) {
			jt_address_format(id, address);
			jt_fail(why, JT_NO, "%s does not sign for the sender", address);
			return JT_CODE_NOT_AUTHORISED;
		}
		alone = alone || master || regular;
		weight += signer ? signer->weight : 0;
	}
	if (alone || (from->quorum > 0 && weight >= from->quorum))
		return JT_CODE_OK;
	jt_fail(why, JT_NO, "weight: %" PRIu64 ", the quorum is %" PRIu64, weight, from->quorum);
	return JT_CODE_NO_QUORUM;
}

static enum jt_code
seq_code(const struct jt_account *from, uint64_t seq)
{
	switch (jt_seq_look(from, seq)) {
	case JT_SEQ_FREE:
		return JT_CODE_OK;
	case JT_SEQ_OLD:
		return JT_CODE_SEQ_OLD;
	case JT_SEQ_USED:
		return JT_CODE_SEQ_USED;
	case JT_SEQ_AHEAD:
		break;
	}
	return JT_CODE_SEQ_AHEAD;
}

/* Is it in its time: last, until, after? */
static enum jt_err
check_time(struct jt_apply *a, const struct jt_tx *tx, enum jt_code *code, struct jt_error *why,
    struct jt_error *e)
{
	uint64_t when;
	enum jt_err err;

	if (tx->last != 0 && a->number > tx->last) {
		*code = JT_CODE_TOO_LATE;
		jt_fail(why, JT_NO, "last: %" PRIu64 ", this is ledger %" PRIu64, tx->last,
		    a->number);
	} else if (tx->until != 0 && a->time > tx->until) {
		*code = JT_CODE_TOO_LATE;
		jt_fail(why, JT_NO, "until: has passed at the ledger's time");
	} else if (!jt_hash_is_zero(tx->after)) {
		if ((err = a->header_time(a->ctx, tx->after, &when, e)) != JT_OK)
			return err;
		if (when == 0 || a->time - when > JT_AFTER_MS) {
			*code = JT_CODE_NOT_AFTER;
			jt_fail(why, JT_NO, "after: %s", when == 0 ? "no such ledger" :
			    "that ledger is more than an hour old");
		}
	}
	return JT_OK;
}

/* What the sender's account decides, before anything is changed. */
static enum jt_code
check_sender(const struct jt_apply *a, const struct jt_tx *tx, const struct jt_signed *s,
    const struct jt_account *from, struct jt_error *why)
{
	enum jt_code code = seq_code(from, tx->seq);
	uint64_t least;

	if (code != JT_CODE_OK) {
		jt_fail(why, JT_NO, "seq: %" PRIu64 ", the highest used is %" PRIu64, tx->seq,
		    from->seq);
		return code;
	}
	/* First the keys: one too many makes the fee too low, and would not be named. */
	code = jt_tx_authority(from, s->sigs.items, s->sigs.count, why);
	if (code != JT_CODE_OK)
		return code;
	if (!jt_mul(a->terms->fee, s->sigs.count, &least))
		least = UINT64_MAX;
	if (tx->fee < least) {
		char found[JT_DECIMAL_MAX], expected[JT_DECIMAL_MAX];
		jt_decimal_format(tx->fee, JT_COINS_DECIMALS, false, found);
		jt_decimal_format(least, JT_COINS_DECIMALS, false, expected);
		jt_fail(why, JT_NO, "fee: expected %s or more, found %s", expected, found);
		return JT_CODE_LOW_FEE;
	}
	if (from->balance < tx->fee) {
		char balance[JT_DECIMAL_MAX], fee[JT_DECIMAL_MAX];
		jt_decimal_format(from->balance, JT_COINS_DECIMALS, false, balance);
		jt_decimal_format(tx->fee, JT_COINS_DECIMALS, false, fee);
		jt_fail(why, JT_NO, "fee: %s, the balance is %s", fee, balance);
		code = JT_CODE_NO_FEE;
	}
	return code;
}

enum jt_err
jt_tx_admit(struct jt_apply *a, const struct jt_tx *tx, const struct jt_signed *s,
    struct jt_account *from, enum jt_code *code, struct jt_error *why, struct jt_error *e)
{
	enum jt_err err;
	bool exists;

	*code = JT_CODE_OK;
	if ((err = check_time(a, tx, code, why, e)) != JT_OK || *code != JT_CODE_OK)
		return err;
	if ((err = jt_apply_account(a, tx->from, from, &exists, e)) != JT_OK)
		return err;
	if (!exists) {
		char address[JT_ADDRESS_TEXT];
		jt_address_format(tx->from, address);
		jt_fail(why, JT_NO, "from: %s", address);
		*code = JT_CODE_NO_ACCOUNT;
		return JT_OK;
	}
	*code = check_sender(a, tx, s, from, why);
	return JT_OK;
}

/* Take fee and number, do what the kind does, put the sender back. */
static enum jt_err
charge_and_apply(struct jt_apply *a, const struct jt_kind *kind, const struct jt_tx *tx,
    const struct jt_signed *s, struct jt_account *from, enum jt_code *code, struct jt_error *e)
{
	struct jt_account charged;
	enum jt_err err;

	from->balance -= tx->fee;
	jt_seq_take(from, tx->seq);
	charged = *from;
	a->signatures = s;
	err = kind->rule->apply(a, tx, from, code, e);
	a->signatures = NULL;
	if (err != JT_OK)
		return err;
	a->totals.burned += tx->fee;
	a->totals.coins -= tx->fee;
	return jt_apply_put(a, *code == JT_CODE_OK ? from : &charged, e);
}

enum jt_err
jt_tx_apply(struct jt_apply *a, const struct jt_kind *kind, const struct jt_object *o,
    enum jt_code *code, struct jt_error *why, struct jt_error *e)
{
	struct jt_account from;
	struct jt_signed s;
	struct jt_tx *tx;
	enum jt_err err;

	why->text[0] = '\0';
	a->why = why;
	*code = JT_CODE_OK;
	err = jt_tx_decode(kind, o, &tx, &s, a->zone, why);
	if (err == JT_SYSTEM)
		return jt_fail(e, err, "%s", why->text);
	if (err != JT_OK)
		*code = JT_CODE_MALFORMED;
	else if (memcmp(tx->network, a->terms->network, JT_HASH) != 0)
		*code = JT_CODE_WRONG_NETWORK;
	else if (s.sigs.count == 0 || !a->verified)
		*code = jt_signed_verify(o, &s, why) == JT_OK ? JT_CODE_OK : JT_CODE_BAD_SIGNATURE;
	if (*code != JT_CODE_OK)
		return JT_OK;
	if ((err = jt_tx_admit(a, tx, &s, &from, code, why, e)) != JT_OK || *code != JT_CODE_OK)
		return err;
	return charge_and_apply(a, kind, tx, &s, &from, code, e);
}
