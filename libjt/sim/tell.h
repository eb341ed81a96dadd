/* What the rule says of a leader slot, in words. */
#ifndef JT_TELL_H
#define JT_TELL_H

#include "vote/rule.h"

/*
 * Append "committed b1: 3 of 4 certify (a5 b5 c5)" and the like for a slot
 * whose leader is known; all forms stand in handmade.h. name appends the name
 * of a block; so many rounds were left out `before` the rule's first.
 */
void jt_tell_slot(struct jt_rule *r, uint32_t round, uint32_t k, uint32_t before,
    void (*name)(void *ctx, const struct jt_vertex *v), void *ctx, struct jt_buf *out);

/* How many shares of the coin of a round there are: authors with a block four rounds above. */
uint32_t jt_tell_shares(const struct jt_dag *d, uint32_t round);

#endif
