/*
 * Voters with links between them that lose nothing while both ends are up, and
 * keep order: for tests of what one voter owes another.
 *
 * Every voter has a log of what it persisted, and may be stopped and started
 * again from it. Shares are good, coins are hashes of the round, and blocks
 * have their numbers as ids.
 */
#ifndef NET_H
#define NET_H

#include <stdlib.h>

#include "base/num.h"
#include "tap.h"
#include "vote/voter.h"

enum { NET_VOTERS = 7, NET_BLOCKS = 1 << 16, NET_LINK = 1 << 15 };

struct net_block {
	struct jt_block block;
	bool held[NET_VOTERS];
};

struct net_packet {
	char what; /* 'b'lock, 'g'et, 'h'ello */
	uint32_t block;
	struct jt_ref refs[JT_GET_MAX];
	size_t count;
	struct jt_hello hello;
};

struct net;
struct net_voter {
	struct net *net;
	uint32_t me;
	struct jt_voter *voter;    /* NULL: down */
	struct jt_voter_terms terms;
	uint32_t *log, *own;       /* blocks, by number */
	uint32_t log_count, own_count;
	uint64_t delivered, decided, cuts;
	uint8_t history[JT_HASH];  /* of all that it delivered */
	uint32_t made;             /* the highest round it ever made a block of */
	bool twice;                /* it made two of one */
	bool unheard;              /* what it sends is lost */
	uint32_t slow;             /* others hear of it so many times later */
	uint32_t found;
	size_t most_suspended, most_blocks;
	uint64_t got_blocks, got_hellos, sent_gets;
};

struct net {
	uint32_t n;
	struct net_voter voters[NET_VOTERS];
	struct net_block *blocks;
	uint32_t block_count;
	struct {
		struct net_packet **items;
		uint32_t from, to;
		bool held;             /* nothing comes out */
	} links[NET_VOTERS][NET_VOTERS];
	uint64_t clock, items;
};

static inline void
net_stop(const char *what)
{
	printf("Bail out! net: %s\n", what);
	exit(1);
}

static inline void *
net_alloc(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (p == NULL)
		net_stop("no memory");
	return p;
}

/* ---- what voters do ---- */

static inline void
net_send(struct net_voter *a, uint32_t to, const struct net_packet *p)
{
	struct net *net = a->net;

	if (a->unheard || net->voters[to].voter == NULL)
		return;
	if (net->links[a->me][to].to - net->links[a->me][to].from == NET_LINK)
		net_stop("a link is full");
	net->links[a->me][to].items[net->links[a->me][to].to % NET_LINK] =
	    memcpy(net_alloc(1, sizeof *p), p, sizeof *p);
	net->links[a->me][to].to++;
}

static inline void
net_seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	struct net_voter *a = ctx;
	struct net *net = a->net;
	struct net_block *kept = &net->blocks[net->block_count];
	struct jt_ref *parents = net_alloc(b->parent_count, sizeof *parents);

	(void)items;
	(void)count;
	if (net->block_count == NET_BLOCKS)
		net_stop("too many blocks");
	a->twice |= b->ref.round <= a->made;
	a->made = b->ref.round;
	memset(b->ref.id, 0, JT_HASH);
	jt_put_be64(b->ref.id, net->block_count++ * UINT64_C(0x9e3779b97f4a7c15));
	jt_put_be32(b->ref.id + 8, net->block_count - 1);
	b->time = net->clock;
	kept->block = *b;
	kept->block.parents = memcpy(parents, b->parents, b->parent_count * sizeof *parents);
}

static inline struct net_block *
net_find(struct net *net, const struct jt_ref *ref)
{
	return &net->blocks[jt_get_be32(ref->id + 8)];
}

static inline void
net_persist(void *ctx, const struct jt_block *b, bool own)
{
	struct net_voter *a = ctx;

	net_find(a->net, &b->ref)->held[a->me] = true;
	a->log[a->log_count++] = jt_get_be32(b->ref.id + 8);
	if (own)
		a->own[a->own_count++] = jt_get_be32(b->ref.id + 8);
}

