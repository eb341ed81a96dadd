/*
 * The genesis and the first ledger: what is refused of a network file, that a
 * directory gets all of a ledger or none, and that one that is there is kept.
 */
#include "ledger/genesis.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "tap.h"
#include "tempdir.h"
#include "words.h"

enum { ACCOUNTS = 30, VALIDATORS = 4 };

static struct network net;
static struct jt_error error;

static void
refuses(const struct jt_genesis *g, const char *why)
{
	struct jt_buf b;
	enum jt_err err;

	jt_buf_init(&b, JT_OBJECT_MAX);
	err = jt_genesis_write(g, &b, &error);
	if (!ok(err == JT_MALFORMED && strcmp(error.text, why) == 0 && b.len == 0, "%s", why))
		printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	jt_buf_free(&b);
}

static void
test_check(void)
{
	struct jt_validator v[VALIDATORS];
	struct jt_signer signers[2] = { { { 1 }, 1 }, { { 2 }, 2 } };
	struct jt_genesis g = net.genesis;
	char why[128];

	g.network[5] = 1;
	refuses(&g, "network: expected zero");
	g = net.genesis;
	g.name.len = 0;
	refuses(&g, "name: is empty");
	g.name =
	    jt_slice_text("a name that is much longer than a name of a network should ever be");
	refuses(&g, "name: 66 bytes, more than 64");
	g = net.genesis;
	g.interval = 0;
	refuses(&g, "interval: expected 1 ms or more");
	g = net.genesis;
	g.time = JT_CUT_TIME_MAX + 1;
	refuses(&g, "time: expected a year up to 9998");
	g = net.genesis;
	g.fee = JT_UINT_MAX + 1;
	refuses(&g, "fee: 9223372036854775808 is more than 9223372036854775807");
	g = net.genesis;
	g.records.stamp = 65;
	refuses(&g, "records: stamp: 65 is more than 64");
	g = net.genesis;
	g.validators.count = 0;
	refuses(&g, "validators: expected 1 or more, found none");
	memcpy(v, net.validators, sizeof v);
	g.validators = (struct jt_list){ v, VALIDATORS };
	v[2] = v[1];
	v[2].name = jt_slice_text("other");
	refuses(&g, "validators: keys are not in strictly ascending order");
	v[2] = net.validators[2];
	v[3].name = v[0].name;
	snprintf(why, sizeof why, "validators: name \"%.*s\" twice", (int)v[0].name.len,
	    (const char *)v[0].name.data);
	refuses(&g, why);
	v[3].name.len = 0;
	refuses(&g, "validators: a name is empty");
	g = net.genesis;
	g.authority = (struct jt_authority){ 0, { signers, 2 } };
	refuses(&g, "authority: signers and quorum come together");
	g.authority = (struct jt_authority){ 1, { NULL, 0 } };
	refuses(&g, "authority: signers and quorum come together");
	g.authority = (struct jt_authority){ 4, { signers, 2 } };
	refuses(&g, "authority: quorum 4 is more than all weights together (3)");
	signers[1].weight = 0;
	g.authority.quorum = 1;
	refuses(&g, "authority: signers: expected a weight of 1 or more");
	signers[1] = signers[0];
	refuses(&g, "authority: signers: element 2: not in strictly ascending order");
}

static void
test_decode(void)
{
	msgpack_zone *zone = msgpack_zone_new(4096);
	struct jt_genesis g;
	struct jt_object o;
	struct jt_slice body;
	struct jt_buf b;
	uint8_t id[JT_HASH];
	size_t size;

	network_must(jt_object_size(jt_buf_slice(&net.file), &size, &error), &error);
	network_must(jt_object_parse((struct jt_slice){ net.file.data, size }, &o, &error), &error);
	is_int(jt_genesis_decode(&o, &g, id, zone, &error), JT_OK, "a genesis");
	ok(memcmp(id, net.id, JT_HASH) == 0 && g.coins == net.genesis.coins &&
	    g.validators.count == VALIDATORS && jt_slice_is(g.name, "test"), "is read");
	network_must(jt_signed_body(&o, &body, &error), &error);
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (uint64_t version = 2; version < 128; version *= 5) {
		jt_buf_clear(&b);
		network_must(jt_signed_write(&b, jt_slice_text("genesis"), version, body, NULL, 0,
		    &error), &error);
		network_must(jt_object_parse(jt_buf_slice(&b), &o, &error), &error);
		is_int(jt_genesis_decode(&o, &g, id, zone, &error), JT_MALFORMED,
		    "one of version %" PRIu64, version);
	}
	jt_buf_clear(&b);
	network_must(
	    jt_signed_write(&b, jt_slice_text("header"), 1, body, NULL, 0, &error), &error);
	network_must(jt_object_parse(jt_buf_slice(&b), &o, &error), &error);
	is_int(jt_genesis_decode(&o, &g, id, zone, &error), JT_MALFORMED, "another kind");
	is_text(error.text, "expected jt/genesis, found jt/header", "says so");
	jt_buf_free(&b);
	msgpack_zone_free(zone);
}

