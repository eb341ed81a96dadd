/* Proofs of hash records: schemas and checks. See proof_record.h. */
#include "ledger/proof_record.h"

#include <string.h>

enum { PATH_MAX_BYTES = JT_MERKLE_PATH * JT_HASH };

#define ROW(struct_, member, type_, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct struct_, member), .help = help_ }
#define FOLD(struct_) \
	{ .name = "fold", .type = JT_MAP, .flags = JT_OPTIONAL, .sub = &fold_schema, \
	    .offset = offsetof(struct struct_, fold), \
	    .help = "digests of which what is recorded is a fold; left out: it is one itself" }
#define NEIGHBOUR(member, help_) \
	{ .name = #member, .type = JT_MAP, .flags = JT_OPTIONAL, .sub = &neighbour_schema, \
	    .offset = offsetof(struct jt_proof_no_record, member), .help = help_ }

/* Without names: a fold's part of a file's proof is short. */
static const struct jt_field fold_fields[] = {
	ROW(jt_fold_part, at, JT_UINT, 0, JT_FOLD_MAX, "place of the first digest, from 0"),
	ROW(jt_fold_part, of, JT_UINT, 0, JT_FOLD_MAX, "how many digests are folded"),
	ROW(jt_fold_part, digests, JT_BYTES, 0, (uint64_t)JT_FOLD_PART * JT_HASH,
	    "SHA-256 digests, ascending"),
	ROW(jt_fold_part, path, JT_BYTES, 0, PATH_MAX_BYTES, "hashes from there to the fold"),
};
static const struct jt_schema fold_schema =
    JT_SCHEMA(JT_FORM_TUPLE, struct jt_fold_part, fold_fields);

static const struct jt_field pending_fields[] = {
	FOLD(jt_pending),
	ROW(jt_pending, record, JT_OBJECT, 0, JT_RECORD_MAX, "the record"),
};
static const struct jt_schema pending_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_pending, pending_fields);
const struct jt_kind jt_kind_pending = {
	.name = "pending", .version = 1, .schema = &pending_schema,
	.help = "a record that no ledger holds yet, and what is in it",
};

static const struct jt_field record_fields[] = {
	FOLD(jt_proof_record),
	ROW(jt_proof_record, header, JT_OBJECT, 0, JT_OBJECT_MAX, "the certified header"),
	ROW(jt_proof_record, index, JT_UINT, 0, 0, "place in the ledger's records, from 0"),
	ROW(jt_proof_record, path, JT_BYTES, JT_OPTIONAL, PATH_MAX_BYTES,
	    "hashes from the record to the ledger's root"),
	ROW(jt_proof_record, record, JT_OBJECT, 0, JT_RECORD_MAX, "the record"),
	ROW(jt_proof_record, since, JT_OBJECT, JT_OPTIONAL, JT_OBJECT_MAX,
	    "the header that the record names as after"),
};
static const struct jt_schema record_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_proof_record, record_fields);
const struct jt_kind jt_kind_proof_record = {
	.name = "proof-record", .version = 1, .schema = &record_schema,
	.help = "a hash record in a certified ledger, and what is in it",
};

static const struct jt_field neighbour_fields[] = {
	ROW(jt_neighbour, hash, JT_FIXED, 0, JT_HASH, "what is recorded"),
	ROW(jt_neighbour, id, JT_FIXED, 0, JT_HASH, "id of the record"),
	ROW(jt_neighbour, path, JT_BYTES, JT_OPTIONAL, PATH_MAX_BYTES,
	    "hashes from the record to the ledger's root"),
};
static const struct jt_schema neighbour_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_neighbour, neighbour_fields);

static const struct jt_field no_record_fields[] = {
	ROW(jt_proof_no_record, hash, JT_FIXED, 0, JT_HASH, "of which there is no record"),
	ROW(jt_proof_no_record, header, JT_OBJECT, 0, JT_OBJECT_MAX, "the certified header"),
	ROW(jt_proof_no_record, index, JT_UINT, 0, 0, "the place where it would be"),
	NEIGHBOUR(left, "the record before that place"),
	NEIGHBOUR(right, "the record that is there"),
};
static const struct jt_schema no_record_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_proof_no_record, no_record_fields);
const struct jt_kind jt_kind_proof_no_record = {
	.name = "proof-no-record", .version = 1, .schema = &no_record_schema,
	.help = "a certified ledger holds no record of a hash",
};

/* ---- checks ---- */

/* Does the leaf lie at this place of the ledger's records? */
static bool
is_record(const uint8_t leaf[JT_HASH], uint64_t index, struct jt_slice path,
    const struct jt_header *h)
{
	uint8_t root[JT_HASH];

	return path.len % JT_HASH == 0 &&
	    jt_merkle_climb(leaf, index, h->records.count, (const uint8_t(*)[JT_HASH])path.data,
	    path.len / JT_HASH, root) && memcmp(root, h->records.root, JT_HASH) == 0;
}

/* Left out, all of it is zero or empty; one that says `of` nothing must not pass for that. */
static bool
has_fold(const struct jt_fold_part *fold)
{
	return fold->of != 0 || fold->at != 0 || fold->digests.len > 0 || fold->path.len > 0;
}

