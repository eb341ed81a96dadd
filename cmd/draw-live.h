/* A validator's vote as it stands, from its log, for jt-draw alone. */
#ifndef DRAW_LIVE_H
#define DRAW_LIVE_H

#include "sim/picture.h"

/*
 * The picture of the newest rounds in DIR/vote, which another program may be
 * writing: what is whole of it. `terms` may name a viewer; else it is the
 * validator whose directory it is. Ends the program.
 */
struct jt_picture *draw_live(const char *dir, struct jt_picture_terms terms);

#endif
