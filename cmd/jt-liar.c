/*
 * jt-liar: a validator that votes wrongly, as told.
 *
 * It is jt-vote with a liar (member/liar.h) between its member and its pipes:
 * what it decides is right, what it says is not. To be put where a jt-vote was,
 * to see that the others do not care.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "member/liar.h"
#include "vote-loop.h"

static const struct cmd_option options[] = {
	{ 'f', "fault", "FAULT", "what it does wrong; repeat it for more" },
	VOTE_OPTIONS,
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-liar",
	.synopsis = "-f FAULT... " VOTE_SYNOPSIS,
	.options = options,
	.secrets = true,
};

static struct jt_liar *liar;
static uint32_t lies;

static void
take_fault(const char *word)
{
	uint32_t lie = 0;

	while (lie < JT_LIES && strcmp(jt_lie_words[lie], word) != 0)
		lie++;
	if (lie == JT_LIES)
		cmd_usage("no voter's fault is called \"%s\" (jt-liar(1) lists them)", word);
	lies |= UINT32_C(1) << lie;
}

static void
put(void *ctx, enum jt_way way, struct jt_slice object)
{
	(void)ctx;
	vote_put(way, object);
}

static void
made(struct cmd_voter *v)
{
	struct jt_liar_terms terms = { .lies = lies, .member = &v->terms, .out = put };

	if (v->key == NULL)
		die(JT_CONFIG, "an observer has nothing to lie about: there is no validator.key");
	cmd_random(&terms.seed, sizeof terms.seed);
	if ((liar = jt_liar_new(&terms, &v->terms)) == NULL)
		die(JT_SYSTEM, "out of memory");
}

static void
out(enum jt_way way, struct jt_slice object)
{
	struct jt_error e;

	cmd_check(jt_liar_out(liar, way, object, &e), &e);
}

static void
heard(const struct jt_object *o)
{
	struct jt_error e;

	cmd_check(jt_liar_heard(liar, o, &e), &e);
}

/* It dies with its last words durable, and unsaid. */
static void
taken(void)
{
	struct jt_error e;
	enum jt_lie how = jt_liar_dies(liar);

	if (how == JT_LIE_CRASH)
		_exit(0);
	if (how == JT_LIE_RESTART)
		raise(SIGKILL);
	cmd_check(jt_liar_more(liar, &e), &e);
}

int
main(int argc, char **argv)
{
	static const struct vote_hooks hooks = { made, out, heard, taken };
	int c, code;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == 'f')
			take_fault(cmd_value);
		else
			vote_option(c);
	}
	if (lies == 0)
		cmd_usage("expected -f FAULT");
	code = vote_main(&hooks);
	jt_liar_free(liar);
	return code;
}
