/* Another of these programs. See neighbour.h. */
#include "neighbour.h"

#include <string.h>
#include <unistd.h>

bool
cmd_neighbour(const char *name, char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size);
	char *slash;

	if (n <= 0 || (size_t)n >= size)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL || (size_t)(slash + 1 - path) + strlen(name) >= size)
		return false;
	memcpy(slash + 1, name, strlen(name) + 1);
	return true;
}
