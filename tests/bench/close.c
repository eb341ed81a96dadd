/*
 * Closing: 10,000 verified payments between random accounts, applied and
 * closed durably by jt_close_ledger and a commit, against what a database
 * alone would need: bare LMDB puts of the same changed account records, of the
 * transactions with their bytes (appended) and of the index of ids, in one
 * synced commit, into tables of the same content in the same directory. Then
 * proofs of what was closed.
 *
 *	close-N          10,000 payments among N accounts; asked at 1M: 0.33 or more
 *	close-N+H        the same, after H such ledgers
 *	close-N-cpu      the processor's part of it
 *	close-N-sorted   the same, against bare puts in the order of their keys
 *	prove-tx         each proof of a ledger of 4,096 transactions
 *	prove-account    a proof of an account
 *	check-tx         checking a proof, against the certificate's one signature
 *	check-account    the same of an account
 *
 * Takes a minute, 1 GB of disk and 600 MB of memory. Arguments are other
 * numbers of accounts, with the ledgers before: 100000+200.
 */
#include <lmdb.h>
#include <sys/stat.h>

#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "bench.h"
#include "ledger/prove.h"
#include "state/table.h"

enum { PAYMENTS = 10000, REPEATS = 7, PROVED = 4096 };

static struct network net;
static struct jt_ledger ledger;
static struct jt_error error;
static uint32_t *next_seq;
static struct jt_buf stream;

/* A database of the same content: one is written in random order, one sorted. */
struct bare {
	MDB_env *env;
	MDB_dbi state, txs, ids;
};
static struct bare bares[2];

/* A row of a table, as it was stored. */
struct row {
	uint8_t key[JT_HASH];
	size_t key_len;
	uint8_t *value;
	size_t len;
};
struct rows {
	struct row *rows;
	size_t count, max;
};
static struct rows accounts, txs, ids;

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

/* ---- the two stores ---- */

static void
put_bare(MDB_txn *txn, MDB_dbi table, const struct row *r, unsigned flags)
{
	MDB_val k = { r->key_len, (void *)(uintptr_t)r->key }, v = { r->len, r->value };

	check_bare(mdb_put(txn, table, &k, &v, flags));
}

/* The accounts as the ledger has them, put in the same order. */
static void
copy_state(struct bare *b)
{
	struct jt_slice none = { NULL, 0 }, k, v;
	MDB_txn *txn;

	check(jt_store_begin(ledger.store, false, &error));
	check_bare(mdb_txn_begin(b->env, NULL, 0, &txn));
	check(jt_store_first(ledger.store, JT_STATE, none, &k, &v, &error));
	while (k.data != NULL) {
		MDB_val key = { k.len, (void *)(uintptr_t)k.data };
		MDB_val value = { v.len, (void *)(uintptr_t)v.data };

		check_bare(mdb_put(txn, b->state, &key, &value, 0));
		check(jt_store_next(ledger.store, JT_STATE, &k, &v, &error));
	}
	check_bare(mdb_txn_commit(txn));
	jt_store_abort(ledger.store);
}

static void
open_bare(struct bare *b, const char *path)
{
	MDB_txn *txn;

	if (mkdir(path, 0700) != 0)
		bench_fail(path);
	check_bare(mdb_env_create(&b->env));
	check_bare(mdb_env_set_maxdbs(b->env, 3));
	check_bare(mdb_env_set_mapsize(b->env, (size_t)1 << 34));
	check_bare(mdb_env_open(b->env, path, MDB_NOTLS, 0600));
	check_bare(mdb_txn_begin(b->env, NULL, 0, &txn));
	check_bare(mdb_dbi_open(txn, "state", MDB_CREATE, &b->state));
	check_bare(mdb_dbi_open(txn, "txs", MDB_CREATE, &b->txs));
	check_bare(mdb_dbi_open(txn, "ids", MDB_CREATE, &b->ids));
	check_bare(mdb_txn_commit(txn));
	copy_state(b);
}

/* ---- one ledger, both ways ---- */

static void
make_payments(size_t count)
{
	jt_buf_clear(&stream);
	for (size_t i = 0; i < count; i++) {
		uint32_t from = randombytes_uniform(net.count), to;

		do
			to = randombytes_uniform(net.count);
		while (to == from);
		network_pay(&net, from, ++next_seq[from], net.initial[to].account,
		    1 + randombytes_uniform(1000), &stream);
	}
}

static void
keep(struct rows *all, struct jt_slice key, struct jt_slice value)
{
	struct row *r;

	if (all->count == all->max) {
		all->max = 2 * all->max + 1024;
		all->rows = realloc(all->rows, all->max * sizeof *all->rows);
	}
	if (all->rows == NULL)
		bench_fail("out of memory");
	r = &all->rows[all->count++];
	if ((r->value = malloc(value.len)) == NULL)
		bench_fail("out of memory");
	memcpy(r->key, key.data, key.len);
	memcpy(r->value, value.data, value.len);
	r->key_len = key.len;
	r->len = value.len;
}

