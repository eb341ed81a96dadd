/*
 * The digests that are to be anchored: of files, of words, and of lists.
 */
#ifndef DIGESTS_H
#define DIGESTS_H

#include "cmd.h"

struct digests {
	uint8_t (*all)[JT_HASH]; /* sorted and distinct after digests_sort */
	size_t count, cap;
};
void digests_free(struct digests *d);
void digests_add(struct digests *d, const uint8_t digest[JT_HASH]);
/*
 * All lines of a list; "-" is stdin. Ends the program with 65 when a line is
 * none of a list, naming it, and with 66 when the list has no digest.
 */
void digests_read(struct digests *d, const char *path);
void digests_sort(struct digests *d);
/* Is one there, once they are sorted? At which place. */
bool digests_find(const struct digests *d, const uint8_t digest[JT_HASH], size_t *place);

#endif
