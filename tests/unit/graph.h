/*
 * Hand-made graphs of blocks for tests of the vote.
 *
 * A block is named by its author's letter, its round and, for twins, one more
 * letter: d5, d5x. Its id is its name, so d5 is smaller than d5x. A graph is
 * text, entries with a semicolon between:
 *
 *	r3              round 3 of all authors, each on all of round 2
 *	r3-a            the same, but only a's own block is on a's of round 2
 *	r3!a            the same without a block of a's
 *	b4: b3 a3 c3    one block and its parents, its author's own first
 *
 * "All" are the blocks without a further letter. Every block is checked as in
 * a real vote. Blocks of round 0 are the genesis.
 *
 * A view is what one voter knows: the cones of some blocks, added to a graph
 * and judged by the rule with the leaders given: "1a 6b".
 */
#ifndef GRAPH_H
#define GRAPH_H

#include <ctype.h>
#include <stdlib.h>

#include "tap.h"
#include "vote/order.h"
#include "vote/rule.h"

enum { GRAPH_BLOCKS = 512, GRAPH_PARENTS = 16 };

struct graph_block {
	char name[12];
	struct jt_block block;
	struct jt_ref parents[GRAPH_PARENTS];
	uint32_t from[GRAPH_PARENTS]; /* the parents' places */
};

struct graph {
	struct jt_committee c;
	struct graph_block blocks[GRAPH_BLOCKS];
	uint32_t count;
};

struct view {
	const struct graph *g;
	struct jt_dag dag;
	struct jt_rule rule;
	bool has[GRAPH_BLOCKS];
};

static const uint8_t graph_seed[JT_HASH] = { 7 };

static inline void
graph_stop(const char *what, const char *name)
{
	printf("Bail out! graph: %s: %s\n", what, name);
	exit(1);
}

static inline uint32_t
graph_find(const struct graph *g, const char *name)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (strcmp(g->blocks[i].name, name) == 0)
			return i;
	return UINT32_MAX;
}

static inline uint32_t
graph_place(const struct graph *g, const char *name)
{
	uint32_t at = graph_find(g, name);

	if (at == UINT32_MAX)
		graph_stop("no such block", name);
	return at;
}

static inline struct graph_block *
graph_new_block(struct graph *g, const char *name)
{
	struct graph_block *b = &g->blocks[g->count];
	uint8_t *id = b->block.ref.id;

	if (g->count == GRAPH_BLOCKS || strlen(name) >= sizeof b->name ||
	    graph_find(g, name) != UINT32_MAX)
		graph_stop("one block too many", name);
	*b = (struct graph_block){ .block = { .parents = b->parents } };
	strcpy(b->name, name);
	b->block.ref.author = (uint32_t)(name[0] - 'a');
	b->block.ref.round = (uint32_t)strtoul(name + 1, NULL, 10);
	memcpy(id, name, strlen(name) < 7 ? strlen(name) : 7);
	/* The last of the bytes that the graph finds blocks by. */
	id[7] = (uint8_t)(g->count * 37);
	g->count++;
	return b;
}

static inline void
graph_parent(struct graph *g, struct graph_block *b, const char *name)
{
	uint32_t at = graph_place(g, name);

	if (b->block.parent_count == GRAPH_PARENTS)
		graph_stop("too many parents", b->name);
	b->from[b->block.parent_count] = at;
	b->parents[b->block.parent_count++] = g->blocks[at].block.ref;
}

static inline void
graph_check(const struct graph *g, const struct graph_block *b)
{
	struct jt_error e;

	if (jt_block_check(&g->c, &b->block, &e) != JT_OK)
		graph_stop(b->name, e.text);
}

/* `besides`: not on this author's, `without`: not of this author; or 0. */
static inline void
graph_round(struct graph *g, uint32_t round, char besides, char without)
{
	for (uint32_t a = 0; a < g->c.n; a++) {
		struct graph_block *b;
		char name[12];

		if ((char)('a' + a) == without)
			continue;
		snprintf(name, sizeof name, "%c%u", (char)('a' + a), round);
		b = graph_new_block(g, name);
		for (uint32_t i = 0; i < g->c.n; i++) {
			uint32_t p = (a + i) % g->c.n;
			snprintf(name, sizeof name, "%c%u", (char)('a' + p), round - 1);
			if ((i == 0 || (char)('a' + p) != besides) &&
			    graph_find(g, name) != UINT32_MAX)
				graph_parent(g, b, name);
		}
		graph_check(g, b);
	}
}

static inline void
graph_entry(struct graph *g, char *entry)
{
	char *save = NULL, *word = strtok_r(entry, " \n\t", &save);
	struct graph_block *b;

	if (word == NULL)
		return;
	if (word[0] == 'r' && isdigit((unsigned char)word[1])) {
		char *end;
		uint32_t round = (uint32_t)strtoul(word + 1, &end, 10);
		graph_round(g, round, *end == '-' ? end[1] : '\0', *end == '!' ? end[1] : '\0');
		return;
	}
	if (strchr(word, ':') == NULL)
		graph_stop("expected a colon", word);
	*strchr(word, ':') = '\0';
	b = graph_new_block(g, word);
	while ((word = strtok_r(NULL, " \n\t", &save)) != NULL)
		graph_parent(g, b, word);
	graph_check(g, b);
}

