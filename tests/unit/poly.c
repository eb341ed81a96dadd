/* Polynomials told by values: RFC 9591's shares, Lagrange, and the test of degree. */
#include "crypto/poly.h"

#include "points.h"
#include "tap.h"

static void
sum(uint8_t out[JT_SCALAR], uint8_t (*weight)[JT_SCALAR], uint8_t (*y)[JT_SCALAR], size_t count)
{
	uint8_t term[JT_SCALAR];

	memset(out, 0, JT_SCALAR);
	for (size_t i = 0; i < count; i++) {
		crypto_core_ristretto255_scalar_mul(term, weight[i], y[i]);
		crypto_core_ristretto255_scalar_add(out, out, term);
	}
}

/* Is the last value the weighted sum of the others? */
static bool
is_last(uint8_t (*weight)[JT_SCALAR], uint8_t (*y)[JT_SCALAR], size_t count)
{
	uint8_t got[JT_SCALAR];

	sum(got, weight, y, count - 1);
	return memcmp(got, y[count - 1], sizeof got) == 0;
}

/* RFC 9591, E.3: FROST(ristretto255, SHA-512): a secret shared 2 of 3. */
static void
test_vectors(void)
{
	static const char secret[] =
	    "1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b";
	static const char slope[] =
	    "410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02";
	static const char key[] = "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57";
	static const char *const shares[] = {
		"5c3430d391552f6e60ecdc093ff9f6f4488756aa6cebdbad75a768010b8f830e",
		"b06fc5eac20b4f6e1b271d9df2343d843e1e1fb03c4cbb673f2872d459ce6f01",
		"f17e505f0e2581c6acfe54d3846a622834b5e7b50cad9a2109a97ba7a80d5c04"
	};
	uint8_t terms[2][JT_SCALAR], got[JT_POINT], weight[3][JT_SCALAR], y[3][JT_SCALAR];

	memcpy(terms[0], hex32(secret), JT_SCALAR);
	memcpy(terms[1], hex32(slope), JT_SCALAR);
	jt_point_base(got, terms[0]);
	is_bytes(got, hex32(key), sizeof got, "the group's key");
	for (uint32_t i = 0; i < 3; i++) {
		jt_poly_value(got, terms, 2, i + 1);
		is_bytes(got, hex32(shares[i]), sizeof got, "share %u", (unsigned)i + 1);
	}
	for (uint32_t a = 1; a <= 3; a++)
		for (uint32_t b = 1; b <= 3; b++) {
			uint32_t x[] = { a, b };
			if (a == b)
				continue;
			memcpy(y[0], hex32(shares[a - 1]), JT_SCALAR);
			memcpy(y[1], hex32(shares[b - 1]), JT_SCALAR);
			jt_poly_at_zero(x, 2, weight);
			sum(got, weight, y, 2);
			is_bytes(got, hex32(secret), sizeof got, "the secret from shares %u and %u",
			    (unsigned)a, (unsigned)b);
		}
}

/* count distinct numbers from `low` to JT_POLY_MAX - 1, in any order. */
static void
draw_places(uint32_t *x, size_t count, uint32_t low)
{
	uint32_t all[JT_POLY_MAX], n = 0;

	for (uint32_t i = low; i < JT_POLY_MAX; i++)
		all[n++] = i;
	for (size_t i = 0; i < count; i++) {
		uint32_t k = (uint32_t)(i + random_below(n - i)), chosen = all[k];
		all[k] = all[i];
		x[i] = chosen;
	}
}

/* Lagrange gives the value at zero for any degree below count, at any places. */
static void
test_at_zero(void)
{
	static uint8_t terms[JT_POLY_MAX][JT_SCALAR], y[JT_POLY_MAX][JT_SCALAR],
	    weight[JT_POLY_MAX][JT_SCALAR];
	uint32_t x[JT_POLY_MAX];
	uint8_t got[JT_SCALAR];
	bool good = true;

	for (int round = 0; round < 60; round++) {
		size_t count = round == 0 ? 1 : round == 1 ? JT_POLY_MAX - 1 :
		    1 + random_below(JT_POLY_MAX - 1);
		size_t degree = 1 + random_below(count);
		for (size_t i = 0; i < degree; i++)
			random_scalar(terms[i]);
		draw_places(x, count, 1);
		for (size_t i = 0; i < count; i++)
			jt_poly_value(y[i], terms, degree, x[i]);
		jt_poly_at_zero(x, count, weight);
		sum(got, weight, y, count);
		good = good && memcmp(got, terms[0], sizeof got) == 0;
	}
	ok(good, "any values give the value at zero");
}

/* Values of a low degree pass, and fail when one or more are changed or the degree is higher. */
static void
test_degree(void)
{
	static uint8_t terms[JT_POLY_MAX][JT_SCALAR], y[JT_POLY_MAX][JT_SCALAR],
	    weight[JT_POLY_MAX][JT_SCALAR];
	uint32_t x[JT_POLY_MAX];
	uint8_t chance[JT_SCALAR];
	unsigned passed = 0, caught = 0, higher = 0, rounds = 60;

	for (unsigned round = 0; round < rounds; round++) {
		size_t count = round == 0 ? JT_POLY_MAX : 2 + random_below(JT_POLY_MAX - 1);
		size_t degree = 1 + random_below(count - 1), changed = 1 + random_below(count);
		for (size_t i = 0; i <= degree; i++)
			random_scalar(terms[i]);
		draw_places(x, count, 0);
		random_scalar(chance);
		jt_poly_test(x, count, degree, chance, weight);
		for (size_t i = 0; i < count; i++)
			jt_poly_value(y[i], terms, degree, x[i]);
		passed += is_last(weight, y, count);
		for (size_t i = 0; i < changed; i++)
			random_scalar(y[i]);
		caught += !is_last(weight, y, count);
		for (size_t i = 0; i < count; i++)
			jt_poly_value(y[i], terms, degree + 1, x[i]);
		higher += !is_last(weight, y, count);
	}
	is_int(passed, rounds, "values of a low degree pass");
	is_int(caught, rounds, "changed ones do not");
	is_int(higher, rounds, "nor do those of one degree more");
}

/*
 * An error that one chance does not see another one sees: two values are changed so
 * that the weighted sum stays the same, which takes knowing the chance.
 */
static void
test_chance(void)
{
	uint8_t y[5][JT_SCALAR], weight[5][JT_SCALAR], chance[JT_SCALAR], got[JT_SCALAR];
	uint8_t terms[2][JT_SCALAR], error[JT_SCALAR];
	const uint32_t x[] = { 1, 2, 3, 4, 5 };

	random_scalar(terms[0]);
	random_scalar(terms[1]);
	for (uint32_t i = 0; i < 5; i++)
		jt_poly_value(y[i], terms, 2, i + 1);
	random_scalar(chance);
	jt_poly_test(x, 5, 2, chance, weight);
	random_scalar(error);
	crypto_core_ristretto255_scalar_add(y[0], y[0], error);
	crypto_core_ristretto255_scalar_mul(error, error, weight[0]);
	crypto_core_ristretto255_scalar_invert(got, weight[1]);
	crypto_core_ristretto255_scalar_mul(error, error, got);
	crypto_core_ristretto255_scalar_sub(y[1], y[1], error);
	ok(is_last(weight, y, 5), "who knows the chance can deceive it");
	random_scalar(chance);
	jt_poly_test(x, 5, 2, chance, weight);
	ok(!is_last(weight, y, 5), "and no other");
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_vectors();
	test_at_zero();
	test_degree();
	test_chance();
	return done_testing();
}
