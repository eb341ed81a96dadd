/*
 * Golden vectors: objects of every kind, a network, two ledgers and proofs,
 * made of fixed seeds and times. They change only on purpose:
 *
 *	golden          compare with tests/golden, byte for byte
 *	golden DIR      write them there (`make golden`)
 *
 * Another implementation that makes the same bytes of the same seeds, or reads
 * these, agrees with this one. ids.txt lists every object that has an id.
 */
#include <inttypes.h>

#include "base/text.h"
#include "key/beacon.h"
#include "key/dealing.h"
#include "key/secret.h"
#include "ledger/prove.h"
#include "tap.h"
#include "tempdir.h"
#include "words.h"

#define START UINT64_C(1488369600000) /* 2017-03-01T12:00:00Z */
enum { ACCOUNTS = 6, VALIDATORS = 4, INITIAL = 40 /* so that the state's tree has nodes */ };
enum { BANK, ALICE, BOB, CAROL, DAVE, NOBODY }; /* accounts; the last two begin with nothing */

static struct jt_secret_key *account_key[ACCOUNTS], *validator_key[VALIDATORS],
    *link_key[VALIDATORS];
static uint8_t account[ACCOUNTS][JT_ACCOUNT];
static char address[ACCOUNTS][JT_ADDRESS_TEXT];
static struct jt_genesis genesis;
static uint8_t network[JT_HASH];
static struct jt_ledger ledger;
static struct jt_error error;

/* The files, in the order in which they are made. */
enum file { KEYS, NETWORK, COIN, STREAM, RESULTS, HEADERS, STATE, PROOFS, RECORDS, IDS, FILES };
static const char *const names[FILES] = { "keys.jt", "network.jt", "coin.jt", "stream.jt", "results.jt",
	"headers.jt", "state.jt", "proofs.jt", "records.jt", "ids.txt" };
static struct jt_buf files[FILES];

/* ---- keys: every byte of a secret is the same ---- */

static struct jt_secret_key *
make_key(enum jt_role role, unsigned byte)
{
	struct jt_secret_key *k = jt_secret_new();
	uint8_t bytes[JT_SECRET_BYTES];

	if (k == NULL)
		exit(71);
	memset(bytes, (int)byte, sizeof bytes);
	if (role == JT_ROLE_VALIDATOR)
		memset(bytes + 32, (int)byte + 16, 32);
	jt_secret_set(k, role, bytes);
	return k;
}

static void
make_keys(void)
{
	struct jt_seal seal = { .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY };
	struct jt_secret_key *shown[3];
	struct jt_buf locked;

	for (unsigned i = 0; i < ACCOUNTS; i++) {
		account_key[i] = make_key(JT_ROLE_ACCOUNT, i + 1);
		jt_account_of_key(account[i], account_key[i]->pub.key);
		jt_address_format(account[i], address[i]);
	}
	for (unsigned i = 0; i < VALIDATORS; i++) {
		validator_key[i] = make_key(JT_ROLE_VALIDATOR, 0x40 + i);
		link_key[i] = make_key(JT_ROLE_LINK, 0x60 + i);
	}
	shown[0] = account_key[ALICE];
	shown[1] = validator_key[0];
	shown[2] = link_key[0];
	network_must(jt_locked_init(&locked, 8 * JT_SECRET_FILE_MAX, &error), &error);
	for (int i = 0; i < 3; i++) {
		network_must(jt_pub_write(&shown[i]->pub, &files[KEYS], &error), &error);
		network_must(jt_secret_write(shown[i], &locked, &error), &error);
	}
	memset(seal.salt, 5, sizeof seal.salt);
	memset(seal.nonce, 6, sizeof seal.nonce);
	network_must(jt_secret_seal(shown[0], jt_slice_text("correct horse"), &seal, &locked,
	    &error), &error);
	jt_buf_add_slice(&files[KEYS], jt_buf_slice(&locked));
	jt_locked_free(&locked);
}

/* ---- the network ---- */

static int
by_first_bytes(const void *a, const void *b)
{
	return memcmp(a, b, JT_ACCOUNT);
}

