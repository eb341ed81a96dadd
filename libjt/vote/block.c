/* Blocks as objects. See block.h. */
#include "vote/block.h"

#include <inttypes.h>
#include <string.h>

#include "crypto/merkle.h"

#define ROW(type_, s_, member, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }

static const struct jt_field ref_fields[] = {
	ROW(JT_UINT, jt_head_ref, author, 0, JT_VOTERS_MAX - 1, "place in the validator set, from 0"),
	ROW(JT_FIXED, jt_head_ref, id, 0, JT_HASH, "the block"),
	ROW(JT_UINT, jt_head_ref, round, 0, UINT32_MAX, "its round"),
};
static const struct jt_schema ref_schema = JT_SCHEMA(JT_FORM_TUPLE, struct jt_head_ref, ref_fields);

static const struct jt_field payload_fields[] = {
	ROW(JT_UINT, jt_head_payload, bytes, 0, JT_OBJECT_MAX, "in all"),
	ROW(JT_UINT, jt_head_payload, count, 0, JT_BLOCK_ITEMS_MAX, "objects"),
	ROW(JT_FIXED, jt_head_payload, root, 0, JT_HASH, "Merkle root over them"),
};
static const struct jt_schema payload_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_head_payload, payload_fields);

static const struct jt_field head_fields[] = {
	ROW(JT_UINT, jt_head, author, 0, JT_VOTERS_MAX - 1, "place in the validator set, from 0"),
	ROW(JT_UINT, jt_head, epoch, JT_OPTIONAL, 0, "of the validator set"),
	ROW(JT_FIXED, jt_head, network, 0, JT_HASH, "id of the network"),
	{ .name = "parents", .type = JT_LIST, .max = JT_VOTERS_MAX, .sub = &ref_schema,
	    .offset = offsetof(struct jt_head, parents),
	    .help = "[author, id, round] of blocks before, its author's first" },
	{ .name = "payload", .type = JT_MAP, .flags = JT_OPTIONAL, .sub = &payload_schema,
	    .offset = offsetof(struct jt_head, payload), .help = "what it carries" },
	ROW(JT_UINT, jt_head, round, 0, UINT32_MAX, "from 1"),
	ROW(JT_BYTES, jt_head, share, JT_OPTIONAL, JT_SHARE_MAX,
	    "share of the coin of four rounds before, and its proof"),
	ROW(JT_TIME, jt_head, time, 0, 0, "by its author's clock"),
};
static const struct jt_schema head_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_head, head_fields);
const struct jt_kind jt_kind_block_head = {
	.name = "block-head", .version = 1, .flags = JT_KIND_SIGNED, .schema = &head_schema,
	.help = "a validator's block in the vote: what is signed of it",
};

static const struct jt_field block_fields[] = {
	ROW(JT_OBJECT, jt_block_object, head, 0, JT_OBJECT_MAX, "jt/block-head"),
	ROW(JT_BYTES, jt_block_object, items, JT_OPTIONAL, JT_OBJECT_MAX,
	    "the payload: objects one after the other"),
};
static const struct jt_schema block_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_block_object, block_fields);
const struct jt_kind jt_kind_block = {
	.name = "block", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &block_schema,
	.help = "a validator's block in the vote, with its payload",
};

static const struct jt_field get_fields[] = {
	{ .name = "blocks", .type = JT_LIST, .max = JT_GET_MAX, .sub = &ref_schema,
	    .offset = offsetof(struct jt_get, blocks), .help = "[author, id, round] of each" },
};
static const struct jt_schema get_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_get, get_fields);
const struct jt_kind jt_kind_get = {
	.name = "get", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &get_schema,
	.help = "send me these blocks",
};

static const struct jt_field evidence_fields[] = {
	ROW(JT_OBJECT, jt_evidence, one, 0, JT_OBJECT_MAX / 2, "jt/block-head"),
	ROW(JT_OBJECT, jt_evidence, two, 0, JT_OBJECT_MAX / 2,
	    "another of the same author and round"),
};
static const struct jt_schema evidence_schema =
    JT_SCHEMA(JT_FORM_MAP, struct jt_evidence, evidence_fields);
