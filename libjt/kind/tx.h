/*
 * Transactions: what all kinds share, and how one is applied.
 *
 * A kind of transaction is one file in this folder: its struct (which begins
 * with struct jt_tx), its table of fields, a check that needs nothing but the
 * transaction, and the change it makes. jt_tx_apply does everything that is
 * the same for all: signatures, network, sequence number, fee, authority.
 *
 * Applying reads and writes an overlay and touches nothing else, so that the
 * same state and the same bytes give the same result anywhere.
 */
#ifndef JT_TX_H
#define JT_TX_H

#include "kind/code.h"
#include "kind/list.h"
#include "object/signed.h"
#include "state/account.h"
#include "state/header.h"
#include "state/overlay.h"

#define JT_TX_MAX 65536      /* bytes of a whole transaction */
#define JT_TX_SIGS_MAX 32
#define JT_MEMO_MAX 1024     /* bytes */
#define JT_AFTER_MS UINT64_C(3600000) /* how old the ledger named by `after` may be */

struct jt_tx {
	uint8_t after[JT_HASH];    /* header id that must be of the last hour; zero: none */
	uint8_t app[JT_ACCOUNT];   /* the application that carries it; zero: none */
	uint64_t fee;              /* 1e-6 SWT, burned */
	uint8_t from[JT_ACCOUNT];
	uint64_t last;             /* last ledger it may enter; 0: any */
	struct jt_slice memo;
	uint8_t network[JT_HASH];
	uint64_t seq;
	uint64_t until;            /* ms UTC, the latest time of its ledger; 0: any */
};

/* Rows of the common fields; each kind's table merges them in ascending order. */
#define JT_TX_ROW(kind_, member_, type_, flags_, max_, help_) \
	{ .name = #member_, .type = type_, .flags = flags_, .max = max_, \
	    .offset = offsetof(struct kind_, tx.member_), .help = help_ }
#define JT_TX_AFTER(k) JT_TX_ROW(k, after, JT_FIXED, JT_OPTIONAL, JT_HASH, \
	"hash of a ledger of the last hour that it must follow")
#define JT_TX_APP(k) JT_TX_ROW(k, app, JT_ADDRESS, JT_OPTIONAL, 0, \
	"account of the application that carries it")
#define JT_TX_FEE(k) JT_TX_ROW(k, fee, JT_COINS, 0, 0, "SWT burned, in the ledger in any case")
#define JT_TX_FROM(k) JT_TX_ROW(k, from, JT_ADDRESS, 0, 0, "the account that acts and pays")
#define JT_TX_LAST(k) JT_TX_ROW(k, last, JT_UINT, JT_OPTIONAL, 0, "last ledger it may enter")
#define JT_TX_MEMO(k) JT_TX_ROW(k, memo, JT_TEXT, JT_OPTIONAL, JT_MEMO_MAX, "a note, for people")
#define JT_TX_NETWORK(k) JT_TX_ROW(k, network, JT_FIXED, 0, JT_HASH, "id of the network")
#define JT_TX_SEQ(k) JT_TX_ROW(k, seq, JT_UINT, 0, 0, "number that the account uses once")
#define JT_TX_UNTIL(k) JT_TX_ROW(k, until, JT_TIME, JT_OPTIONAL, 0, \
	"latest time of the ledger that it may enter")

/* Fees and reserves of the network, from its genesis; 1e-6 SWT. */
struct jt_terms {
	uint8_t network[JT_HASH];
	uint64_t fee;     /* per transaction and signature */
	uint64_t reserve; /* an account must keep */
	uint64_t object;  /* more per object that it owns */
};

/* What applying works on. The caller fills it once per ledger. */
struct jt_apply {
	const struct jt_terms *terms;
	struct jt_overlay *state;
	uint64_t number;   /* of the ledger being closed */
	uint64_t time;     /* its time, ms UTC */
	struct jt_totals totals;
	bool verified;     /* signatures were verified before */
	/* Time of the header with this id; 0 when there is none. */
	enum jt_err (*header_time)(void *ctx, const uint8_t id[JT_HASH], uint64_t *time,
	    struct jt_error *e);
	void *ctx;
	msgpack_zone *zone; /* for one transaction; the caller clears it */
	struct jt_error *why; /* set by jt_tx_apply: one line about a failure or refusal */
	const struct jt_signed *signatures; /* for apply: who signed */
	/* Where the accounts looked at last lie: to put one back needs it again. */
	struct jt_apply_place {
		bool known;
		uint8_t account[JT_ACCOUNT];
		uint8_t key[JT_HASH];
	} recent[2];
	unsigned oldest; /* of the recent ones */
};

struct jt_tx_rule {
	/* Needs nothing but the transaction: JT_MALFORMED and one line. NULL: no rule. */
	enum jt_err (*check)(const struct jt_tx *tx, struct jt_error *e);
	/*
	 * Do it: `from` has paid and is put back by the caller. On a code other
	 * than OK nothing may have changed, and a->why may say more. Anything but
	 * JT_OK is trouble with the state, not a result.
	 */
	enum jt_err (*apply)(struct jt_apply *a, const struct jt_tx *tx, struct jt_account *from,
	    enum jt_code *code, struct jt_error *e);
};

/*
 * Decode a transaction of a kind into memory from the zone and check what
 * needs no state: schema, size, rule->check. Signatures in *s, not verified.
 */
enum jt_err jt_tx_decode(const struct jt_kind *kind, const struct jt_object *o,
    struct jt_tx **tx, struct jt_signed *s, msgpack_zone *zone, struct jt_error *e);

/*
 * Apply one transaction to a->state. JT_OK: *code says what became of it, and
 * why one line more, or none. Otherwise the state itself
 * could not be read, and the ledger cannot be closed.
 */
enum jt_err jt_tx_apply(struct jt_apply *a, const struct jt_kind *kind,
    const struct jt_object *o, enum jt_code *code, struct jt_error *why, struct jt_error *e);

/*
 * The part of it that changes nothing and looks at no signature: may this
 * transaction of this network enter ledger a->number? *from is its sender,
 * when there is one.
 */
enum jt_err jt_tx_admit(struct jt_apply *a, const struct jt_tx *tx, const struct jt_signed *s,
    struct jt_account *from, enum jt_code *code, struct jt_error *why, struct jt_error *e);

/* Accounts through the overlay. *exists false: *out has the id and zeros. */
enum jt_err jt_apply_account(struct jt_apply *a, const uint8_t account[JT_ACCOUNT],
    struct jt_account *out, bool *exists, struct jt_error *e);
enum jt_err jt_apply_put(struct jt_apply *a, const struct jt_account *account,
    struct jt_error *e);
/* What the account must keep. */
uint64_t jt_apply_reserve(const struct jt_terms *t, const struct jt_account *account);

/* JT_CODE_UNFUNDED, with the figures in a->why. */
enum jt_code jt_apply_unfunded(struct jt_apply *a, uint64_t balance, uint64_t units,
    uint64_t reserve);

/* Who may sign: OK, NOT_AUTHORISED or NO_QUORUM, and why not. */
enum jt_code jt_tx_authority(const struct jt_account *from, const struct jt_sig *sigs,
    uint32_t count, struct jt_error *why);

#endif
