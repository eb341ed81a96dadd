/*
 * Numbers: exact, unsigned, checked. There is no floating point in libjt.
 */
#ifndef JT_NUM_H
#define JT_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* False, and *out untouched, when the result does not fit (or is negative). */
bool jt_add(uint64_t a, uint64_t b, uint64_t *out);
bool jt_sub(uint64_t a, uint64_t b, uint64_t *out);
bool jt_mul(uint64_t a, uint64_t b, uint64_t *out);

/* Decimal digits only: no sign, no space, no leading zero (but "0" itself). */
bool jt_u64_parse(struct jt_slice text, uint64_t *out);

/*
 * A decimal number with at most `decimals` (0 to 19) digits after the point,
 * in smallest units: "12.5" with 6 decimals is 12500000. No exponent, no
 * sign; at least one digit on both sides of a point.
 */
bool jt_decimal_parse(struct jt_slice text, unsigned decimals, uint64_t *out);
/*
 * The reverse. `keep` writes all decimals ("12.50"), otherwise trailing zeros
 * go ("12.5", "12"). out holds at least JT_DECIMAL_MAX bytes.
 */
#define JT_DECIMAL_MAX 32
void jt_decimal_format(uint64_t units, unsigned decimals, bool keep, char *out);

/* Big-endian. */
void jt_put_be32(uint8_t out[4], uint32_t v);
void jt_put_be64(uint8_t out[8], uint64_t v);
uint32_t jt_get_be32(const uint8_t in[4]);
uint64_t jt_get_be64(const uint8_t in[8]);

/* n-f of n validators with f = (n-1)/3: white paper 1.3; n >= 1. */
uint32_t jt_quorum(uint32_t n);

#endif
