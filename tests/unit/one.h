/*
 * One voter, a of a, b, c and d (or more), whom a test gives blocks of a graph
 * (graph.h) in any order: what it asks for, makes and says comes back as text.
 */
#ifndef ONE_H
#define ONE_H

#include "graph.h"
#include "crypto/sample.h"
#include "vote/voter.h"

static struct graph g;

struct told {
	char text[8192];
	size_t len;
	uint8_t coin;        /* of all rounds; 0: nobody has a share */
	uint32_t evidence, delivered, dropped;
};

__attribute__((format(printf, 2, 3))) static inline void
tell(struct told *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (*fmt != ';' && t->len > 0 && t->len < sizeof t->text - 1)
		t->text[t->len++] = ' ';
	va_start(ap, fmt);
	n = vsnprintf(t->text + t->len, sizeof t->text - t->len, fmt, ap);
	va_end(ap);
	t->len += (size_t)n < sizeof t->text - t->len ? (size_t)n : sizeof t->text - t->len - 1;
}

static inline const char *
name_of(const struct jt_ref *ref)
{
	static char name[32];

	if (ref->round == 0)
		snprintf(name, sizeof name, "%c0", (char)('a' + ref->author));
	else
		snprintf(name, sizeof name, "%.7s", (const char *)ref->id);
	return name;
}

/* "a2:" and its parents. */
static inline void
seal(void *ctx, struct jt_block *b, const struct jt_own_item *items, size_t count)
{
	char name[16];

	(void)items;
	(void)count;
	snprintf(name, sizeof name, "a%u", b->ref.round);
	memcpy(b->ref.id, name, strlen(name));
	b->ref.id[7] = (uint8_t)b->ref.round;
	tell(ctx, "%s:", name);
	for (uint32_t i = 0; i < b->parent_count; i++)
		tell(ctx, "%s", name_of(&b->parents[i]));
	tell(ctx, ";");
}

static inline void
persist(void *ctx, const struct jt_block *b, bool own)
{
	(void)ctx;
	(void)b;
	(void)own;
}

static inline void
send_block(void *ctx, uint32_t to, const struct jt_ref *ref)
{
	if (to != JT_ALL)
		tell(ctx, "%c<%s;", (char)('a' + to), name_of(ref));
}

/* "b?c1 d1;" */
static inline void
send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	tell(ctx, "%c?", (char)('a' + to));
	for (size_t i = 0; i < count; i++)
		tell(ctx, "%s", name_of(&refs[i]));
	tell(ctx, ";");
}

/* "b hello 0 1 0 0;" and, in answers, how many blocks follow: "b answer+2 1 1 0 0;" */
static inline void
send_hello(void *ctx, uint32_t to, const struct jt_hello *h)
{
	const uint32_t *up_to = h->highest;

	tell(ctx, "%c %s", (char)('a' + to), h->answer ? "answer" : "hello");
	if (h->answer && h->sent > 0)
		tell(ctx, "+%u", h->sent);
	tell(ctx, "%u %u %u %u;", up_to[0], up_to[1], up_to[2], up_to[3]);
}

static inline void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	struct told *t = ctx;

	t->evidence++;
	tell(t, "%s!", name_of(a));
	tell(t, "%s;", name_of(b));
}

static inline uint32_t
share(void *ctx, uint32_t round, uint8_t out[JT_SHARE_MAX])
{
	(void)ctx;
	(void)round;
	out[0] = 1;
	return 1;
}

static inline bool
make_coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	(void)round;
	(void)shares;
	(void)count;
	memset(out, ((struct told *)ctx)->coin, 64);
	return ((struct told *)ctx)->coin != 0;
}

static inline void
returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	(void)payload;
	tell(ctx, "returned %s;", name_of(ref));
}

static inline void
decided(void *ctx, uint32_t round, uint32_t slot, const struct jt_slot *s)
{
	(void)ctx;
	(void)round;
	(void)slot;
	(void)s;
}

static inline void
deliver(void *ctx, const struct jt_vertex *v)
{
	(void)v;
	((struct told *)ctx)->delivered++;
}

static inline void
cut(void *ctx, const struct jt_decided_cut *c)
{
	(void)ctx;
	(void)c;
}

static inline void
dropped(void *ctx, const struct jt_block *b)
{
	(void)b;
	((struct told *)ctx)->dropped++;
}

static const struct jt_voter_ops ops = { seal, persist, send_block, send_get, send_hello,
	evidence, share, make_coin, returned, decided, { deliver, cut }, NULL, dropped, NULL };

static inline struct jt_voter *
start_one_of(uint32_t n, const struct jt_voter_terms *terms, struct told *t)
{
	memset(t, 0, sizeof *t);
	return jt_voter_new(n, 0, graph_seed, terms, &ops, t);
}

static inline struct jt_voter *
start(const struct jt_voter_terms *terms, struct told *t)
{
	return start_one_of(4, terms, t);
}

/* Blocks from a peer, "b b1 c1": from b. Returns the last error. */
static inline enum jt_err
give(struct jt_voter *v, const char *text)
{
	char *copy = strdup(text), *save = NULL, *s = strtok_r(copy, " ", &save);
	uint32_t from = (uint32_t)(*s - 'a');
	enum jt_err err = JT_OK;
	struct jt_error e;

	while ((s = strtok_r(NULL, " ", &save)) != NULL) {
		struct jt_block b = g.blocks[graph_place(&g, s)].block;
		b.share_len = 1;
		err = jt_voter_block(v, from, &b, &e);
	}
	free(copy);
	return err;
}

static inline bool
has(const struct jt_voter *v, const char *name)
{
	return jt_dag_find(jt_voter_dag(v), g.blocks[graph_place(&g, name)].block.ref.id) != NULL;
}

/* What was said since the last time. */
static inline void
said(struct told *t, const char *want, const char *name)
{
	is_text(t->text, want, "%s", name);
	t->len = 0;
	t->text[0] = '\0';
}

/* Waits for ticks that never come: says nothing of its own. */
static inline struct jt_voter_terms
silent(void)
{
	struct jt_voter_terms terms = jt_voter_usual;

	terms.tick_rounds = 1;
	return terms;
}

/* All of these rounds. */
static inline void
give_rounds(struct jt_voter *v, uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++) {
		char text[64];
		snprintf(text, sizeof text, "b b%u c%u d%u", r, r, r);
		give(v, text);
	}
}

static inline void
make_rounds(uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++) {
		char text[16];
		snprintf(text, sizeof text, "r%u!a", r);
		graph_add(&g, text);
	}
}

/* A coin that elects b of n every time. */
static inline uint8_t
coin_for_b(uint32_t n)
{
	for (uint8_t c = 1;; c++) {
		uint8_t coin[64];
		uint32_t leader;
		memset(coin, c, sizeof coin);
		jt_sample(coin, 64, n, 1, &leader);
		if (leader == 1)
			return c;
	}
}

/* All blocks of these rounds, of n voters. */
static inline void
give_whole_rounds(struct jt_voter *v, uint32_t n, uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++)
		for (uint32_t a = 1; a < n; a++) {
			char text[32];
			snprintf(text, sizeof text, "%c %c%u", (char)('a' + a), (char)('a' + a), r);
			give(v, text);
		}
}

#endif
