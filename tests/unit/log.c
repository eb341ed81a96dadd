/*
 * The voter's log on a real disk: what was made durable is there again, what
 * was not is cut off, and a log that was moved is not gone on with.
 */
#include "vote/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "electorate.h"
#include "pipe/pipe.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"

static struct jt_error error;
static const uint8_t network[JT_HASH] = { 1 }, key[JT_KEY] = { 2 };

static char dir[512], first_segment[600];

static struct jt_log *
open_log(enum jt_log_state want, const char *what)
{
	struct jt_log *log = NULL;
	enum jt_log_state state = JT_LOG_NONE;

	if (!is_int(jt_log_open(dir, network, key, &log, &state, &error), JT_OK, "open: %s", what))
		printf("# %s\n", error.text);
	is_int(state, want, "its state: %s", what);
	return log;
}

static void
add_tick(struct jt_log *log, uint64_t time)
{
	struct jt_tick t = { time };
	struct jt_log_place place;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	jt_kind_write(&jt_kind_tick, &t, &b, &error);
	if (jt_log_append(log, jt_buf_slice(&b), NULL, &place, &error) != JT_OK)
		printf("# %s\n", error.text);
	jt_buf_free(&b);
}

struct seen {
	uint64_t times[4096];
	size_t count;
};

static enum jt_err
see(void *ctx, const struct jt_object *o, const struct jt_log_place *place, struct jt_error *e)
{
	struct seen *s = ctx;
	struct jt_tick t = { 0 };
	msgpack_zone zone;
	enum jt_err err;

	(void)place;
	if (!jt_object_is(o, "tick") || !msgpack_zone_init(&zone, 1024))
		return JT_OK;
	err = jt_kind_read(&jt_kind_tick, o, &t, &zone, e);
	s->times[s->count++] = t.time;
	msgpack_zone_destroy(&zone);
	return err;
}

/* How many ticks, 1, 2, 3 and so on, are in the log? -1: not those. */
static int
count_ticks(struct jt_log *log)
{
	static struct seen s;

	s.count = 0;
	if (jt_log_each(log, 0, see, &s, &error) != JT_OK) {
		printf("# %s\n", error.text);
		return -1;
	}
	for (size_t i = 0; i < s.count; i++)
		if (s.times[i] != i + 1)
			return -1;
	return (int)s.count;
}

static void
durable(void)
{
	struct jt_log *log = open_log(JT_LOG_NONE, "where there is none");

	jt_log_close(log);
	log = open_log(JT_LOG_NONE, "nothing of it was made durable");
	is_int(jt_log_sync(log, &error), JT_OK, "a new log");
	is_int(jt_log_waiting(log), 0, "nothing to make durable");
	add_tick(log, 1);
	add_tick(log, 2);
	ok(jt_log_waiting(log) > 0, "something to make durable");
	is_int(jt_log_sync(log, &error), JT_OK, "made durable");
	add_tick(log, 3);
	is_int(count_ticks(log), 2, "what is not written is not read");
	jt_log_close(log);
	log = open_log(JT_LOG_GOOD, "again");
	is_int(count_ticks(log), 2, "what was durable is there, no more");
	add_tick(log, 3);
	jt_log_sync(log, &error);
	is_int(count_ticks(log), 3, "and it goes on");
	jt_log_close(log);
}

static void
lock(void)
{
	struct jt_log *log = open_log(JT_LOG_GOOD, "to keep"), *second;
	enum jt_log_state state;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		struct jt_error e;
		_exit((int)jt_log_open(dir, network, key, &second, &state, &e));
	}
	waitpid(child, &status, 0);
	is_int(WEXITSTATUS(status), JT_AGAIN, "another process cannot have it, too");
	jt_log_close(log);
}

static size_t
read_file(const char *path, uint8_t *bytes, size_t max)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, max);

	close(fd);
	return n > 0 ? (size_t)n : 0;
}

/* Write over the file that is there: its inode stays. */
static void
overwrite(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (write(fd, bytes, len) != (ssize_t)len)
		printf("# short write\n");
	close(fd);
}

/*
 * No crash changes what is written: then the log is not gone on with, and nothing
 * of it is forgotten. The last sum is no exception.
 */
