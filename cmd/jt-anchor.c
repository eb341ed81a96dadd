/*
 * jt-anchor: files and digests to a hash record, and a proof for each of them.
 *
 * Hashes what it is given, folds many digests into one record, writes proof
 * files that wait for a ledger to hold it, and then the record, for jt-close.
 * Given those proof files later, it completes them from a ledger.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sums.h"
#include "base/text.h"
#include "cmd.h"
#include "digest.h"
#include "digests.h"
#include "pending.h"
#include "store.h"
#include "work.h"

enum { OPT_TAG = CMD_OPT_OWN, OPT_PREV, OPT_AFTER };

static const struct cmd_option options[] = {
	CMD_NETWORK,
	{ 'c', "list", "LIST", "also the digests in a list (SHA256SUMS, sha256:HEX); - is stdin" },
	CMD_DIR,
	{ 'n', "without", NULL, "without a network: write the record to stdout, for jt-close" },
	{ 'o', "output", "FILE", "write all proofs to one file, whole or not at all" },
	{ OPT_AFTER, "after", "HASH", "a ledger of the last hour that the record must follow" },
	{ OPT_PREV, "prev", "HASH", "what was recorded before this, as you see it" },
	{ OPT_TAG, "tag", "TEXT", "a word of your own, to find the record by" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-anchor",
	.synopsis = "[-N NETWORK] [-d DIR] [-n] [-c LIST] [-o FILE] [--after HASH] [--prev HASH] "
	            "[--tag TEXT] [FILE|sha256:HEX...]",
	.options = options,
};

static struct {
	const char *network, *dir, *list, *path;
	bool offline;
	struct jt_record record; /* but for its hash and network */
} said;

/* A file to anchor, which gets a proof of its own beside it. */
struct file {
	const char *name;
	uint8_t digest[JT_HASH];
};
static struct {
	struct digests digests;
	struct file *files;
	size_t file_count;
	bool words;          /* a digest was given as a word */
	const char **proofs; /* files to complete */
	size_t proof_count;
	struct cmd_output out;
} me;

/* ---- what is given ---- */

/*
 * A file whose proof is there already is not anchored again. Beside one of other
 * bytes there is no place for a proof.
 */
static void
take_file(const char *name)
{
	struct file *f = &me.files[me.file_count];
	char *proof = cmd_proof_path(name);
	struct jt_error e;
	int fd = cmd_open(name);

	cmd_check(cmd_digest_fd(fd, name, f->digest, &e), &e);
	close(fd);
	if (said.path == NULL && said.list == NULL && access(proof, F_OK) == 0) {
		enum jt_err err = pending_has(proof, f->digest, &e);

		if (err != JT_OK)
			die(err == JT_NO ? JT_CANTCREATE : err, "%s", e.text);
		me.proofs[me.proof_count++] = proof; /* lives as long as the program */
		return;
	}
	free(proof);
	f->name = name;
	me.file_count++;
	digests_add(&me.digests, f->digest);
}

static void
take_operands(void)
{
	static const char word[] = "sha256:";
	uint8_t digest[JT_HASH];

	me.files = calloc((size_t)cmd_operand_count + 1, sizeof *me.files);
	me.proofs = calloc((size_t)cmd_operand_count + 1, sizeof *me.proofs);
	if (me.files == NULL || me.proofs == NULL)
		die(JT_SYSTEM, "out of memory");
	for (int i = 0; i < cmd_operand_count; i++) {
		const char *text = cmd_operands[i];

		if (strncmp(text, word, sizeof word - 1) == 0) {
			cmd_hash("digest", text, digest);
			digests_add(&me.digests, digest);
			me.words = true;
		} else if (pending_is_proof(text)) {
			me.proofs[me.proof_count++] = text;
		} else {
			take_file(text);
		}
		cmd_progress("file", (uint64_t)i + 1, (uint64_t)cmd_operand_count);
	}
	cmd_progress(NULL, 0, 0);
	if (said.list != NULL)
		digests_read(&me.digests, said.list);
}

/* ---- new records ---- */

/* The record object, of one digest or of a fold. */
static void
make_record(const uint8_t hash[JT_HASH], struct jt_buf *out)
{
	struct jt_record r = said.record;
	struct cmd_network network;
	struct jt_error e;

	cmd_network(&network, said.network, cmd_dir_maybe(said.dir));
	memcpy(r.hash, hash, JT_HASH);
	memcpy(r.network, network.id, JT_HASH);
	cmd_check(jt_kind_write(&jt_kind_record, &r, out, &e), &e);
	jt_buf_free(&network.bytes);
	jt_buf_free(&network.dealing);
}

