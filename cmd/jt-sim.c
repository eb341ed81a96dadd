/*
 * jt-sim: try to break the vote.
 *
 * Runs simulated votes, one for each seed, under hostile schedules and with
 * faulty voters, and checks the invariants at every step. A run that breaks
 * one is made as small as it can be and printed as the line that repeats it.
 * With --dag it judges a graph made by hand instead.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cmd.h"
#include "recording.h"
#include "sim/handmade.h"
#include "sim/sim.h"
#include "work.h"

enum { DAG = CMD_OPT_OWN, VIEW, MUTANT, ITEMS, KILL, REAL, WITHOUT };

static const struct cmd_option options[] = {
	{ 'f', "fault", "FAULT[:N]", "what goes wrong, and in how many voters; repeat it for more" },
	{ 'm', "messages", "N", "stop each run after message N" },
	CMD_OUTPUT,
	{ 'r', "results", "RUN", "record the run, or of several the one that broke" },
	{ 'v', "validators", "N", "voters (default: 4)" },
	{ DAG, "dag", "FILE", "judge a graph made by hand, in YAML" },
	{ ITEMS, "items", "N", "payload objects in each run (default: 30)" },
	{ KILL, "kill", "N", "stop restarting voters at their Nth write or message alone" },
	{ MUTANT, "mutant", "RULE", "use a wrong rule, to see whether it is found out" },
	{ REAL, "real", NULL, "real signatures and a real coin instead of models" },
	{ VIEW, "view", "IDS", "with --dag: what is known, these blocks and their cones" },
	{ WITHOUT, "without", "PART", "leave out a part of the vote, to see what it is for" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-sim",
	.synopsis = "[-v N] [-f FAULT[:N]]... [-m N] [--items N] [--kill N] [--mutant RULE] [--real] "
	            "[--without PART]... [-r RUN] [-o FILE] SEED[-SEED]\n--dag FILE [--view IDS] [--mutant RULE] [-o FILE]",
	.options = options,
};

static struct {
	struct jt_sim_terms terms;
	bool given;               /* faults by -f, not drawn from each seed */
	struct cmd_output out, record;
	const char *record_path;
	struct jt_sim_result sum; /* over all runs */
	uint64_t runs;
} me;

/* ---- words ---- */

static int
word_index(const char *const *words, const char *text, size_t len)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
			return i;
	return -1;
}

static void
take_fault(const char *text)
{
	const char *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	int fault = word_index(jt_fault_words, text, len);
	uint64_t n = 0;

	if (fault < 0)
		cmd_usage("no fault is called \"%.*s\" (jt-sim(1) lists them)", (int)len, text);
	if (colon != NULL && (!jt_u64_parse(jt_slice_text(colon + 1), &n) || n < 1 ||
	    n > JT_VOTERS_MAX))
		cmd_usage("-f: expected a number of voters behind ':', not \"%s\"", colon + 1);
	me.terms.faults |= 1U << fault;
	me.terms.bad[fault] = (uint32_t)n;
	me.given = true;
}

static void
take_mutant(const char *text)
{
	int mutant = word_index(jt_mutant_words, text, strlen(text));

	if (mutant < 0)
		cmd_usage("no wrong rule is called \"%s\"", text);
	me.terms.mutant = (enum jt_mutant)mutant;
}

static void
take_without(const char *text)
{
	int part = word_index(jt_without_words, text, strlen(text));

	if (part < 0)
		cmd_usage("no part of the vote is called \"%s\" (jt-sim(1) lists them)", text);
	me.terms.without |= 1U << part;
}

static void
take_seeds(const char *text, uint64_t *from, uint64_t *to)
{
	const char *dash = strchr(text, '-');
	struct jt_slice first = { (const uint8_t *)text,
		dash != NULL ? (size_t)(dash - text) : strlen(text) };

	if (!jt_u64_parse(first, from) ||
	    !jt_u64_parse(dash != NULL ? jt_slice_text(dash + 1) : first, to) || *to < *from)
		cmd_usage("expected SEED or SEED-SEED, not \"%s\"", text);
}

/* ---- runs ---- */

static void
begin_record(const struct jt_sim_terms *t)
{
	struct jt_word_item words[JT_FAULTS];
	struct jt_run run = { .faults = { words, 0 }, .leaders = t->leaders, .seed = t->seed,
		.validators = t->n };

	for (uint32_t i = 0; i < JT_FAULTS; i++)
		if (t->faults >> i & 1)
			words[run.faults.count++].text = jt_slice_text(jt_fault_words[i]);
	recording_open(&me.record, me.record_path, &run);
}

static struct jt_sim_result
run_once(const struct jt_sim_terms *t, bool recorded)
{
	struct jt_sim_terms terms = *t;
	struct jt_sim_result r;
	struct jt_error e;

	if (recorded) {
		begin_record(t);
		terms.record = recording_event;
		terms.ctx = &me.record;
	}
	cmd_check(jt_sim_run(&terms, &r, &e), &e);
	return r;
}

