/*
 * What jt-submit has on its way, against a ledger that is a model: payments of
 * several accounts in any order, a server that loses, refuses, is busy, and
 * closes the connection. None is ever sent that could become void by another
 * of its account that goes first, and in the end all are done.
 */
#include <stdlib.h>

#include "outbox.h"
#include "random.h"
#include "tap.h"

enum { ACCOUNTS = 5, PER_ACCOUNT = 300, RESEND = 1000, STEPS = 400000 };

/* As the ledger has an account: the highest number used, and which are. */
struct account {
	uint64_t highest;
	bool used[PER_ACCOUNT + 2 * JT_SEQ_WINDOW];
};
static struct account accounts[ACCOUNTS];
static struct outbox box;
static uint64_t now = 1;
static uint32_t done, sent;
static bool window_kept = true, limit_kept = true, none_void = true;

static void
name(uint8_t id[JT_HASH], uint32_t account, uint64_t seq)
{
	memset(id, 0, JT_HASH);
	id[0] = (uint8_t)account;
	id[1] = (uint8_t)seq;
	id[2] = (uint8_t)(seq >> 8);
}

static void
add(uint32_t account, uint64_t seq)
{
	struct outbox_new new = { .seq = seq, .object = jt_slice_text("object"), .name = "test" };

	name(new.id, account, seq);
	new.account[0] = (uint8_t)account;
	outbox_add(&box, &new);
}

/* All of them in some order, not too far from their own. */
static void
fill(void)
{
	uint64_t order[ACCOUNTS * PER_ACCOUNT];
	size_t n = 0;

	for (uint64_t seq = 1; seq <= PER_ACCOUNT; seq++)
		for (uint64_t a = 0; a < ACCOUNTS; a++)
			order[n++] = a << 32 | seq;
	for (size_t i = 0; i < n; i++) {
		size_t k = i + random_below(n - i);
		uint64_t swap = order[i];

		order[i] = order[k];
		order[k] = swap;
		add((uint32_t)(order[i] >> 32), order[i] & 0xffffffff);
	}
}

static void
apply(struct outbox_item *item)
{
	struct account *a = &accounts[item->id[0]];
	uint64_t seq = item->seq;

	if (!a->used[seq] && (seq + JT_SEQ_WINDOW <= a->highest))
		none_void = false;
	if (!a->used[seq] && seq > a->highest + JT_SEQ_WINDOW) {
		outbox_refused(&box, item, JT_CODE_SEQ_AHEAD, jt_slice_text("ahead"), now);
		return;
	}
	a->used[seq] = true;
	a->highest = seq > a->highest ? seq : a->highest;
	if (random_below(20) == 0)
		return; /* applied, but the result is lost: it is sent again */
	done += item->times;
	outbox_remove(&box, item);
}

static struct outbox_item *
some_sent(void)
{
	struct outbox_item *item, *found = NULL;
	uint64_t skip = random_below(20);

	JT_CHAIN_EACH(item, &box.sent, in_queue) {
		found = item;
		if (skip-- == 0)
			break;
	}
	return found;
}

static void
send_one(void)
{
	struct outbox_item *item = outbox_next(&box, now), *lowest;

	if (item == NULL)
		return;
	sent++;
	lowest = JT_CHAIN_FIRST(&item->account->items, struct outbox_item, by_seq);
	window_kept = window_kept && item->seq - lowest->seq < JT_SEQ_WINDOW;
	limit_kept = limit_kept && box.sent_count <= box.limit && box.limit <= OUTBOX_SENT_MAX;
}

static void
step(void)
{
	struct outbox_item *item;

	now += random_below(3);
	if (random_below(2000) == 0)
		outbox_again(&box);
	send_one();
	if ((item = some_sent()) == NULL)
		return;
	switch (random_below(8)) {
	case 0:
		outbox_refused(&box, item, JT_CODE_OK, jt_slice_text("busy"), now);
		break;
	case 1:
		outbox_refused(&box, item, JT_CODE_NO_ACCOUNT, jt_slice_text("later"), now);
		break;
	case 2:
		outbox_doubt(&box, item, JT_CODE_SEQ_USED, jt_slice_text("used"));
		if (random_below(2) == 0)
			outbox_retry(&box, item);
		else
			outbox_refused(&box, item, JT_CODE_SEQ_USED, jt_slice_text("used"), now);
		break;
	case 3:
		outbox_accepted(&box, item, now);
		break;
	case 4:
		break;
	default:
		apply(item);
	}
}

