/* Transactions on their way. See outbox.h. */
#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum {
	BUCKETS = 16384,
	DELAY_MS = 50,      /* after a first refusal, doubled with each further one */
	DELAY_MAX_MS = 1000,
	DELAY_BUSY_MS = 200, /* the most after a server was busy: it is sent less by then */
	EASE_MS = 100        /* between two steps down */
};

static void *
need(void *memory)
{
	if (memory == NULL)
		die(JT_SYSTEM, "out of memory");
	return memory;
}

static uint32_t
bucket(const struct outbox *o, const uint8_t *data, size_t len)
{
	uint8_t hash[crypto_shorthash_BYTES];

	crypto_shorthash(hash, data, len, o->seed);
	return jt_get_be32(hash) % BUCKETS;
}

void
outbox_open(struct outbox *o, uint64_t resend_ms)
{
	*o = (struct outbox){ .limit = OUTBOX_SENT_START, .resend_ms = resend_ms };
	o->ids = need(calloc(BUCKETS, sizeof *o->ids));
	o->accounts = need(calloc(BUCKETS, sizeof *o->accounts));
}

void
outbox_close(struct outbox *o)
{
	struct outbox_item *item, *then;

	JT_CHAIN_EACH_LEAVING(item, then, &o->all, in_all)
		outbox_remove(o, item);
	free(o->ids);
	free(o->accounts);
}

bool
outbox_has_room(const struct outbox *o)
{
	return o->count < OUTBOX_MAX && o->bytes < OUTBOX_BYTES_MAX;
}

struct outbox_item *
outbox_find(struct outbox *o, const uint8_t id[JT_HASH])
{
	struct outbox_item *item;

	JT_CHAIN_EACH(item, &o->ids[bucket(o, id, JT_HASH)], by_id)
		if (memcmp(item->id, id, JT_HASH) == 0)
			return item;
	return NULL;
}

struct outbox_account *
outbox_account(struct outbox *o, const uint8_t account[JT_ACCOUNT])
{
	struct outbox_account *a;

	JT_CHAIN_EACH(a, &o->accounts[bucket(o, account, JT_ACCOUNT)], by_account)
		if (memcmp(a->account, account, JT_ACCOUNT) == 0)
			return a;
	return NULL;
}

/* Something may have become possible for the account. */
static void
make_ready(struct outbox *o, struct outbox_account *a)
{
	if (!a->ready && a->next != NULL)
		jt_chain_append(&o->ready, &a->in_ready);
	a->ready = a->next != NULL;
}

static void
look_for_next(struct outbox_account *a)
{
	while (a->next != NULL && a->next->state != OUTBOX_UNSENT)
		a->next = JT_CHAIN_NEXT(a->next, by_seq);
}

/* An item is unsent (again): it may be the first of those. */
static void
set_unsent(struct outbox *o, struct outbox_item *item)
{
	struct outbox_account *a = item->account;

	item->state = OUTBOX_UNSENT;
	if (a->next == NULL || item->seq < a->next->seq)
		a->next = item;
	else if (item->seq == a->next->seq)
		a->next = JT_CHAIN_FIRST(&a->items, struct outbox_item, by_seq); /* it may lie before the other */
	look_for_next(a);
	make_ready(o, a);
}

/* In the order of numbers, behind those with the same. */
static void
insert_by_seq(struct outbox_account *a, struct outbox_item *item)
{
	struct outbox_item *below = JT_CHAIN_LAST(&a->items, struct outbox_item, by_seq);

	while (below != NULL && below->seq > item->seq)
		below = JT_CHAIN_PREV(below, by_seq);
	jt_chain_insert(&a->items, below != NULL ? &below->by_seq : NULL, &item->by_seq);
	a->count++;
}

