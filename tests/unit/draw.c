/* Drawing at random, verifiably: crypto/sample.h. */
#include "crypto/sample.h"

#include <string.h>

#include "base/text.h"
#include "tap.h"

static void
test_vector(void)
{
	uint8_t beacon[JT_HASH], object[JT_HASH], seed[JT_HASH];
	static const uint32_t expected[] = { 5, 3, 6, 0 };
	char hex[2 * JT_HASH + 1];
	uint32_t members[4];

	for (uint8_t i = 0; i < JT_HASH; i++) {
		beacon[i] = i;
		object[i] = (uint8_t)(32 + i);
	}
	jt_sample_seed(seed, beacon, "contract", object, 0);
	jt_hex_format(seed, sizeof seed, hex);
	is_text(hex, "356968992da4b0e16caa98d4b939f101059afb4d449482559a22a4895e1c33b8",
	    "seed of a draw");
	jt_sample(seed, sizeof seed, 10, 4, members);
	ok(memcmp(members, expected, sizeof expected) == 0, "members of a draw");
}

/* Distinct, in bounds, and no value preferred. */
static void
test_even(void)
{
	uint32_t drawn[7], first[7] = { 0 }, most = 0, least = UINT32_MAX;
	bool distinct = true;

	for (uint32_t i = 0; i < 7000; i++) {
		uint8_t seed[JT_HASH] = { 0 };
		uint32_t seen = 0;
		memcpy(seed, &i, sizeof i);
		jt_sample(seed, sizeof seed, 7, 7, drawn);
		for (int k = 0; k < 7; k++) {
			distinct = distinct && drawn[k] < 7 && !(seen >> drawn[k] & 1);
			seen |= 1U << drawn[k];
		}
		first[drawn[0]]++;
	}
	for (int k = 0; k < 7; k++) {
		most = first[k] > most ? first[k] : most;
		least = first[k] < least ? first[k] : least;
	}
	ok(distinct, "a sample of all is a permutation");
	/* 1000 expected; 150 are more than five standard deviations. */
	ok(most < 1150 && least > 850, "each is first about as often (%u to %u of 7000)",
	    (unsigned)least, (unsigned)most);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_vector();
	test_even();
	return done_testing();
}
