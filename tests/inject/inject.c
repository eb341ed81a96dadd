/*
 * inject.so: make one system call of a program fail, or the program die there.
 *
 * For LD_PRELOAD. Stands before the C library's functions, counts their calls
 * from 1 and lets one of them fail. Nothing is installed, and no program knows
 * of it. What to do is in the environment:
 *
 *	INJECT_CALLS=create,write  the calls that count; default: all but `memory`
 *	INJECT_FD=1                count only calls on this descriptor; default:
 *	                           all descriptors but stdin, stdout and stderr
 *	INJECT_LOG=FILE            append "N CALL" for each call that counts
 *	INJECT_AT=N                the call to act at
 *	INJECT_DO=WORD             what to do there:
 *	    ENOSPC EIO EINTR ...   fail with this error, with nothing done
 *	    ENOSPC+ ...            the same, at all later calls of its name, too
 *	    short                  write half, and say so
 *	    kill                   die by SIGKILL before it
 *	    die                    die by SIGKILL after it
 *	    tear                   write half, and die by SIGKILL
 *	INJECT_CLOCK=FILE          the time of day is wrong by the seconds that FILE holds
 *
 * CALL is one of the words in `names`: what a test means by "each write", for
 * whichever function of the C library does it. `pwrite` and `pread` are those
 * with a place or several pieces, which is how LMDB works. A first run with a
 * log counts, the next ones walk through every N.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call {
	CHMOD, CLOSE, CREATE, LINK, LOCK, MAP, MEMORY, MKDIR, OPEN, PREAD, PWRITE, READ, RENAME,
	SYNC, TRUNCATE, UNLINK, WRITE, CALLS
};
static const char *const names[CALLS] = {
	"chmod", "close", "create", "link", "lock", "map", "memory", "mkdir", "open", "pread",
	"pwrite", "read", "rename", "sync", "truncate", "unlink", "write"
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EACCES", EACCES }, { "EINTR", EINTR }, { "EIO", EIO }, { "EMFILE", EMFILE },
	{ "ENOLCK", ENOLCK }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },
	{ "EWOULDBLOCK", EWOULDBLOCK },
};

enum { NOTHING, FAIL, SHORT, KILL, DIE, TEAR };
static int action;
static int error;
static bool lasting;
static unsigned long at, count;
static bool counted[CALLS];
static int only_fd = -1;
static const char *log_path, *clock_path;
static bool ready;
static bool failed[CALLS]; /* lasting, from now on */

static void
misuse(const char *what)
{
	fprintf(stderr, "inject: wrong %s\n", what);
	_exit(127);
}

static void
choose_calls(const char *words)
{
	for (int i = 0; i < CALLS; i++)
		counted[i] = words == NULL && i != MEMORY;
	while (words != NULL) {
		size_t len = strcspn(words, ",");
		int i = 0;
		while (i < CALLS && (strlen(names[i]) != len || memcmp(names[i], words, len) != 0))
			i++;
		if (i == CALLS)
			misuse("INJECT_CALLS");
		counted[i] = true;
		words = words[len] == ',' ? words + len + 1 : NULL;
	}
}

static void
choose_action(const char *word)
{
	static const char *const others[] = { "short", "kill", "die", "tear" };
	size_t len = strlen(word);

	for (int i = 0; i < 4; i++)
		if (strcmp(word, others[i]) == 0)
			action = SHORT + i;
	lasting = len > 0 && word[len - 1] == '+';
	len -= lasting;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (strlen(errors[i].name) == len && memcmp(errors[i].name, word, len) == 0) {
			action = FAIL;
			error = errors[i].number;
		}
	if (action == NOTHING)
		misuse("INJECT_DO");
}

/* An empty variable is as none. */
static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

__attribute__((constructor)) static void
start(void)
{
	const char *n = variable("INJECT_AT"), *what = variable("INJECT_DO");

	choose_calls(variable("INJECT_CALLS"));
	if (variable("INJECT_FD") != NULL)
		only_fd = atoi(variable("INJECT_FD"));
	log_path = variable("INJECT_LOG");
	clock_path = variable("INJECT_CLOCK");
	if (n != NULL && what != NULL) {
		at = strtoul(n, NULL, 10);
		choose_action(what);
	}
	ready = true;
}

