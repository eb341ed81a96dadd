/*
 * Proofs, and how they are refused: every byte flipped, other networks,
 * signatures too few, of strangers, or bad, paths and places that are wrong.
 */
#include "ledger/proof.h"

#include <inttypes.h>

#include "base/text.h"
#include "damage.h"
#include "ledger/prove.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"
#include "words.h"

enum { ACCOUNTS = 60, VALIDATORS = 4 };

static struct network net;
static struct jt_ledger ledger;
static struct jt_prover prover;
static struct jt_error error;
static msgpack_zone *zone;
static struct jt_buf proof;
static uint8_t first_tx[JT_HASH], failed_tx[JT_HASH], lone_tx[JT_HASH];
static struct jt_account proven; /* of the last good check */
static struct jt_header header;

/* ---- a ledger to prove from ---- */

static void
close_stream(const struct jt_buf *stream)
{
	network_close(&net, &ledger, jt_buf_slice(stream));
	network_must(jt_ledger_commit(&ledger, &error), &error);
}

static void
id_of(struct jt_slice bytes, uint8_t id[JT_HASH])
{
	struct jt_object o;

	network_must(jt_object_parse(bytes, &o, &error), &error);
	network_must(jt_kind_id(&jt_kind_pay, &o, id, &error), &error);
}

/* Ledger 1 has 21 transactions, ledger 2 a failed one among 2, ledger 3 a single one. */
static void
make_ledgers(void)
{
	struct jt_buf b;
	size_t at;

	network_open(&net, tempdir_path("ledger"), &ledger);
	jt_buf_init(&b, SIZE_MAX / 2);
	for (uint32_t i = 0; i < 21; i++) {
		char signer[8];
		snprintf(signer, sizeof signer, "%u", i);
		at = b.len;
		words_tx(&b, net.id, "pay", signer,
		    "from=$%u to=$%u amount=2 fee=0.00001 seq=1 memo=number-%u", i, i + 50, i);
		if (i == 7)
			id_of((struct jt_slice){ b.data + at, b.len - at }, first_tx);
	}
	close_stream(&b);
	jt_buf_clear(&b);
	words_tx(&b, net.id, "pay", "0", "from=$0 to=$1 amount=100000 fee=0.00001 seq=2");
	id_of(jt_buf_slice(&b), failed_tx);
	words_tx(&b, net.id, "set", "1", "from=$1 fee=0.00001 seq=2 flags=require-memo");
	close_stream(&b);
	jt_buf_clear(&b);
	words_tx(&b, net.id, "pay", "2", "from=$2 to=$3 amount=1 fee=0.00001 seq=2");
	id_of(jt_buf_slice(&b), lone_tx);
	close_stream(&b);
	jt_buf_free(&b);
	network_must(jt_ledger_begin(&ledger, &error), &error);
	jt_prover_init(&prover, &ledger);
}

/* ---- checking ---- */

static enum jt_err
check_in(struct jt_slice bytes, const struct jt_genesis *g, const uint8_t id[JT_HASH])
{
	struct jt_proof_account a;
	struct jt_proof_tx t;
	struct jt_object o;
	enum jt_err err = jt_object_parse(bytes, &o, &error);

	msgpack_zone_clear(zone);
	if (err != JT_OK)
		return err;
	if (jt_object_is(&o, "header"))
		return jt_proof_header_check(&o, g, id, &header, zone, &error);
	if (jt_object_is(&o, "proof-tx"))
		return jt_proof_tx_check(&o, g, id, &t, &header, zone, &error);
	err = jt_proof_account_check(&o, g, id, &a, &header, zone, &error);
	memset(&proven, 0, sizeof proven);
	if (err == JT_OK && a.entry.len > 0)
		network_must(jt_account_decode(a.entry, &proven, zone, &error), &error);
	return err;
}

