/* A run that is recorded. See recording.h. */
#include "recording.h"

static struct jt_buf object = { .max = JT_OBJECT_MAX };

static void
put(struct cmd_output *out, const struct jt_kind *kind, const void *value)
{
	struct jt_error e;

	jt_buf_clear(&object);
	cmd_check(jt_kind_write(kind, value, &object, &e), &e);
	cmd_write(out, jt_buf_slice(&object));
}

void
recording_open(struct cmd_output *out, const char *path, const struct jt_run *run)
{
	cmd_output_open(out, path);
	put(out, &jt_kind_run, run);
}

void
recording_event(void *ctx, const struct jt_event *event)
{
	put(ctx, &jt_kind_event, event);
}
