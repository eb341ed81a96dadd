/* The course of a voter's program. See vote-loop.h. */
#include "vote-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "pipe/pipe.h"
#include "streams.h"

enum {
	INPUTS_MAX = 16,
	CLOSER_AHEAD = 1 << 20,  /* bytes that may wait for the closer before no more is handed out */
	PEERS_AHEAD = 16 << 20,  /* and for peers, before no more is heard of what they ask for */
	QUEUE_MAX = 256 << 20,   /* bytes for a reader that does not read, before it is given up */
	STATE_MS = 100,          /* the file with the state is written so often, at most */
	BURST = 1 << 20          /* bytes taken before they are made durable and answered */
};

struct input {
	struct cmd_source source;
	bool only_items; /* nothing but payload and ticks came: it can wait */
	bool peers;      /* what peers say came, who are answered */
};

static struct {
	const struct vote_hooks *hooks;
	struct cmd_voter voter;
	struct input inputs[INPUTS_MAX];
	size_t count;
	struct cmd_sink sinks[3];      /* those that there are */
	size_t sink_count;
	struct cmd_sink *way[3];       /* by enum jt_way */
	const char *state_path;
	char *state_temp;
	struct jt_buf written;         /* what is in that file */
	uint64_t written_at;           /* cmd_clock_ms */
} me;

/* ---- what the member asks for ---- */

void
vote_put(enum jt_way way, struct jt_slice object)
{
	struct cmd_sink *s = me.way[way];

	if (s->fd >= 0 && !cmd_sink_put(s, object))
		die(JT_AGAIN, "%s: its reader does not read", s->name);
}

static void
out(void *ctx, enum jt_way way, struct jt_slice object)
{
	(void)ctx;
	if (me.hooks != NULL)
		me.hooks->out(way, object);
	else
		vote_put(way, object);
}

static bool
room(void *ctx)
{
	(void)ctx;
	return cmd_sink_waiting(me.way[JT_TO_CLOSER]) < CLOSER_AHEAD;
}

static bool
certificate(void *ctx, uint64_t ledger, struct jt_buf *object)
{
	(void)ctx;
	return cmd_voter_certificate(&me.voter, ledger, object);
}

static void
note(void *ctx, const char *text)
{
	(void)ctx;
	complain(JT_OK, "%s", text);
}

static void
halt(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *why)
{
	(void)ctx;
	cmd_voter_halt(&me.voter, ledger, evidence, why);
}

static const struct jt_member_ops ops = { out, room, certificate, note, halt };

/* ---- in ---- */

static enum jt_door
door_of(const struct jt_object *o)
{
	if (jt_object_is(o, "msg") || jt_object_is(o, "peer"))
		return JT_FROM_PEERS;
	return jt_object_is(o, "header") || jt_object_is(o, "at") ? JT_FROM_CLOSER : JT_FROM_CLIENTS;
}

static void
take(struct input *in, const struct jt_object *o, const struct jt_kind *row)
{
	enum jt_door door = door_of(o);
	uint8_t id[JT_HASH] = { 0 };
	struct jt_error e;
	enum jt_err err = JT_OK;

	in->peers |= door == JT_FROM_PEERS;
	if (door == JT_FROM_CLIENTS && row != &jt_kind_tick)
		err = jt_kind_id(row, o, id, &e);
	else if (row != &jt_kind_tick)
		in->only_items = false;
	if (err == JT_OK)
		err = jt_member_take(me.voter.member, door, o, id, &e);
	if (me.hooks != NULL && door == JT_FROM_PEERS)
		me.hooks->heard(o);
	if (err == JT_OK)
		return;
	if (err != JT_MALFORMED && err != JT_NO)
		die_error(&e);
	/* What peers send is their doing, and no code of ours; nor is what an observer gets. */
	in->source.foreign = door == JT_FROM_PEERS || err == JT_NO;
	cmd_source_complain(&in->source, err, "%s", e.text);
	in->source.foreign = false;
}

static bool
waits(const struct input *in)
{
	if (in->peers && cmd_sink_waiting(me.way[JT_TO_PEERS]) > PEERS_AHEAD)
		return true;
	return in->only_items && !jt_member_has_room(me.voter.member);
}

static void
take_all(struct input *in)
{
	const struct jt_kind *row;
	struct jt_object o;
	size_t bytes = 0;

	while (bytes < BURST && !waits(in) && cmd_source_next(&in->source, &o, &row)) {
		bytes += o.bytes.len;
		take(in, &o, row);
	}
}

/* Is there something in memory that was not taken? Then poll must not wait. */
static bool
is_behind(void)
{
	for (size_t i = 0; i < me.count; i++)
		if (me.inputs[i].source.open && !waits(&me.inputs[i]) &&
		    jt_reader_has(&me.inputs[i].source.reader))
			return true;
	return false;
}

/* ---- out ---- */

/* First durable, then said. */
static void
say(void)
{
	struct jt_error e;

	cmd_check(jt_member_feed(me.voter.member, &e), &e);
	cmd_check(jt_member_sync(me.voter.member, &e), &e);
	if (me.hooks != NULL)
		me.hooks->taken();
	for (size_t i = 0; i < me.sink_count; i++)
		cmd_sink_flush(&me.sinks[i]);
}

/*
 * Not durable: it says how things are, and is made anew at each start. False when
 * the disk is full, which is told once and no reason to stop.
 */
