/* The set-up of a network. See setup.h. */
#include "setup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "base/text.h"
#include "object/tree.h"

#define BANK_COINS (UINT64_C(600000000000) * 1000000) /* white paper, 3: 600 billion SWT */

enum { SETUP_MAX = 4 << 20, CSV_MAX = 1 << 30 };

static const char *file; /* for messages */

_Noreturn static void
bad(const struct jt_node *n, const char *name, const char *expected)
{
	if (n->type == JT_NODE_SCALAR)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected %s, not \"%.*s\"", file,
		    n->line, name, expected, (int)n->text.len, (const char *)n->text.data);
	die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected %s", file, n->line, name, expected);
}

static struct jt_slice
text_of(const struct jt_node *n, const char *name, size_t max)
{
	if (n->type != JT_NODE_SCALAR || n->text.len == 0 || n->text.len > max)
		bad(n, name, "a short text");
	return n->text;
}

static uint64_t
number(const struct jt_node *n, const char *name, unsigned decimals, const char *expected)
{
	uint64_t v;

	if (n->type != JT_NODE_SCALAR || !jt_decimal_parse(n->text, decimals, &v) ||
	    v > JT_UINT_MAX)
		bad(n, name, expected);
	return v;
}

static uint64_t
coins(const struct jt_node *n, const char *name)
{
	return number(n, name, JT_COINS_DECIMALS, "a number of SWT with at most 6 decimals");
}

/* Paths in a set-up are as seen from its own directory. */
static char *
beside(struct jt_slice text)
{
	const char *slash = strrchr(file, '/');
	size_t dir = slash != NULL ? (size_t)(slash - file) + 1 : 0;
	char *path;

	if (text.data[0] == '/')
		dir = 0;
	if ((path = malloc(dir + text.len + 1)) == NULL)
		die(JT_SYSTEM, "out of memory");
	memcpy(path, file, dir);
	memcpy(path + dir, text.data, text.len);
	path[dir + text.len] = '\0';
	return path;
}

static void
account_of(struct jt_slice text, uint64_t line, const char *name, uint8_t account[JT_ACCOUNT])
{
	struct jt_error e;
	char *path;
	enum jt_err err;

	if (jt_address_parse(text, account))
		return;
	path = beside(text);
	err = cmd_account(path, account, &e);
	free(path);
	if (err != JT_OK)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: %s", file, line, name, e.text);
}

static void
add_account(struct setup *s, const struct jt_initial *in)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct jt_initial *grown = realloc(s->accounts, cap * sizeof *grown);
		if (grown == NULL)
			die(JT_SYSTEM, "out of memory");
		s->accounts = grown;
		s->cap = cap;
	}
	s->accounts[s->count++] = *in;
}

/* A key file's public half, of the role that it must have. */
static void
pub_of(const struct jt_node *n, const char *name, enum jt_role role, struct jt_pub *pub)
{
	char *path = beside(text_of(n, name, 1024));
	struct jt_error e;

	if (cmd_pub_load(path, pub, &e) != JT_OK)
		die(e.code, "%s: line %" PRIu64 ": %s: %s", file, n->line, name, e.text);
	if (pub->role != (uint64_t)role)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: expected a key of role %s, found %s",
		    file, n->line, name, jt_roles[role], jt_roles[pub->role]);
	free(path);
}

static void
read_validator(const struct jt_node *map, struct jt_validator *v)
{
	bool has_link = false, has_key = false;
	const struct jt_node *k = map->child;
	struct jt_pub pub;

	if (map->type != JT_NODE_MAP)
		bad(map, "validators", "a list of maps with name, key and link");
	for (; k != NULL; k = k->next->next) {
		const struct jt_node *value = k->next;
		if (jt_slice_is(k->text, "name"))
			v->name = text_of(value, "name", JT_NAME_MAX);
		else if (jt_slice_is(k->text, "peer"))
			v->peer = text_of(value, "peer", 255);
		else if (jt_slice_is(k->text, "client"))
			v->client = text_of(value, "client", 255);
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
			bad(k, "validators", "one of name, key, link, peer, client");
	}
	if (v->name.len == 0 || !has_key || !has_link)
		bad(map, "validators", "a map with name, key and link");
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
		char *name = msgpack_zone_malloc(s->zone, 16);
		if (name == NULL)
			die(JT_SYSTEM, "out of memory");
		snprintf(name, 16, "v%" PRIu32, i + 1);
		v[i].name = jt_slice_text(name);
	}
}

