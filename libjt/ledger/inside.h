/* The inside of an open ledger, for ledger.c, create.c and replay.c alone. */
#ifndef JT_LEDGER_INSIDE_H
#define JT_LEDGER_INSIDE_H

#include "ledger/ledger.h"

/* An empty struct around a store (which may be NULL for now), with its zone. */
enum jt_err jt_ledger_start(struct jt_ledger *l, struct jt_store *store, struct jt_error *e);
/* Copy the genesis object into the zone, decode it, and set the terms. */
enum jt_err jt_ledger_keep_genesis(struct jt_ledger *l, struct jt_slice bytes,
    struct jt_error *e);
/* A number in the meta table, by its name. */
enum jt_err jt_ledger_put_number(struct jt_ledger *l, const char *name, uint64_t v,
    struct jt_error *e);
/* The id of a transaction as it is stored. JT_IO: it is damaged, its leaf would be another. */
enum jt_err jt_ledger_tx_id(uint64_t number, uint32_t index, const uint8_t leaf[JT_HASH],
    enum jt_code code, struct jt_slice object, uint8_t id[JT_HASH], struct jt_error *e);

#endif
