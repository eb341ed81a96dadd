/* What a door asks a ledger. See answers.h. */
#include "answers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "key/pub.h"
#include "ledger/records.h"
#include "state/map.h"
#include "store.h"
#include "streams.h"

enum {
	STEP_MS = 20,       /* between looks for a ledger */
	RECORDS_MAX = 256,  /* of one hash that are looked through, */
	OF_WORK = 16,       /* so many for the work of one lookup */
	LOOKED_MAX = 4096,  /* accounts that are kept from one snapshot, at most */
	LEAVES_OF_WORK = 64 /* leaves of a ledger's tree for the work of one lookup */
};

static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	struct answers *a = ctx;

	a->looked++;
	return jt_map_get(a->ledger.store, key, value, e);
}

static void
open_ledger(struct jt_ledger *l, const char *dir, int wait_ms)
{
	char *path = jt_path_join(dir, "ledger");
	struct jt_error e;
	enum jt_err err;

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_crypto();
	while ((err = jt_ledger_open(l, path, JT_STORE_READ, &e)) == JT_NOINPUT && wait_ms > 0 &&
	    !cmd_stopping) {
		cmd_poll(NULL, 0, STEP_MS);
		wait_ms -= STEP_MS;
	}
	/* Who was told to end has nothing to say of what was not there yet. */
	if (err == JT_NOINPUT && cmd_stopping)
		cmd_leave(JT_OK);
	cmd_check(err, &e);
	cmd_ledger_check(l, NULL, dir);
	free(path);
}

/* The newest certified ledger in the snapshot; none is older than the one before. */
static uint64_t
newest_certified(struct answers *a)
{
	uint64_t n = a->ledger.head.number;
	struct jt_error e;
	uint32_t good;
	bool yes = false;

	for (; n > a->certified; n--) {
		cmd_check(jt_ledger_certified(&a->ledger, n, &yes, &good, &e), &e);
		if (yes)
			break;
	}
	return n;
}

void
answers_open(struct answers *a, const char *dir, int wait_ms)
{
	*a = (struct answers){ 0 };
	open_ledger(&a->ledger, dir, wait_ms);
	jt_prover_init(&a->prover, &a->ledger);
	a->apply = (struct jt_apply){ .terms = &a->ledger.terms, .verified = true,
		.header_time = jt_ledger_time_of, .ctx = &a->ledger,
		.state = jt_overlay_new(fetch, a) };
	if (a->apply.state == NULL)
		die(JT_SYSTEM, "out of memory");
	a->certified = newest_certified(a);
	a->fresh = true;
	answers_rest(a);
}

void
answers_close(struct answers *a)
{
	jt_overlay_free(a->apply.state);
	jt_buf_free(&a->pub);
	jt_prover_free(&a->prover);
	jt_ledger_close(&a->ledger);
}

void
answers_key(struct answers *a, const char *dir, struct jt_door *d)
{
	const struct jt_validator *v = a->ledger.genesis.validators.items;
	char *path = jt_path_join(dir, "validator.pub");
	struct jt_error e;
	struct jt_pub pub;

	if (path == NULL)
		die(JT_SYSTEM, "out of memory");
	jt_buf_init(&a->pub, JT_OBJECT_MAX);
	if (access(path, F_OK) == 0) {
		cmd_check(cmd_pub_load(path, &pub, &e), &e);
		for (uint32_t i = 0; i < a->ledger.genesis.validators.count; i++) {
			if (memcmp(v[i].key, pub.key, JT_KEY) != 0)
				continue;
			cmd_check(jt_kind_write(&jt_kind_pub, &pub, &a->pub, &e), &e);
			jt_door_records(d, pub.key, a->ledger.genesis.records.stamp);
		}
	}
	free(path);
}

void
answers_rest(struct answers *a)
{
	if (a->fresh)
		jt_ledger_rest(&a->ledger);
	a->fresh = false;
}

static void
look_for_certificates(struct answers *a, struct jt_door *d)
{
	uint64_t newest = newest_certified(a);
	struct jt_error e;

	while (a->certified < newest)
		cmd_check(jt_door_certified(d, ++a->certified, &e), &e);
}

