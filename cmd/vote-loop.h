/*
 * The course of a voter's program, for jt-vote and jt-liar: inputs taken, made
 * durable, and only then answered.
 *
 *	while ((c = cmd_option()) != 0)
 *		vote_option(c);
 *	return vote_main(NULL);
 */
#ifndef VOTE_LOOP_H
#define VOTE_LOOP_H

#include "cmd.h"
#include "voter.h"

enum { VOTE_READY_FD = CMD_OPT_OWN, VOTE_STATE, VOTE_TOOK };
#define VOTE_OPTIONS \
	CMD_DIR, \
	CMD_KEY, \
	CMD_NETWORK, \
	{ 'o', "output", "FILE", "write messages to FILE, a pipe; - is stdout as bytes" }, \
	{ 'r', "results", "FILE", "write what is for the closer to FILE, not where messages go" }, \
	CMD_PASS_FD, \
	{ VOTE_READY_FD, "ready-fd", "N", "write a line to descriptor N when the log is read" }, \
	{ VOTE_STATE, "state", "FILE", "keep in FILE how the vote stands (jt/standing)" }, \
	{ VOTE_TOOK, "took", "FILE", "write jt/took to FILE, not where messages go" }
#define VOTE_SYNOPSIS \
	"[-d DIR] [-N FILE] [-k KEY] [-o FILE] [-r FILE] [--pass-fd N] [--ready-fd N] " \
	"[--state FILE] [--took FILE] [FILE...]"

/* What a liar does otherwise. */
struct vote_hooks {
	/* The voter is made of this; terms may be changed before the member is made. */
	void (*made)(struct cmd_voter *voter);
	/* Instead of vote_put: what the member says. */
	void (*out)(enum jt_way way, struct jt_slice object);
	/* Peers said this, and the member has heard it. */
	void (*heard)(const struct jt_object *o);
	/* Something was taken and is durable; what was said has not left yet. */
	void (*taken)(void);
};

/* An option of VOTE_OPTIONS. */
void vote_option(int c);
/* All the rest of main; the operands are the inputs. hooks may be NULL. */
int vote_main(const struct vote_hooks *hooks);
/* To where the object belongs; it leaves when all is durable. */
void vote_put(enum jt_way way, struct jt_slice object);

#endif
