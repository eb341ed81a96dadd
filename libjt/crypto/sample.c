/* Drawing at random, verifiably. See sample.h. */
#include "crypto/sample.h"

#include <assert.h>
#include <string.h>

struct stream {
	const uint8_t *seed;
	size_t seed_len;
	uint64_t counter;
	uint8_t block[64];
	unsigned used; /* words of the block */
};

static void
put_le(uint8_t *out, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		out[i] = (uint8_t)v;
}

static uint64_t
next_word(struct stream *s)
{
	uint8_t counter[8];
	uint64_t v = 0;

	if (s->used == 8) {
		put_le(counter, s->counter++, sizeof counter);
		crypto_generichash(s->block, sizeof s->block, counter, sizeof counter, s->seed,
		    s->seed_len);
		s->used = 0;
	}
	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | s->block[8 * s->used + i];
	s->used++;
	return v;
}

static uint32_t
below(struct stream *s, uint32_t b)
{
	uint64_t over = (UINT64_MAX % b + 1) % b; /* 2^64 mod b */
	uint64_t v;

	do
		v = next_word(s);
	while (v > UINT64_MAX - over);
	return (uint32_t)(v % b);
}

void
jt_sample_seed(uint8_t seed[JT_HASH], const uint8_t beacon[JT_HASH], const char *purpose,
    const uint8_t object[JT_HASH], uint32_t draw)
{
	static const char domain[] = "jt/sample/1";
	crypto_generichash_state h;
	uint8_t le[4], len = (uint8_t)strlen(purpose);

	assert(strlen(purpose) <= 255);
	put_le(le, draw, sizeof le);
	crypto_generichash_init(&h, beacon, JT_HASH, JT_HASH);
	crypto_generichash_update(&h, (const uint8_t *)domain, sizeof domain - 1);
	crypto_generichash_update(&h, &len, 1);
	crypto_generichash_update(&h, (const uint8_t *)purpose, len);
	crypto_generichash_update(&h, object, JT_HASH);
	crypto_generichash_update(&h, le, sizeof le);
	crypto_generichash_final(&h, seed, JT_HASH);
}

void
jt_sample(const uint8_t *seed, size_t seed_len, uint32_t n, uint32_t m, uint32_t *out)
{
	struct stream s = { .seed = seed, .seed_len = seed_len, .used = 8 };
	uint32_t all[JT_SAMPLE_MAX];

	assert(m <= n && n <= JT_SAMPLE_MAX);
	for (uint32_t i = 0; i < n; i++)
		all[i] = i;
	for (uint32_t j = 0; j < m; j++) {
		uint32_t k = j + below(&s, n - j), chosen = all[k];
		all[k] = all[j];
		all[j] = chosen;
		out[j] = chosen;
	}
}
