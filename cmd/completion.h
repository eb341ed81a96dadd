/*
 * jt-anchor's second half: proof files that wait are completed, from the ledger
 * of a directory, and from what a validator proves of what is sent to it.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "cmd.h"
#include "deliver.h"

struct completion {
	const char *const *paths;   /* of the files, each once */
	size_t count;
	const char *dir;            /* of the ledger, or NULL */
	const struct deliver *to;   /* NULL: nothing is sent */
	struct cmd_output *unsent;  /* records that no ledger holds go here, or NULL */
};
/* What cannot be completed gets a line, and 75. */
void complete_proofs(const struct completion *c);

#endif
