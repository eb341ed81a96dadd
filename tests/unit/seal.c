/* Sealing: round trip, everything that must break the seal, parameters out of bounds. */
#include "crypto/seal.h"

#include "random.h"
#include "tap.h"

static const struct jt_slice none;

static void
test_seal(void)
{
	uint8_t secret[64], sealed[sizeof secret + JT_SEAL_TAG], again[sizeof sealed];
	struct jt_seal s = { .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY }, t;
	struct jt_slice in = { secret, sizeof secret }, out = { sealed, sizeof sealed };
	struct jt_slice pass = jt_slice_text("correct horse"), head = jt_slice_text("header");
	struct jt_error e;

	random_bytes(secret, sizeof secret);
	random_bytes(s.salt, sizeof s.salt);
	random_bytes(s.nonce, sizeof s.nonce);
	is_int(jt_seal_close(sealed, in, pass, head, &s, &e), JT_OK, "closes");
	is_int(jt_seal_open(again, out, pass, head, &s, &e), JT_OK, "opens");
	is_bytes(again, secret, sizeof secret, "with the secret inside");
	is_int(jt_seal_open(again, out, jt_slice_text("correct horsf"), head, &s, &e),
	    JT_PERMISSION, "not with another passphrase");
	is_text(e.text, "wrong passphrase, or an altered file", "and says so");
	ok(sodium_is_zero(again, sizeof secret), "nothing is given out");
	is_int(jt_seal_open(again, out, none, head, &s, &e), JT_PERMISSION, "not with none");
	is_int(jt_seal_open(again, out, pass, jt_slice_text("heades"), &s, &e), JT_PERMISSION,
	    "not with another header");
	t = s;
	t.salt[15] ^= 1;
	is_int(jt_seal_open(again, out, pass, head, &t, &e), JT_PERMISSION, "nor salt");
	t = s;
	t.nonce[23] ^= 1;
	is_int(jt_seal_open(again, out, pass, head, &t, &e), JT_PERMISSION, "nor nonce");
	t = s;
	t.ops++;
	is_int(jt_seal_open(again, out, pass, head, &t, &e), JT_PERMISSION, "nor ops");
	t = s;
	t.memory += 1024;
	is_int(jt_seal_open(again, out, pass, head, &t, &e), JT_PERMISSION, "nor memory");
	sealed[0] ^= 1;
	is_int(jt_seal_open(again, out, pass, head, &s, &e), JT_PERMISSION, "nor first byte");
}

/* The bounds hold before Argon2id is tried, so all of this is quick. */
static void
test_bounds(void)
{
	static const struct {
		uint64_t ops, memory;
		const char *text;
	} bad[] = {
		{ 0, JT_SEAL_MEMORY, "ops: expected 3 to 16, found 0" },
		{ 2, JT_SEAL_MEMORY, "ops: expected 3 to 16, found 2" },
		{ 17, JT_SEAL_MEMORY, "ops: expected 3 to 16, found 17" },
		{ UINT64_MAX, JT_SEAL_MEMORY, "ops: expected 3 to 16, found 18446744073709551615" },
		{ 3, 0, "memory: expected 67108864 to 1073741824 bytes in whole KiB, found 0" },
		{ 3, JT_SEAL_MEMORY - 1024,
		  "memory: expected 67108864 to 1073741824 bytes in whole KiB, found 67107840" },
		{ 3, JT_SEAL_MEMORY + 1,
		  "memory: expected 67108864 to 1073741824 bytes in whole KiB, found 67108865" },
		{ 3, JT_SEAL_MEMORY_MAX + 1024,
		  "memory: expected 67108864 to 1073741824 bytes in whole KiB, found 1073742848" },
		{ 3, UINT64_MAX - 1023,
		  "memory: expected 67108864 to 1073741824 bytes in whole KiB, found "
		  "18446744073709550592" },
	};
	uint8_t sealed[JT_SEAL_TAG + 16] = { 0 }, secret[16] = { 0 };
	struct jt_slice in = { secret, sizeof secret }, out = { sealed, sizeof sealed };
	static uint8_t long_pass[JT_PASSPHRASE_MAX + 1];
	struct jt_seal s = { .ops = JT_SEAL_OPS_MAX, .memory = JT_SEAL_MEMORY_MAX };
	struct jt_error e;

	is_int(jt_seal_check(&s, &e), JT_OK, "the greatest parameters are within bounds");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		s.ops = bad[i].ops;
		s.memory = bad[i].memory;
		is_int(jt_seal_open(secret, out, none, none, &s, &e), JT_MALFORMED, "open refuses");
		is_text(e.text, bad[i].text, "%s", bad[i].text);
		is_int(jt_seal_close(sealed, in, none, none, &s, NULL), JT_MALFORMED,
		    "so does close");
	}
	s = (struct jt_seal){ .ops = JT_SEAL_OPS, .memory = JT_SEAL_MEMORY };
	out.len = JT_SEAL_TAG - 1;
	is_int(jt_seal_open(secret, out, none, none, &s, &e), JT_MALFORMED, "shorter than a tag");
	is_text(e.text, "sealed: expected 16 bytes or more, found 15", "is named");
	is_int(jt_seal_close(sealed, in, (struct jt_slice){ long_pass, sizeof long_pass }, none, &s,
	    &e), JT_MALFORMED, "a passphrase too long");
	is_text(e.text, "passphrase: longer than 1024 bytes", "is named");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_seal();
	test_bounds();
	return done_testing();
}
