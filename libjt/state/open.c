/*
 * Opening a store: its locks, what must hold of its file before LMDB may map
 * it, and its tables. See store.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "state/table.h"

enum {
	READERS_MAX = 254,
	LOCK_FILE = (READERS_MAX + 2) * 64, /* a line of the cache each, and two */
	/* Where things are in the first two pages of an LMDB file, in native order. */
	META_MAGIC = 16,       /* 4 bytes */
	META_PAGE_SIZE = 40,   /* 4 bytes */
	META_FREE_FLAGS = 44,  /* 2 bytes: of the table of free pages */
	META_MAIN_FLAGS = 92,  /* 2 bytes: of the table of tables */
	META_READ = 96
};

/* Address space only: the file is as long as what was written to it. */
#if SIZE_MAX > 0xffffffff
static const size_t map_usual = (size_t)1 << 40;
#else
static const size_t map_usual = (size_t)1 << 29;
#endif
static const size_t map_least = (size_t)1 << 26;

static const uint32_t magic = 0xBEEFC0DE;

static const char format_key[] = "format";
static const char *const table_names[JT_TABLES] = {
	"meta", "state", "nodes", "headers", "numbers", "cuts", "txs", "ids", "history",
	"records", "hashes"
};

const char *
jt_table_name(enum jt_table t)
{
	return table_names[t];
}

/* The usual map, or where address space is limited one that leaves half of it free. */
static size_t
map_choose(void)
{
	size_t size = map_usual;

	while (size > map_least && !jt_store_map_fits(2 * size))
		size /= 2;
	return size;
}

static enum jt_err
no_ledger(const struct jt_store *s, struct jt_error *e)
{
	return jt_fail(e, JT_NOINPUT, "%s: holds no ledger", s->dir);
}

static enum jt_err
foreign(const struct jt_store *s, struct jt_error *e)
{
	return jt_fail(e, JT_CONFIG, "%s/data.mdb: not a ledger's store", s->dir);
}

/*
 * LMDB believes the page size that a file claims, and divides by it; it
 * believes flags, and aborts when they contradict each other. Neither of the
 * two meta pages may hold another value than LMDB would have written for us.
 * *begun: of the two pages that LMDB begins a file with, only a part was
 * written, since the disk was full or the machine stopped.
 */
static enum jt_err
check_pages(const struct jt_store *s, int fd, off_t length, bool *begun, struct jt_error *e)
{
	uint8_t bytes[META_READ];
	uint32_t size = 0, found;
	uint16_t free_flags, main_flags;

	for (off_t i = 0; i < 2 && !*begun; i++) {
		ssize_t n = pread(fd, bytes, sizeof bytes, i * (off_t)size);

		if (n < 0)
			return jt_store_fail(s, errno, e);
		if (n != sizeof bytes)
			return foreign(s, e);
		memcpy(&found, bytes + META_MAGIC, sizeof found);
		memcpy(&size, bytes + META_PAGE_SIZE, sizeof size);
		memcpy(&free_flags, bytes + META_FREE_FLAGS, sizeof free_flags);
		memcpy(&main_flags, bytes + META_MAIN_FLAGS, sizeof main_flags);
		if (found != magic || size < 512 || size > 65536 || (size & (size - 1)) != 0 ||
		    free_flags != MDB_INTEGERKEY || main_flags != 0)
			return foreign(s, e);
		*begun = length < 2 * (off_t)size;
	}
	return JT_OK;
}

