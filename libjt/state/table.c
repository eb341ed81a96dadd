/* The tables of a store: reading, writing and walking them. See store.h. */
#include "state/table.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum jt_err
jt_store_fail(const struct jt_store *s, int rc, struct jt_error *e)
{
	MDB_envinfo info = { .me_mapsize = 0 };

	switch (rc) {
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return jt_fail(e, JT_CONFIG, "%s/data.mdb: not a ledger's store", s->dir);
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_CURSOR_FULL:
		return jt_fail(e, JT_IO, "%s/data.mdb: damaged", s->dir);
	case MDB_MAP_FULL:
		mdb_env_info(s->env, &info);
		return jt_fail(e, JT_IO, "%s: the map of %zu bytes is full", s->dir,
		    info.me_mapsize);
	case MDB_READERS_FULL:
		return jt_fail(e, JT_AGAIN, "%s: too many readers", s->dir);
	case MDB_PANIC:
	case MDB_BAD_TXN:
		return jt_fail(e, JT_IO, "%s: an earlier write failed", s->dir);
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return jt_fail(e, JT_IO, "%s: %s", s->dir, strerror(rc));
	case EIO:
		return jt_fail(e, JT_IO, "%s: %s", s->dir, strerror(jt_store_why(s)));
	case EACCES:
	case EPERM:
	case EROFS:
		return jt_fail(e, JT_PERMISSION, "%s: %s", s->dir, strerror(rc));
	case ENOENT:
	case ENOTDIR:
		return jt_fail(e, JT_NOINPUT, "%s: %s", s->dir, strerror(rc));
	case EAGAIN:
	case EBUSY:
		return jt_fail(e, JT_AGAIN, "%s: %s", s->dir, strerror(rc));
	case MDB_BAD_VALSIZE:
	case MDB_KEYEXIST:
	case EINVAL:
		return jt_fail(e, JT_BUG, "%s: %s", s->dir, mdb_strerror(rc));
	default:
		return jt_fail(e, JT_SYSTEM, "%s: %s", s->dir, mdb_strerror(rc));
	}
}

void
jt_store_end_walks(struct jt_store *s)
{
	for (size_t i = 0; i < JT_TABLES; i++) {
		if (s->walk[i] != NULL)
			mdb_cursor_close(s->walk[i]);
		if (s->edit[i] != NULL)
			mdb_cursor_close(s->edit[i]);
		s->walk[i] = s->edit[i] = NULL;
	}
}

static MDB_val
val_of(struct jt_slice s)
{
	return (MDB_val){ s.len, (void *)(uintptr_t)s.data };
}

/* An empty value has no address in LMDB's hands, and here means absent without one. */
static struct jt_slice
slice_of(MDB_val v)
{
	return (struct jt_slice){ v.mv_data == NULL ? (const uint8_t *)"" : v.mv_data,
		v.mv_size };
}

static int
open_cursor(struct jt_store *s, enum jt_table t, MDB_cursor **c)
{
	return *c != NULL ? 0 : mdb_cursor_open(s->txn, s->dbi[t], c);
}

enum jt_err
jt_store_get(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice *value, struct jt_error *e)
{
	MDB_val k = val_of(key), v;
	int rc;

	assert(s->txn != NULL);
	rc = mdb_get(s->txn, s->dbi[t], &k, &v);
	*value = (struct jt_slice){ NULL, 0 };
	if (rc == 0)
		*value = slice_of(v);
	return rc == 0 || rc == MDB_NOTFOUND ? JT_OK : jt_store_fail(s, rc, e);
}

static enum jt_err
put(struct jt_store *s, enum jt_table t, struct jt_slice key, struct jt_slice value,
    unsigned flags, struct jt_error *e)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	assert(s->txn != NULL && s->write);
	rc = open_cursor(s, t, &s->edit[t]);
	if (rc == 0)
		rc = mdb_cursor_put(s->edit[t], &k, &v, flags);
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}

enum jt_err
jt_store_put(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e)
{
	return put(s, t, key, value, 0, e);
}

enum jt_err
jt_store_append(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e)
{
	return put(s, t, key, value, MDB_APPEND, e);
}

enum jt_err
jt_store_delete(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_error *e)
{
	MDB_val k = val_of(key), v;
	int rc;

	assert(s->txn != NULL && s->write);
	rc = open_cursor(s, t, &s->edit[t]);
	if (rc == 0)
		rc = mdb_cursor_get(s->edit[t], &k, &v, MDB_SET);
	if (rc == MDB_NOTFOUND)
		return JT_OK;
	if (rc == 0)
		rc = mdb_cursor_del(s->edit[t], 0);
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}

static enum jt_err
move(struct jt_store *s, enum jt_table t, MDB_cursor **c, MDB_cursor_op op,
    struct jt_slice from, struct jt_slice *key, struct jt_slice *value, struct jt_error *e)
{
	MDB_val k = val_of(from), v;
	int rc;

	assert(s->txn != NULL);
	rc = open_cursor(s, t, c);
	if (rc == 0)
		rc = mdb_cursor_get(*c, &k, &v, op);
	*key = *value = (struct jt_slice){ NULL, 0 };
	if (rc == 0) {
		*key = slice_of(k);
		*value = slice_of(v);
	}
	return rc == 0 || rc == MDB_NOTFOUND ? JT_OK : jt_store_fail(s, rc, e);
}

enum jt_err
jt_store_first(struct jt_store *s, enum jt_table t, struct jt_slice from,
    struct jt_slice *key, struct jt_slice *value, struct jt_error *e)
{
	return move(s, t, &s->walk[t], from.len == 0 ? MDB_FIRST : MDB_SET_RANGE, from, key,
	    value, e);
}

enum jt_err
jt_store_next(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e)
{
	struct jt_slice from = { NULL, 0 };

	assert(s->walk[t] != NULL);
	return move(s, t, &s->walk[t], MDB_NEXT, from, key, value, e);
}

enum jt_err
jt_store_last(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e)
{
	struct jt_slice from = { NULL, 0 };

	return move(s, t, &s->walk[t], MDB_LAST, from, key, value, e);
}

enum jt_err
jt_store_seek(struct jt_store *s, enum jt_table t, struct jt_slice from,
    struct jt_slice *key, struct jt_slice *value, struct jt_error *e)
{
	return move(s, t, &s->edit[t], MDB_SET_RANGE, from, key, value, e);
}

enum jt_err
jt_store_step(struct jt_store *s, enum jt_table t, struct jt_slice *key,
    struct jt_slice *value, struct jt_error *e)
{
	struct jt_slice from = { NULL, 0 };

	assert(s->edit[t] != NULL);
	return move(s, t, &s->edit[t], MDB_NEXT, from, key, value, e);
}

enum jt_err
jt_store_look(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice *value, struct jt_error *e)
{
	return move(s, t, &s->edit[t], MDB_SET_KEY, key, &key, value, e);
}

enum jt_err
jt_store_put_here(struct jt_store *s, enum jt_table t, struct jt_slice key,
    struct jt_slice value, struct jt_error *e)
{
	assert(s->edit[t] != NULL);
	return put(s, t, key, value, MDB_CURRENT, e);
}

enum jt_err
jt_store_delete_here(struct jt_store *s, enum jt_table t, struct jt_error *e)
{
	int rc;

	assert(s->write && s->edit[t] != NULL);
	rc = mdb_cursor_del(s->edit[t], 0);
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}
