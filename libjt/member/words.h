/* What validators say to each other, in a few words for people and logs. */
#ifndef JT_WORDS_H
#define JT_WORDS_H

#include "object/object.h"

#define JT_WORDS_MAX 256 /* bytes of a message's words, enough for any */

/*
 * Append what a message (the object in a jt/msg) is, one of
 *
 *	block 3fa29c01 of v1 round 5, 3 items
 *	get 3fa29c01 of v1 round 5 and 2 more
 *	hello at round 5, ledger 2
 *	hello (answer) at round 5, ledger 2, 4 blocks follow
 *	ack 9ab31c22 of ledger 4
 *	certificate 9ab31c22 of ledger 4
 *	evidence against v3, round 5: 3fa29c01 and 77aa01bc
 *	jt/pay, which is no message of a vote
 *	block that cannot be read
 *
 * names: of the n validators, in the order of the set; n == 0: they are not
 * known, and it says "author 1".
 */
void jt_message_words(const struct jt_object *o, const struct jt_slice *names, uint32_t n,
    struct jt_buf *out);

#endif
