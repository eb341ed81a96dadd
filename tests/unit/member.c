/*
 * Members of a vote with real keys, a real coin and real logs on disk, in one
 * process: every message waits until chance delivers it, and members die between
 * any two inputs, or with their last words unsaid. A closer that hashes what it
 * is given stands behind each. What must hold:
 *
 *	- all closers close the same ledgers, and each is certified
 *	- whatever a member said was taken is in a cut, and nothing more often than
 *	  it was given
 *	- no member ever signs two blocks of a round or two headers of a ledger
 *
 * Some lose their logs when they die: one at a time, since it waits for a quorum of
 * others who remember.
 *
 * `member SEED` repeats a run, `member SEED RUNS` makes as many from there.
 */
#include "member/member.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "electorate.h"
#include "member/inner.h"
#include "pipe/pipe.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"

enum { N_MAX = 7, ITEMS_MAX = 240, LEDGERS_MAX = 4096, SEGMENT = 64 << 10 };

struct closer {
	struct jt_hasher part;       /* over what came since the last cut */
	uint64_t cut;
	uint32_t items[ITEMS_MAX * 8], item_count; /* since the last cut */
	uint8_t ids[LEDGERS_MAX][JT_HASH];
	struct jt_buf headers[LEDGERS_MAX];
	bool certified[LEDGERS_MAX];
};
struct node {
	uint32_t me;
	char dir[128];
	struct jt_member *member;
	struct jt_coin coin;
	struct closer closer;
	struct jt_buf out[3];        /* not yet durable, by enum jt_way */
	uint64_t down_until;
	uint32_t deaths, losses;
	bool lost;                   /* it has no log, or has not found out what it said */
};
struct packet {
	uint32_t from, to;
	struct jt_buf body;
};

static struct voters voters;
static uint8_t shares[N_MAX][JT_SCALAR];
static struct node nodes[N_MAX];
static struct packet packets[1 << 16];
static size_t packet_count;
static uint32_t n;
static uint64_t steps, now;
static unsigned notes;             /* that were made, */
static bool may_note;              /* where one lies */
static uint8_t beacons[LEDGERS_MAX][JT_HASH];
static char why[256];
static struct jt_error error;
static uint32_t items;             /* that are given in this run */
static uint32_t segment = SEGMENT; /* bytes */
static uint64_t keep;              /* of others' logs: who lost its own needs them whole */
static uint32_t given_to[ITEMS_MAX], taken[ITEMS_MAX], cut_in[ITEMS_MAX]; /* times */
static struct node *holder[ITEMS_MAX]; /* who has it, and did not say that it took it */
static struct node *taker[ITEMS_MAX];  /* who said so last */
static struct node *stalled;           /* whose closer stands still */
/* Everything ever said: one block a round, one header a ledger, for each author. */
static uint8_t said_block[N_MAX][1 << 14][JT_HASH], said_header[N_MAX][LEDGERS_MAX][JT_HASH];

static void
broken(const char *fmt, unsigned a, unsigned b)
{
	if (why[0] == '\0')
		snprintf(why, sizeof why, fmt, a, b);
}

static bool
is_tick_like(const struct jt_object *o)
{
	return jt_object_is(o, "took");
}

/* Items are jt/took objects with a number: any kind will do, and this one is small. */
static void
make_item(uint32_t number, struct jt_buf *out)
{
	struct jt_took t = { { 0 } };

	jt_put_be32(t.id, number);
	jt_kind_write(&jt_kind_took, &t, out, &error);
}

/* A polynomial that follows from the run's seed: the dealer knows everything anyway. */
static void
deal(void)
{
	uint32_t t = jt_coin_threshold(n);
	uint8_t coefficient[N_MAX][JT_SCALAR], at[JT_SCALAR];
	struct jt_coin_public *p = &nodes[0].coin.public;

	memset(&nodes[0].coin, 0, sizeof nodes[0].coin);
	p->n = n;
	p->t = t;
	for (uint32_t k = 0; k < t; k++) {
		uint8_t wide[64];
		random_bytes(wide, sizeof wide);
		crypto_core_ristretto255_scalar_reduce(coefficient[k], wide);
	}
	crypto_scalarmult_ristretto255_base(p->key, coefficient[0]);
	for (uint32_t i = 0; i < n; i++) {
		memset(at, 0, sizeof at);
		at[0] = (uint8_t)(i + 1);
		memset(shares[i], 0, JT_SCALAR);
		for (uint32_t k = t; k-- > 0;) {
			crypto_core_ristretto255_scalar_mul(shares[i], shares[i], at);
			crypto_core_ristretto255_scalar_add(shares[i], shares[i], coefficient[k]);
		}
		crypto_scalarmult_ristretto255_base(p->share[i], shares[i]);
	}
	for (uint32_t i = 1; i < n; i++)
		nodes[i].coin = nodes[0].coin;
}

/* ---- what members say ---- */

static void
out(void *ctx, enum jt_way way, struct jt_slice object)
{
	jt_buf_add_slice(&((struct node *)ctx)->out[way], object);
}

static bool
room(void *ctx)
{
	return ((struct node *)ctx)->out[JT_TO_CLOSER].len < 4096;
}

static bool
certificate(void *ctx, uint64_t ledger, struct jt_buf *object)
{
	struct closer *c = &((struct node *)ctx)->closer;

	return ledger < LEDGERS_MAX && c->certified[ledger] && c->headers[ledger].len > 0 &&
	    jt_buf_add_slice(object, jt_buf_slice(&c->headers[ledger]));
}

static void
note(void *ctx, const char *text)
{
	notes++;
	if (!may_note)
		broken("v%u notes something where nobody lies", ((struct node *)ctx)->me + 1, 0);
	printf("# %s\n", text);
}

static void
halt(void *ctx, uint64_t ledger, struct jt_slice evidence, const char *text)
{
	(void)evidence;
	printf("# %s\n", text);
	broken("v%u halts at ledger %u", ((struct node *)ctx)->me + 1, (unsigned)ledger);
}

static const struct jt_member_ops ops = { out, room, certificate, note, halt };

