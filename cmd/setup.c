/* The set-up of a network. See setup.h. */
#include "setup-file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "dial.h"
#include "object/tree.h"

enum {
	SETUP_MAX = 4 << 20,
	FIELDS_MAX = 64, /* of a map: each is compared with each */
	QUOTED = 80 /* bytes of a wrong value in a message, at most */
};

const char *setup_file;

_Noreturn void
setup_bad(const struct jt_node *n, const char *name, const char *expected)
{
	if (n->type == JT_NODE_SCALAR)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected %s, not \"%.*s%s", setup_file,
		    n->line, name, expected, n->text.len > QUOTED ? QUOTED : (int)n->text.len,
		    (const char *)n->text.data, n->text.len > QUOTED ? "...\"" : "\"");
	die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected %s", setup_file, n->line, name, expected);
}

void
setup_map(const struct jt_node *n, const char *name, const char *expected)
{
	if (n->type != JT_NODE_MAP)
		setup_bad(n, name, expected);
	if (n->count / 2 > FIELDS_MAX)
		setup_bad(n, name, "at most 64 fields");
	for (const struct jt_node *k = n->child; k != NULL; k = k->next->next)
		for (const struct jt_node *o = n->child; o != k; o = o->next->next)
			if (jt_slice_equal(k->text, o->text))
				setup_bad(k, name, "each field once");
}

struct jt_slice
setup_text(const struct jt_node *n, const char *name, size_t max)
{
	if (n->type != JT_NODE_SCALAR || n->text.len == 0 || n->text.len > max)
		setup_bad(n, name, "a short text");
	return n->text;
}

uint64_t
setup_number(const struct jt_node *n, const char *name, unsigned decimals, const char *expected)
{
	uint64_t v;

	if (n->type != JT_NODE_SCALAR || !jt_decimal_parse(n->text, decimals, &v) ||
	    v > JT_UINT_MAX)
		setup_bad(n, name, expected);
	return v;
}

uint64_t
setup_coins(const struct jt_node *n, const char *name)
{
	return setup_number(n, name, JT_COINS_DECIMALS, "a number of SWT with at most 6 decimals");
}

/* Paths in a set-up are as seen from its own directory. */
char *
setup_beside(struct jt_slice text)
{
	const char *slash = strrchr(setup_file, '/');
	size_t dir = slash != NULL ? (size_t)(slash - setup_file) + 1 : 0;
	char *path;

	if (text.data[0] == '/')
		dir = 0;
	if ((path = malloc(dir + text.len + 1)) == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, setup_file, dir);
	memcpy(path + dir, text.data, text.len);
	path[dir + text.len] = '\0';
	return path;
}

/* A key file's public half, of the role that it must have. */
static void
pub_of(const struct jt_node *n, const char *name, enum jt_role role, struct jt_pub *pub)
{
	char *path = setup_beside(setup_text(n, name, 1024));
	struct jt_error e;

	if (cmd_pub_load(path, pub, &e) != JT_OK)
		die(e.code, "%s: line %" PRIu64 ": %s: %s", setup_file, n->line, name, e.text);
	if (pub->role != (uint64_t)role)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected a key of role %s, found %s",
		    setup_file, n->line, name, jt_roles[role], jt_roles[pub->role]);
	free(path);
}

/* Where a validator is reached: HOST:PORT, or a socket's path, which has a slash here. */
static struct jt_slice
address_of(const struct jt_node *n, const char *name)
{
	struct jt_slice text = setup_text(n, name, JT_ENDPOINT_MAX);
	char address[JT_ENDPOINT_MAX + 1];
	struct jt_error e;

	snprintf(address, sizeof address, "%.*s", (int)text.len, (const char *)text.data);
	if (address[0] == ':' || strpbrk(address, "/:") == NULL ||
	    cmd_address_check(address, &e) != JT_OK)
		setup_bad(n, name, "HOST:PORT, or the path of a socket with a / in it");
	return text;
}

static void
read_validator(const struct jt_node *map, struct jt_validator *v)
{
	bool has_link = false, has_key = false;
	const struct jt_node *k = map->child;
	struct jt_pub pub;

	setup_map(map, "validators", "a list of maps with name, key and link");
	for (; k != NULL; k = k->next->next) {
		const struct jt_node *value = k->next;
		if (jt_slice_is(k->text, "name"))
			v->name = setup_text(value, "name", JT_NAME_MAX);
		else if (jt_slice_is(k->text, "peer"))
			v->peer = address_of(value, "peer");
		else if (jt_slice_is(k->text, "client"))
			v->client = address_of(value, "client");
		else if (jt_slice_is(k->text, "key")) {
			pub_of(value, "key", JT_ROLE_VALIDATOR, &pub);
			memcpy(v->key, pub.key, JT_KEY);
			memcpy(v->box, pub.box, JT_BOX_KEY);
			has_key = true;
		} else if (jt_slice_is(k->text, "link")) {
			pub_of(value, "link", JT_ROLE_LINK, &pub);
			memcpy(v->link, pub.key, JT_BOX_KEY);
			has_link = true;
		} else
			setup_bad(k, "validators", "one of name, key, link, peer, client");
	}
	if (v->name.len == 0 || !has_key || !has_link)
		setup_bad(map, "validators", "a map with name, key and link");
}

