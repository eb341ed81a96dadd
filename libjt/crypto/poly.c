/* Polynomials told by their values. See poly.h. */
#include "crypto/poly.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static void
scalar_of(uint8_t scalar[JT_SCALAR], uint64_t v)
{
	memset(scalar, 0, JT_SCALAR);
	for (unsigned i = 0; v != 0; i++, v >>= 8)
		scalar[i] = (uint8_t)v;
}

/* A product of small numbers: whole words of them are multiplied at a time. */
struct product {
	uint8_t *scalar;
	uint64_t word;
	bool negative;
};

static void
product_init(struct product *p, uint8_t *scalar)
{
	*p = (struct product){ .scalar = scalar, .word = 1 };
	scalar_of(scalar, 1);
}

static void
product_word(struct product *p)
{
	uint8_t word[JT_SCALAR];

	scalar_of(word, p->word);
	crypto_core_ristretto255_scalar_mul(p->scalar, p->scalar, word);
	p->word = 1;
}

/* Multiply by a - b; both are below JT_POLY_MAX. */
static void
product_difference(struct product *p, uint32_t a, uint32_t b)
{
	p->word *= a > b ? a - b : b - a;
	p->negative ^= a < b;
	if (p->word >> 56 != 0)
		product_word(p);
}

static void
product_end(struct product *p)
{
	product_word(p);
	if (p->negative)
		crypto_core_ristretto255_scalar_negate(p->scalar, p->scalar);
}

/* All inverses for one inversion (Montgomery's trick). None is zero. */
static void
invert(uint8_t (*v)[JT_SCALAR], size_t count)
{
	uint8_t before[JT_POLY_MAX][JT_SCALAR], all[JT_SCALAR];

	scalar_of(all, 1);
	for (size_t i = 0; i < count; i++) {
		memcpy(before[i], all, JT_SCALAR);
		crypto_core_ristretto255_scalar_mul(all, all, v[i]);
	}
	crypto_core_ristretto255_scalar_invert(all, all);
	for (size_t i = count; i-- > 0;) {
		crypto_core_ristretto255_scalar_mul(before[i], before[i], all);
		crypto_core_ristretto255_scalar_mul(all, all, v[i]);
		memcpy(v[i], before[i], JT_SCALAR);
	}
}

/* out[i] = product of (x_i - x_k), over all k but i; with zero as one more x_k if asked. */
static void
differences(const uint32_t *x, size_t count, bool zero, uint8_t (*out)[JT_SCALAR])
{
	assert(count <= JT_POLY_MAX);
	for (size_t i = 0; i < count; i++) {
		struct product p;
		product_init(&p, out[i]);
		assert(x[i] < JT_POLY_MAX);
		for (size_t k = 0; k < count; k++) {
			assert(k == i || x[k] != x[i]);
			if (k != i)
				product_difference(&p, x[i], x[k]);
		}
		if (zero)
			product_difference(&p, x[i], 0);
		product_end(&p);
	}
}

/*
 * The weight of x_i at zero is the product of -x_k / (x_i - x_k) over the others:
 * all of -x_k, negated, over the differences to the others and to zero.
 */
void
jt_poly_at_zero(const uint32_t *x, size_t count, uint8_t (*weight)[JT_SCALAR])
{
	uint8_t above[JT_SCALAR];
	struct product p;

	product_init(&p, above);
	for (size_t i = 0; i < count; i++) {
		assert(x[i] != 0);
		product_difference(&p, 0, x[i]);
	}
	p.negative = !p.negative;
	product_end(&p);
	differences(x, count, true, weight);
	invert(weight, count);
	for (size_t i = 0; i < count; i++)
		crypto_core_ristretto255_scalar_mul(weight[i], weight[i], above);
}

/* 1 + step + step^2 + ..., of so many terms. */
static void
powers(uint8_t sum[JT_SCALAR], const uint8_t step[JT_SCALAR], size_t terms)
{
	static const uint8_t one[JT_SCALAR] = { 1 };

	memcpy(sum, one, sizeof one);
	for (size_t k = 1; k < terms; k++) {
		crypto_core_ristretto255_scalar_mul(sum, sum, step);
		crypto_core_ristretto255_scalar_add(sum, sum, one);
	}
}

/*
 * The sum of y_i z(x_i) / differences_i is zero for every z of degree below count -
 * terms, and only values of a polynomial of degree below terms do that for all
 * these z. Ours is z(x) = 1 + c x + c^2 x^2 + ... with c the chance. All is
 * divided by the last weight, negated, which saves who multiplies points by
 * them one multiplication. (If that is zero, all are: a chance that nobody meets.)
 */
void
jt_poly_test(const uint32_t *x, size_t count, size_t terms, const uint8_t chance[JT_SCALAR],
    uint8_t (*weight)[JT_SCALAR])
{
	uint8_t below[JT_POLY_MAX][JT_SCALAR], z[JT_POLY_MAX][JT_SCALAR], step[JT_SCALAR];
	size_t last = count - 1;

	assert(count > terms && count <= JT_POLY_MAX);
	differences(x, count, false, below);
	for (size_t i = 0; i < count; i++) {
		scalar_of(step, x[i]);
		crypto_core_ristretto255_scalar_mul(step, step, chance);
		powers(z[i], step, count - terms);
	}
	crypto_core_ristretto255_scalar_negate(z[last], z[last]);
	for (size_t i = 0; i < last; i++)
		crypto_core_ristretto255_scalar_mul(weight[i], below[i], z[last]);
	invert(weight, last);
	for (size_t i = 0; i < last; i++) {
		crypto_core_ristretto255_scalar_mul(weight[i], weight[i], below[last]);
		crypto_core_ristretto255_scalar_mul(weight[i], weight[i], z[i]);
	}
}

void
jt_poly_value(uint8_t value[JT_SCALAR], uint8_t (*coefficient)[JT_SCALAR], size_t terms,
    uint32_t x)
{
	uint8_t at[JT_SCALAR];

	assert(terms > 0);
	scalar_of(at, x);
	memcpy(value, coefficient[terms - 1], JT_SCALAR);
	for (size_t i = terms - 1; i-- > 0;) {
		crypto_core_ristretto255_scalar_mul(value, value, at);
		crypto_core_ristretto255_scalar_add(value, value, coefficient[i]);
	}
}
