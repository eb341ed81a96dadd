/*
 * Proofs of hash records: made of random ledgers, every byte flipped, and each
 * lie that a prover could tell. Nothing that is there is ever proven absent.
 */
#include "ledger/proof_record.h"

#include <inttypes.h>

#include "damage.h"
#include "ledger/prove.h"
#include "recorded.h"
#include "tap.h"
#include "tempdir.h"

enum { VALIDATORS = 4, DIGESTS = 1000 };

static struct network net;
static struct jt_ledger ledger;
static struct jt_prover prover;
static struct jt_error error;
static msgpack_zone *zone;
static struct jt_buf proof;
static struct jt_recorded proven; /* of the last good check */
static struct jt_proof_no_record absent;
static struct jt_header header;
static uint8_t digests[DIGESTS][JT_HASH];
static struct jt_fold fold;

/* ---- a ledger to prove from ---- */

static void
certify(void)
{
	for (uint32_t i = 0; i < jt_quorum(VALIDATORS); i++)
		network_must(jt_ledger_sign_own(&ledger, ledger.head.number, net.validators[i].key,
		    net.validator_secret[i], &error), &error);
}

/* A ledger of `count` random records, of which some name a ledger before. */
static void
close_random(size_t count)
{
	uint8_t common[JT_HASH];

	random_bytes(common, sizeof common);
	recorded_begin();
	for (size_t i = 0; i < count; i++) {
		struct jt_record r = recorded_random(net.id);

		if (random_below(2) == 0)
			memcpy(r.after, ledger.head_id, JT_HASH);
		if (random_below(3) == 0)
			r.tag = jt_slice_text("a word");
		if (random_below(8) == 0)
			memcpy(r.hash, common, JT_HASH); /* several of one hash */
		recorded_by_hand(&r);
	}
	recorded_ledger(&ledger, 1000);
	if (recorded_close.closed)
		certify();
}

/* The record of a fold of all digests; after a ledger before. */
static void
close_fold(void)
{
	struct jt_record r = recorded_random(net.id);

	network_must(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])digests, DIGESTS, &error),
	    &error);
	memcpy(r.hash, fold.hash, JT_HASH);
	memcpy(r.after, ledger.head_id, JT_HASH);
	recorded_begin();
	for (int i = 0; i < 20; i++) {
		struct jt_record other = recorded_random(net.id);
		recorded_by_hand(&other);
	}
	recorded_by_hand(&r);
	recorded_ledger(&ledger, 1000);
	certify();
}

/* ---- checking ---- */

static enum jt_err
check_under(struct jt_slice bytes, const struct jt_genesis *g)
{
	struct jt_header newer;
	struct jt_object o;
	enum jt_err err = jt_object_parse(bytes, &o, &error);

	msgpack_zone_clear(zone);
	if (err != JT_OK)
		return err;
	if (jt_object_is(&o, "pending"))
		return jt_pending_check(&o, &proven, zone, &error);
	if (jt_object_is(&o, "proof-no-record"))
		return jt_proof_no_record_check(&o, g, net.id, &absent, &header, zone, &error);
	if (jt_object_is(&o, "proof-ledger"))
		return jt_proof_ledger_check(&o, g, net.id, &header, &newer, zone, &error);
	return jt_proof_record_check(&o, g, net.id, &proven, zone, &error);
}

static enum jt_err
check(struct jt_slice bytes)
{
	return check_under(bytes, &net.genesis);
}

static bool
refuses(enum jt_err err, const char *want)
{
	bool pass = (err == JT_NO || err == JT_MALFORMED) && strcmp(error.text, want) == 0;

	ok(pass, "refused: %s", want);
	if (!pass)
		printf("# found %d: %s\n", (int)err, error.text);
	return pass;
}

/*
 * Of every byte a bit. None may be missed, nor anything else than a refusal
 * come of it; but where a record is absent, so are its neighbours in number.
 */
