/* The table of all programs. See programs.h. */
#include "programs.h"

#include <stddef.h>

const struct cmd_row cmd_programs[] = {
	{ "jt", "run jt-NAME; alone, list the programs" },
	{ "jt-keygen", "make key pairs, change a passphrase, show a seed" },
	{ "jt-id", "print addresses, transaction ids, ledger hashes, network ids" },
	{ "jt-show", "print objects as YAML, JSON lines or one line each" },
	{ "jt-pack", "make objects of YAML documents or JSON lines" },
	{ "jt-tx", "build unsigned transactions" },
	{ "jt-sign", "add a signature to objects" },
	{ "jt-merge", "join signatures that were made apart" },
	{ "jt-verify", "pass on the objects whose signatures are valid" },
	{ "jt-deal", "deal a coin to validators, or check a share of it" },
	{ "jt-genesis", "make a network" },
	{ "jt-close", "apply transactions, take hash records, close ledgers" },
	{ "jt-certify", "join signed headers to a certificate" },
	{ "jt-get", "look up accounts, transactions, hash records and ledgers" },
	{ "jt-prove", "write proofs of what a ledger holds" },
	{ "jt-replay", "close all history again and compare every hash" },
	{ "jt-explain", "tell what a transaction read and wrote, and which rule decided" },
	{ "jt-anchor", "record digests of files, and write a proof for each" },
	{ "jt-check", "check proofs offline and say what is proven" },
	{ "jt-vote", "vote on what enters ledgers, and certify them" },
	{ "jt-peer", "carry messages between peers, encrypted, each proving who it is" },
	{ "jt-status", "tell how validators do" },
	{ "jt-hub", "join voters without a network, message by message if wanted" },
	{ "jt-liar", "vote wrongly, as told" },
	{ "jt-node", "run a validator, or an observer" },
	{ "jt-net", "make, start and stop networks on this machine" },
	{ "jt-listen", "take transactions, hash records and queries of clients" },
	{ "jt-submit", "send transactions and hash records, get proofs of their results" },
	{ "jt-sim", "try to break the vote: simulated runs, and graphs made by hand" },
	{ "jt-draw", "draw a recorded vote" },
	{ NULL, NULL },
};