static enum jt_err
check(struct jt_slice bytes)
{
	return check_in(bytes, &net.genesis, net.id);
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

static void
prove_account(uint32_t i)
{
	jt_buf_clear(&proof);
	network_must(jt_prove_account(&prover, words_key(i)->account, &proof, &error), &error);
}

static void
prove_tx(const uint8_t id[JT_HASH])
{
	jt_buf_clear(&proof);
	network_must(jt_prove_tx(&prover, id, &proof, &error), &error);
}

static void
test_good(void)
{
	bool good = true;

	for (uint32_t i = 0; i < ACCOUNTS + 40; i++) {
		prove_account(i);
		good = good && check(jt_buf_slice(&proof)) == JT_OK && header.number == 3 &&
		    (proven.balance == 0) == (i >= 71);
	}
	ok(good, "accounts that are there, and accounts that are not");
	prove_account(8);
	check(jt_buf_slice(&proof));
	ok(proven.balance == NETWORK_BALANCE - 2000010 && proven.seq == 1, "an account as it is");
	prove_tx(first_tx);
	is_int(check(jt_buf_slice(&proof)), JT_OK, "a transaction among many");
	is_int(header.number, 1, "of an older ledger");
	prove_tx(failed_tx);
	is_int(check(jt_buf_slice(&proof)), JT_OK, "a failed one");
	prove_tx(lone_tx);
	is_int(check(jt_buf_slice(&proof)), JT_OK, "the only one of its ledger");
	for (uint64_t n = 0; n <= 3; n++) {
		struct jt_slice h;
		network_must(jt_ledger_header(&ledger, n, &h, &error), &error);
		is_int(check(h), JT_OK, "the certified header of ledger %" PRIu64, n);
	}
	jt_buf_clear(&proof);
	is_int(jt_prove_tx(&prover, net.id, &proof, &error), JT_NO, "one that there is not");
	is_text(error.text, "no ledger holds it", "says so");
}

/* Of every byte each bit, or for a long proof one. None may be missed. */
static void
flip_all(const char *what, bool every_bit)
{
	uint8_t *bytes = proof.data;
	size_t missed = 0, odd = 0;

	is_int(check(jt_buf_slice(&proof)), JT_OK, "%s: %zu bytes, good", what, proof.len);
	for (size_t i = 0; i < proof.len; i++) {
		unsigned bit = every_bit ? 0 : (unsigned)random_below(8);
		for (; bit < 8; bit += every_bit ? 1 : 8) {
			enum jt_err err;
			bytes[i] ^= (uint8_t)(1U << bit);
			err = check(jt_buf_slice(&proof));
			missed += err == JT_OK;
			odd += err != JT_OK && err != JT_NO && err != JT_MALFORMED;
			if (err == JT_OK)
				printf("# byte %zu, bit %u\n", i, bit);
			bytes[i] ^= (uint8_t)(1U << bit);
		}
	}
	ok(missed == 0 && odd == 0, "%s: refused with %s flipped, %zu missed", what,
	    every_bit ? "any bit" : "a bit of any byte", missed);
	for (size_t n = 0; n < proof.len; n += n < 100 ? 1 : 7)
		missed += check((struct jt_slice){ proof.data, n }) == JT_OK;
	jt_buf_add(&proof, "", 1);
	missed += check(jt_buf_slice(&proof)) == JT_OK;
	proof.len--;
	ok(missed == 0, "%s: refused when cut short, or with more behind it", what);
}

static void
test_flips(void)
{
	struct jt_slice h;

	prove_account(5);
	flip_all("account", false);
	prove_account(300);
	flip_all("no account", false);
	prove_tx(first_tx);
	flip_all("transaction", false);
	prove_tx(lone_tx);
	flip_all("lone transaction", true);
	network_must(jt_ledger_header(&ledger, 2, &h, &error), &error);
	jt_buf_clear(&proof);
	jt_buf_add_slice(&proof, h);
	flip_all("header", false);
	network_must(jt_ledger_header(&ledger, 0, &h, &error), &error);
	jt_buf_clear(&proof);
	jt_buf_add_slice(&proof, h);
	flip_all("ledger 0", true);
}

/* ---- proofs made wrong on purpose ---- */

/* The struct of a good proof, to change and write again. */
static void
read_proof(const struct jt_kind *kind, void *out, msgpack_zone *z)
{
	struct jt_object o;

	network_must(jt_object_parse(jt_buf_slice(&proof), &o, &error), &error);
	network_must(jt_kind_read(kind, &o, out, z, &error), &error);
}

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

/* The header of ledger n with these signatures: bits of validators, then strangers. */
static void
sign_header(uint64_t n, unsigned who, unsigned strangers, int flip, struct jt_buf *out)
{
	struct jt_sig sigs[16];
	struct jt_object o;
	struct jt_slice h, body;
	uint8_t id[JT_HASH];
	size_t count = 0;

	network_must(jt_ledger_header(&ledger, n, &h, &error), &error);
	network_must(jt_object_parse(h, &o, &error), &error);
	network_must(jt_signed_body(&o, &body, &error), &error);
	network_must(jt_kind_id(&jt_kind_header, &o, id, &error), &error);
	for (unsigned i = 0; i < VALIDATORS; i++)
		if (who >> i & 1) {
			memcpy(sigs[count].key, net.validators[i].key, JT_KEY);
			jt_sign_id(sigs[count++].sig, net.validator_secret[i], id);
		}
	for (unsigned i = 0; i < strangers; i++) {
		memcpy(sigs[count].key, words_key(i)->key, JT_KEY);
		jt_sign_id(sigs[count++].sig, words_key(i)->secret, id);
	}
	if (flip >= 0)
		sigs[flip].sig[40] ^= 0x10;
	jt_buf_clear(out);
	network_must(jt_signed_write(out, o.kind, o.version, body, sigs, count, &error), &error);
}

static enum jt_err
check_header_in_proof(const struct jt_buf *h)
{
	struct jt_proof_account p;
	msgpack_zone *z = msgpack_zone_new(4096);
	enum jt_err err;

	prove_account(5);
	read_proof(&jt_kind_proof_account, &p, z);
	p.header = jt_buf_slice(h);
	err = check_made(&jt_kind_proof_account, &p);
	msgpack_zone_free(z);
	return err;
}

static void
test_certificates(void)
{
	char want[128], key[2 * JT_KEY + 1];
	struct jt_buf h;

	jt_buf_init(&h, JT_OBJECT_MAX);
	for (unsigned who = 0; who < 16; who++) {
		int n = __builtin_popcount(who);
		sign_header(3, who, 0, -1, &h);
		if (n >= 3) {
			is_int(check_header_in_proof(&h), JT_OK, "signed by %d of 4", n);
			continue;
		}
		snprintf(want, sizeof want, "header: %d of 3 signatures", n);
		refuses(check_header_in_proof(&h), want);
		refuses(check(jt_buf_slice(&h)), want + 8);
	}
	jt_hex_format(words_key(0)->key, JT_KEY, key);
	snprintf(want, sizeof want, "header: signed by %s, which is no validator", key);
	sign_header(3, 3, 1, -1, &h);
	refuses(check_header_in_proof(&h), want);
	sign_header(3, 15, 1, -1, &h);
	refuses(check_header_in_proof(&h), want);
	/* One bad signature refuses the certificate, also where a quorum is good. */
	for (int i = 0; i < VALIDATORS; i++) {
		jt_hex_format(net.validators[i].key, JT_KEY, key);
		snprintf(want, sizeof want, "header: bad signature by key %s", key);
		sign_header(3, 15, 0, i, &h);
		refuses(check_header_in_proof(&h), want);
	}
	/* Good certificates of other ledgers prove nothing of this one. */
	sign_header(2, 7, 0, -1, &h);
	refuses(check_header_in_proof(&h), "path: does not lead to the ledger's state");
	sign_header(0, 0, 0, -1, &h);
	refuses(check_header_in_proof(&h), "path: does not lead to the ledger's state");
	sign_header(0, 7, 0, -1, &h);
	refuses(check_header_in_proof(&h), "header: header of ledger 0 is not the genesis's");
	jt_buf_free(&h);
}

static void
test_other_networks(void)
{
	struct jt_genesis other = net.genesis;
	struct jt_validator three[VALIDATORS];
	uint8_t id[JT_HASH] = { 1 };

	prove_account(5);
	refuses(check_in(jt_buf_slice(&proof), &net.genesis, id),
	    "header: header of another network");
	/* The same id with other validators cannot be, and would not do. */
	memcpy(three, net.validators, sizeof three);
	other.validators = (struct jt_list){ three, 3 };
	refuses(check_in(jt_buf_slice(&proof), &other, net.id),
	    "header: header names another validator set");
	prove_tx(first_tx);
	refuses(check_in(jt_buf_slice(&proof), &net.genesis, id),
	    "header: header of another network");
	refuses(check_in(jt_buf_slice(&proof), &other, net.id),
	    "header: header names another validator set");
}

static void
test_wrong_accounts(void)
{
	msgpack_zone *z = msgpack_zone_new(4096);
	struct jt_proof_account p, q;
	struct jt_bucket_entry *bucket;
	uint8_t kept[JT_HASH];

	prove_account(5);
	read_proof(&jt_kind_proof_account, &p, z);
	q = p;
	memcpy(q.account, words_key(6)->account, JT_ACCOUNT);
	refuses(check_made(&jt_kind_proof_account, &q), "key: is not the account's");
	jt_state_key(q.key, q.account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	refuses(check_made(&jt_kind_proof_account, &q), "entry: is of another account");
	q.entry.len = 0;
	check_made(&jt_kind_proof_account, &q);
	ok(check_made(&jt_kind_proof_account, &q) == JT_NO,
	    "refused: another account is not there: %s", error.text);
	q = p;
	q.entry.len = 0;
	refuses(check_made(&jt_kind_proof_account, &q), "path: proof: there is an entry");
	/* An entry that says more. */
	struct jt_account rich;
	struct jt_buf entry;
	network_must(jt_account_decode(p.entry, &rich, z, &error), &error);
	rich.balance++;
	jt_buf_init(&entry, JT_OBJECT_MAX);
	network_must(jt_account_encode(&rich, &entry, &error), &error);
	q = p;
	q.entry = jt_buf_slice(&entry);
	refuses(check_made(&jt_kind_proof_account, &q), "path: proof: of another entry");
	bucket = q.path.bucket.items;
	for (uint32_t i = 0; i < q.path.bucket.count; i++)
		if (memcmp(bucket[i].key, q.key, JT_HASH) == 0) {
			memcpy(kept, bucket[i].hash, JT_HASH);
			jt_entry_hash(bucket[i].hash, q.entry);
			ok(check_made(&jt_kind_proof_account, &q) == JT_NO,
			    "refused: a bucket that says so, too: %s", error.text);
			memcpy(bucket[i].hash, kept, JT_HASH);
		}
	jt_buf_free(&entry);
	/* Nodes and buckets left out. */
	q = p;
	q.path.nodes.count--;
	ok(check_made(&jt_kind_proof_account, &q) != JT_OK, "refused: a node less: %s", error.text);
	q = p;
	q.path.bucket.count--;
	ok(check_made(&jt_kind_proof_account, &q) != JT_OK, "refused: an entry less: %s",
	    error.text);
	q = p;
	q.path.bucket.count = 0;
	q.entry.len = 0;
	ok(check_made(&jt_kind_proof_account, &q) == JT_NO, "refused: no bucket: %s", error.text);
	q.path.nodes.count = 0;
	ok(check_made(&jt_kind_proof_account, &q) == JT_NO, "refused: nothing: %s", error.text);
	q = p;
	q.header.len = 0;
	ok(check_made(&jt_kind_proof_account, &q) == JT_MALFORMED, "refused: no header: %s",
	    error.text);
	q.header = p.entry;
	ok(check_made(&jt_kind_proof_account, &q) == JT_MALFORMED, "refused: another object: %s",
	    error.text);
	q = p;
	q.entry = p.header;
	ok(check_made(&jt_kind_proof_account, &q) == JT_MALFORMED,
	    "refused: an entry that is no account: %s", error.text);
	msgpack_zone_free(z);
}

static void
test_wrong_transactions(void)
{
	uint8_t longer[JT_MERKLE_PATH][JT_HASH] = { { 0 } };
	msgpack_zone *z = msgpack_zone_new(4096);
	struct jt_proof_tx p, q, lone;
	size_t wrong = 0;

	prove_tx(lone_tx);
	read_proof(&jt_kind_proof_tx, &lone, z);
	/* Read again with its own bytes kept. */
	struct jt_buf kept;
	jt_buf_init(&kept, JT_OBJECT_MAX);
	jt_buf_add_slice(&kept, jt_buf_slice(&proof));
	struct jt_object o;
	network_must(jt_object_parse(jt_buf_slice(&kept), &o, &error), &error);
	network_must(jt_kind_read(&jt_kind_proof_tx, &o, &lone, z, &error), &error);
	prove_tx(first_tx);
	read_proof(&jt_kind_proof_tx, &p, z);
	for (uint64_t code = 0; code < JT_CODES; code++) {
		q = p;
		q.code = code;
		if (code == JT_CODE_OK)
			continue;
		if (jt_code_rows[code].outcome == JT_REFUSED)
			wrong += check_made(&jt_kind_proof_tx, &q) != JT_MALFORMED ||
			    strcmp(error.text, "code: a refused transaction is in no ledger") != 0;
		else
			wrong += check_made(&jt_kind_proof_tx, &q) != JT_NO ||
			    strcmp(error.text,
				"path: does not lead to the ledger's transactions") != 0;
	}
	is_int(wrong, 0, "another code");
	wrong = 0;
	for (uint64_t i = 0; i < 64; i++) {
		q = p;
		q.index = i;
		wrong += i != p.index && check_made(&jt_kind_proof_tx, &q) == JT_OK;
	}
	q.index = JT_UINT_MAX;
	wrong += check_made(&jt_kind_proof_tx, &q) == JT_OK;
	is_int(wrong, 0, "another index");
	memcpy(longer, p.path.items, p.path.count * JT_HASH);
	for (uint32_t n = 0; n <= JT_MERKLE_PATH; n++) {
		q = p;
		q.path = (struct jt_list){ longer, n };
		wrong += n != p.path.count && check_made(&jt_kind_proof_tx, &q) == JT_OK;
	}
	is_int(wrong, 0, "a path that is shorter or longer");
	q = p;
	q.tx = lone.tx;
	refuses(
	    check_made(&jt_kind_proof_tx, &q), "path: does not lead to the ledger's transactions");
	q = lone;
	q.header = p.header;
	refuses(
	    check_made(&jt_kind_proof_tx, &q), "path: does not lead to the ledger's transactions");
	q = p;
	q.tx = p.header;
	refuses(check_made(&jt_kind_proof_tx, &q), "tx: unknown kind jt/header");
	q = p;
	q.tx.len = 0;
	refuses(check_made(&jt_kind_proof_tx, &q), "tx: offset 0: ends early");
	/* A node of the tree is no leaf: its two children are not id and signatures. */
	q = p;
	q.path.count--;
	ok(check_made(&jt_kind_proof_tx, &q) == JT_NO, "refused: a node for a leaf");
	is_int(check_made(&jt_kind_proof_tx, &p), JT_OK, "and as it was, good");
	is_int(check_made(&jt_kind_proof_tx, &lone), JT_OK, "both");
	jt_buf_free(&kept);
	msgpack_zone_free(z);
}

/* The same transaction with another signature is not what the ledger holds. */
static void
test_copies(void)
{
	msgpack_zone *z = msgpack_zone_new(4096);
	struct jt_proof_tx p;
	struct jt_signed s;
	struct jt_object o;
	struct jt_buf b;
	struct jt_sig *sig;

	prove_tx(first_tx);
	read_proof(&jt_kind_proof_tx, &p, z);
	network_must(jt_object_parse(p.tx, &o, &error), &error);
	network_must(jt_signed_decode(&o, &s, z, &error), &error);
	sig = s.sigs.items;
	jt_buf_init(&b, JT_OBJECT_MAX);
	sig->sig[3] ^= 1;
	network_must(jt_signed_write(&b, o.kind, o.version, s.body, sig, 1, &error), &error);
	p.tx = jt_buf_slice(&b);
	refuses(
	    check_made(&jt_kind_proof_tx, &p), "path: does not lead to the ledger's transactions");
	jt_buf_clear(&b);
	network_must(jt_signed_write(&b, o.kind, o.version, s.body, NULL, 0, &error), &error);
	p.tx = jt_buf_slice(&b);
	refuses(
	    check_made(&jt_kind_proof_tx, &p), "path: does not lead to the ledger's transactions");
	jt_buf_free(&b);
	msgpack_zone_free(z);
}

static void
test_uncertified(void)
{
	struct jt_cut cut = { .n = ledger.cut + 1, .time = ledger.head.time + 1 };
	struct jt_close c = { .empty = true };

	jt_prover_free(&prover);
	network_must(jt_close_ledger(&ledger, &cut, &c, &error), &error);
	jt_prover_init(&prover, &ledger);
	jt_buf_clear(&proof);
	is_int(jt_prove_account(&prover, words_key(5)->account, &proof, &error), JT_AGAIN,
	    "the newest ledger is not certified");
	is_text(error.text, "ledger 4 is not certified: 0 of 3 signatures", "says so");
	is_int(jt_prove_tx(&prover, first_tx, &proof, &error), JT_OK, "older ones are");
}

/* Trees of all small sizes, every leaf. */
static void
test_sizes(void)
{
	struct jt_ledger l;
	struct jt_buf b;
	uint64_t seq[8] = { 0 };
	size_t bad = 0;

	network_open(&net, tempdir_path("sizes"), &l);
	jt_buf_init(&b, SIZE_MAX / 2);
	for (uint32_t size = 1; size <= 20; size++) {
		struct jt_prover p;
		uint8_t ids[20][JT_HASH];
		jt_buf_clear(&b);
		for (uint32_t i = 0; i < size; i++) {
			char signer[8];
			size_t at = b.len;
			snprintf(signer, sizeof signer, "%u", i % 8);
			words_tx(&b, net.id, "pay", signer,
			    "from=$%u to=$30 amount=0.1 fee=0.00001 seq=%" PRIu64, i % 8,
			    ++seq[i % 8]);
			id_of((struct jt_slice){ b.data + at, b.len - at }, ids[i]);
		}
		network_close(&net, &l, jt_buf_slice(&b));
		jt_prover_init(&p, &l);
		for (uint32_t i = 0; i < size; i++) {
			jt_buf_clear(&proof);
			bad += jt_prove_tx(&p, ids[i], &proof, &error) != JT_OK ||
			    check(jt_buf_slice(&proof)) != JT_OK || header.number != size;
		}
		jt_prover_free(&p);
	}
	is_int(bad, 0, "every transaction of ledgers of 1 to 20");
	jt_buf_free(&b);
	jt_ledger_close(&l);
}

static void
damaged(enum jt_err err, const char *want, const char *what)
{
	bool pass = err == JT_IO && strcmp(error.text, want) == 0 && proof.len == 0;

	if (!ok(pass, "%s: %s", what, want))
		printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
}

/* A store that lost a row, or names places that are none, gives no proof. */
static void
test_damage(void)
{
	static const char bad_index[] = "ledger: index of ids is damaged";
	uint8_t ids[2][JT_HASH], entry[JT_PLACES_ENTRY], lost[12];
	struct jt_place place;
	struct jt_prover p;
	struct jt_slice tx;
	struct jt_ledger l;
	struct jt_buf b;
	size_t at;
	char want[64];

	network_open(&net, tempdir_path("damage"), &l);
	jt_buf_init(&b, SIZE_MAX / 2);
	words_tx(&b, net.id, "pay", "0", "from=$0 to=$30 amount=1 fee=0.00001 seq=1");
	id_of(jt_buf_slice(&b), ids[0]);
	at = b.len;
	words_tx(&b, net.id, "pay", "1", "from=$1 to=$30 amount=1 fee=0.00001 seq=1");
	id_of((struct jt_slice){ b.data + at, b.len - at }, ids[1]);
	network_close(&net, &l, jt_buf_slice(&b));
	jt_prover_init(&p, &l);
	jt_buf_clear(&proof);
	network_must(jt_ledger_tx(&l, ids[0], &place, &tx, &error), &error);
	jt_places_entry(entry, ids[0], place.ledger, place.index);
	damage_move(&l, JT_TXS, entry, 0, 0);
	damaged(jt_prove_tx(&p, ids[0], &proof, &error), bad_index, "in the first ledger");
	network_must(jt_prove_tx(&p, ids[1], &proof, &error), &error);
	is_int(check(jt_buf_slice(&proof)), JT_OK, "the other one is proven");
	jt_buf_clear(&proof);
	damaged(jt_prove_tx(&p, ids[0], &proof, &error), bad_index, "where there are none");
	damage_move(&l, JT_TXS, entry, 1, 2);
	damaged(jt_prove_tx(&p, ids[0], &proof, &error), bad_index, "behind the last of a ledger");
	damage_move(&l, JT_TXS, entry, 1, UINT32_MAX);
	damaged(jt_ledger_tx(&l, ids[0], &place, &tx, &error), bad_index, "at the end of all places");
	jt_prover_free(&p);
	jt_prover_init(&p, &l);
	network_must(jt_ledger_tx(&l, ids[1], &place, &tx, &error), &error);
	jt_put_be64(lost, 1);
	jt_put_be32(lost + 8, 1 - place.index);
	network_must(jt_store_delete(l.store, JT_TXS, (struct jt_slice){ lost, sizeof lost }, &error),
	    &error);
	snprintf(want, sizeof want, "ledger 1: transaction %u is missing", 1 - place.index);
	damaged(jt_prove_tx(&p, ids[1], &proof, &error), want, "a row less");
	jt_prover_free(&p);
	jt_buf_free(&b);
	jt_ledger_close(&l);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	tempdir_make();
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	network_need(zone != NULL, "out of memory");
	jt_buf_init(&proof, JT_OBJECT_MAX);
	network_make(&net, VALIDATORS, ACCOUNTS, false);
	make_ledgers();
	test_good();
	test_flips();
	test_certificates();
	test_other_networks();
	test_wrong_accounts();
	test_wrong_transactions();
	test_copies();
	test_uncertified();
	test_sizes();
	test_damage();
	jt_prover_free(&prover);
	jt_ledger_close(&ledger);
	network_free(&net);
	jt_buf_free(&proof);
	msgpack_zone_free(zone);
	return done_testing();
}
