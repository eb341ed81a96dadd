/* A picture as SVG: leaders, what was decided of them, twins, stops. See svg.h. */
#include <inttypes.h>

#include "sim/svg.h"

/* ---- leaders ---- */

char
jt_svg_letter(const struct jt_drawn_slot *k)
{
	return !k->decided ? 'u' : k->verdict == JT_COMMITTED ? 'c' : 'k';
}

/* A tick, a cross or a question mark on a disc. */
void
jt_svg_badge(struct jt_svg *s, char letter, int x, int y)
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
add_reason(struct jt_svg *s, const struct jt_drawn_slot *k, int x, int y)
{
	char name[2 * JT_HASH + 1];

	jt_buf_addf(s->out, "<text class=\"m s o t%c\" x=\"%d\" y=\"%d\">%s</text>"
	    "<text class=\"m s o\" x=\"%d\" y=\"%d\">", jt_svg_letter(k), x, y,
	    jt_verdict_words[k->decided ? k->verdict : JT_UNDECIDED], x, y + 11);
	if (!k->decided)
		jt_buf_add_text(s->out, "no quorum yet");
	else if (k->reason == JT_BLAMED)
		jt_buf_add_text(s->out, "quorum blames");
	else if (k->reason == JT_CERTIFIED)
		jt_buf_add_text(s->out, "quorum certifies");
	else if (k->anchor != JT_NONE) {
		jt_drawn_name(s->p, k->anchor, name);
		jt_buf_addf(s->out, "anchor %s r%" PRIu32, name,
		    s->p->blocks[k->anchor].ref.round);
	} else
		jt_buf_add_text(s->out, "by an anchor");
	jt_buf_add_text(s->out, "</text>");
}

static void
add_leader(struct jt_svg *s, uint32_t round, const struct jt_drawn_slot *k)
{
	uint32_t author = k->leader - 1, n = jt_svg_twins(s->p, round, author);
	int w = (int)(n > 0 ? n : 1) * (s->box + TWIN_GAP) - TWIN_GAP + 10;
	int x = s->x[round] + (s->w[round] + 10 - w) / 2 - 5;
	int y = jt_svg_lane_y(s, round, author) + BOX_Y - 5;

	jt_buf_addf(s->out, "<g><title>round %" PRIu32 ", leader v%" PRIu32 "\n",
	    jt_drawn_number(s->p, round), k->leader);
	jt_drawn_why(s->p, k, s->out);
	if (k->decided)
		jt_buf_addf(s->out, "\nknown to v%" PRIu32 " after message %" PRIu64, k->decided_by,
		    k->decided_message);
	jt_buf_addf(s->out, "</title>\n<rect class=\"slot %c\" x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"%d\" rx=\"6\" pointer-events=\"all\" style=\"pointer-events:stroke\"/>",
	    jt_svg_letter(k), x, y, w, BOX_H + 10);
	if (n == 0)
		jt_buf_addf(s->out, "<text class=\"m s o g\" x=\"%d\" y=\"%d\">no block</text>", x + w / 2,
		    y + 24);
	jt_svg_badge(s, jt_svg_letter(k), x + w - 1, y + 1);
	add_reason(s, k, x + w / 2, y + BOX_H + 21);
	if (k->block != JT_NONE && s->p->blocks[k->block].ledger != 0)
		jt_buf_addf(s->out, "<path class=\"flag\" d=\"M%d %dh58l6 7l-6 7h-58z\"/>"
		    "<text class=\"s ft\" x=\"%d\" y=\"%d\">ledger %" PRIu64 "</text>\n", x - 2, y - 18,
		    x + 3, y - 8, s->p->blocks[k->block].ledger);
	jt_buf_add_text(s->out, "</g>\n");
}

/* ---- marks ---- */

static void
add_twins(struct jt_svg *s, uint32_t round, uint32_t author)
{
	const struct jt_picture *p = s->p;
	int w = (int)jt_svg_twins(p, round, author) * (s->box + TWIN_GAP) - TWIN_GAP;
	int x = s->x[round] + (s->w[round] + w) / 2, y = jt_svg_lane_y(s, round, author) + 14;

	jt_buf_addf(s->out, "<g><title>two or more blocks of one round: v%" PRIu32 " is faulty",
	    author + 1);
	for (uint32_t i = 0; i < p->mark_count; i++) {
		const struct jt_drawn_mark *m = &p->marks[i];
		if (m->what == JT_EVENT_EVIDENCE && m->who == author && m->round == round)
			jt_buf_addf(s->out, "\nv%" PRIu32 " has evidence, after message %" PRIu64, m->by,
			    m->message);
	}
	jt_buf_addf(s->out, "</title><text class=\"tw s o\" text-anchor=\"end\" x=\"%d\" y=\"%d\">twins"
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
add_mark(struct jt_svg *s, uint32_t at)
{
	const struct jt_drawn_mark *m = &s->p->marks[at];
	bool stop = m->what == JT_EVENT_CRASH;
	int x = m->round == 0 ? LEFT - 26 : s->x[m->round] + s->w[m->round] + 14;
	int y = jt_svg_middle_y(s, m->round, m->who), count = 0;

	jt_buf_add_text(s->out, "<g><title>");
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
	jt_buf_addf(s->out, "<text class=\"m s o\" x=\"%d\" y=\"%d\">%s", x, y + (stop ? 17 : -12),
	    stop ? "stop" : "back");
	if (count > 1)
		jt_buf_addf(s->out, " %dx", count);
	jt_buf_add_text(s->out, "</text></g>\n");
}

/* Where lines come in from the band above: whose they are, twins above each other. */
static void
add_names_above(struct jt_svg *s, uint32_t round)
{
	const struct jt_drawn_round *above = &s->p->rounds[round - 1];
	char name[2 * JT_HASH + 1];

	for (uint32_t a = 0; a < s->p->c.n; a++) {
		int y = jt_svg_middle_y(s, round, a) - 4;
		for (uint32_t b = above->first[a]; b != JT_NONE; b = s->p->blocks[b].twin) {
			jt_drawn_name(s->p, b, name);
			jt_buf_addf(s->out, "<text class=\"from o\" x=\"%d\" y=\"%d\">%s</text>\n",
			    LEFT - 10, y, name);
			y -= 11;
		}
	}
}

void
jt_svg_leaders(struct jt_svg *s)
{
	const struct jt_picture *p = s->p;

	for (uint32_t r = 1; r <= p->high; r++) {
		if (r > 1 && s->band[r] != s->band[r - 1])
			add_names_above(s, r);
		for (uint32_t a = 0; a < p->c.n; a++)
			if (jt_svg_twins(p, r, a) > 1)
				add_twins(s, r, a);
		for (uint32_t k = 0; k < p->leaders; k++)
			if (p->rounds[r].slot[k].leader != 0)
				add_leader(s, r, &p->rounds[r].slot[k]);
	}
}

void
jt_svg_marks(struct jt_svg *s)
{
	for (uint32_t i = 0; i < s->p->mark_count; i++)
		if (is_first_mark(s->p, i))
			add_mark(s, i);
}
