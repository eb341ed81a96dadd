/* The genesis: schema, checks, and what follows from it. See genesis.h. */
#include "ledger/genesis.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

#define ROW(s_, member, type_, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }
#define NEST(s_, member, type_, flags_, max_, sub_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, .sub = sub_, \
	    .offset = offsetof(struct s_, member), .help = help_ }

static const struct jt_field validator_fields[] = {
	ROW(jt_validator, box, JT_FIXED, 0, 32, "X25519 key that secrets are sealed to"),
	ROW(jt_validator, client, JT_TEXT, JT_OPTIONAL, JT_ENDPOINT_MAX,
	    "HOST:PORT or a socket's path, for clients"),
	ROW(jt_validator, key, JT_FIXED, 0, JT_KEY, "Ed25519 key that signs headers"),
	ROW(jt_validator, link, JT_FIXED, 0, 32, "X25519 key of its links"),
	ROW(jt_validator, name, JT_TEXT, 0, JT_NAME_MAX, "a name, for people"),
	ROW(jt_validator, peer, JT_TEXT, JT_OPTIONAL, JT_ENDPOINT_MAX,
	    "HOST:PORT or a socket's path, for validators"),
};
static const struct jt_schema validator_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_validator, validator_fields);

static const struct jt_field authority_fields[] = {
	ROW(jt_authority, quorum, JT_UINT, JT_OPTIONAL, 0, "weight that grants"),
	NEST(jt_authority, signers, JT_LIST, JT_OPTIONAL | JT_SORTED, JT_SIGNERS_MAX,
	    &jt_signer_schema, "who grants licences together"),
};
static const struct jt_schema authority_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_authority, authority_fields);

static const struct jt_field record_fields[] = {
	ROW(jt_record_terms, rate, JT_UINT, 0, 0, "bytes per second and source"),
	ROW(jt_record_terms, stamp, JT_UINT, 0, 64, "bits of work on each"),
};
static const struct jt_schema record_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_record_terms, record_fields);

static const struct jt_field genesis_fields[] = {
	ROW(jt_genesis, accounts, JT_UINT, 0, 0, "how many initial accounts"),
	NEST(jt_genesis, authority, JT_MAP, JT_OPTIONAL, 0, &authority_schema,
	    "who grants gateway licences"),
	ROW(jt_genesis, coins, JT_COINS, 0, 0, "all initial balances together"),
	ROW(jt_genesis, dealing, JT_FIXED, JT_OPTIONAL, JT_HASH, "id of the coin's dealing"),
	ROW(jt_genesis, fee, JT_COINS, 0, 0, "per transaction and signature"),
	ROW(jt_genesis, heartbeat, JT_UINT, JT_OPTIONAL, 0, "ms between empty ledgers"),
	ROW(jt_genesis, interval, JT_UINT, 0, 0, "ms between ledgers under load"),
	ROW(jt_genesis, name, JT_TEXT, 0, JT_NAME_MAX, "the network's name, for people"),
	ROW(jt_genesis, network, JT_FIXED, 0, JT_HASH, "zero"),
	ROW(jt_genesis, nonce, JT_FIXED, 0, JT_HASH, "tells networks of one set-up apart"),
	ROW(jt_genesis, object, JT_COINS, 0, 0, "more to keep per object that an account owns"),
	NEST(jt_genesis, records, JT_MAP, 0, 0, &record_schema, "limits of hash records"),
	ROW(jt_genesis, reserve, JT_COINS, 0, 0, "what an account must keep"),
	ROW(jt_genesis, state, JT_FIXED, 0, JT_HASH, "root of the initial state"),
	ROW(jt_genesis, time, JT_TIME, 0, 0, "when the network begins"),
	NEST(jt_genesis, validators, JT_LIST, 0, JT_VALIDATORS_MAX, &validator_schema,
	    "who signs headers, keys ascending"),
};
static const struct jt_schema genesis_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_genesis, genesis_fields);
const struct jt_kind jt_kind_genesis = {
	.name = "genesis", .version = 1, .flags = JT_KIND_SIGNED, .schema = &genesis_schema,
	.help = "what a network is; its id is the network's id",
};

static const struct jt_field initial_fields[] = {
	ROW(jt_initial, account, JT_ADDRESS, 0, 0, "the account"),
	ROW(jt_initial, balance, JT_COINS, 0, 0, "its SWT"),
	ROW(jt_initial, seq, JT_UINT, 0, 0, "numbers up to this one are used"),
};
static const struct jt_schema initial_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_initial, initial_fields);
static const struct jt_field accounts_fields[] = {
	NEST(jt_accounts, accounts, JT_LIST, JT_SORTED, JT_INITIAL_MAX, &initial_schema,
	    "[account, balance, seq], accounts ascending"),
};
static const struct jt_schema accounts_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_accounts, accounts_fields);
const struct jt_kind jt_kind_accounts = {
	.name = "accounts", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &accounts_schema,
	.help = "initial accounts, behind a genesis",
};

