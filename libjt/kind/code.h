/*
 * Result codes: what became of a transaction, one code each.
 *
 * Three classes. Applied: in the ledger, did what it says. Failed: in the
 * ledger, fee and sequence number taken, nothing else happened. Refused: not
 * in the ledger, no fee, no trace. The table's numbers are stored and never
 * change; new codes are appended.
 */
#ifndef JT_CODE_H
#define JT_CODE_H

#include "object/kind.h"

enum jt_code {
	JT_CODE_OK,
	/* failed */
	JT_CODE_UNFUNDED,
	JT_CODE_TOO_SMALL,
	JT_CODE_UNASKED,
	JT_CODE_MEMO_MISSING,
	JT_CODE_UNKNOWN_ASSET,
	JT_CODE_SIGNERS_FIXED,
	JT_CODE_NO_KEY_LEFT,
	/* refused, in the order in which they are looked for */
	JT_CODE_MALFORMED,
	JT_CODE_WRONG_NETWORK,
	JT_CODE_BAD_SIGNATURE,
	JT_CODE_TOO_LATE,
	JT_CODE_NOT_AFTER,
	JT_CODE_NO_ACCOUNT,
	JT_CODE_SEQ_OLD,
	JT_CODE_SEQ_USED,
	JT_CODE_SEQ_AHEAD,
	JT_CODE_NOT_AUTHORISED,
	JT_CODE_NO_QUORUM,
	JT_CODE_LOW_FEE,
	JT_CODE_NO_FEE,
	/* failed; came later */
	JT_CODE_NEEDS_MASTER,
	/* refused, of hash records */
	JT_CODE_BAD_STAMP,
	JT_CODE_OVER_RATE,
	JT_CODES
};
enum jt_outcome { JT_APPLIED, JT_FAILED, JT_REFUSED };

struct jt_code_row {
	const char *name;
	enum jt_outcome outcome;
	const char *help; /* one line */
};
extern const struct jt_code_row jt_code_rows[JT_CODES];
/* The names in the same order, NULL-terminated: for fields of type JT_WORD. */
extern const char *const jt_code_words[];
extern const char *const jt_outcome_words[]; /* applied failed refused */

/* jt/result: what became of one transaction or record. Without a ledger: refused. */
struct jt_result {
	uint64_t code;         /* enum jt_code */
	uint8_t id[JT_HASH];   /* of the transaction or record; zero when it has none */
	uint64_t index;        /* in the ledger */
	uint64_t ledger;       /* number, 0 when refused */
	struct jt_slice why;   /* refused: one line more than the code says */
};
extern const struct jt_kind jt_kind_result;

#endif
