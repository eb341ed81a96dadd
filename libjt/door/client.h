/*
 * What clients and a validator's door say to each other, besides transactions,
 * hash records and proofs.
 *
 * A client sends signed transactions, stamped hash records and queries, in any
 * order and number. What enters ledgers is answered by jt/answer `accepted`,
 * once the vote has it in a durable block, and by its jt/proof-tx or
 * jt/proof-record, once its ledger is certified; or by `refused` or `busy`. A
 * query is answered by the object that was asked for, which can be checked, or
 * by `none` or `busy`. Answers come in any order, and each says what it answers.
 */
#ifndef JT_CLIENT_H
#define JT_CLIENT_H

#include "object/kind.h"

/* jt/query */
enum jt_query_what {
	JT_QUERY_ACCOUNT, /* the account's proof in the newest ledger */
	JT_QUERY_DOOR,    /* the validator's jt/pub, which stamps of hash records are for */
	JT_QUERY_LEDGER,  /* jt/header or jt/proof-ledger, by its number; no number: of ledger 0 */
	JT_QUERY_NETWORK, /* the genesis */
	JT_QUERY_NEWEST,  /* the newest certified header */
	JT_QUERY_RECORD,  /* of a hash (id) the first record's proof, or of a ledger that it has none */
	JT_QUERY_TX       /* a transaction's proof by its id */
};
struct jt_query {
	uint8_t account[JT_ACCOUNT];
	uint8_t id[JT_HASH];
	uint64_t ledger;
	uint64_t what; /* enum jt_query_what */
};
extern const struct jt_kind jt_kind_query;

/* Append it, take it: JT_MALFORMED when a field does not go with what is asked for. */
enum jt_err jt_query_write(const struct jt_query *q, struct jt_buf *out, struct jt_error *e);
enum jt_err jt_query_read(const struct jt_object *o, struct jt_query *q, struct jt_error *e);

/* jt/answer: what comes instead of an object, or before it. */
enum jt_answer_state {
	JT_ANSWER_ACCEPTED, /* the vote has it, and will not lose it */
	JT_ANSWER_BUSY,     /* nothing was done; ask again, after a while */
	JT_ANSWER_NONE,     /* there is no such thing up to the newest ledger */
	JT_ANSWER_REFUSED   /* cannot enter as things are; code and why say more */
};
struct jt_answer {
	uint64_t code;       /* of a refused transaction: enum jt_code */
	uint8_t id[JT_HASH]; /* of the transaction or query; zero: of what was no object */
	uint64_t state;      /* enum jt_answer_state */
	struct jt_slice why; /* one line more, or nothing */
};
extern const struct jt_kind jt_kind_answer;

#endif
