/*
 * jt-draw: a recorded vote, or a validator's as it stands, as a picture: SVG, a
 * graph for dot(1), or a table.
 */
#include <inttypes.h>
#include <string.h>

#include "cmd.h"
#include "draw-live.h"
#include "sim/picture.h"

enum { OPT_DOT = CMD_OPT_OWN, OPT_TEXT, OPT_VIEW };

static const struct cmd_option options[] = {
	{ 'd', "dir", "DIR", "the newest rounds of the vote of this validator" },
	{ 'm', "messages", "N", "the state after message N" },
	{ OPT_VIEW, "view", "N", "as validator N knows it" },
	{ OPT_DOT, "dot", NULL, "a graph for dot(1)" },
	{ OPT_TEXT, "text", NULL, "a table" },
	CMD_OUTPUT,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-draw",
	.synopsis = "[-d DIR | RUN] [-m N] [--view N] [--dot | --text] [-o FILE]",
	.options = options,
};

/* The run begins with what it is a run of. */
static struct jt_picture *
begin(struct cmd_input *in, const struct jt_picture_terms *terms)
{
	const struct jt_kind *kind;
	struct jt_picture *p;
	struct jt_object o;
	struct jt_error e;
	struct jt_run run;
	msgpack_zone zone;
	enum jt_err err;

	if (!cmd_next(in, &o, &kind)) {
		cmd_need_input(in);
		cmd_give_up();
	}
	if (kind != &jt_kind_run)
		die(JT_MALFORMED, "%s:#%" PRIu64 ": not a run: expected a jt/run, found a jt/%s",
		    in->name, in->count, kind->name);
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	if ((err = jt_kind_read(&jt_kind_run, &o, &run, &zone, &e)) == JT_OK)
		err = jt_picture_new(&run, terms, &p, &e);
	if (err == JT_USAGE)
		die_error(&e);
	if (err != JT_OK) {
		cmd_object_error(in, &e);
		cmd_give_up();
	}
	msgpack_zone_destroy(&zone);
	return p;
}

static void
gather(struct cmd_input *in, struct jt_picture *p)
{
	const struct jt_kind *kind;
	struct jt_event event;
	struct jt_object o;
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	while (cmd_next(in, &o, &kind)) {
		if (kind != &jt_kind_event)
			die(JT_MALFORMED, "%s:#%" PRIu64 ": expected a jt/event, found a jt/%s", in->name,
			    in->count, kind->name);
		msgpack_zone_clear(&zone);
		if (jt_kind_read(&jt_kind_event, &o, &event, &zone, &e) != JT_OK ||
		    jt_picture_add(p, &event, &e) != JT_OK) {
			cmd_object_error(in, &e);
			cmd_give_up();
		}
	}
	msgpack_zone_destroy(&zone);
}

int
main(int argc, char **argv)
{
	enum jt_err (*draw)(struct jt_picture *, struct jt_buf *, struct jt_error *) =
	    jt_picture_svg;
	struct jt_picture_terms terms = { 0 };
	const char *path = NULL, *dir = NULL;
	struct cmd_output out;
	struct cmd_input in;
	struct jt_picture *p;
	struct jt_buf text;
	struct jt_error e;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'o')
			path = cmd_value;
		else if (c == 'd')
			dir = cmd_dir(cmd_value);
		else if (c == 'm')
			terms.messages = cmd_value_number(1, UINT64_MAX);
		else if (c == OPT_VIEW)
			terms.viewer = (uint32_t)cmd_value_number(1, JT_VOTERS_MAX);
		else if (draw != jt_picture_svg)
			cmd_usage("one of --dot and --text");
		else
			draw = c == OPT_DOT ? jt_picture_dot : jt_picture_text;
	}
	if (cmd_operand_count > (dir == NULL))
		cmd_usage("expected one run");
	if (dir == NULL) {
		cmd_input_open(&in, cmd_operands);
		p = begin(&in, &terms);
	} else {
		p = draw_live(dir, terms);
	}
	cmd_output_open(&out, path);
	if (dir == NULL)
		gather(&in, p);
	jt_buf_init(&text, JT_PICTURE_TEXT);
	cmd_check(draw(p, &text, &e), &e);
	cmd_print_slice(&out, jt_buf_slice(&text));
	jt_buf_free(&text);
	jt_picture_free(p);
	return cmd_end();
}
