/*
 * Random networks, random transactions good and bad, closed in real
 * directories, beside a model that knows nothing of overlays, windows or maps:
 * an account is a row of an array, its numbers a row of booleans. Outcomes,
 * accounts and totals must be the same after every ledger, no number may be
 * taken twice, and everything must be provable.
 *
 *	random-ledgers [SEED [NETWORKS]]
 */
#include <inttypes.h>

#include "base/text.h"
#include "ledger/prove.h"
#include "random.h"
#include "tap.h"
#include "tempdir.h"
#include "words.h"

enum {
	PEOPLE = 24,   /* keys; the first few have accounts at the start */
	NUMBERS = 2048,
	LEDGERS = 14,
	ITEMS = 64,
	SIGNERS = 5,
	OLD = 200      /* transactions kept, to be sent again */
};

/* ---- the model ---- */

struct person {
	bool exists;
	uint64_t balance;
	bool no_master, no_new_signers, refuse, require;
	int key; /* -1: none */
	int signers, quorum;
	int signer[SIGNERS], weight[SIGNERS];
	bool taken[NUMBERS];
	int highest;
};

struct wish { /* a transaction, as the model sees it */
	bool set, token, max, memo, foreign, spoiled, holds;
	unsigned from, to;
	uint64_t fee, units, last, until;
	int seq, after; /* index of a header; -1 none, -2 unknown */
	int sigs, sig[SIGNERS + 2];
	bool f_master, f_new, f_refuse, f_require, u_key, u_master, u_refuse, u_require, u_signers;
	int key, signers, quorum, signer[SIGNERS], weight[SIGNERS];
	struct jt_slice bytes;
	uint8_t order[JT_HASH], id[JT_HASH];
	enum jt_code code;
};

static struct person people[PEOPLE];
static struct jt_terms terms;
static uint64_t burned, number, now;
static uint64_t times[LEDGERS + 2];
static uint8_t header_ids[LEDGERS + 2][JT_HASH];

static uint64_t
reserve(const struct person *p)
{
	return terms.reserve + (p->signers > 0 ? terms.object : 0);
}

static bool
sets_signers(const struct wish *w)
{
	return w->key >= 0 || w->signers > 0 || w->f_master || w->u_key || w->u_master ||
	    w->u_signers;
}

static bool
malformed(const struct wish *w)
{
	int sum = 0;

	if (w->seq == 0)
		return true;
	if (!w->set)
		return w->units == 0 || w->to == w->from || (w->max && !w->token);
	for (int i = 0; i < w->signers; i++) {
		if (w->weight[i] == 0 || w->signer[i] == (int)w->from)
			return true;
		sum += w->weight[i];
	}
	if ((w->signers > 0) != (w->quorum > 0) || w->quorum > sum)
		return true;
	if (!sets_signers(w) && !w->f_new && !w->f_refuse && !w->f_require && !w->u_refuse &&
	    !w->u_require && !w->holds)
		return true;
	return w->key == (int)w->from || (w->f_master && w->u_master) ||
	    (w->f_refuse && w->u_refuse) || (w->f_require && w->u_require) ||
	    (w->key >= 0 && w->u_key) || (w->signers > 0 && w->u_signers);
}

static enum jt_code
authority(const struct person *p, const struct wish *w)
{
	bool alone = false;
	int weight = 0;

	for (int i = 0; i < w->sigs; i++) {
		bool allowed = false;
		if ((w->sig[i] == (int)w->from && !p->no_master) || w->sig[i] == p->key)
			alone = allowed = true;
		for (int k = 0; k < p->signers; k++)
			if (p->signer[k] == w->sig[i]) {
				allowed = true;
				weight += p->weight[k];
			}
		if (!allowed)
			return JT_CODE_NOT_AUTHORISED;
	}
	return alone || (p->signers > 0 && weight >= p->quorum) ? JT_CODE_OK : JT_CODE_NO_QUORUM;
}