static void
flip_all(const char *what)
{
	size_t missed = 0, odd = 0;
	uint8_t hash[JT_HASH];
	struct jt_object o;

	is_int(check(jt_buf_slice(&proof)), JT_OK, "%s: %zu bytes, good", what, proof.len);
	network_must(jt_object_parse(jt_buf_slice(&proof), &o, &error), &error);
	is_int(jt_kind_check(&jt_all_kinds, &o, &error), JT_OK, "%s: as its kind says", what);
	memcpy(hash, absent.hash, JT_HASH);
	for (size_t i = 0; i < proof.len; i++) {
		uint8_t bit = (uint8_t)(1U << random_below(8));
		bool good;
		enum jt_err err;

		proof.data[i] ^= bit;
		err = check(jt_buf_slice(&proof));
		good = err == JT_OK && memcmp(hash, absent.hash, JT_HASH) == 0;
		missed += good;
		odd += err != JT_OK && err != JT_NO && err != JT_MALFORMED;
		if (good)
			printf("# byte %zu, bit %u\n", i, bit);
		proof.data[i] ^= bit;
	}
	ok(missed == 0 && odd == 0, "%s: refused with a bit of any byte flipped, %zu missed", what,
	    missed);
	for (size_t n = 0; n < proof.len; n += n < 100 ? 1 : 7)
		missed += check((struct jt_slice){ proof.data, n }) == JT_OK;
	is_int(missed, 0, "%s: refused when cut short", what);
}

static void
prove(const uint8_t hash[JT_HASH], const struct jt_fold_part *part)
{
	jt_buf_clear(&proof);
	network_must(jt_prove_record(&prover, hash, NULL, 0, part, &proof, &error), &error);
}

static void
prove_absent(const uint8_t hash[JT_HASH], uint64_t number)
{
	jt_buf_clear(&proof);
	network_must(jt_prove_no_record(&prover, hash, number, &proof, &error), &error);
}

static void
record_at(uint64_t number, uint32_t index, struct jt_record_copy *copy)
{
	struct jt_slice object;

	network_must(jt_records_at(&ledger, number, index, &object, &error), &error);
	network_must(jt_record_read(object, copy, &error), &error);
}

static void
flip_kinds(void)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH], hash[JT_HASH];
	struct jt_record_copy copy;
	struct jt_fold_part part;

	record_at(3, 5, &copy);
	prove(copy.record.hash, NULL);
	flip_all("record");
	prove(fold.hash, NULL);
	ok(check(jt_buf_slice(&proof)) == JT_OK && proven.has_since &&
	    proven.since.number + 1 == proven.header.number, "the header before is shown");
	flip_all("record after a ledger");
	jt_fold_part(&fold, 700, false, path, &part);
	prove(fold.hash, &part);
	flip_all("a digest of a fold");
	jt_fold_part(&fold, 0, true, path, &part);
	part.digests.len = 32 * JT_HASH;
	part.path.len = JT_HASH * jt_grove_path(&fold.grove, 5, 0, path);
	prove(fold.hash, &part);
	flip_all("digests of a fold");
	random_bytes(hash, sizeof hash);
	prove_absent(hash, 3);
	flip_all("no record");
	memset(hash, 0, sizeof hash);
	prove_absent(hash, 4);
	flip_all("no record before the first");
	memset(hash, 0xff, sizeof hash);
	prove_absent(hash, 3);
	flip_all("no record behind the last");
	jt_buf_clear(&proof);
	network_must(jt_prove_ledger(&prover, 2, &proof, &error), &error);
	flip_all("an earlier ledger");
}

/* What a digest's part of a fold costs in a file's proof. */
static void
test_size(void)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;
	size_t bare;

	prove(fold.hash, NULL);
	bare = proof.len;
	jt_fold_part(&fold, 1, false, path, &part);
	prove(fold.hash, &part);
	is_int(part.path.len, 10 * JT_HASH, "1,000 digests are ten levels");
	ok(proof.len - bare <= 10 * JT_HASH + 64, "a fold's part: %zu bytes and its path",
	    proof.len - bare - part.path.len);
}