/* All proofs in one file: as many digests to a part as share a path. */
static void
write_together(const char *path, const struct jt_fold *fold, struct jt_slice record)
{
	uint8_t nodes[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;
	struct cmd_output out;

	if (path == said.path)
		cmd_output_open(&out, path);
	else
		cmd_output_open_new(&out, path);
	for (uint64_t at = 0; fold != NULL && at < me.digests.count; at += JT_FOLD_PART) {
		jt_fold_part(fold, at, true, nodes, &part);
		pending_write(&out, record, &part);
	}
	if (fold == NULL)
		pending_write(&out, record, NULL);
	cmd_output_close(&out);
}

/* A proof beside each file. */
static void
write_beside(const struct jt_fold *fold, struct jt_slice record)
{
	uint8_t nodes[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;

	for (size_t i = 0; i < me.file_count; i++) {
		const struct file *f = &me.files[i];
		char *path = cmd_proof_path(f->name);
		struct cmd_output out;

		cmd_output_open_new(&out, path);
		if (fold != NULL)
			jt_fold_part(fold, digests_place(&me.digests, f->digest), false, nodes, &part);
		pending_write(&out, record, fold != NULL ? &part : NULL);
		cmd_output_close(&out);
		free(path);
		cmd_progress("proof", i + 1, me.file_count);
	}
	cmd_progress(NULL, 0, 0);
}

/* Where the proofs go when they are in one file; NULL: beside each file. */
static const char *
one_file(void)
{
	if (said.path != NULL)
		return said.path;
	if (said.list != NULL && strcmp(said.list, "-") != 0)
		return cmd_proof_path(said.list); /* lives as long as the program */
	if (said.list != NULL || me.words)
		cmd_usage("expected -o FILE for the proofs of digests that are no file's");
	return NULL;
}

/* The proofs are durable before anybody has the record: what a ledger holds can be proven. */
static void
anchor(void)
{
	const char *path = one_file();
	struct jt_buf record;
	struct jt_fold fold;
	struct jt_error e;
	bool folded;

	digests_sort(&me.digests);
	folded = me.digests.count > 1;
	if (folded)
		cmd_check(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])me.digests.all,
		    me.digests.count, &e), &e);
	jt_buf_init(&record, JT_OBJECT_MAX);
	make_record(folded ? fold.hash : me.digests.all[0], &record);
	if (path != NULL)
		write_together(path, folded ? &fold : NULL, jt_buf_slice(&record));
	else
		write_beside(folded ? &fold : NULL, jt_buf_slice(&record));
	cmd_write(&me.out, jt_buf_slice(&record));
	jt_buf_free(&record);
	if (folded)
		jt_fold_free(&fold);
}

/* ---- proofs that wait ---- */

/* What no ledger holds yet can be given to one again. */
static void
unsent(struct jt_slice record)
{
	if (said.offline)
		cmd_write(&me.out, record);
}

static void
complete(void)
{
	const char *dir = cmd_dir_maybe(said.dir);
	struct jt_ledger ledger;
	struct jt_prover prover;
	struct jt_error e;

	if (dir != NULL) {
		cmd_ledger_open(&ledger, dir, JT_STORE_READ, false);
		jt_prover_init(&prover, &ledger);
	}
	for (size_t i = 0; i < me.proof_count; i++)
		if (pending_complete(me.proofs[i], dir != NULL ? &prover : NULL, unsent, &e) != JT_OK)
			complain(e.code, "%s", e.text);
	if (dir != NULL) {
		jt_prover_free(&prover);
		jt_ledger_close(&ledger);
	}
}

static void
take_option(int c)
{
	if (c == 'n') {
		said.offline = true;
	} else if (c == OPT_TAG) {
		said.record.tag = jt_slice_text(cmd_value);
		if (said.record.tag.len > JT_TAG_MAX || !jt_utf8_valid(said.record.tag))
			cmd_usage("option --tag: expected text of at most %d bytes", JT_TAG_MAX);
	} else if (c == OPT_PREV) {
		cmd_hash("option --prev", cmd_value, said.record.prev);
	} else if (c == OPT_AFTER) {
		cmd_hash("option --after", cmd_value, said.record.after);
	} else {
		*(c == 'N' ? &said.network : c == 'd' ? &said.dir : c == 'c' ? &said.list :
		    &said.path) = cmd_value;
	}
}

int
main(int argc, char **argv)
{
	int c;

	cmd_start(&program, argc, argv);
	while ((c = cmd_option()) != 0)
		take_option(c);
	if (cmd_operand_count == 0 && said.list == NULL)
		cmd_usage("expected files, digests or -c LIST");
	if (said.path != NULL && strcmp(said.path, "-") == 0)
		cmd_usage("option -o: stdout is for records, expected a file");
	cmd_output_open(&me.out, NULL);
	take_operands();
	if (me.digests.count > 0 && !said.offline)
		cmd_usage("nothing can be sent: expected -n, or only proofs");
	if (me.digests.count > 0)
		anchor();
	if (me.proof_count > 0)
		complete();
	digests_free(&me.digests);
	free(me.files);
	free(me.proofs);
	return cmd_end();
}
