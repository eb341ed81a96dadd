/*
 * Links between peers. Through a pair of jt-peer, that is from the stdin of one
 * to the stdout of the other over a Unix socket, against the same bytes in full
 * chunks over a socketpair from one process that seals to one that opens them;
 * and both ends of a handshake against nothing but its multiplications.
 *
 *	peer-1m          an object of 1 MiB through a pipe of two jt-peer
 *	peer-250         one of 250 bytes
 *	peer-msg-250     one of 250 bytes as jt/msg, between validators
 *	peer-msg-trip    one such alone, until it is there; against as many pipes
 *	                 between programs that only pass it on (cat | cat)
 *	link-handshake   from the dialing to both ends up, in one process
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../unit/tempdir.h"
#include "bench.h"
#include "net/link.h"
#include "pipe/pipe.h"

enum { CHUNK = JT_LINK_TEXT_MAX, PATH_LEN = 4096 };

/* Two programs in a row: what goes in at one end comes out at the other. */
struct line {
	int in, out;
	pid_t pids[2];
	struct jt_buf object; /* what is said, and what comes of it, in bytes */
	size_t comes;
};

struct raw {
	int fd;
	pid_t pid;
	crypto_secretstream_xchacha20poly1305_state state;
	size_t object;        /* bytes */
};

static char build[PATH_LEN];

static void
shell(const char *commands)
{
	char text[2 * PATH_LEN];

	snprintf(text, sizeof text, "cd '%s' && PATH='%s/cmd':$PATH && { %s; }", tempdir, build,
	    commands);
	if (system(text) != 0)
		bench_fail(commands);
}

/* A program in the benchmark's directory with these descriptors; a shell's words. */
static pid_t
run(const char *words, int in, int out)
{
	char text[2 * PATH_LEN];
	pid_t pid;

	snprintf(text, sizeof text, "cd '%s' && PATH='%s/cmd':$PATH && exec %s 2>>said", tempdir,
	    build, words);
	pid = fork();
	if (pid == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void
make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) != 0)
		bench_fail("pipe");
}

/*
 * from | to, but for jt-peer, where the second one's own input is open and the
 * first one's output goes nowhere.
 */
static void
start(struct line *l, const char *from, const char *to, bool piped)
{
	int in[2], out[2], between[2];
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	make_pipe(in);
	make_pipe(out);
	make_pipe(between);
	l->pids[0] = run(from, in[0], piped ? between[1] : null);
	/* A pipe that nobody writes to, but that is open. */
	l->pids[1] = run(to, between[0], out[1]);
	close(in[0]);
	close(out[1]);
	close(between[0]);
	if (piped)
		close(between[1]);
	close(null);
	l->in = in[1];
	l->out = out[0];
	fcntl(l->in, F_SETFL, O_NONBLOCK);
}

static void
stop(struct line *l)
{
	/* Both at once, or the second would complain of the first. */
	for (int i = 0; i < 2; i++)
		kill(l->pids[i], SIGKILL);
	for (int i = 0; i < 2; i++)
		waitpid(l->pids[i], NULL, 0);
	close(l->in);
	close(l->out);
}

/* Read what comes; `wait` for some. */
static uint64_t
take(const struct line *l, bool wait)
{
	static uint8_t bytes[1 << 18];
	struct pollfd p = { l->out, POLLIN, 0 };
	ssize_t n;

	if (!wait && poll(&p, 1, 0) == 0)
		return 0;
	n = read(l->out, bytes, sizeof bytes);
	if (n <= 0)
		bench_fail("a program ended");
	return (uint64_t)n;
}

/* Full writes of many small objects, as a program that has them at hand would make. */
static void
through(void *ctx, uint64_t n)
{
	static uint8_t bytes[1 << 21];
	struct line *l = ctx;
	size_t size = l->object.len, many = size > CHUNK ? 1 : CHUNK / size;
	uint64_t left = n * size, due = n * l->comes, at = 0;

	for (size_t i = 0; i < many; i++)
		memcpy(bytes + i * size, l->object.data, size);
	while (due > 0) {
		struct pollfd p[] = { { left > 0 ? l->in : -1, POLLOUT, 0 }, { l->out, POLLIN, 0 } };
		poll(p, 2, -1);
		if (p[0].revents != 0) {
			uint64_t most = many * size - at;
			ssize_t w = write(l->in, bytes + at, most < left ? most : left);
			if (w < 0 && errno != EAGAIN)
				bench_fail("a program ended");
			if (w > 0) {
				at = (at + (uint64_t)w) % (many * size);
				left -= (uint64_t)w;
			}
		}
		if (p[1].revents != 0)
			due -= take(l, true);
	}
}

