/* The inside of the voter's log, for the files log*.c alone. */
#ifndef JT_LOG_FILE_H
#define JT_LOG_FILE_H

#include "vote/log.h"

#define JT_SEGMENT_MOST (JT_SEGMENT + (96U << 20)) /* bytes: the batch that fills it up may be large */
#define JT_LOG_ABOVE 64 /* places that one jt_log_above gives */
#define JT_LOG_INDEXES 8 /* indexes in memory */

/* Of one block. */
struct jt_log_entry {
	uint8_t id[JT_LOG_ID]; /* its beginning: enough that nobody finds two that are alike */
	uint32_t offset;
	uint32_t size;
	uint32_t round;
	uint32_t author;
};

struct jt_segment {
	uint64_t number;
	uint32_t size;       /* bytes in the file */
	uint32_t low, high;  /* rounds of its blocks; high 0: it has none */
	bool indexed;
	size_t sorted_count; /* entries in front that are in order of their ids */
	struct jt_log_entry *entries;
	size_t count, cap;
	uint64_t used;       /* when it was looked at */
};

struct jt_log {
	char *dir;
	int lock;
	int fd;              /* of the newest segment */
	uint32_t segment;    /* bytes, about, before the next one begins */
	uint8_t network[JT_HASH];
	uint8_t key[JT_KEY];
	struct jt_segment *segments;
	size_t count, cap;
	uint64_t first;      /* number of the segment that an empty log begins with */
	struct jt_buf batch; /* appended, not written */
	uint8_t sum[JT_HASH]; /* the last one */
	uint64_t uses;
	uint32_t limit;      /* indexes that may be made again */
};

/* log.c */
/* Another segment that is there. */
enum jt_err jt_log_add_segment(struct jt_log *log, uint64_t number, struct jt_error *e);
/* The next segment, with its head in the batch. */
enum jt_err jt_log_begin_segment(struct jt_log *log, struct jt_error *e);

/* log_file.c */
char *jt_log_path(const struct jt_log *log, uint64_t segment);
/* Numbers of the segments in a directory, ascending; the caller frees them. */
enum jt_err jt_log_list(const char *dir, uint64_t **numbers, size_t *count, struct jt_error *e);
/* Fill in device, inode and generation. */
enum jt_err jt_log_identify(int fd, struct jt_log_head *head, struct jt_error *e);
bool jt_log_is_ours(struct jt_log *log, struct jt_error *e);
void jt_log_sum(const uint8_t before[JT_HASH], struct jt_slice bytes, uint8_t out[JT_HASH]);
/*
 * How many bytes are in batches with a good sum, and what the last sum was. Behind
 * them is what a crash has left of one batch: a part of it, or all of its length with
 * sectors that were not written. Anything else is JT_CONFIG.
 */
enum jt_err jt_log_check(struct jt_slice bytes, size_t *good, uint8_t sum[JT_HASH],
    struct jt_error *e);
enum jt_err jt_log_read_at(struct jt_log *log, const struct jt_segment *s,
    const struct jt_log_place *place, struct jt_buf *out, struct jt_error *e);
enum jt_err jt_log_walk(struct jt_log *log, const struct jt_segment *s, jt_log_visit *visit,
    void *ctx, struct jt_error *e);
/* Close everything but the struct itself. */
void jt_log_forget(struct jt_log *log);

/* log_index.c */
enum jt_err jt_log_index_add(struct jt_segment *s, const struct jt_ref *ref,
    const struct jt_log_place *place, struct jt_error *e);
enum jt_err jt_log_index_make(struct jt_log *log, struct jt_segment *s, struct jt_error *e);
/* The same if it is not there; within the limit, unless it is made for the first time. */
enum jt_err jt_log_index_need(struct jt_log *log, struct jt_segment *s, struct jt_error *e);
void jt_log_index_find(struct jt_segment *s, const struct jt_ref *ref,
    struct jt_log_place *place);
/* Blocks of an author above a round, lowest first: entries of this segment. */
size_t jt_log_index_above(struct jt_segment *s, uint32_t author, uint32_t round,
    const struct jt_log_entry **found, size_t max);
void jt_log_index_free(struct jt_segment *s);
/* Free the indexes that were not used for longest. */
void jt_log_index_trim(struct jt_log *log);

#endif
