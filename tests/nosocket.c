/*
 * nosocket PROGRAM [ARGUMENT...]: run a program that may open no socket.
 *
 * Installs a filter under which every system call that makes or uses one
 * kills the process with SIGSYS, then becomes the program. That is how the
 * tests hold that keys are made, transactions signed and proofs checked
 * offline. Exits 77 where the kernel has no filters, 127 when the program
 * cannot be run.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	static const int forbidden[] = {
		SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind),
		SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto),
		SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
		SCMP_SYS(recvmmsg), SCMP_SYS(socketcall), SCMP_SYS(io_uring_setup),
	};
	scmp_filter_ctx filter;
	int err;

	if (argc < 2) {
		fprintf(stderr, "usage: nosocket PROGRAM [ARGUMENT...]\n");
		return 64;
	}
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL) {
		fprintf(stderr, "nosocket: out of memory\n");
		return 71;
	}
	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		err = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, forbidden[i], 0);
		if (err != 0) {
			fprintf(stderr, "nosocket: rule %zu: %s\n", i, strerror(-err));
			return 71;
		}
	}
	err = seccomp_load(filter);
	seccomp_release(filter);
	if (err != 0) {
		fprintf(stderr, "nosocket: no filter: %s\n", strerror(-err));
		return 77;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "nosocket: %s: %s\n", argv[1], strerror(errno));
	return 127;
}