/* Every digest of the fold, alone and in parts; others are not in it. */
static void
test_digests(void)
{
	uint8_t path[JT_MERKLE_PATH][JT_HASH], stranger[JT_HASH];
	struct jt_fold_part part;
	size_t wrong = 0;

	random_bytes(stranger, sizeof stranger);
	for (size_t i = 0; i < DIGESTS; i += 1 + random_below(20)) {
		jt_fold_part(&fold, i, false, path, &part);
		prove(fold.hash, &part);
		wrong += check(jt_buf_slice(&proof)) != JT_OK ||
		    !jt_recorded_has(&proven, digests[i]) ||
		    jt_recorded_has(&proven, digests[(i + 1) % DIGESTS]) ||
		    jt_recorded_has(&proven, fold.hash);
	}
	jt_fold_part(&fold, 0, true, path, &part);
	prove(fold.hash, &part);
	wrong += check(jt_buf_slice(&proof)) != JT_OK;
	for (size_t i = 0; i < DIGESTS; i++)
		wrong += !jt_recorded_has(&proven, digests[i]);
	wrong += jt_recorded_has(&proven, stranger);
	is_int(wrong, 0, "what is in a fold, and what is not");
	prove(fold.hash, NULL);
	check(jt_buf_slice(&proof));
	ok(jt_recorded_has(&proven, fold.hash) && !jt_recorded_has(&proven, digests[0]),
	    "without its part, a fold is one hash");
}

/* ---- lies ---- */

static enum jt_err
check_made(const struct jt_kind *kind, const void *in)
{
	struct jt_buf b;
	enum jt_err err;

	jt_buf_init(&b, JT_OBJECT_MAX);
	network_must(jt_kind_write(kind, in, &b, &error), &error);
	err = check(jt_buf_slice(&b));
	jt_buf_free(&b);
	return err;
}

/*
 * The best that somebody can do who wants a record to be absent: any two
 * records of the ledger as its neighbours, at any place.
 */
static void
test_never_absent(void)
{
	struct jt_record_copy copies[40];
	size_t told = 0, tried = 0;
	struct jt_header h;

	network_must(jt_ledger_read_header(&ledger, 4, &h, &error), &error);
	network_need(h.records.count <= 40 && h.records.count > 5, "another ledger");
	for (uint32_t i = 0; i < h.records.count; i++)
		record_at(4, i, &copies[i]);
	for (uint32_t i = 0; i < h.records.count; i++) {
		const uint8_t *hash = copies[i].record.hash;

		jt_buf_clear(&proof);
		told += jt_prove_no_record(&prover, hash, 4, &proof, &error) != JT_NO;
		for (uint32_t left = 0; left <= h.records.count; left++)
			for (uint32_t right = 0; right <= h.records.count; right++) {
				uint8_t paths[2][JT_MERKLE_PATH][JT_HASH];
				struct jt_proof_no_record p = { .index = right };

				tried++;
				memcpy(p.hash, hash, JT_HASH);
				network_must(jt_prover_header(&prover, 4, &p.header, &error), &error);
				if (left > 0) {
					memcpy(p.left.hash, copies[left - 1].record.hash, JT_HASH);
					memcpy(p.left.id, copies[left - 1].id, JT_HASH);
					p.left.path = (struct jt_slice){ paths[0][0], JT_HASH * jt_grove_path(
					    &prover.records.grove, 0, left - 1, paths[0]) };
				}
				if (right < h.records.count) {
					memcpy(p.right.hash, copies[right].record.hash, JT_HASH);
					memcpy(p.right.id, copies[right].id, JT_HASH);
					p.right.path = (struct jt_slice){ paths[1][0], JT_HASH * jt_grove_path(
					    &prover.records.grove, 0, right, paths[1]) };
				}
				told += check_made(&jt_kind_proof_no_record, &p) == JT_OK;
				if (left == right)
					continue;
				/* And a place that suits the left one. */
				p.index = left;
				told += check_made(&jt_kind_proof_no_record, &p) == JT_OK;
			}
	}
	is_int(told, 0, "none of %" PRIu64 " records is ever absent, in %zu tries", h.records.count,
	    tried);
}

