/*
 * Validators that a program asks over their doors (jt-listen), and whose word
 * it checks: which ones there are, and questions with one answer each.
 */
#ifndef CMD_SERVERS_H
#define CMD_SERVERS_H

#include "cmd.h"
#include "door/client.h"
#include "ledger/proof_record.h"

#define CMD_SERVER \
	{ 's', "server", "SERVER", "ask this server, host:port or a socket (default DIR/sock)" }

#define CMD_SERVERS_MAX 130 /* addresses: of all validators, and a socket */

struct cmd_servers {
	struct cmd_network network; /* against which answers are checked */
	struct jt_genesis genesis;
	msgpack_zone *zone;         /* what the genesis points into */
	char *addresses[CMD_SERVERS_MAX];
	size_t count;
	size_t at;                  /* the one in use, or to be tried next */
	int fd;                     /* -1: not connected */
	struct jt_reader reader;
};

/*
 * The network file (-N: network, else as cmd_network), and the servers: -s
 * (given), else DIR/sock where there is one, else the addresses in the network
 * file. False: there is no server, or no network file. dir may be NULL. `s` must
 * stay where it is. Nothing is connected before something is asked.
 */
bool cmd_servers_find(struct cmd_servers *s, const char *given, const char *network,
    const char *dir);
/* The same; ends with 78 when there is none. */
void cmd_servers_open(struct cmd_servers *s, const char *given, const char *network,
    const char *dir);
/*
 * The same for programs that work on a ledger (store.h), where there is one:
 * true if -s is given, or dir has no ledger and there is a server.
 */
bool cmd_servers_instead(struct cmd_servers *s, const char *given, const char *network,
    const char *dir);
void cmd_servers_close(struct cmd_servers *s);

/*
 * Ask them in turn until one gives an answer that holds. JT_OK: proven, *o is
 * that object, valid until the next call. JT_NO: there is none (of an account
 * that is proven, too). Else nobody gives an answer: the last one's trouble.
 */
enum jt_err cmd_ask_account(struct cmd_servers *s, const uint8_t account[JT_ACCOUNT],
    struct jt_object *o, struct jt_proof_account *p, struct jt_header *h, msgpack_zone *zone,
    struct jt_error *e);
enum jt_err cmd_ask_tx(struct cmd_servers *s, const uint8_t id[JT_HASH], struct jt_object *o,
    struct jt_proof_tx *p, struct jt_header *h, msgpack_zone *zone, struct jt_error *e);
/*
 * The first record of a hash that a server has, a jt/proof-record; or with a number
 * one in that ledger, or the jt/proof-no-record that it has none. *h is of the
 * ledger.
 */
enum jt_err cmd_ask_record(struct cmd_servers *s, const uint8_t hash[JT_HASH], uint64_t number,
    struct jt_object *o, struct jt_header *h, msgpack_zone *zone, struct jt_error *e);
/*
 * The newest certified header, or with a number that ledger's proof: a jt/proof-ledger,
 * or a certificate.
 */
enum jt_err cmd_ask_ledger(struct cmd_servers *s, const uint64_t *number, struct jt_object *o,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e);
/* The same, but always the header: out of the proof it comes without signatures. */
enum jt_err cmd_ask_header(struct cmd_servers *s, const uint64_t *number, struct jt_object *o,
    struct jt_header *h, msgpack_zone *zone, struct jt_error *e);

#endif
