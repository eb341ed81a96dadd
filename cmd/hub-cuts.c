/*
 * The closer that jt-hub plays: it closes each cut at once, and no ledger, since
 * it has none. And what all voters hand out alike, once. See hub.h.
 */
#include "hub.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"

#include "key/beacon.h"

enum { OPEN_MAX = 1 << 20 }; /* payload objects on their way into a cut that are known */

static struct jt_agree *agree;
static uint64_t last_header, last_beacon; /* ledgers whose ones went out */

/* Payload that was given and is in no cut yet: some bytes of its hash, open addressing. */
static struct {
	uint64_t *slots;        /* 0: free */
	size_t cap, count;
} open_items;

/* ---- payload on its way ---- */

static uint64_t
mark_of(struct jt_slice object)
{
	uint8_t hash[JT_HASH];

	jt_hash(hash, object);
	return jt_get_be64(hash) | 1;
}

static size_t
slot_of(uint64_t mark)
{
	size_t at = (size_t)(mark >> 1) & (open_items.cap - 1);

	while (open_items.slots[at] != 0 && open_items.slots[at] != mark)
		at = (at + 1) & (open_items.cap - 1);
	return at;
}

static void
grow_items(void)
{
	uint64_t *old = open_items.slots;
	size_t cap = open_items.cap;

	open_items.cap = cap ? 2 * cap : 1024;
	if ((open_items.slots = calloc(open_items.cap, sizeof *old)) == NULL)
		die(JT_SYSTEM, "out of memory");
	for (size_t i = 0; i < cap; i++)
		if (old[i] != 0)
			open_items.slots[slot_of(old[i])] = old[i];
	free(old);
}

void
hub_cuts_given(struct jt_slice object)
{
	uint64_t mark = mark_of(object);

	hub.given++;
	if (open_items.count == OPEN_MAX)
		return; /* then it is not looked for */
	if (2 * open_items.count >= open_items.cap)
		grow_items();
	open_items.count += open_items.slots[slot_of(mark)] == 0;
	open_items.slots[slot_of(mark)] = mark;
}

/* It is in a cut. What lies behind it in the table moves up, so that it is still found. */
static void
close_item(struct jt_slice object)
{
	size_t mask = open_items.cap - 1, at;
	uint64_t moved;

	if (open_items.cap == 0 || open_items.slots[at = slot_of(mark_of(object))] == 0)
		return;
	open_items.slots[at] = 0;
	open_items.count--;
	for (at = (at + 1) & mask; (moved = open_items.slots[at]) != 0; at = (at + 1) & mask) {
		open_items.slots[at] = 0;
		open_items.slots[slot_of(moved)] = moved;
	}
}

/* ---- cuts ---- */

static uint32_t
place(const struct hub_voter *v)
{
	return (uint32_t)(v - hub.voters);
}

static void
agreed(void *ctx, uint64_t n, struct jt_slice objects, uint64_t count)
{
	struct jt_error e;
	size_t size;

	(void)ctx;
	(void)n;
	(void)count;
	for (size_t at = 0; at < objects.len; at += size) {
		struct jt_slice rest = { objects.data + at, objects.len - at };
		cmd_check(jt_object_size(rest, &size, &e), &e);
		rest.len = size;
		close_item(rest);
		cmd_write(&hub.out, rest);
	}
}

static void
differs(void *ctx, uint64_t n, uint32_t voter, uint32_t other)
{
	(void)ctx;
	complain(JT_NO, "voters disagree: cut %" PRIu64 " of %s is not that of %s", n,
	    hub.voters[voter].label, hub.voters[other].label);
}

void
hub_cuts_begin(void)
{
	static const struct jt_agree_ops ops = { agreed, differs };

	agree = jt_agree_new(hub.count, hub.enough, &ops, NULL);
	if (agree == NULL)
		die(JT_SYSTEM, "out of memory");
}

/* Once: they are the same whoever hands them out, but for who signed. */
static void
pass_on(uint64_t number, uint64_t *last, const struct jt_object *o)
{
	if (number <= *last)
		return;
	*last = number;
	cmd_write(&hub.out, o->bytes);
}

void
hub_cuts_take(struct hub_voter *v, const struct jt_object *o)
{
	struct jt_beacon beacon = { .ledger = 0 };
	struct jt_header header = { .number = 0 };
	struct jt_error e;
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	enum jt_err err;

	if (zone == NULL)
		die(JT_SYSTEM, "out of memory");
	if (jt_object_is(o, jt_kind_header.name)) {
		if ((err = jt_header_decode(o, &header, NULL, zone, &e)) == JT_OK)
			pass_on(header.number, &last_header, o);
	} else if (jt_object_is(o, jt_kind_beacon.name)) {
		if ((err = jt_kind_read(&jt_kind_beacon, o, &beacon, zone, &e)) == JT_OK)
			pass_on(beacon.ledger, &last_beacon, o);
	} else {
		err = jt_agree_take(agree, place(v), o, &e);
	}
	msgpack_zone_free(zone);
	if (err == JT_MALFORMED)
		cmd_source_complain(&v->from, err, "%s", e.text);
	else
		cmd_check(err, &e);
	if (!jt_object_is(o, jt_kind_cut.name))
		return;
	v->has_at = false;
	hub.active = cmd_clock_ms(); /* none comes unasked */
}

void
hub_cuts_start(struct hub_voter *v)
{
	jt_agree_again(agree, place(v));
	v->has_at = false;
	hub_cuts_close();
}

void
hub_cuts_close(void)
{
	struct jt_buf object;
	struct jt_error e;

	if (!hub.closer)
		return;
	jt_buf_init(&object, JT_OBJECT_MAX);
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		struct jt_at at = { .cut = jt_agree_last(agree, i) };
		if (v->has_at || !v->running || !jt_agree_has_room(agree, i))
			continue;
		jt_buf_clear(&object);
		cmd_check(jt_kind_write(&jt_kind_at, &at, &object, &e), &e);
		cmd_sink_put(&v->to, jt_buf_slice(&object));
		v->has_at = true;
	}
	jt_buf_free(&object);
}

bool
hub_cuts_settled(void)
{
	uint64_t last = jt_agree_agreed(agree);

	if (!hub.closer)
		return false; /* who knows */
	for (uint32_t i = 0; i < hub.count; i++)
		if (hub.voters[i].running && jt_agree_last(agree, i) < last)
			return false;
	return open_items.count == 0;
}

/* Voters that are there, and have not handed out all that is agreed. */
static void
tell_behind(void)
{
	uint64_t last = jt_agree_agreed(agree);

	for (uint32_t i = 0; i < hub.count && hub.closer; i++)
		if (hub.voters[i].let_go && hub.voters[i].named && jt_agree_last(agree, i) < last)
			complain(JT_AGAIN, "%s: is at cut %" PRIu64 " of %" PRIu64, hub.voters[i].label,
			    jt_agree_last(agree, i), last);
}

void
hub_cuts_end(void)
{
	jt_agree_end(agree);
	tell_behind();
	if (hub.closer && open_items.count > 0)
		complain(JT_AGAIN, "%zu of %" PRIu64 " payload objects are in no cut",
		    open_items.count, hub.given);
	else if (!hub.closer && hub.took > 0 && hub.took < hub.given)
		complain(JT_AGAIN, "%" PRIu64 " of %" PRIu64 " payload objects were not taken",
		    hub.given - hub.took, hub.given);
	free(open_items.slots);
	jt_agree_free(agree);
}
