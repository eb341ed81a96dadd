/*
 * A run that is recorded (sim/run.h): its head, then each event when it happens. For
 * whoever drives voters, modelled or real.
 */
#ifndef JT_RECORDING_H
#define JT_RECORDING_H

#include "cmd.h"
#include "sim/run.h"

/* Begin with the head. */
void recording_open(struct cmd_output *out, const char *path, const struct jt_run *run);
/* As the hook of a run; ctx is the output, which the caller closes. */
void recording_event(void *ctx, const struct jt_event *event);

#endif
