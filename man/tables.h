/* What the sources of `tables' share: see tables.c. */
#ifndef TABLES_H
#define TABLES_H

#include "object/kind.h"

/* "tables: ..." on stderr, exit 70: a page asks for what is not there. */
_Noreturn void tables_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A line of a literal display, so that mdoc takes it as it is. */
void tables_literal(const char *text);
/* One argument of a macro, never taken for a macro itself. */
void tables_argument(const char *text);
/* A line of help as a sentence of its own. */
void tables_sentence(const char *help);

/* The fragments of kinds.c. "transaction" stands for the fields that all have. */
void kinds_list(void);
void kinds_help(const char *kind);
void kinds_fields(const char *kind);
void kinds_words(const char *kind);
/* A section for each kind that the page has no table of. */
void kinds_others(void);
void kinds_other_words(void);

/* The fragments of dump.c: a signed jt/pay in hex, in words, and its id. */
void dump_bytes(void);
void dump_view(const char *style);
void dump_id(void);

#endif
