/* Do voters hand out the same cuts? See agree.h. */
#include "member/agree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { VOTER_BYTES = 2 << 20 }; /* what one author may have in a cut, and more */

struct given {
	uint64_t n;          /* 0: none */
	uint8_t hash[JT_HASH];
	uint64_t items;
	struct jt_buf bytes; /* empty when another voter's are kept */
};
struct from {
	uint64_t last;       /* cut that came whole */
	bool broken;
	uint64_t expected;   /* payload objects of the part that is coming */
	uint64_t items;      /* of the cut that is coming, */
	struct jt_buf bytes; /* and its objects */
	struct given ahead[JT_AGREE_AHEAD]; /* by number */
};
struct jt_agree {
	uint32_t voters, enough;
	const struct jt_agree_ops *ops;
	void *ctx;
	uint64_t agreed;
	struct {
		uint8_t hash[JT_HASH];
		uint32_t voter; /* who gave it so */
	} past[JT_AGREE_PAST];
	struct from from[JT_AGREE_VOTERS];
};

struct jt_agree *
jt_agree_new(uint32_t voters, uint32_t enough, const struct jt_agree_ops *ops, void *ctx)
{
	struct jt_agree *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->voters = voters;
	a->enough = enough;
	a->ops = ops;
	a->ctx = ctx;
	for (uint32_t i = 0; i < voters; i++)
		jt_buf_init(&a->from[i].bytes, (size_t)(voters + 1) * VOTER_BYTES);
	return a;
}

void
jt_agree_free(struct jt_agree *a)
{
	if (a == NULL)
		return;
	for (uint32_t i = 0; i < a->voters; i++) {
		jt_buf_free(&a->from[i].bytes);
		for (size_t k = 0; k < JT_AGREE_AHEAD; k++)
			jt_buf_free(&a->from[i].ahead[k].bytes);
	}
	free(a);
}

uint64_t
jt_agree_last(const struct jt_agree *a, uint32_t voter)
{
	return a->from[voter].last;
}

uint64_t
jt_agree_agreed(const struct jt_agree *a)
{
	return a->agreed;
}

bool
jt_agree_has_room(const struct jt_agree *a, uint32_t voter)
{
	return a->from[voter].last < a->agreed + JT_AGREE_AHEAD;
}

void
jt_agree_again(struct jt_agree *a, uint32_t voter)
{
	struct from *f = &a->from[voter];

	jt_buf_clear(&f->bytes);
	f->items = f->expected = 0;
	f->broken = false;
}

/* This voter's cut, if it gave that one; NULL if not. */
static struct given *
given(struct jt_agree *a, uint32_t voter, uint64_t n)
{
	struct given *g = &a->from[voter].ahead[n % JT_AGREE_AHEAD];

	return g->n == n ? g : NULL;
}

static bool
is_alike(struct jt_agree *a, uint32_t one, uint32_t two, uint64_t n)
{
	const struct given *x = given(a, one, n), *y = given(a, two, n);

	return x != NULL && y != NULL && memcmp(x->hash, y->hash, JT_HASH) == 0;
}

static void
forget(struct given *g)
{
	jt_buf_free(&g->bytes);
	*g = (struct given){ 0 };
}

/* The next cut is what `voter` gave: say so, and who gave another one. */
static void
settle(struct jt_agree *a, uint32_t voter, const struct given *is)
{
	uint64_t n = is->n;
	struct given *g, *bytes = NULL;

	for (uint32_t i = 0; i < a->voters; i++)
		if (is_alike(a, i, voter, n) && given(a, i, n)->bytes.len > 0)
			bytes = given(a, i, n);
	a->agreed = n;
	memcpy(a->past[n % JT_AGREE_PAST].hash, is->hash, JT_HASH);
	a->past[n % JT_AGREE_PAST].voter = voter;
	if (bytes != NULL)
		a->ops->agreed(a->ctx, n, jt_buf_slice(&bytes->bytes), bytes->items);
	for (uint32_t i = 0; i < a->voters; i++)
		if (given(a, i, n) != NULL && !is_alike(a, i, voter, n))
			a->ops->differs(a->ctx, n, i, voter);
	for (uint32_t i = 0; i < a->voters; i++)
		if ((g = given(a, i, n)) != NULL)
			forget(g);
}

