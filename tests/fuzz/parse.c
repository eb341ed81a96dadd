/*
 * Any bytes as a file of text: each document becomes an object or a message
 * with its line. An object made so is one that programs read, and its three
 * views become the same bytes again. Both with the kinds that exist and with
 * those of tests/unit/sample.h, which use every type.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/sample.h"
#include "all/kinds.h"
#include "object/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 16 << 20 };

static const struct jt_kinds *kinds;

static struct jt_pack *
open_text(const void *data, size_t size, int *fd)
{
	struct jt_pack *p;

	*fd = memfd_create("text", MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, data, size) != (ssize_t)size || lseek(*fd, 0, SEEK_SET) != 0 ||
	    (p = jt_pack_open(kinds, *fd)) == NULL)
		abort();
	return p;
}

static void
round_trip(const struct jt_object *o, enum jt_style style)
{
	bool end = false, broken = false;
	struct jt_buf text, again;
	struct jt_error e = { JT_OK, "" };
	struct jt_pack *p;
	int fd;

	jt_buf_init(&text, TEXT_MAX);
	jt_buf_init(&again, 2 * JT_OBJECT_MAX);
	assert(jt_show(kinds, o, style, &text, &e) == JT_OK);
	p = open_text(text.data, text.len, &fd);
	assert(jt_pack_next(p, &again, &end, &broken, &e) == JT_OK && !end);
	assert(jt_slice_equal(jt_buf_slice(&again), o->bytes));
	assert(jt_pack_next(p, &again, &end, &broken, &e) == JT_OK && end);
	jt_pack_close(p);
	close(fd);
	jt_buf_free(&text);
	jt_buf_free(&again);
}

static void
parse(const uint8_t *data, size_t size)
{
	bool end = false, broken = false;
	struct jt_buf object;
	struct jt_error e = { JT_OK, "" };
	struct jt_object o;
	struct jt_pack *p;
	int fd;

	p = open_text(data, size, &fd);
	jt_buf_init(&object, JT_OBJECT_MAX);
	while (!end && !broken) {
		jt_buf_clear(&object);
		if (jt_pack_next(p, &object, &end, &broken, &e) != JT_OK) {
			assert(e.code == JT_MALFORMED && strncmp(e.text, "line ", 5) == 0);
			continue;
		}
		if (end)
			break;
		assert(jt_object_parse(jt_buf_slice(&object), &o, &e) == JT_OK);
		assert(jt_kind_check(kinds, &o, &e) == JT_OK);
		round_trip(&o, JT_YAML);
		round_trip(&o, JT_JSON);
		round_trip(&o, JT_LINE);
	}
	jt_buf_free(&object);
	jt_pack_close(p);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kinds = &sample_kinds;
	parse(data, size);
	kinds = &jt_all_kinds;
	parse(data, size);
	return 0;
}
