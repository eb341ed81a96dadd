/*
 * jt-vote: a validator's part in the vote.
 *
 * Objects in, from as many pipes as there are: peers' messages, payload, ticks,
 * and the closer's headers. Objects out: messages to peers, cuts to the closer,
 * and what was taken into a block. It decides nothing by itself: the member
 * (member/member.h) does, from these inputs alone, and what it says leaves only
 * after its log is durable. So one input gives one output, on any machine.
 */
#include "vote-loop.h"

static const struct cmd_option options[] = {
	VOTE_OPTIONS,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-vote",
	.synopsis = VOTE_SYNOPSIS,
	.options = options,
	.secrets = true,
};

int
main(int argc, char **argv)
{
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		vote_option(c);
	return vote_main(NULL);
}
