/*
 * jt-peer: encrypted links with peers that prove who they are.
 *
 * In a network it carries a validator's messages: jt/msg in, each for one peer
 * or for all of them, jt/msg out with the name of who said it, and jt/peer when
 * one comes or goes. Nobody is waited for: what a slow peer does not take is
 * dropped, and then it is reported up again, which makes the vote ask it what it
 * has. Without a network it is a pipe: any objects in, the same ones out on the
 * other side, and nothing is dropped.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipe/pipe.h"
#include "roster.h"
#include "streams.h"

enum {
	OUT_LOW = 1 << 20,  /* bytes that wait for stdout before peers are not listened to */
	OUT_MAX = 8 << 20,  /* and more than one chunk of tiny objects can add to that */
	PIPE_LOW = 1 << 18, /* bytes that wait for a pipe's peer before stdin is not read */
	LAST_MS = 1000,     /* for what is still to be said at the end */
	TICK_MS = 20,       /* between ticks, as long as something was said or heard within */
	LIVELY_MS = 1000,   /* this time; else ticks are so far apart */
	READY_FD = CMD_OPT_OWN,
	TICKS
};

static const struct cmd_option options[] = {
	{ 'a', "address", "ADDR", "listen on ADDR: host:port, or the path of a socket" },
	CMD_DIR,
	CMD_KEY,
	CMD_NETWORK,
	CMD_PASS_FD,
	{ READY_FD, "ready-fd", "N", "write a line to descriptor N when it listens" },
	{ TICKS, "ticks", NULL, "also write what time it is (jt/tick)" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-peer",
	.synopsis = "[-d DIR] [-N FILE] [-k KEY] [-a ADDR]... [--ticks] [PUB[@ADDR]...]",
	.options = options,
	.secrets = true,
};

static struct cmd_peers peers;
static struct cmd_source in;
static struct cmd_sink out;
static struct jt_secret_key *key;
static struct {
	bool wanted;
	uint64_t told;         /* the time of the last one */
	uint64_t next;         /* cmd_clock_ms, at the latest */
	uint64_t lively_until;
} tick;

/* ---- what they say, and what becomes of them ---- */

static bool
room(void)
{
	return out.fd >= 0 && cmd_sink_waiting(&out) < OUT_LOW;
}

static void
put(struct jt_slice object)
{
	if (out.fd >= 0 && !cmd_sink_put(&out, object))
		die(JT_BUG, "stdout: more waits than can");
}

/*
 * What time it is, for who has no clock: in front of whatever else is written, and
 * now and then.
 */
static void
write_tick(void)
{
	struct jt_tick t = { .time = tick.wanted ? cmd_now_ms() : tick.told };
	struct jt_buf object = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	if (t.time == tick.told)
		return;
	tick.told = t.time;
	cmd_check(jt_kind_write(&jt_kind_tick, &t, &object, &e), &e);
	put(jt_buf_slice(&object));
	jt_buf_free(&object);
}

/* Something was said or heard. */
static void
be_lively(void)
{
	uint64_t now = tick.wanted ? cmd_clock_ms() : 0;

	tick.lively_until = now + LIVELY_MS;
	if (tick.next > now + TICK_MS)
		tick.next = now + TICK_MS;
}

static void
pass_time(uint64_t now)
{
	if (now < tick.next)
		return;
	write_tick();
	tick.next = now + (now < tick.lively_until ? TICK_MS : LIVELY_MS);
}

static void
hear(struct cmd_peer *p, struct jt_slice object)
{
	static struct jt_buf msg = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	if (peers.pipe) {
		put(object);
		return;
	}
	if (object.len > JT_MSG_BODY_MAX) {
		if (!p->bad_told)
			complain(JT_OK, "%s: refused: an object of %zu bytes, more than %d", p->name,
			    object.len, (int)JT_MSG_BODY_MAX);
		p->bad_told = true;
		return;
	}
	write_tick();
	be_lively();
	jt_buf_clear(&msg);
	cmd_check(jt_msg_write(object, jt_slice_text(p->name), (struct jt_slice){ NULL, 0 }, &msg,
	    &e), &e);
	put(jt_buf_slice(&msg));
}

static void
tell(struct cmd_peer *p)
{
	struct jt_peer state = { jt_slice_text(p->name),
		p->session != NULL ? JT_PEER_UP : JT_PEER_DOWN };
	struct jt_buf object = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	if (peers.pipe)
		return;
	write_tick();
	be_lively();
	cmd_check(jt_kind_write(&jt_kind_peer, &state, &object, &e), &e);
	put(jt_buf_slice(&object));
	jt_buf_free(&object);
}

/* ---- what is to be said ---- */

/* In a network: messages, and nothing else. */
static void
send_msg(const struct jt_object *o)
{
	static struct jt_slice unknown_told;
	struct cmd_peer *to = NULL;
	struct jt_object body;
	struct jt_msg msg;
	struct jt_error e;
	msgpack_zone zone;
	enum jt_err err;

	be_lively();
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_msg, o, &msg, &zone, &e);
	if (err == JT_OK)
		err = jt_object_parse(msg.body, &body, &e);
	if (err != JT_OK)
		cmd_source_complain(&in, err, "%s", e.text);
	else if (msg.to.len > 0 && (to = cmd_peers_named(&peers, msg.to)) == NULL) {
		if (unknown_told.data == NULL)
			cmd_source_complain(&in, JT_MALFORMED, "to: no peer is called %.*s",
			    (int)msg.to.len, (const char *)msg.to.data);
		unknown_told = jt_slice_text("told");
	} else
		cmd_peers_say(&peers, to, msg.body);
	msgpack_zone_destroy(&zone);
}

