/*
 * A person at the terminal, message by message. See hub.h.
 *
 * Every message waits, and so does payload for a voter; the person says which is
 * delivered, dropped or held. Between two of them the voters have a moment to
 * say what follows. The clock that they are given is made up: it goes on by
 * HUB_TICK_MS with each delivery, and in small steps when nothing waits.
 */
#include "hub.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/num.h"
#include "member/words.h"
#include "object/view.h"

enum {
	SETTLE_MS = 50,         /* for voters to say what follows */
	STEPS = 5,              /* of the clock, when nothing waits, before it is quiet */
	STEP_MS = 100,
	LINE = 1024
};

static struct {
	int tty;
	uint64_t settled_at;    /* cmd_clock_ms */
	uint64_t many;          /* so many more are delivered without asking */
	bool all;               /* until none waits */
	bool asked;             /* a question is on the screen */
	unsigned steps;         /* of the clock since something waited */
	char line[LINE];
	size_t len;
} me;

static const char help[] =
	"d [N]             deliver it, or the next N\n"
	"x                 drop it\n"
	"h                 hold it: it comes again behind all others\n"
	"a                 deliver all, and what follows, until none waits\n"
	"l                 list all that wait\n"
	"s                 show it\n"
	"k NAME            kill a voter (kill -9)\n"
	"b NAME [COMMAND]  begin it again, with another command perhaps\n"
	"q                 quit\n";

static void
say(const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(me.tty, text, len);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { me.tty, POLLOUT, 0 };
			poll(&p, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			die(JT_IO, "/dev/tty: %s", strerror(errno));
		} else if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void sayf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void
sayf(const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof text)
		n = sizeof text - 1;
	for (int i = 0; i < n; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7f)
			text[i] = '?';
	say(text, (size_t)n);
}

void
hub_ask_open(void)
{
	me.tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (me.tty < 0)
		die(JT_PERMISSION, "/dev/tty: %s", strerror(errno));
}

static void
settle(void)
{
	me.settled_at = cmd_clock_ms() + SETTLE_MS;
}

/* ---- what waits (hub-parcels.c) ---- */

void
hub_ask_add(struct hub_voter *from, struct hub_voter *to, struct jt_slice object)
{
	me.steps = 0;
	settle();
	if (!hub_parcels_put(from, to, object))
		hub_lose(from, to, object, "too much waits");
}

size_t
hub_ask_waiting(void)
{
	return hub_parcels_count();
}

static void
deliver_first(void)
{
	struct hub_parcel *p = hub_parcels_take();

	hub_deliver(p->from, p->to, jt_buf_slice(&p->object));
	hub.active = cmd_clock_ms();
	hub_parcel_free(p);
	settle();
}

/* ---- questions ---- */

static void
say_parcel(const struct hub_parcel *p)
{
	struct jt_buf words;

	jt_buf_init(&words, JT_WORDS_MAX);
	hub_words(jt_buf_slice(&p->object), &words);
	sayf("%s -> %s: %.*s", p->from != NULL ? p->from->label : "stdin", p->to->label,
	    (int)words.len, (const char *)words.data);
	jt_buf_free(&words);
}

static void
ask(void)
{
	const struct hub_parcel *p = hub_parcels_first();

	/* As which it will come: what jt-draw -m counts. */
	if (p->from != NULL)
		sayf("%" PRIu64 " ", hub.messages + 1);
	say_parcel(p);
	if (hub_parcels_count() > 1)
		sayf(" (and %zu more)", hub_parcels_count() - 1);
	sayf(" [d,x,h,a,l,s,k,b,q,?] ");
	me.asked = true;
}

static void
list(void)
{
	for (const struct hub_parcel *p = hub_parcels_first(); p != NULL; p = p->next) {
		say_parcel(p);
		sayf("\n");
	}
}

static void
show(void)
{
	struct jt_slice bytes = jt_buf_slice(&hub_parcels_first()->object);
	struct jt_buf text;
	struct jt_object o;
	struct jt_error e;

	jt_buf_init(&text, SIZE_MAX / 2);
	cmd_check(jt_object_parse(bytes, &o, &e), &e);
	cmd_check(jt_show(&jt_all_kinds, &o, JT_YAML, &text, &e), &e);
	say((const char *)text.data, text.len);
	jt_buf_free(&text);
}

/* ---- answers ---- */