void
outbox_add(struct outbox *o, const struct outbox_new *new)
{
	struct outbox_item *item = outbox_find(o, new->id);
	struct outbox_account *a;
	uint8_t *copy;

	if (item != NULL) {
		item->times++;
		return;
	}
	if ((a = outbox_account(o, new->account)) == NULL) {
		a = need(calloc(1, sizeof *a));
		memcpy(a->account, new->account, JT_ACCOUNT);
		jt_chain_insert(&o->accounts[bucket(o, a->account, JT_ACCOUNT)], NULL,
		    &a->by_account);
	}
	item = need(calloc(1, sizeof *item + new->object.len));
	copy = (uint8_t *)(item + 1);
	memcpy(copy, new->object.data, new->object.len);
	memcpy(item->id, new->id, JT_HASH);
	item->object = (struct jt_slice){ copy, new->object.len };
	item->seq = new->seq;
	item->last = new->last;
	item->until = new->until;
	item->record = new->record;
	item->name = new->name;
	item->index = new->index;
	item->times = 1;
	item->account = a;
	jt_chain_insert(&o->ids[bucket(o, item->id, JT_HASH)], NULL, &item->by_id);
	jt_chain_append(&o->all, &item->in_all);
	insert_by_seq(a, item);
	o->count++;
	o->records += item->record;
	o->bytes += sizeof *item + item->object.len;
	set_unsent(o, item);
}

void
outbox_start_records(struct outbox *o)
{
	struct outbox_item *item;

	o->records_wait = false;
	JT_CHAIN_EACH(item, &o->all, in_all)
		if (item->record)
			make_ready(o, item->account);
}

/* Take it out of whatever list its state has it in. */
static void
leave_queue(struct outbox *o, struct outbox_item *item)
{
	if (item->state == OUTBOX_SENT || item->state == OUTBOX_ACCEPTED) {
		jt_chain_remove(&o->sent, &item->in_queue);
		o->sent_count--;
	} else if (item->state == OUTBOX_DOUBTED) {
		jt_chain_remove(&o->doubted, &item->in_queue);
	} else if (item->again != 0) {
		jt_chain_remove(&o->later, &item->in_queue);
	}
	item->again = 0;
}

void
outbox_remove(struct outbox *o, struct outbox_item *item)
{
	struct outbox_account *a = item->account;

	leave_queue(o, item);
	if (a->next == item)
		a->next = JT_CHAIN_NEXT(item, by_seq);
	jt_chain_remove(&o->ids[bucket(o, item->id, JT_HASH)], &item->by_id);
	jt_chain_remove(&a->items, &item->by_seq);
	jt_chain_remove(&o->all, &item->in_all);
	o->count--;
	o->records -= item->record;
	o->bytes -= sizeof *item + item->object.len;
	free(item->why);
	free(item);
	if (--a->count > 0) {
		look_for_next(a);
		if (a->next != NULL)
			make_ready(o, a);
		return;
	}
	if (a->ready)
		jt_chain_remove(&o->ready, &a->in_ready);
	jt_chain_remove(&o->accounts[bucket(o, a->account, JT_ACCOUNT)], &a->by_account);
	free(a);
}

/* ---- sending ---- */

/* Of this account, the lowest that may be sent now. */
static struct outbox_item *
next_of(struct outbox_account *a)
{
	const struct outbox_item *lowest = JT_CHAIN_FIRST(&a->items, struct outbox_item, by_seq);
	struct outbox_item *item;

	look_for_next(a);
	for (item = a->next; item != NULL; item = JT_CHAIN_NEXT(item, by_seq)) {
		if (item->seq - lowest->seq >= JT_SEQ_WINDOW)
			return NULL;
		if (item->state == OUTBOX_UNSENT && item->again == 0)
			return item;
	}
	return NULL;
}

/* Those of a queue whose time has come are to be sent (again). */
static void
wake(struct outbox *o, struct jt_chain *queue, uint64_t now)
{
	struct outbox_item *item, *then;

	JT_CHAIN_EACH_LEAVING(item, then, queue, in_queue) {
		if (item->again > now)
			break;
		leave_queue(o, item);
		set_unsent(o, item);
	}
}

