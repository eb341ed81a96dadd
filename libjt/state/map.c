/*
 * Updating the state's tree. See map.h.
 *
 * One descent over the sorted changes writes entries and nodes in the order
 * of their keys. A part of the tree with more than JT_BUCKET entries before
 * and after is a node, whose changed children are visited. One that was a
 * bucket is read before it is written; from its few entries and the changes
 * everything that now lies there is made in memory, however much that is, so
 * a first build reads nothing. One that becomes a bucket loses its nodes, and
 * is read after it is written.
 */
#include "state/map.h"

#include <assert.h>
#include <string.h>

#include "state/node.h"
#include "state/table.h"

typedef const struct jt_change *const *changes_t;

struct update {
	struct jt_store *s;
	struct jt_error *e;
	struct jt_buf value; /* an entry as it is stored */
};

static enum jt_err
changed_below(struct update *u)
{
	return jt_fail(u->e, JT_BUG, "state: changed since it was read");
}

/* How many entries there are after the changes. */
static enum jt_err
count_after(struct update *u, uint64_t old, changes_t c, size_t n, uint64_t *count)
{
	uint64_t more = old;
	uint64_t less = 0;

	for (size_t i = 0; i < n; i++) {
		more += c[i]->was.len == 0 && c[i]->is.len > 0;
		less += c[i]->was.len > 0 && c[i]->is.len == 0;
	}
	if (less > more)
		return changed_below(u);
	*count = more - less;
	if (*count > UINT32_MAX)
		return jt_fail(u->e, JT_SYSTEM, "state: more than %lu entries",
		    (unsigned long)UINT32_MAX);
	return JT_OK;
}

/* How many of the changes are below this child of the first one's node. */
static size_t
run_of(changes_t c, size_t n, unsigned depth, unsigned child)
{
	size_t i = 0;

	while (i < n && jt_nibble(c[i]->key, depth) == child)
		i++;
	return i;
}

/* An entry's hash, and in u->value how it is stored. */
static enum jt_err
make_value(struct update *u, struct jt_slice entry, uint8_t hash[JT_HASH])
{
	struct jt_buf *v = &u->value;

	/* The zero before the entry is hashed with it, and makes room for the hash. */
	jt_buf_clear(v);
	jt_buf_add(v, jt_hash_zero, JT_HASH);
	if (!jt_buf_add_slice(v, entry))
		return jt_fail(u->e, JT_SYSTEM, "state: no memory for an entry of %zu bytes",
		    entry.len);
	jt_hash(hash, (struct jt_slice){ v->data + JT_HASH - 1, v->len - JT_HASH + 1 });
	memcpy(v->data, hash, JT_HASH);
	return JT_OK;
}

/*
 * Store a change; hash is the entry's, when there is one now. With `here` the
 * cursor is on the entry that it changes.
 */
static enum jt_err
write_entry(struct update *u, const struct jt_change *c, bool here, uint8_t hash[JT_HASH])
{
	struct jt_slice key = { c->key, JT_HASH };
	enum jt_err err;

	if (c->is.len == 0 && c->was.len == 0)
		return JT_OK;
	if (c->is.len == 0)
		return here ? jt_store_delete_here(u->s, JT_STATE, u->e)
		    : jt_store_delete(u->s, JT_STATE, key, u->e);
	err = make_value(u, c->is, hash);
	if (err != JT_OK)
		return err;
	return here ? jt_store_put_here(u->s, JT_STATE, key, jt_buf_slice(&u->value), u->e)
	    : jt_store_put(u->s, JT_STATE, key, jt_buf_slice(&u->value), u->e);
}

static enum jt_err
bad_count(struct update *u)
{
	return jt_fail(u->e, JT_IO, "state: damaged count of entries");
}

static void
end_bucket(const struct jt_bucket *b, uint8_t hash[JT_HASH])
{
	if (b->count > 0)
		jt_bucket_hash(hash, b);
	else
		memset(hash, 0, JT_HASH);
}

/*
 * Write the changes of what was a bucket of `old` entries and still is one,
 * each where the cursor finds its place while it reads the bucket.
 */
