/*
 * A validator's part in the vote: how fast it goes, and what its program asks
 * of it. See voter.h.
 */
#include <string.h>

#include "vote/machine.h"

enum jt_err
jt_voter_refill(struct jt_voter *v, uint32_t rounds, struct jt_error *e)
{
	if (v->terms.burst == 0)
		return JT_OK;
	v->spent = v->spent > rounds ? v->spent - rounds : 0;
	return jt_machine_propose(v, e);
}

void
jt_voter_hold(struct jt_voter *v, bool hold)
{
	v->hold = hold;
}

bool
jt_voter_wants(const struct jt_voter *v, const struct jt_ref *ref)
{
	return ref->round > v->dag.low && !jt_voter_holds(v, ref->id);
}

bool
jt_voter_holds(const struct jt_voter *v, const uint8_t id[JT_HASH])
{
	return jt_dag_find(&v->dag, id) != NULL || jt_suspended_find(&v->waiting, id) != NULL;
}

bool
jt_voter_expose(struct jt_voter *v, uint32_t author)
{
	if (author >= v->dag.c.n || jt_voter_set_has(&v->exposed, author))
		return false;
	jt_voter_set_add(&v->exposed, author);
	return true;
}

bool
jt_voter_is_exposed(const struct jt_voter *v, uint32_t author)
{
	return author < v->dag.c.n && jt_voter_set_has(&v->exposed, author);
}
