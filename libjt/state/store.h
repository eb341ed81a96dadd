/*
 * The store: one LMDB environment in a directory, one writer, any readers.
 *
 * Tables (all keys big-endian, so that order is numeric):
 *   meta     text                      -> format version, genesis id, last cut ...
 *   state    state key (32)            -> H(0x00 entry) (32), entry
 *   nodes    depth (1), path (<= 32)   -> an inner node of the state's tree (map.h)
 *   headers  ledger number (8)         -> the header object, as signed so far
 *   numbers  header id (32)            -> ledger number (8)
 *   cuts     ledger number (8)         -> the cut object
 *   txs      number (8), index (4)     -> leaf (32), code (1), transaction object
 *   ids      run (4), entry (20)       -> an index of transactions by id (places.h)
 *   history  level (1), index (8)      -> a full subtree's hash over header ids
 *   records  number (8), index (4)     -> the jt/record or jt/stamp, as it came
 *   hashes   run (4), entry (20)       -> an index of records by what they record
 *
 * What a get points to is valid until the next write or the end of the
 * transaction.
 *
 * The map takes 1 TiB of address space, or where that is limited (ulimit -v)
 * half of what there is; one that is more than half full is doubled before a
 * write transaction begins. The file is only as long as what was written, and
 * a little more.
 *
 * A process opens a store once at a time, and does not use it after a fork:
 * LMDB's locks would not bear it. A reader writes too, into lock.mdb, so that
 * no page is reused under it: whoever shall read must be allowed to write that
 * file, and to read data.mdb; on a read-only file system nothing is written.
 */
#ifndef JT_STORE_H
#define JT_STORE_H

#include "base/buf.h"
#include "base/error.h"

#define JT_STORE_FORMAT 3 /* of the tables; another one is refused by name */

enum jt_table {
	JT_META,
	JT_STATE,
	JT_NODES,
	JT_HEADERS,
	JT_NUMBERS,
	JT_CUTS,
	JT_TXS,
	JT_IDS,
	JT_HISTORY,
	JT_RECORDS,
	JT_HASHES,
	JT_TABLES
};
enum jt_access {
	JT_STORE_READ,   /* JT_NOINPUT where there is no store */
	JT_STORE_WRITE,  /* takes the closer's lock: JT_AGAIN when another has it */
	JT_STORE_CREATE, /* as WRITE; makes the directory (0700) and the store if absent */
	JT_STORE_SHORT   /* writes without the closer's lock: jt-certify's one short write */
};

struct jt_store;
/*
 * JT_CONFIG: made by another format version, or by something else. JT_NOINPUT,
 * JT_AGAIN, JT_PERMISSION. JT_IO: also when a part of the file is missing; other
 * damage shows when it is met (LMDB has no checksums).
 */
enum jt_err jt_store_open(struct jt_store **out, const char *dir, enum jt_access access,
    struct jt_error *e);
void jt_store_close(struct jt_store *s);

/* One transaction at a time per store. A read transaction is a snapshot. */
enum jt_err jt_store_begin(struct jt_store *s, bool write, struct jt_error *e);
/* Durable on return (fsync): JT_IO, and nothing is written, otherwise. */
enum jt_err jt_store_commit(struct jt_store *s, struct jt_error *e);
/* Also ends a read transaction; nothing to do when none is open. */
void jt_store_abort(struct jt_store *s);
/* Of the open transaction: snapshots of the same number hold the same. */
uint64_t jt_store_number(const struct jt_store *s);

/* value->data == NULL when absent. */
enum jt_err jt_store_get(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice *value, struct jt_error *e);
enum jt_err jt_store_put(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e);
/* As put, for a key above all others (faster: pages fill up). */
enum jt_err jt_store_append(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e);
/* Content when it is not there. */
enum jt_err jt_store_delete(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_error *e);

/*
 * Walk a table in ascending order of keys, from the first key >= from (an
 * empty slice: from the start). One walk at a time per table and transaction.
 * key->data == NULL at the end.
 */
enum jt_err jt_store_first(struct jt_store *s, enum jt_table t, struct jt_slice from,
    struct jt_slice *key, struct jt_slice *value, struct jt_error *e);
enum jt_err jt_store_next(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e);
/* The last key of a table. */
enum jt_err jt_store_last(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e);

#endif
