/* Secret keys: the kind jt/secret. See secret.h. */
#include "key/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stddef.h>
#include <string.h>

enum kdf { KDF_ARGON2ID, KDF_NONE };

static const char *const kdfs[] = {
	[KDF_ARGON2ID] = "argon2id",
	[KDF_NONE] = "none",
	NULL
};

/* The payload: with kdf none `secret`, else everything but `secret`. */
struct file {
	uint64_t kdf;
	uint64_t memory;
	uint8_t nonce[JT_SEAL_NONCE];
	uint64_t ops;
	uint64_t role;
	uint8_t salt[JT_SEAL_SALT];
	struct jt_slice sealed;
	struct jt_slice secret;
};

static const struct jt_field fields[] = {
	{ .name = "kdf", .type = JT_WORD, .offset = offsetof(struct file, kdf), .words = kdfs,
	    .help = "how the passphrase becomes a key; none: there is no passphrase" },
	{ .name = "memory", .type = JT_UINT, .flags = JT_OPTIONAL, .max = JT_SEAL_MEMORY_MAX,
	    .offset = offsetof(struct file, memory), .help = "bytes that Argon2id takes" },
	{ .name = "nonce", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_SEAL_NONCE,
	    .offset = offsetof(struct file, nonce), .help = "of XChaCha20-Poly1305" },
	{ .name = "ops", .type = JT_UINT, .flags = JT_OPTIONAL, .max = JT_SEAL_OPS_MAX,
	    .offset = offsetof(struct file, ops), .help = "passes of Argon2id" },
	{ .name = "role", .type = JT_WORD, .offset = offsetof(struct file, role),
	    .words = jt_roles, .help = "what the key is for" },
	{ .name = "salt", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_SEAL_SALT,
	    .offset = offsetof(struct file, salt), .help = "of Argon2id" },
	{ .name = "sealed", .type = JT_BYTES, .flags = JT_OPTIONAL,
	    .max = JT_SECRET_BYTES + JT_SEAL_TAG, .offset = offsetof(struct file, sealed),
	    .help = "the secret under the passphrase, and its tag" },
	{ .name = "secret", .type = JT_BYTES, .flags = JT_OPTIONAL, .max = JT_SECRET_BYTES,
	    .offset = offsetof(struct file, secret), .help = "the secret without a passphrase" },
};
static const struct jt_schema schema = JT_SCHEMA(JT_FORM_MAP, struct file, fields);

const struct jt_kind jt_kind_secret = {
	.name = "secret",
	.version = 1,
	.flags = JT_KIND_SECRET,
	.schema = &schema,
	.help = "a secret key; never shown, never sent"
};

struct jt_secret_key *
jt_secret_new(void)
{
	struct jt_secret_key *k = sodium_malloc(sizeof *k);

	if (k != NULL)
		memset(k, 0, sizeof *k);
	return k;
}

void
jt_secret_free(struct jt_secret_key *k)
{
	sodium_free(k);
}

size_t
jt_secret_size(enum jt_role role)
{
	static const size_t sizes[] = {
		[JT_ROLE_ACCOUNT] = JT_SEED,
		[JT_ROLE_LINK] = JT_BOX_KEY,
		[JT_ROLE_VALIDATOR] = 32 + JT_BOX_KEY
	};

	assert((size_t)role < sizeof sizes / sizeof sizes[0]);
	return sizes[role];
}

static void
set_box(struct jt_secret_key *k, uint8_t pub[JT_BOX_KEY], const uint8_t *bytes)
{
	memcpy(k->box, bytes, JT_BOX_KEY);
	crypto_scalarmult_curve25519_base(pub, k->box);
}