/* One after another. */
static void
trips(void *ctx, uint64_t n)
{
	struct line *l = ctx;

	while (n-- > 0) {
		uint64_t due = l->comes;
		if (write(l->in, l->object.data, l->object.len) != (ssize_t)l->object.len)
			bench_fail("a program ended");
		while (due > 0)
			due -= take(l, true);
	}
}

/* ---- the raw loop ---- */

static const uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
static const uint8_t stream_key[crypto_secretstream_xchacha20poly1305_KEYBYTES];

static _Noreturn void
open_chunks(int fd)
{
	static uint8_t sealed[CHUNK + JT_LINK_SEAL], text[CHUNK];
	crypto_secretstream_xchacha20poly1305_state s;
	unsigned char tag;
	ssize_t n;

	crypto_secretstream_xchacha20poly1305_init_pull(&s, header, stream_key);
	while ((n = recv(fd, sealed, sizeof sealed, MSG_WAITALL)) > 0) {
		if (crypto_secretstream_xchacha20poly1305_pull(&s, text, NULL, &tag, sealed,
		    (unsigned long long)n, NULL, 0) != 0)
			_exit(1);
		/* The tag says that this is the last one for now. */
		if (tag != 0 && send(fd, &tag, 1, 0) != 1)
			_exit(1);
	}
	_exit(0);
}

static void
start_raw(struct raw *r, size_t object)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		bench_fail("socketpair");
	r->pid = fork();
	if (r->pid == 0) {
		close(fd[0]);
		open_chunks(fd[1]);
	}
	close(fd[1]);
	r->fd = fd[0];
	r->object = object;
	crypto_secretstream_xchacha20poly1305_init_pull(&r->state, header, stream_key);
}

static void
stop_raw(struct raw *r)
{
	close(r->fd);
	waitpid(r->pid, NULL, 0);
}

struct pair {
	struct line line, cats;
	struct raw raw;
};

static void
through_pair(void *ctx, uint64_t n)
{
	through(&((struct pair *)ctx)->line, n);
}

static void
raw_pair(void *ctx, uint64_t n)
{
	static uint8_t text[CHUNK], sealed[CHUNK + JT_LINK_SEAL];
	struct raw *r = &((struct pair *)ctx)->raw;
	uint64_t chunks = (n * r->object + CHUNK - 1) / CHUNK;
	char done;

	while (chunks-- > 0) {
		crypto_secretstream_xchacha20poly1305_push(&r->state, sealed, NULL, text,
		    sizeof text, NULL, 0, chunks == 0);
		if (send(r->fd, sealed, sizeof sealed, 0) != (ssize_t)sizeof sealed)
			bench_fail("send");
	}
	if (recv(r->fd, &done, 1, 0) != 1)
		bench_fail("recv");
}

static void
trips_pair(void *ctx, uint64_t n)
{
	trips(&((struct pair *)ctx)->line, n);
}

static void
trips_cats(void *ctx, uint64_t n)
{
	trips(&((struct pair *)ctx)->cats, n);
}

/* ---- what is carried ---- */

static void
check(bool good)
{
	if (!good)
		bench_fail("an object cannot be made");
}

/* A jt/x object of this many bytes. */
static void
make_object(struct jt_buf *b, size_t size)
{
	static const uint8_t payload[JT_OBJECT_MAX];
	size_t len = size - (size <= 255 + 9 ? 9 : 12);

	jt_buf_init(b, JT_OBJECT_MAX);
	check(jt_object_write(b, "x", 1, (struct jt_slice){ payload, len }) && b->len == size);
}

static void
bench_pipe(const char *name, size_t size)
{
	struct pair p = { 0 };

	start(&p.line, "jt-peer -k a.key b@./sock", "jt-peer -k b.key -a ./sock a", false);
	make_object(&p.line.object, size);
	p.line.comes = size;
	start_raw(&p.raw, size);
	bench(name, through_pair, raw_pair, &p);
	stop_raw(&p.raw);
	stop(&p.line);
	jt_buf_free(&p.line.object);
}

/* Until the second one has said that the first is up; both say it in as many bytes. */
static void
join(struct line *l)
{
	static const struct jt_peer up = { { (const uint8_t *)"v1", 2 }, JT_PEER_UP };
	struct jt_buf b = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	check(jt_kind_write(&jt_kind_peer, &up, &b, &e) == JT_OK);
	for (size_t due = b.len; due > 0;)
		due -= take(l, true);
	jt_buf_free(&b);
}

