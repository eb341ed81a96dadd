/* A validator's vote, drawn from its log while it goes on. See draw-live.h. */
#include "draw-live.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "all/kinds.h"
#include "base/file.h"
#include "dealing.h"
#include "key/pub.h"
#include "member/turn.h"
#include "sim/watch.h"
#include "vote/log.h"

enum { ROUNDS = 48 }; /* that are drawn */

static struct {
	char *vote;                   /* the folder with the log */
	struct cmd_network network;
	msgpack_zone *zone;           /* of the network, and of the mark */
	msgpack_zone *scratch;
	struct jt_genesis genesis;
	struct jt_coin_public coin;
	struct jt_watch_terms terms;
	struct jt_watch *watch;
	struct jt_picture *picture;
	uint32_t me;
	uint64_t messages, began;
	uint32_t low, high;           /* rounds */
} me;

static char *
joined(const char *dir, const char *name)
{
	char *path = jt_path_join(dir, name);

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	return path;
}

static void
add_event(void *ctx, const struct jt_event *event)
{
	struct jt_error e;

	(void)ctx;
	cmd_check(jt_picture_add(me.picture, event, &e), &e);
}

static void
read_network(const char *dir)
{
	struct jt_electorate *el = &me.terms.electorate;
	char *path = joined(dir, "validator.pub");
	const struct jt_validator *validators;
	struct jt_pub pub = { .role = JT_ROLE_VALIDATOR };
	struct jt_dealing dealing;
	struct jt_error e;

	cmd_network(&me.network, NULL, dir);
	cmd_check(jt_genesis_decode(&me.network.genesis, &me.genesis, me.network.id, me.zone, &e), &e);
	memcpy(el->network, me.network.id, JT_HASH);
	el->n = me.genesis.validators.count;
	el->is_payload = jt_is_payload;
	validators = me.genesis.validators.items;
	if (access(path, F_OK) == 0)
		cmd_check(cmd_pub_load(path, &pub, &e), &e);
	me.me = el->n;
	for (uint32_t i = 0; i < el->n; i++) {
		memcpy(el->keys[i], validators[i].key, JT_KEY);
		if (memcmp(pub.key, validators[i].key, JT_KEY) == 0)
			me.me = i;
	}
	if (cmd_dealing(&me.network, &me.genesis, &dealing, me.zone)) {
		jt_dealing_public(&dealing, &me.coin);
		me.terms.coin = &me.coin;
	}
	me.terms.voter = jt_voter_usual;
	me.terms.voter.order.interval = me.genesis.interval;
	me.terms.record = add_event;
	free(path);
}

static uint64_t
newest_segment(void)
{
	DIR *d = opendir(me.vote);
	struct dirent *entry;
	uint64_t newest = 0;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *end = entry->d_name;
		uint64_t number = strtoull(entry->d_name, &end, 10);
		if (end == entry->d_name + 10 && strcmp(end, ".jt") == 0 && number > newest)
			newest = number;
	}
	if (d != NULL)
		closedir(d);
	if (newest == 0)
		die(JT_NOINPUT, "%s: holds no log of a vote", me.vote);
	return newest;
}

/* Each whole object of a segment. */
static void
each(uint64_t segment, void (*visit)(const struct jt_object *o))
{
	struct jt_buf bytes = { .max = SIZE_MAX / 2 };
	struct jt_slice rest;
	struct jt_object o;
	struct jt_error e;
	char name[32], *path;
	size_t size;

	snprintf(name, sizeof name, "%010" PRIu64 ".jt", segment);
	path = joined(me.vote, name);
	cmd_check(jt_file_read(path, &bytes, &e), &e);
	for (rest = jt_buf_slice(&bytes); rest.len > 0 && jt_object_size(rest, &size, &e) == JT_OK &&
	    size <= rest.len; rest.data += size, rest.len -= size)
		if (jt_object_parse((struct jt_slice){ rest.data, size }, &o, &e) == JT_OK)
			visit(&o);
	jt_buf_free(&bytes);
	free(path);
}

/* A block of the log, which was verified before it came there. */
static bool
open_block(const struct jt_object *o, struct jt_block *b)
{
	struct jt_slice items = { NULL, 0 };
	struct jt_error e;

	msgpack_zone_clear(me.scratch);
	return jt_object_is(o, jt_kind_block.name) &&
	    jt_block_open(&me.terms.electorate, o, false, b, &items, me.scratch, &e) == JT_OK &&
	    b->ref.author < me.terms.electorate.n;
}

static uint64_t from;             /* segment */
static struct jt_mark mark;
static bool marked;

/* Where the newest segment begins: with the first block ever made, or at a mark. */
static void
look(const struct jt_object *o)
{
	struct jt_turn turn = { 0 };
	struct jt_error e;

	if (jt_object_is(o, jt_kind_turn.name)) {
		cmd_check(jt_kind_read(&jt_kind_turn, o, &turn, me.zone, &e), &e);
		from = turn.from;
	} else if (jt_object_is(o, jt_kind_mark.name)) {
		cmd_check(jt_kind_read(&jt_kind_mark, o, &mark, me.zone, &e), &e);
		marked = true;
		me.low = (uint32_t)mark.low;
	}
}

static void
measure(const struct jt_object *o)
{
	struct jt_block b = { 0 };

	if (!open_block(o, &b) || b.ref.round <= me.low)
		return;
	if (b.ref.round > me.high)
		me.high = b.ref.round;
	if (me.began == 0 || b.time < me.began)
		me.began = b.time;
}

static void
show(const struct jt_object *o)
{
	struct jt_block b = { 0 };
	struct jt_error e;

	if (!open_block(o, &b) || b.ref.round <= me.low)
		return;
	jt_watch_time(me.watch, b.time > me.began ? b.time - me.began : 0);
	if (b.ref.author == me.me)
		cmd_check(jt_watch_said(me.watch, me.me, o, &e), &e);
	else
		cmd_check(jt_watch_came(me.watch, ++me.messages, b.ref.author,
		    me.me < me.terms.electorate.n ? me.me : 0, o, &e), &e);
}

struct jt_picture *
draw_live(const char *dir, struct jt_picture_terms terms)
{
	struct jt_run run = { .leaders = jt_voter_usual.leaders };
	uint64_t newest;
	struct jt_error e;

	cmd_crypto();
	me.zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	me.scratch = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	if (me.zone == NULL || me.scratch == NULL)
		die(JT_SYSTEM, "out of memory");
	read_network(dir);
	me.vote = joined(dir, "vote");
	newest = from = newest_segment();
	each(newest, look);
	for (uint64_t i = from; i <= newest; i++)
		each(i, measure);
	run.validators = me.terms.electorate.n;
	terms.after = me.high > ROUNDS ? me.high - ROUNDS : 0;
	terms.viewer = terms.viewer == 0 && me.me < run.validators ? me.me + 1 : terms.viewer;
	cmd_check(jt_picture_new(&run, &terms, &me.picture, &e), &e);
	if ((me.watch = jt_watch_new(&me.terms)) == NULL)
		die(JT_SYSTEM, "out of memory");
	if (marked)
		cmd_check(jt_watch_mark(me.watch, me.me < run.validators ? me.me : 0, &mark, &e), &e);
	for (; from <= newest; from++)
		each(from, show);
	jt_watch_free(me.watch);
	msgpack_zone_free(me.scratch);
	msgpack_zone_free(me.zone);
	jt_buf_free(&me.network.bytes);
	free(me.vote);
	return me.picture;
}
