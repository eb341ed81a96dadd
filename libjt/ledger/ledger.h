/*
 * An open ledger directory: the store, the network it belongs to, and where
 * its history stands. Closing (close.h) and proving (prove.h) work on it.
 */
#ifndef JT_LEDGER_H
#define JT_LEDGER_H

#include "ledger/genesis.h"
#include "state/store.h"

struct jt_ledger {
	struct jt_store *store;
	msgpack_zone *zone;          /* what the genesis points into */
	struct jt_slice genesis_object;
	struct jt_genesis genesis;
	struct jt_terms terms;       /* terms.network is the network's id */
	struct jt_header head;       /* of the newest ledger */
	uint8_t head_id[JT_HASH];
	uint64_t cut;                /* the last cut applied */
	bool writing;                /* a write transaction is open */
	uint64_t snapshot;           /* the store's number that head and cut are of */
};

/*
 * Open the ledger of a directory ("DIR/ledger"). For reading, a snapshot is
 * taken that lasts until jt_ledger_close. Errors as jt_store_open.
 */
enum jt_err jt_ledger_open(struct jt_ledger *l, const char *dir, enum jt_access access,
    struct jt_error *e);
void jt_ledger_close(struct jt_ledger *l);
/*
 * For programs that read for long: give the snapshot up, for as long as it is
 * held no page is used again; take one of now. *changed: it holds other things
 * than the one before. Nothing from before points into it.
 */
void jt_ledger_rest(struct jt_ledger *l);
enum jt_err jt_ledger_refresh(struct jt_ledger *l, bool *changed, struct jt_error *e);

/* Is a network file whole? Reads to its end, before anything is made of it. */
enum jt_err jt_network_check(struct jt_reader *network, struct jt_error *e);
/*
 * Make a ledger in a directory from a network file: the genesis, the initial
 * accounts, and header 0. JT_CONFIG when the accounts do not give the
 * genesis's state. All or nothing; an existing ledger is left alone.
 */
enum jt_err jt_ledger_create(const char *dir, struct jt_reader *network, struct jt_error *e);

/*
 * What is stored was well-formed once: the error of reading it, when that is
 * JT_MALFORMED, becomes JT_IO and "WHAT is damaged: ...". Returns the code.
 */
enum jt_err jt_ledger_damaged(enum jt_err err, struct jt_error *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Begin writing unless begun; make what was written durable. */
enum jt_err jt_ledger_begin(struct jt_ledger *l, struct jt_error *e);
enum jt_err jt_ledger_commit(struct jt_ledger *l, struct jt_error *e);

/* The header object of a ledger, as signed so far; len 0 when there is none. */
enum jt_err jt_ledger_header(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e);
/* The same, decoded: JT_NO when there is none. */
enum jt_err jt_ledger_read_header(struct jt_ledger *l, uint64_t number, struct jt_header *h,
    struct jt_error *e);
/* The cut object of a ledger, or len 0. */
enum jt_err jt_ledger_cut(struct jt_ledger *l, uint64_t number, struct jt_slice *object,
    struct jt_error *e);
/* The number of the header with this id. */
enum jt_err jt_ledger_number_of(struct jt_ledger *l, const uint8_t id[JT_HASH],
    uint64_t *number, bool *found, struct jt_error *e);
/* Time of the header with this id, 0 when there is none: for struct jt_apply; ctx is l. */
enum jt_err jt_ledger_time_of(void *ctx, const uint8_t id[JT_HASH], uint64_t *time,
    struct jt_error *e);
/* A transaction by its id. *object has len 0 when no ledger holds it. */
struct jt_place {
	uint64_t ledger;
	uint32_t index;
	enum jt_code code;
};
enum jt_err jt_ledger_tx(struct jt_ledger *l, const uint8_t id[JT_HASH],
    struct jt_place *place, struct jt_slice *object, struct jt_error *e);
/* A transaction by its place. */
enum jt_err jt_ledger_tx_at(struct jt_ledger *l, uint64_t number, uint32_t index,
    uint8_t leaf[JT_HASH], enum jt_code *code, struct jt_slice *object, struct jt_error *e);

/* The entry of an account (a jt/account object), or len 0. */
enum jt_err jt_ledger_account(struct jt_ledger *l, const uint8_t account[JT_ACCOUNT],
    struct jt_slice *entry, struct jt_error *e);

/* What came of adding signatures to a header. */
struct jt_signing {
	bool certified;       /* it has a quorum now */
	bool changed;         /* there was a new signature */
	bool quorum;          /* what came has a quorum of signatures itself */
	bool differs;         /* JT_NO: the own header of that number is another one */
	struct jt_buf joined; /* the header with all signatures; always to be freed */
};
/*
 * Add signatures to a stored header. `o` is a jt/header, its signatures are
 * verified and joined with those there are. JT_NO when it is not this
 * ledger's own header of that number, or a signature is bad; JT_AGAIN when
 * that ledger is not closed yet.
 */
enum jt_err jt_ledger_sign(struct jt_ledger *l, const struct jt_object *o,
    struct jt_signing *s, struct jt_error *e);
/* Sign the stored header of a ledger with a key pair (sign.h), and store it so. */
enum jt_err jt_ledger_sign_own(struct jt_ledger *l, uint64_t number,
    const uint8_t key[JT_KEY], const uint8_t secret[JT_SECRET], struct jt_error *e);
/* Is the stored header of this ledger a certificate? (The first one always is.) */
enum jt_err jt_ledger_certified(struct jt_ledger *l, uint64_t number, bool *certified,
    uint32_t *good, struct jt_error *e);
/* The newest certified ledger: its history vouches for those before it, certified or not. */
enum jt_err jt_ledger_last_certified(struct jt_ledger *l, uint64_t *number, struct jt_error *e);
/* Up to which ledger is each certified itself? Remembered when the ledger is being written. */
enum jt_err jt_ledger_all_certified(struct jt_ledger *l, uint64_t *number, struct jt_error *e);

/* Store a new header, which becomes the head; used by closing. */
enum jt_err jt_ledger_append(struct jt_ledger *l, const struct jt_header *h,
    struct jt_slice object, struct jt_slice cut_object, struct jt_error *e);
/* Note the last cut applied. */
enum jt_err jt_ledger_set_cut(struct jt_ledger *l, uint64_t cut, struct jt_error *e);
/* The Merkle root over the ids of all headers so far: the next one's history. */
enum jt_err jt_ledger_history(struct jt_ledger *l, uint8_t root[JT_HASH], struct jt_error *e);
/* The path of header `number` in the history of a later ledger; *length in hashes. */
enum jt_err jt_ledger_history_path(struct jt_ledger *l, uint64_t number, uint64_t later,
    uint8_t path[JT_MERKLE_PATH][JT_HASH], size_t *length, struct jt_error *e);

#endif
