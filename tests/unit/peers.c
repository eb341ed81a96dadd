/*
 * The peers of jt-peer: several of them in one process, on sockets, with a
 * clock that the test moves. They dial each other at once, die, stop listening,
 * lie; whatever is lost, somebody is told.
 */
#include "peers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "object/kind.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"

enum { NODES = 4 };

static const struct cmd_option options[] = { { 0 } };
static const struct cmd_program program = { .name = "peers", .synopsis = "", .options = options };

struct node {
	struct cmd_peers peers;
	struct jt_secret_key *key;
	char name[8], path[128];
	bool lives, closed_ears;
	uint32_t said[NODES];          /* to each */
	uint32_t heard[NODES];         /* the last number from each */
	uint64_t count;                /* heard from all */
	uint64_t enough;               /* after so many it listens no more */
	unsigned told;
	bool up[NODES];                /* as it was told last */
};
static struct node nodes[NODES];
static bool loss_told[NODES][NODES]; /* since the last message from the first to the second */
static unsigned wrong;               /* messages twice, out of order, or missing with nobody told */
static uint64_t now;
static struct node *working;
static bool silence_told;            /* that a caller said nothing: in any test so far */
static size_t filler;                /* bytes in each message besides its number */

static size_t
index_of(const struct cmd_peer *p)
{
	return (size_t)(p->name[1] - '0');
}

static bool
room(void)
{
	return !working->closed_ears;
}

static void
hear(struct cmd_peer *p, struct jt_slice object)
{
	size_t from = index_of(p), to = (size_t)(working - nodes);
	struct jt_object o;
	uint32_t number;

	if (jt_object_parse(object, &o, NULL) != JT_OK || o.payload.len < 4) {
		wrong++;
		return;
	}
	memcpy(&number, o.payload.data, sizeof number);
	if (number <= working->heard[from] ||
	    (number != working->heard[from] + 1 && !loss_told[from][to]))
		wrong++;
	working->heard[from] = number;
	working->count++;
	working->closed_ears |= working->count == working->enough;
	loss_told[from][to] = false;
}

static void
tell(struct cmd_peer *p)
{
	size_t a = index_of(p), b = (size_t)(working - nodes);

	working->told++;
	working->up[a] = p->session != NULL;
	loss_told[a][b] = loss_told[b][a] = true;
}

static struct cmd_peer *
peer(size_t of, size_t which)
{
	return cmd_peers_named(&nodes[of].peers, jt_slice_text(nodes[which].name));
}

/* With everybody's address, or only those of the nodes before it. */
static void
start(size_t i, bool all_dial)
{
	static const uint8_t network[JT_HASH] = { 1 };
	struct node *n = &nodes[i];

	cmd_peers_init(&n->peers, network, n->key);
	n->peers.room = room;
	n->peers.hear = hear;
	n->peers.tell = tell;
	for (size_t k = 0; k < NODES; k++)
		if (k != i)
			cmd_peer_set_address(cmd_peers_add(&n->peers, jt_slice_text(nodes[k].name),
			    nodes[k].key->pub.key), jt_slice_text(all_dial || k < i ? nodes[k].path : ""));
	n->peers.listener_count = cmd_listen(n->path, n->peers.listeners, CMD_LISTENERS_MAX);
	n->lives = true;
	n->closed_ears = false;
	memset(n->up, 0, sizeof n->up);
	for (size_t k = 0; k < NODES; k++) /* as with a new process */
		loss_told[i][k] = loss_told[k][i] = true;
}

static void
stop(size_t i)
{
	if (nodes[i].lives)
		cmd_peers_close(&nodes[i].peers);
	nodes[i].lives = false;
}

static void
work(size_t i)
{
	struct pollfd fds[CMD_PEERS_FDS];
	struct node *n = &nodes[i];
	size_t count;

	if (!n->lives)
		return;
	working = n;
	count = cmd_peers_poll(&n->peers, fds);
	poll(fds, (nfds_t)count, 0);
	cmd_peers_polled(&n->peers, fds);
	cmd_peers_work(&n->peers, now);
}

