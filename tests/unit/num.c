/* Numbers: checked arithmetic, decimals, big-endian bytes, quorums. */
#include "base/num.h"

#include "tap.h"

static const uint64_t top = UINT64_MAX;

static void
test_checked(void)
{
	uint64_t v = 7;

	ok(jt_add(top - 1, 1, &v) && v == top, "add up to the top");
	v = 7;
	ok(!jt_add(top, 1, &v) && !jt_add(1, top, &v) && v == 7, "add beyond: untouched");
	ok(jt_sub(5, 5, &v) && v == 0, "sub down to nothing");
	v = 7;
	ok(!jt_sub(0, 1, &v) && v == 7, "sub below: untouched");
	ok(jt_mul(UINT64_C(1) << 32, UINT64_C(1) << 31, &v) && v == UINT64_C(1) << 63, "mul");
	v = 7;
	ok(!jt_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &v) && v == 7, "mul by one bit too much");
	ok(jt_mul(top, 1, &v) && v == top && jt_mul(1, top, &v) && v == top, "mul by one");
	ok(jt_mul(top, 0, &v) && v == 0 && jt_mul(0, top, &v) && v == 0, "mul by nothing");
	ok(jt_mul(UINT64_C(6148914691236517205), 3, &v) && v == top, "mul to the very top");
	ok(!jt_mul(UINT64_C(6148914691236517206), 3, &v), "and just over it");
	v = 3;
	ok(jt_add(v, v, &v) && v == 6 && jt_mul(v, v, &v) && v == 36, "out may be an operand");
}

static void
test_u64(void)
{
	static const struct {
		const char *text;
		uint64_t want;
	} good[] = {
		{ "0", 0 }, { "1", 1 }, { "10", 10 }, { "18446744073709551615", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "00", "01", "1.0", "0x10", "1e3", "1_000", "\xd9\xa1",
		"18446744073709551616", "99999999999999999999", "184467440737095516150",
	};
	uint64_t v;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(jt_u64_parse(jt_slice_text(good[i].text), &v) && v == good[i].want,
		    "%s", good[i].text);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		v = 7;
		ok(!jt_u64_parse(jt_slice_text(bad[i]), &v) && v == 7, "not a number: '%s'", bad[i]);
	}
	ok(!jt_u64_parse((struct jt_slice){ (const uint8_t *)"1\0", 2 }, &v), "nor with a zero byte");
	ok(!jt_u64_parse((struct jt_slice){ NULL, 0 }, &v), "nor nothing at all");
}

static void
test_decimal_parse(void)
{
	static const struct {
		const char *text;
		unsigned decimals;
		uint64_t want;
	} good[] = {
		{ "12.5", 6, 12500000 }, { "0", 6, 0 }, { "0.0", 6, 0 }, { "0.000001", 6, 1 },
		{ "1.000000", 6, 1000000 }, { "7", 0, 7 }, { "18446744073709551615", 0, UINT64_MAX },
		{ "18446744073709.551615", 6, UINT64_MAX }, { "1.8446744073709551615", 19, UINT64_MAX },
		{ "0.0000000000000000001", 19, 1 }, { "600000000000", 6, UINT64_C(600000000000000000) },
	};
	static const struct {
		const char *text;
		unsigned decimals;
	} bad[] = {
		{ "", 6 }, { ".", 6 }, { ".5", 6 }, { "5.", 6 }, { "-1", 6 }, { "+1", 6 }, { "1e3", 6 },
		{ "1,5", 6 }, { "1.2.3", 6 }, { "01", 6 }, { "00.5", 6 }, { "0.0000001", 6 },
		{ "1.0", 0 }, { " 1", 6 }, { "1 ", 6 }, { "1. 5", 6 }, { "1.5x", 6 },
		{ "18446744073709.551616", 6 }, { "18446744073710", 6 }, { "1.8446744073709551616", 19 },
		{ "2", 19 }, { "nan", 6 }, { "1\xc2\xb7" "5", 6 },
	};
	uint64_t v;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		ok(jt_decimal_parse(jt_slice_text(good[i].text), good[i].decimals, &v) &&
		    v == good[i].want, "%s with %u decimals", good[i].text, good[i].decimals);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		v = 7;
		ok(!jt_decimal_parse(jt_slice_text(bad[i].text), bad[i].decimals, &v) && v == 7,
		    "not with %u decimals: '%s'", bad[i].decimals, bad[i].text);
	}
}

