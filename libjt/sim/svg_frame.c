/* A picture as SVG: style, heads, lanes and the legend. See svg.h. */
#include <inttypes.h>

#include "sim/svg.h"

/* Lines of a band's head. */
enum { ROUND_Y = 24, LEADER_Y = 41, KNOWN_Y = 56 };

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
    ".ghost .box{fill:#fff;stroke:#aab;stroke-dasharray:2 2}.ghost text{fill:#7a7d90}\n"
    ".slot{fill:none;stroke-width:3}\n"
    ".c{stroke:#007a5a}.k{stroke:#c8500a;stroke-dasharray:8 4}\n"
    ".u{stroke:#b88600;stroke-dasharray:2 4}\n"
    ".tc{fill:#007a5a;font-weight:bold}.tk{fill:#c8500a;font-weight:bold}\n"
    ".tu{fill:#8a6500;font-weight:bold}.g{fill:#60637a}\n"
    ".bc{fill:#007a5a}.bk{fill:#c8500a}.bu{fill:#f2c230}\n"
    ".w{fill:none;stroke:#fff;stroke-width:2}.flag{fill:#1f5fa8}.ft{fill:#fff;font-weight:bold}\n"
    ".x{fill:none;stroke:#b00020;stroke-width:3}.r{fill:none;stroke:#00695c;stroke-width:2.5}\n"
    ".o{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}\n"
    ".from{font-family:monospace;font-size:10px;fill:#60637a}\n"
    ".lane{fill:none;stroke:#ccd;stroke-width:1}.tw{fill:#a03a80;font-weight:bold}\n"
    "</style>\n";

static void
add_title(struct jt_svg *s)
{
	const struct jt_picture *p = s->p;

	jt_buf_addf(s->out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\">\n", s->right, s->bottom + 84, s->right, s->bottom + 84);
	jt_buf_add_text(s->out, style);
	jt_buf_addf(s->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", s->right,
	    s->bottom + 84);
	jt_buf_add_text(s->out, "<text class=\"t\" x=\"12\" y=\"24\">");
	jt_drawn_title(p, s->out);
	jt_buf_add_text(s->out, "</text>\n");
	if (p->note[0] != '\0')
		jt_buf_addf(s->out, "<text class=\"tk\" x=\"12\" y=\"46\">broken: %s</text>\n",
		    p->note);
}

static void
add_round_head(struct jt_svg *s, uint32_t round)
{
	const struct jt_drawn_round *r = &s->p->rounds[round];
	int x = s->x[round] + s->w[round] / 2, y = jt_svg_band_y(s, s->band[round]);

	jt_buf_addf(s->out, "<text class=\"m\" x=\"%d\" y=\"%d\">%" PRIu32 "</text>", x, y + ROUND_Y,
	    jt_drawn_number(s->p, round));
	if (r->slot[0].leader == 0) {
		jt_buf_addf(s->out, "<text class=\"m g\" x=\"%d\" y=\"%d\">?</text>\n", x, y + LEADER_Y);
		return;
	}
	jt_buf_addf(s->out, "<text class=\"m\" x=\"%d\" y=\"%d\">", x, y + LEADER_Y);
	for (uint32_t k = 0; k < s->p->leaders; k++)
		jt_buf_addf(s->out, "%s<tspan class=\"t%c\">v%" PRIu32 "</tspan>", k > 0 ? " " : "",
		    jt_svg_letter(&r->slot[k]), r->slot[k].leader);
	jt_buf_add_text(s->out, "</text>");
	if (r->known_to != 0)
		jt_buf_addf(s->out, "<text class=\"m s g\" x=\"%d\" y=\"%d\">message %" PRIu64
		    "<title>the coin of round %" PRIu32 " became known to v%" PRIu32 " at %" PRIu64
		    " ms</title></text>\n", x, y + KNOWN_Y, r->known_message,
		    jt_drawn_number(s->p, round), r->known_to, r->known_at);
}

static void
add_lanes(struct jt_svg *s, int band)
{
	int top = jt_svg_band_y(s, band);

	jt_buf_addf(s->out, "<text x=\"12\" y=\"%d\">round</text><text x=\"12\" y=\"%d\">leader</text>"
	    "<text class=\"s g\" x=\"12\" y=\"%d\">known</text>\n", top + ROUND_Y, top + LEADER_Y,
	    top + KNOWN_Y);
	for (uint32_t v = 0; v < s->p->c.n; v++) {
		int y = top + HEAD + (int)v * LANE + BOX_Y + BOX_H / 2;
		jt_buf_addf(s->out, "<path class=\"lane\" d=\"M%d %dH%d%s\"/><text class=\"t\" x=\"12\" "
		    "y=\"%d\">v%" PRIu32 "</text>\n", LEFT - 14, y, s->right - 10,
		    band + 1 < s->bands ? "m-6 -5l6 5l-6 5" : "", y + 5, v + 1);
	}
}

void
jt_svg_head(struct jt_svg *s)
{
	add_title(s);
	for (int band = 0; band < s->bands; band++)
		add_lanes(s, band);
	for (uint32_t r = 1; r <= s->p->high; r++)
		add_round_head(s, r);
}

void
jt_svg_legend(struct jt_svg *s)
{
	static const struct { char letter; const char *text; } verdicts[] = {
		{ 'c', "leader, committed" }, { 'k', "leader, skipped" }, { 'u', "leader, undecided" },
	};
	int y = s->bottom + 34, x = 12;

	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++, x += 166) {
		jt_buf_addf(s->out, "<rect class=\"slot %c\" x=\"%d\" y=\"%d\" width=\"26\" "
		    "height=\"18\" rx=\"4\"/>", verdicts[i].letter, x, y - 13);
		jt_svg_badge(s, verdicts[i].letter, x + 26, y - 12);
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

