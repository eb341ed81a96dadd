/*
 * One voter, a of a, b, c and d: what it asks for, what it keeps, what it drops
 * and what it proposes, as blocks come in the order given here. Rules that can
 * be switched off (struct jt_voter_terms) are shown to be needed.
 *
 * The rules that were found by attacking earlier ones, and the test that fails
 * without each:
 *
 *	fetching knows no budget               test_fetch
 *	a block on two of its author's own of one round is no block
 *	                                       test_self
 *	what waits is looked at again whenever the horizon moves
 *	                                       test_horizon_moves
 *	exposed authors' blocks come only as requested ancestors
 *	                                       test_exposed
 *	who comes back is asked again          test_asked_again
 *	what is too far ahead is fetched later test_ahead
 *	catching up is a jump                  test_jump
 *	work is only what can be delivered     test_work
 *	late blocks are taken up               test_late
 *	leaders' horizon, cuts' time, the quorum that has seen an item, 64 rounds,
 *	caps of authors                        order.c
 */
#include "graph.h"
#include "crypto/sample.h"
#include "vote/voter.h"

struct told {
	char text[8192];
	size_t len;
	uint8_t coin;        /* of all rounds; 0: nobody has a share */
	uint32_t evidence, delivered, dropped;
};

static struct graph g;

__attribute__((format(printf, 2, 3))) static void
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

static const char *
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
static void
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
	if (to != JT_ALL)
		tell(ctx, "%c<%s;", (char)('a' + to), name_of(ref));
}

/* "b?c1 d1;" */
static void
send_get(void *ctx, uint32_t to, const struct jt_ref *refs, size_t count)
{
	tell(ctx, "%c?", (char)('a' + to));
	for (size_t i = 0; i < count; i++)
		tell(ctx, "%s", name_of(&refs[i]));
	tell(ctx, ";");
}

/* "b hello 0 1 0 0;" and, in answers, how many blocks follow: "b answer+2 1 1 0 0;" */
static void
send_hello(void *ctx, uint32_t to, const struct jt_hello *h)
{
	const uint32_t *up_to = h->highest;

	tell(ctx, "%c %s", (char)('a' + to), h->answer ? "answer" : "hello");
	if (h->answer && h->sent > 0)
		tell(ctx, "+%u", h->sent);
	tell(ctx, "%u %u %u %u;", up_to[0], up_to[1], up_to[2], up_to[3]);
}

