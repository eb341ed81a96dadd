/*
 * A directory for what a test writes: tempdir_make names a fresh one, and it
 * goes, with all that is in it, when the program ends.
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
	strcpy(tempdir, "/tmp/jt-test-XXXXXX");
	if (mkdtemp(tempdir) == NULL || atexit(tempdir_remove) != 0) {
		perror(tempdir);
		exit(71);
	}
	tempdir_owner = getpid();
	return tempdir;
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
