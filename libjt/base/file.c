/* Files: read whole, written atomically. See file.h. */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 65536 };

static enum jt_err
open_error(int saved, enum jt_err other, const char *path, struct jt_error *e)
{
	if ((saved == ENOENT || saved == ENOTDIR) && other != JT_CANTCREATE)
		other = JT_NOINPUT;
	return jt_fail(e, jt_err_of(saved, other), "%s: %s", path, strerror(saved));
}

enum jt_err
jt_file_read_fd(int fd, const char *name, struct jt_buf *b, struct jt_error *e)
{
	size_t room;
	ssize_t n;

	for (;;) {
		room = b->max - b->len < READ_CHUNK ? b->max - b->len : READ_CHUNK;
		if (!jt_buf_reserve(b, room))
			return jt_fail(e, JT_SYSTEM, "%s: out of memory", name);
		if (room == 0) {
			char extra;
			n = read(fd, &extra, 1);
			if (n == 1)
				return jt_fail(e, JT_MALFORMED,
				    "%s: longer than %zu bytes", name, b->max);
		} else
			n = read(fd, b->data + b->len, room);
		if (n == 0)
			return JT_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return jt_fail(e, JT_IO, "%s: %s", name, strerror(errno));
		b->len += (size_t)n;
	}
}

enum jt_err
jt_file_read(const char *path, struct jt_buf *b, struct jt_error *e)
{
	enum jt_err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return open_error(errno, JT_IO, path, e);
	err = jt_file_read_fd(fd, path, b, e);
	close(fd);
	return err;
}

enum jt_err
jt_file_write_fd(int fd, const char *name, struct jt_slice s, struct jt_error *e)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.data, s.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return jt_fail(e, JT_IO, "%s: %s", name, strerror(errno));
		s.data += n;
		s.len -= (size_t)n;
	}
	return JT_OK;
}

