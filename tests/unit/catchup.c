/*
 * Voters that were away: thousands of rounds behind, or with their logs lost.
 */
#include "net.h"

static struct net net;

static void
start(uint32_t n)
{
	net_start(&net, n);
	for (uint32_t i = 0; i < n; i++)
		net_up(&net, i, 0);
}

struct absence {
	uint32_t n;
	const char *what;
	bool dead, busy, slow; /* another one dies; there is work all the time; one is slow */
};

/* The last one is away for 5,000 rounds. What it costs is what it missed. */
static void
test_far_behind(const struct absence *t)
{
	enum { ROUNDS = 5000 };
	uint32_t d = t->n - 1;
	struct net_voter *late = &net.voters[d];
	uint64_t blocks;

	start(t->n);
	net_run(&net, 0, 20);
	net_down(&net, d);
	net_run(&net, 0, ROUNDS / 2);
	if (t->dead)
		net_down(&net, 1);
	net_run(&net, 0, ROUNDS);
	blocks = net.block_count - late->log_count;
	late->got_blocks = late->got_hellos = late->sent_gets = 0;
	late->most_suspended = late->most_blocks = 0;
	net.voters[2].slow = t->slow ? 10 : 0;
	net_up(&net, d, 0);
	net_run(&net, 0, t->busy ? ROUNDS + 500 : 0);
	blocks += t->busy ? net.block_count - blocks : 0;
	ok(net_agree(&net, 0, d), "%s: one is %d rounds behind, and catches up", t->what, ROUNDS);
	printf("# %ju blocks for %ju, %ju hellos, %ju gets, %zu suspended, %zu in the graph\n",
	    (uintmax_t)late->got_blocks, (uintmax_t)blocks, (uintmax_t)late->got_hellos,
	    (uintmax_t)late->sent_gets, late->most_suspended, late->most_blocks);
	ok(late->got_blocks <= 3 * blocks, "  each block comes once or twice");
	ok(late->got_hellos <= t->n * (ROUNDS / JT_BURST + 60), "  a hello for so many of them");
	ok(late->most_suspended <= 4 * t->n * JT_BURST, "  few wait at a time");
	ok(late->most_blocks <= t->n * (JT_DEPTH + 2 * JT_AHEAD),
	    "  nor is the graph bigger than another");
	ok(!late->twice, "  it makes no second block of a round");
	net.voters[2].slow = 0;
	net_run(&net, d, late->made + 10);
	ok(net_agree(&net, 0, d), "  and votes again");
	net_end(&net);
}

/* Nobody heard what it said last. It is up to date, and goes one round further. */
static void
test_lost(void)
{
	struct net_voter *d = &net.voters[3];

	for (int wrong = 0; wrong < 2; wrong++) {
		start(4);
		d->terms.without = wrong ? 1U << JT_NO_FLOOR : 0;
		net_run(&net, 0, 30);
		d->unheard = true;
		net_run(&net, 0, 60);
		net_give(&net, 3);
		net_down(&net, 3);
		d->unheard = false;
		net_up(&net, 3, 7);
		net_give(&net, 3);
		net_run(&net, 0, wrong ? 0 : 70);
		ok(d->twice == wrong, "the log is lost: %s", wrong ?
		    "above the blocks that others have seen it makes some a second time" :
		    "two rounds above everything it makes none a second time");
		if (wrong) {
			net_end(&net);
			continue;
		}
		ok(d->found >= 60 && d->made >= d->found, "  but others, from round %u on", d->found);
		ok(net_agree(&net, 0, 3), "  and agrees");
		net_end(&net);
	}
}

/* Nobody has work: others make the rounds that it may not make itself. */
static void
test_lost_when_idle(void)
{
	struct net_voter *d = &net.voters[3];
	uint64_t cuts;

	start(4);
	net_run(&net, 0, 30);
	cuts = net.voters[0].cuts;
	net_down(&net, 3);
	net_up(&net, 3, 7);
	net_run(&net, 0, 0);
	ok(d->found > 0 && d->made >= d->found && jt_voter_remembers(d->voter),
	    "all are idle: it votes again all the same, and others can count on it");
	net_give(&net, 3);
	net_run(&net, 0, 0);
	ok(net.voters[0].cuts > cuts && net_agree(&net, 0, 3), "  and what it was given is in a ledger");
	net_end(&net);
}

