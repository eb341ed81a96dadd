/*
 * A picture as SVG: one file, no scripts, no fonts of its own.
 *
 * Lines are below all blocks. Each block has those to its parents once more,
 * hidden, so that a browser can set them off while the pointer is on it; what
 * there is no room for is in titles, which browsers show then. Colours go with
 * shapes and words: nothing rests on colour alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/drawn.h"

enum { LEFT = 58, HEAD = 128, BOX_H = 32, BOX_Y = 30, LANE = 88, TWIN_GAP = 5, LEGEND_W = 1010 };

struct svg {
	const struct jt_picture *p;
	struct jt_buf *out;
	int *x, *w;   /* of each round's column */
	int box;      /* width of a block */
	int gap;      /* between columns */
	int right, bottom;
};

static const char style[] =
    "<style>\n"
    "text{font-family:sans-serif;font-size:11px;fill:#222}\n"
    ".id{font-family:monospace;font-size:12px;font-weight:bold;text-anchor:middle}\n"
    ".m{text-anchor:middle}.s{font-size:9px}.t{font-size:15px;font-weight:bold}\n"
    ".lines{fill:none;stroke:#77809a;stroke-width:.8}.l{stroke-opacity:.6}\n"
    ".many .l{stroke-opacity:.4}.own{stroke-width:2.4}\n"
    ".weak{stroke-width:1.3;stroke-dasharray:5 3}\n"
    ".e .own,.e .weak{stroke-opacity:1}\n"
    ".hi{fill:none;stroke:#06c;stroke-width:1.6;visibility:hidden;pointer-events:none}\n"
    ".b:hover .hi{visibility:visible}\n"
    ".box{fill:#fff;stroke:#556;stroke-width:1}.in{fill:#dcefe6}.led{fill:#007a5a}\n"
    ".led+.id,.led+.id+text{fill:#fff}\n"
    ".ghost .box{fill:#fff;stroke:#aab;stroke-dasharray:2 2}.ghost text{fill:#aab}\n"
    ".slot{fill:none;stroke-width:3}\n"
    ".c{stroke:#007a5a}.k{stroke:#c8500a;stroke-dasharray:8 4}\n"
    ".u{stroke:#b88600;stroke-dasharray:2 4}\n"
    ".tc{fill:#007a5a;font-weight:bold}.tk{fill:#c8500a;font-weight:bold}\n"
    ".tu{fill:#8a6500;font-weight:bold}.g{fill:#889}\n"
    ".bc{fill:#007a5a}.bk{fill:#c8500a}.bu{fill:#f2c230}\n"
    ".w{fill:none;stroke:#fff;stroke-width:2}.flag{fill:#1f5fa8}.ft{fill:#fff;font-weight:bold}\n"
    ".x{fill:none;stroke:#b00020;stroke-width:3}.r{fill:none;stroke:#00695c;stroke-width:2.5}\n"
    ".lane{stroke:#ccd;stroke-width:1}.tw{fill:#a03a80;font-weight:bold}\n"
    "</style>\n";

static void
add(struct svg *s, const char *text)
{
	jt_buf_add_text(s->out, text);
}

static int
lane_y(uint32_t author)
{
	return HEAD + (int)author * LANE;
}

static int
middle_y(uint32_t author)
{
	return lane_y(author) + BOX_Y + BOX_H / 2;
}

/* ---- places ---- */

static uint32_t
twins(const struct jt_picture *p, uint32_t round, uint32_t author)
{
	uint32_t n = 0;

	for (uint32_t b = p->rounds[round].first[author]; b != JT_NONE; b = p->blocks[b].twin)
		n++;
	return n;
}

