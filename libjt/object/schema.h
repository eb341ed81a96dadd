/*
 * Schemas: what the payload of a kind holds, said once.
 *
 * A schema is a table of fields in ascending order of their names. From it
 * come the decoder (bytes to a C struct), the encoder, the text views in both
 * directions (show.h, parse.h), the checks of jt-tx's words, and the tables of
 * the manual. Decoded structs borrow byte strings from the input and take
 * lists from a zone of the caller's (msgpack_zone_clear frees them together).
 *
 * Absent is left out: an optional field whose value is zero, empty or all
 * zeros is not written, and one that is present with that value is refused,
 * so that a meaning has one encoding. A required field is always there.
 */
#ifndef JT_SCHEMA_H
#define JT_SCHEMA_H

#include <msgpack/zone.h>

#include "base/buf.h"
#include "base/error.h"
#include "crypto/address.h"

enum jt_type {
	/* C type in the struct            msgpack          text            */
	JT_UINT,    /* uint64_t            uint             decimal         */
	JT_TIME,    /* uint64_t, ms UTC    uint             2017-03-01T...Z */
	JT_COINS,   /* uint64_t, 1e-6 SWT  uint             12.5            */
	JT_AMOUNT,  /* struct jt_amount    uint for SWT, or [units, asset]; 12.50CNY/j... */
	JT_ASSET,   /* struct jt_asset     [code, decimals, issuer]; CNY.2/j... */
	JT_TEXT,    /* struct jt_slice     str              text            */
	JT_BYTES,   /* struct jt_slice     bin              hex             */
	JT_FIXED,   /* uint8_t[max]        bin              hex             */
	JT_ADDRESS, /* uint8_t[20]         bin              j...            */
	JT_WORD,    /* uint64_t, an index  str              one of words    */
	JT_WORDS,   /* uint64_t, a mask    array of str     several, ascending */
	JT_OBJECT,  /* struct jt_slice     bin              a nested object */
	JT_MAP,     /* nested struct       map              map             */
	JT_LIST     /* struct jt_list      array            list            */
};

#define JT_COINS_DECIMALS 6
#define JT_CODE_MAX 12   /* letters of an asset's code */
#define JT_DECIMALS_MAX 9

/* Native coins (SWT) have an empty code, 6 decimals and a zero issuer. */
struct jt_asset {
	char code[JT_CODE_MAX + 1]; /* a letter, then letters and digits; not SWT */
	uint8_t decimals;
	uint8_t issuer[JT_ACCOUNT];
};
struct jt_amount {
	uint64_t units; /* smallest units of the asset */
	struct jt_asset asset;
};

/* count structs (list->sub->size bytes each) in the zone. */
struct jt_list {
	void *items;
	uint32_t count;
};

enum jt_form {
	JT_FORM_MAP,   /* a map, keys ascending */
	JT_FORM_TUPLE, /* an array of all fields in order, none optional */
	JT_FORM_PLAIN  /* exactly one field, written bare (elements of lists) */
};

/* Flags of a field. */
#define JT_OPTIONAL 1U
#define JT_SORTED 2U /* a list, strictly ascending by its elements' first field: FIXED, ADDRESS */

struct jt_schema;
struct jt_field {
	const char *name;
	enum jt_type type;
	unsigned flags;
	/*
	 * UINT, COINS, AMOUNT: greatest value (0: 2^63-1). TEXT, BYTES: most bytes.
	 * FIXED: bytes exactly. LIST: most elements. OBJECT: most bytes.
	 */
	uint64_t max;
	size_t offset;                /* of the member in the struct */
	const struct jt_schema *sub;  /* MAP, LIST: of the nested struct, the element */
	const char *const *words;     /* WORD, WORDS: ascending, NULL-terminated */
	const char *help;             /* one line, lower case, no full stop */
};
struct jt_schema {
	enum jt_form form;
	size_t size;                  /* of the C struct */
	const struct jt_field *fields;
	size_t count;
};

#define JT_SCHEMA(form_, type_, fields_) \
	{ (form_), sizeof(type_), (fields_), sizeof(fields_) / sizeof((fields_)[0]) }

/* No number in an object is above this. */
#define JT_UINT_MAX UINT64_C(9223372036854775807)

/*
 * Bytes to struct. Walks first. *out is wholly set on success and undefined
 * otherwise. JT_MALFORMED names the field, what was expected and what came;
 * JT_SYSTEM when the zone has no memory.
 */
enum jt_err jt_decode(const struct jt_schema *s, struct jt_slice bytes, void *out,
    msgpack_zone *zone, struct jt_error *e);

/*
 * Struct to bytes, appended. Values out of the schema's bounds are refused
 * with JT_MALFORMED as the decoder would refuse them; JT_SYSTEM when out is
 * full.
 */
enum jt_err jt_encode(const struct jt_schema *s, const void *in, struct jt_buf *out,
    struct jt_error *e);

/* Is the field absent (zero, empty)? `in` is the struct that holds it. */
bool jt_field_absent(const struct jt_field *f, const void *in);

/* Is it optional, and absent? A required field is there, whatever its value. */
bool jt_field_left_out(const struct jt_field *f, const void *in);

const struct jt_field *jt_schema_field(const struct jt_schema *s, struct jt_slice name);

#endif