/* With `locked` a file that was only begun is emptied, to begin it again. */
static enum jt_err
check_file(const struct jt_store *s, enum jt_access access, bool locked, struct jt_error *e)
{
	bool begun = false;
	char *path = jt_path_join(s->dir, "data.mdb");
	struct stat st;
	enum jt_err err = JT_OK;
	int fd;

	if (path == NULL)
		return jt_store_fail(s, ENOMEM, e);
	fd = open(path, (locked ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
	free(path);
	if (fd < 0) {
		if (errno != ENOENT)
			return jt_store_fail(s, errno, e);
		return access == JT_STORE_CREATE ? JT_OK : no_ledger(s, e);
	}
	if (fstat(fd, &st) != 0)
		err = jt_store_fail(s, errno, e);
	else if (!S_ISREG(st.st_mode))
		err = foreign(s, e);
	else if (st.st_size > 0)
		err = check_pages(s, fd, st.st_size, &begun, e);
	if (err == JT_OK && (st.st_size == 0 || begun) && access != JT_STORE_CREATE)
		err = no_ledger(s, e);
	if (err == JT_OK && begun && locked && ftruncate(fd, 0) != 0)
		err = jt_store_fail(s, errno, e);
	close(fd);
	return err;
}

/* The closer's lock, which ends with this process however that ends. */
static enum jt_err
take_lock(struct jt_store *s, struct jt_error *e)
{
	char *path = jt_path_join(s->dir, "lock");

	if (path == NULL)
		return jt_store_fail(s, ENOMEM, e);
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	if (s->lock < 0)
		return jt_store_fail(s, errno, e);
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
		return JT_OK;
	if (errno == EWOULDBLOCK)
		return jt_fail(e, JT_AGAIN, "%s: in use by another closer", s->dir);
	return jt_store_fail(s, errno, e);
}

/*
 * LMDB writes to its lock file through a map. Where the disk has no room for a
 * page of it that is a signal, and not an error, so the room is taken first.
 * A file that cannot be opened is left to LMDB, which knows what to do without.
 *
 * LMDB also writes over whatever it finds there, a reader's, too: in the
 * directory of a stranger a link would aim that at any file of ours.
 */
static enum jt_err
reserve_lock_file(const struct jt_store *s, struct jt_error *e)
{
	char *path = jt_path_join(s->dir, "lock.mdb");
	struct stat st;
	int fd, rc = 0;

	if (path == NULL)
		return jt_store_fail(s, ENOMEM, e);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	free(path);
	if (fd < 0 && errno != ELOOP)
		return JT_OK;
	if (fd < 0 || (fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_nlink > 1))) {
		if (fd >= 0)
			close(fd);
		return jt_fail(e, JT_CONFIG, "%s/lock.mdb: not a ledger's store", s->dir);
	}
	if (fstat(fd, &st) != 0)
		rc = errno;
	else if (st.st_size == 0 || (int64_t)st.st_blocks * 512 < st.st_size)
		rc = posix_fallocate(fd, 0, st.st_size > LOCK_FILE ? st.st_size : LOCK_FILE);
	close(fd);
	return rc == 0 || rc == EINVAL || rc == EOPNOTSUPP ? JT_OK : jt_store_fail(s, rc, e);
}

static enum jt_err
open_env(struct jt_store *s, enum jt_access access, size_t map_size, struct jt_error *e)
{
	unsigned flags = MDB_NOTLS | (s->writable ? 0 : MDB_RDONLY);
	enum jt_err err = reserve_lock_file(s, e);
	int rc;

	if (err != JT_OK)
		return err;
	rc = mdb_env_create(&s->env);
	if (rc != 0)
		return jt_store_fail(s, rc, e);
	rc = mdb_env_set_maxdbs(s->env, JT_TABLES);
	if (rc == 0)
		rc = mdb_env_set_maxreaders(s->env, READERS_MAX);
	if (rc == 0)
		rc = mdb_env_set_mapsize(s->env, map_size);
	if (rc == 0)
		rc = mdb_env_open(s->env, s->dir, flags, 0644);
	if (rc == EACCES && access == JT_STORE_READ)
		return jt_fail(e, JT_PERMISSION,
		    "%s: reading needs permission to write lock.mdb", s->dir);
	if (rc != 0)
		return jt_store_fail(s, rc, e);
	mdb_reader_check(s->env, NULL);
	return jt_store_check_length(s, e);
}

static int
open_tables(struct jt_store *s, MDB_txn *txn, unsigned flags)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < JT_TABLES; i++)
		rc = mdb_dbi_open(txn, table_names[i], flags, &s->dbi[i]);
	return rc;
}

/* Is there nothing at all in the file? */
static bool
is_fresh(MDB_txn *txn)
{
	MDB_dbi top;
	MDB_stat stat;

	return mdb_dbi_open(txn, NULL, 0, &top) == 0 && mdb_stat(txn, top, &stat) == 0 &&
	    stat.ms_entries == 0;
}

static enum jt_err
check_format(struct jt_store *s, struct jt_error *e)
{
	struct jt_slice value;
	enum jt_err err = jt_store_get(s, JT_META, jt_slice_text(format_key), &value, e);

	if (err != JT_OK)
		return err;
	if (value.len != 8)
		return foreign(s, e);
	if (jt_get_be64(value.data) != JT_STORE_FORMAT)
		return jt_fail(e, JT_CONFIG,
		    "%s: made by format %llu; this program knows format %d", s->dir,
		    (unsigned long long)jt_get_be64(value.data), JT_STORE_FORMAT);
	return JT_OK;
}

