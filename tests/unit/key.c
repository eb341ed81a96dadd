/* Keys: round trips of every role, and every way a key file can be wrong. */
#include "key/secret.h"

#include <fcntl.h>
#include <msgpack/pack.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

#include "random.h"
#include "tap.h"

static const struct jt_slice none;
static char dir[] = "/tmp/jt-key.XXXXXX";
static struct jt_error e;

static struct jt_secret_key *
new_key(void)
{
	struct jt_secret_key *k = jt_secret_new();

	if (k == NULL)
		abort();
	return k;
}

static struct jt_secret_key *
random_key_of(enum jt_role role)
{
	struct jt_secret_key *k = new_key();

	random_bytes(k->bytes, jt_secret_size(role));
	jt_secret_set(k, role, k->bytes);
	return k;
}

static void
random_seal(struct jt_seal *s)
{
	*s = (struct jt_seal){ .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY };
	random_bytes(s->salt, sizeof s->salt);
	random_bytes(s->nonce, sizeof s->nonce);
}

static void
locked(struct jt_buf *b)
{
	if (jt_locked_init(b, JT_SECRET_FILE_MAX, &e) != JT_OK)
		abort();
}

/* ---- locked buffers ---- */

static void
test_locked(void)
{
	uint8_t bytes[100] = { 1 };
	struct jt_buf b;
	const uint8_t *at;

	is_int(jt_locked_init(&b, sizeof bytes, &e), JT_OK, "a locked buffer");
	at = b.data;
	ok(jt_buf_add(&b, bytes, 60) && jt_buf_add(&b, bytes, 40) && b.data == at,
	    "takes its maximum without moving");
	ok(!jt_buf_add(&b, bytes, 1) && b.failed && b.data == at && b.len == 100, "and no more");
	jt_locked_free(&b);
	ok(b.data == NULL, "is gone when freed");
	jt_locked_free(&b);
}

/* ---- public keys ---- */

static void
pub_round_trip(const struct jt_pub *p)
{
	struct jt_pub again;
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, JT_PUB_MAX);
	is_int(jt_pub_write(p, &b, &e), JT_OK, "jt/pub of a %s", jt_roles[p->role]);
	is_int(jt_object_parse(jt_buf_slice(&b), &o, &e), JT_OK, "is an object");
	is_int(jt_pub_read(&o, &again, &e), JT_OK, "and is read");
	ok(memcmp(again.key, p->key, JT_KEY) == 0 && memcmp(again.box, p->box, JT_BOX_KEY) == 0 &&
	    again.role == p->role, "as it was written");
	jt_buf_free(&b);
}

static void
refuse_pub(const struct jt_pub *p, const char *text)
{
	struct jt_buf b;

	jt_buf_init(&b, JT_PUB_MAX);
	is_int(jt_pub_write(p, &b, &e), JT_MALFORMED, "not a public key");
	is_text(e.text, text, "%s", text);
	ok(b.len == 0, "nothing is written");
	jt_buf_free(&b);
}

/* What no writer writes, a reader meets. */
static void
test_pub_read(const struct jt_pub *link)
{
	struct jt_pub p = *link, again;
	struct jt_object o;
	struct jt_buf b;

	jt_buf_init(&b, JT_PUB_MAX);
	p.role = JT_ROLE_VALIDATOR;
	if (jt_kind_write(&jt_kind_pub, &p, &b, &e) != JT_OK ||
	    jt_object_parse(jt_buf_slice(&b), &o, &e) != JT_OK)
		abort();
	is_int(jt_pub_read(&o, &again, &e), JT_MALFORMED, "a validator without box is not read");
	is_text(e.text, "box: missing, role is validator", "%s", e.text);
	o.version = 2;
	is_int(jt_pub_read(&o, &again, &e), JT_MALFORMED, "nor is version 2");
	is_text(e.text, "jt/pub has version 2, this program knows version 1", "%s", e.text);
	o.kind = jt_slice_text("secret");
	is_int(jt_pub_read(&o, &again, &e), JT_MALFORMED, "nor another kind");
	is_text(e.text, "expected jt/pub, found jt/secret", "%s", e.text);
	jt_buf_free(&b);
}