/* Are there enough who gave the next cut alike? */
static bool
settle_next(struct jt_agree *a)
{
	for (uint32_t i = 0; i < a->voters; i++) {
		const struct given *g = given(a, i, a->agreed + 1);
		uint32_t alike = 0;
		for (uint32_t k = 0; k < a->voters && g != NULL; k++)
			alike += is_alike(a, i, k, a->agreed + 1);
		if (g != NULL && alike >= a->enough) {
			settle(a, i, g);
			return true;
		}
	}
	return false;
}

/* The voter's cut is whole. */
static void
finish(struct jt_agree *a, uint32_t voter, uint64_t n)
{
	struct from *f = &a->from[voter];
	struct given *g = &f->ahead[n % JT_AGREE_AHEAD];
	uint8_t hash[JT_HASH];
	bool kept = false;

	f->last = n;
	jt_hash(hash, jt_buf_slice(&f->bytes));
	if (n <= a->agreed) {
		if (n + JT_AGREE_PAST > a->agreed &&
		    memcmp(a->past[n % JT_AGREE_PAST].hash, hash, JT_HASH) != 0)
			a->ops->differs(a->ctx, n, voter, a->past[n % JT_AGREE_PAST].voter);
		return;
	}
	*g = (struct given){ .n = n, .items = f->items };
	memcpy(g->hash, hash, JT_HASH);
	for (uint32_t i = 0; i < a->voters; i++)
		kept |= is_alike(a, i, voter, n) && given(a, i, n)->bytes.len > 0;
	if (!kept) {
		size_t max = f->bytes.max;
		g->bytes = f->bytes;
		jt_buf_init(&f->bytes, max);
	}
	while (settle_next(a))
		;
}

static enum jt_err
refuse(struct from *f, struct jt_error *e, const char *what, const struct jt_object *o)
{
	f->broken = true;
	jt_buf_clear(&f->bytes);
	return jt_fail(e, JT_MALFORMED, "%s jt/%.*s", what, (int)o->kind.len,
	    (const char *)o->kind.data);
}

/* Parts and cuts have no text and no lists: nothing of them points anywhere. */
static enum jt_err
read_flat(const struct jt_kind *kind, const struct jt_object *o, void *value, struct jt_error *e)
{
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = jt_kind_read(kind, o, value, &zone, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
jt_agree_take(struct jt_agree *a, uint32_t voter, const struct jt_object *o, struct jt_error *e)
{
	struct from *f = &a->from[voter];
	bool is_part = jt_object_is(o, jt_kind_part.name), is_cut = jt_object_is(o, jt_kind_cut.name);
	struct jt_part part = { .count = 0 };
	struct jt_cut cut = { .n = 0 };
	enum jt_err err = JT_OK;

	if (f->broken)
		return JT_OK;
	if (is_part || is_cut) {
		if (f->expected > 0)
			return refuse(f, e, "payload is missing before a", o);
		if ((err = is_part ? read_flat(&jt_kind_part, o, &part, e) :
		    read_flat(&jt_kind_cut, o, &cut, e)) != JT_OK)
			return err;
		f->expected = part.count;
	} else if (f->expected == 0) {
		return refuse(f, e, "in no part:", o);
	} else {
		f->expected--;
		f->items++;
	}
	if (is_cut && cut.n != f->last + 1) {
		refuse(f, e, "out of turn:", o);
		return jt_fail(e, JT_MALFORMED, "cut %" PRIu64 ", expected %" PRIu64, cut.n, f->last + 1);
	}
	if (!jt_agree_has_room(a, voter))
		return refuse(f, e, "nobody asked for the", o);
	if (!jt_buf_add_slice(&f->bytes, o->bytes)) {
		if (f->bytes.len + o->bytes.len <= f->bytes.max)
			return jt_fail(e, JT_SYSTEM, "out of memory");
		return refuse(f, e, "more than a ledger holds:", o);
	}
	if (is_cut) {
		finish(a, voter, cut.n);
		jt_buf_clear(&f->bytes);
		f->items = 0;
	}
	return JT_OK;
}

void
jt_agree_end(struct jt_agree *a)
{
	uint64_t n = a->agreed + 1;
	uint32_t first = 0;

	while (first < a->voters && given(a, first, n) == NULL)
		first++;
	for (uint32_t i = first + 1; i < a->voters; i++)
		if (given(a, i, n) != NULL && !is_alike(a, i, first, n))
			a->ops->differs(a->ctx, n, i, first);
}
