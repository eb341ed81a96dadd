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
#include <sys/stat.h>
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
	char *proof; /* "NAME.jtp" */
	uint8_t digest[JT_HASH];
};
static struct {
	struct digests digests;
	struct file *files;
	size_t file_count;
	struct pending_files making;
	const char *one_file; /* for all proofs; NULL: there is one beside each file */
	char *list_proof;     /* "LIST.jtp" */
	struct cmd_servers servers;
	bool has_servers;
	struct cmd_output out;
} me;

/* ---- what is given ---- */

static void
choose_file(void)
{
	me.one_file = said.path;
	if (said.path == NULL && said.list != NULL && strcmp(said.list, "-") != 0)
		me.one_file = me.list_proof = cmd_proof_path(said.list);
}

/* For what is no file there must be a place for its proof. */
static void
need_one_file(void)
{
	if (me.one_file == NULL)
		cmd_usage("expected -o FILE: there is no file to put the proofs beside");
}

/* A proof file that is there already is completed; one of other bytes is kept. */
static void
take_proof(const char *path, const struct digests *sorted)
{
	struct jt_error e;
	struct stat st;
	enum jt_err err;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		die(JT_CANTCREATE, "%s: exists, and is no file", path);
	err = pending_has(path, sorted, &e);
	if (err != JT_OK)
		die(err == JT_NO ? JT_CANTCREATE : err, "%s", e.text);
	completion_add(path);
}

static void
hash_file(const char *name, uint8_t digest[JT_HASH])
{
	bool is_stdin = strcmp(name, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : cmd_open(name);
	struct jt_error e;
	struct stat st;

	if (is_stdin || (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		need_one_file();
	cmd_check(cmd_digest_fd(fd, is_stdin ? "stdin" : name, digest, &e), &e);
	if (!is_stdin)
		close(fd);
}

static void
take_file(const char *name)
{
	struct file *f = &me.files[me.file_count];
	struct digests one = { .all = &f->digest, .count = 1 };

	hash_file(name, f->digest);
	if (me.one_file != NULL) {
		digests_add(&me.digests, f->digest);
		return;
	}
	f->name = name;
	f->proof = cmd_proof_path(name);
	if (access(f->proof, F_OK) == 0) {
		take_proof(f->proof, &one);
		free(f->proof);
	} else {
		digests_add(&me.digests, f->digest);
		me.file_count++;
	}
}

static void
take_operands(void)
{
	static const char word[] = "sha256:";
	uint8_t digest[JT_HASH];

	me.files = calloc((size_t)cmd_operand_count + 1, sizeof *me.files);
	if (me.files == NULL)
		die(JT_SYSTEM, "out of memory");
	choose_file();
	for (int i = 0; i < cmd_operand_count; i++) {
		const char *text = cmd_operands[i];

		if (strncmp(text, word, sizeof word - 1) == 0) {
			cmd_hash("digest", text, digest);
			need_one_file();
			digests_add(&me.digests, digest);
		} else if (pending_is_proof(text)) {
			completion_add(text);
		} else {
			take_file(text);
		}
		cmd_progress("file", (uint64_t)i + 1, (uint64_t)cmd_operand_count);
	}
	cmd_progress(NULL, 0, 0);
	if (said.list != NULL) {
		need_one_file();
		digests_read(&me.digests, said.list);
	}
	digests_sort(&me.digests);
	if (me.digests.count > 0 && me.one_file != NULL && pending_is_proof(me.one_file)) {
		take_proof(me.one_file, &me.digests);
		digests_free(&me.digests);
	}
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
write_together(const struct jt_fold *fold, struct jt_slice record)
{
	uint8_t nodes[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;
	struct cmd_output out;

	if (me.one_file == said.path)
		cmd_output_open(&out, me.one_file);
	else
		cmd_output_open_new(&out, me.one_file);
	for (uint64_t at = 0; fold != NULL && at < me.digests.count; at += JT_FOLD_PART) {
		jt_fold_part(fold, at, true, nodes, &part);
		pending_write(&out, record, &part);
	}
	if (fold == NULL)
		pending_write(&out, record, NULL);
	cmd_output_close(&out);
	if (!said.offline)
		completion_add(me.one_file);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

/* A proof beside each file; one that was named twice has one. */
static void
write_beside(const struct jt_fold *fold, struct jt_slice record)
{
	uint8_t nodes[JT_MERKLE_PATH][JT_HASH];
	struct jt_fold_part part;

	if (me.file_count > 0)
		qsort(me.files, me.file_count, sizeof *me.files, by_name);
	for (size_t i = 0; i < me.file_count; i++) {
		const struct file *f = &me.files[i];
		struct cmd_output *out;
		size_t place;

		if (i > 0 && by_name(f - 1, f) == 0)
			continue;
		out = pending_file(&me.making);
		cmd_output_open_new(out, f->proof);
		if (fold != NULL && digests_find(&me.digests, f->digest, &place))
			jt_fold_part(fold, place, false, nodes, &part);
		pending_write(out, record, fold != NULL ? &part : NULL);
		me.making.count++;
		if (!said.offline)
			completion_add(f->proof);
		cmd_progress("proof", i + 1, me.file_count);
	}
	pending_settle(&me.making);
	cmd_progress(NULL, 0, 0);
}

/* The proofs are durable before anybody has the record: what a ledger holds can be proven. */
static void
anchor(void)
{
	bool folded = me.digests.count > 1;
	struct jt_buf record;
	struct jt_fold fold;
	struct jt_error e;

	if (folded)
		cmd_check(jt_fold_make(&fold, (const uint8_t(*)[JT_HASH])me.digests.all,
		    me.digests.count, &e), &e);
	jt_buf_init(&record, JT_OBJECT_MAX);
	make_record(folded ? fold.hash : me.digests.all[0], &record);
	if (me.one_file != NULL)
		write_together(folded ? &fold : NULL, jt_buf_slice(&record));
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
	const struct completion c = { .network = me.has_servers ? me.servers.network.id : NULL,
		.file = said.network, .dir = cmd_dir_maybe(said.dir), .to = me.has_servers ? &to : NULL,
		.unsent = said.offline ? &me.out : NULL };

	completion_run(&c);
}

static void
take_option(int c)
{
	if (c == 'n') {
		said.offline = true;
	} else if (c == 'w') {
		cmd_value_number(1, WAIT_MAX_S);
		said.wait = cmd_value;
	} else if (c == 'c' && said.list != NULL) {
		cmd_usage("option -c: expected one list; - takes more, from cat");
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
	complete();
	if (!said.offline)
		cmd_servers_close(&me.servers);
	digests_free(&me.digests);
	while (me.file_count > 0)
		free(me.files[--me.file_count].proof);
	free(me.files);
	free(me.list_proof);
	return cmd_end();
}
