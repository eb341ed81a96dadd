/*
 * jt-replay: close all of a ledger's history again, from the genesis, and
 * compare every header, result and table. Prints the hash of the newest
 * header when all is as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd.h"
#include "ledger/replay.h"
#include "store.h"
#include "work.h"

static const struct cmd_option options[] = {
	CMD_NETWORK,
	CMD_DIR,
	CMD_OUTPUT,
	{ CMD_OPT_VERIFIED, "verified", NULL, "do not verify the signatures again" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-replay",
	.synopsis = "[-N NETWORK] [-d DIR] [--verified] [-o FILE]",
	.options = options,
};

int
main(int argc, char **argv)
{
	const char *network = NULL, *dir = NULL, *path = NULL;
	char hash[2 * JT_HASH + 1];
	struct jt_replay r;
	struct jt_ledger from;
	struct cmd_output out;
	struct jt_error e;
	bool verified = false;
	enum jt_err err = JT_OK;
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0) {
		if (c == CMD_OPT_VERIFIED)
			verified = true;
		else
			*(c == 'N' ? &network : c == 'd' ? &dir : &path) = cmd_value;
	}
	cmd_no_operands();
	dir = cmd_dir(dir);
	cmd_ledger_open(&from, network, dir, JT_STORE_READ, false);
	cmd_output_open(&out, path);
	cmd_replay_start(&r, &from, network, dir);
	r.verified = verified;
	while (err == JT_OK && r.to.head.number < from.head.number) {
		cmd_work_pause();
		cmd_progress("ledger", r.to.head.number, from.head.number);
		err = jt_replay_next(&r, &e);
	}
	if (err == JT_OK)
		err = jt_replay_compare(&r, &e);
	cmd_progress(NULL, 0, 0);
	jt_hex_format(r.to.head_id, JT_HASH, hash);
	jt_replay_end(&r);
	cmd_work_end();
	jt_ledger_close(&from);
	if (err != JT_OK)
		die_error(&e);
	cmd_print(&out, "%s\n", hash);
	return cmd_end();
}