/* The line that repeats a run. */
static void
print_terms(const struct jt_sim_terms *t)
{
	cmd_print(&me.out, "jt-sim -v %" PRIu32, t->n);
	for (uint32_t i = 0; i < JT_FAULTS; i++) {
		if (!(t->faults >> i & 1))
			continue;
		cmd_print(&me.out, " -f %s", jt_fault_words[i]);
		if (t->bad[i] > 0)
			cmd_print(&me.out, ":%" PRIu32, t->bad[i]);
	}
	if (t->faults == 0)
		cmd_print(&me.out, " -f none");
	if (t->messages > 0)
		cmd_print(&me.out, " -m %" PRIu64, t->messages);
	if (t->items != 30)
		cmd_print(&me.out, " --items %" PRIu32, t->items);
	if (t->kill_at > 0)
		cmd_print(&me.out, " --kill %" PRIu64, t->kill_at);
	if (t->mutant != JT_RULE_RIGHT)
		cmd_print(&me.out, " --mutant %s", jt_mutant_words[t->mutant]);
	if (t->real)
		cmd_print(&me.out, " --real");
	for (uint32_t i = 0; i < JT_WITHOUT; i++)
		if (t->without >> i & 1)
			cmd_print(&me.out, " --without %s", jt_without_words[i]);
	cmd_print(&me.out, " %" PRIu64 "\n", t->seed);
}

/* Does the same go wrong? */
static bool
breaks_alike(const struct jt_sim_terms *t, struct jt_sim_result *r)
{
	struct jt_sim_result again = run_once(t, false);

	if (!again.broken || strcmp(again.law, r->law) != 0)
		return false;
	*r = again;
	return true;
}

/* Leave out whatever the failure does not need: faults, payload, what came after. */
static struct jt_sim_terms
shrink(struct jt_sim_terms t, struct jt_sim_result *r)
{
	struct jt_sim_terms less;

	for (uint32_t i = 0; i < JT_FAULTS; i++) {
		less = t;
		less.faults &= ~(1U << i);
		if (less.faults != t.faults && breaks_alike(&less, r))
			t = less;
	}
	for (uint32_t items = t.items / 2; items > 0; items /= 2) {
		less = t;
		less.items = items;
		if (breaks_alike(&less, r))
			t = less;
	}
	return t;
}

static void
add_up(const struct jt_sim_result *r)
{
	me.runs++;
	me.sum.messages += r->messages;
	me.sum.blocks += r->blocks;
	me.sum.cuts += r->cuts;
	me.sum.slots += r->slots;
	me.sum.committed += r->committed;
	me.sum.skipped += r->skipped;
	me.sum.kills += r->kills;
	for (size_t i = 0; i <= JT_SIM_WAVES; i++)
		me.sum.waves[i] += r->waves[i];
	for (size_t i = 0; i <= JT_SIM_ROUNDS; i++) {
		me.sum.waited[i] += r->waited[i];
		me.sum.flips[i] += r->flips[i];
	}
	if (r->undecided > me.sum.undecided)
		me.sum.undecided = r->undecided;
}

/* "4 in 100, 5 in 20, 8-15 in 3" */
static void
print_distribution(const uint64_t *counts, uint32_t most)
{
	uint64_t sum = 0;
	const char *comma = " ";

	for (uint32_t from = 0, i = 0; i <= most; i++) {
		sum += counts[i];
		/* One by one up to 7, then by powers of two; the last is open. */
		if (i < most && i >= 7 && ((i + 1) & i) != 0)
			continue;
		if (sum > 0 && i == most)
			cmd_print(&me.out, "%smore in %" PRIu64, comma, sum);
		else if (sum > 0 && from == i)
			cmd_print(&me.out, "%s%" PRIu32 " in %" PRIu64, comma, i, sum);
		else if (sum > 0)
			cmd_print(&me.out, "%s%" PRIu32 "-%" PRIu32 " in %" PRIu64, comma, from, i, sum);
		comma = sum > 0 ? ", " : comma;
		from = i + 1;
		sum = 0;
	}
	cmd_print(&me.out, "\n");
}