static void
make_validators(struct jt_validator *v)
{
	static const char *const who[] = { "north", "east", "south", "west" };
	static const char *const peers[] = { "", "east.example:7070", "", "[2001:db8::1]:7070" };

	for (int i = 0; i < VALIDATORS; i++) {
		size_t rank = 0;
		for (int k = 0; k < VALIDATORS; k++)
			rank += memcmp(validator_key[k]->pub.key, validator_key[i]->pub.key,
				    JT_KEY) < 0;
		v[rank] = (struct jt_validator){ .name = jt_slice_text(who[i]),
			.peer = jt_slice_text(peers[i]) };
		memcpy(v[rank].key, validator_key[i]->pub.key, JT_KEY);
		memcpy(v[rank].box, validator_key[i]->pub.box, JT_BOX_KEY);
		memcpy(v[rank].link, link_key[i]->pub.key, JT_BOX_KEY);
	}
	v[0].client = jt_slice_text("client.example:7071");
}

/* ---- the coin ---- */

static struct jt_coin coin;
static struct jt_deal *dealt;

/* Everybody's share to its file, the dealing itself appended. */
static void
make_dealing(struct jt_buf *out)
{
	struct jt_pub pubs[VALIDATORS];
	struct jt_dealing d;
	struct jt_object o;
	msgpack_zone zone;

	network_need((dealt = jt_deal_new()) != NULL, "out of memory that can be locked");
	network_need(msgpack_zone_init(&zone, 4096), "out of memory");
	memset(dealt->seed, 0x77, sizeof dealt->seed);
	for (int i = 0; i < VALIDATORS; i++)
		pubs[i] = validator_key[i]->pub;
	network_must(jt_dealing_make(pubs, VALIDATORS, dealt, out, &error), &error);
	network_must(jt_object_parse(jt_buf_slice(out), &o, &error), &error);
	network_must(jt_dealing_read(&o, &d, &zone, &error), &error);
	network_must(jt_kind_id(&jt_kind_dealing, &o, genesis.dealing, &error), &error);
	jt_dealing_public(&d, &coin.public);
	for (uint32_t i = 0; i < VALIDATORS; i++)
		network_must(jt_share_write(&d, genesis.dealing, i, &files[COIN], &error), &error);
	msgpack_zone_destroy(&zone);
}

/* The beacon of a ledger, by the first two validators. */
static void
make_beacon(uint64_t number)
{
	struct jt_beacon b = { .ledger = number };
	uint8_t shares[2][JT_COIN_SHARE];
	struct jt_coin_given given[2];
	struct jt_coin_name name;

	memcpy(b.network, network, JT_HASH);
	jt_beacon_name(&name, network, 0, number);
	for (uint32_t i = 0; i < 2; i++) {
		network_need(jt_coin_share(shares[i], dealt->share[i], coin.public.share[i], &name),
		    "no share");
		given[i] = (struct jt_coin_given){ .place = i, .share = shares[i] };
	}
	network_must(jt_beacon_make(&coin, &b, given, 2, &files[COIN], &error), &error);
}

static void
make_network(void)
{
	static struct jt_validator validators[VALIDATORS];
	static struct jt_signer signers[2] = { { .weight = 1 }, { .weight = 2 } };
	static struct jt_initial in[INITIAL] = { { .balance = UINT64_C(600000000000000000) },
		{ .balance = 1000500000, .seq = 7 }, { .balance = 2000000 } };
	struct network sum = { .count = INITIAL, .initial = in };
	struct jt_accounts all = { { in, INITIAL } };
	struct jt_object o;
	struct jt_buf dealing;

	make_validators(validators);
	jt_buf_init(&dealing, JT_DEALING_MAX);
	for (unsigned i = 0; i < INITIAL; i++) {
		struct jt_secret_key *k = make_key(JT_ROLE_ACCOUNT, i < 3 ? i + 1 : 0x80 + i);
		jt_account_of_key(in[i].account, k->pub.key);
		in[i].balance += i < 3 ? 0 : 1000000 * i;
		in[i].seq += i < 3 ? 0 : 3 * i;
		jt_secret_free(k);
	}
	qsort(in, INITIAL, sizeof *in, by_first_bytes);
	for (int i = 0; i < 2; i++)
		memcpy(signers[i].account, account[BOB + i], JT_ACCOUNT);
	qsort(signers, 2, sizeof *signers, by_first_bytes);
	network_root(&sum);
	genesis = (struct jt_genesis){ .accounts = INITIAL, .authority = { 2, { signers, 2 } },
		.fee = 10,
		.heartbeat = 5000, .interval = 50, .name = jt_slice_text("golden"),
		.object = 200000, .records = { 1048576, 18 }, .reserve = 1000000, .time = START,
		.validators = { validators, VALIDATORS } };
	for (int i = 0; i < INITIAL; i++)
		genesis.coins += in[i].balance;
	memset(genesis.nonce, 0x11, JT_HASH);
	make_dealing(&dealing);
	memcpy(genesis.state, sum.genesis.state, JT_HASH);
	network_must(jt_genesis_write(&genesis, &files[NETWORK], &error), &error);
	network_must(jt_object_parse(jt_buf_slice(&files[NETWORK]), &o, &error), &error);
	network_must(jt_kind_id(&jt_kind_genesis, &o, network, &error), &error);
	jt_buf_add_slice(&files[NETWORK], jt_buf_slice(&dealing));
	jt_buf_free(&dealing);
	network_must(jt_kind_write(&jt_kind_accounts, &all, &files[NETWORK], &error), &error);
	sum.file = files[NETWORK];
	network_open(&sum, tempdir_path("ledger"), &ledger);
}

