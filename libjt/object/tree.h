/*
 * Text to a tree of words, on the way to objects (view.h). Private to object/.
 *
 * libyaml reads YAML and JSON alike; what of YAML could make one text mean two
 * things (anchors, aliases, tags) is refused here. Nodes and their text are in
 * a zone and outlive the input.
 */
#ifndef JT_TREE_H
#define JT_TREE_H

#include <msgpack/zone.h>

#include "object/kind.h"
#include "object/walk.h"

/* As deep as an object's text can be: each object inside another begins anew. */
#define JT_TREE_DEPTH ((JT_NEST_MAX + 1) * (JT_DEPTH_MAX + 1))
/* More words and lists than an object has bytes are not one object. */
#define JT_TREE_NODES JT_OBJECT_MAX

enum jt_node_type { JT_NODE_SCALAR, JT_NODE_LIST, JT_NODE_MAP };

struct jt_node {
	enum jt_node_type type;
	bool bare;             /* a JSON number: not in quotes */
	uint32_t count;        /* children */
	uint64_t line;         /* from 1 */
	struct jt_slice text;  /* of a scalar */
	struct jt_node *child; /* the first; of a map key, value, key, value, ... */
	struct jt_node *next;
};

/*
 * The one document in text, which begins at this line of its file. *line is
 * set, too, when JT_MALFORMED says what is wrong there.
 */
enum jt_err jt_tree_read(struct jt_slice text, bool json, uint64_t *line, msgpack_zone *zone,
    struct jt_node **root, struct jt_error *e);

/*
 * The object that a tree describes, appended to out. *line as above. scratch
 * is used on the way and given back as it was.
 */
enum jt_err jt_tree_object(const struct jt_kinds *t, const struct jt_node *root, uint64_t *line,
    msgpack_zone *zone, struct jt_buf *scratch, struct jt_buf *out, struct jt_error *e);

/*
 * A JSON line made ready for libyaml: is it JSON at all, where YAML is more
 * lenient; pairs of surrogates and characters that YAML does not take raw are
 * put in another way. Appends to out.
 */
enum jt_err jt_json_prepare(struct jt_slice line, struct jt_buf *out, struct jt_error *e);

#endif
