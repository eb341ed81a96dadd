/*
 * Kinds, their fields, and the words that jt-tx takes for them: tables of
 * jt-object(5) and jt-tx(1). See tables.c.
 */
#include "tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "all/kinds.h"
#include "kind/tx.h"

enum {
	ROW = 4096,    /* bytes of a table's row */
	KINDS_MAX = 64 /* kinds, and fields that all transactions have */
};

void
kinds_list(void)
{
	puts(".It Sy Kind Ta Sy Is Ta Sy What it says");
	for (size_t i = 0; i < jt_all_kinds.count; i++) {
		const struct jt_kind *k = jt_all_kinds.rows[i];
		printf(".It Cm jt/%s Ta \"%s\" Ta ", k->name,
		    k->flags & JT_KIND_TRANSACTION ? "transaction" :
		    k->flags & JT_KIND_SIGNED ? "signed" :
		    k->flags & JT_KIND_SECRET ? "secret" :
		    k->flags & JT_KIND_NAMELESS ? "no id" : "unsigned");
		tables_argument(k->help);
		putchar('\n');
	}
}

static const char *
type_text(const struct jt_field *f)
{
	static const char *const names[] = {
		[JT_UINT] = "number", [JT_TIME] = "time", [JT_COINS] = "SWT",
		[JT_AMOUNT] = "amount", [JT_ASSET] = "asset", [JT_TEXT] = "text",
		[JT_BYTES] = "bytes", [JT_FIXED] = "", [JT_ADDRESS] = "account",
		[JT_WORD] = "word", [JT_WORDS] = "words", [JT_OBJECT] = "object",
		[JT_MAP] = "map", [JT_LIST] = "list"
	};
	static char text[32];

	if (f->type != JT_FIXED)
		return names[f->type];
	snprintf(text, sizeof text, "%" PRIu64 " bytes", f->max);
	return text;
}

/* The help, and what it does not say yet: form, order, bounds, words. */
static void
put_meaning(const struct jt_field *f)
{
	bool bounded = f->type == JT_UINT || f->type == JT_LIST;
	bool sized = f->type == JT_TEXT || f->type == JT_BYTES || f->type == JT_OBJECT;
	struct jt_buf b = { .max = ROW };

	jt_buf_add_text(&b, f->help);
	if (f->type == JT_LIST && f->sub->form == JT_FORM_TUPLE && strchr(f->help, '[') == NULL) {
		for (size_t i = 0; i < f->sub->count; i++)
			jt_buf_addf(&b, "%s%s", i > 0 ? ", " : "; each is [",
			    f->sub->fields[i].name);
		jt_buf_add_text(&b, "]");
	}
	if (f->type == JT_LIST && f->sub->form == JT_FORM_PLAIN)
		jt_buf_addf(&b, "; elements: %s", type_text(&f->sub->fields[0]));
	if ((f->flags & JT_SORTED) && strstr(f->help, "ascending") == NULL)
		jt_buf_add_text(&b, "; ascending");
	if (f->max != 0 && f->max != JT_OBJECT_MAX && (bounded || sized))
		jt_buf_addf(&b, "; at most %" PRIu64 "%s", f->max, sized ? " bytes" : "");
	if (f->words == jt_code_words)
		jt_buf_add_text(&b, ", of jt-ledger(5)");
	else if (f->words != NULL && strstr(f->help, f->words[0]) == NULL)
		for (size_t i = 0; f->words[i] != NULL; i++)
			jt_buf_addf(&b, "%s%s", i > 0 ? ", " : f->type == JT_WORD ? "; one of " :
			    "; any of ", f->words[i]);
	jt_buf_add(&b, "", 1);
	if (b.failed)
		tables_die("%s: too much to say", f->name);
	tables_argument((const char *)b.data);
	putchar('\n');
	jt_buf_free(&b);
}

/* A row for each field; those in a map follow as ".name", those in a list as "[].name". */
static void
put_fields(const struct jt_schema *s, const char *before, size_t from)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct jt_field *f = &s->fields[i];
		char inside[64];

		if (f->offset < from)
			continue;
		printf(".It Cm %s%s Ta \"%s\" Ta \"%s\" Ta ", before, f->name, type_text(f),
		    f->flags & JT_OPTIONAL ? "opt" : "");
		put_meaning(f);
		if (f->sub == NULL || f->sub->form == JT_FORM_PLAIN)
			continue;
		snprintf(inside, sizeof inside, "%s%s", before, f->type == JT_LIST ? "[]." : ".");
		put_fields(f->sub, inside, 0);
	}
}

