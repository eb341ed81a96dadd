/* The words of verdicts, reasons and mutants (rule.h), and of parts left out (without.h). */
#include "vote/rule.h"
#include "vote/without.h"

const char *const jt_verdict_words[] = { "undecided", "skipped", "committed", NULL };
const char *const jt_reason_words[] = {
	"the coin is not known",
	"no quorum, and no later leader decides",
	"a quorum blames",
	"a quorum certifies",
	"the anchor has a certificate in its cone",
	"the anchor has no certificate in its cone",
	NULL
};
const char *const jt_mutant_words[] = {
	"right", "skip-any-twin", "vote-every-twin", "certify-weak", "anchor-early",
	"indirect-own-view", "indirect-link", "jump-undecided", "skip-weak", "commit-weak",
	"count-blocks", NULL
};
const char *const jt_without_words[] = {
	"ask-again", "beyond", "caps", "cone", "exposed", "fair-share", "fetch", "floor", "horizon",
	"jump", "links", "park", "recheck", "rounds", "seen", "self", "settle", "through", "time",
	"work", NULL
};
const char *const jt_without_help[] = {
	"who comes back is asked again for what it was asked for before",
	"what comes from too far ahead is asked for when it is near enough",
	"what waits for ancestors takes bounded room, and the lowest blocks are kept",
	"all that a block is built on is durable before it leaves",
	"blocks of authors who were seen with two in a round come only as ancestors",
	"one author's items take part of a ledger, the rest waits for the next one",
	"all missing ancestors are asked for, not only some at a time",
	"a voter whose log was lost goes on above all that others know",
	"a leader delivers down to the horizon of the leader before it",
	"catching up is a jump to the highest round with a quorum",
	"blocks that came late are linked to, so that they are delivered",
	"what is no block for now is kept until the horizon moves: others may have taken it",
	"what waits is looked at again when the horizon moves",
	"a ledger ends after so many rounds, whatever the clocks say",
	"what enters a ledger was seen by a quorum of its leader's parents",
	"a block on two of its author's own of one round is no block",
	"before it falls silent a voter makes a block on what it decided with",
	"who builds on a block that waits is asked for what that one lacks",
	"a ledger's time is one that a correct clock has reached",
	"only what can still be delivered keeps rounds going",
	NULL
};
