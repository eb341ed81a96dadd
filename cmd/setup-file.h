/* Reading the fields of a set-up, for setup.c and setup-accounts.c alone. */
#ifndef SETUP_FILE_H
#define SETUP_FILE_H

#include "object/tree.h"
#include "setup.h"

extern const char *setup_file; /* its path, for messages */

/* What was found is not what was expected: exit 65 with file, line, field. */
_Noreturn void setup_bad(const struct jt_node *n, const char *name, const char *expected);

/* A map in which each field is there once; otherwise setup_bad. */
void setup_map(const struct jt_node *n, const char *name, const char *expected);

/* A value as text, as a number with decimals, as SWT; otherwise setup_bad. */
struct jt_slice setup_text(const struct jt_node *n, const char *name, size_t max);
uint64_t setup_number(const struct jt_node *n, const char *name, unsigned decimals,
    const char *expected);
uint64_t setup_coins(const struct jt_node *n, const char *name);
/* A path in a set-up, which is as seen from the set-up's own directory; free it. */
char *setup_beside(struct jt_slice text);

void setup_accounts(struct setup *s, const struct jt_node *n);
void setup_authority(struct setup *s, const struct jt_node *n);

#endif
