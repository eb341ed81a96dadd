/*
 * Scalars as text: what the views (view.h) and the words of a command line
 * have in common. Private to object/.
 *
 * Messages here have no field name: the caller puts it before them.
 */
#ifndef JT_SCALAR_H
#define JT_SCALAR_H

#include "object/escape.h"
#include "object/schema.h"

/* Is it one word of text: neither MAP, LIST, OBJECT nor WORDS? */
bool jt_scalar_type(enum jt_type type);

/* Append the value at `at`, unquoted. */
void jt_scalar_show(const struct jt_field *f, const void *at, struct jt_buf *out);
enum jt_err jt_scalar_parse(const struct jt_field *f, struct jt_slice text, void *at,
    msgpack_zone *zone, struct jt_error *e);

/* Add one of the words of a WORDS field to the mask. */
enum jt_err jt_word_add(const struct jt_field *f, struct jt_slice text, uint64_t *mask,
    struct jt_error *e);

/* Refuse a text: `expected WHAT, not "TEXT"`, long text cut short. */
enum jt_err jt_expected(struct jt_error *e, const char *what, struct jt_slice text);
enum jt_err jt_unknown_field(struct jt_error *e, struct jt_slice name);

/*
 * A list with JT_SORTED into its order, which nobody can be asked to write:
 * that of an address's bytes is not that of its letters. JT_MALFORMED names an
 * element that is there twice.
 */
enum jt_err jt_list_sort(const struct jt_field *f, struct jt_list *l, struct jt_error *e);

#endif
