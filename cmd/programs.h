/*
 * The table of all programs: what `jt` lists, --help begins with, shell
 * completion offers and jt(7) prints.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

struct cmd_row {
	const char *name;    /* "jt-sign" */
	const char *purpose; /* one line, lower case, no full stop */
};
/* In the order of work; ends with a NULL name. */
extern const struct cmd_row cmd_programs[];

#endif