static void
test_lies(void)
{
	struct jt_proof_record p, good;
	struct jt_object o;
	struct jt_buf other;
	struct jt_record r;
	uint8_t hash[JT_HASH] = { 0 };
	struct jt_proof_no_record n;
	struct jt_fold_part part;
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	bool first;

	jt_buf_init(&other, JT_OBJECT_MAX);
	jt_fold_part(&fold, 3, false, path, &part);
	prove(fold.hash, &part);
	network_must(jt_object_parse(jt_buf_slice(&proof), &o, &error), &error);
	network_must(jt_kind_read(&jt_kind_proof_record, &o, &good, zone, &error), &error);
	p = good;
	p.index++;
	refuses(check_made(&jt_kind_proof_record, &p), "path: does not lead to the ledger's records");
	p = good;
	p.path.len -= JT_HASH;
	refuses(check_made(&jt_kind_proof_record, &p), "path: does not lead to the ledger's records");
	p = good;
	p.path.len--;
	refuses(check_made(&jt_kind_proof_record, &p), "path: does not lead to the ledger's records");
	p = good;
	p.fold.at++;
	refuses(check_made(&jt_kind_proof_record, &p), "fold: does not lead to what is recorded");
	p = good;
	p.fold.of = 0;
	refuses(check_made(&jt_kind_proof_record, &p), "fold: of: expected 2 to 268435456");
	p.fold.digests.len = 0;
	refuses(check_made(&jt_kind_proof_record, &p),
	    "fold: digests: expected 1 to 16384 of 32 bytes");
	p = good;
	p.since = p.header; /* certified, of another ledger */
	refuses(check_made(&jt_kind_proof_record, &p), "since: expected no signatures");
	network_must(jt_prover_unsigned(&ledger, 1, &other, &error), &error);
	p.since = jt_buf_slice(&other);
	refuses(check_made(&jt_kind_proof_record, &p),
	    "since: is not the header that the record names");
	/* A record that says more than the one in the ledger. */
	jt_buf_clear(&other);
	r = recorded_random(net.id);
	memcpy(r.hash, fold.hash, JT_HASH);
	r.tag = jt_slice_text("first of all");
	recorded_write(&r, &other);
	p = good;
	p.record = jt_buf_slice(&other);
	refuses(check_made(&jt_kind_proof_record, &p), "path: does not lead to the ledger's records");
	jt_buf_clear(&other);
	r.network[0] ^= 1;
	recorded_write(&r, &other);
	p.record = jt_buf_slice(&other);
	refuses(check_made(&jt_kind_proof_record, &p), "record: of another network");
	jt_buf_clear(&other);
	recorded_stamp(&r, net.validators[0].key, 0, 0, &other);
	p.record = jt_buf_slice(&other);
	refuses(check_made(&jt_kind_proof_record, &p),
	    "record: expected jt/record, found jt/stamp");
	/* Absence in another ledger than where it is. */
	prove_absent(fold.hash, 3);
	network_must(jt_object_parse(jt_buf_slice(&proof), &o, &error), &error);
	network_must(jt_kind_read(&jt_kind_proof_no_record, &o, &n, zone, &error), &error);
	network_must(jt_prover_header(&prover, 5, &n.header, &error), &error);
	ok(check_made(&jt_kind_proof_no_record, &n) == JT_NO, "absent in ledger 3 is not in 5");
	first = n.index == 0; /* all records may be above the hash */
	n.index = 1000;
	refuses(check_made(&jt_kind_proof_no_record, &n),
	    "index: is beyond the ledger's records");
	n.index = first ? 1 : 0;
	refuses(check_made(&jt_kind_proof_no_record, &n),
	    "expected the records on both sides of the place");
	jt_buf_clear(&proof);
	is_int(jt_prove_record(&prover, hash, NULL, 0, NULL, &proof, &error), JT_NO, "no such hash");
	is_text(error.text, "no ledger holds it", "says so");
	is_int(jt_prove_record(&prover, fold.hash, NULL, 3, NULL, &proof, &error), JT_NO,
	    "not in that ledger");
	is_text(error.text, "ledger 3 does not hold it", "says so");
	is_int(jt_prove_record(&prover, fold.hash, hash, 0, NULL, &proof, &error), JT_NO,
	    "no record of that id");
	is_int(jt_prove_no_record(&prover, fold.hash, 5, &proof, &error), JT_NO, "it is there");
	is_text(error.text, "ledger 5 holds it", "says so");
	is_int(jt_prove_no_record(&prover, hash, 77, &proof, &error), JT_NO, "no such ledger");
	jt_buf_free(&other);
}