static enum jt_code
refusal(const struct wish *w)
{
	const struct person *p = &people[w->from];

	if (malformed(w))
		return JT_CODE_MALFORMED;
	if (w->foreign)
		return JT_CODE_WRONG_NETWORK;
	if (w->sigs == 0 || w->spoiled)
		return JT_CODE_BAD_SIGNATURE;
	if ((w->last > 0 && number > w->last) || (w->until > 0 && now > w->until))
		return JT_CODE_TOO_LATE;
	if (w->after == -2 || (w->after >= 0 && now > times[w->after] + 3600000))
		return JT_CODE_NOT_AFTER;
	if (!p->exists)
		return JT_CODE_NO_ACCOUNT;
	if (w->seq <= p->highest - 64)
		return JT_CODE_SEQ_OLD;
	if (w->seq > p->highest + 64)
		return JT_CODE_SEQ_AHEAD;
	if (p->taken[w->seq])
		return JT_CODE_SEQ_USED;
	if (authority(p, w) != JT_CODE_OK)
		return authority(p, w);
	if (w->fee < terms.fee * (uint64_t)w->sigs)
		return JT_CODE_LOW_FEE;
	return p->balance < w->fee ? JT_CODE_NO_FEE : JT_CODE_OK;
}

static enum jt_code
do_pay(struct person *from, struct person *to, const struct wish *w)
{
	if (w->token || w->max)
		return JT_CODE_UNKNOWN_ASSET;
	if (to->exists && to->refuse)
		return JT_CODE_UNASKED;
	if (to->exists && to->require && !w->memo)
		return JT_CODE_MEMO_MISSING;
	if (!to->exists && w->units < terms.reserve)
		return JT_CODE_TOO_SMALL;
	if (from->balance < w->units || from->balance - w->units < reserve(from))
		return JT_CODE_UNFUNDED;
	from->balance -= w->units;
	to->balance += w->units;
	to->exists = true;
	return JT_CODE_OK;
}

static bool
master_signed(const struct wish *w)
{
	for (int i = 0; i < w->sigs; i++)
		if (w->sig[i] == (int)w->from)
			return true;
	return false;
}

static enum jt_code
do_set(struct person *p, const struct wish *w)
{
	struct person was = *p;

	if (w->holds)
		return JT_CODE_UNKNOWN_ASSET;
	if (p->no_new_signers && sets_signers(w))
		return JT_CODE_SIGNERS_FIXED;
	if (((w->f_master && !p->no_master) || (w->f_new && !p->no_new_signers)) &&
	    !master_signed(w))
		return JT_CODE_NEEDS_MASTER;
	p->no_master = (p->no_master || w->f_master) && !w->u_master;
	p->no_new_signers = p->no_new_signers || w->f_new;
	p->refuse = (p->refuse || w->f_refuse) && !w->u_refuse;
	p->require = (p->require || w->f_require) && !w->u_require;
	p->key = w->key >= 0 ? w->key : w->u_key ? -1 : p->key;
	if (w->u_signers)
		p->signers = p->quorum = 0;
	if (w->signers > 0) {
		p->signers = w->signers;
		p->quorum = w->quorum;
		memcpy(p->signer, w->signer, sizeof p->signer);
		memcpy(p->weight, w->weight, sizeof p->weight);
	}
	if (p->no_master && p->key < 0 && p->signers == 0) {
		*p = was;
		return JT_CODE_NO_KEY_LEFT;
	}
	if (was.signers == 0 && p->signers > 0 && p->balance < reserve(p)) {
		*p = was;
		return JT_CODE_UNFUNDED;
	}
	return JT_CODE_OK;
}

static enum jt_code
model(const struct wish *w)
{
	enum jt_code code = refusal(w);
	struct person *p = &people[w->from];

	if (code != JT_CODE_OK)
		return code;
	p->balance -= w->fee;
	burned += w->fee;
	p->taken[w->seq] = true;
	p->highest = w->seq > p->highest ? w->seq : p->highest;
	return w->set ? do_set(p, w) : do_pay(p, &people[w->to], w);
}

/* ---- random wishes ---- */

static bool
chance(unsigned percent)
{
	return random_below(100) < percent;
}

static int
pick(int from, int to)
{
	return from + (int)random_below((uint64_t)(to - from) + 1);
}

