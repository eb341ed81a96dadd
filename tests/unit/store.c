/*
 * The store on a real disk: tables, snapshots, locks, growth, deaths in the
 * middle of a transaction, and files that are not what they should be.
 * What a second process does is done in a child, which exits with its error.
 */
#include "state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/num.h"
#include "random.h"
#include "state/table.h"
#include "tap.h"
#include "tempdir.h"

#if defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static struct jt_error error;

static struct jt_slice
key_of(uint64_t n)
{
	static uint8_t keys[2][8];
	static unsigned turn;
	uint8_t *key = keys[turn++ % 2];

	jt_put_be64(key, n);
	return (struct jt_slice){ key, 8 };
}

static struct jt_store *
open_store(const char *dir, enum jt_access access)
{
	struct jt_store *s;

	if (jt_store_open(&s, dir, access, &error) != JT_OK)
		printf("# %s\n", error.text);
	return s;
}

/* One committed transaction that sets key to value. */
static enum jt_err
commit_one(struct jt_store *s, uint64_t key, uint64_t value)
{
	enum jt_err err = jt_store_begin(s, true, &error);

	if (err == JT_OK)
		err = jt_store_put(s, JT_CUTS, key_of(key), key_of(value), &error);
	return err == JT_OK ? jt_store_commit(s, &error) : err;
}

/* What key holds, in a transaction of its own or the open one; 0 when absent. */
static uint64_t
look(struct jt_store *s, uint64_t key)
{
	struct jt_slice v = { NULL, 0 };
	bool own = s->txn == NULL;
	uint64_t n = 0;

	if (own && jt_store_begin(s, false, &error) != JT_OK)
		return UINT64_MAX;
	if (jt_store_get(s, JT_CUTS, key_of(key), &v, &error) != JT_OK)
		n = UINT64_MAX;
	else if (v.data != NULL)
		n = jt_get_be64(v.data);
	if (own)
		jt_store_abort(s);
	return n;
}

/* What a child that does `body` exits with, or 1000 and the signal that killed it. */
static int
in_child(enum jt_err (*body)(const char *dir, unsigned arg), const char *dir, unsigned arg)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)body(dir, arg));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static enum jt_err
just_open(const char *dir, unsigned access)
{
	struct jt_store *s;

	return jt_store_open(&s, dir, (enum jt_access)access, NULL);
}

static int
open_elsewhere(const char *dir, enum jt_access access)
{
	return in_child(just_open, dir, access);
}

static uint8_t big[30000];

/* Commits of a big value each. */
static enum jt_err
commit_big(struct jt_store *s, uint64_t from, uint64_t to)
{
	enum jt_err err = JT_OK;

	for (uint64_t i = from; i < to && err == JT_OK; i++) {
		err = jt_store_begin(s, true, &error);
		if (err == JT_OK)
			err = jt_store_put(s, JT_TXS, key_of(i),
			    (struct jt_slice){ big, sizeof big }, &error);
		if (err == JT_OK)
			err = jt_store_commit(s, &error);
	}
	jt_store_abort(s);
	return err;
}

/* The same in one transaction, which is left open. */
static enum jt_err
put_big(struct jt_store *s, uint64_t from, uint64_t to)
{
	enum jt_err err = jt_store_begin(s, true, &error);

	for (uint64_t i = from; i < to && err == JT_OK; i++)
		err = jt_store_put(s, JT_TXS, key_of(i), (struct jt_slice){ big, sizeof big },
		    &error);
	return err;
}