/* ---- random ledgers ---- */

static void
test_random(void)
{
	size_t wrong = 0, shown = 0, absences = 0;

	for (uint64_t n = 1; n <= ledger.head.number; n++) {
		struct jt_header h;

		network_must(jt_ledger_read_header(&ledger, n, &h, &error), &error);
		for (uint32_t i = 0; i < h.records.count; i++, shown++) {
			struct jt_record_copy copy;

			record_at(n, i, &copy);
			jt_buf_clear(&proof);
			network_must(jt_prove_record(&prover, copy.record.hash, copy.id, n, NULL, &proof,
			    &error), &error);
			wrong += check(jt_buf_slice(&proof)) != JT_OK || proven.header.number != n ||
			    memcmp(proven.record.id, copy.id, JT_HASH) != 0 ||
			    proven.has_since == jt_hash_is_zero(copy.record.after);
			jt_buf_clear(&proof);
			wrong += jt_prove_no_record(&prover, copy.record.hash, n, &proof, &error) !=
			    JT_NO;
		}
		for (int i = 0; i < 10; i++, absences++) {
			uint8_t hash[JT_HASH];

			random_bytes(hash, sizeof hash);
			prove_absent(hash, n);
			wrong += check(jt_buf_slice(&proof)) != JT_OK || header.number != n ||
			    memcmp(absent.hash, hash, JT_HASH) != 0;
		}
	}
	is_int(wrong, 0, "%zu records and %zu absences in %" PRIu64 " ledgers", shown, absences,
	    ledger.head.number);
}

/* ---- other validators ---- */

/* A header as a set of keys would sign it. */
static void
write_signed(const struct jt_header *h, const struct network *set, uint32_t count,
    struct jt_buf *out)
{
	struct jt_sig sigs[NETWORK_VALIDATORS_MAX];
	uint8_t id[JT_HASH];

	network_must(jt_header_id(h, id, &error), &error);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(sigs[i].key, set->validators[i].key, JT_KEY);
		jt_sign_id(sigs[i].sig, set->validator_secret[i], id);
	}
	network_must(jt_header_write(h, sigs, count, out, &error), &error);
}

/* As many other validators. */
static void
make_others(struct network *others)
{
	network_validators(others, VALIDATORS);
	for (int i = 0; i < VALIDATORS; i++) {
		uint8_t seed[32];

		random_bytes(seed, sizeof seed);
		jt_sign_keypair(others->validators[i].key, others->validator_secret[i], seed);
	}
	for (int i = 0; i < VALIDATORS; i++) /* ascending */
		for (int k = i + 1; k < VALIDATORS; k++)
			if (memcmp(others->validators[i].key, others->validators[k].key, JT_KEY) > 0) {
				struct jt_validator v = others->validators[i];
				uint8_t secret[JT_SECRET];

				others->validators[i] = others->validators[k];
				others->validators[k] = v;
				memcpy(secret, others->validator_secret[i], JT_SECRET);
				memcpy(others->validator_secret[i], others->validator_secret[k], JT_SECRET);
				memcpy(others->validator_secret[k], secret, JT_SECRET);
			}
	others->genesis = net.genesis;
	others->genesis.validators = (struct jt_list){ others->validators, VALIDATORS };
}

/* A ledger after all others, as the new set signed it: its history has them all. */
static void
new_head(const struct network *set, struct jt_header *h, struct jt_buf *out)
{
	*h = ledger.head;
	h->number++;
	h->time++;
	memcpy(h->parent, ledger.head_id, JT_HASH);
	network_must(jt_ledger_history(&ledger, h->history, &error), &error);
	network_must(jt_validators_hash(&set->genesis.validators, h->validators, &error), &error);
	memcpy(h->next, h->validators, JT_HASH);
	write_signed(h, set, jt_quorum(VALIDATORS), out);
}

/*
 * The ledgers were certified by a set that is no more; who checks knows the
 * newest one alone. What the old ones hold is proven by the new one's history,
 * and whoever has the old keys proves nothing else.
 */
