/* Values of fields as people write them on a command line or in a table. */
#ifndef CMD_VALUE_H
#define CMD_VALUE_H

#include "cmd.h"
#include "object/schema.h"

#define CMD_VALUE_MAX 65536 /* bytes of a value */

/*
 * One field from text into the struct `out`, as jt_parse_field does, but
 * accounts may be given as paths of .pub files, too. All zeros are refused where
 * they would stand for none. What the struct then points to is in the zone.
 * JT_USAGE or JT_MALFORMED with the field's name.
 */
enum jt_err cmd_field_value(const struct jt_field *f, struct jt_slice text, void *out,
    msgpack_zone *zone, struct jt_error *e);

#endif
