/*
 * The table of all kinds of objects. Those of transactions come from their own
 * list (kind/list.h).
 */
#include "all/kinds.h"

#include "key/beacon.h"
#include "key/dealing.h"
#include "door/client.h"
#include "key/pub.h"
#include "key/secret.h"
#include "kind/list.h"
#include "ledger/genesis.h"
#include "ledger/proof_record.h"
#include "member/inner.h"
#include "pipe/pipe.h"
#include "sim/run.h"
#include "vote/mark.h"

#define ROW(name) &jt_kind_##name,

static const struct jt_kind *const rows[] = {
	&jt_kind_account,
	&jt_kind_accounts,
	&jt_kind_ack,
	&jt_kind_answer,
	&jt_kind_at,
	&jt_kind_beacon,
	&jt_kind_block,
	&jt_kind_block_head,
	&jt_kind_cut,
	&jt_kind_dealing,
	&jt_kind_decision,
	&jt_kind_event,
	&jt_kind_evidence,
	&jt_kind_genesis,
	&jt_kind_get,
	&jt_kind_header,
	&jt_kind_hello,
	&jt_kind_log,
	&jt_kind_mark,
	&jt_kind_msg,
	&jt_kind_part,
	&jt_kind_peer,
	&jt_kind_pending,
	&jt_kind_proof_account,
	&jt_kind_proof_ledger,
	&jt_kind_proof_no_record,
	&jt_kind_proof_record,
	&jt_kind_proof_tx,
	&jt_kind_pub,
	&jt_kind_record,
	&jt_kind_query,
	&jt_kind_result,
	&jt_kind_run,
	&jt_kind_secret,
	&jt_kind_share,
	&jt_kind_stamp,
	&jt_kind_standing,
	&jt_kind_sum,
	&jt_kind_tick,
	&jt_kind_took,
	&jt_kind_turn,
	JT_TX_KINDS(ROW)
};

const struct jt_kinds jt_all_kinds = { rows, sizeof rows / sizeof rows[0] };

bool
jt_is_payload(const struct jt_object *o)
{
	const struct jt_kind *row = jt_kind_named(&jt_all_kinds, o->kind);

	return row != NULL && row->version == o->version &&
	    (row->flags & (JT_KIND_TRANSACTION | JT_KIND_RECORD));
}
