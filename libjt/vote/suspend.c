/* Blocks that wait for ancestors. See suspend.h. */
#include "vote/suspend.h"

#include <stdlib.h>
#include <string.h>

void
jt_suspension_free(struct jt_suspension *s)
{
	for (size_t i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->blocks[i].block.parents);
	free(s->blocks);
	free(s->asked);
	*s = (struct jt_suspension){ 0 };
}

bool
jt_suspend(struct jt_suspension *s, const struct jt_block *b, uint32_t from)
{
	size_t size = b->parent_count * sizeof *b->parents;
	struct jt_ref *parents;

	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct jt_suspended *grown = realloc(s->blocks, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		s->blocks = grown;
		s->cap = cap;
	}
	if ((parents = malloc(size)) == NULL)
		return false;
	memcpy(parents, b->parents, size);
	s->blocks[s->count] = (struct jt_suspended){ *b, from };
	s->blocks[s->count++].block.parents = parents;
	s->of_peer[from]++;
	return true;
}

bool
jt_is_suspended(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->blocks[i].block.ref.id, id, JT_HASH) == 0)
			return true;
	return false;
}

struct jt_suspended
jt_unsuspend(struct jt_suspension *s, size_t i)
{
	struct jt_suspended taken = s->blocks[i];

	memmove(&s->blocks[i], &s->blocks[i + 1], (--s->count - i) * sizeof *s->blocks);
	s->of_peer[taken.from]--;
	return taken;
}

static struct jt_asked *
find_asked(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	for (size_t i = 0; i < s->asked_count; i++)
		if (memcmp(s->asked[i].id, id, JT_HASH) == 0)
			return &s->asked[i];
	return NULL;
}

bool
jt_ask(struct jt_suspension *s, const struct jt_ref *ref, uint32_t peer)
{
	struct jt_asked *a = find_asked(s, ref->id);

	if (a == NULL && s->asked_count == s->asked_cap) {
		size_t cap = s->asked_cap ? s->asked_cap * 2 : 16;
		struct jt_asked *grown = realloc(s->asked, cap * sizeof *grown);
		if (grown == NULL)
			return false;
		s->asked = grown;
		s->asked_cap = cap;
	}
	if (a == NULL) {
		a = &s->asked[s->asked_count++];
		*a = (struct jt_asked){ .round = ref->round };
		memcpy(a->id, ref->id, JT_HASH);
	}
	if (jt_voter_set_has(&a->peers, peer))
		return false;
	jt_voter_set_add(&a->peers, peer);
	return true;
}

bool
jt_was_asked(const struct jt_suspension *s, const uint8_t id[JT_HASH])
{
	return find_asked(s, id) != NULL;
}

void
jt_forget_asked(struct jt_suspension *s, const uint8_t *id, uint32_t low)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->asked_count; i++)
		if (s->asked[i].round > low &&
		    (id == NULL || memcmp(s->asked[i].id, id, JT_HASH) != 0))
			s->asked[kept++] = s->asked[i];
	s->asked_count = kept;
}

void
jt_forget_peer(struct jt_suspension *s, uint32_t peer)
{
	for (size_t i = 0; i < s->asked_count; i++)
		s->asked[i].peers.word[peer / 64] &= ~(UINT64_C(1) << peer % 64);
}
