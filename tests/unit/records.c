/*
 * Hash records at closing: what enters, what is refused and how it is told,
 * the tree, the index, and what a flood can do to others.
 */
#include "ledger/records.h"

#include <inttypes.h>

#include "ledger/replay.h"
#include "recorded.h"
#include "tap.h"
#include "tempdir.h"

enum { VALIDATORS = 7, FAULTY = 2 };

static struct network net;
static struct jt_ledger ledger;
static struct jt_error error;

static size_t
count_of(enum jt_code code)
{
	size_t n = 0;

	for (size_t i = 0; i < recorded_count; i++)
		n += recorded[i].code == code;
	return n;
}

static const uint8_t *
door(unsigned i)
{
	return net.validators[i].key;
}

/* ---- the tree ---- */

struct leaf {
	uint8_t hash[JT_HASH], id[JT_HASH];
};

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct leaf));
}

/* The root over all that are in, from scratch. */
static void
model_root(uint8_t root[JT_HASH], size_t *count)
{
	static struct leaf leaves[RECORDED_MAX];
	struct jt_merkle m;
	size_t n = 0;

	for (size_t i = 0; i < recorded_count; i++)
		if (recorded[i].code == JT_CODE_OK) {
			memcpy(leaves[n].hash, recorded[i].hash, JT_HASH);
			memcpy(leaves[n++].id, recorded[i].id, JT_HASH);
		}
	qsort(leaves, n, sizeof *leaves, by_bytes);
	jt_merkle_init(&m);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t leaf[JT_HASH];

		if (i > 0 && by_bytes(&leaves[i - 1], &leaves[i]) == 0)
			continue;
		jt_merkle_leaf(leaf, (struct jt_slice){ leaves[i].hash, 2 * JT_HASH });
		jt_merkle_append(&m, leaf);
		++*count;
	}
	jt_merkle_root(&m, root);
}

static void
check_tree(const char *what)
{
	uint8_t root[JT_HASH];
	size_t n;

	model_root(root, &n);
	is_int(ledger.head.records.count, n, "%s: %zu records", what, n);
	is_bytes(ledger.head.records.root, root, JT_HASH, "%s: the root", what);
}

static void
test_tree(void)
{
	static const char *const tags[] = { "", "release", "v1.2.3" };
	struct jt_record r;

	recorded_begin();
	for (int i = 0; i < 300; i++) {
		r = recorded_random(net.id);
		r.tag = jt_slice_text(tags[i % 3]);
		if (i % 5 == 0)
			random_bytes(r.prev, JT_HASH);
		if (i % 7 == 0)
			memcpy(r.after, ledger.head_id, JT_HASH);
		recorded_by_hand(&r);
		if (i % 10 == 0) /* the same again, and the same hash with another word */
			recorded_by_hand(&r);
		if (i % 15 == 0) {
			r.tag = jt_slice_text("other");
			recorded_by_hand(&r);
		}
	}
	recorded_ledger(&ledger, 50);
	ok(recorded_close.closed, "a ledger of records alone");
	is_int(count_of(JT_CODE_OK), recorded_count, "all are in, the copies too");
	is_int(ledger.head.records.count, 320, "each once");
	check_tree("many");
	recorded_begin();
	r = recorded_random(net.id);
	recorded_by_hand(&r);
	recorded_ledger(&ledger, 50);
	check_tree("one");
	recorded_begin();
	recorded_ledger(&ledger, 50);
	ok(!recorded_close.closed, "no record, no ledger");
}

/* ---- refusals ---- */

static void
refused(const struct jt_record *r, enum jt_code code, const char *why, const char *what)
{
	recorded_begin();
	recorded_by_hand(r);
	recorded_ledger(&ledger, 1);
	ok(recorded[0].code == code && strcmp(recorded[0].why, why) == 0 &&
	    recorded_close.closed == (code == JT_CODE_OK), "%s: %s", what, jt_code_words[code]);
}

static void
test_refused(void)
{
	struct jt_record r = recorded_random(net.id);
	uint8_t zeros[12] = { 0 };

	r.network[31] ^= 1;
	refused(&r, JT_CODE_WRONG_NETWORK, "", "of another network");
	r = recorded_random(net.id);
	random_bytes(r.after, JT_HASH);
	refused(&r, JT_CODE_NOT_AFTER, "", "after nothing");
	memcpy(r.after, ledger.head_id, JT_HASH);
	refused(&r, JT_CODE_OK, "", "after the last ledger");
	memcpy(r.after, ledger.head_id, JT_HASH);
	recorded_begin();
	recorded_by_hand(&r);
	recorded_ledger(&ledger, 3600000);
	is_int(recorded[0].code, JT_CODE_OK, "an hour after a ledger");
	memcpy(r.after, ledger.head_id, JT_HASH);
	recorded_begin();
	recorded_by_hand(&r);
	recorded_ledger(&ledger, 3600001);
	is_int(recorded[0].code, JT_CODE_NOT_AFTER, "an hour and a millisecond after");
	recorded_begin();
	recorded_add((struct jt_slice){ zeros, sizeof zeros }, NULL);
	recorded_add(ledger.genesis_object, NULL);
	recorded_ledger(&ledger, 1);
	is_int(count_of(JT_CODE_MALFORMED), 2, "no record at all");
	ok(jt_hash_is_zero(recorded[1].id), "has no id");
	is_text(recorded[0].why, "offset 0: no object begins here", "and a reason");
	is_text(recorded[1].why, "expected jt/record, found jt/genesis", "another kind too");
}