/* Nobody may contradict what was said before, this life or an earlier one. */
static void
hear(uint32_t from, struct jt_slice body)
{
	struct jt_object o = { 0 };
	struct jt_ref ref = { 0 };
	struct jt_ack ack = { .ledger = 0 };
	msgpack_zone zone;

	jt_object_parse(body, &o, &error);
	if (jt_object_is(&o, "block") && jt_block_ref(&o, &ref, &error) == JT_OK &&
	    ref.author == from && ref.round < 1 << 14) {
		uint8_t *id = said_block[from][ref.round];
		if (!jt_hash_is_zero(id) && memcmp(id, ref.id, JT_HASH) != 0)
			broken("v%u made two blocks of round %u", from + 1, ref.round);
		memcpy(id, ref.id, JT_HASH);
	}
	if (jt_object_is(&o, "ack") && msgpack_zone_init(&zone, 1024)) {
		if (jt_kind_read(&jt_kind_ack, &o, &ack, &zone, &error) == JT_OK &&
		    ack.ledger < LEDGERS_MAX) {
			uint8_t *id = said_header[from][ack.ledger];
			if (!jt_hash_is_zero(id) && memcmp(id, ack.header, JT_HASH) != 0)
				broken("v%u signed two headers of ledger %u", from + 1, (unsigned)ack.ledger);
			memcpy(id, ack.header, JT_HASH);
		}
		msgpack_zone_destroy(&zone);
	}
}

static void
post(uint32_t from, struct jt_slice object)
{
	struct jt_object o = { 0 };
	struct jt_msg m = { .body = { NULL, 0 } };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 1024))
		return;
	jt_object_parse(object, &o, &error);
	jt_kind_read(&jt_kind_msg, &o, &m, &zone, &error);
	hear(from, m.body);
	for (uint32_t to = 0; to < n; to++) {
		struct packet *p;
		char name[16];
		snprintf(name, sizeof name, "v%u", (unsigned)to + 1);
		if (to == from || (m.to.len > 0 && !jt_slice_is(m.to, name)))
			continue;
		if (packet_count == sizeof packets / sizeof *packets) {
			broken("more than %u messages are under way", (unsigned)packet_count, 0);
			break;
		}
		p = &packets[packet_count++];
		*p = (struct packet){ .from = from, .to = to };
		jt_buf_init(&p->body, JT_OBJECT_MAX);
		jt_buf_add_slice(&p->body, m.body);
	}
	msgpack_zone_destroy(&zone);
}

static void take(struct node *x, enum jt_door door, struct jt_slice object);

static void
tell_at(struct node *x)
{
	struct jt_at at = { x->closer.cut, x->closer.cut };
	struct jt_buf b;

	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_at, &at, &b, &error);
	take(x, JT_FROM_CLOSER, jt_buf_slice(&b));
	jt_buf_free(&b);
}

static void
close_cut(struct node *x, const struct jt_object *o)
{
	struct closer *c = &x->closer;
	struct jt_header h = { .epoch = 0 };
	struct jt_cut cut = { .n = 0 };
	struct jt_object made = { 0 };
	struct jt_slice body = { NULL, 0 };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 1024))
		return;
	jt_kind_read(&jt_kind_cut, o, &cut, &zone, &error);
	msgpack_zone_destroy(&zone);
	for (uint32_t i = 0; x->me == 0 && cut.n > c->cut && i < c->item_count; i++)
		if (++cut_in[c->items[i]] > given_to[c->items[i]])
			broken("item %u is in %u cuts", c->items[i], cut_in[c->items[i]]);
	c->item_count = 0;
	if (cut.n <= c->cut) {
		jt_hasher_init(&c->part);
		return;
	}
	if (cut.n != c->cut + 1 || cut.n >= LEDGERS_MAX)
		broken("v%u was given cut %u out of order", x->me + 1, (unsigned)cut.n);
	c->cut = cut.n;
	h.number = cut.n;
	h.time = cut.time;
	memcpy(h.beacon, cut.beacon, JT_HASH);
	memcpy(h.cut, cut.leader, JT_HASH);
	memcpy(h.network, voters.el.network, JT_HASH);
	jt_hasher_end(&c->part, h.state);
	jt_hasher_init(&c->part);
	jt_header_write(&h, NULL, 0, &c->headers[cut.n], &error);
	jt_object_parse(jt_buf_slice(&c->headers[cut.n]), &made, &error);
	jt_signed_body(&made, &body, &error);
	jt_object_hash(c->ids[cut.n], made.kind, made.version, body);
	for (uint32_t i = 0; i < n; i++)
		if (nodes[i].closer.cut >= cut.n &&
		    memcmp(nodes[i].closer.ids[cut.n], c->ids[cut.n], JT_HASH) != 0)
			broken("v%u closed ledger %u differently", x->me + 1, (unsigned)cut.n);
	take(x, JT_FROM_CLOSER, jt_buf_slice(&c->headers[cut.n]));
	tell_at(x);
}

static void
close_header(struct node *x, const struct jt_object *o)
{
	struct jt_header h = { .number = 0 };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 1024))
		return;
	jt_header_decode(o, &h, NULL, &zone, &error);
	msgpack_zone_destroy(&zone);
	if (h.number >= LEDGERS_MAX || h.number > x->closer.cut) {
		broken("v%u certified ledger %u, which it has not closed", x->me + 1, (unsigned)h.number);
		return;
	}
	x->closer.certified[h.number] = true;
	jt_buf_clear(&x->closer.headers[h.number]);
	jt_buf_add_slice(&x->closer.headers[h.number], o->bytes);
}

/* Proven, and the same everywhere. */
static void
close_beacon(struct node *x, const struct jt_object *o)
{
	struct jt_beacon b = { .ledger = 0 };
	msgpack_zone zone;

	if (!msgpack_zone_init(&zone, 1024))
		return;
	if (jt_beacon_check(o, voters.el.network, 0, &x->coin.public, &b, &zone, &error) != JT_OK ||
	    b.ledger >= LEDGERS_MAX)
		broken("v%u released a beacon of ledger %u that is none", x->me + 1, (unsigned)b.ledger);
	else if (!jt_hash_is_zero(beacons[b.ledger]) &&
	    memcmp(beacons[b.ledger], b.value, JT_HASH) != 0)
		broken("v%u released another beacon of ledger %u", x->me + 1, (unsigned)b.ledger);
	else
		memcpy(beacons[b.ledger], b.value, JT_HASH);
	msgpack_zone_destroy(&zone);
}

static void
close_object(struct node *x, struct jt_slice object)
{
	struct jt_object o = { 0 };

	jt_object_parse(object, &o, &error);
	if (jt_object_is(&o, "cut"))
		close_cut(x, &o);
	else if (jt_object_is(&o, "header"))
		close_header(x, &o);
	else if (jt_object_is(&o, "beacon"))
		close_beacon(x, &o);
	else {
		jt_hasher_add(&x->closer.part, object.data, object.len);
		if (jt_object_is(&o, "took") && x->closer.item_count < ITEMS_MAX * 8)
			x->closer.items[x->closer.item_count++] =
			    jt_get_be32(o.payload.data + o.payload.len - JT_HASH);
	}
}