static enum jt_err
rewrite(struct update *u, unsigned depth, uint64_t old, changes_t c, size_t n,
    uint8_t hash[JT_HASH])
{
	uint8_t from[JT_HASH], entry[JT_HASH];
	const uint8_t *path = c[0]->key;
	struct jt_bucket b;
	struct jt_slice k, v;
	enum jt_err err;

	jt_bucket_init(&b);
	jt_path_least(from, path, depth);
	err = jt_store_seek(u->s, JT_STATE, (struct jt_slice){ from, JT_HASH }, &k, &v, u->e);
	while (err == JT_OK && (n > 0 || old > 0)) {
		int order = 1;
		bool moved = true;

		if (old > 0 && (k.len != JT_HASH || v.len <= JT_HASH ||
		    !jt_path_same(k.data, path, depth)))
			return bad_count(u);
		if (old > 0)
			order = n == 0 ? -1 : memcmp(k.data, (*c)->key, JT_HASH);
		if (order < 0 && !jt_bucket_add(&b, k.data, v.data))
			return changed_below(u);
		if (order >= 0) {
			if ((order == 0) != ((*c)->was.len > 0))
				return changed_below(u);
			err = write_entry(u, *c, order == 0, entry);
			if (err == JT_OK && (*c)->is.len > 0 &&
			    !jt_bucket_add(&b, (*c)->key, entry))
				return changed_below(u);
			moved = order == 0 || (*c)->is.len > 0;
			c++;
			n--;
		}
		old -= order <= 0;
		if (err == JT_OK && old > 0 && moved)
			err = jt_store_step(u->s, JT_STATE, &k, &v, u->e);
	}
	end_bucket(&b, hash);
	return err;
}

/* Entries first..end of a bucket, as they were before the changes. */
struct part {
	const struct jt_bucket *bucket;
	uint32_t first, end;
};

/* Write the changes of what becomes a bucket, or nothing, out of a part of one. */
static enum jt_err
merge(struct update *u, struct part old, changes_t c, size_t n, uint8_t hash[JT_HASH])
{
	uint8_t entry[JT_HASH];
	struct jt_bucket b;
	uint32_t i = old.first;

	jt_bucket_init(&b);
	for (size_t j = 0; j < n || i < old.end;) {
		int order = j == n ? -1 : i == old.end ? 1 :
		    memcmp(JT_BUCKET_KEY(old.bucket, i), c[j]->key, JT_HASH);

		if (order < 0) {
			if (!jt_bucket_add(&b, JT_BUCKET_KEY(old.bucket, i),
			    JT_BUCKET_HASH(old.bucket, i)))
				return changed_below(u);
			i++;
			continue;
		}
		if ((order == 0) != (c[j]->was.len > 0))
			return changed_below(u);
		i += order == 0;
		enum jt_err err = write_entry(u, c[j], false, entry);
		if (err != JT_OK)
			return err;
		if (c[j]->is.len > 0 && !jt_bucket_add(&b, c[j]->key, entry))
			return changed_below(u);
		j++;
	}
	end_bucket(&b, hash);
	return JT_OK;
}

/* Make what lies where there was a bucket, or nothing. */
static enum jt_err
build(struct update *u, unsigned depth, struct part old, changes_t c, size_t n,
    uint8_t hash[JT_HASH], uint64_t *count)
{
	uint8_t node[JT_NODE_SIZE];
	const uint8_t *key = n > 0 ? c[0]->key : NULL;
	enum jt_err err = count_after(u, old.end - old.first, c, n, count);

	if (err != JT_OK)
		return err;
	if (*count <= JT_BUCKET)
		return merge(u, old, c, n, hash);
	if (depth > JT_NODE_DEPTH_MAX)
		return changed_below(u);
	for (unsigned child = 0; child < 16; child++) {
		struct part part = { old.bucket, old.first, old.first };
		size_t run = run_of(c, n, depth, child);
		uint64_t below;

		while (part.end < old.end &&
		    jt_nibble(JT_BUCKET_KEY(old.bucket, part.end), depth) == child)
			part.end++;
		err = build(u, depth + 1, part, c, run, hash, &below);
		if (err != JT_OK)
			return err;
		jt_node_set(node, child, hash, below);
		old.first = part.end;
		c += run;
		n -= run;
	}
	return jt_node_put(u->s, key, depth, node, hash, u->e);
}