/* Mostly those who may sign for the account as it is now. */
static void
choose_sigs(struct wish *w)
{
	const struct person *p = &people[w->from];
	int weight = 0;

	if (chance(8)) {
		int first = pick(0, PEOPLE - 1), count = pick(0, 3);
		while (w->sigs < count) {
			w->sig[w->sigs] = (first + w->sigs * 7) % PEOPLE;
			w->sigs++;
		}
	} else if (p->signers > 0 && (p->no_master || chance(50))) {
		for (int i = 0; i < p->signers && (weight < p->quorum ? i == 0 || chance(95)
		    : chance(20)); i++) {
			w->sig[w->sigs++] = p->signer[i];
			weight += p->weight[i];
		}
	} else
		w->sig[w->sigs++] = p->key >= 0 && chance(60) ? p->key : (int)w->from;
}

static void
choose_pay(struct wish *w)
{
	const struct person *p = &people[w->from];
	uint64_t most = p->balance > reserve(p) ? p->balance - reserve(p) : 0;

	w->to = chance(3) ? w->from : (unsigned)random_below(PEOPLE);
	w->units = chance(40) ? random_below(3 * terms.reserve + 2) : chance(30) ? terms.reserve +
	    random_below(3) : most / (1 + random_below(20));
	if (chance(10))
		w->units = most - w->fee + random_below(3) - 1;
	w->units = chance(1) ? 0 : w->units == 0 ? 1 : w->units & JT_UINT_MAX;
	w->token = chance(3);
	w->max = chance(3);
	w->memo = chance(50);
}

static void
choose_set(struct wish *w)
{
	int sum = 0;

	w->set = true;
	w->f_master = chance(8);
	w->f_new = chance(2);
	w->f_refuse = chance(4);
	w->f_require = chance(8);
	w->u_key = chance(8);
	w->u_master = chance(10);
	w->u_refuse = chance(40);
	w->u_require = chance(20);
	w->u_signers = chance(8);
	w->holds = chance(2);
	if (chance(15))
		w->key = pick(0, PEOPLE - 1);
	if (chance(30)) {
		int first = (int)w->from + pick(0, 40) / 3;
		w->signers = pick(1, SIGNERS);
		for (int i = 0; i < w->signers; i++) {
			w->signer[i] = (first + i * 5) % PEOPLE;
			w->weight[i] = chance(1) ? 0 : pick(1, 3);
			sum += w->weight[i];
		}
		w->quorum = chance(97) ? pick(1, sum > 0 ? sum : 1) : sum + 1;
	} else if (chance(1))
		w->quorum = 1;
	if (malformed(w) && chance(80)) /* most of them by chance: something simple instead */
		*w = (struct wish){ .set = true, .u_refuse = true, .key = -1, .after = -1,
			.from = w->from, .fee = w->fee, .seq = w->seq, .sigs = w->sigs,
			.sig = { w->sig[0], w->sig[1], w->sig[2], w->sig[3], w->sig[4], w->sig[5],
			w->sig[6] } };
}

static struct wish
choose(void)
{
	struct wish w = { .key = -1, .after = -1 };
	const struct person *p;

	do
		w.from = (unsigned)random_below(PEOPLE);
	while (!people[w.from].exists && !chance(10));
	p = &people[w.from];
	w.seq = chance(70) ? p->highest + pick(1, 4) : chance(50) ? p->highest + pick(-66, 66)
	    : p->highest + (chance(50) ? 64 : -63) + pick(-1, 1);
	w.seq = w.seq < 0 ? 0 : w.seq >= NUMBERS ? NUMBERS - 1 : w.seq;
	choose_sigs(&w);
	w.fee = terms.fee * (uint64_t)w.sigs + (chance(10) ? random_below(1000) : 0);
	if (chance(3) && w.fee > 0)
		w.fee--;
	if (chance(30))
		choose_set(&w);
	else
		choose_pay(&w);
	w.foreign = chance(1);
	w.spoiled = chance(2);
	if (chance(10))
		w.last = number + (uint64_t)pick(0, 3);
	if (chance(10))
		w.until = times[number] + (uint64_t)pick(0, 3000);
	if (chance(15))
		w.after = chance(10) ? -2 : pick(0, (int)number);
	return w;
}

