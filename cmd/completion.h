/*
 * jt-anchor's second half: proof files that wait are completed, from the ledger
 * of a directory, and from what a validator proves of what is sent to it.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "cmd.h"
#include "deliver.h"

/* One more file to complete; one that is added twice is one. The path is copied. */
void completion_add(const char *path);

struct completion {
	const uint8_t *network;     /* id of the servers', or NULL */
	const char *file;           /* the network file, as -N gave it, or NULL */
	const char *dir;            /* of the ledger, or NULL */
	const struct deliver *to;   /* NULL: nothing is sent */
	struct cmd_output *unsent;  /* records that no ledger holds go here, or NULL */
};
/* What cannot be completed gets a line, as long as these are few, and 75. */
void completion_run(const struct completion *c);

#endif
