/*
 * Objects that only pass between the programs of one validator. Validators are
 * called by their names in the network file; none of these objects is signed,
 * and a program takes each of them from one pipe alone.
 */
#ifndef JT_PIPE_H
#define JT_PIPE_H

#include "object/kind.h"

#define JT_MSG_NAME_MAX 64                     /* bytes of a validator's name */
#define JT_MSG_BODY_MAX (JT_OBJECT_MAX - 1024) /* bytes of the object in a message */

/* jt/msg: an object on its way between validators. */
struct jt_msg {
	struct jt_slice body; /* one whole object */
	struct jt_slice from; /* set by the transport; empty on the way out */
	struct jt_slice to;   /* empty: to all the others */
};
extern const struct jt_kind jt_kind_msg;

/* jt/peer: another validator can be reached, or no longer. */
enum { JT_PEER_DOWN, JT_PEER_UP };
struct jt_peer {
	struct jt_slice name;
	uint64_t state;
};
extern const struct jt_kind jt_kind_peer;

/* jt/tick: the time, as far as a program without a clock hears of it. */
struct jt_tick {
	uint64_t time; /* ms UTC */
};
extern const struct jt_kind jt_kind_tick;

/* jt/took: the vote has the item in a durable block of its own. */
struct jt_took {
	uint8_t id[JT_HASH]; /* of the item */
};
extern const struct jt_kind jt_kind_took;

/* Append a jt/msg around an object. */
enum jt_err jt_msg_write(struct jt_slice body, struct jt_slice from, struct jt_slice to,
    struct jt_buf *out, struct jt_error *e);

#endif