/* ---- transactions: "1 3" signs with the keys of these accounts ---- */

static struct jt_buf part; /* of the stream, since the last cut */
static uint64_t part_count;

__attribute__((format(printf, 3, 4))) static void
add(const char *name, const char *signers, const char *fmt, ...)
{
	const struct jt_kind *kind = jt_kind_named(&jt_all_kinds, jt_slice_text(name));
	struct jt_sig sigs[ACCOUNTS];
	uint8_t id[JT_HASH];
	struct jt_buf body;
	msgpack_zone zone;
	char words[1024];
	size_t count = 0;
	va_list ap;

	network_need(msgpack_zone_init(&zone, 4096), "out of memory");
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	jt_buf_init(&body, JT_TX_MAX);
	network_must(jt_encode(kind->schema, words_fields(kind, network, words, &zone), &body,
	    &error), &error);
	jt_object_hash(id, jt_slice_text(name), kind->version, jt_buf_slice(&body));
	for (; *signers != '\0'; signers += 1 + (signers[1] == ' ')) {
		const struct jt_secret_key *k = account_key[*signers - '0'];
		memcpy(sigs[count].key, k->pub.key, JT_KEY);
		jt_sign_id(sigs[count++].sig, k->sign, id);
	}
	network_must(jt_signed_write(&part, jt_slice_text(name), kind->version,
	    jt_buf_slice(&body), sigs, count, &error), &error);
	part_count++;
	jt_buf_free(&body);
	msgpack_zone_destroy(&zone);
}

/* ---- hash records: inside stamps for the author of the part ---- */

enum { FOLDED = 5 };
static uint8_t digests[FOLDED][JT_HASH];
static struct jt_fold fold;

/* The object alone. */
static void
write_record(unsigned byte, const uint8_t *after, const char *tag, struct jt_buf *out)
{
	struct jt_record r = { .tag = jt_slice_text(tag) };

	memcpy(r.network, network, JT_HASH);
	memset(r.hash, (int)byte, JT_HASH);
	if (byte == 0)
		memcpy(r.hash, fold.hash, JT_HASH);
	if (after != NULL) {
		memcpy(r.after, after, JT_HASH);
		memset(r.prev, 0x77, JT_HASH);
	}
	network_must(jt_kind_write(&jt_kind_record, &r, out, &error), &error);
}

static void
add_record(unsigned byte, const uint8_t *after, const char *tag, bool stamped)
{
	struct jt_stamp stamp = { .nonce = 0 };
	uint8_t id[JT_HASH];
	struct jt_object o;
	struct jt_buf b;

	part_count++;
	if (!stamped) {
		write_record(byte, after, tag, &part);
		return;
	}
	jt_buf_init(&b, JT_OBJECT_MAX);
	write_record(byte, after, tag, &b);
	network_must(jt_object_parse(jt_buf_slice(&b), &o, &error), &error);
	network_must(jt_kind_id(&jt_kind_record, &o, id, &error), &error);
	memcpy(stamp.door, validator_key[1]->pub.key, JT_KEY);
	network_need(jt_stamp_find(stamp.door, id, genesis.records.stamp, UINT64_C(1) << 40,
	    &stamp.nonce), "no stamp");
	stamp.record = jt_buf_slice(&b);
	network_must(jt_kind_write(&jt_kind_stamp, &stamp, &part, &error), &error);
	jt_buf_free(&b);
}

