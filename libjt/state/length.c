/*
 * The length of a store's file.
 *
 * LMDB does not write pages that a transaction took and gave back, so that a
 * good file can end before its last page; but a map that is longer than its
 * file kills who reads there. So a writer keeps the file longer than its data,
 * by a hole, and a file that is too short is one of which the end was lost,
 * or whose writer died in the moment between a commit and making it longer:
 * then all that is missing is in the list of free pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "state/table.h"

enum {
	SLACK = 1 << 20,    /* bytes that the file is kept longer than its data */
	PAGE = 4096,        /* enough to see whether there is room */
	TRIES = 50,
	WAIT_NS = 2000000,  /* between two tries, while a writer is at it */
	FREE_PAGES = 0      /* LMDB's table of free pages */
};

size_t
jt_store_used(const struct jt_store *s)
{
	MDB_envinfo info;
	MDB_stat stat;

	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat);
	return (info.me_last_pgno + 1) * stat.ms_psize;
}

/* The file and its length. */
static bool
file_of(const struct jt_store *s, int *fd, uint64_t *length)
{
	struct stat st;

	if (mdb_env_get_fd(s->env, fd) != 0 || fstat(*fd, &st) != 0)
		return false;
	*length = (uint64_t)st.st_size;
	return true;
}

bool
jt_store_is_whole(const struct jt_store *s)
{
	uint64_t length;
	int fd;

	return !file_of(s, &fd, &length) || length >= jt_store_used(s);
}

void
jt_store_lengthen(struct jt_store *s)
{
	size_t need = jt_store_used(s);
	uint64_t length;
	int fd;

	if (file_of(s, &fd, &length) && length < need + SLACK / 2 &&
	    ftruncate(fd, (off_t)(need + SLACK)) != 0)
		return; /* a full disk will be seen at the commit */
}

int
jt_store_why(const struct jt_store *s)
{
	uint64_t length;
	int fd;

	/* Room for one page more: this changes nothing that anybody has written. */
	if (!file_of(s, &fd, &length) || fallocate(fd, 0, (off_t)length, PAGE) == 0)
		return EIO;
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? errno : EIO;
}

/* How many pages from this one on are free? */
static int
count_free(struct jt_store *s, size_t from, size_t *count)
{
	MDB_txn *txn;
	MDB_cursor *c = NULL;
	MDB_val k, v;
	int rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn);

	*count = 0;
	if (rc != 0)
		return rc;
	rc = mdb_cursor_open(txn, FREE_PAGES, &c);
	while (rc == 0 && (rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		/* A count of pages, and their numbers. */
		const size_t *list = v.mv_data;

		if (v.mv_size < sizeof *list || list[0] > v.mv_size / sizeof *list - 1)
			rc = MDB_CORRUPTED;
		for (size_t i = 1; rc == 0 && i <= list[0]; i++)
			*count += list[i] >= from;
	}
	if (c != NULL)
		mdb_cursor_close(c);
	mdb_txn_abort(txn);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/*
 * Lengthen a file of which nothing is missing that is in use. The caller has
 * the write transaction.
 */
static int
mend(struct jt_store *s)
{
	size_t need = jt_store_used(s), first, missing;
	uint64_t length;
	MDB_stat stat;
	int fd, rc;

	if (!file_of(s, &fd, &length) || length >= need)
		return 0;
	mdb_env_stat(s->env, &stat);
	first = (size_t)(length / stat.ms_psize);
	/* Zeros in place of what is missing are safe to look at. */
	if (ftruncate(fd, (off_t)need) != 0)
		return errno;
	rc = count_free(s, first, &missing);
	if (rc == 0 && missing == need / stat.ms_psize - first)
		return 0;
	return ftruncate(fd, (off_t)length) != 0 ? errno : MDB_CORRUPTED;
}

enum jt_err
jt_store_check_length(struct jt_store *s, struct jt_error *e)
{
	/* A writer has the transaction for which others wait here. */
	for (int i = 0; i < TRIES && !s->writable && !jt_store_is_whole(s); i++) {
		const struct timespec wait = { 0, WAIT_NS };

		nanosleep(&wait, NULL);
	}
	if (!jt_store_is_whole(s) && s->writable) {
		MDB_txn *txn;
		int rc = mdb_txn_begin(s->env, NULL, 0, &txn);

		if (rc != 0)
			return jt_store_fail(s, rc, e);
		rc = mend(s);
		mdb_txn_abort(txn);
		if (rc != 0 && rc != MDB_CORRUPTED)
			return jt_store_fail(s, rc, e);
	}
	if (!jt_store_is_whole(s))
		return jt_fail(e, JT_IO, "%s/data.mdb: damaged, its end is missing", s->dir);
	return JT_OK;
}
