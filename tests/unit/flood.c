/*
 * A member of a vote is flooded by f of the others, with blocks that are well
 * made and well signed but lead nowhere: twins without end, blocks whose
 * ancestors never come, requests, hellos. What it keeps, in memory and in its
 * log, stays within its limits, and what honest members say gets through.
 */
#include "member/member.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "electorate.h"
#include "pipe/pipe.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"

enum { N = 4, LIAR = 3, FLOOD = 4000, ITEM = 16 << 10 };

static struct voters voters;
static struct jt_member *member;
static struct jt_error error;
static uint64_t said; /* bytes to peers */

static void
out(void *ctx, enum jt_way way, struct jt_slice object)
{
	(void)ctx;
	said += way == JT_TO_PEERS ? object.len : 0;
}

static bool
room(void *ctx)
{
	(void)ctx;
	return true;
}

static void
note(void *ctx, const char *text)
{
	(void)ctx;
	printf("# %s\n", text);
}

static void
halt(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *why)
{
	(void)ctx;
	(void)ledger;
	(void)evidence;
	ok(false, "halts: %s", why);
}
static const struct jt_member_ops ops = { out, room, NULL, note, halt };

/* KiB that are allocated; a sanitizer's or valgrind's allocator says nothing of it. */
static long
allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return (long)((m.uordblks + m.hblkhd) / 1024);
}

static long
log_size(void)
{
	struct stat st;

	return stat(tempdir_path("vote/0000000001.jt"), &st) == 0 ? (long)(st.st_size / 1024) : 0;
}

static enum jt_err
hear(uint32_t from, struct jt_slice body)
{
	static const uint8_t id[JT_HASH];
	struct jt_object o = { 0 };
	struct jt_buf msg;
	char name[8];
	enum jt_err err;

	jt_buf_init(&msg, JT_OBJECT_MAX);
	snprintf(name, sizeof name, "v%u", (unsigned)from + 1);
	jt_msg_write(body, jt_slice_text(name), (struct jt_slice){ NULL, 0 }, &msg, &error);
	jt_object_parse(jt_buf_slice(&msg), &o, &error);
	err = jt_member_take(member, JT_FROM_PEERS, &o, id, &error);
	if (err == JT_OK)
		err = jt_member_sync(member, &error);
	jt_buf_free(&msg);
	return err;
}

/* A block of the liar's with 16 KiB of payload; ancestors as the caller wants. */
static void
flood_block(uint32_t round, bool lost)
{
	static uint8_t filler[ITEM];
	struct jt_ref parents[N];
	struct jt_block b = { .ref = { .round = round, .author = LIAR }, .parents = parents,
		.parent_count = N };
	struct jt_buf items, object;

	for (uint32_t i = 0; i < N; i++) {
		uint32_t a = (LIAR + i) % N;
		jt_dag_genesis_ref(voters.seed, a, &parents[i]);
		if (lost) {
			parents[i].round = round - 1;
			random_bytes(parents[i].id, JT_HASH);
		}
	}
	jt_put_be64(filler, random_below(UINT64_MAX));
	jt_buf_init(&items, JT_OBJECT_MAX);
	jt_object_write(&items, "filler", 1, (struct jt_slice){ filler, sizeof filler });
	jt_buf_init(&object, JT_OBJECT_MAX);
	jt_block_seal(&voters.el, &b, jt_buf_slice(&items), voters.secret[LIAR], &object, &error);
	hear(LIAR, jt_buf_slice(&object));
	jt_buf_free(&items);
	jt_buf_free(&object);
}

static void
honest_block(uint32_t author, struct jt_ref *ref)
{
	struct jt_ref parents[N];
	struct jt_block b;
	struct jt_buf object;

	jt_buf_init(&object, JT_OBJECT_MAX);
	voters_block(&voters, author, (struct jt_slice){ NULL, 0 }, parents, &b, &object, &error);
	is_int(hear(author, jt_buf_slice(&object)), JT_OK, "v%u's block is taken", (unsigned)author + 1);
	*ref = b.ref;
	jt_buf_free(&object);
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "v1", "v2", "v3", "v4" };
	struct jt_member_terms terms = { .me = 0, .voter = jt_voter_usual, .nonce = 1 };
	enum jt_log_state state;
	struct jt_log *log = NULL;
	struct jt_ref ref;
	long before;

	if (!jt_crypto_init())
		return 71;
	random_start(argc, argv);
	tempdir_make();
	voters_make(&voters, N, 2);
	terms.electorate = voters.el;
	terms.secret = voters.secret[0];
	for (uint32_t i = 0; i < N; i++)
		terms.names[i] = jt_slice_text(names[i]);
	terms.voter.suspended_bytes = 4 << 20;
	is_int(jt_log_open(tempdir_path("vote"), voters.el.network, voters.el.keys[0], &log, &state,
	    &error), JT_OK, "a log");
	member = jt_member_new(&terms, log, false, &ops, NULL, &error);
	is_int(jt_member_start(member, &error), JT_OK, "a member");
	before = allocated();

	for (uint32_t i = 0; i < FLOOD; i++)
		flood_block(2 + i % 60, true);
	ok(jt_voter_suspended(jt_member_voter(member)) <= JT_SUSPENDED_MAX,
	    "of %d blocks without ancestors %zu wait", FLOOD,
	    jt_voter_suspended(jt_member_voter(member)));
	ok(allocated() - before < 24 << 10, "memory grew by %ld KiB, they were %d", allocated() - before,
	    FLOOD * (ITEM >> 10));
	ok(log_size() < 256, "and the log is of %ld KiB", log_size());

	before = allocated();
	for (uint32_t i = 0; i < FLOOD; i++)
		flood_block(1, false);
	ok(allocated() - before < 24 << 10, "%d twins of one round: memory grew by %ld KiB", FLOOD,
	    allocated() - before);
	ok(log_size() < 512, "and the log is of %ld KiB", log_size());

	before = allocated();
	for (uint32_t i = 0; i < FLOOD; i++)
		flood_block(1000000 + i, true);
	ok(allocated() - before < 8 << 10, "%d blocks of rounds far ahead: memory grew by %ld KiB",
	    FLOOD, allocated() - before);

	/* The others are heard, all the same. */
	honest_block(1, &ref);
	honest_block(2, &ref);
	ok(jt_voter_holds(jt_member_voter(member), ref.id), "and are in the graph");
	jt_member_free(member);
	return done_testing();
}