/* *fresh: there is nothing in the file yet. */
static enum jt_err
attach(struct jt_store *s, bool *fresh, struct jt_error *e)
{
	enum jt_err err = jt_store_begin(s, false, e);
	int rc;

	*fresh = false;
	if (err != JT_OK)
		return err;
	rc = mdb_dbi_open(s->txn, table_names[JT_META], 0, &s->dbi[JT_META]);
	if (rc == MDB_NOTFOUND) {
		*fresh = is_fresh(s->txn);
		err = *fresh ? JT_OK : foreign(s, e);
		jt_store_abort(s);
		return err;
	}
	err = rc == 0 ? check_format(s, e) : jt_store_fail(s, rc, e);
	if (err == JT_OK) {
		rc = open_tables(s, s->txn, 0);
		if (rc != 0)
			err = rc == MDB_NOTFOUND ? foreign(s, e) : jt_store_fail(s, rc, e);
	}
	if (err != JT_OK) {
		jt_store_abort(s);
		return err;
	}
	/* The handles of the tables live on only when their transaction is committed. */
	rc = mdb_txn_commit(s->txn);
	s->txn = NULL;
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}

/* So that a new store is still there after a power failure. */
static enum jt_err
sync_dir(const struct jt_store *s, const char *name, struct jt_error *e)
{
	char *path = jt_path_join(s->dir, name);
	int fd, rc = 0;

	if (path == NULL)
		return jt_store_fail(s, ENOMEM, e);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	/* A directory that may be passed but not read cannot be synced. */
	if (fd < 0)
		return errno == EACCES ? JT_OK : jt_store_fail(s, errno, e);
	if (fsync(fd) != 0 && errno != EINVAL)
		rc = errno;
	close(fd);
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}

static enum jt_err
create(struct jt_store *s, struct jt_error *e)
{
	uint8_t format[8];
	enum jt_err err = jt_store_begin(s, true, e);
	int rc;

	if (err != JT_OK)
		return err;
	rc = open_tables(s, s->txn, MDB_CREATE);
	jt_put_be64(format, JT_STORE_FORMAT);
	err = rc == 0 ? jt_store_put(s, JT_META, jt_slice_text(format_key),
	    (struct jt_slice){ format, sizeof format }, e) : jt_store_fail(s, rc, e);
	if (err != JT_OK) {
		jt_store_abort(s);
		return err;
	}
	err = jt_store_commit(s, e);
	if (err == JT_OK)
		err = sync_dir(s, ".", e);
	if (err == JT_OK)
		err = sync_dir(s, "..", e);
	return err;
}

static enum jt_err
open_all(struct jt_store *s, enum jt_access access, size_t map_size, struct jt_error *e)
{
	enum jt_err err = JT_OK;
	bool fresh = false;

	if (access == JT_STORE_CREATE)
		err = jt_dir_make(s->dir, 0700, e);
	if (err == JT_OK)
		err = check_file(s, access, false, e);
	if (err == JT_OK && (access == JT_STORE_WRITE || access == JT_STORE_CREATE))
		err = take_lock(s, e);
	if (err == JT_OK && access == JT_STORE_CREATE)
		err = check_file(s, access, true, e);
	if (err == JT_OK)
		err = open_env(s, access, map_size, e);
	if (err == JT_OK)
		err = attach(s, &fresh, e);
	if (err == JT_OK && fresh)
		err = access == JT_STORE_CREATE ? create(s, e) : no_ledger(s, e);
	return err;
}

enum jt_err
jt_store_open_sized(struct jt_store **out, const char *dir, enum jt_access access,
    size_t map_size, struct jt_error *e)
{
	struct jt_store *s = calloc(1, sizeof *s);
	enum jt_err err;

	*out = NULL;
	if (s == NULL)
		return jt_fail(e, JT_SYSTEM, "%s: out of memory", dir);
	s->lock = -1;
	s->writable = access != JT_STORE_READ;
	s->dir = strdup(dir);
	err = s->dir == NULL ? jt_fail(e, JT_SYSTEM, "%s: out of memory", dir)
	    : open_all(s, access, map_size, e);
	if (err != JT_OK) {
		jt_store_close(s);
		return err;
	}
	*out = s;
	return JT_OK;
}

enum jt_err
jt_store_open(struct jt_store **out, const char *dir, enum jt_access access,
    struct jt_error *e)
{
	return jt_store_open_sized(out, dir, access, map_choose(), e);
}