/* ---- the same, as objects ---- */

static void
say_list(char *words, size_t size, const char *name, const char *const *list, const bool *on)
{
	const char *between = name;

	for (size_t i = 0; list[i] != NULL; i++)
		if (on[i]) {
			snprintf(
			    words + strlen(words), size - strlen(words), "%s%s", between, list[i]);
			between = ",";
		}
}

static void
say_set(const struct wish *w, char *words, size_t size)
{
	static const char *const flags[] = { "no-master", "no-new-signers", "refuse-unasked",
		"require-memo", NULL };
	static const char *const unset[] = { "key", "no-master", "refuse-unasked", "require-memo",
		"signers", NULL };
	bool f[] = { w->f_master, w->f_new, w->f_refuse, w->f_require };
	bool u[] = { w->u_key, w->u_master, w->u_refuse, w->u_require, w->u_signers };

	say_list(words, size, " flags=", flags, f);
	say_list(words, size, " unset=", unset, u);
	if (w->key >= 0)
		snprintf(words + strlen(words), size - strlen(words), " key=$%d", w->key);
	if (w->quorum > 0)
		snprintf(words + strlen(words), size - strlen(words), " quorum=%d", w->quorum);
	for (int i = 0; i < w->signers; i++)
		snprintf(words + strlen(words), size - strlen(words), "%s$%d:%d",
		    i == 0 ? " signers=" : ",", w->signer[i], w->weight[i]);
	if (w->holds)
		snprintf(words + strlen(words), size - strlen(words), " holds=CNY.2/$0");
}

#define COINS "%" PRIu64 ".%06" PRIu64
#define COINS_OF(n) (n) / 1000000, (n) % 1000000

static void
say(const struct wish *w, struct jt_buf *out)
{
	static const uint8_t other[JT_HASH] = { 9 };
	char words[2048], signers[64] = "", hex[2 * JT_HASH + 1], time[JT_TIME_TEXT];
	size_t size = sizeof words;

	snprintf(words, size, "from=$%u fee=" COINS " seq=%d", w->from, COINS_OF(w->fee), w->seq);
	if (w->set)
		say_set(w, words, size);
	else {
		snprintf(words + strlen(words), size - strlen(words), " to=$%u amount=" COINS "%s",
		    w->to, COINS_OF(w->units), w->token ? "CNY/$1" : "");
		if (w->max)
			strcat(words, " max=7");
		if (w->memo)
			strcat(words, " memo=hello");
	}
	if (w->last > 0)
		snprintf(words + strlen(words), size - strlen(words), " last=%" PRIu64, w->last);
	if (w->until > 0) {
		jt_time_format(w->until, time);
		snprintf(words + strlen(words), size - strlen(words), " until=%s", time);
	}
	if (w->after != -1) {
		jt_hex_format(w->after >= 0 ? header_ids[w->after] : other, JT_HASH, hex);
		snprintf(words + strlen(words), size - strlen(words), " after=%s", hex);
	}
	for (int i = 0; i < w->sigs; i++)
		snprintf(signers + strlen(signers), sizeof signers - strlen(signers), "%s%d",
		    i > 0 ? " " : "", w->sig[i]);
	words_tx(out, w->foreign ? other : terms.network, w->set ? "set" : "pay", signers, "%s",
	    words);
	if (w->spoiled && w->sigs > 0)
		out->data[out->len - 1 - random_below(60)] ^= 2;
}

/* ---- a network ---- */

static struct network net;
static struct jt_ledger ledger;
static struct jt_error error;
static msgpack_zone *zone;
static struct wish wishes[ITEMS], old[OLD];
static struct jt_buf old_bytes[OLD];
static size_t wish_count, old_count;
static uint64_t met[JT_CODES], total;