const struct jt_kind jt_kind_evidence = {
	.name = "evidence", .version = 1, .schema = &evidence_schema,
	.help = "two blocks of one author and round: it broke the rules",
};

/* The Merkle root over the objects in `items`, which are strict envelopes. */
static enum jt_err
payload_root(const struct jt_electorate *el, struct jt_slice items, struct jt_head_payload *p,
    struct jt_error *e)
{
	struct jt_merkle tree;
	uint8_t leaf[JT_HASH];
	size_t size = 0;

	*p = (struct jt_head_payload){ .bytes = items.len };
	jt_merkle_init(&tree);
	for (size_t at = 0; at < items.len; at += size) {
		struct jt_slice rest = { items.data + at, items.len - at };
		struct jt_object o;
		if (jt_object_size(rest, &size, e) != JT_OK || size > rest.len)
			return jt_fail(e, JT_MALFORMED, "items: offset %zu: no whole object", at);
		rest.len = size;
		if (jt_object_parse(rest, &o, e) != JT_OK)
			return jt_fail_in(e, "items: offset %zu: ", at);
		if (el->is_payload != NULL && !el->is_payload(&o))
			return jt_fail(e, JT_MALFORMED, "items: jt/%.*s does not enter ledgers",
			    (int)o.kind.len, (const char *)o.kind.data);
		if (++p->count > JT_BLOCK_ITEMS_MAX)
			return jt_fail(e, JT_MALFORMED, "items: more than %d", JT_BLOCK_ITEMS_MAX);
		jt_merkle_leaf(leaf, rest);
		jt_merkle_append(&tree, leaf);
	}
	if (p->count > 0)
		jt_merkle_root(&tree, p->root);
	return JT_OK;
}

static enum jt_err
write_head(const struct jt_head *h, const struct jt_electorate *el,
    const uint8_t secret[JT_SECRET], uint8_t id[JT_HASH], struct jt_buf *out, struct jt_error *e)
{
	struct jt_slice kind = jt_slice_text(jt_kind_block_head.name);
	struct jt_buf body;
	struct jt_sig sig;
	enum jt_err err;

	jt_buf_init(&body, JT_OBJECT_MAX);
	err = jt_encode(&head_schema, h, &body, e);
	if (err == JT_OK) {
		jt_object_hash(id, kind, jt_kind_block_head.version, jt_buf_slice(&body));
		memcpy(sig.key, el->keys[h->author], JT_KEY);
		jt_sign_id(sig.sig, secret, id);
		err = jt_signed_write(out, kind, jt_kind_block_head.version, jt_buf_slice(&body),
		    &sig, 1, e);
	}
	jt_buf_free(&body);
	return err;
}

enum jt_err
jt_block_seal(const struct jt_electorate *el, struct jt_block *b, struct jt_slice items,
    const uint8_t secret[JT_SECRET], struct jt_buf *out, struct jt_error *e)
{
	struct jt_head_ref parents[JT_VOTERS_MAX];
	struct jt_head h = { .author = b->ref.author, .epoch = el->epoch, .round = b->ref.round,
		.time = b->time, .share = { b->share, b->share_len },
		.parents = { parents, b->parent_count } };
	struct jt_block_object block = { .items = items };
	struct jt_buf head;
	enum jt_err err;

	for (uint32_t i = 0; i < b->parent_count; i++) {
		parents[i] = (struct jt_head_ref){ .author = b->parents[i].author,
			.round = b->parents[i].round };
		memcpy(parents[i].id, b->parents[i].id, JT_HASH);
	}
	memcpy(h.network, el->network, JT_HASH);
	if ((err = payload_root(el, items, &h.payload, e)) != JT_OK)
		return err;
	b->items = (uint32_t)h.payload.count;
	b->bytes = (uint32_t)items.len;
	jt_buf_init(&head, JT_OBJECT_MAX);
	err = write_head(&h, el, secret, b->ref.id, &head, e);
	block.head = jt_buf_slice(&head);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_block, &block, out, e);
	jt_buf_free(&head);
	return err;
}

