/* Hash records: the objects and their stamps. See record.h. */
#include "ledger/record.h"

#include <string.h>

#include "base/num.h"

static const struct jt_field record_fields[] = {
	{ .name = "after", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_HASH,
	    .offset = offsetof(struct jt_record, after),
	    .help = "hash of a ledger of the last hour that it must follow" },
	{ .name = "hash", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_record, hash),
	    .help = "what is recorded: a SHA-256, or of several a fold" },
	{ .name = "network", .type = JT_FIXED, .max = JT_HASH,
	    .offset = offsetof(struct jt_record, network), .help = "id of the network" },
	{ .name = "prev", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_HASH,
	    .offset = offsetof(struct jt_record, prev),
	    .help = "the hash recorded before this one, as the recorder sees it" },
	{ .name = "tag", .type = JT_TEXT, .flags = JT_OPTIONAL, .max = JT_TAG_MAX,
	    .offset = offsetof(struct jt_record, tag), .help = "a word of the recorder's own" },
};
static const struct jt_schema record_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_record, record_fields);
const struct jt_kind jt_kind_record = {
	.name = "record", .version = 1, .flags = JT_KIND_RECORD, .schema = &record_schema,
	.help = "32 bytes that were there not after the ledger that holds it",
};

static const struct jt_field stamp_fields[] = {
	{ .name = "door", .type = JT_FIXED, .max = JT_KEY,
	    .offset = offsetof(struct jt_stamp, door),
	    .help = "key of the validator that it is given to" },
	{ .name = "nonce", .type = JT_UINT, .offset = offsetof(struct jt_stamp, nonce),
	    .help = "the number that work found" },
	{ .name = "record", .type = JT_OBJECT, .max = JT_RECORD_MAX,
	    .offset = offsetof(struct jt_stamp, record), .help = "the record" },
};
static const struct jt_schema stamp_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_stamp, stamp_fields);
const struct jt_kind jt_kind_stamp = {
	.name = "stamp", .version = 1, .flags = JT_KIND_RECORD, .schema = &stamp_schema,
	.help = "a record with the work that one validator's door asks for",
};

/* Neither has a list in it: there is nothing that a zone would keep. */
static enum jt_err
read_as(const struct jt_kind *kind, const struct jt_object *o, void *out, struct jt_error *e)
{
	return jt_kind_read(kind, o, out, NULL, e);
}

enum jt_err
jt_record_read(struct jt_slice object, struct jt_record_copy *copy, struct jt_error *e)
{
	struct jt_object o;
	enum jt_err err = jt_object_parse(object, &o, e);

	if (err != JT_OK)
		return err;
	copy->object = object;
	copy->stamped = jt_object_is(&o, "stamp");
	if (copy->stamped) {
		if ((err = read_as(&jt_kind_stamp, &o, &copy->stamp, e)) != JT_OK)
			return err;
		copy->object = copy->stamp.record;
		if ((err = jt_object_parse(copy->object, &o, e)) != JT_OK)
			return jt_fail_in(e, "record");
	}
	if ((err = read_as(&jt_kind_record, &o, &copy->record, e)) != JT_OK)
		return copy->stamped ? jt_fail_in(e, "record") : err;
	jt_object_hash(copy->id, o.kind, o.version, o.payload);
	return JT_OK;
}

void
jt_record_leaf(uint8_t leaf[JT_HASH], const uint8_t hash[JT_HASH], const uint8_t id[JT_HASH])
{
	uint8_t data[2 * JT_HASH];

	memcpy(data, hash, JT_HASH);
	memcpy(data + JT_HASH, id, JT_HASH);
	jt_merkle_leaf(leaf, (struct jt_slice){ data, sizeof data });
}

/* ---- stamps ---- */

static const char stamp_domain[] = "jt/stamp/1"; /* with its zero */
enum {
	STAMP_NONCE = sizeof stamp_domain + JT_KEY, /* where it is in what is hashed */
	STAMP_BYTES = STAMP_NONCE + 8 + JT_HASH
};

static void
stamp_begin(uint8_t bytes[STAMP_BYTES], const uint8_t door[JT_KEY], const uint8_t id[JT_HASH])
{
	memcpy(bytes, stamp_domain, sizeof stamp_domain);
	memcpy(bytes + sizeof stamp_domain, door, JT_KEY);
	memcpy(bytes + STAMP_NONCE + 8, id, JT_HASH);
}

static bool
stamp_try(uint8_t bytes[STAMP_BYTES], uint64_t nonce, uint64_t bits)
{
	uint8_t hash[JT_HASH];

	jt_put_be64(bytes + STAMP_NONCE, nonce);
	jt_hash(hash, (struct jt_slice){ bytes, STAMP_BYTES });
	return bits == 0 || jt_get_be64(hash) >> (64 - bits) == 0;
}

bool
jt_stamp_good(const uint8_t door[JT_KEY], uint64_t nonce, const uint8_t id[JT_HASH],
    uint64_t bits)
{
	uint8_t bytes[STAMP_BYTES];

	stamp_begin(bytes, door, id);
	return stamp_try(bytes, nonce, bits);
}

bool
jt_stamp_find(const uint8_t door[JT_KEY], const uint8_t id[JT_HASH], uint64_t bits,
    uint64_t count, uint64_t *nonce)
{
	uint8_t bytes[STAMP_BYTES];

	stamp_begin(bytes, door, id);
	for (; count > 0; count--, ++*nonce)
		if (stamp_try(bytes, *nonce, bits))
			return true;
	return false;
}
