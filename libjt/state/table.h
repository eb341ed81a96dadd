/*
 * The inside of a store, for open.c, length.c, store.c, table.c, map.c,
 * runs.c and their tests alone.
 */
#ifndef JT_TABLE_H
#define JT_TABLE_H

#include <lmdb.h>

#include "state/store.h"

struct jt_store {
	MDB_env *env;
	MDB_txn *txn;  /* NULL: none is open */
	bool write;    /* the open one may write */
	bool writable; /* the store was not opened for reading only */
	bool broken;   /* the map is gone: nothing more can be done */
	int lock;      /* the closer's lock, or -1 */
	char *dir;
	MDB_dbi dbi[JT_TABLES];
	MDB_cursor *walk[JT_TABLES]; /* of first, next, last */
	MDB_cursor *edit[JT_TABLES]; /* of put, append, delete, seek */
};

/* jt_store_open with the size of the map in bytes, instead of the usual one. */
enum jt_err jt_store_open_sized(struct jt_store **out, const char *dir, enum jt_access access,
    size_t map_size, struct jt_error *e);

/* Is there address space for a map of this size? */
bool jt_store_map_fits(size_t size);

/* The bytes of the file that are in use, as of the last commit. Is it as long? */
size_t jt_store_used(const struct jt_store *s);
bool jt_store_is_whole(const struct jt_store *s);
/*
 * Make it as long, with some to spare. The caller has the write transaction,
 * without which this could cut off what another writer adds.
 */
void jt_store_lengthen(struct jt_store *s);
/* LMDB calls a write that stopped half-way EIO: the errno of a full disk, or EIO. */
int jt_store_why(const struct jt_store *s);
/* At opening: JT_IO when a part of the file that is in use is missing. */
enum jt_err jt_store_check_length(struct jt_store *s, struct jt_error *e);

/* The error for LMDB's (or the system's) code. */
enum jt_err jt_store_fail(const struct jt_store *s, int rc, struct jt_error *e);

const char *jt_table_name(enum jt_table t);

/*
 * As jt_store_first, jt_store_next and jt_store_get, but with the cursor that
 * writes: a put or delete near what was looked at finds its page without a
 * search. A step after a put goes to the key after that one, a step after a
 * delete to the key after the one that is gone.
 */
enum jt_err jt_store_seek(struct jt_store *s, enum jt_table t, struct jt_slice from,
    struct jt_slice *key, struct jt_slice *value, struct jt_error *e);
enum jt_err jt_store_step(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e);
enum jt_err jt_store_look(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice *value, struct jt_error *e);
/* Put (which must be of the same key) and delete where seek, step or look are. */
enum jt_err jt_store_put_here(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e);
enum jt_err jt_store_delete_here(struct jt_store *s, enum jt_table t, struct jt_error *e);

/* Close the cursors of the open transaction. */
void jt_store_end_walks(struct jt_store *s);

#endif
