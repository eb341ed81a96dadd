/* Records to a validator, by jt-submit. See deliver.h. */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "neighbour.h"

extern char **environ;

static const char name[] = "jt-submit";

/* Its input is a file in memory, so that only its output has to be waited for. */
static int
input_of(struct jt_slice records)
{
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct jt_error e;

	if (fd < 0)
		die(JT_SYSTEM, "%s", strerror(errno));
	cmd_check(jt_file_write_fd(fd, "records", records, &e), &e);
	if (lseek(fd, 0, SEEK_SET) != 0)
		die(JT_SYSTEM, "%s", strerror(errno));
	return fd;
}

static pid_t
start(const struct deliver *d, int in, int out)
{
	const char *argv[16] = { name }, *const option[] = { "-N", d->network, "-d", d->dir, "-s",
		d->server, "-w", d->wait };
	posix_spawn_file_actions_t actions;
	char path[PATH_MAX];
	size_t n = 1;
	pid_t pid;
	int rc;

	for (size_t i = 0; i < sizeof option / sizeof *option; i += 2)
		if (option[i + 1] != NULL) {
			argv[n++] = option[i];
			argv[n++] = option[i + 1];
		}
	argv[n++] = "-o";
	argv[n] = "-";
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	rc = cmd_neighbour(name, path, sizeof path) ? posix_spawn(&pid, path, &actions, NULL,
	    (char *const *)(uintptr_t)argv, environ) : ENOENT;
	if (rc == ENOENT)
		rc = posix_spawnp(&pid, name, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		die(JT_SYSTEM, "%s: %s", name, strerror(rc));
	return pid;
}

static void
hear(int fd, void (*proven)(struct jt_slice proof))
{
	struct jt_reader r;
	struct jt_object o;
	struct jt_error e;
	enum jt_err err;

	jt_reader_init(&r, fd, name);
	while ((err = jt_reader_next(&r, &o, &e)) == JT_OK && o.bytes.len > 0)
		if (jt_object_is(&o, "proof-record"))
			proven(o.bytes);
	/* A stream that broke off is told by the code that it ends with. */
	jt_reader_free(&r);
}

enum jt_err
deliver(const struct deliver *d, struct jt_slice records, void (*proven)(struct jt_slice proof))
{
	int in = input_of(records), out[2], status = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		die(JT_SYSTEM, "%s", strerror(errno));
	pid = start(d, in, out[1]);
	close(in);
	close(out[1]);
	hear(out[0], proven);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die(JT_SYSTEM, "%s: %s", name, strerror(errno));
	return WIFEXITED(status) ? (enum jt_err)WEXITSTATUS(status) : JT_SYSTEM;
}
