/* Text: hexadecimal, UTF-8, times. See text.h. */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>

#include "base/num.h"

void
jt_hex_format(const uint8_t *data, size_t len, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digit[data[i] >> 4];
		*out++ = digit[data[i] & 15];
	}
	*out = '\0';
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
jt_hex_parse(struct jt_slice text, uint8_t *out, size_t len)
{
	if (text.len != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int hi = hex_digit(text.data[2 * i]);
		int lo = hex_digit(text.data[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return true;
}

bool
jt_utf8_valid(struct jt_slice text)
{
	const uint8_t *p = text.data, *end = text.len > 0 ? p + text.len : p;

	while (p < end) {
		uint32_t c = *p++, least;
		int more;

		if (c < 0x80)
			continue;
		if (c >= 0xc2 && c < 0xe0)
			more = 1, least = 0x80, c &= 0x1f;
		else if (c >= 0xe0 && c < 0xf0)
			more = 2, least = 0x800, c &= 0x0f;
		else if (c >= 0xf0 && c < 0xf5)
			more = 3, least = 0x10000, c &= 0x07;
		else
			return false;
		for (; more > 0; more--) {
			if (p == end || (*p & 0xc0) != 0x80)
				return false;
			c = c << 6 | (*p++ & 0x3f);
		}
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
	}
	return true;
}

/* Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, days_from_civil). */
static uint64_t
days_from_civil(unsigned y, unsigned m, unsigned d)
{
	unsigned era, yoe, doy, doe;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return (uint64_t)era * 146097 + doe - 719468;
}

/* The reverse (Hinnant, civil_from_days). */
static void
civil_from_days(uint64_t days, unsigned *y, unsigned *m, unsigned *d)
{
	uint64_t z = days + 719468;
	unsigned era = (unsigned)(z / 146097), doe = (unsigned)(z % 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

void
jt_time_format(uint64_t ms, char out[JT_TIME_TEXT])
{
	unsigned y, m, d, s, frac = (unsigned)(ms % 1000);
	int n;

	assert(ms <= JT_TIME_MAX);
	civil_from_days(ms / 86400000, &y, &m, &d);
	s = (unsigned)(ms / 1000 % 86400);
	n = snprintf(out, JT_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u",
	    y % 10000, m % 100, d % 100, s / 3600, s / 60 % 60, s % 60);
	if (frac != 0)
		snprintf(out + n, (size_t)(JT_TIME_TEXT - n), ".%03uZ", frac);
	else
		snprintf(out + n, (size_t)(JT_TIME_TEXT - n), "Z");
}

/* `count` digits at text[at], in a field whose value lies in [low, high]. */
static bool
digits(struct jt_slice text, size_t at, int count, unsigned low, unsigned high,
    unsigned *out)
{
	unsigned v = 0;

	for (int i = 0; i < count; i++) {
		uint8_t c = text.data[at + (size_t)i];
		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (unsigned)(c - '0');
	}
	*out = v;
	return v >= low && v <= high;
}

bool
jt_time_parse(struct jt_slice t, uint64_t *ms)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	unsigned y, m, d, hour, min, sec, frac = 0, y2, m2, d2;
	uint64_t days;

	if (t.len != 20 && t.len != 24)
		return false;
	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] != 'd' && t.data[i] != (uint8_t)form[i])
			return false;
	if (t.data[t.len - 1] != 'Z')
		return false;
	if (!digits(t, 0, 4, 1970, 9999, &y) || !digits(t, 5, 2, 1, 12, &m) ||
	    !digits(t, 8, 2, 1, 31, &d) || !digits(t, 11, 2, 0, 23, &hour) ||
	    !digits(t, 14, 2, 0, 59, &min) || !digits(t, 17, 2, 0, 59, &sec))
		return false;
	if (t.len == 24 && (t.data[19] != '.' || !digits(t, 20, 3, 1, 999, &frac)))
		return false;
	days = days_from_civil(y, m, d);
	civil_from_days(days, &y2, &m2, &d2);
	if (y2 != y || m2 != m || d2 != d)
		return false; /* 30 February */
	*ms = (days * 86400 + hour * 3600 + min * 60 + sec) * 1000 + frac;
	return true;
}
