/*
 * The order of a graph made by hand (graph.h), with leaders that are named: what
 * is delivered, and where ledgers end, as text.
 */
#ifndef ORDERED_H
#define ORDERED_H

#include "graph.h"

/* The log of an order: "a1 b1 |2 a1 b1|" are two blocks and a cut of them at 2 ms. */
struct ordered {
	char text[4096];
	size_t len;
};

static struct graph g;
static const uint8_t ordered_coin[64] = { 1 };

static inline void
ordered_tell(struct ordered *t, const char *word, size_t len)
{
	int n = snprintf(t->text + t->len, sizeof t->text - t->len, "%s%.*s", t->len ? " " : "",
	    (int)len, word);

	t->len += (size_t)n;
}

static inline void
ordered_deliver(void *ctx, const struct jt_vertex *v)
{
	ordered_tell(ctx, (const char *)v->ref.id, 7);
}

static inline void
ordered_cut(void *ctx, const struct jt_decided_cut *cut)
{
	char head[32];

	snprintf(head, sizeof head, "|%llu:", (unsigned long long)cut->time);
	ordered_tell(ctx, head, sizeof head);
	for (size_t i = 0; i < cut->count; i++)
		ordered_tell(ctx, (const char *)cut->parts[i].ref.id, 7);
	ordered_tell(ctx, "|", 1);
}

static const struct jt_order_ops ordered_ops = { ordered_deliver, ordered_cut };

static inline struct jt_order_terms
ordered_terms(void)
{
	struct jt_order_terms t = jt_order_usual;

	t.depth = 4;
	t.interval = 10;
	return t;
}

/* Blocks with payload: "b2=3" has three objects of 10 bytes, "b2@7" is of 7 ms. */
static inline void
ordered_load(const char *text)
{
	char *copy = strdup(text), *save = NULL;

	for (char *s = strtok_r(copy, " ", &save); s != NULL; s = strtok_r(NULL, " ", &save)) {
		char *at = s + strcspn(s, "=@"), what = *at;
		struct jt_block *b;
		*at = '\0';
		b = &g.blocks[graph_place(&g, s)].block;
		if (what == '@') {
			b->time = strtoull(at + 1, NULL, 10);
			continue;
		}
		b->items = (uint32_t)strtoul(at + 1, NULL, 10);
		b->bytes = 10 * b->items;
	}
	free(copy);
}

/* Deliver leaders in turn, "a3 b4"; after "/" the graph is pruned. */
static inline const char *
ordered_leaders(const struct jt_order_terms *t, const char *leaders, struct ordered *log)
{
	char *copy = strdup(leaders), *save = NULL;
	struct jt_order o;
	struct jt_error e;
	struct view v;

	memset(log, 0, sizeof *log);
	view_start(&v, &g, JT_RULE_RIGHT);
	view_add(&v, "*");
	jt_order_init(&o, &v.dag, t, &ordered_ops, log);
	for (char *s = strtok_r(copy, " ", &save); s != NULL; s = strtok_r(NULL, " ", &save)) {
		if (*s == '/') {
			jt_order_prune(&o, jt_order_horizon(&o));
			jt_dag_prune(&v.dag, jt_order_horizon(&o));
		} else if (jt_order_leader(&o, view_vertex(&v, s), ordered_coin, &e) != JT_OK) {
			graph_stop("leader", e.text);
		}
	}
	jt_order_free(&o);
	view_end(&v);
	free(copy);
	return log->text;
}

/* Rounds 1 to 12; the time stands still at 50 ms, so that there is one ledger by time. */
static inline void
ordered_steady(const char *payload)
{
	graph_make(&g, 4, "r1; r2; r3; r4; r5; r6; r7; r8; r9; r10; r11; r12");
	for (uint32_t i = 0; i < g.count; i++)
		g.blocks[i].block.time = 50;
	ordered_load(payload);
}

/* The ledgers alone. */
static inline const char *
ordered_cuts(const struct jt_order_terms *t, const char *leaders)
{
	static char text[4096];
	struct ordered log;
	bool inside = false;
	size_t n = 0;

	for (const char *s = ordered_leaders(t, leaders, &log); *s != '\0'; s++) {
		if (inside || *s == '|')
			text[n++] = *s;
		if (*s == '|')
			inside = !inside;
	}
	text[n] = '\0';
	return text;
}

#endif