static void
test_run(void)
{
	uint32_t steps = 0;

	outbox_open(&box, RESEND);
	fill();
	while (box.count > 0 && steps < STEPS) {
		step();
		steps++;
		if (outbox_wait(&box, now) > 0 && box.sent_count == 0)
			now += (uint64_t)outbox_wait(&box, now);
	}
	ok(window_kept, "within the window of what has no result");
	ok(limit_kept, "no more on the way than the limit");
	ok(none_void, "none became void by another of its account");
	is_int(box.count, 0, "all are done, with %u sendings", sent);
	is_int(done, ACCOUNTS * PER_ACCOUNT, "each once");
	outbox_close(&box);
}

static void
test_small(void)
{
	struct outbox_item *item, *other;

	now = 1;
	outbox_open(&box, RESEND);
	is_int(outbox_wait(&box, now), -1, "nothing to do");
	add(1, 5);
	add(1, 5);
	is_int(box.count, 1, "the same twice is one");
	item = outbox_next(&box, now);
	is_int(item->times, 2, "and counted");
	ok(outbox_next(&box, now) == NULL, "it is sent once");
	is_int(outbox_wait(&box, now), RESEND, "and again after a time");
	now += RESEND;
	ok(outbox_next(&box, now) == item, "it is");
	add(1, 69);
	add(1, 68);
	other = outbox_next(&box, now);
	is_int(other->seq, 68, "the one in the window");
	ok(outbox_next(&box, now) == NULL, "not the one outside");
	outbox_remove(&box, item);
	item = outbox_next(&box, now);
	is_int(item->seq, 69, "until it moves");
	outbox_refused(&box, item, JT_CODE_NO_FEE, jt_slice_text("poor"), now);
	is_int(item->code, JT_CODE_NO_FEE, "why is kept");
	is_text(item->why, "poor", "in words");
	outbox_refused(&box, item, JT_CODE_NO_FEE, jt_slice_text(item->why), now);
	is_text(item->why, "poor", "also when they are said again");
	item->refusals = 0;
	ok(outbox_next(&box, now) == NULL, "refused: not at once");
	ok(outbox_next(&box, now + 200) == item, "but a little later");
	outbox_close(&box);
	outbox_open(&box, RESEND);
	for (uint64_t i = 0; i < 40; i++)
		add((uint32_t)i, 1);
	box.limit = 20;
	for (int i = 0; i < 20; i++)
		item = outbox_next(&box, now);
	ok(outbox_next(&box, now) == NULL, "so many on the way");
	outbox_refused(&box, item, JT_CODE_OK, jt_slice_text(""), now);
	is_int(box.limit, 20, "a busy server: but not below the least");
	box.limit = 64;
	outbox_refused(&box, JT_CHAIN_FIRST(&box.sent, struct outbox_item, in_queue), JT_CODE_OK,
	    jt_slice_text(""), now);
	is_int(box.limit, 32, "half of it");
	outbox_accepted(&box, JT_CHAIN_FIRST(&box.sent, struct outbox_item, in_queue), now);
	is_int(box.limit, 33, "accepted: one more");
	outbox_close(&box);
}

static void
test_records(void)
{
	struct outbox_new new = { .seq = 1, .record = true, .object = jt_slice_text("record") };

	outbox_open(&box, RESEND);
	box.records_wait = true;
	outbox_add(&box, &new);
	ok(outbox_next(&box, now) == NULL, "a record waits for a door");
	outbox_start_records(&box);
	ok(outbox_next(&box, now) != NULL, "and goes when that is known");
	outbox_close(&box);
}

int
main(int argc, char **argv)
{
	random_start(argc, argv);
	test_small();
	test_records();
	test_run();
	return done_testing();
}
