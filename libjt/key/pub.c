/* Public keys: the kind jt/pub. See pub.h. */
#include "key/pub.h"

#include <assert.h>
#include <sodium.h>
#include <stddef.h>

static_assert(JT_BOX_KEY == crypto_scalarmult_curve25519_BYTES, "X25519");
static_assert(JT_BOX_KEY == crypto_scalarmult_curve25519_SCALARBYTES, "X25519");

const char *const jt_roles[] = {
	[JT_ROLE_ACCOUNT] = "account",
	[JT_ROLE_LINK] = "link",
	[JT_ROLE_VALIDATOR] = "validator",
	NULL
};

static const struct jt_field fields[] = {
	{ .name = "box", .type = JT_FIXED, .flags = JT_OPTIONAL, .max = JT_BOX_KEY,
	    .offset = offsetof(struct jt_pub, box),
	    .help = "X25519 key to which a validator's secrets are sealed" },
	{ .name = "key", .type = JT_FIXED, .max = JT_KEY,
	    .offset = offsetof(struct jt_pub, key),
	    .help = "Ed25519 key that signs; of a link its X25519 key" },
	{ .name = "role", .type = JT_WORD, .offset = offsetof(struct jt_pub, role),
	    .words = jt_roles, .help = "what the key is for" },
};
static const struct jt_schema schema = JT_SCHEMA(JT_FORM_MAP, struct jt_pub, fields);

const struct jt_kind jt_kind_pub = {
	.name = "pub",
	.version = 1,
	.schema = &schema,
	.help = "a public key and its role"
};

/* libsodium gives no secret for a key of small order, whatever the scalar. */
static enum jt_err
check_x25519(const char *name, const uint8_t key[JT_BOX_KEY], struct jt_error *e)
{
	static const uint8_t scalar[JT_BOX_KEY];
	uint8_t shared[JT_BOX_KEY];

	if (crypto_scalarmult_curve25519(shared, scalar, key) != 0)
		return jt_fail(e, JT_MALFORMED, "%s: not an X25519 key (small order)", name);
	return JT_OK;
}

enum jt_err
jt_pub_check(const struct jt_pub *p, struct jt_error *e)
{
	bool box = sodium_is_zero(p->box, sizeof p->box) == 0;
	enum jt_err err = JT_OK;

	if (p->role > JT_ROLE_VALIDATOR)
		return jt_fail(e, JT_MALFORMED, "role: unknown");
	if (box != (p->role == JT_ROLE_VALIDATOR))
		return jt_fail(e, JT_MALFORMED, box ? "box: only a validator has one, not role %s" :
		    "box: missing, role is %s", jt_roles[p->role]);
	if (box)
		err = check_x25519("box", p->box, e);
	if (err != JT_OK)
		return err;
	if (p->role == JT_ROLE_LINK)
		return check_x25519("key", p->key, e);
	if (crypto_core_ed25519_is_valid_point(p->key) != 1)
		return jt_fail(e, JT_MALFORMED, "key: not an Ed25519 key");
	return JT_OK;
}

enum jt_err
jt_pub_read(const struct jt_object *o, struct jt_pub *p, struct jt_error *e)
{
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, JT_PUB_MAX))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(&jt_kind_pub, o, p, &zone, e);
	msgpack_zone_destroy(&zone);
	return err == JT_OK ? jt_pub_check(p, e) : err;
}

enum jt_err
jt_pub_write(const struct jt_pub *p, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err = jt_pub_check(p, e);

	return err == JT_OK ? jt_kind_write(&jt_kind_pub, p, out, e) : err;
}

bool
jt_pub_account(const struct jt_pub *p, uint8_t account[JT_ACCOUNT])
{
	if (p->role == JT_ROLE_LINK)
		return false;
	jt_account_of_key(account, p->key);
	return true;
}