static void
forget(struct rows *all)
{
	while (all->count > 0)
		free(all->rows[--all->count].value);
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct row *)a)->key, ((const struct row *)b)->key, JT_HASH);
}

/* Sorted, each key once. */
static void
sort(struct rows *all)
{
	size_t n = 0;

	qsort(all->rows, all->count, sizeof *all->rows, by_key);
	for (size_t i = 0; i < all->count; i++)
		if (n > 0 && by_key(&all->rows[n - 1], &all->rows[i]) == 0)
			free(all->rows[i].value);
		else
			all->rows[n++] = all->rows[i];
	all->count = n;
}

static void
shuffle(struct rows *all)
{
	for (size_t i = all->count; i > 1; i--) {
		size_t k = randombytes_uniform((uint32_t)i);
		struct row r = all->rows[k];

		all->rows[k] = all->rows[i - 1];
		all->rows[i - 1] = r;
	}
}

static void
keep_account(const uint8_t account[JT_ACCOUNT])
{
	uint8_t key[JT_HASH];
	struct jt_slice k = { key, JT_HASH }, v;

	jt_state_key(key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	check(jt_store_get(ledger.store, JT_STATE, k, &v, &error));
	keep(&accounts, k, v);
}

/* What the newest ledger has written. */
static void
keep_written(void)
{
	uint8_t from[12], id[JT_HASH];
	const uint8_t *to;
	struct jt_slice k, v, object;
	struct jt_signed s;
	struct jt_object o;
	struct jt_tx *tx = malloc(jt_kind_pay.schema->size);
	msgpack_zone zone;

	if (tx == NULL || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		bench_fail("out of memory");
	to = network_field(&jt_kind_pay, tx, "to");
	jt_put_be64(from, ledger.head.number);
	jt_put_be32(from + 8, 0);
	check(jt_store_begin(ledger.store, false, &error));
	check(jt_store_first(ledger.store, JT_TXS, (struct jt_slice){ from, sizeof from }, &k, &v,
	    &error));
	while (k.data != NULL) {
		keep(&txs, k, v);
		object = (struct jt_slice){ v.data + JT_HASH + 1, v.len - JT_HASH - 1 };
		msgpack_zone_clear(&zone);
		check(jt_object_parse(object, &o, &error));
		check(jt_signed_decode(&o, &s, &zone, &error));
		check(jt_decode(jt_kind_pay.schema, s.body, tx, &zone, &error));
		jt_object_hash(id, o.kind, o.version, s.body);
		keep(&ids, (struct jt_slice){ id, JT_HASH }, k);
		keep_account(tx->from);
		keep_account(to);
		check(jt_store_next(ledger.store, JT_TXS, &k, &v, &error));
	}
	jt_store_abort(ledger.store);
	msgpack_zone_destroy(&zone);
	free(tx);
}

static double
close_ours(double *cpu)
{
	uint64_t start = bench_now();
	double before = bench_cpu(RUSAGE_SELF);

	network_close(&net, &ledger, jt_buf_slice(&stream));
	check(jt_ledger_commit(&ledger, &error));
	*cpu = bench_cpu(RUSAGE_SELF) - before;
	return (double)(bench_now() - start);
}

static double
close_bare(const struct bare *b)
{
	uint64_t start = bench_now();
	MDB_txn *txn;

	check_bare(mdb_txn_begin(b->env, NULL, 0, &txn));
	for (size_t i = 0; i < accounts.count; i++)
		put_bare(txn, b->state, &accounts.rows[i], 0);
	for (size_t i = 0; i < txs.count; i++)
		put_bare(txn, b->txs, &txs.rows[i], MDB_APPEND);
	for (size_t i = 0; i < ids.count; i++)
		put_bare(txn, b->ids, &ids.rows[i], 0);
	check_bare(mdb_txn_commit(txn));
	return (double)(bench_now() - start);
}

static void
bench_close(const char *size, int before)
{
	double time[REPEATS], cpu[REPEATS], random[REPEATS], in_order[REPEATS];
	int n = bench_quick() ? 1 : REPEATS;
	char name[64];

	for (int i = -before; i < n; i++) {
		int at = i < 0 ? 0 : i; /* what was before is measured over */

		make_payments(PAYMENTS);
		time[at] = close_ours(&cpu[at]);
		keep_written();
		sort(&accounts);
		in_order[at] = close_bare(&bares[1]) / time[at];
		shuffle(&accounts);
		random[at] = close_bare(&bares[0]) / time[at];
		forget(&accounts);
		forget(&txs);
		forget(&ids);
	}
	snprintf(name, sizeof name, "close-%s", size);
	bench_time_line(name, bench_median(time, (size_t)n), bench_median(random, (size_t)n));
	snprintf(name, sizeof name, "close-%s-sorted", size);
	bench_time_line(name, bench_median(time, (size_t)n), bench_median(in_order, (size_t)n));
	snprintf(name, sizeof name, "close-%s-cpu", size);
	bench_time_line(name, bench_median(cpu, (size_t)n), 0);
}

/* ---- proofs ---- */

static struct jt_prover prover;
static struct jt_buf proof;
static struct jt_object proof_object;
static msgpack_zone *zone;
static uint8_t (*proved)[JT_HASH]; /* ids of the transactions of the newest ledger */

static void
prove_tx(void *ctx, uint64_t n)
{
	(void)ctx;
	for (uint64_t i = 0; i < n; i++) {
		if (i % PROVED == 0) {
			jt_prover_free(&prover);
			jt_prover_init(&prover, &ledger);
		}
		jt_buf_clear(&proof);
		check(jt_prove_tx(&prover, proved[i % PROVED], &proof, &error));
	}
}

static void
prove_account(void *ctx, uint64_t n)
{
	(void)ctx;
	while (n-- > 0) {
		jt_buf_clear(&proof);
		check(jt_prove_account(&prover, net.initial[n * 7919 % net.count].account, &proof,
		    &error));
	}
}

static void
check_tx(void *ctx, uint64_t n)
{
	struct jt_proof_tx p;
	struct jt_header h;

	(void)ctx;
	while (n-- > 0) {
		msgpack_zone_clear(zone);
		check(jt_proof_tx_check(&proof_object, &net.genesis, net.id, &p, &h, zone, &error));
	}
}

static void
check_account(void *ctx, uint64_t n)
{
	struct jt_proof_account p;
	struct jt_header h;

	(void)ctx;
	while (n-- > 0) {
		msgpack_zone_clear(zone);
		check(jt_proof_account_check(&proof_object, &net.genesis, net.id, &p, &h, zone,
		    &error));
	}
}

static void
one_signature(void *ctx, uint64_t n)
{
	uint8_t id[JT_HASH] = { 0 }, sig[JT_SIGNATURE];

	(void)ctx;
	jt_sign_id(sig, net.validator_secret[0], id);
	while (n-- > 0)
		if (!jt_sign_verify(sig, net.validators[0].key, id))
			bench_fail("signature");
}

static void
bench_proofs(void)
{
	make_payments(PROVED);
	network_close(&net, &ledger, jt_buf_slice(&stream));
	check(jt_ledger_commit(&ledger, &error));
	keep_written();
	proved = calloc(PROVED, sizeof *proved);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	if (proved == NULL || zone == NULL || ids.count != PROVED)
		bench_fail("no transactions to prove");
	for (size_t i = 0; i < PROVED; i++)
		memcpy(proved[i], ids.rows[i].key, JT_HASH);
	jt_buf_init(&proof, JT_OBJECT_MAX);
	jt_prover_init(&prover, &ledger);
	check(jt_store_begin(ledger.store, false, &error));
	bench("prove-tx", prove_tx, NULL, NULL);
	check(jt_object_parse(jt_buf_slice(&proof), &proof_object, &error));
	bench("check-tx", check_tx, one_signature, NULL);
	bench("prove-account", prove_account, NULL, NULL);
	check(jt_object_parse(jt_buf_slice(&proof), &proof_object, &error));
	bench("check-account", check_account, one_signature, NULL);
	jt_store_abort(ledger.store);
	jt_prover_free(&prover);
	jt_buf_free(&proof);
	msgpack_zone_free(zone);
	free(proved);
	forget(&accounts);
	forget(&txs);
	forget(&ids);
}

/* ---- */

static void
run(uint32_t count, int before, bool proofs)
{
	char path[96], size[32];
	size_t len;

	if (count % 1000000 == 0)
		snprintf(size, sizeof size, "%uM", (unsigned)(count / 1000000));
	else
		snprintf(size, sizeof size, "%uk", (unsigned)(count / 1000));
	len = strlen(size);
	if (before > 0)
		snprintf(size + len, sizeof size - len, "+%d", before);
	network_make(&net, 1, count, true);
	next_seq = calloc(count, sizeof *next_seq);
	if (next_seq == NULL)
		bench_fail("out of memory");
	snprintf(path, sizeof path, "%s/ours-%s", tempdir, size);
	network_open(&net, path, &ledger);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/bare%d-%s", tempdir, i, size);
		open_bare(&bares[i], path);
	}
	bench_close(size, before);
	if (proofs)
		bench_proofs();
	jt_ledger_close(&ledger);
	for (int i = 0; i < 2; i++)
		mdb_env_close(bares[i].env);
	free(next_seq);
	network_free(&net);
}

int
main(int argc, char **argv)
{
	tempdir_make();
	jt_buf_init(&stream, JT_CLOSE_BYTES_MAX);
	for (int i = 1; i < argc; i++) {
		char *rest;
		long count = strtol(argv[i], &rest, 10), before = 0;

		if (*rest == '+')
			before = strtol(rest + 1, NULL, 10);
		if (count < PAYMENTS || count > 100000000 || before < 0 || before > 10000)
			bench_fail("a number of accounts from 10000 on");
		run((uint32_t)count, (int)before, false);
	}
	if (argc == 1) {
		run(100000, 0, bench_quick());
		if (!bench_quick())
			run(1000000, 0, true);
	}
	jt_buf_free(&stream);
	return 0;
}
