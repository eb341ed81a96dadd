/*
 * jt-hub: voters joined without a network.
 *
 * Each command is a voter with its pipes: what it says to others is handed to
 * them, payload from stdin is given to all in turn, the clock comes as ticks, and
 * each cut is closed at once. What they agree on goes to stdout; that they agree
 * is checked. With -i a person at the terminal says which message is delivered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "hub.h"

enum {
	BEGIN_MS = 10000,        /* for all to say who they are, once a quorum has, */
	WAIT_MS = 30000,         /* for a quorum, and for anything to happen at all */
	SETTLED_MS = 1000,       /* where nothing more is to come */
	BUSY_MS = 1000,          /* so long after something happened, time comes often, */
	IDLE_MS = 500,           /* and then so seldom */
	ITEM_QUEUE = 1 << 20,    /* bytes that wait for a voter before payload goes to another one */
	ITEM_BURST = 1 << 20,    /* bytes of payload at once */
	WAIT_MAX = 86400         /* s */
};
enum { AGAIN = CMD_OPT_OWN, NO_CLOSER, TOOK };

static const struct cmd_option options[] = {
	{ 'i', "ask", NULL, "ask on the terminal before each message" },
	{ 'l', "log", NULL, "tell of each message on stderr" },
	CMD_NETWORK,
	CMD_OUTPUT,
	{ 'r', "results", "RUN", "record the run" },
	{ 'w', "wait", "SEC", "end after so many seconds in which nothing happens (default: 30)" },
	{ AGAIN, "again", NULL, "start voters again that were killed" },
	{ NO_CLOSER, "no-closer", NULL, "the voters have closers of their own" },
	{ TOOK, "took", "FILE", "also write what voters have taken (jt/took)" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-hub",
	.synopsis = "[-i] [-l] [-N FILE] [-o FILE] [-r RUN] [-w SEC] [--again] [--no-closer] "
	            "[--took FILE] COMMAND...",
	.options = options,
	.in_order = true,
};

struct hub hub;

static struct cmd_source payload;
static struct jt_buf item;      /* of it, that waits for a voter */
static struct cmd_network network;
static struct jt_genesis genesis;
static msgpack_zone *zone;
static uint32_t turn;           /* whose turn it is to get payload */
static uint64_t wait_ms = WAIT_MS;
static uint64_t day;            /* ms: what makes a time of day of cmd_clock_ms */
static uint32_t quorum;

/* ---- payload ---- */

/* The next voter that can take payload; NULL: none can, now. */
static struct hub_voter *
next_taker(void)
{
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[(turn + i) % hub.count];
		if (!v->running || v->observer || (!v->named && hub.count > 1) ||
		    cmd_sink_waiting(&v->to) > ITEM_QUEUE)
			continue;
		turn = (uint32_t)(v - hub.voters) + 1;
		return v;
	}
	return NULL;
}

/* The next object of payload, if it is there. */
static bool
has_item(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	while (item.len == 0 && cmd_source_next(&payload, &o, &row)) {
		if (!jt_is_payload(&o))
			cmd_source_complain(&payload, JT_MALFORMED, "jt/%s does not enter ledgers",
			    row->name);
		else if (!jt_buf_add_slice(&item, o.bytes))
			die(JT_SYSTEM, "out of memory");
	}
	return item.len > 0;
}

static void
give_payload(void)
{
	struct hub_voter *to;
	size_t bytes = 0;

	while (bytes < ITEM_BURST && has_item() && hub.begun &&
	    (!hub.asks || hub_ask_waiting() == 0) && (to = next_taker()) != NULL) {
		bytes += item.len;
		if (hub.asks)
			hub_ask_add(NULL, to, jt_buf_slice(&item));
		else
			hub_deliver(NULL, to, jt_buf_slice(&item));
		jt_buf_clear(&item);
		hub.active = cmd_clock_ms();
	}
}

/* ---- time ---- */

static bool
is_busy(void)
{
	return cmd_clock_ms() < hub.active + BUSY_MS;
}

static void
pass_time(void)
{
	uint64_t often = is_busy() ? HUB_TICK_MS : IDLE_MS;

	if (hub.asks)
		return;
	hub.now = day + cmd_clock_ms();
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		if (v->running && hub.now >= v->ticked + often)
			hub_tick(v);
	}
}

/* All have said who they are, or what no voter says first, or have had their time. */
static void
begin(uint64_t started)
{
	uint64_t passed = cmd_clock_ms() - started;
	uint32_t known = 0, gone = 0;

	for (uint32_t i = 0; i < hub.count; i++) {
		const struct hub_voter *v = &hub.voters[i];
		known += v->named || v->said || hub.count == 1;
		gone += !v->named && !v->said && !v->running && v->again_at == 0;
	}
	if (known + gone < hub.count && passed < (known < quorum ? WAIT_MS : BEGIN_MS))
		return;
	hub.begun = true;
	hub.active = cmd_clock_ms();
	for (uint32_t i = 0; i < hub.count; i++)
		if (hub.voters[i].named && hub.voters[i].running)
			hub_announce(&hub.voters[i], true);
}

/* ---- the course of things ---- */

bool
hub_is_over(void)
{
	uint64_t silence = cmd_clock_ms() - hub.active;

	/* With -i there was a time without messages already. */
	if (hub_cuts_settled() && (hub.asks || silence >= SETTLED_MS))
		return true;
	return silence >= wait_ms;
}

static bool
is_quiet(void)
{
	bool alive = false;

	for (uint32_t i = 0; i < hub.count; i++) {
		if (hub.voters[i].again_at != 0)
			return false;
		alive |= hub.voters[i].running;
	}
	if (!alive)
		return true;
	if (!hub.begun || payload.open || item.len > 0)
		return false;
	return (!hub.asks || hub_ask_is_quiet()) && hub_is_over();
}