static void
damaged(void)
{
	static uint8_t bytes[65536], copy[65536];
	size_t len = read_file(first_segment, bytes, sizeof bytes);
	int wrong = 0;

	for (size_t at = 0; at < len; at++) {
		struct jt_log *log = NULL;
		enum jt_log_state state;
		enum jt_err err;
		memcpy(copy, bytes, len);
		copy[at] ^= 0x41;
		overwrite(first_segment, copy, len);
		err = jt_log_open(dir, network, key, &log, &state, &error);
		if (err != JT_CONFIG) {
			printf("# byte %zu of %zu: %d\n", at, len, (int)err);
			wrong++;
		}
		jt_log_close(log);
	}
	is_int(wrong, 0, "a byte is wrong: the log is refused, wherever it is");
	ok(strstr(error.text, "0000000001.jt: is damaged behind byte ") != NULL, "  and it says where");
	overwrite(first_segment, bytes, len);
}

/* This many bytes, some of them zeros; how many ticks does the log have then? -1: refused. */
static int
ticks_with_hole(const uint8_t *bytes, size_t len, size_t at, size_t size)
{
	static uint8_t copy[65536];
	struct jt_log *log = NULL;
	enum jt_log_state state;
	int got = -1;

	memcpy(copy, bytes, len);
	memset(copy + at, 0, size);
	overwrite(first_segment, copy, len);
	if (jt_log_open(dir, network, key, &log, &state, &error) == JT_OK)
		got = count_ticks(log);
	else if (error.code != JT_CONFIG)
		got = -2;
	jt_log_close(log);
	return got;
}

/*
 * Sectors that were not written, though the end was: of the last batch, all of which is
 * cut off. With a whole batch behind them they were durable, and no crash took them.
 */
static void
holes(void)
{
	static uint8_t bytes[65536];
	struct jt_log *log = open_log(JT_LOG_GOOD, "to be longer");
	int had = count_ticks(log), wrong = 0, tried = 0;
	size_t first = (size_t)jt_log_size(log) + 511, len;

	for (uint64_t i = 1; i <= 200; i++)
		add_tick(log, (uint64_t)had + i);
	jt_log_sync(log, &error);
	jt_log_close(log);
	len = read_file(first_segment, bytes, sizeof bytes);
	for (size_t at = first / 512 * 512; at < len; at += 512, tried++)
		wrong += ticks_with_hole(bytes, len, at, len - at < 512 ? len - at : 512) != had;
	ok(tried > 5 && wrong == 0, "%d holes in a batch: it is cut off", tried);
	overwrite(first_segment, bytes, len);
	log = open_log(JT_LOG_GOOD, "to be still longer");
	add_tick(log, (uint64_t)had + 201);
	jt_log_sync(log, &error);
	jt_log_close(log);
	len = read_file(first_segment, bytes, sizeof bytes);
	for (size_t at = 512; at + 512 < len - 100; at += 512)
		wrong += ticks_with_hole(bytes, len, at, 512) != -1;
	is_int(wrong, 0, "with a batch behind it that is whole the log is refused");
	overwrite(first_segment, bytes, len);
}

/* The end of the file is missing, or was not written. */
static void
torn(void)
{
	static uint8_t bytes[65536];
	size_t len = read_file(first_segment, bytes, sizeof bytes);
	int wrong = 0, shorter = 0, last = -1;

	for (size_t n = len; n > len - 120; n--) {
		struct jt_log *log = NULL;
		enum jt_log_state state;
		int got;
		overwrite(first_segment, bytes, n);
		if (jt_log_open(dir, network, key, &log, &state, &error) != JT_OK)
			wrong++;
		got = log != NULL ? count_ticks(log) : -1;
		wrong += got < 0 || (last >= 0 && got > last);
		shorter += got < 3;
		last = got;
		jt_log_close(log);
	}
	is_int(wrong, 0, "cut off anywhere: the batches before it are there");
	ok(shorter > 0, "and fewer of them");
	overwrite(first_segment, bytes, len);
}