/* More blocks for a graph. */
static inline void
graph_add(struct graph *g, const char *text)
{
	char *copy = strdup(text), *save = NULL;

	for (char *s = strtok_r(copy, ";", &save); s != NULL; s = strtok_r(NULL, ";", &save))
		graph_entry(g, s);
	free(copy);
}

static inline void
graph_make(struct graph *g, uint32_t n, const char *text)
{
	g->c = jt_committee_of(n);
	g->count = 0;
	for (uint32_t a = 0; a < n; a++) {
		char name[12];
		struct graph_block *b;
		snprintf(name, sizeof name, "%c0", (char)('a' + a));
		b = graph_new_block(g, name);
		jt_dag_genesis_ref(graph_seed, a, &b->block.ref);
	}
	graph_add(g, text);
}

static inline void
view_start(struct view *v, const struct graph *g, enum jt_mutant mutant)
{
	struct jt_error e;

	memset(v, 0, sizeof *v);
	v->g = g;
	if (jt_dag_init(&v->dag, g->c.n, graph_seed, &e) != JT_OK ||
	    jt_rule_init(&v->rule, &v->dag, 1, &e) != JT_OK)
		graph_stop("view", e.text);
	v->rule.mutant = mutant;
	for (uint32_t a = 0; a < g->c.n; a++)
		v->has[a] = true;
}

static inline void
view_end(struct view *v)
{
	jt_rule_free(&v->rule);
	jt_dag_free(&v->dag);
}

static inline void
view_leaders(struct view *v, const char *leaders)
{
	struct jt_error e;
	char *end;

	for (const char *s = leaders; *s != '\0'; s = *end == ' ' ? end + 1 : end) {
		uint32_t round = (uint32_t)strtoul(s, &end, 10), leader = (uint32_t)(*end++ - 'a');
		if (jt_rule_leaders(&v->rule, round, &leader, &e) != JT_OK)
			graph_stop("leaders", e.text);
	}
}

/* One block whose parents are all there. */
static inline struct jt_vertex *
view_add_one(struct view *v, uint32_t at)
{
	struct jt_vertex *x;
	struct jt_error e;

	v->has[at] = true;
	if (jt_dag_add(&v->dag, &v->g->blocks[at].block, &x, &e) != JT_OK ||
	    jt_rule_added(&v->rule, x, &e) != JT_OK)
		graph_stop("add", e.text);
	return x;
}

/* A block and its cone. */
static inline void
view_add_cone(struct view *v, uint32_t at)
{
	const struct graph_block *b = &v->g->blocks[at];

	if (v->has[at])
		return;
	for (uint32_t i = 0; i < b->block.parent_count; i++)
		view_add_cone(v, b->from[i]);
	view_add_one(v, at);
}

/* "a5 d5x": these and their cones, in this order; "*": all, in the graph's order. */
static inline void
view_add(struct view *v, const char *tips)
{
	char *copy = strdup(tips), *save = NULL;

	for (char *s = strtok_r(copy, " ", &save); s != NULL; s = strtok_r(NULL, " ", &save)) {
		if (strcmp(s, "*") != 0)
			view_add_cone(v, graph_place(v->g, s));
		for (uint32_t i = 0; *s == '*' && i < v->g->count; i++)
			view_add_cone(v, i);
	}
	free(copy);
}

static inline struct jt_vertex *
view_vertex(const struct view *v, const char *name)
{
	return jt_dag_find(&v->dag, v->g->blocks[graph_place(v->g, name)].block.ref.id);
}

static inline void
view_decide(struct view *v)
{
	struct jt_error e;

	if (jt_rule_decide(&v->rule, &e) != JT_OK)
		graph_stop("decide", e.text);
}

/* "committed d1", "skipped", "undecided" */
static inline const char *
view_verdict(const struct view *v, uint32_t round, char text[24])
{
	const struct jt_slot *s = jt_rule_slot(&v->rule, round, 0);

	if (s == NULL || s->verdict == JT_UNDECIDED)
		return strcpy(text, "undecided");
	if (s->verdict == JT_SKIPPED)
		return strcpy(text, "skipped");
	snprintf(text, 24, "committed %.7s", (const char *)s->block->ref.id);
	return text;
}

/* What does the rule say of the leader of `round` to one who has these blocks? */
static inline const char *
graph_judge(const struct graph *g, enum jt_mutant mutant, const char *leaders, const char *tips,
    uint32_t round, char text[24])
{
	struct view v;

	view_start(&v, g, mutant);
	view_leaders(&v, leaders);
	view_add(&v, tips);
	view_decide(&v);
	view_verdict(&v, round, text);
	view_end(&v);
	return text;
}

#endif