static void
stamped(const uint8_t *for_door, const uint8_t *source, uint64_t bits, enum jt_code code,
    const char *why, const char *what)
{
	struct jt_record r = recorded_random(net.id);
	struct jt_buf b;
	uint64_t nonce = 0;
	uint8_t id[JT_HASH];

	jt_buf_init(&b, JT_OBJECT_MAX);
	recorded_begin();
	if (bits == 0 && for_door != NULL) { /* one that is not good enough by chance either */
		recorded_id(&r, id);
		while (jt_stamp_good(for_door, nonce, id, NETWORK_STAMP))
			nonce++;
	}
	if (for_door != NULL)
		recorded_stamp(&r, for_door, bits, nonce, &b);
	else
		recorded_write(&r, &b);
	recorded_add(jt_buf_slice(&b), source);
	recorded_ledger(&ledger, 1000);
	ok(recorded[0].code == code && strcmp(recorded[0].why, why) == 0, "%s: %s", what,
	    jt_code_words[code]);
	jt_buf_free(&b);
}

static void
test_stamps(void)
{
	static const uint8_t nobody[JT_KEY] = { 0 };
	uint8_t id[JT_HASH];
	uint64_t nonce = 0;
	int good = 0, wrong = 0;

	stamped(door(0), door(0), NETWORK_STAMP, JT_CODE_OK, "", "a stamp for its door");
	stamped(NULL, door(0), 0, JT_CODE_BAD_STAMP, "no stamp", "by a door without a stamp");
	stamped(door(0), door(1), NETWORK_STAMP, JT_CODE_BAD_STAMP, "the stamp is for another door",
	    "a stamp for another door");
	stamped(nobody, door(1), NETWORK_STAMP, JT_CODE_BAD_STAMP, "the stamp is for another door",
	    "a stamp for no door");
	stamped(door(0), door(0), 0, JT_CODE_BAD_STAMP, "not enough work", "too little work");
	stamped(door(0), NULL, NETWORK_STAMP, JT_CODE_OK, "", "a stamp by hand");
	stamped(door(0), NULL, 0, JT_CODE_BAD_STAMP, "not enough work", "a bad one by hand");
	random_bytes(id, sizeof id);
	for (int i = 0; i < 4096; i++)
		good += jt_stamp_good(door(2), (uint64_t)i, id, 4);
	ok(good > 128 && good < 512, "one of 16 nonces is worth 4 bits: %d of 4,096", good);
	ok(jt_stamp_good(door(2), 0, id, 0), "no bits are always there");
	ok(jt_stamp_find(door(2), id, 12, UINT64_C(1) << 30, &nonce), "12 bits are found");
	for (unsigned bits = 1; bits <= 12; bits++)
		wrong += !jt_stamp_good(door(2), nonce, id, bits);
	is_int(wrong, 0, "and are all that is less");
	ok(!jt_stamp_good(door(2), nonce, id, 64), "but not 64");
	id[5] ^= 1;
	ok(!jt_stamp_good(door(2), nonce, id, 12), "nor for another record");
	nonce = 5;
	ok(!jt_stamp_find(door(2), id, 64, 100, &nonce) && nonce == 105, "a search that ends");
}

/* ---- floods ---- */

/* So many records of one source. */
static void
flood(unsigned source, size_t count)
{
	while (count-- > 0) {
		struct jt_record r = recorded_random(net.id);
		recorded_by(&r, door(source));
	}
}

/* Of items from..to: how many are in, and how many bytes have those. */
static size_t
entered(size_t from, size_t to, size_t *bytes)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		if (recorded[i].code == JT_CODE_OK) {
			n++;
			*bytes += recorded[i].object.len;
		}
	return n;
}