static const struct jt_kind *
kind_named(const char *name)
{
	const struct jt_kind *k = jt_kind_named(&jt_all_kinds, jt_slice_text(name));

	if (k == NULL)
		tables_die("no kind jt/%s", name);
	return k;
}

/* A field that all transactions have: its place is in the struct they begin with. */
static bool
is_common(const struct jt_field *f)
{
	return f->offset < sizeof(struct jt_tx);
}

/* The common fields, from the table of the first transaction. */
static const struct jt_schema *
common_fields(void)
{
	static struct jt_field rows[KINDS_MAX];
	static struct jt_schema s = { .form = JT_FORM_MAP, .fields = rows };
	const struct jt_schema *first = NULL;

	for (size_t i = 0; first == NULL; i++)
		if (jt_all_kinds.rows[i]->flags & JT_KIND_TRANSACTION)
			first = jt_all_kinds.rows[i]->schema;
	s.count = 0;
	for (size_t i = 0; i < first->count; i++)
		if (is_common(&first->fields[i]))
			rows[s.count++] = first->fields[i];
	return &s;
}

/* Kinds that had a table of their own in this page. */
static bool told[KINDS_MAX];

static bool
is_told(const struct jt_kind *k)
{
	for (size_t i = 0; i < jt_all_kinds.count && i < KINDS_MAX; i++)
		if (jt_all_kinds.rows[i] == k)
			return told[i];
	tables_die("more than %d kinds", KINDS_MAX);
}

static void
tell(const struct jt_kind *k)
{
	for (size_t i = 0; !is_told(k); i++)
		told[i] = told[i] || jt_all_kinds.rows[i] == k;
}

void
kinds_fields(const char *name)
{
	puts(".It Sy Field Ta Sy Type Ta Ta Sy Meaning");
	if (strcmp(name, "transaction") == 0)
		put_fields(common_fields(), "", 0);
	else {
		const struct jt_kind *k = kind_named(name);
		tell(k);
		put_fields(k->schema, "",
		    k->flags & JT_KIND_TRANSACTION ? sizeof(struct jt_tx) : 0);
	}
}

/* A section for each kind that the page has no table of, so that none is left out. */
void
kinds_others(void)
{
	for (size_t i = 0; i < jt_all_kinds.count; i++) {
		const struct jt_kind *k = jt_all_kinds.rows[i];
		if (is_told(k))
			continue;
		printf(".Ss jt/%s\n", k->name);
		tables_sentence(k->help);
		puts(".Bl -column \"transactions\" \"512 bytes\" \"opt\" \"what it means\"");
		kinds_fields(k->name);
		puts(".El");
	}
}

/* ---- the words of a command line ---- */

static const char *
word_for(const struct jt_field *f)
{
	static const char *const names[] = {
		[JT_UINT] = "NUMBER", [JT_TIME] = "TIME", [JT_COINS] = "SWT",
		[JT_AMOUNT] = "AMOUNT", [JT_ASSET] = "ASSET", [JT_TEXT] = "TEXT",
		[JT_BYTES] = "HEX", [JT_FIXED] = "HEX", [JT_ADDRESS] = "ACCOUNT",
		[JT_WORD] = "WORD", [JT_WORDS] = "WORD,...", [JT_OBJECT] = "", [JT_MAP] = "",
		[JT_LIST] = ""
	};

	return names[f->type];
}

static void
put_word(const struct jt_field *f)
{
	printf(".It Cm %s= Ns Ar ", f->name);
	if (f->type != JT_LIST)
		printf("%s", word_for(f));
	for (size_t i = 0; f->type == JT_LIST && i < f->sub->count; i++)
		printf("%s%s%s", i > 0 ? ":" : "", word_for(&f->sub->fields[i]),
		    i + 1 == f->sub->count ? ",..." : "");
	putchar('\n');
	tables_sentence(f->help);
}

void
kinds_words(const char *name)
{
	bool all = strcmp(name, "transaction") == 0;
	const struct jt_schema *s = all ? common_fields() : kind_named(name)->schema;

	if (!all)
		tell(kind_named(name));
	for (size_t i = 0; i < s->count; i++)
		if (all || !is_common(&s->fields[i]))
			put_word(&s->fields[i]);
}

void
kinds_help(const char *name)
{
	tables_sentence(kind_named(name)->help);
}

void
kinds_other_words(void)
{
	for (size_t i = 0; i < jt_all_kinds.count; i++) {
		const struct jt_kind *k = jt_all_kinds.rows[i];
		if (!(k->flags & JT_KIND_TRANSACTION) || is_told(k))
			continue;
		printf(".Ss %s\n", k->name);
		tables_sentence(k->help);
		puts(".Bl -tag -width Ds");
		kinds_words(k->name);
		puts(".El");
	}
}