static void
note_record(const struct jt_record_item *item, uint64_t ledger_number)
{
	struct jt_result r = { .code = item->code, .why = jt_slice_text(item->why) };

	memcpy(r.id, item->id, JT_HASH);
	if (item->code == JT_CODE_OK) {
		r.ledger = ledger_number;
		r.index = item->index;
	}
	network_must(jt_kind_write(&jt_kind_result, &r, &files[RESULTS], &error), &error);
}

static void
note_results(const struct jt_close *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct jt_item *item = &c->items[i];
		struct jt_result r = { .code = item->code, .why = jt_slice_text(item->why) };
		memcpy(r.id, item->id, JT_HASH);
		if (jt_code_rows[item->code].outcome != JT_REFUSED) {
			r.ledger = c->header.number;
			r.index = item->index;
		}
		network_must(jt_kind_write(&jt_kind_result, &r, &files[RESULTS], &error), &error);
	}
	for (size_t i = 0; i < c->record_count; i++)
		note_record(&c->records[i], c->header.number);
}

/* The part and its cut to the stream, and the ledger closed, signed by some. */
static void
cut(unsigned salt, uint64_t ms, int signatures)
{
	struct jt_part p = { .count = part_count, .round = ledger.cut + 5 };
	struct jt_cut cut = { .n = ledger.cut + 1, .time = START + ms };
	struct jt_item items[16];
	struct jt_record_item records[16];
	struct jt_close c = { .items = items, .records = records };
	size_t size;

	memcpy(p.author, validator_key[1]->pub.key, JT_KEY);
	memset(cut.salt, (int)salt, JT_HASH);
	memset(cut.leader, 0x33, JT_HASH);
	memset(cut.beacon, 0x44, JT_HASH);
	network_must(jt_kind_write(&jt_kind_part, &p, &files[STREAM], &error), &error);
	jt_buf_add_slice(&files[STREAM], jt_buf_slice(&part));
	network_must(jt_kind_write(&jt_kind_cut, &cut, &files[STREAM], &error), &error);
	for (size_t at = 0; at < part.len; at += size) {
		struct jt_slice rest = { part.data + at, part.len - at };
		struct jt_object o;
		network_must(jt_object_size(rest, &size, &error), &error);
		rest.len = size;
		network_must(jt_object_parse(rest, &o, &error), &error);
		if (jt_object_is(&o, "stamp") || jt_object_is(&o, "record"))
			records[c.record_count++] =
			    (struct jt_record_item){ .object = rest, .source = p.author };
		else
			items[c.count++] = (struct jt_item){ .object = rest };
	}
	network_must(jt_close_ledger(&ledger, &cut, &c, &error), &error);
	for (int i = 0; i < signatures; i++)
		network_must(jt_ledger_sign_own(&ledger, ledger.head.number,
		    validator_key[i]->pub.key, validator_key[i]->sign, &error), &error);
	note_results(&c);
	jt_buf_clear(&part);
	part_count = 0;
}

static void
make_ledgers(void)
{
	char first[2 * JT_HASH + 1];

	jt_hex_format(ledger.head_id, JT_HASH, first);
	jt_buf_init(&part, JT_OBJECT_MAX);
	add("pay", "0", "from=%s to=%s amount=100 fee=0.00001 seq=1", address[BANK], address[DAVE]);
	add("pay", "0", "from=%s to=%s amount=0.5 fee=0.00001 seq=2 memo=too-little", address[BANK],
	    address[NOBODY]);
	add("pay", "1", "from=%s to=%s amount=3 fee=0.002 seq=9 last=5 app=%s after=%s "
	    "until=2017-03-01T13:00:00.250Z memo=rent,-M\xc3\xa4rz", address[ALICE], address[BANK],
	    address[BOB], first);
	add("set", "1",
	    "from=%s fee=0.00001 seq=8 signers=%s:1,%s:1 quorum=2 key=%s flags=require-memo",
	    address[ALICE], address[BOB], address[CAROL], address[DAVE]);
	add("pay", "0", "from=%s to=%s amount=12.50CNY/%s max=7 fee=0.00001 seq=64", address[BANK],
	    address[ALICE], address[BOB]);
	add("pay", "2", "from=%s to=%s amount=0.1 fee=0.00001 seq=200", address[BOB],
	    address[BANK]);
	add_record(0x88, NULL, "", true);
	add_record(0x99, NULL, "M\xc3\xa4rz", false);
	cut(0, 0, 3); /* not after ledger 0: so a millisecond later */
	add("pay", "2 3", "from=%s to=%s amount=7.25 fee=0.00002 seq=10", address[ALICE],
	    address[DAVE]);
	add("pay", "4", "from=%s to=%s amount=50 fee=0.00001 seq=1", address[DAVE], address[ALICE]);
	for (unsigned i = 0; i < FOLDED; i++)
		memset(digests[i], (int)i + 1, JT_HASH);
	network_must(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])digests, FOLDED, &error),
	    &error);
	add_record(0, ledger.head_id, "v1.0", true);
	add_record(0xaa, NULL, "M\xc3\xa4rz", true);
	cut(0xab, 250, 4);
	jt_buf_free(&part);
}