static struct jt_validator *
make_room(struct setup *s, uint32_t count)
{
	struct jt_validator *v = msgpack_zone_malloc(s->zone, count * sizeof *v);

	if (v == NULL)
		die(JT_SYSTEM, "out of memory");
	memset(v, 0, count * sizeof *v);
	s->genesis.validators = (struct jt_list){ v, count };
	return v;
}

static void
name_validators(struct setup *s, uint32_t count)
{
	struct jt_validator *v = make_room(s, count);

	s->make_validators = true;
	for (uint32_t i = 0; i < count; i++) {
		char name[16];
		snprintf(name, sizeof name, "v%" PRIu32, i + 1);
		v[i].name = setup_keep(s, name);
	}
}

static void
read_validators(struct setup *s, const struct jt_node *n)
{
	struct jt_validator *v;

	if (n->type == JT_NODE_SCALAR) {
		uint64_t count = setup_number(n, "validators", 0, "a number or a list");
		if (count < 1 || count > JT_VALIDATORS_MAX)
			setup_bad(n, "validators", "1 to 128");
		name_validators(s, (uint32_t)count);
		return;
	}
	if (n->type != JT_NODE_LIST || n->count < 1 || n->count > JT_VALIDATORS_MAX)
		setup_bad(n, "validators", "a number or a list of 1 to 128");
	v = make_room(s, n->count);
	for (const struct jt_node *c = n->child; c != NULL; c = c->next)
		read_validator(c, v++);
}

static void
read_records(struct setup *s, const struct jt_node *n)
{
	setup_map(n, "records", "a map with rate and stamp");
	for (const struct jt_node *k = n->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "rate"))
			s->genesis.records.rate = setup_number(k->next, "rate", 0, "bytes per second");
		else if (jt_slice_is(k->text, "stamp"))
			s->genesis.records.stamp = setup_number(k->next, "stamp", 0, "bits, 0 to 64");
		else
			setup_bad(k, "records", "one of rate, stamp");
	}
	if (s->genesis.records.stamp > 64)
		setup_bad(n, "records", "stamp of 0 to 64 bits");
}

static void
read_field(struct setup *s, const struct jt_node *k, const struct jt_node *v)
{
	struct jt_genesis *g = &s->genesis;

	if (jt_slice_is(k->text, "name"))
		g->name = setup_text(v, "name", JT_NAME_MAX);
	else if (jt_slice_is(k->text, "time") && !jt_slice_is(v->text, "now")) {
		if (v->type != JT_NODE_SCALAR || !jt_time_parse(v->text, &g->time))
			setup_bad(v, "time", "now or a time like 2017-03-01T12:00:00Z");
		s->has_time = true;
	} else if (jt_slice_is(k->text, "nonce") && !jt_slice_is(v->text, "random")) {
		if (v->type != JT_NODE_SCALAR || !jt_hex_parse(v->text, g->nonce, JT_HASH))
			setup_bad(v, "nonce", "random or 64 hex digits");
		s->has_nonce = true;
	} else if (jt_slice_is(k->text, "validators"))
		read_validators(s, v);
	else if (jt_slice_is(k->text, "fee"))
		g->fee = setup_coins(v, "fee");
	else if (jt_slice_is(k->text, "reserve"))
		g->reserve = setup_coins(v, "reserve");
	else if (jt_slice_is(k->text, "object"))
		g->object = setup_coins(v, "object");
	else if (jt_slice_is(k->text, "interval"))
		g->interval = setup_number(v, "interval", 0, "milliseconds");
	else if (jt_slice_is(k->text, "heartbeat"))
		g->heartbeat = setup_number(v, "heartbeat", 3, "seconds");
	else if (jt_slice_is(k->text, "records"))
		read_records(s, v);
	else if (jt_slice_is(k->text, "dealing") && !jt_slice_is(v->text, "auto"))
		s->dealing = setup_beside(setup_text(v, "dealing", 1024));
	else if (!jt_slice_is(k->text, "time") && !jt_slice_is(k->text, "nonce") &&
	    !jt_slice_is(k->text, "dealing") &&
	    !jt_slice_is(k->text, "accounts") && !jt_slice_is(k->text, "authority"))
		setup_bad(k, "set-up", "a field that jt-genesis(1) lists");
}

