/*
 * Proofs of a small network, altered in any way: what still proves is one of
 * the true proofs, byte for byte. The first byte chooses a true proof, the
 * rest alters it: a place of two bytes, then a byte that says how, and one to
 * write. 0xff: the rest is a whole object. (No true proof is kept as such: the
 * same validators would have signed it for another ledger, were the network of
 * these tests ever made otherwise.)
 */
#include "fuzz.h"

#include "../unit/network.h"
#include "../unit/tempdir.h"
#include "ledger/prove.h"

enum { VALIDATORS = 4, ACCOUNTS = 40, LEDGERS = 3, PAYMENTS = 5, TRUE_MAX = 160, RAW = 0xff };
enum { RECORDS = 3 /* of each ledger, and the fold in the last one */, DIGESTS = 10 };

static struct network net;
static msgpack_zone *zone;
static struct jt_buf trues[TRUE_MAX];
static size_t true_count;

static struct jt_buf *
next_true(void)
{
	assert(true_count < TRUE_MAX);
	jt_buf_init(&trues[true_count], JT_OBJECT_MAX);
	return &trues[true_count++];
}

/* ---- hash records: what is recorded tells its ledger and its place there ---- */

static uint8_t digests[DIGESTS][JT_HASH];
static struct jt_fold fold;

static void
record_hash(uint32_t ledger, uint32_t i, uint8_t hash[JT_HASH])
{
	memset(hash, (int)(60 * i + ledger), JT_HASH);
}

/* Every second one names the ledger before it. */
static void
add_records(struct jt_ledger *l, uint32_t n, struct jt_buf *out)
{
	struct jt_error e;

	for (uint32_t i = 0; i < RECORDS + (n == LEDGERS); i++) {
		struct jt_record r = { .tag = jt_slice_text(i == 1 ? "word" : "") };

		memcpy(r.network, net.id, JT_HASH);
		record_hash(n, i, r.hash);
		if (i == RECORDS)
			memcpy(r.hash, fold.hash, JT_HASH);
		if (i % 2 == 1)
			memcpy(r.after, l->head_id, JT_HASH);
		network_must(jt_kind_write(&jt_kind_record, &r, out, &e), &e);
	}
}

/* With the header that it names, which may be left out, and without. */
static void
prove_record(struct jt_prover *p, const uint8_t hash[JT_HASH], const struct jt_fold_part *part)
{
	struct jt_buf *whole = next_true();
	struct jt_proof_record proof;
	struct jt_object o;
	struct jt_error e;

	network_must(jt_prove_record(p, hash, NULL, 0, part, whole, &e), &e);
	network_must(jt_object_parse(jt_buf_slice(whole), &o, &e), &e);
	network_must(jt_kind_read(&jt_kind_proof_record, &o, &proof, NULL, &e), &e);
	if (proof.since.len == 0)
		return;
	proof.since.len = 0;
	network_must(jt_kind_write(&jt_kind_proof_record, &proof, next_true(), &e), &e);
}

static void
prove_records(struct jt_prover *p)
{
	uint8_t hash[JT_HASH], path[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;
	struct jt_error e;

	for (uint32_t n = 1; n <= LEDGERS; n++) {
		for (uint32_t i = 0; i < RECORDS; i++) {
			record_hash(n, i, hash);
			prove_record(p, hash, NULL);
		}
		for (unsigned i = 0; i < 4; i++) {
			memset(hash, (int)(80 * i), JT_HASH);
			network_must(jt_prove_no_record(p, hash, n, next_true(), &e), &e);
		}
		network_must(jt_prove_ledger(p, n - 1, next_true(), &e), &e);
	}
	prove_record(p, fold.hash, NULL);
	for (uint64_t i = 0; i < DIGESTS; i += 3) {
		jt_fold_part(&fold, i, false, path, &part);
		prove_record(p, fold.hash, &part);
	}
	jt_fold_part(&fold, 0, true, path, &part);
	prove_record(p, fold.hash, &part);
}

/* Absence may be proven of any other hash, but of none that is there. */
static bool
is_recorded(const struct jt_proof_no_record *p, const struct jt_header *h)
{
	uint8_t hash[JT_HASH];

	for (uint32_t i = 0; i < RECORDS; i++) {
		record_hash((uint32_t)h->number, i, hash);
		if (memcmp(hash, p->hash, JT_HASH) == 0)
			return true;
	}
	return h->number == LEDGERS && memcmp(p->hash, fold.hash, JT_HASH) == 0;
}

/* All that the newest ledger proves of accounts, and all transactions and headers. */
static void
prove_all(struct jt_ledger *l)
{
	struct jt_slice header, tx;
	struct jt_prover p;
	struct jt_object o;
	struct jt_error e;
	uint8_t leaf[JT_HASH], id[JT_HASH] = { 0 };
	enum jt_code code;

	jt_prover_init(&p, l);
	for (size_t i = 0; i < ACCOUNTS; i++)
		network_must(jt_prove_account(&p, net.initial[i].account, next_true(), &e), &e);
	for (uint8_t i = 0; i < 5; i++) {
		id[0] = (uint8_t)(50 * i); /* nobody's account */
		network_must(jt_prove_account(&p, id, next_true(), &e), &e);
	}
	for (uint64_t n = 0; n <= LEDGERS; n++) {
		network_must(jt_ledger_header(l, n, &header, &e), &e);
		assert(jt_buf_add_slice(next_true(), header));
		for (uint32_t i = 0; n > 0 && i < PAYMENTS + n; i++) {
			network_must(jt_ledger_tx_at(l, n, i, leaf, &code, &tx, &e), &e);
			network_must(jt_object_parse(tx, &o, &e), &e);
			network_must(jt_kind_id(&jt_kind_pay, &o, id, &e), &e);
			network_must(jt_prove_tx(&p, id, next_true(), &e), &e);
		}
	}
	prove_records(&p);
	jt_prover_free(&p);
}

/* Ledger n has n transactions more than PAYMENTS, some of which fail. */
static void
make_ledgers(void)
{
	struct jt_ledger l;
	struct jt_error e;
	struct jt_buf txs;

	network_make(&net, VALIDATORS, ACCOUNTS, false);
	network_open(&net, tempdir_make(), &l);
	jt_buf_init(&txs, JT_CLOSE_BYTES_MAX);
	for (unsigned i = 0; i < DIGESTS; i++)
		memset(digests[i], (int)(20 * i + 7), JT_HASH);
	network_must(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])digests, DIGESTS, &e), &e);
	for (uint32_t n = 1; n <= LEDGERS; n++) {
		jt_buf_clear(&txs);
		for (uint32_t i = 0; i < PAYMENTS + n; i++)
			network_pay(&net, (i * n) % 20, 10 * n + i, net.initial[20 + i].account,
			    i == 2 ? 2 * NETWORK_BALANCE : 1000 * n + i, &txs);
		add_records(&l, n, &txs);
		network_close(&net, &l, jt_buf_slice(&txs));
	}
	network_must(jt_ledger_commit(&l, &e), &e);
	jt_ledger_close(&l);
	network_must(jt_ledger_open(&l, tempdir, JT_STORE_READ, &e), &e);
	prove_all(&l);
	jt_ledger_close(&l);
	jt_buf_free(&txs);
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	assert(zone != NULL);
}

