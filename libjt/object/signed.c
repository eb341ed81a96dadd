/* Signed objects: {body, sigs}. See signed.h. */
#include "object/signed.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "object/walk.h"

static const struct jt_field sig_fields[] = {
	{ .name = "key", .type = JT_FIXED, .max = JT_KEY,
	    .offset = offsetof(struct jt_sig, key), .help = "the signer's Ed25519 key" },
	{ .name = "sig", .type = JT_FIXED, .max = JT_SIGNATURE,
	    .offset = offsetof(struct jt_sig, sig), .help = "its signature of the id" },
};
static const struct jt_schema sig_schema = JT_SCHEMA(JT_FORM_TUPLE, struct jt_sig, sig_fields);

static const struct jt_field signed_fields[] = {
	{ .name = "body", .type = JT_BYTES, .max = JT_OBJECT_MAX,
	    .offset = offsetof(struct jt_signed, body), .help = "what is signed: a map" },
	{ .name = "sigs", .type = JT_LIST, .flags = JT_SORTED, .max = JT_SIGS_MAX,
	    .sub = &sig_schema, .offset = offsetof(struct jt_signed, sigs),
	    .help = "signatures, keys ascending" },
};
const struct jt_schema jt_signed_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_signed, signed_fields);

enum jt_err
jt_signed_decode(const struct jt_object *o, struct jt_signed *s, msgpack_zone *zone,
    struct jt_error *e)
{
	const struct jt_sig *sig;
	enum jt_err err = jt_decode(&jt_signed_schema, o->payload, s, zone, e);

	if (err != JT_OK)
		return err;
	/* The list is ascending as bytes; two signatures of one key would be too. */
	sig = s->sigs.items;
	for (uint32_t i = 1; i < s->sigs.count; i++)
		if (memcmp(sig[i - 1].key, sig[i].key, JT_KEY) == 0)
			return jt_fail(e, JT_MALFORMED, "sigs: a key signs twice");
	return JT_OK;
}

enum jt_err
jt_signed_body(const struct jt_object *o, struct jt_slice *body, struct jt_error *e)
{
	/* After a walk, {body: bin, ...} has its length at fixed places. */
	static const uint8_t start[] = { 0x82, 0xa4, 'b', 'o', 'd', 'y' };
	enum jt_err err = jt_walk(o->payload, e);
	const uint8_t *p = o->payload.data + sizeof start;
	size_t len = 0;

	if (err != JT_OK)
		return err;
	if (o->payload.len < sizeof start + 1 ||
	    memcmp(o->payload.data, start, sizeof start) != 0 || *p < 0xc4 || *p > 0xc6)
		return jt_fail(e, JT_MALFORMED, "payload is not {body, sigs}");
	for (unsigned n = 1U << (*p++ - 0xc4); n > 0; n--)
		len = len << 8 | *p++;
	*body = (struct jt_slice){ p, len };
	return JT_OK;
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct jt_sig *)a)->key, ((const struct jt_sig *)b)->key, JT_KEY);
}

enum jt_err
jt_signed_write(struct jt_buf *out, struct jt_slice kind, uint64_t version,
    struct jt_slice body, const struct jt_sig *sigs, size_t count, struct jt_error *e)
{
	struct jt_sig sorted[JT_SIGS_MAX];
	struct jt_signed s = { body, { sorted, (uint32_t)count } };
	struct jt_buf payload;
	char name[JT_KIND_MAX + 1];
	enum jt_err err;

	if (count > JT_SIGS_MAX)
		return jt_fail(e, JT_MALFORMED, "sigs: %zu, more than %d", count, JT_SIGS_MAX);
	if (count > 0) {
		memcpy(sorted, sigs, count * sizeof *sigs);
		qsort(sorted, count, sizeof *sorted, by_key);
	}
	for (size_t i = 1; i < count; i++)
		if (memcmp(sorted[i - 1].key, sorted[i].key, JT_KEY) == 0)
			return jt_fail(e, JT_MALFORMED, "sigs: a key signs twice");
	memcpy(name, kind.data, kind.len);
	name[kind.len] = '\0';
	jt_buf_init(&payload, JT_OBJECT_MAX);
	err = jt_encode(&jt_signed_schema, &s, &payload, e);
	if (err == JT_OK && !jt_object_write(out, name, version, jt_buf_slice(&payload)))
		err = jt_fail(e, JT_SYSTEM, "object does not fit");
	jt_buf_free(&payload);
	return err;
}

enum jt_err
jt_signed_verify(const struct jt_object *o, const struct jt_signed *s, struct jt_error *e)
{
	const struct jt_sig *sig = s->sigs.items;
	uint8_t id[JT_HASH];
	char key[2 * JT_KEY + 1];

	if (s->sigs.count == 0)
		return jt_fail(e, JT_NO, "not signed");
	jt_object_hash(id, o->kind, o->version, s->body);
	for (uint32_t i = 0; i < s->sigs.count; i++) {
		if (jt_sign_verify(sig[i].sig, sig[i].key, id))
			continue;
		jt_hex_format(sig[i].key, JT_KEY, key);
		return jt_fail(e, JT_NO, "bad signature by key %s", key);
	}
	return JT_OK;
}

void
jt_signed_sigs_hash(uint8_t out[JT_HASH], const struct jt_signed *s)
{
	static const char domain[] = "jt/sigs/1";
	const struct jt_sig *sig = s->sigs.items;
	struct jt_hasher h;

	jt_hasher_init(&h);
	jt_hasher_add(&h, domain, sizeof domain);
	for (uint32_t i = 0; i < s->sigs.count; i++) {
		jt_hasher_add(&h, sig[i].key, JT_KEY);
		jt_hasher_add(&h, sig[i].sig, JT_SIGNATURE);
	}
	jt_hasher_end(&h, out);
}