void
jt_secret_set(struct jt_secret_key *k, enum jt_role role, const uint8_t *bytes)
{
	size_t size = jt_secret_size(role);

	memmove(k->bytes, bytes, size);
	memset(k->bytes + size, 0, sizeof k->bytes - size);
	memset(k->sign, 0, sizeof k->sign);
	memset(k->box, 0, sizeof k->box);
	k->pub = (struct jt_pub){ .role = role };
	switch (role) {
	case JT_ROLE_ACCOUNT:
		/* box, unused by this role, is the locked place for the expanded seed. */
		jt_sign_expand_seed(k->box, k->bytes);
		jt_sign_keypair(k->pub.key, k->sign, k->box);
		sodium_memzero(k->box, sizeof k->box);
		break;
	case JT_ROLE_LINK:
		set_box(k, k->pub.key, k->bytes);
		break;
	case JT_ROLE_VALIDATOR:
		jt_sign_keypair(k->pub.key, k->sign, k->bytes);
		set_box(k, k->pub.box, k->bytes + 32);
		break;
	}
}

enum jt_err
jt_secret_import(struct jt_secret_key *k, struct jt_slice text, struct jt_error *e)
{
	if (!jt_seed_parse(text, k->bytes))
		return jt_fail(e, JT_MALFORMED,
		    "seed: expected sEd... with its checksum, found another form or letter");
	jt_secret_set(k, JT_ROLE_ACCOUNT, k->bytes);
	return JT_OK;
}

enum jt_err
jt_secret_export(const struct jt_secret_key *k, char out[JT_SEED_TEXT], struct jt_error *e)
{
	if (k->pub.role != JT_ROLE_ACCOUNT)
		return jt_fail(e, JT_USAGE, "role: expected account, found %s: it has no seed",
		    jt_roles[k->pub.role]);
	jt_seed_format(k->bytes, out);
	return JT_OK;
}

static struct jt_slice
secret_of(const struct jt_secret_key *k)
{
	return (struct jt_slice){ k->bytes, jt_secret_size((enum jt_role)k->pub.role) };
}

enum jt_err
jt_secret_write(const struct jt_secret_key *k, struct jt_buf *out, struct jt_error *e)
{
	struct file f = { .kdf = KDF_NONE, .role = k->pub.role, .secret = secret_of(k) };
	struct jt_buf payload;
	enum jt_err err = jt_locked_init(&payload, JT_SECRET_FILE_MAX, e);

	if (err != JT_OK)
		return err;
	err = jt_encode(&schema, &f, &payload, e);
	if (err == JT_OK && !jt_object_write(out, jt_kind_secret.name, jt_kind_secret.version,
	    jt_buf_slice(&payload)))
		err = jt_fail(e, JT_SYSTEM, "object does not fit");
	jt_locked_free(&payload);
	return err;
}

/* The associated data: the object with `sealed` left out. Holds no secret. */
static enum jt_err
write_header(const struct file *f, struct jt_buf *out, struct jt_error *e)
{
	struct file header = *f;

	header.sealed = (struct jt_slice){ NULL, 0 };
	jt_buf_init(out, JT_SECRET_FILE_MAX);
	return jt_kind_write(&jt_kind_secret, &header, out, e);
}

static void
get_seal(const struct file *f, struct jt_seal *s)
{
	s->ops = f->ops;
	s->memory = f->memory;
	memcpy(s->salt, f->salt, sizeof s->salt);
	memcpy(s->nonce, f->nonce, sizeof s->nonce);
}

/* Exactly the fields of one form, and a secret of the role's size. */
static enum jt_err
check_file(const struct file *f, struct jt_error *e)
{
	bool plain = f->kdf == KDF_NONE;
	struct jt_slice secret = plain ? f->secret : f->sealed;
	size_t size = jt_secret_size((enum jt_role)f->role) + (plain ? 0 : JT_SEAL_TAG);
	struct jt_seal seal;

	for (size_t i = 0; i < schema.count; i++) {
		const struct jt_field *field = &fields[i];
		bool wanted = (field->offset == offsetof(struct file, secret)) == plain;
		if (!(field->flags & JT_OPTIONAL) || jt_field_absent(field, f) != wanted)
			continue;
		return jt_fail(e, JT_MALFORMED, wanted ? "%s: missing, kdf is %s" :
		    "%s: must be left out, kdf is %s", field->name, kdfs[f->kdf]);
	}
	if (secret.len != size)
		return jt_fail(e, JT_MALFORMED, "%s: expected %zu bytes for role %s, found %zu",
		    plain ? "secret" : "sealed", size, jt_roles[f->role], secret.len);
	if (plain)
		return JT_OK;
	get_seal(f, &seal);
	return jt_seal_check(&seal, e);
}

