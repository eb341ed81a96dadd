/*
 * A directory for what a test writes: tempdir_make names a fresh one, in
 * $TMPDIR or /tmp, and it goes, with all that is in it, when the program ends.
 */
#ifndef TEMPDIR_H
#define TEMPDIR_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char tempdir[64];
static pid_t tempdir_owner;

static inline int
tempdir_unlink(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void
tempdir_remove(void)
{
	/* Not in a child that exits. */
	if (getpid() == tempdir_owner)
		nftw(tempdir, tempdir_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *
tempdir_make(void)
{
	const char *in = getenv("TMPDIR");

	snprintf(tempdir, sizeof tempdir, "%s/jt-test-XXXXXX",
	    in != NULL && in[0] != '\0' && strlen(in) < 40 ? in : "/tmp");
	if (mkdtemp(tempdir) == NULL || atexit(tempdir_remove) != 0) {
		perror(tempdir);
		exit(71);
	}
	tempdir_owner = getpid();
	return tempdir;
}

/* What is there no longer in use: NAME and all below it. */
static inline void
tempdir_clear(const char *name)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", tempdir, name);
	nftw(path, tempdir_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* "TEMPDIR/NAME", in one of a few buffers that are used in turn. */
static inline const char *
tempdir_path(const char *name)
{
	static char paths[16][128];
	static unsigned turn;
	char *path = paths[turn++ % 16];

	snprintf(path, sizeof paths[0], "%s/%s", tempdir, name);
	return path;
}

#endif