static void
test_decimal_format(void)
{
	static const struct {
		uint64_t units;
		unsigned decimals;
		const char *kept, *bare;
	} rows[] = {
		{ 0, 0, "0", "0" }, { 0, 6, "0.000000", "0" }, { 1, 6, "0.000001", "0.000001" },
		{ 12500000, 6, "12.500000", "12.5" }, { 12000000, 6, "12.000000", "12" },
		{ 100, 0, "100", "100" }, { 100, 1, "10.0", "10" }, { 99, 2, "0.99", "0.99" },
		{ UINT64_MAX, 0, "18446744073709551615", "18446744073709551615" },
		{ UINT64_MAX, 6, "18446744073709.551615", "18446744073709.551615" },
		{ UINT64_MAX, 19, "1.8446744073709551615", "1.8446744073709551615" },
		{ 1, 19, "0.0000000000000000001", "0.0000000000000000001" },
	};
	char text[JT_DECIMAL_MAX];
	uint64_t v, units = 88172645463325252u;
	bool same = true;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		jt_decimal_format(rows[i].units, rows[i].decimals, true, text);
		is_text(text, rows[i].kept, "%s", rows[i].kept);
		jt_decimal_format(rows[i].units, rows[i].decimals, false, text);
		is_text(text, rows[i].bare, "%s", rows[i].bare);
	}
	for (unsigned i = 0; i < 2000; i++) {
		units ^= units << 13, units ^= units >> 7, units ^= units << 17;
		jt_decimal_format(units >> i % 64, i % 20, i % 3 == 0, text);
		same = same && jt_decimal_parse(jt_slice_text(text), i % 20, &v) && v == units >> i % 64;
	}
	ok(same, "what is written is read as the same number");
}

static void
test_bytes(void)
{
	uint8_t four[4], eight[8];

	jt_put_be32(four, 0x01020304);
	is_bytes(four, "\1\2\3\4", 4, "32 bits, the greatest first");
	is_int(jt_get_be32(four), 0x01020304, "and back");
	jt_put_be64(eight, UINT64_C(0xfedcba9876543210));
	is_bytes(eight, "\xfe\xdc\xba\x98\x76\x54\x32\x10", 8, "64 bits");
	ok(jt_get_be64(eight) == UINT64_C(0xfedcba9876543210), "and back");
	jt_put_be32(four, UINT32_MAX);
	jt_put_be64(eight, UINT64_MAX);
	ok(jt_get_be32(four) == UINT32_MAX && jt_get_be64(eight) == UINT64_MAX, "all ones");
}

static void
test_quorum(void)
{
	static const uint32_t want[] = { 1, 2, 3, 3, 4, 5, 5, 6, 7, 7 };
	bool intersect = true;

	for (uint32_t n = 1; n <= 10; n++)
		is_int(jt_quorum(n), want[n - 1], "quorum of %u", n);
	/* Two quorums share more than f, and the honest ones alone make one. */
	for (uint32_t n = 1; n <= 10000; n++) {
		uint32_t f = (n - 1) / 3, q = jt_quorum(n);
		intersect = intersect && 2 * q - n > f && q <= n - f;
	}
	ok(intersect, "two quorums meet in an honest validator");
	is_int(jt_quorum(UINT32_MAX), UINT32_MAX - (UINT32_MAX - 1) / 3, "the greatest n");
}

int
main(void)
{
	test_checked();
	test_u64();
	test_decimal_parse();
	test_decimal_format();
	test_bytes();
	test_quorum();
	return done_testing();
}