static inline void
net_send_block(void *ctx, uint32_t to, const struct jt_ref *ref)
{
	struct net_voter *a = ctx;
	struct net_packet p = { .what = 'b', .block = jt_get_be32(ref->id + 8) };

	if (!net_find(a->net, ref)->held[a->me])
		return;
	for (uint32_t i = 0; i < a->net->n; i++)
		if (i != a->me && (to == JT_ALL || to == i))
			net_send(a, i, &p);
}

static inline void
net_send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	struct net_voter *a = ctx;
	struct net_packet p = { .what = 'g', .count = count };

	a->sent_gets++;
	memcpy(p.refs, refs, count * sizeof *refs);
	net_send(a, to, &p);
}

static inline void
net_send_hello(void *ctx, uint32_t to, const struct jt_hello *h)
{
	const struct net_packet p = { .what = 'h', .hello = *h };

	net_send(ctx, to, &p);
}

static inline void
net_evidence(void *ctx, const struct jt_ref *one, const struct jt_ref *two)
{
	struct net_voter *a = ctx;

	(void)two;
	a->net->voters[one->author].twice = true;
}

static inline uint32_t
net_share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)ctx;
	(void)round;
	out[0] = 1;
	return 1;
}

static inline bool
net_coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	(void)ctx;
	(void)shares;
	(void)count;
	crypto_generichash(out, 64, (const uint8_t *)&round, sizeof round, NULL, 0);
	return true;
}

static inline void
net_returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	(void)ctx;
	(void)ref;
	(void)payload;
}

static inline void
net_decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	(void)round;
	(void)slot;
	(void)s;
	((struct net_voter *)ctx)->decided++;
}

static inline void
net_deliver(void *ctx, const struct jt_vertex *v)
{
	struct net_voter *a = ctx;
	struct jt_hasher h;

	a->delivered++;
	jt_hasher_init(&h);
	jt_hasher_add(&h, a->history, JT_HASH);
	jt_hasher_add(&h, v->ref.id, JT_HASH);
	jt_hasher_end(&h, a->history);
}

static inline void
net_cut(void *ctx, const struct jt_decided_cut *cut)
{
	struct net_voter *a = ctx;

	a->cuts = cut->number;
}

static inline size_t
net_own_above(void *ctx, uint32_t round, struct jt_ref *refs, size_t max)
{
	struct net_voter *a = ctx;
	size_t count = 0;

	for (uint32_t i = 0; i < a->own_count && count < max; i++)
		if (a->net->blocks[a->own[i]].block.ref.round > round)
			refs[count++] = a->net->blocks[a->own[i]].block.ref;
	return count;
}

static inline void
net_found(void *ctx, uint32_t round)
{
	((struct net_voter *)ctx)->found = round;
}

static const struct jt_voter_ops net_ops = { net_seal, net_persist, net_send_block,
	net_send_get, net_send_hello, net_evidence, net_share, net_coin,
	net_returned, net_decided, { net_deliver, net_cut }, net_own_above, NULL, net_found };

/* ---- the network ---- */

static inline void
net_check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		net_stop(e->text);
}

static inline void
net_start(struct net *net, uint32_t n)
{
	*net = (struct net){ .n = n, .blocks = net_alloc(NET_BLOCKS, sizeof *net->blocks) };
	for (uint32_t i = 0; i < n; i++) {
		struct net_voter *a = &net->voters[i];
		*a = (struct net_voter){ .net = net, .me = i, .terms = jt_voter_usual };
		a->log = net_alloc(NET_BLOCKS, sizeof *a->log);
		a->own = net_alloc(NET_BLOCKS, sizeof *a->own);
		for (uint32_t k = 0; k < n; k++)
			net->links[i][k].items = net_alloc(NET_LINK, sizeof *net->links[i][k].items);
	}
}

/* What is under way is lost. */
static inline void
net_cut_link(struct net *net, uint32_t from, uint32_t to)
{
	while (net->links[from][to].from < net->links[from][to].to)
		free(net->links[from][to].items[net->links[from][to].from++ % NET_LINK]);
}

static inline void
net_down(struct net *net, uint32_t i)
{
	struct jt_error e;

	jt_voter_free(net->voters[i].voter);
	net->voters[i].voter = NULL;
	for (uint32_t k = 0; k < net->n; k++) {
		net_cut_link(net, i, k);
		net_cut_link(net, k, i);
		if (net->voters[k].voter != NULL)
			net_check(jt_voter_peer(net->voters[k].voter, i, false, &e), &e);
	}
}