static void
moved(void)
{
	char away[600], command[4096];
	struct jt_log *log;
	enum jt_log_state state;
	struct stat st;

	/* A copy in its place: the same bytes, another file. */
	snprintf(away, sizeof away, "%s.copy", dir);
	snprintf(command, sizeof command, "cp -a '%s' '%s' && rm -r '%s' && mv '%s' '%s'", dir, away,
	    dir, away, dir);
	is_int(system(command), 0, "copied");
	log = open_log(JT_LOG_FOREIGN, "a copy is foreign");
	is_int(count_ticks(log), 0, "a new log is begun");
	jt_log_sync(log, &error);
	jt_log_close(log);
	snprintf(away, sizeof away, "%s.old-1", dir);
	is_int(stat(away, &st), 0, "the old one is set aside");
	log = open_log(JT_LOG_GOOD, "the new one is ours");
	jt_log_close(log);
	is_int(jt_log_open(dir, network, network, &log, &state, &error), JT_OK, "with another key");
	is_int(state, JT_LOG_FOREIGN, "it is foreign");
	jt_log_close(log);
}

static int
count_found(struct jt_log *log, const struct jt_ref *refs, int count)
{
	struct jt_log_place place;
	int found = 0;

	for (int i = 0; i < count; i++)
		found += jt_log_find(log, &refs[i], &place, &error) == JT_OK && place.segment != 0;
	return found;
}

/* Of its author's blocks above the round before it this is the first, or none is told. */
static bool
is_next_above(struct jt_log *log, const struct jt_ref *ref)
{
	struct jt_log_place place;
	struct jt_object o = { 0 };
	struct jt_ref is = { 0 };
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	size_t count = 0;
	bool yes = jt_log_above(log, ref->author, ref->round - 1, &place, 1, &count, &error) == JT_OK;

	if (yes && count > 0)
		yes = jt_log_read(log, &place, &b, &error) == JT_OK &&
		    jt_object_parse(jt_buf_slice(&b), &o, &error) == JT_OK &&
		    jt_block_ref(&o, &is, &error) == JT_OK && is.round == ref->round;
	jt_buf_free(&b);
	return yes;
}

/* A byte of this segment is another one, and back again if it is changed once more. */
static void
change(uint64_t segment, off_t at)
{
	char path[600];
	uint8_t byte = 0;
	int fd;

	snprintf(path, sizeof path, "%s/%010u.jt", dir, (unsigned)segment);
	fd = open(path, O_RDWR);
	if (pread(fd, &byte, 1, at) != 1 || (byte ^= 0x41, pwrite(fd, &byte, 1, at)) != 1)
		printf("# %s: not changed\n", path);
	close(fd);
}

/*
 * A segment of before that is damaged, in payload, which no form is asked of: the log is
 * opened without reading it, and refused when it is read.
 */
static void
damaged_before(const struct jt_ref *of_first)
{
	struct jt_log *log = NULL;
	struct jt_log_place place;
	enum jt_log_state state;

	change(1, 200 << 10);
	is_int(jt_log_open(dir, network, key, &log, &state, &error), JT_OK,
	    "open, and the first of many segments is damaged");
	is_int(jt_log_find(log, of_first, &place, &error), JT_CONFIG, "a block is looked for in it");
	ok(strstr(error.text, "2/0000000001.jt: is damaged behind byte ") != NULL, "  %s", error.text);
	is_int(jt_log_each(log, 1, see, NULL, &error), JT_CONFIG, "it is read");
	jt_log_close(log);
	change(1, 200 << 10);
}