static void
test_rate(void)
{
	size_t bytes = 0, n, size, other;

	recorded_begin();
	flood(0, 500);
	size = recorded[0].object.len;
	recorded_ledger(&ledger, 100);
	n = entered(0, 500, &bytes);
	ok(bytes >= 2000 && bytes < 2000 + size + 20 && n + count_of(JT_CODE_OVER_RATE) == 500,
	    "a tenth of a second is a tenth of the rate: %zu bytes, %zu records", bytes, n);
	check_tree("a flood");
	recorded_begin();
	flood(0, 500);
	bytes = 0;
	recorded_ledger(&ledger, 500000);
	entered(0, 500, &bytes);
	ok(bytes >= 20000 && bytes < 20000 + size + 20, "much time is a second: %zu bytes", bytes);
	recorded_begin();
	flood(0, 20);
	recorded_ledger(&ledger, 1);
	is_int(count_of(JT_CODE_OK), 1, "little time is one record");
	recorded_begin();
	flood(0, 5);
	recorded_ledger(&ledger, 100);
	is_int(count_of(JT_CODE_OK), 5, "what fits is in");
	/* By hand there is no source. */
	recorded_begin();
	for (int i = 0; i < 200; i++) {
		struct jt_record r = recorded_random(net.id);
		recorded_by_hand(&r);
	}
	flood(3, 200);
	bytes = 0;
	recorded_ledger(&ledger, 50);
	other = entered(200, 400, &bytes);
	is_int(count_of(JT_CODE_OK), 200 + other, "closed by hand there is no rate");
	ok(bytes >= 1000 && bytes < 1000 + size + 20, "beside a source for which there is");
}

/* Honest doors within their rate lose nothing, whatever f others do. */
static void
test_flood_of_others(void)
{
	size_t honest, bytes = 0, size;

	recorded_begin();
	for (unsigned i = 0; i < FAULTY; i++)
		flood(i, 3000);
	for (unsigned i = FAULTY; i < VALIDATORS; i++)
		flood(i, 50);
	size = recorded[0].object.len;
	recorded_ledger(&ledger, 500);
	honest = entered(3000 * FAULTY, recorded_count, &bytes);
	is_int(honest, 50 * (VALIDATORS - FAULTY), "all honest records come through a flood");
	bytes = 0;
	entered(0, 3000 * FAULTY, &bytes);
	ok(bytes < FAULTY * (10000 + size + 20), "%d sources of a flood fill their rates: %zu bytes",
	    FAULTY, bytes);
}

/* Copies of honest records, under stamps of the copier's, spend its bytes and not theirs. */
static void
test_copies(void)
{
	static struct jt_record honest[100];
	struct jt_record_place place = { 0 };
	struct jt_slice object;
	size_t n = 0, twice = 0, more = 0;

	recorded_begin();
	for (int i = 0; i < 100; i++) {
		honest[i] = recorded_random(net.id);
		for (int k = 0; k < 5; k++)
			recorded_by(&honest[i], door(k % 3 == 0 ? 0 : 1));
	}
	for (int i = 0; i < 100; i++)
		recorded_by(&honest[i], door(FAULTY));
	recorded_ledger(&ledger, 1000);
	for (int i = 0; i < 100; i++) {
		n += recorded[500 + i].code == JT_CODE_OK;
		for (int k = 0; k < 5; k++)
			if (recorded[5 * i + k].code == JT_CODE_OK) {
				twice += recorded[5 * i + k].index != recorded[500 + i].index;
				more++;
			}
	}
	is_int(n, 100, "who is copied loses no record");
	ok(more > 0 && twice == 0, "the copies that are in, %zu, are the record itself", more);
	is_int(ledger.head.records.count, 100, "each is in the ledger once");
	check_tree("copies");
	network_must(jt_records_find(&ledger, honest[7].hash, &place, &object, &error), &error);
	ok(place.ledger == ledger.head.number && object.len > 0, "and is found");
	/* The same again, in the next ledger: it is there, too, and the first is found first. */
	recorded_begin();
	recorded_by(&honest[7], door(1));
	recorded_ledger(&ledger, 1000);
	place = (struct jt_record_place){ 0 };
	network_must(jt_records_find(&ledger, honest[7].hash, &place, &object, &error), &error);
	is_int(place.ledger, ledger.head.number - 1, "again in another ledger: the first counts");
	place.index++;
	network_must(jt_records_find(&ledger, honest[7].hash, &place, &object, &error), &error);
	is_int(place.ledger, ledger.head.number, "the second is found behind it");
	place.index++;
	network_must(jt_records_find(&ledger, honest[7].hash, &place, &object, &error), &error);
	is_int(object.len, 0, "and then no more");
}

/* One record given again and again by one source costs it once, and has one fate. */
static void
test_repeats(void)
{
	struct jt_record r = recorded_random(net.id);
	size_t in, fates = 0;

	recorded_begin();
	for (int i = 0; i < 300; i++)
		recorded_by(&r, door(0));
	flood(0, 5);
	recorded_ledger(&ledger, 60);
	in = count_of(JT_CODE_OK);
	ok(in >= 305, "300 copies and 5 others cost as much as 6: %zu are in", in);
	recorded_begin();
	for (int i = 0; i < 300; i++)
		recorded_by(&r, door(0));
	flood(0, 50);
	recorded_ledger(&ledger, 60);
	for (int i = 1; i < 300; i++)
		fates += recorded[i].code != recorded[0].code;
	is_int(fates, 0, "copies share one fate");
}