/* The set alone, for its hash: the encoding of {validators: [...]}. */
static const struct jt_field set_fields[] = {
	{ .name = "validators", .type = JT_LIST, .max = JT_VALIDATORS_MAX,
	    .sub = &validator_schema, .help = "who signs headers" },
};
static const struct jt_schema set_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_list, set_fields);

static enum jt_err
check_validators(const struct jt_list *l, struct jt_error *e)
{
	const struct jt_validator *v = l->items;

	if (l->count == 0)
		return jt_fail(e, JT_MALFORMED, "validators: expected 1 or more, found none");
	for (uint32_t i = 0; i < l->count; i++) {
		if (v[i].name.len == 0)
			return jt_fail(e, JT_MALFORMED, "validators: a name is empty");
		if (i > 0 && memcmp(v[i - 1].key, v[i].key, JT_KEY) >= 0)
			return jt_fail(e, JT_MALFORMED,
			    "validators: keys are not in strictly ascending order");
		for (uint32_t k = 0; k < i; k++)
			if (jt_slice_equal(v[i].name, v[k].name))
				return jt_fail(e, JT_MALFORMED, "validators: name \"%.*s\" twice",
				    (int)v[i].name.len, (const char *)v[i].name.data);
	}
	return JT_OK;
}

static enum jt_err
check_authority(const struct jt_authority *a, struct jt_error *e)
{
	const struct jt_signer *s = a->signers.items;
	uint64_t sum = 0;

	if ((a->signers.count == 0) != (a->quorum == 0))
		return jt_fail(e, JT_MALFORMED, "authority: signers and quorum come together");
	for (uint32_t i = 0; i < a->signers.count; i++) {
		if (s[i].weight == 0)
			return jt_fail(e, JT_MALFORMED,
			    "authority: signers: expected a weight of 1 or more");
		sum += s[i].weight;
	}
	if (a->quorum > sum)
		return jt_fail(e, JT_MALFORMED, "authority: quorum %" PRIu64
		    " is more than all weights together (%" PRIu64 ")", a->quorum, sum);
	return JT_OK;
}

enum jt_err
jt_genesis_check(const struct jt_genesis *g, struct jt_error *e)
{
	enum jt_err err;

	if (!jt_hash_is_zero(g->network))
		return jt_fail(e, JT_MALFORMED, "network: expected zero");
	if (g->name.len == 0)
		return jt_fail(e, JT_MALFORMED, "name: is empty");
	if (g->interval == 0)
		return jt_fail(e, JT_MALFORMED, "interval: expected 1 ms or more");
	if (g->time > JT_CUT_TIME_MAX)
		return jt_fail(e, JT_MALFORMED, "time: expected a year up to 9998");
	if ((err = check_validators(&g->validators, e)) != JT_OK)
		return err;
	return check_authority(&g->authority, e);
}

enum jt_err
jt_genesis_decode(const struct jt_object *o, struct jt_genesis *g, uint8_t id[JT_HASH],
    msgpack_zone *zone, struct jt_error *e)
{
	struct jt_signed s;
	enum jt_err err;

	if (!jt_object_is(o, "genesis"))
		return jt_fail(e, JT_MALFORMED, "expected jt/genesis, found jt/%.*s",
		    (int)o->kind.len, (const char *)o->kind.data);
	if (o->version != jt_kind_genesis.version)
		return jt_fail(e, JT_MALFORMED, "jt/genesis has version %" PRIu64
		    ", this program knows version 1", o->version);
	if ((err = jt_signed_decode(o, &s, zone, e)) != JT_OK)
		return err;
	if ((err = jt_decode(&genesis_schema, s.body, g, zone, e)) != JT_OK)
		return err;
	jt_object_hash(id, o->kind, o->version, s.body);
	return jt_genesis_check(g, e);
}

enum jt_err
jt_genesis_write(const struct jt_genesis *g, struct jt_buf *out, struct jt_error *e)
{
	struct jt_buf body;
	enum jt_err err = jt_genesis_check(g, e);

	if (err != JT_OK)
		return err;
	jt_buf_init(&body, JT_OBJECT_MAX);
	err = jt_encode(&genesis_schema, g, &body, e);
	if (err == JT_OK)
		err = jt_signed_write(out, jt_slice_text("genesis"), jt_kind_genesis.version,
		    jt_buf_slice(&body), NULL, 0, e);
	jt_buf_free(&body);
	return err;
}

