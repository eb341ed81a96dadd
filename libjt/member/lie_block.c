/* A validator that lies: its blocks. See liar.h. */
#include <string.h>

#include "member/lie.h"
#include "vote/wrong.h"

enum { RELEASE = 12 }; /* rounds in which hidden chains grow before they are shown */

enum jt_err
jt_lie_open(struct jt_liar *l, struct jt_slice object, struct jt_block *b, struct jt_slice *items,
    struct jt_error *e)
{
	struct jt_object o = { .version = 0 };
	enum jt_err err;

	if ((err = jt_object_parse(object, &o, e)) != JT_OK)
		return err;
	return jt_block_open(&l->m->electorate, &o, false, b, items, l->zone, e);
}

/* Remember what it says, for lies to come. */
static void
remember(struct jt_liar *l, struct jt_slice object, const struct jt_block *b)
{
	struct jt_buf *old = &l->old[l->old_count++ % JT_LIE_OLD];

	jt_buf_clear(old);
	jt_buf_add_slice(old, object);
	for (uint32_t i = 0; i < b->parent_count; i++) {
		struct jt_head_ref *r = &l->known[l->known_count++ % JT_LIE_KNOWN];
		*r = (struct jt_head_ref){ .author = b->parents[i].author, .round = b->parents[i].round };
		memcpy(r->id, b->parents[i].id, JT_HASH);
	}
}

/* Another block of the same round, with these parents and no payload, to out. */
static enum jt_err
make_other(struct jt_liar *l, const struct jt_block *of, const struct jt_ref *parents,
    uint32_t count, struct jt_ref *ref, struct jt_buf *out, struct jt_error *e)
{
	struct jt_slice none = { NULL, 0 };
	struct jt_block b = *of;
	enum jt_err err;

	b.parents = parents;
	b.parent_count = count;
	b.time += 1 + jt_lie_draw(l, 100);
	jt_buf_clear(out);
	err = jt_block_seal(&l->m->electorate, &b, none, l->m->secret, out, e);
	if (ref != NULL)
		*ref = b.ref;
	return err;
}

/* A twin: one parent fewer where that is allowed, so that its cone is another one, too. */
static enum jt_err
make_twin(struct jt_liar *l, const struct jt_block *of, struct jt_buf *out, struct jt_error *e)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	uint32_t count = of->parent_count, before = 0;

	memcpy(parents, of->parents, count * sizeof *parents);
	for (uint32_t i = 0; i < count; i++)
		before += parents[i].round + 1 == of->ref.round;
	if (count > 1 && before > l->c.q && jt_lie_draw(l, 2) == 0) {
		uint32_t one = 1 + (uint32_t)jt_lie_draw(l, count - 1);
		parents[one] = parents[--count];
	}
	return make_other(l, of, parents, count, NULL, out, e);
}

/* Each peer gets one of the twins, by chance; some get two. */
static enum jt_err
say_twins(struct jt_liar *l, struct jt_slice object, const struct jt_block *b, struct jt_error *e)
{
	struct jt_buf twins[2];
	uint64_t count = jt_lie_draw(l, 3) == 0 ? 0 : jt_lie_draw(l, 4) == 0 ? 2 : 1;
	enum jt_err err = JT_OK;

	for (uint64_t i = 0; i < 2; i++) {
		jt_buf_init(&twins[i], JT_OBJECT_MAX);
		if (i < count && err == JT_OK)
			err = make_twin(l, b, &twins[i], e);
	}
	for (uint32_t to = 0; to < l->m->electorate.n && err == JT_OK; to++) {
		uint64_t which = jt_lie_draw(l, count + 1);
		if (to == l->m->me)
			continue;
		if (which == 0 || jt_lie_draw(l, 16) == 0)
			err = jt_lie_say(l, to, object, e);
		if (which > 0 && err == JT_OK)
			err = jt_lie_say(l, to, jt_buf_slice(&twins[which - 1]), e);
	}
	jt_buf_free(&twins[0]);
	jt_buf_free(&twins[1]);
	return err;
}

/*
 * For some rounds several chains instead of one, and nobody hears of them. Then
 * each peer is shown the end of another one, takes it up, and passes it on.
 */
static enum jt_err
grow_cones(struct jt_liar *l, const struct jt_block *b, struct jt_error *e)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	uint32_t n = l->m->electorate.n;
	struct jt_buf *tips[JT_LIE_CHAINS];
	enum jt_err err = JT_OK;

	memcpy(parents, b->parents, b->parent_count * sizeof *parents);
	for (size_t k = 0; k < JT_LIE_CHAINS && err == JT_OK; k++) {
		uint32_t at = l->hidden_count++ % JT_LIE_HIDDEN;
		if (l->tips[k].round > 0)
			parents[0] = l->tips[k];
		tips[k] = &l->hidden[at].object;
		err = make_other(l, b, parents, b->parent_count, &l->tips[k], tips[k], e);
		memcpy(l->hidden[at].id, l->tips[k].id, JT_HASH);
	}
	for (uint32_t i = 0; i < n && err == JT_OK && b->ref.round % RELEASE == 0; i++)
		if (i != l->m->me)
			err = jt_lie_say(l, i, jt_buf_slice(tips[i % JT_LIE_CHAINS]), e);
	return err;
}

