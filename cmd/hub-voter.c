/* Commands that are voters: started, heard, stopped. See hub.h. */
#include "hub.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "all/kinds.h"
#include "member/member.h"

enum {
	BURST = 1 << 20,        /* bytes heard of one voter before the others are */
	PAUSE_MS = 20,          /* before a voter is started again, */
	PAUSE_MAX_MS = 2000,    /* and if it says nothing again and again */
	LEAVE_MS = 30000,       /* to end once its input has ended; then it is asked, then made to */
	POLL_MS = 20
};

extern char **environ;

static void
spawn(struct hub_voter *v, int in, int out)
{
	char *argv[] = { "sh", "-c", v->command, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int failed;

	/* What jt-hub ignores and puts off is its own affair. */
	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	failed = posix_spawn_file_actions_init(&actions);
	if (failed == 0)
		failed = posix_spawnattr_init(&attr);
	if (failed == 0 && (failed = posix_spawnattr_setsigmask(&attr, &none)) == 0 &&
	    (failed = posix_spawnattr_setsigdefault(&attr, &usual)) == 0 &&
	    (failed = posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0 &&
	    (failed = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO)) == 0 &&
	    (failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)) == 0)
		failed = posix_spawn(&v->pid, "/bin/sh", &actions, &attr, argv, environ);
	if (failed != 0)
		die(JT_SYSTEM, "/bin/sh: %s", strerror(failed));
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
}

void
hub_start(struct hub_voter *v)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		die(JT_SYSTEM, "pipe: %s", strerror(errno));
	spawn(v, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	fcntl(out[0], F_SETFL, fcntl(out[0], F_GETFL) | O_NONBLOCK);
	cmd_source_fd(&v->from, out[0], v->label);
	v->from.foreign = true; /* it may be a liar */
	cmd_sink_fd(&v->to, in[1], v->label, SIZE_MAX / 2);
	v->running = true;
	v->dying = v->said = v->lossy = false;
	v->again_at = v->ticked = 0;
	if (v->started_before && v->named && !v->observer && hub.watch != NULL)
		jt_watch_began(hub.watch, v->place);
	v->started_before = true;
	hub.active = cmd_clock_ms();
	hub_tick(v);
	hub_cuts_start(v);
}

void
hub_tick(struct hub_voter *v)
{
	struct jt_tick tick = { .time = hub.now };
	struct jt_buf object;
	struct jt_error e;

	if (v->ticked >= hub.now || cmd_sink_waiting(&v->to) > HUB_QUEUE)
		return;
	jt_buf_init(&object, JT_OBJECT_MAX);
	cmd_check(jt_kind_write(&jt_kind_tick, &tick, &object, &e), &e);
	cmd_sink_put(&v->to, jt_buf_slice(&object));
	jt_buf_free(&object);
	v->ticked = hub.now;
}

/* ---- hearing ---- */

static void
take(struct hub_voter *v, const struct jt_object *o)
{
	v->said = true;
	v->pause = PAUSE_MS;
	if (jt_object_is(o, jt_kind_msg.name)) {
		hub_post(v, o);
	} else if (jt_object_is(o, jt_kind_took.name)) {
		hub.took++;
		hub.active = cmd_clock_ms();
		if (hub.took_out != NULL)
			cmd_write(hub.took_out, o->bytes);
	} else {
		hub_cuts_take(v, o);
	}
}

void
hub_hear(struct hub_voter *v)
{
	const struct jt_kind *row;
	struct jt_object o;
	size_t bytes = 0;

	while (bytes < BURST && cmd_source_next(&v->from, &o, &row)) {
		bytes += o.bytes.len;
		take(v, &o);
	}
	if (!v->from.open)
		hub_ended(v);
}

/* ---- ends ---- */

void
hub_ended(struct hub_voter *v)
{
	if (!v->running)
		return;
	v->running = false;
	cmd_source_close(&v->from);
	cmd_sink_close(&v->to);
	if (v->named)
		hub_announce(v, false);
	if (hub.watch != NULL && v->named && !v->observer && !hub.ending) {
		hub_record_time();
		jt_watch_stopped(hub.watch, v->place);
	}
	hub.active = cmd_clock_ms();
}