static bool
all_up(void)
{
	for (size_t i = 0; i < peers.count; i++)
		if (peers.list[i].session == NULL)
			return false;
	return true;
}

/* A pipe waits for its peers, and loses nothing; in a network nothing waits. */
static bool
may_read(void)
{
	return !peers.finishing && (!peers.pipe || (all_up() && cmd_peers_waiting(&peers) < PIPE_LOW));
}

static void
read_in(void)
{
	const struct jt_kind *row;
	struct jt_object o;

	cmd_source_read(&in);
	while (cmd_source_next(&in, &o, &row)) {
		if (peers.pipe)
			cmd_peers_say(&peers, NULL, o.bytes);
		else
			send_msg(&o);
	}
	peers.finishing = peers.finishing || !in.open;
}

/* ---- the loop ---- */

/* What was said to a pipe's peer may be lost with it. */
static void
check_pipe(void)
{
	for (size_t i = 0; i < peers.count; i++) {
		const struct cmd_peer *p = &peers.list[i];
		if (peers.pipe && p->seen && !p->done && p->session == NULL) {
			char name[CMD_PEER_NAME];
			memcpy(name, p->name, sizeof name);
			cmd_sink_finish(&out);
			cmd_peers_close(&peers);
			die(JT_AGAIN, "%s: gone before the end", name);
		}
	}
}

/* As any filter whose reader is gone. */
static void
check_reader(const struct pollfd *p)
{
	if (out.fd >= 0 && ((p->revents & (POLLERR | POLLNVAL)) == 0 || cmd_sink_waiting(&out) > 0))
		return;
	cmd_peers_close(&peers);
	cmd_reader_gone("stdout");
}

static void
run(void)
{
	static struct pollfd fds[2 + CMD_PEERS_FDS];
	uint64_t now = cmd_clock_ms(), last = UINT64_MAX;

	for (;;) {
		size_t n;

		if (cmd_stopping)
			peers.finishing = true;
		if (peers.finishing && !peers.pipe && last == UINT64_MAX)
			last = now + LAST_MS;
		cmd_peers_soon(&peers, last);
		if (tick.wanted)
			cmd_peers_soon(&peers, tick.next);
		fds[0] = may_read() ? cmd_source_poll(&in) : (struct pollfd){ .fd = -1 };
		fds[1] = cmd_sink_poll(&out);
		n = cmd_peers_poll(&peers, fds + 2);
		cmd_poll(fds, 2 + n, cmd_peers_wait(&peers, now));
		now = cmd_clock_ms();
		cmd_peers_polled(&peers, fds + 2);
		if (fds[0].revents != 0)
			read_in();
		cmd_peers_work(&peers, now);
		if (tick.wanted)
			pass_time(now);
		cmd_sink_flush(&out);
		check_reader(&fds[1]);
		check_pipe();
		if (peers.finishing && (cmd_peers_idle(&peers) || now >= last))
			break;
		if (cmd_stopping && peers.pipe) {
			cmd_peers_close(&peers);
			die(JT_AGAIN, "stopped before the end");
		}
	}
	/* Peers that go when this one ends are no news. */
	cmd_sink_finish(&out);
}