/* What is taken of a flood depends on the salt, which its author could not know. */
static void
test_salt(void)
{
	unsigned times[60] = { 0 };
	size_t never = 0, always = 0;
	struct jt_record r[60];

	for (int i = 0; i < 60; i++)
		r[i] = recorded_random(net.id);
	for (int k = 0; k < 40; k++) {
		recorded_begin();
		for (int i = 0; i < 60; i++)
			recorded_by(&r[i], door(0));
		recorded_ledger(&ledger, 250);
		for (int i = 0; i < 60; i++)
			times[i] += recorded[i].code == JT_CODE_OK;
	}
	for (int i = 0; i < 60; i++) {
		never += times[i] == 0;
		always += times[i] == 40;
	}
	ok(never + always <= 2, "no record is always in, none never: %zu of 60", never + always);
}

static void
test_sources(void)
{
	static uint8_t many[JT_VALIDATORS_MAX + 1][JT_KEY];

	recorded_begin();
	for (unsigned i = 0; i <= JT_VALIDATORS_MAX; i++) {
		struct jt_record r = recorded_random(net.id);

		random_bytes(many[i], JT_KEY);
		recorded_by(&r, many[i]);
	}
	is_int(recorded_try(&ledger, 100, &error), JT_MALFORMED, "more sources than validators");
	is_text(error.text, "records of more than 128 validators", "says so");
	recorded_begin();
	network_must(jt_ledger_commit(&ledger, &error), &error);
}

/* ---- the index, and history again ---- */

static void
test_found(void)
{
	struct jt_slice object;
	struct jt_record_copy copy;
	size_t wrong = 0, all = 0;
	uint8_t stranger[JT_HASH];
	struct jt_record_place place = { 0 };

	for (uint64_t n = 1; n <= ledger.head.number; n++) {
		struct jt_header h;

		network_must(jt_ledger_read_header(&ledger, n, &h, &error), &error);
		for (uint32_t i = 0; i < h.records.count; i++, all++) {
			place = (struct jt_record_place){ n, i };
			network_must(jt_records_at(&ledger, n, i, &object, &error), &error);
			network_must(jt_record_read(object, &copy, &error), &error);
			network_must(jt_records_find(&ledger, copy.record.hash, &place, &object, &error),
			    &error);
			wrong += object.len == 0 || place.ledger != n || place.index != i;
		}
		network_must(jt_records_at(&ledger, n, (uint32_t)h.records.count, &object, &error),
		    &error);
		wrong += object.len != 0;
	}
	is_int(wrong, 0, "all %zu records are found by their hashes", all);
	random_bytes(stranger, sizeof stranger);
	place = (struct jt_record_place){ 0 };
	network_must(jt_records_find(&ledger, stranger, &place, &object, &error), &error);
	is_int(object.len, 0, "another hash is not");
}

static void
test_replay(void)
{
	int fd = memfd_create("network", MFD_CLOEXEC);
	struct jt_ledger from;
	struct jt_replay r;
	struct jt_reader reader;
	enum jt_err err = JT_OK;

	network_must(jt_ledger_commit(&ledger, &error), &error);
	jt_ledger_close(&ledger);
	network_must(jt_ledger_open(&from, tempdir_path("ledger"), JT_STORE_READ, &error), &error);
	network_must(jt_file_write_fd(fd, "network", jt_buf_slice(&net.file), &error), &error);
	network_need(lseek(fd, 0, SEEK_SET) == 0, "no file in memory");
	jt_reader_init(&reader, fd, "network");
	network_must(jt_replay_start(&r, &from, tempdir_path("again"), &reader, &error), &error);
	while (err == JT_OK && r.to.head.number < from.head.number)
		err = jt_replay_next(&r, &error);
	is_int(err, JT_OK, "history closes again");
	is_int(jt_replay_compare(&r, &error), JT_OK, "and all tables are alike");
	is_bytes(r.to.head_id, from.head_id, JT_HASH, "up to the head");
	jt_replay_end(&r);
	jt_reader_free(&reader);
	close(fd);
	jt_ledger_close(&from);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	tempdir_make();
	network_make(&net, VALIDATORS, 3, true);
	network_open(&net, tempdir_path("ledger"), &ledger);
	test_tree();
	test_refused();
	test_stamps();
	test_rate();
	test_flood_of_others();
	test_copies();
	test_repeats();
	test_salt();
	test_found();
	test_sources();
	test_replay();
	network_free(&net);
	jt_buf_free(&recorded_bytes);
	return done_testing();
}