struct outbox_item *
outbox_next(struct outbox *o, uint64_t now)
{
	struct outbox_account *a;
	struct outbox_item *item;

	wake(o, &o->later, now);
	wake(o, &o->sent, now);
	if (o->sent_count >= o->limit)
		return NULL;
	while ((a = JT_CHAIN_FIRST(&o->ready, struct outbox_account, in_ready)) != NULL) {
		jt_chain_remove(&o->ready, &a->in_ready);
		a->ready = false;
		item = next_of(a);
		if (item == NULL || (item->record && o->records_wait))
			continue;
		item->state = OUTBOX_SENT;
		item->again = now + o->resend_ms;
		item->first = item->first != 0 ? item->first : now;
		jt_chain_append(&o->sent, &item->in_queue);
		o->sent_count++;
		look_for_next(a);
		make_ready(o, a);
		return item;
	}
	return NULL;
}

int
outbox_wait(const struct outbox *o, uint64_t now)
{
	const struct outbox_item *sent, *later;
	uint64_t at = UINT64_MAX;

	sent = JT_CHAIN_FIRST(&o->sent, struct outbox_item, in_queue);
	later = JT_CHAIN_FIRST(&o->later, struct outbox_item, in_queue);
	if (sent != NULL)
		at = sent->again;
	if (later != NULL && later->again < at)
		at = later->again;
	return at == UINT64_MAX ? -1 : at <= now ? 0 : (int)(at - now);
}

void
outbox_again(struct outbox *o)
{
	struct jt_chain *lists[] = { &o->sent, &o->later, &o->doubted };
	struct outbox_item *item, *then;

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		JT_CHAIN_EACH_LEAVING(item, then, lists[i], in_queue)
			outbox_retry(o, item);
	for (uint32_t i = 0; i < BUCKETS; i++) {
		struct outbox_account *a;

		JT_CHAIN_EACH(a, &o->accounts[i], by_account)
			a->asked = false;
	}
}

/* ---- answers ---- */

void
outbox_accepted(struct outbox *o, struct outbox_item *item, uint64_t now)
{
	if (item->state != OUTBOX_SENT && item->state != OUTBOX_ACCEPTED)
		return;
	jt_chain_remove(&o->sent, &item->in_queue);
	jt_chain_append(&o->sent, &item->in_queue);
	item->again = now + o->resend_ms;
	item->state = OUTBOX_ACCEPTED;
	item->refusals = 0;
	if (o->limit < OUTBOX_SENT_MAX)
		o->limit++;
}

/* What is said may be what was said before. */
static void
set_why(struct outbox_item *item, enum jt_code code, struct jt_slice why)
{
	char *copy = why.len == 0 ? NULL : need(strndup((const char *)why.data, why.len));

	free(item->why);
	item->why = copy;
	item->code = code;
}

void
outbox_refused(struct outbox *o, struct outbox_item *item, enum jt_code code,
    struct jt_slice why, uint64_t now)
{
	uint64_t delay, most = code == JT_CODE_OK ? DELAY_BUSY_MS : DELAY_MAX_MS;
	struct outbox_item *before;

	leave_queue(o, item);
	set_why(item, code, why);
	delay = item->refusals < 5 ? (uint64_t)DELAY_MS << item->refusals : most;
	if (delay > most)
		delay = most;
	item->refusals++;
	set_unsent(o, item);
	item->again = now + delay;
	before = JT_CHAIN_LAST(&o->later, struct outbox_item, in_queue);
	while (before != NULL && before->again > item->again)
		before = JT_CHAIN_PREV(before, in_queue);
	if (before != NULL)
		jt_chain_insert(&o->later, &before->in_queue, &item->in_queue);
	else
		jt_chain_insert(&o->later, NULL, &item->in_queue);
	/* Answers that come together say the same thing. */
	if (code == JT_CODE_OK && o->limit / 2 >= OUTBOX_SENT_MIN && now - o->eased >= EASE_MS) {
		o->limit /= 2;
		o->eased = now;
	}
}

void
outbox_doubt(struct outbox *o, struct outbox_item *item, enum jt_code code, struct jt_slice why)
{
	leave_queue(o, item);
	set_why(item, code, why);
	item->state = OUTBOX_DOUBTED;
	jt_chain_append(&o->doubted, &item->in_queue);
}

void
outbox_retry(struct outbox *o, struct outbox_item *item)
{
	leave_queue(o, item);
	set_unsent(o, item);
}
