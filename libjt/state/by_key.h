/*
 * Changes in the order of their keys, for overlay.c alone: by digits of one byte
 * over the first eight, last digit first, then the runs that these leave
 * undecided by comparison.
 */
#ifndef JT_BY_KEY_H
#define JT_BY_KEY_H

#include "state/overlay.h"

struct jt_by_key {
	uint64_t prefix; /* the first eight bytes of the key, as a number */
	const struct jt_change *change;
};

/* Of n changes in `from`; returns the sorted one of the two arrays, each has room for n. */
struct jt_by_key *jt_by_key_sort(struct jt_by_key *from, struct jt_by_key *to, size_t n);

#endif