/* Decode a jt/block-head and say what its id is. */
static enum jt_err
open_head(struct jt_slice bytes, struct jt_object *o, struct jt_signed *s, struct jt_head *h,
    uint8_t id[JT_HASH], msgpack_zone *zone, struct jt_error *e)
{
	enum jt_err err;

	if ((err = jt_object_parse(bytes, o, e)) != JT_OK)
		return err;
	if (!jt_object_is(o, jt_kind_block_head.name) || o->version != jt_kind_block_head.version)
		return jt_fail(e, JT_MALFORMED, "head: expected jt/block-head/%" PRIu64,
		    jt_kind_block_head.version);
	if ((err = jt_signed_decode(o, s, zone, e)) != JT_OK ||
	    (err = jt_decode(&head_schema, s->body, h, zone, e)) != JT_OK)
		return err;
	jt_object_hash(id, o->kind, o->version, s->body);
	return JT_OK;
}

/* Is it signed by its author, a member of this electorate, and by nobody else? */
static enum jt_err
check_signature(const struct jt_electorate *el, const struct jt_signed *s, const struct jt_head *h,
    const uint8_t id[JT_HASH], struct jt_error *e)
{
	const struct jt_sig *sig = s->sigs.items;

	if (memcmp(h->network, el->network, JT_HASH) != 0)
		return jt_fail(e, JT_MALFORMED, "network: of another network");
	if (h->epoch != el->epoch)
		return jt_fail(e, JT_MALFORMED, "epoch: expected %" PRIu64 ", found %" PRIu64,
		    el->epoch, h->epoch);
	if (h->author >= el->n)
		return jt_fail(e, JT_MALFORMED, "author: no validator");
	if (s->sigs.count != 1 || memcmp(sig->key, el->keys[h->author], JT_KEY) != 0)
		return jt_fail(e, JT_MALFORMED, "sigs: not its author's alone");
	if (!jt_sign_verify(sig->sig, sig->key, id))
		return jt_fail(e, JT_MALFORMED, "sigs: the signature is bad");
	return JT_OK;
}

