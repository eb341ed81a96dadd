/*
 * For tests: transactions from words, as on a command line. "$3" stands for the
 * address of account number 3, whose key is made of its number (network.h); the
 * network is filled in. So a test says what it is about and nothing else:
 *
 *	words_tx(&out, network, "pay", "0", "from=$0 to=$1 amount=5 fee=0.00001 seq=%d", n);
 *
 * makes a payment signed by key 0; "0 3" would be two signatures, "" none.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdarg.h>

#include "network.h"
#include "object/view.h"

enum { WORDS_KEYS = 512 };

struct words_key {
	bool made;
	uint8_t key[JT_KEY], secret[JT_SECRET], account[JT_ACCOUNT];
	char address[JT_ADDRESS_TEXT];
};

static inline const struct words_key *
words_key(uint32_t i)
{
	static struct words_key keys[WORDS_KEYS];
	struct words_key *k = &keys[i];

	network_need(i < WORDS_KEYS, "too many keys");
	if (k->made)
		return k;
	network_need(jt_crypto_init(), "libsodium does not start");
	network_key(false, i, k->key, k->secret);
	jt_account_of_key(k->account, k->key);
	jt_address_format(k->account, k->address);
	k->made = true;
	return k;
}

/* Every $N becomes an address. */
static inline void
words_resolve(const char *text, struct jt_buf *out)
{
	while (*text != '\0') {
		char *end = NULL;
		if (*text == '$') {
			jt_buf_add_text(out, words_key((uint32_t)strtoul(text + 1, &end, 10))->address);
			text = end;
		} else
			jt_buf_add(out, text++, 1);
	}
}

/* The fields of a transaction; they live in the zone. */
static inline struct jt_tx *
words_fields(const struct jt_kind *kind, const uint8_t network[JT_HASH], const char *words,
    msgpack_zone *zone)
{
	struct jt_tx *tx = msgpack_zone_malloc(zone, kind->schema->size);
	char *copy = strdup(words), *rest = copy, *word;
	struct jt_buf value;
	struct jt_error e;

	network_need(tx != NULL && copy != NULL, "out of memory");
	memset(tx, 0, kind->schema->size);
	memcpy(tx->network, network, JT_HASH);
	jt_buf_init(&value, JT_TX_MAX);
	while ((word = strsep(&rest, " ")) != NULL) {
		char *equals = strchr(word, '=');
		const struct jt_field *f;

		network_need(equals != NULL, word);
		f = jt_schema_field(kind->schema,
		    (struct jt_slice){ (uint8_t *)word, (size_t)(equals - word) });
		network_need(f != NULL, word);
		jt_buf_clear(&value);
		words_resolve(equals + 1, &value);
		network_must(jt_parse_field(f, jt_buf_slice(&value), tx, zone, &e), &e);
	}
	jt_buf_free(&value);
	free(copy);
	return tx;
}

/* Append the object of a body, signed by the keys of these numbers. */
static inline void
words_sign(struct jt_buf *out, const struct jt_kind *kind, struct jt_slice body,
    const char *signers)
{
	struct jt_sig sigs[JT_SIGS_MAX];
	uint8_t id[JT_HASH];
	struct jt_error e;
	size_t count = 0;
	char *end;

	jt_object_hash(id, jt_slice_text(kind->name), kind->version, body);
	while (*signers != '\0') {
		const struct words_key *k = words_key((uint32_t)strtoul(signers, &end, 10));
		memcpy(sigs[count].key, k->key, JT_KEY);
		jt_sign_id(sigs[count++].sig, k->secret, id);
		signers = end + (*end == ' ');
	}
	network_must(jt_signed_write(out, jt_slice_text(kind->name), kind->version, body, sigs,
	    count, &e), &e);
}

__attribute__((format(printf, 5, 6))) static inline void
words_tx(struct jt_buf *out, const uint8_t network[JT_HASH], const char *name,
    const char *signers, const char *fmt, ...)
{
	const struct jt_kind *kind = jt_kind_named(&jt_all_kinds, jt_slice_text(name));
	char words[8192];
	msgpack_zone zone;
	struct jt_buf body;
	struct jt_error e;
	va_list ap;

	network_need(kind != NULL && msgpack_zone_init(&zone, 4096), name);
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	jt_buf_init(&body, JT_TX_MAX);
	network_must(jt_encode(kind->schema, words_fields(kind, network, words, &zone), &body, &e),
	    &e);
	words_sign(out, kind, jt_buf_slice(&body), signers);
	jt_buf_free(&body);
	msgpack_zone_destroy(&zone);
}

#endif