enum jt_err
jt_secret_seal(const struct jt_secret_key *k, struct jt_slice passphrase,
    const struct jt_seal *seal, struct jt_buf *out, struct jt_error *e)
{
	uint8_t sealed[JT_SECRET_BYTES + JT_SEAL_TAG];
	struct jt_slice secret = secret_of(k);
	struct file f = { .kdf = KDF_ARGON2ID, .memory = seal->memory, .ops = seal->ops,
		.role = k->pub.role, .sealed = { sealed, secret.len + JT_SEAL_TAG } };
	struct jt_buf header;
	enum jt_err err;

	if (passphrase.len == 0)
		return jt_fail(e, JT_USAGE, "passphrase: empty");
	memcpy(f.nonce, seal->nonce, sizeof f.nonce);
	memcpy(f.salt, seal->salt, sizeof f.salt);
	if ((err = check_file(&f, e)) != JT_OK)
		return err;
	err = write_header(&f, &header, e);
	if (err == JT_OK)
		err = jt_seal_close(sealed, secret, passphrase, jt_buf_slice(&header), seal, e);
	if (err == JT_OK)
		err = jt_kind_write(&jt_kind_secret, &f, out, e);
	jt_buf_free(&header);
	return err;
}

/* The slices of *f point into bytes. */
static enum jt_err
read_file(struct jt_slice bytes, struct file *f, struct jt_error *e)
{
	struct jt_object o;
	msgpack_zone zone;
	enum jt_err err = jt_object_parse(bytes, &o, e);

	if (err != JT_OK)
		return err;
	if (!msgpack_zone_init(&zone, JT_SECRET_FILE_MAX))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_secret, &o, f, &zone, e);
	msgpack_zone_destroy(&zone);
	return err == JT_OK ? check_file(f, e) : err;
}

enum jt_err
jt_secret_look(struct jt_slice bytes, enum jt_role *role, bool *sealed, struct jt_error *e)
{
	struct file f;
	enum jt_err err = read_file(bytes, &f, e);

	if (err != JT_OK)
		return err;
	*role = (enum jt_role)f.role;
	*sealed = f.kdf != KDF_NONE;
	return JT_OK;
}

static enum jt_err
unseal(struct jt_secret_key *k, const struct file *f, struct jt_slice passphrase,
    struct jt_error *e)
{
	struct jt_buf header;
	struct jt_seal seal;
	enum jt_err err;

	if (passphrase.len == 0)
		return jt_fail(e, JT_PERMISSION, "passphrase: needed, none given");
	get_seal(f, &seal);
	err = write_header(f, &header, e);
	if (err == JT_OK)
		err = jt_seal_open(k->bytes, f->sealed, passphrase, jt_buf_slice(&header),
		    &seal, e);
	jt_buf_free(&header);
	return err;
}

enum jt_err
jt_secret_open(struct jt_secret_key *k, struct jt_slice bytes, struct jt_slice passphrase,
    struct jt_error *e)
{
	struct file f;
	enum jt_err err = read_file(bytes, &f, e);

	if (err == JT_OK && f.kdf == KDF_ARGON2ID)
		err = unseal(k, &f, passphrase, e);
	if (err == JT_OK)
		jt_secret_set(k, (enum jt_role)f.role,
		    f.kdf == KDF_ARGON2ID ? k->bytes : f.secret.data);
	else
		sodium_memzero(k, sizeof *k);
	return err;
}