/* From its log, which is lost if there is a nonce. */
static inline void
net_up(struct net *net, uint32_t i, uint64_t nonce)
{
	static const uint8_t seed[JT_HASH] = { 3 };
	struct net_voter *a = &net->voters[i];
	struct jt_error e;

	a->delivered = a->decided = a->cuts = a->found = 0;
	memset(a->history, 0, sizeof a->history);
	a->voter = jt_voter_new(net->n, i, seed, &a->terms, &net_ops, a);
	if (a->voter == NULL)
		net_stop("no voter");
	if (nonce != 0) {
		for (uint32_t k = 0; k < a->log_count; k++)
			net->blocks[a->log[k]].held[i] = false;
		a->log_count = a->own_count = 0;
	}
	for (uint32_t k = 0; k < a->log_count; k++)
		net_check(jt_voter_restore(a->voter, &net->blocks[a->log[k]].block, &e), &e);
	net_check(nonce != 0 ? jt_voter_lost(a->voter, nonce, &e) : jt_voter_resume(a->voter, &e), &e);
	for (uint32_t k = 0; k < net->n; k++)
		if (k != i && net->voters[k].voter != NULL)
			net_check(jt_voter_peer(net->voters[k].voter, i, true, &e), &e);
}

static inline void
net_receive(struct net *net, uint32_t from, uint32_t to)
{
	struct net_voter *a = &net->voters[to];
	struct net_packet *p = net->links[from][to].items[net->links[from][to].from++ % NET_LINK];
	struct jt_error e;

	if (p->what == 'b') {
		a->got_blocks++;
		net_check(jt_voter_block(a->voter, from, &net->blocks[p->block].block, &e), &e);
	} else if (p->what == 'g') {
		net_check(jt_voter_get(a->voter, from, p->refs, p->count, &e), &e);
	} else {
		a->got_hellos++;
		net_check(jt_voter_hello(a->voter, from, &p->hello, &e), &e);
	}
	free(p);
	if (jt_voter_suspended(a->voter) > a->most_suspended)
		a->most_suspended = jt_voter_suspended(a->voter);
	if (jt_voter_dag(a->voter)->count > a->most_blocks)
		a->most_blocks = jt_voter_dag(a->voter)->count;
}

/* One message of every link; false when there is none. */
static inline bool
net_step(struct net *net)
{
	bool any = false;

	net->clock += 10;
	for (uint32_t from = 0; from < net->n; from++)
		for (uint32_t to = 0; to < net->n; to++)
			if (net->links[from][to].from < net->links[from][to].to &&
			    !net->links[from][to].held) {
				if (net->voters[from].slow == 0 ||
				    net->clock / 10 % net->voters[from].slow == 0)
					net_receive(net, from, to);
				any = true;
			}
	return any;
}

static inline void
net_give(struct net *net, uint32_t i)
{
	const struct jt_own_item item = { ++net->items, 10 };
	struct jt_error e;

	net_check(jt_voter_payload(net->voters[i].voter, &item, &e), &e);
}

/* Until all is silent, or `i` has made a block of this round: with items all the time. */
static inline void
net_run(struct net *net, uint32_t i, uint32_t round)
{
	do {
		if (round > 0 && net->voters[i].made < round && net->clock % 20 == 0)
			net_give(net, i);
	} while (net_step(net) || (round > 0 && net->voters[i].made < round));
}

/* Have two voters delivered, decided and ended the same? */
static inline bool
net_agree(const struct net *net, uint32_t a, uint32_t b)
{
	const struct net_voter *x = &net->voters[a], *y = &net->voters[b];

	return x->delivered == y->delivered && x->cuts == y->cuts && x->decided == y->decided &&
	    memcmp(x->history, y->history, JT_HASH) == 0;
}

static inline void
net_end(struct net *net)
{
	for (uint32_t i = 0; i < net->n; i++) {
		net_down(net, i);
		free(net->voters[i].log);
		free(net->voters[i].own);
		for (uint32_t k = 0; k < net->n; k++)
			free(net->links[i][k].items);
	}
	for (uint32_t i = 0; i < net->block_count; i++)
		free((void *)(uintptr_t)net->blocks[i].block.parents);
	free(net->blocks);
}

#endif
