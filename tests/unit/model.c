/*
 * A bounded model of the rule: all graphs of four validators over rounds 1 to 6
 * of the following kind, for the leader slot of round 1.
 *
 *	- a, b and c are correct and have one block a round. d is faulty and has two
 *	  blocks in each of the rounds 1 to 5.
 *	- Parents are of the round before: one's own and at least two of the other
 *	  three authors' (of d's either block or none): 7 choices for a, b and c, 8
 *	  for each block of d; in round 2 d may also leave its round 1 out.
 *	- The leader is d, with two blocks, or a, with one.
 *	- Of all ways to make rounds 2 to 4 that end in the same votes in round 4 one
 *	  is taken. Nothing above asks for more than the votes, and an independent
 *	  count (below) says what they are.
 *	- Rounds 5 and 6 are complete: 7^3 choices of a5, b5 and c5, 36 of the two
 *	  blocks of d, and each possible block of round 6 as the anchor: 29.
 *
 * Left out are links over more than one round, silent correct validators,
 * three blocks of d in one round, and anchors above round 6: a later anchor has
 * a quorum of round 6 in its cone, and what decides it is again this model.
 *
 * For each graph, the rule as it is in the library judges three chains of
 * causally closed views, from the cone of one block of round 5 to all of
 * it, and each anchor. All that is decided directly must be the same, in all
 * views, and the same as any anchor says; and be what the definition gives,
 * which is written down here a second time.
 *
 *	model       every 61st graph, a second
 *	model all   every one, 2,148,552, and the mutants on every 16th: a minute or two
 */
#include <stdlib.h>

#include "tap.h"
#include "vote/rule.h"

enum { N = 4, D = 3, SLOTS = 5, ANCHORS = 29, STATES = 512, NONE = 9 };

/* Places in a round: a, b, c, d and d's other block. */
struct choice {
	uint8_t count, at[4]; /* parents' places, one's own first; NONE: d0, of round 0 */
};
static struct choice choices[SLOTS][9];
static uint32_t choice_count[SLOTS]; /* without the one that is for round 2 alone */

/* A way to make rounds 2 to 4, and what each block of the last supports: 0 none. */
struct state {
	uint8_t votes[SLOTS];
	uint8_t path[5][SLOTS]; /* [round]: of the choices */
};
static struct state states[STATES];
static uint32_t state_count;

struct verdict {
	bool skipped;
	uint8_t block; /* committed: 1 or 2; 0 and not skipped: undecided */
};

static struct {
	uint64_t graphs, anchors, contradictions, wrong, direct, votes_wrong;
} seen;

static void
make_choices(void)
{
	for (uint8_t own = 0; own < D; own++)
		for (uint8_t mask = 0; mask < 16; mask++) {
			/* Bits: the two other correct ones, then d's blocks. */
			struct choice *c = &choices[own][choice_count[own]];
			*c = (struct choice){ .count = 1, .at = { own } };
			if (mask >> 2 == 3)
				continue;
			for (uint8_t i = 0; i < 4; i++)
				if (mask >> i & 1)
					c->at[c->count++] = (uint8_t)(i < 2 ? (own + 1 + i) % 3 : i + 1);
			choice_count[own] += c->count >= 3;
		}
	for (uint8_t own = D; own < SLOTS; own++)
		for (uint8_t one = D; one < SLOTS; one++)
			for (uint8_t out = 0; out < 4; out++) {
				struct choice *c = &choices[own][choice_count[own]++];
				*c = (struct choice){ .count = 1, .at = { one } };
				for (uint8_t i = 0; i < 3; i++)
					if (i != out)
						c->at[c->count++] = i;
			}
	choices[D][8] = choices[D + 1][8] = (struct choice){ 4, { NONE, 0, 1, 2 } };
}

