/* The words of verdicts, reasons and mutants. See rule.h. */
#include "vote/rule.h"

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
