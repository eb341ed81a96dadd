/* Headers, cuts and parts: schemas and coding. See header.h. */
#include "state/header.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define ROW(type_, struct_, member, max_, help_) \
	{ .name = #member, .type = type_, .max = max_, \
	    .offset = offsetof(struct struct_, member), .help = help_ }
#define HASH(struct_, member, help_) ROW(JT_FIXED, struct_, member, JT_HASH, help_)

static const struct jt_field list_root_fields[] = {
	ROW(JT_UINT, jt_list_root, count, 0, "how many"),
	HASH(jt_list_root, root, "their Merkle root"),
};
static const struct jt_schema list_root_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_list_root, list_root_fields);

static const struct jt_field totals_fields[] = {
	ROW(JT_UINT, jt_totals, accounts, 0, "accounts in the state"),
	ROW(JT_COINS, jt_totals, burned, 0, "fees burned since the genesis"),
	ROW(JT_COINS, jt_totals, coins, 0, "coins in existence"),
};
static const struct jt_schema totals_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_totals, totals_fields);

static const struct jt_field header_fields[] = {
	HASH(jt_header, beacon, "the value released after ledger number-2"),
	HASH(jt_header, coin, "id of the jt/dealing that holds the coin's key"),
	HASH(jt_header, contracts, "root of the contracts"),
	HASH(jt_header, cut, "hash of the cut object"),
	ROW(JT_UINT, jt_header, epoch, 0, "epoch of the validator set"),
	HASH(jt_header, history, "Merkle root over all earlier headers"),
	HASH(jt_header, network, "id of the genesis"),
	HASH(jt_header, next, "hash of the next ledger's validator set"),
	ROW(JT_UINT, jt_header, number, 0, "number of the ledger"),
	HASH(jt_header, parent, "id of the header before"),
	{ .name = "records", .type = JT_MAP, .sub = &list_root_schema,
	    .offset = offsetof(struct jt_header, records), .help = "hash records" },
	HASH(jt_header, state, "root of the state"),
	ROW(JT_TIME, jt_header, time, 0, "when, by the validators' clocks"),
	{ .name = "totals", .type = JT_MAP, .sub = &totals_schema,
	    .offset = offsetof(struct jt_header, totals), .help = "sums over the state" },
	{ .name = "transactions", .type = JT_MAP, .sub = &list_root_schema,
	    .offset = offsetof(struct jt_header, transactions), .help = "transactions" },
	HASH(jt_header, validators, "hash of the validator set that signs"),
};
static const struct jt_schema header_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_header, header_fields);
const struct jt_kind jt_kind_header = {
	.name = "header", .version = 1, .flags = JT_KIND_SIGNED, .schema = &header_schema,
	.help = "a ledger's header; signed by a quorum, its certificate",
};

static const struct jt_field cut_fields[] = {
	HASH(jt_cut, beacon, "the beacon of the ledger before last"),
	HASH(jt_cut, leader, "id of the elected block"),
	ROW(JT_UINT, jt_cut, n, 0, "number of the cut"),
	HASH(jt_cut, salt, "keys the order inside the ledger"),
	ROW(JT_TIME, jt_cut, time, 0, "the ledger's time"),
};
static const struct jt_schema cut_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_cut, cut_fields);
const struct jt_kind jt_kind_cut = {
	.name = "cut", .version = 1, .schema = &cut_schema,
	.help = "the end of a ledger's input",
};

static const struct jt_field part_fields[] = {
	ROW(JT_FIXED, jt_part, author, JT_KEY, "the validator in whose block they came"),
	ROW(JT_UINT, jt_part, count, JT_PART_MAX, "how many objects follow"),
	ROW(JT_UINT, jt_part, round, 0, "round of the block"),
};
static const struct jt_schema part_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_part, part_fields);
const struct jt_kind jt_kind_part = {
	.name = "part", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &part_schema,
	.help = "whose block the objects that follow came in",
};

static const struct jt_field at_fields[] = {
	ROW(JT_UINT, jt_at, cut, 0, "the last cut applied"),
	ROW(JT_UINT, jt_at, ledger, 0, "the last ledger closed"),
};
static const struct jt_schema at_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_at, at_fields);
const struct jt_kind jt_kind_at = {
	.name = "at", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &at_schema,
	.help = "where a closer stands",
};

enum jt_err
jt_header_decode(const struct jt_object *o, struct jt_header *h, struct jt_signed *signed_,
    msgpack_zone *zone, struct jt_error *e)
{
	struct jt_signed s;
	enum jt_err err;

	if (!jt_object_is(o, "header") || o->version != jt_kind_header.version)
		return jt_fail(e, JT_MALFORMED, "expected jt/header, found jt/%.*s",
		    (int)o->kind.len, (const char *)o->kind.data);
	if ((err = jt_signed_decode(o, &s, zone, e)) != JT_OK)
		return err;
	if (signed_ != NULL)
		*signed_ = s;
	return jt_decode(&header_schema, s.body, h, zone, e);
}

enum jt_err
jt_header_write(const struct jt_header *h, const struct jt_sig *sigs, size_t count,
    struct jt_buf *out, struct jt_error *e)
{
	struct jt_buf body;
	enum jt_err err;

	jt_buf_init(&body, JT_OBJECT_MAX);
	err = jt_encode(&header_schema, h, &body, e);
	if (err == JT_OK)
		err = jt_signed_write(out, jt_slice_text("header"), jt_kind_header.version,
		    jt_buf_slice(&body), sigs, count, e);
	jt_buf_free(&body);
	return err;
}

enum jt_err
jt_header_id(const struct jt_header *h, uint8_t id[JT_HASH], struct jt_error *e)
{
	struct jt_buf body;
	enum jt_err err;

	jt_buf_init(&body, JT_OBJECT_MAX);
	err = jt_encode(&header_schema, h, &body, e);
	if (err == JT_OK)
		jt_object_hash(id, jt_slice_text("header"), jt_kind_header.version,
		    jt_buf_slice(&body));
	jt_buf_free(&body);
	return err;
}

void
jt_header_difference(const struct jt_header *a, const struct jt_header *b,
    char text[JT_HEADER_FIELDS_TEXT])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < header_schema.count; i++) {
		const struct jt_field *f = &header_schema.fields[i];
		size_t to = i + 1 < header_schema.count ? f[1].offset : header_schema.size;
		if (memcmp((const uint8_t *)a + f->offset, (const uint8_t *)b + f->offset,
		    to - f->offset) == 0)
			continue;
		len += (size_t)snprintf(text + len, JT_HEADER_FIELDS_TEXT - len, "%s%s",
		    len > 0 ? ", " : "", f->name);
		assert(len < JT_HEADER_FIELDS_TEXT); /* all names together fit */
	}
}
