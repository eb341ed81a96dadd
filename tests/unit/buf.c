/* Slices and buffers: growth up to the maximum, and not a byte beyond. */
#include "base/buf.h"

#include <stdlib.h>

#include "tap.h"

/* A request for too much memory is refused, under the address sanitizer too. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void
test_growth(void)
{
	struct jt_buf b;
	uint8_t want[1000];

	jt_buf_init(&b, 1000);
	ok(b.data == NULL && b.len == 0 && b.cap == 0 && !b.failed, "init allocates nothing");
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t byte = want[i] = (uint8_t)(i * 7);
		if (!jt_buf_add(&b, &byte, 1))
			break;
	}
	is_int(b.len, 1000, "byte by byte up to the maximum");
	is_bytes(b.data, want, 1000, "what was added is there");
	ok(b.cap <= b.max, "the capacity stays within the maximum: %zu", b.cap);
	ok(jt_buf_add(&b, "", 0), "nothing still fits");
	ok(!jt_buf_add(&b, "x", 1), "one more does not");
	ok(b.failed && b.len == 1000, "failed, and unchanged");
	ok(!jt_buf_add(&b, "", 0), "the flag sticks, even for nothing");
	jt_buf_clear(&b);
	ok(b.len == 0 && !b.failed && b.cap > 0, "clear empties, forgives and keeps the memory");
	ok(jt_buf_add(&b, "again", 5) && jt_slice_is(jt_buf_slice(&b), "again"), "and is used again");
	jt_buf_free(&b);
	ok(b.data == NULL && b.len == 0 && b.cap == 0, "free");
	jt_buf_free(&b);
	ok(b.data == NULL, "free twice");
}

static void
test_limits(void)
{
	struct jt_buf b;

	jt_buf_init(&b, 0);
	ok(jt_buf_add(&b, NULL, 0), "a maximum of 0 holds nothing");
	ok(!jt_buf_add(&b, "a", 1) && b.data == NULL, "and no more");
	jt_buf_free(&b);

	jt_buf_init(&b, 10);
	ok(!jt_buf_reserve(&b, SIZE_MAX), "a reserve that would wrap around is refused");
	jt_buf_clear(&b);
	ok(jt_buf_add(&b, "abc", 3), "three");
	ok(!jt_buf_reserve(&b, SIZE_MAX - 1), "also when the sum would wrap around");
	is_int(b.len, 3, "unchanged");
	jt_buf_free(&b);

	jt_buf_init(&b, SIZE_MAX / 4);
	ok(jt_buf_add(&b, "abc", 3) && !jt_buf_reserve(&b, SIZE_MAX / 4 - 3) && b.failed,
	    "more than there is memory for: failed");
	is_bytes(b.data, "abc", 3, "what was there stays");
	jt_buf_free(&b);

	jt_buf_init(&b, 100);
	ok(jt_buf_reserve(&b, 100) && b.len == 0 && b.cap >= 100, "reserve adds nothing");
	jt_buf_free(&b);
}

static void
test_text(void)
{
	struct jt_buf b;

	jt_buf_init(&b, 10);
	ok(jt_buf_add_text(&b, "ab") && jt_buf_addf(&b, "%d-%s", 42, "c"), "text and formats");
	ok(jt_slice_is(jt_buf_slice(&b), "ab42-c"), "in order");
	ok(jt_buf_addf(&b, "%s", "wxyz"), "a format may fill the buffer to the last byte");
	is_int(b.len, 10, "full");
	ok(jt_buf_addf(&b, "%s", ""), "an empty one still fits");
	ok(!jt_buf_addf(&b, "%d", 1) && b.failed && b.len == 10, "one more byte does not");
	jt_buf_clear(&b);
	ok(!jt_buf_addf(&b, "%011d", 1) && b.len == 0, "nor one longer than the maximum");
	jt_buf_clear(&b);
	ok(jt_buf_add_slice(&b, jt_slice_text("slice")) && jt_slice_is(jt_buf_slice(&b), "slice"),
	    "slices");
	ok(jt_buf_add_slice(&b, (struct jt_slice){ NULL, 0 }), "the empty slice of nowhere");
	jt_buf_free(&b);
}

static struct jt_slice
bytes(const char *data, size_t len)
{
	return (struct jt_slice){ (const uint8_t *)data, len };
}

static void
test_slices(void)
{
	struct jt_slice none = { NULL, 0 }, a = jt_slice_text("a"), ab = jt_slice_text("ab");
	struct jt_slice high = bytes("\xff", 1), zero = bytes("a\0", 2);

	ok(jt_slice_equal(none, jt_slice_text("")), "empty is empty, wherever it lies");
	ok(!jt_slice_equal(a, ab) && !jt_slice_equal(a, jt_slice_text("b")), "lengths, bytes");
	ok(jt_slice_is(ab, "ab") && !jt_slice_is(ab, "a") && !jt_slice_is(a, "ab"), "is");
	ok(!jt_slice_is(zero, "a"), "a zero byte counts");
	is_int(jt_slice_compare(ab, ab), 0, "the same");
	is_int(jt_slice_compare(none, none), 0, "nothing and nothing");
	ok(jt_slice_compare(a, ab) < 0 && jt_slice_compare(ab, a) > 0, "a prefix comes first");
	ok(jt_slice_compare(none, a) < 0 && jt_slice_compare(a, none) > 0, "nothing comes first");
	ok(jt_slice_compare(ab, high) < 0 && jt_slice_compare(high, ab) > 0, "bytes are unsigned");
	ok(jt_slice_compare(zero, a) > 0 && jt_slice_compare(zero, ab) < 0, "zero bytes are bytes");
}

int
main(void)
{
	test_growth();
	test_limits();
	test_text();
	test_slices();
	return done_testing();
}
