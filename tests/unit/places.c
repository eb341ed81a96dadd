/*
 * The index of places against a sorted list of all entries: in any mix of
 * small and large additions, at every size on the way, nothing is lost, found twice
 * or out of order; and what it costs in pages stays small.
 */
#include "state/places.h"

#include <stdlib.h>

#include "base/num.h"
#include "random.h"
#include "state/runs.h"
#include "state/table.h"
#include "tap.h"
#include "tempdir.h"

enum { MOST = 400000, ENTRY = JT_PLACES_ENTRY };

static struct jt_store *store;
static struct jt_error error;
static uint8_t (*model)[ENTRY]; /* all that was added; sorted by sort_model */
static size_t count, sorted;
static uint32_t ledger;

static void
must(enum jt_err err)
{
	if (err == JT_OK)
		return;
	printf("Bail out! %s\n", error.text);
	exit((int)err);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, ENTRY);
}

static void
sort_model(void)
{
	if (sorted != count)
		qsort(model, count, ENTRY, compare);
	sorted = count;
}

/* Some entries of the next ledger; keys are of so many values, and some come again. */
static void
add(size_t n, uint64_t keys)
{
	uint8_t (*first)[ENTRY] = model + count;

	ledger++;
	for (size_t i = 0; i < n; i++) {
		uint64_t v = keys != 0 ? random_below(keys) * UINT64_C(0x9e3779b97f4a7c15) : 0;

		if (keys == 0)
			random_bytes(&v, sizeof v);
		jt_put_be64(first[i], v);
		jt_put_be64(first[i] + 8, ledger);
		jt_put_be32(first[i] + 16, (uint32_t)i);
	}
	must(jt_places_add(store, JT_HASHES, first, n, &error));
	count += n;
}

/* What the list says that find must say of an entry. */
static bool
found_as_listed(const uint8_t *from)
{
	uint8_t entry[ENTRY];
	size_t low = 0, high = count;
	bool found, want;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(model[middle], from, ENTRY) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	want = low < count && memcmp(model[low], from, JT_PLACES_KEY) == 0;
	memcpy(entry, from, ENTRY);
	must(jt_places_find(store, JT_HASHES, entry, &found, &error));
	return found == want && (!found || memcmp(entry, model[low], ENTRY) == 0);
}

/* Some that are there, from their first place on or from one between, and some that are not. */
static size_t
wrong_of(size_t tries)
{
	uint8_t entry[ENTRY];
	size_t wrong = 0;

	sort_model();
	for (size_t i = 0; i < tries; i++) {
		memset(entry, 0, ENTRY);
		if (count > 0 && i % 4 != 0)
			memcpy(entry, model[random_below(count)], i % 4 == 1 ? 8 : ENTRY);
		else
			random_bytes(entry, 8);
		if (i % 4 == 2)
			entry[ENTRY - 1]++;
		wrong += !found_as_listed(entry);
	}
	memset(entry, 0xff, ENTRY);
	return wrong + !found_as_listed(entry);
}

static void
commit(void)
{
	must(jt_store_commit(store, &error));
	must(jt_store_begin(store, true, &error));
}

/* Additions of up to `most` at a time, looked at on the way. */
static void
test_mix(const char *what, size_t until, size_t most, uint64_t keys)
{
	size_t wrong = 0, next = 0;

	while (count < until) {
		size_t n = 1 + random_below(random_below(3) == 0 ? most : most / 20 + 1);

		add(n < MOST - count ? n : MOST - count, keys);
		if (count < next)
			continue;
		commit();
		wrong += wrong_of(300);
		next = count + 1 + random_below(1 + until / 20);
	}
	is_int(wrong, 0, "%s: up to %zu entries", what, count);
}

static size_t
pages(void)
{
	MDB_stat st;

	must(mdb_stat(store->txn, store->dbi[JT_HASHES], &st) == 0 ? JT_OK : JT_IO);
	return st.ms_overflow_pages + st.ms_leaf_pages + st.ms_branch_pages;
}

/* All of it, one after the other. */
static void
test_all(void)
{
	size_t wrong = 0;

	sort_model();
	for (size_t i = 0; i < count; i += 1 + random_below(20))
		wrong += !found_as_listed(model[i]);
	is_int(wrong, 0, "all entries are found");
	ok(pages() < 3 * count / 204, "%zu entries take %zu pages", count, pages());
}

/* A store whose index is not what it should be says so, and nothing worse. */
static void
test_damage(void)
{
	static const uint8_t row[] = { 0, 0, 0, 1, 0, 0, 0, 9, 1 };
	uint8_t entry[ENTRY] = { 0 };
	bool found;

	must(jt_store_put(store, JT_META, jt_slice_text("hashes"),
	    (struct jt_slice){ row, sizeof row }, &error));
	is_int(jt_places_find(store, JT_HASHES, entry, &found, &error), JT_IO, "a row cut off");
	is_text(error.text, "ledger: index of hashes is damaged", "says so");
	is_int(jt_places_add(store, JT_HASHES, &entry, 1, &error), JT_IO,
	    "nothing is added to it");
}

/* A block that has not what its key says: found nowhere, and no merge goes past its end. */
static void
test_damaged_block(void)
{
	uint8_t bytes[JT_RUN_KEY], row[JT_RUN_BLOCK * ENTRY], entry[ENTRY];
	struct jt_slice key, value;
	enum jt_err err = JT_OK;
	bool found;

	random_bytes(model, 5000 * ENTRY);
	must(jt_places_add(store, JT_IDS, model, 5000, &error));
	must(jt_store_first(store, JT_IDS, jt_run_key(1, jt_run_first, bytes), &key, &value, &error));
	memcpy(bytes, key.data, key.len);
	memcpy(row, value.data, value.len);
	memcpy(entry, value.data, ENTRY);
	must(jt_store_put(store, JT_IDS, (struct jt_slice){ bytes, sizeof bytes },
	    (struct jt_slice){ row, value.len - ENTRY }, &error));
	is_int(jt_places_find(store, JT_IDS, entry, &found, &error), JT_IO,
	    "a block without its last entry");
	is_text(error.text, "ledger: index of ids is damaged", "says so");
	for (int i = 0; i < 10 && err == JT_OK; i++) {
		random_bytes(model, 5000 * ENTRY);
		err = jt_places_add(store, JT_IDS, model, 5000, &error);
	}
	is_int(err, JT_IO, "a merge ends there");
}

int
main(int argc, char **argv)
{
	uint8_t entry[ENTRY] = { 0 };
	bool found;

	random_start(argc, argv);
	tempdir_make();
	model = malloc(MOST * sizeof *model);
	if (model == NULL)
		return 71;
	must(jt_store_open(&store, tempdir_path("store"), JT_STORE_CREATE, &error));
	must(jt_store_begin(store, true, &error));
	must(jt_places_find(store, JT_HASHES, entry, &found, &error));
	ok(!found, "an empty index has nothing");
	must(jt_places_add(store, JT_HASHES, NULL, 0, &error));
	test_mix("one by one", 5000, 1, 0);
	test_mix("a few", 20000, 60, 500);
	test_mix("by the thousand", 150000, 3000, 0);
	add(MOST / 4, 20000);
	is_int(wrong_of(300), 0, "a large one at once");
	test_mix("of all sizes", MOST, 20000, 0);
	test_all();
	test_damage();
	test_damaged_block();
	jt_store_close(store);
	free(model);
	return done_testing();
}