static void
test_pub(void)
{
	struct jt_secret_key *a = random_key_of(JT_ROLE_ACCOUNT);
	struct jt_secret_key *l = random_key_of(JT_ROLE_LINK);
	struct jt_secret_key *v = random_key_of(JT_ROLE_VALIDATOR);
	uint8_t account[JT_ACCOUNT], want[JT_ACCOUNT];
	struct jt_pub p;

	pub_round_trip(&a->pub);
	pub_round_trip(&l->pub);
	pub_round_trip(&v->pub);
	test_pub_read(&l->pub);

	p = a->pub;
	memcpy(p.box, v->pub.box, sizeof p.box);
	refuse_pub(&p, "box: only a validator has one, not role account");
	p = v->pub;
	memset(p.box, 0, sizeof p.box);
	refuse_pub(&p, "box: missing, role is validator");
	p.box[0] = 1;
	refuse_pub(&p, "box: not an X25519 key (small order)");
	p = l->pub;
	memset(p.key, 0, sizeof p.key);
	refuse_pub(&p, "key: not an X25519 key (small order)");
	p = a->pub;
	memset(p.key, 0, sizeof p.key);
	refuse_pub(&p, "key: not an Ed25519 key");
	memset(p.key, 0xff, sizeof p.key);
	refuse_pub(&p, "key: not an Ed25519 key");
	p.role = 3;
	refuse_pub(&p, "role: unknown");

	jt_account_of_key(want, a->pub.key);
	ok(jt_pub_account(&a->pub, account) && memcmp(account, want, JT_ACCOUNT) == 0,
	    "an account's key has an account");
	ok(!jt_pub_account(&l->pub, account), "a link has none");
	jt_secret_free(a);
	jt_secret_free(l);
	jt_secret_free(v);
}

/* ---- what the keys do ---- */

static void
test_vector(void)
{
	static const char text[] = "sEdSKaCy2JT7JaM7v95H9SxkhP9wS2j";
	struct jt_secret_key *k = new_key(), *link = random_key_of(JT_ROLE_LINK);
	uint8_t account[JT_ACCOUNT];
	char address[JT_ADDRESS_TEXT], again[JT_SEED_TEXT];

	is_int(jt_secret_import(k, jt_slice_text(text), &e), JT_OK, "a seed is imported");
	ok(jt_pub_account(&k->pub, account), "it has an account");
	jt_address_format(account, address);
	is_text(address, "jLUEXYuLiQptky37CqLcm9USQpPiz5jkpD", "with the network's address");
	is_int(jt_secret_export(k, again, &e), JT_OK, "it is exported");
	is_text(again, text, "as it came");
	is_int(jt_secret_import(k, jt_slice_text("sEdSKaCy2JT7JaM7v95H9SxkhP9wS2k"), &e),
	    JT_MALFORMED, "a seed with a wrong letter is refused");
	is_text(e.text, "seed: expected sEd... with its checksum, found another form or letter",
	    "%s", e.text);
	is_int(jt_secret_export(link, again, &e), JT_USAGE, "a link has no seed to export");
	is_text(e.text, "role: expected account, found link: it has no seed", "%s", e.text);
	jt_secret_free(k);
	jt_secret_free(link);
}

static void
test_use(void)
{
	struct jt_secret_key *a = random_key_of(JT_ROLE_ACCOUNT);
	struct jt_secret_key *v = random_key_of(JT_ROLE_VALIDATOR);
	struct jt_secret_key *l = random_key_of(JT_ROLE_LINK), *m = random_key_of(JT_ROLE_LINK);
	uint8_t id[JT_HASH], sig[JT_SIGNATURE], one[32], two[32], plain[8], again[8];
	uint8_t box[sizeof plain + crypto_box_SEALBYTES];

	random_bytes(id, sizeof id);
	random_bytes(plain, sizeof plain);
	jt_sign_id(sig, a->sign, id);
	ok(jt_sign_verify(sig, a->pub.key, id), "an account signs");
	ok(sodium_is_zero(a->box, sizeof a->box), "and has no box key");
	jt_sign_id(sig, v->sign, id);
	ok(jt_sign_verify(sig, v->pub.key, id), "a validator signs");
	ok(crypto_box_seal(box, plain, sizeof plain, v->pub.box) == 0 &&
	    crypto_box_seal_open(again, box, sizeof box, v->pub.box, v->box) == 0 &&
	    memcmp(again, plain, sizeof plain) == 0, "and opens what is sealed to its box");
	ok(crypto_scalarmult(one, l->box, m->pub.key) == 0 &&
	    crypto_scalarmult(two, m->box, l->pub.key) == 0 && memcmp(one, two, 32) == 0,
	    "two links agree on a secret");
	ok(sodium_is_zero(l->sign, sizeof l->sign), "and sign nothing");
	jt_secret_set(v, JT_ROLE_LINK, l->bytes);
	ok(memcmp(v, l, sizeof *v) == 0, "setting a key again leaves nothing of the old one");
	jt_secret_free(a);
	jt_secret_free(v);
	jt_secret_free(l);
	jt_secret_free(m);
}

