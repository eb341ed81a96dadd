/* The voter's log: its files. See log.h. */
#include "vote/log_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { SECTOR = 512 };

char *
jt_log_path(const struct jt_log *log, uint64_t segment)
{
	char name[32];

	snprintf(name, sizeof name, "%010" PRIu64 ".jt", segment);
	return jt_path_join(log->dir, name);
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* 0: not the name of a segment. */
static uint64_t
segment_of(const char *name)
{
	uint64_t number = 0;
	size_t i = 0;

	while (name[i] >= '0' && name[i] <= '9' && i < 18)
		number = number * 10 + (uint64_t)(name[i++] - '0');
	return i >= 10 && strcmp(name + i, ".jt") == 0 ? number : 0;
}

enum jt_err
jt_log_list(const char *dir, uint64_t **numbers, size_t *count, struct jt_error *e)
{
	DIR *d = opendir(dir);
	size_t cap = 0;
	struct dirent *entry;

	*numbers = NULL;
	*count = 0;
	if (d == NULL)
		return jt_fail(e, jt_err_of(errno, JT_IO), "%s: %s", dir, strerror(errno));
	while ((entry = readdir(d)) != NULL) {
		uint64_t number = segment_of(entry->d_name);
		if (number == 0)
			continue;
		if (*count == cap) {
			uint64_t *grown = realloc(*numbers, (cap = cap ? cap * 2 : 64) * sizeof *grown);
			if (grown == NULL) {
				closedir(d);
				return jt_fail(e, JT_SYSTEM, "out of memory");
			}
			*numbers = grown;
		}
		(*numbers)[(*count)++] = number;
	}
	closedir(d);
	if (*count > 1)
		qsort(*numbers, *count, sizeof **numbers, ascending);
	return JT_OK;
}

enum jt_err
jt_log_identify(int fd, struct jt_log_head *head, struct jt_error *e)
{
	struct stat st;
	long generation = 0;

	if (fstat(fd, &st) != 0)
		return jt_fail(e, JT_IO, "%s", strerror(errno));
	head->device = (uint64_t)st.st_dev & JT_UINT_MAX;
	head->inode = (uint64_t)st.st_ino & JT_UINT_MAX;
	if (ioctl(fd, FS_IOC_GETVERSION, &generation) == 0)
		head->generation = (uint64_t)generation & UINT32_MAX;
	return JT_OK;
}

bool
jt_log_is_ours(struct jt_log *log, struct jt_error *e)
{
	struct jt_log_head head = { 0 }, now = { 0 };
	uint8_t bytes[1024];
	ssize_t n = pread(log->fd, bytes, sizeof bytes, 0);
	struct jt_slice s = { bytes, n > 0 ? (size_t)n : 0 };
	struct jt_object o;
	msgpack_zone zone;
	size_t size = 0;
	bool yes;

	if (s.len == 0 || jt_object_size(s, &size, e) != JT_OK || size > s.len)
		return false;
	s.len = size;
	if (jt_object_parse(s, &o, e) != JT_OK || !jt_object_is(&o, "log") ||
	    o.version != jt_kind_log.version || !msgpack_zone_init(&zone, 1024))
		return false;
	yes = jt_kind_read(&jt_kind_log, &o, &head, &zone, e) == JT_OK &&
	    jt_log_identify(log->fd, &now, e) == JT_OK && head.device == now.device &&
	    head.inode == now.inode && head.generation == now.generation &&
	    memcmp(head.key, log->key, JT_KEY) == 0 &&
	    memcmp(head.network, log->network, JT_HASH) == 0;
	msgpack_zone_destroy(&zone);
	return yes;
}

void
jt_log_sum(const uint8_t before[JT_HASH], struct jt_slice bytes, uint8_t out[JT_HASH])
{
	static const char domain[] = "jt/sum/1";
	struct jt_hasher h;

	jt_hasher_init(&h);
	jt_hasher_add(&h, domain, sizeof domain);
	jt_hasher_add(&h, before, JT_HASH);
	jt_hasher_add(&h, bytes.data, bytes.len);
	jt_hasher_end(&h, out);
}

/* Bytes that never reached the disk before a crash: whole sectors of zeros. */
static bool
has_hole(const uint8_t *bytes, size_t from, size_t len)
{
	static const uint8_t zeros[SECTOR];

	for (size_t at = (from + SECTOR - 1) / SECTOR * SECTOR; at < len; at += SECTOR)
		if (memcmp(bytes + at, zeros, len - at < SECTOR ? len - at : SECTOR) == 0)
			return true;
	return false;
}

/*
 * Was all of the last batch written? Then it was durable, or would be taken for that. Its
 * end is a jt/sum as the one here, but one of its two parts may be damaged: what it begins
 * with, or the hash, which is over all since the sum before. There may be more than one
 * batch behind the last good one, as no crash leaves it.
 */
static bool
was_written(struct jt_slice bytes, size_t good, const uint8_t before[JT_HASH],
    struct jt_slice sum)
{
	size_t from = good, at, begin = sum.len - JT_HASH;
	uint8_t want[JT_HASH];

	if (bytes.len < good + sum.len)
		return false;
	at = bytes.len - sum.len;
	for (size_t i = at; from == good && i-- > good + sum.len;)
		if (memcmp(bytes.data + i - sum.len, sum.data, begin) == 0)
			from = i;
	jt_log_sum(from == good ? before : bytes.data + from - JT_HASH,
	    (struct jt_slice){ bytes.data + from, at - from }, want);
	return memcmp(want, bytes.data + at + begin, JT_HASH) == 0 ||
	    (memcmp(bytes.data + at, sum.data, begin) == 0 && !has_hole(bytes.data, good, bytes.len));
}

/* Behind what is good: what a crash leaves, or JT_CONFIG. */
static enum jt_err
check_rest(struct jt_slice bytes, size_t good, const uint8_t before[JT_HASH], struct jt_error *e)
{
	static const struct jt_sum none;
	struct jt_buf sum;
	enum jt_err err;

	jt_buf_init(&sum, JT_OBJECT_MAX);
	err = jt_kind_write(&jt_kind_sum, &none, &sum, e);
	if (err == JT_OK && was_written(bytes, good, before, jt_buf_slice(&sum)))
		err = jt_fail(e, JT_CONFIG, "is damaged behind byte %zu: remove the log", good);
	jt_buf_free(&sum);
	return err;
}

enum jt_err
jt_log_check(struct jt_slice bytes, size_t *good, uint8_t sum[JT_HASH], struct jt_error *e)
{
	struct jt_error ignored;
	struct jt_object o;
	struct jt_sum said = { { 0 } };
	msgpack_zone zone;
	size_t size = 0;

	*good = 0;
	memset(sum, 0, JT_HASH);
	if (!msgpack_zone_init(&zone, 1024))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (size_t at = 0; at < bytes.len; at += size) {
		struct jt_slice rest = { bytes.data + at, bytes.len - at };
		uint8_t want[JT_HASH];
		if (jt_object_size(rest, &size, &ignored) != JT_OK || size > rest.len)
			break;
		rest.len = size;
		if (jt_object_parse(rest, &o, &ignored) != JT_OK)
			break;
		if (!jt_object_is(&o, "sum"))
			continue;
		jt_log_sum(sum, (struct jt_slice){ bytes.data + *good, at - *good }, want);
		msgpack_zone_clear(&zone);
		if (jt_kind_read(&jt_kind_sum, &o, &said, &zone, &ignored) != JT_OK ||
		    memcmp(want, said.sum, JT_HASH) != 0)
			break;
		memcpy(sum, want, JT_HASH);
		*good = at + size;
	}
	msgpack_zone_destroy(&zone);
	return *good < bytes.len ? check_rest(bytes, *good, sum, e) : JT_OK;
}

/* A descriptor of a segment to read from; *mine: to be closed. */
static enum jt_err
open_segment(const struct jt_log *log, const struct jt_segment *s, int *fd, bool *mine,
    struct jt_error *e)
{
	char *path;

	*mine = s != &log->segments[log->count - 1];
	*fd = log->fd;
	if (!*mine)
		return JT_OK;
	if ((path = jt_log_path(log, s->number)) == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		jt_fail(e, jt_err_of(errno, JT_IO), "%s: %s", path, strerror(errno));
	free(path);
	return *fd < 0 ? e->code : JT_OK;
}

static enum jt_err
read_bytes(int fd, uint64_t offset, size_t len, struct jt_buf *out, struct jt_error *e)
{
	if (!jt_buf_reserve(out, len))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	for (size_t got = 0; got < len;) {
		ssize_t n = pread(fd, out->data + out->len, len - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return jt_fail(e, JT_IO, "log: %s", n < 0 ? strerror(errno) : "a segment ends early");
		got += (size_t)n;
		out->len += (size_t)n;
	}
	return JT_OK;
}

enum jt_err
jt_log_read_at(struct jt_log *log, const struct jt_segment *s, const struct jt_log_place *place,
    struct jt_buf *out, struct jt_error *e)
{
	bool mine;
	int fd;
	enum jt_err err = open_segment(log, s, &fd, &mine, e);

	if (err != JT_OK)
		return err;
	err = read_bytes(fd, place->offset, place->size, out, e);
	if (mine)
		close(fd);
	return err;
}

enum jt_err
jt_log_damaged(const struct jt_log *log, const struct jt_log_place *place, struct jt_error *e)
{
	char *path = jt_log_path(log, place->segment);

	if (path == NULL)
		return jt_fail(e, JT_SYSTEM, "out of memory");
	jt_fail(e, JT_CONFIG, "%s: is damaged behind byte %" PRIu32 ": remove the log", path,
	    place->offset);
	free(path);
	return e->code;
}

/* Of a segment of before every byte was made durable, and is under a sum. */
static enum jt_err
check_segment(const struct jt_log *log, const struct jt_segment *s, struct jt_slice bytes,
    struct jt_error *e)
{
	struct jt_log_place place = { .segment = s->number };
	uint8_t sum[JT_HASH];
	size_t good = 0;
	enum jt_err err = jt_log_check(bytes, &good, sum, e);

	place.offset = (uint32_t)good;
	if (err == JT_CONFIG || (err == JT_OK && good < bytes.len))
		return jt_log_damaged(log, &place, e);
	return err;
}

/* A segment of before: its size is known when it was looked at once. */
static enum jt_err
read_segment(struct jt_log *log, const struct jt_segment *s, struct jt_buf *bytes,
    struct jt_error *e)
{
	struct stat st;
	bool mine;
	int fd;
	enum jt_err err = open_segment(log, s, &fd, &mine, e);

	if (err != JT_OK)
		return err;
	if (!mine)
		err = read_bytes(fd, 0, s->size, bytes, e);
	else if (fstat(fd, &st) != 0 || st.st_size > (off_t)JT_SEGMENT_MOST)
		err = jt_fail(e, JT_CONFIG, "%s: segment %" PRIu64 ": not a log's", log->dir, s->number);
	else
		err = read_bytes(fd, 0, (size_t)st.st_size, bytes, e);
	if (mine)
		close(fd);
	return err == JT_OK && mine ? check_segment(log, s, jt_buf_slice(bytes), e) : err;
}

enum jt_err
jt_log_walk(struct jt_log *log, const struct jt_segment *s, jt_log_visit *visit, void *ctx,
    struct jt_error *e)
{
	struct jt_log_place place = { .segment = s->number };
	struct jt_buf bytes;
	enum jt_err err;
	size_t size = 0;

	jt_buf_init(&bytes, JT_SEGMENT_MOST);
	err = read_segment(log, s, &bytes, e);
	for (size_t at = 0; err == JT_OK && at < bytes.len; at += size) {
		struct jt_slice rest = { bytes.data + at, bytes.len - at };
		struct jt_object o;
		place.offset = (uint32_t)at;
		if (jt_object_size(rest, &size, e) != JT_OK || size > rest.len ||
		    (rest.len = size, jt_object_parse(rest, &o, e)) != JT_OK) {
			err = jt_log_damaged(log, &place, e);
			break;
		}
		place.size = (uint32_t)size;
		if (!jt_object_is(&o, "log") && !jt_object_is(&o, "sum"))
			err = visit(ctx, &o, &place, e);
	}
	jt_buf_free(&bytes);
	return err;
}

void
jt_log_forget(struct jt_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	if (log->lock >= 0)
		close(log->lock);
	log->fd = log->lock = -1;
	for (size_t i = 0; i < log->count; i++)
		jt_log_index_free(&log->segments[i]);
	log->count = 0;
	jt_buf_clear(&log->batch);
}