static void
print_sum(void)
{
	const struct jt_sim_result *s = &me.sum;

	cmd_print(&me.out, "%" PRIu64 " run%s of %" PRIu32 " voter%s: %" PRIu64 " messages, %" PRIu64
	    " blocks, %" PRIu64 " ledgers\n", me.runs, me.runs == 1 ? "" : "s", me.terms.n,
	    me.terms.n == 1 ? "" : "s", s->messages, s->blocks, s->cuts);
	cmd_print(&me.out, "%" PRIu64 " leader slots: %" PRIu64 " committed, %" PRIu64 " skipped; %"
	    PRIu64 " stops of voters\n", s->slots, s->committed, s->skipped, s->kills);
	cmd_print(&me.out, "later leaders that a decision took:");
	print_distribution(s->waves, JT_SIM_WAVES);
	cmd_print(&me.out, "rounds to the decision:");
	print_distribution(s->waited, JT_SIM_ROUNDS);
	cmd_print(&me.out, "coins to a leader who is committed at once:");
	print_distribution(s->flips, JT_SIM_ROUNDS);
	cmd_print(&me.out, "leader slots that waited at once: %" PRIu32 " at most\n", s->undecided);
}

/* True when all went well. */
static bool
run_seed(uint64_t seed, bool recorded)
{
	struct jt_sim_terms t = me.terms;
	struct jt_sim_result r;

	t.seed = seed;
	if (!me.given)
		jt_sim_mix(&t);
	r = run_once(&t, recorded);
	if (!r.broken) {
		add_up(&r);
		return true;
	}
	if (!recorded) {
		t = shrink(t, &r);
		if (me.record_path != NULL)
			run_once(&t, true);
	}
	complain(JT_NO, "%s", r.why);
	print_terms(&t);
	return false;
}

static void
run_seeds(const char *text)
{
	uint64_t from, to, seed;
	bool good = true;

	take_seeds(text, &from, &to);
	for (seed = from; good && seed - from <= to - from; seed++) {
		cmd_progress("seed", seed - from, to - from + 1);
		good = run_seed(seed, from == to && me.record_path != NULL);
		if (seed == UINT64_MAX)
			break;
	}
	cmd_progress(NULL, 0, 0);
	if (me.runs > 0)
		print_sum();
}

static void
judge_graph(const char *path, const char *view)
{
	struct jt_buf yaml, lines;
	struct jt_error e;

	jt_buf_init(&yaml, JT_HANDMADE_TEXT);
	jt_buf_init(&lines, SIZE_MAX / 2);
	if (strcmp(path, "-") == 0)
		cmd_check(jt_file_read_fd(0, "stdin", &yaml, &e), &e);
	else
		cmd_check(jt_file_read(path, &yaml, &e), &e);
	if (jt_handmade_judge(jt_buf_slice(&yaml), view, me.terms.mutant, &lines, &e) != JT_OK)
		die(e.code, "%s: %s", path, e.text);
	cmd_print_slice(&me.out, jt_buf_slice(&lines));
	jt_buf_free(&lines);
	jt_buf_free(&yaml);
}

/* What one of the two works knows nothing of is a mistake. */
static void
check_options(bool dag, bool view, const char *path)
{
	const struct jt_sim_terms *t = &me.terms;

	if (dag && (me.given || t->n != 4 || t->messages > 0 || t->items != 30 ||
	    t->kill_at > 0 || t->real || t->without != 0 || me.record_path != NULL))
		cmd_usage("--dag goes with --view, --mutant and -o alone");
	if (view && !dag)
		cmd_usage("--view goes with --dag");
	if (me.record_path != NULL && strcmp(me.record_path, "-") == 0 &&
	    (path == NULL || strcmp(path, "-") == 0))
		cmd_usage("-r - needs -o FILE: the sums would follow the run");
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *dag = NULL, *view = NULL;
	int c;

	me.terms = (struct jt_sim_terms){ .n = 4, .items = 30, .leaders = 1 };
	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'f' && strcmp(cmd_value, "none") == 0)
			me.given = true;
		else if (c == 'f')
			take_fault(cmd_value);
		else if (c == 'm')
			me.terms.messages = cmd_value_number(1, JT_UINT_MAX);
		else if (c == 'v')
			me.terms.n = (uint32_t)cmd_value_number(1, JT_VOTERS_MAX);
		else if (c == ITEMS)
			me.terms.items = (uint32_t)cmd_value_number(1, 100000);
		else if (c == KILL)
			me.terms.kill_at = cmd_value_number(1, JT_UINT_MAX);
		else if (c == MUTANT)
			take_mutant(cmd_value);
		else if (c == REAL)
			me.terms.real = true;
		else if (c == WITHOUT)
			take_without(cmd_value);
		else
			*(c == DAG ? &dag : c == VIEW ? &view : c == 'r' ? &me.record_path : &path) =
			    cmd_value;
	}
	cmd_crypto();
	if (dag != NULL)
		cmd_no_operands();
	else if (cmd_operand_count != 1)
		cmd_usage("expected a seed, or two with a dash");
	check_options(dag != NULL, view != NULL, path);
	cmd_output_open(&me.out, path);
	if (dag != NULL)
		judge_graph(dag, view);
	else
		run_seeds(cmd_operands[0]);
	return cmd_end();
}