/* The voter named by the first word; the rest of the line behind it. */
static struct hub_voter *
voter_named(char *line, char **rest)
{
	char *end = line + strcspn(line, " ");

	*rest = end + strspn(end, " ");
	*end = '\0';
	for (uint32_t i = 0; i < hub.count; i++)
		if (strcmp(hub.voters[i].label, line) == 0)
			return &hub.voters[i];
	sayf("no voter is called \"%s\"\n", line);
	return NULL;
}

static void
begin_again(char *line)
{
	char *command;
	struct hub_voter *v = voter_named(line, &command);

	if (v == NULL)
		return;
	if (v->pid != 0) {
		sayf("%s: runs, kill it first\n", v->label);
		return;
	}
	if (*command != '\0') {
		free(v->command);
		if ((v->command = strdup(command)) == NULL)
			die(JT_SYSTEM, "out of memory");
	}
	hub_start(v);
}

static void
kill_named(char *line)
{
	char *rest;
	struct hub_voter *v = voter_named(line, &rest);

	if (v != NULL)
		hub_kill(v);
}

static void
drop_first(void)
{
	struct hub_parcel *p = hub_parcels_take();

	hub_lose(p->from, p->to, jt_buf_slice(&p->object), "dropped");
	hub_parcel_free(p);
}

static void
deliver_many(const char *text)
{
	uint64_t many = 1;

	if (*text != '\0' && (!jt_u64_parse(jt_slice_text(text), &many) || many == 0)) {
		sayf("how many is \"%s\"?\n", text);
		return;
	}
	me.many = many;
}

/* False: quit. */
static bool
answer(char *line)
{
	char letter = line[0], *rest = line + (letter != '\0');

	rest += strspn(rest, " ");
	me.asked = false;
	settle();
	if (letter == 'd' || letter == '\0')
		deliver_many(rest);
	else if (letter == 'x')
		drop_first();
	else if (letter == 'h')
		hub_parcels_hold(hub_parcels_take());
	else if (letter == 'a')
		me.all = true;
	else if (letter == 'l')
		list();
	else if (letter == 's')
		show();
	else if (letter == 'k')
		kill_named(rest);
	else if (letter == 'b')
		begin_again(rest);
	else if (letter == 'q')
		return false;
	else
		say(help, sizeof help - 1);
	return true;
}

/* What was typed: whole lines are answers. False: quit. */
static bool
read_answers(void)
{
	ssize_t n = read(me.tty, me.line + me.len, sizeof me.line - 1 - me.len);
	char *end;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false; /* the terminal is gone */
	me.len += (size_t)n;
	while ((end = memchr(me.line, '\n', me.len)) != NULL && me.asked) {
		size_t used = (size_t)(end - me.line) + 1;
		*end = '\0';
		if (!answer(me.line))
			return false;
		memmove(me.line, me.line + used, me.len - used);
		me.len -= used;
	}
	if (me.len == sizeof me.line - 1)
		me.len = 0; /* no answer is so long */
	return true;
}

struct pollfd
hub_ask_poll(void)
{
	return (struct pollfd){ me.asked ? me.tty : -1, POLLIN, 0 };
}

int
hub_ask_timeout(void)
{
	uint64_t now = cmd_clock_ms();

	if (me.asked)
		return -1;
	if (me.all && hub_parcels_count() > 0)
		return 0;
	return me.settled_at > now ? (int)(me.settled_at - now) : 0;
}

bool
hub_ask_is_quiet(void)
{
	return hub_parcels_count() == 0 && me.steps >= STEPS;
}

/* Nothing waits: time passes. */
static void
step_clock(void)
{
	if (me.steps < STEPS)
		me.steps++;
	hub.now += STEP_MS;
	for (uint32_t i = 0; i < hub.count; i++)
		if (hub.voters[i].running)
			hub_tick(&hub.voters[i]);
	settle();
}

/* Killed, and not gone yet: what comes of that is to be seen first. */
static bool
is_dying(void)
{
	for (uint32_t i = 0; i < hub.count; i++)
		if (hub.voters[i].dying && hub.voters[i].pid != 0)
			return true;
	return false;
}

bool
hub_ask_go(bool readable)
{
	if (readable && me.asked && !read_answers())
		return false;
	if (me.asked)
		return true;
	if (me.all && hub_parcels_count() > 0) {
		deliver_first();
		return true;
	}
	if (is_dying())
		settle();
	if (cmd_clock_ms() < me.settled_at)
		return true;
	if (hub_parcels_count() == 0) {
		me.all = me.all && !(hub_ask_is_quiet() && hub_is_over());
		step_clock();
	} else if (me.many > 0) {
		me.many--;
		deliver_first();
	} else {
		ask();
	}
	return true;
}
