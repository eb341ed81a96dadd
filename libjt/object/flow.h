/*
 * What the writers of text share, and the one that writes all on one line.
 * Private to object/.
 */
#ifndef JT_FLOW_H
#define JT_FLOW_H

#include "object/signed.h"
#include "object/view.h"

struct jt_view {
	const struct jt_kinds *kinds;
	enum jt_style style;
	struct jt_buf *out;
	msgpack_zone *zone;
	struct jt_error *e;
	bool secret; /* inside an object of a kind with secrets */
};

/* An object, decoded into the zone. */
struct jt_opened {
	const struct jt_kind *row;
	struct jt_object object;
	struct jt_signed s; /* body, also of an unsigned kind */
	void *fields;
};

enum jt_err jt_view_open(struct jt_view *v, const struct jt_object *o, struct jt_opened *x);
/* What a field of type OBJECT holds; nest is how many more may be inside. */
enum jt_err jt_view_open_nested(struct jt_view *v, const void *at, unsigned nest,
    struct jt_opened *x);
/* "jt/pay/1" */
#define JT_KIND_TEXT (JT_KIND_MAX + 32)
void jt_view_kind(const struct jt_opened *x, char text[JT_KIND_TEXT]);

/* Is a word in the text instead of the field's value? */
bool jt_view_hidden(const struct jt_view *v, const struct jt_field *f);

enum jt_err jt_flow_object(struct jt_view *v, const struct jt_opened *x, unsigned nest);
enum jt_err jt_flow_struct(struct jt_view *v, const struct jt_schema *s, const void *in,
    unsigned nest);
enum jt_err jt_flow_value(struct jt_view *v, const struct jt_field *f, const void *at,
    unsigned nest);

#endif
