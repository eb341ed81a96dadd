/* Hashes. See hash.h. */
#include "crypto/hash.h"

const uint8_t jt_hash_zero[JT_HASH];

void
jt_hash(uint8_t out[JT_HASH], struct jt_slice data)
{
	crypto_generichash(out, JT_HASH, data.data, data.len, NULL, 0);
}

void
jt_hash_keyed(uint8_t out[JT_HASH], const uint8_t key[JT_HASH], struct jt_slice data)
{
	crypto_generichash(out, JT_HASH, data.data, data.len, key, JT_HASH);
}

void
jt_hasher_init(struct jt_hasher *h)
{
	crypto_generichash_init(&h->state, NULL, 0, JT_HASH);
}

void
jt_hasher_add(struct jt_hasher *h, const void *data, size_t len)
{
	crypto_generichash_update(&h->state, data, len);
}

void
jt_hasher_end(struct jt_hasher *h, uint8_t out[JT_HASH])
{
	crypto_generichash_final(&h->state, out, JT_HASH);
}

bool
jt_hash_is_zero(const uint8_t hash[JT_HASH])
{
	return sodium_is_zero(hash, JT_HASH) == 1;
}
