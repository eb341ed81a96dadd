/*
 * The text views of objects: YAML documents, JSON lines, one-liners.
 *
 * Loss-free both ways and never hashed: jt_show then jt_parse gives the same
 * bytes. Types come from the schema, never from the look of a word: `no`,
 * `0x10` and `1e3` in a text field are text. Numbers are decimal strings, byte
 * strings hex, accounts base58; ids and addresses of keys stand in comments.
 *
 * YAML:       --- # ID                         One line:
 *             kind: jt/pay/1                   --- {kind: jt/pay/1, body: {...}, sigs: [...]} # ID
 *             body:
 *               amount: 100                    JSON line:
 *               ...                            {"kind":"jt/pay/1","body":{...},"sigs":[["..",".."]]}
 *             sigs:
 *             - [KEY, SIGNATURE] # ADDRESS
 *
 * An unsigned kind has no `sigs`; a nested object is again such a mapping.
 * Of a kind with secrets the views show the header only; they cannot be packed.
 */
#ifndef JT_VIEW_H
#define JT_VIEW_H

#include "object/kind.h"

enum jt_style { JT_YAML, JT_JSON, JT_LINE };

/* Append the text of an object, its final newline included. */
enum jt_err jt_show(const struct jt_kinds *t, const struct jt_object *o, enum jt_style style,
    struct jt_buf *out, struct jt_error *e);

/* The text of one field alone, as in a one-liner but never quoted; scalars only. */
enum jt_err jt_show_field(const struct jt_field *f, const void *in, struct jt_buf *out,
    struct jt_error *e);

/*
 * One scalar field from text into the struct. For WORDS and LIST of tuples the
 * words of the command line: "a,b", "ADDRESS:1,ADDRESS:2". `zone` takes what
 * must outlive text.
 */
enum jt_err jt_parse_field(const struct jt_field *f, struct jt_slice text, void *out,
    msgpack_zone *zone, struct jt_error *e);

/*
 * A stream of text documents to objects: jt_pack_open, then jt_pack_next until
 * *end, then jt_pack_close. YAML documents and JSON lines may be mixed only
 * by file: a file whose first byte that is not white space is "{" is JSON
 * lines. Aliases, anchors, tags, duplicate keys and unknown fields are
 * refused, with the line. A document is at most JT_PACK_MAX bytes.
 */
#define JT_PACK_MAX (UINT32_C(4) << 20)
struct jt_pack;
struct jt_pack *jt_pack_open(const struct jt_kinds *t, int fd, const char *name);
void jt_pack_close(struct jt_pack *p);
/*
 * Append the next object to out. JT_MALFORMED: a document was refused; when
 * *broken is set the text itself cannot be read on, otherwise the next call
 * goes on with the next document.
 */
enum jt_err jt_pack_next(struct jt_pack *p, struct jt_buf *out, bool *end, bool *broken,
    struct jt_error *e);

#endif
