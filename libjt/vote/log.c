/*
 * The voter's log: writing and reading it. See log.h.
 *
 * The segment being written is open all the time; what is appended waits in
 * memory until jt_log_sync, and is found and read there, too.
 */
#include "vote/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "vote/log_file.h"

#define ROW(type_, s_, member, flags_, max_, help_) \
	{ .name = #member, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct s_, member), .help = help_ }

static const struct jt_field log_fields[] = {
	ROW(JT_UINT, jt_log_head, device, JT_OPTIONAL, 0, "of the file it was written in"),
	ROW(JT_UINT, jt_log_head, generation, JT_OPTIONAL, 0, "of that file's inode"),
	ROW(JT_UINT, jt_log_head, inode, JT_OPTIONAL, 0, "of that file"),
	ROW(JT_FIXED, jt_log_head, key, JT_OPTIONAL, JT_KEY, "the validator; absent: an observer"),
	ROW(JT_FIXED, jt_log_head, network, 0, JT_HASH, "id of the network"),
	ROW(JT_UINT, jt_log_head, segment, 0, 0, "number of the segment, from 1"),
};
static const struct jt_schema log_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_log_head, log_fields);
const struct jt_kind jt_kind_log = {
	.name = "log", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &log_schema,
	.help = "whose log of the vote this is",
};

static const struct jt_field sum_fields[] = {
	ROW(JT_FIXED, jt_sum, sum, 0, JT_HASH, "hash over the sum before and what came since"),
};
static const struct jt_schema sum_schema = JT_SCHEMA(JT_FORM_MAP, struct jt_sum, sum_fields);
const struct jt_kind jt_kind_sum = {
	.name = "sum", .version = 1, .flags = JT_KIND_NAMELESS, .schema = &sum_schema,
	.help = "what is before it in the log is durable",
};

static enum jt_err
no_memory(struct jt_error *e)
{
	return jt_fail(e, JT_SYSTEM, "out of memory");
}

static struct jt_segment *
find_segment(struct jt_log *log, uint64_t number)
{
	if (log->count == 0 || number < log->segments[0].number ||
	    number - log->segments[0].number >= log->count)
		return NULL;
	return &log->segments[number - log->segments[0].number];
}

static struct jt_segment *
newest(const struct jt_log *log)
{
	return &log->segments[log->count - 1];
}

/* Append an object to the batch. */
static enum jt_err
put(struct jt_log *log, struct jt_slice object, struct jt_log_place *place, struct jt_error *e)
{
	struct jt_segment *s = newest(log);

	*place = (struct jt_log_place){ s->number, (uint32_t)(s->size + log->batch.len),
		(uint32_t)object.len };
	if (!jt_buf_add_slice(&log->batch, object))
		return no_memory(e);
	return JT_OK;
}

enum jt_err
jt_log_add_segment(struct jt_log *log, uint64_t number, struct jt_error *e)
{
	if (log->count == log->cap) {
		size_t cap = log->cap ? log->cap * 2 : 16;
		struct jt_segment *grown = realloc(log->segments, cap * sizeof *grown);
		if (grown == NULL)
			return no_memory(e);
		log->segments = grown;
		log->cap = cap;
	}
	log->segments[log->count++] = (struct jt_segment){ .number = number };
	return JT_OK;
}

