/* The overlay against an array of pairs, and at its edges. */
#include "state/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "random.h"
#include "tap.h"

enum { KEYS = 300, STEPS = 20000, LONGEST = 400 };

/* What is below, and what the overlay should show. */
struct pair {
	uint8_t key[JT_HASH];
	uint8_t below[LONGEST], now[LONGEST];
	size_t below_len, now_len;
};
static struct pair pairs[KEYS];
static unsigned fetched;

static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	/* What was given before is gone, as pages of a store may be. */
	static uint8_t given[LONGEST];

	(void)ctx;
	fetched++;
	memset(given, 0xdd, sizeof given);
	*value = (struct jt_slice){ NULL, 0 };
	for (size_t i = 0; i < KEYS; i++)
		if (memcmp(pairs[i].key, key, JT_HASH) == 0) {
			memcpy(given, pairs[i].below, pairs[i].below_len);
			*value = (struct jt_slice){ given, pairs[i].below_len };
		}
	if (key[0] == 0xee)
		return jt_fail(e, JT_IO, "no answer");
	return JT_OK;
}

static enum jt_err
fetch_none(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	(void)ctx;
	(void)key;
	(void)e;
	*value = (struct jt_slice){ NULL, 0 };
	return JT_OK;
}

static void
make_pairs(void)
{
	for (size_t i = 0; i < KEYS; i++) {
		struct pair *p = &pairs[i];

		random_bytes(p->key, JT_HASH);
		p->key[0] &= 0x7f;
		/* Neighbours: the first eight bytes decide nothing. */
		if (i % 3 == 2)
			memcpy(p->key, pairs[i - 1].key, 8 + (size_t)random_below(20));
		p->below_len = random_below(3) == 0 ? 0 : (size_t)random_below(LONGEST);
		random_bytes(p->below, sizeof p->below);
		memcpy(p->now, p->below, sizeof p->now);
		p->now_len = p->below_len;
	}
}

static int
compare_pairs(const void *a, const void *b)
{
	return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, JT_HASH);
}

/* Do the changes say what the pairs say? */
static bool
changes_match(struct jt_overlay *o)
{
	const struct jt_change *const *changes;
	const struct pair *sorted[KEYS];
	size_t count, want = 0;

	for (size_t i = 0; i < KEYS; i++)
		if (pairs[i].now_len != pairs[i].below_len ||
		    memcmp(pairs[i].now, pairs[i].below, pairs[i].now_len) != 0)
			sorted[want++] = &pairs[i];
	qsort(sorted, want, sizeof *sorted, compare_pairs);
	if (jt_overlay_changes(o, &changes, &count, NULL) != JT_OK || count != want)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct jt_change *c = changes[i];
		const struct pair *p = sorted[i];

		if (!c->written || memcmp(c->key, p->key, JT_HASH) != 0 ||
		    !jt_slice_equal(c->was, (struct jt_slice){ p->below, p->below_len }) ||
		    !jt_slice_equal(c->is, (struct jt_slice){ p->now, p->now_len }))
			return false;
	}
	return true;
}

static bool
step(struct jt_overlay *o)
{
	struct pair *p = &pairs[random_below(KEYS)];
	struct jt_slice value;

	switch (random_below(4)) {
	case 0:
		p->now_len = random_below(4) == 0 ? 0 : (size_t)random_below(LONGEST);
		random_bytes(p->now, p->now_len);
		break;
	case 1:
		p->now_len = p->below_len;
		memcpy(p->now, p->below, p->below_len);
		break;
	default:
		return jt_overlay_get(o, p->key, &value, NULL) == JT_OK &&
		    jt_slice_equal(value, (struct jt_slice){ p->now, p->now_len });
	}
	return jt_overlay_put(o, p->key, (struct jt_slice){ p->now, p->now_len }, NULL) == JT_OK;
}

static void
test_random(struct jt_overlay *o)
{
	for (int round = 0; round < 3; round++) {
		bool same = true, changes = true;

		make_pairs();
		for (int i = 0; i < STEPS && same; i++) {
			same = step(o);
			if (i % 4000 == 0)
				changes = changes && changes_match(o);
		}
		ok(same, "round %d: reads show what was written", round);
		ok(changes && changes_match(o), "round %d: the changes, in order", round);
		jt_overlay_clear(o);
	}
}

