/* Files: read whole within bounds; written so that nothing half done is seen. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static struct jt_error e;

static struct jt_slice
text(const char *s)
{
	return jt_slice_text(s);
}

/* What a path holds, in a static buffer; NULL when it cannot be read. */
static const char *
content(const char *path)
{
	static char bytes[100];
	struct jt_buf b;
	bool read;

	jt_buf_init(&b, sizeof bytes - 1);
	read = jt_file_read(path, &b, NULL) == JT_OK;
	if (read && b.len > 0)
		memcpy(bytes, b.data, b.len);
	bytes[b.len] = '\0';
	jt_buf_free(&b);
	return read ? bytes : NULL;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

/* How many names are in the directory? */
static int
entries(const char *path)
{
	DIR *d = opendir(path);
	int n = 0;

	for (struct dirent *f; d != NULL && (f = readdir(d)) != NULL;)
		n += strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0;
	if (d != NULL)
		closedir(d);
	return n;
}

static void
test_read(void)
{
	struct jt_buf b;
	int fd;

	jt_buf_init(&b, 10);
	is_int(jt_file_read("none", &b, &e), JT_NOINPUT, "no such file");
	is_text(e.text, "none: No such file or directory", "said so");
	is_int(jt_file_write("ten", 0600, false, text("0123456789"), &e), JT_OK, "ten bytes");
	is_int(jt_file_read("ten/more", &b, &e), JT_NOINPUT, "no directory there");
	is_int(jt_file_read(".", &b, &e), JT_IO, "a directory is not read");
	is_int(b.len, 0, "nothing was added");
	is_int(jt_file_read("ten", &b, &e), JT_OK, "a file of exactly the maximum");
	ok(jt_slice_is(jt_buf_slice(&b), "0123456789"), "is read whole");
	is_int(jt_file_read("ten", &b, &e), JT_MALFORMED, "more does not fit");
	is_text(e.text, "ten: longer than 10 bytes", "said so");
	jt_buf_free(&b);

	jt_buf_init(&b, 9);
	is_int(jt_file_read("ten", &b, &e), JT_MALFORMED, "one byte too long");
	jt_buf_free(&b);

	jt_buf_init(&b, 20);
	jt_buf_add_text(&b, "before,");
	is_int(jt_file_read("ten", &b, &e), JT_OK, "reading appends");
	ok(jt_slice_is(jt_buf_slice(&b), "before,0123456789"), "to what was there");
	jt_buf_clear(&b);
	fd = open("/dev/null", O_RDONLY);
	is_int(jt_file_read_fd(fd, "null", &b, &e), JT_OK, "an empty file");
	is_int(b.len, 0, "is empty");
	close(fd);
	is_int(jt_file_read_fd(fd, "closed", &b, &e), JT_IO, "a closed descriptor");
	is_text(e.text, "closed: Bad file descriptor", "said so");
	jt_buf_free(&b);
}

enum { PIPED = 300000 };

static void *
fill_pipe(void *arg)
{
	int fd = *(int *)arg;

	/* Odd pieces, so that reads come back short. */
	for (size_t i = 0; i < PIPED; i += 7) {
		char piece[7];
		size_t n = PIPED - i < 7 ? PIPED - i : 7;
		for (size_t j = 0; j < n; j++)
			piece[j] = (char)((i + j) % 251);
		if (jt_file_write_fd(fd, "pipe", (struct jt_slice){ (uint8_t *)piece, n },
		    NULL) != JT_OK)
			break;
	}
	close(fd);
	return NULL;
}

static void
test_pipe(void)
{
	struct jt_buf b;
	pthread_t writer;
	int fd[2];
	size_t i;

	if (pipe(fd) != 0 || pthread_create(&writer, NULL, fill_pipe, &fd[1]) != 0) {
		ok(false, "a pipe");
		return;
	}
	jt_buf_init(&b, PIPED);
	is_int(jt_file_read_fd(fd[0], "pipe", &b, &e), JT_OK, "from a pipe, in pieces");
	pthread_join(writer, NULL);
	close(fd[0]);
	for (i = 0; i < b.len && b.data[i] == i % 251; i++)
		;
	is_int(i, PIPED, "all of it, in order");
	jt_buf_free(&b);
}

static void
test_atomic(void)
{
	struct jt_atomic a;
	struct jt_slice new = text("new");

	umask(077);
	is_int(jt_file_write("f", 0644, false, text("old"), &e), JT_OK, "a new file");
	is_text(content("f"), "old", "written");
	is_int(mode_of("f"), 0644, "its mode, whatever the umask");
	umask(022);
	int before = entries(".");

	is_int(jt_atomic_open(&a, "f", 0600, false, &e), JT_OK, "open");
	is_int(entries("."), before + 1, "a temporary file beside it");
	is_int(mode_of(a.temp), 0600, "with the mode from the start");
	ok((fcntl(a.fd, F_GETFD) & FD_CLOEXEC) != 0, "closed on exec");
	is_int(jt_file_write_fd(a.fd, "f", new, &e), JT_OK, "write");
	is_text(content("f"), "old", "not seen before the commit");
	is_int(jt_atomic_commit(&a, &e), JT_OK, "commit");
	is_text(content("f"), "new", "seen after it");
	is_int(mode_of("f"), 0600, "with the new mode");
	is_int(entries("."), before, "nothing else is left");
	ok(a.fd == -1 && a.temp == NULL && a.path == NULL, "nothing is held");

	is_int(jt_atomic_open(&a, "f", 0600, false, &e), JT_OK, "open");
	is_int(jt_file_write_fd(a.fd, "f", text("never"), &e), JT_OK, "write");
	jt_atomic_abort(&a);
	is_text(content("f"), "new", "abort changes nothing");
	is_int(entries("."), before, "and leaves nothing");
	jt_atomic_abort(&a);
	is_int(a.fd, -1, "abort twice");
}

static void
test_fresh(void)
{
	struct jt_atomic a;
	int before = entries(".");

	is_int(jt_file_write("f", 0600, true, text("other"), &e), JT_CANTCREATE, "fresh: refused");
	is_text(e.text, "f: exists, and is kept", "said so");
	is_text(content("f"), "new", "kept");
	is_int(jt_atomic_open(&a, "g", 0600, true, &e), JT_OK, "fresh: a new name");
	is_int(jt_file_write_fd(a.fd, "g", text("mine"), &e), JT_OK, "write");
	is_int(jt_file_write("g", 0600, true, text("first"), &e), JT_OK, "another was quicker");
	is_int(jt_atomic_commit(&a, &e), JT_CANTCREATE, "so the commit is refused");
	is_text(e.text, "g: exists, and is kept", "said so");
	is_text(content("g"), "first", "the first one stays");
	is_int(entries("."), before + 1, "nothing else is left");
	ok(symlink("nowhere", "dangling") == 0 &&
	    jt_file_write("dangling", 0600, true, text("x"), &e) == JT_CANTCREATE,
	    "fresh: a dangling link exists");
	ok(access("nowhere", F_OK) != 0, "and is not followed");
}

static void
test_links(void)
{
	ok(symlink("f", "link") == 0, "a link to f");
	is_int(jt_file_write("link", 0600, false, text("by link"), &e), JT_OK, "written");
	is_text(content("link"), "by link", "the name has the new bytes");
	is_text(content("f"), "new", "what the link named is untouched");
	struct stat st;
	ok(lstat("link", &st) == 0 && S_ISREG(st.st_mode), "the link is replaced");
}

static void
test_refused(void)
{
	char name[300];
	bool root = geteuid() == 0;
	struct jt_buf b;

	is_int(jt_file_write("no/where", 0600, false, text("x"), &e), JT_CANTCREATE, "no directory");
	is_text(e.text, "no/where: No such file or directory", "said so");
	is_int(jt_file_write("f/x", 0600, false, text("x"), &e), JT_CANTCREATE, "f is no directory");
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	is_int(jt_file_write(name, 0600, false, text("x"), &e), JT_CANTCREATE, "a name too long");
	ok(mkdir("d", 0700) == 0, "a directory");
	is_int(jt_file_write("d", 0600, false, text("x"), &e), JT_CANTCREATE, "is not replaced");
	is_int(jt_file_write("shut", 0, false, text("secret"), &e), JT_OK, "a file with no mode");

	/* Permissions do not bind root. */
	chmod(".", 0755);
	if (root && seteuid(65534) != 0) {
		ok(false, "become nobody");
		return;
	}
	jt_buf_init(&b, 10);
	is_int(jt_file_read("shut", &b, &e), JT_PERMISSION, "not allowed to read");
	is_text(e.text, "shut: Permission denied", "said so");
	jt_buf_free(&b);
	if (!root)
		chmod(".", 0555);
	is_int(jt_file_write("y", 0600, false, text("x"), &e), JT_PERMISSION,
	    "not allowed to write here");
	is_text(e.text, "y: Permission denied", "said so");
	is_int(jt_dir_make("z", 0700, &e), JT_PERMISSION, "nor to make a directory");
	chmod(".", 0700);
	if (root && seteuid(0) != 0)
		ok(false, "become root again");
}

static void
test_pair(void)
{
	int before = entries(".");
	struct jt_atomic a, b, *const both[] = { &a, &b };

	is_int(jt_atomic_open(&a, "p1", 0600, true, &e), JT_OK, "the first of a pair");
	is_int(jt_atomic_open(&b, "p2", 0644, true, &e), JT_OK, "and the second");
	is_int(jt_file_write_fd(a.fd, "p1", text("one"), &e), JT_OK, "write the first");
	is_int(jt_file_write_fd(b.fd, "p2", text("two"), &e), JT_OK, "write the second");
	ok(access("p1", F_OK) != 0 && access("p2", F_OK) != 0, "neither is there yet");
	is_int(jt_atomic_commit_all(both, 2, &e), JT_OK, "commit both");
	is_text(content("p1"), "one", "one is there");
	is_text(content("p2"), "two", "and the other");
	is_int(entries("."), before + 2, "and nothing else");
	/* The second name is taken meanwhile. */
	is_int(jt_atomic_open(&a, "p3", 0600, true, &e), JT_OK, "another pair");
	is_int(jt_atomic_open(&b, "p4", 0600, true, &e), JT_OK, "of names that are free");
	is_int(jt_file_write("p4", 0600, true, text("theirs"), &e), JT_OK, "one is taken");
	is_int(jt_atomic_commit_all(both, 2, &e), JT_CANTCREATE, "so neither is made");
	is_text(e.text, "p4: exists, and is kept", "said so");
	ok(access("p3", F_OK) != 0, "the first is gone again");
	is_text(content("p4"), "theirs", "what was there is kept");
	is_int(jt_atomic_open(&a, "p5", 0600, true, &e), JT_OK, "a third pair");
	is_int(jt_atomic_open(&b, "p6", 0600, true, &e), JT_OK, "to be spoiled");
	close(b.fd);
	is_int(jt_atomic_commit_all(both, 2, &e), JT_IO, "one that cannot be synced");
	is_int(entries("."), before + 3, "leaves nothing of either");
}

static void
test_full(void)
{
	int fd = open("/dev/full", O_WRONLY), before = entries(".");
	struct jt_atomic a;

	if (fd >= 0) {
		is_int(jt_file_write_fd(fd, "full", text("x"), &e), JT_IO, "a full disk");
		is_text(e.text, "full: No space left on device", "said so");
		is_int(jt_file_write_fd(fd, "full", text(""), &e), JT_OK, "holds no byte");
		close(fd);
	}
	is_int(jt_atomic_open(&a, "h", 0600, false, &e), JT_OK, "open");
	close(a.fd);
	is_int(jt_atomic_commit(&a, &e), JT_IO, "a commit that cannot be synced fails");
	ok(access("h", F_OK) != 0, "and makes no file");
	is_int(entries("."), before, "nor leaves one");
}

static void
test_paths(void)
{
	char *p = jt_path_join("a/b", "c");

	is_text(p, "a/b/c", "join");
	free(p);
	p = jt_path_join("", "");
	is_text(p, "/", "join nothing");
	free(p);
	is_int(jt_dir_make("dir", 0750, &e), JT_OK, "make a directory");
	is_int(mode_of("dir"), 0750, "its mode");
	is_int(jt_dir_make("dir", 0700, &e), JT_OK, "content with one that is there");
	is_int(mode_of("dir"), 0750, "which stays as it is");
	is_int(jt_dir_make("f", 0700, &e), JT_CANTCREATE, "not with a file");
	is_text(e.text, "f: File exists", "said so");
	is_int(jt_dir_make("none/dir", 0700, &e), JT_CANTCREATE, "nor without its parent");
	is_int(jt_file_write("dir/in", 0600, false, text("x"), &e), JT_OK, "a file in it");
	is_text(content("dir/in"), "x", "is there");
}

int
main(void)
{
	char dir[] = "/tmp/jt-file.XXXXXX";

	if (mkdtemp(dir) == NULL || chdir(dir) != 0) {
		printf("Bail out! %s: %s\n", dir, strerror(errno));
		return 1;
	}
	test_read();
	test_pipe();
	test_atomic();
	test_fresh();
	test_links();
	test_pair();
	test_full();
	test_paths();
	test_refused();

	/* All that the tests made lies in this directory, two levels deep. */
	char command[sizeof dir + 10];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	ok(chdir("/") == 0 && system(command) == 0, "tidy up");
	return done_testing();
}
