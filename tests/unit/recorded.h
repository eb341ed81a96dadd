/*
 * For tests of hash records: records and stamps of a network, and ledgers
 * closed of them, by hand or as a vote's parts.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include "ledger/records.h"
#include "network.h"
#include "random.h"

enum { RECORDED_MAX = 20000 };

/* The records of the next ledger. Objects are kept by their offsets while the buffer grows. */
static struct jt_buf recorded_bytes;
static struct jt_record_item recorded[RECORDED_MAX];
static size_t recorded_count;
static struct jt_close recorded_close; /* of the last one */

static inline struct jt_record
recorded_random(const uint8_t network[JT_HASH])
{
	struct jt_record r = { .tag = { NULL, 0 } };

	random_bytes(r.hash, JT_HASH);
	memcpy(r.network, network, JT_HASH);
	return r;
}

/* The object alone, appended. */
static inline void
recorded_write(const struct jt_record *r, struct jt_buf *out)
{
	struct jt_error e;

	network_must(jt_kind_write(&jt_kind_record, r, out, &e), &e);
}

static inline void
recorded_id(const struct jt_record *r, uint8_t id[JT_HASH])
{
	struct jt_object o;
	struct jt_error e;
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	recorded_write(r, &b);
	network_must(jt_object_parse(jt_buf_slice(&b), &o, &e), &e);
	network_must(jt_kind_id(&jt_kind_record, &o, id, &e), &e);
	jt_buf_free(&b);
}

/* The record inside a stamp for a door, from nonce `from` on; bits 0: that nonce. */
static inline void
recorded_stamp(const struct jt_record *r, const uint8_t door[JT_KEY], uint64_t bits,
    uint64_t from, struct jt_buf *out)
{
	struct jt_stamp stamp = { .nonce = from };
	uint8_t id[JT_HASH];
	struct jt_error e;
	struct jt_buf b;

	recorded_id(r, id);
	memcpy(stamp.door, door, JT_KEY);
	network_need(jt_stamp_find(door, id, bits, UINT64_C(1) << 40, &stamp.nonce), "no stamp");
	jt_buf_init(&b, JT_OBJECT_MAX);
	recorded_write(r, &b);
	stamp.record = jt_buf_slice(&b);
	network_must(jt_kind_write(&jt_kind_stamp, &stamp, out, &e), &e);
	jt_buf_free(&b);
}

/* An object for the next ledger; its source is NULL by hand. */
static inline void
recorded_add(struct jt_slice object, const uint8_t *source)
{
	network_need(recorded_count < RECORDED_MAX, "too many records");
	if (recorded_bytes.max == 0)
		jt_buf_init(&recorded_bytes, SIZE_MAX / 2);
	recorded[recorded_count++] =
	    (struct jt_record_item){ .object.len = object.len, .source = source };
	network_need(jt_buf_add_slice(&recorded_bytes, object), "out of memory");
}

static inline void
recorded_by_hand(const struct jt_record *r)
{
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	recorded_write(r, &b);
	recorded_add(jt_buf_slice(&b), NULL);
	jt_buf_free(&b);
}

/* Given to a validator, which gives it on in its part. */
static inline void
recorded_by(const struct jt_record *r, const uint8_t *source)
{
	struct jt_buf b;

	jt_buf_init(&b, JT_OBJECT_MAX);
	recorded_stamp(r, source, NETWORK_STAMP, random_below(1U << 20), &b);
	recorded_add(jt_buf_slice(&b), source);
	jt_buf_free(&b);
}

/* Close them so many ms after the head, with a random salt. */
static inline enum jt_err
recorded_try(struct jt_ledger *l, uint64_t ms, struct jt_error *e)
{
	struct jt_cut cut = { .n = l->cut + 1, .time = l->head.time + ms };
	size_t at = 0;
	enum jt_err err;

	random_bytes(cut.salt, sizeof cut.salt);
	for (size_t i = 0; i < recorded_count; i++) {
		recorded[i].object.data = recorded_bytes.data + at;
		at += recorded[i].object.len;
	}
	recorded_close = (struct jt_close){ .records = recorded, .record_count = recorded_count };
	err = jt_close_ledger(l, &cut, &recorded_close, e);
	return err;
}

/* The items stay, for the test to look at, until the next recorded_begin. */
static inline void
recorded_ledger(struct jt_ledger *l, uint64_t ms)
{
	struct jt_error e;

	network_must(recorded_try(l, ms, &e), &e);
}

static inline void
recorded_begin(void)
{
	recorded_count = 0;
	jt_buf_clear(&recorded_bytes);
}

#endif
