/*
 * A network of four validators on this machine, from the first start to payments
 * whose proofs came back: everything that a payment costs, all programs together.
 *
 *	net-first        from `jt-net up` of a network that is new to the proof of
 *	                 a first payment
 *	net-lone         one payment alone at idle: jt-submit, from start to end, median
 *	net-lone-99      99th percentile
 *	net-rate         payments per second, 100,000 accounts, as fast as they go
 *	                 through; ratio: to a quarter of the rate at which this machine's
 *	                 processors verify signatures (each of four validators must)
 *	net-cpu          processor time of a payment, all programs of all validators
 *	net-cpu-NAME     of that, one of the programs (of all validators)
 *	net-half         latency at half that rate: median
 *	net-half-99      99th percentile
 *	net-idle         processor time that an idle network takes, of one processor
 *	net-memory-idle, net-memory-load   anonymous memory of a validator
 *
 * Takes two minutes; with BENCH_MS under 50 some seconds.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tempdir.h"
#include "all/kinds.h"
#include "bench.h"
#include "crypto/address.h"
#include "kind/tx.h"
#include "ledger/proof.h"

enum { N = 4, SENDERS = 4000, PROGRAMS = 7, SAMPLES_MAX = 200000 };
static const char *const programs[PROGRAMS] = { "listen", "verify", "vote", "check", "close",
	"peer", "node" };

static uint32_t accounts, payments, lone;
static uint8_t network[JT_HASH];
static uint64_t next_seq[SENDERS];
static struct jt_error error;
static char net[128];

static void
check(enum jt_err err)
{
	if (err != JT_OK)
		bench_fail(error.text);
}

/* The shell's word; what it says is not wanted unless it fails. */
static void
shell(const char *fmt, const char *a, const char *b)
{
	char command[1024];

	snprintf(command, sizeof command, fmt, a, b);
	if (system(command) != 0)
		bench_fail(command);
}

/* Key of the account with this number. */
static void
key_of(uint32_t number, uint8_t key[JT_KEY], uint8_t secret[JT_SECRET],
    uint8_t account[JT_ACCOUNT])
{
	uint8_t seed[16] = { 0 }, expanded[32];

	memcpy(seed, &number, sizeof number);
	jt_sign_expand_seed(expanded, seed);
	jt_sign_keypair(key, secret, expanded);
	jt_account_of_key(account, key);
}

static void
make_network(void)
{
	char csv[160], yaml[160], text[JT_ADDRESS_TEXT];
	uint8_t key[JT_KEY], secret[JT_SECRET], account[JT_ACCOUNT];
	FILE *f;

	snprintf(csv, sizeof csv, "%s/accounts.csv", tempdir);
	if ((f = fopen(csv, "w")) == NULL)
		bench_fail(csv);
	fprintf(f, "account,balance\n");
	for (uint32_t i = 0; i < accounts; i++) {
		key_of(i, key, secret, account);
		jt_address_format(account, text);
		fprintf(f, "%s,1000\n", text);
	}
	fclose(f);
	snprintf(yaml, sizeof yaml, "%s/net.yaml", tempdir);
	if ((f = fopen(yaml, "w")) == NULL)
		bench_fail(yaml);
	fprintf(f, "validators: %d\naccounts: accounts.csv\n", N);
	fclose(f);
	shell("cd %s && jt-genesis -o net net.yaml >id", tempdir, "");
}

static void
read_network(void)
{
	char path[160], hex[2 * JT_HASH + 2];
	FILE *f;

	snprintf(path, sizeof path, "%s/id", tempdir);
	if ((f = fopen(path, "r")) == NULL || fgets(hex, sizeof hex, f) == NULL)
		bench_fail(path);
	fclose(f);
	for (int i = 0; i < JT_HASH; i++) {
		unsigned byte = 0;
		sscanf(hex + 2 * i, "%2x", &byte);
		network[i] = (uint8_t)byte;
	}
}