static void
note_taken(struct node *x, struct jt_slice object)
{
	uint32_t item = jt_get_be32(object.data + object.len - JT_HASH);

	taken[item]++;
	taker[item] = x;
}

/* Make durable, then say: to the queue, to the closer, to the door. */
static void
say(struct node *x)
{
	struct jt_buf list[3];
	size_t size;

	if (jt_member_feed(x->member, &error) != JT_OK || jt_member_sync(x->member, &error) != JT_OK) {
		printf("# %s\n", error.text);
		broken("v%u cannot go on", x->me + 1, 0);
		return;
	}
	for (int way = 0; way < 3; way++) {
		jt_buf_init(&list[way], SIZE_MAX / 2);
		if (way == JT_TO_CLOSER && x == stalled)
			continue;
		list[way] = x->out[way];
		jt_buf_init(&x->out[way], SIZE_MAX / 2);
	}
	for (int way = 0; way < 3; way++)
		for (size_t at = 0; at < list[way].len; at += size) {
			struct jt_slice one = { list[way].data + at, list[way].len - at };
			jt_object_size(one, &size, &error);
			one.len = size;
			if (way == JT_TO_PEERS)
				post(x->me, one);
			else if (way == JT_TO_DOOR)
				note_taken(x, one);
			else
				close_object(x, one);
		}
	for (int way = 0; way < 3; way++)
		jt_buf_free(&list[way]);
}

static void
take(struct node *x, enum jt_door door, struct jt_slice object)
{
	struct jt_object o = { 0 };
	uint8_t id[JT_HASH] = { 0 };

	jt_object_parse(object, &o, &error);
	if (door == JT_FROM_CLIENTS)
		memcpy(id, object.data + object.len - JT_HASH, JT_HASH);
	if (jt_member_take(x->member, door, &o, id, &error) != JT_OK) {
		printf("# %s\n", error.text);
		broken("v%u refuses what a correct one sent", x->me + 1, 0);
	}
}

/* ---- life and death ---- */

static void
tick(struct node *x)
{
	struct jt_tick t = { now };
	struct jt_buf b;

	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_tick, &t, &b, &error);
	take(x, JT_FROM_PEERS, jt_buf_slice(&b));
	jt_buf_free(&b);
}

static void
start(struct node *x)
{
	static char names[N_MAX][8];
	struct jt_member_terms terms = { .electorate = voters.el, .me = x->me,
		.secret = voters.secret[x->me], .coin = &x->coin, .share = shares[x->me],
		.voter = jt_voter_usual, .nonce = 1, .keep = keep };
	enum jt_log_state state = JT_LOG_NONE;
	struct jt_log *log = NULL;
	char path[160];

	for (uint32_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "v%u", (unsigned)i + 1);
		terms.names[i] = jt_slice_text(names[i]);
	}
	terms.voter.burst = JT_MEMBER_BURST;
	terms.voter.order.interval = 5;
	snprintf(path, sizeof path, "%s/vote", x->dir);
	if (jt_log_open(path, voters.el.network, voters.el.keys[x->me], &log, &state, &error) != JT_OK) {
		printf("# %s\n", error.text);
		broken("v%u cannot open its log", x->me + 1, 0);
		return;
	}
	jt_log_segment(log, segment);
	for (int way = 0; way < 3; way++)
		jt_buf_clear(&x->out[way]);
	jt_hasher_init(&x->closer.part);
	x->closer.item_count = 0;
	if (state == JT_LOG_FOREIGN || (state == JT_LOG_NONE) > x->lost)
		broken("v%u begins with another log than it left", x->me + 1, 0);
	x->member = jt_member_new(&terms, log, state != JT_LOG_GOOD, &ops, x, &error);
	if (x->member == NULL) {
		printf("# %s\n", error.text);
		broken("v%u cannot begin again", x->me + 1, 0);
		return;
	}
	tick(x);
	if (jt_member_start(x->member, &error) != JT_OK)
		broken("v%u cannot start", x->me + 1, 0);
	tell_at(x);
	for (uint64_t i = 1; i <= x->closer.cut; i++)
		if (!x->closer.certified[i])
			take(x, JT_FROM_CLOSER, jt_buf_slice(&x->closer.headers[i]));
	say(x);
}

/* Its log goes, and what it took with it, unless that is in a cut. */
static void
lose_log(struct node *x)
{
	char path[160], to[192];

	for (uint32_t i = 0; i < n; i++) {
		if (nodes[i].lost && nodes[i].member != NULL &&
		    jt_voter_remembers(jt_member_voter(nodes[i].member)))
			nodes[i].lost = false;
		if (nodes[i].lost && &nodes[i] != x)
			return; /* one at a time */
	}
	x->lost = true;
	x->losses++;
	snprintf(path, sizeof path, "%s/vote", x->dir);
	snprintf(to, sizeof to, "%s/lost-%u", x->dir, (unsigned)x->losses);
	rename(path, to);
	for (uint32_t i = 0; i < items; i++)
		if (taker[i] == x && cut_in[i] == 0)
			taken[i] = 0;
}

/* The closer's newest certificates may not have been durable; its headers are. */
static void
lose_certificates(struct closer *c)
{
	for (uint64_t k = c->cut, low = k - random_below(4) % (k + 1); k > low; k--) {
		struct jt_object o = { 0 };
		struct jt_slice body = { NULL, 0 };
		struct jt_buf plain;

		jt_buf_init(&plain, JT_OBJECT_MAX);
		jt_object_parse(jt_buf_slice(&c->headers[k]), &o, &error);
		jt_signed_body(&o, &body, &error);
		jt_signed_write(&plain, o.kind, o.version, body, NULL, 0, &error);
		jt_buf_free(&c->headers[k]);
		c->headers[k] = plain;
		c->certified[k] = false;
	}
}

/* What was handed out and not synced was never said. */
static void
die(struct node *x)
{
	struct jt_error e;

	/* Some die when all is durable, and nothing of it is said. */
	if (random_below(3) == 0)
		jt_member_sync(x->member, &e);
	jt_member_free(x->member);
	x->member = NULL;
	x->deaths++;
	if (n >= 4 && random_below(4) == 0)
		lose_log(x);
	for (uint32_t i = 0; i < items; i++)
		if (holder[i] == x)
			holder[i] = NULL; /* the client will give it again */
	x->down_until = steps + random_below(400);
	for (size_t i = 0; i < packet_count;) {
		if (packets[i].to != x->me && (packets[i].from != x->me || random_below(2) == 0)) {
			i++;
			continue;
		}
		jt_buf_free(&packets[i].body);
		packets[i] = packets[--packet_count];
	}
}