static void
read_validators(struct setup *s, const struct jt_node *n)
{
	struct jt_validator *v;

	if (n->type == JT_NODE_SCALAR) {
		uint64_t count = number(n, "validators", 0, "a number or a list");
		if (count < 1 || count > JT_VALIDATORS_MAX)
			bad(n, "validators", "1 to 128");
		name_validators(s, (uint32_t)count);
		return;
	}
	if (n->type != JT_NODE_LIST || n->count < 1 || n->count > JT_VALIDATORS_MAX)
		bad(n, "validators", "a number or a list of 1 to 128");
	v = make_room(s, n->count);
	for (const struct jt_node *c = n->child; c != NULL; c = c->next)
		read_validator(c, v++);
}

static void
read_csv(struct setup *s, const struct jt_node *n)
{
	static const char *const known[] = { "account", "balance", "seq" };
	char *path = beside(n->text);
	int column[JT_CSV_FIELDS];
	struct jt_csv csv = { 0 };
	struct jt_buf text;
	struct jt_error e;
	size_t width;

	jt_buf_init(&text, CSV_MAX);
	cmd_check(jt_file_read(path, &text, &e), &e);
	csv.rest = jt_buf_slice(&text);
	jt_buf_init(&csv.text, SIZE_MAX / 2);
	if (jt_csv_next(&csv, &e) != JT_OK)
		die(JT_MALFORMED, "%s: %s", path, e.text);
	width = csv.count;
	for (size_t i = 0; i < width; i++) {
		for (column[i] = 0; column[i] < 3; column[i]++)
			if (jt_slice_is(csv.field[i], known[column[i]]))
				break;
		if (column[i] == 3)
			die(JT_MALFORMED, "%s:%" PRIu64 ": expected account, balance or seq, not "
			    "\"%.*s\"", path, csv.line, (int)csv.field[i].len,
			    (const char *)csv.field[i].data);
	}
	while (jt_csv_next(&csv, &e) == JT_OK && csv.count > 0) {
		struct jt_initial in = { 0 };
		bool good[3] = { false, false, true };
		if (csv.count != width)
			die(JT_MALFORMED, "%s:%" PRIu64 ": expected %zu fields, found %zu", path,
			    csv.line, width, csv.count);
		for (size_t i = 0; i < width; i++) {
			struct jt_slice f = csv.field[i];
			good[column[i]] = column[i] == 0 ? jt_address_parse(f, in.account)
			    : column[i] == 1 ? jt_decimal_parse(f, JT_COINS_DECIMALS, &in.balance)
			    : jt_u64_parse(f, &in.seq);
		}
		for (int i = 0; i < 3; i++)
			if (!good[i])
				die(JT_MALFORMED, "%s:%" PRIu64 ": %s: expected %s", path,
				    csv.line, known[i], i == 0 ? "an address" :
				    i == 1 ? "a number of SWT" : "a number");
		add_account(s, &in);
	}
	if (csv.count > 0)
		die(JT_MALFORMED, "%s: %s", path, e.text);
	jt_buf_free(&csv.text);
	jt_buf_free(&text);
	free(path);
}

static void
read_account(struct setup *s, const struct jt_node *map)
{
	struct jt_initial in = { 0 };
	bool has_account = false, has_balance = false;

	if (map->type != JT_NODE_MAP)
		bad(map, "accounts", "a list of maps with account, balance and seq");
	for (const struct jt_node *k = map->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "account")) {
			account_of(text_of(k->next, "account", 1024), k->line, "account",
			    in.account);
			has_account = true;
		} else if (jt_slice_is(k->text, "balance")) {
			in.balance = coins(k->next, "balance");
			has_balance = true;
		} else if (jt_slice_is(k->text, "seq"))
			in.seq = number(k->next, "seq", 0, "a number");
		else
			bad(k, "accounts", "one of account, balance, seq");
	}
	if (!has_account || !has_balance)
		bad(map, "accounts", "a map with account and balance");
	add_account(s, &in);
}

static void
read_accounts(struct setup *s, const struct jt_node *n)
{
	s->make_bank = s->bank_is_authority = false;
	if (n->type == JT_NODE_SCALAR && jt_slice_is(n->text, "bank")) {
		s->make_bank = s->bank_is_authority = true;
	} else if (n->type == JT_NODE_SCALAR && n->text.len > 4 &&
	    memcmp(n->text.data + n->text.len - 4, ".csv", 4) == 0) {
		read_csv(s, n);
	} else if (n->type == JT_NODE_LIST) {
		for (const struct jt_node *c = n->child; c != NULL; c = c->next)
			read_account(s, c);
	} else
		bad(n, "accounts", "bank, a list, or a .csv file");
}

