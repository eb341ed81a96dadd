/*
 * The list of all kinds of transactions. A new one is a file in this folder
 * that defines jt_kind_NAME, and its name here.
 */
#ifndef JT_KIND_LIST_H
#define JT_KIND_LIST_H

#include "object/kind.h"

#define JT_TX_KINDS(X) \
	X(pay) \
	X(set)

#define JT_TX_DECLARE(name) extern const struct jt_kind jt_kind_##name;
JT_TX_KINDS(JT_TX_DECLARE)
#undef JT_TX_DECLARE

extern const struct jt_kinds jt_tx_kinds;

#endif
