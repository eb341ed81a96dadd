/* Proofs: schemas, and the checks that need no ledger. See proof.h. */
#include "ledger/proof.h"

#include <inttypes.h>
#include <string.h>

#include "kind/list.h"

static const struct jt_field account_fields[] = {
	{ .name = "account", .type = JT_ADDRESS,
	    .offset = offsetof(struct jt_proof_account, account), .help = "the account" },
	{ .name = "entry", .type = JT_OBJECT, .flags = JT_OPTIONAL, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_proof_account, entry),
	    .help = "its entry, a jt/account; left out: there is none" },
	{ .name = "header", .type = JT_OBJECT, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_proof_account, header), .help = "the certified header" },
	{ .name = "key", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_proof_account, key), .help = "its key in the state" },
	{ .name = "path", .type = JT_MAP, .sub = &jt_map_proof_schema,
	    .offset = offsetof(struct jt_proof_account, path),
	    .help = "from the state's root to the key" },
};
static const struct jt_schema account_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_proof_account, account_fields);
const struct jt_kind jt_kind_proof_account = {
	.name = "proof-account", .version = 1, .schema = &account_schema,
	.help = "an account, or its absence, in a certified ledger",
};

static const struct jt_field hash_fields[] = {
	{ .name = "hash", .type = JT_FIXED, .max = JT_HASH, .help = "a node beside the path" },
};
static const struct jt_schema hash_schema =
    JT_SCHEMA(JT_FORM_PLAIN, uint8_t[JT_HASH], hash_fields);

static const struct jt_field tx_fields[] = {
	{ .name = "code", .type = JT_WORD, .words = jt_code_words,
	    .offset = offsetof(struct jt_proof_tx, code), .help = "its result code" },
	{ .name = "header", .type = JT_OBJECT, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_proof_tx, header), .help = "the certified header" },
	{ .name = "index", .type = JT_UINT, .offset = offsetof(struct jt_proof_tx, index),
	    .help = "its place in the ledger, from 0" },
	{ .name = "path", .type = JT_LIST, .flags = JT_OPTIONAL, .max = JT_MERKLE_PATH,
	    .sub = &hash_schema, .offset = offsetof(struct jt_proof_tx, path),
	    .help = "hashes from the leaf to the root" },
	{ .name = "tx", .type = JT_OBJECT, .max = JT_TX_MAX,
	    .offset = offsetof(struct jt_proof_tx, tx), .help = "the transaction" },
};
static const struct jt_schema tx_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_proof_tx, tx_fields);
const struct jt_kind jt_kind_proof_tx = {
	.name = "proof-tx", .version = 1, .schema = &tx_schema,
	.help = "a transaction and its outcome in a certified ledger",
};

static const struct jt_field ledger_fields[] = {
	{ .name = "header", .type = JT_OBJECT, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_proof_ledger, header),
	    .help = "an earlier header, without signatures" },
	{ .name = "newer", .type = JT_OBJECT, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_proof_ledger, newer),
	    .help = "a certified header that has it in its history" },
	{ .name = "path", .type = JT_BYTES, .flags = JT_OPTIONAL, .max = JT_MERKLE_PATH * JT_HASH,
	    .offset = offsetof(struct jt_proof_ledger, path),
	    .help = "hashes from the one to the other's history" },
};
static const struct jt_schema ledger_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_proof_ledger, ledger_fields);
const struct jt_kind jt_kind_proof_ledger = {
	.name = "proof-ledger", .version = 1, .schema = &ledger_schema,
	.help = "an earlier ledger, in the history of a certified one",
};

void
jt_tx_leaf(uint8_t leaf[JT_HASH], const uint8_t id[JT_HASH], const uint8_t sigs_hash[JT_HASH],
    enum jt_code code)
{
	uint8_t data[2 * JT_HASH + 32];
	const char *name = jt_code_rows[code].name;
	size_t n = strlen(name);

