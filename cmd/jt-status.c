/*
 * jt-status: how validators do.
 *
 * Everything is read from their directories: whether the supervisor runs, the
 * ledger, and what the vote last said of itself. So it tells also of one that
 * hangs, or that has stopped.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd.h"
#include "member/member.h"
#include "store.h"

enum { PROMETHEUS = CMD_OPT_OWN };

static const struct cmd_option options[] = {
	CMD_DIR,
	{ 'j', "json", NULL, "print JSON lines" },
	CMD_OUTPUT,
	{ PROMETHEUS, "prometheus", NULL, "print metrics in Prometheus' text format" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-status",
	.synopsis = "[-d DIR] [-j | --prometheus] [-o FILE] [DIR...]",
	.options = options,
};

enum how { RUNNING, STOPPED, HALTED };
static const char *const how_words[] = { "running", "stopped", "halted" };

/* What there is to say of one validator. */
struct status {
	const char *dir;
	enum how how;
	char network[JT_NAME_MAX + 1];
	char name[JT_NAME_MAX + 1]; /* empty: an observer */
	uint32_t validators;
	bool has_ledger, has_standing;
	uint64_t ledger, certified; /* numbers of the last ones */
	uint64_t time;              /* of that ledger, ms */
	struct jt_buf vote;         /* holds the names in standing */
	struct jt_standing standing;
	struct jt_standing_peer peers[JT_VOTERS_MAX];
	char names[JT_VOTERS_MAX * (JT_NAME_MAX + 1)]; /* of peers, with blanks between */
};

static struct cmd_output out;

static char *
in_dir(const struct status *s, const char *name)
{
	char *path = jt_path_join(s->dir, name);

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	return path;
}

static void
copy_name(char *to, struct jt_slice name)
{
	size_t len = name.len < JT_NAME_MAX ? name.len : JT_NAME_MAX;

	memcpy(to, name.data, len);
	to[len] = '\0';
}

/* The supervisor holds this lock as long as it lives, whatever became of its pid. */
static bool
is_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool locked;

	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(fd);
	return locked;
}

static void
look_at_process(struct status *s)
{
	char *halt = in_dir(s, "halt"), *lock = in_dir(s, "run/lock");

	s->how = access(halt, F_OK) == 0 ? HALTED : is_locked(lock) ? RUNNING : STOPPED;
	free(halt);
	free(lock);
}

static void
look_at_network(struct status *s, msgpack_zone *zone)
{
	char *path = in_dir(s, "validator.pub");
	const struct jt_validator *v;
	struct cmd_network network;
	struct jt_genesis g;
	struct jt_pub pub;
	struct jt_error e;
	uint8_t id[JT_HASH];
	bool has_key;

	cmd_network(&network, NULL, s->dir);
	cmd_check(jt_genesis_decode(&network.genesis, &g, id, zone, &e), &e);
	copy_name(s->network, g.name);
	s->validators = g.validators.count;
	has_key = cmd_pub_load(path, &pub, &e) == JT_OK;
	v = g.validators.items;
	for (uint32_t i = 0; has_key && i < g.validators.count; i++)
		if (memcmp(v[i].key, pub.key, JT_KEY) == 0)
			copy_name(s->name, v[i].name);
	jt_buf_free(&network.bytes);
	jt_buf_free(&network.dealing);
	free(path);
}

static void
look_at_ledger(struct status *s)
{
	char *path = in_dir(s, "ledger");
	struct jt_ledger l;
	struct jt_error e;
	enum jt_err err = jt_ledger_open(&l, path, JT_STORE_READ, &e);

	free(path);
	if (err == JT_NOINPUT)
		return;
	cmd_check(err, &e);
	cmd_ledger_check(&l, NULL, s->dir);
	s->has_ledger = true;
	s->ledger = l.head.number;
	s->time = l.head.time;
	cmd_check(jt_ledger_last_certified(&l, &s->certified, &e), &e);
	jt_ledger_close(&l);
}

