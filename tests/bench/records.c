/*
 * Hash records: closing them, finding them again, and folding digests.
 *
 *	records-close         a ledger of 10,000 records, closed durably by
 *	                      jt_close_ledger and a commit, against the least that it
 *	                      can be: the same hashes (ids, leaves, nodes), and LMDB
 *	                      puts of the same rows, appended, in one synced commit
 *	records-close-cpu     the processor's part of it
 *	records-close-found   the same against puts that can be found by their hash,
 *	                      too: a table keyed by it, beside the rows
 *	records-stamped       records of four sources, with stamps
 *	records-find-N        looking one up among N, against a bare LMDB get of its
 *	                      hash among as many
 *	fold-10k              sorting, folding 10,000 digests, and writing their proofs
 *	                      to one file, for each; against python3-opentimestamps
 *	                      doing the same (-: it is not installed)
 *	fold-10k-single       the same, each proof with a path of its own
 *	fold-10k-bytes        of such a proof, beyond the record that all share
 *	fold-1M               a million digests
 *
 * Takes a minute, and 1 GB of disk. The argument is another number of records.
 */
#include <lmdb.h>
#include <sys/stat.h>

#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "bench.h"
#include "ledger/proof_record.h"
#include "state/table.h"

enum { BATCH = 10000, REPEATS = 9, SOURCES = 4 };

static struct network net;
static struct jt_ledger ledger;
static struct jt_error error;
static struct jt_buf stream;
static struct jt_record_item *items;
static uint64_t made; /* records so far: what each records is H of its number */
static size_t batch;

/* The same rows in a database of the same content. */
static struct {
	MDB_env *env;
	MDB_dbi rows, hashes;
} bare;

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

static void
open_bare(void)
{
	const char *path = tempdir_path("bare");
	MDB_txn *txn;

	if (mkdir(path, 0700) != 0)
		bench_fail(path);
	check_bare(mdb_env_create(&bare.env));
	check_bare(mdb_env_set_maxdbs(bare.env, 2));
	check_bare(mdb_env_set_mapsize(bare.env, (size_t)1 << 36));
	check_bare(mdb_env_open(bare.env, path, MDB_NOTLS, 0600));
	check_bare(mdb_txn_begin(bare.env, NULL, 0, &txn));
	check_bare(mdb_dbi_open(txn, "rows", MDB_CREATE, &bare.rows));
	check_bare(mdb_dbi_open(txn, "hashes", MDB_CREATE, &bare.hashes));
	check_bare(mdb_txn_commit(txn));
}

static void
hash_of(uint64_t number, uint8_t hash[JT_HASH])
{
	uint8_t bytes[8];

	jt_put_be64(bytes, number);
	jt_hash(hash, (struct jt_slice){ bytes, sizeof bytes });
}

/* ---- a batch ---- */

static void
make_batch(bool stamped)
{
	struct jt_record r = { .tag = { NULL, 0 } };
	struct jt_stamp stamp = { .nonce = 0 };
	struct jt_buf object;
	size_t size;

	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_buf_clear(&stream);
	memcpy(r.network, net.id, JT_HASH);
	for (size_t i = 0; i < batch; i++) {
		const uint8_t *door = net.validators[i * SOURCES / batch].key;
		struct jt_object o;
		uint8_t id[JT_HASH];

		hash_of(made + i, r.hash);
		if (!stamped) {
			check(jt_kind_write(&jt_kind_record, &r, &stream, &error));
			continue;
		}
		jt_buf_clear(&object);
		check(jt_kind_write(&jt_kind_record, &r, &object, &error));
		check(jt_object_parse(jt_buf_slice(&object), &o, &error));
		check(jt_kind_id(&jt_kind_record, &o, id, &error));
		memcpy(stamp.door, door, JT_KEY);
		jt_stamp_find(door, id, NETWORK_STAMP, UINT64_MAX, &stamp.nonce);
		stamp.record = jt_buf_slice(&object);
		check(jt_kind_write(&jt_kind_stamp, &stamp, &stream, &error));
	}
	for (size_t i = 0, at = 0; i < batch; i++, at += size) {
		struct jt_slice rest = { stream.data + at, stream.len - at };

		check(jt_object_size(rest, &size, &error));
		items[i] = (struct jt_record_item){ .object = { rest.data, size },
			.source = stamped ? net.validators[i * SOURCES / batch].key : NULL };
	}
	made += batch;
	jt_buf_free(&object);
}

static double
close_ours(double *cpu)
{
	struct jt_cut cut = { .n = ledger.cut + 1, .time = ledger.head.time + 1000 };
	struct jt_close c = { .records = items, .record_count = batch };
	uint64_t start = bench_now();
	double before = bench_cpu(RUSAGE_SELF);

	check(jt_close_ledger(&ledger, &cut, &c, &error));
	check(jt_ledger_commit(&ledger, &error));
	*cpu = bench_cpu(RUSAGE_SELF) - before;
	if (c.header.records.count != batch)
		bench_fail("records were refused");
	return (double)(bench_now() - start);
}

