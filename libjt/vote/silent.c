/* A voter that nobody hears. See voter.h. */
#include "vote/voter.h"

static void
deliver(void *ctx, const struct jt_vertex *v)
{
	(void)ctx;
	(void)v;
}

static void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	(void)ctx;
	(void)b;
	(void)items;
	(void)count;
}

static void
persist(void *ctx, const struct jt_block *b, bool own)
{
	(void)ctx;
	(void)b;
	(void)own;
}

static void
send_block(void *ctx, uint32_t to, const struct jt_ref *ref)
{
	(void)ctx;
	(void)to;
	(void)ref;
}

static void
send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	(void)ctx;
	(void)to;
	(void)refs;
	(void)count;
}

static void
send_hello(void *ctx, uint32_t to, const struct jt_hello *h)
{
	(void)ctx;
	(void)to;
	(void)h;
}

static uint32_t
share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)ctx;
	(void)round;
	(void)out;
	return 0;
}

static void
returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	(void)ctx;
	(void)ref;
	(void)payload;
}

static void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	(void)ctx;
	(void)a;
	(void)b;
}

static bool
coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	(void)ctx;
	(void)round;
	(void)shares;
	(void)count;
	(void)out;
	return false;
}

static void
decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	(void)ctx;
	(void)round;
	(void)slot;
	(void)s;
}

static void
cut(void *ctx, const struct jt_decided_cut *c)
{
	(void)ctx;
	(void)c;
}

const struct jt_voter_ops jt_voter_silent = { .seal = seal, .persist = persist,
	.send_block = send_block, .send_get = send_get, .send_hello = send_hello,
	.evidence = evidence, .share = share, .coin = coin, .returned = returned,
	.decided = decided, .order = { deliver, cut } };
