/*
 * Files: read whole, written so that a reader sees the old bytes or the new.
 *
 * The file descriptors, modes and directory syncs are here and nowhere else.
 * All functions fill in the error with the path and the system's reason.
 */
#ifndef JT_FILE_H
#define JT_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Append the whole of fd to b (b's maximum holds): JT_MALFORMED if too long, JT_IO. */
enum jt_err jt_file_read_fd(int fd, const char *name, struct jt_buf *b, struct jt_error *e);
/* The same by path: JT_NOINPUT where there is none, JT_PERMISSION. */
enum jt_err jt_file_read(const char *path, struct jt_buf *b, struct jt_error *e);

/* Write all of it, whatever the number of write(2) calls: JT_IO. */
enum jt_err jt_file_write_fd(int fd, const char *name, struct jt_slice s, struct jt_error *e);

/*
 * An atomic file: open a temporary one beside path, write to *fd, then commit
 * (fsync, rename, fsync of the directory) or abort (remove). The mode is taken
 * as it is, whatever the umask. Where path is a symbolic link, the link is
 * replaced. With `fresh` an existing path (a dangling link too) is never
 * replaced: open or commit fails with JT_CANTCREATE and the old file is
 * untouched (link(2) instead of rename(2)), and a commit that fails leaves
 * none. After a failed open and after commit nothing is held and nothing is
 * left behind.
 */
struct jt_atomic {
	int fd;
	bool fresh;
	char *path;
	char *temp;
};
enum jt_err jt_atomic_open(struct jt_atomic *a, const char *path, mode_t mode, bool fresh,
    struct jt_error *e);
enum jt_err jt_atomic_commit(struct jt_atomic *a, struct jt_error *e);
/*
 * Many at once take half the time: a directory is synced once for those that
 * follow each other in it. After a failure none of the fresh ones is there.
 */
enum jt_err jt_atomic_commit_all(struct jt_atomic *const *all, size_t count,
    struct jt_error *e);
void jt_atomic_abort(struct jt_atomic *a);

/* open, write, commit in one call. */
enum jt_err jt_file_write(const char *path, mode_t mode, bool fresh, struct jt_slice s,
    struct jt_error *e);

/* mkdir that is content with an existing directory: JT_CANTCREATE. */
enum jt_err jt_dir_make(const char *path, mode_t mode, struct jt_error *e);
/* Make durable that path was made, named or removed: sync its directory. JT_IO. */
enum jt_err jt_dir_sync_of(const char *path, struct jt_error *e);

/* "dir/name" in a fresh string that the caller frees; NULL when memory ran out. */
char *jt_path_join(const char *dir, const char *name);

#endif
