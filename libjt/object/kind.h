/*
 * Kinds: one row for each kind of object that exists.
 *
 * A row is declared beside the code it belongs to; the table of all rows is
 * assembled in ledger/kinds.c and passed down, so that nothing here knows it.
 */
#ifndef JT_KIND_H
#define JT_KIND_H

#include "object/object.h"
#include "object/schema.h"

#define JT_KIND_SIGNED 1U      /* payload is {body, sigs} (signed.h); schema is the body's */
#define JT_KIND_TRANSACTION 2U /* signed, and enters ledgers */
#define JT_KIND_SECRET 4U      /* holds a secret: views show no value and cannot be packed */
#define JT_KIND_NAMELESS 8U    /* a part of a stream, without an id of its own */
#define JT_KIND_RECORD 16U     /* unsigned, and enters ledgers as a hash record */

#define JT_NEST_MAX 3 /* objects inside objects inside objects */

struct jt_tx_rule;

struct jt_kind {
	const char *name; /* without "jt/" */
	uint64_t version;
	unsigned flags;
	const struct jt_schema *schema;
	const char *help; /* one line: what such an object says */
	const struct jt_tx_rule *rule; /* of a transaction: kind/tx.h */
};

struct jt_kinds {
	const struct jt_kind *const *rows; /* ascending names */
	size_t count;
};

/*
 * The row of an object. JT_MALFORMED names an unknown kind, or a version that
 * this program does not know.
 */
enum jt_err jt_kind_of(const struct jt_kinds *t, const struct jt_object *o,
    const struct jt_kind **row, struct jt_error *e);
const struct jt_kind *jt_kind_named(const struct jt_kinds *t, struct jt_slice name);

/*
 * Is all of the object as its kind says (envelope, payload, schema, nested
 * objects)? Signatures are not verified here.
 */
enum jt_err jt_kind_check(const struct jt_kinds *t, const struct jt_object *o,
    struct jt_error *e);

/* The id of an object: over the body of a signed kind, else over the payload. */
enum jt_err jt_kind_id(const struct jt_kind *row, const struct jt_object *o,
    uint8_t id[JT_HASH], struct jt_error *e);

/* Append the object of an unsigned kind from its struct. */
enum jt_err jt_kind_write(const struct jt_kind *kind, const void *in, struct jt_buf *out,
    struct jt_error *e);
/* Decode the payload of an unsigned kind; the object must be of that kind. */
enum jt_err jt_kind_read(const struct jt_kind *kind, const struct jt_object *o, void *out,
    msgpack_zone *zone, struct jt_error *e);

#endif
