/* Files of data. See digest.h. */
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sums.h"

enum { READ_BYTES = 1 << 16 };

/* ["jt/KIND", version, payload]: as far as it is there. */
static struct jt_slice
kind_of(struct jt_slice head)
{
	struct jt_slice none = { NULL, 0 };
	const uint8_t *at = head.data + 1;
	size_t len;

	if (head.len < 2)
		return none;
	len = *at < 0xc0 ? *at & 0x1f : head.len > 2 ? at[1] : 0;
	at += *at < 0xc0 ? 1 : 2;
	if (len < 3 || (size_t)(at - head.data) + len > head.len)
		return none;
	return (struct jt_slice){ at + 3, len - 3 };
}

void
cmd_head_read(struct cmd_head *h, const char *path)
{
	struct jt_slice head = { h->bytes, 0 };
	struct jt_error e;
	struct stat st;
	size_t size;
	ssize_t n;
	int fd;

	*h = (struct cmd_head){ .regular = false };
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	n = read(fd, h->bytes, sizeof h->bytes);
	close(fd);
	h->regular = n >= 0;
	head.len = n > 0 ? (size_t)n : 0;
	h->object = head.len > 0 && (h->bytes[0] == CMD_BROKEN_OFF ||
	    jt_object_size(head, &size, &e) != JT_MALFORMED);
	if (h->object)
		h->kind = kind_of(head);
}

static bool
same(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Written to meanwhile, a file was perhaps never what was read of it. */
static enum jt_err
look_again(int fd, const char *name, const struct stat *before, struct jt_error *e)
{
	struct stat now;

	if (fstat(fd, &now) != 0)
		return jt_fail(e, JT_IO, "%s: %s", name, strerror(errno));
	if (S_ISREG(now.st_mode) && (now.st_size != before->st_size ||
	    !same(&now.st_mtim, &before->st_mtim)))
		return jt_fail(e, JT_AGAIN, "%s: changed while it was read", name);
	return JT_OK;
}

enum jt_err
cmd_digest_fd(int fd, const char *name, uint8_t digest[JT_HASH], struct jt_error *e)
{
	uint8_t bytes[READ_BYTES];
	struct sha256_ctx sha;
	struct stat before;
	ssize_t n;

	if (fstat(fd, &before) != 0)
		return jt_fail(e, JT_IO, "%s: %s", name, strerror(errno));
	sha256_init(&sha);
	while ((n = read(fd, bytes, sizeof bytes)) != 0)
		if (n > 0)
			sha256_update(&sha, (size_t)n, bytes);
		else if (errno != EINTR)
			return jt_fail(e, errno == EISDIR ? JT_NOINPUT : JT_IO, "%s: %s", name,
			    strerror(errno));
	sha256_digest(&sha, JT_HASH, digest);
	return look_again(fd, name, &before, e);
}

char *
cmd_proof_path(const char *file)
{
	size_t n = strlen(file);
	char *path = malloc(n + sizeof ".jtp");

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, file, n);
	memcpy(path + n, ".jtp", sizeof ".jtp");
	return path;
}

void
cmd_hash(const char *what, const char *word, uint8_t hash[JT_HASH])
{
	if (!jt_sums_hash(jt_slice_text(word), hash))
		cmd_usage("%s: expected a hash of 64 hex digits, not \"%s\"", what, word);
}
