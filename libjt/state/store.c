/* The transactions of a store, and the size of its map. See store.h. */
#include "state/store.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "state/table.h"

enum { TRIES = 32 /* at a map that others make grow */ };

bool
jt_store_map_fits(size_t size)
{
	void *at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
	    0);

	if (at == MAP_FAILED)
		return false;
	munmap(at, size);
	return true;
}

/* Make the map at least twice as large as what is in use; no transaction is open. */
static enum jt_err
map_grow(struct jt_store *s, struct jt_error *e)
{
	MDB_envinfo info;
	size_t need = jt_store_used(s), size;
	int rc;

	mdb_env_info(s->env, &info);
	size = info.me_mapsize;
	while (size / 2 < need && size <= SIZE_MAX / 4)
		size *= 2;
	if (size == info.me_mapsize)
		return JT_OK;
	if (!jt_store_map_fits(size)) {
		/* What there is will do, as long as it holds the data. */
		if (need <= info.me_mapsize)
			return JT_OK;
		size = need;
		if (!jt_store_map_fits(size))
			return jt_fail(e, JT_SYSTEM, "%s: no address space for %zu bytes",
			    s->dir, size);
	}
	rc = mdb_env_set_mapsize(s->env, size);
	s->broken = rc != 0;
	return rc == 0 ? JT_OK : jt_store_fail(s, rc, e);
}

/* LMDB's begin, with a map that others have made grow, and dead readers. */
static enum jt_err
begin(struct jt_store *s, bool write, struct jt_error *e)
{
	int rc = MDB_MAP_RESIZED;

	for (int i = 0; i < TRIES; i++) {
		enum jt_err err = JT_OK;

		if (s->broken)
			return jt_store_fail(s, MDB_PANIC, e);
		rc = mdb_txn_begin(s->env, NULL, write ? 0 : MDB_RDONLY, &s->txn);
		if (rc == MDB_MAP_RESIZED)
			err = map_grow(s, e);
		else if (rc == MDB_READERS_FULL && i == 0)
			mdb_reader_check(s->env, NULL);
		else
			break;
		if (err != JT_OK)
			return err;
	}
	if (rc != 0) {
		s->txn = NULL;
		return jt_store_fail(s, rc, e);
	}
	s->write = write;
	return JT_OK;
}

enum jt_err
jt_store_begin(struct jt_store *s, bool write, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	assert(s->txn == NULL && (s->writable || !write));
	if (s->broken)
		return jt_store_fail(s, MDB_PANIC, e);
	if (write)
		err = map_grow(s, e);
	if (err == JT_OK)
		err = begin(s, write, e);
	if (err == JT_OK && write)
		jt_store_lengthen(s);
	return err;
}

enum jt_err
jt_store_commit(struct jt_store *s, struct jt_error *e)
{
	int rc, fd;

	assert(s->txn != NULL && s->write);
	jt_store_end_walks(s);
	rc = mdb_txn_commit(s->txn);
	s->txn = NULL;
	if (rc != 0)
		return jt_store_fail(s, rc, e);
	if (!jt_store_is_whole(s) && begin(s, true, NULL) == JT_OK) {
		jt_store_lengthen(s);
		if (mdb_env_get_fd(s->env, &fd) == 0)
			(void)fdatasync(fd);
		jt_store_abort(s);
	}
	return JT_OK;
}

void
jt_store_abort(struct jt_store *s)
{
	if (s->txn == NULL)
		return;
	jt_store_end_walks(s);
	mdb_txn_abort(s->txn);
	s->txn = NULL;
}

uint64_t
jt_store_number(const struct jt_store *s)
{
	assert(s->txn != NULL);
	return mdb_txn_id(s->txn);
}

void
jt_store_close(struct jt_store *s)
{
	if (s == NULL)
		return;
	jt_store_abort(s);
	if (s->env != NULL)
		mdb_env_close(s->env);
	if (s->lock >= 0)
		close(s->lock);
	free(s->dir);
	free(s);
}