/* The hashes of the same records, and their rows, in the order of the ledger's. */
static double
close_bare(uint64_t number, bool found)
{
	struct jt_slice object;
	uint8_t key[12], id[JT_HASH], leaf[JT_HASH];
	uint64_t start;
	struct jt_merkle tree;
	MDB_txn *txn;

	check(jt_store_begin(ledger.store, false, &error));
	start = bench_now();
	jt_merkle_init(&tree);
	check_bare(mdb_txn_begin(bare.env, NULL, 0, &txn));
	for (uint32_t i = 0; i < batch; i++) {
		MDB_val k = { sizeof key, key }, v, h = { JT_HASH, items[i].hash };

		check(jt_records_at(&ledger, number, i, &object, &error));
		jt_hash(id, object);
		jt_record_leaf(leaf, items[i].hash, id);
		jt_merkle_append(&tree, leaf);
		jt_put_be64(key, number);
		jt_put_be32(key + 8, i);
		v = (MDB_val){ object.len, (void *)(uintptr_t)object.data };
		check_bare(mdb_put(txn, bare.rows, &k, &v, MDB_APPEND));
		if (found)
			check_bare(mdb_put(txn, bare.hashes, &h, &k, 0));
	}
	check_bare(mdb_txn_commit(txn));
	jt_store_abort(ledger.store);
	return (double)(bench_now() - start);
}

static void
bench_close(void)
{
	double time[REPEATS], cpu[REPEATS], ratio[REPEATS], found[REPEATS];
	int n = bench_quick() ? 1 : REPEATS;

	for (int i = 0; i < n; i++) {
		make_batch(false);
		time[i] = close_ours(&cpu[i]);
		ratio[i] = close_bare(ledger.head.number, false) / time[i];
	}
	bench_time_line("records-close", bench_median(time, (size_t)n) / (double)batch,
	    bench_median(ratio, (size_t)n));
	bench_time_line("records-close-cpu", bench_median(cpu, (size_t)n) / (double)batch, 0);
	for (int i = 0; i < n; i++) {
		make_batch(false);
		time[i] = close_ours(&cpu[i]);
		found[i] = close_bare(ledger.head.number, true) / time[i];
	}
	bench_time_line("records-close-found", bench_median(time, (size_t)n) / (double)batch,
	    bench_median(found, (size_t)n));
	for (int i = 0; i < n; i++) {
		make_batch(true);
		time[i] = close_ours(&cpu[i]);
		ratio[i] = close_bare(ledger.head.number, false) / time[i];
	}
	bench_time_line("records-stamped", bench_median(time, (size_t)n) / (double)batch,
	    bench_median(ratio, (size_t)n));
}

/* ---- finding ---- */

static void
grow(uint64_t count)
{
	double cpu;

	batch = 100000;
	for (uint64_t from = made; made < count;) {
		MDB_txn *txn;

		batch = count - made < batch ? (size_t)(count - made) : batch;
		make_batch(false);
		close_ours(&cpu);
		check_bare(mdb_txn_begin(bare.env, NULL, 0, &txn));
		for (; from < made; from++) {
			uint8_t hash[JT_HASH], place[12] = { 0 };
			MDB_val k = { JT_HASH, hash }, v = { sizeof place, place };

			hash_of(from, hash);
			check_bare(mdb_put(txn, bare.hashes, &k, &v, 0));
		}
		check_bare(mdb_txn_commit(txn));
	}
	batch = BATCH;
}

static void
find_ours(void *ctx, uint64_t n)
{
	struct jt_record_place place;
	uint8_t hash[JT_HASH];
	struct jt_slice object;

	(void)ctx;
	while (n-- > 0) {
		place = (struct jt_record_place){ 0 };
		hash_of(randombytes_uniform((uint32_t)made), hash);
		check(jt_records_find(&ledger, hash, &place, &object, &error));
		if (object.len == 0)
			bench_fail("a record is not found");
	}
}

static MDB_txn *reading;

static void
find_bare(void *ctx, uint64_t n)
{
	uint8_t hash[JT_HASH];

	(void)ctx;
	while (n-- > 0) {
		MDB_val k = { JT_HASH, hash }, v;

		hash_of(randombytes_uniform((uint32_t)made), hash);
		check_bare(mdb_get(reading, bare.hashes, &k, &v));
		bench_keep(v.mv_data);
	}
}

/* The bare one has those of the found batches, and what grow gave it; fill the rest. */
static void
fill_bare(void)
{
	MDB_txn *txn;

	check_bare(mdb_txn_begin(bare.env, NULL, 0, &txn));
	for (uint64_t i = 0; i < made; i++) {
		uint8_t hash[JT_HASH], place[12] = { 0 };
		MDB_val k = { JT_HASH, hash }, v = { sizeof place, place };

		hash_of(i, hash);
		check_bare(mdb_put(txn, bare.hashes, &k, &v, 0));
	}
	check_bare(mdb_txn_commit(txn));
}