static void
make_messages(struct line *l)
{
	struct jt_slice none = { NULL, 0 }, from = { (const uint8_t *)"v1", 2 };
	struct jt_buf body, comes = { .max = JT_OBJECT_MAX };
	struct jt_error e;

	make_object(&body, 250);
	jt_buf_init(&l->object, JT_OBJECT_MAX);
	check(jt_msg_write(jt_buf_slice(&body), none, none, &l->object, &e) == JT_OK &&
	    jt_msg_write(jt_buf_slice(&body), from, none, &comes, &e) == JT_OK);
	l->comes = comes.len;
	jt_buf_free(&body);
	jt_buf_free(&comes);
}

static void
bench_messages(void)
{
	struct pair p = { 0 };
	char first[PATH_LEN];
	struct stat st;

	start(&p.line, "jt-peer -d net/v1 v2@./two >first", "jt-peer -d net/v2 -a ./two", false);
	join(&p.line);
	/* The first one hears of it at the same time, or a little later, and says so. */
	snprintf(first, sizeof first, "%s/first", tempdir);
	while (stat(first, &st) != 0 || st.st_size == 0)
		usleep(1000);
	make_messages(&p.line);
	start_raw(&p.raw, 250);
	bench("peer-msg-250", through_pair, raw_pair, &p);
	stop_raw(&p.raw);
	start(&p.cats, "cat", "cat", true);
	p.cats.object = p.line.object;
	p.cats.comes = p.line.object.len;
	bench("peer-msg-trip", trips_pair, trips_cats, &p);
	stop(&p.cats);
	stop(&p.line);
	jt_buf_free(&p.line.object);
}

/* ---- handshakes ---- */

struct shakes {
	uint8_t secret[2][JT_NOISE_KEY];
	struct jt_link_end ends[2];
	struct jt_link *links[2];
};

static void
shake(void *ctx, uint64_t n)
{
	struct jt_buf wire[2] = { { .max = 1024 }, { .max = 1024 } }, text = { .max = 1024 };
	static uint8_t ephemeral[JT_NOISE_KEY];
	struct shakes *s = ctx;
	struct jt_error e;

	while (n-- > 0) {
		ephemeral[n % sizeof ephemeral]++;
		check(jt_link_dial(s->links[0], &s->ends[0], s->ends[1].public, ephemeral, &wire[0],
		    &e) == JT_OK);
		jt_link_await(s->links[1], &s->ends[1], ephemeral);
		for (int from = 0; wire[from].len > 0; from = 1 - from) {
			struct jt_slice in = jt_buf_slice(&wire[from]);
			enum jt_link_event event = JT_LINK_ON;
			while (event != JT_LINK_WAIT) {
				check(jt_link_take(s->links[1 - from], &in, &wire[1 - from], &text,
				    &event, &e) == JT_OK);
				if (event == JT_LINK_KNOWN)
					check(jt_link_accept(s->links[1], &wire[1], &e) == JT_OK);
			}
			jt_buf_clear(&wire[from]);
		}
		check(s->links[0]->state == JT_LINK_OPEN && s->links[1]->state == JT_LINK_OPEN);
	}
	jt_buf_free(&wire[0]);
	jt_buf_free(&wire[1]);
}

/* Each end makes an ephemeral key, and agrees on es, ee and se. */
static void
multiply(void *ctx, uint64_t n)
{
	uint8_t out[JT_NOISE_KEY];
	struct shakes *s = ctx;

	while (n-- > 0)
		for (int i = 0; i < 2; i++) {
			crypto_scalarmult_base(out, s->secret[i]);
			for (int k = 0; k < 3; k++)
				if (crypto_scalarmult(out, s->secret[i], s->ends[1 - i].public) != 0)
					bench_fail("multiplication");
			bench_keep(out);
		}
}

static void
bench_handshake(void)
{
	static const uint8_t network[JT_HASH];
	struct shakes s;
	uint8_t public[JT_NOISE_KEY];

	for (int i = 0; i < 2; i++) {
		memset(s.secret[i], i + 1, sizeof s.secret[i]);
		crypto_scalarmult_base(public, s.secret[i]);
		jt_link_end_init(&s.ends[i], network, public, s.secret[i]);
		if ((s.links[i] = jt_link_new()) == NULL)
			bench_fail("out of memory");
	}
	bench("link-handshake", shake, multiply, &s);
	jt_link_free(s.links[0]);
	jt_link_free(s.links[1]);
}

int
main(void)
{
	const char *at = getenv("JT_BUILD");

	if (snprintf(build, sizeof build, "%s", at != NULL ? at : ".") >= (int)sizeof build ||
	    sodium_init() < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	tempdir_make();
	shell("jt-keygen -n --role link a b > /dev/null && jt-genesis -v 2 > /dev/null");
	bench_pipe("peer-1m", JT_OBJECT_MAX);
	bench_pipe("peer-250", 250);
	bench_messages();
	bench_handshake();
	return 0;
}