static void
evidence(void *ctx, const struct jt_ref *a, const struct jt_ref *b)
{
	struct told *t = ctx;

	t->evidence++;
	tell(t, "%s!", name_of(a));
	tell(t, "%s;", name_of(b));
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
make_coin(void *ctx, uint32_t round, const struct jt_voter_share *shares, size_t count,
    uint8_t out[64])
{
	(void)round;
	(void)shares;
	(void)count;
	memset(out, ((struct told *)ctx)->coin, 64);
	return ((struct told *)ctx)->coin != 0;
}

static void
returned(void *ctx, const struct jt_ref *ref, const void *payload)
{
	(void)payload;
	tell(ctx, "returned %s;", name_of(ref));
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
deliver(void *ctx, const struct jt_vertex *v)
{
	(void)v;
	((struct told *)ctx)->delivered++;
}

static void
cut(void *ctx, const struct jt_decided_cut *c)
{
	(void)ctx;
	(void)c;
}

static void
dropped(void *ctx, const struct jt_block *b)
{
	(void)b;
	((struct told *)ctx)->dropped++;
}

static const struct jt_voter_ops ops = { seal, persist, send_block, send_get, send_hello,
	evidence, share, make_coin, returned, decided, { deliver, cut }, NULL, dropped, NULL };

static struct jt_voter *
start_one_of(uint32_t n, const struct jt_voter_terms *terms, struct told *t)
{
	memset(t, 0, sizeof *t);
	return jt_voter_new(n, 0, graph_seed, terms, &ops, t);
}

static struct jt_voter *
start(const struct jt_voter_terms *terms, struct told *t)
{
	return start_one_of(4, terms, t);
}

/* Blocks from a peer, "b b1 c1": from b. Returns the last error. */
static enum jt_err
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

static bool
has(const struct jt_voter *v, const char *name)
{
	return jt_dag_find(jt_voter_dag(v), g.blocks[graph_place(&g, name)].block.ref.id) != NULL;
}

/* What was said since the last time. */
static void
said(struct told *t, const char *want, const char *name)
{
	is_text(t->text, want, "%s", name);
	t->len = 0;
	t->text[0] = '\0';
}

/* Waits for ticks that never come: says nothing of its own. */
static struct jt_voter_terms
silent(void)
{
	struct jt_voter_terms terms = jt_voter_usual;

	terms.tick_rounds = 1;
	return terms;
}

static void
test_fetch(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; r2!a; r3!a");
	give(v, "b b2");
	said(&t, "b? b1 c1 d1;", "all missing parents are asked for");
	give(v, "b c2");
	said(&t, "", "not twice of the same peer");
	give(v, "c b3");
	said(&t, "c? d2 c1 d1 b1;", "another is asked for what is missing, here and below");
	give(v, "c b2");
	said(&t, "", "what waits is not wanted again");
	is_int(t.dropped, 1, "  and is given back");
	is_int(jt_voter_suspended(v), 3, "three wait");
	give(v, "b d2 b1 c1 d1");
	is_int(jt_voter_suspended(v), 0, "until their ancestors are there");
	ok(has(v, "b3"), "the last is in the graph");
	jt_voter_free(v);

	terms.without = 1U << JT_NO_FETCH;
	v = start(&terms, &t);
	give(v, "b b2 b1");
	said(&t, "b? b1;", "with a budget only one is asked for");
	is_int(jt_voter_suspended(v), 1, "  and the block waits for ever");
	jt_voter_free(v);
}

static void
test_asked_again(void)
{
	const struct jt_voter_terms terms = silent();
	struct jt_error e;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	give(v, "b b2");
	said(&t, "b? b1 c1 d1;", "asked once");
	give(v, "c b2");
	said(&t, "c? b1 c1 d1;", "another who hands it over is asked, too");
	give(v, "d b2");
	said(&t, "", "a third is not: one of two is correct");
	give(v, "b b1 b2");
	said(&t, "", "not twice");
	jt_voter_peer(v, 1, false, &e);
	give(v, "b b2");
	said(&t, "b? c1 d1;", "who comes back is asked again, for what is missing still");
	jt_voter_peer(v, 3, true, &e);
	said(&t, "d hello 0 1 0 0;", "a peer that comes up is told what is here");
	jt_voter_free(v);
}

/*
 * d hands over d2, but never d1. Others got both in time, and build on d2 alone:
 * they are asked for what it needs.
 */
static void
test_fetch_through(void)
{
	const struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v = start_one_of(7, &terms, &t);

	graph_make(&g, 7, "r1!a; b2: b1 c1 e1 f1 g1; c2: c1 b1 e1 f1 g1; e2: e1 b1 c1 f1 g1;"
	    "f2: f1 b1 c1 e1 g1; g2: g1 b1 c1 e1 f1; d2: d1 b1 c1 e1 f1; e3: e2 b2 c2 d2 f2 g2");
	give(v, "b b1 c1 e1 f1 g1 b2 c2 e2 f2 g2");
	give(v, "d d2");
	said(&t, "d? d1;", "d hands over a block, and not the one before");
	give(v, "e e3");
	said(&t, "e? d1;", "who builds on a block that waits is asked for what that needs");
	give(v, "e d1");
	ok(has(v, "e3"), "  and has it");
	jt_voter_free(v);
}

/* Two twins that wait are seen to be twins when they come in. */
static void
test_exposed(void)
{
	const struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; r2!a; d2x: d1 c1 b1 a0; d2y: d1 b1 c1 a0; r3!a; c3x: c2 b2 d2x");
	give(v, "b b1 c1 d1 d2 d2x");
	said(&t, "d2! d2x;", "two blocks of one round are evidence");
	ok(!has(v, "d2x"), "  and the second is dropped");
	give(v, "b b2 c2 d3 d2y");
	ok(!has(v, "d3") && t.evidence == 1, "so is what its author says afterwards");
	is_int(jt_voter_suspended(v), 0, "  not even kept");
	give(v, "c c3x d2x");
	ok(has(v, "c3x") && has(v, "d2x"), "unless it is asked for, as an ancestor");
	jt_voter_free(v);

	v = start(&terms, &t);
	give(v, "b b1 c1 d2 d2x");
	is_int(jt_voter_suspended(v), 2, "two twins wait for the same block");
	t.len = 0;
	t.text[0] = '\0';
	give(v, "b d1");
	said(&t, "d2! d2x;", "they are evidence when they come in");
	jt_voter_free(v);
}

/* Of one parent by two names. */
static void
test_parents_that_lie(void)
{
	const struct jt_voter_terms terms = silent();
	struct jt_block *b;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; b2: b1 c1 d1");
	b = &g.blocks[graph_place(&g, "b2")].block;
	memcpy(g.blocks[graph_place(&g, "b2")].parents[2].id, b->parents[1].id, JT_HASH);
	is_int(give(v, "b b1 c1 d1 b2"), JT_MALFORMED, "a block that names one parent twice");
	ok(!has(v, "b2"), "  is dropped");
	jt_voter_free(v);
	v = start(&terms, &t);
	give(v, "b b2 b1 d1 c1");
	ok(!has(v, "b2") && jt_voter_suspended(v) == 0, "  and when it had to wait for them");
	jt_voter_free(v);
}

/* All of these rounds. */
static void
give_rounds(struct jt_voter *v, uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++) {
		char text[64];
		snprintf(text, sizeof text, "b b%u c%u d%u", r, r, r);
		give(v, text);
	}
}

static void
make_rounds(uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++) {
		char text[16];
		snprintf(text, sizeof text, "r%u!a", r);
		graph_add(&g, text);
	}
}