static void
test_open(void)
{
	const char *none = tempdir_path("none"), *dir = tempdir_path("made");
	struct jt_store *s, *t;
	struct stat st;
	char want[256];

	is_int(jt_store_open(&s, none, JT_STORE_READ, &error), JT_NOINPUT, "read: no directory");
	ok(s == NULL, "gives no store");
	snprintf(want, sizeof want, "%s: holds no ledger", none);
	is_text(error.text, want, "and says so");
	is_int(jt_store_open(&s, none, JT_STORE_WRITE, &error), JT_NOINPUT, "write: the same");
	is_int(jt_store_open(&s, none, JT_STORE_SHORT, &error), JT_NOINPUT, "short: the same");
	ok(stat(none, &st) != 0, "and nothing is made");
	is_int(jt_store_open(&s, tempdir_path("a/b"), JT_STORE_CREATE, &error), JT_CANTCREATE,
	    "create: without a parent");

	s = open_store(dir, JT_STORE_CREATE);
	if (!ok(s != NULL, "create"))
		return;
	ok(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700, "with mode 0700");
	is_int(jt_store_open(&t, dir, JT_STORE_WRITE, &error), JT_AGAIN, "a second writer");
	snprintf(want, sizeof want, "%s: in use by another closer", dir);
	is_text(error.text, want, "is told why");
	is_int(open_elsewhere(dir, JT_STORE_WRITE), JT_AGAIN, "also in another process");
	is_int(open_elsewhere(dir, JT_STORE_CREATE), JT_AGAIN, "also to create");
	is_int(open_elsewhere(dir, JT_STORE_READ), JT_OK, "a reader is let in");
	is_int(open_elsewhere(dir, JT_STORE_SHORT), JT_OK, "a short writer too");
	is_int(commit_one(s, 1, 11), JT_OK, "commit");
	jt_store_close(s);

	is_int(open_elsewhere(dir, JT_STORE_WRITE), JT_OK, "closed: the lock is free");
	s = open_store(dir, JT_STORE_CREATE);
	is_int(look(s, 1), 11, "create keeps what is there");
	jt_store_close(s);
	jt_store_close(NULL);

	mkdir(none, 0700);
	is_int(jt_store_open(&s, none, JT_STORE_WRITE, &error), JT_NOINPUT, "an empty directory");
	ok(rmdir(none) == 0, "stays empty");
	is_int(jt_store_open(&s, tempdir_path("made/data.mdb"), JT_STORE_READ, &error),
	    JT_NOINPUT, "a file in place of the directory");
}

static void
test_tables(void)
{
	struct jt_store *s = open_store(tempdir_path("tables"), JT_STORE_CREATE);
	struct jt_slice k, v, none = { NULL, 0 };
	uint64_t sum = 0;
	bool good = true;

	jt_store_begin(s, true, &error);
	is_int(jt_store_get(s, JT_HEADERS, key_of(1), &v, &error), JT_OK, "get what is not there");
	ok(v.data == NULL, "gives no data");
	is_int(jt_store_last(s, JT_HEADERS, &k, &v, &error), JT_OK, "last of an empty table");
	ok(k.data == NULL, "is none");
	jt_store_first(s, JT_HEADERS, none, &k, &v, &error);
	ok(k.data == NULL, "nor is first");
	for (uint64_t i = 10; i <= 500; i += 10)
		good = good && jt_store_append(s, JT_HEADERS, key_of(i), key_of(i * i), &error) ==
		    JT_OK;
	ok(good, "append in order");
	is_int(jt_store_append(s, JT_HEADERS, key_of(5), key_of(5), &error), JT_BUG,
	    "append out of order");
	is_int(jt_store_put(s, JT_HEADERS, key_of(5), none, &error), JT_OK, "put an empty value");
	jt_store_get(s, JT_HEADERS, key_of(5), &v, &error);
	ok(v.data != NULL && v.len == 0, "which is not absent");
	is_int(jt_store_delete(s, JT_HEADERS, key_of(5), &error), JT_OK, "delete");
	is_int(jt_store_delete(s, JT_HEADERS, key_of(5), &error), JT_OK, "delete again");
	is_int(jt_store_delete(s, JT_TXS, key_of(5), &error), JT_OK, "delete in an empty table");

	jt_store_first(s, JT_HEADERS, key_of(101), &k, &v, &error);
	while (k.data != NULL) {
		sum += jt_get_be64(k.data);
		good = good && jt_get_be64(v.data) == jt_get_be64(k.data) * jt_get_be64(k.data);
		/* A walk is not disturbed by what is done to other keys. */
		jt_store_delete(s, JT_HEADERS, key_of(jt_get_be64(k.data) - 100), &error);
		jt_store_next(s, JT_HEADERS, &k, &v, &error);
	}
	ok(good && sum == 10 * (11 + 50) * 40 / 2, "walk from 101 to the end");
	jt_store_last(s, JT_HEADERS, &k, &v, &error);
	is_int(k.data != NULL ? jt_get_be64(k.data) : 0, 500, "last");
	is_int(jt_store_commit(s, &error), JT_OK, "commit");

	jt_store_begin(s, false, &error);
	jt_store_first(s, JT_HEADERS, none, &k, &v, &error);
	is_int(k.data != NULL ? jt_get_be64(k.data) : 0, 410, "first, in another transaction");
	jt_store_first(s, JT_NUMBERS, none, &k, &v, &error);
	ok(k.data == NULL, "tables are apart");
	jt_store_abort(s);
	jt_store_abort(s);

	commit_one(s, 1, 1);
	jt_store_begin(s, true, &error);
	jt_store_put(s, JT_CUTS, key_of(1), key_of(2), &error);
	is_int(look(s, 1), 2, "a transaction sees what it wrote");
	jt_store_abort(s);
	is_int(look(s, 1), 1, "aborted: as before");
	jt_store_close(s);
}

