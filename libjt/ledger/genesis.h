/*
 * The genesis: what a network is, once and for all.
 *
 * A network file begins with one jt/genesis object, whose id is the network's
 * id, followed by the jt/dealing of the coin that it names, and jt/accounts objects
 * with the initial accounts in ascending order. The genesis holds their state's
 * root, so the first object alone is enough to check anything that the network
 * certified, and the second to check its beacons.
 */
#ifndef JT_GENESIS_H
#define JT_GENESIS_H

#include "key/dealing.h"
#include "kind/tx.h"

#define JT_NAME_MAX 64
#define JT_ENDPOINT_MAX 255
#define JT_VALIDATORS_MAX 128

struct jt_validator {
	uint8_t box[32];        /* X25519, what is sealed to it */
	struct jt_slice client; /* address of its door for clients; may be empty */
	uint8_t key[JT_KEY];    /* Ed25519, signs headers and blocks */
	uint8_t link[32];       /* X25519, its end of the links between validators */
	struct jt_slice name;
	struct jt_slice peer;   /* address of its door for validators; may be empty */
};
struct jt_authority {
	uint64_t quorum;
	struct jt_list signers; /* of struct jt_signer: who grants licences together */
};
struct jt_record_terms {
	uint64_t rate;  /* bytes of hash records per second and source */
	uint64_t stamp; /* bits of work on each */
};

struct jt_genesis {
	uint64_t accounts; /* initial ones */
	struct jt_authority authority;
	uint64_t coins;    /* 1e-6 SWT, all initial balances together */
	uint8_t dealing[JT_HASH]; /* id of the coin's jt/dealing; zero: none */
	uint64_t fee;      /* 1e-6 SWT */
	uint64_t heartbeat; /* ms between empty ledgers, 0: never */
	uint64_t interval; /* ms between ledgers under load */
	struct jt_slice name;
	uint8_t network[JT_HASH]; /* zero: this is the network */
	uint8_t nonce[JT_HASH];
	uint64_t object;   /* 1e-6 SWT */
	struct jt_record_terms records;
	uint64_t reserve;  /* 1e-6 SWT */
	uint8_t state[JT_HASH]; /* root of the initial state */
	uint64_t time;     /* ms UTC */
	struct jt_list validators; /* of struct jt_validator, ascending by key */
};
extern const struct jt_kind jt_kind_genesis;

struct jt_initial {
	uint8_t account[JT_ACCOUNT];
	uint64_t balance; /* 1e-6 SWT */
	uint64_t seq;     /* numbers up to this one are used */
};
#define JT_INITIAL_MAX 16384 /* in one object */
struct jt_accounts {
	struct jt_list accounts; /* of struct jt_initial, ascending by account */
};
extern const struct jt_kind jt_kind_accounts;

/*
 * Is this the dealing of the coin that the genesis names, for its validators and
 * their keys? JT_CONFIG where it is another one; d is set as jt_dealing_read does.
 */
enum jt_err jt_genesis_dealing(const struct jt_genesis *g, const struct jt_object *o,
    struct jt_dealing *d, msgpack_zone *zone, struct jt_error *e);
/* Was a dealing made for these validators? JT_CONFIG. */
enum jt_err jt_genesis_dealt_for(const struct jt_list *validators, const struct jt_dealing *d,
    struct jt_error *e);

/* Decodes and checks; lists come from the zone, text from the object. */
enum jt_err jt_genesis_decode(const struct jt_object *o, struct jt_genesis *g,
    uint8_t id[JT_HASH], msgpack_zone *zone, struct jt_error *e);
/* The same checks before encoding. */
enum jt_err jt_genesis_check(const struct jt_genesis *g, struct jt_error *e);
/* Appends the object, unsigned as it is. */
enum jt_err jt_genesis_write(const struct jt_genesis *g, struct jt_buf *out,
    struct jt_error *e);

void jt_genesis_terms(const struct jt_genesis *g, const uint8_t id[JT_HASH],
    struct jt_terms *terms);
/* Ledger 0, which follows from the genesis and needs no signatures. */
enum jt_err jt_genesis_header(const struct jt_genesis *g, const uint8_t id[JT_HASH],
    struct jt_header *h, struct jt_error *e);

/* The hash of a validator set, as headers carry it. */
enum jt_err jt_validators_hash(const struct jt_list *validators, uint8_t out[JT_HASH],
    struct jt_error *e);

/* The entry of an initial account: appends a jt/account object. */
enum jt_err jt_initial_entry(const struct jt_initial *in, struct jt_buf *out,
    struct jt_error *e);

/*
 * Is a header signed by a quorum? Every signature must be good and of a
 * validator. JT_OK: a certificate. JT_NO: "2 of 3 signatures", or whose is bad.
 * *good is the number of signatures, also when they are too few.
 */
enum jt_err jt_certificate_check(const struct jt_list *validators, const struct jt_object *o,
    const struct jt_signed *s, uint32_t *good, struct jt_error *e);

#endif
