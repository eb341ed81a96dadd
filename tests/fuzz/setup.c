/*
 * Any bytes as the set-up of a network: it is refused with one line, or gives
 * a genesis that can be written and read. Where the reader of set-ups ends the
 * program, the linker leads to a jump back, and what had been allocated is
 * freed. Files that a set-up can name: acme.pub, acme-link.pub, alice.pub and
 * some.csv; one with a slash in it is left out, so that no others are read.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include "../unit/tempdir.h"
#include "setup.h"

enum { LIVE_MAX = 65536 };

void *__real_malloc(size_t len);
void *__real_realloc(void *old, size_t len);
void __real_free(void *p);
void *__wrap_malloc(size_t len);
void *__wrap_realloc(void *old, size_t len);
void __wrap_free(void *p);
_Noreturn void __wrap_die(enum jt_err code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void __wrap_cmd_check(enum jt_err err, const struct jt_error *e);

static jmp_buf refused;
static bool reading;
static void *live[LIVE_MAX]; /* what the reader allocated and did not free */
static size_t live_count;

static void *
note(void *p)
{
	if (reading && p != NULL) {
		assert(live_count < LIVE_MAX);
		live[live_count++] = p;
	}
	return p;
}

static void
forget(const void *p)
{
	for (size_t i = live_count; p != NULL && i > 0; i--)
		if (live[i - 1] == p) {
			live[i - 1] = live[--live_count];
			return;
		}
}

void *
__wrap_malloc(size_t len)
{
	return note(__real_malloc(len));
}

void *
__wrap_realloc(void *old, size_t len)
{
	void *p;

	forget(old);
	p = __real_realloc(old, len);
	assert(p != NULL);
	return note(p);
}

void
__wrap_free(void *p)
{
	forget(p);
	__real_free(p);
}

void
__wrap_die(enum jt_err code, const char *fmt, ...)
{
	char line[2 * JT_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	assert(vsnprintf(line, sizeof line, fmt, ap) > 0);
	va_end(ap);
	assert(reading);
	assert(code == JT_MALFORMED || code == JT_USAGE || code == JT_NOINPUT);
	longjmp(refused, 1);
}

void
__wrap_cmd_check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		__wrap_die(err, "%s", e->text);
}

/* ---- the files beside it ---- */

static struct jt_secret_key *bank;

static void
make_pub(const char *name, enum jt_role role)
{
	uint8_t bytes[JT_SECRET_BYTES];
	struct jt_error e;
	struct jt_buf b;

	memset(bytes, (int)role + 1, sizeof bytes);
	jt_secret_set(bank, role, bytes);
	jt_buf_init(&b, JT_OBJECT_MAX);
	assert(jt_pub_write(&bank->pub, &b, &e) == JT_OK);
	assert(jt_file_write(tempdir_path(name), 0600, true, jt_buf_slice(&b), &e) == JT_OK);
	jt_buf_free(&b);
}

static void
make_files(void)
{
	char csv[200], address[JT_ADDRESS_TEXT];
	uint8_t account[JT_ACCOUNT] = { 9 };

	assert(jt_crypto_init());
	bank = jt_secret_new();
	assert(bank != NULL);
	tempdir_make();
	make_pub("acme.pub", JT_ROLE_VALIDATOR);
	make_pub("acme-link.pub", JT_ROLE_LINK);
	make_pub("alice.pub", JT_ROLE_ACCOUNT);
	jt_address_format(account, address);
	snprintf(csv, sizeof csv, "account,balance,seq\n%s,12.5,3\n", address);
	assert(jt_file_write(tempdir_path("some.csv"), 0600, true, jt_slice_text(csv), NULL) ==
	    JT_OK);
}

/* As jt-genesis goes on from there. */
static void
check_setup(struct setup *s)
{
	uint8_t id[JT_HASH], body[JT_HASH];
	struct jt_validator *v = s->genesis.validators.items;
	struct jt_genesis g;
	struct jt_object o;
	struct jt_error e;
	struct jt_buf b;

	for (uint32_t i = 0; s->make_validators && i < s->genesis.validators.count; i++)
		v[i].key[0] = (uint8_t)(i + 1);
	if (s->make_bank)
		setup_bank(s, bank);
	setup_sort(s);
	jt_buf_init(&b, JT_OBJECT_MAX);
	if (jt_genesis_write(&s->genesis, &b, &e) == JT_OK) {
		assert(jt_object_parse(jt_buf_slice(&b), &o, &e) == JT_OK);
		assert(jt_genesis_decode(&o, &g, id, s->zone, &e) == JT_OK);
		assert(jt_kind_id(&jt_kind_genesis, &o, body, &e) == JT_OK);
		assert(memcmp(id, body, JT_HASH) == 0);
	} else
		assert(e.code == JT_MALFORMED);
	jt_buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct setup s;
	const char *path;
	int fd;

	if (bank == NULL)
		make_files();
	if (size > 0 && memchr(data, '/', size) != NULL)
		return 0;
	path = tempdir_path("set-up");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
	s.zone = NULL;
	reading = true;
	if (setjmp(refused) == 0) {
		setup_read(&s, path, "net", 0);
		check_setup(&s);
	}
	reading = false;
	if (s.zone != NULL)
		msgpack_zone_free(s.zone);
	while (live_count > 0)
		__real_free(live[--live_count]);
	return 0;
}