/* The record, and that the fold leads to it. */
static enum jt_err
check_recorded(const struct jt_fold_part *fold, struct jt_slice record, struct jt_recorded *r,
    struct jt_error *e)
{
	uint8_t hash[JT_HASH];
	enum jt_err err = jt_record_read(record, &r->record, e);

	if (err == JT_OK && r->record.stamped)
		err = jt_fail(e, JT_MALFORMED, "expected jt/record, found jt/stamp");
	if (err != JT_OK)
		return jt_fail_in(e, "record");
	r->fold = *fold;
	if (!has_fold(fold))
		return JT_OK;
	if ((err = jt_fold_climb(fold, hash, e)) != JT_OK)
		return jt_fail_in(e, "fold");
	if (memcmp(hash, r->record.record.hash, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "fold: does not lead to what is recorded");
	return JT_OK;
}

/* A header that its own hash vouches for: signatures would be bytes that prove nothing. */
static enum jt_err
check_since(struct jt_slice bytes, struct jt_recorded *r, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_object o;
	struct jt_signed s;
	uint8_t id[JT_HASH];
	enum jt_err err = jt_object_parse(bytes, &o, e);

	if (err == JT_OK)
		err = jt_header_decode(&o, &r->since, &s, zone, e);
	if (err == JT_OK && s.sigs.count > 0)
		err = jt_fail(e, JT_MALFORMED, "expected no signatures");
	if (err != JT_OK)
		return jt_fail_in(e, "since");
	jt_object_hash(id, o.kind, o.version, s.body);
	if (memcmp(id, r->record.record.after, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "since: is not the header that the record names");
	r->has_since = true;
	return JT_OK;
}

enum jt_err
jt_proof_record_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_recorded *r, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_proof_record p;
	uint8_t leaf[JT_HASH];
	enum jt_err err = jt_kind_read(&jt_kind_proof_record, o, &p, zone, e);

	r->has_since = false;
	if (err != JT_OK ||
	    (err = jt_proof_under(p.header, g, network, &r->header, zone, e)) != JT_OK ||
	    (err = check_recorded(&p.fold, p.record, r, e)) != JT_OK)
		return err;
	if (memcmp(r->record.record.network, network, JT_HASH) != 0)
		return jt_fail(e, JT_NO, "record: of another network");
	jt_record_leaf(leaf, r->record.record.hash, r->record.id);
	if (!is_record(leaf, p.index, p.path, &r->header))
		return jt_fail(e, JT_NO, "path: does not lead to the ledger's records");
	return p.since.len > 0 ? check_since(p.since, r, zone, e) : JT_OK;
}

static bool
is_neighbour(const struct jt_neighbour *n, uint64_t index, const struct jt_header *h)
{
	uint8_t leaf[JT_HASH];

	jt_record_leaf(leaf, n->hash, n->id);
	return is_record(leaf, index, n->path, h);
}

/* No neighbour that is left out can pass for one: its record would be all zeros. */
static bool
is_there(const struct jt_neighbour *n)
{
	return !jt_hash_is_zero(n->hash) || !jt_hash_is_zero(n->id) || n->path.len > 0;
}

enum jt_err
jt_proof_no_record_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_no_record *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e)
{
	enum jt_err err = jt_kind_read(&jt_kind_proof_no_record, o, p, zone, e);

	if (err != JT_OK || (err = jt_proof_under(p->header, g, network, h, zone, e)) != JT_OK)
		return err;
	if (p->index > h->records.count)
		return jt_fail(e, JT_NO, "index: is beyond the ledger's records");
	if (is_there(&p->left) != (p->index > 0) ||
	    is_there(&p->right) != (p->index < h->records.count))
		return jt_fail(e, JT_NO, "expected the records on both sides of the place");
	if (p->index > 0) {
		if (memcmp(p->left.hash, p->hash, JT_HASH) >= 0)
			return jt_fail(e, JT_NO, "left: is not below the hash");
		if (!is_neighbour(&p->left, p->index - 1, h))
			return jt_fail(e, JT_NO, "left: does not lead to the ledger's records");
	}
	if (p->index < h->records.count) {
		if (memcmp(p->right.hash, p->hash, JT_HASH) <= 0)
			return jt_fail(e, JT_NO, "right: is not above the hash");
		if (!is_neighbour(&p->right, p->index, h))
			return jt_fail(e, JT_NO, "right: does not lead to the ledger's records");
	}
	return JT_OK;
}

enum jt_err
jt_pending_check(const struct jt_object *o, struct jt_recorded *r, msgpack_zone *zone,
    struct jt_error *e)
{
	struct jt_pending p;
	enum jt_err err = jt_kind_read(&jt_kind_pending, o, &p, zone, e);

	return err == JT_OK ? check_recorded(&p.fold, p.record, r, e) : err;
}

bool
jt_recorded_has(const struct jt_recorded *r, const uint8_t digest[JT_HASH])
{
	uint64_t place;

	return r->fold.of == 0 ? memcmp(r->record.record.hash, digest, JT_HASH) == 0
	    : jt_fold_find(&r->fold, digest, &place);
}
