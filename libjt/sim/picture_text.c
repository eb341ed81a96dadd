/*
 * A picture as a table, and as a graph for dot(1).
 *
 * In the table a block is its id and, after a colon, its items; twins are
 * joined by a bar; a committed block is in brackets, one that nobody delivered
 * yet has a dot.
 */
#include <inttypes.h>
#include <string.h>

#include "sim/drawn.h"

static void
add_cell(const struct jt_picture *p, uint32_t round, uint32_t author, struct jt_buf *out)
{
	const struct jt_drawn_round *r = &p->rounds[round];
	char name[2 * JT_HASH + 1];
	bool some = false;

	for (uint32_t b = r->first[author]; b != JT_NONE; b = p->blocks[b].twin) {
		const struct jt_drawn_block *block = &p->blocks[b];
		bool led = false;
		if (!block->exists)
			continue;
		for (uint32_t k = 0; k < p->leaders; k++)
			led |= r->slot[k].decided && r->slot[k].block == b;
		jt_drawn_name(p, b, name);
		jt_buf_addf(out, "%s%s%s", some ? "|" : "", led ? "[" : "", name);
		if (block->items > 0)
			jt_buf_addf(out, ":%" PRIu64, block->items);
		jt_buf_add_text(out, led ? "]" : block->by == 0 ? "." : "");
		some = true;
	}
	if (!some)
		jt_buf_add_text(out, "-");
}

/* Blanks up to a column; names are ASCII. */
static void
pad(struct jt_buf *out, size_t from, size_t width)
{
	for (size_t len = out->len - from; len < width && !out->failed; len++)
		jt_buf_add_text(out, " ");
}

static size_t
widest(const struct jt_picture *p, uint32_t author, struct jt_buf *scratch)
{
	size_t width = 4;

	for (uint32_t r = 1; r <= p->high; r++) {
		jt_buf_clear(scratch);
		add_cell(p, r, author, scratch);
		if (scratch->len > width)
			width = scratch->len;
	}
	return width;
}

static void
add_slots(const struct jt_picture *p, uint32_t round, struct jt_buf *out)
{
	const struct jt_drawn_round *r = &p->rounds[round];

	if (r->slot[0].leader == 0) {
		jt_buf_add_text(out, "?");
		return;
	}
	for (uint32_t k = 0; k < p->leaders; k++) {
		const struct jt_drawn_slot *s = &r->slot[k];
		jt_buf_addf(out, "%sv%" PRIu32 " ", k > 0 ? " / " : "", s->leader);
		jt_drawn_why(p, s, out);
		if (s->block != JT_NONE && p->blocks[s->block].ledger != 0)
			jt_buf_addf(out, "; ends ledger %" PRIu64, p->blocks[s->block].ledger);
	}
}

static void
add_marks(const struct jt_picture *p, struct jt_buf *out)
{
	for (uint32_t i = 0; i < p->mark_count; i++) {
		const struct jt_drawn_mark *m = &p->marks[i];
		jt_buf_addf(out, "message %" PRIu64 ": ", m->message);
		if (m->what == JT_EVENT_EVIDENCE)
			jt_buf_addf(out, "v%" PRIu32 " has evidence of two blocks of v%" PRIu32
			    " in round %" PRIu32 "\n", m->by, m->who + 1,
			    jt_drawn_number(p, m->round));
		else
			jt_buf_addf(out, "v%" PRIu32 " %s, after its block of round %" PRIu32 "\n",
			    m->who + 1, m->what == JT_EVENT_CRASH ? "stopped" : "began again",
			    jt_drawn_number(p, m->round));
	}
	if (p->note[0] != '\0')
		jt_buf_addf(out, "broken: %s\n", p->note);
}

enum jt_err
jt_picture_text(struct jt_picture *p, struct jt_buf *out, struct jt_error *e)
{
	size_t width[JT_VOTERS_MAX], at;
	struct jt_buf scratch;
	enum jt_err err;

	if ((err = jt_drawn_finish(p, e)) != JT_OK)
		return err;
	jt_buf_init(&scratch, JT_PICTURE_TEXT);
	for (uint32_t v = 0; v < p->c.n; v++)
		width[v] = widest(p, v, &scratch) + 2;
	jt_buf_free(&scratch);
	jt_drawn_title(p, out);
	jt_buf_add_text(out, "\nround  ");
	for (uint32_t v = 0; v < p->c.n; v++) {
		at = out->len;
		jt_buf_addf(out, "v%" PRIu32, v + 1);
		pad(out, at, width[v]);
	}
	jt_buf_add_text(out, "leader\n");
	for (uint32_t r = 1; r <= p->high; r++) {
		jt_buf_addf(out, "%5" PRIu32 "  ", jt_drawn_number(p, r));
		for (uint32_t v = 0; v < p->c.n; v++) {
			at = out->len;
			add_cell(p, r, v, out);
			pad(out, at, width[v]);
		}
		add_slots(p, r, out);
		jt_buf_add_text(out, "\n");
	}
	add_marks(p, out);
	return out->failed ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}

