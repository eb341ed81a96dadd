/*
 * The rule of the vote: which leaders are committed, which are skipped.
 *
 * Every round r has leader slots, drawn by the coin of round r, which shares
 * in blocks of round r+4 reveal: too late for anybody to act on. Blocks of
 * round r+3 vote: they support the leader's block with the smallest id in
 * their cone, or blame the slot when there is none. A block of round r+4
 * certifies what a quorum of its parents support.
 *
 *	skip     a quorum of authors blame the slot
 *	commit   a quorum of authors certify one block of it
 *	else     the first later slot, of round r+5 on, that is committed and not
 *	         skipped decides: commit what a certificate in its cone certifies,
 *	         skip without one; undecided while such a slot is undecided
 *
 * Once decided, decided for ever, and everywhere alike: any two quorums have a
 * correct author in common, who has one block a round and so one vote.
 *
 * Sources: Mahi-Mahi (arXiv 2410.08670) with wave length 5; the skip rule
 * counts blocks that support no block of the slot (enough_leader_blame in
 * Mysticeti), since counting for each twin alone forks.
 */
#ifndef JT_RULE_H
#define JT_RULE_H

#include "vote/dag.h"

#define JT_WAVE 5
#define JT_VOTING 3   /* a leader of round r is voted for in round r+3 */
#define JT_DECIDING 4 /* and certified, its coin revealed, in round r+4 */

enum jt_verdict { JT_UNDECIDED, JT_SKIPPED, JT_COMMITTED };
enum jt_reason {
	JT_NO_COIN,       /* undecided: the leader is not known */
	JT_TOO_FEW,       /* undecided: neither quorum, and no later leader decides */
	JT_BLAMED,        /* skipped: a quorum blames */
	JT_CERTIFIED,     /* committed: a quorum certifies */
	JT_ANCHOR_HAS,    /* committed: a certificate is in the anchor's cone */
	JT_ANCHOR_LACKS   /* skipped: none is */
};
extern const char *const jt_verdict_words[];
extern const char *const jt_reason_words[]; /* a sentence each */

/* Mutations of the rule, for tests that must notice them; 0 in earnest. */
enum jt_mutant {
	JT_RULE_RIGHT,
	JT_SKIP_ANY_TWIN,        /* skip when a quorum does not support one twin */
	JT_VOTE_EVERY_TWIN,      /* a vote for each twin in the cone */
	JT_CERTIFY_WEAK,         /* f+1 supporters certify */
	JT_ANCHOR_EARLY,         /* a slot of round r+4 may be the anchor */
	JT_INDIRECT_OWN_VIEW,    /* any certificate known, in the anchor's cone or not */
	JT_INDIRECT_LINK,        /* the leader's block in the anchor's cone is enough */
	JT_JUMP_UNDECIDED,       /* an undecided slot is no obstacle */
	JT_SKIP_WEAK,            /* f+1 blames skip */
	JT_COMMIT_WEAK,          /* f+1 certificates commit */
	JT_COUNT_BLOCKS,         /* blocks are counted instead of authors */
	JT_MUTANTS
};
extern const char *const jt_mutant_words[];

/* A leader slot. */
struct jt_slot {
	uint32_t leader;             /* its author */
	enum jt_verdict verdict;
	enum jt_reason reason;
	struct jt_vertex *block;     /* committed */
	struct jt_voter_set blames;
	struct jt_slot_cert {        /* certificates by the block certified: at most one is a quorum */
		struct jt_vertex *block;
		struct jt_voter_set by;
		uint32_t blocks;
	} certs[JT_VOTERS_MAX / 16];
	uint32_t cert_count;
	uint32_t blame_blocks;
	struct jt_ref anchor;        /* what decided, for the reasons ANCHOR_... */
};

struct jt_wave {
	bool known;                  /* the coin of this round */
	uint8_t coin[64];
	struct jt_slot slot[JT_LEADERS_MAX];
};

struct jt_rule {
	struct jt_dag *d;
	uint32_t leaders;            /* slots a round */
	enum jt_mutant mutant;
	struct jt_wave **waves;      /* [round - base] */
	uint32_t base, cap;
	uint32_t next_round, next_slot; /* the first slot that was not taken yet */
};

enum jt_err jt_rule_init(struct jt_rule *r, struct jt_dag *d, uint32_t leaders,
    struct jt_error *e);
void jt_rule_free(struct jt_rule *r);

/* A block was added to the graph. */
enum jt_err jt_rule_added(struct jt_rule *r, struct jt_vertex *v, struct jt_error *e);

/* The coin of a round is known: its leaders are the first of a sample keyed with it. */
enum jt_err jt_rule_coin(struct jt_rule *r, uint32_t round, const uint8_t coin[64],
    struct jt_error *e);
/* The same with the leaders given: hand-made graphs. */
enum jt_err jt_rule_leaders(struct jt_rule *r, uint32_t round, const uint32_t *leaders,
    struct jt_error *e);
const uint8_t *jt_rule_coin_of(const struct jt_rule *r, uint32_t round);
bool jt_rule_coin_known(const struct jt_rule *r, uint32_t round);

/* Decide whatever can be decided now. */
enum jt_err jt_rule_decide(struct jt_rule *r, struct jt_error *e);
/*
 * The next slot in order, once it is decided: false when it is not. Takes it:
 * the next call gives the one after it.
 */
bool jt_rule_next(struct jt_rule *r, uint32_t *round, uint32_t *slot, struct jt_slot **s);
/* NULL for a round without a known coin. */
struct jt_slot *jt_rule_slot(const struct jt_rule *r, uint32_t round, uint32_t slot);

/* Begin with this slot: those before it are decided, and forgotten. */
void jt_rule_begin(struct jt_rule *r, uint32_t round, uint32_t slot);

/* Forget rounds up to `low`, all of whose slots were taken. */
void jt_rule_prune(struct jt_rule *r, uint32_t low);

#endif
