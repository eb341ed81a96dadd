/* What waits for a person's word, in order. See hub.h. */
#include "hub.h"

#include <stdlib.h>

enum { WAITING_MAX = 64 << 20 }; /* bytes */

static struct {
	struct hub_parcel *first, *last;
	size_t count, bytes;
} me;

void
hub_parcels_hold(struct hub_parcel *p)
{
	p->next = NULL;
	if (me.first == NULL)
		me.first = p;
	else
		me.last->next = p;
	me.last = p;
	me.count++;
	me.bytes += p->object.len;
}

bool
hub_parcels_put(struct hub_voter *from, struct hub_voter *to, struct jt_slice object)
{
	struct hub_parcel *p;

	if (me.bytes + object.len > WAITING_MAX)
		return false;
	if ((p = calloc(1, sizeof *p)) == NULL)
		die(JT_SYSTEM, "out of memory");
	*p = (struct hub_parcel){ .from = from, .to = to };
	jt_buf_init(&p->object, JT_OBJECT_MAX);
	if (!jt_buf_add_slice(&p->object, object))
		die(JT_SYSTEM, "out of memory");
	hub_parcels_hold(p);
	return true;
}

const struct hub_parcel *
hub_parcels_first(void)
{
	return me.first;
}

size_t
hub_parcels_count(void)
{
	return me.count;
}

struct hub_parcel *
hub_parcels_take(void)
{
	struct hub_parcel *p = me.first;

	me.first = p->next;
	me.count--;
	me.bytes -= p->object.len;
	return p;
}

void
hub_parcel_free(struct hub_parcel *p)
{
	jt_buf_free(&p->object);
	free(p);
}