/* ---- the file ---- */

static void
test_plain(enum jt_role role)
{
	struct jt_secret_key *k = random_key_of(role), *again = new_key();
	size_t size = jt_secret_size(role), start;
	int refused = 0, other = 0;
	enum jt_role found;
	struct jt_buf file;
	bool sealed = true;

	locked(&file);
	is_int(jt_secret_write(k, &file, &e), JT_OK, "%s: written plain", jt_roles[role]);
	is_int(jt_secret_look(jt_buf_slice(&file), &found, &sealed, &e), JT_OK, "looked at");
	ok(found == role && !sealed, "its role, not sealed");
	is_int(jt_secret_open(again, jt_buf_slice(&file), none, &e), JT_OK, "opened");
	ok(memcmp(again, k, sizeof *k) == 0, "the same key");
	start = file.len - size;
	is_bytes(file.data + start, k->bytes, size, "the secret is what the file ends with");
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		if (jt_secret_open(again, jt_buf_slice(&file), none, &e) != JT_OK)
			refused += i < start;
		else
			other += i >= start && memcmp(again, k, sizeof *k) != 0;
		file.data[i] ^= 1;
	}
	is_int(refused, start, "each byte before the secret changed: refused");
	is_int(other, size, "each byte of it changed: another key");
	for (refused = 0; file.len > 0; refused++) {
		file.len--;
		if (jt_secret_open(again, jt_buf_slice(&file), none, &e) == JT_OK)
			break;
	}
	is_int(refused, start + size, "every shorter file is refused");
	ok(sodium_is_zero((const uint8_t *)again, sizeof *again), "and leaves no key behind");
	jt_locked_free(&file);
	jt_secret_free(k);
	jt_secret_free(again);
}

static void
test_sealed(enum jt_role role)
{
	struct jt_secret_key *k = random_key_of(role), *again = new_key();
	struct jt_slice pass = jt_slice_text("a passphrase");
	enum jt_role found;
	struct jt_seal seal;
	struct jt_buf file;
	bool sealed = false;

	random_seal(&seal);
	jt_buf_init(&file, JT_SECRET_FILE_MAX);
	is_int(jt_secret_seal(k, pass, &seal, &file, &e), JT_OK, "%s: sealed", jt_roles[role]);
	is_int(jt_secret_look(jt_buf_slice(&file), &found, &sealed, &e), JT_OK, "looked at");
	ok(found == role && sealed, "its role, sealed");
	ok(memmem(file.data, file.len, k->bytes, 16) == NULL, "the secret is not to be seen");
	is_int(jt_secret_open(again, jt_buf_slice(&file), pass, &e), JT_OK, "opened");
	ok(memcmp(again, k, sizeof *k) == 0, "the same key");
	is_int(jt_secret_open(again, jt_buf_slice(&file), none, &e), JT_PERMISSION,
	    "without a passphrase: refused");
	is_text(e.text, "passphrase: needed, none given", "%s", e.text);
	ok(sodium_is_zero((const uint8_t *)again, sizeof *again), "and leaves no key behind");
	jt_buf_free(&file);
	jt_secret_free(k);
	jt_secret_free(again);
}

/*
 * Every byte of a sealed file changed. Most breaks show without the
 * passphrase; the rest break the seal, of which a few are tried, since each
 * takes Argon2id's time.
 */
