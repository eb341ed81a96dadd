/* What no event says of a run, worked out for its picture. See drawn.h. */
#include "sim/drawn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/tell.h"

/* The rule, over the blocks of the picture. */
struct again {
	struct jt_picture *p;
	struct jt_dag dag;
	struct jt_rule rule;
	struct jt_buf out; /* what `name` appends to */
};

static int
by_id(const void *a, const void *b)
{
	return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, JT_HASH);
}

/* So many digits that no two blocks look the same, 4 at least. */
static bool
set_digits(struct jt_picture *p)
{
	const uint8_t **ids = malloc((p->count + 1) * sizeof *ids);

	if (ids == NULL)
		return false;
	for (uint32_t i = 0; i < p->count; i++)
		ids[i] = p->blocks[i].ref.id;
	qsort(ids, p->count, sizeof *ids, by_id);
	p->digits = 4;
	for (uint32_t i = 1; i < p->count; i++)
		while (p->digits < 2 * JT_HASH && memcmp(ids[i - 1], ids[i], p->digits / 2) == 0)
			p->digits += 2;
	free(ids);
	return true;
}

/* Blocks in the cones of committed leaders, each by the first. */
static void
deliver(struct jt_picture *p, uint32_t leader)
{
	uint32_t round = p->blocks[leader].ref.round;
	size_t depth = 0;

	if (p->blocks[leader].by != 0)
		return;
	p->blocks[leader].by = round;
	p->stack[depth++] = leader;
	while (depth > 0) {
		const struct jt_drawn_block *b = &p->blocks[p->stack[--depth]];
		for (uint32_t i = 0; i < b->parent_count; i++) {
			struct jt_drawn_block *parent = &p->blocks[b->parents[i]];
			if (parent->by == 0) {
				parent->by = round;
				p->stack[depth++] = b->parents[i];
			}
		}
	}
}

static enum jt_err
add_again(struct again *a, const struct jt_drawn_block *b, struct jt_error *e)
{
	static const uint8_t seed[JT_HASH];
	struct jt_ref refs[JT_VOTERS_MAX];
	struct jt_block as = { .ref = b->ref, .parents = refs };
	struct jt_vertex *v;
	enum jt_err err;

	for (uint32_t i = 0; i < b->parent_count; i++)
		refs[as.parent_count++] = a->p->blocks[b->parents[i]].ref;
	if (as.parent_count == 0)
		jt_dag_genesis_ref(seed, b->ref.author, &refs[as.parent_count++]);
	/* Not seen by the viewer with all its parents: it waits for them. */
	if (jt_dag_missing(&a->dag, &as, 0) != NULL)
		return JT_OK;
	if ((err = jt_dag_add(&a->dag, &as, &v, e)) != JT_OK)
		return err;
	return jt_rule_added(&a->rule, v, e);
}

static enum jt_err
judge_again(struct again *a, struct jt_error *e)
{
	static const uint8_t seed[JT_HASH];
	struct jt_picture *p = a->p;
	enum jt_err err;

	if ((err = jt_dag_init(&a->dag, p->c.n, seed, e)) != JT_OK ||
	    (err = jt_rule_init(&a->rule, &a->dag, p->leaders, e)) != JT_OK)
		return err;
	/* Parents were made before their children, so this is an order that will do. */
	for (uint32_t i = 0; i < p->count; i++)
		if (p->blocks[i].exists && (err = add_again(a, &p->blocks[i], e)) != JT_OK)
			return err;
	for (uint32_t r = 1; r <= p->high; r++) {
		uint32_t leaders[JT_LEADERS_MAX] = { 0 };
		if (p->rounds[r].known_to == 0)
			continue;
		for (uint32_t k = 0; k < p->leaders; k++)
			leaders[k] = p->rounds[r].slot[k].leader - 1;
		if ((err = jt_rule_leaders(&a->rule, r, leaders, e)) != JT_OK)
			return err;
	}
	return jt_rule_decide(&a->rule, e);
}

static void
name(void *ctx, const struct jt_vertex *v)
{
	struct again *a = ctx;
	char text[2 * JT_HASH + 1];

	jt_drawn_name(a->p, jt_drawn_find(a->p, v->ref.id), text);
	jt_buf_add_text(&a->out, text);
}

