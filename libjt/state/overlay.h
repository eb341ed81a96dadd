/*
 * Changes to a state that is not touched: what applying transactions writes
 * to. Reads go through to the state below by a function of the caller's (LMDB
 * in jt-close, an array in tests), so that applying is a pure function.
 */
#ifndef JT_OVERLAY_H
#define JT_OVERLAY_H

#include "base/error.h"
#include "crypto/hash.h"

/*
 * Look a key up below. value->len == 0 when absent. What it points to is
 * copied before the next call.
 */
typedef enum jt_err jt_fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value,
    struct jt_error *e);

/* Keys and bytes at most; JT_SYSTEM when more are put, as when memory ran out. */
#define JT_OVERLAY_KEYS_MAX (UINT32_C(1) << 28)
#define JT_OVERLAY_VALUE_MAX (UINT32_C(1) << 20)

/* Values are the overlay's. */
struct jt_change {
	uint8_t key[JT_HASH];
	struct jt_slice was; /* below; len 0: absent */
	struct jt_slice is;  /* now; len 0: absent */
	bool written;        /* false: only read */
};

struct jt_overlay;
/* NULL when memory ran out. */
struct jt_overlay *jt_overlay_new(jt_fetch *fetch, void *ctx);
void jt_overlay_free(struct jt_overlay *o);
/* Forget everything (a new ledger); memory is kept. */
void jt_overlay_clear(struct jt_overlay *o);

/* *value is valid until the key is put again. */
enum jt_err jt_overlay_get(struct jt_overlay *o, const uint8_t key[JT_HASH],
    struct jt_slice *value, struct jt_error *e);
/*
 * The value is copied, and may be a part of what get gave for the same key;
 * len 0 removes the entry.
 */
enum jt_err jt_overlay_put(struct jt_overlay *o, const uint8_t key[JT_HASH],
    struct jt_slice value, struct jt_error *e);

/*
 * The keys whose value differs from below, ascending. The array is valid
 * until the next put, clear or free.
 */
enum jt_err jt_overlay_changes(struct jt_overlay *o, const struct jt_change *const **changes,
    size_t *count, struct jt_error *e);

#endif
