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
#include "neighbour.h"
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

int
main(int argc, char **argv)
{
	char name[64], path[PATH_MAX];

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
	if (cmd_neighbour(name, path, sizeof path))
		execv(path, cmd_operands);
	execvp(name, cmd_operands);
	if (errno != ENOENT)
		die(JT_SYSTEM, "%s: %s", name, strerror(errno));
	complain(JT_USAGE, "no program %s", name);
	hint("jt alone lists the programs");
	return cmd_end();
}
