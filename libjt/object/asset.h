/* The native coin's name, and what the code of another asset looks like. */
#ifndef JT_ASSET_H
#define JT_ASSET_H

#include "object/schema.h"

#define JT_NATIVE "SWT"

/* A letter, then letters and digits, 2 to JT_CODE_MAX in all, and not SWT. */
bool jt_asset_code_valid(struct jt_slice code);
bool jt_asset_native(const struct jt_asset *a);
bool jt_asset_equal(const struct jt_asset *a, const struct jt_asset *b);

#endif