/* A reader in a child, that answers on a pipe when it is asked on another. */
struct reader {
	pid_t pid;
	int ask, answer;
};

static void
reader_main(const char *dir, size_t map, int ask, int answer)
{
	struct jt_store *s = NULL;
	char what;
	uint64_t n = 0;

	if (jt_store_open_sized(&s, dir, JT_STORE_READ, map, &error) != JT_OK)
		_exit(70);
	while (read(ask, &what, 1) == 1) {
		if (what == 'b')
			n = (uint64_t)jt_store_begin(s, false, &error);
		else if (what == 'e')
			jt_store_abort(s);
		else
			n = look(s, 1);
		if (write(answer, &n, sizeof n) != sizeof n)
			_exit(74);
	}
	_exit(0);
}

static struct reader
start_reader(const char *dir, size_t map)
{
	int ask[2], answer[2];
	struct reader r = { -1, -1, -1 };

	if (pipe(ask) != 0 || pipe(answer) != 0)
		return r;
	r.pid = fork();
	if (r.pid == 0) {
		/* Of the parent's store too: the closer's lock lives as long as a copy does. */
		for (int fd = 3; fd < 64; fd++)
			if (fd != ask[0] && fd != answer[1])
				close(fd);
		reader_main(dir, map, ask[0], answer[1]);
	}
	close(ask[0]);
	close(answer[1]);
	r.ask = ask[1];
	r.answer = answer[0];
	return r;
}

static uint64_t
ask(struct reader r, char what)
{
	uint64_t n = UINT64_MAX;

	if (write(r.ask, &what, 1) != 1 || read(r.answer, &n, sizeof n) != sizeof n)
		return UINT64_MAX;
	return n;
}

static void
stop_reader(struct reader r, bool kill_it)
{
	if (kill_it)
		kill(r.pid, SIGKILL);
	close(r.ask);
	close(r.answer);
	waitpid(r.pid, NULL, 0);
}

static void
test_snapshot(void)
{
	const char *dir = tempdir_path("snapshot");
	struct jt_store *s = open_store(dir, JT_STORE_CREATE);
	struct reader r, other;
	int dead = -1;

	commit_one(s, 1, 100);
	r = start_reader(dir, 1 << 26);
	is_int(ask(r, 'l'), 100, "a reader sees what was committed");
	ask(r, 'b');
	jt_store_begin(s, true, &error);
	jt_store_put(s, JT_CUTS, key_of(1), key_of(200), &error);
	is_int(ask(r, 'l'), 100, "not what is being written");
	is_int(jt_store_commit(s, &error), JT_OK, "nor does it hold a commit up");
	is_int(ask(r, 'l'), 100, "its snapshot stays");
	for (uint64_t i = 0; i < 50; i++)
		commit_one(s, 1, 200 + i);
	is_int(ask(r, 'l'), 100, "however much is committed");
	ask(r, 'e');
	is_int(ask(r, 'l'), 249, "until it ends");
	ask(r, 'b');
	other = start_reader(dir, 1 << 26);
	ask(other, 'b');
	stop_reader(r, true);
	jt_store_close(s);
	s = open_store(dir, JT_STORE_WRITE);
	mdb_reader_check(s->env, &dead);
	is_int(dead, 0, "a reader that was killed is forgotten at the next start");
	is_int(ask(other, 'l'), 249, "one that lives is not");
	stop_reader(other, false);
	jt_store_close(s);
}

