/*
 * A unit test is a plain C program that prints TAP: one line for each check,
 * the plan at the end, so that a test which dies half way has no plan and
 * counts as failed.
 *
 *	int main(void)
 *	{
 *		ok(cond, "what must hold, with %d", n);
 *		is_int(got, want, "...");
 *		is_text(got, want, "...");
 *		is_bytes(got, want, len, "...");
 *		return done_testing();
 *	}
 *
 * Every check returns whether it passed. Integers are compared as 64 bits, so
 * any integer type, enum or pointer difference will do.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_count, tap_failed;

__attribute__((format(printf, 4, 0))) static inline bool
tap_result(bool pass, const char *file, int line, const char *fmt, va_list ap)
{
	tap_count++;
	printf("%s %u - ", pass ? "ok" : "not ok", tap_count);
	vprintf(fmt, ap);
	printf("\n");
	if (!pass) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return pass;
}

__attribute__((format(printf, 4, 5))) static inline bool
tap_ok(bool pass, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(pass, file, line, fmt, ap);
	va_end(ap);
	return pass;
}

__attribute__((format(printf, 5, 6))) static inline bool
tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(got == want, file, line, fmt, ap);
	va_end(ap);
	if (got != want)
		printf("# got %lld, want %lld\n", (long long)got, (long long)want);
	return got == want;
}

__attribute__((format(printf, 5, 6))) static inline bool
tap_is_text(const char *got, const char *want, const char *file, int line, const char *fmt, ...)
{
	bool pass = got == NULL || want == NULL ? got == want : strcmp(got, want) == 0;
	va_list ap;

	va_start(ap, fmt);
	tap_result(pass, file, line, fmt, ap);
	va_end(ap);
	if (!pass)
		printf("# got  \"%s\"\n# want \"%s\"\n", got ? got : "(null)",
		    want ? want : "(null)");
	return pass;
}

static inline void
tap_hex(const char *name, const uint8_t *bytes, size_t len)
{
	printf("# %s ", name);
	for (size_t i = 0; i < len && i < 256; i++)
		printf("%02x", bytes[i]);
	printf("%s\n", len > 256 ? "..." : "");
}

__attribute__((format(printf, 6, 7))) static inline bool
tap_is_bytes(const void *got, const void *want, size_t len, const char *file, int line,
    const char *fmt, ...)
{
	bool pass = len == 0 || (got != NULL && want != NULL && memcmp(got, want, len) == 0);
	va_list ap;

	va_start(ap, fmt);
	tap_result(pass, file, line, fmt, ap);
	va_end(ap);
	if (!pass && got != NULL && want != NULL) {
		tap_hex("got ", got, len);
		tap_hex("want", want, len);
	}
	return pass;
}

/* Print the plan; returns what main returns. */
static inline int
done_testing(void)
{
	printf("1..%u\n", tap_count);
	if (tap_failed > 0)
		printf("# %u of %u failed\n", tap_failed, tap_count);
	return tap_failed > 0 || fflush(stdout) != 0;
}

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) \
	tap_is_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, __VA_ARGS__)
#define is_text(got, want, ...) tap_is_text((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_bytes(got, want, len, ...) \
	tap_is_bytes((got), (want), (len), __FILE__, __LINE__, __VA_ARGS__)

#endif
