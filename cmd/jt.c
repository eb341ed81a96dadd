/*
 * jt: the way in. `jt NAME` runs jt-NAME, from the directory that jt itself is
 * in, else from the search path; `jt` alone lists the programs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "programs.h"

static const struct cmd_option options[] = { { 0 } };
static const struct cmd_program program = {
	.name = "jt",
	.synopsis = "\nNAME [ARGUMENT...]",
	.options = options,
	.in_order = true,
};

static int
list(void)
{
	for (const struct cmd_row *r = cmd_programs; r->name != NULL; r++)
		printf("%-11s %s\n", r->name, r->purpose);
	if (fflush(stdout) != 0 || ferror(stdout))
		die(JT_IO, "stdout: %s", strerror(errno));
	return cmd_end();
}

/* Beside this very program, so that a build that is not installed finds its own. */
static void
run_neighbour(const char *name, char **argv)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);
	char *slash;

	if (n <= 0 || (size_t)n >= sizeof path)
		return;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash + 1 - path) + strlen(name) >= sizeof path)
		return;
	memcpy(slash + 1, name, strlen(name) + 1);
	execv(path, argv);
}

int
main(int argc, char **argv)
{
	char name[64];

	cmd_start(&program, argc, argv);
	while (cmd_option() != 0)
		continue;
	if (cmd_operand_count == 0)
		return list();
	if (strchr(cmd_operands[0], '/') != NULL ||
	    strlen(cmd_operands[0]) > sizeof name - sizeof "jt-")
		cmd_usage("no program jt-%s", cmd_operands[0]);
	snprintf(name, sizeof name, "jt-%s", cmd_operands[0]);
	cmd_operands[0] = name;
	run_neighbour(name, cmd_operands);
	execvp(name, cmd_operands);
	if (errno != ENOENT)
		die(JT_SYSTEM, "%s: %s", name, strerror(errno));
	complain(JT_USAGE, "no program %s", name);
	hint("jt alone lists the programs");
	return cmd_end();
}
