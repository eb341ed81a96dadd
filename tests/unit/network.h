/*
 * For tests of ledgers: a network made of numbers, the same each time. Its
 * validators and accounts have keys that come from their index; with
 * `bare` the accounts' keys are no points on the curve and cannot sign, but
 * are made a hundred times faster, for ledgers whose input was verified before.
 * What goes wrong here ends the program.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/file.h"
#include "base/num.h"
#include "ledger/close.h"
#include "state/node.h"
#include "state/root.h"

enum { NETWORK_VALIDATORS_MAX = 16 };
#define NETWORK_TIME UINT64_C(1500000000000)
#define NETWORK_BALANCE UINT64_C(1000000000)
#define NETWORK_RATE 20000 /* bytes of hash records per second and source */
#define NETWORK_STAMP 4    /* bits of work on each */

struct network {
	struct jt_genesis genesis;
	uint8_t id[JT_HASH];
	struct jt_validator validators[NETWORK_VALIDATORS_MAX]; /* ascending by key */
	uint8_t validator_secret[NETWORK_VALIDATORS_MAX][JT_SECRET];
	bool bare;
	uint32_t count;
	struct jt_initial *initial; /* ascending by account */
	uint8_t (*keys)[JT_KEY];    /* in that order */
	uint32_t *numbers;          /* what the keys were made of */
	struct jt_buf file;         /* the network file */
};

static inline void
network_must(enum jt_err err, const struct jt_error *e)
{
	if (err == JT_OK)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(70);
}

static inline void
network_need(bool good, const char *what)
{
	struct jt_error e = { .code = JT_OK };

	if (!good)
		network_must(jt_fail(&e, JT_SYSTEM, "%s", what), &e);
}

/* The key pair of account number i; of a bare network no secret. */
static inline void
network_key(bool bare, uint32_t i, uint8_t key[JT_KEY], uint8_t secret[JT_SECRET])
{
	uint8_t seed[32] = "account";

	jt_put_be32(seed + 28, i);
	if (bare)
		jt_hash(key, (struct jt_slice){ seed, sizeof seed });
	else
		jt_sign_keypair(key, secret, seed);
}

static inline int
network_by_account(const void *a, const void *b)
{
	return memcmp(((const struct jt_initial *)a)->account,
	    ((const struct jt_initial *)b)->account, JT_ACCOUNT);
}

/* Until the end, seq is the account's number, by which its key is found again. */
static inline void
network_accounts(struct network *n)
{
	uint8_t secret[JT_SECRET];

	n->initial = calloc(n->count, sizeof *n->initial);
	n->keys = calloc(n->count, sizeof *n->keys);
	n->numbers = calloc(n->count, sizeof *n->numbers);
	network_need(n->initial != NULL && n->keys != NULL && n->numbers != NULL, "out of memory");
	for (uint32_t i = 0; i < n->count; i++) {
		network_key(n->bare, i, n->keys[0], secret);
		jt_account_of_key(n->initial[i].account, n->keys[0]);
		n->initial[i].balance = NETWORK_BALANCE;
		n->initial[i].seq = i;
	}
	qsort(n->initial, n->count, sizeof *n->initial, network_by_account);
	for (uint32_t i = 0; i < n->count; i++) {
		n->numbers[i] = (uint32_t)n->initial[i].seq;
		n->initial[i].seq = 0;
		network_key(n->bare, n->numbers[i], n->keys[i], secret);
	}
}

static inline void
network_validators(struct network *n, uint32_t count)
{
	uint8_t keys[NETWORK_VALIDATORS_MAX][JT_KEY], secrets[NETWORK_VALIDATORS_MAX][JT_SECRET];
	static const char *const names[NETWORK_VALIDATORS_MAX] = { "a", "b", "c", "d", "e", "f",
		"g", "h", "i", "j", "k", "l", "m", "n", "o", "p" };

	for (uint32_t i = 0; i < count; i++) {
		uint8_t seed[32] = "validator";

		jt_put_be32(seed + 28, i);
		jt_sign_keypair(keys[i], secrets[i], seed);
	}
	for (uint32_t i = 0; i < count; i++) {
		size_t rank = 0;

		for (uint32_t k = 0; k < count; k++)
			rank += memcmp(keys[k], keys[i], JT_KEY) < 0;
		n->validators[rank].name = jt_slice_text(names[i]);
		memcpy(n->validators[rank].key, keys[i], JT_KEY);
		memcpy(n->validator_secret[rank], secrets[i], JT_SECRET);
	}
}