static void
test_sealed_flips(void)
{
	struct jt_secret_key *k = random_key_of(JT_ROLE_ACCOUNT), *again = new_key();
	struct jt_slice pass = jt_slice_text("a passphrase");
	size_t at_seal = 0, tried = 0, refused = 0, parameters;
	struct jt_seal seal;
	struct jt_buf file;
	enum jt_role role;
	bool sealed;

	random_seal(&seal);
	jt_buf_init(&file, JT_SECRET_FILE_MAX);
	if (jt_secret_seal(k, pass, &seal, &file, &e) != JT_OK)
		abort();
	for (size_t i = 0; i < file.len; i++) {
		file.data[i] ^= 1;
		if (jt_secret_look(jt_buf_slice(&file), &role, &sealed, &e) == JT_OK &&
		    at_seal++ % 24 == 0) {
			tried++;
			refused += jt_secret_open(again, jt_buf_slice(&file), pass, &e) ==
			    JT_PERMISSION;
		}
		file.data[i] ^= 1;
	}
	/* Memory and ops have 5 and 1 bytes, in which one bit more may be within bounds. */
	parameters = at_seal - (JT_SEAL_NONCE + JT_SEAL_SALT + JT_SEED + JT_SEAL_TAG);
	ok(parameters <= 6, "only secrets, salt, nonce and %zu bytes of numbers need the seal",
	    parameters);
	ok(tried > 0 && refused == tried, "of these %zu of %zu tried are refused", refused, tried);
	is_int(jt_secret_open(again, jt_buf_slice(&file), jt_slice_text("A passphrase"), &e),
	    JT_PERMISSION, "so is a wrong passphrase");
	is_text(e.text, "wrong passphrase, or an altered file", "%s", e.text);
	for (refused = 0; file.len > 0; refused++) {
		file.len--;
		if (jt_secret_look(jt_buf_slice(&file), &role, &sealed, &e) == JT_OK)
			break;
	}
	is_int(file.len, 0, "%zu shorter files are refused", refused);
	jt_buf_free(&file);
	jt_secret_free(k);
	jt_secret_free(again);
}

static void
refuse_seal(const struct jt_seal *seal, const char *pass, enum jt_err err, const char *text)
{
	struct jt_secret_key *k = random_key_of(JT_ROLE_LINK);
	struct jt_buf file;

	jt_buf_init(&file, JT_SECRET_FILE_MAX);
	is_int(jt_secret_seal(k, jt_slice_text(pass), seal, &file, &e), err, "sealing is refused");
	is_text(e.text, text, "%s", text);
	ok(file.len == 0, "nothing is written");
	jt_buf_free(&file);
	jt_secret_free(k);
}

static void
test_seal_refused(void)
{
	struct jt_seal seal, bad;

	random_seal(&seal);
	refuse_seal(&seal, "", JT_USAGE, "passphrase: empty");
	bad = seal;
	memset(bad.salt, 0, sizeof bad.salt);
	refuse_seal(&bad, "x", JT_MALFORMED, "salt: missing, kdf is argon2id");
	bad = seal;
	memset(bad.nonce, 0, sizeof bad.nonce);
	refuse_seal(&bad, "x", JT_MALFORMED, "nonce: missing, kdf is argon2id");
	bad = seal;
	bad.ops = 2;
	refuse_seal(&bad, "x", JT_MALFORMED, "ops: expected 3 to 16, found 2");
}

/* ---- forms that no program writes ---- */

/* A payload by hand: the named fields in the order given. */
struct form {
	const char *kdf, *role;
	uint64_t memory, ops;
	size_t nonce, salt, sealed, secret; /* bytes */
	const char *text;
};

static int
write_buf(void *data, const char *bytes, size_t len)
{
	return jt_buf_add(data, bytes, len) ? 0 : -1;
}

static void
pack_name(msgpack_packer *pk, const char *name)
{
	msgpack_pack_str(pk, strlen(name));
	msgpack_pack_str_body(pk, name, strlen(name));
}

static void
pack_word(msgpack_packer *pk, const char *name, const char *word)
{
	if (word == NULL)
		return;
	pack_name(pk, name);
	pack_name(pk, word);
}

static void
pack_number(msgpack_packer *pk, const char *name, uint64_t v)
{
	if (v == 0)
		return;
	pack_name(pk, name);
	msgpack_pack_uint64(pk, v);
}

