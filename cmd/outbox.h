/*
 * Transactions and hash records on their way to a server, until what became of
 * them is final: what jt-submit knows. Pure: no sockets, no clock.
 *
 * Of one account no more are on the way than its window of sequence numbers
 * takes, whichever of them comes first: none is sent that lies a window or
 * more above one without a result, since that one's number would be void if
 * it entered. How many are on the way in all begins small, grows with what is
 * accepted, and is halved when a server says that it is busy.
 *
 * Sending again does no harm, since a ledger takes a number once. So all that
 * has no result is sent again over each new connection, and after a time over
 * the same one.
 */
#ifndef CMD_OUTBOX_H
#define CMD_OUTBOX_H

#include "base/chain.h"
#include "cmd.h"
#include "kind/tx.h"

enum {
	OUTBOX_MAX = 65536,          /* transactions */
	OUTBOX_BYTES_MAX = 32 << 20, /* of theirs */
	OUTBOX_SENT_MIN = 16,        /* on the way, at least, and first, and at most */
	OUTBOX_SENT_START = 256,
	OUTBOX_SENT_MAX = 8192
};

enum outbox_state {
	OUTBOX_UNSENT,
	OUTBOX_SENT,
	OUTBOX_ACCEPTED, /* the server has it in the vote */
	OUTBOX_DOUBTED   /* refused in a way that may be final: the account must be looked at */
};

/* What is added. A record is the only thing of an account of its own, with number 1. */
struct outbox_new {
	uint8_t id[JT_HASH];
	uint8_t account[JT_ACCOUNT];
	uint64_t seq, last, until;
	bool record;
	struct jt_slice object;
	const char *name; /* the file it came from, and its number there */
	uint64_t index;
};

struct outbox_account;
struct outbox_item {
	uint8_t id[JT_HASH];
	uint64_t seq, last, until;
	bool record;
	struct jt_slice object;  /* in the same block of memory */
	const char *name;        /* the file it came from, and its number there */
	uint64_t index;
	uint32_t times;          /* it came so often */
	enum outbox_state state;
	uint64_t first;          /* ms, when it was first sent; 0: never */
	uint64_t again;          /* ms, not to be sent before, or to be sent again then */
	uint32_t refusals;       /* in a row */
	bool confirmed;          /* its number is void by a proof: the next refusal is final */
	enum jt_code code;       /* of the last refusal; JT_CODE_OK: none */
	char *why;               /* and what was said about it, or NULL */
	struct outbox_account *account;
	struct jt_link by_id;
	struct jt_link in_all, by_seq, in_queue;
};

struct outbox_account {
	uint8_t account[JT_ACCOUNT];
	bool ready, asked;          /* asked: a proof of it is on the way */
	struct jt_chain items;  /* ascending by seq */
	struct outbox_item *next;   /* none below it is unsent; NULL: none is */
	uint32_t count;
	struct jt_link by_account;
	struct jt_link in_ready;
};


struct outbox {
	struct jt_chain *ids;        /* of items, in buckets */
	struct jt_chain *accounts;
	struct jt_chain ready;       /* with items that could perhaps be sent */
	struct jt_chain all;      /* as they came */
	struct jt_chain sent;     /* sent or accepted, by `again` */
	struct jt_chain later;    /* unsent until `again` */
	struct jt_chain doubted;
	uint32_t count, records, sent_count, limit;
	bool records_wait;           /* none of those is sent for now */
	size_t bytes;
	uint64_t resend_ms;
	uint64_t eased;               /* ms, when the limit was last halved */
	uint8_t seed[16];
};

void outbox_open(struct outbox *o, uint64_t resend_ms);
void outbox_close(struct outbox *o);
/* Is there room for more? */
bool outbox_has_room(const struct outbox *o);
/* Add one; what is there already is counted. The object is copied. */
void outbox_add(struct outbox *o, const struct outbox_new *new);
struct outbox_item *outbox_find(struct outbox *o, const uint8_t id[JT_HASH]);
struct outbox_account *outbox_account(struct outbox *o, const uint8_t account[JT_ACCOUNT]);

/* The next one to send now, which counts as sent then; NULL: none. */
struct outbox_item *outbox_next(struct outbox *o, uint64_t now);
/* How long there is nothing to send again, in ms; -1: for ever. */
int outbox_wait(const struct outbox *o, uint64_t now);
/* Records go from now on. */
void outbox_start_records(struct outbox *o);
/* Nothing is on the way any more: all of it is to be sent once more. */
void outbox_again(struct outbox *o);

void outbox_accepted(struct outbox *o, struct outbox_item *item, uint64_t now);
/* Not now; code JT_CODE_OK: the server is busy. The item waits, longer each time. */
void outbox_refused(struct outbox *o, struct outbox_item *item, enum jt_code code,
    struct jt_slice why, uint64_t now);
/* It may be final: nothing is done with it until outbox_refused or outbox_retry. */
void outbox_doubt(struct outbox *o, struct outbox_item *item, enum jt_code code,
    struct jt_slice why);
/* To be sent at once. */
void outbox_retry(struct outbox *o, struct outbox_item *item);
/* Final: it is freed. */
void outbox_remove(struct outbox *o, struct outbox_item *item);

#endif
