/*
 * The state: what one durable commit of many changed accounts costs, against
 * the bare LMDB puts and commit of the same records in the same order. Both
 * stores hold the same accounts, and each repetition changes others.
 *
 *	state-build-N    making N entries, for each
 *	state-N          one commit of 20,000 changes among N
 *	overlay          a read and a write of an account in the overlay, for each
 *
 * Takes 20 s, 700 MB of disk and 300 MB of memory; with BENCH_MS under 50 only
 * the small one runs.
 */
#include <ftw.h>
#include <lmdb.h>
#include <sys/stat.h>

#include "bench.h"
#include "base/num.h"
#include "state/account.h"
#include "state/map.h"

enum { CHANGES = 20000, REPEATS = 9, MOST = 1000000, VALUE_MAX = 160 };

/* An account, as it is in the state and as it is stored. */
struct record {
	struct jt_change change;
	uint8_t stored[JT_HASH + VALUE_MAX];
	size_t entry_len;
};

static struct record *records;
static const struct jt_change **changes;
static struct jt_store *store;
static MDB_env *bare;
static MDB_dbi bare_table;
static char dir[64];
static struct jt_error error;

static void
check(enum jt_err err)
{
	if (err != JT_OK)
		bench_fail(error.text);
}

static void
check_bare(int rc)
{
	if (rc != 0)
		bench_fail(mdb_strerror(rc));
}

static int
compare_records(const void *a, const void *b)
{
	return memcmp(((const struct record *)a)->change.key,
	    ((const struct record *)b)->change.key, JT_HASH);
}

static int
compare_changes(const void *a, const void *b)
{
	return memcmp((*(const struct jt_change *const *)a)->key,
	    (*(const struct jt_change *const *)b)->key, JT_HASH);
}

/* Give a record another value. */
static void
set_value(struct record *r, uint32_t account)
{
	struct jt_buf out = { .data = r->stored + JT_HASH, .cap = VALUE_MAX, .max = VALUE_MAX };
	struct jt_account a = { .balance = randombytes_random(), .flags = 4 };
	uint8_t leaf[1 + VALUE_MAX] = { 0 };

	jt_put_be32(a.account, account);
	jt_seq_start(&a, 1000 + randombytes_uniform(1000000));
	check(jt_account_encode(&a, &out, &error));
	r->entry_len = out.len;
	memcpy(leaf + 1, r->stored + JT_HASH, out.len);
	jt_hash(r->stored, (struct jt_slice){ leaf, 1 + out.len });
	r->change.is = (struct jt_slice){ r->stored + JT_HASH, out.len };
	r->change.written = true;
}

/* The first `count` records, sorted, with values and without a past. */
static void
make_records(uint32_t count)
{
	uint8_t account[JT_ACCOUNT] = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		struct record *r = &records[i];

		jt_put_be32(account, i);
		jt_state_key(r->change.key, account, JT_ENTRY_ACCOUNT,
		    (struct jt_slice){ NULL, 0 });
		r->change.was = (struct jt_slice){ NULL, 0 };
		set_value(r, i);
	}
	qsort(records, count, sizeof *records, compare_records);
	for (uint32_t i = 0; i < count; i++) {
		/* Sorting has moved what this points to. */
		records[i].change.is.data = records[i].stored + JT_HASH;
		changes[i] = &records[i].change;
	}
}

/* CHANGES different records among count get other values, in ascending order. */
static void
make_changes(uint32_t count)
{
	uint32_t step = count / CHANGES;

	for (uint32_t i = 0; i < CHANGES; i++) {
		struct record *r = &records[i * step + randombytes_uniform(step)];

		r->change.was = (struct jt_slice){ r->stored + JT_HASH, r->entry_len };
		set_value(r, randombytes_random());
		changes[i] = &r->change;
	}
	qsort(changes, CHANGES, sizeof *changes, compare_changes);
}

static void
write_state(size_t count)
{
	uint8_t root[JT_HASH];

	check(jt_store_begin(store, true, &error));
	check(jt_map_update(store, changes, count, root, &error));
	check(jt_store_commit(store, &error));
}