/* The fixed network of network.h with other terms, balances and numbers. */
static void
make_network(void)
{
	uint32_t accounts = (uint32_t)pick(2, PEOPLE / 2);
	struct jt_accounts all;
	struct jt_object o;

	network_make(&net, 1, accounts, false);
	net.genesis.fee = random_below(3) * 5;
	net.genesis.reserve = chance(20) ? 0 : random_below(2000000);
	net.genesis.object = random_below(300000);
	net.genesis.coins = 0;
	memset(people, 0, sizeof people);
	for (uint32_t i = 0; i < PEOPLE; i++)
		people[i].key = -1;
	for (uint32_t i = 0; i < accounts; i++) {
		struct person *p = &people[net.numbers[i]];
		p->exists = true;
		p->balance = chance(20) ? random_below(2 * net.genesis.reserve + 1)
		    : random_below(50000000);
		p->highest = chance(30) ? pick(1, 200) : 0;
		for (int s = 1; s <= p->highest; s++)
			p->taken[s] = true;
		net.initial[i].balance = p->balance;
		net.initial[i].seq = (uint64_t)p->highest;
		net.genesis.coins += p->balance;
	}
	network_root(&net);
	jt_buf_clear(&net.file);
	network_must(jt_genesis_write(&net.genesis, &net.file, &error), &error);
	network_must(jt_object_parse(jt_buf_slice(&net.file), &o, &error), &error);
	network_must(jt_kind_id(&jt_kind_genesis, &o, net.id, &error), &error);
	all = (struct jt_accounts){ { net.initial, accounts } };
	network_must(jt_kind_write(&jt_kind_accounts, &all, &net.file, &error), &error);
	jt_genesis_terms(&net.genesis, net.id, &terms);
	burned = number = 0;
	old_count = 0;
}

/* Those who sort by what a wish's place depends on. */
static int
by_place(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;
	int c = memcmp(x->order, y->order, JT_HASH);

	if (c == 0)
		c = (x->seq > y->seq) - (x->seq < y->seq);
	if (c == 0)
		c = memcmp(x->id, y->id, JT_HASH);
	return c != 0 ? c : jt_slice_compare(x->bytes, y->bytes);
}

static void
make_wishes(struct jt_buf *stream, const uint8_t salt[JT_HASH])
{
	size_t start[ITEMS + 1];
	struct jt_object o;
	struct jt_slice body;

	jt_buf_clear(stream);
	wish_count = (size_t)pick(0, ITEMS);
	for (size_t i = 0; i < wish_count; i++) {
		start[i] = stream->len;
		if (old_count > 0 && chance(6)) {
			size_t k = (size_t)random_below(old_count);
			wishes[i] = old[k];
			jt_buf_add_slice(stream, jt_buf_slice(&old_bytes[k]));
		} else {
			wishes[i] = choose();
			say(&wishes[i], stream);
			size_t k = old_count < OLD ? old_count++ : (size_t)random_below(OLD);
			old[k] = wishes[i];
			jt_buf_clear(&old_bytes[k]);
			jt_buf_add(&old_bytes[k], stream->data + start[i], stream->len - start[i]);
		}
	}
	start[wish_count] = stream->len;
	for (size_t i = 0; i < wish_count; i++) {
		struct wish *w = &wishes[i];
		w->bytes = (struct jt_slice){ stream->data + start[i], start[i + 1] - start[i] };
		network_must(jt_object_parse(w->bytes, &o, &error), &error);
		network_must(jt_signed_body(&o, &body, &error), &error);
		jt_object_hash(w->id, o.kind, o.version, body);
		jt_hash_keyed(w->order, salt, (struct jt_slice){ words_key(w->from)->account,
		    JT_ACCOUNT });
	}
	if (wish_count > 1)
		qsort(wishes, wish_count, sizeof *wishes, by_place);
}

/* ---- comparing ---- */