/* d goes on above both of its twins, and c, who is faulty, too, on that. */
static void
test_self(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;

	graph_make(&g, 4, "r1!a; d1x: d0 b0 c0; b2: b1 c1 d1; c2: c1 b1 d1x; d2: d1 b1 c1;"
	    "b3: b2 c2 d2; c3: c2 b2 d2; d3: d2 b2 c2; c4: c3 b3 d3");
	for (int without = 0; without < 2; without++) {
		struct jt_voter *v;
		terms.without = without ? 1U << JT_NO_SELF : 0;
		v = start(&terms, &t);
		give(v, "b b1 c1 d1 b2 d2");
		give(v, "c c2 d1x c3");
		ok(has(v, "c3"), "c is on both twins of d, and is taken");
		give(v, "b b3");
		give(v, "c c4 d3");
		is_int(has(v, "d3"), without, "d itself is not, above both%s", without ?
		    ": without the rule it is" : "");
		is_int(has(v, "c4"), without, "  nor what is on it");
		is_int(jt_voter_suspended(v), without ? 0 : 2, "  but they are kept");
		jt_voter_free(v);
	}
}

/* A coin that elects b of n every time. */
static uint8_t
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
static void
give_whole_rounds(struct jt_voter *v, uint32_t n, uint32_t from, uint32_t to)
{
	for (uint32_t r = from; r <= to; r++)
		for (uint32_t a = 1; a < n; a++) {
			char text[32];
			snprintf(text, sizeof text, "%c %c%u", (char)('a' + a), (char)('a' + a), r);
			give(v, text);
		}
}

static void
test_horizon_moves(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;

	terms.order.depth = 4;
	graph_make(&g, 7, "d1x: d0 b0 c0 e0 f0");
	make_rounds(1, 9);
	graph_add(&g, "c7x: c6 b6 e6 f6 g6 d1x");
	for (int without = 0; without < 2; without++) {
		struct jt_voter *v;
		terms.without = without ? 1U << JT_NO_RECHECK : 0;
		v = start_one_of(7, &terms, &t);
		t.coin = coin_for_b(7);
		give_whole_rounds(v, 7, 1, 6);
		give(v, "c c7x");
		is_int(jt_voter_suspended(v), 1, "a block waits for one of round 1");
		give_whole_rounds(v, 7, 7, 9);
		is_int(jt_voter_dag(v)->low, 1, "the leader of round 5 moves the horizon there");
		is_int(jt_voter_suspended(v), without, "then it waits no more%s", without ?
		    ": without the rule it does" : "");
		is_int(has(v, "c7x") && has(v, "c7"), !without, "  but is in the graph, beside its twin");
		jt_voter_free(v);
	}
}

/*
 * The twin d1 is below the horizon of others, and they take d7, which is on d1x. A
 * voter who is behind waits until it is below its own.
 */
static void
test_park(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;

	terms.order.depth = 4;
	graph_make(&g, 7, "");
	make_rounds(1, 1);
	graph_add(&g, "d1x: d0 b0 c0 e0 f0; b2: b1 c1 e1 f1 g1 d1; c2: c1 b1 e1 f1 g1; e2: e1 b1 c1 f1 g1;"
	    "f2: f1 b1 c1 e1 g1; g2: g1 b1 c1 e1 f1; d2: d1x b1 c1 e1 f1");
	for (uint32_t r = 3; r <= 9; r++) {
		static const char others[] = "bcefg";
		for (uint32_t i = 0; i < 5; i++) {
			char text[64], *at = text;
			at += sprintf(at, "%c%u:", others[i], r);
			for (uint32_t k = 0; k < 5; k++)
				at += sprintf(at, " %c%u", others[(i + k) % 5], r - 1);
			graph_add(&g, text);
		}
	}
	graph_add(&g, "d7: d2 b6 c6 e6 f6 g6; c8x: c7 b7 e7 f7 g7 d7");
	for (int without = 0; without < 2; without++) {
		struct jt_voter *v;
		terms.without = without ? 1U << JT_NO_PARK : 0;
		v = start_one_of(7, &terms, &t);
		t.coin = coin_for_b(7);
		give(v, "b b1 c1 d1 e1 f1 g1 b2 c2 e2 f2 g2");
		for (uint32_t r = 3; r <= 7; r++) {
			char text[64];
			snprintf(text, sizeof text, "b b%u c%u e%u f%u g%u", r, r, r, r, r);
			give(v, text);
		}
		give(v, "c c8x d7 d2 d1x");
		ok(!has(v, "d7"), "d7 has two of round 1 below, and waits");
		give(v, "b b8 c8 e8 f8 g8 b9 c9 e9 f9 g9");
		is_int(jt_voter_dag(v)->low, 1, "until these are below the horizon");
		is_int(has(v, "d7") && has(v, "c8x"), !without, without ? "without the rule it was dropped" :
		    "then it is taken, as others took it");
		jt_voter_free(v);
	}
}