static void
bench_find(uint64_t count)
{
	char name[64];

	fill_bare();
	grow(count);
	if (made % 1000000 == 0)
		snprintf(name, sizeof name, "records-find-%uM", (unsigned)(made / 1000000));
	else
		snprintf(name, sizeof name, "records-find-%uk", (unsigned)(made / 1000));
	check(jt_store_begin(ledger.store, false, &error));
	check_bare(mdb_txn_begin(bare.env, NULL, MDB_RDONLY, &reading));
	/* Pages that were written are mapped when they are first read: not here. */
	find_bare(NULL, count / 5);
	find_ours(NULL, count / 5);
	bench(name, find_ours, find_bare, NULL);
	mdb_txn_abort(reading);
	jt_store_abort(ledger.store);
}

/* ---- folding ---- */

static double
fold_once(size_t count, bool whole, size_t *bytes)
{
	uint8_t (*digests)[JT_HASH] = malloc(count * sizeof *digests);
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	struct jt_record r = { .tag = { NULL, 0 } };
	struct jt_buf record, out;
	struct jt_fold fold;
	uint64_t start;
	int fd = open(tempdir_path("proofs"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (digests == NULL || fd < 0)
		bench_fail("no room for proofs");
	randombytes_buf(digests, count * sizeof *digests);
	jt_buf_init(&record, JT_OBJECT_MAX);
	jt_buf_init(&out, SIZE_MAX / 2);
	start = bench_now();
	count = jt_fold_sort(digests, count);
	check(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])digests, count, &error));
	memcpy(r.hash, fold.hash, JT_HASH);
	check(jt_kind_write(&jt_kind_record, &r, &record, &error));
	*bytes = 0;
	for (uint64_t at = 0; at < count; at += whole ? JT_FOLD_PART : 1) {
		struct jt_pending p = { .record = jt_buf_slice(&record) };

		jt_fold_part(&fold, at, whole, path, &p.fold);
		check(jt_kind_write(&jt_kind_pending, &p, &out, &error));
		if (out.len < 1 << 20 && at + (whole ? JT_FOLD_PART : 1) < count)
			continue;
		check(jt_file_write_fd(fd, "proofs", jt_buf_slice(&out), &error));
		*bytes += out.len;
		jt_buf_clear(&out);
	}
	jt_fold_free(&fold);
	jt_buf_free(&record);
	jt_buf_free(&out);
	free(digests);
	close(fd);
	return (double)(bench_now() - start);
}

/* ns that the peer takes for a proof; 0: it is not there. */
static double
peer_fold(size_t count)
{
	const char *src = getenv("JT_SRC");
	char command[1024], line[64] = "";
	FILE *f;

	snprintf(command, sizeof command, "/usr/bin/python3 '%s/tests/bench/ots.py' %zu 2>/dev/null",
	    src != NULL ? src : ".", count);
	if ((f = popen(command, "r")) == NULL)
		return 0;
	if (fgets(line, sizeof line, f) == NULL)
		line[0] = '\0';
	return pclose(f) == 0 ? strtod(line, NULL) : 0;
}

static void
bench_fold(size_t count, const char *name, bool peer)
{
	double time[REPEATS], single[REPEATS], peers[3];
	size_t bytes = 0, other = 0;
	int n = bench_quick() ? 1 : REPEATS;
	double theirs = 0;
	char line[64];

	for (int i = 0; i < n; i++) {
		time[i] = fold_once(count, true, &other) / (double)count;
		if (!peer)
			continue;
		single[i] = fold_once(count, false, &bytes) / (double)count;
		if (i < 3)
			peers[i] = peer_fold(count);
	}
	if (peer)
		theirs = bench_median(peers, n < 3 ? (size_t)n : 3);
	bench_time_line(name, bench_median(time, (size_t)n),
	    theirs / bench_median(time, (size_t)n));
	if (!peer)
		return;
	snprintf(line, sizeof line, "%s-single", name);
	bench_time_line(line, bench_median(single, (size_t)n),
	    theirs / bench_median(single, (size_t)n));
	snprintf(line, sizeof line, "%s-bytes", name);
	bench_line(line, (double)other / (double)count, "B", 0);
}

/* ---- */

int
main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : bench_quick() ? 100000 : 1000000;

	if (count < 100000 || count > 100000000)
		bench_fail("a number of records from 100000 on");
	tempdir_make();
	batch = BATCH;
	items = calloc(100000, sizeof *items);
	if (items == NULL)
		bench_fail("out of memory");
	jt_buf_init(&stream, SIZE_MAX / 2);
	network_make_rate(&net, SOURCES, 3, true, UINT64_C(1) << 40);
	network_open(&net, tempdir_path("ours"), &ledger);
	open_bare();
	bench_close();
	bench_find((uint64_t)count);
	if (argc == 1) {
		bench_fold(10000, "fold-10k", true);
		bench_fold(bench_quick() ? 100000 : 1000000, bench_quick() ? "fold-100k" : "fold-1M",
		    false);
	}
	jt_ledger_close(&ledger);
	mdb_env_close(bare.env);
	network_free(&net);
	jt_buf_free(&stream);
	free(items);
	return 0;
}
