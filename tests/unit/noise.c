/*
 * The handshake against published vectors, and what must break it. The vectors
 * for Noise_XK_25519_ChaChaPoly_BLAKE2b are those of the collections
 * vectors/cacophony.txt of github.com/haskell-cryptography/cacophony and
 * tests/vectors/snow.txt of github.com/mcginty/snow; the second has no
 * handshake hash.
 */
#include "net/noise.h"

#include <sodium.h>

#include "base/text.h"
#include "random.h"
#include "tap.h"

enum { VECTOR_MESSAGES = 6 };

struct vector {
	const char *name;
	const char *prologue, *initiator, *initiator_ephemeral, *responder, *responder_ephemeral;
	const char *responder_public, *hash;
	const char *messages[VECTOR_MESSAGES][2]; /* payload, what is sent */
};

static const struct vector vectors[] = {
	{
		.name = "cacophony",
		.prologue = "4a6f686e2047616c74",
		.initiator = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
		.initiator_ephemeral =
		    "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
		.responder = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
		.responder_ephemeral =
		    "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
		.responder_public =
		    "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62",
		.hash = "d34784be40e90f33c524e69a3d1dc4155e159d86bf42f01c615d40beb0816b88"
		    "0f0a3e20825fec22de1d607231a315d90d355cd9e5ba7205a17b6e0e9f4b490d",
		.messages = {
			{ "4c756477696720766f6e204d69736573",
			  "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
			  "2806e28405ac4325fcf83607489496d6d326ab3fe084dbb1634f801405a69297" },
			{ "4d757272617920526f746862617264",
			  "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
			  "0ea4de2eff2cd3b1e7be5f7e792d87395f0863722ab04ec030529d6c5820de" },
			{ "462e20412e20486179656b",
			  "ec9136de99472b49eda3ba9fe84882d48f131b27386784b3f45e9f103ad1b6ef"
			  "a2f2e95f0afce5d0d4c8052aed81438500be54a8fd8dd4f5ba04f7907b312701"
			  "d0d687716a30b23c22f568" },
			{ "4361726c204d656e676572",
			  "d6ea0c3364ed480b415d44c3235fdb311dfa8d6e1dc1e6f3a76ee3" },
			{ "4a65616e2d426170746973746520536179",
			  "59f41ca9ea14a8305bae379bbdd8b4d5cf9bd308d2d7e042e2bf03c48dd910b3"
			  "7b" },
			{ "457567656e2042f6686d20766f6e2042617765726b",
			  "fa23ba8af343a3934c64219d3d0206d66894f7cdb180b738324608e15b010209"
			  "5ed2f44d4b" },
		},
	},
	{
		.name = "snow",
		.prologue = "5468657265206973206e6f20726967687420616e642077726f6e672e20546865"
		    "72652773206f6e6c792066756e20616e6420626f72696e672e",
		.initiator = "b8a26a8b9294111fac72766e37a709f270e517a5fb2271211601f9dff928c005",
		.initiator_ephemeral =
		    "fe940cbd5a43fb2028cd0848f2214a8a3ed9c1afd2ecf7e3ae9850684ed78856",
		.responder = "cfcbe6187ac3ab7d8ddb78875343a6434273ed61fa0fca0a1cfc5135d7a4d9b6",
		.responder_ephemeral =
		    "19447f21a56eefba416df9edbfd1fc48226bc05c1875db7f24c79f7f0254cd9f",
		.responder_public =
		    "e4db1b561c3bc2030f8a0274f5745c2152d0e220b5f3c610528f743665b9da3c",
		.messages = {
			{ "6e1f6360d8c955d23404ba23e018b7bdc5b90f7a4efda84f7e44753baa618b39",
			  "020e6dbce4a76491db13cec8c0a644eae62630b4e73e994cd22815979932624a"
			  "9472d76a8a05a60af07035d11611dd664f3f65f27ed08c6617923e0e4de0b981"
			  "85289f2551c7e3ad73deb6187aea3179" },
			{ "5ecd36491cbcef8b4305b826792250724070767504057a1076ae5de8e07b2fe7",
			  "d708fa0807a92da6bd78dcac5ecd2a61b39d1159f1c2fdcafd2b3cec81038078"
			  "36b6e4a126bc8f5a3eba6898e84c8dc11a415ac81dea9d7337fc876709ae839b"
			  "6bc56fd4beaeb085b6355d7f3c8a0191" },
			{ "904a02f479ba05235f77eb76f914937789fa20a8b55bc3ddb202e401cc34d550",
			  "22a953e4e6d4f09603aab3975ad52a7ef47cd78afbcb6b3e982bc461c7b9d537"
			  "2d337fd16323dd098e45d624cfdcc8607b41fe0143ece3f2a5f82f3fc2f9cd28"
			  "62e9227e86cf766923be955dd1c12902e7a45b3c5aabbc764f7a4f714db2f22e" },
			{ "8e03cdcd31d3970354c9d86c15ca861d71f62059f20e0d96cb4eb87fb24339b8",
			  "1fac05bce8897f907e998817ef180ce97e2f37677e527c0fb2e8811db381a7db"
			  "1d915e2b7f74099d6f206dd6c0e984c5" },
			{ "8f34e3e3703aec694ebadad5424239d830a206a59e3d05eb26affa9ad2f233ec",
			  "233ed4714c82211ae7c7ce4e728edac349fff4aa3df3ead668c0324fb73f9aef"
			  "68a4d473cb0c2ce7b4e19b32678b8d1e" },
		},
	},
};

