/* Signals that end a program. See cmd.h. */
#include "cmd.h"

#include <signal.h>

/*
 * Not among them: those that end nothing, that nobody can catch, or that say
 * that the program is broken, after which nothing it does is safe.
 */
static const int others[] = {
	SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH,
	SIGKILL, SIGSTOP,
	SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP,
};

static void
deadly(sigset_t *set)
{
	sigfillset(set);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		sigdelset(set, others[i]);
}

static bool
does(int number, void (*action)(int))
{
	struct sigaction sa;

	return sigaction(number, NULL, &sa) == 0 && sa.sa_handler == action;
}

static unsigned holds;
static sigset_t before;

void
cmd_signals_hold(void)
{
	sigset_t set;

	deadly(&set);
	if (holds++ == 0)
		sigprocmask(SIG_BLOCK, &set, &before);
}

void
cmd_signals_release(void)
{
	if (--holds == 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
}

int
cmd_signal_held(void)
{
	sigset_t set, pending;

	deadly(&set);
	sigpending(&pending);
	/* One that is ignored waits, too, while it is held. */
	for (int n = 1; n <= SIGRTMAX; n++)
		if (sigismember(&pending, n) == 1 && sigismember(&set, n) == 1 &&
		    !does(n, SIG_IGN))
			return n;
	return 0;
}

void
cmd_signals_catch(void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_NODEFER };
	sigset_t set;

	deadly(&set);
	sigemptyset(&sa.sa_mask);
	for (int n = 1; n <= SIGRTMAX; n++)
		if (sigismember(&set, n) == 1 && does(n, SIG_DFL))
			sigaction(n, &sa, NULL);
}