/* The next payment of a sender to anybody. */
static void
pay(uint32_t from, struct jt_buf *out)
{
	struct jt_tx *tx = calloc(1, jt_kind_pay.schema->size);
	uint8_t key[JT_KEY], secret[JT_SECRET], account[JT_ACCOUNT], id[JT_HASH];
	struct jt_sig sig;
	struct jt_buf body;

	if (tx == NULL)
		bench_fail("out of memory");
	key_of(SENDERS + randombytes_uniform(accounts - SENDERS), key, secret, account);
	for (size_t i = 0; i < jt_kind_pay.schema->count; i++) {
		const struct jt_field *f = &jt_kind_pay.schema->fields[i];
		uint8_t *at = (uint8_t *)tx + f->offset;
		if (strcmp(f->name, "to") == 0)
			memcpy(at, account, JT_ACCOUNT);
		if (strcmp(f->name, "amount") == 0)
			*(struct jt_amount *)(void *)at = (struct jt_amount){ .units = 1,
			    .asset.decimals = JT_COINS_DECIMALS };
	}
	key_of(from, key, secret, account);
	memcpy(tx->from, account, JT_ACCOUNT);
	memcpy(tx->network, network, JT_HASH);
	tx->seq = ++next_seq[from];
	tx->fee = 10;
	jt_buf_init(&body, JT_OBJECT_MAX);
	check(jt_encode(jt_kind_pay.schema, tx, &body, &error));
	jt_object_hash(id, jt_slice_text("pay"), 1, jt_buf_slice(&body));
	memcpy(sig.key, key, JT_KEY);
	jt_sign_id(sig.sig, secret, id);
	check(jt_signed_write(out, jt_slice_text("pay"), 1, jt_buf_slice(&body), &sig, 1, &error));
	jt_buf_free(&body);
	free(tx);
}

/* ---- what the programs take ---- */

