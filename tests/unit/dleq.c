/* Proofs: the vectors of RFC 9497, and everything that must break one. */
#include "crypto/dleq.h"

#include "points.h"
#include "tap.h"

static const char rfc_context[] = "OPRFV1-\x01-ristretto255-SHA512";

static struct jt_slice
rfc(void)
{
	return (struct jt_slice){ (const uint8_t *)rfc_context, sizeof rfc_context - 1 };
}

/* A.1.2: ristretto255-SHA512, VOPRF mode, batch size 1. */
static void
test_vectors(void)
{
	static const char sk[] = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
	static const char pk[] = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
	static const char blind[] =
	    "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
	static const char r[] = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";
	static const struct {
		const char *input, *blinded, *evaluated, *proof;
		size_t len;
	} vectors[] = {
		{ "\0", "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
		  "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
		  "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
		  "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d", 1 },
		{ "ZZZZZZZZZZZZZZZZZ",
		  "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
		  "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
		  "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
		  "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02", 17 },
	};
	uint8_t got[JT_POINT], proof[JT_DLEQ_PROOF], want[JT_DLEQ_PROOF];

	jt_point_base(got, hex32(sk));
	is_bytes(got, hex32(pk), sizeof got, "the public key");
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		struct jt_slice input = { (const uint8_t *)vectors[i].input, vectors[i].len };
		struct jt_dleq d = { .context = rfc(), .key = hex32(pk),
			.point = hex32(vectors[i].blinded), .image = hex32(vectors[i].evaluated) };
		ok(jt_point_hash(got, input, rfc()) && jt_point_mul(got, hex32(blind), got),
		    "HashToGroup of input %zu", i + 1);
		is_bytes(got, d.point, sizeof got, "blinded as published");
		ok(jt_point_mul(got, hex32(sk), d.point), "evaluates");
		is_bytes(got, d.image, sizeof got, "as published");
		ok(jt_dleq_prove(proof, &d, hex32(sk), hex32(r)), "is proven");
		is_bytes(proof, hex_to(want, sizeof want, vectors[i].proof), sizeof proof,
		    "as published");
		ok(jt_dleq_verify(want, &d), "the published proof is good");
	}
}

struct example {
	uint8_t k[JT_SCALAR], key[JT_POINT], point[JT_POINT], image[JT_POINT];
	uint8_t proof[JT_DLEQ_PROOF];
	struct jt_dleq d;
};

static void
make(struct example *x)
{
	random_scalar(x->k);
	random_scalar(x->point);
	jt_point_base(x->point, x->point);
	jt_point_base(x->key, x->k);
	jt_point_mul(x->image, x->k, x->point);
	x->d = (struct jt_dleq){ .context = jt_slice_text("a context"), .key = x->key,
		.point = x->point, .image = x->image };
}

static void
test_breaks(void)
{
	struct example x, y;
	uint8_t other[JT_DLEQ_PROOF], zero[JT_POINT] = { 0 };
	unsigned broken = 0;
	struct jt_dleq d;

	make(&x);
	make(&y);
	ok(jt_dleq_prove(x.proof, &x.d, x.k, NULL), "proven without a nonce");
	ok(jt_dleq_verify(x.proof, &x.d), "good");
	jt_dleq_prove(other, &x.d, x.k, NULL);
	is_bytes(other, x.proof, sizeof other, "the same each time");
	for (size_t i = 0; i < 8 * sizeof other; i++) {
		memcpy(other, x.proof, sizeof other);
		other[i / 8] ^= (uint8_t)(1 << i % 8);
		broken += !jt_dleq_verify(other, &x.d);
	}
	is_int(broken, 8 * sizeof other, "any bit changed breaks it");
	d = x.d;
	d.context = jt_slice_text("another context");
	ok(!jt_dleq_verify(x.proof, &d), "so does another context");
	d = x.d;
	d.key = y.key;
	ok(!jt_dleq_verify(x.proof, &d), "another key");
	d = x.d;
	d.point = y.point;
	ok(!jt_dleq_verify(x.proof, &d), "another point");
	d = x.d;
	d.image = y.image;
	ok(!jt_dleq_verify(x.proof, &d), "another image");
	d = x.d;
	d.image = zero;
	ok(!jt_dleq_verify(x.proof, &d), "the identity");
	d.point = zero;
	ok(!jt_dleq_verify(x.proof, &d), "the identity on both sides");
	ok(!jt_dleq_prove(other, &d, x.k, NULL), "of which nothing is proven");
	ok(!jt_dleq_prove(other, &x.d, zero, NULL), "nor with the secret zero");
}

/* c and s with L added to them are the same numbers, and other bytes. */
static void
test_canonical(void)
{
	static const char order[] =
	    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
	struct example x;
	uint8_t more[JT_DLEQ_PROOF];

	make(&x);
	jt_dleq_prove(x.proof, &x.d, x.k, NULL);
	for (size_t at = 0; at < sizeof more; at += JT_SCALAR) {
		memcpy(more, x.proof, sizeof more);
		sodium_add(more + at, hex32(order), JT_SCALAR);
		ok(!jt_dleq_verify(more, &x.d), "a scalar of byte %zu above L is refused", at);
		memset(more + at, 0, JT_SCALAR);
		ok(!jt_dleq_verify(more, &x.d), "zero too");
	}
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_vectors();
	test_breaks();
	test_canonical();
	return done_testing();
}