/* Where it listens: with the port that was drawn for port 0. */
static void
say_ready(int fd)
{
	char name[CMD_SOCKET_NAME] = "";

	if (fd < 0)
		return;
	if (peers.listener_count > 0)
		cmd_socket_name(peers.listeners[0].fd, true, name);
	if (dprintf(fd, "%s\n", name) < 0)
		die(JT_IO, "descriptor %d: cannot be written", fd);
	close(fd);
}

static void
listen_at(const char *address)
{
	size_t n = peers.listener_count;

	peers.listener_count += cmd_listen(address, peers.listeners + n, CMD_LISTENERS_MAX - n);
}

/* The network: from -N, DIR, or with no operands the environment; else none, and it is a pipe. */
static void
set_up(const char *network, const char *dir, const char *key_path, int pass_fd)
{
	static const uint8_t no_network[JT_HASH];
	const char *in_dir = cmd_operand_count > 0 ? dir : cmd_dir_maybe(dir);
	char *default_path = NULL;
	struct cmd_network n;
	bool pipe = cmd_operand_count > 0 && network == NULL && dir == NULL;

	if (!pipe)
		cmd_network(&n, network, in_dir);
	if (key_path == NULL && in_dir == NULL)
		cmd_usage("no key: -k KEY, or DIR/link.key with -d DIR");
	if (key_path == NULL && (default_path = jt_path_join(in_dir, "link.key")) == NULL)
		die(JT_SYSTEM, "out of memory");
	key_path = key_path != NULL ? key_path : default_path;
	key = cmd_key_load(key_path, pass_fd);
	if (key->pub.role != JT_ROLE_LINK)
		die(JT_USAGE, "%s: key of %s %s, not a link key", key_path,
		    key->pub.role == JT_ROLE_ACCOUNT ? "an" : "a", jt_roles[key->pub.role]);
	free(default_path);
	cmd_peers_init(&peers, pipe ? no_network : n.id, key);
	peers.pipe = pipe;
	peers.room = room;
	peers.hear = hear;
	peers.tell = tell;
	if (!pipe)
		cmd_roster_network(&peers, &n, key);
	for (int i = 0; i < cmd_operand_count; i++)
		cmd_roster_operand(&peers, cmd_operands[i], key);
	if (!pipe) {
		jt_buf_free(&n.bytes);
		jt_buf_free(&n.dealing);
	}
}

int
main(int argc, char **argv)
{
	const char *addresses[CMD_LISTENERS_MAX], *dir = NULL, *network = NULL, *key_path = NULL;
	int pass_fd = -1, ready_fd = -1, address_count = 0, c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'a' && address_count == CMD_LISTENERS_MAX)
			cmd_usage("more than %d addresses", CMD_LISTENERS_MAX);
		if (c == 'a')
			addresses[address_count++] = cmd_value;
		else if (c == 'd')
			dir = cmd_value;
		else if (c == 'k')
			key_path = cmd_value;
		else if (c == 'N')
			network = cmd_value;
		else if (c == READY_FD)
			ready_fd = cmd_value_fd();
		else if (c == TICKS)
			tick.wanted = true;
		else
			pass_fd = cmd_value_fd();
	}
	set_up(network, dir, key_path, pass_fd);
	if (tick.wanted && peers.pipe)
		cmd_usage("option --ticks: in a network alone");
	cmd_streams_start();
	cmd_source_open(&in, "-");
	in.loose = true;
	in.together = !peers.pipe; /* jt-vote's */
	cmd_sink_open(&out, NULL, OUT_MAX);
	for (int i = 0; i < address_count; i++)
		listen_at(addresses[i]);
	say_ready(ready_fd);
	run();
	cmd_peers_close(&peers);
	jt_secret_free(key);
	return cmd_end();
}
