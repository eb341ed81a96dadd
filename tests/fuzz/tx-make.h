/*
 * Transactions made from choices: each byte of the input picks a field's value
 * among those that matter (an account that exists, the network, a number in
 * the window) or takes its bytes from the input. Any kind's schema will do, so
 * a new kind of transaction needs nothing here.
 */
#ifndef TX_MAKE_H
#define TX_MAKE_H

#include "fuzz.h"

#include <stdlib.h>

#include "all/kinds.h"
#include "crypto/sign.h"
#include "object/signed.h"

enum { MAKE_KEYS = 8, MAKE_SIGS_MAX = 4, MAKE_FEE_MAX = 255 };

static uint8_t make_network[JT_HASH];
static uint8_t make_key[MAKE_KEYS][JT_KEY], make_secret[MAKE_KEYS][JT_SECRET];
static uint8_t make_account[MAKE_KEYS][JT_ACCOUNT];

static inline void
make_keys(void)
{
	assert(jt_crypto_init());
	memset(make_network, 7, JT_HASH);
	for (uint8_t i = 0; i < MAKE_KEYS; i++) {
		uint8_t seed[32] = { i, 1 };

		jt_sign_keypair(make_key[i], make_secret[i], seed);
		jt_account_of_key(make_account[i], make_key[i]);
	}
}

static inline uint64_t
make_number(struct fuzz_input *in)
{
	static const uint64_t round[] = { 1000000, 200000, 1200000, 99, 100, 101, 1500000000000,
		JT_UINT_MAX };
	uint8_t b = fuzz_byte(in);

	if (b < 0xc0)
		return b;
	if (b < 0xd0)
		return fuzz_number(in, 3);
	if (b < 0xe0)
		return fuzz_number(in, 8) >> 1;
	return round[b % (sizeof round / sizeof *round)];
}

static inline void
make_bytes(struct fuzz_input *in, uint8_t *out, size_t len)
{
	while (len-- > 0)
		*out++ = fuzz_byte(in);
}

static inline void
make_address(struct fuzz_input *in, uint8_t *out)
{
	uint8_t b = fuzz_byte(in);

	if (b < 0xf0)
		memcpy(out, make_account[b % MAKE_KEYS], JT_ACCOUNT);
	else
		make_bytes(in, out, JT_ACCOUNT);
}

static inline void
make_asset(struct fuzz_input *in, struct jt_asset *out)
{
	*out = (struct jt_asset){ .decimals = JT_COINS_DECIMALS };
	if (fuzz_byte(in) < 0x80)
		return;
	strcpy(out->code, "CNY");
	out->decimals = fuzz_byte(in) % 10;
	make_address(in, out->issuer);
}

static inline struct jt_slice
make_slice(struct fuzz_input *in, msgpack_zone *zone)
{
	struct jt_slice s = fuzz_take(in, fuzz_byte(in));
	uint8_t *copy = msgpack_zone_malloc(zone, s.len + 1);

	assert(copy != NULL);
	for (size_t i = 0; i < s.len; i++)
		copy[i] = s.data[i] & 0x7f;
	return (struct jt_slice){ copy, s.len };
}

static inline void make_struct(struct fuzz_input *in, const struct jt_schema *s, void *out,
    msgpack_zone *zone);

/* Sorted lists are made in ascending order of their first bytes, each once. */
static inline void
make_list(struct fuzz_input *in, const struct jt_field *f, struct jt_list *out,
    msgpack_zone *zone)
{
	uint32_t count = fuzz_byte(in) % 5;
	uint8_t *items = msgpack_zone_malloc(zone, (count + 1) * f->sub->size);
	const struct jt_field *key = &f->sub->fields[0];

	assert(items != NULL);
	memset(items, 0, (count + 1) * f->sub->size);
	*out = (struct jt_list){ items, 0 };
	for (uint32_t i = 0; i < count; i++) {
		uint8_t *at = items + out->count * f->sub->size;
		size_t len = key->type == JT_ADDRESS ? JT_ACCOUNT : (size_t)key->max;

		make_struct(in, f->sub, at, zone);
		if ((f->flags & JT_SORTED) && out->count > 0 && memcmp(at - f->sub->size +
		    key->offset, at + key->offset, len) >= 0)
			continue;
		out->count++;
	}
}

