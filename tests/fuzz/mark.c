/*
 * Any bytes as a mark in a voter's log (vote/mark.h): it is refused, or a voter
 * begins with it, writes the same bytes as its own mark, and takes blocks and
 * ticks without harm.
 */
#include "fuzz.h"

#include "vote/mark.h"

enum { N = 4 };

static void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	(void)ctx;
	(void)items;
	(void)count;
	jt_hash(b->ref.id, (struct jt_slice){ (const uint8_t *)&b->ref.round, sizeof b->ref.round });
}

static uint32_t
share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)ctx;
	(void)round;
	out[0] = 1;
	return 1;
}

static bool
coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	(void)ctx;
	(void)shares;
	(void)count;
	memset(out, (int)round, 64);
	return true;
}

/* What a voter that began with the mark writes is the mark. */
static void
check_same(struct jt_voter *v, struct jt_slice object)
{
	struct jt_buf again;
	struct jt_error e;
	struct jt_mark m;

	jt_buf_init(&again, JT_OBJECT_MAX);
	if (jt_voter_mark(v, &m, &e) != JT_OK ||
	    jt_kind_write(&jt_kind_mark, &m, &again, &e) != JT_OK ||
	    !jt_slice_equal(jt_buf_slice(&again), object))
		abort();
	jt_buf_free(&again);
}

/* Blocks of the two rounds above the horizon, made of what follows the mark. */
static void
give_blocks(struct jt_voter *v, struct fuzz_input *in, uint32_t low)
{
	while (in->len > 0) {
		struct jt_ref parents[N] = { { 0 } };
		struct jt_block b = { .ref = { .round = low + 1 + fuzz_byte(in) % 2 },
			.parents = parents, .parent_count = N };
		struct jt_error e;

		b.ref.author = fuzz_byte(in) % N;
		memset(b.ref.id, fuzz_byte(in), JT_HASH);
		for (uint32_t i = 0; i < N; i++) {
			parents[i] = (struct jt_ref){ .round = b.ref.round - 1, .author = (b.ref.author + i) % N };
			memset(parents[i].id, fuzz_byte(in), JT_HASH);
		}
		if (jt_voter_restore(v, &b, &e) == JT_SYSTEM)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[JT_HASH] = { 3 };
	struct fuzz_input in = { data, size };
	struct jt_slice object = { data, 0 };
	struct jt_voter_ops ops = jt_voter_silent;
	struct jt_voter *v;
	struct jt_object o;
	struct jt_error e;
	struct jt_mark m;
	msgpack_zone zone;

	ops.seal = seal;
	ops.share = share;
	ops.coin = coin;
	if (!msgpack_zone_init(&zone, 4096) ||
	    (v = jt_voter_new(N, 2, seed, &jt_voter_usual, &ops, NULL)) == NULL)
		abort();
	if (jt_object_size((struct jt_slice){ data, size }, &object.len, &e) == JT_OK &&
	    object.len <= size && jt_object_parse(object, &o, &e) == JT_OK &&
	    jt_object_is(&o, "mark") && jt_kind_read(&jt_kind_mark, &o, &m, &zone, &e) == JT_OK) {
		struct jt_mark_waiting *w = m.waiting.items;
		for (uint32_t i = 0; i < m.waiting.count; i++)
			w[i].payload = NULL;
		if (jt_voter_restore_mark(v, &m, &e) == JT_OK) {
			check_same(v, object);
			fuzz_take(&in, object.len);
			give_blocks(v, &in, (uint32_t)m.low);
			if (jt_voter_resume(v, &e) == JT_OK && jt_voter_tick(v, &e) != JT_OK)
				abort();
		}
	}
	jt_voter_free(v);
	msgpack_zone_destroy(&zone);
	return 0;
}