static enum jt_err
grow_short(const char *dir, unsigned start)
{
	struct jt_store *s;
	enum jt_err err = jt_store_open_sized(&s, dir, JT_STORE_SHORT, start, &error);

	return err == JT_OK ? commit_big(s, 100, 140) : err;
}

static void
test_growth(void)
{
	enum { START = 1 << 17 };
	const char *dir = tempdir_path("growth");
	struct jt_store *s = NULL;
	struct reader r;

	is_int(jt_store_open_sized(&s, dir, JT_STORE_CREATE, START, &error), JT_OK,
	    "a store with a small map");
	commit_one(s, 1, 7);
	r = start_reader(dir, START);
	is_int(ask(r, 'l'), 7, "a reader with a small map");
	is_int(commit_big(s, 0, 30), JT_OK, "the map grows with what is committed");
	commit_one(s, 1, 8);
	is_int(ask(r, 'l'), 8, "the reader's map follows");
	is_int(in_child(grow_short, dir, START), JT_OK, "a short writer makes it grow too");
	is_int(commit_one(s, 1, 9), JT_OK, "and the first writer's map follows");
	stop_reader(r, false);
	jt_store_close(s);
}

static void
test_full(void)
{
	const char *dir = tempdir_path("full");
	struct jt_store *s;
	struct stat st;

	jt_store_open_sized(&s, dir, JT_STORE_CREATE, 1 << 17, &error);
	commit_one(s, 1, 7);
	is_int(put_big(s, 0, 60), JT_IO, "one transaction larger than the map");
	ok(strstr(error.text, " bytes is full") != NULL, "says so: %s", error.text);
	is_int(jt_store_commit(s, &error), JT_IO, "and cannot be committed");
	is_int(look(s, 1), 7, "the old state is there");
	is_int(commit_one(s, 1, 8), JT_OK, "and can be written on");
	jt_store_close(s);

	s = open_store(dir, JT_STORE_WRITE);
	is_int(put_big(s, 0, 60), JT_OK, "the usual map takes it");
	is_int(jt_store_commit(s, &error), JT_OK, "at once");
	ok(stat(tempdir_path("full/data.mdb"), &st) == 0 && st.st_size < 8 << 20,
	    "and its file is only as long as it must be");
	jt_store_close(s);
}

/*
 * LMDB does not write the pages that a transaction took and gave back. Go on
 * until the file is too short for that; with `bare` behind the store's back,
 * as if each time the process had died right after the commit.
 */
static bool
give_back(struct jt_store *s, bool bare)
{
	/* With the store's own commits by more than it keeps to spare. */
	for (int round = 0; round < (bare ? 300 : 40); round++) {
		uint64_t base = random_below(100000);
		uint64_t n = bare ? random_below(200) : 1500 + random_below(2500);
		uint64_t gone = random_below(n + 1);
		MDB_txn *txn;
		enum jt_err err = JT_OK;

		if (!bare)
			err = jt_store_begin(s, true, &error);
		else if (mdb_txn_begin(s->env, NULL, 0, &txn) == 0) {
			s->txn = txn;
			s->write = true;
		}
		for (uint64_t i = 0; i < n && err == JT_OK; i++)
			err = jt_store_put(s, JT_TXS, key_of(base + i),
			    (struct jt_slice){ big, 1 + (size_t)random_below(1500) }, &error);
		for (uint64_t i = 0; i < gone && err == JT_OK; i++)
			err = jt_store_delete(s, JT_TXS, key_of(base + n - 1 - i), &error);
		if (!bare)
			err = err == JT_OK ? jt_store_commit(s, &error) : err;
		else {
			jt_store_end_walks(s);
			mdb_txn_commit(s->txn);
			s->txn = NULL;
		}
		if (err != JT_OK || !jt_store_is_whole(s))
			return err == JT_OK;
	}
	return false;
}

