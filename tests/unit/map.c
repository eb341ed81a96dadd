/*
 * The state's tree against a model that is made from scratch: the same root,
 * the same entries and exactly the same nodes, whatever the changes were and
 * in whatever order and portions they came.
 */
#include "state/map.h"

#include "random.h"
#include "state.h"
#include "tap.h"
#include "tempdir.h"

static struct model model;
static struct jt_error error;
static struct jt_store *store;

static struct jt_store *
new_store(const char *name)
{
	struct jt_store *s = NULL;

	if (jt_store_open(&s, tempdir_path(name), JT_STORE_CREATE, &error) != JT_OK) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	mdb_env_set_flags(s->env, MDB_NOSYNC, 1);
	return s;
}

/*
 * Keys: some anywhere, most leave one of a few paths at some nibble, so that
 * there are deep nodes, long runs of one child, and keys that differ in their
 * last nibble alone.
 */
static void
make_key(uint8_t key[JT_HASH])
{
	static uint8_t paths[6][JT_HASH];
	const uint8_t *path = paths[random_below(6)];
	size_t same = (size_t)random_below(2 * JT_HASH);

	if (jt_hash_is_zero(paths[0]))
		random_bytes(paths, sizeof paths);
	random_bytes(key, JT_HASH);
	if (random_below(4) == 0)
		return;
	/* Every other one: near the end, in the first of the paths. */
	if (same % 2 == 0) {
		path = paths[0];
		same = 2 * JT_HASH - 1 - same % 6;
	}
	memcpy(key, path, same / 2);
	if (same % 2 != 0)
		key[same / 2] = (uint8_t)((path[same / 2] & 0xf0) | (key[same / 2] & 15));
}

/* A change, to the overlay and to the model. */
static bool
change(struct jt_overlay *o, unsigned deletes)
{
	uint8_t key[JT_HASH], value[MODEL_VALUE];
	size_t len = 1 + (size_t)random_below(MODEL_VALUE);

	if (model.count > 0 && random_below(100) < deletes)
		len = 0;
	if (model.count > 0 && (len == 0 || model.count > MODEL_MAX - 10 ||
	    random_below(3) == 0))
		memcpy(key, model.entries[random_below(model.count)].key, JT_HASH);
	else
		make_key(key);
	random_bytes(value, len);
	model_put(&model, key, value, len);
	return jt_overlay_put(o, key, (struct jt_slice){ value, len }, &error) == JT_OK;
}

/* Bring what the overlay holds into the store: does it match the model? */
static bool
apply(struct jt_overlay *o)
{
	const struct jt_change *const *changes;
	uint8_t root[JT_HASH], again[JT_HASH], want[JT_HASH];
	size_t count;

	if (jt_overlay_changes(o, &changes, &count, &error) != JT_OK ||
	    jt_map_update(store, changes, count, root, &error) != JT_OK ||
	    jt_map_root(store, again, &error) != JT_OK) {
		printf("# %s\n", error.text);
		return false;
	}
	jt_overlay_clear(o);
	model_root(&model, want);
	return memcmp(root, want, JT_HASH) == 0 && memcmp(again, want, JT_HASH) == 0 &&
	    model_same(&model, store);
}

/* Batches that grow, shrink and grow again, over several commits. */
static void
test_random(struct jt_overlay *o)
{
	static const unsigned deletes[] = { 10, 95, 40, 70, 0, 100, 10 };
	bool good = true;
	unsigned batches = 0, deepest = 0;

	for (size_t phase = 0; phase < sizeof deletes / sizeof *deletes; phase++) {
		for (int i = 0; i < 40 && good; i++, batches++) {
			uint64_t n = random_below(random_below(4) == 0 ? 300 : 25);

			if (store->txn == NULL)
				good = jt_store_begin(store, true, &error) == JT_OK;
			while (n-- > 0 && good)
				good = change(o, deletes[phase]);
			good = good && apply(o);
			for (size_t j = 0; j < model.node_count; j++)
				if (model.nodes[j].key[0] > deepest)
					deepest = model.nodes[j].key[0];
			if (random_below(3) == 0)
				good = good && jt_store_commit(store, &error) == JT_OK;
		}
		ok(good, "%u%% deleted: %zu entries, %zu nodes", deletes[phase], model.count,
		    model.node_count);
	}
	if (store->txn != NULL)
		jt_store_commit(store, &error);
	ok(deepest > 50, "%u batches, nodes down to level %u", batches, deepest);
}

