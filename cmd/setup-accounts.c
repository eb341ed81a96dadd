/* The set-up of a network: its accounts and who grants licences. See setup.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/num.h"
#include "setup-file.h"

#define BANK_COINS (UINT64_C(600000000000) * 1000000) /* white paper, 3: 600 billion SWT */

enum { CSV_MAX = 1 << 30 };

static void
account_of(struct jt_slice text, uint64_t line, const char *name, uint8_t account[JT_ACCOUNT])
{
	struct jt_error e;
	char *path;
	enum jt_err err;

	if (jt_address_parse(text, account))
		return;
	path = setup_beside(text);
	err = cmd_account(path, account, &e);
	free(path);
	if (err != JT_OK)
		die(JT_MALFORMED, "%s: line %" PRIu64 ": %s: %s", setup_file, line, name, e.text);
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

static void
read_csv(struct setup *s, const struct jt_node *n)
{
	static const char *const known[] = { "account", "balance", "seq" };
	char *path = setup_beside(n->text);
	int column[JT_CSV_FIELDS];
	struct jt_csv csv = { 0 };
	struct jt_buf text;
	struct jt_error e;
	size_t width;

	jt_buf_init(&text, CSV_MAX);
	cmd_check(jt_file_read(path, &text, &e), &e);
	if (text.len == 0)
		die(JT_NOINPUT, "%s: empty", path);
	csv.rest = jt_buf_slice(&text);
	jt_buf_init(&csv.text, SIZE_MAX / 2);
	if (jt_csv_next(&csv, &e) != JT_OK)
		die(JT_MALFORMED, "%s:%" PRIu64 ": %s", path, csv.line, e.text);
	width = csv.count;
	for (size_t i = 0; i < width; i++) {
		for (column[i] = 0; column[i] < 3; column[i]++)
			if (jt_slice_is(csv.field[i], known[column[i]]))
				break;
		if (column[i] == 3)
			die(JT_MALFORMED, "%s:%" PRIu64 ": expected account, balance or seq, not "
			    "\"%.*s\"", path, csv.line, (int)csv.field[i].len,
			    (const char *)csv.field[i].data);
		for (size_t k = 0; k < i; k++)
			if (column[k] == column[i])
				die(JT_MALFORMED, "%s:%" PRIu64 ": %s: two columns of this name", path,
				    csv.line, known[column[i]]);
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
		die(JT_MALFORMED, "%s:%" PRIu64 ": %s", path, csv.line, e.text);
	if (s->count == 0)
		die(JT_NOINPUT, "%s: no account in it", path);
	jt_buf_free(&csv.text);
	jt_buf_free(&text);
	free(path);
}

static void
read_account(struct setup *s, const struct jt_node *map)
{
	struct jt_initial in = { 0 };
	bool has_account = false, has_balance = false;

	setup_map(map, "accounts", "a list of maps with account, balance and seq");
	for (const struct jt_node *k = map->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "account")) {
			account_of(setup_text(k->next, "account", 1024), k->line, "account",
			    in.account);
			has_account = true;
		} else if (jt_slice_is(k->text, "balance")) {
			in.balance = setup_coins(k->next, "balance");
			has_balance = true;
		} else if (jt_slice_is(k->text, "seq"))
			in.seq = setup_number(k->next, "seq", 0, "a number");
		else
			setup_bad(k, "accounts", "one of account, balance, seq");
	}
	if (!has_account || !has_balance)
		setup_bad(map, "accounts", "a map with account and balance");
	add_account(s, &in);
}

void
setup_accounts(struct setup *s, const struct jt_node *n)
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
		setup_bad(n, "accounts", "bank, a list, or a .csv file");
}

void
setup_authority(struct setup *s, const struct jt_node *n)
{
	struct jt_authority *a = &s->genesis.authority;
	const struct jt_node *list = NULL;
	struct jt_signer *signer;
	uint32_t count = 0;

	setup_map(n, "authority", "a map with quorum and signers");
	for (const struct jt_node *k = n->child; k != NULL; k = k->next->next) {
		if (jt_slice_is(k->text, "quorum"))
			a->quorum = setup_number(k->next, "quorum", 0, "a number");
		else if (jt_slice_is(k->text, "signers"))
			list = k->next;
		else
			setup_bad(k, "authority", "one of quorum, signers");
	}
	if (list != NULL)
		setup_map(list, "signers", "a map of accounts and weights");
	if (list == NULL || list->count / 2 > JT_SIGNERS_MAX)
		setup_bad(n, "authority", "signers, a map of at most 32 accounts and weights");
	s->has_authority = true;
	s->bank_is_authority = false;
	signer = msgpack_zone_malloc(s->zone, (list->count + 1) * sizeof *signer);
	if (signer == NULL)
		die(JT_SYSTEM, "out of memory");
	a->signers.items = signer;
	for (const struct jt_node *k = list->child; k != NULL; k = k->next->next) {
		uint64_t weight = setup_number(k->next, "signers", 0, "a weight");
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
	struct jt_signer *signer = signers->items;
	struct jt_validator *validator = validators->items;
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
		qsort(signer, signers->count, sizeof *signer, signers_by_id);
	for (uint32_t i = 1; i < signers->count; i++) {
		jt_address_format(signer[i].account, address);
		if (signers_by_id(&signer[i - 1], &signer[i]) == 0)
			die(JT_MALFORMED, "authority: signers: %s twice", address);
	}
	qsort(validator, validators->count, sizeof *validator, validators_by_key);
	for (uint32_t i = 1; i < validators->count; i++)
		for (uint32_t k = 0; k < i; k++) {
			const struct jt_validator *a = &validator[k], *b = &validator[i];
			bool key = memcmp(a->key, b->key, JT_KEY) == 0;
			if (key || memcmp(a->link, b->link, JT_BOX_KEY) == 0)
				die(JT_MALFORMED, "validators: %.*s and %.*s have the same %s",
				    (int)a->name.len, (const char *)a->name.data,
				    (int)b->name.len, (const char *)b->name.data,
				    key ? "key" : "link key");
		}
}