/* Some results are of records. */
static bool
is_transaction(const uint8_t id[JT_HASH])
{
	struct jt_place place;
	struct jt_slice object;

	network_must(jt_ledger_tx(&ledger, id, &place, &object, &error), &error);
	return object.len > 0;
}

/* A direct record, a fold with one digest and with all, what is pending, absent, and old. */
static void
take_records(struct jt_prover *prover, struct jt_buf *out)
{
	uint8_t hash[JT_HASH], path[JT_MERKLE_PATH][JT_HASH];
	struct jt_pending pending;
	struct jt_fold_part some;
	struct jt_buf record;

	jt_buf_init(&record, JT_OBJECT_MAX);
	memset(hash, 0xaa, JT_HASH);
	network_must(jt_prove_record(prover, hash, NULL, 0, NULL, out, &error), &error);
	jt_fold_part(&fold, 0, true, path, &some);
	network_must(jt_prove_record(prover, fold.hash, NULL, 0, &some, out, &error), &error);
	jt_fold_part(&fold, 2, false, path, &some);
	network_must(jt_prove_record(prover, fold.hash, NULL, 0, &some, out, &error), &error);
	/* As they are on files, before a ledger has them. */
	write_record(0, NULL, "", &record);
	pending = (struct jt_pending){ some, jt_buf_slice(&record) };
	network_must(jt_kind_write(&jt_kind_pending, &pending, &files[RECORDS], &error), &error);
	jt_buf_add_slice(&files[RECORDS], jt_buf_slice(&record));
	network_must(jt_prove_no_record(prover, hash, 1, out, &error), &error);
	network_must(jt_prove_ledger(prover, 1, out, &error), &error);
	jt_buf_free(&record);
	jt_fold_free(&fold);
}

static void
take_state(void)
{
	struct jt_prover prover;
	struct jt_slice key, value, h;
	struct jt_object o;
	struct jt_at at = { ledger.cut, ledger.head.number };
	size_t size;

	for (uint64_t n = 0; n <= ledger.head.number; n++) {
		network_must(jt_ledger_header(&ledger, n, &h, &error), &error);
		jt_buf_add_slice(&files[HEADERS], h);
	}
	network_must(jt_kind_write(&jt_kind_at, &at, &files[HEADERS], &error), &error);
	network_must(jt_store_first(ledger.store, JT_STATE, (struct jt_slice){ NULL, 0 }, &key,
			 &value, &error),
	    &error);
	while (key.data != NULL) {
		jt_buf_add(&files[STATE], value.data + JT_HASH, value.len - JT_HASH);
		network_must(jt_store_next(ledger.store, JT_STATE, &key, &value, &error), &error);
	}
	jt_prover_init(&prover, &ledger);
	for (int i = 0; i < ACCOUNTS; i++)
		network_must(jt_prove_account(&prover, account[i], &files[PROOFS], &error), &error);
	for (size_t pos = 0; pos < files[RESULTS].len; pos += size) {
		struct jt_slice rest = { files[RESULTS].data + pos, files[RESULTS].len - pos };
		struct jt_result r;
		msgpack_zone zone;
		network_need(msgpack_zone_init(&zone, 4096), "out of memory");
		network_must(jt_object_size(rest, &size, &error), &error);
		rest.len = size;
		network_must(jt_object_parse(rest, &o, &error), &error);
		network_must(jt_kind_read(&jt_kind_result, &o, &r, &zone, &error), &error);
		if (r.ledger > 0 && is_transaction(r.id))
			network_must(jt_prove_tx(&prover, r.id, &files[PROOFS], &error), &error);
		msgpack_zone_destroy(&zone);
	}
	take_records(&prover, &files[PROOFS]);
	jt_prover_free(&prover);
	jt_ledger_close(&ledger);
}