static int
timeout(void)
{
	int ask = hub.asks ? hub_ask_timeout() : -1, busy = is_busy() ? HUB_TICK_MS : IDLE_MS;

	if (!hub.begun || !hub.asks)
		return busy;
	return ask;
}

/* Something is in memory that was not looked at. */
static bool
is_behind(void)
{
	for (uint32_t i = 0; i < hub.count; i++)
		if (hub.voters[i].running && jt_reader_has(&hub.voters[i].from.reader))
			return true;
	return payload.open && item.len == 0 && jt_reader_has(&payload.reader);
}

static void
hear_all(const struct pollfd *p)
{
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		if (!v->running)
			continue;
		if (p[i].revents != 0)
			cmd_source_read(&v->from);
		hub_hear(v);
	}
}

/* A voter that reads shows that it lives. */
static void
flush_all(void)
{
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		size_t waited = cmd_sink_waiting(&v->to);
		if (!v->running || waited == 0)
			continue;
		cmd_sink_flush(&v->to);
		if (waited > HUB_QUEUE / 64 && cmd_sink_waiting(&v->to) < waited)
			hub.active = cmd_clock_ms();
	}
	cmd_flush();
}

static void
run(void)
{
	struct pollfd p[2 * HUB_VOTERS_MAX + 2];
	uint64_t started = cmd_clock_ms();
	uint32_t n = hub.count;
	bool going = true;

	for (uint32_t i = 0; i < n; i++)
		hub_start(&hub.voters[i]);
	while (going && !is_quiet() && !cmd_stopping) {
		for (uint32_t i = 0; i < n; i++) {
			p[i] = cmd_source_poll(&hub.voters[i].from);
			p[n + i] = cmd_sink_poll(&hub.voters[i].to);
		}
		p[2 * n] = cmd_source_poll(&payload);
		if (item.len > 0)
			p[2 * n].fd = -1;
		p[2 * n + 1] = hub_ask_poll();
		cmd_poll(p, 2 * (size_t)n + 2, is_behind() ? 0 : timeout());
		pass_time();
		hear_all(p);
		if (!hub.begun)
			begin(started);
		if (p[2 * n].revents != 0)
			cmd_source_read(&payload);
		give_payload();
		if (hub.asks && hub.begun)
			going = hub_ask_go(p[2 * n + 1].revents != 0);
		hub_cuts_close();
		hub_repair();
		flush_all();
		hub_collect();
	}
}

/* ---- set-up ---- */

static void
read_network(const char *given, bool needed)
{
	const struct jt_validator *validators;
	const char *dir = cmd_dir_maybe(NULL);
	struct jt_error e;

	if (needed)
		cmd_network(&network, given, dir);
	else if (!cmd_network_maybe(&network, given, dir))
		return;
	if ((zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_genesis_decode(&network.genesis, &genesis, network.id, zone, &e), &e);
	hub.n = genesis.validators.count;
	validators = genesis.validators.items;
	for (uint32_t i = 0; i < hub.n; i++)
		hub.names[i] = validators[i].name;
}

static void
take_commands(void)
{
	if (cmd_operand_count == 0)
		cmd_usage("expected the commands of voters");
	if (cmd_operand_count > HUB_VOTERS_MAX)
		cmd_usage("at most %d commands", HUB_VOTERS_MAX);
	hub.count = (uint32_t)cmd_operand_count;
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		v->place = JT_VOTERS_MAX;
		if ((v->command = strdup(cmd_operands[i])) == NULL)
			die(JT_SYSTEM, "out of memory");
		snprintf(v->label, sizeof v->label, "command %" PRIu32, i + 1);
	}
}

static void
clean_up(void)
{
	hub_record_end();
	if (payload.open || item.len > 0)
		complain(JT_AGAIN, "payload is left, and no voter to take it");
	cmd_source_close(&payload);
	jt_buf_free(&item);
	for (uint32_t i = 0; i < hub.count; i++)
		free(hub.voters[i].command);
	jt_buf_free(&network.bytes);
	if (zone != NULL)
		msgpack_zone_free(zone);
}

int
main(int argc, char **argv)
{
	const char *path = NULL, *net = NULL, *run_path = NULL, *took = NULL;
	static struct cmd_output took_out;
	int c;

	hub.closer = true;
	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'w')
			wait_ms = 1000 * cmd_value_number(0, WAIT_MAX);
		else if (c == 'i' || c == 'l' || c == AGAIN)
			*(c == 'i' ? &hub.asks : c == 'l' ? &hub.log : &hub.again) = true;
		else if (c == NO_CLOSER)
			hub.closer = false;
		else
			*(c == 'o' ? &path : c == 'N' ? &net : c == 'r' ? &run_path : &took) = cmd_value;
	}
	take_commands();
	cmd_crypto();
	read_network(net, run_path != NULL);
	hub.enough = jt_committee_of(hub.n != 0 ? hub.n : hub.count).t;
	if (hub.enough > hub.count)
		hub.enough = hub.count;
	quorum = jt_committee_of(hub.count).q;
	day = cmd_now_ms() - cmd_clock_ms();
	hub.now = day + cmd_clock_ms();
	if (hub.asks)
		hub_ask_open();
	cmd_output_open(&hub.out, path);
	if (took != NULL) {
		cmd_output_open(&took_out, took);
		hub.took_out = &took_out;
	}
	if (run_path != NULL)
		hub_record(run_path, &network, &genesis, zone);
	cmd_streams_start();
	cmd_source_open(&payload, "-");
	jt_buf_init(&item, JT_OBJECT_MAX);
	hub_cuts_begin();
	run();
	hub_let_go();
	hub_cuts_end();
	clean_up();
	return cmd_end();
}