static void
work_all(unsigned rounds, uint64_t ms)
{
	while (rounds-- > 0) {
		for (size_t i = 0; i < NODES; i++)
			work(i);
		now += ms;
	}
}

static void
say(size_t from, size_t to)
{
	static uint8_t payload[1 << 17];
	struct jt_buf object = { .max = JT_OBJECT_MAX };

	if (!nodes[from].lives)
		return;
	working = &nodes[from];
	nodes[from].said[to]++;
	memcpy(payload, &nodes[from].said[to], sizeof nodes[from].said[to]);
	jt_object_write(&object, "x", 1, (struct jt_slice){ payload, 4 + filler });
	cmd_peers_say(&nodes[from].peers, peer(from, to), jt_buf_slice(&object));
	jt_buf_free(&object);
}

/* Each pair has one session, and nothing else is under way. */
static bool
joined(void)
{
	for (size_t i = 0; i < NODES; i++)
		for (size_t k = 0; k < nodes[i].peers.count; k++) {
			const struct cmd_peer *p = &nodes[i].peers.list[k];
			if (p->session == NULL || !nodes[i].up[index_of(p)] || p->dial != NULL || p->guest != NULL ||
			    nodes[i].peers.caller_count > 0)
				return false;
		}
	return true;
}

static bool
join(void)
{
	for (int i = 0; i < 5000 && !joined(); i++)
		work_all(1, 5);
	return joined();
}

/* What has been written to stderr since the last time. */
static const char *
complaints(void)
{
	static char text[8192];
	static off_t at;
	ssize_t n = pread(STDERR_FILENO, text, sizeof text - 1, at);

	at += n > 0 ? n : 0;
	text[n > 0 ? n : 0] = '\0';
	silence_told |= strstr(text, "local: refused: no handshake") != NULL;
	return text;
}

static void
restart_all(bool all_dial)
{
	for (size_t i = 0; i < NODES; i++)
		stop(i);
	for (size_t i = 0; i < NODES; i++)
		start(i, all_dial);
	complaints();
}

/* ---- tests ---- */

static void
test_join(bool all_dial)
{
	unsigned told;

	restart_all(all_dial);
	if (!ok(join(), "all pairs join, %s", all_dial ? "all dial" : "one of each pair dials"))
		return;
	told = nodes[0].told;
	work_all(300, 10);
	ok(joined(), "and stay so");
	is_int(nodes[0].told, told, "with nothing more to tell");
	for (size_t i = 0; i < NODES; i++)
		for (size_t k = 0; k < NODES; k++)
			if (i != k)
				say(i, k);
	work_all(50, 1);
	for (size_t i = 0; i < NODES; i++)
		for (size_t k = 0; k < NODES; k++)
			if (i != k && nodes[k].heard[i] != nodes[i].said[k])
				ok(false, "%zu hears %zu", k, i);
	is_text(complaints(), "", "without a word");
}

/* Anything that can happen to them, and afterwards all is as it should be. */
static void
test_chaos(void)
{
	const char *text;

	restart_all(true);
	wrong = 0;
	for (int step = 0; step < 40000; step++) {
		size_t i = (size_t)random_below(NODES), k = (size_t)random_below(NODES);
		struct cmd_peer *p;

		now += random_below(8);
		filler = (size_t)random_below(random_below(50) == 0 ? 100000 : 100);
		switch (random_below(400)) {
		case 0:
			stop(i);
			break;
		case 1: case 2: case 3:
			if (!nodes[i].lives)
				start(i, true);
			break;
		case 4: case 5:
			nodes[i].closed_ears = !nodes[i].closed_ears;
			break;
		case 6: /* a line is cut */
			if (i != k && nodes[i].lives && (p = peer(i, k))->session != NULL)
				shutdown(p->session->fd, (int)random_below(3));
			break;
		case 7: /* one is as if dead for a while */
			for (int r = 0; r < 60; r++, now += 200)
				work(k);
			break;
		default:
			if (i != k && random_below(3) == 0)
				say(i, k);
			work(i);
		}
	}
	is_int(wrong, 0, "nothing comes twice or out of order, and no loss is silent");
	filler = 0;
	for (size_t i = 0; i < NODES; i++) {
		nodes[i].closed_ears = false;
		if (!nodes[i].lives)
			start(i, true);
	}
	ok(join(), "after it, all pairs are joined");
	for (size_t i = 0; i < NODES; i++)
		ok(nodes[i].count > 500, "%zu heard %u messages", i, (unsigned)nodes[i].count);
	text = complaints();
	ok(strstr(text, "refused: no greeting") == NULL && strstr(text, "refused: a stranger") == NULL,
	    "nobody was refused for what he is");
}

