/*
 * Work that takes its time and a directory to do it in.
 *
 * The directory is made beside a path that the caller names, and is gone again
 * when the program ends, however it ends but by kill -9 or a crash: die() removes
 * it, and signals that would kill the program wait for the next step.
 */
#ifndef CMD_WORK_H
#define CMD_WORK_H

#include "cmd.h"
#include "ledger/replay.h"

/* Make "PATH.tmp.XXXXXX"; the string lives until cmd_work_end or _keep. */
const char *cmd_work_begin(const char *path);
/* Between two steps: has a signal come? Then clean up and end by it. */
void cmd_work_pause(void);
/* Remove the directory and all in it. */
void cmd_work_end(void);
/* Move the directory to a path where nothing is yet: 73 otherwise. */
void cmd_work_keep(const char *path);
/* A path in the directory, a/b with b not NULL; the caller frees it. */
char *cmd_work_path(const char *a, const char *b);

/* Begin a replay of `from` in a directory of its own beside dir's ledger. */
void cmd_replay_start(struct jt_replay *r, struct jt_ledger *from, const char *network,
    const char *dir);

/*
 * "what DONE of TOTAL" (total 0: not known) on stderr when that is a terminal,
 * some times a second; what NULL wipes it away.
 */
void cmd_progress(const char *what, uint64_t done, uint64_t total);

#endif
