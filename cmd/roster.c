/* Who the peers of jt-peer are. See roster.h. */
#include "roster.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/genesis.h"
#include "pipe/pipe.h"

static void
add(struct cmd_peers *ps, const char *name, const uint8_t link[JT_NOISE_KEY], const char *address)
{
	struct jt_error e;

	if (address != NULL && cmd_address_check(address, &e) != JT_OK)
		die(e.code, "%s: %s", name, e.text);
	if (cmd_peers_named(ps, jt_slice_text(name)) != NULL)
		die(JT_USAGE, "two peers are called %s", name);
	if (cmd_peers_of_key(ps, link) != NULL)
		die(JT_USAGE, "%s: the key of %s, too", name, cmd_peers_of_key(ps, link)->name);
	if (cmd_peers_add(ps, name, link, address) == NULL)
		die(JT_USAGE, "more than %d peers", CMD_PEERS_MAX);
}

static char *
copy(const char *text, size_t len)
{
	char *s = strndup(text, len);

	if (s == NULL)
		die(JT_SYSTEM, "out of memory");
	return s;
}

void
cmd_roster_network(struct cmd_peers *ps, const struct cmd_network *n,
    const struct jt_secret_key *key)
{
	struct jt_genesis g;
	uint8_t id[JT_HASH];
	msgpack_zone zone;
	struct jt_error e;

	if (!msgpack_zone_init(&zone, MSGPACK_ZONE_CHUNK_SIZE))
		die(JT_SYSTEM, "out of memory");
	cmd_check(jt_genesis_decode(&n->genesis, &g, id, &zone, &e), &e);
	for (uint32_t i = 0; i < g.validators.count; i++) {
		const struct jt_validator *v = (const struct jt_validator *)g.validators.items + i;
		if (memcmp(v->link, key->pub.key, JT_NOISE_KEY) != 0)
			add(ps, copy((const char *)v->name.data, v->name.len), v->link,
			    v->peer.len == 0 ? NULL : copy((const char *)v->peer.data, v->peer.len));
	}
	msgpack_zone_destroy(&zone);
}

/* A key of a .pub file, whose suffix may be left out; its name is the file's. */
static void
add_pub(struct cmd_peers *ps, const char *word, const char *address,
    const struct jt_secret_key *key)
{
	static const char suffix[] = ".pub";
	size_t n = strlen(word), m = sizeof suffix - 1;
	bool suffixed = n > m && strcmp(word + n - m, suffix) == 0;
	const char *base = strrchr(word, '/');
	struct jt_pub pub;
	struct jt_error e;
	char *path, *name;

	base = base != NULL ? base + 1 : word;
	name = copy(base, strlen(base) - (suffixed ? m : 0));
	if ((path = malloc(n + sizeof suffix)) == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, word, n + 1);
	if (!suffixed)
		memcpy(path + n, suffix, sizeof suffix);
	cmd_check(cmd_pub_load(path, &pub, &e), &e);
	if (pub.role != JT_ROLE_LINK)
		die(JT_USAGE, "%s: key of %s %s, not a link key", path,
		    pub.role == JT_ROLE_ACCOUNT ? "an" : "a", jt_roles[pub.role]);
	if (memcmp(pub.key, key->pub.key, JT_NOISE_KEY) == 0)
		die(JT_USAGE, "%s: the own key", path);
	free(path);
	if (name[0] == '\0' || strlen(name) > JT_MSG_NAME_MAX)
		die(JT_USAGE, "%s: a name of 1 to %d bytes is needed", word, JT_MSG_NAME_MAX);
	if (cmd_peers_of_key(ps, pub.key) == NULL)
		add(ps, name, pub.key, address);
	else {
		/* A validator of the network, whose address is said here. */
		if (address != NULL)
			cmd_peers_of_key(ps, pub.key)->address = address;
		free(name);
	}
}

void
cmd_roster_operand(struct cmd_peers *ps, const char *operand, const struct jt_secret_key *key)
{
	const char *at = strchr(operand, '@');
	char *word = copy(operand, at != NULL ? (size_t)(at - operand) : strlen(operand));
	struct cmd_peer *p = cmd_peers_named(ps, jt_slice_text(word));
	struct jt_error e;

	if (at != NULL && cmd_address_check(at + 1, &e) != JT_OK)
		die(e.code, "%s: %s", word, e.text);
	if (p != NULL && at != NULL && !ps->pipe)
		p->address = at + 1;
	else
		add_pub(ps, word, at != NULL ? at + 1 : NULL, key);
	free(word);
}