/* What the vote said last; of one that has stopped it would mislead. */
static void
look_at_vote(struct status *s, msgpack_zone *zone)
{
	char *path = in_dir(s, "run/vote.jt");
	const struct jt_standing_peer *peers;
	struct jt_object o = { 0 };
	struct jt_error e;
	size_t at = 0;

	if (s->how == RUNNING && jt_file_read(path, &s->vote, &e) == JT_OK &&
	    jt_object_parse(jt_buf_slice(&s->vote), &o, &e) == JT_OK &&
	    jt_object_is(&o, jt_kind_standing.name) &&
	    jt_kind_read(&jt_kind_standing, &o, &s->standing, zone, &e) == JT_OK) {
		s->has_standing = true;
		peers = s->standing.peers.items;
		for (uint32_t i = 0; i < s->standing.peers.count && i < JT_VOTERS_MAX; i++) {
			at += i > 0;
			copy_name(s->names + at, peers[i].name);
			at += strlen(s->names + at);
			s->names[at] = ' ';
		}
		s->names[at] = '\0';
	}
	free(path);
}

/* ---- as a person reads it ---- */

static void
show(const struct status *s)
{
	char time[JT_TIME_TEXT];

	cmd_print(&out, "%s: %s of %s, %s\n", s->dir, s->name[0] ? s->name : "an observer",
	    s->network, how_words[s->how]);
	if (s->how == HALTED)
		cmd_print(&out, "  others closed a ledger differently: see %s/halt\n", s->dir);
	if (s->has_ledger) {
		jt_time_format(s->time, time);
		cmd_print(&out, "  ledger     %" PRIu64 ", certified %" PRIu64 ", of %s\n", s->ledger,
		    s->certified, time);
	}
	if (!s->has_standing)
		return;
	cmd_print(&out, "  peers      %" PRIu32 " of %" PRIu32 " can be reached%s%s\n",
	    s->standing.peers.count, s->validators - (s->name[0] != '\0'), s->names[0] ? ": " : "",
	    s->names);
	cmd_print(&out, "  vote       round %" PRIu64 ", %" PRIu64 " cuts decided, %" PRIu64 " closed%s\n",
	    s->standing.round, s->standing.decided, s->standing.closed,
	    s->standing.lost ? "; its log was lost, it waits for others' word" : "");
	if (s->standing.exposed)
		cmd_print(&out, "  exposed    it made two blocks of a round, and takes no payload\n");
	if (s->standing.pool > 0)
		cmd_print(&out, "  waiting    %" PRIu64 " bytes for the next block\n", s->standing.pool);
}

/* ---- as programs read it ---- */

/* Text between quotes: what JSON and Prometheus both take. */
static void
print_quoted(const char *text)
{
	cmd_print(&out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			cmd_print(&out, "\\%c", *text);
		else
			cmd_print(&out, "%c", (unsigned char)*text < ' ' ? '?' : *text);
	}
	cmd_print(&out, "\"");
}

static void
show_json(const struct status *s)
{
	const struct jt_standing_peer *peers = s->standing.peers.items;
	char name[JT_NAME_MAX + 1], time[JT_TIME_TEXT];

	cmd_print(&out, "{\"dir\":");
	print_quoted(s->dir);
	cmd_print(&out, ",\"network\":");
	print_quoted(s->network);
	if (s->name[0]) {
		cmd_print(&out, ",\"name\":");
		print_quoted(s->name);
	}
	cmd_print(&out, ",\"state\":\"%s\",\"validators\":%" PRIu32, how_words[s->how], s->validators);
	if (s->has_ledger) {
		jt_time_format(s->time, time);
		cmd_print(&out, ",\"ledger\":%" PRIu64 ",\"certified\":%" PRIu64 ",\"time\":\"%s\"",
		    s->ledger, s->certified, time);
	}
	if (s->has_standing) {
		cmd_print(&out, ",\"round\":%" PRIu64 ",\"decided\":%" PRIu64 ",\"closed\":%" PRIu64
		    ",\"waiting\":%" PRIu64 ",\"lost\":%s,\"exposed\":%s,\"peers\":[", s->standing.round,
		    s->standing.decided, s->standing.closed, s->standing.pool,
		    s->standing.lost ? "true" : "false", s->standing.exposed ? "true" : "false");
		for (uint32_t i = 0; i < s->standing.peers.count; i++) {
			copy_name(name, peers[i].name);
			cmd_print(&out, "%s", i > 0 ? "," : "");
			print_quoted(name);
		}
		cmd_print(&out, "]");
	}
	cmd_print(&out, "}\n");
}