static inline uint64_t
make_words(struct fuzz_input *in, const struct jt_field *f)
{
	uint64_t count = 0, b = fuzz_byte(in);

	while (f->words[count] != NULL)
		count++;
	return f->type == JT_WORD ? b % count : b & ((UINT64_C(1) << count) - 1);
}

static inline void
make_value(struct fuzz_input *in, const struct jt_field *f, uint8_t *at, msgpack_zone *zone)
{
	struct jt_amount *amount = (void *)at;

	switch (f->type) {
	case JT_UINT:
	case JT_TIME:
	case JT_COINS:
		*(uint64_t *)(void *)at = make_number(in);
		break;
	case JT_AMOUNT:
		amount->units = make_number(in);
		make_asset(in, &amount->asset);
		break;
	case JT_ASSET:
		make_asset(in, (void *)at);
		break;
	case JT_TEXT:
	case JT_BYTES:
	case JT_OBJECT:
		*(struct jt_slice *)(void *)at = make_slice(in, zone);
		break;
	case JT_FIXED:
		if (strcmp(f->name, "network") == 0 && fuzz_byte(in) < 0xf0)
			memcpy(at, make_network, JT_HASH);
		else
			make_bytes(in, at, (size_t)f->max);
		break;
	case JT_ADDRESS:
		make_address(in, at);
		break;
	case JT_WORD:
	case JT_WORDS:
		*(uint64_t *)(void *)at = make_words(in, f);
		break;
	case JT_MAP:
		make_struct(in, f->sub, at, zone);
		break;
	case JT_LIST:
		make_list(in, f, (void *)at, zone);
		break;
	}
}

/* One field in four of those that may be left out is there. */
static inline void
make_struct(struct fuzz_input *in, const struct jt_schema *s, void *out, msgpack_zone *zone)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];

		if (!(f->flags & JT_OPTIONAL) || fuzz_byte(in) >= 0xc0)
			make_value(in, f, (uint8_t *)out + f->offset, zone);
	}
}

/* The next key's signatures: true ones when wanted, but for a choice. */
static inline size_t
make_sigs(struct fuzz_input *in, bool sign, const uint8_t id[JT_HASH], struct jt_sig *sigs)
{
	uint8_t b = fuzz_byte(in);
	size_t count = b % MAKE_SIGS_MAX;

	for (size_t i = 0; i < count; i++) {
		size_t k = (size_t)(fuzz_byte(in) + i) % MAKE_KEYS;

		memcpy(sigs[i].key, make_key[k], JT_KEY);
		if (sign && b < 0xf0)
			jt_sign_id(sigs[i].sig, make_secret[k], id);
	}
	return count;
}

/* Append a transaction of a kind chosen by `op`; false when there can be none such. */
static inline bool
make_transaction(struct fuzz_input *in, uint8_t op, bool sign, struct jt_buf *out,
    msgpack_zone *zone)
{
	const struct jt_kind *rows[32];
	struct jt_sig sigs[MAKE_SIGS_MAX] = { 0 };
	uint8_t id[JT_HASH];
	struct jt_buf body;
	size_t count = 0;
	bool made;
	void *fields;

	for (size_t i = 0; i < jt_all_kinds.count && count < 32; i++)
		if (jt_all_kinds.rows[i]->flags & JT_KIND_TRANSACTION)
			rows[count++] = jt_all_kinds.rows[i];
	const struct jt_kind *row = rows[op % count];
	fields = msgpack_zone_malloc(zone, row->schema->size);
	assert(fields != NULL);
	memset(fields, 0, row->schema->size);
	make_struct(in, row->schema, fields, zone);
	jt_buf_init(&body, JT_OBJECT_MAX);
	made = jt_encode(row->schema, fields, &body, NULL) == JT_OK;
	if (made) {
		jt_object_hash(id, jt_slice_text(row->name), row->version, jt_buf_slice(&body));
		count = make_sigs(in, sign, id, sigs);
		made = jt_signed_write(out, jt_slice_text(row->name), row->version,
		    jt_buf_slice(&body), sigs, count, NULL) == JT_OK;
	}
	jt_buf_free(&body);
	return made;
}

#endif
