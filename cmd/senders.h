/*
 * The accounts that transactions are built for: from a ledger directory, or,
 * where there is none, from proofs of the accounts, which a server gives when
 * they are needed. Numbers of one run are remembered, so that a file of
 * payments gets numbers in a row, and none has another's: 64 bytes for each.
 */
#ifndef SENDERS_H
#define SENDERS_H

#include "cmd.h"
#include "kind/tx.h"
#include "ledger/ledger.h"
#include "servers.h"

#define SENDERS_PROOFS 64 /* proofs at most */

struct senders {
	struct jt_terms terms;     /* of the network file */
	struct jt_genesis genesis;
	bool known;                /* there is a ledger or a proof, or a server was asked */
	uint64_t number;           /* the newest ledger of those */
	struct jt_overlay *state;
	struct jt_ledger ledger;
	bool has_ledger;           /* it knows all accounts; proofs know those they are of */
	struct {
		uint8_t key[JT_HASH];
		struct jt_slice entry;
	} proven[SENDERS_PROOFS];
	size_t proofs;
	void *taken;               /* a tree (tsearch) of senders and their numbers */
	struct cmd_servers servers; /* that can be asked, once anything is missing */
	bool has_servers, asks_servers;
	msgpack_zone *zone;        /* what proofs and genesis point into */
};

/*
 * `network` is -N's value, dir a ledger directory, server -s's, each may be
 * NULL; proofs are paths of files with proofs, ended by NULL, and go before the
 * ledger. Ends the program on errors. `s` must stay where it is.
 */
void senders_open(struct senders *s, const char *network, const char *dir,
    const char *server, const char *const *proofs);
void senders_close(struct senders *s);
/* Something is missing: with nothing known so far ask a server, if there is one. */
void senders_need(struct senders *s);

/* Does the ledger, or a proof, say whether there is such an account? */
bool senders_knows(const struct senders *s, const uint8_t account[JT_ACCOUNT]);
/* *exists false: not there, or nothing is known; *a is zeros but for its id. */
enum jt_err senders_get(struct senders *s, const uint8_t account[JT_ACCOUNT],
    struct jt_account *a, bool *exists, msgpack_zone *zone, struct jt_error *e);
enum jt_err senders_put(struct senders *s, const struct jt_account *a, struct jt_error *e);
/* A transaction takes a number; false: one before it, of the same sender, has it. */
bool senders_take(struct senders *s, const uint8_t account[JT_ACCOUNT], uint64_t seq);

#endif
