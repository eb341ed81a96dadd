/* Assets: codes and comparison. See asset.h. */
#include "object/asset.h"

#include <string.h>

static bool
is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool
jt_asset_code_valid(struct jt_slice code)
{
	if (code.len < 2 || code.len > JT_CODE_MAX || !is_letter(code.data[0]))
		return false;
	for (size_t i = 1; i < code.len; i++)
		if (!is_letter(code.data[i]) && !(code.data[i] >= '0' && code.data[i] <= '9'))
			return false;
	return !jt_slice_is(code, JT_NATIVE);
}

bool
jt_asset_native(const struct jt_asset *a)
{
	return a->code[0] == '\0';
}

bool
jt_asset_equal(const struct jt_asset *a, const struct jt_asset *b)
{
	return strcmp(a->code, b->code) == 0 && a->decimals == b->decimals &&
	    memcmp(a->issuer, b->issuer, JT_ACCOUNT) == 0;
}