static bool
write_state(struct jt_slice state)
{
	static bool told;
	int fd = open(me.state_temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	enum jt_err err;
	struct jt_error e;

	if (fd < 0)
		err = jt_fail(&e, jt_err_of(errno, JT_CANTCREATE), "%s: %s", me.state_temp,
		    strerror(errno));
	else
		err = jt_file_write_fd(fd, me.state_temp, state, &e);
	if (err != JT_OK && errno != ENOSPC && errno != EDQUOT)
		die(err, "%s", e.text);
	if (fd >= 0)
		close(fd);
	if (err != JT_OK) {
		if (!told)
			complain(JT_OK, "%s", e.text);
		told = true;
		return false;
	}
	if (rename(me.state_temp, me.state_path) != 0)
		die(jt_err_of(errno, JT_IO), "%s: %s", me.state_path, strerror(errno));
	return true;
}

/* How many ms until the state must be written? -1: it is as it was. */
static int
tell_state(void)
{
	struct jt_standing_peer peers[JT_VOTERS_MAX];
	struct jt_standing s = { .peers = { peers, 0 } };
	struct jt_buf state;
	struct jt_error e;
	uint64_t now;

	if (me.state_path == NULL)
		return -1;
	jt_buf_init(&state, JT_OBJECT_MAX);
	jt_member_look(me.voter.member, &s);
	cmd_check(jt_kind_write(&jt_kind_standing, &s, &state, &e), &e);
	if (jt_slice_equal(jt_buf_slice(&state), jt_buf_slice(&me.written))) {
		jt_buf_free(&state);
		return -1;
	}
	now = cmd_clock_ms();
	if (now < me.written_at + STATE_MS) {
		jt_buf_free(&state);
		return (int)(me.written_at + STATE_MS - now);
	}
	me.written_at = now;
	if (!write_state(jt_buf_slice(&state))) {
		jt_buf_free(&state);
		return STATE_MS;
	}
	jt_buf_free(&me.written);
	me.written = state;
	return -1;
}

/* When one end of it is gone, the whole validator ends: its supervisor sees to that. */
static bool
is_open(void)
{
	bool open = true;

	for (size_t i = 0; i < me.count; i++)
		open &= me.inputs[i].source.open;
	for (size_t i = 0; i < me.sink_count; i++)
		open &= me.sinks[i].fd >= 0;
	return open;
}

static void
run(void)
{
	struct pollfd p[INPUTS_MAX + 3];
	struct jt_error e;

	cmd_check(jt_member_start(me.voter.member, &e), &e);
	say();
	while (is_open() && !cmd_stopping) {
		for (size_t i = 0; i < me.count; i++) {
			p[i] = cmd_source_poll(&me.inputs[i].source);
			if (waits(&me.inputs[i]))
				p[i].fd = -1;
		}
		for (size_t i = 0; i < me.sink_count; i++)
			p[me.count + i] = cmd_sink_poll(&me.sinks[i]);
		cmd_poll(p, me.count + me.sink_count, is_behind() ? 0 : tell_state());
		for (size_t i = 0; i < me.count; i++) {
			if (p[i].revents != 0)
				cmd_source_read(&me.inputs[i].source);
			take_all(&me.inputs[i]);
		}
		for (size_t i = 0; i < me.sink_count; i++)
			if (p[me.count + i].revents & POLLERR)
				cmd_sink_close(&me.sinks[i]);
		say();
	}
}

static struct cmd_sink *
open_sink(const char *path)
{
	struct cmd_sink *s = &me.sinks[me.sink_count++];

	cmd_sink_open(s, path, QUEUE_MAX);
	return s;
}

static void
open_inputs(void)
{
	static const char *const stdin_alone[] = { "-", NULL };
	const char *const *paths = cmd_operand_count > 0 ? (const char *const *)cmd_operands :
	    stdin_alone;

	if (cmd_operand_count > INPUTS_MAX)
		cmd_usage("at most %d inputs", INPUTS_MAX);
	for (; paths[me.count] != NULL; me.count++) {
		cmd_source_open(&me.inputs[me.count].source, paths[me.count]);
		me.inputs[me.count].only_items = true;
	}
}


static struct {
	const char *dir, *network, *key, *path, *closer, *took;
	int pass_fd, ready_fd;
} said = { .pass_fd = -1, .ready_fd = -1 };

void
vote_option(int c)
{
	if (c == CMD_OPT_PASS_FD)
		said.pass_fd = cmd_value_fd();
	else if (c == VOTE_READY_FD)
		said.ready_fd = cmd_value_fd();
	else
		*(c == 'd' ? &said.dir : c == 'N' ? &said.network : c == 'k' ? &said.key :
		    c == 'o' ? &said.path : c == 'r' ? &said.closer :
		    c == VOTE_STATE ? &me.state_path : &said.took) = cmd_value;
}

int
vote_main(const struct vote_hooks *hooks)
{
	me.hooks = hooks;
	if (me.state_path != NULL && asprintf(&me.state_temp, "%s.new", me.state_path) < 0)
		die(JT_SYSTEM, "out of memory");
	cmd_streams_start();
	cmd_voter_open(&me.voter, cmd_dir(said.dir), said.network, said.key, said.pass_fd,
	    hooks != NULL ? hooks->made : NULL, &ops, NULL);
	open_inputs();
	me.way[JT_TO_PEERS] = open_sink(said.path);
	me.way[JT_TO_CLOSER] = said.closer != NULL ? open_sink(said.closer) : me.way[JT_TO_PEERS];
	me.way[JT_TO_DOOR] = said.took != NULL ? open_sink(said.took) : me.way[JT_TO_PEERS];
	cmd_ready(said.ready_fd);
	run();
	for (size_t i = 0; i < me.sink_count; i++)
		cmd_sink_finish(&me.sinks[i]);
	for (size_t i = 0; i < me.count; i++)
		cmd_source_close(&me.inputs[i].source);
	cmd_voter_close(&me.voter);
	return cmd_end();
}
