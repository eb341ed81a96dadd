/*
 * Files of data: how they are told from files of objects, and their SHA-256,
 * which is what sha256sum prints and jt-anchor records.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "cmd.h"

/* What a file begins with. */
#define CMD_HEAD 64
struct cmd_head {
	bool regular;         /* it is a regular file that can be read; else nothing is known */
	bool object;          /* an object may begin so */
	uint8_t bytes[CMD_HEAD];
	struct jt_slice kind; /* of that object, as far as it is there: "pay" */
};
void cmd_head_read(struct cmd_head *h, const char *path);

/* Hash all of a descriptor; errors name `name`. JT_AGAIN: a file that changed meanwhile. */
enum jt_err cmd_digest_fd(int fd, const char *name, uint8_t digest[JT_HASH],
    struct jt_error *e);

/* "FILE.jtp", the proof beside a file; the caller frees it. */
char *cmd_proof_path(const char *file);

/*
 * A word as a hash of 32 bytes: 64 hex digits, "sha256:" before them or not;
 * anything else ends the program with 64. what: "prev".
 */
void cmd_hash(const char *what, const char *word, uint8_t hash[JT_HASH]);

#endif