static void
test_edges(struct jt_overlay *o)
{
	const struct jt_change *const *changes;
	struct jt_slice value, text = jt_slice_text("text");
	uint8_t key[JT_HASH] = { 0xee };
	struct jt_error e;
	size_t count;

	is_int(jt_overlay_changes(o, &changes, &count, &e), JT_OK, "changes of nothing");
	is_int(count, 0, "are none");
	is_int(jt_overlay_get(o, key, &value, &e), JT_IO, "an error from below comes through");
	is_text(e.text, "no answer", "with its text");
	is_int(jt_overlay_put(o, key, text, &e), JT_IO, "also at a put");
	is_int(jt_overlay_changes(o, &changes, &count, &e), JT_OK, "and leaves");
	is_int(count, 0, "no trace");

	make_pairs();
	fetched = 0;
	for (int i = 0; i < 5; i++)
		jt_overlay_get(o, pairs[0].key, &value, &e);
	is_int(fetched, 1, "a key is looked up below once");

	is_int(jt_overlay_put(o, pairs[1].key, text, &e), JT_OK, "put");
	jt_overlay_get(o, pairs[1].key, &value, &e);
	value.data++;
	value.len = 2;
	is_int(jt_overlay_put(o, pairs[1].key, value, &e), JT_OK, "a part of the old value");
	jt_overlay_get(o, pairs[1].key, &value, &e);
	ok(jt_slice_is(value, "ex"), "can be put in its place");

	value = (struct jt_slice){ pairs[1].below, JT_OVERLAY_VALUE_MAX + 1 };
	is_int(jt_overlay_put(o, pairs[1].key, value, &e), JT_SYSTEM, "a value too long");
	is_text(e.text, "state: entry of 1048577 bytes, expected at most 1048576", "is refused");
	jt_overlay_clear(o);
	jt_overlay_get(o, pairs[1].key, &value, &e);
	ok(jt_slice_equal(value, (struct jt_slice){ pairs[1].below, pairs[1].below_len }),
	    "cleared: what is below is seen again");
	jt_overlay_clear(o);
}

/* Many keys, in the orders and shapes that are worst for a table. */
static void
test_many(const char *what, unsigned shape)
{
	enum { MANY = 60000 };
	struct jt_overlay *o = jt_overlay_new(fetch_none, NULL);
	const struct jt_change *const *changes = NULL;
	size_t count = 0;
	bool good = true;

	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t key[JT_HASH] = { 0 };

		memcpy(key + shape, &i, sizeof i);
		good = good && jt_overlay_put(o, key, (struct jt_slice){ key, JT_HASH }, NULL) ==
		    JT_OK;
	}
	ok(good && jt_overlay_changes(o, &changes, &count, NULL) == JT_OK && count == MANY,
	    "%s: %d keys", what, MANY);
	for (size_t i = 1; i < count && good; i++)
		good = memcmp(changes[i - 1]->key, changes[i]->key, JT_HASH) < 0 &&
		    memcmp(changes[i]->is.data, changes[i]->key, JT_HASH) == 0;
	ok(good, "%s: in order, each with its value", what);
	jt_overlay_free(o);
}

/* Undo x ^ x >> 32, as the table mixes a word. */
static void
put_word(uint8_t *at, uint64_t mixed)
{
	mixed ^= mixed >> 32;
	memcpy(at, &mixed, sizeof mixed);
}

/*
 * Keys that all meet in one slot of the first layout: what a maker of keys
 * would wish for. Needs the table's first factors, and freely chosen keys.
 */
static void
test_steered(void)
{
	enum { STEERED = 3000 };
	struct jt_overlay *o = jt_overlay_new(fetch_none, NULL);
	const struct jt_change *const *changes;
	uint8_t hash[JT_HASH];
	uint64_t a, b, inverse = 1;
	struct jt_slice value;
	size_t count = 0;
	bool good = true;

	jt_hash(hash, jt_slice_text("jt/overlay/1"));
	a = jt_get_be64(hash) | 1;
	b = jt_get_be64(hash + 8) | 1;
	for (int i = 0; i < 6; i++)
		inverse *= 2 - b * inverse;
	for (int twice = 0; twice < 2; twice++)
		for (uint64_t i = 1; i <= STEERED && good; i++) {
			uint8_t key[JT_HASH] = { 0 };

			put_word(key, i);
			put_word(key + 8, -i * a * inverse);
			good = twice ? jt_overlay_get(o, key, &value, NULL) == JT_OK &&
			    value.len == JT_HASH && memcmp(value.data, key, JT_HASH) == 0
			    : jt_overlay_put(o, key, (struct jt_slice){ key, JT_HASH }, NULL) ==
			    JT_OK;
		}
	jt_overlay_changes(o, &changes, &count, NULL);
	ok(good && count == STEERED, "keys steered into one slot are all kept");
	jt_overlay_free(o);
}

int
main(int argc, char **argv)
{
	struct jt_overlay *o = jt_overlay_new(fetch, NULL);

	random_start(argc, argv);
	test_random(o);
	test_edges(o);
	test_random(o);
	jt_overlay_free(o);
	jt_overlay_free(NULL);
	test_many("keys that differ at their start", 0);
	test_many("keys that differ in the middle", 14);
	test_many("keys that differ at their end", JT_HASH - 4);
	test_steered();
	return done_testing();
}