static void
read_pid(int validator, const char *program, char *path, size_t size, const char *file)
{
	char name[192];
	unsigned pid = 0;
	FILE *f;

	snprintf(name, sizeof name, "%s/v%d/run/%s.pid", net, validator, program);
	if ((f = fopen(name, "r")) != NULL) {
		if (fscanf(f, "%u", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	snprintf(path, size, "/proc/%u/%s", pid, file);
}

/* Seconds of processor time of one program of all validators. */
static double
cpu_of(const char *program)
{
	double all = 0;

	for (int v = 1; v <= N; v++) {
		unsigned long user = 0, system_ = 0;
		char path[64], line[1024], *after;
		FILE *f;

		read_pid(v, program, path, sizeof path, "stat");
		if ((f = fopen(path, "r")) == NULL)
			continue;
		if (fgets(line, sizeof line, f) != NULL && (after = strrchr(line, ')')) != NULL &&
		    sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		    &system_) == 2)
			all += (double)(user + system_) / (double)sysconf(_SC_CLK_TCK);
		fclose(f);
	}
	return all;
}

static double
cpu_of_all(void)
{
	double all = 0;

	for (int i = 0; i < PROGRAMS; i++)
		all += cpu_of(programs[i]);
	return all;
}

/* KiB that belong to the programs of a validator alone, on average. */
static double
anonymous(void)
{
	double all = 0;

	for (int v = 1; v <= N; v++)
		for (int i = 0; i < PROGRAMS; i++) {
			char path[64], line[256];
			unsigned long kib;
			FILE *f;
			read_pid(v, programs[i], path, sizeof path, "status");
			if ((f = fopen(path, "r")) == NULL)
				continue;
			while (fgets(line, sizeof line, f) != NULL)
				if (sscanf(line, "RssAnon: %lu", &kib) == 1)
					all += (double)kib;
			fclose(f);
		}
	return all / N;
}

/* ---- submitting ---- */

struct client {
	pid_t pid;
	int in, out;
	struct jt_reader proofs;
	struct jt_buf waiting; /* not yet written */
	size_t written;
};

static void
connect_client(struct client *c, int validator)
{
	char dir[160], *argv[] = { "jt-submit", "-d", dir, NULL };
	int in[2], out[2];

	snprintf(dir, sizeof dir, "%s/v%d", net, validator);
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		bench_fail("no pipe");
	c->pid = fork();
	if (c->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
	fcntl(c->in, F_SETFL, O_NONBLOCK);
	jt_reader_init(&c->proofs, c->out, "jt-submit");
	jt_buf_init(&c->waiting, SIZE_MAX / 2);
	c->written = 0;
}

static void
push(struct client *c)
{
	while (c->written < c->waiting.len) {
		ssize_t n = write(c->in, c->waiting.data + c->written, c->waiting.len - c->written);
		if (n <= 0)
			return;
		c->written += (size_t)n;
	}
	jt_buf_clear(&c->waiting);
	c->written = 0;
}

static void
finish_client(struct client *c)
{
	int status;

	close(c->in);
	close(c->out);
	waitpid(c->pid, &status, 0);
	jt_reader_free(&c->proofs);
	jt_buf_free(&c->waiting);
}

struct sample {
	uint8_t id[8];
	uint64_t sent;
};
static struct sample samples[SAMPLES_MAX];
static double latencies[SAMPLES_MAX];
static size_t sample_count, latency_count;

static void
note_sent(struct jt_slice object)
{
	struct jt_object o = { 0 };
	struct jt_slice body = { NULL, 0 };
	uint8_t id[JT_HASH];

	check(jt_object_parse(object, &o, &error));
	check(jt_signed_body(&o, &body, &error));
	jt_object_hash(id, o.kind, o.version, body);
	memcpy(samples[sample_count].id, id, 8);
	samples[sample_count++].sent = bench_now();
}

/* A proof came: of which payment? */
static void
note_proof(const struct jt_object *o)
{
	struct jt_proof_tx p;
	struct jt_object tx = { 0 };
	struct jt_slice body = { NULL, 0 };
	uint8_t id[JT_HASH];
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 4096))
		bench_fail("out of memory");
	check(jt_kind_read(&jt_kind_proof_tx, o, &p, &zone, &error));
	check(jt_object_parse(p.tx, &tx, &error));
	check(jt_signed_body(&tx, &body, &error));
	jt_object_hash(id, tx.kind, tx.version, body);
	for (size_t i = 0; i < sample_count; i++)
		if (memcmp(samples[i].id, id, 8) == 0) {
			latencies[latency_count++] = (double)(bench_now() - samples[i].sent);
			samples[i] = samples[--sample_count];
			break;
		}
	msgpack_zone_destroy(&zone);
}

/* Proofs that are there; how many? With `timed` each one's payment is looked up. */
static uint32_t
pull(struct client *c, bool timed)
{
	struct pollfd p = { c->out, POLLIN, 0 };
	struct jt_object o;
	uint32_t count = 0;

	if (poll(&p, 1, 0) == 1 && jt_reader_more(&c->proofs, &error) != JT_OK)
		bench_fail("jt-submit: cannot read");
	while (jt_reader_has(&c->proofs)) {
		check(jt_reader_next(&c->proofs, &o, &error));
		if (o.bytes.len == 0)
			bench_fail("jt-submit ended");
		count++;
		if (timed)
			note_proof(&o);
	}
	return count;
}

/* Payments of all clients, `rate` a second (0: as fast as they go): seconds to the last proof. */
static double
load(uint32_t count, double rate)
{
	struct client clients[N];
	struct jt_buf all;
	size_t *ends = calloc(count + 1, sizeof *ends);
	uint64_t began;
	uint32_t sent = 0, proven = 0;

	jt_buf_init(&all, SIZE_MAX / 2);
	if (ends == NULL)
		bench_fail("out of memory");
	for (uint32_t i = 0; i < count; i++) {
		pay(i % SENDERS, &all);
		ends[i + 1] = all.len;
	}
	for (int v = 0; v < N; v++)
		connect_client(&clients[v], v + 1);
	began = bench_now();
	while (proven < count) {
		double now = (double)(bench_now() - began) / 1e9;
		for (; sent < count && (rate <= 0 || (double)sent < rate * now); sent++) {
			/* A sender's payments all go through one door, in order. */
			struct client *c = &clients[sent % SENDERS % N];
			struct jt_slice one = { all.data + ends[sent], ends[sent + 1] - ends[sent] };
			jt_buf_add_slice(&c->waiting, one);
			if (rate > 0)
				note_sent(one);
		}
		for (int v = 0; v < N; v++) {
			push(&clients[v]);
			proven += pull(&clients[v], rate > 0);
		}
		usleep(rate > 0 ? 200 : 2000);
	}
	for (int v = 0; v < N; v++)
		finish_client(&clients[v]);
	jt_buf_free(&all);
	free(ends);
	return (double)(bench_now() - began) / 1e9;
}

static double
percentile(double *values, size_t count, double part)
{
	qsort(values, count, sizeof *values, bench_compare);
	return values[(size_t)((double)(count - 1) * part)];
}

/* Signatures that one process verifies until the time is up. */
static uint64_t
verify_for(uint64_t ns)
{
	uint8_t key[JT_KEY], secret[JT_SECRET], account[JT_ACCOUNT], sig[JT_SIGNATURE];
	static const uint8_t id[JT_HASH] = { 1 };
	uint64_t began, done = 0;

	key_of(1, key, secret, account);
	jt_sign_id(sig, secret, id);
	began = bench_now();
	do {
		for (int i = 0; i < 100; i++)
			if (!jt_sign_verify(sig, key, id))
				bench_fail("signature");
		done += 100;
	} while (bench_now() - began < ns);
	return done;
}

/* Signatures that all processors together, all of them busy, verify in a second. */
static double
verify_rate(void)
{
	uint64_t ns = bench_quick() ? 100000000U : 1000000000U, one, done = 0;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int out[2];

	if (pipe2(out, O_CLOEXEC) != 0)
		bench_fail("no pipe");
	for (long i = 0; i < cores; i++)
		if (fork() == 0) {
			one = verify_for(ns);
			_exit(write(out[1], &one, sizeof one) != sizeof one);
		}
	close(out[1]);
	while (read(out[0], &one, sizeof one) == sizeof one)
		done += one;
	close(out[0]);
	while (wait(NULL) > 0)
		continue;
	return (double)done / ((double)ns / 1e9);
}

static double
one_payment(void)
{
	char path[160];
	struct jt_buf tx;
	uint64_t began;
	FILE *f;

	jt_buf_init(&tx, JT_OBJECT_MAX);
	pay(0, &tx);
	snprintf(path, sizeof path, "%s/one.jt", tempdir);
	if ((f = fopen(path, "w")) == NULL || fwrite(tx.data, 1, tx.len, f) != tx.len)
		bench_fail(path);
	fclose(f);
	jt_buf_free(&tx);
	began = bench_now();
	shell("jt-submit -d %s/v1 %s >/dev/null", net, path);
	return (double)(bench_now() - began);
}

static void
measure_load(void)
{
	double cpu[PROGRAMS], all = cpu_of_all(), seconds, rate, raw = verify_rate();
	char name[32];

	for (int i = 0; i < PROGRAMS; i++)
		cpu[i] = cpu_of(programs[i]);
	seconds = load(payments, 0);
	rate = payments / seconds;
	bench_line("net-rate", rate / 1e3, "k/s", rate / (raw / N));
	bench_time_line("net-cpu", (cpu_of_all() - all) / payments * 1e9, -1);
	for (int i = 0; i < PROGRAMS; i++) {
		snprintf(name, sizeof name, "net-cpu-%s", programs[i]);
		bench_time_line(name, (cpu_of(programs[i]) - cpu[i]) / payments * 1e9, -1);
	}
	bench_line("net-memory-load", anonymous() / 1024, "MiB", -1);
	load(payments / 4, rate / 2);
	bench_time_line("net-half", percentile(latencies, latency_count, 0.5), -1);
	bench_time_line("net-half-99", percentile(latencies, latency_count, 0.99), -1);
}

static void
measure_idle(void)
{
	double *times = calloc(lone, sizeof *times), cpu;
	uint64_t began;

	if (times == NULL)
		bench_fail("out of memory");
	for (uint32_t i = 0; i < lone; i++) {
		usleep(300000);
		times[i] = one_payment();
	}
	bench_time_line("net-lone", percentile(times, lone, 0.5), -1);
	bench_time_line("net-lone-99", percentile(times, lone, 0.99), -1);
	sleep(2);
	cpu = cpu_of_all();
	began = bench_now();
	sleep(bench_quick() ? 1 : 10);
	bench_line("net-idle", (cpu_of_all() - cpu) / ((double)(bench_now() - began) / 1e9) * 100, "%", -1);
	bench_line("net-memory-idle", anonymous() / 1024, "MiB", -1);
	free(times);
}

static void
stop(void)
{
	char command[256];

	snprintf(command, sizeof command, "jt-net down %s", net);
	if (net[0] != '\0' && system(command) != 0)
		fprintf(stderr, "bench: %s\n", command);
}

int
main(void)
{
	char path[4096], cwd[2048];
	uint64_t began;

	if (!jt_crypto_init() || getcwd(cwd, sizeof cwd) == NULL)
		bench_fail("no start");
	snprintf(path, sizeof path, "%s/cmd:%s", cwd, getenv("PATH"));
	setenv("PATH", path, 1);
	unsetenv("JT_DIR");
	unsetenv("JT_NETWORK");
	signal(SIGPIPE, SIG_IGN);
	accounts = bench_quick() ? 5000 : 100000;
	payments = bench_quick() ? 400 : 40000;
	lone = bench_quick() ? 3 : 40;
	tempdir_make();
	snprintf(net, sizeof net, "%s/net", tempdir);
	make_network();
	read_network();
	atexit(stop);
	began = bench_now();
	shell("jt-net up 4 %s%s", net, "");
	one_payment();
	bench_time_line("net-first", (double)(bench_now() - began), -1);
	measure_idle();
	measure_load();
	return 0;
}