enum jt_err
jt_log_begin_segment(struct jt_log *log, struct jt_error *e)
{
	uint64_t number = log->count > 0 ? newest(log)->number + 1 : log->first;
	struct jt_log_head head = { .segment = number };
	struct jt_log_place place;
	struct jt_buf object;
	enum jt_err err;
	char *path;

	assert(log->batch.len == 0);
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
	if ((path = jt_log_path(log, number)) == NULL)
		return no_memory(e);
	log->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (log->fd < 0)
		err = jt_fail(e, jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
	else
		err = jt_dir_sync_of(path, e);
	free(path);
	if (err != JT_OK || (err = jt_log_add_segment(log, number, e)) != JT_OK ||
	    (err = jt_log_identify(log->fd, &head, e)) != JT_OK)
		return err;
	memcpy(head.key, log->key, JT_KEY);
	memcpy(head.network, log->network, JT_HASH);
	memset(log->sum, 0, JT_HASH);
	jt_buf_init(&object, JT_OBJECT_MAX);
	err = jt_kind_write(&jt_kind_log, &head, &object, e);
	if (err == JT_OK)
		err = put(log, jt_buf_slice(&object), &place, e);
	jt_buf_free(&object);
	return err;
}

/* ---- writing ---- */

enum jt_err
jt_log_append(struct jt_log *log, struct jt_slice object, const struct jt_ref *ref,
    struct jt_log_place *place, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	/* From its first new block on, the newest segment's index is kept as it grows. */
	if (ref != NULL && !newest(log)->indexed)
		err = jt_log_index_make(log, newest(log), e);
	if (err == JT_OK)
		err = put(log, object, place, e);
	if (err == JT_OK && ref != NULL)
		err = jt_log_index_add(newest(log), ref, place, e);
	return err;
}

size_t
jt_log_waiting(const struct jt_log *log)
{
	return log->batch.len;
}

enum jt_err
jt_log_sync(struct jt_log *log, struct jt_error *e)
{
	struct jt_segment *s = newest(log);
	struct jt_log_place place;
	struct jt_buf object;
	struct jt_sum sum;
	enum jt_err err;

	if (log->batch.len == 0)
		return JT_OK;
	jt_log_sum(log->sum, jt_buf_slice(&log->batch), sum.sum);
	jt_buf_init(&object, JT_OBJECT_MAX);
	err = jt_kind_write(&jt_kind_sum, &sum, &object, e);
	if (err == JT_OK)
		err = put(log, jt_buf_slice(&object), &place, e);
	jt_buf_free(&object);
	if (err == JT_OK)
		err = jt_file_write_fd(log->fd, log->dir, jt_buf_slice(&log->batch), e);
	if (err == JT_OK && fdatasync(log->fd) != 0)
		err = jt_fail(e, JT_IO, "%s: %s", log->dir, strerror(errno));
	if (err != JT_OK)
		return err;
	memcpy(log->sum, sum.sum, JT_HASH);
	s->size += (uint32_t)log->batch.len;
	jt_buf_clear(&log->batch);
	return JT_OK;
}

uint64_t
jt_log_size(const struct jt_log *log)
{
	uint64_t size = log->batch.len;

	for (size_t i = 0; i < log->count; i++)
		size += log->segments[i].size;
	return size;
}

uint64_t
jt_log_oldest(const struct jt_log *log)
{
	return log->segments[0].number;
}

uint64_t
jt_log_newest(const struct jt_log *log)
{
	return newest(log)->number;
}

void
jt_log_segment(struct jt_log *log, uint32_t bytes)
{
	log->segment = bytes;
}

bool
jt_log_full(const struct jt_log *log)
{
	return newest(log)->size + log->batch.len >= log->segment;
}

static enum jt_err
drop_oldest(struct jt_log *log, struct jt_error *e)
{
	char *path = jt_log_path(log, log->segments[0].number);
	enum jt_err err = JT_OK;

	if (path == NULL)
		return no_memory(e);
	if (unlink(path) != 0 && errno != ENOENT)
		err = jt_fail(e, JT_IO, "%s: %s", path, strerror(errno));
	free(path);
	jt_log_index_free(&log->segments[0]);
	memmove(log->segments, log->segments + 1, --log->count * sizeof *log->segments);
	return err;
}

enum jt_err
jt_log_turn(struct jt_log *log, struct jt_error *e)
{
	enum jt_err err = jt_log_sync(log, e);

	return err == JT_OK ? jt_log_begin_segment(log, e) : err;
}

enum jt_err
jt_log_above_low(struct jt_log *log, uint32_t low, uint64_t *segment, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	*segment = newest(log)->number;
	for (size_t i = 0; i + 1 < log->count && err == JT_OK; i++) {
		struct jt_segment *s = &log->segments[i];
		if (s->high == 0 && !s->indexed)
			err = jt_log_index_make(log, s, e);
		if (s->high > low) {
			*segment = s->number;
			break;
		}
	}
	jt_log_index_trim(log);
	return err;
}

enum jt_err
jt_log_drop(struct jt_log *log, uint64_t needed, uint64_t keep, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	while (err == JT_OK && log->count > 1 && log->segments[0].number < needed &&
	    jt_log_size(log) > keep)
		err = drop_oldest(log, e);
	return err;
}

/* ---- reading ---- */

bool
jt_log_unwritten(const struct jt_log *log, const struct jt_log_place *place)
{
	const struct jt_segment *s = log->count > 0 ? &log->segments[log->count - 1] : NULL;

	return s != NULL && place->segment == s->number && place->offset >= s->size;
}

enum jt_err
jt_log_read(struct jt_log *log, const struct jt_log_place *place, struct jt_buf *out,
    struct jt_error *e)
{
	struct jt_segment *s = find_segment(log, place->segment);

	jt_buf_clear(out);
	if (s == NULL)
		return jt_fail(e, JT_NO, "not in the log any more");
	if (jt_log_unwritten(log, place)) {
		if (!jt_buf_add(out, log->batch.data + (place->offset - s->size), place->size))
			return no_memory(e);
		return JT_OK;
	}
	return jt_log_read_at(log, s, place, out, e);
}

uint32_t
jt_log_limit(struct jt_log *log, uint32_t indexes)
{
	uint32_t left = log->limit;

	log->limit = indexes;
	return left;
}

enum jt_err
jt_log_find(struct jt_log *log, const struct jt_ref *ref, struct jt_log_place *place,
    struct jt_error *e)
{
	enum jt_err err;

	*place = (struct jt_log_place){ 0 };
	/* Blocks are asked for soon after they came: the newest segments first. */
	for (size_t i = log->count; i-- > 0 && place->segment == 0;) {
		struct jt_segment *s = &log->segments[i];
		/* Of a segment that was indexed once the rounds are known. */
		if (s->high != 0 && (ref->round < s->low || ref->round > s->high))
			continue;
		if ((err = jt_log_index_need(log, s, e)) != JT_OK)
			return err;
		jt_log_index_find(s, ref, place);
		s->used = ++log->uses;
	}
	jt_log_index_trim(log);
	return JT_OK;
}

enum jt_err
jt_log_above(struct jt_log *log, uint32_t author, uint32_t round, struct jt_log_place *places,
    size_t max, size_t *count, struct jt_error *e)
{
	const struct jt_log_entry *found[JT_LOG_ABOVE];
	enum jt_err err;

	*count = 0;
	if (max > JT_LOG_ABOVE)
		max = JT_LOG_ABOVE;
	for (size_t i = 0; i < log->count && *count == 0; i++) {
		struct jt_segment *s = &log->segments[i];
		if (s->high != 0 && s->high <= round)
			continue;
		if ((err = jt_log_index_need(log, s, e)) != JT_OK)
			return err;
		if (!s->indexed)
			break; /* what lies behind would leave a gap */
		s->used = ++log->uses;
		*count = jt_log_index_above(s, author, round, found, max);
		for (size_t k = 0; k < *count; k++)
			places[k] = (struct jt_log_place){ s->number, found[k]->offset, found[k]->size };
	}
	jt_log_index_trim(log);
	return JT_OK;
}

enum jt_err
jt_log_each(struct jt_log *log, uint64_t from, jt_log_visit *visit, void *ctx,
    struct jt_error *e)
{
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < log->count && err == JT_OK; i++)
		if (log->segments[i].number >= from)
			err = jt_log_walk(log, &log->segments[i], visit, ctx, e);
	return err;
}