/* It was killed and is back before its peers know: the newest session counts. */
static void
test_restart(void)
{
	unsigned told;
	int line;

	restart_all(true);
	ok(join(), "joined");
	told = nodes[0].told;
	/* The line stays open, as when a machine lost its power. */
	line = dup(peer(1, 0)->session->fd);
	stop(1);
	start(1, true);
	for (int i = 0; i < 300 && peer(1, 0)->session == NULL; i++)
		work_all(1, 5);
	ok(join(), "joined again");
	is_int(nodes[0].told, told + 1, "which is told once, as up");
	say(0, 1);
	work_all(20, 1);
	is_int(nodes[1].heard[0], nodes[0].said[1], "and what is said arrives");
	close(line);
}

static void
test_dead(void)
{
	restart_all(true);
	ok(join(), "joined");
	for (int i = 0; i < 120; i++, now += 100)
		for (size_t k = 0; k < NODES; k++)
			if (k != 2)
				work(k);
	ok(peer(0, 2)->session == NULL && !nodes[0].up[2],
	    "who shows no sign of life is down, and that is told");
	ok(nodes[0].up[1] && nodes[0].up[3], "the others are not");
	work(2);
	work(2);
	ok(join(), "and up again when it wakes");
}

static void
test_slow(void)
{
	unsigned told;

	restart_all(true);
	ok(join(), "joined");
	told = nodes[0].told;
	nodes[1].closed_ears = true;
	filler = 100000;
	for (int i = 0; i < 400; i++) {
		say(0, 1);
		say(0, 2);
		work_all(3, 20);
	}
	is_int(nodes[2].heard[0], nodes[0].said[2], "40 MB to one do not wait for the other");
	ok(peer(0, 1)->lagging && peer(0, 1)->session != NULL, "which lags, and is up");
	ok(peer(0, 1)->queue.bytes <= 1 << 17, "with next to nothing that waits");
	is_int(nodes[0].told, told, "that is not told yet");
	is_text(complaints(), "peers: n1: too slow: what waited for it is dropped\n",
	    "but is said, once");
	nodes[1].closed_ears = false;
	work_all(100, 5);
	ok(!peer(0, 1)->lagging, "when it listens again");
	is_int(nodes[0].told, told + 1, "it is told up, which it was all the time");
	filler = 0;
	say(0, 1);
	work_all(10, 5);
	is_int(nodes[1].heard[0], nodes[0].said[1], "and hears what is said from then on");
}

/* What was read and not yet heard is not seen by poll, which must not wait then. */
static void
test_enough(void)
{
	struct pollfd fds[CMD_PEERS_FDS];

	restart_all(true);
	ok(join(), "joined");
	filler = 50000;
	nodes[1].enough = nodes[1].count + 2;
	for (int i = 0; i < 4; i++)
		say(0, 1);
	work_all(50, 1);
	is_int(nodes[1].count, nodes[1].enough, "two of four, that is enough");
	work_all(10, 1);
	is_int(nodes[1].count, nodes[1].enough, "for as long as it likes");
	ok(peer(1, 0)->session->more, "the others are there");
	nodes[1].closed_ears = false;
	working = &nodes[1];
	cmd_peers_poll(&nodes[1].peers, fds);
	is_int(cmd_peers_wait(&nodes[1].peers, now), 0, "and are not waited for");
	work_all(10, 1);
	is_int(nodes[1].count, nodes[1].enough + 2, "when it listens again");
	filler = 0;
}

