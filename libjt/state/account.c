/* Accounts as entries of the state, and their window of sequence numbers. See account.h. */
#include "state/account.h"

#include <assert.h>
#include <string.h>

enum {
	NEAR = 6,      /* bytes of a key that an account's entries share */
	BACK = 63,     /* numbers below seq that `used` speaks of */
	WEIGHT_MAX = 65535
};

const char *const jt_account_flag_words[] = {
	"no-master", "no-new-signers", "refuse-unasked", "require-memo", NULL
};

static const struct jt_field signer_fields[] = {
	{ .name = "account", .type = JT_ADDRESS,
	    .offset = offsetof(struct jt_signer, account), .help = "whose key may sign" },
	{ .name = "weight", .type = JT_UINT, .max = WEIGHT_MAX,
	    .offset = offsetof(struct jt_signer, weight),
	    .help = "what the signature counts, from 1" },
};
const struct jt_schema jt_signer_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_signer, signer_fields);

static const struct jt_field account_fields[] = {
	{ .name = "account", .type = JT_ADDRESS,
	    .offset = offsetof(struct jt_account, account), .help = "whose it is" },
	{ .name = "balance", .type = JT_COINS,
	    .offset = offsetof(struct jt_account, balance), .help = "coins" },
	{ .name = "flags", .type = JT_WORDS, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_account, flags), .words = jt_account_flag_words,
	    .help = "what it refuses" },
	{ .name = "key", .type = JT_ADDRESS, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_account, key),
	    .help = "account of the regular key, which signs as the account's own does" },
	{ .name = "objects", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_account, objects),
	    .help = "objects it owns and keeps a reserve for" },
	{ .name = "quorum", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .max = JT_SIGNERS_MAX * WEIGHT_MAX, .offset = offsetof(struct jt_account, quorum),
	    .help = "weight that its signers must reach" },
	{ .name = "seq", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_account, seq),
	    .help = "highest sequence number used" },
	{ .name = "signers", .type = JT_LIST, .flags = JT_OPTIONAL | JT_SORTED,
	    .max = JT_SIGNERS_MAX, .offset = offsetof(struct jt_account, signers),
	    .sub = &jt_signer_schema, .help = "accounts that sign together, with their weights" },
	{ .name = "used", .type = JT_UINT, .flags = JT_OPTIONAL,
	    .offset = offsetof(struct jt_account, used),
	    .help = "bit k-1: number seq-k was used too" },
};
static const struct jt_schema account_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_account, account_fields);
const struct jt_kind jt_kind_account = {
	.name = "account", .version = 1, .schema = &account_schema,
	.help = "an account, as the state holds it",
};

void
jt_state_key(uint8_t key[JT_HASH], const uint8_t account[JT_ACCOUNT], uint8_t type,
    struct jt_slice id)
{
	/* Their final zeros are hashed too. */
	static const char near[] = "jt/near/1", entry[] = "jt/entry/1";
	uint8_t hash[JT_HASH];
	struct jt_hasher h;

	jt_hasher_init(&h);
	jt_hasher_add(&h, near, sizeof near);
	jt_hasher_add(&h, account, JT_ACCOUNT);
	jt_hasher_end(&h, hash);
	memcpy(key, hash, NEAR);
	jt_hasher_init(&h);
	jt_hasher_add(&h, entry, sizeof entry);
	jt_hasher_add(&h, account, JT_ACCOUNT);
	jt_hasher_add(&h, &type, 1);
	jt_hasher_add(&h, id.data, id.len);
	jt_hasher_end(&h, hash);
	memcpy(key + NEAR, hash, JT_HASH - NEAR);
}

/* What the schema cannot say. */
static enum jt_err
check(const struct jt_account *a, struct jt_error *e)
{
	const struct jt_signer *signers = a->signers.items;

	for (uint32_t i = 0; i < a->signers.count; i++)
		if (signers[i].weight == 0)
			return jt_fail(e, JT_MALFORMED,
			    "signers: element %u: weight: expected at least 1, found 0",
			    (unsigned)i + 1);
	/* Bit k-1 is of the number seq-k, and there is none below 1. */
	if (a->seq <= BACK && a->used >> (a->seq > 0 ? a->seq - 1 : 0) != 0)
		return jt_fail(e, JT_MALFORMED, "used: speaks of numbers below 1");
	return JT_OK;
}

enum jt_err
jt_account_decode(struct jt_slice entry, struct jt_account *a, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_object o;
	enum jt_err err = jt_object_parse(entry, &o, e);

	if (err != JT_OK)
		return err;
	if (!jt_object_is(&o, jt_kind_account.name))
		return jt_fail(e, JT_MALFORMED, "expected jt/account, found jt/%.*s",
		    (int)o.kind.len, (const char *)o.kind.data);
	if (o.version != jt_kind_account.version)
		return jt_fail(e, JT_MALFORMED, "jt/account: expected version 1, found %llu",
		    (unsigned long long)o.version);
	err = jt_decode(&account_schema, o.payload, a, zone, e);
	return err == JT_OK ? check(a, e) : err;
}

enum jt_err
jt_account_encode(const struct jt_account *a, struct jt_buf *out, struct jt_error *e)
{
	uint8_t room[4096];
	struct jt_buf payload = { .data = room, .cap = sizeof room, .max = sizeof room };
	enum jt_err err = check(a, e);

	if (err == JT_OK)
		err = jt_encode(&account_schema, a, &payload, e);
	if (err == JT_OK && !jt_object_write(out, jt_kind_account.name,
	    jt_kind_account.version, jt_buf_slice(&payload)))
		err = jt_fail(e, JT_SYSTEM, "account: no memory");
	return err;
}

enum jt_seq
jt_seq_look(const struct jt_account *a, uint64_t s)
{
	uint64_t back;

	if (s > a->seq)
		return s - a->seq > JT_SEQ_WINDOW ? JT_SEQ_AHEAD : JT_SEQ_FREE;
	back = a->seq - s;
	if (s == 0 || back > BACK)
		return JT_SEQ_OLD;
	if (back == 0 || (a->used >> (back - 1) & 1) != 0)
		return JT_SEQ_USED;
	return JT_SEQ_FREE;
}

void
jt_seq_take(struct jt_account *a, uint64_t s)
{
	const uint64_t mask = (UINT64_C(1) << BACK) - 1;
	uint64_t step;

	assert(jt_seq_look(a, s) == JT_SEQ_FREE);
	if (s < a->seq) {
		a->used |= UINT64_C(1) << (a->seq - s - 1);
		return;
	}
	step = s - a->seq;
	if (a->seq == 0 || step > BACK)
		a->used = 0;
	else
		a->used = ((a->used << step) | UINT64_C(1) << (step - 1)) & mask;
	a->seq = s;
}

uint64_t
jt_seq_lowest(const struct jt_account *a, uint64_t after)
{
	uint64_t s = a->seq > BACK ? a->seq - BACK : 1;

	if (after >= JT_UINT_MAX)
		return 0;
	s = s > after ? s : after + 1;
	while (s <= a->seq && jt_seq_look(a, s) == JT_SEQ_USED)
		s++;
	return s <= JT_UINT_MAX ? s : 0;
}

void
jt_seq_start(struct jt_account *a, uint64_t s)
{
	a->seq = s;
	a->used = s > BACK ? (UINT64_C(1) << BACK) - 1 : s > 0 ? (UINT64_C(1) << (s - 1)) - 1 : 0;
}