void
hub_kill(struct hub_voter *v)
{
	if (v->pid != 0)
		kill(v->pid, SIGKILL);
	v->dying = true;
}

/* Those of jt(7); a shell's own ones say that there is no such program. */
static enum jt_err
code_of(int status)
{
	static const enum jt_err codes[] = { JT_NO, JT_USAGE, JT_MALFORMED, JT_NOINPUT, JT_BUG,
		JT_SYSTEM, JT_CANTCREATE, JT_IO, JT_AGAIN, JT_PERMISSION, JT_CONFIG };

	if (status == 126 || status == 127)
		return JT_NOINPUT;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if ((int)codes[i] == status)
			return codes[i];
	return JT_BUG;
}

static void
tell_end(struct hub_voter *v, int status)
{
	bool killed = WIFSIGNALED(status) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) > 128);
	int code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	/* As the shell says it of what it ran. */
	int number = WIFSIGNALED(status) || !killed ? code : code - 128;
	bool again = hub.again && !hub.ending && !v->dying &&
	    (killed || code == JT_BUG || code == JT_AGAIN);

	if (killed)
		complain(JT_OK, "%s: killed by signal %d%s", v->label, number,
		    again ? ", is started again" : "");
	else if (code != 0)
		complain(again ? JT_OK : code_of(code), "%s: ended with %d%s", v->label, code,
		    again ? ", is started again" : "");
	else if (!v->let_go)
		complain(JT_OK, "%s: ended", v->label);
	if (!again)
		return;
	if (!v->said && v->pause < PAUSE_MAX_MS)
		v->pause *= 2;
	v->again_at = cmd_clock_ms() + v->pause;
}

void
hub_collect(void)
{
	uint64_t now = cmd_clock_ms();

	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		int status;
		if (!v->running && v->pid != 0 && waitpid(v->pid, &status, WNOHANG) == v->pid) {
			v->pid = 0;
			tell_end(v, status);
		}
		if (v->again_at != 0 && now >= v->again_at && !hub.ending)
			hub_start(v);
	}
}

/* What they have to say while they go: cuts perhaps. True when all are gone. */
static bool
hear_last_words(int wait_ms)
{
	struct pollfd p[2 * HUB_VOTERS_MAX];
	bool gone = true;

	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		p[i] = cmd_source_poll(&v->from);
		p[hub.count + i] = cmd_sink_poll(&v->to);
		gone &= v->pid == 0;
	}
	if (gone)
		return true;
	cmd_poll(p, 2 * (size_t)hub.count, wait_ms);
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		if (v->running && p[i].revents != 0)
			cmd_source_read(&v->from);
		if (v->running)
			hub_hear(v);
		if (!v->running)
			continue;
		cmd_sink_flush(&v->to);
		if (cmd_sink_waiting(&v->to) == 0)
			cmd_sink_close(&v->to);
	}
	hub_collect();
	return false;
}

void
hub_let_go(void)
{
	static const int signals[] = { 0, SIGTERM, SIGKILL };

	hub.ending = true;
	for (uint32_t i = 0; i < hub.count; i++)
		hub.voters[i].let_go = hub.voters[i].running;
	for (size_t s = 0; s < sizeof signals / sizeof *signals; s++) {
		uint64_t until = cmd_clock_ms() + LEAVE_MS;
		for (uint32_t i = 0; i < hub.count; i++) {
			struct hub_voter *v = &hub.voters[i];
			if (v->pid == 0 || signals[s] == 0)
				continue;
			if (signals[s] == SIGTERM)
				complain(JT_AGAIN, "%s: does not end when its input does", v->label);
			v->dying = true;
			kill(v->pid, signals[s]);
		}
		while (cmd_clock_ms() < until)
			if (hear_last_words(POLL_MS))
				return;
	}
	/* Whoever holds a killed command's pipe open is not waited for. */
}
