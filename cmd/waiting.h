/* Transactions and hash records that wait for their cut. */
#ifndef WAITING_H
#define WAITING_H

#include "base/buf.h"
#include "ledger/close.h"

struct waiting {
	struct jt_item *items;
	size_t count, cap;
	struct jt_record_item *records;
	size_t record_count, record_cap;
	uint8_t (*sources)[JT_KEY]; /* the authors of the records' parts */
	size_t source_count, source_cap;
	struct jt_buf bytes;        /* of all transactions, one after the other */
	struct jt_buf record_bytes; /* of all records */
};

void waiting_init(struct waiting *w);
void waiting_free(struct waiting *w);
/* Copies the object. JT_MALFORMED when one ledger cannot hold it, too; JT_SYSTEM. */
enum jt_err waiting_add(struct waiting *w, struct jt_slice object, struct jt_error *e);
/* The same of a record; source is its part's author, or NULL. */
enum jt_err waiting_add_record(struct waiting *w, struct jt_slice object,
    const uint8_t *source, struct jt_error *e);
/* Make c's items those that wait; they are valid until the next waiting_add or _clear. */
void waiting_give(struct waiting *w, struct jt_close *c);
/* How many bytes wait? */
size_t waiting_bytes(const struct waiting *w);
void waiting_clear(struct waiting *w);

#endif