static void
deliver(size_t at)
{
	struct packet p = packets[at];
	struct node *x = &nodes[p.to];
	struct jt_buf msg;
	char name[16];

	packets[at] = packets[--packet_count];
	if (x->member != NULL) {
		jt_buf_init(&msg, JT_OBJECT_MAX);
		snprintf(name, sizeof name, "v%u", (unsigned)p.from + 1);
		jt_msg_write(jt_buf_slice(&p.body), jt_slice_text(name), (struct jt_slice){ NULL, 0 },
		    &msg, &error);
		take(x, JT_FROM_PEERS, jt_buf_slice(&msg));
		jt_buf_free(&msg);
	}
	jt_buf_free(&p.body);
}

/* Up again: everybody hears of it, as from a transport. */
static void
come_back(struct node *x)
{
	for (uint32_t i = 0; i < n; i++) {
		struct jt_peer p = { .state = JT_PEER_UP };
		struct jt_buf b;
		char name[16];
		if (i == x->me || nodes[i].member == NULL)
			continue;
		snprintf(name, sizeof name, "v%u", (unsigned)x->me + 1);
		p.name = jt_slice_text(name);
		jt_buf_init(&b, 1024);
		jt_kind_write(&jt_kind_peer, &p, &b, &error);
		take(&nodes[i], JT_FROM_PEERS, jt_buf_slice(&b));
		jt_buf_free(&b);
		say(&nodes[i]);
	}
}

static bool
all_done(uint32_t given)
{
	uint64_t cut = nodes[0].closer.cut;

	for (uint32_t i = 0; i < given; i++)
		if (taken[i] == 0 || cut_in[i] == 0)
			return false;
	for (uint32_t i = 0; i < n; i++) {
		if (nodes[i].member == NULL || nodes[i].closer.cut != cut)
			return false;
		for (uint64_t k = 1; k <= cut; k++)
			if (!nodes[i].closer.certified[k])
				return false;
	}
	return given == items;
}

static void
give_item(struct node *x, uint32_t number)
{
	struct jt_buf b;

	jt_buf_init(&b, 1024);
	make_item(number, &b);
	holder[number] = x;
	given_to[number]++;
	take(x, JT_FROM_CLIENTS, jt_buf_slice(&b));
	jt_buf_free(&b);
}

/* A new item, or one whose holder died before it said that it took it. */
static void
give(struct node *x, uint32_t *given)
{
	uint32_t number = *given;

	for (uint32_t i = 0; i < *given; i++)
		if (taken[i] == 0 && holder[i] == NULL)
			number = i;
	if (number == items || random_below(30) != 0)
		return;
	*given += number == *given;
	give_item(x, number);
}

static void
step(uint32_t *given, bool deadly)
{
	struct node *x = &nodes[random_below(n)];

	steps++;
	now += random_below(4) == 0;
	for (uint32_t i = 0; i < n; i++)
		if (nodes[i].member == NULL && nodes[i].down_until <= steps) {
			start(&nodes[i]);
			come_back(&nodes[i]);
		}
	if (x->member == NULL)
		return;
	if (random_below(8) == 0)
		tick(x);
	give(x, given);
	if (packet_count > 0)
		deliver(random_below(packet_count));
	/* Who has lost its log is in danger until it knows what it said. */
	if (deadly && x->member != NULL && random_below(x->lost ? 40 : 300) == 0) {
		die(x);
		lose_certificates(&x->closer);
	}
	for (uint32_t i = 0; i < n; i++)
		if (nodes[i].member != NULL)
			say(&nodes[i]);
}

static void
clean_up(void)
{
	for (uint32_t i = 0; i < n; i++) {
		jt_member_free(nodes[i].member);
		for (int way = 0; way < 3; way++)
			jt_buf_free(&nodes[i].out[way]);
		for (size_t k = 0; k < LEDGERS_MAX; k++)
			jt_buf_free(&nodes[i].closer.headers[k]);
	}
	for (size_t i = 0; i < packet_count; i++)
		jt_buf_free(&packets[i].body);
	packet_count = 0;
}

static void
set_up(unsigned run, uint32_t voters_count)
{
	memset(nodes, 0, sizeof nodes);
	memset(given_to, 0, sizeof given_to);
	memset(holder, 0, sizeof holder);
	memset(taker, 0, sizeof taker);
	memset(taken, 0, sizeof taken);
	memset(cut_in, 0, sizeof cut_in);
	memset(said_block, 0, sizeof said_block);
	memset(said_header, 0, sizeof said_header);
	memset(beacons, 0, sizeof beacons);
	why[0] = '\0';
	steps = 0;
	now = 1000000;
	n = voters_count;
	voters_make(&voters, n, 7);
	voters.el.is_payload = is_tick_like;
	deal();
	for (uint32_t i = 0; i < n; i++) {
		struct jt_error e;
		struct jt_log *log = NULL;
		enum jt_log_state state;
		char path[160];
		nodes[i].me = i;
		for (int way = 0; way < 3; way++)
			jt_buf_init(&nodes[i].out[way], SIZE_MAX / 2);
		for (size_t k = 0; k < LEDGERS_MAX; k++)
			jt_buf_init(&nodes[i].closer.headers[k], JT_OBJECT_MAX);
		snprintf(nodes[i].dir, sizeof nodes[i].dir, "%s/%u-%u", tempdir, run, (unsigned)i);
		mkdir(nodes[i].dir, 0755);
		snprintf(path, sizeof path, "%s/vote", nodes[i].dir);
		jt_log_open(path, voters.el.network, voters.el.keys[i], &log, &state, &e);
		jt_log_sync(log, &e);
		jt_log_close(log);
	}
	for (uint32_t i = 0; i < n; i++)
		start(&nodes[i]);
}

static void
run(unsigned number, uint32_t voters_count, bool deadly)
{
	uint32_t given = 0, deaths = 0, losses = 0;

	set_up(number, voters_count);
	while (why[0] == '\0' && !all_done(given)) {
		if (steps > 8000 * items) {
			broken("not done after %u steps", (unsigned)steps, 0);
			for (uint32_t i = 0; i < n; i++) {
				struct jt_standing_peer peers[N_MAX];
				struct jt_standing s = { .peers = { peers, 0 } };
				if (nodes[i].member != NULL)
					jt_member_look(nodes[i].member, &s);
				printf("# v%u: round %u cut %u closed %u certified %u%s\n", (unsigned)i + 1,
				    (unsigned)s.round, (unsigned)s.decided, (unsigned)s.closed,
				    (unsigned)s.certified, s.lost ? " lost" : "");
			}
			break;
		}
		/* The last items come in peace, so that an end can be reached. */
		step(&given, deadly && given < items - 5);
	}
	for (uint32_t i = 0; i < n; i++)
		deaths += nodes[i].deaths, losses += nodes[i].losses;
	ok(why[0] == '\0', "run %u: %u voters, %u deaths, %u logs lost, %u ledgers, %u steps%s%s",
	    number, (unsigned)n, (unsigned)deaths, (unsigned)losses, (unsigned)nodes[0].closer.cut, (unsigned)steps,
	    why[0] ? ": " : "", why);
	clean_up();
}

