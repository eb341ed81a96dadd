/*
 * A picture as SVG: one file, no scripts, no fonts of its own. See svg.h.
 *
 * Lines are below all blocks. Each block has those to its parents once more,
 * hidden, so that a browser can set them off while the pointer is on it; what
 * there is no room for is in titles, which browsers show then. Colours go with
 * shapes and words: nothing rests on colour alone.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "sim/svg.h"

/* ---- places ---- */

uint32_t
jt_svg_twins(const struct jt_picture *p, uint32_t round, uint32_t author)
{
	uint32_t n = 0;

	for (uint32_t b = p->rounds[round].first[author]; b != JT_NONE; b = p->blocks[b].twin)
		n++;
	return n;
}

int
jt_svg_band_y(const struct jt_svg *s, int band)
{
	return TITLE + band * (HEAD + (int)s->p->c.n * LANE);
}

int
jt_svg_lane_y(const struct jt_svg *s, uint32_t round, uint32_t author)
{
	return jt_svg_band_y(s, s->band[round]) + HEAD + (int)author * LANE;
}

int
jt_svg_middle_y(const struct jt_svg *s, uint32_t round, uint32_t author)
{
	return jt_svg_lane_y(s, round, author) + BOX_Y + BOX_H / 2;
}

static int
column_width(const struct jt_svg *s, uint32_t round)
{
	uint32_t most = 1;

	for (uint32_t a = 0; a < s->p->c.n; a++)
		if (jt_svg_twins(s->p, round, a) > most)
			most = jt_svg_twins(s->p, round, a);
	return (int)most * (s->box + TWIN_GAP) - TWIN_GAP;
}

/* Columns from left to right, in bands of much the same width. */
static bool
lay_out(struct jt_svg *s)
{
	const struct jt_picture *p = s->p;
	int x = LEFT, all = 0, wide = WIDE + WIDER * (int)p->c.n, band = 0;

	s->box = (int)p->digits * 8 + 14;
	s->gap = p->c.n <= 4 ? 46 : p->c.n <= 7 ? 64 : 84;
	s->x = calloc(p->high + 2, sizeof *s->x);
	s->w = calloc(p->high + 2, sizeof *s->w);
	s->band = calloc(p->high + 2, sizeof *s->band);
	if (s->x == NULL || s->w == NULL || s->band == NULL)
		return false;
	for (uint32_t r = 1; r <= p->high; r++) {
		s->w[r] = column_width(s, r);
		all += s->w[r] + s->gap;
	}
	wide = all / (1 + all / wide) + s->gap;
	s->right = LEGEND_W;
	for (uint32_t r = 1; r <= p->high; r++) {
		if (x > LEFT && x + s->w[r] > LEFT + wide) {
			band++;
			x = LEFT + s->gap; /* lines come in from the band above */
		}
		s->x[r] = x;
		s->band[r] = band;
		x += s->w[r] + s->gap;
		s->right = x > s->right ? x : s->right;
	}
	s->bands = band + 1;
	s->bottom = jt_svg_band_y(s, s->bands);
	return true;
}

/* Left edge of a block: twins beside each other, in the middle of the column. */
static int
block_x(const struct jt_svg *s, uint32_t block)
{
	const struct jt_ref *ref = &s->p->blocks[block].ref;
	int n = (int)jt_svg_twins(s->p, ref->round, ref->author), i = 0;

	for (uint32_t b = s->p->rounds[ref->round].first[ref->author]; b != block;
	    b = s->p->blocks[b].twin)
		i++;
	return s->x[ref->round] + (s->w[ref->round] - n * (s->box + TWIN_GAP) + TWIN_GAP) / 2 +
	    i * (s->box + TWIN_GAP);
}

/* ---- blocks ---- */

/* Where lines leave a block and come in: twins in between do so below and above. */
struct ends {
	int x, y, bend_x, bend_y;
};

