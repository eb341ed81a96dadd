/*
 * jt-merge: copies of one object become one, with the signatures of all. The
 * output is in the order of first appearance. A copy with a bad signature is
 * left out, that copy alone. Kinds that are not signed come once, too, but
 * for those without an id of their own, which pass as often as they come.
 *
 * Everything is in memory until the end: at most OBJECTS_MAX different
 * objects and BYTES_MAX bytes of them and their signatures.
 */
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "base/text.h"
#include "cmd.h"
#include "kind/tx.h"
#include "object/signed.h"

enum {
	OBJECTS_MAX = 1000000,
	BYTES_MAX = 1 << 30,
	SLOTS = 1 << 21 /* of the hash table: at most half are taken */
};

static const struct cmd_option options[] = { CMD_OUTPUT, { 0 } };
static const struct cmd_program program = {
	.name = "jt-merge",
	.synopsis = "[-o FILE] [FILE...]",
	.options = options,
};

/* One object, at its place in the output. */
struct entry {
	uint8_t id[JT_HASH];
	uint8_t *bytes; /* of the first copy */
	size_t len;
	uint32_t most;  /* signatures it takes; 0: the kind is not signed */
	uint32_t count; /* of all copies' signatures */
	struct jt_sig *sigs;
};

static struct entry *entries;
static size_t entry_count, entry_cap, bytes_held;
static uint32_t *slots; /* an index into entries, plus one; by the id's first bytes */
static msgpack_zone zone;

static void *
keep(void *old, size_t old_size, size_t size)
{
	void *p;

	bytes_held += size - old_size;
	if (bytes_held > BYTES_MAX)
		die(JT_SYSTEM, "more than %d bytes to merge: merge in parts", BYTES_MAX);
	if ((p = realloc(old, size)) == NULL)
		die(JT_SYSTEM, "out of memory");
	return p;
}

/* The object's entry, made at its first copy; ids are hashes and spread evenly. */
static struct entry *
entry_of(const struct jt_object *o, const uint8_t id[JT_HASH], bool nameless)
{
	struct entry *e;
	uint32_t at;

	memcpy(&at, id, sizeof at);
	for (at %= SLOTS; !nameless && slots[at] != 0; at = (at + 1) % SLOTS)
		if (memcmp(entries[slots[at] - 1].id, id, JT_HASH) == 0)
			return &entries[slots[at] - 1];
	if (entry_count == OBJECTS_MAX)
		die(JT_SYSTEM, "more than %d objects to merge: merge in parts", OBJECTS_MAX);
	if (entry_count == entry_cap) {
		size_t cap = entry_cap == 0 ? 64 : 2 * entry_cap;
		entries = keep(entries, entry_cap * sizeof *entries, cap * sizeof *entries);
		entry_cap = cap;
	}
	e = &entries[entry_count++];
	*e = (struct entry){ .bytes = keep(NULL, 0, o->bytes.len), .len = o->bytes.len };
	memcpy(e->bytes, o->bytes.data, o->bytes.len);
	memcpy(e->id, id, JT_HASH);
	if (!nameless)
		slots[at] = (uint32_t)entry_count;
	return e;
}

static const struct jt_sig *
find_sig(const struct entry *e, const uint8_t key[JT_KEY])
{
	for (uint32_t i = 0; i < e->count; i++)
		if (memcmp(e->sigs[i].key, key, JT_KEY) == 0)
			return &e->sigs[i];
	return NULL;
}

static void
add_sigs(struct entry *e, const struct jt_signed *s)
{
	const struct jt_sig *sig = s->sigs.items;

	for (uint32_t i = 0; i < s->sigs.count; i++) {
		if (find_sig(e, sig[i].key) != NULL)
			continue;
		e->sigs = keep(e->sigs, e->count * sizeof *sig, (e->count + 1) * sizeof *sig);
		e->sigs[e->count++] = sig[i];
	}
}

static void
take(const struct cmd_input *in, const struct jt_object *o, const struct jt_kind *row)
{
	uint8_t id[JT_HASH];
	struct jt_signed s;
	struct jt_error e;
	struct entry *entry;

	if (!(row->flags & JT_KIND_SIGNED)) {
		cmd_check(jt_kind_id(row, o, id, &e), &e);
		entry_of(o, id, row->flags & JT_KIND_NAMELESS);
		return;
	}
	msgpack_zone_clear(&zone);
	cmd_check(jt_signed_decode(o, &s, &zone, &e), &e);
	if (s.sigs.count > 0 && jt_signed_verify(o, &s, &e) != JT_OK) {
		cmd_object_error(in, &e);
		return;
	}
	jt_object_hash(id, o->kind, o->version, s.body);
	entry = entry_of(o, id, false);
	entry->most = row->flags & JT_KIND_TRANSACTION ? JT_TX_SIGS_MAX : JT_SIGS_MAX;
	add_sigs(entry, &s);
}

static void
put(struct cmd_output *out, const struct entry *entry)
{
	struct jt_slice bytes = { entry->bytes, entry->len };
	struct jt_object o;
	struct jt_signed s;
	struct jt_error e;
	struct jt_buf merged;
	char name[2 * JT_HASH + 1];

	if (entry->most == 0) {
		cmd_write(out, bytes);
		return;
	}
	msgpack_zone_clear(&zone);
	jt_buf_init(&merged, JT_OBJECT_MAX);
	cmd_check(jt_object_parse(bytes, &o, &e), &e);
	cmd_check(jt_signed_decode(&o, &s, &zone, &e), &e);
	if (entry->count > entry->most) {
		jt_hex_format(entry->id, JT_HASH, name);
		complain(JT_MALFORMED, "%s: sigs: %u, more than %u", name, entry->count, entry->most);
	} else {
		cmd_check(jt_signed_write(&merged, o.kind, o.version, s.body, entry->sigs,
		    entry->count, &e), &e);
		cmd_write(out, jt_buf_slice(&merged));
	}
	jt_buf_free(&merged);
}

int
main(int argc, char **argv)
{
	const struct jt_kind *row;
	const char *path = NULL;
	struct cmd_output out;
	struct cmd_input in;
	struct jt_object o;

	cmd_start(&program, argc, argv);
	while (cmd_option() != 0)
		path = cmd_value;
	cmd_output_open(&out, path);
	cmd_input_open(&in, cmd_operands);
	slots = calloc(SLOTS, sizeof *slots);
	if (slots == NULL || !msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	while (cmd_next(&in, &o, &row))
		take(&in, &o, row);
	for (size_t i = 0; i < entry_count; i++) {
		put(&out, &entries[i]);
		free(entries[i].bytes);
		free(entries[i].sigs);
	}
	free(entries);
	free(slots);
	msgpack_zone_destroy(&zone);
	return cmd_end();
}