enum jt_err
jt_lie_get(struct jt_liar *l, uint32_t from, const struct jt_object *o, struct jt_error *e)
{
	struct jt_get get = { .blocks = { NULL, 0 } };
	const struct jt_head_ref *asked;
	enum jt_err err = jt_kind_read(&jt_kind_get, o, &get, l->zone, e);

	if (err != JT_OK)
		return err == JT_MALFORMED ? JT_OK : err; /* another liar's */
	asked = get.blocks.items;
	for (uint32_t i = 0; i < get.blocks.count; i++)
		for (uint32_t k = 0; k < JT_LIE_HIDDEN && err == JT_OK; k++)
			if (l->hidden[k].object.len > 0 &&
			    memcmp(l->hidden[k].id, asked[i].id, JT_HASH) == 0)
				err = jt_lie_say(l, from, jt_buf_slice(&l->hidden[k].object), e);
	return err;
}

static uint64_t
lot(void *ctx, uint64_t below)
{
	return jt_lie_draw(ctx, below);
}

/* A block that no correct voter makes, in one's own name, to one of the others. */
static enum jt_err
say_lie(struct jt_liar *l, const struct jt_block *b, struct jt_error *e)
{
	struct jt_ref parents[JT_VOTERS_MAX];
	uint32_t count;
	enum jt_err err;

	memcpy(parents, b->parents, b->parent_count * sizeof *parents);
	count = jt_wrong_parents(parents, b->parent_count, l->m->electorate.n, lot, l);
	if ((err = make_other(l, b, parents, count, NULL, &l->body, e)) == JT_OK)
		err = jt_lie_say(l, jt_lie_peer(l), jt_buf_slice(&l->body), e);
	return err;
}

/* The block with a signature that is not good, to l->body. */
static enum jt_err
spoil_block(struct jt_liar *l, struct jt_slice object, struct jt_error *e)
{
	struct jt_block_object block = { .items = { NULL, 0 } };
	struct jt_object o = { .version = 0 }, head = { .version = 0 };
	struct jt_signed s = { .body = { NULL, 0 } };
	struct jt_sig sig;
	struct jt_buf spoilt;
	enum jt_err err;

	jt_buf_init(&spoilt, JT_OBJECT_MAX);
	if ((err = jt_object_parse(object, &o, e)) == JT_OK &&
	    (err = jt_kind_read(&jt_kind_block, &o, &block, l->zone, e)) == JT_OK &&
	    (err = jt_object_parse(block.head, &head, e)) == JT_OK &&
	    (err = jt_signed_decode(&head, &s, l->zone, e)) == JT_OK) {
		sig = *(const struct jt_sig *)s.sigs.items;
		sig.sig[jt_lie_draw(l, JT_SIGNATURE)] ^= (uint8_t)(1U << jt_lie_draw(l, 8));
		err = jt_signed_write(&spoilt, head.kind, head.version, s.body, &sig, 1, e);
		block.head = jt_buf_slice(&spoilt);
		jt_buf_clear(&l->body);
		if (err == JT_OK)
			err = jt_kind_write(&jt_kind_block, &block, &l->body, e);
	}
	jt_buf_free(&spoilt);
	return err;
}

enum jt_err
jt_lie_block(struct jt_liar *l, struct jt_slice object, struct jt_error *e)
{
	uint32_t n = l->m->electorate.n, some = jt_lie_does(l, JT_LIE_WITHHOLD) ? l->c.t : n;
	struct jt_slice items = { NULL, 0 };
	struct jt_block b;
	enum jt_err err = jt_lie_open(l, object, &b, &items, e);

	if (err != JT_OK)
		return err;
	remember(l, object, &b);
	if (jt_lie_does(l, JT_LIE_LIES) && jt_lie_draw(l, 2) == 0 &&
	    (err = say_lie(l, &b, e)) != JT_OK)
		return err;
	if (jt_lie_does(l, JT_LIE_TWINS))
		return say_twins(l, object, &b, e);
	if (jt_lie_does(l, JT_LIE_CONES))
		return grow_cones(l, &b, e);
	for (uint32_t i = 1; i < n && i <= some && err == JT_OK; i++) {
		struct jt_slice is = object;
		if (jt_lie_does(l, JT_LIE_BADSIGN) && jt_lie_draw(l, 2) == 0) {
			err = spoil_block(l, object, e);
			is = jt_buf_slice(&l->body);
		}
		if (err == JT_OK)
			err = jt_lie_say(l, (l->m->me + i) % n, is, e);
	}
	return err;
}

