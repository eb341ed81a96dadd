/* Who the peers of jt-peer are. See roster.h. */
#include "roster.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ledger/genesis.h"

enum { WORD_MAX = 4096 };

static void
add(struct cmd_peers *ps, struct jt_slice name, const uint8_t link[JT_NOISE_KEY],
    struct jt_slice address)
{
	const struct cmd_peer *other;
	struct cmd_peer *p;

	if (cmd_peers_named(ps, name) != NULL)
		die(JT_USAGE, "two peers are called %.*s", (int)name.len, (const char *)name.data);
	if ((other = cmd_peers_of_key(ps, link)) != NULL)
		die(JT_USAGE, "%.*s: the key of %s, too", (int)name.len, (const char *)name.data,
		    other->name);
	if ((p = cmd_peers_add(ps, name, link)) == NULL)
		die(JT_USAGE, "more than %d peers", CMD_PEERS_MAX);
	cmd_peer_set_address(p, address);
}

static void
check_address(const char *who, const char *address)
{
	struct jt_error e;

	if (cmd_address_check(address, &e) != JT_OK)
		die(e.code, "%s: %s", who, e.text);
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
		if (memcmp(v->link, key->pub.key, JT_NOISE_KEY) == 0)
			continue;
		add(ps, v->name, v->link, v->peer);
		if (v->peer.len > 0)
			check_address(ps->list[ps->count - 1].name, ps->list[ps->count - 1].address);
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
	const char *slash = strrchr(word, '/'), *base = slash != NULL ? slash + 1 : word;
	struct jt_slice name = { (const uint8_t *)base, strlen(base) - (suffixed ? m : 0) };
	char path[WORD_MAX + sizeof suffix];
	struct jt_pub pub;
	struct jt_error e;

	snprintf(path, sizeof path, "%s%s", word, suffixed ? "" : suffix);
	cmd_check(cmd_pub_load(path, &pub, &e), &e);
	if (pub.role != JT_ROLE_LINK)
		die(JT_USAGE, "%s: key of %s %s, not a link key", path,
		    pub.role == JT_ROLE_ACCOUNT ? "an" : "a", jt_roles[pub.role]);
	if (memcmp(pub.key, key->pub.key, JT_NOISE_KEY) == 0)
		die(JT_USAGE, "%s: the own key", path);
	if (name.len == 0 || name.len > JT_MSG_NAME_MAX || !jt_utf8_valid(name))
		die(JT_USAGE, "%s: a name of 1 to %d bytes of UTF-8 is needed", word, JT_MSG_NAME_MAX);
	if (ps->pipe || cmd_peers_of_key(ps, pub.key) == NULL)
		add(ps, name, pub.key, jt_slice_text(address));
	else if (address[0] != '\0') /* a validator of the network, and where it is */
		cmd_peer_set_address(cmd_peers_of_key(ps, pub.key), jt_slice_text(address));
}

void
cmd_roster_operand(struct cmd_peers *ps, const char *operand, const struct jt_secret_key *key)
{
	const char *at = strchr(operand, '@'), *address = at != NULL ? at + 1 : "";
	size_t n = at != NULL ? (size_t)(at - operand) : strlen(operand);
	char word[WORD_MAX];
	struct cmd_peer *p;

	if (n >= sizeof word)
		die(JT_USAGE, "a word of %zu bytes, more than %zu", n, sizeof word - 1);
	memcpy(word, operand, n);
	word[n] = '\0';
	if (at != NULL)
		check_address(word, address);
	p = cmd_peers_named(ps, jt_slice_text(word));
	if (p != NULL && at != NULL && !ps->pipe)
		cmd_peer_set_address(p, jt_slice_text(address));
	else
		add_pub(ps, word, address, key);
}
