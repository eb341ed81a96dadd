/*
 * For tests of what is met in a damaged store: a transaction or record that
 * its index says is elsewhere. All in the ledger's open write transaction.
 */
#ifndef DAMAGE_H
#define DAMAGE_H

#include "network.h"
#include "state/runs.h"

/* Another place for what is at the entry's, in the table and in its index; *entry is then there. */
static inline void
damage_move(struct jt_ledger *l, enum jt_table t, uint8_t entry[JT_PLACES_ENTRY],
    uint64_t number, uint32_t index)
{
	enum jt_table places = t == JT_TXS ? JT_IDS : JT_HASHES;
	uint8_t bytes[JT_RUN_KEY], row[4096], *place = entry + JT_PLACES_KEY;
	struct jt_slice v;
	struct jt_error e;

	network_must(jt_store_get(l->store, t, (struct jt_slice){ place, 12 }, &v, &e), &e);
	network_need(v.len > 0 && v.len <= sizeof row, "no row to move");
	memcpy(row, v.data, v.len);
	v.data = row;
	network_must(jt_store_delete(l->store, places, jt_run_key(0, entry, bytes), &e), &e);
	jt_put_be64(place, number);
	jt_put_be32(place + 8, index);
	network_must(jt_store_put(l->store, t, (struct jt_slice){ place, 12 }, v, &e), &e);
	network_must(jt_store_put(l->store, places, jt_run_key(0, entry, bytes),
	    (struct jt_slice){ NULL, 0 }, &e), &e);
}

#endif