/* What one end says outside of what it should. */
static void
lie(size_t from, size_t to, struct jt_slice text)
{
	struct jt_error e;

	if (cmd_wire_say(peer(from, to)->session, text, &e) != JT_OK)
		ok(false, "said");
	work_all(5, 1);
}

static void
test_liar(void)
{
	static const uint8_t unknown[] = { 0x93, 0xa4, 'j', 't', '/', '?', 1, 0xc4, 0 };
	static const uint8_t large[] = { 0x93, 0xa4, 'j', 't', '/', 'x', 1, 0xc6, 0, 0x20, 0, 0 };
	uint64_t heard;

	restart_all(true);
	ok(join(), "joined");
	lie(1, 0, (struct jt_slice){ unknown, sizeof unknown });
	is_text(complaints(), "peers: n1: refused: offset 2: kind is not a word of a-z, 0-9 and -\n",
	    "an object with a bad envelope is refused");
	ok(peer(0, 1)->session != NULL, "and the session goes on");
	heard = nodes[0].count;
	say(1, 0);
	work_all(5, 1);
	is_int(nodes[0].count, heard + 1, "with the next one");
	lie(1, 0, jt_slice_text("no objects"));
	ok(peer(0, 1)->session == NULL, "what is no stream of objects ends it");
	is_text(complaints(), "", "which is said once for each peer");
	lie(2, 0, (struct jt_slice){ large, sizeof large });
	is_text(complaints(), "peers: n2: refused: object of 2097164 bytes, more than 1048576\n",
	    "an object that is too large is refused before it comes");
	jt_buf_add_text(&peer(3, 0)->session->out, "\xff\xff\xff\xff");
	work_all(5, 1);
	is_text(complaints(), "peers: n3: refused: a chunk of 4294967295 bytes, expected 17 to 65553\n",
	    "a chunk, too");
	ok(peer(1, 2)->session != NULL && peer(1, 3)->session != NULL,
	    "the others have nothing to do with it");
	ok(join(), "all are joined again");
}

static int
call(size_t i)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(un.sun_path, nodes[i].path, strlen(nodes[i].path) + 1);
	if (connect(fd, (struct sockaddr *)&un, sizeof un) != 0)
		ok(false, "connected");
	return fd;
}

/* On a busy machine even what stays on it comes a moment later. */
static void
in_time(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, 60000) != 1)
		ok(false, "came in time");
}

