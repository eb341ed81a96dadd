/* What the two files of jt-check share. */
#ifndef CHECK_H
#define CHECK_H

#include "cmd.h"
#include "crypto/coin.h"
#include "ledger/proof_record.h"

extern struct check {
	struct cmd_network file;
	struct jt_genesis genesis;
	uint8_t network[JT_HASH];
	struct jt_coin_public coin; /* n 0: not looked at yet */
	struct jt_buf name;         /* the network's name, safe to print */
	struct cmd_output out;
	bool json, applied;
	bool keep;                  /* what is recorded: there are data files to come */
	uint64_t met;               /* proofs, certificates, and what should have been one */
} check;

/* A file's name, which may hold any bytes, made safe to print. */
void check_name(const char *name, struct jt_buf *line);
/*
 * A line: where it is proven, and what; the latter as words, or as members of a
 * JSON object. `when` NULL: what is proven has no time. Frees `what`.
 */
void check_say(const char *file, uint64_t ledger, const uint64_t *when, struct jt_buf *what);
/* ": 2 transactions, 1 record", or members. */
void check_counts(const struct jt_header *h, struct jt_buf *out);

/* ---- hash records and data files (check-records.c) ---- */

enum jt_err check_pending(const struct cmd_input *in, const struct jt_object *o,
    msgpack_zone *zone, struct jt_error *e);
enum jt_err check_record(const struct cmd_input *in, const struct jt_object *o,
    msgpack_zone *zone, struct jt_error *e);
enum jt_err check_no_record(const struct cmd_input *in, const struct jt_object *o,
    msgpack_zone *zone, struct jt_error *e);
enum jt_err check_ledger(const struct cmd_input *in, const struct jt_object *o,
    msgpack_zone *zone, struct jt_error *e);

/* Does its name end in .jtp? */
bool check_called_proof(const char *path);
/*
 * Is the file data, and not proofs? A regular file that has a proof beside it, is
 * not called a proof among others that are, or is no object at all: whatever is
 * in it, for a proof may have been put in the place of the data.
 */
bool check_is_data(const char *path, bool among_proofs);
/* Look for it in the proofs that were kept, then in the one beside it. */
void check_data(const char *path);

#endif