void
answers_renew(struct answers *a, struct jt_door *d)
{
	uint64_t now = cmd_now_ms();
	struct jt_error e;
	bool changed;

	if (a->fresh)
		return;
	cmd_check(jt_ledger_refresh(&a->ledger, &changed, &e), &e);
	a->fresh = true;
	if (changed || a->looked > LOOKED_MAX) {
		jt_overlay_clear(a->apply.state);
		a->looked = 0;
	}
	a->apply.number = a->ledger.head.number + 1;
	a->apply.time = now > a->ledger.head.time ? now : a->ledger.head.time + 1;
	if (changed)
		look_for_certificates(a, d);
}

/* One hash may have been recorded often; this one record among the first of them. */
static enum jt_err
find_record(struct answers *a, const struct jt_entry *entry, uint64_t *ledger,
    uint32_t *work, struct jt_error *e)
{
	struct jt_record_place place = { 0, 0 };
	struct jt_record_copy copy;
	struct jt_slice object;
	enum jt_err err;

	for (uint32_t i = 0; i < RECORDS_MAX; i++, place.index++) {
		*work = i / OF_WORK;
		err = jt_records_find(&a->ledger, entry->hash, &place, &object, e);
		if (err != JT_OK || object.len == 0)
			return err;
		if ((err = jt_record_read(object, &copy, e)) != JT_OK)
			return err;
		if (memcmp(copy.id, entry->id, JT_HASH) == 0) {
			*ledger = place.ledger;
			return JT_OK;
		}
	}
	return JT_OK;
}

enum jt_err
answers_find(void *ctx, const struct jt_entry *entry, uint64_t *ledger, uint32_t *work,
    struct jt_error *e)
{
	struct answers *a = ctx;
	struct jt_slice object;
	struct jt_place place;
	enum jt_err err;

	*ledger = 0;
	*work = 0;
	if (entry->record)
		return find_record(a, entry, ledger, work, e);
	err = jt_ledger_tx(&a->ledger, entry->id, &place, &object, e);
	if (err == JT_OK && object.len > 0)
		*ledger = place.ledger;
	return err;
}

enum jt_err
answers_certified(void *ctx, uint64_t ledger, bool *yes, struct jt_error *e)
{
	(void)e;
	*yes = ledger <= ((struct answers *)ctx)->certified;
	return JT_OK;
}

/* What it costs to have had to make another tree. */
static uint32_t
work_of(const struct jt_prover_tree *t, uint64_t before)
{
	return t->number == before ? 0 : (uint32_t)(t->grove.count / LEAVES_OF_WORK);
}

enum jt_err
answers_prove(void *ctx, const struct jt_entry *entry, struct jt_buf *out, uint32_t *work,
    struct jt_error *e)
{
	struct answers *a = ctx;
	struct jt_prover_tree *tree = entry->record ? &a->prover.records : &a->prover.txs;
	uint64_t before = tree->number;
	enum jt_err err;

	if (entry->record)
		err = jt_prove_record(&a->prover, entry->hash, entry->id, entry->ledger, NULL, out,
		    e);
	else
		err = jt_prove_tx(&a->prover, entry->id, out, e);
	*work = work_of(tree, before);
	return err;
}

static enum jt_err
answer_with(struct jt_slice object, struct jt_buf *out, struct jt_error *e)
{
	return jt_buf_add_slice(out, object) ? JT_OK : jt_fail(e, JT_SYSTEM, "out of memory");
}

static enum jt_err
answer_ledger(struct answers *a, uint64_t number, struct jt_buf *out, uint64_t *ledger,
    struct jt_error *e)
{
	struct jt_slice header;
	uint32_t good;
	bool yes;
	enum jt_err err;

	if (number > a->ledger.head.number)
		return jt_fail(e, JT_NO, "no ledger %" PRIu64 ", the newest is %" PRIu64, number,
		    a->ledger.head.number);
	*ledger = number;
	if (number > a->certified)
		return JT_AGAIN;
	if ((err = jt_ledger_certified(&a->ledger, number, &yes, &good, e)) != JT_OK)
		return err;
	if (!yes) /* the newest one has it in its history */
		return jt_prove_ledger(&a->prover, number, out, e);
	err = jt_ledger_header(&a->ledger, number, &header, e);
	return err == JT_OK ? answer_with(header, out, e) : err;
}