static inline void
network_root(struct network *n)
{
	struct jt_bucket_entry *entries = calloc(n->count, sizeof *entries);
	struct jt_error e;
	struct jt_buf b;

	network_need(entries != NULL, "out of memory");
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (uint32_t i = 0; i < n->count; i++) {
		jt_buf_clear(&b);
		network_must(jt_initial_entry(&n->initial[i], &b, &e), &e);
		jt_state_key(entries[i].key, n->initial[i].account, JT_ENTRY_ACCOUNT,
		    (struct jt_slice){ NULL, 0 });
		jt_entry_hash(entries[i].hash, jt_buf_slice(&b));
	}
	jt_map_root_of(entries, n->count, n->genesis.state);
	jt_buf_free(&b);
	free(entries);
}

/* With so many bytes of hash records per second and source. */
static inline void
network_make_rate(struct network *n, uint32_t validators, uint32_t accounts, bool bare,
    uint64_t rate)
{
	struct jt_error e;
	struct jt_object o;

	network_need(jt_crypto_init(), "libsodium does not start");
	*n = (struct network){ .bare = bare, .count = accounts };
	network_accounts(n);
	network_validators(n, validators);
	n->genesis = (struct jt_genesis){ .accounts = accounts, .coins = accounts * NETWORK_BALANCE,
		.fee = 10, .interval = 50, .name = jt_slice_text("test"), .object = 200000,
		.records = { rate, NETWORK_STAMP }, .reserve = 1000000, .time = NETWORK_TIME,
		.validators = { n->validators, validators } };
	network_root(n);
	jt_buf_init(&n->file, SIZE_MAX / 2);
	network_must(jt_genesis_write(&n->genesis, &n->file, &e), &e);
	network_must(jt_object_parse(jt_buf_slice(&n->file), &o, &e), &e);
	network_must(jt_kind_id(&jt_kind_genesis, &o, n->id, &e), &e);
	for (uint32_t i = 0; i < accounts; i += JT_INITIAL_MAX) {
		uint32_t part = accounts - i < JT_INITIAL_MAX ? accounts - i : JT_INITIAL_MAX;
		struct jt_accounts a = { { n->initial + i, part } };

		network_must(jt_kind_write(&jt_kind_accounts, &a, &n->file, &e), &e);
	}
}

static inline void
network_make(struct network *n, uint32_t validators, uint32_t accounts, bool bare)
{
	network_make_rate(n, validators, accounts, bare, NETWORK_RATE);
}

static inline void
network_free(struct network *n)
{
	free(n->initial);
	free(n->keys);
	free(n->numbers);
	jt_buf_free(&n->file);
}

/* Make the ledger in this directory, and open it for closing. */
static inline void
network_open(struct network *n, const char *dir, struct jt_ledger *l)
{
	int fd = memfd_create("network", MFD_CLOEXEC);
	struct jt_reader r;
	struct jt_error e;

	network_need(fd >= 0, "no file in memory");
	network_must(jt_file_write_fd(fd, "network", jt_buf_slice(&n->file), &e), &e);
	network_need(lseek(fd, 0, SEEK_SET) == 0, "no file in memory");
	jt_reader_init(&r, fd, "network");
	network_must(jt_ledger_create(dir, &r, &e), &e);
	jt_reader_free(&r);
	close(fd);
	network_must(jt_ledger_open(l, dir, JT_STORE_WRITE, &e), &e);
}

