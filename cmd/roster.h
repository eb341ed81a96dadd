/*
 * Who the peers of jt-peer are: the validators of a network file, and those
 * named on the command line. Ends the program where they contradict each other.
 */
#ifndef CMD_ROSTER_H
#define CMD_ROSTER_H

#include "peers.h"

/* The network's validators, but for the one whose key this is. */
void cmd_roster_network(struct cmd_peers *ps, const struct cmd_network *n,
    const struct jt_secret_key *key);
/* PUB, PUB@ADDR, and in a network NAME@ADDR. The operand stays the caller's. */
void cmd_roster_operand(struct cmd_peers *ps, const char *operand,
    const struct jt_secret_key *key);

#endif
