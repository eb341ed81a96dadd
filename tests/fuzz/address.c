/*
 * Any bytes as an address or a seed: what parses is written as the same text.
 * And any 20 or 16 bytes have a text that parses as them, and that with one
 * letter changed does not parse.
 */
#include "fuzz.h"

#include "crypto/address.h"

static void
read_text(struct jt_slice text)
{
	uint8_t account[JT_ACCOUNT], seed[JT_SEED];
	char again[JT_ADDRESS_TEXT > JT_SEED_TEXT ? JT_ADDRESS_TEXT : JT_SEED_TEXT];
	bool address = jt_address_parse(text, account);

	if (address) {
		jt_address_format(account, again);
		assert(jt_slice_is(text, again) && again[0] == 'j');
	}
	if (jt_seed_parse(text, seed)) {
		assert(!address);
		jt_seed_format(seed, again);
		assert(jt_slice_is(text, again) && strncmp(again, "sEd", 3) == 0);
	}
}

static void
write_bytes(struct fuzz_input in)
{
	uint8_t bytes[JT_ACCOUNT], account[JT_ACCOUNT], seed[JT_SEED];
	char address[JT_ADDRESS_TEXT], text[JT_SEED_TEXT], other;
	size_t at;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = fuzz_byte(&in);
	at = fuzz_byte(&in);
	other = (char)fuzz_byte(&in);
	jt_address_format(bytes, address);
	assert(jt_address_parse(jt_slice_text(address), account));
	assert(memcmp(account, bytes, sizeof bytes) == 0);
	jt_seed_format(bytes, text);
	assert(jt_seed_parse(jt_slice_text(text), seed) && memcmp(seed, bytes, sizeof seed) == 0);
	at %= strlen(address);
	if (address[at] != other && other != '\0') {
		address[at] = other;
		assert(!jt_address_parse(jt_slice_text(address), account));
	}
	at %= strlen(text);
	if (text[at] != other && other != '\0') {
		text[at] = other;
		assert(!jt_seed_parse(jt_slice_text(text), seed));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_text((struct jt_slice){ data, size });
	write_bytes((struct fuzz_input){ data, size });
	return 0;
}