/*
 * What a member that begins again knows to be certified is all that its closer does not
 * say again: others fill it in from there.
 */
static void
test_certified(void)
{
	struct jt_standing_peer peers[N_MAX];
	struct jt_standing s = { .peers = { peers, 0 } };
	struct node *x = &nodes[0];
	struct jt_header h = { .number = 50 };

	set_up(99, 4);
	memcpy(h.network, voters.el.network, JT_HASH);
	memset(x->closer.certified, true, sizeof x->closer.certified);
	jt_header_write(&h, NULL, 0, &x->closer.headers[50], &error);
	x->closer.cut = 50;
	die(x);
	start(x);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 50, "begun again, all is certified that the closer has");
	x->closer.certified[50] = false;
	die(x);
	start(x);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 49, "but what it says again");
	clean_up();
}

/* A step of all, and nobody hears what one says, if it is muted. */
static void
step_all(struct node *muted, uint32_t *given)
{
	struct node *x = &nodes[random_below(n)];

	now += random_below(4) == 0;
	if (x != muted && *given < items && random_below(60) == 0)
		give_item(x, (*given)++);
	if (random_below(8) == 0)
		tick(x);
	if (packet_count > 0)
		deliver(random_below(packet_count));
	for (uint32_t i = 0; i < n; i++)
		say(&nodes[i]);
	for (size_t i = 0; muted != NULL && i < packet_count;) {
		if (packets[i].from != muted->me) {
			i++;
			continue;
		}
		jt_buf_free(&packets[i].body);
		packets[i] = packets[--packet_count];
	}
}

/*
 * Nobody hears of a block until it is behind the horizon: its payload comes in a later
 * one. Begun again, its author meets both in its log, and does not give it once more.
 */
static void
test_given_again(void)
{
	struct node *x;
	uint32_t given = 1, round = 0;

	items = ITEMS_MAX;
	keep = JT_LOG_KEEP;
	segment = JT_SEGMENT; /* it begins again from its first block */
	set_up(98, 4);
	x = &nodes[3];
	give_item(x, 0);
	for (uint32_t i = 0; i < 200000 && round < 120; i++) {
		step_all(x, &given);
		round = jt_voter_round(jt_member_voter(nodes[0].member));
	}
	ok(round >= 120 && cut_in[0] == 0, "a block is behind the horizon");
	for (uint32_t i = 0; i < n; i++)
		if (&nodes[i] != x)
			come_back(&nodes[i]);
	come_back(x);
	for (uint32_t i = 0; i < 200000 && cut_in[0] == 0; i++)
		step_all(NULL, &given);
	is_int((int)cut_in[0], 1, "what was in it is in a cut");
	for (int life = 0; life < 3; life++) {
		jt_member_sync(x->member, &error);
		jt_member_free(x->member);
		x->member = NULL;
		start(x);
		come_back(x);
		for (uint32_t i = 0; i < 4000; i++)
			step_all(NULL, &given);
	}
	is_int((int)cut_in[0], 1, "and in no other one after its author began again");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	clean_up();
}

/* Messages of a kind among those that are on their way out; the ledger of the last hello. */
static unsigned
count_kind(const struct jt_buf *b, const char *kind, uint64_t *ledger)
{
	unsigned count = 0;
	size_t size = 0;

	for (size_t at = 0; at < b->len; at += size) {
		struct jt_slice one = { b->data + at, b->len - at };
		struct jt_object o = { 0 }, body = { 0 };
		struct jt_msg msg = { .body = { NULL, 0 } };
		struct jt_hello_object hello = { .answer = 0 };
		msgpack_zone zone;

		jt_object_size(one, &size, &error);
		one.len = size;
		if (!msgpack_zone_init(&zone, 1024))
			abort();
		if (jt_object_parse(one, &o, &error) == JT_OK &&
		    jt_kind_read(&jt_kind_msg, &o, &msg, &zone, &error) == JT_OK &&
		    jt_object_parse(msg.body, &body, &error) == JT_OK && jt_object_is(&body, kind))
			count++;
		if (ledger != NULL && jt_object_is(&body, "hello") &&
		    jt_kind_read(&jt_kind_hello, &body, &hello, &zone, &error) == JT_OK)
			*ledger = hello.ledger;
		msgpack_zone_destroy(&zone);
	}
	return count;
}

/* v2 says it to x, whose messages are only those that come of it then. */
static void
say_to(struct node *x, const struct jt_kind *kind, const void *said)
{
	struct jt_buf body, msg;

	jt_buf_init(&body, JT_OBJECT_MAX);
	jt_buf_init(&msg, JT_OBJECT_MAX);
	jt_kind_write(kind, said, &body, &error);
	jt_msg_write(jt_buf_slice(&body), jt_slice_text("v2"), (struct jt_slice){ NULL, 0 }, &msg,
	    &error);
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	take(x, JT_FROM_PEERS, jt_buf_slice(&msg));
	jt_buf_free(&body);
	jt_buf_free(&msg);
}

/* Does x answer v2, who asks for its own block of a round, or for one that is almost so named? */
static bool
answers_get_of(struct node *x, uint32_t round, uint8_t change)
{
	struct jt_head_ref ref = { .author = 1, .round = round };
	struct jt_get get = { { &ref, 1 } };
	bool yes;

	memcpy(ref.id, said_block[1][round], JT_HASH);
	ref.id[JT_HASH - 1] ^= change;
	say_to(x, &jt_kind_get, &get);
	yes = x->out[JT_TO_PEERS].len > 0;
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	return yes;
}

static bool
answers_get(struct node *x, uint32_t round)
{
	return answers_get_of(x, round, 0);
}

/* v2 says hello, with nothing in its hands; how often is it answered? */
static unsigned
greet(struct node *x)
{
	struct jt_hello_round rounds[N_MAX] = { { 0 } };
	struct jt_hello_object hello = { .highest = { rounds, n } };
	unsigned answers;

	say_to(x, &jt_kind_hello, &hello);
	answers = count_kind(&x->out[JT_TO_PEERS], "hello", NULL);
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	return answers;
}

