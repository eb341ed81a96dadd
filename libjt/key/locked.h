/*
 * Locked memory: buffers for secret files, seeds and passphrases.
 *
 * A locked buffer is a struct jt_buf with all of its memory from the start, so
 * that no append moves it and leaves a copy behind. The memory is libsodium's:
 * kept out of swap and core dumps, between guard pages, wiped when released.
 * All the functions of buf.h work on it but jt_buf_free: use jt_locked_free.
 * jt_crypto_init (crypto/sign.h) comes first.
 */
#ifndef JT_LOCKED_H
#define JT_LOCKED_H

#include "base/buf.h"
#include "base/error.h"

/* An empty buffer for at most max bytes (max > 0): JT_SYSTEM without memory. */
enum jt_err jt_locked_init(struct jt_buf *b, size_t max, struct jt_error *e);
/* Also of a buffer that is all zeros, or free already. */
void jt_locked_free(struct jt_buf *b);

/*
 * jt_locked_init, then the whole of fd, which may be a file, a pipe, a socket.
 * A file that group or others have any right to is refused with
 * JT_PERMISSION, one longer than max with JT_MALFORMED; on any error b is
 * free again. `name` is for messages. fd stays open.
 */
enum jt_err jt_locked_read_fd(struct jt_buf *b, size_t max, int fd, const char *name,
    struct jt_error *e);
/* The same by path, which may be a FIFO or /dev/fd/N: JT_NOINPUT, JT_PERMISSION. */
enum jt_err jt_locked_read(struct jt_buf *b, size_t max, const char *path, struct jt_error *e);

#endif
