/*
 * A hand-made graph, judged by the rule of the vote: what jt-sim --dag does.
 *
 * The graph is a YAML file:
 *
 *	validators: 4                 # 1 to 128; v1, v2, ... below
 *	leaders: {1: 2, 2: [1, 3]}    # by round; a list where rounds have several slots
 *	blocks:
 *	- {rounds: [1, 8]}            # everybody's block of rounds 1 to 8: a1 b1 c1 d1 a2 ...
 *	- {id: a5, author: 1, round: 5, parents: [a4, b4, d4]} # but this one
 *	- {id: b5, author: 2, round: 5}            # parents: all of the round before
 *	- {id: b5x, author: 2, round: 5}           # a twin of b5
 *	- {rounds: [9, 9], authors: [1, 2, 3]}     # and round 9 without v4
 *
 * `rounds` makes the blocks that no entry with an id has, with default
 * parents, named by the author's letter (a to z, then v27_, v28_, ...) and the
 * round. Blocks of round 0 are there from the start: a0, b0, ...
 *
 * The order of entries is free but for twins: default parents take the first
 * listed block of each author of the round before. An author who has none there
 * names its newest block of an earlier round instead. Of listed parents the
 * author's own newest goes first. A name is 1 to 16 letters, digits and the
 * signs - _ and .; where the rule compares ids it compares names byte by byte,
 * so of the twins b5 and b5x it votes for b5.
 *
 * All rounds in `leaders` have the same number of slots. A leader is known, as
 * in a real vote, once f+1 authors have a block of the round four above.
 *
 * Every block must be valid as in a real vote (vote/dag.h: jt_block_check).
 *
 * For each slot of the rounds in `leaders` there is one line, one of
 *
 *	round 1 leader v2: committed b1: 3 of 4 certify (a5 b5 c5)
 *	round 1 leader v2: committed b1: anchor c6 has a certificate in its cone (a5)
 *	round 1 leader v2: skipped: 3 of 4 blame (a4 c4 d4)
 *	round 1 leader v2: skipped: anchor c6 has no certificate in its cone
 *	round 1 leader v2: undecided: 2 of 4 blame (a4 c4), 1 of 4 certifies b1 (a5),
 *	    3 needed; no later leader decides
 *	round 1 leader v2: undecided: ...; round 6 leader v3 would decide, and is undecided
 *	round 1 leader v2: undecided: ...; the leader of round 6 would decide, and is not known
 *	round 1: undecided: the leader is not known, 1 of 2 shares of the coin (a5)
 */
#ifndef JT_HANDMADE_H
#define JT_HANDMADE_H

#include "vote/rule.h"

#define JT_HANDMADE_TEXT (UINT32_C(1) << 20) /* bytes of a file, at most */
#define JT_HANDMADE_BLOCKS 4096
#define JT_HANDMADE_ROUNDS 1024
#define JT_HANDMADE_NAME 16

/*
 * Judge the graph in `yaml` as known to one who has the blocks named in `view`
 * ("a5,b5x": they and their cones), or all blocks where view is NULL. mutant
 * is JT_RULE_RIGHT but in tests. Appends the lines to out.
 *
 * JT_MALFORMED: the file ("line 7: block b5: ..."). JT_USAGE: the view names a
 * block that is not there.
 */
enum jt_err jt_handmade_judge(struct jt_slice yaml, const char *view, enum jt_mutant mutant,
    struct jt_buf *out, struct jt_error *e);

#endif
