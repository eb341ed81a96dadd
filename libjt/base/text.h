/*
 * Text: hexadecimal, UTF-8, and times as people write them.
 */
#ifndef JT_TEXT_H
#define JT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Lower case; out holds 2*len+1 bytes. */
void jt_hex_format(const uint8_t *data, size_t len, char *out);
/* Exactly 2*len digits of either case. */
bool jt_hex_parse(struct jt_slice text, uint8_t *out, size_t len);

/* Shortest forms only, no surrogates, at most U+10FFFF (RFC 3629). */
bool jt_utf8_valid(struct jt_slice text);

/*
 * Milliseconds since 1970-01-01 00:00 UTC, leap seconds not counted (POSIX),
 * as "2017-03-01T12:00:00Z" or, with a fraction, "2017-03-01T12:00:00.250Z".
 * Years 1970 to 9999; JT_TIME_MAX is the largest time that can be written.
 */
#define JT_TIME_MAX UINT64_C(253402300799999)
#define JT_TIME_TEXT 25
void jt_time_format(uint64_t ms, char out[JT_TIME_TEXT]);
bool jt_time_parse(struct jt_slice text, uint64_t *ms);

#endif
