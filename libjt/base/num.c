/* Numbers: exact, unsigned, checked. See num.h. */
#include "base/num.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool
jt_add(uint64_t a, uint64_t b, uint64_t *out)
{
	if (a > UINT64_MAX - b)
		return false;
	*out = a + b;
	return true;
}

bool
jt_sub(uint64_t a, uint64_t b, uint64_t *out)
{
	if (a < b)
		return false;
	*out = a - b;
	return true;
}

bool
jt_mul(uint64_t a, uint64_t b, uint64_t *out)
{
	if (b != 0 && a > UINT64_MAX / b)
		return false;
	*out = a * b;
	return true;
}

/* Append the digits of text to *v; false on anything else or overflow. */
static bool
take_digits(const uint8_t *text, size_t len, uint64_t *v)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (!jt_mul(*v, 10, v) || !jt_add(*v, (uint64_t)(text[i] - '0'), v))
			return false;
	}
	return true;
}

bool
jt_u64_parse(struct jt_slice text, uint64_t *out)
{
	uint64_t v = 0;

	if (text.len == 0 || (text.len > 1 && text.data[0] == '0'))
		return false;
	if (!take_digits(text.data, text.len, &v))
		return false;
	*out = v;
	return true;
}

bool
jt_decimal_parse(struct jt_slice text, unsigned decimals, uint64_t *out)
{
	const uint8_t *point = text.len ? memchr(text.data, '.', text.len) : NULL;
	size_t whole = point ? (size_t)(point - text.data) : text.len;
	size_t part = point ? text.len - whole - 1 : 0;
	uint64_t v = 0;

	assert(decimals <= 19);
	if (whole == 0 || (point && part == 0) || part > decimals)
		return false;
	if (whole > 1 && text.data[0] == '0')
		return false;
	if (!take_digits(text.data, whole, &v))
		return false;
	if (part > 0 && !take_digits(point + 1, part, &v))
		return false;
	for (size_t i = part; i < decimals; i++)
		if (!jt_mul(v, 10, &v))
			return false;
	*out = v;
	return true;
}

void
jt_decimal_format(uint64_t units, unsigned decimals, bool keep, char *out)
{
	char digits[JT_DECIMAL_MAX];
	size_t n, whole;

	assert(decimals <= 19);
	/* One digit more than decimals, so that there is one before the point. */
	n = (size_t)snprintf(digits, sizeof digits, "%0*llu", (int)decimals + 1,
	    (unsigned long long)units);
	whole = n - decimals;
	memcpy(out, digits, whole);
	out[whole] = '\0';
	if (decimals == 0)
		return;
	out[whole] = '.';
	memcpy(out + whole + 1, digits + whole, decimals);
	out[n + 1] = '\0';
	if (keep)
		return;
	while (out[n] == '0')
		out[n--] = '\0';
	if (out[n] == '.')
		out[n] = '\0';
}

void
jt_put_be32(uint8_t out[4], uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

void
jt_put_be64(uint8_t out[8], uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

uint32_t
jt_get_be32(const uint8_t in[4])
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 |
	    (uint32_t)in[2] << 8 | in[3];
}

uint64_t
jt_get_be64(const uint8_t in[8])
{
	return (uint64_t)jt_get_be32(in) << 32 | jt_get_be32(in + 4);
}

uint32_t
jt_quorum(uint32_t n)
{
	assert(n >= 1);
	return n - (n - 1) / 3;
}
