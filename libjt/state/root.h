/* The root of a state that is only in memory: what a genesis is made with. */
#ifndef JT_ROOT_H
#define JT_ROOT_H

#include "state/map.h"

/*
 * The root of the map (map.h) that holds exactly these entries. Sorts them by
 * key; no key may be there twice.
 */
void jt_map_root_of(struct jt_bucket_entry *entries, size_t count, uint8_t root[JT_HASH]);

#endif
