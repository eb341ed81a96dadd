/*
 * Places: where is what has this key? An index for keys that come in random
 * order, millions of them, for which a tree of pages would write a page each.
 *
 * An entry is a key of 8 bytes (of a hash, so that nobody chooses which are
 * neighbours) and a place of 12: a ledger's number, an index in it. A key may
 * have many places, and who asks compares what is there. The indexes are the tables
 * JT_IDS and JT_HASHES.
 *
 * New entries lie alone, the first JT_PLACES_RECENT of them. Then they become
 * a run: sorted, packed 204 to a page. A level keeps one run, and merges into
 * it each that comes from the level above, a few pages with each addition;
 * one that has grown eight times larger goes down a level. So ten million entries
 * are in at most ten runs, an entry is written some twenty times at 20 bytes,
 * and no addition has to wait for a large merge.
 */
#ifndef JT_PLACES_H
#define JT_PLACES_H

#include "state/store.h"

#define JT_PLACES_KEY 8
#define JT_PLACES_ENTRY 20     /* key, number (8), index (4) */
#define JT_PLACES_RECENT 4096

void jt_places_entry(uint8_t entry[JT_PLACES_ENTRY], const uint8_t key[JT_PLACES_KEY],
    uint64_t number, uint32_t index);
/*
 * Add entries, none of which was added before, in the store's open write
 * transaction; they are sorted.
 */
enum jt_err jt_places_add(struct jt_store *s, enum jt_table t,
    uint8_t (*entries)[JT_PLACES_ENTRY], size_t count, struct jt_error *e);
/*
 * The first entry of the same key that is not before *entry, to *entry; *found
 * false: there is none.
 */
enum jt_err jt_places_find(struct jt_store *s, enum jt_table t,
    uint8_t entry[JT_PLACES_ENTRY], bool *found, struct jt_error *e);
/* The error for an index that is not what it must be, or names what is not there. */
enum jt_err jt_index_damaged(enum jt_table t, struct jt_error *e);

#endif
