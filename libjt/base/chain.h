/*
 * Chains: doubly linked lists through members of what they hold, for queues
 * and buckets whose elements come and go in any order. Zeros are an empty
 * chain, and a link that is in none. Nothing is allocated, nothing can fail.
 *
 *	struct thing { struct jt_link in_line; ... };
 *	struct jt_chain line = { 0 };
 *
 *	jt_chain_append(&line, &t->in_line);
 *	JT_CHAIN_EACH(t, &line, in_line)
 *		...
 *	t = JT_CHAIN_FIRST(&line, struct thing, in_line);
 */
#ifndef JT_CHAIN_H
#define JT_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

struct jt_link {
	struct jt_link *next, *prev;
};
struct jt_chain {
	struct jt_link *first, *last;
};

static inline bool
jt_chain_empty(const struct jt_chain *c)
{
	return c->first == NULL;
}

/* Behind `at`, which is in the chain; NULL: in front of all. */
static inline void
jt_chain_insert(struct jt_chain *c, struct jt_link *at, struct jt_link *link)
{
	link->prev = at;
	link->next = at != NULL ? at->next : c->first;
	*(link->next != NULL ? &link->next->prev : &c->last) = link;
	*(at != NULL ? &at->next : &c->first) = link;
}

static inline void
jt_chain_append(struct jt_chain *c, struct jt_link *link)
{
	jt_chain_insert(c, c->last, link);
}

/* Of this chain, which it must be in. */
static inline void
jt_chain_remove(struct jt_chain *c, struct jt_link *link)
{
	*(link->prev != NULL ? &link->prev->next : &c->first) = link->next;
	*(link->next != NULL ? &link->next->prev : &c->last) = link->prev;
	link->next = link->prev = NULL;
}

/* What holds the link; NULL for none. The link is evaluated twice. */
#define JT_CHAIN_HOLDER(link, type, member) \
	((link) == NULL ? NULL : (type *)(void *)((char *)(link) - offsetof(type, member)))
#define JT_CHAIN_FIRST(chain, type, member) JT_CHAIN_HOLDER((chain)->first, type, member)
#define JT_CHAIN_LAST(chain, type, member)  JT_CHAIN_HOLDER((chain)->last, type, member)
#define JT_CHAIN_NEXT(item, member) \
	JT_CHAIN_HOLDER((item)->member.next, __typeof__(*(item)), member)
#define JT_CHAIN_PREV(item, member) \
	JT_CHAIN_HOLDER((item)->member.prev, __typeof__(*(item)), member)
/* The item must stay in the chain until the next one is looked at. */
#define JT_CHAIN_EACH(item, chain, member) \
	for ((item) = JT_CHAIN_FIRST(chain, __typeof__(*(item)), member); (item) != NULL; \
	    (item) = JT_CHAIN_NEXT(item, member))
/* The item may leave the chain, but not the one behind it, which is in `then`. */
#define JT_CHAIN_EACH_LEAVING(item, then, chain, member) \
	for ((item) = JT_CHAIN_FIRST(chain, __typeof__(*(item)), member); \
	    (item) != NULL && ((then) = JT_CHAIN_NEXT(item, member), true); (item) = (then))

#endif