static void
test_given_back(void)
{
	const char *dir = tempdir_path("back"), *file = tempdir_path("back/data.mdb");
	struct jt_store *s = open_store(tempdir_path("kept"), JT_STORE_CREATE);
	struct stat before, after;
	size_t used;

	mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
	ok(!give_back(s, false), "a file is as long as it must be after each commit");
	jt_store_close(s);
	s = open_store(dir, JT_STORE_CREATE);
	mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
	commit_one(s, 1, 7);
	ok(give_back(s, true), "one that LMDB alone writes is not");
	used = jt_store_used(s);
	jt_store_close(s);
	is_int(open_elsewhere(dir, JT_STORE_READ), JT_IO, "it is not read");
	stat(file, &before);
	is_int(truncate(file, before.st_size / 2), 0, "when more of it is lost");
	is_int(open_elsewhere(dir, JT_STORE_WRITE), JT_IO, "it is not written");
	stat(file, &after);
	is_int(after.st_size, before.st_size / 2, "nor made longer");

	s = open_store(dir, JT_STORE_CREATE);
	ok(s == NULL, "not even to create a store");
	dir = tempdir_path("short");
	file = tempdir_path("short/data.mdb");
	s = open_store(dir, JT_STORE_CREATE);
	mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
	commit_one(s, 1, 7);
	ok(give_back(s, true), "another one");
	used = jt_store_used(s);
	jt_store_close(s);
	s = open_store(dir, JT_STORE_WRITE);
	ok(s != NULL && jt_store_is_whole(s) && look(s, 1) == 7,
	    "of which only free pages are missing is mended by a writer");
	stat(file, &after);
	ok((size_t)after.st_size >= used, "which makes it longer");
	jt_store_close(s);
	is_int(open_elsewhere(dir, JT_STORE_READ), JT_OK, "then it is read");
}

/* A disk that takes no more bytes: the commit fails, and the store is as before. */
static enum jt_err
fill_disk(const char *dir, unsigned bytes)
{
	struct rlimit limit = { bytes, bytes };
	struct jt_store *s;
	enum jt_err err = jt_store_open(&s, dir, JT_STORE_WRITE, &error);

	signal(SIGXFSZ, SIG_IGN);
	if (err != JT_OK || setrlimit(RLIMIT_FSIZE, &limit) != 0 || put_big(s, 100, 200) != JT_OK)
		return JT_BUG;
	err = jt_store_commit(s, &error);
	/* What was there can still be read. */
	return look(s, 1) == 8 ? err : JT_BUG;
}

static enum jt_err
open_cramped(const char *dir, unsigned bytes)
{
	struct rlimit limit = { bytes, bytes };
	struct jt_store *s;
	enum jt_err err;

	/* A sanitizer needs more than this for itself. */
	if (!SANITIZED && setrlimit(RLIMIT_AS, &limit) != 0)
		return JT_BUG;
	err = jt_store_open(&s, dir, JT_STORE_WRITE, &error);
	return err == JT_OK ? commit_big(s, 300, 310) : err;
}

static void
test_limits(void)
{
	const char *dir = tempdir_path("full");
	struct jt_store *s;

	is_int(in_child(fill_disk, dir, 3 << 20), JT_IO, "a commit for which there is no room");
	s = open_store(dir, JT_STORE_WRITE);
	is_int(look(s, 1), 8, "leaves the old state");
	is_int(commit_one(s, 1, 9), JT_OK, "which can be written on");
	jt_store_close(s);
	is_int(in_child(open_cramped, dir, 400U << 20), JT_OK, "little address space");
}

/* Nobody else may look, until the modes let them. */
static enum jt_err
open_as_nobody(const char *dir, unsigned access)
{
	if (setgid(65534) != 0 || setuid(65534) != 0)
		return JT_BUG;
	return just_open(dir, access);
}

static void
test_permission(void)
{
	const char *dir = tempdir_path("guarded");
	struct jt_store *s = open_store(dir, JT_STORE_CREATE);

	jt_store_close(s);
	if (geteuid() != 0) {
		ok(true, "permissions # SKIP only root can become somebody else");
		return;
	}
	chmod(tempdir, 0755);
	is_int(in_child(open_as_nobody, dir, JT_STORE_READ), JT_PERMISSION, "a closed directory");
	chmod(dir, 0755);
	chmod(tempdir_path("guarded/data.mdb"), 0644);
	chmod(tempdir_path("guarded/lock.mdb"), 0644);
	is_int(in_child(open_as_nobody, dir, JT_STORE_READ), JT_PERMISSION,
	    "a reader that cannot register");
	chmod(tempdir_path("guarded/lock.mdb"), 0666);
	is_int(in_child(open_as_nobody, dir, JT_STORE_READ), JT_OK, "one that can");
	is_int(in_child(open_as_nobody, dir, JT_STORE_WRITE), JT_PERMISSION, "cannot write");
	is_int(in_child(open_as_nobody, dir, JT_STORE_SHORT), JT_PERMISSION, "nor shortly");
}

