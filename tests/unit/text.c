/* Text: hexadecimal, UTF-8 at its edges, times from 1970 to 9999. */
#include "base/text.h"

#include "tap.h"

static void
test_hex(void)
{
	uint8_t all[256], back[256];
	char text[2 * sizeof all + 1];
	static const char *const bad[] = { "0", "000", "0g", "g0", " 0", "0x", "", "00 ", "0:" };

	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	jt_hex_format(all, 2, text);
	is_text(text, "0001", "two bytes");
	jt_hex_format(all, 0, text);
	is_text(text, "", "no byte");
	jt_hex_format(all, 256, text);
	ok(jt_hex_parse(jt_slice_text(text), back, 256), "all bytes");
	is_bytes(back, all, 256, "and back");
	ok(jt_hex_parse(jt_slice_text("aBcDeF"), back, 3), "both cases");
	is_bytes(back, "\xab\xcd\xef", 3, "are the same");
	ok(jt_hex_parse(jt_slice_text(""), back, 0), "nothing is no byte");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!jt_hex_parse(jt_slice_text(bad[i]), back, 1), "not a byte: '%s'", bad[i]);
	ok(!jt_hex_parse(jt_slice_text("0011"), back, 1), "too long for one");
	for (unsigned c = 1; c < 256; c++) {
		char pair[3] = { '0', (char)c, '\0' };
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
		if (jt_hex_parse(jt_slice_text(pair), back, 1) != digit) {
			ok(false, "letter %u", c);
			break;
		}
	}
}

static void
test_utf8(void)
{
	static const char *const good[] = {
		"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbd", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"\xe4\xba\x95\xe9\x80\x9a", "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z",
	};
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "\x80", "a continuation first" }, { "\xbf", "a continuation first" },
		{ "\xc0\x80", "two bytes for zero" }, { "\xc1\xbf", "two bytes for 7f" },
		{ "\xe0\x80\x80", "three bytes for zero" }, { "\xe0\x9f\xbf", "three bytes for 7ff" },
		{ "\xf0\x80\x80\x80", "four bytes for zero" },
		{ "\xf0\x8f\xbf\xbf", "four bytes for ffff" },
		{ "\xed\xa0\x80", "first surrogate" }, { "\xed\xbf\xbf", "last surrogate" },
		{ "\xf4\x90\x80\x80", "above 10ffff" }, { "\xf5\x80\x80\x80", "f5" },
		{ "\xf8\x88\x80\x80\x80", "five bytes" }, { "\xfe", "fe" }, { "\xff", "ff" },
		{ "\xc2", "cut after one" }, { "\xe2\x82", "cut after two" },
		{ "\xf0\x9f\x98", "cut after three" }, { "\xc2" "a", "a letter inside" },
		{ "\xe2\x82" "a", "a letter inside" }, { "\xe2" "a\x82", "a letter inside" },
		{ "\xc2\xc2\x80", "a start inside" }, { "good\xff", "bad at the end" },
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(jt_utf8_valid(jt_slice_text(good[i])), "valid, %zu", i);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!jt_utf8_valid(jt_slice_text(bad[i].text)), "invalid: %s", bad[i].why);
	ok(jt_utf8_valid((struct jt_slice){ (const uint8_t *)"a\0b", 3 }), "a zero byte is U+0000");
	ok(jt_utf8_valid((struct jt_slice){ NULL, 0 }), "nothing is valid");
}

/* Every code point, encoded by the rule, is valid but for the surrogates. */
static void
test_utf8_all(void)
{
	uint32_t c;

	for (c = 0; c <= 0x110000; c++) {
		uint8_t s[4];
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		static const uint8_t first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
		bool want = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

		for (size_t i = n; i-- > 1;)
			s[i] = (uint8_t)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		s[0] = (uint8_t)(first[n] | c >> 6 * (n - 1));
		if (jt_utf8_valid((struct jt_slice){ s, n }) != want)
			break;
	}
	is_int(c, 0x110001, "all code points");
}

