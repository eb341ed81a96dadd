/* Another of these programs: the one beside this one, else by the search path. */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>

/* The path of the one beside this program; false: this program's own cannot be told. */
bool cmd_neighbour(const char *name, char *path, size_t size);

#endif