/* Make a bucket, or nothing, where there was a node. */
static enum jt_err
collapse(struct update *u, unsigned depth, changes_t c, size_t n, uint64_t count,
    uint8_t hash[JT_HASH])
{
	struct jt_slice was;
	struct jt_bucket b;
	enum jt_err err = jt_node_prune(u->s, c[0]->key, depth, u->e);

	for (size_t i = 0; err == JT_OK && i < n; i++) {
		err = jt_store_get(u->s, JT_STATE, (struct jt_slice){ c[i]->key, JT_HASH },
		    &was, u->e);
		if (err == JT_OK && (was.data != NULL) != (c[i]->was.len > 0))
			return changed_below(u);
		if (err == JT_OK)
			err = write_entry(u, c[i], false, hash);
	}
	if (err == JT_OK)
		err = jt_bucket_read(u->s, c[0]->key, depth, &b, u->e);
	if (err != JT_OK)
		return err;
	if (b.count != count)
		return bad_count(u);
	end_bucket(&b, hash);
	return JT_OK;
}

static enum jt_err
update(struct update *u, unsigned depth, uint64_t old, changes_t c, size_t n,
    uint8_t hash[JT_HASH], uint64_t *count);

/* Visit the changed children of what was and still is a node. */
static enum jt_err
descend(struct update *u, unsigned depth, changes_t c, size_t n, uint8_t hash[JT_HASH])
{
	uint8_t node[JT_NODE_SIZE];
	const uint8_t *key = c[0]->key;
	struct jt_slice stored;
	enum jt_err err = jt_node_look(u->s, key, depth, &stored, u->e);

	if (err != JT_OK)
		return err;
	if (stored.data == NULL || depth > JT_NODE_DEPTH_MAX)
		return jt_fail(u->e, JT_IO, "state: a node is missing");
	memcpy(node, stored.data, sizeof node);
	while (n > 0) {
		unsigned child = jt_nibble(c[0]->key, depth);
		size_t run = run_of(c, n, depth, child);
		uint64_t below;

		err = update(u, depth + 1, jt_node_count(node, child), c, run, hash, &below);
		if (err != JT_OK)
			return err;
		jt_node_set(node, child, hash, below);
		c += run;
		n -= run;
	}
	return jt_node_put(u->s, key, depth, node, hash, u->e);
}

/* Make the changes below a path, where there are `old` entries. */
static enum jt_err
update(struct update *u, unsigned depth, uint64_t old, changes_t c, size_t n,
    uint8_t hash[JT_HASH], uint64_t *count)
{
	enum jt_err err = count_after(u, old, c, n, count);

	if (err != JT_OK)
		return err;
	if (old > JT_BUCKET)
		return *count > JT_BUCKET ? descend(u, depth, c, n, hash)
		    : collapse(u, depth, c, n, *count, hash);

	if (old > 0 && *count <= JT_BUCKET)
		return rewrite(u, depth, old, c, n, hash);

	struct jt_bucket b;
	jt_bucket_init(&b);
	if (old > 0)
		err = jt_bucket_read(u->s, c[0]->key, depth, &b, u->e);
	if (err != JT_OK)
		return err;
	if (b.count != old)
		return bad_count(u);
	return build(u, depth, (struct part){ &b, 0, b.count }, c, n, hash, count);
}

/* How many entries there are. */
static enum jt_err
count_all(struct jt_store *s, uint64_t *count, struct jt_error *e)
{
	struct jt_slice node;
	struct jt_bucket b;
	enum jt_err err = jt_node_get(s, jt_hash_zero, 0, &node, e);

	*count = 0;
	if (err != JT_OK)
		return err;
	if (node.data == NULL) {
		err = jt_bucket_read(s, jt_hash_zero, 0, &b, e);
		*count = b.count;
		return err;
	}
	for (unsigned child = 0; child < 16; child++)
		*count += jt_node_count(node.data, child);
	return JT_OK;
}

enum jt_err
jt_map_update(struct jt_store *s, const struct jt_change *const *changes, size_t count,
    uint8_t root[JT_HASH], struct jt_error *e)
{
	struct update u = { .s = s, .e = e };
	uint64_t old, now;
	enum jt_err err;

	for (size_t i = 1; i < count; i++)
		assert(memcmp(changes[i - 1]->key, changes[i]->key, JT_HASH) < 0);
	if (count == 0)
		return jt_map_root(s, root, e);
	err = count_all(s, &old, e);
	if (err != JT_OK)
		return err;
	jt_buf_init(&u.value, JT_HASH + JT_OVERLAY_VALUE_MAX);
	err = update(&u, 0, old, changes, count, root, &now);
	jt_buf_free(&u.value);
	if (err == JT_OK && now == 0) {
		struct jt_bucket none;

		jt_bucket_init(&none);
		jt_bucket_hash(root, &none);
	}
	return err;
}