/* ---- dot ---- */

static void
add_node(const struct jt_picture *p, uint32_t at, struct jt_buf *out)
{
	const struct jt_drawn_block *b = &p->blocks[at];
	const struct jt_drawn_round *r = &p->rounds[b->ref.round];
	const char *look = b->by != 0 ? "style=filled fillcolor=\"#dcefe6\"" : "style=solid";
	const char *word = "";
	char name[2 * JT_HASH + 1];

	for (uint32_t k = 0; k < p->leaders; k++) {
		const struct jt_drawn_slot *s = &r->slot[k];
		if (s->leader != b->ref.author + 1)
			continue;
		word = jt_verdict_words[s->decided ? s->verdict : JT_UNDECIDED];
		look = !s->decided ? "style=dotted penwidth=3 color=\"#b88600\""
		    : s->verdict == JT_SKIPPED ? "style=dashed penwidth=3 color=\"#c8500a\""
		    : s->block == at ? "style=filled fillcolor=\"#8fd6b8\" penwidth=3 color=\"#007a5a\""
		    : "style=solid";
		if (s->verdict == JT_COMMITTED && s->block != at)
			word = "";
	}
	jt_drawn_name(p, at, name);
	jt_buf_addf(out, "\tb%" PRIu32 " [label=\"%s\\nv%" PRIu32 "", at, name, b->ref.author + 1);
	if (b->items > 0)
		jt_buf_addf(out, ", %" PRIu64 " item%s", b->items, b->items == 1 ? "" : "s");
	if (word[0] != '\0')
		jt_buf_addf(out, "\\n%s", word);
	if (b->ledger != 0)
		jt_buf_addf(out, "\\nledger %" PRIu64, b->ledger);
	jt_buf_addf(out, "\" %s];\n", look);
}

static void
add_edges(const struct jt_picture *p, uint32_t at, struct jt_buf *out)
{
	const struct jt_drawn_block *b = &p->blocks[at];

	for (uint32_t i = 0; i < b->parent_count; i++) {
		const struct jt_drawn_block *q = &p->blocks[b->parents[i]];
		if (!q->exists)
			continue;
		jt_buf_addf(out, "\tb%" PRIu32 " -> b%" PRIu32 "%s;\n", b->parents[i], at,
		    q->ref.author == b->ref.author ? " [penwidth=2]"
		    : q->ref.round + 1 < b->ref.round ? " [style=dashed constraint=false]" : "");
	}
}

enum jt_err
jt_picture_dot(struct jt_picture *p, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err;

	if ((err = jt_drawn_finish(p, e)) != JT_OK)
		return err;
	jt_buf_add_text(out, "digraph vote {\n\trankdir=LR;\n\tnode [shape=box fontname=monospace];\n"
	    "\tedge [dir=back color=\"#778899\"];\n\tlabel=\"");
	jt_drawn_title(p, out);
	jt_buf_add_text(out, "\";\n");
	for (uint32_t r = 1; r <= p->high; r++) {
		jt_buf_addf(out, "\tsubgraph r%" PRIu32 " { rank=same;", r);
		for (uint32_t a = 0; a < p->c.n; a++)
			for (uint32_t b = p->rounds[r].first[a]; b != JT_NONE; b = p->blocks[b].twin)
				if (p->blocks[b].exists)
					jt_buf_addf(out, " b%" PRIu32 ";", b);
		jt_buf_add_text(out, " }\n");
	}
	for (uint32_t i = 0; i < p->count; i++)
		if (p->blocks[i].exists)
			add_node(p, i, out);
	for (uint32_t i = 0; i < p->count; i++)
		if (p->blocks[i].exists)
			add_edges(p, i, out);
	jt_buf_add_text(out, "}\n");
	return out->failed ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}
