/* Messages: to whom, and what is told and recorded of them. See hub.h. */
#include "hub.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "all/kinds.h"
#include "dealing.h"
#include "member/tally.h"
#include "member/words.h"
#include "recording.h"

static struct cmd_output record_out;
static struct jt_coin_public coin;
static struct jt_watch_terms watch_terms;
static uint64_t began; /* ms, by hub.now */

/* ---- the record ---- */

void
hub_record(const char *path, const struct cmd_network *network, const struct jt_genesis *g,
    msgpack_zone *zone)
{
	struct jt_electorate *el = &watch_terms.electorate;
	const struct jt_validator *validators = g->validators.items;
	struct jt_run run = { .leaders = jt_voter_usual.leaders, .validators = g->validators.count };
	struct jt_dealing dealing;

	memcpy(el->network, network->id, JT_HASH);
	el->n = g->validators.count;
	el->is_payload = jt_is_payload;
	for (uint32_t i = 0; i < el->n; i++)
		memcpy(el->keys[i], validators[i].key, JT_KEY);
	if (cmd_dealing(network, g, &dealing, zone)) {
		jt_dealing_public(&dealing, &coin);
		watch_terms.coin = &coin;
	}
	watch_terms.voter = jt_voter_usual;
	watch_terms.voter.order.interval = g->interval;
	watch_terms.record = recording_event;
	watch_terms.ctx = &record_out;
	if ((hub.watch = jt_watch_new(&watch_terms)) == NULL)
		die(JT_SYSTEM, "out of memory");
	recording_open(&record_out, path, &run);
	began = hub.now;
}

void
hub_record_time(void)
{
	jt_watch_time(hub.watch, hub.now - began);
}

void
hub_record_end(void)
{
	jt_watch_free(hub.watch);
	hub.watch = NULL;
}

static bool
is_watched(const struct hub_voter *from, const struct hub_voter *to)
{
	return hub.watch != NULL && from != NULL && from->place < hub.n && to->place < hub.n;
}

/* ---- words ---- */

/* The object in a jt/msg, or payload as it is; false for what is neither. */
static bool
inner_of(struct jt_slice object, struct jt_object *inner, msgpack_zone *zone)
{
	struct jt_error e;
	struct jt_object o;
	struct jt_msg msg;

	if (jt_object_parse(object, &o, &e) != JT_OK)
		return false;
	*inner = o;
	return !jt_object_is(&o, jt_kind_msg.name) ||
	    (jt_kind_read(&jt_kind_msg, &o, &msg, zone, &e) == JT_OK &&
	    jt_object_parse(msg.body, inner, &e) == JT_OK);
}

void
hub_words(struct jt_slice object, struct jt_buf *out)
{
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	struct jt_object inner;

	if (zone == NULL)
		die(JT_SYSTEM, "out of memory");
	if (!inner_of(object, &inner, zone))
		jt_buf_add_text(out, "what is no object");
	else if (jt_is_payload(&inner))
		jt_buf_addf(out, "jt/%.*s", (int)inner.kind.len, (const char *)inner.kind.data);
	else
		jt_message_words(&inner, hub.names, hub.n, out);
	msgpack_zone_free(zone);
}

static void
tell(const struct hub_voter *from, const struct hub_voter *to, struct jt_slice object,
    const char *lost)
{
	struct jt_buf words;

	if (!hub.log || from == NULL)
		return;
	jt_buf_init(&words, JT_WORDS_MAX);
	hub_words(object, &words);
	complain(JT_OK, "%" PRIu64 " %s -> %s: %.*s%s%s", hub.messages, from->label, to->label,
	    (int)words.len, (const char *)words.data, lost != NULL ? ", lost: " : "",
	    lost != NULL ? lost : "");
	jt_buf_free(&words);
}

/* ---- delivery ---- */

void
hub_lose(struct hub_voter *from, struct hub_voter *to, struct jt_slice object, const char *why)
{
	hub.messages += from != NULL;
	tell(from, to, object, why);
	if (is_watched(from, to)) {
		hub_record_time();
		jt_watch_lost(hub.watch, hub.messages, from->place, to->place);
	}
}

static void
watch(struct hub_voter *from, struct hub_voter *to, struct jt_slice object)
{
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	struct jt_object inner;
	struct jt_error e;

	if (zone == NULL)
		die(JT_SYSTEM, "out of memory");
	hub_record_time();
	if (inner_of(object, &inner, zone))
		cmd_check(to != NULL ?
		    jt_watch_came(hub.watch, hub.messages, from->place, to->place, &inner, &e) :
		    jt_watch_said(hub.watch, from->place, &inner, &e), &e);
	msgpack_zone_free(zone);
}

void
hub_deliver(struct hub_voter *from, struct hub_voter *to, struct jt_slice object)
{
	if (!to->running) {
		hub_lose(from, to, object, "it is not there");
		return;
	}
	if (cmd_sink_waiting(&to->to) > HUB_QUEUE) {
		to->lossy = true;
		hub_lose(from, to, object, "it does not read");
		return;
	}
	hub.messages += from != NULL;
	if (hub.asks)
		hub.now += HUB_TICK_MS;
	hub_tick(to);
	cmd_sink_put(&to->to, object);
	if (from == NULL)
		hub_cuts_given(object);
	tell(from, to, object, NULL);
	if (is_watched(from, to))
		watch(from, to, object);
}