static const struct jt_node *
find(const struct jt_node *root, const char *name)
{
	for (const struct jt_node *k = root->child; k != NULL; k = k->next->next)
		if (jt_slice_is(k->text, name))
			return k->next;
	return NULL;
}

/* Lines of nothing but blanks or a comment: a set-up with all defaults. */
static bool
is_silent(struct jt_slice text)
{
	bool comment = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		comment = c != '\n' && (comment || c == '#');
		if (!comment && c != '\n' && c != '\r' && c != ' ')
			return false;
	}
	return true;
}

static void
read_file(struct setup *s, const char *path)
{
	const struct jt_node *accounts, *authority;
	struct jt_node *root;
	struct jt_buf text;
	struct jt_error e;
	uint64_t line = 1;

	setup_file = strcmp(path, "-") == 0 ? "stdin" : path;
	jt_buf_init(&text, SETUP_MAX);
	if (strcmp(path, "-") == 0)
		cmd_check(jt_file_read_fd(0, "stdin", &text, &e), &e);
	else
		cmd_check(jt_file_read(path, &text, &e), &e);
	if (text.len == 0)
		die(JT_NOINPUT, "%s: empty, no set-up in it", setup_file);
	if (is_silent(jt_buf_slice(&text))) {
		jt_buf_free(&text);
		return;
	}
	if (jt_tree_read(jt_buf_slice(&text), false, &line, s->zone, &root, &e) != JT_OK)
		die(e.code, "%s: line %" PRIu64 ": %s", setup_file, line, e.text);
	setup_map(root, "set-up", "a map of fields");
	for (const struct jt_node *k = root->child; k != NULL; k = k->next->next)
		read_field(s, k, k->next);
	/* The authority may name the bank, so the accounts come first. */
	if ((accounts = find(root, "accounts")) != NULL)
		setup_accounts(s, accounts);
	if ((authority = find(root, "authority")) != NULL)
		setup_authority(s, authority);
	jt_buf_free(&text);
}

struct jt_slice
setup_keep(struct setup *s, const char *text)
{
	size_t len = strlen(text);
	char *copy = msgpack_zone_malloc(s->zone, len);

	if (copy == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(copy, text, len);
	return (struct jt_slice){ (uint8_t *)copy, len };
}

/* The last part of DIR's path: what people call the network. */
static void
name_after(struct setup *s, const char *dir)
{
	size_t end = strlen(dir), start;
	char *name;

	while (end > 1 && dir[end - 1] == '/')
		end--;
	for (start = end; start > 0 && dir[start - 1] != '/';)
		start--;
	if (end - start == 0 || end - start > JT_NAME_MAX)
		die(JT_USAGE, "no name for the network in \"%s\": give one in the set-up", dir);
	if ((name = msgpack_zone_malloc(s->zone, end - start)) == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(name, dir + start, end - start);
	s->genesis.name = (struct jt_slice){ (uint8_t *)name, end - start };
}

void
setup_read(struct setup *s, const char *path, const char *dir, uint32_t validators)
{
	*s = (struct setup){ .make_bank = true, .bank_is_authority = true, .bank_weight = 1,
		.genesis = { .fee = 10, .interval = 50, .object = 200000, .reserve = 1000000,
		.records = { .rate = 1048576, .stamp = 18 }, .authority = { .quorum = 1 } } };
	if ((s->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)) == NULL)
		die(JT_SYSTEM, "out of memory");
	if (path != NULL)
		read_file(s, path);
	if (validators > 0 && s->genesis.validators.count > 0 && !s->make_validators)
		die(JT_USAGE, "-v: %s lists the validators", path);
	if (validators > 0 || s->genesis.validators.count == 0)
		name_validators(s, validators > 0 ? validators : 1);
	if (s->dealing != NULL && s->make_validators)
		die(JT_CONFIG, "%s: dealing: expected auto where the validators' keys are made", path);
	if (s->genesis.name.len == 0)
		name_after(s, dir);
	if (!s->has_time)
		s->genesis.time = cmd_now_ms();
	if (!s->has_nonce)
		cmd_random(s->genesis.nonce, JT_HASH);
	if (!s->has_authority && !s->bank_is_authority)
		s->genesis.authority.quorum = 0;
}

void
setup_free(struct setup *s)
{
	free(s->accounts);
	free(s->dealing);
	msgpack_zone_free(s->zone);
}