	memcpy(data, id, JT_HASH);
	memcpy(data + JT_HASH, sigs_hash, JT_HASH);
	memcpy(data + 2 * JT_HASH, name, n);
	jt_merkle_leaf(leaf, (struct jt_slice){ data, 2 * JT_HASH + n });
}

/* Ledger 0 follows from the genesis: the same bytes, and nothing signed. */
static enum jt_err
check_first(const struct jt_signed *s, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], const struct jt_object *o, struct jt_error *e)
{
	uint8_t id[JT_HASH], expected[JT_HASH];
	struct jt_header first;
	enum jt_err err;

	if ((err = jt_genesis_header(g, network, &first, e)) != JT_OK ||
	    (err = jt_header_id(&first, expected, e)) != JT_OK)
		return err;
	jt_object_hash(id, o->kind, o->version, s->body);
	if (s->sigs.count != 0 || memcmp(id, expected, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "header of ledger 0 is not the genesis's");
	return JT_OK;
}

enum jt_err
jt_proof_header_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, msgpack_zone *zone,
    struct jt_error *e)
{
	uint8_t set[JT_HASH];
	struct jt_signed s;
	enum jt_err err;
	uint32_t good;

	if ((err = jt_header_decode(o, h, &s, zone, e)) != JT_OK)
		return err;
	if (memcmp(h->network, network, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "header of another network");
	if ((err = jt_validators_hash(&g->validators, set, e)) != JT_OK)
		return err;
	if (memcmp(h->validators, set, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "header names another validator set");
	if (h->number == 0)
		return check_first(&s, g, network, o, e);
	return jt_certificate_check(&g->validators, o, &s, &good, e);
}

/*
 * Only the newer header's signatures are looked at, those of the validators
 * that are trusted now: whoever held a key before signs nothing here.
 */
enum jt_err
jt_proof_ledger_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, struct jt_header *newer,
    msgpack_zone *zone, struct jt_error *e)
{
	uint8_t id[JT_HASH], leaf[JT_HASH], root[JT_HASH];
	struct jt_proof_ledger p;
	struct jt_object header;
	struct jt_signed s;
	enum jt_err err = jt_kind_read(&jt_kind_proof_ledger, o, &p, zone, e);

	if (err != JT_OK)
		return err;
	if ((err = jt_object_parse(p.newer, &header, e)) != JT_OK ||
	    (err = jt_proof_header_check(&header, g, network, newer, zone, e)) != JT_OK)
		return jt_fail_in(e, "newer");
	err = jt_object_parse(p.header, &header, e);
	if (err == JT_OK)
		err = jt_header_decode(&header, h, &s, zone, e);
	if (err == JT_OK && s.sigs.count > 0)
		err = jt_fail(e, JT_MALFORMED, "expected no signatures");
	if (err == JT_OK && memcmp(h->network, network, JT_HASH) != 0)
		err = jt_fail(e, JT_NO, "header of another network");
	if (err != JT_OK)
		return jt_fail_in(e, "header");
	jt_object_hash(id, header.kind, header.version, s.body);
	jt_merkle_leaf(leaf, (struct jt_slice){ id, JT_HASH });
	if (p.path.len % JT_HASH != 0 || !jt_merkle_climb(leaf, h->number, newer->number,
	    (const uint8_t(*)[JT_HASH])p.path.data, p.path.len / JT_HASH, root) ||
	    memcmp(root, newer->history, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "path: does not lead to the newer ledger's history");
	return JT_OK;
}

enum jt_err
jt_proof_under(struct jt_slice bytes, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_header newer;
	struct jt_object o;
	enum jt_err err = jt_object_parse(bytes, &o, e);

	if (err == JT_OK && jt_object_is(&o, jt_kind_proof_ledger.name))
		err = jt_proof_ledger_check(&o, g, network, h, &newer, zone, e);
	else if (err == JT_OK)
		err = jt_proof_header_check(&o, g, network, h, zone, e);
	return err == JT_OK ? err : jt_fail_in(e, "header");
}

enum jt_err
jt_proof_account_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_account *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e)
{
	uint8_t key[JT_HASH], root[JT_HASH];
	struct jt_account a;
	enum jt_err err = jt_kind_read(&jt_kind_proof_account, o, p, zone, e);

	if (err != JT_OK)
		return err;
	if ((err = jt_proof_under(p->header, g, network, h, zone, e)) != JT_OK)
		return err;
	jt_state_key(key, p->account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	if (memcmp(key, p->key, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "key: is not the account's");
	if (p->entry.len > 0) {
		if ((err = jt_account_decode(p->entry, &a, zone, e)) != JT_OK)
			return jt_fail_in(e, "entry");
		if (memcmp(a.account, p->account, JT_ACCOUNT) != 0)
			return jt_fail(e, JT_NO, "entry: is of another account");
	}
	if ((err = jt_map_climb(key, p->entry, &p->path, root, e)) != JT_OK)
		return jt_fail_in(e, "path");
	if (memcmp(root, h->state, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "path: does not lead to the ledger's state");
	return JT_OK;
}

void
jt_proof_seen_init(struct jt_proof_seen *seen)
{
	*seen = (struct jt_proof_seen){ 0 };
	jt_buf_init(&seen->bytes, JT_OBJECT_MAX);
}

void
jt_proof_seen_free(struct jt_proof_seen *seen)
{
	jt_buf_free(&seen->bytes);
}

static enum jt_err
under_seen(struct jt_slice bytes, const struct jt_genesis *g, const uint8_t network[JT_HASH],
    struct jt_proof_seen *seen, struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	enum jt_err err;

	if (seen != NULL && seen->bytes.len > 0 &&
	    jt_slice_equal(bytes, jt_buf_slice(&seen->bytes))) {
		*h = seen->header;
		return JT_OK;
	}
	err = jt_proof_under(bytes, g, network, h, zone, e);
	if (err != JT_OK || seen == NULL)
		return err;
	jt_buf_clear(&seen->bytes);
	seen->header = *h;
	return jt_buf_add_slice(&seen->bytes, bytes) ? JT_OK :
	    jt_fail(e, JT_SYSTEM, "out of memory");
}

enum jt_err
jt_proof_tx_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_tx *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e)
{
	return jt_proof_tx_check_seen(o, g, network, NULL, p, h, zone, e);
}

enum jt_err
jt_proof_tx_check_seen(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_seen *seen, struct jt_proof_tx *p,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e)
{
	uint8_t id[JT_HASH], sigs[JT_HASH], leaf[JT_HASH], root[JT_HASH];
	const struct jt_kind *kind;
	struct jt_object tx;
	struct jt_signed s;
	enum jt_err err = jt_kind_read(&jt_kind_proof_tx, o, p, zone, e);

	if (err != JT_OK)
		return err;
	if (jt_code_rows[p->code].outcome == JT_REFUSED)
		return jt_fail(e, JT_MALFORMED, "code: a refused transaction is in no ledger");
	if ((err = under_seen(p->header, g, network, seen, h, zone, e)) != JT_OK)
		return err;
	if ((err = jt_object_parse(p->tx, &tx, e)) != JT_OK ||
	    (err = jt_kind_of(&jt_tx_kinds, &tx, &kind, e)) != JT_OK)
		return jt_fail_in(e, "tx");
	if ((err = jt_kind_check(&jt_tx_kinds, &tx, e)) != JT_OK ||
	    (err = jt_signed_decode(&tx, &s, zone, e)) != JT_OK)
		return jt_fail_in(e, "tx");
	jt_object_hash(id, tx.kind, tx.version, s.body);
	jt_signed_sigs_hash(sigs, &s);
	jt_tx_leaf(leaf, id, sigs, (enum jt_code)p->code);
	if (!jt_merkle_climb(leaf, p->index, h->transactions.count,
	    (const uint8_t(*)[JT_HASH])p->path.items, p->path.count, root) ||
	    memcmp(root, h->transactions.root, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "path: does not lead to the ledger's transactions");
	return JT_OK;
}
