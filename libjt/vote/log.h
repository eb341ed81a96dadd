/*
 * The voter's log: what it must not forget, in the order in which it came.
 *
 * A directory of segments, "0000000001.jt" and so on, each a stream of objects
 * that jt-show prints. A segment begins with jt/log, which says whose log it
 * is and in which file it was written: a copy, or one restored from a backup,
 * is told by that, and must not vote. Every batch ends with jt/sum, a hash over
 * all since the sum before: at opening, what lies behind the last good sum was
 * never durable and is cut off.
 *
 * Nothing that a voter says may leave before jt_log_sync: then one fdatasync
 * makes the whole batch durable.
 *
 * Blocks are found by round, author and id through an index of the segment
 * they are in; indexes of old segments are made again when asked for. Old
 * segments go when the log is larger than asked for and the mark (what a
 * voter begins again from) does not need them.
 */
#ifndef JT_LOG_H
#define JT_LOG_H

#include "crypto/sign.h"
#include "object/kind.h"
#include "vote/dag.h"

#define JT_SEGMENT (16U << 20)          /* bytes, about, before the next one begins */
#define JT_LOG_KEEP (UINT64_C(1) << 30) /* bytes of segments that are kept */

/* jt/log: the first object of a segment. */
struct jt_log_head {
	uint64_t device;     /* of the file, as fstat(2) says */
	uint64_t generation; /* of its inode, where the file system has one */
	uint64_t inode;
	uint8_t key[JT_KEY]; /* the validator */
	uint8_t network[JT_HASH];
	uint64_t segment;    /* from 1 */
};
extern const struct jt_kind jt_kind_log;

/* jt/sum: the end of a batch. */
struct jt_sum {
	uint8_t sum[JT_HASH]; /* over the sum before and every byte since */
};
extern const struct jt_kind jt_kind_sum;

/* Where an object of the log is. */
struct jt_log_place {
	uint64_t segment; /* 0: nowhere */
	uint32_t offset;
	uint32_t size;
};

enum jt_log_state {
	JT_LOG_GOOD,    /* as it was left */
	JT_LOG_NONE,    /* there was no log */
	JT_LOG_FOREIGN  /* of another file, key or network: set aside, a new one begun */
};

struct jt_log;
/*
 * Open the log in a directory, which is made when there is none. What was not
 * durable at the end of the newest segment is cut off. A new log is there with
 * the first jt_log_sync: until then there was none (JT_LOG_NONE), so what must be
 * known of why it is new becomes durable with it. JT_AGAIN when another
 * process has it open; JT_CONFIG when a segment is missing among others, or the
 * newest one is damaged, which a crash does not do; JT_IO, JT_SYSTEM.
 */
enum jt_err jt_log_open(const char *dir, const uint8_t network[JT_HASH],
    const uint8_t key[JT_KEY], struct jt_log **log, enum jt_log_state *state,
    struct jt_error *e);
void jt_log_close(struct jt_log *log);

/*
 * Call back for every object but jt/log and jt/sum, in order, from the beginning
 * of a segment on (0: the oldest); stops at the first error. JT_CONFIG when a
 * segment is damaged: all sums of one of before are checked, here and where its
 * index is made.
 */
typedef enum jt_err jt_log_visit(void *ctx, const struct jt_object *o,
    const struct jt_log_place *place, struct jt_error *e);
enum jt_err jt_log_each(struct jt_log *log, uint64_t from, jt_log_visit *visit, void *ctx,
    struct jt_error *e);

/* Append an object; ref: of a block, so that it can be found, or NULL. */
enum jt_err jt_log_append(struct jt_log *log, struct jt_slice object, const struct jt_ref *ref,
    struct jt_log_place *place, struct jt_error *e);
/* Bytes that jt_log_sync would make durable. */
size_t jt_log_waiting(const struct jt_log *log);
/* Write and fdatasync what was appended. On an error the log must not be used again. */
enum jt_err jt_log_sync(struct jt_log *log, struct jt_error *e);

/*
 * Finding may have to make indexes of old segments again, a whole segment's reading
 * each. For whoever asks and is not trusted it can be limited: then what would need
 * more is as if it were not there. Returns what was left of the limit before.
 */
#define JT_LOG_NO_LIMIT UINT32_MAX
uint32_t jt_log_limit(struct jt_log *log, uint32_t indexes);
/*
 * Where is this block? place->segment 0: not here (any more). It is found by the first
 * JT_LOG_ID bytes of its id: who asks may have made up the others.
 */
#define JT_LOG_ID 16
enum jt_err jt_log_find(struct jt_log *log, const struct jt_ref *ref, struct jt_log_place *place,
    struct jt_error *e);
/*
 * The author's blocks above a round, lowest first, at most max of them: those of
 * the first segment that has any. An author's blocks are in the order of their
 * rounds where it is one's own log.
 */
enum jt_err jt_log_above(struct jt_log *log, uint32_t author, uint32_t round,
    struct jt_log_place *places, size_t max, size_t *count, struct jt_error *e);
/* Put the object's bytes into out, which is emptied first. JT_NO: that segment is gone. */
enum jt_err jt_log_read(struct jt_log *log, const struct jt_log_place *place, struct jt_buf *out,
    struct jt_error *e);
/* Does it lie in memory alone, as it was appended? */
bool jt_log_unwritten(const struct jt_log *log, const struct jt_log_place *place);
/* What was read from this place is not what was written there: JT_CONFIG, and e says where. */
enum jt_err jt_log_damaged(const struct jt_log *log, const struct jt_log_place *place,
    struct jt_error *e);

/* Size of everything, bytes. */
uint64_t jt_log_size(const struct jt_log *log);
uint64_t jt_log_oldest(const struct jt_log *log); /* segment */
uint64_t jt_log_newest(const struct jt_log *log);
/* The size from which a segment is full; JT_SEGMENT unless said. */
void jt_log_segment(struct jt_log *log, uint32_t bytes);
/* Is it time for the next segment? */
bool jt_log_full(const struct jt_log *log);
/* Begin the next segment: what is appended next is the first in it. */
enum jt_err jt_log_turn(struct jt_log *log, struct jt_error *e);
/* The oldest segment with a block above this round. */
enum jt_err jt_log_above_low(struct jt_log *log, uint32_t low, uint64_t *segment,
    struct jt_error *e);
/*
 * Segments before `needed` go, oldest first, while the log is larger than `keep`
 * bytes. Only when what is durable does not need them.
 */
enum jt_err jt_log_drop(struct jt_log *log, uint64_t needed, uint64_t keep, struct jt_error *e);

#endif
