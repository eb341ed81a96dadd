/*
 * The state's entries: where an account lies, and what it holds.
 *
 * Every entry of the state is a whole object (envelope and all), under a key
 * of 32 bytes: the first 6 of H("jt/near/1" 0x00 account) and the first 26 of
 * H("jt/entry/1" 0x00 account type id). So an account's entries are
 * neighbours, and chosen addresses cannot deepen the tree.
 */
#ifndef JT_STATE_ACCOUNT_H
#define JT_STATE_ACCOUNT_H

#include "crypto/hash.h"
#include "object/kind.h"

#define JT_ENTRY_ACCOUNT 0 /* type of the account itself; its id is empty */

void jt_state_key(uint8_t key[JT_HASH], const uint8_t account[JT_ACCOUNT], uint8_t type,
    struct jt_slice id);

/* jt/account flags, in the order of jt_account_flag_words. */
#define JT_FLAG_NO_MASTER 1U       /* the master key signs no longer */
#define JT_FLAG_NO_NEW_SIGNERS 2U  /* regular key and signer list are fixed for ever */
#define JT_FLAG_REFUSE_UNASKED 4U  /* takes no payment but into holdings it opened */
#define JT_FLAG_REQUIRE_MEMO 8U    /* takes no payment without a memo */
extern const char *const jt_account_flag_words[];

#define JT_SIGNERS_MAX 32

struct jt_signer {
	uint8_t account[JT_ACCOUNT];
	uint64_t weight;
};
extern const struct jt_schema jt_signer_schema;

/*
 * seq is the highest sequence number used, 0 when none was. Bit k-1 of used
 * says that seq-k was used too, for k from 1 to 63.
 */
struct jt_account {
	uint8_t account[JT_ACCOUNT];
	uint64_t balance; /* 1e-6 SWT */
	uint64_t flags;
	uint8_t key[JT_ACCOUNT]; /* the regular key's account id, zero when none */
	uint64_t objects; /* that it owns, and keeps a reserve for */
	uint64_t quorum;  /* weight the signer list must reach, 0 without a list */
	uint64_t seq;
	struct jt_list signers; /* of struct jt_signer, ascending by account */
	uint64_t used;
};
extern const struct jt_kind jt_kind_account;

/*
 * Signer lists come from the zone. Both refuse a weight of 0, and a `used` that
 * speaks of numbers below 1.
 */
enum jt_err jt_account_decode(struct jt_slice entry, struct jt_account *a,
    msgpack_zone *zone, struct jt_error *e);
/* Appends the whole object. */
enum jt_err jt_account_encode(const struct jt_account *a, struct jt_buf *out,
    struct jt_error *e);

/* The sliding window of sequence numbers: s is free with seq-64 < s <= seq+64. */
#define JT_SEQ_WINDOW 64
enum jt_seq { JT_SEQ_FREE, JT_SEQ_OLD, JT_SEQ_USED, JT_SEQ_AHEAD };
enum jt_seq jt_seq_look(const struct jt_account *a, uint64_t s);
/* Only for a free s. */
void jt_seq_take(struct jt_account *a, uint64_t s);
/*
 * The lowest unused number above `after` (0: the lowest at all). It may lie
 * ahead of the window, for a batch of which the first numbers move it; 0 when
 * there is none left.
 */
uint64_t jt_seq_lowest(const struct jt_account *a, uint64_t after);
/* An account whose numbers up to s are all used (genesis). */
void jt_seq_start(struct jt_account *a, uint64_t s);

#endif
