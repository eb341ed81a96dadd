/* Work that takes its time and a directory to do it in. See work.h. */
#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

static char *work;                 /* the directory, NULL when there is none */
static void (*drop_outputs)(void); /* what die() does besides: it comes to us first */

/* False, and errno, when a part of it stays. */
static bool
remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	bool gone = d != NULL;

	while (gone && (entry = readdir(d)) != NULL) {
		char *inner;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		inner = jt_path_join(path, entry->d_name);
		gone = inner != NULL && (unlink(inner) == 0 || remove_tree(inner));
		free(inner);
	}
	if (d != NULL)
		closedir(d);
	return gone && rmdir(path) == 0;
}

static void
clean_up(void)
{
	if (work != NULL)
		remove_tree(work);
	work = NULL;
	drop_outputs();
}

void
cmd_work_pause(void)
{
	int number = cmd_signal_held();

	if (number == 0)
		return;
	remove_tree(work);
	cmd_die_by(number);
}

const char *
cmd_work_begin(const char *path)
{
	static const char suffix[] = ".tmp.XXXXXX";
	size_t n = strlen(path);
	char *made = malloc(n + sizeof suffix);

	if (made == NULL)
		die(JT_SYSTEM, "out of memory");
	while (n > 1 && path[n - 1] == '/')
		n--;
	memcpy(made, path, n);
	memcpy(made + n, suffix, sizeof suffix);
	cmd_signals_hold(); /* while there is a directory to clean up */
	if (mkdtemp(made) == NULL)
		die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", path, strerror(errno));
	work = made;
	drop_outputs = cmd_drop_outputs;
	cmd_drop_outputs = clean_up;
	return work;
}

static void
forget(void)
{
	free(work);
	work = NULL;
	cmd_drop_outputs = drop_outputs;
	cmd_signals_release();
}

void
cmd_work_end(void)
{
	if (work != NULL && !remove_tree(work))
		complain(jt_err_of(errno, JT_IO), "%s: cannot be removed: %s", work, strerror(errno));
	forget();
}

void
cmd_work_keep(const char *path)
{
	mode_t mask = umask(0);
	struct jt_error e;

	umask(mask);
	if (chmod(work, 0777 & ~mask) != 0 || rename(work, path) != 0)
		die(jt_err_of(errno, JT_CANTCREATE), "%s: %s", path,
		    errno == ENOTEMPTY || errno == EEXIST ? "exists, and is kept" : strerror(errno));
	forget();
	cmd_check(jt_dir_sync_of(path, &e), &e);
}

char *
cmd_work_path(const char *a, const char *b)
{
	char *dir = jt_path_join(work, a), *path = dir;

	if (dir != NULL && b != NULL) {
		path = jt_path_join(dir, b);
		free(dir);
	}
	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	return path;
}

void
cmd_replay_start(struct jt_replay *r, struct jt_ledger *from, const char *network,
    const char *dir)
{
	char *beside = jt_path_join(dir, "replay");
	struct cmd_network n;
	struct jt_reader reader;
	struct jt_error e;

	if (beside == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_network(&n, network, dir);
	cmd_network_open(&n, &reader);
	cmd_check(jt_replay_start(r, from, cmd_work_begin(beside), &reader, &e), &e);
	close(reader.fd);
	jt_reader_free(&reader);
	jt_buf_free(&n.bytes);
	jt_buf_free(&n.dealing);
	free(beside);
}

void
cmd_progress(const char *what, uint64_t done, uint64_t total)
{
	static uint64_t last;
	uint64_t now;

	if (!isatty(STDERR_FILENO))
		return;
	if (what == NULL) {
		if (last != 0)
			fputs("\r\033[K", stderr);
		last = 0;
		return;
	}
	now = cmd_now_ms();
	if (last != 0 && now - last < 100)
		return;
	last = now;
	fprintf(stderr, "\r%s %" PRIu64, what, done);
	if (total > 0)
		fprintf(stderr, " of %" PRIu64, total);
	fputs("\033[K", stderr);
	fflush(stderr);
}
