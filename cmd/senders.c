/* The accounts that transactions are built for. See senders.h. */
#include "senders.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/proof.h"
#include "state/map.h"
#include "store.h"

static enum jt_err
fetch(void *ctx, const uint8_t key[JT_HASH], struct jt_slice *value, struct jt_error *e)
{
	struct senders *s = ctx;

	if (s->has_ledger)
		return jt_map_fetch(s->ledger.store, key, value, e);
	*value = (struct jt_slice){ NULL, 0 };
	for (size_t i = 0; i < s->proofs; i++)
		if (memcmp(s->proven[i].key, key, JT_HASH) == 0)
			*value = s->proven[i].entry;
	return JT_OK;
}

/* One proof, which must hold; its bytes are kept. */
static void
take_proof(struct senders *s, const char *path, const struct jt_object *o)
{
	uint8_t *copy = msgpack_zone_malloc(s->zone, o->bytes.len);
	struct jt_proof_account p = { 0 };
	struct jt_object kept;
	struct jt_header h = { 0 };
	struct jt_error e;

	if (copy == NULL)
		die(JT_SYSTEM, "out of memory");
	if (s->proofs == SENDERS_PROOFS)
		die(JT_MALFORMED, "%s: more than %d proofs", path, SENDERS_PROOFS);
	memcpy(copy, o->bytes.data, o->bytes.len);
	cmd_check(jt_object_parse((struct jt_slice){ copy, o->bytes.len }, &kept, &e), &e);
	if (jt_proof_account_check(&kept, &s->genesis, s->terms.network, &p, &h, s->zone, &e) !=
	    JT_OK)
		die(e.code, "%s: not proven: %s", path, e.text);
	memcpy(s->proven[s->proofs].key, p.key, JT_HASH);
	s->proven[s->proofs++].entry = p.entry;
	s->number = h.number > s->number ? h.number : s->number;
	s->known = true;
}

static void
take_proofs(struct senders *s, const char *path)
{
	char *paths[] = { strdup(path), NULL };
	const struct jt_kind *row;
	struct cmd_input in;
	struct jt_object o = { 0 };

	if (paths[0] == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_input_open(&in, paths);
	while (cmd_next(&in, &o, &row))
		take_proof(s, path, &o);
	cmd_need_input(&in);
	if (in.good < in.count)
		cmd_give_up(); /* what is wrong has been said */
	free(paths[0]);
}

static void
open_ledger(struct senders *s, const char *network, const char *dir)
{
	cmd_ledger_open(&s->ledger, network, dir, JT_STORE_READ, false);
	s->number = s->ledger.head.number;
	s->has_ledger = s->known = true;
}

void
senders_open(struct senders *s, const char *network, const char *dir,
    const char *server, const char *const *proofs)
{
	struct cmd_network n;
	struct jt_error e;
	uint8_t id[JT_HASH];

	*s = (struct senders){ 0 };
	cmd_crypto();
	if ((s->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	cmd_network(&n, network, dir);
	jt_buf_free(&n.dealing);
	cmd_check(jt_genesis_decode(&n.genesis, &s->genesis, id, s->zone, &e), &e);
	jt_genesis_terms(&s->genesis, id, &s->terms);
	for (; *proofs != NULL; proofs++)
		take_proofs(s, *proofs);
	if (!s->known)
		s->has_servers = cmd_servers_instead(&s->servers, server, network, dir);
	if (!s->known && !s->has_servers && dir != NULL)
		open_ledger(s, network, dir);
	if ((s->state = jt_overlay_new(fetch, s)) == NULL)
		die(JT_SYSTEM, "out of memory");
}

/* What lies in the zone is freed with it. */
static void
leave(void *number)
{
	(void)number;
}

void
senders_close(struct senders *s)
{
	tdestroy(s->taken, leave);
	jt_overlay_free(s->state);
	if (s->has_ledger)
		jt_ledger_close(&s->ledger);
	if (s->has_servers)
		cmd_servers_close(&s->servers);
	msgpack_zone_free(s->zone);
}

bool
senders_knows(const struct senders *s, const uint8_t account[JT_ACCOUNT])
{
	uint8_t key[JT_HASH];
	bool knows = s->has_ledger || s->asks_servers;

	jt_state_key(key, account, JT_ENTRY_ACCOUNT, (struct jt_slice){ NULL, 0 });
	for (size_t i = 0; i < s->proofs; i++)
		knows = knows || memcmp(s->proven[i].key, key, JT_HASH) == 0;
	return knows;
}

void
senders_need(struct senders *s)
{
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	struct jt_error e;

	if (s->known || !s->has_servers)
		return;
	cmd_check(cmd_ask_header(&s->servers, NULL, &o, &h, s->zone, &e), &e);
	s->number = h.number;
	s->known = s->asks_servers = true;
}

/* A server's proof of an account goes where those that were changed here are. */
static enum jt_err
ask(struct senders *s, const uint8_t account[JT_ACCOUNT], struct jt_error *e)
{
	struct jt_proof_account p = { 0 };
	struct jt_header h = { 0 };
	struct jt_object o = { 0 };
	msgpack_zone zone;
	enum jt_err err;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		return jt_fail(e, JT_SYSTEM, "out of memory");
	err = cmd_ask_account(&s->servers, account, &o, &p, &h, &zone, e);
	if (err == JT_OK && p.entry.len > 0)
		err = jt_overlay_put(s->state, p.key, p.entry, e);
	msgpack_zone_destroy(&zone);
	return err;
}

enum jt_err
senders_get(struct senders *s, const uint8_t account[JT_ACCOUNT], struct jt_account *a,
    bool *exists, msgpack_zone *zone, struct jt_error *e)
{
	struct jt_apply apply = { .state = s->state, .zone = zone };
	enum jt_err err = jt_apply_account(&apply, account, a, exists, e);

	if (err != JT_OK || *exists || !s->asks_servers)
		return err;
	if ((err = ask(s, account, e)) != JT_OK)
		return err;
	return jt_apply_account(&apply, account, a, exists, e);
}

enum jt_err
senders_put(struct senders *s, const struct jt_account *a, struct jt_error *e)
{
	struct jt_apply apply = { .state = s->state };

	return jt_apply_put(&apply, a, e);
}

struct number {
	uint64_t seq;
	uint8_t account[JT_ACCOUNT];
};

static int
compare(const void *one, const void *two)
{
	const struct number *a = one, *b = two;

	return a->seq != b->seq ? a->seq < b->seq ? -1 : 1
	    : memcmp(a->account, b->account, JT_ACCOUNT);
}

bool
senders_take(struct senders *s, const uint8_t account[JT_ACCOUNT], uint64_t seq)
{
	struct number *n = msgpack_zone_malloc(s->zone, sizeof *n);
	void *found;

	if (n == NULL)
		die(JT_SYSTEM, "out of memory");
	n->seq = seq;
	memcpy(n->account, account, JT_ACCOUNT);
	if ((found = tsearch(n, &s->taken, compare)) == NULL)
		die(JT_SYSTEM, "out of memory");
	return *(struct number **)found == n;
}
