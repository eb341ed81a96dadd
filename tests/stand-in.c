/*
 * A vote of one, for tests of what stands around it: payload in, parts and
 * cuts out. It keeps nothing.
 *
 *	stand-in [-t] [-n] PUB CLOSER PAYLOAD TOOK CUTS
 *
 * PUB is the validator's, CLOSER is what jt-close prints, PAYLOAD are items, TOOK gets a jt/took for
 * each, CUTS what is cut. -t: that is all, nothing is cut. -n: not even that.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "key/pub.h"
#include "pipe/pipe.h"
#include "state/header.h"
#include "streams.h"

enum { AHEAD = 4, ITEMS = 4096, QUEUE = 64 << 20 };

static const struct cmd_option options[] = {
	{ 'n', "nothing", NULL, "take nothing" },
	{ 't', "take", NULL, "take, but cut nothing" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "stand-in", .synopsis = "[-n] [-t] PUB CLOSER PAYLOAD TOOK CUTS", .options = options
};

static struct {
	struct cmd_source closer, payload;
	struct cmd_sink took, cuts;
	struct jt_buf items;
	uint64_t count;
	uint64_t cut, applied; /* numbers of the last ones */
	bool known, take, cutting;
	struct jt_pub pub;
} me;

static void
hear(const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_at at = { 0 };
	struct jt_error e;

	if (row != &jt_kind_at)
		return;
	cmd_check(jt_kind_read(row, o, &at, NULL, &e), &e);
	me.applied = at.cut;
	me.cut = me.known ? me.cut : at.cut;
	me.known = true;
}

static void
put(struct cmd_sink *s, const struct jt_kind *kind, const void *in)
{
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	cmd_check(jt_kind_write(kind, in, &b, &e), &e);
	if (!cmd_sink_put(s, jt_buf_slice(&b)))
		die(JT_AGAIN, "%s: full", s->name);
	jt_buf_free(&b);
}

static void
take(const struct jt_object *o, const struct jt_kind *row)
{
	struct jt_took took;
	struct jt_error e;

	cmd_check(jt_kind_id(row, o, took.id, &e), &e);
	put(&me.took, &jt_kind_took, &took);
	if (!me.cutting)
		return;
	jt_buf_add_slice(&me.items, o->bytes);
	me.count++;
}

static void
cut(void)
{
	struct jt_part part = { .count = me.count, .round = me.cut + 1 };
	struct jt_cut c = { .n = me.cut + 1, .time = cmd_now_ms() };

	if (!me.known || me.count == 0 || me.cut - me.applied >= AHEAD)
		return;
	memcpy(part.author, me.pub.key, JT_KEY);
	put(&me.cuts, &jt_kind_part, &part);
	if (!cmd_sink_put(&me.cuts, jt_buf_slice(&me.items)))
		die(JT_AGAIN, "%s: full", me.cuts.name);
	put(&me.cuts, &jt_kind_cut, &c);
	jt_buf_clear(&me.items);
	me.count = 0;
	me.cut++;
}

static void
turn(void)
{
	struct pollfd p[] = { cmd_source_poll(&me.closer), cmd_source_poll(&me.payload),
		cmd_sink_poll(&me.took), cmd_sink_poll(&me.cuts) };
	const struct jt_kind *row;
	struct jt_object o;

	if (!me.take || me.count >= ITEMS)
		p[1].fd = -1;
	cmd_poll(p, 4, -1);
	if (p[0].revents)
		cmd_source_read(&me.closer);
	if (p[1].revents)
		cmd_source_read(&me.payload);
	while (cmd_source_next(&me.closer, &o, &row))
		hear(&o, row);
	while (me.take && me.count < ITEMS && cmd_source_next(&me.payload, &o, &row))
		take(&o, row);
	cut();
	cmd_sink_flush(&me.took);
	cmd_sink_flush(&me.cuts);
}

int
main(int argc, char **argv)
{
	struct jt_error e;
	int c;

	cmd_start(&program, argc, argv);
	me.take = me.cutting = true;
	while ((c = cmd_option()) != 0) {
		me.cutting = false;
		me.take = me.take && c != 'n';
	}
	if (cmd_operand_count != 5)
		cmd_usage("expected PUB CLOSER PAYLOAD TOOK CUTS");
	cmd_streams_start();
	cmd_check(cmd_pub_load(cmd_operands[0], &me.pub, &e), &e);
	jt_buf_init(&me.items, QUEUE);
	cmd_source_open(&me.closer, cmd_operands[1]);
	cmd_source_open(&me.payload, cmd_operands[2]);
	cmd_sink_open(&me.took, cmd_operands[3], QUEUE);
	cmd_sink_open(&me.cuts, cmd_operands[4], QUEUE);
	while (!cmd_stopping && me.closer.open && me.payload.open && me.took.fd >= 0 &&
	    me.cuts.fd >= 0)
		turn();
	jt_buf_free(&me.items);
	return 0;
}
