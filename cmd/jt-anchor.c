/*
 * jt-anchor: files and digests to a hash record, and a proof for each of them.
 *
 * Hashes what it is given, folds many digests into one record, writes proof
 * files that wait for a ledger to hold it, and sends it to a validator, or
 * writes it for jt-close. Proofs that come back, or that a ledger has, complete
 * the files; given them later, it completes what is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sums.h"
#include "base/text.h"
#include "cmd.h"
#include "completion.h"
#include "digest.h"
#include "digests.h"
#include "pending.h"
#include "servers.h"
#include "work.h"

enum { OPT_TAG = CMD_OPT_OWN, OPT_PREV, OPT_AFTER };
enum {
	WAIT_MAX_S = 1000000,
	FRESH_MS = 50 * 60 * 1000 /* how old a ledger may be that a record names by itself */
};

static const struct cmd_option options[] = {
	CMD_NETWORK,
	{ 'c', "list", "LIST", "also the digests in a list (SHA256SUMS, sha256:HEX); - is stdin" },
	CMD_DIR,
	CMD_SERVER,
	{ 'n', "without", NULL, "without a network: write the record to stdout, for jt-close" },
	{ 'o', "output", "FILE", "write all proofs to one file, whole or not at all" },
	{ OPT_AFTER, "after", "HASH", "a ledger of the last hour that the record must follow" },
	{ 'w', "wait", "SEC", "wait so long for a ledger to hold the record (default 30)" },
	{ OPT_PREV, "prev", "HASH", "what was recorded before this, as you see it" },
	{ OPT_TAG, "tag", "TEXT", "a word of your own, to find the record by" },
	{ 0 },
};
static const struct cmd_program program = {
	.name = "jt-anchor",
	.synopsis = "[-N NETWORK] [-d DIR] [-s SERVER] [-n] [-w SEC] [-c LIST] [-o FILE] [--after HASH] [--prev HASH] "
	            "[--tag TEXT] [FILE|sha256:HEX...]",
	.options = options,
};

static struct {
	const char *network, *dir, *server, *wait, *list, *path;
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
	char *list_proof;    /* "LIST.jtp" */
	bool words;          /* a digest was given as a word */
	char **proofs;       /* paths of files to complete */
	size_t proof_count, proof_cap;
	struct cmd_servers servers;
	bool has_servers;
	struct cmd_output out;
} me;

/* ---- what is given ---- */

