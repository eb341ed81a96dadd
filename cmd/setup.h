/*
 * The set-up of a network, as people write it: YAML with a default for every
 * field (jt-genesis(1) shows them all).
 */
#ifndef SETUP_H
#define SETUP_H

#include "cmd.h"
#include "ledger/genesis.h"

struct setup {
	struct jt_genesis genesis;   /* but for what is made: keys, state, totals */
	struct jt_initial *accounts; /* ascending by account after setup_sort */
	size_t count, cap;
	bool has_time, has_nonce, has_authority; /* given, even where they are zero */
	bool make_bank;              /* a key for one account that holds all coins */
	bool bank_is_authority;      /* the bank grants licences, with this weight */
	uint64_t bank_weight;
	bool make_validators;        /* keys for genesis.validators.count of them */
	char *dealing;               /* path of the coin's dealing; NULL: deal */
	msgpack_zone *zone;          /* what genesis points into */
};

/*
 * Read the set-up (path NULL: all defaults). `dir` gives the default name;
 * validators > 0 overrides the set-up's number. Ends the program on errors.
 */
void setup_read(struct setup *s, const char *path, const char *dir, uint32_t validators);
void setup_free(struct setup *s);

/* The bank's key is made: give it its coins and its place in the authority. */
void setup_bank(struct setup *s, const struct jt_secret_key *k);
/* Put accounts, validators and authority in their canonical order; 65 for doubles. */
void setup_sort(struct setup *s);

/* A copy of the text that lives as long as the set-up. */
struct jt_slice setup_keep(struct setup *s, const char *text);

#endif
