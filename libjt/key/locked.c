/* Locked memory for secrets, and reading files into it. See locked.h. */
#include "key/locked.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum jt_err
jt_locked_init(struct jt_buf *b, size_t max, struct jt_error *e)
{
	assert(max > 0);
	/* cap == max: an append that would need more memory fails instead. */
	*b = (struct jt_buf){ .data = sodium_malloc(max), .cap = max, .max = max };
	if (b->data != NULL)
		return JT_OK;
	*b = (struct jt_buf){ .max = 0 };
	return jt_fail(e, JT_SYSTEM, "out of memory that can be locked");
}

void
jt_locked_free(struct jt_buf *b)
{
	sodium_free(b->data);
	*b = (struct jt_buf){ .max = 0 };
}

/* Of the file that is open, not of a path that may name another one by now. */
static enum jt_err
check_mode(int fd, const char *name, struct jt_error *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return jt_fail(e, JT_IO, "%s: %s", name, strerror(errno));
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return jt_fail(e, JT_PERMISSION,
		    "%s: open to others: expected mode 0600, found %04o", name,
		    (unsigned)st.st_mode & 07777);
	return JT_OK;
}

enum jt_err
jt_locked_read_fd(struct jt_buf *b, size_t max, int fd, const char *name, struct jt_error *e)
{
	enum jt_err err = check_mode(fd, name, e);

	*b = (struct jt_buf){ .max = 0 };
	if (err == JT_OK)
		err = jt_locked_init(b, max, e);
	if (err == JT_OK)
		err = jt_file_read_fd(fd, name, b, e);
	if (err != JT_OK)
		jt_locked_free(b);
	return err;
}

enum jt_err
jt_locked_read(struct jt_buf *b, size_t max, const char *path, struct jt_error *e)
{
	enum jt_err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		int saved = errno;
		*b = (struct jt_buf){ .max = 0 };
		err = saved == ENOENT || saved == ENOTDIR ? JT_NOINPUT : jt_err_of(saved, JT_IO);
		return jt_fail(e, err, "%s: %s", path, strerror(saved));
	}
	err = jt_locked_read_fd(b, max, fd, path, e);
	close(fd);
	return err;
}
