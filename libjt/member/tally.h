/*
 * Acknowledgements of closed ledgers: each validator's signature on its header
 * and its share of the ledger's beacon. A quorum of signatures on one header
 * is its certificate, f+1 shares are the beacon.
 *
 * Nothing is verified before there may be enough: most of what comes is good,
 * and most of it comes after it was needed. For the files of member/, and for
 * those who read along.
 */
#ifndef JT_TALLY_H
#define JT_TALLY_H

#include "key/beacon.h"
#include "vote/block.h"

#define JT_TALLY_LEDGERS 64 /* that are under way at once */
#define JT_TALLY_LATE 1024  /* older ones that are closed here and not certified, at most */

/* jt/ack: what a validator says of a ledger that it closed. */
struct jt_ack {
	uint8_t header[JT_HASH]; /* id of the header */
	uint64_t ledger;         /* its number */
	struct jt_slice share;   /* of the ledger's beacon, with its proof; empty: no coin */
	uint8_t sig[JT_SIGNATURE]; /* on the header: jt_sign_id of its id */
};
extern const struct jt_kind jt_kind_ack;

enum jt_checked { JT_UNCHECKED, JT_GOOD, JT_BAD };

struct jt_tally_ack {
	bool there;
	uint8_t header[JT_HASH];
	uint8_t sig[JT_SIGNATURE];
	uint8_t share[JT_SHARE_MAX];
	uint32_t share_len;
	enum jt_checked sig_state, share_state;
};

/* One ledger. */
struct jt_tally_ledger {
	uint64_t number;     /* 0: this place is free */
	bool closed;         /* by oneself: `id` */
	uint8_t id[JT_HASH];
	struct jt_buf object; /* one's own header */
	bool certified;
	bool has_beacon;
	uint8_t beacon[JT_HASH];
	struct jt_buf released; /* jt/beacon, where the shares came here */
	struct jt_tally_ack acks[JT_VOTERS_MAX];
};

struct jt_tally {
	const struct jt_electorate *electorate;
	struct jt_committee c;
	uint32_t me;         /* whose own acknowledgements need no check */
	struct jt_coin *coin; /* NULL: none was dealt */
	struct jt_tally_ledger *ledgers; /* by number % JT_TALLY_LEDGERS */
	uint64_t low;        /* at or below: done with, */
	struct jt_tally_ledger *late[JT_TALLY_LATE]; /* but for these, ascending */
	size_t late_count;
};

/* What came of it. */
struct jt_tally_news {
	bool certified;      /* a quorum signed one's own header, now */
	bool beacon;         /* the beacon is known, now */
	bool conflict;       /* f+1 signed another header than one's own */
};

enum jt_err jt_tally_init(struct jt_tally *t, const struct jt_electorate *electorate,
    uint32_t me, struct jt_coin *coin, struct jt_error *e);
void jt_tally_free(struct jt_tally *t);

/* The ledger's place, or NULL when it is too old or too far ahead. */
struct jt_tally_ledger *jt_tally_ledger(struct jt_tally *t, uint64_t number);
/* Ledgers up to here need no place any more, but those closed and not certified: they are late. */
enum jt_err jt_tally_forget(struct jt_tally *t, uint64_t low, struct jt_error *e);
/* A place for one that is late and has none; the oldest gives way. NULL: out of memory. */
struct jt_tally_ledger *jt_tally_add_late(struct jt_tally *t, uint64_t number);
/* The first above this number that is late; 0: none is. */
uint64_t jt_tally_late(const struct jt_tally *t, uint64_t above);

/* One's own header of a ledger. */
enum jt_err jt_tally_close(struct jt_tally *t, uint64_t number, const uint8_t id[JT_HASH],
    struct jt_slice object, struct jt_tally_news *news, struct jt_error *e);
/* An acknowledgement of this author, oneself included. */
void jt_tally_ack(struct jt_tally *t, uint32_t author, const struct jt_ack *ack,
    struct jt_tally_news *news);
/* The beacon was learnt elsewhere: a later certificate has it. */
void jt_tally_beacon(struct jt_tally *t, uint64_t number, const uint8_t beacon[JT_HASH]);

/* Append the certificate of a ledger that is certified. */
enum jt_err jt_tally_certificate(const struct jt_tally *t, const struct jt_tally_ledger *l,
    struct jt_buf *out, struct jt_error *e);
/* Is this header object signed by a quorum, and all its signatures good? */
bool jt_tally_is_certificate(const struct jt_tally *t, const struct jt_object *o,
    struct jt_error *e);

#endif