/* The closer of x has closed so many ledgers, and lacks the certificates of these two. */
static void
lack_two(struct node *x, uint64_t closed, uint64_t one, uint64_t other)
{
	for (uint64_t i = 1; i <= closed; i++) {
		struct jt_header h = { .number = i };
		memcpy(h.network, voters.el.network, JT_HASH);
		jt_header_write(&h, NULL, 0, &x->closer.headers[i], &error);
		x->closer.certified[i] = i != one && i != other;
	}
	x->closer.cut = closed;
	die(x);
	start(x);
}

/* A certificate that is missing here does not keep the later ones from who lacks them. */
static void
test_fill_in(void)
{
	struct jt_hello_round rounds[N_MAX] = { { 0 } };
	struct jt_hello_object hello = { .highest = { rounds, 4 } };
	struct node *x = &nodes[0];

	set_up(92, 4);
	lack_two(x, 50, 3, 30);
	say_to(x, &jt_kind_hello, &hello);
	is_int((int)count_kind(&x->out[JT_TO_PEERS], "header", NULL), 30,
	    "of the next 32 certificates all are sent but the two that are not here");
	clean_up();
}

/* A quorum of three signs the header that the closer of x has, and v2 hands that to x. */
static void
certify(struct node *x, uint64_t ledger)
{
	struct jt_sig sigs[3];
	struct jt_object o = { 0 };
	struct jt_slice body = { NULL, 0 };
	struct jt_buf signed_header, msg;
	uint8_t id[JT_HASH];

	jt_buf_init(&signed_header, JT_OBJECT_MAX);
	jt_buf_init(&msg, JT_OBJECT_MAX);
	jt_object_parse(jt_buf_slice(&x->closer.headers[ledger]), &o, &error);
	jt_signed_body(&o, &body, &error);
	jt_object_hash(id, o.kind, o.version, body);
	for (uint32_t i = 0; i < 3; i++) {
		memcpy(sigs[i].key, voters.el.keys[i], JT_KEY);
		jt_sign_id(sigs[i].sig, voters.secret[i], id);
	}
	jt_signed_write(&signed_header, o.kind, o.version, body, sigs, 3, &error);
	jt_msg_write(jt_buf_slice(&signed_header), jt_slice_text("v2"),
	    (struct jt_slice){ NULL, 0 }, &msg, &error);
	take(x, JT_FROM_PEERS, jt_buf_slice(&msg));
	jt_buf_free(&signed_header);
	jt_buf_free(&msg);
}

/* The closer says what is not certified; what lies between is, without a word. */
static void
test_between(void)
{
	struct jt_standing_peer peers[N_MAX];
	struct jt_standing s = { .peers = { peers, 0 } };
	struct node *x = &nodes[0];

	set_up(91, 4);
	lack_two(x, 50, 40, 45);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 39, "all is certified up to the first that is not");
	certify(x, 40);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 44, "then up to the second");
	certify(x, 45);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 50, "then all");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	clean_up();
}

/* v2 or v3 acknowledges the header that the closer of x has. */
static void
acknowledge_as(struct node *x, uint32_t who, uint64_t ledger)
{
	struct jt_ack ack = { .ledger = ledger };
	struct jt_object o = { 0 };
	struct jt_slice body = { NULL, 0 };
	struct jt_buf said, msg;

	jt_buf_init(&said, JT_OBJECT_MAX);
	jt_buf_init(&msg, JT_OBJECT_MAX);
	jt_object_parse(jt_buf_slice(&x->closer.headers[ledger]), &o, &error);
	jt_signed_body(&o, &body, &error);
	jt_object_hash(ack.header, o.kind, o.version, body);
	jt_sign_id(ack.sig, voters.secret[who], ack.header);
	jt_kind_write(&jt_kind_ack, &ack, &said, &error);
	jt_msg_write(jt_buf_slice(&said), jt_slice_text(who == 1 ? "v2" : "v3"),
	    (struct jt_slice){ NULL, 0 }, &msg, &error);
	take(x, JT_FROM_PEERS, jt_buf_slice(&msg));
	jt_buf_free(&said);
	jt_buf_free(&msg);
}

/* From which ledger does x ask for certificates, after so long? */
static int
asks_from(struct node *x, uint64_t ms)
{
	uint64_t ledger = 0;

	jt_buf_clear(&x->out[JT_TO_PEERS]);
	now += ms;
	tick(x);
	count_kind(&x->out[JT_TO_PEERS], "hello", &ledger);
	return (int)ledger;
}

/* Ledgers closed long ago that have no certificate are asked for, and take what comes. */
static void
test_late(void)
{
	struct jt_standing_peer peers[N_MAX];
	struct jt_standing s = { .peers = { peers, 0 } };
	struct node *x = &nodes[0];

	set_up(89, 4);
	lack_two(x, 200, 10, 90);
	jt_member_look(x->member, &s);
	is_int((int)s.certified, 200, "the newest are certified");
	is_int(asks_from(x, 1), 9, "the first that is not is asked for");
	is_int(asks_from(x, 1000), 89, "then the second");
	is_int(asks_from(x, 1000), 9, "and again the first");
	is_int(asks_from(x, 100), 0, "but not all the time");
	certify(x, 10);
	say(x);
	ok(x->closer.certified[10], "a certificate that comes late is handed on");
	is_int(asks_from(x, 1000), 89, "and not asked for any more");
	acknowledge_as(x, 1, 90);
	say(x);
	ok(!x->closer.certified[90], "its own acknowledgement and another are no quorum");
	acknowledge_as(x, 2, 90);
	say(x);
	ok(x->closer.certified[90], "a third one is, however late");
	is_int(asks_from(x, 60000), 0, "then nothing is asked for");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	clean_up();
}

/* Hellos without end have few answers, and the last of them has its answer, too. */
static void
test_hellos(void)
{
	struct node *x = &nodes[0];
	uint32_t given = 0, round;
	unsigned answers = 0, later;

	items = ITEMS_MAX;
	keep = JT_LOG_KEEP;
	set_up(96, 4);
	for (uint32_t i = 0; i < 200000 && jt_voter_round(jt_member_voter(x->member)) < 20; i++)
		step_all(NULL, &given);
	now += 60000;
	tick(x);
	for (int i = 0; i < 1000; i++)
		answers += greet(x);
	is_int((int)answers, 64, "of 1000 hellos so many are answered at once");
	now += 24;
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	tick(x);
	later = count_kind(&x->out[JT_TO_PEERS], "hello", NULL);
	is_int((int)later, 1, "and the last of the others later");
	/* The newest block of another one that has come here. */
	for (round = jt_voter_round(jt_member_voter(x->member)); round > 1; round--)
		if (!jt_hash_is_zero(said_block[1][round]) && answers_get(x, round) == 1)
			break;
	ok(!answers_get_of(x, round, 1), "a block that nobody made is not there");
	now += 60000;
	tick(x);
	answers = 0;
	for (int i = 0; i < 5000; i++)
		answers += answers_get(x, round);
	is_int((int)answers, 4096, "of 5000 requests for a block so many are answered at once");
	now += 4;
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	tick(x);
	is_int((int)count_kind(&x->out[JT_TO_PEERS], "block", NULL), 16, "and others as time passes");
	now += 60000;
	jt_buf_clear(&x->out[JT_TO_PEERS]);
	tick(x);
	is_int((int)count_kind(&x->out[JT_TO_PEERS], "block", NULL), 5000 - 4096 - 16, "all of them");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	clean_up();
}