static struct ends
out_of(const struct jt_svg *s, uint32_t block, int half)
{
	const struct jt_drawn_block *b = &s->p->blocks[block];
	int x = block_x(s, block), y = jt_svg_lane_y(s, b->ref.round, b->ref.author) + BOX_Y;

	if (b->twin == JT_NONE)
		return (struct ends){ x + s->box, y + BOX_H / 2, x + s->box + half, y + BOX_H / 2 };
	return (struct ends){ x + s->box / 2, y + BOX_H, x + s->box / 2 + 8, y + BOX_H + 22 };
}

static struct ends
into(const struct jt_svg *s, uint32_t block, int half)
{
	const struct jt_ref *ref = &s->p->blocks[block].ref;
	int x = block_x(s, block), y = jt_svg_lane_y(s, ref->round, ref->author) + BOX_Y;

	if (s->p->rounds[ref->round].first[ref->author] == block)
		return (struct ends){ x, y + BOX_H / 2, x - half, y + BOX_H / 2 };
	return (struct ends){ x + s->box / 2, y, x + s->box / 2 - 8, y - 22 };
}

static void
add_line(struct jt_svg *s, uint32_t block, uint32_t parent)
{
	const struct jt_drawn_block *b = &s->p->blocks[block], *q = &s->p->blocks[parent];
	struct ends from = out_of(s, parent, s->gap / 2), to = into(s, block, s->gap / 2);
	bool far = q->ref.round + 1 < b->ref.round;
	const char *kind = q->ref.author == b->ref.author ? " own" : far ? " weak" : "";

	if (s->band[q->ref.round] != s->band[b->ref.round]) {
		/* Out of the band above: from the beginning of its author's lane. */
		from.y = jt_svg_middle_y(s, b->ref.round, q->ref.author);
		jt_buf_addf(s->out, "<path class=\"l%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", kind,
		    LEFT - 14, from.y, LEFT - 14 + s->gap / 2, from.y, to.bend_x, to.bend_y, to.x, to.y);
		return;
	}
	if (!far) {
		jt_buf_addf(s->out, "<path class=\"l%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", kind,
		    from.x, from.y, from.bend_x, from.bend_y, to.bend_x, to.bend_y, to.x, to.y);
		return;
	}
	/* Past the blocks between: along the upper edge of the parent's lane. */
	int edge = jt_svg_lane_y(s, q->ref.round, q->ref.author) + 4 + (int)(b->ref.author * 3) % 8;
	jt_buf_addf(s->out, "<path class=\"l%s\" d=\"M%d %dQ%d %d %d %dH%dQ%d %d %d %d\"/>\n", kind,
	    from.x, from.y, from.x + 12, edge, from.x + 34, edge, to.x - 34, to.x - 12, edge, to.x,
	    to.y);
}

static void
add_lines(struct jt_svg *s, uint32_t block)
{
	const struct jt_drawn_block *b = &s->p->blocks[block];

	if (b->parent_count == 0 || !b->exists)
		return;
	jt_buf_addf(s->out, "<g class=\"e\" id=\"e%" PRIu32 "\">\n", block);
	for (uint32_t i = b->parent_count; i-- > 0;)
		add_line(s, block, b->parents[i]);
	jt_buf_add_text(s->out, "</g>\n");
}

static void
add_holders(struct jt_svg *s, const struct jt_drawn_block *b)
{
	jt_buf_add_text(s->out, "\nheld by");
	for (uint32_t v = 0; v < s->p->c.n; v++)
		if (jt_voter_set_has(&b->has, v))
			jt_buf_addf(s->out, " v%" PRIu32, v + 1);
}