/* The first header follows from the genesis alone. */
static void
test_header(void)
{
	struct jt_genesis g = net.genesis;
	struct jt_header a, b;
	uint8_t set[JT_HASH];

	network_must(jt_genesis_header(&g, net.id, &a, &error), &error);
	network_must(jt_validators_hash(&g.validators, set, &error), &error);
	ok(a.number == 0 && a.time == NETWORK_TIME && a.totals.accounts == ACCOUNTS &&
	    a.totals.coins == g.coins && a.totals.burned == 0 && a.transactions.count == 0 &&
	    memcmp(a.state, g.state, JT_HASH) == 0 && memcmp(a.network, net.id, JT_HASH) == 0 &&
	    memcmp(a.validators, set, JT_HASH) == 0 && memcmp(a.next, set, JT_HASH) == 0 &&
	    jt_hash_is_zero(a.parent) && jt_hash_is_zero(a.cut) && jt_hash_is_zero(a.beacon),
	    "the header of ledger 0");
	g.validators.count--;
	network_must(jt_genesis_header(&g, net.id, &b, &error), &error);
	ok(memcmp(a.validators, b.validators, JT_HASH) != 0, "another set has another hash");
}

/* ---- making a ledger ---- */

static enum jt_err
create(const char *dir, const struct jt_buf *file)
{
	int fd = memfd_create("network", MFD_CLOEXEC);
	struct jt_reader r;
	enum jt_err err;

	network_need(fd >= 0, "no file in memory");
	network_must(jt_file_write_fd(fd, "network", jt_buf_slice(file), &error), &error);
	network_need(lseek(fd, 0, SEEK_SET) == 0, "no file in memory");
	jt_reader_init(&r, fd, "network");
	err = jt_ledger_create(dir, &r, &error);
	jt_reader_free(&r);
	close(fd);
	return err;
}

/* The genesis, then these accounts. */
static void
file_of(const struct jt_initial *in, uint32_t count, uint32_t per_object, struct jt_buf *out)
{
	size_t size;

	jt_buf_clear(out);
	network_must(jt_object_size(jt_buf_slice(&net.file), &size, &error), &error);
	jt_buf_add(out, net.file.data, size);
	for (uint32_t i = 0; i < count; i += per_object) {
		uint32_t n = count - i < per_object ? count - i : per_object;
		struct jt_accounts part = { { (void *)(uintptr_t)(in + i), n } };
		network_must(jt_kind_write(&jt_kind_accounts, &part, out, &error), &error);
	}
}

static const char *dir;

/* A file that gives no ledger leaves none, and the right one can still be made. */
static void
fails(const struct jt_buf *file, enum jt_err want, const char *why)
{
	struct jt_ledger l;
	enum jt_err err = create(dir, file);

	if (!ok(err == want && strcmp(error.text, why) == 0, "%s", why))
		printf("# found %d: %s\n", (int)err, err == JT_OK ? "" : error.text);
	is_int(
	    jt_ledger_open(&l, dir, JT_STORE_READ, &error), JT_NOINPUT, "and there is no ledger");
}

