/*
 * Decoding: what reading one signed payment costs, against msgpack-c's own
 * unpacking of the same bytes, which checks and types nothing.
 *
 *	decode-pay    envelope, signatures and body, into structs
 *	check-pay     jt_kind_check, which every program does on reading
 *	walk-pay      the strict walk over payload and body alone
 *	id-pay        the id: BLAKE2b-256 of the body
 */
#include <msgpack/object.h>
#include <msgpack/unpack.h>

#include "../unit/network.h"
#include "bench.h"
#include "object/walk.h"

struct payment {
	struct jt_buf bytes;
	struct jt_object object;
	struct jt_slice body;
	msgpack_zone zone;
	void *tx;
};

static void
check(enum jt_err err, const struct jt_error *e)
{
	if (err != JT_OK)
		bench_fail(e->text);
}

static void
decode(void *ctx, uint64_t n)
{
	struct payment *p = ctx;
	struct jt_object o;
	struct jt_signed s;
	struct jt_error e;

	while (n-- > 0) {
		msgpack_zone_clear(&p->zone);
		check(jt_object_parse(jt_buf_slice(&p->bytes), &o, &e), &e);
		check(jt_signed_decode(&o, &s, &p->zone, &e), &e);
		check(jt_decode(jt_kind_pay.schema, s.body, p->tx, &p->zone, &e), &e);
		bench_keep(p->tx);
	}
}

static void
kind_check(void *ctx, uint64_t n)
{
	struct payment *p = ctx;
	struct jt_error e;

	while (n-- > 0)
		check(jt_kind_check(&jt_all_kinds, &p->object, &e), &e);
}

static void
walk(void *ctx, uint64_t n)
{
	struct payment *p = ctx;
	struct jt_error e;

	while (n-- > 0) {
		check(jt_walk(p->object.payload, &e), &e);
		check(jt_walk(p->body, &e), &e);
	}
}

static void
id(void *ctx, uint64_t n)
{
	struct payment *p = ctx;
	uint8_t hash[JT_HASH];

	while (n-- > 0) {
		jt_object_hash(hash, p->object.kind, p->object.version, p->body);
		bench_keep(hash);
	}
}

static void
unpack_one(struct payment *p, struct jt_slice s)
{
	msgpack_object o;
	size_t at = 0;

	if (msgpack_unpack((const char *)s.data, s.len, &at, &p->zone, &o) !=
	    MSGPACK_UNPACK_SUCCESS)
		bench_fail("msgpack-c cannot unpack it");
	bench_keep(&o);
}

static void
unpack(void *ctx, uint64_t n)
{
	struct payment *p = ctx;

	while (n-- > 0) {
		msgpack_zone_clear(&p->zone);
		unpack_one(p, p->object.bytes);
		unpack_one(p, p->object.payload);
		unpack_one(p, p->body);
	}
}

int
main(void)
{
	struct payment p;
	struct network net;
	struct jt_error e;

	network_make(&net, 1, 2, false);
	jt_buf_init(&p.bytes, JT_TX_MAX);
	network_pay(&net, 0, 1, net.initial[1].account, 1000000, &p.bytes);
	check(jt_object_parse(jt_buf_slice(&p.bytes), &p.object, &e), &e);
	check(jt_signed_body(&p.object, &p.body, &e), &e);
	p.tx = malloc(jt_kind_pay.schema->size);
	if (p.tx == NULL || !msgpack_zone_init(&p.zone, MSGPACK_ZONE_CHUNK_SIZE))
		bench_fail("out of memory");
	bench("decode-pay", decode, unpack, &p);
	bench("check-pay", kind_check, unpack, &p);
	bench("walk-pay", walk, unpack, &p);
	bench("id-pay", id, NULL, &p);
	msgpack_zone_destroy(&p.zone);
	free(p.tx);
	jt_buf_free(&p.bytes);
	network_free(&net);
	return 0;
}
