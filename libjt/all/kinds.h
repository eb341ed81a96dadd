/* The table of all kinds of objects. A new kind is one row in kinds.c. */
#ifndef JT_KINDS_H
#define JT_KINDS_H

#include "object/kind.h"

extern const struct jt_kinds jt_all_kinds;

/* Does an object of this kind enter ledgers, by way of the vote? */
bool jt_is_payload(const struct jt_object *o);

#endif