/* ---- has anything happened? ---- */

static int
higher(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/*
 * A voter got further, in rounds or ledgers. What a liar says goes on for ever and
 * is nothing that happens: only what f+1 have reached counts, one of whom is correct.
 */
static void
get_further(struct hub_voter *v, enum hub_measure measure, uint64_t value)
{
	uint64_t reached[HUB_VOTERS_MAX];

	if (value <= v->reached[measure])
		return;
	v->reached[measure] = value;
	for (uint32_t i = 0; i < hub.count; i++)
		reached[i] = hub.voters[i].reached[measure];
	qsort(reached, hub.count, sizeof *reached, higher);
	/* Its own step, as far as others have come; or that of the last one who was missing. */
	if (value <= reached[hub.enough - 1] || reached[hub.enough - 1] > hub.reached[measure])
		hub.active = cmd_clock_ms();
	hub.reached[measure] = reached[hub.enough - 1];
}

static void
note_progress(struct hub_voter *v, struct jt_slice body, msgpack_zone *zone)
{
	struct jt_object o;
	struct jt_error e;
	struct jt_ref ref;
	struct jt_ack ack;

	if (jt_object_parse(body, &o, &e) != JT_OK)
		return;
	if (jt_object_is(&o, jt_kind_block.name) && jt_block_ref(&o, &ref, &e) == JT_OK)
		get_further(v, HUB_ROUND, ref.round);
	else if (jt_object_is(&o, jt_kind_ack.name) &&
	    jt_kind_read(&jt_kind_ack, &o, &ack, zone, &e) == JT_OK)
		get_further(v, HUB_LEDGER, ack.ledger);
}

/* ---- who is who ---- */

static void
give_peer(struct hub_voter *to, const struct hub_voter *of, bool up)
{
	struct jt_peer peer = { .name = jt_slice_text(of->label),
		.state = up ? JT_PEER_UP : JT_PEER_DOWN };
	struct jt_buf object;
	struct jt_error e;

	jt_buf_init(&object, JT_OBJECT_MAX);
	cmd_check(jt_kind_write(&jt_kind_peer, &peer, &object, &e), &e);
	cmd_sink_put(&to->to, jt_buf_slice(&object));
	jt_buf_free(&object);
}

void
hub_announce(struct hub_voter *v, bool up)
{
	v->announced = up;
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *other = &hub.voters[i];
		if (other == v || !other->announced || !other->running)
			continue;
		give_peer(other, v, up);
		if (up)
			give_peer(v, other, true);
	}
}

void
hub_repair(void)
{
	for (uint32_t i = 0; i < hub.count; i++) {
		struct hub_voter *v = &hub.voters[i];
		if (!v->running || !v->lossy || cmd_sink_waiting(&v->to) > 0)
			continue;
		v->lossy = false;
		hub_announce(v, true);
	}
}

static void
name(struct hub_voter *v, struct jt_slice said)
{
	v->named = true;
	v->observer = said.len == 0;
	v->place = JT_VOTERS_MAX;
	if (v->observer)
		snprintf(v->label, sizeof v->label, "observer %u", (unsigned)(v - hub.voters) + 1);
	else
		snprintf(v->label, sizeof v->label, "%.*s", (int)said.len, (const char *)said.data);
	for (uint32_t i = 0; i < hub.n && !v->observer; i++)
		if (jt_slice_equal(hub.names[i], said))
			v->place = i;
	if (hub.n > 0 && !v->observer && v->place == JT_VOTERS_MAX)
		complain(JT_OK, "%s: no validator of the network is called so", v->label);
}

static void
post_to(struct hub_voter *from, struct hub_voter *to, struct jt_slice object)
{
	if (hub.asks)
		hub_ask_add(from, to, object);
	else
		hub_deliver(from, to, object);
}

void
hub_post(struct hub_voter *from, const struct jt_object *o)
{
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	struct jt_slice nobody = { NULL, 0 };
	struct jt_buf object;
	struct jt_error e;
	struct jt_msg msg;

	if (zone == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_kind_read(&jt_kind_msg, o, &msg, zone, &e), &e);
	if (!from->named)
		name(from, msg.from);
	if (hub.begun && !from->announced)
		hub_announce(from, true);
	note_progress(from, msg.body, zone);
	jt_buf_init(&object, JT_OBJECT_MAX);
	cmd_check(jt_msg_write(msg.body, jt_slice_text(from->label), nobody, &object, &e), &e);
	if (hub.watch != NULL && from->place < hub.n)
		watch(from, NULL, jt_buf_slice(&object));
	for (uint32_t i = 0; hub.begun && i < hub.count; i++) {
		struct hub_voter *to = &hub.voters[i];
		if (to != from && to->named &&
		    (msg.to.len == 0 || jt_slice_equal(msg.to, jt_slice_text(to->label))))
			post_to(from, to, jt_buf_slice(&object));
	}
	jt_buf_free(&object);
	msgpack_zone_free(zone);
}