static void
add_block_title(struct jt_svg *s, const struct jt_drawn_block *b)
{
	char id[2 * JT_HASH + 1];

	jt_hex_format(b->ref.id, JT_HASH, id);
	jt_buf_addf(s->out, "<title>block %s\nof v%" PRIu32 ", round %" PRIu32 ", %" PRIu64
	    " item%s\nmade after message %" PRIu64 " (%" PRIu64 " ms)\nparents", id,
	    b->ref.author + 1, jt_drawn_number(s->p, b->ref.round), b->items,
	    b->items == 1 ? "" : "s", b->message, b->at);
	for (uint32_t i = 0; i < b->parent_count; i++) {
		jt_drawn_name(s->p, b->parents[i], id);
		jt_buf_addf(s->out, " %s", id);
	}
	if (b->parent_count == 0)
		jt_buf_add_text(s->out, s->p->terms.after == 0 ? " of round 0" : " before the picture");
	add_holders(s, b);
	if (b->by != 0)
		jt_buf_addf(s->out, "\ndelivered by the leader of round %" PRIu32,
		    jt_drawn_number(s->p, b->by));
	if (b->ledger != 0)
		jt_buf_addf(s->out, "\nended ledger %" PRIu64, b->ledger);
	jt_buf_add_text(s->out, "</title>\n");
}

static bool
is_committed(const struct jt_picture *p, uint32_t block)
{
	const struct jt_drawn_round *r = &p->rounds[p->blocks[block].ref.round];

	for (uint32_t k = 0; k < p->leaders; k++)
		if (r->slot[k].decided && r->slot[k].block == block)
			return true;
	return false;
}

static void
add_block(struct jt_svg *s, uint32_t block)
{
	const struct jt_picture *p = s->p;
	const struct jt_drawn_block *b = &p->blocks[block];
	int x = block_x(s, block), y = jt_svg_lane_y(s, b->ref.round, b->ref.author) + BOX_Y;
	char id[2 * JT_HASH + 1];

	jt_drawn_name(p, block, id);
	jt_buf_addf(s->out, "<g class=\"b%s\">", b->exists ? "" : " ghost");
	add_block_title(s, b);
	if (b->parent_count > 0 && b->exists)
		jt_buf_addf(s->out, "<use href=\"#e%" PRIu32 "\" class=\"hi\"/>", block);
	jt_buf_addf(s->out, "<rect class=\"box%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
	    "rx=\"3\"/>", is_committed(p, block) ? " led" : b->by != 0 ? " in" : "", x, y, s->box,
	    BOX_H);
	jt_buf_addf(s->out, "<text class=\"id\" x=\"%d\" y=\"%d\">%s</text>", x + s->box / 2,
	    y + (b->items > 0 ? 14 : 20), id);
	if (b->items > 0)
		jt_buf_addf(s->out, "<text class=\"m s\" x=\"%d\" y=\"%d\">%" PRIu64
		    " item%s</text>", x + s->box / 2, y + 26, b->items, b->items == 1 ? "" : "s");
	jt_buf_add_text(s->out, "</g>\n");
}

static void
free_places(struct jt_svg *s)
{
	free(s->x);
	free(s->w);
	free(s->band);
}

enum jt_err
jt_picture_svg(struct jt_picture *p, struct jt_buf *out, struct jt_error *e)
{
	struct jt_svg s = { .p = p, .out = out };
	enum jt_err err;

	if ((err = jt_drawn_finish(p, e)) != JT_OK)
		return err;
	if (!lay_out(&s)) {
		free_places(&s);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	jt_svg_head(&s);
	jt_buf_addf(out, "<g class=\"lines%s\">\n", p->c.n > 5 ? " many" : "");
	for (uint32_t i = 0; i < p->count; i++)
		add_lines(&s, i);
	jt_buf_add_text(out, "</g>\n");
	for (uint32_t i = 0; i < p->count; i++)
		add_block(&s, i);
	jt_svg_leaders(&s);
	jt_svg_marks(&s);
	jt_svg_legend(&s);
	jt_buf_add_text(out, "</svg>\n");
	free_places(&s);
	return out->failed ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}