void
jt_genesis_terms(const struct jt_genesis *g, const uint8_t id[JT_HASH], struct jt_terms *terms)
{
	memcpy(terms->network, id, JT_HASH);
	terms->fee = g->fee;
	terms->reserve = g->reserve;
	terms->object = g->object;
}

enum jt_err
jt_validators_hash(const struct jt_list *validators, uint8_t out[JT_HASH], struct jt_error *e)
{
	struct jt_buf body;
	enum jt_err err;

	jt_buf_init(&body, JT_OBJECT_MAX);
	err = jt_encode(&set_schema, validators, &body, e);
	if (err == JT_OK)
		jt_object_hash(out, jt_slice_text("validators"), 1, jt_buf_slice(&body));
	jt_buf_free(&body);
	return err;
}

enum jt_err
jt_genesis_header(const struct jt_genesis *g, const uint8_t id[JT_HASH], struct jt_header *h,
    struct jt_error *e)
{
	enum jt_err err;

	*h = (struct jt_header){ .time = g->time };
	memcpy(h->network, id, JT_HASH);
	memcpy(h->coin, g->dealing, JT_HASH);
	memcpy(h->state, g->state, JT_HASH);
	jt_merkle_empty(h->history);
	jt_merkle_empty(h->records.root);
	jt_merkle_empty(h->transactions.root);
	h->totals.accounts = g->accounts;
	h->totals.coins = g->coins;
	err = jt_validators_hash(&g->validators, h->validators, e);
	memcpy(h->next, h->validators, JT_HASH);
	return err;
}

enum jt_err
jt_genesis_dealt_for(const struct jt_list *validators, const struct jt_dealing *d,
    struct jt_error *e)
{
	const struct jt_validator *v = validators->items;
	const struct jt_dealt *s = d->shares.items;

	if (d->shares.count != validators->count)
		return jt_fail(e, JT_CONFIG, "dealing: expected one for %" PRIu32
		    " validators, found one for %" PRIu32, validators->count, d->shares.count);
	for (uint32_t i = 0; i < validators->count; i++)
		if (memcmp(s[i].key, v[i].key, JT_KEY) != 0 || memcmp(s[i].box, v[i].box, 32) != 0)
			return jt_fail(e, JT_CONFIG,
			    "dealing: was not made for validator \"%.*s\" and its keys",
			    (int)v[i].name.len, (const char *)v[i].name.data);
	return JT_OK;
}

enum jt_err
jt_genesis_dealing(const struct jt_genesis *g, const struct jt_object *o, struct jt_dealing *d,
    msgpack_zone *zone, struct jt_error *e)
{
	uint8_t id[JT_HASH];
	enum jt_err err = jt_dealing_read(o, d, zone, e);

	if (err != JT_OK || (err = jt_kind_id(&jt_kind_dealing, o, id, e)) != JT_OK)
		return err;
	if (memcmp(id, g->dealing, sizeof id) != 0)
		return jt_fail(e, JT_CONFIG, "dealing: is not the one that the genesis names");
	return jt_genesis_dealt_for(&g->validators, d, e);
}

enum jt_err
jt_initial_entry(const struct jt_initial *in, struct jt_buf *out, struct jt_error *e)
{
	struct jt_account a = { .balance = in->balance };

	memcpy(a.account, in->account, JT_ACCOUNT);
	jt_seq_start(&a, in->seq);
	return jt_account_encode(&a, out, e);
}

static bool
is_validator(const struct jt_list *validators, const uint8_t key[JT_KEY])
{
	const struct jt_validator *v = validators->items;

	for (uint32_t i = 0; i < validators->count; i++)
		if (memcmp(v[i].key, key, JT_KEY) == 0)
			return true;
	return false;
}

enum jt_err
jt_certificate_check(const struct jt_list *validators, const struct jt_object *o,
    const struct jt_signed *s, uint32_t *good, struct jt_error *e)
{
	const struct jt_sig *sig = s->sigs.items;
	uint32_t quorum = jt_quorum(validators->count);
	char key[2 * JT_KEY + 1];
	enum jt_err err;

	*good = 0;
	for (uint32_t i = 0; i < s->sigs.count; i++) {
		if (is_validator(validators, sig[i].key))
			continue;
		jt_hex_format(sig[i].key, JT_KEY, key);
		return jt_fail(e, JT_NO, "signed by %s, which is no validator", key);
	}
	if (s->sigs.count > 0 && (err = jt_signed_verify(o, s, e)) != JT_OK)
		return err;
	*good = s->sigs.count;
	if (*good < quorum)
		return jt_fail(e, JT_NO, "%" PRIu32 " of %" PRIu32 " signatures", *good, quorum);
	return JT_OK;
}
