/*
 * Any bytes as a key file. A plain one is written as the same bytes again; of
 * a sealed one no byte can be altered. Argon2id itself would take longer than
 * all the rest, and its memory: in its place stands a hash that holds it to
 * the stated bounds. The first byte is the length of the passphrase that
 * follows it.
 */
#include "fuzz.h"

#include <sodium.h>

#include "crypto/hash.h"
#include "key/secret.h"

/* This program's, not libsodium's. */
int
crypto_pwhash(unsigned char *const out, unsigned long long len, const char *const passphrase,
    unsigned long long passphrase_len, const unsigned char *const salt,
    unsigned long long ops, size_t memory, int algorithm)
{
	struct jt_hasher h;

	assert(algorithm == crypto_pwhash_ALG_ARGON2ID13 && len == JT_HASH);
	assert(memory >= JT_SEAL_MEMORY && memory <= JT_SEAL_MEMORY_MAX);
	assert(ops >= JT_SEAL_OPS && ops <= JT_SEAL_OPS_MAX);
	assert(passphrase_len > 0 && passphrase_len <= JT_PASSPHRASE_MAX);
	jt_hasher_init(&h);
	jt_hasher_add(&h, salt, JT_SEAL_SALT);
	jt_hasher_add(&h, passphrase, passphrase_len);
	jt_hasher_end(&h, out);
	return 0;
}

static struct jt_secret_key *key, *again;
static struct jt_buf sealed; /* the key of seed 01 02 03 ..., passphrase "pass" */

static void
make_sealed(void)
{
	static const struct jt_seal seal = { .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY,
		.salt = { 1 }, .nonce = { 2 } };
	uint8_t seed[JT_SEED];

	assert(jt_crypto_init());
	key = jt_secret_new();
	again = jt_secret_new();
	assert(key != NULL && again != NULL);
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)(i + 1);
	jt_secret_set(key, JT_ROLE_ACCOUNT, seed);
	jt_buf_init(&sealed, JT_SECRET_FILE_MAX);
	assert(jt_secret_seal(key, jt_slice_text("pass"), &seal, &sealed, NULL) == JT_OK);
}

static void
open_plain(struct jt_slice file)
{
	struct jt_error e;
	struct jt_buf b;

	assert(jt_secret_open(key, file, (struct jt_slice){ NULL, 0 }, &e) == JT_OK);
	assert(jt_locked_init(&b, JT_SECRET_FILE_MAX, &e) == JT_OK);
	assert(jt_secret_write(key, &b, &e) == JT_OK);
	assert(jt_slice_equal(jt_buf_slice(&b), file));
	jt_locked_free(&b);
}

static void
open_sealed(struct jt_slice file, struct jt_slice passphrase)
{
	struct jt_error e;

	assert(jt_secret_open(key, file, (struct jt_slice){ NULL, 0 }, &e) == JT_PERMISSION);
	if (jt_secret_open(key, file, passphrase, &e) != JT_OK) {
		assert(e.code == JT_PERMISSION);
		assert(sodium_is_zero((const uint8_t *)key, sizeof *key));
		return;
	}
	assert(jt_slice_equal(file, jt_buf_slice(&sealed)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct jt_slice passphrase, file;
	enum jt_role role;
	struct jt_error e;
	bool is_sealed;

	if (key == NULL)
		make_sealed();
	passphrase = fuzz_take(&in, fuzz_byte(&in));
	file = (struct jt_slice){ in.data, in.len };
	if (jt_secret_look(file, &role, &is_sealed, &e) != JT_OK) {
		assert(e.code == JT_MALFORMED && e.text[0] != '\0');
		assert(jt_secret_open(again, file, passphrase, &e) == JT_MALFORMED);
	} else if (is_sealed)
		open_sealed(file, passphrase);
	else
		open_plain(file);
	return 0;
}