/* In peace until all items are in cuts, and these certified: does it come to that? */
static bool
settles(uint32_t *given)
{
	for (uint64_t end = steps + UINT64_C(8000) * items; !all_done(*given) && why[0] == '\0';) {
		if (steps > end)
			return false;
		step(given, false);
	}
	return why[0] == '\0';
}

/* What it knew goes with it, and its log if it is to be lost. */
static void
begin_again(struct node *x, bool without_log)
{
	jt_member_sync(x->member, &error);
	jt_member_free(x->member);
	x->member = NULL;
	if (without_log)
		lose_log(x);
	start(x);
	come_back(x);
	for (uint32_t i = 0; i < n; i++)
		if (&nodes[i] != x)
			come_back(&nodes[i]);
}

/*
 * Each has lost its log and found itself again, one after the other, and no ledger was
 * closed meanwhile: nobody's log has a share of a beacon that the next one needs.
 */
static void
test_shares_again(void)
{
	uint32_t given = 0;
	bool settled;

	items = 12;
	keep = JT_LOG_KEEP;
	segment = JT_SEGMENT;
	set_up(95, 4);
	settled = settles(&given);
	ok(settled && nodes[0].closer.cut > 2, "%u ledgers are certified",
	    (unsigned)nodes[0].closer.cut);
	for (uint32_t i = 0; i < n; i++) {
		begin_again(&nodes[i], true);
		for (uint64_t end = steps + 100000; steps < end &&
		    !jt_voter_remembers(jt_member_voter(nodes[i].member));)
			step(&given, false);
	}
	for (uint32_t i = 0; i < n; i++)
		is_int((int)nodes[i].losses, 1, "v%u has lost its log", (unsigned)i + 1);
	for (uint32_t i = 0; i < n; i++)
		begin_again(&nodes[i], false);
	items = 24;
	settled = settles(&given);
	ok(settled, "all begin again, and more ledgers are certified%s%s", why[0] ? ": " : "", why);
	clean_up();
}

/* The items in the log's blocks are other ones now, of the same form. */
static unsigned
change_items(const struct node *x)
{
	static uint8_t bytes[1 << 20];
	unsigned changed = 0;
	char path[192];

	for (unsigned k = 1;; k++) {
		FILE *f;
		size_t len;
		snprintf(path, sizeof path, "%s/vote/%010u.jt", x->dir, k);
		if ((f = fopen(path, "r+b")) == NULL)
			return changed;
		len = fread(bytes, 1, sizeof bytes, f);
		for (size_t at = 0; at + 5 + JT_HASH < len; at++)
			if (memcmp(bytes + at, "took", 4) == 0) {
				bytes[at + 5 + JT_HASH - 1] ^= 1;
				changed++;
			}
		rewind(f);
		fwrite(bytes, 1, len, f);
		fclose(f);
	}
}

/* What the log has of a cut is not what was signed: no closer gets it, nor a peer. */
static void
test_damaged(uint32_t size)
{
	struct node *x = &nodes[0];
	uint32_t given = 0;
	unsigned changed;
	bool settled, sent = false;
	struct jt_at at = { 0, 0 };
	struct jt_object o = { 0 };
	struct jt_buf b;

	items = 40;
	keep = JT_LOG_KEEP;
	segment = size;
	set_up(size, 4);
	settled = settles(&given);
	ok(settled, "a log of %u segments", (unsigned)jt_log_newest(x->member->log));
	changed = change_items(x);
	ok(changed > 3, "%u items in it are changed", changed);
	error.code = JT_OK;
	for (uint32_t round = 1; round < 1 << 14 && error.code == JT_OK; round++)
		if (!jt_hash_is_zero(said_block[1][round]))
			sent = answers_get(x, round);
	ok(error.code == JT_CONFIG && !sent, "a peer asks for a block, and does not get it");
	ok(strstr(error.text, ".jt: is damaged behind byte ") != NULL, "  %s", error.text);
	x->member->trouble.code = JT_OK;
	jt_buf_init(&b, 1024);
	jt_kind_write(&jt_kind_at, &at, &b, &error);
	jt_object_parse(jt_buf_slice(&b), &o, &error);
	error.text[0] = '\0';
	is_int(jt_member_take(x->member, JT_FROM_CLOSER, &o, NULL, &error), JT_CONFIG,
	    "the closer begins again, and does not get them");
	ok(strstr(error.text, ".jt: is damaged behind byte ") != NULL, "  %s", error.text);
	is_int((int)x->out[JT_TO_CLOSER].len, 0, "  nor anything else");
	jt_buf_free(&b);
	segment = JT_SEGMENT;
	clean_up();
}

/* v2 tells x that it made two blocks of a round. */
static void
accuse(struct node *x)
{
	struct jt_slice none = { NULL, 0 };
	struct jt_ref refs[N_MAX];
	struct jt_buf one, two, said, msg;
	struct jt_object a = { 0 }, b = { 0 };
	struct jt_block block;

	jt_buf_init(&one, JT_OBJECT_MAX);
	jt_buf_init(&two, JT_OBJECT_MAX);
	jt_buf_init(&said, JT_OBJECT_MAX);
	jt_buf_init(&msg, JT_OBJECT_MAX);
	voters_block(&voters, x->me, none, refs, &block, &one, &error);
	block.time++;
	jt_block_seal(&voters.el, &block, none, voters.secret[x->me], &two, &error);
	jt_object_parse(jt_buf_slice(&one), &a, &error);
	jt_object_parse(jt_buf_slice(&two), &b, &error);
	is_int(jt_evidence_write(&a, &b, &said, &error), JT_OK, "evidence against a member");
	jt_msg_write(jt_buf_slice(&said), jt_slice_text("v2"), none, &msg, &error);
	take(x, JT_FROM_PEERS, jt_buf_slice(&msg));
	jt_buf_free(&one);
	jt_buf_free(&two);
	jt_buf_free(&said);
	jt_buf_free(&msg);
}