struct bytes {
	uint8_t data[256];
	size_t len;
};

static void
unhex(const char *hex, struct bytes *b)
{
	b->len = strlen(hex) / 2;
	if (b->len > sizeof b->data || !jt_hex_parse(jt_slice_text(hex), b->data, b->len)) {
		ok(false, "a vector is hex");
		b->len = 0;
	}
}

static struct jt_slice
slice(const struct bytes *b)
{
	return (struct jt_slice){ b->data, b->len };
}

/* After the handshake the vectors go on with Noise's own messages: no data, nonce as here. */
static void
transport(const uint8_t key[JT_NOISE_KEY], uint8_t nonce, const struct bytes *payload,
    const struct bytes *want, const char *name)
{
	uint8_t n[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = { 0 };
	uint8_t out[256 + JT_NOISE_TAG];

	n[4] = nonce;
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, payload->data, payload->len, NULL, 0,
	    NULL, n, key);
	is_int(payload->len + JT_NOISE_TAG, want->len, "%s: length of a message after it", name);
	is_bytes(out, want->data, want->len, "%s: a message after it", name);
}

static void
test_vector(const struct vector *v)
{
	struct bytes prologue, s[2], public[2], e[2], remote, payload, want;
	struct jt_noise n[2]; /* initiator, responder */
	struct jt_buf sent = { .max = 512 }, got = { .max = 512 };
	uint8_t send[2][JT_NOISE_KEY], receive[2][JT_NOISE_KEY];
	struct jt_error error;

	unhex(v->prologue, &prologue);
	unhex(v->initiator, &s[0]);
	unhex(v->responder, &s[1]);
	unhex(v->initiator_ephemeral, &e[0]);
	unhex(v->responder_ephemeral, &e[1]);
	unhex(v->responder_public, &remote);
	for (int i = 0; i < 2; i++) {
		crypto_scalarmult_base(public[i].data, s[i].data);
		jt_noise_start(&n[i], &(struct jt_noise_terms){ .initiator = i == 0,
		    .prologue = slice(&prologue), .secret = s[i].data, .public = public[i].data,
		    .ephemeral = e[i].data, .remote = i == 0 ? remote.data : NULL });
	}
	for (unsigned i = 0; i < JT_NOISE_MESSAGES; i++) {
		jt_buf_clear(&sent);
		jt_buf_clear(&got);
		unhex(v->messages[i][0], &payload);
		unhex(v->messages[i][1], &want);
		ok(jt_noise_writes(&n[i % 2]) && !jt_noise_writes(&n[(i + 1) % 2]),
		    "%s: whose turn it is, %u", v->name, i);
		is_int(jt_noise_write(&n[i % 2], slice(&payload), &sent, &error), JT_OK, "write");
		is_int(sent.len, want.len, "%s: length of message %u", v->name, i);
		is_int(sent.len, JT_NOISE_LENGTH(i) + payload.len, "is what the header says");
		is_bytes(sent.data, want.data, want.len, "%s: message %u", v->name, i);
		is_int(jt_noise_read(&n[(i + 1) % 2], jt_buf_slice(&sent), &got, &error), JT_OK,
		    "is read");
		ok(jt_slice_equal(jt_buf_slice(&got), slice(&payload)), "its payload");
	}
	is_bytes(n[1].remote, public[0].data, JT_NOISE_KEY, "the responder knows the initiator");
	is_bytes(n[0].hash, n[1].hash, JT_NOISE_HASH, "both have the same hash");
	if (v->hash != NULL) {
		unhex(v->hash, &want);
		is_bytes(n[0].hash, want.data, JT_NOISE_HASH, "%s: handshake hash", v->name);
	}
	for (int i = 0; i < 2; i++)
		jt_noise_split(&n[i], send[i], receive[i]);
	is_bytes(send[0], receive[1], JT_NOISE_KEY, "one key from initiator to responder");
	is_bytes(receive[0], send[1], JT_NOISE_KEY, "another back");
	for (int i = JT_NOISE_MESSAGES; i < VECTOR_MESSAGES && v->messages[i][0] != NULL; i++) {
		unhex(v->messages[i][0], &payload);
		unhex(v->messages[i][1], &want);
		transport(send[i % 2], (uint8_t)((i - JT_NOISE_MESSAGES) / 2), &payload, &want,
		    v->name);
	}
	jt_buf_free(&sent);
	jt_buf_free(&got);
}

/* ---- what must not work ---- */

struct pair {
	uint8_t secret[2][JT_NOISE_KEY], public[2][JT_NOISE_KEY], ephemeral[2][JT_NOISE_KEY];
	const char *prologue[2];
	struct jt_noise n[2];
	struct jt_buf sent, got;
	struct jt_error error;
};