static void
test_ahead(void)
{
	struct jt_voter_terms terms = silent();
	struct told t;
	struct jt_voter *v;

	terms.ahead = 3;
	v = start(&terms, &t);
	graph_make(&g, 4, "");
	make_rounds(1, 6);
	give(v, "c c6 c5");
	said(&t, "", "what is too far ahead is dropped");
	give(v, "b b1 c1 d1");
	said(&t, "", "  nor is it asked for yet");
	give(v, "b b2");
	said(&t, "c hello 0 2 1 1;", "and asked for when it is near enough");
	jt_voter_free(v);
}

static void
test_jump(void)
{
	struct jt_voter_terms terms = silent();
	const struct jt_own_item item = { 1, 10 };
	struct jt_error e;
	struct told t;

	terms.order.depth = 4;
	graph_make(&g, 4, "");
	make_rounds(1, 12);
	for (int without = 0; without < 2; without++) {
		struct jt_voter *v;
		terms.without = without ? 1U << JT_NO_JUMP : 0;
		v = start(&terms, &t);
		t.coin = coin_for_b(4);
		give_rounds(v, 1, 12);
		ok(jt_voter_dag(v)->low > 0, "all of its own rounds are below the horizon");
		jt_voter_payload(v, &item, &e);
		is_int(jt_voter_round(v), without ? 0 : 13, "%s", without ? "it is stuck without" :
		    "catching up is a jump to the highest round with a quorum");
		jt_voter_free(v);
	}
}

static void
test_work(void)
{
	const struct jt_voter_terms terms = jt_voter_usual;
	struct told t;
	struct jt_voter *v = start(&terms, &t);

	graph_make(&g, 4, "r1!a; d1x: d0 b0 c0; b2: b1 c1 d1");
	ok(!jt_voter_has_work(v), "nothing to do at the start");
	g.blocks[graph_place(&g, "d1")].block.items = 1;
	give(v, "d d1");
	said(&t, "a1: a0 b0 c0 d0;", "payload of another is work");
	ok(jt_voter_has_work(v), "  until it is in a ledger");
	give(v, "c d1x");
	ok(!jt_voter_has_work(v), "payload of an exposed author that only we know is none");
	give(v, "b b1 c1 b2");
	ok(jt_voter_has_work(v), "it is when somebody built on it");
	jt_voter_free(v);
}

static void
test_late(void)
{
	struct jt_voter_terms terms = silent();
	const struct jt_own_item item = { 1, 10 };
	struct jt_error e;
	struct told t;

	graph_make(&g, 4, "r1!a; a1: a0 b0 c0 d0; b2: b1 c1 a1; c2: c1 b1 a1; a2: a1 b1 c1; b3: b2 c2 a2;"
	    "c3: c2 b2 a2");
	for (int without = 0; without < 2; without++) {
		struct jt_voter *v;
		terms.without = without ? 1U << JT_NO_LINKS : 0;
		v = start(&terms, &t);
		/* Its own names are the graph's, so b and c can build on them. */
		for (uint32_t i = 0; i < g.count; i++)
			for (uint32_t k = 0; k < g.blocks[i].block.parent_count; k++)
				if (g.blocks[i].parents[k].author == 0 && g.blocks[i].parents[k].round > 0)
					g.blocks[i].parents[k].id[7] = (uint8_t)g.blocks[i].parents[k].round;
		jt_voter_payload(v, &item, &e);
		give(v, "b b1 c1");
		said(&t, "a1: a0 b0 c0 d0; a2: a1 b1 c1;", "a, b and c vote");
		give(v, "d d1");
		give(v, "b b2 c2");
		said(&t, without ? "a3: a2 b2 c2;" : "a3: a2 b2 c2 d1;", without ?
		    "without weak links nobody ever has it in its cone" :
		    "a late block of d, who says no more, is taken up by a link of its own");
		jt_voter_free(v);
	}
}

int
main(void)
{
	test_fetch();
	test_asked_again();
	test_fetch_through();
	test_exposed();
	test_parents_that_lie();
	test_self();
	test_horizon_moves();
	test_park();
	test_ahead();
	test_jump();
	test_work();
	test_late();
	return done_testing();
}