static enum jt_err
answer_tx(struct answers *a, const uint8_t id[JT_HASH], struct jt_buf *out, uint64_t *ledger,
    uint32_t *work, struct jt_error *e)
{
	struct jt_entry entry = { .record = false };
	char text[2 * JT_HASH + 1];
	uint32_t usual;
	enum jt_err err;

	memcpy(entry.id, id, JT_HASH);
	err = answers_find(a, &entry, ledger, &usual, e);
	if (err == JT_OK && *ledger == 0) {
		jt_hex_format(id, JT_HASH, text);
		return jt_fail(e, JT_NO, "no transaction %s up to ledger %" PRIu64, text,
		    a->ledger.head.number);
	}
	if (err == JT_OK && *ledger > a->certified)
		return JT_AGAIN;
	if (err == JT_OK)
		err = answers_prove(a, &entry, out, work, e);
	*work += 1;
	return err;
}

/* The first record of a hash; with a number that of this ledger, or that it has none. */
static enum jt_err
answer_record(struct answers *a, const uint8_t hash[JT_HASH], uint64_t number,
    struct jt_buf *out, uint64_t *ledger, uint32_t *work, struct jt_error *e)
{
	struct jt_record_place place = { number, 0 };
	uint64_t before = a->prover.records.number;
	struct jt_slice object;
	enum jt_err err = jt_records_find(&a->ledger, hash, &place, &object, e);

	if (err != JT_OK)
		return err;
	if (number == 0 && object.len == 0)
		return jt_fail(e, JT_NO, "no ledger holds it");
	if (number > a->ledger.head.number)
		return jt_fail(e, JT_NO, "no ledger %" PRIu64 ", the newest is %" PRIu64, number,
		    a->ledger.head.number);
	*ledger = number != 0 ? number : place.ledger;
	if (*ledger > a->certified)
		return JT_AGAIN;
	if (object.len > 0 && place.ledger == *ledger)
		err = jt_prove_record(&a->prover, hash, NULL, *ledger, NULL, out, e);
	else
		err = jt_prove_no_record(&a->prover, hash, *ledger, out, e);
	*work = 1 + work_of(&a->prover.records, before);
	return err;
}

enum jt_err
answers_answer(void *ctx, const struct jt_query *q, struct jt_buf *out, uint64_t *ledger,
    uint32_t *work, struct jt_error *e)
{
	struct answers *a = ctx;
	enum jt_err err = JT_OK;

	*work = 1;
	switch ((enum jt_query_what)q->what) {
	case JT_QUERY_NETWORK:
		return answer_with(a->ledger.genesis_object, out, e);
	case JT_QUERY_DOOR:
		if (a->pub.len == 0)
			return jt_fail(e, JT_NO, "this door takes no records");
		return answer_with(jt_buf_slice(&a->pub), out, e);
	case JT_QUERY_RECORD:
		return answer_record(a, q->id, q->ledger, out, ledger, work, e);
	case JT_QUERY_NEWEST:
		return answer_ledger(a, a->certified, out, ledger, e);
	case JT_QUERY_LEDGER:
		return answer_ledger(a, q->ledger, out, ledger, e);
	case JT_QUERY_TX:
		return answer_tx(a, q->id, out, ledger, work, e);
	case JT_QUERY_ACCOUNT:
		*work = 4; /* a path of nodes */
		err = jt_prove_account_early(&a->prover, q->account, ledger, out, e);
		if (err == JT_OK && *ledger > a->certified)
			err = JT_AGAIN;
		break;
	}
	return err;
}

enum jt_err
answers_finish(void *ctx, const struct jt_query *q, struct jt_slice kept, struct jt_buf *out,
    struct jt_error *e)
{
	struct answers *a = ctx;
	uint64_t ledger;
	uint32_t work;

	if (q->what == JT_QUERY_ACCOUNT)
		return jt_prove_finish(&a->prover, kept, out, e);
	return answers_answer(a, q, out, &ledger, &work, e);
}
