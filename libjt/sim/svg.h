/*
 * The parts of a picture as SVG, for its own files alone: picture_svg.c (places,
 * blocks and lines), svg_leaders.c (what is said of them), svg_frame.c (what is
 * around them).
 *
 * Rounds that do not fit beside each other go on in another band below, as words
 * do in a line.
 */
#ifndef JT_SVG_H
#define JT_SVG_H

#include "sim/drawn.h"

enum {
	LEFT = 58,   /* where the first column begins */
	WIDE = 1400, /* a band ends here, */
	WIDER = 140, /* or so much later for each validator: it is higher, too */
	TITLE = 52,  /* above the first band */
	HEAD = 76,   /* of a band: its rounds and leaders */
	LANE = 88,   /* a validator's in a band */
	BOX_H = 32,
	BOX_Y = 30,  /* of a block in its lane */
	TWIN_GAP = 5,
	LEGEND_W = 1010
};

struct jt_svg {
	const struct jt_picture *p;
	struct jt_buf *out;
	int *x, *w;         /* of each round's column */
	int *band;          /* it is in this one, from 0 */
	int bands;
	int box;            /* width of a block */
	int gap;            /* between columns */
	int right, bottom;
};

/* picture_svg.c */
uint32_t jt_svg_twins(const struct jt_picture *p, uint32_t round, uint32_t author);
/* The top of a band, and of a lane in the band of a round; and the middle of its blocks. */
int jt_svg_band_y(const struct jt_svg *s, int band);
int jt_svg_lane_y(const struct jt_svg *s, uint32_t round, uint32_t author);
int jt_svg_middle_y(const struct jt_svg *s, uint32_t round, uint32_t author);

/* svg_leaders.c: on top of the blocks. */
void jt_svg_badge(struct jt_svg *s, char letter, int x, int y);
/* 'c'ommitted, s'k'ipped, 'u'ndecided */
char jt_svg_letter(const struct jt_drawn_slot *k);
void jt_svg_leaders(struct jt_svg *s);
void jt_svg_marks(struct jt_svg *s);

/* svg_frame.c: below them and around them. */
void jt_svg_head(struct jt_svg *s);
void jt_svg_legend(struct jt_svg *s);

#endif