static const struct metric {
	const char *name, *help;
	bool vote; /* known while it runs */
} metrics[] = {
	{ "jt_up", "1 while the validator runs", false },
	{ "jt_halted", "1 when it stopped itself over a ledger that others closed differently", false },
	{ "jt_ledger", "number of the last ledger closed", false },
	{ "jt_ledger_certified", "number of the last ledger certified", false },
	{ "jt_ledger_time_seconds", "time of the last ledger closed", false },
	{ "jt_peers", "other validators that can be reached", true },
	{ "jt_round", "round of its newest block", true },
	{ "jt_cuts_decided", "cuts decided", true },
	{ "jt_cuts_closed", "cuts closed", true },
	{ "jt_waiting_bytes", "payload that waits for a block", true },
};
enum { METRICS = sizeof metrics / sizeof *metrics };

/* Their values, in that order. */
static void
measure(const struct status *s, uint64_t values[METRICS])
{
	const uint64_t all[METRICS] = { s->how == RUNNING, s->how == HALTED, s->ledger, s->certified,
		s->time / 1000, s->standing.peers.count, s->standing.round, s->standing.decided,
		s->standing.closed, s->standing.pool };

	memcpy(values, all, sizeof all);
}

static void
show_metrics(const struct status *all, size_t count)
{
	for (size_t m = 0; m < METRICS; m++) {
		const struct metric *x = &metrics[m];
		uint64_t values[METRICS];
		cmd_print(&out, "# HELP %s %s\n# TYPE %s gauge\n", x->name, x->help, x->name);
		for (size_t i = 0; i < count; i++) {
			if (x->vote && !all[i].has_standing)
				continue;
			cmd_print(&out, "%s{network=", x->name);
			print_quoted(all[i].network);
			cmd_print(&out, ",validator=");
			print_quoted(all[i].name);
			cmd_print(&out, ",dir=");
			print_quoted(all[i].dir);
			measure(&all[i], values);
			cmd_print(&out, "} %" PRIu64 "\n", values[m]);
		}
	}
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *dir = NULL, *alone[2] = { NULL, NULL };
	const char *const *dirs = alone;
	bool json = false, prometheus = false;
	struct status *all;
	msgpack_zone zone;
	size_t count = 1;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'j')
			json = true;
		else if (c == PROMETHEUS)
			prometheus = true;
		else
			*(c == 'd' ? &dir : &path) = cmd_value;
	}
	if (json && prometheus)
		cmd_usage("-j or --prometheus, not both");
	if (cmd_operand_count > 0) {
		dirs = (const char *const *)cmd_operands;
		count = (size_t)cmd_operand_count;
	} else {
		alone[0] = cmd_dir(dir);
	}
	if ((all = calloc(count, sizeof *all)) == NULL ||
	    !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_output_open(&out, path);
	for (size_t i = 0; i < count; i++) {
		all[i].dir = dirs[i];
		jt_buf_init(&all[i].vote, JT_OBJECT_MAX);
		all[i].standing.peers.items = all[i].peers;
		look_at_process(&all[i]);
		look_at_network(&all[i], &zone);
		look_at_ledger(&all[i]);
		look_at_vote(&all[i], &zone);
		if (all[i].how != RUNNING)
			cmd_remember(JT_NO);
		if (json)
			show_json(&all[i]);
		else if (!prometheus)
			show(&all[i]);
	}
	if (prometheus)
		show_metrics(all, count);
	for (size_t i = 0; i < count; i++)
		jt_buf_free(&all[i].vote);
	msgpack_zone_destroy(&zone);
	free(all);
	return cmd_end();
}