static void
test_retired(void)
{
	static struct network others;
	struct jt_buf newest, forged;
	struct jt_header h, old;
	struct jt_proof_ledger under = { .path.len = 0 };
	struct jt_proof_record p;
	struct jt_object o;
	struct jt_buf part, bytes;
	uint8_t path[JT_MERKLE_PATH][JT_HASH];
	size_t length, wrong = 0;

	jt_buf_init(&newest, JT_OBJECT_MAX);
	jt_buf_init(&forged, JT_OBJECT_MAX);
	jt_buf_init(&part, JT_OBJECT_MAX);
	jt_buf_init(&bytes, JT_OBJECT_MAX);
	make_others(&others);
	new_head(&others, &h, &newest);
	prove(fold.hash, NULL);
	is_int(check(jt_buf_slice(&proof)), JT_OK, "a proof under the old set");
	refuses(check_under(jt_buf_slice(&proof), &others.genesis),
	    "header: header names another validator set");
	/* The same proof, under the newest set's header. */
	network_must(jt_object_parse(jt_buf_slice(&proof), &o, &error), &error);
	network_must(jt_kind_read(&jt_kind_proof_record, &o, &p, zone, &error), &error);
	for (uint64_t n = 1; n <= ledger.head.number; n++) {
		jt_buf_clear(&part);
		network_must(jt_prover_unsigned(&ledger, n, &part, &error), &error);
		network_must(jt_ledger_history_path(&ledger, n, h.number, path, &length, &error),
		    &error);
		under = (struct jt_proof_ledger){ jt_buf_slice(&part), jt_buf_slice(&newest),
			{ path[0], length * JT_HASH } };
		jt_buf_clear(&bytes);
		network_must(jt_kind_write(&jt_kind_proof_ledger, &under, &bytes, &error), &error);
		wrong += check_under(jt_buf_slice(&bytes), &others.genesis) != JT_OK ||
		    header.number != n;
		if (n != 5)
			continue;
		p.header = jt_buf_slice(&bytes);
		jt_buf_clear(&proof);
		network_must(jt_kind_write(&jt_kind_proof_record, &p, &proof, &error), &error);
		is_int(check_under(jt_buf_slice(&proof), &others.genesis), JT_OK,
		    "the proof under the new set");
		is_int(check_under(jt_buf_slice(&proof), &net.genesis), JT_NO, "and not the old one");
	}
	is_int(wrong, 0, "every old ledger, by the newest one's history");
	/* What the old keys sign today. */
	network_must(jt_ledger_read_header(&ledger, 5, &old, &error), &error);
	old.records.root[0] ^= 1;
	write_signed(&old, &net, VALIDATORS, &forged);
	p.header = jt_buf_slice(&forged);
	jt_buf_clear(&proof);
	network_must(jt_kind_write(&jt_kind_proof_record, &p, &proof, &error), &error);
	refuses(check_under(jt_buf_slice(&proof), &others.genesis),
	    "header: header names another validator set");
	under.header = jt_buf_slice(&forged);
	jt_buf_clear(&proof);
	network_must(jt_kind_write(&jt_kind_proof_ledger, &under, &proof, &error), &error);
	refuses(check_under(jt_buf_slice(&proof), &others.genesis),
	    "header: expected no signatures");
	jt_buf_clear(&forged);
	network_must(jt_header_write(&old, NULL, 0, &forged, &error), &error);
	under.header = jt_buf_slice(&forged);
	jt_buf_clear(&proof);
	network_must(jt_kind_write(&jt_kind_proof_ledger, &under, &proof, &error), &error);
	refuses(check_under(jt_buf_slice(&proof), &others.genesis),
	    "path: does not lead to the newer ledger's history");
	/* A new head by the old keys, with the forged header in its history. */
	jt_buf_clear(&forged);
	write_signed(&h, &net, VALIDATORS, &forged);
	under.newer = jt_buf_slice(&forged);
	jt_buf_clear(&proof);
	network_must(jt_kind_write(&jt_kind_proof_ledger, &under, &proof, &error), &error);
	ok(check_under(jt_buf_slice(&proof), &others.genesis) == JT_NO &&
	    strstr(error.text, "which is no validator") != NULL, "refused: %s", error.text);
	jt_buf_free(&newest);
	jt_buf_free(&forged);
	jt_buf_free(&part);
	jt_buf_free(&bytes);
}

