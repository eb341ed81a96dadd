/* What became of the transactions of a closing. See outcomes.h. */
#include "outcomes.h"

#include <string.h>

#include "base/text.h"

enum { TOLD = 10 }; /* lines about failures, and about refusals, at most */

enum jt_err
outcomes_write(const struct jt_close *c, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < c->count && err == JT_OK; i++) {
		const struct jt_item *item = &c->items[i];
		struct jt_result r = { .code = item->code };
		memcpy(r.id, item->id, JT_HASH);
		if (jt_code_rows[item->code].outcome == JT_REFUSED) {
			r.why = jt_slice_text(item->why);
		} else {
			r.ledger = c->header.number;
			r.index = item->index;
		}
		err = jt_kind_write(&jt_kind_result, &r, out, e);
	}
	return err;
}

/* A person should hear of it; a flood of it should not drown them. */
static void
tell(const struct jt_close *c, enum jt_outcome outcome)
{
	const char *word = jt_outcome_words[outcome];
	char id[2 * JT_HASH + 1];
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct jt_item *item = &c->items[i];
		if (jt_code_rows[item->code].outcome != outcome || n++ >= TOLD)
			continue;
		jt_hex_format(item->id, JT_HASH, id);
		complain(JT_OK, "%s %s: %s: %s", word, id, jt_code_words[item->code],
		    item->why[0] != '\0' ? item->why : jt_code_rows[item->code].help);
	}
	if (n > TOLD)
		complain(JT_OK, "%s %zu more", word, n - TOLD);
}

void
outcomes_tell(const struct jt_close *c)
{
	tell(c, JT_FAILED);
	tell(c, JT_REFUSED);
}
