/*
 * Proofs: one file that shows, with the network file and nothing else, what a
 * certified ledger holds.
 *
 * jt/proof-account: the entry of an account in the state, or that there is
 * none. jt/proof-tx: a transaction's place in a ledger, with its outcome. Each
 * carries the certified header. A new kind of proof is a schema and a check.
 *
 * jt/proof-ledger: an earlier header, by the history of a newer, certified
 * one. It takes the place of the certified header in any other proof, so what
 * was proven once can be proven for ever to those who know only the newest
 * validators.
 */
#ifndef JT_PROOF_H
#define JT_PROOF_H

#include "ledger/genesis.h"
#include "state/map.h"

struct jt_proof_account {
	uint8_t account[JT_ACCOUNT];
	struct jt_slice entry;  /* the jt/account object; empty: proven absent */
	struct jt_slice header; /* the certified header object */
	uint8_t key[JT_HASH];   /* jt_state_key of the account */
	struct jt_map_proof path;
};
extern const struct jt_kind jt_kind_proof_account;

struct jt_proof_tx {
	uint64_t code;          /* enum jt_code, never a refusal */
	struct jt_slice header; /* the certified header object */
	uint64_t index;         /* in the ledger, from 0 */
	struct jt_list path;    /* of uint8_t[JT_HASH], leaf first */
	struct jt_slice tx;     /* the transaction object */
};
extern const struct jt_kind jt_kind_proof_tx;

struct jt_proof_ledger {
	struct jt_slice header; /* the earlier header object, unsigned */
	struct jt_slice newer;  /* the certified header object */
	struct jt_slice path;   /* hashes, leaf first */
};
extern const struct jt_kind jt_kind_proof_ledger;

/* The leaf of a transaction: H(0x00 id sigs-hash code-name). */
void jt_tx_leaf(uint8_t leaf[JT_HASH], const uint8_t id[JT_HASH],
    const uint8_t sigs_hash[JT_HASH], enum jt_code code);

/*
 * Check against the validators of a network. JT_OK: proven, by the certified
 * header *h. JT_NO: not proven, why in e. JT_MALFORMED: no proof at all. *p
 * borrows from the object and the zone.
 */
enum jt_err jt_proof_account_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_account *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e);
enum jt_err jt_proof_tx_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_tx *p, struct jt_header *h,
    msgpack_zone *zone, struct jt_error *e);
/*
 * The same for many results of few ledgers of one network: what was last verified in a
 * field `header` is known again by its bytes.
 */
struct jt_proof_seen {
	struct jt_buf bytes;
	struct jt_header header;
};
void jt_proof_seen_init(struct jt_proof_seen *seen);
void jt_proof_seen_free(struct jt_proof_seen *seen);
enum jt_err jt_proof_tx_check_seen(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_proof_seen *seen, struct jt_proof_tx *p,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e);
/* A header alone: of this network, and signed by its validators. */
enum jt_err jt_proof_header_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, msgpack_zone *zone,
    struct jt_error *e);
/* An earlier one: *newer is the certified header that vouches for it. */
enum jt_err jt_proof_ledger_check(const struct jt_object *o, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, struct jt_header *newer,
    msgpack_zone *zone, struct jt_error *e);
/* The field `header` of a proof, which is one or the other; the error says "header: ". */
enum jt_err jt_proof_under(struct jt_slice bytes, const struct jt_genesis *g,
    const uint8_t network[JT_HASH], struct jt_header *h, msgpack_zone *zone,
    struct jt_error *e);

#endif