/* A ledger without a certificate, under a newer one with: its history is enough. */
static void
test_not_certified(void)
{
	struct jt_record_copy copy;

	recorded_begin();
	for (int i = 0; i < 3; i++) {
		struct jt_record r = recorded_random(net.id);
		recorded_by_hand(&r);
	}
	recorded_ledger(&ledger, 1000);
	record_at(ledger.head.number, 1, &copy);
	jt_buf_clear(&proof);
	is_int(jt_prove_record(&prover, copy.record.hash, NULL, 0, NULL, &proof, &error), JT_AGAIN,
	    "a ledger that is not certified");
	ok(strstr(error.text, " is not certified: 0 of 3 signatures") != NULL, "says so");
	is_int(jt_prove_ledger(&prover, ledger.head.number, &proof, &error), JT_AGAIN,
	    "nor is its header proven");
	is_int(jt_prove_ledger(&prover, ledger.head.number + 1, &proof, &error), JT_NO,
	    "nor is one that is not there");
	close_random(1);
	is_int(jt_prove_ledger(&prover, ledger.head.number - 1, &proof, &error), JT_OK,
	    "under a newer one it is proven");
	is_int(check(jt_buf_slice(&proof)), JT_OK, "which holds");
	jt_buf_clear(&proof);
	is_int(jt_prove_record(&prover, copy.record.hash, NULL, 0, NULL, &proof, &error), JT_OK,
	    "and so is what it holds");
	is_int(check(jt_buf_slice(&proof)), JT_OK, "which holds, too");
}

static void
damaged(enum jt_err err)
{
	ok(err == JT_IO && strcmp(error.text, "ledger: index of hashes is damaged") == 0,
	    "the index is damaged: %s", err == JT_OK ? "" : error.text);
}

/* A store that names places that are none gives no proof. */
static void
test_damage(void)
{
	uint8_t entry[JT_PLACES_ENTRY], key[JT_HASH];
	struct jt_record_place place = { 0 };
	struct jt_slice object;

	network_must(jt_records_find(&ledger, fold.hash, &place, &object, &error), &error);
	jt_hash(key, (struct jt_slice){ fold.hash, JT_HASH });
	jt_places_entry(entry, key, place.ledger, place.index);
	damage_move(&ledger, JT_RECORDS, entry, place.ledger, 1000);
	jt_buf_clear(&proof);
	damaged(jt_prove_record(&prover, fold.hash, NULL, 0, NULL, &proof, &error));
	damage_move(&ledger, JT_RECORDS, entry, 0, 0);
	damaged(jt_prove_record(&prover, fold.hash, NULL, 0, NULL, &proof, &error));
	damage_move(&ledger, JT_RECORDS, entry, 5, UINT32_MAX);
	place = (struct jt_record_place){ 0 };
	damaged(jt_records_find(&ledger, fold.hash, &place, &object, &error));
	is_int(proof.len, 0, "and no proof was written");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	tempdir_make();
	jt_buf_init(&proof, JT_OBJECT_MAX);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	network_make(&net, VALIDATORS, 3, true);
	network_open(&net, tempdir_path("ledger"), &ledger);
	random_bytes(digests, sizeof digests);
	jt_fold_sort(digests, DIGESTS);
	close_random(1);
	close_random(2);
	close_random(100);
	close_random(12);
	close_fold();
	for (int i = 0; i < 12; i++)
		close_random(1 + random_below(30));
	jt_prover_init(&prover, &ledger);
	flip_kinds();
	test_size();
	test_digests();
	test_lies();
	test_never_absent();
	test_random();
	test_retired();
	test_not_certified();
	test_damage();
	jt_prover_free(&prover);
	jt_ledger_close(&ledger);
	jt_fold_free(&fold);
	network_free(&net);
	msgpack_zone_free(zone);
	jt_buf_free(&proof);
	jt_buf_free(&recorded_bytes);
	return done_testing();
}
