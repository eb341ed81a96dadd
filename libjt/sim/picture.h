/*
 * A recorded run (run.h) as a picture: SVG, a graph for dot(1), or a table.
 * Events in, text out; what jt-draw prints.
 *
 *	jt_picture_new(&run, &terms, &p, e);
 *	jt_picture_add(p, &event, e);          // each event, in order
 *	jt_picture_svg(p, &out, e);            // or _dot, _text
 *	jt_picture_free(p);
 *
 * Rounds go from left to right in the SVG and down in the table, validators
 * the other way. Leaders, decisions and cuts are shown as the first to record
 * them did, or as one validator did, who then also has only the blocks that it
 * made or received. Of a slot that is elected but not decided the rule
 * (vote/rule.h) is asked for what is missing.
 *
 * The state after a message is that of all events before the next message
 * that arrives or is lost.
 */
#ifndef JT_PICTURE_H
#define JT_PICTURE_H

#include "sim/run.h"

#define JT_PICTURE_BLOCKS 65536
#define JT_PICTURE_ROUNDS 8192
#define JT_PICTURE_TEXT (UINT32_C(256) << 20) /* bytes that a picture may take */

struct jt_picture_terms {
	uint64_t messages; /* up to this one; 0: all */
	uint32_t viewer;   /* from 1; 0: whoever was first */
	uint32_t after;    /* rounds up to this one are left out */
};

struct jt_picture;
/* JT_USAGE: there is no such viewer. JT_MALFORMED: no run has such numbers. */
enum jt_err jt_picture_new(const struct jt_run *run, const struct jt_picture_terms *terms,
    struct jt_picture **p, struct jt_error *e);
void jt_picture_free(struct jt_picture *p);

/* The event may be gone afterwards. JT_MALFORMED: it does not fit the run. */
enum jt_err jt_picture_add(struct jt_picture *p, const struct jt_event *ev, struct jt_error *e);

/* Once, after the last event. Appended to out, which then says if it failed. */
enum jt_err jt_picture_svg(struct jt_picture *p, struct jt_buf *out, struct jt_error *e);
enum jt_err jt_picture_dot(struct jt_picture *p, struct jt_buf *out, struct jt_error *e);
enum jt_err jt_picture_text(struct jt_picture *p, struct jt_buf *out, struct jt_error *e);

#endif