static void
read_authority(struct setup *s, const struct jt_node *n)
{
	struct jt_authority *a = &s->genesis.authority;
	const struct jt_node *list = NULL;
	struct jt_signer *signer;
	uint32_t count = 0;

	if (n->type != JT_NODE_MAP)
		bad(n, "authority", "a map with quorum and signers");
	for (const struct jt_node *k = n->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "quorum"))
			a->quorum = number(k->next, "quorum", 0, "a number");
		else if (jt_slice_is(k->text, "signers"))
			list = k->next;
		else
			bad(k, "authority", "one of quorum, signers");
	}
	if (list == NULL || list->type != JT_NODE_MAP || list->count / 2 > JT_SIGNERS_MAX)
		bad(n, "authority", "signers, a map of at most 32 accounts and weights");
	s->bank_is_authority = false;
	signer = msgpack_zone_malloc(s->zone, (list->count + 1) * sizeof *signer);
	if (signer == NULL)
		die(JT_SYSTEM, "out of memory");
	a->signers.items = signer;
	for (const struct jt_node *k = list->child; k != NULL; k = k->next->next) {
		uint64_t weight = number(k->next, "signers", 0, "a weight");
		if (s->make_bank && jt_slice_is(k->text, "bank")) {
			s->bank_is_authority = true;
			s->bank_weight = weight;
			continue;
		}
		account_of(k->text, k->line, "signers", signer[count].account);
		signer[count++].weight = weight;
	}
	a->signers.count = count;
}

static void
read_records(struct setup *s, const struct jt_node *n)
{
	if (n->type != JT_NODE_MAP)
		bad(n, "records", "a map with rate and stamp");
	for (const struct jt_node *k = n->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "rate"))
			s->genesis.records.rate = number(k->next, "rate", 0, "bytes per second");
		else if (jt_slice_is(k->text, "stamp"))
			s->genesis.records.stamp = number(k->next, "stamp", 0, "bits, 0 to 64");
		else
			bad(k, "records", "one of rate, stamp");
	}
	if (s->genesis.records.stamp > 64)
		bad(n, "records", "stamp of 0 to 64 bits");
}

static void
read_field(struct setup *s, const struct jt_node *k, const struct jt_node *v)
{
	struct jt_genesis *g = &s->genesis;

	if (jt_slice_is(k->text, "name"))
		g->name = text_of(v, "name", JT_NAME_MAX);
	else if (jt_slice_is(k->text, "time") && !jt_slice_is(v->text, "now")) {
		if (v->type != JT_NODE_SCALAR || !jt_time_parse(v->text, &g->time))
			bad(v, "time", "now or a time like 2017-03-01T12:00:00Z");
	} else if (jt_slice_is(k->text, "nonce") && !jt_slice_is(v->text, "random")) {
		if (v->type != JT_NODE_SCALAR || !jt_hex_parse(v->text, g->nonce, JT_HASH))
			bad(v, "nonce", "random or 64 hex digits");
	} else if (jt_slice_is(k->text, "validators"))
		read_validators(s, v);
	else if (jt_slice_is(k->text, "fee"))
		g->fee = coins(v, "fee");
	else if (jt_slice_is(k->text, "reserve"))
		g->reserve = coins(v, "reserve");
	else if (jt_slice_is(k->text, "object"))
		g->object = coins(v, "object");
	else if (jt_slice_is(k->text, "interval"))
		g->interval = number(v, "interval", 0, "milliseconds");
	else if (jt_slice_is(k->text, "heartbeat"))
		g->heartbeat = number(v, "heartbeat", 3, "seconds");
	else if (jt_slice_is(k->text, "records"))
		read_records(s, v);
	else if (!jt_slice_is(k->text, "time") && !jt_slice_is(k->text, "nonce") &&
	    !jt_slice_is(k->text, "accounts") && !jt_slice_is(k->text, "authority"))
		bad(k, "set-up", "a field that jt-genesis(1) lists");
}

static const struct jt_node *
find(const struct jt_node *root, const char *name)
{
	for (const struct jt_node *k = root->child; k != NULL; k = k->next->next)
		if (jt_slice_is(k->text, name))
			return k->next;
	return NULL;
}