/* Somebody else has its key: a member that hears so says it, and takes no more payload. */
static void
test_exposed(void)
{
	struct node *x = &nodes[0];

	may_note = true;
	set_up(88, 4);
	for (int life = 0; life < 2; life++) {
		struct jt_standing_peer peers[N_MAX];
		struct jt_standing s = { .peers = { peers, 0 } };
		struct jt_object o = { 0 };
		struct jt_buf b;
		uint8_t id[JT_HASH] = { 0 };

		notes = 0;
		if (life == 0) {
			accuse(x);
			accuse(x);
		} else {
			begin_again(x, false);
		}
		is_int((int)notes, 1, "%s says so, once", life == 0 ? "it" : "begun again, it");
		jt_member_look(x->member, &s);
		is_int((int)s.exposed, 1, "  it is known of it");
		jt_buf_init(&b, 1024);
		make_item(0, &b);
		jt_object_parse(jt_buf_slice(&b), &o, &error);
		is_int(jt_member_take(x->member, JT_FROM_CLIENTS, &o, id, &error), JT_NO,
		    "  it takes no payload");
		jt_buf_free(&b);
	}
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	may_note = false;
	clean_up();
}

/* A peer that asks for what is in many old segments gets it as time passes, and not at once. */
static void
test_old_segments(void)
{
	struct node *x = &nodes[0];
	uint32_t given = 0, rounds = 0, asked = 0, answered = 0, first = 0;

	items = ITEMS_MAX;
	keep = JT_LOG_KEEP;
	segment = 4096;
	set_up(97, 4);
	for (uint32_t i = 0; i < 200000 && rounds < 200; i++) {
		step_all(NULL, &given);
		rounds = jt_voter_round(jt_member_voter(x->member));
	}
	for (uint32_t round = 1; round + 20 < rounds; round++) {
		if (jt_hash_is_zero(said_block[1][round]))
			continue;
		asked++;
		if (answers_get(x, round))
			answered++;
		else if (first == 0)
			first = round;
	}
	ok(answered > 0 && answered < asked, "of %u old blocks %u are sent at once", (unsigned)asked,
	    (unsigned)answered);
	now += 60000;
	tick(x);
	ok(answers_get(x, first), "and others later");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	segment = JT_SEGMENT;
	clean_up();
}

/* How many cuts are decided and not closed? */
static uint64_t
behind(const struct node *x)
{
	return x->member->decided - x->closer.cut;
}

/*
 * A closer that stands still while others go on. Room for two decisions stands for that
 * of a thousand, which are too many for a test.
 */
static void
test_far_behind(void)
{
	struct node *x = &nodes[3];
	uint32_t given = 0;
	uint64_t most;

	items = ITEMS_MAX;
	keep = 1;
	segment = 8192;
	set_up(90, 4);
	x->member->decisions = calloc(2, sizeof *x->member->decisions);
	x->member->decisions_cap = 2;
	stalled = x;
	for (uint32_t i = 0; i < 200000 && why[0] == '\0' && behind(x) < 12; i++)
		step_all(NULL, &given);
	most = behind(x);
	ok(most >= 12 && jt_log_oldest(x->member->log) < jt_log_newest(x->member->log),
	    "a closer stands still for %u cuts, and the log keeps them in %u segments", (unsigned)most,
	    (unsigned)(jt_log_newest(x->member->log) - jt_log_oldest(x->member->log) + 1));
	jt_log_sync(x->member->log, &error);
	begin_again(x, false);
	ok(behind(x) >= most, "%u are there when it begins again", (unsigned)behind(x));
	stalled = NULL;
	for (uint32_t i = 0; i < 200000 && why[0] == '\0' && behind(x) > 0; i++)
		step_all(NULL, &given);
	ok(why[0] == '\0' && behind(x) == 0, "it closes all of them%s%s", why[0] ? ": " : "", why);
	segment = JT_SEGMENT;
	clean_up();
}

/* Steps until all that was given is in cuts; false: it is not, after very many. */
static bool
all_cut(uint32_t *given)
{
	uint32_t i, cut = 0;

	for (i = 0; i < 400000 && (*given < items || cut < *given); i++) {
		step_all(NULL, given);
		cut = 0;
		for (uint32_t k = 0; k < *given; k++)
			cut += cut_in[k] > 0;
	}
	return cut == items;
}

/* Whatever the clocks say: rounds go on when they are set back. */
static void
test_set_back(unsigned run, uint32_t voters_count)
{
	struct jt_standing_peer peers[N_MAX];
	struct jt_standing s = { .peers = { peers, 0 } };
	struct jt_member *m;
	uint32_t given = 0;
	uint64_t passed;

	items = 20;
	keep = JT_LOG_KEEP;
	set_up(run, voters_count);
	now += 3600000;
	ok(all_cut(&given), "%u voters whose clocks were ahead have their payload in cuts", (unsigned)n);
	m = nodes[0].member;
	tick(&nodes[0]);
	passed = m->now;
	for (int i = 0; i < 100; i++) {
		now += 20;
		tick(&nodes[0]);
		now -= 10;
		tick(&nodes[0]);
		now += 10;
	}
	is_int((int)(m->now - passed), 2000, "ticks that come late are no time, and cost none");
	now -= 3600000;
	items = 60;
	ok(all_cut(&given), "and so have those whose clocks were set back by an hour");
	tick(&nodes[0]);
	jt_member_look(m, &s);
	is_int((int)(now - s.time), 0, "they tell the time that it is now");
	ok(m->now - passed < 3600000, "and an hour has not passed");
	ok(why[0] == '\0', "nothing broke%s%s", why[0] ? ": " : "", why);
	clean_up();
}

int
main(int argc, char **argv)
{
	/* More ledgers than are filled in at once, in one of them. */
	static const uint32_t sizes[] = { 4, 1, 4, 7, 4 }, lengths[] = { 60, 60, ITEMS_MAX, 60, 60 };
	unsigned runs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;

	if (!jt_crypto_init())
		return 71;
	random_start(argc, argv);
	tempdir_make();
	for (unsigned i = 0; i < runs; i++) {
		items = lengths[i % 5];
		keep = items == ITEMS_MAX ? JT_LOG_KEEP : 1;
		run(i, sizes[i % 5], i > 0);
	}
	test_certified();
	test_given_again();
	test_old_segments();
	test_far_behind();
	test_shares_again();
	test_exposed();
	test_damaged(4096);
	test_damaged(JT_SEGMENT);
	test_hellos();
	test_fill_in();
	test_between();
	test_late();
	test_set_back(93, 1);
	test_set_back(94, 4);
	return done_testing();
}
