/* The list of all kinds of transactions. See list.h. */
#include "kind/list.h"

#define ROW(name) &jt_kind_##name,

static const struct jt_kind *const rows[] = { JT_TX_KINDS(ROW) };

const struct jt_kinds jt_tx_kinds = { rows, sizeof rows / sizeof rows[0] };
