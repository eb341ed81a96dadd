/*
 * Objects: everything in a file, a pipe, a socket or the database is one
 * self-delimiting msgpack value ["jt/KIND", version, payload], payload a bin
 * that holds a canonical map (walk.h).
 *
 * id = BLAKE2b-256("jt/KIND/VERSION" 0x00 body), where body is the payload, or
 * for a signed kind (signed.h) the signed part of it. Bytes received are the
 * bytes hashed and verified, never a re-encoding.
 */
#ifndef JT_OBJECT_H
#define JT_OBJECT_H

#include "base/buf.h"
#include "base/error.h"
#include "crypto/hash.h"

#define JT_OBJECT_MAX (UINT32_C(1) << 20) /* bytes of a whole object */
#define JT_KIND_MAX 24                    /* bytes of a kind's name, without "jt/" */

/* Borrows the bytes it was parsed from. */
struct jt_object {
	struct jt_slice kind;    /* "pay": without the "jt/" */
	uint64_t version;
	struct jt_slice payload; /* not yet looked at */
	struct jt_slice bytes;   /* all of the object */
};

/*
 * How long is the object that begins here? JT_OK and *size (which may be more
 * than s.len); JT_AGAIN when more bytes are needed to tell; JT_MALFORMED when
 * no object begins so. Looks at the first 64 bytes at most.
 */
enum jt_err jt_object_size(struct jt_slice s, size_t *size, struct jt_error *e);

/* The object that takes all of the bytes; checks the envelope, not the payload. */
enum jt_err jt_object_parse(struct jt_slice bytes, struct jt_object *o, struct jt_error *e);

/* Append an object; false when it does not fit (or is over JT_OBJECT_MAX). */
bool jt_object_write(struct jt_buf *out, const char *kind, uint64_t version,
    struct jt_slice payload);

void jt_object_hash(uint8_t id[JT_HASH], struct jt_slice kind, uint64_t version,
    struct jt_slice body);

bool jt_object_is(const struct jt_object *o, const char *kind);

/*
 * A stream of objects from a file descriptor, in constant memory. Not seekable,
 * any descriptor will do. The caller closes the descriptor.
 */
struct jt_reader {
	int fd;
	const char *name;  /* for messages: a path, or "stdin" */
	uint64_t index;    /* of the object last returned, from 1 */
	uint64_t offset;   /* in the stream, of that object */
	bool broken;       /* framing is lost: nothing more can be read */
	bool cut_off;      /* then: only since its writer had to stop */
	bool end;
	uint8_t *data;     /* the window: start..fill is unread */
	size_t start, fill, cap;
	size_t taken;      /* length of the object last returned */
};
void jt_reader_init(struct jt_reader *r, int fd, const char *name);
void jt_reader_free(struct jt_reader *r);
/*
 * The next object, valid until the next call; o->bytes.len == 0 at the end.
 * JT_MALFORMED with r->broken unset: the frame is good, its envelope is not;
 * it was skipped and the next call goes on. With r->broken set: stop.
 * JT_IO: reading failed.
 */
enum jt_err jt_reader_next(struct jt_reader *r, struct jt_object *o, struct jt_error *e);
/* Would the next call have to wait for input? */
bool jt_reader_dry(const struct jt_reader *r);
/*
 * For programs that poll several streams: has the next call all it needs in
 * memory (an object, a framing error or the end)? If not, jt_reader_more reads
 * once, which invalidates the object last returned; if it has, nothing is read.
 * JT_AGAIN when a descriptor that does not block has nothing, JT_IO.
 */
bool jt_reader_has(const struct jt_reader *r);
enum jt_err jt_reader_more(struct jt_reader *r, struct jt_error *e);

#endif