static bool
same_account(unsigned i, const struct jt_account *a, bool exists)
{
	const struct person *p = &people[i];
	const struct jt_signer *s = a->signers.items;
	uint64_t flags = (p->no_master ? JT_FLAG_NO_MASTER : 0) |
	    (p->no_new_signers ? JT_FLAG_NO_NEW_SIGNERS : 0) |
	    (p->refuse ? JT_FLAG_REFUSE_UNASKED : 0) | (p->require ? JT_FLAG_REQUIRE_MEMO : 0);
	static const uint8_t none[JT_ACCOUNT];
	bool same = exists == p->exists;

	if (!same || !exists)
		return same;
	same = a->balance == p->balance && a->flags == flags && a->seq == (uint64_t)p->highest &&
	    memcmp(a->key, p->key >= 0 ? words_key((uint32_t)p->key)->account : none,
		JT_ACCOUNT) == 0 &&
	    a->signers.count == (uint32_t)p->signers && a->quorum == (uint64_t)p->quorum &&
	    a->objects == (p->signers > 0);
	for (int n = 1; n < p->highest + 70 && n < NUMBERS; n++) {
		enum jt_seq want = n <= p->highest - 64 ? JT_SEQ_OLD : n > p->highest + 64
		    ? JT_SEQ_AHEAD : p->taken[n] ? JT_SEQ_USED : JT_SEQ_FREE;
		same = same && jt_seq_look(a, (uint64_t)n) == want;
	}
	for (int k = 0; same && k < p->signers; k++) {
		bool found = false;
		for (uint32_t m = 0; m < a->signers.count; m++)
			found = found || (memcmp(s[m].account,
			    words_key((uint32_t)p->signer[k])->account, JT_ACCOUNT) == 0 &&
			    s[m].weight == (uint64_t)p->weight[k]);
		same = found;
	}
	return same;
}

/* Every account and the totals, proven by the newest header. */
static bool
check_state(void)
{
	uint64_t coins = 0, accounts = 0;
	struct jt_proof_account proof;
	struct jt_prover prover;
	struct jt_header h = { 0 };
	struct jt_account a;
	struct jt_object o;
	struct jt_buf b;
	bool good = true;

	jt_prover_init(&prover, &ledger);
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (unsigned i = 0; i < PEOPLE; i++) {
		jt_buf_clear(&b);
		msgpack_zone_clear(zone);
		network_must(jt_prove_account(&prover, words_key(i)->account, &b, &error), &error);
		network_must(jt_object_parse(jt_buf_slice(&b), &o, &error), &error);
		if (jt_proof_account_check(&o, &net.genesis, net.id, &proof, &h, zone, &error) !=
		    JT_OK) {
			printf("# account %u: %s\n", i, error.text);
			good = false;
			continue;
		}
		if (proof.entry.len > 0)
			network_must(jt_account_decode(proof.entry, &a, zone, &error), &error);
		if (!same_account(i, &a, proof.entry.len > 0)) {
			printf("# account %u differs\n", i);
			good = false;
		}
		coins += people[i].balance;
		accounts += people[i].exists;
	}
	jt_buf_free(&b);
	jt_prover_free(&prover);
	return good && h.number == number && h.time == times[number] && h.totals.coins == coins &&
	    h.totals.accounts == accounts && h.totals.burned == burned &&
	    coins + burned == net.genesis.coins;
}

/* What is in the ledger, in the model's order, each proven with its outcome. */
static bool
check_ledger(void)
{
	struct jt_prover prover;
	struct jt_proof_tx proof;
	struct jt_header h;
	struct jt_object o;
	struct jt_buf b;
	uint32_t index = 0;
	bool good = true;

	jt_prover_init(&prover, &ledger);
	jt_buf_init(&b, JT_OBJECT_MAX);
	for (size_t i = 0; i < wish_count; i++) {
		if (jt_code_rows[wishes[i].code].outcome == JT_REFUSED)
			continue;
		jt_buf_clear(&b);
		msgpack_zone_clear(zone);
		good = good && jt_prove_tx(&prover, wishes[i].id, &b, &error) == JT_OK &&
		    jt_object_parse(jt_buf_slice(&b), &o, &error) == JT_OK &&
		    jt_proof_tx_check(&o, &net.genesis, net.id, &proof, &h, zone, &error) ==
			JT_OK &&
		    h.number == number && proof.code == wishes[i].code && proof.index == index &&
		    jt_slice_equal(proof.tx, wishes[i].bytes);
		index++;
	}
	jt_buf_free(&b);
	jt_prover_free(&prover);
	return good && index == ledger.head.transactions.count;
}