static enum jt_err
take_parents(const struct jt_head *h, struct jt_block *b, msgpack_zone *zone, struct jt_error *e)
{
	const struct jt_head_ref *from = h->parents.items;
	struct jt_ref *parents;

	if (h->parents.count == 0)
		return jt_fail(e, JT_MALFORMED, "parents: none");
	parents = msgpack_zone_malloc(zone, h->parents.count * sizeof *parents);
	if (parents == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (uint32_t i = 0; i < h->parents.count; i++) {
		parents[i] = (struct jt_ref){ .round = (uint32_t)from[i].round,
			.author = (uint32_t)from[i].author };
		memcpy(parents[i].id, from[i].id, JT_HASH);
	}
	b->parents = parents;
	b->parent_count = h->parents.count;
	return JT_OK;
}

static enum jt_err
check_payload(const struct jt_electorate *el, struct jt_slice items, const struct jt_head *h,
    struct jt_error *e)
{
	struct jt_head_payload p = { 0 };
	enum jt_err err = payload_root(el, items, &p, e);

	if (err == JT_OK && (memcmp(p.root, h->payload.root, JT_HASH) != 0 ||
	    p.bytes != h->payload.bytes || p.count != h->payload.count))
		return jt_fail(e, JT_MALFORMED, "items: not the payload that was signed");
	return err;
}

enum jt_err
jt_block_open(const struct jt_electorate *el, const struct jt_object *o, bool verify,
    struct jt_block *b, struct jt_slice *items, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_block_object block = { 0 };
	struct jt_head h = { 0 };
	struct jt_object head = { 0 };
	struct jt_signed s = { 0 };
	enum jt_err err;

	*b = (struct jt_block){ 0 };
	if ((err = jt_kind_read(&jt_kind_block, o, &block, zone, e)) != JT_OK ||
	    (err = open_head(block.head, &head, &s, &h, b->ref.id, zone, e)) != JT_OK)
		return err;
	if (verify && ((err = check_payload(el, block.items, &h, e)) != JT_OK ||
	    (err = check_signature(el, &s, &h, b->ref.id, e)) != JT_OK))
		return err;
	b->ref.round = (uint32_t)h.round;
	b->ref.author = (uint32_t)h.author;
	b->time = h.time;
	b->items = (uint32_t)h.payload.count;
	b->bytes = (uint32_t)h.payload.bytes;
	b->share_len = (uint32_t)h.share.len;
	if (h.share.len > 0)
		memcpy(b->share, h.share.data, h.share.len);
	*items = block.items;
	return take_parents(&h, b, zone, e);
}

/* The head alone; el: the payload must be what its author signed, too. */
static enum jt_err
look(const struct jt_electorate *el, const struct jt_object *o, struct jt_head *h,
    uint8_t id[JT_HASH], struct jt_error *e)
{
	struct jt_block_object block = { 0 };
	struct jt_object head = { 0 };
	struct jt_signed s = { 0 };
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_block, o, &block, &zone, e);
	if (err == JT_OK)
		err = open_head(block.head, &head, &s, h, id, &zone, e);
	if (err == JT_OK && el != NULL)
		err = check_payload(el, block.items, h, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_block_whole(const struct jt_electorate *el, const struct jt_object *o, uint8_t id[JT_HASH],
    struct jt_error *e)
{
	struct jt_head h = { 0 };

	return look(el, o, &h, id, e);
}

enum jt_err
jt_block_ref(const struct jt_object *o, struct jt_ref *ref, struct jt_error *e)
{
	struct jt_head h = { 0 };
	enum jt_err err = look(NULL, o, &h, ref->id, e);

	ref->round = (uint32_t)h.round;
	ref->author = (uint32_t)h.author;
	return err;
}

enum jt_err
jt_evidence_check(const struct jt_electorate *el, const struct jt_object *o, uint32_t *author,
    struct jt_error *e)
{
	struct jt_evidence ev = { 0 };
	struct jt_head h[2] = { { 0 } };
	uint8_t id[2][JT_HASH];
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_evidence, o, &ev, &zone, e);
	for (int i = 0; i < 2 && err == JT_OK; i++) {
		struct jt_object head = { 0 };
		struct jt_signed s = { 0 };
		err = open_head(i == 0 ? ev.one : ev.two, &head, &s, &h[i], id[i], &zone, e);
		if (err == JT_OK && check_signature(el, &s, &h[i], id[i], e) != JT_OK)
			err = e->code = JT_NO;
	}
	msgpack_zone_destroy(&zone);
	if (err != JT_OK)
		return err;
	if (h[0].author != h[1].author || h[0].round != h[1].round)
		return jt_fail(e, JT_NO, "not of one author and round");
	if (memcmp(id[0], id[1], JT_HASH) == 0)
		return jt_fail(e, JT_NO, "the same block twice");
	*author = (uint32_t)h[0].author;
	return JT_OK;
}

enum jt_err
jt_evidence_write(const struct jt_object *one, const struct jt_object *two, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_block_object a = { 0 }, b = { 0 };
	struct jt_evidence ev;
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	if ((err = jt_kind_read(&jt_kind_block, one, &a, &zone, e)) == JT_OK &&
	    (err = jt_kind_read(&jt_kind_block, two, &b, &zone, e)) == JT_OK) {
		ev = (struct jt_evidence){ a.head, b.head };
		err = jt_kind_write(&jt_kind_evidence, &ev, out, e);
	}
	msgpack_zone_destroy(&zone);
	return err;
}
