/*
 * The strict reader: is this one canonical msgpack value?
 *
 * Canonical: shortest integers and lengths, strings in UTF-8, map keys
 * strings in strictly ascending byte order (so no duplicates), no floats, no
 * ext, no nil, nesting at most JT_DEPTH_MAX. The walk touches every byte once,
 * allocates nothing, and comes before anything is decoded. msgpack-c would not
 * do: it reserves memory for whatever count a header claims.
 */
#ifndef JT_WALK_H
#define JT_WALK_H

#include "base/buf.h"
#include "base/error.h"

#define JT_DEPTH_MAX 16

/*
 * Exactly one canonical value, which takes all the bytes. JT_MALFORMED with
 * "offset N: reason" otherwise.
 */
enum jt_err jt_walk(struct jt_slice bytes, struct jt_error *e);

#endif