static bool
lay_out(struct svg *s)
{
	const struct jt_picture *p = s->p;
	int x = LEFT;

	s->box = (int)p->digits * 8 + 14;
	s->gap = p->c.n <= 4 ? 46 : p->c.n <= 7 ? 64 : 84;
	s->x = calloc(p->high + 2, sizeof *s->x);
	s->w = calloc(p->high + 2, sizeof *s->w);
	if (s->x == NULL || s->w == NULL)
		return false;
	for (uint32_t r = 1; r <= p->high; r++) {
		uint32_t most = 1;
		for (uint32_t a = 0; a < p->c.n; a++)
			most = twins(p, r, a) > most ? twins(p, r, a) : most;
		s->x[r] = x;
		s->w[r] = (int)most * (s->box + TWIN_GAP) - TWIN_GAP;
		x += s->w[r] + s->gap;
	}
	s->right = x > LEGEND_W ? x : LEGEND_W;
	s->bottom = lane_y(p->c.n);
	return true;
}

/* Left edge of a block: twins beside each other, in the middle of the column. */
static int
block_x(const struct svg *s, uint32_t block)
{
	const struct jt_ref *ref = &s->p->blocks[block].ref;
	int n = (int)twins(s->p, ref->round, ref->author), i = 0;

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
out_of(const struct svg *s, uint32_t block, int half)
{
	const struct jt_drawn_block *b = &s->p->blocks[block];
	int x = block_x(s, block), y = lane_y(b->ref.author) + BOX_Y;

	if (b->twin == JT_NONE)
		return (struct ends){ x + s->box, y + BOX_H / 2, x + s->box + half, y + BOX_H / 2 };
	return (struct ends){ x + s->box / 2, y + BOX_H, x + s->box / 2 + 8, y + BOX_H + 22 };
}

static struct ends
into(const struct svg *s, uint32_t block, int half)
{
	const struct jt_ref *ref = &s->p->blocks[block].ref;
	int x = block_x(s, block), y = lane_y(ref->author) + BOX_Y;

	if (s->p->rounds[ref->round].first[ref->author] == block)
		return (struct ends){ x, y + BOX_H / 2, x - half, y + BOX_H / 2 };
	return (struct ends){ x + s->box / 2, y, x + s->box / 2 - 8, y - 22 };
}

static void
add_line(struct svg *s, uint32_t block, uint32_t parent)
{
	const struct jt_drawn_block *b = &s->p->blocks[block], *q = &s->p->blocks[parent];
	struct ends from = out_of(s, parent, s->gap / 2), to = into(s, block, s->gap / 2);
	bool far = q->ref.round + 1 < b->ref.round;
	const char *kind = q->ref.author == b->ref.author ? " own" : far ? " weak" : "";

	if (!far) {
		jt_buf_addf(s->out, "<path class=\"l%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n", kind,
		    from.x, from.y, from.bend_x, from.bend_y, to.bend_x, to.bend_y, to.x, to.y);
		return;
	}
	/* Past the blocks between: along the upper edge of the parent's lane. */
	int edge = lane_y(q->ref.author) + 4 + (int)(b->ref.author * 3) % 8;
	jt_buf_addf(s->out, "<path class=\"l%s\" d=\"M%d %dQ%d %d %d %dH%dQ%d %d %d %d\"/>\n", kind,
	    from.x, from.y, from.x + 12, edge, from.x + 34, edge, to.x - 34, to.x - 12, edge, to.x,
	    to.y);
}

static void
add_lines(struct svg *s, uint32_t block)
{
	const struct jt_drawn_block *b = &s->p->blocks[block];

	if (b->parent_count == 0 || !b->exists)
		return;
	jt_buf_addf(s->out, "<g class=\"e\" id=\"e%" PRIu32 "\">\n", block);
	for (uint32_t i = b->parent_count; i-- > 0;)
		add_line(s, block, b->parents[i]);
	add(s, "</g>\n");
}

static void
add_holders(struct svg *s, const struct jt_drawn_block *b)
{
	add(s, "\nheld by");
	for (uint32_t v = 0; v < s->p->c.n; v++)
		if (jt_voter_set_has(&b->has, v))
			jt_buf_addf(s->out, " v%" PRIu32, v + 1);
}

static void
add_block_title(struct svg *s, const struct jt_drawn_block *b)
{
	char id[2 * JT_HASH + 1];

	jt_hex_format(b->ref.id, JT_HASH, id);
	jt_buf_addf(s->out, "<title>block %s\nof v%" PRIu32 ", round %" PRIu32 ", %" PRIu64
	    " item%s\nmade after message %" PRIu64 " (%" PRIu64 " ms)\nparents", id,
	    b->ref.author + 1, b->ref.round, b->items, b->items == 1 ? "" : "s", b->message, b->at);
	for (uint32_t i = 0; i < b->parent_count; i++) {
		jt_drawn_name(s->p, b->parents[i], id);
		jt_buf_addf(s->out, " %s", id);
	}
	if (b->parent_count == 0)
		add(s, " of round 0");
	add_holders(s, b);
	if (b->by != 0)
		jt_buf_addf(s->out, "\ndelivered by the leader of round %" PRIu32, b->by);
	if (b->ledger != 0)
		jt_buf_addf(s->out, "\nended ledger %" PRIu64, b->ledger);
	add(s, "</title>\n");
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
add_block(struct svg *s, uint32_t block)
{
	const struct jt_picture *p = s->p;
	const struct jt_drawn_block *b = &p->blocks[block];
	int x = block_x(s, block), y = lane_y(b->ref.author) + BOX_Y;
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
	add(s, "</g>\n");
}

/* ---- leaders ---- */

static char
letter_of(const struct jt_drawn_slot *k)
{
	return !k->decided ? 'u' : k->verdict == JT_COMMITTED ? 'c' : 'k';
}

/* A tick, a cross or a question mark on a disc. */
static void
add_badge(struct svg *s, char letter, int x, int y)
{
	jt_buf_addf(s->out, "<circle class=\"b%c\" cx=\"%d\" cy=\"%d\" r=\"8\"/>", letter, x, y);
	if (letter == 'c')
		jt_buf_addf(s->out, "<path class=\"w\" d=\"M%d %dl3 4l5 -7\"/>", x - 4, y);
	else if (letter == 'k')
		jt_buf_addf(s->out, "<path class=\"w\" d=\"M%d %dl7 7m0 -7l-7 7\"/>", x - 3, y - 3);
	else
		jt_buf_addf(s->out, "<text class=\"m\" x=\"%d\" y=\"%d\">?</text>", x, y + 4);
}

static void
add_reason(struct svg *s, const struct jt_drawn_slot *k, int x, int y)
{
	char name[2 * JT_HASH + 1];

	jt_buf_addf(s->out, "<text class=\"m s t%c\" x=\"%d\" y=\"%d\">%s</text>"
	    "<text class=\"m s\" x=\"%d\" y=\"%d\">", letter_of(k), x, y,
	    jt_verdict_words[k->decided ? k->verdict : JT_UNDECIDED], x, y + 11);
	if (!k->decided)
		add(s, "no quorum yet");
	else if (k->reason == JT_BLAMED)
		add(s, "quorum blames");
	else if (k->reason == JT_CERTIFIED)
		add(s, "quorum certifies");
	else if (k->anchor != JT_NONE) {
		jt_drawn_name(s->p, k->anchor, name);
		jt_buf_addf(s->out, "anchor %s r%" PRIu32, name,
		    s->p->blocks[k->anchor].ref.round);
	} else
		add(s, "by an anchor");
	add(s, "</text>");
}

static void
add_leader(struct svg *s, uint32_t round, const struct jt_drawn_slot *k)
{
	uint32_t author = k->leader - 1, n = twins(s->p, round, author);
	int w = (int)(n > 0 ? n : 1) * (s->box + TWIN_GAP) - TWIN_GAP + 10;
	int x = s->x[round] + (s->w[round] + 10 - w) / 2 - 5, y = lane_y(author) + BOX_Y - 5;

	jt_buf_addf(s->out, "<g><title>round %" PRIu32 ", leader v%" PRIu32 "\n", round, k->leader);
	jt_drawn_why(s->p, k, s->out);
	if (k->decided)
		jt_buf_addf(s->out, "\nknown to v%" PRIu32 " after message %" PRIu64, k->decided_by,
		    k->decided_message);
	jt_buf_addf(s->out, "</title>\n<rect class=\"slot %c\" x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"%d\" rx=\"6\" pointer-events=\"all\" style=\"pointer-events:stroke\"/>",
	    letter_of(k), x, y, w, BOX_H + 10);
	if (n == 0)
		jt_buf_addf(s->out, "<text class=\"m s g\" x=\"%d\" y=\"%d\">no block</text>", x + w / 2,
		    y + 24);
	add_badge(s, letter_of(k), x + w - 1, y + 1);
	add_reason(s, k, x + w / 2, y + BOX_H + 21);
	if (k->block != JT_NONE && s->p->blocks[k->block].ledger != 0)
		jt_buf_addf(s->out, "<path class=\"flag\" d=\"M%d %dh58l6 7l-6 7h-58z\"/>"
		    "<text class=\"s ft\" x=\"%d\" y=\"%d\">ledger %" PRIu64 "</text>\n", x - 2, y - 18,
		    x + 3, y - 8, s->p->blocks[k->block].ledger);
	add(s, "</g>\n");
}

/* ---- marks ---- */

static void
add_twins(struct svg *s, uint32_t round, uint32_t author)
{
	const struct jt_picture *p = s->p;
	int w = (int)twins(p, round, author) * (s->box + TWIN_GAP) - TWIN_GAP;
	int x = s->x[round] + (s->w[round] + w) / 2, y = lane_y(author) + 14;

	jt_buf_addf(s->out, "<g><title>two or more blocks of one round: v%" PRIu32 " is faulty",
	    author + 1);
	for (uint32_t i = 0; i < p->mark_count; i++) {
		const struct jt_drawn_mark *m = &p->marks[i];
		if (m->what == JT_EVENT_EVIDENCE && m->who == author && m->round == round)
			jt_buf_addf(s->out, "\nv%" PRIu32 " has evidence, after message %" PRIu64, m->by,
			    m->message);
	}
	jt_buf_addf(s->out, "</title><text class=\"tw s\" text-anchor=\"end\" x=\"%d\" y=\"%d\">twins"
	    "</text></g>\n",
	    x, y);
}

/* Stops, or starts, after one block are one mark. */
static bool
is_first_mark(const struct jt_picture *p, uint32_t at)
{
	const struct jt_drawn_mark *m = &p->marks[at];

	if (m->what == JT_EVENT_EVIDENCE)
		return false;
	for (uint32_t i = 0; i < at; i++)
		if (p->marks[i].what == m->what && p->marks[i].who == m->who &&
		    p->marks[i].round == m->round)
			return false;
	return true;
}

static void
add_mark(struct svg *s, uint32_t at)
{
	const struct jt_drawn_mark *m = &s->p->marks[at];
	bool stop = m->what == JT_EVENT_CRASH;
	int x = m->round == 0 ? LEFT - 26 : s->x[m->round] + s->w[m->round] + 14;
	int y = middle_y(m->who), count = 0;

	add(s, "<g><title>");
	for (uint32_t i = 0; i < s->p->mark_count; i++) {
		const struct jt_drawn_mark *k = &s->p->marks[i];
		if (k->what != m->what || k->who != m->who || k->round != m->round)
			continue;
		count++;
		jt_buf_addf(s->out, "%sv%" PRIu32 " %s after message %" PRIu64, count > 1 ? "\n" : "",
		    m->who + 1, stop ? "stopped" : "began again from its log", k->message);
	}
	x += stop ? 0 : 18;
	if (stop)
		jt_buf_addf(s->out, "</title><path class=\"x\" d=\"M%d %dl10 10m0 -10l-10 10\"/>", x - 5,
		    y - 5);
	else
		jt_buf_addf(s->out, "</title><path class=\"r\" d=\"M%d %da6 6 0 1 1 -3 -5m1 -4v5h-5\"/>",
		    x + 6, y);
	jt_buf_addf(s->out, "<text class=\"m s\" x=\"%d\" y=\"%d\">%s", x, y + (stop ? 17 : -12),
	    stop ? "stop" : "back");
	if (count > 1)
		jt_buf_addf(s->out, " %dx", count);
	add(s, "</text></g>\n");
}

/* ---- around it ---- */

static void
add_head(struct svg *s)
{
	const struct jt_picture *p = s->p;

	jt_buf_addf(s->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\">\n", s->right, s->bottom + 84, s->right, s->bottom + 84);
	add(s, style);
	jt_buf_addf(s->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", s->right,
	    s->bottom + 84);
	add(s, "<text class=\"t\" x=\"12\" y=\"24\">");
	jt_drawn_title(p, s->out);
	add(s, "</text>\n");
	if (p->note[0] != '\0')
		jt_buf_addf(s->out, "<text class=\"tk\" x=\"12\" y=\"46\">broken: %s</text>\n",
		    p->note);
	add(s, "<text x=\"12\" y=\"76\">round</text><text x=\"12\" y=\"93\">leader</text>"
	    "<text class=\"s g\" x=\"12\" y=\"108\">known</text>\n");
}

static void
add_round_head(struct svg *s, uint32_t round)
{
	const struct jt_drawn_round *r = &s->p->rounds[round];
	int x = s->x[round] + s->w[round] / 2;

	jt_buf_addf(s->out, "<text class=\"m\" x=\"%d\" y=\"76\">%" PRIu32 "</text>", x, round);
	if (r->slot[0].leader == 0) {
		jt_buf_addf(s->out, "<text class=\"m g\" x=\"%d\" y=\"93\">?</text>\n", x);
		return;
	}
	jt_buf_addf(s->out, "<text class=\"m\" x=\"%d\" y=\"93\">", x);
	for (uint32_t k = 0; k < s->p->leaders; k++)
		jt_buf_addf(s->out, "%s<tspan class=\"t%c\">v%" PRIu32 "</tspan>", k > 0 ? " " : "",
		    letter_of(&r->slot[k]), r->slot[k].leader);
	add(s, "</text>");
	if (r->known_to != 0)
		jt_buf_addf(s->out, "<text class=\"m s g\" x=\"%d\" y=\"108\">message %" PRIu64
		    "<title>the coin of round %" PRIu32 " became known to v%" PRIu32 " at %" PRIu64
		    " ms</title></text>\n", x, r->known_message, round, r->known_to, r->known_at);
}

static void
add_lanes(struct svg *s)
{
	for (uint32_t v = 0; v < s->p->c.n; v++)
		jt_buf_addf(s->out, "<path class=\"lane\" d=\"M%d %dH%d\"/><text class=\"t\" x=\"12\" "
		    "y=\"%d\">v%" PRIu32 "</text>\n", LEFT - 14, middle_y(v), s->right - 10,
		    middle_y(v) + 5, v + 1);
}

static void
add_legend(struct svg *s)
{
	static const struct { char letter; const char *text; } verdicts[] = {
		{ 'c', "leader, committed" }, { 'k', "leader, skipped" }, { 'u', "leader, undecided" },
	};
	int y = s->bottom + 34, x = 12;

	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++, x += 150) {
		jt_buf_addf(s->out, "<rect class=\"slot %c\" x=\"%d\" y=\"%d\" width=\"26\" "
		    "height=\"18\" rx=\"4\"/>", verdicts[i].letter, x, y - 13);
		add_badge(s, verdicts[i].letter, x + 26, y - 12);
		jt_buf_addf(s->out, "<text x=\"%d\" y=\"%d\">%s</text>\n", x + 40, y, verdicts[i].text);
	}
	jt_buf_addf(s->out, "<rect class=\"box in\" x=\"%d\" y=\"%d\" width=\"26\" height=\"18\"/>"
	    "<text x=\"%d\" y=\"%d\">delivered</text>\n", x, y - 13, x + 32, y);
	x += 100;
	jt_buf_addf(s->out, "<rect class=\"box\" x=\"%d\" y=\"%d\" width=\"26\" height=\"18\"/>"
	    "<text x=\"%d\" y=\"%d\">not yet</text>\n", x, y - 13, x + 32, y);
	if (s->p->terms.viewer != 0)
		jt_buf_addf(s->out, "<g class=\"ghost\"><rect class=\"box\" x=\"%d\" y=\"%d\" "
		    "width=\"26\" height=\"18\"/></g><text x=\"%d\" y=\"%d\">v%" PRIu32
		    " does not have it</text>\n",
		    x + 90, y - 13, x + 122, y, s->p->terms.viewer);
	x = 12;
	y += 32;
	jt_buf_addf(s->out, "<g class=\"lines e\"><path class=\"own\" d=\"M%d %dh26\"/><path d=\"M%d "
	    "%dh26\"/><path class=\"weak\" d=\"M%d %dh26\"/></g>\n", x, y - 4, x + 190, y - 4, x + 290,
	    y - 4);
	jt_buf_addf(s->out, "<text x=\"%d\" y=\"%d\">its author's block before</text><text x=\"%d\" "
	    "y=\"%d\">parent</text><text x=\"%d\" y=\"%d\">older parent (weak link)</text>\n", x + 34,
	    y, x + 224, y, x + 324, y);
	jt_buf_addf(s->out, "<path class=\"flag\" d=\"M%d %dh26l6 7l-6 7h-26z\"/><text x=\"%d\" "
	    "y=\"%d\">ends a ledger</text>\n", x + 470, y - 11, x + 510, y);
	jt_buf_addf(s->out, "<path class=\"x\" d=\"M%d %dl10 10m0 -10l-10 10\"/><text x=\"%d\" "
	    "y=\"%d\">stopped</text>\n", x + 620, y - 9, x + 638, y);
	jt_buf_addf(s->out, "<path class=\"r\" d=\"M%d %da6 6 0 1 1 -3 -5m1 -4v5h-5\"/><text "
	    "x=\"%d\" y=\"%d\">began again</text>\n", x + 722, y - 4, x + 732, y);
	jt_buf_addf(s->out, "<text class=\"tw\" x=\"%d\" y=\"%d\">twins</text><text x=\"%d\" "
	    "y=\"%d\">two blocks of one round</text>\n", x + 820, y, x + 858, y);
}

enum jt_err
jt_picture_svg(struct jt_picture *p, struct jt_buf *out, struct jt_error *e)
{
	struct svg s = { .p = p, .out = out };
	enum jt_err err;

	if ((err = jt_drawn_finish(p, e)) != JT_OK)
		return err;
	if (!lay_out(&s)) {
		free(s.x);
		free(s.w);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	add_head(&s);
	add_lanes(&s);
	for (uint32_t r = 1; r <= p->high; r++)
		add_round_head(&s, r);
	jt_buf_addf(out, "<g class=\"lines%s\">\n", p->c.n > 5 ? " many" : "");
	for (uint32_t i = 0; i < p->count; i++)
		add_lines(&s, i);
	add(&s, "</g>\n");
	for (uint32_t i = 0; i < p->count; i++)
		add_block(&s, i);
	for (uint32_t r = 1; r <= p->high; r++) {
		for (uint32_t a = 0; a < p->c.n; a++)
			if (twins(p, r, a) > 1)
				add_twins(&s, r, a);
		for (uint32_t k = 0; k < p->leaders; k++)
			if (p->rounds[r].slot[k].leader != 0)
				add_leader(&s, r, &p->rounds[r].slot[k]);
	}
	for (uint32_t i = 0; i < p->mark_count; i++)
		if (is_first_mark(p, i))
			add_mark(&s, i);
	add_legend(&s);
	add(&s, "</svg>\n");
	free(s.x);
	free(s.w);
	return out->failed ? jt_fail(e, JT_SYSTEM, "out of memory") : JT_OK;
}
