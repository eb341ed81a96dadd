/*
 * What a validator's voter is made of, for jt-vote and jt-liar: the network,
 * the keys, the log, and the member that they make.
 */
#ifndef CMD_VOTER_H
#define CMD_VOTER_H

#include "cmd.h"
#include "ledger/ledger.h"
#include "member/member.h"

struct cmd_voter {
	const char *dir;
	struct cmd_network network;
	msgpack_zone *zone;             /* what the genesis points into */
	struct jt_genesis genesis;
	struct jt_secret_key *key;      /* NULL: an observer */
	int key_lock;
	struct jt_coin *coin;           /* NULL: none was dealt */
	struct jt_buf share;            /* of the coin, in locked memory */
	struct jt_member_terms terms;
	struct jt_member *member;
	struct jt_ledger *ledger;       /* once a certificate was asked for */
};

/*
 * Open all of it. The key is `key`, else DIR/validator.key, else there is none
 * and it will observe. Ends the program on errors: 75 when another voter uses
 * the key or the log. made, if not NULL, may change the terms before the member
 * is made.
 */
void cmd_voter_open(struct cmd_voter *v, const char *dir, const char *network, const char *key,
    int pass_fd, void (*made)(struct cmd_voter *v), const struct jt_member_ops *ops, void *ctx);
void cmd_voter_close(struct cmd_voter *v);

/*
 * For the member's callbacks: the certificate of a ledger from DIR/ledger, and
 * the end with evidence in DIR/halt.
 */
bool cmd_voter_certificate(struct cmd_voter *v, uint64_t ledger, struct jt_buf *out);
_Noreturn void cmd_voter_halt(struct cmd_voter *v, uint64_t ledger, struct jt_slice evidence,
    const char *why);

#endif
