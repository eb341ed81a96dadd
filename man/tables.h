/* What the two sources of `tables' share: see tables.c. */
#ifndef TABLES_H
#define TABLES_H

#include "object/kind.h"

/* "tables: ..." on stderr, exit 70: a page asks for what is not there. */
_Noreturn void tables_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A line of a literal display, so that mdoc takes it as it is. */
void tables_literal(const char *text);

/* The fragments of dump.c: a signed jt/pay in hex, in words, and its id. */
void dump_bytes(void);
void dump_view(const char *style);
void dump_id(void);

#endif
