/*
 * Sorted runs of entries, of which an index of places is made; for places.c.
 *
 * Keys of an index's table are a run's number (4) and an entry (20). Run 0 is the
 * recent entries, each a row without a value. A row of another run is a block:
 * its value is up to JT_RUN_BLOCK entries, its key has the last of them, so the
 * first row from (run, entry) on is the block that the entry is in, or would be.
 */
#ifndef JT_RUNS_H
#define JT_RUNS_H

#include "state/places.h"

#define JT_RUN_BLOCK 204 /* entries: 4,080 bytes, with LMDB's head a page */
#define JT_RUN_KEY (4 + JT_PLACES_ENTRY)

extern const uint8_t jt_run_first[JT_PLACES_ENTRY]; /* the lowest of all entries */

struct jt_slice jt_run_key(uint32_t run, const uint8_t entry[JT_PLACES_ENTRY],
    uint8_t key[JT_RUN_KEY]);
/* The next higher entry; false when there is none. */
bool jt_run_after(uint8_t entry[JT_PLACES_ENTRY]);
/*
 * The first block of a run from `from` on; *entries has no data when there is
 * none, and else ends with an entry that is not below `from`.
 */
enum jt_err jt_run_find(struct jt_store *s, enum jt_table t, uint32_t run,
    const uint8_t from[JT_PLACES_ENTRY], struct jt_slice *entries, struct jt_error *e);
/* How many of the sorted entries are below `from`? */
size_t jt_run_below(struct jt_slice entries, const uint8_t from[JT_PLACES_ENTRY]);

/* Add a block, of 1 to JT_RUN_BLOCK entries above all that the run has. */
enum jt_err jt_run_put(struct jt_store *s, enum jt_table t, uint32_t run,
    const uint8_t (*entries)[JT_PLACES_ENTRY], size_t n, struct jt_error *e);
enum jt_err jt_run_delete(struct jt_store *s, enum jt_table t, uint32_t run,
    struct jt_error *e);

/* A run that is read from left to right: a copy of one block at a time. */
struct jt_run_reader {
	struct jt_store *s;
	enum jt_table t;
	uint32_t run;     /* 0: nothing more */
	size_t at, count; /* the entry is block[at] */
	uint8_t block[JT_RUN_BLOCK][JT_PLACES_ENTRY];
};
/* Begin at the first entry from `from` on. */
enum jt_err jt_run_read(struct jt_run_reader *r, const uint8_t from[JT_PLACES_ENTRY],
    struct jt_error *e);
enum jt_err jt_run_next(struct jt_run_reader *r, struct jt_error *e);

#endif