static uint8_t
smaller(uint8_t a, uint8_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static uint8_t
vote_of(const uint8_t before[SLOTS], const struct choice *c)
{
	uint8_t vote = 0;

	for (uint8_t i = 0; i < c->count; i++)
		if (c->at[i] != NONE)
			vote = smaller(vote, before[c->at[i]]);
	return vote;
}

static void
add_state(const struct state *s, uint32_t from)
{
	for (uint32_t i = from; i < state_count; i++)
		if (memcmp(states[i].votes, s->votes, SLOTS) == 0)
			return;
	if (state_count == STATES)
		abort();
	states[state_count++] = *s;
}

/* All that may follow a state, up to its votes. */
static void
follow(const struct state *s, uint32_t round, uint32_t from)
{
	uint8_t option[SLOTS][3]; /* by vote: a choice that gives it, or NONE */

	memset(option, NONE, sizeof option);
	for (uint32_t p = 0; p < SLOTS; p++)
		for (uint32_t i = 0; i < choice_count[p] + (p >= D && round == 2); i++)
			option[p][vote_of(s->votes, &choices[p][i])] = (uint8_t)i;
	for (uint32_t code = 0; code < 243; code++) {
		struct state next = *s;
		uint32_t left = code;
		bool can = true;
		for (uint32_t p = 0; p < SLOTS; p++, left /= 3) {
			next.votes[p] = (uint8_t)(left % 3);
			next.path[round][p] = option[p][left % 3];
			can &= option[p][left % 3] != NONE;
		}
		/* d's two blocks may change places. */
		if (can && next.votes[D] <= next.votes[D + 1])
			add_state(&next, from);
	}
}

/* The states of round 4; of the leader's block(s) votes begin. */
static uint32_t
make_states(uint32_t leader)
{
	struct state first = { 0 };
	uint32_t from = 0;

	first.votes[leader] = 1;
	if (leader == D)
		first.votes[D + 1] = 2;
	state_count = 1;
	states[0] = first;
	for (uint32_t round = 2; round <= 4; round++) {
		uint32_t to = state_count;
		for (uint32_t i = from; i < to; i++)
			follow(&states[i], round, to);
		from = to;
	}
	return from;
}

/* ---- the graph ---- */

static struct jt_ref refs[7][ANCHORS + 1];
static uint8_t seed[JT_HASH];

static void
make_refs(void)
{
	for (uint8_t r = 1; r <= 6; r++)
		for (uint8_t p = 0; p < ANCHORS; p++) {
			uint8_t author = r < 6 ? (p > D ? D : p) : p < 21 ? p / 7 : D;
			refs[r][p] = (struct jt_ref){ .round = r, .author = author,
				.id = { r, p, 0, 0, 0, 0, 0, (uint8_t)(r * 37 + p) } };
		}
	for (uint32_t a = 0; a < N; a++)
		jt_dag_genesis_ref(seed, a, &refs[0][a]);
}

struct world {
	struct jt_dag dag;
	struct jt_rule rule;
	const struct choice *of[6][SLOTS];
	bool has[6][SLOTS];
};

static void
must(enum jt_err err)
{
	if (err != JT_OK)
		abort();
}

static void
put(struct world *w, uint32_t round, uint32_t place, const struct choice *c)
{
	struct jt_ref parents[N];
	struct jt_block b = { .ref = refs[round][place], .parents = parents };
	struct jt_vertex *v;
	struct jt_error e;

	for (uint32_t i = 0; c != NULL && i < c->count; i++)
		parents[b.parent_count++] = c->at[i] == NONE ? refs[0][D] : refs[round - 1][c->at[i]];
	for (uint32_t i = 0; c == NULL && i < N; i++)
		parents[b.parent_count++] = refs[0][(b.ref.author + i) % N];
	must(jt_block_check(&w->dag.c, &b, &e));
	must(jt_dag_add(&w->dag, &b, &v, &e));
	must(jt_rule_added(&w->rule, v, &e));
}

static void
put_cone(struct world *w, uint32_t round, uint32_t place)
{
	const struct choice *c = w->of[round][place];

	if (w->has[round][place])
		return;
	w->has[round][place] = true;
	for (uint32_t i = 0; c != NULL && i < c->count; i++)
		if (c->at[i] != NONE)
			put_cone(w, round - 1, c->at[i]);
	put(w, round, place, c);
}

static struct verdict
verdict_of(const struct world *w)
{
	const struct jt_slot *s = jt_rule_slot(&w->rule, 1, 0);

	return (struct verdict){ s->verdict == JT_SKIPPED,
		s->verdict == JT_COMMITTED ? s->block->ref.id[1] == D + 1 ? 2 : 1 : 0 };
}

static bool
is_decided(struct verdict v)
{
	return v.skipped || v.block != 0;
}

static bool
differ(struct verdict a, struct verdict b)
{
	return a.skipped != b.skipped || a.block != b.block;
}

static void
start(struct world *w, const struct state *s, const struct choice *const fifth[SLOTS],
    uint32_t leader, enum jt_mutant mutant)
{
	struct jt_error e;

	memset(w->has, 0, sizeof w->has);
	for (uint32_t p = 0; p < SLOTS; p++) {
		w->of[1][p] = NULL;
		for (uint32_t r = 2; r <= 4; r++)
			w->of[r][p] = &choices[p][s->path[r][p]];
		w->of[5][p] = fifth[p];
	}
	must(jt_dag_init(&w->dag, N, seed, &e));
	must(jt_rule_init(&w->rule, &w->dag, 1, &e));
	w->rule.mutant = mutant;
	must(jt_rule_leaders(&w->rule, 1, &leader, &e));
}

/* Views that grow: blocks of round 5 upwards or downwards, or all votes first. */
static struct verdict
judge_chain(struct world *w, int chain)
{
	struct jt_error e;

	for (uint32_t p = 0; chain == 2 && p < SLOTS; p++)
		put_cone(w, 4, p);
	for (uint32_t p = 0; p < SLOTS; p++) {
		put_cone(w, 5, chain == 1 ? SLOTS - 1 - p : p);
		must(jt_rule_decide(&w->rule, &e));
	}
	for (uint32_t r = 1; r <= 4; r++)
		for (uint32_t p = 0; p < SLOTS; p++)
			put_cone(w, r, p);
	must(jt_rule_decide(&w->rule, &e));
	return verdict_of(w);
}

/* What an anchor says where nothing is decided directly. */
static struct verdict
judge_anchor(struct world *w, uint32_t place)
{
	struct jt_slot *first = jt_rule_slot(&w->rule, 1, 0), *sixth;
	struct jt_error e;

	first->verdict = JT_UNDECIDED;
	first->blames = (struct jt_voter_set){ { 0 } };
	first->blame_blocks = 0;
	for (uint32_t i = 0; i < first->cert_count; i++) {
		first->certs[i].by = first->blames;
		first->certs[i].blocks = 0;
	}
	sixth = jt_rule_slot(&w->rule, 6, 0);
	sixth->verdict = JT_COMMITTED;
	sixth->block = jt_dag_find(&w->dag, refs[6][place].id);
	must(jt_rule_decide(&w->rule, &e));
	return verdict_of(w);
}

/* ---- the definition ---- */

static uint8_t
certified(const struct state *s, const struct choice *c)
{
	uint32_t votes[3] = { 0 };

	for (uint8_t i = 0; i < c->count; i++)
		votes[s->votes[c->at[i]]]++;
	return votes[1] >= 3 ? 1 : votes[2] >= 3 ? 2 : 0;
}

static struct verdict
directly(const struct state *s, const struct choice *const fifth[SLOTS])
{
	uint32_t blames = s->votes[D] == 0 || s->votes[D + 1] == 0, by[3] = { 0 };
	uint8_t d = certified(s, fifth[D]), dx = certified(s, fifth[D + 1]);

	for (uint32_t p = 0; p < D; p++) {
		blames += s->votes[p] == 0;
		by[certified(s, fifth[p])]++;
	}
	by[d]++;
	by[dx] += dx != d;
	if (blames >= 3 && (by[1] >= 3 || by[2] >= 3))
		abort(); /* the definition contradicts itself */
	return (struct verdict){ blames >= 3, by[1] >= 3 ? 1 : by[2] >= 3 ? 2 : 0 };
}

static struct verdict
by_anchor(const struct state *s, const struct choice *const fifth[SLOTS], const struct choice *c)
{
	for (uint8_t i = 0; i < c->count; i++) {
		uint8_t block = certified(s, fifth[c->at[i]]);
		if (block != 0)
			return (struct verdict){ false, block };
	}
	return (struct verdict){ true, 0 };
}

static const struct choice *
anchor_choice(uint32_t place)
{
	return place < 21 ? &choices[place / 7][place % 7] : &choices[D][place - 21];
}

/* Does the library count votes as we do? */
static void
check_votes(const struct world *w, const struct state *s)
{
	for (uint32_t p = 0; p < SLOTS; p++) {
		const struct jt_vertex *v = jt_dag_find(&w->dag, refs[4][p].id)->support[2][0];
		seen.votes_wrong += (v == NULL ? 0 : v->ref.id[1] == D + 1 ? 2 : 1) != s->votes[p];
	}
}

static void
check_anchors(struct world *w, const struct state *s, const struct choice *const fifth[SLOTS],
    struct verdict direct)
{
	static const uint32_t any;
	struct jt_error e;

	must(jt_rule_leaders(&w->rule, 6, &any, &e));
	for (uint32_t p = 0; p < ANCHORS; p++)
		put(w, 6, p, anchor_choice(p));
	for (uint32_t p = 0; p < ANCHORS; p++) {
		struct verdict v = judge_anchor(w, p);
		seen.anchors++;
		seen.contradictions += is_decided(direct) && is_decided(v) && differ(v, direct);
		seen.wrong += differ(v, by_anchor(s, fifth, anchor_choice(p)));
	}
}

static void
check_graph(const struct state *s, const struct choice *const fifth[SLOTS], uint32_t leader,
    enum jt_mutant mutant)
{
	struct verdict want = directly(s, fifth), got[3];
	struct world w;

	seen.graphs++;
	seen.direct += is_decided(want);
	for (int chain = 0; chain < 3; chain++) {
		start(&w, s, fifth, leader, mutant);
		got[chain] = judge_chain(&w, chain);
		seen.wrong += differ(got[chain], want);
		for (int i = 0; i < chain; i++)
			seen.contradictions += is_decided(got[i]) && is_decided(got[chain]) &&
			    differ(got[i], got[chain]);
		if (chain == 2) {
			check_votes(&w, s);
			check_anchors(&w, s, fifth, got[2]);
		}
		jt_rule_free(&w.rule);
		jt_dag_free(&w.dag);
	}
}

/* All choices of round 5 on all states, or every `step`-th of them. */
static void
check_all(uint32_t leader, enum jt_mutant mutant, uint32_t step)
{
	uint32_t number = 0;

	for (uint32_t i = make_states(leader); i < state_count; i++)
		for (uint32_t code = 0; code < 7 * 7 * 7 * 64; code++) {
			uint32_t d = code / 343 % 8, dx = code / 343 / 8;
			const struct choice *fifth[SLOTS] = { &choices[0][code % 7],
				&choices[1][code / 7 % 7], &choices[2][code / 49 % 7], &choices[D][d],
				&choices[D + 1][dx] };
			/* Which of d's blocks is which matters where their votes differ alone. */
			if (d <= dx && number++ % step == 0)
				check_graph(&states[i], fifth, leader, mutant);
		}
}

static void
check_mutants(uint32_t step)
{
	for (enum jt_mutant m = JT_RULE_RIGHT + 1; m < JT_MUTANTS; m++) {
		if (m == JT_ANCHOR_EARLY || m == JT_JUMP_UNDECIDED)
			continue; /* of other anchors than these: mutants.c has them */
		memset(&seen, 0, sizeof seen);
		check_all(0, m, step);
		check_all(D, m, step);
		ok(seen.wrong > 0, "%s is found: %llu contradictions, %llu wrong verdicts",
		    jt_mutant_words[m], (unsigned long long)seen.contradictions,
		    (unsigned long long)seen.wrong);
	}
}

int
main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "all") == 0;
	uint32_t step = all ? 1 : 61;

	make_choices();
	make_refs();
	is_int(choice_count[0], 7, "7 choices of parents for a");
	is_int(choice_count[D], 8, "8 for d");
	for (uint32_t leader = 0; leader <= D; leader += D) {
		uint32_t from = make_states(leader);
		memset(&seen, 0, sizeof seen);
		printf("# leader %c: %u combinations of votes\n", "abcd"[leader], state_count - from);
		check_all(leader, JT_RULE_RIGHT, step);
		is_int(seen.votes_wrong, 0, "votes, on %llu graphs", (unsigned long long)seen.graphs);
		is_int(seen.wrong, 0, "verdicts by the definition, %llu direct, %llu by an anchor",
		    (unsigned long long)seen.direct, (unsigned long long)seen.anchors);
		is_int(seen.contradictions, 0, "no two views contradict each other");
	}
	check_mutants(all ? 16 : 997);
	return done_testing();
}