/* Calls of node 0 by TCP, from any address of this machine, 127.0.1.`last`. */
static int
call_from(unsigned last)
{
	struct sockaddr_in to = { .sin_family = AF_INET }, from = { .sin_family = AF_INET };
	socklen_t len = sizeof to;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	from.sin_addr.s_addr = htonl(0x7f000100 + last);
	if (getsockname(nodes[0].peers.listeners[1].fd, (struct sockaddr *)&to, &len) != 0 ||
	    bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		ok(false, "connected from 127.0.1.%u: %s", last, strerror(errno));
	in_time(nodes[0].peers.listeners[1].fd);
	return fd;
}

static void
listen_tcp(void)
{
	struct cmd_peers *ps = &nodes[0].peers;

	ps->listener_count += cmd_listen("127.0.0.1:0", ps->listeners + ps->listener_count, 1);
}

static bool
hung_up(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

static void
test_strangers(void)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
				  "User-Agent: none of yours\r\n\r\n";
	int fds[2 * CMD_CALLERS_MAX], silent;
	unsigned open = 0;
	const char *name;
	bool silence;

	restart_all(true);
	ok(join(), "joined");
	silent = call(0);
	work_all(1, 1);
	is_int(nodes[0].peers.caller_count, 1, "somebody calls");
	ok(!hung_up(silent), "and may be silent for a while");
	fds[0] = call(0);
	if (send(fds[0], get, sizeof get - 1, 0) < 0)
		ok(false, "sent");
	work_all(3, 1);
	ok(hung_up(fds[0]), "another protocol is refused");
	is_text(complaints(), "peers: local: refused: no greeting for this key and network\n", "with a line");
	close(fds[0]);
	silence = silence_told;
	work_all(60, 100);
	ok(hung_up(silent), "silence ends, too");
	fds[0] = call(0);
	if (send(fds[0], get, sizeof get - 1, 0) < 0)
		ok(false, "sent");
	work_all(3, 1);
	ok(hung_up(fds[0]), "and another one of the first kind");
	close(fds[0]);
	is_text(complaints(), silence ? "" : "peers: local: refused: no handshake within 5 s\n",
	    "each reason is told once for an address");
	close(silent);
	listen_tcp();
	for (int i = 0; i < 20; i++) {
		fds[i] = call_from(1);
		work(0);
	}
	is_int(nodes[0].peers.caller_count, 16, "one address gets so many handshakes at once");
	name = complaints();
	ok(strncmp(name, "peers: 127.0.1.1:", 17) == 0 &&
	    strstr(name, ": refused: more than 16 handshakes at once\n") != NULL, "which is said");
	for (int i = 0; i < 20; i++)
		close(fds[i]);
	work_all(2, 1);
	for (int i = 0; i < 2 * CMD_CALLERS_MAX; i++) {
		fds[i] = call_from(10 + (unsigned)i / 10);
		work(0);
	}
	is_int(nodes[0].peers.caller_count, CMD_CALLERS_MAX, "there is a most of them");
	in_time(fds[CMD_CALLERS_MAX - 1]);
	for (int i = 0; i < 2 * CMD_CALLERS_MAX; i++)
		open += !hung_up(fds[i]);
	is_int(open, CMD_CALLERS_MAX, "the oldest make room");
	ok(!hung_up(fds[2 * CMD_CALLERS_MAX - 1]), "for the newest");
	stop(1);
	start(1, true);
	for (int i = 0; i < 100 && (peer(1, 0)->session == NULL || peer(0, 1)->session == NULL); i++)
		work_all(1, 5);
	ok(peer(0, 1)->session != NULL, "a peer comes in all the same");
	for (int i = 0; i < 2 * CMD_CALLERS_MAX; i++)
		close(fds[i]);
	ok(join(), "joined");
}

/* Greets node 0 as one who knows its key and network; a spoiled one costs it nearly as much. */
static void
greet(int fd, bool spoiled)
{
	struct jt_link *link = jt_link_new();
	struct jt_buf out = { .max = 1024 };
	uint8_t ephemeral[JT_NOISE_KEY];
	struct jt_error e;
	int left = 0; /* bytes that node 0 does not have yet */

	random_bytes(ephemeral, sizeof ephemeral);
	if (jt_link_dial(link, &nodes[1].peers.self, nodes[0].key->pub.key, ephemeral, &out,
	    &e) != JT_OK)
		ok(false, "greeting made");
	if (spoiled) {
		out.data[JT_LINK_GREETING - 1] ^= 1;
		crypto_generichash(out.data, JT_LINK_GREETING_MAC, out.data + JT_LINK_GREETING_MAC,
		    JT_NOISE_LENGTH(0), nodes[0].peers.self.greeting, JT_HASH);
	}
	if (send(fd, out.data, out.len, 0) != (ssize_t)out.len)
		ok(false, "greeted");
	while (ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0)
		usleep(100);
	jt_buf_free(&out);
	jt_link_free(link);
}

/* Greetings cost a responder; of many at once each has its turn. */
static void
test_greetings(bool spoiled)
{
	enum { MANY = 48 };
	unsigned answered;
	char answer[64];
	int fds[MANY];

	restart_all(true);
	listen_tcp();
	ok(join(), "joined");
	now += 1000;
	for (int i = 0; i < MANY; i++) {
		fds[i] = call_from(10 + (unsigned)i / 10);
		greet(fds[i], spoiled);
	}
	for (int part = 0; part < 2; part++) {
		for (int i = 0; i < 5; i++)
			work(0);
		in_time(fds[part == 0 ? 31 : MANY - 1]);
		answered = 0;
		for (int i = 0; i < MANY; i++)
			answered += spoiled ? hung_up(fds[i]) :
			    recv(fds[i], answer, sizeof answer, MSG_DONTWAIT | MSG_PEEK) > 0;
		is_int(answered, part == 0 ? 32 : MANY, "of 48 %s greetings at once %u are answered",
		    spoiled ? "spoiled" : "good", part == 0 ? 32 : MANY);
		now += 100;
	}
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	ok(join(), "joined");
}

/* Who greets and then says nothing more keeps nobody out. */
static void
test_half_greeted(void)
{
	int fds[CMD_CALLERS_MAX];

	restart_all(false);
	listen_tcp();
	ok(join(), "joined");
	stop(1);
	for (int i = 0; i < CMD_CALLERS_MAX; i++) {
		fds[i] = call_from(10 + (unsigned)i / 10);
		greet(fds[i], false);
		work(0);
		now += 10;
	}
	work(0);
	is_int(nodes[0].peers.caller_count, CMD_CALLERS_MAX, "as many have greeted as can be");
	start(1, false);
	for (int i = 0; i < 100 && (peer(1, 0)->session == NULL || peer(0, 1)->session == NULL); i++)
		work_all(1, 5);
	ok(peer(0, 1)->session != NULL, "a peer comes in all the same");
	for (int i = 0; i < CMD_CALLERS_MAX; i++)
		close(fds[i]);
	ok(join(), "joined");
}

/* Who listens and accepts nobody keeps his socket, however many have called him. */
static void
test_busy_socket(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int ear, called[16], status = 0;
	size_t n = 0;
	pid_t child;

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s/busy", tempdir);
	ear = socket(AF_UNIX, SOCK_STREAM, 0);
	if (ear < 0 || bind(ear, (struct sockaddr *)&sa, sizeof sa) != 0 || listen(ear, 1) != 0)
		die(JT_SYSTEM, "no socket");
	do {
		called[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		errno = 0;
	} while (connect(called[n++], (struct sockaddr *)&sa, sizeof sa) == 0 && n < 16);
	is_int(errno, EAGAIN, "nobody else is queued");
	fflush(stdout);
	if ((child = fork()) == 0) {
		struct cmd_listener l;

		(void)cmd_listen(sa.sun_path, &l, 1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == JT_AGAIN, "and the socket is still his");
	while (n > 0)
		close(called[--n]);
	close(ear);
}

int
main(int argc, char **argv)
{
	const char *dir = tempdir_make();
	uint8_t secret[32];
	char path[128];
	int fd;

	cmd_start(&program, 1, argv);
	random_start(argc, argv);
	snprintf(path, sizeof path, "%s/stderr", dir);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		return 1;
	for (size_t i = 0; i < NODES; i++) {
		snprintf(nodes[i].name, sizeof nodes[i].name, "n%zu", i);
		snprintf(nodes[i].path, sizeof nodes[i].path, "%s/%zu", dir, i);
		nodes[i].key = jt_secret_new();
		random_bytes(secret, sizeof secret);
		jt_secret_set(nodes[i].key, JT_ROLE_LINK, secret);
	}
	now = cmd_clock_ms();
	test_join(true);
	test_join(false);
	test_chaos();
	test_restart();
	test_dead();
	test_slow();
	test_enough();
	test_liar();
	test_strangers();
	test_greetings(false);
	test_greetings(true);
	test_half_greeted();
	test_busy_socket();
	for (size_t i = 0; i < NODES; i++) {
		stop(i);
		jt_secret_free(nodes[i].key);
	}
	return done_testing();
}