static void
test_times(void)
{
	/* Milliseconds by `date -u -d TEXT +%s`. */
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" }, { 1, "1970-01-01T00:00:00.001Z" },
		{ 999, "1970-01-01T00:00:00.999Z" }, { 1000, "1970-01-01T00:00:01Z" },
		{ UINT64_C(86399999), "1970-01-01T23:59:59.999Z" },
		{ UINT64_C(86400000), "1970-01-02T00:00:00Z" },
		{ UINT64_C(68169600000), "1972-02-29T00:00:00Z" },
		{ UINT64_C(951782400000), "2000-02-29T00:00:00Z" },
		{ UINT64_C(951868799000), "2000-02-29T23:59:59Z" },
		{ UINT64_C(951868800000), "2000-03-01T00:00:00Z" },
		{ UINT64_C(1483228799000), "2016-12-31T23:59:59Z" },
		{ UINT64_C(1488369600250), "2017-03-01T12:00:00.250Z" },
		{ UINT64_C(2147483648000), "2038-01-19T03:14:08Z" },
		{ UINT64_C(4107542400000), "2100-03-01T00:00:00Z" },
		{ UINT64_C(4294967296000), "2106-02-07T06:28:16Z" },
		{ UINT64_C(253402300799000), "9999-12-31T23:59:59Z" },
		{ JT_TIME_MAX, "9999-12-31T23:59:59.999Z" },
	};
	char text[JT_TIME_TEXT];
	uint64_t ms;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		jt_time_format(rows[i].ms, text);
		is_text(text, rows[i].text, "%s", rows[i].text);
		ok(jt_time_parse(jt_slice_text(rows[i].text), &ms) && ms == rows[i].ms, "and back");
	}
}

static void
test_bad_times(void)
{
	static const char *const bad[] = {
		"", "2017-03-01", "2017-03-01T12:00:00", "2017-03-01 12:00:00Z", "2017-03-01T12:00:00z",
		"2017-3-1T12:00:00Z", "1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
		"2017-00-01T00:00:00Z", "2017-13-01T00:00:00Z", "2017-01-00T00:00:00Z",
		"2017-01-32T00:00:00Z", "2017-04-31T00:00:00Z", "2017-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z", "2000-02-30T00:00:00Z", "2017-03-01T24:00:00Z",
		"2017-03-01T12:60:00Z", "2016-12-31T23:59:60Z", "2017-03-01T12:00:00.5Z",
		"2017-03-01T12:00:00.25Z", "2017-03-01T12:00:00.000Z", "2017-03-01T12:00:00.2500Z",
		"2017-03-01T12:00:00,250Z", "2017-03-01T12:00:00+00:00", "2017-03-01T12:00:00.250ZZ",
		"+2017-03-01T12:00:0Z", "2017-03-01T1 :00:00Z", "10000-01-01T00:00:00Z",
		"2017-03-01T12:00:00ZZZZZ", "2017_03-01T12:00:00Z", "20170301T120000Z    ",
	};
	uint64_t ms = 7;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!jt_time_parse(jt_slice_text(bad[i]), &ms) && ms == 7, "not a time: '%s'", bad[i]);
}

/* Every day of two whole cycles of the calendar, against one counted by hand. */
static void
test_calendar(void)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t day = 0, ms;
	char text[JT_TIME_TEXT], want[64];
	unsigned bad = 0;

	for (unsigned y = 1970; y <= 9999; y++) {
		bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);

		if (y == 2370) {
			day += UINT64_C(146097) * 18; /* and the days of 400 years, 18 times */
			y += 400 * 18;
		}
		for (unsigned m = 1; m <= 12; m++) {
			unsigned n = lengths[m - 1] + (leap && m == 2);
			for (unsigned d = 1; d <= n; d++, day++) {
				snprintf(want, sizeof want, "%04u-%02u-%02uT00:00:00Z", y, m, d);
				jt_time_format(day * 86400000, text);
				bad += strcmp(text, want) != 0 ||
				    !jt_time_parse(jt_slice_text(want), &ms) ||
				    ms != day * 86400000;
			}
			snprintf(want, sizeof want, "%04u-%02u-%02uT00:00:00Z", y, m, n + 1);
			bad += jt_time_parse(jt_slice_text(want), &ms);
		}
	}
	is_int(bad, 0, "every day, and none that does not exist");
	is_int(day * 86400000 - 1, JT_TIME_MAX, "up to the last millisecond");
}

int
main(void)
{
	test_hex();
	test_utf8();
	test_utf8_all();
	test_times();
	test_bad_times();
	test_calendar();
	return done_testing();
}