/* All of the model at once, and one by one in random order, in new stores. */
static void
test_order(void)
{
	struct jt_store *first = store;
	size_t order[MODEL_MAX];
	uint8_t want[JT_HASH];
	bool good = true;

	for (int portion = 0; portion < 3; portion++) {
		struct jt_overlay *o;

		store = new_store(portion == 0 ? "atonce" : portion == 1 ? "single" : "some");
		o = jt_overlay_new(jt_map_fetch, store);
		jt_store_begin(store, true, &error);
		for (size_t i = 0; i < model.count; i++) {
			size_t j = (size_t)random_below(i + 1);

			order[i] = order[j];
			order[j] = i;
		}
		model_root(&model, want);
		for (size_t i = 0; i < model.count && good; i++) {
			const struct model_entry *n = &model.entries[order[i]];
			const struct jt_change *const *changes;
			uint8_t root[JT_HASH];
			size_t count;
			bool last = i + 1 == model.count;

			jt_overlay_put(o, n->key, (struct jt_slice){ n->value, n->len }, &error);
			if (!last && (portion == 0 || (portion == 2 && random_below(50) != 0)))
				continue;
			jt_overlay_changes(o, &changes, &count, &error);
			good = jt_map_update(store, changes, count, root, &error) == JT_OK &&
			    (!last || memcmp(root, want, JT_HASH) == 0);
			jt_overlay_clear(o);
		}
		ok(good && model_same(&model, store), "%zu entries, %s: the same tree",
		    model.count, portion == 0 ? "at once" : portion == 1 ? "one by one" :
		    "in random portions");
		jt_overlay_free(o);
		jt_store_close(store);
	}
	store = first;
}

/* Down to nothing and up again, over the edge of a bucket. */
static void
test_edges(struct jt_overlay *o)
{
	bool good;
	uint8_t root[JT_HASH], key[JT_HASH];

	jt_store_begin(store, true, &error);
	while (model.count > 0) {
		memcpy(key, model.entries[0].key, JT_HASH);
		model_put(&model, key, NULL, 0);
		jt_overlay_put(o, key, (struct jt_slice){ NULL, 0 }, &error);
	}
	ok(apply(o), "all deleted at once");
	good = true;
	for (int up = 1; up >= 0; up--)
		for (uint8_t i = 0; i < 40 && good; i++) {
			memset(key, 0x5a, JT_HASH);
			key[JT_HASH - 1 - i % 4] = i;
			model_put(&model, key, key, up ? JT_HASH : 0);
			jt_overlay_put(o, key, (struct jt_slice){ key, up ? JT_HASH : 0 }, &error);
			good = apply(o);
		}
	ok(good, "one by one to 40 and back, in one corner");
	is_int(model.count, 0, "nothing is left");
	is_int(jt_map_update(store, NULL, 0, root, &error), JT_OK, "an update without changes");
	model_root(&model, key);
	is_bytes(root, key, JT_HASH, "gives the root");
	jt_store_commit(store, &error);
}

/* Roots computed by another program from the description in map.h. */
static void
test_vectors(void)
{
	static const struct { unsigned count; const char *root; } vectors[] = {
		{ 0, "bb30a42c1e62f0afda5f0a4e8a562f7a13a24cea00ee81917b86b89e801314aa" },
		{ 1, "0f0864b280f404c64875ffa595a68bcd3ad7072f9e20211e98155cc31a033ba7" },
		{ 16, "cd9169d2582914fa18b527a80e7845e78ed7da1bc95c2d6e6af124e0efb554bb" },
		{ 17, "217f5d0d6aabc683fb8f9ad6dcccf19085ada75e371d5fd3aa16fdafcd0580bd" },
		{ 1000, "955bc75ac5bbaa0971373b357ce3336544c76fa08b016bee47bd250b40cb70ad" },
	};
	struct jt_store *s = new_store("vectors");
	struct jt_overlay *o = jt_overlay_new(jt_map_fetch, s);
	unsigned n = 0;

	jt_store_begin(s, true, &error);
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct jt_change *const *changes;
		uint8_t root[JT_HASH];
		char text[2 * JT_HASH + 1];
		size_t count;

		for (; n < vectors[i].count; n++) {
			uint8_t key[JT_HASH];
			char name[24];

			snprintf(name, sizeof name, "key %u", n);
			jt_hash(key, jt_slice_text(name));
			snprintf(name, sizeof name, "entry %u", n);
			jt_overlay_put(o, key, jt_slice_text(name), &error);
		}
		jt_overlay_changes(o, &changes, &count, &error);
		jt_map_update(s, changes, count, root, &error);
		jt_overlay_clear(o);
		sodium_bin2hex(text, sizeof text, root, sizeof root);
		is_text(text, vectors[i].root, "root of %u entries", n);
	}
	jt_overlay_free(o);
	jt_store_close(s);
}