/* FILE NUMBER jt/KIND/VERSION ID, of each object that has an id. */
static void
list_ids(void)
{
	const struct jt_kind *row;
	struct jt_object o;
	uint8_t id[JT_HASH];
	char hex[2 * JT_HASH + 1];
	size_t size;

	for (int f = 0; f < IDS; f++) {
		unsigned n = 1;
		for (size_t at = 0; at < files[f].len; at += size, n++) {
			struct jt_slice rest = { files[f].data + at, files[f].len - at };
			network_must(jt_object_size(rest, &size, &error), &error);
			rest.len = size;
			network_must(jt_object_parse(rest, &o, &error), &error);
			network_must(jt_kind_of(&jt_all_kinds, &o, &row, &error), &error);
			network_must(jt_kind_check(&jt_all_kinds, &o, &error), &error);
			if (row->flags & (JT_KIND_NAMELESS | JT_KIND_SECRET))
				continue;
			network_must(jt_kind_id(row, &o, id, &error), &error);
			jt_hex_format(id, JT_HASH, hex);
			jt_buf_addf(&files[IDS], "%s %u jt/%s/%" PRIu64 " %s\n", names[f], n,
			    row->name, o.version, hex);
		}
	}
}

static void
compare(int f, const char *dir)
{
	struct jt_buf want;
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir, names[f]);
	jt_buf_init(&want, JT_OBJECT_MAX);
	network_must(jt_file_read(path, &want, &error), &error);
	ok(jt_slice_equal(jt_buf_slice(&want), jt_buf_slice(&files[f])), "%s", names[f]);
	jt_buf_free(&want);
}

static bool
has_kind(const char *name)
{
	struct jt_object o;
	bool found = false;
	size_t size;

	for (int f = 0; f < IDS; f++)
		for (size_t at = 0; at < files[f].len; at += size) {
			struct jt_slice rest = { files[f].data + at, files[f].len - at };
			network_must(jt_object_size(rest, &size, &error), &error);
			rest.len = size;
			network_must(jt_object_parse(rest, &o, &error), &error);
			found = found || jt_object_is(&o, name);
		}
	return found;
}

/* Is there one of every kind that has to do with ledgers, and of every transaction? */
static void
check_kinds(void)
{
	static const char *const kinds[] = { "account", "accounts", "at", "beacon", "cut",
		"dealing", "genesis", "header", "part", "pending", "proof-account", "proof-ledger",
		"proof-no-record", "proof-record", "proof-tx", "pub", "record", "result", "secret",
		"share", "stamp" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		ok(has_kind(kinds[i]), "there is a jt/%s", kinds[i]);
	for (size_t i = 0; i < jt_all_kinds.count; i++)
		if (jt_all_kinds.rows[i]->flags & JT_KIND_TRANSACTION)
			ok(has_kind(jt_all_kinds.rows[i]->name), "there is a jt/%s",
			    jt_all_kinds.rows[i]->name);
}

int
main(int argc, char **argv)
{
	const char *src = getenv("JT_SRC");
	char dir[512];

	network_need(jt_crypto_init(), "libsodium does not start");
	tempdir_make();
	for (int f = 0; f < FILES; f++)
		jt_buf_init(&files[f], JT_OBJECT_MAX);
	make_keys();
	make_network();
	make_ledgers();
	make_beacon(1);
	make_beacon(2);
	take_state();
	list_ids();
	if (argc > 1) {
		for (int f = 0; f < FILES; f++) {
			snprintf(dir, sizeof dir, "%s/%s", argv[1], names[f]);
			network_must(
			    jt_file_write(dir, 0644, false, jt_buf_slice(&files[f]), &error),
			    &error);
		}
		return 0;
	}
	snprintf(dir, sizeof dir, "%s/tests/golden", src != NULL ? src : ".");
	check_kinds();
	for (int f = 0; f < FILES; f++)
		compare(f, dir);
	return done_testing();
}
