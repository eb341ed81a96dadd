/*
 * The text views of objects: YAML documents, JSON lines, one-liners.
 *
 * Loss-free both ways and never hashed: jt_show then jt_pack gives the same
 * bytes. Types come from the schema, never from the look of a word: `no`,
 * `0x10` and `1e3` in a text field are text. Numbers are decimal strings, byte
 * strings hex, accounts base58; ids and addresses of keys stand in comments.
 *
 * YAML:       --- # ID                         One line:
 *             kind: jt/pay/1                   --- {kind: jt/pay/1, body: {...}, sigs: [...]} # ID
 *             body:
 *               amount: 100                    JSON line:
 *               ...                            {"kind":"jt/pay/1","body":{...},"sigs":[[...]]}
 *             sigs:
 *             - [KEY, SIGNATURE] # ADDRESS
 *
 * An unsigned kind has no `sigs`; a nested object is again such a mapping.
 * Of a kind with secrets the views say (secret) for all bytes, nested objects
 * and the id; such text cannot be packed.
 */
#ifndef JT_VIEW_H
#define JT_VIEW_H

#include "object/kind.h"

enum jt_style { JT_YAML, JT_JSON, JT_LINE };

/* Append the text of an object, its final newline included. */
enum jt_err jt_show(const struct jt_kinds *t, const struct jt_object *o, enum jt_style style,
    struct jt_buf *out, struct jt_error *e);

/*
 * The text of one field alone, as a word of the command line (see
 * jt_parse_field): as in a one-liner, without quotes. Control characters in
 * text are escaped, so that the result can go to a terminal. Not for MAP,
 * OBJECT and lists of them.
 */
enum jt_err jt_show_field(const struct jt_field *f, const void *in, struct jt_buf *out,
    struct jt_error *e);

/*
 * One field from the word of a command line into the struct: a scalar as in
 * the views; for WORDS and lists of scalars "a,b"; for lists of tuples
 * "ADDRESS:1,ADDRESS:2". A JT_SORTED list is put in order, here and by
 * jt_pack_next. `zone` takes what must outlive text.
 */
enum jt_err jt_parse_field(const struct jt_field *f, struct jt_slice text, void *out,
    msgpack_zone *zone, struct jt_error *e);

/*
 * A stream of text documents to objects: jt_pack_open, then jt_pack_next until
 * *end, then jt_pack_close. YAML documents and JSON lines may be mixed only
 * by file: a file whose first byte that is not white space is "{" is JSON
 * lines. Aliases, anchors, tags, duplicate keys and unknown fields are
 * refused, with the line ("line 3: ..."). A document, and a line, is at most
 * JT_PACK_MAX bytes: the longest object has room even if it were all control
 * characters, at six letters each.
 *
 * A YAML document ends where the next line begins with "---", also inside
 * quotes (YAML 1.2, section 9.1.2), and a JSON document with its line; so what
 * is wrong in one never reaches the next.
 */
#define JT_PACK_MAX (UINT32_C(8) << 20)
struct jt_pack;
struct jt_pack *jt_pack_open(const struct jt_kinds *t, int fd);
void jt_pack_close(struct jt_pack *p);
/*
 * Append the next object to out. JT_MALFORMED: a document was refused, and the
 * next call goes on with the next one. With *broken set (a line or document
 * that does not end in time, JT_IO, JT_SYSTEM) the text cannot be read on.
 */
enum jt_err jt_pack_next(struct jt_pack *p, struct jt_buf *out, bool *end, bool *broken,
    struct jt_error *e);

#endif