/* The outcome of each; of copies that are the same to the byte, together. */
static bool
check_outcomes(const struct jt_item *items)
{
	bool good = true;

	for (size_t i = 0, next; i < wish_count; i = next) {
		int want = 0, found = 0;
		for (next = i; next < wish_count &&
		    jt_slice_equal(wishes[next].bytes, wishes[i].bytes); next++) {
			want += (int)wishes[next].code;
			for (size_t k = 0; k < wish_count; k++)
				if (items[k].object.data == wishes[next].bytes.data)
					found += (int)items[k].code;
		}
		if (want != found) {
			printf("# ledger %" PRIu64 ": wanted %s, found %s\n", number,
			    jt_code_words[wishes[i].code],
			    found < JT_CODES ? jt_code_words[found] : "?");
			good = false;
		}
	}
	return good;
}

/* One cut; false when something differs. */
static bool
run_cut(struct jt_buf *stream)
{
	static const int64_t steps[] = { 0, 1, -1000, 500, 500, 1500, 2400000 };
	struct jt_cut cut = { .n = ledger.cut + 1 };
	struct jt_item items[ITEMS];
	struct jt_close c = { .items = items, .count = 0 };
	uint64_t before = times[number];
	bool any = false, good;

	cut.time = (uint64_t)((int64_t)before + steps[random_below(7)]);
	random_bytes(cut.salt, JT_HASH);
	make_wishes(stream, cut.salt);
	number++;
	times[number] = now = cut.time > before ? cut.time : before + 1;
	for (size_t i = 0; i < wish_count; i++) {
		wishes[i].code = model(&wishes[i]);
		any = any || jt_code_rows[wishes[i].code].outcome != JT_REFUSED;
		met[wishes[i].code]++;
		total++;
		items[i] = (struct jt_item){ .object = wishes[i].bytes };
	}
	for (size_t i = wish_count; i > 1; i--) {
		size_t k = (size_t)random_below(i);
		struct jt_item kept = items[i - 1];
		items[i - 1] = items[k];
		items[k] = kept;
	}
	c.count = wish_count;
	network_must(jt_close_ledger(&ledger, &cut, &c, &error), &error);
	good = c.closed == any && check_outcomes(items);
	if (!any) {
		number--;
		network_must(jt_ledger_commit(&ledger, &error), &error);
		return good && ledger.head.number == number && ledger.cut == cut.n;
	}
	memcpy(header_ids[number], ledger.head_id, JT_HASH);
	network_must(jt_ledger_sign_own(&ledger, number, net.validators[0].key,
	    net.validator_secret[0], &error), &error);
	good = check_ledger() && good;
	good = check_state() && good;
	network_must(jt_ledger_commit(&ledger, &error), &error);
	return good;
}

static bool
run_network(int n)
{
	struct jt_buf stream;
	char name[24];
	bool good = true;

	make_network();
	snprintf(name, sizeof name, "ledger%d", n);
	network_open(&net, tempdir_path(name), &ledger);
	times[0] = NETWORK_TIME;
	memcpy(header_ids[0], ledger.head_id, JT_HASH);
	jt_buf_init(&stream, SIZE_MAX / 2);
	for (int i = 0; i < LEDGERS && good; i++)
		good = run_cut(&stream);
	jt_buf_free(&stream);
	jt_ledger_close(&ledger);
	network_free(&net);
	tempdir_clear(name);
	return good;
}

int
main(int argc, char **argv)
{
	int networks = argc > 2 ? atoi(argv[2]) : 12;

	random_start(argc, argv);
	tempdir_make();
	zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	network_need(zone != NULL, "out of memory");
	for (size_t i = 0; i < OLD; i++)
		jt_buf_init(&old_bytes[i], JT_OBJECT_MAX);
	for (int n = 0; n < networks; n++)
		if (!ok(run_network(n), "network %d: the model agrees", n + 1))
			break;
	printf("# %" PRIu64 " transactions\n", total);
	for (int i = 0; i < JT_CODES; i++)
		printf("# %6" PRIu64 " %s\n", met[i], jt_code_words[i]);
	ok(met[JT_CODE_OK] * 5 > total, "of which enough were applied");
	for (size_t i = 0; i < OLD; i++)
		jt_buf_free(&old_bytes[i]);
	msgpack_zone_free(zone);
	return done_testing();
}
