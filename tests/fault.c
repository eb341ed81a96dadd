/*
 * Preloaded into a program (LD_PRELOAD), makes one system call fail:
 * FAULT="rename 1 28" fails the first rename(2) with errno 28. The calls are
 * those that make a file durable: write, fsync, link, rename.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
fails(const char *call)
{
	static int calls;
	const char *fault = getenv("FAULT");
	char which[16];
	int at, number;

	if (fault == NULL || sscanf(fault, "%15s %d %d", which, &at, &number) != 3 ||
	    strcmp(which, call) != 0 || ++calls != at)
		return 0;
	errno = number;
	return 1;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	ssize_t (*real)(int, const void *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "write");
	return fd != 2 && fails("write") ? -1 : real(fd, data, len);
}

int
fsync(int fd)
{
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	return fails("fsync") ? -1 : real(fd);
}

int
link(const char *from, const char *to)
{
	int (*real)(const char *, const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "link");
	return fails("link") ? -1 : real(from, to);
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "rename");
	return fails("rename") ? -1 : real(from, to);
}