/* A file and the proof beside it may both be given. */
static void
add_proof(const char *path)
{
	for (size_t i = 0; i < me.proof_count; i++)
		if (strcmp(me.proofs[i], path) == 0)
			return;
	if (me.proof_count == me.proof_cap) {
		size_t cap = me.proof_cap ? 2 * me.proof_cap : 64;
		char **more = realloc(me.proofs, cap * sizeof *more);

		if (more == NULL)
			die(JT_SYSTEM, "out of memory");
		me.proofs = more;
		me.proof_cap = cap;
	}
	if ((me.proofs[me.proof_count] = strdup(path)) == NULL)
		die(JT_SYSTEM, "out of memory");
	me.proof_count++;
}

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
	bool there;
	int fd = cmd_open(name);

	cmd_check(cmd_digest_fd(fd, name, f->digest, &e), &e);
	close(fd);
	there = said.path == NULL && said.list == NULL && access(proof, F_OK) == 0;
	if (there) {
		enum jt_err err = pending_has(proof, f->digest, &e);

		if (err != JT_OK)
			die(err == JT_NO ? JT_CANTCREATE : err, "%s", e.text);
		add_proof(proof);
	}
	free(proof);
	if (there)
		return;
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
	if (me.files == NULL)
		die(JT_SYSTEM, "out of memory");
	for (int i = 0; i < cmd_operand_count; i++) {
		const char *text = cmd_operands[i];

		if (strncmp(text, word, sizeof word - 1) == 0) {
			cmd_hash("digest", text, digest);
			digests_add(&me.digests, digest);
			me.words = true;
		} else if (pending_is_proof(text)) {
			add_proof(text);
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

/*
 * The newest ledger, unless that is too old to be named: the proof then says
 * from when the record is, too.
 */
static void
name_ledger(struct jt_record *r)
{
	struct jt_object o = { 0 };
	struct jt_header h = { 0 };
	struct jt_error e;
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_check(cmd_ask_header(&me.servers, NULL, &o, &h, &zone, &e), &e);
	if (cmd_now_ms() < h.time + FRESH_MS)
		cmd_check(jt_header_id(&h, r->after, &e), &e);
	msgpack_zone_destroy(&zone);
}

/* The record object, of one digest or of a fold. */
static void
make_record(const uint8_t hash[JT_HASH], struct jt_buf *out)
{
	struct jt_record r = said.record;
	struct cmd_network network;
	struct jt_error e;

	memcpy(r.hash, hash, JT_HASH);
	if (me.has_servers) {
		memcpy(r.network, me.servers.network.id, JT_HASH);
		if (jt_hash_is_zero(r.after))
			name_ledger(&r);
	} else {
		cmd_network(&network, said.network, cmd_dir_maybe(said.dir));
		memcpy(r.network, network.id, JT_HASH);
		jt_buf_free(&network.bytes);
		jt_buf_free(&network.dealing);
	}
	cmd_check(jt_kind_write(&jt_kind_record, &r, out, &e), &e);
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
	if (!said.offline)
		add_proof(path);
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
		if (!said.offline)
			add_proof(path);
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
		return me.list_proof = cmd_proof_path(said.list);
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
	if (said.offline)
		cmd_write(&me.out, jt_buf_slice(&record));
	jt_buf_free(&record);
	if (folded)
		jt_fold_free(&fold);
}

/* ---- proofs that wait ---- */

static void
complete(void)
{
	const struct deliver to = { said.network, said.dir, said.server, said.wait };
	const struct completion c = { .paths = (const char *const *)me.proofs, .count = me.proof_count,
		.dir = cmd_dir_maybe(said.dir), .to = me.has_servers ? &to : NULL,
		.unsent = said.offline ? &me.out : NULL };

	complete_proofs(&c);
}

static void
take_option(int c)
{
	if (c == 'n') {
		said.offline = true;
	} else if (c == 'w') {
		cmd_value_number(1, WAIT_MAX_S);
		said.wait = cmd_value;
	} else if (c == OPT_TAG) {
		said.record.tag = jt_slice_text(cmd_value);
		if (said.record.tag.len > JT_TAG_MAX || !jt_utf8_valid(said.record.tag))
			cmd_usage("option --tag: expected text of at most %d bytes", JT_TAG_MAX);
	} else if (c == OPT_PREV) {
		cmd_hash("option --prev", cmd_value, said.record.prev);
	} else if (c == OPT_AFTER) {
		cmd_hash("option --after", cmd_value, said.record.after);
	} else {
		*(c == 'N' ? &said.network : c == 'd' ? &said.dir : c == 's' ? &said.server :
		    c == 'c' ? &said.list : &said.path) = cmd_value;
	}
}

/* Without -n, what is new needs a server, and what waits can do with one. */
static void
find_servers(void)
{
	const char *dir = cmd_dir_maybe(said.dir);

	if (said.offline)
		return;
	me.has_servers = cmd_servers_find(&me.servers, said.server, said.network, dir);
	if (me.has_servers || me.digests.count == 0)
		return;
	complain(JT_CONFIG, "no server: -s SERVER, DIR/sock, or an address in the network file");
	hint("-n writes the record, for jt-close");
	cmd_give_up();
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
	find_servers();
	if (me.digests.count > 0)
		anchor();
	if (me.proof_count > 0)
		complete();
	if (!said.offline)
		cmd_servers_close(&me.servers);
	digests_free(&me.digests);
	free(me.files);
	while (me.proof_count > 0)
		free(me.proofs[--me.proof_count]);
	free(me.proofs);
	free(me.list_proof);
	return cmd_end();
}
