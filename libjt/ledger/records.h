/*
 * Hash records in ledgers: how they enter, and where they are found again.
 *
 * What may enter. A record is of this network, and the ledger that `after`
 * names, if any, is of the last hour. One that came in a validator's part has
 * that validator's stamp; by hand there is nobody to ask for one, but a stamp
 * that is there must be good.
 *
 * How many. Each source, the author of parts, has bytes: the genesis's rate
 * times the time since the ledger before, of which a second counts at most.
 * When a source brings more, its records are taken in the order of their
 * hashes keyed with the cut's salt, which it could not know, until its bytes
 * are used up; one of them always enters. All of that is before copies are looked
 * for: who copies the records of others spends own bytes, and takes no place
 * from them.
 *
 * The same twice, by whatever doors, is kept once in a ledger, and each copy
 * hears where. Another ledger may hold it again: a ledger's records follow
 * from its input and the headers of an hour, not from all records there ever
 * were; what counts is the first.
 */
#ifndef JT_RECORDS_H
#define JT_RECORDS_H

#include "kind/code.h"
#include "ledger/ledger.h"
#include "ledger/record.h"

#define JT_CLOSE_RECORDS_MAX (UINT32_C(1) << 20) /* in one ledger */
#define JT_RECORDS_WINDOW_MS 1000                /* time that gives bytes, at most */

/* A record on its way into a ledger, and what became of it. */
struct jt_record_item {
	struct jt_slice object; /* a jt/record or jt/stamp; the caller's memory */
	const uint8_t *source;  /* key of the part's author; NULL: closed by hand */
	uint8_t hash[JT_HASH];
	uint8_t id[JT_HASH];    /* zero when it cannot be read */
	enum jt_code code;
	uint32_t index;         /* in the ledger, when it is in */
	char why[96];           /* one line more about a refusal, or empty */
};

/*
 * Take the records of a ledger that follows the head, of this number and time,
 * in l's open write transaction; *root is for its header.
 */
enum jt_err jt_records_close(struct jt_ledger *l, uint64_t number, uint64_t time,
    const uint8_t salt[JT_HASH], struct jt_record_item *items, size_t count,
    struct jt_list_root *root, struct jt_error *e);

/* A record by its place, as it came; len 0 when there is none. */
enum jt_err jt_records_at(struct jt_ledger *l, uint64_t number, uint32_t index,
    struct jt_slice *object, struct jt_error *e);
/*
 * The first record of a hash at or after a place (ledger and index; zeros for
 * the first of all), to *place. *object has len 0 when there is none.
 */
struct jt_record_place {
	uint64_t ledger;
	uint32_t index;
};
enum jt_err jt_records_find(struct jt_ledger *l, const uint8_t hash[JT_HASH],
    struct jt_record_place *place, struct jt_slice *object, struct jt_error *e);

#endif