static void
test_lost_waits(void)
{
	struct net_voter *d = &net.voters[3];
	struct jt_hello h = { .answer = true, .nonce = 6 };
	struct jt_error e;

	start(4);
	net_run(&net, 0, 30);
	net_down(&net, 3);
	net_down(&net, 2);
	net_up(&net, 3, 7);
	net_run(&net, 0, 0);
	ok(jt_voter_is_lost(d->voter), "with another one dead it waits");
	h.last = jt_voter_dag(net.voters[0].voter)->latest[0]->ref;
	jt_voter_hello(d->voter, 2, &h, &e);
	ok(jt_voter_is_lost(d->voter), "  an answer to an earlier start does not count");
	net_up(&net, 2, 8);
	net_run(&net, 0, 0);
	ok(jt_voter_is_lost(d->voter), "  nor does one whose own log was lost");
	net_end(&net);

	start(4);
	net_run(&net, 0, 30);
	net_down(&net, 3);
	net_down(&net, 2);
	net_up(&net, 3, 7);
	net_run(&net, 0, 0);
	net_up(&net, 2, 0);
	net_run(&net, 0, 0);
	ok(!jt_voter_is_lost(d->voter), "until that one comes back");
	net_end(&net);
}

/*
 * One peer alone hands over one block, whose cone is more than there is room for:
 * what was dropped is asked for again.
 */
static void
test_little_room(void)
{
	enum { N = 7, MISSED = 45 };
	struct net_voter *d = &net.voters[N - 1], *b = &net.voters[1];
	struct jt_error e;

	start(N);
	net_run(&net, 0, 10);
	for (uint32_t i = 0; i < N; i++)
		net.links[i][N - 1].held = net.links[N - 1][i].held = true;
	net_run(&net, 0, d->made + MISSED);
	for (uint32_t i = 0; i < N; i++) {
		net_cut_link(&net, i, N - 1);
		net_cut_link(&net, N - 1, i);
	}
	net.links[1][N - 1].held = net.links[N - 1][1].held = false;
	d->most_suspended = 0;
	net_check(jt_voter_block(d->voter, 1, &net.blocks[b->own[b->own_count - 1]].block, &e), &e);
	net_run(&net, 0, 0);
	ok(d->most_suspended == JT_SUSPENDED_MAX, "more blocks wait than there is room for");
	is_int(jt_voter_suspended(d->voter), 0, "  and all have come in the end");
	ok(jt_voter_dag(d->voter)->high >= b->made && d->delivered > 50 * N, "  to the newest round");
	/* The other links are made anew. */
	for (uint32_t i = 0; i < N - 1; i++) {
		net.links[i][N - 1].held = net.links[N - 1][i].held = false;
		net_check(jt_voter_peer(d->voter, i, true, &e), &e);
		net_check(jt_voter_peer(net.voters[i].voter, N - 1, true, &e), &e);
	}
	net_run(&net, N - 1, b->made + 10);
	ok(net_agree(&net, 0, N - 1), "  it votes again, and agrees");
	net_end(&net);
}

int
main(void)
{
	static const struct absence absences[] = {
		{ 4, "4 voters", false, false, false },
		{ 4, "4 voters who go on", false, true, false },
		{ 7, "7 voters, one dead", true, false, false },
		{ 7, "7 voters who go on, one dead", true, true, false },
		{ 4, "4 voters, one slow", false, false, true },
		{ 7, "7 voters who go on, one dead and one slow", true, true, true },
	};

	for (size_t i = 0; i < sizeof absences / sizeof absences[0]; i++)
		test_far_behind(&absences[i]);
	test_little_room();
	test_lost();
	test_lost_when_idle();
	test_lost_waits();
	return done_testing();
}
