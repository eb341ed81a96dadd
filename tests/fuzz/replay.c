/*
 * Stands in for libFuzzer: gives files to a fuzz target, one by one, and
 * prints TAP. Without arguments it takes the target's corpus in the sources
 * (JT_SRC, tests/fuzz/corpus/NAME), so that `make check` holds with every
 * compiler what fuzzing once found. An input that breaks the target kills the
 * program, and the missing plan is the failure.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 16 << 20 };

static unsigned count;

static int
replay(const char *path)
{
	struct jt_error e;
	struct jt_buf b;

	jt_buf_init(&b, INPUT_MAX);
	count++;
	if (jt_file_read(path, &b, &e) != JT_OK) {
		printf("not ok %u - %s\n", count, e.text);
		return 1;
	}
	/* A copy of the exact size, so that the sanitizer sees a read beyond it. */
	uint8_t *exact = malloc(b.len + (b.len == 0));
	if (exact == NULL) {
		printf("Bail out! out of memory\n");
		exit(1);
	}
	if (b.len > 0)
		memcpy(exact, b.data, b.len);
	LLVMFuzzerTestOneInput(exact, b.len);
	printf("ok %u - %s\n", count, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	fflush(stdout);
	free(exact);
	jt_buf_free(&b);
	return 0;
}

static int
visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int
replay_corpus(const char *program)
{
	const char *src = getenv("JT_SRC"), *slash = strrchr(program, '/');
	struct dirent **names;
	char dir[4096], path[8192];
	int failed = 0, n;

	snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", src ? src : ".",
	    slash ? slash + 1 : program);
	n = scandir(dir, &names, visible, alphasort);
	if (n <= 0) {
		printf("1..1\nnot ok 1 - corpus %s: %s\n", dir, n < 0 ? strerror(errno) : "empty");
		return 1;
	}
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, names[i]->d_name);
		failed |= replay(path);
		free(names[i]);
	}
	free(names);
	printf("1..%u\n", count);
	return failed;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc == 1)
		return replay_corpus(argv[0]);
	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	printf("1..%u\n", count);
	return failed;
}