/* Why the elected but undecided slots are so. */
static void
explain(struct again *a)
{
	struct jt_picture *p = a->p;

	jt_buf_init(&a->out, 4096);
	for (uint32_t r = 1; r <= p->high; r++)
		for (uint32_t k = 0; k < p->leaders; k++) {
			struct jt_drawn_slot *s = &p->rounds[r].slot[k];
			const struct jt_slot *now = jt_rule_slot(&a->rule, r, k);
			size_t len;

			if (s->leader == 0 || s->decided || now == NULL)
				continue;
			jt_buf_clear(&a->out);
			jt_tell_slot(&a->rule, r, k, p->terms.after, name, a, &a->out);
			if (now->verdict != JT_UNDECIDED) {
				jt_buf_clear(&a->out);
				jt_buf_add_text(&a->out, p->terms.viewer == 0
				    ? "undecided: nobody has all the blocks yet that decide it"
				    : "undecided: an earlier slot is undecided");
			}
			len = a->out.len < sizeof s->why ? a->out.len : sizeof s->why - 1;
			if (len > 0)
				memcpy(s->why, a->out.data, len);
		}
	jt_buf_free(&a->out);
}

enum jt_err
jt_drawn_finish(struct jt_picture *p, struct jt_error *e)
{
	struct again a = { .p = p };
	enum jt_err err;

	free(p->stack);
	p->stack = malloc((p->count + 1) * sizeof *p->stack);
	if (p->stack == NULL || p->faults.failed || !set_digits(p))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (uint32_t i = 0; i < p->count; i++)
		p->blocks[i].exists = p->terms.viewer == 0 ||
		    jt_voter_set_has(&p->blocks[i].has, p->terms.viewer - 1);
	for (uint32_t r = 1; r <= p->high; r++)
		for (uint32_t k = 0; k < p->leaders; k++)
			if (p->rounds[r].slot[k].block != JT_NONE)
				deliver(p, p->rounds[r].slot[k].block);
	if ((err = judge_again(&a, e)) == JT_OK)
		explain(&a);
	jt_rule_free(&a.rule);
	jt_dag_free(&a.dag);
	return err;
}

/* ---- words ---- */

void
jt_drawn_name(const struct jt_picture *p, uint32_t block, char out[2 * JT_HASH + 1])
{
	jt_hex_format(p->blocks[block].ref.id, JT_HASH, out);
	out[p->digits] = '\0';
}

void
jt_drawn_title(const struct jt_picture *p, struct jt_buf *out)
{
	/* Not all messages are recorded: some bring no block. */
	uint64_t shown = p->terms.messages != 0 && p->terms.messages < p->last
	    ? p->terms.messages : p->last;

	jt_buf_addf(out, "%" PRIu32 " validator%s", p->c.n, p->c.n == 1 ? "" : "s");
	if (p->seed != 0) /* drawn from none: a real vote */
		jt_buf_addf(out, ", seed %" PRIu64, p->seed);
	if (p->faults.len > 0) {
		jt_buf_add_text(out, ", faults ");
		jt_buf_add_slice(out, jt_buf_slice(&p->faults));
	}
	jt_buf_addf(out, "; after %" PRIu64 " of %" PRIu64 " message%s", shown, p->last,
	    p->last == 1 ? "" : "s");
	if (p->terms.viewer != 0)
		jt_buf_addf(out, "; as known to v%" PRIu32, p->terms.viewer);
	else
		jt_buf_add_text(out, "; as known to anybody");
}

void
jt_drawn_why(const struct jt_picture *p, const struct jt_drawn_slot *s, struct jt_buf *out)
{
	char text[2 * JT_HASH + 1];

	if (!s->decided) {
		jt_buf_add_text(out, s->leader == 0 ? "not elected: the coin is not known"
		    : s->why[0] != '\0' ? s->why : jt_verdict_words[JT_UNDECIDED]);
		return;
	}
	jt_buf_add_text(out, jt_verdict_words[s->verdict]);
	if (s->block != JT_NONE) {
		jt_drawn_name(p, s->block, text);
		jt_buf_addf(out, " %s", text);
	}
	jt_buf_add_text(out, ": ");
	if (s->anchor != JT_NONE) {
		jt_drawn_name(p, s->anchor, text);
		jt_buf_addf(out, "anchor %s of round %" PRIu32 " has %s certificate in its cone", text,
		    jt_drawn_number(p, p->blocks[s->anchor].ref.round),
		    s->reason == JT_ANCHOR_HAS ? "a" : "no");
	} else
		jt_buf_add_text(out, jt_reason_words[s->reason]);
}
