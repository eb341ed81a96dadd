/*
 * jt-show: objects to text, as YAML documents, JSON lines or one line each.
 * jt-pack is the way back.
 */
#include "all/kinds.h"
#include "cmd.h"
#include "object/view.h"

enum { TEXT_MAX = 16 << 20 }; /* bytes of an object's text; an object has at most 1 MiB */

static const struct cmd_option options[] = {
	{ 'j', "json", NULL, "JSON lines" },
	{ '1', "oneline", NULL, "one line each" },
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-show",
	.synopsis = "[-j | -1] [-o FILE] [FILE...]",
	.options = options,
	.secrets = true,
};

int
main(int argc, char **argv)
{
	enum jt_style style = JT_YAML;
	const struct jt_kind *row;
	const char *path = NULL;
	struct cmd_output out;
	struct cmd_input in;
	struct jt_object o;
	struct jt_error e;
	struct jt_buf text;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'o')
			path = cmd_value;
		else if (style != JT_YAML)
			cmd_usage("one of -j and -1");
		else
			style = c == 'j' ? JT_JSON : JT_LINE;
	}
	cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	jt_buf_init(&text, TEXT_MAX);
	while (cmd_next(&in, &o, &row)) {
		jt_buf_clear(&text);
		if (jt_show(&jt_all_kinds, &o, style, &text, &e) != JT_OK)
			cmd_object_error(&in, &e);
		else
			cmd_print_slice(&out, jt_buf_slice(&text));
	}
	jt_buf_free(&text);
	return cmd_end();
}