static void
test_create(void)
{
	static const char differ[] = "network: the initial accounts are not those that the genesis names";
	struct jt_initial in[ACCOUNTS + 1];
	struct jt_ledger l;
	struct jt_buf b;
	uint8_t id[JT_HASH];

	dir = tempdir_path("ledger");
	jt_buf_init(&b, SIZE_MAX / 2);
	fails(&b, JT_NOINPUT, "network: empty");
	jt_object_write(&b, "at", 1, jt_slice_text("\x80"));
	fails(&b, JT_MALFORMED, "expected jt/genesis, found jt/at");
	memcpy(in, net.initial, ACCOUNTS * sizeof *in);
	file_of(in, ACCOUNTS - 1, 7, &b);
	fails(&b, JT_CONFIG, differ);
	file_of(in, 0, 7, &b);
	fails(&b, JT_CONFIG, differ);
	in[3].balance++;
	file_of(in, ACCOUNTS, 7, &b);
	fails(&b, JT_CONFIG, differ);
	in[4].balance--;
	file_of(in, ACCOUNTS, 7, &b);
	fails(&b, JT_CONFIG, differ);
	in[3].balance--;
	in[4].balance++;
	in[9].seq = 1;
	file_of(in, ACCOUNTS, 7, &b);
	fails(&b, JT_CONFIG, differ);
	in[9].seq = 0;
	in[ACCOUNTS] = in[ACCOUNTS - 1];
	in[ACCOUNTS].account[19] ^= 0x80;
	in[ACCOUNTS].balance = 0;
	if (memcmp(in[ACCOUNTS - 1].account, in[ACCOUNTS].account, JT_ACCOUNT) > 0)
		memset(in[ACCOUNTS].account, 0xff, JT_ACCOUNT);
	file_of(in, ACCOUNTS + 1, 7, &b);
	fails(&b, JT_CONFIG, differ);
	/* Ascending inside an object is the reader's rule, between two of them ours. */
	file_of(in + 15, ACCOUNTS - 15, 15, &b);
	struct jt_accounts part = { { in, 15 } };
	network_must(jt_kind_write(&jt_kind_accounts, &part, &b, &error), &error);
	fails(&b, JT_MALFORMED, "network: accounts are not in ascending order");
	file_of(in, ACCOUNTS, 7, &b);
	b.len--;
	is_int(create(dir, &b), JT_MALFORMED, "a file that ends early");
	is_int(
	    jt_ledger_open(&l, dir, JT_STORE_READ, &error), JT_NOINPUT, "and there is no ledger");
	b.len++;
	/* In any pieces, and with what a later version may append. */
	jt_object_write(&b, "at", 1, jt_slice_text("\x80"));
	is_int(create(dir, &b), JT_OK, "the right accounts, in pieces");
	network_must(jt_ledger_open(&l, dir, JT_STORE_WRITE, &error), &error);
	ok(l.head.number == 0 && memcmp(l.head.state, net.genesis.state, JT_HASH) == 0,
	    "ledger 0");
	memcpy(id, l.head_id, JT_HASH);
	/* Again, also with a file that is wrong: what is there is kept. */
	jt_ledger_close(&l);
	is_int(create(dir, &net.file), JT_OK, "once more");
	in[3].balance++;
	file_of(in, ACCOUNTS, 7, &b);
	is_int(create(dir, &b), JT_OK, "and with others");
	network_must(jt_ledger_open(&l, dir, JT_STORE_WRITE, &error), &error);
	ok(l.head.number == 0 && memcmp(l.head_id, id, JT_HASH) == 0, "the same ledger as before");
	is_int(create(dir, &net.file), JT_AGAIN, "while it is in use");
	jt_ledger_close(&l);
	jt_buf_free(&b);
}

/* Balances that together are more than a number holds. */
static void
test_sum(void)
{
	struct jt_initial in[3] = { { .account = { 1 }, .balance = JT_UINT_MAX },
		{ .account = { 2 }, .balance = JT_UINT_MAX }, { .account = { 3 }, .balance = 3 } };
	struct jt_buf b;

	dir = tempdir_path("sum");
	jt_buf_init(&b, SIZE_MAX / 2);
	file_of(in, 3, 3, &b);
	fails(&b, JT_MALFORMED, "network: balances: too much together");
	jt_buf_free(&b);
}

int
main(void)
{
	tempdir_make();
	network_make(&net, VALIDATORS, ACCOUNTS, false);
	test_check();
	test_decode();
	test_header();
	test_create();
	test_sum();
	network_free(&net);
	return done_testing();
}
