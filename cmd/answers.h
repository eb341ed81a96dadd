/*
 * What a door (door/door.h) asks a ledger that another program closes: one
 * snapshot after the other, each held no longer than it is worked with.
 */
#ifndef CMD_ANSWERS_H
#define CMD_ANSWERS_H

#include "cmd.h"
#include "door/door.h"
#include "ledger/prove.h"

struct answers {
	struct jt_ledger ledger;
	struct jt_prover prover;
	struct jt_apply apply;
	uint32_t looked;    /* accounts in apply.state */
	uint64_t certified; /* the newest ledger that is; it proves those before it */
	bool fresh;         /* a snapshot is held */
	struct jt_buf pub;  /* the validator's jt/pub, or empty */
};

/*
 * Open DIR/ledger, which must be there, after so many ms at the latest. `a`
 * must stay where it is. Ends the program on errors.
 */
void answers_open(struct answers *a, const char *dir, int wait_ms);
void answers_close(struct answers *a);
/* The public key in DIR/validator.pub, if it is of one of the network's; for the door. */
void answers_key(struct answers *a, const char *dir, struct jt_door *d);

/* Take a snapshot unless one is held; tell the door what is certified in it. */
void answers_renew(struct answers *a, struct jt_door *d);
/* Give it up. */
void answers_rest(struct answers *a);

/* Those of jt_door_ops; ctx is the struct answers. */
enum jt_err answers_find(void *ctx, const struct jt_entry *entry, uint64_t *ledger,
    uint32_t *work, struct jt_error *e);
enum jt_err answers_certified(void *ctx, uint64_t ledger, bool *yes, struct jt_error *e);
enum jt_err answers_prove(void *ctx, const struct jt_entry *entry, struct jt_buf *out,
    uint32_t *work, struct jt_error *e);
enum jt_err answers_answer(void *ctx, const struct jt_query *q, struct jt_buf *out,
    uint64_t *ledger, uint32_t *work, struct jt_error *e);
enum jt_err answers_finish(void *ctx, const struct jt_query *q, struct jt_slice kept,
    struct jt_buf *out, struct jt_error *e);

#endif