static void
write_bare(size_t count)
{
	MDB_txn *txn;
	MDB_cursor *cursor;

	check_bare(mdb_txn_begin(bare, NULL, 0, &txn));
	check_bare(mdb_cursor_open(txn, bare_table, &cursor));
	for (size_t i = 0; i < count; i++) {
		const struct record *r = (const struct record *)(const void *)changes[i];
		MDB_val k = { JT_HASH, (void *)(uintptr_t)r->change.key };
		MDB_val v = { JT_HASH + r->entry_len, (void *)(uintptr_t)r->stored };

		check_bare(mdb_cursor_put(cursor, &k, &v, 0));
	}
	mdb_cursor_close(cursor);
	check_bare(mdb_txn_commit(txn));
}

static double
timed(void (*write)(size_t count), size_t count)
{
	uint64_t start = bench_now();

	write(count);
	return (double)(bench_now() - start);
}

static void
open_both(const char *name)
{
	char path[96];
	MDB_txn *txn;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	check(jt_store_open(&store, path, JT_STORE_CREATE, &error));
	snprintf(path, sizeof path, "%s/bare-%s", dir, name);
	if (mkdir(path, 0700) != 0)
		bench_fail(path);
	check_bare(mdb_env_create(&bare));
	check_bare(mdb_env_set_mapsize(bare, (size_t)1 << 34));
	check_bare(mdb_env_open(bare, path, MDB_NOTLS, 0600));
	check_bare(mdb_txn_begin(bare, NULL, 0, &txn));
	check_bare(mdb_dbi_open(txn, NULL, 0, &bare_table));
	check_bare(mdb_txn_commit(txn));
}

static void
bench_state(const char *name, uint32_t count)
{
	double time[REPEATS], ratio[REPEATS], raw, took;
	char line[32];

	open_both(name);
	make_records(count);
	raw = timed(write_bare, count);
	took = timed(write_state, count);
	snprintf(line, sizeof line, "state-build-%s", name);
	bench_time_line(line, took / count, raw / took);
	for (int i = 0; i < REPEATS; i++) {
		make_changes(count);
		raw = timed(write_bare, CHANGES);
		time[i] = timed(write_state, CHANGES);
		ratio[i] = raw / time[i];
	}
	snprintf(line, sizeof line, "state-%s", name);
	bench_time_line(line, bench_median(time, REPEATS), bench_median(ratio, REPEATS));
	jt_store_close(store);
	mdb_env_close(bare);
}

/* Nothing is below. */
static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	(void)ctx;
	(void)key;
	(void)e;
	*value = (struct jt_slice){ NULL, 0 };
	return JT_OK;
}

static void
bench_overlay(void *ctx, uint64_t n)
{
	struct jt_overlay *o = ctx;
	struct jt_slice value;
	uint64_t i = 0;

	for (; n > 0; n--, i++) {
		const struct record *r = &records[i * 7919 % CHANGES];

		if (i % CHANGES == 0)
			jt_overlay_clear(o);
		check(jt_overlay_get(o, r->change.key, &value, &error));
		check(jt_overlay_put(o, r->change.key, r->change.is, &error));
	}
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
remove_all(void)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR"), *ms = getenv("BENCH_MS");
	struct jt_overlay *o = jt_overlay_new(fetch, NULL);

	snprintf(dir, sizeof dir, "%.40s/jt-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
	records = calloc(MOST, sizeof *records);
	changes = calloc(MOST, sizeof *changes);
	if (sodium_init() < 0 || records == NULL || changes == NULL || o == NULL ||
	    mkdtemp(dir) == NULL)
		bench_fail("cannot start");
	atexit(remove_all);
	bench_state("100k", 100000);
	/* Asked for short repetitions: this one cannot have them. */
	if (ms == NULL || atoi(ms) >= 50)
		bench_state("1M", 1000000);
	bench("overlay", bench_overlay, NULL, o);
	jt_overlay_free(o);
	return 0;
}