/* Changes that contradict the store, and a store that contradicts itself. */
static void
test_refused(struct jt_overlay *o)
{
	struct jt_slice is = jt_slice_text("is"), was = jt_slice_text("was"), none = { NULL, 0 };
	struct jt_change c = { .was = none, .is = is, .written = true };
	const struct jt_change *one = &c;
	uint8_t root[JT_HASH], before[JT_HASH];
	struct jt_slice k, v;

	jt_store_begin(store, true, &error);
	for (int i = 0; i < 500; i++)
		change(o, 0);
	ok(apply(o), "500 changes");
	jt_store_commit(store, &error);
	model_root(&model, before);

	jt_store_begin(store, true, &error);
	memcpy(c.key, model.entries[7].key, JT_HASH);
	is_int(jt_map_update(store, &one, 1, root, &error), JT_BUG, "an entry made twice");
	jt_store_abort(store);
	jt_store_begin(store, true, &error);
	c.was = was;
	random_bytes(c.key, JT_HASH);
	is_int(jt_map_update(store, &one, 1, root, &error), JT_BUG, "one changed, never made");
	jt_store_abort(store);
	jt_store_begin(store, true, &error);
	c.is = none;
	is_int(jt_map_update(store, &one, 1, root, &error), JT_BUG, "one deleted, never made");
	jt_store_abort(store);
	jt_store_begin(store, true, &error);
	c.was = none;
	is_int(jt_map_update(store, &one, 1, root, &error), JT_OK, "absent before and after");
	is_bytes(root, before, JT_HASH, "changes nothing");
	jt_store_abort(store);

	jt_store_begin(store, true, &error);
	memcpy(c.key, model.entries[7].key, JT_HASH);
	c.was = c.is = is;
	jt_store_first(store, JT_NODES, none, &k, &v, &error);
	jt_store_put(store, JT_NODES, k, was, &error);
	is_int(jt_map_update(store, &one, 1, root, &error), JT_IO, "a node of 3 bytes");
	is_text(error.text, "state: node of 3 bytes, expected 576", "is named");
	is_int(jt_map_root(store, root, &error), JT_IO, "and has no root");
	jt_store_first(store, JT_NODES, none, &k, &v, &error);
	jt_store_delete(store, JT_NODES, k, &error);
	is_int(jt_map_update(store, &one, 1, root, &error), JT_IO, "a root that is missing");
	is_int(jt_map_root(store, root, &error), JT_IO, "has no hash");
	jt_store_abort(store);

	jt_store_begin(store, true, &error);
	jt_store_delete(store, JT_STATE, (struct jt_slice){ model.entries[7].key, JT_HASH },
	    &error);
	/* Seen as damage, or as a change behind the back, by what lies beside it. */
	ok(jt_map_update(store, &one, 1, root, &error) != JT_OK, "an entry that is missing");
	jt_store_put(store, JT_STATE, (struct jt_slice){ c.key, JT_HASH }, was, &error);
	is_int(jt_map_get(store, c.key, &v, &error), JT_IO, "an entry without its hash");
	jt_store_abort(store);

	jt_store_begin(store, false, &error);
	is_int(jt_map_get(store, model.entries[7].key, &v, &error), JT_OK, "get an entry");
	ok(v.len == model.entries[7].len && memcmp(v.data, model.entries[7].value, v.len) == 0,
	    "without its hash");
	random_bytes(c.key, JT_HASH);
	is_int(jt_map_get(store, c.key, &v, &error), JT_OK, "get what is not there");
	ok(v.len == 0, "gives nothing");
	jt_store_abort(store);
}

int
main(int argc, char **argv)
{
	struct jt_overlay *o;

	random_start(argc, argv);
	tempdir_make();
	test_vectors();
	store = new_store("map");
	o = jt_overlay_new(jt_map_fetch, store);
	test_random(o);
	test_order();
	test_edges(o);
	test_random(o);
	jt_store_close(store);
	model.count = 0;
	store = new_store("refused");
	jt_overlay_free(o);
	o = jt_overlay_new(jt_map_fetch, store);
	test_refused(o);
	jt_overlay_free(o);
	jt_store_close(store);
	return done_testing();
}