/* The member of a field in a decoded transaction. */
static inline void *
network_field(const struct jt_kind *kind, struct jt_tx *tx, const char *name)
{
	const struct jt_field *f = jt_schema_field(kind->schema, jt_slice_text(name));

	network_need(f != NULL, name);
	return (uint8_t *)tx + f->offset;
}

/*
 * Append a payment between two accounts of the network. Of a bare network its
 * signature is zero.
 */
static inline void
network_pay(const struct network *n, uint32_t from, uint64_t seq, const uint8_t to[JT_ACCOUNT],
    uint64_t units, struct jt_buf *out)
{
	struct jt_tx *tx = calloc(1, jt_kind_pay.schema->size);
	uint8_t id[JT_HASH], key[JT_KEY], secret[JT_SECRET];
	struct jt_amount *amount;
	struct jt_sig sig = { { 0 }, { 0 } };
	struct jt_buf body;
	struct jt_error e;

	network_need(tx != NULL, "out of memory");
	tx->fee = n->genesis.fee;
	tx->last = 1000000;
	tx->seq = seq;
	memcpy(tx->from, n->initial[from].account, JT_ACCOUNT);
	memcpy(tx->network, n->id, JT_HASH);
	memcpy(network_field(&jt_kind_pay, tx, "to"), to, JT_ACCOUNT);
	amount = network_field(&jt_kind_pay, tx, "amount");
	*amount = (struct jt_amount){ .units = units, .asset.decimals = JT_COINS_DECIMALS };
	jt_buf_init(&body, JT_TX_MAX);
	network_must(jt_encode(jt_kind_pay.schema, tx, &body, &e), &e);
	memcpy(sig.key, n->keys[from], JT_KEY);
	if (!n->bare) {
		network_key(false, n->numbers[from], key, secret);
		jt_object_hash(id, jt_slice_text("pay"), 1, jt_buf_slice(&body));
		jt_sign_id(sig.sig, secret, id);
	}
	network_must(jt_signed_write(out, jt_slice_text("pay"), 1, jt_buf_slice(&body), &sig, 1,
	    &e), &e);
	jt_buf_free(&body);
	free(tx);
}

/*
 * Close a ledger of the transactions and hash records in `stream`, one after
 * the other, and have the quorum's first validators sign it. The caller commits.
 */
static inline void
network_close(struct network *n, struct jt_ledger *l, struct jt_slice stream)
{
	uint64_t number = l->head.number + 1;
	struct jt_cut cut = { .n = l->cut + 1, .time = NETWORK_TIME + 1000 * number };
	struct jt_close c = { .verified = n->bare };
	struct jt_error e;
	size_t size, max = 0;

	for (size_t at = 0; at < stream.len; at += size) {
		struct jt_slice rest = { stream.data + at, stream.len - at };
		struct jt_object o;

		network_must(jt_object_size(rest, &size, &e), &e);
		rest.len = size;
		network_must(jt_object_parse(rest, &o, &e), &e);
		if (c.count + c.record_count == max || c.items == NULL) {
			max = 2 * max + 64;
			c.items = realloc(c.items, max * sizeof *c.items);
			c.records = realloc(c.records, max * sizeof *c.records);
			network_need(c.items != NULL && c.records != NULL, "out of memory");
		}
		if (jt_object_is(&o, "record"))
			c.records[c.record_count++] = (struct jt_record_item){ .object = rest };
		else
			c.items[c.count++] = (struct jt_item){ .object = rest };
	}
	network_must(jt_close_ledger(l, &cut, &c, &e), &e);
	for (size_t i = 0; i < c.count; i++)
		network_need(jt_code_rows[c.items[i].code].outcome != JT_REFUSED, c.items[i].why);
	for (size_t i = 0; i < c.record_count; i++)
		network_need(c.records[i].code == JT_CODE_OK, c.records[i].why);
	free(c.items);
	free(c.records);
	for (uint32_t i = 0; i < jt_quorum(n->genesis.validators.count); i++)
		network_must(jt_ledger_sign_own(l, number, n->validators[i].key,
		    n->validator_secret[i], &e), &e);
}

#endif
