/*
 * How the segments of a voter's log hang together. For the files of member/, and
 * for those who read along.
 */
#ifndef JT_TURN_H
#define JT_TURN_H

#include "object/kind.h"

/* jt/turn: at the beginning of a segment of the log, before the mark: what to begin with. */
struct jt_turn {
	uint64_t acked; /* the newest ledger acknowledged */
	uint64_t from;  /* segments before this one are not needed */
};
extern const struct jt_kind jt_kind_turn;

#endif
