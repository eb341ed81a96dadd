/* What became of the transactions and records of a closing. See outcomes.h. */
#include "outcomes.h"

#include <string.h>

#include "base/text.h"

enum { TOLD = 10 }; /* lines about failures, and about refusals, at most */

/* Code, place and reason of a transaction or record. */
struct outcome {
	const char *what; /* "record ", or nothing */
	const uint8_t *id;
	enum jt_code code;
	uint32_t index;
	const char *why;
};

static size_t
count(const struct jt_close *c)
{
	return c->count + c->record_count;
}

static struct outcome
outcome_of(const struct jt_close *c, size_t i)
{
	const struct jt_item *item;
	const struct jt_record_item *record;

	if (i < c->count) {
		item = &c->items[i];
		return (struct outcome){ "", item->id, item->code, item->index, item->why };
	}
	record = &c->records[i - c->count];
	return (struct outcome){ "record ", record->id, record->code, record->index, record->why };
}

enum jt_err
outcomes_write(const struct jt_close *c, struct jt_buf *out, struct jt_error *e)
{
	enum jt_err err = JT_OK;

	for (size_t i = 0; i < count(c) && err == JT_OK; i++) {
		struct outcome o = outcome_of(c, i);
		struct jt_result r = { .code = o.code };
		memcpy(r.id, o.id, JT_HASH);
		if (jt_code_rows[o.code].outcome == JT_REFUSED) {
			r.why = jt_slice_text(o.why);
		} else {
			r.ledger = c->header.number;
			r.index = o.index;
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

	for (size_t i = 0; i < count(c); i++) {
		struct outcome o = outcome_of(c, i);
		if (jt_code_rows[o.code].outcome != outcome || n++ >= TOLD)
			continue;
		jt_hex_format(o.id, JT_HASH, id);
		complain(JT_OK, "%s %s%s: %s: %s", word, o.what, id, jt_code_words[o.code],
		    o.why[0] != '\0' ? o.why : jt_code_rows[o.code].help);
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