static void
pair_init(struct pair *p)
{
	memset(p, 0, sizeof *p);
	random_bytes(p->secret, sizeof p->secret);
	random_bytes(p->ephemeral, sizeof p->ephemeral);
	for (int i = 0; i < 2; i++) {
		crypto_scalarmult_base(p->public[i], p->secret[i]);
		p->prologue[i] = "same";
	}
	jt_buf_init(&p->sent, 512);
	jt_buf_init(&p->got, 512);
}

static void
pair_start(struct pair *p, const uint8_t remote[JT_NOISE_KEY])
{
	for (int i = 0; i < 2; i++)
		jt_noise_start(&p->n[i], &(struct jt_noise_terms){ .initiator = i == 0,
		    .prologue = jt_slice_text(p->prologue[i]), .secret = p->secret[i],
		    .public = p->public[i], .ephemeral = p->ephemeral[i],
		    .remote = i == 0 ? remote : NULL });
}

/* The messages up to number `bad` as they should be; that one with a bit changed. */
static enum jt_err
pair_run(struct pair *p, unsigned bad, size_t bit)
{
	enum jt_err err = JT_OK;

	for (unsigned i = 0; i < JT_NOISE_MESSAGES && err == JT_OK; i++) {
		jt_buf_clear(&p->sent);
		jt_buf_clear(&p->got);
		err = jt_noise_write(&p->n[i % 2], (struct jt_slice){ NULL, 0 }, &p->sent, &p->error);
		if (err != JT_OK)
			break;
		if (i == bad)
			p->sent.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
		err = jt_noise_read(&p->n[(i + 1) % 2], jt_buf_slice(&p->sent), &p->got, &p->error);
	}
	return err;
}

static void
pair_free(struct pair *p)
{
	jt_buf_free(&p->sent);
	jt_buf_free(&p->got);
}

static void
test_altered(void)
{
	static const char *const said[] = { "the handshake's message 1 does not open",
		"the handshake's message 2 does not open",
		"the handshake's message 3 does not open" };
	struct pair p;
	unsigned passed = 0, told = 0, all = 0;

	pair_init(&p);
	pair_start(&p, p.public[1]);
	is_int(pair_run(&p, JT_NOISE_MESSAGES, 0), JT_OK, "nothing altered");
	for (unsigned i = 0; i < JT_NOISE_MESSAGES; i++)
		for (size_t bit = 0; bit < 8 * JT_NOISE_LENGTH(i); bit++, all++) {
			pair_start(&p, p.public[1]);
			if (pair_run(&p, i, bit) == JT_OK)
				passed++;
			else if (p.error.code == JT_NO && strcmp(p.error.text, said[i]) == 0)
				told++;
		}
	/* X25519 looks at 255 bits of a key; but the hash is of all 256. */
	is_int(passed, 0, "no altered message is read");
	is_int(told, all, "each of the %u is refused in words", all);
	pair_free(&p);
}

static void
test_terms(void)
{
	static const uint8_t order_one[JT_NOISE_KEY] = { 1 };
	uint8_t wrong[JT_NOISE_KEY];
	struct pair p;

	pair_init(&p);
	p.prologue[1] = "other";
	pair_start(&p, p.public[1]);
	is_int(pair_run(&p, JT_NOISE_MESSAGES, 0), JT_NO, "another prologue");
	p.prologue[1] = "same";
	crypto_scalarmult_base(wrong, p.ephemeral[0]);
	pair_start(&p, wrong);
	is_int(pair_run(&p, JT_NOISE_MESSAGES, 0), JT_NO, "another responder than was meant");
	is_text(p.error.text, "the handshake's message 1 does not open", "and he says so");
	pair_start(&p, order_one);
	is_int(pair_run(&p, JT_NOISE_MESSAGES, 0), JT_NO, "a key of small order");
	is_text(p.error.text, "the other end's key is of small order", "is named");
	pair_free(&p);
}

static void
test_lengths(void)
{
	struct pair p;
	size_t len;

	pair_init(&p);
	for (unsigned i = 0; i < JT_NOISE_MESSAGES; i++)
		for (len = 0; len < JT_NOISE_LENGTH(i); len++) {
			enum jt_err err = JT_OK;
			pair_start(&p, p.public[1]);
			for (unsigned j = 0; j <= i && err == JT_OK; j++) {
				jt_buf_clear(&p.sent);
				err = jt_noise_write(&p.n[j % 2], (struct jt_slice){ NULL, 0 },
				    &p.sent, &p.error);
				if (j == i)
					p.sent.len = len;
				if (err == JT_OK)
					err = jt_noise_read(&p.n[(j + 1) % 2],
					    jt_buf_slice(&p.sent), &p.got, &p.error);
			}
			if (err != JT_MALFORMED)
				ok(false, "message %u of %zu bytes is refused", i, len);
		}
	is_text(p.error.text, "handshake message of 63 bytes, expected 64", "lengths are refused");
	pair_free(&p);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		test_vector(&vectors[i]);
	test_altered();
	test_terms();
	test_lengths();
	return done_testing();
}
