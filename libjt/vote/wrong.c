/* What no correct voter says. See wrong.h. */
#include "vote/wrong.h"

#include <string.h>

uint32_t
jt_wrong_parents(struct jt_ref *parents, uint32_t count, uint32_t n, jt_lot *lot, void *ctx)
{
	struct jt_ref *some = &parents[lot(ctx, count)];

	switch (lot(ctx, 5)) {
	case 0: /* a parent that nobody made */
		some->id[lot(ctx, JT_HASH)] ^= 1;
		break;
	case 1: /* one parent by two names */
		memcpy(some->id, parents[0].id, JT_HASH);
		break;
	case 2: /* too few */
		return 1;
	case 3: /* of an author who is none, or of two: a place that can be written */
		some->author = (some->author + n) % JT_VOTERS_MAX;
		break;
	default: /* of a later round */
		some->round += 7;
	}
	return count;
}
