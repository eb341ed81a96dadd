/* A hand-made graph in memory, for the files hand*.c alone. See handmade.h. */
#ifndef JT_HANDGRAPH_H
#define JT_HANDGRAPH_H

#include <msgpack/zone.h>

#include "object/tree.h"
#include "sim/handmade.h"

struct jt_hand_block {
	struct jt_ref ref;             /* its id is its name */
	uint64_t line;
	const struct jt_node *listed;  /* parents; NULL: by default */
	struct jt_hand_block **parents; /* its author's first */
	uint32_t parent_count;
	bool seen;                     /* in the view */
};

struct jt_hand {
	msgpack_zone zone;             /* everything below */
	struct jt_committee c;
	uint32_t slots;                /* a round */
	uint32_t last;                 /* round with leaders */
	uint32_t (*leaders)[JT_LEADERS_MAX]; /* by round, places + 1; 0: not given */
	struct jt_hand_block **blocks; /* round by round, as listed; genesis first */
	uint32_t count;
	struct jt_hand_block **names;  /* the same by name */
	struct jt_hand_block **first;  /* [round * n + author] */
};

/* handgraph.c */
/* JT_MALFORMED with the line. Free it in any case. */
enum jt_err jt_hand_read(struct jt_hand *h, struct jt_slice yaml, struct jt_error *e);
void jt_hand_free(struct jt_hand *h);

/* JT_MALFORMED, "line N: ...". */
enum jt_err jt_hand_bad(struct jt_error *e, uint64_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* hand_parents.c */
/* Sort the blocks, which are all there, by round and by name, and give each its parents. */
enum jt_err jt_hand_link(struct jt_hand *h, struct jt_error *e);
struct jt_hand_block *jt_hand_find(const struct jt_hand *h, struct jt_slice name);

#endif
