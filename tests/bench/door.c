/*
 * jt-listen in front of jt-verify, with this program as clients and as the vote:
 * 12,000 signed payments of as many accounts over four connections, each taken
 * as soon as it comes out at the other end. Against a bare loop of libsodium's
 * verification over the same keys, messages and signatures.
 *
 *	listen          processor time of jt-listen for each payment, until it was
 *	                accepted; the ratio says how often that fits into a verification
 *	listen-verify   wall time for each payment through both
 *	listen-memory   of jt-listen, at its greatest, the ledger's pages apart
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "../unit/tempdir.h"
#include "payments.h"
#include "pipe/pipe.h"

enum { PAYMENTS = 12000, PAYMENTS_QUICK = 200, REPEATS = 5, CLIENTS = 4, PATH_LEN = 4096 };

static struct network net;
static struct payments payments;
static struct jt_buf streams[CLIENTS]; /* each with as many payments as the others */
static char build[PATH_LEN];

static void
make_payments(uint32_t count)
{
	network_make(&net, 1, count, false);
	payments_start(&payments, count);
	for (int i = 0; i < CLIENTS; i++)
		jt_buf_init(&streams[i], SIZE_MAX / 2);
	for (uint32_t i = 0; i < count; i++)
		payments_make(&payments, &net, i, &streams[i % CLIENTS]);
}

/* Start a program of the build; in and out are its stdin and stdout, extra is its descriptor 3. */
static pid_t
start(const char *name, char *const argv[], int in, int out, int extra)
{
	char path[PATH_LEN + 64];
	pid_t pid = fork();

	if (pid < 0)
		bench_fail("fork");
	if (pid > 0)
		return pid;
	snprintf(path, sizeof path, "%s/cmd/%s", build, name);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || (extra != 3 && dup2(extra, 3) < 0))
		_exit(71);
	for (int fd = 4; fd < 64; fd++)
		close(fd);
	execv(path, argv);
	_exit(71);
}

static void
pipe_to(int fd[2])
{
	int low[2];

	/* Above those that are given to programs. */
	if (pipe(low) != 0 || (fd[0] = fcntl(low[0], F_DUPFD, 10)) < 0 ||
	    (fd[1] = fcntl(low[1], F_DUPFD, 10)) < 0)
		bench_fail("pipe");
	close(low[0]);
	close(low[1]);
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
	for (int i = 0; i < 1000; i++) {
		if (connect(fd, (const struct sockaddr *)&sa, sizeof sa) == 0)
			return fd;
		usleep(10000);
	}
	bench_fail("jt-listen does not listen");
	return -1;
}

/* What one client sends and gets: false when it has sent all. */
static void
serve_client(int fd, const struct jt_buf *stream, size_t *sent, short events)
{
	static uint8_t bytes[65536];
	ssize_t n;

	if (events & POLLIN)
		while (read(fd, bytes, sizeof bytes) > 0)
			continue;
	if (!(events & POLLOUT))
		return;
	n = send(fd, stream->data + *sent, stream->len - *sent, MSG_NOSIGNAL);
	if (n > 0)
		*sent += (size_t)n;
}

/* Items that came through, each of them taken. */
static uint32_t
take(struct jt_reader *r, int took)
{
	struct jt_buf b = { .max = SIZE_MAX / 2 };
	struct jt_took t;
	struct jt_object o;
	struct jt_error e;
	uint32_t n = 0;

	network_must(jt_reader_more(r, &e), &e);
	while (jt_reader_has(r)) {
		network_must(jt_reader_next(r, &o, &e), &e);
		network_need(o.bytes.len > 0, "jt-verify has ended");
		network_must(jt_kind_id(&jt_kind_pay, &o, t.id, &e), &e);
		network_must(jt_kind_write(&jt_kind_took, &t, &b, &e), &e);
		n++;
	}
	network_must(jt_file_write_fd(took, "pipe", jt_buf_slice(&b), &e), &e);
	jt_buf_free(&b);
	return n;
}