static void
pack_bytes(msgpack_packer *pk, const char *name, size_t len)
{
	static const uint8_t bytes[128] = { 1, 2, 3 };

	if (len == 0)
		return;
	pack_name(pk, name);
	msgpack_pack_bin(pk, len);
	msgpack_pack_bin_body(pk, bytes, len);
}

static void
form_write(const struct form *f, struct jt_buf *out)
{
	struct jt_buf payload;
	msgpack_packer pk;

	jt_buf_init(&payload, JT_SECRET_FILE_MAX);
	msgpack_packer_init(&pk, &payload, write_buf);
	msgpack_pack_map(&pk, (size_t)((f->kdf != NULL) + (f->role != NULL) + (f->memory != 0) +
	    (f->ops != 0) + (f->nonce != 0) + (f->salt != 0) + (f->sealed != 0) +
	    (f->secret != 0)));
	pack_word(&pk, "kdf", f->kdf);
	pack_number(&pk, "memory", f->memory);
	pack_bytes(&pk, "nonce", f->nonce);
	pack_number(&pk, "ops", f->ops);
	pack_word(&pk, "role", f->role);
	pack_bytes(&pk, "salt", f->salt);
	pack_bytes(&pk, "sealed", f->sealed);
	pack_bytes(&pk, "secret", f->secret);
	jt_object_write(out, "secret", 1, jt_buf_slice(&payload));
	jt_buf_free(&payload);
}

static void
test_forms(void)
{
	static const struct form forms[] = {
		{ "none", "account", 0, 0, 0, 0, 0, 16, NULL },
		{ "none", "link", 0, 0, 0, 0, 0, 32, NULL },
		{ "none", "validator", 0, 0, 0, 0, 0, 64, NULL },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 24, 16, 32, 0, NULL },
		{ "argon2id", "link", JT_SEAL_MEMORY_MAX, 16, 24, 16, 48, 0, NULL },
		{ "none", "account", 0, 0, 0, 0, 0, 32,
		  "secret: expected 16 bytes for role account, found 32" },
		{ "none", "validator", 0, 0, 0, 0, 0, 32,
		  "secret: expected 64 bytes for role validator, found 32" },
		{ "none", "account", 0, 0, 0, 0, 0, 0, "secret: missing, kdf is none" },
		{ "none", "account", 0, 0, 0, 0, 32, 16, "sealed: must be left out, kdf is none" },
		{ "none", "account", 0, 0, 0, 16, 0, 16, "salt: must be left out, kdf is none" },
		{ "none", "account", 0, 3, 0, 0, 0, 16, "ops: must be left out, kdf is none" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 24, 16, 32, 16,
		  "secret: must be left out, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 24, 16, 0, 0,
		  "sealed: missing, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 24, 16, 31, 0,
		  "sealed: expected 32 bytes for role account, found 31" },
		{ "argon2id", "account", 0, 3, 24, 16, 32, 0, "memory: missing, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 0, 24, 16, 32, 0,
		  "ops: missing, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 0, 16, 32, 0,
		  "nonce: missing, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 24, 0, 32, 0,
		  "salt: missing, kdf is argon2id" },
		{ "argon2id", "account", JT_SEAL_MEMORY / 2, 3, 24, 16, 32, 0,
		  "memory: expected 67108864 to 1073741824 bytes in whole KiB, found 33554432" },
		{ "argon2id", "account", JT_SEAL_MEMORY_MAX * 2, 3, 24, 16, 32, 0,
		  "memory: 2147483648 is more than 1073741824" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 2, 24, 16, 32, 0,
		  "ops: expected 3 to 16, found 2" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 17, 24, 16, 32, 0,
		  "ops: 17 is more than 16" },
		{ "argon2id", "account", JT_SEAL_MEMORY, 3, 23, 16, 32, 0,
		  "nonce: expected 24 bytes, found 23" },
		{ "argon2i", "account", JT_SEAL_MEMORY, 3, 24, 16, 32, 0,
		  "kdf: unknown word \"argon2i\"" },
		{ NULL, "account", 0, 0, 0, 0, 0, 16, "kdf: missing" },
		{ "none", NULL, 0, 0, 0, 0, 0, 16, "role: missing" },
		{ "none", "witness", 0, 0, 0, 0, 0, 16, "role: unknown word \"witness\"" },
	};
	enum jt_role role;
	bool sealed;

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct jt_buf b;
		enum jt_err err;
		jt_buf_init(&b, JT_SECRET_FILE_MAX);
		form_write(&forms[i], &b);
		err = jt_secret_look(jt_buf_slice(&b), &role, &sealed, &e);
		if (forms[i].text == NULL)
			is_int(err, JT_OK, "good: kdf %s, role %s", forms[i].kdf, forms[i].role);
		else
			ok(err == JT_MALFORMED && strcmp(e.text, forms[i].text) == 0, "%s", e.text);
		jt_buf_add(&b, "\x93", 1);
		is_int(jt_secret_look(jt_buf_slice(&b), &role, &sealed, &e), JT_MALFORMED,
		    "a byte more is refused");
		jt_buf_free(&b);
	}
}

