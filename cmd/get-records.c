/* jt-get, of hash records. See get-records.h. */
#include "get-records.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "cmd.h"
#include "digest.h"

static void
put_record(void (*put)(struct jt_slice bytes), struct jt_slice object, uint64_t number,
    uint32_t index, const struct jt_record_copy *copy)
{
	struct jt_result r = { .code = JT_CODE_OK, .ledger = number, .index = index };
	struct jt_error e;
	struct jt_buf result;

	memcpy(r.id, copy->id, JT_HASH);
	put(object);
	jt_buf_init(&result, JT_OBJECT_MAX);
	cmd_check(jt_kind_write(&jt_kind_result, &r, &result, &e), &e);
	put(jt_buf_slice(&result));
	jt_buf_free(&result);
}

/* HASH [N]; false: N is not there. */
static bool
read_words(char *const *words, uint8_t hash[JT_HASH], uint64_t *number)
{
	cmd_hash("record", words[0], hash);
	*number = 0;
	if (words[1] != NULL && !jt_u64_parse(jt_slice_text(words[1]), number))
		cmd_usage("record: expected the number of a ledger, not \"%s\"", words[1]);
	return words[1] != NULL;
}

_Noreturn static void
die_none(char *const *words, uint64_t newest)
{
	if (words[1] != NULL)
		die(JT_NO, "no record of %s in ledger %s", words[0], words[1]);
	die(JT_NO, "no record of %s up to ledger %" PRIu64, words[0], newest);
}

void
get_record(struct jt_ledger *l, char *const *words, void (*put)(struct jt_slice bytes))
{
	struct jt_record_place place = { .ledger = 0 };
	struct jt_record_copy copy;
	uint8_t hash[JT_HASH];
	struct jt_slice object;
	struct jt_error e;
	uint64_t number, found = 0;
	bool one_ledger = read_words(words, hash, &number);

	for (place.ledger = number;; place.index++, found++) {
		cmd_check(jt_records_find(l, hash, &place, &object, &e), &e);
		if (object.len == 0 || (one_ledger && place.ledger != number))
			break;
		cmd_check(jt_record_read(object, &copy, &e), &e);
		put_record(put, object, place.ledger, place.index, &copy);
	}
	if (found == 0)
		die_none(words, l->head.number);
}

void
ask_record(struct cmd_servers *s, char *const *words, void (*put)(struct jt_slice bytes))
{
	struct jt_proof_record p = { .index = 0 };
	struct jt_record_copy copy = { .stamped = false };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	uint8_t hash[JT_HASH];
	struct jt_error e;
	msgpack_zone zone;
	uint64_t number;

	if (read_words(words, hash, &number) && number == 0)
		die_none(words, 0); /* which has no records */
	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_check(cmd_ask_record(s, hash, number, &o, &h, &zone, &e), &e);
	if (!jt_object_is(&o, jt_kind_proof_record.name))
		die_none(words, h.number);
	cmd_check(jt_kind_read(&jt_kind_proof_record, &o, &p, NULL, &e), &e);
	cmd_check(jt_record_read(p.record, &copy, &e), &e);
	put_record(put, p.record, h.number, (uint32_t)p.index, &copy);
	msgpack_zone_destroy(&zone);
}

/* What records must have. */
struct filter {
	bool by_prev;
	uint8_t prev[JT_HASH];
	const char *tag;
};

static void
read_filter(char *const *words, struct filter *f)
{
	*f = (struct filter){ .tag = NULL };
	for (; *words != NULL; words++) {
		bool tag = strncmp(*words, "tag=", 4) == 0, prev = strncmp(*words, "prev=", 5) == 0;

		if ((tag && f->tag != NULL) || (prev && f->by_prev))
			cmd_usage("records: %s: given twice", tag ? "tag" : "prev");
		if (tag) {
			f->tag = *words + 4;
		} else if (prev) {
			cmd_hash("prev", *words + 5, f->prev);
			f->by_prev = true;
		} else {
			cmd_usage("records: expected tag=TAG or prev=HASH, not \"%s\"", *words);
		}
	}
}

void
get_records(struct jt_ledger *l, char *const *words, void (*put)(struct jt_slice bytes))
{
	struct jt_record_copy copy = { .stamped = false };
	struct jt_slice key, object;
	struct jt_error e;
	struct filter f;

	read_filter(words, &f);
	cmd_check(jt_store_first(l->store, JT_RECORDS, (struct jt_slice){ NULL, 0 }, &key, &object,
	    &e), &e);
	while (key.data != NULL) {
		if (key.len != 12)
			die(JT_IO, "the ledger's records are damaged");
		cmd_check(jt_ledger_damaged(jt_record_read(object, &copy, &e), &e, "ledger %" PRIu64
		    ": record %" PRIu32, jt_get_be64(key.data), jt_get_be32(key.data + 8)), &e);
		if ((f.tag == NULL || jt_slice_is(copy.record.tag, f.tag)) &&
		    (!f.by_prev || memcmp(copy.record.prev, f.prev, JT_HASH) == 0))
			put_record(put, object, jt_get_be64(key.data), jt_get_be32(key.data + 8), &copy);
		cmd_check(jt_store_next(l->store, JT_RECORDS, &key, &object, &e), &e);
	}
}