static bool
proves(struct jt_slice bytes, bool *absence)
{
	struct jt_proof_account account;
	struct jt_proof_tx tx;
	struct jt_proof_no_record absent;
	struct jt_recorded recorded;
	struct jt_header h, newer;
	struct jt_object o;
	struct jt_error e;
	enum jt_err err;

	*absence = false;
	msgpack_zone_clear(zone);
	if ((err = jt_object_parse(bytes, &o, &e)) == JT_OK) {
		if (jt_object_is(&o, "proof-account"))
			err = jt_proof_account_check(&o, &net.genesis, net.id, &account, &h, zone, &e);
		else if (jt_object_is(&o, "proof-tx"))
			err = jt_proof_tx_check(&o, &net.genesis, net.id, &tx, &h, zone, &e);
		else if (jt_object_is(&o, "proof-record"))
			err = jt_proof_record_check(&o, &net.genesis, net.id, &recorded, zone, &e);
		else if (jt_object_is(&o, "proof-ledger"))
			err = jt_proof_ledger_check(&o, &net.genesis, net.id, &h, &newer, zone, &e);
		else if (jt_object_is(&o, "proof-no-record")) {
			err = jt_proof_no_record_check(&o, &net.genesis, net.id, &absent, &h, zone, &e);
			assert(err != JT_OK || !is_recorded(&absent, &h));
			*absence = err == JT_OK;
		} else
			err = jt_proof_header_check(&o, &net.genesis, net.id, &h, zone, &e);
	}
	assert(err == JT_OK || ((err == JT_NO || err == JT_MALFORMED) && e.text[0] != '\0'));
	return err == JT_OK;
}

/* Change, insert, remove bytes, or cut the rest off. */
static void
alter(struct jt_buf *b, struct fuzz_input *in)
{
	while (in->len > 0 && b->len > 0) {
		size_t at = (size_t)fuzz_number(in, 2) % b->len;
		uint8_t how = fuzz_byte(in), byte = fuzz_byte(in);

		if (how < 0xc0) {
			b->data[at] = byte;
		} else if (how < 0xe0) {
			assert(jt_buf_add(b, &byte, 1));
			memmove(b->data + at + 1, b->data + at, b->len - 1 - at);
			b->data[at] = byte;
		} else if (how < 0xff) {
			size_t n = byte < b->len - at ? byte : b->len - at;
			memmove(b->data + at, b->data + at + n, b->len - at - n);
			b->len -= n;
		} else
			b->len = at;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct jt_buf b;
	uint8_t which;
	bool known = false, absence;

	if (true_count == 0) {
		make_ledgers();
		for (size_t i = 0; i < true_count; i++)
			assert(proves(jt_buf_slice(&trues[i]), &absence));
	}
	jt_buf_init(&b, JT_OBJECT_MAX + 65536);
	which = fuzz_byte(&in);
	if (which == RAW)
		assert(jt_buf_add(&b, in.data, in.len) || in.len > JT_OBJECT_MAX);
	else {
		assert(jt_buf_add_slice(&b, jt_buf_slice(&trues[which % true_count])));
		alter(&b, &in);
	}
	for (size_t i = 0; i < true_count; i++)
		known = known || jt_slice_equal(jt_buf_slice(&b), jt_buf_slice(&trues[i]));
	assert(proves(jt_buf_slice(&b), &absence) == known || absence);
	jt_buf_free(&b);
	return 0;
}