/* ---- reading files ---- */

static void
refuse_path(const char *path, size_t max, enum jt_err err, const char *text)
{
	char want[JT_ERROR_MAX];
	struct jt_buf b;

	snprintf(want, sizeof want, "%s: %s", path, text);
	is_int(jt_locked_read(&b, max, path, &e), err, "not read");
	is_text(e.text, want, "%s", text);
	ok(b.data == NULL, "and no buffer is left");
}

static void
test_modes(const char *path, struct jt_slice bytes)
{
	static const mode_t bad[] = { 0644, 0640, 0604, 0620, 0602, 0610, 0777 };
	char text[64];
	struct jt_buf b;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (chmod(path, bad[i]) != 0)
			abort();
		snprintf(text, sizeof text, "open to others: expected mode 0600, found %04o",
		    (unsigned)bad[i]);
		refuse_path(path, JT_SECRET_FILE_MAX, JT_PERMISSION, text);
	}
	if (chmod(path, 0400) != 0)
		abort();
	is_int(jt_locked_read(&b, JT_SECRET_FILE_MAX, path, &e), JT_OK, "mode 0400 is read");
	jt_locked_free(&b);
	if (chmod(path, 0600) != 0)
		abort();
	is_int(jt_locked_read(&b, JT_SECRET_FILE_MAX, path, &e), JT_OK, "mode 0600 is read");
	ok(jt_slice_equal(jt_buf_slice(&b), bytes), "whole");
	jt_locked_free(&b);
}

/* /dev/fd/N of a file that is open, and of a pipe. */
static void
test_descriptors(const char *path, struct jt_slice bytes)
{
	char name[32];
	struct jt_buf b;
	int fd = open(path, O_RDONLY), ends[2];

	if (fd < 0 || pipe(ends) != 0)
		abort();
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	is_int(jt_locked_read(&b, JT_SECRET_FILE_MAX, name, &e), JT_OK,
	    "/dev/fd of a file is read");
	jt_locked_free(&b);
	if (chmod(path, 0644) != 0)
		abort();
	refuse_path(name, JT_SECRET_FILE_MAX, JT_PERMISSION,
	    "open to others: expected mode 0600, found 0644");
	if (chmod(path, 0600) != 0)
		abort();
	close(fd);
	if (write(ends[1], bytes.data, bytes.len) != (ssize_t)bytes.len || close(ends[1]) != 0)
		abort();
	is_int(jt_locked_read_fd(&b, JT_SECRET_FILE_MAX, ends[0], "pipe", &e), JT_OK,
	    "a pipe is read");
	ok(jt_slice_equal(jt_buf_slice(&b), bytes), "whole");
	jt_locked_free(&b);
	close(ends[0]);
}

static void
test_fifo(const char *path, struct jt_slice bytes)
{
	struct jt_buf b;
	pid_t child;

	if (mkfifo(path, 0644) != 0)
		abort();
	child = fork();
	if (child == 0) {
		int fd = open(path, O_WRONLY);
		ssize_t half = (ssize_t)bytes.len / 2;
		_exit(fd < 0 || write(fd, bytes.data, (size_t)half) != half ||
		    write(fd, bytes.data + half, bytes.len - (size_t)half) < 1);
	}
	is_int(jt_locked_read(&b, JT_SECRET_FILE_MAX, path, &e), JT_OK, "a FIFO is read");
	ok(jt_slice_equal(jt_buf_slice(&b), bytes), "whole");
	jt_locked_free(&b);
	waitpid(child, NULL, 0);
	unlink(path);
}