/* A child that writes is killed; the state is an old one or the next one. */
static void
test_kill(void)
{
	const char *dir = tempdir_path("kill");
	struct jt_store *s = open_store(dir, JT_STORE_CREATE);
	uint64_t before = 1;
	int pipes[2], status;
	bool good = true;
	pid_t pid;
	char c;

	commit_one(s, 1, 1);
	commit_one(s, 2, 1);
	jt_store_close(s);
	for (int round = 0; round < 8; round++) {
		if (pipe(pipes) != 0)
			return;
		pid = fork();
		if (pid == 0) {
			s = open_store(dir, JT_STORE_WRITE);
			for (uint64_t n = before;; n++) {
				jt_store_begin(s, true, &error);
				jt_store_put(s, JT_CUTS, key_of(1), key_of(n), &error);
				if (n == before + 1)
					c = write(pipes[1], "x", 1) == 1;
				/* Every other round: killed here, not at random. */
				while (round % 2 == 0 && n == before + 1)
					pause();
				jt_store_put(s, JT_CUTS, key_of(2), key_of(n), &error);
				jt_store_commit(s, &error);
			}
		}
		good = good && read(pipes[0], &c, 1) == 1;
		if (round % 2 != 0)
			usleep((useconds_t)random_below(20000));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(pipes[0]);
		close(pipes[1]);
		s = open_store(dir, JT_STORE_WRITE);
		good = good && s != NULL && look(s, 1) == look(s, 2) && look(s, 1) >= before &&
		    (round % 2 != 0 || look(s, 1) == before);
		before = look(s, 1);
		good = good && commit_one(s, 3, 1) == JT_OK;
		jt_store_close(s);
	}
	ok(good, "killed while it writes: whole transactions, and none lost (%llu commits)",
	    (unsigned long long)before);
}

static void
write_file(const char *path, const void *data, size_t len)
{
	/* Not O_TRUNC: some file systems write a file out that is replaced so. */
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || ftruncate(fd, (off_t)len) != 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static void
test_foreign(void)
{
	static uint8_t bytes[20000];
	const char *dir = tempdir_path("foreign");
	struct jt_store *s;
	uint8_t seven[8];
	char want[256];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_val k = { 1, seven }, v = { 1, seven };

	s = open_store(dir, JT_STORE_CREATE);
	jt_store_begin(s, true, &error);
	jt_put_be64(seven, 7);
	jt_store_put(s, JT_META, jt_slice_text("format"), (struct jt_slice){ seven, 8 }, &error);
	jt_store_commit(s, &error);
	jt_store_close(s);
	is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_CONFIG, "another format");
	snprintf(want, sizeof want, "%s: made by format 7; this program knows format 3", dir);
	is_text(error.text, want, "is named");
	is_int(jt_store_open(&s, dir, JT_STORE_CREATE, &error), JT_CONFIG, "and not written");

	dir = tempdir_path("text");
	mkdir(dir, 0700);
	memset(bytes, 'x', sizeof bytes);
	for (size_t len = 1; len < sizeof bytes; len = len * 5 + 3) {
		write_file(tempdir_path("text/data.mdb"), bytes, len);
		is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_CONFIG,
		    "%zu bytes of text", len);
	}
	snprintf(want, sizeof want, "%s/data.mdb: not a ledger's store", dir);
	is_text(error.text, want, "are called so");
	is_int(jt_store_open(&s, dir, JT_STORE_CREATE, &error), JT_CONFIG, "and not overwritten");
	memset(bytes, 0, sizeof bytes);
	write_file(tempdir_path("text/data.mdb"), bytes, sizeof bytes);
	is_int(jt_store_open(&s, dir, JT_STORE_WRITE, &error), JT_CONFIG, "zeros");
	write_file(tempdir_path("text/data.mdb"), bytes, 0);
	is_int(jt_store_open(&s, dir, JT_STORE_WRITE, &error), JT_NOINPUT, "an empty file");
	is_int(jt_store_open(&s, dir, JT_STORE_CREATE, &error), JT_OK, "is filled");
	jt_store_close(s);
	/* The disk was full when LMDB wrote its first two pages. */
	if (truncate(tempdir_path("text/data.mdb"), sysconf(_SC_PAGESIZE)) != 0)
		printf("# %s\n", strerror(errno));
	is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_NOINPUT, "half a beginning");
	is_int(jt_store_open(&s, dir, JT_STORE_WRITE, &error), JT_NOINPUT, "holds no ledger");
	is_int(jt_store_open(&s, dir, JT_STORE_CREATE, &error), JT_OK, "and is begun again");
	jt_store_close(s);

	dir = tempdir_path("other");
	mkdir(dir, 0700);
	mdb_env_create(&env);
	mdb_env_open(env, dir, 0, 0600);
	mdb_txn_begin(env, NULL, 0, &txn);
	mdb_dbi_open(txn, NULL, 0, &dbi);
	mdb_put(txn, dbi, &k, &v, 0);
	mdb_txn_commit(txn);
	mdb_env_close(env);
	is_int(jt_store_open(&s, dir, JT_STORE_CREATE, &error), JT_CONFIG,
	    "somebody else's LMDB file");
}

