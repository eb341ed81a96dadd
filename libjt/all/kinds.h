/* The table of all kinds of objects. A new kind is one row in kinds.c. */
#ifndef JT_KINDS_H
#define JT_KINDS_H

#include "object/kind.h"

extern const struct jt_kinds jt_all_kinds;

#endif