/* By system calls of its own, so that the log is not counted. */
static void
note(enum call call, unsigned long n)
{
	char line[64];
	int len, fd, saved = errno;

	if (log_path == NULL)
		return;
	len = snprintf(line, sizeof line, "%lu %s\n", n, names[call]);
	fd = (int)syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || syscall(SYS_write, fd, line, len) != len)
		_exit(127);
	syscall(SYS_close, fd);
	errno = saved;
}

static void
end(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
}

/* Count a call; what is to be done at it? fd -1: there is no descriptor. */
static int
turn(enum call call, int fd)
{
	unsigned long n;

	if (!ready || !counted[call] ||
	    (only_fd >= 0 ? fd != only_fd : fd >= 0 && fd <= 2))
		return NOTHING;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
	note(call, n);
	if (n != at && !failed[call])
		return NOTHING;
	failed[call] = lasting && action == FAIL;
	if (action == KILL)
		end();
	if (action == FAIL)
		errno = error;
	return action;
}

#define REAL(name) ((__typeof__(&name))real(#name))

static void *
real(const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f == NULL)
		_exit(127);
	return f;
}

/* A function whose calls can fail, but not by half. */
#define WHOLE(type, failure, call, fd, name, parameters, arguments) \
	type name parameters \
	{ \
		static __typeof__(&name) next; \
		int what = turn(call, fd); \
		type result; \
		if (what == FAIL) \
			return failure; \
		if (next == NULL) \
			next = REAL(name); \
		result = next arguments; \
		if (what >= KILL) \
			end(); \
		return result; \
	}

WHOLE(int, -1, CHMOD, fd, fchmod, (int fd, mode_t mode), (fd, mode))
WHOLE(int, -1, CHMOD, -1, chmod, (const char *path, mode_t mode), (path, mode))
WHOLE(int, -1, CREATE, -1, mkostemp, (char *path, int flags), (path, flags))
WHOLE(int, -1, CREATE, -1, mkostemp64, (char *path, int flags), (path, flags))
WHOLE(int, -1, LINK, -1, link, (const char *from, const char *to), (from, to))
WHOLE(int, -1, LOCK, fd, flock, (int fd, int how), (fd, how))
WHOLE(int, -1, MKDIR, -1, mkdir, (const char *path, mode_t mode), (path, mode))
WHOLE(char *, NULL, MKDIR, -1, mkdtemp, (char *path), (path))
WHOLE(DIR *, NULL, OPEN, -1, opendir, (const char *path), (path))
WHOLE(ssize_t, -1, READ, fd, read, (int fd, void *to, size_t n), (fd, to, n))
WHOLE(ssize_t, -1, PREAD, fd, pread, (int fd, void *to, size_t n, off_t where),
    (fd, to, n, where))
WHOLE(ssize_t, -1, PREAD, fd, pread64, (int fd, void *to, size_t n, off64_t where),
    (fd, to, n, where))
WHOLE(int, -1, RENAME, -1, rename, (const char *from, const char *to), (from, to))
WHOLE(int, -1, SYNC, fd, fsync, (int fd), (fd))
WHOLE(int, -1, SYNC, fd, fdatasync, (int fd), (fd))
WHOLE(int, -1, SYNC, -1, msync, (void *from, size_t n, int flags), (from, n, flags))
WHOLE(int, -1, TRUNCATE, fd, ftruncate, (int fd, off_t size), (fd, size))
WHOLE(int, -1, TRUNCATE, fd, ftruncate64, (int fd, off64_t size), (fd, size))
WHOLE(int, -1, UNLINK, -1, unlink, (const char *path), (path))
WHOLE(int, -1, UNLINK, -1, rmdir, (const char *path), (path))
WHOLE(void *, MAP_FAILED, MAP, -1, mmap,
    (void *where, size_t n, int how, int flags, int fd, off_t from),
    (where, n, how, flags, fd, from))
WHOLE(void *, MAP_FAILED, MAP, -1, mmap64,
    (void *where, size_t n, int how, int flags, int fd, off64_t from),
    (where, n, how, flags, fd, from))

/* Read anew each time, by system calls of its own. */
static long
clock_error(void)
{
	char text[32] = "";
	int fd = (int)syscall(SYS_openat, AT_FDCWD, clock_path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_read, fd, text, sizeof text - 1) < 0)
		_exit(127);
	syscall(SYS_close, fd);
	return strtol(text, NULL, 10);
}