/* LMDB writes over its lock file, so a link there would aim it at any file of the reader's. */
static void
test_lock_link(void)
{
	static const uint8_t mine[] = "not LMDB's";
	uint8_t bytes[64];
	const char *dir = tempdir_path("linked");
	struct jt_store *s;
	FILE *f;

	s = open_store(dir, JT_STORE_CREATE);
	jt_store_close(s);
	write_file(tempdir_path("mine"), mine, sizeof mine);
	unlink(tempdir_path("linked/lock.mdb"));
	is_int(symlink("../mine", tempdir_path("linked/lock.mdb")), 0,
	    "a link in place of lock.mdb");
	is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_CONFIG, "is not read through");
	ok(strstr(error.text, "lock.mdb: not a ledger's store") != NULL, "and is named: %s",
	    error.text);
	is_int(jt_store_open(&s, dir, JT_STORE_WRITE, &error), JT_CONFIG, "not written through");
	is_int(jt_store_open(&s, dir, JT_STORE_SHORT, &error), JT_CONFIG, "by nobody");
	f = fopen(tempdir_path("mine"), "rb");
	is_int(f != NULL ? (int)fread(bytes, 1, sizeof bytes, f) : -1, (int)sizeof mine,
	    "what it named");
	is_bytes(bytes, mine, sizeof mine, "is as it was");
	if (f != NULL)
		fclose(f);
	unlink(tempdir_path("linked/lock.mdb"));
	is_int(link(tempdir_path("mine"), tempdir_path("linked/lock.mdb")), 0, "a second name");
	is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_CONFIG, "neither");
	unlink(tempdir_path("linked/lock.mdb"));
	is_int(mkfifo(tempdir_path("linked/lock.mdb"), 0600), 0, "a FIFO");
	is_int(jt_store_open(&s, dir, JT_STORE_READ, &error), JT_CONFIG, "neither");
}

static enum jt_err
use(const char *dir, unsigned arg)
{
	struct jt_store *s;
	enum jt_err err = jt_store_open(&s, dir, JT_STORE_WRITE, &error);

	(void)arg;
	if (err == JT_OK)
		mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
	if (err == JT_OK && look(s, 1) == UINT64_MAX)
		err = JT_IO;
	return err == JT_OK ? commit_one(s, 1, 1) : err;
}

/* Offsets in a head of the page numbers of roots: a wrong one cannot be told. */
static bool
is_root(unsigned at)
{
	return (at >= 80 && at < 88) || (at >= 128 && at < 136);
}