/* Blocks over many segments are found by their refs, until they are dropped. */
static void
segments(void)
{
	enum { BLOCKS = 400 };
	static struct jt_ref refs[BLOCKS];
	static uint8_t filler[400 << 10];
	struct voters v;
	struct jt_log *log;
	struct jt_buf items, out, got;
	struct jt_log_place place;
	enum jt_log_state state;
	uint64_t newest, lost = 0, wrong = 0;
	int found;

	voters_make(&v, 4, 1);
	memcpy(v.el.network, network, JT_HASH);
	snprintf(dir + strlen(dir), sizeof dir - strlen(dir), "2");
	log = open_log(JT_LOG_NONE, "for segments");
	jt_buf_init(&items, JT_OBJECT_MAX);
	jt_buf_init(&out, JT_OBJECT_MAX);
	jt_buf_init(&got, JT_OBJECT_MAX);
	jt_object_write(&items, "filler", 1, (struct jt_slice){ filler, sizeof filler });
	for (uint32_t i = 0; i < BLOCKS; i++) {
		struct jt_ref parents[4];
		struct jt_block b;
		jt_buf_clear(&out);
		b = (struct jt_block){ .ref = { .round = i + 1, .author = i % 4 }, .parents = parents,
			.parent_count = 4 };
		for (uint32_t k = 0; k < 4; k++)
			jt_dag_genesis_ref(v.seed, (b.ref.author + k) % 4, &parents[k]);
		jt_block_seal(&v.el, &b, jt_buf_slice(&items), v.secret[b.ref.author], &out, &error);
		refs[i] = b.ref;
		wrong += jt_log_append(log, jt_buf_slice(&out), &b.ref, &place, &error) != JT_OK;
		if (i % 7 == 0)
			wrong += jt_log_sync(log, &error) != JT_OK;
		if (jt_log_full(log))
			wrong += jt_log_turn(log, &error) != JT_OK;
	}
	is_int(wrong, 0, "%d blocks appended", BLOCKS);
	newest = jt_log_newest(log);
	ok(newest > 8, "in %d segments", (int)newest);
	jt_log_sync(log, &error);
	jt_log_close(log);
	damaged_before(&refs[0]);
	is_int(jt_log_open(dir, network, key, &log, &state, &error), JT_OK, "open again");
	for (int i = 0; i < 1000; i++) {
		const struct jt_ref *ref = &refs[random_below(BLOCKS)];
		struct jt_object o = { 0 };
		struct jt_ref is = { 0 };
		wrong += jt_log_find(log, ref, &place, &error) != JT_OK || place.segment == 0 ||
		    jt_log_read(log, &place, &got, &error) != JT_OK ||
		    jt_object_parse(jt_buf_slice(&got), &o, &error) != JT_OK ||
		    jt_block_ref(&o, &is, &error) != JT_OK || memcmp(is.id, ref->id, JT_HASH) != 0;
	}
	is_int(wrong, 0, "each of 1000 asked for is found and read");
	is_int(jt_log_limit(log, 0), JT_LOG_NO_LIMIT, "no limit is set");
	found = count_found(log, refs, BLOCKS);
	ok(found > 0 && found < BLOCKS, "without new indexes %d of them are found", found);
	for (found = 0; count_found(log, &refs[found], 1) == 1;)
		found++;
	jt_log_limit(log, 1);
	is_int(count_found(log, &refs[found], 1), 1, "with one more another one is");
	is_int(jt_log_limit(log, 0), 0, "and the limit is used up");
	for (uint32_t i = 0; i < BLOCKS; i += 4)
		wrong += !is_next_above(log, &refs[i]);
	is_int(wrong, 0, "of those above a round none is passed over");
	jt_log_limit(log, JT_LOG_NO_LIMIT);
	is_int(count_found(log, refs, BLOCKS), BLOCKS, "with no limit all are found");
	is_int(jt_log_drop(log, newest - 2, 0, &error), JT_OK, "the old ones may go");
	is_int(jt_log_oldest(log), newest - 2, "those that are needed stay");
	for (uint32_t i = 0; i < BLOCKS; i++) {
		if (jt_log_find(log, &refs[i], &place, &error) == JT_OK && place.segment == 0)
			lost++;
	}
	ok(lost > 0 && lost < BLOCKS, "%d of %d blocks are gone with them", (int)lost, BLOCKS);
	is_int(jt_log_find(log, &refs[BLOCKS - 1], &place, &error), JT_OK, "the newest");
	ok(place.segment != 0, "is there");
	jt_log_close(log);
	jt_buf_free(&items);
	jt_buf_free(&out);
	jt_buf_free(&got);
}

int
main(int argc, char **argv)
{
	if (!jt_crypto_init())
		return 71;
	random_start(argc, argv);
	snprintf(dir, sizeof dir, "%s/vote", tempdir_make());
	snprintf(first_segment, sizeof first_segment, "%s/0000000001.jt", dir);
	durable();
	lock();
	damaged();
	torn();
	holes();
	moved();
	segments();
	return done_testing();
}