enum jt_err
jt_dir_sync_of(const char *path, struct jt_error *e)
{
	size_t n = strlen(path);
	const char *slash;
	char *dir;
	int fd, saved = 0;

	while (n > 1 && path[n - 1] == '/')
		n--;
	slash = memrchr(path, '/', n);
	if (slash == NULL)
		dir = strdup(".");
	else
		dir = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (dir == NULL)
		return jt_fail(e, JT_SYSTEM, "%s: out of memory", path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	/* A folder that one may write to but not list cannot be synced. */
	if (fd < 0)
		return errno == EACCES ? JT_OK : open_error(errno, JT_IO, path, e);
	if (fsync(fd) != 0 && errno != EINVAL)
		saved = errno;
	close(fd);
	return saved != 0 ? jt_fail(e, JT_IO, "%s: %s", path, strerror(saved)) : JT_OK;
}

enum jt_err
jt_atomic_open(struct jt_atomic *a, const char *path, mode_t mode, bool fresh,
    struct jt_error *e)
{
	static const char suffix[] = ".tmp.XXXXXX";
	struct stat st;
	size_t n = strlen(path);

	*a = (struct jt_atomic){ .fd = -1, .fresh = fresh };
	if (fresh && lstat(path, &st) == 0)
		return jt_fail(e, JT_CANTCREATE, "%s: exists, and is kept", path);
	a->path = strdup(path);
	a->temp = calloc(1, n + sizeof suffix);
	if (a->path == NULL || a->temp == NULL) {
		jt_atomic_abort(a);
		return jt_fail(e, JT_SYSTEM, "%s: out of memory", path);
	}
	memcpy(a->temp, path, n);
	memcpy(a->temp + n, suffix, sizeof suffix);
	a->fd = mkostemp(a->temp, O_CLOEXEC);
	if (a->fd < 0) {
		int saved = errno;
		a->temp[0] = '\0';
		jt_atomic_abort(a);
		return open_error(saved, JT_CANTCREATE, path, e);
	}
	if (fchmod(a->fd, mode) != 0) {
		int saved = errno;
		jt_atomic_abort(a);
		return open_error(saved, JT_CANTCREATE, path, e);
	}
	return JT_OK;
}

/* What was written is on the disk, under the temporary name. */
static enum jt_err
settle(struct jt_atomic *a, struct jt_error *e)
{
	enum jt_err err = JT_OK;
	int bad;

	if (fsync(a->fd) != 0 && errno != EINVAL && errno != EROFS)
		err = jt_fail(e, JT_IO, "%s: %s", a->path, strerror(errno));
	bad = close(a->fd);
	a->fd = -1;
	if (err == JT_OK && bad != 0)
		err = jt_fail(e, JT_IO, "%s: %s", a->path, strerror(errno));
	return err;
}

static enum jt_err
take_name(struct jt_atomic *a, struct jt_error *e)
{
	if (!a->fresh) {
		if (rename(a->temp, a->path) != 0)
			return open_error(errno, JT_CANTCREATE, a->path, e);
		a->temp[0] = '\0';
	} else if (link(a->temp, a->path) != 0) {
		return errno == EEXIST
		    ? jt_fail(e, JT_CANTCREATE, "%s: exists, and is kept", a->path)
		    : open_error(errno, JT_CANTCREATE, a->path, e);
	}
	return JT_OK;
}

/* The directory of each of them is synced, once where those that follow share it. */
static enum jt_err
sync_dirs(struct jt_atomic *const *all, size_t count, struct jt_error *e)
{
	const char *last = NULL;
	size_t last_len = 0;
	enum jt_err err = JT_OK;

	for (size_t i = 0; err == JT_OK && i < count; i++) {
		const char *slash = strrchr(all[i]->path, '/');
		size_t len = slash == NULL ? 0 : (size_t)(slash + 1 - all[i]->path);

		if (last == NULL || len != last_len || memcmp(last, all[i]->path, len) != 0)
			err = jt_dir_sync_of(all[i]->path, e);
		last = all[i]->path;
		last_len = len;
	}
	return err;
}

enum jt_err
jt_atomic_commit_all(struct jt_atomic *const *all, size_t count, struct jt_error *e)
{
	enum jt_err err = JT_OK;
	size_t named = 0;

	for (size_t i = 0; err == JT_OK && i < count; i++)
		err = settle(all[i], e);
	while (err == JT_OK && named < count)
		if ((err = take_name(all[named], e)) == JT_OK)
			named++;
	if (err == JT_OK)
		err = sync_dirs(all, count, e);
	/* Of fresh ones there was nothing before, so there can be nothing after a failure. */
	while (err != JT_OK && named > 0)
		if (all[--named]->fresh)
			unlink(all[named]->path);
	for (size_t i = 0; i < count; i++)
		jt_atomic_abort(all[i]);
	return err;
}

enum jt_err
jt_atomic_commit(struct jt_atomic *a, struct jt_error *e)
{
	return jt_atomic_commit_all(&a, 1, e);
}

void
jt_atomic_abort(struct jt_atomic *a)
{
	if (a->fd >= 0)
		close(a->fd);
	if (a->temp != NULL && a->temp[0] != '\0')
		unlink(a->temp);
	free(a->temp);
	free(a->path);
	*a = (struct jt_atomic){ .fd = -1 };
}

enum jt_err
jt_file_write(const char *path, mode_t mode, bool fresh, struct jt_slice s,
    struct jt_error *e)
{
	struct jt_atomic a;
	enum jt_err err = jt_atomic_open(&a, path, mode, fresh, e);

	if (err != JT_OK)
		return err;
	err = jt_file_write_fd(a.fd, path, s, e);
	if (err != JT_OK) {
		jt_atomic_abort(&a);
		return err;
	}
	return jt_atomic_commit(&a, e);
}

enum jt_err
jt_dir_make(const char *path, mode_t mode, struct jt_error *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return JT_OK;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return JT_OK;
	return open_error(errno, JT_CANTCREATE, path, e);
}

char *
jt_path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir), m = strlen(name);
	char *path = malloc(n + m + 2);

	if (path == NULL)
		return NULL;
	memcpy(path, dir, n);
	path[n] = '/';
	memcpy(path + n + 1, name, m + 1);
	return path;
}
