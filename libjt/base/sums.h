/*
 * Lists of SHA-256 digests, as other tools write them, line by line:
 *
 *	HEX  NAME      HEX *NAME      sha256sum, of text and of binary files
 *	\HEX  NAME                    the same, with \n, \r and \\ in the name
 *	SHA256 (NAME) = HEX           BSD, and sha256sum --tag
 *	sha256:HEX [NAME]             OCI images, SLSA
 *	HEX
 *
 * Empty lines and lines that begin with # say nothing.
 */
#ifndef JT_SUMS_H
#define JT_SUMS_H

#include "base/buf.h"
#include "base/error.h"

#define JT_SUM 32              /* bytes of a digest */
#define JT_SUMS_LINE_MAX 8192  /* bytes of a line, without its end */

/*
 * A line without its end. *found false: it says nothing. *name points into the
 * line, and is as it stands there; it is empty when there is none.
 */
enum jt_err jt_sums_line(struct jt_slice line, uint8_t digest[JT_SUM], struct jt_slice *name,
    bool *found, struct jt_error *e);

/* A hash alone: 64 hex digits, or those behind "sha256:". */
bool jt_sums_hash(struct jt_slice text, uint8_t hash[JT_SUM]);

#endif
