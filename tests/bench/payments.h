/*
 * Signed payments of as many accounts, for benchmarks of what verifies them, and
 * the bare loop of libsodium's verification over the same keys, messages and
 * signatures.
 *
 *	payments_start(&p, count);
 *	for (uint32_t i = 0; i < count; i++)
 *		payments_make(&p, &net, i, &stream);
 *	double raw = payments_bare(&p);
 */
#ifndef PAYMENTS_H
#define PAYMENTS_H

#include "../unit/network.h"
#include "bench.h"

struct payments {
	uint32_t count;
	uint8_t (*ids)[JT_HASH], (*keys)[JT_KEY], (*sigs)[JT_SIGNATURE];
	msgpack_zone zone;
};

static inline void
payments_start(struct payments *p, uint32_t count)
{
	*p = (struct payments){ .count = count };
	p->ids = calloc(count, sizeof *p->ids);
	p->keys = calloc(count, sizeof *p->keys);
	p->sigs = calloc(count, sizeof *p->sigs);
	network_need(p->ids != NULL && p->keys != NULL && p->sigs != NULL &&
	    msgpack_zone_init(&p->zone, MSGPACK_ZONE_CHUNK_SIZE), "out of memory");
}

/* Append the one of account i, to the next account. */
static inline void
payments_make(struct payments *p, struct network *net, uint32_t i, struct jt_buf *out)
{
	size_t start = out->len;
	const struct jt_sig *sig;
	struct jt_signed s;
	struct jt_object o;
	struct jt_error e;

	network_pay(net, i, 1, net->initial[(i + 1) % p->count].account, 1000 + i, out);
	msgpack_zone_clear(&p->zone);
	network_must(jt_object_parse((struct jt_slice){ out->data + start, out->len - start }, &o,
	    &e), &e);
	network_must(jt_signed_decode(&o, &s, &p->zone, &e), &e);
	jt_object_hash(p->ids[i], o.kind, o.version, s.body);
	sig = s.sigs.items;
	memcpy(p->keys[i], sig->key, JT_KEY);
	memcpy(p->sigs[i], sig->sig, JT_SIGNATURE);
}

/* Processor time of the bare loop over all of them, ns. */
static inline double
payments_bare(const struct payments *p)
{
	unsigned char message[9 + JT_HASH] = "jt/sig/1";
	double before = bench_cpu(RUSAGE_SELF);

	for (size_t i = 0; i < p->count; i++) {
		memcpy(message + 9, p->ids[i], JT_HASH);
		if (crypto_sign_ed25519_verify_detached(p->sigs[i], message, sizeof message,
		    p->keys[i]) != 0)
			bench_fail("libsodium refuses a signature");
	}
	return bench_cpu(RUSAGE_SELF) - before;
}

#endif