static void
test_files(void)
{
	struct jt_secret_key *k = random_key_of(JT_ROLE_VALIDATOR), *again = new_key();
	char path[64], other[64];
	struct jt_buf file, b;

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/v.key", dir);
	snprintf(other, sizeof other, "%s/other", dir);
	locked(&file);
	if (jt_secret_write(k, &file, &e) != JT_OK)
		abort();
	is_int(jt_file_write(path, 0600, true, jt_buf_slice(&file), &e), JT_OK, "written");
	test_modes(path, jt_buf_slice(&file));
	test_descriptors(path, jt_buf_slice(&file));
	test_fifo(other, jt_buf_slice(&file));
	refuse_path(other, JT_SECRET_FILE_MAX, JT_NOINPUT, "No such file or directory");
	is_int(jt_locked_read(&b, file.len, path, &e), JT_OK, "a file of just the maximum");
	is_int(jt_secret_open(again, jt_buf_slice(&b), none, &e), JT_OK, "opens");
	ok(memcmp(again, k, sizeof *k) == 0, "and is the same key");
	jt_locked_free(&b);
	refuse_path(path, 8, JT_MALFORMED, "longer than 8 bytes");
	jt_locked_free(&file);
	jt_secret_free(k);
	jt_secret_free(again);
	unlink(path);
	rmdir(dir);
}

/* ---- no copies ---- */

/* Is this pattern, of which each byte was xored with 0x55, in the heap? */
static bool
in_heap(const uint8_t masked[JT_SEED])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];
	bool found = false;

	while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		if (strstr(line, "[heap]") == NULL || sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		for (; from + JT_SEED <= to; from++) {
			const uint8_t *p = (const uint8_t *)from;
			size_t i = 0;
			while (i < JT_SEED && (p[i] ^ 0x55) == masked[i])
				i++;
			found = found || i == JT_SEED;
		}
	}
	if (maps != NULL)
		fclose(maps);
	return found;
}

/* Written, sealed, opened: after no step does the heap hold the secret. */
static void
test_no_copies(void)
{
	struct jt_secret_key *k = random_key_of(JT_ROLE_ACCOUNT);
	struct jt_slice pass = jt_slice_text("a passphrase");
	struct jt_buf plain, sealed, copy;
	uint8_t masked[JT_SEED];
	struct jt_seal seal;
	int steps = 0, copies = 0;

	random_seal(&seal);
	for (size_t i = 0; i < JT_SEED; i++)
		masked[i] = k->bytes[i] ^ 0x55;
	locked(&plain);
	jt_buf_init(&sealed, JT_SECRET_FILE_MAX);
	steps += jt_secret_write(k, &plain, &e) == JT_OK;
	copies += in_heap(masked);
	steps += jt_secret_open(k, jt_buf_slice(&plain), none, &e) == JT_OK;
	copies += in_heap(masked);
	steps += jt_secret_seal(k, pass, &seal, &sealed, &e) == JT_OK;
	copies += in_heap(masked);
	steps += jt_secret_open(k, jt_buf_slice(&sealed), pass, &e) == JT_OK;
	copies += in_heap(masked);
	is_int(steps, 4, "written, opened, sealed, opened");
	jt_buf_init(&copy, JT_SEED);
	jt_buf_add(&copy, k->bytes, JT_SEED);
	/* Under a sanitizer or valgrind malloc's memory is elsewhere. */
	if (in_heap(masked))
		is_int(copies, 0, "after none of it a copy of the secret is in the heap");
	else
		ok(true, "no copy is in the heap # SKIP the heap is not where malloc takes from");
	jt_buf_free(&copy);
	jt_locked_free(&plain);
	jt_buf_free(&sealed);
	jt_secret_free(k);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	if (!jt_crypto_init())
		return 1;
	test_locked();
	test_pub();
	test_vector();
	test_use();
	for (enum jt_role role = JT_ROLE_ACCOUNT; role <= JT_ROLE_VALIDATOR; role++) {
		test_plain(role);
		test_sealed(role);
	}
	test_sealed_flips();
	test_seal_refused();
	test_forms();
	test_files();
	test_no_copies();
	return done_testing();
}