static void
read_file(struct setup *s, const char *path)
{
	const struct jt_node *accounts, *authority;
	struct jt_node *root;
	struct jt_buf text;
	struct jt_error e;
	uint64_t line = 1;

	file = path;
	jt_buf_init(&text, SETUP_MAX);
	if (strcmp(path, "-") == 0)
		cmd_check(jt_file_read_fd(0, "stdin", &text, &e), &e);
	else
		cmd_check(jt_file_read(path, &text, &e), &e);
	if (jt_tree_read(jt_buf_slice(&text), false, &line, s->zone, &root, &e) != JT_OK)
		die(e.code, "%s: line %" PRIu64 ": %s", path, line, e.text);
	if (root->type != JT_NODE_MAP)
		bad(root, "set-up", "a map of fields");
	for (const struct jt_node *k = root->child; k != NULL; k = k->next->next)
		read_field(s, k, k->next);
	/* The authority may name the bank, so the accounts come first. */
	if ((accounts = find(root, "accounts")) != NULL)
		read_accounts(s, accounts);
	if ((authority = find(root, "authority")) != NULL)
		read_authority(s, authority);
	jt_buf_free(&text);
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
	if (s->genesis.name.len == 0)
		name_after(s, dir);
	if (s->genesis.time == 0)
		s->genesis.time = cmd_now_ms();
	if (jt_hash_is_zero(s->genesis.nonce))
		cmd_random(s->genesis.nonce, JT_HASH);
	if (!s->bank_is_authority && s->genesis.authority.signers.count == 0)
		s->genesis.authority.quorum = 0;
}

void
setup_free(struct setup *s)
{
	free(s->accounts);
	msgpack_zone_free(s->zone);
}

void
setup_bank(struct setup *s, const struct jt_secret_key *k)
{
	struct jt_initial bank = { .balance = BANK_COINS };
	struct jt_list *l = &s->genesis.authority.signers;
	struct jt_signer *signers;

	jt_account_of_key(bank.account, k->pub.key);
	add_account(s, &bank);
	if (!s->bank_is_authority)
		return;
	signers = msgpack_zone_malloc(s->zone, (l->count + 1) * sizeof *signers);
	if (signers == NULL)
		die(JT_SYSTEM, "out of memory");
	if (l->count > 0)
		memcpy(signers, l->items, l->count * sizeof *signers);
	memcpy(signers[l->count].account, bank.account, JT_ACCOUNT);
	signers[l->count].weight = s->bank_weight;
	*l = (struct jt_list){ signers, l->count + 1 };
}

static int
accounts_by_id(const void *a, const void *b)
{
	return memcmp(((const struct jt_initial *)a)->account,
	    ((const struct jt_initial *)b)->account, JT_ACCOUNT);
}

static int
signers_by_id(const void *a, const void *b)
{
	return memcmp(((const struct jt_signer *)a)->account,
	    ((const struct jt_signer *)b)->account, JT_ACCOUNT);
}

static int
validators_by_key(const void *a, const void *b)
{
	return memcmp(((const struct jt_validator *)a)->key,
	    ((const struct jt_validator *)b)->key, JT_KEY);
}

void
setup_sort(struct setup *s)
{
	struct jt_list *signers = &s->genesis.authority.signers;
	struct jt_list *validators = &s->genesis.validators;
	char address[JT_ADDRESS_TEXT];
	uint64_t sum = 0;

	if (s->count > 1)
		qsort(s->accounts, s->count, sizeof *s->accounts, accounts_by_id);
	for (size_t i = 0; i < s->count; i++) {
		jt_address_format(s->accounts[i].account, address);
		if (i > 0 && accounts_by_id(&s->accounts[i - 1], &s->accounts[i]) == 0)
			die(JT_MALFORMED, "accounts: %s twice", address);
		if (!jt_add(sum, s->accounts[i].balance, &sum) || sum > JT_UINT_MAX)
			die(JT_MALFORMED, "accounts: balances are too much together");
		if (s->accounts[i].seq > JT_UINT_MAX)
			die(JT_MALFORMED, "accounts: seq of %s is too large", address);
	}
	if (signers->count > 1)
		qsort(signers->items, signers->count, sizeof(struct jt_signer), signers_by_id);
	qsort(validators->items, validators->count, sizeof(struct jt_validator),
	    validators_by_key);
}
