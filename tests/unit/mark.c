/*
 * Marks: beginning again from one is the same as from the first block on, and
 * what no voter wrote is refused.
 */
#include "net.h"
#include "vote/mark.h"

static struct net net;
static struct jt_error error;

/* A voter and where it stood when a mark was taken. */
struct taken {
	struct jt_buf object;
	uint64_t delivered, cuts, decided;
	uint8_t history[JT_HASH];
};

static void
take(struct taken *t, uint32_t i)
{
	const struct net_voter *a = &net.voters[i];
	struct jt_mark m;

	*t = (struct taken){ .delivered = a->delivered, .cuts = a->cuts, .decided = a->decided };
	memcpy(t->history, a->history, sizeof t->history);
	jt_buf_init(&t->object, JT_OBJECT_MAX);
	net_check(jt_voter_mark(a->voter, &m, &error), &error);
	net_check(jt_kind_write(&jt_kind_mark, &m, &t->object, &error), &error);
}

/* Give a new voter the mark, and count its log as what was after it. */
static void
read_mark(const struct taken *t, struct jt_mark *m, msgpack_zone *zone)
{
	struct jt_object o;

	net_check(jt_object_parse(jt_buf_slice(&t->object), &o, &error), &error);
	net_check(jt_kind_read(&jt_kind_mark, &o, m, zone, &error), &error);
}

/* From a mark and its log, whose blocks at or below the horizon are gone. */
static uint32_t
begin_at(const struct taken *t, uint32_t i)
{
	static const uint8_t seed[JT_HASH] = { 3 };
	struct net_voter *a = &net.voters[i];
	uint32_t skipped = 0;
	msgpack_zone zone;
	struct jt_mark m;

	net_down(&net, i);
	a->delivered = t->delivered;
	a->decided = t->decided;
	a->cuts = t->cuts;
	memcpy(a->history, t->history, sizeof a->history);
	if ((a->voter = jt_voter_new(net.n, i, seed, &a->terms, &net_ops, a)) == NULL ||
	    !msgpack_zone_init(&zone, 4096))
		net_stop("no voter");
	read_mark(t, &m, &zone);
	net_check(jt_voter_restore_mark(a->voter, &m, &error), &error);
	for (uint32_t k = 0; k < a->log_count; k++) {
		const struct jt_block *b = &net.blocks[a->log[k]].block;
		if (b->ref.round > m.low)
			net_check(jt_voter_restore(a->voter, b, &error), &error);
		else
			skipped++;
	}
	msgpack_zone_destroy(&zone);
	net_check(jt_voter_resume(a->voter, &error), &error);
	return skipped;
}

/* The same whichever mark it begins with. */
static void
test_every_mark(void)
{
	enum { MARKS = 240 };
	static struct taken marks[MARKS];
	uint32_t good = 0, skipped = 0;

	net_start(&net, 4);
	for (uint32_t i = 0; i < 4; i++)
		net_up(&net, i, 0);
	/* In the middle of things: with work, and messages under way. */
	net.voters[1].slow = 3;
	for (uint32_t k = 0; k < MARKS; k++) {
		for (uint32_t i = 0; i < 1 + k % 5; i++) {
			if (i == k % 3)
				net_give(&net, k % 4);
			net_step(&net);
		}
		take(&marks[k], 2);
	}
	net.voters[1].slow = 0;
	net_run(&net, 0, net.voters[0].made + 5);
	ok(jt_voter_dag(net.voters[2].voter)->low > 100, "the horizon has moved");
	for (uint32_t k = 0; k < MARKS; k++) {
		skipped += begin_at(&marks[k], 2);
		good += net_agree(&net, 2, 0);
	}
	is_int(good, MARKS, "from each of %d marks on the same follows", MARKS);
	ok(skipped > 50 * MARKS, "most of the log is not needed for it");
	for (uint32_t k = 0; k < net.n; k++)
		if (k != 2)
			net_check(jt_voter_peer(net.voters[k].voter, 2, true, &error), &error);
	net_run(&net, 2, net.voters[2].made + 70);
	ok(net_agree(&net, 2, 0) && !net.voters[2].twice, "  and it votes again");
	for (uint32_t k = 0; k < MARKS; k++)
		jt_buf_free(&marks[k].object);
	net_end(&net);
}

static void
restore_part(const char *why, const struct jt_mark *m, uint32_t leave_out, const char *want)
{
	static const uint8_t seed[JT_HASH] = { 3 };
	const struct net_voter *a = &net.voters[2];
	struct jt_voter *v = jt_voter_new(4, 2, seed, &a->terms, &net_ops, &net.voters[3]);
	enum jt_err err = jt_voter_restore_mark(v, m, &error);

	for (uint32_t k = 0; k < a->log_count && err == JT_OK; k++)
		if (k < a->log_count - leave_out)
			err = jt_voter_restore(v, &net.blocks[a->log[k]].block, &error);
	if (err == JT_OK)
		err = jt_voter_resume(v, &error);
	is_int(err, JT_MALFORMED, "%s", why);
	is_text(error.text, want, "  says so");
	jt_voter_free(v);
}

static void
test_refused(void)
{
	static const char contradicts[] = "the mark contradicts itself, or is of another voter";
	struct jt_mark_ref *leader;
	struct taken t;
	struct jt_mark m, bad;
	msgpack_zone zone;
	uint64_t round;
	uint32_t hole;

	net_start(&net, 4);
	for (uint32_t i = 0; i < 4; i++)
		net_up(&net, i, 0);
	net_run(&net, 0, 100);
	take(&t, 2);
	if (!msgpack_zone_init(&zone, 4096))
		net_stop("no memory");
	read_mark(&t, &m, &zone);
	net_down(&net, 3);
	restore_part("a log without the last leader", &m, 60,
	    "the log lacks a leader that its mark names");
	bad = m;
	bad.low++;
	restore_part("another horizon", &bad, 0, contradicts);
	bad = m;
	bad.round = 0;
	restore_part("no round", &bad, 0, contradicts);
	bad = m;
	bad.slot = 1;
	restore_part("more slots than there are", &bad, 0, contradicts);
	bad = m;
	bad.last.author = 1;
	restore_part("another voter's", &bad, 0, contradicts);
	bad = m;
	bad.round = bad.leader - 1;
	restore_part("a leader that is not decided", &bad, 0, contradicts);
	leader = m.leaders.items;
	round = leader->round;
	leader->round = m.low;
	restore_part("a leader below the horizon", &m, 0, contradicts);
	leader->round = round;
	leader->author = 4;
	restore_part("a leader who is no voter", &m, 0, contradicts);
	leader->author = 0;
	bad = (struct jt_mark){ .round = 1 };
	hole = net.voters[2].log[50];
	net.voters[2].log[50] = net.voters[2].log[60];
	restore_part("a log that lacks what an own block is on", &bad, 0,
	    "the log lacks an ancestor of one's own block of round 14");
	net.voters[2].log[50] = hole;
	msgpack_zone_destroy(&zone);
	jt_buf_free(&t.object);
	net_end(&net);
}

int
main(void)
{
	test_every_mark();
	test_refused();
	return done_testing();
}
