/*
 * The voter's log: opening it. What is there may be another's, and is set aside;
 * or the rest of a crash, whose end was not durable and is cut off. See log.h.
 */
#include "vote/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* Set a log aside that must not be gone on with: "vote.old-1" and so on. */
static enum jt_err
set_aside(const char *dir, struct jt_error *e)
{
	size_t size = strlen(dir) + 32;
	char *to = malloc(size);
	enum jt_err err = JT_OK;

	if (to == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (unsigned i = 1;; i++) {
		struct stat st;
		snprintf(to, size, "%s.old-%u", dir, i);
		if (lstat(to, &st) != 0)
			break;
	}
	if (rename(dir, to) != 0)
		err = jt_fail(e, jt_err_of(errno, JT_CANTCREATE), "%s: %s", to, strerror(errno));
	else if ((err = jt_dir_make(dir, 0755, e)) == JT_OK)
		err = jt_dir_sync_of(dir, e);
	free(to);
	return err;
}

static enum jt_err
lock(struct jt_log *log, struct jt_error *e)
{
	char *path = jt_path_join(log->dir, "lock");
	enum jt_err err = JT_OK;

	if (path == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	log->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (log->lock < 0)
		err = jt_fail(e, jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
	else if (flock(log->lock, LOCK_EX | LOCK_NB) != 0)
		err = jt_fail(e, errno == EWOULDBLOCK ? JT_AGAIN : JT_SYSTEM, "%s: %s", log->dir,
		    errno == EWOULDBLOCK ? "another process votes here" : strerror(errno));
	free(path);
	return err;
}

/* The newest segment: cut off what was not durable, and be ready to append. */
static enum jt_err
reopen_newest(struct jt_log *log, bool *empty, struct jt_error *e)
{
	struct jt_segment *s = &log->segments[log->count - 1];
	char *path = jt_log_path(log, s->number);
	struct jt_buf bytes;
	enum jt_err err = JT_OK;
	size_t good;

	if (path == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	jt_buf_init(&bytes, JT_SEGMENT_MOST);
	log->fd = open(path, O_RDWR | O_CLOEXEC);
	if (log->fd < 0)
		err = jt_fail(e, jt_err_of(errno, JT_IO), "%s: %s", path, strerror(errno));
	else
		err = jt_file_read_fd(log->fd, path, &bytes, e);
	if (err == JT_OK)
		err = jt_log_check(jt_buf_slice(&bytes), &good, log->sum, e);
	if (err == JT_CONFIG)
		jt_fail_in(e, "%s", path);
	if (err == JT_OK && good < bytes.len && ftruncate(log->fd, (off_t)good) != 0)
		err = jt_fail(e, JT_IO, "%s: %s", path, strerror(errno));
	if (err == JT_OK) {
		s->size = (uint32_t)good;
		*empty = good == 0;
		if (lseek(log->fd, (off_t)good, SEEK_SET) < 0)
			err = jt_fail(e, JT_IO, "%s: %s", path, strerror(errno));
	}
	if (err == JT_OK && *empty) {
		/* Not even its head was durable: it never began. */
		close(log->fd);
		log->fd = -1;
		log->count--;
		if (unlink(path) != 0)
			err = jt_fail(e, JT_IO, "%s: %s", path, strerror(errno));
	}
	jt_buf_free(&bytes);
	free(path);
	return err;
}

/* The segments that are there; is the log ours to go on with? */
static enum jt_err
look_around(struct jt_log *log, enum jt_log_state *state, struct jt_error *e)
{
	uint64_t *numbers, first = 1;
	size_t count;
	bool empty = true;
	enum jt_err err = jt_log_list(log->dir, &numbers, &count, e);

	for (size_t i = 0; i < count && err == JT_OK; i++) {
		if (numbers[i] != numbers[0] + i)
			err = jt_fail(e, JT_CONFIG, "%s: segment %" PRIu64 " is missing", log->dir,
			    numbers[0] + i);
		else
			err = jt_log_add_segment(log, numbers[i], e);
	}
	if (count > 0)
		first = numbers[0];
	free(numbers);
	while (err == JT_OK && log->count > 0 && empty)
		err = reopen_newest(log, &empty, e);
	log->first = first;
	*state = log->count == 0 ? JT_LOG_NONE : JT_LOG_GOOD;
	if (err == JT_OK && log->count > 0 && !jt_log_is_ours(log, e))
		*state = JT_LOG_FOREIGN;
	return err;
}

enum jt_err
jt_log_open(const char *dir, const uint8_t network[JT_HASH], const uint8_t key[JT_KEY],
    struct jt_log **out, enum jt_log_state *state, struct jt_error *e)
{
	struct jt_log *log = calloc(1, sizeof *log);
	enum jt_err err;

	if (log == NULL || (log->dir = strdup(dir)) == NULL) {
		free(log);
		return jt_fail(e, JT_SYSTEM, "out of memory");
	}
	log->fd = log->lock = -1;
	log->segment = JT_SEGMENT;
	log->limit = JT_LOG_NO_LIMIT;
	memcpy(log->network, network, JT_HASH);
	memcpy(log->key, key, JT_KEY);
	jt_buf_init(&log->batch, SIZE_MAX / 2);
	err = jt_dir_make(dir, 0755, e);
	if (err == JT_OK && (err = lock(log, e)) == JT_OK)
		err = look_around(log, state, e);
	if (err == JT_OK && *state == JT_LOG_FOREIGN) {
		jt_log_forget(log);
		if ((err = set_aside(dir, e)) == JT_OK && (err = lock(log, e)) == JT_OK)
			log->first = 1;
	}
	if (err == JT_OK && log->count == 0)
		err = jt_log_begin_segment(log, e);
	if (err != JT_OK) {
		jt_log_close(log);
		return err;
	}
	*out = log;
	return JT_OK;
}

void
jt_log_close(struct jt_log *log)
{
	if (log == NULL)
		return;
	jt_log_forget(log);
	jt_buf_free(&log->batch);
	free(log->segments);
	free(log->dir);
	free(log);
}