static void
run(const char *sock, int out, int took)
{
	struct pollfd p[CLIENTS + 1] = { [CLIENTS] = { out, POLLIN, 0 } };
	size_t sent[CLIENTS] = { 0 };
	struct jt_reader r;
	uint32_t n = 0;

	jt_reader_init(&r, out, "jt-verify");
	for (int i = 0; i < CLIENTS; i++)
		p[i].fd = connect_to(sock);
	while (n < payments.count) {
		for (int i = 0; i < CLIENTS; i++)
			p[i].events = POLLIN | (sent[i] < streams[i].len ? POLLOUT : 0);
		if (poll(p, CLIENTS + 1, 600000) <= 0)
			bench_fail("nothing goes on");
		for (int i = 0; i < CLIENTS; i++)
			serve_client(p[i].fd, &streams[i], &sent[i], p[i].revents);
		if (p[CLIENTS].revents)
			n += take(&r, took);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(p[i].fd);
	jt_reader_free(&r);
}

/* Wall time of all; *listen is jt-listen's own, *memory its size in KiB. */
static double
measure(char *dir, char *sock, double *listen, double *memory)
{
	char *listen_argv[] = { (char *)(uintptr_t)"jt-listen", (char *)(uintptr_t)"-d", dir,
		(char *)(uintptr_t)"-a", sock, (char *)(uintptr_t)"/dev/fd/3", NULL };
	char *verify_argv[] = { (char *)(uintptr_t)"jt-verify", NULL };
	int a[2], b[2], k[2], null, status;
	struct rusage usage;
	uint64_t begin;
	double wall;
	pid_t listener, verifier;

	pipe_to(a);
	pipe_to(b);
	pipe_to(k);
	if ((null = open("/dev/null", O_RDONLY)) < 0)
		bench_fail("/dev/null");
	listener = start("jt-listen", listen_argv, null, a[1], k[0]);
	verifier = start("jt-verify", verify_argv, a[0], b[1], null);
	close(a[0]);
	close(a[1]);
	close(b[1]);
	close(connect_to(sock));
	begin = bench_now();
	run(sock, b[0], k[1]);
	wall = (double)(bench_now() - begin);
	kill(listener, SIGTERM);
	if (wait4(listener, &status, 0, &usage) != listener || status != 0)
		bench_fail("jt-listen");
	*listen = bench_cpu_of(&usage);
	*memory = (double)usage.ru_maxrss;
	if (waitpid(verifier, &status, 0) != verifier || status != 0)
		bench_fail("jt-verify");
	close(b[0]);
	close(k[0]);
	close(k[1]);
	close(null);
	return wall;
}

int
main(void)
{
	double wall[REPEATS], wall_ratio[REPEATS], listen[REPEATS], ratio[REPEATS], memory[REPEATS];
	const char *where = getenv("JT_BUILD");
	char dir[128], sock[128], ledger[128];
	struct jt_ledger l;

	if (realpath(where != NULL ? where : ".", build) == NULL)
		bench_fail("JT_BUILD is no directory");
	signal(SIGPIPE, SIG_IGN);
	tempdir_make();
	snprintf(dir, sizeof dir, "%s", tempdir);
	snprintf(sock, sizeof sock, "%s", tempdir_path("sock"));
	snprintf(ledger, sizeof ledger, "%s", tempdir_path("ledger"));
	make_payments(bench_quick() ? PAYMENTS_QUICK : PAYMENTS);
	network_open(&net, ledger, &l);
	jt_ledger_close(&l);
	for (int i = 0; i < REPEATS; i++) {
		double raw = payments_bare(&payments);

		wall[i] = measure(dir, sock, &listen[i], &memory[i]);
		wall_ratio[i] = raw / wall[i];
		ratio[i] = raw / listen[i];
	}
	bench_time_line("listen", bench_median(listen, REPEATS) / payments.count,
	    bench_median(ratio, REPEATS));
	bench_time_line("listen-verify", bench_median(wall, REPEATS) / payments.count,
	    bench_median(wall_ratio, REPEATS));
	bench_line("listen-memory", bench_median(memory, REPEATS), "KiB", 0);
	return 0;
}
