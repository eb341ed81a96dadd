/* Sorting changes by their keys. See by_key.h. */
#include "state/by_key.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS = 8 }; /* bytes of a key that are sorted by digits */

static int
compare_keys(const void *a, const void *b)
{
	return memcmp(((const struct jt_by_key *)a)->change->key,
	    ((const struct jt_by_key *)b)->change->key, JT_HASH);
}

struct jt_by_key *
jt_by_key_sort(struct jt_by_key *from, struct jt_by_key *to, size_t n)
{
	for (unsigned shift = 0; shift < 8 * DIGITS; shift += 8) {
		size_t start[256] = { 0 }, sum = 0;
		struct jt_by_key *swap = from;

		for (size_t i = 0; i < n; i++)
			start[from[i].prefix >> shift & 255]++;
		if (n > 0 && start[from[0].prefix >> shift & 255] == n)
			continue;
		for (size_t i = 0; i < 256; i++) {
			size_t here = start[i];

			start[i] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			to[start[from[i].prefix >> shift & 255]++] = from[i];
		from = to;
		to = swap;
	}
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && from[j].prefix == from[i].prefix; j++)
			;
		if (j > i + 1)
			qsort(from + i, j - i, sizeof *from, compare_keys);
	}
	return from;
}