int
clock_gettime(clockid_t which, struct timespec *t)
{
	static __typeof__(&clock_gettime) next;
	int result;

	if (next == NULL)
		next = REAL(clock_gettime);
	result = next(which, t);
	if (result == 0 && which == CLOCK_REALTIME && clock_path != NULL)
		t->tv_sec += clock_error();
	return result;
}

/* A descriptor is closed, whatever close says. */
int
close(int fd)
{
	static __typeof__(&close) next;
	int what = turn(CLOSE, fd), result, saved = errno;

	if (next == NULL)
		next = REAL(close);
	result = next(fd);
	if (what >= KILL)
		end();
	errno = what == FAIL ? saved : errno;
	return what == FAIL ? -1 : result;
}

/* Every function that opens a file, with the mode that comes with O_CREAT. */
#define OPENS(name, parameters, arguments, last) \
	int name parameters \
	{ \
		static __typeof__(&name) next; \
		int what = turn(flags & O_CREAT ? CREATE : OPEN, -1), result; \
		mode_t mode = 0; \
		va_list ap; \
		if (what == FAIL) \
			return -1; \
		va_start(ap, last); \
		if (flags & O_CREAT) \
			mode = va_arg(ap, mode_t); \
		va_end(ap); \
		if (next == NULL) \
			next = REAL(name); \
		result = next arguments; \
		if (what >= KILL) \
			end(); \
		return result; \
	}

OPENS(open, (const char *path, int flags, ...), (path, flags, mode), flags)
OPENS(open64, (const char *path, int flags, ...), (path, flags, mode), flags)
OPENS(openat, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), flags)
OPENS(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags, mode), flags)

/* What a hardened build calls where no mode is given. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
WHOLE(int, -1, OPEN, -1, __open_2, (const char *path, int flags), (path, flags))
WHOLE(int, -1, OPEN, -1, __open64_2, (const char *path, int flags), (path, flags))

/* A write of half its bytes, where that is asked for; else all of them. */
#define WRITES(call, name, parameters, arguments, half) \
	ssize_t name parameters \
	{ \
		static __typeof__(&name) next; \
		int what = turn(call, fd); \
		ssize_t result; \
		if (what == FAIL) \
			return -1; \
		if (next == NULL) \
			next = REAL(name); \
		if ((what == SHORT || what == TEAR) && n > 1) \
			half; \
		result = next arguments; \
		if (what >= KILL) \
			end(); \
		return result; \
	}

/* Of some pieces: half of their number, or of the only one. */
static int
halve(const struct iovec **v, int n, struct iovec *one)
{
	if (n > 1)
		return n / 2;
	*one = (*v)[0];
	one->iov_len = (one->iov_len + 1) / 2;
	*v = one;
	return 1;
}

WRITES(WRITE, write, (int fd, const void *from, size_t n), (fd, from, n), n /= 2)
WRITES(PWRITE, pwrite, (int fd, const void *from, size_t n, off_t where),
    (fd, from, n, where), n /= 2)
WRITES(PWRITE, pwrite64, (int fd, const void *from, size_t n, off64_t where),
    (fd, from, n, where), n /= 2)

#define PIECES(name, parameters, arguments) \
	ssize_t name parameters \
	{ \
		static __typeof__(&name) next; \
		int what = turn(PWRITE, fd); \
		struct iovec one; \
		ssize_t result; \
		if (what == FAIL) \
			return -1; \
		if (next == NULL) \
			next = REAL(name); \
		if ((what == SHORT || what == TEAR) && n > 0) \
			n = halve(&v, n, &one); \
		result = next arguments; \
		if (what >= KILL) \
			end(); \
		return result; \
	}

PIECES(writev, (int fd, const struct iovec *v, int n), (fd, v, n))
PIECES(pwritev, (int fd, const struct iovec *v, int n, off_t where), (fd, v, n, where))
PIECES(pwritev64, (int fd, const struct iovec *v, int n, off64_t where), (fd, v, n, where))

/* dlsym allocates, so these are found by the names that the C library has for them. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	return turn(MEMORY, -1) == FAIL ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return turn(MEMORY, -1) == FAIL ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return turn(MEMORY, -1) == FAIL ? NULL : __libc_realloc(p, n);
}
