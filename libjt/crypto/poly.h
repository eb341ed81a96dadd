/*
 * Polynomials over the scalars of the group (group.h), told by their values at
 * small whole numbers: how to have the value at zero, and how to see whether
 * values belong to a polynomial of low degree. Both give weights, with which
 * the values themselves may be summed, or points that stand for them (Shamir,
 * 1979; the second is the dual code of Reed-Solomon's, as in SCRAPE, ePrint
 * 2017/216). Nothing here is secret.
 */
#ifndef JT_POLY_H
#define JT_POLY_H

#include "crypto/group.h"

#define JT_POLY_MAX 129 /* values, at most; each x is below JT_POLY_MAX */

/*
 * Lagrange: values y_i at x_i, which are distinct and not zero, give the value
 * at zero as the sum of weight_i y_i, if the degree is below count.
 */
void jt_poly_at_zero(const uint32_t *x, size_t count, uint8_t (*weight)[JT_SCALAR]);

/*
 * Do the values at distinct x_i (zero may be one) belong to a polynomial of
 * degree below `terms`? If so, the last value is the sum of weight_i y_i over the
 * others; if not, it is for fewer than count of the L values that `chance` can have.
 * So chance must not be known before the values are fixed: it is a hash of them.
 * count > terms; there is a weight for each value but the last.
 */
void jt_poly_test(const uint32_t *x, size_t count, size_t terms, const uint8_t chance[JT_SCALAR],
    uint8_t (*weight)[JT_SCALAR]);

/* The value at x of the polynomial with these coefficients, lowest first. Constant time. */
void jt_poly_value(uint8_t value[JT_SCALAR], uint8_t (*coefficient)[JT_SCALAR], size_t terms,
    uint32_t x);

#endif
