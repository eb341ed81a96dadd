/* The digests that are to be anchored. See digests.h. */
#include "digests.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sums.h"
#include "crypto/fold.h"
#include "work.h"

void
digests_free(struct digests *d)
{
	free(d->all);
	*d = (struct digests){ 0 };
}

void
digests_add(struct digests *d, const uint8_t digest[JT_HASH])
{
	if (d->count == JT_FOLD_MAX)
		die(JT_USAGE, "more than %u digests", JT_FOLD_MAX);
	if (d->count == d->cap) {
		size_t cap = d->cap ? 2 * d->cap : 256;
		uint8_t (*all)[JT_HASH] = realloc(d->all, cap * sizeof *all);

		if (all == NULL)
			die(JT_SYSTEM, "out of memory");
		d->all = all;
		d->cap = cap;
	}
	memcpy(d->all[d->count++], digest, JT_HASH);
}

void
digests_read(struct digests *d, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fdopen(cmd_open(path), "r");
	const char *name = f == stdin ? "stdin" : path;
	size_t first = d->count, cap = 0;
	uint64_t number = 0;
	char *line = NULL;
	ssize_t n;

	if (f == NULL)
		die(JT_SYSTEM, "%s: %s", name, strerror(errno));
	while ((n = getline(&line, &cap, f)) >= 0) {
		struct jt_slice text = { (const uint8_t *)line, (size_t)n }, file;
		uint8_t digest[JT_HASH];
		struct jt_error e;
		bool found;

		number++;
		if (n > 0 && line[n - 1] == '\n')
			text.len--;
		if (jt_sums_line(text, digest, &file, &found, &e) != JT_OK)
			die(JT_MALFORMED, "%s: line %" PRIu64 ": %s", name, number, e.text);
		if (found)
			digests_add(d, digest);
		if (number % 4096 == 0)
			cmd_progress("line", number, 0);
	}
	cmd_progress(NULL, 0, 0);
	if (ferror(f))
		die(JT_IO, "%s: reading failed", name);
	if (d->count == first)
		die(JT_NOINPUT, "%s: empty, no digest in it", name);
	free(line);
	if (f != stdin)
		fclose(f);
}

void
digests_sort(struct digests *d)
{
	d->count = jt_fold_sort(d->all, d->count);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, JT_HASH);
}

bool
digests_find(const struct digests *d, const uint8_t digest[JT_HASH], size_t *place)
{
	const uint8_t (*all)[JT_HASH] = (const uint8_t(*)[JT_HASH])d->all;
	const uint8_t (*at)[JT_HASH] = bsearch(digest, all, d->count, JT_HASH, compare);

	if (at != NULL)
		*place = (size_t)(at - all);
	return at != NULL;
}
