/*
 * jt-pack: text to objects, from what jt-show writes or a person does: YAML
 * documents, one-liners, JSON lines.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "cmd.h"
#include "object/view.h"

static const struct cmd_option options[] = { CMD_OUTPUT, { 0 } };
static const struct cmd_program program = {
	.name = "jt-pack",
	.synopsis = "[-o FILE] [FILE...]",
	.options = options,
};

static struct cmd_output out;
static struct jt_buf object = { .max = JT_OBJECT_MAX };

/* False at the end of the text. */
static bool
pack_one(struct jt_pack *p, const char *name)
{
	bool end = false, broken = false;
	struct jt_error e;
	enum jt_err err;

	jt_buf_clear(&object);
	err = jt_pack_next(p, &object, &end, &broken, &e);
	if (err != JT_OK) {
		if (broken || err != JT_MALFORMED)
			die(err, "%s: %s", name, e.text);
		complain(err, "%s: %s", name, e.text);
		return true;
	}
	if (!end)
		cmd_write(&out, jt_buf_slice(&object));
	return !end;
}

static void
pack(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "stdin" : path;
	int fd = is_stdin ? STDIN_FILENO : cmd_open(path);
	struct pollfd ready = { fd, POLLIN, 0 };
	struct jt_pack *p;

	if ((p = jt_pack_open(&jt_all_kinds, fd)) == NULL)
		die(JT_SYSTEM, "out of memory");
	do
		if (poll(&ready, 1, 0) == 0)
			cmd_flush();
	while (pack_one(p, name));
	jt_pack_close(p);
	if (!is_stdin)
		close(fd);
}

int
main(int argc, char **argv)
{
	const char *path = NULL;

	cmd_start(&program, argc, argv);
	while (cmd_option() != 0)
		path = cmd_value;
	cmd_output_open(&out, path);
	if (cmd_operand_count == 0)
		pack("-");
	for (char **file = cmd_operands; *file != NULL; file++)
		pack(*file);
	jt_buf_free(&object);
	return cmd_end();
}