/* Is all there? */
static enum jt_err
walk(const char *dir, unsigned entries)
{
	struct jt_store *s;
	struct jt_slice k, v, none = { NULL, 0 };
	enum jt_err err = jt_store_open(&s, dir, JT_STORE_WRITE, &error);
	unsigned n = 0;

	if (err == JT_OK)
		err = jt_store_begin(s, false, &error);
	if (err == JT_OK && jt_store_first(s, JT_STATE, none, &k, &v, &error) != JT_OK)
		return JT_BUG;
	while (err == JT_OK && k.data != NULL && v.len == 8) {
		n++;
		if (jt_store_next(s, JT_STATE, &k, &v, &error) != JT_OK)
			return JT_BUG;
	}
	return err == JT_OK && n != entries ? JT_BUG : err;
}

/* Damage to the file: an error, or none, but never a signal. */
static void
test_damage(void)
{
	enum { ENTRIES = 1500, HEAD = 152 };
	static uint8_t bytes[2 << 20];
	const char *dir = tempdir_path("damage"), *file = tempdir_path("damage/data.mdb");
	struct jt_store *s = open_store(dir, JT_STORE_CREATE);
	size_t used;
	unsigned crashes = 0, refused = 0, opened = 0, wrong = 0, page;
	ssize_t len;
	int fd, code;
	MDB_stat stat;

	for (int round = 0; round < 3; round++) {
		jt_store_begin(s, true, &error);
		for (uint64_t i = 0; i < ENTRIES; i++)
			jt_store_put(s, JT_STATE, key_of(i), key_of(i + (uint64_t)round), &error);
		jt_store_commit(s, &error);
	}
	/* The newest pages, the list of free ones among them, are then not the last. */
	for (uint64_t i = 0; i < 5; i++)
		commit_one(s, 1, i);
	mdb_env_stat(s->env, &stat);
	page = stat.ms_psize;
	used = jt_store_used(s);
	jt_store_close(s);
	fd = open(file, O_RDONLY);
	len = read(fd, bytes, sizeof bytes);
	close(fd);
	if (!ok(len > 0 && len < (ssize_t)sizeof bytes, "a file of %zd bytes", len))
		return;
	for (unsigned cut = 0; cut < 24; cut++) {
		write_file(file, bytes, used - cut * page / 2);
		code = in_child(walk, dir, ENTRIES);
		wrong += code != JT_OK && code != JT_IO;
		refused += code == JT_IO;
	}
	ok(wrong == 0 && refused > 0, "cut short by up to 12 pages: %u times refused, %u wrong",
	    refused, wrong);
	refused = 0;
	write_file(file, bytes, 20 * page);
	is_int(open_elsewhere(dir, JT_STORE_READ), JT_IO, "a file whose end is missing");
	is_int(open_elsewhere(dir, JT_STORE_WRITE), JT_IO, "is not written to");
	for (unsigned at = 0; at < 2 * HEAD; at++) {
		unsigned place = at < HEAD ? at : at - HEAD + page;
		uint8_t flip = (uint8_t)(1 + random_below(255));

		/* Half of the places, others each time. */
		if (is_root(at % HEAD) || random_below(2) == 0)
			continue;
		bytes[place] ^= flip;
		write_file(file, bytes, (size_t)len);
		bytes[place] ^= flip;
		code = in_child(use, dir, 0);
		if (code >= 1000)
			printf("# signal %d for %02x at %u\n", code - 1000, flip, place);
		/* A sanitizer exits with 1. */
		crashes += code >= 1000 || code == JT_NO;
		refused += code > JT_NO && code < 1000;
		opened += code == 0;
	}
	for (unsigned at = 0; at < 2 * 8 * 6; at++) {
		/* Page size and flags of either head, each bit. */
		static const unsigned places[] = { 40, 41, 42, 44, 45, 92 };
		unsigned place = places[at / 8 % 6] + (at < 48 ? 0 : page);

		bytes[place] ^= (uint8_t)(1U << at % 8);
		write_file(file, bytes, (size_t)len);
		bytes[place] ^= (uint8_t)(1U << at % 8);
		wrong += in_child(use, dir, 0) != JT_CONFIG;
	}
	is_int(wrong, 0, "page sizes and flags that LMDB must not see");
	ok(crashes == 0, "changes in its head: %u refused, %u harmless, %u crashes", refused,
	    opened, crashes);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	tempdir_make();
	test_open();
	test_tables();
	test_snapshot();
	test_growth();
	test_full();
	test_given_back();
	test_limits();
	test_permission();
	test_kill();
	test_foreign();
	test_lock_link();
	test_damage();
	return done_testing();
}
